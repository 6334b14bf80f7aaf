"""Drop a letter, see what was read beside its text, correct it, publish it. Nothing is published unseen."""

from collections import Counter
from hashlib import sha256

import streamlit as st

from pages._parts import (
    choose,
    framework_of,
    inspection_label,
    inspection_labels,
    link,
    plain,
    require,
    service_label,
    show_finding,
    view,
    who,
)
from pages._visitor import store
from sqs_core.charts.letter_text import letter_html, paragraph_html
from sqs_core.charts.table import table_html
from sqs_core.errors import BadInputError, RefusedError
from sqs_core.letters import read_bytes
from sqs_core.measures.messages import reoffending_message, score_in_words
from sqs_core.measures.scores import inspection_scores
from sqs_core.measures.words import day
from sqs_core.model import Direction, Share, SourceKind, StoredFinding, StoredInspection
from sqs_core.store import LetterFile, LoadResult

STATUS = {
    "already there": "here already. It stands below.",
    "superseded": "here already, and a newer file of the same inspection is in force. To go back, remove that one.",
    "draft": "read. Check it below.",
}

KIND_WORDS: dict[SourceKind, str] = {
    "letter": "letter",
    "facts": "facts of a letter",
    "cases": "local audit",
    "reviews": "reviews",
    "reoffending": "reoffending",
}


def what_became(result: LoadResult) -> str:
    """What became of a file, and what the store says of whose it is."""
    about = [w for w in result.warnings if result.services[0] in w]
    return " ".join(plain(text) for text in (f"{result.file_name}:", STATUS[result.status], *about))


require("load")
snapshot = view().snapshot
st.title("Load data")
st.write(
    "Drop a Short Quality Screening letter here. You see what was read beside its text, correct what is "
    "wrong, and publish it. Boards see nothing before that. Reviews and local audits are loaded under Load tables."
)
link("tables", "Load a table of reviews or a local audit")
by = who()

# --- A new letter
uploads = st.session_state.setdefault("uploads", 0)  # what has been read makes room; what has not stays
with st.form("new_letter"):
    files = st.file_uploader(
        "Letters (PDF, Word, plain text or Markdown)",
        type=["pdf", "docx", "txt", "md"],
        accept_multiple_files=True,
        max_upload_size=20,  # MB, as sqs_core/letters/files.py takes
        help="The file itself is not kept: only what was read, without the names at its head and foot.",
        key=f"files_{uploads}",
    )
    service = st.selectbox(
        "Service, only where the letter names none or the wrong one",
        [s.name for s in snapshot.all_services()],
        index=None,
        accept_new_options=True,
        key=f"service_{uploads}",
    )
    if st.form_submit_button("Read the letter", type="primary"):
        problems: list[str] = []
        read: list[LetterFile] = []
        if not by:
            problems.append("Say who you are: what is loaded and corrected is recorded with a name.")
        if not files:
            problems.append("Choose a file first.")
        for file in files or []:
            content = file.getvalue()
            try:
                read.append(
                    LetterFile(
                        file.name, sha256(content).hexdigest(), read_bytes(file.name, content), "letter"
                    )
                )
            except BadInputError as error:
                problems.append(str(error))
        if not problems:
            try:
                results = store().load(read, by=by, publish=False, service=service)
                st.session_state["uploads"] += 1
                st.session_state["open_inspection"] = results[-1].source_id
                st.session_state["said"] = "  \n".join(what_became(r) for r in results)
                st.rerun()
            except (BadInputError, RefusedError) as error:
                problems.append(str(error))
        for problem in problems:
            st.error(plain(problem), icon=":material/error:")
        if problems and files:
            st.write("Nothing was loaded.")
if "said" in st.session_state:
    st.success(st.session_state.pop("said"), icon=":material/check:")


def label_of(stored: StoredInspection) -> str:
    return f"{service_label(stored.service)}, {inspection_label(stored)}, {stored.source.file_name}"


