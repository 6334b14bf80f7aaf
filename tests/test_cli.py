"""The command `sqs` as people and scripts meet it: what it prints where, and how it ends."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sqs_core.cli import sqs
from sqs_core.frameworks import DATA, framework
from sqs_core.loaders import Kind, check, read_table
from sqs_core.store import Store

HARNLEY = DATA / "letters" / "harnley-vale-2014.txt"
HARNLEY_PDF = DATA / "letters" / "harnley-vale-2014.pdf"
CARROW = DATA / "letters" / "carrow-bay-2016.txt"

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def run(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command with these arguments, as Analyst, in a folder of its own. No exception is let out of it."""
    monkeypatch.setenv("SQS_STORE", str(folder))
    monkeypatch.setenv("SQS_USER", "Analyst")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(sqs, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    return run


def done(result: Result) -> str:
    """What a command printed that did what it was asked, with nothing to say about it."""
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def no(result: Result, status: int) -> str:
    """Why a command said no: one line, and nothing on stdout that a program would take for a result."""
    assert (result.exit_code, result.stdout) == (status, "")
    assert re.fullmatch(r"sqs: [^\n]+\n", result.stderr), result.stderr
    return result.stderr


def process(
    folder: Path, *arguments: str | bytes | Path, **more: object
) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, with real streams."""
    environment = {**os.environ, "SQS_STORE": str(folder), "PYTHONPATH": str(Path(__file__).parent.parent)}
    environment |= more.pop("env", {})  # type: ignore[arg-type]
    command = [sys.executable, "-c", "from sqs_core.cli import sqs; sqs(prog_name='sqs')", *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.run(command, env=environment, check=False, **streams)  # type: ignore[call-overload, no-any-return]


# A letter


def test_a_letter_is_printed_and_no_store_made(run: Run, folder: Path) -> None:
    text = done(run("letter", HARNLEY))
    assert text.startswith("Harnley Vale Youth Offending Team\n")
    assert "Cases      16" in text
    assert "Areas requiring improvement\n  - " in text
    assert not folder.exists()


def test_a_letter_as_json_has_what_was_promised(run: Run) -> None:
    read = json.loads(done(run("letter", HARNLEY_PDF, "--json")))
    promised = {
        "letter",
        "reoffending",
        "findings",
        "key_strengths",
        "areas_requiring_improvement",
        "warnings",
    }
    assert promised <= set(read)
    assert {
        "title",
        "place",
        "service_name",
        "service_kind",
        "published_on",
        "fieldwork_start",
        "fieldwork_end",
        "case_count",
    } <= set(read["letter"])
    assert {
        "rate",
        "previous_rate",
        "england_wales_rate",
        "compared_with_previous",
        "compared_with_england_wales",
        "cohort_start",
        "cohort_end",
        "rate_published",
    } <= set(read["reoffending"])
    sections = {section.id for section in framework().sections}
    practices = {practice.id for practice in framework().practices}
    for finding in read["findings"]:
        assert {"paragraph", "quote", "relevant_cases"} <= set(finding)
        assert finding["section"] in sections
        assert finding["practice"] in practices
        assert finding["direction"] in {"strength", "weakness", "neutral"}
        shares = (finding["share_low"], finding["share_high"])
        if finding["basis"] == "qualitative":
            assert shares == (None, None)
        else:
            assert finding["basis"] in {"counted", "worded"}
            assert 0 <= shares[0] <= shares[1] <= 1


@pytest.mark.parametrize("command", ["letter", "load"])
def test_what_is_no_letter_is_bad_input(run: Run, tmp_path: Path, folder: Path, command: str) -> None:
    for name, content in {"minutes.txt": b"Minutes of the board", "empty.pdf": b""}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "in the way").mkdir()
    for name in ("minutes.txt", "empty.pdf", "nowhere.docx", "in the way", "x" * 300):
        result = run(command, name)
        assert (result.exit_code, result.stdout) == (2, "")
        first, *more = result.stderr.splitlines()
        assert first.startswith(f"sqs: {name}: ")
        assert more == ([] if command == "letter" else ["sqs: nothing was loaded"])
    assert not folder.exists()


# Loading


def test_the_way_of_a_letter_through_the_store(run: Run) -> None:
    result = run("load", HARNLEY, CARROW)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "harnley-vale-2014.txt: loaded, Harnley Vale (source 1)",
        "carrow-bay-2016.txt: loaded, Carrow Bay (source 2)",
    ]
    assert all(re.match(r"(harnley|carrow)\S+\.txt: ", line) for line in result.stderr.splitlines())
    assert done(run("load", HARNLEY)) == "harnley-vale-2014.txt: already there, Harnley Vale (source 1)\n"
    assert "source 3" in run("load", HARNLEY_PDF).stdout

    assert [line.split()[:2] for line in done(run("services")).splitlines()[1:]] == [
        ["Carrow", "Bay"],
        ["Harnley", "Vale"],
    ]
    found = [line.split() for line in done(run("sources")).splitlines()[1:]]
    assert [(line[0], line[1], line[6]) for line in found] == [
        ("3", "harnley-vale-2014.pdf", "Analyst"),
        ("2", "carrow-bay-2016.txt", "Analyst"),
        ("1", "harnley-vale-2014.txt", "Analyst"),
    ]
    assert done(run("unload", found[0][7])) == "harnley-vale-2014.pdf: unloaded (source 3)\n"
    assert done(run("unload", "harnley-vale-2014.txt")) == "harnley-vale-2014.txt: unloaded (source 1)\n"
    assert "no such source" in no(run("unload", "1"), 1)
    assert done(run("unload", "2")) == "carrow-bay-2016.txt: unloaded (source 2)\n"
    assert len(done(run("history")).splitlines()) == 1 + 6
    assert run("check").exit_code == 0


def test_one_bad_file_and_nothing_is_loaded(run: Run, folder: Path) -> None:
    result = run("load", HARNLEY, "nowhere.pdf", "cases.csv", CARROW)
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == [
        "nowhere.pdf",
        "cases.csv",
        "nothing was loaded",
    ]
    assert not folder.exists()


def test_each_problem_of_a_load_is_a_line_that_says_who_speaks(run: Run) -> None:
    run("load", HARNLEY, CARROW, "--service", "Merton")
    result = run("load", HARNLEY, CARROW, "--service", "Hampshire")
    assert (result.exit_code, result.stdout) == (1, "")
    assert [line[:11] for line in result.stderr.splitlines()] == ["sqs: harnle", "sqs: carrow"]


def test_the_letter_of_a_service_that_it_does_not_name(run: Run) -> None:
    assert (
        "loaded, Monmouthshire and Torfaen"
        in run("load", HARNLEY, "--service", "Torfaen & Monmouthshire").stdout
    )
    assert "another service" not in done(run("show", "areas", "--service", "Monmouthshire and Torfaen YOS"))


def test_a_name_of_several_files_is_asked_about(run: Run, tmp_path: Path) -> None:
    for number, letter in enumerate((HARNLEY, CARROW)):
        (tmp_path / str(number)).mkdir()
        shutil.copyfile(letter, tmp_path / str(number) / "letter.txt")
    run("load", "0/letter.txt", "1/letter.txt")
    assert "could be source 2 or 1" in no(run("unload", "letter.txt"), 1)


def test_a_name_that_is_no_line_of_text_is_kept_as_one(run: Run, tmp_path: Path, folder: Path) -> None:
    odd = "a\x1b\nb.txt"
    shutil.copyfile(CARROW, tmp_path / odd)
    assert (
        run("load", odd, "--service", os.fsdecode(b"Bay\xff")).stdout == "a? b.txt: loaded, Bay? (source 1)\n"
    )
    assert done(run("unload", odd)) == "a? b.txt: unloaded (source 1)\n"
    assert Store(folder).check() == []


def test_what_is_hashed_is_what_was_read(
    run: Run, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a file that changes meanwhile: read twice, it could be one letter under another's hash."""
    file = tmp_path / "letter.txt"
    file.write_bytes(CARROW.read_bytes())
    read, before = Path.read_bytes, HARNLEY.read_bytes()
    monkeypatch.setattr(Path, "read_bytes", lambda path: before if path.name == file.name else read(path))
    run("load", file.name)
    (source,) = Store(folder).read().sources()
    assert source.sha256 == hashlib.sha256(before).hexdigest()


# The store


@pytest.mark.parametrize(
    "command",
    [
        "services",
        "sources",
        "history",
        "unload 1",
        "backup b.duckdb",
        "show scores --service X",
        "restore 000001",
    ],
)
def test_without_a_store_every_command_says_so_and_makes_none(run: Run, folder: Path, command: str) -> None:
    no(run(*command.split()), 2)
    assert not folder.exists()


def test_check_names_what_is_wrong(run: Run, folder: Path) -> None:
    result = run("check")
    assert (result.exit_code, "no store here" in result.stdout) == (1, True)
    assert result.stderr == f"sqs: {folder}: 1 problem found\n"
    run("load", CARROW)
    result = run("check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{folder}: all is well\n")
    (folder / "000002.duckdb").write_bytes(b"no database")
    assert "000002" in no(run("services"), 2)
    assert run("check").exit_code == 1
    assert done(run("restore", "000001")) == "000001: restored as 000003\n"


def test_a_store_is_named_before_or_after_the_command(run: Run, tmp_path: Path) -> None:
    run("--store", "before", "load", CARROW)
    run("load", HARNLEY, "--store", "after")
    assert "Carrow Bay" in done(run("services", "--store", "before"))
    assert "Harnley Vale" in done(run("--store", "before", "services", "--store", "after"))
    (tmp_path / "file").touch()
    no(run("--store", "file", "services"), 2)
    no(run("--store", "file", "load", CARROW), 1)
    no(run("--store", "x" * 300, "load", CARROW), 1)
    no(run("--store", os.fsdecode(b"\xff"), "load", CARROW), 2)


def test_a_backup_is_restored_into_a_new_store(run: Run) -> None:
    run("load", CARROW)
    assert done(run("backup", "b.duckdb")) == "b.duckdb: written\n"
    assert "exists already" in no(run("backup", "b.duckdb"), 1)
    assert "is a folder" in no(run("backup", "."), 2)
    assert "cannot be written" in no(run("backup", "no/folder.duckdb"), 1)
    assert done(run("restore", "b.duckdb", "--store", "new")) == "b.duckdb: restored as 000003\n"
    assert done(run("sources", "--store", "new")) == done(run("sources"))
    for nonsense in (".", "", "1", "9" * 40, HARNLEY):
        no(run("restore", nonsense), 2)


def test_the_demo_is_the_same_for_the_same_seed(run: Run) -> None:
    def hashes(store: str) -> list[str]:
        return sorted(line.split()[7] for line in done(run("sources", "--store", store)).splitlines()[1:])

    run("demo", "--services", 2, "--store", "one")
    run("demo", "--services", 2, "--store", "two", "--seed", 2)
    assert hashes("one") != hashes("two")
    assert "5 of them new" not in done(run("demo", "--services", 2, "--store", "two"))
    assert hashes("one") == hashes("two")
    assert ", 0 of them new" in done(run("demo", "--services", 2, "--store", "one"))
    assert run("demo", "--services", 1001).exit_code == 2


# Measures


def test_scores_and_areas_have_what_was_promised(run: Run) -> None:
    run("load", HARNLEY)
    scores = json.loads(done(run("show", "scores", "--service", "harnley vale", "--json")))
    assert {"service", "inspection", "sections", "matrix"} <= set(scores)
    assert scores["service"] == "Harnley Vale"
    section = {
        "section",
        "share_low",
        "share_high",
        "widest_low",
        "widest_high",
        "practices_quantified",
        "practices_in_words",
    }
    cell = {"section", "practice", "share_low", "share_high", "findings", "direction"}
    assert scores["sections"] and all(section <= set(row) for row in scores["sections"])
    assert scores["matrix"] and all(cell <= set(row) for row in scores["matrix"])
    areas = json.loads(done(run("show", "areas", "--service", "Harnley Vale", "--json")))
    assert {"service", "inspection", "areas"} <= set(areas)
    area = {"position", "text", "practices", "findings", "actions"}
    assert areas["areas"] and all(area <= set(row) for row in areas["areas"])
    assert [row["position"] for row in areas["areas"]] == list(range(1, len(areas["areas"]) + 1))


def test_measures_for_people(run: Run) -> None:
    run("demo", "--services", 1)
    result = run("show", "scores", "--service", "Knowsley")
    assert result.exit_code == 0
    assert result.stdout.startswith("Knowsley. ")
    assert result.stderr == framework().unscored + "\n"
    illustrative = done(run("services")).splitlines()[-1].split()[0]
    assert "(illustrative, not real)" in done(run("show", "areas", "--service", illustrative))
    assert "has nothing of such a service" in no(run("show", "areas", "--service", "Hampshire"), 2)
    assert run("show", "areas").exit_code == 2


# Streams


@pytest.mark.parametrize("command", [["letter", HARNLEY], ["letter", HARNLEY, "--json"], ["--help"]])
def test_who_reads_only_the_first_lines_hears_no_complaint(folder: Path, command: list[str | Path]) -> None:
    ends = os.pipe()
    os.close(ends[0])
    result = process(folder, *command, stdout=ends[1])
    os.close(ends[1])
    assert result.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's own")
def test_a_full_disk_is_one_line(folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        result = process(folder, "letter", HARNLEY, "--json", stdout=full)
    assert (result.returncode, result.stderr) == (1, b"sqs: the results: No space left on device\n")


def test_a_stream_without_all_letters_gets_the_rest(folder: Path, tmp_path: Path) -> None:
    """As a pipe on Windows is: its Western European letters lack the Welsh ones."""
    welsh = tmp_path / "welsh.txt"
    welsh.write_text(CARROW.read_text("utf-8").replace("Carrow Bay", "Carrŵ Bay"), "utf-8")
    result = process(folder, "letter", welsh, env={"PYTHONIOENCODING": "cp1252"})
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.startswith(b"Carr? Bay")
    result = process(folder, "letter", welsh, "--json", env={"PYTHONIOENCODING": "cp1252"})
    assert json.loads(result.stdout)["letter"]["place"] == "Carrŵ Bay"


def test_a_pipe_sees_no_progress(folder: Path) -> None:
    result = process(folder, "demo", "--services", "1")
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.endswith(f"in {folder}\n".encode())


@pytest.mark.parametrize("kind", ["cases", "reviews"])
def test_a_template_is_a_table_without_a_problem(run: Run, kind: Kind) -> None:
    table = read_table("template.csv", done(run("template", kind)).encode())
    checked = check(table, kind, date(2026, 12, 1))
    assert checked.problems == ()
    assert len(checked.reviews) + len(checked.judgements) == 1
