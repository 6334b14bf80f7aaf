"""What ships to look at: the real inspection of Knowsley as facts, and illustrative services with letters and
audits that never were."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from itertools import groupby
from typing import Any

from sqs_core.frameworks import DATA, framework
from sqs_core.model import Block, Finding, Inspection, Letter, ReoffendingHeadline, Share

KNOWSLEY = DATA / "knowsley-2015.toml"


def knowsley() -> Inspection:
    """The Short Quality Screening of Knowsley of 2015, from `data/knowsley-2015.toml`.

    Facts are the letter's; every sentence is our paraphrase, and its findings say so.
    """
    with KNOWSLEY.open("rb") as file:
        facts = tomllib.load(file)
    blocks = [Block("heading", None, None, facts["letter"]["title"])]
    for part in facts["before"]:
        blocks.append(Block("heading", None, None, part["heading"]))
        blocks += [Block("paragraph", None, None, text) for text in part["paragraphs"]]
    findings: list[Finding] = []
    for section, of_section in groupby(facts["findings"], lambda row: row["section"]):
        blocks.append(Block("heading", section, None, _heading(section)))
        for label, of_paragraph in groupby(of_section, lambda row: row.get("paragraph")):
            text = ""
            for row in of_paragraph:
                text = f"{text} {row['paraphrase']}".lstrip()
                findings.append(_fact(row, block=len(blocks), end=len(text)))
            blocks.append(Block("paragraph", section, label, text))
    strengths = tuple(row["paraphrase"] for row in facts["strengths"])
    areas = tuple(row["paraphrase"] for row in facts["areas"])
    blocks.append(Block("heading", None, None, "Key strengths"))
    blocks += [Block("strength", None, None, text) for text in strengths]
    blocks.append(Block("heading", None, None, "Areas requiring improvement"))
    blocks += [Block("area", None, None, text) for text in areas]
    return Inspection(
        letter=Letter(**facts["letter"]),
        reoffending=ReoffendingHeadline(**facts["reoffending"]),
        findings=tuple(findings),
        key_strengths=strengths,
        areas_requiring_improvement=areas,
        blocks=tuple(blocks),
        warnings=tuple(facts["warnings"]),
    )


def _fact(row: dict[str, Any], block: int, end: int) -> Finding:
    share = row.get("share")
    return Finding(
        section=row["section"],
        paragraph=row.get("paragraph"),
        practice=row["practice"],
        basis=row["basis"],
        quote=row["paraphrase"],
        share=Share(*(float(Fraction(part)) for part in share)) if share else None,
        relevant_cases=row.get("relevant_cases"),
        direction=row["direction"],
        wording=row.get("wording"),
        doubt=row.get("doubt"),
        block=block,
        start=end - len(row["paraphrase"]),
        end=end,
        paraphrased=True,
    )


def _heading(section_id: str) -> str:
    section = framework().section(section_id)
    return f"{section.number}. {section.title}" if section.number else section.title
