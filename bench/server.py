"""A Streamlit app on a free port of this machine, and what it costs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
DASHBOARD = CHECKOUT / "dashboard.py"
EMPTY_PAGE = Path(__file__).parent / "empty_page.py"
# As the program sets them itself when it is hosted (sqs_core/hosting.py).
HOSTED = ("--server.fileWatcherType=none", "--runner.postScriptGC=false")


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    pid: int
    started_in: float  # seconds from the start of the process to its first answer

    def processor_seconds(self) -> float:
        """Processor time used so far, user and system. Linux only."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Memory that is this process's alone or its part of what is shared, MiB. Linux only."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("the kernel does not tell a process's memory")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def serve(
    script: Path = DASHBOARD,
    store: Path | str | None = None,
    arguments: tuple[str, ...] = HOSTED,
    environment: dict[str, str] | None = None,
    log_file: Path | None = None,
) -> Iterator[Server]:
    """Run a Streamlit script until the end of the block. `store` is the folder that it shows, `{port}` in a
    variable the port that it gets, `log_file` where its output goes.

    Raises RuntimeError with the end of its log when it does not answer within a minute.
    """
    port = _free_port()
    variables = {**os.environ, **(environment or {})}
    variables = {name: value.replace("{port}", str(port)) for name, value in variables.items()}
    # Hosted, the dashboard answers to the name in SQS_URL alone, and to everybody about its health.
    hosted = "SQS_URL" in variables
    url = f"http://{'localhost' if hosted else '127.0.0.1'}:{port}"
    health = f"{url}/{'health/live' if hosted else '_stcore/health'}"
    if store is not None:
        variables["SQS_STORE"] = str(store)
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.address=127.0.0.1"]
    command += [
        f"--server.port={port}",
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
        *arguments,
    ]
    with log_file.open("w+b") if log_file else tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=CHECKOUT, env=variables)
        try:
            while not _answers(health):
                if process.poll() is not None or time.perf_counter() - start > 60:
                    log.seek(0)
                    raise RuntimeError(
                        f"{script.name} did not start: {log.read().decode(errors='replace')[-2000:]}"
                    )
                time.sleep(0.02)
            yield Server(url, process.pid, time.perf_counter() - start)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def fill(store: Path, services: int = 6) -> None:
    """Fill a store with illustrative data, as `sqs demo` does."""
    sqs = str(Path(sys.executable).with_name("sqs"))
    command = [sqs, "--store", str(store), "demo", "--services", str(services)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
