"""Limits against the plain binomial distribution, verdicts and ranks on services of which the truth is known, words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise, product
from math import comb, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.measures import funnel as module
from sqs_core.measures.funnel import (
    ON_TIME,
    REOFFENDING,
    SUFFICIENT,
    Funnel,
    Place,
    Ranked,
    Subject,
    exact_limits,
    expected_range,
    funnel,
    limits_note,
    outside_message,
    own_message,
    rank_in_words,
    ranked,
    ranks_message,
    share_in_percent,
    small_samples_message,
    standing_in_words,
    too_few_message,
)
from sqs_core.measures.statistics import wilson_interval

OWN = "Northmoor"
sizes = st.integers(1, 300)
targets = st.floats(0.01, 0.99)


@lru_cache(maxsize=4096)
def binomial(cases: int, share: float) -> list[float]:
    return [comb(cases, k) * share**k * (1 - share) ** (cases - k) for k in range(cases + 1)]


def binomial_draw(draw: Random, cases: int, share: float) -> int:
    return sum(draw.random() < share for _ in range(cases))


def services(draw: Random, count: int, share: float, differ: float = 0.0, largest: int = 300) -> list[Place]:
    """So many services of 30 cases and more whose true shares lie around `share`."""
    out = []
    for i in range(count):
        cases = draw.randint(30, largest)
        true = min(0.99, max(0.01, draw.gauss(share, differ)))
        out.append(Place(f"Service {i}", binomial_draw(draw, cases, true), cases))
    return out


def of(*counts: tuple[int, int], subject: Subject = REOFFENDING, target: float | None = None) -> Funnel:
    """The first is the own service, the others are Alton, Beck, …"""
    names = [
        OWN,
        "Alton",
        "Beck",
        "Cole",
        "Dene",
        "Eston",
        "Firth",
        "Garth",
        "Holm",
        "Irby",
        "Jarrow",
        "Kirby",
    ]
    return funnel(
        [Place(name, *count) for name, count in zip(names, counts, strict=False)], subject, target=target
    )


# Limits


def published(cases: int, target: float, chance: float) -> float:
    """Spiegelhalter's own limit, as a count, by plain summing: the first count that reaches the chance, less what it
    oversteps."""
    below = 0.0
    for count, here in enumerate(binomial(cases, target)):
        if below + here >= chance:
            return count - (below + here - chance) / here
        below += here
    raise AssertionError


@given(sizes, targets)
def test_limits_are_the_published_ones_and_half_a_case(cases: int, target: float) -> None:
    limits = exact_limits(cases, target)
    for share, beyond in ((limits.of_95, 0.025), (limits.of_998, 0.001)):
        low = (published(cases, target, beyond) + 0.5) / cases
        high = (published(cases, target, 1 - beyond) + 0.5) / cases
        assert share.low == pytest.approx(min(max(0.0, low), target), abs=1e-6)
        assert share.high == pytest.approx(max(min(1.0, high), target), abs=1e-6)


@given(sizes, targets)
def test_outside_is_where_chance_leaves_less_than_the_tail_counting_half_of_the_count_itself(
    cases: int, target: float
) -> None:
    limits, chances = exact_limits(cases, target), binomial(cases, target)
    for share, beyond in ((limits.of_95, 0.025), (limits.of_998, 0.001)):
        for count, here in enumerate(chances):
            below, above = sum(chances[:count]) + here / 2, sum(chances[count + 1 :]) + here / 2
            for tail, outside in ((below, count / cases < share.low), (above, count / cases > share.high)):
                if abs(tail - beyond) > 1e-9:
                    assert outside == (tail < beyond)


@given(sizes, targets)
def test_what_happened_and_what_did_not_have_the_same_limits(cases: int, target: float) -> None:
    one, other = exact_limits(cases, target), exact_limits(cases, 1 - target)
    for share, mirrored in ((one.of_95, other.of_95), (one.of_998, other.of_998)):
        assert share.low == pytest.approx(1 - mirrored.high, abs=1e-6)
        assert share.high == pytest.approx(1 - mirrored.low, abs=1e-6)
        assert share.low <= target <= share.high
    assert one.of_998.low <= one.of_95.low
    assert one.of_95.high <= one.of_998.high


def test_known_limits() -> None:
    """20 cases at a half: at most 4 come about in 0.6% and at most 5 in 2.1% of such samples, so that with half of
    the count itself 5 is outside (1.3%) and 6 (3.9%) is not."""
    limits = exact_limits(20, 0.5).of_95
    assert 5 / 20 < limits.low < 6 / 20
    assert 14 / 20 < limits.high < 15 / 20


@pytest.mark.parametrize("target", [0.1, 0.38, 0.6, 0.9])
def test_exactly_so_many_are_outside_where_nothing_differs(target: float) -> None:
    """Both sides alike, 2.5 and 0.1 of 100, over sizes from 30 to 400; and the chance of one size is the exact one."""
    tails: dict[str, list[float]] = {"low": [], "high": [], "lowest": [], "highest": []}
    cases_seen = range(30, 400, 5)
    for cases in cases_seen:
        limits, chances = exact_limits(cases, target), binomial(cases, target)
        share = [k / cases for k in range(cases + 1)]
        for name, is_out in (
            ("low", [s < limits.of_95.low for s in share]),
            ("high", [s > limits.of_95.high for s in share]),
            ("lowest", [s < limits.of_998.low for s in share]),
            ("highest", [s > limits.of_998.high for s in share]),
        ):
            tails[name].append(sum(c for c, out in zip(chances, is_out, strict=True) if out))
        assert module._chance_outside(cases, target) == pytest.approx(tails["low"][-1] + tails["high"][-1])
    mean = {name: sum(found) / len(found) for name, found in tails.items()}
    assert mean["low"] == pytest.approx(0.025, abs=0.0025)
    assert mean["high"] == pytest.approx(0.025, abs=0.0025)
    assert mean["lowest"] == pytest.approx(0.001, abs=0.0002)
    assert mean["highest"] == pytest.approx(0.001, abs=0.0002)


def test_why_not_the_published_ones() -> None:
    """The figures of exact_limits: at 90% and few cases the published limits are lopsided, ours are not."""

    def outside(half: float) -> tuple[float, float]:
        below, above = 0.0, 0.0
        for cases in range(30, 60, 7):
            low, high = (published(cases, 0.9, p) + half for p in (0.025, 0.975))
            chances = binomial(cases, 0.9)
            below += 20 * sum(c for k, c in enumerate(chances) if k < low)
            above += 20 * sum(c for k, c in enumerate(chances) if k > high)
        return round(below, 1), round(above, 1)

    assert outside(0) == (1.0, 5.9)
    assert outside(0.5) == (2.7, 2.4)


@pytest.mark.parametrize("cases", [2_000, 50_000])
def test_large_services_have_the_limits_of_the_normal_distribution(cases: int) -> None:
    limits = exact_limits(cases, 0.38)
    error = sqrt(0.38 * 0.62 / cases)
    for share, z in ((limits.of_95, 1.95996), (limits.of_998, 3.09023)):
        assert share.low == pytest.approx(0.38 - z * error, abs=1.5 / cases)
        assert share.high == pytest.approx(0.38 + z * error, abs=1.5 / cases)


def test_where_it_never_or_always_happens_one_case_is_outside() -> None:
    assert exact_limits(40, 0.0).of_998.high < 1 / 40
    assert exact_limits(40, 1.0).of_998.low > 39 / 40
    assert [p.standing for p in of((0, 40), (0, 50)).positions] == ["inside", "inside"]
    assert [p.standing for p in of((40, 40), (50, 50)).positions] == ["inside", "inside"]
    assert of((1, 40), target=0.0).positions[0].standing == "outside 99.8%"


@pytest.mark.parametrize(("cases", "target"), [(0, 0.5), (-1, 0.5), (10, -0.1), (10, 1.1)])
def test_what_has_no_limits_is_refused(cases: int, target: float) -> None:
    with pytest.raises(ValueError, match="no limits"):
        exact_limits(cases, target)


def test_limits_narrow_smoothly() -> None:
    highs = [exact_limits(cases, 0.38).of_95.high for cases in range(30, 600)]
    assert max(later - earlier for earlier, later in pairwise(highs)) < 0.0003
    assert highs[0] > highs[100] > highs[-1]


# Verdicts


@pytest.mark.parametrize("given_target", [True, False])
def test_of_services_alike_5_and_0_2_of_100_are_outside(given_target: bool) -> None:
    draw, total, outside, far, expected, widened = Random(21), 0, 0, 0, 0.0, 0
    for _ in range(250):
        found = funnel(services(draw, 40, 0.38), REOFFENDING, target=0.38 if given_target else None)
        total += 40
        outside += len(found.beyond_chance)
        far += sum(p.standing == "outside 99.8%" for p in found.positions)
        expected += found.expected_outside
        widened += found.is_widened
    assert outside / total == pytest.approx(0.05, abs=0.005)
    assert far / total == pytest.approx(0.002, abs=0.001)
    # What is said to be due to chance is what chance does, also where the services make the target themselves.
    assert expected / total == pytest.approx(outside / total, abs=0.005)
    assert widened <= 2, "fewer than 1 of 100"


@pytest.mark.parametrize("count", [2, 3, 6])
def test_so_many_are_expected_outside_as_are_where_few_services_make_the_target_themselves(
    count: int,
) -> None:
    draw, outside, expected = Random(count), 0, 0.0
    for _ in range(1000):
        found = funnel([Place(str(i), binomial_draw(draw, 60, 0.4), 60) for i in range(count)], REOFFENDING)
        outside += len(found.beyond_chance)
        expected += found.expected_outside
    assert outside == pytest.approx(expected, abs=3 * sqrt(2 * expected))


def test_pooled_is_all_events_of_all_cases_and_not_the_mean_of_rates() -> None:
    found = of((10, 40), (300, 400), (20, 20))
    assert found.target == pytest.approx(330 / 460)
    assert found.target_name is None
    assert [p.name for p in found.too_few] == ["Beck"]


def test_a_given_target_is_kept() -> None:
    found = of((10, 40), target=0.374)
    assert (found.target, found.target_name) == (0.374, "England and Wales")


@pytest.mark.parametrize(
    ("events", "standing", "side"),
    [
        (57, "inside", "below"),
        (58, "inside", "above"),
        (70, "outside 95%", "above"),
        (45, "outside 95%", "below"),
        (79, "outside 99.8%", "above"),
        (37, "outside 99.8%", "below"),
    ],
)
def test_standings(events: int, standing: str, side: str) -> None:
    (position,) = of((events, 151), target=0.38).positions
    assert (position.standing, position.side) == (standing, side)


def test_on_the_target_there_is_no_side() -> None:
    assert {p.side for p in of((20, 40), (20, 40)).positions} == {None}


def test_two_places_of_one_name_and_what_is_no_count_are_refused() -> None:
    with pytest.raises(ValueError, match="one name"):
        funnel([Place("A", 1, 40), Place("A", 2, 50)], REOFFENDING)
    for events, cases in ((5, 4), (-1, 4)):
        with pytest.raises(ValueError, match="not a count"):
            Place("A", events, cases)


@pytest.mark.parametrize("counts", [[], [(0, 0)], [(3, 29)], [(3, 29), (0, 0), (14, 14)]])
def test_without_a_place_of_30_nothing_is_compared(counts: list[tuple[int, int]]) -> None:
    found = of(*counts)
    assert not found.positions
    assert not found.is_comparison
    assert ranked(found) == ()
    assert outside_message(found) == ("No service has 30 children or more, so there is nothing to compare.")
    assert of(*counts, target=0.4).is_comparison is False


# More than chance


def test_the_chance_of_so_many_outside_is_that_of_all_the_ways() -> None:
    chances = [0.05, 0.1, 0.04, 0.3]
    for many in range(6):
        brute = 0.0
        for ways in product((0, 1), repeat=4):
            if sum(ways) >= many:
                one = 1.0
                for way, chance in zip(ways, chances, strict=True):
                    one *= chance if way else 1 - chance
                brute += one
        assert module._chance_of_so_many(many, chances) == pytest.approx(brute)


def test_the_spread_is_the_winsorised_root_mean_square() -> None:
    """Ten places of 100 at a target of a half, where a standard error is five: scores −2 to 2, and one far out."""
    events = [40, 45, 45, 50, 50, 50, 55, 55, 60, 95]
    places = [Place(str(i), k, 100) for i, k in enumerate(events)]
    scores = [-1, -1, -1, 0, 0, 0, 1, 1, 2, 2]  # the lowest is as the next, 95 as 60
    assert module._spread(places, 0.5) == pytest.approx(sqrt(sum(s * s for s in scores) / 10))
    assert module._spread(places[1:8], 0.5) == 1.0, "never narrower than chance"
    assert module._spread(places, 0.0) == 1.0


def test_where_all_differ_the_limits_are_widened_and_few_are_outside() -> None:
    draw, beyond, outside, spread = Random(4), 0, 0, []
    for _ in range(50):
        found = funnel(services(draw, 60, 0.38, differ=0.08), REOFFENDING)
        assert found.is_widened
        beyond += len(found.beyond_chance)
        outside += sum(p.standing != "inside" for p in found.positions)
        spread.append(found.spread)
    assert beyond / 3000 > 0.25
    assert outside / 3000 < 0.12
    assert 1.5 < sum(spread) / 50 < 2.2


def test_a_few_that_truly_differ_do_not_widen_the_limits_until_they_are_inside() -> None:
    draw = Random(8)
    places = [*services(draw, 40, 0.38), Place(OWN, 130, 200), Place("Far", 20, 200)]
    found = funnel(places, REOFFENDING)
    for name in (OWN, "Far"):
        position = found.position(name)
        assert position is not None
        assert position.standing == "outside 99.8%"


def test_under_ten_places_are_never_widened() -> None:
    assert not of(*[(10, 100), (90, 100)] * 4).is_widened
    assert of(*[(30, 100), (70, 100)] * 5).is_widened


def test_widened_limits_are_those_of_the_verdict() -> None:
    found = funnel(services(Random(4), 60, 0.38, differ=0.08), REOFFENDING)
    for position in found.positions:
        limits = found.limits(position.place.cases)
        inside = limits.of_95.low <= position.rate <= limits.of_95.high
        assert inside == (position.standing == "inside")
        exact = exact_limits(position.place.cases, found.target)
        assert limits.of_95.low <= exact.of_95.low
        assert limits.of_998.high >= exact.of_998.high


# Ranks


def test_services_alike_have_hardly_a_rank() -> None:
    order = ranked(of(*[(40, 100)] * 10))
    assert all(one.first <= 2 and one.last >= 9 for one in order)
    assert "Ten of them may have the highest rate. Ten of them may have the lowest rate." in ranks_message(
        order, REOFFENDING
    )


def test_services_far_apart_have_one_each() -> None:
    order = ranked(of((900, 1000), (500, 1000), (100, 1000)))
    assert [(one.position.place.name, one.first, one.last) for one in order] == [
        (OWN, 1, 1),
        ("Alton", 2, 2),
        ("Beck", 3, 3),
    ]


def test_ranks_are_the_same_again_and_in_any_order() -> None:
    places = services(Random(2), 20, 0.4)
    assert ranked(funnel(places, REOFFENDING)) == ranked(funnel(places[::-1], REOFFENDING))


def test_a_true_rank_lies_in_its_range() -> None:
    """Where true shares differ about as much as chance moves them: at least 95 of 100, as the ranges are whole."""
    draw, held, total = Random(6), 0, 0
    for _ in range(10):
        truth = {f"Service {i}": draw.uniform(0.2, 0.6) for i in range(25)}
        places = [
            Place(name, binomial_draw(draw, cases, share), cases)
            for name, share in truth.items()
            for cases in [draw.randint(40, 300)]
        ]
        true_order = sorted(truth, key=lambda name: -truth[name])
        for one in ranked(funnel(places, REOFFENDING)):
            held += one.first <= true_order.index(one.position.place.name) + 1 <= one.last
            total += 1
    assert held / total >= 0.95


def test_the_intervals_are_wilsons_and_the_order_is_by_rate() -> None:
    places = [*services(Random(2), 20, 0.4), Place("Few", 3, 12)]
    order = ranked(funnel(places, REOFFENDING))
    assert len(order) == 20
    rates = [one.position.rate for one in order]
    assert rates == sorted(rates, reverse=True)
    for one in order:
        place = one.position.place
        assert one.interval == wilson_interval(place.events, place.cases)
        assert 1 <= one.first <= one.last <= 20


def test_inside_the_limits_nobody_is_first_or_last_alone() -> None:
    """Two services 12 points apart: the draws are sure which is higher, the limits of both together are not."""
    order = ranked(of((77, 150), (59, 150)))
    assert [one.position.standing for one in order] == ["inside", "inside"]
    assert [(one.first, one.last) for one in order] == [(1, 2), (1, 2)]
    assert ranks_message(order, REOFFENDING).endswith("Either of the two services may have the higher rate.")


def test_first_alone_beside_one_inside_the_limits_is_open_as_well() -> None:
    """A large service inside the limits that it mostly made itself, and a small one outside them."""
    order = ranked(of((380, 1000), (30, 40)))
    assert [one.position.standing for one in order] == ["outside 99.8%", "inside"]
    assert [(one.first, one.last) for one in order] == [(1, 2), (1, 2)]


def every_word(found: Funnel) -> str:
    order = ranked(found)
    return "\n".join(
        [
            outside_message(found),
            too_few_message(found),
            limits_note(found),
            *(own_message(found, p.place.name) for p in found.positions),
            *(own_message(found, p.name) for p in found.too_few),
            *(ranks_message(order, found.subject, p.place.name) for p in found.positions),
            *(standing_in_words(found, p) for p in found.positions),
        ]
    )


@pytest.mark.parametrize("subject", [REOFFENDING, ON_TIME, SUFFICIENT])
def test_nobody_inside_the_limits_is_called_anything(subject: Subject) -> None:
    draw = Random(12)
    for count in (2, 3, 5, 14):
        for differ in (0.0, 0.1):
            found = funnel([*services(draw, count, 0.5, differ), Place("Few", 3, 9)], subject)
            order = ranked(found)
            assert not re.search(
                r"\b(best|worst|top|bottom|leading|failing)\b", every_word(found), re.IGNORECASE
            )
            for one in order:
                name, inside = one.position.place.name, one.position.standing == "inside"
                own = own_message(found, name)
                assert ("better" in own or "worse" in own) != inside
                if inside:
                    assert (one.first, one.last) not in ((1, 1), (count, count))
                    assert f"{name} has the" not in ranks_message(order, subject, name)
                    assert standing_in_words(found, one.position) == "inside the limits"


def test_words_have_neither_decimals_of_a_share_nor_raw_values() -> None:
    found = funnel([*services(Random(1), 30, 0.4), Place("Few", 3, 9)], REOFFENDING)
    text = every_word(found).replace("99.8%", "99%")
    assert not re.search(r"\d\.\d|_|None|\.\.|  ", text)


# Sentences


def test_inside_the_limits() -> None:
    found = of((62, 151), (350, 934), target=None)
    assert own_message(found, OWN) == (
        "Northmoor is inside the limits: its 41% of 151 children differs from the 38% of all by no more than chance."
    )
    assert own_message(of((62, 151), target=0.374), OWN) == (
        "Northmoor is inside the limits: its 41% of 151 children differs from the 37% of England and Wales by no more "
        "than chance."
    )
    assert own_message(of((57, 151), target=0.38), OWN) == (
        "Northmoor is inside the limits: its 38% of 151 children is what England and Wales have."
    )


def test_outside_95() -> None:
    places = [Place(OWN, 72, 151), *(Place(f"Service {i}", 38, 100) for i in range(39))]
    assert own_message(funnel(places, REOFFENDING), OWN) == (
        "Northmoor is above the 95% limits, inside the 99.8% ones: its 48% of 151 children is more than the 38% of all, "
        "further than chance alone puts 19 of 20 services that are no different. That is on the worse side; but of 40 "
        "services chance alone puts about one outside the 95% limits, so this is a reason to ask, not yet an answer. "
        "The figures do not say why: no two services have the same children."
    )


def test_outside_998_and_which_side_is_better() -> None:
    below = of((37, 151), target=0.38)
    assert own_message(below, OWN) == (
        "Northmoor is below even the 99.8% limits: its 25% of 151 children is less than the 38% of England and Wales, "
        "further than chance alone puts 998 of 1,000 services that are no different. That is on the better side, and "
        "worth asking why. The figures do not say why: no two services have the same children."
    )
    on_time = own_message(of((37, 151), subject=ON_TIME, target=0.38), OWN)
    assert "25% of 151 reviews is less than" in on_time
    assert "on the worse side" in on_time
    assert "on the better side" in own_message(of((90, 151), subject=ON_TIME, target=0.38), OWN)


def test_outside_where_so_many_are() -> None:
    """Eleven of twelve differ by more than chance: being one of them is no news."""
    found = of(*[(30, 100), (70, 100)] * 6)
    assert found.is_widened
    assert own_message(found, OWN) == (
        "Northmoor differs from the 50% of all by more than chance, with 30% of 100 children, but so do too many for "
        "that to tell it from the rest: it is inside the limits that fit how much services differ."
    )
    assert outside_message(found) == (
        "Of twelve services chance alone would put about one outside the 95% limits; twelve are. That is far more than "
        "chance: services differ in what these figures do not show, such as which children they have, and being "
        "outside does not set one of them apart. The limits shown are widened to fit: no one is outside these."
    )
    assert "widened to how much services usually differ, 4.0 times what chance alone would do" in limits_note(
        found
    )
    far = of((990, 1000), *[(40, 100), (60, 100)] * 5, (50, 100))
    assert far.is_widened
    assert "by how much they usually differ. That is on the worse side" in own_message(far, OWN)
    assert outside_message(far).endswith("outside even these is Northmoor above.")


def test_who_is_not_compared() -> None:
    found = of((3, 12), (40, 100), (41, 100))
    assert own_message(found, OWN) == (
        "Northmoor has fewer than 30 children: too few for a rate, so it is not compared."
    )
    assert own_message(found, "Nowhere") == ""
    alone = of((40, 100), (3, 12))
    assert own_message(alone, OWN) == (
        "Northmoor is the only service with 30 children or more, so there is nothing to compare its 40% of 100 children "
        "with."
    )
    assert outside_message(alone) == (
        "Only one service has 30 children or more, so there is nothing to compare."
    )
    assert ranks_message(ranked(alone), REOFFENDING, OWN) == ""


def test_how_many_are_outside_in_words() -> None:
    alike = [Place(f"Service {i}", 38, 100) for i in range(38)]
    rest = [Place("Alton", 60, 100), Place("Beck", 55, 100), Place("Cole", 15, 100)]
    assert outside_message(funnel(alike, REOFFENDING)) == (
        "Of 38 services chance alone would put about two outside the 95% limits; none is."
    )
    assert outside_message(funnel([*alike, rest[0]], REOFFENDING)).endswith("; one is: Alton above.")
    assert outside_message(funnel([*alike, *rest[:2]], REOFFENDING)).endswith(
        "; two are: Alton and Beck above."
    )
    assert outside_message(funnel([*alike, *rest], REOFFENDING)).endswith(
        "; three are: Alton and Beck above, Cole below."
    )
    assert outside_message(of((40, 100), (41, 100))) == (
        "Of two services chance alone would put one outside the 95% limits in fewer than one of 20 such comparisons; none is."
    )
    assert outside_message(of((40, 100), (41, 100), target=0.4)) == (
        "Of two services chance alone would put one outside the 95% limits in about one of ten such comparisons; none is."
    )
    assert outside_message(of((40, 100), target=0.4)).startswith("Of one service chance alone would put one ")
    assert outside_message(of((0, 100), (0, 100))) == (
        "Of two services chance alone would put none outside the 95% limits; none is."
    )


def test_more_than_eight_are_counted_and_not_named() -> None:
    positions = of(*[(10, 100), (90, 100)] * 5).positions
    assert module._sides(positions) == "five above, five below"
    assert module._sides(positions[:3]) == "Alton, Cole and Eston above"


def test_those_with_too_few_are_named() -> None:
    assert too_few_message(of((40, 100))) == ""
    assert too_few_message(of((40, 100), (1, 29))) == (
        "Without a rate, as it has fewer than 30 children: Alton."
    )
    assert too_few_message(of((1, 2), (1, 29), (40, 100))) == (
        "Without a rate, as they have fewer than 30 children: Alton; Northmoor."
    )


def test_the_order_in_words() -> None:
    order = ranked(of((900, 1000), (500, 1000), (480, 1000), (100, 1000)))
    assert ranks_message(order, REOFFENDING, "Alton") == (
        "They stand by rate, which is no order of merit: chance moves services up and down it. Alton may be 2nd or 3rd "
        "of 4, counted from the highest rate. Northmoor has the highest rate by more than chance. Cole has the lowest "
        "rate by more than chance."
    )
    # One alone may be the highest and yet is not surely so.
    loose = [replace(order[0], last=2), *order[1:]]
    assert "Which has the highest rate is left open." in ranks_message(loose, REOFFENDING)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (3, 31, "anywhere from 3rd to 31st of 40"),
        (1, 2, "1st or 2nd of 40"),
        (11, 13, "anywhere from 11th to 13th of 40"),
        (12, 22, "anywhere from 12th to 22nd of 40"),
        (40, 40, "40th of 40"),
    ],
)
def test_ranks_in_words(first: int, last: int, words: str) -> None:
    (position,) = of((40, 100)).positions
    assert rank_in_words(Ranked(position, wilson_interval(40, 100), first, last), 40) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0%"), (0.001, "under 1%"), (0.384, "38%"), (0.996, "over 99%"), (1.0, "100%")],
)
def test_a_share_is_none_or_all_only_where_it_is(share: float, words: str) -> None:
    assert share_in_percent(share) == words


def test_how_to_read_it() -> None:
    assert limits_note(of((40, 100), (36, 100))) == (
        "Further right is a service with more children, whose share chance moves less. Dashed line: 38%, the share of "
        "all services shown together, those with too few children as well. Were no service different from it, 19 of 20 "
        "would lie between the solid lines (95%) and 998 of 1,000 between the dotted ones (99.8%)."
    )
    assert "37%, the share of England and Wales." in limits_note(of((40, 100), target=0.374))


# Small samples


@pytest.mark.parametrize(("cases", "share", "places"), [(3, 0.5, 2), (2, 0.2, 3), (5, 0.64, 3), (4, 1.0, 3)])
def test_the_expected_range_is_that_of_all_the_ways(cases: int, share: float, places: int) -> None:
    chances, brute = binomial(cases, share), 0.0
    for counts in product(range(cases + 1), repeat=places):
        one = 1.0
        for count in counts:
            one *= chances[count]
        brute += one * (max(counts) - min(counts)) / cases
    assert expected_range(cases, share, places) == pytest.approx(brute)


def test_samples_of_14_that_are_alike_lie_far_apart() -> None:
    draw = Random(14)
    ranges = []
    for _ in range(1000):
        counts = [binomial_draw(draw, 14, 0.6) for _ in range(10)]
        ranges.append((max(counts) - min(counts)) / 14)
    assert expected_range(14, 0.6, 10) == pytest.approx(sum(ranges) / 1000, abs=0.015)


def test_why_samples_of_14_cannot_be_ranked() -> None:
    assert small_samples_message([Place(str(i), 9, 14) for i in range(10)], SUFFICIENT) == (
        "Samples of 14 cases cannot be ranked: chance alone may move a share of 14 cases by 23 points either way. Were all "
        "ten services exactly alike, each with a true share of 64%, the highest and the lowest would still lie about 39 "
        "points apart. Their order would say who was lucky."
    )
    two = small_samples_message([Place("A", 9, 14), Place("B", 10, 17)], SUFFICIENT)
    assert two.startswith(
        "Samples of 14 to 17 cases cannot be ranked: chance alone may move a share of 14 cases by 23 points either way. Were "
        "both services exactly alike"
    )
    assert small_samples_message([Place("A", 9, 14), Place("B", 300, 400)], SUFFICIENT) == (
        "A sample of 14 cases cannot be ranked: chance alone may move its share by 23 points either way."
    )


def test_of_larger_samples_it_says_nothing() -> None:
    assert small_samples_message([Place("A", 9, 30), Place("B", 0, 0)], SUFFICIENT) == ""
    assert small_samples_message([], SUFFICIENT) == ""


def test_where_all_are_sufficient_no_distance_is_said() -> None:
    assert small_samples_message([Place("A", 14, 14), Place("B", 14, 14)], SUFFICIENT) == (
        "Samples of 14 cases cannot be ranked: chance alone may move a share of 14 cases by 23 points either way."
    )


# Ranges that words leave open


def test_a_range_is_outside_only_as_a_whole() -> None:
    wide, narrow = Place("Wide", 20, 50, most=40), Place("Narrow", 44, 50, most=48)
    found = funnel([wide, narrow], SUFFICIENT, target=0.6)
    standing = {p.place.name: (p.standing, p.side) for p in found.positions}
    assert standing["Wide"] == ("inside", None)
    assert standing["Narrow"] == ("outside 99.8%", "above")
    half = funnel([Place("Half", 30, 50, most=48)], SUFFICIENT, target=0.6)
    assert half.positions[0].standing == "inside", "its least is well inside"


def test_a_range_counts_with_its_middle_in_the_share_of_all() -> None:
    found = funnel([Place("A", 10, 50, most=20), Place("B", 30, 50)], SUFFICIENT)
    assert found.target == pytest.approx((15 + 30) / 100)


def test_the_ranks_of_a_range_are_of_its_most_among_the_least_and_the_other_way_round() -> None:
    """A place that may be anything may have any rank; where words leave nothing, ranks are those of the counts."""
    counted = [Place(name, events, 200) for name, events in (("A", 180), ("B", 120), ("C", 60))]
    exact = [replace(place, most=place.events) for place in counted]
    of_counts = {r.position.place.name: (r.first, r.last) for r in ranked(funnel(counted, SUFFICIENT))}
    assert of_counts == {"A": (1, 1), "B": (2, 2), "C": (3, 3)}
    assert {r.position.place.name: (r.first, r.last) for r in ranked(funnel(exact, SUFFICIENT))} == of_counts
    open_ = [*counted, Place("Open", 10, 200, most=190)]
    order = {r.position.place.name: (r.first, r.last) for r in ranked(funnel(open_, SUFFICIENT))}
    assert order["Open"] == (1, 4)
    assert order["B"] == (2, 3)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=6))
def test_a_wider_range_never_narrows_its_ranks_nor_sets_it_outside(ends: list[tuple[int, int]]) -> None:
    places = [Place(f"P{i}", min(e), 40, most=max(e)) for i, e in enumerate(ends)]
    wider = [replace(places[0], events=0, most=40), *places[1:]]
    first, wide = (
        next(r for r in ranked(funnel(p, SUFFICIENT, target=0.5)) if r.position.place.name == "P0")
        for p in (places, wider)
    )
    assert wide.first <= first.first + 1
    assert wide.last >= first.last - 1
    assert wide.position.standing == "inside"
    assert wide.interval.low <= first.interval.low
    assert wide.interval.high >= first.interval.high
