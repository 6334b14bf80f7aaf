"""Bytes become sheets of text cells, whatever kind of file they are. The kind is told from the content."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import islice, zip_longest
from xml.parsers import expat

import pandas as pd
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

_MAX_BYTES = 300_000_000  # a million reviews are about 120 MB of CSV
_MAX_UNPACKED = 1_500_000_000
_MAX_PARTS = 5_000
_MAX_ROWS = 2_000_000
_MAX_CELLS = 60_000_000  # a workbook's rows times its widest row, blank ones too: each takes memory
_MAX_COLUMNS = 1_000
_CHUNK = 500  # rows of a sheet that are taken together: few enough to stay in the processor's cache
_MAX_CELL = 5_000  # characters
_MAX_LINES_CELL = 32_767  # of a cell that may hold paragraphs: as many as Excel allows
_SAMPLE = 200  # rows from which the delimiter is told

# Stands before a day that a spreadsheet stores as a date. Such a day cannot be read the wrong way round by us, but
# beside days written as text it shows that Excel has read some of them, and perhaps wrongly. No text holds this
# character: `tidied` takes it for a space.
REAL_DATE = "\x1f"

_SAVE = "save the table as CSV, .xlsx or .ods"
_OTHER_KINDS = (
    (b"%PDF-", f"this is a PDF, not a table; {_SAVE}"),
    (b"{\\rtf", f"this is a Rich Text file; {_SAVE}"),
    (b"\x89PNG", f"this is a picture, not a table; {_SAVE}"),
    (b"\xff\xd8\xff", f"this is a picture, not a table; {_SAVE}"),
    (b"GIF8", f"this is a picture, not a table; {_SAVE}"),
    (b"\x1f\x8b", "this is a packed archive; unpack it and load the table itself"),
    (b"7z\xbc\xaf", "this is a packed archive; unpack it and load the table itself"),
    (b"Rar!", "this is a packed archive; unpack it and load the table itself"),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*<(?:!doctype|html|head|body|table)\b", re.I
)
_PASSWORD = "the file is protected with a password; save it without the password"
_DAMAGED = "the file is damaged; export or ask for it again"
_ENTITIES = "the file declares XML entities, which Excel and LibreOffice never do; save it anew"
_BOMB = "the file unpacks to far more than a table of reviews or audited cases can hold"
_MACROS = "the file holds macros; save it as .xlsx, which holds none"
_TOO_MANY = "the table has more than {most:,} rows; load it in parts"
_OPEN_QUOTE = "a quotation mark is opened and not closed; look at row {row}"

# A cell of a workbook further out than column Z or below the last row that Excel can have.
# Without a word's beginning before the r, for which a sheet of a million rows would be searched five times as long.
_FAR_CELL = re.compile(rb"""r\s*=\s*["'](?:[A-Z]{2,}\d+|[A-Z]\d{7,})["']""")
_PLACE = re.compile(rb"([A-Z]+)(\d+)")
_ODS_MANY_CELLS = re.compile(
    rb"<[\w-]*:?(?:covered-)?table-cell\b(?=[^>]*\bvalue-type=)[^>]*\bnumber-columns-repeated=[\"'](\d{4,})"
)
_ODS_MANY_ROWS = re.compile(rb"<[\w-]*:?table-row\b[^>]*\bnumber-rows-repeated=[\"'](\d{4,})[\"'][^>/]*>")
_ODS_REPEATED = re.compile(rb"-repeated=[\"'](\d{4,})")  # a sheet of a million rows is searched by this alone


class UnreadableError(Exception):
    """Why a file cannot be read, without its name: `read_table` puts the name in front."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One sheet as it stands in the file, or a CSV file: text cells, its rows numbered as the file shows them."""

    name: str | None  # None: the file has no sheets
    cells: pd.DataFrame  # every column is categorical text, so that what is done is done once for each text
    merged: tuple[
        tuple[int, int, int], ...
    ] = ()  # cells merged downwards: column, first, last row (Excel alone)


def sheets_of(content: bytes, lines: bool = False) -> list[Sheet]:
    """The sheets that hold something and are not hidden. `lines` keeps the line breaks in the cells of a workbook.
    Raises UnreadableError."""
    text = text_of(content)
    return _workbook(content, lines) if text is None else [Sheet(None, _csv(text))]


def text_of(content: bytes) -> bytes | None:
    """The text of a CSV file, or what was pasted, in UTF-8; None: it is a workbook. Raises UnreadableError for what is
    neither."""
    if not content.strip(b"\0\t\n\r "):
        raise UnreadableError("the file is empty")
    if len(content) > _MAX_BYTES:
        raise UnreadableError(f"the file is larger than {_MAX_BYTES // 1_000_000} MB; load it in parts")
    for first, reason in _OTHER_KINDS:
        if content.startswith(first):
            raise UnreadableError(reason)
    if content.startswith(_OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UnreadableError(_PASSWORD)
        raise UnreadableError(f"this is an old Excel or Word file; {_SAVE}")
    if content.startswith(b"PK"):
        return None
    if _WEB_PAGE.match(content[:2000]):
        raise UnreadableError(f"this is a web page, whatever its name says; open it in Excel and {_SAVE}")
    return _as_utf8(content)


def tidied(text: str) -> str:
    """Without spaces and invisible characters around it, and one space between words."""
    return " ".join(text.replace("\ufeff", "").replace("\u200b", "").split())


def tidied_lines(text: str) -> str:
    """The same with the line breaks within it."""
    return "\n".join(map(tidied, text.splitlines())).strip()


# ---------------------------------------------------------------- CSV


def _csv(text: bytes) -> pd.DataFrame:
    delimiter, width = _delimiter(text)
    while True:
        try:
            # names: title rows are shorter than the table.
            cells = pd.read_csv(
                io.BytesIO(text),
                header=None,
                names=range(width),
                sep=delimiter,
                dtype=str,  # as "category" 007 would become 7
                keep_default_na=False,
                na_filter=False,
                skip_blank_lines=False,
                index_col=False,
                encoding="utf-8",
                low_memory=False,
            )
            break
        except pd.errors.ParserError as error:
            wider = re.search(r"Expected \d+ fields in line (\d+), saw (\d+)", str(error))
            if wider and width < int(wider[2]) <= _MAX_COLUMNS:
                width = int(wider[2])
                continue
            unclosed = re.search(r"EOF inside string starting at row (\d+)", str(error))
            if unclosed:
                raise UnreadableError(_OPEN_QUOTE.format(row=int(unclosed[1]) + 1)) from None
            raise UnreadableError(_DAMAGED) from None
        except (ValueError, OverflowError):
            raise UnreadableError(_DAMAGED) from None
    if len(cells) > _MAX_ROWS:
        raise UnreadableError(_TOO_MANY.format(most=_MAX_ROWS))
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    return pd.DataFrame({number: _tidied_column(cells.pop(number)) for number in list(cells)})


def _as_utf8(content: bytes) -> bytes:
    """The text in UTF-8, whichever of UTF-8, UTF-16 and Windows-1252 it is in."""
    encoding = "utf-8"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content[1:2] == b"\0":
        encoding = "utf-16-le"
    elif content[:1] == b"\0":
        encoding = "utf-16-be"
    elif content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise UnreadableError(_DAMAGED) from None
        try:
            text = content.decode("cp1252")
            encoding = "cp1252"
        except UnicodeDecodeError:
            raise UnreadableError(f"this is neither a table nor text; {_SAVE}") from None
    if "\0" in text:
        raise UnreadableError(f"this is neither a table nor text; {_SAVE}")
    return content if encoding == "utf-8" else text.encode("utf-8")


def _delimiter(text: bytes) -> tuple[str, int]:
    """What parts the cells, and how many there are in the widest of the first rows."""
    lines = text[:1_000_000].decode("utf-8", "ignore").splitlines(keepends=True)[:_SAMPLE]
    best, most_cells, widest = "", 0, 0
    for delimiter in ",;\t|":
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        except csv.Error:
            continue
        # The width in which most cells stand: commas inside remarks make rows of many different widths.
        cells = max((width * rows for width, rows in widths.items() if width > 1), default=0)
        if cells > most_cells:
            best, most_cells, widest = delimiter, cells, max(widths)
    if not best:
        raise UnreadableError(
            "no comma, semicolon or tab parts the file into columns, so this is not a table"
        )
    if widest > _MAX_COLUMNS:
        raise UnreadableError(f"the table has more than {_MAX_COLUMNS:,} columns")
    return best, widest


def _tidied_column(column: pd.Series) -> pd.Series:
    which, different = pd.factorize(column.array)
    texts = [str(text) for text in different]
    if any(len(text) > _MAX_CELL for text in texts):
        row = next(
            row for row, number in zip(column.index, which, strict=True) if len(texts[number]) > _MAX_CELL
        )
        raise UnreadableError(
            f"row {row} holds a cell of more than {_MAX_CELL:,} characters; a quotation mark may be missing there"
        )
    codes, unique = pd.factorize(pd.Index([tidied(text) for text in texts], dtype=object))
    return pd.Series(pd.Categorical.from_codes(codes[which], unique), index=column.index)


# ---------------------------------------------------------------- Excel and OpenDocument


def _workbook(content: bytes, lines: bool) -> list[Sheet]:
    _refuse_dangerous(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheets = [
                Sheet(found.name, _sheet_cells(sheet, lines), _merged_down(sheet))
                for found in book.sheets_metadata
                if found.visible == SheetVisibleEnum.Visible
                and (sheet := _sheet(book, found.name)) is not None
                and sheet.end is not None
            ]
    except PasswordError:
        raise UnreadableError(_PASSWORD) from None
    except (CalamineError, OSError, ValueError):
        raise UnreadableError(_DAMAGED) from None
    if not sheets:
        raise UnreadableError("the file holds no sheet with cells that is not hidden")
    return sheets


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet | None:
    try:
        return book.get_sheet_by_name(name)
    except CalamineError as error:
        if "not found" in str(error).casefold():  # a sheet that is a chart
            return None
        raise


def _refuse_dangerous(content: bytes) -> None:
    """Raises UnreadableError for archives that are no workbook, hold macros, or unpack to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {name.casefold(): name for name in archive.namelist()}
            if len(names) > _MAX_PARTS:
                raise UnreadableError(_BOMB)
            if any(part.flag_bits & 1 for part in archive.infolist()):
                raise UnreadableError(_PASSWORD)
            _refuse_other_kinds(archive, names)
            _refuse_bombs(archive)
    except (
        expat.ExpatError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,  # zipfile, where a damaged archive sends it to before its beginning
    ):
        raise UnreadableError(_DAMAGED) from None


def _refuse_other_kinds(archive: zipfile.ZipFile, names: dict[str, str]) -> None:
    if any(name.endswith("vbaproject.bin") or name.startswith(("basic/", "scripts/")) for name in names):
        raise UnreadableError(_MACROS)
    if "xl/workbook.bin" in names:
        raise UnreadableError("this is a binary workbook (.xlsb); save it as .xlsx")
    if "word/document.xml" in names:
        raise UnreadableError(f"this is a Word file; {_SAVE}")
    if "xl/workbook.xml" in names:
        return
    if "content.xml" not in names:
        raise UnreadableError("this is a packed archive; unpack it and load the table itself")
    manifest = names.get("meta-inf/manifest.xml")
    if manifest and b"encryption-data" in _first_bytes(archive, manifest):
        raise UnreadableError(_PASSWORD)
    kind = _first_bytes(archive, names["mimetype"]) if "mimetype" in names else b"spreadsheet"
    if b"spreadsheet" not in kind:
        raise UnreadableError(f"this is an OpenDocument file, but no spreadsheet; {_SAVE}")


def _first_bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(1_000_000)


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    """Unpacks everything once without keeping it: what an archive says about sizes may be a lie, and a few bytes
    can name a cell so far away that the sheet around it fills the memory."""
    unpacked = 0
    for part in archive.infolist():
        sheet = part.filename.casefold().startswith("xl/worksheets/") and part.filename.endswith(".xml")
        rows = columns = 0
        before = b""
        # The reader of OpenDocument goes round for ever in XML that does not end as it should (calamine 0.9.1); that
        # of Excel says so itself, and sheets of a million rows need not be parsed twice.
        parser = _strict_parser() if part.filename.endswith((".xml", ".rels")) and not sheet else None
        with archive.open(part) as file:
            while block := file.read(4_000_000):
                if parser:
                    parser.Parse(block, False)
                unpacked += len(block)
                if unpacked > _MAX_UNPACKED:
                    raise UnreadableError(_BOMB)
                text = before + block
                before = text[-300:]
                if sheet:
                    if b"<!DOCTYPE" in text:
                        raise UnreadableError(_ENTITIES)
                    for far in _FAR_CELL.finditer(text):
                        place = _PLACE.search(far[0])
                        if place:
                            columns = max(columns, _column_number(place[1]))
                            rows = max(rows, int(place[2]))
                    # The rows of a wide sheet are told from its wide rows alone, and of a narrow one not at all.
                    if rows > 1_048_576 or columns > 16_384 or columns * max(rows, 1) > _MAX_CELLS:
                        raise UnreadableError(_BOMB)
                elif part.filename == "content.xml":
                    _refuse_repetition(text)
        if parser:
            parser.Parse(b"", True)


def _strict_parser() -> expat.XMLParserType:
    """Keeps nothing, and says where XML is not well formed or declares entities."""

    def refuse(*_: object) -> None:
        raise UnreadableError(_ENTITIES)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:5]:
        number = number * 26 + letter - 64
    return number


def _refuse_repetition(xml: bytes) -> None:
    """OpenDocument writes a cell once and how often it repeats. Blank cells repeat to the sheet's edge; filled ones
    do so only in a file made to fill the memory."""
    often_repeated = [int(often) for often in _ODS_REPEATED.findall(xml)]
    if not often_repeated:
        return
    if max(often_repeated) > 1_048_576:
        raise UnreadableError(_BOMB)
    if any(int(often) >= _MAX_COLUMNS for often in _ODS_MANY_CELLS.findall(xml)):
        raise UnreadableError(_BOMB)
    for row in _ODS_MANY_ROWS.finditer(xml):
        end = xml.find(b"table-row>", row.end())
        if b"value-type=" in xml[row.end() : end if end >= 0 else len(xml)]:
            raise UnreadableError(_BOMB)


_Cell = object  # a number, a text, a truth, a day, a time


def _sheet_cells(sheet: CalamineSheet, lines: bool) -> pd.DataFrame:
    """The cells of a sheet as categorical text, each text kept once."""
    if sheet.width > _MAX_COLUMNS:
        raise UnreadableError(f"sheet {sheet.name!r} has more than {_MAX_COLUMNS:,} columns")
    if (sheet.end or (0, 0))[0] >= _MAX_ROWS:
        raise UnreadableError(_TOO_MANY.format(most=_MAX_ROWS))
    columns = [_Texts(lines) for _ in range(sheet.width)]
    count, rows = 0, sheet.iter_rows()
    while chunk := list(islice(rows, _CHUNK)):
        count += len(chunk)
        for column, cells in zip(columns, zip_longest(*chunk, fillvalue=""), strict=False):
            column.add(cells)
    index = pd.RangeIndex(1, count + 1)
    return pd.DataFrame({number: column.series(index) for number, column in enumerate(columns)}, index=index)


def _merged_down(sheet: CalamineSheet) -> tuple[tuple[int, int, int], ...]:
    left = (sheet.start or (0, 0))[1]
    ranges = sheet.merged_cell_ranges or ()
    return tuple(
        (column - left, first + 1, last + 1)
        for (first, column), (last, right) in ranges
        if first < last and column == right
    )


class _Texts:
    """One column while it is read: what it costs goes with the different cells and not with all of them."""

    def __init__(self, lines: bool) -> None:
        self._lines = lines
        self._by_cell: dict[_Cell, int] = {}
        self._by_text: dict[str, int] = {}
        self._codes = array("i")

    def add(self, cells: Sequence[_Cell]) -> None:
        if bool in set(map(type, cells)):  # True and 1 are equal, but not the same text
            cells = [_text(cell, self._lines) if isinstance(cell, bool) else cell for cell in cells]
        for cell in dict.fromkeys(cells):
            if cell not in self._by_cell:
                self._by_cell[cell] = self._by_text.setdefault(_text(cell, self._lines), len(self._by_text))
        self._codes.extend(map(self._by_cell.__getitem__, cells))

    def series(self, index: pd.RangeIndex) -> pd.Series:
        codes = pd.Series(self._codes, dtype="int32")
        return pd.Series(
            pd.Categorical.from_codes(codes, pd.Index(list(self._by_text), dtype=object)), index=index
        )


def _text(cell: _Cell, lines: bool) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if cell == time(0):
        cell = date(1899, 12, 30)  # the day zero of Excel, which it shows as 00/01/1900
    if isinstance(cell, date):  # a datetime is one too
        return f"{REAL_DATE}{cell:%Y-%m-%d}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text, most = (tidied_lines(str(cell)), _MAX_LINES_CELL) if lines else (tidied(str(cell)), _MAX_CELL)
    if len(text) > most:
        raise UnreadableError(f"a cell holds more than {most:,} characters")
    return text


def shown(text: str) -> str:
    """A cell as people see it."""
    return text.removeprefix(REAL_DATE)


def first_rows(cells: pd.DataFrame, count: int) -> Iterator[tuple[int, Sequence[str]]]:
    """The number and the cells of each of the first rows."""
    head: Iterable[tuple[str, ...]] = cells.iloc[:count].itertuples(index=False, name=None)
    for number, row in zip(islice(cells.index, count), head, strict=True):
        yield int(number), [shown(str(cell)) for cell in row]
