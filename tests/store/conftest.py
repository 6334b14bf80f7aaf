"""A small letter to store, and a store to put it in."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256

import duckdb
import pytest

from sqs_core.model import Block, Finding, Inspection, Letter, ReoffendingHeadline, Share
from sqs_core.store import FolderStore, LetterFile, Store
from sqs_core.store.lake import LakeStore

TEXTS = (
    "In just over half of the cases the plan was sufficient. Assessment was sufficient in all cases.",
    "Reviews were not always timely.",
)
FINDINGS = (
    ("planning", TEXTS[0][:55], Share(0.5714, 0.5714), "just over half of the cases", "weakness"),
    ("assessment", TEXTS[0][56:], Share(1, 1), "all cases", "strength"),
    ("reviewing", TEXTS[1], None, None, "weakness"),
)


def small_inspection(
    place: str | None = "Knowsley", fieldwork: date | None = date(2015, 10, 5)
) -> Inspection:
    blocks = (
        Block("heading", None, None, "Short Quality Screening (SQS) of youth offending work"),
        Block("paragraph", "reducing_reoffending", "1.1", TEXTS[0]),
        Block("paragraph", "reducing_reoffending", "1.2", TEXTS[1]),
    )
    findings = []
    for practice, quote, share, wording, direction in FINDINGS:
        block = next(i for i, b in enumerate(blocks) if quote in b.text)
        start = blocks[block].text.index(quote)
        findings.append(
            Finding(
                section="reducing_reoffending",
                paragraph=blocks[block].label,
                practice=practice,
                basis="worded" if share else "qualitative",
                quote=quote,
                share=share,
                relevant_cases=14 if share else None,
                direction=direction,
                wording=wording,
                block=block,
                start=start,
                end=start + len(quote),
            )
        )
    return Inspection(
        letter=Letter("A title", place, place and f"{place} YOS", "YOS", None, fieldwork, fieldwork, 14),
        reoffending=ReoffendingHeadline(rate=37.0, compared_with_previous="better", cohort_start="2012-10"),
        findings=tuple(findings),
        key_strengths=("Assessment is good.",),
        areas_requiring_improvement=("Reviews should be on time.",),
        blocks=blocks,
        warnings=("The letter does not say when it was published.",),
    )


def small_file(name: str = "letter.txt", content: str = "", **changes: object) -> LetterFile:
    """A letter file; the same name and content give the same hash. Changes are those of
    `small_inspection`."""
    inspection = changes.pop("inspection", None) or small_inspection(
        **{k: changes.pop(k) for k in ("place", "fieldwork") if k in changes}
    )
    return LetterFile(name, sha256((content or name).encode()).hexdigest(), inspection, **changes)


def _tamper(store: Store, sql: str) -> None:
    """Change the snapshot in force behind the store's back."""
    if isinstance(store, FolderStore):
        with closing(duckdb.connect(store.folder / f"{store.current()}.duckdb")) as connection:
            connection.execute(sql)
        return
    assert isinstance(store, LakeStore)
    with closing(store._cursor(store._attach())) as cursor:
        cursor.execute(sql)


@pytest.fixture
def tamper() -> Callable[[Store, str], None]:
    return _tamper


@pytest.fixture
def letter_file() -> Callable[..., LetterFile]:
    return small_file


def _reworded(inspection: Inspection, text: Callable[[str], str]) -> Inspection:
    """The same inspection as another file of the same letter gives it: every text changed, places found
    anew."""
    blocks = tuple(replace(block, text=text(block.text)) for block in inspection.blocks)
    findings = []
    for finding in inspection.findings:
        quote, block = text(finding.quote), finding.block or 0
        start = blocks[block].text.index(quote)
        findings.append(replace(finding, quote=quote, start=start, end=start + len(quote)))
    return replace(inspection, blocks=blocks, findings=tuple(findings))


@pytest.fixture
def reworded() -> Callable[[Inspection, Callable[[str], str]], Inspection]:
    return _reworded
