"""Words of quantity, and the share of cases that they allow. The table of wordings is `data/wordings.toml`."""

# ruff: noqa: PLR0911 (a grammar is a list of cases)

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from sqs_core.letters.nouns import DETERMINERS, MARKS, RELEVANT, STOPS, Noun, is_verb, noun_after, nouns
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
    """A quantity in a sentence: words `start` to `end`, what it says, and what it is of.

    `form`: whole (all, none), worded (a range), percent, count (k of n), but (all but k), rest (the other k),
    at least, at most (k), set (the 12 cases: no finding, but what follows is of them), vague (no number),
    nothing (a quantity of something else than cases).
    """

    start: int
    end: int
    form: str
    noun: Noun
    range: Range | None = None
    count: int | None = None
    of: int | None = None  # the n that the letter states
    any: bool = False  # "any of the cases": says something only after "not"
    universal: bool = False  # all, every, each: after "not" it is "not all"
    bracketed: bool = False  # "(4 of 15)"

    @property
    def counted(self) -> bool:
        """Whether the letter gives a number of cases, or a percentage, and not words."""
        return self.form in ("count", "percent", "but", "rest", "at least", "at most")


def _bound(bound: float | str | None, x: float) -> float:
    if not isinstance(bound, str):
        return float(bound or 0)
    value = x + float(bound[1:] or 0) if bound.startswith("X") else float(bound)
    return min(max(value, 0.0), 1.0)


def _range(wording: Wording, x: float = 0.0) -> Range:
    return Range(
        _bound(wording.low, x), _bound(wording.high, x), "low" in wording.without, "high" in wording.without
    )


@cache
def _phrases(kind: str) -> Phrases:
    return Phrases(
        (words, wording) for wording in wordings() if wording.kind == kind for words in wording.words
    )


@cache
def _starters() -> frozenset[str]:
    """Words that a quantity may begin with."""
    words = {
        w.split()[0].split("-")[0] for wording in wordings() if wording.kind != "form" for w in wording.words
    }
    more = "both neither either between from with any remaining other others rest remainder"
    return frozenset(words | set(NUMBERS) | set(word_list(more)))


_EXCEPT = frozenset(word_list("but except bar excepting excluding save"))
_NOT_AFTER_HALF = frozenset(word_list("day days hour hourly term year yearly way hearted time party parties"))
_NOT_BEFORE_COUNT = frozenset(
    word_list("section paragraph page note band level stage aged age year chapter criterion")
)
_BEFORE_BARE = frozenset(word_list("in for of only just but with found saw read examined inspected"))


def quantities_in(words: list[str]) -> list[Quantity]:
    """The quantities of a sentence in their order, those of the form "nothing" too."""
    starters = _starters()
    found: list[Quantity] = []
    i = 0
    while i < len(words):
        word = words[i]
        quantity = _quantity_at(words, i) if word in starters or word[0].isdigit() else None
        if quantity:
            found.append(quantity)
            i = max(quantity.end, i + 1)
        else:
            i += 1
    return (
        _without_negations(words, _with_exceptions(words, _with_brackets(words, found))) if found else found
    )


def _without_negations(words: list[str], found: list[Quantity]) -> list[Quantity]:
    """ "No plan had been made in five of the 12 cases": the "no" says what was not done, the count how often."""
    kept = []
    for quantity, following in zip(found, [*found[1:], None], strict=True):
        negates = (
            words[quantity.start] == "no"
            and quantity.noun.kind == "items"
            and following is not None
            and following.form not in ("vague", "set", "nothing")
            and not {",", ";", ":", "but", "and"} & set(words[quantity.end : following.start])
        )
        if not negates:
            kept.append(quantity)
    return kept


