"""From an analyst's messy extract to the sentence that a chair reads: in a real Chromium."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from bench.chromium import wait_until_whole
from bench.server import serve

OpenPage = Callable[..., Page]

EXTRACTED = date(2024, 6, 30)
FIRST_DUE = date(2023, 1, 9)
REVIEWS = 76  # one a week
PREFIX = "KN-"


@pytest.fixture(scope="module")
def own_url(filled_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard on a store of its own, which these tests may change."""
    store = tmp_path_factory.mktemp("own") / "store"
    shutil.copytree(filled_store, store)
    with serve(store=store) as server:
        yield server.url


def case(number: int) -> str:
    return f"{PREFIX}{1000 + number}"


def messy() -> bytes:
    """As a case system's report leaves it: a title, its own headings, UK dates, a total, a note."""
    rows = [
        ["Review performance report"],
        ["Printed for", "Performance team"],
        [],
        [
            "Youth Justice Service",
            "YOIS number",
            "Document type",
            "Reason for review",
            "Target date",
            "Date completed",
            "Locality",
            "Report date",
        ],
    ]
    for number in range(REVIEWS):
        due = FIRST_DUE + timedelta(weeks=number)
        done = due + timedelta(days=9 if number % 4 == 0 else -2)
        rows.append(
            [
                "KNOWSLEY YOT" if number % 2 else "Knowsley",
                case(number),
                "RMP review" if number % 2 else "Core Asset",
                "3 monthly" if number % 3 else "Change of circumstances",
                f"{due:%d/%m/%Y}",
                "" if number % 10 == 0 else f"{done:%d/%m/%Y}",
                "North" if number % 3 else "South",
                f"{EXTRACTED:%d/%m/%Y}",
            ]
        )
    rows += [["Total", str(REVIEWS), "", "", "", "", "", ""], ["Source: case system"]]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode("cp1252")


def drop(page: Page, name: str, content: bytes) -> None:
    who = page.get_by_role("textbox", name="Your name or role")
    who.fill("A. Analyst")
    who.press("Tab")
    wait_until_whole(page)
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    expect(page.get_by_test_id("stFileChip")).to_be_visible(timeout=30_000)


def message(page: Page) -> list[str]:
    """The sentences in bold above everything else of the page."""
    bold = page.get_by_test_id("stMainBlockContainer").locator("p > strong:only-child")
    return [text for text in bold.all_inner_texts() if " due " in text or "inspection" in text]


def choose(page: Page, label: str, option: str) -> None:
    pick(page, rf"\b{label}$", option)
    wait_until_whole(page)


def pick(page: Page, label: str, option: str) -> None:
    """A list that opens while the page is still drawing, or while another field is left, closes again."""
    found = page.get_by_role("option", name=option, exact=True)
    for _ in range(40):
        page.get_by_role("combobox", name=re.compile(label)).click()
        page.wait_for_timeout(250)
        if found.is_visible():
            found.click()
            expect(page.get_by_role("option")).to_have_count(0)
            return
    raise AssertionError(f"{label}: no {option}")


def open_tables(page: Page) -> None:
    """What is folded away as well."""
    closed = page.locator("details:not([open]) > summary")
    for _ in range(closed.count()):
        closed.first.click(timeout=5_000)
    expect(closed).to_have_count(0)
    wait_until_whole(page)


def address(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.evaluate("location.href")).query)


def test_from_a_messy_extract_to_the_sentence_that_a_chair_reads(open_page: OpenPage, own_url: str) -> None:
    page = open_page(f"{own_url}/reviews?service=Knowsley")
    expect(page.get_by_text("No record of reviews is loaded")).to_be_visible()
    page.get_by_role("link", name="Load a table of reviews").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Load tables", timeout=30_000)
    wait_until_whole(page)

    drop(page, "extract.csv", messy())
    under = page.get_by_text(f"{REVIEWS} rows under the headings in row 4, without 2 below them")
    expect(under).to_be_visible(timeout=30_000)
    expect(page.get_by_text(f"{REVIEWS} reviews of Knowsley, due from 9 January 2023")).to_be_visible()
    load = page.get_by_role("button", name="Load it")
    expect(load).to_be_enabled()
    load.click()
    expect(page.get_by_text("extract.csv is loaded: boards see it.")).to_be_visible(timeout=30_000)
    wait_until_whole(page)
    assert page.get_by_test_id("stMain").get_by_text("reviews of Knowsley are overdue").count() == 1

    page.get_by_role("link", name="See the reviews").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reviews on time: Knowsley", timeout=30_000)
    wait_until_whole(page)
    everyone = message(page)
    assert everyone

    choose(page, "Reviews due", "All records")
    choose(page, "Plan type", "Risk management plan")
    choose(page, "Team", "North")
    chosen = message(page)
    assert chosen
    assert chosen != everyone
    asked = address(page)
    assert asked["service"] == ["Knowsley"]
    assert (asked["period"], asked["plan"], asked["team"]) == (
        ["All records"],
        ["Risk management plan"],
        ["North"],
    )

    chair = open_page(page.evaluate("location.href"), width=820)
    assert message(chair) == chosen
    expect(chair.get_by_text("Only risk management plan and north.")).to_be_visible()

    described = chart_in_words(chair)
    assert re.search(r"months had reviews\. First \w+ \d{4}: \d+ of \d+, last", described)
    for seen in (page, chair):
        no_case_is_named(seen)


