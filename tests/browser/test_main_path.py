"""Drop a letter, see it on the overview, follow a bar to its sentence: in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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
        expect(page.get_by_role("heading", name="What was found")).to_be_visible(timeout=30_000)
        page.get_by_role("link", name="Each practice and its findings").click()
        expect(page.get_by_role("heading", name="Practice by section")).to_be_visible(timeout=30_000)
        wait_until_whole(page)

        before = page.evaluate("location.search")
        # The square in the first row and column: just right of the row's title.
        bars = page.locator(".st-key-matrix .barlayer .trace.bars").first.locator(".point")
        expect(bars.first).to_be_visible(timeout=30_000)
        for number in range(bars.count()):
            bars.nth(number).scroll_into_view_if_needed()
            box = bars.nth(number).bounding_box()
            assert box
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_timeout(500)
            wait_until_whole(page)
            if page.evaluate("location.search") != before:
                break
        assert page.evaluate("location.search") != before, "a click on a square shows its findings"
        assert "service=" in page.evaluate("location.search")

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


def test_links_between_pages_keep_the_service(open_page: OpenPage, dashboard_url: str) -> None:
    page = open_page(f"{dashboard_url}/?service=Northmoor+(illustrative)")
    for name in ("Section scores", "The letter", "Methods", "Overview"):
        page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(
            name if name != "Overview" else "Northmoor"
        )
        wait_until_whole(page)
        assert "service=Northmoor" in page.evaluate("location.search")
