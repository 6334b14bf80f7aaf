"""Loading a letter on screen: nothing is published unseen, what is corrected is recorded and stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from sqs_core.frameworks import framework
from sqs_core.measures.messages import finding_reading
from sqs_core.model import Share
from sqs_core.store import FolderStore

OpenApp = Callable[..., AppTest]
Words = Callable[[AppTest], str]


def drop(app: AppTest, *files: Path, by: str = "A. Analyst") -> AppTest:
    app.text_input(key="by").set_value(by)
    app.file_uploader[0].set_value([(f.name, f.read_bytes(), "application/octet-stream") for f in files])
    return press(app, "Read the letter")


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click()
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def letters(checkout: Path) -> list[Path]:
    found = sorted((checkout / "data" / "letters").glob("*.pdf")) + sorted(
        (checkout / "data" / "letters").glob("*.docx")
    )
    assert len(found) == 2
    return found


def test_a_dropped_letter_is_a_draft_until_it_is_published(
    open_app: OpenApp, words: Words, checkout: Path, store_folder: Path
) -> None:
    app = drop(open_app("load"), letters(checkout)[0])
    draft = FolderStore(store_folder).read().drafts()[0]
    assert "This is a draft: no board sees it." in words(app)
    assert draft.service.name not in {s.name for s in FolderStore(store_folder).read().services()}
    publish = next(b for b in app.button if b.label == "Publish to the board")
    assert publish.disabled, "not before somebody says that it was compared"

    assert draft.inspection.blocks[draft.findings[0].finding.block or 0].text[:40] in words(app)

    app.checkbox(key=f"checked_{draft.id}").check().run()
    press(app, "Publish to the board")
    published = FolderStore(store_folder).read().inspections(draft.service.name)[0]
    assert published.published_by == "A. Analyst"
    assert "Published: boards now see" in words(app)
    assert open_app("overview", service=draft.service.name).title[0].value == draft.service.name


def test_a_correction_is_recorded_and_stays_when_the_letter_is_loaded_again(
    open_app: OpenApp, words: Words, checkout: Path, store_folder: Path
) -> None:
    app = drop(open_app("load"), letters(checkout)[0])
    store = FolderStore(store_folder)
    draft = store.read().drafts()[0]
    picker = app.selectbox(key=f"finding_{draft.id}")
    number = int(picker.value.split(".")[0])
    before = draft.findings[number - 1].finding
    practice = "compliance" if before.practice != "compliance" else "planning"
    next(s for s in app.selectbox if s.label == "Practice").set_value(practice)
    next(n for n in app.number_input if n.label.startswith("Lowest")).set_value(25.0)
    next(n for n in app.number_input if n.label.startswith("Highest")).set_value(75.0)
    next(c for c in app.checkbox if c.label == "It carries a number").check()
    press(app, "Save the correction")

    def corrected() -> None:
        found = store.read().drafts()[0].findings[number - 1]
        assert found.finding.practice == practice
        assert found.finding.share == Share(0.25, 0.75)
        assert {c.corrected_by for c in found.corrections} == {"A. Analyst"}

    corrected()
    assert "Corrected by A\\. Analyst" in words(app)
    title = framework().practice(practice).title
    assert f"practice from {framework().practice(before.practice).title} to {title}" in words(app)
    corrected_letter = store.read().drafts()[0]
    store.discard(corrected_letter.id, "A. Analyst")
    drop(open_app("load"), letters(checkout)[0], by="B. Analyst")
    corrected()


def test_all_problems_are_said_at_once_and_nothing_is_loaded(
    open_app: OpenApp, words: Words, checkout: Path, store_folder: Path, tmp_path: Path
) -> None:
    empty, other = tmp_path / "empty.txt", tmp_path / "shopping.txt"
    empty.write_bytes(b"")
    other.write_text("Milk, bread and six eggs.")
    before = FolderStore(store_folder).current()
    app = drop(open_app("load"), empty, other, letters(checkout)[0])
    assert "empty" in words(app)
    assert "shopping" in words(app)
    assert "Nothing was loaded." in words(app)
    assert FolderStore(store_folder).current() == before


def test_a_name_is_asked_for(open_app: OpenApp, words: Words, checkout: Path, store_folder: Path) -> None:
    before = FolderStore(store_folder).current()
    assert "Say who you are" in words(drop(open_app("load"), letters(checkout)[0], by=""))
    assert FolderStore(store_folder).current() == before


def test_illustrative_data_goes_with_one_click(open_app: OpenApp, store_folder: Path) -> None:
    press(open_app("load"), "Remove all illustrative data")
    assert [s.name for s in FolderStore(store_folder).read().services()] == ["Knowsley"]


def test_text_of_a_letter_is_shown_and_never_run(open_app: OpenApp, checkout: Path, tmp_path: Path) -> None:
    source = next((checkout / "data" / "letters").glob("*.txt"))
    hostile = tmp_path / "hostile.txt"
    hostile.write_text(
        source.read_text("utf-8").replace(
            "The ", "<script>alert(1)</script><img src=x onerror=alert(1)> The ", 40
        ),
        "utf-8",
    )
    app = drop(open_app("load"), hostile)
    html = "".join(element.proto.body for element in app.get("html"))
    markdown = "".join(element.value for element in (*app.markdown, *app.caption, *app.success))
    assert "&lt;script&gt;" in html
    for text in (html, markdown):
        assert "<script>" not in text
        assert "<img" not in text


def test_a_service_given_for_one_letter_is_not_given_to_the_next(
    open_app: OpenApp, words: Words, checkout: Path, store_folder: Path
) -> None:
    app = open_app("load")
    next(s for s in app.selectbox if s.label.startswith("Service, only")).set_value("Hampshire")
    drop(app, letters(checkout)[0])
    assert "though the letter says" in words(app)
    drop(app, letters(checkout)[1])
    assert {draft.service.name for draft in FolderStore(store_folder).read().drafts()} == {
        "Hampshire",
        "Carrow Bay",
    }


def test_a_new_file_of_the_same_name_can_be_published(
    open_app: OpenApp, words: Words, checkout: Path, store_folder: Path, tmp_path: Path
) -> None:
    store, text = (
        FolderStore(store_folder),
        (checkout / "data" / "letters" / "harnley-vale-2014.txt").read_text("utf-8"),
    )
    file = tmp_path / "letter.txt"
    for content in (text, text.replace("15 of the 16 cases", "14 of the 16 cases")):
        file.write_text(content, "utf-8")
        app = drop(open_app("load"), file)
        (draft,) = store.read().drafts()
        app.checkbox(key=f"checked_{draft.id}").check().run()
        press(app, "Publish to the board")
    (stored,) = store.read().inspections("Harnley Vale")
    assert "14 of the 16 cases" in stored.findings[0].finding.quote
    file.write_text(text, "utf-8")
    app = drop(open_app("load"), file)
    assert "a newer file of the same inspection is in force" in words(app)


def test_words_of_a_letter_are_not_run_as_markdown(open_app: OpenApp, checkout: Path, tmp_path: Path) -> None:
    text = (checkout / "data" / "letters" / "harnley-vale-2014.txt").read_text("utf-8")
    file = tmp_path / "letter.txt"
    file.write_text(text.replace("15 of the 16 cases", "15 of the 16 `cases`"), "utf-8")
    app = drop(open_app("load"), file)
    picker = next(s for s in app.selectbox if s.label.startswith("A finding to look at"))
    picker.select(next(o for o in picker.options if o.startswith("1. "))).run()
    assert "15 of the 16 `cases`" not in "".join(element.value for element in app.markdown)


def test_a_corrected_share_settles_the_doubt(open_app: OpenApp, checkout: Path, store_folder: Path) -> None:
    drop(open_app("load"), letters(checkout)[0])
    store = FolderStore(store_folder)
    (draft,) = store.read().drafts()
    doubtful = next(f for f in draft.findings if f.finding.doubt and f.finding.share)
    store.correct(draft.id, doubtful.number, share=Share(0.25, 0.25), by="A. Analyst")
    corrected = store.read().drafts()[0].findings[doubtful.number - 1].finding
    assert (corrected.doubt, corrected.wording) == (None, None)
    assert finding_reading(corrected).startswith("Read as 25% of cases sufficient")


def test_a_doubt_is_settled_by_looking(
    open_app: OpenApp, words: Words, checkout: Path, store_folder: Path
) -> None:
    app = drop(open_app("load"), letters(checkout)[0])
    store = FolderStore(store_folder)
    number = int(app.selectbox(key=f"finding_{store.read().drafts()[0].id}").value.split(".")[0])
    before = store.read().drafts()[0].findings[number - 1].finding
    assert before.doubt
    next(c for c in app.checkbox if c.label.startswith("It is doubtful no more")).check()
    press(app, "Save the correction")
    found = store.read().drafts()[0].findings[number - 1]
    assert (found.finding.doubt, found.finding.share) == (None, before.share)
    assert [correction.field for correction in found.corrections] == ["doubt"]
    assert "looked at, and right as it was read" in words(app)
    assert store.check() == []
