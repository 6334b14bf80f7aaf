"""Who is looking: somebody who signed in, a visitor by a share link, or whoever sits at this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from sqs_core.access import (
    Scope,
    ScopedStore,
    SignInRefusedError,
    email_vouched_for,
    link_of,
    roles_of,
    why_refused,
)
from sqs_core.doors import LINK_COOKIE
from sqs_core.hosting import Settings, settings_from
from sqs_core.model import ShareLink
from sqs_core.store import Store
from sqs_core.store.audit import Event

HERE = Path(__file__).parent


@st.cache_resource
def settings() -> Settings:
    return settings_from(os.environ)


@st.cache_resource
def whole_store() -> Store:
    """The store this dashboard shows (SQS_STORE, or the folder `store`). Pages have it through `store()` alone."""
    return Store.from_address(None)


@st.cache_resource
def _recorded() -> set[tuple[str, ...]]:
    """What this process has put into the audit log and need not again: a sign-in is one line, not one for each click."""
    return set()


def begin_visit() -> str | None:
    """Settle who is looking, anew on each run: a role or a link that is taken away counts from the next click.
    Why somebody who signed in may see nothing, in a sentence; None: they may, or nobody signed in."""
    st.session_state.pop("scope", None)
    if not settings().hosted:
        st.session_state["scope"] = Scope("", open=True)
        return None
    whole_store().create()
    snapshot = whole_store().read()
    claims = st.user.to_dict()
    if not claims.get("is_logged_in"):
        return None
    try:
        email = email_vouched_for(claims, datetime.now(UTC), settings().session_hours)
    except SignInRefusedError as error:
        record_refused(claims, "somebody", error.why)
        return str(error)
    roles = roles_of(snapshot, email)
    if not roles:
        record_refused(claims, email, "no role")
        return (
            f"You are signed in as {email}, and no role is given to this address here. Ask the administrator of this "
            "dashboard."
        )
    record_once("signed in", email, str(claims.get("iat", "")))
    st.session_state["scope"] = Scope(email, roles)
    return None


def link_of_this_visit() -> ShareLink | None:
    """The share link that this browser came with, looked at anew on each run; None: none, or it opens nothing any more."""
    if not settings().hosted:
        return None
    token = st.context.cookies.get(LINK_COOKIE, "")
    link = link_of(token, settings().cookie_secret, whole_store().read())
    return None if why_refused(link, datetime.now(UTC)) else link


@st.fragment(run_every=2)
def watch_link(shown: str) -> None:
    """A shared view that is open closes by itself within seconds when its link is withdrawn or ends."""
    if whole_store().current() != shown or link_of_this_visit() is None:
        st.rerun()


def record_once(event: Event, who: str, mark: str, service: str = "") -> None:
    """In the audit log, once for each person, service and mark in this process."""
    _record((event, who, mark, service), event, who, service)


def record_refused(claims: Mapping[str, object], who: str, why: str) -> None:
    """A sign-in that opens nothing: one line for each person and hour, so that nobody fills the log with them. By what
    the provider itself knows a person by: a name they may change."""
    person = str(claims.get("sub") or claims.get("email"))
    hour = f"{datetime.now(UTC):%Y-%m-%d %H}"
    _record(("sign-in refused", person, hour), "sign-in refused", who, detail=why)


def _record(once: tuple[str, ...], event: Event, who: str, service: str = "", detail: str = "") -> None:
    seen = _recorded()
    if once in seen:
        return
    # First: what is not written down must not be shown.
    whole_store().audit.append(event, who, service, detail)
    if len(seen) > 10_000:
        seen.clear()
    seen.add(once)


def record_case_references(service: str) -> None:
    """Somebody sees which cases are late: a line a day in the audit log."""
    who = scope().who or "whoever uses this machine"
    record_once("saw case references", who, f"{datetime.now(UTC):%Y-%m-%d}", service)


def scope() -> Scope:
    """What whoever is looking may see and do. A page that is reached around the frame stops here."""
    found: Scope | None = st.session_state.get("scope")
    if found is None:
        st.error("Open this page from the dashboard's front page.")
        st.stop()
    return found


def store() -> ScopedStore:
    """The store, as far as whoever is looking may see and change it."""
    return ScopedStore(whole_store(), scope())


def sign_in(refused: str | None) -> None:
    """The page that stands in the place of every other while nobody has signed in, or who did has no role."""
    st.title("Sign in")
    if refused:
        st.warning(refused, icon=":material/lock:")
        st.button("Sign out", on_click=st.logout)
        return
    st.write(
        "This dashboard is for the boards of Youth Offending Services and the people who work with them. Sign in with "
        "your work account; you then see what you came for."
    )
    st.button("Sign in", on_click=st.login, type="primary", icon=":material/login:")
    st.caption("No account? Ask the chair of the board for a link.")
    st.page_link(HERE / "accessibility.py", label="Accessibility statement")


def not_for_this_role() -> None:
    """In the place of a page that is for other roles."""
    st.title("Not for your role")
    st.write(
        f"You are {scope().words}. This page is for other roles. If you need it, ask the administrator of this dashboard."
    )


def link_ended() -> None:
    """In the place of a shared view whose link opens nothing any more."""
    st.title("This link does not open")
    st.write(
        "It may have ended or been withdrawn, or this page is not part of it. Ask the person who sent it for a new one."
    )
