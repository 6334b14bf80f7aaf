"""A store on a lake next to the same store in a folder: `.venv-lake/bin/python -m bench.lake`, after `make test-lake`.

Both are read by dashboards of their own that take turns, so that a busy machine slows both."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import click

from bench import postgres
from bench.load import MIXTURE, Seen, grow_to_a_million_reviews, visitor
from bench.server import Server, fill, serve
from bench.timing import Figure
from sqs_core.model import Action
from sqs_core.store import FolderStore, Store, lake

TURNS = 12
WRITES = 10


async def _pages(
    folder: Server, on_lake: Server, services: list[str]
) -> dict[str, list[tuple[float, float]]]:
    """Seconds for each page, from the one and the other, in turns; a page of each service that nobody had before."""
    taken: dict[str, list[tuple[float, float]]] = {page: [] for page in MIXTURE}
    for service in services[:TURNS]:
        async with (
            visitor(folder, [service], 1, Seen()) as one,
            visitor(on_lake, [service], 1, Seen()) as other,
        ):
            for page, found in taken.items():
                found.append((await one.turn_to(page), await other.turn_to(page)))
    return taken


def _written(store: Store, service: str) -> list[float]:
    taken = []
    for number in range(WRITES):
        start = time.perf_counter()
        store.save_actions([Action(service, None, "An area", f"Z{number}", "Do it")], by="Chair")
        taken.append(time.perf_counter() - start)
    return taken


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure_lake(scratch: Path, services: int) -> Iterator[Figure]:
    """Pages, changes, and moving there."""
    folder = FolderStore(scratch / "folder")
    fill(folder.folder, services)
    yield Figure(
        "reviews in the store", f"{grow_to_a_million_reviews(folder.folder) if services > 100 else '-'}"
    )
    with postgres.server() as reached_by:
        with closing(lake.connect(f"{reached_by} dbname=postgres")) as connection:
            connection.execute(
                "CALL postgres_execute('catalogue', 'CREATE DATABASE sqs', use_transaction => false)"
            )
        os.environ["SQS_STORE_FILES"] = str(scratch / "files")
        on_lake = Store.from_address(f"ducklake:postgres:{reached_by} dbname=sqs")
        folder.backup(scratch / "moving.duckdb", by="Host")
        moved = _seconds(lambda: on_lake.restore(str(scratch / "moving.duckdb"), by="Host"))
        yield Figure("moving a folder to a lake: `sqs restore` of its backup", f"{moved:.1f} s")
        names = [f"{s.name} (illustrative)" for s in folder.read().services() if s.illustrative]
        with serve(store=folder.folder) as one, serve(store=on_lake.where) as other:
            for page, taken in asyncio.run(_pages(one, other, names)).items():
                here, there = (median(pair[i] for pair in taken) for i in (0, 1))
                ratio = median(pair[1] / pair[0] for pair in taken)
                yield Figure(
                    f"{page}: folder, lake", f"{here * 1000:.0f} ms, {there * 1000:.0f} ms, {ratio:.1f} ×"
                )
        service = names[0].removesuffix(" (illustrative)")
        here, there = (median(_written(store, service)) for store in (folder, on_lake))
        yield Figure(
            "saving an action: folder, lake",
            f"{here * 1000:.0f} ms, {there * 1000:.0f} ms, {there / here:.1f} ×",
        )
        files = sum(path.stat().st_size for path in (scratch / "files").rglob("*.parquet")) / 2**20
        size = (folder.folder / f"{folder.current()}.duckdb").stat().st_size / 2**20
        yield Figure("one snapshot, the lake's files", f"{size:.0f} MiB, {files:.0f} MiB")


@click.command()
@click.option(
    "--services", default=6, show_default=True, help="155: the whole country, with a million reviews"
)
def main(services: int) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-lake-") as scratch:
        for figure in measure_lake(Path(scratch), services):
            print(f"| {figure.what} | {figure.measured} |", flush=True)


if __name__ == "__main__":
    main()
