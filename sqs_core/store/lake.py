"""A store past one machine: DuckLake, with a catalogue in PostgreSQL and the rows in Parquet files that every machine
reaches (docs/scale.md).

The address is `ducklake:postgres:` and what PostgreSQL is reached by ("dbname=sqs host=…"). SQS_STORE_FILES says where
the Parquet files are; the catalogue knows it too, once the store is made.

A change is one transaction of DuckLake, so that a process may be killed at any moment. Writers take turns by a lock in
PostgreSQL, which lets go of it when a process dies. Each change is a snapshot under the next name, as in a folder, and
the names stand in the catalogue. Files that no snapshot has any more are removed an hour later: somebody may be reading.
The lines of the audit log are a table of PostgreSQL."""

from __future__ import annotations

import importlib.util
import os
import re
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from sqs_core.errors import BadInputError, RefusedError
from sqs_core.store import retention, schema
from sqs_core.store.audit import AuditLog, Change
from sqs_core.store.check import problems_of, read_everything
from sqs_core.store.retention import Deleted
from sqs_core.store.rows import Row, one_line, rows
from sqs_core.store.schema import why
from sqs_core.store.sign_outs import KEPT_SECONDS, SignOuts
from sqs_core.store.snapshot import Snapshot
from sqs_core.store.store import Store, T, Work, no_longer_kept, require_name

_PREFIX = "ducklake:postgres:"
_WRITING, _AUDIT = (0x535153, 1), (0x535153, 2)  # advisory locks of the catalogue's database
_LOCK_SECONDS = 30.0
_AUDIT_LOCK_SECONDS = 10.0
_GRACE = "1 hour"
_DELETION = "deletion"  # the message of a commit before which nothing may be kept
_MERGE_AFTER = 100  # snapshots: then small files are put together
_INLINED_ROWS = (
    200  # fewer rows than this are kept in the catalogue: a Parquet file for each note is slow to read
)
_PASSWORD = re.compile(r"(password\s*=\s*)('[^']*'|\S+)|(://[^:/@\s]+:)[^@\s]+(?=@)", re.IGNORECASE)


@dataclass(slots=True)
class _Opened:
    """What this process has open of a lake: DuckDB itself, and the snapshot that was read last."""

    connection: DuckDBPyConnection
    version: int = -1
    snapshot: Snapshot | None = None
    opening: threading.Lock = field(default_factory=threading.Lock)


_opened: dict[str, _Opened] = {}
_connecting = threading.Lock()


