"""What changes inside the store: each function changes rows, and says in plain words what it changed.

They run inside the transaction of a snapshot in the making (store.py). None: nothing to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from functools import cache
from hashlib import sha256
from typing import Any, Literal

from duckdb import DuckDBPyConnection

from sqs_core.errors import BadInputError, RefusedError
from sqs_core.frameworks import DATA, framework
from sqs_core.model import Direction, Service, Share, Source, StoredInspection
from sqs_core.services import find_service
from sqs_core.services import services as register
from sqs_core.store import plans, retention
from sqs_core.store.audit import Change
from sqs_core.store.corrections import key_of
from sqs_core.store.rows import (
    LetterFile,
    Row,
    Tables,
    delete_source,
    identity,
    insert,
    insert_content,
    letter_tables,
    one_line,
    query,
    rows,
    rows_sha256,
    service_row,
    source_of,
    utc_now,
)
from sqs_core.store.snapshot import read_inspections
from sqs_core.store.tables import TableFile, insert_table, remember_mapping, what_changed


@cache
def shipped_letters() -> frozenset[str]:
    """Hashes of the letters in `data/letters`, which are made up: whoever loads one has not loaded a real one."""
    return frozenset(
        sha256(path.read_bytes()).hexdigest()
        for path in (DATA / "letters").iterdir()
        if path.is_file() and path.suffix != ".py"
    )


class Unchanged(Enum):
    """Says "leave as it is" where None already says something."""

    UNCHANGED = auto()


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What became of one file. A letter's inspection has the id of its source."""

    file_name: str
    source_id: int
    services: tuple[str, ...]
    status: Literal[
        "loaded", "already there", "superseded", "draft"
    ]  # superseded: there, and a newer one in force
    warnings: tuple[str, ...]
    changes: tuple[str, ...] = ()  # where an extract took the place of an older one, in sentences


# Loading ----------------------------------------------------------------------------------------------------


def load(
    connection: DuckDBPyConnection,
    files: Iterable[LetterFile | TableFile],
    by: str,
    publish: bool = True,
    service: str | None = None,
    *,
    knows: Callable[[str], bool] = lambda _: True,
) -> tuple[list[LoadResult], Change | None]:
    """Store all files or none. knows: whether whoever loads may know what is stored of a service. Raises BadInputError
    or RefusedError with a line for each problem, once all files have been looked at."""
    loader = _Loader(connection, by, publish, knows)
    bad, refused, results = [], [], []
    for file in files:
        try:
            results.append(
                loader.load_letter(file, service) if isinstance(file, LetterFile) else loader.load_table(file)
            )
        except BadInputError as error:
            bad.append(str(error))
        except RefusedError as error:
            refused.append(str(error))
    if bad or refused:
        raise (BadInputError if bad else RefusedError)("\n".join([*bad, *refused]))
    if any(result.status == "already there" for result in results):
        found = rows(connection, query("inspections"))
        old = {row["id"] for row in found if not row["draft"] and not row["in_force"]}
        results = [
            replace(r, status="superseded") if r.status == "already there" and r.source_id in old else r
            for r in results
        ]
    return results, loader.change(results)


def load_examples(
    connection: DuckDBPyConnection, files: Iterable[LetterFile | TableFile], by: str
) -> tuple[list[LoadResult], Change | None]:
    """Put illustrative files and shipped facts in the place of all that the store has of them. A made-up plan is only
    put where there is none: somebody may have tried the pages on it."""
    files = list(files)
    results, loaded = load(connection, files, by)
    keep = {result.source_id for result in results}
    old = rows(connection, "SELECT id FROM sources WHERE illustrative OR kind = 'facts'")
    stale = [row["id"] for row in old if row["id"] not in keep]
    for source in stale:
        delete_source(connection, source)
    plans.insert_examples(
        connection, [a for file in files if isinstance(file, LetterFile) for a in file.actions]
    )
    what = f"loaded the example data ({len(results)} files)"
    change = Change("loaded example data", what, detail=f"{len(results)} files")
    return results, change if loaded or stale else None