def _quantity_at(words: list[str], i: int) -> Quantity | None:
    word = words[i]
    if word in ("both", "neither", "either"):
        return _both(words, i)
    if word == "any":
        noun = noun_after(words, i + 1, singular=True)
        known = noun.kind in ("cases", "items", "pronoun")
        return Quantity(i, noun.end, "whole", noun, Range(1, 1), of=noun.of, any=True) if known else None
    for read in (_between, _all_but, _rest):
        quantity = read(words, i)
        if quantity:
            return quantity
    modifier = _phrases("modifier").at(words, i)
    if modifier:
        j = i + modifier[0]
        if j < len(words) and words[j] == "the":
            j += 1
        amount = _amount(words, j)
        if amount:
            return _modified(words, i, amount, modifier[1])
    whole = _phrases("whole").at(words, i)
    vague = _phrases("vague").at(words, i)
    if vague and (not whole or vague[0] > whole[0]):
        return Quantity(i, i + vague[0], "vague", noun_after(words, i + vague[0]))
    if whole:
        return _whole(words, i, i + whole[0], whole[1])
    amount = _amount(words, i)
    return _plain(words, i, amount) if amount else None


# ---------------------------------------------------------------- numbers as letters write them
@dataclass(frozen=True, slots=True)
class _Amount:
    """A part of the whole, or a count, up to word `end`."""

    kind: str  # fraction, percent, ratio, count
    end: int
    share: float = 0.0
    count: int | None = None
    of: int | None = None


def _amount(words: list[str], i: int) -> _Amount | None:
    """The amount that begins at word `i`: a percentage, a fraction, a count, "k of n", "one in five"."""
    if i >= len(words):
        return None
    percent = _percent_at(words, i)
    if percent:
        return _Amount("percent", i + percent[1], percent[0])
    fraction = _phrases("fraction").at(words, i)
    if fraction:
        return _fraction(words, i, i + fraction[0], float(fraction[1].value))
    number = number_at(words, i)
    return _count(words, number[0], i + number[1]) if number else None


def _percent_at(words: list[str], i: int) -> tuple[float, int] | None:
    if not words[i][0].isdigit():
        return None
    if words[i + 1 : i + 2] in (["%"], ["percent"]):
        length = 2
    elif words[i + 1 : i + 3] == ["per", "cent"]:
        length = 3
    else:
        return None
    value = float(words[i].replace(",", "."))
    return (value / 100, length) if value <= 100 else None


def _fraction(words: list[str], i: int, end: int, share: float) -> _Amount | None:
    """None where the words are no part of the cases: "half a day", "the first half", "a third review"."""
    after = words[end] if end < len(words) else "."
    before = words[i - 1] if i else ""
    if after in _NOT_AFTER_HALF or before in ("first", "second", "latter", "last", "next"):
        return None
    if before == "the" and words[i] == "half":
        return None
    if words[i] == "a" and words[i + 1] != "half" and not _part_may_end(words, end):
        noun = nouns().at(words, end)
        if not noun or noun[1][1] != "plural":
            return None
    return _Amount("fraction", end, share)


def _count(words: list[str], k: int, end: int) -> _Amount:
    """The count k, and of how many where that follows: "nine of the twelve", "18 out of 20", "one in five"."""
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
            # "nine in the twelve" is no way to say a fraction, nor is "one in 12 of the 13 cases".
            fraction = (
                of <= 12
                and (place == j or words[j] == "every")
                and words[after : after + 2] not in (["of", "the"], ["out", "of"])
            )
            return _Amount("ratio", after, k / of) if fraction else alone
        ratio = ratio or words[place] == "every"
        if words[place] not in DETERMINERS | RELEVANT and words[place] not in ("a", "total", "of"):
            break
    return alone


def _part_may_end(words: list[str], i: int) -> bool:
    """Whether a part may end here without a noun: "in half, the plans …", "two-thirds were late"."""
    return i >= len(words) or words[i] in STOPS or is_verb(words[i]) or words[i] in ("and", "or", "of", "the")


# ---------------------------------------------------------------- forms
def _nothing(i: int, end: int) -> Quantity:
    return Quantity(i, end, "nothing", Noun("other", end))


def _no_part(words: list[str], noun: Noun, end: int) -> bool:
    return noun.kind == "other" or (noun.kind == "bare" and noun.end <= end and not _part_may_end(words, end))


