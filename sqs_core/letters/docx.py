"""Text out of Word letters (.docx), as Word shows it: with the numbers that Word makes itself, without
deleted text. Element names are compared without their namespace: Word has two sets of them."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from sqs_core.letters.lines import GAP, Line, UnreadableError, line_of, tidied

_MAX_PART = 10_000_000  # bytes unpacked; the text of a letter is some 200,000
_MAX_PARTS = 5_000
_DAMAGED = "the Word file is damaged; download it or ask for it again"
_BOMB = "the Word file unpacks to far more than a letter can hold"

# What other programs put into a zip.
_OTHER_KINDS = (
    ("xl/workbook.xml", "this is an Excel workbook, not a letter"),
    ("xl/workbook.bin", "this is an Excel workbook, not a letter"),
    ("ppt/presentation.xml", "this is a PowerPoint file, not a letter"),
    ("content.xml", "this is an OpenDocument file; save it as .docx or PDF"),
)

# Inside these nothing is text of the letter: taken out again, moved away, or said a second time.
_NOT_TEXT = frozenset(
    ("del", "moveFrom", "Fallback", "pPr", "rPr", "sdtPr", "tblPr", "trPr", "tcPr", "instrText", "delText")
)


def docx_lines(content: bytes) -> list[Line]:
    """The lines of a Word file: a paragraph or table row each, footnotes after their paragraph. Raises
    UnreadableError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            lines = list(_Letter(archive).lines())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        if "password" in str(error) or "encrypted" in str(error):
            raise UnreadableError(
                "this is a packed archive with a password; load the letter itself"
            ) from None
        raise UnreadableError(_DAMAGED) from None
    if not any(line.text for line in lines):
        raise UnreadableError("the Word file holds no text")
    return tidied(lines)


