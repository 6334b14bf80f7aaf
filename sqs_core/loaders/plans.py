"""Action plans in the form that services keep them: out of a spreadsheet or what is pasted, and into one again.

What a downloaded plan says of an action is compared with what was written into the file, so that a plan which was only
opened and saved changes nothing.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from functools import cache
from itertools import count
from typing import Any, get_args
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sqs_core.errors import BadInputError
from sqs_core.frameworks import DATA
from sqs_core.loaders.cohorts import month_day
from sqs_core.loaders.columns import blanks, fold, in_words, is_below, refused_heading, refused_texts
from sqs_core.loaders.days import EXPECTED, day_of
from sqs_core.loaders.files import REAL_DATE, UnreadableError, sheets_of, shown, text_of, tidied, tidied_lines
from sqs_core.loaders.rows import Problem, TableWarning
from sqs_core.model import Action, ActionState
from sqs_core.services import find_service

_TOP = 60  # the heading row is looked for in so many rows
_MOST_ROWS = 5_000  # of a file; the longest plans have a few hundred actions
_MOST_COLUMNS = 200
_MOST_LINES = 200  # into which the cells of a row that is pasted may fall
_MOST_TEXT = 2_000_000  # bytes of a CSV file or what is pasted
_MOST_CELL = 32_000  # UTF-16 units that are written into a cell; Excel takes 32,767
_CUT = " … (cut: longer than a cell)"
_LONG_AGO = date(2000, 1, 1)
_FIRST_REAL = date(1904, 1, 1)  # before, Excel and others do not count days alike

_REFERENCE = re.compile(r"[A-Za-z0-9]+(?:[.\-/][A-Za-z0-9]+)*")  # as the store takes it
_NUMBERED_AREA = re.compile(  # "1", "Area 1", "1. Plans should …"
    r"(?:(?:areas?|recommendations?|rec|priority|afi|no|ref)\b(?: (?:for|requiring) improvement)?)?"
    r"[\s.:]*(\d{1,2})(?![\d%])[\s.):–-]*(.*)",
    re.I | re.S,
)
_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)")
_DONE = re.compile(r"(?:action )?(?:completed?|done|closed|achieved)\b", re.I)
_DATES = ("first_planned_on", "revised_on", "planned_on", "done_on")
_JOINED = {"lead": "; ", "state": "; ", "baseline": "\n", "target": "\n", "note": "\n", "evidence": "\n"}
_STATES: tuple[ActionState, ...] = get_args(ActionState)

# The columns of a plan that is downloaded: heading and width. The last three are hidden.
_WRITTEN: dict[str, tuple[str, int]] = {
    "reference": ("Reference", 10),
    "area": ("Area requiring improvement", 36),
    "action": ("Action", 44),
    "lead": ("Lead role or agency", 22),
    "first_planned_on": ("First planned date", 13),
    "planned_on": ("Current date", 13),
    "state": ("Status", 10),
    "done_on": ("Date done", 13),
    "measure": ("Measure", 18),
    "baseline": ("Baseline", 18),
    "target": ("Target", 18),
    "note": ("Progress", 50),
    "evidence": ("Evidence", 30),
    "id": ("id", 10),
    "version": ("version", 10),
    "said": ("progress when saved", 10),
}
_HIDDEN = ("id", "version", "said")


@dataclass(frozen=True, slots=True)
class PlanRead:
    """What a plan holds. With any problem it holds no actions.

    Each action is as it is to be saved: `note` is only what the file newly says, so that saving an action of which
    nothing was changed stores nothing.
    """

    actions: tuple[Action, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[TableWarning, ...] = ()
    unused: tuple[str, ...] = ()  # headings that are taken for nothing


def read_plan(
    name: str,
    content: bytes,
    service: str,
    inspection: str | None,
    *,
    areas: Sequence[str],
    existing: Sequence[Action],
    today: date,
) -> PlanRead:
    """The actions of a CSV, Excel or OpenDocument file, or of a table pasted from Excel or Word; or all its problems.

    `areas` are the texts of the inspection's areas requiring improvement, `existing` the stored actions of the service:
    the current versions, and earlier ones where there are, by which a row that nobody touched is told from one that
    changes what somebody else changed meanwhile. Raises BadInputError, in one line that names the file, where it
    holds no plan or what must not be loaded.
    """
    try:
        new = Action(service=service, inspection=inspection, area="", reference="", action="")
        of_plan = [action for action in existing if action.inspection == inspection]
        return _Reading(_plan_of(content), new, areas, of_plan, today).done()
    except UnreadableError as reason:
        raise BadInputError(f"{' '.join(name.split())}: {reason}") from None


# ---------------------------------------------------------------- words


_UK = ZoneInfo("Europe/London")


@cache
def _measures() -> dict[str, str]:
    """The label of each measure that an action may name."""
    with (DATA / "area_measures.toml").open("rb") as file:
        return {row["id"]: row["label"] for row in tomllib.load(file)["measures"]}


@cache
def _words() -> dict[str, Any]:
    with (DATA / "plans.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _headings() -> dict[str, tuple[str, int]]:
    """The column that a folded heading stands for, and how far behind in its list it is."""
    return {
        fold(text): (column, rank)
        for column, texts in _words()["columns"].items()
        for rank, text in enumerate(texts)
    }


def _column_of(heading: str) -> tuple[str, int] | None:
    """The column that a heading stands for: "Lead officer/agency", "By when (date)", "Update July 2015"."""
    if len(heading) > 150:  # no heading is so long, and there may be many such cells
        return None
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", heading)
    for text in (heading, plain, *re.split(r"[/\n:]| and | or | - ", plain)):
        found = _headings().get(fold(text))
        if found:
            return found
    return ("note", 99) if re.match(r"\W*(?:progress|updates?|position)\b.*\d", plain, re.I | re.S) else None


@cache
def _states() -> dict[str, ActionState]:
    return {fold(text): state for state in _STATES for text in _words()["states"][state]}


# ---------------------------------------------------------------- the file


@dataclass(frozen=True, slots=True)
class _Plan:
    """A table that holds a plan: rows of cells as wide as its headings, numbered as the file shows them."""

    heading_row: int
    headings: tuple[str, ...]
    rows: list[tuple[int, list[str]]]
    pasted: bool  # in text from Word a cell of several paragraphs falls into several lines


def _plan_of(content: bytes) -> _Plan:
    text = text_of(content)
    if text is None:
        found = []
        for sheet in sheets_of(content, lines=True):
            cells = [list(map(str, row)) for row in sheet.cells.itertuples(index=False, name=None)]
            found.append((sheet.name or "", _plan(cells)))
        plans = [(name, plan) for name, plan in found if plan is not None]
        if len(plans) > 1:
            names = in_words([name for name, _ in plans], "and")
            raise UnreadableError(
                f"several sheets hold an action plan: {names}; leave one of them in the file"
            )
        best = plans[0][1] if plans else None
    elif len(text) > _MOST_TEXT:
        raise UnreadableError(f"the text is larger than {_MOST_TEXT // 1_000_000} MB, and no action plan is")
    else:
        whole = text.decode()
        parted = [_plan(_cells(whole, part), part == "\t") for part in "\t,;|" if part in whole]
        best = max((plan for plan in parted if plan), key=_known, default=None)
    if best is None:
        raise UnreadableError("no row of headings such as “Action” and “By when” was found")
    return best


def _known(plan: _Plan) -> int:
    return len({found[0] for heading in plan.headings if (found := _column_of(heading))})


def _plan(cells: list[list[str]], pasted: bool = False) -> _Plan | None:
    """The table below the first row with the most known headings; None: no row has “Action” and another."""
    best, at = 1, -1
    for number, row in enumerate(cells[:_TOP]):
        known = {found[0] for cell in row if cell and (found := _column_of(shown(cell)))}
        if "action" in known and len(known) > best:
            best, at = len(known), number
    if at < 0:
        return None
    headings = [tidied(shown(cell)) for cell in cells[at]]
    below = list(enumerate(cells[at + 1 :], at + 2))
    if pasted and len(below) <= _MOST_ROWS:
        below = _whole(below, len(headings))
    rows = [(number, row) for number, row in below if any(row) and row != cells[at]]
    if len(rows) > _MOST_ROWS:
        raise UnreadableError(f"the table has more than {_MOST_ROWS:,} rows, and no action plan has")
    width = max(at for _, row in ((0, headings), *rows) for at, cell in enumerate(row, 1) if cell)
    if width > _MOST_COLUMNS:
        raise UnreadableError(f"the table has more than {_MOST_COLUMNS} columns, and no action plan has")
    return _Plan(at + 1, tuple(_wide(headings, width)), [(n, _wide(row, width)) for n, row in rows], pasted)


def _wide(row: list[str], width: int) -> list[str]:
    return (row + [""] * (width - len(row)))[:width]


def _cells(text: str, delimiter: str) -> list[list[str]]:
    """The rows of a text. A quotation mark opens a cell only where another closes it: Word puts none around cells."""
    part = re.escape(delimiter)
    cell = re.compile(rf'"((?>(?:[^"]+|"")*+))"[ ]*(?=[{part}\r\n]|\Z)|([^{part}\r\n]*)')
    rows: list[list[str]] = [[]]
    at = 0
    while True:
        match = cell.match(text, at)
        assert match  # the second way takes anything
        rows[-1].append(tidied_lines(match[2] if match[1] is None else match[1].replace('""', '"')))
        at = match.end()
        if at >= len(text):
            return rows
        if text[at] != delimiter:
            rows.append([])
        at += 2 if text.startswith("\r\n", at) else 1


def _whole(rows: list[tuple[int, list[str]]], width: int) -> list[tuple[int, list[str]]]:
    """Rows that line breaks within cells have torn apart, whole again where their parts fill exactly one."""
    whole: list[tuple[int, list[str]]] = []
    at = 0
    while at < len(rows):
        number, row = rows[at]
        filled, end = len(row), at + 1
        while len(row) > 1 and filled < width and end < min(len(rows), at + _MOST_LINES):
            filled += len(rows[end][1]) - 1
            end += 1
        if filled == width and len(row) > 1:
            row = list(row)
            for _, further in rows[at + 1 : end]:
                row[-1:] = [f"{row[-1]}\n{further[0]}".strip(), *further[1:]]
            at = end - 1
        whole.append((number, row))
        at += 1
    return whole


# ---------------------------------------------------------------- rows


@dataclass(slots=True)
class _Row:
    """A row of the table: its number in the file, and its text in each column that the table has."""

    number: int
    texts: dict[str, str]
    before: Action | None = None  # the version that the row was made from, or the stored action it changes
    version: int = 0

    def __getitem__(self, column: str) -> str:
        return self.texts.get(column, "")


class _Reading:
    """The work on one plan, which gathers problems and warnings on its way."""

    def __init__(
        self,
        plan: _Plan,
        new: Action,
        areas: Sequence[str],
        existing: Sequence[Action],
        today: date,
    ) -> None:
        self._plan = plan
        self._new = new
        self._areas = tuple(areas)
        self._read_areas: dict[str, tuple[str | None, str | None, str | None]] = {}
        self._today = today
        self._versions = {(action.id, action.version): action for action in existing}
        self._current = {
            action.id: action for action in sorted(existing, key=lambda action: action.version) if action.id
        }
        self._notes: dict[str, set[str]] = defaultdict(set)
        for action in existing:
            self._notes[action.id].add(_cell(action.note))
        self._problems: list[Problem] = []
        self._warned: dict[tuple[str, str], list[int]] = {}
        self._columns = self._find_columns()
        self._slashed: dict[str, list[tuple[int, date]]] = defaultdict(list)  # days written 03/04/2016
        self._real: dict[str, list[date]] = defaultdict(list)  # days that the spreadsheet holds as such
        self._area = ""  # of the rows above

    def done(self) -> PlanRead:
        self._refuse_what_identifies()
        rows = self._rows()
        self._say_whom_they_change(rows)
        self._put_areas(rows)
        self._put_references(rows)
        actions = [self._action(row) for row in rows]
        self._doubt_turned_days()
        self._say_missing(rows)
        if not rows and "id" not in self._columns:
            self._problem(None, "action", "no row with an action", "at least one")
        used = {at for places in self._columns.values() for at in places}
        unused = tuple(h for at, h in enumerate(self._plan.headings) if h and at not in used)
        warnings = tuple(
            TableWarning(text, column, len(numbers), tuple(numbers))
            for (text, column), numbers in self._warned.items()
        )
        if self._problems:
            in_order = sorted(self._problems, key=lambda problem: (problem.row is None, problem.row or 0))
            return PlanRead(problems=tuple(in_order), warnings=warnings, unused=unused)
        return PlanRead(tuple(actions), warnings=warnings, unused=unused)

    # ------------------------------------------------------------ columns

    def _find_columns(self) -> dict[str, list[int]]:
        """Where each column stands. Texts and statuses may stand in several."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for at, heading in enumerate(self._plan.headings):
            if heading and (known := _column_of(heading)):
                found[known[0]].append((known[1], at))
        columns = {
            column: sorted(at for _, at in places) if column in _JOINED else [min(places)[1]]
            for column, places in found.items()
        }
        if not {"id", "version"} <= columns.keys():  # no plan of ours: “ID” is the service's own
            ids = columns.pop("id", None)
            columns.pop("version", None)
            if ids and "reference" not in columns:
                columns["reference"] = ids
        self._settle_completion(columns)
        target = columns.get("target", [])
        if len(target) == 1 and "planned_on" not in columns and self._are_days(target[0]):
            columns["planned_on"] = columns.pop("target")
            self._warn(
                self._plan.heading_row, "planned_on", "days stand here: taken for the planned date", columns
            )
        if "reference" not in columns and not self._plan.headings[0]:
            texts = [row[0] for _, row in self._plan.rows if row[0]]
            if texts and all(_REFERENCE.fullmatch(_plain_reference(text)) for text in texts):
                columns["reference"] = [0]
        return columns

    def _settle_completion(self, columns: dict[str, list[int]]) -> None:
        """Tells whether a “Completion date” is the planned one or that of completion."""
        places = columns.pop("planned_or_done", None)
        if places is None:
            return
        if "planned_on" in columns or "done_on" in columns:
            if not {"planned_on", "done_on"} <= columns.keys():
                columns["done_on" if "planned_on" in columns else "planned_on"] = places
            return
        days = [day_of(row[places[0]]).day for _, row in self._plan.rows]
        columns["planned_on"] = places
        if any(day and day > self._today for day in days):
            self._warn(
                self._plan.heading_row, "planned_on", "some lie ahead: taken for the planned date", columns
            )
        else:
            heading = self._plan.headings[places[0]]
            expected = "“Planned completion date” or “Date completed”: it may be either"
            self._problems.append(Problem(self._plan.heading_row, heading, f"“{heading}”", expected))

    def _are_days(self, at: int) -> bool:
        texts = [row[at] for _, row in self._plan.rows if row[at]]
        return bool(texts) and all(day_of(text).day or _month(text) for text in texts)

    def _called(self, column: str, columns: Mapping[str, list[int]] | None = None) -> str:
        """A column as the file calls it."""
        places = (self._columns if columns is None else columns).get(column)
        return (places and self._plan.headings[places[0]]) or _WRITTEN.get(column, (column,))[0]

    def _refuse_what_identifies(self) -> None:
        used = {at for places in self._columns.values() for at in places}
        found: dict[str, list[str]] = {}
        for at, heading in enumerate(self._plan.headings):
            texts = [shown(row[at]) for _, row in self._plan.rows]
            what = (heading and at not in used and refused_heading(heading)) or refused_texts(texts)
            if what:
                found.setdefault(what, []).append(heading or f"column {at + 1}")
        if found:
            columns = "; ".join(f"{in_words(names, 'and')} ({what})" for what, names in found.items())
            raise UnreadableError(f"holds what must never be loaded: {columns}; take it out of the file")

    # ------------------------------------------------------------ which rows are actions

    def _rows(self) -> list[_Row]:
        """The rows that hold an action, or the area of the rows below."""
        rows: list[_Row] = []
        for number, cells in self._plan.rows:
            row = self._row(number, cells)
            if row:
                rows.append(row)
                continue
            filled = [_shown(cell) for cell in cells if cell]
            column = next((name for name, at in self._columns.items() if len(cells) - 1 in at), None)
            if self._plan.pasted and len(filled) == 1 and rows and column in rows[-1].texts:
                rows[-1].texts[column] = f"{rows[-1][column]}\n{filled[0]}".strip()
                self._warn(number, column, "a line that stands alone was added to the row above")
            else:
                self._warn(number, "action", "rows that hold no action were left out")
        return rows

    def _row(self, number: int, cells: list[str]) -> _Row | None:
        row = _Row(number, {column: self._joined(column, cells) for column in self._columns})
        filled = [(at, _shown(cell)) for at, cell in enumerate(cells) if cell]
        at, first = filled[0]
        is_total = self._is_total(row, first)
        if row["id"]:
            return row
        if is_total:
            return None
        if len(filled) == 1 and self._is_section(at, first):
            return _Row(number, {"area": first})
        if row["action"]:
            return row
        if row["area"] and not any(row[column] for column in ("lead", "state", "note", "evidence", *_DATES)):
            return _Row(number, {"area": row["area"]})
        # An action without its text, of which the rest is not dropped; or what stands below the table.
        return None if is_below(first, len(filled), len(cells)) else row

    def _joined(self, column: str, cells: list[str]) -> str:
        """The text of a column, out of all the cells that belong to it."""
        filled = [at for at in self._columns[column] if cells[at]]
        if column in (*_DATES, "reference"):  # a real date of the spreadsheet must still be known as one
            return cells[filled[0]] if filled else ""
        if len(filled) > 1 and _JOINED[column] == "\n":  # which update is which
            return "\n".join(f"{self._plan.headings[at]}: {_shown(cells[at])}" for at in filled)
        return _JOINED.get(column, "").join(_shown(cells[at]) for at in filled)

    def _is_section(self, at: int, text: str) -> bool:
        """Whether the only cell of a row is the area of the rows below."""
        if at in self._columns.get("area", []):
            return True
        if at in self._columns.get("reference", []) and _REFERENCE.fullmatch(text.strip("().:")):
            return False
        if self._area_of(text)[0] is not None:
            return True
        # Where areas have no column of their own, what is none of the letter's must not pass for the one above.
        return "area" not in self._columns and at not in self._columns["action"]

    def _is_total(self, row: _Row, first: str) -> bool:
        """Whether a row is a total: its first cell begins so, and nobody is to do it by any day."""
        if row["lead"] or row["planned_on"]:
            return False
        return bool(re.match(r"(?:grand |sub[- ]?)?totals?\b", first, re.I))

    # ------------------------------------------------------------ which stored action a row changes

    def _say_whom_they_change(self, rows: list[_Row]) -> None:
        by_reference = {action.reference.casefold(): action for action in self._current.values()}
        by_id: dict[str, list[_Row]] = defaultdict(list)
        for row in rows:
            if row["id"]:
                by_id[row["id"]].append(row)
        for id_, of_id in by_id.items():
            current = self._current.get(id_)
            if current is None:
                expected = "an action of this plan; clear the hidden columns id and version to add a new one"
                for row in of_id:
                    self._wrong(row, "id", expected)
                continue
            same = [row for row in of_id if _plain_reference(row["reference"]) == current.reference]
            owner = (same or of_id)[0]
            for row in of_id:
                if row is owner:
                    self._take_version(row, current)
                elif row in same:
                    self._wrong(row, "id", f"one row for an action; row {owner.number} is of the same")
                else:
                    row.texts |= {"id": "", "version": "", "said": ""}
                    self._warn(row.number, "reference", "a row that was copied is a new action")
        for row in rows:
            reference = _plain_reference(row["reference"]).casefold()
            stored = by_reference.get(reference)
            if row["action"] and not row["id"] and stored:
                row.before, row.version = stored, stored.version
                text = f"the plan has an action {stored.reference} already: this row changes it"
                self._warn(row.number, "reference", text)
        self._say_what_is_left_out(rows)

    def _take_version(self, row: _Row, current: Action) -> None:
        row.before = current
        if not re.fullmatch(r"[1-9]\d{0,5}", row["version"], re.A):
            self._wrong(row, "version", "the version of the action, as it was downloaded")
            return
        row.version = int(row["version"])
        row.before = self._versions.get((current.id, row.version), current)

    def _say_what_is_left_out(self, rows: list[_Row]) -> None:
        there = {row.before.id for row in rows if row.before}
        missing = [action.reference for key, action in self._current.items() if key not in there]
        if missing and there:
            names = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
            text = f"actions of the plan that the file does not have stay as they are: {names}"
            self._warn(self._plan.heading_row, "reference", text)

    # ------------------------------------------------------------ areas

    def _put_areas(self, rows: list[_Row]) -> None:
        """Gives each row its area, of the row itself or of those above, and takes out rows that hold nothing else."""
        for row in rows:
            text = "" if _is_blank(row["area"]) else row["area"]
            if row.before and (not text or text == _cell(row.before.area)):
                row.texts["area"] = row.before.area
                self._area = row.before.area or self._area
            elif text:
                found, doubt, wrong = self._area_of(text)
                if wrong:
                    self._wrong(row, "area", wrong, text)
                elif doubt:
                    self._warn(row.number, "area", doubt)
                row.texts["area"] = self._area = text if found is None else found
            else:
                row.texts["area"] = self._area or self._area_by_reference(row)
        rows[:] = [row for row in rows if "action" in row.texts]

    def _area_by_reference(self, row: _Row) -> str:
        """Where no area is written: the only one there is, or that whose number begins the reference."""
        number = re.match(r"\d{1,2}(?!\d)", _plain_reference(row["reference"]))
        if len(self._areas) == 1:
            return self._areas[0]
        if number and 1 <= int(number[0]) <= len(self._areas):
            text = "no area is written: it is taken from the number of the reference"
            self._warn(row.number, "area", text)
            return self._areas[int(number[0]) - 1]
        if self._areas:
            self._wrong(row, "area", "the area requiring improvement, or its number")
        return ""

    def _area_of(self, text: str) -> tuple[str | None, str | None, str | None]:
        """The area that a text means, a doubt, and what was expected where it means none."""
        if text not in self._read_areas:
            self._read_areas[text] = self._find_area(text)
        return self._read_areas[text]

    def _find_area(self, text: str) -> tuple[str | None, str | None, str | None]:
        of_plan = [action.area for action in self._current.values()]
        known = {fold(area): area for area in (*of_plan, *self._areas) if area}
        number, rest = None, text
        if numbered := _NUMBERED_AREA.fullmatch(text):
            number, rest = int(numbered[1]), numbered[2]
        for plain in (text, rest):
            if fold(plain) in known:
                return known[fold(plain)], None, None
        if number and not rest:
            if 1 <= number <= len(self._areas):
                return self._areas[number - 1], None, None
            return (
                None,
                None,
                f"one of the areas, 1 to {len(self._areas)}" if self._areas else "an area in words",
            )
        likely = _likely(rest, list(known.values()))
        if len(likely) == 1:
            there = likely[0] in self._areas
            where = f"area {self._areas.index(likely[0]) + 1}" if there else "an area of the plan"
            return likely[0], f"not in the words of the letter: taken for {where}", None
        wrong = "the whole text of one area; this fits several" if likely else None
        return None, "none of the inspection's areas: kept as it stands" if self._areas else None, wrong

    # ------------------------------------------------------------ references

    def _put_references(self, rows: list[_Row]) -> None:
        """Gives each row its reference: its own, or the next where it has none."""
        taken = {action.reference.casefold() for action in self._current.values()}
        taken |= {_plain_reference(row["reference"]).casefold() for row in rows}
        met: dict[str, int] = {}
        stored = {action.reference.casefold(): action.id for action in self._current.values()}
        here = {row.before.id for row in rows if row.before}
        above, last = "", ""
        for row in rows:
            written = row["reference"]
            reference = _plain_reference(written)
            if row.before and (_is_blank(written) or written == _cell(row.before.reference)):
                reference = row.before.reference
            elif _is_blank(written):
                below = last if row["area"] == above else ""
                reference = _next_reference(below, taken)
                self._warn(row.number, "reference", "a reference is missing: the next one was given")
            elif not _REFERENCE.fullmatch(reference) or len(reference) > 12 or written.startswith(REAL_DATE):
                self._wrong(row, "reference", "a reference of letters and digits, as 1, 1a or 2.3")
            elif re.fullmatch("[A-Za-z]", reference) and row["area"] in self._areas:
                reference = f"{self._areas.index(row['area']) + 1}{reference}"
                self._warn(
                    row.number, "reference", "a letter alone: the number of its area was put before it"
                )
            key = reference.casefold()
            taken.add(key)
            if key in met:
                self._wrong(row, "reference", f"a reference of its own; row {met[key]} has it", reference)
            elif key in stored and stored[key] not in here:
                self._wrong(
                    row, "reference", "a reference of its own; another action of the plan has it", reference
                )
            elif row.before and key in stored and stored[key] != row.before.id:
                text = (
                    "the reference of another stored action: were rows sorted without their hidden columns?"
                )
                self._warn(row.number, "reference", text)
            met.setdefault(key, row.number)
            row.texts["reference"] = reference
            if not (_is_blank(written) and last and row["area"] == above):
                last = reference
            above = row["area"]

    # ------------------------------------------------------------ one action

    def _action(self, row: _Row) -> Action:
        before = row.before or self._new
        planned, first = self._planned(row)
        state, done_on = self._state(row)
        target, measure = self._measure(row)
        note = self._note(row)
        read = replace(
            before,
            area=row["area"],
            reference=row["reference"],
            action=self._text(row, "action"),
            lead=self._lead(row),
            planned_on=planned,
            first_planned_on=first,
            state=state,
            done_on=done_on,
            measure=measure,
            baseline=self._text(row, "baseline"),
            target=target,
            evidence=self._text(row, "evidence"),
            note=note,
            version=row.version,
        )
        if not read.action:
            self._wrong(row, "action", "what is to be done, in every row")
        if not row["state"] and read.state == "open" and _DONE.match(note):
            self._warn(row.number, "note", "this begins as if it were done, and no status says so: left open")
        if row.before and read == replace(before, note="", version=row.version):
            return replace(self._current[before.id], note="")  # whatever others did to it meanwhile
        return read

    def _unchanged(self, row: _Row, column: str) -> bool:
        """Whether a cell says what the action said already, or the table has no such column."""
        return row.before is not None and (
            column not in self._columns or row[column] == _written(row.before, column)
        )

    def _text(self, row: _Row, column: str) -> str:
        before: str = getattr(row.before or self._new, column)
        if self._unchanged(row, column):
            return before
        text = row[column]
        if text.endswith(_CUT.strip()):
            self._wrong(
                row, column, "the text as it was: it is too long for a cell and can be changed on the page"
            )
        if _ERROR.fullmatch(text):
            self._wrong(row, column, "what the formula should show; this is an error of the spreadsheet")
        if re.fullmatch(r"0\.\d+", text) and column in ("baseline", "target"):
            self._warn(row.number, column, "a number below 1: per cent must be written with their sign")
        return "" if _is_blank(text) else text

    def _lead(self, row: _Row) -> str:
        lead = self._text(row, "lead")
        if not self._unchanged(row, "lead") and _may_be_a_person(lead):
            self._warn(row.number, "lead", "this may be a person's name: leads are roles or agencies")
        return lead

    def _measure(self, row: _Row) -> tuple[str, str | None]:
        """The target and the measure. Words that are no measure's id say what is aimed at."""
        target = self._text(row, "target")
        if self._unchanged(row, "measure"):
            return target, (row.before or self._new).measure
        text = row["measure"]
        if _is_blank(text):
            return target, None
        known = _measures()
        if measure := next(
            (id_ for id_, label in known.items() if fold(text) in (fold(id_), fold(label))), None
        ):
            return target, measure
        self._warn(row.number, "measure", "no measure is called so: kept with the target")
        return "\n".join(filter(None, (target, text))), (row.before or self._new).measure

    def _note(self, row: _Row) -> str:
        """What the row newly says of progress. Added above or below what was said before, it is that alone."""
        text = row["note"]
        said = {row["said"]} if "said" in self._columns else set()
        if row.before and "said" not in self._columns:
            said = self._notes[row.before.id]
        if text in said or _is_blank(text):
            return ""
        for before in sorted(said - {""}, key=len, reverse=True):
            if text.startswith(f"{before}\n"):
                return text.removeprefix(f"{before}\n").strip()
            if text.endswith(f"\n{before}"):
                return text.removesuffix(f"\n{before}").strip()
        return text

    # ------------------------------------------------------------ days

    def _planned(self, row: _Row) -> tuple[date | None, date | None]:
        """The day that is planned now, and the first that ever was."""
        before = row.before or self._new
        planned = self._day(row, "planned_on", before.planned_on)
        revised = self._day(row, "revised_on", None)
        first = self._day(row, "first_planned_on", before.first_planned_on)
        if row.before:
            if first and first != before.first_planned_on:
                self._warn(
                    row.number, "first_planned_on", "the first planned date of an action stays as it is"
                )
            return revised or (before.planned_on if "planned_on" not in self._columns else planned), (
                before.first_planned_on
            )
        if revised:
            return revised, first or planned
        return (planned or first if _is_blank(row["planned_on"]) else planned), first

    def _day(self, row: _Row, column: str, before: date | None) -> date | None:
        """The day in a cell; one that was there before is not doubted again."""
        text = row[column]
        if row.before and text in ("", _written(row.before, column)):
            return before if text else None
        if _is_blank(text):
            return None
        found = _day_in(text)
        if found.wrong:
            self._wrong(row, column, found.wrong)
        elif found.doubt:
            self._warn(row.number, column, found.doubt)
        if found.day:
            if text.startswith(REAL_DATE):
                self._real[column].append(found.day)
            elif found.slashed:
                self._slashed[column].append((row.number, found.day))
            if found.day < _LONG_AGO:
                self._warn(row.number, column, "a day before the year 2000")
            if column == "done_on" and found.day > self._today:
                self._warn(row.number, column, "a day in the future")
        return found.day

    def _doubt_turned_days(self) -> None:
        """Says where days and months may stand the other way round."""
        for column, slashed in self._slashed.items():
            real = self._real[column]
            if real and all(day.day <= 12 for day in real) and all(day.day > 12 for _, day in slashed):
                expected = (
                    "days all written alike: Excel seems to have turned the day and month of the others round"
                )
                self._problem(slashed[0][0], column, f"{slashed[0][1]:%d/%m/%Y}", expected)
        days = [day for slashed in self._slashed.values() for _, day in slashed]
        if days and all(day.day <= 12 for day in days) and any(day.day != day.month for day in days):
            column = next(iter(self._slashed))
            text = "no day lies after the 12th: days were read as day/month/year; make sure that they are"
            self._warn(self._slashed[column][0][0], column, text)

    # ------------------------------------------------------------ state

    def _state(self, row: _Row) -> tuple[ActionState, date | None]:
        before = row.before or self._new
        if self._unchanged(row, "state") and self._unchanged(row, "done_on"):
            return before.state, before.done_on
        text = row["state"]
        state, doubt, own_day = _state_in(text)
        if self._unchanged(row, "state") and "state" in self._columns:
            state, doubt = before.state, None
        word, of_day, day = _state_in(row["done_on"])
        if word:  # “Completed: yes”
            state = state or word
            day = day if word == "done" else None
            if day and of_day:
                self._warn(row.number, "done_on", of_day)
        elif "done_on" not in self._columns:
            day = before.done_on if (state or before.state) == before.state else None
        else:
            day = self._day(row, "done_on", before.done_on)
        if state is None and day:
            return "done", day
        if doubt:
            self._warn(row.number, "state", doubt)
        day = day or (own_day if state == "done" else None)
        state = state or before.state
        if state == "done" and day is None:
            column = "done_on" if "done_on" in self._columns else "state"
            expected = f"the day on which it was done, under “Date done”, {EXPECTED.removeprefix('a day ')}"
            if not any(p.row == row.number and p.column == self._called("done_on") for p in self._problems):
                self._wrong(row, column, expected, _shown(row[column]))
        elif state == "open" and day:
            self._wrong(row, "done_on", "no day, or the status Done: it is open", f"{day:%d/%m/%Y}")
        elif state == "stopped" and day:
            self._warn(row.number, "done_on", "the day is left out: an action that was stopped is not done")
        return state, day if state == "done" else None

    # ------------------------------------------------------------ gathering

    def _say_missing(self, rows: list[_Row]) -> None:
        if rows and not {"planned_on", "revised_on", "first_planned_on"} & self._columns.keys():
            self._warn(
                self._plan.heading_row, "planned_on", "no heading such as “By when”: no action has a date"
            )

    def _wrong(self, row: _Row, column: str, expected: str, found: str | None = None) -> None:
        text = _shown(row[column]) if found is None else found
        self._problem(row.number, column, text if len(text) <= 100 else f"{text[:99]}…", expected)

    def _problem(self, row: int | None, column: str, found: str, expected: str) -> None:
        self._problems.append(Problem(row, self._called(column), tidied(found), expected))

    def _warn(self, row: int, column: str, text: str, columns: Mapping[str, list[int]] | None = None) -> None:
        self._warned.setdefault((text, self._called(column, columns)), []).append(row)


