"""Hosted mode fails closed: everything that is missing or weak is said at once, and nothing starts without it."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from sqs_core.hosting import (
    Settings,
    problems,
    settings_from,
    streamlit_options,
    streamlit_secrets,
    weakness_of,
)

COMPLETE = {
    "SQS_URL": "https://board.example.gov.uk",
    "SQS_COOKIE_SECRET": "b7f0c2d9a4e85136f7ac09be42d8315ec6a1f094d27b83e5",
    "SQS_OIDC_METADATA_URL": "https://login.example.org/.well-known/openid-configuration",
    "SQS_OIDC_CLIENT_ID": "board",
    "SQS_OIDC_CLIENT_SECRET": "what the provider gave",
}


def found(**changed: str | None) -> list[str]:
    variables = {**COMPLETE, **changed}
    return problems(settings_from({name: value for name, value in variables.items() if value is not None}))


def test_nothing_set_is_open_and_complete_is_hosted() -> None:
    assert not settings_from({}).hosted
    assert problems(settings_from({})) == []
    assert settings_from(COMPLETE).hosted
    assert found() == []


@pytest.mark.parametrize("missing", COMPLETE)
def test_each_missing_setting_is_named(missing: str) -> None:
    for value in (None, "", "  "):
        (problem,) = found(**{missing: value})
        assert problem.startswith(f"{missing} is not set: set it")


def test_sign_in_without_an_address_is_not_open_by_accident() -> None:
    for name in ("SQS_OIDC_CLIENT_ID", "SQS_COOKIE_SECRET_FILE", "SQS_URL"):
        assert problems(settings_from({name: ""})), name


def test_all_problems_come_at_once_one_sentence_each() -> None:
    said = problems(settings_from({"SQS_URL": "http://board.example.gov.uk", "SQS_SESSION_HOURS": "long"}))
    assert [line.split()[0] for line in said] == [
        "SQS_URL",
        "SQS_COOKIE_SECRET",
        "SQS_OIDC_METADATA_URL",
        "SQS_OIDC_CLIENT_ID",
        "SQS_OIDC_CLIENT_SECRET",
        "SQS_SESSION_HOURS",
    ]
    assert all(line.endswith(".") and "\n" not in line for line in said)


@pytest.mark.parametrize(
    ("secret", "weakness"),
    [
        ("b7f0c2d9a4e85136f7ac09be42d8315", "has 31 characters only"),
        ("a" * 64, "uses a few characters over and over"),
        ("correct-horse-9-" * 4, "repeats itself"),
        ("correct-horse-9-" * 3 + "corre", "repeats itself"),
        ("change-me-to-something-long-and-random-0815", "looks like a placeholder"),
        ("<REPLACE with 32 random characters, please>", "looks like a placeholder"),
        ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL", "is a row of neighbouring characters"),
    ],
)
def test_a_weak_cookie_secret_is_refused(secret: str, weakness: str) -> None:
    assert weakness_of(secret) == weakness
    (problem,) = found(SQS_COOKIE_SECRET=secret)
    assert problem.startswith(f"SQS_COOKIE_SECRET {weakness}: set it")
    assert secret not in problem


def test_random_secrets_pass() -> None:
    assert {
        weakness_of(make(32)) for make in (secrets.token_hex, secrets.token_urlsafe) for _ in range(200)
    } == {""}


@pytest.mark.parametrize(
    "url",
    [
        "http://board.example.gov.uk",
        "http://10.1.2.3",
        "http://localhost.example.gov.uk",
        "http://127.0.0.1.example.org",
        "board.example.gov.uk",
        "ftp://board.example.gov.uk",
        "https://",
        "https://me@board.example.gov.uk",
        "https://board.example.gov.uk/youth",
        "https://board.example.gov.uk/?x=1",
        "https://board.example.gov.uk:many",
        "https://board example.gov.uk",
        "https://*.example.gov.uk",
    ],
)
def test_an_address_that_is_not_private_or_no_address_is_refused(url: str) -> None:
    (problem,) = found(SQS_URL=url)
    assert re.match(r"SQS_URL (begins with http://|is not a web address|has a path)", problem)
    assert "https://board.example.gov.uk" in problem


@pytest.mark.parametrize(
    ("written", "origin", "hostname"),
    [
        ("https://Board.Example.gov.uk/", "https://board.example.gov.uk", "board.example.gov.uk"),
        ("https://board.example.gov.uk:443", "https://board.example.gov.uk", "board.example.gov.uk"),
        ("https://board.example.gov.uk:8443", "https://board.example.gov.uk:8443", "board.example.gov.uk"),
        ("http://localhost:8501", "http://localhost:8501", "localhost"),
        ("http://[::1]:8501/", "http://[::1]:8501", "::1"),
    ],
)
def test_the_address_is_kept_as_browsers_write_it(written: str, origin: str, hostname: str) -> None:
    settings = settings_from({**COMPLETE, "SQS_URL": written})
    assert problems(settings) == []
    assert (settings.url, settings.hostname) == (origin, hostname)


@pytest.mark.parametrize("tenant", ["common", "organizations", "consumers", "Common"])
def test_a_provider_that_takes_anybody_is_refused(tenant: str) -> None:
    url = f"https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration"
    (problem,) = found(SQS_OIDC_METADATA_URL=url)
    assert "tenant's ID" in problem
    assert found(SQS_OIDC_METADATA_URL=url.replace(tenant, "0f1e2d3c-1111-2222-3333-445566778899")) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example.org/.well-known/openid-configuration",
        "https://login.example.org/",
        "login.example.org/.well-known/openid-configuration",
    ],
)
def test_a_provider_that_cannot_be_trusted_is_refused(url: str) -> None:
    (problem,) = found(SQS_OIDC_METADATA_URL=url)
    assert problem.startswith("SQS_OIDC_METADATA_URL ")


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "cookie"
    file.write_text(COMPLETE["SQS_COOKIE_SECRET"] + "\n", "utf-8")
    file.chmod(0o640)
    variables = {**COMPLETE, "SQS_COOKIE_SECRET_FILE": str(file)}
    del variables["SQS_COOKIE_SECRET"]
    settings = settings_from(variables)
    assert problems(settings) == []
    assert settings.cookie_secret == COMPLETE["SQS_COOKIE_SECRET"]
    (problem,) = found(SQS_COOKIE_SECRET_FILE=str(file))
    assert "both set" in problem


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (None, 0o600, "cannot be read (No such file or directory)"),
        (b"", 0o600, "is empty"),
        (b"\xff\xfe\x00", 0o600, "cannot be read (it is not text)"),
        (
            b"b7f0c2d9a4e85136f7ac09be42d8315ec6a1f094",
            0o644,
            "can be read by everybody on the machine: run chmod 640",
        ),
    ],
)
def test_a_secret_file_that_cannot_be_used_is_named(
    content: bytes | None, mode: int, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
        file.chmod(mode)
    for name in ("SQS_COOKIE_SECRET", "SQS_OIDC_CLIENT_SECRET"):
        (problem,) = found(**{name: None, f"{name}_FILE": str(file)})
        assert problem.startswith(f"{name}_FILE: {file} {says}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SQS_SESSION_HOURS", "0"),
        ("SQS_SESSION_HOURS", "25"),
        ("SQS_SESSION_HOURS", "nan"),
        ("SQS_SESSION_HOURS", "a day"),
        ("SQS_UPLOADS_MEGABYTES", "299"),
        ("SQS_UPLOADS_MEGABYTES", "much"),
        ("SQS_UPLOADS_MEGABYTES", "-600"),
        ("SQS_PROXIES", "proxy.example.org"),
        ("SQS_PROXIES", "10.0.0.1, 0.0.0.0/0"),
        ("SQS_PROXIES", "::/0"),
        ("SQS_METRICS_TOKEN", "short"),
        ("FORWARDED_ALLOW_IPS", "*"),
    ],
)
def test_other_settings_that_open_too_much_are_refused(name: str, value: str) -> None:
    (problem,) = found(**{name: value})
    assert problem.startswith(name)


def test_secrets_stay_out_of_the_text_of_settings() -> None:
    settings = settings_from({**COMPLETE, "SQS_METRICS_TOKEN": "5d1e8c07fa93b246e08f7bd2c5a4916300ce72fb"})
    for secret in (settings.cookie_secret, settings.oidc_client_secret, settings.metrics_token):
        assert secret
        assert secret not in repr(settings)


def test_what_streamlit_is_told_signs_in_at_our_address_with_our_secret_alone() -> None:
    settings = settings_from({**COMPLETE, "SQS_OIDC_PROMPT": "login"})
    auth = streamlit_secrets(settings)["auth"]
    options = streamlit_options(settings)
    assert auth["redirect_uri"] == "https://board.example.gov.uk/oauth2callback"
    assert auth["cookie_secret"] == options["server.cookieSecret"] == COMPLETE["SQS_COOKIE_SECRET"]
    assert auth["client_kwargs"] == {"scope": "openid email profile", "prompt": "login"}
    assert "expose_tokens" not in auth
    assert options["secrets.files"] == []
    assert options["server.allowedHosts"] == ["board.example.gov.uk"]


def test_open_mode_changes_nothing_of_streamlit() -> None:
    assert streamlit_secrets(Settings()) == {}
    assert streamlit_options(Settings()) == {}


@pytest.mark.parametrize("value", ["2", "-5", "five", "5.0"])
def test_hiding_less_than_is_safe_starts_nothing(value: str) -> None:
    (problem,) = found(SQS_HIDE_UP_TO=value)
    assert problem.startswith("SQS_HIDE_UP_TO says")
    assert found(SQS_HIDE_UP_TO="10") == []
