"""Every page can be used without a mouse, without colours, enlarged, and by a screen reader: WCAG 2.2 AA as far as a
machine can tell, in a real Chromium. docs/accessibility.md says to the public what is tested here."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bench.chromium import wait_until_whole
from bench.server import EMPTY_PAGE, serve
from pages._shared import SHARED_PAGES
from sqs_core.access import token_of
from sqs_core.doors import LINK_COOKIE, SHARED
from sqs_core.store import FolderStore
from tests.hosted.conftest import COOKIE_SECRET, EMAILS, hosted_dashboard
from tests.hosted.handmade import signed_in

OpenPage = Callable[..., Page]
PAGES = Path(__file__).parent.parent.parent / "pages"
TITLES = dict(re.findall(r'PageOf\(\s*"(\w+)",\s*"([^"]+)"', (PAGES / "_pages.py").read_text("utf-8")))
TITLES["accessibility"] = "Accessibility"
HOSTED = ("share", "account")  # pages that only a hosted dashboard has
NAMES = tuple(name for name in TITLES if name not in HOSTED)

EVERYTHING = f"service={quote('Northmoor (illustrative)')}"  # letters, audits, reviews, reoffending, actions
# Each page with all that it can show, in the states that a link can open, and with nothing loaded at all.
STATES = [
    *(("filled", f"{name}?{EVERYTHING}") for name in NAMES),
    *(
        ("filled", f"{name}?service=Knowsley")
        for name in ("overview", "reviews", "reoffending", "compare", "letter")
    ),
    ("filled", f"areas?{EVERYTHING}&area=1"),
    ("filled", f"letter?{EVERYTHING}&finding=1"),
    ("filled", f"compare?{EVERYTHING}&compare={quote('Section scores')}"),
    ("filled", f"compare?{EVERYTHING}&compare={quote('Reviews on time')}"),
    ("filled", "scores"),  # no service is chosen
    *(("empty", name) for name in NAMES if name not in ("methods", "accessibility")),  # which are the same
    ("signed out", "overview"),
    ("signed in", "share?service=Knowsley"),
    ("signed in", "account"),
    *(("by a link", f"{SHARED}-{page.id}") for page in SHARED_PAGES),
]
UPLOADER = "import streamlit as st\nst.title('A file')\nst.file_uploader('A file')\n"


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One browser that keeps Streamlit's scripts, so that only the first page waits for them."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    yield context
    context.close()


@pytest.fixture(scope="module")
def urls(
    dashboard_url: str,
    filled_store: Path,
    context: BrowserContext,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, str]]:
    """The dashboard with data and without; hosted, for an administrator, for nobody, and for who has a link."""
    folder = tmp_path_factory.mktemp("hosted") / "store"
    shutil.copytree(filled_store, folder)
    store = FolderStore(folder)
    store.give_role(EMAILS["administrator"], "administrator", "", by="host")
    until = datetime.now(UTC) + timedelta(days=1)
    link = store.make_link("Northmoor", [page.id for page in SHARED_PAGES], "A reader", until, by="host")
    with (
        serve(store=tmp_path_factory.mktemp("nothing") / "store") as empty,
        hosted_dashboard(folder) as signed_out,
        hosted_dashboard(folder) as hosted,
    ):
        # A cookie is of a host, whatever its port: the open dashboards do not look at it.
        cookies = {
            **signed_in(hosted.url, EMAILS["administrator"]),
            LINK_COOKIE: token_of(link, COOKIE_SECRET),
        }
        context.add_cookies([{"name": k, "value": v, "url": hosted.url} for k, v in cookies.items()])
        yield {
            "filled": dashboard_url,
            "empty": empty.url,
            "signed out": signed_out.url,
            "signed in": hosted.url,
            "by a link": hosted.url,
        }


@pytest.fixture(scope="module")
def of_streamlit(context: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """What axe finds on Streamlit's pages without anything of ours: an empty one, and one with a box for files."""
    uploader = tmp_path_factory.mktemp("uploader") / "page.py"
    uploader.write_text(UPLOADER)
    found: set[tuple[str, str]] = set()
    for script in (EMPTY_PAGE, uploader):
        with serve(script) as server:
            page = opened(context, server.url)
            found |= set(violations(page))
            page.emulate_media(color_scheme="dark")
            found |= set(violations(page))
            page.close()
    return found