# ---------------------------------------------------------------- cells


def _is_blank(text: str) -> bool:
    return not text or text.casefold() in blanks()


def _shown(text: str) -> str:
    return shown(text) if text.startswith(REAL_DATE) else text


def _plain_reference(text: str) -> str:
    """A reference without what stands around it: "Action 1 (a)." → "1a"."""
    plain = re.sub(
        r"^(?:action|ref(?:erence)?|no|number|item|recommendation|rec|area)\b[\s.:]*",
        "",
        _shown(text),
        flags=re.I,
    )
    return re.sub(r"[\s()\[\]]+", "", plain).strip(".:,;-–")


def _next_reference(above: str, taken: set[str]) -> str:
    """The next that is free: 1, 2, 3; below "1" or "1a" of the same area "1a" and "1b"."""
    if above:
        stem = re.sub(r"(?<=\d)[a-z]$", "", above)
        for letter in "abcdefghijklmnopqrstuvwxyz":
            if f"{stem}{letter}".casefold() not in taken:
                return f"{stem}{letter}"
    return next(str(number) for number in count(1) if str(number) not in taken)


def _likely(text: str, areas: Sequence[str]) -> list[str]:
    """The areas that a shortened or slightly different text may mean."""
    folded = fold(text)
    within = [area for area in areas if len(folded) >= 6 and (folded in fold(area) or fold(area) in folded)]
    if within:
        return within
    words = set(re.findall(r"\w{4,}", text.casefold()))
    scores = []
    for area in areas:
        there = set(re.findall(r"\w{4,}", area.casefold()))
        shared = len(words & there) / len(words) if len(words) >= 3 else 0.0
        alike = SequenceMatcher(None, folded[:1000], fold(area)[:1000])
        likeness = alike.ratio() if alike.quick_ratio() > 0.6 else 0.0  # the second is far quicker
        scores.append((max(shared, likeness), area))
    best = max((score for score, _ in scores), default=0.0)
    return [area for score, area in scores if score > best - 0.1] if best >= 0.75 else []


