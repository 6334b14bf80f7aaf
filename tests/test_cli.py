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
from sqs_core.store import FolderStore, TableFile

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
    assert FolderStore(folder).check() == []


def test_what_is_hashed_is_what_was_read(
    run: Run, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a file that changes meanwhile: read twice, it could be one letter under another's hash."""
    file = tmp_path / "letter.txt"
    file.write_bytes(CARROW.read_bytes())
    read, before = Path.read_bytes, HARNLEY.read_bytes()
    monkeypatch.setattr(Path, "read_bytes", lambda path: before if path.name == file.name else read(path))
    run("load", file.name)
    (source,) = FolderStore(folder).read().sources()
    assert source.sha256 == hashlib.sha256(before).hexdigest()


# The store


@pytest.mark.parametrize(
    "command",
    [
        "services",
        "sources",
        "history",
        "audit",
        "purge",
        "forget --service X",
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


# Tables

REVIEWS = """\
service,case_ref,plan_type,trigger,due_on,completed_on,order_ended_on,extracted_on
Knowsley,KN-01,risk_management_plan,scheduled,2018-04-10,2018-04-10,,2018-07-01
Knowsley,KN-02,risk_management_plan,scheduled,2018-04-20,2018-04-25,,2018-07-01
Knowsley,KN-03,risk_management_plan,scheduled,2018-05-01,,,2018-07-01
Knowsley,KN-04,risk_management_plan,scheduled,2018-05-02,,2018-05-02,2018-07-01
Knowsley,KN-05,risk_management_plan,scheduled,2018-05-03,,2018-05-02,2018-07-01
Knowsley,KN-06,risk_management_plan,scheduled,2018-07-01,,,2018-07-01
Knowsley,KN-07,assessment,scheduled,2018-06-15,2018-06-18,,2018-07-01
Knowsley,KN-08,assessment,scheduled,2018-06-30,,,2018-07-01
Knowsley,KN-09,assessment,scheduled,2018-03-31,2018-03-31,,2018-07-01
Knowsley,KN-10,assessment,scheduled,2018-07-02,,,2018-07-01
"""
ENDED = "reviews.csv: the order ended before the review was due (row 6)\n"  # KN-05: unlikely, so it is said
SHORT = """\
Case no,Document,Stage,Target date,Date completed
KN-1,RMP,Planned,02/01/2019,13/01/2019
"""
CASES = """\
service,audit,audited_on,case_ref,criterion,judgement,reason
Knowsley,Spring audit,2018-03-01,KN-1,1.reviewing,sufficient,
Knowsley,Spring audit,2018-03-01,KN-2,1.reviewing,insufficient,Not reviewed after a new offence
Knowsley,Spring audit,2018-03-01,KN-3,1.reviewing,n/a,
"""
BAD = """\
service,case_ref,plan_type,trigger,due_on,completed_on,extracted_on
Knowsley,KN-1,Sausages,scheduled,2019-01-02,,2019-02-01
Knowsley,John,assessment,whim,2019-01-32,,2019-02-01
,KN-3,assessment,scheduled,2019-01-02,2019-01-02,2019-02-01
"""
# Row, column, found, and how what was expected begins.
BAD_PROBLEMS = [
    "row 2, plan_type: Sausages; expected one of: assessment, intervention_plan, ",
    "row 3, case_ref: words, which are not repeated here; expected the service's own number of the case",
    "row 3, trigger: whim; expected one of: scheduled, significant_change",
    "row 3, due_on: 2019-01-32; expected a day that there is",
    "row 4, service: nothing; expected something in every row",
]


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """The folder that `run` works in, with tables to load."""
    files = {"reviews.csv": REVIEWS, "short.csv": SHORT, "cases.csv": CASES, "bad.csv": BAD}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_reviews_are_loaded_without_saying_what_they_are(run: Run, tables: Path, folder: Path) -> None:
    result = run("load", "reviews.csv")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "reviews.csv: loaded, Knowsley (source 1)\n",
        ENDED,
    )
    again = run("load", tables / "reviews.csv", "--kind", "reviews")
    assert (again.exit_code, again.stdout) == (0, "reviews.csv: already there, Knowsley (source 1)\n")
    snapshot = FolderStore(folder).read()
    reviews = snapshot.reviews("Knowsley")
    assert [review.case_ref for review in reviews] == [f"KN-{n:02}" for n in range(1, 11)]
    assert reviews[1].completed_on == date(2018, 4, 25)
    (source,) = snapshot.sources()
    assert (source.kind, source.rows, source.loaded_by) == ("reviews", 10, "Analyst")
    assert source.sha256 == hashlib.sha256((tables / "reviews.csv").read_bytes()).hexdigest()
    assert source.accepted == (ENDED.removeprefix("reviews.csv: ").strip(),)
    assert done(run("services")).splitlines()[1].split() == [
        "Knowsley",
        "North",
        "West",
        "Merseyside",
        "0",
        "0",
        "10",
        "0",
    ]
    assert done(run("unload", "reviews.csv")) == "reviews.csv: unloaded (source 1)\n"
    assert FolderStore(folder).read().reviews("Knowsley") == []


@pytest.mark.parametrize("name", ["reviews.TSV", "reviews.txt"])
def test_a_table_is_known_under_other_suffixes(run: Run, tables: Path, name: str) -> None:
    (tables / name).write_text(REVIEWS.replace(",", "\t"), "utf-8")
    assert run("load", name).stdout == f"{name}: loaded, Knowsley (source 1)\n"


@pytest.mark.usefixtures("tables")
def test_audited_cases_are_loaded(run: Run, folder: Path) -> None:
    assert done(run("load", "cases.csv")) == "cases.csv: loaded, Knowsley (source 1)\n"
    (count,) = FolderStore(folder).read().audits("Knowsley")
    assert (count.criterion, count.sufficient, count.insufficient) == ("1.reviewing", 1, 1)
    assert done(run("services")).splitlines()[1].split()[-4:] == ["0", "1", "0", "0"]


@pytest.mark.usefixtures("tables")
def test_letters_and_tables_are_loaded_together(run: Run) -> None:
    result = run("load", "cases.csv", HARNLEY, "reviews.csv")
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == [
        "cases.csv",
        "harnley-vale-2014.txt",
        "reviews.csv",
    ]
    assert result.exit_code == 0


@pytest.mark.usefixtures("tables")
def test_each_problem_of_a_table_is_a_line(run: Run, folder: Path) -> None:
    result = run("load", "bad.csv")
    assert (result.exit_code, result.stdout) == (2, "")
    *lines, last = result.stderr.splitlines()
    assert last == "sqs: nothing was loaded"
    assert len(lines) == len(BAD_PROBLEMS)
    for line, begins in zip(lines, BAD_PROBLEMS, strict=True):
        assert line.startswith(f"sqs: bad.csv: {begins}")
    assert not folder.exists()


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.usefixtures("tables")
def test_of_two_tables_one_bad_loads_neither(run: Run, folder: Path, order: int) -> None:
    run("load", "cases.csv")
    before = FolderStore(folder).current()
    result = run("load", *["reviews.csv", "bad.csv"][::order])
    assert (result.exit_code, result.stdout) == (2, "")
    assert {line.split(":")[1] for line in result.stderr.splitlines()[:-1]} == {" bad.csv"}
    assert FolderStore(folder).current() == before
    assert FolderStore(folder).read().reviews("Knowsley") == []


@pytest.mark.parametrize("day", ["2019-02-01", "01/02/2019"])
@pytest.mark.usefixtures("tables")
def test_what_a_table_lacks_can_be_said(run: Run, folder: Path, day: str) -> None:
    result = run("load", "short.csv")
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(": ")[2] for line in result.stderr.splitlines()[:-1]] == [
        "row 1, service",
        "row 1, extracted_on",
        "--service can say it for every row",
        "--extracted-on can say it for every row",
    ]
    assert "row 1, extracted_on" in run("load", "short.csv", "--service", "Knowsley").stderr
    assert not folder.exists()
    done(run("load", "short.csv", "--service", "Knowsley YOS", "--extracted-on", day))
    (review,) = FolderStore(folder).read().reviews("Knowsley")
    assert (review.service, review.case_ref, review.plan_type, review.trigger) == (
        "Knowsley",
        "KN-1",
        "risk_management_plan",
        "scheduled",
    )
    assert (review.due_on, review.completed_on) == (date(2019, 1, 2), date(2019, 1, 13))
    assert review.extracted_on == date(2019, 2, 1)


@pytest.mark.usefixtures("tables")
def test_what_a_table_says_goes_before_what_is_said_of_it(run: Run, folder: Path) -> None:
    run("load", "reviews.csv", "--service", "Merton", "--extracted-on", "2018-12-31")
    snapshot = FolderStore(folder).read()
    assert [service.name for service in snapshot.services()] == ["Knowsley"]
    assert {review.extracted_on for review in snapshot.reviews("Knowsley")} == {date(2018, 7, 1)}


@pytest.mark.usefixtures("tables")
def test_another_kind_than_it_is_is_refused(run: Run, folder: Path) -> None:
    for file, kind, lacks in (
        ("reviews.csv", "cases", ["audit", "audited_on", "criterion", "judgement"]),
        ("cases.csv", "reviews", ["plan_type", "completed_on", "extracted_on"]),
    ):
        result = run("load", file, "--kind", kind)
        assert (result.exit_code, result.stdout) == (2, "")
        *lines, last = result.stderr.splitlines()
        lines = [line for line in lines if "not used" not in line and "can say it" not in line]
        assert {f"row 1, {column}" for column in lacks} <= {line.split(": ")[2] for line in lines}
        assert all("no such heading" in line for line in lines)
        assert last == "sqs: nothing was loaded"
    result = run("load", "reviews.csv", "--kind", "letter")
    assert (result.exit_code, result.stdout) == (2, "")
    assert run("load", "reviews.csv", "--kind", "sausages").exit_code == 2
    assert not folder.exists()


def test_a_table_that_does_not_say_what_it_is(run: Run, tables: Path) -> None:
    (tables / "what.csv").write_text("Colour,Shape\nred,round\n", "utf-8")
    result = run("load", "what.csv")
    assert (result.exit_code, result.stdout) == (2, "")
    first, last = result.stderr.splitlines()
    assert first.startswith("sqs: what.csv: ") and "--kind" in first
    assert last == "sqs: nothing was loaded"


def test_a_table_with_names_is_refused(run: Run, tables: Path, folder: Path) -> None:
    named = REVIEWS.replace("case_ref,", "case_ref,Surname,").replace(",risk", ",Smith,risk")
    (tables / "named.csv").write_text(named.replace(",assess", ",Smith,assess"), "utf-8")
    result = run("load", "named.csv")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Surname" in result.stderr and "Smith" not in result.stderr
    assert not folder.exists()


@pytest.mark.usefixtures("tables")
def test_a_table_for_a_store_that_cannot_be_is_refused(run: Run) -> None:
    result = run("--store", "bad.csv", "load", "reviews.csv")
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.fullmatch(re.escape(ENDED) + r"sqs: bad\.csv: cannot be written [^\n]+\n", result.stderr)


def test_headings_chosen_on_screen_hold_for_the_next_file(run: Run, tables: Path, folder: Path) -> None:
    """Of the same headings in whatever order; "Review date" alone leaves open which day it is."""
    text = SHORT.replace("Target date", "Review date")
    table = read_table("chosen.csv", text.encode())
    mapping = {"due_on": "Review date", "team": ""}
    day, service = date(2019, 2, 1), {"service": "Knowsley", "extracted_on": "2019-02-01"}
    checked = check(table, "reviews", day, mapping=mapping, given=service)
    chosen = TableFile(
        "chosen.csv", "0" * 64, checked.reviews, fingerprint=table.fingerprint, mapping=mapping
    )
    FolderStore(folder).load([chosen], by="Analyst")
    turned = "\n".join(",".join(reversed(line.split(","))) for line in text.splitlines())
    (tables / "next.csv").write_text(turned.replace("02/01/2019", "09/01/2019"), "utf-8")
    result = run("load", "next.csv", "--service", "Knowsley", "--extracted-on", "2019-03-01")
    assert (result.exit_code, "loaded" in result.stdout) == (0, True)
    assert result.stderr == "next.csv: as chosen under Load tables, due_on is “Review date”\n"
    assert {r.due_on for r in FolderStore(folder).read().reviews("Knowsley")} == {
        date(2019, 1, 2),
        date(2019, 1, 9),
    }


def test_a_newer_extract_says_what_changed(run: Run, tables: Path) -> None:
    run("load", "reviews.csv")
    newer = REVIEWS.replace("2018-07-01\n", "2018-08-01\n").replace("2018-05-01,,", "2018-05-01,2018-07-20,")
    (tables / "august.csv").write_text(newer, "utf-8")
    assert run("load", "august.csv").stdout.splitlines() == [
        "august.csv: loaded, Knowsley (source 2)",
        "  Knowsley: takes the place of an older extract. Of its reviews, 1 completed since, 9 as before.",
    ]
    assert done(run("services")).splitlines()[1].split()[-2] == "10"


def test_what_is_unlikely_is_said_in_a_pipe_and_loaded(folder: Path, tables: Path) -> None:
    for options, folder_of in (((), folder), (("--yes",), tables / "other")):
        result = process(folder_of, "load", tables / "reviews.csv", *options, stdin=subprocess.DEVNULL)
        assert (result.returncode, result.stderr.decode()) == (0, ENDED)
        assert result.stdout == b"reviews.csv: loaded, Knowsley (source 1)\n"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="Windows has no such terminals")
