"""What a board asks about reviews, from their states: which period, better than before the inspection or only luckier,
what is overdue now, where and why. Each answer with its sentence; counting is in timeliness.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor

from sqs_core.measures.completion import Completion
from sqs_core.measures.control_chart import (
    BeforeAfter,
    ControlChart,
    Count,
    before_and_after,
    correlation_within_months,
    p_chart,
)
from sqs_core.measures.timeliness import (
    TOO_FEW_FOR_A_RATE,
    Grouping,
    LateReason,
    OverdueBand,
    Timeliness,
    TimelinessGroup,
    completion,
    days_late,
    late_reasons,
    overdue_now,
    rate_in_words,
    state_of,
    timeliness,
    timeliness_by,
    timeliness_by_month,
)
from sqs_core.measures.timing import add_months
from sqs_core.measures.words import capital, day, listed, number
from sqs_core.model import Judgement, Letter, Review

SINCE_INSPECTION, TWELVE_MONTHS, THREE_MONTHS = "Since the inspection", "Last 12 months", "Last 3 months"
ALL_RECORDS = "All records"

_LONG_AGO = timedelta(
    days=3 * 365
)  # an inspection so long before the extract is not what a board asks about first
_FEWEST_BEFORE = 6  # months before the inspection from which limits can be made; else all months make them
_LONGEST_CHART, _SHORT_CHART, _BEFORE_INSPECTION = 60, 36, 24  # months

GROUPING_WORDS: dict[Grouping, str] = {
    "plan_type": "Plan type",
    "trigger": "Trigger",
    "order_type": "Order type",
    "team": "Team",
}


def spelled(label: str | None) -> str:
    """A value as people read it: "risk_management_plan" → "Risk management plan"; None → "Not said"."""
    return capital(label.replace("_", " ")) if label else "Not said"


# Which reviews


def periods(reviews: Sequence[Review], letter: Letter | None) -> dict[str, tuple[date, date]]:
    """The periods that a board can ask about, the one to open on first. Empty: there are no records.

    They end on the day of the latest extract. Since the inspection goes first, unless that is more than three years
    before the extract, or no review fell due after it.
    """
    dated = [r.due_on for r in reviews if r.due_on is not None]
    if not dated:
        return {}
    last = max(r.extracted_on for r in reviews)
    recent = {
        TWELVE_MONTHS: (_months_up_to(last, 12), last),
        THREE_MONTHS: (_months_up_to(last, 3), last),
    }
    everything = {ALL_RECORDS: (min(*dated, last), last)}
    ended = letter.fieldwork_end or letter.published_on if letter else None
    if ended is None or not any(ended < due <= last for due in dated):
        return recent | everything
    since = {SINCE_INSPECTION: (ended + timedelta(days=1), last)}
    return since | recent | everything if last - ended <= _LONG_AGO else recent | since | everything


def _months_up_to(last: date, months: int) -> date:
    """The first of so many months that end with a day: whole months where it ends one."""
    tomorrow = last + timedelta(days=1)
    return (
        add_months(tomorrow, -months) if tomorrow.day == 1 else add_months(last, -months) + timedelta(days=1)
    )


def choices(reviews: Sequence[Review], grouping: Grouping) -> dict[str, str | None]:
    """The values by which reviews can be narrowed down, as people read them; empty where there is nothing to
    choose. Values that differ in small and capital letters alone are one."""
    found = {
        spelled(value).casefold(): value
        for value in sorted({label_of(r, grouping) for r in reviews}, key=str, reverse=True)
    }
    return {spelled(found[key]): found[key] for key in sorted(found)} if len(found) > 1 else {}


def narrowed(reviews: Sequence[Review], chosen: dict[Grouping, str | None]) -> list[Review]:
    """The reviews that have all of these values."""
    wanted = {by: spelled(value).casefold() for by, value in chosen.items()}
    return [
        r for r in reviews if all(spelled(label_of(r, by)).casefold() == key for by, key in wanted.items())
    ]


def label_of(review: Review, grouping: Grouping) -> str | None:
    value: str | None = getattr(review, grouping)
    return value


_OLD = timedelta(days=100)  # a board meets each quarter: records older than the last meeting


def stale_message(extracted: date, today: date) -> str:
    """That the records end long before today. "" where they do not."""
    if today - extracted <= _OLD:
        return ""
    return (
        f"These records end on {day(extracted)}. What has happened since is not known: load a newer extract."
    )


# Better, or only luckier


@dataclass(frozen=True, slots=True)
class Trend:
    """Whole months, with what chance alone would do to them."""

    months: tuple[TimelinessGroup, ...]
    chart: ControlChart | None  # None: fewer than two months had a review due
    inspected_on: date | None  # the end of fieldwork, where it lies within the months


def trend(reviews: Sequence[Review], letter: Letter | None) -> Trend:
    """The whole months up to the latest extract: from two years before the inspection, or from the first record.

    Limits are made from the months before the inspection where there are six or more with reviews, so that what came
    after is compared with them; else from all. More than 60 months would find too much by chance: the last 36 then.
    """
    dated = [r.due_on for r in reviews if r.due_on is not None]
    if not dated:
        return Trend((), None, None)
    extracted = max(r.extracted_on for r in reviews)
    last = _last_whole_month(extracted)
    first = min(dated).replace(day=1)
    ended = letter.fieldwork_end or letter.published_on if letter else None
    if ended is not None:
        first = max(first, add_months(ended.replace(day=1), -_BEFORE_INSPECTION))
    if first < (longest := add_months(last.replace(day=1), 1 - _LONGEST_CHART)):
        first = add_months(longest, _LONGEST_CHART - _SHORT_CHART)
    if first > last:
        return Trend((), None, None)
    months = timeliness_by_month(reviews, first, last)
    counts = _counts(months)
    inside = ended if ended is not None and first <= ended <= last else None
    before = sum(group.timeliness.last < inside for group in months) if inside else 0
    baseline = before if sum(count.due > 0 for count in counts[:before]) >= _FEWEST_BEFORE else None
    enough = sum(count.due > 0 for count in counts) >= 2
    return Trend(months, p_chart(counts, baseline=baseline) if enough else None, inside)


def _last_whole_month(until: date) -> date:
    tomorrow = until + timedelta(days=1)
    return until if tomorrow.day == 1 else until.replace(day=1) - timedelta(days=1)


def _counts(months: Sequence[TimelinessGroup]) -> list[Count]:
    return [Count(group.timeliness.on_time, group.timeliness.due) for group in months]


def since_inspection(
    reviews: Sequence[Review], letter: Letter, first: date, last: date
) -> BeforeAfter | None:
    """Reviews due in a period after the inspection against those due in the 12 months before it. None: the letter
    gives no day, the period begins before it, or nothing fell due on one side."""
    began, ended = letter.fieldwork_start or letter.published_on, letter.fieldwork_end or letter.published_on
    if began is None or ended is None or first <= ended:
        return None
    before = _counts(timeliness_by_month(reviews, *year_before(began)))
    after = _counts(timeliness_by_month(reviews, first, last))
    return before_and_after(before, after, correlation_within_months(before, after))


def year_before(began: date) -> tuple[date, date]:
    """The first and last day of the 12 months before an inspection that began on this day."""
    return add_months(began, -12), began - timedelta(days=1)


_BEFORE = "In the 12 months before the inspection"


def before_in_words(reviews: Sequence[Review], letter: Letter) -> str:
    """ "In the 12 months before the inspection", or as many of them as the records go back to."""
    began = letter.fieldwork_start or letter.published_on
    first = min((r.due_on for r in reviews if r.due_on is not None), default=None)
    if began is None or first is None or first >= began:
        return _BEFORE
    months = (began.year - first.year) * 12 + began.month - first.month + (began.day > first.day)
    if months >= 12:
        return _BEFORE
    count = "month" if months == 1 else f"{number(months)} months"
    return f"In the {count} before the inspection to which the records go back,"


def since_inspection_message(found: BeforeAfter | None, before_words: str = _BEFORE) -> str:
    """Better, worse or no clear change since the inspection. "" where nothing can be compared."""
    if found is None:
        return ""
    before = found.before
    on_time = number(before.on_time) if before.on_time else "none"
    was = f"{on_time} of {number(before.due)} {'was' if before.on_time == 1 or before.due == 1 else 'were'} on time"
    if before.due >= TOO_FEW_FOR_A_RATE:
        was = f"{rate_in_words(before.on_time, before.due)} of {before.due} were on time"
    return f"{before_words} {was}: {change_in_words(found)}."


def change_in_words(found: BeforeAfter) -> str:
    """ "it has become better, by 4 to 20 points, which is more than chance explains", or why no change is clear."""
    difference = found.difference
    low, high = floor(100 * difference.low), ceil(100 * difference.high)  # outwards, as shares are rounded
    if found.verdict == "no clear change":
        few = min(found.before.due, found.after.due) < TOO_FEW_FOR_A_RATE
        why = "so few reviews can only show a great change" if few else "the difference may be chance alone"
        return f"no clear change, {why} ({_points(low)} to {_points(high)})"
    way, near, far = ("better", low, high) if found.verdict == "higher" else ("worse", high, low)
    by = f"by {abs(near)} to {abs(far)} points" if near else f"by up to {abs(far)} points"
    return f"it has become {way}, {by}, which is more than chance explains"


def _points(points: int) -> str:
    if points == 0:
        return "no points"
    return f"{abs(points)} point{'' if abs(points) == 1 else 's'} {'up' if points > 0 else 'down'}"


# Overdue now


def overdue_by_age(
    reviews: Sequence[Review], grouping: Grouping = "plan_type"
) -> tuple[dict[str, OverdueBand], ...]:
    """For each age band, youngest first: what is overdue in all, and of each plan type (team …) that has any."""
    overdue = [r for r in reviews if state_of(r) == "overdue"]
    groups: dict[str, list[Review]] = {}
    for review in sorted(overdue, key=lambda r: str(label_of(r, grouping))):
        groups.setdefault(spelled(label_of(review, grouping)).casefold(), []).append(review)
    by = {"All": overdue_now(overdue)} | {
        spelled(label_of(group[0], grouping)): overdue_now(group) for group in groups.values()
    }
    return tuple({label: bands[i] for label, bands in by.items()} for i in range(len(by["All"])))


def band_in_words(band: OverdueBand) -> str:
    """ "15 to 28 days"."""
    if band.last_day is None:
        return f"{band.first_day} days or more"
    return f"{band.first_day} to {band.last_day} days"


def overdue_message(reviews: Sequence[Review], today: date) -> str:
    """How many reviews are overdue, how long the oldest has been, and how many can no longer be done."""
    if not reviews:
        return ""
    as_of = max(r.extracted_on for r in reviews)
    then = as_of != today
    when = f"on {day(as_of)}, the day of the latest extract," if then else "today"
    overdue = [r for r in reviews if state_of(r) == "overdue"]
    if not overdue:
        return f"No review {'was' if then else 'is'} overdue {when.rstrip(',')}."
    one = len(overdue) == 1
    verb = ("was" if one else "were") if then else ("is" if one else "are")
    bands = overdue_now(overdue)
    ended = sum(band.order_ended for band in bands)
    oldest = max(days_late(r) for r in overdue)
    count = f"{capital(number(len(overdue)))} review{'' if one else 's'} {verb} overdue {when}".rstrip(",")
    how_long = f", {'' if one else 'the longest '}for {oldest:,} day{'' if oldest == 1 else 's'}"
    plans = Counter(spelled(r.plan_type).lower() for r in overdue)
    of = f" By plan type: {listed([f'{p} {n}' for p, n in plans.most_common()])}." if len(plans) > 1 else ""
    if ended and one:
        lost = " Its order has ended since, so that it can no longer be done under it."
    elif ended:
        whose = "The order of one" if ended == 1 else f"The orders of {number(ended)}"
        have, they, them = ("has", "it", "it") if ended == 1 else ("have", "they", "them")
        lost = f" {whose} {have} ended since, so that {they} can no longer be done under {them}."
    else:
        lost = ""
    older = {r.extracted_on for r in overdue if r.extracted_on < as_of}
    stale = sum(r.extracted_on < as_of for r in overdue)
    who = "It" if one else f"{capital(number(stale))} of them"
    of_day = (
        f"the oldest of {day(min(older))}" if len(older) > 1 else f"of {day(min(older))}" if older else ""
    )
    from_older = (
        f" {who} {'is' if stale == 1 else 'are'} known from an older extract alone, {of_day}."
        if older
        else ""
    )
    return f"{count}{how_long}.{of}{lost}{from_older}"


# Where and why


def apart_message(groups: Sequence[TimelinessGroup]) -> str:
    """Which group is clearly less often on time than another, where 30 or more were due in both.

    Clearly: their 95% intervals lie apart, which among so few groups is stricter than a test of each pair.
    """
    rated = [g for g in groups if g.label is not None and g.timeliness.due >= TOO_FEW_FOR_A_RATE]
    if len(rated) < 2:
        return "Fewer than two of them had 30 reviews due, so they cannot be told apart."
    lowest = min(rated, key=lambda g: g.timeliness.interval.high if g.timeliness.interval else 1)
    others = sorted((g for g in rated if _apart(lowest, g)), key=_share_on_time, reverse=True)
    if not others:
        return "No clear difference between them: what there is may be chance alone."
    than = listed([f"{(g.label or '').replace('_', ' ')} ({_rate_of(g)})" for g in others])
    return f"{spelled(lowest.label)} is clearly less often on time ({_rate_of(lowest)}) than {than}."


def _share_on_time(group: TimelinessGroup) -> float:
    return group.timeliness.on_time / group.timeliness.due


def _apart(lower: TimelinessGroup, higher: TimelinessGroup) -> bool:
    low, high = lower.timeliness.interval, higher.timeliness.interval
    return low is not None and high is not None and low.high < high.low


def _rate_of(group: TimelinessGroup) -> str:
    return rate_in_words(group.timeliness.on_time, group.timeliness.due)


_FEW_ALIKE = 3


def reasons_for_a_board(reasons: Sequence[LateReason], reviews: Sequence[Review]) -> tuple[LateReason, ...]:
    """The same, with those that fewer than three of all the reviews have put together: a text that stands once may
    be a note about one child, and may name somebody."""
    alike = Counter(r.late_reason.casefold() for r in reviews if r.late_reason)
    shown = [r for r in reasons if r.reason is None or alike[r.reason.casefold()] >= _FEW_ALIKE]
    others = [r for r in reasons if r not in shown]
    if not others:
        return tuple(reasons)
    together = LateReason(
        "Another reason",
        sum(r.late for r in others),
        sum(r.overdue for r in others),
        sum(r.outside_control for r in others),
    )
    return (*shown, together)


def without_due_date_message(reviews: Sequence[Review]) -> str:
    """How many reviews are in no figure for want of a due date, and how many of these are open. "" where none is."""
    undated = [r for r in reviews if r.due_on is None]
    if not undated:
        return ""
    still_open = sum(r.completed_on is None for r in undated)
    one = len(undated) == 1
    have, are = (" has", "is") if one else ("s have", "are")
    lead = f"{capital(number(len(undated)))} more review{have} no due date and {are} in no figure"
    if not still_open:
        return f"{lead}."
    count = "it is" if one else f"{number(still_open)} of them {'is' if still_open == 1 else 'are'}"
    return f"{lead}; {count} open, and may be overdue."


def reasons_message(found: Timeliness, reasons: Sequence[LateReason]) -> str:
    """What was given as the reason, and the second figure: the rate without what was outside the service's control."""
    late = found.late + found.overdue
    if not late:
        return "No review due in this period was late or is overdue."
    given = sum(r.late + r.overdue for r in reasons if r.reason is not None)
    if late == 1:
        lead = f"For the one that was late or overdue {'a' if given else 'no'} reason is given."
    elif not given:
        lead = f"No reason is given for any of the {number(late)} that were late or overdue."
    else:
        lead = f"A reason is given for {number(given)} of the {number(late)} that were late or overdue."
    if not found.outside_control:
        return f"{lead} None is said to have been outside the service's control."
    outside, one = found.outside_control, found.outside_control == 1
    lead = f"{lead} {capital(number(outside))} {'is' if one else 'are'} said to have been outside the service's control"
    if found.due - outside < TOO_FEW_FOR_A_RATE:
        return f"{lead}."
    return (
        f"{lead}: without {'it' if one else 'them'} {rate_in_words(found.on_time, found.due - outside)} were on time "
        f"instead of {rate_in_words(found.on_time, found.due)}. The first figure of this page leaves none out."
    )


