"""Findings become the matrix of section by practice, and section scores as ranges.

The formula (ours; the inspectorate gave no score): group a section's quantified findings by
practice. A practice's range is the mean of its findings' lows to the mean of their highs; a section's
score the mean of its practices' lows to the mean of their highs. Practices judged in words alone are
not in the score and are named beside it; the widest reading counts each of them as anything from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import fmean

from sqs_core.frameworks import Framework, framework
from sqs_core.measures.statistics import caseload_interval
from sqs_core.model import AuditCount, Direction, Finding, Share, StoredInspection


@dataclass(frozen=True, slots=True)
class PracticeScore:
    """One cell of the matrix: what was found about one practice in one section."""

    section: str
    practice: str
    share: Share | None  # None: judged in words alone
    direction: (
        Direction  # of what is counted, where anything is; neutral where that points both ways or neither
    )
    findings: tuple[int, ...]  # numbers of the findings, in the letter's order; () for a local audit
    cases: int | None  # of how many cases, where all its quantified findings are of the same number
    fewest: int | None = None  # the fewest that any of these findings is of; None: unknown for one of them


@dataclass(frozen=True, slots=True)
class SectionScore:
    section: str
    share: Share | None  # None: nothing in this section was quantified
    widest: Share  # with every practice judged in words counted as anything from 0 to 1
    practices_quantified: tuple[str, ...]
    practices_in_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one inspection or one local audit. Sections and cells in the framework's order."""

    label: str  # "Inspection, October 2015"
    judged_on: date | None  # end of fieldwork, or the date of the audit
    cases: int | None
    sections: tuple[SectionScore, ...]  # those with anything judged
    matrix: tuple[PracticeScore, ...]
    is_audit: bool = False
    framework: str = "sqs"

    def cell(self, section: str, practice: str) -> PracticeScore | None:
        return next((c for c in self.matrix if c.section == section and c.practice == practice), None)

    def section(self, section: str) -> SectionScore | None:
        return next((s for s in self.sections if s.section == section), None)


def square_label(frame: Framework, section: str, practice: str) -> str:
    """One square of the matrix, as pickers and addresses name it."""
    return f"{frame.section(section).title}: {frame.practice(practice).title}"


def weakest_square(scores: Scores) -> PracticeScore | None:
    """The weakness with the lowest share by its middle, else the lowest share; None where nothing was found."""

    def rank(cell: PracticeScore) -> tuple[bool, float]:
        return cell.direction != "weakness", cell.share.low + cell.share.high if cell.share else 2

    return min(scores.matrix, key=rank, default=None)


def mean_share(shares: Iterable[Share]) -> Share | None:
    """The mean of the lows to the mean of the highs; None of nothing."""
    shares = list(shares)
    if not shares:
        return None
    return Share(fmean(s.low for s in shares), fmean(s.high for s in shares))


def _direction(findings: Iterable[Finding]) -> Direction:
    """The one way that findings point; neutral when they point both ways or neither."""
    ways: set[Direction] = {f.direction for f in findings} - {"neutral"}
    return ways.pop() if len(ways) == 1 else "neutral"


def _section_scores(cells: Sequence[PracticeScore], frame: Framework) -> tuple[SectionScore, ...]:
    out = []
    for section in frame.sections:
        judged = [c for c in cells if c.section == section.id and frame.practice(c.practice).in_score]
        quantified = [c for c in judged if c.share is not None]
        in_words = [c for c in judged if c.share is None]
        shares = [c.share for c in quantified if c.share is not None]
        if any(c.section == section.id for c in cells):
            out.append(
                SectionScore(
                    section=section.id,
                    share=mean_share(shares),
                    widest=mean_share([*shares, *(Share(0, 1) for _ in in_words)]) or Share(0, 1),
                    practices_quantified=tuple(c.practice for c in quantified),
                    practices_in_words=tuple(c.practice for c in in_words),
                )
            )
    return tuple(out)


def inspection_scores(stored: StoredInspection) -> Scores:
    """The scores of one inspection, corrections applied."""
    frame = framework(stored.inspection.framework)
    cells = []
    for section in frame.sections:
        for practice in frame.practices:
            about = [
                f
                for f in stored.findings
                if (f.finding.section, f.finding.practice) == (section.id, practice.id)
            ]
            if not about:
                continue
            quantified = [f.finding for f in about if f.finding.share is not None]
            cases = {f.relevant_cases for f in quantified}
            known = [f.relevant_cases for f in quantified if f.relevant_cases]
            cells.append(
                PracticeScore(
                    section=section.id,
                    practice=practice.id,
                    share=mean_share(f.share for f in quantified if f.share is not None),
                    # A number outweighs words: an arrow beside it says what the number says.
                    direction=_direction(quantified or [f.finding for f in about]),
                    findings=tuple(f.number for f in about),
                    cases=cases.pop() if len(cases) == 1 else None,
                    fewest=min(known) if known and len(known) == len(quantified) else None,
                )
            )
    letter = stored.inspection.letter
    judged_on = letter.fieldwork_end or letter.published_on
    return Scores(
        label=f"Inspection, {judged_on:%B %Y}" if judged_on else "Inspection, date not given",
        judged_on=judged_on,
        cases=letter.case_count,
        sections=_section_scores(cells, frame),
        matrix=tuple(cells),
        framework=frame.id,
    )


