"""Measures in words: the same few phrases wherever a share, a range or an age is said."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date

from sqs_core.model import Share

# Fractions that people picture; share_in_words says when a range is called by one.
_FRACTIONS = (
    (1 / 4, "a quarter"),
    (1 / 3, "a third"),
    (1 / 2, "half"),
    (2 / 3, "two-thirds"),
    (3 / 4, "three-quarters"),
)
_MOST_NAMES = 12
_SMALL = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def number(count: int) -> str:
    """Small counts as words, as they stand in a sentence: "no", "three", "14"."""
    return _SMALL[count] if 0 <= count < len(_SMALL) else str(count)


def listed(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def left_out_in_words(left_out: Iterable[tuple[str, str]]) -> str:
    """Who is left out and why: "Left out: Bury; Rochdale (number of children not known)." "" where nobody is. With
    semicolons, as the names of services have commas and "and" in them; only how many where they are too many."""
    reasons: dict[str, list[str]] = {}
    for name, why in left_out:
        reasons.setdefault(why, []).append(name)
    said = []
    for why, names in reasons.items():
        who = "; ".join(names) if len(names) <= _MOST_NAMES else f"{len(names)} services"
        said.append(f"{who} ({why})")
    return f"Left out: {'; '.join(said)}." if said else ""


def capital(sentence: str) -> str:
    """The sentence with a capital first letter, the rest untouched."""
    return sentence[:1].upper() + sentence[1:]


def uncapital(sentence: str) -> str:
    """The sentence with a small first letter, to stand in another."""
    return sentence[:1].lower() + sentence[1:]


def share_in_words(share: Share, cases: int | None = None) -> str:
    """How many cases were sufficient: "all", "8 of 14", "about a third", "fewer than half", "43% to 57%".

    A range is called by a fraction when it is at most 0.15 wide and its middle within 0.03 of it.
    """
    if share.low == 1:
        return "all"
    if share.high == 0:
        return "none"
    if abs(share.high - share.low) < 1e-9 and cases:
        return f"{round(share.low * cases)} of {cases}"
    if share.low == 0 and 0.3 <= share.high <= 0.5:
        return "fewer than half" if share.high < 0.5 else "at most half"
    middle = (share.low + share.high) / 2
    if share.high - share.low <= 0.15:
        for fraction, name in _FRACTIONS:
            if abs(middle - fraction) <= 0.03:
                return f"about {name}"
    return str(share)


def cases_in_words(share: Share, cases: int | None = None) -> str:
    """The same with its noun: "all cases", "8 of 14 cases", "about a third of cases", "no case"."""
    words = share_in_words(share, cases)
    if words == "none":
        return "no case"
    return f"{words} cases" if words == "all" or " of " in words else f"{words} of cases"


def between(share: Share) -> str:
    """ "between 62% and 81%", rounded outwards as a share says itself."""
    low, _, high = str(share).partition(" to ")
    return f"between {low} and {high or low}"


def age(then: date, today: date) -> str:
    """How long ago, in the unit a person would use: "11 years", "5 months", "3 weeks", "today"."""
    days = (today - then).days
    months = (today.year - then.year) * 12 + today.month - then.month - (today.day < then.day)
    for count, unit in ((months // 12, "year"), (months, "month"), (days // 7, "week"), (days, "day")):
        if count >= (2 if unit == "year" else 1):
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "today" if days == 0 else "in the future"


def month(year_and_month: str) -> str:
    """ "2012-10" as "October 2012"."""
    return f"{date.fromisoformat(year_and_month + '-01'):%B %Y}"


def month_end(year_and_month: str) -> date:
    """The last day of "2013-09"."""
    year, number_ = map(int, year_and_month.split("-"))
    return date(year, number_, monthrange(year, number_)[1])


def day(when: date) -> str:
    """ "4 November 2015"."""
    return f"{when.day} {when:%B %Y}"


def period(first: date, last: date) -> str:
    """As it follows a verb: "in April 2026", "from April to June 2026", "from 3 April to 9 May 2026"."""
    if first == last:
        return f"on {day(first)}"
    if first.day == 1 and last.day == monthrange(last.year, last.month)[1]:
        if (first.year, first.month) == (last.year, last.month):
            return f"in {first:%B %Y}"
        return f"from {first:%B}{'' if first.year == last.year else f' {first.year}'} to {last:%B %Y}"
    start = day(first) if first.year != last.year else f"{first.day} {first:%B}"
    return f"from {start} to {day(last)}"
