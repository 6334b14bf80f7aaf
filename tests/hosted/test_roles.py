"""Page by page and role by role: who sees what, by the navigation, by address, as a fresh server's first request."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.memory_media_file_storage import _calculate_file_id as file_id
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from sqs_core.access import RIGHTS
from sqs_core.measures.reoffending import CHOSEN
from tests.hosted.conftest import (
    CASE,
    EMAILS,
    METRICS_TOKEN,
    OTHER,
    OWN,
    ROLES,
    UNPUBLISHED,
    Hosted,
    hosted_dashboard,
)
from tests.hosted.handmade import Answer, ask, ask_again, send, signed_in

PAGE_FILES = (Path(__file__).parents[2] / "pages").glob("*.py")
FRONT = ""
SEEN = (FRONT, "scores", "reviews", "reoffending", "compare", "areas", "letter", "methods", "account")
PAGES = (*SEEN, "load", "tables", "share")
MAY = {
    "load": ("analyst", "administrator"),
    "tables": ("analyst", "administrator"),
    "share": ("chair", "administrator"),
}
TRACKER = "12-month cohorts, the service's own figures"
COMPARISONS = ("Reoffending", "Section scores", "Reviews on time")


def shown(hosted: Hosted, page: str, role: str | None, **query: str) -> Answer:
    cookies = signed_in(hosted.url, EMAILS[role] if role else None)
    return ask(hosted.url, page, cookies, urlencode(query))


def downloads(hosted: Hosted, answer: Answer, role: str) -> str:
    """What the downloads of a page hold."""
    header = "; ".join(f"{k}={v}" for k, v in signed_in(hosted.url, EMAILS[role]).items())
    out = []
    for address in filter(None, answer.media):
        request = urllib.request.Request(hosted.url + address, headers={"Cookie": header})
        with urllib.request.urlopen(request, timeout=20) as file:
            out.append(file.read().decode("utf-8", "replace"))
    return "\n".join(out)


def test_every_role_is_tried() -> None:
    assert len(RIGHTS) == len(ROLES)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", [None, "nobody"])
def test_without_a_role_nothing_is_seen(hosted: Hosted, page: str, role: str | None) -> None:
    answer = shown(hosted, page, role, service=OWN)
    assert answer.title == "Sign in"
    assert not any(word in answer.text for word in ("Ownside", UNPUBLISHED, "Knowsley", "Wirral"))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ROLES)
def test_a_page_opens_to_the_roles_that_it_is_for(hosted: Hosted, page: str, role: str) -> None:
    answer = shown(hosted, page, role, service=OWN)
    allowed = page not in MAY or role in MAY[page]
    assert (answer.title != "Not for your role") == allowed
    assert answer.title != "Sign in"
    assert "Traceback" not in answer.text
    if page in ("load", "tables", "share") and not allowed:
        assert "Ownside" not in answer.text


@pytest.mark.parametrize("role", ["member", "chair", "analyst"])
@pytest.mark.parametrize("page", [p for p in PAGES if p != "methods"])
def test_nothing_of_another_service_but_what_is_published(hosted: Hosted, page: str, role: str) -> None:
    """Without an address, by the other's name in the address, and with every other thing that an address can say."""
    queries: list[dict[str, str]] = [{}, {"service": OWN}, {"service": OTHER}]
    queries += [
        {"service": OTHER, "inspection": "October 2015", "finding": "1", "area": "1", "letter": "Wirral"},
        {"service": OWN, "beside": CHOSEN, "family": f"{OTHER};{OWN}", "figures": TRACKER},
        {"service": OTHER, "figures": TRACKER},
    ]
    if page == "compare":
        queries += [{"service": OWN, "compare": what} for what in COMPARISONS]
        queries += [{"service": OTHER, "compare": what} for what in COMPARISONS]
    for query in queries:
        answer = shown(hosted, page, role, **query)
        assert "Traceback" not in answer.text
        for text in (answer.text, downloads(hosted, answer, role)):
            assert UNPUBLISHED.lower() not in text.lower(), query


def test_the_words_looked_for_are_there_for_who_may_see_them(hosted: Hosted) -> None:
    """Else the tests above would pass on a store that has nothing to hide."""
    for page in ("reviews", "areas", "load", "tables", "share", "account", "scores", "reoffending"):
        text = shown(hosted, page, "administrator", service=OTHER, figures=TRACKER)
        found = text.text + downloads(hosted, text, "administrator")
        assert UNPUBLISHED.lower() in found.lower(), page


