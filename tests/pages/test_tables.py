"""Loading a table on screen: nothing unseen, everything wrong at once, and what is chosen is chosen once."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from sqs_core.frameworks import framework
from sqs_core.loaders import read_table
from sqs_core.store import FolderStore
from tests.loaders.workbooks import xlsx

OpenApp = Callable[..., AppTest]
Words = Callable[[AppTest], str]
Downloads = dict[str, tuple[str, str]]  # label → file name, content

OWN = ("service", "case_ref", "plan_type", "trigger", "due_on", "completed_on", "extracted_on")
THEIRS = (
    "Youth Justice Service",
    "Client ID",
    "Review type",
    "Reason for review",
    "Target date",
    "Signed off date",
    "Report date",
)
# Nobody knows the first two of these headings; the file says of itself neither service nor day.
UNKNOWN = ("Paper", "Which child", "Reason for review", "Target date", "Signed off date", "Remark")
EXTRACTED = "2024-06-30"
REVIEWS = (
    ("Knowsley", "KN-1", "RMP", "scheduled", "2024-04-10", "2024-04-09", EXTRACTED),
    ("Knowsley", "KN-2", "RMP", "scheduled", "2024-05-10", "2024-05-20", EXTRACTED),
    ("Knowsley", "KN-3", "VMP", "significant change", "2024-06-10", "", EXTRACTED),
)
REFERENCES = [row[1] for row in REVIEWS]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue().encode()


def drop(app: AppTest, content: bytes, name: str = "extract.csv", by: str = "A. Analyst") -> AppTest:
    app.text_input(key="by").set_value(by)
    app.file_uploader[0].set_value((name, content, "application/octet-stream"))
    return ran(app.run())


def ran(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].stack_trace
    return app


def load_buttons(app: AppTest) -> list[Any]:
    return [button for button in app.button if button.label == "Load it"]


def load(app: AppTest) -> AppTest:
    (button,) = load_buttons(app)
    assert not button.disabled
    return ran(button.click().run())


def picker(app: AppTest, label: str) -> Any:
    (found,) = [s for s in app.selectbox if s.label == label]
    return found


def day_picker(app: AppTest) -> Any:
    (found,) = [d for d in app.date_input if d.label in ("Day of the extract", "Day of the audit")]
    return found


def heading_of(app: AppTest, label: str) -> Any:
    """The picker of a column's heading, by the column as people read it; marked where it must be there."""
    (found,) = [s for s in app.selectbox if s.label in (label, f"{label} *")]
    return found


def choose(app: AppTest, **headings: str) -> AppTest:
    for column, heading in headings.items():
        label = column.replace("_", " ").capitalize()
        app = ran(heading_of(app, label).set_value(heading).run())
    return app


def accept_box(app: AppTest) -> Any:
    (box,) = [c for c in app.checkbox if c.label.startswith("I have looked at these rows")]
    return box


def rows_of(app: AppTest, caption: str) -> list[dict[str, str]]:
    """A table of the page, by its caption."""
    (body,) = [
        e.proto.body for e in app.get("html") if re.search(rf"<caption>{re.escape(caption)}", e.proto.body)
    ]
    names = re.findall(r"<th scope='col'>(.*?)</th>", body)
    return [
        dict(zip(names, re.findall(r"<t[hd] [^>]*>(.*?)</t[hd]>", row), strict=True))
        for row in re.findall(r"<tr>(<th scope='row'>.*?)</tr>", body)
    ]


def unescaped(text: str) -> str:
    return re.sub(r"\\(\W)", r"\1", text)


def said(app: AppTest, kind: str) -> list[str]:
    """What the boxes of a kind say, as people read it."""
    return [unescaped(element.value) for element in getattr(app, kind)]


