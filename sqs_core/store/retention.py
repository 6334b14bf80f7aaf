"""What is kept of children and for how long, and how rows about them are deleted so that nothing of them is left.

DuckDB leaves what is deleted in the free blocks of a file, and a snapshot is a copy of the one before. So whatever is
deleted here is deleted in a copy, and the rows that stay are copied on into a fresh file.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypedDict

from duckdb import DuckDBPyConnection

from sqs_core.errors import BadInputError
from sqs_core.services import find_service
from sqs_core.store import schema
from sqs_core.store.audit import Change
from sqs_core.store.rows import (
    Row,
    delete_source,
    delete_unspoken_services,
    insert,
    query,
    rows,
    stored_sha256,
    utc_now,
)
from sqs_core.store.tables import reviews_sha256

Table = Literal["reviews", "judgements"]
TABLES: tuple[Table, ...] = ("reviews", "judgements")  # those with rows about single children

# 000041.duckdb; 000041-000058.duckdb once the deletion that made snapshot 58 has written it anew.
SNAPSHOT_FILE = re.compile(r"(\d{6,})(?:-(\d{6,}))?\.duckdb")

_VARIABLES: dict[Table, str] = {
    "reviews": "SQS_KEEP_REVIEWS_MONTHS",
    "judgements": "SQS_KEEP_AUDITS_MONTHS",
}
_LONGEST_MONTHS = 1_200
_MOST_PLACES = 20  # of one table that are named


@dataclass(frozen=True, slots=True)
class KeepRules:
    """For how many calendar months rows about children are kept. None: for ever, until somebody says."""

    reviews: int | None = None  # after the order ended
    judgements: int | None = None  # after the local audit

    def months(self, table: Table) -> int | None:
        return self.reviews if table == "reviews" else self.judgements

    def __bool__(self) -> bool:
        return any(self.months(table) is not None for table in TABLES)

    def __str__(self) -> str:
        found = {"reviews": self.reviews, "local audits": self.judgements}
        return ", ".join(f"{name} {months} months" for name, months in found.items() if months is not None)


def keep_rules(environ: Mapping[str, str]) -> KeepRules:
    """The rules that the host has set. Raises BadInputError with a line for each value that is no number of months."""
    found: dict[str, int] = {}
    problems = []
    for table, variable in _VARIABLES.items():
        said = environ.get(variable, "").strip()
        if re.fullmatch(r"[0-9]{1,4}", said) and 1 <= int(said) <= _LONGEST_MONTHS:
            found[table] = int(said)
        elif said:
            problems.append(
                f"{variable} is {said!r}; it must be a whole number of months from 1 to {_LONGEST_MONTHS:,}"
            )
    if problems:
        raise BadInputError("\n".join(problems))
    return KeepRules(**found)


class Counts(TypedDict):
    """How many rows about children."""

    reviews: int
    judgements: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a deletion took out, or would."""

    reviews: int  # rows of the snapshot in force
    judgements: int
    snapshots: int  # of those that were kept, how many had such rows, the one in force included
    places: tuple[str, ...] = ()  # where people's own words still have the case reference, without it
    finished: bool = False  # nothing new, but a deletion that had been cut off is complete now


@dataclass(frozen=True, slots=True)
class PastKeeping:
    """The rows that the rules no longer keep on a day."""

    rules: KeepRules
    today: date
    kind = "purge"
    service = ""

    def rows(self, connection: DuckDBPyConnection, table: Table) -> tuple[str, dict[str, object]]:  # noqa: ARG002
        """SQL, with its values, for source and number of each row of the table."""
        sql = query(f"{table}_past_keeping")  # without a rule there is no day, and no day is before today
        return sql, {"months": self.rules.months(table), "today": self.today}


@dataclass(frozen=True, slots=True)
class OfChild:
    """The rows of the child that a service calls by this reference."""

    service: str
    case_ref: str
    kind = "child"

    def rows(self, connection: DuckDBPyConnection, table: Table) -> tuple[str, dict[str, object]]:
        """SQL, with its values, for source and number of each row of the table."""
        found = connection.execute(f"SELECT DISTINCT service FROM {table}").fetchall()
        names = [name for (name,) in found if name and self._is_called(name)]
        return query("rows_of_child").format(table=table), {"services": names, "case_ref": self.case_ref}

    def _is_called(self, name: str) -> bool:
        """Rows may bear an older name of the service."""
        return called(name).casefold() == self.service.casefold()

    def is_named_in(self, text: str) -> bool:
        """Whether a text has the reference, as a word of its own."""
        word = rf"(?<![^\W_]){re.escape(self.case_ref)}(?![^\W_])"
        return re.search(word, text, re.IGNORECASE) is not None


Doomed = PastKeeping | OfChild


def called(service: str) -> str:
    """The name that a service has in the register, by any of its names; else as it is given."""
    known = find_service(service)
    return known.name if known else service.strip()


