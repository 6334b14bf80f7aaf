"""Whether a section score has changed: inspection with inspection, local audit with local audit, never across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqs_core.frameworks import Framework
from sqs_core.measures.scores import Scores
from sqs_core.measures.statistics import caseload_interval
from sqs_core.model import Share

Verdict = Literal["higher", "lower", "no clear change"]


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section's first and latest score of one kind, with what each may be of the whole caseload."""

    section: str
    is_audit: bool
    first: Scores
    latest: Scores
    verdict: Verdict


def interval_of(share: Share, cases: int | None) -> Share:
    """What a score may be of the whole caseload: the words' range, widened by chance where the cases are known.

    A section score is a mean over practices; it is given the interval of one share of as many cases, which is
    wider than a mean's: a change is called one too rarely rather than too often.
    """
    return caseload_interval(share, cases) if cases else share


def verdict_of(before: Share, now: Share) -> Verdict:
    """Higher or lower only where the two intervals lie apart."""
    if now.low > before.high:
        return "higher"
    return "lower" if now.high < before.low else "no clear change"


def section_changes(everything: Sequence[Scores], frame: Framework) -> tuple[SectionChange, ...]:
    """For each section and kind that was scored at least twice: the first and the latest, and the verdict."""
    out = []
    for is_audit in (False, True):
        dated = sorted(
            (s for s in everything if s.judged_on and s.is_audit == is_audit), key=lambda s: str(s.judged_on)
        )
        for section in frame.sections:
            scored = [
                (s, got.share, s.cases)
                for s in dated
                if (got := s.section(section.id)) is not None and got.share is not None
            ]
            if len(scored) > 1:
                (first, before, n), (latest, now, m) = scored[0], scored[-1]
                verdict = verdict_of(interval_of(before, n), interval_of(now, m))
                out.append(SectionChange(section.id, is_audit, first, latest, verdict))
    return tuple(out)