def lateness_message(found: Timeliness) -> str:
    """How late the late ones were: half of them, and nine in ten."""
    if found.median_days_late is None or found.days_late_90 is None:
        return ""
    half = f"{found.median_days_late:g} day{'' if found.median_days_late == 1 else 's'}"
    if found.late == 1:
        return f"One was done late, by {half}."
    if found.late < 10:
        return f"{capital(number(found.late))} {'was' if found.late == 1 else 'were'} done late, by {half} in the middle."
    return (
        f"Of the {found.late} that were done late, half were late by {found.median_days_late:g} days or less and "
        f"nine in ten by {found.days_late_90} days or less."
    )


COMPLETED_BY = (
    (0, "by the due date"),
    (14, "within two weeks of it"),
    (28, "within four weeks"),
    (91, "in 13 weeks"),
)


def completion_message(found: Completion) -> str:
    """What share was done by when, with open reviews counted for as long as they were seen."""
    if found.reviews < TOO_FEW_FOR_A_RATE:
        return ""
    parts = [
        f"{_percent(estimate.share)} {words}"
        for days, words in COMPLETED_BY
        if (estimate := found.completed_within(days)) is not None
    ]
    return (
        f"Done: {', '.join(parts)}. Reviews still open are counted for as long as they were seen."
        if parts
        else ""
    )


