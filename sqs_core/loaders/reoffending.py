"""Tables of reoffending in the shapes in which they are published, read into cohorts.

What their headings say is in `reoffending_headings`. What a file does not say is asked; until it is answered there
are no cohorts, but every problem is listed already.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqs_core.errors import BadInputError
from sqs_core.loaders.cohorts import (
    EXPECTED_WINDOW,
    Value,
    Window,
    is_year,
    month_day,
    value_of,
    window_of,
    window_of_year,
    without_notes,
)
from sqs_core.loaders.columns import fold, in_words, is_below, refused_heading, refused_texts
from sqs_core.loaders.days import FORMS, Day, Form, day_of
from sqs_core.loaders.files import REAL_DATE, Sheet, UnreadableError, sheets_of, shown
from sqs_core.loaders.reoffending_headings import (
    ALL_AGES,
    NO_CHILDREN,
    Block,
    Column,
    Told,
    age_in_title,
    age_of,
    area_in_title,
    blocks_of,
    cohorts_in_title,
    is_every_child,
    is_known_area,
    is_no_area,
    is_note,
    is_number_alone,
    is_total_of_ages,
    key_of,
    known_areas,
    measure_in_title,
    measure_of,
    part_in_title,
    region_names,
)
from sqs_core.loaders.rows import DAY_FIRST_SAID, Problem, TableWarning
from sqs_core.model import Cohort
from sqs_core.services import find_service

_MOST = 10_000  # problems listed, and rows of one warning; the rest is counted
MEASURES = ("offenders", "reoffenders", "reoffences", "rate")
_PROVEN_AFTER = 18  # months: reoffences are of twelve, and proven within six more
SOURCE_KINDS = ("published", "local")
RATE_FORMS = ("per cent", "shares of 1")
YEARS = ("year to March", "year to June", "year to September", "year to December", "year from April")


@dataclass(frozen=True, slots=True)
class Question:
    """Something that a file does not say and that is asked of whoever loads it."""

    name: str  # under which the answer is `given`
    asks: str
    choices: tuple[str, ...] = ()  # empty: a day or a text
    may_be_unknown: bool = False  # whether "" is an answer: nobody knows


@dataclass(frozen=True, slots=True)
class SheetRows:
    """What became of the rows below the headings of a sheet. Each is in one of three counts."""

    name: str | None
    rows: int
    read: int
    left_out: int  # notes, totals, measures and people of other kinds
    blank: int  # nothing stands where the numbers should


@dataclass(frozen=True, slots=True)
class Reoffending:
    """What a file of reoffending holds. With any problem or open question it holds no cohorts."""

    cohorts: tuple[Cohort, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[TableWarning, ...] = ()
    asked: tuple[Question, ...] = ()
    sheets: tuple[SheetRows, ...] = ()
    unused: tuple[str, ...] = ()  # headings that are taken for nothing

    @property
    def rows(self) -> int:
        return sum(sheet.rows for sheet in self.sheets)

    @property
    def read(self) -> int:
        return sum(sheet.read for sheet in self.sheets)

    @property
    def left_out(self) -> int:
        return sum(sheet.left_out for sheet in self.sheets)

    @property
    def blank(self) -> int:
        return sum(sheet.blank for sheet in self.sheets)


def read_reoffending(
    name: str, content: bytes, today: date, sheet: str | None = None, given: Mapping[str, str] | None = None
) -> Reoffending:
    """The cohorts of a CSV, Excel or OpenDocument file, or its problems and what has to be asked.

    Every sheet that holds such a table is read, or `sheet` alone. `given` answers the questions by their names. Raises
    BadInputError, in one line that names the file, where there is no such table or it holds what must not be loaded.
    """
    try:
        sheets = sheets_of(content)
        if sheet is not None:
            sheets = [found for found in sheets if found.name == sheet]
            if not sheets:
                names = [one.name for one in sheets_of(content) if one.name]
                there = in_words(names, "and") if names else "none"
                raise UnreadableError(f"there is no sheet “{sheet}”; its sheets are: {there}")
        return _Reading(sheets, today, given or {}).done()
    except UnreadableError as reason:
        raise BadInputError(f"{' '.join(name.split())}: {reason}") from None


def reoffending_template() -> str:
    """The CSV header of a table of reoffending, with one example row: counts and rate of England and Wales, 2013/14."""
    return (
        "area,cohort_start,cohort_end,offenders,reoffenders,reoffences,rate,published_on,source\n"
        "England and Wales,2013-04-01,2014-03-31,42299,16083,,38.0,2016-01-28,Proven reoffending statistics\n"
    )


# ---------------------------------------------------------------- reading


@dataclass(slots=True)
class _Fact:
    """One cell with a number or a marker, and all that is said of it."""

    sheet: str | None
    row: int
    heading: str
    area: str | None  # None: the file does not say
    measure: str | None
    window: Window | None
    year: int | None
    age: str | None
    published_on: date | None
    source: str | None
    value: Value
    apart: int | None  # the row, where something in it could not be read: it is not compared with others


@dataclass(frozen=True, slots=True)
class _Around:
    """What the titles of a block, its sheet or an answer say of all its rows."""

    area: str | None
    measure: str | None
    window: Window | None
    age: str | None
    part: str | None  # of the children


_Fate = Literal["read", "left_out", "blank"]


class _Reading:
    """The work on one file, which gathers facts, questions, problems and warnings on its way."""

    def __init__(self, sheets: list[Sheet], today: date, given: Mapping[str, str]) -> None:
        self._today = today
        self._given = dict(given)
        self._blocks: list[Block] = []
        self._other_sheets: list[str] = []
        for sheet in sheets:
            blocks = blocks_of(sheet)
            self._blocks += blocks
            if not blocks:
                self._other_sheets.append(sheet.name or "")
        self._several = len({block.sheet for block in self._blocks}) > 1
        self._facts: list[_Fact] = []
        self._fates: dict[str | None, list[_Fate]] = {block.sheet: [] for block in self._blocks}
        self._days: dict[str, list[tuple[Form, str, date]]] = defaultdict(list)
        self._problems: list[Problem] = []
        self._more_problems = 0
        self._warned: dict[tuple[str, str], list[int]] = {}
        self._by_name: dict[str, list[int]] = {}  # rows left out, by what they are about
        self._others: list[tuple[str, Block, int, list[str]]] = []  # rows of other measures, by their names
        self._sums: set[int] = set()  # the facts that are the sum of the regions' rates
        self._questions: dict[str, Question] = {}
        self._own = False  # whether the table is in the columns of our own template

    def done(self) -> Reoffending:
        if not self._blocks:
            raise UnreadableError(
                "no table of reoffending was found: areas in rows, and columns of cohorts or of offenders, "
                "reoffenders, reoffences or rates, each by its name"
            )
        self._refuse_what_identifies()
        self._own = any(
            {"area", "cohort start", "cohort end"} <= {key_of(column.heading) for column in block.columns}
            for block in self._blocks
        )
        published, source = self._said_outside()
        self._read_blocks()
        self._check_days()
        for name, rows in self._by_name.items():
            self._warned[(f"left out: {name}", "")] = rows
        if self._other_sheets:
            self._warn(f"sheets without such a table: {in_words(self._other_sheets, 'and')}", "", None)
        self._answer(published, source)
        self._find_sums()
        cohorts = self._cohorts()
        self._refuse_unknown_answers()
        if not self._facts and not self._problems:
            self._problem(
                None, "", "no number of offenders, reoffenders, reoffences or a rate", "one at least"
            )
        lost = next((fact for fact in self._facts if fact.measure is None or fact.window is None), None)
        if lost and not self._questions and not self._problems:  # no number goes without a word
            self._problem(lost.row, lost.heading, _written(lost.value), "its measure and its cohort")
        asked = tuple(self._questions.values())
        if self._more_problems:
            self._problems.append(Problem(None, "", f"{self._more_problems:,} more problems", "none"))
        problems = tuple(sorted(self._problems, key=lambda problem: (problem.row is None, problem.row or 0)))
        return Reoffending(
            cohorts=() if asked or problems else tuple(cohorts),
            problems=problems,
            warnings=tuple(
                TableWarning(text, column, len(rows), tuple(rows[:_MOST]))
                for (text, column), rows in self._warned.items()
            ),
            asked=asked,
            sheets=tuple(
                SheetRows(name, len(fates), *(fates.count(fate) for fate in ("read", "left_out", "blank")))
                for name, fates in self._fates.items()
            ),
            unused=tuple(
                dict.fromkeys(
                    column.heading
                    for block in self._blocks
                    for column in block.columns
                    if column.told.role in ("unknown", "ignored")
                )
            ),
        )

    def _refuse_what_identifies(self) -> None:
        found: dict[str, list[str]] = {}
        for block in self._blocks:
            # Not the notes: they hold addresses of offices.
            rows = [cells for _, cells in block.rows if sum(map(bool, cells)) > 1]
            for column in block.columns:
                if column.told.role == "number":
                    continue
                texts = list(dict.fromkeys(cells[column.at] for cells in rows))
                heading = column.heading if column.told.role == "unknown" else ""
                what = (refused_heading(heading) if heading else None) or refused_texts(texts)
                if what:
                    found.setdefault(what, []).append(column.heading or f"column {column.at + 1}")
        if found:
            said = "; ".join(
                f"{in_words(list(dict.fromkeys(headings)), 'and')} ({what})"
                for what, headings in found.items()
            )
            raise UnreadableError(
                f"holds what must never be loaded: {said}; take these columns out of the file"
            )

    def _said_outside(self) -> tuple[date | None, str | None]:
        """The day of publication and the source, where titles or notes say one and only one."""
        days: set[date] = set()
        sources: set[str] = set()
        for block in self._blocks:
            notes = [next(filter(None, cells)) for _, cells in block.rows if sum(map(bool, cells)) == 1]
            for text in (*block.titles, *map(shown, notes)):
                if match := re.match(
                    r"(?:date (?:of publication|published)|publication date|published(?: on)?) ?:? (.+)",
                    text,
                    re.I,
                ):
                    read = day_of(without_notes(match[1]).rstrip("."))
                    sure = read.form in ("words", "iso") or (read.day is not None and read.day.day > 12)
                    days.update({read.day} if read.day and sure else set())
                if match := re.match(r"source ?:\s*(.+)", text, re.I):
                    sources.add(match[1])
        return (days.pop() if len(days) == 1 else None), (sources.pop() if len(sources) == 1 else None)

    # ------------------------------------------------------------ blocks and rows

    def _around(self, block: Block) -> _Around:
        """What stands around the rows of a block, the nearest first."""
        texts = [*(text for text in block.titles if not is_note(text)), block.sheet or ""]
        measure = block.measure or _first(texts, lambda text: measure_of(text)[0])
        windows = _first(texts, cohorts_in_title) or []
        return _Around(
            _first(texts, area_in_title),
            measure or _first(texts, measure_in_title),
            windows[0] if len(windows) == 1 else None,
            _first(texts, age_of) or _first(texts, age_in_title),
            _first(texts, part_in_title),
        )

    def _read_blocks(self) -> None:
        around = [(block, self._around(block)) for block in self._blocks]
        unnamed = [
            block
            for block, said in around
            if not said.measure
            and said.age != NO_CHILDREN
            and not said.part
            and any(not column.told.measure for column in block.numbers)
            and not block.having("measure")
        ]
        for block, said in around:
            if said.measure == "other" or said.age == NO_CHILDREN or said.part:
                what = block.label
                if said.measure != "other":
                    who = "people who are no children" if said.age == NO_CHILDREN else "some of the children"
                    what = f"{who} ({block.label})"
                for row, cells in block.rows:
                    self._fates[block.sheet].append("left_out" if any(cells) else "blank")
                    if any(cells):
                        self._leave_out(what or "another measure", row)
                continue
            if self._is_side_by_side(block):
                self._fates[block.sheet] += ["left_out" if any(cells) else "blank" for _, cells in block.rows]
                continue
            self._judge_columns(block)
            measure = said.measure
            if block in unnamed:
                measure = self._ask_measure(block, block.label if len(unnamed) > 1 else "")
            for row, cells in block.rows:
                fate = self._read_row(block, row, cells, replace(said, measure=measure))
                self._fates[block.sheet].append(fate)

    def _judge_columns(self, block: Block) -> None:
        for column in block.columns:
            if column.told.day:
                where = self._where(block, column.heading)
                self._problem(block.row, where, f"{column.heading}, a day", EXPECTED_WINDOW)
        areas = block.having("area")
        if len(areas) > 1 and sum(key_of(column.heading) == "area" for column in areas) != 1:
            choices = tuple(column.heading for column in areas)
            chosen = (
                self._ask("area_column", "Under which heading do the areas stand?", choices) or choices[0]
            )
            for column in areas:
                if column.heading != chosen:
                    block.columns[column.at] = replace(column, told=Told("ignored"))
        if block.having("cohort_start") and not (block.having("cohort_end") or block.having("cohort")):
            where = self._where(block, "cohort_end")
            self._problem(block.row, where, "no such heading", "the end of each cohort")
        other = [c.heading for c in block.numbers if c.told.measure == "other" or c.told.age == NO_CHILDREN]
        unknown = [c.heading for c in block.columns if c.told.role == "unknown"]
        if other:
            self._warn(f"columns of other measures are left out: {_some(other)}", "", block.row)
        if unknown:
            self._warn(f"columns that are taken for nothing: {_some(unknown)}", "", block.row)

    def _is_side_by_side(self, block: Block) -> bool:
        """Two tables in the same rows: the areas or cohorts of one must not be read for the numbers of the other."""
        numbers = [column.at for column in block.numbers]
        for role in ("area", "cohort", "cohort_start", "measure"):
            places = [column.at for column in block.having(role)]
            second = next((at for at in places[1:] if any(places[0] < n < at for n in numbers)), None)
            if second is not None and any(n > second for n in numbers):
                where = self._where(block, block.columns[second].heading)
                expected = "one table below the other, or each on a sheet of its own"
                self._problem(block.row, where, "a second table beside the first", expected)
                return True
        return False

    def _read_row(self, block: Block, row: int, cells: list[str], around: _Around) -> _Fate:
        if not cells:
            return "left_out"  # headings again
        wrong_before = self._wrong
        numbers = _filled(block, cells)
        said = self._row_measure(block, cells)
        fate = self._fate(block, row, cells, bool(numbers))
        if fate == "read" and said and is_number_alone(said[2]):
            asked = self._ask(f"measure of {said[2]}", f"What are the numbers of “{said[2]}”?", MEASURES)
            said = (asked or "", said[1], said[2])
        if fate == "read" and said and said[0] in (None, "other"):
            self._leave_out(f"“{said[2]}”, which is no measure of reoffending", row)
            self._others.append((said[2], block, row, cells))
            fate = "left_out"
        age = self._row_age(block, row, cells) if fate == "read" else None
        if fate == "read" and age == NO_CHILDREN:
            self._leave_out("people who are no children", row)
            fate = "left_out"
        part = self._row_part(block, row, cells) if fate == "read" else None
        if part:
            self._leave_out(f"some of the children ({part})", row)
            fate = "left_out"
        if fate == "read":
            if said:
                around = replace(around, measure=said[0] or None, age=said[1] or around.age)
            self._read_cells(block, row, cells, replace(around, age=age or around.age), wrong_before)
        return fate

    def _fate(self, block: Block, row: int, cells: list[str], numbers: bool) -> _Fate:
        """What becomes of a row, by whether numbers stand in it and what it is of."""
        filled = [column for column in block.columns if cells[column.at]]
        area = block.area if block.area and cells[block.area.at] else None
        known = area is not None and is_known_area(without_notes(cells[area.at]))
        # What the row is of: its area, or the first cell that does not name its measure.
        named = area or next((column for column in filled if column.told.role != "measure"), None)
        below = (
            named is not None
            and not known
            and (
                (len(filled) == 1 and not numbers)
                or is_no_area(cells[named.at])
                or is_below(shown(cells[named.at]), len(filled), len(cells))
            )
        )
        if below and numbers:
            self._leave_out("totals and notes, which do not say of which area", row)
        return "left_out" if below else "read" if numbers else "blank"

    def _read_cells(
        self, block: Block, row: int, cells: list[str], around: _Around, wrong_before: int
    ) -> None:
        area = without_notes(cells[block.area.at]) if block.area else around.area
        if block.area and not area:
            heading = self._where(block, block.area.heading or "area")
            self._problem(row, heading, "nothing", "the area of every row")
        numbers = _filled(block, cells)
        window: Window | None = None
        year: int | None = None
        if any(not column.told.dated for column in numbers):
            window, year = self._row_window(block, row, cells, around.window)
        cohort = self._cohort_text(block, cells)
        if cohort and any(column.told.dated for column in numbers):
            heading = next(column.heading for column in numbers if column.told.dated)
            text = f"{cohort}, below “{heading}”"
            self._problem(row, self._where(block, heading), text, "the cohort in the row or in the heading")
        published = self._row_day(block, row, cells)
        source = next((shown(cells[c.at]) for c in block.having("source") if cells[c.at]), None)
        apart = row if self._wrong > wrong_before else None
        for column in numbers:
            told = column.told
            value = value_of(cells[column.at])
            heading = self._where(block, column.heading)
            if value.wrong:
                self._problem(row, heading, shown(cells[column.at]), value.wrong)
                continue
            self._facts.append(
                _Fact(
                    sheet=block.sheet,
                    row=row,
                    heading=heading,
                    area=told.area or area,
                    measure=told.measure or around.measure,
                    window=told.window if told.dated else window,
                    year=told.year if told.dated else year,
                    age=told.age or around.age,
                    published_on=published,
                    source=source,
                    value=value,
                    apart=apart,
                )
            )

    def _row_measure(self, block: Block, cells: list[str]) -> tuple[str | None, str | None, str] | None:
        """The measure and the age that a row names in a column of measures, and how."""
        columns = block.having("measure")
        if not columns:
            return None
        text = shown(cells[columns[0].at])
        return (*measure_of(text), without_notes(text) or "no measure")

    def _row_age(self, block: Block, row: int, cells: list[str]) -> str | None:
        for column in block.having("age_group"):
            text = shown(cells[column.at])
            if not text:
                continue
            age = self._age_of_total(block, column) if is_total_of_ages(text) else age_of(text)
            if age is None:
                expected = f"an age group such as 10 to 14, {ALL_AGES} or juvenile"
                self._problem(row, self._where(block, column.heading), text, expected)
            return age
        return None

    def _age_of_total(self, block: Block, column: Column) -> str | None:
        """Whom a total counts is told by the other cells of the column; None: there are none."""
        ages = {age_of(shown(cells[column.at])) for _, cells in block.rows if cells} - {None}
        return NO_CHILDREN if NO_CHILDREN in ages else ALL_AGES if ages else None

    def _row_part(self, block: Block, row: int, cells: list[str]) -> str | None:
        """The part of the children that a row is about; None: it is about all."""
        for column in block.having("part"):
            text = shown(cells[column.at])
            if not text:
                self._problem(
                    row, self._where(block, column.heading), "nothing", "all, or which of the children"
                )
            elif not is_every_child(text):
                return f"{column.heading}: {text}"
        return None

    def _cohort_text(self, block: Block, cells: list[str]) -> str:
        return " ".join(shown(cells[column.at]) for column in block.having("cohort") if cells[column.at])

    def _row_window(
        self, block: Block, row: int, cells: list[str], window: Window | None
    ) -> tuple[Window | None, int | None]:
        starts, ends, cohorts = (block.having(role) for role in ("cohort_start", "cohort_end", "cohort"))
        if starts and ends:
            start = self._month_day(block, row, starts[0], cells, last=False)
            end = self._month_day(block, row, ends[0], cells, last=True)
            if start and end and start > end:
                self._problem(
                    row,
                    self._where(block, ends[0].heading),
                    shown(cells[ends[0].at]),
                    "a day after the start",
                )
                return None, None
            return (Window(start, end) if start and end else None), None
        if cohorts:
            column = next((column for column in cohorts if cells[column.at]), cohorts[0])
            text = self._cohort_text(block, cells)
            read = _window_of_cells([(c.heading, cells[c.at]) for c in cohorts if cells[c.at]])
            if isinstance(read, Window):
                return read, None
            if isinstance(read, int):
                return None, read
            self._problem(
                row, self._where(block, column.heading), text or "nothing", read.removeprefix("expected ")
            )
            return None, None
        if window is None:
            window = self._ask_cohort(block)
        return window, None

    def _month_day(self, block: Block, row: int, column: Column, cells: list[str], last: bool) -> date | None:
        text = cells[column.at]
        read = month_day(text, last) if text else Day(None)
        if read.day is None:
            expected = read.wrong or f"the {'last' if last else 'first'} day of every cohort"
            self._problem(row, self._where(block, column.heading), shown(text) or "nothing", expected)
        elif read.form:
            self._days[self._where(block, column.heading)].append((read.form, shown(text), read.day))
        return read.day

    def _row_day(self, block: Block, row: int, cells: list[str]) -> date | None:
        for column in block.having("published_on"):
            text = cells[column.at]
            read = day_of(text)
            if read.wrong:
                self._problem(row, self._where(block, column.heading), shown(text), read.wrong)
            elif read.day and read.form:
                self._days[self._where(block, column.heading)].append((read.form, shown(text), read.day))
            return read.day
        return None

    def _check_days(self) -> None:
        """Days of a file are written alike, and somewhere show which of two numbers is the day."""
        for heading, days in self._days.items():
            forms = dict.fromkeys(form for form, _, _ in days)
            if len(forms) > 1:
                found = " and ".join(f"days {FORMS[form]}" for form in forms)
                self._problem(None, heading, found, "all days of a column written alike")
        every = [one for days in self._days.values() for one in days if one[0] in ("uk", "uk_short")]
        numbers = {form for days in self._days.values() for form, _, _ in days} & {"iso"}
        if every and numbers:
            self._problem(
                None, "", f"days {FORMS['iso']} and days {FORMS['uk']}", "all days of a file written alike"
            )
        unsure = next((text for _, text, day in every if day.day != day.month), None)
        if unsure and all(day.day <= 12 for _, _, day in every) and self._given.get("day_first") != "yes":
            found = f"{unsure}, and in the whole file no day after the 12th"
            self._problem(None, next(iter(self._days)), found, DAY_FIRST_SAID)

    # ------------------------------------------------------------ what the file does not say

    def _ask(
        self,
        name: str,
        asks: str,
        choices: tuple[str, ...] = (),
        *,
        unknown: bool = False,
        free: bool = False,
    ) -> str | None:
        """The answer to a question, None while it is open. `free`: the choices are examples."""
        answer = self._given.get(name)
        if answer is None or (not answer and not unknown):
            self._questions.setdefault(name, Question(name, asks, choices, unknown))
            return None
        if answer and choices and not free and answer not in choices:
            self._problem(None, name, answer, f"one of: {', '.join(choices)}")
            return None
        return answer

    def _ask_measure(self, block: Block, label: str) -> str | None:
        """`label` of the block, where several are to be asked about."""
        name = f"measure of {label}" if label else "measure"
        which = [column.heading for column in block.numbers if not column.told.measure]
        under = f" under {_some(which)}" if len(which) < len(block.numbers) else ""
        of = f" of “{block.label}”" if len(self._blocks) > 1 and block.label else ""
        return self._ask(name, f"What are the numbers{under}{of}?", MEASURES)

    def _ask_cohort(self, block: Block) -> Window | None:
        label = block.label if len(self._blocks) > 1 else ""
        name = f"cohort of {label}" if label else "cohort"
        answer = self._ask(name, f"Which cohort are the numbers{f' of “{label}”' if label else ''} about?")
        read = window_of(answer) if answer else None
        if isinstance(read, str):
            self._problem(None, name, answer or "", read.removeprefix("expected "))
            return None
        return read

    def _answer(self, published: date | None, source: str | None) -> None:
        """Fills into the facts what the file does not say of them."""
        facts = self._facts
        if any(fact.area is None for fact in facts):
            sheets = list(dict.fromkeys(fact.sheet or "" for fact in facts if fact.area is None))
            on = f" on {in_words(sheets, 'and')}" if self._several else ""
            area = self._ask("area", f"Which area is the table{on} about?")
            for fact in facts:
                fact.area = fact.area or area
        if any(fact.year for fact in facts):
            years = sorted({fact.year for fact in facts if fact.year})
            means = self._ask("year", f"Which twelve months does {years[0]} mean?", YEARS)
            for fact in facts:
                window = window_of_year(fact.year, means) if fact.year and means else None
                if isinstance(window, Window):
                    fact.window = window
        self._answer_publication(published, source)
        if self._own:
            for fact in facts:
                fact.age = (
                    fact.age or ALL_AGES
                )  # our own template is of all children where it says nothing else
        if any(fact.age is None for fact in facts):
            asks = "Of which ages are the children?"
            choices = (ALL_AGES, "10 to 14", "15 to 17")
            answer = self._ask("age_group", asks, choices, free=True)
            age = age_of(answer) if answer else None
            if answer and age in (None, NO_CHILDREN):
                self._problem(None, "age_group", answer, f"an age group such as {', '.join(choices)}")
            for fact in facts:
                fact.age = fact.age or age
        self._answer_form_of_rates()

    def _answer_publication(self, published: date | None, source: str | None) -> None:
        facts = self._facts
        dated = bool(facts) and all(fact.published_on for fact in facts)
        for fact in facts:
            fact.published_on = fact.published_on or published
            fact.source = fact.source or source
        if any(fact.published_on is None for fact in facts):
            answer = self._ask("published_on", "On which day were the figures published?", unknown=True)
            read = day_of(answer) if answer else None
            if read and read.wrong:
                self._problem(None, "published_on", answer or "", read.wrong)
            for fact in facts:
                fact.published_on = fact.published_on or (read.day if read else None)
        if any(fact.source is None for fact in facts):
            answer = self._ask("source", "In which publication do the figures stand?", unknown=True)
            for fact in facts:
                fact.source = fact.source or answer or None
        if self._own and dated:
            self._given.setdefault("source_kind", "published")  # each row names the day it was published
        if facts:
            asks = "Are these published figures or the service's own tracking?"
            self._ask("source_kind", asks, SOURCE_KINDS)

    def _answer_form_of_rates(self) -> None:
        """Rates that Excel shows as 38.3% are stored as 0.383. Where there are such, it must be known."""
        bare = [
            f
            for f in self._facts
            if f.measure == "rate" and f.value.number is not None and not f.value.per_cent
        ]
        small = [fact for fact in bare if 0 < (fact.value.number or 0) <= 1]
        if not small:
            return
        largest = max(fact.value.number or 0 for fact in small)
        rates = "No rate is above 1"
        if any((fact.value.number or 0) > 1 for fact in bare):
            rates = f"Some rates are not above 1 ({len(small):,} of {len(bare):,}, the first in row {small[0].row})"
        asks = f"{rates}. Is {largest:g} a share of 1 ({largest:.0%}) or {largest:g} per cent?"
        if self._ask("rate_form", asks, RATE_FORMS) != "shares of 1":
            return
        for fact in small:
            number = float(Decimal(str(fact.value.number)) * 100)
            fact.value = replace(fact.value, number=number, decimals=max(0, fact.value.decimals - 2))

    def _refuse_unknown_answers(self) -> None:
        known = {
            "published_on",
            "source",
            "source_kind",
            "age_group",
            "measure",
            "cohort",
            "area",
            "area_column",
            "year",
            "rate_form",
        }
        for name in self._given:
            if name not in known | {"day_first"} and not name.startswith(("measure of ", "cohort of ")):
                self._problem(None, name, "no such question", f"one of: {', '.join(sorted(known))}")

    # ------------------------------------------------------------ cohorts

    def _cohorts(self) -> list[Cohort]:
        names = self._names()
        kind: Literal["published", "local"] = (
            "local" if self._given.get("source_kind") == "local" else "published"
        )
        found: dict[tuple[Any, ...], dict[str, _Fact]] = {}
        for fact in self._facts:
            if fact.measure is None:
                continue
            # What is not known yet keeps rows apart that may be the same later, and no more than that.
            when = fact.window or fact.year
            area = names.get(fact.area or "", fact.area or "")
            key = (area, when, fact.age, fact.published_on, fact.source, fact.apart)
            facts = found.setdefault(key, {})
            first = facts.setdefault(fact.measure, fact)
            if first is fact:
                continue
            if (first.value.number, first.value.marker) == (fact.value.number, fact.value.marker):
                self._warn("a number that stands twice was counted once", fact.heading, fact.row)
            else:
                where = f"row {first.row}{f' of “{first.sheet}”' if first.sheet != fact.sheet else ''}"
                text = f"{_written(fact.value)}, and {_written(first.value)} in {where}"
                self._problem(
                    fact.row, fact.heading, text, "one number for an area, its cohort and its measure"
                )
        made = [self._cohort(key, facts, kind) for key, facts in found.items()]
        return [cohort for cohort in made if cohort is not None]

    def _find_sums(self) -> None:
        """England's "rate" is the sum of those of its regions in a table that is really published."""
        rates = [f for f in self._facts if f.measure == "rate" and f.value.number is not None and f.area]
        same: dict[Any, dict[str, _Fact]] = defaultdict(dict)
        for fact in rates:
            key = (fact.sheet, fact.heading, fact.window, fact.year, fact.age, fact.published_on, fact.source)
            same[key].setdefault(fold(fact.area or ""), fact)
        for facts in same.values():
            if _is_sum({area: fact.value for area, fact in facts.items()}):
                self._sums.add(id(facts["england"]))
        # Of the other measures in the file too, so that nobody takes theirs for a rate.
        others: dict[Any, dict[str, tuple[Value, int]]] = defaultdict(dict)
        for name, block, row, cells in self._others:
            if not (
                block.area and re.search(r"(?<![a-z])(?:per|rate|pct|proportion)(?![a-z])|%", name, re.I)
            ):
                continue
            numbers = {column.at for column in block.numbers}
            rest = tuple(
                cell
                for at, cell in enumerate(cells)
                if at not in numbers and block.columns[at].told.role not in ("area", "ignored", "unknown")
            )
            for at in numbers:
                area = fold(without_notes(cells[block.area.at]))
                others[name, rest, at].setdefault(area, (value_of(cells[at]), row))
        for (name, *_), found in others.items():
            if _is_sum({area: value for area, (value, _) in found.items()}):
                self._warn(
                    f"in “{name}”, which is left out, the number of England is the sum of its regions and no rate",
                    "",
                    found["england"][1],
                )

    def _cohort(
        self, key: tuple[Any, ...], facts: dict[str, _Fact], kind: Literal["published", "local"]
    ) -> Cohort | None:
        area, when, age, published_on, source, _ = key
        counts = {name: self._count(facts.get(name)) for name in MEASURES[:3]}
        rate, kept_out = self._rate(facts.get("rate"))
        self._compare(facts, counts, rate)
        anything = next(iter(facts.values()))
        if isinstance(when, Window):
            self._doubt_window(when, published_on, kind, anything)
        markers = [facts[name].value.marker for name in reversed(MEASURES) if name in facts]
        marker = next((text for text in markers if text), None)
        if kept_out and not marker and all(count is None for count in counts.values()):
            return None
        if not isinstance(when, Window):
            return None
        return Cohort(
            area,
            when.start,
            when.end,
            **counts,
            rate=rate,
            published_on=published_on,
            source=source,
            source_kind=kind,
            age_group=None if age == ALL_AGES else age,
            marker=marker,
        )

    def _count(self, fact: _Fact | None) -> int | None:
        if fact is None or fact.value.number is None:
            return None
        if fact.value.per_cent or not fact.value.number.is_integer():
            self._problem(fact.row, fact.heading, _written(fact.value), f"a whole number of {fact.measure}")
            return None
        return int(fact.value.number)

    def _rate(self, fact: _Fact | None) -> tuple[float | None, bool]:
        """The rate, and whether there is a number that cannot be one."""
        if fact is None or fact.value.number is None:
            return None, False
        if id(fact) in self._sums:
            text = "the sum of the rates of the regions, which is no rate: the number is left out"
            self._warn(text, fact.heading, fact.row)
            return None, True
        if fact.value.number > 100:
            text = "above 100, which is no rate (perhaps a sum of rates): the number is left out"
            self._warn(text, fact.heading, fact.row)
            return None, True
        return fact.value.number, False

    def _compare(self, facts: dict[str, _Fact], counts: dict[str, int | None], rate: float | None) -> None:
        offenders, reoffenders, reoffences = (counts[name] for name in MEASURES[:3])
        if offenders is not None and reoffenders is not None and reoffenders > offenders:
            fact = facts["reoffenders"]
            text = f"{reoffenders:,} reoffenders of {offenders:,} offenders"
            self._problem(fact.row, fact.heading, text, "no more reoffenders than offenders")
        elif offenders and reoffenders is not None and rate is not None:
            fact = facts["rate"]
            worked_out = 100 * reoffenders / offenders
            if abs(worked_out - rate) > 0.5 * 10.0 ** -min(fact.value.decimals, 6) + 1e-6:
                text = "the rate is not reoffenders by offenders; it is kept as published"
                self._warn(text, fact.heading, fact.row)
        if reoffenders is not None and reoffences is not None and reoffences < reoffenders:
            fact = facts["reoffences"]
            text = f"{reoffences:,} reoffences by {reoffenders:,} reoffenders"
            self._problem(fact.row, fact.heading, text, "at least one reoffence for each reoffender")

    def _doubt_window(self, window: Window, published_on: date | None, kind: str, fact: _Fact) -> None:
        if window.end > self._today:
            self._warn("a cohort that has not ended yet", fact.heading, fact.row)
        if window.months not in (3, 12):
            self._warn("a cohort of neither three nor twelve months", fact.heading, fact.row)
        if published_on and published_on > self._today:
            self._warn("published on a day in the future", fact.heading, fact.row)
        elif published_on and published_on < window.end:
            self._warn("published before the cohort ended", fact.heading, fact.row)
        elif (
            published_on and kind == "published" and _months_between(window.end, published_on) < _PROVEN_AFTER
        ):
            text = f"published within {_PROVEN_AFTER} months of the cohort's end, too soon to know its reoffending"
            self._warn(text, fact.heading, fact.row)

    def _names(self) -> dict[str, str]:
        """For each area as it is written the name by which it is kept: that of the register, if it has one."""
        first: dict[str, _Fact] = {}
        rows: dict[str, dict[tuple[str | None, int], None]] = defaultdict(dict)
        places: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
        for fact in self._facts:
            if fact.area:
                first.setdefault(fact.area, fact)
                rows[fact.area][fact.sheet, fact.row] = None
                places[fact.area].add((fact.window, fact.year, fact.measure, fact.age, fact.published_on))
        by_service: dict[str, list[str]] = defaultdict(list)
        for area in first:
            service = find_service(area)
            if service:
                by_service[service.name].append(area)
        strange = [area for area in first if not find_service(area) and not is_known_area(area)]
        if strange:
            text = f"no register has {_some(strange, 20)}; kept as in the file"
            self._warned[text, "area"] = sorted(row for area in strange for _, row in rows[area])
        names = {area: known_areas()[fold(area)] for area in first if fold(area) in known_areas()}
        for service_name, areas in by_service.items():
            apart = sum(len(places[area]) for area in areas) == len(
                set().union(*(places[area] for area in areas))
            )
            if apart:
                names.update(dict.fromkeys(areas, service_name))
            else:
                text = f"{in_words(areas, 'and')} are one service in the register; they are kept apart as in the file"
                self._warn(text, "area", first[areas[0]].row)
        return names

    # ------------------------------------------------------------ gathering

    def _where(self, block: Block, heading: str) -> str:
        return f"{heading} (sheet “{block.sheet}”)" if self._several else heading

    @property
    def _wrong(self) -> int:
        return len(self._problems) + self._more_problems

    def _problem(self, row: int | None, column: str, found: str, expected: str) -> None:
        if len(self._problems) >= _MOST:
            self._more_problems += 1
        else:
            self._problems.append(Problem(row, column, found, expected))

    def _leave_out(self, what: str, row: int) -> None:
        self._by_name.setdefault(what, []).append(row)

    def _warn(self, text: str, column: str, row: int | None) -> None:
        self._warned.setdefault((text, column), []).extend([row] if row is not None else [])


