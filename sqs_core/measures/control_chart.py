"""Whether a series of months has changed, or only moves as chance moves it: control charts and what they say.

The rules carry the names that hospital boards know from NHS England's Making Data Count, and a chart of plain
numbers agrees with NHSRplotthedots, the NHS-R community's tool for it. docs/deviations.md lists where ours differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise
from math import exp, isclose, lgamma, sqrt
from statistics import mean
from typing import Literal, TypeVar

from sqs_core.measures.changes import Difference, Estimate, Verdict, difference_between
from sqs_core.measures.words import capital, number
from sqs_core.model import Share

Rule = Literal["outside limits", "trend of seven", "two of three", "seven on one side"]
Direction = Literal["up", "down"]
Side = Literal[-1, 0, 1]  # below, neither, above
T = TypeVar("T")

RULES: tuple[Rule, ...] = ("outside limits", "trend of seven", "two of three", "seven on one side")
"""The order in which NHSRplotthedots names a point that is part of several."""

TRIAL_POINTS = 12  # limits from fewer points are trial limits (Making Data Count; NHSRplotthedots)
RUN = 7

# The chance that a normal distribution gives beyond three and beyond two standard deviations on one side, and so
# beyond the limit and beyond two thirds of the way to it.
_BEYOND_LIMIT = 0.0013498980316301
_BEYOND_TWO_THIRDS = 0.0227501319481792

# Taken as it is, the spread of a dozen months is too small in half of all cases, and those charts signal. With this
# much added (correlation_within_months) limits from 12 months signal about as often as if the correlation were
# known. The figures are in docs/deviations.md.
_CAUTION = 1.0


@dataclass(frozen=True, slots=True)
class Count:
    """The reviews that fell due in one month, and how many of them were on time. None due: the month is missing."""

    on_time: int
    due: int

    def __post_init__(self) -> None:
        if not 0 <= self.on_time <= self.due:
            raise ValueError(f"{self.on_time} of {self.due} is not a count of reviews")


@dataclass(frozen=True, slots=True)
class Signal:
    """One rule that a point is part of: more than chance would do, upwards or downwards."""

    rule: Rule
    direction: Direction
    is_improvement: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One month on the chart. Without a value (nothing fell due) it has neither limits nor signals."""

    value: float | None
    lower: float | None = None
    upper: float | None = None
    signals: tuple[Signal, ...] = ()  # in the order of RULES


@dataclass(frozen=True, slots=True)
class ControlChart:
    """Months with the limits that chance keeps to. `fitted_to` points before index `baseline` made the limits.

    `correlation` is how alike any two reviews of one of those months are, from 0 (each on time or late on its own)
    to 0.99 (a month's reviews all on time or all late): see correlation_within_months. Plain numbers have none.
    """

    points: tuple[Point, ...]
    centre: float
    fitted_to: int
    baseline: int | None  # None: all points made the limits
    higher_is_better: bool
    correlation: float = 0.0

    @property
    def is_trial(self) -> bool:
        return self.fitted_to < TRIAL_POINTS


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Two periods compared, with the 95% interval of the difference in the share on time."""

    before: Count
    after: Count
    difference: Difference
    verdict: Verdict
    estimates: tuple[Estimate, Estimate]  # before and after, each as so many separate reviews say as much


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a measured point lies: which side of the centre, beyond which mark; all that the rules look at."""

    value: float
    side: Side
    beyond_two_thirds: Side
    beyond_limit: Side
    lower: float
    upper: float


# Limits


