"""Who may see and do what: the one door through which pages read and write.

A `Scope` says who asks and what they may. `ScopedStore` and `ScopedSnapshot` are the store as this person has it: each
of their methods asks the scope, and a page has no other way to the data.

What the inspectorate and the Ministry of Justice published of a service is seen by everybody who is signed in; what
came from the service itself (reviews, local audits, plans, trackers, drafts, file names) by its own people alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

from itsdangerous import BadData, URLSafeSerializer

from sqs_core.errors import RefusedError
from sqs_core.model import (
    Action,
    AreaLink,
    AuditCount,
    Cohort,
    Direction,
    GivenRole,
    OnTimeCount,
    Review,
    Role,
    Service,
    Share,
    ShareLink,
    Source,
    StoredInspection,
)
from sqs_core.services import find_service
from sqs_core.services import services as register
from sqs_core.spreadsheets import csv_text
from sqs_core.store import LetterFile, LoadResult, Snapshot, Store, TableFile
from sqs_core.store.audit import AuditLog
from sqs_core.store.changes import UNCHANGED, Unchanged

# see: what the pages show. act: change the plan. load: load, correct, publish, take out, and see case references.
# share: make links for people without an account. govern: give roles, read the audit log.
Right = Literal["see", "act", "load", "share", "govern"]

RIGHTS: Mapping[Role, frozenset[Right]] = {
    "board member": frozenset({"see", "act"}),
    "chair": frozenset({"see", "act", "share"}),
    "analyst": frozenset({"see", "act", "load"}),
    "administrator": frozenset({"see", "act", "load", "share", "govern"}),
}


_MICROSOFT = re.compile(r"https://(login\.microsoftonline\.(com|us)|sts\.windows\.net)/")

# Of the areas in a table that somebody may not load: the published one has more than two hundred.
_AREAS_NAMED = 3

_SALT = "share link"  # a signature made for anything else opens none


class NotAllowedError(RefusedError):
    """Whoever asks may not see or do this. Says nothing of whether it is there."""


class SignInRefusedError(NotAllowedError):
    """Somebody signed in whom the provider does not vouch for, or no longer."""

    def __init__(self, sentence: str, why: str, claims: Mapping[str, object]) -> None:
        """`why`: for the audit log, to which what the provider called them is added, as it was said."""
        super().__init__(sentence)
        names = (claims.get(name) for name in ("email", "preferred_username", "upn", "sub"))
        self.why = f"{why}: {next((n for n in names if isinstance(n, str) and n), 'no name')[:254]}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Who asks, and what they may see and do. Without roles: nothing."""

    who: str  # e-mail address, "link 4f2a…", or "" for whoever sits at the machine that the dashboard runs on
    roles: tuple[GivenRole, ...] = ()
    link: ShareLink | None = None  # a view without an account: read only, one service, small numbers hidden
    open: bool = False  # not hosted: everything, on this machine

    def services(self, right: Right) -> frozenset[str] | None:
        """The services for which this right is given; None: all there are."""
        if self.open:
            return None
        if self.link:
            return frozenset({self.link.service} if right == "see" else ())
        given = [role for role in self.roles if right in RIGHTS[role.role]]
        if any(role.role == "administrator" for role in given):
            return None
        return frozenset(_name(role.service) for role in given)

    def may(self, right: Right, service: str | None = None) -> bool:
        """Whether the right is given for this service; without one, for any service at all."""
        allowed = self.services(right)
        return allowed is None or (bool(allowed) if service is None else _name(service) in allowed)

    def require(self, right: Right, service: str) -> None:
        """The one scope check. Raises NotAllowedError."""
        if not self.may(right, service):
            raise NotAllowedError(refused(right, service))

    def require_everywhere(self, right: Right) -> None:
        """For what is not one service's alone. Raises NotAllowedError."""
        if self.services(right) is not None:
            raise NotAllowedError("only an administrator may do this")

    @property
    def words(self) -> str:
        """The person's roles in words, "chair of Knowsley; analyst of Wirral"."""
        return "; ".join(f"{r.role} of {r.service}" if r.service else r.role for r in self.roles)


