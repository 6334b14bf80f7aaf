"""Reoffending: what may stand on one axis, what chance leaves open, and what a board is told of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from math import erfc, sqrt
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqs_core.measures.compare import by_reoffending
from sqs_core.measures.reoffending import (
    ENGLAND_AND_WALES,
    LETTER,
    Compared,
    Comparison,
    Figure,
    Series,
    alike,
    children_needed,
    comparators,
    compared,
    months_of,
    opening_series,
    pooled,
    pooled_series,
    series,
    series_of,
    shared_months,
)
from sqs_core.measures.reoffending_words import (
    age_message,
    comparison_message,
    doubts_messages,
    figure_message,
    frequency_message,
    pool_message,
    rate_words,
    reoffending_json,
    reoffending_rows,
    revision_messages,
    series_label,
    series_message,
    together_message,
)
from sqs_core.measures.statistics import Z_95, holm
from sqs_core.measures.words import month_end
from sqs_core.model import Cohort, Service


def cohort(
    area: str,
    start: str,
    end: str,
    reoffenders: int | None = None,
    offenders: int | None = None,
    **more: Any,
) -> Cohort:
    return Cohort(
        area,
        date.fromisoformat(start + "-01"),
        month_end(end),
        offenders=offenders,
        reoffenders=reoffenders,
        **more,
    )


def from_month(first: int, months: int, area: str = "Harnley", **more: Any) -> Cohort:
    """`first`: months since January 2008."""
    last = first + months - 1
    return cohort(
        area,
        f"{2008 + first // 12}-{first % 12 + 1:02}",
        f"{2008 + last // 12}-{last % 12 + 1:02}",
        **more,
    )


def method(one: Series) -> str:
    if one.rolling or one.months != 12:
        return f"{one.months}-month{' rolling' if one.rolling else ''}"
    return "annual"


def figure(found: Cohort) -> Figure:
    return series([found])[0].figures[0]


def found_in(cohorts: Sequence[Cohort], area: str, beside: str = ENGLAND_AND_WALES) -> tuple[Compared, ...]:
    everything = series(cohorts)
    return compared(series_of(area, everything), series_of(beside, everything))


def printed(service: str, cohorts: Sequence[Cohort]) -> list[dict[str, Any]]:
    figures: Any = reoffending_json(service, cohorts)["series"]
    return list(figures)


# Real: Bath and North East Somerset. England and Wales is the real count of 2013/14, put into Bath's months.
BATH = cohort("Bath", "2013-10", "2014-09", 45, 151, rate=29.8)
COUNTRY = cohort(ENGLAND_AND_WALES, "2013-10", "2014-09", 16_083, 42_299, rate=38.0)
# Real: the rates of Knowsley's letter of 2015, which gives no counts.
KNOWSLEY = (
    cohort("Knowsley", "2011-10", "2012-09", rate=38.8),
    cohort("Knowsley", "2012-10", "2013-09", rate=37.0, published_on=date(2015, 7, 30)),
    cohort("England & Wales", "2012-10", "2013-09", rate=37.4),
)


# Rates


def test_bath() -> None:
    bath = figure(BATH)
    assert bath.rate == pytest.approx(29.801, abs=1e-3)
    assert bath.interval is not None
    assert (round(bath.interval.low, 4), round(bath.interval.high, 4)) == (0.2308, 0.3752)
    assert doubts_messages(bath) == []
    assert figure_message(bath) == (
        "29.8% of 151 children reoffended within a year, 45 of them: between 23% and 38% by chance alone. "
        "They were cautioned, convicted or released from October 2013 to September 2014."
    )


def test_england_and_wales() -> None:
    assert figure(COUNTRY).rate == pytest.approx(38.022, abs=1e-3)
    assert doubts_messages(figure(COUNTRY)) == []
    assert figure_message(figure(COUNTRY)).startswith(
        "38.0% of 42,299 children reoffended within a year, 16,083 of them: between 37% and 39% by chance alone."
    )


@given(st.integers(0, 29), st.data())
def test_no_rate_of_fewer_than_thirty(offenders: int, data: st.DataObject) -> None:
    reoffenders = data.draw(st.integers(0, offenders))
    few = replace(BATH, offenders=offenders, reoffenders=reoffenders, reoffences=99, rate=40.0)
    after = cohort("Bath", "2014-10", "2015-09", 30, 100)
    assert (figure(few).rate, figure(few).interval, figure(few).per_offender) == (None, None, None)
    assert frequency_message(figure(few)) is None
    assert "%" not in figure_message(figure(few))
    one, next_one = found_in([few, COUNTRY, after], "Bath")
    assert one.comparators[0].verdict == next_one.previous.verdict == "not comparable"
    for made in (one.comparators[0], next_one.previous):
        assert "%" not in comparison_message(made)
        assert made.points is None
    assert together_message(next_one.figure, one.figure) is None
    first, second = printed("Bath", [few, after])
    assert first["rate"] is first["interval"] is second["previous_rate"] is second["change"] is None


@given(st.integers(30, 99), st.data())
def test_no_decimals_of_fewer_than_a_hundred(offenders: int, data: st.DataObject) -> None:
    reoffenders = data.draw(st.integers(0, offenders))
    few = replace(BATH, offenders=offenders, reoffenders=reoffenders, rate=None)
    (made,) = found_in([few, COUNTRY], "Bath")
    assert "." not in rate_words(few)
    assert "." not in figure_message(made.figure).split(":")[0]
    assert "." not in comparison_message(made.comparators[0]).split("beside")[0]
    (shown,) = printed("Bath", [few])
    assert shown["rate"] == round(100 * reoffenders / offenders)
    assert all(end == int(end) for end in shown["interval"])
    assert shown["interval"][0] <= 100 * reoffenders / offenders <= shown["interval"][1]


@given(st.integers(30, 3000), st.data())
def test_all_and_none_are_said_of_all_and_none_alone(offenders: int, data: st.DataObject) -> None:
    reoffenders = data.draw(st.integers(0, offenders))
    words = rate_words(replace(BATH, offenders=offenders, reoffenders=reoffenders))
    assert (words in ("0%", "0.0%")) == (reoffenders == 0)
    assert (words in ("100%", "100.0%")) == (reoffenders == offenders)


@pytest.mark.parametrize(
    ("rate", "doubted"),
    [(29.8, False), (30.0, False), (29.80, False), (29.9, True), (29.81, True), (31.0, True)],
)
def test_a_published_rate_is_asked_to_agree_with_its_counts(rate: float, doubted: bool) -> None:
    one = figure(replace(BATH, rate=rate))
    assert bool(doubts_messages(one)) == doubted
    assert one.rate == pytest.approx(100 * 45 / 151)


def test_doubts_in_words() -> None:
    assert doubts_messages(figure(replace(BATH, rate=38.8))) == [
        "The published rate is 38.8%, but 45 of 151 children is 29.8%: the counts are used.",
    ]
    assert doubts_messages(figure(replace(BATH, rate=29.81))) == [
        "The published rate is 29.81%, but 45 of 151 children is 29.80%: the counts are used.",
    ]
    impossible = figure(replace(BATH, reoffenders=152))
    assert doubts_messages(impossible) == ["152 children reoffended of 151: the counts cannot be right."]
    assert (impossible.counts, impossible.rate) == (None, 29.8)
    assert doubts_messages(figure(replace(BATH, reoffences=1))) == [
        "45 children reoffended, but one reoffence is counted: there must be at least one for each.",
    ]
    assert figure(replace(BATH, reoffences=1)).per_offender is None
    assert doubts_messages(figure(replace(BATH, offenders=None, reoffenders=None, rate=103.0))) == [
        "The published rate is 103%, which no rate can be.",
    ]


def test_frequency_says_of_whom() -> None:
    assert frequency_message(figure(replace(BATH, reoffences=140))) == (
        "Those who reoffended committed 3.11 reoffences each on average (per reoffender); that is 0.93 for each child "
        "in the cohort (per offender)."
    )
    assert frequency_message(figure(replace(BATH, reoffences=140, reoffenders=None))) == (
        "0.93 reoffences for each child in the cohort, reoffending or not (per offender)."
    )
    assert frequency_message(figure(replace(BATH, reoffences=140, offenders=None))) == (
        "Those who reoffended committed 3.11 reoffences each on average (per reoffender)."
    )
    assert frequency_message(figure(BATH)) is None
    # One child's own record is nobody's business.
    assert frequency_message(figure(replace(BATH, reoffences=7, reoffenders=1))) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"offenders": 0, "reoffenders": 0},
            "No children were cautioned, convicted or released from October 2013 to September 2014.",
        ),
        (
            {"offenders": 1},
            "One child was cautioned, convicted or released from October 2013 to September 2014, too few for a rate.",
        ),
        (
            {"offenders": 2, "age_group": "10–14"},
            "Two children aged 10 to 14 were cautioned, convicted or released from October 2013 to September 2014, too "
            "few for a rate.",
        ),
        (
            {"offenders": None, "rate": None, "marker": "*"},
            "Those who publish it give no rate for the cohort from October 2013 to September 2014, and put “*”.",
        ),
        (
            {"offenders": None, "rate": None},
            "The rate for the cohort from October 2013 to September 2014 is not known.",
        ),
        (
            {"offenders": 1500, "reoffenders": None},
            "29.8% of 1,500 children reoffended within a year, 447 of them: between 27% and 33% by chance alone. They "
            "were cautioned, convicted or released from October 2013 to September 2014.",
        ),
        (
            {"offenders": 31, "reoffenders": None, "rate": 40.1},
            "40% of the children cautioned, convicted or released from October 2013 to September 2014 reoffended "
            "within a year. No whole number of 31 children gives that rate, so one of the two is wrong.",
        ),
        (
            {"reoffenders": 1, "offenders": 40},
            "2% of 40 children reoffended within a year, one of them: between 0% and 13% by chance alone. They were "
            "cautioned, convicted or released from October 2013 to September 2014.",
        ),
        (
            {"reoffenders": 0, "offenders": 40, "source_kind": "local"},
            "0% of 40 children reoffended: between 0% and 9% by chance alone. They were cautioned, convicted or "
            "released from October 2013 to September 2014.",
        ),
        (
            {"reoffenders": 1, "offenders": 400},
            "0.2% of 400 children reoffended within a year, one of them: between 0% and 2% by chance alone. They were "
            "cautioned, convicted or released from October 2013 to September 2014.",
        ),
    ],
)
def test_one_figure_in_words(changes: dict[str, Any], words: str) -> None:
    assert figure_message(figure(replace(BATH, **changes))) == words


# Series

cohorts = st.builds(
    from_month,
    st.integers(0, 130),
    st.sampled_from([3, 12]),
    area=st.sampled_from(["Harnley", "harnley ", "Carrow & Bay", "Carrow and Bay"]),
    age_group=st.sampled_from([None, "10 to 17", "10-14"]),
    source_kind=st.sampled_from(["published", "local"]),
    published_on=st.sampled_from([None, date(2015, 7, 1), date(2018, 1, 25)]),
    offenders=st.integers(25, 200),
    reoffenders=st.integers(0, 25),
)


@given(st.lists(cohorts, max_size=25))
def test_series_hold_every_cohort_once_in_time_order_and_never_join(given_cohorts: list[Cohort]) -> None:
    everything = series(given_cohorts)
    held = [c for one in everything for f in one.figures for c in (*f.earlier, f.cohort)]
    assert sorted(map(str, held)) == sorted(map(str, set(given_cohorts)))
    for one in everything:
        windows = [(f.cohort.start, f.cohort.end) for f in one.figures]
        assert windows == sorted(set(windows))
        members = [c for f in one.figures for c in (*f.earlier, f.cohort)]
        assert len({months_of(c) for c in members}) == 1
        assert len({c.source_kind for c in members}) == 1
        assert len({"14" in (c.age_group or "") for c in members}) == 1
        assert len({"carrow" in c.area.lower() for c in members}) == 1
        if one.source_kind == "published" and one.months == 12:
            assert len({c.end > date(2015, 12, 31) for c in members}) == 1
        overlaps = [shared_months(a[0].cohort, a[1].cohort) for a in combinations(one.figures, 2)]
        assert one.rolling == any(overlaps)
        for f in one.figures:
            days = [c.published_on or date.min for c in (*f.earlier, f.cohort)]
            assert days == sorted(days)
            assert len({(c.start, c.end) for c in (*f.earlier, f.cohort)}) == 1


@given(st.lists(cohorts, max_size=25))
def test_nothing_is_compared_with_a_cohort_that_shares_a_month(given_cohorts: list[Cohort]) -> None:
    everything = series(given_cohorts)
    for one in everything:
        for f in one.figures:
            before = one.previous(f)
            earlier = [
                g
                for g in one.figures
                if g.cohort.start < f.cohort.start and not shared_months(f.cohort, g.cohort)
            ]
            assert before == (earlier[-1] if earlier else None)


@given(st.integers(0, 60), st.integers(1, 24), st.integers(0, 60), st.integers(1, 24))
def test_shared_months_by_counting_them(a: int, n: int, b: int, m: int) -> None:
    shared = set(range(a, a + n)) & set(range(b, b + m))
    assert shared_months(from_month(a, n), from_month(b, m)) == len(shared)


def test_rolling_cohorts() -> None:
    rolling = [from_month(3 * i, 12, reoffenders=40 + i, offenders=120) for i in range(9)]
    (one,) = series(list(reversed(rolling)))
    assert method(one) == "12-month rolling"
    assert [f.overlap for f in one.figures] == [0] + [9] * 8
    assert series_message(one) == (
        "Cohorts of twelve months that share nine months with the one before: much the same children, so each is "
        "compared with the last one that shares none."
    )
    found = compared([one])
    previous = [f.previous.other.cohort if f.previous.other else None for f in found]
    assert previous == [None] * 4 + rolling[:5]
    assert comparison_message(found[3].previous) == (
        "There is no earlier cohort to compare with that shares no months with this one."
    )


def test_methods() -> None:
    old, older = cohort("A", "2014-01", "2014-12"), cohort("A", "2013-01", "2013-12")
    quarters = [cohort("A", "2015-10", "2015-12"), cohort("A", "2016-01", "2016-03")]
    summed = [cohort("A", "2016-04", "2017-03"), cohort("A", "2015-04", "2016-03")]
    local = [replace(c, source_kind="local") for c in (old, older, *summed)]
    found = series([*quarters, *summed, *local, old, older])
    assert [(method(s), s.source_kind, s.summed, len(s.figures)) for s in found] == [
        ("annual", "published", False, 2),
        ("annual", "published", True, 2),
        ("3-month", "published", False, 2),
        ("annual", "local", False, 4),
    ]
    assert series_message(found[2]) == "Cohorts of three months, none of which shares a month with another."
    assert "sum of three-month cohorts" in series_message(found[1])
    assert method(series([from_month(0, 1)])[0]) == "1-month"
    one_shared = series([from_month(0, 12), from_month(11, 12)])[0]
    assert "share one month with" in series_message(one_shared)


# Published again


def test_the_latest_publication_is_in_force_and_says_what_changed() -> None:
    first = replace(BATH, offenders=152, reoffenders=59, rate=38.8, published_on=date(2015, 7, 30))
    second = replace(BATH, rate=29.8, published_on=date(2015, 10, 29))
    third = replace(BATH, published_on=date(2016, 1, 28), source="the next table")
    (one,) = series([second, first, third, first])[0].figures
    assert (one.cohort, one.earlier) == (third, (first, second))
    assert revision_messages(one) == (
        "October 2013 to September 2014, published on 30 July 2015 and again on 29 October 2015: the rate went from "
        "38.8% to 29.8%, the children in the cohort went from 152 to 151 and those who reoffended went from 59 to 45.",
        "October 2013 to September 2014, published on 29 October 2015 and again on 28 January 2016 without a change.",
    )
    assert revision_messages(figure(BATH)) == ()


def test_figures_of_one_day_and_of_none() -> None:
    day = date(2015, 7, 30)
    rate_alone = cohort("Bath", "2013-10", "2014-09", rate=29.8, published_on=day)
    (one,) = series([replace(BATH, published_on=day), rate_alone])[0].figures
    assert one.counts == (45, 151)
    assert revision_messages(one) == (
        "October 2013 to September 2014, given twice as published on 30 July 2015: the children in the cohort are now "
        "given, 151 and those who reoffended are now given, 45.",
    )
    (one,) = series([rate_alone, BATH])[0].figures
    assert one.cohort == rate_alone
    assert revision_messages(one) == (
        "October 2013 to September 2014, given without a date and published on 30 July 2015: the children in the cohort "
        "are no longer given and those who reoffended are no longer given.",
    )
    few = replace(BATH, offenders=29, reoffenders=9, published_on=date(2014, 1, 1))
    (one,) = series([few, rate_alone])[0].figures
    assert "the rate is now 29.8%" in revision_messages(one)[0]


# What a letter quotes


def test_a_letter_publishes_nothing_itself() -> None:
    quoted = cohort("Bath", "2013-10", "2014-09", rate=29.8, published_on=date(2030, 1, 1), source=LETTER)
    (one,) = series([quoted, BATH])[0].figures
    assert (one.cohort, one.earlier, one.quoted) == (BATH, (), (quoted,))
    assert revision_messages(one) == ()
    (one,) = series([replace(quoted, rate=31.0), BATH])[0].figures
    assert revision_messages(one) == (
        "October 2013 to September 2014: an inspection letter gives 31.0%, which no table loaded here does.",
    )
    (one,) = series([quoted])[0].figures
    assert (one.cohort, one.quoted) == (quoted, ())


def test_a_letters_cohort_of_other_months_does_not_make_annual_ones_look_rolling() -> None:
    annual = [cohort("Bath", f"{year}-01", f"{year}-12", 45, 151) for year in (2011, 2012, 2013)]
    letter = cohort("Bath", "2012-10", "2013-09", rate=29.8, source=LETTER)
    published, quoted = series([*annual, letter])
    assert (method(published), len(published.figures), published.quoted) == ("annual", 3, False)
    assert (quoted.quoted, [f.cohort for f in quoted.figures]) == (True, [letter])
    assert series_label(quoted) == "12-month cohorts, as letters give them"
    rolling = [from_month(48 + 3 * i, 12, "Bath", reoffenders=45, offenders=151) for i in range(3)]
    (one,) = series([*rolling, letter])
    assert (len(one.figures), one.figures[-1].cohort) == (4, letter)
    next_year = replace(letter, start=date(2014, 1, 1), end=date(2014, 12, 31))
    (one,) = series([*annual, next_year])
    assert (method(one), len(one.figures)) == ("annual", 4)


def test_the_page_opens_on_published_figures_of_all_children_with_a_rate() -> None:
    annual = [cohort("Bath", f"{y}-04", f"{y + 1}-03", 45, 151) for y in (2016, 2017)]
    quarter = cohort("Bath", "2018-10", "2018-12", 9, 25)
    local = cohort("Bath", "2018-04", "2019-03", 40, 150, source_kind="local")
    young = cohort("Bath", "2018-04", "2019-03", 40, 150, age_group="10 to 14")
    assert opening_series(series([*annual, quarter, local, young])).figures[-1].cohort == annual[-1]
    assert opening_series(series([quarter])).figures[-1].cohort == quarter
    assert opening_series(series([young, local])).figures[-1].cohort == local
    long_ago = cohort("Bath", "2010-04", "2011-03", 45, 151)
    assert opening_series(series([long_ago, replace(quarter, offenders=60)])).months == 3
    words = age_message(series([local])[0].figures[0], date(2020, 1, 1))
    assert words.startswith("By the service's own tracking, which nobody has published.")
    tracked = replace(local, published_on=date(2019, 5, 1))
    assert reoffending_rows(found_in([tracked], "Bath"))[0]["Published"] == "recorded 2019-05-01"


# Boundaries


def test_what_a_name_stood_for_before_a_merger_is_a_series_of_its_own() -> None:
    """Bournemouth and Poole joined Dorset in July 2015."""
    years = [
        cohort("Dorset Combined YOS", f"{y}-04", f"{y + 1}-03", 45, 151) for y in (2011, 2012, 2014, 2015)
    ]
    before, after = series(years)[:2]
    assert [f.cohort.start.year for f in before.figures] == [2011, 2012, 2014]
    assert [f.cohort.start.year for f in after.figures] == [2015]
    assert after.previous(after.figures[0]) is None
    assert series_label(before).endswith("boundaries until June 2015")
    assert series_label(after).endswith("boundaries since July 2015")
    assert series_message(after).endswith(
        "In July 2015, by our register, Bournemouth and Poole joined it: the figures before are of other places, and a "
        "series of their own."
    )


def test_after_a_merger_the_old_name_is_no_service_to_compare_with() -> None:
    """Tables by council give the figure of Bury and Rochdale under either name."""
    window = ("2015-01", "2015-12")
    names = ("Bury", "Rochdale", "Bury and Rochdale", "Bolton")
    everything = series([cohort(name, *window, 40, 100) for name in names])
    bolton = series_of("Bolton", everything)[0].figures[0]
    found = by_reoffending(bolton, everything, names)
    assert {place.name for place in found.places} == {"Bury and Rochdale", "Bolton"}
    assert {name for name, _ in found.left_out} == {"Bury", "Rochdale"}
    pool = pooled("the others", names, everything, bolton.cohort)
    assert pool.areas == ("Bury and Rochdale",)
    assert pool_message(pool) == (
        "the others: one area, 100 children. Left out: Bury; Rochdale (by our register no service of its own then); "
        "Bolton (the one compared)."
    )


def test_a_rate_with_fewer_decimals_has_not_changed() -> None:
    before = cohort("A", "2013-10", "2014-09", rate=34.4, published_on=date(2015, 1, 1))
    now = cohort("A", "2013-10", "2014-09", 11, 32, published_on=date(2016, 1, 1))
    (one,) = series([before, now])[0].figures
    assert "the rate" not in revision_messages(one)[0]


# Comparisons


def newcombe(k: int, n: int, i: int, m: int, z: float) -> tuple[float, float]:
    """Newcombe 1998, method 10, from the roots of Wilson's quadratic: independent of what is tested."""

    def ends(count: int, of: int) -> tuple[float, float]:
        p = count / of
        a, b, c = 1 + z * z / of, 2 * p + z * z / of, p * p
        root = sqrt(max(0.0, b * b - 4 * a * c))
        return (b - root) / (2 * a), (b + root) / (2 * a)

    (l1, u1), (l2, u2) = ends(k, n), ends(i, m)
    p, q = k / n, i / m
    return p - q - sqrt((p - l1) ** 2 + (u2 - q) ** 2), p - q + sqrt((u1 - p) ** 2 + (q - l2) ** 2)