def _percent(share: float) -> str:
    return "over 99%" if 0.995 <= share < 1 else "under 1%" if 0 < share < 0.005 else f"{share:.0%}"


def completion_rows(found: Completion) -> list[dict[str, object]]:
    """The table behind the sentence, in whole per cent; "" where no open review was seen for so long."""
    rows: list[dict[str, object]] = []
    for days, words in COMPLETED_BY:
        estimate = found.completed_within(days)
        rows.append(
            {
                "Done": words,
                "Share": _percent(estimate.share) if estimate else "",
                "95% interval": str(estimate.interval) if estimate else "",
            }
        )
    return rows


# Tables


def group_rows(
    groups: Sequence[TimelinessGroup], heading: str, label: Callable[[str | None], str] = spelled
) -> list[dict[str, object]]:
    """The figures of each group. Rates in whole per cent, "" where fewer than 30 were due."""
    rows: list[dict[str, object]] = []
    for group in groups:
        found = group.timeliness
        rated = found.due >= TOO_FEW_FOR_A_RATE and found.interval is not None
        rows.append(
            {
                heading: label(group.label),
                "Due": found.due,
                "On time": found.on_time,
                "Late": found.late,
                "Overdue": found.overdue,
                "Not yet due": found.not_yet_due,
                "Not required": found.not_required,
                "On-time rate": rate_in_words(found.on_time, found.due) if rated else "",
                "95% interval": str(found.interval) if rated else "",
                "Days late, half at most": ""
                if found.median_days_late is None
                else f"{found.median_days_late:g}",
                "Days late, nine in ten at most": "" if found.days_late_90 is None else found.days_late_90,
                "Outside the service's control": found.outside_control,
            }
        )
    return rows