def _between(words: list[str], i: int) -> Quantity | None:
    """ "between half and two-thirds", "from a third to a half", "half to three-quarters", "60-70%" """
    named = words[i] in ("between", "from")
    first = _amount(words, i + named)
    if not first or first.end >= len(words):
        return None
    joint = words[first.end]
    second = _amount(words, first.end + (joint in ("and", "to")))
    if not second or (
        joint not in ("and", "to") and not (first.kind == "count" and second.kind == "percent")
    ):
        return None
    if joint == "and" and not named:
        return None
    low = (first.count or 0) / 100 if first.kind == "count" and second.kind == "percent" else first.share
    if second.kind == "count" or (first.kind == "count" and second.kind != "percent") or low > second.share:
        return None
    noun = noun_after(words, second.end)
    if _no_part(words, noun, second.end):
        return _nothing(i, second.end)
    return Quantity(i, max(noun.end, second.end), "worded", noun, Range(low, second.share), of=noun.of)


def _all_but(words: list[str], i: int) -> Quantity | None:
    """ "all but two of the cases", "every case bar one", "with one exception": the cases that are left out."""
    if words[i] == "with":
        return _with_exception(words, i)
    if words[i] not in ("all", "every", "each"):
        return None
    j = _exception_begins(words, i + 1)
    if j is None:
        return None
    fraction = _phrases("fraction").at(words, j)
    if fraction:
        end, share = j + fraction[0], float(fraction[1].value)
        noun = noun_after(words, end)
        return Quantity(
            i, max(noun.end, end), "worded", noun, Range(0.95 - share, min(1.05 - share, 1)), of=noun.of
        )
    number = number_at(words, j)
    if not number:
        return None
    end = j + number[1]
    noun = noun_after(words, end, singular=number[0] == 1, the=False)
    if noun.kind == "other":
        return _nothing(i, noun.end)
    return Quantity(i, max(noun.end, end), "but", noun, count=number[0], of=noun.of)


def _exception_begins(words: list[str], i: int) -> int | None:
    """Where the exception stands after "but", "except for", "apart from": the word after them, else None."""
    if words[i : i + 2] in (
        ["apart", "from"],
        ["except", "for"],
        ["except", "in"],
        ["other", "than"],
        ["but", "for"],
    ):
        return i + 2
    return i + 1 if i < len(words) and words[i] in _EXCEPT else None


def _with_exception(words: list[str], i: int) -> Quantity | None:
    """ "with one exception", "with the exception of two cases" """
    j = i + 1 + (words[i + 1 : i + 2] in (["only"], ["just"], ["the"]))
    if words[j : j + 2] == ["exception", "of"]:
        number = number_at(words, j + 2)
        end = j + 2 + (number[1] if number else 0)
    else:
        number = number_at(words, j)
        end = j + (number[1] if number else 0) + 1
        if words[end - 1 : end] not in (["exception"], ["exceptions"]):
            return None
    if not number:
        return None
    noun = noun_after(words, end, singular=True, the=False)
    if noun.kind == "other":
        return None
    return Quantity(i, max(noun.end, end), "but", Noun("bare", end), count=number[0])


def _both(words: list[str], i: int) -> Quantity | None:
    """ "both cases", "neither of the two plans", "(not) in either case" """
    word = words[i]
    noun = noun_after(words, i + 1, singular=word != "both")
    after = words[noun.end] if noun.end < len(words) else "."
    if noun.kind == "other" or noun.of not in (None, 2):
        return _nothing(i, i + 1) if word == "both" else None
    if noun.kind == "bare" and not (is_verb(after) or after in MARKS):
        return None
    if (word == "both" and after == "and") or (word == "neither" and "nor" in words[i:]):
        return None  # both the plan and the review; neither plan nor review
    if word == "either":
        return Quantity(i, noun.end, "whole", noun, Range(1, 1), of=2, any=True)
    share = 1.0 if word == "both" else 0.0
    return Quantity(
        i, max(noun.end, i + 1), "whole", noun, Range(share, share), of=2, universal=word == "both"
    )


