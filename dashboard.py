"""Starts the dashboard: `streamlit run dashboard.py` or `uvicorn dashboard:app`. What people see is in pages/.

The script around every page lies in pages/ and not here: Streamlit serves the files of a folder `pages/` beside
its main script directly, without that script, until the first navigation has run.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.stats import CACHE_MEMORY_FAMILY
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import (
    _get_signed_cookie_with_chunks,
    _parse_decoded_user_cookie,
)

from sqs_core.doors import (
    DownloadsForVisitors,
    ReturnAfterSignIn,
    SignOutsThatLast,
    UploadsForPeopleWithARole,
    share_route,
)
from sqs_core.errors import BadInputError
from sqs_core.front import Front, StaticCopies
from sqs_core.hosting import (
    Settings,
    is_this_machine,
    problems,
    settings_from,
    streamlit_options,
    streamlit_secrets,
)
from sqs_core.store import Store
from sqs_core.watch import counts, health_routes, line, log_as_json_lines

OPEN = (
    "SQS board: open to whoever uses this machine, on this machine only (docs/hosts.md says how to host it)."
)


def settings_or_exit() -> Settings:
    """What the host set. Ends the process when that is not safe, and says what to set."""
    settings = settings_from(os.environ)
    found = problems(settings)
    address = config.get_option("server.address")
    if not settings.hosted and address and not is_this_machine(address):
        found.append(
            f"server.address is {address}, which others reach, and there is no sign-in: set SQS_URL and what it "
            f"needs, or leave server.address at localhost."
        )
    if found:
        print(
            "The dashboard does not start:", *(f"- {problem}" for problem in found), sep="\n", file=sys.stderr
        )
        sys.exit(1)
    return settings


def set_streamlit_options() -> None:
    for name, value in streamlit_options(settings).items():
        config.set_option(name, value)


@asynccontextmanager
async def warm_start(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Pay for imports and the first query before the first board member does."""
    importlib.import_module("sqs_core.charts.scores_over_time")  # plotly
    with suppress(BadInputError):  # no store yet: the pages say what to do
        Store.from_address().read().services()
    threading.Thread(target=static.fill, daemon=True).start()
    # What is imported now stays: the collector need not look at it after every rerun.
    gc.collect()
    gc.freeze()
    # Each run of a page leaves objects that only the collector frees. With Python's own thresholds, most would be moved to
    # where it looks again only when they are a quarter as many as all that is kept, which is millions of reviews.
    gc.set_threshold(10_000, 10, 10)
    if settings.hosted:
        log_as_json_lines()
        line("started")
    else:
        print(OPEN, file=sys.stderr, flush=True)
    yield {}


class OnlyWhatPagesSend:
    """Messages of browsers that no page of ours sends go no further. Streamlit lets anybody, signed in or not, empty what
    the server keeps for all, ask what lies in the checkout, and have files written."""

    SENT = frozenset({"rerun_script", "stop_script", "file_urls_request", "app_heartbeat"})

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_from_pages() -> Message:
            while not self._is_of_a_page(message := await receive()):
                pass
            return message

        await self._app(scope, receive_from_pages if scope["type"] == "websocket" else receive, send)

    def _is_of_a_page(self, message: Message) -> bool:
        if message["type"] != "websocket.receive" or not message.get("bytes"):
            return True
        try:
            said = BackMsg.FromString(message["bytes"])
        except DecodeError:
            return True  # Streamlit closes the connection
        if said.WhichOneof("type") == "backend_operation_request":
            return bool(said.backend_operation_request.WhichOneof("payload") == "deferred_file")
        return said.WhichOneof("type") in self.SENT


def claims_in(cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the provider said of whoever has these cookies, read as Streamlit reads them for a page; empty for nobody."""
    signed = _get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME)
    return _parse_decoded_user_cookie(signed, settings.url) if signed else {}


def bytes_of_uploads() -> int:
    """Of the files in this process's memory, of every session."""
    if not Runtime.exists():
        return 0
    manager = Runtime.instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    return sum(stat.byte_length for stat in manager.get_stats().get(CACHE_MEMORY_FAMILY, []))


async def front_page(request: Request) -> RedirectResponse:
    """Streamlit serves the default page at the root alone, and says "Page not found" at its name."""
    return RedirectResponse(f".?{request.url.query}" if request.url.query else ".")


def snapshot_age() -> float:
    """Seconds since the snapshot in force was made. Raises BadInputError when the store cannot be read."""
    return (datetime.now(UTC) - Store.from_address().history()[0].made_at).total_seconds()


settings = settings_or_exit()
set_streamlit_options()
config.on_config_parsed(
    set_streamlit_options, force_connect=True
)  # a file of options that changes does not undo it
static = StaticCopies(Path(st.__file__).parent / "static")

doors = (
    [
        Middleware(SignOutsThatLast, settings, Store.from_address, claims_in),
        Middleware(DownloadsForVisitors, settings),
        Middleware(UploadsForPeopleWithARole, settings, Store.from_address, claims_in, bytes_of_uploads),
        Middleware(ReturnAfterSignIn),
        Middleware(OnlyWhatPagesSend),
    ]
    if settings.hosted
    else []
)

app = st.App(
    Path(__file__).parent / "pages" / "_frame.py",
    secrets=streamlit_secrets(settings),
    lifespan=warm_start,
    routes=[
        Route("/overview", front_page),
        *([share_route(settings, Store.from_address)] if settings.hosted else []),
        *health_routes(settings, counts, snapshot_age),
    ],
    middleware=[Middleware(Front, settings, counts, static), *doors],
)
