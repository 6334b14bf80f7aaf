"""Both themes can be read: contrasts as WCAG 2.2 computes them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from sqs_core.charts import DIRECTION_COLOUR, INK


def luminance(colour: str) -> float:
    """Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_contrast(checkout: Path, name: str) -> None:
    theme = tomllib.loads((checkout / ".streamlit" / "config.toml").read_text("utf-8"))["theme"][name]
    for background in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(theme["textColor"], background) >= 7
        assert contrast(theme["linkColor"], background) >= 4.5
        assert contrast(INK[name], background) >= 7
    assert contrast("#ffffff", theme["primaryColor"]) >= 4.5, "the text of a button"
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= 3
    for colour in DIRECTION_COLOUR.values():
        assert contrast(colour, theme["backgroundColor"]) >= 3, "bars and lines"
