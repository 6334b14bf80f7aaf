"""Disclosure control, attacked by a reader who knows the rules and everything shown, and tries every table that would
look the same: what is the same in all of them is known. No count of 1 to 5 may be."""

from __future__ import annotations

import gc
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqs_core.disclosure import HIDDEN, Group, Hidden, Row, Sums, Table, disclose, largest_hidden
from sqs_core.errors import BadInputError

Counts = tuple[tuple[int, ...], ...]  # groups × parts
NAMES = ("on time", "not on time", "not known")


def published(counts: Counts, sums: Sums, largest: int = 5, never_all: Sequence[str] = ()) -> Table:
    groups = [Group(str(i), parts) for i, parts in enumerate(counts)]
    return disclose(NAMES[: len(counts[0])], groups, sums, largest, never_all)


def compositions(total: int, places: int) -> Iterator[tuple[int, ...]]:
    """Every way to put so many into so many places."""
    if places == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in compositions(total - first, places - 1):
            yield (first, *rest)


def every_table(groups: int, parts: int, most: int) -> Iterator[Counts]:
    """Every table of up to so many reviews."""
    for flat in compositions(most, groups * parts + 1):  # the last place holds what is in none
        yield tuple(flat[i : i + parts] for i in range(0, groups * parts, parts))


class Known:
    """What a reader knows who has seen that each of these tables looks the same."""

    def __init__(self) -> None:
        self.values: dict[object, set[int]] = {}

    def see(self, counts: Counts) -> None:
        """Every sum over some of the groups, in each part and in all."""
        for size in range(1, len(counts) + 1):
            for chosen in itertools.combinations(range(len(counts)), size):
                rows = [counts[i] for i in chosen]
                sums = [sum(column) for column in zip(*rows, strict=True)]
                for part, value in enumerate([*sums, sum(sums)]):
                    self.values.setdefault((chosen, part), set()).add(value)

    def small(self, largest: int) -> list[object]:
        """What is known, and is a count of 1 to `largest`."""
        return [
            what for what, values in self.values.items() if len(values) == 1 and 0 < min(values) <= largest
        ]


def reader_of_every_table(tables: Iterable[Counts], sums: Sums, largest: int) -> dict[Table, Known]:
    found: dict[Table, Known] = {}
    for counts in tables:
        found.setdefault(published(counts, sums, largest), Known()).see(counts)
    return found


# A reader who tries every table


@pytest.mark.parametrize(
    ("sums", "groups", "parts", "most", "largest"),
    [
        ("all", 2, 2, 20, 5),
        ("all", 3, 2, 13, 5),
        ("all", 3, 2, 12, 3),
        ("all", 4, 2, 9, 3),
        ("all", 2, 3, 10, 3),
        ("in order", 2, 2, 20, 5),
        ("in order", 3, 2, 12, 3),
        ("in order", 4, 2, 9, 3),
    ],
)
def test_no_small_count_follows_from_what_is_shown_and_the_rules(
    sums: Sums, groups: int, parts: int, most: int, largest: int
) -> None:
    found = reader_of_every_table(every_table(groups, parts, most), sums, largest)
    assert len(found) > 100
    assert any(table.hides for table in found)
    assert {table: known.small(largest) for table, known in found.items() if known.small(largest)} == {}


def test_a_group_by_itself_gives_nothing_away() -> None:
    cells = tuple(itertools.product(range(15), repeat=2))
    found = reader_of_every_table(((cell,) for cell in cells), "none", 5)
    assert [known.small(5) for known in found.values() if known.small(5)] == []


def test_the_reader_finds_what_plain_masking_gives_away() -> None:
    """The oracle can fail: masking a cell and showing the total is what it must find."""
    known: dict[object, Known] = {}
    for counts in every_table(2, 2, 12):
        masked = tuple(tuple(c if c == 0 or c > 5 else None for c in parts) for parts in counts)
        totals = tuple(sum(parts) for parts in counts)
        known.setdefault((masked, totals), Known()).see(counts)
    assert any(reader.small(5) for reader in known.values())


def test_the_reader_finds_what_the_smallest_choice_gives_away() -> None:
    """Why a group of six is hidden with the others: were it shown, two hidden groups with ten late reviews and none on
    time would have five each, as one of six would have been the next to be hidden."""
    table = published(((0, 5), (0, 5), (0, 6)), "all")
    assert [row.counts for row in table.rows] == [None, None, None]
    assert table.together is not None
    assert table.together.total == 16