def xmr_chart(
    values: Sequence[float | None], *, baseline: int | None = None, higher_is_better: bool = True
) -> ControlChart:
    """Chart of plain numbers (individuals, XmR): the mean ± 2.66 × the mean moving range.

    Source: W. A. Shewhart's individuals chart as NHSRplotthedots 0.2.2 draws it with screen_outliers = TRUE: moving
    ranges from 3.267 × their mean upwards are left out, once (L. S. Nelson, Control charts for individual
    measurements, Journal of Quality Technology 14 (1982)). None is a gap: its neighbours are neighbours.

    How often it finds what is not there, on normal numbers that never change: of 100 charts of 24 points, 20 show
    at least one signal (11 outside limits, 9 seven on one side, 5 two of three, 1 trend of seven); with limits from
    the first 12 alone 33, from the first 6 alone 50. For shares of counts p_chart is far surer. Raises ValueError
    unless two points are there to fit.
    """
    fitted = [v for v in _fitted(values, baseline) if v is not None]
    centre = float(mean(fitted))
    ranges = [abs(later - earlier) for earlier, later in pairwise(fitted)]
    # Where all points are alike no range is below the mark, and the limits are the mean.
    kept = [r for r in ranges if r < 3.267 * mean(ranges)] or [0.0]
    reach = 2.66 * float(mean(kept))

    def place(value: float) -> _Place:
        return _Place(
            value,
            _side(value, centre, centre),
            _side(value, centre - reach * 2 / 3, centre + reach * 2 / 3),
            _side(value, centre - reach, centre + reach),
            centre - reach,
            centre + reach,
        )

    places = [None if v is None else place(v) for v in values]
    return _chart(places, centre, len(fitted), baseline, higher_is_better)


def p_chart(
    counts: Sequence[Count], *, baseline: int | None = None, higher_is_better: bool = True
) -> ControlChart:
    """Chart of the share on time in months of differing counts: a p-chart whose limits are exact for small counts.

    The centre is all on time ÷ all due, so that a large month counts for more. A month's limits hold what chance
    makes of so many reviews: all but 0.135% at either end, what three standard deviations leave of a normal
    distribution, taken from the exact distribution (as in D. J. Spiegelhalter, Funnel plots for comparing
    institutional performance, Statistics in Medicine 24 (2005)). As the true share is only known from the months
    that made the limits, that distribution is the beta-binomial after Jeffreys' prior (L. D. Brown, T. T. Cai,
    A. DasGupta, Interval estimation for a binomial proportion, Statistical Science 16 (2001)): twelve months all on
    time do not make the first late review a signal. Beyond two thirds of the way are the outer 2.275%. A month is
    above or below where it is so of the centre and of the middle (median) of its distribution.

    Reviews may be late in bunches, because one worker was away; months then differ more than so many separate
    reviews would. As in D. B. Laney's p′-chart (Improved control charts for attributes, Quality Engineering 14
    (2002)) the fitted months tell by how much, and the limits are widened for it, but never narrowed: see
    correlation_within_months and _share_of_a_month.

    How often it finds what is not there, with 1 to 60 reviews a month and a share on time of 60% to 95% that never
    changes: of 100 charts of 24 months at most 12 show any signal, with limits from all or from the first 12; with
    trial limits from the first 6 at most 24. A textbook p-chart showed one in up to 89 of 100. Late in bunches
    (correlation 0.02 or 0.05, up to 60 reviews a month): 7 with limits from all, 18 from the first 12, 33 from the
    first 6; with limits not widened up to 84. Raises ValueError unless two months are there to fit.
    """
    fitted = [c for c in _fitted([c if c.due else None for c in counts], baseline) if c is not None]
    pooled = _pooled(fitted)
    centre = pooled.on_time / pooled.due
    a, b = _share_of_a_month(fitted, correlation_within_months(fitted, caution=_CAUTION))

    def place(count: Count) -> _Place:
        at_most = _chance_of_at_most(count.due, a, b)
        at_least = _chance_of_at_most(count.due, b, a)[::-1]
        value, low, high = count.on_time / count.due, at_most[count.on_time], at_least[count.on_time]

        def beyond(chance: float) -> Side:
            return -1 if low < chance else 1 if high < chance else 0

        lowest = next(k for k, chance in enumerate(at_most) if chance >= _BEYOND_LIMIT)
        highest = next(k for k in range(count.due, -1, -1) if at_least[k] >= _BEYOND_LIMIT)
        return _Place(
            value,
            -1 if value < centre and low <= 0.5 else 1 if value > centre and high <= 0.5 else 0,
            beyond(_BEYOND_TWO_THIRDS),
            beyond(_BEYOND_LIMIT),
            min(lowest / count.due, centre),
            max(highest / count.due, centre),
        )

    places = [place(c) if c.due else None for c in counts]
    chart = _chart(places, centre, len(fitted), baseline, higher_is_better)
    return replace(chart, correlation=correlation_within_months(fitted))


def _fitted(points: Sequence[T | None], baseline: int | None) -> list[T]:
    """The points that make the limits."""
    fitted = [p for p in points[: max(0, baseline) if baseline is not None else None] if p is not None]
    if len(fitted) < 2:
        raise ValueError(f"a control chart needs two points to fit its limits to, and has {len(fitted)}")
    return fitted


