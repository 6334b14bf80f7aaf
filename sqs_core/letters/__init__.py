"""An SQS letter becomes an Inspection: its header, its parts, and what was found in how many cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqs_core.errors import BadInputError
from sqs_core.letters.anatomy import SECTIONS, Anatomy, anatomy_of
from sqs_core.letters.files import Line, content_of, lines_of
from sqs_core.letters.findings import findings_of
from sqs_core.letters.header import letter_of, reoffending_of
from sqs_core.letters.recognise import why_no_letter
from sqs_core.model import Block, Finding, Inspection

__all__ = ["letter_json", "read_bytes", "read_letter", "read_text"]


def read_letter(path: Path) -> Inspection:
    """The letter in a file. Raises BadInputError if it cannot be read or is no SQS letter."""
    return read_bytes(path.name, content_of(path))


def read_bytes(name: str, content: bytes) -> Inspection:
    """The letter in an uploaded file. `name` is for messages; what the file is shows from its content."""
    return _inspection(name, lines_of(name, content))


def read_text(name: str, text: str) -> Inspection:
    """The letter in a text."""
    return read_bytes(name, text.encode())


def _inspection(name: str, lines: list[Line]) -> Inspection:
    anatomy = anatomy_of(lines)
    warnings: list[str] = []
    letter = letter_of(anatomy, warnings)
    reoffending = reoffending_of(anatomy, warnings)
    blocks = _blocks(anatomy, letter.title)
    findings = tuple(findings_of(blocks, letter.case_count))
    other = why_no_letter(anatomy, letter, reoffending, findings)
    if other:
        raise BadInputError(f"{name}: {other}")
    _warn(anatomy, findings, warnings)
    return Inspection(
        letter=letter,
        reoffending=reoffending,
        findings=findings,
        key_strengths=tuple(b.text for b in blocks if b.kind == "strength"),
        areas_requiring_improvement=tuple(b.text for b in blocks if b.kind == "area"),
        blocks=blocks,
        warnings=tuple(warnings),
    )


def _blocks(anatomy: Anatomy, title: str | None) -> tuple[Block, ...]:
    blocks = [Block("heading", None, None, title)] if title else []
    for part in anatomy.parts:
        section = part.section if part.section in SECTIONS else None
        if part.kind == "heading":
            blocks.append(Block("heading", section, None, part.text))
        elif part.section == "strengths":
            blocks.append(Block("strength", None, None, part.text))
        elif part.section == "areas":
            blocks.append(Block("area", None, None, part.text))
        else:
            blocks.append(Block("paragraph", section, part.label, part.text))
    return tuple(blocks)


def _warn(anatomy: Anatomy, findings: tuple[Finding, ...], warnings: list[str]) -> None:
    names = dict(zip(SECTIONS, ("1", "2", "3", "4", "Operational management"), strict=True))
    found = anatomy.sections()
    missing = [names[section] for section in SECTIONS if section not in found]
    if missing:
        warnings.append(f"Sections not found: {', '.join(missing)}.")
    for key, words in (("strengths", "key strengths"), ("areas", "areas requiring improvement")):
        if not any(part.section == key and part.kind == "item" for part in anatomy.parts):
            warnings.append(f"The letter lists no {words}.")
    for finding in findings:
        if finding.doubt:
            where = (
                f"paragraph {finding.paragraph}" if finding.paragraph else finding.section.replace("_", " ")
            )
            warnings.append(f"{where}, “{finding.wording or finding.quote[:60]}”: {finding.doubt}")


def letter_json(inspection: Inspection) -> dict[str, Any]:
    """What `sqs letter FILE --json` prints."""
    letter, rates = inspection.letter, inspection.reoffending
    return {
        "letter": {
            "title": letter.title,
            "place": letter.place,
            "service_name": letter.service_name,
            "service_kind": letter.service_kind,
            "published_on": letter.published_on and letter.published_on.isoformat(),
            "fieldwork_start": letter.fieldwork_start and letter.fieldwork_start.isoformat(),
            "fieldwork_end": letter.fieldwork_end and letter.fieldwork_end.isoformat(),
            "case_count": letter.case_count,
        },
        "reoffending": {
            "rate": rates.rate,
            "previous_rate": rates.previous_rate,
            "england_wales_rate": rates.england_wales_rate,
            "compared_with_previous": rates.compared_with_previous,
            "compared_with_england_wales": rates.compared_with_england_wales,
            "cohort_start": rates.cohort_start,
            "cohort_end": rates.cohort_end,
            "rate_published": rates.rate_published,
        },
        "findings": [
            {
                "section": finding.section,
                "paragraph": finding.paragraph,
                "practice": finding.practice,
                "basis": finding.basis,
                "quote": finding.quote,
                "share_low": round(finding.share.low, 4) if finding.share else None,
                "share_high": round(finding.share.high, 4) if finding.share else None,
                "relevant_cases": finding.relevant_cases,
                "direction": finding.direction,
                "wording": finding.wording,
                "doubt": finding.doubt,
            }
            for finding in inspection.findings
        ],
        "key_strengths": list(inspection.key_strengths),
        "areas_requiring_improvement": list(inspection.areas_requiring_improvement),
        "warnings": list(inspection.warnings),
        "counts": {
            basis: sum(finding.basis == basis for finding in inspection.findings)
            for basis in ("counted", "worded", "qualitative")
        },
    }