def _is_sum(values: Mapping[str, Value]) -> bool:
    """Whether the number of England is the sum of those of its regions, as no rate can be."""
    england = values["england"].number if "england" in values else None
    regions = [value for area, value in values.items() if area in region_names() and value.number is not None]
    if not england or len(regions) < 6:
        return False
    rounding = 0.5 * 10.0 ** -max(value.decimals for value in regions)
    return abs(sum(value.number or 0 for value in regions) - england) <= rounding * (len(regions) + 1)


_ENDING = re.compile(
    r"(?:rolling )?((?:12|twelve|3|three) months?|year|quarter)(?: period)? (?:ending|ended|end|to)"
)
_LAST_DAY = (
    "the last day of a month; of a month that a spreadsheet made a day write the name, as September 2013"
)


def _window_of_cells(cells: Sequence[tuple[str, str]]) -> Window | int | str:
    """The cohort or the year alone that the cells of a row name under their headings, or why they name none."""
    if not cells:
        return "every row needs its cohort"
    if len(cells) == 1:
        return _window_of_cell(*cells[0])
    texts = [text for _, text in cells]
    for together in (" ".join(texts), " ".join(texts[::-1])):  # "2014/15" and "Q1"
        if isinstance(window := window_of(together), Window):
            return window
    read = [_window_of_cell(heading, text) for heading, text in cells]
    windows = [window for window in read if isinstance(window, Window)]
    shortest = min(windows, key=lambda window: window.months, default=None)
    if (
        shortest
        and len(windows) == len(read)
        and all(window.start <= shortest.start and shortest.end <= window.end for window in windows)
    ):
        return shortest
    return f"one cohort, and {in_words([heading for heading, _ in cells], 'and')} do not name one together"


