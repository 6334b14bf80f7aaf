"""A share link at the door: what is forged, altered, expired or revoked gets one plain page and a line in the log."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from email.message import Message

import pytest

from sqs_core.access import token_of
from sqs_core.doors import LINK_COOKIE
from sqs_core.model import ShareLink
from tests.hosted.conftest import COOKIE_SECRET, OTHER, OWN, UNPUBLISHED, Hosted
from tests.hosted.handmade import ask, signed_in

SHARED = ("overview", "scores", "reviews", "reoffending", "areas")


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def knock(hosted: Hosted, token: str) -> tuple[int, Message, str]:
    """Open the address of a link: status, headers, text."""
    try:
        with urllib.request.build_opener(Stay).open(f"{hosted.url}/s/{token}", timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def made(hosted: Hosted, *pages: str, days: float = 3) -> tuple[ShareLink, str]:
    until = datetime.now(UTC) + timedelta(days=days)
    link = hosted.store.make_link(OWN, pages or SHARED, "A partner", until, by="chair@board.test")
    return link, token_of(link, COOKIE_SECRET)


def last_line(hosted: Hosted) -> tuple[str, str, str]:
    line = hosted.store.audit.entries()[-1]
    return line.event, line.who, line.detail


def test_a_link_opens_its_first_page_and_counts(hosted: Hosted) -> None:
    link, token = made(hosted, "reviews", "overview")
    status, headers, _ = knock(hosted, token)
    assert (status, headers["location"]) == (303, "/shared-reviews")
    cookie = headers["set-cookie"]
    assert cookie.startswith(f"{LINK_COOKIE}={token};")
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert last_line(hosted) == ("share link opened", f"link {link.id}", "")


def test_every_bad_link_gets_the_same_page_and_a_line(hosted: Hosted) -> None:
    link, token = made(hosted)
    expired, expired_token = made(hosted, days=1 / 86400)
    revoked, revoked_token = made(hosted)
    hosted.store.revoke_link(revoked.id, by="chair@board.test")
    forged = token_of(link, "another secret of thirty-two signs")
    while datetime.now(UTC) < expired.expires_at:
        pass
    pages = set()
    for bad, who, why in (
        (forged, "somebody with a link", "forged or altered"),
        (token[:-1] + ("A" if token[-1] != "A" else "B"), "somebody with a link", "forged or altered"),
        ("x", "somebody with a link", "forged or altered"),
        (link.id, "somebody with a link", "forged or altered"),
        (expired_token, f"link {expired.id}", "expired"),
        (revoked_token, f"link {revoked.id}", "revoked"),
    ):
        status, headers, text = knock(hosted, bad)
        assert status == 404
        assert LINK_COOKIE not in str(headers.get_all("set-cookie"))
        assert last_line(hosted) == ("share link refused", who, why)
        pages.add(text)
    assert len(pages) == 1
    assert OWN not in pages.pop()


@pytest.mark.parametrize("page", SHARED)
def test_the_cookie_is_looked_at_on_each_run(hosted: Hosted, page: str) -> None:
    link, token = made(hosted, page)
    cookies = {LINK_COOKIE: token}
    assert OWN in ask(hosted.url, f"shared-{page}", cookies).title
    for other in set(SHARED) - {page}:
        assert ask(hosted.url, f"shared-{other}", cookies).title == "This link does not open"
    hosted.store.revoke_link(link.id, by="chair@board.test")
    answer = ask(hosted.url, f"shared-{page}", cookies)
    assert answer.title == "This link does not open"
    assert OWN not in answer.text


@pytest.mark.parametrize("cookies", [{}, {LINK_COOKIE: "forged"}, {LINK_COOKIE: ""}])
def test_without_a_link_no_shared_page_opens(hosted: Hosted, cookies: dict[str, str]) -> None:
    for page in SHARED:
        answer = ask(hosted.url, f"shared-{page}", cookies)
        assert answer.title == "This link does not open"
        assert OWN not in answer.text


def test_a_link_opens_no_page_of_the_board(hosted: Hosted) -> None:
    _, token = made(hosted)
    for page in (
        "",
        "scores",
        "reviews",
        "areas",
        "compare",
        "letter",
        "load",
        "tables",
        "share",
        "account",
        "methods",
    ):
        answer = ask(hosted.url, page, {LINK_COOKIE: token}, f"service={OWN}")
        assert answer.title == "Sign in"
        assert OWN not in answer.text


def test_a_shared_view_takes_nothing_from_its_address(hosted: Hosted) -> None:
    _, token = made(hosted)
    for page in SHARED:
        plain = ask(hosted.url, f"shared-{page}", {LINK_COOKIE: token})
        for query in (
            f"service={OTHER}",
            "by=Team&team=Ownside+team",
            "period=All",
            "inspection=x&area=1&finding=1",
        ):
            asked = ask(hosted.url, f"shared-{page}", {LINK_COOKIE: token}, query)
            assert UNPUBLISHED.lower() not in asked.text.lower()
            assert asked.elements == plain.elements


def test_a_signed_in_chair_sees_the_shared_view_as_its_reader_does(hosted: Hosted) -> None:
    _, token = made(hosted)
    cookies = {**signed_in(hosted.url, "chair@board.test"), LINK_COOKIE: token}
    answer = ask(hosted.url, "shared-reviews", cookies)
    assert OWN in answer.title
    assert "Ownside reason" not in answer.text
    assert ask(hosted.url, "reviews", cookies).title.startswith("Reviews on time")
