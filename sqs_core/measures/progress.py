"""How far an action plan has come: what is done, late or changed, in words that a chair can read out.

Whether an action is on track goes by its dates alone; whether it worked is for the measure beside it to say. Days are
those of the United Kingdom. The days and word lists are `data/progress.toml`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import count, pairwise
from string import ascii_lowercase
from typing import Literal
from zoneinfo import ZoneInfo

from sqs_core.letters.practices import practice_of
from sqs_core.letters.words import Phrases, table, words_of
from sqs_core.measures.words import capital, day, listed, number
from sqs_core.model import Action

Status = Literal["on track", "due soon", "overdue", "done", "stopped", "no date"]

SYMBOLS: dict[Status, str] = {
    "overdue": "▼",
    "due soon": "◆",
    "on track": "●",
    "done": "✓",
    "stopped": "■",
    "no date": "○",
}


# Where an action stands


def due_soon_days() -> int:
    """From how many days before its date an action is due soon."""
    return int(table("progress")["due_soon"]["days"])


def status(action: Action, today: date) -> Status:
    """Done or stopped as somebody said; else by the planned date alone, which is itself still in time."""
    if action.state != "open":
        return action.state
    if action.planned_on is None:
        return "no date"
    left = (action.planned_on - today).days
    return "overdue" if left < 0 else "due soon" if left <= due_soon_days() else "on track"


def status_words(status_: Status) -> str:
    """ "▼ Overdue": symbol and word, so that colour never carries it alone."""
    return f"{SYMBOLS[status_]} {capital(status_)}"


# The plan as it stood


def local_day(at: datetime) -> date:
    """The day in the United Kingdom. A time without a zone is UTC, as the store keeps it."""
    return _local(at).date()


def _local(at: datetime) -> datetime:
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo("Europe/London"))


def local_time(at: datetime) -> str:
    """ "4 March 2016, 10:05", in the United Kingdom."""
    return f"{day(local_day(at))}, {_local(at):%H:%M}"


def current(versions: Iterable[Action], on: date | None = None) -> tuple[Action, ...]:
    """The plan as it stood at the end of a day; None: as it stands now. Of several inspections the latest comes
    first, what is of none last; within one, 1, 1a, 1b, 2, 10."""
    latest: dict[str, Action] = {}
    for version in versions:
        if on is not None and (version.changed_at is None or local_day(version.changed_at) > on):
            continue
        other = latest.get(_key(version))
        if other is None or version.version > other.version:
            latest[_key(version)] = version
    in_plan = sorted(latest.values(), key=lambda action: (_natural(action.reference), action.id))
    return tuple(sorted(in_plan, key=lambda action: _when(action.inspection or ""), reverse=True))


def next_reference(actions: Sequence[Action], parent: str | None = None) -> str:
    """The reference of the next action of a plan: "4" after "3"; under "1", "1c" after "1b"."""
    taken = {action.reference.casefold() for action in actions}
    if parent is None:
        return str(next(n for n in count(1) if str(n) not in taken))
    letters = (f"{parent}{letter}" for letter in ascii_lowercase)
    return next((ref for ref in letters if ref.casefold() not in taken), f"{parent}.{len(taken) + 1}")


def parent_reference(reference: str) -> str | None:
    """ "1a" and "1.2" belong to "1", "1a.1" to "1a"; "1" and "A1" to none."""
    for pattern in (r"(.*\d)[A-Za-z]+", r"(.*\d[A-Za-z]+)\d+", r"(.+)[.\-/][A-Za-z0-9]+"):
        if match := re.fullmatch(pattern, reference):
            return match[1]
    return None


def _natural(reference: str) -> tuple[list[tuple[int, int, str]], str]:
    """Numbers by size and before letters, a beginning before what it begins: 1, 1.2, 1.10, 1a, 2, 10, A."""
    parts = re.findall(r"\d+|[^\W\d_]+", reference.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], reference


def _when(inspection: str) -> tuple[date, str]:
    """To sort inspections by; one without a date comes before all others."""
    return _date_of(inspection) or date.min, inspection


def _date_of(inspection: str) -> date | None:
    """The day by which the store knows an inspection; None where no date was read."""
    try:
        return date.fromisoformat(inspection)
    except ValueError:
        return None


def _key(action: Action) -> str:
    return action.id or f"not stored yet: {action.inspection} {action.reference.casefold()}"


def _by_action(versions: Iterable[Action]) -> list[list[Action]]:
    """The versions of each action, first to last, each once."""
    found: dict[str, dict[int, Action]] = defaultdict(dict)
    for version in versions:
        found[_key(version)][version.version] = version
    return [[each[n] for n in sorted(each)] for each in found.values()]


# What changed


@dataclass(frozen=True, slots=True)
class Field:
    """What people change in an action, as the screen calls it. State and the day it was done go together."""

    label: str
    names: tuple[str, ...]  # of Action
    words: Callable[[Action], str]  # "" where it is empty
    none: str = "none"

    def value(self, action: Action) -> tuple[object, ...]:
        return tuple(getattr(action, name) for name in self.names)

    def said(self, action: Action) -> str:
        """In words, also where it is empty."""
        return self.words(action) or self.none


def _inspection_words(inspection: str | None) -> str:
    when = _date_of(inspection or "")
    return (
        f"inspection of {when:%B %Y}"
        if when
        else "an inspection whose date is not known"
        if inspection
        else ""
    )


def _state_words(action: Action) -> str:
    return f"done on {day(action.done_on)}" if action.done_on else action.state


FIELDS = (
    Field("State", ("state", "done_on"), _state_words),
    Field(
        "Planned for", ("planned_on",), lambda a: day(a.planned_on) if a.planned_on else "", none="no date"
    ),
    Field("Lead", ("lead",), lambda a: a.lead),
    Field("Action", ("action",), lambda a: a.action),
    Field("Measure", ("measure",), lambda a: (a.measure or "").replace("_", " ")),
    Field("Baseline", ("baseline",), lambda a: a.baseline),
    Field("Target", ("target",), lambda a: a.target),
    Field("Evidence", ("evidence",), lambda a: a.evidence),
    Field("Reference", ("reference",), lambda a: a.reference),
    Field("Area requiring improvement", ("area",), lambda a: a.area),
    Field("Inspection", ("inspection",), lambda a: _inspection_words(a.inspection)),
)
_STATE, _PLANNED = FIELDS[:2]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that somebody changed; or that they added the action, or only said something about it."""

    action: Action  # as it was afterwards
    at: datetime | None  # UTC; None: not stored yet
    by: str
    field: str  # the label of a field, "added" or "note"
    before: str
    after: str
    note: str  # what was said with it


