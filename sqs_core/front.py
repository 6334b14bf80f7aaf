"""What stands between the network and the dashboard, for every request and every websocket: who may come at all,
which doors exist, how much and how often, and what each answer carries. What a person may see is not decided
here (sqs_core/access.py)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import mimetypes
import re
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

import brotli
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sqs_core.hosting import UPLOAD_MEGABYTES, Settings, is_this_machine
from sqs_core.watch import Counts, line, part_of

_YEAR = 365 * 24 * 60 * 60
_MEGABYTE = 1024 * 1024
_MAX_ADDRESS = 8 * 1024  # characters of path and query
_MAX_HEADERS = 32 * 1024  # bytes; cookies of a sign-in take up to 12
_SIGN_IN_COOKIE = "_streamlit_user"
_UPLOAD = "/_stcore/upload_file/{session}/{file}"
_STREAM = "/_stcore/stream"

# Every door, as the log names it; what begins like the second group has a secret or a person's own in the rest.
_DOORS = frozenset(
    {
        *("/", "/favicon.png", "/_stcore/health", "/_stcore/host-config", _STREAM),
        *("/auth/login", "/auth/logout", "/oauth2callback"),
        *("/health/live", "/health/ready", "/metrics"),
    }
)
_DOORS_WITH_MORE: Final = {
    "/static/": "/static/{file}",
    "/media/": "/media/{file}",
    "/_stcore/upload_file/": _UPLOAD,
    "/s/": "/s/{token}",
}
# Streamlit answers here too, and no page needs it: its metrics, its agents' interface, custom components.
_CLOSED: Final = ("/_stcore/", "/component/", "/app/static/")
_SIGN_IN_DOORS: Final = ("/auth/login", "/auth/logout", "/oauth2callback")
# How often one client address may come, per minute. A council's whole board may share one address.
_PER_MINUTE: Final = {
    "/s/{token}": 60,
    _STREAM: 600,
    "/metrics": 60,
    **dict.fromkeys(_SIGN_IN_DOORS, 60),
}
_FORWARDING = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"}
)
_STATIC_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
    ),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request goes no further: for the person a sentence, for the log one of a few words."""

    status: int
    reason: str
    sentence: str


