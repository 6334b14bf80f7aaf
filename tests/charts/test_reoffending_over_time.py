"""The chart of reoffending: cohorts to scale, what chance leaves open, and the children behind the rate."""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go

from sqs_core.charts import INK
from sqs_core.charts.reoffending_over_time import reoffending_chart
from sqs_core.measures.reoffending import ENGLAND_AND_WALES, LETTER, compared, series, series_of
from sqs_core.measures.timing import add_months
from sqs_core.model import Cohort

INSPECTED = (date(2012, 6, 3), date(2015, 10, 7))


def year(area: str, start: date, reoffenders: int | None, offenders: int | None, **more: object) -> Cohort:
    end = add_months(start, 12).replace(day=1)
    end = date.fromordinal(end.toordinal() - 1)
    return Cohort(area, start, end, offenders, reoffenders, **more)  # type: ignore[arg-type]


def drawn(*cohorts: Cohort, area: str = "Bath") -> go.Figure | None:
    everything = series(cohorts)
    (own,) = series_of(area, everything)
    country = series_of(ENGLAND_AND_WALES, everything)
    chart = reoffending_chart(own, compared([own], country), country, INSPECTED, INK["light"])
    return chart.figure if chart else None


def lines(figure: go.Figure, axis: str | None = None) -> list[list[tuple[object, object, object]]]:
    """Each cohort that is drawn on an axis: from, to, height; a list for each trace."""
    out = []
    for trace in figure.data:
        if trace.mode == "lines" and trace.hoverinfo == "text" and (trace.yaxis or "y") == (axis or "y"):
            ends = [(x, y) for x, y in zip(trace.x, trace.y, strict=True)]
            assert [x for x, _ in ends[2::3]] == [None] * (len(ends) // 3), "a gap after each cohort"
            out.append([(ends[i][0], ends[i + 1][0], ends[i][1]) for i in range(0, len(ends), 3)])
    return out


BATH = [
    year("Bath", date(2012, 10, 1), 50, 160, published_on=date(2014, 7, 31)),
    year("Bath", date(2013, 10, 1), 45, 151, published_on=date(2015, 7, 30)),
]
COUNTRY = year(ENGLAND_AND_WALES, date(2013, 10, 1), 16_083, 42_299)


def test_a_line_is_as_long_as_its_cohort() -> None:
    figure = drawn(*BATH, COUNTRY)
    assert figure is not None
    own, country = lines(figure)
    assert [(start, end) for start, end, _ in own] == [(c.start, c.end) for c in BATH]
    assert [round(float(str(height)), 1) for _, _, height in own] == [31.2, 29.8]
    assert [(start, end) for start, end, _ in country] == [(COUNTRY.start, COUNTRY.end)]


def test_children_and_those_who_reoffended_stand_below_on_an_axis_that_begins_at_nothing() -> None:
    figure = drawn(*BATH)
    assert figure is not None
    children, reoffended = lines(figure, "y2")
    assert [height for _, _, height in children] == [160, 151]
    assert [height for _, _, height in reoffended] == [50, 45]
    assert figure.layout.yaxis2.rangemode == figure.layout.yaxis.rangemode == "tozero"
    assert figure.layout.yaxis2.domain[1] < figure.layout.yaxis.domain[0]


def test_the_band_is_the_interval_and_only_where_children_are_known() -> None:
    unknown = Cohort("Bath", date(2011, 10, 1), date(2012, 9, 30), rate=33.0)
    figure = drawn(unknown, *BATH)
    assert figure is not None
    bands = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert [(band.x0, round(band.y0), round(band.y1)) for band in bands] == [
        (BATH[0].start, 25, 39),
        (BATH[1].start, 23, 38),
    ]


def test_publication_and_inspections_are_marked() -> None:
    figure = drawn(*BATH)
    assert figure is not None
    (marks,) = [trace for trace in figure.data if trace.mode == "markers"]
    assert list(marks.x) == [c.published_on for c in BATH]
    assert marks.hovertext[1].startswith("Published on 30 July 2015: 29.8%, 45 of 151")
    inspections = [shape.x0 for shape in figure.layout.shapes if shape.type == "line"]
    assert inspections == [date(2015, 10, 7)], "not one from before these cohorts"


def test_too_few_children_have_neither_rate_nor_reoffenders() -> None:
    figure = drawn(*BATH, year("Bath", date(2014, 10, 1), 9, 29))
    assert figure is not None
    (own,) = lines(figure)
    children, reoffended = lines(figure, "y2")
    assert (len(own), len(children), len(reoffended)) == (2, 3, 2)
    assert drawn(year("Bath", date(2014, 10, 1), 9, 29)) is None


def test_the_sentence_names_what_is_drawn_and_nothing_else() -> None:
    everything = series([*BATH, COUNTRY])
    (own,), country = series_of("Bath", everything), series_of(ENGLAND_AND_WALES, everything)
    chart = reoffending_chart(own, compared([own], country), country, INSPECTED, INK["light"])
    assert chart is not None
    for part in ("Dotted: England and Wales.", "Band:", "Diamonds on the axis:", "Below:"):
        assert part in chart.sentence
    assert "rom October 2013 to September 2014: 29.8%, 45 of 151, between 23% and 38% by chance" in chart.alt
    letter = Cohort("Bath", date(2013, 10, 1), date(2014, 9, 30), rate=29.8, source=LETTER)
    (bare,) = series([letter])
    chart = reoffending_chart(bare, compared([bare]), (), (), INK["light"])
    assert chart is not None
    assert chart.sentence == (
        "A line is as long as its cohort: the months in which the children were cautioned, convicted or released."
    )
    assert "29.8%, number of children not known" in chart.alt


def test_bands_of_rolling_cohorts_are_fainter_the_more_they_lie_on_each_other() -> None:
    rolling = [year("Bath", add_months(date(2012, 1, 1), 3 * n), 45, 151) for n in range(5)]
    faint, full = drawn(*rolling), drawn(*BATH)
    assert faint is not None
    assert full is not None
    opacity = {shape.opacity for shape in faint.layout.shapes if shape.type == "rect"}
    assert opacity == {0.05}
    assert {shape.opacity for shape in full.layout.shapes if shape.type == "rect"} == {0.2}
