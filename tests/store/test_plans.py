"""Action plans: nothing is overwritten, nobody's change is lost, and the plan can be seen as it stood."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from sqs_core.errors import BadInputError, ChangedMeanwhileError, RefusedError
from sqs_core.model import Action
from sqs_core.store import LetterFile, Store
from tests.store.test_concurrency import start

Letters = Callable[..., LetterFile]

ACTION = Action(
    service="Knowsley",
    inspection="2015-10-05",
    area="Plans should be kept under review.",
    reference="1",
    action="Review every plan of a high-risk case within five days of a change",
    lead="Head of service",
    planned_on=date(2016, 3, 31),
    target="90% on time",
)


def latest(store: Store, service: str = "Knowsley") -> dict[str, Action]:
    by_id = {action.id: action for action in sorted(store.read().actions(service), key=lambda a: a.version)}
    return {action.reference: action for action in by_id.values()}


def test_an_action_comes_back_as_it_was_saved(store: Store) -> None:
    (saved,) = store.save_actions([ACTION], by="Chair")
    assert (saved.version, saved.first_planned_on, saved.changed_by) == (1, date(2016, 3, 31), "Chair")
    assert saved.id
    assert saved.changed_at
    (stored,) = store.read().actions("Knowsley")
    assert stored == saved
    assert replace(stored, id="", version=0, changed_by="", changed_at=None, first_planned_on=None) == ACTION
    assert store.check() == []
    assert "changed the action plan of Knowsley: 1" in store.history()[0].what


def test_every_change_is_a_version_and_the_first_date_stays(store: Store) -> None:
    (saved,) = store.save_actions([ACTION], by="Chair")
    (moved,) = store.save_actions(
        [replace(saved, planned_on=date(2016, 6, 30), note="The panel met late.")], by="Lead"
    )
    (done,) = store.save_actions(
        [replace(moved, state="done", done_on=date(2016, 6, 1), note="", evidence="Audit of June")], by="Lead"
    )
    versions = store.read().actions("Knowsley")
    assert [v.version for v in versions] == [1, 2, 3]
    assert {v.first_planned_on for v in versions} == {date(2016, 3, 31)}
    assert [v.planned_on for v in versions] == [date(2016, 3, 31), date(2016, 6, 30), date(2016, 6, 30)]
    assert versions[-1] == done
    assert store.save_actions([replace(done, note=" ")], by="Lead") == [done], "nothing changed"
    assert len(store.read().actions("Knowsley")) == 3


def test_the_second_of_two_people_is_told_and_nothing_is_lost(store: Store) -> None:
    (opened,) = store.save_actions([ACTION], by="Chair")
    store.save_actions([replace(opened, lead="Probation")], by="First")
    with pytest.raises(ChangedMeanwhileError, match="1: First changed it since you opened it"):
        store.save_actions([replace(opened, target="95%")], by="Second")
    now = latest(store)["1"]
    assert (now.lead, now.target) == ("Probation", "90% on time")
    store.save_actions([replace(now, target="95%")], by="Second")
    now = latest(store)["1"]
    assert (now.lead, now.target, now.version) == ("Probation", "95%", 3)


def test_all_or_none(store: Store) -> None:
    with pytest.raises(BadInputError) as caught:
        store.save_actions(
            [ACTION, replace(ACTION, reference="1 a!"), replace(ACTION, reference="2", action=" ")],
            by="Chair",
        )
    assert len(str(caught.value).splitlines()) == 2
    assert store.read().actions("Knowsley") == ()
    with pytest.raises(BadInputError, match="what is done was not done in the future"):
        store.save_actions([replace(ACTION, state="done", done_on=date(2098, 12, 31))], by="Chair")
    with pytest.raises(BadInputError, match="has the day on which it was done"):
        store.save_actions([replace(ACTION, state="done")], by="Chair")


def test_a_reference_stands_once_in_a_plan(store: Store) -> None:
    store.save_actions([ACTION, replace(ACTION, reference="1a")], by="Chair")
    with pytest.raises(RefusedError, match="1A: another action has this reference"):
        store.save_actions([replace(ACTION, reference="1A", action="Another")], by="Chair")
    store.save_actions([replace(ACTION, inspection="2012-01-01")], by="Chair")
    assert len(store.read().actions("Knowsley")) == 3


def test_ten_people_who_save_at_once_lose_nothing(store: Store) -> None:
    errors: list[BaseException] = []

    def save(number: int) -> None:
        try:
            for turn in range(3):
                store.save_actions([replace(ACTION, reference=f"{number}.{turn}")], by=f"Person {number}")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(latest(store)) == {f"{number}.{turn}" for number in range(10) for turn in range(3)}
    assert store.check() == []


def test_what_was_acknowledged_outlives_a_kill(store: Store) -> None:
    for turn in range(4):
        writer = start("saving_until_killed.py", store.where)
        assert writer.stdout
        told = [writer.stdout.readline() for _ in range(2 + turn)]
        os.kill(writer.pid, signal.SIGKILL)
        told += writer.stdout.read().splitlines()
        writer.wait()
        kept = set(latest(store))
        assert {line.strip() for line in told if line.strip()} <= kept
        assert store.check() == []
        store.save_actions([replace(action, state="stopped") for action in current(store)], by="Chair")
        for action in current(store):
            assert action.state == "stopped"
        # The next writer begins with 1 again.
        store.save_actions(
            [replace(a, reference=f"{turn}.{a.reference}") for a in current(store) if "." not in a.reference],
            by="Chair",
        )


def current(store: Store) -> list[Action]:
    return list(latest(store).values())


def test_going_back_to_an_older_snapshot_keeps_what_people_said(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Analyst")
    before = store.read().name
    store.save_actions([ACTION], by="Chair")
    inspection = store.read().inspections("Knowsley")[0]
    store.link_area(inspection.id, 1, {1: True}, by="Analyst")
    store.restore(before, by="Host")
    assert set(latest(store)) == {"1"}
    assert store.read().area_links(store.read().inspections("Knowsley")[0])
    assert store.check() == []


# Which findings lie behind an area


def test_links_survive_another_file_of_the_same_letter(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Analyst")
    inspection = store.read().inspections("Knowsley")[0]
    store.link_area(inspection.id, 1, {3: True, 1: False, None: True}, by="Analyst")
    store.link_area(inspection.id, 1, {1: True}, by="Second")
    links = store.read().area_links(inspection)[1]
    assert [(link.finding, link.linked, link.said_by) for link in links] == [
        (3, True, "Analyst"),
        (1, False, "Analyst"),
        (None, True, "Analyst"),
        (1, True, "Second"),
    ]
    store.unload(inspection.id, by="Analyst")
    store.load([letter_file("again.txt")], by="Analyst")
    again = store.read().inspections("Knowsley")[0]
    assert again.id != inspection.id
    assert store.read().area_links(again) == {1: links}
    assert store.check() == []
    for area, finding in ((9, 1), (1, 99)):
        with pytest.raises(BadInputError):
            store.link_area(again.id, area, {finding: True}, by="Analyst")
