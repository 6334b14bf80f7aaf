"""What a shared view says to people without an account: every count is a disclosed one (`sqs_core.disclosure`), and
every sentence and comparison is made of disclosed counts alone, so that none can say more than the tables.

There is nothing to choose in a shared view. Reviews are counted by whole calendar quarters, for the last three years or
from the year before the inspection on; a period that may not be shown joins the next. So every figure is a sum of
periods that are shown, the same in every view, whenever it was opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

from sqs_core.disclosure import HIDDEN, Cell, Group, Row, Table, disclose
from sqs_core.measures.control_chart import Count, before_and_after, correlation_within_months
from sqs_core.measures.reoffending import (
    LETTER,
    Compared,
    Series,
    compared,
    counts_of,
    figure_beside,
    opening_series,
    series,
)
from sqs_core.measures.reoffending_words import (
    cohort_label,
    comparison_message,
    figure_message,
    rate_words,
    series_label,
)
from sqs_core.measures.reviewing import change_in_words, periods, spelled, year_before
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE, state_of, timeliness
from sqs_core.measures.timing import add_months
from sqs_core.measures.words import age, between, capital, day, listed, number, period
from sqs_core.measures.worked import Measure, area_measures, worked_message
from sqs_core.model import Cohort, Letter, PlanType, Review, StoredInspection

ON_TIME = ("On time", "Not on time")  # late and overdue together: apart they would be small twice
REOFFENDED = ("Reoffended", "Did not")
_YEAR = 4  # quarters
_LONGEST = 36  # months, of reviews where no inspection is so recent

Cells = list[dict[str, object]]


# Reviews on time


@dataclass(frozen=True, slots=True)
class SharedReviews:
    """Reviews on time as a shared view shows them. Labels of `periods` are the first days of quarters."""

    periods: Table
    before: tuple[Row, ...]  # of the periods: those in the year before the inspection
    after: tuple[Row, ...]  # and since it, or the last year's where there is no recent inspection
    since_inspection: bool
    plans: Table | None  # of the last year that is over, by plan type; None: none is
    plans_due: tuple[date, date] | None
    overdue: Cell
    extracted_on: date
    until: date  # the last day of the last whole quarter that all extracts know


def shared_reviews(
    reviews: Sequence[Review], letter: Letter | None, largest_hidden: int
) -> SharedReviews | None:
    """None: no review has a due date."""
    dated = [r for r in reviews if r.due_on is not None]
    if not dated:
        return None
    latest: dict[str, date] = {}
    for review in reviews:
        latest[review.plan_type] = max(review.extracted_on, latest.get(review.plan_type, date.min))
    # A quarter of which one plan type is not yet known, or whose last day was not over, would change later, and the
    # change be a small count.
    until = _quarter(min(latest.values())) - timedelta(days=1)
    counts = Counter((_quarter(due), _is_on_time(r)) for r in dated if (due := r.due_on) and _counts(r))
    quarters = _quarters(min((quarter for quarter, _ in counts), default=date.max), until)
    groups = [
        Group(quarter.isoformat(), (counts[quarter, True], counts[quarter, False])) for quarter in quarters
    ]
    found = disclose(ON_TIME, groups, "in order", largest_hidden)
    closed = [row for row in found.rows if row.counts is not None]
    before, after, rows = _around_inspection(closed, letter, until)
    plans_due = _last_year(closed)
    shown = (*rows, *(row for row in found.rows if row.counts is None))
    return SharedReviews(
        periods=Table(found.parts, shown, None, None, found.largest_hidden),
        before=before,
        after=after or _year_up_to(rows),
        since_inspection=bool(after),
        plans=_by_plan_type(dated, plans_due, largest_hidden) if plans_due else None,
        plans_due=plans_due,
        overdue=_overdue(reviews, sum(row.counts[1] for row in rows if row.counts), largest_hidden),
        extracted_on=max(r.extracted_on for r in reviews),
        until=until,
    )


def _counts(review: Review) -> bool:
    return state_of(review) in ("on_time", "late", "overdue")


def _is_on_time(review: Review) -> bool:
    return state_of(review) == "on_time"


def _quarter(when: date) -> date:
    """The first day of its calendar quarter."""
    return date(when.year, when.month - (when.month - 1) % 3, 1)


def _quarters(first: date, until: date) -> list[date]:
    out = []
    while first <= until:
        out.append(first)
        first = add_months(first, 3)
    return out


def due_in(row: Row) -> tuple[date, date]:
    """The first and the last day of a row of `periods`."""
    first, last = date.fromisoformat(row.labels[0]), date.fromisoformat(row.labels[-1])
    return first, add_months(last, 3) - timedelta(days=1)


def _span(rows: Sequence[Row]) -> str:
    """ "from April 2025 to March 2026"."""
    return period(due_in(rows[0])[0], due_in(rows[-1])[1])


def _around_inspection(
    closed: Sequence[Row], letter: Letter | None, until: date
) -> tuple[tuple[Row, ...], tuple[Row, ...], Sequence[Row]]:
    """The periods before the inspection, those after it, and all that are to be seen. None before or after where the
    inspection was not in the last three years.

    Before is a year or more: a single period may have ended where it did because it was a good one.
    """
    first = add_months(until + timedelta(days=1), -_LONGEST)
    recent = [row for row in closed if due_in(row)[0] >= first] or closed[-1:]
    began = letter.fieldwork_start or letter.published_on if letter else None
    ended = letter.fieldwork_end or letter.published_on if letter else None
    if began is None or ended is None or not first <= ended <= until:
        return (), (), recent
    before = _year_up_to([row for row in closed if due_in(row)[1] < began])
    after = tuple(row for row in closed if due_in(row)[0] > ended)
    seen = closed[closed.index(before[0]) :] if before else recent
    return before if _quarters_in(before) >= _YEAR else (), after, seen


def _quarters_in(rows: Sequence[Row]) -> int:
    return sum(len(row.labels) for row in rows)


def _year_up_to(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The last of them that make a year or more; all where they make less."""
    start = next((i for i in range(len(rows) - 1, -1, -1) if _quarters_in(rows[i:]) >= _YEAR), 0)
    return tuple(rows[start:])