def _window_of_cell(heading: str, text: str) -> Window | int | str:
    ending = _ENDING.fullmatch(key_of(heading))
    if ending and text.startswith(REAL_DATE):
        read = month_day(text, last=True)
        return window_of(f"{ending[1]} ending {read.day:%B %Y}") if read.day else _LAST_DAY
    text = shown(text)
    if year := is_year(text):
        return year
    whole = window_of(text)
    # Under "Year ending" stands "March 2014".
    return window_of(f"{ending[1]} ending {text}") if ending and isinstance(whole, str) else whole


def _months_between(first: date, second: date) -> int:
    return (second.year - first.year) * 12 + second.month - first.month


def _filled(block: Block, cells: Sequence[str]) -> list[Column]:
    """The columns of numbers of children in which something stands in a row."""
    return [
        column
        for column in block.numbers
        if column.told.measure != "other" and column.told.age != NO_CHILDREN and cells[column.at]
    ]


def _first(texts: Iterable[str], read: Callable[[str], Any]) -> Any:
    """What the first text says that says something."""
    return next((found for text in texts if text and (found := read(text))), None)


def _some(texts: Sequence[str], most: int = 3) -> str:
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(f"“{text}”" for text in texts[:most]) + more


def _written(value: Value) -> str:
    return value.marker or ("nothing" if value.number is None else f"{value.number:,.10g}")
