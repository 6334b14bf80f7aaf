"""What the headings, titles and names of a table of reoffending say, and where on a sheet its blocks stand.

Long and wide tables, one or two rows of headings, below titles and above notes, one block or sheet a measure. Nothing
is read of the rows yet.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache, reduce
from itertools import islice
from typing import Any

from sqs_core.frameworks import DATA
from sqs_core.loaders.cohorts import CACHED, Window, is_year, value_of, window_of, windows_in, without_notes
from sqs_core.loaders.columns import fold
from sqs_core.loaders.files import REAL_DATE, Sheet, shown
from sqs_core.services import find_service, services

ALL_AGES = "10 to 17"  # as asked and told; in a cohort it is None

# ---------------------------------------------------------------- words


@cache
def _tables() -> dict[str, Any]:
    with (DATA / "reoffending.toml").open("rb") as file:
        return tomllib.load(file)


@lru_cache(CACHED)
def key_of(text: str) -> str:
    """The words of a text, small and without punctuation: "% re-offending" → "percent reoffending"."""
    plain = without_notes(text).casefold().replace("%", " percent ").replace("_", " ")
    plain = re.sub(r"\bre[- ](?=offen)", "re", plain)
    plain = re.sub(r"\bper cent\b|\bpercentage\b|\bpct\b", "percent", plain)
    words = re.findall(r"[^\W_]+", plain.replace("+", " plus"))
    return " ".join(word for word in words if word != "the")


@cache
def _words(table: str, row: str) -> frozenset[str]:
    return frozenset(map(key_of, _tables()[table][row]))


@cache
def _roles() -> dict[str, str]:
    found = {}
    for role, names in _tables()["columns"].items():
        found.update({key_of(text): role for text in (role, *names)})
    return found


@cache
def _measures() -> dict[str, str]:
    found = {}
    for measure, row in _tables()["measures"].items():
        own = () if measure == "other" else (measure,)
        found.update({key_of(text): measure for text in (*own, *row["names"])})
    return found


@cache
def _titles() -> tuple[tuple[str, str], ...]:
    """Phrases of titles and their measure, the longest first."""
    found = {key_of(text): m for m, row in _tables()["measures"].items() for text in row["titles"]}
    return tuple(sorted(found.items(), key=lambda item: -len(item[0])))


_AGES = re.compile(
    r"\(?(?<![\w/.])(?:aged? ?)?(1[0-7]) ?(?:-|to|and) ?(1[0-7])(?![\w/.])(?:[ -]?year[- ]?olds?)?\)?", re.I
)
_GROWN = re.compile(r"(?:aged? )?(\d\d)(?: (?:to )?\d\d| plus| (?:and|or) (?:over|above|older))")
_LONGEST = 300  # characters of a heading; what is longer is a note
NO_CHILDREN = "other"  # in place of an age: people who are no children


@lru_cache(CACHED)
def age_of(text: str) -> str | None:
    """The age group that a cell names; None: it names none."""
    key = key_of(text)
    if key in _words("ages", "other"):
        return NO_CHILDREN
    if key in _words("ages", "all"):
        return ALL_AGES
    if (match := _GROWN.fullmatch(key)) and int(match[1]) >= 18:
        return NO_CHILDREN
    rest, age = _without_age(text)
    return age if not key_of(rest) else None


@lru_cache(CACHED)
def is_total_of_ages(text: str) -> bool:
    return key_of(text) in _words("ages", "total")


@lru_cache(CACHED)
def is_every_child(text: str) -> bool:
    """Whether a cell that says of which children a row is says: of all."""
    return key_of(text) in _words("parts", "all")


@lru_cache(CACHED)
def part_in_title(text: str) -> str | None:
    """The part of the children that a title is about; None: all of them, or several parts."""
    said = f" {key_of(text)} "
    found = [row[0] for row in _tables()["parts"]["titles"] if any(f" {words} " in said for words in row)]
    return found[0] if len(found) == 1 else None


def area_in_title(text: str) -> str | None:
    """The area that a title names as a whole, or behind a colon."""
    texts = (without_notes(part) for part in (text, text.rpartition(":")[2]))
    return next((area for area in texts if is_known_area(area)), None)


@lru_cache(CACHED)
def is_no_area(text: str) -> bool:
    return key_of(text) in _words("areas", "none")


@lru_cache(CACHED)
def is_note(text: str) -> bool:
    """Whether a text above a table is a note, which speaks of other tables too, and not its title."""
    said = f" {key_of(text)} "
    return " see " in said or said.startswith(tuple(f" {words} " for words in _words("above", "notes")))


@lru_cache(CACHED)
def cohorts_in_title(text: str) -> list[Window]:
    """The cohorts that a title names. The year of a publication is none, nor what several years span."""
    said = f" {key_of(text)} "
    if any(f" {words} " in said for words in _words("above", "publications")):
        return []
    return [window for window in windows_in(text) if window.months <= 12]


def _without_age(text: str) -> tuple[str, str | None]:
    plain = re.sub("[‐-―−_]", " ", text) if "_" in text else text
    # reoffending_10_14_pct
    plain = (
        re.sub(r"(?<![\d])(1[0-7]) (1[0-7])(?!\d)", r"\1-\2", plain) if "_" in text else without_notes(plain)
    )
    match = _AGES.search(plain)
    if not match or int(match[1]) >= int(match[2]):
        return text, None
    return f"{plain[: match.start()]} {plain[match.end() :]}", f"{match[1]} to {match[2]}"


@dataclass(frozen=True, slots=True)
class Told:
    """What the text of a heading says."""

    role: str = ""  # a column of data/reoffending.toml, "number", "unknown"; "": blank
    measure: str | None = None
    window: Window | None = None
    year: int | None = None
    age: str | None = None
    area: str | None = None
    day: bool = False  # a day, which a spreadsheet has made of a cohort and which is none

    @property
    def dated(self) -> bool:
        return self.window is not None or self.year is not None or self.day


@lru_cache(CACHED)
def _told(text: str) -> Told:
    if not text:
        return Told()
    if text.startswith(REAL_DATE):
        return Told("number", day=True)
    if len(text) > _LONGEST:
        return Told("unknown")
    if role := _roles().get(key_of(text)):
        return Told("unknown" if role == "count" else role)
    age = age_of(text)
    return _one(text) or (Told("number", age=age) if age else _two(text)) or Told("unknown")


def _two(text: str) -> Told | None:
    """A heading that names a measure and a cohort: "Offenders Oct 2012 - Sep 2013", "2013/14: rate"."""
    words = text.split()
    for at in range(1, len(words)):
        before, after = (" ".join(part).strip(" :,;-–—()") for part in (words[:at], words[at:]))
        first, second = _one(before), _one(after)
        if first and second and first.dated != second.dated:
            named, dated = (second, first) if first.dated else (first, second)
            return replace(named, window=dated.window, year=dated.year)
    return None


def _one(text: str) -> Told | None:
    """A heading that says one thing: a cohort, a year, or a measure with or without its age."""
    window = window_of(text)
    if isinstance(window, Window):
        return Told("number", window=window)
    if _roles().get(key_of(text)) in ("value", "count"):
        return Told("number")
    if year := is_year(text):
        return Told("number", year=year)
    measure, age = measure_of(text)
    return Told("number", measure, age=age) if measure else None


@lru_cache(CACHED)
def measure_of(text: str) -> tuple[str | None, str | None]:
    """The measure and the age that a text names as a whole."""
    rest, age = _without_age(text)
    key = re.sub(r" (?:with)?in (?:12|twelve) months$", "", key_of(rest))
    found = _measures().get(key)
    if found is None and key.endswith(" percent"):
        found = _measures().get(key.removesuffix(" percent"))
        found = found if found in ("rate", "other") else None
    return found, age


def is_number_alone(text: str) -> bool:
    """Whether a text names a number of the children who reoffend, and not which."""
    return _roles().get(key_of(text)) == "value"


@lru_cache(CACHED)
def measure_in_title(text: str) -> str | None:
    """The one measure that a title names among other words; None: none or several."""
    key = f" {key_of(text)} "
    found = set()
    for phrase, measure in _titles():
        if f" {phrase} " in key:
            found.add(measure)
            key = key.replace(f" {phrase} ", " | ")
    return found.pop() if len(found) == 1 else None


@lru_cache(CACHED)
def age_in_title(text: str) -> str | None:
    words = f" {key_of(text)} "
    children = any(
        f" {word} " in words for word in ("juvenile", "juveniles", "children", "youth", "young people")
    )
    adults = any(f" {word} " in words for word in ("adult", "adults"))
    if children and adults:
        return None
    if re.search(r"\bage|year[- ]?old", text, re.I) and (age := _without_age(text)[1]):
        return age
    return NO_CHILDREN if adults else None  # "children" alone may mean some of them


# ---------------------------------------------------------------- areas


@lru_cache(CACHED)
def is_known_area(area: str) -> bool:
    """Whether an area is a service, a region, a police area or wider."""
    return find_service(area) is not None or fold(area) in known_areas()


@cache
def region_names() -> frozenset[str]:
    registered = {fold(service.region) for service in services() if service.country == "England"}
    return frozenset(registered | {fold(name) for name in _tables()["areas"]["regions"]})


@cache
def known_areas() -> dict[str, str]:
    """The names of regions, police areas and wider areas, by their letters."""
    registered = {name for one in services() for name in (one.country, one.police_area, one.region)}
    names = (*_tables()["areas"]["wider"], *sorted(registered))
    return {fold(name): name for name in names}


# ---------------------------------------------------------------- blocks

_TITLES = 20  # texts above a table that may be its title
_BELOW = 60  # rows of a table in which the name of an area is looked for

_Grid = list[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Column:
    at: int
    heading: str
    told: Told


@dataclass(slots=True)
class Block:
    """A table of a sheet: its headings, what stands above them, and its rows."""

    sheet: str | None
    row: int  # of its headings
    columns: list[Column]
    titles: list[str]  # the nearest first
    measure: str | None = None  # where the heading of the areas names it
    rows: _Grid = field(default_factory=list)

    def having(self, role: str) -> list[Column]:
        return [column for column in self.columns if column.told.role == role]

    @property
    def area(self) -> Column | None:
        found = self.having("area")
        own = [column for column in found if key_of(column.heading) == "area"]
        return next(iter(own or found), None)

    @property
    def label(self) -> str:
        """What it is called, to people: several on a sheet are told apart by their titles."""
        return " – ".join(filter(None, (self.sheet, self.titles[0] if self.titles else ""))) or ""

    @property
    def numbers(self) -> list[Column]:
        return [
            column
            for column in self.columns
            if column.told.role in ("number", "value") and not column.told.day
        ]


def _grid(sheet: Sheet) -> _Grid:
    columns = [sheet.cells[number].tolist() for number in sheet.cells]
    return [
        (int(number), list(row))
        for number, row in zip(sheet.cells.index, zip(*columns, strict=True), strict=True)
    ]


def blocks_of(sheet: Sheet) -> list[Block]:
    grid = _grid(sheet)
    found: list[Block] = []
    above: list[str] = []
    at = 0
    while at < len(grid):
        number, cells = grid[at]
        inside = bool(found) and (bool(found[-1].having("measure")) or sum(map(bool, grid[at - 1][1])) > 1)
        headings = _headings_at(grid, at, inside, bool(found)) if any(cells) else None
        if headings:
            at, columns, measure = headings
            number = grid[at][0]
            again = (
                found
                and (
                    not above or (found[-1].area and all(map(is_known_area, above)))
                )  # a region, not a title
                and [c.heading for c in found[-1].columns] == [c.heading for c in columns]
            )
            if again:  # headings that are repeated on each page
                found[-1].rows.append((number, []))
            else:
                found.append(Block(sheet.name, number, columns, above[::-1], measure))
            above = []
        else:
            filled = [shown(cell) for cell in cells if cell]
            if len(filled) == 2 and filled[0].endswith(":"):  # "Cohort:" and what it is in the next cell
                filled = [" ".join(filled)]
            above = [*above, *filled][-_TITLES:] if len(filled) == 1 else above if not filled else []
            if found:
                found[-1].rows.append((number, cells))
        at += 1
    for block in found:
        _fill_merged(block, sheet)
        _sizes_of_cohorts(block)
        _named_below(block)
    return found


def _headings_at(
    grid: _Grid, at: int, inside: bool, later: bool
) -> tuple[int, list[Column], str | None] | None:
    """Where headings that begin in a row end, the columns below them, and the measure that the first one names. None:
    it is no row of headings. `later`: there are others above, and an unknown name may be that of an area."""
    below = list(islice((n for n in range(at + 1, len(grid)) if any(grid[n][1])), 2))
    for count in range(len(below), 0, -1):
        rows = [at, *below[:count]]
        if columns := _stacked([grid[n][1] for n in rows]):
            return rows[-1], columns, None
    one = _one_row(grid[at][1], inside, [] if later else grid[at + 1 : at + 1 + _BELOW])
    return (at, *one) if one else None


def _is_value(cell: str) -> bool:
    value = value_of(cell)
    return (value.number is not None and is_year(cell) is None) or (value.marker is not None)


def _one_row(cells: Sequence[str], inside: bool, below: _Grid) -> tuple[list[Column], str | None] | None:
    """The columns below a row of headings, and the measure that its first heading names. None: it is none."""
    told = [_told(cell) for cell in cells]
    if sum(bool(one.role) for one in told) < 2 or any(_is_value(cell) for cell in cells if cell):
        return None
    told = _with_area_told(_with_areas_across(told, cells), below)
    roles = {one.role for one in told} - {""}
    columns = [Column(n, shown(cell), one) for n, (cell, one) in enumerate(zip(cells, told, strict=True))]
    if any(one.dated for one in told):
        return _wide(columns, roles, inside)
    by_row = roles & {"area", "cohort", "cohort_start"}
    numbers = roles & {"value", "number"}
    return (columns, None) if by_row and numbers else None


def _with_areas_across(told: list[Told], cells: Sequence[str]) -> list[Told]:
    """Beside a heading of cohorts, with areas as headings of numbers: "Cohort, Knowsley, England and Wales"."""
    roles = {one.role for one in told}
    if "area" in roles or not roles & {"cohort", "cohort_start"}:
        return told
    areas = [
        without_notes(cell) if one.role == "unknown" else "" for one, cell in zip(told, cells, strict=True)
    ]
    return [
        Told("number", area=area) if is_known_area(area) else one
        for one, area in zip(told, areas, strict=True)
    ]


def _with_area_told(told: list[Told], below: _Grid) -> list[Told]:
    """Where no heading is called an area, that of names of areas left of all numbers: an unknown one, or a blank. A
    region before each row is no area, unless it changes."""
    numbers = [at for at, one in enumerate(told) if one.role in ("number", "value")]
    if not numbers or any(one.role == "area" or one.area for one in told):
        return told
    for at, one in enumerate(told[: numbers[0]]):
        if one.role in ("", "unknown", "ignored"):
            areas = {cells[at] for _, cells in below if is_known_area(without_notes(cells[at]))}
            if len(areas) > (one.role == "ignored"):
                return [*told[:at], Told("area"), *told[at + 1 :]]
    return told


def _wide(columns: list[Column], roles: set[str], inside: bool) -> tuple[list[Column], str | None] | None:
    """The same, where cohorts stand among the headings. `inside`: directly below rows of another table, or in one
    whose rows name their measures: a row as "Offenders, 2013, 2014" is one of its rows."""
    dated = [column.at for column in columns if column.told.dated]
    left = columns[: dated[0]]
    if roles & {"area", "measure"}:
        return columns, None
    if any(column.told.role == "unknown" for column in left):
        return None
    years = any(column.told.year for column in columns)
    if "unknown" in roles or (years and (inside or any(column.told.window for column in columns))):
        return None
    # The heading of the areas may be blank, or name the measure of the block.
    first = next((column for column in left if column.told.measure), None)
    first = first or next((column for column in left if not column.told.role), None)
    if not left or (len(dated) < 2 and (inside or not (first and first.told.measure))):
        return None
    if first is None:  # a table of one area, whose rows are cohorts or ages
        return columns, None
    columns[first.at] = replace(first, told=Told("area"))
    return columns, first.told.measure


def _stacked(rows: Sequence[Sequence[str]]) -> list[Column] | None:
    """The columns below two or three rows of headings: cohorts above measures, measures above cohorts, ages above both.
    None: they are none."""
    if any(_is_value(cell) for row in rows for cell in row if cell):
        return None
    told = [[_told(cell) for cell in row] for row in rows]
    told[-1] = [_one(cell) or one if one.role else one for cell, one in zip(rows[-1], told[-1], strict=True)]
    *above, lowest = told
    if any(one.dated for row in above for one in row):  # below months "Cohort" is how many are in it
        offenders = Told("number", "offenders")
        lowest = [offenders if one.role == "cohort" and at else one for at, one in enumerate(lowest)]
    first = [next((at for at, one in enumerate(row) if at > 0 and one.role == "number"), 0) for row in above]
    if (
        0 in first
        or any(one.role == "unknown" for row in above for one in row)
        or any(one.role == "unknown" for one in lowest[first[0] :])
        or _is_row_of_numbers(told, rows[-1])
    ):
        return None
    columns = []
    groups, labels = [Told()] * len(above), [""] * len(above)
    for at, low in enumerate(lowest):
        for level, row in enumerate(above):
            if row[at].role:
                # A heading holds as far as the next one beside or above it.
                groups[level:] = [Told()] * (len(above) - level)
                labels[level:] = [""] * (len(above) - level)
                if row[at].role == "number":
                    groups[level], labels[level] = row[at], shown(rows[level][at])
        high = next((row[at] for row in reversed(above) if row[at].role), Told())
        tops = [label or shown(row[at]) for label, row in zip(labels, rows, strict=False)]
        heading = " ".join(filter(None, (*tops, shown(rows[-1][at]))))
        if low.role == "number" and any(group.role for group in groups):
            said = [group for group in groups if group.role]
            columns.append(Column(at, heading, reduce(_both, said, low)))
        else:
            columns.append(Column(at, heading, low if low.role or any(labels) else high))
    return _with_area(columns)


def _is_row_of_numbers(told: Sequence[Sequence[Told]], lowest: Sequence[str]) -> bool:
    """Whether the lowest of some rows is no row of headings: counts may look like years."""
    *above, low = told
    named = any(
        one.role not in ("", high.role)
        for row in above
        for high, one in zip(row, low, strict=True)
        if high.role not in ("", "number")
    )
    years = len(above) > 1 and any(one.year for one in low)
    return named or years or any(is_known_area(without_notes(cell)) for cell in lowest if cell)


def _both(group: Told, low: Told) -> Told:
    """What a heading and the one above it say together; said twice, it is neither."""
    if (low.measure and group.measure) or (low.dated and group.dated):
        return Told("unknown")
    return Told(
        "number",
        low.measure or group.measure,
        low.window or group.window,
        low.year or group.year,
        low.age or group.age,
        day=low.day or group.day,
    )


def _with_area(columns: list[Column]) -> list[Column] | None:
    """The columns of two rows of headings, the first of them the areas where none is called so."""
    if sum(column.told.role == "number" for column in columns) < 2:
        return None
    if not any(column.told.role == "area" for column in columns):
        if columns[0].told.role not in ("", "unknown"):
            return None
        columns[0] = replace(columns[0], told=Told("area"))
    return columns


def _sizes_of_cohorts(block: Block) -> None:
    """Below "Cohort" may stand how many are in it, where its months stand elsewhere."""
    for column in block.having("cohort"):
        cells = {cells[column.at] for _, cells in block.rows if sum(map(bool, cells)) > 1} - {""}
        numbers = [cell for cell in cells if value_of(cell).number is not None]
        if numbers and all(map(_is_value, cells - set(numbers))) and any(map(_is_value, numbers)):
            block.columns[column.at] = replace(column, told=Told("number", "offenders"))


def _fill_merged(block: Block, sheet: Sheet) -> None:
    """What stands in cells merged downwards is of each of their rows. The numbers of several rows are not."""
    rows = dict(block.rows)
    for column in block.columns:
        ranges = sorted((first, last) for at, first, last in sheet.merged if at == column.at)
        if not ranges or column.told.role in ("number", "value"):
            continue
        for number, cells in block.rows:
            place = bisect_left(ranges, (number, 0)) - 1  # the last that begins above
            above = rows.get(ranges[place][0]) if place >= 0 and number <= ranges[place][1] else None
            if above and cells and not cells[column.at]:
                cells[column.at] = above[column.at]


def _named_below(block: Block) -> None:
    """Below a blank heading may stand measures and no areas: a table of one area."""
    area = block.area
    if area is None or area.heading:
        return
    texts = [shown(cells[area.at]) for _, cells in block.rows if sum(map(bool, cells)) > 1]
    if texts and all(measure_of(text)[0] for text in texts):
        block.columns[area.at] = replace(area, told=Told("measure"))
