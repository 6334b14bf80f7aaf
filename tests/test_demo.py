"""What ships to look at: Knowsley as facts, and the illustrative services."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sqs_core.demo import KNOWSLEY, knowsley
from sqs_core.frameworks import framework
from sqs_core.services import find_service


def test_knowsley_is_the_inspection_of_2015(shared: Path | None) -> None:
    letter = knowsley().letter
    assert letter.case_count == 14
    assert find_service(letter.service_name or "") is not None
    if shared is None:
        return
    gold = json.loads((shared / "letters" / "knowsley.gold.json").read_text("utf-8"))
    ours = {name: getattr(letter, name) for name in gold["letter"]}
    assert {
        name: value if isinstance(value, int) else str(value)
        for name, value in ours.items()
        if name != "title"
    } == {name: value for name, value in gold["letter"].items() if name != "title"}
    reoffending = knowsley().reoffending
    assert {name: getattr(reoffending, name) for name in gold["reoffending"]} == gold["reoffending"]


def test_knowsleys_findings_are_those_of_the_letter_in_its_order(shared: Path | None) -> None:
    """One by one: section, paragraph, basis, cases, direction, and a share inside what the answers allow."""
    if shared is None:
        return
    gold = json.loads((shared / "letters" / "knowsley.gold.json").read_text("utf-8"))["findings"]
    # Operational management stands in another order in the answers; all four are of one kind.
    ours = knowsley().findings
    assert len(ours) == len(gold)
    for finding, answer in zip(ours, gold, strict=True):
        assert (finding.section, finding.paragraph) == (answer["section"], answer["paragraph"])
        assert finding.practice == answer["practice"], finding.quote
        assert finding.direction == answer["direction"], finding.quote
        if "[optional]" in answer["note"]:
            continue
        assert finding.basis == answer["basis"], finding.quote
        assert finding.relevant_cases == answer["relevant_cases"], finding.quote
        if finding.share is None:
            assert answer["share_low"] is None
        else:
            assert answer["share_low"] - 0.001 <= finding.share.low, finding.quote
            assert finding.share.high <= answer["share_high"] + 0.001, finding.quote


def test_a_share_of_known_cases_is_of_whole_cases() -> None:
    for finding in knowsley().findings:
        if finding.share and finding.relevant_cases:
            for end in (finding.share.low, finding.share.high):
                cases = end * finding.relevant_cases
                assert cases == pytest.approx(round(cases)), finding.quote


def test_knowsleys_sentences_are_ours(shared: Path | None) -> None:
    """No seven words in a row are the inspectorate's, anywhere in the file."""
    assert all(finding.paraphrased for finding in knowsley().findings)
    if shared is None:
        return
    theirs = _runs((shared / "letters" / "knowsley.txt").read_text("utf-8"))
    assert not _runs(KNOWSLEY.read_text("utf-8")) & theirs


def _runs(text: str, length: int = 7) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.casefold().replace("'", "").replace("’", ""))
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_every_quote_of_knowsley_stands_where_it_says() -> None:
    inspection = knowsley()
    for finding in inspection.findings:
        assert finding.block is not None
        block = inspection.blocks[finding.block]
        assert block.text[finding.start : finding.end] == finding.quote
        assert (block.section, block.label) == (finding.section, finding.paragraph)
    assert [block.text for block in inspection.blocks if block.kind == "area"] == list(
        inspection.areas_requiring_improvement
    )


def test_knowsley_speaks_the_words_of_the_framework() -> None:
    sections = {section.id for section in framework().sections}
    practices = {practice.id for practice in framework().practices}
    findings = knowsley().findings
    assert {finding.section for finding in findings} == sections
    assert {finding.practice for finding in findings} <= practices
    assert {finding.direction for finding in findings} == {"strength", "weakness", "neutral"}