def _may_be_a_person(lead: str) -> bool:
    """Whether some part of a lead looks like a name: two or three words with a capital that name no role."""
    roles = set(_words()["lead"]["words"])
    for part in re.split(r"[,;/&()\n]|\band\b| - | – ", lead):
        words = re.findall(r"[^\W\d_][\w'’.-]*", part)
        if words and re.fullmatch(r"(?:mr|mrs|ms|miss|dr|cllr)\.?", words[0], re.I) and len(words) > 1:
            return True
        plain = [re.sub(r"['’.]", "", word).casefold() for word in words]
        if (
            2 <= len(words) <= 3
            and part.split() == words
            and all(word[0].isupper() for word in words)
            and any(not word.isupper() or len(word) == 1 for word in words)
            and not roles & {piece for word in plain for piece in word.split("-")}
            and not find_service(part.strip())
        ):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Day:
    day: date | None = None
    doubt: str | None = None
    wrong: str | None = None
    slashed: bool = False  # whether day and month could be the other way round


def _month(text: str) -> date | None:
    """The last day of a month that is written with its year of four digits."""
    if re.fullmatch(r"[A-Za-z]{3,9}\.?[ -]?\d{4}|\d{4}-\d{2}", text, re.A):
        return month_day(text, last=True).day
    match = re.fullmatch(r"(\d{1,2})/(\d{4})", text, re.A)
    return month_day(f"{match[2]}-{match[1]:0>2}", last=True).day if match else None


