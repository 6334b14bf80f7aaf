"""Plans as councils really keep them are read; a plan that was downloaded changes nothing; hostile files do nothing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqs_core.errors import BadInputError, ChangedMeanwhileError
from sqs_core.loaders import PlanRead, plan_xlsx, read_plan
from sqs_core.model import Action
from sqs_core.store import FolderStore
from tests.loaders.workbooks import Cell, ods, xlsx

TODAY = date(2016, 2, 1)
MARCH = date(2016, 3, 31)
AREAS = (
    "Plans should be reviewed following a significant change in the child's circumstances.",
    "Assessments of risk of harm to others should be of sufficient quality and timely.",
    "Management oversight should make sure that work is of good enough quality.",
)


def action(reference: str, **more: object) -> Action:
    made = Action(
        service="Harnley Vale",
        inspection="2015-10-05",
        area=AREAS[0],
        reference=reference,
        action=f"Do {reference}",
        id=f"id{reference}",
        version=1,
        changed_by="An Analyst",
        changed_at=datetime(2016, 1, 4, 9, tzinfo=UTC),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def read(
    content: bytes | str,
    existing: Sequence[Action] = (),
    areas: Sequence[str] = AREAS,
    name: str = "plan.xlsx",
) -> PlanRead:
    raw = content.encode() if isinstance(content, str) else content
    return read_plan(name, raw, "Harnley Vale", "2015-10-05", areas=areas, existing=existing, today=TODAY)


def sheet(*rows: Sequence[Cell]) -> bytes:
    return xlsx({"Sheet1": rows})


def good(content: bytes | str, existing: Sequence[Action] = (), **more: object) -> tuple[Action, ...]:
    found = read(content, existing, **more)  # type: ignore[arg-type]
    assert found.problems == ()
    return found.actions


def said(found: PlanRead) -> str:
    return "\n".join(f"{warning.column}: {warning}" for warning in found.warnings)


def wrong(found: PlanRead) -> list[tuple[int | None, str]]:
    assert found.actions == ()
    return [(problem.row, problem.column) for problem in found.problems]


HEADINGS = ["Ref", "Area", "Action", "Lead", "By when", "Status", "Date completed", "Progress"]


def one(**cells: Cell) -> bytes:
    """A plan with one action, some of whose cells are given."""
    row: dict[str, Cell] = {
        "Ref": "1",
        "Area": "1",
        "Action": "Review plans",
        "Lead": "Head of Service",
        "By when": date(2016, 6, 17),
    }
    row |= {key.replace("_", " "): cell for key, cell in cells.items()}
    headings = [*HEADINGS, *(key for key in row if key not in HEADINGS)]
    return sheet(headings, [row.get(heading) for heading in headings])


# Layouts that councils use


def test_rotherham_like_plan_with_titles_merged_areas_and_sub_actions() -> None:
    found = read(
        sheet(
            ["Short Quality Screening improvement action plan 2015-16"],
            [None],
            [
                "No.",
                "Area requiring improvement",
                "Action required",
                "Planned completion date",
                "Lead officer/agency",
                "Progress and impact",
            ],
            ["1", f"1. {AREAS[0]}", None, None, None, None],
            [
                "1a",
                None,
                "Train all staff",
                date(2016, 3, 31),
                "YOS Manager",
                "12/01/16 Booked\n29/01/16 Done",
            ],
            ["1b", None, "Audit plans each month", "April 2016", "Performance Officer", None],
            ["2", AREAS[1], "Use the new tool", "30/06/2016", "Merseyside Police", None],
            [None, None, None, None, None, None],
            ["Total", "3 actions"],
        )
    )
    assert found.problems == ()
    assert [(a.reference, a.area, a.planned_on) for a in found.actions] == [
        ("1a", AREAS[0], MARCH),
        ("1b", AREAS[0], date(2016, 4, 30)),
        ("2", AREAS[1], date(2016, 6, 30)),
    ]
    assert found.actions[0].note == "12/01/16 Booked\n29/01/16 Done"
    assert found.actions[0].lead == "YOS Manager"
    assert found.actions[0].version == 0
    assert found.actions[0].id == ""
    assert "a month was read as its last day (row 6)" in said(found)
    assert len(found.warnings) == 2  # and the total


def test_sections_of_one_cell_are_the_areas_of_the_rows_below() -> None:
    found = read(
        sheet(
            ["Ref", "What we will do", "Who", "When", "RAG"],
            ["Area 1: Plans should be reviewed following a significant change"],
            ["1.1", "Train", "Head of Service", date(2016, 3, 31), "Green"],
            ["1.2", "Audit", "Head of Service", date(2016, 4, 28), "Amber"],
            ["Recommendation 3"],
            ["3.1", "Supervise", "Board", date(2016, 5, 27), "Red"],
            ["Our own: premises for children in the north"],
            ["4.1", "Find rooms", "Board", date(2016, 5, 27), "Red"],
        )
    )
    assert found.problems == ()
    assert [(a.reference, a.area) for a in found.actions] == [
        ("1.1", AREAS[0]),
        ("1.2", AREAS[0]),
        ("3.1", AREAS[2]),
        ("4.1", "Our own: premises for children in the north"),
    ]
    assert {a.state for a in found.actions} == {"open"}
    assert said(found).count("a colour says nothing sure") == 3
    assert "taken for area 1" in said(found)
    assert "none of the inspection's areas: kept as it stands (row 7)" in said(found)


def test_pasted_from_excel_with_quoted_cells() -> None:
    (found,) = good(
        "Ref\tRecommendation\tAction\tOwner\tTarget date\tUpdate\r\n"
        '1\t2\t"First, this\nthen ""that"""\tYOT Manager\t31/03/2016\t"5 January: a, b, c, d, e, f, g\n6 January: h"\r\n'
    )
    assert found.action == 'First, this\nthen "that"'
    assert found.note == "5 January: a, b, c, d, e, f, g\n6 January: h"
    assert (found.area, found.planned_on) == (AREAS[1], MARCH)


