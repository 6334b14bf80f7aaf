"""Without sign-in the dashboard is open to whoever uses this machine, and really to nobody else."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets
from websockets.exceptions import InvalidStatus

from bench.server import CHECKOUT
from tests.hosting.asking import ask

FORWARDED = (
    {"X-Forwarded-For": "203.0.113.9"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "board.example.gov.uk"},
    {"Forwarded": "for=203.0.113.9"},
    {"X-Real-IP": "203.0.113.9"},
    {"Via": "1.1 proxy"},
)
PAGES = (
    "/",
    "/scores",
    "/_stcore/health",
    "/_stcore/host-config",
    "/health/live",
    "/metrics",
    "/media/x.csv",
)


def handshake(port: int, *, host: str = "", headers: dict[str, str] | None = None, address: str = "") -> int:
    """The status that a websocket to the stream gets: 101 when it is let in."""

    async def shake() -> int:
        at = address or "127.0.0.1"
        try:
            async with websockets.connect(
                f"ws://{host or f'{at}:{port}'}/_stcore/stream",
                host=at,
                port=port,
                subprotocols=["streamlit"],  # type: ignore[list-item]
                additional_headers=headers or {},
                open_timeout=20,
            ):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    return asyncio.run(shake())


def test_this_machine_is_let_in_by_each_of_its_names(open_port: int) -> None:
    for host in (
        f"127.0.0.1:{open_port}",
        f"localhost:{open_port}",
        f"LOCALHOST:{open_port}",
        "localhost",
        "[::1]",
    ):
        assert ask(open_port, "/", {"Host": host}).status == 200
    assert handshake(open_port) == 101


@pytest.mark.parametrize("path", PAGES)
def test_a_proxy_on_this_machine_is_turned_away(path: str, open_port: int) -> None:
    for headers in FORWARDED:
        answer = ask(open_port, path, headers)
        assert answer.status == 403, headers
        assert b"its host sets SQS_URL and sign-in" in answer.body


@pytest.mark.parametrize("path", PAGES)
def test_another_name_for_this_machine_is_turned_away(path: str, open_port: int) -> None:
    """A page elsewhere whose name is made to lead here (DNS rebinding)."""
    for host in (
        "evil.example",
        f"evil.example:{open_port}",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
    ):
        assert ask(open_port, path, {"Host": host}).status == 403, host


def test_websockets_are_turned_away_alike(open_port: int) -> None:
    for headers in FORWARDED:
        assert handshake(open_port, headers=headers) == 403, headers
    assert handshake(open_port, host="evil.example") == 403
    # A page of another server of this machine, or of the web, in this machine's browser.
    assert handshake(open_port, headers={"Origin": "http://localhost:3000"}) == 403
    assert handshake(open_port, headers={"Origin": "https://evil.example"}) == 403
    assert handshake(open_port, headers={"Origin": f"http://127.0.0.1:{open_port}"}) == 101


def test_there_is_no_sign_in_to_use(open_port: int) -> None:
    for path in ("/auth/login", "/auth/logout", "/oauth2callback"):
        assert ask(open_port, path).status == 404


@pytest.fixture(scope="module")
def listening_to_all(filled_store: Path) -> Iterator[int]:
    """Started by hand so that everybody can reach it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "dashboard:app", "--host=0.0.0.0", f"--port={port}"],
        cwd=CHECKOUT,
        env={**os.environ, "SQS_STORE": str(filled_store)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while True:
            try:
                if ask(port, "/health/live").status == 200:
                    break
            except OSError:
                assert process.poll() is None and time.monotonic() < until, "it did not start"
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def own_address() -> str:
    """The address under which others know this machine; a loopback address where it is in no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def test_it_serves_nobody_over_the_network_even_when_it_listens(listening_to_all: int) -> None:
    address = own_address()
    if address.startswith("127."):  # a machine in no network has no others to turn away
        assert ask(listening_to_all, "/").status == 200
        return
    for host in (f"{address}:{listening_to_all}", f"localhost:{listening_to_all}"):
        for path in PAGES:
            assert ask(listening_to_all, path, {"Host": host}, address=address).status == 403
    assert handshake(listening_to_all, address=address) == 403
    assert handshake(listening_to_all, address=address, host="localhost") == 403