@pytest.mark.parametrize(
    ("answer", "options", "status"), [(b"n\n", (), 1), (b"y\n", (), 0), (b"", ("--yes",), 0)]
)
def test_on_a_terminal_what_is_unlikely_is_asked_about(
    folder: Path, tables: Path, answer: bytes, options: tuple[str, ...], status: int
) -> None:
    keyboard, terminal = os.openpty()
    try:
        os.write(keyboard, answer)
        result = process(
            folder, "load", tables / "reviews.csv", *options, stdin=terminal, stderr=terminal, timeout=60
        )
        os.write(terminal, b"\nthe end")
        said = b""
        while b"the end" not in said:
            said += os.read(keyboard, 10_000)
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert result.returncode == status
    assert (b"Load it all the same?" in said) == (not options)
    assert b"the order ended before the review was due" in said
    assert (b"nothing was loaded" in said) == (status == 1)
    assert result.stdout == (b"" if status else b"reviews.csv: loaded, Knowsley (source 1)\n")
    assert folder.exists() == (status == 0)


@pytest.mark.parametrize("kind", ["cases", "reviews"])
def test_a_template_is_loaded_as_it_is_printed(run: Run, tables: Path, folder: Path, kind: Kind) -> None:
    (tables / "template.csv").write_text(done(run("template", kind)), "utf-8")
    result = run("load", "template.csv")
    assert (result.exit_code, result.stdout) == (0, "template.csv: loaded, Knowsley (source 1)\n")
    snapshot = FolderStore(folder).read()
    assert [(source.kind, source.rows) for source in snapshot.sources()] == [(kind, 1)]
    if kind == "reviews":
        (review,) = snapshot.reviews("Knowsley")
        assert (review.case_ref, review.due_on, review.completed_on, review.outside_control) == (
            "KN-0417",
            date(2026, 9, 14),
            date(2026, 9, 18),
            True,
        )
    else:
        (count,) = snapshot.audits("Knowsley")
        assert (count.audit, count.sufficient, count.insufficient) == ("Local audit, autumn 2026", 0, 1)


