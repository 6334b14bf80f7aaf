"""What each page says, as a shared link opens it."""

from __future__ import annotations

import gc
import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from streamlit.testing.v1 import AppTest

from sqs_core.frameworks import framework
from sqs_core.letters import read_bytes, read_letter
from sqs_core.letters.quantities import wordings
from sqs_core.model import Review, Share
from sqs_core.store import FolderStore, LetterFile, Store

OpenApp = Callable[..., AppTest]
Words = Callable[[AppTest], str]
PAGES = ("overview", "scores", "letter", "load", "methods")
WITH_A_SERVICE = (*PAGES, "reviews", "reoffending", "compare", "areas", "tables")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("service", ["Knowsley", "Wyrevale (illustrative)"])
def test_every_page_opens_and_shows_no_raw_identifier(
    open_app: OpenApp, words: Words, page: str, service: str
) -> None:
    text = re.sub(r"<[^>]*>|\.letter[^}]*}|\.range-bars[^}]*}", " ", words(open_app(page, service=service)))
    raw = {i.id for i in (*framework().sections, *framework().practices) if "_" in i.id}
    assert not [word for word in raw if word in text]
    assert "None" not in re.findall(r"\w+", text.replace("None was read", "").replace("none", ""))


@pytest.mark.parametrize("page", ("overview", "scores", "letter"))
def test_illustrative_data_is_marked_and_real_data_is_not(open_app: OpenApp, words: Words, page: str) -> None:
    assert "Illustrative data" in words(open_app(page, service="Northmoor (illustrative)"))
    assert "Illustrative data" not in words(open_app(page, service="Knowsley"))


def test_a_link_may_leave_out_the_mark_and_the_case(open_app: OpenApp) -> None:
    assert open_app("overview", service="northmoor").title[0].value == "Northmoor"


def test_a_link_to_an_unknown_service_never_shows_another(open_app: OpenApp, words: Words) -> None:
    app = open_app("overview", service="Nowhere")
    assert app.title[0].value == "Choose a service"
    assert "Nothing is published here for “Nowhere”" in words(app)
    for page in ("load", "methods"):
        assert open_app(page, service="Nowhere").title[0].value in ("Load data", "Methods")


def test_among_several_services_none_is_guessed(open_app: OpenApp, checkout: Path) -> None:
    inspection = read_letter(checkout / "data" / "letters" / "harnley-vale-2014.txt")
    Store.from_address().load(
        [LetterFile("harnley.txt", "1" * 64, inspection)], by="Analyst", service="Leeds"
    )
    app = open_app("overview")
    assert app.title[0].value == "Choose a service"
    app.selectbox(key="service").select("Leeds").run()
    assert app.title[0].value == "Leeds"


@pytest.mark.parametrize("page", ("overview", "scores", "letter"))
def test_a_link_opens_the_inspection_that_it_names(open_app: OpenApp, words: Words, page: str) -> None:
    app = open_app(page, service="Wyrevale (illustrative)", inspection="August 2014")
    assert app.selectbox(key="inspection").value == "August 2014"
    assert "4 August 2014 to 6 August 2014" in words(app)
    gone = open_app(page, service="Wyrevale (illustrative)", inspection="May 1999")
    assert gone.selectbox(key="inspection").value == "August 2016"
    assert "There is no inspection “May 1999”" in words(gone)
    assert "There is no inspection “May 1999”" in words(
        open_app(page, service="Knowsley", inspection="May 1999")
    )


@pytest.mark.parametrize("page", ("overview", "scores", "letter"))
def test_a_made_up_letter_is_marked_under_a_real_service_too(
    open_app: OpenApp, words: Words, checkout: Path, page: str
) -> None:
    content = (checkout / "data" / "letters" / "carrow-bay-2016.docx").read_bytes()
    letter = LetterFile("carrow.docx", sha256(content).hexdigest(), read_bytes("carrow.docx", content))
    Store.from_address().load([letter], by="Analyst", service="Leeds")
    assert "Illustrative data" in words(open_app(page, service="Leeds"))


def test_two_letters_in_words_alone_have_no_chart(open_app: OpenApp, words: Words, checkout: Path) -> None:
    read = read_letter(checkout / "data" / "letters" / "harnley-vale-2014.txt")
    bare = [replace(f, share=None, basis="qualitative", relevant_cases=None) for f in read.findings]
    for year in (2013, 2015):
        head = replace(read.letter, fieldwork_start=date(year, 5, 1), fieldwork_end=date(year, 5, 3))
        letter = LetterFile(f"{year}.txt", f"{year}" * 16, replace(read, findings=tuple(bare), letter=head))
        Store.from_address().load([letter], by="Analyst", service="Leeds")
    assert "Nothing with a date has a number to compare." in words(open_app("scores", service="Leeds"))


