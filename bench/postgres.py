"""A PostgreSQL for tests and measurements: installed where it can be, started in a folder of its own, and stopped.

python -m bench.postgres    installs Debian's package if there is none and this is root
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, which Debian keeps off the path."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def install() -> None:
    if programs():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit("the tests of a lake need PostgreSQL 14 or newer: install it, and run this again")
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "postgresql"]):
        subprocess.run(
            ["apt-get", *command], check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )


@contextmanager
def server() -> Iterator[str]:
    """What it is reached by, without a database. It takes no care of what a cut of power would do."""
    folder = programs()
    assert folder, "no PostgreSQL: `python -m bench.postgres` installs it"
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        data = Path(name) / "data"
        user = "postgres" if os.geteuid() == 0 else None  # it refuses to be run by root
        if user:
            shutil.chown(name, user)
        settings = (
            f"-k {name} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=300"
        )

        def run(*command: str) -> None:
            subprocess.run(
                [str(folder / command[0]), *command[1:]], check=True, user=user, stdout=subprocess.DEVNULL
            )

        run("initdb", "-D", str(data), "-A", "trust", "-U", "sqs", "--no-sync", "-E", "UTF8", "--locale=C")
        run("pg_ctl", "-D", str(data), "-w", "-s", "-l", f"{name}/log", "-o", settings, "start")
        try:
            yield f"host={name} user=sqs"
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-s", "-m", "immediate", "stop")


if __name__ == "__main__":
    install()
