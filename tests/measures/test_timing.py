"""Due dates against a count by hand: every day in turn, with the bank holidays of two years written out."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.measures.timing import (
    BEGAN_BEFORE,
    Anchors,
    DueDates,
    Mode,
    TimingRule,
    Unit,
    add_limit,
    add_months,
    add_working_days,
    bank_holidays,
    due_date,
    due_dates,
    fixed_schedule,
    is_working_day,
    order_group,
    timing_rules,
)
from sqs_core.model import PlanType, Review, Trigger
from sqs_core.services import find_service

# The bank holidays of England and Wales as the government lists them, working days alone: 2022 with the Jubilee
# and the Queen's funeral, 2023 with the coronation.
BANK_HOLIDAYS = """
2022-01-03 2022-04-15 2022-04-18 2022-05-02 2022-06-02 2022-06-03 2022-08-29 2022-09-19 2022-12-26 2022-12-27
2023-01-02 2023-04-07 2023-04-10 2023-05-01 2023-05-08 2023-05-29 2023-08-28 2023-12-25 2023-12-26
"""
days_of_two_years = st.dates(date(2022, 1, 1), date(2023, 12, 31))
modes: tuple[Mode, ...] = ("from_last_review", "fixed_schedule")


def review(
    plan_type: PlanType = "assessment", order_type: str | None = "Referral Order", **more: object
) -> Review:
    plain = Review("Testford", "A1", plan_type, "scheduled", date(2026, 7, 1), order_type)
    return replace(plain, **more)


@given(days_of_two_years)
def test_a_working_day_is_monday_to_friday_less_the_listed_bank_holidays(when: date) -> None:
    by_hand = when.strftime("%a") not in ("Sat", "Sun") and when.isoformat() not in BANK_HOLIDAYS
    assert is_working_day(when) == by_hand


@given(st.dates(date(2022, 1, 1), date(2023, 10, 31)), st.integers(0, 30))
def test_working_days_are_counted_as_one_counts_them_in_a_calendar(anchor: date, limit: int) -> None:
    calendar = [anchor + timedelta(days=n) for n in range(1, 120)]
    working = [d for d in calendar if d.isoweekday() <= 5 and str(d) not in BANK_HOLIDAYS]
    assert add_working_days(anchor, limit) == (working[limit - 1] if limit else anchor)


def test_bank_holidays_that_moved() -> None:
    assert date(2020, 5, 4) not in bank_holidays(2020)  # moved to the anniversary of VE Day
    assert date(2020, 5, 8) in bank_holidays(2020)
    assert {date(2012, 6, 4), date(2012, 6, 5)} <= bank_holidays(2012)


def test_over_christmas() -> None:
    # 23 December 2022 is a Friday; 26 and 27 December and 2 January are bank holidays.
    assert add_working_days(date(2022, 12, 23), 1) == date(2022, 12, 28)
    assert add_working_days(date(2022, 12, 23), 15) == date(2023, 1, 18)


@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.integers(0, 60))
def test_months_are_clamped_to_the_months_end(anchor: date, months: int) -> None:
    year, month = anchor.year, anchor.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    last = monthrange(year, month)[1]
    assert add_months(anchor, months) == date(year, month, anchor.day if anchor.day <= last else last)


@pytest.mark.parametrize(
    ("anchor", "months", "due"),
    [("2016-01-31", 1, "2016-02-29"), ("2015-11-30", 3, "2016-02-29"), ("2014-11-30", 3, "2015-02-28")],
)
def test_months_by_hand(anchor: str, months: int, due: str) -> None:
    assert add_months(date.fromisoformat(anchor), months) == date.fromisoformat(due)


def test_the_rules_that_ship_make_sense() -> None:
    rules = timing_rules()
    assert {rule.status for rule in rules} <= {"V", "U", "D"}
    for rule in rules:
        assert rule.limit > 0
        assert rule.source
        assert rule.valid_to is None or rule.valid_from <= rule.valid_to
        assert rule.order_type in ("any", "referral_order", "other_court_order")
        assert (rule.trigger == "significant_change") == (rule.anchor == "significant_change")
        assert rule.service is None or find_service(rule.service)
    # Two rules never claim the same case on the same day.
    for one in rules:
        for other in rules:
            if one is not other and (one.service, one.order_type, one.trigger, one.anchor) == (
                other.service,
                other.order_type,
                other.trigger,
                other.anchor,
            ):
                apart = not set(one.plan_types) & set(other.plan_types)
                assert apart or not (one.in_force(other.valid_from) or other.in_force(one.valid_from))


@pytest.mark.parametrize(
    ("order", "group"),
    [
        ("REFERRAL-ORDER", "referral_order"),
        (" yro ", "other_court_order"),
        ("YRO (18 months) with requirements", "other_court_order"),
        ("Youth Rehab Order", "other_court_order"),
        ("Referral", None),
        ("Youth Caution", None),
        (None, None),
    ],
)
def test_orders_are_known_as_extracts_write_them(order: str | None, group: str | None) -> None:
    assert order_group(order) == group


def test_a_first_assessment_has_20_working_days_for_a_referral_order_and_15_for_others() -> None:
    # Monday 2 June 2014; no bank holiday until 25 August.
    start = Anchors(order_started_on=date(2014, 6, 2))
    for mode in modes:
        referral = due_date(review(), start, mode)
        other = due_date(review(order_type="YRO"), start, mode)
        assert (referral.due_on, other.due_on) == (date(2014, 6, 30), date(2014, 6, 23))
        assert referral.why == "20 working days from the start of the order on 2 June 2014."
        assert referral.mode is None
        assert referral.rule is not None
        assert referral.rule.status == "V"


def test_one_late_review_pushes_the_next_date_from_the_last_review_and_not_on_the_schedule() -> None:
    anchors = Anchors(order_started_on=date(2014, 1, 31), last_review_on=date(2014, 5, 20), number=2)
    plan = review("intervention_plan")
    pushed, fixed = (due_date(plan, anchors, mode) for mode in modes)
    assert (pushed.due_on, pushed.mode) == (date(2014, 8, 20), "from_last_review")
    assert (fixed.due_on, fixed.mode) == (date(2014, 7, 31), "fixed_schedule")
    assert (
        pushed.why == "3 calendar months from the last review on 20 May 2014, counted from the last review."
    )
    assert fixed.why == (
        "3 calendar months, 2 times from 31 January 2014, on the fixed schedule from the start of the order."
    )


def test_the_first_review_of_a_plan_counts_from_the_start_of_the_order_in_both_modes() -> None:
    start = Anchors(order_started_on=date(2014, 1, 31))
    dates = {due_date(review("intervention_plan"), start, mode).due_on for mode in modes}
    assert dates == {date(2014, 4, 30)}


def test_a_first_scheduled_review_counts_from_a_review_after_a_change_where_there_was_one() -> None:
    after = Anchors(date(2014, 1, 31), last_review_on=date(2014, 3, 20), number=1)
    pushed, fixed = (due_date(review("intervention_plan"), after, mode).due_on for mode in modes)
    assert (pushed, fixed) == (date(2014, 6, 20), date(2014, 4, 30))
    # A first assessment is none: its time runs from the start of the order whatever came in between.
    assert due_date(review(), after, "from_last_review").due_on == date(2014, 2, 28)


def test_the_first_assessment_is_no_step_of_the_schedule() -> None:
    second = Anchors(date(2014, 1, 31), last_review_on=date(2014, 2, 10), number=2)
    assert due_date(review(), second, "fixed_schedule").due_on == date(2014, 4, 30)
    assert due_date(review(), second, "from_last_review").due_on == date(2014, 5, 10)


def test_the_schedule_does_not_drift_after_a_short_month() -> None:
    rule = TimingRule(
        ("assessment",),
        "any",
        "scheduled",
        "last_review",
        1,
        "calendar_months",
        date(2015, 1, 1),
        None,
        "test",
        "D",
    )
    dates = fixed_schedule(date(2015, 1, 31), rule, 3)
    assert dates == (date(2015, 2, 28), date(2015, 3, 31), date(2015, 4, 30))


def test_the_rule_in_force_on_the_anchors_day_counts_and_its_ends_belong_to_it() -> None:
    def due(last: date) -> tuple[date | None, str | None]:
        made = due_date(review("intervention_plan"), Anchors(None, last, number=2), "from_last_review")
        return made.due_on, made.rule.status if made.rule else None

    assert due(date(2013, 3, 31)) == (date(2013, 6, 30), "V")
    assert due(date(2013, 4, 1)) == (date(2013, 7, 1), "U")
    assert due(date(2019, 3, 31)) == (date(2019, 6, 30), "U")
    assert due(date(2019, 4, 1)) == (date(2019, 10, 1), "U")


def test_a_services_own_rule_goes_first_and_a_group_before_any_order() -> None:
    common = TimingRule(
        ("assessment",),
        "any",
        "scheduled",
        "order_start",
        10,
        "calendar_days",
        date(2020, 1, 1),
        None,
        "test",
        "D",
    )
    rules = [
        replace(common, limit=30, service="Testford"),
        replace(common, limit=20, order_type="referral_order"),
        common,
        replace(common, limit=99, service="Elsewhere"),
    ]
    start = Anchors(date(2021, 3, 1))

    def limit(rules: list[TimingRule], one: Review) -> int | None:
        made = due_date(one, start, "fixed_schedule", rules)
        assert made.rule is None or made.due_on == date(2021, 3, 1) + timedelta(days=made.rule.limit)
        return made.rule.limit if made.rule else None

    assert limit(rules, review()) == 30
    assert limit(rules[1:], review()) == 20
    assert limit(rules[1:], review(order_type="Youth Caution")) == 10
    assert limit(rules[1:], review(order_type=None)) == 10


def test_a_significant_change_counts_from_the_change() -> None:
    change = TimingRule(
        ("assessment",),
        "any",
        "significant_change",
        "significant_change",
        5,
        "working_days",
        date(2020, 1, 1),
        None,
        "local policy",
        "U",
    )
    changed = review(trigger="significant_change")
    made = due_date(changed, Anchors(significant_change_on=date(2022, 12, 23)), "fixed_schedule", [change])
    assert (made.due_on, made.mode) == (date(2023, 1, 4), None)
    assert made.why == "5 working days from the significant change on 23 December 2022."
    unknown = due_date(changed, Anchors(date(2022, 1, 1)), "fixed_schedule", [change])
    assert (unknown.due_on, unknown.why) == (None, "The day of the significant change is not known.")


@pytest.mark.parametrize(
    ("one", "anchors", "why"),
    [
        (
            review(trigger="significant_change"),
            Anchors(date(2015, 1, 1)),
            "No timing rule is known for a review after a significant change of an assessment.",
        ),
        (review(), Anchors(), "The day of the start of the order is not known."),
        (
            review(order_type=None),
            Anchors(date(2015, 1, 1)),
            "The extract does not say the type of order, and the limit differs by it.",
        ),
        (
            review(order_type="Youth Caution"),
            Anchors(date(2015, 1, 1)),
            "No timing rule is known for a scheduled review of an assessment under “Youth Caution”.",
        ),
        (
            review(),
            Anchors(date(2020, 1, 1)),
            "No timing rule for a scheduled review of an assessment was in force on the day it is counted from.",
        ),
        (
            review("risk_management_plan"),
            Anchors(None, date(2020, 5, 1), number=3),
            "No timing rule for a scheduled review of a risk management plan was in force on the day it is counted from.",
        ),
        (review("intervention_plan"), Anchors(number=2), "The day of the last review is not known."),
    ],
)
def test_what_no_rule_covers_has_no_date_and_says_why(one: Review, anchors: Anchors, why: str) -> None:
    made = due_date(one, anchors, "from_last_review")
    assert (made.due_on, made.rule, made.why) == (None, None, why)


def test_the_extracts_own_date_goes_first() -> None:
    made = due_date(review(due_on=date(2015, 3, 3)), Anchors(date(2015, 1, 1)), "fixed_schedule")
    assert (made.due_on, made.rule, made.why) == (date(2015, 3, 3), None, "The extract gives this date.")


def test_scheduled_reviews_are_numbered_from_one() -> None:
    with pytest.raises(ValueError, match="numbered from 1"):
        Anchors(number=0)


@given(
    st.dates(date(2001, 1, 1), date(2040, 1, 1)),
    st.integers(1, 40),
    st.sampled_from(["working_days", "calendar_months", "calendar_days"]),
)
def test_a_due_date_lies_after_its_anchor_and_a_longer_limit_is_never_earlier(
    anchor: date, limit: int, unit: Unit
) -> None:
    assert anchor < add_limit(anchor, limit, unit) <= add_limit(anchor, limit + 1, unit)


# The due dates of many reviews

EVERY_30_DAYS = TimingRule(
    ("assessment", "intervention_plan"), "any", "scheduled", "last_review", 30, "calendar_days",
    date(2000, 1, 1), None, "test", "D",
)  # fmt: skip
FIRST_IN_10 = replace(EVERY_30_DAYS, plan_types=("assessment",), anchor="order_start", limit=10)
AFTER_A_CHANGE = replace(EVERY_30_DAYS, trigger="significant_change", anchor="significant_change", limit=5)
RULES = (EVERY_30_DAYS, FIRST_IN_10, AFTER_A_CHANGE)
START = date(2015, 1, 1)


def done(
    after: int | None, plan: PlanType = "intervention_plan", trigger: Trigger = "scheduled", **more: object
) -> Review:
    """A review of an order from START, completed so many days after. None: still open."""
    completed = None if after is None else START + timedelta(days=after)
    day_one = {"completed_on": completed, "order_started_on": START, "trigger": trigger}
    return review(plan, **{**day_one, **more})


def due(found: DueDates) -> list[int | None]:
    """How many days after START each is due."""
    return [None if one.due_on is None else (one.due_on - START).days for one in found.reviews]


def test_the_extracts_dates_are_kept_and_counted_without_more() -> None:
    reviews = [done(3, due_on=START), done(None, due_on=date(2015, 2, 1))]
    for mode in modes:
        assert due_dates(reviews, mode) == DueDates(tuple(reviews), 2, (), ())
        assert due_dates([], mode) == DueDates((), 0, (), ())


def test_by_hand_in_both_modes() -> None:
    reviews = [done(None), done(95), done(20), done(70)]  # 3rd, 1st, 2nd as they were done; the open one last
    pushed, fixed = (due_dates(reviews, mode, RULES) for mode in modes)
    assert due(pushed) == [125, 100, 30, 50]
    assert due(fixed) == [120, 90, 30, 60]
    assert pushed.from_rules == ((EVERY_30_DAYS, "from_last_review", 4),)
    assert fixed.from_rules == ((EVERY_30_DAYS, "fixed_schedule", 4),)
    assert (pushed.from_extract, pushed.without) == (0, ())


def test_a_first_assessment_has_its_own_limit_and_the_others_recur() -> None:
    reviews = [done(8, "assessment"), done(44, "assessment"), done(60, "assessment")]
    assert due(due_dates(reviews, "from_last_review", RULES)) == [10, 38, 74]
    fixed = due_dates(reviews, "fixed_schedule", RULES)
    assert due(fixed) == [10, 30, 60]
    assert fixed.from_rules == ((EVERY_30_DAYS, "fixed_schedule", 2), (FIRST_IN_10, None, 1))


def test_a_review_after_a_change_has_no_number_and_the_next_counts_from_it() -> None:
    change = done(45, trigger="significant_change", significant_change_on=START + timedelta(days=41))
    reviews = [done(20), change, done(74), done(80, trigger="significant_change")]
    pushed, fixed = (due_dates(reviews, mode, RULES) for mode in modes)
    assert due(pushed) == [30, 46, 75, None]
    assert due(fixed) == [30, 46, 60, None]
    assert pushed.without == (("The day of the significant change is not known.", 1),)


def test_orders_plans_cases_and_services_are_kept_apart() -> None:
    one = done(20)
    others = [
        done(40, order_started_on=START + timedelta(days=7)),
        done(41, case_ref="A2"),
        done(42, order_type="YRO"),
        done(43, service="Elsewhere"),
    ]
    found = due_dates([one, *others], "from_last_review", RULES)
    # Elsewhere speaks of day 43 first: whether an earlier review was due on day 30 it does not say.
    assert due(found) == [30, 37, 30, 30, None]
    assert found.without == ((BEGAN_BEFORE, 1),)


def test_a_given_date_has_its_place_and_what_was_done_on_it_counts() -> None:
    reviews = [done(25, due_on=START + timedelta(days=28)), done(60), done(None, due_on=START)]
    found = due_dates(reviews, "from_last_review", RULES)
    assert (due(found), found.from_extract) == ([28, 55, 0], 2)
    # By the days that they are about the open one is the first and what was done on day 60 the third.
    assert due(due_dates(reviews, "fixed_schedule", RULES))[1] == 90


def test_a_review_does_not_count_from_one_done_later_or_on_the_same_day() -> None:
    late = done(90, due_on=START + timedelta(days=28))
    same_day = done(50, trigger="significant_change", due_on=START + timedelta(days=50))
    found = due_dates([done(20), late, same_day, done(50)], "from_last_review", RULES)
    assert due(found) == [30, 28, 50, 50]


def test_an_extract_that_begins_in_the_middle_of_an_order_invents_no_lateness() -> None:
    old = [done(100), done(140), done(None)]  # its reviews before day 95 are missing
    new = [done(130, case_ref="A2", order_started_on=START + timedelta(days=80))]
    first_day = done(95, case_ref="A3", due_on=START + timedelta(days=95))
    pushed, fixed = (due_dates([*old, *new, first_day], mode, RULES) for mode in modes)
    assert due(pushed) == [None, 130, 170, 110, 95]
    assert due(fixed) == [None, None, None, 110, 95]
    assert (pushed.without, fixed.without) == (((BEGAN_BEFORE, 1),), ((BEGAN_BEFORE, 3),))


def test_an_order_whose_first_review_was_due_on_the_extracts_first_day_is_whole() -> None:
    first = done(30, due_on=START + timedelta(days=30), case_ref="A2")
    assert due(due_dates([first, done(40)], "fixed_schedule", RULES)) == [30, 30]
    earlier = done(31, due_on=START + timedelta(days=31), case_ref="A2")
    assert due(due_dates([earlier, done(40)], "fixed_schedule", RULES)) == [31, None]


def test_a_missing_beginning_counts_where_no_first_limit_was_in_force_or_the_first_has_a_date() -> None:
    no_initial = (EVERY_30_DAYS, replace(FIRST_IN_10, valid_to=date(2014, 12, 31)))
    found = due_dates([done(100, "assessment"), done(140, "assessment")], "fixed_schedule", no_initial)
    assert due(found) == [None, None]
    assert found.without[1] == (BEGAN_BEFORE, 1)
    dated = [done(100, due_on=START + timedelta(days=100)), done(140)]
    assert due(due_dates(dated, "fixed_schedule", RULES)) == [100, None]
    assert due(due_dates(dated, "from_last_review", RULES)) == [100, 130]


def test_reasons_come_most_frequent_first_and_without_days_that_would_make_each_its_own() -> None:
    unknown = [done(n, order_started_on=None, case_ref=f"B{n}") for n in range(3)]
    too_early = [
        done(n, order_started_on=date(1990, 1, n), case_ref=f"C{n}", plan="assessment") for n in range(1, 6)
    ]
    found = due_dates([*unknown, *too_early], "fixed_schedule", RULES)
    assert found.without == (
        (
            "No timing rule for a scheduled review of an assessment was in force on the day it is counted from.",
            5,
        ),
        ("The day of the start of the order is not known.", 3),
    )


@st.composite
def extracts(draw: st.DrawFn) -> list[Review]:
    """Reviews of two services with a few orders each, no two of a service about the same day, shuffled."""
    reviews = []
    for service in ("Testford", "Elsewhere"):
        for day_done in draw(st.sets(st.integers(0, 100).map(lambda n: 2 * n), max_size=12)):
            reviews.append(
                done(
                    draw(st.sampled_from([day_done, day_done, day_done, None])),
                    plan=draw(st.sampled_from(["assessment", "intervention_plan"])),
                    trigger=draw(st.sampled_from(["scheduled", "scheduled", "significant_change"])),
                    service=service,
                    case_ref=draw(st.sampled_from(["A1", "A2"])),
                    order_started_on=draw(st.sampled_from([START, START + timedelta(days=90), None])),
                    due_on=draw(st.sampled_from([None, None, START + timedelta(days=day_done + 3)])),
                    significant_change_on=draw(st.sampled_from([None, START + timedelta(days=50)])),
                )
            )
    return draw(st.permutations(reviews))


def by_hand(one: Review, reviews: list[Review], mode: Mode) -> date | None:
    """The rules of RULES, looked up for one review in the whole extract."""
    if one.due_on or one.trigger == "significant_change":
        change = one.significant_change_on
        return one.due_on or (change and change + timedelta(days=5))
    same = [
        r
        for r in reviews
        if (r.service, r.case_ref, r.order_started_on, r.plan_type)
        == (one.service, one.case_ref, one.order_started_on, one.plan_type)
    ]

    def about(r: Review) -> date:
        return r.due_on or r.completed_on or date.max

    scheduled = [r for r in same if r.trigger == "scheduled"]
    before = [r for r in scheduled if about(r) < about(one)]
    open_before = [r for r in scheduled[: _index(scheduled, one)] if about(r) == about(one) == date.max]
    number = 1 + len(before) + len(open_before)
    earlier = [
        r.completed_on for r in same if r.completed_on and r.completed_on < (one.completed_on or date.max)
    ]
    start, initial = one.order_started_on, one.plan_type == "assessment"
    days = [d for r in reviews if r.service == one.service for d in (r.due_on, r.completed_on) if d]
    if mode == "from_last_review" and earlier and not (initial and number == 1):
        return max(earlier) + timedelta(days=30)
    if start is None or (mode == "from_last_review" and number > 1):
        return None
    if days and start + timedelta(days=10 if initial else 30) < min(days):
        return None
    return start + timedelta(days=10 if initial and number == 1 else 30 * (number - initial))


def _index(reviews: list[Review], one: Review) -> int:
    return next(n for n, other in enumerate(reviews) if other is one)


@given(extracts(), st.sampled_from(modes))
def test_due_dates_are_those_that_one_looks_up_for_each_review(reviews: list[Review], mode: Mode) -> None:
    found = due_dates(reviews, mode, RULES)
    assert [one.due_on for one in found.reviews] == [by_hand(one, reviews, mode) for one in reviews]
    # Nothing but the due date changes, and every review is counted once.
    assert [replace(one, due_on=None) for one in found.reviews] == [
        replace(one, due_on=None) for one in reviews
    ]
    dated = sum(one.due_on is not None for one in found.reviews)
    assert found.from_extract + sum(count for _, _, count in found.from_rules) == dated
    assert sum(count for _, count in found.without) == len(reviews) - dated
    for counts in ([count for *_, count in found.from_rules], [count for _, count in found.without]):
        assert counts == sorted(counts, reverse=True)