class _Loader:
    """The files of one load, one after the other."""

    def __init__(
        self, connection: DuckDBPyConnection, by: str, publish: bool, knows: Callable[[str], bool]
    ) -> None:
        self.connection = connection
        self.by = one_line(by)
        self.publish = publish
        self.knows = knows
        self.registered = {service.name for service in register()}
        self.own = {row["name"] for row in rows(connection, "SELECT name FROM services")}
        self.stored: list[Row] = rows(
            connection,
            """SELECT s.id, s.sha256, s.rows_sha256, s.published_at, i.service
               FROM sources AS s LEFT JOIN inspections AS i ON i.source_id = s.id""",
        )
        self.changed: list[str] = []
        self.drafts = 0

    def load_letter(self, file: LetterFile, service_name: str | None) -> LoadResult:
        file = replace(file, name=one_line(file.name))
        service = self._service_of(file, service_name and one_line(service_name))
        tables = letter_tables(service.name, file.inspection)
        warnings = file.inspection.warnings
        self._refuse_another_service(file, service)
        said = file.inspection.letter.place or file.inspection.letter.service_name
        known = said and find_service(said)
        same = known == service if known else (said or "").casefold() == service.name.casefold()
        if service_name and said and not same:
            warnings = (*warnings, f"stored for {service.name}, as was asked, though the letter says {said}")
        if service.name not in self.registered and not service.illustrative:
            warnings = (*warnings, _unregistered(service.name))
        content = rows_sha256(tables)
        there = self._same(content)
        if there is None:
            there = self._store_letter(file, service, tables, content)
            status: Literal["loaded", "already there", "draft"] = "loaded" if self.publish else "draft"
        elif there["published_at"] is not None:
            status = "already there"
        elif self.publish:
            there["published_at"] = _set_published(self.connection, there["id"], self.by)
            self.changed.append(file.name)
            status = "loaded"
        else:
            status = "draft"
        return LoadResult(file.name, there["id"], (service.name,), status, warnings)

    def _store_letter(self, file: LetterFile, service: Service, tables: Tables, content: str) -> Row:
        # The same file of the same service, read anew: its draft gives way.
        for draft in [r for r in self._letters(file) if r["published_at"] is None and _is_of(r, service)]:
            delete_source(self.connection, draft["id"])
            self.stored.remove(draft)
        source = self._next_source()
        insert_content(self.connection, source, tables)
        row = self._store(source, file, len(tables["findings"]), content, self.publish)
        row["service"] = service.name
        self._keep(service)
        return row

    def load_table(self, file: TableFile) -> LoadResult:
        """Its rows were checked by whoever read it, so boards see them at once."""
        file = replace(file, name=one_line(file.name))
        if not file.rows:
            raise BadInputError(f"{file.name}: holds no row")
        if not file.illustrative and (why := retention.refusal(self.connection, file.sha256)):
            raise RefusedError(f"{file.name}: {why}")
        services: dict[str, Service] = {}
        for name in file.service_names():
            services[name] = self._service_called(name, file, services.values())
        names = {name: service.name for name, service in services.items()}
        whose = tuple(dict.fromkeys(names.values())) or tuple(dict.fromkeys(c.area for c in file.cohorts))
        source = self._next_source()
        content = insert_table(self.connection, source, file, names)
        if there := self._same(content):
            delete_source(self.connection, source)
            return LoadResult(file.name, there["id"], whose, "already there", file.accepted)
        self._store(source, file, file.rows, content, publish=True)
        for service in services.values():
            self._keep(service)
        remember_mapping(self.connection, file, self.by)
        changes = what_changed(self.connection, source, whose) if file.reviews else ()
        return LoadResult(file.name, source, whose, "loaded", file.accepted, changes)

    def _same(self, content: str) -> Row | None:
        return next((row for row in self.stored if row["rows_sha256"] == content), None)

    def _next_source(self) -> int:
        return int(rows(self.connection, "SELECT id + 1 AS id FROM last_source")[0]["id"])

    def _service_called(self, name: str, file: TableFile, met: Iterable[Service]) -> Service:
        """The service that a table calls so: one of the file's own, of the register, one met before in the file or
        in the store, else a new one."""
        own = next((service for service in file.services if service.name == name), None)
        if known := own or find_service(name):
            return known
        names = [*self.own, *(service.name for service in met)]
        same = next((other for other in names if other.casefold() == name.casefold()), one_line(name))
        return Service(same, "", "", "", illustrative=file.illustrative)

    def _keep(self, service: Service) -> None:
        if service.name not in self.registered | self.own:
            insert(self.connection, "services", [service_row(service)])
            self.own.add(service.name)

    def _service_of(self, file: LetterFile, given: str | None) -> Service:
        """Whose file it is: as given, else as the letter says. A name that nobody knows is taken as it
        stands."""
        if file.service is not None:
            return file.service
        letter = file.inspection.letter
        said = [name.strip() for name in ([given] if given else [letter.place, letter.service_name]) if name]
        for name in said:
            if known := find_service(name):
                return known
        for name in said:
            same = next((met for met in self.own if met.casefold() == name.casefold()), name)
            if same:
                return Service(same, "", "", "", illustrative=file.sha256 in shipped_letters())
        raise BadInputError(
            f"{file.name}: the letter does not say which service it is about; name the service (--service)"
        )

    def _letters(self, file: LetterFile) -> list[Row]:
        """What is stored of the very same file, as a letter of whatever service."""
        return [row for row in self.stored if row["sha256"] == file.sha256 and row.get("service")]

    def _refuse_another_service(self, file: LetterFile, service: Service) -> None:
        """A slip, most likely. Of a service that is none of theirs nobody learns that it has the file, and nobody keeps it
        from having it."""
        for row in self._letters(file):
            if not _is_of(row, service) and self.knows(row["service"]):
                raise RefusedError(
                    f"{file.name}: is already stored for {row['service']} as source {row['id']}; "
                    "take that out first"
                )

    def _store(
        self, source: int, file: LetterFile | TableFile, count: int, content: str, publish: bool
    ) -> Row:
        now = utc_now()
        row: Row = {
            "id": source,
            "file_name": file.name,
            "sha256": file.sha256,
            "kind": file.kind,
            "loaded_by": self.by,
            "loaded_at": now,
            "rows": count,
            "rows_sha256": content,
            "illustrative": file.illustrative or file.sha256 in shipped_letters(),
            "published_by": self.by if publish else None,
            "published_at": now if publish else None,
            "accepted": list(file.accepted) if isinstance(file, TableFile) else [],
        }
        insert(self.connection, "sources", [row])
        self.connection.execute("UPDATE last_source SET id = $1", [source])
        self.stored.append(row)
        self.changed.append(file.name if publish else f"{file.name} as a draft")
        self.drafts += not publish
        return row

    def change(self, results: Sequence[LoadResult]) -> Change | None:
        if not self.changed:
            return None
        more = f" and {len(self.changed) - 3} more" if len(self.changed) > 3 else ""
        new = [result for result in results if result.status in ("loaded", "draft")]
        sources = ", ".join(str(result.source_id) for result in new[:50]) + (", …" if len(new) > 50 else "")
        drafts = f", {self.drafts} as a draft" if self.drafts else ""
        return Change(
            "loaded",
            "loaded " + ", ".join(self.changed[:3]) + more,
            tuple(service for result in new for service in result.services),
            f"{_files(len(self.changed))}{drafts} (source {sources})",
        )


