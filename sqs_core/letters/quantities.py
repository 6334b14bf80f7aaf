"""Words of quantity, and the share of cases that they allow. The table of wordings is `data/wordings.toml`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

from sqs_core.letters.words import NUMBERS, Phrases, number_at, table, word_list
from sqs_core.model import Share

_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Wording:
    """One row of the table of wordings, as the methods page prints it.

    `low` and `high` are numbers, or X with what is added to it; None where the numbers stand in the letter or
    where the words give none. `example_share` is what the example means with 20 relevant cases. `status`: V read in
    a public source, U widely understood, D our own derivation.
    """

    words: tuple[str, ...]
    kind: str
    rule: str
    example: str
    status: str
    low: float | str | None = None
    high: float | str | None = None
    without: tuple[str, ...] = ()
    value: Fraction | None = None
    example_share: tuple[float, float] | None = None


@cache
def wordings() -> tuple[Wording, ...]:
    """Every wording of quantity that is known."""
    return tuple(
        Wording(
            words=tuple(row["words"]),
            kind=row["kind"],
            rule=row["rule"],
            example=row["example"],
            status=row["status"],
            low=row.get("low"),
            high=row.get("high"),
            without=tuple(row.get("without", ())),
            value=Fraction(*row["value"]) if "value" in row else None,
            example_share=(row["example_share"][0], row["example_share"][1])
            if "example_share" in row
            else None,
        )
        for row in table("wordings")["wordings"]
    )


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of shares; `without_low`, `without_high`: that end does not belong to it."""

    low: float
    high: float
    without_low: bool = False
    without_high: bool = False

    def turned(self) -> Range:
        """The share of the other cases: what is bad in 60% is good in 40%."""
        return Range(1 - self.high, 1 - self.low, self.without_high, self.without_low)

    def whole_cases(self, cases: int) -> Share | None:
        """Narrowed to whole cases of `cases`; None if no number of cases fits."""
        fitting = [
            k
            for k in range(cases + 1)
            if (k / cases > self.low + _EPSILON if self.without_low else k / cases >= self.low - _EPSILON)
            and (k / cases < self.high - _EPSILON if self.without_high else k / cases <= self.high + _EPSILON)
        ]
        return Share(fitting[0] / cases, fitting[-1] / cases) if fitting else None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity in a sentence: where it stands (words `start` to `end`), what it says, what it is of."""

    start: int
    end: int
    form: str  # whole, worded, count, percent, but, set, rest, vague
    range: Range | None = None
    count: int | None = None  # k of "k of n", k of "all but k"
    of: int | None = None  # the stated n
    head: str = "bare"  # cases, items, pronoun, bare
    relevant: bool = False  # "of the relevant cases"
    sampled: bool = False  # "of the cases sampled"
    any: bool = False  # "any of the cases": means something only after "not"
    universal: bool = False  # all, every, each: after "not" it is "not all"
    said_counted: bool = False  # counts and percentages, not words
    other: bool = False  # "in the other five": of the same set as the count before


def _bound(bound: float | str | None, x: float) -> float:
    if not isinstance(bound, str):
        return float(bound or 0)
    value = x + float(bound[1:] or 0) if bound.startswith("X") else float(bound)
    return min(max(value, 0.0), 1.0)


def _phrases(kind: str) -> Phrases:
    return Phrases(
        (words, wording) for wording in wordings() if wording.kind == kind for words in wording.words
    )


@dataclass(frozen=True, slots=True)
class _Lexicon:
    whole: Phrases
    fraction: Phrases
    modifier: Phrases
    vague: Phrases
    nouns: Phrases
    starters: frozenset[str]


_SINGULAR, _PLURAL, _OTHER = "singular", "plural", "other"


@cache
def _lexicon() -> _Lexicon:
    nouns = table("judgements")["nouns"]
    rows: list[tuple[str, Any]] = []
    rows += [(noun, ("cases", _PLURAL)) for noun in nouns["cases"]]
    rows += [(noun, ("cases", _SINGULAR)) for noun in nouns["case"]]
    rows += [(noun, ("items", _PLURAL)) for noun in nouns["items"]]
    rows += [(noun, ("items", _SINGULAR)) for noun in nouns["item"]]
    rows += [(noun, ("other", _OTHER)) for noun in nouns["others"]]
    starters = {w.split()[0] for wording in wordings() if wording.kind != "form" for w in wording.words}
    starters |= {
        "both",
        "neither",
        "between",
        "from",
        "with",
        "any",
        "either",
        "remaining",
        "the",
        "two",
        "three",
        "nine",
    }
    starters |= set(NUMBERS) | {"other", "others", "rest", "remainder"}
    return _Lexicon(
        _phrases("whole"),
        _phrases("fraction"),
        _phrases("modifier"),
        _phrases("vague"),
        Phrases(rows),
        frozenset(starters),
    )


_DETERMINERS = frozenset(
    word_list("the these those our their its such all his her this that every each other remaining your")
)
_PRONOUNS = frozenset(["them", "these", "those", "which", "whom"])
_STOPS = frozenset(
    word_list(
        "was were had have has did does do is are be been being could would should will can may might in "
        "on at by for with to from that which who where when while but if so then not we they it there he "
        'she you i as because since until after before during although however . , ; : ( ) ? ! " about '
        "into per than no % /"
    )
)
_RELEVANT = frozenset(["relevant", "applicable", "eligible", "appropriate"])
_SAMPLED = frozenset(word_list("sampled inspected examined assessed sample reviewed read seen"))
_VERBS = frozenset(
    word_list(
        "was were had have has did does do is are contained included showed lacked met failed received "
        "demonstrated needed provided reflected addressed covered gave took could would remained fell "
        "required identified"
    )
)
_NOT_AFTER_HALF = frozenset(word_list("day days hour hourly term year yearly way hearted time party parties"))
_EXCEPT = frozenset(["but", "except", "bar", "excepting", "excluding", "save"])
_OUT_OF = frozenset(["of", "from", "among", "amongst"])
_MARKS = frozenset(word_list(". , ; : ) ? !"))


@dataclass(frozen=True, slots=True)
class _Head:
    kind: str  # cases, items, pronoun, bare, other
    end: int
    of: int | None = None
    relevant: bool = False
    sampled: bool = False
    plural: bool = True


def _head(words: list[str], i: int, singular: bool = False) -> _Head:  # noqa: PLR0912
    """What a quantity counts, from word `i` on: "of the 12 relevant cases sampled"."""
    lexicon = _lexicon()
    n = len(words)
    k = i
    after_of = k < n and words[k] in _OUT_OF
    if after_of:
        k += 1
        if k < n and words[k] == "only":
            k += 1
    of = None
    relevant = sampled = False
    start = k
    while k < n and k < start + 8:
        word = words[k]
        if word in _PRONOUNS and after_of and (k + 1 >= n or not lexicon.nouns.at(words, k + 1)):
            after = words[k + 1] if k + 1 < n else "."
            if word in ("them", "which", "whom") or after in _STOPS or after in _VERBS:
                return _Head("pronoun", k + 1, of, relevant, sampled)
        if word in _DETERMINERS:
            k += 1
            continue
        number = number_at(words, k)
        if number and of is None and not (k + number[1] < n and words[k + number[1]] == "%"):
            of = number[0]
            k += number[1]
            continue
        noun = lexicon.nouns.at(words, k)
        if noun:
            length, (kind, grammar) = noun
            if kind == "other":
                return _Head("other", k + length)
            if grammar == _SINGULAR and not singular and words[k] != "sample" and not (of == 1):
                # "all child protection plans": a word of the noun that follows
                if k + 1 < n and lexicon.nouns.at(words, k + 1):
                    k += 1
                    continue
                return _Head("other", k + 1)
            following = lexicon.nouns.at(words, k + length) if k + length < n else None
            if following and following[1][0] != "other":
                k += length
                continue
            if (
                following
                and words[k + length] not in ("in", "on")
                and following[1][1] == _OTHER
                and kind == "items"
            ):
                return _Head("other", k + length + 1)
            k += length
            if (
                k + 2 < n
                and words[k] in ("and", "or")
                and lexicon.nouns.at(words, k + 1) == (2, ("cases", _PLURAL))
            ):
                k += 3  # children and young people
            elif k + 1 < n and words[k] in ("and", "or", "/") and kind == "cases":
                more = lexicon.nouns.at(words, k + 1)
                if more and more[1][0] == "cases":
                    k += 1 + more[0]
            if (
                k + 1 < n
                and words[k] == "in"
                and words[k + 1 : k + 3] in (["the", "sample"], ["our", "sample"])
            ):
                sampled, k = True, k + 3
            while k < n and (words[k] in _SAMPLED or words[k] in _RELEVANT):
                sampled = sampled or words[k] in _SAMPLED
                relevant = relevant or words[k] in _RELEVANT
                k += 1
            if (
                k + 1 < n
                and words[k] in ("we", "that", "which")
                and (
                    words[k + 1] in _SAMPLED
                    or words[k : k + 2] == ["we", "looked"]
                    or words[k + 1 : k + 3] == ["we", "looked"]
                    or (words[k + 1] == "we" and k + 2 < n and words[k + 2] in _SAMPLED)
                )
            ):
                sampled = True
            return _Head(kind, k, of, relevant, sampled or words[k - 1] == "sample")
        if word in _STOPS or (word == "of" and k > start):
            break
        if word in _RELEVANT:
            relevant = True
        if word in _SAMPLED:
            sampled = True
        k += 1
    if of is not None and k == start + 1 + (1 if words[start] in _DETERMINERS else 0):
        return _Head("bare", k, of, relevant, sampled)
    if of is not None and (k >= n or words[k] in _STOPS) and k <= start + 3:
        return _Head("bare", k, of, relevant, sampled)
    if relevant and (k >= n or words[k] in _STOPS):
        return _Head("bare", k, of, relevant, sampled)  # "in nine of the twelve relevant"
    if k == i:
        return _Head("bare", i)
    return _Head("other" if after_of or k > i else "bare", k)


def _percent_at(words: list[str], i: int) -> tuple[float, int] | None:
    if not words[i][0].isdigit():
        return None
    if i + 1 < len(words) and words[i + 1] in ("%", "percent"):
        length = 2
    elif words[i + 1 : i + 3] == ["per", "cent"]:
        length = 3
    else:
        return None
    value = float(words[i].replace(",", "."))
    return (value / 100, length) if value <= 100 else None


@dataclass(frozen=True, slots=True)
class _Amount:
    """A part of the whole, as a number."""

    kind: str  # fraction, percent, ratio, count
    end: int
    share: float = 0.0
    count: int | None = None
    of: int | None = None


def _amount(words: list[str], i: int) -> _Amount | None:
    """The part of a whole that begins at word `i`: a percentage, a fraction, a count, "k of n", "one in five"."""
    if i >= len(words):
        return None
    percent = _percent_at(words, i)
    if percent:
        return _Amount("percent", i + percent[1], percent[0])
    fraction = _lexicon().fraction.at(words, i)
    if fraction:
        return _fraction(words, i, i + fraction[0], float(fraction[1].value))
    number = number_at(words, i)
    return _count(words, number[0], i + number[1]) if number else None


def _fraction(words: list[str], i: int, end: int, share: float) -> _Amount | None:
    """None where the words are no part of the cases: "half a day", "the first half", "a third review"."""
    after = words[end] if end < len(words) else "."
    before = words[i - 1] if i else ""
    if after in _NOT_AFTER_HALF or before in ("first", "second", "latter", "last", "next"):
        return None
    if before == "the" and words[i] == "half":
        return None
    if words[i] == "a" and words[i + 1] != "half" and not _part_follows(words, end):
        return None
    return _Amount("fraction", end, share)


def _count(words: list[str], k: int, end: int) -> _Amount:
    """The count k, and of how many where that follows: "nine of the twelve", "18 out of 20", "4/14", "one in five"."""
    alone = _Amount("count", end, count=k)
    n = len(words)
    if words[end : end + 2] in (["out", "of"], ["out", "from"]):
        j = end + 2
    elif end < n and words[end] in ("of", "/", "from", "in"):
        j = end + 1
    else:
        return alone
    ratio = words[j - 1] == "in"
    for place in range(j, min(j + 4, n)):
        total = number_at(words, place)
        if total:
            of, after = total[0], place + total[1]
            if words[after : after + 1] == ["%"] or not k <= of <= 400:
                return alone
            if not ratio:
                return _Amount("count", after, k / of, k, of)
            # "nine in the twelve" is no way to say a fraction, and "three in 2014" is none either.
            fraction = of <= 12 and (place == j or words[j] == "every")
            return _Amount("ratio", after, k / of) if fraction else alone
        ratio = ratio or words[place] == "every"
        if words[place] not in _DETERMINERS | _RELEVANT and words[place] not in ("a", "total", "of"):
            break
    return alone


def _part_follows(words: list[str], i: int) -> bool:
    if i >= len(words):
        return True
    noun = _lexicon().nouns.at(words, i)
    if noun:
        return bool(noun[1][1] == _PLURAL)
    return words[i] in _STOPS or words[i] in _VERBS or words[i] in ("of", "the", "these", "all")


def quantities_in(words: list[str]) -> list[Quantity]:
    """The quantities of a sentence that are shares of cases, and the ones without a number, in their order."""
    starters = _lexicon().starters
    found: list[Quantity] = []
    i = 0
    while i < len(words):
        word = words[i]
        quantity = _quantity_at(words, i) if word in starters or word[0].isdigit() else None
        if quantity:
            if quantity.form != "nothing":
                found.append(quantity)
            i = max(quantity.end, i + 1)
        else:
            i += 1
    return _with_exceptions(words, _with_brackets(words, found))


def _quantity_at(words: list[str], i: int) -> Quantity | None:  # noqa: PLR0911
    """The quantity that begins at word `i`. One of the form "nothing" is a quantity of something else than cases."""
    lexicon = _lexicon()
    word = words[i]
    between = _between(words, i)
    if between:
        return between
    but = _all_but(words, i)
    if but:
        return but
    if word in ("both", "neither", "either"):
        return _both(words, i)
    if word == "any":
        head = _head(words, i + 1, singular=True)
        if head.kind in ("cases", "items") or head.kind == "pronoun":
            return Quantity(i, head.end, "whole", Range(1, 1), of=head.of, head=head.kind, any=True)
        return None
    rest = _rest(words, i)
    if rest:
        return rest
    modifier = lexicon.modifier.at(words, i)
    if modifier:
        length, wording = modifier
        j = i + length
        if j < len(words) and words[j] in ("the", "a") and not lexicon.fraction.at(words, j):
            j += 1
        amount = _amount(words, j)
        if amount:
            return _modified(words, i, amount, wording)
    whole = lexicon.whole.at(words, i)
    vague = lexicon.vague.at(words, i)
    if vague and (not whole or vague[0] > whole[0]):
        length = vague[0]
        head = _head(words, i + length)
        end = head.end if head.kind in ("cases", "items") else i + length
        return Quantity(i, end, "vague", head=head.kind)
    if whole:
        return _whole(words, i, *whole)
    amount = _amount(words, i)
    return _plain_amount(words, i, amount) if amount else None


def _nothing(i: int, end: int) -> Quantity:
    return Quantity(i, end, "nothing")


def _between(words: list[str], i: int) -> Quantity | None:
    """ "between half and two-thirds", "from a third to a half", "half to three-quarters", "60-70%" """
    j = i + 1 if words[i] in ("between", "from") else i
    first = _amount(words, j)
    if not first or first.end >= len(words) or words[first.end] not in ("and", "to", "or"):
        return None
    if words[first.end] in ("and", "or") and j == i:
        return None
    second = _amount(words, first.end + 1)
    if not second:
        return None
    head = _head(words, second.end)
    if first.kind == "count" and first.of is None and second.kind == "percent":
        first = replace(first, kind="percent", share=(first.count or 0) / 100)
    if "count" in (first.kind, second.kind) or first.share > second.share:
        return None
    if head.kind == "other" or (head.kind == "bare" and not _bare_part(words, head.end)):
        return _nothing(i, second.end)
    return Quantity(
        i, head.end, "worded", Range(first.share, second.share), of=head.of, head=head.kind, relevant=head.relevant,
        sampled=head.sampled,
    )  # fmt: skip


def _all_but(words: list[str], i: int) -> Quantity | None:
    """ "all but two of the cases", "every case bar one", "with one exception": the cases that are left out."""
    n = len(words)
    word = words[i]
    if word == "with":
        j = i + 1
        if j < n and words[j] in ("only", "just"):
            j += 1
        if words[j : j + 3] == ["the", "exception", "of"] or words[j : j + 2] == ["exception", "of"]:
            number = number_at(words, j + 3)
            end = j + 3 + (number[1] if number else 0)
        else:
            number = number_at(words, j)
            end = j + (number[1] if number else 0) + 1
            if not number or end > n or words[end - 1] not in ("exception", "exceptions"):
                return None
        if not number:
            return None
        head = _head(words, end, singular=True)
        return Quantity(
            i,
            head.end if head.kind in ("cases", "items") else end,
            "but",
            count=number[0],
            head="bare",
            said_counted=True,
        )
    if word not in ("all", "every", "each"):
        return None
    j = i + 1
    if j < n and words[j] == "one" and word == "every":
        j += 1
    if j >= n or (words[j] not in _EXCEPT and words[j : j + 2] != ["apart", "from"] and words[j] != "other"):
        return None
    j += 2 if words[j : j + 2] in (["apart", "from"], ["except", "for"], ["other", "than"]) else 1
    if j < n and words[j] in ("a", "the", "for"):
        fraction = lexicon_fraction(words, j)
        if fraction:
            length, share = fraction
            head = _head(words, j + length)
            return Quantity(
                i, head.end, "worded", Range(1 - share - 0.05, 1 - share + 0.05), head=head.kind, of=head.of
            )
        return None
    number = number_at(words, j)
    if not number:
        return None
    end = j + number[1]
    head = _head(words, end, singular=number[0] == 1)
    if head.kind == "other":
        return _nothing(i, head.end)
    return Quantity(
        i, max(head.end, end), "but", count=number[0], of=head.of, head=head.kind, relevant=head.relevant,
        sampled=head.sampled, said_counted=True,
    )  # fmt: skip


def lexicon_fraction(words: list[str], i: int) -> tuple[int, float] | None:
    """The fraction at word `i`: how many words it takes, and its value."""
    fraction = _lexicon().fraction.at(words, i)
    return (fraction[0], float(fraction[1].value)) if fraction else None


def _both(words: list[str], i: int) -> Quantity | None:
    n = len(words)
    word = words[i]
    if word == "either":
        word_before = words[i - 1] if i else ""
        if word_before != "in" and words[i + 1 : i + 2] != ["of"]:
            return None
    head = _head(words, i + 1, singular=word != "both")
    if head.kind == "other" or (
        head.kind == "bare" and not (i + 1 >= n or words[i + 1] in _VERBS or words[i + 1] in _MARKS)
    ):
        return None
    if word == "both" and head.end < n and words[head.end] == "and":
        return None  # both the plan and the review
    if word == "neither" and "nor" in words[i:]:
        return None
    if head.of not in (None, 2):
        return None
    share = 1.0 if word == "both" else 0.0
    if word == "either":
        return Quantity(i, head.end, "whole", Range(1, 1), of=2, head=head.kind, any=True)
    return Quantity(
        i, head.end, "whole", Range(share, share), of=2, head="cases" if head.kind == "bare" else head.kind,
        universal=word == "both",
    )  # fmt: skip


def _rest(words: list[str], i: int) -> Quantity | None:
    """ "the remaining two", "the other five cases", "in the rest", "in the others" """
    if words[i] == "remaining" or words[i] == "other":
        if not i or words[i - 1] not in ("the", "in", "of"):
            return None
        number = number_at(words, i + 1)
        end = i + 1 + (number[1] if number else 0)
        head = _head(words, end, singular=True)
        if head.kind == "other" or (not number and head.kind == "bare" and words[i] == "other"):
            return None
        if number and head.kind == "bare" and not _bare_part(words, end):
            return None
        return Quantity(
            i, head.end if head.kind in ("cases", "items") else end, "rest", count=number[0] if number else None,
            head=head.kind, other=True, said_counted=True,
        )  # fmt: skip
    if words[i] in ("rest", "remainder", "others") and i and words[i - 1] == "the":
        head = _head(words, i + 1)
        if head.kind == "other":
            return None
        end = head.end if head.kind in ("cases", "items", "pronoun") else i + 1
        return Quantity(i, end, "rest", head="bare", other=True, said_counted=True)
    return None


def _modified(words: list[str], i: int, amount: _Amount, wording: Wording) -> Quantity | None:
    head = _head(words, amount.end)
    if head.kind == "other" or (head.kind == "bare" and not _bare_part(words, amount.end)):
        return _nothing(i, amount.end)
    if amount.kind == "count" and amount.of is None:
        # "at least nine cases", "only about nine": the bounds in cases, once it is known of how many
        if head.kind == "bare" or amount.count is None:
            return _nothing(i, amount.end)
        if wording.words[0] in ("about",):
            return None
        return Quantity(
            i, head.end, "limit:" + ("low" if wording.high == "1" else "high"), count=amount.count, of=head.of,
            head=head.kind, relevant=head.relevant, sampled=head.sampled, said_counted=True,
            range=Range(0, 1, "low" in wording.without, "high" in wording.without),
        )  # fmt: skip
    low, high = _bound(wording.low, amount.share), _bound(wording.high, amount.share)
    return Quantity(
        i, head.end, "worded", Range(low, high, "low" in wording.without, "high" in wording.without),
        of=amount.of or head.of, head=head.kind, relevant=head.relevant, sampled=head.sampled,
    )  # fmt: skip


def _bare_part(words: list[str], i: int) -> bool:
    """Whether a part may end here without a noun: "in half, the plans", "two-thirds were late"."""
    return i >= len(words) or words[i] in _STOPS or words[i] in _VERBS or words[i] in ("and", "or", "of")


def _whole(words: list[str], i: int, length: int, wording: Wording) -> Quantity | None:  # noqa: PLR0911
    j = i + length
    word = words[i]
    n = len(words)
    text = " ".join(words[i:j])
    if text in ("no", "few", "most") and i and words[i - 1] in ("the", "a", "quite", "very", "at"):
        return None  # the most, a few
    if text == "all" and (
        (i and words[i - 1] in ("at", "above", "after", "first", "not"))
        or (j < n and words[j] in ("too", "in"))
    ):
        if i and words[i - 1] == "not":
            return None
        return _nothing(i, j)
    head = _head(
        words,
        j,
        singular=word in ("each", "every", "no", "not", "nearly", "almost", "virtually", "none", "few"),
    )
    universal = wording.low == 1
    made = Quantity(
        i, head.end, "whole" if wording.low == wording.high else "worded",
        Range(float(wording.low or 0), float(wording.high or 0), "low" in wording.without, "high" in wording.without),
        of=head.of, head=head.kind, relevant=head.relevant, sampled=head.sampled, universal=universal,
    )  # fmt: skip
    if head.kind == "other":
        return _nothing(i, j)
    if text == "no":
        # "no plan was …" begins a clause; "there was no plan" does not count cases
        begins = i == 0 or words[i - 1] in (",", ";", "that", "and", "but", ":", "in", "found", "were", "was")
        if head.kind not in ("cases", "items") or not begins:
            return None
        if head.kind == "items" and i and words[i - 1] in ("were", "was", "found", "in"):
            return None
        if (
            i
            and words[i - 1] in ("were", "was")
            and head.kind == "cases"
            and words[i - 2 : i - 1] != ["there"]
        ):
            return None
        return made
    if head.kind == "bare":
        after = words[head.end] if head.end < n else "."
        if head.of is None and not (after in _VERBS or (after in _MARKS and word not in ("every", "no"))):
            return None
        if text == "all" and after in _MARKS and i and words[i - 1] not in ("in", "for", "of"):
            return None
    return made


def _plain_amount(words: list[str], i: int, amount: _Amount) -> Quantity | None:  # noqa: PLR0911
    n = len(words)
    head = _head(words, amount.end, singular=amount.count == 1)
    if amount.kind in ("fraction", "ratio"):
        if head.kind == "other" or (head.kind == "bare" and not _bare_part(words, amount.end)):
            return _nothing(i, amount.end)
        low, high = max(amount.share - 0.05, 0), min(amount.share + 0.05, 1)
        return Quantity(
            i, max(head.end, amount.end), "worded", Range(low, high), of=head.of, head=head.kind, relevant=head.relevant,
            sampled=head.sampled,
        )  # fmt: skip
    if amount.kind == "percent":
        if head.kind == "other" or (head.kind == "bare" and not _bare_part(words, amount.end)):
            return _nothing(i, amount.end)
        low, high = max(amount.share - 0.005, 0), min(amount.share + 0.005, 1)
        return Quantity(
            i, max(head.end, amount.end), "percent", Range(low, high), of=head.of, head=head.kind,
            relevant=head.relevant, sampled=head.sampled, said_counted=True,
        )  # fmt: skip
    if amount.of is not None:
        if head.kind == "other":
            return _nothing(i, head.end)
        return Quantity(
            i, max(head.end, amount.end), "count", count=amount.count, of=amount.of, head=head.kind,
            relevant=True, said_counted=True,
        )  # fmt: skip
    before = words[i - 1] if i else ""
    if head.kind == "other" or before in (
        "section",
        "paragraph",
        "page",
        "note",
        "band",
        "level",
        "stage",
        "aged",
        "year",
    ):
        return _nothing(i, amount.end)
    if words[i].isdigit() and amount.end < n and words[amount.end] == "/":
        return _nothing(i, amount.end)
    if head.kind == "bare":
        after = words[amount.end] if amount.end < n else "."
        good = (
            after in _VERBS
            or after in _MARKS
            or (before == "in" and after in ("the", "we", "it", "there", "this", "they"))
        )
        if not good or (before in ("number", "and", "or", "to") and after in _MARKS):
            return _nothing(i, amount.end)
    elif words[head.end : head.end + 2] == ["out", "of"] and (total := number_at(words, head.end + 2)):
        return Quantity(
            i, head.end + 2 + total[1], "count", count=amount.count, of=total[0], head=head.kind, said_counted=True
        )  # fmt: skip
    elif amount.end < n and words[amount.end] in ("of", "from") and head.of is None:
        return Quantity(
            i, head.end, "count", count=amount.count, of=head.of, head=head.kind, relevant=head.relevant,
            sampled=head.sampled or head.kind == "cases", said_counted=True,
        )  # fmt: skip
    definite = before in ("the", "these", "those") or words[i - 2 : i] == ["of", "the"] if i else False
    return Quantity(
        i, max(head.end, amount.end), "set" if definite else "count", count=amount.count, of=head.of, head=head.kind,
        relevant=head.relevant, sampled=head.sampled, said_counted=True,
    )  # fmt: skip


def _with_brackets(words: list[str], found: list[Quantity]) -> list[Quantity]:
    """ "four cases (29%)", "just over half (8 of 14)": what stands in brackets says the same more exactly."""
    joined: list[Quantity] = []
    for quantity in found:
        last = joined[-1] if joined else None
        if (
            last
            and last.form != "vague"
            and words[last.end : quantity.start] == ["("]
            and quantity.form in ("count", "percent")
        ):
            close = quantity.end
            while close < len(words) and words[close] != ")" and close < quantity.end + 4:
                close += 1
            if close < len(words) and words[close] == ")":
                exact = (
                    quantity
                    if quantity.of is not None or (last.of is None and last.form != "count")
                    else last
                )
                if last.form == "percent" and quantity.form == "count" and quantity.of:
                    exact = quantity
                count = quantity.count if quantity.count is not None else last.count
                joined[-1] = replace(
                    exact, start=last.start, end=close + 1, head=last.head if last.head != "bare" else quantity.head,
                    count=count, said_counted=True, range=quantity.range or last.range,
                    form="count" if exact.of is not None and count is not None else "percent" if quantity.form == "percent" or last.form == "percent" else exact.form,
                )  # fmt: skip
                continue
        joined.append(quantity)
    return joined


def _with_exceptions(words: list[str], found: list[Quantity]) -> list[Quantity]:
    """ "all cases except one", "all of the plans, with one exception": the exception belongs to what stands before."""
    joined: list[Quantity] = []
    skip_to = -1
    for position, quantity in enumerate(found):
        if quantity.start < skip_to:
            continue
        if quantity.universal and not quantity.any:
            j = quantity.end
            if j < len(words) and words[j] == ",":
                j += 1
            length = (
                1
                if j < len(words) and words[j] in _EXCEPT
                else 2
                if words[j : j + 2] == ["apart", "from"]
                else 0
            )
            if length and words[j + length : j + length + 1] in (["for"], ["in"]):
                length += 1
            number = number_at(words, j + length) if length else None
            if number:
                head = _head(words, j + length + number[1], singular=True)
                skip_to = head.end if head.kind in ("cases", "items") else j + length + number[1]
                joined.append(
                    replace(
                        quantity,
                        end=skip_to,
                        form="but",
                        count=number[0],
                        range=None,
                        universal=False,
                        said_counted=True,
                    )
                )
                continue
            exception = next(
                (q for q in found[position + 1 :] if q.form == "but" and words[q.start] == "with"), None
            )
            if exception and exception.start - quantity.end < 12:
                joined.append(
                    replace(
                        quantity,
                        form="but",
                        count=exception.count,
                        range=None,
                        universal=False,
                        said_counted=True,
                    )
                )
                continue
        if quantity.form == "but" and words[quantity.start] == "with" and joined and joined[-1].form == "but":
            continue
        joined.append(quantity)
    return joined
