"""Dates as letters write them. An impossible date is no date: nothing is invented."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sqs_core.letters.words import word_list

_MONTHS = word_list(
    "january february march april may june july august september october november december ionawr "
    "chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|" + "|".join(_MONTHS[12:]) + r")\.?(?![a-z])"
)
_DAY = r"(?<!\d)\d{1,2}(?!\d)(?:\s?(?:st|nd|rd|th)\b)?"
_YEAR = r"(?:19|20)\d\d"
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+(?:the\s+)?)?"
# One date, of which month and year may be missing: the later ones of a span carry them.
_PIECE = re.compile(
    rf"{_WEEKDAY}(?:(?P<n>(?<!\d)\d{{1,2}}[/.]\d{{1,2}}[/.](?:{_YEAR}|\d\d))(?!\d)"
    rf"|(?P<d>{_DAY})(?:\s+of)?(?:\s*(?P<m>{_MONTH}))?(?:,?\s*(?P<y>{_YEAR}))?"
    rf"|(?P<M>{_MONTH})\s+(?P<D>{_DAY})(?:,?\s*(?P<Y>{_YEAR}))?)",
    re.I,
)
_BETWEEN = re.compile(
    r"\s*(?:-|–|—|/|&|,?\s*\b(?:to|and|until|till|through)\b|,|\s)\s*(?:the\s+|on\s+)?", re.I
)
_MONTH_OF_YEAR = re.compile(rf"({_MONTH})\s*,?\s*({_YEAR})", re.I)
_MONTH_SPAN = re.compile(
    rf"({_MONTH})\s*({_YEAR})?\s*(?:-|–|—|/|to|and|until|through)\s*({_MONTH})\s*({_YEAR})", re.I
)


@dataclass(frozen=True, slots=True)
class _Point:
    day: int
    month: int | None
    year: int | None


def _month(word: str) -> int:
    word = word.lower().rstrip(".")
    return next(i for i, name in enumerate(_MONTHS) if name.startswith(word)) % 12 + 1


def _points(text: str) -> list[_Point]:
    """The dates at the beginning of `text`, one after the other."""
    points: list[_Point] = []
    place = 0
    while match := _PIECE.match(text, place):
        if match["n"]:
            day, month, year = (int(part) for part in re.split(r"[/.]", match["n"]))
            points.append(_Point(day, month, year if year > 99 else 2000 + year))
        elif match["D"]:
            points.append(
                _Point(
                    int(re.sub(r"\D", "", match["D"])),
                    _month(match["M"]),
                    int(match["Y"]) if match["Y"] else None,
                )
            )
        else:
            points.append(
                _Point(
                    int(re.sub(r"\D", "", match["d"])),
                    _month(match["m"]) if match["m"] else None,
                    int(match["y"]) if match["y"] else None,
                )
            )
        place = match.end()
        between = _BETWEEN.match(text, place)
        # "October 5-7, 2015": the year stands after the last day.
        if not between or not _PIECE.match(text, between.end()):
            break
        place = between.end()
    return points


def _complete(points: list[_Point]) -> list[_Point]:
    """Months and years that a span says once, given to all its dates: "5-7 October 2015", "October 5-7, 2015"."""
    month: int | None = None
    year: int | None = None
    backwards = []
    for point in reversed(points):
        month_after = month
        month, year = point.month or month, point.year or year
        if point.year is None and year and month and month_after and month > month_after:
            year -= 1  # 30 December – 2 January 2014
        backwards.append(_Point(point.day, month, year))
    month = None
    forwards = []
    for point in reversed(backwards):
        month = point.month or month
        forwards.append(_Point(point.day, month, point.year))
    return forwards


def _date(point: _Point) -> date | None:
    if point.month is None or point.year is None:
        return None
    try:
        return date(point.year, point.month, point.day)
    except ValueError:
        return None


def first_date(text: str) -> date | None:
    """The date that `text` begins with; None if it begins with none, or with an impossible one."""
    points = _points(text.strip())
    return _date(points[0]) if points else None


def span(text: str) -> tuple[date, date] | None:
    """The first span of days in `text`: "05-07 October 2015", "30 December 2013 to 2 January 2014", one day.

    None where there is none, where a part is missing or impossible, or where it runs backwards.
    """
    best: list[_Point] = []
    for match in _PIECE.finditer(text):
        points = _points(text[match.start() :])
        if any(point.month for point in points):
            best = points
            break
    if not best:
        return None
    dates = [_date(point) for point in _complete(best)]
    if not all(dates):
        return None
    first, last = dates[0], dates[-1]
    assert first and last
    return (first, last) if first <= last else None


def has_day(text: str) -> bool:
    """Whether `text` names a day of a month, possible or not."""
    return any(match["m"] or match["D"] or match["n"] for match in _PIECE.finditer(text))


def month_of_year(text: str) -> str | None:
    """ "Published in July 2015" gives "2015-07"."""
    match = _MONTH_OF_YEAR.search(text)
    return f"{match.group(2)}-{_month(match.group(1)):02d}" if match else None


def month_span(text: str) -> tuple[str, str] | None:
    """ "October 2012 – September 2013" gives ("2012-10", "2013-09"). A year that is missing is taken only from
    the same year or the one before."""
    match = _MONTH_SPAN.search(text)
    if not match:
        return None
    start, end, last = _month(match.group(1)), _month(match.group(3)), int(match.group(4))
    first = int(match.group(2)) if match.group(2) else last - (start > end)
    return f"{first}-{start:02d}", f"{last}-{end:02d}"
