"""Ways in that are no page: a share link's address, the way back after sign-in to where a link pointed, files; and the
way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sqs_core.access import (
    NotAllowedError,
    email_vouched_for,
    is_signed,
    link_of,
    roles_of,
    why_refused,
)
from sqs_core.errors import BadInputError, RefusedError
from sqs_core.front import take_out_sign_in
from sqs_core.hosting import UPLOAD_MEGABYTES, Settings
from sqs_core.store import Store
from sqs_core.watch import line

LINK_COOKIE = "sqs_link"  # what a visitor by a share link came with; looked at anew on each run of a page
SIGN_IN_COOKIE = "_streamlit_user"  # Streamlit's
_WANTED_COOKIE = "sqs_wanted"  # where somebody who has to sign in first wanted to go
_UPLOADS = "/_stcore/upload_file/"
_WANTED_SECONDS = 600
_LONGEST_ADDRESS = 2_000
_MEGABYTE = 1024 * 1024
SHARED = "shared"  # every page of a shared view has an address that begins so

REFUSED_PAGE = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>This link does not open</title>
<style>body{font:1.1rem/1.5 sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;color:#0b0c0c}
@media (prefers-color-scheme:dark){body{color:#f3f5f8;background:#11161d}}</style></head>
<body><main><h1>This link does not open</h1>
<p>It may have ended, been withdrawn, or been copied incompletely. Ask the person who sent it for a new one.</p>
</main></body></html>
"""