def header_rows(stored: StoredInspection) -> dict[str, str]:
    """What was read of the letter's head; a blank is said, never left blank."""
    letter, unread = stored.inspection.letter, "not read"
    return {
        "Service": stored.service.name,
        "As the letter names it": letter.service_name or unread,
        "Published": day(letter.published_on) if letter.published_on else unread,
        "Fieldwork": f"{day(letter.fieldwork_start)} to {day(letter.fieldwork_end)}"
        if letter.fieldwork_start and letter.fieldwork_end
        else unread,
        "Cases examined": str(letter.case_count or unread),
        "Reoffending": reoffending_message(stored.inspection.reoffending) or unread,
        "Key strengths": str(len(stored.inspection.key_strengths) or "none read"),
        "Areas requiring improvement": str(len(stored.inspection.areas_requiring_improvement) or "none read"),
    }


def of_several(stored: StoredInspection) -> dict[str, str]:
    """What a link needs to open on this inspection where its service has others."""
    labels = inspection_labels(snapshot.inspections(stored.service.name))
    own = next((label for label, one in labels.items() if one.id == stored.id), None)
    return {"inspection": own} if own and len(labels) > 1 else {}


def correction_form(stored: StoredInspection, found: StoredFinding) -> None:
    """Practice, range and direction of one finding, as they stand, to be changed."""
    frame, finding = framework_of(stored), found.finding
    practices = {practice.id: practice.title for practice in frame.practices}
    directions: list[Direction] = ["strength", "weakness", "neutral"]
    with st.form(f"correct_{stored.id}_{found.number}"):
        practice = st.selectbox(
            "Practice",
            list(practices),
            list(practices).index(finding.practice),
            format_func=practices.__getitem__,
        )
        direction = st.segmented_control(
            "Direction", directions, default=finding.direction, format_func=str.capitalize, required=True
        )
        counted = st.checkbox("It carries a number", value=finding.share is not None)
        share = finding.share or Share(0, 1)
        with st.container(horizontal=True):
            low = st.number_input(
                "Lowest per cent of cases sufficient", 0.0, 100.0, share.low * 100, 0.1, "%.1f"
            )
            high = st.number_input("Highest per cent", 0.0, 100.0, share.high * 100, 0.1, "%.1f")
        st.caption("Where the letter counts, both are the same: 9 of 12 is 75.")
        settled = bool(finding.doubt) and st.checkbox(
            "It is doubtful no more: I have looked, and the range is right"
        )
        reason = st.text_input("Why (optional)", max_chars=200)
        if st.form_submit_button("Save the correction"):
            if not by:
                st.error("Say who you are in the field above: a correction is recorded with a name.")
                return
            if low > high:
                st.error("The lowest per cent is above the highest.")
                return
            store().correct(
                stored.id,
                found.number,
                practice=practice,
                share=Share(low / 100, high / 100) if counted else None,
                direction=direction,
                settled=settled,
                by=by,
                reason=reason.strip(),
            )
            st.session_state["open_inspection"] = stored.id
            st.session_state["done"] = f"Correction of finding {found.number} saved."
            st.rerun()