def references(store_folder: Path, service: str = "Knowsley") -> list[str]:
    return [review.case_ref for review in FolderStore(store_folder).read().reviews(service)]


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> Downloads:
    """What the download buttons of the last run would give."""
    found: Downloads = {}
    real = st.download_button

    def download_button(label: str, data: str, file_name: str, *rest: Any, **more: Any) -> bool:
        found[f"{label}, {file_name}" if label in ("Download as CSV",) else label] = (file_name, data)
        return real(label, data, file_name, *rest, **more)

    monkeypatch.setattr(st, "download_button", download_button)
    return found


# ---------------------------------------------------------------- loading


def test_a_clean_table_is_loaded_by_a_click_and_not_before(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    before = FolderStore(store_folder).current()
    app = drop(open_app("tables"), table(OWN, REVIEWS), by="")
    assert "3 reviews of Knowsley, due from 10 April 2024 to 10 June 2024; 1 open" in unescaped(words(app))
    assert "Say who you are" in words(app)
    (button,) = load_buttons(app)
    assert button.disabled
    assert not said(app, "info"), "nothing was there before, so nothing would change"

    ran(app.text_input(key="by").set_value("A. Analyst").run())
    assert "Say who you are" not in words(app)
    assert FolderStore(store_folder).current() == before

    load(app)
    assert references(store_folder) == REFERENCES
    (source,) = [s for s in FolderStore(store_folder).read().sources() if s.file_name == "extract.csv"]
    assert source.loaded_by == "A. Analyst"
    assert said(app, "success") == ["extract.csv is loaded: boards see it."]
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    assert links["See the reviews"] == "service=Knowsley"
    assert not load_buttons(app), "the file is done with"
    assert app.query_params["service"] in ("Knowsley", ["Knowsley"])
    assert open_app("reviews", service="Knowsley").title[0].value == "Reviews on time: Knowsley"
    assert "one was on time" in words(open_app("reviews", service="Knowsley"))
    assert FolderStore(store_folder).check() == []


def test_every_kind_of_table_has_an_empty_one_to_download(open_app: OpenApp, downloads: Downloads) -> None:
    open_app("tables")
    for label, name, column in (
        ("Empty table for reviews", "reviews.csv", "due_on"),
        ("Empty table for a local audit", "cases.csv", "criterion"),
    ):
        file_name, content = downloads[label]
        assert file_name == name
        assert column in content.splitlines()[0]


# ---------------------------------------------------------------- which heading is which


def test_other_headings_are_proposed_with_what_stands_under_them(
    open_app: OpenApp, store_folder: Path
) -> None:
    app = drop(open_app("tables"), table(THEIRS, REVIEWS))
    assert picker(app, "What is in it").value == "Reviews, due or done"
    for label, heading in (
        ("Case ref", "Client ID"),
        ("Due on", "Target date"),
        ("Plan type", "Review type"),
    ):
        assert heading_of(app, label).value == heading
    assert heading_of(app, "Late reason").value == ""
    assert heading_of(app, "Plan type").label.endswith(" *"), "what must be there is marked"
    assert not heading_of(app, "Due on").label.endswith(" *")
    captions = said(app, "caption")
    assert "For example: KN-1; KN-2; KN-3" in captions
    assert "For example: RMP; VMP" in captions
    assert "No heading of the file is known to mean this." in captions
    load(app)
    assert references(store_folder) == REFERENCES


def unknown_rows(first: int = 1) -> list[tuple[str, ...]]:
    return [
        ("RMP", f"KN-{first}", "scheduled", "10/04/2024", "09/04/2024", "none"),
        ("VMP", f"KN-{first + 1}", "scheduled", "28/06/2024", "", "none"),
    ]


def test_a_heading_that_nobody_knows_is_chosen_by_hand_and_only_once(
    open_app: OpenApp, store_folder: Path
) -> None:
    first, second = table(UNKNOWN, unknown_rows()), table(UNKNOWN, unknown_rows(11))
    app = drop(open_app("tables"), first, "first.csv")
    assert {"Plan type", "Case ref"} <= {row["Column"] for row in rows_of(app, "Problems")}
    assert not load_buttons(app)
    assert app.expander[0].proto.expanded, "there is something to choose"

    choose(app, plan_type="Paper", case_ref="Which child", late_reason="Remark")
    picker(app, "Service of every row").set_value("Knowsley")
    day_picker(app).set_value(date(2024, 6, 30))
    ran(app.run())
    load(app)
    assert references(store_folder) == ["KN-1", "KN-2"]

    kept = FolderStore(store_folder).read().mapping(read_table("second.csv", second).fingerprint)
    assert kept is not None
    assert kept[0] == "reviews"
    assert {**kept[1], "plan_type": "Paper", "case_ref": "Which child"} == kept[1]

    again = drop(open_app("tables"), second, "second.csv")
    assert picker(again, "What is in it").value == "Reviews, due or done"
    assert heading_of(again, "Plan type").value == "Paper"
    assert heading_of(again, "Late reason").value == "Remark"
    assert {row["Column"] for row in rows_of(again, "Problems")} == {"Service", "Extracted on"}, (
        "what differs from file to file is asked each time"
    )
    picker(again, "Service of every row").set_value("Leeds")
    day_picker(again).set_value(date(2024, 6, 30))
    load(ran(again.run()))
    assert references(store_folder, "Leeds") == ["KN-11", "KN-12"]


def test_not_in_this_file_is_remembered_too(open_app: OpenApp, store_folder: Path) -> None:
    headings = (*OWN, "Office")
    rows = [(*row, "North") for row in REVIEWS]
    app = drop(open_app("tables"), table(headings, rows))
    assert heading_of(app, "Team").value == "Office"
    load(choose(app, team=""))
    assert {r.team for r in FolderStore(store_folder).read().reviews("Knowsley")} == {None}
    later = [(*row[:6], "2024-07-31", "North") for row in REVIEWS]
    again = drop(open_app("tables"), table(headings, later), "july.csv")
    assert heading_of(again, "Team").value == ""
    load(again)
    assert {r.team for r in FolderStore(store_folder).read().reviews("Knowsley")} == {None}


def test_what_is_remembered_holds_for_headings_in_other_letters(
    open_app: OpenApp, store_folder: Path
) -> None:
    """A table of the same shape, by its fingerprint, may write a heading in capitals: its days must not vanish."""
    load(drop(open_app("tables"), table(OWN, REVIEWS)))
    headings = ["DUE ON" if name == "due_on" else name for name in OWN]
    assert (
        read_table("a.csv", table(headings, REVIEWS)).fingerprint
        == read_table("b.csv", table(OWN, REVIEWS)).fingerprint
    )
    later = [(*row[:6], "2024-07-31") for row in REVIEWS]
    app = drop(open_app("tables"), table(headings, later), "july.csv")
    load(app)
    assert [r.due_on for r in FolderStore(store_folder).read().reviews("Knowsley")] == [
        date.fromisoformat(row[4]) for row in REVIEWS
    ]


def test_without_service_and_day_of_the_extract_both_are_asked(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    app = drop(open_app("tables"), table(OWN[1:6], [row[1:6] for row in REVIEWS]))
    assert not load_buttons(app)
    picker(app, "Service of every row").set_value("Knowsley")
    ran(app.run())
    assert not load_buttons(app), "the day is still missing"
    day_picker(app).set_value(date(2024, 6, 30))
    ran(app.run())
    assert "Extracted on 30 June 2024" in words(app)
    load(app)
    found = FolderStore(store_folder).read().reviews("Knowsley")
    assert [r.case_ref for r in found] == REFERENCES
    assert {r.extracted_on for r in found} == {date(2024, 6, 30)}


# ---------------------------------------------------------------- what is wrong, what is unlikely


def test_every_problem_is_listed_at_once_and_nothing_can_be_loaded(
    open_app: OpenApp, store_folder: Path, downloads: Downloads
) -> None:
    rows = [
        ("Knowsley", "KN-1", "shopping list", "scheduled", "2024-04-10", "", EXTRACTED),
        ("Knowsley", "", "RMP", "scheduled", "2024-04-11", "", EXTRACTED),
        ("Knowsley", "KN-3", "RMP", "scheduled", "2024-02-31", "", EXTRACTED),
        ("Knowsley", "KN-4", "RMP", "scheduled", "2024-04-12", "", EXTRACTED),
    ]
    before = FolderStore(store_folder).current()
    app = drop(open_app("tables"), table(OWN, rows))
    assert said(app, "error") == ["Three problems. Nothing of this file is loaded before they are put right."]
    listed = rows_of(app, "Problems")
    assert [(r["Row"], r["Column"]) for r in listed] == [
        ("Row 2", "Plan type"),
        ("Row 3", "Case ref"),
        ("Row 4", "Due on"),
    ]
    assert [r["Found"] for r in listed] == ["shopping list", "nothing", "2024-02-31"]
    assert "risk_management_plan" in listed[0]["Expected"]
    assert "a day that there is" in listed[2]["Expected"]
    assert not load_buttons(app)
    assert not app.checkbox
    assert FolderStore(store_folder).current() == before
    name, content = downloads["Download all problems as CSV"]
    assert name.endswith("problems.csv")
    in_file = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))
    assert in_file[0] == ["row", "column", "found", "expected"]
    assert [row[:3] for row in in_file[1:]] == [
        ["2", "plan_type", "shopping list"],
        ["3", "case_ref", "nothing"],
        ["4", "due_on", "2024-02-31"],
    ]


