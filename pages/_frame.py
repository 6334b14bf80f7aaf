"""Around every page: which pages there are, and which service is looked at."""

from pathlib import Path

import streamlit as st

from pages import _parts
from sqs_core.errors import BadInputError, RefusedError

HERE = Path(__file__).parent

st.set_page_config(page_icon=str(HERE / "icon.svg"), layout="wide")
st.html(HERE / "style.css")

page = st.navigation(
    [
        st.Page(
            HERE / "overview.py",
            title="Overview",
            url_path="overview",
            icon=":material/home:",
            default=True,
            help="What the inspectors found, in one minute.",
        ),
        st.Page(
            HERE / "scores.py",
            title="Scores",
            url_path="scores",
            icon=":material/grid_on:",
            help="Each practice in each section, and the findings behind it.",
        ),
        st.Page(
            HERE / "reviews.py",
            title="Reviews",
            url_path="reviews",
            icon=":material/event_available:",
            help="Whether reviews are on time, what is overdue, and whether it is getting better.",
        ),
        st.Page(
            HERE / "reoffending.py",
            title="Reoffending",
            url_path="reoffending",
            icon=":material/trending_down:",
            help="Whether fewer children reoffend, and how much of it is chance.",
        ),
        st.Page(
            HERE / "compare.py",
            title="Compare",
            url_path="compare",
            icon=":material/filter_alt:",
            help="The service beside others, without a league table.",
        ),
        st.Page(
            HERE / "areas.py",
            title="Areas",
            url_path="areas",
            icon=":material/flag:",
            help="Each area requiring improvement: evidence, actions, and whether they worked.",
        ),
        st.Page(
            HERE / "letter.py",
            title="Letter",
            url_path="letter",
            icon=":material/description:",
            help="The letter as loaded, with what was read from it marked in place.",
        ),
        st.Page(
            HERE / "load.py",
            title="Load data",
            url_path="load",
            icon=":material/upload_file:",
            help="Load a letter, check what was read, correct it, publish it.",
        ),
        st.Page(
            HERE / "tables.py",
            title="Load tables",
            url_path="tables",
            icon=":material/table_view:",
            help="Load reviews, a local audit or reoffending figures, and list the cases to chase.",
        ),
        st.Page(
            HERE / "methods.py",
            title="Methods",
            url_path="methods",
            icon=":material/menu_book:",
            help="How words become ranges and ranges become scores, and what is unverified.",
        ),
        st.Page(
            HERE / "accessibility.py",
            title="Accessibility",
            url_path="accessibility",
            visibility="hidden",  # the methods link to it
        ),
    ],
    position="top",
)
try:
    _parts.begin_view(
        page.title, about_a_service=page.url_path not in ("load", "tables", "methods", "accessibility")
    )
    page.run()
except (BadInputError, RefusedError) as error:  # the store is damaged, or busy for too long
    st.error(_parts.plain(str(error)), icon=":material/error:")
