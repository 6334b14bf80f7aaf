"""Reoffending rates over time: each cohort as long as its months, with what chance leaves open of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go

from sqs_core.charts import NEUTRAL, STRENGTH, Chart
from sqs_core.measures.reoffending import (
    ENGLAND_AND_WALES,
    Compared,
    Figure,
    Series,
    area_key,
    rate_words,
)
from sqs_core.measures.words import between, period


def reoffending_chart(
    own: Series, found: Sequence[Compared], beside: Sequence[Series], inspected: Sequence[date], ink: str
) -> Chart | None:
    """One series of a service, beside those of other areas that count in the same way. None: no cohort has a rate.

    A line is as long as its cohort's months; the band around it is the 95% interval. `ink` is the colour of text.
    """
    rated = [one for one in found if one.figure.rate is not None]
    if not rated:
        return None
    figure = go.Figure()
    for other in beside:
        dash = "dot" if area_key(other.area) == area_key(ENGLAND_AND_WALES) else "dash"
        for one in other.figures:
            if one.rate is not None:
                _line(
                    figure, one, f"{other.area}: {_hover(one)}", {"color": NEUTRAL, "width": 2, "dash": dash}
                )
    for compared in rated:
        one = compared.figure
        if one.interval:
            figure.add_shape(
                type="rect",
                x0=one.cohort.start,
                x1=one.cohort.end,
                y0=100 * one.interval.low,
                y1=100 * one.interval.high,
                fillcolor=STRENGTH,
                opacity=0.2,
                line_width=0,
                layer="below",
            )
        _line(figure, one, _hover(one), {"color": STRENGTH, "width": 5})
        if one.cohort.published_on:
            figure.add_scatter(
                x=[one.cohort.published_on],
                y=[one.rate],
                mode="markers",
                marker={"symbol": "diamond-open", "size": 8, "color": ink},
                hovertext=f"Published on {one.cohort.published_on:%d %B %Y}",
                hoverinfo="text",
            )
    for when in inspected:
        figure.add_vline(x=when, line={"color": ink, "width": 2})
        figure.add_annotation(
            x=when,
            y=1.0,
            yref="paper",
            yanchor="bottom",
            text="Inspection",
            showarrow=False,
            font={"color": ink},
        )
    figure.update_yaxes(
        rangemode="tozero", ticksuffix="%", tickfont={"color": ink}, fixedrange=True, zeroline=False
    )
    figure.update_xaxes(tickfont={"color": ink}, fixedrange=True)
    figure.update_layout(
        showlegend=False, height=340, margin={"l": 0, "r": 12, "t": 30, "b": 30}, dragmode=False
    )
    rates = "; ".join(
        f"{period(c.figure.cohort.start, c.figure.cohort.end)}: {_hover(c.figure)}" for c in rated
    )
    return Chart(figure, "", f"Reoffending in {own.area}, cohort by cohort. {rates}.")


def _line(figure: go.Figure, one: Figure, hover: str, line: dict[str, object]) -> None:
    figure.add_scatter(
        x=[one.cohort.start, one.cohort.end],
        y=[one.rate, one.rate],
        mode="lines",
        line=line,
        hovertext=f"{hover}, {period(one.cohort.start, one.cohort.end)}",
        hoverinfo="text",
    )


def _hover(one: Figure) -> str:
    if one.interval and one.counts:
        return f"{rate_words(one.cohort)}, {one.counts[0]:,} of {one.counts[1]:,}, {between(one.interval)} by chance"
    return f"{rate_words(one.cohort)}, number of children not known"
