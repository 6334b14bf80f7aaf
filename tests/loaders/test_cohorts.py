"""Cohorts and numbers as published tables write them: read as they were meant, or refused with the reason."""

from __future__ import annotations

from calendar import month_abbr, month_name, monthrange
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.loaders.cohorts import (
    Value,
    Window,
    is_year,
    month_day,
    value_of,
    window_of,
    window_of_year,
    windows_in,
    without_notes,
)


def window(year: int, month: int, months: int = 12) -> Window:
    """The window of so many months from the first of a month."""
    years, last = divmod(month + months - 2, 12)
    return Window(date(year, month, 1), date(year + years, last + 1, monthrange(year + years, last + 1)[1]))


YEAR_TO_SEPTEMBER = window(2012, 10)
YEAR_TO_MARCH = window(2013, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Oct 2012 - Sep 2013", YEAR_TO_SEPTEMBER),
        ("Oct 2012/Sep 2013", YEAR_TO_SEPTEMBER),
        ("Oct 2012¹ – Sep 2013²", YEAR_TO_SEPTEMBER),
        ("between October 2012 and September 2013", YEAR_TO_SEPTEMBER),
        ("Cohort: October 2012 to September 2013 [notes 1, 2]", YEAR_TO_SEPTEMBER),
        ("12 months to Sep 2013", YEAR_TO_SEPTEMBER),
        ("12 months ending September 2013 cohort", YEAR_TO_SEPTEMBER),
        ("Oct-12 to Sep-13", YEAR_TO_SEPTEMBER),
        ("April 2013 – March 2014 (1)", YEAR_TO_MARCH),
        ("year ending March 2014", YEAR_TO_MARCH),
        ("Year ending 31 March 2014 [r]", YEAR_TO_MARCH),
        ("YE Mar 2014", YEAR_TO_MARCH),
        ("rolling 12 months to March 2014", YEAR_TO_MARCH),
        ("Apr-Mar 2013/14", YEAR_TO_MARCH),
        ("2013-14", YEAR_TO_MARCH),
        ("2013/14 [note 1]", YEAR_TO_MARCH),
        ("2013/2014*", YEAR_TO_MARCH),
        ("financial year 2013/14", YEAR_TO_MARCH),
        ("1st April 2013 to 31st March 2014", YEAR_TO_MARCH),
        ("01/04/2013 - 31/03/2014", YEAR_TO_MARCH),
        ("2013-04-01/2014-03-31", YEAR_TO_MARCH),
        ("1999-00", window(1999, 4)),
        ("Oct - Dec 2015", window(2015, 10, 3)),
        ("Oct–Dec 2015 (p)", window(2015, 10, 3)),
        ("three months to Dec 2015", window(2015, 10, 3)),
        ("quarter ended 31 December 2015", window(2015, 10, 3)),
        ("Q3 2015/16", window(2015, 10, 3)),
        ("2015-16 Q4", window(2016, 1, 3)),
        ("Q1 (Jan-Mar) 2016", window(2016, 1, 3)),
        ("Q1 (Apr-Jun) 2016", window(2016, 4, 3)),
        ("calendar year 2016", window(2016, 1)),
        ("year beginning April 2013", YEAR_TO_MARCH),
    ],
)
def test_every_form_of_a_cohort(text: str, expected: Window) -> None:
    assert window_of(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2016", "a year alone"),
        ("FY2016", "a year alone"),
        ("March 2014", "a month alone"),
        ("Q1 2016", "from January or from April"),
        ("2016 Q1", "from January or from April"),
        ("Q2 (Jan-Mar) 2016", "not those of this quarter"),
        ("April to March 2014", "no year of its own"),
        ("2013-15", "after 2013 comes 2014"),
        ("Jan 2014 - Jan 2013", "ends before it begins"),
        ("20 March 2013 to 31 March 2014", "the first day of a month"),
        ("1 April 2013 to 30 March 2014", "the first day of a month"),
        ("year ending 30 March 2014", "the first day of a month"),
        ("year ending March 14", "four digits"),
        ("Oct 13 - Dec 15", "two digits"),
        ("Apr - Jun 2013/14", "one year, and two years"),
        ("April - March", "a year is missing"),
        ("March 20141", "expected a cohort"),
        ("1812-13", "1990"),
        ("Knowsley", "expected a cohort"),
        ("", "expected a cohort"),
    ],
)
def test_what_could_mean_something_else_is_refused_with_the_reason(text: str, why: str) -> None:
    found = window_of(text)
    assert isinstance(found, str)
    assert why in found