class _Letter:
    """The parts of a Word file that hold text, or say how it is numbered and styled."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        names = archive.namelist()
        if len(names) > _MAX_PARTS:
            raise UnreadableError(_BOMB)
        for part, reason in _OTHER_KINDS:
            if part in names:
                raise UnreadableError(reason)
        main = self._related("").get("officeDocument", "")
        document = self._part(main)
        self._body = None if document is None else _child(document, "body")
        if self._body is None:
            raise UnreadableError("this is a packed archive, not a Word file; load the letter itself")
        related = self._related(main)
        self._styles = _Styles(self._part(related.get("styles", "")))
        self._numbering = _Numbering(self._part(related.get("numbering", "")), self._styles)
        self._notes = {
            (f"{kind}Reference", _value(note, "id")): note
            for kind in ("footnote", "endnote")
            for note in _children(self._part(related.get(f"{kind}s", "")), kind)
        }
        self._cited: list[etree._Element] = []  # the notes of the paragraphs since the last call of `lines`
        self._carried = ""  # text of a paragraph whose end was deleted: it goes on in the next

    def _part(self, name: str) -> etree._Element | None:
        if name not in self._archive.namelist():
            return None
        if self._archive.getinfo(name).file_size > _MAX_PART:
            raise UnreadableError(_BOMB)
        with self._archive.open(name) as file:
            xml = file.read(_MAX_PART + 1)  # what the archive says about sizes may be a lie
        if len(xml) > _MAX_PART:
            raise UnreadableError(_BOMB)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(xml, parser)
        except etree.XMLSyntaxError:
            raise UnreadableError(_DAMAGED) from None
        if root.getroottree().docinfo.doctype:
            raise UnreadableError("the Word file declares XML entities, which Word never does; save it anew")
        return root

    def _related(self, name: str) -> dict[str, str]:
        """The parts that a part names, by the last word of their kind: "styles" -> "word/styles.xml"."""
        folder, _, file = name.rpartition("/")
        relations = self._part(f"{folder}/_rels/{file}.rels".lstrip("/"))
        return {
            relation.get("Type", "").rpartition("/")[2]: posixpath.normpath(
                posixpath.join("/", folder, relation.get("Target", ""))
            ).lstrip("/")
            for relation in _children(relations, "Relationship")
            if relation.get("TargetMode") != "External"
        }

    def lines(self) -> Iterator[Line]:
        for block in _blocks(self._body):
            yield from self._block(block)
            cited, self._cited = self._cited, []
            for note in cited:
                yield GAP
                for paragraph in _blocks(note):
                    yield from (replace(line, footnote=True) for line in self._block(paragraph) if line.text)
                yield GAP

    def _block(self, block: etree._Element) -> Iterator[Line]:
        if _name(block) == "p":
            return self._paragraph(block)
        return (line for row in _blocks(block) if _name(row) == "tr" for line in self._row(row))

    def _row(self, row: etree._Element) -> Iterator[Line]:
        """A row is one line, "To: the chair"; where cells hold several paragraphs these stay apart."""
        if _child(row, "trPr", "del") is not None:
            return
        cells = [
            [line for block in _blocks(cell) for line in self._block(block) if line.text]
            for cell in _blocks(row)
            if _name(cell) == "tc"
        ]
        cells = [cell for cell in cells if cell]
        if len(cells) > 1 and all(len(cell) == 1 for cell in cells[:-1]):
            firsts = [cell[0] for cell in cells]
            text = " ".join(line.text for line in firsts)
            yield replace(firsts[-1], text=text, bold=all(line.bold for line in firsts))
            yield from cells[-1][1:]
        else:
            for cell in cells:
                yield from cell

    def _paragraph(self, paragraph: etree._Element) -> Iterator[Line]:
        style = self._styles.of(_value(_child(paragraph, "pPr", "pStyle"), default=self._styles.default))
        text = _Text()
        for run in _runs(paragraph):
            self._run(run, style, text)
        whole = self._carried + "".join(text.pieces)
        self._carried = ""
        mark = _child(paragraph, "pPr", "rPr")
        if mark is not None and (_child(mark, "del") is not None or _child(mark, "moveFrom") is not None):
            self._carried = whole
            return
        label = self._numbering.label_of(paragraph, style)
        rows = whole.split("\n")
        bold = style.heading or text.bold == text.characters > 0
        for i, row in enumerate(rows):
            shown = f"{label} {row}" if label and not i and row.strip() else row
            yield line_of(shown, bold=bold, breaks=i < len(rows) - 1, footnote=text.is_note)
        for box in _text_boxes(paragraph):
            for block in _blocks(box):
                yield from self._block(block)

    def _run(self, run: etree._Element, style: _Style, text: _Text) -> None:
        properties = _child(run, "rPr")
        own = self._styles.of(_value(_child(properties, "rStyle")))
        if _switch(properties, "vanish", False):
            return
        shown = ""
        for element in _elements(run):
            match _name(element):
                case "t":
                    shown += element.text or ""
                case "tab":
                    shown += " "
                case "br" | "cr":
                    shown += "\n" if _value(element, "type", "textWrapping") == "textWrapping" else " "
                case "noBreakHyphen":
                    shown += "-"
                case "sym":
                    shown += _symbol(_value(element, "char"))
                case "footnoteReference" | "endnoteReference" as kind:
                    note = self._notes.get((kind, _value(element, "id")))
                    if note is not None:
                        self._cited.append(note)
        raised = _value(_child(properties, "vertAlign"), default=own.raised) == "superscript"
        raised = raised or _whole_number(_value(_child(properties, "position"))) > 2
        if raised and shown.strip().strip("[]()").rstrip(",").isdigit():
            text.is_note = text.is_note or not "".join(text.pieces).strip()
            return
        text.pieces.append(shown)
        characters = len(shown.strip())
        text.characters += characters
        if _switch(properties, "b", own.bold or style.bold):
            text.bold += characters


@dataclass(slots=True)
class _Text:
    """The text of a paragraph as its runs are read."""

    pieces: list[str] = field(default_factory=list)
    characters: int = 0
    bold: int = 0  # how many of the characters are bold
    is_note: bool = False  # it begins with a raised number


@dataclass(frozen=True, slots=True)
class _Style:
    id: str = ""
    bold: bool = False
    heading: bool = False
    raised: str = ""
    number: str = ""  # numId
    level: int | None = None
    numbered_by: str = ""  # the style in the chain that has the numbering


class _Styles:
    def __init__(self, part: etree._Element | None) -> None:
        self._elements = {_value(style, "styleId"): style for style in _children(part, "style")}
        self._known: dict[str, _Style] = {"": _Style()}
        self.default = next(
            (
                id_
                for id_, style in self._elements.items()
                if _value(style, "type") == "paragraph" and _value(style, "default") in ("1", "true")
            ),
            "",
        )

    def of(self, id_: str) -> _Style:
        """A style with all that it takes over from the styles it is based on."""
        chain: list[str] = []
        while id_ not in self._known:
            if id_ in chain or id_ not in self._elements:
                self._known[id_] = _Style()
                break
            chain.append(id_)
            id_ = _value(_child(self._elements[id_], "basedOn"))
        for name in reversed(chain):
            self._known[name] = self._inheriting(name, self._known[id_])
            id_ = name
        return self._known[chain[0] if chain else id_]

    def _inheriting(self, id_: str, base: _Style) -> _Style:
        element = self._elements[id_]
        run, paragraph = _child(element, "rPr"), _child(element, "pPr")
        number = _value(_child(paragraph, "numPr", "numId"))
        level = _value(_child(paragraph, "numPr", "ilvl"))
        title = _value(_child(element, "name")).lower()
        return _Style(
            id=id_,
            bold=_switch(run, "b", base.bold),
            heading=base.heading or title.startswith("heading") or title in ("title", "subtitle"),
            raised=_value(_child(run, "vertAlign"), default=base.raised),
            number=number or base.number,
            level=_whole_number(level) if level else base.level,
            numbered_by=id_ if number else base.numbered_by,
        )


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list is numbered (ECMA-376 part 1, 17.9)."""

    start: int
    format: str
    text: str  # "%1.%2."
    restart: int | None  # starts again after this level, counted from 1; 0: never
    legal: bool  # every number in decimals
    style: str  # paragraphs of this style are of this level


