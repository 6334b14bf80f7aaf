"""Clauses of a letter become findings: what was judged, in how many of the cases, and how surely.

Each clause is asked: does it say what ought to be, or what was found; what quantity does it hold, and of which
cases; does it judge the work well or badly; which practice is it about. A share is always of the cases judged
sufficient, so a clause that judges badly turns it: "in just over half … did not" is good in just under half.
"""

# ruff: noqa: PLR0911 (a grammar is a list of cases)

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from sqs_core.letters.clauses import (
    CONTRAST,
    Clause,
    Judgement,
    Signal,
    clauses_of,
    has_past,
    has_verb,
    judged,
    main_part,
    says,
    signals_in,
)
from sqs_core.letters.nouns import is_verb
from sqs_core.letters.practices import heaviest_cue
from sqs_core.letters.quantities import Quantity, Range, quantities_in
from sqs_core.letters.words import Phrases, Words, table, word_list, words_of
from sqs_core.model import Basis, Block, Direction, Finding, Share

_SENTENCE_END = re.compile(
    r"[.!?](?<!\be\.g\.)(?<!\bi\.e\.)(?<!\betc\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\bSt\.)"
    r"[\"'”’)*\]]*\s+(?=[\"'“‘(*]?[A-Z\d])"
    # A lost full stop: a word that begins sentences, with a capital, after a small one.
    r"|\s(?<=[a-z%)]\s)(?=(?:The|We|This|That|There|These|Those|They|However|It|Where|Although|Overall|In|Of|On|For|As|"
    r"When|While|All|Both|None|Most|Many|Some|Few|Too|Only|Half|Almost|Nearly|Just|Each|Every|Plans|Planning|Reviews|"
    r"Reviewing|Assessments|Goals|Objectives|Interventions|Reports|Management oversight|Oversight|Supervision|Inspectors|"
    r"Case managers|Managers|Staff|Children|Young people|Parents|Victims)\s[a-z])"
)
_QUOTED = re.compile(
    r"“[^”]{0,2500}(?:”|$)|\"[^\"]{0,2500}\"|‘(?=\w)[^’]{12,2500}?’(?!\w)|(?<![\w])'(?=\w)[^'\"]{12,400}?'(?!\w)"
)
_OPENS_A_TAIL = frozenset(word_list("which that what who whom whose how why where when as"))
_BEFORE_A_SUBJECT = frozenset(word_list("and but , of the these those"))
_LEADS_IN = frozenset(word_list("where when if once having following as after despite although"))
_TRIMMED = frozenset(word_list("but and , ; : ) however nonetheless nevertheless"))


@cache
def _list(name: str) -> Phrases:
    return Phrases((phrase, name) for phrase in table("judgements")["sentences"][name])


@dataclass(slots=True)
class _Spoken:
    """What one paragraph has said so far."""

    set_size: int | None = None  # how many cases are being spoken of: the n of "nine of the twelve"
    last_set: int | None = None  # the cases named last: what "of these" means
    last_count: int | None = None  # the k of the count before: what "the others" leaves
    set_in: int = -9  # the sentence that set them
    sub_sample: int | None = None  # a part of the sample that the paragraph has counted: seven reports
    sign: int = 1
    practice: str | None = None
    court: bool = False  # the paragraph is about reports to the court
    example: bool = False  # the paragraph is telling of one case

    def speak_of(self, size: int, sentence: int) -> None:
        self.set_size = self.last_set = self.last_count = size
        self.set_in = sentence


@dataclass(slots=True)
class _Draft:
    """A finding before its quote is cut out."""

    start: int
    end: int
    practice: str
    direction: Direction
    basis: Basis = "qualitative"
    share: Share | None = None
    cases: int | None = None
    wording: str | None = None
    doubt: str | None = None


