"""Each threat of docs/threats.md has a test, and the tests that it names exist."""

from __future__ import annotations

import re

from bench.server import CHECKOUT

THREATS = (CHECKOUT / "docs" / "threats.md").read_text("utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_threat_names_a_test() -> None:
    rows = [
        line for line in THREATS.splitlines() if line.startswith("| ") and not line.startswith("| what |")
    ]
    assert len(rows) > 40
    assert [row for row in rows if not NAMED.search(row.rsplit(" | ", 1)[1])] == []


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for file, name in NAMED.findall(THREATS):
        path = CHECKOUT / file
        if not path.is_file() or not re.search(rf"^(?:async )?def {name}\(", path.read_text("utf-8"), re.M):
            missing.append(f"{file}::{name}")
    assert missing == []