def _day_in(text: str) -> _Day:
    """The day that a cell of a plan holds. No digit, no day: "ongoing"; more than a day: not guessed."""
    plain = (
        re.sub(r"^(?:by|due|for)\b[: ]*(?:the )?", "", tidied(text), flags=re.I)
        if not text.startswith(REAL_DATE)
        else text
    )
    whole = re.sub(r"^(?:the )?end of ", "", plain, flags=re.I)
    if month := _month(whole):
        return _Day(month, None if whole != plain else "a month was read as its last day")
    found = day_of(plain)
    if found.day:
        doubt = None
        if found.form in ("uk_short", "words_short"):
            doubt = "years of two digits were read as 20.."
        elif found.form == "number":
            doubt = "numbers were read as day numbers of Excel"
        elif found.form == "real" and found.day.day == 1:
            doubt = "the first day of a month: make sure that the cell does not mean the month"
        return _Day(found.day, doubt, None, found.form in ("uk", "uk_short"))
    if _ERROR.fullmatch(plain):
        return _Day(wrong=EXPECTED)
    if not re.search(r"\d", plain):
        return _Day(doubt=f"no date: “{plain[:60]}”")
    if found.wrong is None:
        return _Day(doubt="a day that spreadsheets write where there is none: no date")
    several = len(re.findall(r"\d{4}|/\d{2}(?![\d/])", plain)) > 1
    other = "one day: a row for each action, and an earlier day under “First planned date”"
    return _Day(wrong=other if several else f"{found.wrong}, or words such as “ongoing”")


