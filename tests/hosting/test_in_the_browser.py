"""The pages really run under the content policy, and the log of a visit says nothing about who came."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bench.chromium import chromium as start_chromium
from bench.chromium import wait_until_whole
from bench.server import CHECKOUT, serve
from tests.hosting.asking import HOSTED, signed_in

PAGES = sorted(path.stem for path in (CHECKOUT / "pages").glob("[!_]*.py"))
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  event => window.violations.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with start_chromium() as browser:
        yield browser


def watched(browser: Browser) -> tuple[Page, list[str]]:
    """A page, and what its console says against it."""
    page = browser.new_context(locale="en-GB").new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Policy" in message.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.add_init_script(NOTE_VIOLATIONS)
    return page, said


def test_every_page_runs_under_the_policy(chromium: Browser, open_port: int) -> None:
    page, said = watched(chromium)
    for name in PAGES:
        answer = page.goto(f"http://127.0.0.1:{open_port}/{name}?service=Example%20North")
        assert answer
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        wait_until_whole(page)
        assert page.evaluate("window.violations") == [], name
    assert said == []
    # The policy is in force: what it forbids does not run.
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.ran = true';"
        " document.body.append(s); }"
    )
    assert page.evaluate("window.ran") is None
    assert len(page.evaluate("window.violations")) == 1


def test_a_file_is_loaded_under_the_policy(chromium: Browser, open_port: int) -> None:
    """What is uploaded as HTML is shown as text; the upload itself passes the front."""
    page, said = watched(chromium)
    page.goto(f"http://127.0.0.1:{open_port}/tables")
    wait_until_whole(page)
    hostile = (
        "service,case_ref,due_on\n<img src=x onerror=window.ran=1>,<script>window.ran=1</script>,99/99/2026\n"
    )
    page.locator('input[type="file"]').first.set_input_files(
        {"name": "<b>reviews</b>.csv", "mimeType": "text/csv", "buffer": hostile.encode()}
    )
    page.wait_for_timeout(500)
    wait_until_whole(page)
    assert "<b>reviews</b>.csv" in page.inner_text("body")
    assert page.evaluate("window.ran") is None
    assert page.locator('img[src="x"]').count() == 0
    assert page.evaluate("window.violations") == []
    assert said == []


def test_a_hosted_page_runs_under_the_policy_and_its_log_names_nobody(
    chromium: Browser, filled_store: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    variables = {
        **HOSTED,
        "SQS_URL": "http://localhost:{port}",
        "SQS_OIDC_METADATA_URL": "http://localhost:1/.well-known/openid-configuration",
        "STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE": "true",
    }
    with serve(store=filled_store, environment=variables, log_file=log) as server:
        cookie = signed_in(url=server.url).partition("=")
        page, said = watched(chromium)
        page.context.add_cookies([{"name": cookie[0], "value": cookie[2], "url": server.url}])
        page.context.set_extra_http_headers({"X-Forwarded-For": "203.0.113.77, 198.51.100.78"})
        # A proxy on this machine would not be used with http://localhost: the front turns it away, in one line.
        refused = page.goto(f"{server.url}/s/token-of-the-link?note=born-2001-02-03")
        assert refused and refused.status == 403
        page.context.set_extra_http_headers({})
        for address in (
            "/",
            "/scores?service=Example%20North&case=case-4711",
            "/p.quillfeather@example.gov.uk",
        ):
            page.goto(f"{server.url}{address}")
            wait_until_whole(page)
        assert page.evaluate("window.violations") == []
        assert said == []
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line]
    assert {"started", "request", "page_opened", "page_closed"} <= {line["event"] for line in lines}
    routes = {line["route"] for line in lines if "route" in line}
    assert {"/s/{token}", "/", "/{page}", "/_stcore/stream"} <= routes
    text = log.read_text("utf-8")
    personal = ["quillfeather", "203.0.113.77", "198.51.100.78", "token-of-the-link", "2001-02-03", "4711"]
    personal += ["Example North", "Example%20North", cookie[2][:20], "_streamlit", "Mozilla", "127.0.0.1"]
    assert [name for name in personal if name.lower() in text.lower()] == []
