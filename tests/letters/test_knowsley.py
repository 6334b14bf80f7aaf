"""The real letter, which the project does not carry: read whole and right, from text and from PDF."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sqs_core.letters import letter_json, read_letter
from tests.letters.scoring import mark


@pytest.mark.parametrize("file", ["knowsley.txt", "knowsley.pdf"])
def test_the_real_letter(shared: Path | None, file: str) -> None:
    if shared is None:
        return
    gold = json.loads((shared / "letters" / "knowsley.gold.json").read_text(encoding="utf-8"))
    found = letter_json(read_letter(shared / "letters" / file))
    assert found["letter"] == gold["letter"]
    assert found["reoffending"] == gold["reoffending"]
    result = mark(found["findings"], gold["findings"], gold["must_not_quantify"])
    assert (result.missed, result.wrong, result.traps) == ([], [], [])
