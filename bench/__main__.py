"""`python -m bench` prints one Markdown table of everything measured; what it is doing goes to stderr."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from bench.data import measure_letters, measure_store
from bench.load import measure_load
from bench.pages import measure_pages
from bench.server import fill
from bench.sessions import measure_sessions
from bench.tables import measure_tables
from bench.timing import Figure

PARTS = ("letters", "tables", "store", "pages", "sessions", "load")


def _figures(parts: tuple[str, ...], scratch: Path) -> Iterator[Figure]:
    if "letters" in parts:
        yield from measure_letters()
    if "tables" in parts:
        yield from measure_tables(scratch)
    board, country = scratch / "board", scratch / "country"
    fill(board)
    if {"store", "sessions", "load"} & set(parts):
        start = time.perf_counter()
        fill(country, 155)
        yield Figure(
            "fill a store with 155 illustrative services (`sqs demo`)", f"{time.perf_counter() - start:.0f} s"
        )
    if "store" in parts:
        yield from measure_store(country, scratch)
    if "pages" in parts:
        yield from measure_pages(board)
    if "sessions" in parts:
        yield from measure_sessions(country)
    if "load" in parts:
        yield from measure_load(country)


def _markdown(figures: list[Figure]) -> str:
    rows = [("measure", "figure", "aim"), *((f.what, f.measured, f.aim) for f in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(
        f"| {line} |" for line in [lines[0], " | ".join("-" * width for width in widths), *lines[1:]]
    )


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
def bench(parts: tuple[str, ...]) -> None:
    """Measure letters, tables, store, pages, sessions and load, or only the parts named."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        for figure in _figures(parts or PARTS, Path(scratch)):
            print(f"{figure.what}: {figure.measured}", file=sys.stderr, flush=True)
            figures.append(figure)
    libraries = ", ".join(f"{name} {version(name)}" for name in ("streamlit", "duckdb", "plotly"))
    print(
        f"{datetime.now(UTC):%d %B %Y}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {libraries}.\n"
    )
    print(_markdown(figures))


if __name__ == "__main__":
    bench()
