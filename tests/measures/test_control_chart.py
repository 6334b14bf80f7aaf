"""Charts against an established tool, rules against their plain definition, and both on data with no change."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from math import comb, isclose
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.measures import control_chart
from sqs_core.measures.control_chart import (
    RULES,
    ControlChart,
    Count,
    Signal,
    before_and_after,
    correlation_within_months,
    p_chart,
    signals_in_words,
    xmr_chart,
)

values = st.lists(st.integers(0, 12).map(float), min_size=2, max_size=30)
gappy = st.lists(st.one_of(st.none(), st.integers(0, 12).map(float)), max_size=25).map(
    lambda v: [3.0, *v, 5.0]
)
counts = st.lists(
    st.integers(0, 15).flatmap(lambda due: st.integers(0, due).map(lambda k: Count(k, due))), max_size=24
).map(lambda c: [Count(3, 5), *c, Count(4, 6)])


def rules(chart: ControlChart, index: int) -> list[str]:
    return [f"{s.rule} {s.direction}" for s in chart.points[index].signals]


def said(chart: ControlChart, unit: str = "month") -> str:
    return signals_in_words(chart, [f"month {i + 1}" for i in range(len(chart.points))], unit)


# Against NHSRplotthedots

NAMES = {
    "Above UCL": ("outside limits", "up"),
    "Below LCL": ("outside limits", "down"),
    "7 Point Trend (Increasing)": ("trend of seven", "up"),
    "7 Point Trend (Decreasing)": ("trend of seven", "down"),
    "2 in 3 Above CL": ("two of three", "up"),
    "2 in 3 Below CL": ("two of three", "down"),
    "7 Points Above CL": ("seven on one side", "up"),
    "7 Points Below CL": ("seven on one side", "down"),
}


def test_the_five_series_of_the_established_tool(shared: Path | None) -> None:
    if shared is None:
        return
    series: dict[str, list[dict[str, str]]] = {}
    with (shared / "data" / "spc-vectors.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            series.setdefault(row["series"], []).append(row)
    assert len(series) == 5
    for name, rows in series.items():
        chart = xmr_chart([float(row["y"]) for row in rows], higher_is_better=name == "two_in_three")
        assert not chart.is_trial
        for row, point in zip(rows, chart.points, strict=True):
            where = (name, row["x"])
            assert point.lower is not None
            assert point.upper is not None
            assert isclose(chart.centre, float(row["mean_col"]), rel_tol=1e-12), where
            assert isclose(point.lower, float(row["lpl"]), rel_tol=1e-12), where
            assert isclose(point.upper, float(row["upl"]), rel_tol=1e-12), where
            if row["special_cause_type"] == "Common Cause":
                assert (point.signals, row["point_type"]) == ((), "common_cause"), where
            else:
                first = point.signals[0]
                assert (first.rule, first.direction) == NAMES[row["special_cause_type"]], where
                assert first.is_improvement == (row["point_type"] == "special_cause_improvement"), where


def test_outlying_moving_ranges_are_left_out_once() -> None:
    # The example of NHSRplotthedots' own deviations page: limits 4.6 and −0.72 with screening, 6.95 without.
    chart = xmr_chart([1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
    point = chart.points[0]
    assert (round(chart.centre, 2), round(point.lower or 0, 2), round(point.upper or 0, 2)) == (
        1.94,
        -0.72,
        4.60,
    )


# Rules against their definition, in other words than the code's


def oracle(v: list[float], centre: float, low: float, high: float) -> list[set[tuple[str, str]]]:
    """Every rule by looking at every stretch of points that it could be."""
    out: list[set[tuple[str, str]]] = [set() for _ in v]
    tiny = 1e-9
    for direction, sign, limit in (("up", 1, high - centre), ("down", -1, centre - low)):
        d = [sign * (x - centre) for x in v]
        for i, x in enumerate(d):
            if x > limit + tiny:
                out[i].add(("outside limits", direction))
        for i in range(len(d) - 6):
            if all(x > tiny for x in d[i : i + 7]):
                for j in range(i, i + 7):
                    out[j].add(("seven on one side", direction))
            if all(a < b for a, b in pairwise(sign * x for x in v[i : i + 7])):
                for j in range(i, i + 7):
                    out[j].add(("trend of seven", direction))
        for i in range(len(d) - 2):
            far = [j for j in range(i, i + 3) if d[j] > 2 / 3 * limit + tiny]
            if len(far) >= 2 and all(x > tiny for x in d[i : i + 3]):
                for j in far:
                    out[j].add(("two of three", direction))
    return out


@given(values)
def test_each_rule_is_its_definition(v: list[float]) -> None:
    chart = xmr_chart(v)
    low, high = chart.points[0].lower, chart.points[0].upper
    assert low is not None
    assert high is not None
    got = [{(s.rule, s.direction) for s in p.signals} for p in chart.points]
    assert got == oracle(v, chart.centre, low, high)


def test_two_of_three_by_hand() -> None:
    flat = [10.0, 11.0] * 8  # limits 10.5 ± 2.66, two thirds of the way 8.73 and 12.27
    near = xmr_chart([*flat, 12.5, 11.0, 12.5], baseline=16)
    assert [rules(near, i) for i in (-3, -2, -1)] == [["two of three up"], [], ["two of three up"]]
    across = xmr_chart([*flat, 12.5, 10.0, 12.5], baseline=16)
    assert [rules(across, i) for i in (-3, -2, -1)] == [[], [], []]
    beyond = xmr_chart([*flat, 10.0, 12.5, 14.0], baseline=16)
    assert rules(beyond, -1) == ["outside limits up"]
    # The farther a point, the more it says: NHSRplotthedots would drop its neighbour here.
    beyond = xmr_chart([*flat, 11.0, 12.5, 14.0], baseline=16)
    assert rules(beyond, -2) == ["two of three up"]
    assert rules(beyond, -1) == ["outside limits up", "two of three up"]


def test_a_turning_point_is_part_of_both_trends() -> None:
    chart = xmr_chart([1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1])
    assert {"trend of seven up", "trend of seven down"} <= set(rules(chart, 6))
    assert "trend of seven down" not in rules(chart, 5)


# Properties


@given(values, st.booleans())
def test_upside_down_is_the_mirror(v: list[float], higher_is_better: bool) -> None:
    chart = xmr_chart(v, higher_is_better=higher_is_better)
    mirror = xmr_chart([-x for x in v], higher_is_better=not higher_is_better)
    flipped = {"up": "down", "down": "up"}
    for point, other in zip(chart.points, mirror.points, strict=True):
        assert {(s.rule, flipped[s.direction], s.is_improvement) for s in point.signals} == {
            (s.rule, s.direction, s.is_improvement) for s in other.signals
        }


@given(counts)
def test_counted_late_instead_of_on_time_is_the_mirror(c: list[Count]) -> None:
    late = p_chart([Count(x.due - x.on_time, x.due) for x in c], higher_is_better=False)
    flipped = {"up": "down", "down": "up"}
    for point, other in zip(p_chart(c).points, late.points, strict=True):
        assert {(s.rule, flipped[s.direction], s.is_improvement) for s in point.signals} == {
            (s.rule, s.direction, s.is_improvement) for s in other.signals
        }


@given(gappy)
def test_a_gap_changes_nothing_for_the_others(v: list[float | None]) -> None:
    whole = xmr_chart([x for x in v if x is not None])
    chart = xmr_chart(v)
    assert tuple(p for p in chart.points if p.value is not None) == whole.points
    for value, point in zip(v, chart.points, strict=True):
        assert (point.value is None) == (value is None)
        assert value is not None or (point.lower, point.upper, point.signals) == (None, None, ())


@given(counts)
def test_limits_of_shares_stay_within_0_and_1_and_hold_the_centre(c: list[Count]) -> None:
    chart = p_chart(c)
    assert isclose(chart.centre, sum(x.on_time for x in c) / sum(x.due for x in c))
    for count, point in zip(c, chart.points, strict=True):
        if count.due == 0:
            assert (point.value, point.lower, point.upper, point.signals) == (None, None, None, ())
            continue
        assert point.value is not None
        assert point.lower is not None
        assert point.upper is not None
        assert 0 <= point.lower <= chart.centre <= point.upper <= 1
        outside = [s.direction for s in point.signals if s.rule == "outside limits"]
        assert outside == (
            ["down"] if point.value < point.lower else ["up"] if point.value > point.upper else []
        )
        assert [RULES.index(s.rule) for s in point.signals] == sorted(
            RULES.index(s.rule) for s in point.signals
        )


@given(counts, st.integers(2, 30))
def test_later_months_move_no_limits_but_their_own(c: list[Count], baseline: int) -> None:
    first = [Count(4, 8), Count(5, 8), *c][:baseline]
    alone, more = p_chart(first), p_chart([*first, Count(0, 40), Count(0, 40)], baseline=len(first))
    assert (more.centre, more.fitted_to) == (alone.centre, alone.fitted_to)
    assert [(p.lower, p.upper) for p in more.points[:-2]] == [(p.lower, p.upper) for p in alone.points]


# Shares


def test_limits_come_close_to_the_exact_binomial_where_the_share_is_well_known() -> None:
    """The smallest and largest count of a month of 20 that chance gives at least 0.135%, by adding up."""
    chart = p_chart([Count(8_000, 10_000), Count(8_000, 10_000), Count(16, 20)], baseline=2)
    chance = [comb(20, k) * 0.8**k * 0.2 ** (20 - k) for k in range(21)]
    lowest = next(k for k in range(21) if sum(chance[: k + 1]) >= 0.00135)
    highest = max(k for k in range(21) if sum(chance[k:]) >= 0.00135)
    assert (chart.points[2].lower, chart.points[2].upper) == (lowest / 20, highest / 20) == (0.5, 1.0)


def test_large_months_come_close_to_the_textbook() -> None:
    chart = p_chart([Count(60_000, 100_000)] * 12 + [Count(600, 1_000)], baseline=12)
    reach = 3 * (0.6 * 0.4 / 1_000) ** 0.5
    lower, upper = chart.points[-1].lower, chart.points[-1].upper
    assert lower is not None
    assert upper is not None
    assert abs(lower - (0.6 - reach)) < 0.002
    assert abs(upper - (0.6 + reach)) < 0.002


def test_all_on_time_makes_no_signal_of_the_first_late_review() -> None:
    chart = p_chart([Count(5, 5)] * 12 + [Count(4, 5), Count(1, 1), Count(0, 1), Count(2, 5)], baseline=12)
    assert [rules(chart, i) for i in range(15)] == [[]] * 15
    assert rules(chart, -1) == ["outside limits down"]
    assert chart.centre == 1


def test_months_of_one_review() -> None:
    chart = p_chart([Count(i % 2, 1) for i in range(24)])
    assert {(p.lower, p.upper, p.signals) for p in chart.points} == {(0.0, 1.0, ())}


# Shares of reviews that are late in bunches


def month_of(draw: Random, share: float, due: tuple[int, int], correlation: float) -> Count:
    """A month whose reviews have a share in common, beta-distributed around `share`: any two are so alike."""
    n = draw.randint(*due)
    if correlation:
        precision = 1 / correlation - 1
        share = draw.betavariate(share * precision, (1 - share) * precision)
    return Count(sum(draw.random() < share for _ in range(n)), n)


def test_the_correlation_by_hand() -> None:
    # Half on time, 2 more or fewer than the 5 of 10: 1.265 standard errors, steps of 2.53, half their square 3.2.
    up_and_down = [Count(3, 10), Count(7, 10), Count(0, 0), Count(3, 10), Count(7, 10)]
    assert isclose(correlation_within_months(up_and_down), (3.2 - 1) / (10 - 1))
    assert isclose(correlation_within_months(up_and_down, up_and_down), (3.2 - 1) / (10 - 1))
    assert isclose(p_chart([*up_and_down, Count(1, 9)], baseline=5).correlation, (3.2 - 1) / (10 - 1))
    assert isclose(correlation_within_months(up_and_down, caution=1), (3.2 * (1 + 1 / 3**0.5) - 1) / (10 - 1))
    assert correlation_within_months([Count(0, 10), Count(10, 10)]) == 0.99


@pytest.mark.parametrize(
    "months",
    [
        [],
        [Count(0, 0)] * 3,
        [Count(4, 8)],
        [Count(5, 5), Count(9, 9), Count(1, 1)],
        [Count(0, 5), Count(0, 9)],
        [Count(0, 1), Count(1, 1)] * 12,
        [Count(3, 6), Count(4, 8)] * 12,
    ],
)
def test_no_correlation_where_nothing_can_be_told_or_months_are_alike(months: list[Count]) -> None:
    assert correlation_within_months(months) == 0


@pytest.mark.parametrize("correlation", [0.02, 0.05, 0.2])
def test_the_correlation_that_was_simulated_is_found_on_average(correlation: float) -> None:
    draw, series = Random(13), 150
    found_there = (
        correlation_within_months([month_of(draw, 0.8, (20, 60), correlation) for _ in range(24)])
        for _ in range(series)
    )
    assert isclose(sum(found_there) / series, correlation, rel_tol=0.15)


def test_a_step_or_a_trend_is_not_taken_for_bunches() -> None:
    assert correlation_within_months([Count(12, 20)] * 12 + [Count(18, 20)] * 12) == 0
    assert correlation_within_months([Count(i, 24) for i in range(24)]) == 0


def test_each_period_is_measured_around_its_own_share() -> None:
    low, high = [Count(3, 10), Count(5, 10)] * 6, [Count(8, 10), Count(10, 10)] * 6
    both = correlation_within_months(low, high)
    assert min(correlation_within_months(p) for p in (low, high)) <= both
    assert both <= max(correlation_within_months(p) for p in (low, high))


@given(counts)
def test_limits_are_widened_for_bunches_and_never_narrowed(c: list[Count]) -> None:
    chart = p_chart(c)
    with pytest.MonkeyPatch.context() as separate:
        separate.setattr(control_chart, "correlation_within_months", lambda *_, **__: 0.0)
        plain = p_chart(c)
    assert (chart.centre, plain.correlation) == (plain.centre, 0)
    assert 0 <= chart.correlation < 1
    for point, other in zip(chart.points, plain.points, strict=True):
        if point.lower is not None and point.upper is not None:
            assert other.lower is not None
            assert other.upper is not None
            assert point.lower <= other.lower <= other.upper <= point.upper


def test_large_months_in_bunches_come_close_to_laneys_limits() -> None:
    """Months of 56% and 64% by turns: their spread with its caution, and the same for the average of 24 months."""
    chart = p_chart([Count(560, 1_000), Count(640, 1_000)] * 12)
    spread = (80 / (1_000 * 0.6 * 0.4) ** 0.5) ** 2 / 2 * (1 + 1 / 23**0.5)
    reach = 3 * (0.6 * 0.4 / 1_000 * spread * (1 + 1 / 24)) ** 0.5
    lower, upper = chart.points[0].lower, chart.points[0].upper
    assert lower is not None
    assert upper is not None
    assert abs(lower - (0.6 - reach)) < 0.015  # the beta-binomial is a little lopsided
    assert abs(upper - (0.6 + reach)) < 0.015


@pytest.mark.parametrize(("on_time", "due"), [(2, 1), (-1, 3), (0, -1)])
def test_what_is_no_count_is_refused(on_time: int, due: int) -> None:
    with pytest.raises(ValueError, match="not a count"):
        Count(on_time, due)


# Edges


def test_a_constant_series_has_its_mean_for_limits_and_no_signal() -> None:
    chart = xmr_chart([0.1] * 20)
    assert {(p.lower, p.upper, p.signals) for p in chart.points} == {(0.1, 0.1, ())}


def test_what_only_rounding_moves_is_on_the_mean() -> None:
    chart = xmr_chart([0.3, 0.1 + 0.2] * 8)
    assert all(p.signals == () for p in chart.points)


@pytest.mark.parametrize("few", [[], [1.0], [1.0, None, None], [None, None]])
def test_one_point_makes_no_chart(few: list[float | None]) -> None:
    with pytest.raises(ValueError, match="needs two points"):
        xmr_chart(few)


@pytest.mark.parametrize("baseline", [-3, 0, 1])
def test_a_baseline_of_one_point_makes_no_chart(baseline: int) -> None:
    with pytest.raises(ValueError, match="needs two points"):
        xmr_chart([1.0, 2.0, 3.0, 4.0], baseline=baseline)
    with pytest.raises(ValueError, match="needs two points"):
        p_chart([Count(0, 0), Count(3, 4)], baseline=2)


def test_trial_limits_below_twelve_points() -> None:
    assert xmr_chart([1.0, 2.0] * 5 + [1.0]).is_trial
    assert not xmr_chart([1.0, 2.0] * 6).is_trial
    assert xmr_chart([1.0, 2.0] * 6, baseline=11).is_trial
    assert p_chart([Count(3, 4)] * 11 + [Count(0, 0)]).is_trial


# Data with no change: not more signals than the docstrings say


def found(make: Callable[[], ControlChart], charts: int) -> Counter[str]:
    out: Counter[str] = Counter()
    for _ in range(charts):
        named = {s.rule for p in make().points for s in p.signals}
        out.update([*named, *(["any"] if named else [])])
    return out


@pytest.mark.parametrize(("baseline", "said_of_100"), [(None, 20), (12, 33), (6, 50)])
def test_plain_numbers_without_change(baseline: int | None, said_of_100: int) -> None:
    draw = Random(5)
    charts = 1_000
    signals = found(lambda: xmr_chart([draw.gauss(50, 5) for _ in range(24)], baseline=baseline), charts)
    chance = 2 * (said_of_100 / 100 * (1 - said_of_100 / 100) / charts) ** 0.5
    assert signals["any"] / charts <= said_of_100 / 100 + chance


@pytest.mark.parametrize(("baseline", "said_of_100"), [(None, 12), (12, 12), (6, 24)])
@pytest.mark.parametrize("share", [0.6, 0.8, 0.95])
@pytest.mark.parametrize("due", [(1, 3), (5, 15), (20, 60), (60, 60)])
def test_shares_without_change(
    baseline: int | None, said_of_100: int, share: float, due: tuple[int, int]
) -> None:
    draw, charts = Random(7), 200
    signals = found(
        lambda: p_chart([month_of(draw, share, due, 0) for _ in range(24)], baseline=baseline), charts
    )
    chance = 2 * (said_of_100 / 100 * (1 - said_of_100 / 100) / charts) ** 0.5
    assert signals["any"] / charts <= said_of_100 / 100 + chance


@pytest.mark.parametrize(("baseline", "said_of_100"), [(None, 7), (12, 18), (6, 33)])
@pytest.mark.parametrize("correlation", [0.02, 0.05])
@pytest.mark.parametrize("due", [(5, 15), (20, 60)])
def test_shares_in_bunches_without_change(
    baseline: int | None, said_of_100: int, correlation: float, due: tuple[int, int]
) -> None:
    draw, charts = Random(7), 150
    signals = found(
        lambda: p_chart([month_of(draw, 0.8, due, correlation) for _ in range(24)], baseline=baseline), charts
    )
    chance = 2 * (said_of_100 / 100 * (1 - said_of_100 / 100) / charts) ** 0.5
    assert signals["any"] / charts <= said_of_100 / 100 + chance


@pytest.mark.parametrize(
    ("before", "after", "due", "correlation", "at_least"),
    [
        (0.78, 0.95, 13, 0, 75),  # like Rotherham's
        (0.6, 0.8, 15, 0, 82),
        (0.6, 0.8, 15, 0.02, 72),
        (0.6, 0.75, 40, 0, 93),
    ],
)
def test_a_change_is_found(before: float, after: float, due: int, correlation: float, at_least: int) -> None:
    """A year before, a year after: so many of 100 charts show it, and nearly all comparisons of both years."""
    draw, charts, on_chart, compared = Random(11), 200, 0, 0
    for _ in range(charts):
        years = [[month_of(draw, s, (due, due), correlation) for _ in range(12)] for s in (before, after)]
        chart = p_chart([*years[0], *years[1]], baseline=12)
        on_chart += any(s.is_improvement for p in chart.points[12:] for s in p.signals)
        change = before_and_after(*years, correlation_within_months(*years))
        compared += change is not None and change.verdict == "higher"
    assert on_chart / charts >= at_least / 100
    assert compared / charts >= 0.92


# Before and after


def test_before_and_after_is_newcombes_interval() -> None:
    change = before_and_after([Count(40, 60), Count(0, 0), Count(8, 20)], [Count(56, 70)])
    assert change is not None
    assert (change.before, change.after) == (Count(48, 80), Count(56, 70))
    assert (round(change.difference.low, 4), round(change.difference.high, 4)) == (0.0524, 0.3339)
    assert change.verdict == "higher"


def test_nothing_due_cannot_be_compared() -> None:
    for nothing in ([], [Count(0, 0)] * 2):
        assert before_and_after(nothing, [Count(4, 5)]) is None
        assert before_and_after([Count(4, 5)], nothing, 0.1) is None


@given(counts, counts)
def test_without_correlation_only_the_whole_periods_count(one: list[Count], other: list[Count]) -> None:
    change = before_and_after(one, other)
    assert change is not None
    whole = before_and_after([change.before], [change.after])
    assert change == whole


def test_reviews_that_are_all_alike_count_as_one_a_month() -> None:
    alike = before_and_after([Count(8, 10)] * 20, [Count(6, 10)] * 30, correlation=1.0)
    one_each = before_and_after([Count(16, 20)], [Count(18, 30)])
    assert alike is not None
    assert one_each is not None
    assert isclose(alike.difference.low, one_each.difference.low)
    assert isclose(alike.difference.high, one_each.difference.high)
    assert (alike.before, alike.after) == (Count(160, 200), Count(180, 300))


@given(counts, counts, st.floats(0, 0.99))
def test_bunches_only_widen_the_interval(one: list[Count], other: list[Count], correlation: float) -> None:
    plain, bunched = before_and_after(one, other), before_and_after(one, other, correlation)
    assert plain is not None
    assert bunched is not None
    assert bunched.difference.low <= plain.difference.low + 1e-9
    assert plain.difference.high <= bunched.difference.high + 1e-9


@pytest.mark.parametrize(("correlation", "said_of_100"), [(0, 5), (0.02, 6), (0.05, 6.5)])
@pytest.mark.parametrize("due", [(1, 3), (5, 15), (20, 60)])
def test_before_and_after_in_bunches_finds_no_change_too_often(
    correlation: float, said_of_100: float, due: tuple[int, int]
) -> None:
    """A year before, two years after."""
    draw, pairs, wrong = Random(17), 500, 0
    for _ in range(pairs):
        periods = [[month_of(draw, 0.8, due, correlation) for _ in range(months)] for months in (12, 24)]
        change = before_and_after(*periods, correlation_within_months(*periods))
        wrong += change is not None and change.verdict != "no clear change"
    chance = 2 * (said_of_100 / 100 * (1 - said_of_100 / 100) / pairs) ** 0.5
    assert wrong / pairs <= said_of_100 / 100 + chance


def test_before_and_after_finds_no_change_too_often() -> None:
    """Exactly, over all that may happen: at most 1 in 20 where 20 and 25 reviews share one share on time.

    Newcombe's interval is approximate; at these sizes it keeps its word to half a point.
    """
    for share in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        wrong = 0.0
        for i in range(21):
            for j in range(26):
                change = before_and_after([Count(i, 20)], [Count(j, 25)])
                assert change is not None
                if change.verdict != "no clear change":
                    k, late = i + j, 45 - i - j
                    wrong += comb(20, i) * comb(25, j) * share**k * (1 - share) ** late
        assert wrong <= 0.055, share


# In words

STEADY = [Count(6, 10), Count(7, 10), Count(5, 10), Count(6, 10)] * 3


def test_chance_alone() -> None:
    assert said(p_chart(STEADY)) == "Nothing but chance can be seen in these twelve months."
    assert said(p_chart(STEADY[:8])) == "Nothing but chance can be seen in these eight months; trial limits."
    assert said(p_chart([*STEADY, Count(0, 0)], baseline=8)) == (
        "Nothing but chance can be seen in these twelve months; trial limits from eight months."
    )
    assert (
        said(xmr_chart([1.0, 2.0] * 7), "quarter") == "Nothing but chance can be seen in these 14 quarters."
    )


def test_a_lasting_change() -> None:
    better = [*STEADY, *[Count(8, 10)] * 7]
    assert said(p_chart(better, baseline=12)) == (
        "Seven months in a row above the earlier average: a real change for the better."
    )
    assert said(p_chart(better, baseline=12, higher_is_better=False)).endswith("a real change for the worse.")
    assert said(p_chart(better, baseline=8)) == (
        "Seven months in a row above the earlier average: a sign of change for the better, not yet sure;"
        " trial limits from eight months."
    )
    over = p_chart([*better, Count(5, 10), Count(6, 10)], baseline=12)
    assert said(over) == (
        "Up to month 19, seven months in a row above the earlier average:"
        " more than chance explains, for the better, but not since."
    )


def test_two_periods_of_one_chart() -> None:
    chart = xmr_chart([40, 41, 40, 41, 40, 41, 40, 33, 32, 33, 32, 33, 32, 33], higher_is_better=False)
    assert said(chart) == (
        "Seven months in a row below the average: a real change for the better."
        " Before that, up to month 7, seven months in a row above the average."
    )


def test_the_other_rules_in_words() -> None:
    flat = [10.0, 11.0] * 8
    assert said(xmr_chart([*flat, 20.0], baseline=16)) == (
        "Month 17 above the limits: more than chance explains, for the better."
    )
    assert said(xmr_chart([*flat, 1.0, 1.0, 11.0], baseline=16)) == (
        "Up to month 18, two months in a row below the limits:"
        " more than chance explains, for the worse, but not since."
    )
    assert said(xmr_chart([*flat, 12.5, 11.0, 12.5], baseline=16)) == (
        "Two of three months in a row near the upper limit or beyond it:"
        " a sign of change for the better, not yet sure."
    )
    rising = [10.0, 10.1, 10.2, 10.3, 10.4, 10.6, 10.7, 10.8]
    assert said(xmr_chart([*flat, 10.5, *rising], baseline=16)) == (
        "Eight months in a row, each higher than the one before: a real change for the better."
    )


def test_two_trends_side_by_side_are_not_told_as_one() -> None:
    chart = xmr_chart([1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7])
    assert "trend of seven up" in rules(chart, 7)
    assert said(chart).startswith("Seven months in a row, each higher")


@given(counts, st.one_of(st.none(), st.integers(10, 26)))
def test_there_are_always_one_or_two_sentences(c: list[Count], baseline: int | None) -> None:
    chart = p_chart([Count(1, 2), *c], baseline=baseline)
    text = said(chart)
    assert 1 <= text.count(".") <= 2
    assert text.endswith(".")
    assert text[0].isupper()
    assert ("trial limits" in text) == chart.is_trial
    assert text.startswith("Nothing but chance") == (not any(p.signals for p in chart.points))


def test_a_signal_knows_which_way_is_better() -> None:
    up = xmr_chart([10.0, 11.0] * 8 + [20.0], baseline=16)
    down = xmr_chart([10.0, 11.0] * 8 + [20.0], baseline=16, higher_is_better=False)
    assert up.points[-1].signals == (Signal("outside limits", "up", True),)
    assert down.points[-1].signals == (Signal("outside limits", "up", False),)
