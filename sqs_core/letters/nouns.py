"""What a quantity is of: "of the 12 relevant cases sampled", "of these", "of the team"."""

# ruff: noqa: PLR0911, PLR0912 (a grammar is a list of cases)

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqs_core.letters.words import Phrases, number_at, table, word_list

DETERMINERS = frozenset(
    word_list("the these those our their its such all his her this that every each other remaining your")
)
STOPS = frozenset(
    word_list(
        "was were had have has did does do is are be been being could would should will can may might in on at "
        "by for with to from that which who whom where when what how why while but if so then not we they it "
        "there he she you i as because since until after before during although however about into per than no "
        "it's again . , ; : ( ) ? ! \" % /"
    )
)
VERBS = frozenset(
    word_list(
        "was were had have has did does do is are took could would met fell gave made saw came went led got "
        "stood drew said set put kept left wrote paid sought dealt ran began brought spoke held understood"
    )
)
MARKS = frozenset(word_list(". , ; : ) ? !"))
RELEVANT = frozenset(word_list("relevant applicable eligible appropriate"))
_SAMPLED = frozenset(word_list("sampled inspected examined assessed reviewed read seen"))
_OUT_OF = frozenset(word_list("of from among amongst"))
_JUDGING = frozenset(
    word_list("sufficient insufficient adequate inadequate satisfactory unsatisfactory good poor timely late")
)
_POINTING = frozenset(word_list("these those such them which whom"))
_PLACES = frozenset(
    word_list("town city borough county area district region country island population community")
)
_SINGULAR_ENDS = ("ss", "us", "is", "less", "ous", "'s")


@dataclass(frozen=True, slots=True)
class Noun:
    """What stands after a quantity, up to word `end`.

    `kind`: cases; items (plans, reports: what is written for a case); pronoun ("of these"); bare (nothing stands
    there); other (staff, months: no share of cases).
    """

    kind: str
    end: int
    of: int | None = None  # "of the 12 cases"
    relevant: bool = False  # some of the cases only: "of the relevant cases", "of those in custody"
    sampled: bool = False  # "of the cases sampled"
    pointing: bool = False  # "of these cases"


@cache
def nouns() -> Phrases:
    """The nouns of `data/judgements.toml`: (cases, items or other; plural, singular or other)."""
    lists = table("judgements")["nouns"]
    rows: list[tuple[str, Any]] = []
    for name, kind, number in (
        ("cases", "cases", "plural"),
        ("case", "cases", "singular"),
        ("items", "items", "plural"),
        ("item", "items", "singular"),
        ("others", "other", "other"),
    ):
        rows += [(phrase, (kind, number)) for phrase in lists[name]]
    return Phrases(rows)


def is_verb(word: str) -> bool:
    """Whether the word is likely a verb in the past: enough for "five had …", "two failed …"."""
    return word in VERBS or (len(word) > 4 and word.endswith("ed"))


def noun_after(words: list[str], i: int, singular: bool = False, the: bool = True) -> Noun:
    """What the quantity that ends before word `i` is of.

    `singular`: one case may follow ("every case"). Without `the`, a noun that is not joined by "of" must follow at
    once: in "in eight the plan was good" the eight are not of plans.
    """
    n = len(words)
    k = i
    joined = k < n and words[k] in _OUT_OF
    if joined:
        k += 1
    elif not the and k < n and words[k] in DETERMINERS - _POINTING:
        return Noun("bare", i)
    start = k
    noun = Noun("bare", i)
    unknown = 0
    while k < n and k < start + 9:
        word = words[k]
        if word == "of" and k > start and not unknown:
            joined, k = True, k + 1  # all nine of the plans
            continue
        if word == "only" and k == start:
            k += 1
            continue
        known = nouns().at(words, k)
        if joined and word in _POINTING and not unknown and (k + 1 >= n or not _a_noun_follows(words, k + 1)):
            return _pronoun(words, k, noun)
        if word in DETERMINERS and not known:
            noun = replace(noun, pointing=noun.pointing or word in _POINTING)
            k += 1
            continue
        number = number_at(words, k)
        if number and noun.of is None and words[k + number[1] : k + number[1] + 1] != ["%"]:
            noun = replace(noun, of=number[0])
            k += number[1]
            continue
        if known:
            return _known(words, k, known, noun, singular)
        if k == start and word in ("and", "or"):
            break
        if k == start and not joined and word in _JUDGING and not (k + 1 < n and nouns().at(words, k + 1)):
            break  # 22 of the 24 sufficient
        if word in STOPS or (is_verb(word) and word not in _SAMPLED):
            break
        noun = replace(
            noun, relevant=noun.relevant or word in RELEVANT, sampled=noun.sampled or word in _SAMPLED
        )
        unknown += word not in RELEVANT and word not in _SAMPLED
        if unknown > 3 or (len(word) > 3 and word.endswith("s") and not word.endswith(_SINGULAR_ENDS)):
            return Noun("other", k + 1)
        k += 1
    if unknown or (joined and k == start):
        return Noun("other", k)
    if noun.of is not None or noun.relevant or noun.pointing:
        return replace(noun, end=k)  # all three; nine of the twelve relevant
    return Noun("bare", i)


