"""Each practice in each section, the findings behind every square, and the section scores over time."""

import streamlit as st

from pages._parts import (
    choose,
    chosen_inspection,
    framework_of,
    inspection_line,
    link_to_letter,
    matrix_of,
    plain,
    scores_beside,
    scores_of,
    scores_over_time_of,
    section_scores_of,
    show_chart,
    show_finding,
    show_table,
    square_label,
)
from sqs_core.measures.messages import inspection_message, left_out
from sqs_core.measures.scores import finding_rows, matrix_rows, section_rows

stored = chosen_inspection()
frame = framework_of(stored)
scores = scores_of(stored)
beside = scores_beside(stored)
name = stored.service.name
notes = [f"{name}. {inspection_line(stored)}", frame.unscored]

st.title(f"Section scores: {plain(name)}")
st.markdown(f"**{inspection_message(scores, frame)}**")
st.caption(f"{inspection_line(stored)} {left_out(scores)}")

squares = {square_label(frame, c.section, c.practice): c for c in scores.matrix}
everything = "All findings"


def follow_square() -> None:
    """A click on a square shows its findings; the picker below does the same from the keyboard."""
    points = st.session_state["matrix"].selection.points
    if points:
        section, practice = points[0]["customdata"]
        st.session_state["findings"] = square_label(frame, section, practice)


st.header("Practice by section", anchor="practice-by-section")
show_chart(matrix_of(stored), "matrix", on_select=follow_square)
st.caption(
    "Numbers are per cent of cases sufficient; each bar covers every share that the letter's words allow. "
    "▲ strength, ▼ weakness, ◆ findings point both ways or neither; “words”: judged in words alone. "
    "Choose a square to read its findings."
)
show_table("The table behind this picture", matrix_rows(scores, frame), f"{name} matrix.csv", notes)

st.header("The findings", anchor="the-findings")
weakest = min(
    squares,
    key=lambda s: (squares[s].direction != "weakness", squares[s].share.high if squares[s].share else 2),
    default=everything,
)
label = choose("Findings on", [*squares, everything], "findings", weakest)
numbers = squares[label].findings if label in squares else tuple(f.number for f in stored.findings)
for found in stored.findings:
    if found.number in numbers:
        show_finding(stored, found)
        link_to_letter(stored, found)
show_table("All findings as a table", finding_rows(stored), f"{name} findings.csv", notes)

st.header("Scores by section", anchor="scores-by-section")
show_chart(section_scores_of(stored), "section-scores")
st.caption(
    f"{frame.unscored} Thin line: the widest reading, with what is judged in words alone counted as "
    "anything from none to all."
)
show_table("The table behind this picture", section_rows(scores, frame), f"{name} section scores.csv", notes)

if beside:
    st.header("Earlier inspections and local audits", anchor="over-time")
    show_chart(scores_over_time_of(stored), "over-time")
    st.caption(
        "Bars: what the letter of an inspection allows. Circles: local audits, which count cases, so each is "
        "one share; from so few cases it may be far from the caseload's. Other people judged, and local "
        f"audits use our own list of criteria. {frame.criteria_note}"
    )
    show_table(
        "The table behind this picture over time",
        [
            row
            for s in sorted((scores, *beside), key=lambda s: str(s.judged_on))
            for row in section_rows(s, frame)
        ],
        f"{name} section scores over time.csv",
        notes,
    )
else:
    st.caption("No earlier inspection or local audit of this service is loaded to compare with.")