def history(versions: Iterable[Action]) -> tuple[Change, ...]:
    """Everything that was changed in a plan, latest first, from every version of its actions."""
    ordered = sorted(_by_action(versions), key=lambda each: (_natural(each[-1].reference), _key(each[-1])))
    changes = [
        change
        for each in ordered
        for before, after in reversed(list(pairwise((None, *each))))
        if after
        for change in _changes(before, after)
    ]
    long_ago = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(changes, key=lambda change: change.at or long_ago, reverse=True))


def _changes(before: Action | None, after: Action) -> list[Change]:
    def change(field: str, was: str, now: str) -> Change:
        return Change(after, after.changed_at, after.changed_by, field, was, now, after.note)

    if before is None:
        return [change("added", "", after.action)]
    changed = [
        change(field.label, field.said(before), field.said(after)) for field in _changed(before, after)
    ]
    return changed or ([change("note", "", after.note)] if after.note else [])


def _changed(before: Action, after: Action) -> list[Field]:
    return [field for field in FIELDS if field.value(before) != field.value(after)]


# What changed since the board last met

Kind = Literal["done", "overdue", "re-planned", "stopped", "reopened", "added", "changed", "note"]
# Most important first.
_KIND_WORDS: dict[Kind, str] = {
    "done": "done",
    "overdue": "newly overdue",
    "re-planned": "re-planned",
    "stopped": "stopped",
    "reopened": "reopened",
    "added": "added",
    "changed": "changed otherwise",
    "note": "with a note",
}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def changed_since(versions: Iterable[Action], since: date, today: date) -> tuple[str, ...]:
    """What is otherwise than at the end of a day: a sentence for each such action, most important first. An action
    that became overdue is among them though nobody touched it. Empty where nothing changed."""
    return tuple(sentence for _, sentence in _news(versions, since, today))


