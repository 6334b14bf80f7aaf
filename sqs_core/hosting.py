"""What a host sets, whether it is enough, and what it means for Streamlit.

The dashboard is hosted when SQS_URL says at which address people use it. Then it starts only with sign-in
complete and over HTTPS; `problems` names everything that is missing. Without any of these settings it is open,
and answers this machine alone (sqs_core/front.py)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sqs_core.disclosure import largest_hidden
from sqs_core.errors import BadInputError

SECRET_CHARACTERS = 32
UPLOAD_MEGABYTES = 300  # the largest table that is read (sqs_core/loaders/files.py)
DEFAULT_HELD_MEGABYTES = 600  # two of the largest, or thirty letters
DEFAULT_SESSION_HOURS = 10.0  # a working day
MAKE_A_SECRET = 'python -c "import secrets; print(secrets.token_hex(32))"'

# Setting one of these says that other people are meant to come.
_SIGN_IN = ("SQS_COOKIE_SECRET", "SQS_OIDC_METADATA_URL", "SQS_OIDC_CLIENT_ID", "SQS_OIDC_CLIENT_SECRET")
_PLACEHOLDERS = ("change", "replace", "secret", "password", "example", "placeholder", "123456789")
# Anybody's Microsoft tenant signs in there, with whatever address it says.
_ANY_TENANT = ("common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad")
_WELL_KNOWN = "/.well-known/openid-configuration"

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Settings:
    """Secrets are kept out of its text."""

    hosted: bool = False
    url: str = ""  # scheme, host and, where it is not the usual one, port; no path
    cookie_secret: str = field(default="", repr=False)
    oidc_metadata_url: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_prompt: str = ""
    session_hours: float = DEFAULT_SESSION_HOURS  # how long one sign-in lasts at most
    held_megabytes: int = DEFAULT_HELD_MEGABYTES  # of files that people are loading, in one process
    metrics_token: str = field(default="", repr=False)
    proxies: tuple[Network, ...] = ()  # whose X-Forwarded-… headers count
    unusable: tuple[str, ...] = ()  # what could not be read, as problems

    @property
    def https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def host(self) -> str:
        """The host people use, as a browser names it in the header Host: with a port that is not the usual."""
        return self.url.partition("://")[2]

    @property
    def hostname(self) -> str:
        return urlsplit(self.url).hostname or ""


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings in these variables. What cannot be understood is kept, for `problems` to say."""
    unusable: list[str] = []

    def text(name: str) -> str:
        return environ.get(name, "").strip()

    def secret(name: str) -> str:
        """From the variable, or from the file that the variable with _FILE names."""
        file = text(f"{name}_FILE")
        if not file:
            return text(name)
        if text(name):
            unusable.append(f"{name} and {name}_FILE are both set: keep one of them.")
            return ""
        return _secret_in(file, f"{name}_FILE", unusable)

    if text("FORWARDED_ALLOW_IPS"):
        unusable.append(
            "FORWARDED_ALLOW_IPS is set, and whoever it names could come under any address: unset it, and name the "
            "proxies in SQS_PROXIES."
        )
    hours = text("SQS_SESSION_HOURS")
    try:
        session_hours = float(hours or DEFAULT_SESSION_HOURS)
    except ValueError:
        session_hours = 0.0  # outside what is allowed: a problem
    held = text("SQS_UPLOADS_MEGABYTES") or str(DEFAULT_HELD_MEGABYTES)
    if not held.isdecimal() or int(held) < UPLOAD_MEGABYTES:
        unusable.append(
            f"SQS_UPLOADS_MEGABYTES is no whole number from {UPLOAD_MEGABYTES} on, which one file may have: set how much "
            "memory the files that people are loading may take together."
        )
    proxies: list[Network] = []
    for address in re.split(r"[,\s]+", text("SQS_PROXIES") or "127.0.0.0/8 ::1"):
        try:
            proxies.append(ip_network(address, strict=False))
        except ValueError:
            unusable.append(
                f"SQS_PROXIES: “{address}” is not an address or network: name each proxy as 10.0.0.5 or 10.0.0.0/24."
            )
    try:
        largest_hidden(environ)
    except BadInputError as error:
        unusable.append(str(error))
    return Settings(
        hosted=any(
            name in environ for name in ("SQS_URL", *_SIGN_IN, *(f"{name}_FILE" for name in _SIGN_IN))
        ),
        url=_origin(text("SQS_URL")),
        cookie_secret=secret("SQS_COOKIE_SECRET"),
        oidc_metadata_url=text("SQS_OIDC_METADATA_URL"),
        oidc_client_id=text("SQS_OIDC_CLIENT_ID"),
        oidc_client_secret=secret("SQS_OIDC_CLIENT_SECRET"),
        oidc_prompt=text("SQS_OIDC_PROMPT"),
        session_hours=session_hours,
        held_megabytes=int(held) if held.isdecimal() else 0,
        metrics_token=secret("SQS_METRICS_TOKEN"),
        proxies=tuple(proxies),
        unusable=tuple(unusable),
    )


