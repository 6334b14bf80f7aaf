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

import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection
from filelock import FileLock, Timeout

from sqs_core.errors import BadInputError, RefusedError
from sqs_core.store import retention, schema
from sqs_core.store.audit import AuditLog, Change, LinesInFile
from sqs_core.store.check import problems_of, read_everything
from sqs_core.store.retention import Deleted
from sqs_core.store.rows import Row, one_line, rows
from sqs_core.store.schema import why
from sqs_core.store.sign_outs import SignOuts, SignOutsInFile
from sqs_core.store.snapshot import Snapshot
from sqs_core.store.store import (
    UNFINISHED,
    Store,
    T,
    Work,
    is_file,
    no_longer_kept,
    require_name,
    sync,
    sync_folder,
)

_LOCK_SECONDS = 30.0
_SNAPSHOT_FILE = retention.SNAPSHOT_FILE

# One open snapshot per store and process: opening takes 15 ms, asking an open one takes 1.
_open_snapshots: dict[Path, tuple[Snapshot, DuckDBPyConnection, tuple[int, int]]] = {}
_opening = threading.Lock()


class FolderStore(Store):
    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.where = str(self.folder)

    # Reading

    def exists(self) -> bool:
        return is_file(self._pointer)

    def current(self) -> str:
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
            snapshot = Snapshot(name, connection.cursor)
            _open_snapshots[key] = (snapshot, connection, stamp)
            return snapshot

    def _damaged(self, name: str, reason: str) -> BadInputError:
        older = [n for n in self._numbers() if self._name(n) != name]
        advice = f"; `sqs restore {self._name(older[-1])}` goes back to the one before" if older else ""
        return BadInputError(f"{self.folder}: snapshot {name} cannot be opened ({reason}){advice}")

    def kept(self) -> list[str]:
        return [self._name(number) for number in self._numbers()]

    # What happened

    @property
    def audit(self) -> AuditLog:
        return AuditLog(LinesInFile(self.folder), self._in_force, self._audited)

    @property
    def sign_outs(self) -> SignOuts:
        return SignOutsInFile(self.folder)

    def _audited(self) -> list[Row]:
        """The history in force, as far as an audit log can have it, whether or not anything else can be read."""
        try:
            with closing(schema.connect(self._file(self.current()), read_only=True)) as connection:
                schema.require_current(connection, str(self.folder))
                return rows(connection, "SELECT * FROM history ORDER BY snapshot")
        except (BadInputError, schema.OlderError, duckdb.Error, OSError):
            return []

    def check(self) -> list[str]:
        try:
            name = self.current()
        except BadInputError as error:
            return [str(error)]
        out = [
            f"{path.name}: DuckDB left a log beside a snapshot; nothing else may write to it"
            for path in sorted(self.folder.glob("*.wal"))
            if UNFINISHED not in path.name
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
        if self.exists():
            return
        with self._alone():
            if self.exists():
                return
            if len(self._numbers()) > 1:
                self.current()  # says what to do
            # A lone snapshot without CURRENT is the empty one of a creation that was cut off.
            self._make_snapshot(
                None, "sqs", lambda _: (None, Change("created the store", "created the store"))
            )

    def _erase(self, doomed: retention.Doomed, by: str, dry_run: bool = False) -> Deleted:
        """The older snapshots are written anew under names of their own, which do not count until the new one is in
        force; then those that they take the place of are removed. Killed before, nothing has happened; killed after,
        whoever writes next removes them."""
        require_name(by)
        self.read()  # says what is wrong, upgrades an older version
        finished = retention.is_cut_off(self.folder, self._in_force())
        with self._alone(), self._writing(str(self.folder)):
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
                retention.rewrite(self._file(older), self._file(f"{older}-{name}"), UNFINISHED, erased)
            found_before = list(dict.fromkeys(places))
            places.clear()
            self._make_snapshot(self._file(current), by, work, rebuild=True)
            retention.tidy(self.folder, name)
            only_before = [f"{place}, in a kept snapshot" for place in found_before if place not in places]
            return replace(found, places=(*places, *only_before))

    def _count(self, name: str, doomed: retention.Doomed) -> retention.Counts:
        try:
            with closing(schema.connect(self._file(name), read_only=True)) as connection:
                return retention.count(connection, doomed)
        except (duckdb.Error, OSError) as error:
            raise RefusedError(
                f"{self._file(name)}: cannot be opened ({why(error)}), so nobody knows whose rows it has; it is of no "
                "use any more: delete it first"
            ) from error

    def restore(self, snapshot: str, by: str) -> tuple[str, ...]:
        require_name(by)
        self._until_now()  # upgrades a store of an older version, which needs the lock for itself
        if self._numbers():
            with self._alone():  # which finishes a deletion that was cut off
                pass
        name, file = self._found(snapshot)
        path = file or self._file(name)
        last = schema.last_snapshot(path, snapshot)
        with self._alone():
            return self._make_snapshot(path, by, self._restoring(name, by), after=last, rebuild=True)

    def _is_file_of(self, name: str, file: Path) -> bool:
        return self._file(name).samefile(file)

    def backup(self, file: Path, by: str) -> None:
        if file.resolve().parent == self.folder.resolve():
            raise RefusedError(f"{file}: lies in the store itself; keep backups elsewhere")
        super().backup(file, by)

    def _copy_in_force(self, file: Path) -> str:
        name = self.current()
        shutil.copyfile(self._file(name), file)
        return name

    # How a change becomes the snapshot in force

    def _change(self, by: str, work: Work[T], rebuild: bool = False) -> T:
        require_name(by)
        self.current()  # before the lock, which would make a folder
        with self._alone():
            return self._make_snapshot(self._file(self.current()), by, work, rebuild=rebuild)

    def _make_snapshot(
        self, base: Path | None, by: str, work: Work[T], after: int = 0, rebuild: bool = False
    ) -> T:
        """What `_change` does, holding the lock. base: the database to start from; None: an empty one.
        after: a number that the snapshot's comes after."""
        with self._writing(str(self.folder)):
            log_lines, log_sha256 = self.audit.before_a_change()
            name = self._next_name(after)
            for leftover in self.folder.glob(f"*{UNFINISHED}*"):  # of a process that was killed
                if leftover.is_dir():  # where DuckDB puts what does not fit into memory
                    shutil.rmtree(leftover)
                else:
                    leftover.unlink(missing_ok=True)
            unfinished = self._file(name).with_suffix(f".duckdb{UNFINISHED}")
            try:
                if base is not None:
                    shutil.copyfile(base, unfinished)
                entry: Row = {"snapshot": name, "made_by": one_line(by.strip())}
                entry |= {"log_lines": log_lines, "log_sha256": log_sha256}
                with closing(schema.connect(unfinished)) as connection:
                    upgraded = schema.migrate(connection, self.where)
                    connection.begin()
                    result, made = self._worked(connection, entry, work, upgraded)
                    if made:
                        connection.execute("CHECKPOINT")  # leaves no log beside it
                if made:
                    if rebuild:
                        retention.rebuild(unfinished)
                    sync(unfinished)
                    unfinished.rename(self._file(name))
                    sync_folder(self.folder)
                    self._point_to(name)
                    with suppress(RefusedError):  # it is done; who comes next writes the line
                        self.audit.record(made)
                    self._prune()
                return result
            finally:
                unfinished.unlink(missing_ok=True)
                Path(f"{unfinished}.wal").unlink(missing_ok=True)

    def _point_to(self, name: str) -> None:
        unfinished = self.folder / f"CURRENT{UNFINISHED}"
        unfinished.write_text(f"{name}\n", "utf-8")
        sync(unfinished)
        for attempt in range(50):
            try:
                unfinished.replace(self._pointer)
                break
            except PermissionError:  # Windows, while somebody reads CURRENT
                if attempt == 49:
                    raise
                time.sleep(0.02)
        sync_folder(self.folder)

    def _prune(self) -> None:
        made: list[tuple[int, date]] = []
        for number in self._numbers():
            with suppress(OSError):
                seconds = self._file(self._name(number)).stat().st_mtime
                made.append((number, date.fromtimestamp(seconds)))  # noqa: DTZ012
        for number in no_longer_kept(made, date.today()):  # noqa: DTZ011 - days of this machine
            with suppress(OSError):  # Windows: still open somewhere; the next writer tries again
                self._file(self._name(number)).unlink()

    @contextmanager
    def _alone(self) -> Iterator[None]:
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
