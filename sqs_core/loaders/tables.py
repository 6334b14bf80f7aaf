"""A table out of a file: the sheet that holds it, its heading row, its rows without what stands around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import pandas as pd

from sqs_core.errors import BadInputError
from sqs_core.loaders.columns import (
    KINDS,
    Kind,
    blanks,
    fingerprint,
    in_words,
    is_below,
    likeliest_kind,
    matched,
    may_be_a_name,
    refused_heading,
    refused_texts,
)
from sqs_core.loaders.files import Sheet, UnreadableError, first_rows, sheets_of, shown

_TOP = 60  # the heading row is looked for in so many rows
_BOTTOM = 200  # and what is not of the table in so many at the end


class ManySheetsError(BadInputError):
    """Several sheets of a file could be the table: one has to be chosen."""

    def __init__(self, message: str, sheets: tuple[str, ...]) -> None:
        super().__init__(message)
        self.sheets = sheets


class _WhichSheetError(UnreadableError):
    """The same, before the file's name is put in front."""

    def __init__(self, sheets: tuple[str, ...]) -> None:
        super().__init__(f"several sheets could be the table: {in_words(sheets, 'and')}; say which")
        self.sheets = sheets


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of a file under their headings, as text. Nothing in it looks like a name, a date of birth, a PNC
    number or a postcode: such a file is refused."""

    file_name: str
    sheet: str | None  # None: the file has no sheets
    heading_row: int  # rows are numbered as the file shows them
    headings: tuple[str, ...]
    cells: pd.DataFrame  # a categorical column for each heading; its index is the row in the file
    left_out: tuple[int, ...]  # rows below the table that were taken for totals and notes

    @property
    def kind(self) -> Kind | None:
        """What the headings say it is; None: they do not say."""
        return likeliest_kind(self.headings)[0]

    @property
    def fingerprint(self) -> str:
        """The same for every table with the same headings: under it a mapping can be remembered."""
        return fingerprint(self.headings)

    def samples(self, heading: str, count: int = 3, not_names: bool = False) -> tuple[str, ...]:
        """The first different values under a heading, or the first that may not be names."""
        texts = self.cells[heading]
        different = (shown(text) for text in texts[texts != ""].drop_duplicates())
        fitting = (text for text in different if not (not_names and may_be_a_name(text)))
        return tuple(islice(fitting, count))


def read_table(name: str, content: bytes, sheet: str | None = None) -> Table:
    """The table in a CSV, Excel or OpenDocument file. Raises BadInputError, in one line that names the file;
    ManySheetsError where a sheet has to be chosen.

    Of several sheets the one that looks like reviews or audited cases is taken; `sheet` chooses another.
    """
    try:
        table = _chosen([_table(name, found) for found in _asked_for(sheets_of(content), sheet)])
        _refuse_what_identifies(table)
    except _WhichSheetError as reason:
        raise ManySheetsError(f"{' '.join(name.split())}: {reason}", reason.sheets) from None
    except UnreadableError as reason:
        raise BadInputError(f"{' '.join(name.split())}: {reason}") from None
    return table


def _asked_for(sheets: list[Sheet], name: str | None) -> list[Sheet]:
    if name is None:
        return sheets
    found = [sheet for sheet in sheets if sheet.name == name]
    if not found:
        there = in_words([sheet.name or "" for sheet in sheets], "and") if sheets[0].name else "none"
        raise UnreadableError(f"there is no sheet “{name}”; its sheets are: {there}")
    return found


def _chosen(tables: list[Table | None]) -> Table:
    """The one table of a file. One that has every column it needs goes before one that has some."""
    found = [table for table in tables if table is not None]
    if not found:
        raise UnreadableError("no row of headings with rows below it was found")
    for fits in (_complete, lambda table: table.kind is not None, lambda _: True):
        fitting = [table for table in found if fits(table)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise _WhichSheetError(tuple(table.sheet or "" for table in fitting))
    raise AssertionError("every table fits the last")


def _complete(table: Table) -> bool:
    """Whether a table has the columns that only its kind has. The service and the day can be said for it."""
    telling = {"reviews": {"plan_type", "completed_on"}, "cases": {"criterion", "judgement"}}
    return table.kind is not None and telling[table.kind] <= set(matched(table.headings, table.kind))


def _table(name: str, sheet: Sheet) -> Table | None:
    heading_row = _heading_row(sheet.cells)
    if heading_row is None:
        return None
    raw = [shown(str(cell)) for cell in sheet.cells.loc[heading_row]]
    below = sheet.cells.loc[heading_row + 1 :]
    below = pd.DataFrame({number: _without_blanks(below[number]) for number in below}, index=below.index)
    last, left_out = _last_row(below)
    cells = below.loc[:last]
    cells = cells[~_every(cells, [""] * len(raw)) & ~_every(cells, raw)]
    if cells.empty:
        return None
    pruned = {number: cells[number].cat.remove_unused_categories() for number in cells}
    kept = {number: column for number, column in pruned.items() if raw[number] or any(column.cat.categories)}
    headings = _headings([raw[number] or f"column {number + 1}" for number in kept])
    return Table(
        name,
        sheet.name,
        heading_row,
        headings,
        pd.DataFrame(dict(zip(headings, kept.values(), strict=True))),
        left_out,
    )


def _heading_row(cells: pd.DataFrame) -> int | None:
    """The row with the most headings that are known; where none has two, the first of the fullest rows without a
    number."""
    known: list[tuple[int, int]] = []
    full: list[tuple[int, int]] = []
    for number, row in first_rows(cells, _TOP):
        filled = [cell for cell in row if cell]
        known.append((max(len(matched(filled, kind)) for kind in KINDS), -number))
        words = len(filled) > 1 and not any(cell[0].isdigit() for cell in filled)
        full.append((len({*filled}) if words else 0, -number))
    best = max(known) if max(known)[0] >= 2 else max(full)
    return -best[1] if best[0] >= 2 else None


def _headings(texts: Sequence[str]) -> tuple[str, ...]:
    """Each heading once: a second "Date" is "Date (2)"."""
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for text in texts:
        seen[text] += 1
        unique.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return tuple(unique)


def _without_blanks(column: pd.Series) -> pd.Series:
    """With an empty text where the system writes a word for nothing."""
    column = column.cat.remove_unused_categories()
    texts = list(column.cat.categories)
    if not any(text.casefold() in blanks() for text in texts):
        return column
    codes, unique = pd.factorize(
        pd.Index(["" if text.casefold() in blanks() else text for text in texts], dtype=object)
    )
    return pd.Series(pd.Categorical.from_codes(codes[column.cat.codes], unique), index=column.index)


def _last_row(cells: pd.DataFrame) -> tuple[int, tuple[int, ...]]:
    """The last row of the table, and the rows below it that were taken for totals and notes."""
    left_out: list[int] = []
    bottom = cells.iloc[-_BOTTOM:]
    rows = list(zip(bottom.index, bottom.itertuples(index=False, name=None), strict=True))
    for number, row in reversed(rows):
        filled = [shown(cell) for cell in row if cell]
        if filled and not is_below(filled[0], len(filled), len(row)):
            return int(number), tuple(reversed(left_out))
        if filled:
            left_out.append(int(number))
    return int(bottom.index[0]) - 1 if rows else 0, tuple(reversed(left_out))


def _every(cells: pd.DataFrame, texts: Sequence[str]) -> pd.Series:
    """Whether each row holds exactly these texts: blank rows, and headings that a report repeats on each page."""
    same = pd.Series(True, index=cells.index)
    for heading, text in zip(cells.columns, texts, strict=True):
        same &= cells[heading] == text
    return same


def _refuse_what_identifies(table: Table) -> None:
    """Raises UnreadableError when columns look like what must never be loaded, by heading or by what is in them."""
    found: dict[str, list[str]] = {}
    for heading in table.headings:
        what = refused_heading(heading) or refused_texts(list(table.cells[heading].cat.categories))
        if what:
            found.setdefault(what, []).append(heading)
    if found:
        columns = "; ".join(f"{in_words(headings, 'and')} ({what})" for what, headings in found.items())
        raise UnreadableError(
            f"holds what must never be loaded: {columns}; take these columns out of the file"
        )
