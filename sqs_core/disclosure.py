"""Disclosure control: the one door through which every count of a shared view passes (docs/disclosure.md).

Counts of children, or of what belongs to single children, are shown only where no count of 1 to 5 can be read or worked
out. A table is groups × parts (on time, not on time), and a group is shown whole or hidden whole, its total too. What
is hidden is shown added up wherever a reader could add it up all the same, so nothing is left to be subtracted: what
can be worked out is shown, what is not shown cannot be. `tests/test_disclosure.py` plays a reader who knows these rules
and everything shown, and tries every table that would look the same.

All hidden cells look alike. To mark which of them is the small one, and which is hidden only to guard it, would tell a
reader who knows the rules too much: of two hidden groups with seven late reviews together, where one has "5 or fewer"
and the other is known to have more, the other has six.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqs_core.errors import BadInputError
from sqs_core.measures.statistics import wilson_interval
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE, rate_in_words
from sqs_core.model import Share

USUALLY_HIDDEN = (
    5  # counts of 1 to 5 (Ministry of Justice, Guide to Proven Reoffending Statistics; domain practice)
)
_FEWEST_TO_HIDE = 3  # with 1 or 2 alone, knowing the rule tells the count

# Which sums of the groups a reader knows or is to be shown:
# - "none": none, as of cohorts of different children; a group stands and is hidden by itself
# - "all": that of all groups, as of plan types, which the sum of the periods gives away
# - "in order": that of any that follow each other, as of quarters; a group that may not be shown joins the next, and
#   what is shown never changes when later groups are added
Sums = Literal["none", "all", "in order"]


@dataclass(frozen=True, slots=True)
class Group:
    """Counts as they are: not yet fit to be shown."""

    label: str
    parts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Hidden:
    """Stands in the place of a count that is kept back, and holds nothing of it."""

    words: str = "hidden"

    def __str__(self) -> str:
        return self.words


Cell = int | Hidden
HIDDEN = Hidden()


@dataclass(frozen=True, slots=True)
class Row:
    """What may be shown of one group, or of several that are shown together. Its cells are all counts or all hidden."""

    labels: tuple[str, ...]
    parts: tuple[Cell, ...]
    total: Cell

    @property
    def counts(self) -> tuple[int, ...] | None:
        """The parts, where they are shown."""
        shown = tuple(part for part in self.parts if isinstance(part, int))
        return shown if len(shown) == len(self.parts) else None

    @property
    def due(self) -> int | None:
        """The total, where it is shown and enough for a rate."""
        return self.total if isinstance(self.total, int) and self.total >= TOO_FEW_FOR_A_RATE else None

    def rate(self, part: int = 0) -> str:
        """Of all, in whole per cent; "" where it is hidden or of under 30. Decimals would tell no more than the counts
        beside them, and never stand in a shared view."""
        counts, due = self.counts, self.due
        return rate_in_words(counts[part], due) if counts and due else ""

    def share(self, part: int = 0) -> float | None:
        """The same as a share, 0 to 1, for a picture."""
        counts, due = self.counts, self.due
        return counts[part] / due if counts and due else None

    def interval(self, part: int = 0) -> Share | None:
        """What chance alone leaves open of the rate: Wilson's 95% interval, of the counts shown."""
        counts, due = self.counts, self.due
        return wilson_interval(counts[part], due) if counts and due else None


@dataclass(frozen=True, slots=True)
class Table:
    """What may be shown of some groups. Nothing that is hidden is in it."""

    parts: tuple[str, ...]  # their names
    rows: tuple[Row, ...]
    together: Row | None  # the hidden groups added up, where their sum is shown
    total: Row | None  # of all groups, where it is of one kind; hidden where it may not be shown
    largest_hidden: int

    @property
    def hides(self) -> bool:
        return any(row.counts is None for row in self.rows)


def largest_hidden(environ: Mapping[str, str] = os.environ) -> int:
    """Up to which count is hidden: 5, or as the host says (SQS_HIDE_UP_TO). Raises BadInputError for what is no whole
    number from 3 on, so that a slip shows nothing rather than too much."""
    said = environ.get("SQS_HIDE_UP_TO", "").strip() or str(USUALLY_HIDDEN)
    if not said.isascii() or not said.isdigit() or int(said) < _FEWEST_TO_HIDE:
        raise BadInputError(
            f"SQS_HIDE_UP_TO says “{said}”, and must be a whole number from {_FEWEST_TO_HIDE} on: counts of 1 up to "
            "it are hidden in shared views."
        )
    return int(said)