def _side(value: float, low: float, high: float) -> Side:
    """Below `low`, above `high`, or neither; what differs only by the rounding of floats is neither."""
    if value < low and not isclose(value, low, rel_tol=1e-9, abs_tol=1e-12):
        return -1
    if value > high and not isclose(value, high, rel_tol=1e-9, abs_tol=1e-12):
        return 1
    return 0


@lru_cache(maxsize=1024)
def _chance_of_at_most(cases: int, a: float, b: float) -> tuple[float, ...]:
    """The chance of 0, at most 1, … at most `cases` on time in a month whose share is beta-distributed (a, b)."""
    constant = lgamma(cases + 1) - lgamma(cases + a + b) - lgamma(a) - lgamma(b) + lgamma(a + b)
    chances = (
        exp(constant - lgamma(k + 1) - lgamma(cases - k + 1) + lgamma(k + a) + lgamma(cases - k + b))
        for k in range(cases + 1)
    )
    return tuple(accumulate(chances))


# Reviews late in bunches


def correlation_within_months(*periods: Sequence[Count], caution: float = 0.0) -> float:
    """How alike any two reviews of one month are: 0 (each on time or late on its own) to 0.99 (all or none on time).

    A month's count, in the standard errors that separate reviews would give it, has variance 1 + (due − 1) ×
    correlation (the moments of the beta-binomial: J. C. Kleinman, Proportions with extraneous variance: single and
    independent samples, Journal of the American Statistical Association 68 (1973)). That spread is taken from the
    differences of successive months, as in Laney's p′-chart, so that a trend or a step hardly adds to it, and around
    each period's own share. `caution` raises it by so much ÷ √differences, for it is known from few months only.

    Never below 0: months that differ less than chance are chance. So it is rough, and chance alone gives some: of
    100 series of separate reviews nearly 50 have more than 0; 5 more than 0.12 in 12 months of 5 to 15 reviews,
    more than 0.02 in 12 or 24 months of 20 to 60, and nearly anything at one to three a month. 0 also where nothing
    can be told: fewer than two months with reviews, one review in each, all on time or all late.
    """
    spread, room, steps = 0.0, 0.0, 0
    for period in periods:
        months = [c for c in period if c.due]
        pooled = _pooled(months)
        if not 0 < pooled.on_time < pooled.due:
            continue
        share = pooled.on_time / pooled.due
        for one, other in pairwise(months):
            step = _standard_errors(other, share) - _standard_errors(one, share)
            spread += step * step / 2
            room += (one.due + other.due) / 2 - 1
            steps += 1
    if not room:
        return 0.0
    return min(0.99, max(0.0, (spread * (1 + caution / sqrt(steps)) - steps) / room))


def _standard_errors(month: Count, share: float) -> float:
    return (month.on_time - month.due * share) / sqrt(month.due * share * (1 - share))


def _pooled(months: Sequence[Count]) -> Count:
    return Count(sum(c.on_time for c in months), sum(c.due for c in months))


def _design_effect(months: Sequence[Count], correlation: float) -> float:
    """How many reviews of these months say as much as one separate review, 1 or more.

    Source: J. N. K. Rao, A. J. Scott, A simple method for the analysis of clustered binary data, Biometrics 48 (1992).
    """
    return 1 + (sum(c.due * c.due for c in months) / _pooled(months).due - 1) * correlation


def _share_of_a_month(fitted: Sequence[Count], correlation: float) -> tuple[float, float]:
    """The beta distribution (a, b) of the share that any month's reviews have in common.

    Its mean is that of the average after Jeffreys' prior. Its variance is that of the average, known from so many
    separate reviews as say the same, and what the correlation adds from month to month: share × (1 − share) × (u +
    (1 − u) × correlation) with u = 1 / (reviews + 2). Without correlation it is the average's own distribution.
    """
    pooled = _pooled(fitted)
    known = pooled.due / _design_effect(fitted, correlation) + 1
    precision = known * (1 - correlation) / (1 + known * correlation)
    scale = precision / (pooled.due + 1)  # 1 without correlation
    return scale * (pooled.on_time + 0.5), scale * (pooled.due - pooled.on_time + 0.5)


