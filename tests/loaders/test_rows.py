"""Rows: every problem at once and then nothing, warnings apart."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from sqs_core.loaders import Checked, Problem, Reviews, check, problems_csv, read_table
from sqs_core.model import Judgement, ServiceJudgement

TODAY = date(2026, 11, 24)
REVIEWS = (
    "service,case_ref,order_type,plan_type,trigger,due_on,completed_on,order_ended_on,late_reason,"
    "outside_control,extracted_on,team,order_started_on,significant_change_on"
)
REVIEW = {
    "service": "Knowsley",
    "case_ref": "C1",
    "plan_type": "RMP",
    "trigger": "Planned",
    "due_on": "2026-09-14",
    "completed_on": "2026-09-14",
    "extracted_on": "2026-11-23",
}
CASES = "service,audit,audited_on,case_ref,criterion,judgement,reason"
CASE = {
    "service": "Knowsley",
    "audit": "Autumn",
    "audited_on": "2026-10-12",
    "case_ref": "C1",
    "criterion": "1.planning",
    "judgement": "Met",
}


def table(header: str, *rows: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, header.split(","), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def reviews(*changes: dict[str, str]) -> Checked:
    """Reviews that differ in their case and in these changes."""
    rows = [{**REVIEW, "case_ref": f"C{number}", **change} for number, change in enumerate(changes)]
    return check(read_table("extract.csv", table(REVIEWS, *rows)), "reviews", TODAY)


def cases(*changes: dict[str, str]) -> Checked:
    rows = [{**CASE, "case_ref": f"C{number}", **change} for number, change in enumerate(changes)]
    return check(read_table("audit.csv", table(CASES, *rows)), "cases", TODAY)


def warned(*changes: dict[str, str]) -> list[tuple[str, str, tuple[int, ...]]]:
    found = reviews(*changes)
    assert found.problems == ()
    return [(warning.text, warning.column, warning.rows) for warning in found.warnings]


@pytest.mark.parametrize(
    ("text", "plan_type"),
    [
        ("Asset", "assessment"),
        ("ASSETPlus", "assessment"),
        ("intervention_plan", "intervention_plan"),
        ("R.M.P.", "risk_management_plan"),
        ("Risk of Serious Harm Management Plan", "risk_management_plan"),
        ("VMP review", "vulnerability_management_plan"),
    ],
)
def test_plan_types_by_their_synonyms(text: str, plan_type: str) -> None:
    assert reviews({"plan_type": text}).reviews[0].plan_type == plan_type


@pytest.mark.parametrize(
    ("text", "value"), [("Y", True), ("no", False), ("TRUE", True), ("0", False), ("", None)]
)
def test_yes_and_no(text: str, value: bool | None) -> None:
    assert reviews({"outside_control": text}).reviews[0].outside_control is value


@pytest.mark.parametrize(
    ("text", "judgement"),
    [
        ("Sufficient", "sufficient"),
        ("not met", "insufficient"),
        ("N", "insufficient"),
        ("N/A", "not_applicable"),
    ],
)
def test_judgements_by_their_synonyms(text: str, judgement: str) -> None:
    assert cases({"judgement": text}).judgements[0].judgement.judgement == judgement


def test_a_criterion_by_its_id_or_its_text() -> None:
    text = "there is a sufficient plan, to reduce re-offending".replace("re-", "re")
    found = cases({"criterion": "2.PLANNING"}, {"criterion": text}, {"criterion": "Was it good?"})
    assert [(problem.row, problem.found) for problem in found.problems] == [(4, "Was it good?")]
    found = cases({"criterion": "2.PLANNING"}, {"criterion": text})
    assert [one.judgement.criterion for one in found.judgements] == ["2.planning", "1.planning"]


def test_a_judgement_is_what_the_row_says() -> None:
    expected = Judgement("Autumn", date(2026, 10, 12), "C0", "1.planning", "sufficient", "Why, not")
    assert cases({"reason": "Why, not"}).judgements == [ServiceJudgement("Knowsley", expected)]


def test_every_problem_is_said_at_once_and_nothing_is_returned() -> None:
    found = reviews(
        {},
        {"plan_type": "Chat", "trigger": "", "completed_on": "14.09.26"},
        {
            "service": "",
            "case_ref": "",
            "due_on": "2026-02-30",
            "outside_control": "perhaps",
            "extracted_on": "NULL",
        },
    )
    assert len(found.reviews) == 0
    assert {(problem.row, problem.column, problem.found) for problem in found.problems} == {
        (3, "plan_type", "Chat"),
        (3, "trigger", "nothing"),
        (3, "completed_on", "14.09.26"),
        (4, "service", "nothing"),
        (4, "case_ref", "nothing"),
        (4, "due_on", "2026-02-30"),
        (4, "outside_control", "perhaps"),
        (4, "extracted_on", "nothing"),
    }
    assert all(problem.expected for problem in found.problems)


def test_a_column_that_is_all_wrong_is_listed_up_to_a_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqs_core.loaders.rows._MOST", 3)
    found = reviews(*[{"plan_type": f"Chat {number}"} for number in range(5)])
    assert [problem.row for problem in found.problems] == [2, 3, 4, None]
    assert found.problems[-1].found == "2 more rows"


def test_problems_as_csv_are_no_formulas() -> None:
    text = problems_csv([Problem(3, "plan_type", "=1+1", "one, or another"), Problem(None, "", "x", "y")])
    assert list(csv.reader(io.StringIO(text))) == [
        ["row", "column", "found", "expected"],
        ["3", "plan_type", "'=1+1", "one, or another"],
        ["", "", "x", "y"],
    ]


def test_a_review_carries_the_days_that_a_timing_rule_counts_from() -> None:
    found = reviews(
        {}, {"trigger": "Event", "order_started_on": "2026-01-05", "significant_change_on": "2026-09-01"}
    )
    assert [(review.order_started_on, review.significant_change_on) for review in found.reviews] == [
        (None, None),
        (date(2026, 1, 5), date(2026, 9, 1)),
    ]


# Services


def test_several_services_in_one_file_are_kept_apart_and_called_by_their_names() -> None:
    found = reviews(
        {"service": "KNOWSLEY YOT"}, {"service": "Hampshire Youth Offending Team"}, {"service": "Narnia"}
    )
    assert [review.service for review in found.reviews] == ["Knowsley", "Hampshire", "Narnia"]
    assert [(warning.column, warning.rows) for warning in found.warnings] == [("service", (4,))]
    assert "“Narnia”" in found.warnings[0].text


# Rows that stand twice


def test_rows_alike_in_everything_count_once_with_a_warning() -> None:
    found = reviews(
        {"case_ref": "C1"}, {"case_ref": "C1", "plan_type": "Risk plan", "service": "Knowsley YOS"}, {}
    )
    assert [review.case_ref for review in found.reviews] == ["C1", "C2"]
    assert [(warning.count, warning.rows) for warning in found.warnings] == [(1, (3,))]


def test_the_same_review_with_other_contents_is_a_problem() -> None:
    found = reviews({"case_ref": "C1"}, {"case_ref": "C1", "completed_on": "", "team": "North"}, {})
    assert len(found.reviews) == 0
    assert [(problem.row, problem.column) for problem in found.problems] == [(3, "completed_on, team")]
    assert "row 2" in found.problems[0].found


@pytest.mark.parametrize(
    "change",
    [{"due_on": "2026-09-15"}, {"plan_type": "VMP"}, {"service": "Hampshire"}, {"order_type": "DTO"}, {"trigger": "Event"},
     {"order_started_on": "2026-01-05"}, {"significant_change_on": "2026-09-01"}],
)  # fmt: skip
def test_another_review_of_the_same_case_is_none(change: dict[str, str]) -> None:
    assert len(reviews({"case_ref": "C1"}, {"case_ref": "C1", **change}).reviews) == 2


def test_reviews_without_a_due_date_differ_by_the_day_they_were_done() -> None:
    done = [{"case_ref": "C1", "due_on": "", "completed_on": day} for day in ("2026-01-01", "2026-04-01")]
    assert len(reviews(*done).reviews) == 2
    clash = reviews(done[0], {**done[0], "team": "North"})
    assert [problem.column for problem in clash.problems] == ["team"]


def test_two_judgements_of_a_case_on_a_criterion_are_a_problem() -> None:
    found = cases({"case_ref": "C1"}, {"case_ref": "C1", "judgement": "Not met"})
    assert [(problem.row, problem.column) for problem in found.problems] == [(3, "judgement")]
    assert len(cases({"case_ref": "C1"}, {"case_ref": "C1", "criterion": "2.planning"}).judgements) == 2


# Warnings


def test_a_review_with_nothing_strange_warns_of_nothing() -> None:
    assert warned({}, {"completed_on": "2026-09-20", "late_reason": "Missed"}, {"late_reason": "None"}) == []
    assert warned({"order_started_on": "2026-09-14", "order_ended_on": "2026-09-14"}) == []
    assert warned({"completed_on": "", "order_ended_on": "2026-12-31", "outside_control": "no"}) == []


@pytest.mark.parametrize(
    ("change", "text", "column"),
    [
        (
            {"due_on": "2026-09-14", "completed_on": "2025-09-13"},
            "completed more than a year before",
            "completed_on",
        ),
        ({"order_ended_on": "2026-09-13"}, "the order ended before", "order_ended_on"),
        ({"due_on": "2036-09-14", "completed_on": ""}, "far in the future", "due_on"),
        ({"order_ended_on": "2062-09-13"}, "far in the future", "order_ended_on"),
        ({"due_on": "1926-09-14", "completed_on": ""}, "before the year 2000", "due_on"),
        ({"order_started_on": "2026-11-25"}, "in the future", "order_started_on"),
        ({"order_started_on": "1999-12-30"}, "before the year 2000", "order_started_on"),
        ({"significant_change_on": "2026-11-25"}, "in the future", "significant_change_on"),
        (
            {"order_started_on": "2026-09-16", "order_ended_on": "2026-09-15"},
            "the order started after it ended",
            "order_started_on",
        ),
        ({"late_reason": "Missed appointment"}, "it was not late", "late_reason"),
        ({"outside_control": "yes"}, "it was not late", "late_reason"),
        ({"completed_on": "2026-11-24"}, "after the day of the extract", "completed_on"),
    ],
)
def test_what_is_unlikely_is_a_warning(change: dict[str, str], text: str, column: str) -> None:
    ((found, where, rows),) = warned({}, change)
    assert text in found
    assert (where, rows) == (column, (3,))


def test_an_audit_of_the_future_is_a_warning() -> None:
    assert [warning.column for warning in cases({"audited_on": "2027-01-01"}).warnings] == ["audited_on"]


def test_what_is_taken_for_no_column_is_said() -> None:
    text = table(REVIEWS + ",Ended,colour", {**REVIEW, "Ended": "2026-10-01", "colour": "red"})
    found = check(read_table("extract.csv", text), "reviews", TODAY)
    assert (found.problems, found.unused) == ((), ("Ended", "colour"))
    assert found.reviews[0].order_ended_on is None


def test_two_headings_that_are_alike_have_to_be_chosen_between() -> None:
    text = b"service,case_ref,plan_type,Date completed,Date completed,extracted_on\n"
    text += b"Knowsley,C1,RMP,2026-09-14,2026-10-01,2026-11-23\n"
    found = check(read_table("extract.csv", text), "reviews", TODAY)
    assert [(problem.column, problem.found) for problem in found.problems] == [
        ("completed_on", "\u201cDate completed\u201d and \u201cDate completed (2)\u201d")
    ]
    chosen = check(read_table("e.csv", text), "reviews", TODAY, mapping={"completed_on": "Date completed"})
    assert chosen.reviews[0].completed_on == date(2026, 9, 14)


def test_a_table_without_triggers_is_taken_as_scheduled_and_says_so() -> None:
    header = REVIEWS.replace("trigger,", "")
    row = {name: value for name, value in REVIEW.items() if name != "trigger"}
    found = check(read_table("extract.csv", table(header, row)), "reviews", TODAY)
    assert (found.problems, found.reviews[0].trigger) == ((), "scheduled")
    assert [warning.text for warning in found.warnings] == [
        "the file has no trigger: every row is taken as scheduled"
    ]


def test_a_cell_beyond_the_headings_is_doubted() -> None:
    """A comma in a text without quotes pushes the cells after it aside."""
    text = table(REVIEWS, REVIEW).decode().splitlines()
    text[1] += ",stray"
    found = check(read_table("extract.csv", "\n".join(text).encode()), "reviews", TODAY)
    assert [(w.text, w.rows) for w in found.warnings] == [("a cell that stands under no heading", (2,))]


@pytest.mark.parametrize("name", ["Jamie Smith 01", "Smith, Jamie (2)", "No number"])
def test_a_case_reference_that_may_be_a_name_is_refused_and_not_repeated(name: str) -> None:
    (problem,) = reviews({"case_ref": name}).problems
    assert (problem.column, name in problem.found) == ("case_ref", False)


@pytest.mark.parametrize("reference", ["KN-0417", "Case file 12", "YOS ref 0417", "Smith01", "12/KNO/3"])
def test_a_number_with_the_words_around_it_is_a_case_reference(reference: str) -> None:
    assert reviews({"case_ref": reference}).reviews[0].case_ref == reference


def test_an_error_of_excel_is_no_open_date() -> None:
    for error in ("#N/A", "#REF!", "#VALUE!"):
        (problem,) = reviews({"completed_on": error}).problems
        assert (problem.column, problem.found) == ("completed_on", error)


def test_reviews_by_columns_are_the_same_as_one_by_one() -> None:
    found = reviews(
        {"late_reason": "Missed appointment", "completed_on": "2026-10-01", "outside_control": "no"},
        {"completed_on": "", "order_ended_on": "2026-12-01"},
    ).reviews
    assert isinstance(found, Reviews)
    one_by_one = [found[0], found[1]]
    assert [found, list(found), found[:]] == [one_by_one] * 3
    assert Reviews.of(one_by_one) == found
    assert found.different("outside_control") == {False, None}
    assert found.different("completed_on") == {date(2026, 10, 1), None}
    frame = found.frame()
    assert list(frame["late_reason"].astype(object).fillna("")) == ["Missed appointment", ""]
    assert list(frame["outside_control"].fillna(True)) == [False, True]
    assert frame["completed_on"].isna().tolist() == [False, True]
    assert frame["team"].isna().all()
