"""Reviews on time: each illustrative service tells its story, links keep their meaning, no child is named."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from sqs_core.measures import reviewing
from sqs_core.measures.timeliness import timeliness, timeliness_message
from sqs_core.model import Review
from sqs_core.store import Store, TableFile

OpenApp = Callable[..., AppTest]
Words = Callable[[AppTest], str]

PLACES = ("Northmoor", "Brackenshire", "Sallowbridge", "Eastmere", "Wyrevale", "Marlhaven")
FILTERS = {"plan": "plan_type", "trigger": "trigger", "order": "order_type", "team": "team"}
CHOSEN = {
    "plan": "Intervention plan",
    "trigger": "Scheduled",
    "order": "Youth rehabilitation order",
    "team": "North",
    "period": "Last 12 months",
    "by": "Order type",
}


def illustrative(place: str) -> str:
    return f"{place} (illustrative)"


def shown(text: str) -> str:
    """As people see it: without the marks of Markdown and HTML."""
    text = re.sub(r"<style>.*?</style>", " ", text, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"\\(.)", r"\1", text))).replace("**", "")


def everything_shown(app: AppTest, words: Words) -> str:
    """The words of a page, and those of its pickers, buttons, links and charts."""
    more = [str(text) for box in app.selectbox for text in (box.label, box.value, *box.options)]
    more += [expander.label for expander in app.expander]
    for kind in ("page_link", "download_button", "button"):
        more += [element.proto.label for element in app.get(kind) if hasattr(element, "proto")]
    more += [chart.proto.alt + chart.proto.spec for chart in app.get("plotly_chart")]
    return "\n".join([shown(words(app)), *more])


def lines(app: AppTest) -> list[str]:
    return [shown(element.value) for element in app.markdown]


def records(place: str) -> list[Review]:
    return list(Store.from_address().read().reviews(place))


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What the pages offer to download, by file name."""
    offered: dict[str, str] = {}
    button = streamlit.download_button

    def kept(label: str, data: object, file_name: str, *args: object, **kwargs: object) -> bool:
        offered[file_name] = data.decode() if isinstance(data, bytes) else str(data)
        return button(label, data, file_name, *args, **kwargs)

    monkeypatch.setattr(streamlit, "download_button", kept)
    return offered


def load(reviews: list[Review], name: str = "own.csv") -> None:
    Store.from_address().load([TableFile(name, f"{len(reviews):064d}", reviews=reviews)], by="Analyst")


def own(**fields: object) -> Review:
    today = date.today()  # noqa: DTZ011 - as the page
    plain = Review("Leeds", "LD-7001", "risk_management_plan", "scheduled", today)
    return replace(plain, due_on=today - timedelta(days=40), **fields)


# The stories


@pytest.mark.parametrize(
    ("place", "verdict"),
    [
        ("Northmoor", "it has become better, by "),
        ("Brackenshire", "it has become worse, by "),
        ("Sallowbridge", "no clear change, the difference may be chance alone"),
        ("Eastmere", "no clear change, the difference may be chance alone"),
        ("Wyrevale", "no clear change, the difference may be chance alone"),
        ("Marlhaven", "no clear change, so few reviews can only show a great change"),
    ],
)
def test_each_service_tells_its_story(open_app: OpenApp, words: Words, place: str, verdict: str) -> None:
    app = open_app("reviews", service=illustrative(place))
    first, second, *_ = lines(app)
    assert app.title[0].value == f"Reviews on time: {place}"
    assert first.startswith("Of ")
    records = "three months" if place == "Marlhaven" else "12 months"
    assert second.startswith(f"In the {records} before the inspection ")
    assert verdict in second
    assert "Illustrative data" in words(app)
    assert len(app.get("plotly_chart")) == 1


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("Northmoor", r"months in a row above the earlier average: a real change for the better\."),
        ("Brackenshire", r"months in a row below the earlier average: a real change for the worse\."),
        ("Sallowbridge", r"Nothing but chance can be seen in these 48 months\."),
        ("Eastmere", r"Nothing but chance can be seen in these 48 months\."),
        ("Wyrevale", r"Nothing but chance can be seen in these 48 months\."),
        ("Marlhaven", r"Nothing but chance can be seen in these 21 months\."),
    ],
)
def test_the_chart_says_the_same_as_its_sentence(open_app: OpenApp, place: str, sentence: str) -> None:
    app = open_app("reviews", service=illustrative(place))
    assert [line for line in lines(app) if re.search(sentence, line)]
    (chart,) = app.get("plotly_chart")
    assert re.search(sentence, chart.proto.alt)


