"""Wilson's interval against its definition: shares from which the sample lies z standard errors or less."""

from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.measures.statistics import Z_95, caseload_interval, wilson_interval
from sqs_core.model import Share


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    cases = draw(st.integers(1, 500))
    return draw(st.integers(0, cases)), cases


@given(counts())
def test_each_end_is_exactly_z_standard_errors_from_the_sample(count: tuple[int, int]) -> None:
    sufficient, cases = count
    interval = wilson_interval(sufficient, cases)
    for end in (interval.low, interval.high):
        if 0 < end < 1:
            distance = abs(sufficient / cases - end) / sqrt(end * (1 - end) / cases)
            assert isclose(distance, Z_95, rel_tol=1e-6)


@given(counts())
def test_it_holds_the_sample_and_mirrors_when_judged_the_other_way(count: tuple[int, int]) -> None:
    sufficient, cases = count
    interval, mirrored = wilson_interval(sufficient, cases), wilson_interval(cases - sufficient, cases)
    assert interval.low <= sufficient / cases <= interval.high
    assert isclose(interval.low, 1 - mirrored.high, abs_tol=1e-12)


@given(counts(), st.floats(1, 50))
def test_cases_that_are_alike_count_for_fewer(count: tuple[int, int], effect: float) -> None:
    """Each end is z standard errors of the fewer cases from the same share."""
    share, fewer = count[0] / count[1], count[1] / effect
    interval = wilson_interval(count[0] / effect, fewer)
    for end in (interval.low, interval.high):
        if 0 < end < 1:
            assert isclose(abs(share - end) / sqrt(end * (1 - end) / fewer), Z_95, rel_tol=1e-6)
    whole = wilson_interval(*count)
    assert interval.low <= whole.low + 1e-12
    assert whole.high - 1e-12 <= interval.high


def test_published_example() -> None:
    # Bath and North East Somerset: 45 of 151 children, 29.8%.
    interval = wilson_interval(45, 151)
    assert (round(interval.low, 3), round(interval.high, 3)) == (0.231, 0.375)


@pytest.mark.parametrize(("sufficient", "cases"), [(1, 0), (0, 0), (5, 4), (-1, 4)])
def test_what_is_no_count_is_refused(sufficient: int, cases: int) -> None:
    with pytest.raises(ValueError, match="not a count"):
        wilson_interval(sufficient, cases)


@given(counts(), counts())
def test_the_caseload_interval_covers_that_of_every_count_the_words_allow(
    count: tuple[int, int], other: tuple[int, int]
) -> None:
    low, cases = count
    high = min(cases, low + other[0])
    whole = caseload_interval(Share(low / cases, high / cases), cases)
    for sufficient in range(low, high + 1):
        one = wilson_interval(sufficient, cases)
        assert whole.low <= one.low
        assert one.high <= whole.high
