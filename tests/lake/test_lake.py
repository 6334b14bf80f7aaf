"""What a lake has of its own: the catalogue, the files, and several machines."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

import sqs_core.store.store as store_module
from sqs_core.errors import BadInputError, RefusedError
from sqs_core.model import Action, Review
from sqs_core.store import Deleted, Store, TableFile, lake

STORE_TESTS = Path(__file__).parent.parent / "store"
CHILD = "ZQ-417193"
Ask = Callable[[str], list[tuple[object, ...]]]


def reviews_file(*refs: str, name: str = "reviews.csv", accepted: tuple[str, ...] = ()) -> TableFile:
    made = [
        Review("Knowsley", ref, "assessment", "scheduled", date(2018, 7, 1), due_on=date(2018, 4, 2))
        for ref in refs
    ]
    return TableFile(name, f"{abs(hash((name, refs))):064x}"[:64], reviews=made, accepted=accepted)


def places_of(store: Store, catalogue: Ask, text: str) -> list[str]:
    """Every table of the catalogue and every file of rows that has a text."""
    tables = catalogue("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    found = [
        str(table)
        for (table,) in tables
        if catalogue(f"SELECT 1 FROM \"{table}\" AS t WHERE strpos(t::TEXT, '{text}') > 0 LIMIT 1")
    ]
    for file in files_of(store):
        rows = duckdb.execute(
            "SELECT 1 FROM read_parquet($1) AS t WHERE contains(t::VARCHAR, $2)", [str(file), text]
        )
        found += [file.name] if rows.fetchall() else []
    return found


def files_of(store: Store) -> list[Path]:
    assert isinstance(store, lake.LakeStore)
    return sorted(Path(store._files).rglob("*.parquet"))


# Deleting


@pytest.mark.parametrize("others", [2, 400], ids=["rows in the catalogue", "rows in files"])
def test_a_deleted_child_is_in_no_file_and_in_no_table_of_the_catalogue(
    store: Store, catalogue: Ask, others: int
) -> None:
    refs = [f"A{number}" for number in range(others)]
    store.load(
        [reviews_file(*refs, CHILD, accepted=(f"case {CHILD}: unlikely", "row 1: unlikely"))], by="Ann"
    )
    store.load([reviews_file(CHILD, "A1", name="more.csv")], by="Ann")
    store.unload(2, by="Ann")
    assert len(places_of(store, catalogue, CHILD)) > 1, "it would be found if it were there"
    assert store.forget("Knowsley", CHILD, by="Manager") == Deleted(reviews=1, judgements=0, snapshots=3)
    assert places_of(store, catalogue, CHILD) == []
    assert store.kept() == ["000005"]
    assert len(store.read().reviews("Knowsley")) == others
    assert store.read().sources()[0].accepted == ("row 1: unlikely",)
    assert store.check() == []


def test_a_deletion_that_is_cut_off_is_finished_by_whoever_writes_next(
    store: Store, catalogue: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.load([reviews_file("A1", CHILD)], by="Ann")

    def killed(_store: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(lake.LakeStore, "_let_go_of_older", killed)
        with pytest.raises(KeyboardInterrupt):
            store.forget("Knowsley", CHILD, by="Manager")
    assert [problem for problem in store.check() if "a deletion was cut off" in problem]
    assert places_of(store, catalogue, CHILD)
    store.give_role("ann@example.gov.uk", "administrator", "", by="Host")
    assert places_of(store, catalogue, CHILD) == []
    assert store.check() == []


def test_a_backup_from_before_does_not_bring_the_child_back(
    store: Store, catalogue: Ask, tmp_path: Path
) -> None:
    store.load([reviews_file("A1", CHILD)], by="Ann")
    store.backup(tmp_path / "before.duckdb", by="Host")
    store.forget("Knowsley", CHILD, by="Manager")
    assert store.restore(str(tmp_path / "before.duckdb"), by="Host") == ("reviews.csv",)
    assert places_of(store, catalogue, CHILD) == []


# The audit log


def test_lines_that_are_changed_or_taken_out_of_the_table_are_found(store: Store, catalogue: Ask) -> None:
    for name in ("Ann", "Bob", "Cat"):
        store.audit.append("signed in", name)
    assert store.audit.problems() == []
    catalogue("UPDATE sqs_audit SET line = replace(line, 'Bob', 'Eve')")
    assert "sqs_audit: line 4: it or the one before it is not as it was written" in store.check()
    catalogue("UPDATE sqs_audit SET line = replace(line, 'Eve', 'Bob')")
    assert store.check() == []
    catalogue("DELETE FROM sqs_audit WHERE number = 4")
    assert store.audit.problems()


def test_a_log_that_was_cut_is_missed_even_with_its_head(store: Store, catalogue: Ask) -> None:
    store.audit.append("signed in", "Ann")
    store.give_role("ann@example.gov.uk", "administrator", "", by="Host")
    catalogue("DELETE FROM sqs_audit WHERE number > 2")
    assert [problem for problem in store.audit.problems() if "it ended with line 2, and had had 4" in problem]
    catalogue("DELETE FROM sqs_audit")
    catalogue("DELETE FROM sqs_audit_head")
    assert [
        problem for problem in store.audit.problems() if "the last when snapshot 000001 was made" in problem
    ]


def test_what_cannot_be_recorded_is_not_done(store: Store, catalogue: Ask) -> None:
    catalogue("ALTER TABLE sqs_audit ADD CHECK (number < 3)")
    with pytest.raises(RefusedError, match=r"the audit log cannot be written .*nothing was done") as refused:
        store.audit.append("signed in", "Ann")
    assert "Ann" not in str(refused.value), "what was to be written is not for whoever reads the message"


def test_a_sign_in_that_was_ended_is_over_for_every_machine(store: Store) -> None:
    now = time.time()
    one, other = store.sign_outs, Store.from_address(store.where).sign_outs
    assert not one.is_over("it's@b.test", now)
    assert one.end("it's@b.test", now)
    for sign_outs in (one, other, store.sign_outs):
        assert sign_outs.is_over("it's@b.test", now)
        assert not sign_outs.is_over("it's@b.test", now + 1)
        assert not sign_outs.is_over("c@d.test", now)
    assert not other.end("it's@b.test", now - 5)


# Files and snapshots


def test_small_files_are_put_together_and_old_ones_removed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "_MERGE_AFTER", 5)
    monkeypatch.setattr(lake, "_GRACE", "0 seconds")
    monkeypatch.setattr(store_module, "KEPT_SNAPSHOTS", 4)
    for number in range(10):
        file = reviews_file(*(f"{number}-{ref}" for ref in range(210)), name=f"{number}.csv")
        store.load([file], by="Ann")
    assert store.kept() == ["000008", "000009", "000010", "000011"]
    assert len([file for file in files_of(store) if "reviews" in str(file)]) < 10
    assert len(store.read().sources()) == 10
    assert store.check() == []
    store.restore("000008", by="Host")
    assert len(store.read().sources()) == 7
    assert store.check() == []


def test_a_reader_goes_on_when_the_database_was_started_again(store: Store, catalogue: Ask) -> None:
    store.read()
    catalogue(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    store.load([reviews_file("A1")], by="Ann")
    assert len(store.read().reviews("Knowsley")) == 1


# Where it is, and what is said of it


def test_a_lake_that_does_not_answer_is_not_taken_for_none() -> None:
    store = Store.from_address("ducklake:postgres:host=/nowhere dbname=x")
    for use in (store.exists, store.create, store.read):
        with pytest.raises(BadInputError, match="cannot be reached"):
            use()


def test_a_password_is_in_no_message() -> None:
    for address in (
        "host=/nowhere user=sqs password=sesame dbname=x",
        "postgresql://sqs:sesame@127.0.0.1:1/x",
    ):
        store = Store.from_address(f"ducklake:postgres:{address}")
        with pytest.raises(BadInputError, match="cannot be reached") as unreachable:
            store.read()
        assert "sesame" not in str(unreachable.value) + store.where


def test_a_new_lake_needs_a_place_for_its_files(
    new_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    where = new_store().where
    monkeypatch.delenv("SQS_STORE_FILES")
    with pytest.raises(BadInputError, match="set SQS_STORE_FILES to a folder"):
        Store.from_address(where).create()


def test_the_files_may_have_moved(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    store.load([reviews_file(*(f"A{number}" for number in range(400)))], by="Ann")
    assert isinstance(store, lake.LakeStore)
    Path(store._files).rename(tmp_path / "elsewhere")
    lake.close(store._catalogue)
    monkeypatch.setenv("SQS_STORE_FILES", str(tmp_path / "elsewhere"))
    again = Store.from_address(store.where)
    assert len(again.read().reviews("Knowsley")) == 400
    assert again.check() == []


# Several at once


def test_two_processes_that_write_lose_nothing(store: Store) -> None:
    script = """
