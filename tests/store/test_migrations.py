"""A store of an older version opens, upgraded, and the old snapshot is kept; a newer one is refused."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from sqs_core.errors import BadInputError
from sqs_core.store import FolderStore, LetterFile, Store
from sqs_core.store.schema import latest
from sqs_core.store.store import KEPT_SNAPSHOTS

VERSION_1 = Path(__file__).with_name("version_1.sql")


def run_sql(file: Path, sql: str) -> None:
    with duckdb.connect(file) as connection:
        connection.execute(sql)


@pytest.fixture
def old(tmp_path: Path) -> Store:
    """The store of version 1 that version_1.sql describes."""
    folder = tmp_path / "old"
    folder.mkdir()
    run_sql(folder / "000002.duckdb", VERSION_1.read_text("utf-8"))
    (folder / "CURRENT").write_text("000002\n")
    return FolderStore(folder)


@pytest.mark.folder
def test_check_says_that_a_store_is_old_and_changes_nothing(old: Store) -> None:
    assert old.check() == ["snapshot 000002: of an older version; opening it once upgrades it"]
    assert old.current() == "000002"


@pytest.mark.folder
def test_opening_upgrades(old: Store, letter_file: Callable[..., LetterFile]) -> None:
    (stored,) = old.read().inspections("Knowsley")
    as_read = letter_file().inspection
    assert stored.inspection.findings[:2] == as_read.findings[:2]
    assert not any(f.finding.paraphrased for f in stored.findings)
    assert stored.findings[2].finding.direction == "neutral"
    assert stored.findings[2].corrections[0].corrected_by == "Analyst"
    assert stored.inspection.blocks == as_read.blocks
    assert old.read().audits("Knowsley") == []
    entries = [(entry.snapshot, entry.made_by, entry.what, entry.kept) for entry in old.history()]
    assert entries[:2] == [
        ("000003", "sqs", f"upgraded the store from version 1 to {latest()}", True),
        ("000002", "Reader", "loaded letter.txt", True),
    ]
    assert old.check() == []


@pytest.mark.folder
def test_what_the_old_version_loaded_is_known_again(
    old: Store, letter_file: Callable[..., LetterFile]
) -> None:
    (result,) = old.load([letter_file()], by="Analyst")
    assert result.status == "already there"


@pytest.mark.folder
def test_writing_upgrades_too(old: Store) -> None:
    old.correct(1, 1, practice="delivery", by="Analyst")
    assert old.current() == "000003"
    assert old.read().inspections()[0].findings[0].finding.practice == "delivery"


@pytest.mark.folder
def test_many_readers_upgrade_once(old: Store) -> None:
    names: list[str] = []
    readers = [threading.Thread(target=lambda: names.append(old.read().name)) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert names == ["000003"] * 8


@pytest.mark.folder
def test_an_old_snapshot_can_be_restored(old: Store) -> None:
    old.read()
    old.correct(1, 3, practice="other", by="Analyst")
    old.restore("000002", by="Manager")
    assert old.read().inspections()[0].findings[2].finding.practice == "reviewing"
    assert old.history()[0].what == "restored 000002"
    assert len(old.history()) == 5


@pytest.mark.folder
def test_the_upgrade_may_end_what_was_to_be_restored(old: Store) -> None:
    """It is a snapshot too, and the oldest one gives way to it."""
    for number in range(3, KEPT_SNAPSHOTS + 2):
        shutil.copyfile(old.folder / "000002.duckdb", old.folder / f"{number:06}.duckdb")
    (old.folder / "CURRENT").write_text(f"{KEPT_SNAPSHOTS + 1:06}\n")
    with pytest.raises(BadInputError, match="000002: neither a snapshot that is kept"):
        old.restore("000002", by="Manager")


def test_a_store_of_a_newer_version_is_refused(store: Store, tamper: Callable[[Store, str], None]) -> None:
    tamper(store, f"INSERT INTO schema_version VALUES ({latest() + 1}, now())")
    for attempt in (store.read, lambda: store.remove_illustrative(by="Analyst")):
        with pytest.raises(BadInputError, match="made by a newer version"):
            attempt()
    assert any("newer version" in problem for problem in store.check())
    assert store.current() == "000001"
