"""What each page says, as a shared link opens it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from sqs_core.frameworks import framework
from sqs_core.store import Store

OpenApp = Callable[..., AppTest]
Words = Callable[[AppTest], str]
PAGES = ("overview", "scores", "letter", "load", "methods")


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
    assert not app.title
    assert "Nothing is published here for “Nowhere”" in words(app)


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
    assert "nobody can tell whether these differences are more than chance" in text
    assert "HM Inspectorate of Probation gave no score" in text
    assert "11 years ago" in text


def test_scores_opens_on_the_weakest_square_and_follows_the_picker(open_app: OpenApp, words: Words) -> None:
    app = open_app("scores", service="Knowsley")
    assert app.selectbox(key="findings").value == "Protecting the public: Reviewing"
    app.selectbox(key="findings").select("Reducing reoffending: Reviewing").run()
    assert "0 to 6 of 14" in words(app)
    assert "95% interval" in words(app)


def test_a_link_to_one_square_opens_it(open_app: OpenApp) -> None:
    app = open_app("scores", service="Knowsley", findings="All findings")
    assert app.selectbox(key="findings").value == "All findings"


def test_every_chart_has_a_sentence_a_description_and_a_table(open_app: OpenApp) -> None:
    app = open_app("scores", service="Wyrevale (illustrative)")
    charts = app.get("plotly_chart")
    assert len(charts) == 3
    assert all(len(chart.proto.alt) > 40 for chart in charts)
    assert len(app.get("download_button")) == 4  # matrix, findings, section scores, over time
    assert len([e for e in app.expander if "able" in e.label]) == 4


def test_letter_marks_the_finding_of_the_link(open_app: OpenApp, words: Words) -> None:
    app = open_app("letter", service="Northmoor (illustrative)", finding="3")
    html = words(app)
    assert re.search(r"<mark id='finding-3' class='[^']*chosen'", html)
    assert html.count("id='finding-3'") == 1
    assert "finding=4" in html, "the other findings are links"


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
        assert "No inspection letter is published" in words(app)
    assert "Nothing yet" in words(open_app("load"))


def test_methods_prints_the_table_of_wordings(open_app: OpenApp, words: Words) -> None:
    text = words(open_app("methods"))
    for wording in ("two thirds", "the vast majority", "too many"):
        assert wording in text.replace("-", " ")
    assert "our own" in text
