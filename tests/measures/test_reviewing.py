"""What a board is told of its reviews: periods, months, before and after, overdue, groups and reasons, by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.measures.completion import kaplan_meier
from sqs_core.measures.reviewing import (
    ALL_RECORDS,
    GROUPING_WORDS,
    SINCE_INSPECTION,
    THREE_MONTHS,
    TWELVE_MONTHS,
    apart_message,
    band_in_words,
    before_in_words,
    chase_rows,
    choices,
    completion_message,
    completion_rows,
    group_rows,
    label_of,
    lateness_message,
    limits_note,
    loaded_message,
    narrowed,
    overdue_by_age,
    overdue_message,
    overdue_rows,
    periods,
    reason_rows,
    reasons_for_a_board,
    reasons_message,
    rest_message,
    since_inspection,
    since_inspection_message,
    spelled,
    trend,
    without_due_date_message,
)
from sqs_core.measures.statistics import wilson_interval
from sqs_core.measures.timeliness import (
    LateReason,
    Timeliness,
    TimelinessGroup,
    late_reasons,
    timeliness,
    timeliness_by,
    timeliness_by_month,
)
from sqs_core.model import Judgement, Letter, Review

EXTRACT = date(2026, 6, 30)
DUE = date(2026, 5, 20)
APRIL = date(2026, 4, 1)
PLAIN = Review("Testford", "A1", "intervention_plan", "scheduled", EXTRACT, due_on=DUE)
NO_LETTER = Letter(None, None, None, None, None, None, None, None)


def review(**fields: object) -> Review:
    return replace(PLAIN, **fields)


def letter(start: date | None, end: date | None = None, published: date | None = None) -> Letter:
    return replace(NO_LETTER, fieldwork_start=start, fieldwork_end=end or start, published_on=published)


def due_in(month: date, on_time: int, late: int = 0, extracted: date = EXTRACT) -> list[Review]:
    """So many due on the 10th of a month."""
    due = month.replace(day=10)
    one = review(due_on=due, extracted_on=extracted, completed_on=due)
    return [one] * on_time + [replace(one, completed_on=due + timedelta(days=3))] * late


def month_after(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def monthly(
    first: date, months: int, on_time: int = 4, late: int = 1, extracted: date = EXTRACT
) -> list[Review]:
    return [r for n in range(months) for r in due_in(month_after(first, n), on_time, late, extracted)]


def figures(on_time: int, late: int = 0, overdue: int = 0, **fields: int) -> Timeliness:
    empty = Timeliness(APRIL, EXTRACT, EXTRACT, on_time, late, overdue, 0, 0, 0, 0, None, None)
    return replace(empty, **fields)


def group(label: str | None, on_time: int, due: int) -> TimelinessGroup:
    return TimelinessGroup(label, figures(on_time, due - on_time))


around = st.dates(date(2024, 3, 1), date(2026, 12, 31))
many = st.lists(
    st.builds(
        Review,
        st.just("Testford"),
        st.sampled_from(["A1", "B2"]),
        st.sampled_from(["assessment", "intervention_plan", "risk_management_plan"]),
        st.sampled_from(["scheduled", "significant_change"]),
        st.sampled_from([EXTRACT, EXTRACT - timedelta(days=90)]),
        st.sampled_from([None, "Referral order", "Youth rehabilitation order"]),
        st.none() | around,
        st.none() | around,
        st.none() | around,
        st.sampled_from([None, "Missed appointment", "Interpreter delay"]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, "North", "South"]),
    ),
    max_size=60,
)


def plain_state(r: Review) -> str:
    """The definition of interfaces.md once more."""
    if r.due_on is None:
        return "undated"
    if r.order_ended_on and r.order_ended_on < r.due_on:
        return "not_required"
    if r.completed_on and r.completed_on <= r.extracted_on:
        return "on_time" if r.completed_on <= r.due_on else "late"
    return "overdue" if r.due_on < r.extracted_on else "not_yet_due"


def counted(reviews: Sequence[Review], first: date, last: date) -> tuple[int, int]:
    """On time, due."""
    states = [plain_state(r) for r in reviews if r.due_on and first <= r.due_on <= last]
    return states.count("on_time"), sum(states.count(s) for s in ("on_time", "late", "overdue"))


# Periods


def test_without_a_due_date_there_is_no_period() -> None:
    assert periods([], None) == {}
    assert periods([review(due_on=None, completed_on=DUE)], letter(date(2025, 1, 6))) == {}


def test_since_the_inspection_goes_first_and_ends_on_the_day_of_the_extract() -> None:
    given_ = [review(), review(due_on=date(2023, 4, 1)), review(due_on=date(2027, 1, 1))]
    found = periods(given_, letter(date(2025, 10, 5), date(2025, 10, 7)))
    assert list(found.items()) == [
        (SINCE_INSPECTION, (date(2025, 10, 8), EXTRACT)),
        (TWELVE_MONTHS, (date(2025, 7, 1), EXTRACT)),
        (THREE_MONTHS, (found[THREE_MONTHS][0], EXTRACT)),
        (ALL_RECORDS, (date(2023, 4, 1), EXTRACT)),
    ]


@pytest.mark.parametrize(
    ("days_ago", "first"), [(1, SINCE_INSPECTION), (3 * 365, SINCE_INSPECTION), (3 * 365 + 1, TWELVE_MONTHS)]
)
def test_an_inspection_more_than_three_years_ago_is_not_asked_about_first(days_ago: int, first: str) -> None:
    ended = EXTRACT - timedelta(days=days_ago)
    found = periods([review(due_on=EXTRACT)], letter(ended))
    assert next(iter(found)) == first
    assert found[SINCE_INSPECTION] == (ended + timedelta(days=1), EXTRACT)
    assert list(found)[-1] == ALL_RECORDS


@pytest.mark.parametrize("due_on", [date(2026, 3, 3), EXTRACT + timedelta(days=1)])
def test_nothing_due_between_inspection_and_extract_has_no_period_since(due_on: date) -> None:
    assert list(periods([review(due_on=due_on)], letter(date(2026, 3, 1), date(2026, 3, 3)))) == [
        TWELVE_MONTHS,
        THREE_MONTHS,
        ALL_RECORDS,
    ]


def test_a_letter_without_fieldwork_dates_counts_from_its_own_and_without_any_not_at_all() -> None:
    found = periods([review()], letter(None, published=date(2026, 2, 3)))
    assert found[SINCE_INSPECTION][0] == date(2026, 2, 4)
    assert SINCE_INSPECTION not in periods([review()], NO_LETTER)


def test_all_records_ends_with_the_extract_also_where_everything_is_due_after_it() -> None:
    assert periods([review(due_on=date(2026, 9, 1))], None)[ALL_RECORDS] == (EXTRACT, EXTRACT)


@pytest.mark.parametrize(
    ("extracted", "twelve", "three"),
    [
        ("2026-06-15", "2025-06-16", "2026-03-16"),
        ("2024-03-01", "2023-03-02", "2023-12-02"),
        ("2024-02-28", "2023-03-01", "2023-11-29"),
        ("2025-12-31", "2025-01-01", "2025-10-01"),
        ("2026-03-31", "2025-04-01", "2026-01-01"),
        ("2026-01-31", "2025-02-01", "2025-11-01"),
    ],
)
def test_the_days_of_the_last_months(extracted: str, twelve: str, three: str) -> None:
    last = date.fromisoformat(extracted)
    found = periods([review(extracted_on=last)], None)
    assert found[TWELVE_MONTHS] == (date.fromisoformat(twelve), last)
    assert found[THREE_MONTHS] == (date.fromisoformat(three), last)


@pytest.mark.parametrize(
    ("extracted", "twelve", "three"),
    [
        ("2026-04-30", "2025-05-01", "2026-02-01"),
        ("2026-06-30", "2025-07-01", "2026-04-01"),
        ("2026-11-30", "2025-12-01", "2026-09-01"),
        ("2024-02-29", "2023-03-01", "2023-12-01"),
        ("2025-02-28", "2024-03-01", "2024-12-01"),
    ],
)
def test_up_to_a_months_end_the_last_months_are_whole_months(extracted: str, twelve: str, three: str) -> None:
    """Else a review is in two quarters that follow each other: due on 31 January it is in that up to then, and in
    that up to 30 April."""
    last = date.fromisoformat(extracted)
    found = periods([review(extracted_on=last)], None)
    assert found[TWELVE_MONTHS] == (date.fromisoformat(twelve), last)
    assert found[THREE_MONTHS] == (date.fromisoformat(three), last)


# Narrowing down


def test_one_value_leaves_nothing_to_choose() -> None:
    assert choices([], "team") == {}
    assert choices([review(), review()], "plan_type") == {}
    assert choices([review(), review()], "team") == {}


def test_what_is_not_said_can_be_chosen() -> None:
    given_ = [
        review(team="north_west", case_ref="1"),
        review(case_ref="2"),
        review(team="South", case_ref="3"),
    ]
    found = choices(given_, "team")
    assert found == {"North west": "north_west", "Not said": None, "South": "South"}
    assert [r.case_ref for r in narrowed(given_, {"team": None})] == ["2"]
    assert [r.case_ref for r in narrowed(given_, {"team": "South", "trigger": "scheduled"})] == ["3"]
    assert narrowed(given_, {"team": "South", "trigger": "significant_change"}) == []
    assert narrowed(given_, {}) == given_


@given(many)
def test_the_choices_divide_the_reviews(given_: list[Review]) -> None:
    for grouping in GROUPING_WORDS:
        found = choices(given_, grouping)
        parts = [r for value in found.values() for r in narrowed(given_, {grouping: value})]
        assert not found or Counter(parts) == Counter(given_)


def test_two_spellings_of_one_value_are_both_within_reach() -> None:
    given_ = [
        review(order_type="Referral order"),
        review(order_type="referral order"),
        review(order_type="YRO"),
    ]
    found = choices(given_, "order_type")
    reached = [r for value in found.values() for r in narrowed(given_, {"order_type": value})]
    assert len(reached) == len(given_)


def test_values_as_people_read_them() -> None:
    assert (spelled("risk_management_plan"), spelled(None), spelled("")) == (
        "Risk management plan",
        "Not said",
        "Not said",
    )
    assert label_of(review(team="North"), "team") == "North"


# Months


def test_nothing_makes_no_months() -> None:
    for given_ in ([], [review(due_on=None)], [review(due_on=date(2026, 8, 1))]):
        assert (trend(given_, None).months, trend(given_, None).chart) == ((), None)


@pytest.mark.parametrize(
    ("extracted", "last"),
    [
        ("2026-05-31", "2026-05"),
        ("2026-05-30", "2026-04"),
        ("2026-05-01", "2026-04"),
        ("2024-02-29", "2024-02"),
        ("2024-02-28", "2024-01"),
        ("2025-02-28", "2025-02"),
        ("2025-12-31", "2025-12"),
        ("2026-01-01", "2025-12"),
    ],
)
def test_a_part_month_is_not_on_the_chart(extracted: str, last: str) -> None:
    until = date.fromisoformat(extracted)
    given_ = monthly(month_after(until.replace(day=1), -4), 5, extracted=until)
    given_ += [review(due_on=until, extracted_on=until)]
    found = trend(given_, None)
    assert found.months[-1].label == last
    assert found.months[-1].timeliness.last <= until


def test_records_of_the_part_month_alone_make_no_chart() -> None:
    until = date(2026, 6, 29)
    assert trend([review(due_on=date(2026, 6, 3), extracted_on=until)], None).months == ()


def test_one_month_with_reviews_makes_no_chart_and_two_apart_do() -> None:
    one = trend(due_in(date(2026, 3, 1), 3), None)
    assert [m.label for m in one.months] == ["2026-03", "2026-04", "2026-05", "2026-06"]
    assert one.chart is None
    two = trend(due_in(date(2026, 3, 1), 3) + due_in(date(2026, 6, 1), 1, 1), None)
    assert two.chart is not None
    assert [p.value for p in two.chart.points] == [1.0, None, None, 0.5]
    assert two.chart.centre == 4 / 5


@pytest.mark.parametrize(
    ("before", "baseline"), [(0, None), (1, None), (5, None), (6, 6), (12, 12), (24, 24)]
)
def test_limits_come_from_the_months_before_the_inspection_from_six_on(
    before: int, baseline: int | None
) -> None:
    first = date(2024, 1, 1)
    inspected = month_after(first, before).replace(day=14)
    found = trend(monthly(first, 30), letter(inspected))
    assert found.inspected_on == inspected
    assert found.chart is not None
    assert found.chart.baseline == baseline
    assert found.chart.fitted_to == (baseline or 30)


def test_months_without_reviews_do_not_count_towards_the_six() -> None:
    first = date(2025, 1, 1)
    busy = [n for n in range(18) if n not in (2, 3)]
    given_ = [r for n in busy for r in due_in(month_after(first, n), 3, 1)]
    five = trend(given_, letter(date(2025, 8, 14))).chart
    six = trend(given_, letter(date(2025, 9, 14))).chart
    assert five is not None
    assert six is not None
    assert (five.baseline, five.fitted_to) == (None, 16)
    assert (six.baseline, six.fitted_to) == (8, 6)


@pytest.mark.parametrize(("inspected", "baseline"), [("2025-07-01", 6), ("2025-07-31", 6), ("2025-08-01", 7)])
def test_the_month_of_the_inspection_is_never_one_of_those_before_it(inspected: str, baseline: int) -> None:
    found = trend(monthly(date(2025, 1, 1), 18), letter(date.fromisoformat(inspected)))
    assert found.chart is not None
    assert found.chart.baseline == baseline


def test_months_begin_two_years_before_the_inspection() -> None:
    given_ = monthly(date(2022, 1, 1), 54)
    assert [trend(given_, letter(date(2025, 9, 30))).months[i].label for i in (0, -1)] == [
        "2023-09",
        "2026-06",
    ]
    by_letter = trend(given_, letter(None, published=date(2025, 9, 30)))
    assert by_letter.months[0].label == "2023-09"
    assert by_letter.inspected_on == date(2025, 9, 30)
    assert trend(given_, NO_LETTER).months[0].label == "2022-01"
    assert trend(given_, NO_LETTER).inspected_on is None


@pytest.mark.parametrize(("months", "shown"), [(59, 59), (60, 60), (61, 36), (90, 36)])
def test_of_more_than_60_months_the_last_36(months: int, shown: int) -> None:
    found = trend(monthly(month_after(date(2026, 7, 1), -months), months), None)
    assert len(found.months) == shown
    assert found.months[-1].label == "2026-06"
    assert found.chart is not None
    assert found.chart.fitted_to == shown


def test_an_inspection_before_the_months_or_after_them_is_no_line() -> None:
    given_ = monthly(date(2026, 1, 1), 6)
    for when in (date(2025, 12, 31), date(2026, 7, 1), date(2015, 10, 7)):
        found = trend(given_, letter(when))
        assert found.inspected_on is None
        assert found.chart is not None
        assert found.chart.baseline is None
    # Ten years of records, inspected long ago: the last 36 months, which it is not in.
    long_ago = trend(monthly(date(2016, 7, 1), 120), letter(date(2017, 5, 3)))
    assert (len(long_ago.months), long_ago.inspected_on) == (36, None)


def test_all_on_time_and_all_late_signal_nothing() -> None:
    for on_time, late in ((5, 0), (0, 5)):
        found = trend(monthly(date(2025, 1, 1), 18, on_time, late), letter(date(2026, 1, 14)))
        assert found.chart is not None
        assert not [s for p in found.chart.points for s in p.signals]


def test_how_to_read_the_limits() -> None:
    given_ = monthly(date(2024, 7, 1), 24)
    assert "the average of all months shown." in limits_note(trend(given_, None))
    assert "trial" not in limits_note(trend(given_, None))
    twelve = limits_note(trend(given_, letter(date(2025, 7, 8))))
    assert "the average of the 12 months before the inspection." in twelve
    assert "trial" not in twelve
    assert "They are trial limits: fewer than 12 months made them." in limits_note(
        trend(given_, letter(date(2025, 6, 8)))
    )
    assert "trial limits" in limits_note(trend(monthly(date(2025, 8, 1), 11), None))


# Better, or only luckier


@given(many, st.dates(date(2025, 3, 1), date(2026, 2, 20)), st.integers(0, 9), st.integers(0, 200))
def test_before_and_after_are_the_reviews_themselves(
    given_: list[Review], start: date, days: int, later: int
) -> None:
    end = start + timedelta(days=days)
    first = end + timedelta(days=1 + later)
    last = max(first, EXTRACT)
    before = counted(given_, start.replace(year=start.year - 1), start - timedelta(days=1))
    after = counted(given_, first, last)
    found = since_inspection(given_, letter(start, end), first, last)
    assert (found is None) == (not before[1] or not after[1])
    if found:
        assert (found.before.on_time, found.before.due) == before
        assert (found.after.on_time, found.after.due) == after
        gap = after[0] / after[1] - before[0] / before[1]
        assert found.difference.low - 1e-9 <= gap <= found.difference.high + 1e-9
        assert (found.verdict == "higher") == (found.difference.low > 0)
        assert (found.verdict == "lower") == (found.difference.high < 0)


FIRST, LAST = date(2025, 7, 8), EXTRACT
INSPECTED = letter(date(2025, 7, 5), date(2025, 7, 7))


def two_years(before: tuple[int, int], after: tuple[int, int]) -> list[Review]:
    """So many on time and late in each of the ten months before the inspection and after it."""
    return monthly(date(2024, 9, 1), 10, *before) + monthly(date(2025, 8, 1), 10, *after)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            (2, 3),
            (4, 1),
            "In the 12 months before the inspection 40% of 50 were on time: it has become better, by ",
        ),
        (
            (4, 1),
            (2, 3),
            "In the 12 months before the inspection 80% of 50 were on time: it has become worse, by ",
        ),
        (
            (4, 1),
            (4, 1),
            "In the 12 months before the inspection 80% of 50 were on time: no clear change, the difference may be "
            "chance alone (",
        ),
        ((5, 0), (5, 0), "In the 12 months before the inspection 100% of 50 were on time: no clear change, "),
        ((0, 5), (0, 5), "In the 12 months before the inspection 0% of 50 were on time: no clear change, "),
    ],
)
def test_what_has_become_of_it(before: tuple[int, int], after: tuple[int, int], said: str) -> None:
    message = since_inspection_message(since_inspection(two_years(before, after), INSPECTED, FIRST, LAST))
    assert message.startswith(said)
    assert not re.search(r"\d\.\d", message)


def test_the_points_are_rounded_outwards() -> None:
    found = since_inspection(two_years((2, 3), (4, 1)), INSPECTED, FIRST, LAST)
    assert found is not None
    near, far = map(int, re.findall(r"by (\d+) to (\d+) points", since_inspection_message(found))[0])
    assert near <= 100 * found.difference.low < near + 1
    assert far - 1 < 100 * found.difference.high <= far


def test_records_that_begin_after_the_inspection_are_compared_with_nothing() -> None:
    given_ = monthly(date(2025, 8, 1), 10)
    found = since_inspection(given_, INSPECTED, FIRST, LAST)
    assert found is None
    assert since_inspection_message(found) == ""
    assert trend(given_, INSPECTED).inspected_on is None


def test_a_period_that_begins_before_the_inspection_ends_is_compared_with_nothing() -> None:
    given_ = two_years((4, 1), (4, 1))
    assert since_inspection(given_, INSPECTED, date(2025, 7, 7), LAST) is None
    assert since_inspection(given_, INSPECTED, FIRST, LAST) is not None
    assert since_inspection(given_, NO_LETTER, FIRST, LAST) is None
    assert since_inspection([], INSPECTED, FIRST, LAST) is None


def test_a_letter_without_fieldwork_dates_is_compared_from_its_own() -> None:
    found = since_inspection(two_years((4, 1), (3, 2)), letter(None, published=date(2025, 7, 7)), FIRST, LAST)
    assert found is not None
    assert ((found.before.on_time, found.before.due), (found.after.on_time, found.after.due)) == (
        (40, 50),
        (30, 50),
    )


def test_the_days_of_the_inspection_itself_are_on_neither_side() -> None:
    days = [date(2024, 7, 4), date(2024, 7, 5), date(2025, 7, 4), date(2025, 7, 5), date(2025, 7, 7), FIRST]
    found = since_inspection([review(due_on=d, completed_on=d) for d in days], INSPECTED, FIRST, LAST)
    assert found is not None
    assert (found.before.due, found.after.due) == (2, 1)


@pytest.mark.parametrize(
    ("on_time", "late", "said"),
    [
        (1, 0, "one of one was on time"),
        (1, 1, "one of two was on time"),
        (2, 1, "two of three were on time"),
        (20, 9, "20 of 29 were on time"),
        (20, 10, "67% of 30 were on time"),
        (1, 29, "3% of 30 were on time"),
    ],
)
def test_no_rate_under_30_before_the_inspection(on_time: int, late: int, said: str) -> None:
    given_ = due_in(date(2025, 3, 1), on_time, late) + due_in(date(2025, 9, 1), 20, 20)
    message = since_inspection_message(since_inspection(given_, INSPECTED, FIRST, LAST))
    assert message.startswith(f"In the 12 months before the inspection {said}: ")


def test_none_on_time_before_the_inspection_reads_as_english() -> None:
    given_ = due_in(date(2025, 3, 1), 0, 5) + due_in(date(2025, 9, 1), 3, 2)
    message = since_inspection_message(since_inspection(given_, INSPECTED, FIRST, LAST))
    assert "inspection no of" not in message
    assert "inspection none of five " in message


def test_one_point_is_no_plural() -> None:
    given_ = due_in(date(2025, 3, 1), 400) + due_in(date(2025, 9, 1), 400)
    message = since_inspection_message(since_inspection(given_, INSPECTED, FIRST, LAST))
    assert not re.search(r"\b1 points", message)
    assert "(1 point down to 1 point up)" in message


def test_one_late_review_has_no_middle() -> None:
    assert "middle" not in lateness_message(figures(5, 1, median_days_late=5, days_late_90=5))


@pytest.mark.parametrize(("before", "after"), [(29, 100), (100, 29)])
def test_few_reviews_are_said_to_show_only_a_great_change(before: int, after: int) -> None:
    late = [round(0.3 * due) for due in (before, after)]
    given_ = due_in(date(2025, 3, 1), before - late[0], late[0])
    given_ += due_in(date(2025, 9, 1), after - late[1], late[1])
    message = since_inspection_message(since_inspection(given_, INSPECTED, FIRST, LAST))
    assert "no clear change, so few reviews can only show a great change" in message


# Overdue


@given(many)
def test_overdue_by_age_is_a_plain_count(given_: list[Review]) -> None:
    overdue = [r for r in given_ if plain_state(r) == "overdue"]
    bands = overdue_by_age(given_)
    assert [band_in_words(b["All"]) for b in bands] == [
        "1 to 14 days", "15 to 28 days", "29 to 90 days", "91 days or more",
    ]  # fmt: skip
    plans = {r.plan_type for r in overdue}
    for (low, high), band in zip(((1, 14), (15, 28), (29, 90), (91, 10**6)), bands, strict=True):
        inside = [r for r in overdue if low <= (r.extracted_on - (r.due_on or EXTRACT)).days <= high]
        assert set(band) == {"All"} | {spelled(p) for p in plans}
        assert band["All"].reviews == len(inside)
        assert sum(part.reviews for label, part in band.items() if label != "All") == len(inside)
        for plan in plans:
            of_plan = [r for r in inside if r.plan_type == plan]
            assert band[spelled(plan)].reviews == len(of_plan)
            ended = sum(bool(r.order_ended_on) and r.order_ended_on <= r.extracted_on for r in of_plan)
            assert band[spelled(plan)].order_ended == ended
    rows = overdue_rows(bands)
    assert sum(int(str(row["All"])) for row in rows) == len(overdue)
    assert len(chase_rows(given_)) == len(overdue)


def test_the_table_of_the_overdue() -> None:
    given_ = [
        review(due_on=EXTRACT - timedelta(days=1)),
        review(due_on=EXTRACT - timedelta(days=15), plan_type="assessment", order_ended_on=EXTRACT),
        review(due_on=EXTRACT - timedelta(days=91)),
    ]
    assert overdue_rows(overdue_by_age(given_)) == [
        {"Overdue for": w, "All": a, "Assessment": b, "Intervention plan": c, "Order has ended": e}
        for w, a, b, c, e in [
            ("1 to 14 days", 1, 0, 1, 0),
            ("15 to 28 days", 1, 1, 0, 1),
            ("29 to 90 days", 0, 0, 0, 0),
            ("91 days or more", 1, 0, 1, 0),
        ]
    ]
    assert [band["All"].reviews for band in overdue_by_age([])] == [0, 0, 0, 0]


def overdue(days: int, **fields: object) -> Review:
    return review(due_on=EXTRACT - timedelta(days=days), **fields)


@pytest.mark.parametrize(
    ("given_", "now", "then"),
    [
        ([], "", ""),
        (
            [review(completed_on=DUE)],
            "No review is overdue today.",
            "No review was overdue on 30 June 2026, the day of the latest extract.",
        ),
        (
            [overdue(1)],
            "One review is overdue today, for 1 day.",
            "One review was overdue on 30 June 2026, the day of the latest extract, for 1 day.",
        ),
        (
            [overdue(5, order_ended_on=EXTRACT)],
            "One review is overdue today, for 5 days. Its order has ended since, so that it can no longer be done "
            "under it.",
            "One review was overdue on 30 June 2026, the day of the latest extract, for 5 days. Its order has ended "
            "since, so that it can no longer be done under it.",
        ),
        (
            [overdue(5), overdue(1200), review(completed_on=DUE)],
            "Two reviews are overdue today, the longest for 1,200 days.",
            "Two reviews were overdue on 30 June 2026, the day of the latest extract, the longest for 1,200 days.",
        ),
        (
            [overdue(5), overdue(6, plan_type="assessment"), overdue(7, plan_type="assessment")],
            "Three reviews are overdue today, the longest for 7 days. By plan type: assessment 2 and intervention "
            "plan 1.",
            "Three reviews were overdue on 30 June 2026, the day of the latest extract, the longest for 7 days. By "
            "plan type: assessment 2 and intervention plan 1.",
        ),
        (
            [overdue(5, order_ended_on=EXTRACT)] * 2,
            "Two reviews are overdue today, the longest for 5 days. The orders of two have ended since, so that they "
            "can no longer be done under them.",
            "Two reviews were overdue on 30 June 2026, the day of the latest extract, the longest for 5 days. The "
            "orders of two have ended since, so that they can no longer be done under them.",
        ),
    ],
)
def test_what_is_said_of_the_overdue(given_: list[Review], now: str, then: str) -> None:
    assert overdue_message(given_, EXTRACT) == now
    assert overdue_message(given_, EXTRACT + timedelta(days=1)) == then


def test_reviews_known_from_an_older_extract_alone_are_told() -> None:
    old = date(2026, 3, 31)
    stale = review(due_on=date(2026, 3, 1), extracted_on=old)
    message = overdue_message([overdue(5), stale, stale], EXTRACT)
    assert message == (
        "Three reviews are overdue today, the longest for 30 days. Two of them are known from an older extract alone, "
        "of 31 March 2026."
    )
    assert "One of them is known from an older extract alone" in overdue_message([overdue(5), stale], EXTRACT)


def test_the_only_overdue_review_is_not_one_of_them() -> None:
    stale = review(due_on=date(2026, 3, 1), extracted_on=date(2026, 3, 31))
    message = overdue_message([stale, review(completed_on=DUE)], EXTRACT)
    assert "older extract" in message
    assert "of them" not in message


def test_one_order_that_has_ended_is_no_plural() -> None:
    message = overdue_message([overdue(5, order_ended_on=EXTRACT), overdue(6)], EXTRACT)
    assert "orders of one have" not in message


def test_the_cases_to_chase_come_longest_overdue_first() -> None:
    given_ = [
        overdue(3, case_ref="A"),
        overdue(
            90, case_ref="B", team="North", order_type="Referral order", late_reason="Missed appointment"
        ),
        review(case_ref="done", completed_on=DUE),
        review(case_ref="ahead", due_on=EXTRACT),
        review(case_ref="undated", due_on=None),
        overdue(15, case_ref="C", order_ended_on=EXTRACT, trigger="significant_change"),
        overdue(3, case_ref="D"),
    ]
    rows = chase_rows(given_)
    assert [(row["Case"], row["Days overdue"]) for row in rows] == [("B", 90), ("C", 15), ("A", 3), ("D", 3)]
    assert rows[0] == {
        "Case": "B", "Plan": "Intervention plan", "Trigger": "Scheduled", "Order": "Referral order", "Team": "North",
        "Due": "2026-04-01", "Days overdue": 90, "Order ended": "", "Reason": "Missed appointment",
        "As of": "2026-06-30",
    }  # fmt: skip
    assert (rows[1]["Order ended"], rows[1]["Trigger"], rows[1]["Team"]) == (
        "2026-06-30",
        "Significant change",
        "",
    )
    assert chase_rows([]) == []


# Where


def test_too_few_are_not_told_apart() -> None:
    few = "Fewer than two of them had 30 reviews due, so they cannot be told apart."
    assert apart_message([]) == few
    assert apart_message([group("assessment", 100, 100)]) == few
    assert apart_message([group("assessment", 100, 100), group("intervention_plan", 0, 29)]) == few


def test_the_group_that_lies_apart_is_named_with_those_that_it_is_apart_from() -> None:
    groups = [
        group("assessment", 40, 50),
        group("intervention_plan", 90, 100),
        group("risk_management_plan", 18, 50),
        group("vulnerability_management_plan", 0, 3),
    ]
    assert apart_message(groups) == (
        "Risk management plan is clearly less often on time (36%) than intervention plan (90%) and assessment (80%)."
    )
    assert apart_message([groups[0], groups[1]]) == (
        "No clear difference between them: what there is may be chance alone."
    )
    assert apart_message([group("assessment", 0, 30), group("intervention_plan", 30, 30)]) == (
        "Assessment is clearly less often on time (0%) than intervention plan (100%)."
    )


many_groups = st.lists(
    st.integers(0, 200).flatmap(lambda due: st.tuples(st.integers(0, due), st.just(due))), max_size=4
).map(lambda rows: [group(f"group {'abcd'[i]}", *row) for i, row in enumerate(rows)])


@given(many_groups)
def test_a_group_is_named_only_where_the_intervals_lie_apart(groups: list[TimelinessGroup]) -> None:
    message = apart_message(groups)
    rated = {g.label: g.timeliness for g in groups if g.timeliness.due >= 30}
    named = re.findall(r"group [abcd]", message.lower())
    assert (" is clearly less often on time (" in message) == bool(named)
    if named:
        low, *others = (wilson_interval(rated[n].on_time, rated[n].due) for n in named)
        assert others
        assert all(low.high < other.low for other in others)
    elif len(rated) >= 2:
        lowest, *_, highest = sorted(rated.values(), key=lambda t: t.on_time / t.due)
        assert not (
            wilson_interval(lowest.on_time, lowest.due).high
            < wilson_interval(highest.on_time, highest.due).low
        )


def test_no_clear_difference_is_said_only_where_no_two_lie_apart() -> None:
    """The lowest is too few to be sure of; the next is not."""
    groups = [
        group("assessment", 15, 30),
        group("intervention_plan", 120, 220),
        group("risk_management_plan", 165, 230),
    ]
    middle, high = wilson_interval(120, 220), wilson_interval(165, 230)
    assert middle.high < high.low
    assert "No clear difference" not in apart_message(groups)


def test_names_of_teams_and_orders_keep_their_capitals() -> None:
    message = apart_message([group("YOT East", 10, 50), group("North", 45, 50)])
    assert "YOT East" in message
    assert "than North (90%)" in message


# Why, and how late


@given(many, st.integers(0, 500))
def test_the_second_figure_leaves_out_what_was_outside_control(given_: list[Review], ago: int) -> None:
    first = EXTRACT - timedelta(days=ago)
    # Enough of them that a rate may be given.
    given_ = given_ * 3
    inside = [r for r in given_ if r.due_on and first <= r.due_on <= EXTRACT]
    missed = [r for r in inside if plain_state(r) in ("late", "overdue")]
    outside = sum(r.outside_control is True for r in missed)
    on_time, due = counted(given_, first, EXTRACT)
    message = reasons_message(timeliness(given_, first, EXTRACT), late_reasons(given_, first, EXTRACT))
    rates = re.findall(r"(over 99|under 1|\d+)% were on time instead of (over 99|under 1|\d+)%", message)
    assert bool(rates) == (outside > 0 and due - outside >= 30)
    if rates:
        assert abs(int(rates[0][0]) - 100 * on_time / (due - outside)) <= 0.5
        assert abs(int(rates[0][1]) - 100 * on_time / due) <= 0.5
    if not missed:
        assert message == "No review due in this period was late or is overdue."


def reasons(given_: int, not_given: int, outside: int = 0) -> list[LateReason]:
    rows = [LateReason("Missed appointment", given_, 0, outside)] if given_ else []
    return rows + ([LateReason(None, not_given, 0, 0)] if not_given else [])


@pytest.mark.parametrize(
    ("found", "why", "said"),
    [
        (figures(0), [], "No review due in this period was late or is overdue."),
        (figures(40), [], "No review due in this period was late or is overdue."),
        (
            figures(3, 1),
            reasons(1, 0),
            "For the one that was late or overdue a reason is given. None is said to have been outside the service's "
            "control.",
        ),
        (
            figures(3, 0, 1),
            reasons(0, 1),
            "For the one that was late or overdue no reason is given. None is said to have been outside the "
            "service's control.",
        ),
        (
            figures(3, 2, outside_control=1),
            reasons(1, 1, 1),
            "A reason is given for one of the two that were late or overdue. One is said to have been outside the "
            "service's control.",
        ),
        (
            figures(27, 3, outside_control=1),
            reasons(3, 0, 1),
            "A reason is given for three of the three that were late or overdue. One is said to have been outside the "
            "service's control.",
        ),
        (
            figures(28, 3, outside_control=1),
            reasons(2, 1, 1),
            "A reason is given for two of the three that were late or overdue. One is said to have been outside the "
            "service's control: without it 93% were on time instead of 90%. The first figure of this page leaves none "
            "out.",
        ),
        (
            figures(45, 8, outside_control=2),
            reasons(8, 0, 2),
            "A reason is given for eight of the eight that were late or overdue. Two are said to have been outside the "
            "service's control: without them 88% were on time instead of 85%. The first figure of this page leaves "
            "none out.",
        ),
    ],
)
def test_the_reasons_in_words(found: Timeliness, why: list[LateReason], said: str) -> None:
    assert reasons_message(found, why) == said


def test_no_reason_given_reads_as_english() -> None:
    message = reasons_message(figures(3, 2), reasons(0, 2))
    assert "for no of" not in message


def test_where_all_lateness_was_outside_control_and_nothing_was_on_time_it_is_not_denied() -> None:
    given_ = [
        review(completed_on=DUE + timedelta(days=3), outside_control=True, late_reason="Interpreter delay")
    ] * 2
    found = timeliness(given_, APRIL, EXTRACT)
    assert (found.due, found.outside_control, found.adjusted_rate) == (2, 2, None)
    message = reasons_message(found, late_reasons(given_, APRIL, EXTRACT))
    assert "None is said to have been outside" not in message


def test_the_table_of_reasons() -> None:
    assert reason_rows([LateReason("Missed appointment", 6, 1, 2), LateReason(None, 1, 0, 0)]) == [
        {"Reason": "Missed appointment", "Late": 6, "Overdue": 1, "Outside the service's control": 2},
        {"Reason": "No reason given", "Late": 1, "Overdue": 0, "Outside the service's control": 0},
    ]
    assert reason_rows([]) == []


@pytest.mark.parametrize(
    ("late", "middle", "nine", "said"),
    [
        (0, None, None, ""),
        (1, 1, 1, "One was done late, by 1 day"),
        (1, 5, 5, "One was done late, by 5 days"),
        (2, 4, 6, "Two were done late, by 4 days in the middle."),
        (9, 5, 9, "Nine were done late, by 5 days in the middle."),
        (
            10,
            5,
            9,
            "Of the 10 that were done late, half were late by 5 days or less and nine in ten by 9 days or less.",
        ),
    ],
)
def test_how_late_in_words(late: int, middle: float | None, nine: int | None, said: str) -> None:
    message = lateness_message(figures(5, late, median_days_late=middle, days_late_90=nine))
    assert message.startswith(said)
    assert bool(message) == bool(said)


def test_when_reviews_are_done() -> None:
    thirty = [(0, True)] * 15 + [(10, True)] * 5 + [(20, True)] * 4 + [(100, True)] * 6
    assert completion_message(kaplan_meier(thirty)) == (
        "Done: 50% by the due date, 67% within two weeks of it, 80% within four weeks, 80% in 13 weeks. Reviews still "
        "open are counted for as long as they were seen."
    )
    assert completion_message(kaplan_meier(thirty[1:])) == ""
    assert completion_message(kaplan_meier([])) == ""
    rows = completion_rows(kaplan_meier(thirty))
    assert [row["Share"] for row in rows] == ["50%", "67%", "80%", "80%"]
    assert not [v for row in rows for v in row.values() if re.search(r"\d\.\d", str(v))]


def test_nothing_is_said_of_days_that_no_open_review_was_seen_for() -> None:
    young = kaplan_meier([(0, True)] * 20 + [(16, False)] * 10)
    assert completion_message(young).startswith("Done: 67% by the due date, 67% within two weeks of it. ")
    assert [row["Share"] for row in completion_rows(young)] == ["67%", "67%", "", ""]


@pytest.mark.parametrize(("late", "said"), [(1, "over 99%"), (0, "100%")])
def test_all_is_said_of_all_alone(late: int, said: str) -> None:
    found = kaplan_meier([(0, True)] * 399 + [(0 if not late else 200, True)])
    assert completion_message(found).startswith(f"Done: {said} by the due date")


# Tables and the rest


@given(many)
def test_no_table_gives_a_rate_under_30_or_a_decimal_under_100(given_: list[Review]) -> None:
    given_ = given_ * 3
    first = date(2024, 1, 1)
    for found in (
        timeliness_by_month(given_, first, EXTRACT),
        timeliness_by(given_, first, EXTRACT, "plan_type"),
        timeliness_by(given_, first, EXTRACT, "team"),
    ):
        for row, part in zip(group_rows(found, "Group"), found, strict=True):
            due = part.timeliness.due
            assert row["Due"] == due
            assert (row["On-time rate"] != "") == (row["95% interval"] != "") == (due >= 30)
            for column in ("On-time rate", "95% interval"):
                assert not re.search(r"\d\.\d", str(row[column]))
            assert not any(isinstance(value, float) for value in row.values())


def test_the_label_of_a_group_is_spelled_or_kept() -> None:
    groups = [group("risk_management_plan", 1, 2), group(None, 0, 0)]
    assert [row["Plan"] for row in group_rows(groups, "Plan")] == ["Risk management plan", "Not said"]
    assert group_rows([group("2026-04", 1, 2)], "Month", str)[0]["Month"] == "2026-04"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Every review due in this period is in these figures."),
        (
            {"not_required": 1, "not_yet_due": 1, "completed_early": 1},
            "One review due in this period was not required, as the order ended before. One was not yet due on the day "
            "of the extract. One counted as on time was done before a due date on or after the day of the extract.",
        ),
        (
            {"not_required": 2, "not_yet_due": 2, "completed_early": 2},
            "Two reviews due in this period were not required, as the order ended before. Two were not yet due on the "
            "day of the extract. Two counted as on time were done before a due date on or after the day of the extract.",
        ),
    ],
)
def test_the_reviews_that_are_in_no_rate(fields: dict[str, int], said: str) -> None:
    assert rest_message(figures(5, **fields)) == said


def test_what_a_checked_table_holds() -> None:
    given_ = [
        review(),
        review(service="Northton", completed_on=DUE),
        review(due_on=None),
        review(due_on=None),
    ]
    assert loaded_message(given_, []) == (
        "4 reviews of Northton and Testford, due from 20 May 2026 to 20 May 2026; 3 open. Extracted on 30 June "
        "2026. 2 have no due date: timing rules give it where they can."
    )
    assert "reviews of 6 services" in loaded_message([review(service=f"S{n}") for n in range(6)], [])
    assert ", none with a due date; 2 open" in loaded_message([review(due_on=None)] * 2, [])
    when = date(2026, 1, 5)
    audit = [Judgement("Audit", when, ref, "a1", "sufficient") for ref in ("1", "2") for _ in range(3)]
    assert loaded_message([], audit) == "6 judgements of 2 cases: Audit (5 January 2026)."


def test_one_checked_review_is_no_plural() -> None:
    message = loaded_message([review()], [])
    assert "1 reviews" not in message
    assert "of them" not in message


# Nothing changes


def steady(draw: Random, share: float, due: tuple[int, int], correlation: float) -> list[Review]:
    """24 months up to the extract in which nothing changes; late in bunches where there is a correlation."""
    out = []
    for n in range(24):
        month = month_after(date(2024, 7, 1), n)
        now = share
        if correlation:
            spread = (1 - correlation) / correlation
            now = draw.betavariate(share * spread, (1 - share) * spread)
        reviews = draw.randint(*due)
        on_time = sum(draw.random() < now for _ in range(reviews))
        out += due_in(month, on_time, reviews - on_time)
    return out


def test_what_is_not_there_is_not_found_more_often_than_is_said() -> None:
    """Of every 100: five clear changes since the inspection, and as many signals on the chart as limits_note says."""
    draw, records, wrong = Random(23), 125, 0
    settings = list(product((0.8, 0.65), ((4, 12), (20, 40)), (0.0, 0.03)))
    letters = {"7": None, "18": letter(date(2025, 7, 7)), "33": letter(date(2025, 1, 7))}
    signals: Counter[str] = Counter()
    for share, due, correlation in settings:
        for _ in range(records):
            given_ = steady(draw, share, due, correlation)
            found = since_inspection(given_, letter(date(2025, 7, 7)), date(2025, 7, 8), EXTRACT)
            wrong += found is not None and found.verdict != "no clear change"
            for said, inspected in letters.items():
                months = trend(given_, inspected)
                assert len(months.months) == 24
                assert f"up to {said} show a signal" in limits_note(months)
                assert months.chart is not None
                signals[said] += any(p.signals for p in months.chart.points)
    charts = records * len(settings)
    assert 0 < wrong / charts <= 0.07
    for said in letters:
        assert signals[said] / charts <= int(said) / 100


def test_every_grouping_has_words() -> None:
    assert list(GROUPING_WORDS) == ["plan_type", "trigger", "order_type", "team"]
    assert all("_" not in words for words in GROUPING_WORDS.values())


def test_a_reason_that_stands_once_is_no_boards_business() -> None:
    """It may be a note about one child; what three or more have is a category."""
    late = [
        review(case_ref=str(n), completed_on=date(2026, 6, 1), late_reason=reason, outside_control=outside)
        for n, (reason, outside) in enumerate(
            [("Missed appointment", True)] * 3
            + [("missed APPOINTMENT", False), (None, None)]
            + [("Sam and his mother moved", True), ("Holiday of Jo", None)]
        )
    ]
    shown = reasons_for_a_board(late_reasons(late, APRIL, EXTRACT), late)
    assert shown == (
        LateReason("Missed appointment", 4, 0, 3),
        LateReason(None, 1, 0, 0),
        LateReason("Another reason", 2, 0, 1),
    )
    common = [r for r in late if r.late_reason and "appointment" in r.late_reason.casefold()]
    assert [r.reason for r in reasons_for_a_board(late_reasons(common, APRIL, EXTRACT), common)] == [
        "Missed appointment"
    ]


def test_reviews_without_a_due_date_are_told_and_may_be_overdue() -> None:
    undated = replace(PLAIN, due_on=None)
    done = replace(undated, completed_on=DUE)
    assert without_due_date_message([PLAIN]) == ""
    assert without_due_date_message([PLAIN, undated]) == (
        "One more review has no due date and is in no figure; it is open, and may be overdue."
    )
    assert without_due_date_message([undated, undated, done]) == (
        "Three more reviews have no due date and are in no figure; two of them are open, and may be overdue."
    )
    assert without_due_date_message([done, done]) == "Two more reviews have no due date and are in no figure."


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (date(2025, 7, 7), "In the 12 months before the inspection"),
        (date(2025, 7, 6), "In the 12 months before the inspection"),
        (date(2026, 4, 8), "In the three months before the inspection to which the records go back,"),
        (date(2026, 6, 20), "In the month before the inspection to which the records go back,"),
        (date(2026, 7, 8), "In the 12 months before the inspection"),
    ],
)
def test_how_far_back_the_records_go(first: date, words: str) -> None:
    given_ = [review(due_on=first), review(due_on=date(2026, 9, 1))]
    assert before_in_words(given_, letter(date(2026, 7, 7))) == words
