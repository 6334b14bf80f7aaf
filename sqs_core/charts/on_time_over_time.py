"""The share of reviews on time month by month, with the limits that chance keeps to and the inspection as a line."""

from __future__ import annotations

from datetime import date, timedelta

import plotly.graph_objects as go

from sqs_core.charts import NEUTRAL, STRENGTH, WEAKNESS, Chart
from sqs_core.measures.control_chart import Point, signals_in_words
from sqs_core.measures.reviewing import Trend
from sqs_core.measures.timeliness import Timeliness
from sqs_core.measures.words import month, month_end, number


def on_time_chart(trend: Trend, ink: str) -> Chart | None:
    """None: fewer than two months had a review due. `ink` is the colour of text."""
    if trend.chart is None:
        return None
    names = [month(group.label or "") for group in trend.months]
    points = list(zip(trend.months, trend.chart.points, names, strict=True))
    starts = [date.fromisoformat(f"{group.label}-01") for group in trend.months]
    figure = go.Figure()
    edges = [starts[0], month_end(trend.months[-1].label or "") + timedelta(days=1)]
    # A bar a month and not a band: where no review fell due there is nothing that chance would do.
    limits = [(start, p) for start, p in zip(starts, trend.chart.points, strict=True) if p.value is not None]
    figure.add_bar(
        x=[start + timedelta(days=14) for start, _ in limits],
        base=[point.lower for _, point in limits],
        y=[(point.upper or 0) - (point.lower or 0) for _, point in limits],
        width=30.5 * 24 * 3600 * 1000,  # a month, in the milliseconds of plotly's time axis
        marker={"color": "rgba(122, 127, 135, .25)", "line": {"width": 0}},
        hoverinfo="skip",
    )
    # Their edges, as the bars alone are too faint for some eyes; a gap where they have one.
    for limit in ("lower", "upper"):
        figure.add_scatter(
            x=[start + timedelta(days=14) for start in starts],
            y=[getattr(p, limit) if p.value is not None else None for p in trend.chart.points],
            mode="lines",
            line={"color": NEUTRAL, "width": 1.5, "shape": "hvh"},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[edges[0], edges[-1]],
        y=[trend.chart.centre] * 2,
        mode="lines",
        line={"color": ink, "width": 1, "dash": "dash"},
        hoverinfo="skip",
    )
    # A month stands in its middle, so that the line of the inspection falls before or after it as it did.
    middles = [start + timedelta(days=14) for start in starts]
    figure.add_scatter(
        x=middles,
        y=[point.value for point in trend.chart.points],
        mode="lines+markers",
        line={"color": ink, "width": 1},
        marker={
            "color": [_colour(point) for point in trend.chart.points],
            "symbol": [_symbol(point) for point in trend.chart.points],
            "size": [11 if point.signals else 7 for point in trend.chart.points],
            "line": {"color": ink, "width": 1},
        },
        hovertext=[_hover(group.timeliness, point, name) for group, point, name in points],
        hoverinfo="text",
        cliponaxis=False,
    )
    if trend.inspected_on:
        figure.add_vline(x=trend.inspected_on, line={"color": ink, "width": 2})
        figure.add_annotation(
            x=trend.inspected_on,
            y=1.0,
            yref="paper",
            yanchor="bottom",
            text="Inspection",
            showarrow=False,
            font={"color": ink},
        )
    figure.update_yaxes(
        range=[-0.02, 1.02],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
        tickformat=".0%",
        tickfont={"color": ink},
        fixedrange=True,
        zeroline=False,
    )
    figure.update_xaxes(tickfont={"color": ink}, fixedrange=True, range=[edges[0], edges[-1]])
    figure.update_layout(
        showlegend=False, height=340, margin={"l": 0, "r": 12, "t": 30, "b": 30}, dragmode=False
    )
    sentence = signals_in_words(trend.chart, names)
    return Chart(
        figure, sentence, f"Share of reviews on time in each month. {sentence} {_in_words(trend, names)}"
    )


def _colour(point: Point) -> str:
    if not point.signals:
        return NEUTRAL
    return STRENGTH if point.signals[0].is_improvement else WEAKNESS


def _symbol(point: Point) -> str:
    if not point.signals:
        return "circle"
    return "triangle-up" if point.signals[0].direction == "up" else "triangle-down"


def _hover(found: Timeliness, point: Point, name: str) -> str:
    if not found.due:
        return f"{name}: no review fell due"
    rules = ", ".join(dict.fromkeys(signal.rule for signal in point.signals))
    limits = f"; chance alone: {point.lower:.0%} to {point.upper:.0%}" if point.lower is not None else ""
    return f"{name}: {found.on_time} of {found.due} on time{limits}{f'; {rules}' if rules else ''}"


def _in_words(trend: Trend, names: list[str]) -> str:
    """The ends of the series, and the inspection, for who does not see it."""
    ends = [
        f"{name}: {group.timeliness.on_time} of {group.timeliness.due}"
        for group, name in zip(trend.months, names, strict=True)
        if group.timeliness.due
    ]
    inspected = f" Inspection: {trend.inspected_on:%B %Y}." if trend.inspected_on else ""
    return (
        f"{number(len(ends)).capitalize()} months had reviews. First {ends[0]}, last {ends[-1]}.{inspected}"
    )