def _rest(words: list[str], i: int) -> Quantity | None:
    """ "the remaining two", "the other five cases", "in the rest" """
    word, before = words[i], words[i - 1] if i else ""
    if word in ("rest", "remainder", "others"):
        joined = words[i + 1 : i + 2] == ["of"]
        noun = noun_after(words, i + 1, the=False) if joined else Noun("bare", i + 1)
        if before != "the" or noun.kind == "other":
            return None
        return Quantity(i, max(noun.end, i + 1), "rest", noun)
    if word not in ("remaining", "other") or before not in ("the", "in", "of"):
        return None
    number = number_at(words, i + 1)
    end = i + 1 + (number[1] if number else 0)
    noun = noun_after(words, end, singular=True, the=False)
    if noun.kind == "other" or (not number and noun.kind == "bare"):
        return None
    if noun.kind == "bare" and not _part_may_end(words, end):
        return None
    return Quantity(i, max(noun.end, end), "rest", noun, count=number[0] if number else None)


def _modified(words: list[str], i: int, amount: _Amount, wording: Wording) -> Quantity | None:
    """ "just over half", "more than 80%", "at least nine cases" """
    noun = noun_after(words, amount.end, the=amount.kind == "fraction")
    if _no_part(words, noun, amount.end):
        return _nothing(i, amount.end)
    end = max(noun.end, amount.end)
    if amount.kind == "count" and words[i] == "no" and (amount.of or noun.kind != "bare"):
        # "no more than 13 of the 31" is a way to say 13
        return Quantity(i, end, "count", noun, count=amount.count, of=amount.of or noun.of)
    if amount.kind == "count" and amount.of is None and noun.of is None:
        if noun.kind == "bare" or wording.low == "X-0.05":
            return _nothing(i, amount.end)
        form = "at least" if wording.high == "1" else "at most"
        beside = (1 if form == "at least" else -1) if wording.without else 0  # more than nine: ten at least
        return Quantity(i, end, form, noun, count=(amount.count or 0) + beside)
    share = amount.share
    if amount.kind == "count" and amount.of is None and noun.of:
        share = (amount.count or 0) / noun.of
    return Quantity(i, end, "worded", noun, _range(wording, share), of=amount.of or noun.of)


def _whole(words: list[str], i: int, end: int, wording: Wording) -> Quantity | None:
    """ "all of the cases", "most plans", "none" """
    text = " ".join(words[i:end])
    before = words[i - 1] if i else ""
    after = words[end] if end < len(words) else "."
    if text in ("few", "most") and before in ("the", "a", "quite", "very", "at"):
        return None  # the most effective; a few
    if text == "all" and (before in ("at", "above", "after", "first", "not") or after in ("too", "in")):
        return None  # at all, not all, all too often
    if text == "all" and before in ("were", "had", "have", "are", "was", "been"):
        floating = _floating(words, i)
        if floating:
            return floating
    singular = text.split()[-1] in ("each", "every", "no", "one", "single", "none", "few")
    noun = noun_after(words, end, singular=singular)
    if noun.kind == "other":
        return _nothing(i, end)
    universal = wording.low == 1
    quantity = Quantity(
        i,
        max(noun.end, end),
        "whole" if wording.low == wording.high else "worded",
        noun,
        _range(wording),
        of=noun.of,
        universal=universal,
    )
    if text == "without exception":
        return quantity
    if text == "no":
        return quantity if _no_case(words, i, noun) else None
    if noun.kind == "bare" and noun.of is None:
        if not is_verb(after) and (after not in MARKS or text == "every"):
            return None
        if text == "all" and after in MARKS and before not in ("in", "for", "of"):
            return None
    return quantity


def _no_case(words: list[str], i: int, noun: Noun) -> bool:
    """Whether "no" counts cases: "no plan was …", "in no case …". "There was no plan" does not."""
    before = words[i - 1] if i else ""
    if words[i + 1] in ("case", "cases", "instance", "instances"):
        return before in ("", ",", ";", ":", "that", "and", "but", "in", "found", "was", "were", "saw")
    return noun.kind in ("cases", "items") and before in ("", ",", ";", ":", "that", "and", "but")


