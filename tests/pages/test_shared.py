"""The pages of a shared view, with everything that is rendered looked through: texts, HTML with its titles and styles,
alternative texts, figures and downloads."""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from pages._shared import SHARED_PAGES
from sqs_core.model import Action, Cohort, PlanType, Review
from sqs_core.store import Store, TableFile, people

PLACES = ("Northmoor", "Brackenshire", "Sallowbridge", "Eastmere", "Wyrevale", "Marlhaven")
PAGES = tuple(page.id for page in SHARED_PAGES)
OpenShared = Callable[..., AppTest]


def shared_view(page: str, service: str | None) -> None:
    """What the frame of a share link does, without the link: Streamlit runs this as a script."""
    from datetime import UTC, datetime  # noqa: PLC0415

    import streamlit as st  # noqa: PLC0415

    from pages._parts import View  # noqa: PLC0415
    from pages._shared import SHARED_PAGES  # noqa: PLC0415
    from pages._visitor import whole_store  # noqa: PLC0415
    from sqs_core.access import Scope, ScopedSnapshot  # noqa: PLC0415
    from sqs_core.model import ShareLink  # noqa: PLC0415

    now = datetime.now(UTC)
    link = ShareLink("1", service or "", (page,), "A reader", "chair@board.test", now, now)
    snapshot = ScopedSnapshot(whole_store().read(), Scope("link 1", link=link))
    inspections = tuple(snapshot.inspections(service)) if service else ()
    st.session_state["view"] = View(snapshot, service, inspections, next(iter(inspections), None), {})
    next(one for one in SHARED_PAGES if one.id == page).show()


def test_the_store_takes_links_to_these_pages_and_no_other() -> None:
    assert people.SHARED_PAGES == PAGES


@pytest.fixture
def open_shared(store_folder: Path) -> OpenShared:
    assert store_folder.is_dir()

    def open_(page: str, service: str | None, /, **query: str) -> AppTest:
        app = AppTest.from_function(
            shared_view, default_timeout=60, kwargs={"page": page, "service": service}
        )
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception[0].stack_trace
        return app

    return open_


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


def elements(block: Any) -> Iterator[Any]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from elements(child)


def rendered(app: AppTest) -> str:
    """Everything that the browser is sent: each element as it is, with its titles, styles and addresses of files."""
    return "\n".join(str(one.proto) for one in elements(app._tree) if hasattr(one, "proto"))


def texts(app: AppTest) -> str:
    """What people read, without the marks of Markdown and HTML."""
    kinds = (app.title, app.header, app.markdown, app.caption, app.text, app.warning)
    out = [re.sub(r"\\(.)", r"\1", str(one.value)) for kind in kinds for one in kind]
    for element in app.get("html"):
        body = re.sub(r"<style>.*?</style>", " ", element.proto.body, flags=re.DOTALL)
        out.append(html.unescape(re.sub(r"<[^>]*>", " ", body)))
    out += [expander.label for expander in app.expander]
    return "\n".join(out).replace("**", "")


# An allow-list of its own


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("place", ["Wyrevale", "Knowsley"])
def test_there_is_nothing_to_choose_and_no_way_out(open_shared: OpenShared, page: str, place: str) -> None:
    app = open_shared(page, place)
    assert app.title[0].value.endswith(f": {place}")
    kinds = {one.type for one in elements(app._tree)}
    layout = {
        "main",
        "sidebar",
        "event",
        "bottom",
        "vertical",
        "flex_container",
        "expandable",
        "expander",
        "unknown",
    }
    shown = {
        "title",
        "header",
        "heading",
        "markdown",
        "caption",
        "html",
        "warning",
        "alert",
        "download_button",
    }
    assert kinds - layout - shown == set()
    for element in app.get("html"):
        assert not re.search(r"<a\b|href|title=|onclick|<script|<img", element.proto.body)
    assert "](" not in "\n".join(str(one.value) for one in (*app.markdown, *app.caption))
    assert f"Shared by the chair of the management board of {place}" in texts(app)


@pytest.mark.parametrize("page", PAGES)
def test_the_address_says_nothing(open_shared: OpenShared, page: str) -> None:
    asked = {
        "service": "Northmoor (illustrative)",
        "inspection": "May 2014",
        "period": "All records",
        "plan": "Assessment",
        "area": "1",
        "finding": "1",
    }
    assert rendered(open_shared(page, "Eastmere", **asked)) == rendered(open_shared(page, "Eastmere"))


@pytest.mark.parametrize("page", PAGES)
def test_a_view_of_no_service_shows_nothing(open_shared: OpenShared, page: str) -> None:
    text = texts(open_shared(page, None))
    assert not re.search(r"\d", text)


