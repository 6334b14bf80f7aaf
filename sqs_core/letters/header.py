"""What a letter says before its first section: whom it is about, when, how many cases, reoffending."""

from __future__ import annotations

import re
from datetime import date

from sqs_core.letters import dates
from sqs_core.letters.anatomy import Anatomy
from sqs_core.letters.words import number_at, word_list, words_of
from sqs_core.model import Compared, Letter, ReoffendingHeadline

_TITLE = re.compile(r"short quality screening|\bSQS\b", re.I)
_IN = r"\s*(?:\(SQS\)\s*)?(?:undertaken |carried out )?(?:in|of|for|at|by|across|:|-|–|—)\s*:?\s*(?P<place>[^\W\d_].*)$"
_WORK_IN = re.compile(r"(?:offending|justice) work" + _IN, re.I)
_SCREENING_IN = re.compile(
    r"(?:\(SQS\)|screening|SQS|youth (?:offending|justice) (?:services?|teams?))" + _IN, re.I
)
_UNFINISHED = re.compile(
    r"(?:\b(?:in|of|for|the|and|&|work|youth|offending|screening|with|upon|on|\(SQS\))|[:–—-])\s*$", re.I
)
_SENTENCE_ON_INSPECTION = re.compile(r"(?:the|this|our|we)\b.*\binspect", re.I)
_ROW = re.compile(
    r"(?:to|from|copy to|cc|publication date|date of publication|published(?: on)?|date)\b\s*[:|]|dear\b|context$",
    re.I,
)
_JOINING = frozenset(word_list("and upon on of the with in under le y yr a & -"))
_KINDS = {
    "offending service": "YOS",
    "offending services": "YOS",
    "offending team": "YOT",
    "offending teams": "YOT",
    "justice service": "YJS",
    "justice services": "YJS",
    "justice team": "YJS",
}
_SERVICE = re.compile(
    r"[Yy]outh (?P<kind>[Oo]ffending (?:[Ss]ervices?|[Tt]eams?)|[Jj]ustice (?:[Ss]ervices?|[Tt]eam))\b"
    r"(?:\s*\((?P<short>YOS|YOT|YJS)s?\))?"
)
_SHORT_SERVICE = re.compile(r"\b(?P<short>YOS|YOT|YJS)\b")
_NO_NAMES = frozenset(
    word_list(
        "the chair interim by in of for at from local manager head board youth a an this each all with and our"
    )
)
_CASES = re.compile(
    r"\b(?:examined|inspected|assessed|looked at|looked in detail at|considered|reviewed|sampled|read|selected|screened|"
    r"sample (?:of|was|consisted of|comprised|included)|total of|comprising|examination of|assessment of)\s+"
    r"(?P<rest>[^.;]{1,80})",
    re.I,
)
_CASE_NOUN = re.compile(r"\b(?:cases?|case files?|files|children|young people|records|orders)\b", re.I)
_FIELDWORK = re.compile(
    r"\b(?:inspection|screening|SQS|fieldwork|visit(?:ed)?|inspected|inspectors|on[- ]site)\b[^.;]{0,120}?"
    r"(?:conducted|undertaken|carried out|took place|completed|held|fieldwork|inspected|visited|happened|spent|was|were|ran)\b"
    r"(?P<rest>(?:(?!\.\s).){0,160})",
    re.I | re.S,
)
_PUBLISHED = re.compile(
    r"(?:publication\s+date|date\s+of\s+(?:publication|report|letter)|date\s+published|published(?:\s+on)?|^date)\s*[:|\-–]?\s*"
    r"(?P<rest>.{4,40})",
    re.I | re.M,
)
_RATE = re.compile(r"(?<![\d.])(\d{1,2}(?:\.\d{1,2})?)\s*(?:%|per\s?cent\b|percent\b)", re.I)
_PREVIOUS = r"(?:previous|preceding|prior|last|earlier) (?:year|period|cohort|12 months|figure|rate)|year (?:before|earlier)|(?:twelve|12) months (?:before|earlier)|(?:down|up) from|a year ago"  # noqa: E501
_ENGLAND = r"England (?:and|&) Wales|England/Wales|national(?:ly)?(?: average| rate| figure)?"
_FROM = re.compile(r"(?:down|up) from", re.I)
_OWN = r"(?:re-?offending|published|local|binary|proven|current|its|own) rate|rate (?:for|in|of)\b"
_ROLE = re.compile(rf"(?P<previous>{_PREVIOUS})|(?P<england_wales>{_ENGLAND})|(?P<own>{_OWN})", re.I)
_COMPARED = re.compile(
    r"(?P<worse>not as good|worse|higher|above|deteriorat|increas|\brose\b|\brisen\b|up from|greater|poorer|exceed)"
    r"|(?P<better>better|lower|below|improv|reduc|decreas|\bfell\b|fallen|down from|favourabl|less than|dropped)"
    r"|(?P<same>same|in line with|equal|unchanged|similar|identical|comparable|matched)",
    re.I,
)
_REOFFENDING = re.compile(r"re-?\s?offending\s+rate|rate of (?:proven )?re-?offending", re.I)