def record(number: int, doomed: Doomed, by: str, found: Deleted) -> Row:
    """The row that remembers a deletion."""
    return {
        "number": number,
        "deleted_at": utc_now(),
        "deleted_by": by,
        "kind": doomed.kind,
        "service": doomed.service,
        "reviews": found.reviews,
        "judgements": found.judgements,
        "snapshots": found.snapshots,
    }


def change_of(record: Row) -> Change:
    """What the history and the audit log have of a deletion."""
    counts = [(record["reviews"], "reviews"), (record["judgements"], "judgements of local audits")]
    taken = ", ".join(f"{number:,} {name}" for number, name in counts)
    detail = f"{taken}; {record['snapshots']} snapshots had such rows"
    if record["kind"] == "child":
        return Change(
            "child deleted", f"deleted a child's rows ({record['service']})", (record["service"],), detail
        )
    return Change("purged", f"purged what is no longer kept ({taken})", detail=detail)


def count(connection: DuckDBPyConnection, doomed: Doomed) -> Counts:
    """How many rows of a database, of whatever version, are to be deleted."""
    out: Counts = {"reviews": 0, "judgements": 0}
    there = schema.tables(connection)
    for table in TABLES:
        if table in there:
            sql, values = doomed.rows(connection, table)
            out[table] = connection.execute(f"SELECT count(*) FROM ({sql})", values).fetchall()[0][0]
    return out


def erase(connection: DuckDBPyConnection, doomed: Doomed, record: Row) -> list[str]:
    """Delete the rows of a database, bring what is kept of their files in line, and remember the deletion. Gives the
    places where people's own words have the case reference."""
    touched: set[int] = set()
    for table in TABLES:
        touched |= _delete(connection, table, *doomed.rows(connection, table))
    files = rows(connection, "SELECT id, sha256 FROM sources WHERE list_contains($1, id)", [list(touched)])
    left = _bring_in_line(connection, touched)
    insert(connection, "deletions", [record])
    remembered = [
        {"deletion": record["number"], "sha256": file["sha256"], "rows": left[file["id"]]} for file in files
    ]
    insert(connection, "deleted_from", remembered)
    if not isinstance(doomed, OfChild):
        return []
    _forget_warnings(connection, touched, doomed)
    return places(connection, doomed)


def _delete(connection: DuckDBPyConnection, table: Table, sql: str, values: dict[str, object]) -> set[int]:
    """Delete rows and close the gaps in the numbers of those that stay. The sources that they were of."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE doomed AS {sql}", values)
    connection.execute(
        f"DELETE FROM {table} WHERE (source_id, number) IN (SELECT (source_id, number) FROM doomed)"
    )
    connection.execute(
        f"""UPDATE {table} AS t SET number = n.without_gaps FROM (
                SELECT source_id, number, row_number() OVER (PARTITION BY source_id ORDER BY number) AS without_gaps
                FROM {table} WHERE source_id IN (SELECT source_id FROM doomed)
            ) AS n WHERE n.source_id = t.source_id AND n.number = t.number"""
    )
    found = connection.execute("SELECT DISTINCT source_id FROM doomed").fetchall()
    connection.execute("DROP TABLE doomed")
    return {source for (source,) in found}


def _bring_in_line(connection: DuckDBPyConnection, touched: Iterable[int]) -> dict[int, int]:
    """Give each source the number and the hash of the rows that it has left; one without any goes, and so does one
    that has become the same as a later one. How many rows each had left."""
    left: dict[int, int] = {}
    hashes = {**stored_sha256(connection), **reviews_sha256(connection)} if touched else {}
    for source in sorted(touched, reverse=True):
        counts = [
            connection.execute(f"SELECT count(*) FROM {table} WHERE source_id = $1", [source]).fetchall()[0][
                0
            ]
            for table in TABLES
        ]
        left[source] = sum(counts)
        same = rows(
            connection,
            "SELECT id FROM sources WHERE rows_sha256 = $1 AND id <> $2",
            [hashes.get(source), source],
        )
        if not left[source] or any(row["id"] > source for row in same):
            delete_source(connection, source)
            continue
        for row in same:
            delete_source(connection, row["id"])
        connection.execute(
            "UPDATE sources SET rows = $1, rows_sha256 = $2 WHERE id = $3",
            [left[source], hashes[source], source],
        )
    delete_unspoken_services(connection)
    return left


def _forget_warnings(connection: DuckDBPyConnection, sources: Iterable[int], child: OfChild) -> None:
    """Take out what was accepted as unlikely about the child when the table was loaded."""
    sql = "SELECT id, accepted FROM sources WHERE list_contains($1, id)"
    for row in rows(connection, sql, [list(sources)]):
        said = row["accepted"] or []
        left = [text for text in said if not child.is_named_in(text)]
        if left != said:
            connection.execute("UPDATE sources SET accepted = $1 WHERE id = $2", [left, row["id"]])


def places(connection: DuckDBPyConnection, child: OfChild) -> list[str]:
    """Where a text of any table has the reference, but as a case reference itself, which is then another service's."""
    out: list[str] = []
    for table in sorted(schema.tables(connection)):
        names = [
            row["column_name"]
            for row in rows(connection, f"DESCRIBE {table}")
            if row["column_type"] in ("VARCHAR", "VARCHAR[]") and row["column_name"] != "case_ref"
        ]
        if not names:
            continue
        there = " OR ".join(f'contains(lower("{name}"::VARCHAR), $1)' for name in names)
        sql = f"SELECT * FROM {table} WHERE {there}"
        of_table = []
        for row in rows(connection, sql, [child.case_ref.lower()]):
            named = (
                ("reference", "version")
                if row.get("reference")
                else ("snapshot", "source_id", "id", "number")
            )
            for column in names:
                texts = row[column] if isinstance(row[column], list) else [row[column] or ""]
                if any(child.is_named_in(text) for text in texts):
                    which = [
                        f"{name} {row[name]}"
                        for name in named
                        if row.get(name) is not None and name != column
                    ]
                    of_table.append(f"{table}, {column}" + (f" ({', '.join(which)})" if which else ""))
        out += of_table[:_MOST_PLACES]
    return [place.replace("_", " ") for place in dict.fromkeys(out)]


