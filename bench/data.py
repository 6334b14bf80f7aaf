"""Reading letters and asking the store, in this process and without a screen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path

from bench.server import CHECKOUT
from bench.timing import Figure, seconds_of
from sqs_core.frameworks import DATA
from sqs_core.letters import read_bytes
from sqs_core.store import FolderStore, LetterFile, Store

# The project's two fictional letters and, where it lies beside the checkout, the real one.
FOLDERS = (DATA / "letters", CHECKOUT.parent / "shared" / "letters")


def measure_letters() -> Iterator[Figure]:
    """Letters a second on one core."""
    for suffix, name, aim in ((".txt", "text", 100), (".pdf", "PDF", 25), (".docx", "Word", None)):
        files = [file for folder in FOLDERS for file in sorted(folder.glob(f"*{suffix}"))]
        contents = [(file.name, file.read_bytes()) for file in files]
        seconds = seconds_of(partial(_read, contents), repeats=15, clock=time.process_time)
        yield Figure(
            f"letters read from {name}, {len(files)} different",
            f"{len(files) / seconds:.0f} a second",
            f"at least {aim}" if aim else "",
        )


def _read(letters: list[tuple[str, bytes]]) -> None:
    for name, content in letters:
        read_bytes(name, content)


def measure_store(store: Path, scratch: Path) -> Iterator[Figure]:
    """What loading takes, and what a page's questions take. `store` is copied to `scratch` before it is
    changed."""
    snapshot = FolderStore(store).read()
    names = [service.name for service in snapshot.services()]
    # Each service once: what has been asked before, a snapshot still knows.
    for question, ask in (
        ("a service's inspections", snapshot.inspections),
        ("a service's audits", snapshot.audits),
    ):
        seconds = seconds_of(partial(next, map(ask, names)), repeats=len(names) - 1)
        yield Figure(f"query: {question}", f"{seconds * 1000:.1f} ms")
    yield Figure("query: the services", f"{seconds_of(snapshot.services, 50) * 1000:.1f} ms")
    letter = next((DATA / "letters").glob("*.pdf"))
    shutil.copytree(store, scratch / "loaded")
    load = partial(_load, FolderStore(scratch / "loaded"), letter.read_bytes())
    yield Figure(
        "read, check, store and publish one PDF letter", f"{seconds_of(load, repeats=15) * 1000:.0f} ms"
    )
    size = (store / f"{snapshot.name}.duckdb").stat().st_size / 2**20
    yield Figure(
        "the store of these figures",
        f"{len(names)} services, {len(snapshot.inspections())} inspections, {size:.0f} MiB",
    )


_number = count()


def _load(store: Store, content: bytes) -> None:
    inspection = read_bytes("letter.pdf", content)
    # Another hash each time: a letter that is there already is not stored again.
    number = next(_number)
    store.load(
        [LetterFile(f"{number}.pdf", sha256(str(number).encode()).hexdigest(), inspection)], by="bench"
    )
