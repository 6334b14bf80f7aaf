"""What the columns of a table are called, and what may stand in them: `data/columns.toml`, and matching with it."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from sqs_core.frameworks import DATA

if TYPE_CHECKING:
    from sqs_core.loaders.tables import Table

Kind = Literal["cases", "reviews"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the tables that people load."""

    name: str  # "due_on"
    holds: str  # "day", "text", "plan_type" …: how its cells are read
    needed: bool  # whether the table must have it
    filled: bool  # whether every row must fill it
    headings: tuple[str, ...]  # what else it is called
    without: str | None = None  # what is taken of every row of a table that lacks it


@dataclass(frozen=True, slots=True)
class Proposal:
    """Which heading is taken for a column, and why: a line of the mapping screen."""

    column: Column
    heading: str | None  # None: none fits, or more than one
    why: str
    samples: tuple[str, ...]  # up to three different values under the heading


@dataclass(frozen=True, slots=True)
class Refusal:
    """Headings under which stands what must never be loaded."""

    says: str
    words: tuple[str, ...]
    alone: tuple[str, ...]


@cache
def _tables() -> dict[str, Any]:
    with (DATA / "columns.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def columns(kind: Kind) -> tuple[Column, ...]:
    """The columns of a kind of table, in the order of its template."""
    return tuple(
        Column(
            name=name,
            holds=row["holds"],
            needed=row.get("column", False),
            filled=row.get("cell", False),
            headings=tuple(
                _tables()[row["same_as"]][name]["headings"] if "same_as" in row else row["headings"]
            ),
            without=row.get("without"),
        )
        for name, row in _tables()[kind].items()
    )


@cache
def values_of(holds: str) -> dict[str, str]:
    """The value that each way of writing it means, folded. Empty: any text will do."""
    return {
        fold(text): value
        for value, texts in _tables()["values"].get(holds, {}).items()
        for text in (value, *texts)
    }


@cache
def blanks() -> frozenset[str]:
    """What systems write into a cell where there is nothing, in small letters."""
    return frozenset(text.casefold() for text in _tables()["nothing"]["blank"])


@cache
def open_days() -> frozenset[str]:
    """Days in ISO that mean no day: the date is open."""
    return frozenset(_tables()["nothing"]["open_days"])


@cache
def no_remarks() -> frozenset[str]:
    """What people write into a column of remarks where there is none, folded."""
    return frozenset(fold(text) for text in _tables()["nothing"]["no_remark"])


def may_be_a_name(case_ref: str) -> bool:
    """Whether a case reference has no digit, or two words that are none of those that stand beside a number."""
    words = [word for word in re.findall(r"[^\W\d_]{3,}", case_ref.casefold()) if word not in _case_words()]
    return not re.search(r"\d", case_ref) or len(words) > 1


@cache
def _case_words() -> frozenset[str]:
    return frozenset(_tables()["nothing"]["case_words"])


def is_below(first: str, filled: int, width: int) -> bool:
    """Whether a row is a total or a note below a table, by its first filled cell and how many cells are filled."""
    words = f" {_words(first)} "
    nothing = _tables()["nothing"]
    beginnings = [*nothing["totals"], *(nothing["below"] if filled * 2 <= width else ())]
    return (filled == 1 and width > 2) or any(words.startswith(f" {word} ") for word in beginnings)


def _words(text: str) -> str:
    """The words of a text in small letters, one space apart, without punctuation."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def fold(text: str) -> str:
    """Letters and digits alone, small and without marks: "Due-date " → "duedate"."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("+", "plus").replace("&", "and")
    return "".join(mark for mark in plain if mark.isalnum() and not unicodedata.combining(mark))


def fingerprint(headings: Sequence[str]) -> str:
    """The same for tables of the same shape: the same headings, in whatever order."""
    folded = sorted(fold(heading) for heading in headings)
    return hashlib.sha256("\n".join(folded).encode()).hexdigest()[:16]


@cache
def _by_heading(kind: Kind) -> dict[str, tuple[str, ...]]:
    """The columns that a folded heading may stand for."""
    found: dict[str, tuple[str, ...]] = {}
    for column in columns(kind):
        for heading in {fold(text) for text in (column.name, *column.headings)}:
            found[heading] = (*found.get(heading, ()), column.name)
    return found


def is_known(heading: str) -> bool:
    """Whether a heading is a column's name or one of its synonyms, in any kind of table."""
    return any(fold(heading) in _by_heading(kind) for kind in KINDS)


def matched(headings: Iterable[str], kind: Kind) -> dict[str, list[str]]:
    """For each column the headings that could be it. A column's own name leaves no doubt."""
    found: dict[str, list[str]] = {}
    for heading in headings:
        # The second of two headings that are alike: it could be meant as well as the first.
        alike = re.sub(r" \(\d\)$", "", heading)
        for column in _by_heading(kind).get(fold(heading), ()) or _by_heading(kind).get(fold(alike), ()):
            found.setdefault(column, []).append(heading)
    for column, candidates in found.items():
        own = [heading for heading in candidates if fold(heading) == fold(column)]
        if len(own) == 1:
            found[column] = own
    return found


def likeliest_kind(headings: Sequence[str]) -> tuple[Kind | None, int]:
    """The kind of table by its headings, and by how many of the columns that only this kind has.

    None: fewer than two of them, or as many of another kind.
    """
    shared = {column.name for column in columns("cases")} & {column.name for column in columns("reviews")}
    telling = {kind: len(set(matched(headings, kind)) - shared) for kind in KINDS}
    best = max(KINDS, key=lambda kind: telling[kind])
    others = [telling[kind] for kind in KINDS if kind != best]
    sure = telling[best] >= 2 and telling[best] > max(others)
    return (best if sure else None), telling[best]


def proposals(table: Table, kind: Kind) -> tuple[Proposal, ...]:
    """For each column the heading that is taken for it when no mapping says otherwise."""
    found = matched(table.headings, kind)
    return tuple(_proposal(table, column, found.get(column.name, [])) for column in columns(kind))


def _proposal(table: Table, column: Column, candidates: list[str]) -> Proposal:
    if not candidates:
        return Proposal(column, None, "no heading of the file is known to mean this", ())
    if len(candidates) > 1:
        return Proposal(column, None, f"{in_words(candidates, 'and')} could all be this: choose one", ())
    heading = candidates[0]
    same = fold(heading) == fold(column.name)
    why = "it is called so" if same else f"“{heading}” is known to mean this"
    return Proposal(column, heading, why, samples_of(table, column, heading))


def samples_of(table: Table, column: Column, heading: str) -> tuple[str, ...]:
    """The first different values under a heading. Of case references only those that may not be names."""
    if not heading:
        return ()
    return table.samples(heading, not_names=column.holds == "case_ref")


def in_words(texts: Sequence[str], joined: str) -> str:
    """ "“Due”, “Target” and “Deadline”"."""
    quoted = [f"“{text}”" for text in texts]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joined} {quoted[-1]}"