def test_bath_beside_england_and_wales() -> None:
    """Alone apart from chance, by a hair; among two comparisons not."""
    (alone,) = found_in([BATH, COUNTRY], "Bath")
    (made,) = alone.comparators
    assert made.difference is not None
    assert (round(made.difference.low, 4), round(made.difference.high, 4)) == (-0.1496, -0.0048)
    assert (made.difference.low, made.difference.high) == pytest.approx(
        newcombe(45, 151, 16_083, 42_299, Z_95)
    )
    assert (made.verdict, made.at_once) == ("better", 1)
    assert comparison_message(made) == (
        "Better than England and Wales: 29.8% beside 38.0%, 8.2 points lower; between less than 1 and 15 points lower "
        "once chance is allowed for."
    )
    before = cohort("Bath", "2012-10", "2013-09", 50, 180)
    _, now = found_in([BATH, COUNTRY, before], "Bath")
    assert (now.comparators[0].verdict, now.comparators[0].at_once) == ("no clear change", 2)
    assert comparison_message(now.comparators[0]) == (
        "No clear difference from England and Wales: 29.8% beside 38.0%, 8.2 points lower. On its own that would be "
        "more than chance, between less than 1 and 15 points lower; among two comparisons made at once it may still "
        "be chance."
    )
    assert comparison_message(now.previous) == (
        "No clear change on the cohort from October 2012 to September 2013: 29.8% after 27.8%, 2.0 points higher; by "
        "chance alone it could be anything from 8 points lower to 12 points higher."
    )