def rewrite(path: Path, target: Path, suffix: str, change: Callable[[DuckDBPyConnection], None]) -> None:
    """Make `target`, a database with what `path` has after a change of it, and nothing of what it had before; under a
    name with the suffix until it is whole."""
    unfinished = target.with_name(target.name + suffix)
    shutil.copyfile(path, unfinished)
    with closing(schema.connect(unfinished)) as connection:
        schema.migrate(connection, path.name)
        connection.begin()
        change(connection)
        connection.commit()
        connection.execute("CHECKPOINT")
    rebuild(unfinished)
    status = path.stat()
    os.utime(unfinished, ns=(status.st_atime_ns, status.st_mtime_ns))  # its day decides how long it is kept
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    unfinished.rename(target)


def rebuild(path: Path) -> None:
    """Copy what a closed database has into a fresh file in its place: free blocks hold what was deleted."""
    fresh = Path(f"{path}.fresh")
    fresh.unlink(missing_ok=True)
    with closing(schema.connect(fresh)) as connection:
        quoted = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS old (READ_ONLY)")
        (name,) = connection.execute("SELECT current_database()").fetchall()[0]
        quoted_name = name.replace('"', '""')
        connection.execute(f'COPY FROM DATABASE old TO "{quoted_name}"')
        connection.execute("DETACH old")
        connection.execute("CHECKPOINT")
    fresh.replace(path)


def _rewritten(folder: Path) -> list[list[tuple[int, Path]]]:
    """The files of each snapshot that a deletion has written anew: by which, and where; 0: as it was made."""
    files: dict[int, list[tuple[int, Path]]] = {}
    with suppress(OSError):
        for path in folder.iterdir():
            if match := SNAPSHOT_FILE.fullmatch(path.name):
                files.setdefault(int(match[1]), []).append((int(match[2] or 0), path))
    return [found for found in map(sorted, files.values()) if found[-1][0]]


def is_cut_off(folder: Path, in_force: str) -> bool:
    """Whether a deletion was cut off when it was in force already, and what it deletes is still there."""
    counting = [[by for by, _ in found if by <= int(in_force or 0)] for found in _rewritten(folder)]
    return any(len(found) > 1 for found in counting)


def tidy(folder: Path, in_force: str) -> None:
    """Finish a deletion that is in force, and undo one that is not; the caller holds the lock. in_force: the name of the
    snapshot; "": nobody knows, and nothing is done."""
    for found in _rewritten(folder) if in_force else ():
        counting = [path for by, path in found if by <= int(in_force)]
        for _, path in found:
            if path not in counting[-1:]:
                with suppress(OSError):  # Windows: still open somewhere; the next writer tries again
                    path.unlink()


def leave_out_deleted(connection: DuckDBPyConnection) -> list[str]:
    """Take the files out of a database that is restored of which it has more rows than the deletion of a child had left:
    nobody remembers which rows those were. Their names."""
    found = rows(
        connection,
        """SELECT s.id, s.file_name FROM sources AS s SEMI JOIN deleted_from AS f
           ON f.sha256 = s.sha256 AND s.rows > f.rows
           AND f.deletion IN (SELECT number FROM deletions WHERE kind = 'child') ORDER BY s.id""",
    )
    for row in found:
        delete_source(connection, row["id"])
    return [row["file_name"] for row in found]


def refusal(connection: DuckDBPyConnection, sha256: str) -> str | None:
    """Why a file is not loaded again: rows were deleted from it. None: it may be."""
    found = rows(
        connection,
        """SELECT d.kind, d.deleted_at FROM deleted_from AS f JOIN deletions AS d ON d.number = f.deletion
           WHERE f.sha256 = $1 ORDER BY d.kind, d.number DESC""",
        [sha256],
    )
    if not found:
        return None
    at = found[0]["deleted_at"]
    day = f"{at.day} {at:%B %Y}"
    if found[0]["kind"] == "child":
        return (
            f"a child's rows were deleted from this very file on {day}; export it anew from the case system"
        )
    return f"rows of this very file were purged on {day}, being older than is kept; export what is newer"