ONLY_HERE = Refusal(
    403,
    "open_beyond_this_machine",
    "This dashboard is open to whoever uses the machine that it runs on, and to nobody else. "
    "To let others in, its host sets SQS_URL and sign-in, as docs/hosts.md says.",
)
OTHER_HOST = Refusal(421, "other_host", "This dashboard has another address.")
NOT_PRIVATE = Refusal(
    403,
    "not_over_https",
    "This came over plain HTTP, or through a proxy that SQS_PROXIES does not name. Use the https:// address.",
)
OTHER_ORIGIN = Refusal(403, "other_origin", "Only a page of this dashboard may ask for that.")
CLOSED = Refusal(404, "closed", "There is nothing at this address.")
METHOD = Refusal(405, "method", "That cannot be done at this address.")
TOO_LONG = Refusal(414, "long_address", "The address is too long.")
TOO_MANY_HEADERS = Refusal(
    431, "large_headers", "The browser sent too much with its request. Delete its cookies here."
)
TOO_LARGE = Refusal(413, "large_body", f"The file is larger than {UPLOAD_MEGABYTES} MB.")
TOO_OFTEN = Refusal(429, "too_often", "Too many requests came from your network. Try again in a minute.")
SIGN_IN_FIRST = Refusal(403, "upload_without_sign_in", "Sign in before you load a file.")
FAILED = Refusal(500, "failed", "Something went wrong, and the host's log says where. Try again.")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request or websocket handshake, as the front understands it."""

    websocket: bool
    method: str
    path: str
    route: str
    headers: Headers
    client: str  # the address of who asks, behind the proxies
    scheme: str  # http or https, as the client sent it
    local: bool  # from this machine itself, to this machine's own name, through no proxy

    @classmethod
    def of(cls, scope: Scope, settings: Settings) -> Visit:
        headers = Headers(scope=scope)
        peer = _address((scope.get("client") or ("",))[0])
        scheme = scope.get("scheme", "http").replace("ws", "http")
        client = peer

        def is_a_proxy(address: str) -> bool:
            try:
                return any(ip_address(address) in network for network in settings.proxies)
            except ValueError:
                return False

        if is_a_proxy(peer):
            # Each proxy writes at the end whom it heard from: the last that is no proxy of ours is the client.
            # What stands before that anybody may have written.
            chain = [a.strip() for written in headers.getlist("x-forwarded-for") for a in written.split(",")]
            while chain and is_a_proxy(client):
                client = _address(chain.pop())
            if forwarded := headers.get("x-forwarded-proto"):
                scheme = forwarded.split(",")[-1].strip().lower()
        through_a_proxy = any(name.startswith("x-forwarded") or name in _FORWARDING for name in headers)
        websocket = scope["type"] == "websocket"
        return cls(
            websocket=websocket,
            method="WEBSOCKET" if websocket else scope["method"],
            path=scope["path"],
            route=route_of(scope["path"]),
            headers=headers,
            client=client[:64],
            scheme=scheme,
            local=is_this_machine(peer)
            and is_this_machine(_hostname(headers.get("host")))
            and not through_a_proxy,
        )


def route_of(path: str) -> str:
    """The door that a path leads to, without what is secret or a person's own in it."""
    if path in _DOORS:
        return path
    for beginning, route in _DOORS_WITH_MORE.items():
        if path.startswith(beginning):
            return route
    return "closed" if path.startswith(_CLOSED) else "/{page}"


