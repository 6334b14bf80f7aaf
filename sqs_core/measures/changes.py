"""Whether a section score has changed: inspection with inspection, local audit with local audit, and a letter with
the latest local audit after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from statistics import fmean
from typing import Literal

from sqs_core.frameworks import Framework, framework
from sqs_core.measures.scores import PracticeScore, Scores, mean_share
from sqs_core.measures.statistics import caseload_interval, wilson_interval
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


@dataclass(frozen=True, slots=True)
class Sample:
    """What one side of a comparison says of a section: its share, of how many cases, and what that may be of all."""

    share: Share  # the mean of the practices compared; a range where words leave one
    fewest: int | None  # of its practices, the one judged on the fewest cases and the one on the most; None:
    most: int | None  # the letter does not say
    interval: Share | None  # 95%, of the whole caseload, whatever the words meant


@dataclass(frozen=True, slots=True)
class LetterAndAudit:
    """A section in a letter and in the latest local audit after it, on the practices that both count.

    Two means of different practices would differ though nothing had changed, so `practices` are those that both
    count, and of which the letter says how many cases. Where there are none, there is no difference and no verdict:
    `same_practices` then tells whether both count any at all, and the samples are of what they do count.
    """

    section: str
    letter: Sample
    audit: Sample
    practices: tuple[str, ...]
    same_practices: bool
    difference: Difference | None

    @property
    def verdict(self) -> Verdict | None:
        return self.difference.verdict if self.difference else None


@dataclass(frozen=True, slots=True)
class AuditAfter:
    """The latest local audit after a letter that shares a section with it, and what each section says."""

    letter: Scores
    audit: Scores
    sections: tuple[LetterAndAudit, ...]


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


def mean_interval(share: Share, cases: Sequence[int]) -> Share:
    """95% interval for a mean of shares, each of so many cases, whatever the words of each meant: low to high.

    Wilson's interval, as if the mean were one share of so many cases that 1/√cases is the mean of each share's own:
    10, 10 and 4 count as 7. That is right where the practices stand or fall together in a case. In truth they do so
    in part, and the mean is surer than that: too few changes are called, never too many. The most of the numbers
    would not do: a practice that was judged on three cases alone moves the mean by chance far more than one of ten.
    A mean need not be a whole number of cases, so none is made of it.
    """
    n = fmean(1 / sqrt(count) for count in cases) ** -2
    return Share(wilson_interval(share.low * n, n).low, wilson_interval(share.high * n, n).high)


def section_interval(scores: Scores, section: str) -> Share | None:
    """What a section's score may be of the whole caseload; None where it, or a number of its cases, is unknown."""
    cells = _counted(scores, section)
    return _sample(list(cells.values())).interval if cells else None


def _counted(scores: Scores, section: str) -> dict[str, PracticeScore]:
    frame = framework(scores.framework)
    return {
        c.practice: c
        for c in scores.matrix
        if c.section == section and c.share is not None and frame.practice(c.practice).in_score
    }


def _sample(cells: Sequence[PracticeScore]) -> Sample:
    share = mean_share(c.share for c in cells if c.share is not None)
    assert share is not None  # _counted leaves none out
    cases = [c.fewest for c in cells if c.fewest]
    if len(cases) < len(cells):
        return Sample(share, None, None, None)
    return Sample(share, min(cases), max(cases), mean_interval(share, cases))


def audit_after(letter: Scores, others: Sequence[Scores]) -> AuditAfter | None:
    """The letter beside the latest local audit of the same framework after it; None where there is none, or the
    letter has no date.

    The verdict respects both uncertainties: Newcombe's interval (see difference_of) from the range that the letter's
    words leave open and the chance in so few cases on both sides. What it cannot know is who judged: inspectors and
    a service's own auditors may judge the same case differently.
    """
    if letter.judged_on is None or letter.is_audit:
        return None
    later = [
        s
        for s in others
        if s.is_audit and s.framework == letter.framework and s.judged_on and s.judged_on > letter.judged_on
    ]
    for audit in sorted(later, key=lambda s: str(s.judged_on), reverse=True):
        sections = [_beside(letter, audit, s.id) for s in framework(letter.framework).sections]
        if found := tuple(s for s in sections if s is not None):
            return AuditAfter(letter, audit, found)
    return None


def _beside(letter: Scores, audit: Scores, section: str) -> LetterAndAudit | None:
    """None where one of them counts nothing in this section."""
    before, now = _counted(letter, section), _counted(audit, section)
    if not before or not now:
        return None
    both = [practice for practice in before if practice in now]
    compared = [practice for practice in both if before[practice].fewest and now[practice].fewest]
    shown = compared or both
    one = _sample([before[p] for p in shown or before])
    other = _sample([now[p] for p in shown or now])
    difference = None
    if compared and one.interval and other.interval:
        difference = difference_between(one.share, one.interval, other.share, other.interval)
    return LetterAndAudit(section, one, other, tuple(compared), bool(both), difference)