def opened(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    wait_until_whole(page)
    return page


def violations(page: Page) -> dict[tuple[str, str], str]:
    """What axe finds by all rules that it has on, and by that of the size of targets: the rule and Streamlit's name of
    what breaks it, and how."""
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate(
        "axe.run({resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"
    )
    out = {}
    for rule in found["violations"]:
        for node in rule["nodes"]:
            name = re.search(r'data-testid="(\w+)"', node["html"])
            out[rule["id"], name[1] if name else node["html"][:200]] = node["failureSummary"]
    return out


# The elements that can be pointed at, at least 24 pixels wide and high, or words in a line of text.
SMALL = r"""() => [...document.querySelectorAll('main :is(a, button, summary, input:not([type=file]), [tabindex="0"])')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('p, li, [role="spinbutton"], [aria-hidden="true"]'))
  .map(e => [e, (e.closest('label') || e).getBoundingClientRect()])
  .filter(([e, box]) => box.width > 1 && (box.width < 23.5 || box.height < 23.5))
  .map(([e, box]) => `${e.outerHTML.slice(0, 120)} ${box.width} x ${box.height}`)"""

# Text that is cut off, stands over other text, or reaches beyond the screen outside of what scrolls by itself.
LAYOUT = r"""() => {
  const wide = document.documentElement.clientWidth, found = [];
  const main = document.querySelector('[data-testid="stMain"]');
  if (main.scrollWidth > main.clientWidth || document.documentElement.scrollWidth > wide)
    found.push(`the page scrolls sideways: ${main.scrollWidth} of ${main.clientWidth}`);
  const boxes = [];
  const hiddenFromSight = e => {
    for (let up = e; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.clipPath !== 'none' || (up.offsetWidth <= 1 && style.overflow === 'hidden')) return true;
    }
    return false;
  };
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, words = text.textContent.trim(), e = text.parentElement;
    if (!words || !e || e.closest('style, script, [aria-hidden="true"], [data-testid="stIconMaterial"]')) continue;
    if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const range = document.createRange(); range.selectNodeContents(text);
    if (hiddenFromSight(e)) continue;
    let view = {left: -1, right: wide + 1, top: -Infinity, bottom: Infinity}, scrolls = false;
    for (let up = e; up && up !== main; up = up.parentElement) {
      const style = getComputedStyle(up), frame = up.getBoundingClientRect(), all = range.getBoundingClientRect();
      if (style.overflowX === 'auto' || style.overflowX === 'scroll') {
        scrolls ||= up.scrollWidth > up.clientWidth;
        view = {left: Math.max(view.left, frame.left), right: Math.min(view.right, frame.right),
                top: Math.max(view.top, frame.top), bottom: Math.min(view.bottom, frame.bottom)};
      } else if (style.overflowX !== 'visible' && up.clientWidth && !scrolls
                 && (all.right > frame.right + 1 || all.left < frame.left - 1))
        found.push(`cut off: ${words.slice(0, 60)}`);
    }
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      if (!scrolls && (box.right > wide + 1 || box.left < -1)) found.push(`off the screen: ${words.slice(0, 60)}`);
      const seen = {left: Math.max(box.left, view.left), right: Math.min(box.right, view.right),
                    top: Math.max(box.top, view.top), bottom: Math.min(box.bottom, view.bottom)};
      if (seen.left < seen.right && seen.top < seen.bottom) boxes.push([seen, words, text]);
    }
  }
  boxes.sort((a, b) => a[0].top - b[0].top);
  for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < boxes.length && boxes[j][0].top < boxes[i][0].bottom - 3; j++) {
      const [one, other] = [boxes[i][0], boxes[j][0]];
      if (boxes[i][2] !== boxes[j][2] && one.left < other.right - 2 && other.left < one.right - 2
          && other.bottom > one.top + 3)
        found.push(`overlapping: ${boxes[i][1].slice(0, 40)} / ${boxes[j][1].slice(0, 40)}`);
    }
  return [...new Set(found)];
}"""


HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
  .filter(h => h.checkVisibility({visibilityProperty: true})).map(h => Number(h.tagName[1]))"""


def test_every_page_is_looked_at() -> None:
    assert sorted(TITLES) == sorted(file.stem for file in PAGES.glob("[!_]*.py"))
    assert len(NAMES) >= 11


@pytest.mark.parametrize("state", STATES, ids=" ".join)
def test_every_page_in_every_state(
    context: BrowserContext, urls: dict[str, str], of_streamlit: set[tuple[str, str]], state: tuple[str, str]
) -> None:
    store, address = state
    page = opened(context, f"{urls[store]}/{address}")
    problems: dict[str, object] = {}
    wide = violations(page)
    problems["axe, wide and light"] = {at: how for at, how in wide.items() if at not in of_streamlit}
    problems["too small to point at"] = page.evaluate(SMALL)
    levels: list[int] = page.evaluate(HEADINGS)
    problems["headings"] = [
        (above, below) for above, below in zip([0, *levels], levels, strict=False) if below > above + 1
    ]
    problems["first-level headings besides one"] = levels.count(1) - 1
    service = re.search(r"service=(\w+)", address)
    name = re.split(r"\W", address.removeprefix(f"{SHARED}-"))[0]
    title = TITLES[name] + (f": {service[1]}" if service else "")
    if name == "accessibility":  # it is of no service
        title = TITLES[name]
    title = {"signed out": "Sign in", "by a link": f"{title}: Northmoor"}.get(store, title)
    problems["title"] = "" if page.title().startswith(title) else page.title()
    problems["language"] = page.evaluate("document.documentElement.lang.replace(/^en(-GB)?$/, '')")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    wait_until_whole(page, steady=0.2)
    dark = violations(page)
    problems["axe, phone and dark"] = {at: how for at, how in dark.items() if at not in of_streamlit}
    problems["phone"] = page.evaluate(LAYOUT)
    for zoom, width, height in (("200%", 640, 450), ("400%", 320, 256)):
        page.set_viewport_size({"width": width, "height": height})
        wait_until_whole(page, steady=0.2)
        problems[zoom] = page.evaluate(LAYOUT)
    page.close()
    assert {what: found for what, found in problems.items() if found} == {}


# Before the next Tab: where the focus is, how it and what is around it look, and whether it can be seen.
STOP = r"""() => {
  const e = document.activeElement;
  if (e === document.body) return null;
  const look = at => { const out = [];
    for (let up = at, i = 0; up && i < 5; up = up.parentElement, i++) {
      const s = getComputedStyle(up);
      out.push([s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor].join(' '));
    }
    return out.join('|'); };
  const before = window.__stop;
  const changed = !before || look(before.e) !== before.look;
  const label = before && before.label;
  const box = e.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  // Somewhere on it there must be nothing else on top of it.
  let seen = false;
  for (const x of [.1, .5, .9]) for (const y of [.1, .5, .9]) {
    const on = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
    seen ||= on && (e.contains(on) || (on.contains(e) && on !== document.body && on.tagName !== 'MAIN')
                    || e.tagName === 'MAIN' || e.closest('label')?.contains(on));
  }
  const first = before && !before.e.isConnected;
  const follows = !before || first || !!(before.e.compareDocumentPosition(e) & (4 | 16));
  window.__stop = {e, look: look(e), label: `${e.tagName} ${e.ariaLabel || e.innerText || e.outerHTML.slice(0, 80)}`};
  return {changed, label, seen, follows, now: window.__stop.label.slice(0, 80)};
}"""


@pytest.mark.parametrize("name", [*(f"{name}?" for name in NAMES), "areas?area=1&", "letter?finding=1&"])
def test_tab_goes_through_the_whole_page(context: BrowserContext, urls: dict[str, str], name: str) -> None:
    page = opened(context, f"{urls['filled']}/{name}{EVERYTHING}")
    page.emulate_media(reduced_motion="reduce")  # a focus ring then does not fade in
    stops, problems = [], []
    for _ in range(250):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        stops.append(stop["now"])
        if not stop["changed"]:
            problems.append(f"no visible focus: {stop['label']}")
        if not stop["seen"]:
            problems.append(f"under something else: {stop['now']}")
        if not stop["follows"]:
            problems.append(f"out of order: {stop['now']}")
    else:
        problems.append(f"a trap: {stops[-3:]}")
    reached = "\n".join(stops)
    for what in ("Skip to main content", "Overview", "Service"):
        if what not in reached and not (what == "Service" and name == "accessibility?"):
            problems.append(f"not reached: {what}")
    links = page.locator("main").get_by_role("link").count()
    page.close()
    assert problems == []
    assert len([stop for stop in stops if stop.startswith("A ")]) >= links


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is in focus has this name. It begins where the focus is, and goes round once."""
    reached = []
    for _ in range(200):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(({ariaLabel, labels, innerText}) => ariaLabel || labels?.[0]?.innerText || innerText || '')"
            "(document.activeElement)"
        )
        if said.strip().splitlines()[-1:] == [name]:  # an icon's name may stand before it
            return
        reached.append(said[-40:])
    raise AssertionError(f"Tab does not reach {name}, but {reached}")


