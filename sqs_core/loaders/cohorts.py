"""Cohorts and numbers as published tables write them: "Oct 2012 - Sep 2013", "38.340000000000003", "[c]". Nothing is
guessed: what could be read in two ways is refused with the reason."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from sqs_core.loaders.days import Day, day_of
from sqs_core.loaders.files import shown, tidied

EXPECTED_WINDOW = "a cohort such as “Oct 2012 - Sep 2013”, “year ending March 2014” or “2013-14”"
EXPECTED_NUMBER = "a number, or a marker such as *, .. or [c]"
_YEAR_ALONE = "a year alone may be a calendar year, a financial year or the year to any month"
_MONTH_ALONE = "a month alone does not say how long the cohort is"
_QUARTER = "this quarter may be counted from January or from April; name its months"
_TWO_YEARS = "the first month has no year of its own and does not stand before the last"
_BACKWARDS = "it ends before it begins"
_PART_MONTH = "a cohort begins on the first day of a month and ends on the last"
_FIRST, _LAST = 1990, 2100  # a year beyond them is something else: a footnote run into it, or a count
CACHED = 50_000  # texts remembered; a server that runs for months must not keep those of every file
_LONGEST = 200  # characters of a cohort with all that may stand around it
_NO_YEAR = f"years from {_FIRST} to {_LAST - 1} are read"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """When the children of a cohort were cautioned, convicted or released."""

    start: date  # the first day of its first month
    end: date  # the last day of its last month

    @property
    def months(self) -> int:
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell that should hold a number holds: a number, a marker in its place, nothing, or something else."""

    number: float | None = None
    marker: str | None = None
    per_cent: bool = False  # whether a per cent sign stands with it
    decimals: int = 0  # with how many it is written, noise apart
    wrong: str | None = None


# ---------------------------------------------------------------- footnote marks

_SUPERSCRIPT = re.compile("[¹²³⁰⁴-⁹†‡§]+")
# Behind a text: (1), (1)(2), [1], [note 1], [notes 1, 2], [r], (p), (revised), *, **
_NOTE = re.compile(
    r"\s*(?:[(\[](?:\d{1,2}(?:\s*[,&]\s*\d{1,2})*|notes? ?\d+(?:\s*(?:,|and|&)\s*\d+)*|[a-z]"
    r"|revised|provisional|low|footnotes? ?\d+)[)\]]|\*+)$",
    re.I,
)


def without_notes(text: str) -> str:
    """A text without the marks that point to footnotes behind it, and dashes all alike."""
    text = re.sub("[‐-―−]", "-", tidied(_SUPERSCRIPT.sub(" ", shown(text))))
    while (shorter := _NOTE.sub("", text)) != text and shorter:
        text = shorter
    return text


# ---------------------------------------------------------------- cohorts

_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september"]
_MONTHS += ["october", "november", "december"]
_NUMBERS = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, 9)} | {
    "sept": 9
}
_LENGTHS = {"twelve": 12, "nine": 9, "six": 6, "three": 3, "year": 12, "y": 12, "quarter": 3}
_MONTH = f"(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_FRAME = re.compile(
    r"^(?:(?:the|cohorts?|period|from|between|rolling|of|in|for|:)\b ?:? ?)+|[ ,]*\b(?:cohorts?|period)$"
)
# A day of a month: "1 April 2013", "30th September 2013", "September 2013", "Sep '13", "Sep-13".
_POINT = rf"(?:(\d{{1,2}})(?:st|nd|rd|th)?[ -])?({_MONTH})\.?(?:[ -]?'?(\d{{4}}|\d{{2}}))?"
_RANGE = re.compile(rf"{_POINT}(?: ?[-/] ?| (?:to|until|through|and) ){_POINT}")
_SPLIT_YEAR = re.compile(rf"({_MONTH})\.?(?: ?[-/] ?| to )({_MONTH})\.? (\d{{4}}) ?[-/] ?(\d{{4}}|\d{{2}})")
_SPAN = r"(?:(\d{1,2}|three|six|nine|twelve)[ -]months?(?: period)?|(year|quarter|y))"
_ENDING = re.compile(rf"{_SPAN} ?(?:ending|ended|ends|end|to|e)(?: in| on| the)? {_POINT}")
_BEGINNING = re.compile(rf"{_SPAN} (?:beginning|starting|from)(?: in| on)? {_POINT}")
_FINANCIAL = re.compile(r"(?:(?:financial|fiscal) years? |f\.?y\.? ?)?(\d{4}) ?[-/] ?(\d{4}|\d{2})")
_QUARTER_OF = re.compile(
    r"(?:q|quarter )([1-4])[ ,]*(\d{4}) ?[-/] ?(\d{4}|\d{2})|(\d{4}) ?[-/] ?(\d{4}|\d{2})[ ,]*(?:q|quarter )([1-4])"
)
_QUARTER_ALONE = re.compile(r"(?:q|quarter )[1-4]\b.*|.*\b(?:q|quarter )[1-4]")
_QUARTER_SAID = re.compile(
    rf"(?:q|quarter )([1-4])[ :]*\(?({_MONTH}) ?(?:-|/|to) ?({_MONTH})\)?[ ,]*(\d{{4}})"
)
_CALENDAR = re.compile(r"calendar year (\d{4})|(\d{4}) calendar year")
_DAYS = re.compile(r"(\S+?)(?: - | to | until |/(?=\d{4}-))(\S+)")