@st.composite
def tables(draw: st.DrawFn) -> Counts:
    """Two to four plan types with few and many reviews, most of them with small counts."""
    count = st.one_of(st.integers(0, 7), st.integers(0, 14))
    groups = draw(st.integers(2, 4))
    return tuple((draw(count), draw(count)) for _ in range(groups))


def look_alikes(counts: Counts, table: Table) -> Iterator[Counts]:
    """Tables that agree with every count shown; whether they look the same is for the rules to say."""
    hidden = [i for i, row in enumerate(table.rows) if row.counts is None]
    assert table.together is not None
    together = table.together.counts
    assert together is not None
    for columns in itertools.product(*(compositions(count, len(hidden)) for count in together)):
        rows = list(counts)
        for place, parts in zip(hidden, zip(*columns, strict=True), strict=True):
            rows[place] = parts
        yield tuple(rows)


@settings(max_examples=150)
@given(tables())
def test_no_small_count_follows_in_tables_as_they_are(counts: Counts) -> None:
    table = published(counts, "all")
    if table.together is None:
        return
    known = Known()
    for seen, other in enumerate(look_alikes(counts, table)):
        if published(other, "all") == table:
            known.see(other)
            if not known.small(5):
                return
        assert seen < 400_000
    assert known.small(5) == []


# Total minus parts


@given(tables(), st.sampled_from([3, 5, 10]))
def test_no_subtraction_of_what_is_shown_leaves_a_small_count(counts: Counts, largest: int) -> None:
    table = published(counts, "all", largest)
    shown = [row for row in (*table.rows, table.together) if row and row.counts is not None]
    if table.total is None or table.total.counts is None:
        assert shown == []
        return
    for size in range(len(shown) + 1):
        for chosen in itertools.combinations(shown, size):
            left = [
                whole - sum(row.counts[part] for row in chosen if row.counts)
                for part, whole in enumerate(table.total.counts)
            ]
            if min(left) >= 0:  # else some are in `together` twice
                assert not [count for count in [*left, sum(left)] if 0 < count <= largest]


@given(tables())
def test_what_is_shown_is_true_and_adds_up(counts: Counts) -> None:
    table = published(counts, "all")
    assert [row.labels for row in table.rows] == [(str(i),) for i in range(len(counts))]
    for row, parts in zip(table.rows, counts, strict=True):
        assert row.counts in (parts, None)
        assert row.total == (sum(parts) if row.counts else HIDDEN)
    if table.total and table.total.counts:
        rows = [row.counts for row in (*table.rows, table.together) if row and row.counts]
        assert tuple(map(sum, zip(*rows, strict=True))) == table.total.counts
        assert table.total.counts == tuple(map(sum, zip(*counts, strict=True)))


def test_nothing_is_hidden_without_need() -> None:
    assert not published(((30, 10), (20, 6), (0, 0), (40, 0)), "all").hides


def test_a_second_group_guards_the_first() -> None:
    table = published(((30, 10), (20, 2), (8, 7)), "all")
    assert [row.counts for row in table.rows] == [(30, 10), None, None]
    assert table.together == Row(("1", "2"), (28, 9), 37)
    assert table.total == Row(("0", "1", "2"), (58, 19), 77)


def test_of_a_total_that_is_small_nothing_is_shown() -> None:
    table = published(((30, 2), (20, 0)), "all")
    assert not [row for row in (*table.rows, table.total) if row and row.counts]
    assert table.together is None


# Periods


quarters = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), min_size=1, max_size=12).map(tuple)


@given(quarters)
def test_periods_never_change_when_later_ones_come(counts: Counts) -> None:
    """So two views of different days are no more than the later one: nothing follows from their difference."""

    def shown(some: Counts) -> list[Row]:
        return [row for row in published(some, "in order").rows if row.counts is not None]

    everything = shown(counts)
    for first in range(1, len(counts)):
        earlier = shown(counts[:first])
        assert everything[: len(earlier)] == earlier


@given(quarters)
def test_periods_are_whole_and_true(counts: Counts) -> None:
    table = published(counts, "in order")
    assert [label for row in table.rows for label in row.labels] == [str(i) for i in range(len(counts))]
    assert table.total is None
    for row in table.rows:
        sums = tuple(map(sum, zip(*(counts[int(label)] for label in row.labels), strict=True)))
        assert row.counts in (sums, None)
        assert row.counts is None or all(count == 0 or count > 5 for count in sums)
    assert all(row.counts is not None for row in table.rows[:-1])