def findings_of(blocks: Iterable[Block], case_count: int | None) -> Iterator[Finding]:
    """The findings in the paragraphs of the five sections, in the order of the letter.

    `case_count` is how many cases the letter examined; None if it does not say.
    """
    label, section, spoken = None, None, _Spoken()
    for number, block in enumerate(blocks):
        if block.kind != "paragraph" or block.section is None:
            continue
        # A list or a paragraph without a number belongs to the one before.
        label = block.label or (label if section == block.section else None)
        section = block.section
        if block.label or label is None:
            spoken = _Spoken()
        for draft in _drafts(block.text, block.section, case_count, spoken):
            yield Finding(
                section=block.section,
                paragraph=label,
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


def _drafts(text: str, section: str, case_count: int | None, spoken: _Spoken) -> Iterator[_Draft]:
    quotes = [match.span() for match in _QUOTED.finditer(text)] if re.search(r"[\"“‘']", text) else []
    all_words = words_of(text)
    for i, start in enumerate(all_words.starts if quotes else ()):
        if _inside(start, quotes):
            all_words.words[i] = '"'
    ends = [match.end() for match in _SENTENCE_END.finditer(text) if not _inside(match.start(), quotes)]
    first = 0
    for number, end in enumerate([*ends, len(text)]):
        last = first
        while last < len(all_words.starts) and all_words.starts[last] < end:
            last += 1
        words = all_words.part(first, last)
        first = last
        if words.words.count('"') <= 0.7 * len(words.words):
            yield from _Sentence(text, words, section, case_count, spoken, number).drafts()


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < place < end - 1 for start, end in spans)


