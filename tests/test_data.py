"""Every file that ships in data/ is in the register, and the fictional letters are the same in every form."""

from __future__ import annotations

import hashlib
import re

import pytest

from sqs_core.frameworks import DATA
from sqs_core.letters import read_letter
from sqs_core.model import Inspection
from sqs_core.services import find_service

_ROW = re.compile(
    r"^\| \[(?P<file>[^\]]+)\]\([^)]+\) \|.*\| (?:`(?P<sha256>[0-9a-f]{64})`|–) \|$", re.MULTILINE
)
REGISTER = {
    match["file"]: match["sha256"] for match in _ROW.finditer((DATA / "README.md").read_text("utf-8"))
}


def test_every_file_is_in_the_register_and_every_row_has_its_file() -> None:
    files = {
        path.relative_to(DATA).as_posix()
        for path in DATA.rglob("*")
        if path.is_file() and path.name != "README.md" and "__pycache__" not in path.parts
    }
    assert files == set(REGISTER)


@pytest.mark.parametrize("file", [file for file, sha256 in REGISTER.items() if sha256])
def test_a_file_with_a_hash_is_what_was_registered(file: str) -> None:
    assert hashlib.sha256((DATA / file).read_bytes()).hexdigest() == REGISTER[file], (
        f"see {DATA / 'README.md'}"
    )


def test_tables_that_state_facts_have_a_hash() -> None:
    assert all(
        REGISTER[file] for file in ("services.csv", "knowsley-2015.toml", "letters/harnley-vale-2014.pdf")
    )


@pytest.mark.parametrize(
    ("text", "file"),
    [("harnley-vale-2014.txt", "harnley-vale-2014.pdf"), ("carrow-bay-2016.txt", "carrow-bay-2016.docx")],
)
def test_a_fictional_letter_says_the_same_in_both_its_forms(text: str, file: str) -> None:
    original, made = read_letter(DATA / "letters" / text), read_letter(DATA / "letters" / file)
    assert _read(made) == _read(original)
    assert made.letter == original.letter
    assert made.reoffending == original.reoffending
    assert made.key_strengths == original.key_strengths
    assert made.areas_requiring_improvement == original.areas_requiring_improvement


def _read(inspection: Inspection) -> list[object]:
    return [
        (f.section, f.paragraph, f.practice, f.quote, f.share, f.relevant_cases) for f in inspection.findings
    ]


@pytest.mark.parametrize("file", ["harnley-vale-2014.pdf", "carrow-bay-2016.docx"])
def test_a_fictional_letter_has_everything_a_letter_has_and_is_of_no_real_service(file: str) -> None:
    inspection = read_letter(DATA / "letters" / file)
    letter = inspection.letter
    assert letter.place is not None
    assert find_service(letter.place) is None
    assert letter.published_on is not None
    assert letter.fieldwork_end is not None
    assert letter.case_count in (16, 20)
    assert inspection.reoffending.compared_with_england_wales in ("better", "worse")
    assert len({finding.section for finding in inspection.findings}) == 5
    assert len(inspection.areas_requiring_improvement) == 3
    directions = [finding.direction for finding in inspection.findings]
    assert min(directions.count("strength"), directions.count("weakness")) >= 8


def test_harnley_vale_leaves_something_to_correct() -> None:
    inspection = read_letter(DATA / "letters" / "harnley-vale-2014.pdf")
    assert any(finding.doubt for finding in inspection.findings if finding.paragraph == "1.2")
