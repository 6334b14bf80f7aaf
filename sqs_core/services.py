"""The register of services in England and Wales, 2012 to now, and finding one by the name in a letter."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache

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


@lru_cache(maxsize=4096)
def find_service(name: str) -> Service | None:
    """The service that goes by this name or alias, as letters and councils write it.

    Read alike: case, "&" and "and", punctuation, Welsh diacritics, "London Borough of" and the like in front,
    "Youth Offending Service", "YOT", "Council" and the like behind. None: no such service, or more than one.
    """
    found = _by_folded_name().get(fold(name), ())
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class BoundaryChange:
    """From a day on, the name of a service stands for other places than before."""

    on: date
    what: str  # "Bournemouth and Poole joined"


@cache
def boundary_changes(area: str) -> tuple[BoundaryChange, ...]:
    """When the places that a service's name stands for changed, by the register, the first first: when it opened or
    closed, another one joined it, or it was part of another for some years. Most days are unverified (`status` U in
    data/services.csv). Empty for what is no service of the register.

    A table by council goes on to name services that have merged: its "Bury" after March 2014 is Bury and Rochdale.
    """
    service = find_service(area)
    if service is None:
        return ()
    found = {}
    before = [other for other in services() if service.name in other.successors and other.closed_on]
    for other in before:
        joined = len(other.successors) == 1
        if service.opened_on and other.closed_on and service.opened_on > other.closed_on:
            continue  # it opened when the other closed
        if not joined and other.opened_on:
            found[other.opened_on] = f"it became part of {other.name}"
        if other.closed_on:
            found[other.closed_on + timedelta(days=1)] = (
                f"{other.name} joined it" if joined else f"it is no longer part of {other.name}"
            )
    if service.opened_on:
        came_from = [
            other.name for other in before if other.closed_on and other.closed_on < service.opened_on
        ]
        found[service.opened_on] = (
            f"it took over from {' and from '.join(came_from)}" if came_from else "it opened"
        )
    if service.closed_on:
        found[service.closed_on + timedelta(days=1)] = f"its places went to {'; '.join(service.successors)}"
    return tuple(BoundaryChange(day, found[day]) for day in sorted(found))


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
