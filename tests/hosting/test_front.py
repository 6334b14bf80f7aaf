"""What a hosted dashboard answers, and what it carries, over a real server behind a proxy that ends HTTPS."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
import streamlit
import websockets
from websockets.exceptions import InvalidStatus

from bench.server import CHECKOUT
from sqs_core.hosting import UPLOAD_MEGABYTES
from tests.hosting.asking import BEHIND_HTTPS, METRICS_TOKEN, URL, Answer, ask, signed_in

# Every route of Streamlit 1.67, and what became of it. A new one must be decided here.
OPEN_ROUTES = {
    "/_stcore/health": "pages ask it until the server answers, and get the token against forged requests",
    "/_stcore/host-config": "pages ask it once; it says nothing",
    "/media/{file_id:path}": "pictures and downloads of pages that are open now; names of downloads cannot be worked out",
    "/_stcore/upload_file/{session_id}/{file_id}": "files for the loading pages: signed in, same origin, with the token",
    "/_stcore/stream": "the websocket of each page",
    "/auth/login": "sign-in",
    "/auth/logout": "sign-out",
    "/oauth2callback": "sign-in",
    "": "the page itself and its scripts",
}
CLOSED_ROUTES = {
    "/_stcore/metrics": "says how many people there are, to everybody; /metrics wants a token",
    "/component/{path:path}": "custom components: no page has one",
    "/_stcore/bidi-components/{path:path}": "custom components: no page has one",
    "/_stcore/agent/interact": "drives pages without a browser",
    "/_stcore/agent/openapi.json": "describes that",
    "/_stcore/agent/mcp": "drives pages without a browser",
}


def hosted(port: int, path: str, headers: dict[str, str] | None = None, **more: str | bytes) -> Answer:
    return ask(port, path, {**BEHIND_HTTPS, **(headers or {})}, **more)  # type: ignore[arg-type]


def test_every_route_of_streamlit_is_decided() -> None:
    script = (
        "from streamlit.runtime import Runtime, RuntimeConfig\n"
        "import streamlit as st\n"
        "app = st.App('pages/_frame.py')\n"
        "print(*{getattr(route, 'path') for route in app._build_starlette_app().routes}, sep='\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    found = set(done.stdout.split("\n")[:-1])
    assert found == {*OPEN_ROUTES, *CLOSED_ROUTES}


def test_the_page_and_what_it_needs_are_served(hosted_port: int) -> None:
    for path in ("/", "/scores", "/_stcore/health", "/_stcore/host-config", "/favicon.png"):
        assert hosted(hosted_port, path).status == 200
    assert hosted(hosted_port, "/media/nothing.csv").status == 404


@pytest.mark.parametrize(
    "path",
    [
        *(re.sub(r"\{.*?\}", "x", route) for route in CLOSED_ROUTES),
        "/_stcore/metrics/",
        "/_stcore/%6detrics",
        "/_stcore/script-health-check",
        "/_stcore/agent/anything",
        "/app/static/x",
    ],
)
def test_doors_that_nobody_needs_are_closed(path: str, hosted_port: int, open_port: int) -> None:
    for answer in (hosted(hosted_port, path), ask(open_port, path)):
        assert answer.status == 404
        assert b"There is nothing at this address" in answer.body


def test_every_answer_carries_what_protects_it(hosted_port: int) -> None:
    script = re.search(rb'src="\.(/static/js/index[^"]+)"', hosted(hosted_port, "/").body)
    assert script
    for path in (
        "/",
        "/scores",
        "/_stcore/health",
        script[1].decode(),
        "/media/x",
        "/_stcore/metrics",
        "/health/live",
    ):
        answer = hosted(hosted_port, path, {"Accept-Encoding": "br"})
        assert answer.header("strict-transport-security") == "max-age=31536000"
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("x-frame-options") == "DENY"
        assert answer.header("referrer-policy") == "no-referrer"
        assert answer.header("cross-origin-opener-policy") == "same-origin"
        assert answer.header("cross-origin-resource-policy") == "same-origin"
        assert answer.header("x-robots-tag") == "noindex, nofollow"
        assert "camera=()" in (answer.header("permissions-policy") or "")
        assert not [name for name, _ in answer.headers if name.startswith("access-control-")]
        policy = dict(
            part.split(" ", 1) for part in (answer.header("content-security-policy") or "").split("; ")
        )
        assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
        assert re.fullmatch(r"'self' 'wasm-unsafe-eval'( 'sha256-[\w+/=]{44}')+", policy["script-src"])
        assert policy["connect-src"] == "'self' wss://board.example.gov.uk"
        # Streamlit says the same in another order while our copies are being compressed.
        kept = {"public", "max-age=31536000", "immutable"} if "/static/" in path else {"no-store"}
        assert set((answer.header("cache-control") or "").split(", ")) == kept


def test_cookies_go_over_https_alone_and_do_not_outlive_the_sign_in(hosted_port: int, open_port: int) -> None:
    cookie = hosted(hosted_port, "/_stcore/health").header("set-cookie") or ""
    assert cookie.startswith("_streamlit_xsrf=")
    assert cookie.endswith("; SameSite=Lax; Secure")
    assert "Secure" not in (ask(open_port, "/_stcore/health").header("set-cookie") or "")


def test_plain_http_other_names_and_strangers_as_proxies_are_turned_away(hosted_port: int) -> None:
    host = {"Host": "board.example.gov.uk"}
    for path in ("/", "/scores", "/_stcore/health", "/metrics", "/s/x"):
        assert ask(hosted_port, path, host).status == 403
        assert ask(hosted_port, path, {**host, "X-Forwarded-Proto": "http"}).status == 403
        assert ask(hosted_port, path, {**BEHIND_HTTPS, "Host": "other.example.gov.uk"}).status == 421
        assert (
            ask(hosted_port, path, {**BEHIND_HTTPS, "Host": "board.example.gov.uk.evil.example"}).status
            == 421
        )
    assert ask(hosted_port, "/", {**BEHIND_HTTPS, "Host": "board.example.gov.uk:443"}).status == 200


def test_health_says_nothing_and_needs_nothing(hosted_port: int) -> None:
    assert ask(hosted_port, "/health/live").body == b'{"live":true}'
    assert ask(hosted_port, "/health/ready").body == b'{"ready":true}'


def test_metrics_want_the_token_and_name_nobody(hosted_port: int) -> None:
    hosted(hosted_port, "/s/a-token-of-somebody", {"Cookie": signed_in()})
    for wrong in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {METRICS_TOKEN[:-1]}"}):
        assert hosted(hosted_port, "/metrics", wrong).status == 401
    answer = hosted(hosted_port, "/metrics", {"Authorization": f"Bearer {METRICS_TOKEN}"})
    text = answer.body.decode()
    assert answer.status == 200
    assert 'route="/s/{token}"' in text
    assert re.search(r"^sqs_sessions \d+$", text, re.M)
    assert re.search(r"^sqs_store_age_seconds \d+$", text, re.M)
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{[^}]*(\{\w+\}[^}]*)*\})? [\d.]+", line), line
    for name in ("a-token-of-somebody", "quillfeather", "203.0.113"):
        assert name not in text


def test_metrics_without_a_token_are_not_there(open_port: int) -> None:
    assert ask(open_port, "/metrics").status == 404


def test_only_what_a_page_does_can_be_done(hosted_port: int) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
        assert hosted(hosted_port, "/", method=method).status == 405
    assert hosted(hosted_port, "/_stcore/upload_file/a/b").status == 405
    assert hosted(hosted_port, "/_stcore/stream").status == 404


def test_what_is_too_large_is_turned_away(hosted_port: int) -> None:
    assert hosted(hosted_port, f"/?{'x' * 9000}").status == 414
    assert hosted(hosted_port, "/", {"Cookie": "x" * 33_000}).status == 431
    assert hosted(hosted_port, "/", body=b"x").status == 413
    assert hosted(hosted_port, "/", {"Transfer-Encoding": "chunked"}).status == 413
    upload = {
        "Origin": URL,
        "Cookie": signed_in(),
        "Content-Length": str((UPLOAD_MEGABYTES + 2) * 1024 * 1024),
    }
    assert hosted(hosted_port, "/_stcore/upload_file/a/b", upload, method="PUT", body=b"x").status == 413


def test_a_file_is_taken_from_a_signed_in_page_of_ours_alone(hosted_port: int) -> None:
    def upload(**headers: str) -> bytes:
        answer = hosted(hosted_port, "/_stcore/upload_file/a/b", headers, method="PUT", body=b"x")
        assert answer.status in (400, 403)
        return answer.body

    assert b"Only a page of this dashboard" in upload(Cookie=signed_in())
    assert b"Only a page of this dashboard" in upload(Cookie=signed_in(), Origin="https://evil.example")
    assert b"Sign in before" in upload(Origin=URL)
    assert b"Sign in before" in upload(
        Origin=URL, Cookie=signed_in(secret="another secret, as long as it may be")
    )
    assert b"Sign in before" in upload(Origin=URL, Cookie=signed_in(hours_ago=10.01))
    # Past the front, roles are asked for, then Streamlit's token and the session (tests/hosted/test_roles.py).
    assert upload(Origin=URL, Cookie=signed_in(hours_ago=9.9)) == b"Not allowed"


def test_websockets_come_from_our_own_pages_alone(hosted_port: int) -> None:
    async def shake(headers: dict[str, str], host: str = "board.example.gov.uk") -> int:
        try:
            async with websockets.connect(
                f"ws://{host}/_stcore/stream",
                host="127.0.0.1",
                port=hosted_port,
                subprotocols=["streamlit"],  # type: ignore[list-item]
                additional_headers=headers,
            ):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    https = {"X-Forwarded-Proto": "https"}
    assert asyncio.run(shake({**https, "Origin": URL})) == 101
    assert asyncio.run(shake(https)) == 403
    assert asyncio.run(shake({**https, "Origin": "https://evil.example"})) == 403
    assert asyncio.run(shake({**https, "Origin": "null"})) == 403
    assert asyncio.run(shake({"Origin": URL})) == 403
    assert asyncio.run(shake({**https, "Origin": URL}, host="evil.example")) == 403


def test_nobody_is_signed_out_by_a_page_elsewhere(hosted_port: int) -> None:
    assert hosted(hosted_port, "/auth/logout", {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert hosted(hosted_port, "/auth/logout", {"Sec-Fetch-Site": "same-origin"}).status == 302


def test_links_and_sign_in_answer_one_address_so_often_and_others_meanwhile(hosted_port: int) -> None:
    for path in ("/s/guess", "/oauth2callback", "/auth/login"):
        eager = {"X-Forwarded-For": "198.51.100.7"}
        seen = [hosted(hosted_port, path, eager).status for _ in range(61)]
        assert 429 not in seen[:60]
        assert seen[60] == 429
        refused = hosted(hosted_port, path, eager)
        assert refused.header("retry-after") == "60"
        # What the client itself writes before the proxy's own word changes nothing.
        assert hosted(hosted_port, path, {"X-Forwarded-For": "192.0.2.99, 198.51.100.7"}).status == 429
        assert hosted(hosted_port, path, {"X-Forwarded-For": "198.51.100.8"}).status != 429
    assert hosted(hosted_port, "/", eager).status == 200


def test_scripts_come_compressed_and_whole(hosted_port: int) -> None:
    page = hosted(hosted_port, "/").body.decode()
    for path in re.findall(r'(?:src|href)="\.(/static/[^"]+\.(?:js|css))"', page):
        answer = hosted(hosted_port, path, {"Accept-Encoding": "gzip, deflate, br"})
        original = (Path(streamlit.__file__).parent / "static" / path.lstrip("/")).read_bytes()
        if answer.header("content-encoding") is None:  # small, or not compressed yet
            assert answer.body == original
            continue
        assert brotli.decompress(answer.body) == original
        assert answer.header(
            "content-type",
        ).split(";")[0] in ("text/javascript", "application/javascript", "text/css")  # type: ignore[union-attr]
        assert answer.header("vary") == "accept-encoding"
        plain = hosted(hosted_port, path)
        assert (plain.header("content-encoding"), plain.body) == (None, original)
        assert len(answer.body) < len(original) * 0.7
