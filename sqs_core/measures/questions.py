"""Questions for the board: a short list, each by a rule of `data/questions.toml` that finds something in the data, with
its reason and where to look. A rule is a function here; what it says, from when on, and its place are in the table."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import islice
from typing import Any, Literal

from sqs_core.frameworks import DATA, framework
from sqs_core.measures.areas import AreaEvidence, actions_of_area
from sqs_core.measures.messages import practice_message
from sqs_core.measures.reviewing import choices, spelled, stale_message
from sqs_core.measures.scores import PracticeScore, Scores, square_label
from sqs_core.measures.timeliness import days_late, state_of
from sqs_core.measures.timing import add_months
from sqs_core.measures.words import age, capital, day, listed, number
from sqs_core.measures.worked import AreaVerdict, Measure, verdict_of, worked_message
from sqs_core.model import Action, Review, StoredInspection


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of `data/questions.toml`."""

    id: str
    page: str
    texts: dict[str, str] = field(hash=False)
    status: Literal["V", "U", "D"]
    source: str
    thresholds: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What a board should ask, why, and the page and what its address names to see it."""

    id: str  # of its rule
    text: str
    reason: str
    page: str
    query: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rules look at. Actions are the versions in force; measures are by the area's position."""

    stored: StoredInspection
    scores: Scores
    areas: Sequence[AreaEvidence]
    actions: Sequence[Action]
    measures: Mapping[int, Sequence[Measure]]
    audits: Sequence[Scores]
    reviews: Sequence[Review]
    reoffending_until: date | None
    today: date


@cache
def question_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the table."""
    return tuple(Rule(**row) for row in _table()["questions"])


@cache
def _table() -> dict[str, Any]:
    with (DATA / "questions.toml").open("rb") as file:
        return tomllib.load(file)


def questions(
    stored: StoredInspection,
    scores: Scores,
    areas: Sequence[AreaEvidence],
    *,
    actions: Sequence[Action] = (),
    measures: Mapping[int, Sequence[Measure]] | None = None,
    audits: Sequence[Scores] = (),
    reviews: Sequence[Review] = (),
    reoffending_until: date | None = None,
    today: date,
    most: int | None = None,
) -> tuple[Question, ...]:
    """The questions that the data asks, the most serious first; none where there is nothing to ask.

    `scores` are those of the inspection, `actions` the version in force of each, `measures` what `measures_of` gives, by
    the area's position; of `audits` only local audits count. `reoffending_until`: the last day of the cohort of the
    newest reoffending figure; None: there is none. At most `most`, by default as many as the table says.
    """
    audits = [one for one in audits if one.is_audit]
    known = _Known(stored, scores, areas, actions, measures or {}, audits, reviews, reoffending_until, today)
    found = (question for rule in question_rules() for question in RULES[rule.id](rule, known))
    return tuple(islice(found, _table()["most"] if most is None else most))


def _asked(
    rule: Rule, values: Mapping[str, str], query: Mapping[str, str] | None = None, **other: str
) -> Question:
    """A question in the rule's words, or in those that `other` names instead: question, reason, page."""
    return Question(
        rule.id,
        capital(rule.texts[other.get("question", "question")].format(**values)),
        capital(rule.texts[other.get("reason", "reason")].format(**values)),
        other.get("page", rule.page),
        dict(query or {}),
    )


def _overdue_high_risk(rule: Rule, known: _Known) -> Iterator[Question]:
    """High-risk plans whose reviews have been overdue for long and can still be done."""
    plans, days = rule.thresholds["plan_types"], rule.thresholds["days"]
    overdue = [
        r
        for r in known.reviews
        if r.plan_type in plans
        and state_of(r) == "overdue"
        and days_late(r) > days
        and (r.order_ended_on is None or r.order_ended_on > r.extracted_on)
    ]
    if len(overdue) < max(1, rule.thresholds["fewest"]):
        return
    until = max(r.extracted_on for r in known.reviews)
    counts = Counter(r.plan_type for r in overdue)
    said: list[str] = []
    for plan in plans:
        if count := counts[plan]:
            noun = "" if said else "review " if count == 1 else "reviews "
            name = spelled(plan).lower()
            said.append(f"{number(count)} {noun}of {f'a {name}' if count == 1 else f'{name}s'}")
    one = len(overdue) == 1
    longest = max(days_late(r) for r in overdue)
    values = {
        "reviews": capital(listed(said)),
        "reviews_then": listed(said),
        "have": "has" if one else "have",
        "them": "it" if one else "them",
        "days": str(days),
        "until": day(until),
        "age": age(until, known.today),
        "longest": f": for {longest} days" if one else f": the longest for {longest} days",
    }
    of_one = {"plan": spelled(overdue[0].plan_type)} if choices(known.reviews, "plan_type") else {}
    query = of_one if len(counts) == 1 else {"by": "Plan type"}
    stale = bool(stale_message(until, known.today))
    yield _asked(rule, values, query, question="question_then" if stale else "question")


def _action_done_no_better(rule: Rule, known: _Known) -> Iterator[Question]:
    """Actions that are done while what they should improve is no better, by figures that go on for long enough."""
    found: list[tuple[bool, Question]] = []
    for area in known.areas:
        groups: dict[tuple[AreaVerdict, tuple[Measure, ...]], list[Action]] = {}
        for action in actions_of_area(known.stored, area.text, known.actions):
            shown = _since_done(action, known.measures.get(area.position, ()), rule.thresholds["days"])
            if (verdict := verdict_of(shown)) in ("no clear change", "worse"):
                groups.setdefault((verdict, shown), []).append(action)
        for (verdict, shown), of_group in groups.items():
            done = sorted(of_group, key=lambda action: (action.done_on or date.max, action.reference))
            one = len(done) == 1
            values = {
                "actions": f"action{'' if one else 's'} {listed([a.reference for a in done])}",
                "are": "is" if one else "are",
                "they": "it" if one else "they",
                "worked": worked_message(shown),
                "done": listed(list(dict.fromkeys(day(a.done_on) for a in done if a.done_on))),
                "until": day(min(m.until for m in shown if m.until)),
                "area": area.text,
            }
            worse = verdict == "worse"
            question = "question_worse" if worse else "question"
            found.append((worse, _asked(rule, values, {"area": str(area.position)}, question=question)))
    found.sort(key=lambda one: not one[0])
    yield from (question for _, question in found[: rule.thresholds["most"]])