# Reviews on time

FIGURES = (
    "due",
    "on_time",
    "late",
    "overdue",
    "not_yet_due",
    "not_required",
    "on_time_rate",
    "interval",
    "median_days_late",
)


def figures(row: dict[str, object]) -> list[object]:
    """The counts of a row, and its median."""
    return [row[key] for key in FIGURES if key not in ("on_time_rate", "interval")]


@pytest.mark.parametrize(("first", "last"), [("2018-04-01", "2018-07-01"), ("01/04/2018", "01/07/2018")])
@pytest.mark.usefixtures("tables")
def test_timeliness_is_what_was_promised(run: Run, first: str, last: str) -> None:
    """Of REVIEWS by hand: KN-01 done on its due date is on time; KN-02 and KN-07 are 5 and 3 days late; KN-03,
    KN-04 whose order ended on the due date, and KN-08 due the day before the extract are overdue; KN-06 due on the
    day of the extract is not yet due; KN-05 whose order had ended is not required; KN-09 and KN-10 lie a day outside
    the period."""
    run("load", "reviews.csv")
    found = json.loads(
        done(run("show", "timeliness", "--service", "knowsley YOS", "--from", first, "--to", last, "--json"))
    )
    assert list(found) == [
        "service",
        "from",
        "to",
        "as_of",
        *FIGURES,
        "without_due_date",
        "by_plan_type",
        "by_month",
    ]
    assert [found[key] for key in ("service", "from", "to", "as_of")] == [
        "Knowsley",
        "2018-04-01",
        "2018-07-01",
        "2018-07-01",
    ]
    assert figures(found) == [6, 1, 2, 3, 1, 1, 4]
    assert found["on_time_rate"] == pytest.approx(1 / 6)
    assert found["interval"] == pytest.approx([0.030053, 0.563503], abs=1e-6)  # Wilson, 1 of 6
    assert all(list(row) == ["plan_type", *FIGURES] for row in found["by_plan_type"])
    assert {row["plan_type"]: figures(row) for row in found["by_plan_type"]} == {
        "assessment": [2, 0, 1, 1, 0, 0, 3],
        "risk_management_plan": [4, 1, 1, 2, 1, 1, 5],
    }
    assert all(list(row) == ["month", *FIGURES] for row in found["by_month"])
    assert [(row["month"], figures(row)) for row in found["by_month"]] == [
        ("2018-04", [2, 1, 1, 0, 0, 0, 5]),
        ("2018-05", [2, 0, 0, 2, 0, 1, None]),
        ("2018-06", [2, 0, 1, 1, 0, 0, 3]),
        ("2018-07", [0, 0, 0, 0, 1, 0, None]),
    ]
    july = found["by_month"][-1]
    assert (july["on_time_rate"], july["interval"]) == (None, None)