def _state_in(text: str) -> tuple[ActionState | None, str | None, date | None]:
    """The state that a status says for sure, or why it says none; and a day that stands in it."""
    if _is_blank(text):
        return None, None, None
    words = tidied(text).split()
    for at in range(1, min(len(words), 20)):
        found = _day_in(re.sub(r"^on ", "", " ".join(words[at:]).strip("().")))
        if found.day:
            state, doubt, _ = _state_in(" ".join(words[:at]).rstrip(":-–,("))
            return state, doubt or found.doubt, found.day
    colours = {fold(colour) for colour in _words()["states"]["colours"]}
    parts = [fold(part) for part in (text, *re.split(r"[-–—:;,()/\n]+", text))]
    parts = [part for part in parts if part and part not in colours]
    known = [_states().get(part) for part in parts]
    stopped = tuple(fold(word) for word in _words()["states"]["stopped"])
    percent = re.match(r"(\d{1,3})\s?%", text)
    state = None
    if known and known[0]:
        state = known[0]
    elif percent:
        state = "done" if percent[1] == "100" else "open"
    elif any(part.startswith(stopped) for part in parts[1:]):
        state = "stopped"
    elif set(known[1:]) == {"done"}:
        state = "done"
    elif "open" in known and "done" not in known:
        state = "open"
    if state:
        return state, None, None
    why = "not known as a status" if parts else "a colour says nothing sure"
    return None, f"{why}: “{tidied(text)[:60]}” was left open", None


