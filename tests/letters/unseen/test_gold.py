"""The answers are an exam for the reader, so they are checked themselves: each quote stands in its letter."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from sqs_core.frameworks import framework

HERE = Path(__file__).parent
GOLDS = sorted(HERE.glob("*.gold.json"))
TAG = re.compile(r"\[(\w+)(?: also: ([^\]]*))?\]")
FURNITURE = re.compile(
    r"^(HMI Probation – Short Quality .*|Page \d+ of \d+|1 Published[\s\S]*?Justice)$", re.M
)


def folded(text: str) -> str:
    """The letter's words alone, so that noise of extraction does not count."""
    text = unicodedata.normalize("NFKC", FURNITURE.sub("", text)).casefold().replace("’", "'")
    return re.sub(r"[\W_]+", "", text)


@pytest.fixture(params=GOLDS, ids=lambda path: path.name.split(".")[0])
def name(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def gold_of(path: Path) -> dict[str, Any]:
    gold: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return gold


def text_of(path: Path) -> str:
    return folded(path.with_name(path.name.replace(".gold.json", ".txt")).read_text(encoding="utf-8"))


def test_eight_letters() -> None:
    assert len(GOLDS) == 8


def test_every_quote_stands_in_the_letter(name: Path) -> None:
    gold, text = gold_of(name), text_of(name)
    quotes = [finding["quote"] for finding in gold["findings"]]
    quotes += gold["key_strengths"] + gold["areas_requiring_improvement"] + gold["must_not_quantify"]
    assert [quote for quote in quotes if folded(quote) not in text] == []


def test_findings_are_well_formed(name: Path) -> None:
    sqs = framework()
    sections, practices = {s.id for s in sqs.sections}, {p.id for p in sqs.practices}
    allowed = {
        "practice": practices,
        "basis": {"counted", "worded", "qualitative"},
        "direction": {"strength", "weakness", "neutral"},
    }
    for finding in gold_of(name)["findings"]:
        assert finding["section"] in sections, finding
        assert all(finding[key] in words for key, words in allowed.items()), finding
        low, high = finding["share_low"], finding["share_high"]
        if finding["basis"] == "qualitative":
            assert low is None and high is None, finding
        else:
            assert 0 <= low <= high <= 1, finding
        for key, words in TAG.findall(finding["note"]):
            assert key == "optional" or {word.strip() for word in words.split(",")} <= allowed[key], finding


def test_no_trap_is_a_quantified_finding(name: Path) -> None:
    gold = gold_of(name)
    quantified = {finding["quote"] for finding in gold["findings"] if finding["basis"] != "qualitative"}
    assert quantified.isdisjoint(gold["must_not_quantify"])


def test_every_bad_file_is_there() -> None:
    manifest = json.loads((HERE / "bad" / "manifest.json").read_text(encoding="utf-8"))
    files = {path.name for path in (HERE / "bad").iterdir()} - {"manifest.json"}
    assert {entry["file"] for entry in manifest} == files
    assert {entry["expect"] for entry in manifest} == {"reject", "reject_or_null_dates"}