def test_only_the_same_months_children_and_counting_are_put_beside() -> None:
    for other in (
        replace(COUNTRY, start=date(2013, 4, 1), end=date(2014, 3, 31)),
        replace(COUNTRY, age_group="10 to 14"),
        replace(COUNTRY, source_kind="local"),
    ):
        (found,) = found_in([BATH, other], "Bath")
        assert found.comparators[0].verdict == "not comparable"
        assert comparison_message(found.comparators[0]) == (
            "There is no figure of England and Wales for the same months and children, counted in the same way, to "
            "compare with."
        )
    (itself,) = found_in([COUNTRY], ENGLAND_AND_WALES)
    assert itself.comparators[0].other is None


def test_knowsley_has_rates_and_no_verdict() -> None:
    before, now = found_in(KNOWSLEY, "Knowsley")
    assert {now.previous.verdict, now.comparators[0].verdict, before.previous.verdict} == {"not comparable"}
    assert now.previous.points == pytest.approx(-1.8)
    assert comparison_message(now.previous) == (
        "Not comparable with the cohort from October 2011 to September 2012: 37.0% after 38.8%, 1.8 points lower, but "
        "the number of children in this cohort and in the cohort from October 2011 to September 2012 is not known. A "
        "difference of 1.8 points would need about 5,600 children in each cohort to be more than chance, more than any "
        "service has."
    )
    assert comparison_message(now.comparators[0]) == (
        "Not comparable with England & Wales: 37.0% beside 37.4%, 0.4 points lower, but the number of children in "
        "this cohort is not known. A difference of 0.4 points would need about 57,000 children to be more than chance, "
        "more than any service has."
    )


