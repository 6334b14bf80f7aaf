"""A real Chromium, and a dashboard with illustrative data for it to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from bench.chromium import chromium as start_chromium
from bench.chromium import wait_until_whole
from bench.server import fill, serve

OpenPage = Callable[..., Page]


# One for each file: while Playwright runs, no other event loop can start in its thread.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium. Fails where there is none; `make test` installs one."""
    with start_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def filled_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the illustrative data, shared by all tests: do not write to it."""
    store = tmp_path_factory.mktemp("filled") / "store"
    fill(store)
    return store


@pytest.fixture(scope="session")
def dashboard_url(filled_store: Path) -> Iterator[str]:
    """The address of a dashboard on `filled_store`. Another store or a fresh start: bench.server.serve."""
    with serve(store=filled_store) as server:
        yield server.url


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """`open_page(url, width=1280, dark=False)`: a page in a browser of its own, when it is whole."""
    contexts: list[BrowserContext] = []

    def open_(url: str, width: int = 1280, dark: bool = False) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(url)
        wait_until_whole(page)
        return page

    yield open_
    for context in contexts:
        context.close()