def changed_message(versions: Iterable[Action], since: date, today: date) -> str:
    """The same counted: "Since 4 March 2016: two actions done, one newly overdue." An action counts once, as the most
    important thing that happened to it."""
    counts = Counter(kind for kind, _ in _news(versions, since, today))
    if not counts:
        return f"Nothing in the plan has changed since {day(since)}."
    said = [f"{number(counts[kind])} {words}" for kind, words in _KIND_WORDS.items() if counts[kind]]
    first, _, rest = said[0].partition(" ")
    if len(said) == 1:
        rest = rest.removesuffix(" otherwise")
    said[0] = f"{first} action{'' if first == 'one' else 's'} {rest}"
    return f"Since {day(since)}: {', '.join(said)}."


def _news(versions: Iterable[Action], since: date, today: date) -> list[tuple[Kind, str]]:
    known = [v for v in versions if v.changed_at and local_day(v.changed_at) <= today]
    each = {_key(versions[-1]): versions for versions in _by_action(known)}
    news = [_news_of(each[_key(action)], since, today) for action in current(known)]
    ranks = list(_KIND_WORDS)
    return sorted(filter(None, news), key=lambda item: ranks.index(item[0]))


def _news_of(versions: Sequence[Action], since: date, today: date) -> tuple[Kind, str] | None:
    """What became of one action since the end of a day, as one sentence."""
    then: list[Action] = []
    new: list[Action] = []
    for version in versions:
        (then if version.changed_at and local_day(version.changed_at) <= since else new).append(version)
    before, now = then[-1] if then else None, versions[-1]
    late = f"is overdue by {_late(now, today)}" if _newly_overdue(before, now, since, today) else ""
    happened, told = _happened(before, now, _replanned(before, now, versions, then), late, since)
    others = [field for field in _changed(before, now) if field not in told] if before else []
    labels = listed([_label(field) for field in others])
    notes = [version.note for version in new if version.note]
    # Quoted as the reason of what happened, a note must be of the version that did it.
    reason = new[-1].note if new and (others or happened) and _last_change(versions) is new[-1] else ""
    also = [note for note in notes if note != reason]
    name = f"action {now.reference}, “{_short(now.action.rstrip('. '), 70)}”"
    kind: Kind
    if happened:
        kind = min((kind for kind, _ in happened), key=list(_KIND_WORDS).index)
        too = f"; its {labels} changed too" if others else ""
        *rest, last = [words for _, words in happened]
        between = ", and " if any("," in words for words in rest) else " and "
        sentence = f"{capital(name)}, {', '.join(rest)}{between if rest else ''}{last}{too}"
    elif others and before:
        kind = "changed"
        what = _from_to(others[0], before, now) if len(others) == 1 else "changed"
        sentence = f"The {labels} of {name}, {what}"
    elif notes:
        kind, sentence = "note", f"A note on {name}"
    elif new:
        kind, sentence = "changed", f"{capital(name)}, was changed and changed back"
    else:
        return None
    if kind == "note":
        return kind, f"{sentence}: {_quoted(notes[-1])}"
    told_too = f" Also said: {' '.join(_quoted(note) for note in also)}" if also else ""
    return kind, f"{sentence}: {_quoted(reason)}{told_too}" if reason else f"{sentence}.{told_too}"


def _last_change(versions: Sequence[Action]) -> Action:
    """The latest version that changed more than it said."""
    for before, now in zip(reversed(versions[:-1]), reversed(versions), strict=False):
        if _changed(before, now):
            return now
    return versions[0]