def _is_of(row: Row, service: Service) -> bool:
    """Whether a row is of the service, under its name of today or an older one."""
    return row["service"] == service.name or find_service(row["service"]) == service


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _unregistered(name: str) -> str:
    return f"{name} is not in the register of services; taken as it stands"


# Drafts and sources -----------------------------------------------------------------------------------------


def publish(connection: DuckDBPyConnection, inspection: int, by: str) -> Change | None:
    stored = _inspection(connection, inspection)
    if stored.published_at is not None:
        return None
    _set_published(connection, inspection, by)
    what = f"published {stored.source.file_name}: {_words(stored)}"
    return Change("published", what, (stored.service.name,), _inspected(stored))


def discard(connection: DuckDBPyConnection, inspection: int) -> Change:
    stored = _inspection(connection, inspection)
    if stored.published_at is not None:
        raise RefusedError(f"{stored.source.file_name} is published: unload it instead")
    delete_source(connection, inspection)
    what = f"discarded the draft {stored.source.file_name}: {_words(stored)}"
    return Change("discarded", what, (stored.service.name,), _inspected(stored))


def unload(connection: DuckDBPyConnection, source: int) -> tuple[Source, Change]:
    found = rows(connection, "SELECT * FROM sources WHERE id = $1", [source])
    if not found:
        raise RefusedError(f"there is no source {source}; `sqs sources` lists them")
    whose = rows(
        connection,
        """SELECT service FROM inspections WHERE source_id = $1 UNION SELECT service FROM judgements
           WHERE source_id = $1 UNION SELECT service FROM reviews WHERE source_id = $1
           UNION SELECT area FROM cohorts WHERE source_id = $1 ORDER BY service""",
        [source],
    )
    delete_source(connection, source)
    taken = source_of(found[0])
    services = tuple(row["service"] for row in whose)
    detail = f"source {taken.id}, {taken.kind}, {taken.rows:,} rows"
    return taken, Change("unloaded", f"unloaded {taken.file_name}", services, detail)


