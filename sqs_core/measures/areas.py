"""Areas requiring improvement, each with the findings behind it: those that its words point to, until an analyst has
confirmed them, taken some away or added others; and with the actions that are to improve it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqs_core.letters.practices import practice_of
from sqs_core.model import Action, AreaLink, StoredInspection

Links = Mapping[int, Sequence[AreaLink]]


@dataclass(frozen=True, slots=True)
class AreaEvidence:
    position: int
    text: str
    practices: tuple[str, ...]  # that the area's own words are about, then those of its confirmed findings
    findings: tuple[int, ...]  # numbers of the findings in force, in the letter's order
    sections: tuple[str, ...]  # where these stand, in the letter's order
    proposed: tuple[int, ...] = ()  # of the findings: those that only words point to
    confirmed: tuple[int, ...] = ()  # of the findings: those that an analyst has said lie behind it
    looked_at_by: str | None = None  # who last said something of its findings; None: proposed by words alone
    looked_at: datetime | None = None  # and when


def areas(stored: StoredInspection, links: Links | None = None) -> tuple[AreaEvidence, ...]:
    """Each area of the letter with the findings behind it.

    Proposed are the weaknesses found in the practice that its words are about. `links` is what analysts said, by the
    area's position and oldest first: the latest word on a finding counts. A look at the links as a whole confirms no
    finding by itself: what a correction of the letter proposes later, nobody has seen yet.
    """
    out = []
    for position, text in enumerate(stored.inspection.areas_requiring_improvement, start=1):
        practice = practice_of(text)
        by_words = {
            f.number
            for f in stored.findings
            if practice != "other" and f.finding.practice == practice and f.finding.direction == "weakness"
        }
        said = list((links or {}).get(position, ()))
        word = {link.finding: link.linked for link in said}
        behind = [f for f in stored.findings if word.get(f.number, f.number in by_words)]
        confirmed = [f for f in behind if word.get(f.number)]
        own = [practice] if practice != "other" else []
        out.append(
            AreaEvidence(
                position=position,
                text=text,
                practices=tuple(dict.fromkeys([*own, *(f.finding.practice for f in confirmed)])),
                findings=tuple(f.number for f in behind),
                sections=tuple(dict.fromkeys(f.finding.section for f in behind)),
                proposed=tuple(f.number for f in behind if f not in confirmed),
                confirmed=tuple(f.number for f in confirmed),
                looked_at_by=said[-1].said_by if said else None,
                looked_at=said[-1].said_at if said else None,
            )
        )
    return tuple(out)


def actions_of_area(stored: StoredInspection, text: str, actions: Sequence[Action]) -> tuple[Action, ...]:
    """The actions that are to improve one area of an inspection, by its text, in the order given. An action that names
    no inspection belongs to the area that it names; one of another inspection does not, though the words be the same."""
    return tuple(
        action
        for action in actions
        if action.inspection in (stored.identity, None) and _letters(action.area) == _letters(text)
    )


def _letters(text: str) -> str:
    """What is the same for two ways to write an area: line breaks, quotes and dashes make no difference."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def areas_json(
    stored: StoredInspection, links: Links | None = None, actions: Sequence[Action] = ()
) -> dict[str, object]:
    """What `sqs show areas --json` prints. `findings`: paragraph numbers, null where none is printed. `actions`: the
    version in force of each."""
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
                "actions": [_action_json(a) for a in actions_of_area(stored, area.text, actions)],
            }
            for area in areas(stored, links)
        ],
    }


def _action_json(action: Action) -> dict[str, object]:
    def iso(when: date | None) -> str | None:
        return when.isoformat() if when else None

    return {
        "reference": action.reference,
        "action": action.action,
        "lead": action.lead,
        "planned_on": iso(action.planned_on),
        "first_planned_on": iso(action.first_planned_on),
        "state": action.state,
        "done_on": iso(action.done_on),
    }