def title_of(front: list[str]) -> str | None:
    """The title, joined where it runs over lines. A sentence that mentions a screening is no title, and a page's
    running line ("Short Quality Screening: Knowsley") is one only where there is no better."""
    found = [
        title for i, line in enumerate(front[:60]) if _TITLE.search(line) and (title := _title_at(front, i))
    ]
    return next((title for title in found if _WORK_IN.search(title)), found[0] if found else None)


def _title_at(front: list[str], i: int) -> str | None:
    title = re.sub(r"^(?:re|subject)\s*:\s*", "", front[i].strip("*_# "), flags=re.I)
    if _ROW.match(title):
        return None
    for following in front[i + 1 : i + 4]:
        if _place(title) and not _UNFINISHED.search(title):
            break
        if (
            _ROW.match(following)
            or _SENTENCE_ON_INSPECTION.match(following)
            or len(title) + len(following) > 220
        ):
            break
        title = f"{title} {following.strip('*_# ')}"
    is_sentence = re.search(r"[.;]\s+[A-Z]|[a-z]{3}\.$", title)
    return title.strip() if len(title) <= 220 and not is_sentence and _place(title) else None


def _place(title: str) -> str | None:
    match = _WORK_IN.search(title) or _SCREENING_IN.search(title)
    if not match:
        return None
    place = re.sub(r"^(?:the|in|of|for)\s+", "", match["place"].strip(" :.*_"), flags=re.I)
    return place if place and len(place) <= 80 and not place.islower() else None


def _name_before(text: str) -> str:
    """The name that ends a text: its last words with capitals, and the small words that join them."""
    name: list[str] = []
    for word in reversed(text.split()[-12:]):
        if word[-1] in ".,:;)" or not (word[0].isupper() or word.lower() in _JOINING):
            break
        name.insert(0, word)
    while name and name[0].lower() in _NO_NAMES | _JOINING:
        name.pop(0)
    return " ".join(name)


def _service(front: str) -> tuple[str | None, str | None]:
    """The service's name in full, and YOS, YOT or YJS, as the letter says them."""
    supervised = re.search(r"supervised by\b.{0,160}", front, re.S)
    for text in filter(None, (supervised and supervised.group(), front)):
        for match in _SERVICE.finditer(text):
            name = _name_before(text[: match.start()][-120:])
            if name:
                kind = match["short"] or _KINDS[match["kind"].lower()]
                return f"{name} {match.group().split(' (')[0]}", kind
    for match in _SHORT_SERVICE.finditer(front):
        name = _name_before(front[: match.start()][-120:])
        if name:
            return f"{name} {match['short']}", match["short"]
    short, long = _SHORT_SERVICE.search(front), _SERVICE.search(front)
    if short:
        return None, short["short"]
    return None, _KINDS[long["kind"].lower()] if long else None


def _case_count(front: str) -> int | None:
    for match in _CASES.finditer(front):
        words = words_of(match["rest"]).words
        for i in range(min(len(words), 8)):
            number = number_at(words, i)
            if (
                number
                and number[0] > 2
                and _CASE_NOUN.search(" ".join(words[i + number[1] : i + number[1] + 8]))
            ):
                return number[0]
    return None


def _published(lines: list[str], text: str, warnings: list[str]) -> date | None:
    for match in _PUBLISHED.finditer(text):
        rest = match["rest"].strip(" \n|:*_")
        found = dates.first_date(rest)
        if found:
            return found
        if dates.has_day(rest):
            warnings.append(
                f"The publication date is no date of the calendar: “{rest.splitlines()[0][:40]}”."
            )
            return None
    for line in lines[:15]:
        if len(line) < 40 and dates.has_day(line) and (found := dates.first_date(line)):
            return found
    warnings.append("The letter does not say on which day it was published.")
    return None


def _fieldwork(text: str, warnings: list[str]) -> tuple[date | None, date | None]:
    seen = False
    for match in _FIELDWORK.finditer(text):
        rest = match["rest"]
        seen = seen or dates.has_day(rest)
        found = dates.span(rest)
        if found:
            return found
        if seen:
            break
    warnings.append(
        "The dates of the fieldwork are incomplete or no dates of the calendar."
        if seen
        else "The letter does not say when the fieldwork was."
    )
    return None, None


def letter_of(anatomy: Anatomy, warnings: list[str]) -> Letter:
    """The header of a letter; what is missing or impossible is None, with a warning."""
    lines = [line for line in anatomy.front if line]
    text = "\n".join(lines)
    flowing = " ".join(lines)
    title = title_of(lines)
    place = _place(title) if title else None
    name, kind = _service(flowing)
    if place and name and not name.startswith(place):
        # "the London Borough of Merton", whose service calls itself Merton's
        short = next(
            (place[m.start() :] for m in re.finditer(r"\b\w", place) if name.startswith(place[m.start() :])),
            None,
        )
        place = short if short and "borough" in place.lower() else place
    if place and name:
        own = re.split(r" (?=Y[Oo][STJ]|Youth )", name)[0]
        if own != place and place.endswith(own) and place in flowing:
            name = place + name[len(own) :]  # "Kelmere, Thornhythe and Braycross Youth …": a name with commas
    published = _published(lines, text, warnings)
    start, end = _fieldwork(flowing, warnings)
    count = _case_count(flowing)
    if title is None:
        warnings.append("The letter has no title that names the place.")
    if name is None:
        warnings.append("The letter does not name the service in full.")
    if count is None:
        warnings.append(
            "The letter does not say how many cases were examined; ranges are not narrowed to whole cases."
        )
    if published and end and published < end:
        warnings.append("The letter says that it was published before the fieldwork ended.")
    return Letter(title, place, name, kind, published, start, end, count)


