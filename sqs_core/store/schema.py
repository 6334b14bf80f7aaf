"""How a database file of the store is opened, and brought up to the schema that this version knows."""

from __future__ import annotations

import re
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from sqs_core.errors import BadInputError
from sqs_core.store.rows import utc_now

_MIGRATIONS = Path(__file__).parent / "migrations"


class OlderError(Exception):
    """The database was made by an older version and has to be migrated before it is read."""


def connect(path: Path, read_only: bool = False) -> DuckDBPyConnection:
    """Open a database file. Raises FileNotFoundError where there is none to read, duckdb.Error if it is
    damaged, BadInputError where DuckDB opens nothing."""
    if read_only and not path.exists():
        raise FileNotFoundError(path)
    if re.search("[\ud800-\udfff]", str(path)):  # bytes that are no text: DuckDB would say std::bad_cast
        raise BadInputError(f"{path}: a database needs a name that is text")
    # The oldest DuckDB that we support can read what a newer one writes. Extensions never come by themselves.
    config: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": "false"}
    if not read_only:
        config["storage_compatibility_version"] = "v1.5.0"
    connection = duckdb.connect(path, read_only=read_only, config=config)
    connection.execute("SET enable_progress_bar = false")  # it would print into our results
    return connection


def why(error: Exception) -> str:
    """Why a file or a database said no, on one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:200]


@cache
def _migrations() -> list[tuple[int, Path]]:
    """Every migration with the version that it leads to, in order."""
    return [(int(path.name.split("_")[0]), path) for path in sorted(_MIGRATIONS.glob("*.sql"))]


def latest() -> int:
    return _migrations()[-1][0]


def version(connection: DuckDBPyConnection) -> int:
    """The schema's version; 0 for an empty database. Raises duckdb.Error if this is not a store's
    database."""
    sql = "SELECT coalesce(max(version), error('it has no version')) FROM schema_version"
    try:
        return int(connection.execute(sql).fetchall()[0][0])
    except duckdb.CatalogException:
        sql = "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database()"
        if connection.execute(sql).fetchall()[0][0]:
            raise
        return 0


def tables(connection: DuckDBPyConnection) -> list[str]:
    """The names of the tables that a store of the database's version has. Not those that DuckDB would list: it would look
    through everything that is attached, and a version of a lake may be gone meanwhile."""
    at = version(connection)
    made = (path.read_text("utf-8") for number, path in _migrations() if number <= at)
    return [name for sql in made for name in re.findall(r"^CREATE TABLE (\w+)", sql, re.MULTILINE)]


def require_current(connection: DuckDBPyConnection, where: str) -> None:
    """Raises OlderError for an older schema, BadInputError for one that a newer version made."""
    found = version(connection)
    if found > latest():
        raise BadInputError(
            f"{where}: this store was made by a newer version (schema {found}; this one knows {latest()}); "
            "update the program"
        )
    if found < latest():
        raise OlderError


def last_snapshot(path: Path, called: str) -> int:
    """The number of the last snapshot that a database file knows of. Raises BadInputError if it is no
    store's, or a newer version's."""
    sql = "SELECT coalesce(max(snapshot)::INTEGER, error('it has no history')) FROM history"
    try:
        with closing(connect(path, read_only=True)) as connection:
            with suppress(OlderError):  # it will be upgraded
                require_current(connection, called)
            return int(connection.execute(sql).fetchall()[0][0])
    except (duckdb.Error, OSError) as error:
        raise BadInputError(f"{called}: not a snapshot of a store ({why(error)})") from error


def migrate(connection: DuckDBPyConnection, where: str) -> str | None:
    """Bring the database up to the latest schema, and say so in plain words; None if it was there already."""
    before = version(connection)
    try:
        require_current(connection, where)
    except OlderError:
        pass
    else:
        return None
    connection.begin()
    for number, path in _migrations():
        if number > before:
            connection.execute(path.read_text("utf-8"))
            connection.execute("INSERT INTO schema_version VALUES ($1, $2)", [number, utc_now()])
    connection.commit()
    return f"upgraded the store from version {before} to {latest()}"
