"""Whether fewer children reoffend: rates with what chance leaves open, in series that are never joined across methods,
compared only where children are not counted on both sides, and every comparison in words.

The rate is the binary one: children with a proven reoffence within 12 months, proven within a further six, of all
children cautioned, convicted or released in the cohort's months (Ministry of Justice, Guide to Proven Reoffending
Statistics, 2017). Lower is better. Rates are in per cent, as they are published; differences in points.

Verdicts and the number of comparisons. A page of one service puts many comparisons before a board at once: each
cohort with the one before, and each with England and Wales. At 95% each, twenty of them would call one difference
that is none. The family is therefore every comparison that one call of `compared` makes, over all series and cohorts
given, and Holm's procedure holds the chance of even one false "better" or "worse" in it to 5% (S. Holm, A simple
sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979)). Holm, because it holds
however the comparisons depend on each other, and they do: each cohort is in two or more, and rolling cohorts share
children; and because it never calls less than Bonferroni. The price: more history means larger differences before
one is called. Intervals are 95% for each comparison on its own, and the words say so where the two part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import ceil, erfc, floor, log10, sqrt
from typing import Literal

from sqs_core.measures.changes import Difference, difference_between
from sqs_core.measures.funnel import Place
from sqs_core.measures.statistics import Z_95, wilson_interval
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE, rate_in_words
from sqs_core.measures.timing import add_months
from sqs_core.measures.words import age, between, capital, day, listed, month_end, number, period
from sqs_core.model import Cohort, Service, Share, StoredInspection
from sqs_core.services import find_service

Verdict = Literal["better", "worse", "no clear change", "not comparable"]

ENGLAND_AND_WALES = "England and Wales"
LETTER = "the inspection letter"  # the source of what only the letter says
FALSE_VERDICTS = 0.05  # the chance of one or more in a family where nothing differs
TOO_FEW_FOR_DECIMALS = 100  # under so many, a decimal gives the count away and means nothing

# The last 12-month cohorts of the first method end in 2015; since then cohorts have three months, and a figure for a
# year is the sum of four of them, in which a child may stand more than once (Guide to Proven Reoffending Statistics).
_LAST_OF_THE_FIRST_METHOD = date(2015, 12, 31)
_MOST_CHILDREN = 1e9  # no search for a cohort size goes further


# The figures of a letter


def of_letter(stored: StoredInspection) -> list[Cohort]:
    """What an inspection letter says of reoffending, as cohorts: its rate, that of the year before, and England and
    Wales. The letter gives no counts, and only the month of publication: its first day stands for it. Empty where the
    letter gives no rate or no months."""
    said, source = stored.inspection.reoffending, LETTER
    if said.rate is None or said.cohort_start is None or said.cohort_end is None:
        return []
    start, end = date.fromisoformat(f"{said.cohort_start}-01"), month_end(said.cohort_end)
    published = date.fromisoformat(f"{said.rate_published}-01") if said.rate_published else None
    name = stored.service.name
    found = [Cohort(name, start, end, rate=said.rate, published_on=published, source=source)]
    if said.previous_rate is not None:
        before = month_end(f"{end.year - 1}-{end.month:02}")
        found.append(Cohort(name, add_months(start, -12), before, rate=said.previous_rate, source=source))
    if said.england_wales_rate is not None:
        rate = said.england_wales_rate
        found.append(Cohort(ENGLAND_AND_WALES, start, end, rate=rate, published_on=published, source=source))
    return found


# One figure


@dataclass(frozen=True, slots=True)
class Figure:
    """What is known of one area's cohort: the figure in force, and those published before it."""

    cohort: Cohort  # in force: the latest by its day of publication
    earlier: tuple[Cohort, ...] = ()  # the oldest first; those without a day of publication before all others
    overlap: int = 0  # months that it shares with the cohort before it in its series

    @property
    def counts(self) -> tuple[int, int] | None:
        """Reoffenders and offenders, where both are known, possible and enough for a rate."""
        return _counts(self.cohort)

    @property
    def rate(self) -> float | None:
        """Per cent who reoffended: from the counts where they are known, else as published."""
        return _rate(self.cohort)

    @property
    def interval(self) -> Share | None:
        """What chance alone leaves open of the rate: Wilson's 95% interval. A sum of three-month cohorts may count a
        child more than once, and then says a little less than its interval."""
        return wilson_interval(*self.counts) if self.counts else None

    @property
    def per_reoffender(self) -> float | None:
        """Frequency as it is published now: reoffences per child who reoffended."""
        return _frequency(self.cohort, self.cohort.reoffenders)

    @property
    def per_offender(self) -> float | None:
        """Frequency as it was published before: reoffences per child in the cohort, reoffending or not."""
        return _frequency(self.cohort, self.cohort.offenders)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What an analyst should look at, in words. The counts go before a rate that does not agree with them."""
        return tuple(_doubts(self.cohort))


def months_of(cohort: Cohort) -> int:
    return _month(cohort.end) - _month(cohort.start) + 1


def shared_months(one: Cohort, other: Cohort) -> int:
    """In how many months the children of both may be the same. 0: the cohorts do not overlap."""
    return max(0, _month(min(one.end, other.end)) - _month(max(one.start, other.start)) + 1)


def _month(when: date) -> int:
    return when.year * 12 + when.month


def _too_few(cohort: Cohort) -> bool:
    """Publishers remove the rate of so few children, and so do we."""
    return cohort.offenders is not None and cohort.offenders < TOO_FEW_FOR_A_RATE


def _counts(cohort: Cohort) -> tuple[int, int] | None:
    reoffenders, offenders = cohort.reoffenders, cohort.offenders
    if reoffenders is None or offenders is None or _too_few(cohort) or not 0 <= reoffenders <= offenders:
        return None
    return reoffenders, offenders


def _rate(cohort: Cohort) -> float | None:
    counts = _counts(cohort)
    if counts:
        return 100 * counts[0] / counts[1]
    possible = cohort.rate is not None and 0 <= cohort.rate <= 100
    return cohort.rate if possible and not _too_few(cohort) else None


def _frequency(cohort: Cohort, per: int | None) -> float | None:
    offenders, reoffenders, reoffences = cohort.offenders, cohort.reoffenders, cohort.reoffences
    if not per or reoffences is None or _too_few(cohort):
        return None
    # Of a single child who reoffended, the figure would be that child's own.
    if reoffenders is not None and (reoffenders == 1 or reoffences < reoffenders):
        return None
    if offenders is not None and reoffenders is not None and reoffenders > offenders:
        return None
    return reoffences / per


def _doubts(cohort: Cohort) -> list[str]:
    out = []
    offenders, reoffenders, reoffences = cohort.offenders, cohort.reoffenders, cohort.reoffences
    if cohort.rate is not None and not 0 <= cohort.rate <= 100:
        out.append(f"The published rate is {cohort.rate:g}%, which no rate can be.")
    if offenders is not None and reoffenders is not None and not 0 <= reoffenders <= offenders:
        out.append(
            f"{_children(reoffenders, 'reoffended', 'reoffended')} of {_count(offenders)}: the counts cannot be right."
        )
    elif (counts := _counts(cohort)) and cohort.rate is not None:
        # A whole number may be rounded to one, so it is only asked to agree to the nearest whole.
        exponent = Decimal(str(cohort.rate)).normalize().as_tuple().exponent
        decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        rate = 100 * counts[0] / counts[1]
        if abs(rate - cohort.rate) > 0.5 * 10**-decimals + 1e-9:
            out.append(
                f"The published rate is {cohort.rate:g}%, but {counts[0]:,} of {counts[1]:,} children is "
                f"{rate:.{max(1, decimals)}f}%: the counts are used."
            )
    if reoffences is not None and reoffenders is not None and reoffences < reoffenders:
        out.append(
            f"{_children(reoffenders, 'reoffended', 'reoffended')}, but {_count(reoffences)} "
            f"{'reoffence is' if reoffences == 1 else 'reoffences are'} counted: there must be at least one for each."
        )
    return [capital(doubt) for doubt in out]


# Series


@dataclass(frozen=True, slots=True)
class Series:
    """The cohorts of one area, age group, kind of source and method, in time order: what may stand on one axis."""

    area: str
    age_group: str | None  # None: all children, 10 to 17
    source_kind: Literal["published", "local"]
    months: int  # of each cohort
    summed: bool  # a sum of published three-month cohorts: longer than three months, ending after 2015
    figures: tuple[Figure, ...]

    @property
    def rolling(self) -> bool:
        """Consecutive cohorts share months, so that the same children are in both: no control chart of these."""
        return any(figure.overlap for figure in self.figures)

    @property
    def method(self) -> str:
        """ "12-month rolling", "annual", "3-month" … Annual cohorts of the first method and sums of three-month
        cohorts are both annual, and two series all the same (`summed`)."""
        if self.rolling or self.months != 12:
            return f"{self.months}-month{' rolling' if self.rolling else ''}"
        return "annual"

    def previous(self, figure: Figure) -> Figure | None:
        """The latest cohort that ended before this one began."""
        before = [f for f in self.figures if f.cohort.end < figure.cohort.start]
        return before[-1] if before else None


def series(cohorts: Sequence[Cohort]) -> tuple[Series, ...]:
    """Every series in the cohorts: areas by name, published before local, all children before age groups, longer
    cohorts first. What was published again for the same cohort is one figure with its earlier ones."""
    found: defaultdict[tuple[object, ...], list[Cohort]] = defaultdict(list)
    for cohort in dict.fromkeys(cohorts):
        found[_series_key(cohort)].append(cohort)
    out = []
    for members in found.values():
        first = members[0]
        figures = _figures(members)
        out.append(
            Series(
                area=first.area,
                age_group=age_group(first),
                source_kind=first.source_kind,
                months=months_of(first),
                summed=_summed(first),
                figures=figures,
            )
        )
    return tuple(
        sorted(
            out,
            key=lambda s: (
                area_key(s.area),
                s.source_kind == "local",
                s.age_group or "",
                -s.months,
                s.summed,
            ),
        )
    )


def series_of(area: str, everything: Sequence[Series]) -> tuple[Series, ...]:
    """Those of one area, however its name is written: "England & Wales" is England and Wales."""
    return tuple(one for one in everything if area_key(one.area) == area_key(area))


def area_key(area: str) -> str:
    """What is the same for two ways to write an area."""
    return " ".join(area.casefold().replace("&", " and ").split())


def age_group(cohort: Cohort) -> str | None:
    """ "10 to 14", however it is written; None: all children, which "10 to 17" are."""
    if cohort.age_group is None:
        return None
    words = cohort.age_group.casefold().replace("–", "-").replace("-", " to ").split()
    written = " ".join(words)
    return None if written in ("10 to 17", "all", "") else written


def _summed(cohort: Cohort) -> bool:
    """No cohort tells its method; its months do. A local tracker keeps to its own method, and has no such break."""
    return (
        cohort.source_kind == "published" and months_of(cohort) > 3 and cohort.end > _LAST_OF_THE_FIRST_METHOD
    )


def _series_key(cohort: Cohort) -> tuple[object, ...]:
    return (
        area_key(cohort.area),
        age_group(cohort),
        cohort.source_kind,
        months_of(cohort),
        _summed(cohort),
    )


def _figures(members: Iterable[Cohort]) -> tuple[Figure, ...]:
    vintages: defaultdict[tuple[date, date], list[Cohort]] = defaultdict(list)
    for cohort in members:
        vintages[cohort.start, cohort.end].append(cohort)
    out: list[Figure] = []
    for window in sorted(vintages):
        # Of two figures of one day, the one that tells more is in force.
        *earlier, latest = sorted(vintages[window], key=lambda c: (c.published_on or date.min, _told(c)))
        overlap = shared_months(out[-1].cohort, latest) if out else 0
        out.append(Figure(latest, tuple(earlier), overlap))
    return tuple(out)


def _told(cohort: Cohort) -> int:
    return sum(x is not None for x in (cohort.offenders, cohort.reoffenders, cohort.reoffences, cohort.rate))


# A comparator of several areas


@dataclass(frozen=True, slots=True)
class Pool:
    """Several areas as one: the sum of their children, never a mean of their rates."""

    cohort: Cohort  # its area is the pool's name; no counts where no area has any
    areas: tuple[str, ...]  # those that are in it
    left_out: tuple[tuple[str, str], ...]  # an area and why it is not


def pooled(name: str, areas: Sequence[str], everything: Sequence[Series], like: Cohort) -> Pool:
    """The areas' figures in force of the same months, age group and kind of source as `like`, its own area left out:
    a service is not compared with itself. Each area counts once. Areas must not hold one another."""
    used: list[Cohort] = []
    left_out: list[tuple[str, str]] = []
    for area in {area_key(area): area for area in areas}.values():
        figure = _beside(series_of(area, everything), like)
        if area_key(area) == area_key(like.area):
            left_out.append((area, "it is the one compared"))
        elif figure is None:
            left_out.append((area, "there is no figure for these months"))
        elif (cohort := figure.cohort).offenders is None or cohort.reoffenders is None:
            left_out.append((area, "its counts are not known"))
        elif not 0 <= cohort.reoffenders <= cohort.offenders:
            left_out.append((area, "its counts cannot be right"))
        else:
            used.append(cohort)
    days = [c.published_on for c in used if c.published_on]
    cohort = Cohort(
        area=name,
        start=like.start,
        end=like.end,
        offenders=_sum(c.offenders for c in used),
        reoffenders=_sum(c.reoffenders for c in used),
        reoffences=_sum(c.reoffences for c in used),
        published_on=max(days, default=None),
        source_kind=like.source_kind,
        age_group=age_group(like),
    )
    return Pool(cohort, tuple(c.area for c in used), tuple(left_out))


def _sum(counts: Iterable[int | None]) -> int | None:
    """None where there is none, or one of them is not known."""
    out = list(counts)
    known = [count for count in out if count is not None]
    return sum(known) if out and len(known) == len(out) else None


def _beside(of_one_area: Sequence[Series], like: Cohort) -> Figure | None:
    """The figure of another area for the same children and months, counted in the same way."""
    wanted = _series_key(like)[1:]
    for one in of_one_area:
        for figure in one.figures:
            cohort = figure.cohort
            if _series_key(cohort)[1:] == wanted and (cohort.start, cohort.end) == (like.start, like.end):
                return figure
    return None


# Comparisons


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure beside another one: the previous of its series, or another area's for the same months."""

    figure: Figure
    other: Figure | None  # None: there is none to compare with
    comparator: str | None  # the other area's name; None: compared with the previous cohort
    difference: Difference | None  # 95%, as shares; None: the counts are not all known
    verdict: Verdict
    at_once: int  # the comparisons of the family that could be made, for which the verdict makes allowance

    @property
    def points(self) -> float | None:
        """By how many points the rate is higher, or lower (below 0); None: a rate is not known."""
        if self.other is None or self.figure.rate is None or self.other.rate is None:
            return None
        return self.figure.rate - self.other.rate


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure with all that it is compared with."""

    figure: Figure
    previous: Comparison
    comparators: tuple[Comparison, ...]  # one for each area put beside it


def compared(chosen: Sequence[Series], beside: Sequence[Series] = ()) -> tuple[Compared, ...]:
    """Every figure of the chosen series, compared with the previous cohort that shares no month with it, and with
    each area in `beside` for the same months. All these comparisons are one family: see the top of this file.

    A service is part of England and Wales, which makes the difference between them look a little smaller than that
    from the rest of the country: by the service's share of all children, a few in a hundred at most. That is
    far within chance, and no allowance is made. For a small region it would not be: pool the other areas.
    """
    areas = list({area_key(one.area): one.area for one in beside}.values())
    drafts: list[tuple[Figure, Figure | None, str | None]] = []
    for one in chosen:
        for figure in one.figures:
            drafts.append((figure, one.previous(figure), None))
            for area in areas:
                itself = area_key(area) == area_key(one.area)
                other = None if itself else _beside(series_of(area, beside), figure.cohort)
                drafts.append((figure, other, area))
    differences = [_difference(figure, other) for figure, other, _ in drafts]
    at_once = sum(d is not None for d in differences)
    apart = _holm(
        [
            1.0 if d is None or other is None else _chance(figure, other, d)
            for (figure, other, _), d in zip(drafts, differences, strict=True)
        ],
        at_once,
    )
    made = [
        Comparison(figure, other, area, difference, _verdict(difference, called), at_once)
        for (figure, other, area), difference, called in zip(drafts, differences, apart, strict=True)
    ]
    step = 1 + len(areas)
    return tuple(
        Compared(made[i].figure, made[i], tuple(made[i + 1 : i + step])) for i in range(0, len(made), step)
    )


def _difference(figure: Figure, other: Figure | None) -> Difference | None:
    """Newcombe's 95% interval; see `difference_between`."""
    if other is None or figure.counts is None or other.counts is None:
        return None
    return _newcombe(figure.counts, other.counts, Z_95)