@pytest.mark.usefixtures("tables")
def test_timeliness_without_a_period_is_of_the_last_year(run: Run) -> None:
    run("load", "reviews.csv")
    found = json.loads(done(run("show", "timeliness", "--service", "Knowsley", "--json")))
    assert (found["from"], found["to"], found["due"]) == ("2017-07-02", "2018-07-01", 7)
    assert len(found["by_month"]) == 13


@pytest.mark.usefixtures("tables")
def test_timeliness_for_people(run: Run) -> None:
    run("load", "reviews.csv")
    result = run("show", "timeliness", "--service", "Knowsley", "--from", "2018-04-01")
    assert (result.exit_code, result.stderr) == (0, "Every due date is the extract's own.\n")
    lines = result.stdout.splitlines()
    assert lines[0] == "Knowsley. Reviews on time"
    assert (
        lines[1].startswith("Of six reviews due ")
        and "three of the six were overdue on 1 July 2018" in lines[1]
    )
    assert [line.split()[-6:] for line in lines[-2:]] == [
        ["2", "0", "1", "1", "0", "0"],
        ["4", "1", "1", "2", "1", "1"],
    ]


@pytest.mark.usefixtures("tables")
def test_timeliness_of_nothing_is_one_line(run: Run) -> None:
    assert "no store here" in no(run("show", "timeliness", "--service", "Knowsley"), 2)
    run("load", "cases.csv")
    for options in ([], ["--json"], ["--from", "2018-01-01"], ["--to", "2018-01-01", "--json"]):
        line = no(run("show", "timeliness", "--service", "Knowsley", *options), 2)
        assert line.startswith("sqs: Knowsley: no review of it is stored")
    assert "has nothing of such" in no(run("show", "timeliness", "--service", "Merton"), 2)