@lru_cache(CACHED)
def window_of(text: str) -> Window | str:
    """The cohort that a text names, or why it names none."""
    if len(text) > _LONGEST:
        return f"expected {EXPECTED_WINDOW}"
    plain = without_notes(text).casefold().replace("’", "'").replace("‘", "'")
    plain = " ".join(plain.replace(",", " ").split())
    while (shorter := _FRAME.sub("", plain).strip(" :")) != plain:
        plain = shorter
    for read in (_financial, _quarter, _split_year, _lengthy, _range, _days):
        found = read(plain)
        if found is not None:
            return found
    return _why_not(plain)


def is_year(text: str) -> int | None:
    """A year that stands alone, as 2016: which twelve months it means has to be asked."""
    plain = without_notes(text)
    return int(plain) if re.fullmatch(r"\d{4}", plain, re.A) and _FIRST <= int(plain) < _LAST else None


def window_of_year(year: int, means: str) -> Window | str | None:
    """The twelve months that a year alone means: "year to March" or "year from April". None: it is neither."""
    match = re.fullmatch(rf"year (to|from) ({_MONTH})", means.casefold())
    if not match:
        return None
    month = _NUMBERS[match[2]]
    return _starting(year, month, 12) if match[1] == "from" else _ending(year, month, 12)


def month_day(text: str, last: bool) -> Day:
    """The first or last day of a cohort as a cell of its own has it: a day, or a month with its year."""
    plain = without_notes(text).casefold() if not text.startswith("\x1f") else text
    match = re.fullmatch(rf"({_MONTH})\.?[ -]?(\d{{4}})", plain)
    iso = re.fullmatch(r"(\d{4})-(\d{2})", plain, re.A)
    if match or (iso and 1 <= int(iso[2]) <= 12):
        year, month = (
            (int(match[2]), _NUMBERS[match[1]]) if match else (int(iso[1]), int(iso[2])) if iso else (0, 0)
        )
        if not _FIRST <= year < _LAST:
            return Day(None, wrong=f"a year from {_FIRST} to {_LAST - 1}")
        return Day(_last(year, month) if last else date(year, month, 1), "words")
    day = day_of(plain)
    if day.day is None:
        return day
    fits = day.day == (_last(day.day.year, day.day.month) if last else day.day.replace(day=1))
    return day if fits else Day(None, wrong=f"the {'last' if last else 'first'} day of a month")


def windows_in(text: str) -> list[Window]:
    """The cohorts that a title names among other words, each once."""
    words = re.sub("[‐-―−]", "-", tidied(text)).split()[:60]
    found: list[Window] = []
    at = 0
    while at < len(words):
        for length in range(min(10, len(words) - at), 0, -1):
            piece = without_notes(" ".join(words[at : at + length]).strip(".,;:")).strip(".,;:()")
            window = window_of(piece) if re.search(r"\d", piece) else ""
            if isinstance(window, Window):
                found.append(window)
                at += length - 1
                break
        at += 1
    return list(dict.fromkeys(found))


