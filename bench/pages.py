"""How long a page takes in Chromium, next to an empty Streamlit page in the same minutes.

Cold is a browser that has nothing of the dashboard yet, warm its second visit. The first visit in a server's
life does not count. Empty page and page take turns, so that a busy machine slows both."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, BrowserContext

from bench.chromium import WHOLE, chromium
from bench.server import EMPTY_PAGE, serve
from bench.timing import Figure

PAGES = ("overview", "scores", "letter", "load", "methods")
# Warm and cold ratios to the empty page that we aim at; the letter's page and the two others have no chart.
AIMS = {"overview": ("1.3", "1.5"), "scores": ("2.0", "2.2")}
RUNS = 5

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


def _visit(context: BrowserContext, url: str) -> Visit:
    page = context.new_page()
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


def measure_pages(store: Path, service: str) -> Iterator[Figure]:
    """First sentence and whole page, cold and warm, for each page."""
    with serve(EMPTY_PAGE) as empty, serve(store=store) as dashboard, chromium() as browser:
        _pair(browser, empty.url)
        first, _ = _pair(browser, f"{dashboard.url}/overview")
        yield Figure(
            "first visit after a start: whole overview",
            f"{dashboard.started_in:.1f} s + {first.whole:.0f} ms",
        )
        for page in PAGES:
            url = f"{dashboard.url}/{page}?service={service}"
            _pair(browser, url)
            floors, visits = [], []
            for _ in range(RUNS):
                floors.append(_pair(browser, empty.url))
                visits.append(_pair(browser, url))
            for which, name in enumerate(("cold", "warm")):
                aim = AIMS.get(page)
                yield _figure(
                    f"{page}, {name}",
                    [v[which] for v in visits],
                    [f[which] for f in floors],
                    aim[1 - which] if aim else "",
                )


def _figure(what: str, visits: list[Visit], floors: list[Visit], aim: str) -> Figure:
    sentence, whole = median(v.sentence for v in visits), median(v.whole for v in visits)
    return Figure(
        what,
        f"sentence {sentence:.0f} ms = {sentence / median(f.sentence for f in floors):.2f} × empty, "
        f"whole {whole:.0f} ms = {whole / median(f.whole for f in floors):.2f} × empty",
        f"whole {aim} × empty" if aim else "",
    )
