"""When a review is due where the extract does not say: from dated rules, `data/timing_rules.toml`.

Two modes of counting what recurs. From the last review, one late review pushes all later dates; on the fixed
schedule from the start of the order it does not. Every date says which rule and mode made it.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Literal

import holidays

from sqs_core.frameworks import DATA
from sqs_core.measures.words import day
from sqs_core.model import PlanType, Review, Trigger

Anchor = Literal["order_start", "last_review", "significant_change"]
Unit = Literal["working_days", "calendar_months", "calendar_days"]
Mode = Literal["from_last_review", "fixed_schedule"]

MODE_WORDS: dict[Mode, str] = {
    "from_last_review": "counted from the last review",
    "fixed_schedule": "on the fixed schedule from the start of the order",
}
_UNIT_WORDS: dict[Unit, str] = {
    "working_days": "working day",
    "calendar_months": "calendar month",
    "calendar_days": "calendar day",
}
_ANCHOR_WORDS: dict[Anchor, str] = {
    "order_start": "the start of the order",
    "last_review": "the last review",
    "significant_change": "the significant change",
}
BEGAN_BEFORE = "The order began before this extract does, so an earlier review may be missing."


@dataclass(frozen=True, slots=True)
class TimingRule:
    """One row of `data/timing_rules.toml`."""

    plan_types: tuple[PlanType, ...]
    order_type: str  # a group of orders, or "any"
    trigger: Trigger
    anchor: Anchor
    limit: int
    unit: Unit
    valid_from: date
    valid_to: date | None  # None: still in force
    source: str
    status: Literal["V", "U", "D"]
    service: str | None = None  # None: for every service

    @property
    def limit_in_words(self) -> str:
        """ "20 working days", "3 calendar months"."""
        return f"{self.limit} {_UNIT_WORDS[self.unit]}{'s' if self.limit != 1 else ''}"

    @property
    def anchor_in_words(self) -> str:
        """ "the start of the order"."""
        return _ANCHOR_WORDS[self.anchor]

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Anchors:
    """The days that a limit can be counted from. None: not known."""

    order_started_on: date | None = None
    last_review_on: date | None = None
    significant_change_on: date | None = None
    number: int = 1  # which of the scheduled reviews of this plan under this order: 1, 2, …

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"scheduled reviews are numbered from 1: {self.number}")


@dataclass(frozen=True, slots=True)
class DueDate:
    """A due date and what made it, or why there is none."""

    due_on: date | None
    why: str  # in words: the rule and the mode, or what is missing
    rule: TimingRule | None = None  # None: the extract itself gives the date, or there is none
    mode: Mode | None = None  # None: the limit does not recur
    anchor_on: date | None = None


@dataclass(frozen=True, slots=True)
class DueDates:
    """Reviews with their due dates, and where the dates come from."""

    reviews: tuple[Review, ...]  # in the order given; due_on filled in where a rule gives it
    from_extract: int
    from_rules: tuple[tuple[TimingRule, Mode | None, int], ...]  # most used first
    without: tuple[tuple[str, int], ...]  # why there is no date, and how often; most frequent first


@cache
def timing_rules() -> tuple[TimingRule, ...]:
    """Every rule that ships, in the file's order."""
    with (DATA / "timing_rules.toml").open("rb") as file:
        rows = tomllib.load(file)["rules"]
    return tuple(
        TimingRule(**{"valid_to": None, **row, "plan_types": tuple(row["plan_types"])}) for row in rows
    )


@cache
def _order_groups() -> dict[str, str]:
    with (DATA / "timing_rules.toml").open("rb") as file:
        groups: dict[str, list[str]] = tomllib.load(file)["order_types"]
    return {_folded(name): group for group, names in groups.items() for name in names}


