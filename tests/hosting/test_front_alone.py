"""The front around a program that only notes what reaches it: what no real server can be made to send or wait for."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sqs_core.front import Front, SlidingWindow, StaticCopies, Visit, route_of
from sqs_core.hosting import Settings, settings_from
from sqs_core.watch import Counts, JsonLines, line, part_of, without_values
from tests.hosting.asking import HOSTED, URL, signed_in

Headers = dict[str, str]


class NoCopies(StaticCopies):
    def __init__(self) -> None:
        self._copies = {}

    def script_hashes(self) -> list[str]:
        return []


def scope_of(
    path: str = "/", headers: Headers | None = None, client: str = "127.0.0.1", *, websocket: bool = False
) -> Scope:
    given = {"host": "board.example.gov.uk", "x-forwarded-proto": "https", **(headers or {})}
    return {
        "type": "websocket" if websocket else "http",
        "method": "GET",
        "scheme": "ws" if websocket else "http",
        "path": path,
        "query_string": b"",
        "client": (client, 1),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
    }


def settings(**changed: str) -> Settings:
    return settings_from({**HOSTED, **changed})


def run(
    app: ASGIApp, scope: Scope, of: Settings | None = None, receive: Receive | None = None
) -> list[Message]:
    """What the front sends back."""
    sent: list[Message] = []

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    front = Front(app, of or settings(), Counts(), NoCopies())
    asyncio.run(asyncio.wait_for(front(scope, receive or nothing, send), 30))
    return sent


def answering(*headers: tuple[str, str]) -> ASGIApp:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": b""})

    return app


# Who is asking


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # no proxy of ours: what it says counts for nothing
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "192.0.2.1, 198.51.100.1", "198.51.100.1"),  # the first was written by the client itself
        ("10.0.0.2", "192.0.2.1, 198.51.100.1, 10.0.0.9", "198.51.100.1"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "10.0.0.3", "10.0.0.3"),
        ("10.0.0.2", "a client's own words", "a client's own words"),
        ("::ffff:10.0.0.2", "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_client_is_the_last_that_is_no_proxy_of_ours(peer: str, forwarded: str, client: str) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    visit = Visit.of(scope_of(headers=headers, client=peer), settings(SQS_PROXIES="10.0.0.0/24"))
    assert visit.client == client


def test_https_is_believed_of_our_proxies_alone() -> None:
    for peer, scheme in (("10.0.0.2", "https"), ("203.0.113.5", "http")):
        assert Visit.of(scope_of(client=peer), settings(SQS_PROXIES="10.0.0.0/24")).scheme == scheme


# How often


def test_a_window_slides_and_each_key_has_its_own() -> None:
    now = 0.0
    window = SlidingWindow(3, 60.0, lambda: now)
    assert [window.may_come("a") for _ in range(4)] == [True, True, True, False]
    assert window.may_come("b")
    now = 59.9
    assert not window.may_come("a")
    now = 60.0
    assert [window.may_come("a") for _ in range(4)] == [True, True, True, False]


def test_a_window_remembers_a_bounded_number_of_keys() -> None:
    window = SlidingWindow(3, 60.0)
    for number in range(window.KEYS + 500):
        window.may_come(str(number))
    assert len(window._seen) == window.KEYS


def test_an_ipv6_connection_counts_as_one_whatever_address_it_takes() -> None:
    front = Front(answering(), settings(), Counts(), NoCopies())

    async def status(address: str) -> int:
        seen: list[Message] = []

        async def send(message: Message) -> None:
            seen.append(message)

        await front(scope_of("/s/x", {"x-forwarded-for": address}), _never, send)
        return int(seen[0]["status"])

    async def all_of_them() -> list[int]:
        return [await status(f"2001:db8:1:2::{number:x}") for number in range(61)]

    assert asyncio.run(all_of_them())[60] == 429
    assert asyncio.run(status("2001:db8:1:3::1")) == 200


async def _never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


# Cookies, and how long a sign-in lasts


def test_streamlits_cookies_live_no_longer_than_a_sign_in() -> None:
    (start, _) = run(
        answering(
            ("set-cookie", "_streamlit_user=x; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax"),
            ("set-cookie", "_streamlit_session=x; path=/; max-age=60; httponly; samesite=lax"),
            ("set-cookie", 'gone=""; Max-Age=0; Path=/; Secure'),
        ),
        scope_of(),
        settings(SQS_SESSION_HOURS="2"),
    )
    assert [value.decode() for name, value in start["headers"] if name == b"set-cookie"] == [
        "_streamlit_user=x; HttpOnly; Max-Age=7200; Path=/; SameSite=lax; Secure",
        "_streamlit_session=x; path=/; max-age=60; httponly; samesite=lax; Secure",
        'gone=""; Max-Age=0; Path=/; Secure',
    ]


def cookies_that_reach_the_app(cookie: str, *, websocket: bool = False) -> str:
    reached: list[str] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        reached.extend(value.decode() for name, value in scope["headers"] if name == b"cookie")
        await send(
            {"type": "websocket.close"} if websocket else {"type": "http.response.start", "status": 200}
        )

    path, origin = ("/_stcore/stream", {"origin": URL}) if websocket else ("/", {})
    run(app, scope_of(path, {"cookie": cookie, **origin}, websocket=websocket))
    return reached[0]


@pytest.mark.parametrize("websocket", [False, True])
def test_a_sign_in_that_is_over_or_forged_reaches_nobody(websocket: bool) -> None:
    others = "a=1; _streamlit_xsrf=2|x; b=2"
    fresh = f"{others}; {signed_in(9.9)}; _streamlit_user_tokens=t; _streamlit_user_1=c"
    assert cookies_that_reach_the_app(fresh, websocket=websocket) == fresh
    for bad in (
        signed_in(10.1),
        signed_in(-9)[:-3],
        signed_in(secret="s" * 40),
        "_streamlit_user=",
        "_streamlit_user",
    ):
        given = f"{others}; {bad}; _streamlit_user_tokens=t; _streamlit_user_1=c"
        assert cookies_that_reach_the_app(given, websocket=websocket) == others


def test_an_open_page_is_closed_when_its_sign_in_is_over() -> None:
    heard: list[str] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        heard.append((await receive())["type"])
        await send({"type": "websocket.accept"})
        heard.append((await receive())["type"])  # nobody says anything any more
        await send({"type": "websocket.send", "bytes": b"what only a signed-in person sees"})

    said = [{"type": "websocket.connect"}]

    async def receive() -> Message:
        return said.pop() if said else await _never()

    hours = 10 - 1.5 / 3600  # a second or two are left: cookies count whole ones
    cookie = {"cookie": signed_in(hours), "origin": URL}
    sent = run(app, scope_of("/_stcore/stream", cookie, websocket=True), receive=receive)
    assert heard == ["websocket.connect", "websocket.disconnect"]
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]


# What is logged


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/scores", "/{page}"),
        ("/s/eyJzZWNyZXQi.token", "/s/{token}"),
        ("/media/1f2e.csv", "/media/{file}"),
        ("/_stcore/upload_file/3f6c-session/9a", "/_stcore/upload_file/{session}/{file}"),
        ("/_stcore/metrics", "closed"),
        ("/p.quillfeather@example.gov.uk", "/{page}"),
    ],
)
def test_a_route_holds_nothing_of_a_person(path: str, route: str) -> None:
    assert route_of(path) == route


@pytest.fixture
def logged() -> Callable[[], list[dict[str, Any]]]:
    lines: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JsonLines().format(without_values(record))))

    logger = logging.getLogger("sqs.front")
    handler, level = Kept(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: lines  # type: ignore[misc]
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_an_error_is_told_to_the_host_and_not_to_the_person(
    logged: Callable[[], list[dict[str, Any]]],
) -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError("row 7: Quillfeather, P., born 2001-02-03")

    start, body = run(app, scope_of("/scores"))
    assert start["status"] == 500
    assert b"Quillfeather" not in body["body"]
    assert dict(start["headers"])[b"content-security-policy"]
    failed, request = logged()
    assert failed["event"] == "failed"
    assert failed["error"] == "ValueError"
    assert any(place.startswith("test_front_alone.py:") for place in failed["at"])
    assert "Quillfeather" not in json.dumps(failed)
    assert request["status"] == 500
    assert failed["id"] == request["id"] == dict(start["headers"])[b"x-request-id"].decode()


def test_a_message_of_any_library_is_written_without_what_was_put_into_it() -> None:
    record = logging.LogRecord(
        "streamlit", logging.WARNING, "x.py", 1, "Error: %s by %s", ("AADSTS50020", "p.q@x"), None
    )
    for formatter in (JsonLines(), logging.Formatter("%(message)s")):
        written = formatter.format(without_values(record))
        assert "Error: %s by %s" in written
        assert "p.q@x" not in written


def test_a_line_is_one_line_whatever_is_in_it(logged: Callable[[], list[dict[str, Any]]]) -> None:
    line("request", route="/a\nb", method='"')
    assert logged()[0]["route"] == "/a\nb"
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "two\nlines", (), None)
    assert "\n" not in JsonLines().format(record)


@pytest.mark.parametrize(
    ("address", "part"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("not an address", "")],
)
def test_an_address_is_kept_in_part(address: str, part: str) -> None:
    assert part_of(address) == part
