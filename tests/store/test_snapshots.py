"""The folder of snapshots: going back, backing up, and what is said when it is damaged."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

import sqs_core.store.store as store_module
from sqs_core.errors import BadInputError, RefusedError
from sqs_core.model import Action
from sqs_core.store import FolderStore, LetterFile, Store
from sqs_core.store.schema import connect, latest
from sqs_core.store.store import KEPT_SNAPSHOTS

Letters = Callable[..., LetterFile]


def files(store: Store) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


@pytest.mark.folder
def test_the_address_is_given_or_in_the_environment_or_the_folder_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SQS_STORE", raising=False)
    assert Store.from_address(None).folder == Path("store")
    monkeypatch.setenv("SQS_STORE", "elsewhere")
    assert Store.from_address(None).folder == Path("elsewhere")
    assert Store.from_address("here").folder == Path("here")


@pytest.mark.folder
def test_an_environment_without_a_lakes_extensions_says_what_to_install() -> None:
    store = Store.from_address("ducklake:postgres:dbname=sqs")
    for use in (store.read, store.create):
        with pytest.raises(BadInputError, match=r"needs the DuckDB of requirements-lake\.txt"):
            use()
    assert "requirements-lake.txt" in store.check()[0]
    with pytest.raises(BadInputError, match="a lake's address is ducklake:postgres:dbname="):
        Store.from_address("ducklake:mysql:sqs")


@pytest.mark.folder
def test_without_a_store_it_says_what_to_do(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "none")
    assert not store.exists()
    with pytest.raises(BadInputError, match="no store here; `sqs load` or `sqs demo` makes one"):
        store.read()
    with pytest.raises(BadInputError, match="no store here"):
        store.unload(1, by="Analyst")
    assert store.check()[0].endswith("makes one")
    assert not store.folder.exists()


@pytest.mark.folder
def test_a_change_is_one_snapshot_and_leaves_nothing_else(store: Store, letter_file: Letters) -> None:
    store.create()
    log = {"audit.jsonl", "audit.head", ".audit.lock"}
    assert files(store) == {"CURRENT", ".lock", "000001.duckdb"} | log
    store.load([letter_file()], by="Analyst")
    assert files(store) == {"CURRENT", ".lock", "000001.duckdb", "000002.duckdb"} | log
    assert store.current() == store.read().name == "000002"
    assert [(e.snapshot, e.made_by, e.what) for e in store.history()] == [
        ("000002", "Analyst", "loaded letter.txt"),
        ("000001", "sqs", "created the store"),
    ]


def test_a_change_that_fails_leaves_nothing(
    store: Store, letter_file: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.kept()
    monkeypatch.setattr(store_module, "breaches", lambda *_: ["a rule is broken"])
    with pytest.raises(RefusedError, match="a rule is broken"):
        store.load([letter_file()], by="Analyst")
    assert store.kept() == before
    assert store.read().sources() == []


def test_an_open_snapshot_does_not_change(store: Store, letter_file: Letters) -> None:
    old = store.read()
    assert store.read() is old
    store.load([letter_file()], by="Analyst")
    assert old.inspections() == []
    new = store.read()
    assert new is not old
    assert len(new.inspections()) == 1


def test_the_last_twenty_are_kept_and_readers_of_older_ones_go_on(store: Store, letter_file: Letters) -> None:
    oldest = store.read()
    store.load([letter_file()], by="Analyst")
    for turn in range(22):
        store.correct(1, 1, direction=("neutral", "strength")[turn % 2], by="Analyst")
    assert store.kept() == [f"{number:06d}" for number in range(5, 25)]
    if store.where.startswith("ducklake:"):
        with pytest.raises(BadInputError, match=r"moved on .* open it again"):
            oldest.sources()
    else:
        assert oldest.sources() == []
    history = store.history()
    assert len(history) == 24
    assert [entry.kept for entry in history] == [True] * 20 + [False] * 4
    assert [entry.snapshot for entry in history if entry.in_force] == ["000024"]
    assert store.check() == []


def test_restoring_goes_back_and_can_be_undone(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Analyst")
    store.load([letter_file("b.txt", fieldwork=date(2013, 1, 7))], by="Analyst")
    store.restore("000002", by="Manager")
    assert [s.file_name for s in store.read().sources()] == ["letter.txt"]
    assert [entry.what for entry in store.history()] == [
        "restored 000002",
        "loaded b.txt",
        "loaded letter.txt",
        "created the store",
    ]
    (again,) = store.load([letter_file("c.txt", fieldwork=date(2012, 11, 5))], by="Analyst")
    assert again.source_id == 3  # 2 was the file that is gone
    store.restore("000003.duckdb", by="Manager")
    assert len(store.read().sources()) == 2
    assert store.check() == []
    with pytest.raises(BadInputError, match="000099: neither a snapshot that is kept"):
        store.restore("000099", by="Manager")


def test_a_backup_is_one_file_that_makes_a_store_anywhere(
    store: Store, new_store: Callable[[], Store], letter_file: Letters, tmp_path: Path
) -> None:
    store.load([letter_file()], by="Analyst")
    backup = tmp_path / "backup.duckdb"
    store.backup(backup, by="Host")
    assert not list(tmp_path.glob("*.writing"))
    with pytest.raises(RefusedError, match="exists already"):
        store.backup(backup, by="Host")
    with pytest.raises(BadInputError, match="is a folder"):
        store.backup(tmp_path, by="Host")
    for place in (tmp_path / "no such folder" / "backup.duckdb", tmp_path / ("x" * 300)):
        with pytest.raises(RefusedError, match="cannot be written"):
            store.backup(place, by="Host")

    found = store.read().inspections()
    other = new_store()
    other.restore(str(backup), by="Manager")
    assert other.read().inspections() == found
    assert other.history()[0].what == "restored backup.duckdb"
    assert other.check() == []


def test_only_a_store_can_be_restored(store: Store, tmp_path: Path) -> None:
    before = store.kept()
    text = tmp_path / "text.duckdb"
    text.write_text("no database")
    other = tmp_path / "other.duckdb"
    with duckdb.connect(other) as connection:
        connection.execute("CREATE TABLE something (else_ INTEGER)")
    empty = tmp_path / "empty.duckdb"
    empty.touch()
    store.backup(tmp_path / "whole.duckdb", by="Host")
    broken = {}
    for table in ("history", "schema_version"):
        broken[table] = tmp_path / f"no {table}.duckdb"
        shutil.copyfile(tmp_path / "whole.duckdb", broken[table])
        with duckdb.connect(broken[table]) as connection:
            connection.execute(f"DELETE FROM {table}")
    for file in (text, other, empty, *broken.values()):
        with pytest.raises(BadInputError, match="not a snapshot of a store"):
            store.restore(str(file), by="Manager")
    assert store.kept() == before


@pytest.mark.folder
def test_a_file_called_like_a_kept_snapshot_is_asked_about(
    store: Store, letter_file: Letters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of another store's snapshot, say: the wrong one of the two would be in force without a word."""
    copy = tmp_path / "000001.duckdb"
    shutil.copyfile(store.folder / "000001.duckdb", copy)
    store.load([letter_file()], by="Analyst")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RefusedError, match="say 000001 for the one"):
        store.restore("000001.duckdb", by="Manager")
    store.restore("000001", by="Manager")
    store.restore(str(copy), by="Manager")
    monkeypatch.chdir(store.folder)
    store.restore("000001.duckdb", by="Manager")
    assert store.current() == "000005"