def test_one_problem_is_one(open_app: OpenApp) -> None:
    app = drop(open_app("tables"), table(OWN, [*REVIEWS, (*REVIEWS[0][:2], "poem", *REVIEWS[0][3:])]))
    assert said(app, "error") == ["One problem. Nothing of this file is loaded before it is put right."]


def test_a_hundred_problems_are_on_screen_and_all_in_the_download(
    open_app: OpenApp, downloads: Downloads
) -> None:
    rows = [("Knowsley", f"KN-{n}", "poem", "scheduled", "2024-04-10", "", EXTRACTED) for n in range(130)]
    app = drop(open_app("tables"), table(OWN, rows))
    assert len(rows_of(app, "Problems")) == 100
    assert "The first 100 of 130. The download has all." in said(app, "caption")
    assert len(downloads["Download all problems as CSV"][1].splitlines()) == 131


def test_what_cells_say_is_shown_and_never_run(open_app: OpenApp, downloads: Downloads) -> None:
    rows = [("Knowsley", "KN-1", "=cmd|'<script>'", "scheduled", "2024-04-10", "", EXTRACTED)]
    app = drop(open_app("tables"), table(OWN, rows))
    html = "".join(e.proto.body for e in app.get("html"))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "'=cmd" in downloads["Download all problems as CSV"][1]


