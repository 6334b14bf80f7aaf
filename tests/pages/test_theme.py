"""Both themes can be read: contrasts as WCAG 2.2 computes them, of the theme, of our HTML and of our charts."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from sqs_core.charts import DIRECTION_COLOUR, INK, NEUTRAL

OpenApp = Callable[..., AppTest]
THEMES = ["light", "dark"]
TEXT, GRAPHIC = 4.5, 3  # to 1, WCAG 1.4.3 and 1.4.11

# Every colour that is written down in pages/ and sqs_core/charts, but for those of sqs_core/charts/__init__.py.
RULE = "rgb(128 128 128 / .35)"  # between the rows of a table: nothing is lost without it
CHOSEN = "rgb(255 214 10 / .35)"  # behind the words of a finding that was asked for
BAND = "rgba(122, 127, 135, .25)"  # a band of chance in a chart, whose edges are lines
RINGS = ("#0b0c0c", "#ffffff")  # around what has the focus


def luminance(colour: str) -> float:
    """Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def over(colour: str, alpha: float, background: str) -> str:
    """What a colour that lets something through looks like on a background."""
    pairs = ((int(colour[i : i + 2], 16), int(background[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(alpha * c + (1 - alpha) * b):02x}" for c, b in pairs)


def theme_of(checkout: Path, name: str) -> dict[str, str]:
    theme: dict[str, str] = tomllib.loads((checkout / ".streamlit" / "config.toml").read_text("utf-8"))[
        "theme"
    ][name]
    return theme


def code_of(checkout: Path) -> dict[str, str]:
    """What of ours may hold a colour: file and text."""
    files = [*(checkout / "pages").glob("*.py"), *(checkout / "pages").glob("*.css")]
    files += [file for file in (checkout / "sqs_core" / "charts").glob("*.py") if file.stem != "__init__"]
    return {file.name: file.read_text("utf-8") for file in files}


@pytest.mark.parametrize("name", THEMES)
def test_the_theme(checkout: Path, name: str) -> None:
    theme = theme_of(checkout, name)
    for background in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(theme["textColor"], background) >= 7
        assert contrast(theme["linkColor"], background) >= TEXT
        assert contrast(INK[name], background) >= 7
        assert max(contrast(ring, background) for ring in RINGS) >= 7
    assert contrast("#ffffff", theme["primaryColor"]) >= TEXT, "the text of a button"
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= GRAPHIC


def test_a_ring_stands_out_on_everything(checkout: Path) -> None:
    """One of two rings of opposite colours is seen on any colour there is."""
    style = code_of(checkout)["style.css"]
    assert re.search(rf"outline: 3px solid {RINGS[0]}", style)
    assert re.search(rf"box-shadow: 0 0 0 6px {RINGS[1]}", style)
    for grey in range(256):
        assert max(contrast(ring, f"#{grey:02x}{grey:02x}{grey:02x}") for ring in RINGS) >= GRAPHIC


def test_no_colour_is_left_out_here(checkout: Path) -> None:
    """A colour that is written into a page or a chart needs a line in this file."""
    literal = r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b|rgba?\([^)]*\)|hsla?\([^)]*\)"
    found = {c for text in code_of(checkout).values() for c in re.findall(literal, text)}
    assert found == {RULE, CHOSEN, BAND, *RINGS}


@pytest.mark.parametrize("name", THEMES)
def test_html(checkout: Path, name: str) -> None:
    theme = theme_of(checkout, name)
    background, text = theme["backgroundColor"], theme["textColor"]
    for colour in DIRECTION_COLOUR.values():
        for behind in (background, theme["secondaryBackgroundColor"]):
            assert contrast(colour, behind) >= GRAPHIC, "bars, and the lines under a letter's findings"
    code = code_of(checkout)
    faded = {float(o) for text_ in code.values() for o in re.findall(r"opacity: (\.\d+)", text_)}
    assert faded
    for opacity in faded:
        assert contrast(over(text, opacity, background), background) >= TEXT
    # A square of the matrix: its colour behind its words, its bar on that, and the outline of the bar's scale.
    (tint,) = {int(t) / 100 for t in re.findall(r"\{colour\} (\d+)%, transparent", code["matrix.py"])}
    for colour in DIRECTION_COLOUR.values():
        square = over(colour, tint, background)
        assert contrast(text, square) >= TEXT
        assert contrast(colour, square) >= GRAPHIC
        assert contrast(NEUTRAL, square) >= GRAPHIC
    red, green, blue = map(int, re.findall(r"\d+", CHOSEN)[:3])
    chosen = over(f"#{red:02x}{green:02x}{blue:02x}", 0.35, background)
    assert contrast(text, chosen) >= TEXT
    for colour in DIRECTION_COLOUR.values():
        assert contrast(colour, background) >= GRAPHIC


def colours(part: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every colour of a figure with what it is the colour of; templates are Streamlit's."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name != "template":
                yield from colours(value, f"{key}.{name}")
    elif isinstance(part, list):
        for value in part:
            yield from colours(value, key)
    elif isinstance(part, str) and key.rpartition(".")[2] in ("color", "fillcolor", "bgcolor"):
        yield key, part


CHARTS = [
    ("scores", {}),
    ("reviews", {}),
    ("reoffending", {}),
    ("compare", {"compare": "Reoffending"}),
    ("compare", {"compare": "Section scores"}),
    ("compare", {"compare": "Reviews on time"}),
    ("areas", {}),
]


@pytest.mark.parametrize(("page", "query"), CHARTS, ids=str)
def test_charts(checkout: Path, open_app: OpenApp, page: str, query: dict[str, str]) -> None:
    """What is drawn on a chart stands out in both themes, of which only the ink differs."""
    charts = open_app(page, service="Northmoor (illustrative)", **query).get("plotly_chart")
    assert charts
    for chart in charts:
        figure = json.loads(chart.proto.spec)
        for trace in figure["data"]:
            assert trace.get("opacity", 1) == 1, "a faded colour has another contrast"
        lines = {str(y) for trace in figure["data"] for y in listed(trace.get("y"))}
        bands = 0
        for key, colour in colours(figure):
            if colour == BAND or (key.endswith("fillcolor") and "shapes" in key):
                bands += 1
                continue
            for name in THEMES:
                drawn = INK[name] if colour == INK["light"] else colour
                needed = TEXT if "font" in key else GRAPHIC
                assert contrast(drawn, theme_of(checkout, name)["backgroundColor"]) >= needed, (key, colour)
        # A faint band is bounded by lines that stand out.
        for shape in figure["layout"].get("shapes", []):
            if "fillcolor" in shape:
                assert {str(shape["y0"]), str(shape["y1"])} <= lines
        for trace in figure["data"]:
            if trace["type"] == "bar":
                assert {str(y) for y in listed(trace["base"])} <= lines
        assert bands == 0 or lines


def listed(values: Any) -> list[Any]:
    """Plotly's JSON packs long lists of numbers; ours are short or plain."""
    if isinstance(values, dict):
        packed = np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
        return [float(value) for value in packed]
    return list(values or [])
