"""Tables of reviews and of audited cases as rows of the store, and what a newer extract changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Literal

import pandas as pd
from duckdb import DuckDBPyConnection

from sqs_core.loaders import Reviews
from sqs_core.model import Cohort, Review, Service, ServiceJudgement
from sqs_core.store.rows import Row, Tables, insert_content, query, rows, rows_sha256, utc_now


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table that has been read and checked, ready for the store: reviews, judgements or cohorts, one of them."""

    name: str
    sha256: str  # of the file
    reviews: Sequence[Review] = ()
    judgements: Sequence[ServiceJudgement] = ()
    cohorts: Sequence[Cohort] = ()
    accepted: tuple[str, ...] = ()  # the warnings that whoever loads it has accepted
    services: tuple[Service, ...] = ()  # those it speaks of that no register knows
    illustrative: bool = False
    fingerprint: str = ""  # of its headings
    mapping: Mapping[str, str] = field(default_factory=dict)  # column → heading, as chosen by an analyst

    @property
    def kind(self) -> Literal["cases", "reviews", "reoffending"]:
        return "reviews" if self.reviews else "reoffending" if self.cohorts else "cases"

    @property
    def rows(self) -> int:
        return len(self.reviews) or len(self.judgements) or len(self.cohorts)

    def service_names(self) -> list[str]:
        """Every service whose children it has rows of, as it names them. Areas of cohorts may be none."""
        return sorted(Reviews.of(self.reviews).different("service") | {j.service for j in self.judgements})


def insert_table(
    connection: DuckDBPyConnection, source: int, file: TableFile, names: Mapping[str, str]
) -> str:
    """Store the rows of a table under the names that the store has for their services; the SHA-256 over them."""
    if file.reviews:
        _insert_reviews(connection, source, file.reviews, names)
        return reviews_sha256(connection, source)[source]
    if file.cohorts:
        return _insert(connection, source, {"cohorts": _cohort_rows(file.cohorts)})
    tables: Tables = {
        "judgements": [
            {
                "number": number,
                "service": names[row.service],
                "audit": row.judgement.audit,
                "audited_on": row.judgement.audited_on,
                "case_ref": row.judgement.case_ref,
                "criterion": row.judgement.criterion,
                "judgement": row.judgement.judgement,
                "reason": row.judgement.reason,
            }
            for number, row in enumerate(file.judgements, start=1)
        ]
    }
    return _insert(connection, source, tables)


def _insert(connection: DuckDBPyConnection, source: int, tables: Tables) -> str:
    insert_content(connection, source, tables)
    return rows_sha256(tables)


def _cohort_rows(cohorts: Sequence[Cohort]) -> list[Row]:
    return [
        {
            "number": number,
            **{_COHORT_COLUMNS.get(name, name): value for name, value in asdict(cohort).items()},
        }
        for number, cohort in enumerate(cohorts, start=1)
    ]


# SQL keeps these words for itself.
_COHORT_COLUMNS = {"start": "cohort_start", "end": "cohort_end"}


def cohorts_of(connection: DuckDBPyConnection, illustrative: bool) -> list[Cohort]:
    """Every reoffending figure that is stored, of whatever area, as the files have them: real ones or made-up ones."""
    names = [column.name for column in fields(Cohort)]
    columns = ", ".join(f"c.{_COHORT_COLUMNS.get(name, name)}" for name in names)
    found = connection.execute(
        f"""SELECT {columns} FROM cohorts AS c JOIN sources AS s ON s.id = c.source_id
            WHERE s.published_at IS NOT NULL AND s.illustrative = $1 ORDER BY c.source_id, c.number""",
        [illustrative],
    )
    make: Callable[..., Cohort] = Cohort
    return [make(*values) for values in found.fetchall()]


