"""Which services may stand beside each other, and what reviews of the same child leave of a difference."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.measures.compare import by_on_time, by_section_score, compare_rows, years_to_compare
from sqs_core.measures.funnel import (
    ON_TIME,
    REOFFENDING,
    SUFFICIENT,
    Place,
    funnel,
    limits_note,
    own_message,
    ranked,
    small_samples_message,
)
from sqs_core.measures.scores import Scores, SectionScore
from sqs_core.model import OnTimeCount, Share

LAST = date(2018, 12, 31)


def count(service: str, children: list[tuple[int, int]], **more: object) -> OnTimeCount:
    """`children`: on time and due of each."""
    on_time, due = sum(y for y, _ in children), sum(m for _, m in children)
    rate = on_time / due if due else 0
    fields = {
        "children": len(children),
        "squares": sum((y - rate * m) ** 2 for y, m in children),
        "first_due_on": date(2015, 1, 1),
        "extracted_on": LAST,
    } | more
    return OnTimeCount(service, on_time, due, **fields)  # type: ignore[arg-type]


# Section scores


def scores(section: str, share: Share | None, cases: int | None) -> Scores:
    found = SectionScore(section, share, share or Share(0, 1), (), ())
    return Scores("Inspection", date(2015, 10, 7), cases, (found,), ())


def test_a_section_score_is_of_so_many_cases_and_keeps_what_words_leave_open() -> None:
    latest = {
        "Knowsley": scores("reducing_reoffending", Share(0.5, 0.6), 14),
        "Wordy": scores("reducing_reoffending", None, 14),
        "Silent": scores("serving_the_sentence", Share(0.5, 0.6), 14),
        "Unread": scores("reducing_reoffending", Share(0.5, 0.6), None),
    }
    found = by_section_score(latest, "reducing_reoffending")
    (place,) = found.places
    assert (place.name, place.cases, place.when) == ("Knowsley", 14, "inspected in October 2015")
    assert (place.share.low, place.share.high) == pytest.approx((0.5, 0.6))
    assert found.left_out == (
        ("Wordy", "nothing counted in this section"),
        ("Silent", "nothing counted in this section"),
        ("Unread", "number of cases not read"),
    )


def test_samples_of_14_have_a_word_on_why_they_cannot_be_ranked() -> None:
    latest = {
        f"S{i}": scores("serving_the_sentence", Share(0.4 + i / 20, 0.5 + i / 20), 14) for i in range(6)
    }
    found = funnel(by_section_score(latest, "serving_the_sentence").places, SUFFICIENT)
    assert found.positions == ()
    assert small_samples_message(found.too_few, SUFFICIENT).startswith(
        "Samples of 14 cases cannot be ranked: chance alone may move a share of 14 cases by 23 points either way. Were all six "
        "services exactly alike"
    )
    assert own_message(found, "S0") == (
        "S0 has 14 cases, too few to be compared: 40% to 50% judged sufficient, and by chance anything between 19% and 74%."
    )


# Reviews on time


def test_a_service_whose_extract_ends_before_the_period_is_left_out() -> None:
    counts = [
        count("A", [(3, 4)] * 20),
        count("Early", [(3, 4)] * 20, extracted_on=date(2018, 11, 30)),
        count("Nothing", []),
        count("Not asked", [(3, 4)] * 20),
    ]
    found = by_on_time(counts, LAST, ["A", "Early", "Nothing"])
    assert [(p.name, p.events, p.cases) for p in found.places] == [("A", 60, 80)]
    assert found.left_out == (
        ("Early", "its extract ends on 30 November 2018"),
        ("Nothing", "no review with a due date in the period"),
    )


def test_reviews_of_a_child_that_are_late_together_say_as_much_as_one() -> None:
    """Five reviews of a child, all on time or none: a fifth of so many separate reviews."""
    together = by_on_time([count("A", [(5, 5), (0, 5)] * 30)], LAST, ["A"]).places[0]
    assert together.alike == pytest.approx(5 * 60 / 59)
    apart = by_on_time([count("A", [(1, 1), (0, 1)] * 30)], LAST, ["A"]).places[0]
    assert apart.alike == pytest.approx(60 / 59)
    even = by_on_time([count("A", [(1, 2)] * 30)], LAST, ["A"]).places[0]
    assert even.alike == 1, "never better than separate reviews"
    width = together.interval.high - together.interval.low
    assert width > 2 * (apart.interval.high - apart.interval.low) * (60 / 300) ** 0.5


def test_where_nothing_differs_few_services_are_outside_though_reviews_go_together() -> None:
    """Twelve services alike, 40 children of three reviews each, of which chance settles the child and not the review."""
    draw, outside, total = Random(5), 0, 0
    for _ in range(150):
        counts = []
        for name in "ABCDEFGHIJKL":
            late = [draw.random() < 0.2 for _ in range(40)]
            counts.append(
                count(name, [(sum(draw.random() < (0.3 if x else 0.95) for _ in range(3)), 3) for x in late])
            )
        found = funnel(by_on_time(counts, LAST, list("ABCDEFGHIJKL")).places, ON_TIME)
        outside += sum(p.standing != "inside" for p in found.positions)
        total += len(found.positions)
    assert outside / total <= 0.05
    separate = funnel([Place(p.name, p.events, p.cases) for p in (q.place for q in found.positions)], ON_TIME)
    assert found.limits(120).of_95.low < separate.limits(120).of_95.low
    assert "Reviews of one child go together, so chance moves a share" in limits_note(found)


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(1, 9)), min_size=2, max_size=5))
def test_what_goes_together_only_ever_widens(counts: list[tuple[int, float]]) -> None:
    alike = max(a for _, a in counts)
    separate = [Place(f"P{i}", k, 40) for i, (k, _) in enumerate(counts)]
    together = [Place(p.name, p.events, p.cases, alike=alike) for p in separate]
    one, other = funnel(separate, ON_TIME), funnel(together, ON_TIME)
    for a, b in zip(one.positions, other.positions, strict=True):
        assert b.place.interval.low <= a.place.interval.low
        assert b.place.interval.high >= a.place.interval.high
        assert not (a.standing == "inside" and b.standing != "inside")


def test_years_end_with_the_last_whole_month_and_go_back_as_far_as_the_records() -> None:
    years = years_to_compare(
        count("A", [(1, 1)], first_due_on=date(2016, 3, 2), extracted_on=date(2018, 12, 30))
    )
    assert years == {
        "December 2017 to November 2018": (date(2017, 12, 1), date(2018, 11, 30)),
        "December 2016 to November 2017": (date(2016, 12, 1), date(2017, 11, 30)),
    }
    assert next(iter(years_to_compare(count("A", [(1, 1)])))) == "January to December 2018"
    assert years_to_compare(None) == {}
    assert years_to_compare(count("A", [], first_due_on=None)) == {}
    young = years_to_compare(count("A", [(1, 1)], first_due_on=date(2018, 10, 2)))
    assert list(young) == ["January to December 2018"]


# The table


def test_the_table_keeps_back_what_publishers_keep_back() -> None:
    places = [Place("A", 40, 100), Place("B", 50, 100), Place("Few", 7, 22)]
    found = funnel(places, REOFFENDING)
    rows = compare_rows(found, ranked(found))
    assert [row["Service"] for row in rows] == ["B", "A", "Few"]
    few = rows[-1]
    assert (few["Number of children"], few["Who reoffended"], few["Share"], few["95% interval"]) == (
        "under 30",
        "",
        "",
        "",
    )
    shown = compare_rows(funnel(places, ON_TIME), [])[-1]
    assert (shown["Number of reviews"], shown["Done on time"], shown["Share"]) == (22, 7, "")
