"""Whether reviews were on time, counted in the period in which they fell due: reviews never done do not vanish.

What each state means is decided in `state_of`, and nowhere else. Every review is judged by what the extract that
holds it knew on its own day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from statistics import median
from typing import Literal, get_args

from sqs_core.measures.completion import Completion, kaplan_meier
from sqs_core.measures.statistics import wilson_interval
from sqs_core.measures.words import between, capital, day, number, period
from sqs_core.model import PlanType, Review, Share

State = Literal["on_time", "late", "overdue", "not_yet_due", "not_required", "no_due_date"]
Grouping = Literal["plan_type", "trigger", "order_type", "team", "late_reason"]

TOO_FEW_FOR_A_RATE = (
    30  # under so many the publishers of official rates give none, and neither do our sentences
)
AGE_BANDS: tuple[tuple[int, int | None], ...] = ((1, 14), (15, 28), (29, 90), (91, None))


def state_of(review: Review) -> State:
    """What became of one review, as the day of its extract knew it. At the edges:

    - Completed on the due date: on time. Open on the due date that is the extract's own day: not yet due, the day
      is not over.
    - The order ended before the due date: not required, whether completed or not. Counting only those that were
      completed all the same would add successes and never a failure. The order ended on the due date: required.
    - The order ended after the due date: late or overdue as any other, also when completed after the order ended
      or never.
    - Due after the extract and completed early: on time; nothing can change that any more.
    - Completed after the day of the extract: open. An extract knows no future, such a date is a plan.
    - No due date: in no period and no rate.
    """
    if review.due_on is None:
        return "no_due_date"
    if review.order_ended_on is not None and review.order_ended_on < review.due_on:
        return "not_required"
    completed_on = _completed_on(review)
    if completed_on is not None:
        return "on_time" if completed_on <= review.due_on else "late"
    return "overdue" if review.due_on < review.extracted_on else "not_yet_due"


def days_late(review: Review) -> int:
    """Days from the due date to completion, or to the day of the extract while it is open. 0 or less: not late."""
    if review.due_on is None:
        raise ValueError("a review without a due date is neither late nor on time")
    return ((_completed_on(review) or review.extracted_on) - review.due_on).days


def _completed_on(review: Review) -> date | None:
    done = review.completed_on
    return done if done is not None and done <= review.extracted_on else None


@dataclass(frozen=True, slots=True)
class Timeliness:
    """The reviews that fell due from `first` to `last`, both days included."""

    first: date
    last: date
    as_of: date | None  # the day of the latest extract among all reviews given; None: there are none
    on_time: int
    late: int
    overdue: int
    not_yet_due: int
    not_required: int
    outside_control: int  # of late and overdue: said to be outside the service's control
    completed_early: (
        int  # of on time: due on or after the day of the extract, so the rest of these is still open
    )
    median_days_late: float | None  # of those completed late; None: none was
    days_late_90: int | None  # nine in ten of those completed late were so late at most

    @property
    def due(self) -> int:
        """The reviews that the rate is of: on time, late and overdue."""
        return self.on_time + self.late + self.overdue

    @property
    def on_time_rate(self) -> float | None:
        """Share on time, 0 to 1. None: none was due."""
        return self.on_time / self.due if self.due else None

    @property
    def interval(self) -> Share | None:
        """What chance alone leaves open of the rate: Wilson's 95% interval."""
        return wilson_interval(self.on_time, self.due) if self.due else None

    @property
    def adjusted_rate(self) -> float | None:
        """The second figure, never the headline: the same without the reviews whose lateness was outside the
        service's control. One not said to be so counts as within it. None: none is left."""
        within = self.due - self.outside_control
        return self.on_time / within if within else None


@dataclass(frozen=True, slots=True)
class TimelinessGroup:
    """Timeliness of the reviews that have something in common: a plan type, a month, a team …"""

    label: str | None  # a month as "2026-04"; None: the extract does not say
    timeliness: Timeliness


@dataclass(frozen=True, slots=True)
class LateReason:
    """Why reviews due in the period were late or are overdue."""

    reason: str | None  # None: no reason given
    late: int
    overdue: int
    outside_control: int  # of both together


@dataclass(frozen=True, slots=True)
class OverdueBand:
    """The overdue reviews of one age, whenever they fell due."""

    first_day: int  # days since the due date, both ends included
    last_day: int | None  # None: no upper end
    reviews: int
    order_ended: int  # of these: the order has ended since, so that they can no longer be done under it


def timeliness(reviews: Sequence[Review], first: date, last: date) -> Timeliness:
    """The reviews due from `first` to `last`. Raises ValueError when these are the wrong way round."""
    return _timeliness(_due_between(reviews, first, last), first, last, _as_of(reviews))


