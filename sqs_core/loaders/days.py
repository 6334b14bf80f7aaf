"""Days as tables write them. Between day and month nothing is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from sqs_core.loaders.columns import open_days
from sqs_core.loaders.files import REAL_DATE

Form = Literal["iso", "uk", "uk_short", "words", "words_short", "real", "number"]
FORMS: dict[Form, str] = {
    "iso": "as 2026-11-23",
    "uk": "as 23/11/2026",
    "uk_short": "as 23/11/26",
    "words": "as 23 Nov 2026",
    "words_short": "as 23 Nov 26",
    "real": "as a date of the spreadsheet",
    "number": "as a day number of Excel",
}
EXPECTED = "a day such as 23/11/2026 or 2026-11-23"
FOUR_DIGITS = "a year of four digits, as in 23/11/2026 or 2026-11-23"
DAY_FIRST = (
    "the day before the month, as in 23/11/2026; if this file has the month first, save days as 2026-11-23"
)
NO_SUCH_DAY = f"a day that there is, {EXPECTED.removeprefix('a day ')}"

_TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.I | re.A)
# A year of two digits is read after slashes and month names alone: 26-11-23 and 26.11.23 may begin with the year.
_UK = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|(?<=/)\d{{2}}){_TIME}", re.I | re.A)
_SHORT_YEAR = re.compile(rf"\d{{1,2}}([-/. ])(?:\d{{1,2}}|[a-z]{{3,9}})\1\d{{2}}{_TIME}", re.I | re.A)
_WORDS = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th)?[- ]([a-z]{{3,9}})[-, ]+(\d{{4}}|\d{{2}}){_TIME}", re.I | re.A
)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.A)  # 20261123
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? ", re.I)
_NUMBER = re.compile(r"\d{1,5}", re.A)
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september"]
_MONTHS += ["october", "november", "december"]
_MONTH_NUMBERS = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, 9)}
_MONTH_NUMBERS["sept"] = 9
# Excel's day numbers from 1 January 1954 to 31 December 2099. Nearer to zero a number is a count, not a day.
_FIRST_NUMBER, _LAST_NUMBER = 19_725, 73_050
_DAY_ZERO = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Day:
    """One cell read as a day: the day and the form it is written in, or what was expected instead."""

    day: date | None
    form: Form | None = None  # None: the cell is blank, or the day stands for an open date
    wrong: str | None = None


_OPEN = Day(None)


def day_of(text: str) -> Day:
    """The day that a cell holds."""
    if not text:
        return _OPEN
    if text.startswith(REAL_DATE):
        return _existing("real", *(int(part) for part in text[1:].split("-")))
    text = _WEEKDAY.sub("", text)
    if match := _COMPACT.fullmatch(text):
        return _existing("iso", int(match[1]), int(match[2]), int(match[3]))
    return _with_year(text) or _without_year(text)


def _with_year(text: str) -> Day | None:
    """A day of which the month and the year are told apart; None: the text is none such."""
    if match := _ISO.fullmatch(text):
        return _existing("iso", int(match[1]), int(match[3]), int(match[4]))
    if match := _UK.fullmatch(text):
        day, month = int(match[1]), int(match[3])
        if month > 12 >= day:
            return Day(None, wrong=DAY_FIRST)
        return _written("uk", "uk_short", match[4], month, day)
    match = _WORDS.fullmatch(text)
    named = _MONTH_NUMBERS.get(match[2].casefold()) if match else None
    return _written("words", "words_short", match[3], named, int(match[1])) if match and named else None


def _without_year(text: str) -> Day:
    """A day number of Excel, or what is wrong with the text."""
    if _NUMBER.fullmatch(text):
        number = int(text)
        if number <= 1:
            return _OPEN  # day numbers 0 and 1, which Excel shows as 00/01/1900 and 01/01/1900
        if _FIRST_NUMBER <= number <= _LAST_NUMBER:
            return Day(_DAY_ZERO + timedelta(days=number), "number")
    return Day(None, wrong=FOUR_DIGITS if _SHORT_YEAR.fullmatch(text) else EXPECTED)


def _written(form: Form, short: Form, year: str, month: int, day: int) -> Day:
    """A day by its year as it is written: of two digits it is of this century, or an open day of another."""
    if len(year) == 4:
        return _existing(form, int(year), month, day)
    open_day = f"{year}-{month:02}-{day:02}" in _short_open_days()
    return _OPEN if open_day else _existing(short, 2000 + int(year), month, day)


@cache
def _short_open_days() -> frozenset[str]:
    """The open days with two digits of their year. Not that of the year 1: 01/01/01 may be a day of 2001."""
    return frozenset(text[2:] for text in open_days() if not text.startswith("00"))


def _existing(form: Form, year: int, month: int, day: int) -> Day:
    if f"{year:04}-{month:02}-{day:02}" in open_days():
        return _OPEN
    try:
        return Day(date(year, month, day), form)
    except ValueError:
        return Day(None, wrong=NO_SUCH_DAY)
