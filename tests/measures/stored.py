"""An inspection as the store gives it back, for measures that need no store."""

from __future__ import annotations

from datetime import UTC, datetime

from sqs_core.model import Inspection, Service, Source, StoredFinding, StoredInspection

AT = datetime(2016, 3, 1, 9, tzinfo=UTC)


def stored_as(
    inspection: Inspection, name: str = "Knowsley", identity: str = "2015-10-05"
) -> StoredInspection:
    return StoredInspection(
        id=1,
        service=Service(name, "England", "", ""),
        inspection=inspection,
        findings=tuple(StoredFinding(n, f) for n, f in enumerate(inspection.findings, start=1)),
        source=Source(1, "letter.pdf", "0" * 64, "letter", "Analyst", AT, 1, False),
        published_by="Analyst",
        published_at=AT,
        identity=identity,
    )
