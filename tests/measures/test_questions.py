"""Questions for the board: each rule at its edges, true for the data, and silence where there is nothing to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sqs_core.demo import illustrative, knowsley
from sqs_core.letters import read_text
from sqs_core.measures.areas import areas
from sqs_core.measures.questions import RULES, Question, question_rules, questions
from sqs_core.measures.scores import Scores, inspection_scores
from sqs_core.measures.timing import add_months
from sqs_core.measures.worked import Measure, Verdict, measures_of
from sqs_core.model import Action, Review, StoredInspection
from tests.measures.stored import stored_as

TODAY = date(2016, 11, 30)


FACTS = knowsley()
# One finding, about which nothing is to ask, and two areas.
QUIET = stored_as(replace(FACTS, findings=FACTS.findings[:1]))
PLANNING, REVIEWING = FACTS.areas_requiring_improvement


def action(reference: str, area: str = REVIEWING, **other: Any) -> Action:
    made = Action("Knowsley", "2015-10-05", area, reference, "Do it")
    return replace(made, **other)


PLAN = (action("1", PLANNING), action("2", REVIEWING))


def asked(
    stored: StoredInspection = QUIET,
    actions: Sequence[Action] = PLAN,
    measures: Mapping[int, Sequence[Measure]] | None = None,
    today: date = TODAY,
    **other: Any,
) -> tuple[Question, ...]:
    return questions(
        stored,
        inspection_scores(stored),
        areas(stored),
        actions=actions,
        measures=measures,
        today=today,
        **other,
    )


def of_rule(rule: str, *args: Any, **other: Any) -> list[Question]:
    return [q for q in asked(*args, **{"most": 99, **other}) if q.id == rule]


def test_where_nothing_is_to_ask_nothing_is_asked() -> None:
    assert asked() == ()
    assert asked(stored_as(replace(FACTS, findings=(), areas_requiring_improvement=())), ()) == ()


def test_every_row_of_the_table_has_its_rule_and_every_rule_its_row() -> None:
    assert [rule.id for rule in question_rules()] == [
        "overdue_high_risk",
        "action_done_no_better",
        "area_without_action",
        "weak_in_sections",
        "old_figure",
    ]
    assert set(RULES) == {rule.id for rule in question_rules()}
    assert {rule.status for rule in question_rules()} <= {"V", "U", "D"}
    for rule in question_rules():
        for name, text in rule.texts.items():
            assert text.rstrip().endswith("?") is name.startswith("question"), (rule.id, name)


# Overdue reviews of high-risk plans


def overdue(days: int, plan: str = "risk_management_plan", **other: Any) -> Review:
    due = TODAY - timedelta(days=days)
    return Review("Knowsley", "K1", plan, "scheduled", TODAY, due_on=due, **other)  # type: ignore[arg-type]


def test_two_risk_management_plans_overdue() -> None:
    (question,) = of_rule("overdue_high_risk", reviews=[overdue(29), overdue(40), overdue(28)])
    assert question.text == (
        "Two reviews of risk management plans have been overdue for more than 28 days. What stands in the way?"
    )
    assert question.reason == (
        "By the records to 30 November 2016, today: the longest for 40 days. These plans are about harm to others and "
        "the child's own safety."
    )
    assert (question.page, question.query) == ("reviews", {}), "there is no other plan type to choose from"


@pytest.mark.parametrize(
    "silent",
    [
        overdue(28),
        overdue(60, plan="assessment"),
        overdue(60, plan="intervention_plan"),
        overdue(60, completed_on=TODAY),
        overdue(60, order_ended_on=TODAY),
        overdue(60, order_ended_on=TODAY - timedelta(days=61)),
    ],
)
def test_a_review_that_is_not_overdue_for_long_or_cannot_be_done_any_more_is_not_asked_about(
    silent: Review,
) -> None:
    assert of_rule("overdue_high_risk", reviews=[silent]) == []
    (question,) = of_rule("overdue_high_risk", reviews=[silent, overdue(29)])
    assert question.text.startswith("One review of a risk management plan has been overdue")
    assert ", today: for 29 days." in question.reason


def test_both_kinds_of_plan_and_records_that_end_long_ago() -> None:
    both = [
        overdue(30),
        overdue(31),
        overdue(99, plan="vulnerability_management_plan"),
        overdue(5, plan="assessment"),
    ]
    (question,) = of_rule("overdue_high_risk", reviews=both)
    assert question.text.startswith(
        "Two reviews of risk management plans and one of a vulnerability management plan have been overdue"
    )
    assert question.query == {"by": "Plan type"}
    (question,) = of_rule("overdue_high_risk", reviews=both[:2] + both[3:])
    assert question.query == {"plan": "Risk management plan"}
    (question,) = of_rule("overdue_high_risk", reviews=both[:2], today=TODAY + timedelta(days=101))
    assert question.text == (
        "On 30 November 2016, two reviews of risk management plans had been overdue for more than 28 days. What has "
        "become of them?"
    )


# An action that is done while its measure is no better

DONE = date(2016, 3, 1)


def measure(verdict: Verdict, until: date = TODAY, id_: str = "on_time_assessment") -> Measure:
    query = {"plan": "Assessment"}
    return Measure(id_, id_, "reviews", "assessments", "b", "a", until, verdict, "s", "reviews", query)


def done(reference: str = "2", **other: Any) -> Action:
    return action(reference, **{"state": "done", "done_on": DONE, **other})


def test_an_action_that_is_done_while_nothing_shows_that_it_worked() -> None:
    found = of_rule(
        "action_done_no_better", actions=[PLAN[0], done()], measures={2: [measure("no clear change")]}
    )
    (question,) = found
    assert question.text == "Action 2 is done, and no measure shows yet that it worked. What would show it?"
    assert question.reason == (
        "Reviews of assessments show no clear change since the inspection. Done on 1 March 2016; the figures go on to "
        f"30 November 2016. The area: “{REVIEWING}”"
    )
    assert (question.page, question.query) == ("areas", {"area": "2"})
    (question,) = of_rule("action_done_no_better", actions=[done()], measures={2: [measure("worse")]})
    assert question.text == (
        "Action 2 is done, and what it should improve has become worse. What else is needed?"
    )
    (question,) = of_rule(
        "action_done_no_better",
        actions=[done("3", done_on=date(2016, 4, 1)), done()],
        measures={2: [measure("worse")]},
    )
    assert question.text.startswith("Actions 2 and 3 are done, and what they should improve")
    assert "Done on 1 March 2016 and 1 April 2016;" in question.reason


@pytest.mark.parametrize(
    ("made", "measures"),
    [
        (done(), []),
        (done(), [measure("better")]),
        (done(), [measure("better"), measure("no clear change")]),
        (done(), [measure("not comparable")]),
        (done(), [measure("no clear change", DONE + timedelta(days=89))]),
        (done(inspection="2018-01-01"), [measure("worse")]),
        (done(state="stopped", done_on=None), [measure("worse")]),
        (done(state="open", done_on=None), [measure("worse")]),
    ],
)
def test_an_action_is_not_asked_about_while_nothing_can_be_said_of_it(
    made: Action, measures: list[Measure]
) -> None:
    assert of_rule("action_done_no_better", actions=[made], measures={2: measures}) == []


def test_figures_must_go_on_for_ninety_days_after_the_action_was_done() -> None:
    late = measure("no clear change", DONE + timedelta(days=90))
    assert of_rule("action_done_no_better", actions=[done()], measures={2: [late]})
    # The one that reaches far enough tells; the other, which does not, is not named.
    short = measure("worse", DONE + timedelta(days=89), "on_time_intervention_plan")
    (question,) = of_rule("action_done_no_better", actions=[done()], measures={2: [short, late]})
    assert "no measure shows yet" in question.text


def test_an_action_that_names_its_measure_is_judged_by_that_one() -> None:
    measures = {2: [measure("better"), measure("no clear change", id_="audit_reviewing")]}
    named = done(measure="audit_reviewing")
    assert of_rule("action_done_no_better", actions=[named], measures=measures)
    assert (
        of_rule("action_done_no_better", actions=[done(measure="on_time_assessment")], measures=measures)
        == []
    )
    unknown = of_rule("action_done_no_better", actions=[done(measure="no such")], measures=measures)
    assert unknown == [], "then all measures of the area count, and one of two is better"


def test_what_has_become_worse_goes_first_and_two_areas_are_enough() -> None:
    stored = stored_as(replace(FACTS, findings=(), areas_requiring_improvement=("A", "B", "C")))
    actions = [done(str(n), area=text) for n, text in enumerate("ABC", start=1)]
    measures = {1: [measure("no clear change")], 2: [measure("no clear change")], 3: [measure("worse")]}
    found = of_rule("action_done_no_better", stored, actions=actions, measures=measures)
    assert [q.text.split(" is ")[0] for q in found] == ["Action 3", "Action 1"]


# An area without an action


def test_areas_without_an_action() -> None:
    assert of_rule("area_without_action", actions=[done(), action("1", PLANNING)]) == []
    (question,) = of_rule("area_without_action", actions=[action("1", PLANNING)])
    assert question.text == (
        "One of the two areas requiring improvement has no action here. What is to be done, and who leads?"
    )
    assert question.reason == f"Without an action that is open or done: 2. “{REVIEWING}”"
    (question,) = of_rule("area_without_action", actions=[])
    assert question.text == (
        "None of the two areas requiring improvement has an action here. Is there a plan, and who leads on it?"
    )
    stopped = [action("1", PLANNING), action("2", state="stopped")]
    assert len(of_rule("area_without_action", actions=stopped)) == 1
    one = stored_as(replace(FACTS, findings=(), areas_requiring_improvement=(PLANNING,)))
    (question,) = of_rule("area_without_action", one, actions=[])
    assert question.text.startswith("The area requiring improvement has no action here.")


# A practice that is weak in several sections


def weak_in(sections: int, practice: str = "delivery") -> StoredInspection:
    (template, *_) = [f for f in FACTS.findings if f.share is not None]
    where = ["reducing_reoffending", "protecting_the_public", "protecting_the_child", "serving_the_sentence"]
    findings = tuple(
        replace(template, section=s, practice=practice, direction="weakness") for s in where[:sections]
    )
    return stored_as(replace(FACTS, findings=findings))


def test_a_practice_that_was_weak_in_three_sections() -> None:
    assert of_rule("weak_in_sections", weak_in(2)) == []
    assert of_rule("weak_in_sections", weak_in(4, "other")) == []
    (question,) = of_rule("weak_in_sections", weak_in(3))
    assert question.text == (
        "Delivery was a weakness in three sections of the inspection. What do these have in common?"
    )
    assert question.reason.endswith(" The inspection is of October 2015, 13 months ago.")
    assert (question.page, question.query) == ("scores", {"findings": "Reducing reoffending: Delivery"})


def test_a_practice_that_has_become_better_since_is_not_asked_about() -> None:
    stored = weak_in(3, "reviewing")
    assert of_rule("weak_in_sections", stored, measures={2: [measure("better")]}) == []
    (question,) = of_rule("weak_in_sections", stored, measures={2: [measure("no clear change")]})
    assert "Reviews of assessments show no clear change since the inspection." in question.reason
    (question,) = of_rule("weak_in_sections", stored, measures={2: [measure("not comparable")]})
    assert "not known" not in question.reason


# A figure older than two years


def audit(on: date) -> Scores:
    return replace(inspection_scores(QUIET), judged_on=on, is_audit=True)


def seen(on: date) -> Review:
    return Review("Knowsley", "K1", "assessment", "scheduled", on, due_on=on, completed_on=on)


def test_figures_are_old_the_day_after_two_years() -> None:
    inspected = date(2015, 10, 7)
    after_two_years = add_months(inspected, 24)
    assert of_rule("old_figure", today=after_two_years) == []
    (question,) = of_rule("old_figure", today=after_two_years + timedelta(days=1))
    assert question.text == (
        "Nothing newer than the inspection of October 2015 is loaded. What shows the board how the work is done now?"
    )
    assert question.reason == "It was 2 years ago, and no records of reviews or local audits are loaded."
    today = date(2020, 1, 1)
    edge, older = date(2018, 1, 1), date(2017, 12, 31)
    assert of_rule("old_figure", today=today, reviews=[seen(edge)], audits=[audit(edge)]) == []
    (question,) = of_rule("old_figure", today=today, reviews=[seen(older)], audits=[audit(edge)])
    assert question.text == (
        "What is loaded of reviews on time is older than two years. Who can bring newer figures, and by when?"
    )
    assert question.reason == "The newest of reviews on time is of 31 December 2017, 2 years ago."
    (question,) = of_rule("old_figure", today=today, reviews=[seen(older)], audits=[audit(older)])
    assert "of reviews on time and local audits is" in question.text
    assert of_rule("old_figure", today=today, reviews=[seen(older), seen(edge)]) == [], "the newest counts"


def test_a_reoffending_figure_is_old_the_day_after_two_years() -> None:
    assert of_rule("old_figure", reoffending_until=date(2014, 11, 30)) == []
    (question,) = of_rule("old_figure", reoffending_until=date(2014, 11, 29))
    assert question.text == (
        "The newest reoffending figure is about children up to November 2014. What does the service know of those since?"
    )
    assert question.page == "reoffending"


# Together


def test_at_most_five_in_the_order_of_the_table() -> None:
    everything: dict[str, Any] = {
        "stored": weak_in(4, "delivery"),
        "actions": [done()],
        "measures": {2: [measure("worse")]},
        "reviews": [overdue(50)],
        "today": date(2020, 1, 1),
        "reoffending_until": date(2015, 9, 30),
    }
    found = asked(**everything, most=99)
    assert [q.id for q in found] == [
        "overdue_high_risk",
        "action_done_no_better",
        "area_without_action",
        "weak_in_sections",
        "old_figure",
        "old_figure",
    ]
    assert asked(**everything) == found[:5]
    assert asked(**everything, most=2) == found[:2]
    assert asked(**everything, most=0) == ()


def test_knowsley_today() -> None:
    found = asked(stored_as(FACTS), (), today=date(2026, 11, 25), reoffending_until=date(2013, 9, 30))
    assert [q.text for q in found] == [
        "None of the two areas requiring improvement has an action here. Is there a plan, and who leads on it?",
        "Reviewing was a weakness in three sections of the inspection. What do these have in common?",
        "Nothing newer than the inspection of October 2015 is loaded. What shows the board how the work is done now?",
        "The newest reoffending figure is about children up to September 2013. What does the service know of those since?",
    ]


def test_questions_of_illustrative_services_are_whole_sentences() -> None:
    today, count = date(2023, 1, 10), 0
    for service in illustrative(3):
        for name, text in service.inspections:
            stored = stored_as(read_text(name, text), service.service.name)
            scores, found = inspection_scores(stored), areas(stored)
            measures = {
                a.position: measures_of(a, stored, scores, (), service.reviews, today=today) for a in found
            }
            made = questions(
                stored, scores, found, measures=measures, reviews=service.reviews, today=today, most=99
            )
            count += len(made)
            for question in made:
                for sentence in (question.text, question.reason):
                    assert not set("{}") & set(sentence)
                    assert "  " not in sentence
                    assert sentence[0].isupper()
                assert question.text.endswith("?")
                assert question.reason[-1] in ".”"
    assert count > 10