def order_group(order_type: str | None) -> str | None:
    """The group of an order as an extract names it: "Referral Order (12 months)" → "referral_order". None: in no
    group. What follows the name of an order is its length or its requirements."""
    words = _folded(order_type or "").split()
    names = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((group for name in names if (group := _order_groups().get(name))), None)


def _folded(name: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", name.casefold()).split())


# Counting


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England and Wales in a year, moved and one-off ones included.

    Of a year to come, only those proclaimed when the library was made (package `holidays`).
    """
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(when: date) -> bool:
    """Monday to Friday and no bank holiday of England and Wales."""
    return when.weekday() < 5 and when not in bank_holidays(when.year)


@lru_cache(maxsize=100_000)  # an extract has many reviews and few days to count from
def add_working_days(anchor: date, days: int) -> date:
    """The working day so many working days after the anchor, which is day 0 whether it is one or not."""
    when = anchor
    while days > 0:
        when += timedelta(days=1)
        days -= is_working_day(when)
    return when


def add_months(anchor: date, months: int) -> date:
    """The same day so many months later, or that month's last day where it has no such day."""
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def add_limit(anchor: date, limit: int, unit: Unit) -> date:
    if unit == "working_days":
        return add_working_days(anchor, limit)
    return add_months(anchor, limit) if unit == "calendar_months" else anchor + timedelta(days=limit)


# The due date of a review


def due_date(
    review: Review,
    anchors: Anchors,
    mode: Mode,
    rules: Sequence[TimingRule] | None = None,
) -> DueDate:
    """When a review is due, with the rule and mode that made it; or no date, and why.

    The extract's own date goes first. Else the rule in force on the day that the limit is counted from: of the
    service before of all, of the order's group before of any order. A review after a significant change counts
    from the change. The first of a plan that has a limit from the start of the order (an assessment) takes that;
    every other takes the recurring limit by the mode.
    """
    if review.due_on is not None:
        return DueDate(review.due_on, "The extract gives this date.")
    about = [
        rule
        for rule in (timing_rules() if rules is None else rules)
        if review.plan_type in rule.plan_types
        and rule.trigger == review.trigger
        and rule.service in (None, review.service)
    ]
    if not about:
        return DueDate(None, f"No timing rule is known for {_kind(review)}.")
    if review.trigger == "significant_change":
        return _once(review, about, "significant_change", anchors.significant_change_on)
    # Whatever its years: a first assessment is no review, and never gets the time of one.
    has_initial = any(rule.anchor == "order_start" for rule in about)
    if anchors.number == 1 and has_initial:
        return _once(review, about, "order_start", anchors.order_started_on)
    if mode == "fixed_schedule":
        return _on_schedule(review, about, anchors, first=1 + has_initial)
    return _from_last_review(review, about, anchors)


def fixed_schedule(started_on: date, rule: TimingRule, reviews: int) -> tuple[date, ...]:
    """The dates of so many reviews from the start of the order. Each is counted from the start itself: clamping
    at one month's end does not move the next."""
    return tuple(add_limit(started_on, rule.limit * n, rule.unit) for n in range(1, reviews + 1))


def _once(review: Review, about: Sequence[TimingRule], anchor: Anchor, on: date | None) -> DueDate:
    found = _rule(review, about, anchor, on)
    if isinstance(found, str) or on is None:
        return DueDate(None, str(found), anchor_on=on)
    due = add_limit(on, found.limit, found.unit)
    return DueDate(due, f"{found.limit_in_words} from {_ANCHOR_WORDS[anchor]} on {day(on)}.", found, None, on)


def _from_last_review(review: Review, about: Sequence[TimingRule], anchors: Anchors) -> DueDate:
    """Where nothing has been reviewed yet, the start of the order stands for the last review."""
    first = anchors.number == 1 and anchors.last_review_on is None
    on = anchors.order_started_on if first else anchors.last_review_on
    found = _rule(review, about, "last_review", on, "order_start" if first else "last_review")
    if isinstance(found, str) or on is None:
        return DueDate(None, str(found), mode="from_last_review", anchor_on=on)
    since = "the start of the order" if first else "the last review"
    why = f"{found.limit_in_words} from {since} on {day(on)}, {MODE_WORDS['from_last_review']}."
    return DueDate(add_limit(on, found.limit, found.unit), why, found, "from_last_review", on)


def _on_schedule(review: Review, about: Sequence[TimingRule], anchors: Anchors, first: int) -> DueDate:
    """`first`: the number of the review that is due one limit after the start of the order."""
    on = anchors.order_started_on
    found = _rule(review, about, "last_review", on, "order_start")
    if isinstance(found, str) or on is None:
        return DueDate(None, str(found), mode="fixed_schedule", anchor_on=on)
    steps = anchors.number - first + 1
    why = (
        f"{found.limit_in_words}, {steps} {'time' if steps == 1 else 'times'} from {day(on)}, "
        f"{MODE_WORDS['fixed_schedule']}."
    )
    return DueDate(fixed_schedule(on, found, steps)[-1], why, found, "fixed_schedule", on)


def _rule(
    review: Review,
    about: Sequence[TimingRule],
    anchor: Anchor,
    on: date | None,
    counted_from: Anchor | None = None,
) -> TimingRule | str:
    """The rule with this anchor in force on the day, or why there is none."""
    if on is None:
        return f"The day of {_ANCHOR_WORDS[counted_from or anchor]} is not known."
    with_anchor = [rule for rule in about if rule.anchor == anchor]
    in_force = _in_force(with_anchor, on)
    if not in_force:
        return f"No timing rule for {_kind(review)} was in force on the day it is counted from."
    group = order_group(review.order_type)
    fitting = [rule for rule in in_force if rule.order_type in (group, "any")]
    if not fitting and review.order_type is None:
        return "The extract does not say the type of order, and the limit differs by it."
    if not fitting:
        return f"No timing rule is known for {_kind(review)} under “{review.order_type}”."
    # The most particular rule; of two that are alike the later.
    return max(
        fitting, key=lambda rule: (rule.service is not None, rule.order_type != "any", rule.valid_from)
    )


def _in_force(rules: Sequence[TimingRule], on: date | None) -> list[TimingRule]:
    return [rule for rule in rules if on is not None and rule.in_force(on)]


def _kind(review: Review) -> str:
    what = (
        "review after a significant change" if review.trigger == "significant_change" else "scheduled review"
    )
    plan = review.plan_type.replace("_", " ")
    return f"a {what} of {'an' if plan[0] in 'aeiou' else 'a'} {plan}"


# The due dates of many reviews

_Order = tuple[str, str, str | None, date | None, PlanType]  # service, case, type and start of order, plan


def due_dates(reviews: Sequence[Review], mode: Mode, rules: Sequence[TimingRule] | None = None) -> DueDates:
    """Reviews with the dates that the extract gives, and else those that the rules give.

    The reviews of one plan under one order belong together. A scheduled one's number is its place among them; the
    last review before it is the latest that was completed earlier, whatever its trigger.
    """
    undated = {_order(review) for review in reviews if review.due_on is None}
    if not undated:
        return DueDates(tuple(reviews), len(reviews), (), ())
    together: dict[_Order, list[int]] = {}
    first_days: dict[str, date] = {}  # the first day that a service's reviews speak of
    for place, review in enumerate(reviews):
        if (order := _order(review)) in undated:
            together.setdefault(order, []).append(place)
        for when in (review.due_on, review.completed_on):
            if when is not None:
                first_days[review.service] = min(when, first_days.get(review.service, when))
    filled = list(reviews)
    from_rules: Counter[tuple[TimingRule, Mode | None]] = Counter()
    without: Counter[str] = Counter()
    for places in together.values():
        group = [reviews[place] for place in places]
        made = _due_together(group, mode, rules, first_days.get(group[0].service))
        for place, found in zip(places, made, strict=True):
            if reviews[place].due_on is not None:
                continue
            if found.due_on is None or found.rule is None:
                without[found.why] += 1
            else:
                filled[place] = replace(reviews[place], due_on=found.due_on)
                from_rules[found.rule, found.mode] += 1
    return DueDates(
        tuple(filled),
        sum(review.due_on is not None for review in reviews),
        tuple((rule, how, count) for (rule, how), count in from_rules.most_common()),
        tuple(without.most_common()),
    )


def due_dates_message(found: DueDates) -> str:
    """Where the due dates come from: the extract, or which rule in which mode; and why some reviews have none."""
    if not found.reviews:
        return ""
    if found.from_extract == len(found.reviews):
        return "Every due date is the extract's own."
    parts = [f"{found.from_extract:,} of {len(found.reviews):,} due dates are the extract's own."]
    for rule, mode, count in found.from_rules:
        counted = f"from {rule.anchor_in_words}" if mode is None else MODE_WORDS[mode]
        if mode == "from_last_review":
            counted += ", the first from the start of the order"
        sure = "" if rule.status == "V" else ", unverified"
        parts.append(f"{count:,}: {rule.limit_in_words}, {counted} ({rule.source}{sure}).")
    without = sum(count for _, count in found.without)
    if without:
        reasons = " ".join(f"{count:,}: {why}" for why, count in found.without)
        parts.append(f"{without:,} have none, and are in no figure. {reasons}")
    return " ".join(parts)


def _order(review: Review) -> _Order:
    """What the reviews of one plan under one order have in common."""
    return (review.service, review.case_ref, review.order_type, review.order_started_on, review.plan_type)


def _due_together(
    group: Sequence[Review], mode: Mode, rules: Sequence[TimingRule] | None, first_day: date | None
) -> list[DueDate]:
    """When the reviews of one plan under one order are due, in the order given.

    An extract that begins in the middle of an order lacks the reviews before. Counting on from the start of the
    order would then make the first that is there as late as the extract begins late: no such date is given.
    """
    began_before = _began_before(group, rules, first_day)
    done = sorted(review.completed_on for review in group if review.completed_on is not None)
    made: list[DueDate] = []
    for review, number in zip(group, _numbers(group), strict=True):
        earlier = len(done) if review.completed_on is None else bisect_left(done, review.completed_on)
        last = done[earlier - 1] if earlier else None
        anchors = Anchors(review.order_started_on, last, review.significant_change_on, number)
        found = due_date(review, anchors, mode, rules)
        from_last = found.mode == "from_last_review" and last is not None
        if began_before and review.trigger == "scheduled" and found.rule is not None and not from_last:
            found = DueDate(None, BEGAN_BEFORE)
        made.append(found)
    return made


def _numbers(group: Sequence[Review]) -> list[int]:
    """Of each review its place among the scheduled ones, by the day that it is about; what is open comes last."""
    days = [review.due_on or review.completed_on or date.max for review in group]
    numbers = [1] * len(group)  # a review after a significant change has no number
    scheduled = [place for place, review in enumerate(group) if review.trigger == "scheduled"]
    for number, place in enumerate(sorted(scheduled, key=days.__getitem__), 1):
        numbers[place] = number
    return numbers


def _began_before(
    group: Sequence[Review], rules: Sequence[TimingRule] | None, first_day: date | None
) -> bool:
    """Whether the first review of the order may have been due before the extract begins."""
    started = group[0].order_started_on
    one = next((review for review in group if review.due_on is None and review.trigger == "scheduled"), None)
    if one is None or started is None or first_day is None or started >= first_day:
        return False
    for number in (1, 2):  # 2: where no rule for a first assessment was in force, the recurring limit tells
        due = due_date(one, Anchors(started, number=number), "fixed_schedule", rules).due_on
        if due is not None:
            return due < first_day
    return False