_REFUSED: Mapping[Right, str] = {
    "see": "you do not see the figures of",
    "act": "you may not change the action plan of",
    "load": "you may not load or change data of",
    "share": "you may not share views of",
    "govern": "you may not give roles for",
}


def refused(right: Right, service: str) -> str:
    """Why a right is not used. Whether a service is in the store that is in no register, is not to be learnt by asking."""
    return f"{_REFUSED[right]} {service if find_service(service) else 'this service'}"


def _name(service: str) -> str:
    """A service by its name of today, so that a role outlasts a new name."""
    known = find_service(service)
    return known.name if known else service


def email_vouched_for(claims: Mapping[str, object], now: datetime, hours: float) -> str:
    """Whose sign-in this is, by what the provider said of them. Raises SignInRefusedError where it vouches for no
    address, or where they signed in longer ago than `hours`.

    A token's own `exp`, an hour with most providers, says until when it may be handed in and not how long a sign-in
    lasts (OpenID Connect Core 1.0, 2); Streamlit looks at neither.
    """
    issued = claims.get("iat")
    if not isinstance(issued, int | float) or not 0 <= now.timestamp() - issued + 300 <= hours * 3600 + 300:
        raise SignInRefusedError("Your sign-in has ended. Please sign in again.", "sign-in is over", claims)
    if claims.get("email_verified", True) not in (True, "true"):
        sentence = "Your provider has not verified your e-mail address, so it cannot be relied on."
        raise SignInRefusedError(sentence, "address is not verified", claims)
    # Elsewhere people may choose these names for themselves; in a Microsoft tenant its administrators give them.
    names = ("email", "preferred_username", "upn") if _MICROSOFT.match(str(claims.get("iss"))) else ("email",)
    email = next((e for name in names if isinstance(e := claims.get(name), str) and "@" in e), None)
    if email is None:
        sentence = "Your provider did not say your e-mail address, by which roles are given."
        raise SignInRefusedError(sentence, "no address", claims)
    # Other letters can look like these, and some become these in lower case: "ſ" an "s", "ß" two of them.
    if not email.isascii():
        sentence = "Your e-mail address has letters other than a to z, by which no role is given."
        raise SignInRefusedError(sentence, "address with other letters", claims)
    return email.lower()


def roles_of(snapshot: Snapshot, email: str) -> tuple[GivenRole, ...]:
    """The roles that a person has in this state of the store."""
    return tuple(role for role in snapshot.roles if role.email == email.casefold())


def token_of(link: ShareLink, secret: str) -> str:
    """What opens a link: its id, signed. When it ends and what it shows stand in the store, where they can be changed
    at once."""
    token: str = URLSafeSerializer(secret, _SALT).dumps(link.id)
    return token


def is_signed(token: str, secret: str) -> bool:
    """Whether somebody here signed a share link's token. What it opens, and whether still, is another question."""
    return _id_in(token, secret) is not None


def _id_in(token: str, secret: str) -> str | None:
    """The link's id in a token that is, sign by sign, as it was made: base64 passes over signs that it does not know."""
    signer = URLSafeSerializer(secret, _SALT)
    try:
        id_ = signer.loads(token)
    except BadData:
        return None
    return id_ if isinstance(id_, str) and signer.dumps(id_) == token else None


def link_of(token: str, secret: str, snapshot: Snapshot) -> ShareLink | None:
    """The link that a token opens, in force or not. None: nobody here signed it, or its link is not there."""
    id_ = _id_in(token, secret)
    return next((link for link in snapshot.share_links if link.id == id_), None)


