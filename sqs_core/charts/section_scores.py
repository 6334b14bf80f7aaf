"""Section scores as ranges: of one inspection, and over time with local audits beside."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sqs_core.charts import NEUTRAL, STRENGTH, Chart
from sqs_core.frameworks import Framework
from sqs_core.measures.messages import score_in_words
from sqs_core.measures.scores import Scores
from sqs_core.measures.words import listed, percentages

_NARROWEST = 0.012  # a range of one point still shows


def section_scores_chart(scores: Scores, frame: Framework, ink: str) -> Chart:
    """One thick bar a section, its widest reading as a thin line. `ink` is the colour of text."""
    sections = list(reversed(scores.sections))
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        base=[s.widest.low for s in sections],
        x=[s.widest.high - s.widest.low for s in sections],
        y=list(range(len(sections))),
        width=0.1,
        marker={"color": NEUTRAL, "opacity": 0.7},
        hoverinfo="skip",
    )
    scored = [(y, s.section, s.share) for y, s in enumerate(sections) if s.share is not None]
    figure.add_bar(
        orientation="h",
        base=[min(share.low, 1 - _NARROWEST) for _, _, share in scored],
        x=[max(share.high - share.low, _NARROWEST) for _, _, share in scored],
        y=[y for y, _, _ in scored],
        width=0.36,
        marker={"color": STRENGTH},
        hovertext=[f"{frame.section(section).title}: {percentages(share)}" for _, section, share in scored],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    for y, section in enumerate(sections):
        figure.add_annotation(
            x=0,
            y=y + 0.38,
            xanchor="left",
            text=f"<b>{frame.section(section.section).title}</b>: {score_in_words(section)}",
            showarrow=False,
            font={"size": 14, "color": ink},
        )
    figure.update_layout(
        barmode="overlay",
        showlegend=False,
        height=40 + 64 * len(sections),
        margin={"l": 4, "r": 12, "t": 8, "b": 30},
        dragmode=False,
        xaxis=_percent_axis(ink),
        yaxis={"range": [-0.5, len(sections) - 0.4], "visible": False, "fixedrange": True},
    )
    readings = " ".join(f"{frame.section(s.section).title}: {score_in_words(s)}." for s in scores.sections)
    return Chart(figure, _lowest(scores, frame), f"Section scores as ranges. {readings}")


def _lowest(scores: Scores, frame: Framework) -> str:
    scored = [(s.section, s.share) for s in scores.sections if s.share is not None]
    if not scored:
        return "No section can be scored: the letter counts nothing."
    section, share = min(scored, key=lambda s: s[1].low + s[1].high)
    title = frame.section(section).title
    if len(scored) == 1:
        return f"Only {title.lower()} can be scored, at {percentages(share)} of cases sufficient."
    overlapping = [
        f"{frame.section(other).title.lower()} ({percentages(range_)})"
        for other, range_ in scored
        if other != section and range_.low <= share.high
    ]
    if not overlapping:
        return f"{title} scores lowest, at {percentages(share)} of cases sufficient."
    return (
        f"{title} is lowest at {percentages(share)} of cases sufficient, but not clearly: it overlaps with "
        f"{listed(overlapping)}."
    )


def scores_over_time_chart(everything: Sequence[Scores], frame: Framework, ink: str) -> Chart:
    """A panel a section: inspections as ranges, local audits as points, each at its date.

    What has no date is left out.
    """
    dated = sorted((s for s in everything if s.judged_on), key=lambda s: str(s.judged_on))
    sections = [f for f in frame.sections if any((got := s.section(f.id)) and got.share for s in dated)]
    figure = make_subplots(
        rows=len(sections),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.3 / len(sections),
        subplot_titles=[f"<b>{section.title}</b>" for section in sections],
    )
    for row, section in enumerate(sections, start=1):
        points = [
            (s, got.share)
            for s in dated
            if (got := s.section(section.id)) is not None and got.share is not None
        ]
        inspections = [(s, share) for s, share in points if not s.is_audit]
        audits = [(s, share) for s, share in points if s.is_audit]
        for s, share in inspections:
            # A line has a width in pixels on every screen; its ends are the range.
            figure.add_scatter(
                x=[s.judged_on, s.judged_on],
                y=[min(share.low, 1 - 2 * _NARROWEST), max(share.high, share.low + 2 * _NARROWEST)],
                mode="lines",
                line={"color": STRENGTH, "width": 12},
                hovertext=f"{s.label}: {percentages(share)} of {s.cases or 'unknown'} cases",
                cliponaxis=False,
                hoverinfo="text",
                row=row,
                col=1,
            )
        figure.add_scatter(
            x=[s.judged_on for s, _ in audits],
            y=[share.low for _, share in audits],
            mode="lines+markers",
            line={"color": NEUTRAL, "width": 1, "dash": "dot"},
            marker={"color": NEUTRAL, "size": 9, "symbol": "circle-open", "line": {"width": 2}},
            hovertext=[f"{s.label}: {percentages(share)} of {s.cases} cases" for s, share in audits],
            cliponaxis=False,
            hoverinfo="text",
            row=row,
            col=1,
        )
    figure.update_yaxes(**_percent_axis(ink), nticks=3)
    figure.update_xaxes(tickfont={"color": ink}, fixedrange=True)
    figure.update_annotations(font={"size": 14, "color": ink}, x=0, xanchor="left")
    figure.update_layout(
        showlegend=False,
        height=40 + 130 * len(sections),
        margin={"l": 0, "r": 12, "t": 30, "b": 30},
        dragmode=False,
    )
    changes = [_first_and_last(dated, section.id, section.title) for section in sections]
    return Chart(figure, changes[0] if changes else "", f"Section scores over time. {' '.join(changes)}")


def _first_and_last(dated: Sequence[Scores], section: str, title: str) -> str:
    scored = [
        f"{percentages(got.share)} ({s.label}{f', {s.cases} cases' if s.cases else ''})"
        for s in dated
        if (got := s.section(section)) and got.share
    ]
    ends = [scored[0], scored[-1]] if len(scored) > 1 else scored
    return f"{title}: {', then '.join(ends)}."


def _percent_axis(ink: str) -> dict[str, object]:
    return {
        "range": [0, 1],
        "tickformat": ".0%",
        "tickfont": {"color": ink},
        "fixedrange": True,
        "zeroline": False,
    }
