"""The real letter, which the project does not carry: read whole and right, from text and from PDF."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sqs_core.demo import knowsley
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


def test_the_facts_that_ship_are_what_the_letter_says(shared: Path | None) -> None:
    """Same header, same rates, the same shares in the same places; none of the letter's sentences."""
    if shared is None:
        return
    letter, facts = read_letter(shared / "letters" / "knowsley.txt"), knowsley()
    assert replace(facts.letter, title=None) == replace(letter.letter, title=None)
    assert facts.reoffending == letter.reoffending

    def numbers(inspection: object) -> list[tuple[object, ...]]:
        return [
            (f.paragraph, round(f.share.low, 2), round(f.share.high, 2))
            for f in inspection.findings  # type: ignore[attr-defined]
            if f.share
        ]

    assert numbers(facts) == numbers(letter)
    text = " ".join((shared / "letters" / "knowsley.txt").read_text(encoding="utf-8").split())
    copied = [f.quote for f in facts.findings if " ".join(f.quote.split()).rstrip(".") in text]
    assert copied == []
