"""A dry run of everything that docs/hosts.md promises, as far as a machine without Docker can go: `make rehearse`.

Installs the package as the image does, starts the image's own command over a store of the oldest version, signs in
at a provider, loads while people read and while the nightly backup runs, restores, and stops. Says what it did, a
line each; ends with status 1 and the reason at the first thing that does not hold."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import httpx
import oidc_provider_mock
import websockets
from joserfc import jwt
from joserfc.jwk import OctKey
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Origin, Subprotocol

CHECKOUT = Path(__file__).parent.parent
OLDEST_STORE = CHECKOUT / "tests" / "store" / "version_1.sql"
LETTERS = sorted((CHECKOUT / "data" / "letters").glob("*.txt"))
SERVICE = "Knowsley"  # in the oldest store
ANNA = "anna@example.gov.uk"
COOKIE_SECRET = "3e9d07c5b8f142a6d0e7913bc84f5a2607d9e1c3"
STOPS_WITHIN = 15  # seconds


class FailedError(Exception):
    """What does not hold."""


def holds(found: object, says: str) -> None:
    if not found:
        raise FailedError(says)


def done(says: str) -> None:
    print(f"ok: {says}", flush=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rehearsal plays: what is installed, and the two folders that a host backs up."""

    library: Path
    app: Path
    store: Path
    backups: Path
    variables: dict[str, str]

    def run(self, *command: str, status: int = 0) -> str:
        """Standard output of a command that runs where the package is installed."""
        found = subprocess.run(
            command, cwd=self.app, env=self.variables, capture_output=True, text=True, check=False
        )
        holds(
            found.returncode == status,
            f"{' '.join(command)}: status {found.returncode}: {found.stderr[-2000:]}",
        )
        return found.stdout

    def sqs(self, *arguments: str) -> str:
        return self.run("sqs", *arguments)


def install(root: Path) -> Place:
    """As deploy/Dockerfile does, but for the libraries, which are those of this Python."""
    library, app, home = root / "library", root / "app", root / "home"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps")
    subprocess.run([*pip, "--no-build-isolation", "--target", str(library), str(CHECKOUT)], check=True)
    app.mkdir()
    home.mkdir()
    for name in (".streamlit", "pages"):
        shutil.copytree(CHECKOUT / name, app / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dashboard.py", "deploy/nightly.sh"):
        shutil.copy(CHECKOUT / name, app)
    store, backups = root / "store", root / "backup"
    store.mkdir()
    backups.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SQS_", "STREAMLIT_"))}
    variables = {
        **kept,
        "PATH": os.pathsep.join(
            [str(library / "bin"), str(Path(sys.executable).parent), kept.get("PATH", "")]
        ),
        "PYTHONPATH": str(library),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home),
        "SQS_STORE": str(store),
        "SQS_USER": "rehearsal",
    }
    place = Place(library, app, store, backups, variables)
    where = place.run(sys.executable, "-c", "import sqs_core; print(sqs_core.__file__)")
    holds(where.startswith(str(library)), f"the package that runs is another one: {where}")
    return place


def oldest_store(folder: Path) -> None:
    with duckdb.connect(folder / "000002.duckdb") as connection:
        connection.execute(OLDEST_STORE.read_text("utf-8"))
    (folder / "CURRENT").write_text("000002\n")


def image_command(port: int) -> list[str]:
    """What deploy/Dockerfile starts, on this machine alone."""
    lines = (CHECKOUT / "deploy" / "Dockerfile").read_text("utf-8").splitlines()
    command: list[str] = json.loads(
        next(line for line in lines if line.startswith("CMD ")).removeprefix("CMD ")
    )
    changed = {"python": sys.executable, "0.0.0.0": "127.0.0.1", "8501": str(port)}
    return [changed.get(word, word) for word in command]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def provider() -> Iterator[str]:
    """Somebody to sign in with; the address of its description."""
    users = [oidc_provider_mock.User(sub="anna", claims={"email": ANNA, "email_verified": True})]
    with oidc_provider_mock.run_server_in_thread(user_claims=users) as server:
        yield f"http://localhost:{server.server_port}/.well-known/openid-configuration"