def test_marlhaven_has_too_few_for_a_rate(open_app: OpenApp, words: Words) -> None:
    app = open_app("reviews", service=illustrative("Marlhaven"))
    first, second, *_ = lines(app)
    assert "So few give no rate: by chance alone it could be anything between " in first
    assert " points down to " in second
    text = shown(words(app))
    assert "Fewer than two of them had 30 reviews due, so they cannot be told apart." in text
    bars = next(e.proto.body for e in app.get("html") if "class='rates'" in e.proto.body)
    assert "<b>" not in bars
    assert bars.count("Too few for a rate") == 4
    assert "Done:" not in text


def test_wyrevale_names_risk_management_plans(open_app: OpenApp) -> None:
    app = open_app("reviews", service=illustrative("Wyrevale"))
    (line,) = [line for line in lines(app) if "clearly less often" in line]
    assert line.startswith("Risk management plan is clearly less often on time (")
    assert all(plan in line for plan in ("intervention plan", "vulnerability management plan", "assessment"))
    for place in ("Northmoor", "Brackenshire", "Sallowbridge", "Eastmere"):
        other = lines(open_app("reviews", service=illustrative(place)))
        assert "No clear difference between them: what there is may be chance alone." in other


@pytest.mark.parametrize("place", PLACES)
def test_the_figures_are_those_of_the_records(open_app: OpenApp, words: Words, place: str) -> None:
    app = open_app("reviews", service=illustrative(place))
    (inspection, *_) = Store.from_address().read().inspections(place)
    given = records(place)
    period = reviewing.periods(given, inspection.inspection.letter)[app.selectbox(key="period").value]
    due = [r for r in given if r.due_on and period[0] <= r.due_on <= period[1]]
    required = [r for r in due if not (r.order_ended_on and r.order_ended_on < r.due_on)]
    on_time = sum(bool(r.completed_on and r.completed_on <= r.due_on) for r in required)
    open_ = sum(r.completed_on is None and r.due_on == r.extracted_on for r in required)
    found = timeliness(given, *period)
    assert (found.on_time, found.due) == (on_time, len(required) - open_)
    assert lines(app)[0] == timeliness_message(found, date.today())  # noqa: DTZ011
    assert reviewing.overdue_message(given, date.today()) in shown(words(app))  # noqa: DTZ011


@pytest.mark.parametrize("place", PLACES)
def test_the_overview_carries_the_same_sentences(open_app: OpenApp, place: str) -> None:
    first, second, *_ = lines(open_app("reviews", service=illustrative(place)))
    overview = lines(open_app("overview", service=illustrative(place)))
    assert first in overview
    assert second in overview


def test_knowsley_says_what_to_load_and_what_the_inspectors_said(
    open_app: OpenApp, words: Words, downloads: dict[str, str]
) -> None:
    app = open_app("reviews", service="Knowsley")
    text = shown(words(app))
    assert "No record of reviews is loaded, so nothing can be said about whether they are on time." in text
    for part in (
        "export from the case system",
        "the day it was due",
        "the day it was completed",
        "is refused",
    ):
        assert part in text
    assert [link.proto.label for link in app.get("page_link") if "tables" in link.proto.page] == [
        "Load a table of reviews"
    ]
    (template,) = downloads.values()
    assert "due_on" in template.splitlines()[0]
    assert "What the inspectors said about reviewing" in [h.value for h in app.header]
    assert "Fewer than half of the cases had been reviewed sufficiently." in text
    assert "This is what they saw in October 2015." in text
    assert not app.get("plotly_chart")
    overview = shown(words(open_app("overview", service="Knowsley")))
    assert "No record of reviews is loaded, so whether they are on time is not known." in overview


@pytest.mark.parametrize("place", PLACES)
def test_the_inspectors_words_stand_beside_the_figures(open_app: OpenApp, words: Words, place: str) -> None:
    text = shown(words(open_app("reviews", service=illustrative(place))))
    assert "This is what they saw in " in text
    assert "Paragraph 1.4: reviewing" in text


# Links


def test_a_link_opens_the_view_that_it_names(open_app: OpenApp) -> None:
    service = illustrative("Northmoor")
    app = open_app("reviews", service=service, **CHOSEN)
    assert {key: app.selectbox(key=key).value for key in CHOSEN} == CHOSEN
    chosen = [
        r
        for r in records("Northmoor")
        if (r.plan_type, r.trigger, r.order_type, r.team)
        == ("intervention_plan", "scheduled", "Youth rehabilitation order", "North")
    ]
    found = timeliness(chosen, date(2018, 1, 1), date(2018, 12, 31))
    assert lines(app)[0] == timeliness_message(found, date.today())  # noqa: DTZ011
    assert [h.value for h in app.header if h.value.startswith("By ")] == ["By order type"]
    about = shown(app.caption[0].value)
    for value in ("intervention plan", "scheduled", "youth rehabilitation order", "north"):
        assert value in about.split(".")[0].lower()

    by_hand = open_app("reviews", service=service)
    for key, value in CHOSEN.items():
        by_hand.selectbox(key=key).select(value).run()
        assert not by_hand.exception
    assert lines(by_hand) == lines(app)
    again = {key: by_hand.query_params[key] for key in CHOSEN}
    assert {key: value[0] if isinstance(value, list) else value for key, value in again.items()} == CHOSEN


