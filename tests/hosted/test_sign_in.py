"""Sign-in from end to end: a real Chromium, a real provider, and people who land where their link pointed."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from bench.chromium import chromium as start_chromium
from bench.chromium import wait_until_whole
from tests.hosted.conftest import EMAILS, OTHER, OWN, UNPUBLISHED, Hosted

DEEP = f"/reviews?service={OWN}&by=Team"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_chromium() as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(locale="en-GB", accept_downloads=True)
    yield found
    found.close()


def words(page: Page) -> str:
    wait_until_whole(page)
    return page.get_by_test_id("stMain").inner_text().replace("\u2060", "")


def sign_in(page: Page, hosted: Hosted, sub: str, address: str = "/") -> None:
    """As a person does: open a link, press the button, say to the provider who one is."""
    page.goto(hosted.url + address)
    wait_until_whole(page)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=sub, exact=True).click()
    page.wait_for_url(f"{hosted.url}/**")
    wait_until_whole(page)


def test_people_land_where_their_link_pointed(context: BrowserContext, hosted: Hosted) -> None:
    page = context.new_page()
    sign_in(page, hosted, "member", DEEP)
    assert "Reviews on time" in words(page)
    landed = urlsplit(page.url)
    assert landed.path == "/reviews"
    assert parse_qs(landed.query)["by"] == ["Team"]
    assert "code=" not in page.url
    signed = [e for e in hosted.store.audit.entries() if e.event == "signed in" and e.who == EMAILS["member"]]
    assert len(signed) == 1
    page.goto(f"{hosted.url}/areas")
    assert "Areas requiring improvement" in words(page), "signed in on the next page too"
    assert (
        len([e for e in hosted.store.audit.entries() if e.event == "signed in" and e.who == EMAILS["member"]])
        == 1
    )


def test_the_cookies_are_out_of_reach_of_scripts(context: BrowserContext, hosted: Hosted) -> None:
    page = context.new_page()
    sign_in(page, hosted, "member")
    cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    assert cookies["_streamlit_user"]["httpOnly"]
    assert cookies["_streamlit_user"]["sameSite"] == "Lax"
    assert cookies["sqs_wanted"]["httpOnly"]


def test_a_planted_address_sends_nobody_elsewhere(context: BrowserContext, hosted: Hosted) -> None:
    page = context.new_page()
    page.goto(hosted.url)
    wait_until_whole(page)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="member", exact=True).wait_for()
    for planted in ("//elsewhere.test/", "https://elsewhere.test/", "/\\elsewhere.test"):
        context.add_cookies([{"name": "sqs_wanted", "value": planted.replace("/", "%2F"), "url": hosted.url}])
    page.get_by_role("button", name="member", exact=True).click()
    page.wait_for_url(f"{hosted.url}/**")
    assert OWN in words(page)


@pytest.mark.parametrize(
    ("sub", "says"),
    [("nobody", "no role is given to this address"), ("unverified", "has not verified your e-mail address")],
)
def test_who_has_no_role_is_told_so_and_sees_nothing(
    context: BrowserContext, hosted: Hosted, sub: str, says: str
) -> None:
    page = context.new_page()
    sign_in(page, hosted, sub, DEEP)
    text = words(page)
    assert says in text
    assert "Ownside" not in text
    assert page.get_by_role("button", name="Sign out").is_visible()


def test_signing_out_ends_it(context: BrowserContext, hosted: Hosted) -> None:
    page = context.new_page()
    sign_in(page, hosted, "chair", "/account")
    assert f"You are signed in as {EMAILS['chair']}: chair of {OWN}." in words(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/oauth2/end_session**")  # signed out at the provider too
    page.goto(hosted.url + DEEP)
    assert "Ownside" not in words(page)
    assert page.get_by_role("heading", name="Sign in").is_visible()
    sign_in(page, hosted, "chair", "/account")
    assert f"You are signed in as {EMAILS['chair']}" in words(page), "a new sign-in is none that was ended"


def test_a_chair_sees_one_service_and_shares_a_view(
    browser: Browser, context: BrowserContext, hosted: Hosted
) -> None:
    page = context.new_page()
    sign_in(page, hosted, "chair", f"/share?service={OTHER}")
    assert "Choose above whose view you want to share." in words(page)
    page.goto(f"{hosted.url}/share")
    assert f"Share: {OWN}" in words(page)
    assert UNPUBLISHED not in words(page)
    page.get_by_role("textbox", name="For whom").fill("Councillor for the young")
    page.get_by_role("button", name="Make the link").click()
    page.get_by_text("Send this link to them").wait_for()
    wait_until_whole(page)
    address = page.get_by_test_id("stCode").first.inner_text().strip()
    assert address.startswith(f"{hosted.url}/s/")

    visitor = browser.new_context()
    shared = visitor.new_page()
    shared.goto(address)
    assert f"Overview: {OWN}" in words(shared)
    assert shared.url == f"{hosted.url}/shared-overview", "nothing of the link stays in the address"
    shared.goto(f"{hosted.url}/shared-reviews")
    assert "This link does not open" in words(shared), "a page that was not chosen"
    shared.goto(f"{hosted.url}/reviews?service={OWN}")
    assert "Sign in" in words(shared)
    shared.goto(f"{hosted.url}/shared-overview")
    assert f"Overview: {OWN}" in words(shared)

    page.goto(f"{hosted.url}/share")
    wait_until_whole(page)
    box = page.locator("[data-testid=stVerticalBlock]").filter(has_text="For Councillor for the young").last
    assert "Opened one time" in words(page)
    box.get_by_role("button", name="Withdraw it").click()
    page.get_by_text("is withdrawn").wait_for()
    shared.get_by_text("This link does not open").wait_for(timeout=8_000)  # it was open in their browser
    assert OWN not in words(shared)
    events = [e.event for e in hosted.store.audit.entries() if e.service == OWN]
    assert events[-3:] == ["share link made", "share link opened", "share link revoked"]
    visitor.close()