def _a_noun_follows(words: list[str], k: int) -> bool:
    """Whether "these" at word k - 1 only points at a noun: "these cases", "these 12 plans"."""
    number = number_at(words, k)
    if number:
        k += number[1]
    for place in range(k, min(k + 4, len(words))):
        if words[place] in STOPS | DETERMINERS or words[place] in ("a", "an") or is_verb(words[place]):
            return False
        if nouns().at(words, place):
            return True
    return number is not None


def _pronoun(words: list[str], k: int, noun: Noun) -> Noun:
    if words[k] == "those" and k + 1 < len(words) and words[k + 1] not in MARKS and words[k + 1] not in VERBS:
        # Those with a plan, those in custody; those we interviewed are staff.
        rest = words[k + 1 : k + 5]
        if (
            "we" in rest
            or "interviewed" in rest
            or ("who" in rest and {"worked", "supervised", "managed"} & set(rest))
        ):
            return Noun("other", k + 1)
        return replace(noun, kind="cases", end=k + 1, relevant=True)
    return replace(noun, kind="pronoun", end=k + 1, pointing=True)


def _known(words: list[str], k: int, known: tuple[int, Any], noun: Noun, singular: bool) -> Noun:
    """A noun that is known, with the words around it: "risk management plans", "children and young people"."""
    length, (kind, number) = known
    n = len(words)
    # A noun before a noun tells of what sort: "risk management plans", "child protection plans".
    for place in (k + length, k + length + 1):
        if (
            number == "plural"
            or words[k].endswith("'s")
            or place >= n
            or is_verb(words[place])
            or words[place] in STOPS | DETERMINERS
            or words[place] in ("a", "an", "of", "and", "or")
        ):
            break
        following = nouns().at(words, place)
        if following:
            if following[1][1] == "other":
                if number == "singular" or kind == "items":
                    return Noun("other", place + following[0])
                break
            return _known(words, place, following, noun, singular)
    if kind == "other":
        return Noun("other", k + length)
    if number == "singular" and not singular and noun.of != 1 and words[k] != "sample":
        return Noun("other", k + length)
    sampled = noun.sampled or words[k] == "sample"
    k += length
    if k + 1 < n and words[k] in ("and", "or", "/"):
        more = nouns().at(words, k + 1)
        if more and more[1][0] == kind == "cases":
            k += 1 + more[0]  # children and young people
    if words[k : k + 1] == ["in"] and words[k + 1 : k + 3] in (["the", "sample"], ["our", "sample"]):
        sampled, k = True, k + 3
    elif words[k : k + 2] == ["in", "the"] and k + 2 < n and words[k + 2] in _PLACES:
        return Noun("other", k + 3)  # young people in the town
    elif words[k : k + 1] in (["locally"], ["nationally"]):
        return Noun("other", k + 1)
    relevant = noun.relevant
    while k < n and (words[k] in _SAMPLED or words[k] in RELEVANT):
        sampled, relevant = sampled or words[k] in _SAMPLED, relevant or words[k] in RELEVANT
        k += 1
    looked = words[k + 1 : k + 4] if words[k : k + 1] in (["that"], ["which"]) else words[k : k + 3]
    if (
        looked[:1] == ["we"]
        and len(looked) > 1
        and (looked[1] in _SAMPLED or looked[1] in ("looked", "saw", "did"))
    ):
        sampled = True
    return replace(noun, kind=kind, end=k, relevant=relevant, sampled=sampled)