class _Sentence:
    """One sentence, read with what its paragraph has said before."""

    def __init__(  # noqa: PLR0917
        self, text: str, places: Words, section: str, case_count: int | None, spoken: _Spoken, number: int
    ) -> None:
        self.text, self.places, self.section = text, places, section
        self.case_count, self.spoken, self.number = case_count, spoken, number
        self.words = places.words
        self.quantities = quantities_in(self.words)
        self.signals = signals_in(self.words, self.quantities)
        self.set_here: int | None = None  # a set that this sentence itself has named
        self.set_is_bad = False  # and that it is one of bad cases
        self.circumstance = False  # the clause before told of how many cases there were of a kind

    def drafts(self) -> Iterator[_Draft]:
        if len(self.words) < 2:
            return
        self._follow_example()
        drafts: list[_Draft] = []
        for clause in clauses_of(self.words, self.quantities, self.signals):
            draft = self._draft(clause)
            last = drafts[-1] if drafts else None
            if draft and last and _same_in_words(last, draft):
                last.end = draft.end
            elif draft:
                drafts.append(draft)
        yield from drafts

    def _follow_example(self) -> None:
        """Sentences that go on about the one case of an example are no findings."""
        if any(s.meaning == "example" for s in self.signals):
            self.spoken.example = True
        elif self.spoken.example:
            plural = any(q.noun.kind in ("cases", "items") for q in self.quantities)
            one_child = {"he", "she", "his", "her", "him"} & set(self.words) or re.search(
                r"\b(?:the|this) (?:case manager|child|young person|worker|girl|boy|case)\b",
                " ".join(self.words),
            )
            self.spoken.example = bool(one_child) and not plural

    # ------------------------------------------------------------ one clause
    def _draft(self, clause: Clause) -> _Draft | None:
        spoken = self.spoken
        practice, weight = self._practice(clause)
        if _expects(self.words, clause):
            spoken.practice = practice or spoken.practice
            spoken.sign = 1
            return None
        quantity = clause.quantity()
        inner, judgement = self._judged(clause, quantity)
        self._take_sets(clause, quantity)
        if quantity is not None and self._is_circumstance(clause, quantity, inner, practice):
            size = quantity.count if quantity.form in ("count", "rest") else quantity.of
            looked_at = self.words[quantity.start - 1] in ("read", "saw", "examined", "inspected")
            if size is not None and (
                quantity.of or looked_at or quantity.noun.kind not in ("bare", "pronoun")
            ):
                spoken.sub_sample = size
                self._speak_of(size)
                spoken.court = spoken.court or practice == "court_reports"
            spoken.practice = practice or spoken.practice
            self.circumstance = True
            return None
        leans = self._leans(clause, judgement)
        if leans and self.circumstance and not judgement.said:
            return None  # "Twelve were looked after, five of them by another council."
        self.circumstance = False
        if leans or any(s.meaning == "same" for s in inner):
            judgement = replace(judgement, sign=-spoken.sign if judgement.turned else spoken.sign)
        initial = {"initial", "asset", "plan", "plans"} & set(self.words[clause.start : clause.end])
        if practice is None or (spoken.court and weight <= 4 and not initial):
            practice = "court_reports" if spoken.court else spoken.practice or "other"
        draft = None
        happened = judgement.said or leans or has_past(self.words, clause)
        if quantity is not None and happened and self._of_cases(clause, quantity):
            draft = self._quantified(clause, quantity, practice, judgement, inner)
            if draft is None and quantity.form == "count" and quantity.noun.kind in ("cases", "items"):
                self._speak_of(quantity.count or 0)
        if draft is None and not (leans and quantity is None):
            draft = self._in_words(clause, quantity, practice, judgement, inner)
        spoken.practice = practice
        if judgement.said or quantity is not None:
            spoken.sign = judgement.sign
        return draft

    def _judged(self, clause: Clause, quantity: Quantity | None) -> tuple[list[Signal], Judgement]:
        """The signals of the main part and what they judge; the whole clause where the main part is empty."""
        parts = main_part(self.words, clause, quantity)
        inner = [s for s in clause.signals if any(a <= s.start < b for a, b in parts)]
        judgement = judged(self.words, inner)
        empty = any(s.meaning == "exists" for s in inner) or not says(self.words, parts, clause.quantities)
        if quantity is not None:  # four of the 11 cases in which there were signs had not been screened
            own = next((p for p in parts if p[0] <= quantity.start < p[1]), None)
            part = own and replace(clause, start=own[0], end=own[1])
            empty = empty or (part is not None and not has_verb(self.words, part))
        if not judgement.said and empty:
            whole = judged(self.words, [s for s in clause.signals if s.meaning != "circumstance"])
            if whole.said:
                return clause.signals, whole
        return inner, judgement

    def _take_sets(self, clause: Clause, quantity: Quantity | None) -> None:
        """ "In the 12 cases where …", "(five cases)": the cases that the clause goes on to speak of."""
        for one in clause.quantities:
            if one is not quantity and one.count is not None and (one.form == "set" or one.bracketed):
                self._speak_of(one.count)
                comma = next((i for i in range(one.end, clause.end) if self.words[i] == ","), clause.end)
                inside = [s for s in clause.signals if one.end <= s.start < comma]
                self.set_is_bad = self.set_is_bad or judged(self.words, inside).sign < 0

    def _speak_of(self, size: int) -> None:
        self.spoken.speak_of(size, self.number)
        self.set_here = size

    def _leans(self, clause: Clause, judgement: Judgement) -> bool:
        """Whether the clause takes its judgement from the one before: "and planning in 12", "but not in five"."""
        if not judgement.said and not has_verb(self.words, clause):
            return True
        bad = any(s.meaning == "bad" for s in clause.signals)
        return (
            judgement.turned
            and not bad
            and not says(self.words, [(clause.start, clause.end)], clause.quantities)
        )

    def _practice(self, clause: Clause) -> tuple[str | None, int]:
        words, start = self.words, clause.start
        leading = start
        if words[start] in _LEADS_IN:
            leading = next((k for k in range(start, clause.end) if words[k] in (",", "we")), start)
        return heaviest_cue(words, start, clause.end, leading, self.section)

    def _is_circumstance(
        self, clause: Clause, quantity: Quantity, signals: list[Signal], practice: str | None
    ) -> bool:
        """Whether the quantity tells how many cases there were of a kind, not how well the work was done."""
        meanings = {s.meaning for s in signals}
        if self._children_act(clause, quantity) or self._needed(clause, quantity):
            return True
        needed = any(s.meaning == "circumstance" and s.end == quantity.start - 1 for s in signals)
        if needed and self.words[quantity.start - 1] == "in" and not meanings & {"bad", "not"}:
            return True  # plans to keep children safe were required in half of the cases
        if meanings & {"good", "bad", "not", "same", "done"}:
            return False
        words = self.words
        tail = words[quantity.end : quantity.end + 1] in (["that"], ["which"], ["who"], ["we"])
        told = [s for s in signals if s.meaning == "circumstance"]
        if not self._is_subject(clause, quantity):  # "in 14 of the 18 cases that required a plan" is a share
            told = [
                s
                for s in told
                if s.start < quantity.end or not _OPENS_A_TAIL & set(words[quantity.end : s.start])
            ]
        told = [s for s in told if not (tail and s.start >= quantity.end)]
        if told:
            return True
        exists = [s for s in signals if s.meaning == "exists" and s.end <= quantity.start]
        if exists and quantity.form == "count" and quantity.start == exists[-1].end:
            return True  # there were 12 such cases
        if (
            quantity.noun.kind in ("bare", "pronoun")
            or quantity.noun.pointing
            or quantity.form in ("but", "rest")
        ):
            return False
        if exists and (
            practice is None or (quantity.form == "count" and quantity.start - exists[-1].end <= 1)
        ):
            stands_for = {"one", "it", "this", "them", "that", "these"} & set(
                words[clause.start : quantity.start]
            )
            return words[quantity.start - 1] != "in" or (practice is None and not stands_for)
        a_part = quantity.form in ("count", "worded", "percent", "at least", "at most")
        some_have_one = practice == "court_reports" and a_part and quantity.of in (None, self.case_count)
        if some_have_one and any(_list("made").at(words, i) for i in range(len(words))):
            return True
        if quantity.form == "count" and quantity.of is None:
            has = words[quantity.end : quantity.end + 2] in (["had", "a"], ["had", "an"])
            if has and quantity.noun.kind == "cases" and self._is_subject(clause, quantity):
                return True  # six young people had a plan
            after = next((q for q in self.quantities if q.start >= quantity.end and q.form != "vague"), None)
            if after and after.noun.pointing and quantity.noun.kind == "cases":
                return True  # … six young people, and in five of those cases …
        about_children = self._is_subject(clause, quantity) or self._child_follows(clause, quantity)
        return (
            about_children and practice is None and quantity.noun.kind == "cases" and quantity.form != "whole"
        )

    def _is_subject(self, clause: Clause, quantity: Quantity) -> bool:
        if self.words[quantity.end - 1] == "whom":
            return True
        start = clause.start
        if self.words[quantity.start - 1] == ",":
            return True  # since January, all cases …
        if self.words[start] == "of" and any(
            q.form == "set" and q.end < quantity.start for q in clause.quantities
        ):
            commas = [i for i in range(start, quantity.start) if self.words[i] == ","]
            start = commas[-1] if commas else start  # of the six that had been left, half …
        before = self.words[start : quantity.start]
        return all(word in _BEFORE_A_SUBJECT or word in CONTRAST for word in before)

    def _children_act(self, clause: Clause, quantity: Quantity) -> bool:
        """ "Sixteen had not kept to their orders": what children do is no judgement of the work."""
        if quantity.noun.kind not in ("cases", "pronoun", "bare"):
            return False
        start = quantity.end
        if self.words[start : start + 1] == ["did"] and set(self.words[start + 1 : start + 3]) & {
            ".",
            ",",
            ";",
        }:
            return True  # in this sample eight did
        if not self._is_subject(clause, quantity):  # in eight cases the young person had …
            child = self._subject_after(quantity.end, clause.end)
            if child is None:
                return False
            start = child
        relative = self.words[start : start + 1] in (["who"], ["that"], ["which"])
        end = min(start + (1 if relative else 6), clause.end)
        comma = next((i for i in range(start, end) if self.words[i] == ","), end)
        return any(_list("behaviour").at(self.words, i) for i in range(start, comma))

    def _subject_after(self, start: int, end: int) -> int | None:
        """Where the children end that are the subject of what follows an "in eight cases": the word after them."""
        i = start + (self.words[start : start + 1] == [","])
        if self.words[i : i + 1] in (["the"], ["a"], ["this"]):
            i += 1
        match = _list("child").at(self.words, i) if i < end else None
        return i + match[0] if match else None

    def _child_follows(self, clause: Clause, quantity: Quantity) -> bool:
        """ "In five cases the child lived …", but not "in five cases the child was seen": that was somebody's work."""
        after = self._subject_after(quantity.end, clause.end)
        return after is not None and self.words[after : after + 1] not in (["was"], ["were"], ["had"])

    def _needed(self, clause: Clause, quantity: Quantity) -> bool:
        """ "Fifteen of these plans should have been reviewed": how many there were to do."""
        words, end = self.words, quantity.end
        if not self._is_subject(clause, quantity) or quantity.form not in ("count", "worded", "percent"):
            return False
        return words[end : end + 3] in (["should", "have", "been"], ["needed", "to", "be"]) and (
            words[end + 3 : end + 4] != ["better"] and is_verb(words[end + 3])
        )

    def _of_cases(self, clause: Clause, quantity: Quantity) -> bool:
        """Whether the quantity is a share of this letter's cases: not of staff, a target, what others counted."""
        if quantity.any and not any(s.meaning == "not" for s in clause.signals):
            return False
        other = (self._is_habit, self._is_said, self._is_of_others, self._is_of_bad_ones, self._is_elsewhere)
        return not any(is_other(clause, quantity) for is_other in other)

    def _is_habit(self, clause: Clause, quantity: Quantity) -> bool:
        """ "Each report is read by two managers": what is always so is no finding of how many were."""
        after = self.words[quantity.end : quantity.end + 2]
        return (
            quantity.universal
            and self._is_subject(clause, quantity)
            and (after[:1] in (["is"], ["are"], ["attend"]) or after in (["have", "come"], ["has", "come"]))
            and not any(s.meaning in ("good", "bad") for s in clause.signals)
        )

    def _is_said(self, clause: Clause, quantity: Quantity) -> bool:
        """ "Most of them felt …", "most parents said …", "managers told us that every case …": no finding of ours."""
        words, kind = self.words, quantity.noun.kind
        people = [
            s
            for s in clause.signals
            if s.meaning == "people_say" and words[s.start - 1] not in ("we", "have")
        ]
        if kind in ("pronoun", "bare") and people:
            return True
        if kind == "items" and any(s.start < quantity.end + 3 for s in people):
            return True
        return any(
            _list("told").at(words, i) and words[i - 1] not in ("we", "have")
            for i in range(clause.start, quantity.start)
        )

    def _is_of_others(self, clause: Clause, quantity: Quantity) -> bool:
        """ "… of the staff, and two-thirds had …", "discussed every case", "all 60 whom the council looks after"."""
        words, start = self.words, quantity.start
        just_before = range(max(start - 2, clause.start), start) if words[start - 1] != "," else ()
        if any(_list("handled").at(words, i) for i in just_before):
            return True
        if quantity.form == "whole" and (quantity.of or 0) > (self.case_count or 400):
            return True
        if quantity.noun.kind not in ("pronoun", "bare") or self.set_here is not None:
            return False
        if self.section == "operational_management":
            return True  # there it is the staff that are counted
        before = [q for q in self.quantities if q.start < start and words[q.start] not in ("no", "one")]
        named = next((q for q in reversed(before) if q.form != "vague" or q.noun.kind != "bare"), None)
        return named is not None and named.noun.kind == "other"

    def _is_of_bad_ones(self, clause: Clause, quantity: Quantity) -> bool:
        """ "Of the seven that were not, most …", "two of the four weaker plans", "half of the reviews that were late":
        a share of the bad ones says nothing of all."""
        words = self.words
        if self.set_is_bad and quantity.noun.kind in ("pronoun", "bare"):
            return True
        if (
            words[clause.start : clause.start + 2] == ["of", "those"]
            and "not" in words[clause.start : quantity.start]
        ):
            return True
        if any(_list("weak_ones").at(words, i) for i in range(quantity.start, quantity.end)):
            return True
        if words[quantity.end : quantity.end + 1] not in (["that"], ["which"], ["who"]):
            return False
        said = [s for s in clause.signals if quantity.end <= s.start <= quantity.end + 3]
        return any(s.meaning in ("bad", "not") for s in said)

    def _is_elsewhere(self, clause: Clause, quantity: Quantity) -> bool:
        """A target, a rate, what somebody else has counted."""
        words, span = self.words, range(clause.start, clause.end)
        if any(_list("elsewhere").at(words, i) for i in span):
            return True
        percent = {"%", "cent", "percent"} & set(words[quantity.start : quantity.end])
        by = words[quantity.start - 1 : quantity.start] == ["by"]  # had risen by a quarter
        return bool(percent or by) and any(_list("rates").at(words, i) for i in span)

    # ------------------------------------------------------------ with a number
    def _cases_of(self, clause: Clause, quantity: Quantity) -> tuple[int | None, int | None, str | None]:
        """Of how many cases the quantity is; a second number if it may be of that many; and the doubt."""
        spoken, total, noun = self.spoken, self.case_count, quantity.noun
        if quantity.of is not None:
            return quantity.of, None, None
        near = self.number - spoken.set_in <= 2
        if quantity.form == "rest":
            return spoken.set_size if near else None, None, None
        leading = self.words[clause.start : clause.start + 2] in (
            ["of", "these"],
            ["of", "those"],
            ["of", "them"],
        )
        if noun.pointing or noun.kind == "pronoun" or (leading and noun.kind == "bare"):
            return spoken.last_set, None, None
        if noun.kind == "bare" and spoken.set_size is not None and near:
            return spoken.set_size, None, None
        if self.set_here is not None and not noun.sampled:
            return self.set_here, None, None
        if noun.relevant:
            if spoken.sub_sample and quantity.form == "count" and (quantity.count or 0) <= spoken.sub_sample:
                return spoken.sub_sample, None, "“Relevant” is taken to be the cases counted before."
            return None, None, None
        if spoken.sub_sample is not None and total is not None and spoken.sub_sample < total:
            if noun.kind == "items":
                return spoken.sub_sample, None, None
            doubt = (
                f"It may be of all {total} cases, or of the {spoken.sub_sample} that the paragraph speaks of."
            )
            return None, spoken.sub_sample, doubt
        return self._of_the_sample(clause, quantity)

    def _of_the_sample(self, clause: Clause, quantity: Quantity) -> tuple[int | None, int | None, str | None]:
        """The same where nothing said before tells: of all cases of the letter, as far as that is certain."""
        total, noun = self.case_count, quantity.noun
        spoken = self.spoken
        near = spoken.set_size is not None and self.number - spoken.set_in <= 1
        if noun.kind == "items" and near and total and spoken.set_size and spoken.set_size < total:
            doubt = (
                f"It may be of all {total} cases, or of the {spoken.set_size} that the paragraph speaks of."
            )
            return None, spoken.set_size, doubt
        span = range(clause.start, clause.end)
        if any(_list("some_cases").at(self.words, i) or self.words[i] in ("where", "whom") for i in span):
            return None, None, "It is of some of the cases only, and the letter does not say of how many."
        if noun.kind == "items" and "assessments" not in self.words[quantity.start : quantity.end]:
            # Not every case has a plan or a review.
            if quantity.counted and quantity.form not in ("percent", "but"):
                return total, None, "The letter does not say of how many; taken to be of all cases."
            return None, None, None
        if noun.kind == "bare" and quantity.form == "count":
            return total, None, "The letter does not say of how many; taken to be of all cases."
        return total, None, None

    def _quantified(
        self, clause: Clause, quantity: Quantity, practice: str, judgement: Judgement, signals: list[Signal]
    ) -> _Draft | None:
        sign, said = judgement.sign, judgement.said
        total, words = self.case_count, self.words
        if (
            sign < 0
            and quantity.universal
            and any(s.meaning == "not" and s.start < quantity.start for s in signals)
        ):
            return None  # "had not been reviewed in all cases": not in all, no number
        if (
            quantity.form == "count"
            and quantity.count == 1
            and quantity.of is None
            and not self._counts_one(quantity)
        ):
            return None
        quantity = self._as_fraction(quantity)
        if quantity.form == "rest" and not (said and (quantity.count or words[quantity.end - 1] != "case")):
            return None  # the others consisted of …; in the other case …
        cases, other, doubt = self._cases_of(clause, quantity)
        share: Share | None
        if quantity.range is not None and quantity.form in ("whole", "worded", "percent"):
            share, misfit = _narrowed(quantity.range, cases)
            if misfit and quantity.range.low < quantity.range.high:
                doubt = misfit
            if quantity.range.low == quantity.range.high:
                doubt = None  # all or none, of however many
        elif quantity.form == "but":
            share, doubt = self._all_but(quantity.count or 1, cases, other, doubt)
        else:
            share = self._counted(quantity, cases, other)
        if share is None:
            return None
        self._remember(quantity, cases, share)
        if sign < 0:
            share = Share(1 - share.high, 1 - share.low)
        if total is not None and cases is not None and cases > total:
            doubt = f"The letter says that {total} cases were examined, and this speaks of {cases}."
        return _Draft(
            *self._span(clause),
            practice,
            _direction(share, signals, sign),
            "counted" if quantity.counted else "worded",
            share,
            cases,
            self.text[self.places.starts[quantity.start] : self.places.ends[quantity.end - 1]],
            doubt,
        )

    def _as_fraction(self, quantity: Quantity) -> Quantity:
        """ "Four out of five were good" of 19 reports is a way to say a fraction."""
        n, k = quantity.of, quantity.count
        is_fraction = (
            quantity.form == "count"
            and quantity.noun.kind == "bare"
            and "out" in self.words[quantity.start : quantity.end]
            and "the" not in self.words[quantity.start : quantity.end]
            and n not in (self.spoken.set_size, self.case_count)
        )
        if not is_fraction or n not in (3, 4, 5, 10) or k is None:
            return quantity
        reach = Range(max(k / n - 0.05, 0), min(k / n + 0.05, 1))
        return replace(quantity, form="worded", count=None, of=None, range=reach)

    def _counts_one(self, quantity: Quantity) -> bool:
        """One case is an example, except as the rest of a count: "only one case", "in nine …, in one …"."""
        before = self.words[max(quantity.start - 2, 0) : quantity.start]
        return "only" in before or "just" in before or self.set_here is not None

    def _counted(self, quantity: Quantity, cases: int | None, other: int | None) -> Share | None:
        """Exactly k of n; from k of the one to k of the other where it may be of either; None if of how many is
        not known."""
        count = quantity.count
        if count is None and cases is not None and self.spoken.last_count is not None:
            count = cases - self.spoken.last_count  # the others
        if count is None or count < 0:
            return None
        if cases is None:
            possible = [count / n for n in (other, self.case_count) if other and n and count <= n]
            return Share(min(possible), max(possible)) if possible else None
        if not cases > 0 or count > cases:
            return None
        k = count / cases
        if quantity.form == "at least":
            return Share(k, 1)
        return Share(0, k) if quantity.form == "at most" else Share(k, k)

    def _all_but(
        self, k: int, cases: int | None, other: int | None, doubt: str | None
    ) -> tuple[Share | None, str | None]:
        """All but k: exact where it is known of how many; else what a letter's sample allows."""
        if cases is not None:
            return (Share((cases - k) / cases, (cases - k) / cases) if cases > k else None), doubt
        total = self.case_count
        high = (total - k) / total if total and total > k else 0.93
        low = (other - k) / other if other and other > k else 0.75
        return Share(min(low, high), high), doubt or "The letter does not say of how many cases."

    def _remember(self, quantity: Quantity, cases: int | None, share: Share) -> None:
        spoken = self.spoken
        count = quantity.count
        if quantity.form == "but" and cases is not None:
            count = cases - (quantity.count or 0)
        elif quantity.form == "worded" and cases and share.low == share.high:
            count = round(share.low * cases)  # half of 18: only nine fit
        if cases is not None:
            spoken.set_size, spoken.set_in = cases, self.number
        if count is not None:
            spoken.last_count = count
            if quantity.form != "rest":
                spoken.last_set = count
            if quantity.of is not None:
                self.set_here = quantity.of

    # ------------------------------------------------------------ in words alone
    def _in_words(
        self,
        clause: Clause,
        quantity: Quantity | None,
        practice: str,
        judgement: Judgement,
        signals: list[Signal],
    ) -> _Draft | None:
        meanings = {s.meaning for s in clause.signals}
        if not judgement.said or clause.end - clause.start < 4:
            return None
        if self.spoken.example and "example" not in meanings:
            return None
        worried = "concern" in meanings and not any(s.meaning == "good" for s in signals)
        doubt = (
            "The quantity here could not be read as a share of the cases." if quantity is not None else None
        )
        return _Draft(
            *self._span(clause),
            practice,
            "weakness" if judgement.sign < 0 or worried else "strength",
            doubt=doubt,
        )

    def _span(self, clause: Clause) -> tuple[int, int]:
        """Where the clause stands in the text, without the "but" and the comma around it."""
        words, start, end = self.words, clause.start, clause.end
        while start < end - 1 and words[start] in _TRIMMED:
            start += 1
        while end > start + 1 and words[end - 1] in (",", ";", ":", "and", "but"):
            end -= 1
        return self.places.starts[start], self.places.ends[end - 1]