def test_what_is_missing_is_said_once_for_each_side() -> None:
    impossible = cohort("Bath", "2013-10", "2014-09", None, 31, rate=40.1)
    (one,) = found_in([impossible, COUNTRY], "Bath")
    assert comparison_message(one.comparators[0]) == (
        "Not comparable with England and Wales: 40% beside 38%, 2 points higher, but how many of the children in this "
        "cohort reoffended is not known. A difference of 2 points would need about 2,100 children to be more than "
        "chance; this one has 31."
    )
    same = cohort("Bath", "2013-10", "2014-09", rate=38.0)
    (one,) = found_in([same, replace(COUNTRY, offenders=None, reoffenders=None)], "Bath")
    assert comparison_message(one.comparators[0]) == (
        "Not comparable with England and Wales: 38.0% beside 38.0%, the same, but the number of children in this "
        "cohort is not known."
    )
    kept_back = replace(COUNTRY, offenders=None, reoffenders=None, rate=None, marker="[c]")
    (one,) = found_in([BATH, kept_back], "Bath")
    assert comparison_message(one.comparators[0]) == (
        "Not comparable with England and Wales, where those who publish it give no rate for the cohort from October "
        "2013 to September 2014, and put “[c]”."
    )


def test_the_rate_of_england_and_wales_is_as_good_as_exact_without_its_number() -> None:
    alone = replace(COUNTRY, offenders=None, reoffenders=None)
    for reoffenders in (45, 57, 80):
        mine = replace(BATH, reoffenders=reoffenders, rate=None)
        (with_counts,) = found_in([mine, COUNTRY], "Bath")
        (by_rate,) = found_in([mine, alone], "Bath")
        assert by_rate.comparators[0].verdict == with_counts.comparators[0].verdict
    other = replace(alone, area="Somerset")
    (one,) = found_in([BATH, other], "Bath", beside="Somerset")
    assert one.comparators[0].verdict == "not comparable", "of no other area is it so"


