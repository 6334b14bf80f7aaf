"""The first thing a fresh server is asked for is a page by its address: it must come through the frame.

Streamlit serves the files of a folder `pages/` beside its main script directly, without that script, until
the first navigation has run in that process. So each file gets a server of its own.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.server import CHECKOUT, serve

# The statement of accessibility is for everybody, framed or not.
FILES = sorted({path.stem for path in (CHECKOUT / "pages").glob("*.py")} - {"accessibility"})


async def first_elements(url: str, page: str) -> tuple[list[str], bool]:
    """The kinds of elements that the first session gets, in order; whether the navigation came first."""
    kinds: list[str] = []
    navigated = False
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        ask = BackMsg()
        ask.rerun_script.page_name = page
        await socket.send(ask.SerializeToString())
        while True:
            message = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), 60))  # type: ignore[arg-type]
            kind = message.WhichOneof("type")
            if kind == "navigation" and not kinds:
                navigated = True
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                kinds.append(str(message.delta.new_element.WhichOneof("type")))
            elif kind == "script_finished":
                return kinds, navigated


@pytest.mark.parametrize("page", FILES)
def test_no_page_is_served_without_the_frame(page: str, filled_store: Path) -> None:
    with serve(store=filled_store) as server:
        kinds, navigated = asyncio.run(first_elements(server.url, page))
    assert navigated
    assert kinds[:2] == ["html", "selectbox"], "the frame's style and service picker stand before the page"


@pytest.mark.parametrize("page", [p for p in FILES if not p.startswith("_")])
def test_a_page_run_around_the_frame_shows_nothing(page: str, filled_store: Path) -> None:
    """Belt and braces: were the hole open, each page asks for the frame's view itself."""
    with serve(script=CHECKOUT / "pages" / f"{page}.py", store=filled_store) as server:
        kinds, _ = asyncio.run(first_elements(server.url, ""))
    assert kinds == ["alert"]
