"""A sentence is cut into clauses, and a clause is asked whether it judges the work well or badly."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cache

from sqs_core.letters.nouns import VERBS, is_verb
from sqs_core.letters.quantities import Quantity
from sqs_core.letters.words import Phrases, table, word_list

CONTRAST = frozenset(word_list("although while whilst whereas though"))
_SUBORDINATE = frozenset(
    word_list(
        "where when if once until unless because since which who whose whom whenever wherever having despite"
    )
)
_SUBORDINATE_PHRASES = {  # by their first word
    "rather": (["rather", "than"],),
    "so": (["so", "that"],),
    "in": (["in", "order"], ["in", "which"]),
    "to": (["to", "ensure"],),
    "as": (["as", "a", "result"],),
    "for": (["for", "whom"],),
    "prior": (["prior", "to"],),
    "instead": (["instead", "of"],),
}
_AUXILIARIES = frozenset(word_list("was were had has have is are did do does been be"))
_WHICH_ONES = frozenset(word_list("that which it they who"))
_SIGNS = frozenset(word_list("sign signs evidence indication reason suggestion"))
_PAST = frozenset(word_list("was were had did been"))
_PRESENT = frozenset(word_list("is are has have do does be"))
_REQUIRES = frozenset(word_list("require requires expect expects need needs"))
# Words that say nothing of the work: a clause of these alone leans on the clause before.
_EMPTY = frozenset(
    word_list(
        "a an the this that these those it they them there in of and or but for to with on at by so as we also found "
        "not no case cases however was were had has have is are did do does been be other others another further "
        "remaining only just again even either still same too nor yet though which whom whereas while although "
        "the two three four five six seven eight nine ten"
    )
)
# Between "not" and the bad word that it turns: "no significant delays", "not found to be poor".
_LETS_NOT_THROUGH = frozenset(
    word_list(
        "a an any the to be been being found had have was were of evidence sign signs such significant major serious "
        "obvious real great undue unnecessary particular overly unduly very especially case cases in which plan plans "
        "review reviews assessment assessments where that"
    )
)


@dataclass(frozen=True, slots=True)
class Signal:
    """A phrase that judges or tells what the sentence does, and its name in `data/judgements.toml`."""

    start: int
    end: int
    meaning: str


@dataclass(slots=True)
class Clause:
    """Words `start` to `end` of a sentence, with the quantities and signals in them."""

    start: int
    end: int
    quantities: list[Quantity] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)

    def quantity(self) -> Quantity | None:
        """The quantity that the clause is about."""
        found = [q for q in self.quantities if q.form not in ("vague", "set", "nothing")]
        found = [q for q in found if not q.bracketed] or found
        weighty = [q for q in found if q.form != "whole" or q.noun.kind != "bare" or q.of is not None]
        return next(iter(weighty or found), None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a clause judges the work: `sign` 1 well, -1 badly; `said`: whether it judges at all; `turned`: it is
    bad because of a "not"."""

    sign: int
    said: bool
    turned: bool


@cache
def _signals() -> Phrases:
    tables = table("judgements")
    sentences = ("circumstance", "expects", "same", "done", "found", "exists", "example", "people_say")
    judgement = ("neutral", "mends", "bad", "not", "concern", "pleased", "good")
    rows = [(phrase, name) for name in sentences for phrase in tables["sentences"][name]]
    return Phrases(rows + [(phrase, name) for name in judgement for phrase in tables["judgement"][name]])


def signals_in(words: list[str], quantities: list[Quantity]) -> list[Signal]:
    """The signals of a sentence, outside its words of quantity."""
    taken = bytearray(len(words) + 1)
    for quantity in quantities:
        if quantity.form not in ("vague", "nothing"):
            taken[quantity.start : quantity.end] = b"\1" * (quantity.end - quantity.start)
    found: list[Signal] = []
    done = 0
    for i, length, meaning in _signals().each(words):
        if i < done or any(taken[i : i + length]):
            continue
        done = i + length
        # "the plans that should have been reviewed": which plans, not what was wrong
        if not (meaning == "bad" and words[i] == "should" and words[i - 1] in _WHICH_ONES):
            found.append(Signal(i, done, meaning))
    return found