@pytest.mark.usefixtures("tables")
def test_a_period_that_is_none_is_bad_input(run: Run) -> None:
    run("load", "reviews.csv")
    show = ["show", "timeliness", "--service", "Knowsley"]
    assert "ends before" in no(run(*show, "--from", "2018-05-02", "--to", "2018-05-01", "--json"), 2)
    assert "ends before" in no(run(*show, "--from", "2018-07-02"), 2)  # after the latest extract
    assert json.loads(done(run(*show, "--from", "2018-05-01", "--to", "2018-05-01", "--json")))["due"] == 1
    for day in ("04/31/2018", "2018-02-29", "1 May 2018", "01/05/18"):
        result = run(*show, "--from", day)
        assert (result.exit_code, result.stdout) == (2, "")
    assert run("show", "timeliness").exit_code == 2


@pytest.mark.parametrize("json_or_not", [[], ["--json"]])
@pytest.mark.usefixtures("tables")
def test_a_period_to_the_end_of_time_is_none_or_is_shown(run: Run, json_or_not: list[str]) -> None:
    run("load", "reviews.csv")
    period = ["--from", "9999-01-01", "--to", "9999-12-31"]
    assert run("show", "timeliness", "--service", "Knowsley", *period, *json_or_not).exit_code in (0, 2)