def timeliness_by(
    reviews: Sequence[Review], first: date, last: date, grouping: Grouping
) -> tuple[TimelinessGroup, ...]:
    """The same for each group that has a review due in the period: plan types in their usual order, else by name;
    those of which the extract does not say it last. By late reason, on-time reviews are those without one: a rate
    there means nothing, `late_reasons` is what a page wants."""
    groups: defaultdict[str | None, list[Review]] = defaultdict(list)
    written: dict[str, str] = {}  # what differs in small and capital letters alone is one group
    for review in _due_between(reviews, first, last):
        label = _label_of(grouping)(review)
        groups[label and written.setdefault(label.casefold(), label)].append(review)
    usual = {label: place for place, label in enumerate(get_args(PlanType))}
    as_of = _as_of(reviews)
    return tuple(
        TimelinessGroup(label, _timeliness(groups[label], first, last, as_of))
        for label in sorted(groups, key=lambda label: (label is None, usual.get(label or "", 0), label or ""))
    )


def timeliness_by_month(reviews: Sequence[Review], first: date, last: date) -> tuple[TimelinessGroup, ...]:
    """Every month that the period touches, those without a review due included. At the period's ends a month
    holds only its days within."""
    in_month: defaultdict[tuple[int, int], list[Review]] = defaultdict(list)
    for review in _due_between(reviews, first, last):
        if review.due_on is not None:
            in_month[review.due_on.year, review.due_on.month].append(review)
    as_of = _as_of(reviews)
    return tuple(
        TimelinessGroup(f"{start:%Y-%m}", _timeliness(in_month[start.year, start.month], start, end, as_of))
        for start, end in _months(first, last)
    )


def late_reasons(reviews: Sequence[Review], first: date, last: date) -> tuple[LateReason, ...]:
    """The reasons given for late and overdue reviews due in the period, the most frequent first."""
    counts: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    written: dict[str, str] = {}
    for review in _due_between(reviews, first, last):
        state = state_of(review)
        if state in ("late", "overdue"):
            reason = review.late_reason
            counts[reason and written.setdefault(reason.casefold(), reason)].update(
                [state, *(["outside"] if review.outside_control else [])]
            )
    reasons = [
        LateReason(reason, count["late"], count["overdue"], count["outside"])
        for reason, count in counts.items()
    ]
    return tuple(sorted(reasons, key=lambda r: (-r.late - r.overdue, r.reason is None, r.reason or "")))


def overdue_now(reviews: Iterable[Review]) -> tuple[OverdueBand, ...]:
    """Every overdue review by the days since it fell due, on the day of its extract."""
    overdue = [review for review in reviews if state_of(review) == "overdue"]
    bands = []
    for first_day, last_day in AGE_BANDS:
        inside = [
            r for r in overdue if first_day <= days_late(r) and (last_day is None or days_late(r) <= last_day)
        ]
        ended = sum(r.order_ended_on is not None and r.order_ended_on <= r.extracted_on for r in inside)
        bands.append(OverdueBand(first_day, last_day, len(inside), ended))
    return tuple(bands)


def without_due_date(reviews: Iterable[Review]) -> int:
    """How many reviews are in no period because neither the extract nor a rule gives them a due date."""
    return sum(review.due_on is None for review in reviews)


def completion(reviews: Sequence[Review], first: date, last: date) -> Completion:
    """The course of completion of the reviews due in the period, as days from due to completion (Kaplan–Meier).

    Early completions count on their own day, below 0. Open reviews are followed to the day of their extract, also
    those not yet due (to a day below 0) and those whose order has ended since: these were required and not done.
    """
    return kaplan_meier(
        (days_late(review), _completed_on(review) is not None)
        for review in _due_between(reviews, first, last)
        if state_of(review) != "not_required"
    )


def _timeliness(reviews: Sequence[Review], first: date, last: date, as_of: date | None) -> Timeliness:
    states = [(review, state_of(review)) for review in reviews]
    count = Counter(state for _, state in states)
    late = sorted(days_late(review) for review, state in states if state == "late")
    return Timeliness(
        first=first,
        last=last,
        as_of=as_of,
        on_time=count["on_time"],
        late=count["late"],
        overdue=count["overdue"],
        not_yet_due=count["not_yet_due"],
        not_required=count["not_required"],
        outside_control=sum(
            state in ("late", "overdue") and review.outside_control is True for review, state in states
        ),
        completed_early=sum(
            state == "on_time" and review.due_on is not None and review.due_on >= review.extracted_on
            for review, state in states
        ),
        median_days_late=median(late) if late else None,
        # The least number of days that nine in ten do not exceed: a number of days that occurred
        # (R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996),
        # definition 1).
        days_late_90=late[ceil(len(late) * 9 / 10) - 1] if late else None,
    )


def _due_between(reviews: Iterable[Review], first: date, last: date) -> list[Review]:
    if last < first:
        raise ValueError(f"a period begins before it ends: {first} to {last}")
    return [review for review in reviews if review.due_on is not None and first <= review.due_on <= last]


def _as_of(reviews: Iterable[Review]) -> date | None:
    return max((review.extracted_on for review in reviews), default=None)