@pytest.mark.folder
def test_a_name_that_cannot_be_is_no_backup_and_no_store(tmp_path: Path, store: Store) -> None:
    for name in ("x" * 300, os.fsdecode(b"\xff")):
        with pytest.raises(BadInputError, match="neither a snapshot that is kept"):
            store.restore(name, by="Manager")
        with pytest.raises((BadInputError, RefusedError)):
            FolderStore(tmp_path / name).create()
        assert not FolderStore(tmp_path / name).exists()
    with pytest.raises(BadInputError, match="a name that is text"):
        connect(tmp_path / os.fsdecode(b"\xff.duckdb"))


@pytest.mark.folder
def test_a_folder_that_may_not_be_listed_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_path: Path) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "iterdir", closed)
    with pytest.raises(BadInputError, match=r"cannot be read \(Permission denied\)"):
        store.restore("000001", by="Manager")


def test_the_backup_of_a_newer_version_is_named(store: Store, tmp_path: Path) -> None:
    backup = tmp_path / "newer.duckdb"
    store.backup(backup, by="Host")
    with duckdb.connect(backup) as connection:
        connection.execute(f"INSERT INTO schema_version VALUES ({latest() + 1}, now())")
    with pytest.raises(BadInputError, match=r"newer\.duckdb: this store was made by a newer version"):
        store.restore(str(backup), by="Manager")
    assert store.current() == "000001"