def test_pasted_from_word_with_paragraphs_and_quotation_marks() -> None:
    found = read(
        "Ref\tArea\tAction\tBy when\tProgress\n"
        '1\tArea 1\t"Good" plans are shared\nand discussed\t31/03/2016\tJanuary: begun\n'
        "February: going on\n"
        "2\tArea 2\tAudit\t17/06/2016\t\n"
    )
    assert found.problems == ()
    assert [a.action for a in found.actions] == ['"Good" plans are shared\nand discussed', "Audit"]
    assert found.actions[0].note == "January: begun\nFebruary: going on"
    assert "a line that stands alone was added to the row above" in said(found)


def test_csv_with_semicolons_in_windows_encoding() -> None:
    text = "Reference;Area;Action;By when\n1;1;Rôle – “plans”;31/03/2016\n"
    (found,) = good(text.encode("cp1252"))
    assert found.action == "Rôle – “plans”"


def test_opendocument_with_original_and_revised_dates() -> None:
    rows: list[list[Cell]] = [
        ["Ref", "Area", "Action", "Original date", "Revised date", "Target date"],
        ["1", "1", "Moved", None, date(2016, 6, 30), date(2016, 3, 31)],
        ["2", "1", "Moved twice", date(2015, 12, 31), date(2016, 6, 30), date(2016, 3, 31)],
        ["3", "1", "Kept", None, None, date(2016, 3, 31)],
        ["4", "1", "First alone", date(2016, 3, 31), None, None],
    ]
    assert [(a.first_planned_on, a.planned_on) for a in good(ods({"Plan": rows}))] == [
        (MARCH, date(2016, 6, 30)),
        (date(2015, 12, 31), date(2016, 6, 30)),
        (None, MARCH),
        (MARCH, MARCH),
    ]


def test_quarterly_updates_in_columns_of_their_own_are_one_note() -> None:
    (found,) = good(
        sheet(
            [
                "Ref",
                "Area",
                "Action",
                "By when",
                "Update July 2015",
                "Update October 2015",
                "Update January 2016",
            ],
            ["1", "1", "Train", "31/03/2016", "Begun", None, "Ended"],
        )
    )
    assert found.note == "Update July 2015: Begun\nUpdate January 2016: Ended"


