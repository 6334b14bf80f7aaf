"""How long a page takes in Chromium, next to an empty Streamlit page in the same minutes.

Cold is a browser that has nothing of the dashboard yet, warm its second visit. The first visit in a server's
life does not count. Empty page and page take turns, so that a busy machine slows both."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext

from bench.chromium import WHOLE, chromium
from bench.server import EMPTY_PAGE, serve
from bench.timing import Figure

# Section scores draws a chart only where there is something to compare with: both are measured.
PAGES = {
    "overview": ("", "Knowsley"),
    "scores": ("scores", "Knowsley"),
    "scores with a chart": ("scores", "Northmoor (illustrative)"),
    "reviews with a chart": ("reviews", "Northmoor (illustrative)"),
    "reviews, none loaded": ("reviews", "Knowsley"),
    "reoffending with a chart": ("reoffending", "Northmoor (illustrative)"),
    "compare with a chart": ("compare", "Northmoor (illustrative)"),
    "letter": ("letter", "Knowsley"),
    "load": ("load", "Knowsley"),
    "methods": ("methods", "Knowsley"),
}
# How many times the empty page, cold and warm, the whole of a page may take.
AIMS = {"overview": ("1.5", "1.3"), "scores with a chart": ("2.2", "2.0")}
RUNS = 5
SLOW_LINE = {"offline": False, "latency": 28, "downloadThroughput": 5e6 / 8, "uploadThroughput": 1e6 / 8}

# The page's own clock, looked at before each frame is drawn: when a sentence stood there first, when all did.
WATCH = """(() => {
  const whole = WHOLE;
  const seen = window.__seen = {sentence: null, whole: null};
  const look = () => {
    const main = document.querySelector('[data-testid="stMainBlockContainer"]');
    if (main && seen.sentence === null &&
        [...main.querySelectorAll('p')].some(p => p.offsetParent && p.innerText.trim().length > 40))
      seen.sentence = performance.now();
    if (main && seen.whole === null && whole()) seen.whole = performance.now();
    if (seen.whole === null) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();""".replace("WHOLE", WHOLE)


@dataclass(frozen=True, slots=True)
class Visit:
    """Milliseconds from the navigation's start."""

    sentence: float
    whole: float


def _visit(context: BrowserContext, url: str, slow: bool = False) -> Visit:
    page = context.new_page()
    if slow:
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_LINE)
    page.add_init_script(WATCH)
    page.goto(url, wait_until="commit")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        seen = page.evaluate("() => window.__seen")
        if seen and seen["whole"] is not None:
            if page.locator('[data-testid="stException"]').count():
                raise RuntimeError(f"{url} shows an exception")
            page.close()
            # Whole without a long paragraph: the sentence is there with the whole.
            return Visit(seen["sentence"] or seen["whole"], seen["whole"])
        page.wait_for_timeout(25)
    raise TimeoutError(f"{url} was not whole after a minute")


def _pair(browser: Browser, url: str) -> tuple[Visit, Visit]:
    """A cold and a warm visit."""
    context = browser.new_context(viewport={"width": 1366, "height": 900}, locale="en-GB")
    try:
        return _visit(context, url), _visit(context, url)
    finally:
        context.close()


def measure_slow_line(store: Path) -> Iterator[Figure]:
    """The overview's first sentence in a browser that has nothing yet, over 5 Mbit/s with 28 ms each way."""

    def first_sentence(browser: Browser, url: str) -> float:
        context = browser.new_context(viewport={"width": 1366, "height": 900}, locale="en-GB")
        try:
            return _visit(context, url, slow=True).sentence
        finally:
            context.close()

    with serve(EMPTY_PAGE) as empty, serve(store=store) as dashboard, chromium() as browser:
        floors, taken = [], []
        for turn in range(RUNS + 1):  # the first visits in a server's life do not count
            floor, own = first_sentence(browser, empty.url), first_sentence(browser, dashboard.url)
            if turn:
                floors.append(floor)
                taken.append(own)
    ratio = median(taken) / median(floors)
    yield Figure(
        "overview over 5 Mbit/s, cold: first sentence",
        f"{median(taken):.0f} ms, {ratio:.2f} × empty",
        "2 × empty",
    )


def measure_pages(store: Path) -> Iterator[Figure]:
    """First sentence and whole page, cold and warm, for each page."""
    with serve(EMPTY_PAGE) as empty, serve(store=store) as dashboard, chromium() as browser:
        _pair(browser, empty.url)
        first, _ = _pair(browser, dashboard.url)
        yield Figure("start of the server", f"{dashboard.started_in:.1f} s")
        yield Figure("first visit after a start: whole overview", f"{first.whole:.0f} ms")
        for page, (path, service) in PAGES.items():
            url = f"{dashboard.url}/{path}?service={quote(service)}"
            _pair(browser, url)
            floors, visits = [], []
            for _ in range(RUNS):
                floors.append(_pair(browser, empty.url))
                visits.append(_pair(browser, url))
            for which, name in enumerate(("cold", "warm")):
                aim = AIMS.get(page)
                yield from _figures(
                    f"{page}, {name}",
                    [pair[which] for pair in visits],
                    [pair[which] for pair in floors],
                    f"{aim[which]} × empty" if aim else "",
                )


def _figures(what: str, visits: list[Visit], floors: list[Visit], aim: str) -> Iterator[Figure]:
    sentence, whole = median(v.sentence for v in visits), median(v.whole for v in visits)
    ratio = sentence / median(f.sentence for f in floors)
    yield Figure(f"{what}: first sentence", f"{sentence:.0f} ms, {ratio:.2f} × empty")
    ratio = whole / median(f.whole for f in floors)
    yield Figure(f"{what}: whole page", f"{whole:.0f} ms, {ratio:.2f} × empty", aim)