def _newcombe(now: tuple[float, float], before: tuple[float, float], z: float) -> Difference:
    """The interval z standard errors wide. Wilson's depends on z²/n alone, so that of z for n children is the 95%
    one of n (1.96/z)² children."""
    weight = (Z_95 / z) ** 2
    (k, n), (i, m) = now, before
    later, earlier = wilson_interval(k * weight, n * weight), wilson_interval(i * weight, m * weight)
    return difference_between(_point(i / m), earlier, _point(k / n), later)


def _point(share: float) -> Share:
    return Share(share, share)


def _chance(figure: Figure, other: Figure, difference: Difference) -> float:
    """The chance of so large a difference where there is none: that left outside the widest interval that still lies
    apart from zero, so that interval and verdict never contradict each other. 1 where the 95% one does not: Holm's
    procedure calls none of these, and one need not search."""
    if difference.verdict == "no clear change" or figure.counts is None or other.counts is None:
        return 1.0
    low, high = Z_95, 40.0  # beyond 40 standard errors, chance is not a number any more
    for _ in range(60):
        z = (low + high) / 2
        if _newcombe(figure.counts, other.counts, z).verdict == "no clear change":
            high = z
        else:
            low = z
    return erfc(low / sqrt(2))


def _holm(chances: Sequence[float], family: int) -> list[bool]:
    """Which of them are called: from the least likely on, each at 5% shared among those not called yet, until one
    fails."""
    called = [False] * len(chances)
    for place, i in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])[:family]):
        if chances[i] > FALSE_VERDICTS / (family - place):
            break
        called[i] = True
    return called


