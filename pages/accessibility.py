"""The accessibility statement, as UK public-sector sites must publish it: the document that hosts complete. It is for
everybody, signed in or not."""

from pathlib import Path

import streamlit as st

st.markdown((Path(__file__).parent.parent / "docs" / "accessibility.md").read_text("utf-8"))