def _last_year(closed: Sequence[Row]) -> tuple[date, date] | None:
    """Of the periods from the first on, put together to years or more, the last that is over. Years that moved with
    the day of the view would overlap, and what they differ by be a small count."""
    found, waiting = None, list[Row]()
    for row in closed:
        waiting.append(row)
        if _quarters_in(waiting) >= _YEAR:
            found, waiting = (due_in(waiting[0])[0], due_in(row)[1]), []
    return found


def _by_plan_type(reviews: Sequence[Review], due: tuple[date, date], largest_hidden: int) -> Table:
    counts = Counter(
        (r.plan_type, _is_on_time(r))
        for r in reviews
        if r.due_on is not None and due[0] <= r.due_on <= due[1] and _counts(r)
    )
    groups = [Group(plan, (counts[plan, True], counts[plan, False])) for plan in get_args(PlanType)]
    return disclose(ON_TIME, groups, "all", largest_hidden)


def _overdue(reviews: Sequence[Review], not_on_time: int, largest_hidden: int) -> Cell:
    """How many are overdue, whenever they fell due. Hidden as well where so many of those that were `not_on_time` in the
    periods shown would remain as late that these could not be shown."""
    count = sum(state_of(r) == "overdue" for r in reviews)
    (alone,) = disclose(("Overdue",), [Group("Overdue", (count,))], "none", largest_hidden).rows
    rest = Group("Not on time", (count, max(not_on_time - count, 0)))
    (beside,) = disclose(("Overdue", "Late"), [rest], "none", largest_hidden).rows
    return alone.total if beside.counts or not isinstance(alone.total, int) else beside.total


def added(rows: Sequence[Row]) -> Row:
    """The sum of rows that are shown."""
    shown = [row.counts for row in rows if row.counts]
    parts = tuple(sum(column) for column in zip(*shown, strict=True))
    return Row(tuple(label for row in rows for label in row.labels), parts, sum(parts))


