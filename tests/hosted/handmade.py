"""A session over Streamlit's websocket made by hand: what somebody with a valid cookie, or none, can ask a server for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import websockets
from streamlit.auth_util import set_cookie_with_chunks
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, generate_xsrf_token_string

COOKIE_SECRET = "k7Qp2vX9sLw4Rb8Zd1Yf6Hn3Tg5Jm0Ca"


@dataclass(slots=True)
class Answer:
    """Everything that the server sent for one run of a page."""

    texts: list[str] = field(default_factory=list)  # every message, as protobuf prints it
    elements: list[str] = field(default_factory=list)  # of these, what is shown
    media: list[str] = field(default_factory=list)  # addresses of downloads
    pages: list[str] = field(default_factory=list)  # addresses of the navigation
    session: str = ""
    title: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


def signed_in(url: str, email: str | None, secret: str = COOKIE_SECRET, **claims: object) -> dict[str, str]:
    """The cookies of somebody who signed in with this address just now; of nobody for None."""
    if email is None:
        return {}
    user = {
        "email": email,
        "email_verified": True,
        "iat": int(time.time()),
        "is_logged_in": True,
        "origin": url,
        "provider": "default",
        **claims,
    }
    cookies: dict[str, str] = {}
    set_cookie_with_chunks(
        cookies.__setitem__,
        lambda name, value: create_signed_value(secret, name, value),
        "_streamlit_user",
        user,
        cookie_attr_size=100,
    )
    return {name: create_signed_value(secret, name, value).decode() for name, value in cookies.items()}


@asynccontextmanager
async def _connected(
    url: str, cookies: Mapping[str, str], session: str = ""
) -> AsyncIterator[websockets.ClientConnection]:
    token = generate_xsrf_token_string()
    header = "; ".join(f"{name}={value}" for name, value in {**cookies, "_streamlit_xsrf": token}.items())
    protocols = ["streamlit", token, *([session] if session else [])]
    async with websockets.connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        subprotocols=protocols,  # type: ignore[arg-type]
        origin=url,  # type: ignore[arg-type]
        additional_headers={"Cookie": header},
        max_size=None,
    ) as socket:
        yield socket


async def _run(socket: websockets.ClientConnection, page: str, query: str = "") -> Answer:
    answer = Answer()
    ask = BackMsg()
    ask.rerun_script.page_name = page
    ask.rerun_script.query_string = query
    ask.rerun_script.context_info.timezone = "Europe/London"
    await socket.send(ask.SerializeToString())
    while True:
        message = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), 60))  # type: ignore[arg-type]
        kind = message.WhichOneof("type")
        answer.texts.append(str(message))
        if kind == "new_session":
            answer.session = message.new_session.initialize.session_id
        elif kind == "navigation":
            answer.pages = [p.url_pathname for p in message.navigation.app_pages]
        elif kind == "delta":
            element = message.delta.new_element
            assert element.WhichOneof("type") != "exception", element.exception.message
            if element.WhichOneof("type"):
                answer.elements.append(str(element))
            if element.WhichOneof("type") == "download_button":
                answer.media.append(element.download_button.url)
            if element.WhichOneof("type") == "heading" and not answer.title:
                answer.title = element.heading.body
        elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return answer


def ask(
    url: str,
    page: str,
    cookies: Mapping[str, str],
    query: str = "",
    session: str = "",
) -> Answer:
    """What the server sends for this page, to whoever has these cookies."""

    async def asking() -> Answer:
        async with _connected(url, cookies, session) as socket:
            return await _run(socket, page, query)

    return asyncio.run(asking())


def send(url: str, cookies: Mapping[str, str], message: BackMsg) -> Answer:
    """What the server sends for the front page once it has had this message, which no page sends."""

    async def asking() -> Answer:
        async with _connected(url, cookies) as socket:
            await socket.send(message.SerializeToString())
            return await _run(socket, "")

    return asyncio.run(asking())


def ask_again(
    url: str, page: str, cookies: Mapping[str, str], meanwhile: Callable[[Answer], None]
) -> tuple[Answer, Answer | None]:
    """What the server sends for this page, and on the same connection once something has happened meanwhile; None: it
    closed the connection instead."""

    async def asking() -> tuple[Answer, Answer | None]:
        async with _connected(url, cookies) as socket:
            first = await _run(socket, page)
            await asyncio.to_thread(meanwhile, first)
            try:
                return first, await _run(socket, page)
            except websockets.ConnectionClosed:
                return first, None

    return asyncio.run(asking())
