"""The audit log: nothing that happened is missing from it, nothing in it was changed, and where it was it is said."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.errors import RefusedError
from sqs_core.model import Action, Judgement, ServiceJudgement
from sqs_core.store import FolderStore, LetterFile, Store, TableFile
from sqs_core.store.audit import AuditLog, LinesInFile

HERE = Path(__file__).parent
Letters = Callable[..., LetterFile]


def log_of(store: Store) -> Path:
    return store.folder / "audit.jsonl"


def alone(folder: Path) -> AuditLog:
    """A log beside no store."""
    return AuditLog(LinesInFile(folder), lambda: "", list)


def said(store: Store) -> list[tuple[str, str, str, str]]:
    return [(line.event, line.who, line.service, line.detail) for line in store.audit.entries()]


def snapshots_with_lines(store: Store) -> list[str]:
    """The snapshots of which the log has a line, oldest first."""
    return list(dict.fromkeys(line.snapshot for line in store.audit.entries() if line.snapshot))


def cut_last_line(path: Path) -> bytes:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    return lines[-1]


# What it says


@pytest.mark.folder
def test_each_change_has_one_line_that_names_no_file(store: Store, letter_file: Letters) -> None:
    store.load([letter_file("AB123.txt"), letter_file("b.txt", place="Hampshire")], by="ann@example.gov.uk")
    store.load([letter_file()], by="Analyst")  # the same letter: nothing changes
    store.load([letter_file("c.txt", fieldwork=date(2013, 1, 7))], by="Analyst", publish=False)
    store.correct(1, 1, practice="delivery", by="Analyst", reason="the child's name")
    store.publish(3, by="Chair")
    store.link_area(1, 1, {None: True}, by="Analyst")
    store.save_actions([Action("Knowsley", None, "An area", "1a", "Write to AB123")], by="Chair")
    store.unload(2, by="Analyst")
    store.restore("000002", by="Host")
    assert said(store) == [
        ("began the log", "sqs", "", ""),
        ("created the store", "sqs", "", ""),
        ("loaded", "ann@example.gov.uk", "Knowsley; Hampshire", "2 files (source 1, 2)"),
        ("loaded", "Analyst", "Knowsley", "1 file, 1 as a draft (source 3)"),
        ("corrected", "Analyst", "Knowsley", "finding 1, inspection 2015-10-05, source 1"),
        ("published", "Chair", "Knowsley", "inspection 2013-01-07, source 3"),
        ("linked findings", "Analyst", "Knowsley", "area 1, inspection 2015-10-05"),
        ("changed an action", "Chair", "Knowsley", "1a"),
        ("unloaded", "Analyst", "Hampshire", "source 2, letter, 3 rows"),
        ("restored", "Host", "", "snapshot 000002"),
    ]
    text = log_of(store).read_text("utf-8")
    assert not any(word in text for word in ("AB123", "child", ".txt", "delivery"))
    made = [entry.snapshot for entry in reversed(store.history())]
    assert snapshots_with_lines(store) == made
    assert store.check() == []


def test_illustrative_data_and_backups_have_their_lines(
    store: Store, letter_file: Letters, tmp_path: Path
) -> None:
    store.load_examples([letter_file(illustrative=True, place="Wyrevale")], by="Analyst")
    store.backup(tmp_path / "backup", by="Host")
    with pytest.raises(RefusedError):
        store.backup(tmp_path / "backup", by="Host")  # is there already
    store.remove_illustrative(by="Analyst")
    store.remove_illustrative(by="Analyst")  # nothing left to remove
    assert said(store)[2:] == [
        ("loaded example data", "Analyst", "", "1 files"),
        ("backed up", "Host", "", "snapshot 000002"),
        ("removed illustrative data", "Analyst", "", "1 file"),
    ]


def test_what_only_reads_makes_no_snapshot_and_outlives_going_back(
    store: Store, letter_file: Letters
) -> None:
    store.load([letter_file()], by="Analyst")
    store.audit.append("signed in", "ann@example.gov.uk")
    store.audit.append("saw case references", "ann@example.gov.uk", "Knowsley", "overdue reviews")
    assert store.current() == "000002"
    store.restore("000001", by="Host")
    assert [line.event for line in store.audit.entries()][-3:] == [
        "signed in",
        "saw case references",
        "restored",
    ]
    assert store.check() == []


def test_only_known_events_are_written(store: Store) -> None:
    with pytest.raises(ValueError, match="no event 'looked'"):
        store.audit.append("looked", "Ann")  # type: ignore[arg-type]
    assert [line.event for line in store.audit.entries()] == ["began the log", "created the store"]


@pytest.mark.folder
@given(st.text(), st.text(), st.text(max_size=9_000))
def test_whatever_is_said_is_one_line_and_whole(
    tmp_path_factory: pytest.TempPathFactory, who: str, service: str, detail: str
) -> None:
    log = alone(tmp_path_factory.mktemp("log"))
    log.append("signed in", who, service, detail)
    log.append("signed out", who + "\n\x1b[31m\u202e\ud800", service, detail)
    lines = log.entries()
    assert [line.event for line in lines] == ["began the log", "signed in", "signed out"]
    assert all(line.who.isprintable() and line.who and line.detail.isprintable() for line in lines)
    assert log.lines.path.read_bytes().count(b"\n") == 3
    assert log.problems() == []


# What is changed is found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> AuditLog:
    log = alone(tmp_path_factory.mktemp("written"))
    for event in ("signed in", "saw case references", "signed out"):
        log.append(event, "ann@example.gov.uk", "Ynys Môn", "seen")  # type: ignore[arg-type]
    return log


def copy_of(log: AuditLog, folder: Path) -> AuditLog:
    shutil.copytree(log.lines.path.parent, folder, dirs_exist_ok=True)
    return alone(folder)


@pytest.mark.folder
@given(st.data())
def test_any_byte_that_is_changed_is_found_and_stays_found(
    written: AuditLog, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    log = copy_of(written, tmp_path_factory.mktemp("changed"))
    content = bytearray(log.lines.path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
    log.lines.path.write_bytes(content)
    if data.draw(st.booleans()):
        assert log.problems() != []
    log.append("signed in", "bob@example.gov.uk")
    log.append("signed out", "bob@example.gov.uk")
    assert log.problems() != [], "what came after has covered it up"


@pytest.mark.folder
@given(st.data())
def test_any_line_that_is_taken_out_put_in_or_moved_is_found(
    written: AuditLog, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    log = copy_of(written, tmp_path_factory.mktemp("moved"))
    lines = log.lines.path.read_bytes().splitlines(keepends=True)
    changed = data.draw(st.lists(st.sampled_from(lines), max_size=6).filter(lambda found: found != lines))
    log.lines.path.write_bytes(b"".join(changed))
    assert log.problems() != []
    log.append("signed in", "bob@example.gov.uk")
    assert log.problems() != []


@pytest.mark.folder
@given(st.integers(1, 10_000))
def test_whatever_is_cut_from_the_end_is_found_and_stays_found(
    written: AuditLog, tmp_path_factory: pytest.TempPathFactory, count: int
) -> None:
    log = copy_of(written, tmp_path_factory.mktemp("cut"))
    content = log.lines.path.read_bytes()
    log.lines.path.write_bytes(content[: max(0, len(content) - count)])
    log.append("signed in", "bob@example.gov.uk")
    (problem,) = log.problems()
    assert "had had 4" in problem
    assert log.entries()[-2].event == "found the log damaged"


@pytest.mark.folder
def test_a_log_that_was_taken_away_is_missed(store: Store, letter_file: Letters) -> None:
    """Together with the witness beside it: the snapshots know how long it was."""
    store.load([letter_file()], by="Analyst")
    for path in (log_of(store), store.folder / "audit.head"):
        path.unlink()
    missed = "audit.jsonl: line 1, the last when snapshot 000001 was made, is missing or another"
    assert store.check() == [missed]
    for number in range(5):
        store.correct(1, 1, direction=("neutral", "strength")[number % 2], by="Analyst")
    assert store.check() == [missed]
    assert store.audit.entries()[0].detail == "the store was at snapshot 000002"


@pytest.mark.folder
def test_a_log_that_was_cut_together_with_its_witness_is_missed_up_to_the_last_change(
    store: Store, letter_file: Letters
) -> None:
    head, early = store.folder / "audit.head", (store.folder / "audit.head").read_bytes()
    store.audit.append("signed in", "Ann")
    store.load([letter_file()], by="Ann")
    lines = log_of(store).read_bytes().splitlines(keepends=True)
    log_of(store).write_bytes(b"".join(lines[:2]))
    head.write_bytes(early)
    assert [line for line in store.check() if "line 3, the last when snapshot 000002 was made" in line]


@pytest.mark.folder
def test_a_witness_that_was_taken_away_is_missed(written: AuditLog, tmp_path: Path) -> None:
    log = copy_of(written, tmp_path)
    (tmp_path / "audit.head").unlink()
    assert "audit.head: missing or damaged" in log.problems()[0]
    log.append("signed in", "Bob")
    assert "audit.head was missing or damaged" in log.problems()[0]


@pytest.mark.folder
def test_check_says_it_too(store: Store) -> None:
    cut_last_line(log_of(store))
    (problem,) = store.check()
    assert problem.startswith("audit.jsonl: line 2: on ")
    assert problem.endswith("it ended with line 1, and had had 2")


# Killed in the middle


@pytest.mark.folder
@pytest.mark.parametrize("rest", [b'{"number":5,"at":"2026', b"\xff", b"{}", b"\x00" * 5000])
def test_half_a_line_of_a_killed_process_is_no_alarm(written: AuditLog, tmp_path: Path, rest: bytes) -> None:
    log = copy_of(written, tmp_path)
    with log.lines.path.open("ab") as file:
        file.write(rest)
    assert log.problems() == []
    log.append("signed in", "Bob")
    assert log.problems() == []
    assert [line.number for line in log.entries()] == [1, 2, 3, 4, 5]


@pytest.mark.folder
def test_a_line_whose_witness_was_never_written_is_no_alarm(written: AuditLog, tmp_path: Path) -> None:
    log = copy_of(written, tmp_path)
    before = (tmp_path / "audit.head").read_bytes()
    log.append("signed in", "Bob")
    (tmp_path / "audit.head").write_bytes(before)
    assert log.problems() == []
    log.append("signed out", "Bob")
    assert log.problems() == []
    assert len(log.entries()) == 6


@pytest.mark.folder
def test_the_first_line_may_be_all_there_is(tmp_path: Path) -> None:
    log = alone(tmp_path)
    log.append("signed in", "Ann")
    cut_last_line(log.lines.path)
    (tmp_path / "audit.head").unlink()
    log.append("signed in", "Ann")
    assert log.problems() == []


@pytest.mark.folder
def test_a_change_whose_process_is_killed_has_its_line_all_the_same(store: Store) -> None:
    """Killed before the first step to disk, then before the second, … until it survives: each snapshot has one line."""
    for step in range(30):
        writer = subprocess.run(
            [sys.executable, str(HERE / "dying_writer.py"), store.where, str(step)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
            timeout=60,
            check=False,
        )
        assert writer.returncode == (0 if writer.stdout else -signal.SIGKILL), writer.stderr
        store.audit.append("signed in", "Ann")
        lines = [line for line in store.audit.entries() if line.event in ("loaded", "unloaded")]
        assert [line.snapshot for line in lines] == [
            entry.snapshot for entry in reversed(store.history()) if "loaded" in entry.what
        ]
        assert store.check() == []
        if writer.stdout:
            break
        if store.read().sources():
            (source,) = store.read().sources()
            assert (lines[-1].who, lines[-1].detail) == ("writer", f"1 file (source {source.id})")
            store.unload(source.id, by="Analyst")
    assert writer.stdout == "done\n"
    assert len(lines) > 2, "no kill fell between a change and its line"


@pytest.mark.folder
def test_a_change_that_cannot_be_recorded_is_not_made(
    store: Store, letter_file: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.current()
    log_of(store).rename(store.folder / "kept")
    log_of(store).mkdir()
    with pytest.raises(RefusedError, match=r"audit\.jsonl: the audit log cannot be written"):
        store.load([letter_file()], by="Analyst")
    with pytest.raises(RefusedError, match="cannot be written"):
        store.audit.append("saw case references", "Ann")
    assert store.current() == before
    log_of(store).rmdir()
    (store.folder / "kept").rename(log_of(store))

    def full(_log: AuditLog, _change: object) -> None:
        raise RefusedError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(AuditLog, "record", full)
        store.load([letter_file()], by="Analyst")  # it is in force: to say that it failed would be wrong
    assert said(store)[-1][:2] == ("loaded", "Analyst")
    assert store.check() == []


# Several at once


def test_many_processes_and_threads_write_into_one_chain(store: Store, letter_file: Letters) -> None:
    script = """