MARKS = st.sampled_from(["", " (1)", "(12)", " [note 1]", "[notes 1, 2]", "*", " (r)", "¹", " [p]", "(1)(2)"])
WINDOWS = st.builds(window, st.integers(2000, 2098), st.integers(1, 12), st.sampled_from([3, 12]))
LENGTHS = {
    3: ["3 months", "three months", "quarter"],
    12: ["year", "12 months", "twelve months", "12-month period"],
}


@st.composite
def written(draw: st.DrawFn) -> tuple[Window, str]:
    """A window, and one of the ways to write it."""
    one = draw(WINDOWS)
    names = draw(st.sampled_from([month_name, month_abbr]))
    first, last = names[one.start.month], names[one.end.month]
    between = draw(st.sampled_from([" - ", "-", " – ", "–", " — ", " to ", "/", " / "]))
    forms = [
        f"{first} {one.start.year}{between}{last} {one.end.year}",
        f"{first} {one.start:%y}{between}{last} {one.end:%y}",
        f"1 {first} {one.start.year} to {one.end.day} {last} {one.end.year}",
        f"{one.start:%d/%m/%Y} to {one.end:%d/%m/%Y}",
        f"{one.start} to {one.end}",
        f"{draw(st.sampled_from(LENGTHS[one.months]))} {draw(st.sampled_from(['to', 'ending', 'ended']))} "
        f"{last} {one.end.year}",
    ]
    if one.start.year == one.end.year:
        forms.append(f"{first}{between}{last} {one.end.year}")
    if one.months == 12 and one.start.month == 4:
        years = draw(st.sampled_from(["-", "/", "–"])).join([str(one.start.year), f"{one.end:%y}"])
        forms += [years, f"FY {years}", f"{first} to {last} {years}"]
    if one.months == 3 and one.start.month % 3 == 1:
        financial = one.start.year - (one.start.month == 1)
        quarter = (one.start.month - 4) // 3 % 4 + 1
        forms.append(f"Q{quarter} {financial}/{(financial + 1) % 100:02}")
    text = draw(st.sampled_from(forms))
    return one, draw(st.sampled_from([text, text.upper(), f"  {text} ", f"from {text}"])) + draw(MARKS)


@given(written())
def test_a_cohort_is_read_as_it_was_written(case: tuple[Window, str]) -> None:
    one, text = case
    assert window_of(text) == one


@given(st.text(alphabet="0123456789 -/–[]()*JanFebMrQto'.", max_size=25))
def test_no_text_is_too_strange_and_every_window_is_of_whole_months(text: str) -> None:
    found = window_of(text)
    if isinstance(found, Window):
        assert found.start.day == 1
        assert found.end.day == monthrange(found.end.year, found.end.month)[1]
        assert found.months >= 1
    value_of(text)
    windows_in(text)


@pytest.mark.parametrize(
    ("text", "last", "expected"),
    [
        ("2013-04-01", False, date(2013, 4, 1)),
        ("01/04/2013", False, date(2013, 4, 1)),
        ("April 2013", False, date(2013, 4, 1)),
        ("2013-04", False, date(2013, 4, 1)),
        ("Mar-2014 (1)", True, date(2014, 3, 31)),
        ("\x1f2014-03-31", True, date(2014, 3, 31)),
        ("2016-02", True, date(2016, 2, 29)),
        ("01/03/2014", True, None),
        ("02/04/2013", False, None),
        ("\x1f2014-03-01", True, None),
        ("March", True, None),
    ],
)
def test_the_first_and_the_last_day_in_columns_of_their_own(
    text: str, last: bool, expected: date | None
) -> None:
    found = month_day(text, last)
    assert found.day == expected
    assert bool(found.wrong) == (expected is None)