def _verdict(difference: Difference | None, called: bool) -> Verdict:
    if difference is None:
        return "not comparable"
    if not called or difference.verdict == "no clear change":
        return "no clear change"
    return "better" if difference.verdict == "lower" else "worse"


def children_needed(rate: float, other: float, other_is_exact: bool) -> int | None:
    """How many children it takes for a difference between two rates, in per cent, to lie apart from chance: Newcombe's
    95% interval, alone. In each of two cohorts of one size; or, where the other's children are so many that its rate
    is as good as exact, in the one. None: the rates are the same, or no number would do."""
    now, before = rate / 100, other / 100

    def apart(n: float) -> bool:
        exact = _point(before)
        earlier = exact if other_is_exact else wilson_interval(before * n, n)
        difference = difference_between(exact, earlier, _point(now), wilson_interval(now * n, n))
        return difference.verdict != "no clear change"

    low, high = 1.0, _MOST_CHILDREN
    if not apart(high):
        return None
    while high - low > 0.5:
        n = (low + high) / 2
        low, high = (low, n) if apart(n) else (n, high)
    return ceil(high)


# In words


def rate_words(cohort: Cohort) -> str:
    """ "29.8%"; without decimals under 100 children: "34%"; 100% and 0% only where it is all or none. "no rate" where
    there is none."""
    rate, counts = _rate(cohort), _counts(cohort)
    if rate is None:
        return "no rate"
    if counts and counts[1] < TOO_FEW_FOR_DECIMALS:
        return rate_in_words(*counts)
    if not counts:
        return f"{rate:.{_decimals(cohort)}f}%"
    words = f"{rate:.1f}"
    if words == "100.0" and counts[0] < counts[1]:
        return "over 99.9%"
    return "under 0.1%" if words == "0.0" and counts[0] else f"{words}%"