def why_refused(link: ShareLink | None, now: datetime) -> str | None:
    """Why a link opens nothing at this time, for the audit log; None: it opens its view."""
    if link is None:
        return "forged or altered"
    if link.revoked_at is not None:
        return "revoked"
    return "expired" if link.expires_at <= now else None


class ScopedSnapshot:
    """One state of the store, as far as the scope lets it be seen. The methods are Snapshot's; see there."""

    def __init__(self, snapshot: Snapshot, scope: Scope) -> None:
        self._snapshot, self.scope, self.name = snapshot, scope, snapshot.name

    def _seen(self, services: Iterable[Service]) -> list[Service]:
        return [service for service in services if self.scope.may("see", service.name)]

    def services(self) -> list[Service]:
        return self._seen(self._snapshot.services())

    @property
    def services_with_figures_alone(self) -> list[Service]:
        """Published figures are nobody's secret, but one's own pages are of one's own services."""
        return self._seen(self._snapshot.services_with_figures_alone)

    def all_services(self) -> list[Service]:
        """The register, and those met in files that are not in it, as far as they are seen."""
        public = {service.name for service in register()}
        return [
            service
            for service in self._snapshot.all_services()
            if service.name in public or self.scope.may("see", service.name)
        ]

    def service(self, name: str) -> Service | None:
        found = self._snapshot.service(name)
        return found if found and self.scope.may("see", found.name) else find_service(name)

    def inspections(self, service: str) -> list[StoredInspection]:
        self.scope.require("see", service)
        return self._snapshot.inspections(service)

    def published_inspections(self) -> list[StoredInspection]:
        """Every service's, newest first: the letters are public. What people here did with those of a service that
        one does not see is left out."""
        return [
            stored if self.scope.may("see", stored.service.name) else _as_published(stored)
            for stored in self._snapshot.inspections()
        ]

    def drafts(self) -> list[StoredInspection]:
        return [s for s in self._snapshot.drafts() if self.scope.may("load", s.service.name)]

    def audits(self, service: str) -> list[AuditCount]:
        self.scope.require("see", service)
        return self._snapshot.audits(service)

    def reviews(self, service: str) -> list[Review]:
        self.scope.require("see", service)
        return self._snapshot.reviews(service)

    def on_time_counts(self, first: date, last: date, illustrative: bool = False) -> list[OnTimeCount]:
        """Of the services that are seen: no other's are published."""
        found = self._snapshot.on_time_counts(first, last, illustrative)
        return [count for count in found if self.scope.may("see", count.service)]

    def cohorts(self, illustrative: bool = False) -> tuple[Cohort, ...]:
        """As published, and the trackers of the services that are seen."""
        found = self._snapshot.cohorts(illustrative)
        if self.scope.services("see") is None:
            return found
        return tuple(c for c in found if c.source_kind == "published" or self.scope.may("see", _name(c.area)))

    def actions(self, service: str) -> tuple[Action, ...]:
        self.scope.require("see", service)
        return self._snapshot.actions(service)

    def area_links(self, stored: StoredInspection) -> dict[int, list[AreaLink]]:
        self.scope.require("see", stored.service.name)
        return self._snapshot.area_links(stored)

    def mapping(self, fingerprint: str) -> tuple[Literal["cases", "reviews"], dict[str, str]] | None:
        """What they chose themselves: what somebody else did, of another service perhaps, must not decide what stands in
        the columns of their file. On one's own machine, what was chosen last."""
        if not self.scope.may("load"):
            return None
        return self._snapshot.mapping(fingerprint, None if self.scope.open else self.scope.who)

    def sources(self) -> list[Source]:
        return [source for source in self._snapshot.sources() if self._is_mine(source.id)]

    def _is_mine(self, source: int) -> bool:
        """Whether everything that a file brought is of services for which one may load."""
        whose = self._snapshot.services_of_sources[source]
        return self.scope.services("load") is None or (
            bool(whose) and all(self.scope.may("load", service) for service in whose)
        )

    @property
    def roles(self) -> tuple[GivenRole, ...]:
        self.scope.require_everywhere("govern")
        return self._snapshot.roles

    @property
    def share_links(self) -> tuple[ShareLink, ...]:
        return tuple(link for link in self._snapshot.share_links if self.scope.may("share", link.service))

    @property
    def key(self) -> tuple[str, ...] | None:
        """What a cache of figures of several services must be kept by, besides the snapshot's name."""
        services = self.scope.services("see")
        return None if services is None else tuple(sorted(services))