LATE_DONE = ("Knowsley", "KN-4", "RMP", "scheduled", "2024-06-20", "2024-07-05", EXTRACTED)


def test_what_is_unlikely_is_accepted_knowingly_and_that_is_kept(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    app = drop(open_app("tables"), table(OWN, [*REVIEWS, LATE_DONE]))
    assert "completed after the day of the extract (row 5)" in unescaped(words(app))
    assert [button.disabled for button in load_buttons(app)] == [True]
    ran(accept_box(app).check().run())
    assert [button.disabled for button in load_buttons(app)] == [False]
    ran(accept_box(app).uncheck().run())
    assert [button.disabled for button in load_buttons(app)] == [True]
    load(ran(accept_box(app).check().run()))
    (source,) = [s for s in FolderStore(store_folder).read().sources() if s.file_name == "extract.csv"]
    assert source.accepted == ("completed after the day of the extract (row 5)",)


def test_a_service_that_the_register_does_not_know_is_a_warning(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    app = drop(open_app("tables"), table(OWN, [("Camelot", *row[1:]) for row in REVIEWS]))
    assert "the register has no service “Camelot”" in unescaped(words(app))
    load(ran(accept_box(app).check().run()))
    assert references(store_folder, "Camelot") == REFERENCES
    assert app.query_params["service"] in ("Camelot", ["Camelot"])


def test_accepted_warnings_are_those_that_were_shown(open_app: OpenApp) -> None:
    """Another choice of headings gives other warnings, of which nobody has said that they are right."""
    headings = (*OWN[:4], "Due", "Deadline", *OWN[5:])
    rows = [
        (*row[:4], *due, *row[5:])
        for row, due in zip(
            REVIEWS,
            [("1999-04-10", "2024-04-10"), ("2024-05-10", "2024-05-10"), ("2024-06-10", "2094-06-10")],
            strict=True,
        )
    ]
    rows = [(*row[:6], "", row[7]) for row in rows]
    app = choose(drop(open_app("tables"), table(headings, rows)), due_on="Due")
    ran(accept_box(app).check().run())
    assert not load_buttons(app)[0].disabled
    choose(app, due_on="Deadline")
    assert not accept_box(app).value
    assert load_buttons(app)[0].disabled


def test_names_and_dates_of_birth_are_refused_by_heading_without_a_value(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    before = FolderStore(store_folder).current()
    headings = (*OWN, "Forename", "DOB")
    rows = [(*row, "Zebedee", "2009-03-17") for row in REVIEWS]
    app = drop(open_app("tables"), table(headings, rows))
    (error,) = said(app, "error")
    assert "“Forename” (names of people)" in error
    assert "“DOB” (dates of birth)" in error
    assert not load_buttons(app)
    everything = words(app) + repr([s.options for s in app.selectbox])
    assert "Zebedee" not in everything
    assert "2009" not in everything
    assert not [s for s in app.selectbox if s.label == "What is in it"]
    assert FolderStore(store_folder).current() == before


def test_names_in_the_column_of_case_references_are_not_repeated(open_app: OpenApp, words: Words) -> None:
    """The list of problems says "words" instead of the name: nothing else on the page may show it."""
    app = drop(open_app("tables"), table(OWN, [(row[0], "Zebedee Smith", *row[2:]) for row in REVIEWS]))
    assert {row["Found"] for row in rows_of(app, "Problems")} == {"words, which are not repeated here"}
    assert "Zebedee" not in words(app)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"PK\x03\x04 torn", "torn.xlsx"),
        (b"service,case_ref\n", "headings.csv"),
    ],
)
def test_a_file_that_is_no_table_is_one_line(open_app: OpenApp, content: bytes, name: str) -> None:
    (error,) = said(drop(open_app("tables"), content, name), "error")
    assert error.startswith(f"{name}: ")


