"""Who may see and do what: the scope check, and that what goes through it leaves no way round."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.access import (
    RIGHTS,
    NotAllowedError,
    Right,
    Scope,
    ScopedStore,
    email_vouched_for,
    link_of,
    roles_of,
    token_of,
    why_refused,
)
from sqs_core.errors import BadInputError, RefusedError
from sqs_core.model import Action, Cohort, GivenRole, Role, ShareLink
from sqs_core.store import FolderStore, Store, TableFile
from sqs_core.store.people import LONGEST_LINK, ROLES, SHARED_PAGES
from tests.hosted.conftest import OTHER, OWN, fill, letter, reviews

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ENTRA = "https://login.microsoftonline.com/7f0f6f4e-0000-4a52-8b59-6d1b1f4a1c55/v2.0"
SECRET = "k7Qp2vX9sLw4Rb8Zd1Yf6Hn3Tg5Jm0Ca"


def scope_of(role: Role | None, service: str = OWN) -> Scope:
    if role is None:
        return Scope("nobody@board.test")
    service = "" if role == "administrator" else service
    return Scope(f"{role}@board.test", (GivenRole("x@board.test", role, service, "host", NOW),))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Store:
    folder = tmp_path_factory.mktemp("two") / "store"
    fill(folder, checkout / "data" / "letters")
    return FolderStore(folder)


# Rights


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("right", ["see", "act", "load", "share", "govern"])
def test_a_right_is_of_the_roles_own_service(role: Role, right: Right) -> None:
    scope = scope_of(role)
    has = right in RIGHTS[role]
    assert scope.may(right, OWN) == has
    assert scope.may(right) == has
    assert scope.may(right, OTHER) == (role == "administrator")
    assert not scope_of(None).may(right, OWN)
    assert not scope_of(None).may(right)


def test_a_service_is_known_by_its_other_names() -> None:
    assert scope_of("chair").may("see", "Knowsley Youth Offending Service")
    assert scope_of("chair", "Knowsley YOT").may("see", OWN)


def test_a_link_lets_its_service_be_seen_and_nothing_else() -> None:
    link = ShareLink("1", OWN, ("overview",), "x", "y", NOW, NOW + timedelta(days=1))
    scope = Scope("link 1", link=link)
    assert scope.may("see", OWN)
    assert not scope.may("see", OTHER)
    assert not any(scope.may(right, OWN) for right in ("act", "load", "share", "govern"))


# What the scoped store refuses


CHANGES: dict[str, tuple[Right, Callable[[ScopedStore, str], object]]] = {
    "correct": ("load", lambda s, of: s.correct(inspection(s, of), 1, direction="strength", by="x")),
    "publish": ("load", lambda s, of: s.publish(inspection(s, of), by="x")),
    "link_area": ("load", lambda s, of: s.link_area(inspection(s, of), 1, {None: True}, by="x")),
    "unload": ("load", lambda s, of: s.unload(source(s, of), by="x")),
    "save_actions": (
        "act",
        lambda s, of: s.save_actions([Action(of, None, "An area", "99", "To do")], by="x"),
    ),
    "make_link": (
        "share",
        lambda s, of: s.make_link(of, ["overview"], "x", datetime.now(UTC) + timedelta(1)),
    ),
    "revoke_link": ("share", lambda s, of: s.revoke_link(link_id(s, of))),
    "give_role": ("govern", lambda s, of: s.give_role("new@board.test", "chair", of)),
    "take_role": ("govern", lambda s, of: s.take_role(f"{word(of)}@board.test", "chair", of)),
    "remove_illustrative": ("govern", lambda s, _: s.remove_illustrative(by="x")),
}


def word(service: str) -> str:
    return "ownside" if service == OWN else "quillfeather"


def inspection(store: ScopedStore, service: str) -> int:
    return store._store.read().inspections(service)[0].id  # what a forged request would name


def source(store: ScopedStore, service: str) -> int:
    return next(
        s.id for s in store._store.read().sources() if s.file_name.lower() == f"{word(service)} audit.csv"
    )


def link_id(store: ScopedStore, service: str) -> str:
    return next(link.id for link in store._store.read().share_links if link.service == service)


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize("service", [OWN, OTHER])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_refused_without_the_right(
    two: Store, tmp_path: Path, role: Role | None, service: str, change: str
) -> None:
    copy = FolderStore(shutil.copytree(two.folder, tmp_path / "store"))
    right, do = CHANGES[change]
    scope = scope_of(role)
    before = copy.current()
    if scope.may(right, service) and (right != "govern" or role == "administrator"):
        do(ScopedStore(copy, scope), service)
        if change not in ("publish", "remove_illustrative"):  # nothing to do here
            assert copy.history()[0].made_by == scope.who, "whatever name was typed"
    else:
        with pytest.raises(NotAllowedError):
            do(ScopedStore(copy, scope), service)
        assert copy.current() == before


def test_an_action_of_another_plan_cannot_be_taken_over(two: Store) -> None:
    theirs = two.read().actions(OTHER)[0]
    mine = Action(OWN, None, "An area", "98", "Mine now", id=theirs.id, version=theirs.version)
    with pytest.raises(NotAllowedError):
        ScopedStore(two, scope_of("chair")).save_actions([mine], by="x")


@pytest.mark.parametrize("service", [OWN, OTHER])
def test_a_letter_is_loaded_by_its_own_service(two: Store, checkout: Path, service: str) -> None:
    text = (checkout / "data" / "letters" / "harnley-vale-2014.txt").read_text("utf-8")
    file = letter(f"new {service}.txt", text, "2011")
    analyst, before = ScopedStore(two, scope_of("analyst")), two.current()
    if service == OWN:
        assert analyst.load([file], by="x", publish=False, service=service)[0].status == "draft"
    else:
        with pytest.raises(NotAllowedError):
            analyst.load([file], by="x", publish=False, service=service)
        assert two.current() == before


@pytest.mark.parametrize("publish", [True, False])
def test_a_file_that_another_service_has_is_loaded_as_if_it_had_not(
    two: Store, tmp_path: Path, checkout: Path, publish: bool
) -> None:
    """Nobody learns what another service has, takes its draft away, or keeps it from loading its own letter."""
    copy = FolderStore(shutil.copytree(two.folder, tmp_path / "store"))
    text = (checkout / "data" / "letters" / "harnley-vale-2014.txt").read_text("utf-8")
    analyst, other = ScopedStore(copy, scope_of("analyst")), ScopedStore(copy, scope_of("analyst", OTHER))
    theirs = {s.id: s.source.sha256 for s in copy.read().drafts() if s.service.name == OTHER}
    status = "loaded" if publish else "draft"
    their_draft = letter("Quillfeather draft.txt", text, "2016")
    (result,) = analyst.load([their_draft], by="x", publish=publish, service=OWN)
    assert (result.status, result.services) == (status, (OWN,))
    assert "quillfeather" not in repr(replace(result, file_name="")).lower()
    assert OTHER not in repr(result)
    assert {s.id: s.source.sha256 for s in copy.read().drafts() if s.service.name == OTHER} == theirs
    # Whoever is first keeps nobody from being second.
    new = letter("new.txt", text, "2017")
    assert analyst.load([new], by="x", publish=publish, service=OWN)[0].status == status
    assert other.load([new], by="x", publish=publish, service=OTHER)[0].status == status
    # Who may load for both is told of a slip.
    with pytest.raises(RefusedError, match=f"already stored for {OWN} as source"):
        ScopedStore(copy, scope_of("administrator")).load([new], by="x", service=OTHER)
    assert copy.check() == []


def test_headings_are_read_as_one_chose_oneself(two: Store, tmp_path: Path) -> None:
    copy = FolderStore(shutil.copytree(two.folder, tmp_path / "store"))

    def chosen(scope: Scope, service: str, heading: str) -> None:
        file = replace(reviews(service, heading, 2), fingerprint="shape", mapping={"due_on": heading})
        ScopedStore(copy, scope).load([file], by="Whatever is typed")

    mine, theirs = scope_of("analyst"), replace(scope_of("analyst", OTHER), who="other@board.test")
    chosen(theirs, OTHER, "Theirs")
    assert ScopedStore(copy, mine).read().mapping("shape") is None
    chosen(mine, OWN, "Mine")
    chosen(theirs, OTHER, "Theirs again")
    assert ScopedStore(copy, mine).read().mapping("shape") == ("reviews", {"due_on": "Mine"})
    assert ScopedStore(copy, scope_of("chair")).read().mapping("shape") is None
    here = ScopedStore(copy, Scope("", open=True)).read()
    assert here.mapping("shape") == ("reviews", {"due_on": "Theirs again"}), "on one's own machine the last"


def test_a_refusal_does_not_tell_what_another_service_has(two: Store, tmp_path: Path) -> None:
    copy = FolderStore(shutil.copytree(two.folder, tmp_path / "store"))
    copy.load([reviews("Hidden Place", "Hidden", 2)], by="x")
    analyst = ScopedStore(copy, scope_of("analyst"))
    # By the name of a service that is in no register, or by a number.
    refusals = []
    for name in ("hidden place", "hidden plaice"):
        with pytest.raises(NotAllowedError) as refusal:
            analyst.rehearse([reviews(name, "Mine", 2)], by="x")
        refusals.append(str(refusal.value))
    their_inspection = next(s.id for s in copy.read().drafts() if s.service.name == OTHER)
    for number in (their_inspection, 999):
        with pytest.raises(NotAllowedError) as refusal:
            analyst.publish(number, by="x")
        refusals.append(str(refusal.value))
    assert refusals[0] == refusals[1]
    assert refusals[2] == refusals[3]


def test_figures_of_a_service_that_no_register_has_are_its_own(two: Store, tmp_path: Path) -> None:
    """Nobody else puts a published figure into its pages."""
    copy = FolderStore(shutil.copytree(two.folder, tmp_path / "store"))
    copy.load([reviews("Hidden Place", "Hidden", 2)], by="x")
    file = TableFile("a.csv", "0" * 64, cohorts=(cohort("hidden place"),))
    with pytest.raises(NotAllowedError):
        ScopedStore(copy, scope_of("analyst")).rehearse([file], by="x")
    ScopedStore(copy, scope_of("analyst", "Hidden Place")).rehearse([file], by="x")


def cohort(area: str, **changes: object) -> Cohort:
    return Cohort(
        area, date(2013, 1, 1), date(2013, 12, 31), 90, 30, published_on=date(2015, 10, 1), **changes
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("areas", "allowed"),
    [
        ((OWN,), True),
        (("Knowsley YOT",), True),
        ((OWN, "England and Wales"), False),
        (("North West",), False),
        ((OWN, OTHER), False),
        ((OTHER,), False),
        (("Nowhere at all",), False),
    ],
)
def test_figures_of_any_area_but_ones_own_are_an_administrators_to_load(
    two: Store, areas: tuple[str, ...], allowed: bool
) -> None:
    """Every board sees them beside its own."""
    file = TableFile("a.csv", "0" * 64, cohorts=tuple(cohort(area) for area in areas))
    analyst = ScopedStore(two, scope_of("analyst"))
    if allowed:
        analyst.rehearse([file], by="x")
    else:
        for load in (analyst.rehearse, analyst.load):
            with pytest.raises(NotAllowedError, match=f"figures of {areas[-1]}.*an administrator loads them"):
                load([file], by="x")
    ScopedStore(two, scope_of("administrator")).rehearse([file], by="x")
    with pytest.raises(NotAllowedError):
        ScopedStore(two, scope_of("chair")).rehearse(
            [TableFile("b.csv", "1" * 64, cohorts=(cohort("Wales"),))], by="x"
        )


def test_everything_that_may_not_be_loaded_is_said_at_once(two: Store) -> None:
    areas = ("England and Wales", OWN, "North West", OTHER, "Wales", "North East")
    files = [
        TableFile("a.csv", "0" * 64, cohorts=tuple(cohort(area) for area in areas)),
        TableFile("b.csv", "1" * 64, cohorts=(cohort("Wales"),)),
        replace(reviews(OTHER, "Mine", 2), name="c.csv"),
    ]
    with pytest.raises(NotAllowedError) as refusal:
        ScopedStore(two, scope_of("analyst")).load(files, by="x")
    first, second, third = str(refusal.value).splitlines()
    assert f"has figures of England and Wales; North West; {OTHER} and 2 more." in first
    assert f"load a table of {OWN} alone" in first
    assert second.startswith("b.csv: has figures of Wales.")
    assert third == f"c.csv: you may not load or change data of {OTHER}"


def test_a_table_with_figures_of_all_is_not_an_analysts_to_take_out(two: Store, tmp_path: Path) -> None:
    copy = FolderStore(shutil.copytree(two.folder, tmp_path / "store"))
    every, own = (
        TableFile(f"{len(areas)}.csv", str(len(areas)) * 64, cohorts=tuple(cohort(a) for a in areas))
        for areas in ((OWN, "England and Wales"), (OWN,))
    )
    every_id, own_id = (r.source_id for r in copy.load([every, own], by="host"))
    analyst = ScopedStore(copy, scope_of("analyst"))
    assert own_id in {source.id for source in analyst.read().sources()}
    assert every_id not in {source.id for source in analyst.read().sources()}
    analyst.unload(own_id, by="x")
    with pytest.raises(NotAllowedError):
        analyst.unload(every_id, by="x")


@pytest.mark.parametrize("role", [None, "board member", "chair", "analyst"])
def test_what_is_read_of_another_service_is_what_is_published(two: Store, role: Role | None) -> None:
    snapshot = ScopedStore(two, scope_of(role)).read()
    for read in (snapshot.inspections, snapshot.audits, snapshot.reviews, snapshot.actions):
        with pytest.raises(NotAllowedError):
            read(OTHER)
    others = [s for s in snapshot.published_inspections() if s.service.name == OTHER]
    assert others, "letters are public"
    with pytest.raises(NotAllowedError):
        snapshot.area_links(others[0])
    told = [snapshot.published_inspections() if role is None else others]
    told += [
        snapshot.cohorts(),
        snapshot.drafts(),
        snapshot.sources(),
        snapshot.share_links,
        snapshot.services(),
    ]
    told += [snapshot.on_time_counts(date.min, date.max), snapshot.all_services()]
    assert "quillfeather" not in repr(told).lower()
    assert {c.area for c in snapshot.cohorts()} == {OWN, OTHER}, "published figures are there"


def test_what_people_corrected_is_in_no_warning_for_others(
    two: Store, tmp_path: Path, checkout: Path
) -> None:
    """A letter that is read anew says of a correction that it has lost its sentence, and whose it was."""
    copy = FolderStore(shutil.copytree(two.folder, tmp_path / "store"))
    stored = copy.read().inspections(OTHER)[0]
    text = (checkout / "data" / "letters" / "harnley-vale-2014.txt").read_text("utf-8")
    shorter = text.replace(stored.findings[0].finding.quote, "Nothing is said here.")
    copy.load([letter("Quillfeather again.txt", shorter, "2015")], by="Quillfeather analyst", service=OTHER)
    snapshot = copy.read()
    assert "Quillfeather" in repr([s.inspection.warnings for s in snapshot.inspections(OTHER)])
    told = ScopedStore(copy, scope_of("board member")).read().published_inspections()
    assert "quillfeather" not in repr(told).lower()


def test_a_download_is_made_for_who_may_have_it_then(tmp_path: Path) -> None:
    """The page keeps what makes it, and a browser may ask for it an hour later."""
    store = FolderStore(tmp_path / "store")
    for email in ("a@b.uk", "c@d.uk"):
        store.give_role(email, "administrator", "", by="host")
    page = ScopedStore(store, Scope("c@d.uk", roles_of(store.read(), "c@d.uk")))
    assert "role given" in page.export_audit_log()
    store.take_role("c@d.uk", "administrator", "", by="a@b.uk")
    lines = len(store.audit.entries())
    with pytest.raises(NotAllowedError):
        page.export_audit_log()
    assert len(store.audit.entries()) == lines


def test_pages_reach_the_store_through_the_scope_alone(checkout: Path) -> None:
    """`whole_store` is for settling who looks, and for the view that is scoped at once."""
    users = {
        file.name
        for file in (checkout / "pages").glob("*.py")
        if re.search(r"whole_store|from_address|import .*\b(?:Store|Snapshot)\b", file.read_text("utf-8"))
    }
    assert users <= {"_visitor.py", "_parts.py"}


# Sign-in


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({"email": "Anna@Example.gov.uk"}, "anna@example.gov.uk"),
        ({"email": "a@b.test", "email_verified": True}, "a@b.test"),
        ({"iss": ENTRA, "preferred_username": "a@b.test"}, "a@b.test"),
        ({"iss": ENTRA, "preferred_username": "anna", "upn": "a@b.test"}, "a@b.test"),
        ({"iss": "https://id.test/", "preferred_username": "a@b.test"}, None),  # chosen by whoever signs in
        ({"iss": "https://login.microsoftonline.com.evil.test/", "upn": "a@b.test"}, None),
        ({"email": "", "email_verified": True, "preferred_username": "a@b.test"}, None),
        ({"email": "a@b.test", "email_verified": False}, None),
        *[
            ({"email": "a@b.test", "email_verified": no}, None)
            for no in ("false", "False", 0, None, "no", "", [])
        ],
        ({"email": "a@b.test", "email_verified": "true"}, "a@b.test"),
        # What becomes another's address when it is written in small letters, or looks like one.
        *[({"email": other}, None) for other in ("chairſ@b.test", "a@faß.test", "\u212a@b.test", "а@b.test")],
        ({"preferred_username": "anna"}, None),
        ({"email": ["a@b.test"]}, None),
        ({}, None),
    ],
)
def test_the_address_is_one_that_the_provider_vouches_for(
    claims: dict[str, object], email: str | None
) -> None:
    claims = {**claims, "iat": NOW.timestamp() - 60}
    if email:
        assert email_vouched_for(claims, NOW, 10) == email
    else:
        with pytest.raises(NotAllowedError):
            email_vouched_for(claims, NOW, 10)


@pytest.mark.parametrize(
    ("issued", "lasts"),
    [
        (-10 * 3600 + 1, True),
        (-10 * 3600 - 1, False),
        (60, True),  # two clocks
        (301, False),
        (None, False),
        ("soon", False),
    ],
)
def test_a_sign_in_lasts_for_the_hours_that_are_set(issued: float | str | None, lasts: bool) -> None:
    iat = NOW.timestamp() + issued if isinstance(issued, int) else issued
    if lasts:
        email_vouched_for({"email": "a@b.test", "iat": iat}, NOW, 10)
    else:
        with pytest.raises(NotAllowedError, match="sign in again"):
            email_vouched_for({"email": "a@b.test", "iat": iat}, NOW, 10)


# Roles in the store


@pytest.mark.parametrize(
    "text", ["", "anna", "a@b", "a b@c.uk", "a@b.uk, c@d.uk", "<a@b.uk>", "a@b.uk\n" + "x" * 300]
)
def test_what_is_no_address_gets_no_role(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is no e-mail address"):
        FolderStore(tmp_path / "store").give_role(text, "chair", OWN, by="host")


def test_roles_are_given_once_and_taken(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    store.give_role(" Anna@Example.GOV.uk", "chair", "Knowsley YOT", by="host")
    store.give_role("anna@example.gov.uk", "chair", OWN, by="host")
    assert [(r.email, r.role, r.service) for r in roles_of(store.read(), "ANNA@example.gov.uk")] == [
        ("anna@example.gov.uk", "chair", OWN)
    ]
    store.take_role("anna@example.gov.uk", "chair", OWN, by="host")
    assert roles_of(store.read(), "anna@example.gov.uk") == ()
    with pytest.raises(RefusedError, match="has no role"):
        store.take_role("anna@example.gov.uk", "chair", OWN, by="host")
    for role, service in (("chair", ""), ("administrator", OWN), ("chair", "Nowhere at all"), ("owner", OWN)):
        with pytest.raises(BadInputError):
            store.give_role("anna@example.gov.uk", role, service, by="host")  # type: ignore[arg-type]
    assert store.check() == []


def test_the_last_administrator_stays(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    store.give_role("a@b.uk", "administrator", "", by="host")
    with pytest.raises(RefusedError, match="only administrator"):
        store.take_role("a@b.uk", "administrator", "", by="host")
    store.give_role("c@d.uk", "administrator", "", by="host")
    store.take_role("a@b.uk", "administrator", "", by="host")
    assert [r.email for r in store.read().roles] == ["c@d.uk"]


def test_going_back_brings_back_no_role_and_no_link(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    store.give_role("a@b.uk", "chair", OWN, by="host")
    link = store.make_link(OWN, ["overview"], "x", datetime.now(UTC) + timedelta(days=3), by="a@b.uk")
    before = store.current()
    store.backup(tmp_path / "backup.duckdb", by="host")
    store.take_role("a@b.uk", "chair", OWN, by="host")
    store.revoke_link(link.id, by="host")
    store.give_role("new@b.uk", "chair", OWN, by="host")
    for target in (before, str(tmp_path / "backup.duckdb")):
        store.restore(target, by="host")
        assert [r.email for r in store.read().roles] == ["new@b.uk"]
        assert store.read().share_links[0].revoked_at is not None
    # Where nothing tells what was revoked since, no link opens.
    moved = FolderStore(tmp_path / "moved")
    moved.restore(str(tmp_path / "backup.duckdb"), by="host")
    assert moved.read().share_links[0].revoked_by == "host"
    assert moved.check() == []


# Links


def made(store: Store, **changes: object) -> ShareLink:
    given = {"service": OWN, "pages": ["overview"], "made_for": "A councillor", **changes}
    until = datetime.now(UTC) + timedelta(days=3)
    return store.make_link(**{"expires_at": until, "by": "chair@board.test", **given})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, ShareLink]:
    store = FolderStore(tmp_path_factory.mktemp("linked") / "store")
    return store, made(store)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"pages": []}, "at least one page"),
        ({"made_for": "  "}, "for whom"),
        ({"expires_at": datetime.now(UTC) - timedelta(seconds=1)}, "expired already"),
        ({"pages": ["overview", "load"]}, "“load” is no page that can be shared"),
        ({"pages": ["../account"]}, "is no page that can be shared"),
        ({"expires_at": datetime.now(UTC) + timedelta(days=367)}, "open for 365 days at most"),
        ({"expires_at": datetime.max.replace(tzinfo=UTC)}, "open for 365 days at most"),
        ({"service": "Nowhere at all"}, "neither in the register"),
    ],
)
def test_a_link_that_could_not_be_used_is_not_made(
    linked: tuple[Store, ShareLink], changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(BadInputError, match=problem):
        made(linked[0], **changes)


def test_everything_that_is_wrong_with_a_link_is_said_at_once(linked: tuple[Store, ShareLink]) -> None:
    with pytest.raises(BadInputError) as problems:
        made(linked[0], pages=["load", "x"], made_for="", expires_at=datetime.max.replace(tzinfo=UTC))
    assert len(str(problems.value).splitlines()) == 4


def test_the_last_day_that_the_screen_offers_is_taken(tmp_path: Path) -> None:
    last = datetime.combine(datetime.now(UTC).date() + timedelta(days=LONGEST_LINK), time.max, tzinfo=UTC)
    assert made(FolderStore(tmp_path / "store"), pages=SHARED_PAGES, expires_at=last).pages == SHARED_PAGES


def test_a_token_opens_its_own_link(linked: tuple[Store, ShareLink]) -> None:
    store, link = linked
    snapshot, token = store.read(), token_of(link, SECRET)
    assert link_of(token, SECRET, snapshot) == link
    assert link_of(token, "x" * 32, snapshot) is None
    assert link_of(link.id, SECRET, snapshot) is None
    assert why_refused(link, datetime.now(UTC)) is None
    assert why_refused(link, link.expires_at) == "expired"
    assert why_refused(None, NOW) == "forged or altered"


@given(data=st.data())
def test_no_altered_token_opens_anything(linked: tuple[Store, ShareLink], data: st.DataObject) -> None:
    store, link = linked
    token = token_of(link, SECRET)
    place = data.draw(st.integers(0, len(token) - 1))
    sign = data.draw(st.characters(min_codepoint=33, max_codepoint=0x17F))
    altered = token[:place] + sign + token[place + data.draw(st.integers(0, 1)) :]
    if altered != token:
        assert link_of(altered, SECRET, store.read()) is None


@given(text=st.text(max_size=80))
def test_no_text_opens_anything(linked: tuple[Store, ShareLink], text: str) -> None:
    assert link_of(text, SECRET, linked[0].read()) is None


def test_a_link_is_revoked_once_and_for_all(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    link = made(store)
    store.revoke_link(link.id, by="chair@board.test")
    at = store.current()
    store.revoke_link(link.id, by="somebody@board.test")
    assert store.current() == at
    (now,) = store.read().share_links
    assert now.revoked_by == "chair@board.test"
    assert why_refused(now, datetime.now(UTC)) == "revoked"
    with pytest.raises(RefusedError, match="no link"):
        store.revoke_link("0000", by="x")
