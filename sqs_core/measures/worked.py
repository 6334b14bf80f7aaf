"""Whether what was promised about an area requiring improvement has worked: the live measures that speak to it, before
and after the inspection, each with a verdict. Which speak to which practice is `data/area_measures.toml`.

Verdicts. Each is made as those of the pages: reviews before and after the inspection (`since_inspection`), the letter
and the latest local audit after it (`practice_after`). An area about reviewing has five measures, and five at 5% each
would call one that has not changed in up to a quarter of all areas. So the measures of one area are one family, in
which Holm's procedure holds the chance of even one false "better" or "worse" to 5%. What a page calls and this does not, says so.
A letter with four areas is four families.

An area is one because few cases were sufficient there, partly by chance, and chance does not strike twice: even where
nothing has changed the next audit tends to be higher. In simulations the local audit is called better in at most 3 of
100 such areas (14 or 47 cases, one to three weak sections), because the intervals are wide; no more is needed.

Reviews of one child may be late together, which `since_inspection` sees only as far as it makes months differ: in
simulations of four reviews a child, one each quarter, 6 of 100 unchanged areas are then called better or
worse at a correlation of 0.1 or 0.2, and 9 at 0.4.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Literal

from sqs_core.frameworks import DATA, framework
from sqs_core.measures.areas import AreaEvidence
from sqs_core.measures.changes import (
    Estimate,
    PracticeAfter,
    Sample,
    cases_of,
    chance_of,
    points_in_words,
    practice_after,
)
from sqs_core.measures.reviewing import (
    SINCE_INSPECTION,
    before_in_words,
    change_in_words,
    choices,
    periods,
    since_inspection,
    spelled,
    year_before,
)
from sqs_core.measures.scores import Scores, square_label
from sqs_core.measures.statistics import holm, wilson_interval
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE, Timeliness, rate_in_words, timeliness
from sqs_core.measures.words import age, capital, day, listed, number, uncapital
from sqs_core.model import PlanType, Review, Share, StoredInspection

Verdict = Literal["better", "worse", "no clear change", "not comparable"]
AreaVerdict = Literal["better", "worse", "mixed", "no clear change", "not known"]


@dataclass(frozen=True, slots=True)
class AreaMeasure:
    """One row of `data/area_measures.toml`."""

    id: str
    label: str
    noun: str
    practice: str
    what: Literal["reviews", "audits"]
    status: Literal["V", "U", "D"]
    source: str
    plan_types: tuple[PlanType, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A live measure before and after the inspection, in words, with where it is to be seen."""

    id: str
    label: str
    what: Literal["reviews", "audits"]
    noun: str  # "risk management plans", "reviewing"
    before: str  # "61% of 95 (95% interval 51% to 71%)"; "": nothing is known
    after: str
    until: date | None  # the day up to which what is known afterwards goes
    verdict: Verdict
    sentence: str
    page: str
    query: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A measure before allowance is made for the others. `alone`: its verdict as if it were the only one."""

    measure: Measure
    lead: str  # what was and what is, up to the verdict; "": the sentence says why there is none
    alone: Verdict = "not comparable"
    change: str = ""  # the verdict in words
    points: str = ""  # by how much
    estimates: tuple[Estimate, Estimate] | None = None


@cache
def area_measures() -> tuple[AreaMeasure, ...]:
    """Every measure that can speak to an area, in the file's order."""
    with (DATA / "area_measures.toml").open("rb") as file:
        rows = tomllib.load(file)["measures"]
    return tuple(AreaMeasure(**{**row, "plan_types": tuple(row.get("plan_types", ()))}) for row in rows)


def measures_of(
    area: AreaEvidence,
    stored: StoredInspection,
    scores: Scores,
    audits: Sequence[Scores],
    reviews: Sequence[Review],
    *,
    today: date,
) -> tuple[Measure, ...]:
    """The measures of the area's practices, those without data too: they say what to load.

    `scores` are those of the inspection; of `audits` only local audits after it count; `reviews` have their due dates.
    """
    sections = {f.number: (f.finding.practice, f.finding.section) for f in stored.findings}
    drafts = []
    for row in area_measures():
        if row.practice not in area.practices:
            continue
        if row.what == "reviews":
            drafts.append(_on_time(row, stored, reviews, today))
        else:
            where = [s for p, s in (sections[n] for n in area.findings) if p == row.practice]
            drafts.append(_audited(row, scores, audits, list(dict.fromkeys(where)), today))
    chances = [chance_of(*draft.estimates) if draft.estimates else 1.0 for draft in drafts]
    at_once = sum(draft.estimates is not None for draft in drafts)
    return tuple(
        _called(draft, called, at_once) for draft, called in zip(drafts, holm(chances, at_once), strict=True)
    )


