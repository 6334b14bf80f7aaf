"""Starts the dashboard: `streamlit run dashboard.py` or `uvicorn dashboard:app`. What people see is in pages/.

The script around every page lies in pages/ and not here: Streamlit serves the files of a folder `pages/` beside
its main script directly, without that script, until the first navigation has run.
"""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from sqs_core.doors import FilesForVisitors, ReturnAfterSignIn, share_route
from sqs_core.errors import BadInputError
from sqs_core.hosting import settings_from, streamlit_secrets
from sqs_core.store import Store


@asynccontextmanager
async def warm_start(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Pay for imports and the first query before the first board member does."""
    importlib.import_module("sqs_core.charts.scores_over_time")  # plotly
    with suppress(BadInputError):  # no store yet: the pages say what to do
        Store.from_address().read().services()
    # What is imported now stays: the collector need not look at it after every rerun.
    gc.collect()
    gc.freeze()
    yield {}


async def front_page(request: Request) -> RedirectResponse:
    """Streamlit serves the default page at the root alone, and says "Page not found" at its name."""
    return RedirectResponse(f".?{request.url.query}" if request.url.query else ".")


settings = settings_from(os.environ)

app = st.App(
    Path(__file__).parent / "pages" / "_frame.py",
    lifespan=warm_start,
    secrets=streamlit_secrets(settings),
    routes=[
        Route("/overview", front_page),
        *([share_route(settings, Store.from_address)] if settings.hosted else []),
    ],
    middleware=[
        Middleware(FilesForVisitors, settings=settings),
        Middleware(ReturnAfterSignIn, secure=settings.https),
    ]
    if settings.hosted
    else [],
)
