"""What is loaded is what is read, once, by all or by nobody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqs_core.errors import BadInputError, RefusedError
from sqs_core.letters import read_bytes
from sqs_core.model import (
    Block,
    Inspection,
    Judgement,
    Letter,
    ReoffendingHeadline,
    Service,
    ServiceJudgement,
    Share,
)
from sqs_core.store import LetterFile, Store, TableFile
from sqs_core.store.rows import (
    insert,
    insert_content,
    inspections_as_read,
    letter_tables,
    rows_sha256,
    stored_sha256,
    utc_now,
)
from sqs_core.store.schema import connect, migrate

Letters = Callable[..., LetterFile]


def test_a_letter_comes_back_as_it_was_read(store: Store, letter_file: Letters) -> None:
    file = letter_file()
    (result,) = store.load([file], by="Analyst")
    assert (result.status, result.services) == ("loaded", ("Knowsley",))
    (stored,) = store.read().inspections("Knowsley")
    assert stored.inspection == file.inspection
    assert tuple(f.finding for f in stored.findings) == file.inspection.findings
    assert [f.number for f in stored.findings] == [1, 2, 3]
    assert stored.service.region == "North West"
    source = stored.source
    assert (source.file_name, source.sha256, source.kind) == ("letter.txt", file.sha256, "letter")
    assert (source.loaded_by, source.rows, source.illustrative) == ("Analyst", 3, False)
    assert source.loaded_at.tzinfo is not None
    assert store.check() == []


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4),
    rate=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    day=st.none() | st.dates(),
)
@settings(deadline=None, max_examples=30)
def test_any_text_number_and_date_survives(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    rate: float | None,
    day: date | None,
) -> None:
    inspection = Inspection(
        letter=Letter(texts[0], None, None, None, day, None, None, None),
        reoffending=ReoffendingHeadline(rate=rate),
        findings=(),
        key_strengths=tuple(texts),
        areas_requiring_improvement=(),
        blocks=tuple(Block("paragraph", None, text, text) for text in texts),
        warnings=(),
    )
    tables = letter_tables("Place", inspection)
    with connect(tmp_path_factory.mktemp("any") / "any.duckdb") as connection:
        migrate(connection, "any")
        source = {"id": 1, "file_name": "f", "sha256": "", "kind": "letter", "loaded_by": "a", "rows": 0}
        insert(connection, "sources", [{**source, "loaded_at": utc_now(), "illustrative": False}])
        insert_content(connection, 1, tables)
        assert inspections_as_read(connection, [1])[0].inspection == inspection
        assert stored_sha256(connection) == {1: rows_sha256(tables)}


def test_the_same_file_again_changes_nothing(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Analyst")
    before = store.current()
    (result,) = store.load([letter_file()], by="Analyst")
    assert result.status == "already there"
    assert store.current() == before
    (again,) = store.load([letter_file("copy.md")], by="Analyst")  # another file, the same content
    assert (again.status, again.source_id) == ("already there", result.source_id)
    assert store.current() == before


def test_twice_in_one_load_is_once(store: Store, letter_file: Letters) -> None:
    first, second = store.load([letter_file(), letter_file("copy.txt")], by="Analyst")
    assert (first.status, second.status) == ("loaded", "already there")
    assert len(store.read().sources()) == 1


def test_a_newer_file_of_the_same_inspection_takes_over_until_it_is_unloaded(
    store: Store, letter_file: Letters
) -> None:
    old = letter_file("old.txt")
    new = letter_file("new.pdf", inspection=replace(old.inspection, key_strengths=("More.",)))
    store.load([old], by="Analyst")
    (loaded,) = store.load([new], by="Analyst")
    (seen,) = store.read().inspections("Knowsley")
    assert seen.source.file_name == "new.pdf"
    store.unload(loaded.source_id, by="Analyst")
    (seen,) = store.read().inspections("Knowsley")
    assert seen.source.file_name == "old.txt"
    assert seen.inspection == old.inspection


def test_shipped_facts_never_hide_a_letter(store: Store, letter_file: Letters) -> None:
    letter = letter_file("real.pdf")
    facts = letter_file("facts.toml", inspection=replace(letter.inspection, warnings=()), kind="facts")
    store.load([letter], by="Analyst")
    store.load([facts], by="Analyst")
    assert [i.source.kind for i in store.read().inspections("Knowsley")] == ["letter"]
    store.unload(1, by="Analyst")
    assert [i.source.kind for i in store.read().inspections("Knowsley")] == ["facts"]


def test_inspections_of_different_years_stand_beside_each_other(store: Store, letter_file: Letters) -> None:
    early = letter_file("early.txt", fieldwork=date(2013, 5, 6))
    late = letter_file("late.txt", fieldwork=date(2016, 1, 4))
    store.load([late, early], by="Analyst")
    files = [i.source.file_name for i in store.read().inspections("Knowsley")]
    assert files == ["late.txt", "early.txt"]


def test_letters_without_dates_are_not_taken_for_one_another(store: Store, letter_file: Letters) -> None:
    one = letter_file("one.txt", fieldwork=None)
    blocks = (*one.inspection.blocks, Block("paragraph", None, None, "Other words."))
    two = letter_file("two.txt", inspection=replace(one.inspection, blocks=blocks))
    store.load([one, two], by="Analyst")
    assert len(store.read().inspections("Knowsley")) == 2


def test_a_newer_reading_of_the_same_file_takes_over(store: Store, letter_file: Letters) -> None:
    file = letter_file()
    store.load([file], by="Analyst")
    better = replace(file.inspection, findings=file.inspection.findings[:2])
    (result,) = store.load([replace(file, inspection=better)], by="Analyst")
    assert result.status == "loaded"
    (seen,) = store.read().inspections("Knowsley")
    assert len(seen.findings) == 2


def test_whose_letter_it_is(store: Store, letter_file: Letters) -> None:
    by_name = letter_file("a.txt", place="London Borough of Merton")
    given = letter_file("b.txt", place=None)
    store.load([by_name], by="Analyst")
    (result,) = store.load([given], by="Analyst", service="Hampshire Youth Offending Team")
    assert result.services == ("Hampshire",)
    assert [s.name for s in store.read().services()] == ["Hampshire", "Merton"]


def test_a_letter_given_to_another_service_than_it_names_is_doubtful(
    store: Store, letter_file: Letters
) -> None:
    (result,) = store.load([letter_file(place="Merton")], by="Analyst", service="Hampshire")
    assert "stored for Hampshire, as was asked, though the letter says Merton" in result.warnings
    file = letter_file("b.txt", place="Hampshire YOT")
    (result,) = store.load([file], by="Analyst", service="Hampshire")
    assert result.warnings == file.inspection.warnings
    (result,) = store.load([letter_file("c.txt", place="The Moor")], by="Analyst", service="Hampshire")
    assert "stored for Hampshire, as was asked, though the letter says The Moor" in result.warnings


def test_a_service_unknown_to_the_register_is_taken_with_a_warning(
    store: Store, letter_file: Letters
) -> None:
    (result,) = store.load([letter_file(place="Nowhere Moor")], by="Analyst")
    assert result.services == ("Nowhere Moor",)
    assert any("register" in warning for warning in result.warnings)
    other = letter_file("other.txt", place="NOWHERE MOOR", fieldwork=date(2013, 1, 7))
    store.load([other], by="Analyst")
    assert [s.name for s in store.read().services()] == ["Nowhere Moor"]
    assert "Nowhere Moor" in [s.name for s in store.read().all_services()]
    assert store.read().service("nowhere moor") is not None
    for source in store.read().sources():
        store.unload(source.id, by="Analyst")
    assert "Nowhere Moor" not in [s.name for s in store.read().all_services()]
    assert store.check() == []


def test_one_bad_file_and_nothing_is_loaded(store: Store, letter_file: Letters) -> None:
    before = store.current()
    nameless = [letter_file(f"{name}.txt", place=None) for name in ("x", "y")]
    with pytest.raises(BadInputError) as problem:
        store.load([letter_file(), *nameless], by="Analyst")
    lines = str(problem.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["x.txt", "y.txt"]
    assert "service" in lines[0]
    assert store.current() == before
    assert store.read().sources() == []


def test_the_same_file_for_another_service_is_refused(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Analyst")
    with pytest.raises(RefusedError, match=r"letter\.txt.*Knowsley"):
        store.load([letter_file()], by="Analyst", service="Hampshire")


def test_two_services_may_have_the_same_file_where_neither_knows_of_the_other(
    store: Store, letter_file: Letters
) -> None:
    file = letter_file()
    (draft,) = store.load([file], by="Analyst", publish=False)
    mine = {"Hampshire"}.__contains__
    (other,) = store.load([file], by="Another", publish=False, service="Hampshire", knows=mine)
    better = replace(file, inspection=replace(file.inspection, warnings=()))
    (read_anew,) = store.load([better], by="Another", publish=False, service="Hampshire", knows=mine)
    assert {d.id for d in store.read().drafts()} == {draft.source_id, read_anew.source_id}
    assert [s.id for s in store.read().find_sources(file.sha256)] == [read_anew.source_id, draft.source_id]
    store.unload(draft.source_id, by="Analyst")
    assert [d.service.name for d in store.read().drafts()] == ["Hampshire"]
    assert other.source_id not in {source.id for source in store.read().sources()}
    assert store.check() == []


def test_nobody_sees_a_draft(store: Store, letter_file: Letters) -> None:
    (draft,) = store.load([letter_file()], by="Analyst", publish=False)
    assert draft.status == "draft"
    snapshot = store.read()
    assert (snapshot.services(), snapshot.inspections()) == ([], [])
    assert [i.id for i in snapshot.drafts()] == [draft.source_id]
    assert [i.id for i in snapshot.inspections("Knowsley", drafts=True)] == [draft.source_id]

    before = store.current()
    (again,) = store.load([letter_file()], by="Analyst", publish=False)
    assert (again.status, again.source_id) == ("draft", draft.source_id)
    assert store.current() == before

    store.publish(draft.source_id, by="Manager")
    (seen,) = store.read().inspections("Knowsley")
    assert seen.published_by == "Manager"
    assert seen.source.loaded_by == "Analyst"
    with pytest.raises(RefusedError, match="published"):
        store.discard(draft.source_id, by="Manager")


def test_loading_a_draft_for_good_publishes_it(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Analyst", publish=False)
    (result,) = store.load([letter_file()], by="Manager")
    assert result.status == "loaded"
    assert [i.published_by for i in store.read().inspections("Knowsley")] == ["Manager"]


def test_a_discarded_draft_is_gone(store: Store, letter_file: Letters) -> None:
    (draft,) = store.load([letter_file()], by="Analyst", publish=False)
    store.discard(draft.source_id, by="Analyst")
    assert store.read().sources() == []
    assert store.check() == []


def test_the_draft_of_a_file_read_anew_gives_way(store: Store, letter_file: Letters) -> None:
    file = letter_file()
    store.load([file], by="Analyst", publish=False)
    better = replace(file, inspection=replace(file.inspection, warnings=()))
    store.load([better], by="Analyst", publish=False)
    assert [d.inspection.warnings for d in store.read().drafts()] == [()]


def test_ids_never_come_back(store: Store, letter_file: Letters) -> None:
    (first,) = store.load([letter_file()], by="Analyst")
    store.unload(first.source_id, by="Analyst")
    (second,) = store.load([letter_file()], by="Analyst")
    assert second.source_id > first.source_id


def test_sources_are_found_by_id_name_and_hash(store: Store, letter_file: Letters) -> None:
    file = letter_file()
    store.load([file], by="Analyst")
    snapshot = store.read()
    for text in ("1", "letter.txt", file.sha256, file.sha256[:8].upper()):
        assert [s.id for s in snapshot.find_sources(text)] == [1], text
    for text in ("2", "letter", file.sha256[:5]):
        assert snapshot.find_sources(text) == [], text


def test_what_cannot_be_done_is_said(store: Store) -> None:
    with pytest.raises(RefusedError, match="no source 7"):
        store.unload(7, by="Analyst")
    with pytest.raises(BadInputError, match="no inspection 7"):
        store.publish(7, by="Analyst")
    with pytest.raises(BadInputError, match="who you are"):
        store.load([], by=" ")


def _audits(name: str, service: Service, sufficient: int) -> TableFile:
    day = date(2018, 3, 1)
    rows = [
        ServiceJudgement(
            service.name, Judgement("Spring audit", day, f"case {case}", "1.planning", judgement)
        )
        for case, judgement in enumerate(
            ["sufficient"] * sufficient + ["insufficient"] * 2 + ["not_applicable"]
        )
    ]
    return TableFile(
        name,
        "0" * 63 + str(sufficient),
        judgements=rows,
        services=(service,),
        illustrative=service.illustrative,
    )


def test_audits_are_counted_by_criterion(store: Store) -> None:
    store.load([_audits("audits.csv", Service("Knowsley", "", "", ""), 3)], by="Analyst")
    (count,) = store.read().audits("Knowsley")
    assert (count.audit, count.criterion) == ("Spring audit", "1.planning")
    assert (count.sufficient, count.insufficient, count.illustrative) == (3, 2, False)
    assert [s.name for s in store.read().services()] == ["Knowsley"]
    assert store.read().audits("Hampshire") == []
    assert store.check() == []


def test_illustrative_data_stands_last_and_goes_in_one_step(store: Store, letter_file: Letters) -> None:
    made_up = Service("Aardmoor", "England", "North", "North", illustrative=True)
    store.load([letter_file()], by="Analyst")
    store.load_examples(
        [letter_file("made-up.txt", service=made_up, illustrative=True), _audits("a.csv", made_up, 3)],
        by="sqs",
    )
    assert [s.name for s in store.read().services()] == ["Knowsley", "Aardmoor"]
    assert store.read().services()[1].illustrative
    before = store.current()
    store.load_examples(
        [letter_file("made-up.txt", service=made_up, illustrative=True), _audits("a.csv", made_up, 3)],
        by="sqs",
    )
    assert store.current() == before

    store.load_examples([_audits("a.csv", made_up, 5)], by="sqs")  # other examples take the place of these
    (count,) = store.read().audits("Aardmoor")
    assert count.sufficient == 5
    assert [i.service.name for i in store.read().inspections()] == ["Knowsley"]

    assert store.remove_illustrative(by="Analyst") == 1
    assert [s.name for s in store.read().services()] == ["Knowsley"]
    before = store.current()
    assert store.remove_illustrative(by="Analyst") == 0
    assert store.current() == before


def test_a_letter_that_ships_is_made_up_whoever_loads_it(store: Store, checkout: Path) -> None:
    for path in sorted((checkout / "data" / "letters").glob("*.pdf")):
        content = path.read_bytes()
        file = LetterFile(path.name, sha256(content).hexdigest(), read_bytes(path.name, content))
        store.load([file], by="Analyst")
    (stored,) = store.read().inspections()
    assert stored.source.illustrative
    assert stored.service.illustrative
    assert store.check() == []
    assert store.remove_illustrative(by="Analyst") == 1


def test_shares_are_kept_to_the_last_digit(store: Store, letter_file: Letters) -> None:
    file = letter_file()
    finding = replace(file.inspection.findings[0], share=Share(1 / 3, 0.1 + 0.2 + 0.2))
    inspection = replace(file.inspection, findings=(finding,))
    store.load([letter_file("thirds.txt", inspection=inspection)], by="Analyst")
    assert store.read().inspections()[0].inspection.findings[0].share == finding.share
