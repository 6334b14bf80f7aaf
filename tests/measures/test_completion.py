"""Kaplan–Meier against a published example worked by hand, and against plain counting where nothing is censored."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.measures.completion import kaplan_meier
from sqs_core.measures.statistics import wilson_interval
from sqs_core.model import Share

# Freireich et al., Blood 21 (1963), weeks of remission under 6-mercaptopurine: the example by which textbooks teach
# the method (D. R. Cox and D. Oakes, Analysis of survival data (1984), table 1.1).
ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TREATED = [(t, True) for t in ENDED] + [(t, False) for t in CENSORED]
times = st.lists(st.tuples(st.integers(-20, 60), st.booleans()), max_size=40)


def test_the_published_example_step_by_step() -> None:
    found = kaplan_meier(TREATED)
    steps = [
        (s.days, s.at_risk, s.completed, round(s.open_share, 4), round(s.standard_error, 4))
        for s in found.steps
    ]
    assert steps == [
        (6, 21, 3, 0.8571, 0.0764),
        (7, 17, 1, 0.8067, 0.0869),
        (10, 15, 1, 0.7529, 0.0963),
        (13, 12, 1, 0.6902, 0.1068),
        (16, 11, 1, 0.6275, 0.1141),
        (22, 7, 1, 0.5378, 0.1282),
        (23, 6, 1, 0.4482, 0.1346),
    ]
    assert found.median_days == 23
    assert (found.reviews, found.completed, found.seen_until) == (21, 9, 35)


def test_the_published_intervals_of_the_open_share() -> None:
    found = kaplan_meier(TREATED)
    # As Stata and R print them for log(−log): lower and upper end of the share still in remission.
    for days, low, high in ((6, 0.6197, 0.9516), (10, 0.5032, 0.8894), (23, 0.1881, 0.6801)):
        estimate = found.completed_within(days)
        assert estimate is not None
        assert (1 - estimate.interval.high, 1 - estimate.interval.low) == pytest.approx((low, high), abs=1e-4)


def test_the_placebo_group_has_a_median_of_eight_weeks() -> None:
    assert kaplan_meier([(t, True) for t in PLACEBO]).median_days == 8


@given(st.lists(st.integers(-20, 60), min_size=1, max_size=40), st.integers(-25, 65))
def test_without_open_reviews_it_is_plain_counting(days: list[int], within: int) -> None:
    estimate = kaplan_meier([(d, True) for d in days]).completed_within(within)
    assert estimate is not None
    assert estimate.share == pytest.approx(sum(d <= within for d in days) / len(days))


@given(times)
def test_every_step_is_the_product_over_the_days_before(reviews: list[tuple[int, bool]]) -> None:
    """Day by day over the whole range, in exact fractions."""
    found = kaplan_meier(reviews)
    open_share, by_hand = Fraction(1), {}
    for today in range(-20, 61):
        in_sight = [r for r in reviews if r[0] >= today]
        done = [r for r in in_sight if r == (today, True)]
        if done:
            open_share *= Fraction(len(in_sight) - len(done), len(in_sight))
            by_hand[today] = (len(in_sight), len(done), float(open_share))
    assert {s.days: (s.at_risk, s.completed, pytest.approx(s.open_share)) for s in found.steps} == by_hand


@given(times, st.integers(-25, 65))
def test_the_interval_holds_the_estimate_and_more_days_never_mean_fewer_done(
    reviews: list[tuple[int, bool]], days: int
) -> None:
    found = kaplan_meier(reviews)
    now, later = found.completed_within(days), found.completed_within(days + 1)
    if now is not None:
        assert now.interval.low - 1e-9 <= now.share <= now.interval.high + 1e-9
    if now is not None and later is not None:
        assert now.share <= later.share + 1e-12


def test_at_the_edges() -> None:
    nothing = kaplan_meier([])
    assert (nothing.median_days, nothing.completed_within(14), nothing.seen_until) == (None, None, None)
    # All done: a share of one, with a width. None done: a share of none, with a width.
    done = kaplan_meier([(0, True)] * 10).completed_within(14)
    none = kaplan_meier([(20, False)] * 10 + [(3, False)]).completed_within(14)
    assert (done and done.share, done and done.interval) == (1.0, wilson_interval(10, 10))
    assert (none and none.share, none and none.interval) == (0.0, wilson_interval(0, 10))
    # Followed for 10 days only: what was done within 14 is not known.
    short = kaplan_meier([(2, True), (10, False)])
    assert short.completed_within(14) is None
    assert short.completed_within(10) is not None
    # Half done on the day: the median is that day.
    assert kaplan_meier([(5, True), (9, False)]).median_days == 5


def test_an_open_review_is_in_sight_on_the_day_it_is_last_seen() -> None:
    (step,) = kaplan_meier([(5, True), (5, False)]).steps
    assert (step.at_risk, step.open_share) == (2, 0.5)


def test_an_interval_is_a_share() -> None:
    estimate = kaplan_meier(TREATED).completed_within(14)
    assert estimate is not None
    assert isinstance(estimate.interval, Share)