def test_baseline_target_measure_and_evidence() -> None:
    found = read(
        sheet(
            [
                "Ref",
                "Area",
                "Action",
                "By when",
                "Baseline",
                "Target",
                "Success measure",
                "Measure",
                "Evidence",
            ],
            ["1", "1", "Train", "31/03/2016", "78%", "98%", "Reviews on time", "on_time_assessment", "Audit"],
            ["2", "1", "Audit", "31/03/2016", 0.78, None, None, "Share of good plans", None],
        )
    )
    assert found.problems == ()
    first, second = found.actions
    assert (first.baseline, first.measure, first.evidence) == ("78%", "on_time_assessment", "Audit")
    assert first.target == "Target: 98%\nSuccess measure: Reviews on time"
    assert (second.target, second.measure) == ("Share of good plans", None)
    assert "Baseline: a number below 1" in said(found)
    assert "Measure: no measure is called so: kept with the target (row 3)" in said(found)


def test_references_that_are_missing_are_numbered_in_order() -> None:
    found = read(
        sheet(
            ["Area", "Action", "By when"],
            ["1", "Train", "31/03/2016"],
            [None, "Audit", "31/03/2016"],
            ["2", "Tool", "31/03/2016"],
        )
    )
    assert [a.reference for a in found.actions] == ["1", "1a", "2"]
    assert "a reference is missing: the next one was given (3 rows: 2, 3, 4)" in said(found)


def test_letters_below_a_number_of_the_area() -> None:
    found = read(
        sheet(
            ["Ref", "Area for improvement", "Action", "By when"],
            ["2", AREAS[1], None, None],
            ["(a)", None, "Train", "31/03/2016"],
            ["(b)", None, "Audit", "31/03/2016"],
        )
    )
    assert [(a.reference, a.area) for a in found.actions] == [("2a", AREAS[1]), ("2b", AREAS[1])]


def test_an_id_of_the_service_is_a_reference() -> None:
    assert [a.reference for a in good(sheet(["ID", "Area", "Action"], [7, "1", "Train"]))] == ["7"]


def test_a_total_is_only_what_begins_so() -> None:
    (found,) = good(sheet(["Ref", "Area", "Action", "Progress"], ["1", "1", "Train", "Total of 5 trained"]))
    assert found.note == "Total of 5 trained"


def test_without_areas_the_number_of_the_reference_tells() -> None:
    found = read(
        sheet(["Ref", "Action", "By when"], ["3.1", "Train", "31/03/2016"], ["9", "?", "31/03/2016"])
    )
    assert wrong(found) == [(3, "Area requiring improvement")]
    assert "it is taken from the number of the reference" in said(found)


def test_what_follows_a_table_and_repeated_headings_are_left_out() -> None:
    headings = ["Ref", "Area", "Action", "Lead", "By when"]
    found = read(
        sheet(
            headings,
            ["1", "1", "Report progress to the board", "Head of Service", "31/03/2016"],
            headings,
            [None, None, "Report again", None, None],
            ["Key: red means late"],
        )
    )
    assert [a.action for a in found.actions] == ["Report progress to the board", "Report again"]
    assert "rows that hold no action were left out (row 5)" in said(found)


# Areas


@pytest.mark.parametrize(
    ("text", "area", "doubted"),
    [
        ("2", AREAS[1], False),
        ("Area 2", AREAS[1], False),
        (AREAS[1].upper().rstrip("."), AREAS[1], False),
        (f"2) {AREAS[1]}", AREAS[1], False),
        ("Assessments of risk of harm to others", AREAS[1], True),
        ("Assessment of the risk of harm should be of sufficient quality and on time", AREAS[1], True),
        ("Improve management oversight of quality of work", AREAS[2], True),
        ("Premises", "Premises", True),
    ],
)
def test_an_area_in_other_words(text: str, area: str, doubted: bool) -> None:
    found = read(one(Area=text))
    assert [a.area for a in found.actions] == [area]
    assert bool(found.warnings) == doubted


def test_an_area_that_fits_several_or_none_is_asked_for() -> None:
    alike = ("Reviews of plans should be timely", "Reviews of plans should be thorough")
    assert wrong(read(one(Area="Reviews of plans"), areas=alike)) == [(2, "Area")]
    assert wrong(read(one(Area="7"))) == [(2, "Area")]
    assert [a.area for a in good(one(Area="Anything"), areas=())] == ["Anything"]


# Days