def test_other_services_reviews_are_not_compared(hosted: Hosted) -> None:
    mine = shown(hosted, "compare", "member", service=OWN, compare="Reviews on time", beside="All services")
    every = shown(
        hosted, "compare", "administrator", service=OWN, compare="Reviews on time", beside="All services"
    )
    assert "there is nothing to compare with" in mine.text
    assert "there is nothing to compare with" not in every.text
    published = shown(
        hosted, "compare", "member", service=OWN, compare="Section scores", beside="All services"
    )
    assert OTHER in published.text, "the letter is public"


def test_case_references_show_to_analysts_alone(hosted: Hosted) -> None:
    for role in ROLES:
        seen = {
            page
            for page in PAGES
            if CASE in (a := shown(hosted, page, role, service=OWN)).text + downloads(hosted, a, role)
        }
        assert seen == ({"tables"} if role in ("analyst", "administrator") else set()), role
    lines = [
        (e.who, e.service)
        for e in hosted.store.audit.entries()
        if e.event == "saw case references" and e.service == OWN
    ]
    assert sorted(set(lines)) == [(EMAILS["administrator"], OWN), (EMAILS["analyst"], OWN)]
    assert len(lines) == 2, "a line a day and person, not one for each click"


def test_only_administrators_see_people_and_the_audit_log(hosted: Hosted) -> None:
    for role in ROLES:
        text = shown(hosted, "account", role).text
        assert (EMAILS["administrator"] in text) == (role == "administrator")
        assert ("Quillfeather@board.test".lower() in text) == (role == "administrator")


@pytest.mark.parametrize("page", sorted({path.stem for path in PAGE_FILES} - {"accessibility"}))
def test_the_first_request_to_a_fresh_server_gets_the_sign_in_page(two_services: Path, page: str) -> None:
    with hosted_dashboard(two_services) as fresh:
        answer = ask(fresh.url, page, {}, f"service={OWN}")
    assert answer.title == "Sign in"
    assert "Ownside" not in answer.text
    assert OWN not in answer.text


def test_a_forged_cookie_is_nobodys(hosted: Hosted) -> None:
    forged = signed_in(hosted.url, EMAILS["administrator"], secret="another secret of thirty-two signs")
    assert ask(hosted.url, FRONT, forged).title == "Sign in"
    elsewhere = signed_in("http://elsewhere.test", EMAILS["administrator"])
    assert ask(hosted.url, FRONT, elsewhere).title == "Sign in"


def test_an_old_sign_in_and_an_unverified_address_are_refused(hosted: Hosted) -> None:
    old = signed_in(hosted.url, EMAILS["member"], iat=1_700_000_000)
    answer = ask(hosted.url, FRONT, old)
    assert "Your sign-in has ended" in answer.text
    assert OWN not in answer.text
    unverified = signed_in(hosted.url, EMAILS["member"], email_verified=False)
    answer = ask(hosted.url, FRONT, unverified)
    assert "has not verified" in answer.text
    assert OWN not in answer.text


def test_a_refused_sign_in_is_one_line_an_hour(hosted: Hosted) -> None:
    def lines() -> list[tuple[str, str]]:
        return [(e.who, e.detail) for e in hosted.store.audit.entries() if e.event == "sign-in refused"]

    before = len(lines())
    tried: list[tuple[str, dict[str, object]]] = [
        ("somebody@else.test", {"sub": "a1", "email_verified": False}),
        (
            "another@else.test",
            {"sub": "a1", "email_verified": False},
        ),  # people may choose what they are called
        ("late@board.test", {"sub": "a2", "iat": 1_700_000_000}),
        (EMAILS["nobody"], {"sub": "a3"}),
    ]
    for email, claims in tried * 2:
        assert ask(hosted.url, FRONT, signed_in(hosted.url, email, **claims)).title == "Sign in"
    assert lines()[before:] == [
        ("somebody", "address is not verified: somebody@else.test"),
        ("somebody", "sign-in is over: late@board.test"),
        (EMAILS["nobody"], "no role"),
    ]


def test_a_role_that_is_taken_away_counts_from_the_next_run(hosted: Hosted) -> None:
    hosted.store.give_role(EMAILS["nobody"], "board member", OWN, by="host")
    assert shown(hosted, "reviews", "nobody").title.startswith("Reviews on time")
    hosted.store.take_role(EMAILS["nobody"], "board member", OWN, by="host")
    assert shown(hosted, "reviews", "nobody").title == "Sign in"


