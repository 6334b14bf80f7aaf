"""The page that compares services: who is beside whom, what chance alone does, and nobody called best or worst."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from streamlit.testing.v1 import AppTest

from sqs_core.model import Cohort, Review
from sqs_core.store import FolderStore, LetterFile, TableFile
from tests.store.conftest import small_inspection

OpenApp = Callable[..., AppTest]
Words = Callable[[AppTest], str]

START, END = date(2018, 4, 1), date(2019, 3, 31)
MADE_UP = "Brackenshire (illustrative)"


def shown(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def service_names(app: AppTest) -> list[str]:
    """In the order of the table of intervals."""
    tables = [element.proto.body for element in app.get("html") if "class='ranks'" in element.proto.body]
    return [name.strip() for name in re.findall(r"<th scope='row'>([^<]+)", tables[0])]


def cohorts(*rows: tuple[str, int, int]) -> Iterator[Cohort]:
    for area, reoffenders, offenders in rows:
        yield Cohort(area, START, END, offenders, reoffenders, published_on=date(2021, 1, 28))


@pytest.fixture
def figures(store_folder: Path) -> Path:
    """Knowsley among five of its region, one of another, and one whose children are not known."""
    rows = cohorts(
        ("Knowsley", 45, 151),
        ("Sefton", 80, 200),
        ("Bolton", 76, 200),
        ("Wigan", 70, 190),
        ("Trafford", 8, 22),
        ("Leeds", 260, 400),
        ("England and Wales", 12_000, 34_000),
    )
    rate_alone = Cohort("Salford", START, END, rate=41.0)
    file = TableFile("rates.csv", "0" * 64, cohorts=[*rows, rate_alone])
    FolderStore(store_folder).load([file], by="Analyst")
    return store_folder


def test_reoffending_is_compared_with_england_and_wales(
    open_app: OpenApp, words: Words, figures: Path
) -> None:
    assert figures.is_dir()
    app = open_app("compare", service="Knowsley")
    assert shown(app.markdown[0].value) == (
        "**Knowsley is inside the limits: its 30% of 151 children differs from the 35% of England and Wales by no more "
        "than chance.**"
    )
    text = shown(words(app))
    assert "Of five services chance alone would put" in text
    assert "Leeds above" in text
    assert "Without a rate, as it has fewer than 30 children: Trafford." in text
    assert "Left out: Salford (number of children not known)." in text
    assert service_names(app) == ["Leeds", "Sefton", "Bolton", "Wigan", "Knowsley", "Trafford"]
    assert not re.search(r"\b(?:best|worst)\b", text, re.I)
    assert len(app.get("plotly_chart")) == 1
    assert not re.search(r"\b(?:8 of 22|22 children)\b", text), "publishers keep back so few"


def test_region_and_family_are_filters(open_app: OpenApp, figures: Path) -> None:
    assert figures.is_dir()
    app = open_app("compare", service="Knowsley", beside="Others in the region North West")
    assert "Leeds" not in service_names(app)
    assert "Sefton" in service_names(app)
    app = open_app(
        "compare", service="Knowsley", beside="Services that you choose", family="Leeds;Bolton;Nowhere"
    )
    assert service_names(app) == ["Leeds", "Bolton", "Knowsley"]
    app.multiselect[0].unselect("Leeds").run()
    assert service_names(app) == ["Bolton", "Knowsley"]
    assert "Bolton" in app.query_params["family"]


def test_a_family_that_is_not_chosen_yet_is_asked_for(open_app: OpenApp, words: Words, figures: Path) -> None:
    assert figures.is_dir()
    app = open_app("compare", service="Knowsley", beside="Services that you choose")
    assert "No services are chosen yet." in shown(words(app))
    app.multiselect[0].select("Leeds").run()
    assert service_names(app) == ["Leeds", "Knowsley"]


def test_where_nothing_can_be_compared_it_is_said_what_to_load(open_app: OpenApp, words: Words) -> None:
    app = open_app("compare", service="Knowsley")
    text = shown(words(app))
    assert "No other service has counts for these months, so there is nothing to compare with." in text
    assert not app.get("plotly_chart")
    text = shown(words(open_app("compare", service="Knowsley", compare="Reviews on time")))
    assert "No record of this service's reviews with a due date is loaded." in text
    text = shown(words(open_app("compare", service="Knowsley", compare="Section scores")))
    assert "Only Knowsley has a score for this section" in text


def test_samples_of_14_are_not_ranked(open_app: OpenApp, words: Words, store_folder: Path) -> None:
    letters = []
    for number, place in enumerate(("Leeds", "Bolton")):
        inspection = small_inspection(place)
        letter = replace(inspection.letter, case_count=14, place=place, service_name=f"{place} YOS")
        letters.append(LetterFile(f"{place}.txt", str(number) * 64, replace(inspection, letter=letter)))
    FolderStore(store_folder).load(letters, by="Analyst")
    app = open_app("compare", service="Leeds", compare="Section scores")
    text = shown(words(app))
    assert "Leeds has 14 cases, too few to be compared" in text
    assert "cases cannot be ranked: chance alone may move a share of 14 cases by" in text
    assert "No service has 30 cases or more, so there is nothing to compare." in text
    assert service_names(app) == sorted(service_names(app)), "by name, as no order says anything"
    assert "of 14 cases. Too few for a rank: by chance anything between" in text
    assert not re.search(r"\b1st\b|\bbest\b|\bworst\b", text)


def reviews(service: str, on_time: float, seed: int) -> list[Review]:
    draw = Random(seed)
    return [
        Review(
            service,
            f"{service[:2]}{number // 2}",
            "assessment",
            "scheduled",
            date(2019, 1, 1),
            due_on=(due := date(2018, 1, 1) + timedelta(days=number)),
            completed_on=due + timedelta(days=0 if draw.random() < on_time else 9),
        )
        for number in range(340)
    ]


def test_reviews_on_time_of_the_same_months(open_app: OpenApp, words: Words, store_folder: Path) -> None:
    rows = [*reviews("Knowsley", 0.5, 1), *reviews("Leeds", 0.9, 2), *reviews("Bolton", 0.88, 3)]
    early = [
        replace(r, service="Sefton", extracted_on=date(2018, 6, 1)) for r in reviews("Sefton", 0.9, 4)[:100]
    ]
    FolderStore(store_folder).load(
        [TableFile("reviews.csv", "2" * 64, reviews=[*rows, *early])], by="Analyst"
    )
    app = open_app("compare", service="Knowsley", compare="Reviews on time")
    text = shown(words(app))
    assert shown(app.markdown[0].value).startswith("**Knowsley is below even the 99.8% limits: its ")
    assert "Reviews due January to December 2018, by the due dates" in text
    assert "Left out: Sefton (its extract ends on 1 June 2018)." in text
    assert service_names(app)[-1] == "Knowsley"
    assert "The figures do not say why" in text


@pytest.mark.parametrize("what", ["Reoffending", "Section scores", "Reviews on time"])
def test_an_illustrative_service_shows_the_full_page(open_app: OpenApp, words: Words, what: str) -> None:
    app = open_app("compare", service=MADE_UP, compare=what)
    assert set(service_names(app)) == {
        "Brackenshire",
        "Eastmere",
        "Marlhaven",
        "Northmoor",
        "Sallowbridge",
        "Wyrevale",
    }
    assert len(app.get("plotly_chart")) == 1
    assert "Knowsley" not in shown(words(app)), "made-up services are never beside real ones"
    assert "Illustrative data" in shown(words(app))


def test_a_link_from_reoffending_keeps_the_cohort(open_app: OpenApp, words: Words) -> None:
    cohort = "July 2012 to June 2013"
    app = open_app(
        "compare", service=MADE_UP, compare="Reoffending", figures="12-month cohorts, rolling", cohort=cohort
    )
    assert f"Children cautioned, convicted or released, {cohort}. 12-month cohorts, rolling." in shown(
        words(app)
    )
    assert app.selectbox(key="cohort").value == cohort


def test_letters_count_with_their_latest_inspection(open_app: OpenApp, words: Words) -> None:
    text = shown(words(open_app("compare", service=MADE_UP, compare="Section scores")))
    assert "Inspected in July 2016" in text
