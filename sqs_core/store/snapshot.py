"""One state of the store, read only: what a page or a command asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Literal

import duckdb
from duckdb import DuckDBPyConnection

from sqs_core.errors import BadInputError
from sqs_core.model import (
    Action,
    AreaLink,
    AuditCount,
    Cohort,
    GivenRole,
    OnTimeCount,
    Review,
    Service,
    ShareLink,
    Source,
    StoredInspection,
)
from sqs_core.services import find_service
from sqs_core.services import services as register
from sqs_core.store import corrections, people
from sqs_core.store.plans import actions_of, links_of
from sqs_core.store.rows import Row, inspections_as_read, one_line, query, rows, service_of, source_of, utc
from sqs_core.store.schema import why
from sqs_core.store.tables import cohorts_of, reviews_of


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One snapshot: who made it, when (UTC), what it changed, and whether its file is still kept."""

    snapshot: str
    made_at: datetime
    made_by: str
    what: str
    kept: bool
    in_force: bool


class Snapshot:
    """One state of the store. It never changes, so what was read once is kept. Safe across threads."""

    def __init__(self, name: str, cursor: Callable[[], DuckDBPyConnection]) -> None:
        self.name = name
        # A connection shared by threads gives wrong answers silently; a cursor of its own for each use does not.
        self._cursor = cursor
        self._kept: dict[int, StoredInspection] = {}
        self._cohorts: dict[bool, tuple[Cohort, ...]] = {}

    def _rows(self, sql: str, parameters: object = None) -> list[Row]:
        with self._readable():
            return rows(self._cursor(), sql, parameters)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """A file that opens may be damaged further in, and a row changed by hand be none that we know."""
        try:
            yield
        except (duckdb.Error, ValueError) as error:
            if "No snapshot found at version" in str(error):
                raise BadInputError(
                    "the store has moved on and no longer keeps what this page shows: open it again"
                ) from error
            raise BadInputError(
                f"snapshot {self.name} is damaged ({why(error)}); `sqs check` says where, "
                "`sqs restore` goes back to one before it"
            ) from error

    # Services

    @cached_property
    def _named(self) -> dict[str, tuple[Service, bool]]:
        """Service by the name that rows bear (an older name of it, perhaps), and whether it is published."""
        own = {row["name"]: service_of(row) for row in self._rows("SELECT * FROM services")}
        return {
            row["name"]: (
                own.get(row["name"]) or find_service(row["name"]) or Service(row["name"], "", "", ""),
                row["published"],
            )
            for row in self._rows(query("services"))
        }

    def services(self) -> list[Service]:
        """The services that have anything published, by name, illustrative ones last."""
        return _sorted(service for service, published in self._named.values() if published)

    @cached_property
    def services_with_figures_alone(self) -> list[Service]:
        """The services of the register of which nothing but reoffending figures is published, by name: a table that is
        loaded for one service has those of all."""
        areas = {cohort.area for cohort in self.cohorts()}
        found = (find_service(area) for area in areas)
        have_more = {service.name for service in self.services()}
        return _sorted(service for service in found if service and service.name not in have_more)

    def all_services(self) -> list[Service]:
        """The register, and those met in files that are not in it."""
        return _sorted([*register(), *(service for service, _ in self._named.values())])

    def service(self, name: str) -> Service | None:
        """The service of this name or alias, whatever its case, if the store has anything of it. A made-up one may be
        called as screens call it, "Wyrevale (illustrative)"."""
        name = name.removesuffix(" (illustrative)")
        met = {service.name: service for service, _ in self._named.values()}
        known = find_service(name)
        return (
            met.get(name)
            or next((s for s in met.values() if s.name.casefold() == name.strip().casefold()), None)
            or (met.get(known.name) if known else None)
        )

    def _names(self, service: str) -> list[str]:
        """Every name that the rows of a service bear."""
        return [name for name, (known, _) in self._named.items() if known.name == service]

    # Inspections

    @cached_property
    def _index(self) -> list[tuple[int, str, bool, bool]]:
        """Id, service as the row names it, draft, in force; newest inspection first."""
        return [
            (row["id"], row["service"], row["draft"], row["in_force"])
            for row in self._rows(query("inspections"))
        ]

    def inspections(self, service: str | None = None, drafts: bool = False) -> list[StoredInspection]:
        """The inspections that boards see, of one service or all, newest first. `drafts`: those not published
        as well."""
        names = None if service is None else self._names(service)
        return self._read(
            id_
            for id_, name, draft, in_force in self._index
            if (names is None or name in names) and (in_force or (drafts and draft))
        )

    def inspection_counts(self) -> Counter[str]:
        """How many inspections boards see, by service."""
        return Counter(self._named[name][0].name for _, name, _, in_force in self._index if in_force)

    def audit_counts(self) -> Counter[str]:
        """How many published local audits there are, by service."""
        found = self._rows(
            """SELECT DISTINCT j.service, j.audit, j.audited_on FROM judgements AS j
               JOIN sources AS s ON s.id = j.source_id WHERE s.published_at IS NOT NULL"""
        )
        return Counter(self._named[row["service"]][0].name for row in found)

    def review_counts(self) -> Counter[str]:
        """How many reviews are in force, by service."""
        found = self._rows(
            f"SELECT service, count(*) AS reviews FROM ({query('reviews')}) GROUP BY service",
            {"services": list(self._named), "without": 0},
        )
        counts: Counter[str] = Counter()
        for row in found:
            counts[self._named[row["service"]][0].name] += row["reviews"]
        return counts

    def cohort_counts(self) -> Counter[str]:
        """How many reoffending figures there are, by area."""
        return Counter(cohort.area for made_up in (False, True) for cohort in self.cohorts(made_up))

    def inspection(self, id: int) -> StoredInspection | None:
        """Any inspection that is stored: in force, superseded or draft."""
        return next(iter(self._read([id])), None)

    def drafts(self) -> list[StoredInspection]:
        """The inspections that were loaded and not yet published."""
        return self._read(id_ for id_, _, draft, _ in self._index if draft)

    def _read(self, ids: Iterable[int]) -> list[StoredInspection]:
        ids = list(ids)
        with self._readable():
            new = read_inspections(self._cursor(), [id_ for id_ in ids if id_ not in self._kept])
        for stored in new:
            known = self._named[stored.service.name][0]
            self._kept[stored.id] = replace(stored, service=known)
        return [self._kept[id_] for id_ in ids if id_ in self._kept]

    # The rest

    def audits(self, service: str) -> list[AuditCount]:
        """How the cases of each published local audit of a service were judged, latest audit first."""
        found = self._rows(query("audits"), {"services": self._names(service)})
        return [AuditCount(**row) for row in found]

    def reviews(self, service: str) -> list[Review]:
        """The reviews in force of a service: where extracts overlap, as the newer one has them."""
        names = self._names(service)
        with self._readable():
            return reviews_of(self._cursor(), names, self._named[names[0]][0].name) if names else []

    def on_time_counts(self, first: date, last: date, illustrative: bool = False) -> list[OnTimeCount]:
        """The reviews in force of every service, real or made up, that fell due in a period, both days included, by the
        due dates that the extracts give."""
        names = [name for name, (service, _) in self._named.items() if service.illustrative == illustrative]
        sql = query("on_time").format(in_force=query("reviews").replace("$without", "0"))
        by_service: dict[str, OnTimeCount] = {}
        for row in self._rows(sql, {"services": names, "first": first, "last": last}):
            row["service"] = self._named[row["service"]][0].name
            found = OnTimeCount(**row)
            other = by_service.get(found.service)
            by_service[found.service] = _together(found, other) if other else found
        return sorted(by_service.values(), key=lambda count: count.service)

    def cohorts(self, illustrative: bool = False) -> tuple[Cohort, ...]:
        """Every reoffending figure that is stored, of services, regions and England and Wales alike: the real ones, or
        those that are made up, never side by side."""
        if illustrative not in self._cohorts:
            with self._readable():
                self._cohorts[illustrative] = tuple(cohorts_of(self._cursor(), illustrative))
        return self._cohorts[illustrative]

    def actions(self, service: str) -> tuple[Action, ...]:
        """Every version of every action in the plans of a service, oldest first."""
        names = self._names(service)
        with self._readable():
            return tuple(actions_of(self._cursor(), names, self._named[names[0]][0].name)) if names else ()

    def area_links(self, stored: StoredInspection) -> dict[int, list[AreaLink]]:
        """What analysts said of the findings behind each area of an inspection, by the area's position, oldest first."""
        with self._readable():
            return links_of(self._cursor(), stored)

    def mapping(
        self, fingerprint: str, by: str | None = None
    ) -> tuple[Literal["cases", "reviews"], dict[str, str]] | None:
        """The kind of table, and the heading of each column, that was chosen last for tables of this shape, by whomever or
        by one person."""
        found = self._rows(
            """SELECT * FROM mappings WHERE fingerprint = $1 AND saved_by = coalesce($2, saved_by)
               ORDER BY saved_at DESC, saved_by, kind""",
            [fingerprint, by],
        )
        if not found:
            return None
        kind, who = found[0]["kind"], found[0]["saved_by"]
        return kind, {r["column"]: r["heading"] for r in found if (r["kind"], r["saved_by"]) == (kind, who)}

    def sources(self) -> list[Source]:
        """The files that rows came from, latest first, drafts included."""
        return [source_of(row) for row in self._rows("SELECT * FROM sources ORDER BY id DESC")]

    @cached_property
    def services_of_sources(self) -> dict[int, frozenset[str]]:
        """Every service, and every other area (a region, the country), that a source has rows of, by the source's id."""
        met = {service.name.casefold(): service for service, _ in self._named.values()}
        found: dict[int, set[str]] = {source.id: set() for source in self.sources()}
        for row in self._rows(query("source_services")):
            name = row["service"]
            known = (find_service(name) or met.get(name.casefold())) if row["area"] else self._named[name][0]
            found[row["source_id"]].add(known.name if known else name)
        return {source: frozenset(services) for source, services in found.items()}

    def find_sources(self, text: str) -> list[Source]:
        """The sources with this id, this file name, or a SHA-256 that begins so (six characters or more)."""
        text = one_line(text)
        prefix = text.lower() if len(text) >= 6 else None
        return [
            source
            for source in self.sources()
            if text in (str(source.id), source.file_name) or (prefix and source.sha256.startswith(prefix))
        ]

    def last_source(self) -> int:
        """The highest source id ever given."""
        return int(self._rows("SELECT id FROM last_source")[0]["id"])

    @cached_property
    def roles(self) -> tuple[GivenRole, ...]:
        """Every role in force, by e-mail address."""
        with self._readable():
            return tuple(people.roles_of(self._cursor()))

    @cached_property
    def share_links(self) -> tuple[ShareLink, ...]:
        """Every link that was ever made, the latest first."""
        with self._readable():
            return tuple(people.links_of(self._cursor()))

    def lasting(self) -> dict[str, list[Row]]:
        """The rows that going back to an older snapshot leaves as they are: what people said in plans, who may see
        what, which links are revoked, and what was deleted."""
        tables = ("actions", "area_links", "roles", "share_links", "deletions", "deleted_from")
        return {table: self._rows(f"SELECT * FROM {table}") for table in tables}

    def history_rows(self) -> list[Row]:
        """Every snapshot that there was, oldest first, with what the audit log has of it."""
        return self._rows("SELECT * FROM history ORDER BY snapshot")

    def history(self) -> list[tuple[str, datetime, str, str]]:
        """Snapshot, when (UTC), by whom, what; latest first."""
        found = self._rows("SELECT * FROM history ORDER BY snapshot DESC")
        return [(row["snapshot"], utc(row["made_at"]), row["made_by"], row["what"]) for row in found]


