"""What is downloaded runs nothing in the spreadsheet that opens it (OWASP: CSV injection)."""

from __future__ import annotations

import csv
import io

import pytest

from pages._parts import csv_text


@pytest.mark.parametrize(
    "typed",
    [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        " =1+1",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "\u00a0=1+1",
        "＝1+1",
        '=HYPERLINK("https://evil.example";"open")',
    ],
)
def test_no_cell_of_a_download_begins_a_formula(typed: str) -> None:
    text = csv_text([{"heading": typed, "n": -3, "share": 0.5}], notes=[typed])
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows[1] == ["'" + typed, "-3", "0.5"], "numbers stay numbers"
    assert rows[-1] == ["'" + typed]


def test_other_text_stays_as_it_is() -> None:
    assert "late – by a week, “it said”" in csv_text([{"reason": "late – by a week, “it said”"}], notes=[])