class ScopedStore:
    """The store as somebody has it: what they may not do is refused, and what they do bears their name."""

    def __init__(self, store: Store, scope: Scope) -> None:
        self._store, self.scope = store, scope

    def _by(self, said: str) -> str:
        """Who is recorded: whoever signed in, whatever they say."""
        return self.scope.who or said

    def create(self) -> None:
        self._store.create()

    def current(self) -> str:
        return self._store.current()

    def read(self) -> ScopedSnapshot:
        return ScopedSnapshot(self._store.read(), self.scope)

    def _may_load(self, files: Sequence[LetterFile | TableFile]) -> Callable[[Sequence[LoadResult]], None]:
        """Whoever loads has the right for every service that a file has rows of. Figures of regions, of the country and
        of other services stand beside every board's own: they are an administrator's to load."""

        def allow(results: Sequence[LoadResult]) -> None:
            if not self.scope.may("load"):
                raise NotAllowedError("you may not load data")
            met = {s.name.casefold(): s.name for s in self._store.read().all_services()}
            problems: list[str] = []
            for file, result in zip(files, results, strict=True):
                areas = dict.fromkeys(c.area for c in file.cohorts) if isinstance(file, TableFile) else {}
                theirs = [a for a in areas if not self.scope.may("load", met.get(a.casefold(), a))]
                if theirs:
                    problems.append(f"{file.name}: {self._areas_refused(theirs)}")
                services = () if areas else result.services
                problems += [
                    f"{file.name}: {refused('load', name)}"
                    for name in services
                    if not self.scope.may("load", name)
                ]
            if problems:
                raise NotAllowedError("\n".join(problems))

        return allow

    def _areas_refused(self, areas: Sequence[str]) -> str:
        more = f" and {len(areas) - _AREAS_NAMED:,} more" if len(areas) > _AREAS_NAMED else ""
        own = "; ".join(sorted(self.scope.services("load") or ()))
        return (
            f"has figures of {'; '.join(areas[:_AREAS_NAMED])}{more}. Every board sees these beside its own, so an "
            f"administrator loads them, once for everybody: give the file to one, or load a table of {own} alone"
        )

    def load(
        self,
        files: Sequence[LetterFile | TableFile],
        by: str,
        publish: bool = True,
        service: str | None = None,
    ) -> list[LoadResult]:
        allow = self._may_load(files)
        return self._store.load(files, self._by(by), publish, service, allow=allow, knows=self._knows)

    def rehearse(self, files: Sequence[LetterFile | TableFile], by: str) -> list[LoadResult]:
        return self._store.rehearse(files, self._by(by), allow=self._may_load(files), knows=self._knows)

    def _knows(self, service: str) -> bool:
        """Whether what is stored of a service may be spoken of to whoever loads."""
        return self.scope.may("load", service)

    def _inspection(self, inspection: int, right: Right) -> None:
        stored = self._store.read().inspection(inspection)
        if stored is None or not self.scope.may(right, stored.service.name):
            raise NotAllowedError("there is no such inspection of yours")

    def correct(
        self,
        inspection: int,
        number: int,
        *,
        practice: str | None = None,
        share: Share | Unchanged | None = UNCHANGED,
        direction: Direction | None = None,
        settled: bool = False,
        by: str,
        reason: str = "",
    ) -> None:
        self._inspection(inspection, "load")
        self._store.correct(
            inspection,
            number,
            practice=practice,
            share=share,
            direction=direction,
            settled=settled,
            by=self._by(by),
            reason=reason,
        )

    def publish(self, inspection: int, by: str) -> None:
        self._inspection(inspection, "load")
        self._store.publish(inspection, self._by(by))

    def discard(self, inspection: int, by: str) -> None:
        self._inspection(inspection, "load")
        self._store.discard(inspection, self._by(by))

    def unload(self, source: int, by: str) -> Source:
        if source not in {mine.id for mine in self.read().sources()}:
            raise NotAllowedError("there is no such file of yours")
        return self._store.unload(source, self._by(by))

    def remove_illustrative(self, by: str) -> int:
        self.scope.require_everywhere("load")
        return self._store.remove_illustrative(self._by(by))

    def save_actions(self, actions: Sequence[Action], by: str) -> list[Action]:
        stored = {action.id: action.service for action in self._actions_of(actions)}
        for action in actions:
            self.scope.require("act", action.service)
            if action.id and stored.get(action.id, "") != action.service:
                raise NotAllowedError("there is no such action in this plan")
        return self._store.save_actions(actions, self._by(by))

    def _actions_of(self, actions: Sequence[Action]) -> Iterable[Action]:
        snapshot = self._store.read()
        return (a for service in {a.service for a in actions} for a in snapshot.actions(service))

    def link_area(self, inspection: int, area: int, links: Mapping[int | None, bool], by: str) -> None:
        self._inspection(inspection, "load")
        self._store.link_area(inspection, area, links, self._by(by))

    def give_role(self, email: str, role: Role, service: str) -> None:
        self.scope.require_everywhere("govern")
        self._store.give_role(email, role, service, self.scope.who)

    def take_role(self, email: str, role: Role, service: str) -> None:
        self.scope.require_everywhere("govern")
        self._store.take_role(email, role, service, self.scope.who)

    def make_link(self, service: str, pages: Sequence[str], made_for: str, expires_at: datetime) -> ShareLink:
        self.scope.require("share", service)
        return self._store.make_link(service, pages, made_for, expires_at, self.scope.who)

    def revoke_link(self, link: str) -> None:
        if link not in {mine.id for mine in self.read().share_links}:
            raise NotAllowedError("there is no such link of yours")
        self._store.revoke_link(link, self.scope.who)

    def openings_of_links(self) -> dict[str, tuple[int, date]]:
        """How often each link of one's services was opened, and the day of the last time, by the link's id."""
        mine = {f"link {link.id}": link.id for link in self.read().share_links}
        found: dict[str, tuple[int, date]] = {}
        for entry in self._store.audit.entries():
            if entry.event == "share link opened" and entry.who in mine:
                times = found.get(mine[entry.who], (0, date.min))[0]
                found[mine[entry.who]] = (times + 1, entry.at.date())
        return found

    def export_audit_log(self) -> str:
        """Every line as CSV; that it was taken out is a line too. It is made when somebody clicks, long after the page
        perhaps: so whether they still may is asked of the roles of now."""
        now = replace(self.scope, roles=roles_of(self._store.read(), self.scope.who))
        now.require_everywhere("govern")
        lines = self.audit_log().entries()
        self.audit_log().append("exported the log", self.scope.who, detail=f"{len(lines):,} lines")
        return csv_text([asdict(line) for line in lines], ["Times are UTC."])

    def audit_log(self) -> AuditLog:
        self.scope.require_everywhere("govern")
        return self._store.audit


def _as_published(stored: StoredInspection) -> StoredInspection:
    """Without who loaded, published and corrected it, and from which file."""
    return replace(
        stored,
        inspection=replace(stored.inspection, warnings=()),  # they name who corrected what
        findings=tuple(replace(found, corrections=()) for found in stored.findings),
        source=replace(stored.source, file_name="", sha256="", loaded_by="", accepted=()),
        published_by="",
        published_at=datetime.min.replace(tzinfo=UTC),
    )
