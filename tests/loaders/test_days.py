"""Days: every form gives the day it was written for, and none is guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.loaders import DAY_FIRST_SAID, Checked, check, read_table
from sqs_core.loaders.days import DAY_FIRST, EXPECTED, FOUR_DIGITS, NO_SUCH_DAY, day_of
from sqs_core.loaders.files import REAL_DATE
from tests.loaders.workbooks import xlsx

DAYS = st.dates(date(1954, 1, 1), date(2099, 12, 31))
WRITTEN = {
    "iso": ["{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y-%m-%d} 00:00:00.000", "{0:%Y-%m-%d}T09:30:00Z"],
    "uk": [
        "{0:%d/%m/%Y}",
        "{0:%d-%m-%Y}",
        "{0:%d.%m.%Y}",
        "{0.day}/{0.month}/{0.year}",
        "{0:%d/%m/%Y} 14:05",
    ],
    "words": ["{0:%d %b %Y}", "{0:%d-%b-%Y}", "{0.day} {0:%B} {0.year}", "{0:%d-%B-%Y} 00:00:00"],
}


@given(DAYS, st.sampled_from([(form, text) for form, texts in WRITTEN.items() for text in texts]))
def test_every_form_gives_its_day(day: date, written: tuple[str, str]) -> None:
    form, text = written
    found = day_of(text.format(day))
    assert (found.day, found.form, found.wrong) == (day, form, None)


@given(DAYS)
def test_dates_and_day_numbers_of_a_spreadsheet(day: date) -> None:
    assert day_of(f"{REAL_DATE}{day}").day == day
    assert day_of(str((day - date(1899, 12, 30)).days)).day == day


SHORT = {
    "uk_short": ["{0:%d/%m/%y}", "{0.day}/{0.month}/{0:%y} 10:00"],
    "words_short": ["{0:%d-%b-%y}", "{0.day} {0:%B} {0:%y}", "{0:%d-%b-%y} 00:00:00"],
}


@given(
    st.dates(date(2000, 1, 2), date(2052, 12, 31)),
    st.sampled_from([(form, text) for form, texts in SHORT.items() for text in texts]),
)
def test_a_year_of_two_digits_is_of_this_century(day: date, written: tuple[str, str]) -> None:
    form, text = written
    found = day_of(text.format(day))
    assert (found.day, found.form, found.wrong) == (day, form, None)


@given(
    DAYS, st.sampled_from(["{0:%d-%m-%y}", "{0:%d.%m.%y}", "{0:%y-%m-%d}", "{0:%y.%m.%d}", "{0:%d %m %y}"])
)
def test_two_digits_that_may_be_the_year_or_the_day_are_refused(day: date, text: str) -> None:
    found = day_of(text.format(day))
    assert (found.day, found.wrong) == (None, FOUR_DIGITS)


@given(DAYS.filter(lambda day: day.day > 12), st.sampled_from(["{0:%m/%d/%Y}", "{0:%m/%d/%y}"]))
def test_a_month_before_a_day_is_refused_with_what_is_expected(day: date, text: str) -> None:
    assert day_of(text.format(day)).wrong == DAY_FIRST


@given(st.text(max_size=20))
def test_whatever_stands_there_is_a_day_or_open_or_wrong(text: str) -> None:
    found = day_of(text)
    assert found.day is None or found.wrong is None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("31/02/2026", NO_SUCH_DAY),
        ("2026-13-01", NO_SUCH_DAY),
        ("00/00/0000", NO_SUCH_DAY),
        ("31/02/26", NO_SUCH_DAY),
        ("26/13/04", NO_SUCH_DAY),
        ("0/1/2026", NO_SUCH_DAY),
        ("23/11/126", EXPECTED),
        ("tbc", EXPECTED),
        ("2026", EXPECTED),
        ("04/2026", EXPECTED),
        ("1/1/1/2026", EXPECTED),
        ("١٣/٠٤/٢٠٢٦", EXPECTED),
        ("13/Foo/2026", EXPECTED),
    ],
)
def test_what_is_no_day(text: str, wrong: str) -> None:
    assert (day_of(text).day, day_of(text).wrong) == (None, wrong)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "1900-01-01",
            "01/01/1900",
            "30/12/1899",
            "9999-12-31",
            "31/12/9999 00:00",
            "0",
            "1",
            "01-Jan-1900",
            "00/01/1900",
            "01/01/00",
            "00/01/00",
            "00-Jan-00",
            "1/1/00 00:00",
            "31/12/99",
        ),
        f"{REAL_DATE}1899-12-30",
        f"{REAL_DATE}9999-12-31",
        "0001-01-01T00:00:00",
    ],
)
def test_days_that_systems_write_for_no_day_are_open(text: str) -> None:
    found = day_of(text)
    assert (found.day, found.form, found.wrong) == (None, None, None)


# Columns


def problems(*due: str | date) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.found) for problem in checked(*due).problems if "alike" in problem.expected]


def checked(*due: str | date):  # type: ignore[no-untyped-def]
    headings = ["service", "case_ref", "plan_type", "trigger", "due_on", "completed_on", "extracted_on"]
    rows = [["Knowsley", f"C{n}", "RMP", "Planned", day, "", "23 Nov 2026"] for n, day in enumerate(due)]
    return check(
        read_table("extract.xlsx", xlsx({"Sheet1": [headings, *rows]})), "reviews", date(2026, 11, 24)
    )


def test_forms_that_stand_side_by_side_are_refused_with_their_rows() -> None:
    assert problems("03/04/2026", "2026-04-03") == [(2, "03/04/2026"), (3, "2026-04-03")]
    assert problems("13/04/2026", "2026-04-03", "14/04/2026") == [(3, "2026-04-03")]
    assert problems("2026-04-03", "2026-04-04", "1900-01-01", "01/01/1900", "") == []


def test_a_date_of_excel_beside_a_day_in_text_shows_that_excel_may_have_turned_it_round() -> None:
    assert problems(date(2026, 4, 3), "13/04/2026", "14/04/2026") == [(2, "2026-04-03")]
    assert "turned day and month round" in checked(date(2026, 4, 3), "13/04/2026").problems[0].expected


def test_years_of_two_and_of_four_digits_side_by_side_are_refused() -> None:
    assert problems("13/04/2026", "14/04/26", "15/04/2026") == [(3, "14/04/26")]
    assert problems("13-Apr-26", "14-Apr-2026") == [(2, "13-Apr-26"), (3, "14-Apr-2026")]
    assert problems("13/04/26", "14-Apr-26") == [(2, "13/04/26"), (3, "14-Apr-26")]
    assert problems("13/04/26", "14/04/26", "01/01/00", "01/01/1900") == []


def extract(*days: tuple[str, str], day_first: bool = False) -> Checked:
    """Reviews due and completed on these days."""
    headings = ["service", "case_ref", "plan_type", "due_on", "completed_on", "extracted_on"]
    rows = [["Knowsley", f"C{n}", "RMP", *pair, "23 Nov 2026"] for n, pair in enumerate(days)]
    table = read_table("extract.xlsx", xlsx({"Sheet1": [headings, *rows]}))
    return check(table, "reviews", date(2026, 11, 24), day_first=day_first)


def test_a_file_that_writes_its_columns_in_two_ways_is_refused() -> None:
    assert checked("13/04/2026").reviews[0].due_on == date(2026, 4, 13), "words go with either"
    (problem,) = extract(("13/04/2026", "2026-04-14")).problems
    assert (problem.row, problem.column) == (1, "due_on")
    assert problem.found == "days as 2026-11-23 under “completed_on”, as 23/11/2026 here"


def test_a_file_of_which_every_day_could_be_read_either_way_is_refused() -> None:
    (problem,) = extract(("03/04/2026", "05/04/2026"), ("05/05/2026", "")).problems
    assert "03/04/2026" in problem.found
    assert "3 April or 4 March?" in problem.found
    assert problem.expected == DAY_FIRST_SAID
    assert extract(("03/04/26", "")).problems[0].expected == DAY_FIRST_SAID


def test_one_day_after_the_12th_tells_how_the_whole_file_is_read() -> None:
    found = extract(("03/04/2026", "05/04/2026"), ("04/04/2026", "13/04/2026"))
    assert (found.problems, found.reviews[0].due_on) == ((), date(2026, 4, 3))
    assert extract(("05/05/2026", "06/06/2026")).problems == (), "the same either way"


def test_whoever_knows_that_the_day_stands_first_may_say_so() -> None:
    found = extract(("03/04/2026", "05/04/2026"), day_first=True)
    assert (found.problems, found.reviews[0].completed_on) == ((), date(2026, 4, 5))


def test_a_weekday_before_a_day_and_a_day_without_marks_are_read() -> None:
    for text in ("Saturday, 26 March 2016", "Sat 26 Mar 2016", "20160326", "Saturday 26/03/2016"):
        assert day_of(text).day == date(2016, 3, 26), text


def test_a_column_of_the_american_form_is_refused() -> None:
    for year in ("2026", "26"):
        found = checked(f"04/03/{year}", f"04/13/{year}")
        assert [(problem.row, problem.expected) for problem in found.problems] == [(3, DAY_FIRST)]


def test_days_that_all_lie_before_the_13th_are_doubted() -> None:
    first = date(2026, 1, 1)
    turned = [f"{first + timedelta(days=n):%d/%m/%Y}" for n in range(8)]
    known = ("14/01/2026", "15/01/2026")
    found = extract(*[(day, known[0]) for day in turned])
    assert [warning.column for warning in found.warnings if "after the 12th" in warning.text] == ["due_on"]
    found = extract(*[(day, known[0]) for day in (*turned, "13/01/2026")])
    assert not [warning for warning in found.warnings if "after the 12th" in warning.text]


def test_day_numbers_of_excel_are_said() -> None:
    found = checked("46115")
    assert found.reviews[0].due_on == date(2026, 4, 3)
    assert "46115 as 03/04/2026" in found.warnings[0].text


@pytest.mark.parametrize("text", ["23/11/26", "23-Nov-26"])
def test_years_of_two_digits_are_said(text: str) -> None:
    found = checked(text, text)
    assert found.reviews[0].due_on == date(2026, 11, 23)
    assert [(warning.text, warning.column, warning.count) for warning in found.warnings] == [
        (f"years of two digits were read as 20..: {text} as 23/11/2026", "due_on", 2)
    ]


def test_a_year_of_two_digits_of_the_century_before_is_doubted_twice() -> None:
    assert ["far in the future" in warning.text for warning in checked("23/11/98").warnings] == [False, True]