def problems(settings: Settings) -> list[str]:
    """What keeps a hosted dashboard from starting: one sentence each, with what to set. Empty when all is well."""
    if not settings.hosted:
        return list(settings.unusable)
    found = [*_problems_of_address(settings.url), *settings.unusable]
    told = " ".join(settings.unusable)
    if "SQS_COOKIE_SECRET" not in told and (weakness := weakness_of(settings.cookie_secret)):
        found.append(
            f"SQS_COOKIE_SECRET {weakness}: set it, or SQS_COOKIE_SECRET_FILE, to at least {SECRET_CHARACTERS} "
            f"random characters; make some with {MAKE_A_SECRET}."
        )
    found += _problems_of_metadata_url(settings.oidc_metadata_url)
    if not settings.oidc_client_id:
        found.append(
            "SQS_OIDC_CLIENT_ID is not set: set it to the client (application) ID that the provider gave."
        )
    if "SQS_OIDC_CLIENT_SECRET" not in told and not settings.oidc_client_secret:
        found.append(
            "SQS_OIDC_CLIENT_SECRET is not set: set it, or SQS_OIDC_CLIENT_SECRET_FILE, to the secret that the "
            "provider gave."
        )
    if not 0 < settings.session_hours <= 24:
        found.append(
            "SQS_SESSION_HOURS is not a number above 0 and up to 24: set the hours that one sign-in lasts."
        )
    if settings.metrics_token and (weakness := weakness_of(settings.metrics_token)):
        found.append(
            f"SQS_METRICS_TOKEN {weakness}: set it to at least {SECRET_CHARACTERS} random characters, or leave it "
            f"away, and /metrics stays closed."
        )
    found += [
        f"SQS_PROXIES: {network} trusts everybody to say who they are: name the proxy alone."
        for network in settings.proxies
        if network.prefixlen == 0
    ]
    return found


