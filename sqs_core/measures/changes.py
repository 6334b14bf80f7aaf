"""Whether a section score has changed: inspection with inspection, local audit with local audit, never across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
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


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a share has moved, lowest and highest: −0.1 to 0.3 is ten points down to thirty points up."""

    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        return "higher" if self.low > 0 else "lower" if self.high < 0 else "no clear change"


def interval_of(share: Share, cases: int | None) -> Share:
    """What a score may be of the whole caseload: the words' range, widened by chance where the cases are known.

    A section score is a mean over practices; it is given the interval of one share of as many cases, which is
    wider than a mean's: a change is called one too rarely rather than too often.
    """
    return caseload_interval(share, cases) if cases else share


def difference_of(before: Share, before_cases: int, now: Share, now_cases: int) -> Difference:
    """95% interval of how far the whole caseload has moved, whatever the words meant, from −1 to 1."""
    return difference_between(before, interval_of(before, before_cases), now, interval_of(now, now_cases))


def difference_between(before: Share, earlier: Share, now: Share, later: Share) -> Difference:
    """The same where the 95% interval of either share is known: `earlier` of `before` and `later` of `now`.

    Newcombe's interval for the difference of two shares, from their Wilson intervals (R. G. Newcombe, Interval
    estimation for the difference between independent proportions, Statistics in Medicine 17 (1998), method 10).
    """
    return Difference(
        now.low - before.high - hypot(now.low - later.low, earlier.high - before.high),
        now.high - before.low + hypot(later.high - now.high, before.low - earlier.low),
    )


def verdict_of(before: Share, before_cases: int | None, now: Share, now_cases: int | None) -> Verdict:
    """Higher or lower only where the 95% interval of the difference lies apart from zero, whatever the words meant.

    Without the number of cases chance cannot be told, and there is no clear change.
    """
    if not before_cases or not now_cases:
        return "no clear change"
    return difference_of(before, before_cases, now, now_cases).verdict


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
                verdict = verdict_of(before, n, now, m)
                out.append(SectionChange(section.id, is_audit, first, latest, verdict))
    return tuple(out)
