"""From a shared link to an area, to the sentence behind it, to an action that a colleague changes too: in Chromium."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.chromium import wait_until_whole
from bench.server import serve
from sqs_core.measures.progress import current
from sqs_core.store import FolderStore
from tests.browser.test_reviews import address, open_tables

OpenPage = Callable[..., Page]

AREA = "areas?service=Knowsley&area=1"


@pytest.fixture(scope="module")
def own_store(filled_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("own") / "store"
    shutil.copytree(filled_store, store)
    return store


@pytest.fixture(scope="module")
def own_url(own_store: Path) -> Iterator[str]:
    """A dashboard on a store of its own, which these tests may change."""
    with serve(store=own_store) as server:
        yield server.url


def sign(page: Page, name: str) -> None:
    who = page.get_by_role("textbox", name="Your name or role")
    who.fill(name)
    who.press("Tab")
    wait_until_whole(page)


def fill(page: Page, label: str, text: str) -> None:
    page.get_by_role("textbox", name=label).fill(text)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    wait_until_whole(page)


def add(page: Page, button: str, what: str) -> None:
    press(page, button)
    fill(page, "Action", what)
    press(page, "Save")
    expect(page.locator("strong", has_text=what)).to_be_visible(timeout=30_000)
    wait_until_whole(page)


def test_from_a_link_to_the_sentence_to_an_action_that_two_people_change(
    open_page: OpenPage, own_url: str, own_store: Path
) -> None:
    chair = open_page(f"{own_url}/{AREA}", width=1024)
    expect(chair.get_by_role("heading", level=1)).to_have_text("Area 1: Knowsley")
    chair.get_by_role("link", name="See it in its place").first.click()
    expect(chair.get_by_role("heading", level=1)).to_have_text("The letter: Knowsley", timeout=30_000)
    wait_until_whole(chair)
    assert address(chair)["finding"]
    chair.go_back()
    expect(chair.get_by_role("heading", level=1)).to_have_text("Area 1: Knowsley", timeout=30_000)
    wait_until_whole(chair)

    sign(chair, "Chair")
    add(chair, "Add an action", "Review every plan after a significant change")
    add(chair, "Add a sub-action", "Tell staff what a significant change is")
    add(chair, "Add a sub-action", "Check five reviews a month")
    plan = current(FolderStore(own_store).read().actions("Knowsley"))
    assert [action.reference for action in plan] == ["1", "1a", "1b"]

    colleague = open_page(f"{own_url}/{AREA}", width=1024)
    for what in ("Review every plan", "Tell staff what", "Check five reviews"):
        expect(colleague.locator("strong", has_text=what)).to_be_visible()
    sign(colleague, "Colleague")
    press(colleague, "Change or report progress")
    press(chair, "Change or report progress")
    fill(chair, "Target", "90% within five days")
    press(chair, "Save")
    # What the chair saved shows to the colleague by itself, and the open form keeps what is in it.
    expect(colleague.get_by_text("Chair changed this while you had it open")).to_be_visible(timeout=5_000)
    fill(colleague, "Lead (a role or an agency, no names)", "Head of service")
    press(colleague, "Save")
    expect(colleague.get_by_text("Nothing of either is lost")).to_be_visible(timeout=30_000)
    press(colleague, "Keep both changes")
    expect(colleague.get_by_text("Action 1 is saved.")).to_be_visible(timeout=30_000)
    expect(chair.get_by_text("Lead: Head of service.")).to_be_visible(timeout=5_000)
    first = current(FolderStore(own_store).read().actions("Knowsley"))[0]
    assert (first.target, first.lead, first.version) == ("90% within five days", "Head of service", 3)

    chair.goto(f"{own_url}/areas?service=Knowsley")
    wait_until_whole(chair)
    expect(chair.get_by_text(re.compile(r"Since \d+ \w+ \d{4}: three actions added"))).to_be_visible()
    with chair.expect_download() as download:
        chair.get_by_role("button", name="Download the plan as Excel").click()
    file = Path(download.value.path())
    chair.locator("details > summary", has_text="Load or paste a plan").click()
    sign(chair, "Chair")
    chair.locator("input[type=file]").set_input_files(
        {"name": "plan.xlsx", "mimeType": "application/octet-stream", "buffer": file.read_bytes()}
    )
    save = chair.get_by_role("button", name="Save this plan")
    expect(save).to_be_enabled(timeout=30_000)
    before = FolderStore(own_store).current()
    save.click()
    expect(chair.get_by_text("plan.xlsx is saved")).to_be_visible(timeout=30_000)
    assert FolderStore(own_store).current() == before, "it loads again unchanged"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_scrolls_sideways_on_a_phone(open_page: OpenPage, dashboard_url: str, dark: bool) -> None:
    start = f"{dashboard_url}/areas?service=Brackenshire+(illustrative)"
    page = open_page(start, width=390, dark=dark)
    for path in ("", "&area=1"):
        page.goto(f"{start}{path}")
        wait_until_whole(page)
        open_tables(page)
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, (path, width)