def remove_illustrative(connection: DuckDBPyConnection) -> tuple[int, Change | None]:
    found = rows(connection, "SELECT id FROM sources WHERE illustrative")
    for row in found:
        delete_source(connection, row["id"])
    if not found:
        return 0, None
    what = f"removed the illustrative data ({len(found)} files)"
    return len(found), Change("removed illustrative data", what, detail=_files(len(found)))


def _set_published(connection: DuckDBPyConnection, source: int, by: str) -> datetime:
    """Let boards see a source, and what was corrected in the inspection that it is about."""
    now = utc_now()
    connection.execute(
        "UPDATE sources SET published_by = $1, published_at = $2 WHERE id = $3", [by, now, source]
    )
    connection.execute(
        """UPDATE corrections AS c SET published_at = $1 FROM inspections AS i
           WHERE c.published_at IS NULL AND i.source_id = $2
               AND c.service = i.service AND c.framework = i.framework AND c.identity = i.identity""",
        [now, source],
    )
    return now


# Corrections ------------------------------------------------------------------------------------------------


def correct(
    connection: DuckDBPyConnection,
    inspection: int,
    number: int,
    *,
    practice: str | None,
    share: Share | Unchanged | None,
    direction: Direction | None,
    settled: bool,
    by: str,
    reason: str,
) -> Change | None:
    stored = _inspection(connection, inspection)
    if not 1 <= number <= len(stored.findings):
        raise BadInputError(f"{_words(stored)} has no finding {number}")
    if practice is not None and practice not in {
        known.id for known in framework(stored.inspection.framework).practices
    }:
        raise BadInputError(f"there is no practice {practice!r}")
    now = stored.findings[number - 1].finding
    changes: list[dict[str, Any]] = []
    if practice is not None and practice != now.practice:
        changes.append({"field": "practice", "before": now.practice, "after": practice})
    if not isinstance(share, Unchanged) and not _same_share(share, now.share):
        changes.append(
            {
                "field": "share",
                "before": str(now.share or "in words alone"),
                "after": str(share or "in words alone"),
                "share_low": float(share.low) if share else None,
                "share_high": float(share.high) if share else None,
            }
        )
    if direction is not None and direction != now.direction:
        changes.append({"field": "direction", "before": now.direction, "after": direction})
    if settled and now.doubt and not any(change["field"] == "share" for change in changes):
        changes.append({"field": "doubt", "before": now.doubt, "after": "settled"})
    if not changes:
        return None
    paragraph, quote, occurrence = key_of(stored.inspection.findings, number)
    at = utc_now()
    last = rows(connection, "SELECT coalesce(max(id), 0) AS id FROM corrections")[0]["id"]
    same: Row = {
        "source_id": inspection,
        "service": stored.service.name,
        "framework": stored.inspection.framework,
        "identity": identity(stored.inspection),
        "paragraph": paragraph,
        "quote": quote,
        "occurrence": occurrence,
        "share_low": None,
        "share_high": None,
        "corrected_by": by,
        "corrected_at": at,
        "reason": reason.strip(),
        "published_at": at if stored.published_at else None,
    }
    insert(
        connection,
        "corrections",
        [{**same, "id": last + i, **change} for i, change in enumerate(changes, start=1)],
    )
    what = f"corrected finding {number} of {_words(stored)}"
    return Change("corrected", what, (stored.service.name,), f"finding {number}, {_inspected(stored)}")


def link_area(
    connection: DuckDBPyConnection, inspection: int, area: int, links: Mapping[int | None, bool], by: str
) -> Change | None:
    return plans.link_area(connection, _inspection(connection, inspection), area, links, by)


def _same_share(one: Share | None, other: Share | None) -> bool:
    """To a tenth of a point, as screens show shares: opening a form and saving it corrects nothing."""
    if one is None or other is None:
        return one is other
    return abs(one.low - other.low) < 0.0005 and abs(one.high - other.high) < 0.0005


def _inspection(connection: DuckDBPyConnection, id_: int) -> StoredInspection:
    """With its service by the name that its rows bear."""
    found = read_inspections(connection, [id_])
    if not found:
        raise BadInputError(f"there is no inspection {id_} in the store")
    return found[0]


def _inspected(stored: StoredInspection) -> str:
    """As the audit log says it, without the name of a file."""
    return f"inspection {stored.identity}, source {stored.id}"


def _words(stored: StoredInspection) -> str:
    """As the history says it: "Knowsley, October 2015"."""
    day = stored.inspection.letter.fieldwork_end or stored.inspection.letter.published_on
    return f"{stored.service.name}, {day:%B %Y}" if day else stored.service.name
