"""`check` finds what was done to a store behind its back: every rule is broken once here."""

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pytest

from sqs_core.model import Judgement, ServiceJudgement
from sqs_core.store import LetterFile, Store, TableFile
from sqs_core.store.schema import connect, version

DAMAGE = {
    "an id twice": ("UPDATE sources SET id = 1", "source 1: two sources have this id"),
    "the same twice": (
        "UPDATE sources SET rows_sha256 = (SELECT min(rows_sha256) FROM sources)",
        "source 2: brought the same as source 1",
    ),
    "no last id": ("DELETE FROM last_source", "the highest source id ever given is not kept once"),
    "an id not given": ("UPDATE last_source SET id = 1", "source 2: its id is above"),
    "rows without source": ("DELETE FROM sources WHERE id = 1", "source 1: findings has rows of it"),
    "a gap": ("DELETE FROM findings WHERE number = 2", "source 1: numbers in findings do not run"),
    "a block lost": ("DELETE FROM blocks WHERE number = 1", "source 1: numbers in blocks do not run"),
    "no header": ("DELETE FROM inspections", "source 1: a letter without exactly one inspection"),
    "miscounted": ("UPDATE sources SET rows = 9", "source 1: says 9 rows, has 3"),
    "no hash": ("UPDATE sources SET sha256 = 'abc'", "source 1: not a SHA-256"),
    "nobody": ("UPDATE sources SET loaded_by = ''", "source 1: nobody loaded it"),
    "half published": ("UPDATE sources SET published_by = NULL", "source 1: published by nobody"),
    "a qualitative share": (
        "UPDATE findings SET share_low = 0, share_high = 1",
        "source 1, finding 3: only a qualitative finding has no share",
    ),
    "half a share": ("UPDATE findings SET share_low = NULL", "finding 1: only a qualitative finding"),
    "more than all": ("UPDATE findings SET share_high = 1.5 WHERE number = 2", "finding 2: a share lies"),
    "upside down": ("UPDATE findings SET share_low = 0.9", "finding 1: a share lies between 0 and 1"),
    "a basis": ("UPDATE findings SET basis = 'guessed'", "finding 1: unknown basis or direction"),
    "a direction": ("UPDATE findings SET direction = NULL", "finding 1: unknown basis or direction"),
    "a place": ("UPDATE findings SET quote_start = 2", "finding 1: its quote does not stand where"),
    "a block's number": ("UPDATE findings SET block = 77", "finding 1: its quote does not stand where"),
    "half a place": ("UPDATE findings SET quote_end = NULL", "finding 1: half a place"),
    "a kind of block": ("UPDATE blocks SET kind = 'footer'", "source 1, block 0: unknown kind"),
    "a kind of source": ("UPDATE sources SET kind = 'rumour'", "source 1: unknown kind of source"),
    "a judgement": ("UPDATE judgements SET judgement = 'good'", "source 2, judgement 1: unknown judgement"),
    "a case twice": (
        "INSERT INTO judgements SELECT * REPLACE (2 AS number) FROM judgements",
        "source 2: a case judged twice on criterion 1.planning (case 1)",
    ),
    "no service": ("UPDATE inspections SET service = NULL", "source 1: a service without a name"),
    "an idle service": (
        "INSERT INTO services (name) VALUES ('Nowhere')",
        "service Nowhere: kept, though nothing speaks of it",
    ),
    "an unknown service": ("DELETE FROM services", "service Moor: neither in the register nor"),
    "a service twice": ("INSERT INTO services SELECT * FROM services", "service Moor: kept twice"),
    "a correction by nobody": ("UPDATE corrections SET corrected_by = NULL", "correction 1: nobody made it"),
    "a correction of what": ("UPDATE corrections SET field = 'quote'", "correction 1: nobody made it, or it"),
    "a corrected direction": (
        "UPDATE corrections SET field = 'direction', \"after\" = 'good'",
        "correction 1: nobody made it, or it changes nothing known",
    ),
    "a correction of nothing": (
        "UPDATE corrections SET identity = NULL",
        "correction 1: tied to no sentence",
    ),
    "a correction twice": (
        "INSERT INTO corrections SELECT * FROM corrections",
        "correction 1: two corrections have this id",
    ),
    "a corrected practice": ("UPDATE corrections SET \"after\" = 'plans'", "correction 1: unknown practice"),
    "a section": ("UPDATE findings SET section = 'courts'", "source 1: unknown section courts"),
    "a practice": ("UPDATE findings SET practice = 'plans'", "source 1: unknown practice plans"),
    "a criterion": ("UPDATE judgements SET criterion = '9'", "source 2: unknown criterion 9"),
    "a framework": ("UPDATE inspections SET framework = 'fji'", "source 1: unknown framework fji"),
    "another number": ("UPDATE inspections SET case_count = 15", "source 1 (letter.txt): its rows are not"),
    "another word": ("UPDATE blocks SET text = text || '!' WHERE number = 2", "its rows are not those that"),
    "another judgement": (
        "UPDATE judgements SET judgement = 'sufficient'",
        "source 2 (audit.csv): its rows are not those that were loaded",
    ),
    "a forged history": ("DELETE FROM history WHERE snapshot = '000003'", "its history ends with 000002"),
    "a lost table": ("DROP TABLE warnings", "snapshot 000003: cannot be opened"),
}


Tamper = Callable[[Store, str], None]


@pytest.fixture
def filled(store: Store, letter_file: Callable[..., LetterFile]) -> Store:
    judgement = Judgement("Audit", date(2018, 3, 1), "case 1", "1.planning", "insufficient")
    audit = TableFile("audit.csv", "0" * 64, judgements=[ServiceJudgement("Moor", judgement)])
    store.load([letter_file(), audit], by="Analyst")
    store.correct(1, 1, practice="delivery", by="Analyst")
    assert store.check() == []
    return store


@pytest.mark.parametrize(("sql", "message"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_found(filled: Store, tamper: Tamper, sql: str, message: str) -> None:
    tamper(filled, sql)
    problems = filled.check()
    assert any(message in problem for problem in problems), problems
    assert all("\n" not in problem for problem in problems)


@pytest.mark.folder
def test_an_older_snapshot_that_does_not_open_is_found(filled: Store) -> None:
    (filled.folder / "000002.duckdb").write_bytes(b"not a database" * 1000)
    (problem,) = filled.check()
    assert problem.startswith("snapshot 000002: cannot be opened")


@pytest.mark.folder
def test_damage_further_in_an_older_snapshot_is_found_too(filled: Store) -> None:
    """It opens, and would not have been missed before the day that somebody wants it back."""
    file = filled.folder / "000002.duckdb"
    whole = file.read_bytes()
    found = set()
    for start in range(12_288, len(whole), 262_144):  # DuckDB's three headers, then its blocks
        broken = bytearray(whole)
        broken[start + 100] ^= 1
        file.write_bytes(broken)
        try:
            with closing(connect(file, read_only=True)) as connection:
                version(connection)
        except duckdb.Error:
            continue
        found |= set(filled.check())
    assert any("Corrupt database" in problem for problem in found)
    for problem in found:
        assert problem.startswith("snapshot 000002: cannot be opened (")
        assert problem.endswith("it can no longer be restored")


@pytest.mark.folder
def test_a_log_beside_a_snapshot_is_found(filled: Store) -> None:
    log = Path(filled.folder / "000003.duckdb.wal")
    log.write_bytes(b"")
    assert any("000003.duckdb.wal" in problem for problem in filled.check())