def read_inspections(connection: DuckDBPyConnection, ids: Sequence[int]) -> list[StoredInspection]:
    """Inspections with their corrections applied; services by bare name. Ids of no inspection are left
    out."""
    sql = query("corrections")
    out = []
    any_corrections = ids and connection.execute("SELECT count(*) FROM corrections").fetchall()[0][0]
    for as_read in inspections_as_read(connection, ids):
        changes = rows(connection, sql, {"source": as_read.source.id}) if any_corrections else []
        findings, warnings = corrections.apply(as_read.inspection.findings, changes)
        out.append(
            StoredInspection(
                id=as_read.source.id,
                service=Service(as_read.service, "", "", ""),
                inspection=replace(
                    as_read.inspection,
                    findings=tuple(f.finding for f in findings),
                    warnings=(*as_read.inspection.warnings, *warnings),
                ),
                findings=findings,
                source=as_read.source,
                published_by=as_read.published_by,
                published_at=as_read.published_at,
                identity=as_read.identity,
            )
        )
    return out


def _together(one: OnTimeCount, other: OnTimeCount) -> OnTimeCount:
    """The reviews of a service whose rows bear two names."""
    firsts = [day for day in (one.first_due_on, other.first_due_on) if day]
    return OnTimeCount(
        service=one.service,
        on_time=one.on_time + other.on_time,
        due=one.due + other.due,
        children=one.children + other.children,
        squares=one.squares + other.squares,
        first_due_on=min(firsts, default=None),
        extracted_on=max(one.extracted_on, other.extracted_on),
    )


def _sorted(services: Iterable[Service]) -> list[Service]:
    unique = {service.name: service for service in services}
    return sorted(unique.values(), key=lambda s: (s.illustrative, s.name.casefold()))