@pytest.mark.folder
def test_leftovers_are_cleaned_and_their_names_not_used_again(store: Store, letter_file: Letters) -> None:
    (store.folder / "000002.duckdb.writing").write_bytes(b"half")
    (store.folder / "000002.duckdb.writing.wal").write_bytes(b"half")
    (store.folder / "CURRENT.writing").write_text("000002")
    (store.folder / "000002.duckdb.writing.tmp").mkdir()
    (store.folder / "000002.duckdb.writing.tmp" / "spilled").write_bytes(b"half")
    # Killed between the snapshot and CURRENT: whole, but it never counted.
    shutil.copyfile(store.folder / "000001.duckdb", store.folder / "000003.duckdb")
    assert store.current() == "000001"
    store.load([letter_file()], by="Analyst")
    assert store.current() == "000004"
    assert not [name for name in files(store) if "writing" in name]
    assert store.check() == []


@pytest.mark.folder
def test_a_creation_that_was_cut_off_is_begun_again(store: Store) -> None:
    (store.folder / "CURRENT").unlink()
    store.create()
    assert store.current() == "000002"
    assert store.check() == []


@pytest.mark.folder
def test_damage_is_named_with_the_way_out(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Analyst")
    current = store.folder / "CURRENT"

    current.write_text("nonsense")
    with pytest.raises(BadInputError, match=r"CURRENT: does not name a snapshot.*000001, 000002"):
        store.read()
    current.unlink()
    with pytest.raises(BadInputError, match=r"no CURRENT.*`sqs restore 000002`"):
        store.read()
    with pytest.raises(BadInputError, match="no CURRENT"):
        store.create()
    assert store.check() != []
    store.restore("000002", by="Manager")
    assert len(store.read().sources()) == 1

    (store.folder / "000003.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(BadInputError, match=r"000003 cannot be opened.*`sqs restore 000002`"):
        store.read()
    assert any("000003" in problem for problem in store.check())
    (store.folder / "000003.duckdb").unlink()
    with pytest.raises(BadInputError, match=r"000003 cannot be opened \(its file is missing\)"):
        store.read()
    assert any("000003" in problem for problem in store.check())
    store.restore("000002", by="Manager")
    assert len(store.read().sources()) == 1
    assert store.check() == []


@pytest.mark.folder
def test_damage_further_in_is_said_and_can_be_mended(store: Store, letter_file: Letters) -> None:
    """A database may open and still be damaged: each block in turn, everything that is asked of the store."""
    store.load([letter_file()], by="Analyst")
    store.correct(1, 1, practice="delivery", by="Analyst")
    whole = (store.folder / "000003.duckdb").read_bytes()
    questions: list[Callable[[Store], object]] = [
        lambda s: s.read().services(),
        lambda s: s.read().inspections("Knowsley"),
        lambda s: s.read().audits("Knowsley"),
        lambda s: s.read().find_sources("letter.txt"),
        lambda s: s.history(),
        lambda s: s.load([letter_file("b.txt", place="Hampshire")], by="Analyst"),
        lambda s: s.unload(1, by="Analyst"),
    ]
    said = set()
    for number, start in enumerate(range(12_288, len(whole), 262_144)):  # three headers, then blocks
        damaged = FolderStore(store.folder.with_name(f"damaged {number}"))
        shutil.copytree(store.folder, damaged.folder)
        broken = bytearray(whole)
        broken[start + 100] ^= 1
        (damaged.folder / "000003.duckdb").write_bytes(broken)
        for question in questions:
            try:
                question(damaged)
            except (BadInputError, RefusedError) as error:
                said.add(str(error).split(" (")[0].removeprefix(f"{damaged.folder}: "))
        damaged.restore("000002", by="Manager")
        assert len(damaged.read().inspections()) == 1
    assert "snapshot 000003 is damaged" in said
    assert "the database cannot be changed" in said


def test_a_row_that_somebody_broke_is_said_and_nothing_built_on_it(
    store: Store, tamper: Callable[[Store, str], None], letter_file: Letters
) -> None:
    store.load([letter_file()], by="Analyst")
    tamper(store, "UPDATE findings SET share_low = 0.9 WHERE number = 1")
    with pytest.raises(BadInputError, match=r"000002 is damaged.*lowest first.*`sqs check` says where"):
        store.read().inspections()
    with pytest.raises(RefusedError, match=r"finding 1: a share lies between 0 and 1.*nothing changed"):
        store.load([letter_file("b.txt", place="Hampshire")], by="Analyst")
    assert store.current() == "000002"
    store.unload(1, by="Analyst")
    assert store.check() == []


@pytest.mark.folder
def test_a_new_store_in_the_place_of_another_is_seen(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Analyst")
    assert [i.source.file_name for i in store.read().inspections()] == ["letter.txt"]
    shutil.rmtree(store.folder)
    store.load([letter_file("other.txt", fieldwork=date(2013, 1, 7))], by="Analyst")
    assert store.current() == "000002"  # the same name as before
    assert [i.source.file_name for i in store.read().inspections()] == ["other.txt"]


def test_a_busy_store_is_refused_and_not_waited_for_for_ever(
    store: Store, letter_file: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[type(store).__module__], "_LOCK_SECONDS", 0.05)
    with store._alone(), pytest.raises(RefusedError, match="somebody else is writing"):
        store.load([letter_file()], by="Analyst")
    assert store.read().sources() == []


def test_others_may_write_while_examples_are_composed(
    store: Store, letter_file: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[type(store).__module__], "_LOCK_SECONDS", 0.05)

    def composed() -> Iterator[LetterFile]:
        store.load([letter_file()], by="Analyst")
        yield letter_file("made-up.txt", place="Hampshire", illustrative=True)

    store.load_examples(composed(), by="sqs")
    assert len(store.read().sources()) == 2


@pytest.mark.folder
def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, letter_file: Letters) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RefusedError, match="cannot be written"):
        FolderStore(tmp_path / "file" / "store").load([letter_file()], by="Analyst")


@pytest.mark.folder
def test_a_full_disk_is_refused_and_the_store_stays(
    store: Store, letter_file: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    before = files(store)
    with monkeypatch.context() as patch:
        patch.setattr(store_module.os, "fsync", full)
        with pytest.raises(RefusedError, match="No space left on device"):
            store.load([letter_file()], by="Analyst")
    assert files(store) == before
    store.load([letter_file()], by="Analyst")
    assert store.check() == []


@pytest.mark.folder
def test_a_backup_does_not_lie_in_the_store_itself(
    store: Store, letter_file: Callable[..., LetterFile]
) -> None:
    store.load([letter_file()], by="Analyst")
    with pytest.raises(RefusedError, match="keep backups elsewhere"):
        store.backup(store.folder / "000099.duckdb", by="Host")
    assert [entry.snapshot for entry in store.history()] == ["000002", "000001"]


@pytest.mark.folder
def test_the_last_snapshot_of_each_day_outlives_a_busy_day(store: Store, letter_file: Letters) -> None:
    """A board that saves many notes does not push out what was there before a wrong load."""
    store.load([letter_file()], by="Analyst")
    before = store.current()
    for path in store.folder.glob("*.duckdb"):
        days_ago = time.time() - (40 if path.stem < before else 1) * 24 * 3600
        os.utime(path, (days_ago, days_ago))
    action = Action("Knowsley", None, "An area", "1", "Something")
    for number in range(25):
        store.save_actions([replace(action, reference=str(number))], by="Chair")
    kept = sorted(path.stem for path in store.folder.glob("*.duckdb"))
    assert len(kept) == KEPT_SNAPSHOTS + 1
    assert kept[0] == before, "yesterday's last; those of longer ago and today's many are gone"