# ---------------------------------------------------------------- cutting
def clauses_of(words: list[str], quantities: list[Quantity], signals: list[Signal]) -> list[Clause]:
    """The clauses of a sentence. Each quantity has its own, as far as the sentence lets them part."""
    inside = {k for q in quantities for k in range(q.start + 1, q.end)}
    cuts = {0} | {
        i for i in range(1, len(words)) if i not in inside and _begins(words, i, quantities, signals)
    }
    if words[0] in CONTRAST:
        comma = next((i for i in range(3, len(words)) if words[i] == "," and i not in inside), None)
        if comma:
            cuts.add(comma + 1)
    shares = [q for q in quantities if q.form not in ("vague", "set", "nothing")]
    shares = [q for q in shares if not q.bracketed] or shares
    cuts |= {
        q.start
        for q in shares
        if q.start > 3 and words[q.start - 1] == "," and words[q.end - 1] in ("which", "whom")
    }
    for before, after in itertools.pairwise(shares):
        if not any(before.end <= cut <= after.start for cut in cuts):
            cuts |= _soft_cut(words, before.end, after.start)
    for share in shares:
        cuts |= _tail(words, share, cuts)
    cuts |= {i for i in range(3, len(words)) if i not in inside and _new_subject(words, i, cuts)}
    edges = [*sorted(cuts), len(words)]
    clauses = [Clause(a, b) for a, b in itertools.pairwise(edges)]
    for clause in clauses:
        clause.quantities = [q for q in quantities if clause.start <= q.start < clause.end]
        clause.signals = [s for s in signals if clause.start <= s.start < clause.end]
    return _whole_clauses(words, clauses)


def _begins(words: list[str], i: int, quantities: list[Quantity], signals: list[Signal]) -> bool:
    word, before = words[i], words[i - 1]
    if before in (";", ":") or (word == "(" and _AUXILIARIES & set(words[i + 1 : i + 6])):
        return True
    if word == "but":
        return words[i + 1 : i + 2] != ["also"] and not _required_but_not(i, quantities, signals)
    if word in CONTRAST or word == "being":
        return before == ","
    if word == "however":
        return before in (",", "and") and words[i + 1 : i + 2] != [","]
    if word != "and":
        return False
    found = words[i + 1 : i + 3] in (["we", "found"], ["we", "saw"], ["found", "that"], ["found", "this"])
    return found or (before == "," and words[i + 1 : i + 2] in (["these"], ["they"], ["this"], ["it"]))


def _required_but_not(i: int, quantities: list[Quantity], signals: list[Signal]) -> bool:
    """ "in half of the cases a review was required but had not been done": one clause, though it has a "but"."""
    required = any(s.meaning == "circumstance" and s.end == i for s in signals)
    return required and bool(quantities) and all(q.end <= i for q in quantities)


def _soft_cut(words: list[str], start: int, end: int) -> set[int]:
    """Where a clause with two quantities parts: at "and", else at a comma."""
    best = (0, 0)
    for i in range(start, end):
        rank = 0
        if words[i] == "and" or (words[i] in ("with", *CONTRAST) and words[i - 1] == ","):
            rank = 3 if words[i - 1] == "," else 2
        elif words[i] == ",":
            rank = 1
        if rank > best[0]:
            best = rank, i
    return {best[1]} if best[0] else set()


def _tail(words: list[str], quantity: Quantity, cuts: set[int]) -> set[int]:
    """ "… in all but one of the cases, and clear recommendations were made": what comes after is its own clause."""
    i = quantity.end + (words[quantity.end : quantity.end + 1] == [","])
    if words[i : i + 1] != ["and"] or words[i + 1 : i + 2] in (["not"], ["were"], ["was"], ["had"]):
        return set()
    begin = max(cut for cut in cuts if cut <= quantity.start)
    end = min([cut for cut in cuts if cut > i], default=len(words))
    two = _AUXILIARIES & set(words[begin : quantity.start]) and _AUXILIARIES & set(words[i + 2 : end])
    return {i} if two else set()


def _new_subject(words: list[str], i: int, cuts: set[int]) -> bool:
    """ "…, and managers had not noticed": an "and" after a comma that begins a clause with a subject and a verb."""
    if words[i] != "and" or words[i - 1] != "," or i + 2 >= len(words):
        return False
    begin = max(cut for cut in cuts if cut <= i)
    end = min([cut for cut in cuts if cut > i], default=len(words))
    after = words[i + 2 : min(end, i + 14)]
    return (
        words[i + 1] not in _AUXILIARIES | {"not", "in", "of", "to"}
        and bool(_AUXILIARIES & set(after))
        and bool((_AUXILIARIES | VERBS | _REQUIRES) & set(words[begin:i]))
    )