def on_time_message(found: SharedReviews) -> str:
    """The first sentence: "Of 210 reviews due from April 2025 to March 2026, 160 were on time: 76%, between 70% and 82%
    by chance alone." """
    if not found.after:
        return "No figure of reviews on time can be shown yet: there are too few to show any without giving a child away."
    row = added(found.after)
    assert row.counts is not None
    assert isinstance(row.total, int)
    on_time = "all" if row.counts[0] == row.total else "none" if not row.counts[0] else number(row.counts[0])
    lead = f"Of {number(row.total)} reviews due {_span(found.after)}, {on_time} were on time"
    interval = row.interval()
    if interval is None:
        return f"{lead}. So few give no rate."
    return f"{lead}: {row.rate()}, {between(interval)} by chance alone."


def change_message(found: SharedReviews) -> str:
    """Better, worse or no clear change since the year before the inspection, made of the counts shown. "" where no
    inspection is so recent."""
    if not found.since_inspection:
        return ""
    earlier = added(found.before) if found.before else None
    later = added(found.after)
    if earlier is None or earlier.due is None or later.due is None or earlier.counts is None:
        return (
            "Whether that is more than before the inspection is not said: less than a year before it, or too few reviews, "
            "can be shown."
        )
    before, after = ([_count(row) for row in rows] for rows in (found.before, found.after))
    # Periods are few, so how alike the reviews of one are is known roughly, and taken with caution.
    change = before_and_after(before, after, correlation_within_months(before, after, caution=1.0))
    assert change is not None
    return (
        f"Before the inspection, {_span(found.before)}, {earlier.rate()} of {earlier.due} were on time: "
        f"{change_in_words(change)}."
    )


def _count(row: Row) -> Count:
    assert row.counts is not None
    return Count(row.counts[0], sum(row.counts))


def overdue_message(found: SharedReviews) -> str:
    """How many are overdue in all: "Seven", "No", "Five or fewer"."""
    when = day(found.extracted_on)
    if found.overdue == HIDDEN:
        return f"How many reviews were overdue on {when} is hidden: it would give another count away."
    if not isinstance(found.overdue, int):
        return f"{capital(number(found.periods.largest_hidden))} or fewer reviews were overdue on {when}."
    count = capital(number(found.overdue))
    return f"{count} review{' was' if not found.overdue else 's were'} overdue on {when}."


def plans_message(found: SharedReviews) -> str:
    """Which plan type is clearly less often on time than another, where both are shown and enough for a rate.

    Clearly: their 95% intervals lie apart, which among so few groups is stricter than a test of each pair.
    """
    if found.plans is None:
        return "There is no whole year yet whose plan types could be shown."
    rated = [(interval, row) for row in found.plans.rows if (interval := row.interval()) is not None]
    if len(rated) < 2:
        return f"Fewer than two plan types can be shown with {TOO_FEW_FOR_A_RATE} reviews, so they cannot be told apart."
    lowest_interval, lowest = min(rated, key=lambda one: one[0].high)
    others = [row for interval, row in rated if interval.low > lowest_interval.high]
    if not others:
        return "No clear difference between those shown: what there is may be chance alone."
    than = listed([f"{spelled(row.labels[0]).lower()} ({row.rate()})" for row in others])
    return f"{spelled(lowest.labels[0])} is clearly less often on time ({lowest.rate()}) than {than}."


def records_message(found: SharedReviews, today: date) -> str:
    """Of which records these are, how old, up to which day reviews are counted, and why not later."""
    shown = [row for row in found.periods.rows if row.counts]
    last = due_in(shown[-1])[1] if shown else None
    until = found.extracted_on
    lead = f"From the case system's records up to {day(until)}, {age(until, today)}, by whole quarters."
    if last is None or last < found.until:
        since = f"after {day(last)} " if last else ""
        return f"{lead} Reviews due {since}are not shown yet: they join the next quarter."
    return lead