def audit_scores(counts: Sequence[AuditCount], framework_id: str = "sqs") -> tuple[Scores, ...]:
    """The scores of each local audit, latest first. Counted, so each share is a point.

    A criterion that no case was judged on (all not applicable) is left out.
    """
    frame = framework(framework_id)
    criteria = {c.id: c for c in frame.criteria}

    def when_and_which(count: AuditCount) -> tuple[date, str]:
        return count.audited_on, count.audit

    out = []
    for (audited_on, audit), rows in groupby(
        sorted(counts, key=when_and_which, reverse=True), when_and_which
    ):
        judged = [r for r in rows if r.sufficient + r.insufficient]
        cells = [
            PracticeScore(
                section=section.id,
                practice=practice.id,
                share=mean_share(Share(r.sufficient / _cases(r), r.sufficient / _cases(r)) for r in about),
                direction="neutral",
                findings=(),
                cases=_cases(about[0]) if len({_cases(r) for r in about}) == 1 else None,
                fewest=min(_cases(r) for r in about),
            )
            for section in frame.sections
            for practice in frame.practices
            if (
                about := [
                    r
                    for r in judged
                    if (criteria[r.criterion].section, criteria[r.criterion].practice)
                    == (section.id, practice.id)
                ]
            )
        ]
        out.append(
            Scores(
                label=f"{audit}, {audited_on:%B %Y}",
                judged_on=audited_on,
                cases=max((_cases(r) for r in judged), default=None),
                sections=_section_scores(cells, frame),
                matrix=tuple(cells),
                is_audit=True,
                framework=frame.id,
            )
        )
    return tuple(out)


def _cases(count: AuditCount) -> int:
    return count.sufficient + count.insufficient


def finding_caseload_interval(finding: Finding) -> Share | None:
    """95% interval for the whole caseload, where the finding is a share of a known number of cases."""
    if finding.share is None or not finding.relevant_cases:
        return None
    return caseload_interval(finding.share, finding.relevant_cases)


def scores_json(stored: StoredInspection) -> dict[str, object]:
    """What `sqs show scores --json` prints. `findings`: paragraph numbers, null where none is printed."""
    scores = inspection_scores(stored)
    paragraphs = {f.number: f.finding.paragraph for f in stored.findings}
    letter = stored.inspection.letter
    return {
        "service": stored.service.name,
        "inspection": {
            "framework": stored.inspection.framework,
            "published_on": letter.published_on.isoformat() if letter.published_on else None,
            "fieldwork_start": letter.fieldwork_start.isoformat() if letter.fieldwork_start else None,
            "fieldwork_end": letter.fieldwork_end.isoformat() if letter.fieldwork_end else None,
            "case_count": letter.case_count,
            "illustrative": stored.source.illustrative,
        },
        "sections": [
            {
                "section": s.section,
                "share_low": s.share.low if s.share else None,
                "share_high": s.share.high if s.share else None,
                "widest_low": s.widest.low,
                "widest_high": s.widest.high,
                "practices_quantified": list(s.practices_quantified),
                "practices_in_words": list(s.practices_in_words),
            }
            for s in scores.sections
        ],
        "matrix": [
            {
                "section": c.section,
                "practice": c.practice,
                "share_low": c.share.low if c.share else None,
                "share_high": c.share.high if c.share else None,
                "findings": [paragraphs[n] for n in c.findings],
                "direction": c.direction,
            }
            for c in scores.matrix
        ],
    }


def section_rows(scores: Scores, frame: Framework) -> list[dict[str, object]]:
    """The table behind the section scores. Shares from 0 to 1, "" where nothing was counted."""
    return [
        {
            "Inspection or audit": scores.label,
            "Section": frame.section(s.section).title,
            "Lowest share sufficient": round(s.share.low, 3) if s.share else "",
            "Highest share sufficient": round(s.share.high, 3) if s.share else "",
            "Widest reading, lowest": round(s.widest.low, 3),
            "Widest reading, highest": round(s.widest.high, 3),
            "Practices counted": ", ".join(frame.practice(p).title for p in s.practices_quantified),
            "Practices in words alone": ", ".join(frame.practice(p).title for p in s.practices_in_words),
        }
        for s in scores.sections
    ]


def matrix_rows(scores: Scores, frame: Framework) -> list[dict[str, object]]:
    """The table behind the matrix. Shares from 0 to 1, "" where a practice is judged in words alone."""
    return [
        {
            "Section": frame.section(c.section).title,
            "Practice": frame.practice(c.practice).title,
            "Lowest share sufficient": round(c.share.low, 3) if c.share else "",
            "Highest share sufficient": round(c.share.high, 3) if c.share else "",
            "Cases": c.cases or "",
            "Findings": len(c.findings),
            "Direction": c.direction,
        }
        for c in scores.matrix
    ]


def finding_rows(stored: StoredInspection) -> list[dict[str, object]]:
    """Every finding as a row. Shares from 0 to 1; caseload: a 95% interval; "" where unknown."""
    frame = framework(stored.inspection.framework)
    rows: list[dict[str, object]] = []
    for found in stored.findings:
        finding, caseload = found.finding, finding_caseload_interval(found.finding)
        rows.append(
            {
                "Number": found.number,
                "Section": frame.section(finding.section).title,
                "Paragraph": finding.paragraph or "",
                "Practice": frame.practice(finding.practice).title,
                "Words": finding.quote,
                "Words are": "our paraphrase" if finding.paraphrased else "the letter's",
                "Words of quantity": finding.wording or "",
                "Basis": finding.basis,
                "Lowest share sufficient": round(finding.share.low, 3) if finding.share else "",
                "Highest share sufficient": round(finding.share.high, 3) if finding.share else "",
                "Cases": finding.relevant_cases or "",
                "Caseload, lowest": round(caseload.low, 3) if caseload else "",
                "Caseload, highest": round(caseload.high, 3) if caseload else "",
                "Direction": finding.direction,
                "Doubt": finding.doubt or "",
                "Corrections": len(found.corrections),
            }
        )
    return rows
