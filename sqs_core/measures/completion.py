"""How long after their due date reviews are completed, with those still open counted for as long as they were seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from math import exp, log, sqrt

from sqs_core.measures.statistics import Z_95, wilson_interval
from sqs_core.model import Share


@dataclass(frozen=True, slots=True)
class CompletionStep:
    """A day on which at least one review was completed."""

    days: int  # from the due date; below 0: before it
    at_risk: int  # reviews neither completed nor lost from sight before this day
    completed: int  # on this day
    open_share: float  # estimated share of reviews not completed by the end of this day
    greenwood: float  # the sum of d ÷ (n (n − d)) up to this day; infinite once nothing is open

    @property
    def standard_error(self) -> float:
        """Greenwood's, of `open_share`."""
        return 0.0 if self.open_share == 0 else self.open_share * sqrt(self.greenwood)


@dataclass(frozen=True, slots=True)
class CompletionEstimate:
    """Share of reviews completed by some day, with its 95% interval."""

    share: float
    interval: Share


@dataclass(frozen=True, slots=True)
class Completion:
    """The course of completion, from the earliest day on which one was completed."""

    reviews: int
    completed: int
    seen_until: int | None  # the longest that any review was followed, in days from its due date
    lost: tuple[int, ...]  # days at which open reviews went out of sight, in order
    steps: tuple[CompletionStep, ...]

    @property
    def median_days(self) -> int | None:
        """The day by which half were completed, counted from the due date; None: not half, as far as seen.

        Source: R. Brookmeyer and J. Crowley, A confidence interval for the median survival time,
        Biometrics 38 (1982): the first day on which the open share is a half or less.
        """
        return next((step.days for step in self.steps if step.open_share <= 0.5 + 1e-12), None)

    def completed_within(self, days: int) -> CompletionEstimate | None:
        """Share completed by so many days after the due date; None where no open review was followed so long."""
        until = list(takewhile(lambda step: step.days <= days, self.steps))
        everything_done = bool(until) and until[-1].open_share == 0
        if self.seen_until is None or (days > self.seen_until and not everything_done):
            return None
        done = sum(step.completed for step in until)
        still_seen = self.reviews - done - sum(lost < days for lost in self.lost)
        if not until:
            return CompletionEstimate(0.0, wilson_interval(0, still_seen))
        last = until[-1]
        share = 1 - last.open_share
        if everything_done:
            # Greenwood's variance is nothing where all or none are done; a width remains all the same.
            return CompletionEstimate(1.0, wilson_interval(done, done))
        return CompletionEstimate(share, _interval(last))


def kaplan_meier(reviews: Iterable[tuple[int, bool]]) -> Completion:
    """Days from due to completion (True), or to when the review was last seen open (False).

    On each day with d completed of n still open and in sight, the open share is multiplied by 1 − d ÷ n. A review
    that goes out of sight on a day is in sight on it.
    Source: E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations, Journal of the
    American Statistical Association 53 (1958). Variance: M. Greenwood, The natural duration of cancer, Reports on
    Public Health and Medical Subjects 33 (1926).
    """
    seen = sorted(reviews)
    completed = Counter(days for days, done in seen if done)
    leaving = Counter(days for days, _ in seen)
    steps: list[CompletionStep] = []
    at_risk, open_share, greenwood = len(seen), 1.0, 0.0
    for days in sorted(leaving):
        if done := completed[days]:
            left = at_risk - done
            open_share *= left / at_risk
            greenwood += done / (at_risk * left) if left else float("inf")
            steps.append(CompletionStep(days, at_risk, done, open_share, greenwood))
        at_risk -= leaving[days]
    return Completion(
        reviews=len(seen),
        completed=sum(completed.values()),
        seen_until=seen[-1][0] if seen else None,
        lost=tuple(days for days, done in seen if not done),
        steps=tuple(steps),
    )


def _interval(step: CompletionStep) -> Share:
    """95% interval for the share completed, on the scale of log(−log) so that it stays between 0 and 1.

    Source: J. D. Kalbfleisch and R. L. Prentice, The statistical analysis of failure time data (1980), section 1.3.
    """
    width = Z_95 * sqrt(step.greenwood) / abs(log(step.open_share))
    return Share(1 - step.open_share ** exp(-width), 1 - step.open_share ** exp(width))
