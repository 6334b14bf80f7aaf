"""The same data in a folder and on a lake, moved there as a host would move it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.server import fill
from sqs_core.store import FolderStore, Store, lake


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> FolderStore:
    store = FolderStore(tmp_path_factory.mktemp("examples") / "store")
    fill(store.folder, 3)
    return store


@pytest.fixture
def moved(examples: FolderStore, new_store: Callable[[], Store], tmp_path: Path) -> Store:
    """A lake with what the folder of the examples has."""
    backup = tmp_path / "moving.duckdb"
    examples.backup(backup, by="Host")
    store = new_store()
    store.restore(str(backup), by="Host")
    return store


@pytest.fixture
def catalogue(store: Store) -> Iterator[Callable[[str], list[tuple[object, ...]]]]:
    """Asks the PostgreSQL of the store, past the store."""
    assert isinstance(store, lake.LakeStore)
    with closing(lake.connect(store._catalogue)) as connection:

        def ask(sql: str) -> list[tuple[object, ...]]:
            if sql.startswith(("SELECT", "TABLE")):
                return connection.execute("SELECT * FROM postgres_query('catalogue', $1)", [sql]).fetchall()
            connection.execute("CALL postgres_execute('catalogue', $1)", [sql])
            return []

        yield ask