@pytest.mark.parametrize("key", CHOSEN)
def test_each_picker_stands_in_the_address_alone_too(open_app: OpenApp, key: str) -> None:
    app = open_app("reviews", service=illustrative("Northmoor"), **{key: CHOSEN[key]})
    assert app.selectbox(key=key).value == CHOSEN[key]
    assert not [w for w in app.warning if "which these records do not have" in w.value]
    given = records("Northmoor")
    if key in FILTERS:
        value = {"plan": "intervention_plan", "trigger": "scheduled"}.get(key, CHOSEN[key])
        given = [r for r in given if getattr(r, FILTERS[key]) == value]
    first, last = date(2016, 5, 5), date(2018, 12, 31)
    found = timeliness(given, date(2018, 1, 1) if key == "period" else first, last)
    assert lines(app)[0] == timeliness_message(found, date.today())  # noqa: DTZ011


@pytest.mark.parametrize("period", ["Since the inspection", "Last 12 months", "Last 3 months", "All records"])
def test_every_period_opens(open_app: OpenApp, period: str) -> None:
    for place in PLACES:
        app = open_app("reviews", service=illustrative(place), period=period)
        assert app.selectbox(key="period").value == period
        assert "31 December 2018" in lines(app)[0] or "December 2018" in lines(app)[0]


@pytest.mark.parametrize("key", FILTERS)
def test_a_value_that_these_records_lack_gives_a_warning(open_app: OpenApp, key: str) -> None:
    app = open_app("reviews", service=illustrative("Northmoor"), **{key: "Nowhere_<b>"})
    assert "The link asks for “Nowhere_<b>”, which these records do not have. It is left out." in [
        re.sub(r"\\(.)", r"\1", w.value) for w in app.warning
    ]
    assert lines(app)[0] == lines(open_app("reviews", service=illustrative("Northmoor")))[0]


def test_a_team_of_another_service_gives_a_warning_where_no_team_is_known_at_all(open_app: OpenApp) -> None:
    """Marlhaven's extract has no teams, so no picker shows that the address's team means nothing here."""
    app = open_app("reviews", service=illustrative("Marlhaven"), team="North")
    assert [w.value for w in app.warning if "which these records do not have" in w.value]


def test_a_period_that_these_records_lack_gives_a_warning(open_app: OpenApp) -> None:
    """Without a letter there is no time since the inspection."""
    load([own()])
    app = open_app("reviews", service="Leeds", period="Since the inspection")
    assert [w.value for w in app.warning if "Since the inspection" in w.value]


# Children, and their data


@pytest.mark.parametrize("page", ["reviews", "overview", "scores"])
@pytest.mark.parametrize("place", PLACES)
def test_no_case_reference_is_on_a_boards_page_nor_in_its_downloads(
    open_app: OpenApp, words: Words, downloads: dict[str, str], page: str, place: str
) -> None:
    references = {r.case_ref for r in records(place)}
    prefixes = {reference.split("-")[0] for reference in references}
    assert references
    assert all(re.fullmatch(r"[A-Z]{2}-\d{4}", reference) for reference in references)
    app = open_app(page, service=illustrative(place))
    text = everything_shown(app, words) + "\n".join(downloads.values()) + "\n".join(downloads)
    assert downloads
    found = set(re.findall(rf"\b(?:{'|'.join(prefixes)})[-–‑ ]?\d{{3,5}}\b", text))
    assert not found
    assert not [reference for reference in references if reference in text]


@pytest.mark.parametrize("place", ["Knowsley", *map(illustrative, PLACES)])
def test_no_raw_identifier_is_visible(open_app: OpenApp, words: Words, place: str) -> None:
    for query in ({}, {"by": "Trigger", "plan": "Risk management plan"}):
        app = open_app("reviews", service=place, **query)
        text = everything_shown(app, words)
        text = re.sub(r'"[^"]*":', " ", text)  # plotly's own names
        assert not re.findall(r"\b[a-z]+_[a-z_]+\b", text)
        assert "None" not in re.findall(r"\w+", re.sub(r"None (is|was)", "", shown(words(app))))