def _happened(
    before: Action | None, now: Action, replanned: str, late: str, since: date
) -> tuple[list[tuple[Kind, str]], list[Field]]:
    """What happened to an action, in the order to tell it, and the fields that this tells of."""
    said: list[tuple[Kind, str]] = []
    told: list[Field] = []
    planned = f", planned for {day(now.planned_on)}" if now.planned_on else ", with no date yet"
    moved_state = before is None or before.state != now.state
    # What was done or late before the board met, and came into the plan since, is no news but that.
    old = before is None and (now.done_on or now.planned_on or since) < since
    if before is None:
        said.append(("added", "was added" + (planned if now.state == "open" else "")))
    if moved_state:
        told.append(_STATE)
        if now.state == "done":
            recorded = now.done_on is not None and now.done_on < since
            how = "is now recorded as done" if recorded else "was done"
            said.append(("added" if old else "done", f"{how}{_done_when(now)}"))
        elif now.state == "stopped":
            said.append(("stopped", "was stopped"))
        elif before:
            said.append(("reopened", "was reopened"))
    if replanned and (now.state == "open" or moved_state):
        told.append(_PLANNED)
        if now.state == "open":  # a new date of what is done or stopped meanwhile is no news
            said.append(("re-planned", replanned))
    if late:
        said.append(("added" if old else "overdue", late if before is None or replanned else late + planned))
    return said, told


def _newly_overdue(before: Action | None, now: Action, since: date, today: date) -> bool:
    """Overdue now, and not so at the end of the day; or so again, after a date that was still to come."""
    if status(now, today) != "overdue" or now.planned_on is None:
        return False
    return before is None or status(before, since) != "overdue" or now.planned_on >= since


def _replanned(before: Action | None, now: Action, versions: Sequence[Action], then: Sequence[Action]) -> str:
    """That the date moved since the versions that the board knew then, and how often it has; "" where it did not."""
    was, is_ = before.planned_on if before else now.planned_on, now.planned_on
    if was == is_:
        return ""
    if was is None or is_ is None:
        return (
            f"now has a date, {day(is_)}" if is_ else f"has no date any more, after {day(was)}" if was else ""
        )
    start = f"{was.day} {was:%B}" if was.year == is_.year else day(was)
    words = f"was re-planned from {start} to {day(is_)}"
    first = versions[0]
    if first.first_planned_on and first.first_planned_on != first.planned_on:  # how often before is not known
        return f"{words}, having first been planned for {day(first.first_planned_on)}"
    moves = _moves(versions)
    if moves - _moves(then) > 1 or moves > len(_ORDINALS):
        return f"{words}, its date having now moved {'twice' if moves == 2 else f'{number(moves)} times'}"
    if moves == 1:
        return words
    return f"{words}, the {_ORDINALS[moves - 1]} time its date moved"


def _moves(versions: Sequence[Action]) -> int:
    """How often the planned date went from one day to another; a time without any date in between is no move."""
    dates = [version.planned_on for version in versions if version.planned_on]
    return sum(one != other for one, other in pairwise(dates))


def _from_to(field: Field, before: Action, now: Action) -> str:
    was, is_ = (_short(field.words(action), 70) for action in (before, now))
    if not is_:
        return f"was taken out; it was “{was}”"
    return f"changed from “{was}” to “{is_}”" if was else f"is now “{is_}”"


def _label(field: Field) -> str:
    """As it stands in a sentence about an action."""
    return {"Action": "wording", "Planned for": "planned date"}.get(field.label, field.label.lower())


# The plan and its actions in a sentence


def plan_message(actions: Sequence[Action], today: date) -> str:
    """The whole plan in one sentence, as `current` gives it: "Of four actions two are done and one is overdue by 24
    days; one has no date." """
    if not actions:
        return "The plan has no actions yet: add at least one for each area requiring improvement."
    by: dict[Status, list[Action]] = defaultdict(list)
    for action in actions:
        by[status(action, today)].append(action)
    count = len(actions)
    whole = {1: "The one action", 2: "Both actions"}.get(count, f"All {number(count)} actions")
    if len(by) == 1:
        (only,) = by
        if only == "no date" and count > 1:
            return f"{'Neither action' if count == 2 else f'None of the {number(count)} actions'} has a date."
        return f"{whole} {_how(only, actions, today)}."
    order: tuple[Status, ...] = ("done", "overdue", "due soon", "on track", "stopped")
    parts = [f"{number(len(by[s]))} {_how(s, by[s], today)}" for s in order if by[s]]
    dateless = by["no date"]
    last = f"; {number(len(dateless))} {_how('no date', dateless, today)}" if dateless else ""
    return f"Of {number(count)} actions {listed(parts)}{last}."


