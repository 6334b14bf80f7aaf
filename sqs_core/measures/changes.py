"""Whether a section score has changed: inspection with inspection, local audit with local audit, and a letter with
the latest local audit after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, erfc, floor, hypot, sqrt
from statistics import fmean
from typing import Literal

from sqs_core.frameworks import Framework, framework
from sqs_core.measures.scores import PracticeScore, Scores, mean_share
from sqs_core.measures.statistics import Z_95, caseload_interval, wilson_interval
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
class Estimate:
    """A share, and how many separate cases say as much as what it was found in: fewer where cases are alike."""

    share: Share
    cases: float

    def interval(self, z: float = Z_95) -> Share:
        """What the whole caseload may be, z standard errors either way, whatever the words meant. Wilson's interval
        depends on z²/n alone, so that of z for n cases is the 95% one of n (1.96/z)² cases."""
        n = self.cases * (Z_95 / z) ** 2
        return Share(wilson_interval(self.share.low * n, n).low, wilson_interval(self.share.high * n, n).high)


@dataclass(frozen=True, slots=True)
class Sample:
    """What one side of a comparison says of a section: its share, of how many cases, and what that may be of all."""

    share: Share  # the mean of the practices compared; a range where words leave one
    fewest: int | None  # of its practices, the one judged on the fewest cases and the one on the most; None:
    most: int | None  # the letter does not say
    interval: Share | None  # 95%, of the whole caseload, whatever the words meant
    estimate: Estimate | None  # what the interval is made of


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
class PracticeAfter:
    """One practice in a letter and in the latest local audit after it that counts it, over the `sections` that both
    count and of which the letter says how many cases. Where there are none, there is no difference."""

    practice: str
    audit: Scores
    letter: Sample | None  # None: the letter counts the practice in none of the sections asked for
    found: Sample
    sections: tuple[str, ...]
    difference: Difference | None


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


def chance_of(before: Estimate, now: Estimate) -> float:
    """The chance of so large a difference where there is none: that left outside the widest interval (see
    difference_between) that still lies apart from zero, so that interval and verdict never contradict each other. 1
    where the 95% one does not: nobody calls these, and one need not search."""

    def apart(z: float) -> bool:
        moved = difference_between(before.share, before.interval(z), now.share, now.interval(z))
        return moved.verdict != "no clear change"

    if not apart(Z_95):
        return 1.0
    low, high = Z_95, 40.0  # beyond 40 standard errors, chance is not a number any more
    for _ in range(60):
        z = (low + high) / 2
        low, high = (z, high) if apart(z) else (low, z)
    return erfc(low / sqrt(2))


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
    return _mean_estimate(share, cases).interval()


def _mean_estimate(share: Share, cases: Sequence[int]) -> Estimate:
    return Estimate(share, fmean(1 / sqrt(count) for count in cases) ** -2)


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
        return Sample(share, None, None, None, None)
    estimate = _mean_estimate(share, cases)
    return Sample(share, min(cases), max(cases), estimate.interval(), estimate)


def audit_after(letter: Scores, others: Sequence[Scores]) -> AuditAfter | None:
    """The letter beside the latest local audit of the same framework after it; None where there is none, or the
    letter has no date.

    The verdict respects both uncertainties: Newcombe's interval (see difference_of) from the range that the letter's
    words leave open and the chance in so few cases on both sides. What it cannot know is who judged: inspectors and
    a service's own auditors may judge the same case differently.
    """
    for audit in _audits_after(letter, others):
        sections = [_beside(letter, audit, s.id) for s in framework(letter.framework).sections]
        if found := tuple(s for s in sections if s is not None):
            return AuditAfter(letter, audit, found)
    return None


def practice_after(
    letter: Scores, others: Sequence[Scores], practice: str, sections: Sequence[str] = ()
) -> PracticeAfter | None:
    """One practice in the letter beside the latest local audit after it that counts it, in these sections, or in all
    where none are named. None: no such audit. The verdict is as that of `audit_after`.

    One comparison over all the sections, not one in each: of so few cases each alone would show hardly anything.
    """
    for audit in _audits_after(letter, others):
        now = _of_practice(audit, practice, sections)
        if not now:
            continue
        before = _of_practice(letter, practice, sections)
        if not before:
            return PracticeAfter(practice, audit, None, _sample(list(now.values())), (), None)
        one, other, compared, difference = _compared(before, now)
        return PracticeAfter(practice, audit, one, other, tuple(compared), difference)
    return None


def _audits_after(letter: Scores, others: Sequence[Scores]) -> list[Scores]:
    """Local audits of the same framework after the letter, the latest first. None where the letter has no date."""
    if letter.judged_on is None or letter.is_audit:
        return []
    later = [
        s
        for s in others
        if s.is_audit and s.framework == letter.framework and s.judged_on and s.judged_on > letter.judged_on
    ]
    return sorted(later, key=lambda s: str(s.judged_on), reverse=True)


def _of_practice(scores: Scores, practice: str, sections: Sequence[str]) -> dict[str, PracticeScore]:
    """What is counted of a practice, by section."""
    frame = framework(scores.framework)
    cells = {s.id: _counted(scores, s.id) for s in frame.sections if not sections or s.id in sections}
    return {section: found[practice] for section, found in cells.items() if practice in found}


def _compared(
    before: dict[str, PracticeScore], now: dict[str, PracticeScore]
) -> tuple[Sample, Sample, list[str], Difference | None]:
    """What two sides count, neither empty, on what both count; which of it has the cases that a comparison needs; and
    how far it has moved."""
    both = [key for key in before if key in now]
    compared = [key for key in both if before[key].fewest and now[key].fewest]
    shown = compared or both
    one = _sample([before[key] for key in shown or before])
    other = _sample([now[key] for key in shown or now])
    difference = None
    if compared and one.interval and other.interval:
        difference = difference_between(one.share, one.interval, other.share, other.interval)
    return one, other, compared, difference


def _beside(letter: Scores, audit: Scores, section: str) -> LetterAndAudit | None:
    """None where one of them counts nothing in this section."""
    before, now = _counted(letter, section), _counted(audit, section)
    if not before or not now:
        return None
    one, other, compared, difference = _compared(before, now)
    same = any(practice in now for practice in before)
    return LetterAndAudit(section, one, other, tuple(compared), same, difference)


# In words


def cases_of(sample: Sample) -> str:
    """ "10 cases", "8 to 20 cases" where practices were judged on different numbers."""
    if sample.fewest is None or sample.most is None:
        return "number of cases not known"
    if sample.fewest == sample.most:
        return cases_in_number(sample.most)
    return f"{sample.fewest} to {sample.most} cases"


def cases_in_number(count: int) -> str:
    return f"{count} case{'' if count == 1 else 's'}"


def points_in_words(difference: Difference) -> str:
    """Rounded outwards, so that it never looks surer than it is."""
    low, high = floor(difference.low * 100 + 1e-9), ceil(difference.high * 100 - 1e-9)
    if difference.verdict == "no clear change":
        return f"{-low} point{'' if low == -1 else 's'} down to {high} up"
    near, far, way = (low, high, "up") if difference.verdict == "higher" else (-high, -low, "down")
    return f"{near or 'less than 1'} to {far} points {way}"
