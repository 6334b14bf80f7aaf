"""Whether fewer children reoffend: rates with what chance leaves open, in series that are never joined across methods,
compared only where children are not counted on both sides, and every comparison in words.

The rate is the binary one: children with a proven reoffence within 12 months, proven within a further six, of all
children cautioned, convicted or released in the cohort's months (Ministry of Justice, Guide to Proven Reoffending
Statistics, 2017). Lower is better. Rates are in per cent, as they are published; differences in points.

Verdicts and the number of comparisons. A page puts many comparisons before a board at once: each cohort with the one
before, and each with England and Wales. At 95% each, twenty of them would call one difference that is none. Holm's
procedure holds the chance of even one false "better" or "worse" in a family to 5% (S. Holm, A simple sequentially
rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979)): it holds however the comparisons
depend on each other, and they do, and never calls less than Bonferroni. In each series there are these families:
the latest figure with the cohort before and with England and Wales, which is what a board is told first; the latest
figure with what else the reader puts beside it; and the same two of all earlier figures. So neither a long history
nor a choice of the reader, nor another series of the same children, changes what is said of the latest figure.
Intervals are 95% for each comparison on its own, and the words say so where the two part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import ceil, sqrt
from typing import Literal, NamedTuple

from sqs_core.measures.changes import Difference, Estimate, chance_of, difference_between
from sqs_core.measures.statistics import FALSE_VERDICTS, Z_95, chi_squared_tail, holm, wilson_interval
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE
from sqs_core.measures.timing import add_months
from sqs_core.measures.words import month_end
from sqs_core.model import Cohort, Service, Share, StoredInspection
from sqs_core.services import BoundaryChange, boundary_changes, find_service

Verdict = Literal["better", "worse", "no clear change", "not comparable"]

ENGLAND_AND_WALES = "England and Wales"
LETTER = "the inspection letter"  # the source of what only the letter says
TOO_FEW_FOR_DECIMALS = 100

# The last 12-month cohorts of the first method end in 2015; since then cohorts have three months, and a figure for a
# year is the sum of four of them, in which a child may stand more than once (Guide to Proven Reoffending Statistics).
_LAST_OF_THE_FIRST_METHOD = date(2015, 12, 31)
_FEWEST_OF_A_POOL = 0.75  # of the areas: a sum of fewer is not the region
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
    """What is known of one area's cohort: the figure in force, those published before it, and what letters quote."""

    cohort: Cohort  # in force: the latest by its day of publication; a letter's only where there is no other
    earlier: tuple[Cohort, ...] = ()  # the oldest first; those without a day of publication before all others
    quoted: tuple[Cohort, ...] = ()  # as inspection letters give it, which publish nothing themselves
    overlap: int = 0  # months that it shares with the cohort before it in its series

    @property
    def counts(self) -> tuple[int, int] | None:
        """Reoffenders and offenders, where both are known or can be worked out, possible and enough for a rate."""
        return counts_of(self.cohort)

    @property
    def rate(self) -> float | None:
        """Per cent who reoffended: from the counts where they are known, else as published."""
        return rate_of(self.cohort)

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


def months_of(cohort: Cohort) -> int:
    return _month(cohort.end) - _month(cohort.start) + 1


def shared_months(one: Cohort, other: Cohort) -> int:
    """In how many months the children of both may be the same. 0: the cohorts do not overlap."""
    return max(0, _month(min(one.end, other.end)) - _month(max(one.start, other.start)) + 1)


def _month(when: date) -> int:
    return when.year * 12 + when.month


def is_too_few(cohort: Cohort) -> bool:
    """Publishers remove the rate of so few children, and so do we."""
    return cohort.offenders is not None and cohort.offenders < TOO_FEW_FOR_A_RATE


def counts_of(cohort: Cohort) -> tuple[int, int] | None:
    """Reoffenders and offenders, where both are known, possible and enough for a rate. Where only the rate stands beside
    the offenders, the whole number of them that gives it."""
    reoffenders, offenders = cohort.reoffenders, cohort.offenders
    if reoffenders is None:
        reoffenders = _worked_out(cohort)
    if reoffenders is None or offenders is None or is_too_few(cohort) or not 0 <= reoffenders <= offenders:
        return None
    return reoffenders, offenders