def _floating(words: list[str], i: int) -> Quantity | None:
    """ "the reports were all good": all of what the clause is about."""
    after = words[i + 1] if i + 1 < len(words) else "."
    if (
        after in DETERMINERS
        or after in STOPS - {"been", "being"}
        or after == "of"
        or nouns().at(words, i + 1)
    ):
        return None
    if after in NUMBERS or after.isdigit():
        return None
    begin = max((k for k in range(i) if words[k] in (",", ";", ":", "but")), default=-1) + 1
    for k in range(begin, i):
        noun = nouns().at(words, k)
        if noun:
            kind = noun[1][0]
            if kind == "other" or noun[1][1] == "singular":
                return _nothing(i, i + 1)
            return Quantity(i, i + 1, "whole", Noun(kind, i + 1, pointing=True), Range(1, 1), universal=True)
        if words[k] in ("they", "these", "which", "them"):
            return Quantity(
                i, i + 1, "whole", Noun("pronoun", i + 1, pointing=True), Range(1, 1), universal=True
            )
    return None


def _plain(words: list[str], i: int, amount: _Amount) -> Quantity | None:
    """An amount by itself: a fraction, a percentage, a count."""
    noun = noun_after(words, amount.end, singular=amount.count == 1, the=amount.kind in ("fraction", "ratio"))
    end = max(noun.end, amount.end)
    before = words[i - 1] if i else ""
    if amount.kind == "count" and amount.of is None:
        return _plain_count(words, i, amount, noun)
    if _no_part(words, noun, amount.end):
        return _nothing(i, amount.end)
    if amount.kind == "count":
        noun = replace(noun, relevant=True) if noun.kind != "pronoun" else noun
        return Quantity(i, end, "count", noun, count=amount.count, of=amount.of)
    if amount.kind == "percent":
        if noun.kind == "bare" and before not in _BEFORE_BARE and before not in ("", ",", "and", "that", "("):
            return _nothing(i, amount.end)  # attendance stood at 88%
        low, high = max(amount.share - 0.005, 0), min(amount.share + 0.005, 1)
        return Quantity(i, end, "percent", noun, Range(low, high), of=noun.of)
    low, high = max(amount.share - 0.05, 0), min(amount.share + 0.05, 1)
    return Quantity(i, end, "worded", noun, Range(low, high), of=noun.of)


def _plain_count(words: list[str], i: int, amount: _Amount, noun: Noun) -> Quantity:
    """ "nine cases", "seven of the cases sampled", "in nine the plan …"; "the 12 cases" are a set, not a finding."""
    before = words[i - 1] if i else ""
    end = max(noun.end, amount.end)
    if noun.kind == "other" or before in _NOT_BEFORE_COUNT or words[amount.end : amount.end + 1] == ["/"]:
        return _nothing(i, amount.end)
    definite = before in ("the", "these", "those") or (before == "all" and i > 1)
    if noun.kind == "bare" and noun.end <= amount.end:
        after = words[amount.end] if amount.end < len(words) else "."
        named = before in ("the", "these", "those") and words[i - 2 : i - 1] in (["of"], ["in"], ["for"])
        ends = after in MARKS or after in (
            "and",
            "or",
            "but",
            "the",
            "we",
            "it",
            "there",
            "this",
            "they",
            "did",
        )
        if after == ")" and before == "(":
            pass
        elif named and after in ("that", "which", "who", "whom", "whose", "where"):
            pass  # of the 14 that had been written
        elif (
            amount.count == 1
            and not (before in ("in", "only", "just", "and", ",", "but") and (ends or is_verb(after)))
        ) or (not is_verb(after) and not (ends and (before in _BEFORE_BARE or named))):
            return _nothing(i, amount.end)
    elif words[noun.end : noun.end + 1] == ["in"] and (ratio := _one_in(words, amount, noun)):
        return ratio
    elif words[noun.end : noun.end + 2] == ["out", "of"] and (total := number_at(words, noun.end + 2)):
        return Quantity(i, noun.end + 2 + total[1], "count", noun, count=amount.count, of=total[0])
    elif words[amount.end] in ("of", "from", "out") and noun.of is None:
        definite = False
    return Quantity(i, end, "set" if definite else "count", noun, count=amount.count, of=noun.of)


