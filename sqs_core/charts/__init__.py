"""A measure becomes a picture, in HTML or by plotly, and the sentence that says the same. Nothing here queries."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

# Readable on white and on near-black alike (at least 3:1 on both); never the only carrier of a meaning.
STRENGTH, WEAKNESS, NEUTRAL = "#3b78c4", "#c2610c", "#7a7f87"
DIRECTION_COLOUR = {"strength": STRENGTH, "weakness": WEAKNESS, "neutral": NEUTRAL}
DIRECTION_SYMBOL = {"strength": "▲", "weakness": "▼", "neutral": "◆"}
DIRECTION_WORD = {"strength": "strength", "weakness": "weakness", "neutral": "neither clearly good nor bad"}

# Text on the page's own background, so that it reads as well as the page does.
INK = {"light": "#0b0c0c", "dark": "#f3f5f8"}

# No mode bar: its links have no name in the accessibility tree.
PLOTLY_CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure, the sentence of its message, and the description a screen reader is given."""

    figure: go.Figure
    sentence: str
    alt: str