def _label_of(grouping: Grouping) -> Callable[[Review], str | None]:
    labels: dict[Grouping, Callable[[Review], str | None]] = {
        "plan_type": lambda review: review.plan_type,
        "trigger": lambda review: review.trigger,
        "order_type": lambda review: review.order_type,
        "team": lambda review: review.team,
        "late_reason": lambda review: review.late_reason,
    }
    return labels[grouping]


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The first and last day of every month from one day to another, cut to these."""
    start = first
    while start <= last:
        if (start.year, start.month) == (date.max.year, date.max.month):
            yield start, last
            return
        next_month = date(start.year + start.month // 12, start.month % 12 + 1, 1)
        yield start, min(last, date.fromordinal(next_month.toordinal() - 1))
        start = next_month


# In words, and as JSON


def timeliness_message(found: Timeliness, today: date) -> str:
    """The first sentence for a board; never more than the counts carry. Intervals are rounded outwards.

    "Of 84 reviews due from April to June 2026, 61 were on time: 73%, between 62% and 82% by chance alone; nine of
    the 84 are overdue today." Under 30 reviews it gives counts and the interval, and no rate.
    """
    when = period(found.first, found.last)
    if found.as_of is None:
        return f"Nothing is known of reviews due {when}: there is no record of any."
    interval, rest = found.interval, _not_yet(found, today)
    if interval is None:
        by = f" by {day(found.as_of)}" if found.as_of <= found.last else ""
        return f"No review {'had fallen' if by else 'fell'} due {when}{by}.{rest}"
    if found.due == 1:
        return f"{_one_review(found, when, today)}{rest} One review says nothing of the others."
    on_time = "all" if found.on_time == found.due else "none" if not found.on_time else number(found.on_time)
    lead = f"Of {number(found.due)} reviews due {when}, {on_time} {'was' if found.on_time == 1 else 'were'} on time"
    overdue = _overdue(found, today)
    if found.due < TOO_FEW_FOR_A_RATE:
        return (
            f"{lead}; {overdue}.{rest} So few give no rate: by chance alone it could be anything "
            f"{between(interval)}."
        )
    return f"{lead}: {rate_in_words(found.on_time, found.due)}, {between(interval)} by chance alone; {overdue}.{rest}"


def rate_in_words(on_time: int, due: int) -> str:
    """In whole per cent; 100% and 0% only where it is all or none."""
    percent = round(100 * on_time / due)
    if percent == 100 and on_time < due:
        return "over 99%"
    return "under 1%" if percent == 0 and on_time else f"{percent}%"


def _overdue(found: Timeliness, today: date) -> str:
    """Overdue on the day that the extract speaks of; "today" only where that is today."""
    count, one = (
        f"{number(found.overdue)} of the {number(found.due)}" if found.overdue else "none",
        found.overdue in (0, 1),
    )
    if found.as_of is None or found.as_of == today:
        return f"{count} {'is' if one else 'are'} overdue today"
    return f"{count} {'was' if one else 'were'} overdue on {day(found.as_of)}"


def _one_review(found: Timeliness, when: str, today: date) -> str:
    if found.overdue:
        since = "is overdue today" if found.as_of == today else f"was overdue on {day(found.as_of or today)}"
        return f"The one review due {when} {since}."
    return f"The one review due {when} was {'on time' if found.on_time else 'late'}."


def _not_yet(found: Timeliness, today: date) -> str:
    """The rest of the period's reviews, on the day that the extract speaks of."""
    if not found.not_yet_due or found.as_of is None:
        return ""
    one, then = found.not_yet_due == 1, found.as_of != today
    verb = ("was" if one else "were") if then else ("is" if one else "are")
    when = f" on {day(found.as_of)}" if then else ""
    return f" {capital(number(found.not_yet_due))} more {verb} not yet due{when}."


def timeliness_json(service: str, reviews: Sequence[Review], first: date, last: date) -> dict[str, object]:
    """What `sqs show timeliness --json` prints. `interval` and rates are null where no review was due."""
    found = timeliness(reviews, first, last)
    return {
        "service": service,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "as_of": found.as_of.isoformat() if found.as_of else None,
        **_figures(found),
        "without_due_date": without_due_date(reviews),
        "by_plan_type": [
            {"plan_type": group.label, **_figures(group.timeliness)}
            for group in timeliness_by(reviews, first, last, "plan_type")
        ],
        "by_month": [
            {"month": group.label, **_figures(group.timeliness)}
            for group in timeliness_by_month(reviews, first, last)
        ],
    }


def _figures(found: Timeliness) -> dict[str, object]:
    return {
        "due": found.due,
        "on_time": found.on_time,
        "late": found.late,
        "overdue": found.overdue,
        "not_yet_due": found.not_yet_due,
        "not_required": found.not_required,
        "on_time_rate": found.on_time_rate,
        "interval": [found.interval.low, found.interval.high] if found.interval else None,
        "median_days_late": found.median_days_late,
    }