def reason_rows(reasons: Sequence[LateReason]) -> list[dict[str, object]]:
    return [
        {
            "Reason": r.reason or "No reason given",
            "Late": r.late,
            "Overdue": r.overdue,
            "Outside the service's control": r.outside_control,
        }
        for r in reasons
    ]


def overdue_rows(bands: Sequence[dict[str, OverdueBand]]) -> list[dict[str, object]]:
    return [
        {
            "Overdue for": band_in_words(band["All"]),
            **{label: part.reviews for label, part in band.items()},
            "Order has ended": band["All"].order_ended,
        }
        for band in bands
    ]


def chase_rows(reviews: Sequence[Review]) -> list[dict[str, object]]:
    """Every overdue review by its case reference, the longest overdue first: for analysts, never for a board."""
    overdue = sorted((r for r in reviews if state_of(r) == "overdue"), key=days_late, reverse=True)
    return [
        {
            "Case": r.case_ref,
            "Plan": spelled(r.plan_type),
            "Trigger": spelled(r.trigger),
            "Order": r.order_type or "",
            "Team": r.team or "",
            "Due": r.due_on.isoformat() if r.due_on else "",
            "Days overdue": days_late(r),
            "Order ended": r.order_ended_on.isoformat() if r.order_ended_on else "",
            "Reason": r.late_reason or "",
            "As of": r.extracted_on.isoformat(),
        }
        for r in overdue
    ]


