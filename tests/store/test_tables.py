"""Tables of reviews and audits: what comes back, which rows are in force, and what a newer extract changed."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import fields, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sqs_core.errors import BadInputError, RefusedError
from sqs_core.measures.timeliness import state_of, timeliness
from sqs_core.model import Judgement, Review, Service, ServiceJudgement
from sqs_core.store import FolderStore, Store, TableFile, changes
from sqs_core.store.check import breaches
from sqs_core.store.rows import rows_sha256
from sqs_core.store.schema import latest, migrate
from sqs_core.store.snapshot import Snapshot

MIGRATIONS = Path(changes.__file__).parent / "migrations"
FULL = Review(
    service="Knowsley",
    case_ref="KN-0417",
    plan_type="risk_management_plan",
    trigger="significant_change",
    extracted_on=date(2018, 7, 1),
    order_type="Referral order",
    due_on=date(2018, 4, 2),
    completed_on=date(2018, 4, 5),
    order_ended_on=date(2018, 6, 8),
    late_reason="Moved away, “out of area”",
    outside_control=True,
    team="North",
    order_started_on=date(2018, 1, 9),
    significant_change_on=date(2018, 3, 12),
)
BARE = Review("Knowsley", "KN-0001", "assessment", "scheduled", date(2018, 7, 1))
NEEDED = ("service", "case_ref", "plan_type", "trigger", "extracted_on")
_numbers = count(1)


def reviews_file(rows: Iterable[Review], name: str = "reviews.csv", **more: object) -> TableFile:
    """A file of its own hash at every call: what is the same is known by its rows."""
    return TableFile(name, sha256(f"{next(_numbers)}".encode()).hexdigest(), reviews=list(rows), **more)  # type: ignore[arg-type]


def audit_file(
    judgements: Sequence[str],
    name: str = "cases.csv",
    audit: str = "Spring audit",
    day: date = date(2018, 3, 1),
    **more: object,
) -> TableFile:
    rows = [
        ServiceJudgement("Knowsley", Judgement(audit, day, f"case {number}", "1.reviewing", said))  # type: ignore[arg-type]
        for number, said in enumerate(judgements, start=1)
    ]
    return TableFile(name, sha256(f"{next(_numbers)}".encode()).hexdigest(), judgements=rows, **more)  # type: ignore[arg-type]


def refs(store: Store, service: str = "Knowsley") -> list[str]:
    return sorted(review.case_ref for review in store.read().reviews(service))


# What comes back


def test_every_field_of_a_review_comes_back(store: Store) -> None:
    assert all(getattr(FULL, field.name) is not None for field in fields(Review))
    rows = [
        FULL,
        BARE,
        *(replace(BARE, case_ref=f"control {value}", outside_control=value) for value in (True, False, None)),
    ]
    # Each optional field alone: none may come back in another's place.
    rows += [
        replace(BARE, case_ref=f"only {f.name}", **{f.name: getattr(FULL, f.name)})
        for f in fields(Review)
        if f.name not in NEEDED
    ]
    (result,) = store.load([reviews_file(rows)], by="Analyst")
    assert (result.status, result.services, result.warnings, result.changes) == (
        "loaded",
        ("Knowsley",),
        (),
        (),
    )
    found = store.read().reviews("Knowsley")
    assert found == rows
    assert [type(review.due_on) for review in found[:2]] == [date, type(None)]
    assert [review.outside_control for review in found[:5]] == [True, None, True, False, None]
    (source,) = store.read().sources()
    assert (source.kind, source.rows, source.loaded_by) == ("reviews", len(rows), "Analyst")
    assert store.read().review_counts() == {"Knowsley": len(rows)}
    assert [service.name for service in store.read().services()] == ["Knowsley"]
    assert store.check() == []


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(
    rows=st.lists(
        st.builds(
            Review,
            service=st.sampled_from(["Knowsley", "Merton"]),
            case_ref=words.filter(bool),
            plan_type=st.just("assessment"),
            trigger=st.sampled_from(["scheduled", "significant_change"]),
            extracted_on=st.dates(),
            order_type=st.none() | words,
            due_on=st.none() | st.dates(),
            completed_on=st.none() | st.dates(),
            order_ended_on=st.none() | st.dates(),
            late_reason=st.none() | words,
            outside_control=st.none() | st.booleans(),
            team=st.none() | words,
            order_started_on=st.none() | st.dates(),
            significant_change_on=st.none() | st.dates(),
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=25)
def test_any_text_and_day_survives_and_is_known_again(rows: list[Review]) -> None:
    with closing(duckdb.connect()) as connection:
        migrate(connection, "any")
        changes.load(connection, [reviews_file(rows)], "Analyst")
        for service in ("Knowsley", "Merton"):
            found = Snapshot("any", connection.cursor).reviews(service)
            assert found == [review for review in rows if review.service == service]
        (again,), words = changes.load(connection, [reviews_file(rows)], "Analyst")
        assert (again.status, words) == ("already there", None)


def test_a_registered_service_is_known_by_any_of_its_names(store: Store) -> None:
    names = ["Knowsley YOS", "KNOWSLEY", "Knowsley Youth Offending Service", "Knowsley"]
    for number, name in enumerate(names):
        (result,) = store.load(
            [reviews_file([replace(BARE, service=name, case_ref=f"{number}", team=name)])], by="Analyst"
        )
        assert (result.services, result.warnings) == (("Knowsley",), ())
    # Each takes the place of the one before: their rows are one service's.
    assert [(r.service, r.case_ref) for r in store.read().reviews("Knowsley")] == [("Knowsley", "3")]
    assert [service.name for service in store.read().services()] == ["Knowsley"]
    assert store.check() == []


def test_an_unknown_service_is_kept_and_known_again(store: Store) -> None:
    (result,) = store.load([reviews_file([replace(BARE, service="Nowhere Moor")])], by="Analyst")
    assert result.services == ("Nowhere Moor",)
    assert result.warnings == (), "the loader has said it already"
    other = replace(BARE, service="NOWHERE MOOR", plan_type="intervention_plan", case_ref="2")
    (result,) = store.load([reviews_file([other])], by="Analyst")
    assert result.services == ("Nowhere Moor",)
    assert [service.name for service in store.read().services()] == ["Nowhere Moor"]
    assert [r.service for r in store.read().reviews("Nowhere Moor")] == ["Nowhere Moor"] * 2
    for source in store.read().sources():
        store.unload(source.id, by="Analyst")
    assert "Nowhere Moor" not in [service.name for service in store.read().all_services()]
    assert store.check() == []


@pytest.mark.parametrize("met", [False, True], ids=["new", "met before"])
@pytest.mark.parametrize("names", [("Nowhere Moor", "NOWHERE MOOR"), ("Knowsley", "Knowsley YOS")])
def test_two_spellings_in_one_file_are_one_service(store: Store, names: tuple[str, str], met: bool) -> None:
    if met:
        store.load([reviews_file([replace(BARE, service=names[0], extracted_on=date(2017, 1, 1))])], by="A")
    rows = [replace(BARE, service=name, case_ref=f"{number}") for number, name in enumerate(names)]
    store.load([reviews_file(rows)], by="Analyst")
    (service,) = store.read().services()
    assert {"0", "1"} <= set(refs(store, service.name))
    assert store.check() == []


def test_illustrative_reviews_say_so_and_go_in_one_step(store: Store) -> None:
    made_up = Service("Aardmoor", "England", "North", "North", illustrative=True)
    file = reviews_file([replace(BARE, service="Aardmoor")], services=(made_up,), illustrative=True)
    (result,) = store.load([reviews_file([BARE], "real.csv"), file], by="sqs")[1:]
    assert (result.services, result.warnings) == (("Aardmoor",), ())
    assert [(s.name, s.illustrative) for s in store.read().services()] == [
        ("Knowsley", False),
        ("Aardmoor", True),
    ]
    assert store.read().service("aardmoor") == made_up
    assert [s.illustrative for s in store.read().sources()] == [True, False]
    assert store.remove_illustrative(by="Analyst") == 1
    assert store.read().reviews("Aardmoor") == []
    assert [s.name for s in store.read().services()] == ["Knowsley"]
    assert refs(store) == ["KN-0001"]
    assert store.check() == []


def test_the_warnings_that_were_accepted_are_kept(store: Store) -> None:
    accepted = ("a day before the year 2000 (row 2)", "“odd”, and more")
    (result,) = store.load([reviews_file([BARE], accepted=accepted)], by="Analyst")
    assert result.warnings == accepted
    store.load([audit_file(["sufficient"])], by="Analyst")
    assert [source.accepted for source in store.read().sources()] == [(), accepted]


def test_reviews_on_time_are_counted_as_the_measure_counts_them(store: Store) -> None:
    """Oracle: `timeliness` over every review of the service, and the sums over children by hand."""
    draw = Random(3)
    day = date(2018, 1, 1)

    def maybe(chance: float, first: int, last: int) -> date | None:
        return day + timedelta(days=draw.randint(first, last)) if draw.random() < chance else None

    rows = [
        Review(
            draw.choice(("Knowsley", "Sefton")),
            f"case {draw.randint(1, 60)}",
            "assessment",
            "scheduled",
            date(2018, 7, 1),
            due_on=maybe(0.95, -30, 200),
            completed_on=maybe(0.8, -30, 220),
            order_ended_on=maybe(0.3, -30, 220),
        )
        for _ in range(900)
    ]
    store.load([reviews_file(rows)], by="Ana")
    snapshot = store.read()
    for first, last in ((date(2018, 1, 1), date(2018, 3, 31)), (date(2018, 6, 20), date(2018, 7, 20))):
        counts = {found.service: found for found in snapshot.on_time_counts(first, last)}
        assert set(counts) == {"Knowsley", "Sefton"}
        for name, found in counts.items():
            reviews = snapshot.reviews(name)
            expected = timeliness(reviews, first, last)
            assert (found.on_time, found.due) == (expected.on_time, expected.due)
            assert found.first_due_on == min(r.due_on for r in reviews if r.due_on)
            assert found.extracted_on == date(2018, 7, 1)
            by_child: dict[str, list[str]] = {}
            for review in reviews:
                if review.due_on and first <= review.due_on <= last:
                    by_child.setdefault(review.case_ref, []).append(state_of(review))
            due = [[s for s in states if s in ("on_time", "late", "overdue")] for states in by_child.values()]
            due = [states for states in due if states]
            rate = expected.on_time / expected.due
            assert found.children == len(due)
            squares = sum((states.count("on_time") - rate * len(states)) ** 2 for states in due)
            assert found.squares == pytest.approx(squares)
    assert snapshot.on_time_counts(date.min, date.max, illustrative=True) == []


def test_made_up_reviews_are_counted_apart_from_real_ones(store: Store) -> None:
    made_up = Service("Wyrevale", "England", "Illustrative", "Illustrative", illustrative=True)
    review = replace(FULL, service="Wyrevale")
    store.load([reviews_file([FULL])], by="Ana")
    store.load_examples(
        [reviews_file([review], "made-up.csv", services=(made_up,), illustrative=True)], by="Ana"
    )
    for illustrative, name in ((False, "Knowsley"), (True, "Wyrevale")):
        found = store.read().on_time_counts(date(2018, 1, 1), date(2018, 12, 31), illustrative)
        assert [(one.service, one.on_time, one.due) for one in found] == [(name, 0, 1)]


# The same again


def test_the_same_rows_again_change_nothing_whatever_the_file_is_called(store: Store) -> None:
    (first,) = store.load([reviews_file([FULL, BARE])], by="Analyst")
    before = store.current()
    for name in ("reviews.csv", "copy.xlsx"):
        (again,) = store.load([reviews_file([FULL, BARE], name)], by="Somebody else")
        assert (again.status, again.source_id, again.changes) == ("already there", first.source_id, ())
        assert again.services == ("Knowsley",)
    assert store.current() == before
    assert len(store.read().sources()) == 1
    one, two = store.load([reviews_file([BARE]), reviews_file([BARE], "copy.csv")], by="Analyst")
    assert (one.status, two.status, two.source_id) == ("loaded", "already there", one.source_id)
    assert store.check() == []


def test_what_was_unloaded_can_be_loaded_again(store: Store) -> None:
    (first,) = store.load([reviews_file([FULL])], by="Analyst")
    store.unload(first.source_id, by="Analyst")
    assert store.read().reviews("Knowsley") == []
    (second,) = store.load([reviews_file([FULL])], by="Analyst")
    assert (second.status, second.source_id > first.source_id) == ("loaded", True)
    assert store.read().reviews("Knowsley") == [FULL]


def _other(name: str) -> object:
    """Another value of a field."""
    value = getattr(FULL, name)
    if isinstance(value, date):
        return value + timedelta(days=1)
    known = {
        "service": "Merton",
        "plan_type": "assessment",
        "trigger": "scheduled",
        "outside_control": False,
    }
    return known.get(name, f"{value}.")


def test_a_difference_in_any_field_is_another_content(store: Store) -> None:
    files = [reviews_file([FULL], "as it was.csv")]
    for field in fields(Review):
        files.append(reviews_file([replace(FULL, **{field.name: _other(field.name)})], f"{field.name}.csv"))
        if field.name not in NEEDED:
            files.append(reviews_file([replace(FULL, **{field.name: None})], f"no {field.name}.csv"))
    results = store.rehearse(files, by="Analyst")
    assert [result.file_name for result in results if result.status != "loaded"] == []


# Which rows are in force


def speaks_of(review: Review) -> date:
    return review.due_on or review.completed_on or review.extracted_on


def in_force(extracts: dict[int, list[Review]], service: str) -> set[str]:
    """The rule as it is written down, row by row and without a database: the cases in force."""
    out = set()
    for source, rows in extracts.items():
        for row in rows:
            alike = {
                other: [r for r in found if (r.service, r.plan_type) == (row.service, row.plan_type)]
                for other, found in extracts.items()
            }
            age = {
                other: (max(r.extracted_on for r in found), other) for other, found in alike.items() if found
            }
            replaced = any(
                age[other] > age[source]
                and min(map(speaks_of, alike[other])) <= speaks_of(row) <= max(map(speaks_of, alike[other]))
                for other in age
            )
            if row.service == service and not replaced:
                out.add(row.case_ref)
    return out


some_day = st.integers(0, 12).map(lambda days: date(2018, 1, 1) + timedelta(days=days))
SERVICES = ("Knowsley", "Merton", "Hampshire")
# Services and kinds of plan have nothing to do with each other: each example is six in one.
some_rows = st.lists(
    st.builds(
        Review,
        service=st.sampled_from(SERVICES),
        case_ref=st.just(""),
        plan_type=st.sampled_from(["assessment", "risk_management_plan"]),
        trigger=st.just("scheduled"),
        extracted_on=some_day,
        due_on=st.none() | some_day,
        completed_on=st.none() | some_day,
    ),
    min_size=4,
    max_size=24,
)


def day(number: int) -> date:
    return date(2018, 1, number)


def due(number: int, extracted: int, **more: object) -> Review:
    values = {"case_ref": "", "due_on": day(number), "extracted_on": day(extracted), **more}
    return replace(BARE, **values)


@given(extracts=st.lists(some_rows, min_size=2, max_size=4), which=st.integers(0, 3))
@settings(max_examples=20)
@example(extracts=[[due(3, 9), due(7, 9)], [due(5, 8)]], which=1)  # the newer one was loaded first
@example(extracts=[[due(4, 9), due(5, 9)], [due(5, 9), due(6, 9)]], which=1)  # of one day: the later load
@example(extracts=[[due(2, 1), due(9, 1)], [due(3, 2), due(8, 2)], [due(8, 3), due(9, 3)]], which=1)
@example(extracts=[[due(2, 5), due(3, 9)], [due(2, 6), due(3, 6)]], which=1)  # extracts of several days
def test_which_reviews_are_in_force(extracts: list[list[Review]], which: int) -> None:
    named = [
        [replace(row, case_ref=f"{source}.{number}") for number, row in enumerate(rows)]
        for source, rows in enumerate(extracts, start=1)
    ]
    with closing(duckdb.connect()) as connection:
        migrate(connection, "any")
        results, _ = changes.load(connection, [reviews_file(rows) for rows in named], "Analyst")
        loaded = dict(zip([result.source_id for result in results], named, strict=True))

        def as_it_should_be() -> None:
            snapshot = Snapshot("any", connection.cursor)
            counts = snapshot.review_counts()  # of all services in one query
            assert counts == Counter({service: len(in_force(loaded, service)) for service in SERVICES})
            for service in SERVICES:
                found = [review.case_ref for review in snapshot.reviews(service)]
                assert len(found) == len(set(found))
                assert set(found) == in_force(loaded, service)

        as_it_should_be()
        gone = sorted(loaded)[which % len(loaded)]
        changes.unload(connection, gone)
        del loaded[gone]
        as_it_should_be()
        assert breaches(connection) == []


def test_unloading_the_newer_extract_brings_the_older_back(store: Store) -> None:
    store.load([reviews_file([due(n, 20, case_ref=f"old {n}") for n in (2, 4, 6)])], by="Analyst")
    (newer,) = store.load([reviews_file([due(n, 25, case_ref=f"new {n}") for n in (4, 5)])], by="Analyst")
    assert refs(store) == ["new 4", "new 5", "old 2", "old 6"]
    assert store.read().review_counts() == {"Knowsley": 4}
    store.unload(newer.source_id, by="Analyst")
    assert refs(store) == ["old 2", "old 4", "old 6"]


# What changed


OLDER = [
    due(10, 20, case_ref="1"),
    due(11, 20, case_ref="2", completed_on=day(11)),
    due(12, 20, case_ref="3"),
    due(13, 20, case_ref="4"),
    due(15, 20, case_ref="6", completed_on=day(19)),
    due(5, 20, case_ref="7"),  # before the newer extract begins
    due(12, 20, case_ref="1", plan_type="intervention_plan"),  # of which the newer says nothing
    due(12, 20, case_ref="1", service="Merton"),
    due(12, 20, case_ref="1", service="Hampshire"),  # likewise
]
NEWER = [
    due(10, 28, case_ref="1", completed_on=day(12), late_reason="Holiday"),  # completed since
    due(11, 28, case_ref="2", completed_on=day(11), team="North"),  # as before: of the same team or not
    due(12, 28, case_ref="3", order_ended_on=day(25)),  # changed in another way
    due(14, 28, case_ref="5"),  # new
    due(15, 28, case_ref="6", completed_on=day(19), outside_control=False),  # changed: None is not no
    due(12, 28, case_ref="1", service="Merton"),
]
CHANGED = (
    "Knowsley: takes the place of an older extract. Of its reviews, 1 completed since, 2 changed in another "
    "way, 1 new, 1 no longer in it, 1 as before.",
    "Merton: takes the place of an older extract. Of its reviews, 1 as before.",
)


def test_what_a_newer_extract_changed_is_said_before_and_after(store: Store) -> None:
    (first,) = store.load([reviews_file(OLDER)], by="Analyst")
    assert first.changes == ()
    before, history = store.current(), store.history()
    newer = reviews_file(NEWER, mapping={"due_on": "Target"}, fingerprint="shape")
    (rehearsed,) = store.rehearse([newer], by="Analyst")
    assert rehearsed.changes == CHANGED
    assert (store.current(), store.history()) == (before, history)
    assert store.read().mapping("shape") is None
    assert store.read().reviews("Knowsley") == [r for r in OLDER if r.service == "Knowsley"]

    (loaded,) = store.load([newer], by="Analyst")
    assert loaded == rehearsed
    assert len(store.history()) == len(history) + 1
    knowsley = [r for r in (OLDER[5], OLDER[6], *NEWER) if r.service == "Knowsley"]
    assert store.read().reviews("Knowsley") == knowsley
    assert store.read().reviews("Hampshire") == [OLDER[8]]


def test_an_older_extract_loaded_later_fills_gaps_and_changes_nothing_there(store: Store) -> None:
    store.load([reviews_file([due(n, 28, case_ref="new") for n in (4, 8)])], by="Analyst")
    (result,) = store.load([reviews_file([due(n, 20, case_ref=f"old {n}") for n in (3, 6)])], by="Analyst")
    assert result.changes == (
        "Knowsley: a newer extract speaks of the same time. Of the 2 reviews in this one, 1 is kept in the history "
        "alone.",
    )
    assert refs(store) == ["new", "new", "old 3"]


def test_what_completed_became_open_again_is_changed(store: Store) -> None:
    store.load([reviews_file([due(4, 20, case_ref="1", completed_on=day(4))])], by="Analyst")
    (result,) = store.load([reviews_file([due(4, 21, case_ref="1")])], by="Analyst")
    assert result.changes == (
        "Knowsley: takes the place of an older extract. Of its reviews, 1 changed in another way.",
    )


@pytest.mark.parametrize(
    "alike",
    [
        [due(4, 20, case_ref="1", order_started_on=day(n)) for n in (1, 2)],
        [
            replace(BARE, trigger="significant_change", significant_change_on=day(n), extracted_on=day(20))
            for n in (1, 2)
        ],
    ],
    ids=["two orders", "two changes"],
)
def test_reviews_that_only_the_order_or_the_change_tells_apart_are_counted_once(
    store: Store, alike: list[Review]
) -> None:
    """The loader takes them for two reviews (its key), so two are as before."""
    store.load([reviews_file(alike)], by="Analyst")
    (result,) = store.load([reviews_file([replace(r, extracted_on=day(20)) for r in alike[::-1]])], by="A")
    (words,) = result.changes
    assert re.findall(r"\d+", words) == ["2"]


# Audits


def test_of_two_files_with_the_same_audit_the_later_counts(store: Store) -> None:
    store.load([audit_file(["sufficient"] * 3 + ["insufficient"])], by="Analyst")
    other = audit_file(["insufficient"], "other.csv", day=date(2018, 9, 3))
    (later,) = store.load([audit_file(["sufficient", "insufficient", "not_applicable"], "later.csv")], by="A")
    store.load([other], by="Analyst")

    def counts() -> list[tuple[date, int, int]]:
        return [(a.audited_on, a.sufficient, a.insufficient) for a in store.read().audits("Knowsley")]

    assert counts() == [(date(2018, 9, 3), 0, 1), (date(2018, 3, 1), 1, 1)]
    assert store.read().audit_counts() == {"Knowsley": 2}
    store.unload(later.source_id, by="Analyst")
    assert counts() == [(date(2018, 9, 3), 0, 1), (date(2018, 3, 1), 3, 1)]
    assert store.check() == []


# Which heading was taken for which column


def test_a_mapping_is_remembered_until_another_is_chosen(store: Store) -> None:
    chosen = {"due_on": "Target", "completed_on": "Date 2", "service": ""}
    store.load([reviews_file([BARE], mapping=chosen, fingerprint="shape")], by="Analyst")
    assert store.read().mapping("shape") == ("reviews", chosen)
    assert store.read().mapping("another shape") is None

    store.load([reviews_file([FULL], fingerprint="shape")], by="Analyst")  # as it is: nothing was chosen
    assert store.read().mapping("shape") == ("reviews", chosen)

    other = {"due_on": "Date 2", "team": "Hub"}
    rows = [replace(BARE, case_ref="2")]
    (source,) = store.load([reviews_file(rows, mapping=other, fingerprint="shape")], by="Analyst")
    assert store.read().mapping("shape") == ("reviews", other)
    store.unload(source.source_id, by="Analyst")
    assert store.read().mapping("shape") == ("reviews", other)
    assert store.check() == []


def test_nobody_changes_what_another_chose(store: Store) -> None:
    by = {"Anna": {"due_on": "Target", "team": "Hub"}, "Ben": {"due_on": "Date 2"}}
    for number, (who, chosen) in enumerate(by.items()):
        rows = [replace(BARE, case_ref=f"{number}")]
        store.load([reviews_file(rows, mapping=chosen, fingerprint="shape")], by=who)
    snapshot = store.read()
    for who, chosen in by.items():
        assert snapshot.mapping("shape", by=who) == ("reviews", chosen)
    assert snapshot.mapping("shape", by="Cara") is None
    assert snapshot.mapping("shape") == ("reviews", by["Ben"]), "whole, and the last one's"
    assert store.check() == []


def test_the_kind_chosen_last_counts(store: Store) -> None:
    store.load([reviews_file([BARE], mapping={"due_on": "Date"}, fingerprint="shape")], by="Analyst")
    audits = audit_file(["sufficient"], mapping={"audited_on": "Date"}, fingerprint="shape")
    store.load([audits], by="Analyst")
    assert store.read().mapping("shape") == ("cases", {"audited_on": "Date"})


# All or none, and damage


@pytest.mark.parametrize("order", [1, -1])
def test_one_table_without_rows_and_nothing_is_loaded(store: Store, order: int) -> None:
    before = store.current()
    with pytest.raises(BadInputError, match=r"^empty\.csv: holds no row$"):
        store.load([reviews_file([BARE]), TableFile("empty.csv", "0" * 64)][::order], by="Analyst")
    assert store.current() == before
    assert store.read().sources() == []
    assert store.read().reviews("Knowsley") == []


@pytest.mark.parametrize(
    "broken",
    [
        {"plan_type": "holiday_plan"},
        {"plan_type": None},
        {"trigger": "whim"},
        {"trigger": None},
        {"case_ref": ""},
        {"extracted_on": None},
    ],
    ids=str,
)
def test_a_review_against_the_rules_is_refused(store: Store, broken: dict[str, object]) -> None:
    before = store.current()
    bad = reviews_file([BARE, replace(BARE, **{"case_ref": "2", **broken})], "bad.csv")  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="source 2: 1 reviews without a case, a kind of plan"):
        store.load([reviews_file([FULL]), bad], by="Analyst")
    assert store.current() == before
    assert store.read().sources() == []


DAMAGE = {
    **{
        f"no {field.name}": (
            f"UPDATE reviews SET {field.name} = NULL WHERE number = 1",
            "its rows are not those",
        )
        for field in fields(Review)
    },
    "no, not unknown": (
        "UPDATE reviews SET outside_control = false WHERE number = 2",
        "source 1 (reviews.csv): its rows are not those that were loaded",
    ),
    "another order": ("UPDATE reviews SET number = 3 - number", "its rows are not those that were loaded"),
    "a kind of plan": (
        "UPDATE reviews SET plan_type = 'holiday_plan'",
        "source 1: 2 reviews without a case, a kind of plan, a trigger or the day of the extract",
    ),
    "a trigger": (
        "UPDATE reviews SET trigger = 'whim' WHERE number = 1",
        "source 1: 1 reviews without a case",
    ),
    "no case": ("UPDATE reviews SET case_ref = ''", "source 1: 2 reviews without a case"),
    "a service without a name": ("UPDATE reviews SET service = ''", "source 1: a service without a name"),
    "an unknown service": (
        "UPDATE reviews SET service = 'Moor'",
        "service Moor: neither in the register nor",
    ),
    "a row lost": ("DELETE FROM reviews WHERE number = 1", "source 1: numbers in reviews do not run"),
    "the last row lost": ("DELETE FROM reviews WHERE number = 2", "source 1: says 2 rows, has 1"),
    "all rows lost": ("DELETE FROM reviews", "source 1: says 2 rows, has 0"),
    "a row too many": (
        "INSERT INTO reviews SELECT * REPLACE (3 AS number) FROM reviews WHERE number = 2",
        "source 1: says 2 rows, has 3",
    ),
    "rows without source": ("UPDATE reviews SET source_id = 9", "source 9: reviews has rows of it"),
    "a column mapped twice": (
        "INSERT INTO mappings SELECT * FROM mappings",
        "shape shape: column due_on of reviews is mapped twice",
    ),
}


@pytest.mark.parametrize(("sql", "message"), DAMAGE.values(), ids=DAMAGE)
def test_damage_to_reviews_is_found(
    store: Store, tamper: Callable[[Store, str], None], sql: str, message: str
) -> None:
    store.load([reviews_file([FULL, BARE], mapping={"due_on": "Target"}, fingerprint="shape")], by="Analyst")
    tamper(store, sql)
    problems = store.check()
    assert any(message in problem for problem in problems), problems
    assert all("\n" not in problem for problem in problems)


# A store of version 2


@pytest.fixture
def version_2(tmp_path: Path) -> Store:
    """A store as version 2 made it, with one local audit."""
    folder = tmp_path / "old"
    folder.mkdir()
    judgement = {
        "number": 1,
        "service": "Knowsley",
        "audit": "Spring audit",
        "audited_on": date(2018, 3, 1),
        "case_ref": "case 1",
        "criterion": "1.reviewing",
        "judgement": "sufficient",
        "reason": None,
    }
    content = rows_sha256({"judgements": [judgement]})
    with duckdb.connect(folder / "000002.duckdb") as connection:
        for path in sorted(MIGRATIONS.glob("00[12]_*.sql")):
            connection.execute(path.read_text("utf-8"))
        connection.execute(
            f"""
            INSERT INTO schema_version VALUES (1, '2026-11-24 09:00:00'), (2, '2026-11-24 09:00:00');
            INSERT INTO history VALUES
                ('000001', '2026-11-24 09:00:00', 'sqs', 'created the store'),
                ('000002', '2026-11-24 09:05:00', 'Reader', 'loaded cases.csv');
            UPDATE last_source SET id = 1;
            INSERT INTO sources VALUES (
                1, 'cases.csv', '{"0" * 64}', 'cases', 'Reader', '2026-11-24 09:05:00', 1, '{content}', false,
                NULL, 'Reader', '2026-11-24 09:05:00'
            )
            """
        )
        connection.execute(
            "INSERT INTO judgements VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8)", list(judgement.values())
        )
    (folder / "CURRENT").write_text("000002\n")
    return FolderStore(folder)


@pytest.mark.folder
def test_a_store_of_version_2_is_upgraded_and_takes_reviews(version_2: Store) -> None:
    assert version_2.check() == ["snapshot 000002: of an older version; opening it once upgrades it"]
    snapshot = version_2.read()
    assert version_2.history()[0].what == f"upgraded the store from version 2 to {latest()}"
    assert [(a.sufficient, a.insufficient) for a in snapshot.audits("Knowsley")] == [(1, 0)]
    assert [source.accepted for source in snapshot.sources()] == [()]
    assert (snapshot.reviews("Knowsley"), snapshot.mapping("shape")) == ([], None)
    assert version_2.check() == []
    same, new = version_2.load([audit_file(["sufficient"]), reviews_file([FULL])], by="Analyst")
    assert (same.status, same.source_id) == ("already there", 1)
    assert (new.status, new.source_id) == ("loaded", 2)
    assert version_2.read().reviews("Knowsley") == [FULL]
    assert version_2.check() == []
    version_2.restore("000002", by="Analyst")
    assert version_2.read().reviews("Knowsley") == []
    assert version_2.check() == []