# ---------------------------------------------------------------- a newer extract, and the same again


def test_what_a_newer_extract_changes_is_said_before_as_it_is_after(
    open_app: OpenApp, store_folder: Path
) -> None:
    load(drop(open_app("tables"), table(OWN, REVIEWS)))
    newer = [
        *((*row[:6], "2024-07-31") for row in REVIEWS[:2]),
        (*REVIEWS[2][:5], "2024-07-02", "2024-07-31"),
        ("Knowsley", "KN-9", "VMP", "scheduled", "2024-07-10", "", "2024-07-31"),
    ]
    before = FolderStore(store_folder).current()
    app = drop(open_app("tables"), table(OWN, newer), "july.csv")
    foretold = said(app, "info")
    assert foretold == [
        "Knowsley: takes the place of an older extract. Of its reviews, 1 completed since, 1 new, 2 as before."
    ]
    assert FolderStore(store_folder).current() == before
    load(app)
    assert said(app, "success") == ["july.csv is loaded: boards see it.", *foretold]
    assert sorted(references(store_folder)) == ["KN-1", "KN-2", "KN-3", "KN-9"]


def test_the_same_file_again_would_change_nothing(open_app: OpenApp, store_folder: Path) -> None:
    load(drop(open_app("tables"), table(OWN, REVIEWS)))
    (source,) = [s for s in FolderStore(store_folder).read().sources() if s.file_name == "extract.csv"]
    before = FolderStore(store_folder).current()
    app = drop(open_app("tables"), table(OWN, REVIEWS), "again.csv")
    assert said(app, "info") == [
        f"The very same rows are loaded already, as source {source.id}: nothing would change."
    ]
    load(app)
    assert said(app, "success") == ["again.csv was here already."]
    assert FolderStore(store_folder).current() == before


