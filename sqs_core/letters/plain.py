"""Text and Markdown letters: one paragraph a line, or lines broken where a page broke them."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import replace

from sqs_core.letters.lines import (
    BROKEN,
    GAP,
    PAGE_OF_PAGES,
    Line,
    UnreadableError,
    is_item,
    line_of,
    paragraphs_of,
    tidied,
)

_MAX_BYTES = 2_000_000
_MARKS = re.compile(r"\[\^\w{1,9}\](?!:)|<sup>\s*[\d*†‡,]{1,5}\s*</sup>", re.I)
_NOTE = re.compile(r"\s*(?:\[\^\w{1,9}\]:|<sup>\s*\d{1,2}\s*</sup>)\s*", re.I)
# "rate1 for": the mark of a footnote that has lost its height. Names of roads and forms are in capitals.
_GLUED_MARK = re.compile(r"(?<=[a-z]{3})(\d{1,2})(?=[\s,.;:)]|$)")
_NOTE_WITH_DIGIT = re.compile(r"(\d{1,2})\s*(?=[A-Z].*(?:\b20\d\d\b|[Ss]ource|[Pp]ublished))")

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_MARKUP = re.compile(r"[<>*_|#\[\\&=^]|^\s*[-+•:]")  # without these a line is as it is
_TABLE_ROW = re.compile(r"\s*\|.*\|\s*$")
_RULE = re.compile(r"[\s|:=*_+-]{3,}$")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(?=\S)")
_ALL_BOLD = re.compile(r"\s*(?:\*\*|__)(?!\s)[^*]+(?:\*\*|__)\s*:?\s*$")
_TAG = re.compile(
    r"</?(?:i|b|u|em|strong|sup|sub|span|p|div|font|small|br)(?:\s[^<>]{0,200})?/?>|<!--.{0,300}?-->", re.I
)
_LINK = re.compile(r"\[([^\[\]]{1,200})\]\([^()\s]{1,500}\)")
_EMPHASIS = re.compile(r"(\*{1,3}|(?<!\w)_{1,3})(?=\S)([^*_]+?)(?<=\S)\1(?!\w)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
_ITEM = re.compile(r"^\s*[-*+]\s+(?=\S)")
_LABELLED_ITEM = re.compile(r"^\s*[-*+•]\s+(?=\d{1,2}\.\d{1,2}(?:[.):]|\s))")


def plain_lines(content: bytes) -> list[Line]:
    """The lines of a text or Markdown file. Raises UnreadableError."""
    if len(content) > _MAX_BYTES:
        raise UnreadableError(f"the text is {len(content) / 1e6:.0f} MB, far more than a letter can hold")
    text = decoded(content)
    rows = re.sub("\u00ad\\n[ \\t]*", BROKEN, re.sub(r"\r\n?|[\u2028\u2029\x0b]", "\n", text)).split("\n")
    # One paragraph a line, or lines of a page: where most of the text stands in long lines it is paragraphs.
    breaks = sum(len(row) for row in rows if len(row) > 160) < 0.5 * sum(map(len, rows))
    pages: list[list[Line]] = [[]]
    for row in rows:
        for i, part in enumerate(row.split("\f")):
            if i:
                pages.append([])
            line = _line(part, breaks)
            if line:
                pages[-1].append(line)
            if PAGE_OF_PAGES.match(part):
                pages.append([])
    if not any(line.text for page in pages for line in page):
        raise UnreadableError("the file is empty")
    pages = _with_notes(pages)
    return tidied(pages[0] if len(pages) == 1 else paragraphs_of(pages))


def decoded(content: bytes) -> str:
    """Text from UTF-8, UTF-16 or Windows-1252. Raises UnreadableError when it is none."""
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif content[:200].count(0) > len(content[:200]) // 3:
        encoding = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace") if encoding == "utf-8-sig" else "\0"
        if sum(not character.isascii() for character in text) > 0.1 * len(text):
            text = "\0"  # a file that uses so many letters of Windows-1252 is no English text
    if "\0" in text or len(_CONTROL.findall(text)) > 0.005 * len(text):
        raise UnreadableError("the file is not a PDF, a Word document (.docx) or text")
    return text


def _line(row: str, breaks: bool) -> Line | None:
    """One row of the file without its Markdown; None where it is only a table's rule."""
    if not row.strip():
        return GAP
    if not _MARKUP.search(row):
        return line_of(row, breaks=breaks)
    table = _TABLE_ROW.match(row)
    if _RULE.match(row):
        return None if table or "=" in row else GAP
    if table:
        cells = re.split(r"(?<!\\)\|", row.strip().strip("|"))
        row = " ".join(_EMPHASIS.sub(r"\2", cell.strip()) for cell in cells if cell.strip())
    note = _NOTE.match(row)
    row = _MARKS.sub("", row[note.end() :] if note else row)
    heading = _HEADING.match(row)
    bold = bool(heading or _ALL_BOLD.match(row) or re.fullmatch(r"\s*<(b|strong)>.*</\1>\s*", row, re.I))
    text = row[heading.end() :].rstrip("# ") if heading else row
    if "<" in text:
        text = _TAG.sub("", text)
    if "*" in text or "_" in text:
        text = _ITEM.sub("- ", text, count=1)
        text = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text))
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "&" in text:
        text = html.unescape(text)
    text = _LABELLED_ITEM.sub("", text.removeprefix("> "), count=1)
    return line_of(text, bold=bold, breaks=breaks and not table, footnote=note is not None)


def _with_notes(pages: list[list[Line]]) -> list[list[Line]]:
    """The pages with their footnotes known as such, and the digits gone that were their marks."""
    texts = [line.text for page in pages for line in page]
    marks = {mark for text in texts for mark in _GLUED_MARK.findall(text)}
    marks &= {begins[1] for text in texts if (begins := _NOTE_WITH_DIGIT.match(text))}
    return [[_unmarked(line, marks) for line in _noted(page, marks)] for page in pages]


def _noted(page: list[Line], marks: set[str]) -> Iterator[Line]:
    note = False
    for line in page:
        begins = _NOTE_WITH_DIGIT.match(line.text)
        if line.footnote:
            note = True
            yield line
        elif begins and begins[1] in marks:
            note = True
            yield replace(line, text=line.text[begins.end(1) :].strip(), footnote=True)
        else:
            note = note and line.breaks and bool(line.text) and not is_item(line.text)
            yield replace(line, footnote=True) if note else line


def _unmarked(line: Line, marks: set[str]) -> Line:
    text = (
        _GLUED_MARK.sub(lambda match: "" if match[1] in marks else match[1], line.text)
        if marks
        else line.text
    )
    return line if text == line.text else replace(line, text=text)