class Front:
    """Pure ASGI middleware around the whole dashboard."""

    def __init__(self, app: ASGIApp, settings: Settings, counts: Counts, static: StaticCopies) -> None:
        self.app = app
        self.settings = settings
        self.counts = counts
        self.static = static
        self.often = {route: SlidingWindow(limit, 60.0) for route, limit in _PER_MINUTE.items()}
        self.security = _security_headers(settings, static.script_hashes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        visit = Visit.of(scope, self.settings)
        answer = _Answer(visit, self, send)
        try:
            if refusal := self._refusal(visit, scope):
                self.counts.refused(refusal.reason)
                await answer.refuse(refusal)
            elif visit.websocket:
                await self._session(visit, scope, receive, answer)
            elif copy := self.static.copy_for(visit):
                await copy(scope, receive, answer.send)
            else:
                self._without_an_old_sign_in(visit, scope)
                await self.app(scope, receive, answer.send)
        except Exception as error:
            answer.failed(error)
            await answer.refuse(FAILED)
        finally:
            answer.over()

    # Who may come

    def _refusal(self, visit: Visit, scope: Scope) -> Refusal | None:
        """Why this visit goes no further; None when it may."""
        return (
            self._refusal_of_the_client(visit)
            or self._refusal_of_the_request(visit, scope)
            or self._refusal_of_the_sender(visit)
        )

    def _refusal_of_the_client(self, visit: Visit) -> Refusal | None:
        settings = self.settings
        if not settings.hosted:
            return None if visit.local else ONLY_HERE
        if visit.route.startswith("/health/") or (visit.local and visit.route == "/metrics"):
            return None  # asked by what watches over the process, at the process itself; they say nothing
        if _hostname(visit.headers.get("host")) != settings.hostname:
            return OTHER_HOST
        if visit.scheme != "https" and (settings.https or not visit.local):
            return NOT_PRIVATE
        return None

    def _refusal_of_the_request(self, visit: Visit, scope: Scope) -> Refusal | None:
        body = visit.headers.get("content-length", "0")
        allowed = UPLOAD_MEGABYTES * _MEGABYTE + _MEGABYTE if visit.route == _UPLOAD else 0
        checks: Sequence[tuple[bool, Refusal]] = (
            (visit.route == "closed", CLOSED),
            (not self.settings.hosted and visit.route in _SIGN_IN_DOORS, CLOSED),
            (visit.websocket != (visit.route == _STREAM), CLOSED),
            (visit.method not in _methods(visit.route), METHOD),
            (len(scope["path"]) + len(scope["query_string"]) > _MAX_ADDRESS, TOO_LONG),
            (
                sum(len(name) + len(value) for name, value in scope["headers"]) > _MAX_HEADERS,
                TOO_MANY_HEADERS,
            ),
            (not body.isdigit() or int(body) > allowed, TOO_LARGE),
            ("transfer-encoding" in visit.headers and not allowed, TOO_LARGE),
        )
        return next((refusal for found, refusal in checks if found), None)

    def _refusal_of_the_sender(self, visit: Visit) -> Refusal | None:
        often = self.often.get(visit.route) if self.settings.hosted else None
        if often and not often.may_come(_network_of(visit.client)):
            return TOO_OFTEN
        origin = visit.headers.get("origin")
        if visit.websocket or visit.route == _UPLOAD:
            host = visit.headers.get("host", "")
            if self.settings.hosted:
                if origin != self.settings.url:
                    return OTHER_ORIGIN
            elif origin is not None and origin.partition("://")[2] != host:
                return OTHER_ORIGIN
        if visit.route == "/auth/logout" and visit.headers.get("sec-fetch-site", "none") == "cross-site":
            return OTHER_ORIGIN
        if self.settings.hosted and visit.route == _UPLOAD and self._signed_in_for(visit) is None:
            return SIGN_IN_FIRST
        return None

    # How long a sign-in lasts. Streamlit's own limit is 30 days.

    def _signed_in_for(self, visit: Visit) -> float | None:
        """Seconds since the sign-in of this browser; None without one, or when it is over."""
        cookies = cookie_parser("; ".join(visit.headers.getlist("cookie")))
        if not self.settings.hosted or _SIGN_IN_COOKIE not in cookies:
            return None
        signer = URLSafeTimedSerializer(self.settings.cookie_secret, salt=_SIGN_IN_COOKIE)
        try:
            _, since = signer.loads(cookies[_SIGN_IN_COOKIE], return_timestamp=True)
        except BadSignature:
            return None
        age = time.time() - since.timestamp()
        return age if age < self.settings.session_hours * 3600 else None

    def _without_an_old_sign_in(self, visit: Visit, scope: Scope) -> None:
        """Take a sign-in that is over, or forged, out of the request: behind this nobody sees it."""
        if not self.settings.hosted or self._signed_in_for(visit) is not None:
            return
        take_out_sign_in(scope)

    async def _session(self, visit: Visit, scope: Scope, receive: Receive, answer: _Answer) -> None:
        """One open page. It is closed when its sign-in is over; the browser then comes back without one."""
        self._without_an_old_sign_in(visit, scope)
        age = self._signed_in_for(visit)
        ends = None if age is None else time.monotonic() + self.settings.session_hours * 3600 - age

        async def receive_until_the_end() -> Message:
            if ends is None:
                return await receive()
            try:
                async with asyncio.timeout(max(0.0, ends - time.monotonic())):
                    return await receive()
            except TimeoutError:
                await answer.close()
                return {"type": "websocket.disconnect", "code": 1008}

        self.counts.session(+1)
        line("page_opened", id=answer.id, network=part_of(visit.client))
        try:
            await self.app(scope, receive_until_the_end, answer.send)
        finally:
            self.counts.session(-1)


def take_out_sign_in(scope: Scope) -> None:
    """Take Streamlit's sign-in out of the cookies of a request, in all its parts."""
    kept = []
    for name, value in scope["headers"]:
        if name == b"cookie":
            pairs = [p for p in value.split(b";") if not p.strip().startswith(_SIGN_IN_COOKIE.encode())]
            kept.append((name, b";".join(pairs)))
        else:
            kept.append((name, value))
    scope["headers"] = kept


class _Answer:
    """What goes back, dressed: headers, cookies, the line of log."""

    def __init__(self, visit: Visit, front: Front, send: Send) -> None:
        self.visit = visit
        self.front = front
        self.id = secrets.token_hex(6)
        self.status = 0
        self._send = send
        self._began = time.perf_counter()
        self._closed = False

    async def send(self, message: Message) -> None:
        if self._closed:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._dress(MutableHeaders(raw=message.setdefault("headers", [])), message)
        elif message["type"] == "websocket.accept":
            self.status = 101
        elif message["type"] == "websocket.close":
            self.status = self.status or 403
            self._closed = True
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        if self.visit.websocket:
            await self.close()
        elif not self.status:
            page = HTMLResponse(plain_page(refusal.sentence), status_code=refusal.status)
            if refusal is TOO_OFTEN:
                page.headers["Retry-After"] = "60"
            await page({"type": "http", "method": self.visit.method}, _nothing, self.send)

    async def close(self) -> None:
        if not self._closed:
            await self.send({"type": "websocket.close", "code": 1008})

    def failed(self, error: Exception) -> None:
        line("failed", error, id=self.id, route=self.visit.route)

    def over(self) -> None:
        seconds = time.perf_counter() - self._began
        visit, counts = self.visit, self.front.counts
        counts.request(
            visit.method if visit.method in _KNOWN_METHODS else "other", visit.route, self.status, seconds
        )
        # Forty files come with each first page, and health every few seconds: counted, not written.
        if self.status < 400 and (
            visit.route.startswith(("/static/", "/health/")) or visit.route == "/_stcore/health"
        ):
            return
        line(
            "page_closed" if visit.websocket and self.status == 101 else "request",
            id=self.id,
            method=visit.method if visit.method in _KNOWN_METHODS else "other",
            route=visit.route,
            status=self.status,
            milliseconds=round(seconds * 1000, 1),
            network=part_of(visit.client),
        )

    def _dress(self, headers: MutableHeaders, message: Message) -> None:
        for name, value in self.front.security.items():
            headers[name] = value
        headers["x-request-id"] = self.id
        for name in [name for name in headers if name.startswith("access-control-")]:
            del headers[name]  # nobody but the dashboard's own pages asks
        if not (self.visit.route == "/static/{file}" and self.status < 400):
            headers["cache-control"] = "no-store"
        message["headers"] = [
            (name, self._cookie(value) if name == b"set-cookie" else value) for name, value in headers.raw
        ]

    def _cookie(self, value: bytes) -> bytes:
        """Streamlit's cookies live for 30 days and go over plain HTTP too: not so here."""
        settings = self.front.settings
        longest = int(settings.session_hours * 3600)
        cookie = re.sub(
            r"(?i)(;\s*max-age=)(\d+)", lambda m: m[1] + str(min(int(m[2]), longest)), value.decode("latin-1")
        )
        if settings.hosted and settings.https and not re.search(r"(?i);\s*secure\b", cookie):
            cookie += "; Secure"
        return cookie.encode("latin-1")


@dataclass(slots=True)
class SlidingWindow:
    """At most `limit` visits in any `seconds`, for each key. Remembers the last ten thousand keys."""

    limit: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _seen: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    KEYS: Final = 10_000

    def may_come(self, key: str) -> bool:
        now = self.clock()
        seen = self._seen.setdefault(key, deque(maxlen=self.limit))
        self._seen.move_to_end(key)
        while len(self._seen) > self.KEYS:
            self._seen.popitem(last=False)
        if len(seen) == self.limit and seen[0] > now - self.seconds:
            return False
        seen.append(now)
        return True


class StaticCopies:
    """Streamlit's scripts, compressed once: it sends them as they are, 7.6 MB for a page with charts, which become 2.3."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds Streamlit's index.html and, below it, static/."""
        self.folder = folder
        self._copies: dict[str, tuple[bytes, str]] = {}

    def fill(self) -> None:
        """Compress every script and style: half a second, six megabytes. Until then they go as they are."""
        for file in sorted((self.folder / "static").rglob("*")):
            if file.suffix in (".js", ".css", ".svg") and file.stat().st_size > 1024:
                path = "/" + file.relative_to(self.folder).as_posix()
                kind = mimetypes.guess_type(file.name)[0] or "text/javascript"
                # Quality 5: twice as quick as 7, and two in a hundred larger.
                self._copies[path] = (brotli.compress(file.read_bytes(), quality=5), f"{kind}; charset=utf-8")

    def copy_for(self, visit: Visit) -> Response | None:
        """The compressed copy of what is asked for; None where there is none or the browser cannot read it."""
        found = self._copies.get(visit.path)
        accepted = [
            part.split(";")[0].strip() for part in visit.headers.get("accept-encoding", "").split(",")
        ]
        if not found or "br" not in accepted or "range" in visit.headers:
            return None
        body, kind = found
        return Response(
            body,
            headers={
                "content-type": kind,
                "content-encoding": "br",
                "vary": "accept-encoding",
                "cache-control": f"public, max-age={_YEAR}, immutable",  # names change with what is in them
            },
        )

    def script_hashes(self) -> list[str]:
        """Of the scripts inside index.html, as a content policy names them."""
        page = (self.folder / "index.html").read_text("utf-8")
        inside = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.S)
        digests = [hashlib.sha256(script.encode()).digest() for script in inside]
        return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def plain_page(sentence: str) -> str:
    """A page that says one thing."""
    return (
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>SQS board</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<style>body{font:1.1rem/1.5 sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}</style>"
        f"</head><body><main><h1>SQS board</h1><p>{escape(sentence)}</p></main></body></html>"
    )


