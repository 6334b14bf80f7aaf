"""Reoffending over time: each cohort as long as its months, the rate with what chance leaves open of it above, the
children and those of them who reoffended below, because a rate can rise while fewer children reoffend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

import plotly.graph_objects as go

from sqs_core.charts import NEUTRAL, STRENGTH, Chart
from sqs_core.measures.reoffending import (
    ENGLAND_AND_WALES,
    LETTER,
    Compared,
    Figure,
    Series,
    area_key,
)
from sqs_core.measures.reoffending_words import rate_words
from sqs_core.measures.words import between, capital, day, period

_RATES, _CHILDREN = (0.42, 1.0), (0.0, 0.3)  # of the height


@lru_cache(maxsize=256)  # a figure is built once for each question
def reoffending_chart(
    own: Series,
    found: tuple[Compared, ...],
    beside: tuple[Series, ...],
    inspected: tuple[date, ...],
    ink: str,
) -> Chart | None:
    """One series of a service, beside those of other areas that count in the same way. None: no cohort has a rate.

    `ink` is the colour of text. The chart's sentence says what is to be seen in it.
    """
    rated = [one.figure for one in found if one.figure.rate is not None]
    if not rated:
        return None
    figure = go.Figure()
    first, last = min(one.cohort.start for one in rated), max(one.cohort.end for one in rated)
    drawn = [
        "A line is as long as its cohort: the months in which the children were cautioned, convicted or released."
    ]
    shapes: list[dict[str, object]] = [
        {
            "type": "rect",
            "x0": one.cohort.start,
            "x1": one.cohort.end,
            "y0": 100 * one.interval.low,
            "y1": 100 * one.interval.high,
            "fillcolor": STRENGTH,
            # The bands of rolling cohorts lie upon each other.
            "opacity": 0.2 * (1 - max(f.overlap for f in own.figures) / own.months),
            "line": {"width": 0},
            "layer": "below",
        }
        for one in rated
        if one.interval
    ]
    # Their edges, as the bands alone are too faint for some eyes.
    _lines(
        figure,
        [
            (one, 100 * edge, "")
            for one in rated
            if one.interval
            for edge in (one.interval.low, one.interval.high)
        ],
        {"color": STRENGTH, "width": 1},
        hoverinfo="skip",
    )
    _lines(figure, [(one, one.rate, _hover(one)) for one in rated], {"color": STRENGTH, "width": 5})
    for other in beside:
        dash = "dot" if area_key(other.area) == area_key(ENGLAND_AND_WALES) else "dash"
        there = [one for one in other.figures if first <= one.cohort.end and one.cohort.start <= last]
        heights = [(one, one.rate, f"{other.area}: {_hover(one)}") for one in there if one.rate is not None]
        if heights:
            _lines(figure, heights, {"color": NEUTRAL, "width": 2, "dash": dash})
            drawn.append(f"{'Dotted' if dash == 'dot' else 'Dashed'}: {other.area}.")
    if any(one.interval for one in rated):
        drawn.append("Band: what chance alone leaves open of the rate (95% interval).")
    if _publications(figure, rated, ink):
        drawn.append("Diamonds on the axis: when a figure was published.")
    counted = _children(figure, [one.figure for one in found], ink)
    if counted:
        drawn.append("Below: how many children there were, and how many of them reoffended.")
    for when in (end for end in inspected if end >= first):
        line = {"color": ink, "width": 2}
        shapes.append(
            {"type": "line", "x0": when, "x1": when, "y0": 0, "y1": 1, "yref": "paper", "line": line}
        )
        figure.add_annotation(
            x=when,
            y=1,
            yref="paper",
            yanchor="bottom",
            text="Inspection",
            showarrow=False,
            font={"color": ink},
        )
    figure.update_layout(
        shapes=shapes,
        yaxis={
            "domain": _RATES if counted else (0, 1),
            "ticksuffix": "%",
            "title": _title("Reoffended", ink),
        },
        showlegend=False,
        height=500 if counted else 340,
        margin={"l": 0, "r": 12, "t": 30, "b": 30},
        dragmode=False,
    )
    figure.update_yaxes(tickfont={"color": ink}, rangemode="tozero", fixedrange=True, zeroline=False)
    figure.update_xaxes(tickfont={"color": ink}, fixedrange=True)
    rates = "; ".join(f"{period(one.cohort.start, one.cohort.end)}: {_hover(one)}" for one in rated)
    return Chart(figure, " ".join(drawn), f"Reoffending in {own.area}, cohort by cohort. {capital(rates)}.")


def _publications(figure: go.Figure, rated: Sequence[Figure], ink: str) -> bool:
    """When each figure was published, on the axis, where it is not taken for a rate. False: it is not known."""
    published = [
        (one, one.cohort.published_on)
        for one in rated
        if one.cohort.published_on and one.cohort.source_kind == "published"
    ]
    figure.add_scatter(
        x=[when for _, when in published],
        y=[0] * len(published),
        mode="markers",
        marker={"symbol": "diamond-open", "size": 9, "color": ink},
        hovertext=[
            f"Published {f'in {when:%B %Y}' if one.cohort.source == LETTER else f'on {day(when)}'}: {_hover(one)}"
            for one, when in published
        ],
        hoverinfo="text",
        cliponaxis=False,
    )
    return bool(published)


def _children(figure: go.Figure, figures: Sequence[Figure], ink: str) -> bool:
    """The numbers behind the rates, on an axis of their own. False: none is known."""
    known = [(one, one.cohort.offenders) for one in figures if one.cohort.offenders is not None]
    children = [(one, count, f"{count:,} children") for one, count in known]
    _lines(figure, children, {"color": NEUTRAL, "width": 4}, axis="y2")
    reoffended = [
        (one, one.counts[0], f"{one.counts[0]:,} of {one.counts[1]:,} children reoffended")
        for one in figures
        if one.counts
    ]
    _lines(figure, reoffended, {"color": STRENGTH, "width": 5}, axis="y2")
    if known:
        figure.update_layout(
            yaxis2={"domain": _CHILDREN, "tickformat": ",d", "anchor": "x", "title": _title("Children", ink)},
            xaxis={"anchor": "y2"},
        )
    return bool(known)


def _title(text: str, ink: str) -> dict[str, object]:
    return {"text": text, "font": {"color": ink}}


def _lines(
    figure: go.Figure,
    heights: Iterable[tuple[Figure, float | None, str]],
    line: dict[str, object],
    *,
    axis: str = "y",
    hoverinfo: str = "text",
) -> None:
    """One trace of all cohorts, with gaps between them: a trace for each would take the browser ten times as long."""
    x: list[date | None] = []
    y: list[float | None] = []
    hover: list[str | None] = []
    for one, height, text in heights:
        if height is not None:
            x += [one.cohort.start, one.cohort.end, None]
            y += [height, height, None]
            hover += [f"{text}, {period(one.cohort.start, one.cohort.end)}"] * 2 + [None]
    if x:
        figure.add_scatter(
            x=x,
            y=y,
            yaxis=axis,
            mode="lines",
            line=line,
            hovertext=hover,
            hoverinfo=hoverinfo,
            connectgaps=False,
        )


def _hover(one: Figure) -> str:
    if one.interval and one.counts:
        return f"{rate_words(one.cohort)}, {one.counts[0]:,} of {one.counts[1]:,}, {between(one.interval)} by chance"
    unknown = (
        "number of children not known" if one.cohort.offenders is None else f"of {one.cohort.offenders:,}"
    )
    return f"{rate_words(one.cohort)}, {unknown}"
