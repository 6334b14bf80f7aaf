"""Around every page: who is looking, which pages there are for them, and which service is looked at.

It runs anew for each click, and so does each page: what they define, a function or a class, they define anew, and
whatever is kept of it keeps everything that the run knew. So they define no class, and hand to Streamlit no function
of their own that is to be called later; modules beside them do.
"""

from pathlib import Path
from time import perf_counter

import streamlit as st

from pages import _parts, _visitor
from pages._pages import PAGES, pages_of_a_link, pages_of_the_board
from sqs_core.access import Scope
from sqs_core.errors import BadInputError, RefusedError
from sqs_core.watch import counts

HERE = Path(__file__).parent

began = perf_counter()
ran = ""  # which page, for the host's metrics
st.set_page_config(page_icon=str(HERE / "icon.svg"), layout="wide")
try:
    refused = _visitor.begin_visit()
    scope: Scope | None = st.session_state.get("scope")
    link = _visitor.link_of_this_visit()
    shared = pages_of_a_link(link) if _visitor.settings().hosted else {}
    # For everybody; the methods, the sign-in page and shared views link to it.
    statement = st.Page(HERE / "accessibility.py", title="Accessibility", visibility="hidden")
    pages = [*pages_of_the_board(scope, refused), *shared.values(), statement]
    page = st.navigation(pages, position="top" if scope else "hidden")
    is_open = scope or page == statement or page in shared.values()
    ran = (page.url_path or PAGES[0].name) if is_open else "sign-in"
    st.html(HERE / "style.css")
    if page in shared.values():
        if link:
            _parts.begin_shared_view(page.title)
            _visitor.watch_link(_parts.view().snapshot.name)
            with st.container(horizontal=True):
                for id_ in link.pages:
                    st.page_link(shared[id_])
                st.page_link(statement)
    elif scope and page != statement:
        known = next(known for known in PAGES if known.name == (page.url_path or PAGES[0].name))
        _parts.begin_view(page.title, known.looks_at)
    page.run()
except (BadInputError, RefusedError) as error:  # the store is damaged, or busy for too long
    st.error(_parts.plain(str(error)), icon=":material/error:")
finally:
    if ran:
        counts.rerun(ran, perf_counter() - began)