def _financial(text: str) -> Window | str | None:
    if match := _CALENDAR.fullmatch(text):
        return _starting(int(match[1] or match[2]), 1, 12)
    match = _FINANCIAL.fullmatch(text)
    # "2010-11" is read as the year 2010/11 and never as November 2010: no cohort is a single month.
    return _following(match[1], match[2]) or _starting(int(match[1]), 4, 12) if match else None


def _quarter(text: str) -> Window | str | None:
    if match := _QUARTER_OF.fullmatch(text):
        first, second, quarter = (
            (match[2], match[3], match[1]) if match[1] else (match[4], match[5], match[6])
        )
        month = 1 + int(quarter) * 3 % 12
        year = int(first) + (month == 1)
        return _following(first, second) or _starting(year, month, 3)
    if match := _QUARTER_SAID.fullmatch(text):
        start, end, number = _NUMBERS[match[2]], _NUMBERS[match[3]], int(match[1])
        if end == start + 2 and start in (number * 3 - 2, 1 + number * 3 % 12):
            return _starting(int(match[4]), start, 3)
        return "the months are not those of this quarter"
    return _QUARTER if _QUARTER_ALONE.fullmatch(text) else None


def _split_year(text: str) -> Window | str | None:
    """Months with a split year, "Apr-Mar 2013/14": they must cross the new year."""
    match = _SPLIT_YEAR.fullmatch(text)
    if not match:
        return None
    start, end = _NUMBERS[match[1]], _NUMBERS[match[2]]
    if start <= end:
        return "months of one year, and two years"
    return _following(match[3], match[4]) or Window(
        date(int(match[3]), start, 1), _last(int(match[3]) + 1, end)
    )


def _lengthy(text: str) -> Window | str | None:
    """A length and an end, "12 months to Sep 2013", or a length and a beginning."""
    ending = _ENDING.fullmatch(text)
    match = ending or _BEGINNING.fullmatch(text)
    if not match:
        return None
    months = int(match[1]) if match[1] and match[1].isdigit() else _LENGTHS[match[1] or match[2]]
    if not 1 <= months <= 60:
        return "a cohort of so many months"
    if not match[5] or len(match[5]) == 2:
        return "a year of four digits is missing"
    year, month = int(match[5]), _NUMBERS[match[4]]
    if match[3] and int(match[3]) != (monthrange(year, month)[1] if ending else 1):
        return _PART_MONTH
    return _ending(year, month, months) if ending else _starting(year, month, months)


def _range(text: str) -> Window | str | None:
    match = _RANGE.fullmatch(text)
    if not match:
        return None
    first_day, first, first_year, last_day, last, last_year = match.groups()
    start, end = _NUMBERS[first], _NUMBERS[last]
    if not last_year:
        return "a year is missing"
    if first_year is None and (start > end or first_day or last_day):
        return _TWO_YEARS
    years = [
        int(text) + 2000 if len(text) == 2 else int(text) for text in (first_year or last_year, last_year)
    ]
    if not all(_FIRST <= year < _LAST for year in years):
        return _NO_YEAR
    window = Window(date(years[0], start, 1), _last(years[1], end))
    whole = int(first_day or 1) == 1 and int(last_day or window.end.day) == window.end.day
    short = len(last_year) == 2 or len(first_year or last_year) == 2
    return _doubt(window, whole, short) or window


def _doubt(window: Window, whole: bool, short: bool) -> str | None:
    """Why months that are read may not be those that were meant."""
    if window.start > window.end:
        return _BACKWARDS
    # "Apr 13 - Mar 14" could be days of April and March, were it not twelve months.
    if short and window.months not in (3, 12):
        return "years of two digits are read where the cohort is of three or twelve months"
    return None if whole else _PART_MONTH


def _days(text: str) -> Window | str | None:
    match = _DAYS.fullmatch(text)
    if not match:
        return None
    start, end = (day_of(part) for part in match.groups())
    if start.day is None or end.day is None:
        return start.wrong or end.wrong if re.search(r"\d[-/.]\d", text) and not start.form else None
    if start.day > end.day:
        return _BACKWARDS
    whole = start.day.day == 1 and end.day == _last(end.day.year, end.day.month)
    return Window(start.day, end.day) if whole else _PART_MONTH