@given(st.integers(30, 400), st.data(), st.integers(0, 2))
def test_a_count_is_worked_out_only_where_it_gives_the_rate(
    n: int, data: st.DataObject, decimals: int
) -> None:
    k = data.draw(st.integers(0, n))
    rate = round(100 * k / n, decimals)
    found = figure(replace(BATH, offenders=n, reoffenders=None, rate=rate)).counts
    assert found is not None
    assert round(100 * found[0] / n, decimals) == pytest.approx(rate)
    if decimals == 2:
        assert found == (k, n)
    assert figure(replace(BATH, offenders=n, reoffenders=None, rate=100.2)).counts is None


def test_the_verdict_of_the_latest_figure_hangs_on_nothing_else() -> None:
    """Neither on a long history, nor on other series of the same children, nor on what a reader puts beside it."""
    years = [from_month(12 * i, 12, reoffenders=57, offenders=151) for i in range(8)]
    years[-1] = replace(years[-1], reoffenders=74)
    country = [replace(COUNTRY, **_window(one)) for one in years]
    few = found_in([*years[-2:], *country[-2:]], "Harnley")[-1]
    quarters = [from_month(90 + 3 * i, 3, reoffenders=12, offenders=40) for i in range(12)]
    beside = replace(years[-1], area="The others", reoffenders=300, offenders=900)
    everything = series([*years, *country, *quarters])
    many = compared(
        series_of("Harnley", everything), [*series_of(ENGLAND_AND_WALES, everything), *series([beside])]
    )
    same = next(one for one in many if one.figure.cohort == years[-1])
    assert [c.verdict for c in (few.previous, few.comparators[0])] == [
        c.verdict for c in (same.previous, same.comparators[0])
    ]
    assert (same.previous.at_once, same.comparators[1].at_once) == (2, 1)


