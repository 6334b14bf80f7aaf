"""Whether a store is sound: every integrity rule, every word, every hash."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from sqs_core.frameworks import framework
from sqs_core.services import services as register
from sqs_core.store import schema
from sqs_core.store.audit import Event
from sqs_core.store.rows import query, rows, stored_sha256
from sqs_core.store.tables import reviews_sha256

# Changes that leave what files brought as it is, so that nothing of it needs to be looked at: a board member's note must
# not wait for the rules about a million reviews.
_OF_WORDS_ALONE: frozenset[Event] = frozenset(
    {
        "corrected",
        "changed an action",
        "linked findings",
        "role given",
        "role taken away",
        "share link made",
        "share link revoked",
    }
)


def breaches(connection: DuckDBPyConnection, event: Event | None = None) -> list[str]:
    """The integrity rules that are broken, in words; of those that a change can have broken, where its event is given."""
    about = ("words",) if event in _OF_WORDS_ALONE else ("content", "words")
    return [row["breach"] for name in about for row in rows(connection, query(f"integrity_of_{name}"))]


def problems_of(connection: DuckDBPyConnection, snapshot: str) -> list[str]:
    """Everything that is wrong in one snapshot: rules, hashes, words unknown to the frameworks, unknown
    services."""
    out = breaches(connection)
    hashes = {**stored_sha256(connection), **reviews_sha256(connection)}
    out += [
        f"source {row['id']} ({row['file_name']}): its rows are not those that were loaded"
        for row in rows(connection, "SELECT id, file_name, rows_sha256 FROM sources ORDER BY id")
        if hashes.get(row["id"]) != row["rows_sha256"]
    ]
    out += _unknown_words(connection)
    known = {service.name for service in register()}
    out += [
        f"service {row['name']}: neither in the register nor among the store's own"
        for row in rows(connection, query("services"))
        if row["name"] not in known
        and not rows(connection, "SELECT 1 FROM services WHERE name = $1", [row["name"]])
    ]
    latest = rows(connection, "SELECT max(snapshot) AS name FROM history")[0]["name"]
    if latest != snapshot:
        out.append(f"snapshot {snapshot}: its history ends with {latest}")
    return out


def read_everything(connection: DuckDBPyConnection) -> None:
    """Raises duckdb.Error if anything in the database cannot be read, whatever its version: DuckDB compares
    each block with its checksum when it reads it, and hashing reads all."""
    for table in schema.tables(connection):
        connection.execute(f'SELECT max(hash(t)) FROM "{table}" AS t').fetchall()


def _unknown_words(connection: DuckDBPyConnection) -> list[str]:
    """Sections, practices and criteria that the framework does not have."""
    out = []
    found = rows(
        connection,
        """SELECT DISTINCT i.source_id, i.framework, f.section, f.practice
           FROM findings AS f JOIN inspections AS i ON i.source_id = f.source_id ORDER BY ALL""",
    )
    for row in found:
        try:
            frame = framework(row["framework"])
        except OSError:
            out.append(f"source {row['source_id']}: unknown framework {row['framework']}")
            continue
        if row["section"] not in {s.id for s in frame.sections}:
            out.append(f"source {row['source_id']}: unknown section {row['section']}")
        if row["practice"] not in {p.id for p in frame.practices}:
            out.append(f"source {row['source_id']}: unknown practice {row['practice']}")
    practices = {practice.id for practice in framework().practices}
    out += [
        f"correction {row['id']}: unknown practice {row['after']}"
        for row in rows(connection, "SELECT * FROM corrections WHERE field = 'practice'")
        if row["after"] not in practices
    ]
    criteria = {criterion.id for criterion in framework().criteria}
    out += [
        f"source {row['source_id']}: unknown criterion {row['criterion']}"
        for row in rows(connection, "SELECT DISTINCT source_id, criterion FROM judgements ORDER BY ALL")
        if row["criterion"] not in criteria
    ]
    return list(dict.fromkeys(out))
