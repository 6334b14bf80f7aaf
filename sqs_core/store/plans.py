"""Action plans: every change is a version of its own, nothing is overwritten or taken out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import timedelta

from duckdb import DuckDBPyConnection

from sqs_core.errors import BadInputError, ChangedMeanwhileError, RefusedError
from sqs_core.model import Action, AreaLink, StoredInspection
from sqs_core.store.audit import Change
from sqs_core.store.corrections import folded, key_of
from sqs_core.store.corrections import position as position_of
from sqs_core.store.rows import Row, insert, one_line, query, rows, utc, utc_now

_COLUMN = {"inspection": "identity"}  # the store's word for which inspection of a service
_REFERENCE = re.compile(r"[A-Za-z0-9]+(?:[.\-/][A-Za-z0-9]+)*")
# What a version says; the rest says which version it is.
_SAID = [
    field.name
    for field in fields(Action)
    if field.name not in ("id", "version", "changed_by", "changed_at", "note", "first_planned_on")
]


def actions_of(connection: DuckDBPyConnection, names: Sequence[str], called: str) -> list[Action]:
    """Every version of every action of a service, oldest first."""
    return [_action(row, called) for row in rows(connection, query("actions"), {"services": list(names)})]


def _action(row: Row, called: str) -> Action:
    values = {field.name: row[_COLUMN.get(field.name, field.name)] for field in fields(Action)}
    return Action(**{**values, "service": called, "changed_at": utc(row["changed_at"])})


def save_actions(
    connection: DuckDBPyConnection, actions: Sequence[Action], by: str
) -> tuple[list[Action], Change | None]:
    """Store what was changed in each action since the version that it names (0: it is new); all or none.

    The first planned date stays when the date moves. What changes nothing and says nothing is left as it is. Raises
    ChangedMeanwhileError where another version was stored since, RefusedError for a reference that another action of
    the same plan has, BadInputError for what is no action; each problem is a line.
    """
    by = one_line(by.strip())
    bad = [problem for action in actions for problem in _problems(action)]
    if bad:
        raise BadInputError("\n".join(bad))
    latest = _latest(connection, actions)
    meanwhile = [
        f"{action.reference}: {latest[action.id].changed_by} changed it since you opened it"
        for action in actions
        if action.version and action.id in latest and latest[action.id].version != action.version
    ]
    if meanwhile:
        raise ChangedMeanwhileError("\n".join(meanwhile))
    now = utc_now()
    saved: list[Action] = []
    new: list[Action] = []
    for action in actions:
        before = latest.get(action.id)
        if action.version and before is None:
            raise RefusedError(f"{action.reference}: there is no such action any more")
        first = before.first_planned_on if before and before.first_planned_on else action.planned_on
        made = replace(
            action,
            service=before.service if before else action.service,  # the service may have another name since
            id=action.id or uuid.uuid4().hex,
            version=action.version + 1,
            first_planned_on=action.first_planned_on if before is None and action.first_planned_on else first,
            note=action.note.strip(),
            changed_by=by,
            changed_at=utc(now),
        )
        if before and not made.note and all(getattr(made, n) == getattr(before, n) for n in _SAID):
            saved.append(before)
            continue
        latest[made.id] = made
        saved.append(made)
        new.append(made)
    _refuse_same_references(latest.values())
    if not new:
        return saved, None
    insert(connection, "actions", [_row(action) for action in new])
    names = ", ".join(action.reference for action in new[:5])
    more = f" and {len(new) - 5} more" if len(new) > 5 else ""
    what = f"changed the action plan of {new[0].service}: {names}{more}"
    services = tuple(action.service for action in new)
    return saved, Change("changed an action", what, services, f"{names}{more}")


def insert_examples(connection: DuckDBPyConnection, actions: Sequence[Action]) -> None:
    """Plans with their whole history, of services that have none yet."""
    have = {row["service"] for row in rows(connection, "SELECT DISTINCT service FROM actions")}
    insert(connection, "actions", [_row(action) for action in actions if action.service not in have])


def _row(action: Action) -> Row:
    row = {_COLUMN.get(name, name): value for name, value in asdict(action).items()}
    return {**row, "changed_at": action.changed_at.replace(tzinfo=None) if action.changed_at else None}


def _latest(connection: DuckDBPyConnection, actions: Sequence[Action]) -> dict[str, Action]:
    """The versions in force in the plans of these actions' services, by id; by the service's name that the rows bear."""
    found = rows(
        connection,
        "SELECT * FROM actions WHERE list_contains($1, service) OR list_contains($2, id) ORDER BY version",
        [[action.service for action in actions], [action.id for action in actions]],
    )
    return {row["id"]: _action(row, row["service"]) for row in found}


def _problems(action: Action) -> list[str]:
    out = []
    if not _REFERENCE.fullmatch(action.reference) or len(action.reference) > 12:
        out.append(f"“{action.reference}” is no reference: letters and digits, as 1, 1a or 2.3")
    if not action.action.strip():
        out.append(f"{action.reference}: says nothing that is to be done")
    if (action.state == "done") != (action.done_on is not None):
        out.append(
            f"{action.reference}: an action that is done has the day on which it was done, and no other has"
        )
    if action.done_on and action.done_on > utc_now().date() + timedelta(days=1):
        out.append(f"{action.reference}: what is done was not done in the future ({action.done_on:%d/%m/%Y})")
    return out


def _refuse_same_references(actions: Iterable[Action]) -> None:
    met: dict[tuple[str, str | None, str], Action] = {}
    problems = []
    for action in actions:
        key = (action.service, action.inspection, action.reference.casefold())
        other = met.setdefault(key, action)
        if other is not action:
            problems.append(f"{action.reference}: another action has this reference ({other.action})")
    if problems:
        raise RefusedError("\n".join(problems))


# Which findings lie behind an area


def links_of(connection: DuckDBPyConnection, stored: StoredInspection) -> dict[int, list[AreaLink]]:
    """What was said of the findings behind each area, by the area's position, oldest first. What was said of an area or
    a sentence that the letter no longer has is left out."""
    areas = {
        folded(text): position
        for position, text in enumerate(stored.inspection.areas_requiring_improvement, start=1)
    }
    findings = stored.inspection.findings
    quotes = [folded(finding.quote) for finding in findings]
    found: dict[int, list[AreaLink]] = {}
    for row in rows(connection, query("area_links"), {"source": stored.id}):
        at = position_of(findings, quotes, row) if row["quote"] is not None else None
        if row["area"] not in areas or (row["quote"] is not None and at is None):
            continue
        number = None if at is None else at + 1
        link = AreaLink(number, row["linked"], row["said_by"], utc(row["said_at"]))
        found.setdefault(areas[row["area"]], []).append(link)
    return found


def link_area(
    connection: DuckDBPyConnection,
    stored: StoredInspection,
    area: int,
    links: Mapping[int | None, bool],
    by: str,
) -> Change | None:
    """Say of findings, by number, whether they lie behind an area, by position; None: that its links were looked at."""
    areas = stored.inspection.areas_requiring_improvement
    if not 1 <= area <= len(areas):
        raise BadInputError(f"the letter has no area {area}")
    last = rows(connection, "SELECT coalesce(max(number), 0) AS number FROM area_links")[0]["number"]
    said: list[Row] = []
    for number, linked in links.items():
        if number is not None and not 1 <= number <= len(stored.findings):
            raise BadInputError(f"the letter has no finding {number}")
        paragraph, quote, occurrence = (
            (None, None, None) if number is None else key_of(stored.inspection.findings, number)
        )
        said.append(
            {
                "number": last + len(said) + 1,
                "service": stored.service.name,
                "framework": stored.inspection.framework,
                "identity": stored.identity,
                "area": folded(areas[area - 1]),
                "paragraph": paragraph,
                "quote": quote,
                "occurrence": occurrence,
                "linked": linked,
                "said_by": one_line(by.strip()),
                "said_at": utc_now(),
            }
        )
    if not said:
        return None
    insert(connection, "area_links", said)
    what = f"looked at the findings behind area {area} of {stored.service.name}"
    return Change(
        "linked findings", what, (stored.service.name,), f"area {area}, inspection {stored.identity}"
    )