def test_reviews_without_any_due_date_are_not_denied(run: Run, tables: Path) -> None:
    (tables / "undated.csv").write_text(
        "service,case_ref,plan_type,trigger,completed_on,extracted_on\n"
        "Knowsley,KN-1,assessment,scheduled,2018-04-10,2018-07-01\n",
        "utf-8",
    )
    run("load", "undated.csv")
    line = no(run("show", "timeliness", "--service", "Knowsley"), 2)
    assert "no review of it is stored" not in line


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("load", ["--kind", "letter|cases|reviews", "--service", "--extracted-on", "--yes", "--store"]),
        ("template", ["cases|reviews"]),
        ("show timeliness", ["--service", "--from", "--to", "--schedule", "--json", "--store"]),
    ],
)
def test_every_option_is_in_the_help(run: Run, command: str, options: list[str]) -> None:
    text = done(run(*command.split(), "--help"))
    assert [option for option in options if option not in text] == []


def test_days_that_could_be_read_either_way_need_a_word(run: Run, tables: Path, folder: Path) -> None:
    (tables / "either.csv").write_text(
        "service,case_ref,plan_type,due_on,completed_on,extracted_on\n"
        "Knowsley,KN-1,assessment,03/04/2018,05/04/2018,06/07/2018\n",
        "utf-8",
    )
    result = run("load", "either.csv")
    assert result.exit_code == 2
    assert "3 April or 4 March?" in result.stderr
    assert "--day-first" in result.stderr
    assert run("load", "either.csv", "--day-first").exit_code == 0
    (review,) = FolderStore(folder).read().reviews("Knowsley")
    assert review.due_on is not None
    assert (review.due_on.month, review.trigger) == (4, "scheduled")


def test_what_a_table_brings_that_is_not_used_is_said(run: Run, tables: Path) -> None:
    text = (tables / "reviews.csv").read_text("utf-8").splitlines()
    wide = [f"{line},{'Shoe size' if number == 0 else 7}" for number, line in enumerate(text)]
    (tables / "wide.csv").write_text("\n".join(wide), "utf-8")
    assert "wide.csv: not used: Shoe size" in run("load", "wide.csv").stderr