def weakness_of(secret: str) -> str:
    """Why somebody could guess this secret, in words that follow its name; empty when nothing tells."""
    length = len(secret)
    steps = [ord(after) - ord(before) for before, after in pairwise(secret)]
    weaknesses = {
        "is not set": not secret,
        f"has {length} characters only": length < SECRET_CHARACTERS,
        "uses a few characters over and over": len(set(secret)) < 8,
        "repeats itself": any(secret == (secret[:p] * length)[:length] for p in range(1, length // 2 + 1)),
        "looks like a placeholder": any(word in secret.lower() for word in _PLACEHOLDERS),
        "is a row of neighbouring characters": sum(abs(step) <= 1 for step in steps) > length * 2 // 3,
    }
    return next((weakness for weakness, found in weaknesses.items() if found), "")


def streamlit_secrets(settings: Settings) -> dict[str, Any]:
    """For `st.App(secrets=…)`: the section that st.login reads."""
    if not settings.hosted:
        return {}
    provider: dict[str, Any] = {
        "redirect_uri": f"{settings.url}/oauth2callback",
        "cookie_secret": settings.cookie_secret,
        "client_id": settings.oidc_client_id,
        "client_secret": settings.oidc_client_secret,
        "server_metadata_url": settings.oidc_metadata_url,
        # No more is asked of the provider than who it is.
        "client_kwargs": {"scope": "openid email profile"},
    }
    if settings.oidc_prompt:
        provider["client_kwargs"]["prompt"] = settings.oidc_prompt
    return {"auth": provider}


def streamlit_options(settings: Settings) -> dict[str, Any]:
    """Streamlit's own options that hosting needs, over whatever a file, variable or flag says."""
    if not settings.hosted:
        return {}
    address = urlsplit(settings.url)
    return {
        # Who may come, and as whom. Without one secret for all, each process would sign cookies its own way.
        "server.cookieSecret": settings.cookie_secret,
        "server.allowedHosts": [settings.hostname],
        "server.enableCORS": True,
        "server.corsAllowedOrigins": [],
        "server.enableXsrfProtection": True,
        "server.xsrfCookieSameSite": "lax",
        "server.trustedUserHeaders": {},
        "server.baseUrlPath": "",
        "secrets.files": [],
        "client.allowedOrigins": [],
        "browser.serverAddress": settings.hostname,
        "browser.serverPort": address.port or (443 if settings.https else 80),
        # Doors that nobody needs.
        "server.enableAgentApi": False,
        "server.enableStaticServing": False,
        "server.scriptHealthCheckEnabled": False,
        "server.unsafeMetricsUserAttributes": [],
        "global.developmentMode": False,
        "global.e2eTest": False,
        # What people are shown and what goes out.
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "browser.gatherUsageStats": False,
        "logger.hideWelcomeMessage": True,
        "logger.level": "warning",
        "logger.enableRich": False,  # would print an error with the values around it
        "server.headless": True,
        # Sizes, in megabytes: a file, and what one click may send.
        "server.maxUploadSize": UPLOAD_MEGABYTES,
        "server.maxWidgetStateSize": 25,
        # Speed: with watching and collecting, fifty people who arrive together wait for seconds.
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "runner.postScriptGC": False,
    }


def is_this_machine(address: str) -> bool:
    """Whether a name or address can only be this machine: localhost or a loopback address."""
    name = address.lower().removeprefix("[").removesuffix("]")
    if name == "localhost":
        return True
    try:
        found = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _origin(url: str) -> str:
    """As browsers write it: lower case, without the usual port, without a slash at the end. A port that is no
    number is left for `problems`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    if not host or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        return url
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def _parts(url: str) -> SplitResult | None:
    """The parts of a full web address; None if it is not one."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    whole = parts.scheme in ("http", "https") and parts.hostname and not parts.username and " " not in url
    return parts if whole and not parts.fragment else None


def _problems_of_address(url: str) -> list[str]:
    advice = "set it to the address that people type, such as https://board.example.gov.uk"
    if not url:
        return [f"SQS_URL is not set: {advice}."]
    parts = _parts(url)
    if parts is None or not re.fullmatch(r"[a-z0-9.:\[\]-]+", parts.netloc):
        return [f"SQS_URL is not a web address: {advice}."]
    if parts.path.strip("/") or parts.query:
        return [f"SQS_URL has a path, and the dashboard needs a host of its own: {advice}."]
    if parts.scheme == "http" and not is_this_machine(parts.hostname or ""):
        return [
            f"SQS_URL begins with http://, and anybody on the way could read and change what is sent: {advice}."
        ]
    return []


def _problems_of_metadata_url(url: str) -> list[str]:
    advice = f"set it to the provider's address that ends in {_WELL_KNOWN}"
    if not url:
        return [f"SQS_OIDC_METADATA_URL is not set: {advice}."]
    parts = _parts(url)
    if parts is None or not parts.path.endswith(_WELL_KNOWN):
        return [f"SQS_OIDC_METADATA_URL is not the address of a provider's description: {advice}."]
    if parts.scheme == "http" and not is_this_machine(parts.hostname or ""):
        return [
            "SQS_OIDC_METADATA_URL begins with http://, and anybody on the way could sign in: set it to https://."
        ]
    tenant = parts.path.lower().split("/")[1]
    if "microsoft" in (parts.hostname or "") and tenant in _ANY_TENANT:
        return [
            f"SQS_OIDC_METADATA_URL has /{tenant}/, where anybody's tenant signs in under any address: put your own "
            f"tenant's ID in its place."
        ]
    return []


def _secret_in(file: str, name: str, unusable: list[str]) -> str:
    """The text of a secret's file, without the line end. What is wrong with the file goes to `unusable`."""
    path = Path(file)
    try:
        # On Windows a file's mode does not say who may read it.
        if os.name != "nt" and path.stat().st_mode & 0o007:
            unusable.append(f"{name}: {file} can be read by everybody on the machine: run chmod 640 on it.")
            return ""
        found = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text"
        unusable.append(
            f"{name}: {file} cannot be read ({reason}): set it to a file with the secret alone in it."
        )
        return ""
    if not found:
        unusable.append(f"{name}: {file} is empty: put the secret in it.")
    return found