def chart_in_words(page: Page) -> str:
    """What a screen reader says of the chart."""
    chart = page.get_by_test_id("stPlotlyChart")
    expect(chart).to_have_count(1)
    return str(
        chart.evaluate(
            """e => [e, ...e.querySelectorAll('*')].map(x => x.getAttribute('aria-label') || '')
                    .find(text => text.startsWith('Share of reviews on time')) || ''"""
        )
    )


def no_case_is_named(page: Page) -> None:
    """Neither in the text, closed tables included, nor anywhere else in the page."""
    open_tables(page)
    assert PREFIX not in page.content()
    assert PREFIX not in page.get_by_test_id("stMain").inner_text()
    assert PREFIX not in page.evaluate("location.href")
    figures = page.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot')].map(p => JSON.stringify([p.data, p.layout]))"
    )
    assert figures
    assert PREFIX not in "".join(figures)


def test_no_download_of_the_reviews_page_names_a_case(open_page: OpenPage, dashboard_url: str) -> None:
    page = open_page(f"{dashboard_url}/tables?service=Northmoor+(illustrative)")
    page.locator("details > summary", has_text="Overdue reviews").click()
    first = page.locator(".rows tbody th").first
    expect(first).to_be_visible()
    prefix = re.split(r"\d", first.inner_text())[0]
    assert prefix
    page.goto(f"{dashboard_url}/reviews?service=Northmoor+(illustrative)")
    wait_until_whole(page)
    assert prefix not in page.content()
    open_tables(page)
    buttons = page.get_by_role("button", name="Download as CSV")
    assert buttons.count() >= 3
    for button in buttons.all():
        with page.expect_download() as download:
            button.click()
        content = Path(download.value.path()).read_text("utf-8-sig")
        assert len(content.splitlines()) > 2
        assert prefix not in content


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_scrolls_sideways_on_a_phone(open_page: OpenPage, dashboard_url: str, dark: bool) -> None:
    page = open_page(
        f"{dashboard_url}/reviews?service=Northmoor+(illustrative)&period=All+records", width=390, dark=dark
    )
    for path in ("reviews", "tables"):
        if path == "tables":
            page.goto(f"{dashboard_url}/tables?service=Northmoor+(illustrative)")
            wait_until_whole(page)
        open_tables(page)
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            wait_until_whole(page)
            wide = page.get_by_test_id("stMain").evaluate("e => e.scrollWidth - e.clientWidth")
            assert wide <= 0, (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            for box in [chart.bounding_box() for chart in page.get_by_test_id("stPlotlyChart").all()]:
                assert box is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width, (path, width)


def test_the_download_has_all_problems(open_page: OpenPage, own_url: str) -> None:
    bad = 130
    head = "service,case_ref,plan_type,trigger,due_on,completed_on,extracted_on\n"
    rows = "".join(f"Leeds,LD-{n},poem,scheduled,10/04/2024,,30/06/2024\n" for n in range(bad))
    page = open_page(f"{own_url}/tables")
    drop(page, "wrong.csv", (head + rows).encode())
    expect(page.get_by_text(f"The first 100 of {bad}. The download has all.")).to_be_visible(timeout=30_000)
    wait_until_whole(page)
    assert page.get_by_role("button", name="Load it").count() == 0
    assert page.get_by_role("table", name="Problems of the file").locator("tbody tr").count() == 100
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all problems as CSV").click()
    assert download.value.suggested_filename.endswith("problems.csv")
    found = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [row[0] for row in found] == ["row", *(str(n) for n in range(2, bad + 2))]
    assert {row[1] for row in found[1:]} == {"plan_type"}
