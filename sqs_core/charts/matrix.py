"""The matrix of section by practice: each cell a bar over the shares that its findings allow."""

from __future__ import annotations

import plotly.graph_objects as go

from sqs_core.charts import DIRECTION_COLOUR, DIRECTION_SYMBOL, DIRECTION_WORD, Chart
from sqs_core.frameworks import Framework
from sqs_core.measures.scores import PracticeScore, Scores
from sqs_core.measures.words import cases_in_words, listed, percentages

ROW_HEIGHT, HEAD_HEIGHT = 58, 64
# Inside a cell the bar's scale from 0 to 100% takes this much of its width.
CELL_WIDTH, MARGIN = 0.84, 0.08


def matrix_chart(scores: Scores, frame: Framework, ink: str) -> Chart:
    """Rows are practices, columns sections. Each bar carries (section, practice) for the page to follow.

    `ink` is the colour of text.
    """
    practices = [p for p in frame.practices if any(c.practice == p.id for c in scores.matrix)]
    sections = [s for s in frame.sections if any(c.section == s.id for c in scores.matrix)]
    row = {p.id: len(practices) - 1 - i for i, p in enumerate(practices)}
    column = {s.id: i for i, s in enumerate(sections)}
    cells = list(scores.matrix)

    figure = go.Figure()
    # The whole cell can be clicked, and carries what is read out on hover.
    figure.add_bar(
        orientation="h",
        base=[column[c.section] + 0.02 for c in cells],
        x=[0.96] * len(cells),
        y=[row[c.practice] for c in cells],
        width=0.92,
        marker={
            "color": [DIRECTION_COLOUR[c.direction] for c in cells],
            "opacity": 0.13,
            "line": {"width": 0},
        },
        customdata=[[c.section, c.practice] for c in cells],
        hovertext=[_in_words(c, frame) for c in cells],
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 0.32}},
        unselected={"marker": {"opacity": 0.13}},
    )
    counted = [c for c in cells if c.share is not None]
    for thickness, opacity, whole in ((0.10, 0.35, True), (0.24, 1.0, False)):
        figure.add_bar(
            orientation="h",
            base=[_at(column[c.section], 0 if whole or c.share is None else c.share.low) for c in counted],
            x=[
                CELL_WIDTH
                if whole or c.share is None
                else max(CELL_WIDTH * (c.share.high - c.share.low), 0.04)
                * (
                    1 if c.share.low < 1 else -1
                )  # a point at 100% is drawn inwards, so that it stays in its cell
                for c in counted
            ],
            y=[row[c.practice] - 0.16 for c in counted],
            width=thickness,
            marker={
                "color": [DIRECTION_COLOUR["neutral" if whole else c.direction] for c in counted],
                "opacity": opacity,
                "line": {"width": 0},
            },
            hoverinfo="skip",
        )
    for c in cells:
        figure.add_annotation(
            x=column[c.section] + 0.5,
            y=row[c.practice] + (0.2 if c.share else 0),
            text=f"{DIRECTION_SYMBOL[c.direction]} {_short(c)}",
            showarrow=False,
            font={"size": 12, "color": ink},
        )
    figure.update_layout(
        barmode="overlay",
        showlegend=False,
        height=HEAD_HEIGHT + ROW_HEIGHT * len(practices),
        margin={"l": 0, "r": 0, "t": HEAD_HEIGHT, "b": 0},
        clickmode="event+select",
        dragmode=False,
        xaxis={
            "range": [0, len(sections)],
            "tickvals": [i + 0.5 for i in range(len(sections))],
            "ticktext": [_two_lines(s.short_title) for s in sections],
            "side": "top",
            "tickangle": 0,
            "tickfont": {"size": 11, "color": ink},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={
            "range": [-0.5, len(practices) - 0.5],
            "tickvals": list(row.values()),
            "ticktext": [_two_lines(p.title) for p in practices],
            "tickfont": {"size": 12, "color": ink},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
        },
    )
    weak = [c for c in cells if c.direction == "weakness"]
    sentence = (
        f"Weaknesses stand in {len(weak)} of the {len(cells)} squares the letter fills: "
        f"{listed([_where(c, frame) for c in weak])}."
        if weak
        else f"No square of the {len(cells)} the letter fills points to a weakness alone."
    )
    return Chart(
        figure, sentence, "Matrix of practice by section. " + " ".join(_in_words(c, frame) for c in cells)
    )


def _at(column: int, share: float) -> float:
    return column + MARGIN + CELL_WIDTH * share


def _short(cell: PracticeScore) -> str:
    """What fits a narrow square: per cent without its sign, which the page's caption explains."""
    return percentages(cell.share).replace("%", "").replace(" to ", "–") if cell.share else "words"


def _where(cell: PracticeScore, frame: Framework) -> str:
    return f"{frame.practice(cell.practice).noun} ({frame.section(cell.section).title.lower()})"


def _in_words(cell: PracticeScore, frame: Framework) -> str:
    title = f"{frame.section(cell.section).title}, {frame.practice(cell.practice).noun}"
    if cell.share is None:
        found = "judged in words alone"
    else:
        found = f"sufficient in {cases_in_words(cell.share, cell.cases)} ({percentages(cell.share)})"
    return f"{title}: {found}, {DIRECTION_WORD[cell.direction]}."


def _two_lines(title: str) -> str:
    """The title broken at the space nearest its middle, for a narrow column."""
    spaces = [i for i, character in enumerate(title) if character == " "]
    if not spaces:
        return title
    middle = min(spaces, key=lambda i: abs(i - len(title) / 2))
    return f"{title[:middle]}<br>{title[middle + 1 :]}"