@contextmanager
def dashboard(place: Place, metadata_url: str, log: Path) -> Iterator[str]:
    """The address of a hosted dashboard. It must stop in time, and well, when it is told to."""
    port = free_port()
    url = f"http://localhost:{port}"
    variables = {
        **place.variables,
        "SQS_URL": url,
        "SQS_COOKIE_SECRET": COOKIE_SECRET,
        "SQS_OIDC_METADATA_URL": metadata_url,
        "SQS_OIDC_CLIENT_ID": "board",
        "SQS_OIDC_CLIENT_SECRET": "of no matter to this provider",
    }
    with log.open("ab") as out:
        process = subprocess.Popen(image_command(port), cwd=place.app, env=variables, stdout=out, stderr=out)
    try:
        until = time.monotonic() + 60
        while not is_ready(url):
            holds(
                process.poll() is None and time.monotonic() < until,
                f"the dashboard is not ready: {log.read_text('utf-8')[-2000:]}",
            )
            time.sleep(0.05)
        yield url
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            raise FailedError(f"the dashboard did not stop within {STOPS_WITHIN} seconds") from None
        holds(status in (0, -signal.SIGTERM), f"the dashboard stopped with status {status}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=20).status_code == 200
    except httpx.TransportError:
        return False


def sign_in(url: str) -> httpx.Client:
    """A browser that Anna signed in with, as the sign-in page and the provider lead it."""
    browser = httpx.Client(base_url=url, follow_redirects=True, timeout=30)
    wanted = jwt.encode(
        {"alg": "HS256"},
        {"provider": "default", "exp": int(time.time()) + 60},
        OctKey.import_key(COOKIE_SECRET),
    )
    asked = browser.get("/auth/login", params={"provider": wanted})
    holds(
        asked.url.host == "localhost" and str(asked.url.port) not in url,
        "sign-in does not lead to the provider",
    )
    browser.post(str(asked.url), data={"sub": "anna"})
    holds("_streamlit_user" in browser.cookies, "the provider's answer signs nobody in")
    browser.get("/_stcore/health")
    return browser


def overview(url: str, browser: httpx.Client) -> str:
    """What the overview says, from a session opened for it."""

    async def read() -> str:
        token = browser.cookies["_streamlit_xsrf"]
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        async with websockets.connect(
            url.replace("http", "ws", 1) + "/_stcore/stream",
            origin=Origin(url),
            subprotocols=[Subprotocol("streamlit"), Subprotocol(token)],
            additional_headers={"Cookie": cookies},
            max_size=None,
        ) as connection:
            ask = BackMsg()
            ask.rerun_script.query_string = f"service={SERVICE}"
            await connection.send(ask.SerializeToString())
            said: list[str] = []
            while True:
                message = ForwardMsg.FromString(await asyncio.wait_for(connection.recv(decode=False), 60))
                if message.WhichOneof("type") == "script_finished":
                    return "\n".join(said)
                if message.delta.WhichOneof("type") == "new_element":
                    said.append(str(message.delta.new_element))

    return asyncio.run(read())


@dataclass(slots=True)
class Reading:
    """People who read all the while, each again and again. The first thing that goes wrong is kept."""

    asks: list[Callable[[], None]]
    times: int = 0
    longest: float = 0.0
    wrong: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Reading:
        self._threads = [threading.Thread(target=self._read, args=(ask,)) for ask in self.asks]
        for thread in self._threads:
            thread.start()
        return self

    def _read(self, ask: Callable[[], None]) -> None:
        while not self._over.is_set() and not self.wrong:
            start = time.monotonic()
            try:
                ask()
            except Exception as error:
                self.wrong.append(f"{type(error).__name__}: {error}")
            self.times += 1
            self.longest = max(self.longest, time.monotonic() - start)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def everything_in(*folders: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for folder in folders for path in folder.rglob("*")}


def rehearse(root: Path) -> None:
    place = install(root)
    oldest_store(place.store)
    untouched = everything_in(place.library, place.app)
    done("installed, with a store as version 1 left it")
    refuses_what_is_not_safe(place)
    log = root / "log"
    with provider() as metadata_url:
        with dashboard(place, metadata_url, log) as url:
            holds(
                "upgraded the store from version 1" in place.sqs("history"), "the old store was not upgraded"
            )
            place.sqs("check")
            done("started, and the old store is of this version now")
            place.sqs("people", "give", ANNA, "--role", "administrator")
            anna = sign_in(url)
            holds(SERVICE in overview(url, anna), "the administrator does not see the overview")
            done("the first administrator signed in and sees the overview")
            loads_while_people_read(place, url, anna)
            restores(place, root, url, anna)
        done(f"stopped within {STOPS_WITHIN} s of being told to")
        with dashboard(place, metadata_url, log) as url:
            holds(SERVICE in overview(url, sign_in(url)), "the new start does not show the overview")
        done("started anew over the same store")
    holds(
        everything_in(place.library, place.app) == untouched,
        "something was written into the program's folders",
    )
    holds(ANNA not in log.read_text("utf-8"), "the log names a person")
    done("nothing was written into the program's own folders, and the log names nobody")


def refuses_what_is_not_safe(place: Place) -> None:
    variables = {**place.variables, "SQS_URL": "http://board.example.gov.uk"}
    unsafe = subprocess.run(
        image_command(free_port()), cwd=place.app, env=variables, capture_output=True, text=True, check=False
    )
    holds(
        unsafe.returncode == 1 and "SQS_COOKIE_SECRET is not set" in unsafe.stderr,
        "it starts without sign-in",
    )
    done("refuses to start without sign-in")


def loads_while_people_read(place: Place, url: str, anna: httpx.Client) -> None:
    def nightly() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["./nightly.sh", str(place.backups)],
            cwd=place.app,
            env=place.variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )

    def is_served() -> None:
        holds(is_ready(url), "the dashboard is not ready")

    def sees_the_overview() -> None:
        holds(SERVICE in overview(url, anna), "the overview does not name the service")

    nights: list[subprocess.Popen[bytes]] = []
    try:
        with Reading([sees_the_overview, is_served]) as reading:
            nights.append(nightly())
            for letter in LETTERS:
                place.sqs("load", str(letter), "--service", SERVICE)
            place.sqs("unload", LETTERS[0].name)
            nights.append(nightly())
            place.sqs("demo")
            statuses = [night.wait() for night in nights]
    finally:
        for night in nights:
            night.kill()
    holds(not reading.wrong, f"reading stopped: {reading.wrong[:1]}")
    holds(statuses == [0, 0], f"the nightly job ended with {statuses}")
    done(
        f"{reading.times} reads while letters were loaded, one was unloaded and two nightly jobs ran: none failed, "
        f"none waited longer than {reading.longest:.1f} s"
    )


def restores(place: Place, root: Path, url: str, anna: httpx.Client) -> None:
    backups = sorted(place.backups.glob("sqs-*.duckdb"))
    holds(backups, "the nightly job left no backup")
    new = str(root / "new")
    place.sqs("--store", new, "restore", str(backups[-1]))
    place.sqs("--store", new, "check")
    holds(SERVICE in place.sqs("--store", new, "services"), "the backup lacks the service")
    done("a backup restored into a new store, and checked")

    before, snapshot = place.sqs("services"), (place.store / "CURRENT").read_text().strip()
    place.sqs("restore", str(backups[0]))
    holds(SERVICE in overview(url, anna), "what was restored is not shown")
    place.sqs("restore", snapshot)
    holds(place.sqs("services") == before, "going back and forth changed what there is")
    place.sqs("check")
    done("went back to a backup and forth again under the same dashboard")


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # the provider's own account of each request
    with tempfile.TemporaryDirectory() as folder:
        try:
            rehearse(Path(folder))
        except FailedError as failed:
            sys.exit(f"failed: {failed}")