@dataclass(frozen=True, slots=True)
class _List:
    abstract: str  # lists with the same abstract list count on together
    levels: dict[int, _Level]
    starts: dict[int, int]  # where this list starts anew


class _Numbering:
    """Counts the numbered paragraphs, which must come in their order."""

    def __init__(self, part: etree._Element | None, styles: _Styles) -> None:
        abstracts = {_value(e, "abstractNumId"): e for e in _children(part, "abstractNum")}
        nums = {_value(e, "numId"): e for e in _children(part, "num")}
        self._lists = {id_: _list_of(num, abstracts, nums, styles) for id_, num in nums.items()}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def label_of(self, paragraph: etree._Element, style: _Style) -> str:
        """The number or "-" that Word shows before a paragraph; "" where it shows none. Counts on."""
        own = _child(paragraph, "pPr", "numPr")
        number = _value(_child(own, "numId"), default=style.number)
        list_ = self._lists.get(number)
        if list_ is None:
            return ""
        level = _value(_child(own, "ilvl"))
        if level:
            return self._label(number, list_, _whole_number(level))
        of_style = (
            k for k, found in list_.levels.items() if found.style and found.style == style.numbered_by
        )
        return self._label(number, list_, next(of_style, style.level or 0))

    def _label(self, number: str, list_: _List, depth: int) -> str:
        level = list_.levels.get(depth)
        if level is None:
            return ""
        counts = self._counts.setdefault(list_.abstract, {})
        if depth in list_.starts and (number, depth) not in self._begun:
            counts[depth] = list_.starts[depth] - 1
        self._begun.add((number, depth))
        counts[depth] = counts[depth] + 1 if depth in counts else level.start
        for deeper in [k for k in counts if k > depth]:
            restart = list_.levels[deeper].restart if deeper in list_.levels else None
            if depth < (deeper if restart is None else restart):
                del counts[deeper]
        if level.format == "bullet":
            return "-"

        def shown(match: re.Match[str]) -> str:
            k = int(match[1]) - 1
            if k not in list_.levels:
                return ""
            count = counts.setdefault(k, list_.starts.get(k, list_.levels[k].start))
            return _numeral(count, "decimal" if level.legal else list_.levels[k].format)

        return re.sub(r"%([1-9])", shown, level.text).strip()