def _why_not(text: str) -> str:
    if re.fullmatch(r"(?:f\.?y\.? ?|(?:financial |calendar )?years? )?\d{4}", text):
        return _YEAR_ALONE
    if re.fullmatch(rf"{_MONTH}\.?[ -]?'?\d{{2,4}}", text):
        return _MONTH_ALONE
    return f"expected {EXPECTED_WINDOW}"


def _following(first: str, second: str) -> str | None:
    """What is wrong with two years of which the second should follow the first."""
    if not _FIRST <= int(first) < _LAST:
        return _NO_YEAR
    expected = str(int(first) + 1)
    return None if second == expected[-len(second) :] else f"after {first} comes {expected}, not {second}"


def _starting(year: int, month: int, months: int) -> Window | str:
    if not _FIRST <= year < _LAST:
        return _NO_YEAR
    years, end = divmod(month + months - 2, 12)
    return Window(date(year, month, 1), _last(year + years, end + 1))


def _ending(year: int, month: int, months: int) -> Window | str:
    if not _FIRST <= year < _LAST:
        return _NO_YEAR
    years, start = divmod(month - months, 12)
    return Window(date(year + years, start + 1, 1), _last(year, month))


def _last(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


# ---------------------------------------------------------------- numbers and markers

_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(\.\d+)?(e[+-]?\d{1,3})?", re.I | re.A)
_PER_CENT = re.compile(r" ?(?:%|per ?cent|pc)$", re.I)
# What stands in the place of a number: signs, letters and words in brackets, footnote marks alone, "<5".
_MARKER = re.compile(
    r"\*+|-+|\.+|…|:|~|[#†‡]+|\[[^\[\]\d]{1,30}\]|\[(?:foot)?notes? ?[\d, ]+\]|\[\d{1,2}\]"
    r"|\((?:\d{1,2}|[a-z]{1,2})\)|[cxzuks]|low|n/?a|n/?k|< ?\d{1,2}|(?:fewer|less) than \d{1,2}"
    r"|(?:data )?not (?:available|applicable|collected|known|published|recorded)|no data|too (?:few|small)"
    r"|(?:data )?(?:suppressed|withheld|removed)",
    re.I | re.A,
)
_TWO_NUMBERS = re.compile(
    r"\d ?%? \(\d{2}\)$", re.A
)  # "37.0 (50)"; "37.0 (1)" and "37.0(12)" point to footnotes
_TOO_LARGE = 1_000_000_000  # more than there are people to count
_NOISE = 12  # binary noise stands in the 15th to 17th figure; figures that were meant end before
_MEANT = 9  # a number that needs more figures was worked out, and is kept as it is


@lru_cache(CACHED)
def value_of(text: str) -> Value:
    """The number in a cell, or the marker in its place. Footnote marks behind a number are not of it."""
    told = shown(text)
    if not told:
        return Value()
    plain = without_notes(told).rstrip("†‡#").rstrip()
    if text == told and any(_MARKER.fullmatch(re.sub("[‐-―−]", "-", form)) for form in (told, plain)):
        return Value(marker=told)
    if _TWO_NUMBERS.search(told):
        return Value(wrong="one number; two stand here")
    per_cent = bool(_PER_CENT.search(plain))
    plain = without_notes(_PER_CENT.sub("", plain))
    exact = Decimal(plain.replace(",", "").replace(" ", "")) if _NUMBER.fullmatch(plain) else None
    if text != told or exact is None or exact >= _TOO_LARGE:  # a day, other words, or too much
        return Value(wrong=EXPECTED_NUMBER)
    number = _meant(exact)
    return Value(float(number), None, per_cent, max(0, -int(number.as_tuple().exponent)))


def _meant(number: Decimal) -> Decimal:
    """Without the noise that a float leaves: 38.340000000000003 was 38.34."""
    if number == 0:
        return Decimal(0)
    rounded = round(number, _NOISE - number.adjusted() - 1)
    figures = rounded.normalize()
    return +figures if len(figures.as_tuple().digits) <= _MEANT else number
