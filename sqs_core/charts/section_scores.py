"""Section scores as ranges, with earlier inspections and local audits of the same service beneath."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from sqs_core.charts import NEUTRAL, STRENGTH, Chart
from sqs_core.frameworks import Framework, Section
from sqs_core.measures.scores import Scores, SectionScore
from sqs_core.measures.words import percentages

LANE = 30  # pixels for each bar


def section_scores_chart(chosen: Scores, beside: Sequence[Scores], frame: Framework, ink: str) -> Chart:
    """One thick bar a section for `chosen`, its widest reading as a thin line, thinner bars for `beside`."""
    everything = [chosen, *beside]
    # From the top: each section's title, then a lane for each inspection or audit that scores it.
    lanes: list[tuple[Section, Scores | None, SectionScore | None]] = []
    for section in frame.sections:
        if chosen.section(section.id):
            lanes.append((section, None, None))
            lanes += [(section, s, found) for s in everything if (found := s.section(section.id))]
    y = {id(found): len(lanes) - 1 - i for i, (_, _, found) in enumerate(lanes) if found}
    figure = go.Figure()
    for scores in everything:
        mine = [(section, found) for section, its, found in lanes if found and its is scores]
        is_chosen = scores is chosen
        figure.add_bar(
            orientation="h",
            base=[found.widest.low for _, found in mine],
            x=[found.widest.high - found.widest.low for _, found in mine],
            y=[y[id(found)] for _, found in mine],
            width=0.12,
            marker={"color": NEUTRAL, "opacity": 0.6},
            hoverinfo="skip",
        )
        quantified = [(section, found) for section, found in mine if found.share is not None]
        figure.add_bar(
            orientation="h",
            base=[min(f.share.low, 0.99) for _, f in quantified if f.share],
            x=[max(f.share.high - f.share.low, 0.01) for _, f in quantified if f.share],
            y=[y[id(found)] for _, found in quantified],
            width=0.62 if is_chosen else 0.36,
            marker={
                "color": STRENGTH if is_chosen else NEUTRAL,
                "pattern": {"shape": "" if is_chosen or scores.matrix[0].findings else "/"},
            },
            hovertext=[
                f"{section.title}, {scores.label}: {percentages(f.share)}"
                for section, f in quantified
                if f.share
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    for i, (section, scores_in_lane, _) in enumerate(lanes):
        if scores_in_lane is None:
            figure.add_annotation(
                x=0,
                y=len(lanes) - 1 - i - 0.15,
                xanchor="left",
                text=f"<b>{section.title}</b>",
                showarrow=False,
                font={"size": 14, "color": ink},
            )
    figure.update_layout(
        barmode="overlay",
        showlegend=False,
        height=40 + LANE * len(lanes),
        margin={"l": 0, "r": 8, "t": 8, "b": 30},
        dragmode=False,
        xaxis={
            "range": [0, 1],
            "tickformat": ".0%",
            "tickfont": {"color": ink},
            "fixedrange": True,
            "zeroline": False,
        },
        yaxis={
            "range": [-0.6, len(lanes) - 0.4],
            "tickvals": [y[id(found)] for _, _, found in lanes if found],
            "ticktext": [its.label.replace(", ", "<br>", 1) for _, its, _ in lanes if its],
            "tickfont": {"size": 12, "color": ink},
            "showgrid": False,
            "fixedrange": True,
            "automargin": True,
        },
    )
    readings = " ".join(
        f"{frame.section(s.section).title}: {percentages(s.share) if s.share else 'in words alone'}."
        for s in chosen.sections
    )
    quantified_sections = [s for s in chosen.sections if s.share is not None]
    if quantified_sections:
        lowest = min(quantified_sections, key=lambda s: s.share.low + s.share.high if s.share else 0)
        assert lowest.share is not None
        title, range_ = frame.section(lowest.section).title, percentages(lowest.share)
        if len(quantified_sections) > 1:
            sentence = f"{title} scores lowest, at {range_} of cases sufficient."
        else:
            sentence = f"Only {title.lower()} can be scored, at {range_} of cases sufficient."
    else:
        sentence = "No section can be scored: the letter counts nothing."
    return Chart(figure, sentence, f"Section scores as ranges. {readings}")
