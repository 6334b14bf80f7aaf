"""Drop a letter, see it on the overview, follow a bar to its sentence: in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.chromium import wait_until_whole
from bench.server import serve

OpenPage = Callable[..., Page]
PAGES = ("", "scores", "letter", "load", "methods")


def test_from_a_dropped_letter_to_the_sentence_behind_a_bar(
    open_page: OpenPage, checkout: Path, tmp_path: Path
) -> None:
    letter = next((checkout / "data" / "letters").glob("*.pdf"))
    with serve(store=tmp_path / "store") as server:
        page = open_page(f"{server.url}/load")
        name = page.get_by_role("textbox", name="Your name or role")
        name.fill("A. Analyst")
        name.press("Tab")
        page.locator("input[type=file]").set_input_files(letter)
        expect(page.get_by_test_id("stFileChip")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Read the letter").click()
        expect(page.get_by_text("This is a draft: no board sees it.")).to_be_visible(timeout=30_000)
        page.get_by_text("I have compared what was read with the text").click()
        publish = page.get_by_role("button", name="Publish to the board")
        expect(publish).to_be_enabled()
        publish.click()
        expect(page.get_by_text("Published: boards now see")).to_be_visible(timeout=30_000)

        page.get_by_role("link", name="See it on the overview").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Harnley Vale", timeout=30_000)
        expect(page.get_by_role("heading", name="What was found")).to_be_visible(timeout=30_000)
        page.get_by_role("link", name="Each practice and its findings").click()
        expect(page.get_by_role("heading", name="Practice by section")).to_be_visible(timeout=30_000)
        wait_until_whole(page)

        square = page.locator(".matrix td a").nth(2)
        label = parse_qs(urlsplit(square.get_attribute("href") or "").query)["findings"][0]
        square.click()
        expect(page.get_by_role("heading", name="The findings")).to_be_in_viewport(timeout=30_000)
        wait_until_whole(page)
        assert page.locator(".matrix a[aria-current]").get_attribute("title").startswith(label.split(":")[0])  # type: ignore[union-attr]
        assert parse_qs(page.evaluate("location.search.slice(1)"))["findings"] == [label]
        assert parse_qs(page.evaluate("location.search.slice(1)"))["service"] == [
            "Harnley Vale (illustrative)"
        ]

        page.get_by_role("link", name="Read it in the letter").first.click()
        expect(page.get_by_role("heading", name="The sentence", exact=True)).to_be_visible(timeout=30_000)
        wait_until_whole(page)
        assert "service=" in page.evaluate("location.search")
        assert re.search(r"finding=\d+", page.evaluate("location.search"))
        marked = page.locator("mark.chosen")
        expect(marked.first).to_be_visible()
        page.get_by_role("link", name="Jump to it in the letter below").click()
        expect(marked.last).to_be_in_viewport()

        shared_link = page.evaluate("location.href")
        sentence = marked.first.inner_text()
        colleague = open_page(shared_link, width=390)
        expect(colleague.locator("mark.chosen").first).to_have_text(sentence)

        page.get_by_role("link", name=re.compile("^.*All findings on ")).click()
        expect(page.get_by_role("heading", name="Practice by section")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_on_a_phone(
    open_page: OpenPage, dashboard_url: str, path: str, dark: bool
) -> None:
    page = open_page(f"{dashboard_url}/{path}?service=Knowsley", width=390, dark=dark)
    assert page.get_by_test_id("stMain").evaluate("e => e.scrollWidth - e.clientWidth") <= 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_asked_of_another_host(open_page: OpenPage, dashboard_url: str, path: str) -> None:
    page = open_page(dashboard_url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{dashboard_url}/{path}?service=Knowsley")
    wait_until_whole(page)
    assert asked
    assert not [
        url for url in asked if not url.startswith((dashboard_url, "ws://127.0.0.1", "data:", "blob:"))
    ]


def test_a_finger_opens_the_square_that_it_touches(chromium: Browser, dashboard_url: str) -> None:
    context = chromium.new_context(viewport={"width": 820, "height": 1180}, has_touch=True, locale="en-GB")
    page = context.new_page()
    page.goto(f"{dashboard_url}/scores?service=Knowsley")
    wait_until_whole(page)
    for number in (5, 0):
        square = page.locator(".matrix td a").nth(number)
        label = parse_qs(urlsplit(square.get_attribute("href") or "").query)["findings"][0]
        square.tap()
        expect(page.get_by_role("combobox").last).to_have_value(label, timeout=30_000)
        wait_until_whole(page)
    context.close()


def test_the_keyboard_reaches_a_sentence(open_page: OpenPage, dashboard_url: str) -> None:
    page = open_page(f"{dashboard_url}/scores?service=Knowsley")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.matrix') !== null"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The findings")).to_be_in_viewport(timeout=30_000)
    wait_until_whole(page)
    page.get_by_role("link", name="See it in its place").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The sentence", exact=True)).to_be_visible(timeout=30_000)


def test_an_older_inspection_stays_chosen_there_and_back(open_page: OpenPage, dashboard_url: str) -> None:
    page = open_page(f"{dashboard_url}/scores?service=Wyrevale+(illustrative)&inspection=August+2014")
    own = page.get_by_text("fieldwork 4 August 2014 to 6 August 2014")
    expect(own).to_be_visible()
    link = page.get_by_role("link", name="Read it in the letter").first
    href = link.get_attribute("href") or ""
    link.click()
    for path in ("letter", "scores"):
        expect(page.get_by_role("heading", level=1)).to_contain_text(
            "letter" if path == "letter" else "scores"
        )
        wait_until_whole(page)
        expect(own).to_be_visible()
        expect(page.get_by_role("combobox").nth(1)).to_have_value("August 2014")
        address = parse_qs(page.evaluate("location.search.slice(1)"))
        assert (address["service"], address["inspection"]) == (["Wyrevale (illustrative)"], ["August 2014"])
        page.go_back()
    tab = open_page(urljoin(f"{dashboard_url}/letter", href))  # the link opened in a new tab
    expect(tab.get_by_text("fieldwork 4 August 2014 to 6 August 2014")).to_be_visible()


def test_the_name_of_the_overview_is_an_address_too(open_page: OpenPage, dashboard_url: str) -> None:
    page = open_page(f"{dashboard_url}/overview?service=Knowsley")
    expect(page.get_by_role("heading", level=1)).to_have_text("Knowsley")
    assert page.get_by_role("dialog").count() == 0
    assert page.title() == "Overview: Knowsley"


def test_links_between_pages_keep_the_service(open_page: OpenPage, dashboard_url: str) -> None:
    page = open_page(f"{dashboard_url}/?service=Northmoor+(illustrative)")
    for name in ("Scores", "Letter", "Methods", "Overview"):
        page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(
            name if name != "Overview" else "Northmoor", ignore_case=True
        )
        wait_until_whole(page)
        assert "service=Northmoor" in page.evaluate("location.search")