class LakeStore(Store):
    def __init__(self, address: str) -> None:
        if not address.startswith(_PREFIX) or not address.removeprefix(_PREFIX).strip():
            raise BadInputError(
                f"a lake's address is {_PREFIX}dbname=… host=…, not “{_without_password(address)}”"
            )
        self._catalogue = address.removeprefix(_PREFIX).strip()
        self._files = os.environ.get("SQS_STORE_FILES", "").strip()
        self.where = _without_password(address)

    # Reading

    def exists(self) -> bool:
        try:
            self._now()
        except _UnreachableError:
            raise  # nobody knows; who takes it for new would make another one
        except BadInputError:
            return False
        return True

    def current(self) -> str:
        return self._now()[1]

    def read(self) -> Snapshot:
        while True:
            version, name = self._now()
            try:
                return self._snapshot(version, name)
            except schema.OlderError:
                self._upgrade()
            except duckdb.Error as error:
                if version == self._now()[0]:  # else let go of since: look again
                    raise self._damaged(name, error) from error

    def _snapshot(self, version: int, name: str) -> Snapshot:
        opened = self._connected()
        with opened.opening:
            if opened.snapshot is None or opened.version != version:
                database = self._attach(version)
                try:
                    with closing(self._cursor(database)) as cursor:
                        schema.require_current(cursor, self.where)
                except (schema.OlderError, BadInputError, duckdb.Error):
                    _detach(opened.connection, database)
                    raise
                snapshot = Snapshot(name, partial(_cursor, opened.connection, database))
                weakref.finalize(snapshot, _detach, opened.connection, database)
                opened.version, opened.snapshot = version, snapshot
            return opened.snapshot

    def _damaged(self, name: str, error: Exception) -> BadInputError:
        older = [other for other in self.kept() if other != name]
        advice = f"; `sqs restore {older[-1]}` goes back to the one before" if older else ""
        return BadInputError(f"{self.where}: snapshot {name} cannot be opened ({self._why(error)}){advice}")

    def kept(self) -> list[str]:
        return list(self._versions())

    # What happened

    @property
    def audit(self) -> AuditLog:
        return AuditLog(LinesInCatalogue(self), self._in_force, self._audited)

    @property
    def sign_outs(self) -> SignOuts:
        return SignOutsInCatalogue(self)

    def _audited(self) -> list[Row]:
        """The history in force, as far as an audit log can have it, whether or not anything else can be read."""
        try:
            with self._at(self._now()[0]) as cursor:
                schema.require_current(cursor, self.where)
                return rows(cursor, "SELECT * FROM history ORDER BY snapshot")
        except (BadInputError, schema.OlderError, duckdb.Error):
            return []

    def check(self) -> list[str]:
        try:
            in_force = self.current()
        except BadInputError as error:
            return [str(error)]
        out = []
        if self._is_cut_off():
            out.append(
                f"{self.where}: a deletion was cut off; any change, or the same command again, finishes it"
            )
        for name, version in self._versions().items():
            try:
                with self._at(version) as cursor:
                    if name == in_force:
                        schema.require_current(cursor, self.where)
                        out += problems_of(cursor, name)
                    else:
                        read_everything(cursor)
            except schema.OlderError:
                out.append(f"snapshot {name}: of an older version; opening it once upgrades it")
            except (duckdb.Error, BadInputError) as error:
                advice = "" if name == in_force else "; it can no longer be restored"
                out.append(f"snapshot {name}: cannot be opened ({self._why(error)}){advice}")
        return out + self.audit.problems()

    # Changing

    def create(self) -> None:
        if self.exists():
            return
        with self._alone():
            if not self.exists():
                self._commit("sqs", lambda _: (None, Change("created the store", "created the store")))

    def _change(self, by: str, work: Work[T], rebuild: bool = False) -> T:  # noqa: ARG002 - a folder's alone
        require_name(by)
        self.current()
        with self._alone():
            return self._commit(by, work)

    def _commit(self, by: str, work: Work[T], after: int = 0, called: str = "") -> T:
        """What `_change` does, holding the lock. after: a number that the snapshot's comes after. called: what the
        catalogue calls it, where anybody asks."""
        with self._writing(self.where):
            log_lines, log_sha256 = self.audit.before_a_change()
            last = int(self.current()) if self.exists() else 0
            name = f"{max(after, last) + 1:06d}"
            entry: Row = {"snapshot": name, "made_by": one_line(by.strip())}
            entry |= {"log_lines": log_lines, "log_sha256": log_sha256}
            with closing(self._cursor(self._attach())) as cursor:
                upgraded = schema.migrate(cursor, self.where)
                cursor.begin()
                try:
                    cursor.execute(
                        "CALL lake.set_commit_message('sqs', $1, extra_info => $2)", [called, name]
                    )
                    result, made = self._worked(cursor, entry, work, upgraded)
                except BaseException:
                    with suppress(duckdb.Error):  # it may be what failed
                        cursor.rollback()
                    raise
            if made:
                with suppress(RefusedError):  # it is done; who comes next writes the line
                    self.audit.record(made)
                with suppress(duckdb.Error):  # the next writer tries again
                    self._prune()
            return result

    def _erase(self, doomed: retention.Doomed, by: str, dry_run: bool = False) -> Deleted:
        """The rows that stay are written anew, and every older snapshot is let go of at once with its files: DuckLake
        cannot change what was."""
        require_name(by)
        self.read()  # says what is wrong, upgrades an older version
        finished = self._is_cut_off()
        with self._alone(), self._writing(self.where):
            in_force, counts = self.current(), {}
            for name, version in self._versions().items():
                with self._at(version) as cursor:
                    counts[name] = retention.count(cursor, doomed)
            having = [name for name, found in counts.items() if any(found.values())]
            found = Deleted(**counts[in_force], snapshots=len(having), finished=finished)
            if dry_run or not having:
                return found
            record = retention.record(int(in_force) + 1, doomed, one_line(by.strip()), found)

            def work(cursor: DuckDBPyConnection) -> tuple[list[str], Change]:
                places = retention.erase(cursor, doomed, record)
                about_children = (
                    *retention.TABLES,
                    "sources",
                )  # with what was accepted as unlikely about a child
                for table in about_children:
                    cursor.execute(f"CREATE OR REPLACE TABLE {table} AS FROM {table}")
                return places, retention.change_of(record)

            places = self._commit(by, work, called=_DELETION)
            self._let_go_of_older()
            return Deleted(**counts[in_force], snapshots=len(having), places=tuple(places), finished=finished)

    def restore(self, snapshot: str, by: str) -> tuple[str, ...]:
        require_name(by)
        self._until_now()  # upgrades a store of an older version, which needs the lock for itself
        name, file = self._found(snapshot)
        with tempfile.TemporaryDirectory(prefix="sqs-") as scratch, self._alone():
            path = Path(scratch) / "restored.duckdb"
            if file is None:
                self._copy(self._versions()[name], path)
            else:
                path.write_bytes(file.read_bytes())
            last = schema.last_snapshot(path, snapshot)
            with self._writing(self.where), closing(schema.connect(path)) as connection:
                schema.migrate(connection, self.where)
                connection.begin()
                left_out, change = self._restoring(name, by)(connection)
                connection.commit()
            with self._attached(path) as old:

                def work(cursor: DuckDBPyConnection) -> tuple[tuple[str, ...], Change | None]:
                    for table in schema.tables(cursor):
                        cursor.execute(f'DELETE FROM "{table}"')
                        cursor.execute(f'INSERT INTO "{table}" BY NAME FROM "{old}"."{table}"')
                    return left_out, change

                return self._commit(by, work, after=last)

    def _copy_in_force(self, file: Path) -> str:
        file.touch()  # says why it cannot be written, if it cannot
        file.unlink()
        version, name = self._now()
        self._copy(version, file)
        return name

    # How small files and old snapshots go

    def _prune(self) -> None:
        made = self._asked(
            """SELECT s.snapshot_id AS version, s.snapshot_time::DATE AS day, c.commit_extra_info AS name
               FROM ducklake_snapshot AS s JOIN ducklake_snapshot_changes AS c USING (snapshot_id)
               ORDER BY s.snapshot_id"""
        )
        named = [(int(row["name"]), row["day"]) for row in made if row["name"]]
        gone = {f"{number:06d}" for number in no_longer_kept(named, date.today())}  # noqa: DTZ011 - days of this machine
        # Without a name are those that migrations and tidying made.
        versions = [row["version"] for row in made[:-1] if not row["name"] or row["name"] in gone]
        with closing(self._cursor(self._attach())) as cursor:
            if versions:
                cursor.execute(
                    f"SELECT count(*) FROM ducklake_expire_snapshots('lake', versions => {versions})"
                ).fetchall()
                cursor.execute(
                    f"SELECT count(*) FROM ducklake_cleanup_old_files('lake', older_than => now() - INTERVAL '{_GRACE}')"
                ).fetchall()
            if named and named[-1][0] % _MERGE_AFTER == 0:
                cursor.execute("SELECT count(*) FROM ducklake_merge_adjacent_files('lake')").fetchall()

    def _let_go_of_older(self) -> None:
        """Leave nothing but the snapshot in force, on the disk too: the catalogue has the smallest and the largest
        value of each column of each file."""
        newest = self._now()[0]
        older = [version for version in self._all_versions() if version != newest]
        with closing(self._cursor(self._attach())) as cursor:
            if older:
                cursor.execute(
                    f"SELECT count(*) FROM ducklake_expire_snapshots('lake', versions => {older})"
                ).fetchall()
            cursor.execute(
                "SELECT count(*) FROM ducklake_cleanup_old_files('lake', cleanup_all => true)"
            ).fetchall()
        for table in ("ducklake_file_column_stats", "ducklake_table_column_stats"):
            self._in_catalogue(f"VACUUM (FULL) {table}", in_transaction=False)

    def _is_cut_off(self) -> bool:
        """Whether snapshots from before a deletion are still there."""
        sql = f"""SELECT snapshot_id FROM ducklake_snapshot_changes WHERE snapshot_id <
                  (SELECT max(snapshot_id) FROM ducklake_snapshot_changes WHERE commit_message = {_text(_DELETION)})"""
        return bool(self._asked(sql))

    # Copies

    def _copy(self, version: int, path: Path) -> None:
        """The store as it was at a version, as one database file."""
        with self._at(version) as cursor, self._attached(path, new=True) as copy:
            for table in schema.tables(cursor):
                cursor.execute(f'CREATE TABLE "{copy}"."{table}" AS FROM "{table}"')

    @contextmanager
    def _attached(self, path: Path, new: bool = False) -> Iterator[str]:
        """A database file beside the lake, under a name of its own."""
        name = f"file_{os.urandom(4).hex()}"
        how = "STORAGE_VERSION 'v1.5.0'" if new else "READ_ONLY"
        with closing(self._connected().connection.cursor()) as cursor:
            cursor.execute(f"ATTACH {_text(str(path))} AS {name} ({how})")
            try:
                yield name
                if new:
                    cursor.execute(f"CHECKPOINT {name}")
            finally:
                cursor.execute(f"DETACH {name}")

    # DuckDB and PostgreSQL

    def _connected(self) -> _Opened:
        with _connecting:
            if self._catalogue not in _opened:
                _opened[self._catalogue] = _Opened(connect(self._catalogue))
            return _opened[self._catalogue]

    def _cursor(self, database: str) -> DuckDBPyConnection:
        return _cursor(self._connected().connection, database)

    def _attach(self, version: int | None = None) -> str:
        """The lake as it is and can be written to, or as it was at a version, for the caller to detach; what DuckDB
        calls it."""
        database = "lake" if version is None else f"lake_{version}_{os.urandom(4).hex()}"
        how = [f"SNAPSHOT_VERSION {version}", "READ_ONLY"] if version is not None else []
        if version is None and not self._files and not self._all_versions():
            raise BadInputError(
                f"{self.where}: say where the rows are to be kept: set SQS_STORE_FILES to a folder that every machine "
                "reaches"
            )
        if self._files:
            how += [f"DATA_PATH {_text(self._files)}", "OVERRIDE_DATA_PATH true"]
        how.append(f"DATA_INLINING_ROW_LIMIT {_INLINED_ROWS}")
        with closing(self._connected().connection.cursor()) as cursor:
            cursor.execute(
                f"ATTACH IF NOT EXISTS {_text(f'{_PREFIX}{self._catalogue}')} AS {database} ({', '.join(how)})"
            )
        return database

    @contextmanager
    def _at(self, version: int) -> Iterator[DuckDBPyConnection]:
        """To read the lake as it was at a version."""
        opened = self._connected()
        database = self._attach(version)
        try:
            with closing(self._cursor(database)) as cursor:
                yield cursor
        finally:
            _detach(opened.connection, database)

    def _now(self) -> tuple[int, str]:
        """The latest version of the lake, and the name of the snapshot in force."""
        sql = """SELECT (SELECT max(snapshot_id) FROM ducklake_snapshot) AS version, commit_extra_info AS name
                 FROM ducklake_snapshot_changes WHERE commit_extra_info IS NOT NULL ORDER BY snapshot_id DESC LIMIT 1"""
        found = self._asked(sql)
        if not found:
            raise BadInputError(f"{self.where}: there is no store here; `sqs load` or `sqs demo` makes one")
        return found[0]["version"], found[0]["name"]

    def _versions(self) -> dict[str, int]:
        """The version of each snapshot that is kept, oldest first."""
        sql = """SELECT commit_extra_info AS name, snapshot_id AS version FROM ducklake_snapshot_changes
                 WHERE commit_extra_info IS NOT NULL ORDER BY snapshot_id"""
        found = {row["name"]: row["version"] for row in self._asked(sql)}
        if (
            found
        ):  # what came after it without a name is in force too: a migration, files put together, a forgery
            version, in_force = self._now()
            found[in_force] = version
        return found

    def _all_versions(self) -> list[int]:
        return [row["version"] for row in self._asked("SELECT snapshot_id AS version FROM ducklake_snapshot")]

    def _asked(self, sql: str) -> list[Row]:
        """What the catalogue answers; nothing if it has none of the tables. Asked a second time over a new connection,
        as PostgreSQL may have been started again."""
        for attempt in (1, 2):
            try:
                with closing(self._connected().connection.cursor()) as cursor:
                    return rows(cursor, "SELECT * FROM postgres_query('catalogue', $1)", [sql])
            except duckdb.Error as error:
                if "does not exist" in str(error) and "relation" in str(error):
                    return []
                if attempt == 2:
                    raise _UnreachableError(
                        f"{self.where}: cannot be reached ({self._why(error)})"
                    ) from error
                close(self._catalogue)
        raise AssertionError

    def _in_catalogue(self, sql: str, in_transaction: bool = True) -> None:
        with closing(self._connected().connection.cursor()) as cursor:
            cursor.execute(
                f"CALL postgres_execute('catalogue', $1, use_transaction => {in_transaction})", [sql]
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._held(_WRITING, _LOCK_SECONDS, "somebody else is writing"):
            if self.exists() and self._is_cut_off():
                with self._writing(self.where):
                    self._let_go_of_older()
            yield

    @contextmanager
    def _held(self, lock: tuple[int, int], seconds: float, otherwise: str) -> Iterator[None]:
        """A lock of the catalogue, for as long as a transaction of its own lasts. Raises RefusedError."""
        with closing(self._connected().connection.cursor()) as holder:
            holder.begin()
            try:
                try:
                    for sql in (
                        f"SET LOCAL lock_timeout = {seconds * 1000:.0f}",
                        "SET LOCAL idle_in_transaction_session_timeout = 0",
                        f"SELECT pg_advisory_xact_lock({lock[0]}, {lock[1]})",
                    ):
                        holder.execute("CALL postgres_execute('catalogue', $1)", [sql])
                except duckdb.Error as error:
                    if "lock timeout" not in str(error):
                        raise _UnreachableError(
                            f"{self.where}: cannot be reached ({self._why(error)})"
                        ) from error
                    raise RefusedError(
                        f"{self.where}: {otherwise}, for {seconds:.0f} seconds now; try again"
                    ) from None
                yield
            finally:
                with suppress(duckdb.Error):
                    holder.rollback()

    def _why(self, error: Exception) -> str:
        """Without the query, which may say what nobody else should read, and without a password."""
        said = re.search(r"\b(?:ERROR|FATAL): +(.*)", str(error))
        return _without_password(said[1] if said else why(error))


class _UnreachableError(BadInputError):
    """PostgreSQL does not answer, or not to us."""


class LinesInCatalogue:
    """The lines of the audit log as a table of PostgreSQL, with the head in another."""

    name = "sqs_audit"
    head_name = "sqs_audit_head"

    def __init__(self, lake: LakeStore) -> None:
        self._lake = lake

    @contextmanager
    def alone(self) -> Iterator[None]:
        """By a lock of its own: a sign-in does not wait for a load."""
        busy = "somebody else is writing the audit log, nothing was done"
        try:
            with self._lake._held(_AUDIT, _AUDIT_LOCK_SECONDS, busy):
                if not self._lake._asked(
                    "SELECT 1 AS there FROM pg_class WHERE oid = to_regclass('sqs_audit_head')"
                ):
                    self._lake._in_catalogue(
                        """CREATE TABLE IF NOT EXISTS sqs_audit (number BIGINT PRIMARY KEY, line TEXT NOT NULL);
                           CREATE TABLE IF NOT EXISTS sqs_audit_head (
                               is_only BOOLEAN PRIMARY KEY DEFAULT true CHECK (is_only), lines BIGINT NOT NULL,
                               sha256 TEXT NOT NULL)"""
                    )
                yield
        except (duckdb.Error, _UnreachableError) as error:
            raise RefusedError(
                f"{self._lake.where}: the audit log cannot be written ({self._lake._why(error)}); nothing was done"
            ) from error

    def tail(self) -> list[bytes]:
        found = self._lake._asked("SELECT line FROM sqs_audit ORDER BY number DESC LIMIT 20")
        return [row["line"].encode() for row in reversed(found)]

    def count(self) -> int:
        return sum(1 for _ in self)

    def append(self, raw: bytes, number: int, sha256: str) -> None:
        self._lake._in_catalogue(
            f"""INSERT INTO sqs_audit SELECT coalesce(max(number), 0) + 1, {_text(raw.decode())} FROM sqs_audit;
                INSERT INTO sqs_audit_head (lines, sha256) VALUES ({number}, {_text(sha256)})
                ON CONFLICT (is_only) DO UPDATE SET lines = excluded.lines, sha256 = excluded.sha256"""
        )

    def head(self) -> tuple[int, str] | None:
        found = self._lake._asked("SELECT lines, sha256 FROM sqs_audit_head")
        return (found[0]["lines"], found[0]["sha256"]) if found else None

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        for row in self._lake._asked("SELECT line FROM sqs_audit ORDER BY number"):
            yield row["line"].encode(), True


class SignOutsInCatalogue:
    """The sign-ins that people ended, as a table of PostgreSQL. An open page asks at each word of its browser, so what was
    read is believed for a second."""

    def __init__(self, lake: LakeStore) -> None:
        self._lake = lake
        self._known: tuple[float, dict[str, float]] = (0.0, {})

    def is_over(self, email: str, issued: float) -> bool:
        read_at, ended = self._known
        if time.monotonic() - read_at > 1:
            found = self._lake._asked("SELECT email, issued FROM sqs_signed_out")
            ended = {row["email"]: row["issued"] for row in found}
            self._known = (time.monotonic(), ended)
        return issued <= ended.get(email, 0.0)

    def end(self, email: str, issued: float) -> bool:
        self._known = (0.0, {})
        if self.is_over(email, issued):
            return False
        try:
            self._lake._in_catalogue(
                f"""CREATE TABLE IF NOT EXISTS sqs_signed_out (email TEXT PRIMARY KEY, issued DOUBLE PRECISION NOT NULL);
                    DELETE FROM sqs_signed_out WHERE issued <= {time.time() - KEPT_SECONDS};
                    INSERT INTO sqs_signed_out VALUES ({_text(email)}, {issued}) ON CONFLICT (email)
                    DO UPDATE SET issued = greatest(sqs_signed_out.issued, excluded.issued)"""
            )
        except duckdb.Error as error:
            raise RefusedError(f"{self._lake.where}: a sign-out cannot be kept") from error
        self._known = (0.0, {})
        return True


def connect(catalogue: str) -> DuckDBPyConnection:
    """DuckDB with a PostgreSQL as `catalogue`. Raises duckdb.Error where that does not answer."""
    connection = duckdb.connect(
        ":memory:",
        # Nothing is kept outside memory, and two threads of one query can wait for each other for ever.
        config={"autoinstall_known_extensions": "false", "temp_directory": "", "threads": 1},
    )
    connection.execute("SET enable_progress_bar = false")
    for extension in ("postgres_scanner", "ducklake"):
        connection.execute(f"LOAD {_text(str(_extension(extension)))}")
    # Whoever has lost the lock without knowing it must not write on top of somebody else.
    connection.execute("SET ducklake_max_retry_count = 0")
    connection.execute(f"ATTACH {_text(catalogue)} AS catalogue (TYPE postgres)")
    return connection


def close(catalogue: str) -> None:
    """Let go of what this process has open of a lake."""
    with _connecting:
        opened = _opened.pop(catalogue, None)
    if opened:
        opened.connection.close()


def _extension(name: str) -> Path:
    """Where the package of an extension has it. DuckDB checks its signature when it loads it."""
    package = importlib.util.find_spec(f"duckdb_extension_{name}")
    folders = package.submodule_search_locations if package else None
    found = [
        path
        for folder in folders or ()
        for path in Path(folder).glob(f"**/v{duckdb.__version__}/*.duckdb_extension")
    ]
    if not found:
        raise BadInputError(
            "a lake needs the DuckDB of requirements-lake.txt with its extensions, in an environment of its own "
            f"(docs/scale.md); this one has DuckDB {duckdb.__version__}"
        )
    return found[0]


def _cursor(connection: DuckDBPyConnection, database: str) -> DuckDBPyConnection:
    cursor = connection.cursor()
    cursor.execute(f"USE {database}")
    return cursor


def _detach(connection: DuckDBPyConnection, database: str) -> None:
    with suppress(duckdb.Error), closing(connection.cursor()) as cursor:
        cursor.execute(f"DETACH DATABASE IF EXISTS {database}")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _without_password(text: str) -> str:
    return _PASSWORD.sub(lambda match: (match[1] or match[3]) + "…", text)