def test_somebody_elses_session_is_not_resumed(hosted: Hosted) -> None:
    """A session's number, should it leak, opens nothing without its person's cookie."""
    own = shown(hosted, "reviews", "member", service=OWN)
    assert own.session
    answer = ask(hosted.url, "reviews", {}, session=own.session)
    assert answer.title == "Sign in"
    assert "Ownside" not in answer.text


def test_a_download_is_not_there_for_who_has_no_cookie(hosted: Hosted) -> None:
    answer = shown(hosted, "tables", "analyst", service=OWN)
    assert answer.media
    for address in answer.media:
        stem = address.partition(".")[0]
        for name in (address, stem, f"{stem}.svg", f"{stem}.css"):  # Streamlit looks at the stem alone
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(hosted.url + name, timeout=20)


@pytest.mark.parametrize("page", ["reviews", "tables", "reoffending", "scores"])
def test_nobody_can_work_out_where_a_download_lies(hosted: Hosted, page: str) -> None:
    """Streamlit names a file by what is in it: whoever guesses a small table could ask whether the guess is right."""
    header = "; ".join(f"{k}={v}" for k, v in signed_in(hosted.url, EMAILS["administrator"]).items())
    tables = 0
    for address in shown(hosted, page, "administrator", service=OWN).media:
        request = urllib.request.Request(hosted.url + address, headers={"Cookie": header})
        with urllib.request.urlopen(request, timeout=20) as file:
            content, name = file.read(), file.headers.get_filename()
        if str(name).startswith(OWN):
            tables += 1
            assert file_id(content, "text/csv", name) not in address, name
    assert tables


@pytest.mark.parametrize(
    ("who", "claims", "status"),
    [
        ("nobody", {}, 403),
        ("member", {"iat": 1_700_000_000}, 403),
        ("member", {"email_verified": False}, 403),
        ("member", {}, 400),  # may, and there is no such session
        ("member", {"padding": "x" * 6_000}, 400),  # so large a cookie is sent in parts
    ],
)
def test_files_are_taken_from_people_with_a_role(
    hosted: Hosted, who: str, claims: dict[str, object], status: int
) -> None:
    """All of them lie in the server's memory, and everybody in an organisation can sign in."""
    cookies = signed_in(hosted.url, EMAILS[who], **claims)
    assert status_of_upload(hosted, cookies) == status
    assert status_of_upload(hosted, cookies, xsrf=False) == 403, "not without Streamlit's token"


def status_of_upload(hosted: Hosted, cookies: dict[str, str], xsrf: bool = True) -> int:
    """Of a file for a session that is not there: whoever may send files gets 400."""
    token = generate_xsrf_token_string()
    request = urllib.request.Request(
        f"{hosted.url}/_stcore/upload_file/a-session/a-file",
        data=b"x",
        method="PUT",
        headers={"Cookie": header_of({**cookies, "_streamlit_xsrf": token}), "Origin": hosted.url},
    )
    if xsrf:
        request.add_header("X-Xsrftoken", token)
    return status_of(request)


