"""Text out of PDF letters, with what the page tells: where a paragraph ends, what is bold, which digit is a
footnote mark."""

from __future__ import annotations

import ctypes
import re
import threading
import zlib
from dataclasses import dataclass, replace
from statistics import median

import pypdfium2 as pdfium
from pypdfium2 import raw

from sqs_core.letters.lines import (
    BROKEN,
    GAP,
    Line,
    UnreadableError,
    line_of,
    paragraphs_of,
    tidied,
    with_footnotes,
)

_LOCK = threading.Lock()  # PDFium is not thread safe, and Streamlit runs each page in a thread
_MAX_PAGES = 60
_MAX_CHARACTERS = 400_000  # a letter has some 15,000
_MAX_UNPACKED = 150_000_000

_MARK = "\x0e"  # stands for each digit of a footnote mark
_MAYBE_MARK = re.compile(r"(?<![\d.])\d{1,2}(?![\w%.])|(?<=[^\d]\.)\d{1,2}(?![\w%.])")
_BEGINS_NOTE = re.compile(rf"\s*(?:{_MARK}|\d{{1,2}}\s+[A-Z]|[*†])")
_WEIGHT = re.compile(rb"bold|black|heavy|demi", re.I)


def pdf_lines(content: bytes) -> list[Line]:
    """The lines of a PDF. Raises UnreadableError."""
    if b"%%EOF" not in content[-4096:]:
        raise UnreadableError("the PDF is cut off or damaged; download it or ask for it again")
    _refuse_a_bomb(content)
    with _LOCK:
        pages = _pages(content)
    if not any(line.text for page in pages for line in page.lines):
        raise UnreadableError(
            "the PDF is a scan without text; ask for the original, or run text recognition (OCR) on it"
        )
    leadings = [b for page in pages for b in page.leadings if 0 < b < 40]
    leading = median(leadings) if leadings else 0.0
    body = median(line.size for page in pages for line in page.lines) or 1.0
    return tidied(paragraphs_of([_with_gaps(page, leading, body) for page in pages]))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line where it stands on the page; in points, `y` counting upwards."""

    text: str
    x: float
    y: float
    y_end: float  # of its last character: a line that PDFium joined at a hyphen ends lower
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class _Page:
    lines: list[_Placed]
    marks: set[str]

    @property
    def leadings(self) -> list[float]:
        return [a.y_end - b.y for a, b in zip(self.lines, self.lines[1:], strict=False)]


def _refuse_a_bomb(content: bytes) -> None:
    """PDFium unpacks a stream of up to 1 GB: look first how large the streams become."""
    left = _MAX_UNPACKED
    for begin in re.finditer(rb"stream\r?\n(?=[\x08-\x78])", content):
        data = memoryview(content)[begin.end() :]
        for _ in range(4):  # a stream may be packed more than once
            unpack = zlib.decompressobj()
            packed, head = data, b""
            try:
                while packed and not unpack.eof and left > 0:
                    piece = unpack.decompress(packed, 1_000_000)
                    packed = memoryview(unpack.unconsumed_tail)
                    head = head or piece
                    left -= len(piece)
            except zlib.error:
                pass
            if left <= 0:
                raise UnreadableError("the PDF unpacks to far more than a letter can hold")
            if head[:1] != b"\x78":
                break
            data = memoryview(head)


def _pages(content: bytes) -> list[_Page]:
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if "assword" in str(error):
            raise UnreadableError(
                "the PDF is protected with a password; ask for a copy without, or save one without"
            ) from None
        raise UnreadableError("the PDF is damaged; download it or ask for it again") from None
    try:
        if len(document) > _MAX_PAGES:
            raise UnreadableError(f"the PDF has {len(document)} pages; a letter has fewer than {_MAX_PAGES}")
        if not len(document):
            raise UnreadableError("the PDF is damaged: it has no pages; download it or ask for it again")
        pages, characters = [], 0
        for number in range(len(document)):
            page = document[number]
            text_page = page.get_textpage()
            characters += raw.FPDFText_CountChars(text_page)
            if characters > _MAX_CHARACTERS:
                raise UnreadableError("the PDF holds far more text than a letter")
            pages.append(_PageReader(text_page).page())
            text_page.close()
            page.close()
        return pages
    except pdfium.PdfiumError:
        raise UnreadableError("the PDF is damaged; download it or ask for it again") from None
    finally:
        document.close()


class _PageReader:
    """Asks PDFium about single characters. Each question costs a microsecond, so it asks for few."""

    def __init__(self, text_page: pdfium.PdfTextPage) -> None:
        self._page = text_page
        count = raw.FPDFText_CountChars(text_page)
        first, last = 0, count - 1  # PDFium asks for a range that begins and ends with a shown character
        while first < last and raw.FPDFText_GetTextIndexFromCharIndex(text_page, first) < 0:
            first += 1
        while first < last and raw.FPDFText_GetTextIndexFromCharIndex(text_page, last) < 0:
            last -= 1
        buffer = (ctypes.c_ushort * (2 * count + 2))()
        written = raw.FPDFText_GetText(text_page, first, last - first + 1, buffer) if count > 0 else 0
        self._text = bytes(memoryview(buffer)[: max(written - 1, 0)]).decode("utf-16-le", "replace")
        # PDFium leaves out characters without a meaning: then text and page do not count alike.
        self._moved = len(self._text) != count
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._matrix = raw.FS_MATRIX()
        self._font = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()

    def _at(self, place: int) -> int:
        return int(raw.FPDFText_GetCharIndexFromTextIndex(self._page, place)) if self._moved else place

    def _origin(self, place: int) -> tuple[float, float]:
        raw.FPDFText_GetCharOrigin(self._page, self._at(place), self._x, self._y)
        return self._x.value, self._y.value

    def _size(self, place: int) -> float:
        """Font size in points as it is printed; some programs put the size into the matrix."""
        place = self._at(place)
        raw.FPDFText_GetMatrix(self._page, place, self._matrix)
        return float(raw.FPDFText_GetFontSize(self._page, place)) * (abs(self._matrix.d) or 1.0)

    def _bold(self, place: int) -> bool:
        place = self._at(place)
        raw.FPDFText_GetFontInfo(self._page, place, self._font, 128, self._flags)
        return bool(_WEIGHT.search(self._font.value)) or raw.FPDFText_GetFontWeight(self._page, place) >= 600

    def page(self) -> _Page:
        marks = self._marks()
        lines: list[_Placed] = []
        place = 0
        mark = ""  # a footnote mark that stands alone: PDFium ends a line after it
        for text in self._text.split("\r\n"):
            start, place = place, place + len(text) + 2
            shown = text.replace(_MARK, " ").strip()
            if not shown:
                mark = mark or _MARK * (_MARK in text)
                continue
            first = start + text.index(shown[0])
            x, y = self._origin(first)
            last = start + len(text.rstrip(f" {_MARK}")) - 1
            y_end = self._origin(last)[1] if BROKEN in text else y
            size = self._size(first)
            before = lines[-1] if lines else None
            if before and abs(before.y_end - y) < 0.2 * size and x > before.x:
                # One line of the page all the same: two cells of a row, or a mark stood between.
                lines[-1] = replace(before, text=f"{before.text} {text}", y_end=y_end)
                mark = ""
                continue
            bold = len(text) < 120 and self._bold(first) and self._bold(last)
            lines.append(_Placed(mark + text, x, y, y_end, size, bold))
            mark = ""
        return _Page(lines, marks)

    def _marks(self) -> set[str]:
        """Finds the digits that are raised and small, puts _MARK in their place, and returns them."""
        text, marks = self._text, set()
        for maybe in _MAYBE_MARK.finditer(self._text):
            place = maybe.start()
            beside = _beside(self._text, maybe)
            if beside is None or self._size(place) > 0.8 * (size := self._size(beside)):
                continue
            above = self._origin(place)[1] - self._origin(beside)[1]
            if not 0.1 * size < above < size:
                continue
            marks.add(maybe[0])
            text = text[:place] + _MARK * len(maybe[0]) + text[maybe.end() :]
        self._text = text
        return marks


def _beside(text: str, mark: re.Match[str]) -> int | None:
    """The place of the letter that a mark belongs to: before it, or after it where it begins a footnote."""
    place, end = mark.span()
    before = text[:place].rstrip(" ")
    if before and not before.endswith("\n"):
        return len(before) - 1
    while end < len(text) and text[end] in " \r\n":
        end += 1
    return end if end < len(text) else None


def _with_gaps(page: _Page, leading: float, body: float) -> list[Line]:
    lines: list[Line] = []
    before: _Placed | None = None
    for placed in page.lines:
        if before:
            usual = leading * min(before.size, placed.size) / body
            other_kind = before.bold != placed.bold or abs(before.size - placed.size) > 0.04 * body
            if other_kind or (usual and before.y_end - placed.y > 1.22 * usual):
                lines.append(GAP)
        small = placed.size < 0.93 * body
        note = _BEGINS_NOTE.match(placed.text) is not None if small else placed.text.lstrip()[:1] == _MARK
        text = re.sub(f" *{_MARK}+(?=[,.;:)])", "", placed.text).replace(_MARK, "").replace("\x02", BROKEN)
        lines.append(line_of(text, bold=placed.bold, footnote=note))
        before = placed
    return with_footnotes(lines, page.marks)