def figure_message(figure: Figure) -> str:
    """One figure for a board: "29.8% of 151 children reoffended within a year, 45 of them: between 23% and 38% by
    chance alone. They were cautioned, convicted or released from October 2013 to September 2014." Intervals are
    rounded outwards."""
    cohort, counts = figure.cohort, figure.counts
    when = period(cohort.start, cohort.end)
    # Only the published method says how long children are followed.
    reoffended = "reoffended within a year" if cohort.source_kind == "published" else "reoffended"
    if figure.interval and counts:
        lead = f"{capital(rate_words(cohort))} of {counts[1]:,} {_who(cohort)} {reoffended}"
        many = "" if counts[0] in (0, counts[1]) else f", {_count(counts[0])} of them"
        return (
            f"{lead}{many}: {between(figure.interval)} by chance alone. "
            f"They were cautioned, convicted or released {when}."
        )
    if figure.rate is not None:
        unknown = (
            "How many children there were is not known"
            if cohort.offenders is None
            else f"How many of the {cohort.offenders:,} reoffended is not known"
        )
        return (
            f"{capital(rate_words(cohort))} of the {_who(cohort)} cautioned, convicted or released {when} {reoffended}. "
            f"{unknown}, and without it nobody can say how far chance alone could move the rate."
        )
    return f"{capital(_why_no_rate(figure))}."


