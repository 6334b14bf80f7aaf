"""Reviews on time against a plain loop, the definition's edges, Rotherham's figures, and what a board is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.measures.timeliness import (
    Timeliness,
    completion,
    days_late,
    late_reasons,
    overdue_now,
    state_of,
    timeliness,
    timeliness_by,
    timeliness_by_month,
    timeliness_json,
    timeliness_message,
    without_due_date,
)
from sqs_core.model import Review

EXTRACT = date(2026, 7, 1)
DUE = date(2026, 5, 20)
APRIL, JUNE = date(2026, 4, 1), date(2026, 6, 30)
PLAIN = Review("Testford", "A1", "intervention_plan", "scheduled", EXTRACT, due_on=DUE)


def review(**fields: object) -> Review:
    return replace(PLAIN, **fields)


def reviews(on_time: int, late: int = 0, overdue: int = 0, not_yet_due: int = 0) -> list[Review]:
    """So many of each, all due in the second quarter of 2026."""
    return [
        *[review(completed_on=DUE)] * on_time,
        *[review(completed_on=DUE + timedelta(days=5))] * late,
        *[review()] * overdue,
        *[review(due_on=date(2026, 6, 30), extracted_on=date(2026, 6, 30))] * not_yet_due,
    ]


around = st.dates(date(2026, 1, 1), date(2026, 12, 31))
many = st.lists(
    st.builds(
        Review,
        st.just("Testford"),
        st.just("A1"),
        st.sampled_from(["assessment", "intervention_plan", "risk_management_plan"]),
        st.sampled_from(["scheduled", "significant_change"]),
        st.sampled_from([EXTRACT, EXTRACT + timedelta(days=30)]),
        st.sampled_from([None, "Referral Order", "YRO"]),
        st.none() | around,
        st.none() | around,
        st.none() | around,
        st.sampled_from([None, "missed appointment", "interpreter"]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, "North", "South"]),
    ),
    max_size=40,
)
periods = st.tuples(around, around).map(lambda t: (min(t), max(t)))


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"completed_on": DUE}, "on_time"),
        ({"completed_on": DUE - timedelta(days=40)}, "on_time"),
        ({"completed_on": DUE + timedelta(days=1)}, "late"),
        ({}, "overdue"),
        ({"due_on": EXTRACT}, "not_yet_due"),
        ({"due_on": EXTRACT - timedelta(days=1)}, "overdue"),
        ({"due_on": EXTRACT + timedelta(days=9)}, "not_yet_due"),
        ({"due_on": EXTRACT + timedelta(days=9), "completed_on": EXTRACT}, "on_time"),
        ({"order_ended_on": DUE - timedelta(days=1)}, "not_required"),
        (
            {"order_ended_on": DUE - timedelta(days=1), "completed_on": DUE - timedelta(days=3)},
            "not_required",
        ),
        (
            {"order_ended_on": DUE - timedelta(days=1), "completed_on": DUE + timedelta(days=3)},
            "not_required",
        ),
        ({"order_ended_on": DUE}, "overdue"),
        ({"order_ended_on": DUE, "completed_on": DUE}, "on_time"),
        ({"order_ended_on": DUE + timedelta(days=2), "completed_on": DUE + timedelta(days=4)}, "late"),
        ({"order_ended_on": DUE + timedelta(days=2)}, "overdue"),
        ({"completed_on": EXTRACT}, "late"),
        ({"completed_on": EXTRACT + timedelta(days=1)}, "overdue"),
        ({"due_on": EXTRACT + timedelta(days=9), "completed_on": EXTRACT + timedelta(days=1)}, "not_yet_due"),
        ({"due_on": None}, "no_due_date"),
        ({"due_on": None, "completed_on": DUE, "order_ended_on": DUE}, "no_due_date"),
    ],
)
def test_the_state_at_every_edge(fields: dict[str, object], state: str) -> None:
    assert state_of(review(**fields)) == state


@given(many, periods)
def test_the_counts_are_those_of_a_plain_loop(given_: list[Review], ends: tuple[date, date]) -> None:
    first, last = ends
    n = dict.fromkeys(("on_time", "late", "overdue", "not_yet_due", "not_required"), 0)
    outside, lateness = 0, []
    for r in given_:
        if not r.due_on or r.due_on < first or r.due_on > last:
            continue
        ended_before = bool(r.order_ended_on) and r.order_ended_on < r.due_on
        done = bool(r.completed_on) and r.completed_on <= r.extracted_on
        if ended_before:
            n["not_required"] += 1
        elif done and r.completed_on <= r.due_on:
            n["on_time"] += 1
        elif done:
            n["late"] += 1
            lateness.append((r.completed_on - r.due_on).days)
            outside += r.outside_control is True
        elif r.due_on >= r.extracted_on:
            n["not_yet_due"] += 1
        else:
            n["overdue"] += 1
            outside += r.outside_control is True
    found = timeliness(given_, first, last)
    assert {key: getattr(found, key) for key in n} == n
    due = n["on_time"] + n["late"] + n["overdue"]
    assert (found.due, found.outside_control) == (due, outside)
    assert found.on_time_rate == (n["on_time"] / due if due else None)
    assert found.adjusted_rate == (n["on_time"] / (due - outside) if due - outside else None)
    lateness.sort()
    if not lateness:
        assert (found.median_days_late, found.days_late_90) == (None, None)
        return
    k = len(lateness)
    assert found.median_days_late == (lateness[(k - 1) // 2] + lateness[k // 2]) / 2
    assert found.days_late_90 == min(d for d in lateness if 10 * sum(x <= d for x in lateness) >= 9 * k)


@given(many, periods)
def test_every_grouping_adds_up_and_the_adjusted_rate_is_never_lower(
    given_: list[Review], ends: tuple[date, date]
) -> None:
    whole = timeliness(given_, *ends)
    counts = (
        "due",
        "on_time",
        "late",
        "overdue",
        "not_yet_due",
        "not_required",
        "outside_control",
        "completed_early",
    )
    for groups in (
        timeliness_by_month(given_, *ends),
        *(
            timeliness_by(given_, *ends, g)
            for g in ("plan_type", "trigger", "order_type", "team", "late_reason")
        ),
    ):
        for count in counts:
            assert sum(getattr(g.timeliness, count) for g in groups) == getattr(whole, count)
        assert len({g.label for g in groups}) == len(groups)
        assert all(g.timeliness.as_of == whole.as_of for g in groups)
    if whole.adjusted_rate is not None and whole.on_time_rate is not None:
        assert whole.adjusted_rate >= whole.on_time_rate
    reasons = late_reasons(given_, *ends)
    assert sum(r.late for r in reasons) == whole.late
    assert sum(r.overdue for r in reasons) == whole.overdue
    assert sum(r.outside_control for r in reasons) == whole.outside_control


@given(many, periods)
def test_a_review_completed_sooner_never_lowers_the_rate(
    given_: list[Review], ends: tuple[date, date]
) -> None:
    before = timeliness(given_, *ends).on_time_rate
    sooner = [
        replace(r, completed_on=r.due_on) if r.due_on and r.due_on <= r.extracted_on else r for r in given_
    ]
    after = timeliness(sooner, *ends).on_time_rate
    assert before is None or (after is not None and after >= before)


def test_every_month_is_there_also_without_a_review_due() -> None:
    months = timeliness_by_month(reviews(2, 1), date(2025, 12, 15), date(2026, 6, 10))
    assert [m.label for m in months] == [
        "2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06",
    ]  # fmt: skip
    assert [m.timeliness.due for m in months] == [0, 0, 0, 0, 0, 3, 0]
    assert [m.timeliness.on_time_rate for m in months][3:5] == [None, None]
    assert (months[0].timeliness.first, months[0].timeliness.last) == (date(2025, 12, 15), date(2025, 12, 31))
    assert (months[-1].timeliness.first, months[-1].timeliness.last) == (date(2026, 6, 1), date(2026, 6, 10))
    assert timeliness_by_month([], APRIL, JUNE)[0].timeliness.interval is None


def test_plan_types_come_in_their_usual_order_and_what_is_not_said_last() -> None:
    mixed = [
        review(plan_type="risk_management_plan", team="South"),
        review(plan_type="assessment"),
        review(team="North"),
    ]
    plans = [g.label for g in timeliness_by(mixed, APRIL, JUNE, "plan_type")]
    assert plans == ["assessment", "intervention_plan", "risk_management_plan"]
    assert [g.label for g in timeliness_by(mixed, APRIL, JUNE, "team")] == ["North", "South", None]


def test_rotherham_april_to_july_after_its_inspection() -> None:
    """45 of 53 on time; of the 8 late, 6 for missed appointments and 2 for interpreters (domain.md)."""
    due = date(2013, 6, 3)
    one = Review("Rotherham", "R", "assessment", "scheduled", date(2013, 8, 5), due_on=due)
    late = replace(one, completed_on=due + timedelta(days=4))
    given_ = [
        *[replace(one, completed_on=due)] * 45,
        *[replace(late, late_reason="missed appointment", outside_control=False)] * 6,
        *[replace(late, late_reason="interpreter delay", outside_control=True)] * 2,
    ]
    found = timeliness(given_, date(2013, 4, 1), date(2013, 7, 31))
    assert (found.due, found.on_time, found.late, found.outside_control) == (53, 45, 8, 2)
    assert round(100 * (found.on_time_rate or 0), 1) == 84.9
    assert found.adjusted_rate == 45 / 51
    reasons = late_reasons(given_, found.first, found.last)
    assert [(r.reason, r.late, r.outside_control) for r in reasons] == [
        ("missed appointment", 6, 0),
        ("interpreter delay", 2, 2),
    ]
    assert timeliness_message(found, date(2013, 8, 5)) == (
        "Of 53 reviews due from April to July 2013, 45 were on time: 85%, between 72% and 93% by chance alone; "
        "none is overdue today."
    )


def test_all_lateness_outside_control_leaves_all_on_time_and_nothing_leaves_no_rate() -> None:
    late = review(completed_on=DUE + timedelta(days=1), outside_control=True)
    assert timeliness([late, review(completed_on=DUE)], APRIL, JUNE).adjusted_rate == 1
    assert timeliness([late], APRIL, JUNE).adjusted_rate is None
    # On time and said to be outside control: there was no lateness to leave out.
    assert timeliness([review(completed_on=DUE, outside_control=True)], APRIL, JUNE).outside_control == 0


@pytest.mark.parametrize(
    ("days", "band"), [(1, 0), (14, 0), (15, 1), (28, 1), (29, 2), (90, 2), (91, 3), (900, 3)]
)
def test_overdue_now_by_age(days: int, band: int) -> None:
    open_ = review(due_on=EXTRACT - timedelta(days=days))
    ended = replace(open_, order_ended_on=EXTRACT)
    bands = overdue_now([open_, ended, review(completed_on=DUE), review(due_on=None)])
    assert [b.reviews for b in bands] == [2 if n == band else 0 for n in range(4)]
    assert [b.order_ended for b in bands] == [1 if n == band else 0 for n in range(4)]
    assert [(b.first_day, b.last_day) for b in bands] == [(1, 14), (15, 28), (29, 90), (91, None)]


@given(many)
def test_every_overdue_review_is_in_one_band(given_: list[Review]) -> None:
    overdue = [r for r in given_ if state_of(r) == "overdue"]
    assert sum(b.reviews for b in overdue_now(given_)) == len(overdue)
    assert all(days_late(r) > 0 for r in overdue)


def test_reviews_without_a_due_date_are_counted_apart() -> None:
    given_ = [review(due_on=None), review(due_on=None, completed_on=DUE), review()]
    assert without_due_date(given_) == 2
    assert timeliness(given_, APRIL, JUNE).due == 1
    with pytest.raises(ValueError, match="without a due date"):
        days_late(given_[0])


def test_completion_follows_open_reviews_to_the_extract_and_leaves_out_what_was_not_required() -> None:
    given_ = [
        review(completed_on=DUE - timedelta(days=3)),
        review(completed_on=DUE + timedelta(days=20)),
        review(),
        review(due_on=EXTRACT + timedelta(days=5)),
        review(order_ended_on=DUE - timedelta(days=1)),
    ]
    found = completion(given_, APRIL, date(2026, 7, 31))
    assert (found.reviews, found.completed) == (4, 2)
    assert found.lost == (-5, (EXTRACT - DUE).days)
    # One not yet due left sight at −5. Of three at risk one was done on −3, of two one on 20.
    assert [(s.days, s.at_risk, s.completed) for s in found.steps] == [(-3, 3, 1), (20, 2, 1)]
    fortnight, month = found.completed_within(14), found.completed_within(28)
    assert fortnight is not None
    assert month is not None
    assert (fortnight.share, month.share) == pytest.approx((1 / 3, 2 / 3))
    assert found.median_days == 20


def test_the_sentence_for_a_board() -> None:
    found = timeliness(reviews(61, 14, 9), APRIL, JUNE)
    assert timeliness_message(found, EXTRACT) == (
        "Of 84 reviews due from April to June 2026, 61 were on time: 73%, between 62% and 82% by chance alone; "
        "nine of the 84 are overdue today."
    )
    assert timeliness_message(found, EXTRACT + timedelta(days=30)) == (
        "Of 84 reviews due from April to June 2026, 61 were on time: 73%, between 62% and 82% by chance alone; "
        "nine of the 84 were overdue on 1 July 2026."
    )


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        ([], "Nothing is known of reviews due from April to June 2026: there is no record of any."),
        ([review(due_on=date(2026, 1, 1))], "No review fell due from April to June 2026."),
        (
            reviews(0, not_yet_due=1),
            "No review had fallen due from April to June 2026 by 30 June 2026. One more was not yet due on 30 June 2026.",
        ),
        (
            reviews(1),
            "The one review due from April to June 2026 was on time. One review says nothing of the others.",
        ),
        (
            reviews(0, 1),
            "The one review due from April to June 2026 was late. One review says nothing of the others.",
        ),
        (
            reviews(0, 0, 1),
            "The one review due from April to June 2026 is overdue today. One review says nothing of the others.",
        ),
        (
            reviews(3, 1, 1),
            "Of five reviews due from April to June 2026, three were on time; one of the five is overdue today. So few give no "
            "rate: by chance alone it could be anything between 23% and 89%.",
        ),
        (
            reviews(0, 2),
            "Of two reviews due from April to June 2026, none were on time; none is overdue today. So few give no "
            "rate: by chance alone it could be anything between 0% and 66%.",
        ),
        (
            reviews(40),
            "Of 40 reviews due from April to June 2026, all were on time: 100%, between 91% and 100% by chance "
            "alone; none is overdue today.",
        ),
        (
            reviews(399, 1),
            "Of 400 reviews due from April to June 2026, 399 were on time: over 99%, between 98% and 100% by "
            "chance alone; none is overdue today.",
        ),
        (
            reviews(1, 399),
            "Of 400 reviews due from April to June 2026, one was on time: under 1%, between 0% and 2% by chance "
            "alone; none is overdue today.",
        ),
    ],
)
def test_the_sentence_is_true_of_few_and_of_none(given_: list[Review], sentence: str) -> None:
    assert timeliness_message(timeliness(given_, APRIL, JUNE), EXTRACT) == sentence


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-04-01", "2026-04-30", "in April 2026"),
        ("2025-12-01", "2026-02-28", "from December 2025 to February 2026"),
        ("2026-04-03", "2026-05-09", "from 3 April to 9 May 2026"),
        ("2025-12-03", "2026-01-09", "from 3 December 2025 to 9 January 2026"),
        ("2026-05-20", "2026-05-20", "on 20 May 2026"),
        ("2024-02-01", "2024-02-28", "from 1 February to 28 February 2024"),
    ],
)
def test_the_period_in_words(first: str, last: str, words: str) -> None:
    found = timeliness([PLAIN], date.fromisoformat(first), date.fromisoformat(last))
    assert f" due {words}" in timeliness_message(found, EXTRACT)


@given(many, periods)
def test_there_is_always_a_sentence(given_: list[Review], ends: tuple[date, date]) -> None:
    found = timeliness(given_, *ends)
    sentence = timeliness_message(found, EXTRACT)
    assert sentence.endswith(".")
    assert "None" not in sentence
    assert ("%" in sentence) == (found.due > 1)


FIGURES = {
    "due", "on_time", "late", "overdue", "not_yet_due", "not_required", "on_time_rate", "interval", "median_days_late",
}  # fmt: skip


@given(many, periods)
def test_the_json_has_the_keys_that_were_promised(given_: list[Review], ends: tuple[date, date]) -> None:
    told = json.loads(json.dumps(timeliness_json("Testford", given_, *ends)))
    assert (
        set(told)
        == {"service", "from", "to", "as_of", "without_due_date", "by_plan_type", "by_month"} | FIGURES
    )
    assert all(set(row) == {"plan_type"} | FIGURES for row in told["by_plan_type"])
    assert all(set(row) == {"month"} | FIGURES for row in told["by_month"])
    assert (told["from"], told["to"]) == tuple(map(str, ends))
    assert (told["interval"] is None) == (told["due"] == 0) == (told["on_time_rate"] is None)


def test_the_json_of_a_quarter() -> None:
    told = timeliness_json("Testford", reviews(61, 14, 9), APRIL, JUNE)
    assert (told["as_of"], told["due"], told["median_days_late"]) == ("2026-07-01", 84, 5)
    interval = told["interval"]
    assert isinstance(interval, list)
    # Wilson's ends, written out once more: each lies z standard errors of its own from the sample.
    for end in interval:
        assert isclose(abs(61 / 84 - end), 1.959963984540054 * sqrt(end * (1 - end) / 84), rel_tol=1e-6)


def test_a_period_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(ValueError, match="begins before it ends"):
        timeliness([], JUNE, APRIL)


def test_what_was_completed_before_it_was_due_in_an_unfinished_period_is_told_apart() -> None:
    ahead = EXTRACT + timedelta(days=20)
    given_ = [review(due_on=ahead, completed_on=EXTRACT), review(due_on=ahead), review(completed_on=DUE)]
    found: Timeliness = timeliness(given_, APRIL, ahead)
    assert (found.on_time, found.completed_early, found.not_yet_due) == (2, 1, 1)


@pytest.mark.parametrize(
    ("late", "middle", "nine_in_ten"), [(1, 1, 1), (2, 1.5, 2), (10, 5.5, 9), (11, 6, 10), (20, 10.5, 18)]
)
def test_days_late_by_hand(late: int, middle: float, nine_in_ten: int) -> None:
    """One review late by one day, one by two days, and so on."""
    given_ = [review(completed_on=DUE + timedelta(days=n)) for n in range(1, late + 1)]
    found = timeliness(given_, APRIL, JUNE)
    assert (found.median_days_late, found.days_late_90) == (middle, nine_in_ten)


def test_done_on_the_day_of_the_extract_that_is_the_due_date_is_early_as_the_open_ones_are_not_yet_due() -> (
    None
):
    given_ = [review(due_on=EXTRACT, completed_on=EXTRACT), review(due_on=EXTRACT)]
    found = timeliness(given_, APRIL, EXTRACT)
    assert (found.completed_early, found.not_yet_due) == (1, 1)