def test_reoffending_goes_from_the_template_to_the_store_and_out(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    text = done(run("template", "reoffending"))
    text += "Bath and North East Somerset,2013-04-01,2014-03-31,151,45,,29.8,2016-01-28,Proven reoffending\n"
    (tmp_path / "rates.csv").write_text(text, "utf-8")
    assert run("load", "rates.csv").exit_code == 0
    assert done(run("services")).splitlines()[1].split()[-4:] == ["0", "0", "0", "1"]
    assert [source.kind for source in FolderStore(folder).read().sources()] == ["reoffending"]
    found = json.loads(
        done(run("show", "reoffending", "--service", "Bath and North East Somerset", "--json"))
    )
    (figure,) = found["series"]
    assert list(figure) == [
        "cohort_start",
        "cohort_end",
        "cohort_months",
        "offenders",
        "reoffenders",
        "rate",
        "interval",
        "england_wales_rate",
        "previous_rate",
        "change",
        "verdict",
        "published_on",
        "source",
        "reoffences",
    ]
    assert (figure["offenders"], figure["reoffenders"], figure["rate"]) == (151, 45, 29.8)
    assert figure["england_wales_rate"] == 38.0
    assert figure["previous_rate"] is None
    assert "29.8% of 151 children" in done(
        run("show", "reoffending", "--service", "Bath and North East Somerset")
    )
    assert run("show", "reoffending", "--service", "Nowhere").exit_code == 2
    assert FolderStore(folder).check() == []


def test_what_a_table_of_reoffending_does_not_say_is_asked(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bare.csv").write_text(
        "Area,Cohort,Offenders,Reoffenders\nLeeds,Oct 2012 - Sep 2013,400,150\n", "utf-8"
    )
    result = run("load", "bare.csv", "--kind", "reoffending")
    assert result.exit_code == 2
    assert "--answer source_kind=published|local" in result.stderr
    assert not folder.exists()
    names = re.findall(r"--answer (\w+)=", result.stderr)
    answers = {"source_kind": "published", "age_group": "10 to 17"}
    said = [part for name in names for part in ("--answer", f"{name}={answers.get(name, '')}")]
    assert run("load", "bare.csv", "--kind", "reoffending", *said).exit_code == 0
    (cohort,) = FolderStore(folder).read().cohorts()
    assert (cohort.offenders, cohort.reoffenders) == (400, 150)
    assert run("load", "bare.csv", "--answer", "nonsense").exit_code == 2


# The audit log


def test_the_audit_log_is_listed_and_exported(run: Run) -> None:
    for letter in (HARNLEY, CARROW):
        assert run("load", letter).exit_code == 0
    done(run("backup", "=copy.duckdb"))
    lines = done(run("audit")).splitlines()
    assert [line.split("  ")[0] for line in lines] == ["Line", "1", "2", "3", "4", "5"]
    assert lines[0].split() == ["Line", "When", "(UTC)", "Event", "Who", "Service", "Detail"]
    assert "loaded" in lines[3]
    assert "Analyst" in lines[3]
    (of_one,) = done(run("audit", "--service", "harnley vale")).splitlines()[1:]
    assert of_one.split() == next(line for line in lines if "Harnley Vale" in line).split()
    assert done(run("audit", "--from", "2999-01-01")).splitlines() == [
        "Line  When (UTC)  Event  Who  Service  Detail"
    ]
    exported = json.loads(done(run("audit", "--json", "--to", "2999-01-01")))
    assert [line["number"] for line in exported] == [1, 2, 3, 4, 5]
    assert all(re.fullmatch("[0-9a-f]{64}", line["sha256"]) for line in exported)
    again = json.loads(done(run("audit", "--json")))
    assert (again[5]["event"], again[5]["who"]) == ("exported the log", "Analyst")
    assert again[5]["detail"] == "5 lines, to 2999-01-01"
    assert "not both" in no(run("audit", "--json", "--csv"), 2)


def test_no_cell_of_the_exported_log_begins_a_formula(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQS_USER", "=HYPERLINK(1)")
    assert run("load", HARNLEY).exit_code == 0
    text = done(run("audit", "--csv"))
    assert text.startswith("\ufeffnumber,at,event,who,service,detail,snapshot,sha256")
    assert ",'=HYPERLINK(1)," in text
    assert ",=HYPERLINK" not in text


def test_check_finds_a_log_that_was_changed(run: Run, folder: Path) -> None:
    assert run("load", HARNLEY).exit_code == 0
    log = folder / "audit.jsonl"
    log.write_text(log.read_text("utf-8").replace("Analyst", "Another"), "utf-8")
    result = run("check")
    assert result.exit_code == 1
    assert "audit.jsonl: line 3: it or the one before it is not as it was written" in result.stdout


# Retention


@pytest.fixture
def with_reviews(run: Run, tmp_path: Path) -> Path:
    """A store with two children's reviews, and the file that they came from."""
    file = tmp_path / "two.csv"
    file.write_text(
        "service,case_ref,plan_type,trigger,due_on,completed_on,order_ended_on,extracted_on\n"
        "Knowsley,KN-0417,assessment,scheduled,2018-04-02,2018-04-05,2018-06-08,2018-07-01\n"
        "Knowsley,KN-0418,assessment,scheduled,2018-04-02,2018-04-05,,2018-07-01\n"
    )
    assert run("load", file, "--yes").exit_code == 0
    return file


def test_one_child_is_deleted_by_a_reference_that_is_no_argument(
    run: Run, folder: Path, with_reviews: Path
) -> None:
    assert CliRunner().invoke(sqs, ["forget", "--service", "Knowsley", "KN-0417"]).exit_code == 2
    result = CliRunner().invoke(sqs, ["forget", "--service", "knowsley"], input="kn-0417\n")
    assert (result.exit_code, result.stdout) == (
        0,
        "1 reviews and 0 judgements of local audits deleted, as the store is now; 1 snapshot had such rows\n",
    )
    assert "Backups and copies outside the store still have these rows" in result.stderr
    assert "417" not in result.output
    assert not [path for path in folder.iterdir() if b"KN-0417" in path.read_bytes()]
    again = CliRunner().invoke(sqs, ["forget", "--service", "Knowsley"], input="KN-0417\n")
    assert "no row of a child with this reference" in no(again, 1)
    assert "say of which service" in no(CliRunner().invoke(sqs, ["forget", "--service", "X"], input=""), 2)
    assert "export it anew from the case system" in no(run("load", with_reviews, "--yes"), 1)
    assert run("check").exit_code == 0


@pytest.mark.usefixtures("with_reviews")
def test_nothing_is_purged_without_a_rule(run: Run) -> None:
    result = run("purge")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (
        "Nothing is purged: neither SQS_KEEP_REVIEWS_MONTHS nor SQS_KEEP_AUDITS_MONTHS is set"
        in result.stderr
    )


@pytest.mark.usefixtures("with_reviews")
def test_a_purge_says_first_what_it_would_delete(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQS_KEEP_REVIEWS_MONTHS", "soon")
    assert "SQS_KEEP_REVIEWS_MONTHS is 'soon'; it must be a whole number of months" in no(run("purge"), 2)
    monkeypatch.setenv("SQS_KEEP_REVIEWS_MONTHS", "36")
    says = "2 reviews and 0 judgements of local audits {}, as the store is now; 1 snapshot had such rows\n"
    result = run("purge", "--dry-run")
    assert (result.stdout, result.stderr) == (says.format("would be deleted"), "Kept: reviews 36 months.\n")
    assert "two.csv" in done(run("sources"))
    assert run("purge").stdout == says.format("deleted")
    assert "two.csv" not in done(run("sources"))
    assert run("purge").stdout == "nothing deleted\n"
    assert run("check").exit_code == 0