def _why_no_rate(figure: Figure) -> str:
    cohort = figure.cohort
    when = period(cohort.start, cohort.end)
    if cohort.offenders is not None and _too_few(cohort):
        count = _children(cohort.offenders, "was", "were", _who(cohort))
        few = "" if cohort.offenders == 0 else ", too few for a rate"
        return f"{count} cautioned, convicted or released {when}{few}"
    if cohort.marker:
        return f"those who publish it give no rate for the cohort {when}, and put “{cohort.marker}”"
    return f"the rate for the cohort {when} is not known"


def frequency_message(figure: Figure) -> str | None:
    """How often, with whom it is counted by; None where it is not known."""
    often, each = figure.per_reoffender, figure.per_offender
    if often is None and each is None:
        return None
    if often is None:
        return f"{each:.2f} reoffences for each child in the cohort, reoffending or not (per offender)."
    whole = "" if each is None else f"; that is {each:.2f} for each child in the cohort (per offender)"
    return f"Those who reoffended committed {often:.2f} reoffences each on average (per reoffender){whole}."


def together_message(now: Figure, before: Figure) -> str | None:
    """Rate, cohort and reoffenders in one sentence, so that a rate that rises because the cohort shrinks is not taken
    for more reoffending. None where the counts are not all known. It says what the counts are, not whether it is
    chance: that is the comparison's to say."""
    if now.counts is None or before.counts is None:
        return None
    (k, n), (i, m) = now.counts, before.counts
    rate, children = k * m - i * n, k - i  # above 0: the rate rose; more children reoffended
    was, is_ = rate_words(before.cohort), rate_words(now.cohort)
    decimals = min(_decimals(now.cohort), _decimals(before.cohort))
    if was == is_ or round(100 * k / n, decimals) == round(100 * i / m, decimals):
        moved = f"the rate stayed at {'about ' if rate else ''}{is_}"
        rate = 0
    else:
        moved = f"the rate {'rose' if rate > 0 else 'fell'} from {was} to {is_}"
    fewer = f"{'more' if children > 0 else 'fewer'} children reoffended" if children else "as many reoffended"
    joined = "and" if rate * children > 0 or rate == children == 0 else "while"
    return capital(
        f"{moved} {joined} {fewer}: {k:,} of {n:,} after {i:,} of {m:,}. {capital(_cohort_size(n, m))}."
    )


def _cohort_size(n: int, m: int) -> str:
    if n == m:
        return "the cohort is as large as before"
    word = "larger" if n > m else "smaller"
    # A percentage of a small base makes a few children look like many.
    if min(n, m) >= TOO_FEW_FOR_DECIMALS and round(100 * abs(n - m) / m):
        return f"the cohort is {word} by {round(100 * abs(n - m) / m)}%"
    return f"the cohort is {word} by {_children(abs(n - m))}"


