"""The pages that a hosted dashboard has: sign-in, Share, Account, and what a shared view looks like from the frame."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sqs_core.store import FolderStore, Store

SECRET = "k7Qp2vX9sLw4Rb8Zd1Yf6Hn3Tg5Jm0Ca"
Open = Callable[..., AppTest]
Words = Callable[[AppTest], str]


@pytest.fixture
def store(store_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The examples, hosted, with a chair and an administrator."""
    for name, value in {
        "SQS_URL": "http://localhost:8501",
        "SQS_COOKIE_SECRET": SECRET,
        "SQS_OIDC_METADATA_URL": "http://localhost:1/.well-known/openid-configuration",
        "SQS_OIDC_CLIENT_ID": "board",
        "SQS_OIDC_CLIENT_SECRET": "of no matter here",
    }.items():
        monkeypatch.setenv(name, value)
    store = FolderStore(store_folder)
    store.give_role("chair@board.test", "chair", "Wyrevale", by="host")
    store.give_role("administrator@board.test", "administrator", "", by="host")
    return store


@pytest.fixture
def open_as(store: Store, checkout: Path) -> Open:
    assert store.exists()

    def open_(page: str, who: str | None) -> AppTest:
        app = AppTest.from_file(str(checkout / "pages" / "_frame.py"), default_timeout=60)
        app.user = {"is_logged_in": False}
        if who:
            email = f"{who}@board.test"
            app.user = {"is_logged_in": True, "email": email, "email_verified": True, "iat": int(time.time())}
        if page != "overview":
            app.switch_page(f"{page}.py")
        app.run()
        assert not app.exception, app.exception[0].stack_trace
        return app

    return open_


def test_nobody_sees_anything_but_the_way_in(open_as: Open, words: Words) -> None:
    app = open_as("overview", None)
    assert app.title[0].value == "Sign in"
    assert [button.label for button in app.button] == ["Sign in"]
    assert "Wyrevale" not in words(app)


def test_who_has_no_role_is_told_so(open_as: Open, words: Words) -> None:
    app = open_as("overview", "stranger")
    assert "no role is given to this address here" in words(app)
    assert [button.label for button in app.button] == ["Sign out"]


def test_a_link_is_made_shown_and_withdrawn(open_as: Open, words: Words, store: Store) -> None:
    app = open_as("share", "chair")
    assert "No links to a view of Wyrevale are open." in words(app).replace("\\", "")
    app.button(key="FormSubmitter:new_link-Make the link").click().run()
    assert "Say for whom the link is." in words(app).replace("\\", "")
    app.text_input[0].set_value("A councillor")
    next(box for box in app.checkbox if box.label == "Areas").check()
    app.button(key="FormSubmitter:new_link-Make the link").click().run()
    (link,) = store.read().share_links
    assert (link.service, link.pages, link.made_for, link.made_by) == (
        "Wyrevale",
        ("overview", "areas"),
        "A councillor",
        "chair@board.test",
    )
    assert any(code.value.startswith("http://localhost:8501/s/") for code in app.code)
    assert "One link to a view of Wyrevale is open." in words(app).replace("\\", "")
    app.button(key=f"withdraw {link.id}").click().run()
    assert store.read().share_links[0].revoked_by == "chair@board.test"
    assert "No links to a view of Wyrevale are open." in words(app).replace("\\", "")


def test_roles_are_given_and_taken_on_the_account_page(open_as: Open, words: Words, store: Store) -> None:
    app = open_as("account", "administrator")
    app.text_input[0].set_value("not an address")
    app.button(key="FormSubmitter:give_role-Give the role").click().run()
    assert "is no e\\-mail address" in words(app)
    app.text_input[0].set_value("New@Board.test")
    app.selectbox[1].set_value("Wyrevale")
    app.button(key="FormSubmitter:give_role-Give the role").click().run()
    given = [r for r in store.read().roles if r.email == "new@board.test"]
    assert [(r.role, r.service, r.given_by) for r in given] == [
        ("board member", "Wyrevale", "administrator@board.test")
    ]
    app.selectbox(key="taken_role").set_value("new@board.test: board member of Wyrevale").run()
    next(b for b in app.button if b.label == "Take it away").click().run()
    assert not [r for r in store.read().roles if r.email == "new@board.test"]
    app.selectbox(key="taken_role").set_value("administrator@board.test: administrator").run()
    next(b for b in app.button if b.label == "Take it away").click().run()
    assert "is the only administrator" in words(app)


def test_the_account_page_shows_the_record_to_administrators(open_as: Open, words: Words) -> None:
    text = words(open_as("account", "administrator"))
    assert "Role given" in text
    assert "none of them was changed or taken out" in text
    chair = open_as("account", "chair")
    assert "chair of Wyrevale" in words(chair)
    assert "Role given" not in words(chair)
    assert not chair.text_input


def test_a_damaged_record_is_said(open_as: Open, words: Words, store: Store) -> None:
    log = store.folder / "audit.jsonl"
    log.write_text(log.read_text("utf-8").replace("chair of Wyrevale", "chair of Wirral", 1), "utf-8")
    assert "The record is not whole" in words(open_as("account", "administrator"))


@pytest.mark.parametrize(
    ("who", "area"),
    [("analyst", "Knowsley"), ("analyst", "England and Wales"), ("administrator", "England and Wales")],
)
def test_published_figures_are_loaded_by_an_administrator(
    open_as: Open, words: Words, store: Store, who: str, area: str
) -> None:
    store.give_role("analyst@board.test", "analyst", "Knowsley", by="host")
    app = open_as("tables", who)
    app.segmented_control(key="what").set_value("Reoffending figures of areas").run()
    told = "An administrator of this dashboard loads them, once for everybody"
    assert (told in words(app)) == (who == "analyst")
    table = (
        "area,cohort_start,cohort_end,offenders,reoffenders,published_on,source,source_kind,age_group\n"
        f"{area},2013-10-01,2014-09-30,151,45,2016-07-28,A table,published,10-17\n"
    )
    app.file_uploader[0].set_value(("rates.csv", table.encode(), "text/csv")).run()
    if app.checkbox:
        app.checkbox[0].check().run()
    next(button for button in app.button if button.label == "Load it").click().run()
    allowed = who == "administrator" or area == "Knowsley"
    assert [c.area for c in store.read().cohorts()] == [area] * allowed
    assert (f"has figures of {area}" in words(app)) == (not allowed)


def test_what_a_person_changes_bears_their_name(open_as: Open) -> None:
    app = open_as("areas", "chair")
    assert not [box for box in app.text_input if box.label == "Your name or role"]
    assert any("chair" in caption.value for caption in app.caption)


def test_what_a_role_may_not_do_is_not_offered(store: Store, checkout: Path, words: Words) -> None:
    assert store.exists()
    for who, offered in (("chair", False), ("administrator", True)):
        app = AppTest.from_file(str(checkout / "pages" / "_frame.py"), default_timeout=60)
        email = f"{who}@board.test"
        app.user = {"is_logged_in": True, "email": email, "email_verified": True, "iat": int(time.time())}
        app.query_params["service"] = "Wyrevale (illustrative)"
        app.query_params["area"] = "1"
        app.switch_page("areas.py")
        app.run()
        labels = [expander.label for expander in app.expander]
        assert ("Confirm or change which findings lie behind it" in labels) == offered
        assert ("The service's analyst confirms or changes" in words(app)) == (not offered)