def test_a_year_alone_means_what_was_answered() -> None:
    assert is_year("2016 (1)") == 2016
    assert is_year("201") is is_year("16,083") is is_year("3071") is None
    assert window_of_year(2014, "year to March") == YEAR_TO_MARCH
    assert window_of_year(2013, "year from April") == YEAR_TO_MARCH
    assert window_of_year(2016, "year to December") == window(2016, 1)
    assert window_of_year(2016, "any") is None


def test_cohorts_in_a_title() -> None:
    assert windows_in("Table 5a: Proven reoffending, October 2012 to September 2013, by area") == [
        YEAR_TO_SEPTEMBER
    ]
    assert windows_in("Offenders (October 2012 to September 2013)(1), by area") == [YEAR_TO_SEPTEMBER]
    assert windows_in("Cohorts of 2012/13 and 2013/14") == [window(2012, 4), YEAR_TO_MARCH]
    assert windows_in("Proven reoffending in 2013") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("38.340000000000003", 38.34),
        ("37.770000000000003", 37.77),
        ("0.37770000000000004", 0.3777),
        ("33.333333333333336", 33.333333333333336),
        ("16,083", 16083),
        ("1 234", 1234),
        ("45 (1)", 45),
        ("45[note 1]", 45),
        ("45¹", 45),
        ("38.3 [r]", 38.3),
        ("38.3*", 38.3),
        ("0", 0),
        ("1e-05", 0.00001),
    ],
)
def test_a_number_is_what_was_meant(text: str, number: float) -> None:
    assert value_of(text).number == number
    assert not value_of(text).per_cent


@pytest.mark.parametrize("text", ["38.3%", "38.3 %", "38.3 per cent", "38.3%(1)", "38.3 (1)%"])
def test_a_per_cent_sign_is_kept_in_mind(text: str) -> None:
    assert value_of(text) == Value(38.3, None, True, 1)


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "**",
        "-",
        "–",
        "..",
        "…",
        ":",
        "~",
        "[c]",
        "[x]",
        "[z]",
        "[low]",
        "[note 1]",
        "(1)",
        "* (1)",
        "<5",
        "n/a",
        ".",
        "k",
        "s",
        "low",
        "Data not available",
        "not collected",
        "too few",
    ],
)
def test_a_marker_is_kept_as_it_stands(text: str) -> None:
    assert value_of(text) == Value(marker=text)


@pytest.mark.parametrize(
    "text",
    [
        "37.0 (50)",
        "30% (11)",
        "37,5",
        "1,23",
        "-5",
        "abc",
        "%",
        "12 to 14",
        "#REF!",
        "\x1f2014-03-31",
        "9" * 400,
        "1e300",
    ],
)
def test_what_is_neither_number_nor_marker(text: str) -> None:
    found = value_of(text)
    assert found.number is None
    assert found.marker is None
    assert found.wrong


@pytest.mark.parametrize("text", ["cohort " * 700 + "2013-14", "from " * 900, "1 " * 2000, "[1]" * 1600])
def test_a_page_of_words_is_no_cohort(text: str) -> None:
    assert "expected a cohort" in str(window_of(text))


def test_nothing_is_neither_number_nor_marker_nor_wrong() -> None:
    assert value_of("") == Value()


@given(st.integers(0, 10_000_000), st.integers(0, 4), MARKS)
def test_a_number_is_read_back_with_binary_noise_and_marks(whole: int, decimals: int, mark: str) -> None:
    number = whole / 10**decimals
    for text in (f"{number:.17g}", repr(number), f"{number:,.{decimals}f}"):
        assert value_of(text + mark).number == pytest.approx(number, abs=1e-12)
    if whole < 1_000_000:
        assert value_of(f"{number:.17g}").number == number


def test_marks_of_footnotes_are_not_of_a_name() -> None:
    assert (
        without_notes("Knowsley (1)")
        == without_notes("Knowsley¹")
        == without_notes("Knowsley [note 2]*")
        == "Knowsley"
    )
    assert without_notes("Dorset (Pre LG)") == "Dorset (Pre LG)"
    assert without_notes("(1)") == "(1)" or without_notes("(1)") == ""