def _worked_out(cohort: Cohort) -> int | None:
    """None: no whole number of the children gives the rate, to the decimals with which it is written."""
    if not cohort.offenders or cohort.rate is None:
        return None
    nearest = round(cohort.rate * cohort.offenders / 100)
    fits = (
        abs(100 * nearest / cohort.offenders - cohort.rate) <= 0.5 * 10.0 ** -decimals_of(cohort.rate) + 1e-9
    )
    return nearest if fits else None


def decimals_shown(cohort: Cohort) -> int:
    """With how many a rate is shown: under 100 children a decimal gives the count away and means nothing."""
    few = cohort.offenders is not None and cohort.offenders < TOO_FEW_FOR_DECIMALS
    return 0 if few else 1


def decimals_of(rate: float) -> int:
    """With how many a published rate is written; a whole number may be rounded to one."""
    exponent = Decimal(str(rate)).normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def rate_of(cohort: Cohort) -> float | None:
    counts = counts_of(cohort)
    if counts:
        return 100 * counts[0] / counts[1]
    possible = cohort.rate is not None and 0 <= cohort.rate <= 100
    return cohort.rate if possible and not is_too_few(cohort) else None


def _frequency(cohort: Cohort, per: int | None) -> float | None:
    offenders, reoffenders, reoffences = cohort.offenders, cohort.reoffenders, cohort.reoffences
    if not per or reoffences is None or is_too_few(cohort):
        return None
    # Of a single child who reoffended, the figure would be that child's own.
    if reoffenders is not None and (reoffenders == 1 or reoffences < reoffenders):
        return None
    if offenders is not None and reoffenders is not None and reoffenders > offenders:
        return None
    return reoffences / per


# Series


@dataclass(frozen=True, slots=True)
class Series:
    """The cohorts of one area within its boundaries, of one age group, kind of source and method, in time order: what
    may stand on one axis."""

    area: str
    age_group: str | None  # None: all children, 10 to 17
    source_kind: Literal["published", "local"]
    months: int  # of each cohort
    summed: bool  # a sum of published three-month cohorts: longer than three months, ending after 2015
    figures: tuple[Figure, ...]
    began: BoundaryChange | None = None  # since when the area has had these boundaries, where they changed
    ended: BoundaryChange | None = None  # and until when
    quoted: bool = False  # cohorts that only inspection letters give, of other months than the published ones

    @property
    def rolling(self) -> bool:
        """Consecutive cohorts share months, so that the same children are in both: no control chart of these."""
        return any(figure.overlap for figure in self.figures)

    def previous(self, figure: Figure) -> Figure | None:
        """The latest cohort that ended before this one began."""
        before = [f for f in self.figures if f.cohort.end < figure.cohort.start]
        return before[-1] if before else None


def series(cohorts: Sequence[Cohort]) -> tuple[Series, ...]:
    """Every series in the cohorts: areas by name, published before local, all children before age groups, longer
    cohorts first, older boundaries first. What was published again for the same cohort is one figure with its earlier
    ones.

    A cohort belongs to the boundaries of its last month: its figure was published later still.
    """
    found: defaultdict[_Key, list[Cohort]] = defaultdict(list)
    quoted: defaultdict[_Key, list[Cohort]] = defaultdict(list)
    for cohort in dict.fromkeys(cohorts):
        (quoted if cohort.source == LETTER else found)[_series_key(cohort)].append(cohort)
    out = []
    for key, said in quoted.items():
        published = found.get(key, [])
        # Months between those of annual cohorts would make the series look like a rolling one.
        joining = [cohort for cohort in said if _fits(cohort, published)]
        apart = [cohort for cohort in said if cohort not in joining]
        if joining:
            found[key] = [*published, *joining]
        if apart:
            out.append(_series(apart, key, quoted=bool(published)))
    out += [_series(members, key) for key, members in found.items()]
    return tuple(
        sorted(
            out,
            key=lambda s: (
                area_key(s.area),
                s.source_kind == "local",
                s.age_group or "",
                -s.months,
                s.summed,
                s.began.on if s.began else date.min,
                s.quoted,
            ),
        )
    )


