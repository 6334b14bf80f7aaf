"""Services compared without a league table: who lies outside what chance alone does to so many cases, and how open
their order is. Each answer with its sentence; nobody inside the limits is put before anybody else."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import ceil, exp, floor, lgamma, log, sqrt
from random import Random
from statistics import fmean, median_low
from typing import Literal

from sqs_core.measures.statistics import chance_points, wilson_interval
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE, rate_in_words
from sqs_core.measures.words import between, capital, listed, number
from sqs_core.model import Share

Standing = Literal["inside", "outside 95%", "outside 99.8%"]
Side = Literal["above", "below"]

_BEYOND_95, _BEYOND_998 = 0.025, 0.001  # the chance on either side of the limits
_FEWEST_FOR_SPREAD = 10  # among fewer, a few that differ cannot be told from all that differ
_RARE = 0.01  # so seldom chance alone puts as many outside: then it is not chance alone
_WINSORISED = 0.1  # of the places at either end
_DRAWS = 1000
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared, in the words of a sentence: "children" "who reoffended", in "services"."""

    case: str
    cases: str
    outcome: str
    higher_is_better: bool
    place: str = "service"
    places: str = "services"
    few_are_shown: bool = False  # under 30 cases with their counts, though not compared; publishers show none
    sampled: bool = False


REOFFENDING = Subject("child", "children", "who reoffended", higher_is_better=False)
ON_TIME = Subject("review", "reviews", "done on time", higher_is_better=True, few_are_shown=True)
SUFFICIENT = Subject(
    "case", "cases", "judged sufficient", higher_is_better=True, few_are_shown=True, sampled=True
)


@dataclass(frozen=True, slots=True)
class Place:
    """A service and its count: of so many cases (children, reviews), in so many it happened; where a letter's words
    leave a range, at least in so many and at most in others, which need not be whole."""

    name: str
    events: float
    cases: int
    most: float | None = None  # None: it was counted
    when: str = ""  # "inspected in October 2015": where places are not of the same time
    alike: float = 1  # so many cases say as much as one that has nothing to do with the others

    def __post_init__(self) -> None:
        if not 0 <= self.events <= (self.events if self.most is None else self.most) <= self.cases:
            raise ValueError(f"{self.name}: {self.events} of {self.cases} is not a count of cases")

    @property
    def is_rated(self) -> bool:
        return self.cases >= TOO_FEW_FOR_A_RATE

    @property
    def share(self) -> Share:
        """Of its cases; a point where it was counted."""
        most = self.events if self.most is None else self.most
        return Share(self.events / self.cases, most / self.cases)

    @property
    def middle(self) -> float:
        return (self.share.low + self.share.high) / 2

    @property
    def interval(self) -> Share:
        """What chance alone leaves open, on top of what the words do: Wilson's 95% interval, the lower end of the
        least and the upper end of the most."""
        least, most = (
            end / self.alike for end in (self.events, self.events if self.most is None else self.most)
        )
        separate = self.cases / self.alike
        return Share(wilson_interval(least, separate).low, wilson_interval(most, separate).high)


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which shares places of one size lie that are no different from the target, all but 5 and 0.2 in 100."""

    of_95: Share
    of_998: Share


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the funnel. `standing` is the verdict, by the limits in force; `is_beyond_chance`: outside the 95%
    limits of chance alone, which is no verdict where too many are."""

    place: Place
    standing: Standing
    side: Side | None  # of the target; None: on it
    is_beyond_chance: bool

    @property
    def rate(self) -> float:
        return self.place.middle


