"""The reader's exam: letters with the answers that a careful analyst would give, and files that are no letters."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sqs_core.frameworks import framework
from sqs_core.letters import letter_json, read_letter
from tests.letters.scoring import Result, mark

EXAM = Path(__file__).parent / "exam"
GOLDS = sorted(EXAM.glob("*.gold.json"))
NAMES = [path.name.split(".")[0] for path in GOLDS]
OTHER_FILES = sorted([*EXAM.glob("*.pdf"), *EXAM.glob("*.docx")])
TAG = re.compile(r"\[(\w+)(?: also: ([^\]]*))?\]")
FURNITURE = re.compile(
    r"^(HMI Probation – Short Quality .*|Page \d+ of \d+|1 Published[\s\S]*?Justice)$", re.M
)


def folded(text: str) -> str:
    """The letter's words alone, so that noise of extraction does not count."""
    text = (
        unicodedata.normalize("NFKC", FURNITURE.sub("", text))
        .casefold()
        .replace("’", "'")
        .replace("&", "and")
    )
    return re.sub(r"[\W_]+", "", text)


@cache
def gold_of(name: str) -> dict[str, Any]:
    gold: dict[str, Any] = json.loads((EXAM / f"{name}.gold.json").read_text(encoding="utf-8"))
    return gold


@cache
def read(file: Path) -> dict[str, Any]:
    return letter_json(read_letter(file))


@cache
def marked(name: str) -> Result:
    gold = gold_of(name)
    return mark(read(EXAM / f"{name}.txt")["findings"], gold["findings"], gold["must_not_quantify"])