def _since_done(action: Action, measures: Sequence[Measure], days: int) -> tuple[Measure, ...]:
    """The measures that can tell of an action that is done: the one that it names, else all of its area, those whose
    figures go on for so many days after it was done. () for any other action."""
    if action.state != "done" or action.done_on is None:
        return ()
    from_then = action.done_on + timedelta(days=days)
    own = [m for m in measures if m.id == action.measure] or measures
    return tuple(m for m in own if m.verdict != "not comparable" and m.until and m.until >= from_then)


def _area_without_action(rule: Rule, known: _Known) -> Iterator[Question]:
    """Areas for which no action is open or done."""
    without = [
        area
        for area in known.areas
        if all(a.state == "stopped" for a in actions_of_area(known.stored, area.text, known.actions))
    ]
    if not without:
        return
    values = {
        "some": number(len(without)),
        "all": number(len(known.areas)),
        "have": "has" if len(without) == 1 else "have",
        "areas": "; ".join(f"{area.position}. “{area.text}”" for area in without),
    }
    question = "question"
    if len(without) == len(known.areas):
        question = "question_only" if len(without) == 1 else "question_none"
    yield _asked(rule, values, {"area": str(without[0].position)}, question=question)


def _weak_in_sections(rule: Rule, known: _Known) -> Iterator[Question]:
    """Practices that were a weakness in several sections, unless an area about them has become better since."""
    frame = framework(known.scores.framework)
    verdicts = {area.position: verdict_of(known.measures.get(area.position, ())) for area in known.areas}
    better = {p for area in known.areas if verdicts[area.position] == "better" for p in area.practices}
    weak: dict[str, list[PracticeScore]] = {}
    for cell in known.scores.matrix:
        if (
            cell.direction == "weakness"
            and cell.practice not in better
            and frame.practice(cell.practice).in_score
        ):
            weak.setdefault(cell.practice, []).append(cell)
    weak = {p: cells for p, cells in weak.items() if len(cells) >= rule.thresholds["sections"]}
    if not weak:
        return
    nouns = listed([frame.practice(p).noun for p in weak])
    counts = sorted({len(cells) for cells in weak.values()})
    about = next((a for a in known.areas if set(a.practices) & set(weak)), None)
    since = worked_message(known.measures.get(about.position, ())) if about else ""
    told = about is not None and verdicts[about.position] != "not known"
    values = {
        "practices": capital(nouns),
        "were": "was a weakness" if len(weak) == 1 else "were weaknesses",
        "count": number(counts[0]) if len(counts) == 1 else f"{number(counts[0])} or more",
        "found": " ".join(practice_message(known.scores, frame, p) for p in weak),
        "since": f" {since}" if told else "",
        "when": _when(known),
    }
    first = next(iter(weak.values()))[0]
    query = {"findings": square_label(frame, first.section, first.practice)}
    yield _asked(rule, values, query)


def _old_figure(rule: Rule, known: _Known) -> Iterator[Question]:
    """Figures older than so many months: of the service's own reviews and audits, or of the inspection where there is
    nothing else, and of reoffending."""

    months = rule.thresholds["months"]
    older = (
        f"{number(months // 12)} years" if months % 12 == 0 and months > 12 else f"{number(months)} months"
    )

    def is_old(when: date) -> bool:
        return add_months(when, months) < known.today

    newest = {
        "reviews on time": max((r.extracted_on for r in known.reviews), default=None),
        "local audits": max((a.judged_on for a in known.audits if a.judged_on), default=None),
    }
    own = {what: when for what, when in newest.items() if when is not None}
    old = {what: when for what, when in own.items() if is_old(when)}
    letter = known.stored.inspection.letter
    inspected = letter.fieldwork_end or letter.published_on
    if old:
        figures = [
            f"the newest of {what} is of {day(when)}, {age(when, known.today)}" for what, when in old.items()
        ]
        yield _asked(rule, {"what": listed(list(old)), "older": older, "figures": listed(figures)})
    elif not own and inspected is not None and is_old(inspected):
        figures_ = (
            f"it was {age(inspected, known.today)}, and no records of reviews or local audits are loaded"
        )
        yield _asked(
            rule, {"when": f"{inspected:%B %Y}", "figures": figures_}, question="question_inspection"
        )
    until = known.reoffending_until
    if until is not None and is_old(until):
        yield _asked(
            rule,
            {"when": f"{until:%B %Y}", "age": age(until, known.today)},
            question="question_reoffending",
            reason="reason_reoffending",
            page="reoffending",
        )


def _when(known: _Known) -> str:
    when = known.scores.judged_on
    return f"{when:%B %Y}, {age(when, known.today)}" if when else "a day that was not read"


RULES: dict[str, Callable[[Rule, _Known], Iterator[Question]]] = {
    "overdue_high_risk": _overdue_high_risk,
    "action_done_no_better": _action_done_no_better,
    "area_without_action": _area_without_action,
    "weak_in_sections": _weak_in_sections,
    "old_figure": _old_figure,
}
"""By the id of the table's row."""
