"""Lines of text as they come out of a file, and the tidying that every kind of file needs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace


class UnreadableError(Exception):
    """Why a file cannot be read, without its name: `lines_of` puts the name in front."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page, or one whole paragraph. An empty text is the gap between two paragraphs.

    Spaces are single, bullets are "- ", and footnote marks are gone where the file tells them from digits.
    """

    text: str
    bold: bool = False
    breaks: bool = True  # the page ends the line, not the writer: the sentence may run on in the next one
    footnote: bool = False  # text of a footnote, its mark removed


GAP = Line("")

LABEL = re.compile(r"\d{1,2}\.\d{1,2}(?:[.):]|(?=\s|$))")
_LABEL_ALONE = re.compile(r"\d{1,2}\.\d{1,2}[.):]?$")
# Symbol fonts put their bullets into the private use area.
_BULLET = re.compile(r"(?:[•●○▪■□◦‣∙·➢✓\ue000-\uf8ff]+\s*|o\s+(?=[A-Z]))(?=\S)")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
_SPACES = re.compile(r"\s+")
_SENTENCE_ENDS = re.compile(r"[.!?:;]['\"’”)\]]*$")

_TIDY = {
    **dict.fromkeys([*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)]),
    **dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF, 0xFFFD, 0xFFFF]),
    0x2010: "-",
    0x2011: "-",
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}

BROKEN = "\ufffe"  # a hyphen at the end of a line, until it is known whether the word is written with it
_BROKEN_WORD = re.compile(rf"([\w'’-]{{1,40}}){BROKEN}([\w-]{{0,40}})")
# Words that are written with a hyphen wherever the line ends: before it, and after it.
_WITH_HYPHEN_AFTER = """
anti co cross decision ex face follow good half high inter long low mid multi non on one out part peer post
pre quality re risk self semi short sub two three four five six seven eight nine ten eleven twelve twenty
thirty forty fifty sixty seventy eighty ninety up well year
"""
_WITH_HYPHEN_BEFORE = """
based being bound centred depth focused going house led making offending old quarters related risk sentence
site specific taking term third thirds to up wide work
"""
_HYPHEN_AFTER = frozenset(_WITH_HYPHEN_AFTER.split())
_HYPHEN_BEFORE = frozenset(_WITH_HYPHEN_BEFORE.split())


def tidy(text: str) -> str:
    """Single spaces, composed letters, no invisible characters, "- " for a bullet. Curly quotes stay."""
    text = text.strip()
    if text.isascii() and text.isprintable() and not text.startswith("o "):
        return " ".join(text.split())  # as most lines are
    bullet = _BULLET.match(text)
    if bullet:
        text = "- " + text[bullet.end() :]
    text = _PRIVATE_USE.sub("", text).translate(_TIDY)
    return unicodedata.normalize("NFC", _SPACES.sub(" ", text).strip())


_RAISED = "¹²³⁰⁴-⁹"
_RAISED_DIGITS = re.compile(f"[{_RAISED}]+")
_BEGINS_RAISED = re.compile(rf"\s*[{_RAISED}]")


def line_of(text: str, *, bold: bool = False, breaks: bool = True, footnote: bool = False) -> Line:
    """A tidy line. A raised digit (¹) at its beginning makes it a footnote, elsewhere it is a mark."""
    note = footnote or _BEGINS_RAISED.match(text) is not None
    text = tidy(text if text.isascii() else _RAISED_DIGITS.sub("", text))
    return Line(text, bold, breaks, note) if text else GAP


def is_item(text: str) -> bool:
    """Whether a numbered paragraph or a bullet begins here."""
    return text.startswith("- ") or LABEL.match(text) is not None


def tidied(lines: Iterable[Line]) -> list[Line]:
    """What all kinds of files have in common once their lines are known: no gap twice, a label that stands
    alone goes before its paragraph, words broken at a line's end are whole again."""
    kept: list[Line] = []
    for line in lines:
        if not line.text and (not kept or not kept[-1].text):
            continue
        if line.text and kept and _LABEL_ALONE.match(kept[-1].text):
            kept[-1] = replace(line, text=f"{kept[-1].text} {line.text}")
        else:
            kept.append(line)
    if kept and not kept[-1].text:
        kept.pop()
    return _words_whole(kept)


def _words_whole(lines: list[Line]) -> list[Line]:
    texts = [line.text for line in lines]
    for i, line in enumerate(lines[:-1]):
        before, after = texts[i], texts[i + 1]
        same_text = line.breaks and line.footnote == lines[i + 1].footnote
        if same_text and before.endswith(("-", BROKEN)) and before[-2:-1].isalnum() and after[:1].isalnum():
            # The word's end comes up to its beginning.
            first, _, rest = after.partition(" ")
            hyphen = BROKEN if before[-2].islower() and after[0].islower() else "-"
            texts[i], texts[i + 1] = before[:-1] + hyphen + first, rest
    if not any(BROKEN in text for text in texts):
        return lines
    words = set(re.findall(r"[\w-]+", " ".join(texts).lower()))
    whole = [
        _BROKEN_WORD.sub(lambda match: _whole(match, words), text).replace(BROKEN, "-") for text in texts
    ]
    # A line that has given its only word away is not a gap.
    return [
        replace(line, text=text) for line, text in zip(lines, whole, strict=True) if text or not line.text
    ]


