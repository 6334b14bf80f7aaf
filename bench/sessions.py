"""What one process carries: sessions over Streamlit's own websocket, without a browser, next to an empty app.

Saturation: sessions that ask for the next service as soon as the last has come. The measuring shares the
machine's cores with the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from urllib.parse import quote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.server import EMPTY_PAGE, Server, serve
from bench.timing import Figure

ASKING, SECONDS = 8, 12
IDLE = 60
PAGES = ("overview", "scores")


class Session:
    """What one open tab is to the server."""

    def __init__(self, connection: ClientConnection, page: str, seed: int) -> None:
        self._connection, self._page, self._random = connection, page, Random(seed)
        self._script = ""
        self._picker = ""
        self._services: list[str] = []
        self._kept: set[str] = set()  # messages that the server need not send again

    async def run(self) -> float:
        """Open the page or, from the second time on, choose another service. Seconds until it has come."""
        message = BackMsg()
        asked = message.rerun_script
        asked.page_script_hash = self._script
        asked.cached_message_hashes.extend(self._kept)
        asked.context_info.timezone = "Europe/London"
        if not self._script:
            asked.page_name = self._page
        if self._services:
            service = self._random.choice(self._services)
            asked.query_string = f"service={quote(service)}"
            asked.widget_states.widgets.add(id=self._picker, string_value=service)
        start = time.perf_counter()
        await self._connection.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await asyncio.wait_for(self._connection.recv(), 60))
            kind = answer.WhichOneof("type")
            if kind == "delta":
                if answer.metadata.cacheable:
                    self._kept.add(answer.hash)
                self._look_at(answer.delta.new_element)
            elif kind == "new_session":
                self._script = answer.new_session.page_script_hash
            elif kind == "script_finished" and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return time.perf_counter() - start
            elif kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                raise RuntimeError(f"{self._page or 'the empty page'} did not finish")

    def _look_at(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise RuntimeError(f"{self._page} shows an exception: {element.exception.message[:200]}")
        if kind == "selectbox" and element.selectbox.id.endswith("-service"):
            self._picker, self._services = element.selectbox.id, list(element.selectbox.options)


async def _opened(server: Server, page: str, seed: int) -> tuple[ClientConnection, Session]:
    address = server.url.replace("http:", "ws:") + "/_stcore/stream"
    connection = await connect(
        address, subprotocols=[Subprotocol("streamlit")], max_size=None, compression=None
    )
    session = Session(connection, page, seed)
    await session.run()
    return connection, session


@dataclass(frozen=True, slots=True)
class Load:
    """One page of one server under load."""

    reruns_per_second: float
    milliseconds: float  # median time of a rerun at saturation
    processor_milliseconds: float  # for each rerun
    alone_milliseconds: float  # median time of a rerun when nobody else asks


async def _loaded(server: Server, page: str) -> Load:
    opened = [await _opened(server, page, seed) for seed in range(ASKING)]
    sessions = [session for _, session in opened]
    alone = [await sessions[0].run() for _ in range(30)]
    until = time.perf_counter() + SECONDS

    async def ask(session: Session) -> list[float]:
        taken = []
        while time.perf_counter() < until:
            taken.append(await session.run())
        return taken

    start, used = time.perf_counter(), server.processor_seconds()
    taken = [seconds for each in await asyncio.gather(*map(ask, sessions)) for seconds in each]
    wall, used = time.perf_counter() - start, server.processor_seconds() - used
    await asyncio.gather(*(connection.close() for connection, _ in opened))
    return Load(len(taken) / wall, median(taken) * 1000, used / len(taken) * 1000, median(alone) * 1000)


async def _memory(server: Server, page: str) -> tuple[float, float]:
    """MiB with a few sessions open, and MiB that one more costs."""
    few = [await _opened(server, page, seed) for seed in range(ASKING)]
    before = server.memory()
    more = [await _opened(server, page, seed) for seed in range(IDLE)]
    await asyncio.sleep(1)
    cost = (server.memory() - before) / IDLE
    await asyncio.gather(*(connection.close() for connection, _ in few + more))
    return before, cost


def measure_sessions(store: Path) -> Iterator[Figure]:
    """Reruns a second, processor time per rerun, and memory, of the pages that boards look at."""
    with serve(EMPTY_PAGE) as server:
        empty = asyncio.run(_loaded(server, ""))
    yield from _figures("empty app", empty)
    for page in PAGES:
        with serve(store=store) as server:
            load = asyncio.run(_loaded(server, page))
        yield from _figures(
            f"{page}, another service each time",
            load,
            share=f", 1/{empty.reruns_per_second / load.reruns_per_second:.1f} of the empty app",
            aims=("1/8 of the empty app", "20 ms"),
        )
    with serve(store=store) as server:
        memory, cost = asyncio.run(_memory(server, PAGES[0]))
    yield Figure(f"memory, {ASKING} sessions", f"{memory:.0f} MiB")
    yield Figure("memory, one more session", f"{cost:.2f} MiB")


def _figures(what: str, load: Load, share: str = "", aims: tuple[str, str] = ("", "")) -> Iterator[Figure]:
    yield Figure(f"{what}: reruns a second at saturation", f"{load.reruns_per_second:.0f}{share}", aims[0])
    yield Figure(f"{what}: processor time per rerun", f"{load.processor_milliseconds:.1f} ms", aims[1])
    yield Figure(f"{what}: rerun when nobody else asks", f"{load.alone_milliseconds:.0f} ms")
    yield Figure(f"{what}: rerun, {ASKING} sessions without pause", f"{load.milliseconds:.0f} ms")
