"""A correction is tied to the sentence: it outlives the file, the format and the reader it was made with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.errors import BadInputError
from sqs_core.model import Inspection, Share, StoredInspection
from sqs_core.store import LetterFile, Store
from sqs_core.store.corrections import folded

Letters = Callable[..., LetterFile]
Reworded = Callable[[Inspection, Callable[[str], str]], Inspection]


def seen(store: Store) -> StoredInspection:
    (inspection,) = store.read().inspections("Knowsley")
    return inspection


def test_a_correction_shows_and_the_reading_is_kept(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Reader")
    store.correct(1, 1, practice="delivery", share=Share(0.5, 0.6), by="Analyst", reason="looked")
    stored = seen(store)
    finding = stored.findings[0].finding
    assert (finding.practice, finding.share, finding.direction) == ("delivery", Share(0.5, 0.6), "weakness")
    assert stored.inspection.findings[0] == finding
    practice, share = stored.findings[0].corrections
    assert (practice.field, practice.before, practice.after) == ("practice", "planning", "delivery")
    assert (share.field, share.before, share.after) == ("share", "57%", "50% to 60%")
    assert (share.corrected_by, share.reason) == ("Analyst", "looked")
    assert all(not f.corrections for f in stored.findings[1:])
    assert store.history()[0].what == "corrected finding 1 of Knowsley, October 2015"
    assert store.check() == []

    store.correct(1, 1, practice="planning", by="Analyst")
    assert seen(store).findings[0].finding.practice == "planning"
    assert len(seen(store).findings[0].corrections) == 3


def test_words_become_a_number_and_a_number_words(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Reader")
    store.correct(1, 3, share=Share(0.25, 0.5), by="Analyst")
    store.correct(1, 2, share=None, by="Analyst")
    findings = [f.finding for f in seen(store).findings]
    assert (findings[2].basis, findings[2].share) == ("worded", Share(0.25, 0.5))
    assert (findings[1].basis, findings[1].share) == ("qualitative", None)
    assert seen(store).findings[1].corrections[0].after == "in words alone"


def test_saving_a_form_unchanged_corrects_nothing(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Reader")
    before = store.current()
    share = Share(0.57, 0.5714)  # the screen's slider shows tenths of a point
    store.correct(1, 1, practice="planning", share=Share(0.5712, share.high), direction="weakness", by="A")
    assert store.current() == before
    store.correct(1, 1, share=share, by="Analyst")
    assert store.current() != before


def test_it_survives_unloading(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Reader")
    store.correct(1, 3, direction="neutral", by="Analyst")
    store.unload(1, by="Analyst")
    assert store.check() == []
    store.load([letter_file()], by="Reader")
    assert seen(store).findings[2].finding.direction == "neutral"


NOISE = {
    "line breaks": lambda text: text.replace(" cases", "\ncases"),
    "capitals and hyphens": lambda text: text.replace("just over", "Just-over").replace("always", "al-ways"),
    "ligatures": lambda text: text.replace("fi", "ﬁ"),
    "doubled spaces": lambda text: text.replace(" ", "  "),
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
def test_it_survives_another_file_of_the_same_letter(
    store: Store, letter_file: Letters, reworded: Reworded, noise: Callable[[str], str]
) -> None:
    file = letter_file()
    store.load([file], by="Reader")
    for number in (1, 3):
        store.correct(1, number, practice="compliance", by="Analyst")
    store.load([letter_file("letter.pdf", inspection=reworded(file.inspection, noise))], by="Reader")
    stored = seen(store)
    assert stored.source.file_name == "letter.pdf"
    assert [f.finding.practice for f in stored.findings] == ["compliance", "assessment", "compliance"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_folded_quote_knows_no_spaces_and_no_case(text: str) -> None:
    assert folded(text) == folded(f" {text}\n".replace("", " "))
    assert folded(folded(text)) == folded(text)


def test_it_survives_a_reader_that_cuts_sentences_otherwise(store: Store, letter_file: Letters) -> None:
    file = letter_file()
    store.load([file], by="Reader")
    store.correct(1, 1, practice="compliance", by="Analyst")
    first = file.inspection.findings[0]
    shorter = replace(first, quote=first.quote[:-16], end=(first.end or 0) - 16)
    newer = replace(file.inspection, findings=(file.inspection.findings[1], shorter))
    store.load([replace(file, inspection=newer)], by="Reader")
    assert [f.finding.practice for f in seen(store).findings] == ["assessment", "compliance"]


def test_a_lost_paragraph_number_does_not_lose_it(store: Store, letter_file: Letters) -> None:
    file = letter_file()
    store.load([file], by="Reader")
    store.correct(1, 3, practice="compliance", by="Analyst")
    unnumbered = tuple(replace(f, paragraph=None) for f in file.inspection.findings)
    newer = replace(file.inspection, findings=unnumbered)
    store.load([replace(file, inspection=newer)], by="Reader")
    assert seen(store).findings[2].finding.practice == "compliance"


def test_without_its_sentence_it_is_a_warning_and_not_a_guess(store: Store, letter_file: Letters) -> None:
    file = letter_file()
    store.load([file], by="Reader")
    store.correct(1, 3, practice="compliance", by="Analyst")
    newer = replace(file.inspection, findings=file.inspection.findings[:2])
    store.load([replace(file, inspection=newer)], by="Reader")
    stored = seen(store)
    assert [f.finding.practice for f in stored.findings] == ["planning", "assessment"]
    assert "no longer finds its sentence in 1.2" in stored.inspection.warnings[-1]
    assert "Analyst" in stored.inspection.warnings[-1]


def test_of_two_findings_in_one_sentence_only_the_one_is_corrected(
    store: Store, letter_file: Letters
) -> None:
    file = letter_file()
    first = file.inspection.findings[0]
    twice = (first, replace(first, practice="delivery"), *file.inspection.findings[1:])
    store.load([letter_file(inspection=replace(file.inspection, findings=twice))], by="Reader")
    store.correct(1, 2, direction="neutral", by="Analyst")
    assert [f.finding.direction for f in seen(store).findings[:2]] == ["weakness", "neutral"]


def test_another_inspection_with_the_same_sentence_is_left_alone(store: Store, letter_file: Letters) -> None:
    store.load([letter_file(), letter_file("b.txt", fieldwork=date(2013, 1, 7))], by="Reader")
    store.load([letter_file("c.txt", place="Hampshire")], by="Reader")
    store.correct(1, 1, practice="compliance", by="Analyst")
    practices = {i.source.file_name: i.findings[0].finding.practice for i in store.read().inspections()}
    assert practices == {"letter.txt": "compliance", "b.txt": "planning", "c.txt": "planning"}


def test_boards_see_no_correction_of_a_draft_before_it_is_published(
    store: Store, letter_file: Letters
) -> None:
    file = letter_file()
    store.load([file], by="Reader")
    newer = letter_file("letter.pdf", inspection=replace(file.inspection, warnings=()))
    (draft,) = store.load([newer], by="Reader", publish=False)
    store.correct(draft.source_id, 1, practice="compliance", by="Analyst")
    assert seen(store).findings[0].finding.practice == "planning"
    assert store.read().drafts()[0].findings[0].finding.practice == "compliance"

    store.discard(draft.source_id, by="Analyst")
    assert seen(store).findings[0].finding.practice == "planning"
    (draft,) = store.load([newer], by="Reader", publish=False)  # what was corrected is not lost
    assert store.read().drafts()[0].findings[0].finding.practice == "compliance"
    store.publish(draft.source_id, by="Analyst")
    assert seen(store).findings[0].finding.practice == "compliance"
    assert seen(store).source.file_name == "letter.pdf"


def test_loading_a_draft_for_good_publishes_what_was_corrected_in_it(
    store: Store, letter_file: Letters
) -> None:
    (draft,) = store.load([letter_file()], by="Reader", publish=False)
    store.correct(draft.source_id, 1, practice="compliance", by="Analyst")
    store.load([letter_file()], by="Manager")
    assert seen(store).findings[0].finding.practice == "compliance"


def test_what_is_no_correction_is_refused(store: Store, letter_file: Letters) -> None:
    store.load([letter_file()], by="Reader")
    before = store.current()
    for number in (0, 4):
        with pytest.raises(BadInputError, match=f"no finding {number}"):
            store.correct(1, number, practice="planning", by="Analyst")
    with pytest.raises(BadInputError, match="no practice 'plans'"):
        store.correct(1, 1, practice="plans", by="Analyst")
    assert store.current() == before
