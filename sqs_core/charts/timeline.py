"""Inspections, local audits, actions and reviews on time on one axis: what was promised, and when things moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

import plotly.graph_objects as go

from sqs_core.charts import NEUTRAL, STRENGTH, WEAKNESS, Chart
from sqs_core.measures.progress import Status, current, local_day, status, status_words
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE, TimelinessGroup
from sqs_core.measures.words import day, month, number
from sqs_core.model import Action

_LANE = 26  # pixels of a lane
_RATES = 170  # pixels of the rates below
_COLOUR: dict[Status, str] = {
    "done": STRENGTH,
    "on track": STRENGTH,
    "due soon": NEUTRAL,
    "overdue": WEAKNESS,
    "stopped": NEUTRAL,
    "no date": NEUTRAL,
}
_SYMBOL: dict[Status, str] = {
    "done": "circle",
    "on track": "circle-open",
    "due soon": "diamond-open",
    "overdue": "triangle-down",
    "stopped": "square-open",
    "no date": "circle-open",
}


def timeline_chart(
    inspected: Sequence[date],
    audited: Sequence[date],
    versions: Sequence[Action],
    months: Sequence[TimelinessGroup],
    *,
    today: date,
    ink: str,
) -> Chart | None:
    """`versions`: every version of the plan's actions. None: there is nothing to draw. `ink` is the colour of text."""
    actions: dict[str, list[Action]] = {action.id: [] for action in current(versions)}  # in the plan's order
    for version in versions:
        actions.setdefault(version.id, []).append(version)
    if not (inspected or audited or actions):
        return None
    figure = go.Figure()
    lanes = ["Inspections", "Local audits", *(f"Action {of[-1].reference}" for of in actions.values())]
    for lane, days, symbol in ((0, inspected, "diamond"), (1, audited, "circle-open")):
        figure.add_scatter(
            x=list(days),
            y=[lane] * len(days),
            mode="markers",
            marker={"symbol": symbol, "size": 11, "color": ink},
            hovertext=[f"{lanes[lane][:-1]}: {day(when)}" for when in days],
            hoverinfo="text",
        )
    for lane, of_action in enumerate(actions.values(), start=2):
        _action(figure, lane, of_action, today, ink)
    rated = [group for group in months if group.timeliness.on_time_rate is not None]
    if rated:
        figure.add_scatter(
            x=[date.fromisoformat(f"{group.label}-15") for group in rated],
            y=[group.timeliness.on_time_rate for group in rated],
            yaxis="y2",
            mode="lines+markers",
            line={"color": ink, "width": 1},
            marker={
                "size": 6,
                "color": NEUTRAL,
                # So few that a month says little.
                "symbol": [
                    "circle-open" if g.timeliness.due < TOO_FEW_FOR_A_RATE else "circle" for g in rated
                ],
            },
            hovertext=[
                f"{month(g.label or '')}: {g.timeliness.on_time} of {g.timeliness.due} reviews on time"
                for g in rated
            ],
            hoverinfo="text",
        )
    lines = _LANE * len(lanes)
    height = lines + (_RATES + 40 if rated else 0)
    figure.update_layout(
        shapes=[
            {
                "type": "line",
                "x0": when,
                "x1": when,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": ink, "width": 1},
            }
            for when in inspected
        ],
        yaxis={
            "domain": (1 - lines / height, 1),
            "range": (len(lanes) - 0.5, -0.5),
            "tickvals": list(range(len(lanes))),
            "ticktext": lanes,
            "showgrid": False,
        },
        showlegend=False,
        height=height + 50,
        margin={"l": 0, "r": 12, "t": 12, "b": 30},
        dragmode=False,
    )
    if rated:
        title = {"text": "On time", "font": {"color": ink}}
        figure.update_layout(
            yaxis2={
                "domain": (0, _RATES / height),
                "range": (-0.02, 1.02),
                "tickformat": ".0%",
                "title": title,
            },
            xaxis={"anchor": "y2"},
        )
    figure.update_yaxes(tickfont={"color": ink}, fixedrange=True, zeroline=False)
    days = [*inspected, *audited, *(v.changed_at.date() for v in versions if v.changed_at)]
    if not rated and max(days) - min(days) < timedelta(
        days=365
    ):  # one day alone would make an axis of milliseconds
        figure.update_xaxes(range=[min(days) - timedelta(days=183), max(days) + timedelta(days=183)])
    figure.update_xaxes(tickfont={"color": ink}, fixedrange=True)
    return Chart(
        figure, _key(bool(audited), bool(actions), bool(rated)), _alt(inspected, audited, actions, today)
    )


def _action(figure: go.Figure, lane: int, versions: Sequence[Action], today: date, ink: str) -> None:
    """From the day it was written down to the day it was done, or is planned for."""
    first, now = versions[0], versions[-1]
    standing = status(now, today)
    began = local_day(first.changed_at) if first.changed_at else now.first_planned_on or today
    last = now.done_on or now.planned_on or today
    hover = escape(f"Action {now.reference}, {status_words(standing)}: {now.action}", quote=False)
    figure.add_scatter(
        x=[min(began, last), last],
        y=[lane] * 2,
        mode="lines",
        line={"color": _COLOUR[standing], "width": 4},
        hovertext=hover,
        hoverinfo="text",
    )
    if standing == "overdue":
        figure.add_scatter(
            x=[last, today],
            y=[lane] * 2,
            mode="lines",
            line={"color": WEAKNESS, "width": 2, "dash": "dot"},
            hovertext=f"Overdue since {day(last)}",
            hoverinfo="text",
        )
    figure.add_scatter(
        x=[last],
        y=[lane],
        mode="markers",
        marker={
            "symbol": _SYMBOL[standing],
            "size": 11,
            "color": _COLOUR[standing],
            "line": {"color": ink, "width": 1},
        },
        hovertext=hover,
        hoverinfo="text",
    )


def _key(audits: bool, actions: bool, rates: bool) -> str:
    out = ["Diamonds and lines down: inspections."]
    if audits:
        out.append("Rings: local audits.")
    if actions:
        out.append(
            "A bar runs from the day that an action was written down to the day it was done (filled circle) or is planned "
            "for; dotted: overdue until today."
        )
    if rates:
        out.append(
            f"Below: reviews on time by month; a ring is a month with fewer than {TOO_FEW_FOR_A_RATE} reviews."
        )
    return " ".join(out)


def _alt(
    inspected: Sequence[date], audited: Sequence[date], actions: dict[str, list[Action]], today: date
) -> str:
    out = []
    if inspected:
        out.append(f"Inspected {', '.join(f'{when:%B %Y}' for when in sorted(inspected))}.")
    if audited:
        out.append(f"{number(len(audited)).capitalize()} local audits, the last in {max(audited):%B %Y}.")
    for of_action in actions.values():
        now = of_action[-1]
        when = now.done_on or now.planned_on
        on = f" {'on' if now.done_on else 'for'} {day(when)}" if when else ""
        out.append(f"Action {now.reference}: {status(now, today)}{on}.")
    return " ".join(out)