def comparison_message(made: Comparison) -> str:
    """One comparison for a board, with what chance leaves open of it, or why there is none."""
    figure, other = made.figure, made.other
    if other is None:
        return _nothing_beside(made)
    name = made.comparator or f"the cohort {period(other.cohort.start, other.cohort.end)}"
    if figure.rate is None or other.rate is None:
        where, which = (":", figure) if figure.rate is None else (", where", other)
        return f"Not comparable with {name}{where if made.comparator else ':'} {_why_no_rate(which)}."
    rates = (
        f"{rate_words(figure.cohort)} {'beside' if made.comparator else 'after'} {rate_words(other.cohort)}"
    )
    moved = _moved(made)
    if made.difference is None:
        return f"Not comparable with {name}: {rates}, {moved}, but {_unknown(made, name)}.{_needed(made)}"
    possible = _possible(made.difference)
    if made.verdict in ("better", "worse"):
        return (
            f"{capital(made.verdict)} than {name}: {rates}, {moved}; {possible} once chance is allowed for."
        )
    lead = f"No clear {'difference from' if made.comparator else 'change on'} {name}: {rates}, {moved}"
    if made.difference.verdict == "no clear change":
        return f"{lead}; by chance alone it could be {possible}."
    return (
        f"{lead}. On its own that would be more than chance, {possible}; among {number(made.at_once)} comparisons made "
        "at once it may still be chance."
    )


def _nothing_beside(made: Comparison) -> str:
    if made.comparator is None:
        return "There is no earlier cohort to compare with that shares no months with this one."
    return (
        f"There is no figure of {made.comparator} for the same months and children, counted in the same way, to "
        "compare with."
    )


def _moved(made: Comparison) -> str:
    points = made.points or 0.0
    decimals = min(_decimals(f.cohort) for f in (made.figure, made.other) if f is not None)
    size = f"{abs(points):.{decimals}f}"
    if float(size) == 0:
        return "the same" if points == 0 else f"less than {'1' if decimals == 0 else '0.1'} point apart"
    return f"{size} {'point' if size == '1' else 'points'} {'lower' if points < 0 else 'higher'}"


def _possible(difference: Difference) -> str:
    """Rounded outwards to whole points, so that it never looks surer than it is."""
    low, high = floor(100 * difference.low + 1e-9), ceil(100 * difference.high - 1e-9)
    if difference.verdict == "no clear change":
        return f"anything from {_whole(-low)} lower to {_whole(high)} higher"
    near, far = sorted((abs(low), abs(high)))
    side = "lower" if difference.verdict == "lower" else "higher"
    return f"between {near or 'less than 1'} and {_whole(far)} {side}"


def _whole(points: int) -> str:
    return f"{points} {'point' if points == 1 else 'points'}"


def _unknown(made: Comparison, name: str) -> str:
    """Which numbers of children are missing."""
    without = [
        (f.cohort, where)
        for f, where in ((made.figure, "this cohort"), (made.other, name))
        if f is not None and f.counts is None
    ]
    children = [f"in {where}" for cohort, where in without if cohort.offenders is None]
    missing = [f"the number of children {listed(children)}"] if children else []
    missing += [
        f"how many of the children in {where} reoffended"
        for cohort, where in without
        if cohort.offenders is not None
    ]
    return f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} not known"


def _needed(made: Comparison) -> str:
    """What it would take, where the counts are not known: most differences between rates are within chance."""
    if made.figure.rate is None or made.other is None or made.other.rate is None or not made.points:
        return ""
    children = children_needed(made.figure.rate, made.other.rate, made.comparator is not None)
    if children is None:
        return " Chance could make so small a difference in a cohort of any size."
    if children < TOO_FEW_FOR_A_RATE:  # a number that no rate is published for would only confuse
        return ""
    where = "" if made.comparator else " in each cohort"
    points = _moved(made).rsplit(" ", 1)[0]  # without "lower"
    have = made.figure.cohort.offenders
    had = f"; this one has {have:,}" if have is not None and made.comparator else ""
    return (
        f" A difference of {points} would need about {_about(children):,} children{where} to be more than chance"
        f"{had}."
    )


def _about(count: int) -> int:
    """Rounded up to two figures."""
    step: int = 10 ** max(0, floor(log10(count)) - 1)
    return ceil(count / step) * step


def revision_messages(figure: Figure) -> tuple[str, ...]:
    """What changed each time that the figure was published again, the oldest first. Empty: it was not."""
    out = []
    vintages = (*figure.earlier, figure.cohort)
    for before, now in pairwise(vintages):
        changes = _changes(before, now)
        said = f": {listed(changes)}" if changes else " without a change"
        if before.published_on is None:
            first = "Given without a date" if now.published_on else "Given twice without a date"
            again = f" and published on {day(now.published_on)}" if now.published_on else ""
        elif now.published_on == before.published_on:
            first, again = f"Given twice as published on {day(before.published_on)}", ""
        else:
            first = f"Published on {day(before.published_on)}"
            again = f" and again on {day(now.published_on)}" if now.published_on else ""
        out.append(f"{first}{again}{said}.")
    return tuple(out)


def _changes(before: Cohort, now: Cohort) -> list[str]:
    out = []
    was, is_ = _rate(before), _rate(now)
    if was is None or is_ is None:
        if was != is_:
            out.append("the rate is no longer given" if is_ is None else f"the rate is now {rate_words(now)}")
    elif round(was, decimals := min(_decimals(before), _decimals(now))) != round(is_, decimals):
        out.append(f"the rate went from {rate_words(before)} to {rate_words(now)}")
    for label, old, new in (
        ("the children in the cohort", before.offenders, now.offenders),
        ("those who reoffended", before.reoffenders, now.reoffenders),
        ("their reoffences", before.reoffences, now.reoffences),
    ):
        if old == new:
            continue
        if old is None or new is None:
            out.append(f"{label} are {'no longer given' if new is None else f'now given, {new:,}'}")
        else:
            out.append(f"{label} went from {old:,} to {new:,}")
    return out