@pytest.mark.parametrize(
    ("cell", "day", "doubt"),
    [
        (date(2016, 6, 17), date(2016, 6, 17), ""),
        ("17/06/2016", date(2016, 6, 17), ""),
        ("2016-06-03", date(2016, 6, 3), ""),
        ("by 17 June 2016", date(2016, 6, 17), ""),
        ("03/04/2016", date(2016, 4, 3), "read as day/month/year"),
        ("31/03/16", MARCH, "two digits"),
        ("March 2016", MARCH, "last day"),
        ("03/2016", MARCH, "last day"),
        ("End of March 2016", MARCH, ""),
        (date(2016, 3, 1), date(2016, 3, 1), "first day of a month"),
        ("Ongoing", None, "no date: “Ongoing”"),
        ("TBC", None, "no date"),
        ("n/a", None, "no date"),
        ("-", None, ""),
        (None, None, ""),
        ("31/03/1916", date(1916, 3, 31), "before the year 2000"),
    ],
)
def test_days_are_read_and_not_guessed(cell: Cell, day: date | None, doubt: str) -> None:
    found = read(one(By_when=cell))
    assert [a.planned_on for a in found.actions] == [day]
    assert doubt in said(found)
    assert bool(doubt) == bool(found.warnings)


@pytest.mark.parametrize(
    "text", ["06/17/2016", "Spring 2016", "Q1 2016", "Mar 16", "31/03/2016\n30/06/2016", "30/02/2016", "#N/A"]
)
def test_other_days_are_problems(text: str) -> None:
    assert wrong(read(one(By_when=text))) == [(2, "By when")]


def test_days_that_excel_may_have_turned_round() -> None:
    found = read(
        sheet(
            ["Ref", "Area", "Action", "By when"],
            ["1", "1", "Train", date(2016, 4, 3)],
            ["2", "1", "Audit", "31/03/2016"],
        )
    )
    assert wrong(found) == [(3, "By when")]


def test_a_completion_date_may_be_planned_or_past() -> None:
    headings = ["Ref", "Area", "Action", "Completion date"]
    assert [a.planned_on for a in good(sheet(headings, ["1", "1", "Train", "31/03/2016"]))] == [MARCH]
    assert wrong(read(sheet(headings, ["1", "1", "Train", "29/01/2016"]))) == [(1, "Completion date")]
    both = sheet([*headings, "By when"], ["1", "1", "Train", "29/01/2016", "30/01/2016"])
    (found,) = good(both)
    assert (found.state, found.done_on, found.planned_on) == ("done", date(2016, 1, 29), date(2016, 1, 30))


def test_a_target_of_days_is_the_planned_date() -> None:
    found = read(sheet(["Ref", "Area", "Action", "Target"], ["1", "1", "Train", "31/03/2016"]))
    assert [(a.planned_on, a.target) for a in found.actions] == [(MARCH, "")]
    assert "taken for the planned date" in said(found)


# Status


@pytest.mark.parametrize(
    ("text", "state", "doubted"),
    [
        ("On track", "open", False),
        ("Not started", "open", False),
        ("Partially complete", "open", False),
        ("In progress – three sessions held", "open", False),
        ("75% complete", "open", False),
        ("Overdue 12/01/2016", "open", False),
        ("Reviewed 12/01/2016", "open", True),
        ("Closed – superseded", "stopped", False),
        ("Superseded by action 4", "stopped", False),
        ("No longer required", "stopped", False),
        ("Green", "open", True),
        ("Amber/Green", "open", True),
        ("Embedded in practice", "open", True),
        ("Complete / ongoing", "open", True),
        ("Complete subject to sign-off", "open", True),
        ("", "open", False),
    ],
)
def test_statuses_that_are_sure_and_others(text: str, state: str, doubted: bool) -> None:
    found = read(one(Status=text))
    assert [a.state for a in found.actions] == [state]
    assert bool(found.warnings) == doubted


@pytest.mark.parametrize(
    "cells",
    [
        {"Status": "Complete", "Date completed": "29/01/2016"},
        {"Status": "Completed 29/01/2016"},
        {"Status": "Green (complete)", "Date completed": date(2016, 1, 29)},
        {"Status": "Blue", "Date completed": date(2016, 1, 29)},
        {"Date completed": date(2016, 1, 29)},
        {"Date completed": "Completed 29/01/2016"},
    ],
)
def test_what_is_done_has_its_day(cells: dict[str, Cell]) -> None:
    assert [(a.state, a.done_on) for a in good(one(**cells))] == [("done", date(2016, 1, 29))]


