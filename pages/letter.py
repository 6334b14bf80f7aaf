"""The letter as loaded, its findings marked in place; from a finding to its sentence and back."""

import streamlit as st

from pages._parts import (
    address_of,
    chosen_inspection,
    framework_of,
    inspection_line,
    link_to_findings,
    plain,
    show_finding,
)
from sqs_core.charts.letter_text import letter_html, paragraph_html
from sqs_core.measures.words import number

stored = chosen_inspection()
frame = framework_of(stored)
asked = st.query_params.get("finding", "")
chosen = next((f for f in stored.findings if str(f.number) == asked), None)
quantified = sum(f.finding.share is not None for f in stored.findings)

st.title(f"The letter: {plain(stored.service.name)}")
st.markdown(
    f"**{len(stored.findings)} findings were read from it: {number(quantified)} with a number, "
    f"{number(len(stored.findings) - quantified)} in words alone.**"
)
st.caption(inspection_line(stored))
if any(f.finding.paraphrased for f in stored.findings):
    st.info(
        "What stands here is our paraphrase of the letter, finding by finding. Load the letter that the "
        "inspectorate published to read its own words in place.",
        icon=":material/edit_note:",
    )

if chosen:
    st.header("The sentence", anchor="the-sentence")
    st.html(paragraph_html(stored, frame, chosen))
    show_finding(stored, chosen)
    with st.container(horizontal=True):
        link_to_findings(stored, chosen)
        if chosen.finding.block is not None:
            st.html(
                f"<a href='#finding-{chosen.number}' style='color:inherit;display:inline-block;min-height:24px'>"
                "Jump to it in the letter below</a>"
            )
elif asked:
    st.warning(
        "The letter has no such finding any more. It may have been loaded again since the link was made."
    )

st.header("The whole letter", anchor="the-whole-letter")
st.caption(
    "Underlined: read as a finding, ▲ strength, ▼ weakness, ◆ neither clearly. A full line carries a "
    "number, a dotted one is in words alone. The names of people at the letter's head and foot are not kept."
)

st.html(letter_html(stored, frame, address_of("letter", "finding"), chosen.number if chosen else 0))
