"""Each practice in each section, the findings behind every square, and the section scores over time."""

import streamlit as st

from pages._parts import (
    address_of,
    choose,
    chosen_inspection,
    framework_of,
    inspection_line,
    link,
    link_to_letter,
    plain,
    scores_beside,
    scores_of,
    scores_over_time_of,
    show_chart,
    show_finding,
    show_table,
)
from sqs_core.charts.letter_and_audit import (
    letter_and_audit_html,
    letter_and_audit_rows,
    letter_and_audit_sentence,
)
from sqs_core.charts.matrix import matrix_html, matrix_sentence
from sqs_core.charts.range_bars import lowest_section, range_bars
from sqs_core.measures.changes import audit_after
from sqs_core.measures.messages import inspection_message, left_out
from sqs_core.measures.scores import finding_rows, matrix_rows, section_rows, square_label, weakest_square

stored = chosen_inspection()
frame = framework_of(stored)
scores = scores_of(stored)
beside = scores_beside(stored)
name = stored.service.name
notes = [f"{name}. {inspection_line(stored)}", frame.unscored]

st.title(f"Section scores: {plain(name)}")
st.markdown(f"**{inspection_message(scores, frame)}**")
st.caption(f"{inspection_line(stored)} {left_out(scores)}")

st.header("Practice by section", anchor="practice-by-section")
st.write(matrix_sentence(scores, frame))
matrix = st.container()

squares = {square_label(frame, c.section, c.practice): c for c in scores.matrix}
everything = "All findings"
weakest = weakest_square(scores)
first = square_label(frame, weakest.section, weakest.practice) if weakest else everything
st.header("The findings", anchor="the-findings")
label = choose("Findings on", [*squares, everything], "findings", first)
with matrix:
    st.html(matrix_html(scores, frame, address_of("scores", "findings"), label))
    st.caption(
        "Per cent of cases sufficient; each bar covers every share that the letter's words allow. "
        "▲ strength, ▼ weakness, ◆ neither clearly. Choose a square to read its findings."
    )
    show_table("The table behind this picture", matrix_rows(scores, frame), f"{name} matrix.csv", notes)
numbers = squares[label].findings if label in squares else tuple(f.number for f in stored.findings)
for found in stored.findings:
    if found.number in numbers:
        show_finding(stored, found)
        link_to_letter(found)
show_table(
    "All findings as a table",
    finding_rows(stored),
    f"{name} findings.csv",
    notes,
    columns=(
        "Paragraph",
        "Section",
        "Practice",
        "Words",
        "Lowest share sufficient",
        "Highest share sufficient",
        "Cases",
        "Direction",
    ),
)

st.header("Scores by section", anchor="scores-by-section")
st.write(lowest_section(scores, frame))
st.html(range_bars(scores, frame))
st.caption(
    f"{frame.unscored} A range is what the letter's words leave open, not a margin of chance. Thin line: what "
    "it would be if everything without a number were all good or all bad."
)
show_table("The table behind this picture", section_rows(scores, frame), f"{name} section scores.csv", notes)

if beside:
    st.header("Local audits beside the letter", anchor="local-audits")
    after = audit_after(scores, beside)
    st.write(letter_and_audit_sentence(after, scores, frame))
    if after:
        st.html(letter_and_audit_html(after, frame))
        st.caption(
            "Bar: the range that the letter's words leave open. Dot: what the audit counted. Thin lines: what each "
            "may be of the whole caseload, as 95% intervals; two that overlap a little may still be a clear change. "
            "Change: from the letter to the audit, in points, 95% interval, which takes in the letter's words and "
            "chance on both sides. Only practices that both count are compared, so a share may differ from the "
            "section's score. "
            f"{frame.criteria_note}"
        )
        show_table(
            "The letter and the local audit as a table",
            letter_and_audit_rows(after, frame),
            f"{name} letter and local audit.csv",
            [*notes, letter_and_audit_sentence(after, scores, frame)],
            columns=(
                "Section",
                "Inspection, lowest share sufficient",
                "Inspection, highest share sufficient",
                "Inspection, fewest cases",
                "Local audit, lowest share sufficient",
                "Local audit, fewest cases",
                "Change",
            ),
        )

    st.header("Earlier inspections and local audits", anchor="over-time")
    show_chart(scores_over_time_of(stored), "over-time")
    st.caption(
        "Bars: what the letter of an inspection allows. Circles: local audits, which count cases, with the 95% "
        "interval for the whole caseload. The sentence compares inspections with inspections and audits with audits."
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
link("compare", "Section scores of other services", compare="Section scores")