def _one_in(words: list[str], amount: _Amount, noun: Noun) -> Quantity | None:
    """ "nine cases in ten", "one case in three": a way to say a fraction."""
    total = number_at(words, noun.end + 1)
    if not total or not (amount.count or 0) < total[0] <= 12:
        return None
    share = (amount.count or 0) / total[0]
    end = noun.end + 1 + total[1]
    reach = Range(max(share - 0.05, 0), min(share + 0.05, 1))
    return Quantity(amount.end - 1, end, "worded", replace(noun, end=end), reach)


# ---------------------------------------------------------------- quantities that belong together
def _with_brackets(words: list[str], found: list[Quantity]) -> list[Quantity]:
    """ "four cases (29%)", "most of those in the community (11 of 13)": the brackets say the same more exactly."""
    joined: list[Quantity] = []
    for quantity in found:
        inside = (
            quantity.start > 0
            and words[quantity.start - 1] in ("(", "n")
            and quantity.form in ("count", "percent")
        )
        if not inside:
            joined.append(quantity)
            continue
        opens = quantity.start - 1 - (words[quantity.start - 1] == "n")
        closes = next(
            (k for k in range(quantity.end, min(quantity.end + 4, len(words))) if words[k] == ")"), None
        )
        last = joined[-1] if joined else None
        near = (
            last is not None and last.form not in ("vague", "nothing", "set") and 0 <= opens - last.end <= 6
        )
        if not last or not near or closes is None or any(is_verb(word) for word in words[last.end : opens]):
            joined.append(replace(quantity, bracketed=True))
            continue
        joined[-1] = _joined(last, quantity, closes + 1, named_n=words[quantity.start - 1] == "n")
    return joined


def _joined(last: Quantity, bracket: Quantity, end: int, named_n: bool) -> Quantity:
    both = replace(last, end=end)
    if bracket.form == "percent":
        # The words tell less than the percentage, unless they count "nine of the twelve" or say all or none.
        exact = last.of is not None or last.form == "whole"
        return both if exact else replace(both, form="percent", range=bracket.range)
    if bracket.of is not None:
        return replace(both, form="count", count=bracket.count, of=bracket.of, range=None)
    if named_n or last.form in ("whole", "but") or last.of is not None:
        return replace(both, of=last.of or bracket.count)
    return replace(both, form="count", count=bracket.count, range=None)


def _with_exceptions(words: list[str], found: list[Quantity]) -> list[Quantity]:
    """ "all cases except one", "all of the plans, with one exception": the exception belongs to what stands before."""
    joined: list[Quantity] = []
    for quantity in found:
        last = joined[-1] if joined else None
        if last and last.end > quantity.start:
            continue  # its number was the exception
        if quantity.form == "but" and words[quantity.start] == "with" and last and last.universal:
            if quantity.start - last.end < 12:
                joined[-1] = replace(last, form="but", count=quantity.count, range=None, universal=False)
                continue
        elif quantity.universal and not quantity.any:
            quantity = _but(words, quantity)  # noqa: PLW2901
        joined.append(quantity)
    return joined


def _but(words: list[str], quantity: Quantity) -> Quantity:
    j = _exception_begins(words, quantity.end + (words[quantity.end : quantity.end + 1] == [","]))
    number = number_at(words, j) if j is not None else None
    if j is None or not number:
        return quantity
    noun = noun_after(words, j + number[1], singular=True, the=False)
    end = noun.end if noun.kind in ("cases", "items") else j + number[1]
    return replace(quantity, end=end, form="but", count=number[0], range=None, universal=False)
