"""Dashboards as hosts run them: open on this machine, and hosted behind a proxy that ends HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.server import fill, serve
from tests.hosting.asking import HOSTED, port_of


@pytest.fixture(scope="session")
def filled_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("filled") / "store"
    fill(store)
    return store


@pytest.fixture(scope="session")
def open_port(filled_store: Path) -> Iterator[int]:
    """A dashboard that is not hosted."""
    with serve(store=filled_store) as server:
        yield port_of(server)


@pytest.fixture(scope="session")
def hosted_port(filled_store: Path) -> Iterator[int]:
    """A dashboard behind a proxy on the same machine that ends HTTPS; the tests are the proxy."""
    with serve(store=filled_store, environment=HOSTED) as server:
        yield port_of(server)