def limits_note(found: Trend) -> str:
    """How to read the chart: what made its limits, and how often such a chart finds what is not there."""
    assert found.chart is not None
    chart = found.chart
    made = "all months shown"
    if chart.baseline is not None:
        made = f"the {chart.fitted_to} months before the inspection"
    trial = " They are trial limits: fewer than 12 months made them." if chart.is_trial else ""
    false = "7" if chart.baseline is None else "18" if not chart.is_trial else "33"
    return (
        f"Dashed line: the average of {made}. Grey: what chance alone would do to a month with as many reviews.{trial} "
        "Triangles are signals, ▲ up and ▼ down: a month outside the limits, two of three near them, a trend of "
        f"seven, or seven on one side. Of 100 such charts over two years in which nothing changes, up to {false} "
        "show a signal; over longer, more."
    )


def rest_message(found: Timeliness) -> str:
    """The reviews that are in no rate, and those done before the rest of their kind could be."""
    parts = []
    if found.not_required:
        one = found.not_required == 1
        parts.append(
            f"{capital(number(found.not_required))} review{'' if one else 's'} due in this period "
            f"{'was' if one else 'were'} not required, as the order ended before."
        )
    if found.not_yet_due:
        one = found.not_yet_due == 1
        parts.append(
            f"{capital(number(found.not_yet_due))} {'was' if one else 'were'} not yet due on the day of the extract."
        )
    if found.completed_early:
        parts.append(
            f"{capital(number(found.completed_early))} counted as on time {'was' if found.completed_early == 1 else 'were'} "
            "done before a due date on or after the day of the extract."
        )
    return " ".join(parts) or "Every review due in this period is in these figures."