def disclose(
    parts: Sequence[str],
    groups: Sequence[Group],
    sums: Sums,
    largest: int,
    never_all: Collection[str] = (),
) -> Table:
    """What may be shown of these groups. Counts of 1 to `largest` are not; a count of none is.

    `never_all`: parts that say so much about a child that a group with all its children in one is hidden as well: where
    everybody reoffended, everybody is known to have.

    - sums "none": each group that may not be shown is hidden.
    - sums "all": with it all others of up to one more than `largest`, and then the next smallest, until the sum of what
      is hidden may be shown; it stands in `together`. Groups of equal size are hidden or shown alike, so that which one
      is hidden says nothing of the parts of another. Where the sum of all may not be shown, nothing is.
    - sums "in order": a group that may not be shown is added to the next, as are empty ones, until the sum may be; what
      is left at the end is one hidden row. There is no `total`: it would give away the end.
    """
    if any(count < 0 for group in groups for count in group.parts):
        raise ValueError("a count is never below 0")
    rules = _Rules(tuple(parts), largest, frozenset(never_all))
    if sums == "none":
        rows = [rules.row([group], rules.may_show([group])) for group in groups]
        return Table(rules.parts, tuple(rows), None, None, largest)
    if sums == "all":
        return _with_their_sum(rules, groups)
    return _in_order(rules, groups)


@dataclass(frozen=True, slots=True)
class _Rules:
    parts: tuple[str, ...]
    largest: int
    never_all: frozenset[str]

    def sums(self, groups: Sequence[Group]) -> tuple[int, ...]:
        return tuple(sum(group.parts[i] for group in groups) for i in range(len(self.parts)))

    def may_show(self, groups: Sequence[Group]) -> bool:
        """Whether the sum of these groups is in every part none or enough."""
        sums = self.sums(groups)
        total = sum(sums)
        full = any(
            name in self.never_all and count == total > 0
            for name, count in zip(self.parts, sums, strict=True)
        )
        return not full and not any(0 < count <= self.largest for count in sums)

    def row(self, groups: Sequence[Group], shown: bool) -> Row:
        labels, sums = tuple(group.label for group in groups), self.sums(groups)
        if shown:
            return Row(labels, sums, sum(sums))
        # A count by itself, whose range is all that hiding it says.
        alone = Hidden(f"{self.largest} or fewer") if len(self.parts) == 1 else HIDDEN
        return Row(labels, tuple(alone for _ in sums), alone)


def _with_their_sum(rules: _Rules, groups: Sequence[Group]) -> Table:
    def row(group: Group) -> Row:
        return rules.row([group], group not in hidden)

    hidden: Sequence[Group] = groups
    if not rules.may_show(groups):
        return Table(rules.parts, tuple(map(row, groups)), None, rules.row(groups, False), rules.largest)
    hidden = [group for group in groups if not rules.may_show([group])]
    up_to = (
        rules.largest + 1
    )  # were none as large hidden, hidden groups with ten in all would be known to have five each
    while hidden:
        hidden = [group for group in groups if group.total <= up_to or not rules.may_show([group])]
        others = [group.total for group in groups if group not in hidden]
        if rules.may_show(hidden) or not others:
            break
        up_to = min(others)
    together = rules.row(hidden, True) if hidden else None
    return Table(rules.parts, tuple(map(row, groups)), together, rules.row(groups, True), rules.largest)


def _in_order(rules: _Rules, groups: Sequence[Group]) -> Table:
    rows: list[Row] = []
    waiting: list[Group] = []
    for group in groups:
        waiting.append(group)
        if any(g.total for g in waiting) and rules.may_show(waiting):
            rows.append(rules.row(waiting, True))
            waiting = []
    if waiting:
        rows.append(rules.row(waiting, False))
    return Table(rules.parts, tuple(rows), None, None, rules.largest)