# ---------------------------------------------------------------- sheets, and the other kind


def test_of_two_sheets_that_fit_one_is_asked_for(open_app: OpenApp, words: Words, store_folder: Path) -> None:
    south = [(row[0], f"S-{row[1]}", *row[2:]) for row in REVIEWS]
    workbook = xlsx({"North": [OWN, *REVIEWS], "South": [OWN, *south], "Notes": [["by", "the team"]]})
    app = drop(open_app("tables"), workbook, "extract.xlsx")
    sheet = picker(app, "Which sheet is it?")
    assert (sheet.value, list(sheet.options)) == (None, ["North", "South"])
    assert not load_buttons(app)
    ran(sheet.set_value("North").run())
    assert "of sheet “North”" in unescaped(words(app))
    ran(picker(app, "Which sheet is it?").set_value("South").run())
    assert "of sheet “South”" in unescaped(words(app))
    load(app)
    assert references(store_folder) == ["S-KN-1", "S-KN-2", "S-KN-3"]


def test_what_is_said_of_one_sheet_is_not_said_of_the_other(open_app: OpenApp) -> None:
    """Both sheets have the same headings, and each of them one row to look at."""
    north = [*REVIEWS, LATE_DONE]
    south = [(row[0], f"S-{row[1]}", *row[2:]) for row in north]
    load(ran(accept_box(drop(open_app("tables"), table(OWN, north))).check().run()))
    app = drop(open_app("tables"), xlsx({"North": [OWN, *north], "South": [OWN, *south]}), "both.xlsx")
    ran(picker(app, "Which sheet is it?").set_value("North").run())
    assert "nothing would change" in said(app, "info")[0]
    ran(accept_box(app).check().run())
    ran(picker(app, "Which sheet is it?").set_value("South").run())
    assert said(app, "info") == [
        "Knowsley: takes the place of an older extract. Of its reviews, 4 new, 4 no longer in it."
    ]
    assert not accept_box(app).value


AUDIT = ("service", "audit", "audited_on", "case_ref", "criterion", "judgement", "reason")


def audit_rows(cases: int = 8) -> list[tuple[str, ...]]:
    return [
        (
            "Knowsley",
            "Summer audit",
            "2024-06-12",
            f"KN-{n}",
            criterion.id,
            "sufficient" if n % 4 else "insufficient",
            "",
        )
        for n in range(cases)
        for criterion in framework().criteria
    ]


def test_a_local_audit_stands_beside_the_letter(open_app: OpenApp, words: Words) -> None:
    app = drop(open_app("tables"), table(AUDIT, audit_rows()), "audit.csv")
    assert picker(app, "What is in it").value == "A local audit: cases judged by criteria"
    assert "160 judgements of 8 cases: Summer audit (12 June 2024)" in unescaped(words(app))
    load(app)
    assert said(app, "success") == ["audit.csv is loaded: boards see it."]
    assert "See the audits beside the letter" in [link.proto.label for link in app.get("page_link")]
    scores = open_app("scores", service="Knowsley")
    assert "Local audits beside the letter" in [header.value for header in scores.header]
    assert "the local audit of June 2024 (8 cases)" in words(scores)


def test_an_audit_without_its_name_and_day_is_asked_for_them(open_app: OpenApp, store_folder: Path) -> None:
    keep = (0, 3, 4, 5)
    rows = [tuple(row[i] for i in keep) for row in audit_rows(2)]
    app = drop(open_app("tables"), table([AUDIT[i] for i in keep], rows), "audit.csv")
    assert not load_buttons(app)
    next(i for i in app.text_input if i.label == "Name of the audit").set_value("Summer audit")
    day_picker(app).set_value(date(2024, 6, 12))
    load(ran(app.run()))
    audits = FolderStore(store_folder).read().audits("Knowsley")
    assert {(a.audit, a.audited_on) for a in audits} == {("Summer audit", date(2024, 6, 12))}