@dataclass(frozen=True, slots=True)
class Answers:
    """What a board asks of the reviews that are chosen."""

    extracted_on: date
    found: Timeliness
    since: str
    without: str
    overdue: str
    bands: tuple[dict[str, OverdueBand], ...]
    trend: Trend
    groups: tuple[TimelinessGroup, ...]
    reasons: tuple[LateReason, ...]
    course: Completion


def answered(
    everything: Sequence[Review],
    chosen: dict[Grouping, str | None],
    period: tuple[date, date],
    by: Grouping,
    *,
    letter: Letter | None,
    today: date,
) -> Answers:
    """The answers about those of a service's reviews that are chosen, due in a period, compared by a grouping."""
    reviews = narrowed(everything, chosen)
    since = ""
    if letter:
        compared = since_inspection(reviews, letter, *period)
        since = since_inspection_message(compared, before_in_words(everything, letter))
    return Answers(
        extracted_on=max(r.extracted_on for r in everything),
        found=timeliness(reviews, *period),
        since=since,
        without=without_due_date_message(reviews),
        overdue=overdue_message(reviews, today),
        bands=tuple(overdue_by_age(reviews, by)),
        trend=trend(reviews, letter),
        groups=tuple(timeliness_by(reviews, *period, by)),
        reasons=reasons_for_a_board(late_reasons(reviews, *period), everything),
        course=completion(reviews, *period),
    )


def loaded_message(reviews: Sequence[Review], judgements: Sequence[Judgement]) -> str:
    """What a checked table holds, for whoever is about to load it."""
    if reviews:
        services = sorted({r.service for r in reviews})
        whose = listed(services) if len(services) <= 5 else f"{len(services)} services"
        due = [r.due_on for r in reviews if r.due_on is not None]
        when = f", due from {day(min(due))} to {day(max(due))}" if due else ", none with a due date"
        undated = len(reviews) - len(due)
        rest = (
            f" {undated:,} have no due date: timing rules give it where they can." if due and undated else ""
        )
        still_open = sum(r.completed_on is None for r in reviews)
        count = "One review" if len(reviews) == 1 else f"{len(reviews):,} reviews"
        return (
            f"{count} of {whose}{when}; {still_open:,} open. Extracted on "
            f"{day(max(r.extracted_on for r in reviews))}.{rest}"
        )
    audits = {(j.audit, j.audited_on) for j in judgements}
    cases = len({(j.audit, j.audited_on, j.case_ref) for j in judgements})
    named = listed([f"{audit} ({day(when)})" for audit, when in sorted(audits, key=str)[:3]])
    more = f" and {len(audits) - 3} more" if len(audits) > 3 else ""
    return f"{len(judgements):,} judgements of {cases:,} cases: {named}{more}."