def header_of(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def status_of(request: urllib.request.Request) -> int:
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def sign_out(hosted: Hosted, cookies: dict[str, str]) -> None:
    request = urllib.request.Request(f"{hosted.url}/auth/logout", headers={"Cookie": header_of(cookies)})
    assert status_of(request) == 302


FILE = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\nwords\r\n--x--\r\n'


@contextmanager
def uploading(
    hosted: Hosted, cookies: dict[str, str], session: str, size: int | None
) -> Iterator[HTTPConnection]:
    """A file on its way, all of it but the end; without a size nobody knows how much is to come."""
    token = generate_xsrf_token_string()
    connection = HTTPConnection(hosted.url.partition("//")[2], timeout=20)
    connection.putrequest("PUT", f"/_stcore/upload_file/{session}/{token}")
    for name, value in {
        "Cookie": header_of({**cookies, "_streamlit_xsrf": token}),
        "Origin": hosted.url,
        "X-Xsrftoken": token,
        "Content-Type": "multipart/form-data; boundary=x",
        **({"Transfer-Encoding": "chunked"} if size is None else {"Content-Length": str(size)}),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(FILE if size else b"%x\r\n%s\r\n" % (len(FILE), FILE))
    try:
        yield connection
    finally:
        connection.close()


def test_files_take_so_much_memory_and_no_more(hosted: Hosted) -> None:
    """600 MB: two files of which nobody knows how long they are, if nothing else is held."""
    cookies = signed_in(hosted.url, EMAILS["analyst"])

    def upload(session: str, size: int | None) -> int:
        with uploading(hosted, cookies, session, size) as connection:
            if size is None:
                connection.send(b"0\r\n\r\n")
            return connection.getresponse().status

    def until(status: int, session: str) -> bool:
        ends = time.monotonic() + 20
        while (found := upload(session, None)) != status:
            assert time.monotonic() < ends, found
        return True

    def meanwhile(first: Answer) -> None:
        with uploading(hosted, cookies, first.session, None):
            assert upload(first.session, None) == 204
            assert until(503, first.session), "one is coming, and the one before is held"
            assert upload(first.session, len(FILE)) == 204
        assert until(204, first.session)

    ask_again(hosted.url, "tables", cookies, meanwhile)


def test_signing_out_ends_every_copy_of_the_cookie(hosted: Hosted) -> None:
    """On pages, open ones too, for files both ways, in other processes; and nobody else's, and no later sign-in."""
    now = int(time.time())
    before, copied, after = (signed_in(hosted.url, EMAILS["analyst"], iat=now + n) for n in (-60, -30, -10))
    download = urllib.request.Request(
        hosted.url + shown(hosted, "tables", "analyst", service=OWN).media[0],
        headers={"Cookie": header_of(copied)},
    )
    assert status_of_upload(hosted, copied) == 400
    assert status_of(download) == 200
    first, second = ask_again(hosted.url, "tables", copied, lambda _: sign_out(hosted, copied))
    assert first.title == "Load tables"
    assert second is None
    for over in (copied, before):
        assert ask(hosted.url, "tables", over).title == "Sign in"
        assert status_of_upload(hosted, over) == 403
    assert status_of(download) == 404
    with hosted_dashboard(hosted.store.folder) as another_process:
        # Signed for the other address, as a cookie copied from there would be.
        elsewhere = signed_in(another_process.url, EMAILS["analyst"], iat=now - 30)
        assert ask(another_process.url, "tables", elsewhere).title == "Sign in"
    for valid in (after, signed_in(hosted.url, EMAILS["administrator"], iat=now - 60)):
        assert ask(hosted.url, "tables", valid).title == "Load tables"
    sign_out(hosted, copied)  # again, by whoever has it
    lines = [e.who for e in hosted.store.audit.entries() if e.event == "signed out"]
    assert lines == [EMAILS["analyst"]]


def test_the_host_sees_how_long_pages_take_and_not_for_whom(hosted: Hosted) -> None:
    def metrics() -> str:
        request = urllib.request.Request(
            f"{hosted.url}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            text: str = answer.read().decode()
        return text

    def reruns(page: str, text: str) -> list[int]:
        """By the bounds of time, then the count."""
        bounds = re.findall(
            rf'^sqs_rerun_seconds_bucket\{{page="{page}",le="[\d.+Inf]+"\}} (\d+)$', text, re.M
        )
        return [int(n) for n in bounds]

    before = metrics()
    shown(hosted, "areas", "chair", service=OWN)
    shown(hosted, "areas", None)
    after = metrics()
    for page, count in (("areas", 1), ("sign-in", 1), ("scores", 0)):
        earlier, later = reruns(page, before) or [0] * 8, reruns(page, after) or [0] * 8
        assert later[-1] - earlier[-1] == count, page
        assert later == sorted(later), "each bound counts all that took no longer"
    (seconds,) = re.findall(r'^sqs_rerun_seconds_sum\{page="areas"\} ([\d.]+)$', after, re.M)
    assert 0 < float(seconds) < 600
    assert not any(word in after for word in (OWN, "board.test", "Ownside"))


def test_a_browser_cannot_empty_what_the_server_keeps_for_all(hosted: Hosted) -> None:
    """Streamlit does it for whoever asks, signed in or not. Then every figure is made anew, and what was written into
    the audit log once is written again."""
    member = signed_in(hosted.url, EMAILS["member"])
    ask(hosted.url, "reviews", member)
    before = [e for e in hosted.store.audit.entries() if e.event == "signed in"]
    send(hosted.url, {}, BackMsg(clear_cache=True))
    ask(hosted.url, "reviews", member)
    assert [e for e in hosted.store.audit.entries() if e.event == "signed in"] == before