@pytest.mark.parametrize("page", PAGES)
def test_what_is_made_up_says_so(open_shared: OpenShared, downloads: dict[str, str], page: str) -> None:
    app = open_shared(page, "Wyrevale")
    assert "Illustrative data" in app.warning[0].value
    assert all("Illustrative data" in text for text in downloads.values())
    assert not open_shared(page, "Knowsley").warning


# No small count

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_NO_COUNTS = (
    rf"\b\d{{1,2}} (?:{_MONTH})",
    r"\b(?:19|20)\d\d\b",
    r"\b\d+ (?:year|month|week|day)s? ago",
    r"0 to 100%|\b\d+(?:\.\d+)?%(?: to \d+%)?",
    r"\b(?:\d+ to )?\d+(?:\.\d+)? (?:points?|lower)\b",
    r"between \d+ and",
    r"from 1 to 5 are hidden|Five or fewer|Of fewer than 30|with 30 reviews",
    r"Fewer than two plan types|(?:Two|Three|Four) hidden ones together|one that is shown|a small one|Hidden ones",
    r"12-month cohorts",
)


def counts_in(text: str) -> set[int]:
    """Every number in a text that could be a count."""
    for pattern in _NO_COUNTS:
        text = re.sub(pattern, " ", text)
    written = {_WORDS[word.lower()] for word in re.findall(rf"(?i)\b({'|'.join(_WORDS)})\b", text)}
    return written | {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)}


def test_the_scan_finds_a_small_count() -> None:
    assert counts_in("Three were late, 4 of 22 by 3 March 2016, 34.4%.") == {3, 4, 22}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("page", ["reviews", "reoffending"])
def test_no_text_and_no_download_holds_a_small_count(
    open_shared: OpenShared, downloads: dict[str, str], page: str, place: str
) -> None:
    app = open_shared(page, place)
    text = texts(app)
    if page == "reoffending":  # the inspectorate's own words, which are public
        text = re.sub(r"The inspectorate's letter said: .*", "", text)
    assert sorted(n for n in counts_in(text) if 0 < n <= 5) == []
    assert downloads
    for content in downloads.values():
        scanned = content.replace("Counts of 1 to 5, and", "")
        assert sorted(n for n in counts_in(scanned) if 0 < n <= 5) == []


@pytest.mark.parametrize("page", ["scores", "reviews", "reoffending"])
@pytest.mark.parametrize("place", ["Eastmere", "Marlhaven", "Northmoor"])
def test_a_download_holds_the_very_cells_of_the_screen(
    open_shared: OpenShared, downloads: dict[str, str], page: str, place: str
) -> None:
    app = open_shared(page, place)
    on_screen = []
    for element in app.get("html"):
        if "class='rows" in element.proto.body:
            rows = re.findall(r"<tr>(.*?)</tr>", element.proto.body, flags=re.DOTALL)
            cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in rows]
            on_screen.append([[html.unescape(cell) for cell in row] for row in cells])
    in_files = []
    for content in downloads.values():
        rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))
        in_files.append([[cell.removeprefix("'") for cell in row] for row in rows[: rows.index([])]])
    assert in_files == on_screen


# Whatever is hidden, the page is the same to the last byte

