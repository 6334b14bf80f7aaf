"""Sentences of a letter become findings: what was judged, in how many of the cases, and how surely.

A sentence is cut into clauses, and each clause is asked: does it say what ought to be, or what was found; what
quantity does it hold, and of which cases; does it judge the work well or badly; which practice is it about. A
quantity is of the cases judged sufficient, so a clause that judges badly turns it: "in just over half … did not" is
good in just under half.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from sqs_core.letters.practices import heaviest_cue
from sqs_core.letters.quantities import Quantity, Range, quantities_in
from sqs_core.letters.words import Phrases, Words, table, word_list, words_of
from sqs_core.model import Basis, Block, Direction, Finding, Share

_SENTENCE_END = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bvs)(?<!\bno)(?<!\bcf)(?<!\bSt)[.!?][\"'”’)*\]]*\s+(?=[\"'“‘(*]?[A-Z\d])"
    # A lost full stop: a word that begins sentences, in capitals, after a small one.
    r"|(?<=[a-z%)])\s+(?=(?:The|We|This|There|These|They|However|It|Where|Although|Overall|In|Of|Reviews|Plans|Assessments|"
    r"Management oversight|Case managers|All|Most|Only|Half|Almost|Nearly|Just)\s[a-z])"
)
_QUOTED = re.compile(
    r"“[^”]{0,2500}(?:”|$)|\"[^\"]{0,2500}\"|‘(?=\w)[^’]{12,}?’(?!\w)|(?<![\w])'(?=\w)[^'\"]{12,400}?'(?!\w)"
)
_SUBORDINATE = frozenset(
    word_list("where when if once until unless because since which who whose whom whenever wherever having")
)
_SUBORDINATE_PHRASES = (
    ("rather", "than"), ("so", "that"), ("in", "order"), ("to", "ensure"), ("as", "a", "result"), ("in", "which"), ("for", "whom"),
    ("prior", "to"), ("following",), ("despite",), ("instead", "of"), ("even", "where"), ("even", "when"), ("even", "if"),
)  # fmt: skip
_CONTRAST = frozenset(["although", "while", "whilst", "whereas", "though", "despite"])
_AUXILIARIES = frozenset(word_list("was were had has have is are did do does been be"))
_BREAKS_NOT = frozenset(
    word_list(", ; and or but nor address identify tackle resolve recognise notice see seen explain remedy to from for")
)
_EMPTY = frozenset(
    word_list(
        "a an the this that these those it they them there in of and or but for to with on at by so as we "
        "also found not no case cases however was were had has have is are did do does been be other "
        "others another further remaining only just again even either still same too nor yet though which "
        "whom whereas while"
    )
)


@dataclass(frozen=True, slots=True)
class _Signal:
    start: int
    end: int
    meaning: str


@cache
def _signals() -> Phrases:
    tables = table("judgements")
    order = ("circumstance", "expects", "same", "done", "found", "exists", "example", "people_say")
    rows = [(phrase, name) for name in order for phrase in tables["sentences"][name]]
    rows += [
        (p, name)
        for name in ("neutral", "bad", "not", "concern", "pleased", "good")
        for p in tables["judgement"][name]
    ]
    return Phrases(rows)


@cache
def _list(name: str) -> Phrases:
    return Phrases((phrase, name) for phrase in table("judgements")["sentences"][name])


@dataclass(slots=True)
class _Clause:
    start: int
    end: int
    quantities: list[Quantity] = field(default_factory=list)


@dataclass(slots=True)
class _Spoken:
    """What the sentences before have set, within one paragraph."""

    set_size: int | None = None  # how many cases are being talked about: the n of "nine of the twelve"
    last_set: int | None = None  # the cases mentioned last: what "of these" means
    last_count: int | None = None
    set_sentence: int = -9
    sub_sample: int | None = None  # a part of the sample that the paragraph has counted: seven reports
    sign: int = 1
    practice: str | None = None
    court: bool = False
    example: bool = False


@dataclass(slots=True)
class _Draft:
    start: int
    end: int
    practice: str
    sign: int
    direction: Direction
    basis: Basis = "qualitative"
    share: Share | None = None
    cases: int | None = None
    wording: str | None = None
    doubt: str | None = None


def findings_of(blocks: Iterable[Block], case_count: int | None) -> Iterator[Finding]:
    """The findings in the paragraphs of the five sections, in the order of the letter."""
    for number, block in enumerate(blocks):
        if block.kind != "paragraph" or block.section is None:
            continue
        for draft in _drafts(block.text, block.section, case_count):
            yield Finding(
                section=block.section,
                paragraph=block.label,
                practice=draft.practice,
                basis=draft.basis,
                quote=block.text[draft.start : draft.end],
                share=draft.share,
                relevant_cases=draft.cases,
                direction=draft.direction,
                wording=draft.wording,
                doubt=draft.doubt,
                block=number,
                start=draft.start,
                end=draft.end,
            )


def _drafts(text: str, section: str, case_count: int | None) -> Iterator[_Draft]:
    spoken = _Spoken()
    quotes = [match.span() for match in _QUOTED.finditer(text)] if any(c in text for c in "\"“‘'") else []
    ends = [match for match in _SENTENCE_END.finditer(text) if not _inside(match.start(), quotes)]
    for number, (begin, end) in enumerate(
        zip([0, *(m.end() for m in ends)], [*(m.end() for m in ends), len(text)], strict=True)
    ):
        words = words_of(text, begin, end)
        for i, start in enumerate(words.starts):
            if quotes and _inside(start, quotes):
                words.words[i] = '"'
        if words.words.count('"') > 0.7 * len(words.words):
            continue
        yield from _Sentence(text, words, section, case_count, spoken, number).drafts()


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < place < end - 1 for start, end in spans)


class _Sentence:
    """One sentence, cut into clauses, with what the paragraph has said before."""

    def __init__(
        self, text: str, words: Words, section: str, case_count: int | None, spoken: _Spoken, number: int
    ) -> None:
        self.text, self.section, self.case_count, self.spoken, self.number = (
            text,
            section,
            case_count,
            spoken,
            number,
        )
        self.places = words
        self.words = words.words
        self.quantities = quantities_in(self.words)
        self.signals = self._signals()
        self.leading_set: int | None = None

    def _signals(self) -> list[_Signal]:
        """Phrases that judge or tell what the sentence does, outside the words of quantity."""
        spans = [(q.start, q.end) for q in self.quantities if q.form != "vague"]
        lexicon = _signals()
        found = []
        i, n = 0, len(self.words)
        while i < n:
            inside = next((end for start, end in spans if start <= i < end), None)
            if inside is not None:
                i = inside
                continue
            match = lexicon.at(self.words, i)
            if match and not any(start < i + match[0] and i < end for start, end in spans):
                found.append(_Signal(i, i + match[0], match[1]))
                i += match[0]
            else:
                i += 1
        return found

    def drafts(self) -> Iterator[_Draft]:
        if len(self.words) < 2:
            return
        drafts: list[_Draft] = []
        example = any(s.meaning == "example" for s in self.signals)
        if example:
            self.spoken.example = True
        elif any(q.head in ("cases", "items") for q in self.quantities) or not self._about_one_child():
            self.spoken.example = False
        for clause in self._clauses():
            draft = self._draft(clause)
            if draft is None:
                continue
            last = drafts[-1] if drafts else None
            if (
                last
                and last.basis == draft.basis == "qualitative"
                and last.direction == draft.direction
                and last.practice == draft.practice
            ):
                last.end = draft.end
            else:
                drafts.append(draft)
        yield from drafts

    def _about_one_child(self) -> bool:
        words = set(self.words)
        return bool(words & {"he", "she", "his", "her", "him"}) or bool(
            re.search(
                r"\b(?:the|this) (?:case manager|child|young person|worker|girl|boy|case)\b",
                " ".join(self.words),
            )
        )

    # ------------------------------------------------------------ clauses
    def _clauses(self) -> list[_Clause]:
        words, n = self.words, len(self.words)
        inside = {k for q in self.quantities for k in range(q.start, q.end)}
        cuts = {0}
        for i, word in enumerate(words):
            if i in inside or not i:
                continue
            if word == ";":
                cuts.add(i + 1)
            elif (
                (word == "but" and words[i + 1 : i + 2] != ["also"] and not self._required_but_not(i))
                or (word in _CONTRAST and words[i - 1] in (",", ";") and word != "despite")
                or (word == "however" and words[i - 1] in (",", ";", "and"))
                or (
                    word in ("and", "we")
                    and words[i + 1 : i + 3]
                    in (
                        ["we", "found"],
                        ["we", "saw"],
                        ["found", "that"],
                    )
                )
            ):
                cuts.add(i)
        if words[0] in _CONTRAST:
            comma = next((i for i in range(3, n) if words[i] == "," and i not in inside), None)
            if comma:
                cuts.add(comma + 1)
        counted = [q for q in self.quantities if q.form not in ("vague", "set")]
        for before, after in zip(counted, counted[1:], strict=False):
            if not any(before.end <= cut <= after.start for cut in cuts):
                cut = self._soft_cut(before.end, after.start)
                if cut is not None:
                    cuts.add(cut)
        for quantity in counted:
            cut = self._tail(quantity, cuts)
            if cut is not None:
                cuts.add(cut)
        edges = [*sorted(cuts), n]
        clauses = [_Clause(a, b) for a, b in zip(edges, edges[1:], strict=False) if b > a]
        for quantity in self.quantities:
            for clause in clauses:
                if clause.start <= quantity.start < clause.end:
                    clause.quantities.append(quantity)
        return [c for c in clauses if any(w[0].isalnum() for w in words[c.start : c.end])]

    def _required_but_not(self, i: int) -> bool:
        """ "in half of the cases a review was required but had not been done": one clause, though it has a "but"."""
        return (
            any(s.meaning == "circumstance" and s.end == i for s in self.signals)
            and bool(self.quantities)
            and all(q.end <= i for q in self.quantities)
        )

    def _soft_cut(self, start: int, end: int) -> int | None:
        """Where a clause with two quantities parts: at "and", else at a comma."""
        words = self.words
        best: tuple[int, int] | None = None
        for i in range(start, end):
            rank = 0
            if words[i] == "and":
                rank = 3 if words[i - 1] == "," else 2
            elif words[i] == ",":
                rank = 1
            elif words[i] in ("with", "while", "although") and words[i - 1] == ",":
                rank = 3
            if rank and (best is None or rank > best[0]):
                best = rank, i
        return best[1] if best else None

    def _tail(self, quantity: Quantity, cuts: set[int]) -> int | None:
        """ "… in all but one of the cases, and clear recommendations were made": what comes after is its own clause."""
        words, i = self.words, quantity.end
        if i < len(words) and words[i] == ",":
            i += 1
        if i >= len(words) or words[i] != "and":
            return None
        begin = max(cut for cut in cuts if cut <= quantity.start)
        end = min([cut for cut in cuts if cut > i], default=len(words))
        if not set(words[begin : quantity.start]) & _AUXILIARIES or words[i + 1 : i + 2] in (
            ["not"],
            ["were"],
            ["was"],
            ["had"],
        ):
            return None
        return i if set(words[i + 2 : end]) & _AUXILIARIES else None

    # ------------------------------------------------------------ one clause
    def _draft(self, clause: _Clause) -> _Draft | None:  # noqa: PLR0912
        spoken = self.spoken
        signals = [s for s in self.signals if clause.start <= s.start < clause.end]
        quantity = self._main_quantity(clause)
        practice, weight = self._practice(clause)
        if self._expects(signals):
            spoken.practice = practice or spoken.practice
            spoken.sign = 1
            return None
        main = self._main_part(clause, quantity, signals)
        inner = [s for s in signals if any(a <= s.start < b for a, b in main)]
        sign, said, nots = self._judged(inner)
        if (not said and inner and any(s.meaning == "exists" for s in inner)) or (
            not said and not self._speaks(main)
        ):
            more = [s for s in signals if s.meaning in ("good", "bad", "not", "same", "done", "neutral")]
            other_sign, other_said, _ = self._judged(more)
            if other_said:
                sign, said, inner = other_sign, other_said, signals
        meanings = {s.meaning for s in inner}
        for one in clause.quantities:
            if one.form == "set" and one.count is not None:
                self._set(one.count)
        if quantity is not None and self._is_circumstance(quantity, inner, said, practice):
            if quantity.count is not None and quantity.form in ("count", "rest"):
                spoken.sub_sample = quantity.count
                self._set(quantity.count)
                spoken.court = spoken.court or practice == "court_reports"
            elif quantity.of is not None:
                spoken.sub_sample = quantity.of
                self._set(quantity.of)
            spoken.practice = practice or spoken.practice
            return None
        elliptic = (not said and not self._has_verb(clause)) or (nots and self._only_not(clause, inner))
        if "same" in meanings or elliptic:
            sign = -spoken.sign if nots else spoken.sign
        if practice is None or (spoken.court and weight <= 4 and not self._initial(clause)):
            practice = "court_reports" if spoken.court else spoken.practice or "other"
        draft = None
        if quantity is not None:
            draft = self._quantified(clause, quantity, practice, sign, inner, nots)
        if draft is None and not (quantity is None and elliptic):
            draft = self._qualitative(clause, practice, sign, signals, inner, said, quantity)
        spoken.practice = practice
        if said or quantity is not None:
            spoken.sign = sign
        return draft

    def _set(self, size: int) -> None:
        self.spoken.set_size = self.spoken.last_set = self.spoken.last_count = size
        self.spoken.set_sentence = self.number
        self.leading_set = size

    def _main_quantity(self, clause: _Clause) -> Quantity | None:
        found = [q for q in clause.quantities if q.form not in ("vague", "set", "nothing")]
        return next(
            (q for q in found if q.form not in ("whole",) or q.head != "bare"), found[0] if found else None
        )

    @staticmethod
    def _expects(signals: list[_Signal]) -> bool:
        expected = [s.start for s in signals if s.meaning == "expects"]
        if not expected:
            return False
        return not any(s.meaning in ("found", "done", "same") and s.start > expected[0] for s in signals)

    def _main_part(
        self, clause: _Clause, quantity: Quantity | None, signals: list[_Signal]
    ) -> list[tuple[int, int]]:
        """The clause without what is said of circumstances: "where this was required", "rather than …"."""
        words = self.words
        parts: list[tuple[int, int, bool]] = []  # start, end, subordinate
        i = start = clause.start
        subordinate = False
        expected = {s.start: s.end for s in signals if s.meaning == "expects"}
        while i < clause.end:
            opens = words[i] in _SUBORDINATE or any(
                tuple(words[i : i + len(p)]) == p for p in _SUBORDINATE_PHRASES
            )
            if i in expected and words[i] not in ("should", "must"):
                opens = False
            if opens:
                if i > start:
                    parts.append((start, i, subordinate))
                start, subordinate = i, True
            elif words[i] == "," and subordinate:
                parts.append((start, i, True))
                start, subordinate = i, False
            i += 1
        parts.append((start, clause.end, subordinate))
        if quantity is not None:
            holds = [k for k, (a, b, _) in enumerate(parts) if a <= quantity.start < b]
            if holds and parts[holds[0]][2]:
                a, b, _ = parts[holds[0]]
                return [(a, b)]
        main = [(a, b) for a, b, inner in parts if not inner]
        return main or [(clause.start, clause.end)]

    def _judged(self, signals: list[_Signal]) -> tuple[int, bool, bool]:
        """Sign of the judgement (1 good, -1 bad), whether there is one, and whether a bare "not" makes it bad."""
        bad = good = nots = False
        skip = -1
        for k, signal in enumerate(signals):
            if signal.start < skip:
                continue
            if signal.meaning == "not":
                following = next(
                    (s for s in signals[k + 1 :] if s.meaning in ("bad", "good", "not", "neutral")), None
                )
                if (
                    following
                    and following.meaning in ("bad", "not")
                    and self._reaches(signal.end, following.start)
                ):
                    good, skip = True, following.end
                else:
                    bad = nots = True
            elif signal.meaning == "bad":
                bad = True
            elif signal.meaning in ("good", "done"):
                good = True
        return (-1 if bad else 1), bad or good, nots

    def _reaches(self, start: int, end: int) -> bool:
        """Whether a "not" turns the bad word at `end`: "no significant delays", but not "had not seen the delays"."""
        between = self.words[start:end]
        return len(between) < 4 and not any(
            word in _BREAKS_NOT or (word.endswith("ed") and len(word) > 4) for word in between
        )

    def _speaks(self, parts: list[tuple[int, int]]) -> bool:
        return any(set(self.words[a:b]) - _EMPTY for a, b in parts)

    def _has_verb(self, clause: _Clause) -> bool:
        spans = [(q.start, q.end) for q in clause.quantities]
        return any(
            (
                word in _AUXILIARIES
                or (len(word) > 4 and word.endswith("ed"))
                or word in ("took", "gave", "made", "met", "saw")
            )
            and not any(a <= i < b for a, b in spans)
            for i, word in enumerate(self.words[clause.start : clause.end], clause.start)
        )

    def _only_not(self, clause: _Clause, signals: list[_Signal]) -> bool:
        """Whether the clause says only "not": "but in the other five it was not"."""
        spans = [(q.start, q.end) for q in clause.quantities]
        content = [
            word
            for i, word in enumerate(self.words[clause.start : clause.end], clause.start)
            if word[0].isalnum() and word not in _EMPTY and not any(a <= i < b for a, b in spans)
        ]
        return not content and not any(s.meaning == "bad" for s in signals)

    def _initial(self, clause: _Clause) -> bool:
        return bool({"initial", "asset", "plan", "plans"} & set(self.words[clause.start : clause.end]))

    def _is_circumstance(
        self, quantity: Quantity, signals: list[_Signal], said: bool, practice: str | None
    ) -> bool:
        """Whether the quantity tells how many cases there were of a kind, not how well work was done."""
        meanings = [s.meaning for s in signals]
        judged = any(s.meaning in ("good", "bad", "not", "same", "done") for s in signals)
        if "circumstance" in meanings and not judged:
            return True
        if judged or said:
            return False
        words = self.words
        before = next(
            (s for s in signals if s.meaning == "exists" and 0 <= quantity.start - s.end <= 1), None
        )
        if before and quantity.form in ("count", "rest") and words[quantity.start - 1] != "in":
            return True
        if practice == "court_reports" and quantity.form == "count" and quantity.of is None:
            made = _list("made")
            return any(made.at(words, i) for i in range(len(words)))
        return False

    def _practice(self, clause: _Clause) -> tuple[str | None, int]:
        """The practice a clause is about, and the weight of its cue; None where it says nothing of it."""
        words, start = self.words, clause.start
        leading = start
        if words[start] in _SUBORDINATE or words[start] in ("following", "as", "after", "despite"):
            leading = next((k for k in range(start, clause.end) if words[k] in (",", "we")), start)
        return heaviest_cue(words, start, clause.end, leading, self.section)

    # ------------------------------------------------------------ with a number
    def _cases_of(self, quantity: Quantity, clause: _Clause) -> tuple[int | None, int | None, str | None]:
        """How many cases the quantity is of: the number; a second number where it may be that; and the doubt."""
        spoken, n = self.spoken, self.case_count
        if quantity.of is not None:
            return quantity.of, None, None
        near = self.number - spoken.set_sentence <= 1
        if quantity.other:
            return spoken.set_size if near else None, None, None
        if quantity.head == "pronoun":
            if spoken.last_set is not None:
                return spoken.last_set, None, None
        elif quantity.head == "bare":
            if spoken.set_size is not None and near:
                return spoken.set_size, None, None
        elif self.leading_set is not None and not quantity.sampled:
            return self.leading_set, None, None
        words = self.words
        conditional = any(_list("some_cases").at(words, i) for i in range(clause.start, clause.end))
        conditional = conditional or bool({"where", "whom"} & set(words[clause.start : clause.end]))
        if quantity.relevant:
            if (
                spoken.sub_sample is not None
                and quantity.form == "count"
                and (quantity.count or 0) <= spoken.sub_sample
            ):
                return (
                    spoken.sub_sample,
                    None,
                    "The letter says “relevant cases”; taken to be the ones counted before.",
                )
            return None, None, None
        if spoken.sub_sample is not None:
            if quantity.head == "items":
                return spoken.sub_sample, None, None
            if n is not None and spoken.sub_sample < n:
                return (
                    None,
                    spoken.sub_sample,
                    (
                        f"It may be of all {n} cases or of the {spoken.sub_sample} that the paragraph speaks of."
                    ),
                )
        if conditional:
            return None, None, "It is of some of the cases only, and the letter does not say of how many."
        if quantity.head == "items" and "assessments" not in words[quantity.start : quantity.end]:
            return None, None, None  # not every case has a plan, a report or a review
        return n, None, None

    def _quantified(  # noqa: PLR0911, PLR0912
        self,
        clause: _Clause,
        quantity: Quantity,
        practice: str,
        sign: int,
        signals: list[_Signal],
        nots: bool,
    ) -> _Draft | None:
        spoken, total = self.spoken, self.case_count
        if quantity.any and not any(s.meaning == "not" for s in signals):
            return None
        if quantity.head in ("pronoun", "bare") and any(s.meaning == "people_say" for s in signals):
            return None
        if quantity.form == "percent" and any(
            _list("rates").at(self.words, i) for i in range(clause.start, clause.end)
        ):
            return None
        if (
            quantity.universal
            and sign < 0
            and any(
                s.meaning == "not" and s.start < quantity.start and quantity.start - s.end < 14
                for s in signals
            )
            and not quantity.any
        ):
            return None  # "were not reviewed in all cases": not all, no number
        if (
            quantity.count == 1
            and quantity.form == "count"
            and quantity.of is None
            and not self._counts_one(quantity)
        ):
            return None
        cases, other_cases, doubt = self._cases_of(quantity, clause)
        basis: Basis = "counted" if quantity.said_counted else "worded"
        share: Share | None
        turned = sign < 0
        if quantity.form in ("count", "rest", "limit:low", "limit:high"):
            count = quantity.count
            if (
                count is None
                and quantity.form == "rest"
                and cases is not None
                and spoken.last_count is not None
            ):
                count = cases - spoken.last_count
            if count is None:
                return None
            if cases is None and other_cases is not None and total is not None:
                ends = sorted(_turned(count / n, turned) for n in (other_cases, total) if count <= n)
                share = Share(ends[0], ends[-1])
            elif cases is None or count > cases or cases == 0:
                return None
            elif quantity.form == "limit:low":
                share = Range(
                    count / cases, 1, quantity.range is not None and quantity.range.without_low
                ).whole_cases(cases)
            elif quantity.form == "limit:high":
                share = Range(
                    0, count / cases, False, quantity.range is not None and quantity.range.without_high
                ).whole_cases(cases)
            else:
                share = Share(_turned(count / cases, turned), _turned(count / cases, turned))
            if share is None:
                return None
            if quantity.form.startswith("limit") and turned:
                share = Share(1 - share.high, 1 - share.low)
            if (
                quantity.range is not None
                and quantity.form == "count"
                and cases is not None
                and not (quantity.range.low - 0.006 <= count / cases <= quantity.range.high + 0.006)
            ):
                doubt = "The count and the percentage of the letter do not agree; the count is taken."
            self._remember(quantity, cases, count)
        elif quantity.form == "but":
            share, doubt = self._all_but(quantity, cases, other_cases, doubt)
            if turned:
                share = Share(1 - share.high, 1 - share.low)
            self._remember(quantity, cases, cases - (quantity.count or 0) if cases else None)
        else:
            if quantity.range is None:
                return None
            reach = quantity.range.turned() if turned else quantity.range
            low, high = min(max(reach.low, 0.0), 1.0), min(max(reach.high, 0.0), 1.0)
            share = Share(low, high)
            if cases is not None and cases > 0:
                whole = reach.whole_cases(cases)
                if whole is None:
                    doubt = f"No whole number of {cases} cases fits the words; the interval is not narrowed."
                else:
                    share = whole
            if cases is None and not doubt and quantity.relevant is False and other_cases is None and total:
                doubt = None
            self._remember(quantity, cases, None)
        if total is not None and cases is not None and cases > total:
            doubt = f"The letter says that {total} cases were examined; this speaks of {cases}."
        wording = self._slice(quantity.start, quantity.end)
        if quantity.form == "whole" and low_high_equal(share) and doubt and "some of the cases" in doubt:
            doubt = None  # all or none of them, however many they are
        return _Draft(
            *self._span(clause),
            practice,
            sign,
            self._direction(share, signals, turned),
            basis,
            share,
            cases,
            wording,
            doubt,
        )

    def _counts_one(self, quantity: Quantity) -> bool:
        before = self.words[max(quantity.start - 2, 0) : quantity.start]
        return "only" in before or "just" in before or self.leading_set is not None

    def _all_but(
        self, quantity: Quantity, cases: int | None, other_cases: int | None, doubt: str | None
    ) -> tuple[Share, str | None]:
        """All but k: exact where it is known of how many; else what a letter's sample allows."""
        k, total = quantity.count or 1, self.case_count
        if cases is not None and cases >= k:
            return Share((cases - k) / cases, (cases - k) / cases), doubt
        high = max((total - k) / total, 0) if total and total >= k else 0.93
        if other_cases is not None and other_cases > k:
            return Share(min((other_cases - k) / other_cases, high), high), doubt
        return Share(
            min(0.75, high), high
        ), doubt or "The letter does not say of how many cases all but some are."

    def _remember(self, quantity: Quantity, cases: int | None, count: int | None) -> None:
        spoken = self.spoken
        if cases is not None:
            spoken.set_size = cases
            spoken.set_sentence = self.number
        if count is not None:
            if not quantity.other:
                spoken.last_set = count
            spoken.last_count = count
            if cases is not None:
                self.leading_set = cases if quantity.of is not None else self.leading_set

    @staticmethod
    def _direction(share: Share, signals: list[_Signal], turned: bool) -> Direction:
        middle = (share.low + share.high) / 2
        meanings = {s.meaning for s in signals}
        if middle >= 0.73:
            return "strength"
        if middle <= 0.6:
            return "weakness"
        if "concern" in meanings and not turned:
            return "weakness"
        return "strength" if "pleased" in meanings else "neutral"

    # ------------------------------------------------------------ in words alone
    def _qualitative(
        self, clause: _Clause, practice: str, sign: int, signals: list[_Signal], inner: list[_Signal], said: bool,
        quantity: Quantity | None,
    ) -> _Draft | None:  # fmt: skip
        meanings = {s.meaning for s in signals}
        if not said or clause.end - clause.start < 4:
            return None
        if self.spoken.example and "example" not in meanings:
            return None
        doubt = (
            "A quantity stands here that could not be read as a share of cases."
            if quantity is not None
            else None
        )
        direction: Direction = (
            "weakness"
            if sign < 0 or ("concern" in meanings and not any(s.meaning == "good" for s in inner))
            else "strength"
        )
        return _Draft(*self._span(clause), practice, sign, direction, doubt=doubt)

    def _slice(self, start: int, end: int) -> str:
        return self.text[self.places.starts[start] : self.places.ends[end - 1]]

    def _span(self, clause: _Clause) -> tuple[int, int]:
        """Where the words of the clause stand in the text, without the "but" and the comma around them."""
        words, start, end = self.words, clause.start, clause.end
        while start < end - 1 and (
            words[start] in ("but", "and", ",", ";", "however", "nonetheless", "nevertheless")
            or words[start] == ")"
        ):
            start += 1
        stop = end
        while (stop > start + 1 and words[stop - 1] in (",", ";", ":")) or words[stop - 1] in ("and", "but"):
            stop -= 1
        last = self.places.ends[stop - 1]
        return self.places.starts[start], last


def low_high_equal(share: Share) -> bool:
    """Whether the share is one point: all, or none."""
    return share.low == share.high


def _turned(share: float, turned: bool) -> float:
    return 1 - share if turned else share