@dataclass(frozen=True, slots=True)
class Funnel:
    """Places of one cohort beside the share that they are compared with."""

    subject: Subject
    positions: tuple[Position, ...]  # the highest rate first, which is no order of merit
    too_few: tuple[Place, ...]  # under 30 cases: without a rate, by name
    target: float
    target_name: str | None  # "England and Wales"; None: all places shown together
    expected_outside: float  # how many chance alone would put outside the 95% limits
    spread: float  # the limits in force are so many times as wide as chance alone makes them; 1: as wide
    alike: float = 1  # of all its places; already in what chance alone makes

    @property
    def is_widened(self) -> bool:
        return self.spread > 1

    @property
    def is_comparison(self) -> bool:
        """Whether there is something to compare: one place with itself is nothing."""
        return len(self.positions) > (0 if self.target_name else 1)

    @property
    def beyond_chance(self) -> tuple[Position, ...]:
        return tuple(p for p in self.positions if p.is_beyond_chance)

    @property
    def whose_target(self) -> str:
        return self.target_name or "all"

    def limits(self, cases: int) -> Limits:
        """The limits in force for a place with so many cases."""
        return _widened(exact_limits(cases, self.target), self.target, self.spread * sqrt(self.alike))

    def position(self, name: str | None) -> Position | None:
        return next((p for p in self.positions if p.place.name == name), None)

    def is_better_side(self, position: Position) -> bool:
        return (position.side == "above") == self.subject.higher_is_better


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place with the interval of its rate, and between which ranks chance leaves it; 1 is the highest rate."""

    position: Position
    interval: Share
    first: int
    last: int


# Limits


@lru_cache(maxsize=4096)
def exact_limits(cases: int, target: float) -> Limits:
    """The 95% and 99.8% limits of the share in so many cases, where each case has the target's chance.

    Source: D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine 24
    (2005): quantiles of the exact binomial distribution, interpolated between whole counts so that the lines are
    smooth. Ours lie half a case above his, at either limit. His reach a count at the end of its step, so that more
    lie above by chance than below, and turning "on time" into "late" would change who is outside: of 100 places at
    a share of 90% with 30 to 60 cases, 5.9 lie above his 95% limit and 1.0 below. In the middle of its step it is
    the same from either side, and 2.4 and 2.7 lie outside. Raises ValueError without cases or for what is no share.
    """
    if cases < 1 or not 0 <= target <= 1:
        raise ValueError(f"no limits for {cases} cases and a share of {target}")

    def limits(beyond: float) -> Share:
        low, high = (_count_at(cases, target, p) / cases for p in (beyond, 1 - beyond))
        return Share(min(max(low, 0.0), target), max(min(high, 1.0), target))

    return Limits(limits(_BEYOND_95), limits(_BEYOND_998))


def _count_at(cases: int, target: float, chance: float) -> float:
    first, chances = _chances(cases, target)
    below = 0.0
    for count, here in enumerate(chances, first):
        if below + here >= chance:
            return count - (below + here - chance) / here + 0.5
        below += here
    return first + len(chances) - 0.5  # what is left is the rounding of floats


@lru_cache(maxsize=1024)
def _chances(cases: int, target: float) -> tuple[int, tuple[float, ...]]:
    """The binomial distribution: the first count worth naming, and the chance of it and of each one after.

    Beyond eight standard deviations and eight counts there is less than a float can tell.
    """
    if target in (0, 1):
        return round(target * cases), (1.0,)
    reach = 8 * sqrt(cases * target * (1 - target)) + 8
    first, last = max(0, floor(cases * target - reach)), min(cases, ceil(cases * target + reach))
    chances = [exp(_ways(cases, first) + first * log(target) + (cases - first) * log(1 - target))]
    for count in range(first, last):
        chances.append(chances[-1] * (cases - count) / (count + 1) * target / (1 - target))
    total = sum(chances)
    return first, tuple(chance / total for chance in chances)


def _widened(limits: Limits, target: float, times: float) -> Limits:
    def widened(share: Share) -> Share:
        return Share(
            max(0.0, target - times * (target - share.low)), min(1.0, target + times * (share.high - target))
        )

    return limits if times == 1 else Limits(widened(limits.of_95), widened(limits.of_998))


def _chance_outside(cases: int, target: float, together: tuple[int, int] | None = None) -> float:
    """How likely a place no different from the others is outside the 95% limits: about 0.05, as counts are whole.

    `together`: the events and the cases of all places, where these make the target. Then a place's own count is part
    of it and lies nearer to it (hypergeometric distribution): of two alike hardly ever one is outside.
    """
    inside = exact_limits(cases, target).of_95
    first, chances = _chances(cases, target)
    if together is not None:
        events, total = together
        every = _ways(total, events)
        chances = tuple(
            exp(_ways(cases, k) + _ways(total - cases, events - k) - every)
            if 0 <= events - k <= total - cases
            else 0.0
            for k in range(first, first + len(chances))
        )
    return sum(c for k, c in enumerate(chances, first) if not inside.low <= k / cases <= inside.high)


def _ways(cases: int, count: int) -> float:
    """The logarithm of the number of ways to choose so many."""
    return lgamma(cases + 1) - lgamma(count + 1) - lgamma(cases - count + 1)


# The funnel


def funnel(
    places: Sequence[Place],
    subject: Subject,
    *,
    target: float | None = None,
    target_name: str = "England and Wales",
) -> Funnel:
    """Where each place lies, against `target` or, without one, against all of them together: all events ÷ all cases.

    Places under 30 cases count in that share and have no position. A range counts with its middle in that share, and
    lies outside limits only as a whole. A place is itself part of all together, so that
    among few places the limits are somewhat too wide: too few are called different, never too many.

    Where so many lie outside the 95% limits as chance alone puts there in fewer than 1 of 100 such funnels (of ten
    places or more), they differ in what the counts do not know, the children they work with for one, and being
    outside says nothing of one of them. Then the limits are widened to fit (see _spread). Of 1,000 funnels in which
    nothing differs fewer than 10 are widened. Raises ValueError when two places have one name.
    """
    if len({p.name for p in places}) < len(places):
        raise ValueError("two places have one name")
    rated = sorted((p for p in places if p.is_rated), key=lambda p: (-p.middle, p.name))
    ranges = any(p.most is not None for p in places)
    events, cases = sum(p.middle * p.cases for p in places if p.cases), sum(p.cases for p in places)
    share = target if target is not None else events / cases if cases else 0.0
    # Ranges have no whole number of events to draw from: as if the target were given, which expects no fewer outside.
    together = (round(events), cases) if target is None and not ranges else None
    # Where cases go together, chance moves a share as if there were fewer: by the root of how many say as much as one.
    alike = max((p.alike for p in places), default=1.0)
    by_chance = [_widened(exact_limits(p.cases, share), share, sqrt(alike)) for p in rated]
    outside = [_is_outside(p, limits.of_95) for p, limits in zip(rated, by_chance, strict=True)]
    chances = [_chance_outside(p.cases, share, together) for p in rated]
    spread = 1.0
    if len(rated) >= _FEWEST_FOR_SPREAD and _chance_of_so_many(sum(outside), chances) < _RARE:
        spread = max(1.0, _spread(rated, share) / sqrt(alike))
    return Funnel(
        subject,
        tuple(_position(p, share, spread * sqrt(alike), out) for p, out in zip(rated, outside, strict=True)),
        tuple(sorted((p for p in places if not p.is_rated), key=lambda p: p.name)),
        share,
        target_name if target is not None else None,
        sum(chances),
        spread,
        alike,
    )


def _is_outside(place: Place, limits: Share) -> bool:
    return place.share.high < limits.low or place.share.low > limits.high


def _position(place: Place, target: float, times: float, is_beyond_chance: bool) -> Position:
    limits = _widened(exact_limits(place.cases, target), target, times)
    standing: Standing = "inside"
    if _is_outside(place, limits.of_998):
        standing = "outside 99.8%"
    elif _is_outside(place, limits.of_95):
        standing = "outside 95%"
    share = place.share
    side: Side | None = "above" if share.low > target else "below" if share.high < target else None
    return Position(place, standing, side, is_beyond_chance)


def _chance_of_so_many(outside: int, chances: Sequence[float]) -> float:
    """How likely chance alone puts so many or more outside, each with its own chance of it."""
    exactly = [1.0]
    for chance in chances:
        exactly = [
            a * (1 - chance) + b * chance for a, b in zip([*exactly, 0.0], [0.0, *exactly], strict=True)
        ]
    return sum(exactly[outside:])


def _spread(places: Sequence[Place], target: float) -> float:
    """How many times as far from the target places lie as chance alone would put them: the root of Spiegelhalter's
    winsorised φ (as above, section on over-dispersion), never under 1.

    Winsorised: the outer tenth at either end counts as the next one inwards, so that a few places that truly differ
    do not widen the limits until they lie inside.
    """
    if not 0 < target < 1:
        return 1.0
    scores = sorted((p.middle - target) / sqrt(target * (1 - target) / p.cases) for p in places)
    outer = floor(_WINSORISED * len(scores))
    low, high = scores[outer], scores[-1 - outer]
    return max(1.0, sqrt(fmean(min(max(score, low), high) ** 2 for score in scores)))


# Ranks


@lru_cache(maxsize=128)
def ranked(found: Funnel) -> tuple[Ranked, ...]:
    """Each place with its interval and the ranks that chance leaves open, the highest rate first.

    Source: H. Goldstein, D. J. Spiegelhalter, League tables and their limitations, Journal of the Royal Statistical
    Society A 159 (1996). A thousand times a rate is drawn for every place from what its count says of it (the beta
    distribution after Jeffreys' prior) and all are ranked; the middle 95% of a place's ranks are its range. The
    draws are always the same ones, so that a page does not change when it is loaded again.

    Where words leave a range, a place's best rank is that of its most among the least of the others, and its worst
    that of its least among the most of the others.

    Inside the limits nobody is first or last alone: where the draws say so, the neighbour may be it too. Else of two
    services the higher could be called so though the funnel says that they may be alike.
    """
    places = found.positions
    draw = Random(1996)
    # Drawn in the order of names and not of rates: a place's luck does not hang on how it fares.
    by_name = sorted(range(len(places)), key=lambda i: places[i].place.name)
    best: list[list[int]] = [[] for _ in places]
    worst: list[list[int]] = [[] for _ in places]
    for _ in range(_DRAWS):
        drawn = [(i, *_drawn(places[i].place, draw)) for i in by_name]
        least, most = sorted(low for _, low, _ in drawn), sorted(high for _, _, high in drawn)
        for i, low, high in drawn:
            # Its own least is no more than its most and its own most no less than its least: never counted above.
            best[i].append(1 + len(least) - bisect_right(least, high))
            worst[i].append(len(most) - bisect_right(most, low) + (high == low))
    tail = round(_DRAWS * 0.025)
    firsts = [sorted(own)[tail] for own in best]
    lasts = [sorted(own)[-1 - tail] for own in worst]
    total = len(places)
    if total > 1 and places[0].standing == "inside" and lasts[0] == 1:
        lasts[0], firsts[1] = 2, 1
    if total > 1 and places[-1].standing == "inside" and firsts[-1] == total:
        firsts[-1], lasts[-2] = total - 1, total
    return tuple(
        Ranked(position, position.place.interval, first, last)
        for position, first, last in zip(places, firsts, lasts, strict=True)
    )


def _drawn(place: Place, draw: Random) -> tuple[float, float]:
    """A true rate, by the beta distribution of the place's count; of a range, one of its least and one of its most."""
    rates = [
        draw.betavariate(events / place.alike + 0.5, (place.cases - events) / place.alike + 0.5)
        for events in ([place.events] if place.most is None else [place.events, place.most])
    ]
    return min(rates), max(rates)


# Sentences


def own_message(found: Funnel, name: str) -> str:
    """Where a service lies, and what that does and does not say. "" where it is not among those compared."""
    position, subject = found.position(name), found.subject
    if position is None:
        if all(place.name != name for place in found.too_few):
            return ""
        few = next(place for place in found.too_few if place.name == name)
        if not subject.few_are_shown or not few.cases:
            return f"{name} has fewer than {TOO_FEW_FOR_A_RATE} {subject.cases}: too few for a rate, so it is not compared."
        return (
            f"{name} has {few.cases} {subject.cases}, too few to be compared: {share_words(few)} {subject.outcome}, and "
            f"by chance anything {between(few.interval)}."
        )
    rate = f"{share_words(position.place)} of {position.place.cases:,} {subject.cases}"
    if not found.is_comparison:
        return (
            f"{name} is the only {subject.place} with {TOO_FEW_FOR_A_RATE} {subject.cases} or more, so there is nothing "
            f"to compare its {rate} with."
        )
    return (_inside_message if position.standing == "inside" else _outside_message)(found, position, rate)


def _inside_message(found: Funnel, position: Position, rate: str) -> str:
    subject, name = found.subject, position.place.name
    other = f"the {share_in_percent(found.target)} of {found.whose_target}"
    if position.is_beyond_chance:
        return (
            f"{name} differs from {other} by more than chance, with {rate}, but so do too many for that to tell "
            f"it from the rest: it is inside the limits that fit how much {subject.places} differ."
        )
    if share_words(position.place) == share_in_percent(found.target):
        return f"{name} is inside the limits: its {rate} is what {found.whose_target} {_have(found)}."
    return f"{name} is inside the limits: its {rate} differs from {other} by no more than chance."


def _have(found: Funnel) -> str:
    return "have" if found.target_name is None or " and " in found.target_name else "has"


def _outside_message(found: Funnel, position: Position, rate: str) -> str:
    subject, total = found.subject, len(found.positions)
    is_far = position.standing == "outside 99.8%"
    where = (
        f"{position.side} {'even the 99.8% limits' if is_far else 'the 95% limits, inside the 99.8% ones'}"
    )
    more = "more" if position.side == "above" else "less"
    often = "998 of 1,000" if is_far else "19 of 20"
    if found.is_widened:
        by = f"further than {often} {subject.places} would be by how much they usually differ"
    else:
        by = f"further than chance alone puts {often} {subject.places} that are no different"
    side = f"That is on the {'better' if found.is_better_side(position) else 'worse'} side"
    if is_far:
        so = f"{side}, and worth asking why."
    else:
        alone = "that" if found.is_widened else "chance"
        so = (
            f"{side}; but of {number(total)} {subject.places if total > 1 else subject.place} {alone} alone puts "
            f"{_expected(found)}, so this is a reason to ask, not yet an answer."
        )
    return (
        f"{position.place.name} is {where}: its {rate} is {more} than the {share_in_percent(found.target)} of "
        f"{found.whose_target}, {by}. {so} The figures do not say why: no two {subject.places} have the same "
        f"{subject.cases}."
    )


def outside_message(found: Funnel) -> str:
    """How many lie outside the limits, how many chance alone would put there, and which."""
    subject, total = found.subject, len(found.positions)
    if not found.is_comparison:
        few = "Only one" if total else "No"
        return f"{few} {subject.place} has {TOO_FEW_FOR_A_RATE} {subject.cases} or more, so there is nothing to compare."
    beyond = found.beyond_chance
    count = f"{number(len(beyond)) if beyond else 'none'} {'is' if len(beyond) < 2 else 'are'}"
    of = f"Of {number(total)} {subject.places}" if total > 1 else f"Of one {subject.place}"
    lead = f"{of} chance alone would put {_expected(found)}; {count}"
    if not found.is_widened:
        return f"{lead}{f': {_sides(beyond)}' if beyond else ''}."
    still = [p for p in found.positions if p.standing != "inside"]
    even = f"outside even these {'is' if len(still) == 1 else 'are'} {_sides(still)}" if still else ""
    return (
        f"{lead}. That is far more than chance: {subject.places} differ in what these figures do not show, such as "
        f"which {subject.cases} they have, and being outside does not set one of them apart. The limits shown are "
        f"widened to fit: {even or 'no one is outside these'}."
    )


def _expected(found: Funnel) -> str:
    """ "about two outside the 95% limits"; where it is less than half a place, how often it is one."""
    expected = found.expected_outside
    if expected >= 0.5:
        return f"about {number(round(expected) or 1)} outside the 95% limits"
    often = round(1 / (1 - exp(-expected))) if expected else 0
    if not often:
        return "none outside the 95% limits"
    seldom = f"about one of {number(often)}" if often <= 20 else "fewer than one of 20"
    return f"one outside the 95% limits in {seldom} such comparisons"


def _sides(positions: Sequence[Position]) -> str:
    """ "Alton and Beck above, Cole below"; only how many where they are too many to name."""
    parts = []
    for side in ("above", "below"):
        names = sorted(p.place.name for p in positions if p.side == side)
        if names:
            parts.append(f"{listed(names) if len(positions) <= _MOST_NAMES else number(len(names))} {side}")
    return ", ".join(parts)


def too_few_message(found: Funnel) -> str:
    """Which places are left out for want of cases. "" where none is."""
    if not found.too_few:
        return ""
    one = len(found.too_few) == 1
    many = len(found.too_few) > _MOST_NAMES
    names = f"{len(found.too_few)} services" if many else "; ".join(place.name for place in found.too_few)
    return (
        f"Without a rate, as {'it has' if one else 'they have'} fewer than {TOO_FEW_FOR_A_RATE} "
        f"{found.subject.cases}: {names}."
    )


def ranks_message(order: Sequence[Ranked], subject: Subject, own: str | None = None) -> str:
    """How open the order is: the own service's ranks, and how many may be at either end. "" for fewer than two."""
    total = len(order)
    if total < 2:
        return ""
    parts = [f"They stand by rate, which is no order of merit: chance moves {subject.places} up and down it."]
    for one in order:
        if one.position.place.name == own:
            may = "is" if one.first == one.last else "may be"
            parts.append(f"{own} {may} {rank_in_words(one, total)}, counted from the highest rate.")
    if total == 2 and all(one.first < one.last for one in order):
        parts.append(f"Either of the two {subject.places} may have the higher rate.")
    else:
        parts.append(_end_message([one for one in order if one.first == 1], "highest"))
        parts.append(_end_message([one for one in order if one.last == total], "lowest"))
    return " ".join(parts)


def _end_message(able: Sequence[Ranked], end: str) -> str:
    """Who may be at one end of the order."""
    if len(able) == 1 and able[0].first == able[0].last:
        return f"{able[0].position.place.name} has the {end} rate by more than chance."
    if len(able) > 1:
        return f"{capital(number(len(able)))} of them may have the {end} rate."
    return f"Which has the {end} rate is left open."


def rank_in_words(one: Ranked, total: int) -> str:
    """ "anywhere from 3rd to 31st of 40", "1st or 2nd of 40", "2nd of 40"."""
    if one.first == one.last:
        return f"{_ordinal(one.first)} of {total}"
    if one.last == one.first + 1:
        return f"{_ordinal(one.first)} or {_ordinal(one.last)} of {total}"
    return f"anywhere from {_ordinal(one.first)} to {_ordinal(one.last)} of {total}"


def _ordinal(rank: int) -> str:
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"


def small_samples_message(places: Sequence[Place], subject: Subject) -> str:
    """Why small samples cannot be ranked: how far apart chance alone would put as many that are exactly alike.

    "" where no place has fewer than 30 cases but some. The distance is what is expected between the highest and the
    lowest of so many shares of the middle size, each with the chance that all have together.
    """
    few = [p for p in places if 0 < p.cases < TOO_FEW_FOR_A_RATE]
    if not few:
        return ""
    sizes = [p.cases for p in few]
    size = (
        f"{min(sizes)}" if min(sizes) == max(sizes) else f"{min(sizes)} to {max(sizes)}"
    )  # "Samples of 12 to 14 cases"
    noun = subject.case if max(sizes) == 1 else subject.cases
    if len(few) == 1:
        return (
            f"A {'sample' if subject.sampled else subject.place} of {size} {noun} cannot be ranked: chance alone may move "
            f"its share by {chance_points(sizes[0])} points either way."
        )
    middle, share = median_low(sizes), sum(p.middle * p.cases for p in few) / sum(sizes)
    lead = (
        f"{'Samples' if subject.sampled else capital(subject.places)} of {size} {noun} cannot be ranked: chance alone "
        f"may move a share of {middle} {subject.cases} by {chance_points(middle)} points either way."
    )
    apart = round(100 * expected_range(middle, share, len(few)))
    if not apart:
        return lead
    return (
        f"{lead} Were {'both' if len(few) == 2 else f'all {number(len(few))}'} {subject.places} exactly alike, each "
        f"with a true share of {share_in_percent(share)}, the highest and the lowest would still lie about {apart} points "
        "apart. Their order would say who was lucky."
    )


def expected_range(cases: int, share: float, places: int) -> float:
    """How far apart the highest and the lowest of so many places lie, on average, that are exactly alike: the
    expected range of as many binomial shares."""
    _, chances = _chances(cases, share)
    at_most = [min(1.0, total) for total in accumulate(chances)]
    # The highest is above a count unless all are at most it; the lowest is above it where all are.
    return sum(1 - below**places - (1 - below) ** places for below in at_most) / cases


def limits_note(found: Funnel) -> str:
    """How to read the funnel."""
    subject = found.subject
    who = (
        found.target_name
        or f"all {subject.places} shown together, those with too few {subject.cases} as well"
    )
    lines = (
        f"Were no {subject.place} different from it, 19 of 20 would lie between the solid lines (95%) and 998 of 1,000 "
        "between the dotted ones (99.8%)."
    )
    if found.is_widened:
        lines = (
            f"The lines are widened to how much {subject.places} usually differ, {found.spread:.1f} times what chance alone "
            "would do: about 19 of 20 lie between the solid lines (95%)."
        )
    wide = ""
    if found.alike > 1.1:
        wide += (
            f" {capital(subject.cases)} of one child go together, so chance moves a share {sqrt(found.alike):.1f} times as "
            "far as it would move separate ones; limits and intervals allow for that."
        )
    return (
        f"Further right is a {subject.place} with more {subject.cases}, whose share chance moves less. Dashed line: "
        f"{share_in_percent(found.target)}, the share of {who}. {lines}{wide}"
    )


def share_words(place: Place) -> str:
    """ "41%"; "43% to 57%" where words leave a range."""
    if place.most is None:
        return rate_in_words(round(place.events), place.cases)
    return str(place.share)


def rate_words(place: Place) -> str:
    """ "41%, 62 of 151"; "43% to 57%, of 14"."""
    if place.most is None:
        return f"{share_words(place)}, {place.events:,.0f} of {place.cases:,}"
    return f"{share_words(place)} of {place.cases:,}"


def standing_in_words(found: Funnel, position: Position) -> str:
    """ "inside the limits", "above the 95% limits (worse)"."""
    if position.standing == "inside":
        return "inside the limits"
    value = "better" if found.is_better_side(position) else "worse"
    return f"{position.side} the {position.standing.removeprefix('outside ')} limits ({value})"


def chance_in_words(interval: Share) -> str:
    return f"{between(interval)} by chance alone"


def share_in_percent(share: float) -> str:
    """In whole per cent; 0% and 100% only where it is none or all."""
    if 0 < share < 0.005:
        return "under 1%"
    return "over 99%" if 0.995 <= share < 1 else f"{share:.0%}"
