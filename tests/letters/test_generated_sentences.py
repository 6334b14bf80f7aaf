"""Sentences put together from wording, judgement and denominator: what each part means, it means in any company."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sqs_core.letters.findings import findings_of
from sqs_core.letters.quantities import Wording, wordings
from sqs_core.model import Block, Finding

CASES = 20

WELL = (
    "the plan was sufficient",
    "the assessment was of good quality",
    "the review had been completed on time",
    "plans addressed the risks effectively",
    "management oversight was effective",
    "we found a clear and timely plan",
    "the plan had not been delayed",
    "there were no significant gaps in the assessment",
)
BADLY = (
    "the plan was not sufficient",
    "the assessment was of poor quality",
    "the review had not been completed on time",
    "plans did not address the risks",
    "management oversight was ineffective",
    "the plan had been completed late",
    "the assessment failed to identify the risks",
    "there was insufficient attention to the risks",
)


@dataclass(frozen=True)
class Amount:
    """A quantity in words and the shares that it allows, both ends belonging to it."""

    words: str
    low: float
    high: float

    def turned(self) -> Amount:
        return Amount(self.words, 1 - self.high, 1 - self.low)


def bound(bound: float | str | None, x: float) -> float:
    if not isinstance(bound, str):
        return float(bound or 0)
    return min(max(x + float(bound[1:] or 0) if bound.startswith("X") else float(bound), 0), 1)


def of_kind(kind: str) -> list[tuple[str, Wording]]:
    return [(words, row) for row in wordings() if row.kind == kind for words in row.words]


@st.composite
def amounts(draw: st.DrawFn) -> Amount:
    """Any quantity that the table of wordings knows, alone or with a modifier before it."""
    kind = draw(st.sampled_from(["whole", "fraction", "percent", "modified fraction", "modified percent"]))
    if kind == "whole":
        words, row = draw(st.sampled_from(of_kind("whole")))
        assume(not words.endswith(("no", "each", "every", "always", "not one", "a single")))
        return Amount(words, bound(row.low, 0), bound(row.high, 0))
    if "fraction" in kind:
        words, row = draw(st.sampled_from(of_kind("fraction")))
        x, around = float(row.value or 0), 0.05
    else:
        percent = draw(st.integers(1, 99))
        words, x, around = draw(st.sampled_from([f"{percent}%", f"{percent} per cent"])), percent / 100, 0.005
    if not kind.startswith("modified"):
        return Amount(words, max(x - around, 0), min(x + around, 1))
    modifier, row = draw(st.sampled_from(of_kind("modifier")))
    assume(modifier not in ("or so", "better than", "at best", "short of", "some", "approaching"))
    return Amount(f"{modifier} {words}", bound(row.low, x), bound(row.high, x))


def sentence(judgement: str, quantity: str, first: bool) -> str:
    text = f"in {quantity} {judgement}" if first else f"{judgement} in {quantity}"
    return text[0].upper() + text[1:] + "."


def read(text: str, cases: int | None = None) -> list[Finding]:
    block = Block("paragraph", "reducing_reoffending", "1.1", text)
    return [finding for finding in findings_of([block], cases) if finding.share]


def is_share(finding: Finding, amount: Amount) -> bool:
    assert finding.share
    return finding.share.low == pytest.approx(amount.low) and finding.share.high == pytest.approx(amount.high)


@given(
    amounts(),
    st.sampled_from(WELL),
    st.sampled_from(["of the cases", "of cases", "of cases sampled"]),
    st.booleans(),
)
def test_done_well_in_a_part_of_the_cases(amount: Amount, judgement: str, of: str, first: bool) -> None:
    text = sentence(judgement, f"{amount.words} {of}" + ("," if first else ""), first)
    found = read(text)
    assert len(found) == 1, text
    assert is_share(found[0], amount), (text, found[0].share)


@given(
    amounts(),
    st.sampled_from(BADLY),
    st.sampled_from(["of the cases", "of cases", "of cases sampled"]),
    st.booleans(),
)
def test_done_badly_in_a_part_is_done_well_in_the_rest(
    amount: Amount, judgement: str, of: str, first: bool
) -> None:
    # "was not done in all of the cases" may mean in none, or in some: no number.
    assume(amount.low < 1 or first)
    text = sentence(judgement, f"{amount.words} {of}" + ("," if first else ""), first)
    found = read(text)
    assert len(found) == 1, text
    assert is_share(found[0], amount.turned()), (text, found[0].share)


@given(
    st.integers(2, CASES).flatmap(lambda n: st.tuples(st.integers(2, n), st.just(n))),
    st.sampled_from([(text, False) for text in WELL] + [(text, True) for text in BADLY]),
    st.sampled_from(
        [
            "{k} of the {n} cases",
            "{k} out of {n} cases",
            "{k} of the {n} relevant cases",
            "{k} out of the {n}",
        ]
    ),
    st.booleans(),
)
def test_counts(numbers: tuple[int, int], judgement: tuple[str, bool], form: str, first: bool) -> None:
    (k, n), (words, bad) = numbers, judgement
    text = sentence(words, form.format(k=k, n=n) + ("," if first else ""), first)
    found = read(text, CASES)
    assert len(found) == 1, text
    share = (n - k) / n if bad else k / n
    assert is_share(found[0], Amount("", share, share)), (text, found[0].share)
    assert found[0].relevant_cases == n
    assert found[0].basis == "counted"


@given(
    st.integers(3, CASES).flatmap(lambda n: st.tuples(st.integers(2, n), st.just(n))),
    st.sampled_from([(text, False) for text in WELL] + [(text, True) for text in BADLY]),
    st.sampled_from(
        [
            "In the {n} cases where this was relevant, {judgement} in {k}.",
            "Of the {n} relevant cases, {judgement} in {k}.",
            "There were {n} cases in which this was needed. In {k} of these {judgement}.",
            "A plan was required in {n} cases. In {k} of these, {judgement}.",
        ]
    ),
)
def test_the_denominator_may_come_before(
    numbers: tuple[int, int], judgement: tuple[str, bool], form: str
) -> None:
    (k, n), (words, bad) = numbers, judgement
    text = form.format(k=k, n=n, judgement=words)
    found = read(text, CASES)
    assert len(found) == 1, text
    share = (n - k) / n if bad else k / n
    assert is_share(found[0], Amount("", share, share)), (text, found[0].share)
    assert found[0].relevant_cases == n


@given(amounts(), st.sampled_from(WELL), st.integers(5, 50))
def test_a_known_number_of_cases_narrows_and_never_widens(amount: Amount, judgement: str, cases: int) -> None:
    text = sentence(judgement, f"{amount.words} of the cases", False)
    found = read(text, cases)
    assert len(found) == 1, text
    share = found[0].share
    assert share
    assert amount.low - 1e-9 <= share.low <= share.high <= amount.high + 1e-9, text
    if found[0].relevant_cases and not found[0].doubt:
        for end in (share.low, share.high):
            assert end * cases == pytest.approx(round(end * cases)), text


@given(
    amounts(),
    st.sampled_from(
        [
            "of staff",
            "of the case managers",
            "of magistrates",
            "of the team",
            "of the targets",
            "of their time",
        ]
    ),
)
def test_a_part_of_something_else_is_no_share_of_cases(amount: Amount, of: str) -> None:
    assert read(f"Good training had been given to {amount.words} {of}.", CASES) == []
