"""Every command and every page says the same of a lake as of a folder, and two dashboards show what two writers write."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from bench.load import Seen, visitor
from bench.server import serve
from sqs_core.cli import sqs
from sqs_core.store import FolderStore, Store
from tests.hosted.handmade import ask

CHECKOUT = Path(__file__).parent.parent.parent
PAGES = (
    "overview",
    "scores",
    "reviews",
    "reoffending",
    "areas",
    "compare",
    "letter",
    "methods",
    "load",
    "tables",
)
READING = (
    ["services"],
    ["sources"],
    ["show", "scores", "--service", "Eastmere", "--json"],
    ["show", "timeliness", "--service", "Eastmere", "--json"],
    ["show", "reoffending", "--service", "Eastmere", "--json"],
    ["show", "areas", "--service", "Eastmere", "--json"],
    ["people", "list"],
    ["links", "list"],
    ["check"],
)


def run(store: Store, *arguments: str) -> str:
    result = CliRunner().invoke(
        sqs, ["--store", store.where, *arguments], env={"SQS_USER": "Host"}, input="y\n"
    )
    assert result.exit_code == 0, (arguments, result.output, result.exception)
    return re.sub(re.escape(store.where), "STORE", result.output)


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_each_command_that_reads_says_the_same(
    examples: FolderStore, moved: Store, command: list[str]
) -> None:
    assert run(moved, *command) == run(examples, *command)


def test_each_command_that_changes_does_the_same(new_store: Callable[[], Store], tmp_path: Path) -> None:
    folder, on_lake = FolderStore(tmp_path / "store"), new_store()
    letter = str(CHECKOUT / "data" / "letters" / "harnley-vale-2014.pdf")
    table = tmp_path / "reviews.csv"
    said = []
    for store in (folder, on_lake):
        out = [run(store, "demo", "--services", "2")]
        table.write_text(run(store, "template", "reviews"))
        out += [
            run(store, *command)
            for command in (
                ["load", letter],
                ["load", str(table)],
                ["people", "give", "ann@example.gov.uk", "--role", "administrator"],
                ["people", "give", "bob@example.gov.uk", "--role", "chair", "--service", "Knowsley"],
                ["people", "take", "bob@example.gov.uk", "--role", "chair", "--service", "Knowsley"],
                ["backup", str(tmp_path / f"{len(said)}.duckdb")],
                ["restore", "000003"],
                ["restore", str(tmp_path / f"{len(said)}.duckdb")],
                ["unload", "reviews.csv"],
                ["sources"],
                ["check"],
            )
        ]
        history = [re.sub(r"\d\d/\d\d/\d{4} \d\d:\d\d|\d{4}-\d\d-\d\d \S+", "THEN", run(store, "history"))]
        audit = [
            re.sub(
                r"\S*\d{4}-\d\d-\d\d\S*|\d\d/\d\d/\d{4} \d\d:\d\d(:\d\d)?|[0-9a-f]{64}",
                "THEN",
                run(store, "audit"),
            )
        ]
        said.append("\n".join([*out, *history, *audit]).replace(f"{len(said)}.duckdb", "BACKUP"))
    assert said[1] == said[0]


def _words(page: str, monkeypatch: pytest.MonkeyPatch, store: Store) -> str:
    monkeypatch.setenv("SQS_STORE", store.where)
    st.cache_resource.clear()
    st.cache_data.clear()
    app = AppTest.from_file(str(CHECKOUT / "pages" / "_frame.py"), default_timeout=120)
    app.query_params["service"] = "Eastmere (illustrative)"
    if page != "overview":
        app.switch_page(f"{page}.py")
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    kinds = (app.title, app.header, app.markdown, app.caption, app.text, app.info, app.warning, app.error)
    said = [str(element.value) for kind in kinds for element in kind]
    said += [element.proto.body for element in app.get("html")]
    said += [element.proto.spec for element in app.get("plotly_chart")]
    return "\n".join(said)


def test_each_page_says_the_same(
    examples: FolderStore, moved: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in PAGES:
        on_lake = _words(page, monkeypatch, moved)
        assert len(on_lake) > 200, page
        assert on_lake == _words(page, monkeypatch, examples), page


def test_two_dashboards_show_what_two_writers_write(moved: Store) -> None:
    """People click on both all the while; each page is whole, and at the end both show every note of each writer."""
    script = """
import sys
from sqs_core.model import Action
from sqs_core.store import Store
store = Store.from_address(sys.argv[1])
for number in range(8):
    store.save_actions([Action("Eastmere", None, "An area", f"{sys.argv[2]}{number}", f"Note {sys.argv[2]}{number}")], by="X")
"""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}

    async def click(server: object, seed: int, writers: list[subprocess.Popen[bytes]]) -> int:
        seen = Seen()
        async with visitor(server, ["Eastmere (illustrative)"], seed, seen) as who:  # type: ignore[arg-type]
            while any(writer.poll() is None for writer in writers):
                await who.click()
                await asyncio.sleep(0.2)
        return len(seen.clicks)

    async def both(servers: tuple[object, object], writers: list[subprocess.Popen[bytes]]) -> list[int]:
        return list(
            await asyncio.gather(*(click(server, seed, writers) for seed, server in enumerate(servers)))
        )

    with serve(store=moved.where) as one, serve(store=moved.where) as other:
        writers = [
            subprocess.Popen([sys.executable, "-c", script, moved.where, name], env=environment)
            for name in ("a", "b")
        ]
        clicks = asyncio.run(both((one, other), writers))
        assert [writer.wait() for writer in writers] == [0, 0]
        assert min(clicks) > 3
        notes = {f"Note {name}{number}" for name in ("a", "b") for number in range(8)}
        for server in (one, other):
            shown = ask(server.url, "areas", {}, "service=Eastmere+(illustrative)").text
            assert [note for note in sorted(notes) if note not in shown] == []
    assert moved.check() == []