def _series(members: Sequence[Cohort], key: _Key, quoted: bool = False) -> Series:
    first, changes = members[0], boundary_changes(members[0].area)
    return Series(
        area=first.area,
        age_group=age_group(first),
        source_kind=first.source_kind,
        months=months_of(first),
        summed=_summed(first),
        figures=_figures(members),
        began=changes[key.boundaries - 1] if key.boundaries else None,
        ended=changes[key.boundaries] if key.boundaries < len(changes) else None,
        quoted=quoted,
    )


def _fits(cohort: Cohort, published: Sequence[Cohort]) -> bool:
    """Whether a letter's cohort is one of the published series, or could be: its months follow on theirs, or the
    series is a rolling one."""
    windows = sorted({(one.start, one.end) for one in published})
    rolling = any(later[0] <= earlier[1] for earlier, later in pairwise(windows))
    months = {one.start.month for one in published}
    return rolling or months == {cohort.start.month} or (cohort.start, cohort.end) in windows


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


class _Key(NamedTuple):
    """What the cohorts of one series have in common."""

    area: str
    boundaries: int  # so many times they had changed
    counting: tuple[object, ...]


def _series_key(cohort: Cohort) -> _Key:
    changes = sum(change.on <= cohort.end for change in boundary_changes(cohort.area))
    return _Key(area_key(cohort.area), changes, _counting(cohort))


def _counting(cohort: Cohort) -> tuple[object, ...]:
    """Which children, and how they are counted: what must be the same of two cohorts to compare them."""
    return age_group(cohort), cohort.source_kind, months_of(cohort), _summed(cohort)


def _figures(members: Iterable[Cohort]) -> tuple[Figure, ...]:
    windows: defaultdict[tuple[date, date], list[Cohort]] = defaultdict(list)
    for cohort in members:
        windows[cohort.start, cohort.end].append(cohort)
    out: list[Figure] = []
    for window in sorted(windows):
        # Of two figures of one day, the one that tells more is in force.
        told = sorted(windows[window], key=lambda c: (c.published_on or date.min, _told(c)))
        quoted = [cohort for cohort in told if cohort.source == LETTER]
        *earlier, latest = [cohort for cohort in told if cohort.source != LETTER] or [quoted.pop()]
        overlap = shared_months(out[-1].cohort, latest) if out else 0
        out.append(Figure(latest, tuple(earlier), tuple(quoted), overlap))
    return tuple(out)


def _told(cohort: Cohort) -> int:
    return sum(x is not None for x in (cohort.offenders, cohort.reoffenders, cohort.reoffences, cohort.rate))


# A comparator of several areas


@dataclass(frozen=True, slots=True)
class Pool:
    """Several areas as one: the sum of their children, never a mean of their rates."""

    cohort: Cohort  # its area is the pool's name; no counts where no area has any
    areas: tuple[str, ...]  # those that are in it; none where too few have counts
    left_out: tuple[tuple[str, str], ...]  # an area and why it is not
    have: int  # so many have counts
    there: int  # of so many that were there


def pooled(name: str, areas: Sequence[str], everything: Sequence[Series], like: Cohort) -> Pool:
    """The areas' figures in force of the same months, age group and kind of source as `like`, its own area left out:
    a service is not compared with itself. Each area counts once. Areas must not hold one another, so a service counts
    only for the months in which it was there. A single one under 30 children is left out, as what it adds could be
    worked out. Where fewer than three-quarters of the areas have counts, there is no pool: some of a region are not the
    region."""
    return _pooled(name, _by_area(areas, everything), like)


def _by_area(areas: Sequence[str], everything: Sequence[Series]) -> dict[str, dict[_Children, Figure]]:
    """The figures of each area, by the children that they are of."""
    once = {area_key(area): area for area in areas}
    found: dict[str, dict[_Children, Figure]] = {area: {} for area in once.values()}
    for one in everything:
        if area := once.get(area_key(one.area)):
            found[area].update({_children(figure.cohort): figure for figure in one.figures})
    return found