# ---------------------------------------------------------------- the answers are checked themselves
# Quotes with a page's running line in their middle stand in no text as they are.
NOISY = {
    "brackenshire-and-wexmoor",
    "marlowick",
    "tarnley",
    "pelham_forest",
    "wexshire",
    "kelmere",
    "hollowmere",
}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOISY])
def test_every_quote_stands_in_the_letter(name: str) -> None:
    gold, text = gold_of(name), folded((EXAM / f"{name}.txt").read_text(encoding="utf-8"))
    quotes = [finding["quote"] for finding in gold["findings"]]
    quotes += gold["key_strengths"] + gold["areas_requiring_improvement"] + gold["must_not_quantify"]
    assert [quote for quote in quotes if folded(quote) not in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_well_formed(name: str) -> None:
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


@pytest.mark.parametrize("name", NAMES)
def test_no_trap_is_a_quantified_finding(name: str) -> None:
    gold = gold_of(name)
    quantified = {finding["quote"] for finding in gold["findings"] if finding["basis"] != "qualitative"}
    assert quantified.isdisjoint(gold["must_not_quantify"])


# ---------------------------------------------------------------- the reader
def test_findings_with_a_number() -> None:
    total = sum(map(marked, NAMES), Result())
    assert total.f1 >= 0.96, "\n".join(["missed", *total.missed, "wrong", *total.wrong])
    assert len(total.traps) <= 10, total.traps
    assert total.in_place >= 0.94 * total.right


@pytest.mark.parametrize("name", NAMES)
def test_each_letter(name: str) -> None:
    result = marked(name)
    assert result.f1 >= 0.77, "\n".join(["missed", *result.missed, "wrong", *result.wrong])


@pytest.mark.parametrize("name", NAMES)
def test_header_reoffending_and_lists(name: str) -> None:
    gold, found = gold_of(name), read(EXAM / f"{name}.txt")

    def told(part: dict[str, Any]) -> dict[str, Any]:
        return {key: folded(value) if isinstance(value, str) else value for key, value in part.items()}

    expected = told(gold["letter"])
    assert {key: told(found["letter"])[key] for key in expected} == expected
    assert told(found["reoffending"]) == told(gold["reoffending"])
    for part in ("key_strengths", "areas_requiring_improvement"):
        assert [folded(text) for text in found[part]] == [folded(text) for text in gold[part]]


def test_findings_are_counted_by_kind() -> None:
    """A reader that never reads one kind shows here, and nowhere else."""
    found = [finding for name in NAMES for finding in read(EXAM / f"{name}.txt")["findings"]]
    wanted = [finding for name in NAMES for finding in gold_of(name)["findings"]]
    for key in ("section", "basis", "direction", "practice"):
        has, should = Counter(f[key] for f in found), Counter(f[key] for f in wanted)
        assert set(has) == set(should), key
        few = {kind: (has[kind], should[kind]) for kind in should if has[kind] < 0.5 * should[kind]}
        assert few == {}, key


@pytest.mark.parametrize("file", OTHER_FILES, ids=lambda path: path.name)
def test_pdf_and_word_are_read_as_the_text_is(file: Path) -> None:
    def told(path: Path) -> list[tuple[object, ...]]:
        return [
            (
                f["paragraph"],
                f["practice"],
                folded(f["quote"]),
                f["share_low"],
                f["share_high"],
                f["direction"],
            )
            for f in read(path)["findings"]
        ]

    text = file.with_suffix(".txt")
    assert told(file) == told(text)
    assert read(file)["letter"] == read(text)["letter"]
    assert read(file)["reoffending"] == read(text)["reoffending"]


# ---------------------------------------------------------------- what is no letter
SECONDS, MEMORY = 20, 1 << 30  # far from what any takes; a reader that runs away is stopped


def sqs_letter(file: Path) -> subprocess.CompletedProcess[str]:
    """`sqs letter FILE --json` in a process of its own, which may not run away."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("sqs")), "letter", str(file), "--json"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        check=False,
    )


def refused(file: Path) -> str:
    """The one line that says why a file is no letter."""
    result = sqs_letter(file)
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert file.name in line
    assert len(line) > len(file.name) + 15
    return line


BAD: list[dict[str, str]] = json.loads((EXAM / "bad" / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", [row["file"] for row in BAD if row["expect"] == "reject"])
def test_what_is_no_letter_is_refused_in_one_line(file: str) -> None:
    refused(EXAM / "bad" / file)


@pytest.mark.parametrize("file", [row["file"] for row in BAD if row["expect"] != "reject"])
def test_no_date_is_invented(file: str) -> None:
    result = sqs_letter(EXAM / "bad" / file)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert {found["letter"][key] for key in ("published_on", "fieldwork_start", "fieldwork_end")} == {None}
    assert found["warnings"]


def test_every_bad_file_is_there() -> None:
    files = {path.name for path in (EXAM / "bad").iterdir()} - {"manifest.json"}
    assert {row["file"] for row in BAD} == files
    assert {row["expect"] for row in BAD} == {"reject", "reject_or_null_dates"}


def long_text(path: Path) -> None:
    path.write_text("All of the plans were good in half of the cases. " * 620_000)


def long_line(path: Path) -> None:
    path.write_text("Short Quality Screening " + "a" * 15_000_000)


def long_letter(path: Path) -> None:
    """A letter, and then its first section a thousand times."""
    text = (EXAM / "aldermere.txt").read_text(encoding="utf-8")
    path.write_text(text + text[len(text) // 3 :] * 3000)


def nested_archive(path: Path) -> None:
    """Small on disk, ten gigabytes unpacked."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b" " * 1_000_000)


def entities(path: Path) -> None:
    """XML whose entities multiply."""
    lines = "\n".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(9))
    document = f'<!DOCTYPE d [<!ENTITY e0 "ha">\n{lines}]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", document)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("long.txt", long_text),
        ("one-line.txt", long_line),
        ("repeated.txt", long_letter),
        ("nested.docx", nested_archive),
        ("entities.docx", entities),
    ],
)
def test_what_would_run_away_is_refused(name: str, make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / name)
    refused(tmp_path / name)


def test_a_pdf_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = (EXAM / "harrowmere.pdf").read_bytes()
    for part in range(1, 10):
        file = tmp_path / f"cut-{part}.pdf"
        file.write_bytes(whole[: len(whole) * part // 10])
        refused(file)