@pytest.mark.parametrize("place", PLACES)
def test_downloads_give_no_rate_under_30_and_no_decimal(
    open_app: OpenApp, downloads: dict[str, str], place: str
) -> None:
    open_app("reviews", service=illustrative(place))
    assert len(downloads) in (2, 3)
    for content in downloads.values():
        assert "\ufeff" in content[:1]
        assert place in content
        assert "31 December 2018" in content
        assert not re.search(r"\d\.\d+%", content)
    months = downloads[f"{place} reviews by month.csv"].splitlines()[1:]
    for row in (line.split(",") for line in months if re.match(r"\d{4}-\d\d,", line)):
        assert (row[7] != "") == (int(row[1]) >= 30)


def test_pictures_have_a_sentence_a_description_and_a_table(open_app: OpenApp) -> None:
    app = open_app("reviews", service=illustrative("Sallowbridge"))
    assert all(len(chart.proto.alt) > 40 for chart in app.get("plotly_chart"))
    tables = [e.proto.body for e in app.get("html") if "<table" in e.proto.body]
    assert all("<caption>" in table and "<th scope='row'>" in table for table in tables)
    assert len(app.get("download_button")) == 3


# Other records than the illustrative


def test_records_of_today_without_a_letter(open_app: OpenApp, words: Words) -> None:
    today = date.today()  # noqa: DTZ011
    done = own(completed_on=today - timedelta(days=41), team="<b>North</b>")
    load([done, own(team="South_East"), own(completed_on=today, team="South_East")])
    app = open_app("reviews", service="Leeds")
    text = shown(words(app))
    assert "Illustrative data" not in text
    assert "one of the three is overdue today" in lines(app)[0]
    assert "before the inspection" not in text
    assert "One review is overdue today, for 40 days." in text
    assert "No inspection letter of this service is published here." in text
    assert list(app.selectbox(key="period").options) == ["Last 12 months", "Last 3 months", "All records"]
    assert "These records end on" not in text
    assert "LD-7001" not in everything_shown(app, words)
    assert "Fewer than two whole months had a review due: too few to show a course." in text
    # A team's name is text, wherever it stands.
    team = open_app("reviews", service="Leeds", by="Team", team="<b>North</b>")
    raw = words(team)
    assert "<b>North" not in raw.replace("\\<b\\>", "")
    assert lines(team)[0].startswith("The one review due ")


def test_old_records_are_said_to_be_old(open_app: OpenApp, words: Words) -> None:
    old = date.today() - timedelta(days=101)  # noqa: DTZ011
    load([replace(own(), due_on=old - timedelta(days=3), extracted_on=old)])
    text = shown(words(open_app("reviews", service="Leeds")))
    assert "What has happened since is not known: load a newer extract." in text
    assert "today" not in text.split("What has happened")[0]
    assert "One review was overdue on " in text


def test_choices_that_leave_nothing_open_all_the_same(open_app: OpenApp, words: Words) -> None:
    load([own(team="North"), replace(own(team="South"), trigger="significant_change")])
    app = open_app("reviews", service="Leeds", team="North", trigger="Significant change")
    assert app.selectbox(key="team").value == "North"
    assert app.selectbox(key="trigger").value == "Significant change"
    assert "No review" in lines(app)[0] or "Nothing is known" in lines(app)[0]
    assert "None" not in re.findall(r"\w+", shown(words(app)))


def test_records_without_a_due_date_say_so(open_app: OpenApp, words: Words) -> None:
    load([replace(own(), due_on=None), replace(own(), due_on=None, case_ref="LD-7002")])
    app = open_app("reviews", service="Leeds")
    text = shown(words(app))
    assert "No review in these records has a due date, so nothing can be said about being on time." in text
    assert "2 have none, and are in no figure." in text
    assert not re.search(r"\b[a-z]+_[a-z_]+\b|LD-700", text)


def test_due_dates_that_rules_give_can_be_counted_in_both_modes(open_app: OpenApp, words: Words) -> None:
    today = date.today()  # noqa: DTZ011
    started = today - timedelta(days=300)
    undated = [
        replace(
            own(), due_on=None, order_type="Youth rehabilitation order", order_started_on=started,
            plan_type="intervention_plan", completed_on=started + timedelta(days=days), case_ref=f"LD-{days:04d}",
        )
        for days in (80, 90, 100)
    ]  # fmt: skip
    load([own(), *undated])
    for counted in ("Counted from the last review", "On the fixed schedule from the start of the order"):
        app = open_app("reviews", service="Leeds", counted=counted)
        assert app.selectbox(key="counted").value == counted
        assert "due dates are the extract's own" in shown(words(app))