def _same_in_words(a: _Draft, b: _Draft) -> bool:
    return a.basis == b.basis == "qualitative" and a.direction == b.direction and a.practice == b.practice


def _expects(words: list[str], clause: Clause) -> bool:
    """Whether a clause says what ought to be, and does not go on to what was found.

    What only the tail of a sentence ought to be ("only 45% showed which work should come first") does not count.
    """
    first = next((s.start for s in clause.signals if s.meaning == "expects"), None)
    if first is None:
        return False
    quantity = clause.quantity()
    if quantity and any(word in _OPENS_A_TAIL for word in words[quantity.end : first]):
        return False
    return not any(
        s.meaning in ("found", "done", "same") and s.start > first and words[s.start - 1] not in ("be", "now")
        for s in clause.signals
    )


def _narrowed(reach: Range, cases: int | None) -> tuple[Share, str | None]:
    """The interval that words allow, narrowed to whole cases where their number is known."""
    share = Share(max(reach.low, 0.0), min(reach.high, 1.0))
    if not cases:
        return share, None
    whole = reach.whole_cases(cases)
    if whole is None:
        return share, f"No whole number of {cases} cases fits the words; the interval is not narrowed."
    return whole, None


def _direction(share: Share, signals: list[Signal], sign: int) -> Direction:
    """Our reading of a share: from about three quarters a strength, to about three fifths a weakness."""
    middle = (share.low + share.high) / 2
    meanings = {s.meaning for s in signals}
    if middle >= 0.73:
        return "strength"
    if middle <= 0.6 or ("concern" in meanings and sign > 0):
        return "weakness"
    return "strength" if "pleased" in meanings else "neutral"
