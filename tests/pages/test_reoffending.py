"""The page of reoffending: what a letter's figures can and cannot say, and what counts add."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from streamlit.testing.v1 import AppTest

from sqs_core.model import Cohort, ReoffendingHeadline
from sqs_core.store import FolderStore, LetterFile, TableFile
from tests.store.conftest import small_inspection

OpenApp = Callable[..., AppTest]
Words = Callable[[AppTest], str]

START, END = date(2013, 4, 1), date(2014, 3, 31)


def shown(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def load(store_folder: Path, *cohorts: Cohort) -> None:
    FolderStore(store_folder).load([TableFile("rates.csv", "0" * 64, cohorts=cohorts)], by="Analyst")


def test_knowsley_opens_on_the_two_figures_of_its_letter(open_app: OpenApp, words: Words) -> None:
    app = open_app("reoffending", service="Knowsley")
    first = shown(app.markdown[0].value)
    assert first.startswith("**37.0% of the children cautioned, convicted or released from October 2012")
    assert "is not known" in first
    text = shown(words(app))
    assert "37.0% after 38.8%" in text
    assert "37.0% beside 37.4%" in text
    assert "Not comparable" in text
    assert text.count("Not comparable with") == 2
    assert not re.search(r"\b(?:Better|Worse) than\b", text)
    assert "As the inspection letter gives it. The cohort ended " in text
    assert "there is nothing to compare with" in text


def test_counts_give_an_interval_and_a_funnel(open_app: OpenApp, words: Words, store_folder: Path) -> None:
    others = [
        Cohort(
            name, START, END, offenders=200 + 10 * n, reoffenders=76 + 4 * n, published_on=date(2016, 1, 28)
        )
        for n, name in enumerate(("Barnet", "Leeds", "Hampshire", "Kent"))
    ]
    load(
        store_folder,
        Cohort("Knowsley", START, END, 151, 45, 120, published_on=date(2016, 1, 28)),
        Cohort("England and Wales", START, END, 42_299, 16_083, published_on=date(2016, 1, 28)),
        *others,
    )
    app = open_app("reoffending", service="Knowsley")
    text = shown(words(app))
    assert (
        "29.8% of 151 children reoffended within a year, 45 of them: between 23% and 38% by chance alone"
        in text
    )
    assert "29.8% beside 38.0%" in text
    assert (
        "Knowsley is below the 95% limits, inside the 99.8% ones: its 30% of 151 children is less than the 38%"
        in text
    )


def test_a_trend_boundaries_and_what_was_published_again(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    """Dorset's boundaries changed in July 2015, by our register."""
    years = [
        Cohort(
            "Dorset Combined YOS", date(y, 4, 1), date(y + 1, 3, 31), 300, k, published_on=date(y + 3, 1, 28)
        )
        for y, k in ((2010, 130), (2011, 118), (2012, 100), (2013, 82), (2015, 140))
    ]
    again = replace(years[3], reoffenders=84, published_on=date(2017, 1, 28))
    load(store_folder, *years, again, replace(years[0], rate=12.0, published_on=date(2012, 12, 1)))
    name = "Dorset Combined YOS"
    app = open_app("reoffending", service=name, figures="12-month cohorts, boundaries until June 2015")
    text = shown(words(app))
    assert (
        "Over four cohorts that share no months, from April 2010 to March 2014, the rate fell by more than"
        in text
    )
    assert (
        "In July 2015, by our register, Bournemouth and Poole joined it: the figures after are of other"
        in text
    )
    assert (
        "April 2013 to March 2014, published on 28 January 2016 and again on 28 January 2017: the rate went from 27.3% "
        "to 28.0% and those who reoffended went from 82 to 84."
    ) in text
    app = open_app("reoffending", service=name)
    assert shown(app.markdown[0].value).startswith("**46.7% of 300 children")
    assert app.selectbox(key="figures").options == [
        "12-month cohorts, boundaries until June 2015",
        "12-month cohorts, sums of quarters, boundaries since July 2015",
    ]


def test_counts_that_do_not_agree_with_their_rate_are_shown_to_analysts(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    load(store_folder, Cohort("Knowsley", START, END, 151, 45, rate=38.8))
    text = shown(words(open_app("reoffending", service="Knowsley")))
    assert "April 2013 to March 2014: The published rate is 38.8%, but 45 of 151 children is 29.8%" in text


def test_a_service_without_figures_is_told_what_to_load(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    inspection = small_inspection("Leeds")
    bare = replace(inspection, reoffending=ReoffendingHeadline())
    FolderStore(store_folder).load([LetterFile("leeds.txt", "1" * 64, bare)], by="Analyst")
    app = open_app("reoffending", service="Leeds")
    assert "No reoffending figure of this service is loaded" in shown(words(app))
    assert "answers what it does not say" in shown(words(app))


def test_the_services_of_a_police_area_are_added_up_where_most_have_counts(
    open_app: OpenApp, words: Words, store_folder: Path
) -> None:
    load(
        store_folder,
        Cohort("Knowsley", START, END, 151, 45),
        Cohort("Sefton", START, END, 200, 80),
        Cohort("Liverpool", START, END, 500, 210),
        Cohort("Wirral", START, END, 300, 110),
        Cohort("Leeds", START, END, 400, 160),
        Cohort("North West", START, END, rate=39.0),
    )
    app = open_app("reoffending", service="Knowsley", beside="Others in the police area Merseyside")
    text = shown(words(app))
    assert "29.8% beside 40.0%" in text
    assert (
        "Others in the police area Merseyside: three areas added up, 1,000 children. Left out: St. Helens (no figure for "
        "these months)."
    ) in text
    text = shown(words(open_app("reoffending", service="Knowsley", beside="Others in the region North West")))
    assert re.search(
        r"Others in the region North West: only three of \d\d have counts for these months, too few", text
    )
    assert "There is no figure of others in the region North West" in text or "40.0%" not in text
    app = open_app(
        "reoffending", service="Knowsley", beside="Services that you choose", family="Leeds;Sefton"
    )
    assert "The services chosen: two areas added up, 600 children." in shown(words(app))
    app = open_app("reoffending", service="Knowsley", beside="The region North West, as published")
    assert "Not comparable with North West: 29.8% beside 39.0%" in shown(words(app))


def test_a_service_with_figures_alone_has_its_region_too(open_app: OpenApp, store_folder: Path) -> None:
    load(store_folder, Cohort("Sefton", START, END, 200, 80))
    for page in ("reoffending", "compare"):
        app = open_app(page, service="Sefton")
        assert "Others in the region North West" in app.selectbox(key="beside").options


def test_a_link_to_what_is_not_here_says_so(open_app: OpenApp, words: Words, store_folder: Path) -> None:
    load(store_folder, Cohort("Knowsley", START, END, 151, 45))
    text = shown(words(open_app("reoffending", service="Knowsley", figures="5-month cohorts<b>")))
    assert "The link asks for “5-month cohorts<b>”, which is not here. It is left out." in text
