"""An inspection as rows of the store's tables, and back."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

from duckdb import DuckDBPyConnection

from sqs_core.model import (
    Action,
    Block,
    Correction,
    Finding,
    Inspection,
    Letter,
    ReoffendingHeadline,
    Service,
    Share,
    Source,
)

Row = dict[str, Any]
Tables = dict[str, list[Row]]  # table name → its rows, without source_id

# What a file brings, in the order that its hash goes through; reviews have a hash of their own (tables.py).
CONTENT_TABLES = (
    "inspections",
    "blocks",
    "findings",
    "key_strengths",
    "areas_requiring_improvement",
    "warnings",
    "judgements",
    "cohorts",
)

_QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A letter that has been read, ready for the store."""

    name: str
    sha256: str  # of the file
    inspection: Inspection
    kind: Literal["letter", "facts"] = "letter"
    illustrative: bool = False
    service: Service | None = None  # None: found through the letter's own words
    actions: tuple[Action, ...] = ()  # a made-up plan, version by version, that comes with a made-up letter


def one_line(name: str, longest: int = 200) -> str:
    """A name as the store keeps it: that of a file may hold line breaks, bytes that are no text, or no end."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in name[:longest])


def query(name: str) -> str:
    """The SQL of `queries/NAME.sql`."""
    return (_QUERIES / f"{name}.sql").read_text("utf-8")


def utc_now() -> datetime:
    """Now, as the store keeps times: UTC without saying so (DuckDB needs one more package to say so)."""
    return datetime.now(UTC).replace(tzinfo=None)


def utc(time: datetime) -> datetime:
    """A time of the store, saying that it is UTC."""
    return time.replace(tzinfo=UTC)


# Writing ----------------------------------------------------------------------------------------------------


def identity(inspection: Inspection) -> str:
    """Which inspection of its service a letter is about: by its dates, else by its words."""
    day = inspection.letter.fieldwork_start or inspection.letter.published_on
    if day:
        return day.isoformat()
    text = "\n".join(block.text for block in inspection.blocks)
    return f"undated {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def letter_tables(service: str, inspection: Inspection) -> Tables:
    """The rows of a letter."""
    return {
        "inspections": [
            {
                "service": service,
                "framework": inspection.framework,
                "identity": identity(inspection),
                **asdict(inspection.letter),
                **asdict(inspection.reoffending),
            }
        ],
        "blocks": [{"number": number, **asdict(block)} for number, block in enumerate(inspection.blocks)],
        "findings": [
            {"number": number, **_finding_row(finding)}
            for number, finding in enumerate(inspection.findings, start=1)
        ],
        "key_strengths": _numbered(inspection.key_strengths),
        "areas_requiring_improvement": _numbered(inspection.areas_requiring_improvement),
        "warnings": _numbered(inspection.warnings),
    }


def _numbered(texts: Iterable[str]) -> list[Row]:
    return [{"number": number, "text": text} for number, text in enumerate(texts, start=1)]


def _finding_row(finding: Finding) -> Row:
    row = asdict(finding)
    row.pop("share")
    row["quote_start"], row["quote_end"] = row.pop("start"), row.pop("end")
    row["share_low"] = float(finding.share.low) if finding.share else None
    row["share_high"] = float(finding.share.high) if finding.share else None
    return row


def insert(connection: DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Add rows, which all have the same columns. One column at a time: row by row is a hundred times
    slower."""
    if not rows:
        return
    columns = list(rows[0])
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(f"unnest(${number})" for number in range(1, len(columns) + 1))
    connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {values}",
        [[row[column] for row in rows] for column in columns],
    )


def insert_content(connection: DuckDBPyConnection, source: int, tables: Tables) -> None:
    for table in CONTENT_TABLES:
        insert(connection, table, [{"source_id": source, **row} for row in tables.get(table, [])])


def delete_source(connection: DuckDBPyConnection, source: int) -> None:
    """Take out a source with all its rows, and services that nothing speaks of any more. Corrections stay."""
    for table in (*CONTENT_TABLES, "reviews"):
        connection.execute(f"DELETE FROM {table} WHERE source_id = $1", [source])
    connection.execute("DELETE FROM sources WHERE id = $1", [source])
    # A made-up plan goes with the made-up service; a real one stays, whatever is unloaded.
    connection.execute(
        """DELETE FROM actions WHERE service IN
           (SELECT name FROM services WHERE illustrative AND name NOT IN
           (SELECT service FROM inspections UNION ALL SELECT service FROM judgements
            UNION ALL SELECT service FROM reviews))"""
    )
    delete_unspoken_services(connection)


def delete_unspoken_services(connection: DuckDBPyConnection) -> None:
    connection.execute(
        """DELETE FROM services WHERE name NOT IN
           (SELECT service FROM inspections UNION ALL SELECT service FROM judgements
            UNION ALL SELECT service FROM reviews UNION ALL SELECT service FROM actions)"""
    )


def service_row(service: Service) -> Row:
    return {**asdict(service), "aliases": list(service.aliases), "successors": list(service.successors)}


# Hashing ----------------------------------------------------------------------------------------------------


_canonical = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False).encode


