"""A change is called one only where it lies apart from chance and from what the words allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.frameworks import framework
from sqs_core.measures.changes import difference_of, interval_of, section_changes, verdict_of
from sqs_core.measures.scores import Scores, SectionScore
from sqs_core.measures.statistics import wilson_interval
from sqs_core.model import Share

FRAME = framework()
SECTION = FRAME.sections[0].id
shares = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda t: Share(min(t) / 100, max(t) / 100))


def scored(share: Share, cases: int | None, on: date, is_audit: bool = False) -> Scores:
    section = SectionScore(SECTION, share, share, (), ())
    return Scores("Inspection", on, cases, (section,), (), is_audit)


@given(shares, st.integers(1, 80), shares, st.integers(1, 80))
def test_verdicts_are_each_others_mirror(one: Share, n: int, other: Share, m: int) -> None:
    mirror = {"higher": "lower", "lower": "higher", "no clear change": "no clear change"}
    assert verdict_of(other, m, one, n) == mirror[verdict_of(one, n, other, m)]
    assert verdict_of(one, n, one, n) == "no clear change"
    assert verdict_of(one, None, other, m) == "no clear change"


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_the_published_examples_of_the_interval(
    now: tuple[int, int], before: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe 1998, table II, method 10."""
    (k, n), (i, m) = now, before
    share, earlier = Share(k / n, k / n), Share(i / m, i / m)
    difference = difference_of(earlier, m, share, n)
    assert (round(difference.low, 4), round(difference.high, 4)) == (low, high)
    assert (
        verdict_of(earlier, m, share, n) == difference.verdict == ("higher" if low > 0 else "no clear change")
    )


@given(st.integers(1, 60), st.integers(0, 60))
def test_a_count_has_the_interval_of_its_count(cases: int, sufficient: int) -> None:
    sufficient = min(sufficient, cases)
    share = sufficient / cases
    assert interval_of(Share(share, share), cases) == wilson_interval(sufficient, cases)


def test_inspections_and_audits_are_never_compared_with_each_other() -> None:
    day = date(2015, 1, 1)
    inspection = scored(Share(0.9, 0.95), 100, day)
    audit = scored(Share(0.1, 0.1), 100, day + timedelta(days=400), is_audit=True)
    assert section_changes([inspection, audit], FRAME) == ()
    later = replace(audit, judged_on=day + timedelta(days=800))
    (change,) = section_changes([inspection, later, audit], FRAME)
    assert (change.is_audit, change.verdict) == (True, "no clear change")
    assert (change.first, change.latest) == (audit, later)


def test_where_nothing_has_changed_a_change_is_seldom_found() -> None:
    """Two audits of the same work, 14 cases each, two thousand times: fewer than one in twenty differ."""
    random, found = Random(7), 0
    for _ in range(2000):
        truth = random.uniform(0.2, 0.9)
        first, latest = (
            scored(Share(k / 14, k / 14), 14, date(2015 + i, 1, 1), is_audit=True)
            for i, k in enumerate(sum(random.random() < truth for _ in range(14)) for _ in range(2))
        )
        (change,) = section_changes([first, latest], FRAME)
        found += change.verdict != "no clear change"
    assert 20 < found < 100


def test_a_large_change_is_found() -> None:
    first = scored(Share(0.9, 0.95), 40, date(2013, 1, 1))
    latest = scored(Share(0.3, 0.4), 40, date(2016, 1, 1))
    (change,) = section_changes([latest, first], FRAME)
    assert change.verdict == "lower"