def _called(draft: _Draft, called: bool, at_once: int) -> Measure:
    if draft.alone == "not comparable":
        return draft.measure
    change, verdict = draft.change, draft.alone
    if verdict in ("better", "worse") and not called:
        change = (
            f"no clear change: alone it would be called {verdict} ({draft.points}), but of {number(at_once)} measures "
            "looked at together chance alone may make one look so"
        )
        verdict = "no clear change"
    return replace(draft.measure, verdict=verdict, sentence=f"{draft.lead}: {change}.")


# Reviews on time


def _on_time(row: AreaMeasure, stored: StoredInspection, reviews: Sequence[Review], today: date) -> _Draft:
    letter, who = stored.inspection.letter, f"reviews of {row.noun}"
    own = [r for r in reviews if r.plan_type in row.plan_types]
    query = {}
    if len(row.plan_types) == 1 and choices(reviews, "plan_type"):
        query["plan"] = spelled(row.plan_types[0])
    nothing = Measure(
        row.id, row.label, row.what, row.noun, "", "", None, "not comparable", "", "reviews", query
    )

    def unknown(why: str, before: str = "") -> _Draft:
        return _Draft(replace(nothing, sentence=why, before=before), "")

    found = periods(reviews, letter)
    if not found:
        return unknown(
            f"Whether {who} are on time is not known: no record of reviews with a due date is loaded. Load an export "
            "of reviews from the case system."
        )
    if all(r.due_on is None for r in own):
        return unknown(
            f"Whether {who} are on time is not known: the records that are loaded have none with a due date. Load an "
            "export that has them."
        )
    began, ended = letter.fieldwork_start or letter.published_on, letter.fieldwork_end or letter.published_on
    if began is None or ended is None:
        return unknown(
            f"Whether {who} are on time more often than before the inspection is not known: the day of the inspection "
            "was not read from the letter."
        )
    name, (first, last) = next(iter(found.items()))
    when = "Since the inspection" if name == SINCE_INSPECTION else f"In the {uncapital(name)} of the records"
    before = timeliness(own, *year_before(began))
    after = timeliness(own, first, last) if first > ended else None
    if after is None or not after.due:
        return unknown(
            f"Whether {who} have been on time since the inspection is not known: in the records none fell due after "
            f"it up to {day(last)}. Load a newer export.",
            before=_rate(before),
        )
    now = replace(
        nothing, before=_rate(before), after=_rate(after), until=last, query={**query, "period": name}
    )
    were = "was" if after.on_time == 1 and after.due < TOO_FEW_FOR_A_RATE else "were"
    lead = f"{when} {_short(after)} {who} {were} on time (records to {day(last)}, {age(last, today)})"
    compared = since_inspection(own, letter, first, last)
    if compared is None:
        return _Draft(
            replace(
                now,
                sentence=f"{lead}. Whether that is more than before it is not known: in the records none fell due in "
                "the 12 months before. Load an export that goes back so far.",
            ),
            "",
        )
    earlier, later = compared.estimates
    now = replace(
        now,
        before=_rate(before, earlier.interval()),
        after=_rate(after, later.interval()),
    )
    lead = f"{lead}, {uncapital(before_in_words(own, letter))} {_short(before)}"
    return _Draft(
        now,
        lead,
        _verdict(compared.verdict),
        change_in_words(compared),
        points_in_words(compared.difference),
        compared.estimates,
    )


def _short(found: Timeliness) -> str:
    """ "61% of 95", "12 of 20", "none of eight"."""
    if found.due >= TOO_FEW_FOR_A_RATE:
        return f"{rate_in_words(found.on_time, found.due)} of {found.due}"
    return f"{number(found.on_time) if found.on_time else 'none'} of {number(found.due)}"


def _rate(found: Timeliness, interval: Share | None = None) -> str:
    if not found.due:
        return ""
    return f"{capital(_short(found))} (95% interval {interval or wilson_interval(found.on_time, found.due)})"


def _verdict(moved: str) -> Verdict:
    return "better" if moved == "higher" else "worse" if moved == "lower" else "no clear change"


# Local audits