@given(st.integers(1, 999), st.integers(1, 999), st.booleans())
def test_children_needed_is_the_least_number_that_is_enough(rate: int, other: int, exact: bool) -> None:
    needed = children_needed(rate / 10, other / 10, exact)
    if rate == other:
        assert needed is None
        return
    assert needed is not None

    def apart(n: float) -> bool:
        # An exact rate is one of so many children that their number adds nothing.
        m = 1e15 if exact else n
        low, high = newcombe(rate / 1000 * n, n, other / 1000 * m, m, Z_95)  # type: ignore[arg-type]
        return low > 0 or high < 0

    assert apart(needed + 1)
    assert needed <= 2 or not apart(needed - 2)


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(100, 200)), min_size=2, max_size=6),
    st.integers(5_000, 25_000),
)
@settings(max_examples=60, deadline=None)
def test_verdicts_against_closed_testing(counts: list[tuple[int, int]], country: int) -> None:
    """Holm's procedure calls a comparison exactly where every set of comparisons that holds it has one whose interval
    at the level of 5% over the size of the set lies apart from zero (closed testing: R. Marcus, E. Peritz and
    K. R. Gabriel, Biometrika 63 (1976)). Each interval is worked out anew, by its own formula."""
    given_cohorts = []
    for year, (k, n) in enumerate(counts):
        given_cohorts.append(from_month(12 * year, 12, reoffenders=k, offenders=n))
        if year == 0:
            given_cohorts.append(replace(COUNTRY, **_window(given_cohorts[0]), reoffenders=country))
    *before, last = [[one.previous, *one.comparators] for one in found_in(given_cohorts, "Harnley")]
    earlier = [comparison for comparisons in before for comparison in comparisons]
    assert sum(c.difference is not None for c in (*earlier, *last)) == len(counts)
    for family in (earlier, last):
        _agrees_with_closed_testing([c for c in family if c.difference])
        assert {c.verdict for c in family if not c.difference} <= {"not comparable"}


def _agrees_with_closed_testing(tested: Sequence[Comparison]) -> None:
    apart = {size: [_apart(c, _z_of(0.05 / size)) for c in tested] for size in range(1, len(tested) + 1)}
    for i, c in enumerate(tested):
        rest = [j for j in range(len(tested)) if j != i]
        called = all(
            any(apart[size + 1][j] for j in (i, *others))
            for size in range(len(tested))
            for others in combinations(rest, size)
        )
        assert (c.verdict != "no clear change") == called
        if called and c.points is not None:
            assert c.verdict == ("better" if c.points < 0 else "worse")
        assert c.at_once == len(tested)


def _window(like: Cohort) -> dict[str, Any]:
    return {"start": like.start, "end": like.end}


def _apart(made: Comparison, z: float) -> bool:
    assert made.other and made.other.counts and made.figure.counts
    low, high = newcombe(*made.figure.counts, *made.other.counts, z)
    return low > 0 or high < 0


def _z_of(level: float) -> float:
    low, high = 0.0, 40.0
    for _ in range(80):
        z = (low + high) / 2
        low, high = (z, high) if erfc(z / sqrt(2)) > level else (low, z)
    return low


@given(st.integers(30, 400), st.integers(30, 400), st.data())
def test_better_one_way_is_worse_the_other(n: int, m: int, data: st.DataObject) -> None:
    k, i = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    forth = [from_month(0, 12, reoffenders=i, offenders=m), from_month(12, 12, reoffenders=k, offenders=n)]
    back = [from_month(0, 12, reoffenders=k, offenders=n), from_month(12, 12, reoffenders=i, offenders=m)]
    mirror = {"better": "worse", "worse": "better", "no clear change": "no clear change"}
    one, other = found_in(forth, "Harnley")[1].previous, found_in(back, "Harnley")[1].previous
    assert other.verdict == mirror[one.verdict]
    if one.verdict == "better":
        assert k / n < i / m


def _draw(random: Random, n: int, p: float) -> int:
    return sum(random.random() < p for _ in range(n))


def _country(random: Random, like: Cohort, p: float) -> Cohort:
    n = 42_299
    return replace(
        COUNTRY, **_window(like), reoffenders=round(random.gauss(n * p, sqrt(n * p * (1 - p)))), offenders=n
    )


@pytest.mark.parametrize(("n", "p"), [(150, 0.38), (40, 0.3), (30, 0.12)])
def test_where_nothing_differs_few_pages_call_anything(n: int, p: float) -> None:
    """One page in twenty at most, of the latest figure and of the earlier ones each; the allowance is three standard
    errors of so many pages."""
    random, pages, latest, earlier, alone = Random(2015), 600, 0, 0, 0
    for _ in range(pages):
        given_cohorts = []
        for year in range(6):
            mine = from_month(12 * year, 12, reoffenders=_draw(random, n, p), offenders=n)
            given_cohorts += [mine, _country(random, mine, p)]
        *before, last = [[one.previous, *one.comparators] for one in found_in(given_cohorts, "Harnley")]
        made = [comparison for comparisons in (*before, last) for comparison in comparisons]
        latest += _calls(last)
        earlier += _calls([comparison for comparisons in before for comparison in comparisons])
        alone += any(c.difference is not None and c.difference.verdict != "no clear change" for c in made)
    assert latest / pages < 0.05 + 3 * sqrt(0.05 * 0.95 / pages)
    assert earlier / pages < 0.05 + 3 * sqrt(0.05 * 0.95 / pages)
    assert alone / pages > 0.2  # what it would be without the allowance for so many comparisons


