"""Who may see and do what, and links to a view: rows of people's access, never undone by going back to a snapshot."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from sqs_core.errors import BadInputError, RefusedError
from sqs_core.model import GivenRole, Role, ShareLink
from sqs_core.services import find_service
from sqs_core.store.audit import Change
from sqs_core.store.rows import Row, insert, one_line, query, rows, utc, utc_now

ROLES: tuple[Role, ...] = ("board member", "chair", "analyst", "administrator")
# That a link may be for (pages/_shared.py).
SHARED_PAGES = ("overview", "scores", "reviews", "reoffending", "areas")
LONGEST_LINK = 365  # days
_EMAIL = re.compile(r"[^\s@,;<>\"']+@[^\s@,;<>\"']+\.[^\s@,;<>\"']+")


def email_of(text: str) -> str:
    """An e-mail address as roles are kept by it. Raises BadInputError for what is none."""
    email = text.strip().casefold()
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        raise BadInputError(f"“{one_line(text.strip())}” is no e-mail address")
    return email


def roles_of(connection: DuckDBPyConnection) -> list[GivenRole]:
    """Every role in force, by e-mail address."""
    found = rows(connection, "SELECT * FROM roles ORDER BY email, role, service")
    return [GivenRole(**{**row, "given_at": utc(row["given_at"])}) for row in found]


def give_role(connection: DuckDBPyConnection, email: str, role: Role, service: str, by: str) -> Change | None:
    """None: the person has it already. Raises BadInputError for no address, no role or no service."""
    email, service = email_of(email), _service(connection, role, service)
    if rows(
        connection,
        "SELECT 1 FROM roles WHERE email = $1 AND role = $2 AND service = $3",
        [email, role, service],
    ):
        return None
    row: Row = {"email": email, "role": role, "service": service, "given_by": by, "given_at": utc_now()}
    insert(connection, "roles", [row])
    words = f"{email} {role_in_words(role, service)}"
    return Change("role given", f"gave a role: {words}", (service,) if service else (), words)


def take_role(connection: DuckDBPyConnection, email: str, role: Role, service: str) -> Change:
    """Raises RefusedError where the person has no such role, or would leave nobody to give roles."""
    email, service = email_of(email), _service(connection, role, service)
    taken = connection.execute(
        "DELETE FROM roles WHERE email = $1 AND role = $2 AND service = $3", [email, role, service]
    ).fetchall()[0][0]
    if not taken:
        raise RefusedError(f"{email} has no role {role_in_words(role, service)}")
    if role == "administrator" and not rows(connection, "SELECT 1 FROM roles WHERE role = 'administrator'"):
        raise RefusedError(f"{email} is the only administrator: name another one first")
    words = f"{email} {role_in_words(role, service)}"
    return Change("role taken away", f"took away a role: {words}", (service,) if service else (), words)


def role_in_words(role: Role, service: str) -> str:
    return f"{role} of {service}" if service else role


def _service(connection: DuckDBPyConnection, role: Role, name: str) -> str:
    """The service that a role is of, as rows name it; empty for an administrator."""
    if role not in ROLES:
        raise BadInputError(f"“{one_line(role)}” is no role; there are {', '.join(ROLES)}")
    if role == "administrator":
        if name.strip():
            raise BadInputError("an administrator is one of every service: name none")
        return ""
    if not name.strip():
        raise BadInputError(f"of which service is the {role}? Name it")
    if known := find_service(name.strip()):
        return known.name
    name = name.strip().removesuffix(" (illustrative)")
    met = {row["name"].casefold(): row["name"] for row in rows(connection, query("services"))}
    if name.casefold() not in met:
        raise BadInputError(f"“{one_line(name)}” is neither in the register of services nor in the store")
    return str(met[name.casefold()])


def links_of(connection: DuckDBPyConnection) -> list[ShareLink]:
    """Every link that was made, the latest first."""
    found = rows(connection, "SELECT * FROM share_links ORDER BY made_at DESC, id")
    return [
        ShareLink(
            **{
                **row,
                "pages": tuple(row["pages"]),
                "made_at": utc(row["made_at"]),
                "expires_at": utc(row["expires_at"]),
                "revoked_at": utc(row["revoked_at"]) if row["revoked_at"] else None,
            }
        )
        for row in found
    ]


def make_link(  # noqa: PLR0917 - what a link is
    connection: DuckDBPyConnection,
    service: str,
    pages: Sequence[str],
    made_for: str,
    expires_at: datetime,
    by: str,
) -> tuple[ShareLink, Change]:
    """Raises BadInputError for no page or one that is not shared, for nobody, or for a day that has passed or is too far
    away; each problem is a line."""
    now, made_for = utc_now(), one_line(made_for.strip())
    until = expires_at.replace(tzinfo=None)
    problems = [
        problem
        for problem, is_so in (
            ("choose at least one page", not pages),
            *(
                (f"“{one_line(page)}” is no page that can be shared", page not in SHARED_PAGES)
                for page in pages
            ),
            ("say for whom the link is", not made_for),
            ("the link would have expired already", until <= now),
            # Days are those of who chooses; it may be tomorrow there already.
            (
                f"a link is open for {LONGEST_LINK} days at most",
                until.date() > now.date() + timedelta(days=LONGEST_LINK + 1),
            ),
        )
        if is_so
    ]
    if problems:
        raise BadInputError("\n".join(problems))
    link = ShareLink(
        secrets.token_hex(8),
        _service(connection, "chair", service),
        tuple(dict.fromkeys(pages)),
        made_for,
        by,
        utc(now),
        utc(until),
    )
    row: Row = {
        "id": link.id,
        "service": link.service,
        "pages": list(link.pages),
        "made_for": link.made_for,
        "made_by": by,
        "made_at": now,
        "expires_at": until,
        "revoked_by": None,
        "revoked_at": None,
    }
    insert(connection, "share_links", [row])
    detail = f"link {link.id}, {', '.join(link.pages)}, until {until:%d/%m/%Y}"
    return link, Change("share link made", f"made link {link.id} to {link.service}", (link.service,), detail)


def revoke_link(connection: DuckDBPyConnection, id_: str, by: str) -> Change | None:
    """None: it was revoked already. Raises RefusedError where there is no such link."""
    found = rows(connection, "SELECT * FROM share_links WHERE id = $1", [id_])
    if not found:
        raise RefusedError(f"there is no link {one_line(id_)}")
    if found[0]["revoked_at"] is not None:
        return None
    connection.execute(
        "UPDATE share_links SET revoked_by = $1, revoked_at = $2 WHERE id = $3", [by, utc_now(), id_]
    )
    service = found[0]["service"]
    return Change("share link revoked", f"revoked link {id_} to {service}", (service,), f"link {id_}")


def revoke_all_links(connection: DuckDBPyConnection, by: str) -> None:
    """Where nothing tells which of them were revoked since."""
    connection.execute(
        "UPDATE share_links SET revoked_by = $1, revoked_at = $2 WHERE revoked_at IS NULL", [by, utc_now()]
    )