def _pooled(name: str, areas: Mapping[str, Mapping[_Children, Figure]], like: Cohort) -> Pool:
    used: list[Cohort] = []
    left_out: list[tuple[str, str]] = []
    missing = 0
    wanted = _children(like)
    for area, of_area in areas.items():
        figure = of_area.get(wanted)
        if area_key(area) == area_key(like.area):
            left_out.append((area, "the one compared"))
        elif not was_there(area, like):
            if figure:
                left_out.append((area, "by our register no service of its own then"))
        elif figure is None:
            missing += 1
            left_out.append((area, "no figure for these months"))
        elif (cohort := figure.cohort).offenders is None or cohort.reoffenders is None:
            missing += 1
            left_out.append((area, "counts not known"))
        elif not 0 <= cohort.reoffenders <= cohort.offenders:
            missing += 1
            left_out.append((area, "counts that cannot be right"))
        else:
            used.append(cohort)
    few = [cohort for cohort in used if is_too_few(cohort)]
    if len(few) == 1 < len(used):
        used.remove(few[0])
        left_out.append((few[0].area, f"alone under {TOO_FEW_FOR_A_RATE} children"))
    have = len(used)
    if have < _FEWEST_OF_A_POOL * (have + missing):
        used = []
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
    return Pool(cohort, tuple(c.area for c in used), tuple(left_out), have, have + missing)


def _sum(counts: Iterable[int | None]) -> int | None:
    """None where there is none, or one of them is not known."""
    out = list(counts)
    known = [count for count in out if count is not None]
    return sum(known) if out and len(known) == len(out) else None


def figure_beside(of_one_area: Sequence[Series], like: Cohort) -> Figure | None:
    """The figure of another area for the same children and months, counted in the same way."""
    for one in of_one_area:
        for figure in one.figures:
            if same_children(figure.cohort, like):
                return figure
    return None


_Children = tuple[date, date, tuple[object, ...]]


def _children(cohort: Cohort) -> _Children:
    """Which children a figure is of: their months and ages, and how they are counted."""
    return cohort.start, cohort.end, _counting(cohort)


