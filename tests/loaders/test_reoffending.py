"""Tables of reoffending in the shapes in which they are published. Each is made here; the real one is not carried."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqs_core.errors import BadInputError
from sqs_core.loaders.reoffending import Reoffending, read_reoffending
from sqs_core.model import Cohort
from tests.loaders.workbooks import Cell, ods, xlsx

TODAY = date(2026, 11, 24)
SEPTEMBER = (date(2012, 10, 1), date(2013, 9, 30))
MARCH = (date(2013, 4, 1), date(2014, 3, 31))
ANSWERS = {
    "published_on": "2015-07-30",
    "source": "Bulletin",
    "source_kind": "published",
    "age_group": "10 to 17",
}
_Rows = Sequence[Sequence[Cell]]


def as_csv(rows: _Rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def read(
    content: bytes | _Rows, given: Mapping[str, str] | None = None, sheet: str | None = None
) -> Reoffending:
    content = content if isinstance(content, bytes) else as_csv(content)
    result = read_reoffending("figures", content, TODAY, sheet, given)
    assert result.read + result.left_out + result.blank == result.rows
    assert not (result.cohorts and (result.problems or result.asked))
    return result


def cohorts(content: bytes | _Rows, given: Mapping[str, str] | None = None) -> dict[tuple[str, date], Cohort]:
    result = read(content, ANSWERS | dict(given or {}))
    assert (result.problems, result.asked) == ((), ())
    found = {(cohort.area, cohort.start): cohort for cohort in result.cohorts}
    assert len(found) == len(result.cohorts)
    return found


def said(result: Reoffending) -> str:
    return "\n".join(map(str, (*result.problems, *result.warnings)))


OWN = [
    "area",
    "cohort_start",
    "cohort_end",
    "offenders",
    "reoffenders",
    "reoffences",
    "rate",
    "published_on",
    "source",
]
ROW = ["Knowsley", "2012-10-01", "2013-09-30", 135, 50, 151, 37, "2015-07-30", "Bulletin"]

# ---------------------------------------------------------------- long tables


@pytest.mark.parametrize(
    "make", [as_csv, lambda rows: xlsx({"Data": rows}), lambda rows: ods({"Data": rows})]
)
def test_the_table_of_our_own_template_needs_no_answers(make) -> None:
    result = read(make([OWN, ROW]))
    assert (result.problems, result.asked, result.warnings) == ((), (), ())
    assert result.cohorts == (
        Cohort("Knowsley", *SEPTEMBER, 135, 50, 151, 37.0, date(2015, 7, 30), "Bulletin", "published"),
    )


def test_days_of_a_spreadsheet_and_days_as_we_write_them() -> None:
    dates: list[Cell] = [
        "Knowsley",
        date(2012, 10, 1),
        date(2013, 9, 30),
        135,
        50,
        151,
        37,
        date(2015, 7, 30),
        "B",
    ]
    assert read(xlsx({"Data": [OWN, dates]})).cohorts[0].end == SEPTEMBER[1]
    uk = ["Knowsley", "01/10/2012", "30/09/2013", 135, 50, 151, 37, "04/07/2015", "Bulletin"]
    assert read([OWN, uk]).cohorts[0].published_on == date(2015, 7, 4)
    mixed = ["Knowsley", "2012-10-01", "30/09/2013", 135, 50, 151, 37, "04/07/2015", "Bulletin"]
    assert "all days of a file written alike" in said(read([OWN, mixed]))
    words = ["area", "cohort", "rate", "published"]
    unsure: _Rows = [words, ["Knowsley", "2013-14", 37, "04/07/2015"]]
    assert "your word that the day stands before the month" in said(read(unsure, ANSWERS))
    assert read(unsure, ANSWERS | {"day_first": "yes"}).cohorts[0].published_on == date(2015, 7, 4)


def test_a_long_table_below_a_title_with_notes_marks_and_a_total() -> None:
    table: _Rows = [
        ["Table 7: Proven reoffending of juvenile offenders (1)"],
        [],
        [
            "Local authority [note 1]",
            "Cohort (2)",
            "No. of offenders¹",
            "Re-offenders",
            "% reoffending*",
            "Region",
        ],
        ["Knowsley (3)", "Oct 2012 – Sep 2013 (p)", "1,135 (r)", "420[note 2]", "37.0%", "North West"],
        ["Hampshire", "Oct 2012 - Sep 2013", "..", "[c]", "*", "South East"],
        ["Leicester", "Oct 2012 - Sep 2013", "", "", "", "East Midlands"],
        [],
        ["Total", "", "2,000", "800", "40.0%", ""],
        ["Source: Police National Computer"],
        ["(1) Ask the Ministry of Justice, 102 Petty France, London SW1H 9AJ."],
    ]
    found = cohorts(table)
    assert found["Knowsley", SEPTEMBER[0]] == Cohort(
        "Knowsley", *SEPTEMBER, 1135, 420, None, 37.0, date(2015, 7, 30), "Police National Computer"
    )
    assert found["Hampshire", SEPTEMBER[0]].marker == "*"
    assert found["Hampshire", SEPTEMBER[0]].offenders is None
    result = read(table, ANSWERS)
    assert (result.read, result.left_out, result.blank) == (2, 3, 2)
    assert "totals" in said(result)
    assert result.unused == ("Region",)


def test_a_measure_column_and_years_alone() -> None:
    table: _Rows = [
        ["measure", "year", "area", "la_number", "value"],
        ["reoffending_10_14_pct", "2016", "Knowsley", 340, "38.340000000000003"],
        ["reoffending_15_17_pct", "2016", "Knowsley", 340, "-"],
        ["first_time_entrants_per_100k", "2016", "Knowsley", 340, "310"],
    ]
    result = read(table)
    assert [question.name for question in result.asked] == ["year", "published_on", "source", "source_kind"]
    assert "first_time_entrants_per_100k" in said(result)
    made = read(table, ANSWERS | {"year": "year to March"}).cohorts
    assert [(c.age_group, c.rate, c.marker) for c in made] == [
        ("10 to 14", 38.34, None),
        ("15 to 17", None, "-"),
    ]
    assert {(c.start, c.end) for c in made} == {(date(2015, 4, 1), date(2016, 3, 31))}
    assert "one of: year to March" in said(read(table, ANSWERS | {"year": "any"}))


def test_a_year_that_ends_in_a_month_is_told_from_the_heading() -> None:
    assert ("Knowsley", MARCH[0]) in cohorts(
        [["Area", "Year ending", "Rate"], ["Knowsley", "March 2014", 37.5]]
    )


def test_the_tracker_of_one_service_asks_for_its_name() -> None:
    table: _Rows = [
        ["Cohort", "Offenders", "Reoffenders"],
        ["Oct - Dec 2015", 30, 11],
        ["Jan - Mar 2016", 28, 9],
    ]
    assert "area" in {question.name for question in read(table).asked}
    found = cohorts(table, {"area": "Knowsley YOS", "source_kind": "local"})
    assert found["Knowsley", date(2016, 1, 1)].source_kind == "local"
    assert found["Knowsley", date(2016, 1, 1)].end == date(2016, 3, 31)


# ---------------------------------------------------------------- wide tables

WIDE: list[list[Cell]] = [
    ["Area", "Oct 2012 - Sep 2013 (1)", "April 2013 – March 2014"],
    ["Knowsley", 38.340000000000003, "*"],
    ["England and Wales", 37.4, 38],
]


def test_a_wide_table_asks_what_its_numbers_are() -> None:
    result = read(WIDE)
    names = [question.name for question in result.asked]
    assert names == ["measure", "published_on", "source", "source_kind", "age_group"]
    found = cohorts(WIDE, {"measure": "rate"})
    assert found["Knowsley", SEPTEMBER[0]].rate == 38.34
    assert found["Knowsley", MARCH[0]].marker == "*"
    assert found["England and Wales", MARCH[0]].rate == 38


@pytest.mark.parametrize(
    "table",
    [
        [["Table 3: Proven re-offending rates by area, aged 10 to 14"], [], *WIDE],
        [["Published: 29 October 2015"], ["Reoffending rate (%), 10-14 year olds"], *WIDE],
        [["10 to 14 year olds"], ["Reoffending rate", *WIDE[0][1:]], *WIDE[1:]],
    ],
)
def test_a_title_says_what_the_numbers_are(table: list[list[Cell]]) -> None:
    cohort = cohorts(table)["Knowsley", SEPTEMBER[0]]
    assert (cohort.rate, cohort.age_group) == (38.34, "10 to 14")
    assert cohort.published_on == (
        date(2015, 10, 29) if table[0][0] == "Published: 29 October 2015" else date(2015, 7, 30)
    )


def test_one_block_a_measure_on_one_sheet() -> None:
    heading = ["", "2012/13", "2013/14"]
    table: _Rows = [
        ["Number of offenders"],
        heading,
        ["Knowsley", 151, 140],
        [],
        ["Number of reoffenders"],
        heading,
        ["Knowsley", 45, "[c]"],
        [],
        ["Average number of re-offences per re-offender"],
        heading,
        ["Knowsley", 2.9, 3.1],
        ["Source: Ministry of Justice"],
    ]
    found = cohorts(table)
    assert found["Knowsley", date(2012, 4, 1)].offenders == 151
    assert found["Knowsley", date(2012, 4, 1)].reoffenders == 45
    assert found["Knowsley", MARCH[0]].marker == "[c]"
    assert "Average number of re-offences per re-offender" in said(read(table, ANSWERS))


@pytest.mark.parametrize("make", [xlsx, ods])
def test_one_sheet_a_measure(make) -> None:
    def sheet(knowsley: Cell) -> _Rows:
        return [
            ["Area", "2012/13", "2013/14"],
            ["Knowsley", knowsley, ".."],
            ["Leeds City Council", 900, 800],
        ]

    content = make(
        {
            "Contents": [["This workbook holds four tables."]],
            "Offenders": sheet(1151),
            "Re-offenders": [["Area", "2012/13"], ["Knowsley", 345], ["Leeds", 300]],
            "Adult offenders": [["Number of adult offenders"], *sheet(9)],
        }
    )
    found = cohorts(content)
    assert found["Knowsley", date(2012, 4, 1)].offenders == 1151
    assert found["Leeds", date(2012, 4, 1)].reoffenders == 300
    assert found["Knowsley", MARCH[0]].marker == ".."
    result = read(content, ANSWERS)
    assert "“Contents”" in said(result)
    assert "people who are no children" in said(result)
    assert [sheet.name for sheet in result.sheets] == ["Offenders", "Re-offenders", "Adult offenders"]
    assert len(read_reoffending("x", content, TODAY, "Offenders", ANSWERS).cohorts) == 4


@pytest.mark.parametrize("area_on_top", [True, False])
def test_two_rows_of_headings_cohort_above_measure(area_on_top: bool) -> None:
    area = ["Area", None] if area_on_top else [None, "Area"]
    table: list[list[Cell]] = [
        ["Proven reoffending by youth offending team"],
        [area[0], "Oct 2012 - Sep 2013", None, None, "Apr 2013 - Mar 2014 [note 3]"],
        [
            area[1],
            "Offenders",
            "Reoffenders",
            "%",
            "Offenders",
            "Reoffenders",
            "%",
            "Re-offences per offender",
        ],
        ["Knowsley", 100, 38, "38%", 80, "*", "*", 1.1],
    ]
    found = cohorts(xlsx({"YOT": table}))
    assert found["Knowsley", SEPTEMBER[0]].rate == 38
    assert found["Knowsley", SEPTEMBER[0]].reoffenders == 38
    assert found["Knowsley", MARCH[0]].offenders == 80
    assert found["Knowsley", MARCH[0]].marker == "*"
    assert "Re-offences per offender" in said(read(xlsx({"YOT": table}), ANSWERS))


def test_two_rows_of_headings_measure_above_cohort_and_one_row_of_both() -> None:
    two: _Rows = [
        ["Area", "Offenders", "", "Reoffenders", ""],
        ["", "2012/13", "2013/14", "2012/13", "2013/14"],
        ["Knowsley", 100, 80, 38, 30],
    ]
    one: _Rows = [
        ["Area", "Offenders 2012/13", "Offenders 2013/14", "2012/13 - reoffenders", "2013/14: Reoffenders"],
        ["Knowsley", 100, 80, 38, 30],
    ]
    assert cohorts(two) == cohorts(one)
    assert cohorts(two)["Knowsley", MARCH[0]].reoffenders == 30


def test_a_cohort_in_the_title_of_a_table_of_measures() -> None:
    rows: list[list[Cell]] = [["Area", "Offenders", "Reoffenders"], ["Knowsley", 100, 38]]
    assert ("Knowsley", SEPTEMBER[0]) in cohorts([["Cohort of October 2012 to September 2013"], *rows])
    assert ("Knowsley", MARCH[0]) in cohorts(xlsx({"2013-14": rows}))
    assert "cohort" in {question.name for question in read(rows).asked}
    assert ("Knowsley", MARCH[0]) in cohorts(rows, {"cohort": "2013-14"})
    assert "a year alone" in said(read(rows, ANSWERS | {"cohort": "2013"}))


def test_numbers_that_nothing_names_are_asked_about_beside_those_that_are_named() -> None:
    table: _Rows = [["Area", "Offenders 2012/13", "2013/14"], ["Knowsley", 100, 80]]
    assert "measure" in {question.name for question in read(table).asked}
    assert cohorts(table, {"measure": "offenders"})["Knowsley", MARCH[0]].offenders == 80


def test_the_rows_of_another_measure_or_of_adults_are_left_out_by_name() -> None:
    table: _Rows = [
        ["Region", "Area", "Indicator", "Age group", "2013/14"],
        ["North West", "Knowsley", "Total reoffences", "Juvenile", 151],
        ["North West", "Knowsley", "Offenders", "10-17", 80],
        ["North West", "Knowsley", "Offenders", "18+", 800],
        ["North West", "Knowsley", "Average number of reoffences per offender", "Juvenile", 1.9],
        ["Total", "", "Offenders", "Juvenile", 9000],
        ["(1) A note"],
    ]
    cohort = cohorts(table)["Knowsley", MARCH[0]]
    assert (cohort.reoffences, cohort.offenders, cohort.age_group) == (151, 80, None)
    result = read(table, ANSWERS)
    assert (result.read, result.left_out, result.blank) == (2, 4, 0)
    for expected in (
        "people who are no children (row 4)",
        "per offender”, which is no measure",
        "totals and notes",
    ):
        assert expected in said(result)


def test_ages_in_the_headings() -> None:
    one: _Rows = [["Reoffending rate, 2013/14"], ["Area", "10 to 14", "15 to 17"], ["Knowsley", 30, 40]]
    two: _Rows = [
        ["Reoffending rate"],
        ["Area", "Aged 10 to 14", "", "Aged 15 to 17", ""],
        ["", "2012/13", "2013/14", "2012/13", "2013/14"],
        ["Knowsley", 31, 30, 41, 40],
    ]
    for table, count in ((one, 2), (two, 4)):
        made = read(table, ANSWERS).cohorts
        assert len(made) == count
        rates = {cohort.age_group: cohort.rate for cohort in made if cohort.start == MARCH[0]}
        assert rates == {"10 to 14": 30, "15 to 17": 40}


def test_of_two_columns_of_areas_one_is_chosen() -> None:
    table: _Rows = [["YOT", "Police area", "Cohort", "Rate"], ["Knowsley", "Merseyside", "2013-14", 38]]
    [question] = [question for question in read(table, ANSWERS).asked if question.name == "area_column"]
    assert question.choices == ("YOT", "Police area")
    assert ("Knowsley", MARCH[0]) in cohorts(table, {"area_column": "YOT"})
    assert ("Merseyside", MARCH[0]) in cohorts(table, {"area_column": "Police area"})


def test_names_of_areas_are_those_of_the_register() -> None:
    names = [
        "England & Wales",
        "Yorkshire and The Humber",
        "City of Westminster YOT",
        "Knowsley¹",
        "City of London",
    ]
    found = cohorts([["Area", "Cohort", "Rate"], *([name, "2013-14", 38] for name in names)])
    expected = {"England and Wales", "Yorkshire and the Humber", "Westminster", "Knowsley", "City of London"}
    assert {area for area, _ in found} == expected


def test_the_table_of_one_area_has_measures_in_rows() -> None:
    for heading in ("Measure", ""):
        table: _Rows = [[heading, "2012/13", "2013/14"], ["Offenders", 2013, 2014], ["Reoffenders", 800, 790]]
        found = cohorts(table, {"area": "Knowsley"})
        assert found["Knowsley", MARCH[0]].offenders == 2014
        assert found["Knowsley", MARCH[0]].reoffenders == 790


# ---------------------------------------------------------------- the same figures in every shape

FIGURES = st.fixed_dictionaries(
    {
        (area, years): st.one_of(
            st.sampled_from(["*", "..", "[c]"]),
            st.integers(1, 2000).flatmap(lambda of: st.tuples(st.just(of), st.integers(0, of))),
        )
        for area in ("Knowsley", "Leeds", "England and Wales")
        for years in (2012, 2013, 2014)
    }
)
_Figures = dict[tuple[str, int], str | tuple[int, int]]


def cell(figures: _Figures, area: str, year: int, measure: int) -> Cell:
    figure = figures[area, year]
    return figure if isinstance(figure, str) else figure[measure]


@settings(max_examples=25)
@given(FIGURES)
def test_the_same_figures_are_read_from_every_shape(figures: _Figures) -> None:
    areas, years = ("Knowsley", "Leeds", "England and Wales"), (2012, 2013, 2014)
    names = ("Offenders", "Number of re-offenders")
    cohort = {year: f"Apr {year} – Mar {year + 1} (1)" for year in years}
    long: _Rows = [
        ["Area", "Cohort", *names],
        *([a, cohort[y], cell(figures, a, y, 0), cell(figures, a, y, 1)] for a in areas for y in years),
    ]
    wide: dict[str, _Rows] = {
        name: [
            ["A title"],
            ["YOT", *cohort.values()],
            *([a, *(cell(figures, a, y, measure) for y in years)] for a in areas),
        ]
        for measure, name in enumerate(names)
    }
    blocks: _Rows = [row for name, rows in wide.items() for row in ([], [name], *rows[1:])]
    headings: _Rows = [
        ["", *(text for year in years for text in (cohort[year], None))],
        ["Area", *(names * 3)],
        *([a, *(cell(figures, a, y, measure) for y in years for measure in (0, 1))] for a in areas),
    ]
    stacked: _Rows = [
        ["Indicator", "Period", "Authority", "Value"],
        *(
            [name, cohort[y], a, cell(figures, a, y, measure)]
            for measure, name in enumerate(names)
            for a in areas
            for y in years
        ),
    ]
    expected = cohorts(long)
    assert len(expected) == 9
    for content in (
        xlsx(wide),
        ods(wide),
        blocks,
        xlsx({"All": blocks}),
        headings,
        xlsx({"All": headings}),
        stacked,
    ):
        assert cohorts(content) == expected


WORDS = [
    "Area",
    "Cohort",
    "Rate",
    "2013/14",
    "2014",
    "Knowsley",
    "38%",
    "*",
    "",
    "",
    "Offenders",
    "Value",
    "Measure",
]
WORDS += [
    "cohort_start",
    "2013-04-01",
    "Total",
    "10 to 14",
    "Adult",
    "Source: us",
    "Reoffenders",
    "1,2",
    "published_on",
]


@settings(max_examples=150)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=4, max_size=4), min_size=1, max_size=7))
def test_whatever_stands_in_a_file_every_row_is_accounted_for(rows: list[list[str]]) -> None:
    try:
        result = read(rows, ANSWERS)
    except BadInputError:
        return
    assert (
        result.cohorts or result.problems or result.asked or any("no rate" in str(w) for w in result.warnings)
    )


# ---------------------------------------------------------------- what cannot be, and what is unlikely


def test_every_problem_at_once() -> None:
    result = read(
        [
            [*OWN, "age group"],
            ["Knowsley", "2012-10-01", "2013-09-30", 30, 50, 151, 37, "2015-07-30", "B", ""],
            ["", "2012-10-01", "2013-09-30", 135, 50, 151, 37, "2015-07-30", "B", ""],
            ["Leeds", "2012-10-02", "2013-09-30", 135.5, 50, "37,5", 37, "30.7", "B", "toddlers"],
            ["Derby", "2012-10-01", "2011-09-30", 135, 50, 20, 37, "2015-07-30", "B", ""],
            ["Knowsley", "2012-10-01", "2013-09-30", 31, 50, 151, 37, "2015-07-30", "B", ""],
        ],
        {"colour": "green"},
    )
    text = said(result)
    for expected in (
        "row 2, reoffenders: 50 reoffenders of 30 offenders",
        "row 3, area: nothing",
        "row 4, cohort_start: 2012-10-02",
        "row 4, offenders: 135.5",
        "row 4, reoffences: 37,5",
        "row 4, published_on: 30.7",
        "row 4, age group: toddlers",
        "row 5, cohort_end: 2011-09-30",
        "row 5, reoffences: 20 reoffences by 50 reoffenders",
        "row 6, offenders: 31, and 30 in row 2",
        "colour: no such question",
    ):
        assert expected in text
    assert result.cohorts == ()
    rows = [problem.row for problem in result.problems if problem.row]
    assert rows == sorted(rows)


def test_a_number_that_can_be_no_rate_is_kept_out_and_said() -> None:
    table: _Rows = [
        ["Area", "Cohort", "Offenders", "Rate"],
        ["England", "2013-14", 30000, 356.2],
        ["Leeds", "2013-14", 500, 38],
    ]
    found = cohorts(table)
    assert found["England", MARCH[0]].rate is None
    assert found["England", MARCH[0]].offenders == 30000
    assert "above 100" in said(read(table, ANSWERS))


def test_the_sum_of_the_regions_is_no_rate_even_below_100() -> None:
    regions = [
        "North East",
        "North West",
        "East Midlands",
        "West Midlands",
        "East of England",
        "London",
        "South East",
    ]
    rows: list[list[Cell]] = [[region, "2013-14", 10.5] for region in regions]
    table = [["Area", "Cohort", "Rate"], *rows, ["England", "2013-14", 73.5]]
    assert ("England", MARCH[0]) not in cohorts(table)
    assert "sum of the rates of the regions" in said(read(table, ANSWERS))


def test_a_rate_that_does_not_match_its_counts_is_kept_and_said() -> None:
    heading: list[Cell] = ["Area", "Cohort", "Offenders", "Reoffenders", "Rate"]
    table: _Rows = [heading, ["Knowsley", "2013-14", 151, 45, 29.8], ["Leeds", "2013-14", 151, 45, 31]]
    assert cohorts(table)["Leeds", MARCH[0]].rate == 31
    [warning] = read(table, ANSWERS | {"published_on": "2016-01-28"}).warnings
    assert (warning.rows, warning.column) == ((3,), "Rate")


def test_rates_of_at_most_1_are_asked_about() -> None:
    table: _Rows = [
        ["Area", "Cohort", "Rate"],
        ["Knowsley", "2013-14", 0.37770000000000004],
        ["Leeds", "2013-14", 0.4],
    ]
    [question] = [question for question in read(table).asked if question.name == "rate_form"]
    assert question.choices == ("per cent", "shares of 1")
    assert cohorts(table, {"rate_form": "shares of 1"})["Knowsley", MARCH[0]].rate == 37.77
    assert cohorts(table, {"rate_form": "per cent"})["Knowsley", MARCH[0]].rate == 0.3777


def test_unlikely_cohorts_and_unknown_areas_are_kept_and_said() -> None:
    table: _Rows = [
        ["Area", "Cohort", "Rate", "Published on"],
        ["Atlantis", "2013-14", 38, "2015-10-29"],
        ["Knowsley", "Jan - Jun 2014", 38, "2014-05-29"],
        ["Knowsley", "2026-27", 38, "2027-10-29"],
        ["Knowsley", "2026-27", 38, "2027-10-29"],
    ]
    assert ("Atlantis", MARCH[0]) in cohorts(table)
    text = said(read(table, ANSWERS))
    for expected in (
        "“Atlantis”",
        "neither three",
        "before the cohort ended",
        "not ended yet",
        "future",
        "stands twice",
    ):
        assert expected in text


def test_two_areas_of_one_service_are_kept_apart() -> None:
    table: _Rows = [
        ["Area", "Cohort", "Rate"],
        ["Leeds", "2013-14", 38],
        ["Leeds City Council", "2013-14", 40],
    ]
    assert {area for area, _ in cohorts(table)} == {"Leeds", "Leeds City Council"}
    assert "one service in the register" in said(read(table, ANSWERS))


def test_answers_are_held_to_what_can_be() -> None:
    table: _Rows = [["Area", "Cohort", "Rate"], ["Knowsley", "2013-14", 38]]
    result = read(
        table, {"published_on": "soon", "source": "", "source_kind": "rumour", "age_group": "adults"}
    )
    assert {problem.column for problem in result.problems} == {"published_on", "source_kind", "age_group"}
    unknown = read(
        table, {"published_on": "", "source": "", "source_kind": "local", "age_group": "15 to 17"}
    ).cohorts
    assert unknown == (Cohort("Knowsley", *MARCH, rate=38.0, source_kind="local", age_group="15 to 17"),)


@pytest.mark.parametrize(
    ("heading", "cell", "what"),
    [
        ("Surname", "Smith", "names of people"),
        ("Date of birth", "01/02/2000", "dates of birth"),
        ("PNC", "x", "PNC numbers"),
        ("Comments", "98/123456A", "PNC numbers"),
        ("Region", "L36 9YZ", "postcodes and addresses"),
    ],
)
def test_what_identifies_a_child_is_refused(heading: str, cell: str, what: str) -> None:
    with pytest.raises(
        BadInputError, match=rf"^figures: holds what must never be loaded: “{heading}” \({what}\)"
    ):
        read([["Area", "Cohort", "Offenders", heading], ["Knowsley", "2013-14", 30, cell]])


def test_a_file_without_such_a_table_is_refused_by_its_name() -> None:
    with pytest.raises(BadInputError, match=r"^figures: no table of reoffending was found"):
        read([["Plan type", "Due on"], ["Assessment", "2015-01-01"]])
    with pytest.raises(BadInputError, match=r"^figures: the file is empty"):
        read(b"")
    with pytest.raises(BadInputError, match="there is no sheet “Other”"):
        read(xlsx({"Data": WIDE}), sheet="Other")


# ---------------------------------------------------------------- numbers of others than all children of one cohort


@pytest.mark.parametrize(
    ("heading", "some", "every", "left"),
    [
        ("Sex", "Male", "All", "some of the children (Sex: Male)"),
        ("Ethnic group", "White", "Total", "some of the children (Ethnic group: White)"),
        ("Index disposal", "Custody", "All disposals", "some of the children (Index disposal: Custody)"),
        ("Adult_Juvenile", "Adult", "Juvenile", "people who are no children"),
        ("Offender type", "Adult", "Juvenile", "people who are no children"),
        ("Age group", "18 to 20", "10 to 17", "people who are no children"),
        ("Age group", "50+", "10 to 17", "people who are no children"),
    ],
)
def test_rows_of_a_part_of_the_children_or_of_adults_are_left_out(
    heading: str, some: str, every: str, left: str
) -> None:
    top = ["YOT", "Cohort", heading, "Offenders"]
    rows = [top, ["Knowsley", "2013-14", some, 900], ["Knowsley", "2013-14", every, 135]]
    assert cohorts(rows)["Knowsley", MARCH[0]].offenders == 135
    assert f"left out: {left}" in said(read(rows, ANSWERS))
    alone = read(rows[:2], ANSWERS)
    assert (alone.left_out, alone.cohorts) == (1, ())
    assert "no number of offenders" in said(alone)
    blank = [top, ["Knowsley", "2013-14", "", 135]]
    assert ("expected all, or which of the children" in said(read(blank, ANSWERS))) == ("some" in left)


def test_a_sheet_of_boys_is_no_table_of_all_children() -> None:
    rows = [["YOT", "Cohort", "Offenders"], ["Knowsley", "2013-14", 100]]
    all_of_them = [rows[0], ["Knowsley", "2013-14", 135]]
    girls = [["Proven reoffending of girls (females)"], *rows]
    content = xlsx({"Males": rows, "All": all_of_them, "T": girls})
    assert cohorts(content)["Knowsley", MARCH[0]].offenders == 135
    assert "some of the children (Males)" in said(read(content, ANSWERS))


def test_the_total_of_a_column_of_ages_counts_whom_the_column_holds() -> None:
    top = ["Area", "Age", "Cohort", "Offenders"]
    children = [top, ["Knowsley", "10-14", "2013/14", 35], ["Knowsley", "Total", "2013/14", 135]]
    made = {cohort.age_group: cohort.offenders for cohort in read(children, ANSWERS).cohorts}
    assert made == {"10 to 14": 35, None: 135}
    adults = [
        *children[:2],
        ["Knowsley", "21 to 24", "2013/14", 99],
        ["Knowsley", "All ages", "2013/14", 234],
    ]
    assert [cohort.offenders for cohort in read(adults, ANSWERS).cohorts] == [35]
    assert "expected an age group" in said(read([top, ["Knowsley", "Total", "2013/14", 135]], ANSWERS))


def test_a_year_and_a_quarter_in_two_columns_are_one_cohort() -> None:
    rows = [
        ["YOT", "Year", "Quarter", "Offenders"],
        ["Knowsley", "2014/15", "Q1", 30],
        ["Leeds", "2014/15", "Q4", 28],
    ]
    assert set(cohorts(rows)) == {("Knowsley", date(2014, 4, 1)), ("Leeds", date(2015, 1, 1))}
    swapped = [["YOT", "Quarter", "Year", "Offenders"], ["Knowsley", "Oct - Dec", "2015", 30]]
    assert cohorts(swapped)["Knowsley", date(2015, 10, 1)].end == date(2015, 12, 31)
    inside = [["YOT", "Year", "Cohort", "Offenders"], ["Knowsley", "2014/15", "Apr - Jun 2014", 30]]
    assert cohorts(inside)["Knowsley", date(2014, 4, 1)].end == date(2014, 6, 30)
    apart = [["YOT", "Period", "Cohort", "Offenders"], ["Knowsley", "2015/16", "2013/14", 30]]
    assert "“Period” and “Cohort” do not name one together" in said(read(apart, ANSWERS))
    unsure = [["YOT", "Year", "Quarter", "Offenders"], ["Knowsley", "2014", "Q1", 30]]
    assert "do not name one together" in said(read(unsure, ANSWERS))
    crossed = [["Quarter", "Rate 2013/14", "Rate 2014/15"], ["Q1", 30, 31]]
    assert "Q1, below “Rate 2013/14”" in said(read(crossed, ANSWERS))


def test_a_wide_table_of_ages_or_quarters_has_no_areas_in_its_rows() -> None:
    table: _Rows = [["Reoffending rate"], ["Age", "2012/13", "2013/14"], ["10-14", 33, 34], ["15-17", 43, 44]]
    assert "area" in {question.name for question in read(table).asked}
    made = read(table, ANSWERS | {"area": "Knowsley"}).cohorts
    assert {(cohort.area, cohort.age_group) for cohort in made} == {
        ("Knowsley", "10 to 14"),
        ("Knowsley", "15 to 17"),
    }


def test_days_under_a_heading_of_ends() -> None:
    def told(heading: str, cell: Cell) -> Reoffending:
        return read(xlsx({"T": [["Area", heading, "Rate"], ["Knowsley", cell, 37]]}), ANSWERS)

    def window(heading: str, cell: Cell) -> tuple[date, date]:
        [cohort] = told(heading, cell).cohorts
        return cohort.start, cohort.end

    assert window("12 months ending", date(2013, 9, 30)) == SEPTEMBER
    assert window("Rolling 12 months to", "Sep 2013") == SEPTEMBER
    assert window("Year ending", "Oct 2012 - Sep 2013") == SEPTEMBER
    assert window("Quarter ending", date(2015, 12, 31)) == (date(2015, 10, 1), date(2015, 12, 31))
    # "Sep-13", which a spreadsheet has made the first of the month, and which may as well be that day.
    assert "write the name, as September 2013" in said(told("12 months ending", date(2013, 9, 1)))


@pytest.mark.parametrize(
    "top",
    [
        ["Area", "Cohort", "Rate, 10 to 14", "", "Area", "Cohort", "Rate, 15 to 17"],
        ["Cohort", "Area", "Rate, 10 to 14", "", "Cohort", "Area", "Rate, 15 to 17"],
    ],
)
def test_two_tables_side_by_side_are_refused(top: list[Cell]) -> None:
    row: list[Cell] = ["Knowsley", "2013-14", 33, "", "Leeds", "2013-14", 45]
    if top[0] == "Cohort":
        row = ["2013-14", "Knowsley", 33, "", "2013-14", "Leeds", 45]
    result = read([top, row], ANSWERS)
    assert [problem.found for problem in result.problems] == ["a second table beside the first"]


def test_shares_of_1_among_rates_are_asked_about() -> None:
    rows = [["Area", "Cohort", "Rate"], ["Knowsley", "2013-14", 0.383], ["Leeds", "2013-14", 38.3]]
    assert "Some rates are not above 1 (1 of 2, the first in row 2)" in read(rows).asked[-1].asks
    found = cohorts(rows, {"rate_form": "shares of 1"})
    assert found["Knowsley", MARCH[0]].rate == found["Leeds", MARCH[0]].rate == 38.3
    assert cohorts(rows, {"rate_form": "per cent"})["Knowsley", MARCH[0]].rate == 0.383


def test_what_reoffending_alone_means_is_asked() -> None:
    rows = [["Area", "Cohort", "Offenders", "Reoffending"], ["Knowsley", "2013-14", 135, 50]]
    [question] = read(rows, ANSWERS).asked
    assert question.asks == "What are the numbers under “Reoffending”?"
    assert cohorts(rows, {"measure": "reoffenders"})["Knowsley", MARCH[0]].reoffenders == 50
    wide = [["Area", "Reoffending 2012/13", "Reoffending 2013/14"], ["Knowsley", 50, 48]]
    assert cohorts(wide, {"measure": "rate"})["Knowsley", MARCH[0]].rate == 48
    assert "measure" in {question.name for question in read(xlsx({"Reoffending": WIDE})).asked}


def test_a_frequency_is_no_rate_whatever_stands_before_it() -> None:
    result = read([["Reoffending rate (frequency)"], *WIDE], ANSWERS)
    assert (result.read, result.left_out) == (0, 2)


def test_a_row_that_cannot_be_read_is_one_problem() -> None:
    rows = [["Area", "Cohort", "Rate"], ["Knowsley", "20013-14", 37], ["Knowsley", "2012/14", 38]]
    assert [problem.row for problem in read(rows, ANSWERS).problems] == [2, 3]


@pytest.mark.parametrize(
    "names",
    [
        ("Number of\noffenders in\nthe measurable cohort", "Offenders who reoffend"),
        ("Number of children in the cohort", "Number of young people who reoffended"),
        ("Number of young people in the cohort", "Number who reoffended within 12 months"),
    ],
)
def test_measures_under_other_names(names: tuple[str, str]) -> None:
    found = cohorts(xlsx({"T": [["Area", "Cohort", *names], ["Knowsley", "2013-14", 135, 50]]}))
    cohort = found["Knowsley", MARCH[0]]
    assert (cohort.offenders, cohort.reoffenders) == (135, 50)


# ---------------------------------------------------------------- headings and cells in more of their shapes


def test_a_title_with_the_mark_of_a_footnote_behind_its_cohort() -> None:
    rows: _Rows = [["Region/local authority", "Number of re-offenders"], ["Knowsley", 50]]
    title = "Table 13b: juvenile offenders who reoffend, by area, April 2013 to March 2014(1)"
    assert ("Knowsley", MARCH[0]) in cohorts([[title], *rows])
    # What a whole publication spans is no cohort.
    assert "cohort" in {question.name for question in read([["April 2005 to March 2014"], *rows]).asked}


@pytest.mark.parametrize("heading", ["", "Team", "Region"])
def test_areas_below_a_heading_that_nobody_knows(heading: str) -> None:
    names = ["North West", "London"] if heading == "Region" else ["Knowsley", "Leeds"]
    long: _Rows = [
        ["2013-14"],
        [heading, "Offenders", "Reoffenders"],
        [names[0], 135, 50],
        [names[1], 99, 40],
    ]
    wide: _Rows = [
        ["Reoffending rate"],
        [heading, "2012-13", "2013-14"],
        [names[0], 37, 38],
        [names[1], 40, 41],
    ]
    assert {area for area, _ in cohorts(long)} == {area for area, _ in cohorts(wide)} == set(names)
    one_region: _Rows = [["Region", "Cohort", "Offenders"], ["North West", "2013-14", 135]]
    assert "area" in {question.name for question in read(one_region, ANSWERS).asked}
    # A row without a number, above areas that are known, is no row of headings.
    gap: _Rows = [["Area", "Cohort", "Rate"], ["Atlantis", "2012-13", ""], ["Knowsley", "2013-14", 37]]
    assert (read(gap, ANSWERS).read, read(gap, ANSWERS).blank) == (1, 1)


def test_three_rows_of_headings() -> None:
    table: _Rows = [
        ["Area", "Aged 10 to 14", "", "", "", "Aged 15 to 17", "", "", ""],
        ["", "2012/13", "", "2013/14", "", "2012/13", "", "2013/14", ""],
        ["", *(["Offenders", "Reoffenders"] * 4)],
        ["Knowsley", 11, 1, 12, 2, 13, 3, 14, 4],
    ]
    made = read(table, ANSWERS).cohorts
    assert {(c.age_group, c.start.year, c.offenders, c.reoffenders) for c in made} == {
        ("10 to 14", 2012, 11, 1),
        ("10 to 14", 2013, 12, 2),
        ("15 to 17", 2012, 13, 3),
        ("15 to 17", 2013, 14, 4),
    }


def test_counts_that_look_like_years_are_no_second_row_of_headings() -> None:
    rows: _Rows = [["Area", "Cohort", "Offenders", "Reoffenders"], ["Leeds", "2012-13", 2012, 1999]]
    assert cohorts(rows)["Leeds", date(2012, 4, 1)].reoffenders == 1999
    blank: _Rows = [["2012-13"], ["", "Offenders", "Reoffenders"], ["Leeds", 2012, 1999]]
    assert cohorts(blank)["Leeds", date(2012, 4, 1)].reoffenders == 1999


def test_headings_that_a_spreadsheet_made_days() -> None:
    table = xlsx({"T": [["Rate"], ["Area", date(2013, 9, 1), date(2013, 12, 1)], ["Knowsley", 37, 38]]})
    found = [problem.found for problem in read(table, ANSWERS).problems]
    assert found == ["2013-09-01, a day", "2013-12-01, a day"]


def test_cells_merged_downwards() -> None:
    rows: list[list[Cell]] = [
        [None, "Area", "Cohort", "Offenders"],
        [None, "Knowsley", "2012-13", 135],
        [None, None, "2013-14", None],
        [None, "Leeds", "2012-13", 900],
        [None, None, "2013-14", 800],
    ]
    merged = (
        '<mergeCells><mergeCell ref="B2:B3"/><mergeCell ref="B4:B5"/><mergeCell ref="D2:D3"/></mergeCells>'
    )
    found = cohorts(xlsx({"T": rows}, after=merged))
    assert {key: cohort.offenders for key, cohort in found.items()} == {
        ("Knowsley", date(2012, 4, 1)): 135,
        ("Leeds", date(2012, 4, 1)): 900,
        ("Leeds", MARCH[0]): 800,
    }
    assert "expected the area of every row" in said(read(xlsx({"T": rows}), ANSWERS))


def test_a_region_between_repeated_headings_begins_no_other_table() -> None:
    heading: list[Cell] = ["YOT", "2012-13", "2013-14"]
    table: _Rows = [
        ["Reoffending rate"],
        ["North West"],
        heading,
        ["Knowsley", 37, 38],
        ["London"],
        heading,
        ["Camden", 40, 41],
    ]
    assert cohorts(table)["Camden", MARCH[0]].rate == 41
    other: _Rows = [*table[:4], ["Reoffences per reoffender"], heading, ["Knowsley", 2.1, 2.2]]
    assert {cohort.rate for cohort in cohorts(other).values()} == {37, 38}
    unnamed: _Rows = [*table[:4], ["Another title"], heading, ["Camden", 40, 41]]
    [question] = read(unnamed, ANSWERS).asked
    assert question.asks == "What are the numbers of “Another title”?"


def test_number_and_per_cent_below_a_cohort() -> None:
    table: _Rows = [
        ["Reoffenders"],
        ["Area", "2012/13", "", "2013/14", ""],
        ["", "No.", "%", "No.", "%"],
        ["Knowsley", 50, 37, 48, 38],
    ]
    cohort = cohorts(table)["Knowsley", MARCH[0]]
    assert (cohort.reoffenders, cohort.rate) == (48, 38)
    one_row: _Rows = [["Area", "2012/13 No.", "2012/13 %"], ["Knowsley", 50, 37]]
    [question] = read(one_row, ANSWERS).asked
    assert question.asks == "What are the numbers under “2012/13 No.”?"
    numbered: _Rows = [["No.", "Area", "Cohort", "Rate"], [1, "Knowsley", "2013-14", 38]]
    assert cohorts(numbered)["Knowsley", MARCH[0]].rate == 38


def test_what_reoffending_means_in_a_column_of_measures_is_asked() -> None:
    table: _Rows = [["Indicator", "Area", "Cohort", "Value"], ["Reoffending", "Knowsley", "2013-14", 37]]
    assert [question.name for question in read(table, ANSWERS).asked] == ["measure of Reoffending"]
    assert cohorts(table, {"measure of Reoffending": "rate"})["Knowsley", MARCH[0]].rate == 37


def test_a_month_is_named_as_no_cohort() -> None:
    rows: _Rows = [["Month", "Cohort size"], ["Apr 2014", 10]]
    assert "a month alone does not say how long the cohort is" in said(read(rows, ANSWERS))


def test_notes_above_a_table_are_no_titles() -> None:
    table: _Rows = [
        ["Table 1: number of offenders by area"],
        ["For children aged 10 to 14 see table 2, and for the reoffending rate table 3."],
        ["Area", "2012/13", "2013/14"],
        ["Knowsley", 135, 130],
    ]
    cohort = cohorts(table)["Knowsley", MARCH[0]]
    assert (cohort.offenders, cohort.age_group) == (130, None)


def test_the_year_of_a_publication_is_not_that_of_its_cohorts() -> None:
    rows: _Rows = [["Youth Justice Annual Statistics 2014/15"], ["Area", "Offenders"], ["Knowsley", 135]]
    assert "cohort" in {question.name for question in read(rows, ANSWERS).asked}
    soon: _Rows = [["Area", "Cohort", "Rate"], ["Knowsley", "2013-14", 38]]
    assert "too soon to know its reoffending" in said(read(soon, ANSWERS))
    assert "too soon" not in said(read(soon, ANSWERS | {"source_kind": "local"}))
    assert "too soon" not in said(read(soon, ANSWERS | {"published_on": "2015-10-29"}))


def test_a_title_or_a_sheet_names_the_area_of_its_table() -> None:
    def tracker(years: str, rate: int) -> list[list[Cell]]:
        return [["Cohort", "Rate"], [years, rate]]

    expected = {("Knowsley", date(2013, 4, 1)): 37, ("England and Wales", date(2012, 4, 1)): 38}
    knowsley, both = tracker("2013-14", 37), tracker("2012-13", 38)
    for content in (
        xlsx({"Knowsley YOS": knowsley, "England and Wales": both}),
        as_csv([["Knowsley"], *knowsley, ["England and Wales"], *both]),
        as_csv([["Area:", "Knowsley"], *knowsley, [], ["Area: England and Wales"], *both]),
    ):
        found = cohorts(content, {"area": "Leeds"})
        assert {key: cohort.rate for key, cohort in found.items()} == expected
    [question] = read(xlsx({"Knowsley": knowsley, "Family": both}), ANSWERS).asked
    assert question.asks == "Which area is the table on “Family” about?"


def test_rows_of_changes_and_ranks_are_no_areas() -> None:
    rows: _Rows = [*WIDE, ["National rank", 100, 99], ["% change", 1.2, 3.4], ["Target", 35, 35]]
    assert {area for area, _ in cohorts(rows, {"measure": "rate"})} == {"Knowsley", "England and Wales"}
    assert read(rows, ANSWERS).left_out == 3


def test_two_cells_of_a_title() -> None:
    rows: _Rows = [["Cohort:", "Apr 2013 - Mar 2014"], ["Area", "Offenders"], ["Knowsley", 135]]
    assert ("Knowsley", MARCH[0]) in cohorts(rows)


def test_areas_as_headings_beside_cohorts() -> None:
    rows: _Rows = [["Cohort", "Knowsley", "England & Wales"], ["Oct 12 - Sep 13", "37.0%", "37.4%"]]
    assert [question.name for question in read(rows, ANSWERS).asked] == ["measure"]
    found = cohorts(rows, {"measure": "rate"})
    assert {area: cohort.rate for (area, _), cohort in found.items()} == {
        "Knowsley": 37.0,
        "England and Wales": 37.4,
    }


def test_cohort_may_be_how_many_are_in_it() -> None:
    rows: _Rows = [["Area", "Period", "Cohort", "Reoffenders"], ["Knowsley", "2013/14", 135, 50]]
    stacked: _Rows = [["", "2013/14", ""], ["Area", "Cohort", "Reoffenders"], ["Knowsley", 135, 50]]
    for table in (rows, stacked):
        cohort = cohorts(table)["Knowsley", MARCH[0]]
        assert (cohort.offenders, cohort.reoffenders) == (135, 50)
    unsure: _Rows = [rows[0], ["Knowsley", "2013/14", 2014, 50]]
    assert "do not name one together" in said(read(unsure, ANSWERS))
    named: _Rows = [["Area", "Year ending March 2014: cohort"], ["Knowsley", 135]]
    [question] = read(named, ANSWERS).asked
    assert question.name == "measure"


def test_indicators_beside_their_targets() -> None:
    rows: _Rows = [["KPI", "Target", "Q1 2014/15", "Trend"], ["Reoffending rate", 35, 37.1, "up"]]
    found = cohorts(rows, {"area": "Knowsley"})
    assert [cohort.rate for cohort in found.values()] == [37.1]


# ---------------------------------------------------------------- a real one


def test_the_real_table_of_the_local_authority_interactive_tool(shared: Path | None) -> None:
    if shared is None:
        return
    content = (shared / "data" / "lait-youth-offending-2016-2025.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
    result = read(
        content, {"published_on": "", "source": "LAIT", "source_kind": "published", "year": "year to March"}
    )
    assert (result.rows, result.read, result.left_out, result.blank) == (6460, 3060, 3400, 0)
    assert result.problems == result.asked == ()
    wanted = [row for row in rows if row["measure"].startswith("reoffending")]
    assert len(result.cohorts) == len(wanted)
    for cohort, row in zip(result.cohorts, wanted, strict=True):
        assert cohort.end == date(int(row["year"]), 3, 31)
        assert cohort.age_group == ("10 to 14" if "10_14" in row["measure"] else "15 to 17")
        if row["value"] == "-":
            assert (cohort.rate, cohort.marker) == (None, "-")
        else:
            assert cohort.rate == round(float(row["value"]), 2)
            assert cohort.marker is None
    assert Counter(cohort.marker for cohort in result.cohorts) == {None: 2534, "-": 526}
    text = said(result)
    for expected in (
        "“first_time_entrants_per_100k_10_17”, which is no measure of reoffending (1,530 rows",
        "“looked_after_convicted_or_cautioned_pct”, which is no measure of reoffending (1,700 rows",
        "“cautioned_or_sentenced_per_10k_10_17”, which is no measure of reoffending (170 rows",
        "the number of England is the sum of its regions and no rate (9 rows",
        "“Isles of Scilly”",
    ):
        assert expected in text