# Rules. Each takes the measured points in order and gives, for each of them, the sides on which it is part of it.


def _outside_limits(places: Sequence[_Place]) -> list[set[Side]]:
    return [{p.beyond_limit} for p in places]


def _trend_of_seven(places: Sequence[_Place]) -> list[set[Side]]:
    """Seven points in a row, each higher (or each lower) than the one before."""
    return _windows(places, RUN, lambda window: (_steps(window), range(RUN)))


def _steps(window: Sequence[_Place]) -> Side:
    steps = {_sign(later.value - earlier.value) for earlier, later in pairwise(window)}
    return steps.pop() if len(steps) == 1 else 0


def _two_of_three(places: Sequence[_Place]) -> list[set[Side]]:
    """Two of three points in a row, all on one side, lie beyond two thirds of the way to the limit or beyond it."""

    def look(window: Sequence[_Place]) -> tuple[Side, Sequence[int]]:
        side = _common_side(window)
        far = [i for i, place in enumerate(window) if place.beyond_two_thirds == side]
        return (side, far) if len(far) >= 2 else (0, far)

    return _windows(places, 3, look)


def _seven_on_one_side(places: Sequence[_Place]) -> list[set[Side]]:
    return _windows(places, RUN, lambda window: (_common_side(window), range(RUN)))


def _common_side(window: Sequence[_Place]) -> Side:
    sides = {place.side for place in window}
    return sides.pop() if len(sides) == 1 else 0


def _windows(
    places: Sequence[_Place], length: int, look: Callable[[Sequence[_Place]], tuple[Side, Sequence[int]]]
) -> list[set[Side]]:
    """Looks at each so many points in a row, and marks those of them that are part of what it finds."""
    out: list[set[Side]] = [set() for _ in places]
    for start in range(len(places) - length + 1):
        side, members = look(places[start : start + length])
        for i in members:
            out[start + i].add(side)
    return out


def _sign(step: float) -> Side:
    return 1 if step > 0 else -1 if step < 0 else 0


_LOOK: dict[Rule, Callable[[Sequence[_Place]], list[set[Side]]]] = {
    "outside limits": _outside_limits,
    "trend of seven": _trend_of_seven,
    "two of three": _two_of_three,
    "seven on one side": _seven_on_one_side,
}


def _chart(
    places: Sequence[_Place | None],
    centre: float,
    fitted_to: int,
    baseline: int | None,
    higher_is_better: bool,
) -> ControlChart:
    measured = [p for p in places if p is not None]
    found = {rule: _LOOK[rule](measured) for rule in RULES}

    def signals(i: int) -> Iterator[Signal]:
        for rule in RULES:
            for side in sorted(found[rule][i] - {0}):
                yield Signal(rule, "up" if side == 1 else "down", (side == 1) == higher_is_better)

    made = iter([Point(p.value, p.lower, p.upper, tuple(signals(i))) for i, p in enumerate(measured)])
    points = tuple(Point(None) if p is None else next(made) for p in places)
    return ControlChart(points, centre, fitted_to, baseline, higher_is_better)


# Before and after


def before_and_after(
    before: Sequence[Count], after: Sequence[Count], correlation: float = 0.0
) -> BeforeAfter | None:
    """Whether the share on time differs between two periods of months; None where nothing fell due in one of them.

    Give it correlation_within_months(before, after): reviews late in bunches say less than so many separate ones,
    and each period's interval is that of the separate ones (Rao and Scott 1992: reviews ÷ design effect).

    One comparison, decided beforehand, of the whole of both periods: it finds a change where there is none in 5 of
    100 (12 months before, 24 after, up to 60 reviews a month; 6 or 7 where they are late in bunches, and up to 28
    there without the correlation). What the months did within a period is the chart's to say.
    """
    if not any(c.due for c in before) or not any(c.due for c in after):
        return None
    earlier, later = (_estimate(months, correlation) for months in (before, after))
    difference = difference_between(earlier.share, earlier.interval(), later.share, later.interval())
    return BeforeAfter(_pooled(before), _pooled(after), difference, difference.verdict, (earlier, later))


def _estimate(months: Sequence[Count], correlation: float) -> Estimate:
    """The share on time in these months, and what it is worth."""
    pooled = _pooled(months)
    share = pooled.on_time / pooled.due
    return Estimate(Share(share, share), pooled.due / _design_effect(months, correlation))


