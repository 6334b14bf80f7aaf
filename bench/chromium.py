"""A Chromium to look at the dashboard with: `python -m bench.chromium` finds one or installs one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Loopback only and nobody's own browser: no sandbox (root has none), nothing in the background.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NONE = (
    "No Chromium was found and none could be installed: install one, or set CHROMIUM to the path of a "
    "Chromium or Chrome."
)


class NoChromiumError(Exception):
    """There is no Chromium that starts."""


def _starts(path: str | None) -> bool:
    """Whether this is a browser and not, say, the stub of a snap."""
    if not path:
        return False
    try:
        return (
            subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def find() -> str:
    """The path of a Chromium: the variable CHROMIUM and no other, the system's, or Playwright's own."""
    if chosen := os.environ.get("CHROMIUM"):
        if _starts(chosen):
            return chosen
        raise NoChromiumError(f"CHROMIUM names no browser that starts: {chosen}")
    for name in NAMES:
        path = shutil.which(name)
        if path and _starts(path):
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if _starts(path):
        return path
    raise NoChromiumError(NONE)


def _run(*command: str) -> bool:
    """Run, with what it says on stderr."""
    print("$", *command, file=sys.stderr)
    try:
        return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0
    except OSError:
        return False


def find_or_install() -> str:
    """A Chromium that is there; else, as root, the distribution's package; failing that, Playwright's download.

    Installs nothing where CHROMIUM is set: a browser was chosen, and another would not be it.
    """
    try:
        return find()
    except NoChromiumError:
        if os.environ.get("CHROMIUM"):
            raise
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
        try:
            return find()
        except NoChromiumError:
            pass  # a distribution whose package is a stub: Playwright's then
    _run(sys.executable, "-m", "playwright", "install", "chromium")
    return find()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


# The page is whole: the script is over, nothing is stale or still a placeholder, every chart is drawn.
WHOLE = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app || app.getAttribute('data-test-script-state') !== 'notRunning') return false;
  const main = document.querySelector('[data-testid="stMainBlockContainer"]');
  if (!main || !main.innerText.trim()) return false;
  if (document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]')) return false;
  const charts = main.querySelectorAll('[data-testid="stPlotlyChart"], [data-testid="stDataFrame"]');
  return [...charts].every(chart =>
    [...chart.querySelectorAll('svg, canvas')].some(drawing => {
      const box = drawing.getBoundingClientRect();
      return box.width > 20 && box.height > 20;
    }));
}"""


def wait_until_whole(page: Page, seconds: float = 60, steady: float = 0.4) -> None:
    """Wait until the page has been whole for `steady` seconds, so that a click just made has begun to work.

    Raises TimeoutError. Asks from outside: a strict content policy forbids Playwright's own waiting.
    """
    end = time.monotonic() + seconds
    since: float | None = None
    while (now := time.monotonic()) < end:
        if not page.evaluate(WHOLE):
            since = None
        elif since is None:
            since = now
        elif now - since >= steady:
            return
        page.wait_for_timeout(40)
    raise TimeoutError(f"{page.url} was not whole after {seconds:.0f} s")


if __name__ == "__main__":
    try:
        print(find_or_install())
    except NoChromiumError as error:
        sys.exit(str(error))
