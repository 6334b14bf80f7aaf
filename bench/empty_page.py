"""The floor: what the platform costs with nothing of ours on the page but a title and a sentence."""

import streamlit as st

st.set_page_config(page_title="Empty", layout="wide")
st.title("An empty page")
st.write("One sentence, so that there is something to wait for on this page.")