def test_what_is_done_without_its_day_is_asked_for() -> None:
    assert wrong(read(one(Status="Complete"))) == [(2, "Date completed")]
    assert wrong(read(one(Date_completed="Yes"))) == [(2, "Date completed")]
    assert wrong(read(one(Status="Closed", Date_completed="last spring 2015"))) == [(2, "Date completed")]
    assert wrong(read(one(Status="On track", Date_completed="29/01/2016"))) == [(2, "Date completed")]


def test_what_was_stopped_has_no_day_done() -> None:
    found = read(one(Status="Superseded", Date_completed="29/01/2016"))
    assert [(a.state, a.done_on) for a in found.actions] == [("stopped", None)]
    assert "the day is left out" in said(found)


def test_progress_that_says_done_without_a_status_is_doubted() -> None:
    found = read(one(Progress="COMPLETED – all staff trained"))
    assert [a.state for a in found.actions] == ["open"]
    assert "no status says so: left open" in said(found)
    assert said(read(one(Progress="COMPLETED", Status="Done", **{"Date completed": "29/01/2016"}))) == ""


# Leads


@pytest.mark.parametrize(
    "lead", ["Jane Smith", "J. Smith", "Mr Smith", "Head of Service, Jane Smith", "Board / Ann-Marie O'Neil"]
)
def test_a_lead_that_may_be_a_person(lead: str) -> None:
    found = read(one(Lead=lead))
    assert [a.lead for a in found.actions] == [lead]
    assert "this may be a person's name" in said(found)
    assert "Smith" not in said(found)


@pytest.mark.parametrize(
    "lead",
    ["Head of Service", "YOS Manager", "Merseyside Police", "Early Help", "CAMHS", "Speech and Language Therapist",
     "Knowsley", "Gwynedd Môn", "all case managers", "Catch 22", "HR / IT", "Operational Manager (North)"],
)  # fmt: skip
def test_leads_that_are_roles_and_agencies(lead: str) -> None:
    assert said(read(one(Lead=lead))) == ""


# Every problem at once


def test_every_problem_is_listed_at_once_with_row_and_column() -> None:
    found = read(
        sheet(
            HEADINGS,
            ["1", "1", "Train", "Board", "06/17/2016", "Complete", None, None],
            ["1", "8", None, "Board", "31/03/2016", None, "tomorrow 2016", None],
            ["what is this?", "1", "Audit", None, None, None, None, None],
        )
    )
    assert wrong(found) == [
        (2, "By when"),
        (2, "Date completed"),
        (3, "Area"),
        (3, "Ref"),
        (3, "Date completed"),
        (3, "Action"),
        (4, "Ref"),
    ]
    assert str(found.problems[0]).startswith("row 2, By when: 06/17/2016; expected the day before the month")


def test_headings_that_mean_nothing_are_told() -> None:
    assert read(one(Cost="£100")).unused == ("Cost",)


# Updates


def test_an_update_by_reference_is_said_and_keeps_what_the_file_does_not_have() -> None:
    stored = action("1", lead="Board", evidence="Audit", first_planned_on=MARCH, planned_on=MARCH, version=3)
    found = read(sheet(["Ref", "Action", "By when"], ["1", "Do 1", "30/06/2016"]), [stored])
    assert found.problems == ()
    assert found.actions == (replace(stored, planned_on=date(2016, 6, 30)),)
    assert "the plan has an action 1 already: this row changes it (row 2)" in said(found)


def test_the_version_is_that_of_the_file() -> None:
    old = action("1", planned_on=MARCH)
    new = replace(old, planned_on=date(2016, 6, 30), version=2, changed_by="Another")
    untouched = plan_xlsx([old], [old], "Plan", AREAS)
    assert read(untouched, [old, new]) == PlanRead((new,))  # nothing of the row is newer
    changed = read(plan_xlsx([replace(old, lead="Board")], [], "Plan", AREAS), [old, new])
    assert changed.actions == (replace(old, lead="Board"),)  # of version 1: the store tells them of version 2
    assert read(untouched, [new]).actions == (replace(new, version=1, planned_on=MARCH),)