def _how(status_: Status, actions: Sequence[Action], today: date) -> str:
    """ "are on track", "is overdue by 24 days", "has no date"."""
    one = len(actions) == 1
    if status_ == "no date":
        return "has no date" if one else "have no date"
    if status_ == "stopped":
        return "was stopped" if one else "were stopped"
    if status_ != "overdue":
        return f"{'is' if one else 'are'} {status_}"
    longest = min(actions, key=lambda action: action.planned_on or today)
    if len({action.planned_on for action in actions}) == 1:
        return f"{'is' if one else 'are'} overdue by {_late(longest, today)}"
    return f"are overdue (the longest by {_late(longest, today)})"


def action_message(action: Action, today: date) -> str:
    """Where one action stands: "Planned for 30 June 2016, first for 31 March 2016; overdue by 24 days." """
    now = status(action, today)
    if now == "done":
        return f"Done{_done_when(action)}."
    first = action.first_planned_on
    if action.planned_on is None:
        words = "Stopped" if now == "stopped" else "No date is planned"
        return f"{words}; it was first planned for {day(first)}." if first else f"{words}."
    dates = f"lanned for {day(action.planned_on)}"
    if first and first != action.planned_on:
        dates += f", first for {day(first)}"
    if now == "stopped":
        return f"Stopped; it was p{dates}."
    left = (action.planned_on - today).days
    ends = {
        "overdue": f"; overdue by {_late(action, today)}",
        "due soon": f"; due {'today' if left == 0 else 'tomorrow' if left == 1 else f'in {number(left)} days'}",
    }
    return f"P{dates}{ends.get(now, '')}."


def _done_when(action: Action) -> str:
    """ " on 1 June 2016, two months after its first planned date"."""
    if action.done_on is None:
        return ""
    first = action.first_planned_on or action.planned_on
    if first is None:
        return f" on {day(action.done_on)}"
    which = "its planned date" if action.planned_on in (first, None) else "its first planned date"
    days = (action.done_on - first).days
    when = "on" if days == 0 else f"{_span(abs(days))} {'after' if days > 0 else 'before'}"
    return f" on {day(action.done_on)}, {when} {which}"


def _late(action: Action, today: date) -> str:
    """By how much an overdue action is: in days for three months, as boards count them."""
    return _span((today - action.planned_on).days, 92) if action.planned_on else ""


def _span(days: int, in_days: int = 13) -> str:
    """How long that is in the unit that a person would use; "about" where it is more than a twentieth off."""
    if days <= in_days:
        return "one day" if days == 1 else f"{number(days)} days"
    unit, length = ("year", 365.25) if days >= 730 else ("month", 30.44) if days >= 56 else ("week", 7)
    count = round(days / length)
    about = "about " if abs(count * length - days) > days / 20 else ""
    return f"{about}{number(count)} {unit}s"


def _short(text: str, most: int) -> str:
    """The text in one line, cut after a word and so marked where it is longer than `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rsplit(' ', 1)[0].rstrip(',;:.')} …"


def _quoted(text: str) -> str:
    """As the end of a sentence: “The panel met late.”"""
    short = _short(text, 160)
    return f"“{short}”" if short[-1:] in ".!?…" else f"“{short}.”"


# Two people who changed the same action


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that one of two people or both changed, in words."""

    field: str
    base: str  # what both began with
    theirs: str  # what the other has saved meanwhile
    mine: str
    choose: bool  # both changed it, and not to the same


def differences(base: Action, theirs: Action, mine: Action) -> tuple[Difference, ...]:
    """What two people made of the same action, field by field; what neither changed is left out."""
    return tuple(
        Difference(
            field.label,
            field.said(base),
            field.said(theirs),
            field.said(mine),
            _conflict(field, base, theirs, mine),
        )
        for field in FIELDS
        if not field.value(base) == field.value(theirs) == field.value(mine)
    )


def merged(base: Action, theirs: Action, mine: Action) -> tuple[Action, tuple[str, ...]]:
    """Both people's changes in one action, to be saved on top of theirs, and the fields for which a person has to
    choose: there it holds mine. The note is mine; theirs stands with their version."""
    mine_counts = [field for field in FIELDS if field.value(mine) != field.value(base)]
    values = {name: getattr(mine, name) for field in mine_counts for name in field.names}
    conflicts = [field.label for field in FIELDS if _conflict(field, base, theirs, mine)]
    return replace(theirs, note=mine.note, **values), tuple(conflicts)


