"""What the project says of itself is true: commands, settings, libraries, rooms that keep to themselves."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from sqs_core.cli import sqs

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-lake.txt")


def documents(*names: str) -> str:
    return "\n".join((ROOT / name).read_text("utf-8") for name in names)


def code(*folders: str) -> dict[Path, str]:
    """Every Python file of ours in these folders, with its text."""
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    assert files, folders
    return {file: file.read_text("utf-8") for file in files}


def commands(group: click.Group, path: str = "sqs") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        below = f"{path} {name}"
        found += commands(command, below) if isinstance(command, click.Group) else [(below, command)]
    return found


@pytest.mark.parametrize(
    ("name", "command"), commands(sqs), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_is_in_the_readme_and_has_an_example(name: str, command: click.Command) -> None:
    assert re.search(rf"`{name}[ `]", documents("README.md"))
    assert f"{name}" in (command.help or "").partition("Example:")[2]


def test_the_readme_names_no_command_that_there_is_not() -> None:
    known = {name for name, _ in commands(sqs)}
    groups = "|".join(name for name, command in sqs.commands.items() if isinstance(command, click.Group))
    # The first words after "sqs" on a line of code, up to an argument.
    named = re.findall(
        rf"(?:`|^|&& |/)sqs ((?:(?:{groups}) )?[a-z]+)",
        documents("README.md", "docs/analysts.md", "docs/hosts.md"),
        re.M,
    )
    assert len(named) > 20
    assert {f"sqs {name}" for name in named} - known == set()


def test_every_variable_is_documented_for_hosts() -> None:
    texts = code("sqs_core", "pages", "bench")
    used = {name for text in texts.values() for name in re.findall(r"\bSQS_[A-Z_]+\b", text)}
    assert "SQS_STORE" in used
    table = documents("docs/hosts.md")
    assert [name for name in sorted(used) if f"| `{name}` |" not in table] == []


def test_every_make_target_is_documented() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", documents("Makefile"), re.M)
    assert phony
    text = documents("CONTRIBUTING.md")
    assert [target for target in phony[1].split() if f"| `make {target}` |" not in text] == []


def required() -> list[str]:
    """The libraries that pyproject.toml asks for, to run, to install and to work on it."""
    groups = PYPROJECT["dependency-groups"]
    lines = [*PYPROJECT["project"]["dependencies"], *groups["install"], *groups["dev"]]
    lines += [line for line in groups["lake"] if not line.startswith("duckdb==")]  # in the place of the other
    return [re.split(r"[<>=~ \[;]", line)[0] for line in lines]


def test_every_library_is_explained_and_no_other() -> None:
    explained = re.findall(r"^\| ([a-z0-9-]+) \|", documents("docs/dependencies.md"), re.M)
    assert sorted(set(explained) - {"library"}) == sorted(required())


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_holds_names_versions_and_hashes_alone(lock: str) -> None:
    for line in documents(lock).splitlines():
        assert re.fullmatch(
            r"#[^/]*|[a-z0-9.-]+==[\w.]+( ; [^/@]*?)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line
        ), line


def test_the_locks_hold_every_library_and_agree() -> None:
    versions = {lock: set(re.findall(r"^([a-z0-9.-]+==[^ ]+)", documents(lock), re.M)) for lock in LOCKS}
    assert versions["requirements.txt"] <= versions["requirements-dev.txt"]
    assert versions["requirements-lake.txt"] >= set(PYPROJECT["dependency-groups"]["lake"])
    locked = {line.split("==")[0] for lock in LOCKS for line in versions[lock]}
    assert set(required()) - locked == set()


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("data/*.md"), *ROOT.glob("bench/*.md")]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_no_tracked_file_names_a_place_of_one_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    place = re.compile(rb"(?<![\w.])/(?:home|root|Users|work|tmp)/[\w.]|[A-Z]:\\Users")
    found = []
    for name in filter(None, tracked.stdout.split("\0")):
        file = ROOT / name
        content = file.read_bytes() if file.is_file() else b""
        if b"\0" not in content and place.search(content):
            found.append(name)
    assert found == []


def test_the_changelog_says_what_is_unreleased() -> None:
    assert re.search(r"^## Unreleased\n\n- ", documents("CHANGELOG.md"), re.M)


# The rooms, as docs/architecture.md has them


def test_the_core_never_imports_streamlit() -> None:
    modules = [
        str(file.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__")
        for file in code("sqs_core")
    ]
    script = f"import sys\nfor name in {modules}: __import__(name)\nsys.exit('streamlit' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("room", "closed_to_it"),
    [
        ("sqs_core/letters", r"sqs_core\.(store|measures|charts|cli)"),
        ("sqs_core/loaders", r"sqs_core\.(letters|store|measures|charts|cli)|duckdb"),
        ("sqs_core/store", r"sqs_core\.(measures|charts|cli)"),
        ("sqs_core/measures", r"sqs_core\.(charts|cli)|duckdb"),
        ("sqs_core/charts", r"sqs_core\.(letters|store|cli)|duckdb"),
        ("pages", r"sqs_core\.cli|duckdb|plotly"),
    ],
)
def test_a_room_knows_only_the_rooms_before_it(room: str, closed_to_it: str) -> None:
    forbidden = re.compile(rf"^\s*(?:from|import) (?:{closed_to_it})\b", re.M)
    assert [file.name for file, text in code(room).items() if forbidden.search(text)] == []


def test_pages_hold_no_sql() -> None:
    statement = re.compile(r"\b(SELECT\b[\s\S]*\bFROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b")
    assert [file.name for file, text in code("pages").items() if statement.search(text)] == []