def _compared(
    own: float | None, other: float | None, said: str | None, against: str, warnings: list[str]
) -> Compared | None:
    """Recomputed where both rates are there: a lower rate is better. Else the letter's own word."""
    if own is None or other is None:
        return said  # type: ignore[return-value]
    computed: Compared = "same" if abs(own - other) < 0.05 else "better" if own < other else "worse"
    if said and said not in (computed, "same"):
        warnings.append(
            f"The letter calls the reoffending rate {said} than {against}, but {own} against {other} is {computed}."
        )
    return computed


def reoffending_of(anatomy: Anatomy, warnings: list[str]) -> ReoffendingHeadline:
    """The reoffending sentence and its footnote."""
    flowing = re.sub(r"\s+", " ", " ".join(anatomy.front))
    flowing = re.sub(r"(?<=rate)\s?[¹²³*\d](?=\s)", "", flowing)
    rates: dict[str, float] = {}
    said: dict[str, str] = {}
    first = _REOFFENDING.search(flowing)
    if first:
        begin = flowing.rfind(". ", 0, first.start()) + 1
        _read_rates(_passage(flowing, begin), rates, said)
    whole = " ".join([*anatomy.footnotes, flowing])
    span, published = None, None
    for match in re.finditer(r"cohorts?\b|binary\b", whole, re.I):
        near = whole[max(0, match.start() - 160) : match.end() + 110]
        span = span or dates.month_span(near)
    for match in re.finditer(r"\b(?:published|released|issued)\b(?! re)(.{0,24})", whole, re.I):
        around = whole[max(0, match.start() - 120) : match.end() + 160]
        if re.search(r"re-?offending|cohort|binary", around, re.I) and not re.match(
            r"\s*on the", match.group(1)
        ):
            published = published or dates.month_of_year(match.group(1))
    own = rates.get("own")
    previous, england = rates.get("previous"), rates.get("england_wales")
    headline = ReoffendingHeadline(
        rate=own,
        previous_rate=previous,
        england_wales_rate=england,
        compared_with_previous=_compared(
            own, previous, said.get("previous"), "in the previous year", warnings
        ),
        compared_with_england_wales=_compared(
            own, england, said.get("england_wales"), "in England and Wales", warnings
        ),
        cohort_start=span[0] if span else None,
        cohort_end=span[1] if span else None,
        rate_published=published,
    )
    if own is None:
        warnings.append("The letter gives no reoffending rate for the place.")
    return headline


def _passage(text: str, begin: int) -> str:
    """The sentences on reoffending: from `begin` as long as they speak of rates."""
    sentences = re.split(r"(?<=[a-z\d%)])\.\s+(?=[A-Z])", text[begin : begin + 900])
    passage = sentences[:1]
    for sentence in sentences[1:4]:
        if not (_RATE.search(sentence) or _ROLE.search(sentence)):
            break
        passage.append(sentence)
    return ". ".join(passage)


def _read_rates(text: str, rates: dict[str, float], said: dict[str, str]) -> None:
    numbers = list(_RATE.finditer(text))
    roles = [(m.start(), m.end(), m.lastgroup or "") for m in _ROLE.finditer(text)]
    used: set[int] = set()
    for i, number in enumerate(numbers):
        begin = numbers[i - 1].end() if i else 0
        end = numbers[i + 1].start() if i + 1 < len(numbers) else len(text)
        before = [k for k, r in enumerate(roles) if begin <= r[0] < number.start() and k not in used]
        after = [k for k, r in enumerate(roles) if number.end() <= r[0] < end and r[0] - number.end() < 45]
        chosen = before[-1] if before else None
        if (chosen is None or roles[chosen][2] in rates) and after:
            between = text[number.end() : roles[after[0]][0]]
            if "," not in between and not _FROM.match(text, roles[after[0]][0]):
                chosen = after[0]
        role = roles[chosen][2] if chosen is not None else "own"
        if chosen is not None:
            used.add(chosen)
        if role not in rates:
            rates[role] = float(number.group(1))
    # The letter's own words: the comparison that stands last before what it is compared with.
    for start, _, role in roles:
        if role == "own" or role in said:
            continue
        sentence = max(text.rfind(". ", 0, start), 0)
        words = [m for m in _COMPARED.finditer(text, sentence, start + 12) if m.start() <= start]
        if words:
            said[role] = words[-1].lastgroup or ""
