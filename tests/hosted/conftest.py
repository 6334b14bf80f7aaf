"""A hosted dashboard: a provider to sign in with, people with roles, and two services that must not see each other's.

Everything of Wirral that is not published bears the word Quillfeather: whoever is of Knowsley alone must never meet it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import oidc_provider_mock
import pytest

from bench.server import serve
from sqs_core.letters import read_bytes
from sqs_core.model import Action, Cohort, Judgement, Review, ServiceJudgement
from sqs_core.store import FolderStore, LetterFile, Store, TableFile

COOKIE_SECRET = "k7Qp2vX9sLw4Rb8Zd1Yf6Hn3Tg5Jm0Ca"
METRICS_TOKEN = "5d1e8c07fa93b246e08f7bd2c5a4916300ce72fb"
OWN, OTHER = "Knowsley", "Wirral"
UNPUBLISHED = "Quillfeather"
CASE = "CASE-7731"  # a reference of the own service, which analysts alone see
EMAILS = {name: f"{name}@board.test" for name in ("member", "chair", "analyst", "administrator", "nobody")}
ROLES = ("member", "chair", "analyst", "administrator")


@dataclass(frozen=True, slots=True)
class Hosted:
    url: str
    store: Store


def letter(name: str, text: str, year: str) -> LetterFile:
    """A fictional letter as if it were of another year, so that it is not known as one that ships."""
    content = text.replace("2014", year).encode() + b"\n" * len(name)
    return LetterFile(name, sha256(content).hexdigest(), read_bytes(name, content), "letter")


def reviews(service: str, word: str, late: int) -> TableFile:
    """Sixty reviews of 2016, some of them late, one overdue."""
    rows = []
    for number in range(60):
        due = date(2016, 1, 4) + timedelta(days=5 * number)
        done = None if number == 7 else due + timedelta(days=3 if number < late else -1)
        rows.append(
            Review(
                service,
                CASE if number == 7 and service == OWN else f"{word}-{number}",
                "assessment",
                "scheduled",
                date(2017, 1, 31),
                due_on=due,
                completed_on=done,
                late_reason=f"{word} reason" if number < late else None,
                team=f"{word} team",
            )
        )
    return TableFile(f"{word} reviews.csv", sha256(word.encode()).hexdigest(), reviews=tuple(rows))


def audit(service: str, word: str) -> TableFile:
    rows = tuple(
        ServiceJudgement(
            service,
            Judgement(
                f"{word} audit",
                date(2016, 6, 1),
                f"{word}-{number}",
                "1.assessment",
                "sufficient" if number % 3 else "insufficient",
            ),
        )
        for number in range(40)
    )
    return TableFile(f"{word} audit.csv", sha256(f"{word} audit".encode()).hexdigest(), judgements=rows)


def fill(folder: Path, letters: Path) -> None:
    store, text = FolderStore(folder), (letters / "harnley-vale-2014.txt").read_text("utf-8")
    for service, word in ((OWN, "Ownside"), (OTHER, UNPUBLISHED)):
        store.load([letter(f"{word} letter.txt", text, "2015")], by=f"{word} analyst", service=service)
        store.load([reviews(service, word, 20), audit(service, word)], by=f"{word} analyst")
        stored = store.read().inspections(service)[0]
        area = stored.inspection.areas_requiring_improvement[0]
        store.correct(stored.id, 1, direction="neutral", by=f"{word} analyst", reason=f"{word} correction")
        store.save_actions([Action(service, stored.identity, area, "1", f"{word} action")], by=f"{word} lead")
        store.load(
            [letter(f"{word} draft.txt", text, "2016")], by=f"{word} analyst", service=service, publish=False
        )
        tracked = Cohort(
            service,
            date(2016, 1, 1),
            date(2016, 12, 31),
            87,
            31,
            source=f"{word} tracker",
            source_kind="local",
        )
        published = Cohort(
            service,
            date(2014, 1, 1),
            date(2014, 12, 31),
            120,
            41,
            published_on=date(2016, 10, 1),
            source="A table",
        )
        store.load(
            [
                TableFile(
                    f"{word} tracker.csv", sha256(f"{word} t".encode()).hexdigest(), cohorts=(tracked,)
                ),
                TableFile(
                    f"{word} published.csv", sha256(f"{word} p".encode()).hexdigest(), cohorts=(published,)
                ),
            ],
            by=f"{word} analyst",
        )
        until = datetime.now(UTC) + timedelta(days=30)
        store.make_link(
            service, ["overview", "reviews"], f"{word} councillor", until, by=f"{word}@board.test"
        )
        store.give_role(f"{word}@board.test", "chair", service, by="host")
    for name, role in (("member", "board member"), ("chair", "chair"), ("analyst", "analyst")):
        store.give_role(EMAILS[name], role, OWN, by="host")  # type: ignore[arg-type]
    store.give_role(EMAILS["administrator"], "administrator", "", by="host")


@pytest.fixture(scope="session")
def two_services(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    folder = tmp_path_factory.mktemp("two_services") / "store"
    fill(folder, checkout / "data" / "letters")
    return folder


@contextmanager
def hosted_dashboard(folder: Path) -> Iterator[Hosted]:
    """A fresh server over this store that asks for sign-in."""
    users = [
        oidc_provider_mock.User(sub=name, claims={"email": email, "email_verified": True})
        for name, email in EMAILS.items()
    ]
    unverified = {"email": EMAILS["administrator"], "email_verified": False}
    users.append(oidc_provider_mock.User(sub="unverified", claims=unverified))
    with oidc_provider_mock.run_server_in_thread(user_claims=users) as provider:
        environment = {
            "SQS_URL": "http://localhost:{port}",
            "SQS_COOKIE_SECRET": COOKIE_SECRET,
            "SQS_OIDC_METADATA_URL": f"http://localhost:{provider.server_port}/.well-known/openid-configuration",
            "SQS_OIDC_CLIENT_ID": "board",
            "SQS_OIDC_CLIENT_SECRET": "of no matter to the provider",
            "SQS_METRICS_TOKEN": METRICS_TOKEN,
        }
        with serve(store=folder, environment=environment) as server:
            yield Hosted(server.url, FolderStore(folder))


@pytest.fixture(scope="module")
def hosted(two_services: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """One server for a file of tests, over a copy of the store that they may change."""
    folder = tmp_path_factory.mktemp("hosted") / "store"
    shutil.copytree(two_services, folder)
    with hosted_dashboard(folder) as found:
        yield found