# ---------------------------------------------------------------- writing


def _cell(text: str) -> str:
    """A text as it stands in a cell: without what XML cannot hold, and cut where Excel would refuse it."""
    plain = re.sub("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]", "", text)
    plain = tidied_lines(plain)
    units = plain.encode("utf-16-le")
    if len(units) <= _MOST_CELL * 2:
        return plain
    return tidied_lines(units[: _MOST_CELL * 2].decode("utf-16-le", "ignore")) + _CUT


def _written(action: Action, column: str) -> str:
    """What a column says of an action, as it is read back."""
    value = getattr(action, column, None)
    if column == "state":
        return action.state.capitalize()
    if column == "measure":
        return _cell(_measures().get(str(value), value or ""))
    if isinstance(value, date):
        return f"{REAL_DATE if value >= _FIRST_REAL else ''}{value.isoformat()}"
    return _cell(value or "")


def plan_xlsx(
    actions_current: Sequence[Action], notes_history: Sequence[Action], title: str, areas: Sequence[str]
) -> bytes:
    """The plan as a workbook that `read_plan` reads back unchanged.

    `notes_history` is every version of the actions. Areas without an action get a row in which one can be written.
    """
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        book.set_properties({"title": _cell(title)})
        write = _Writer(book)
        _write_plan(write, actions_current, notes_history, title, areas)
        _write_history(write, notes_history)
        _write_how_to(write)
    return content.getvalue()


