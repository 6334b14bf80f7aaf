"""Many people at once on the whole country's data, over Streamlit's own websocket, next to an empty app.

What they do is MIXTURE; what a browser does by itself for them, such as asking again each second for a part of a page
that watches the store, is done here too. The measuring shares the machine's cores with the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median, quantiles
from urllib.parse import quote

import duckdb
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.pages import measure_slow_line
from bench.server import EMPTY_PAGE, Server, serve
from bench.timing import Figure
from sqs_core.store import FolderStore
from sqs_core.store.rows import query

PEOPLE, THOUGHT = 200, 10.0  # seconds between what has come and the next click, on average (exponential)
AT_ONCE = 50
# Where a click leads, out of a hundred. A board stays with its service; an official goes from one to the next.
ANOTHER_SERVICE = 25  # the same page of another of the 155, drawn evenly
MIXTURE = {  # another page of the same service
    "overview": 18,
    "scores": 14,
    "reviews": 12,
    "areas": 9,
    "reoffending": 7,
    "compare": 7,
    "letter": 4,
    "methods": 2,
    "load": 1,
    "tables": 1,
}
ROUNDS, SECONDS = 3, 30
CLOSED = 8  # sessions without thought: saturation
HOUR = 7_200  # clicks: an hour of 20 people
STAY = 40  # clicks until one of them closes the browser and somebody else comes


def grow_to_a_million_reviews(store: Path) -> int:
    """Each review of the illustrative services of `sqs demo` eight times, of other children and up to six years
    earlier: ten years with as many as England and Wales have. How many there are then."""
    current = (store / "CURRENT").read_text().strip()
    with duckdb.connect(store / f"{current}.duckdb") as connection:
        connection.execute(
            """INSERT INTO reviews
               SELECT r.* EXCLUDE (of_source) REPLACE (
                   r.number + copy * r.of_source AS number,
                   r.case_ref || '-' || copy AS case_ref,
                   (r.due_on - earlier)::DATE AS due_on,
                   (r.completed_on - earlier)::DATE AS completed_on,
                   (coalesce(r.order_ended_on, CASE WHEN copy % 3 > 0 THEN r.extracted_on END) - earlier)::DATE
                       AS order_ended_on,
                   (r.order_started_on - earlier)::DATE AS order_started_on,
                   (r.significant_change_on - earlier)::DATE AS significant_change_on
               )
               FROM (SELECT *, count(*) OVER (PARTITION BY source_id) AS of_source FROM reviews) AS r,
                   (SELECT range AS copy, INTERVAL (3 * (range % 3)) YEAR AS earlier FROM range(1, 8))"""
        )
        connection.execute(
            f"""UPDATE sources AS s SET rows = 8 * s.rows, rows_sha256 = h.sha256
                FROM ({query("reviews_sha256")}) AS h WHERE h.source_id = s.id"""
        )
        connection.execute("CHECKPOINT")
        return int(connection.execute("SELECT count(*) FROM reviews").fetchall()[0][0])


@dataclass(slots=True)
class Seen:
    """What a crowd has been through."""

    opened: list[float] = field(default_factory=list)  # seconds until the first page had come
    clicks: list[float] = field(default_factory=list)  # seconds until what was asked for had come
    by_page: dict[str, list[float]] = field(default_factory=dict)
    watched: int = 0  # what browsers asked for by themselves


class Visitor:
    """One open tab: what its person clicks on, and what its browser remembers."""

    def __init__(self, connection: ClientConnection, services: list[str], seed: int, seen: Seen) -> None:
        self._connection, self._services, self._random, self._seen = connection, services, Random(seed), seen
        self._page, self._script, self._query = "overview" if services else "", "", ""
        self._picker, self._service = "", ""
        if services:
            self._choose()
        self._scripts: dict[str, str] = {}  # the page's address and its script, from the navigation
        self._kept: set[str] = set()  # messages that the server need not send again
        self._watching: tuple[float, str] | None = (
            None  # how often, and which part of the page, is asked for again
        )

    async def open(self) -> None:
        """A link to the overview of a service."""
        self._seen.opened.append(await self._ask(self._message()))

    async def click(self) -> None:
        """Another service or another page, by the mixture; the empty app runs again."""
        if self._services and self._random.uniform(0, 100) >= ANOTHER_SERVICE:
            (page,) = self._random.choices(list(MIXTURE), list(MIXTURE.values()))
            taken = await self.turn_to(page)
        else:
            if self._services:
                self._choose()
            taken = await self._ask(self._message())
        self._seen.clicks.append(taken)
        self._seen.by_page.setdefault(self._page, []).append(taken)

    async def turn_to(self, page: str) -> float:
        """Another page of the same service, and the seconds until it has come."""
        self._page = page
        message = self._message()
        message.rerun_script.page_script_hash = self._scripts[page]
        message.rerun_script.query_string = ""
        return await self._ask(message)

    async def think(self) -> None:
        """Meanwhile the browser asks again for what watches the store."""
        until = time.perf_counter() + self._random.expovariate(1 / THOUGHT)
        while (left := until - time.perf_counter()) > 0:
            await asyncio.sleep(min(left, self._watching[0]) if self._watching else left)
            if self._watching and time.perf_counter() < until:
                message = self._message()
                message.rerun_script.fragment_id = self._watching[1]
                message.rerun_script.is_auto_rerun = True
                await self._ask(message)
                self._seen.watched += 1

    def _choose(self) -> None:
        self._service = self._random.choice(self._services)
        self._query = f"service={quote(self._service)}"

    def _message(self) -> BackMsg:
        message = BackMsg()
        asked = message.rerun_script
        asked.page_script_hash, asked.query_string = self._script, self._query
        asked.cached_message_hashes.extend(self._kept)
        asked.context_info.timezone = "Europe/London"
        if self._picker:
            asked.widget_states.widgets.add(id=self._picker, string_value=self._service)
        return message

    async def _ask(self, message: BackMsg) -> float:
        if not message.rerun_script.fragment_id:
            self._watching = None
        start = time.perf_counter()
        await self._connection.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await asyncio.wait_for(self._connection.recv(), 120))
            if answer.WhichOneof("type") != "script_finished":
                self._remember(answer)
            elif answer.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise RuntimeError(f"{self._page or 'the empty page'} did not finish")
            elif answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return time.perf_counter() - start

    def _remember(self, answer: ForwardMsg) -> None:
        match answer.WhichOneof("type"):
            case "delta":
                if answer.metadata.cacheable:
                    self._kept.add(answer.hash)
                element = answer.delta.new_element
                if element.WhichOneof("type") == "exception":
                    raise RuntimeError(f"{self._page} shows an exception: {element.exception.message[:200]}")
                if element.WhichOneof("type") == "selectbox" and element.selectbox.id.endswith("-service"):
                    self._picker = element.selectbox.id
            case "new_session":
                self._script = answer.new_session.page_script_hash
            case "navigation":
                pages = {
                    "overview" if page.is_default else page.url_pathname: page.page_script_hash
                    for page in answer.navigation.app_pages
                }
                self._scripts = {page: pages[page] for page in MIXTURE}
            case "page_info_changed":
                self._query = answer.page_info_changed.query_string
            case "auto_rerun":
                self._watching = (answer.auto_rerun.interval, answer.auto_rerun.fragment_id)


@asynccontextmanager
async def visitor(server: Server, services: list[str], seed: int, seen: Seen) -> AsyncIterator[Visitor]:
    """Somebody with an overview open, or the empty app where no services are named."""
    async with connect(
        server.url.replace("http:", "ws:") + "/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        compression=None,
        open_timeout=120,
    ) as connection:
        who = Visitor(connection, services, seed, seen)
        await who.open()
        yield who


async def arrive(server: Server, services: list[str]) -> Seen:
    """Many open a link in the same moment."""
    seen, all_here = Seen(), asyncio.Barrier(AT_ONCE)

    async def one(seed: int) -> None:
        async with visitor(server, services, seed, seen):
            await all_here.wait()

    await asyncio.gather(*map(one, range(AT_ONCE)))
    return seen


async def crowd(server: Server, services: list[str], first_seed: int) -> Seen:
    """So many people click and think. What they clicked on while the last ones came does not count."""
    seen, until = Seen(), time.perf_counter() + THOUGHT + SECONDS

    async def one(number: int) -> None:
        await asyncio.sleep(number * THOUGHT / PEOPLE)
        async with visitor(server, services, first_seed + number, seen) as who:
            while time.perf_counter() < until:
                await who.think()
                await who.click()

    async def begin() -> None:
        await asyncio.sleep(THOUGHT + 1)
        seen.clicks.clear()
        seen.by_page.clear()

    await asyncio.gather(begin(), *map(one, range(PEOPLE)))
    return seen


async def saturate(server: Server, services: list[str], clicks: int, first_seed: int) -> tuple[Seen, float]:
    """Clicks without thought, by people who come and go, and how many there are in a second."""
    seen, start = Seen(), time.perf_counter()

    async def one(number: int) -> None:
        seed = first_seed + number
        while len(seen.clicks) < clicks:
            async with visitor(server, services, seed, seen) as who:
                for _ in range(STAY):
                    await who.click()
            seed += CLOSED

    await asyncio.gather(*map(one, range(CLOSED)))
    return seen, len(seen.clicks) / (time.perf_counter() - start)


async def see_everything(server: Server, services: list[str]) -> None:
    """Each page of each service once, each service by somebody else: then what a server keeps is there, of pages and of
    sessions that have just ended."""
    waiting = iter(services)

    async def one(seed: int) -> None:
        for service in waiting:
            async with visitor(server, [service], seed, Seen()) as who:
                for page in MIXTURE:
                    await who.turn_to(page)

    await asyncio.gather(*map(one, range(CLOSED)))


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def measure_load(store: Path) -> Iterator[Figure]:
    """The aims of a host of every board: many clicking, many arriving, the most that goes, memory, and a slow line."""
    yield Figure("reviews in the store of the load", f"{grow_to_a_million_reviews(store):,}")
    services = [f"{s.name} (illustrative)" for s in FolderStore(store).read().services() if s.illustrative]
    with serve(EMPTY_PAGE) as empty, serve(store=store) as board:
        apps = ((empty, list[str]()), (board, services))
        arrivals, waits, medians, rates = [], [], [], []
        watched, slowest = 0, dict[str, list[float]]()
        for turn in range(ROUNDS):
            seed = 10_000 * turn
            floor, full = (asyncio.run(arrive(*app)).opened for app in apps)
            arrivals.append((max(full), max(full) / max(floor)))
            floor_, full_ = (asyncio.run(crowd(*app, seed)) for app in apps)
            waits.append((_p95(full_.clicks), _p95(full_.clicks) / _p95(floor_.clicks)))
            medians.append(median(full_.clicks))
            watched += full_.watched
            for page, taken in full_.by_page.items():
                slowest.setdefault(page, []).extend(taken)
            _, floor__ = asyncio.run(saturate(empty, [], 1_500, seed))
            _, full__ = asyncio.run(saturate(board, services, 600, seed))
            rates.append((full__, floor__ / full__))
        when, ratio = sorted(arrivals, key=lambda pair: pair[1])[ROUNDS // 2]
        yield Figure(
            f"{AT_ONCE} people arriving at once: until the last has an overview",
            f"{when * 1000:.0f} ms, {ratio:.1f} × empty",
            "20 × empty",
        )
        wait, ratio = sorted(waits, key=lambda pair: pair[1])[ROUNDS // 2]
        yield Figure(
            f"{PEOPLE} people, {THOUGHT:.0f} s of thought: p95 of a click",
            f"{wait * 1000:.0f} ms, {ratio:.1f} × empty",
            "10 × empty",
        )
        yield Figure(f"{PEOPLE} people: half of the clicks within", f"{median(medians) * 1000:.0f} ms")
        pages = ", ".join(f"{page} {_p95(slowest[page]) * 1000:.0f}" for page in MIXTURE if page in slowest)
        yield Figure(f"{PEOPLE} people: p95 of each page, ms", pages)
        rate, ratio = sorted(rates, key=lambda pair: pair[1])[ROUNDS // 2]
        yield Figure(
            "clicks a second at saturation, all pages", f"{rate:.0f}, 1/{ratio:.1f} of the empty app", "1/8"
        )
        yield from _memory(board, services)
    yield from measure_slow_line(store)


def _memory(server: Server, services: list[str]) -> Iterator[Figure]:
    """Once everything was seen, quarter by quarter: what the last still adds would go on."""
    asyncio.run(see_everything(server, services))
    marks = [server.memory()]
    for quarter in range(4):
        asyncio.run(saturate(server, services, HOUR // 4, 1_000_000 + 10_000 * quarter))
        marks.append(server.memory())
    quarters = " ".join(f"{mark:.0f}" for mark in marks)
    yield Figure(
        f"memory once everything was seen, and over {HOUR:,} clicks by quarter", f"{quarters} MiB", "flat"
    )