# ---------------------------------------------------------------- what is never loaded

_PNC = re.compile(r"(?<![\w/])(?:19|20)?\d{2}/\d{5,7}[A-HJ-NP-RT-Z](?!\w)", re.I)
_BIRTH = re.compile(r"\b(?:d\.?o\.?b|date of birth|born on)\b", re.I)
_POSTCODE = re.compile(r"(?<!\w)([A-Z]{1,2})\d[\dA-Z]? \d[ABD-HJLNP-UW-Z]{2}(?!\w)", re.I | re.A)
# Without the space a case number may look like one: then only a column full of them is taken for postcodes.
_POSTCODE_UNSPACED = re.compile(r"(?<!\w)([A-Z]{1,2})\d[\dA-Z]?\d[ABD-HJLNP-UW-Z]{2}(?!\w)", re.I | re.A)


def _postcodes(pattern: re.Pattern[str], text: str) -> int:
    areas = _tables()["refused"]["postcodes"]["areas"].split()
    return sum(match[1].upper() in areas for match in pattern.finditer(text))


@cache
def _refusals() -> tuple[Refusal, ...]:
    return tuple(
        Refusal(row["says"], tuple(row["words"]), tuple(row.get("alone", ())))
        for key, row in _tables()["refused"].items()
        if key != "harmless"
    )


def refused_heading(heading: str) -> str | None:
    """What must never be loaded that stands under this heading; None: nothing such."""
    if is_known(heading):
        return None
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", heading)
    words = _words(apart)
    harmless = set(words.split()) & set(_tables()["refused"]["harmless"]["words"])
    for refusal in _refusals():
        if words in refusal.alone or fold(heading) in {fold(word) for word in refusal.words}:
            return refusal.says
        if not (harmless and refusal is _refusals()[0]) and any(
            f" {word} " in f" {words} " for word in refusal.words
        ):
            return refusal.says
    return None


def refused_texts(texts: Sequence[str]) -> str | None:
    """What must never be loaded and shows by its form among the different texts of a column."""
    together = "\n".join(texts)  # a search in one long text is many times faster than one in each
    if _BIRTH.search(together):
        return "dates of birth"
    if _PNC.search(together):
        return "PNC numbers"
    first = [text for text in texts[:1000] if text]
    full = _postcodes(_POSTCODE_UNSPACED, "\n".join(first)) * 2 > len(first)
    return "postcodes and addresses" if full or _postcodes(_POSTCODE, together) else None


# ---------------------------------------------------------------- templates

_EXAMPLES: dict[Kind, dict[str, str]] = {
    "reviews": {
        "service": "Knowsley",
        "case_ref": "KN-0417",
        "order_type": "Referral order",
        "plan_type": "risk_management_plan",
        "trigger": "scheduled",
        "due_on": "2026-09-14",
        "completed_on": "2026-09-18",
        "order_ended_on": "",
        "late_reason": "Appointment missed",
        "outside_control": "yes",
        "extracted_on": "2026-11-23",
        "team": "North",
        "order_started_on": "2026-03-09",
        "significant_change_on": "",
    },
    "cases": {
        "service": "Knowsley",
        "audit": "Local audit, autumn 2026",
        "audited_on": "2026-10-12",
        "case_ref": "KN-0417",
        "criterion": "1.reviewing",
        "judgement": "insufficient",
        "reason": "Not reviewed after a new offence",
    },
}


def template(kind: Kind) -> str:
    """The CSV header of a kind of table, with one example row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [column.name for column in columns(kind)]
    writer.writerow(names)
    writer.writerow([_EXAMPLES[kind][name] for name in names])
    return text.getvalue()
