"""`make test` finds a Chromium or installs one, or says in one line that it cannot. Nothing is installed here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import chromium
from bench.chromium import NONE, NoChromiumError, find, find_or_install


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What would have been run: nothing that installs can be reached from a test."""
    would_run: list[tuple[str, ...]] = []

    def run(*command: str) -> bool:
        would_run.append(command)
        return False

    monkeypatch.setattr(chromium, "_run", run)
    monkeypatch.delenv("CHROMIUM", raising=False)
    return would_run


def no_browser() -> str:
    raise NoChromiumError(NONE)


def test_a_chosen_browser_that_does_not_start_is_said_and_nothing_installed(
    commands: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "missing"))
    with pytest.raises(NoChromiumError, match=r"CHROMIUM names no browser that starts: .*missing"):
        find_or_install()
    assert commands == []


def test_a_browser_that_is_there_is_taken(
    commands: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "find", lambda: "found")
    assert find_or_install() == "found"
    assert commands == []


@pytest.mark.parametrize(
    ("user", "programs"), [(0, ["apt-get", "apt-get", sys.executable]), (1000, [sys.executable])]
)
def test_the_distributions_package_is_for_root_and_playwrights_for_everyone(
    commands: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, user: int, programs: list[str]
) -> None:
    monkeypatch.setattr(chromium, "find", no_browser)
    monkeypatch.setattr(chromium.os, "geteuid", lambda: user, raising=False)
    monkeypatch.setattr(chromium.shutil, "which", lambda name: name)
    with pytest.raises(NoChromiumError) as said:
        find_or_install()
    assert str(said.value) == NONE
    assert "\n" not in NONE
    assert [command[0] for command in commands] == programs
    # Only the browser: the libraries of somebody's machine are theirs.
    assert not any("--with-deps" in command for command in commands)


def test_a_stub_is_no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\nexit 1\n")
    stub.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(stub))
    with pytest.raises(NoChromiumError):
        find()