def test_nor_where_rolling_cohorts_share_children() -> None:
    random, pages, latest, earlier = Random(2016), 300, 0, 0
    for _ in range(pages):
        quarters = [_draw(random, 40, 0.38) for _ in range(16)]
        rolling = [
            from_month(3 * i, 12, reoffenders=sum(quarters[i : i + 4]), offenders=160) for i in range(13)
        ]
        beside = [_country(random, one, 0.38) for one in rolling]
        *before, last = [[one.previous, *one.comparators] for one in found_in([*rolling, *beside], "Harnley")]
        latest += _calls(last)
        earlier += _calls([comparison for comparisons in before for comparison in comparisons])
    assert latest / pages < 0.05 + 3 * sqrt(0.05 * 0.95 / pages)
    assert earlier / pages < 0.05 + 3 * sqrt(0.05 * 0.95 / pages)


def _calls(comparisons: Sequence[Comparison]) -> bool:
    return any(comparison.verdict in ("better", "worse") for comparison in comparisons)


def test_a_real_difference_is_called() -> None:
    random, seen = Random(2017), 0
    for _ in range(50):
        before = from_month(0, 12, reoffenders=_draw(random, 200, 0.45), offenders=200)
        after = from_month(12, 12, reoffenders=_draw(random, 200, 0.25), offenders=200)
        seen += found_in([before, after], "Harnley")[1].previous.verdict == "better"
    assert seen > 45


def test_holm_needs_no_more_than_its_family() -> None:
    assert holm([0.024, 1.0, 0.04], 2) == [True, False, True]
    assert holm([0.026, 1.0, 0.04], 2) == [False, False, False]
    assert holm([1.0], 0) == [False]


# Rate, cohort and reoffenders together


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        # England and Wales 2013/14 after a larger, invented year: reoffenders fell and the rate rose.
        (
            (16_083, 42_299),
            (18_921, 52_874),
            "The rate rose from 35.8% to 38.0% while fewer children reoffended: 16,083 of 42,299 after 18,921 of "
            "52,874. The cohort is smaller by 20%.",
        ),
        (
            (30, 100),
            (40, 100),
            "The rate fell from 40.0% to 30.0% and fewer children reoffended: 30 of 100 after 40 of 100. The cohort is "
            "as large as before.",
        ),
        (
            (20, 60),
            (20, 59),
            "The rate fell from 34% to 33% while as many reoffended: 20 of 60 after 20 of 59. The cohort is larger by "
            "one child.",
        ),
        # One side has a decimal and the other none, and the rates are the same or as good as that.
        (
            (41, 123),
            (20, 61),
            "The rate stayed at about 33% while more children reoffended: 41 of 123 after 20 of 61. The cohort is "
            "larger by 62 children.",
        ),
        (
            (40, 120),
            (20, 60),
            "The rate stayed at 33% while more children reoffended: 40 of 120 after 20 of 60. The cohort is larger "
            "by 60 children.",
        ),
    ],
)
def test_together(now: tuple[int, int], before: tuple[int, int], words: str) -> None:
    def of(counts: tuple[int, int]) -> Figure:
        return figure(replace(BATH, reoffenders=counts[0], offenders=counts[1]))

    assert together_message(of(now), of(before)) == words


# Several areas as one


def test_a_pool_adds_children_and_never_averages_rates() -> None:
    large = cohort("Large", "2013-10", "2014-09", 400, 1000, reoffences=900)
    small = cohort("Small", "2013-10", "2014-09", 2, 20, reoffences=4)
    others = [
        cohort("No counts", "2013-10", "2014-09", rate=90.0),
        cohort("Also none", "2013-10", "2014-09", None, 50),
        cohort("Other months", "2013-01", "2013-12", 1, 100),
        cohort("Wrong", "2013-10", "2014-09", 101, 100),
    ]
    more = [cohort(f"Town {n}", "2013-10", "2014-09", 3, 25, reoffences=6) for n in range(14)]
    everything = series([BATH, large, small, *more, *others])
    names = ["Large", "LARGE", "Small", "Bath", "No counts", "Also none", "Other months", "Nowhere", "Wrong"]
    names += [town.area for town in more]
    pool = pooled("Similar services", names, everything, BATH)
    assert (pool.cohort.reoffenders, pool.cohort.offenders, pool.cohort.reoffences) == (444, 1370, 988)
    assert figure(pool.cohort).rate == pytest.approx(32.41, abs=0.01)  # a mean of rates would be 14%
    assert (pool.have, pool.there, len(pool.areas)) == (16, 21, 16)
    assert pool_message(pool) == (
        "Similar services: 16 areas added up, 1,370 children. Left out: Bath (the one compared); No counts; Also none "
        "(counts not known); Other months; Nowhere (no figure for these months); Wrong (counts that cannot be right)."
    )
    (found,) = compared(series_of("Bath", everything), series([pool.cohort]))
    assert found.comparators[0].comparator == "Similar services"
    assert found.comparators[0].difference is not None


def test_some_of_a_region_are_not_the_region() -> None:
    everything = series([replace(BATH, area=f"Town {n}") for n in range(4)])
    names = [f"Town {n}" for n in range(6)]
    pool = pooled("the region", names, everything, BATH)
    assert (pool.cohort.offenders, pool.areas, pool.have, pool.there) == (None, (), 4, 6)
    assert pool_message(pool).startswith(
        "the region: only four of six have counts for these months, too few to stand for all. Left out:"
    )
    assert pooled_series("the region", names, series([BATH]), everything) == ()
    assert pooled("the region", names[:5], everything, BATH).cohort.offenders == 4 * 151


def test_what_a_single_small_area_adds_cannot_be_worked_out() -> None:
    small = replace(BATH, area="Small", offenders=29, reoffenders=12)
    areas = [replace(BATH, area=f"Town {n}") for n in range(4)]
    pool = pooled("the rest", ["Small", *(a.area for a in areas)], series([small, *areas]), BATH)
    assert pool.cohort.offenders == 4 * 151
    assert "Small (alone under 30 children)" in pool_message(pool)
    two = [small, replace(small, area="Small too"), *areas]
    assert pooled("the rest", [a.area for a in two], series(two), BATH).cohort.offenders == 4 * 151 + 58