def download(*actions: Action, rows: dict[tuple[str, str], Cell]) -> bytes:
    """A plan as it is downloaded, with some of its cells changed by whoever has it."""
    headings = [
        "Reference",
        "Area requiring improvement",
        "Action",
        "Lead role or agency",
        "First planned date",
    ]
    headings += ["Current date", "Status", "Date done", "Progress", "id", "version", "progress when saved"]
    cells = []
    for one_action in actions:
        row: dict[str, Cell] = {
            "Reference": one_action.reference,
            "Area requiring improvement": one_action.area,
            "Action": one_action.action,
            "First planned date": one_action.first_planned_on,
            "Current date": one_action.planned_on,
            "Status": one_action.state.capitalize(),
            "Date done": one_action.done_on,
            "Progress": one_action.note,
            "id": one_action.id,
            "version": one_action.version,
            "progress when saved": one_action.note,
        }
        row |= {
            column: cell for (reference, column), cell in rows.items() if reference == one_action.reference
        }
        cells.append([row.get(heading) for heading in headings])
    return sheet(headings, *cells)


def test_changes_in_a_downloaded_plan() -> None:
    one_, two = action("1", planned_on=MARCH, first_planned_on=MARCH, note="Begun"), action("2")
    found = read(
        download(
            one_,
            two,
            rows={
                ("1", "Current date"): date(2016, 6, 30),
                ("1", "First planned date"): date(2016, 1, 29),
                ("1", "Progress"): "Begun\nDelayed by a move",
                ("2", "Status"): "Done",
                ("2", "Date done"): "29/01/2016",
            },
        ),
        [one_, two],
    )
    assert found.problems == ()
    assert found.actions == (
        replace(one_, planned_on=date(2016, 6, 30), note="Delayed by a move"),
        replace(two, state="done", done_on=date(2016, 1, 29)),
    )
    assert "the first planned date of an action stays as it is (row 2)" in said(found)


def test_an_action_can_be_opened_again_and_its_day_must_go() -> None:
    done = action("1", state="done", done_on=date(2016, 1, 29))
    assert wrong(read(download(done, rows={("1", "Status"): "Open"}), [done])) == [(2, "Date done")]
    opened = good(download(done, rows={("1", "Status"): "Open", ("1", "Date done"): None}), [done])
    assert opened == (replace(done, state="open", done_on=None),)
    assert wrong(read(download(done, rows={("1", "Date done"): None}), [done])) == [(2, "Date done")]


def test_a_row_that_was_copied_with_its_hidden_columns_is_a_new_action() -> None:
    stored = action("1", note="Begun")
    copied = download(replace(stored, reference="1b"), stored, rows={})
    found = read(copied, [stored])
    assert [(a.reference, a.id, a.version, a.note) for a in found.actions] == [
        ("1b", "", 0, "Begun"),
        ("1", "id1", 1, ""),
    ]
    assert "a row that was copied is a new action (row 2)" in said(found)
    assert wrong(read(download(stored, stored, rows={}), [stored])) == [(3, "id"), (3, "Reference")]


def test_hidden_columns_that_are_not_of_this_plan() -> None:
    stored = action("1")
    assert wrong(read(download(action("2"), rows={}), [stored])) == [(2, "id")]
    assert wrong(read(download(stored, rows={("1", "version"): "x"}), [stored])) == [(2, "version")]


def test_rows_sorted_apart_from_their_hidden_columns_are_noticed() -> None:
    stored = [action("1"), action("2")]
    found = read(download(*stored, rows={("1", "Reference"): "2", ("2", "Reference"): "1"}), stored)
    assert "were rows sorted without their hidden columns? (2 rows: 2, 3)" in said(found)


def test_actions_that_the_file_lacks_stay_and_are_told() -> None:
    stored = [action("1"), action("2")]
    found = read(download(stored[0], rows={}), stored)
    assert found.actions == (stored[0],)
    assert "actions of the plan that the file does not have stay as they are: 2" in said(found)


def test_actions_of_another_plan_are_left_alone() -> None:
    other = action("1", inspection="2012-03-04")
    assert [(a.id, a.version) for a in good(one(), [other])] == [("", 0)]
    assert wrong(read(download(other, rows={}), [other])) == [(2, "id")]