def period_rows(found: SharedReviews) -> Cells:
    """The table of periods: what stands on screen and in the download alike."""
    return [_cells("Due in", label, row) for label, row in period_groups(found)]


def period_groups(found: SharedReviews) -> list[tuple[str, Row]]:
    """The rows of periods by their months: "April to June 2026"."""
    return [(_span([row]).removeprefix("from ").removeprefix("in "), row) for row in found.periods.rows]


def plan_rows(found: SharedReviews) -> Cells:
    """The table of plan types, those of which none was due left out, with what is hidden added up."""
    if found.plans is None:
        return []
    return [_cells("Plan type", label, row) for label, row in plan_groups(found.plans)]


def plan_groups(plans: Table) -> list[tuple[str, Row]]:
    """The rows of plan types by name, then those that are hidden added up, then all."""
    out = [(spelled(row.labels[0]), row) for row in plans.rows if row.total != 0]
    if plans.together and plans.together.total != (plans.total and plans.total.total):
        out.append((f"{capital(number(len(plans.together.labels)))} hidden ones together", plans.together))
    return [*out, ("All plan types", plans.total)] if plans.total else out


def _cells(heading: str, label: str, row: Row) -> dict[str, object]:
    on_time, late = (str(part) for part in row.parts)
    return {
        heading: label,
        "Reviews": str(row.total),
        ON_TIME[0]: on_time,
        ON_TIME[1]: late,
        "On-time rate": row.rate(),
        "95% interval": str(row.interval() or ""),
    }


def row_in_words(row: Row, done: str, rate: str) -> str:
    """ "76%, 160 of 210 on time: between 70% and 82% by chance alone", or that it is hidden. `rate` as it is said."""
    if row.counts is None or not isinstance(row.total, int):
        return "Hidden"
    counts, interval = f"{row.counts[0]:,} of {row.total:,} {done}", row.interval()
    if interval is None:
        return f"{counts}; too few for a rate"
    return f"{rate}, {counts}: {between(interval)} by chance alone"


# Reoffending


@dataclass(frozen=True, slots=True)
class SharedCohort:
    months: str
    row: Row | None  # None: its counts are not known
    rate: str  # from the counts shown, with a decimal from 100 children on; "" where there is none
    country: str  # the rate of England and Wales as published; "" where there is none


@dataclass(frozen=True, slots=True)
class SharedReoffending:
    """Reoffending as a shared view shows it: cohorts that share no child's months, the latest last."""

    label: str  # of the series
    cohorts: tuple[SharedCohort, ...]
    figures: tuple[Compared, ...]  # of those shown, made of the counts shown
    latest_is_shown: bool


def shared_reoffending(
    own: Sequence[Series], country: Sequence[Series], largest_hidden: int
) -> SharedReoffending | None:
    """The figures in force of one series: earlier ones of the same cohort, and cohorts that share months with another,
    differ from it by small counts. None: there is no figure, or only one that a letter quotes without its counts."""
    if not own:
        return None
    opening = opening_series(own)
    chosen: list[Cohort] = []
    for figure in reversed(opening.figures):
        if not chosen or figure.cohort.end < chosen[-1].start:
            chosen.append(figure.cohort)
    chosen.reverse()
    known = {cohort_label(c): parts for c in chosen if (parts := _reoffended(c)) is not None}
    if not known and all(c.source == LETTER for c in chosen):
        return None
    groups = [Group(label, parts) for label, parts in known.items()]
    table = disclose(REOFFENDED, groups, "none", largest_hidden, never_all=REOFFENDED[:1])
    rows = {row.labels[0]: row for row in table.rows}
    shown = {
        cohort_label(c): Cohort(
            area=c.area,
            start=c.start,
            end=c.end,
            offenders=sum(row.counts),
            reoffenders=row.counts[0],
            published_on=c.published_on,
            source_kind=c.source_kind,
            age_group=c.age_group,
        )
        for c in chosen
        if (row := rows.get(cohort_label(c))) is not None and row.counts is not None
    }
    cohorts = tuple(
        SharedCohort(
            months=(months := cohort_label(c)),
            row=(row := rows.get(months)),
            rate=rate_words(shown[months]) if row and row.due else "",
            country=_beside(country, c),
        )
        for c in chosen
    )
    figures = compared(series(list(shown.values())), country)
    return SharedReoffending(series_label(opening), cohorts, figures, cohorts[-1].months in shown)


