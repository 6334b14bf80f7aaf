"""Headings: known by many names, mapped by hand, never of anything that says who a child is."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from sqs_core.errors import BadInputError
from sqs_core.frameworks import DATA
from sqs_core.loaders import Problem, Proposal, check, columns, proposals, read_table, template
from sqs_core.loaders.columns import KINDS, Kind, fold, refused_heading

TODAY = date(2026, 11, 24)
TABLES = tomllib.loads((DATA / "columns.toml").read_text("utf-8"))


def proposed(text: str, kind: Kind = "reviews") -> dict[str, Proposal]:
    return {found.column.name: found for found in proposals(read_table("extract.csv", text.encode()), kind)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_synonym_leads_to_one_column(kind: Kind) -> None:
    seen: dict[str, str] = {}
    for column in columns(kind):
        for heading in {fold(text) for text in (column.name, *column.headings)}:
            assert seen.setdefault(heading, column.name) == column.name


@pytest.mark.parametrize("holds", TABLES["values"])
def test_every_word_means_one_value(holds: str) -> None:
    seen: dict[str, str] = {}
    for value, words in TABLES["values"][holds].items():
        for word in {fold(text) for text in (value, *words)}:
            assert seen.setdefault(word, value) == value


@pytest.mark.parametrize("kind", KINDS)
def test_no_known_heading_is_refused(kind: Kind) -> None:
    for column in columns(kind):
        assert [text for text in (column.name, *column.headings) if refused_heading(text)] == []


def test_case_spaces_and_punctuation_make_no_difference() -> None:
    found = proposed(
        "YOT_NAME,case  ref.,PlanType,TRIGGER,Due-Date,Date Completed:,as at\nKnowsley,C1,RMP,Planned,,,\n"
    )
    assert {name: proposal.heading for name, proposal in found.items() if proposal.heading} == {
        "service": "YOT_NAME",
        "case_ref": "case ref.",
        "plan_type": "PlanType",
        "trigger": "TRIGGER",
        "due_on": "Due-Date",
        "completed_on": "Date Completed:",
        "extracted_on": "as at",
    }


def test_the_days_that_a_timing_rule_counts_from() -> None:
    found = proposed(
        "Case ref,Sentence date,Order end date,Date of change,Trigger,Start date\nC1,,,,Planned,x\n"
    )
    assert found["order_started_on"].heading == "Sentence date"
    assert found["order_ended_on"].heading == "Order end date"
    assert found["significant_change_on"].heading == "Date of change"
    # A start may be that of the assessment, a significant change yes or no: neither is taken for a day.
    headings = proposed("Case ref,Plan type,Start date,Significant change\nC1,RMP,x,yes\n")
    assert (headings["order_started_on"].heading, headings["significant_change_on"].heading) == (None, None)


def test_a_template_can_be_loaded_as_it_is() -> None:
    for kind in KINDS:
        found = check(read_table("template.csv", template(kind).encode()), kind, TODAY)
        assert (found.problems, found.warnings) == ((), ())
    assert template("reviews").splitlines()[0].endswith(",team,order_started_on,significant_change_on")


def test_a_proposal_says_why_and_shows_up_to_three_different_values() -> None:
    rows = "".join(f"Knowsley,C{number},RMP,,2026-01-01\n" for number in (1, 1, 2, 3, 4))
    found = proposed("YOT,case_ref,Form,Trigger,Date completed\n" + rows)
    assert (found["service"].why, found["service"].samples) == ("“YOT” is known to mean this", ("Knowsley",))
    assert (found["case_ref"].why, found["case_ref"].samples) == ("it is called so", ("C1", "C2", "C3"))
    assert (found["trigger"].heading, found["trigger"].samples) == ("Trigger", ())
    assert (found["due_on"].heading, found["due_on"].why) == (
        None,
        "no heading of the file is known to mean this",
    )


def test_of_two_headings_none_is_guessed_but_the_columns_own_name_wins() -> None:
    found = proposed("case_ref,Ref,Due date,Target date,plan_type,completed_on\nC1,2,,,RMP,\n")
    assert found["case_ref"].heading == "case_ref"
    assert found["due_on"].heading is None
    assert "“Due date” and “Target date”" in found["due_on"].why


TEXT = """YOT,Case,What,Why,Due date,Target date,When done,Run
Knowsley,C1,RMP,Planned,2026-01-01,2026-02-01,2026-03-01,2026-11-23
"""
MAPPING = {
    "case_ref": "Case",
    "plan_type": "what",
    "trigger": "Why",
    "due_on": "Target date",
    "completed_on": "WHEN DONE",
    "extracted_on": "Run",
}


def test_a_mapping_wins() -> None:
    found = check(read_table("extract.csv", TEXT.encode()), "reviews", TODAY, mapping=MAPPING)
    assert found.problems == ()
    assert (found.reviews[0].due_on, found.reviews[0].completed_on) == (date(2026, 2, 1), date(2026, 3, 1))


def test_without_a_mapping_everything_missing_is_said_at_once() -> None:
    found = check(read_table("extract.csv", TEXT.encode()), "reviews", TODAY)
    assert [(problem.row, problem.column) for problem in found.problems] == [
        (1, "due_on"),
        (1, "case_ref"),
        (1, "plan_type"),
        (1, "completed_on"),
        (1, "extracted_on"),
    ]
    assert found.problems[0].found == "“Due date” and “Target date”"


def test_a_mapping_to_what_is_not_there_is_said() -> None:
    table = read_table("extract.csv", TEXT.encode())
    found = check(table, "reviews", TODAY, mapping={**MAPPING, "case_ref": "Number", "colour": "Case"})
    said = {problem.column: problem.found for problem in found.problems}
    assert said == {"colour": "no such column", "case_ref": "no heading “Number”"}


def test_one_heading_is_not_taken_for_two_columns() -> None:
    table = read_table("extract.csv", TEXT.encode())
    found = check(table, "reviews", TODAY, mapping={**MAPPING, "due_on": "When done"})
    assert [
        problem.found
        for problem in found.problems
        if "for due_on" in problem.found or "and for" in problem.found
    ]


def test_what_the_file_does_not_say_can_be_given_for_every_row() -> None:
    table = read_table("extract.csv", b"Case ref,Plan type,Due,Completed\nC1,RMP,,\nC2,VMP,,\n")
    given = {"service": "Knowsley YOT", "trigger": "Planned", "extracted_on": "2026-11-23"}
    found = check(table, "reviews", TODAY, given=given)
    assert [(review.service, review.trigger) for review in found.reviews] == [("Knowsley", "scheduled")] * 2
    wrong = check(table, "reviews", TODAY, given={**given, "extracted_on": "23.11.26"})
    assert [(problem.row, problem.column) for problem in wrong.problems] == [(None, "extracted_on")]
    blank = check(table, "reviews", TODAY, given={**given, "service": ""})
    assert [(problem.row, problem.column) for problem in blank.problems] == [(1, "service")]


def test_tables_of_the_same_shape_have_the_same_fingerprint() -> None:
    def fingerprint(text: str) -> str:
        return read_table("extract.csv", text.encode()).fingerprint

    first = fingerprint("Report\n\nYOT,Case ref,Plan type\nKnowsley,C1,RMP\n")
    assert fingerprint("case_ref,plan_type,yot\nC1,RMP,Knowsley\n") == first
    assert fingerprint("YOT,Case ref,Plan type,Team\nKnowsley,C1,RMP,N\n") != first


def test_the_kind_is_told_from_the_headings() -> None:
    def kind(text: str) -> Kind | None:
        return read_table("extract.csv", text.encode()).kind

    assert kind("Case no,Question,Rating\nC1,1.planning,Met\n") == "cases"
    assert kind("Case no,Form,Date completed\nC1,RMP,\n") == "reviews"
    assert kind("Case no,This,That\nC1,RMP,\n") is None


# What is never loaded


NEVER = """Name,FirstName,SURNAME,Child's name,YP Name,Young person,Case manager,Case Manager Name,Worker,Reviewed by
full_name,DOB,D.O.B.,Date of Birth,dateOfBirth,PNC,PNC No.,PNCID,Post Code,Home postcode,Home address,E-mail,NHS Number
UPN"""


@pytest.mark.parametrize("heading", NEVER.replace("\n", ",").split(","))
def test_a_heading_that_says_who_a_child_is_refuses_the_file(heading: str) -> None:
    with pytest.raises(BadInputError) as raised:
        read_table("extract.csv", f"Case ref,{heading},Plan type\nC1,x,RMP\n".encode())
    assert str(raised.value).startswith("extract.csv: holds what must never be loaded: “")
    assert heading in str(raised.value)


@pytest.mark.parametrize(
    "heading", ["Team name", "Service name", "Audit name", "Form name", "Programme Name", "Stage"]
)
def test_names_of_things_are_not_refused(heading: str) -> None:
    read_table("extract.csv", f"Case ref,{heading},Plan type\nC1,x,RMP\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        "2001/1234567A",
        "01/1234567a",
        "see 16/0123456X for more",
        "L36 9YU",
        "lives at M1 1AE now",
        "SW1A2AA",
        "ch11aa",
    ],
)
def test_a_column_that_holds_pnc_numbers_or_postcodes_refuses_the_file_without_repeating_them(
    text: str,
) -> None:
    with pytest.raises(BadInputError) as raised:
        read_table("extract.csv", f"Case ref,Remark,Plan type\nC1,{text},RMP\n".encode())
    assert "“Remark”" in str(raised.value)
    assert text not in str(raised.value)


@pytest.mark.parametrize(
    "text", ["KN12 3AB", "2026/0123", "KN1/23456A", "C12 3", "03/04/2026", "16/123A", "QQ1 2AB"]
)
def test_case_numbers_that_look_a_little_like_them_do_not(text: str) -> None:
    read_table("extract.csv", f"Case ref,Remark,Plan type\nC1,{text},RMP\n".encode())


def test_every_refused_column_is_named() -> None:
    with pytest.raises(BadInputError) as raised:
        read_table("extract.csv", b"Case ref,Surname,Forename,DOB,Plan type\nC1,x,y,z,RMP\n")
    assert "“Surname” and “Forename” (names of people); “DOB” (dates of birth)" in str(raised.value)


def test_a_name_in_place_of_a_case_number_is_a_problem_and_is_not_repeated() -> None:
    text = template("reviews").replace("KN-0417", "Joe Bloggs")
    found = check(read_table("extract.csv", text.encode()), "reviews", TODAY)
    assert found.problems == (
        Problem(
            2,
            "case_ref",
            "words, which are not repeated here",
            "the service's own number of the case; this may be a name",
        ),
    )