class _Writer:
    """Cells as they are written everywhere: texts wrapped, days as days, nothing as a formula."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        wrapped = {"text_wrap": True, "valign": "top"}
        self._text = book.add_format(wrapped)
        # Stays text when somebody edits the cell.
        self._guarded = book.add_format({**wrapped, "quote_prefix": True})
        self._day = book.add_format({**wrapped, "num_format": "dd/mm/yyyy", "align": "left"})
        self._heading = book.add_format({**wrapped, "bold": True, "bottom": 1, "bg_color": "#E8EDF2"})
        self._title = book.add_format({"bold": True, "font_size": 14})

    def cell(self, sheet: Worksheet, row: int, column: int, value: str | int | date | None) -> None:
        if isinstance(value, int):
            sheet.write_number(row, column, value, self._text)
        elif isinstance(value, date) and value >= _FIRST_REAL:
            sheet.write_datetime(row, column, value, self._day)
        else:
            text = _cell(value.isoformat() if isinstance(value, date) else value or "")
            formula = text.startswith(("=", "+", "-", "@"))
            self._string(sheet, row, column, text, self._guarded if formula else self._text)

    def headings(self, sheet: Worksheet, row: int, columns: Iterable[tuple[str, int]]) -> None:
        for at, (heading, width) in enumerate(columns):
            sheet.set_column(at, at, width)
            self._string(sheet, row, at, heading, self._heading)
        sheet.freeze_panes(row + 1, 0)
        sheet.repeat_rows(row)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)

    def title(self, sheet: Worksheet, text: str) -> None:
        self._string(sheet, 0, 0, _cell(text), self._title)

    def _string(self, sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
        if text:
            sheet.write_string(row, column, text, look)
        else:
            sheet.write_blank(row, column, None, look)


def _write_plan(
    write: _Writer, actions: Sequence[Action], history: Sequence[Action], title: str, areas: Sequence[str]
) -> None:
    sheet = write.book.add_worksheet("Action plan")
    write.title(sheet, title)
    write.headings(sheet, 1, _WRITTEN.values())
    said = _last_said([*history, *actions])
    for row, action in enumerate(actions, 2):
        values = {column: getattr(action, column, None) for column in _WRITTEN}
        values |= {"state": action.state.capitalize(), "note": said.get(action.id, action.note)}
        values |= {"said": values["note"], "measure": _measures().get(action.measure or "", action.measure)}
        for at, column in enumerate(_WRITTEN):
            write.cell(sheet, row, at, values[column])
    last = len(actions) + 1
    there = {fold(action.area) for action in actions}
    for area in areas:
        if fold(area) not in there:
            last += 1
            write.cell(sheet, last, list(_WRITTEN).index("area"), area)
    for column in _HIDDEN:
        at = list(_WRITTEN).index(column)
        sheet.set_column(at, at, _WRITTEN[column][1], None, {"hidden": True})
    sheet.autofilter(
        1, 0, max(last, 2), len(_WRITTEN) - 1
    )  # the hidden ones too, or sorting would leave them
    sheet.ignore_errors({"number_stored_as_text": f"A1:P{last + 1}"})


def _last_said(versions: Iterable[Action]) -> dict[str, str]:
    """What was last said of each action."""
    return {
        action.id: action.note
        for action in sorted(versions, key=lambda version: version.version)
        if action.note and action.id
    }


def _write_history(write: _Writer, history: Sequence[Action]) -> None:
    sheet = write.book.add_worksheet("Progress and changes")
    write.headings(
        sheet, 0, [("When", 13), ("Who", 24), ("Reference", 10), ("What was said or changed", 100)]
    )
    before: dict[str, Action] = {}
    rows = []
    for action in sorted(history, key=lambda version: version.version):
        what = "\n".join(filter(None, (_changes(before.get(action.id), action), action.note)))
        before[action.id] = action
        rows.append((action, what))
    rows.sort(key=lambda row: str(row[0].changed_at or ""))
    for at, (action, what) in enumerate(rows, 1):
        day = action.changed_at.astimezone(_UK).date() if action.changed_at else None
        for column, value in enumerate((day, action.changed_by, action.reference, what)):
            write.cell(sheet, at, column, value)
    sheet.autofilter(0, 0, max(len(rows), 1), 3)


def _changes(before: Action | None, after: Action) -> str:
    """What a version changed, a line each."""
    if before is None:
        return "Added"
    lines = []
    for column in _WRITTEN:
        if column in (*_HIDDEN, "note", "first_planned_on"):
            continue
        old, new = (getattr(action, column) or "" for action in (before, after))
        if old != new:
            old, new = (f"{day:%d/%m/%Y}" if isinstance(day, date) else day for day in (old, new))
            lines.append(f"{_WRITTEN[column][0]}: {old or 'none'} → {new or 'none'}")
    return "\n".join(lines)


def _write_how_to(write: _Writer) -> None:
    sheet = write.book.add_worksheet("How to use")
    sheet.set_column(0, 0, 110)
    lines = (
        "Change the sheet “Action plan”, save it and load it again. A row that you add is a new action; a row that "
        "you take out stays in the plan, so give what is not to be done the status Stopped.",
        "Status is Open, Done or Stopped; what is Done needs its date. Whether an action is on track, due soon or "
        "overdue is worked out from its dates.",
        "Write what is new into Progress; what was said before is kept in “Progress and changes”. Leads are roles or "
        "agencies, never names. Write nothing about a child.",
    )
    for row, line in enumerate(lines):
        write.cell(sheet, row, 0, line)
