"""Section scores over time: inspections as ranges, local audits as points with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sqs_core.charts import NEUTRAL, STRENGTH, Chart
from sqs_core.frameworks import Framework, Section
from sqs_core.measures.changes import SectionChange, section_changes, section_interval
from sqs_core.measures.scores import Scores
from sqs_core.measures.words import listed, number
from sqs_core.model import Share

_NARROWEST = 0.012  # a range of one point still shows
_MARGIN = timedelta(days=90)  # so that nothing stands on the edge of the time axis


def scores_over_time_chart(everything: Sequence[Scores], frame: Framework, ink: str) -> Chart:
    """A panel a section: inspections as ranges, local audits as points with 95% intervals, each at its date.

    What has no date is left out. `ink` is the colour of text.
    """
    dated = sorted((s for s in everything if s.judged_on), key=lambda s: str(s.judged_on))
    sections = [f for f in frame.sections if any((got := s.section(f.id)) and got.share for s in dated)]
    if not sections:
        return Chart(go.Figure(), "Nothing with a date has a number to compare.", "An empty chart.")
    figure = make_subplots(
        rows=len(sections),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.3 / len(sections),
        subplot_titles=[f"<b>{section.title}</b>" for section in sections],
    )
    for row, section in enumerate(sections, start=1):
        _panel(figure, row, section, dated)
    figure.update_yaxes(
        range=[-0.02, 1.02],
        tickvals=[0, 0.5, 1],
        tickformat=".0%",
        tickfont={"color": ink},
        fixedrange=True,
        zeroline=False,
    )
    days = [s.judged_on for s in dated if s.judged_on]
    figure.update_xaxes(
        tickfont={"color": ink}, fixedrange=True, range=[days[0] - _MARGIN, days[-1] + _MARGIN]
    )
    figure.update_annotations(font={"size": 14, "color": ink}, x=0, xanchor="left")
    figure.update_layout(
        showlegend=False,
        height=40 + 130 * len(sections),
        margin={"l": 0, "r": 12, "t": 30, "b": 30},
        dragmode=False,
    )
    changes = section_changes(everything, frame)
    details = " ".join(_detail(change, frame) for change in changes)
    return Chart(figure, _sentence(changes, frame), f"Section scores over time. {details}")


def _panel(figure: go.Figure, row: int, section: Section, dated: Sequence[Scores]) -> None:
    points = [
        (s, got.share) for s in dated if (got := s.section(section.id)) is not None and got.share is not None
    ]
    for s, share in points:
        if s.is_audit:
            continue
        # A line has a width in pixels on every screen; its ends are the range.
        middle = (share.low + share.high) / 2
        half = max((share.high - share.low) / 2, _NARROWEST)
        figure.add_scatter(
            x=[s.judged_on, s.judged_on],
            y=[max(middle - half, 0), min(middle + half, 1)],
            mode="lines",
            line={"color": STRENGTH, "width": 12},
            hovertext=f"{escape(s.label)}: {share} of {s.cases or 'unknown'} cases",
            cliponaxis=False,
            hoverinfo="text",
            row=row,
            col=1,
        )
    audits = [(s, share, section_interval(s, section.id) or share) for s, share in points if s.is_audit]
    figure.add_scatter(
        x=[s.judged_on for s, _, _ in audits],
        y=[share.low for _, share, _ in audits],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [interval.high - share.low for _, share, interval in audits],
            "arrayminus": [share.low - interval.low for _, share, interval in audits],
            "color": NEUTRAL,
            "thickness": 1,
            "width": 3,
        },
        mode="markers",
        marker={"color": NEUTRAL, "size": 9, "symbol": "circle-open", "line": {"width": 2}},
        hovertext=[
            f"{escape(s.label)}: {share} of {s.cases} cases; of the whole caseload anywhere from {interval}"
            for s, share, interval in audits
        ],
        cliponaxis=False,
        hoverinfo="text",
        row=row,
        col=1,
    )


def _sentence(changes: Sequence[SectionChange], frame: Framework) -> str:
    """What has clearly changed, inspections and local audits each by themselves."""
    alike: dict[tuple[bool, object, object], list[SectionChange]] = {}
    for change in changes:  # not every section is scored each time
        span = (change.is_audit, change.first.judged_on, change.latest.judged_on)
        alike.setdefault(span, []).append(change)
    said = [_of_kind(group, frame) for group in alike.values()]
    return " ".join(said) or "There is nothing of the same kind to compare with yet."


def _of_kind(changes: Sequence[SectionChange], frame: Framework) -> str:
    kind = "local audit" if changes[0].is_audit else "inspection"
    first, latest = changes[0].first.judged_on, changes[0].latest.judged_on
    lead = f"From the {kind} of {first:%B %Y} to that of {latest:%B %Y}"
    moved = [
        f"{listed(titles)} {'is' if len(titles) == 1 else 'are'} clearly {way}"
        for way in ("higher", "lower")
        if (titles := [frame.section(c.section).title.lower() for c in changes if c.verdict == way])
    ]
    if not moved:
        why = "chance" if changes[0].is_audit else "chance, or the letters' words"
        return f"{lead} no section has clearly changed: all of it may be {why}."
    still = sum(c.verdict == "no clear change" for c in changes)
    rest = f"; no clear change in the other{f' {number(still)}' if still > 1 else ''}" if still else ""
    return f"{lead}: {' and '.join(moved)}{rest}."


def _detail(change: SectionChange, frame: Framework) -> str:
    def share_of(scores: Scores) -> Share | None:
        got = scores.section(change.section)
        return got.share if got else None

    before, now = share_of(change.first), share_of(change.latest)
    assert before and now
    return (
        f"{frame.section(change.section).title}: {before} ({change.first.label}), then "
        f"{now} ({change.latest.label}), {change.verdict}."
    )
