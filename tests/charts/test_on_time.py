"""The months on time as a picture, and the bars of groups: what they show, say and hide."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, timedelta

import plotly.graph_objects as go
import pytest

from sqs_core.charts import INK, Chart
from sqs_core.charts.on_time_over_time import on_time_chart
from sqs_core.charts.rate_bars import rate_bars
from sqs_core.measures.control_chart import signals_in_words
from sqs_core.measures.reviewing import Trend, trend
from sqs_core.measures.timeliness import Timeliness, TimelinessGroup
from sqs_core.measures.words import month
from sqs_core.model import Letter, Review

EXTRACT = date(2026, 6, 30)
PLAIN = Review("Testford", "TF-0001", "assessment", "scheduled", EXTRACT)
NO_LETTER = Letter(None, None, None, None, None, None, None, None)
INK_ = INK["light"]


def months(*counts: tuple[int, int], inspected: date | None = None) -> Trend:
    """So many on time and late in each month, the last of them June 2026."""
    given = []
    for ago, (on_time, late) in enumerate(reversed(counts)):
        year, before = divmod(2026 * 12 + 5 - ago, 12)
        due = date(year, before + 1, 10)
        one = replace(PLAIN, due_on=due, completed_on=due)
        given += [one] * on_time + [replace(one, completed_on=due + timedelta(days=2))] * late
    return trend(given, replace(NO_LETTER, fieldwork_end=inspected) if inspected else None)


def drawn(given: Trend) -> Chart:
    chart = on_time_chart(given, INK_)
    assert chart is not None
    return chart


def line_of(chart: Chart) -> go.Scatter:
    (line,) = [trace for trace in chart.figure.data if trace.hovertext is not None]
    return line


def bars_of(chart: Chart) -> go.Bar:
    (bars,) = [trace for trace in chart.figure.data if trace.type == "bar"]
    return bars


GAPPY = ((3, 1), (0, 0), (2, 0), (0, 0), (0, 0), (1, 3))
# A year at 9 of 10, the inspection, a year at 3 of 10.
WORSE = months(*[(9, 1)] * 12, *[(3, 7)] * 12, inspected=date(2025, 7, 1))
BETTER = months(*[(3, 7)] * 12, *[(9, 1)] * 12, inspected=date(2025, 7, 1))


@pytest.mark.parametrize("counts", [[], [(3, 1)], [(3, 1), (0, 0), (0, 0)], [(0, 0)]])
def test_fewer_than_two_months_with_reviews_make_no_chart(counts: list[tuple[int, int]]) -> None:
    assert on_time_chart(months(*counts), INK_) is None


def test_two_months_make_one() -> None:
    assert list(line_of(drawn(months((3, 1), (2, 2)))).y) == [0.75, 0.5]


def test_a_month_without_reviews_is_a_gap_with_neither_line_nor_limits() -> None:
    given = months(*GAPPY)
    chart = drawn(given)
    line, bars = line_of(chart), bars_of(chart)
    assert list(line.y) == [0.75, None, 1.0, None, None, 0.25]
    assert not line.connectgaps
    assert [f"{x:%Y-%m}" for x in line.x] == [group.label for group in given.months]
    assert [f"{x:%Y-%m}" for x in bars.x] == ["2026-01", "2026-03", "2026-06"]
    assert given.chart is not None
    limits = [(p.lower, p.upper) for p in given.chart.points if p.value is not None]
    assert [(low, low + height) for low, height in zip(bars.base, bars.y, strict=True)] == [
        (low, pytest.approx(high)) for low, high in limits
    ]
    assert line.hovertext[1] == "February 2026: no review fell due"


def test_a_month_of_none_on_time_is_no_gap() -> None:
    assert list(line_of(drawn(months((3, 1), (0, 2), (1, 1)))).y) == [0.75, 0.0, 0.5]


@pytest.mark.parametrize("given", [months(*GAPPY), WORSE, BETTER, months(*[(2, 1)] * 11, (1, 6))])
def test_hovering_gives_counts_and_no_decimal(given: Trend) -> None:
    texts = line_of(drawn(given)).hovertext
    assert len(texts) == len(given.months)
    for group, text in zip(given.months, texts, strict=True):
        found = group.timeliness
        assert text.startswith(f"{month(group.label or '')}: ")
        assert not re.search(r"\d\.\d", text)
        if found.due:
            assert f": {found.on_time} of {found.due} on time" in text
    for trace in drawn(given).figure.data:
        assert trace.hovertext is not None or trace.hoverinfo == "skip"
        assert not trace.text
        assert not trace.hovertemplate


@pytest.mark.parametrize("inspected", [date(2025, 6, 30), date(2026, 1, 1), date(2025, 12, 17)])
def test_the_inspection_is_a_line_on_its_day(inspected: date) -> None:
    figure = drawn(months(*[(4, 1)] * 24, inspected=inspected)).figure
    (shape,) = figure.layout.shapes
    assert (str(shape.x0)[:10], str(shape.x1)[:10]) == (str(inspected), str(inspected))
    (label,) = [a for a in figure.layout.annotations if a.text == "Inspection"]
    assert str(label.x)[:10] == str(inspected)


def test_the_line_stands_between_the_months_before_and_after() -> None:
    """Months stand in their middle: an inspection on the first of a month has that month after it."""
    figure_line = line_of(drawn(WORSE))
    assert [x < date(2025, 7, 1) for x in figure_line.x] == [True] * 12 + [False] * 12


def test_without_an_inspection_in_these_months_there_is_no_line() -> None:
    for given in (months(*[(4, 1)] * 24), months(*[(4, 1)] * 12, inspected=date(2015, 10, 7))):
        figure = drawn(given).figure
        assert not figure.layout.shapes
        assert not figure.layout.annotations
        assert "Inspection" not in drawn(given).alt


@pytest.mark.parametrize(("given", "symbol"), [(WORSE, "triangle-down"), (BETTER, "triangle-up")])
def test_signals_are_told_by_shape_size_and_words_too(given: Trend, symbol: str) -> None:
    assert given.chart is not None
    line = line_of(drawn(given))
    signalled = [bool(point.signals) for point in given.chart.points]
    assert any(signalled)
    assert not all(signalled)
    for is_signal, shape, size, text in zip(
        signalled, line.marker.symbol, line.marker.size, line.hovertext, strict=True
    ):
        assert (shape == "circle") == (not is_signal)
        assert shape in ("circle", symbol)
        assert size == (11 if is_signal else 7)
        assert is_signal == bool(
            re.search(r"; (outside limits|two of three|trend of seven|seven on one side)", text)
        )


def test_without_a_signal_all_are_circles_of_one_colour() -> None:
    line = line_of(drawn(months(*[(4, 1), (3, 2)] * 9)))
    assert set(line.marker.symbol) == {"circle"}
    assert len(set(line.marker.color)) == 1


@pytest.mark.parametrize("given", [months(*GAPPY), WORSE, BETTER, months(*[(4, 1), (3, 2)] * 9)])
def test_sentence_and_description_say_the_same(given: Trend) -> None:
    chart = drawn(given)
    assert given.chart is not None
    assert chart.sentence == signals_in_words(given.chart, [month(g.label or "") for g in given.months])
    assert chart.sentence in chart.alt
    assert not re.search(r"\d\.\d|_|None", chart.alt)
    assert chart.alt.count("..") == 0


def test_the_description_in_full() -> None:
    assert drawn(WORSE).alt == (
        "Share of reviews on time in each month. Twelve months in a row below the earlier average: a real change for "
        "the worse. 24 months had reviews. First July 2024: 9 of 10, last June 2026: 3 of 10. Inspection: July 2025."
    )
    assert drawn(months(*GAPPY)).alt.endswith(
        "Three months had reviews. First January 2026: 3 of 4, last June 2026: 1 of 4."
    )


def test_the_scale_is_0_to_100_and_the_ink_is_that_of_the_page() -> None:
    for ink in INK.values():
        chart = on_time_chart(WORSE, ink)
        assert chart is not None
        low, high = chart.figure.layout.yaxis.range
        assert low <= 0
        assert high >= 1
        assert chart.figure.layout.yaxis.tickfont.color == ink
        assert line_of(chart).line.color == ink
        *edges, average = [t for t in chart.figure.data if t.type == "scatter" and t.hovertext is None]
        assert [edge.line.shape for edge in edges] == ["hvh", "hvh"], "the limits, month by month"
        assert average.line.dash == "dash"
        assert list(average.y) == [0.9, 0.9]


# Bars of groups


def group(label: str | None, on_time: int, late: int = 0, overdue: int = 0) -> TimelinessGroup:
    return TimelinessGroup(
        label,
        Timeliness(date(2026, 1, 1), EXTRACT, EXTRACT, on_time, late, overdue, 0, 0, 0, 0, None, None),
    )


def bars(*groups: TimelinessGroup, heading: str = "Team") -> str:
    """Without the style."""
    whole = rate_bars(groups, heading)
    assert whole.count("</style>") == 1
    return whole.split("</style>")[1]


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", markup))


@pytest.mark.parametrize(
    ("on_time", "late", "overdue"), [(1, 0, 0), (0, 1, 0), (20, 5, 4), (29, 0, 0), (0, 20, 9)]
)
def test_under_30_there_are_counts_and_no_rate(on_time: int, late: int, overdue: int) -> None:
    markup = bars(group("North", on_time, late, overdue))
    due = on_time + late + overdue
    assert "<b>" not in markup
    assert "class='rate'" not in markup, "the mark would give the rate away"
    assert f"{on_time} of {due} on time" in markup
    assert "Too few for a rate: by chance anything between " in markup
    assert "class='chance'" in markup


@pytest.mark.parametrize(
    ("on_time", "late", "rate"),
    [
        (30, 0, "100%"),
        (0, 30, "0%"),
        (20, 10, "67%"),
        (399, 1, "over 99%"),
        (1, 399, "under 1%"),
        (11, 21, "34%"),
    ],
)
def test_from_30_on_the_rate_is_in_bold_and_whole(on_time: int, late: int, rate: str) -> None:
    markup = bars(group("North", on_time, late))
    assert f"<b>{rate}</b>, {on_time} of {on_time + late}, between " in markup
    assert "class='rate'" in markup
    assert not re.search(r"\d\.\d", text_of(markup))


def test_the_words_of_a_row() -> None:
    assert "<b>70%</b>, 28 of 40, between 54% and 82% by chance alone; 9 late, 3 overdue.</td>" in bars(
        group("North", 28, 9, 3)
    )
    assert "<b>100%</b>, 40 of 40, between 91% and 100% by chance alone.</td>" in bars(group("North", 40))
    assert "3 of 5 on time; 2 overdue. Too few" in bars(group("North", 3, 0, 2))
    empty = bars(group("North", 0))
    assert "None was due." in empty
    assert "class='scale'" not in empty


def test_names_are_escaped() -> None:
    markup = bars(
        group("<b>North</b>", 3, 1),
        group("<script>alert('x')</script>", 30, 5),
        group('R&D "East"', 1),
        heading="<i>Team",
    )
    assert "&lt;b&gt;North&lt;/b&gt;" in markup
    assert "<b>North" not in markup
    assert "<script" not in markup
    assert "R&amp;D" in markup
    assert "<i>" not in markup
    assert "<b>North</b>" in text_of(markup)


def test_raw_identifiers_and_what_is_not_said_are_in_words() -> None:
    markup = bars(group("risk_management_plan", 3), group(None, 2), heading="Plan type")
    text = text_of(markup)
    assert "Risk management plan" in text
    assert "Not said" in text
    assert "None" not in text
    assert "_" not in text


def test_a_table_that_a_screen_reader_can_read() -> None:
    markup = bars(group("North", 40, 2), group("South", 3))
    assert markup.count("<th scope='col'>") == 3
    assert markup.count("<th scope='row'>") == 2
    assert markup.count("aria-hidden='true'") == markup.count("class='scale'") == 2
    assert "<caption>Reviews on time by team</caption>" in markup
    assert bars() == bars(heading="Team")
    assert "<tbody></tbody>" in bars()


@pytest.mark.parametrize("counts", [(0, 1), (1, 0), (0, 50), (50, 0), (17, 13), (3, 2)])
def test_bars_stay_on_the_scale(counts: tuple[int, int]) -> None:
    markup = bars(group("North", *counts))
    low, width = (
        float(x) for x in re.findall(r"class='chance' style='left:([\d.]+)%;width:([\d.]+)%'", markup)[0]
    )
    assert low >= 0
    assert width > 0
    assert low + width <= 100.1
    for mark in re.findall(r"class='rate' style='left:([\d.]+)%'", markup):
        assert low - 0.1 <= float(mark) <= low + width + 0.1
