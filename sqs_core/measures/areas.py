"""Areas requiring improvement, each with the findings that its words point to. Proposed, not confirmed."""

from __future__ import annotations

from dataclasses import dataclass

from sqs_core.letters.practices import practice_of
from sqs_core.model import StoredInspection


@dataclass(frozen=True, slots=True)
class AreaEvidence:
    position: int
    text: str
    practices: tuple[str, ...]  # that the area's own words are about
    findings: tuple[int, ...]  # numbers of the weaknesses found in those practices
    sections: tuple[str, ...]  # where these stand, in the letter's order


def areas(stored: StoredInspection) -> tuple[AreaEvidence, ...]:
    """Each area of the letter with the weaknesses found in the practice that its words are about."""
    out = []
    for position, text in enumerate(stored.inspection.areas_requiring_improvement, start=1):
        practice = practice_of(text)
        about = [
            f for f in stored.findings if f.finding.practice == practice and f.finding.direction == "weakness"
        ]
        out.append(
            AreaEvidence(
                position=position,
                text=text,
                practices=(practice,) if practice != "other" else (),
                findings=tuple(f.number for f in about) if practice != "other" else (),
                sections=tuple(dict.fromkeys(f.finding.section for f in about)),
            )
        )
    return tuple(out)


def areas_json(stored: StoredInspection) -> dict[str, object]:
    """What `sqs show areas --json` prints. `findings`: paragraph numbers, null where none is printed."""
    paragraphs = {f.number: f.finding.paragraph for f in stored.findings}
    letter = stored.inspection.letter
    return {
        "service": stored.service.name,
        "inspection": {
            "framework": stored.inspection.framework,
            "published_on": letter.published_on.isoformat() if letter.published_on else None,
            "illustrative": stored.source.illustrative,
        },
        "areas": [
            {
                "position": area.position,
                "text": area.text,
                "practices": list(area.practices),
                "findings": list(dict.fromkeys(paragraphs[n] for n in area.findings)),
                "actions": [],
            }
            for area in areas(stored)
        ],
    }