def _reoffended(cohort: Cohort) -> tuple[int, int] | None:
    """Who reoffended and who did not; None where that is not known or cannot be."""
    counts = counts_of(cohort)
    reoffenders, offenders = counts or (cohort.reoffenders, cohort.offenders)
    if reoffenders is None or offenders is None or not 0 <= reoffenders <= offenders:
        return None
    return reoffenders, offenders - reoffenders


def _beside(country: Sequence[Series], cohort: Cohort) -> str:
    other = figure_beside(country, cohort)
    return rate_words(other.cohort) if other and other.rate is not None else ""


def reoffending_messages(found: SharedReoffending, today: date) -> Iterator[str]:
    """The latest figure that is shown, its age, and what it is compared with; then what is not shown."""
    if found.figures:
        latest = found.figures[-1]
        cohort = latest.figure.cohort
        yield figure_message(latest.figure)
        whose = "By the service's own tracking. " if cohort.source_kind == "local" else ""
        yield f"{whose}The cohort ended {age(cohort.end, today)}."
        for comparison in (latest.previous, *latest.comparators):
            yield comparison_message(comparison)
    if words := newest_message(found):
        yield words


def newest_message(found: SharedReoffending) -> str:
    """That the newest cohort is not shown. "" where it is."""
    if found.latest_is_shown:
        return ""
    return (
        f"The newest cohort, {found.cohorts[-1].months}, is not shown: its counts are not known, or could give a child "
        "away."
    )


def cohort_rows(found: SharedReoffending) -> Cells:
    """The table of cohorts: what stands on screen and in the download alike."""
    return [
        {
            "Cohort": one.months,
            "Children": str(one.row.total) if one.row else "not known",
            "Reoffended": str(one.row.parts[0]) if one.row else "not known",
            "Rate": one.rate,
            "95% interval": str((one.row and one.row.interval()) or ""),
            "England and Wales": one.country,
        }
        for one in found.cohorts
    ]


def cohort_in_words(one: SharedCohort) -> str:
    """As it stands beside its bar."""
    said = row_in_words(one.row, "reoffended", one.rate) if one.row else "How many reoffended is not known"
    return f"{said}; England and Wales {one.country}." if one.country else f"{said}."


# Whether it worked


def shared_worked_message(
    measures: Sequence[Measure], stored: StoredInspection, reviews: Sequence[Review], largest_hidden: int
) -> str:
    """What has come of an area, as a verdict without a count: of reviews alone, where both sides of the comparison
    could be shown and are enough for a rate. Local audits, of a few children each, are not in a shared view."""
    told = [
        m for m in measures if m.what == "reviews" and _could_be_shown(m, stored, reviews, largest_hidden)
    ]
    if not told:
        return (
            "Not said in a shared view: there is no figure for it, or none that is large enough to be shown."
        )
    return worked_message(told)


def _could_be_shown(
    measure: Measure, stored: StoredInspection, reviews: Sequence[Review], largest_hidden: int
) -> bool:
    letter = stored.inspection.letter
    began, found = letter.fieldwork_start or letter.published_on, periods(reviews, letter)
    if measure.verdict == "not comparable" or began is None or measure.query.get("period") not in found:
        return False
    plans = next(row.plan_types for row in area_measures() if row.id == measure.id)
    own = [r for r in reviews if r.plan_type in plans]
    sides = [timeliness(own, *days) for days in (year_before(began), found[measure.query["period"]])]
    groups = [Group(str(side.first), (side.on_time, side.late + side.overdue)) for side in sides]
    return all(row.due for row in disclose(ON_TIME, groups, "none", largest_hidden).rows)