def test_the_store_takes_what_was_read_and_tells_of_conflicts(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.create()
    made = store.save_actions(good(one(Progress="Begun")), by="Analyst")
    content = plan_xlsx(made, made, "Plan", AREAS)
    assert store.save_actions(good(content, made), by="Analyst") == made
    assert len(store.read().actions("Harnley Vale")) == 1, "nothing was changed or said"
    moved = store.save_actions([replace(made[0], planned_on=MARCH)], by="Lead")
    edited = good(plan_xlsx([replace(made[0], lead="Board")], [], "Plan", AREAS), [*made, *moved])
    with pytest.raises(ChangedMeanwhileError):
        store.save_actions(edited, by="Analyst")
    assert good(content, [*made, *moved]) == (replace(moved[0], note=""),)


# Bad and hostile files


def refusal(content: bytes | str) -> str:
    with pytest.raises(BadInputError) as raised:
        read(content)
    text = str(raised.value)
    assert text.startswith("plan.xlsx: ")
    assert "\n" not in text
    return text


def test_files_that_are_no_plan() -> None:
    assert "empty" in refusal(b"")
    assert "PDF" in refusal(b"%PDF-1.7")
    assert "no row of headings" in refusal("Dear colleague,\nthe action plan follows.\n")
    assert "no row of headings" in refusal(sheet(["Ref", "Name of child"], ["1", "x"]))
    assert "Word file" in refusal(zip_of({"word/document.xml": "<x/>"}))
    assert "several sheets hold an action plan: “A” and “B”" in refusal(
        xlsx({name: [["Ref", "Action"], ["1", "x"]] for name in "AB"})
    )
    assert wrong(read(sheet(["Ref", "Area", "Action"], ["1", "1", None]))) == [(None, "Action")]


def zip_of(parts: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def test_what_identifies_a_child_is_refused() -> None:
    assert "“Child's name” (names of people)" in refusal(one(**{"Child's name": "x"}))
    assert "“DOB” (dates of birth)" in refusal(one(DOB="x"))
    assert "“Progress” (dates of birth)" in refusal(one(Progress="He was born on 1 May 2001"))
    assert "“Progress” (PNC numbers)" in refusal(one(Progress="See 01/123456A"))
    assert "“Progress” (postcodes and addresses)" in refusal(one(Progress="Moved to L36 9YU"))


def test_macros_and_too_many_rows_are_refused() -> None:
    plan = [["Ref", "Action"], ["1", "x"]]
    assert "macros" in refusal(xlsx({"A": plan}, more={"xl/vbaProject.bin": b"x"}))
    many = [["Ref", "Area", "Action", "By when"], *([str(n), "1", "x", "31/03/2016"] for n in range(10_000))]
    assert "more than 5,000 rows" in refusal(sheet(*many))
    assert "more than 5,000 rows" in refusal("\n".join("\t".join(row) for row in many))
    assert len(good(sheet(*many[:4_000]))) == 3_999


def test_a_formula_is_read_as_what_it_shows_and_a_text_like_one_as_text() -> None:
    cells = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Ref</t></is></c><c r="B1" t="inlineStr"><is><t>Area</t></is></c>'
        '<c r="C1" t="inlineStr"><is><t>Action</t></is></c></row><row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>1</v></c>'
        '<c r="C2" t="str"><f>HYPERLINK("http://x","y")</f><v>Shown</v></c></row>'
    )
    assert [a.action for a in good(xlsx({"A": cells}))] == ["Shown"]
    assert [a.action for a in good(one(Action="=cmd|' /C calc'!A0"))] == ["=cmd|' /C calc'!A0"]


CELLS: list[Cell] = [
    "",
    "1",
    "1a",
    "(b)",
    "Area 1",
    "Area 9",
    AREAS[0],
    "Total",
    "31/03/2016",
    "March 2016",
    "Ongoing",
]
CELLS += [
    "Complete",
    "Completed 29/01/2016",
    "Green",
    "id1",
    "id2",
    "3",
    date(2016, 3, 1),
    0.5,
    "-",
    "Begun\nmore",
]
SOME_HEADINGS = [
    "Ref",
    "Area",
    "Lead",
    "By when",
    "Original date",
    "Revised date",
    "Status",
    "Date completed",
]
SOME_HEADINGS += ["Completion date", "Progress", "Target", "id", "version", "progress when saved", "", "RAG"]


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(SOME_HEADINGS), min_size=1, max_size=8),
    st.lists(st.lists(st.sampled_from(CELLS), max_size=9), max_size=5),
    st.booleans(),
)
def test_whatever_stands_in_a_plan_the_store_could_take_what_is_read(
    headings: list[str], rows: list[list[Cell]], pasted: bool
) -> None:
    stored = [action("1", note="Begun"), action("2", state="done", done_on=MARCH)]
    table = [["Action", *headings], *rows]
    try:
        found = read(
            "\n".join("\t".join(map(str, row)) for row in table) if pasted else sheet(*table), stored
        )
    except BadInputError:
        return
    assert not (found.problems and found.actions)
    references = [a.reference.casefold() for a in found.actions]
    assert len(references) == len(set(references))
    for one_action in found.actions:
        assert one_action.area
        assert one_action.action
        assert re.fullmatch(r"[A-Za-z0-9]+(?:[.\-/][A-Za-z0-9]+)*", one_action.reference)
        assert (one_action.state == "done") == (one_action.done_on is not None)