def pool_message(pool: Pool) -> str:
    """What a comparator of several areas is made of, and what it is not."""
    out = f"No area of {pool.cohort.area} has counts to add up."
    if pool.areas:
        made = "one area" if len(pool.areas) == 1 else f"{number(len(pool.areas))} areas added up"
        offenders = pool.cohort.offenders or 0
        out = f"{pool.cohort.area}: {made}, {_children(offenders)}."
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for area, why in pool.left_out:
        reasons[why].append(area)
    for why, areas in reasons.items():
        many = why.replace("its counts", "their counts") if len(areas) > 1 else why
        out += f" {listed(areas)} {'is' if len(areas) == 1 else 'are'} left out: {many}."
    return out


def series_message(one: Series) -> str:
    """Which method, and what follows from it."""
    if one.rolling:
        overlaps = sorted({f.overlap for f in one.figures if f.overlap})
        many = overlaps[0] == overlaps[-1] == 1
        most = number(overlaps[-1]) if overlaps[0] == overlaps[-1] else f"up to {number(overlaps[-1])}"
        return (
            f"Cohorts of {number(one.months)} months that share {most} {'month' if many else 'months'} with the one "
            "before: much the same children, so each is compared with the last one that shares none."
        )
    if one.summed:
        return (
            f"Cohorts of {number(one.months)} months, each the sum of three-month cohorts: a child may be in it more "
            "than once. Not to be joined with the cohorts that end in 2015 or before."
        )
    return f"Cohorts of {number(one.months)} {'month' if one.months == 1 else 'months'} that share none."


def _decimals(cohort: Cohort) -> int:
    few = cohort.offenders is not None and cohort.offenders < TOO_FEW_FOR_DECIMALS
    return 0 if few else 1


def _who(cohort: Cohort) -> str:
    aged = age_group(cohort)
    return f"children aged {aged}" if aged else "children"


def _count(count: int) -> str:
    """As words where small, else with its thousands: "three", "16,083"."""
    return number(count) if count < 13 else f"{count:,}"


def _children(count: int, one: str = "", many: str = "", who: str = "children") -> str:
    """ "one child was", "14 children were", "no children were"."""
    noun = who.replace("children", "child", 1) if count == 1 else who
    return f"{_count(count)} {noun} {one if count == 1 else many}".strip()


# As JSON


def reoffending_json(service: str, cohorts: Sequence[Cohort]) -> dict[str, object]:
    """What `sqs show reoffending --json` prints: the figures in force for all children, series by series, published
    before local ones, whose source says that they are the service's own. Rates and intervals are in per cent, change
    in points, all null where unknown; interval and change obey the same rules as the rate: none under 30 children, no
    decimals under 100, intervals rounded outwards. Verdict and change are of the previous cohort that shares no month.
    Age groups are in the family of comparisons, but have no key of their own and are left out."""
    everything = series(cohorts)
    found = compared(series_of(service, everything), series_of(ENGLAND_AND_WALES, everything))
    return {
        "service": service,
        "series": [_figure_json(one) for one in found if age_group(one.figure.cohort) is None],
    }


def _figure_json(one: Compared) -> dict[str, object]:
    cohort, previous = one.figure.cohort, one.previous
    beside = one.comparators[0].other if one.comparators else None
    return {
        "cohort_start": f"{cohort.start:%Y-%m}",
        "cohort_end": f"{cohort.end:%Y-%m}",
        "cohort_months": months_of(cohort),
        "offenders": cohort.offenders,
        "reoffenders": cohort.reoffenders,
        "rate": _rounded_rate(one.figure),
        "interval": _interval_json(one.figure),
        "england_wales_rate": _rounded_rate(beside),
        "previous_rate": _rounded_rate(previous.other),
        "change": _change_json(previous),
        "verdict": previous.verdict,
        "published_on": cohort.published_on.isoformat() if cohort.published_on else None,
        "source": _source(cohort),
    }


def _source(cohort: Cohort) -> str | None:
    own = "the service's own tracker"
    if cohort.source_kind == "local":
        return f"{cohort.source} ({own})" if cohort.source else own
    return cohort.source


def _rounded_rate(figure: Figure | None) -> float | None:
    if figure is None or figure.rate is None:
        return None
    return round(figure.rate, _decimals(figure.cohort))


def _interval_json(figure: Figure) -> list[float] | None:
    if figure.interval is None:
        return None
    unit = 10 ** _decimals(figure.cohort)
    low, high = figure.interval.low * 100 * unit, figure.interval.high * 100 * unit
    return [floor(low + 1e-9) / unit, ceil(high - 1e-9) / unit]


