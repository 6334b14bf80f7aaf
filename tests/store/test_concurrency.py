"""Many read while one writes, and a writer may be killed at any moment."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from sqs_core.store import LetterFile, Store

HERE = Path(__file__).parent
Letters = Callable[..., LetterFile]


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    """One of the scripts beside this file, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, str(HERE / script), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
    )


def test_ten_readers_see_each_load_whole_or_not_at_all(
    store: Store, letter_file: Letters, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    how_many = 10 if store.where.startswith("/") else 3  # each keeps a core busy on a lake
    readers = [start("endless_reader.py", store.where, stop) for _ in range(how_many)]
    try:
        for reader in readers:
            assert reader.stdout and reader.stdout.readline() == "reading\n"
        for turn in range(10):
            days = [date(2012, 10, 1) + timedelta(days=3 * turn + i) for i in range(3)]
            store.load([letter_file(f"{day}.txt", fieldwork=day) for day in days], by="Analyst")
        stop.touch()
        seen = [reader.communicate(timeout=120) for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
    assert [errors for _, errors in seen if errors] == []
    assert [reader.returncode for reader in readers] == [0] * how_many
    counts = [tuple(map(int, said.split())) for said, _ in seen]
    assert min(states for _, states in counts) > 1, "somebody did not read while it was written"
    assert len(store.read().inspections()) == 30


def test_threads_of_one_process_read_while_it_writes(store: Store, letter_file: Letters) -> None:
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        before = 0
        while not done.is_set():
            found = store.read().inspections()
            if len(found) % 3 or len(found) < before:
                wrong.append(f"{len(found)} after {before}")
            if any(len(stored.findings) != 3 for stored in found):
                wrong.append("a letter that is not whole")
            before = len(found)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    try:
        for turn in range(8):
            days = [date(2012, 10, 1) + timedelta(days=3 * turn + i) for i in range(3)]
            store.load([letter_file(f"{day}.txt", fieldwork=day) for day in days], by="Analyst")
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert wrong == []


def test_two_writers_take_turns(store: Store, letter_file: Letters) -> None:
    failures: list[Exception] = []

    def write(place: str) -> None:
        try:
            for turn in range(6):
                day = date(2012, 10, 1) + timedelta(days=turn)
                store.load([letter_file(f"{place} {turn}", place=place, fieldwork=day)], by=place)
        except Exception as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=[place]) for place in ("Knowsley", "Hampshire")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert len(store.read().sources()) == 12
    assert store.current() == "000013"
    assert store.check() == []


@pytest.mark.folder
def test_a_writer_killed_at_any_moment_loses_nothing_that_it_acknowledged(store: Store) -> None:
    """Forty kills, from at once after an acknowledgement to long enough after for the next load to be through.

    Where in a load each kill falls differs from run to run; no outcome may.
    """
    acknowledged: set[int] = set()
    cut_short = 0
    for turn in range(40):
        first = 1000 * turn
        writer = start("endless_writer.py", store.where, first)
        assert writer.stdout and writer.stderr
        try:
            line = writer.stdout.readline()
            assert line == f"ack {first}\n", writer.stderr.read()
            time.sleep(turn * 0.004)
        finally:
            writer.kill()  # SIGKILL: nothing is tidied up
        rest = writer.stdout.read()
        writer.wait()
        writer.stdout.close()
        writer.stderr.close()
        acknowledged |= {int(said.split()[1]) for said in (line + rest).splitlines()}
        cut_short += any("writing" in path.name for path in store.folder.iterdir())

        there = {int(source.file_name.split()[1]) for source in store.read().sources()}
        assert acknowledged <= there
        # At most the one letter that it was at may be in without having been acknowledged.
        assert len(there) <= len(acknowledged) + turn + 1
        if turn % 8 == 7:
            assert store.check() == []
    assert cut_short, "no kill fell into a load"
    assert store.check() == []


@pytest.mark.folder
def test_a_load_killed_at_each_step_is_there_whole_or_not_at_all(store: Store) -> None:
    """Killed before the first step to disk, then before the second, … until it survives."""
    outcomes = []
    for step in range(20):
        before, files = store.current(), {path.name for path in store.folder.glob("*.duckdb")}
        writer = start("dying_writer.py", store.where, step)
        said, errors = writer.communicate(timeout=60)
        assert writer.returncode == (0 if said else -signal.SIGKILL), errors
        there = len(store.read().sources())
        assert there == (1 if store.current() != before else 0)
        assert store.check() == []
        assert {path.name for path in store.folder.glob("*.duckdb")} >= files
        outcomes.append((there, bool(said)))
        if said:
            break
        if there:
            store.unload(store.read().sources()[0].id, by="Analyst")
    steps = [there for there, _ in outcomes]
    assert outcomes[-1] == (1, True)
    # Copy, snapshot to disk, its name, the folder, CURRENT written, to disk and in its place: none of it counts.
    assert steps[:7] == [0] * 7
    assert steps[7:] == [1] * (len(steps) - 7)