def _whole_clauses(words: list[str], clauses: list[Clause]) -> list[Clause]:
    """ "In one in five cases, …" is no clause by itself: it belongs to what follows."""
    whole: list[Clause] = []
    for clause in clauses:
        if not any(word[0].isalnum() for word in words[clause.start : clause.end]):
            continue
        first = whole[0] if len(whole) == 1 else None
        if (
            first
            and first.quantity()
            and not has_verb(words, first)
            and not any(s.meaning in ("good", "bad", "exists", "expects") for s in first.signals)
        ):
            whole[0] = Clause(
                first.start, clause.end, first.quantities + clause.quantities, first.signals + clause.signals
            )
        else:
            whole.append(clause)
    return whole


# ---------------------------------------------------------------- judging
def main_part(words: list[str], clause: Clause, quantity: Quantity | None) -> list[tuple[int, int]]:
    """The clause without what it says of circumstances ("where this was required", "rather than …"); only the part
    with the quantity where that stands in such a part."""
    parts: list[tuple[int, int, bool]] = []
    start, subordinate = clause.start, False
    for i in range(clause.start, clause.end):
        if words[i : i + 3] in (["when", "they", "should"], ["when", "it", "should"]):
            continue  # "had not been reviewed when they should have been in 16 cases" is all one
        if words[i] in _SUBORDINATE or any(
            words[i : i + len(p)] == p for p in _SUBORDINATE_PHRASES.get(words[i], ())
        ):
            if i > start:
                parts.append((start, i, subordinate))
            start, subordinate = i, True
        elif words[i] == "," and subordinate:
            parts.append((start, i, True))
            start, subordinate = i, False
    parts.append((start, clause.end, subordinate))
    if quantity is not None:
        holding = next(((a, b) for a, b, inner in parts if inner and a <= quantity.start < b), None)
        if holding:
            return [holding]
    main = [(a, b) for a, b, inner in parts if not inner and b > a]
    return main or [(clause.start, clause.end)]


def judged(words: list[str], signals: list[Signal]) -> Judgement:
    """How the signals judge: one bad thing makes it bad; "not" turns what it reaches."""
    bad = good = turned = False
    skip = -1
    for k, signal in enumerate(signals):
        if signal.start < skip:
            continue
        following = next(
            (s for s in signals[k + 1 :] if s.meaning in ("bad", "good", "not", "mends", "neutral")), None
        )
        if signal.meaning == "not":
            if (
                following
                and following.meaning in ("bad", "not")
                and _reaches(words, signal.end, following.start)
            ):
                good, skip = True, following.end
            else:
                bad = turned = True
        elif signal.meaning == "mends":
            if following and following.meaning == "bad" and following.start - signal.end < 4:
                good, skip = True, following.end
        elif signal.meaning == "bad":
            lasting = words[signal.start] in ("not", "too")  # "not always picked up"
            mended = following and following.meaning == "mends" and not lasting
            if following and mended and _mended(words, signal.end, following.start):
                good, skip = True, following.end
            else:
                bad = True
        elif signal.meaning in ("good", "done"):
            good = True
    return Judgement(-1 if bad else 1, bad or good, turned)


def _reaches(words: list[str], start: int, end: int) -> bool:
    between = words[start:end]
    if between[:2] and between[0] in _SIGNS and between[1] == "that":
        return len(between) < 14  # "no sign that the protection of the public had suffered"
    return len(between) < 5 and all(word in _LETS_NOT_THROUGH or word.endswith("ly") for word in between)


def _mended(words: list[str], start: int, end: int) -> bool:
    """ "the danger had been recognised", but not "gaps were identified": those the inspectors found."""
    return words[end] not in ("identified", "noticed") and all(
        word in _AUXILIARIES for word in words[start:end]
    )


def has_verb(words: list[str], clause: Clause) -> bool:
    """Whether the clause says something by itself, outside its quantities."""
    inside = {k for q in clause.quantities for k in range(q.start, q.end)}
    return any(
        (words[i] in _AUXILIARIES or words[i] in VERBS or is_verb(words[i])) and i not in inside
        for i in range(clause.start, clause.end)
    )


def has_past(words: list[str], clause: Clause) -> bool:
    """Whether the clause tells what happened, and not what always happens."""
    return any(
        words[i] in _PAST or (is_verb(words[i]) and words[i] not in _PRESENT)
        for i in range(clause.start, clause.end)
    )


def says(words: list[str], parts: list[tuple[int, int]], quantities: list[Quantity]) -> bool:
    """Whether there is a word of substance, outside the quantities."""
    inside = {k for q in quantities if q.form != "vague" for k in range(q.start, q.end)}
    return any(
        words[i] not in _EMPTY and words[i][0].isalnum() and i not in inside
        for a, b in parts
        for i in range(a, b)
    )