@pytest.mark.parametrize(
    ("content", "wrong", "right"),
    [
        (table(OWN, REVIEWS), "A local audit: cases judged by criteria", "Reviews, due or done"),
        (table(AUDIT, audit_rows(2)), "Reviews, due or done", "A local audit: cases judged by criteria"),
    ],
    ids=["reviews", "audit"],
)
def test_the_wrong_kind_gives_problems_and_the_right_one_loads(
    open_app: OpenApp, content: bytes, wrong: str, right: str
) -> None:
    app = drop(open_app("tables"), content)
    ran(picker(app, "What is in it").set_value(wrong).run())
    assert rows_of(app, "Problems")
    assert not load_buttons(app)
    ran(picker(app, "What is in it").set_value(right).run())
    load(app)


# ---------------------------------------------------------------- one file after the other


def test_another_file_begins_anew(open_app: OpenApp, words: Words, store_folder: Path) -> None:
    first = table(OWN, [*REVIEWS, LATE_DONE])
    other = table(THEIRS, [("Leeds", f"LD-{n}", *row[2:]) for n, row in enumerate([*REVIEWS, LATE_DONE])])
    app = drop(open_app("tables"), first, "first.csv")
    ran(accept_box(app).check().run())
    drop(app, other, "second.csv")
    assert "4 reviews of Leeds" in words(app)
    assert "Knowsley, due" not in words(app)
    assert heading_of(app, "Case ref").value == "Client ID"
    assert not accept_box(app).value
    assert load_buttons(app)[0].disabled
    load(ran(accept_box(app).check().run()))
    assert references(store_folder, "Leeds") == ["LD-0", "LD-1", "LD-2", "LD-3"]
    assert references(store_folder) == []


def test_problems_of_one_file_are_not_those_of_the_next(open_app: OpenApp, store_folder: Path) -> None:
    wrong = table(OWN, [(*row[:2], "poem", *row[3:]) for row in REVIEWS])
    app = drop(open_app("tables"), wrong)
    assert not load_buttons(app)
    drop(app, table(OWN, REVIEWS))  # put right and dropped again, under the same name
    assert not app.error
    drop(app, wrong)
    assert rows_of(app, "Problems")
    assert not load_buttons(app)
    drop(app, b"")
    assert len(app.error) == 1
    assert not load_buttons(app)
    load(drop(app, table(OWN, REVIEWS)))
    assert references(store_folder) == REFERENCES


def test_what_was_said_of_one_file_is_not_said_of_the_next(open_app: OpenApp) -> None:
    """The service and the day of another extract, taken over unseen, would be wrong without a sign of it."""
    app = drop(open_app("tables"), table(OWN[1:6], [row[1:6] for row in REVIEWS]), "knowsley.csv")
    picker(app, "Service of every row").set_value("Knowsley")
    day_picker(app).set_value(date(2024, 6, 30))
    ran(app.run())
    assert load_buttons(app)
    drop(app, table(OWN[1:6], [(f"LD-{n}", *row[2:6]) for n, row in enumerate(REVIEWS)]), "leeds.csv")
    assert picker(app, "Service of every row").value is None
    assert day_picker(app).value is None
    assert not load_buttons(app)


# ---------------------------------------------------------------- cases to chase


