"""The folder of snapshots: what changes it, and how a change becomes the snapshot in force.

    store/
      CURRENT          the name of the snapshot in force: "000042"
      000041.duckdb    the one before; 000041-000043.duckdb once snapshot 43 has deleted rows from it
      000042.duckdb

`audit.jsonl` beside them is no part of a snapshot (audit.py).

A change copies the snapshot in force, changes the copy, and only then moves CURRENT to it. What CURRENT does
not name never counted; so a process may be killed at any moment. Names of snapshots never repeat: DuckDB
hands out an open file of the same name instead of the new one, silently."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import duckdb
from duckdb import DuckDBPyConnection
from filelock import FileLock, Timeout

from sqs_core.errors import BadInputError, RefusedError
from sqs_core.model import Action, Direction, Role, Share, ShareLink, Source
from sqs_core.store import changes, people, plans, retention, schema
from sqs_core.store.audit import AuditLog, Change
from sqs_core.store.changes import UNCHANGED, LoadResult, Unchanged
from sqs_core.store.check import breaches, problems_of, read_everything
from sqs_core.store.retention import Deleted, KeepRules
from sqs_core.store.rows import LetterFile, Row, insert, one_line, rows, utc_now
from sqs_core.store.schema import why
from sqs_core.store.snapshot import HistoryEntry, Snapshot
from sqs_core.store.tables import TableFile

KEPT_SNAPSHOTS = 20
KEPT_DAYS = 30
_LOCK_SECONDS = 30.0
_SNAPSHOT_FILE = retention.SNAPSHOT_FILE
_UNFINISHED = ".writing"

T = TypeVar("T")
# Changes rows inside a transaction; gives a result, and what it changed (None: nothing, and then no snapshot is made).
Work = Callable[[DuckDBPyConnection], tuple[T, Change | None]]


# One open snapshot per store and process: opening takes 15 ms, asking an open one takes 1.
_open_snapshots: dict[Path, tuple[Snapshot, DuckDBPyConnection, tuple[int, int]]] = {}
_opening = threading.Lock()


class Store:
    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    @classmethod
    def from_address(cls, address: str | None = None) -> Store:
        """The store in this folder; without one, in the folder that SQS_STORE names, else in `./store`."""
        return cls(Path(address or os.environ.get("SQS_STORE") or "store"))

    # Reading

    def exists(self) -> bool:
        return _is_file(self._pointer)

    def current(self) -> str:
        """The name of the snapshot in force. Raises BadInputError if there is no store, or its CURRENT is
        damaged."""
        try:
            name = self._pointer.read_text("utf-8").strip()
        except FileNotFoundError:
            if self._numbers():
                raise BadInputError(
                    f"{self.folder}: there are snapshots but no CURRENT to say which one is in force; "
                    f"`sqs restore {self._name(self._numbers()[-1])}` puts the latest in force"
                ) from None
            raise BadInputError(
                f"{self.folder}: there is no store here; `sqs load` or `sqs demo` makes one"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise BadInputError(f"{self._pointer}: cannot be read ({why(error)})") from error
        if not _SNAPSHOT_FILE.fullmatch(f"{name}.duckdb"):
            raise BadInputError(
                f"{self._pointer}: does not name a snapshot; `sqs restore SNAPSHOT` mends it (kept: "
                f"{', '.join(self._name(n) for n in self._numbers()) or 'none'})"
            )
        return name

    def read(self) -> Snapshot:
        """The snapshot in force. Stays open for this process until CURRENT moves on. A store made by an older
        version is upgraded first. Raises BadInputError if there is no store, or it is damaged or too new."""
        while True:
            name = self.current()
            try:
                return self._opened(name)
            except FileNotFoundError:
                if name == self.current():  # else pruned since: look again
                    raise self._damaged(name, "its file is missing") from None
            except schema.OlderError:
                self._upgrade()
            except duckdb.Error as error:
                raise self._damaged(name, why(error)) from error

    def _opened(self, name: str) -> Snapshot:
        path, key = self._file(name), self.folder.resolve()
        with _opening:
            status = path.stat()
            # Not the name alone: somebody may have deleted the folder and begun anew.
            stamp = (status.st_ino, status.st_mtime_ns)
            if key in _open_snapshots:
                snapshot, connection, seen = _open_snapshots[key]
                if snapshot.name == name and seen == stamp:
                    return snapshot
                if snapshot.name == name:
                    connection.close()
            connection = schema.connect(path, read_only=True)
            try:
                schema.require_current(connection, str(self.folder))
            except Exception:
                connection.close()
                raise
            snapshot = Snapshot(name, connection)
            _open_snapshots[key] = (snapshot, connection, stamp)
            return snapshot

    def _damaged(self, name: str, reason: str) -> BadInputError:
        older = [n for n in self._numbers() if self._name(n) != name]
        advice = f"; `sqs restore {self._name(older[-1])}` goes back to the one before" if older else ""
        return BadInputError(f"{self.folder}: snapshot {name} cannot be opened ({reason}){advice}")

    def history(self) -> list[HistoryEntry]:
        """Every snapshot that there was, latest first; those whose file is kept can be restored."""
        snapshot = self.read()
        kept = {self._name(number) for number in self._numbers()}
        return [
            HistoryEntry(name, made_at, made_by, what, name in kept, name == snapshot.name)
            for name, made_at, made_by, what in snapshot.history()
        ]

    # What happened

    @property
    def audit(self) -> AuditLog:
        """Who did what, and who saw what. A change writes its own line; what only reads says so by `append`."""
        return AuditLog(self.folder, self._in_force, self._audited)

    def _in_force(self) -> str:
        try:
            return self.current()
        except BadInputError:
            return ""

    def _audited(self) -> list[Row]:
        """The history in force, as far as an audit log can have it, whether or not anything else can be read."""
        try:
            with closing(schema.connect(self._file(self.current()), read_only=True)) as connection:
                schema.require_current(connection, str(self.folder))
                return rows(connection, "SELECT * FROM history ORDER BY snapshot")
        except (BadInputError, schema.OlderError, duckdb.Error, OSError):
            return []

    def check(self) -> list[str]:
        """Every integrity rule and every hash; what is wrong, in words. Empty: all is well."""
        try:
            name = self.current()
        except BadInputError as error:
            return [str(error)]
        out = [
            f"{path.name}: DuckDB left a log beside a snapshot; nothing else may write to it"
            for path in sorted(self.folder.glob("*.wal"))
            if _UNFINISHED not in path.name
        ]
        if retention.is_cut_off(self.folder, self._in_force()):
            out.append(
                f"{self.folder}: a deletion was cut off; any change, or the same command again, finishes it"
            )
        if not self._file(name).is_file():
            return [*out, str(self._damaged(name, "its file is missing"))]
        for number in self._numbers():
            kept = self._name(number)
            try:
                with closing(schema.connect(self._file(kept), read_only=True)) as connection:
                    if kept == name:
                        schema.require_current(connection, str(self.folder))
                        out += problems_of(connection, kept)
                    else:
                        read_everything(connection)
            except schema.OlderError:
                out.append(f"snapshot {kept}: of an older version; opening it once upgrades it")
            except (duckdb.Error, BadInputError) as error:
                advice = "" if kept == name else "; it can no longer be restored"
                out.append(f"snapshot {kept}: cannot be opened ({why(error)}){advice}")
        return out + self.audit.problems()

    # Changing

    def create(self) -> None:
        """An empty store, if there is none yet."""
        if self.exists():
            return
        with self._lock():
            if self.exists():
                return
            if len(self._numbers()) > 1:
                self.current()  # says what to do
            # A lone snapshot without CURRENT is the empty one of a creation that was cut off.
            self._make_snapshot(
                None, "sqs", lambda _: (None, Change("created the store", "created the store"))
            )

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
                f"{service}: no row of a child with this reference, in any of the {len(self._numbers())} snapshots "
                "that are kept"
            )
        return deleted

    def _erase(self, doomed: retention.Doomed, by: str, dry_run: bool = False) -> Deleted:
        """The older snapshots are written anew under names of their own, which do not count until the new one is in
        force; then those that they take the place of are removed. Killed before, nothing has happened; killed after,
        whoever writes next removes them."""
        _require_name(by)
        self.read()  # says what is wrong, upgrades an older version
        finished = retention.is_cut_off(self.folder, self._in_force())
        with self._lock(), self._writing(str(self.folder)):
            current = self.current()
            kept = [self._name(number) for number in self._numbers()]
            counts = {name: self._count(name, doomed) for name in kept}
            having = [name for name in kept if any(counts[name].values())]
            found = Deleted(**counts[current], snapshots=len(having), finished=finished)
            if dry_run or not having:
                return found
            name = self._next_name(0)
            record = retention.record(int(name), doomed, one_line(by.strip()), found)
            places: list[str] = []

            def erased(connection: DuckDBPyConnection) -> None:
                places.extend(retention.erase(connection, doomed, record))

            def work(connection: DuckDBPyConnection) -> tuple[None, Change]:
                erased(connection)
                return None, retention.change_of(record)

            for older in kept:
                retention.rewrite(self._file(older), self._file(f"{older}-{name}"), _UNFINISHED, erased)
            found_before = list(dict.fromkeys(places))
            places.clear()
            self._make_snapshot(self._file(current), by, work, rebuild=True)
            retention.tidy(self.folder, name)
            only_before = [f"{place}, in a kept snapshot" for place in found_before if place not in places]
            return replace(found, places=(*places, *only_before))

    def _count(self, name: str, doomed: retention.Doomed) -> retention.Counts:
        try:
            return retention.count(self._file(name), doomed)
        except (duckdb.Error, OSError) as error:
            raise RefusedError(
                f"{self._file(name)}: cannot be opened ({why(error)}), so nobody knows whose rows it has; it is of no "
                "use any more: delete it first"
            ) from error

    def restore(self, snapshot: str, by: str) -> tuple[str, ...]:
        """Put an older snapshot, or a file made by `backup`, in force again, as a new snapshot: what was
        there until now stays in the history and can be restored too. A backup made before a child's rows were deleted
        comes without the files that had them; gives their names."""

        def until_now() -> tuple[list[Row], int, dict[str, list[Row]]] | None:
            """The history, the highest source id ever given, and what outlasts going back."""
            try:
                now = self.read()
                return now.history_rows(), now.last_source(), now.lasting()
            except BadInputError:
                return None  # restoring is how a damaged store is mended

        def work(connection: DuckDBPyConnection) -> tuple[tuple[str, ...], Change]:
            if known := until_now():
                history, last_source, lasting = known
                connection.execute("DELETE FROM history")
                insert(connection, "history", history)
                connection.execute("UPDATE last_source SET id = greatest(id, $1)", [last_source])
                for table, now in lasting.items():
                    connection.execute(f"DELETE FROM {table}")
                    insert(connection, table, now)
            else:
                people.revoke_all_links(connection, by)
                if name not in kept:  # another store's history, whose log is not here
                    connection.execute("UPDATE history SET event = NULL, log_lines = NULL, log_sha256 = NULL")
            detail = f"snapshot {name}" if name in kept else "a backup"
            left_out = retention.leave_out_deleted(connection)
            return tuple(left_out), Change("restored", f"restored {name}", detail=detail)

        _require_name(by)
        until_now()  # upgrades a store of an older version, which needs the lock for itself
        if self._numbers():
            with self._lock():  # which finishes a deletion that was cut off
                pass
        kept = [self._name(number) for number in self._numbers()]
        name = snapshot.removesuffix(".duckdb")
        if name in kept:
            path = self._file(name)
            if snapshot != name and _is_file(Path(snapshot)) and not path.samefile(snapshot):
                raise RefusedError(
                    f"{snapshot}: is the name of a snapshot that is kept and of a file; say {name} for the "
                    f"one and {Path(snapshot).resolve()} for the other"
                )
        elif _is_file(Path(snapshot)):
            path, name = Path(snapshot), Path(snapshot).name
        else:
            raise BadInputError(
                f"{snapshot}: neither a snapshot that is kept ({', '.join(kept) or 'none'}) "
                "nor a backup file that can be read"
            )
        last = self._last_of(path, snapshot)
        with self._lock():
            return self._make_snapshot(path, by, work, after=last, rebuild=True)

    @staticmethod
    def _last_of(path: Path, called: str) -> int:
        """The number of the last snapshot that a database knows of. Raises BadInputError if it is no
        store's, or a newer version's."""
        sql = "SELECT coalesce(max(snapshot)::INTEGER, error('it has no history')) FROM history"
        try:
            with closing(schema.connect(path, read_only=True)) as connection:
                with suppress(schema.OlderError):  # it will be upgraded
                    schema.require_current(connection, called)
                return int(connection.execute(sql).fetchall()[0][0])
        except (duckdb.Error, OSError) as error:
            raise BadInputError(f"{called}: not a snapshot of a store ({why(error)})") from error

    def backup(self, file: Path, by: str) -> None:
        """Copy the snapshot in force to one file, which `restore` takes back. Never overwrites."""
        with self._writing(f"{file}"):
            if file.is_dir():
                raise BadInputError(f"{file}: is a folder; name the file to write")
            if file.exists():
                raise RefusedError(f"{file}: exists already; choose another name")
            if file.resolve().parent == self.folder.resolve():
                raise RefusedError(f"{file}: lies in the store itself; keep backups elsewhere")
        self.read()  # says what is wrong, if something is
        with self._lock(), self._writing(f"{file}"):
            unfinished = file.with_name(file.name + _UNFINISHED)
            try:
                name = self.current()
                shutil.copyfile(self._file(name), unfinished)
                _sync(unfinished)
                self.audit.append("backed up", by, detail=f"snapshot {name}")
                unfinished.replace(file)
                _sync_folder(file.parent)
            finally:
                unfinished.unlink(missing_ok=True)

    def _upgrade(self) -> None:
        """Bring a store of an older version up to this one, as a new snapshot; the old one is kept."""
        self._change("sqs", lambda _: (None, None))

    # How a change becomes the snapshot in force

    def _change(self, by: str, work: Work[T], rebuild: bool = False) -> T:
        """Publish a copy of the store with the changes that `work` makes in it, and return what it
        returned. rebuild: leave nothing of what is deleted in the file."""
        _require_name(by)
        self.current()  # before the lock, which would make a folder
        with self._lock():
            return self._make_snapshot(self._file(self.current()), by, work, rebuild=rebuild)

    def _make_snapshot(
        self, base: Path | None, by: str, work: Work[T], after: int = 0, rebuild: bool = False
    ) -> T:
        """What `_change` does, holding the lock. base: the database to start from; None: an empty one.
        after: a number that the snapshot's comes after."""
        with self._writing(str(self.folder)):
            log_lines, log_sha256 = self.audit.before_a_change()
            name = self._next_name(after)
            for leftover in self.folder.glob(f"*{_UNFINISHED}*"):  # of a process that was killed
                if leftover.is_dir():  # where DuckDB puts what does not fit into memory
                    shutil.rmtree(leftover)
                else:
                    leftover.unlink(missing_ok=True)
            unfinished = self._file(name).with_suffix(f".duckdb{_UNFINISHED}")
            try:
                if base is not None:
                    shutil.copyfile(base, unfinished)
                entry: Row = {"snapshot": name, "made_by": one_line(by.strip())}
                entry |= {"log_lines": log_lines, "log_sha256": log_sha256}
                result, made = self._worked(unfinished, entry, work)
                if made:
                    if rebuild:
                        retention.rebuild(unfinished)
                    _sync(unfinished)
                    unfinished.rename(self._file(name))
                    _sync_folder(self.folder)
                    self._point_to(name)
                    with suppress(RefusedError):  # it is done; who comes next writes the line
                        self.audit.record(made)
                    self._prune()
                return result
            finally:
                unfinished.unlink(missing_ok=True)
                Path(f"{unfinished}.wal").unlink(missing_ok=True)

    def _worked(self, path: Path, entry: Row, work: Work[T]) -> tuple[T, Row | None]:
        """Migrate the database in `path`, let `work` change it, check it, leave it closed with no log beside
        it. Second: the entry of the history, with what changed; None: nothing."""
        with closing(schema.connect(path)) as connection:
            upgraded = schema.migrate(connection, str(self.folder))
            connection.begin()
            result, change = work(connection)
            if change is None and upgraded:
                change = Change("upgraded the store", upgraded, detail=upgraded)
            if change is None:
                connection.rollback()
                return result, None
            if broken := breaches(connection):
                more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
                raise RefusedError(
                    f"{self.folder}: rules of the store would be broken ({'; '.join(broken[:3])}{more}); "
                    "nothing changed; `sqs check` says whether they are already"
                )
            entry = {**entry, "made_at": utc_now(), "what": change.what, **change.row()}
            insert(connection, "history", [entry])
            connection.commit()
            connection.execute("CHECKPOINT")
        return result, entry

    def _point_to(self, name: str) -> None:
        unfinished = self.folder / f"CURRENT{_UNFINISHED}"
        unfinished.write_text(f"{name}\n", "utf-8")
        _sync(unfinished)
        for attempt in range(50):
            try:
                unfinished.replace(self._pointer)
                break
            except PermissionError:  # Windows, while somebody reads CURRENT
                if attempt == 49:
                    raise
                time.sleep(0.02)
        _sync_folder(self.folder)

    def _prune(self) -> None:
        """Keeps the last snapshots, and the last of each of the last days: a board that saves thirty notes must not push
        out what was there before a wrong load."""
        last_of_day: dict[date, int] = {}
        for number in self._numbers():
            with suppress(OSError):
                made = date.fromtimestamp(self._file(self._name(number)).stat().st_mtime)  # noqa: DTZ012
                if (date.today() - made).days <= KEPT_DAYS:  # noqa: DTZ011 - days of this machine
                    last_of_day[made] = number
        for number in self._numbers()[:-KEPT_SNAPSHOTS]:
            if number not in last_of_day.values():
                with suppress(OSError):  # Windows: still open somewhere; the next writer tries again
                    self._file(self._name(number)).unlink()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with self._writing(str(self.folder)):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / ".lock", timeout=_LOCK_SECONDS)
            try:
                lock.acquire()
            except Timeout:
                raise RefusedError(
                    f"{self.folder}: somebody else is writing, for {_LOCK_SECONDS:.0f} seconds now; try again"
                ) from None
        try:
            retention.tidy(self.folder, self._in_force())
            yield
        finally:
            lock.release()

    @contextmanager
    def _writing(self, where: str) -> Iterator[None]:
        """A full disk, a missing permission or a damaged database, in words."""
        try:
            yield
        except OSError as error:
            raise RefusedError(f"{where}: cannot be written ({why(error)}); nothing changed") from error
        except duckdb.Error as error:
            raise RefusedError(
                f"{where}: the database cannot be changed ({why(error)}); nothing changed; "
                "`sqs check` says whether it is damaged"
            ) from error

    # Names and files

    @property
    def _pointer(self) -> Path:
        return self.folder / "CURRENT"

    def _file(self, name: str) -> Path:
        """Where a snapshot is; one that a deletion has written anew has another file than it was made in."""
        path = self.folder / f"{name}.duckdb"
        return path if path.exists() else max(self.folder.glob(f"{name}-*.duckdb"), default=path)

    @staticmethod
    def _name(number: int) -> str:
        return f"{number:06d}"

    def _numbers(self) -> list[int]:
        """The numbers of the snapshots that are kept, in order."""
        try:
            found = [_SNAPSHOT_FILE.fullmatch(path.name) for path in self.folder.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise BadInputError(f"{self.folder}: cannot be read ({why(error)})") from error
        return sorted({int(match[1]) for match in found if match})

    def _next_name(self, after: int) -> str:
        """A name that no snapshot ever had, finished or not."""
        names = [re.match(r"\d{6,}", path.name) for path in self.folder.iterdir()]
        used = [after, *(int(match[0]) for match in names if match)]
        with suppress(BadInputError):
            used.append(int(self.current()))
        return self._name(max(used) + 1)


def _require_name(by: str) -> None:
    if not by.strip():
        raise BadInputError("say who you are: every change is recorded with a name")


def _is_file(path: Path) -> bool:
    """Whether there is such a file, as far as can be seen: no name is too long to ask for."""
    try:
        return path.is_file()
    except OSError:
        return False


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot; NTFS keeps renames in its own log
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