def test_every_link_carries_the_service_and_the_inspection(open_app: OpenApp) -> None:
    for page in ("overview", "scores", "letter"):
        app = open_app(page, service="Wyrevale (illustrative)", inspection="August 2014", finding="2")
        links = [link.proto.query_string for link in app.get("page_link")]
        assert page == "letter" or len(links) > 1
        for query in links:
            assert "service=Wyrevale" in query
            assert "inspection=August+2014" in query


def test_the_address_always_carries_the_service(open_app: OpenApp) -> None:
    assert open_app("overview").query_params["service"] == "Knowsley"


def test_overview_says_its_message_first(open_app: OpenApp, words: Words) -> None:
    app = open_app("overview", service="Knowsley")
    assert app.markdown[0].value.startswith("**Assessment ")
    assert "Reviewing was the weak point" in app.markdown[0].value
    assert not app.get("plotly_chart"), "the overview is understood before any chart code arrives"
    text = words(app)
    assert "64% to 80%" in text
    assert "37.0% of children reoffended within a year: 1.8 points below the year before (38.8%)" in text
    assert "so these differences may be chance" in text
    assert "This is what the inspectors saw in October 2015, 11 years ago, in 14 cases." in text
    assert "Lowest: reviewing, 28% to 39%" in text
    assert "HM Inspectorate of Probation gave no score" in text
    assert "11 years ago" in text


def test_scores_opens_on_the_weakest_square_and_follows_the_picker(open_app: OpenApp, words: Words) -> None:
    app = open_app("scores", service="Knowsley")
    assert app.selectbox(key="findings").value == "Reducing reoffending: Reviewing"
    assert "0 to 6 of 14" in words(app)
    assert "95% interval" in words(app)


def test_every_square_of_the_matrix_is_a_link_to_its_findings(open_app: OpenApp) -> None:
    app = open_app("scores", service="Knowsley")
    (matrix,) = (e.proto.body for e in app.get("html") if "class='matrix'" in e.proto.body)
    links = [unquote_plus(html.unescape(href)) for href in re.findall(r"href='([^']*)'", matrix)]
    options = [o for o in app.selectbox(key="findings").options if o != "All findings"]
    assert links == [
        f"scores?service=Knowsley&findings={o}#the-findings" for o in sorted(options, key=links_order)
    ]
    assert matrix.count("aria-current='true'") == 1


def links_order(label: str) -> tuple[int, int]:
    """Squares row by row: practice, then section."""
    section, practice = label.split(": ")
    frame = framework()
    return (
        [p.title for p in frame.practices].index(practice),
        [s.title for s in frame.sections].index(section),
    )


def test_a_link_to_one_square_opens_it(open_app: OpenApp) -> None:
    app = open_app("scores", service="Knowsley", findings="All findings")
    assert app.selectbox(key="findings").value == "All findings"


def test_every_chart_has_a_sentence_a_description_and_a_table(open_app: OpenApp) -> None:
    app = open_app("scores", service="Wyrevale (illustrative)")
    charts = app.get("plotly_chart")
    assert len(charts) == 1
    assert all(len(chart.proto.alt) > 40 for chart in charts)
    pictures = [e.proto.body for e in app.get("html") if "<table class='" in e.proto.body]
    assert len(pictures) == 3, "the matrix, the section scores and letter beside audit are tables themselves"
    assert all("<th scope='row'>" in picture and "<th scope='col'>" in picture for picture in pictures)
    # matrix, findings, section scores, letter beside audit, over time
    assert len(app.get("download_button")) == 5
    assert len([e for e in app.expander if "able" in e.label]) == 5


def test_the_latest_audit_stands_beside_the_letter_with_both_numbers_and_a_verdict(
    open_app: OpenApp, words: Words
) -> None:
    text = words(open_app("scores", service="Northmoor (illustrative)"))
    assert (
        "Against the inspection of May 2016, the local audit of October 2022 (11 cases) is clearly higher for "
        "protecting the public; no clear change in the other three. Other people judged, by our list of criteria: "
        "a difference may be theirs."
    ) in text
    assert "<b>52% to 57%</b>, 20 cases<small>95% interval: 32% to 76%</small>" in text
    assert "<b>95%</b>, 11 cases<small>95% interval: 67% to 100%</small>" in text
    assert "clearly higher: 5 to 64 points up" in text
    assert "no clear change: 1 point down to 61 up" in text
    assert "not compared with each other" not in text


def test_without_an_audit_nothing_stands_beside_the_letter(open_app: OpenApp, words: Words) -> None:
    text = words(open_app("scores", service="Knowsley"))
    assert "class='beside'" not in text
    assert "No earlier inspection or local audit of this service is loaded to compare with." in text