def test_cases_to_chase_are_listed_the_longest_overdue_first(
    open_app: OpenApp, words: Words, downloads: Downloads
) -> None:
    rows = [
        ("Knowsley", "KN-1", "RMP", "scheduled", "2024-06-20", "", EXTRACTED),
        ("Knowsley", "KN-2", "RMP", "scheduled", "2024-03-01", "", EXTRACTED),
        ("Knowsley", "KN-3", "VMP", "scheduled", "2024-05-10", "", EXTRACTED),
        ("Knowsley", "KN-4", "VMP", "scheduled", "2024-05-10", "2024-05-12", EXTRACTED),
        ("Knowsley", "KN-5", "VMP", "scheduled", "2024-07-10", "", EXTRACTED),
    ]
    app = load(drop(open_app("tables"), table(OWN, rows)))
    listed = rows_of(app, "Overdue reviews")
    assert [(r["Case"], r["Days overdue"]) for r in listed] == [
        ("KN-2", "121"),
        ("KN-3", "51"),
        ("KN-1", "10"),
    ]
    assert "3 reviews of Knowsley are overdue in the latest extracts" in words(app)
    ((name, content),) = [d for label, d in downloads.items() if label.startswith("Download as CSV")]
    assert name == "Knowsley reviews to chase.csv"
    in_file = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))
    assert [row[0] for row in in_file[1:4]] == ["KN-2", "KN-3", "KN-1"]
    assert "Not for the board." in content

    elsewhere = open_app("tables", service="Northmoor (illustrative)")
    assert "KN-2" not in words(elsewhere)
    assert "reviews of Northmoor are overdue" in words(elsewhere)


def test_nothing_to_chase_is_said(open_app: OpenApp, words: Words) -> None:
    assert "No review of Knowsley is overdue" in words(open_app("tables", service="Knowsley"))


def test_one_review_is_one(open_app: OpenApp, words: Words) -> None:
    app = drop(open_app("tables"), table(OWN, REVIEWS[2:]))
    assert re.search(r"\b(1|[Oo]ne) review of Knowsley", words(app))
    load(app)
    assert re.search(r"\b(1|[Oo]ne) review of Knowsley is overdue", words(app))


def test_without_a_service_none_is_guessed(open_app: OpenApp, words: Words) -> None:
    app = open_app("tables", service="Nowhere")
    assert "the overdue ones of a service are listed here" in words(app)


def test_a_file_that_could_be_read_either_way_is_settled_on_screen(
    open_app: OpenApp, store_folder: Path
) -> None:
    rows = [("Knowsley", "KN-1", "RMP", "scheduled", "03/04/2024", "05/04/2024", "06/07/2024")]
    app = drop(open_app("tables"), table(OWN, rows))
    assert "3 April or 4 March?" in rows_of(app, "Problems")[0]["Found"]
    assert not load_buttons(app)
    ran(app.checkbox[0].check().run())
    load(app)
    (review,) = FolderStore(store_folder).read().reviews("Knowsley")
    assert (review.due_on, review.completed_on) == (date(2024, 4, 3), date(2024, 4, 5))


def test_headings_that_are_not_used_are_named(open_app: OpenApp, words: Words) -> None:
    app = drop(open_app("tables"), table((*OWN, "Shoe size"), [(*REVIEWS[0], "7")]))
    assert "Not used: “Shoe size”." in unescaped(words(app))


def test_reoffending_figures_are_asked_about_and_loaded(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    """What the file does not say is asked; only then does anything of it count."""
    app = open_app("tables")
    app.segmented_control(key="what").set_value("Reoffending figures of areas")
    text = "Area,Cohort,Offenders,Reoffenders\nKnowsley,Oct 2013 - Sep 2014,151,45\n"
    app = drop(ran(app.run()), text.encode(), name="rates.csv")
    assert any(picker.label.startswith("Are these published") for picker in app.selectbox)
    assert not load_buttons(app)
    for picker in app.selectbox:
        if picker.label.startswith("Are these published"):
            picker.set_value("published")
        elif "age" in picker.label.casefold():
            picker.set_value("10 to 17")
    next(button for button in app.button if button.label == "Go on").click()
    app = ran(app.run())
    assert "One figure of one area, of cohorts from October 2013 to September 2014." in unescaped(words(app))
    if app.checkbox:
        app = ran(app.checkbox[0].check().run())
    load(app)
    (cohort,) = FolderStore(store_folder).read().cohorts()
    assert (cohort.area, cohort.offenders, cohort.reoffenders) == ("Knowsley", 151, 45)
    assert "29.8% of 151 children" in unescaped(words(open_app("reoffending", service="Knowsley")))