def _line(table: str, row: Mapping[str, Any]) -> bytes:
    """A row as the hash sees it. What is empty or false is left out, so that a column added by a later
    migration does not change the hash of what was there before."""
    said = {column: value for column, value in row.items() if value is not None and value is not False}
    return _canonical([table, said]).encode() + b"\n"


def rows_sha256(tables: Tables) -> str:
    """SHA-256 over everything that a file brought, in order."""
    digest = hashlib.sha256()
    for table in CONTENT_TABLES:
        for row in tables.get(table, []):
            digest.update(_line(table, row))
    return digest.hexdigest()


def stored_sha256(connection: DuckDBPyConnection) -> dict[int, str]:
    """The same hash for every source, from the rows that are in the store now."""
    digests: dict[int, Any] = defaultdict(hashlib.sha256)
    for table in CONTENT_TABLES:
        order = "source_id" if table == "inspections" else "source_id, number"
        cursor = connection.execute(f"SELECT * FROM {table} ORDER BY {order}")
        columns = [column[0] for column in cursor.description or ()]
        while batch := cursor.fetchmany(10_000):
            for values in batch:
                row = dict(zip(columns, values, strict=True))
                digests[row.pop("source_id")].update(_line(table, row))
    return {source: digest.hexdigest() for source, digest in digests.items()}


# Reading ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InspectionAsRead:
    """An inspection before corrections, with the source it came from."""

    source: Source
    service: str
    identity: str
    inspection: Inspection
    published_by: str | None
    published_at: datetime | None


def rows(connection: DuckDBPyConnection, sql: str, parameters: object = None) -> list[Row]:
    """The rows of a query, each by column name."""
    cursor = connection.execute(sql, parameters)
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]


def source_of(row: Row) -> Source:
    return Source(
        id=row["id"],
        file_name=row["file_name"],
        sha256=row["sha256"],
        kind=row["kind"],
        loaded_by=row["loaded_by"],
        loaded_at=utc(row["loaded_at"]),
        rows=row["rows"],
        illustrative=row["illustrative"],
        accepted=tuple(row["accepted"] or ()),
    )


def service_of(row: Row) -> Service:
    return Service(**{**row, "aliases": tuple(row["aliases"]), "successors": tuple(row["successors"])})


def correction_of(row: Row) -> Correction:
    return Correction(
        field=row["field"],
        before=row["before"],
        after=row["after"],
        corrected_by=row["corrected_by"],
        corrected_at=utc(row["corrected_at"]),
        reason=row["reason"],
    )


def _finding(row: Row) -> Finding:
    low, high = row["share_low"], row["share_high"]
    return Finding(
        section=row["section"],
        paragraph=row["paragraph"],
        practice=row["practice"],
        basis=row["basis"],
        quote=row["quote"],
        share=None if low is None else Share(low, high),
        relevant_cases=row["relevant_cases"],
        direction=row["direction"],
        wording=row["wording"],
        doubt=row["doubt"],
        block=row["block"],
        start=row["quote_start"],
        end=row["quote_end"],
        paraphrased=row["paraphrased"],
    )


def _only(type_: type, row: Row) -> Row:
    return {field.name: row[field.name] for field in fields(type_)}


def inspections_as_read(connection: DuckDBPyConnection, sources: Sequence[int]) -> list[InspectionAsRead]:
    """These inspections, in the order of `sources`; ids that are not inspections are left out."""
    if not sources:
        return []
    ids = ", ".join(
        str(int(source)) for source in sources
    )  # as text: DuckDB is twice as fast with a plain list
    letters = {
        row["source_id"]: row
        for row in rows(
            connection,
            f"""SELECT i.*, s.* FROM inspections AS i JOIN sources AS s ON s.id = i.source_id
                WHERE i.source_id IN ({ids})""",
        )
    }
    content: dict[str, dict[int, list[Row]]] = {}
    for table in ("blocks", "findings", "key_strengths", "areas_requiring_improvement", "warnings"):
        of_source: dict[int, list[Row]] = defaultdict(list)
        for row in rows(
            connection, f"SELECT * FROM {table} WHERE source_id IN ({ids}) ORDER BY source_id, number"
        ):
            of_source[row["source_id"]].append(row)
        content[table] = of_source

    def texts(table: str, source: int) -> tuple[str, ...]:
        return tuple(cast(str, row["text"]) for row in content[table][source])

    return [
        InspectionAsRead(
            source=source_of(letters[source]),
            service=letters[source]["service"],
            identity=letters[source]["identity"],
            inspection=Inspection(
                letter=Letter(**_only(Letter, letters[source])),
                reoffending=ReoffendingHeadline(**_only(ReoffendingHeadline, letters[source])),
                findings=tuple(_finding(row) for row in content["findings"][source]),
                key_strengths=texts("key_strengths", source),
                areas_requiring_improvement=texts("areas_requiring_improvement", source),
                blocks=tuple(Block(**_only(Block, row)) for row in content["blocks"][source]),
                warnings=texts("warnings", source),
                framework=letters[source]["framework"],
            ),
            published_by=letters[source]["published_by"],
            published_at=utc(letters[source]["published_at"]) if letters[source]["published_at"] else None,
        )
        for source in sources
        if source in letters
    ]