def _conflict(field: Field, base: Action, theirs: Action, mine: Action) -> bool:
    return field.value(mine) not in (field.value(base), field.value(theirs)) and field.value(
        theirs
    ) != field.value(base)


# Areas requiring improvement that come back


@dataclass(frozen=True, slots=True)
class SameArea:
    """An area of another inspection that may be the same."""

    inspection: str
    position: int  # 1, 2, … in the letter
    text: str
    exactly: bool  # word for word


@dataclass(frozen=True, slots=True)
class Recurrence:
    """An area of an inspection that was or became an area of others too."""

    inspection: str
    position: int
    text: str
    others: tuple[SameArea, ...]  # earliest first
    message: str  # one sentence for each of them


def recurring(areas_by_inspection: Mapping[str, Sequence[str]]) -> tuple[Recurrence, ...]:
    """The areas of a service's inspections that recur, by inspection and position. Inspections are named by their
    identity in the store, which is a date where one is known. `data/progress.toml` says when two may be the same."""
    ordered = sorted(areas_by_inspection, key=lambda name: (_date_of(name) is None, name))
    areas = [
        (inspection, position, text)
        for inspection in ordered
        for position, text in enumerate(areas_by_inspection[inspection], start=1)
    ]
    found = []
    for inspection, position, text in areas:
        others = tuple(
            SameArea(name, at, other, _plain(text) == _plain(other))
            for name, at, other in areas
            if name != inspection and may_be_the_same(text, other)
        )
        if others:
            message = " ".join(_recurs(inspection, other) for other in others)
            found.append(Recurrence(inspection, position, text, others, message))
    return tuple(found)


def may_be_the_same(one: str, other: str) -> bool:
    """Whether two areas may be the same: about one practice, of one subject or none, and saying the same of it."""
    if _plain(one) == _plain(other):
        return True
    practice = practice_of(one)
    if practice == "other" or practice != practice_of(other):
        return False
    (said, subjects), (other_said, other_subjects) = _content(one), _content(other)
    if (subjects or other_subjects) and not subjects & other_subjects:
        return False
    shared, together = said & other_said, said | other_said
    return bool(shared) and len(shared) >= table("progress")["recurring"]["least_shared"] * len(together)


def _recurs(inspection: str, other: SameArea) -> str:
    here, there = _date_of(inspection), _date_of(other.inspection)
    quote = _quoted(other.text)
    if here is None or there is None:
        when = f"in {there:%B %Y}" if there else "in an inspection whose date is not known"
        return f"This {'was' if other.exactly else 'may be the same as'} an area requiring improvement {when}: {quote}"
    if there < here and other.exactly:
        return f"This was an area requiring improvement in {there:%B %Y} too: {quote}"
    if there < here:
        return f"This may be the same as an area requiring improvement in {there:%B %Y}: {quote}"
    came = "It came back" if other.exactly else "It may have come back"
    return f"{came} in {there:%B %Y}: {quote}"


def _plain(text: str) -> list[str]:
    return [word for word in words_of(text).words if word[0].isalnum()]


@cache
def _phrases() -> Phrases:
    rules = table("progress")["recurring"]
    common = [(word, None) for word in rules["common"].split()]
    return Phrases(
        common
        + [(phrase, ("said", row["as"])) for row in rules["alike"] for phrase in row["words"]]
        + [(phrase, ("subject", row["as"])) for row in rules["subjects"] for phrase in row["words"]]
    )


def _content(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """What an area says of its practice, and its subjects."""
    words = _plain(text)
    found: dict[str, set[str]] = {"said": set(), "subject": set()}
    i = 0
    while i < len(words):
        length, meaning = _phrases().at(words, i) or (1, ("said", _stem(words[i])))
        if meaning:
            kind, name = meaning
            found[kind].add(name)
        i += length
    return frozenset(found["said"]), frozenset(found["subject"])


def _stem(word: str) -> str:
    """A word without its ending, so that "record", "records" and "recorded" are one."""
    return next(
        (word[: -len(end)] for end in ("ing", "ed", "es", "ly", "s", "e") if word[4:].endswith(end)), word
    )