EXTRACTED = date(2016, 10, 1)
QUARTERS = [date(2014 + i // 4, 3 * (i % 4) + 2, 10) for i in range(11)]


def records(late: dict[PlanType, int], last_quarter: int, **fields: object) -> list[Review]:
    """A year and more of reviews, of which two plan types are few, and a last quarter with few late ones."""
    out = []
    for due in QUARTERS:
        few = due.year == 2015 and due.month == 2  # seven late between them, so that the quarter is the same
        for plan, on_time, not_on_time in (
            ("intervention_plan", 20, 8 if due != QUARTERS[-1] else last_quarter),
            ("assessment", 10, late["assessment"] if few else 0),
            ("risk_management_plan", 9, late["risk_management_plan"] if few else 0),
        ):
            plain = Review("Knowsley", "KN-1", plan, "scheduled", EXTRACTED, due_on=due, **fields)
            out += [replace(plain, completed_on=due)] * on_time
            out += [replace(plain, completed_on=due + timedelta(days=3))] * not_on_time
    return [replace(review, case_ref=f"{review.case_ref}{i}") for i, review in enumerate(out)]


def tracked(hidden: tuple[int, int]) -> list[Cohort]:
    year = Cohort("Knowsley", date(2019, 4, 1), date(2020, 3, 31), 151, 45, published_on=date(2022, 1, 27))
    later = replace(
        year, start=date(2020, 4, 1), end=date(2021, 3, 31), reoffenders=hidden[0], offenders=hidden[1]
    )
    return [year, later]


def pages_with(
    open_shared: OpenShared,
    downloads: dict[str, str],
    reviews: list[Review],
    cohorts: list[Cohort],
    free: str,
) -> dict[str, object]:
    """All pages of Knowsley with these records, and then taken out of the store again."""
    store = Store.from_address()
    action = Action("Knowsley", "2015-10-07", "", "1", "Check every plan", "Operational manager")
    (inspection, *_) = store.read().inspections("Knowsley")
    action = replace(
        action,
        inspection=inspection.identity,
        area=inspection.inspection.areas_requiring_improvement[1],
        baseline=free,
        target=free,
        evidence=free,
        note=free,
    )
    before = store.current()
    store.save_actions([action], by=free)
    store.load([TableFile("reviews.csv", "a" * 64, reviews=reviews)], by=free)
    store.load([TableFile("cohorts.csv", "b" * 64, cohorts=cohorts)], by=free)
    out: dict[str, object] = {}
    for page in PAGES:
        downloads.clear()
        app = open_shared(page, "Knowsley")
        text = rendered(app)
        out[page] = text
        out[f"{page} downloads"] = dict(downloads)
        assert free not in text + str(downloads)
    assert store.current() != before
    return out


FEW: dict[PlanType, int] = {"assessment": 4, "risk_management_plan": 3}


def test_what_is_hidden_changes_nothing_that_is_sent(
    open_shared: OpenShared,
    downloads: dict[str, str],
    examples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stores = (tmp_path / name for name in ("one", "other", "third"))

    def fresh(*args: Any) -> dict[str, object]:
        folder = next(stores)
        shutil.copytree(examples, folder)
        monkeypatch.setenv("SQS_STORE", str(folder))
        streamlit.cache_resource.clear()
        return pages_with(open_shared, downloads, *args)

    one = fresh(records(FEW, 3), tracked((4, 61)), "baseline 37 of 41")
    text = texts(open_shared("reviews", "Knowsley"))
    assert "Hidden" in text
    assert "hidden ones together" in text
    changed: dict[PlanType, int] = {"assessment": 2, "risk_management_plan": 5}
    other = fresh(
        records(changed, 1, team="East", late_reason="Moved to another area", outside_control=True),
        tracked((2, 55)),
        "baseline 12 of 13",
    )
    assert one.keys() == other.keys()
    for page, sent in one.items():
        assert sent == other[page], page
    # And what is shown does change it: the comparison can fail.
    third = fresh(records(FEW, 9), tracked((20, 61)), "baseline 37 of 41")
    assert third["reviews"] != one["reviews"]
    assert third["reoffending"] != one["reoffending"]


# What a councillor is told


def test_the_pages_begin_with_their_message(open_shared: OpenShared) -> None:
    first = {page: str(open_shared(page, "Wyrevale").markdown[0].value) for page in PAGES}
    assert first["overview"] == first["scores"]
    assert "weak point" in first["overview"]
    assert first["reviews"].startswith("**Of ")
    assert "children reoffended within a year" in first["reoffending"]
    assert "actions" in first["areas"]


def test_local_audits_are_left_out(open_shared: OpenShared) -> None:
    for page in PAGES:
        assert not re.search(r"local audit", texts(open_shared(page, "Wyrevale")), flags=re.I)


def test_the_letter_is_shown_as_published(open_shared: OpenShared) -> None:
    text = texts(open_shared("scores", "Knowsley"))
    assert "Read from the letter that the inspectorate published." in text
    assert "Fewer than half of the cases had been reviewed sufficiently." in text
    overview = texts(open_shared("overview", "Knowsley"))
    assert "The inspectorate's letter said: 37.0% of children reoffended within a year" in overview
    assert "No record of reviews is loaded" in overview


def test_a_correction_does_not_name_who_made_it(open_shared: OpenShared) -> None:
    store = Store.from_address()
    (stored, *_) = store.read().inspections("Knowsley")
    store.correct(
        stored.id, stored.findings[0].number, by="Jordan Example", direction="weakness", reason="Misread"
    )
    assert "Jordan" not in rendered(open_shared("scores", "Knowsley"))


def test_the_host_may_hide_more(open_shared: OpenShared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQS_HIDE_UP_TO", "10")
    text = texts(open_shared("reviews", "Northmoor"))
    assert "from 1 to 10 are hidden" in text
    assert sorted(n for n in counts_in(text.replace("from 1 to 10 are hidden", "")) if 0 < n <= 10) == []
