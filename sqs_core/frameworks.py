"""What was inspected: sections, practices, criteria and bands, read from `data/frameworks/*.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from sqs_core.model import Share

_HERE = Path(__file__).parent
# An installed package carries its tables; a checkout has them beside it.
DATA = _HERE / "data" if (_HERE / "data").is_dir() else _HERE.parent / "data"


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    number: str  # as printed; "" where the letter prints none
    title: str
    short_title: str  # where a column is narrow


@dataclass(frozen=True, slots=True)
class Practice:
    id: str
    title: str
    noun: str  # as it stands in a sentence
    in_score: bool = True


@dataclass(frozen=True, slots=True)
class Criterion:
    """What one case is judged on in a local audit."""

    id: str
    section: str
    practice: str
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """Indicative words for a share of sufficient cases from `low` up to the next band."""

    id: str
    title: str
    symbol: str
    low: float


@dataclass(frozen=True, slots=True)
class Framework:
    """One way of inspecting, with the years it was used."""

    id: str
    name: str
    short_name: str
    inspectorate: str
    valid_from: date
    valid_to: date | None
    source: str
    unscored: str  # why a score of ours is not the inspectorate's
    sections: tuple[Section, ...]
    practices: tuple[Practice, ...]
    criteria: tuple[Criterion, ...]
    criteria_note: str
    bands: tuple[Band, ...]
    bands_note: str

    def section(self, id_: str) -> Section:
        return next(s for s in self.sections if s.id == id_)

    def practice(self, id_: str) -> Practice:
        return next(p for p in self.practices if p.id == id_)

    def bands_of(self, share: Share) -> tuple[Band, ...]:
        """Every band that the range touches, weakest first. A range that only ends where a band begins
        does not touch it, unless the range is that one point."""
        tops = [band.low for band in self.bands[1:]] + [float("inf")]
        return tuple(
            band
            for band, top in zip(self.bands, tops, strict=True)
            if share.low < top and (share.high > band.low or share.low == share.high == band.low)
        )


@cache
def framework(id_: str = "sqs") -> Framework:
    """The framework with this id. Raises FileNotFoundError if `data/frameworks` has none."""
    with (DATA / "frameworks" / f"{id_}.toml").open("rb") as file:
        table = tomllib.load(file)
    return Framework(
        id=table["id"],
        name=table["name"],
        short_name=table["short_name"],
        inspectorate=table["inspectorate"],
        valid_from=table["valid_from"],
        valid_to=table.get("valid_to"),
        source=table["source"],
        unscored=table["unscored"],
        sections=tuple(Section(**row) for row in table["sections"]),
        practices=tuple(Practice(**row) for row in table["practices"]),
        criteria=tuple(Criterion(**row) for row in table["criteria"]),
        criteria_note=table["criteria_status"]["note"],
        bands=tuple(Band(**row) for row in table["bands"]),
        bands_note=table["bands_status"]["note"],
    )
