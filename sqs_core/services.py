"""The register of services in England and Wales, 2012 to now, and finding one by the name in a letter."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from datetime import date
from functools import cache

from sqs_core.frameworks import DATA
from sqs_core.model import Service

# What stands around a place in the name of a service or a council, folded (see `fold`).
_BEFORE = re.compile(
    r"^(?:the|county|(?:(?:london|royal|metropolitan) )*borough(?: council)? of"
    r"|city(?: and county| council)? of|county(?: council)? of"
    r"|gwasanaeth (?:troseddau|troseddwyr|cyfiawnder) ieuenctid) "
)
_AFTER = re.compile(
    r" (?:youth (?:offending|justice)(?: and early intervention)?(?: services?| teams?| partnership)?"
    r"|yos|yot|yjs|council|county|city|(?:metropolitan |london |royal )?borough|unitary authority"
    r"|(?:city|county|borough) of)$"
)


@cache
def services() -> tuple[Service, ...]:
    """Every service of `data/services.csv`, those that have closed included, by name."""
    with (DATA / "services.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Service(
                name=row["name"],
                country=row["country"],
                region=row["region"],
                police_area=row["police_area"],
                aliases=_several(row["aliases"]),
                opened_on=_day(row["opened_on"]),
                closed_on=_day(row["closed_on"]),
                successors=_several(row["successors"]),
            )
            for row in csv.DictReader(file)
        )


def find_service(name: str) -> Service | None:
    """The service that goes by this name or alias, as letters and councils write it.

    Read alike: case, "&" and "and", punctuation, Welsh diacritics, "London Borough of" and the like in front,
    "Youth Offending Service", "YOT", "Council" and the like behind. None: no such service, or more than one.
    """
    found = _by_folded_name().get(fold(name), ())
    return found[0] if len(found) == 1 else None


def fold(name: str) -> str:
    """The place in a service's name, in plain letters: "City of Westminster YOT" → "westminster"."""
    text = unicodedata.normalize("NFKD", name).casefold().replace("&", " and ")
    text = "".join(mark for mark in text if not unicodedata.combining(mark) and mark not in "'’‘`")
    text = " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())
    shorter = _without_frame(text)
    while shorter != text:
        text, shorter = shorter, _without_frame(shorter)
    return text


def _without_frame(text: str) -> str:
    return _AFTER.sub("", _BEFORE.sub("", text))


@cache
def _by_folded_name() -> dict[str, tuple[Service, ...]]:
    found: defaultdict[str, dict[str, Service]] = defaultdict(dict)
    for service in services():
        for name in (service.name, *service.aliases):
            found[fold(name)][service.name] = service
    return {name: tuple(by_name.values()) for name, by_name in found.items()}


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None
