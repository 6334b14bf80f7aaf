"""The accessibility statement, as UK public-sector sites must publish it: the document that hosts complete."""

from pathlib import Path

import streamlit as st

from pages._parts import view

view()  # the statement is no secret, but no page opens without the frame
st.markdown((Path(__file__).parent.parent / "docs" / "accessibility.md").read_text("utf-8"))