def _whole(broken: re.Match[str], words: set[str]) -> str:
    first, second = broken.groups()
    hyphened, joined = f"{first}-{second}", first + second
    if hyphened.lower() in words:
        return hyphened
    if joined.lower() in words:
        return joined
    keeps = first.lower() in _HYPHEN_AFTER or second.lower() in _HYPHEN_BEFORE
    return hyphened if keeps or "-" in first or "-" in second or not second else joined


def paragraphs_of(pages: Sequence[Sequence[Line]]) -> list[Line]:
    """The lines of a letter from the lines of its pages: without running headers, footers and page numbers;
    sentences run on over the page's end, and footnotes follow the paragraph that the page's end has cut."""
    lines: list[Line] = []
    notes: list[Line] = []
    width = 0
    for page in _without_furniture([page for page in pages if any(line.text for line in page)]):
        body = [line for line in page if not line.footnote]
        while body and not body[-1].text:
            body.pop()
        while body and not body[0].text:
            body.pop(0)
        if lines and body and not _runs_on(lines[-1], body[0], width):
            lines.append(GAP)
        for line in body:
            if notes and (line.bold or not line.text or is_item(line.text)):
                lines += [GAP, *notes, GAP]
                notes = []
            lines.append(line)
        notes += [line for line in page if line.footnote]
        width = max((len(line.text) for line in body if not line.bold), default=width)
    return [*lines, GAP, *notes]


def _runs_on(last: Line, first: Line, width: int) -> bool:
    """Whether the text goes on from the last line of a page to the first of the next."""
    if is_item(first.text) or last.bold != first.bold:
        return False
    if not _SENTENCE_ENDS.search(last.text) or first.text[0].islower():
        return True
    # A sentence that ends with the page may end its paragraph, or the line had no room for another word.
    return len(last.text) + 1 + len(first.text.split(" ")[0]) > width


_EDGE = 4  # how many lines at the top and the bottom of a page may be furniture
_PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?(?:\s*\|\s*page)?\W*$", re.I)
PAGE_OF_PAGES = re.compile(r"\W*page\s+\d{1,2}\s+of\s+\d{1,2}\W*$", re.I)


def _without_furniture(pages: Sequence[Sequence[Line]]) -> Iterator[list[Line]]:
    shapes = [{shape for _, shape in _edge(page)} for page in pages]
    on_pages = Counter(shape for page in shapes for shape in page)
    often = max(2, (len(pages) + 1) // 2)
    for number, page in enumerate(pages):
        top = min((i for i, _ in _edge(page)), default=0) + _EDGE
        furniture = {
            i
            for i, shape in _edge(page)
            if _PAGE_NUMBER.match(page[i].text)
            # The first page's head may be the title that the other pages repeat.
            or (on_pages[shape] >= often and not LABEL.match(page[i].text) and (number or i >= top))
        }
        yield [line for i, line in enumerate(page) if i not in furniture]


def _edge(page: Sequence[Line]) -> list[tuple[int, str]]:
    """The lines at the top and the bottom of a page, with every number made alike."""
    filled = [i for i, line in enumerate(page) if line.text]
    edge = filled if len(filled) <= 2 * _EDGE else filled[:_EDGE] + filled[-_EDGE:]
    return [(i, re.sub(r"\d+", "#", page[i].text.lower())) for i in edge]


_NOTE_LINES = 8  # more lines than this are no footnote
_NOTE_BEGINS = re.compile(r"(\d{1,2})\s*(?=[^\W\d_])")


def with_footnotes(page: Sequence[Line], marks: set[str]) -> list[Line]:
    """The page with its footnotes known as such: the lines at its end from one that begins with a mark."""
    filled = [i for i, line in enumerate(page) if line.text][-_NOTE_LINES:]
    for i in filled:
        begins = _NOTE_BEGINS.match(page[i].text)
        if not (page[i].footnote or (begins and begins[1] in marks)):
            continue
        rest = page[i:]
        if any(is_item(line.text) for line in rest):
            continue  # "1 Reducing reoffending" is a heading
        if begins and begins[1] in marks:
            rest = [replace(rest[0], text=rest[0].text[begins.end() :]), *rest[1:]]
        return [*page[:i], *(replace(line, footnote=True) if line.text else line for line in rest)]
    return list(page)