def test_a_pool_of_one_and_of_none() -> None:
    one = pooled("Similar", ["Bath"], series([BATH]), replace(BATH, area="Wells"))
    assert pool_message(one) == "Similar: one area, 151 children."
    none = pooled("Similar", ["Wells"], series([BATH]), BATH)
    assert none.cohort.offenders is None
    assert pool_message(none) == (
        "Similar: none of one has counts for these months, too few to stand for all. Left out: Wells (no figure "
        "for these months)."
    )


# JSON

KEYS = [
    "cohort_start",
    "cohort_end",
    "cohort_months",
    "offenders",
    "reoffenders",
    "rate",
    "interval",
    "england_wales_rate",
    "previous_rate",
    "change",
    "verdict",
    "published_on",
    "source",
    "reoffences",
]


def test_counts_under_thirty_are_nowhere_that_a_rate_is_not() -> None:
    few = replace(BATH, offenders=29, reoffenders=12, reoffences=36, rate=None)
    again = replace(few, reoffenders=10, reoffences=30, published_on=date(2015, 1, 1))
    (printed_one,) = printed("Bath", [few])
    assert (printed_one["offenders"], printed_one["reoffenders"], printed_one["reoffences"]) == (
        29,
        None,
        None,
    )
    ((row,),) = [reoffending_rows(found_in([few], "Bath"))]
    assert (row["Reoffended"], row["Reoffences"], row["Rate"]) == ("", "", "")
    (one,) = series([again, few])[0].figures
    assert not re.search(r"\b(?:10|12|30|36)\b", " ".join(revision_messages(one)).replace("2015", ""))
    alone = replace(BATH, offenders=40, reoffenders=1, reoffences=9)
    assert reoffending_rows(found_in([alone], "Bath"))[0]["Reoffences"] == "", (
        "it would be that child's own figure"
    )
    assert printed("Bath", [alone])[0]["reoffences"] is None


def test_json() -> None:
    assert list(reoffending_json("Knowsley", KNOWSLEY)) == ["service", "series"]
    before, now = printed("Knowsley", KNOWSLEY)
    assert list(now) == list(before) == KEYS
    assert now == {
        "cohort_start": "2012-10",
        "cohort_end": "2013-09",
        "cohort_months": 12,
        "offenders": None,
        "reoffenders": None,
        "rate": 37.0,
        "interval": None,
        "england_wales_rate": 37.4,
        "previous_rate": 38.8,
        "change": -1.8,
        "verdict": "not comparable",
        "published_on": "2015-07-30",
        "source": None,
        "reoffences": None,
    }
    (bath,) = printed("bath", [BATH, COUNTRY])
    assert (bath["rate"], bath["interval"], bath["england_wales_rate"]) == (29.8, [23.0, 37.6], 38.0)


def test_json_tells_local_figures_by_their_source_and_leaves_age_groups_out() -> None:
    local = replace(BATH, source_kind="local", source="tracker")
    given_cohorts = [local, replace(local, start=date(2012, 10, 1), end=date(2013, 9, 30), source=None), BATH]
    shown = printed("Bath", [*given_cohorts, replace(BATH, age_group="10 to 14")])
    assert [one["source"] for one in shown] == [
        None,
        "the service's own tracker",
        "tracker (the service's own tracker)",
    ]
    assert reoffending_json("Elsewhere", [BATH]) == {"service": "Elsewhere", "series": []}


def test_what_a_service_can_be_compared_with() -> None:
    """Those of its region and its police area, never itself; made-up ones with made-up ones alone."""

    def service(name: str, region: str, police: str, **fields: object) -> Service:
        return Service(name, "England", region, police, **fields)  # type: ignore[arg-type]

    own = service("Knowsley", "North West", "Merseyside")
    others = [
        own,
        service("Sefton", "North West", "Merseyside"),
        service("Bolton", "North West", "Greater Manchester"),
        service("Gone", "North West", "Merseyside", closed_on=date(2014, 1, 1)),
        service("Made up too", "Illustrative", "Illustrative", illustrative=True),
        service("Made up also", "Illustrative", "Illustrative", illustrative=True),
        service("Made up", "North West", "Merseyside", illustrative=True),
        service("Leeds", "Yorkshire", "West Yorkshire"),
    ]
    assert comparators(own, others) == {
        "Others in the region North West": ["Sefton", "Bolton", "Gone"],
        "Others in the police area Merseyside": ["Sefton", "Gone"],
    }
    assert comparators(others[5], others) == {"Others in the region Illustrative": ["Made up too"]}
    assert comparators(service("Alone", "", ""), others) == {}


def test_several_areas_as_one_for_every_cohort() -> None:
    windows = [(date(y, 4, 1), date(y + 1, 3, 31)) for y in (2011, 2012)]
    everything = series(
        [
            Cohort(area, start, end, offenders, reoffenders)
            for start, end in windows
            for area, offenders, reoffenders in (
                ("Knowsley", 150, 50),
                ("Sefton", 200, 60),
                ("Bolton", 300, 120),
            )
        ]
    )
    own = series_of("Knowsley", everything)
    (pool,) = pooled_series("the others", ["Sefton", "Bolton", "Knowsley"], own, everything)
    assert [(f.cohort.start, f.counts) for f in pool.figures] == [(start, (180, 500)) for start, _ in windows]
    assert alike(pool, own[0])
    assert pooled_series("the others", ["Leeds"], own, everything) == ()
    found = by_reoffending(own[0].figures[-1], everything, ["Knowsley", "Sefton", "Bolton", "Leeds"])
    assert {(p.name, p.events, p.cases) for p in found.places} == {
        ("Knowsley", 50, 150),
        ("Sefton", 60, 200),
        ("Bolton", 120, 300),
    }
