"""What a shared view says: by whole quarters, from disclosed counts alone, and the same whatever is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqs_core.demo import knowsley
from sqs_core.measures.areas import areas
from sqs_core.measures.reoffending import Series, series
from sqs_core.measures.scores import audit_scores, inspection_scores
from sqs_core.measures.shared import (
    SharedReviews,
    added,
    change_message,
    cohort_rows,
    due_in,
    newest_message,
    on_time_message,
    overdue_message,
    period_rows,
    plan_rows,
    plans_message,
    records_message,
    reoffending_messages,
    shared_reoffending,
    shared_reviews,
    shared_worked_message,
)
from sqs_core.measures.worked import measures_of
from sqs_core.model import Cohort, Letter, PlanType, Review
from tests.measures.stored import stored_as

PLANS: tuple[PlanType, ...] = get_args(PlanType)
TODAY = date(2018, 11, 1)
EXTRACTED = date(2018, 10, 1)  # the first day on which the quarter to September is over
LETTER = Letter(
    "A title", "Leeds", "Leeds YOS", "YOS", date(2016, 11, 9), date(2016, 10, 10), date(2016, 10, 12), 14
)
Counts = dict[tuple[int, PlanType], tuple[int, int]]  # quarter since 2015 and plan type: on time, late


def reviews(counts: Counts, extracted: date = EXTRACTED, **fields: object) -> list[Review]:
    out: list[Review] = []
    for (quarter, plan), (on_time, late) in counts.items():
        due = date(2015 + quarter // 4, 3 * (quarter % 4) + 2, 10)
        if due <= extracted:
            plain = Review("Leeds", "LD-1", plan, "scheduled", extracted, due_on=due, completed_on=due)
            done = replace(plain, completed_on=min(due + timedelta(days=9), extracted))
            out += [replace(plain, **fields)] * on_time + [replace(done, **fields)] * late
    return out


def shared(given_: Sequence[Review], letter: Letter | None = LETTER) -> SharedReviews:
    found = shared_reviews(given_, letter, 5)
    assert found is not None
    return found


def said(found: SharedReviews) -> list[object]:
    """Everything a page says of reviews."""
    messages = (on_time_message, change_message, overdue_message, plans_message)
    return [
        *(message(found) for message in messages),
        records_message(found, TODAY),
        period_rows(found),
        plan_rows(found),
    ]


some_counts = st.dictionaries(
    st.tuples(st.integers(0, 14), st.sampled_from(PLANS)),
    st.tuples(st.integers(0, 12), st.integers(0, 4)),
    min_size=1,
    max_size=40,
).filter(lambda counts: any(sum(parts) for parts in counts.values()))


# Whatever is hidden, the same is said


@given(some_counts, st.randoms(use_true_random=False))
def test_hidden_plan_types_may_change_places_and_nothing_is_said_otherwise(
    counts: Counts, random: Random
) -> None:
    found = shared(reviews(counts))
    if found.plans is None or found.plans_due is None:
        return
    hidden = [row.labels[0] for row in found.plans.rows if row.counts is None]
    others = random.sample(hidden, len(hidden))
    first, last = found.plans_due
    changed = [
        replace(r, plan_type=dict(zip(hidden, others, strict=True)).get(r.plan_type, r.plan_type))
        if r.due_on and first <= r.due_on <= last
        else r
        for r in reviews(counts)
    ]
    assert shared(changed) == found
    assert said(shared(changed)) == said(found)


def test_what_is_not_due_in_a_period_shown_changes_nothing() -> None:
    counts: Counts = {(quarter, PLANS[1]): (20, 8) for quarter in range(14)}
    found = shared(reviews({**counts, (14, PLANS[1]): (20, 3)}))
    assert [row.counts for row in found.periods.rows][-1] is None
    for last in ((20, 1), (7, 4), (2, 40)):
        assert said(shared(reviews({**counts, (14, PLANS[1]): last}))) == said(found)


def test_nothing_about_a_single_review_is_said() -> None:
    counts: Counts = {(quarter, PLANS[1]): (20, 8) for quarter in range(15)}
    other = reviews(
        counts, case_ref="LD-2", late_reason="Sibling in court", team="East", order_type="Referral order"
    )
    assert said(shared(other)) == said(shared(reviews(counts)))


# Two views of different days


@settings(max_examples=60)
@given(some_counts, st.integers(1, 14))
def test_a_later_view_changes_no_period_of_an_earlier_one(counts: Counts, quarters: int) -> None:
    """So their difference is a period that the later one shows."""
    end = date(2015 + quarters // 4, 3 * (quarters % 4) + 1, 1)
    before = reviews(counts, extracted=end)
    if not before:
        return
    earlier, later = shared(before, None), shared(reviews(counts), None)
    closed = {row for row in later.periods.rows if row.counts is not None}
    first = min((due_in(row)[0] for row in closed), default=date.max)
    assert {
        row for row in earlier.periods.rows if row.counts is not None and due_in(row)[0] >= first
    } <= closed
    if earlier.plans_due == later.plans_due:
        assert earlier.plans == later.plans
    elif earlier.plans_due and later.plans_due:
        assert earlier.plans_due[1] < later.plans_due[0]


@given(some_counts)
def test_plan_types_are_those_of_periods_that_are_shown(counts: Counts) -> None:
    found = shared(reviews(counts), None)
    if found.plans is None or found.plans_due is None or found.plans.total is None:
        return
    first, last = found.plans_due
    inside = [r for r in found.periods.rows if r.counts and first <= due_in(r)[0] and due_in(r)[1] <= last]
    if inside and due_in(inside[0])[0] == first:
        assert added(inside).counts == found.plans.total.counts


def test_a_quarter_counts_when_every_plan_type_is_known_of_it() -> None:
    counts: Counts = {(quarter, plan): (20, 8) for quarter in range(15) for plan in PLANS[:2]}
    assert shared(reviews(counts)).until == date(2018, 9, 30)
    # On its last day the quarter is not over: a review due that day may still be done.
    assert shared(reviews(counts, extracted=date(2018, 9, 30))).until == date(2018, 6, 30)
    old = [r for r in reviews(counts, extracted=date(2018, 5, 31)) if r.plan_type == PLANS[0]]
    new = [r for r in reviews(counts) if r.plan_type == PLANS[1]]
    assert shared([*old, *new]).until == date(2018, 3, 31)


# What is said


def test_before_and_after_are_whole_periods_around_the_inspection() -> None:
    counts: Counts = {(quarter, PLANS[1]): (12, 18) if quarter < 7 else (24, 6) for quarter in range(15)}
    found = shared(reviews(counts))
    assert due_in(found.before[0])[0] == date(2015, 10, 1)
    assert due_in(found.before[-1])[1] == date(2016, 9, 30)
    assert due_in(found.after[0])[0] == date(2017, 1, 1)
    assert on_time_message(found).startswith(
        "Of 210 reviews due from January 2017 to September 2018, 168 were on time: 80%, between "
    )
    words = change_message(found)
    assert words.startswith(
        "Before the inspection, from October 2015 to September 2016, 40% of 120 were on time: "
    )
    assert "it has become better, by " in words


def test_of_too_few_no_change_is_said() -> None:
    few: Counts = {(quarter, PLANS[1]): (4, 3) for quarter in range(15)}
    found = shared(reviews(few))
    assert "is not said" in change_message(found)
    assert change_message(shared(reviews(few), None)) == ""
    only_after: Counts = {(quarter, PLANS[1]): (20, 10) for quarter in range(6, 15)}
    assert "is not said" in change_message(shared(reviews(only_after)))


def test_a_service_with_very_few_reviews_shows_none() -> None:
    found = shared(reviews({(3, PLANS[0]): (2, 1), (9, PLANS[1]): (1, 0)}))
    assert on_time_message(found).startswith("No figure of reviews on time can be shown yet")
    assert found.plans is None
    assert plan_rows(found) == []
    assert [row["Reviews"] for row in period_rows(found)] == ["hidden"]


@pytest.mark.parametrize(
    ("count", "words"), [(0, "No review was"), (3, "Five or fewer reviews were"), (14, "14 reviews were")]
)
def test_overdue_in_all(count: int, words: str) -> None:
    done = reviews({(quarter, PLANS[1]): (20, 8) for quarter in range(15)})
    still_open = [replace(done[0], completed_on=None)] * count
    assert overdue_message(shared([*done, *still_open])) == f"{words} overdue on 1 October 2018."


def test_overdue_less_than_not_on_time_gives_no_count_of_late_ones() -> None:
    """Of 100 not on time 96 are overdue: the other four were late, where the extract ends with the quarter."""
    done = reviews({(quarter, PLANS[1]): (20, 10) for quarter in range(5, 15)})
    late = [r for r in done if r.completed_on != r.due_on]
    assert len(late) == 100
    for still_late, words in (
        (4, "is hidden"),
        (0, "100 reviews were overdue"),
        (6, "94 reviews were overdue"),
    ):
        open_ = [replace(r, completed_on=None) for r in late[still_late:]]
        given_ = [*(r for r in done if r not in late), *late[:still_late], *open_]
        assert words in overdue_message(shared(given_))


def test_a_plan_type_is_named_only_where_both_are_shown() -> None:
    counts: Counts = {(quarter, PLANS[1]): (20, 2) for quarter in range(15)}
    low: Counts = {(quarter, PLANS[2]): (6, 9) for quarter in range(15)}
    assert plans_message(shared(reviews(counts | low))) == (
        "Risk management plan is clearly less often on time (40%) than intervention plan (91%)."
    )
    hidden: Counts = {(quarter, PLANS[0]): (8, 0) if quarter % 4 else (8, 3) for quarter in range(15)}
    found = shared(reviews(counts | hidden | low))
    assert "Assessment" not in plans_message(found)


def test_without_a_due_date_there_is_nothing() -> None:
    assert shared_reviews([Review("Leeds", "LD-1", PLANS[0], "scheduled", EXTRACTED)], LETTER, 5) is None
    assert shared_reviews([], None, 5) is None


# Reoffending


def cohorts(*counts: tuple[int, int] | None, months: int = 12, step: int = 12) -> tuple[Series, ...]:
    """Of each cohort reoffenders and offenders, the first from April 2016."""
    out = []
    for i, parts in enumerate(counts):
        first = 2016 * 12 + 3 + i * step
        last = first + months
        end = date(last // 12, last % 12 + 1, 1) - timedelta(days=1)
        reoffenders, offenders = parts or (None, None)
        start = date(first // 12, first % 12 + 1, 1)
        out.append(Cohort("Leeds", start, end, offenders, reoffenders, published_on=date(2022, 1, 27)))
    return series(out)


def reoffending_said(own: Sequence[Series]) -> list[object]:
    found = shared_reoffending(own, (), 5)
    assert found is not None
    return [cohort_rows(found), *reoffending_messages(found, TODAY), newest_message(found)]


def test_of_a_hidden_cohort_nothing_is_said() -> None:
    own = cohorts((40, 110), (30, 90), (4, 45))
    rows, *messages = reoffending_said(own)
    assert isinstance(rows, list)
    assert rows[-1] | {"Cohort": ""} == {
        "Cohort": "",
        "Children": "hidden",
        "Reoffended": "hidden",
        "Rate": "",
        "95% interval": "",
        "England and Wales": "",
    }
    assert str(messages[0]).startswith("33% of 90 children reoffended within a year, 30 of them")
    assert "is not shown" in str(messages[-1])
    for hidden in ((3, 45), (5, 20), (20, 24), (2, 3), (45, 45), (1, 200)):
        assert reoffending_said(cohorts((40, 110), (30, 90), hidden)) == [rows, *messages]


def test_rates_follow_the_counts_shown() -> None:
    rows, *_ = reoffending_said(cohorts((50, 151), (34, 99), (7, 28), (0, 40)))
    assert isinstance(rows, list)
    assert [row["Rate"] for row in rows] == ["33.1%", "34%", "", "0%"]
    assert [row["Children"] for row in rows] == ["151", "99", "28", "40"]


def test_cohorts_that_share_months_are_never_both_shown() -> None:
    """The difference of two of them is a quarter less a quarter."""
    rolling = cohorts(*[(40 + i, 110 + 2 * i) for i in range(9)], step=3)
    rows, *_ = reoffending_said(rolling)
    assert isinstance(rows, list)
    assert [row["Children"] for row in rows] == ["110", "118", "126"]


def test_a_year_is_not_shown_beside_its_quarters() -> None:
    quarters = cohorts((8, 30), (9, 31), (3, 28), (10, 33), months=3, step=3)
    year = cohorts((30, 122))
    everything = series([figure.cohort for one in (*quarters, *year) for figure in one.figures])
    rows, *_ = reoffending_said(everything)
    assert isinstance(rows, list)
    assert [row["Cohort"] for row in rows] == ["April 2016 to March 2017"]


def test_of_a_cohort_published_twice_the_latest_alone_counts() -> None:
    (once,) = cohorts((40, 110))
    first = once.figures[0].cohort
    earlier = replace(first, reoffenders=38, published_on=date(2021, 1, 28))
    assert reoffending_said(series([first, earlier])) == reoffending_said((once,))


def test_a_cohort_without_counts_is_not_known() -> None:
    rows, *messages = reoffending_said(cohorts((40, 110), None))
    assert isinstance(rows, list)
    assert (rows[-1]["Children"], rows[-1]["Rate"]) == ("not known", "")
    assert "is not shown" in str(messages[-1])


# Whether it worked


def test_a_verdict_in_words_only_where_its_counts_could_be_shown() -> None:
    stored = stored_as(knowsley(), "Leeds")
    area = next(area for area in areas(stored) if "reviewing" in area.practices)
    letter = stored.inspection.letter
    began = letter.fieldwork_start
    assert began is not None

    def worked(on_time: int, late: int) -> str:
        records = []
        for days, (good, bad) in ((-200, (20, 40)), (100, (on_time, late))):
            due = began + timedelta(days=days)
            plain = Review("Leeds", "LD-1", PLANS[0], "scheduled", began + timedelta(days=200), due_on=due)
            records += [replace(plain, completed_on=due)] * good
            records += [replace(plain, completed_on=due + timedelta(days=5))] * bad
        measures = measures_of(
            area, stored, inspection_scores(stored), audit_scores([]), records, today=TODAY
        )
        return shared_worked_message(measures, stored, records, 5)

    assert worked(60, 10) == (
        "Reviews of assessments were on time more often than before the inspection, by more than chance."
    )
    for hidden in ((60, 3), (20, 8), (66, 1)):
        assert worked(*hidden).startswith("Not said in a shared view")
