"""What deploy/ hands to a host is what was rehearsed, gives no more rights than it must, and docs/hosts.md tells of it."""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.server import CHECKOUT
from sqs_core.hosting import settings_from

DEPLOY = CHECKOUT / "deploy"
SECRETS = {"SQS_COOKIE_SECRET", "SQS_OIDC_CLIENT_SECRET", "SQS_METRICS_TOKEN"}


def text(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def image_command() -> list[str]:
    command: list[str] = json.loads(re.findall(r"^CMD (\[.*\])$", text("Dockerfile"), re.M)[-1])
    return command


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit's section [Service]; a name may stand several times."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in text(name).splitlines():
        if line.startswith("["):
            section = line
        elif "=" in line and not line.startswith("#") and section == "[Service]":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_the_rehearsal_holds() -> None:
    """Installs, starts, signs in, loads while people read, backs up, restores, upgrades, stops."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(DEPLOY / "rehearsal.py")],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line for line in done.stdout.splitlines() if line.startswith("ok: ")]
    assert len(said) == 10
    assert re.search(r"\d{2,} reads while letters were loaded.*none failed", done.stdout)


def test_unit_and_image_start_the_same_and_believe_no_proxy_but_the_named() -> None:
    (start,) = unit("sqs-board.service")["ExecStart"]
    command = start.split()
    assert command[0] == "/opt/sqs/.venv/bin/python"
    image = image_command()
    assert [word for word in command[1:] if word != "127.0.0.1"] == [w for w in image[1:] if w != "0.0.0.0"]
    assert "--no-proxy-headers" in image
    assert "--no-access-log" in image


def test_the_image_is_not_root_locked_and_takes_in_what_it_names_alone() -> None:
    image = text("Dockerfile")
    assert re.findall(r"^USER (.*)$", image, re.M) == ["10001:10001"]
    assert "--require-hashes -r requirements.txt" in image
    assert "ADD " not in image
    ignored = text("Dockerfile.dockerignore").splitlines()
    assert ignored[1] == "*"
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.*)$", image, re.M) for name in line.split()[:-1]
    }
    assert copied == {line[1:] for line in ignored if line.startswith("!")}
    assert all((CHECKOUT / name).exists() for name in copied)


def services() -> dict[str, str]:
    """The text of each service of compose.yaml."""
    body = re.split(r"^services:\n", text("compose.yaml"), flags=re.M)[1].split("\nsecrets:")[0]
    parts = re.split(r"^  (\w+):\n", body, flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_containers_have_no_rights_and_nobody_reaches_the_dashboard_but_through_the_proxy() -> None:
    shared = text("compose.yaml").split("services:")[0]
    for line in ("read_only: true", "cap_drop: [ALL]", '["no-new-privileges:true"]', "pids_limit:"):
        assert line in shared
    found = services()
    assert set(found) == {"board", "proxy"}
    for service in found.values():
        assert "<<: *small" in service
        assert "mem_limit:" in service
        assert "cpus:" in service
        assert "privileged" not in service
        assert "docker.sock" not in service
    assert "ports:" not in found["board"]
    (proxy,) = re.findall(r"ipv4_address: ([\d.]+)", found["proxy"])
    assert re.findall(r"SQS_PROXIES: ([\d.]+)", found["board"]) == [proxy]


def test_secrets_are_files_and_never_in_the_settings() -> None:
    for name in ("settings.example.env", "compose.yaml", "sqs-board.service"):
        for secret in SECRETS:
            assert not re.search(rf"\b{secret}\s*[:=]", text(name)), (name, secret)
    ignored = (CHECKOUT / ".gitignore").read_text("utf-8").splitlines()
    assert {"/deploy/settings.env", "/deploy/secrets/"} <= set(ignored)


def test_the_example_has_every_setting_that_compose_demands() -> None:
    demanded = set(re.findall(r"\$\{(\w+):\?", text("compose.yaml")))
    assert demanded <= set(re.findall(r"^(\w+)=", text("settings.example.env"), re.M))


@pytest.mark.parametrize("name", ["sqs-board.service", "sqs-nightly.service"])
def test_units_have_no_rights(name: str) -> None:
    found = unit(name)
    assert found["User"] == ["sqs"]
    for setting in (
        "NoNewPrivileges",
        "PrivateDevices",
        "PrivateTmp",
        "ProtectKernelModules",
        "RestrictSUIDSGID",
    ):
        assert found[setting] == ["yes"], setting
    assert found["ProtectSystem"] == ["strict"]
    assert found["CapabilityBoundingSet"] == [""]


def test_the_timer_starts_the_nightly_job() -> None:
    timer = configparser.ConfigParser()
    timer.read_string(text("sqs-nightly.timer"))
    assert timer["Timer"]["OnCalendar"] == "*-*-* 02:15"
    assert (DEPLOY / "sqs-nightly.service").exists()


def test_the_table_for_hosts_has_every_setting_that_is_read_and_no_other() -> None:
    """Asked of the program by giving it a mapping that notes what is looked for."""

    class Noting(dict[str, str]):
        def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
            looked_for.add(key)
            return default

    looked_for: set[str] = set()
    settings_from(Noting())
    text = (CHECKOUT / "docs" / "hosts.md").read_text("utf-8")
    table = set(re.findall(r"^\| `(SQS_\w+)` \|", text, re.M))
    assert {name for name in looked_for if name.startswith("SQS_")} <= table
    code = "".join(file.read_text("utf-8") for file in (CHECKOUT / "sqs_core").rglob("*.py"))
    assert {name for name in table if name not in looked_for and f'"{name}"' not in code} == set()


# The nightly job


@pytest.fixture
def nightly(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder for backups, and variables under which `sqs` is a stand-in that notes what it was asked."""
    folder, bin_ = tmp_path / "backups", tmp_path / "bin"
    folder.mkdir()
    bin_.mkdir()
    stand_in = bin_ / "sqs"
    stand_in.write_text(
        '#!/bin/sh\necho "$@" >> "$NOTES"\ncase "$*" in\n'
        "  $FAILS) exit 1 ;;\n"
        '  backup*) echo whole > "$2" ;;\n'
        "esac\n"
    )
    stand_in.chmod(0o755)
    path = f"{bin_}{os.pathsep}{os.environ['PATH']}"
    return folder, {**os.environ, "PATH": path, "NOTES": str(tmp_path / "notes"), "FAILS": "nothing"}


def run_nightly(folder: Path, variables: dict[str, str]) -> int:
    return subprocess.run(
        ["sh", str(DEPLOY / "nightly.sh"), str(folder)], env=variables, capture_output=True, check=False
    ).returncode


def test_a_backup_is_read_back_before_old_ones_go(nightly: tuple[Path, dict[str, str]]) -> None:
    folder, variables = nightly
    for name in ("sqs-2020-01-01T000000Z.duckdb", "audit-2020-01-01T000000Z.json", "another file"):
        (folder / name).write_text("old")
        os.utime(folder / name, (0, 0))
    assert run_nightly(folder, variables) == 0
    asked = Path(variables["NOTES"]).read_text().splitlines()
    assert [re.sub(r"\S*/\S+", "PATH", line) for line in asked] == [
        "backup PATH",
        "audit --json",
        "--store PATH restore PATH",
        "--store PATH check",
        "check",
    ]
    kept = sorted(path.name.split("-")[0] for path in folder.iterdir())
    assert kept == ["another file", "audit", "sqs"]


@pytest.mark.parametrize("fails", ["backup*", "audit*", "*restore*", "--store*check", "check"])
def test_whatever_fails_fails_the_night_and_no_old_backup_goes(
    fails: str, nightly: tuple[Path, dict[str, str]]
) -> None:
    folder, variables = nightly
    old = folder / "sqs-2020-01-01T000000Z.duckdb"
    old.write_text("old")
    os.utime(old, (0, 0))
    script = Path(variables["PATH"].split(os.pathsep)[0]) / "sqs"
    script.write_text(script.read_text().replace("$FAILS", fails))
    assert run_nightly(folder, variables) == 1
    assert old.exists()