import sys
from sqs_core.store import Store
log = Store.from_address(sys.argv[1]).audit
for number in range(25):
    log.append("signed in", sys.argv[2], detail=str(number))
"""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, store.where, f"process {number}"],
            env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        )
        for number in range(3)
    ]

    def sign_in(name: str) -> None:
        for number in range(25):
            store.audit.append("signed in", name, detail=str(number))

    threads = [threading.Thread(target=sign_in, args=[f"thread {number}"]) for number in range(3)]
    for thread in threads:
        thread.start()
    for number in range(3):
        store.load([letter_file(f"{number}", fieldwork=date(2013, 1, number + 1))], by="Analyst")
    for thread in threads:
        thread.join()
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    lines = store.audit.entries()
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    for who in {line.who for line in lines} - {"sqs", "Analyst"}:
        assert [line.detail for line in lines if line.who == who] == [str(number) for number in range(25)]
    assert [line.snapshot for line in lines if line.event == "loaded"] == ["000002", "000003", "000004"]
    assert store.check() == []


@pytest.mark.folder
def test_what_is_far_from_the_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Appending costs the same however long the log is."""
    log = alone(tmp_path)
    for number in range(50):
        log.append("signed in", "Ann", detail=str(number))
    monkeypatch.setattr("sqs_core.store.audit._TAIL", 1000)
    content = log.lines.path.read_bytes()
    log.lines.path.write_bytes(b"\xff" * (len(content) - 2000) + content[-2000:])
    log.append("signed in", "Ann", detail="last")
    assert log.entries()[-1].number == 52
    assert log.problems() != []


