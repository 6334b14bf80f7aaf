"""The timeline: every lane in the plan's order, overdue until today, and an axis that a single day does not break."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqs_core.charts import INK
from sqs_core.charts.timeline import timeline_chart
from sqs_core.model import Action

TODAY = date(2016, 9, 1)
ACTION = Action(
    "Knowsley",
    "2015-10-05",
    "An area",
    "1",
    "Review <b>every</b> plan",
    planned_on=date(2016, 3, 31),
    id="a",
    version=1,
    changed_at=datetime(2016, 1, 20, 10, tzinfo=UTC),
)


def drawn(*versions: Action, inspected: tuple[date, ...] = (date(2015, 10, 7),)):  # type: ignore[no-untyped-def]
    return timeline_chart(inspected, (), versions, (), today=TODAY, ink=INK["light"])


def test_lanes_stand_in_the_plans_order_and_markup_is_text() -> None:
    second = replace(ACTION, id="b", reference="10", state="done", done_on=date(2016, 2, 1))
    third = replace(ACTION, id="c", reference="2", planned_on=date(2016, 12, 1))
    chart = drawn(second, third, ACTION)
    assert chart is not None
    assert list(chart.figure.layout.yaxis.ticktext)[2:] == ["Action 1", "Action 2", "Action 10"]
    overdue = [trace for trace in chart.figure.data if trace.line.dash == "dot"]
    assert [list(trace.x) for trace in overdue] == [[date(2016, 3, 31), TODAY]]
    texts = [str(trace.hovertext) for trace in chart.figure.data]
    assert any("&lt;b&gt;every" in text for text in texts)
    assert "Action 1: overdue for 31 March 2016." in chart.alt
    assert "Action 10: done on 1 February 2016." in chart.alt


def test_one_day_alone_has_an_axis_of_a_year() -> None:
    chart = drawn()
    assert chart is not None
    first, last = chart.figure.layout.xaxis.range
    assert last - first >= timedelta(days=365)
    assert drawn(inspected=()) is None
