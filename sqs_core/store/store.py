"""What every store does, whatever it is made of: a folder of snapshots (folder.py) or a lake (lake.py).

A change is made in a copy or a transaction of its own, checked against every rule, and becomes a snapshot: the state
that is in force from then on. Names of snapshots never repeat. The audit log is no part of a snapshot (audit.py)."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import duckdb
from duckdb import DuckDBPyConnection

from sqs_core.errors import BadInputError, RefusedError
from sqs_core.model import Action, Direction, Role, Share, ShareLink, Source
from sqs_core.store import changes, people, plans, retention
from sqs_core.store.audit import AuditLog, Change
from sqs_core.store.changes import UNCHANGED, LoadResult, Unchanged
from sqs_core.store.check import breaches
from sqs_core.store.retention import Deleted, KeepRules
from sqs_core.store.rows import LetterFile, Row, insert, utc_now
from sqs_core.store.schema import why
from sqs_core.store.sign_outs import SignOuts
from sqs_core.store.snapshot import HistoryEntry, Snapshot
from sqs_core.store.tables import TableFile

KEPT_SNAPSHOTS = 20
KEPT_DAYS = 30
UNFINISHED = ".writing"  # how the name of a file ends that does not count yet

T = TypeVar("T")
# Changes rows inside a transaction; gives a result, and what it changed (None: nothing, and then no snapshot is made).
Work = Callable[[DuckDBPyConnection], tuple[T, Change | None]]


class Store(ABC):
    """`where`: what messages call it."""

    where: str

    @classmethod
    def from_address(cls, address: str | None = None) -> Store:
        """The store at this address, a folder or `ducklake:postgres:…`; without one, at that of SQS_STORE, else in
        `./store`."""
        from sqs_core.store.folder import FolderStore  # noqa: PLC0415 - they are made of this class
        from sqs_core.store.lake import LakeStore  # noqa: PLC0415

        address = address or os.environ.get("SQS_STORE") or "store"
        return LakeStore(address) if address.startswith("ducklake:") else FolderStore(Path(address))

    # Reading

    @abstractmethod
    def exists(self) -> bool: ...

    @abstractmethod
    def current(self) -> str:
        """The name of the snapshot in force. Raises BadInputError if there is no store, or it is damaged."""

    @abstractmethod
    def read(self) -> Snapshot:
        """The snapshot in force. Stays open for this process until another one is in force. A store made by an older
        version is upgraded first. Raises BadInputError if there is no store, or it is damaged or too new."""

    @abstractmethod
    def kept(self) -> list[str]:
        """The names of the snapshots that can be restored, oldest first."""

    def history(self) -> list[HistoryEntry]:
        """Every snapshot that there was, latest first; those whose file is kept can be restored."""
        snapshot = self.read()
        kept = set(self.kept())
        return [
            HistoryEntry(name, made_at, made_by, what, name in kept, name == snapshot.name)
            for name, made_at, made_by, what in snapshot.history()
        ]

    # What happened

    @property
    @abstractmethod
    def audit(self) -> AuditLog:
        """Who did what, and who saw what. A change writes its own line; what only reads says so by `append`."""

    @property
    @abstractmethod
    def sign_outs(self) -> SignOuts:
        """The sign-ins that people ended."""

    def _in_force(self) -> str:
        try:
            return self.current()
        except BadInputError:
            return ""

    @abstractmethod
    def check(self) -> list[str]:
        """Every integrity rule and every hash; what is wrong, in words. Empty: all is well."""

    # Changing

    @abstractmethod
    def create(self) -> None:
        """An empty store, if there is none yet."""

    def load(
        self,
        files: Sequence[LetterFile | TableFile],
        by: str,
        publish: bool = True,
        service: str | None = None,
        *,
        allow: Callable[[Sequence[LoadResult]], None] = lambda _: None,
        knows: Callable[[str], bool] = lambda _: True,
    ) -> list[LoadResult]:
        """Store all files or none, one result for each. What the store already has is left as it is.

        publish: False keeps letters as drafts that no board sees. service: whose a letter is, where its own
        words should not decide. allow: raises where whoever loads may not load this; nothing is stored then.
        knows: whether they may know what is stored of a service. Raises BadInputError where nothing says whose a
        letter is, RefusedError where the same file is stored for another service that they may know of; each problem
        is a line."""
        self.create()

        def work(connection: DuckDBPyConnection) -> tuple[list[LoadResult], Change | None]:
            results, what = changes.load(connection, files, by, publish, service, knows=knows)
            allow(results)
            return results, what

        return self._change(by, work)

    def rehearse(
        self,
        files: Sequence[LetterFile | TableFile],
        by: str,
        allow: Callable[[Sequence[LoadResult]], None] = lambda _: None,
        knows: Callable[[str], bool] = lambda _: True,
    ) -> list[LoadResult]:
        """What `load` would give, with nothing changed by it."""
        self.create()

        def work(connection: DuckDBPyConnection) -> tuple[list[LoadResult], None]:
            results, _ = changes.load(connection, files, by, knows=knows)
            allow(results)
            return results, None

        return self._change(by, work)

    def load_examples(self, files: Iterable[LetterFile | TableFile], by: str) -> list[LoadResult]:
        """Put these illustrative files and shipped facts in the place of all that the store has of them."""
        files = list(files)  # composed before the lock: others may write meanwhile
        self.create()
        return self._change(by, lambda connection: changes.load_examples(connection, files, by))

    def correct(
        self,
        inspection: int,
        number: int,
        *,
        practice: str | None = None,
        share: Share | Unchanged | None = UNCHANGED,
        direction: Direction | None = None,
        settled: bool = False,
        by: str,
        reason: str = "",
    ) -> None:
        """Change how finding `number` of an inspection was read. What is not given stays; share=None says
        that it was judged in words alone; `settled`, that what was doubtful is right as it was read. The reading
        itself is kept, and the correction outlives it."""
        self._change(
            by,
            lambda connection: (
                None,
                changes.correct(
                    connection,
                    inspection,
                    number,
                    practice=practice,
                    share=share,
                    direction=direction,
                    settled=settled,
                    by=by,
                    reason=reason,
                ),
            ),
        )

    def save_actions(self, actions: Sequence[Action], by: str) -> list[Action]:
        """Store what was changed in actions since the version that each names (0: it is new), all or none; as stored.
        Raises ChangedMeanwhileError where somebody stored another version since: nothing of either is lost."""
        return self._change(by, lambda connection: plans.save_actions(connection, actions, by))

    def link_area(self, inspection: int, area: int, links: Mapping[int | None, bool], by: str) -> None:
        """Say of findings, by number, whether they lie behind an area, by position. None: its links were looked at."""
        self._change(
            by, lambda connection: (None, changes.link_area(connection, inspection, area, links, by))
        )

    def give_role(self, email: str, role: Role, service: str, by: str) -> None:
        """Let a person see and do what the role allows; `service` is empty for an administrator. Nothing happens if
        they have it already. Raises BadInputError for what is no address, role or service."""
        self.create()
        self._change(by, lambda connection: (None, people.give_role(connection, email, role, service, by)))

    def take_role(self, email: str, role: Role, service: str, by: str) -> None:
        """Raises RefusedError where they have it not, or are the only administrator."""
        self._change(by, lambda connection: (None, people.take_role(connection, email, role, service)))

    def make_link(
        self, service: str, pages: Sequence[str], made_for: str, expires_at: datetime, by: str
    ) -> ShareLink:
        """A link to pages of a service until a time. Raises BadInputError with a line for each problem."""
        self.create()
        return self._change(
            by, lambda connection: people.make_link(connection, service, pages, made_for, expires_at, by)
        )

    def revoke_link(self, link: str, by: str) -> None:
        """From now on it opens nothing. Nothing happens if it is revoked. Raises RefusedError for no such link."""
        self._change(by, lambda connection: (None, people.revoke_link(connection, link, by)))

    def publish(self, inspection: int, by: str) -> None:
        """Let boards see a draft. Nothing happens if they already do."""
        self._change(by, lambda connection: (None, changes.publish(connection, inspection, by)))

    def discard(self, inspection: int, by: str) -> None:
        """Take out a draft. Its corrections wait for the letter to come back, as a draft again. Raises
        RefusedError if boards see it."""
        self._change(by, lambda connection: (None, changes.discard(connection, inspection)))

    def unload(self, source: int, by: str) -> Source:
        """Take out a file with everything it brought; what it superseded is in force again. Corrections wait
        for the letter to come back. Raises RefusedError if there is no such source."""
        return self._change(by, lambda connection: changes.unload(connection, source), rebuild=True)

    def remove_illustrative(self, by: str) -> int:
        """Take out everything illustrative; how many files that were."""
        return self._change(by, changes.remove_illustrative)

    def purge(self, rules: KeepRules, by: str, today: date, dry_run: bool = False) -> Deleted:
        """Delete the rows about children that the rules no longer keep on a day, from every snapshot that is kept."""
        return self._erase(retention.PastKeeping(rules, today), by, dry_run)

    def forget(self, service: str, case_ref: str, by: str) -> Deleted:
        """Delete every row of the child that a service calls by this reference, from every snapshot that is kept. What
        people wrote is left and its places are given. Raises RefusedError if there is no such row."""
        if not case_ref.strip() or not service.strip():
            raise BadInputError("say of which service and which case reference")
        deleted = self._erase(retention.OfChild(retention.called(service), case_ref.strip()), by)
        if not deleted.snapshots and not deleted.finished:
            raise RefusedError(
                f"{service}: no row of a child with this reference, in any of the {len(self.kept())} snapshots "
                "that are kept"
            )
        return deleted

    @abstractmethod
    def _erase(self, doomed: retention.Doomed, by: str, dry_run: bool = False) -> Deleted:
        """Delete rows about children from every snapshot that is kept, or only count them."""

    @abstractmethod
    def restore(self, snapshot: str, by: str) -> tuple[str, ...]:
        """Put an older snapshot, or a file made by `backup`, in force again, as a new snapshot: what was
        there until now stays in the history and can be restored too. A backup made before a child's rows were deleted
        comes without the files that had them; gives their names."""

    def _restoring(self, name: str, by: str) -> Work[tuple[str, ...]]:
        """What is changed in an older database that is to be in force again: a snapshot that is kept, or a file."""

        def work(connection: DuckDBPyConnection) -> tuple[tuple[str, ...], Change]:
            is_kept = name in self.kept()
            if known := self._until_now():
                history, last_source, lasting = known
                connection.execute("DELETE FROM history")
                insert(connection, "history", history)
                connection.execute("UPDATE last_source SET id = greatest(id, $1)", [last_source])
                for table, now in lasting.items():
                    connection.execute(f"DELETE FROM {table}")
                    insert(connection, table, now)
            else:
                people.revoke_all_links(connection, by)
                if not is_kept:  # another store's history, whose log is not here
                    connection.execute("UPDATE history SET event = NULL, log_lines = NULL, log_sha256 = NULL")
            detail = f"snapshot {name}" if is_kept else "a backup"
            left_out = retention.leave_out_deleted(connection)
            return tuple(left_out), Change("restored", f"restored {name}", detail=detail)

        return work

    def _until_now(self) -> tuple[list[Row], int, dict[str, list[Row]]] | None:
        """The history, the highest source id ever given, and what outlasts going back."""
        try:
            now = self.read()
            return now.history_rows(), now.last_source(), now.lasting()
        except BadInputError:
            return None  # restoring is how a damaged store is mended

    def _found(self, snapshot: str) -> tuple[str, Path | None]:
        """The name of a snapshot that is kept, or else of a file, and where the file is."""
        kept, name, file = self.kept(), snapshot.removesuffix(".duckdb"), Path(snapshot)
        if name in kept:
            if snapshot != name and is_file(file) and not self._is_file_of(name, file):
                raise RefusedError(
                    f"{snapshot}: is the name of a snapshot that is kept and of a file; say {name} for the "
                    f"one and {file.resolve()} for the other"
                )
            return name, None
        if is_file(file):
            return file.name, file
        raise BadInputError(
            f"{snapshot}: neither a snapshot that is kept ({', '.join(kept) or 'none'}) "
            "nor a backup file that can be read"
        )

    def _is_file_of(self, name: str, file: Path) -> bool:  # noqa: ARG002
        """Whether the file is where the store has the snapshot itself."""
        return False

    def backup(self, file: Path, by: str) -> None:
        """Copy the snapshot in force to one file, which `restore` takes back. Never overwrites."""
        with self._writing(f"{file}"):
            if file.is_dir():
                raise BadInputError(f"{file}: is a folder; name the file to write")
            if file.exists():
                raise RefusedError(f"{file}: exists already; choose another name")
        self.read()  # says what is wrong, if something is
        with self._alone(), self._writing(f"{file}"):
            unfinished = file.with_name(file.name + UNFINISHED)
            try:
                name = self._copy_in_force(unfinished)
                sync(unfinished)
                self.audit.append("backed up", by, detail=f"snapshot {name}")
                unfinished.replace(file)
                sync_folder(file.parent)
            finally:
                unfinished.unlink(missing_ok=True)

    @abstractmethod
    def _copy_in_force(self, file: Path) -> str:
        """Make a database file of the snapshot in force, and give its name."""

    def _upgrade(self) -> None:
        """Bring a store of an older version up to this one, as a new snapshot; the old one is kept."""
        self._change("sqs", lambda _: (None, None))

    # How a change becomes the snapshot in force

    @abstractmethod
    def _alone(self) -> AbstractContextManager[None]:
        """While nobody else writes. Raises RefusedError where somebody does and goes on."""

    @abstractmethod
    def _change(self, by: str, work: Work[T], rebuild: bool = False) -> T:
        """Make the changes of `work` the snapshot in force, and return what it returned. rebuild: leave nothing of
        what is deleted in the file."""

    def _worked(
        self, connection: DuckDBPyConnection, entry: Row, work: Work[T], upgraded: str | None
    ) -> tuple[T, Row | None]:
        """Let `work` change the database inside the transaction that has begun, check it and commit. Second: the entry
        of the history, with what changed; None: nothing. upgraded: what a migration just said."""
        result, change = work(connection)
        if change is None and upgraded:
            change = Change("upgraded the store", upgraded, detail=upgraded)
        if change is None:
            connection.rollback()
            return result, None
        if broken := breaches(connection, change.event):
            more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
            raise RefusedError(
                f"{self.where}: rules of the store would be broken ({'; '.join(broken[:3])}{more}); "
                "nothing changed; `sqs check` says whether they are already"
            )
        entry = {**entry, "made_at": utc_now(), "what": change.what, **change.row()}
        insert(connection, "history", [entry])
        connection.commit()
        return result, entry

    @contextmanager
    def _writing(self, where: str) -> Iterator[None]:
        """A full disk, a missing permission or a damaged database, in words."""
        try:
            yield
        except OSError as error:
            raise RefusedError(f"{where}: cannot be written ({why(error)}); nothing changed") from error
        except duckdb.Error as error:
            raise RefusedError(
                f"{where}: the database cannot be changed ({self._why(error)}); nothing changed; "
                "`sqs check` says whether it is damaged"
            ) from error

    def _why(self, error: Exception) -> str:
        """What a database said, on one line and fit to be read by anybody."""
        return why(error)


def require_name(by: str) -> None:
    if not by.strip():
        raise BadInputError("say who you are: every change is recorded with a name")


def no_longer_kept(made: Sequence[tuple[int, date]], today: date) -> list[int]:
    """Of the numbers of snapshots, in order and with the day on which each was made, those that go. The last ones stay, and
    the last of each of the last days: a board that saves thirty notes must not push out what was there before a wrong
    load."""
    last_of_day = {day: number for number, day in made if (today - day).days <= KEPT_DAYS}
    return [number for number, _ in made[:-KEPT_SNAPSHOTS] if number not in last_of_day.values()]


def is_file(path: Path) -> bool:
    """Whether there is such a file, as far as can be seen: no name is too long to ask for."""
    try:
        return path.is_file()
    except OSError:
        return False


def sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot; NTFS keeps renames in its own log
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
