"""What is no longer kept of children is gone from every snapshot and from the bytes of every file; all else stays."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import count
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqs_core.errors import BadInputError, RefusedError
from sqs_core.model import Action, Judgement, Review, Service, ServiceJudgement
from sqs_core.store import Deleted, FolderStore, KeepRules, Store, TableFile
from sqs_core.store.retention import SNAPSHOT_FILE, keep_rules
from sqs_core.store.rows import rows
from sqs_core.store.schema import connect

HERE = Path(__file__).parent
CHILD = "ZQ-417193"
_numbers = count(1)


def review(case_ref: str, service: str = "Knowsley", **more: object) -> Review:
    made = Review(service, case_ref, "assessment", "scheduled", date(2018, 7, 1), due_on=date(2018, 4, 2))
    return replace(made, **more)  # type: ignore[arg-type]


def reviews_file(found: Iterable[Review], name: str = "reviews.csv", **more: object) -> TableFile:
    return TableFile(name, sha256(f"{next(_numbers)}".encode()).hexdigest(), reviews=list(found), **more)  # type: ignore[arg-type]


def audit_file(refs: Iterable[str], day: date = date(2018, 3, 1), service: str = "Knowsley") -> TableFile:
    judged = [
        ServiceJudgement(service, Judgement("Audit", day, ref, "1.reviewing", "sufficient")) for ref in refs
    ]
    return TableFile("cases.csv", sha256(f"{next(_numbers)}".encode()).hexdigest(), judgements=judged)


def all_rows(store: Store, table: str) -> dict[str, list[str]]:
    """The case references of every snapshot that is kept, by snapshot."""
    found = {}
    for path in sorted(store.folder.glob("*.duckdb")):
        match = SNAPSHOT_FILE.fullmatch(path.name)
        assert match
        with closing(connect(path, read_only=True)) as connection:
            sql = f"SELECT case_ref FROM {table} ORDER BY source_id, number"
            assert match[1] not in found, "two files of one snapshot"
            found[match[1]] = [ref for (ref,) in connection.execute(sql).fetchall()]
    return found


def files_of_each(store: Store) -> list[list[str]]:
    """The case references of reviews in each file of a snapshot."""
    found = []
    for path in sorted(store.folder.glob("*.duckdb")):
        with closing(connect(path, read_only=True)) as connection:
            found.append([ref for (ref,) in connection.execute("SELECT case_ref FROM reviews").fetchall()])
    return found


def files_with(store: Store, text: str) -> set[str]:
    """The files of the store, of whatever kind, that have the bytes of a text anywhere."""
    return {
        path.name for path in store.folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()
    }


@pytest.fixture
def filled(store: Store) -> Store:
    """A child in two extracts, an audit and a file that was unloaded since; others beside it."""
    store.load([reviews_file([review("A1"), review(CHILD), review("B2"), review(CHILD, team="N")])], by="Ann")
    store.load([audit_file(["A1", CHILD, "B2"])], by="Ann")
    store.load([reviews_file([review(CHILD, service="Hampshire"), review("C3")], name="gone.csv")], by="Ann")
    store.unload(3, by="Ann")
    later = review(CHILD, extracted_on=date(2018, 8, 1), due_on=date(2018, 7, 30))
    store.load([reviews_file([later], name="only.csv")], by="Ann")
    assert store.current() == "000006"
    return store


# One child


@pytest.mark.folder
def test_a_child_is_gone_from_every_snapshot_and_every_byte(filled: Store) -> None:
    assert len(files_with(filled, CHILD)) > 4, "the bytes would be found if they were there"
    before = {
        name: [ref for ref in refs if ref != CHILD] for name, refs in all_rows(filled, "reviews").items()
    }
    before["000004"] = before["000005"] = ["A1", "B2"]
    hampshire = all_rows(filled, "reviews")["000004"].count(CHILD)
    assert hampshire == 3

    deleted = filled.forget("Knowsley", f" {CHILD.lower()}\n", by="Manager")
    assert deleted == Deleted(reviews=3, judgements=1, snapshots=5)
    after = all_rows(filled, "reviews")
    assert after["000004"] == ["A1", "B2", CHILD, "C3"], "another service's child of the same reference stays"
    filled.forget("Hampshire", CHILD, by="Manager")
    assert files_with(filled, CHILD) == set()
    assert all(refs == ["A1", "B2"] for refs in list(all_rows(filled, "reviews").values())[4:])
    assert all_rows(filled, "judgements")["000008"] == ["A1", "B2"]
    assert filled.check() == []


@pytest.mark.folder
def test_deleting_alone_would_leave_the_bytes(filled: Store) -> None:
    """Why snapshots are written anew."""
    path = filled.folder / "000006.duckdb"
    with closing(duckdb.connect(path)) as connection:
        connection.execute("DELETE FROM reviews WHERE case_ref = $1", [CHILD])
        connection.execute("DELETE FROM judgements WHERE case_ref = $1", [CHILD])
        connection.execute("CHECKPOINT")
    assert path.name in files_with(filled, CHILD)


@pytest.mark.folder
def test_what_is_unloaded_leaves_no_bytes_in_the_snapshots_after_it(store: Store) -> None:
    store.load([reviews_file([review(CHILD)])], by="Ann")
    store.unload(1, by="Ann")
    assert "000003.duckdb" not in files_with(store, CHILD)


@pytest.mark.folder
def test_the_record_says_what_was_done_and_nothing_of_the_child(filled: Store) -> None:
    filled.forget("Knowsley YOS", CHILD, by="manager@example.gov.uk")
    with closing(connect(filled.folder / "000007.duckdb", read_only=True)) as connection:
        (deletion,) = rows(connection, "SELECT * FROM deletions")
    assert deletion.pop("deleted_at")
    assert deletion == {
        "number": 7,
        "deleted_by": "manager@example.gov.uk",
        "kind": "child",
        "service": "Knowsley",
        "reviews": 3,
        "judgements": 1,
        "snapshots": 5,
    }
    line = filled.audit.entries()[-1]
    assert (line.event, line.who, line.service) == ("child deleted", "manager@example.gov.uk", "Knowsley")
    assert line.detail == "3 reviews, 1 judgements of local audits; 5 snapshots had such rows"
    assert filled.history()[0].what == "deleted a child's rows (Knowsley)"
    text = (filled.folder / "audit.jsonl").read_text("utf-8")
    assert CHILD not in text
    for digest in (sha256(CHILD.encode()), sha256(CHILD.lower().encode())):
        assert files_with(filled, digest.hexdigest()) == set()


@pytest.mark.folder
@given(
    st.lists(st.tuples(st.sampled_from(["A1", CHILD, "B2"]), st.integers(1, 28)), min_size=1, max_size=8),
    st.lists(st.sampled_from(["A1", CHILD, "B2"]), min_size=1, max_size=3, unique=True),
)
@settings(max_examples=8)
def test_what_is_left_is_as_if_the_child_had_never_been_in_the_files(
    tmp_path_factory: pytest.TempPathFactory, reviewed: list[tuple[str, int]], judged: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("stores")
    with_child, without = FolderStore(folder / "with"), FolderStore(folder / "without")
    found = [review(ref, due_on=date(2018, 3, day)) for ref, day in reviewed]
    with_child.load([reviews_file(found), audit_file(judged)], by="Ann")
    with_child.forget("Knowsley", CHILD, by="Ann") if CHILD in [r.case_ref for r in found] + judged else None
    others = [r for r in found if r.case_ref != CHILD], [ref for ref in judged if ref != CHILD]
    files = [make(rest) for make, rest in zip((reviews_file, audit_file), others, strict=True) if rest]
    without.create()
    without.load(files, by="Ann")
    assert with_child.read().reviews("Knowsley") == without.read().reviews("Knowsley")
    assert with_child.read().audits("Knowsley") == without.read().audits("Knowsley")
    assert [(s.kind, s.rows) for s in with_child.read().sources()] == [
        (s.kind, s.rows) for s in without.read().sources()
    ]
    again = with_child.load([replace(file, sha256="1" * 64) for file in files], by="Ann")
    assert {result.status for result in again} <= {"already there"}, (
        "the hash is that of the rows that are left"
    )
    assert with_child.check() == []


def test_extracts_that_become_the_same_become_one(store: Store) -> None:
    store.load([reviews_file([review("A1")])], by="Ann")
    store.load([reviews_file([review("A1"), review(CHILD)])], by="Ann")
    store.load([reviews_file([review(CHILD), review("A1"), review(CHILD)])], by="Ann")
    store.forget("Knowsley", CHILD, by="Ann")
    assert [source.id for source in store.read().sources()] == [3]
    assert [r.case_ref for r in store.read().reviews("Knowsley")] == ["A1"]
    assert store.check() == []


def test_the_very_same_file_does_not_bring_the_child_back(store: Store) -> None:
    file = reviews_file([review("A1"), review(CHILD)])
    alone = reviews_file([review(CHILD, team="N")], name="alone.csv")
    store.load([file, alone], by="Ann")
    store.forget("Knowsley", CHILD, by="Ann")
    for again in (file, replace(file, name="renamed.csv"), alone):
        with pytest.raises(RefusedError, match=rf"{again.name}: a child's rows were deleted.*export it anew"):
            store.load([again], by="Ann")
    (result,) = store.load([reviews_file([review("A1", team="N")])], by="Ann")
    assert result.status == "loaded"
    assert store.check() == []


def test_a_service_of_which_nothing_is_left_is_gone_too(store: Store) -> None:
    file = reviews_file([review(CHILD, service="Elsewhere"), review("A1")])
    store.load([file], by="Ann")
    store.forget("elsewhere", CHILD, by="Ann")
    assert [service.name for service in store.read().services()] == ["Knowsley"]
    assert store.check() == []


@pytest.mark.folder
def test_who_is_not_there_is_said_and_nothing_changes(filled: Store) -> None:
    before = {path.name for path in filled.folder.iterdir()}
    for service, case_ref in (("Knowsley", "ZQ-4171"), ("Leeds", CHILD), ("Knowsley", "%")):
        with pytest.raises(
            RefusedError, match=r"no row of a child with this reference, in any of the 6 snap"
        ):
            filled.forget(service, case_ref, by="Manager")
    for service, case_ref in (("", CHILD), ("Knowsley", " \n")):
        with pytest.raises(BadInputError, match="say of which service"):
            filled.forget(service, case_ref, by="Manager")
    with pytest.raises(BadInputError, match="say who you are"):
        filled.forget("Knowsley", CHILD, by=" ")
    assert {path.name for path in filled.folder.iterdir()} == before


@pytest.mark.folder
def test_a_child_of_older_snapshots_alone_is_found(store: Store) -> None:
    store.load([reviews_file([review(CHILD)])], by="Ann")
    store.unload(1, by="Ann")
    assert store.forget("Knowsley", CHILD, by="Ann") == Deleted(reviews=0, judgements=0, snapshots=1)
    assert files_with(store, CHILD) == set()
    assert store.check() == []


def test_what_people_wrote_is_left_and_its_places_are_said(store: Store) -> None:
    file = reviews_file(
        [review("A1", late_reason=f"waiting for {CHILD}"), review(CHILD), review(f"{CHILD}0")],
        name=f"{CHILD}.csv",
        accepted=(f"row 3, case {CHILD}: unlikely", "row 1: unlikely", f"case {CHILD}0"),
    )
    store.load([file], by="Ann")
    action = Action("Knowsley", None, "An area", "1a", f"See {CHILD.lower()}", note=f"{CHILD}0 is another")
    store.save_actions([action], by="Ann")
    store.save_actions([replace(action, reference="1b", action="Nothing of the child")], by="Ann")
    deleted = store.forget("Knowsley", CHILD, by="Ann")
    assert set(deleted.places) == {
        "actions, action (reference 1a, version 1)",
        "history, what (snapshot 000002)",
        "reviews, late reason (source id 1, number 1)",
        "sources, file name (id 1)",
    }
    assert store.read().sources()[0].accepted == ("row 1: unlikely", f"case {CHILD}0")
    assert store.check() == []


@pytest.mark.parametrize("ref", ["a.b", "x|y", "50%_", "it's", "Ü-1", "(1", "a\\b", "1 2", '"'])
def test_a_reference_may_have_any_characters(store: Store, ref: str) -> None:
    store.load([reviews_file([review(ref), review("axb"), review("xy")])], by="Ann")
    action = Action("Knowsley", None, "An area", "1", f"See {ref}, and axb")
    store.save_actions([action, replace(action, reference="2", action="axb xy")], by="Ann")
    deleted = store.forget("Knowsley", ref, by="Ann")
    assert deleted.places == ("actions, action (reference 1, version 1)",)
    assert [r.case_ref for r in store.read().reviews("Knowsley")] == ["axb", "xy"]


# Going back


@pytest.mark.folder
def test_going_back_does_not_bring_the_child_back(filled: Store, tmp_path: Path) -> None:
    filled.backup(tmp_path / "before.duckdb", by="Host")
    filled.forget("Knowsley", CHILD, by="Manager")
    filled.backup(tmp_path / "after.duckdb", by="Host")
    assert [e.snapshot for e in filled.history() if e.kept] == [f"{n:06}" for n in range(7, 0, -1)]
    assert filled.restore("000002", by="Host") == ()
    assert [r.case_ref for r in filled.read().reviews("Knowsley")] == ["A1", "B2"]
    assert filled.restore(str(tmp_path / "after.duckdb"), by="Host") == ()
    assert len(filled.read().sources()) == 2

    left_out = filled.restore(str(tmp_path / "before.duckdb"), by="Host")
    assert left_out == ("reviews.csv", "cases.csv", "only.csv")
    assert filled.read().sources() == []
    filled.restore("000005", by="Host")
    assert len(filled.read().sources()) == 2
    current = filled.folder / f"{filled.current()}.duckdb"
    assert CHILD.encode() not in current.read_bytes()
    (last, *_) = filled.check() or [""]
    assert last == ""


@pytest.mark.folder
def test_days_of_snapshots_stay_what_they_were(filled: Store) -> None:
    """How long a snapshot is kept depends on its day."""
    yesterday = time.time() - 24 * 3600
    os.utime(filled.folder / "000003.duckdb", (yesterday, yesterday))
    filled.forget("Knowsley", CHILD, by="Manager")
    for number in range(25):
        action = Action("Knowsley", None, "An area", str(number), "Something")
        filled.save_actions([action], by="Chair")
    (oldest, *_) = sorted(filled.folder.glob("*.duckdb"))
    assert oldest.name == "000003-000007.duckdb"
    assert len(list(filled.folder.glob("*.duckdb"))) == 21
    filled.restore("000003", by="Host")
    assert filled.check() == []


@pytest.mark.folder
def test_a_kept_snapshot_of_an_older_version_is_written_anew_too(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "old")
    store.folder.mkdir()
    with closing(duckdb.connect(store.folder / "000002.duckdb")) as connection:
        connection.execute((HERE / "version_1.sql").read_text("utf-8"))
    (store.folder / "CURRENT").write_text("000002\n")
    store.read()
    store.load([reviews_file([review(CHILD)])], by="Ann")
    assert store.forget("Knowsley", CHILD, by="Ann").snapshots == 1
    assert sorted(path.name for path in store.folder.glob("*.duckdb")) == [
        "000002-000005.duckdb",
        "000003-000005.duckdb",
        "000004-000005.duckdb",
        "000005.duckdb",
    ]
    store.restore("000002", by="Host")
    assert store.check() == []


@pytest.mark.folder
def test_a_damaged_snapshot_is_named_since_nobody_knows_whom_it_has(filled: Store) -> None:
    (filled.folder / "000002.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(RefusedError, match=r"000002\.duckdb: cannot be opened .*delete it first"):
        filled.forget("Knowsley", CHILD, by="Manager")
    (filled.folder / "000002.duckdb").unlink()
    filled.forget("Knowsley", CHILD, by="Manager")
    assert filled.check() == []


# Many at once, and killed in the middle


def test_readers_are_not_disturbed(filled: Store) -> None:
    """On a lake who has the older one open is told to open it again: it is gone at once."""
    old, on_lake = filled.read(), filled.where.startswith("ducklake:")
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                refs = {r.case_ref for r in filled.read().reviews("Knowsley")}
            except BadInputError as error:
                if not on_lake or "open it again" not in str(error):
                    wrong.append(error)
                continue
            if refs not in ({"A1", "B2", CHILD}, {"A1", "B2"}):
                wrong.append(refs)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        filled.forget("Knowsley", CHILD, by="Manager")
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    if on_lake:
        with pytest.raises(BadInputError, match="open it again"):
            old.reviews("Knowsley")
    else:
        assert CHILD in {r.case_ref for r in old.reviews("Knowsley")}, "who has it open goes on with it"
    assert {r.case_ref for r in filled.read().reviews("Knowsley")} == {"A1", "B2"}


@pytest.mark.folder
def test_a_deletion_killed_at_any_step_is_undone_or_finished(store: Store, tmp_path: Path) -> None:
    """Killed before the first step to disk, then before the second, … until it survives."""
    store.load([reviews_file([review("A1"), review(CHILD)])], by="Ann")
    outcomes = []
    for step in range(100):
        killed = FolderStore(tmp_path / f"killed {step}")
        shutil.copytree(store.folder, killed.folder)
        outcome = subprocess.run(
            [sys.executable, str(HERE / "dying_deletion.py"), str(killed.folder), CHILD, str(step)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
            timeout=120,
            check=False,
        )
        survived = outcome.stdout == "done\n"
        assert outcome.returncode == (0 if survived else -signal.SIGKILL), outcome.stderr
        is_deleted = killed.current() == "000003"
        refs = [r.case_ref for r in killed.read().reviews("Knowsley")]
        assert refs == (["A1"] if is_deleted else ["A1", CHILD])
        problems = killed.check()
        is_visible = any("a deletion was cut off" in problem for problem in problems)
        assert is_visible == bool(problems)
        is_there = bool({CHILD} & {ref for found in files_of_each(killed) for ref in found})
        assert is_there or is_deleted
        assert is_visible or is_there != is_deleted, "half finished, and nobody is told"
        if is_there:
            assert killed.forget("Knowsley", CHILD, by="Manager").finished == is_deleted
        killed.save_actions([Action("Knowsley", None, "An area", "1", "Something")], by="Chair")
        assert files_with(killed, CHILD) == set()
        assert killed.check() == []
        assert [line.event for line in killed.audit.entries()].count("child deleted") == 1
        outcomes.append((is_deleted, is_visible, survived))
        shutil.rmtree(killed.folder)
        if survived:
            break
    assert outcomes[-1] == (True, False, True)
    assert (False, False, False) in outcomes
    assert (True, True, False) in outcomes, (
        "no kill fell between the deletion and the removal of what it deletes"
    )


# By rule


TODAY = date(2026, 11, 25)


@pytest.mark.folder
@pytest.mark.parametrize(
    ("dates", "is_purged"),
    [
        ({"order_ended_on": date(2023, 11, 24)}, True),
        ({"order_ended_on": date(2023, 11, 25)}, False),
        ({"order_ended_on": date(2026, 1, 1), "due_on": date(2015, 1, 1)}, False),
        ({"due_on": date(2023, 11, 24), "completed_on": date(2023, 11, 25)}, False),
        ({"due_on": date(2023, 11, 24), "completed_on": date(2023, 11, 20)}, True),
        ({"due_on": date(2023, 11, 24)}, True),
        ({"due_on": date(2023, 11, 25)}, False),
        ({"due_on": None, "completed_on": date(2023, 11, 24)}, True),
        ({"due_on": None, "extracted_on": date(2023, 11, 24)}, True),
        ({"due_on": None, "extracted_on": date(2023, 11, 25)}, False),
    ],
)
def test_reviews_are_kept_after_the_order_ended_or_the_review_was_due_or_done(
    store: Store, dates: dict[str, date], is_purged: bool
) -> None:
    store.load([reviews_file([review("A1", due_on=TODAY), review(CHILD, **dates)])], by="Ann")  # type: ignore[arg-type]
    deleted = store.purge(KeepRules(reviews=36), "Host", TODAY)
    assert deleted.reviews == is_purged
    assert {r.case_ref for r in store.read().reviews("Knowsley")} == ({"A1"} if is_purged else {"A1", CHILD})
    assert (files_with(store, CHILD) == set()) == is_purged
    assert store.check() == []


def test_judgements_are_kept_after_the_audit_and_each_rule_stands_alone(store: Store) -> None:
    store.load(
        [audit_file(["A1"], day=date(2020, 2, 29)), audit_file(["B2"], day=date(2020, 3, 1))], by="Ann"
    )
    store.load([reviews_file([review("A1")])], by="Ann")
    rules = KeepRules(judgements=12)
    assert store.purge(rules, "Host", date(2021, 2, 28)).snapshots == 0
    assert store.purge(rules, "Host", date(2021, 3, 1), dry_run=True) == Deleted(0, 1, 2)
    assert len(store.read().audits("Knowsley")) == 2
    assert store.purge(rules, "Host", date(2021, 3, 1)) == Deleted(0, 1, 2)
    assert [audit.audited_on for audit in store.read().audits("Knowsley")] == [date(2020, 3, 1)]
    assert len(store.read().reviews("Knowsley")) == 1
    line = store.audit.entries()[-1]
    assert (line.event, line.who, line.service) == ("purged", "Host", "")
    assert store.purge(rules, "Host", date(2021, 3, 1)) == Deleted(0, 0, 0), "what is purged is gone"
    assert len(store.history()) == 4
    assert store.check() == []


def test_the_same_file_is_not_loaded_again_after_a_purge_and_a_backup_is(
    store: Store, tmp_path: Path
) -> None:
    file = audit_file(["A1"], day=date(2020, 2, 29))
    store.load([file, reviews_file([review("A1")])], by="Ann")
    store.backup(tmp_path / "backup", by="Host")
    store.purge(KeepRules(judgements=12), "Host", TODAY)
    with pytest.raises(
        RefusedError, match=r"rows of this very file were purged on .* being older than is kept"
    ):
        store.load([file], by="Ann")
    assert store.restore(str(tmp_path / "backup"), by="Host") == ()
    assert len(store.read().sources()) == 2, "the next purge takes them out again"
    assert store.purge(KeepRules(judgements=12), "Host", TODAY).judgements == 1
    assert store.check() == []


def test_illustrative_data_is_about_nobody_and_stays(store: Store) -> None:
    made_up = Service("Wyrevale", "England", "", "", illustrative=True)
    rows_ = [review("W1", service="Wyrevale", due_on=date(2013, 1, 1))]
    store.load_examples([reviews_file(rows_, services=(made_up,), illustrative=True)], by="Ann")
    assert store.purge(KeepRules(reviews=1, judgements=1), "Host", TODAY) == Deleted(0, 0, 0)
    assert len(store.read().reviews("Wyrevale")) == 1


def test_the_host_says_for_how_many_months() -> None:
    assert not keep_rules({})
    assert not keep_rules({"SQS_KEEP_REVIEWS_MONTHS": " "})
    assert keep_rules({"SQS_KEEP_REVIEWS_MONTHS": "36", "SQS_KEEP_AUDITS_MONTHS": "1"}) == KeepRules(36, 1)
    assert str(keep_rules({"SQS_KEEP_AUDITS_MONTHS": "60"})) == "local audits 60 months"
    with pytest.raises(BadInputError) as error:
        keep_rules({"SQS_KEEP_REVIEWS_MONTHS": "3 years", "SQS_KEEP_AUDITS_MONTHS": "0"})
    assert str(error.value).splitlines() == [
        "SQS_KEEP_REVIEWS_MONTHS is '3 years'; it must be a whole number of months from 1 to 1,200",
        "SQS_KEEP_AUDITS_MONTHS is '0'; it must be a whole number of months from 1 to 1,200",
    ]
