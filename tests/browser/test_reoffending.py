"""From a published table to the funnel that a chair opens from a link: in a real Chromium."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.chromium import wait_until_whole
from bench.server import serve
from tests.browser.test_reviews import address, choose, drop, open_tables, pick

OpenPage = Callable[..., Page]

NAMES = ("Knowsley", "Sefton", "St. Helens", "Wirral", "Liverpool", "Bolton", "Wigan", "Leeds")


@pytest.fixture(scope="module")
def own_url(filled_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard on a store of its own, which these tests may change."""
    store = tmp_path_factory.mktemp("own") / "store"
    shutil.copytree(filled_store, store)
    with serve(store=store) as server:
        yield server.url


def published() -> bytes:
    """As such a table is published: a title, footnote marks, a cohort as words, percentages as text, a suppressed row."""
    rows = ["Table 7: proven reoffending of children (1),,,,", ""]
    rows.append(
        "Area,Cohort [note 1],Number of offenders,Number of reoffenders,Proportion of offenders who reoffend (%)"
    )
    for cohort in ("Oct 2012 - Sep 2013", "Oct 2013 - Sep 2014 (2)"):
        for number, name in enumerate(NAMES):
            offenders = 151 + 40 * number
            reoffenders = round(
                offenders * (0.298 if name == "Knowsley" else 0.62 if name == "Leeds" else 0.37)
            )
            rows.append(f"{name},{cohort},{offenders},{reoffenders},{100 * reoffenders / offenders:.1f}%")
        rows.append(f'England and Wales,{cohort},"42,299","16,083",38.0%')
        rows.append(f"Rutland,{cohort},*,*,*")
    rows += ["", "(1) Figures of fewer than five are kept back.", "Source: Ministry of Justice"]
    return "\n".join(rows).encode()


def first_sentence(page: Page) -> str:
    bold = page.get_by_test_id("stMainBlockContainer").locator("p > strong:only-child")
    return str(bold.first.inner_text())


def test_from_a_published_table_to_a_funnel_by_a_link(open_page: OpenPage, own_url: str) -> None:
    page = open_page(f"{own_url}/reoffending?service=Knowsley")
    assert first_sentence(page).startswith("37.0% of the children")
    page.goto(f"{own_url}/tables")
    wait_until_whole(page)
    page.get_by_text("Reoffending figures of areas").click()
    wait_until_whole(page)
    drop(page, "table-7.csv", published())
    wait_until_whole(page)
    expect(page.get_by_text("On which day were the figures published?")).to_be_visible(timeout=30_000)
    page.get_by_role("textbox", name=re.compile("On which day")).fill("2016-01-28")
    for question, answer in (("Are these published figures", "published"), ("Of which ages", "10 to 17")):
        pick(page, question, answer)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("You said: age group is 10 to 17.")).to_be_visible(timeout=30_000)
    wait_until_whole(page)
    page.get_by_text("I have looked at these rows").click()
    load = page.get_by_role("button", name="Load it")
    expect(load).to_be_enabled(timeout=30_000)
    load.click()
    expect(page.get_by_text("table-7.csv is loaded")).to_be_visible(timeout=30_000)

    page.goto(f"{own_url}/reoffending?service=Knowsley")
    wait_until_whole(page)
    assert first_sentence(page) == (
        "29.8% of 151 children reoffended within a year, 45 of them: between 23% and 38% by chance alone. They were "
        "cautioned, convicted or released from October 2013 to September 2014."
    )
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(1)
    page.get_by_role("link", name="Services in a funnel, and each with its interval").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare services: Knowsley", timeout=30_000)
    wait_until_whole(page)
    every = first_sentence(page)
    assert every.startswith("Knowsley is ")
    expect(page.locator(".ranks tbody tr")).to_have_count(len(NAMES))
    choose(page, "Compared with", "Others in the police area Merseyside")
    expect(page.locator(".ranks tbody tr")).to_have_count(5)
    assert page.locator(".ranks tr.own th").inner_text().startswith("Knowsley")
    assert address(page)["beside"] == ["Others in the police area Merseyside"]
    assert address(page)["cohort"] == ["October 2013 to September 2014"]

    chair = open_page(page.evaluate("location.href"), width=820)
    assert first_sentence(chair) == first_sentence(page)
    expect(chair.locator(".ranks tbody tr")).to_have_count(5)
    open_tables(chair)
    with chair.expect_download() as download:
        chair.get_by_role("button", name="Download as CSV").first.click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Service,When,Number of children,Who reoffended,Share")
    assert len([line for line in lines if "Merseyside" not in line and line.startswith(NAMES)]) == 5
    assert not re.search(r"\b(?:best|worst)\b", chair.get_by_test_id("stMain").inner_text(), re.I)


def test_a_family_is_chosen_and_goes_with_the_link(open_page: OpenPage, dashboard_url: str) -> None:
    page = open_page(f"{dashboard_url}/compare?service=Brackenshire+(illustrative)")
    choose(page, "Compared with", "Services that you choose")
    expect(page.get_by_text("No services are chosen yet.")).to_be_visible()
    page.get_by_role("combobox", name=re.compile("Services to compare with")).click()
    page.get_by_role("option", name="Eastmere").click()
    page.keyboard.press("Escape")
    wait_until_whole(page)
    expect(page.locator(".ranks tbody tr")).to_have_count(2)
    colleague = open_page(page.evaluate("location.href"))
    expect(colleague.locator(".ranks tbody tr")).to_have_count(2)
    assert address(colleague)["family"] == ["Eastmere"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_scrolls_sideways_on_a_phone(open_page: OpenPage, dashboard_url: str, dark: bool) -> None:
    start = f"{dashboard_url}/reoffending?service=Brackenshire+(illustrative)"
    page = open_page(start, width=390, dark=dark)
    for path in (
        "reoffending",
        "compare",
        "compare?compare=Section+scores",
        "compare?compare=Reviews+on+time",
    ):
        glue = "&" if "?" in path else "?"
        page.goto(f"{dashboard_url}/{path}{glue}service=Brackenshire+(illustrative)")
        wait_until_whole(page)
        open_tables(page)
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, (path, width)
