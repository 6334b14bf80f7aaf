"""Around every page: who is looking, which pages there are for them, and which service is looked at."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from pages import _parts, _visitor
from pages._shared import SHARED_PAGES
from sqs_core.access import Right
from sqs_core.doors import SHARED
from sqs_core.errors import BadInputError, RefusedError

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PageOf:
    """A page of the dashboard, and the right that it needs. Its file bears the name of its address."""

    name: str
    title: str
    icon: str
    help: str
    right: Right = "see"
    hosted: bool = False  # there is nobody to sign in, and nothing to share, on one's own machine
    about_a_service: bool = True
    picker: bool = True


PAGES = (
    PageOf("overview", "Overview", "home", "What the inspectors found, in one minute."),
    PageOf("scores", "Scores", "grid_on", "Each practice in each section, and the findings behind it."),
    PageOf(
        "reviews",
        "Reviews",
        "event_available",
        "Whether reviews are on time, what is overdue, and whether it is getting better.",
    ),
    PageOf(
        "reoffending",
        "Reoffending",
        "trending_down",
        "Whether fewer children reoffend, and how much of it is chance.",
    ),
    PageOf("compare", "Compare", "filter_alt", "The service beside others, without a league table."),
    PageOf(
        "areas",
        "Areas",
        "flag",
        "Each area requiring improvement: evidence, actions, and whether they worked.",
    ),
    PageOf(
        "letter",
        "Letter",
        "description",
        "The letter as loaded, with what was read from it marked in place.",
    ),
    PageOf(
        "load",
        "Load data",
        "upload_file",
        "Load a letter, check what was read, correct it, publish it.",
        right="load",
        about_a_service=False,
    ),
    PageOf(
        "tables",
        "Load tables",
        "table_view",
        "Load reviews, a local audit or reoffending figures, and list the cases to chase.",
        right="load",
        about_a_service=False,
    ),
    PageOf(
        "share",
        "Share",
        "share",
        "Make a link to a view for people without an account, and withdraw it.",
        right="share",
        hosted=True,
    ),
    PageOf(
        "methods",
        "Methods",
        "menu_book",
        "How words become ranges and ranges become scores, and what is unverified.",
        about_a_service=False,
    ),
    PageOf(
        "account",
        "Account",
        "person",
        "Who you are here, who else may see what, and what was done.",
        hosted=True,
        about_a_service=False,
        picker=False,
    ),
)


def pages_of(refused: str | None) -> list[st.Page]:
    """Every address leads somewhere: to its page, or to why it does not show."""
    scope, shared = st.session_state.get("scope"), st.session_state.get("shared_scope")
    out = []
    for page in PAGES:
        if page.hosted and not _visitor.settings().hosted:
            continue
        first = page is PAGES[0]
        if scope is None:
            sign_in = partial(_visitor.sign_in, refused)
            out.append(st.Page(sign_in, title="Sign in", url_path=page.name, default=first))
        elif scope.may(page.right):
            out.append(
                st.Page(
                    HERE / f"{page.name}.py",
                    title=page.title,
                    url_path=page.name,
                    icon=f":material/{page.icon}:",
                    default=first,
                    help=page.help,
                )
            )
        else:
            out.append(
                st.Page(_visitor.not_for_this_role, title=page.title, url_path=page.name, visibility="hidden")
            )
    if _visitor.settings().hosted:
        shown = shared.link.pages if shared else ()
        out += [
            st.Page(
                shared_page.show if shared_page.id in shown else _visitor.link_ended,
                title=shared_page.title,
                url_path=f"{SHARED}-{shared_page.id}",
                visibility="hidden",
            )
            for shared_page in SHARED_PAGES
        ]
    return out


st.set_page_config(page_icon=str(HERE / "icon.svg"), layout="wide")
try:
    refused = _visitor.begin_visit()
    signed_in = "scope" in st.session_state
    page = st.navigation(pages_of(refused), position="top" if signed_in else "hidden")
    shared = page.url_path.startswith(f"{SHARED}-")
    if shared and st.session_state.get("shared_scope"):
        _parts.begin_shared_view(page.title)
        _visitor.watch_link(_parts.view().snapshot.name)
    elif signed_in and not shared:
        known = next(known for known in PAGES if known.name == (page.url_path or PAGES[0].name))
        _parts.begin_view(page.title, known.about_a_service, known.picker)
    page.run()
except (BadInputError, RefusedError) as error:  # the store is damaged, or busy for too long
    st.error(_parts.plain(str(error)), icon=":material/error:")
