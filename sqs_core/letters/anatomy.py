"""The lines of a letter become its parts: what stands before the sections, sections with their paragraphs,
strengths, areas requiring improvement. Nothing here understands a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from sqs_core.letters.lines import Line
from sqs_core.letters.words import table, word_list

SECTIONS = (
    "reducing_reoffending",
    "protecting_the_public",
    "protecting_the_child",
    "serving_the_sentence",
    "operational_management",
)
_BY_NUMBER = dict(zip("1234", SECTIONS, strict=False))

LABEL = re.compile(r"(?:[-•*]\s+)?([1-9l])\s?\.\s?(\d{1,2})(?:\s?[.):])?(?:\s+|(?=[A-Z\"'“‘]))(?=\S)")
_LABEL_ALONE = re.compile(r"(?:[-•*]\s+)?([1-9l])\s?\.\s?(\d{1,2})\s?[.):]?$")
_BULLET = re.compile(r"(?:[-•*▪●○◦·]|o(?=\s\s?[A-Z])|–|\(?[a-z]\)|\(?\d{1,2}[.)]|\(?[ivx]{1,4}[.)])\s+(?=\S)")
_HEADING_NUMBER = re.compile(
    r"(?:section\s+)?(?:([1-9])\s?[.):]?|\(([1-9])\)|[ivx]{1,3}[.)])(?:\s+|(?=[A-Z]))", re.I
)
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–|\s]*\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?[-–|\s]*$", re.I)
_ENDS_A_SENTENCE = re.compile(r"[.!?:;][\"'”’)\]*]*$")
# A heading or a label that noise has run into the line before it.
_RUN_IN = re.compile(
    r"\s(?=[1-4OKA])(?:(?<=[.!?:;”\"'’)]\s)(?=[1-4]\.\d{1,2}[.)]?\s+[A-Z“\"])"
    r"|(?<=[.!?”\"'’)]\s)(?=[1-4][.)]?\s+[A-Z][a-z]+(?:\s[A-Za-z]+){1,8}:?\s+[1-4]\.1[.)]?\s)"
    r"|(?<=[a-z]\s)(?=[1-4]\.1[.)]?\s+[A-Z])"
    r"|(?<=[.!?”\"'’)]\s)(?=(?:Operational management|Key strengths|Areas? (?:requiring|for) improvement)\b))"
)
_TITLE_THEN_TEXT = re.compile(
    r"((?:Operational management|Key strengths|Areas? (?:requiring|for) improvement)\s*:?)\s+(?=[-•*A-Z])"
)
_GLUED_MARK = re.compile(r"[¹²³⁴-⁹](?<=[a-z]{4}.)|\d(?<=[^\W\d_]{4}\d)(?=[\s,.;:]|$)|^[¹²³⁴-⁹]\s*")
_SPACES = re.compile(r"\s{2,}")
_THANKS = re.compile(
    r"(?:we (?:are|were) (?:very |most )?grateful|we (?:would|should) (?:also )?like to thank|we wish to thank|thank you|"
    r"our thanks|please pass on|please (?:do not hesitate|contact)|if you (?:have|would|wish)|should you (?:have|wish)|"
    r"(?:any )?(?:questions|queries|enquiries)\b|diolch\b|"
    r"for (?:any )?further (?:information|questions)|yours (?:sincerely|faithfully)|copy (?:to|list)\b|copies to|"
    r"distribution|notes? ?\d?\s*:|notes?$|the lead inspector|lead inspector|contact details|i (?:am|would))",
    re.I,
)
_CONTACT = re.compile(r"\bwe thank\b|\bgrateful to\b|@|\btelephone\b", re.I)
_FOOTNOTE = re.compile(
    r"(?:[¹²³*\d]\s*)?(?:the (?:re-?offending )?rate that was available|published (?:in )?[A-Z][a-z]+ 20\d\d|"
    r"source\s*:|based on binary)",
    re.I,
)


@dataclass(slots=True)
class Part:
    """A heading, paragraph or list item, and the section it stands in (one of SECTIONS, front, context, summary,
    strengths or areas)."""

    kind: str  # heading, paragraph, item
    section: str
    label: str | None
    text: str


@dataclass(slots=True)
class Anatomy:
    """The parts of a letter between its title and its thanks, and the plain text before the first section."""

    front: list[str] = field(default_factory=list)  # every line before the first section, names and all
    parts: list[Part] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)
    after: list[str] = field(
        default_factory=list
    )  # thanks, copy list and notes: read for recognition, never kept

    def sections(self) -> list[str]:
        """The sections that have a paragraph, in the order of the letter."""
        return list(
            dict.fromkeys(p.section for p in self.parts if p.section in SECTIONS and p.kind != "heading")
        )


@cache
def _titles() -> list[tuple[str, re.Pattern[str]]]:
    return [(row["section"], re.compile(row["title"], re.I)) for row in table("headings")["headings"]]


def section_of(title: str) -> str | None:
    """The section that a heading without its number names, or None."""
    title = title.strip(" :.-–*_")
    if not 3 <= len(title) <= 120:
        return None
    for section, pattern in _titles():
        if pattern.fullmatch(title):
            return section
    return None


class _Line:
    """A line after tidying: what a reader of the page sees."""

    __slots__ = ("bold", "breaks", "footnote", "text")

    def __init__(self, text: str, bold: bool, breaks: bool, footnote: bool) -> None:
        self.text, self.bold, self.breaks, self.footnote = text, bold, breaks, footnote


def _tidied(lines: Iterable[Line]) -> list[_Line]:
    tidy: list[_Line] = []
    for line in lines:
        text = line.text
        bold, breaks, footnote = line.bold, line.breaks, line.footnote
        for piece in _RUN_IN.split(text) if len(text) > 40 else [text]:
            split = _TITLE_THEN_TEXT.match(piece)
            if split:
                tidy.append(_Line(split.group(1), bold, breaks, footnote))
                piece = piece[split.end() :]  # noqa: PLW2901
            tidy.append(_Line(piece, bold, breaks, footnote))
    return tidy


def _without_furniture(lines: list[_Line]) -> list[_Line]:
    """Page numbers and lines that stand on several pages go; the first of the same lines stays if it is a title."""
    shapes = [re.sub(r"\d+", "#", line.text.lower()) for line in lines]
    count = Counter(shape for shape in shapes if 3 < len(shape) < 110)
    seen: set[str] = set()
    kept = []
    for line, shape in zip(lines, shapes, strict=True):
        if _PAGE_NUMBER.match(line.text) and line.text:
            continue
        if count[shape] > 1 and not LABEL.match(line.text) and not _LABEL_ALONE.match(line.text):
            # A page's running line: it has a number that counts, or it comes a third time.
            running = "#" in shape or count[shape] > 2 or "inspection" in shape or "screening" in shape
            if running and (shape in seen or "page" in shape or shape.endswith("#")):
                continue
            seen.add(shape)
        kept.append(line)
    return kept


def anatomy_of(lines: Iterable[Line]) -> Anatomy:  # noqa: PLR0912, PLR0915 (one pass over the lines, in their order)
    """The parts of a letter. `lines` are `sqs_core.letters.files.Line`."""
    anatomy = Anatomy()
    tidy = _without_furniture(_tidied(lines))
    section, number = "front", ""
    label: str | None = None  # a printed number that waits for its paragraph
    current: Part | None = None
    gap = True  # an empty line, or the end of a whole paragraph, stands before
    footnote = sourced = False
    bulleted = False  # the list of this section marks its items
    skip = 0
    for i, line in enumerate(tidy):
        if skip:
            skip -= 1
            continue
        text = line.text
        if not text:
            gap, footnote, sourced = True, False, False
            continue
        if _ends_the_letter(tidy, i, section, bulleted, anatomy.parts):
            anatomy.after = [rest.text for rest in tidy[i:] if rest.text and not rest.footnote]
            anatomy.footnotes += [
                rest.text for rest in tidy[i:] if rest.footnote or _FOOTNOTE.match(rest.text)
            ]
            break
        if line.footnote:
            anatomy.footnotes.append(text)
            continue
        found = _heading(tidy, i, gap or not _open(current), number)
        if found:
            section_found, title, number_found, skip = found
            section, number = section_found, number_found or number
            if section == "front":
                continue
            current = Part("heading", section, None, title)
            anatomy.parts.append(current)
            current, label, gap, footnote, sourced, bulleted = None, None, True, False, False, False
            continue
        if section in ("front", "context", "summary"):
            anatomy.front.append(text)
            if section == "front":
                continue
        if _FOOTNOTE.match(text) and (gap or not _open(current) or text[0] in "¹²³*1"):
            footnote, sourced = True, False
        if sourced and not text[0].islower():
            footnote = False
        if footnote:
            anatomy.footnotes.append(text)
            gap = not line.breaks
            sourced = (
                sourced or "source" in text.lower()
            )  # a footnote ends with its source, perhaps a line on
            footnote = line.breaks and not (sourced and _ENDS_A_SENTENCE.search(text))
            continue
        alone = _LABEL_ALONE.match(text)
        if alone and section in SECTIONS:
            label = _label(alone)
            current, gap = None, True
            continue
        marked = LABEL.match(text) if section in SECTIONS else None
        bullet = None if marked else _BULLET.match(text)
        if marked:
            label = _label(marked)
            current = Part("paragraph", section, label, text[marked.end() :])
            anatomy.parts.append(current)
            label = None
        elif bullet and not (current and _open(current) and not gap and text[0] not in "-•*▪●○◦·"):
            kind = "item" if section in ("strengths", "areas") else "paragraph"
            current = Part(kind, section, None, text[bullet.end() :])
            anatomy.parts.append(current)
            bulleted = True
        elif current is not None and _continues(current, text, gap):
            current.text = f"{current.text} {text}"
        else:
            kind = "item" if section in ("strengths", "areas") else "paragraph"
            current = Part(kind, section, label, text)
            anatomy.parts.append(current)
            label = None
        gap = not line.breaks
    for part in anatomy.parts:
        part.text = _repaired(part.text)
    anatomy.parts = [p for p in anatomy.parts if not (p.kind == "item" and p.text.endswith(":"))]
    return anatomy


def _ends_the_letter(lines: list[_Line], i: int, section: str, bulleted: bool, parts: list[Part]) -> bool:
    """Whether line `i` begins the thanks, contacts and copy list, which name people and are not kept.

    After the areas any text does that is no item, where the list marks its items and none comes any more.
    """
    text = lines[i].text
    gap = i > 0 and not (lines[i - 1].text and lines[i - 1].breaks)
    if section == "areas":
        after_list = gap and bulleted and text[0].isupper()
        return bool(_THANKS.match(text) or _CONTACT.search(text)) or (
            after_list and not any(_BULLET.match(line.text) for line in lines[i:])
        )
    if not _THANKS.match(text):
        return False
    if section == "operational_management":
        return gap or not _open(parts[-1])
    return section == "strengths" or (section in SECTIONS and any(part.section == "areas" for part in parts))


def _label(match: re.Match[str]) -> str:
    return f"{match.group(1).replace('l', '1')}.{int(match.group(2))}"


def _open(part: Part | None) -> bool:
    """Whether the text stops in the middle of a sentence."""
    return part is not None and not _ENDS_A_SENTENCE.search(part.text)


def _continues(part: Part, text: str, gap: bool) -> bool:
    if not gap:
        # An item of a list without bullets ends where its sentence ends.
        return part.kind != "item" or _open(part) or not text[0].isupper()
    return (_open(part) and not text[0].isupper()) or part.text.endswith(
        (",", "-", " the", " of", " and", " in")
    )


def _heading(
    lines: list[_Line], i: int, may_begin: bool, number_before: str
) -> tuple[str, str, str, int] | None:
    """A heading at line `i`: its section, title as printed, number, and how many lines more it takes."""
    line = lines[i]
    text = line.text.strip("*_# ")
    if len(text) > 130 or not text or not (text[0].isupper() or text[0].isdigit() or text[0] in "(iv"):
        return None
    numbered = _HEADING_NUMBER.match(text)
    number = (numbered.group(1) or numbered.group(2) or "") if numbered else ""
    title = text[numbered.end() :] if numbered else text
    section = section_of(title) if may_begin or numbered or line.bold else None
    if section:
        return section, text, number, 0
    following = next((k for k in range(i + 1, min(i + 3, len(lines))) if lines[k].text), None)
    if following is None or not (numbered or line.bold or may_begin) or len(title) < 8:
        return None
    after = lines[following].text
    if following == i + 1 and len(after) < 60 and not LABEL.match(after):
        section = section_of(f"{title} {after}")
        if section:
            return section, f"{text} {after}", number, 1
    # Another title than the usual: what follows is numbered like it.
    label = LABEL.match(after) or _LABEL_ALONE.match(after)
    if (
        label
        and len(title) < 90
        and not _ENDS_A_SENTENCE.search(title.rstrip(":"))
        and label.group(2) in ("1", "01")
        and may_begin
        and (number or label.group(1)) == label.group(1) != number_before
        and label.group(1) in _BY_NUMBER
    ):
        return _BY_NUMBER[label.group(1)], text, label.group(1), 0
    return None


_VOCABULARY = word_list(
    "children young people person sufficient insufficient assessment assessments planning plans "
    "reviews reviewed review management oversight cases sampled relevant vulnerability safeguarding "
    "reoffending offending sentence effective quality inspection intervention interventions managers "
    "appropriate timely evidence majority quarters thirds two-thirds three-quarters engagement "
    "compliance diversity"
)
_MAY_STAND_ALONE = {
    "in",
    "a",
    "un",
    "re",
    "over",
    "the",
    "plan",
    "plans",
    "review",
    "case",
    "third",
    "quarter",
}
_PIECES = {
    (word[:k], word[k:]): word
    for word in _VOCABULARY
    for k in range(2, len(word) - 1)
    if word[:k] not in _MAY_STAND_ALONE and word[k:] not in ("s", "on", "ness") and "-" not in word
}
_FIRST_PIECES = {first for first, _ in _PIECES}


# Words that a page has run together, and how they are written.
_GLUED_WORDS = {
    first + last: f"{first} {last}"
    for firsts, lasts in (
        ("in of", "all the most half none every each these those"),
        (
            "all most half none each third thirds quarter quarters majority some many both",
            "of but ofthe butthe",
        ),
        ("the of all relevant in", "cases"),
        ("ofthe ofthese ofthose", "cases sample reports plans"),
    )
    for first in firsts.split()
    for last in lasts.split()
}
_GLUED_WORDS = {
    glued: re.sub(r"\b(of|but)(the|these|those)\b", r"\1 \2", words) for glued, words in _GLUED_WORDS.items()
}
_TO_REPAIR = _FIRST_PIECES | _GLUED_WORDS.keys()


def _repaired(text: str) -> str:
    """Undoes what reading a page does to words: footnote marks, words glued together or cut in two."""
    text = _GLUED_MARK.sub("", text)
    words = text.split(" ")
    if not _TO_REPAIR.isdisjoint(map(str.lower, words)):
        text = " ".join(map(_parted, _whole_words(words)))
    return _SPACES.sub(" ", text).strip()


def _parted(word: str) -> str:
    """ "Ofthe" as "Of the"."""
    parts = _GLUED_WORDS.get(word.lower())
    return word[0] + parts[1:] if parts else word


def _whole_words(words: list[str]) -> Iterator[str]:
    i = 0
    while i < len(words):
        word = words[i]
        if i + 1 < len(words):
            bare = words[i + 1].rstrip(".,;:)")
            if (word.lower(), bare.lower()) in _PIECES:
                yield word + words[i + 1]
                i += 2
                continue
        yield word
        i += 1