def same_children(one: Cohort, other: Cohort) -> bool:
    """Whether two figures, of two areas, are of the same months and ages and counted in the same way."""
    return _children(one) == _children(other)


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
        """By how many points the rate is higher, or lower (below 0), between the rates as they are shown, so that a reader
        who subtracts finds the same; None: a rate is not known."""
        if self.other is None or self.figure.rate is None or self.other.rate is None:
            return None
        shown = (round(rate, self.decimals) for rate in (self.figure.rate, self.other.rate))
        now, before = (Decimal(str(rate)) for rate in shown)
        return float(now - before)

    @property
    def decimals(self) -> int:
        """With how many both rates are shown: none where either is of under 100 children."""
        figures = [self.figure, self.other] if self.other else [self.figure]
        return min(decimals_shown(figure.cohort) for figure in figures)


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure with all that it is compared with."""

    figure: Figure
    previous: Comparison
    comparators: tuple[Comparison, ...]  # one for each area put beside it


def compared(chosen: Sequence[Series], beside: Sequence[Series] = ()) -> tuple[Compared, ...]:
    """Every figure of the chosen series, compared with the previous cohort that shares no month with it, and with
    each area in `beside` for the same months. Which of these comparisons are a family: see the top of this file.

    A service is part of England and Wales, which makes the difference between them look a little smaller than that
    from the rest of the country: by the service's share of all children, a few in a hundred at most. That is
    far within chance, and no allowance is made. For a small region it would not be: pool the other areas.
    """
    areas = list({area_key(one.area): one.area for one in beside}.values())
    drafts: list[tuple[Figure, Figure | None, str | None]] = []
    families: list[tuple[int, bool, bool]] = []  # of each draft
    for number, one in enumerate(chosen):
        for figure in one.figures:
            is_latest = figure is one.figures[-1]
            drafts.append((figure, one.previous(figure), None))
            families.append((number, is_latest, False))
            for area in areas:
                itself = area_key(area) == area_key(one.area)
                other = None if itself else figure_beside(series_of(area, beside), figure.cohort)
                drafts.append((figure, other, area))
                families.append((number, is_latest, not _is_country(area)))
    made: dict[int, Comparison] = {}
    for family in dict.fromkeys(families):
        members = [i for i, of in enumerate(families) if of == family]
        made.update(zip(members, _called([drafts[i] for i in members]), strict=True))
    step = 1 + len(areas)
    return tuple(
        Compared(made[i].figure, made[i], tuple(made[j] for j in range(i + 1, i + step)))
        for i in range(0, len(made), step)
    )


def _called(family: Sequence[tuple[Figure, Figure | None, str | None]]) -> list[Comparison]:
    """The comparisons of one family, with their verdicts."""
    differences = [_difference(figure, other) for figure, other, _ in family]
    at_once = sum(difference is not None for difference in differences)
    chances = [
        1.0 if d is None or other is None else _chance(figure, other)
        for (figure, other, _), d in zip(family, differences, strict=True)
    ]
    return [
        Comparison(figure, other, area, difference, _verdict(difference, called), at_once)
        for (figure, other, area), difference, called in zip(
            family, differences, holm(chances, at_once), strict=True
        )
    ]


def _is_country(area: str) -> bool:
    return area_key(area) == area_key(ENGLAND_AND_WALES)


def counts_beside(other: Figure) -> tuple[float, float] | None:
    """The counts of what a figure is compared with. England and Wales has tens of thousands of children: its rate is as
    good as exact where only the rate is known."""
    if other.counts is None and other.rate is not None and _is_country(other.cohort.area):
        return other.rate / 100 * _MOST_CHILDREN, _MOST_CHILDREN
    return other.counts


def _difference(figure: Figure, other: Figure | None) -> Difference | None:
    """Newcombe's 95% interval; see `difference_between`."""
    before = counts_beside(other) if other else None
    if figure.counts is None or before is None:
        return None
    now, earlier = _estimate(figure.counts), _estimate(before)
    return difference_between(earlier.share, earlier.interval(), now.share, now.interval())


def _estimate(counts: tuple[float, float]) -> Estimate:
    reoffenders, children = counts
    return Estimate(_point(reoffenders / children), children)


def _point(share: float) -> Share:
    return Share(share, share)


def _chance(figure: Figure, other: Figure) -> float:
    """The chance of so large a difference where there is none."""
    before = counts_beside(other)
    if figure.counts is None or before is None:
        return 1.0
    return chance_of(_estimate(before), _estimate(figure.counts))


def _verdict(difference: Difference | None, called: bool) -> Verdict:
    if difference is None:
        return "not comparable"
    if not called or difference.verdict == "no clear change":
        return "no clear change"
    return "better" if difference.verdict == "lower" else "worse"


# The trend of a series

_FEWEST_FOR_A_TREND = 3


@dataclass(frozen=True, slots=True)
class Trend:
    """Whether the rate of a series went up or down over all its cohorts together."""

    figures: tuple[Figure, ...]  # with counts, none sharing a month with another, the latest among them
    verdict: Literal["fell", "rose", "no clear trend", "not comparable"]
    steady: bool = True  # False: the cohorts differ from the straight line by more than chance