import sys
from sqs_core.model import Action
from sqs_core.store import Store
store = Store.from_address(sys.argv[1])
for number in range(20):
    store.save_actions([Action("Knowsley", None, "An area", f"{sys.argv[2]}{number}", "Do it")], by=sys.argv[2])
"""
    environment = {**os.environ, "PYTHONPATH": str(STORE_TESTS.parents[1])}
    writers = [
        subprocess.Popen([sys.executable, "-c", script, store.where, name], env=environment)
        for name in ("a", "b")
    ]
    assert [writer.wait(300) for writer in writers] == [0, 0]
    expected = {f"{name}{number}" for name in ("a", "b") for number in range(20)}
    assert {action.reference for action in store.read().actions("Knowsley")} == expected
    assert store.current() == "000041"
    assert [line.event for line in store.audit.entries()].count("changed an action") == 40
    assert store.check() == []


def test_a_writer_killed_anywhere_leaves_the_lake_whole(store: Store) -> None:
    acknowledged = 0
    for turn in range(6):
        writer = subprocess.Popen(
            [sys.executable, str(STORE_TESTS / "endless_writer.py"), store.where, str(1000 * turn)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(STORE_TESTS.parents[1])},
        )
        assert writer.stdout
        assert writer.stdout.readline() == f"ack {1000 * turn}\n"
        try:
            writer.wait(0.07 * turn)
        except subprocess.TimeoutExpired:
            writer.kill()
        acknowledged += 1 + len(writer.stdout.read().splitlines())
        writer.wait()
        writer.stdout.close()
        there = len(store.read().sources())
        assert acknowledged <= there <= acknowledged + turn + 1
    store.save_actions([Action("Knowsley", None, "An area", "1", "The next one can write")], by="Chair")
    assert store.check() == []