def _insert_reviews(
    connection: DuckDBPyConnection, source: int, reviews: Sequence[Review], names: Mapping[str, str]
) -> None:
    """Through a data frame: lists of a million values take DuckDB ten times the time and memory."""
    columns = [column.name for column in fields(Review)]
    frame = Reviews.of(reviews).frame()
    called = frame["service"].cat
    frame["service"] = pd.Categorical([names[name] for name in called.categories]).take(called.codes)
    frame.insert(0, "number", range(1, len(frame) + 1))
    connection.register("loaded_reviews", frame)
    try:
        listed = ", ".join(columns)
        connection.execute(
            f"INSERT INTO reviews (source_id, number, {listed}) "
            f"SELECT {int(source)}, number, {listed} FROM loaded_reviews"
        )
    finally:
        connection.unregister("loaded_reviews")


def reviews_sha256(connection: DuckDBPyConnection, source: int | None = None) -> dict[int, str]:
    """The SHA-256 over the rows of a source of reviews, or of every one."""
    only = "" if source is None else f" WHERE source_id = {int(source)}"
    found = rows(connection, f"SELECT * FROM ({query('reviews_sha256')}){only}")
    return {row["source_id"]: row["sha256"] for row in found}


def reviews_of(connection: DuckDBPyConnection, names: Sequence[str], called: str) -> list[Review]:
    """The reviews in force of a service, which its rows may bear under several names."""
    columns = [column.name for column in fields(Review) if column.name != "service"]
    found = connection.execute(
        f"SELECT {', '.join(columns)} FROM ({query('reviews')}) ORDER BY source_id, number",
        {"services": list(names), "without": 0},
    )
    make: Callable[..., Review] = Review
    # Days and words recur: one of each, or a service's reviews take four times the memory.
    met: dict[object, object] = {}
    same = met.setdefault
    return [make(called, *[same(value, value) for value in values]) for values in found.fetchall()]


def what_changed(connection: DuckDBPyConnection, source: int, names: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each service of which a newer extract took the place of an older one, in whole or in part."""
    others = "SELECT 1 FROM reviews WHERE source_id <> $1 AND list_contains($2, service) LIMIT 1"
    if not rows(connection, others, [source, list(names)]):
        return ()
    in_force = query("reviews")
    sql = query("reviews_changed").format(
        before=in_force.replace("$without", str(int(source))), after=in_force.replace("$without", "0")
    )
    changed = tuple(_change_in_words(row) for row in rows(connection, sql, {"services": list(names)}))
    sql = query("reviews_superseded").format(in_force=in_force.replace("$without", "0"))
    superseded = rows(connection, sql, {"services": list(names), "source": source})
    return changed + tuple(
        f"{row['service']}: a newer extract speaks of the same time. Of the {row['rows']:,} reviews in this one, "
        f"{row['old']:,} {'is' if row['old'] == 1 else 'are'} kept in the history alone."
        for row in superseded
    )


def _change_in_words(row: Row) -> str:
    parts = [
        f"{row[what]:,} {words}"
        for what, words in (
            ("completed", "completed since"),
            ("changed", "changed in another way"),
            ("new", "new"),
            ("gone", "no longer in it"),
            ("same", "as before"),
        )
        if row[what]
    ]
    return f"{row['service']}: takes the place of an older extract. Of its reviews, {', '.join(parts)}."


def remember_mapping(connection: DuckDBPyConnection, file: TableFile, by: str) -> None:
    """Keep which heading somebody took for which column, for their next table of the same shape."""
    if not file.mapping:
        return
    connection.execute(
        "DELETE FROM mappings WHERE fingerprint = $1 AND kind = $2 AND saved_by = $3",
        [file.fingerprint, file.kind, by],
    )
    now = utc_now()
    connection.executemany(
        "INSERT INTO mappings VALUES ($1, $2, $3, $4, $5, $6)",
        [
            [file.fingerprint, file.kind, column, heading, by, now]
            for column, heading in sorted(file.mapping.items())
        ],
    )