def share_route(settings: Settings, store: Callable[[], Store]) -> Route:
    """`/s/TOKEN`: counts the opening, keeps the token in a cookie of this browser, and goes on to the view, so that
    nothing stays in the address, the history or a referrer."""

    def open_link(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            link = link_of(token, settings.cookie_secret, store().read())
        except BadInputError:
            link = None
        who = f"link {link.id}" if link else "somebody with a link"
        if why := why_refused(link, datetime.now(UTC)):
            store().audit.append("share link refused", who, link.service if link else "", why)
            return HTMLResponse(REFUSED_PAGE, status_code=404)
        assert link is not None
        store().audit.append("share link opened", who, link.service)
        answer = RedirectResponse(f"/{SHARED}-{link.pages[0]}", status_code=303)
        seconds = int((link.expires_at - datetime.now(UTC)).total_seconds())
        answer.set_cookie(LINK_COOKIE, token, max_age=seconds, httponly=True, samesite="lax")
        return answer

    return Route("/s/{token}", open_link, methods=["GET"])


class ReturnAfterSignIn:
    """Keeps the address that a browser asked for, and sends it there when it comes back from the provider: Streamlit
    sends everybody to the front page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path: str = scope["path"]
        wanted = _cookie(headers, _WANTED_COOKIE) if path == "/oauth2callback" else None

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                if wanted is not None and message["status"] == 302 and answer.get("location") == "/":
                    answer["location"] = wanted if _stays_here(wanted) else "/"
                    answer.append("set-cookie", _wanted_cookie("", 0))
                elif message["status"] == 200 and answer.get("content-type", "").startswith("text/html"):
                    address = quote(path) + ("?" + scope["query_string"].decode("latin-1")).rstrip("?")
                    if len(address) <= _LONGEST_ADDRESS and _stays_here(address):
                        answer.append("set-cookie", _wanted_cookie(quote(address, safe=""), _WANTED_SECONDS))
            await send(message)

        await self._app(scope, receive, sending)


def _wanted_cookie(value: str, seconds: int) -> str:
    """Over HTTPS the front makes it Secure, as it does every cookie."""
    return f"{_WANTED_COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"


# What the provider said of whoever has these cookies; empty for nobody.
Claims = Callable[[Mapping[str, str]], Mapping[str, object]]


class SignOutsThatLast:
    """Who signs out ends that sign-in for every copy of its cookie: behind this nobody sees it, and a page that is open
    with it is closed as soon as its browser says anything."""

    def __init__(self, app: ASGIApp, settings: Settings, store: Callable[[], Store], claims: Claims) -> None:
        self._app, self._settings, self._store, self._claims = app, settings, store, claims
        self._sign_outs = store().sign_outs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cookies = HTTPConnection(scope).cookies if scope["type"] in ("http", "websocket") else {}
        who = await run_in_threadpool(self._who, cookies) if SIGN_IN_COOKIE in cookies else None
        if who is not None and self._sign_outs.is_over(*who):
            take_out_sign_in(scope)
            who = None
        if who is None:
            await self._app(scope, receive, send)
            return
        if scope["path"] == "/auth/logout":
            await run_in_threadpool(self._end, *who)

        async def receive_until_signed_out() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and self._sign_outs.is_over(*who):
                await send({"type": "websocket.close", "code": 1008})
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        await self._app(scope, receive_until_signed_out if scope["type"] == "websocket" else receive, send)

    def _who(self, cookies: Mapping[str, str]) -> tuple[str, float] | None:
        """Whose sign-in, and from when; None for one that opens nothing anyway."""
        claims = self._claims(cookies)
        try:
            email = email_vouched_for(claims, datetime.now(UTC), self._settings.session_hours)
        except NotAllowedError:
            return None
        issued = claims["iat"]
        assert isinstance(issued, int | float)
        return email, float(issued)

    def _end(self, email: str, issued: float) -> None:
        """Where it cannot be kept, the browser's own cookie goes all the same, and the host is told."""
        try:
            if self._sign_outs.end(email, issued) and roles_of(self._store().read(), email):
                self._store().audit.append("signed out", email)
        except (BadInputError, RefusedError) as error:
            line("sign_out_not_kept", error)


class DownloadsForVisitors:
    """Downloads only for somebody who signed in or came by a share link. Streamlit gives a file to whoever knows its
    address, under any ending; which page offers it to whom is settled by the pages."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_file = scope["type"] == "http" and scope["path"].startswith("/media/")
        if not is_file or self._is_of_a_visitor(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        refused = False

        async def sending(message: Message) -> None:
            nonlocal refused
            # The picture of the dashboard in a browser's tab lies there too, and is shown rather than saved.
            if message["type"] == "http.response.start" and "content-disposition" in Headers(scope=message):
                refused = True
                await PlainTextResponse("Not found", status_code=404)(scope, receive, send)
            if not refused:
                await send(message)

        await self._app(scope, receive, sending)

    def _is_of_a_visitor(self, headers: Headers) -> bool:
        # The front took out a sign-in that is forged or over (sqs_core/front.py).
        by_link = is_signed(_cookie(headers, LINK_COOKIE) or "", self._settings.cookie_secret)
        return by_link or _cookie(headers, SIGN_IN_COOKIE) is not None


class UploadsForPeopleWithARole:
    """Streamlit keeps in memory whatever a signed-in browser sends, on whichever page it is, and everybody in an
    organisation may have an account to sign in with. And so much at once, from all of them."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        store: Callable[[], Store],
        claims: Claims,
        held: Callable[[], int],
    ) -> None:
        """`held`: the bytes of the files that this process has in memory."""
        self._app, self._settings, self._store, self._claims = app, settings, store, claims
        self._held, self._coming = held, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_upload = scope["type"] == "http" and scope["path"].startswith(_UPLOADS)
        if is_upload and not await run_in_threadpool(self._has_a_role, Request(scope).cookies):
            await PlainTextResponse("Not allowed", status_code=403)(scope, receive, send)
            return
        size = self._size(scope) if is_upload else 0
        if size and self._held() + self._coming + size > self._settings.held_megabytes * _MEGABYTE:
            sentence = "Large files are being loaded by others. Try again in a few minutes."
            await PlainTextResponse(sentence, status_code=503)(scope, receive, send)
            return
        self._coming += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming -= size

    @staticmethod
    def _size(scope: Scope) -> int:
        """What an upload says that it is; where it says nothing, the largest that it may be."""
        headers = Headers(scope=scope)
        if "transfer-encoding" in headers:
            return UPLOAD_MEGABYTES * _MEGABYTE
        return int(headers.get("content-length", "0"))  # a number: the front looked at it

    def _has_a_role(self, cookies: Mapping[str, str]) -> bool:
        try:
            email = email_vouched_for(self._claims(cookies), datetime.now(UTC), self._settings.session_hours)
            return bool(roles_of(self._store().read(), email))
        except (BadInputError, NotAllowedError):
            return False


def _cookie(headers: Headers, name: str) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return unquote(found.value) if found else None


def _stays_here(address: str) -> bool:
    """Whether an address is a path of this site: whoever plants a cookie must not send people elsewhere."""
    return (
        address.startswith("/")
        and not address.startswith(("//", "/\\"))
        and address.isascii()
        and address.isprintable()
    )