# Down and up again

# Letters that mean nothing by themselves, and all that makes trouble in a spreadsheet.
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="ab 1\"'=+-@,;\t\n\r\\_x0041\u00a0é语😀\x00\x1f\ufffe", max_size=40),
    st.sampled_from(
        ["", "-", "n/a", "=1+1", "@SUM(A1)", "+44", "-1", "0.78", "=HYPERLINK(\"http://x\")", "_x0041_", "_x000D_",
         "1", "Total", "Jane Smith", "Green", "x" * 40_000, "é\n" * 20_000, "😀" * 20_000, " a  b \r\n\r\n c "]
    ),
)  # fmt: skip
DAYS = st.none() | st.dates(date(1900, 1, 1), date(9999, 12, 31))


@st.composite
def plans(draw: st.DrawFn) -> list[Action]:
    made = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        state = draw(st.sampled_from(["open", "done", "stopped"]))
        made.append(
            Action(
                service="Harnley Vale",
                inspection="2015-10-05",
                area=draw(st.sampled_from(AREAS) | TEXTS),
                reference=f"{number}{draw(st.sampled_from(['', 'a', '.1', '-A']))}",
                action=draw(TEXTS.filter(str.strip)),
                lead=draw(TEXTS),
                planned_on=draw(DAYS),
                first_planned_on=draw(DAYS),
                state=state,
                done_on=draw(DAYS.filter(bool)) if state == "done" else None,
                measure=draw(st.none() | st.just("on_time_assessment")),
                baseline=draw(TEXTS),
                target=draw(TEXTS),
                evidence=draw(TEXTS),
                note=draw(TEXTS),
                id=f"{number:032x}",
                version=draw(st.integers(1, 99)),
                changed_by=draw(TEXTS),
                changed_at=datetime(2016, 1, 4, 9, tzinfo=UTC),
            )
        )
    return made


@settings(max_examples=200)
@given(plans(), st.sampled_from(["", "=1+1", "Plan"]))
def test_a_downloaded_plan_loads_again_unchanged(actions: list[Action], title: str) -> None:
    earlier = [replace(actions[0], version=0, note="Said before")]
    content = plan_xlsx(actions, [*earlier, *actions], title, AREAS)
    assert read(content, actions) == PlanRead(tuple(replace(a, note="") for a in actions))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            assert not re.search(rb"<f[ >]|<hyperlink", archive.read(name)), name


def test_an_empty_plan_is_downloaded_with_a_row_for_each_area_to_be_filled_in() -> None:
    assert read(plan_xlsx([], [], "Plan", AREAS)) == PlanRead()


def test_the_workbook_as_people_see_it() -> None:
    first = action("1", planned_on=MARCH, first_planned_on=MARCH, note="Begun")
    moved = replace(first, planned_on=date(2016, 6, 30), version=2, note="Delayed", lead="=1+1")
    content = plan_xlsx([moved], [first, moved], "Plan of Harnley Vale", AREAS)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        plan, history = (archive.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2))
        texts = archive.read("xl/sharedStrings.xml").decode()
        assert 'name="Action plan"' in archive.read("xl/workbook.xml").decode()
        assert 'quotePrefix="1"' in archive.read("xl/styles.xml").decode()
    assert plan.count('hidden="1"') == 1  # one range of columns: id, version, progress when saved
    assert 'min="14" max="16"' in plan
    assert 'ySplit="2"' in plan
    assert '<autoFilter ref="A2:P5"' in plan  # an action and two areas without one
    assert '<autoFilter ref="A1:D3"' in history
    assert "Current date: 31/03/2016 → 30/06/2016\nLead" not in texts
    assert "Lead role or agency: none → =1+1\nCurrent date: 31/03/2016 → 30/06/2016\nDelayed" in texts
    assert "Added\nBegun" in texts