def test_a_whole_task_without_a_mouse(chromium: Browser, filled_store: Path, tmp_path: Path) -> None:
    """From the address to a service, through a table to its download, and an action written down."""
    shutil.copytree(filled_store, tmp_path / "store")
    with serve(store=tmp_path / "store") as server:
        page = chromium.new_page(locale="en-GB", accept_downloads=True)
        page.goto(server.url)
        wait_until_whole(page)
        tab_to(page, "Service")
        page.keyboard.press("Control+a")
        page.keyboard.type("Northmoor")
        expect(page.get_by_role("option")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Northmoor", timeout=30_000)
        wait_until_whole(page)
        tab_to(page, "Each practice and its findings")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Practice by section")).to_be_visible(timeout=30_000)
        wait_until_whole(page)
        tab_to(page, "The table behind this picture")
        page.keyboard.press("Enter")
        tab_to(page, "Download as CSV")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.suggested_filename.endswith(".csv")
        tab_to(page, "Areas")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Areas", timeout=30_000)
        wait_until_whole(page)
        tab_to(page, "Evidence, actions and measures")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Area 1", timeout=30_000)
        expect(page).to_have_url(re.compile(r"[?&]area=1\b"), timeout=30_000)
        wait_until_whole(page)
        tab_to(page, "Your name or role")
        page.keyboard.type("A. Chair")
        page.keyboard.press("Tab")
        wait_until_whole(page)
        tab_to(page, "Add an action")
        page.keyboard.press("Enter")
        expect(page.get_by_role("textbox", name="Action", exact=True)).to_be_visible(timeout=30_000)
        wait_until_whole(page)
        tab_to(page, "Action")
        page.keyboard.type("Review every plan with the child")
        tab_to(page, "Save")
        page.keyboard.press("Enter")
        written = page.get_by_text(re.compile(r"Review every plan with the child$"))
        expect(written.first).to_be_visible(timeout=30_000)
        expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
        page.close()


def test_nothing_moves_where_no_movement_is_wanted(context: BrowserContext, urls: dict[str, str]) -> None:
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{urls['filled']}/scores?{EVERYTHING}")
    wait_until_whole(page)
    slow = """() => [...document.querySelectorAll('*')].filter(e => {
      const s = getComputedStyle(e);
      return [...s.transitionDuration.split(','), ...s.animationDuration.split(',')].some(d => parseFloat(d) > .01);
    }).map(e => e.outerHTML.slice(0, 100))"""
    assert page.evaluate(slow) == []
    page.close()
