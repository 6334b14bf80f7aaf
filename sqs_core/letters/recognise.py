"""Whether a text is a Short Quality Screening letter at all, and what it is instead."""

from __future__ import annotations

import re

from sqs_core.letters.anatomy import SECTIONS, Anatomy
from sqs_core.model import Finding, Letter, ReoffendingHeadline

# What calls itself by another name in its first lines, where a letter has its addressee and title.
_OTHERS = (
    (r"press release|news release|media release|embargo|for immediate release|notes to editors", "a press release"),
    (r"\bminutes\b|^agenda\b|^apologies\b|matters arising|\bmeeting held\b", "the minutes of a meeting"),
    (r"(?:action|improvement|business|annual|strategic|justice) plan\b|\bplan 20\d\d", "a plan"),
    (
        r"\bannouncement\b|\b(?:will|shall|are going to|intend to) (?:be )?inspect|forthcoming inspection|notice of (?:an )?"
        r"inspection|arrangements for the inspection",
        "the announcement of an inspection",
    ),
    (
        r"full joint inspection|core case inspection|thematic (?:inspection|report)|full inspection|joint inspection of|"
        r"inspection of youth offending (?:services|teams)? ?(?:in|of)\b|^an inspection led by|overall rating",
        "the report of another kind of inspection",
    ),
    (r"report (?:to|of|for) (?:the )?(?:cabinet|committee|scrutiny|council|board|director|head|chief|manager)|"
     r"purpose of (?:the|this) report|report author|briefing (?:note|paper)|covering report", "a report about an inspection"),
    (r"inspection criteria|framework and guidance|guidance for|self.assessment", "guidance"),
)  # fmt: skip
_OTHER_KINDS = [(re.compile(pattern, re.I | re.M), what) for pattern, what in _OTHERS]
_SCREENING = re.compile(r"short quality screening|\bSQS\b", re.I)
_FIRST_LINES = 14


def why_no_letter(
    anatomy: Anatomy,
    letter: Letter,
    reoffending: ReoffendingHeadline,
    findings: tuple[Finding, ...],
) -> str | None:
    """Why this is no SQS letter, in words that go after the file's name; None if it is one."""
    lines = [line for line in anatomy.front if line]
    first = "\n".join(lines[:_FIRST_LINES])
    screening = _SCREENING.search(" ".join(lines)) or _SCREENING.search(" ".join(anatomy.after))
    titled = letter.title is not None and "of youth offending work" in letter.title.lower()
    for pattern, what in _OTHER_KINDS:
        if pattern.search(first if not titled else _without_title(first, letter.title or "")):
            return f"this is {what}, not the letter of a Short Quality Screening"
    if not screening:
        return "this is not the letter of a Short Quality Screening: it nowhere calls itself one"
    sections = anatomy.sections()
    if len(sections) < 2:
        found = (
            f"only {len(sections)} of its {len(SECTIONS)} sections" if sections else "none of its sections"
        )
        return f"this is not the letter of a Short Quality Screening: {found} was found"
    marks = (
        letter.title,
        letter.published_on or letter.fieldwork_start,
        letter.case_count,
        reoffending.rate,
        any(part.section in ("strengths", "areas") and part.kind == "item" for part in anatomy.parts),
        any(finding.share for finding in findings),
        "Chair" in first or "Publication date" in first,
    )
    if not findings or sum(map(bool, marks)) < 3:
        return "this is not the letter of a Short Quality Screening: it has no findings of an inspection"
    return None


def _without_title(text: str, title: str) -> str:
    """The first lines without their addressee and title, whose words may be those of another document."""
    place = re.escape(title.rsplit(" ", 1)[-1])
    lines = re.split(rf"(?<={place})\n", text)[:1] if place else [text]
    return "\n".join(
        line for line in lines[0].splitlines() if not re.match(r"(?:copy )?to\s*:|from\s*:", line, re.I)
    )
