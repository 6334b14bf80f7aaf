"""What is said of an inspection is no more than its scores carry."""

from __future__ import annotations

from datetime import date
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.frameworks import framework
from sqs_core.measures.messages import (
    audits_message,
    inspection_age,
    inspection_message,
    reoffending_cohort,
)
from sqs_core.measures.scores import PracticeScore, Scores, SectionScore
from sqs_core.measures.statistics import chance_points
from sqs_core.measures.words import share_in_words
from sqs_core.model import Letter, ReoffendingHeadline, Share

FRAME = framework()
PUBLIC, CHILD = "protecting_the_public", "protecting_the_child"


def scores(
    *cells: tuple[str, str, float, float], cases: int | None = 20, on: date | None = date(2015, 10, 7)
) -> Scores:
    """Scores with these squares: section, practice, lowest and highest share."""
    matrix = tuple(
        PracticeScore(
            section, practice, Share(low, high), "weakness" if high < 0.6 else "strength", (), cases
        )
        for section, practice, low, high in cells
    )
    sections = tuple(
        SectionScore(section, Share(low, high), Share(low, high), (), ()) for section, _, low, high in cells
    )
    return Scores("Inspection", on, cases, sections, matrix)


def test_the_weak_point_is_named_only_where_it_is_clear() -> None:
    clear = scores((PUBLIC, "planning", 0.8, 0.9), (PUBLIC, "reviewing", 0.3, 0.4))
    assert "Reviewing was the weak point" in inspection_message(clear, FRAME)
    near = scores((PUBLIC, "planning", 0.7, 0.8), (PUBLIC, "reviewing", 0.66, 0.78))
    assert "Reviewing was lowest, though not clearly" in inspection_message(near, FRAME)
    assert "Planning was highest, though not clearly" in inspection_message(near, FRAME)


def test_what_is_weak_in_more_sections_is_named_beside_the_lowest() -> None:
    message = inspection_message(
        scores(
            (PUBLIC, "assessment", 0.9, 0.9),
            (PUBLIC, "reviewing", 0.5, 0.55),
            (CHILD, "reviewing", 0.5, 0.55),
            (PUBLIC, "management_oversight", 0.4, 0.5),
        ),
        FRAME,
    )
    assert (
        "Management oversight (40% to 50% of cases sufficient) and reviewing (50% to 55%) were lowest"
        in message
    )
    assert "does not tell them apart" in message


def test_all_sufficient_has_no_weak_point() -> None:
    message = inspection_message(scores((PUBLIC, "planning", 1, 1), (PUBLIC, "reviewing", 1, 1)), FRAME)
    assert message == "Planning and reviewing were sufficient in every case."


def letter(published: date | None, ended: date | None, cases: int | None) -> Letter:
    return Letter(None, None, None, None, published, None, ended, cases)


def test_date_age_and_cases_are_said_and_what_is_not_known_is_said_too() -> None:
    today, published, ended = date(2026, 11, 24), date(2015, 11, 4), date(2015, 10, 7)
    assert inspection_age(letter(published, ended, 20), today) == (
        "This is what the inspectors saw in October 2015, 11 years ago, in 20 cases. In so few, chance alone can move "
        "a share by 20 points either way."
    )
    assert inspection_age(letter(published, None, 20), today).startswith("The letter is of November 2015")
    assert inspection_age(letter(None, None, None), today) == (
        "The letter does not say when this was. How many cases the inspectors examined was not read."
    )


def test_one_cohort_has_one_age() -> None:
    headline = ReoffendingHeadline(rate=37.0, cohort_start="2012-10", cohort_end="2013-09")
    assert "11 years ago" in reoffending_cohort(headline, date(2025, 9, 15))
    assert "12 years ago" in reoffending_cohort(headline, date(2025, 9, 30))


def test_audits_are_said_with_their_sizes() -> None:
    first = scores((PUBLIC, "planning", 0.8, 0.8), cases=12, on=date(2017, 3, 1))
    latest = scores((PUBLIC, "planning", 0.5, 0.5), cases=10, on=date(2019, 3, 1))
    message = audits_message([latest, first], FRAME)
    assert "twice, of 10 to 12 cases each" in message
    assert "From March 2017 to March 2019: protecting the public 80%, then 50%." in message
    assert "In 10 cases chance alone" in message
    assert audits_message([latest], FRAME) == (
        "Since this inspection the service has audited its own work once, of 10 cases."
    )
    assert audits_message([], FRAME) == ""
    assert audits_message([scores(cases=None)], FRAME) == "", "every case was not applicable"


def test_fewer_than_half_is_fewer() -> None:
    assert share_in_words(Share(0, 6 / 14)) == "fewer than half"
    assert share_in_words(Share(0, 0.5)) == "at most half"
    assert share_in_words(Share(0, 0.05)) == "0% to 5%"


@given(st.integers(1, 400))
def test_chance_is_widest_around_a_half(cases: int) -> None:
    """The oracle: Wilson's interval from its two roots, at the share of a half."""
    z2 = 1.959963984540054**2
    a, b, c = cases + z2, -(2 * cases * 0.5 + z2), cases * 0.25
    width = sqrt(b * b - 4 * a * c) / a
    assert chance_points(cases) == pytest.approx(50 * width, abs=0.5001)