def _change_json(previous: Comparison) -> float | None:
    if previous.points is None or previous.other is None:
        return None
    return round(previous.points, min(_decimals(previous.figure.cohort), _decimals(previous.other.cohort)))


# For the page


def series_label(one: Series) -> str:
    """A series as pickers and addresses name it: "Cohorts of 12 months, rolling"."""
    who = f", {one.age_group} years old" if one.age_group else ""
    whose = ", the service's own figures" if one.source_kind == "local" else ""
    sums = ", sums of three-month cohorts" if one.summed else ""
    return f"Cohorts of {one.months} months{', rolling' if one.rolling else ''}{sums}{who}{whose}"


def alike(one: Series, other: Series) -> bool:
    """Whether two series count in the same way, so that they may stand on one axis."""

    def how(of: Series) -> tuple[object, ...]:
        return of.age_group, of.source_kind, of.months, of.summed

    return how(one) == how(other)


def places_beside(figure: Figure, everything: Sequence[Series]) -> list[Place]:
    """The services that have counts for the months of this figure, in series that count in the same way."""
    out: dict[str, Place] = {}
    for one in everything:
        service = find_service(one.area)
        for cohort in (f.cohort for f in one.figures if _same_window(f.cohort, figure.cohort)):
            offenders, reoffenders = cohort.offenders, cohort.reoffenders
            if service is None or offenders is None or reoffenders is None or reoffenders > offenders:
                continue
            if cohort.source_kind == figure.cohort.source_kind:
                out[service.name] = Place(service.name, reoffenders, offenders)
    return list(out.values())


def _same_window(one: Cohort, other: Cohort) -> bool:
    return (one.start, one.end, age_group(one)) == (other.start, other.end, age_group(other))


def age_message(figure: Figure, today: date) -> str:
    """When the figure was published, where it stands, and how old the children's months are."""
    cohort = figure.cohort
    published = "The day of publication is not known"
    if cohort.published_on:
        published = f"Published on {day(cohort.published_on)}, {age(cohort.published_on, today)}"
    if cohort.source == LETTER:
        published = "As the inspection letter gives it"
    source = f", in {cohort.source}" if cohort.source and cohort.source != LETTER else ""
    return f"{published}{source}. The cohort ended {age(cohort.end, today)}."


def reoffending_rows(found: Sequence[Compared]) -> list[dict[str, object]]:
    """The table behind the picture. Rates in per cent by the rules of the page, "" where there is none."""
    rows: list[dict[str, object]] = []
    for one in found:
        cohort = one.figure.cohort
        few = one.figure.counts is None and cohort.offenders is not None
        rows.append(
            {
                "Cohort": period(cohort.start, cohort.end).removeprefix("from ").removeprefix("in "),
                "Children": "" if cohort.offenders is None else cohort.offenders,
                "Reoffended": "" if cohort.reoffenders is None or few else cohort.reoffenders,
                "Rate": rate_words(cohort) if one.figure.rate is not None else cohort.marker or "",
                "95% interval": str(one.figure.interval or ""),
                "On the cohort before": one.previous.verdict,
                **{f"Beside {c.comparator}": c.verdict for c in one.comparators},
                "Published": cohort.published_on.isoformat() if cohort.published_on else "",
                "Source": cohort.source or "",
            }
        )
    return rows


def cohorts_message(cohorts: Sequence[Cohort]) -> str:
    """What a table of reoffending holds, for whoever is about to load it."""
    areas = {area_key(cohort.area) for cohort in cohorts}
    first, last = min(cohort.start for cohort in cohorts), max(cohort.end for cohort in cohorts)
    kept = sum(cohort.rate is None and cohort.offenders is None for cohort in cohorts)
    back = f"; {kept:,} of them kept back by those who publish them" if kept else ""
    figures = "One figure" if len(cohorts) == 1 else f"{len(cohorts):,} figures"
    of = "one area" if len(areas) == 1 else f"{len(areas):,} areas"
    return f"{figures} of {of}, of cohorts {period(first, last)}{back}."


ENGLAND_AND_WALES_ALONE, CHOSEN = "England and Wales alone", "Services that you choose"


def comparators(service: Service, others: Sequence[Service]) -> dict[str, list[str]]:
    """What a service can be compared with beside England and Wales, and the services that each is made of: those of
    its region and of its police area that are still there."""
    there = [s for s in others if s.closed_on is None and not s.illustrative and s.name != service.name]
    region = [s.name for s in there if service.region and s.region == service.region]
    police = [s.name for s in there if service.police_area and s.police_area == service.police_area]
    found = {
        f"Others in the region {service.region}": region,
        f"Others in the police area {service.police_area}": police,
    }
    return {label: names for label, names in found.items() if names}


def pooled_series(
    name: str, areas: Sequence[str], own: Sequence[Series], everything: Sequence[Series]
) -> tuple[Series, ...]:
    """Several areas as one, for the months of every cohort of `own`; without those for which nobody has counts."""
    pools = [pooled(name, areas, everything, figure.cohort) for one in own for figure in one.figures]
    return series([pool.cohort for pool in pools if pool.areas])