def test_a_letter_with_no_audit_after_it_says_so(open_app: OpenApp, words: Words, checkout: Path) -> None:
    read = read_letter(checkout / "data" / "letters" / "harnley-vale-2014.txt")
    for year in (2013, 2015):
        head = replace(read.letter, fieldwork_start=date(year, 5, 1), fieldwork_end=date(year, 5, 3))
        letter = LetterFile(f"{year}.txt", f"{year}" * 16, replace(read, letter=head))
        Store.from_address().load([letter], by="Analyst", service="Leeds")
    text = words(open_app("scores", service="Leeds"))
    assert "No local audit after this inspection is loaded to set beside it." in text
    assert "class='beside'" not in text


def test_letter_marks_the_finding_of_the_link(open_app: OpenApp, words: Words) -> None:
    app = open_app("letter", service="Northmoor (illustrative)", finding="3")
    text = words(app)
    assert re.search(r"<mark id='finding-3' class='[^']*chosen'", text)
    assert text.count("id='finding-3'") == 1
    assert "finding=4" in text, "the other findings are links"


def test_letter_says_when_a_finding_is_no_more(open_app: OpenApp, words: Words) -> None:
    assert "no such finding any more" in words(open_app("letter", service="Knowsley", finding="999"))


def test_knowsley_is_shown_as_paraphrase(open_app: OpenApp, words: Words) -> None:
    assert "our paraphrase" in words(open_app("letter", service="Knowsley"))


@pytest.mark.usefixtures("store_folder")
def test_an_empty_store_says_what_to_do(open_app: OpenApp, words: Words) -> None:
    store = Store.from_address()
    for source in store.read().sources():
        store.unload(source.id, "test")
    for page in ("overview", "scores", "letter"):
        app = open_app(page)
        assert "No inspection letter has been published yet." in words(app)
    assert "Nothing yet" in words(open_app("load"))


@pytest.mark.parametrize("page", PAGES)
def test_a_damaged_store_is_one_message(
    open_app: OpenApp, words: Words, store_folder: Path, page: str
) -> None:
    snapshot = store_folder / f"{FolderStore(store_folder).current()}.duckdb"
    snapshot.write_bytes(snapshot.read_bytes()[:5000])
    app = open_app(page)
    assert len(app.error) == 1
    assert "cannot be opened" in words(app)
    assert "sqs restore" in words(app)


def test_methods_prints_the_table_of_wordings(open_app: OpenApp, words: Words) -> None:
    text = words(open_app("methods"))
    for wording in ("two thirds", "the vast majority", "too many"):
        assert wording in text.replace("-", " ")
    assert "our own" in text
    assert "10, 10 and 4 cases count as 7" in text


def test_the_examples_of_the_methods_are_those_of_the_table(open_app: OpenApp, words: Words) -> None:
    """The sentence above the table of wordings gives three ranges in figures: as the pages show them."""
    text = words(open_app("methods"))
    ranges = {row.words[0]: row for row in wordings() if row.words[0] in ("two thirds", "just over")}
    third = float(ranges["two thirds"].value or 0)
    assert f"“Two-thirds” is {Share(third - 0.05, third + 0.05)}" in text
    assert ranges["just over"].high == "X+0.10"
    assert f"“just over half”, {Share(0.5, 0.6)}" in text


@pytest.mark.parametrize("page", WITH_A_SERVICE)
def test_nothing_keeps_what_a_page_knew_once_it_has_run_again(open_app: OpenApp, page: str) -> None:
    """A script's functions know all its variables. One that Streamlit or a cache holds would keep a whole run of the page
    for each service that is looked at."""
    services = ("Knowsley", "Wyrevale (illustrative)", "Northmoor (illustrative)", "Wyrevale (illustrative)")
    app = open_app(page, service=services[0])
    for service in services[1:]:
        app.selectbox(key="service").set_value(service).run()
        assert not app.exception
    gc.collect()
    runs = Counter(
        Path(found["__file__"]).name
        for found in gc.get_objects()
        if isinstance(found, dict) and found.get("__name__") == "__main__" and found.get("__file__")
    )
    assert runs[f"{page}.py"] <= 1
    assert runs["_frame.py"] <= 1


def test_what_was_kept_of_an_earlier_state_of_the_store_goes(open_app: OpenApp) -> None:
    def reviews() -> int:
        gc.collect()
        return sum(isinstance(found, Review) for found in gc.get_objects())

    before = reviews()
    app = open_app("reviews", service="Northmoor (illustrative)")
    kept = reviews() - before
    assert kept > 0
    Store.from_address().give_role("chair@example.org", "administrator", "", by="Host")
    app.run()
    assert not app.exception
    assert reviews() - before == kept