def trend(one: Series) -> Trend:
    """The Cochran–Armitage test for a straight line in the shares of counted cohorts, by their days (P. Armitage, Tests
    for linear trends in proportions and frequencies, Biometrics 11 (1955)), at 5%, two-sided.

    From the latest cohort back, each that shares no month with the one taken before. A verdict of its own, beside those
    of the comparisons. Under three such cohorts, or where no child or every child reoffended: "not comparable".
    `steady`: the rest of the χ² of all cohorts together, at 5%.
    """
    taken: list[Figure] = []
    for figure in reversed(one.figures):
        if figure.counts and (not taken or figure.cohort.end < taken[-1].cohort.start):
            taken.append(figure)
    figures = tuple(reversed(taken))
    counts = [figure.counts for figure in figures if figure.counts]
    children, reoffenders = sum(n for _, n in counts), sum(k for k, _ in counts)
    if len(figures) < _FEWEST_FOR_A_TREND or reoffenders in (0, children):
        return Trend(figures, "not comparable")
    share = reoffenders / children
    days = [(figure.cohort.start.toordinal() + figure.cohort.end.toordinal()) / 2 for figure in figures]
    middle = sum(n * x for (_, n), x in zip(counts, days, strict=True)) / children
    moved = sum((k - n * share) * (x - middle) for (k, n), x in zip(counts, days, strict=True))
    by_chance = (
        share * (1 - share) * sum(n * (x - middle) ** 2 for (_, n), x in zip(counts, days, strict=True))
    )
    apart = sum((k - n * share) ** 2 / (n * share * (1 - share)) for k, n in counts)
    steady = chi_squared_tail(max(0.0, apart - moved**2 / by_chance), len(figures) - 2) > FALSE_VERDICTS
    if abs(moved) <= Z_95 * sqrt(by_chance):
        return Trend(figures, "no clear trend", steady)
    return Trend(figures, "rose" if moved > 0 else "fell", steady)


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


# What to put beside a service

ENGLAND_AND_WALES_ALONE, CHOSEN = "England and Wales alone", "Services that you choose"


def alike(one: Series, other: Series) -> bool:
    """Whether two series count in the same way, so that they may stand on one axis."""
    return _counting(one.figures[0].cohort) == _counting(other.figures[0].cohort)


def comparators(service: Service, others: Sequence[Service]) -> dict[str, list[str]]:
    """What a service can be compared with beside England and Wales, and the services that each is made of: those of
    its region and of its police area, closed ones too, which count for the months in which they were there. Made-up
    services are for made-up ones alone."""
    there = [s for s in others if s.illustrative == service.illustrative and s.name != service.name]
    region = [s.name for s in there if service.region and s.region == service.region]
    police = [s.name for s in there if service.police_area and s.police_area == service.police_area]
    found = {f"Others in the region {service.region}": region}
    if police != region:
        found[f"Others in the police area {service.police_area}"] = police
    return {label: names for label, names in found.items() if names}


def region_as_published(service: Service | None, everything: Sequence[Series]) -> dict[str, list[str]]:
    """The figures of a service's region as those who publish them add them up, where there are any: the service is one
    of them."""
    if service is None or not service.region or not series_of(service.region, everything):
        return {}
    return {f"The region {service.region}, as published": [service.region]}


def opening_series(own: Sequence[Series]) -> Series:
    """The series to open on: of all children where there is one, published rather than the service's own, of the longest
    cohorts whose latest rate is no more than two years behind the newest: three months are often too few children."""
    ends = {one: one.figures[-1].cohort.end for one in own}
    newest = max(ends.values())
    rated = [one for one in own if one.figures[-1].rate is not None and (newest - ends[one]).days <= 731]

    def order(one: Series) -> tuple[object, ...]:
        return one.age_group is not None, one.source_kind == "local", -one.months, newest - ends[one]

    return min(rated or own, key=order)


def pooled_series(
    name: str, areas: Sequence[str], own: Sequence[Series], everything: Sequence[Series]
) -> tuple[Series, ...]:
    """Several areas as one, for the months of every cohort of `own`; without those for which nobody has counts."""
    by_area = _by_area(areas, everything)
    pools = [_pooled(name, by_area, figure.cohort) for one in own for figure in one.figures]
    return series([pool.cohort for pool in pools if pool.areas])


def was_there(area: str, cohort: Cohort) -> bool:
    """Whether a service was one of its own at the end of a cohort: what tables by council give for "Bury" after it
    merged are the children of Bury and Rochdale. What is no service of the register was always there."""
    service = find_service(area)
    if service is None:
        return True
    opened, closed = service.opened_on or date.min, service.closed_on or date.max
    return opened <= cohort.end <= closed