def _list_of(
    num: etree._Element,
    abstracts: dict[str, etree._Element],
    nums: dict[str, etree._Element],
    styles: _Styles,
) -> _List:
    id_ = _value(_child(num, "abstractNumId"))
    abstract = abstracts.get(id_)
    link = _value(_child(abstract, "numStyleLink"))
    if link:  # the list is defined where a list style is
        other = nums.get(styles.of(link).number)
        id_ = _value(_child(other, "abstractNumId"), default=id_)
        abstract = abstracts.get(id_)
    levels = {_whole_number(_value(e, "ilvl")): _level_of(e) for e in _children(abstract, "lvl")}
    starts = {}
    for override in _children(num, "lvlOverride"):
        depth = _whole_number(_value(override, "ilvl"))
        own = _child(override, "lvl")
        if own is not None:
            levels[depth] = _level_of(own)
        start = _value(_child(override, "startOverride"))
        if start:
            starts[depth] = _whole_number(start)
    return _List(id_, levels, starts)


def _level_of(element: etree._Element) -> _Level:
    restart = _value(_child(element, "lvlRestart"))
    return _Level(
        start=_whole_number(_value(_child(element, "start"), default="0")),
        format=_value(_child(element, "numFmt"), default="decimal"),
        text=_value(_child(element, "lvlText")),
        restart=_whole_number(restart) if restart else None,
        legal=_switch(element, "isLgl", False),
        style=_value(_child(element, "pStyle")),
    )


def _numeral(count: int, format_: str) -> str:
    match format_:
        case "none" | "bullet":
            return ""
        case "lowerLetter" | "upperLetter":  # a … z, aa, bb, …
            letters = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 9)
            return letters if format_ == "lowerLetter" else letters.upper()
        case "lowerRoman" | "upperRoman" if 0 < count < 4000:
            return _roman(count) if format_ == "lowerRoman" else _roman(count).upper()
        case "decimalZero":
            return f"{count:02}"
    return str(count)


_ROMAN = "1000 m 900 cm 500 d 400 cd 100 c 90 xc 50 l 40 xl 10 x 9 ix 5 v 4 iv 1 i"


def _roman(count: int) -> str:
    numeral, parts = "", _ROMAN.split()
    for value, letters in zip(map(int, parts[::2]), parts[1::2], strict=True):
        numeral += letters * (count // value)
        count %= value
    return numeral


def _symbol(code: str) -> str:
    """A character of a symbol font: a bullet where the paragraph begins with it (see `tidy`)."""
    try:
        return chr(0xE000 | int(code, 16) & 0xFFF) + " "
    except ValueError:
        return ""


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _value(element: etree._Element | None, attribute: str = "val", default: str = "") -> str:
    if element is None:
        return default
    return next(
        (str(v) for k, v in element.attrib.items() if str(k).rpartition("}")[2] == attribute), default
    )


def _children(element: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if element is None else [child for child in element if _name(child) == name]


def _child(element: etree._Element | None, *path: str) -> etree._Element | None:
    for name in path:
        element = next(iter(_children(element, name)), None)
    return element


def _switch(element: etree._Element | None, name: str, otherwise: bool) -> bool:
    switch = _child(element, name)
    return otherwise if switch is None else _value(switch, default="1") not in ("0", "false", "off")


def _whole_number(text: str) -> int:
    """A number as Word writes it; 0 for what is none, or no number of a letter."""
    return int(text) if re.fullmatch(r"-?\d{1,6}", text) else 0


_BLOCKS = frozenset(("p", "tbl", "tr", "tc"))


def _blocks(element: etree._Element | None) -> Iterator[etree._Element]:
    """The paragraphs and tables in an element, the rows in a table, the cells in a row."""
    for child in [] if element is None else element:
        if _name(child) in _BLOCKS:
            yield child
        elif _name(child) not in _NOT_TEXT:
            yield from _blocks(child)


def _runs(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        name = _name(child)
        if name == "r":
            yield child
        elif name not in _NOT_TEXT:
            yield from _runs(child)


def _elements(run: etree._Element) -> Iterator[etree._Element]:
    """What a run consists of, without the text boxes that hang on it."""
    for child in run:
        name = _name(child)
        if name == "AlternateContent":
            yield from (e for choice in _children(child, "Choice")[:1] for e in _elements(choice))
        elif name not in _NOT_TEXT:
            yield child


def _text_boxes(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if _name(child) == "txbxContent":
            yield child
        elif _name(child) not in _NOT_TEXT:
            yield from _text_boxes(child)