_KNOWN_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE", "WEBSOCKET"})


def _methods(route: str) -> frozenset[str]:
    if route == _UPLOAD:
        return frozenset({"PUT", "DELETE"})
    return frozenset({"WEBSOCKET"}) if route == _STREAM else frozenset({"GET", "HEAD"})


def _security_headers(settings: Settings, script_hashes: Sequence[str]) -> dict[str, str]:
    websocket = settings.url.replace("http", "ws", 1) if settings.hosted else "ws:"
    policy = {
        "default-src": "'self'",
        # WebAssembly: Streamlit's page counts in 64 bits with it. It lets no text become a script.
        "script-src": " ".join(["'self'", "'wasm-unsafe-eval'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",  # Streamlit writes its styles at run time
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' {websocket}",
        "worker-src": "'self' blob:",
        "frame-ancestors": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "object-src": "'none'",
    }
    headers = {
        **_STATIC_HEADERS,
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
    }
    if settings.hosted:
        headers["x-robots-tag"] = "noindex, nofollow"
    if settings.hosted and settings.https:
        headers["strict-transport-security"] = f"max-age={_YEAR}"
    return headers


def _address(text: str) -> str:
    """An IP address as it is usually written; other text as it is."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return text
    return str(getattr(found, "ipv4_mapped", None) or found)


def _network_of(address: str) -> str:
    """Whom a limit counts as one: an IPv4 address, or the /64 that one IPv6 connection has."""
    try:
        return str(ip_network(f"{address}/64", strict=False)) if ip_address(address).version == 6 else address
    except ValueError:
        return address


def _hostname(host: str | None) -> str:
    """Of a header Host: without the port and brackets, in lower case."""
    return re.sub(r":\d+$", "", (host or "").lower()).removeprefix("[").removesuffix("]")


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
