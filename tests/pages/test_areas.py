"""The page of areas: evidence, actions, whether they worked; two people at once; the plan out and in again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sqs_core.measures.progress import current
from sqs_core.model import Action
from sqs_core.store import FolderStore

OpenApp = Callable[..., AppTest]
Words = Callable[[AppTest], str]

MADE_UP = "Brackenshire (illustrative)"
TODAY = date.today()  # noqa: DTZ011 - as the page


def shown(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def press(app: AppTest, label: str, nth: int = 0) -> AppTest:
    buttons = [button for button in app.button if button.label == label]
    buttons[nth].click().run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def sign(app: AppTest, name: str = "Chair") -> AppTest:
    next(box for box in app.text_input if box.label == "Your name or role").input(name).run()
    return app


def knowsley(store_folder: Path) -> tuple[Action, ...]:
    return current(FolderStore(store_folder).read().actions("Knowsley"))


def text_area(app: AppTest, label: str) -> object:
    return next(box for box in app.text_area if box.label == label)


def add(app: AppTest, what: str, reference: str | None = None) -> AppTest:
    """Fill in the form that is open."""
    text_area(app, "Action").input(what)  # type: ignore[attr-defined]
    if reference:
        next(box for box in app.text_input if box.label == "Reference").input(reference)
    return press(app, "Save")


def test_every_area_stands_with_what_was_delivered_and_what_worked(open_app: OpenApp, words: Words) -> None:
    text = shown(words(open_app("areas", service=MADE_UP)))
    assert "Of four actions two are done, one is overdue by" in text
    assert text.count("**Delivered**") == text.count("**Worked**") == 2
    assert (
        "Reviews of all plans were on time less often than before the inspection, by more than chance" in text
    )
    assert "This was an area requiring improvement in June 2013 too" in text
    assert re.search(
        r"Action 1 is done, and what it should improve has become worse. What else is needed\?", text
    )
    assert "Nothing in the plan has changed since" in text


def test_an_area_leads_to_its_findings_actions_and_measures(open_app: OpenApp, words: Words) -> None:
    app = open_app("areas", service=MADE_UP, area="1")
    text = shown(words(app))
    assert app.title[0].value == "Area 1: Brackenshire"
    assert "Proposed by their words alone: nobody has looked at these links yet." in text
    assert "just over half of the cases" in text
    assert "1 ✓ Done: Put every review into the case system's diary" in text
    assert "Measured by: Reviews of intervention plans on time: worse since the inspection" in text
    assert "Since the inspection 59% of 219 reviews of assessments were on time" in text
    assert {"The area in June 2013", "The area in August 2015"} <= {button.label for button in app.button}


def test_a_link_to_an_area_that_is_not_there_says_so(open_app: OpenApp, words: Words) -> None:
    text = shown(words(open_app("areas", service="Knowsley", area="99<b>")))
    assert "There is no area “99<b>” in this letter." in text


def test_an_area_without_an_action_asks_for_one(open_app: OpenApp, words: Words) -> None:
    text = shown(words(open_app("areas", service="Knowsley")))
    assert "The plan has no actions yet" in text
    assert "No action for it is in the plan. Add one in the area." in text
    assert "Is there a plan, and who leads on it?" in text


def test_an_action_with_two_sub_actions_is_added_changed_done_and_reopened(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    app = press(sign(open_app("areas", service="Knowsley", area="1")), "Add an action")
    add(app, "Review every plan after a significant change")
    for what in ("Tell staff what a significant change is", "Check five reviews a month"):
        press(app, "Add a sub-action")
        add(app, what)
    plan = knowsley(store_folder)
    assert [action.reference for action in plan] == ["1", "1a", "1b"]
    assert {action.changed_by for action in plan} == {"Chair"}
    press(app, "Change or report progress")
    next(box for box in app.date_input if box.label == "Planned for").set_value(TODAY + timedelta(days=40))
    text_area(app, "What is to be said: progress, a comment, why it changes").input("Agreed today")  # type: ignore[attr-defined]
    press(app, "Save")
    assert "is saved" in shown(words(app))
    assert f"Planned for {TODAY + timedelta(days=40):%-d %B %Y}" in shown(words(app))
    for state in ("Done", "Open"):
        press(app, "Change or report progress")
        next(box for box in app.selectbox if box.label == "State").select(state)
        if state == "Done":
            press(app, "Save")
            assert "Say on which day it was done. Nothing is lost." in shown(words(app))
            next(box for box in app.date_input if box.label == "Done on (if done)").set_value(TODAY)
        press(app, "Save")
        assert knowsley(store_folder)[0].state == state.lower()
    first = [v for v in FolderStore(store_folder).read().actions("Knowsley") if v.reference == "1"]
    assert [v.version for v in first] == [1, 2, 3, 4]
    text = shown(words(open_app("areas", service="Knowsley")))
    assert f"Since {TODAY - timedelta(days=91):%-d %B %Y}: three actions added." in text or "added" in text


def test_ways_within_the_page_change_the_address(open_app: OpenApp, store_folder: Path) -> None:
    """From the list to an area, an action and back, by clicks alone."""
    app = press(open_app("areas", service="Knowsley"), "Evidence, actions and measures", 1)
    assert app.title[0].value == "Area 2: Knowsley"
    assert app.query_params["area"] == ["2"] or app.query_params["area"] == "2"
    press(sign(app), "Add an action")
    add(app, "Something for area two")
    assert app.title[0].value == "Area 2: Knowsley"
    (action,) = knowsley(store_folder)
    letter = FolderStore(store_folder).read().inspections("Knowsley")[0].inspection
    assert action.area == letter.areas_requiring_improvement[1]
    press(app, "All areas")
    assert app.title[0].value == "Areas requiring improvement: Knowsley"
    app = press(open_app("areas", service=MADE_UP, area="1"), "The area in August 2015")
    assert app.selectbox(key="inspection").value == "August 2015"


def test_an_action_of_no_area_of_the_letter_can_be_put_under_one(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    letter = FolderStore(store_folder).read().inspections("Knowsley")[0]
    lost = Action("Knowsley", letter.identity, "An area that is not in the letter", "7", "Lost")
    FolderStore(store_folder).save_actions([lost], by="Loader")
    app = sign(open_app("areas", service="Knowsley"))
    assert "Actions of no area of this letter" in shown(words(app))
    press(app, "Change or report progress")
    areas = letter.inspection.areas_requiring_improvement
    next(box for box in app.selectbox if box.label == "Area requiring improvement").select(areas[0])
    press(app, "Save")
    assert knowsley(store_folder)[0].area == areas[0]
    assert "Actions of no area of this letter" not in shown(words(app))


def test_both_notes_are_seen_where_two_people_only_said_something(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    app = press(sign(open_app("areas", service="Knowsley", area="1"), "Second"), "Add an action")
    add(app, "Review every plan")
    press(app, "Change or report progress")
    (opened,) = knowsley(store_folder)
    FolderStore(store_folder).save_actions([replace(opened, note="Agreed by the group")], by="First")
    text_area(app, "What is to be said: progress, a comment, why it changes").input("Waits for the group")  # type: ignore[attr-defined]
    press(app, "Save")
    text = shown(words(app))
    assert "First: Agreed by the group" in text
    assert "Waits for the group" in text
    press(app, "Keep both changes")
    notes = [v.note for v in FolderStore(store_folder).read().actions("Knowsley") if v.note]
    assert notes == ["Agreed by the group", "Waits for the group"]


def test_questions_are_asked_of_the_newest_inspection_alone(open_app: OpenApp, words: Words) -> None:
    text = shown(words(open_app("areas", service=MADE_UP, inspection="June 2013")))
    assert "Questions for the board are asked of the newest inspection, which this is not." in text
    assert "What else is needed?" not in text
    assert "The plan has no actions yet" in text
    assert "Nothing in the plan has changed since" in text


def test_nobody_saves_without_a_name(open_app: OpenApp, words: Words, store_folder: Path) -> None:
    app = press(open_app("areas", service="Knowsley", area="1"), "Add an action")
    add(app, "Something")
    assert "Say who you are above" in shown(words(app))
    assert knowsley(store_folder) == ()
    assert text_area(app, "Action").value == "Something", "nothing is lost"  # type: ignore[attr-defined]


def test_the_second_of_two_people_sees_both_and_loses_nothing(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    app = press(sign(open_app("areas", service="Knowsley", area="1"), "Second"), "Add an action")
    add(app, "Review every plan")
    press(app, "Change or report progress")
    (opened,) = knowsley(store_folder)
    FolderStore(store_folder).save_actions([replace(opened, lead="Probation", target="95%")], by="First")
    next(box for box in app.text_input if box.label == "Target").input("90%")
    next(box for box in app.text_input if box.label == "Evidence, and where it is kept").input("Audit")
    press(app, "Save")
    text = shown(words(app))
    assert "First saved this action after you opened it. Nothing of either is lost." in text
    assert "95%" in text
    assert "90%" in text
    press(app, "Keep both; where both changed the same, mine")
    (now,) = knowsley(store_folder)
    assert (now.lead, now.target, now.evidence, now.version) == ("Probation", "90%", "Audit", 3)


def test_an_analyst_confirms_which_findings_lie_behind_an_area(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    app = sign(open_app("areas", service=MADE_UP, area="1"), "Analyst")
    box = next(box for box in app.multiselect if box.label == "Findings behind this area")
    assert len(box.value) == 3
    box.unselect(box.value[0])
    press(app, "Confirm these")
    text = shown(words(app))
    assert "Looked at by Analyst on" in text
    assert "Two findings in reviewing" in text
    snapshot = FolderStore(store_folder).read()
    inspection = snapshot.inspections("Brackenshire")[0]
    assert [link.linked for link in snapshot.area_links(inspection)[1] if link.finding] == [True, True, False]


def test_the_plan_as_it_stood_on_a_day(open_app: OpenApp, words: Words) -> None:
    text = shown(words(open_app("areas", service=MADE_UP, on="2016-10-01")))
    assert "The plan on 1 October 2016" in text
    assert "✓ Done" not in text.split("The plan on")[-1]
    text = shown(words(open_app("areas", service=MADE_UP, on="2016-01-01")))
    assert "There was no action in the plan on 1 January 2016." in text
    text = shown(words(open_app("areas", service=MADE_UP, since="2016-11-01", on="soon")))
    assert "Since 1 November 2016: two actions done" in text
    assert "The link asks for “soon”, which is no day until today." in text
    text = shown(words(open_app("areas", service=MADE_UP, since="1990-01-01", on="2099-01-01")))
    assert text.count("which is no day until today") == 2


def test_an_action_of_another_century_can_be_changed(open_app: OpenApp, store_folder: Path) -> None:
    letter = FolderStore(store_folder).read().inspections("Knowsley")[0]
    text = letter.inspection.areas_requiring_improvement[0]
    old = Action("Knowsley", letter.identity, text, "1", "Old", planned_on=date(1998, 5, 1))
    far = replace(old, reference="2", planned_on=date(2150, 5, 1))
    FolderStore(store_folder).save_actions([old, far], by="Loader")
    app = sign(open_app("areas", service="Knowsley", area="1"))
    for nth in (0, 0):
        press(app, "Change or report progress", nth)
        press(app, "Leave without saving")


def test_one_form_is_open_at_a_time_and_only_where_it_is_seen(open_app: OpenApp) -> None:
    app = press(sign(open_app("areas", service=MADE_UP, area="1")), "Change or report progress")
    waiting = [
        b for b in app.button if b.label in ("Change or report progress", "Add an action", "Add a sub-action")
    ]
    assert waiting
    assert all(button.disabled for button in waiting)
    app.query_params["area"] = "2"
    app.run()
    assert not any(b.disabled for b in app.button if b.label == "Change or report progress")


def test_a_form_that_is_open_stays_with_its_service(open_app: OpenApp) -> None:
    app = press(sign(open_app("areas", service="Knowsley", area="1")), "Add an action")
    assert any(box.label == "Action" for box in app.text_area)
    app.query_params["service"] = MADE_UP
    app.query_params["area"] = "1"
    app.run()
    assert app.title[0].value == "Area 1: Brackenshire"
    assert not any(box.label == "Action" for box in app.text_area)


def test_a_pasted_plan_is_read_shown_and_saved(open_app: OpenApp, words: Words, store_folder: Path) -> None:
    app = sign(open_app("areas", service="Knowsley"), "Analyst")
    table = (
        "Ref\tArea requiring improvement\tAction required\tLead\tBy when\n"
        "1\t1\tReview every plan after a change\tHead of service\t31/03/2027\n"
        "1a\t\tTell staff what a change is\tTraining lead\t2027-02-28\n"
    )
    text_area(app, "Or paste its table here, with the headings").input(table)  # type: ignore[attr-defined]
    app.run()
    assert "Review every plan after a change" in shown(words(app))
    for box in app.checkbox:
        box.check()
    app.run()
    press(app, "Save this plan")
    plan = knowsley(store_folder)
    assert [(a.reference, a.lead, a.planned_on) for a in plan] == [
        ("1", "Head of service", date(2027, 3, 31)),
        ("1a", "Training lead", date(2027, 2, 28)),
    ]
    letter = FolderStore(store_folder).read().inspections("Knowsley")[0].inspection
    assert {a.area for a in plan} == {letter.areas_requiring_improvement[0]}


@pytest.mark.parametrize("service", ["Knowsley", MADE_UP])
def test_the_overview_says_the_status_of_each_area(open_app: OpenApp, words: Words, service: str) -> None:
    text = shown(words(open_app("overview", service=service)))
    areas = len(re.findall(r"^Delivered: ", text, re.M))
    assert areas == len(re.findall(r"^Worked: ", text, re.M)) >= 2
