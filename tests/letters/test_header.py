"""What stands before the first section: place, service, dates, cases, reoffending. Nothing is invented."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.letters import dates
from sqs_core.letters.anatomy import Anatomy
from sqs_core.letters.header import letter_of, reoffending_of

FIRST_DAY, LAST_DAY = date(2012, 1, 1), date(2017, 12, 31)
TITLE = "Report of Short Quality Screening (SQS) of youth offending work in Harrowmere"


def head(*lines: str) -> Anatomy:
    return Anatomy(front=["Publication date: 12 March 2014", TITLE, *lines])


# ---------------------------------------------------------------- dates
def written(day: date, form: str) -> str:
    th = "th" if 10 <= day.day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return form.format(
        d=day.day, dd=f"{day.day:02d}", th=th, month=f"{day:%B}", mon=f"{day:%b}", y=day.year, m=day.month
    )


DAYS = st.dates(FIRST_DAY, LAST_DAY)
FORMS = st.sampled_from(
    [
        "{d} {month} {y}",
        "{dd} {month} {y}",
        "{d}{th} {month} {y}",
        "{month} {d}, {y}",
        "{d} {mon} {y}",
        "{d}/{m}/{y}",
    ]
)


@given(DAYS, FORMS)
def test_a_date_is_read_however_it_is_written(day: date, form: str) -> None:
    assert dates.first_date(written(day, form)) == day


@given(DAYS, st.integers(0, 20), st.sampled_from([" - ", "-", " – ", " to ", " and "]))
def test_a_span_may_name_month_and_year_once(first: date, length: int, between: str) -> None:
    last = first + timedelta(days=length)
    start = f"{first.day:02d}"
    if (first.month, first.year) != (last.month, last.year):
        start += f" {first:%B}"
    if first.year != last.year:
        start += f" {first.year}"
    text = f"{start}{between}{last.day:02d} {last:%B} {last.year}"
    assert dates.span(text) == (first, last), text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("29 February to 2 March 2016", date(2016, 2, 29), date(2016, 3, 2)),
        ("30 December – 2 January 2014", date(2013, 12, 30), date(2014, 1, 2)),
        ("Monday 5th, Tuesday 6th and Wednesday 7th October 2015", date(2015, 10, 5), date(2015, 10, 7)),
        ("5 - 7 Hydref 2015", date(2015, 10, 5), date(2015, 10, 7)),
        ("October 5-7, 2015", date(2015, 10, 5), date(2015, 10, 7)),
        ("7 October 2015", date(2015, 10, 7), date(2015, 10, 7)),
    ],
)
def test_spans_of_fieldwork(text: str, first: date, last: date) -> None:
    assert dates.span(text) == (first, last)


@pytest.mark.parametrize("text", ["31 February 2015", "0 March 2014", "32 May 2013", "29 February 2015"])
def test_a_day_that_never_was_is_no_date(text: str) -> None:
    assert dates.first_date(text) is None
    assert dates.span(text) is None


@given(DAYS, st.integers(1, 20))
def test_a_span_that_runs_backwards_is_none(day: date, back: int) -> None:
    before = day - timedelta(days=back)
    assert dates.span(f"{day.day} {day:%B} {day.year} to {before.day} {before:%B} {before.year}") is None


# ---------------------------------------------------------------- place and service
@pytest.mark.parametrize(
    ("place", "service", "name", "kind"),
    [
        ("Knowsley", "Knowsley Youth Offending Service (YOS)", "Knowsley Youth Offending Service", "YOS"),
        ("Stockton", "Stockton Youth Offending Team", "Stockton Youth Offending Team", "YOT"),
        (
            "Gwynedd & Môn",
            "Gwynedd & Môn Youth Justice Service",
            "Gwynedd & Môn Youth Justice Service",
            "YJS",
        ),
        ("Rhondda Cynon Taf", "Rhondda Cynon Taf YOS", "Rhondda Cynon Taf YOS", "YOS"),
        (
            "Monmouthshire and Torfaen",
            "Monmouthshire and Torfaen Youth Offending Service",
            "Monmouthshire and Torfaen Youth Offending Service",
            "YOS",
        ),
        (
            "Stoke-on-Trent",
            "Stoke-on-Trent Youth Offending Service",
            "Stoke-on-Trent Youth Offending Service",
            "YOS",
        ),
    ],
)
def test_place_and_service(place: str, service: str, name: str, kind: str) -> None:
    title = f"Report of Short Quality Screening (SQS) of youth offending work in {place}"
    text = f"We examined 24 cases of children and young people supervised by {service}."
    letter = letter_of(Anatomy(front=[title, text]), [])
    assert (letter.title, letter.place, letter.service_name, letter.service_kind) == (
        title,
        place,
        name,
        kind,
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("We examined 14 cases supervised by the YOS.", 14),
        ("We looked at thirty-six case files.", 36),
        ("The sample consisted of 47 cases.", 47),
        ("We inspected twenty cases and spoke to 15 case managers.", 20),
        ("A total of 18 cases were examined.", 18),
        ("We spoke to 15 case managers.", None),
        ("Our last inspection was in 2010.", None),
    ],
)
def test_cases_examined(text: str, count: int | None) -> None:
    assert letter_of(head(text), []).case_count == count


# ---------------------------------------------------------------- reoffending
def test_reoffending_sentence_and_footnote() -> None:
    anatomy = head(
        "The published reoffending rate1 for Harrowmere was 37.0%. This is better than the previous year (38.8%) "
        "and better than the England and Wales average of 37.4%."
    )
    anatomy.footnotes = [
        "Published July 2015 based on binary reoffending rates after 12 months for the October 2012 – September "
        "2013 cohort. Source: Ministry of Justice"
    ]
    found = reoffending_of(anatomy, warnings := [])
    assert (found.rate, found.previous_rate, found.england_wales_rate) == (37.0, 38.8, 37.4)
    assert (found.compared_with_previous, found.compared_with_england_wales) == ("better", "better")
    assert (found.cohort_start, found.cohort_end, found.rate_published) == ("2012-10", "2013-09", "2015-07")
    assert warnings == []


def test_no_previous_year_is_no_comparison() -> None:
    found = reoffending_of(
        head(
            "The reoffending rate for Harrowmere was 41.3%, worse than the England and Wales average of 35.8%."
        ),
        [],
    )
    assert (found.rate, found.previous_rate, found.england_wales_rate) == (41.3, None, 35.8)
    assert (found.compared_with_previous, found.compared_with_england_wales) == (None, "worse")


def test_the_numbers_decide_what_is_better_and_a_clash_is_said() -> None:
    found = reoffending_of(
        head(
            "The reoffending rate for Harrowmere was 33.1%, which was worse than the previous year's 35.0%."
        ),
        warnings := [],
    )
    assert found.compared_with_previous == "better"
    assert [warning for warning in warnings if "33.1" in warning and "35.0" in warning]


@given(st.integers(200, 600), st.integers(200, 600), st.integers(200, 600))
def test_better_is_lower(own: int, previous: int, england: int) -> None:
    rates = [number / 10 for number in (own, previous, england)]
    found = reoffending_of(
        head(
            f"The published reoffending rate for Harrowmere was {rates[0]}%. The previous year it was {rates[1]}%, "
            f"and the England and Wales average was {rates[2]}%."
        ),
        [],
    )
    assert [found.rate, found.previous_rate, found.england_wales_rate] == rates

    def compared(other: float) -> str:
        return "same" if abs(rates[0] - other) < 0.05 else "better" if rates[0] < other else "worse"

    assert found.compared_with_previous == compared(rates[1])
    assert found.compared_with_england_wales == compared(rates[2])