# Several groupings of the same reviews


def test_two_groupings_of_the_same_reviews_give_nothing_away() -> None:
    """Two quarters, two plan types, on time or not: quarters are shown in order, plan types of the quarters shown."""
    found: dict[object, Known] = {}
    for flat in compositions(9, 9):
        cube = [[flat[0:2], flat[2:4]], [flat[4:6], flat[6:8]]]  # quarter, plan type, part
        by_quarter = tuple(tuple(map(sum, zip(*quarter, strict=True))) for quarter in cube)
        in_order = published(by_quarter, "in order", 3)
        closed = [int(label) for row in in_order.rows if row.counts for label in row.labels]
        by_plan = tuple(
            tuple(sum(cube[quarter][plan][part] for quarter in closed) for part in (0, 1)) for plan in (0, 1)
        )
        looks = in_order, published(by_plan, "all", 3)
        found.setdefault(looks, Known()).see(tuple(parts for quarter in cube for parts in quarter))
        found.setdefault((looks, "plans"), Known()).see(by_plan)
    assert len(found) > 50
    assert [known.small(3) for known in found.values() if known.small(3)] == []


# Rates and decimals


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_rate_stands_only_beside_its_counts_and_in_whole_per_cent(on_time: int, late: int) -> None:
    (row,) = published(((on_time, late),), "none").rows
    if row.counts is None or on_time + late < 30:
        assert row.rate() == ""
        assert row.interval() is None
    else:
        assert re.fullmatch(r"(over |under )?\d+%", row.rate())
        assert row.interval() is not None


def test_34_38_per_cent_of_32_is_never_said() -> None:
    (row,) = published(((11, 21),), "none").rows
    assert (row.rate(), row.counts) == ("34%", (11, 21))
    (row,) = published(((29, 3),), "none").rows
    assert (row.rate(), row.rate(1), row.interval(), row.total) == ("", "", None, HIDDEN)


# All or nothing


def test_none_is_shown_and_all_is_not_where_it_says_something_of_each_child() -> None:
    on_time = published(((40, 0), (0, 40)), "none")
    assert [row.counts for row in on_time.rows] == [(40, 0), (0, 40)]
    groups = [Group("a", (0, 40)), Group("b", (40, 0))]
    reoffended = disclose(("reoffended", "did not"), groups, "none", 5, never_all=("reoffended",))
    assert [row.counts for row in reoffended.rows] == [(0, 40), None]


# What is returned


def reachable(thing: object) -> list[object]:
    """Everything that can be reached from an object without going through its class."""
    found: dict[int, object] = {}
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if id(one) not in found and not isinstance(one, type):
            found[id(one)] = one
            waiting += gc.get_referents(one)
    return list(found.values())


def test_nothing_hidden_can_be_reached_from_what_is_returned() -> None:
    table = published(((1101, 1110), (1020, 2), (1008, 1007)), "all")
    assert [row.counts for row in table.rows] == [(1101, 1110), None, None]
    numbers = {one for one in reachable(table) if isinstance(one, int)}
    assert {1101, 1110, 2028, 1009} <= numbers
    assert not numbers & {1020, 2, 1022, 1008, 1007, 2015}
    with pytest.raises(FrozenInstanceError):
        table.rows = ()  # type: ignore[misc]


def test_a_hidden_cell_is_words_and_no_number() -> None:
    assert str(HIDDEN) == "hidden"
    with pytest.raises(TypeError):
        HIDDEN + 1  # type: ignore[operator]
    (row,) = published(((4,),), "none").rows
    assert str(row.total) == "5 or fewer"
    (row,) = published(((0,),), "none").rows
    assert row.total == 0
    assert isinstance(published(((2,),), "none", 9).rows[0].total, Hidden)


# The threshold


@pytest.mark.parametrize(("said", "largest"), [("", 5), ("5", 5), ("10", 10), (" 3 ", 3)])
def test_the_host_may_hide_more(said: str, largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQS_HIDE_UP_TO", said)
    assert largest_hidden() == largest


@pytest.mark.parametrize("said", ["0", "2", "-5", "five", "5.5", "1e3", "٥"])
def test_a_slip_in_the_threshold_shows_nothing(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQS_HIDE_UP_TO", said)
    with pytest.raises(BadInputError, match="SQS_HIDE_UP_TO"):
        largest_hidden()


def test_a_count_below_none_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="below 0"):
        published(((-1, 7),), "all")