def _audited(
    row: AreaMeasure, scores: Scores, audits: Sequence[Scores], sections: Sequence[str], today: date
) -> _Draft:
    frame = framework(scores.framework)
    square = next(
        (c for c in scores.matrix if c.practice == row.practice and (not sections or c.section in sections)),
        None,
    )
    query = {"findings": square_label(frame, square.section, square.practice)} if square else {}
    nothing = Measure(
        row.id, row.label, row.what, row.noun, "", "", None, "not comparable", "", "scores", query
    )
    after = practice_after(scores, audits, row.practice, sections)
    titles = [frame.section(s).title.lower() for s in (after.sections if after else ()) or sections]
    where = f" for {listed(titles)}" if titles else ""
    if after is None:
        return _Draft(
            replace(
                nothing,
                sentence=f"No local audit after this inspection that judged {row.noun}{where} is loaded: load a table "
                "of audited cases.",
            ),
            "",
        )
    until = after.audit.judged_on
    now = replace(
        nothing,
        before=_share(after.letter) if after.letter else "",
        after=_share(after.found),
        until=until,
    )
    latest = (
        f"the latest local audit ({until:%B %Y}, {age(until, today)})" if until else "the latest local audit"
    )
    if after.letter is None or after.difference is None:
        return _Draft(
            replace(
                now,
                sentence=f"{capital(latest)} found {row.noun} sufficient in {_cases(after.found)}. Whether that is more "
                f"than at the inspection is not known: {_why_not(after)}.",
            ),
            "",
        )
    assert after.letter.estimate is not None  # a difference is made of both
    assert after.found.estimate is not None
    lead = f"The letter found {row.noun} sufficient{where} in {_cases(after.letter)}, {latest} in {_cases(after.found)}"
    alone, points = _verdict(after.difference.verdict), points_in_words(after.difference)
    change = f"no clear change, so few cases can only show a great one ({points})"
    if alone != "no clear change":
        change = f"clearly {alone} ({points}), though other people judged and the difference may be theirs"
    return _Draft(now, lead, alone, change, points, (after.letter.estimate, after.found.estimate))


def _why_not(after: PracticeAfter) -> str:
    if after.letter is None:
        return "the letter gives no number for it"
    if after.letter.interval is None:
        return "the letter does not say of how many cases"
    return "the two have no section in common"


def _cases(sample: Sample) -> str:
    return f"{sample.share} of {cases_of(sample)}" if sample.fewest else str(sample.share)


def _share(sample: Sample) -> str:
    interval = f" (95% interval {sample.interval})" if sample.interval else ""
    return f"{_cases(sample)}{interval}"


# Of an area


def verdict_of(measures: Sequence[Measure]) -> AreaVerdict:
    """What the measures of an area say together, never more than they carry. Of those that can be compared:

    - better: more than half are better and none is worse
    - worse: one or more is worse and none is better
    - mixed: some better and some worse, or better in half of them at most
    - no clear change: none is better or worse
    - not known: none can be compared
    """
    verdicts = [m.verdict for m in measures if m.verdict != "not comparable"]
    better, worse = verdicts.count("better"), verdicts.count("worse")
    if not verdicts:
        return "not known"
    if better and (worse or 2 * better <= len(verdicts)):
        return "mixed"
    return "better" if better else "worse" if worse else "no clear change"


def worked_message(measures: Sequence[Measure]) -> str:
    """What has come of an area, in one sentence: better and worse first, then what does not tell."""
    if not measures:
        return "No measure that is kept here speaks to this area."
    if all(m.verdict == "not comparable" for m in measures):
        return _nothing_known(measures)
    clauses = []
    for verdict, often in (("better", "more often"), ("worse", "less often")):
        if reviews := _subject(measures, "reviews", verdict):
            clauses.append(f"{reviews} were on time {often} than before the inspection, by more than chance")
        if audits := [m.noun for m in measures if (m.what, m.verdict) == ("audits", verdict)]:
            clauses.append(
                f"local audits found {listed(audits)} sufficient {often} than the inspectors did, by more than chance"
            )
    still = [s for what in ("reviews", "audits") if (s := _subject(measures, what, "no clear change"))]
    if still:
        clauses.append(f"{listed(still)} show no clear change since the inspection")
    if unknown := _subject(measures, "reviews", "not comparable"):
        clauses.append(f"whether {unknown} have changed is not known")
    if unknown := _subject(measures, "audits", "not comparable"):
        clauses.append(f"no comparison of {unknown} with the letter can be made")
    return f"{capital('; '.join(clauses))}."


def _subject(measures: Sequence[Measure], what: str, verdict: str) -> str:
    """ "reviews of risk management plans", "reviews of all plans", "local audits of planning"; "" where there are none."""
    kind = [m for m in measures if m.what == what]
    of = [m for m in kind if m.verdict == verdict]
    if not of:
        return ""
    if what == "audits":
        return "local audits" if len(kind) == 1 else f"local audits of {listed([m.noun for m in of])}"
    all_plans = sum(row.what == "reviews" for row in area_measures())
    return "reviews of all plans" if len(of) == all_plans else f"reviews of {listed([m.noun for m in of])}"


def _nothing_known(measures: Sequence[Measure]) -> str:
    if any(m.after for m in measures):
        return (
            "What is loaded cannot be compared with the time before the inspection, so whether this has improved is not "
            "known."
        )
    kinds = {"reviews": "records of reviews", "audits": "a local audit after the inspection"}
    would = " or ".join(kinds[what] for what in dict.fromkeys(m.what for m in measures))
    return f"Nothing is loaded that could tell whether this has improved; {would} would."