# Words

_WEIGHT: tuple[Rule, ...] = ("two of three", "outside limits", "trend of seven", "seven on one side")


@dataclass(frozen=True, slots=True)
class _Group:
    """Points in a row that share a signal: from the first to the last of them, among the measured."""

    signal: Signal
    first: int
    last: int

    @property
    def weight(self) -> int:
        return _WEIGHT.index(self.signal.rule)


def signals_in_words(chart: ControlChart, labels: Sequence[str], unit: str = "month") -> str:
    """What the chart says, in one or two sentences for a board. `labels` name its points: "October 2016".

    The first sentence is about the latest signal, and of several that end together about the one that shows a
    lasting change; the second about the weightiest that was over before it.
    """
    measured = [(p, label) for p, label in zip(chart.points, labels, strict=True) if p.value is not None]
    points, names = [p for p, _ in measured], [label for _, label in measured]
    trial = "trial limits"
    if chart.fitted_to < len(points):
        trial += f" from {number(chart.fitted_to)} {unit}s"
    groups = _groups(points)
    if not groups:
        seen = f"Nothing but chance can be seen in these {number(len(points))} {unit}s"
        return f"{seen}; {trial}." if chart.is_trial else f"{seen}."

    # From which of them on a point is compared with earlier ones.
    later = len(points) if chart.baseline is None else chart.fitted_to

    def said(group: _Group) -> str:
        average = "the earlier average" if group.first >= later else "the average"
        return _group_in_words(group, points, names, unit, average)

    main = max(groups, key=lambda g: (g.last, g.weight))
    verdict = _verdict_in_words(main, chart.is_trial, main.last == len(points) - 1)
    first = capital(f"{said(main)}: {verdict}{f'; {trial}' if chart.is_trial else ''}.")
    before = [g for g in groups if g.last < main.first]
    if not before:
        return first
    return f"{first} Before that, {said(max(before, key=lambda g: (g.weight, g.last)))}."


def _groups(points: Sequence[Point]) -> list[_Group]:
    out = []
    for signal in {s for p in points for s in p.signals}:
        part = [i for i, p in enumerate(points) if signal in p.signals]
        # The third of two of three may lie between the two.
        hop = 2 if signal.rule == "two of three" else 1
        starts = [i for i, before in zip(part, [-9, *part], strict=False) if i - before > hop]
        ends = [i for i, after in zip(part, [*part[1:], len(points) + 9], strict=True) if after - i > hop]
        out += [_Group(signal, first, last) for first, last in zip(starts, ends, strict=True)]
    return out


def _group_in_words(
    group: _Group, points: Sequence[Point], names: Sequence[str], unit: str, average: str
) -> str:
    """ "seven months in a row above the earlier average", "up to May 2016, three months in a row above the limits"."""
    up, first = group.signal.direction == "up", group.first
    if group.signal.rule == "trend of seven":
        # Two trends upwards may stand side by side with a fall between them: only the later one is told.
        values = [p.value or 0.0 for p in points]
        falls = [i for i in range(first + 1, group.last + 1) if (values[i] > values[i - 1]) != up]
        first = falls[-1] if falls else first
    months = f"{number(group.last - first + 1)} {unit}s in a row"
    until = f"up to {names[group.last]}, " if group.last < len(points) - 1 else ""
    if group.signal.rule == "outside limits":
        who = names[first] if first == group.last else f"{until}{months}"
        return f"{who} {'above' if up else 'below'} the limits"
    if group.signal.rule == "two of three":
        return (
            f"{until}two of three {unit}s in a row near the {'upper' if up else 'lower'} limit or beyond it"
        )
    if group.signal.rule == "trend of seven":
        return f"{until}{months}, each {'higher' if up else 'lower'} than the one before"
    return f"{until}{months} {'above' if up else 'below'} {average}"


def _verdict_in_words(group: _Group, is_trial: bool, goes_on: bool) -> str:
    way = "for the better" if group.signal.is_improvement else "for the worse"
    if is_trial or group.signal.rule == "two of three":
        return f"a sign of change {way}, not yet sure"
    if group.signal.rule == "outside limits" or not goes_on:
        return f"more than chance explains, {way}{'' if goes_on else ', but not since'}"
    return f"a real change {way}"
