"""Asking a dashboard as a browser, a proxy or an attacker would."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass

from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from bench.server import Server

COOKIE_SECRET = "b7f0c2d9a4e85136f7ac09be42d8315ec6a1f094d27b83e5"
METRICS_TOKEN = "5d1e8c07fa93b246e08f7bd2c5a4916300ce72fb81d94ae6"
URL = "https://board.example.gov.uk"
BEHIND_HTTPS = {
    "Host": "board.example.gov.uk",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.77",
}
HOSTED = {
    "SQS_URL": URL,
    "SQS_COOKIE_SECRET": COOKIE_SECRET,
    "SQS_OIDC_METADATA_URL": "https://login.example.org/.well-known/openid-configuration",
    "SQS_OIDC_CLIENT_ID": "board",
    "SQS_OIDC_CLIENT_SECRET": "what the provider gave",
    "SQS_METRICS_TOKEN": METRICS_TOKEN,
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]  # names in lower case
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


def ask(
    port: int,
    path: str,
    headers: dict[str, str] | None = None,
    *,
    method: str = "GET",
    body: bytes | None = None,
    address: str = "127.0.0.1",
) -> Answer:
    """One request with exactly these headers, and Host where none is given."""
    connection = http.client.HTTPConnection(address, port, timeout=30)
    try:
        given = {"Host": f"{address}:{port}", **(headers or {})}
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in given.items():
            connection.putheader(name, value)
        if body is not None and "Content-Length" not in given:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        try:
            if body:
                connection.send(body)
        except OSError:
            pass  # refused before all of it was sent: the answer says why
        answer = connection.getresponse()
        return Answer(answer.status, [(k.lower(), v) for k, v in answer.getheaders()], answer.read())
    finally:
        connection.close()


def signed_in(hours_ago: float = 0.0, secret: str = COOKIE_SECRET, url: str = URL) -> str:
    """The cookie of somebody who signed in so long ago, as Streamlit signs it."""

    class Then(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time() - hours_ago * 3600)

    who = {
        "email": "p.quillfeather@example.gov.uk",
        "origin": url,
        "is_logged_in": True,
        "provider": "default",
    }
    signer = URLSafeTimedSerializer(secret, salt="_streamlit_user", signer=Then)
    return f"_streamlit_user={signer.dumps(json.dumps(who))}"


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])