# --- What was read, beside the text
# Of the service that is looked at, and every draft.
letters = [*snapshot.drafts(), *view().inspections]
if letters:
    st.header("Check what was read", anchor="check-what-was-read")
    alike = Counter(map(label_of, letters))
    labels = {label_of(s) if alike[label_of(s)] == 1 else f"{label_of(s)}, source {s.id}": s for s in letters}
    opened = st.session_state.pop("open_inspection", None)
    for text, stored in labels.items():
        if stored.id == opened:
            st.query_params["letter"] = text
    own = next((text for text, s in labels.items() if s.service.name == view().service), next(iter(labels)))
    stored = labels[choose("Letter", list(labels), "letter", own)]
    frame = framework_of(stored)
    doubtful = [f for f in stored.findings if f.finding.doubt]
    st.markdown(
        f"**{len(stored.findings)} findings read, "
        f"{len(doubtful) or 'none'} of them doubtful.** "
        + ("Boards see it." if stored.published_by else "This is a draft: no board sees it.")
    )
    if stored.source.illustrative:
        st.warning("Illustrative: this letter is made up.", icon=":material/science:")
    for warning in stored.inspection.warnings:
        st.markdown(f":material/help: {plain(warning)}")

    text_column, reading_column = st.columns([3, 2], gap="medium")
    with text_column:
        st.subheader("The letter", anchor=False)
        letter_pane = st.container(height=700, border=True)
    with reading_column:
        st.subheader("What was read", anchor=False)
        head = header_rows(stored)
        st.html(
            table_html(
                {"What": list(head), "As read": list(head.values())},
                "What was read of the letter's head",
                headings=False,
            )
        )
        scores = inspection_scores(stored)
        st.write(
            ("Section scores are " if stored.published_by else "Section scores would be ")
            + ", ".join(
                f"{frame.section(s.section).title.lower()} {score_in_words(s)}" for s in scores.sections
            )
            + "."
        )
        numbered = {f"{f.number}. {f.finding.quote[:70]}": f for f in (*doubtful, *stored.findings)}
        picked = st.selectbox(
            "A finding to look at or correct, doubtful ones first", list(numbered), key=f"finding_{stored.id}"
        )
        letter_pane.html(letter_html(stored, frame, "", numbered[picked].number if picked else 0))
        if picked:
            st.html(paragraph_html(stored, frame, numbered[picked]))
            show_finding(stored, numbered[picked])
            with st.expander("Correct this finding"):
                correction_form(stored, numbered[picked])

    if not stored.published_by:
        with st.container(border=True):
            checked = st.checkbox(
                "I have compared what was read with the text"
                + (f", the {len(doubtful)} doubtful readings too" if doubtful else ""),
                key=f"checked_{stored.id}",
            )
            with st.container(horizontal=True):
                publish = st.button("Publish to the board", type="primary", disabled=not checked or not by)
                discard = st.button("Discard this draft", disabled=not by)
            if not by:
                st.write("Say who you are in the field above to publish or discard it.")
        if publish:
            store().publish(stored.id, by)
            st.query_params["service"] = service_label(stored.service)  # whose letters the page then lists
            st.session_state["open_inspection"] = stored.id
            st.session_state["done"] = f"Published: boards now see {plain(label_of(stored))}."
            st.rerun()
        if discard:
            store().discard(stored.id, by)
            st.session_state["done"] = "The draft is gone. Corrections made to it are kept for the next time."
            st.rerun()
    else:
        link(
            "overview", "See it on the overview", service=service_label(stored.service), **of_several(stored)
        )

if "done" in st.session_state:
    st.success(st.session_state.pop("done"), icon=":material/check:")

# --- What is loaded
st.header("What is loaded", anchor="what-is-loaded")
sources = snapshot.sources()
if not sources:
    st.write(
        "Nothing yet. Drop a letter above; two fictional ones for trying lie in the folder data/letters."
    )
else:
    mine = [s for s in sources if not s.illustrative]
    made_up = [s for s in sources if s.illustrative]
    st.html(
        table_html(
            {
                "File": [
                    f"{s.file_name} (ships with the dashboard)" if s.kind == "facts" else s.file_name
                    for s in mine
                ],
                "What": [KIND_WORDS[s.kind] for s in mine],
                "Loaded by": [s.loaded_by for s in mine],
                "On": [day(s.loaded_at.date()) for s in mine],
                "Findings or rows": [f"{s.rows:,}" for s in mine],
            },
            "Files that are loaded, by whom and when",
        )
    )
    warned = [s for s in mine if s.accepted]
    if warned:
        with st.expander("What was unlikely in tables, and accepted by who loaded them"):
            for source in warned:
                st.markdown(f"**{plain(source.file_name)}**, accepted by {plain(source.loaded_by)}:")
                for text in source.accepted:
                    st.markdown(f":material/help: {plain(text)}")
    if made_up:
        st.write(f"And {len(made_up)} illustrative files of made-up services.")
        if st.button("Remove all illustrative data"):
            store().remove_illustrative(by or "not named")
            st.session_state["done"] = "All illustrative data is removed."
            st.rerun()
    with st.expander("Remove a file"):
        named = {
            f"{s.file_name}, loaded {day(s.loaded_at.date())} by {s.loaded_by} (source {s.id})": s
            for s in (*mine, *made_up)
        }
        which = st.selectbox("File", list(named), index=None)
        if st.button(
            "Remove it", disabled=which is None or not by, help="Needs your name in the field above."
        ):
            store().unload(named[str(which)].id, by)
            st.session_state["done"] = f"Removed: {plain(named[str(which)].file_name)}."
            st.rerun()
