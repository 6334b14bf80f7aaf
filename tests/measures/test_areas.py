"""Each area with the findings behind it: by words, until an analyst says otherwise; and with its actions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sqs_core.demo import illustrative, knowsley
from sqs_core.letters import read_text
from sqs_core.measures.areas import AreaEvidence, actions_of_area, areas, areas_json
from sqs_core.model import Action, AreaLink
from tests.measures.stored import AT, stored_as

LATER = datetime(2016, 4, 1, 9, tzinfo=UTC)


KNOWSLEY = stored_as(knowsley())
PLANNING, REVIEWING = areas(KNOWSLEY)


def said(**words: bool) -> list[AreaLink]:
    """`f3=True`: finding 3 lies behind it."""
    return [AreaLink(int(name[1:]), linked, "Analyst", AT) for name, linked in words.items()]


def linked(links: list[AreaLink]) -> AreaEvidence:
    return areas(KNOWSLEY, {2: links})[1]


def test_words_alone_propose_the_weaknesses_in_the_practice_that_an_area_is_about() -> None:
    assert (PLANNING.practices, REVIEWING.practices) == (("planning",), ("reviewing",))
    assert REVIEWING.findings == REVIEWING.proposed == (17, 24, 25, 38, 39)
    assert REVIEWING.sections == ("reducing_reoffending", "protecting_the_public", "protecting_the_child")
    assert (REVIEWING.confirmed, REVIEWING.looked_at_by, REVIEWING.looked_at) == ((), None, None)
    assert areas(KNOWSLEY, {}) == areas(KNOWSLEY, {7: said(f1=True)}) == areas(KNOWSLEY)


def test_a_finding_is_confirmed_taken_away_or_added() -> None:
    found = linked(said(f17=True, f24=False, f11=True))
    assert found.findings == (11, 17, 25, 38, 39), "in the letter's order"
    assert (found.proposed, found.confirmed) == ((25, 38, 39), (11, 17))
    assert found.practices == ("reviewing", "planning"), "its own words first, then what was added"
    assert (found.looked_at_by, found.looked_at) == ("Analyst", AT)


def test_the_latest_word_on_a_finding_counts_and_the_latest_look_is_named() -> None:
    found = linked([*said(f17=False, f11=True), AreaLink(17, True, "Second", LATER), *said(f11=False)])
    assert (found.confirmed, 11 in found.findings) == ((17,), False)
    found = linked([*said(f17=True), AreaLink(24, False, "Second", LATER)])
    assert (found.looked_at_by, found.looked_at) == ("Second", LATER)


def test_a_look_at_the_whole_confirms_no_single_finding() -> None:
    found = linked([AreaLink(None, True, "Analyst", AT)])
    assert (found.proposed, found.confirmed) == (REVIEWING.findings, ())
    assert (found.looked_at_by, found.looked_at) == ("Analyst", AT)


def test_a_finding_of_another_practice_that_is_taken_away_again_leaves_no_practice_behind() -> None:
    assert linked(said(f11=True)).practices == ("reviewing", "planning")
    assert linked([*said(f11=True), *said(f11=False)]).practices == ("reviewing",)


def test_an_area_whose_words_name_no_practice_has_what_is_confirmed() -> None:
    text = "Do this better."
    stored = stored_as(replace(knowsley(), areas_requiring_improvement=(text,)))
    (bare,) = areas(stored)
    assert (bare.practices, bare.findings, bare.sections) == ((), (), ())
    (found,) = areas(stored, {1: said(f17=True)})
    assert (found.practices, found.confirmed) == (("reviewing",), (17,))
    assert found.sections == (stored.findings[16].finding.section,)


def test_every_illustrative_letter_has_areas_of_practices_it_was_weak_in() -> None:
    seen: Counter[str] = Counter()
    for service in illustrative(3):
        for name, text in service.inspections:
            stored = stored_as(read_text(name, text), service.service.name)
            for area in areas(stored):
                seen.update(area.practices)
                assert area.findings == area.proposed
                for n in area.findings:
                    assert stored.findings[n - 1].finding.direction == "weakness"
                    assert stored.findings[n - 1].finding.practice in area.practices
    assert seen["reviewing"] >= 5
    assert seen["management_oversight"] >= 4


ACTION = Action(
    service="Knowsley",
    inspection="2015-10-05",
    area=REVIEWING.text,
    reference="1a",
    action="Review every plan of a high-risk case within five days of a change",
    lead="Head of service",
    planned_on=date(2016, 6, 30),
    first_planned_on=date(2016, 3, 31),
    state="done",
    done_on=date(2016, 6, 1),
)


@pytest.mark.parametrize(
    ("action", "belongs"),
    [
        (ACTION, True),
        (replace(ACTION, area=f" {REVIEWING.text.upper().replace('’', chr(39))}\n"), True),
        (replace(ACTION, inspection=None), True),
        (replace(ACTION, inspection="2018-01-01"), False),
        (replace(ACTION, area=PLANNING.text), False),
    ],
)
def test_an_action_belongs_to_the_area_it_names(action: Action, belongs: bool) -> None:
    assert (actions_of_area(KNOWSLEY, REVIEWING.text, [action]) == (action,)) is belongs


def test_the_json_has_the_actions_of_each_area() -> None:
    got = areas_json(KNOWSLEY, {2: said(f24=False)}, [ACTION, replace(ACTION, reference="2", area="Other")])
    planning, reviewing = got["areas"]  # type: ignore[misc]
    assert planning["actions"] == []
    assert reviewing["actions"] == [
        {
            "reference": "1a",
            "action": ACTION.action,
            "lead": "Head of service",
            "planned_on": "2016-06-30",
            "first_planned_on": "2016-03-31",
            "state": "done",
            "done_on": "2016-06-01",
        }
    ]
    paragraph = {f.number: f.finding.paragraph for f in KNOWSLEY.findings}
    assert reviewing["findings"] == list(dict.fromkeys(paragraph[n] for n in (17, 25, 38, 39)))
    undated = areas_json(KNOWSLEY, None, [replace(ACTION, planned_on=None, state="open", done_on=None)])
    (action,) = undated["areas"][1]["actions"]  # type: ignore[index]
    assert (action["planned_on"], action["done_on"], action["state"]) == (None, None, "open")
    assert all(area["actions"] == [] for area in areas_json(KNOWSLEY)["areas"])  # type: ignore[attr-defined]
