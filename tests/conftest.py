"""What every test can ask for. Tests of the pages and of the browser have their own beside them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

from bench import postgres
from sqs_core.store import FolderStore, Store, lake

CHECKOUT = Path(__file__).parent.parent

# The same examples on every run and every machine, and none of them timed.
settings.register_profile("same_everywhere", derandomize=True, deadline=None)
settings.load_profile("same_everywhere")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=("folder", "lake"), default="folder", help="what stores are made of")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "folder: about the files of a store that is a folder")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is about the files of a folder is left out on a lake, and what is about a lake where there is none."""
    on_lake = config.getoption("--store") == "lake"
    left_out = [
        item
        for item in items
        if (item.get_closest_marker("folder") if on_lake else item.path.parent == CHECKOUT / "tests" / "lake")
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as reached_by:
        yield reached_by


def _made_lake(reached_by: str, template: str = "template1") -> str:
    """A new database, and what it is reached by."""
    name = f"lake_{os.urandom(6).hex()}"
    with closing(lake.connect(f"{reached_by} dbname=postgres")) as connection:
        connection.execute(
            "CALL postgres_execute('catalogue', $1, use_transaction => false)",
            [f"CREATE DATABASE {name} TEMPLATE {template}"],
        )
    return f"{reached_by} dbname={name}"


@pytest.fixture(scope="session")
def empty_lake(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database of an empty store, to be copied: making one takes most of a second."""
    catalogue = _made_lake(postgres_server)
    with pytest.MonkeyPatch.context() as patch:
        files = tmp_path_factory.mktemp("empty")
        patch.setenv("SQS_STORE_FILES", str(files))
        Store.from_address(f"ducklake:postgres:{catalogue}").create()
        assert not list(files.rglob("*.parquet")), "all of it is in the catalogue"
    lake.close(catalogue)
    return catalogue.rpartition("=")[2]


@pytest.fixture
def new_store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Store]]:
    """Makes the address of a store that is not there yet, in a folder or on a lake."""
    numbers = itertools.count(1)
    if request.config.getoption("--store") == "folder":
        yield lambda: FolderStore(tmp_path / f"store {next(numbers)}")
        return
    reached_by = request.getfixturevalue("postgres_server")
    made: list[str] = []

    def new_lake(template: str = "template1") -> Store:
        made.append(_made_lake(reached_by, template))
        monkeypatch.setenv("SQS_STORE_FILES", str(tmp_path / f"files {len(made)}"))
        return Store.from_address(f"ducklake:postgres:{made[-1]}")

    yield new_lake
    for catalogue in made:
        lake.close(catalogue)


@pytest.fixture
def store(request: pytest.FixtureRequest, new_store: Callable[..., Store]) -> Store:
    """An empty one."""
    if request.config.getoption("--store") == "lake":
        return new_store(request.getfixturevalue("empty_lake"))
    store = new_store()
    store.create()
    return store


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds the project."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path | None:
    """The folder `shared` beside the checkout, with the real letter that the project does not carry.

    None where it is not there: the test then has nothing to compare with and returns. In continuous
    integration it must be there.
    """
    folder = CHECKOUT.parent / "shared"
    if folder.is_dir():
        return folder
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail("continuous integration needs the folder `shared` beside the checkout")
    return None