# Where a store comes from


@pytest.mark.folder
def test_a_store_without_a_log_gets_one_that_says_since_when(
    store: Store, letter_file: Letters, tmp_path: Path
) -> None:
    """As that of an older version, whose snapshots know of no log."""
    store.load([letter_file()], by="Analyst")
    store.backup(tmp_path / "backup", by="Host")
    other = FolderStore(tmp_path / "other")
    other.restore(str(tmp_path / "backup"), by="Host")
    assert said(other) == [
        ("began the log", "sqs", "", ""),
        ("restored", "Host", "", "a backup"),
    ]
    other.audit.append("signed in", "Ann")
    assert other.check() == []
    other.load([letter_file("b.txt", place="Hampshire")], by="Ann")
    assert said(other)[-1][0] == "loaded"
    assert other.check() == []


def test_no_store_no_log(new_store: Callable[[], Store]) -> None:
    store = new_store()
    assert store.audit.entries() == []
    assert store.check() == [f"{store.where}: there is no store here; `sqs load` or `sqs demo` makes one"]
    assert not store.exists()


def test_a_sign_in_before_there_is_a_store_is_kept(
    new_store: Callable[[], Store], letter_file: Letters
) -> None:
    store = new_store()
    store.audit.append("sign-in refused", "ann@example.gov.uk")
    store.load([letter_file()], by="Analyst")
    assert [event for event, *_ in said(store)] == [
        "began the log",
        "sign-in refused",
        "created the store",
        "loaded",
    ]
    assert store.check() == []


@pytest.mark.folder
def test_a_line_says_when_in_utc(store: Store) -> None:
    first = json.loads(log_of(store).read_text("utf-8").splitlines()[0])
    assert first["at"].endswith("Z")
    assert store.audit.entries()[0].at.utcoffset() is not None


@pytest.mark.folder
def test_a_table_of_many_services_is_one_line(store: Store) -> None:
    judgement = Judgement("Spring", date(2018, 3, 1), "AB123", "planning", "sufficient")
    names = [f"Service {number}" for number in range(200)]
    table = TableFile("AB123.csv", "0" * 64, judgements=[ServiceJudgement(name, judgement) for name in names])
    store.load([table], by="Analyst")
    line = store.audit.entries()[-1]
    assert line.services == tuple(sorted(names))
    assert "AB123" not in log_of(store).read_text("utf-8")
