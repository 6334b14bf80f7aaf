"""Links to a view for people without an account: make one, see how often it was opened, withdraw it."""

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from pages._parts import plain, require, view
from pages._shared import SHARED_PAGES
from pages._visitor import settings, store
from sqs_core.access import token_of
from sqs_core.charts.table import table_html
from sqs_core.errors import BadInputError
from sqs_core.measures.words import capital, day, listed, number
from sqs_core.model import ShareLink
from sqs_core.store.people import LONGEST_LINK

USUAL = 30  # days

TITLES = {page.id: page.title for page in SHARED_PAGES}


def address_of(link: ShareLink) -> str:
    return f"{settings().url}/s/{token_of(link, settings().cookie_secret)}"


def standing(link: ShareLink, now: datetime) -> str:
    if link.revoked_at:
        return f"withdrawn {day(link.revoked_at.date())}"
    return f"ended {day(link.expires_at.date())}" if link.expires_at <= now else "open"


def show_link(link: ShareLink) -> None:
    """An open link: for whom, what it shows, how often it was opened, and the button that ends it."""
    times, last = opened.get(link.id, (0, None))
    with st.container(border=True):
        st.markdown(f"**For {plain(link.made_for)}**, until {day(link.expires_at.date())}")
        seen = f"Opened {number(times)} time{'' if times == 1 else 's'}, last on {day(last)}." if last else ""
        st.write(
            f"Shows {listed([TITLES.get(page, page) for page in link.pages])}. Made by {plain(link.made_by)} on "
            f"{day(link.made_at.date())}. {seen or 'Nobody has opened it yet.'}"
        )
        with st.expander("The link"):
            st.code(address_of(link), language=None, wrap_lines=True)
        if st.button("Withdraw it", key=f"withdraw {link.id}", help="From then on it opens nothing."):
            store().revoke_link(link.id)
            st.session_state["shared"] = (
                f"The link for {link.made_for} is withdrawn: it opens nothing any more."
            )
            st.rerun()


require("share")
service = view().service
if service is None:
    if view().snapshot.services():
        st.title("Choose a service")
        st.write("Choose above whose view you want to share.")
    else:
        st.title("Nothing to share yet")
        st.write("Once a letter or a table of your service is loaded, a view of it can be shared.")
    st.stop()
store().scope.require("share", service)
now, today = datetime.now(UTC), date.today()  # noqa: DTZ011 - boards and server share a country
links = [link for link in view().snapshot.share_links if link.service == service]
open_links = [link for link in links if standing(link, now) == "open"]
opened = store().openings_of_links()

st.title(f"Share: {plain(service)}")
st.markdown(
    f"**{capital(number(len(open_links)))} link{'' if len(open_links) == 1 else 's'} to a view of {plain(service)} "
    f"{'is' if len(open_links) == 1 else 'are'} open.**"
)
st.write(
    "A link is for one reader or group without an account, such as a councillor or a partner. It shows the pages that you "
    "choose, of this service alone, to be read and not changed. Small numbers of children are hidden, no case reference "
    "shows, and of the plan only actions, leads and dates. Actions stand as they were typed: read them before you share "
    "Areas. Whoever has the link can open it."
)
if said := st.session_state.pop("shared", None):
    st.success(plain(said), icon=":material/check:")
if made := st.session_state.pop("made_link", None):
    st.write("Send this link to them, and to nobody else:")
    st.code(made, language=None, wrap_lines=True)

st.header("Make a link", anchor="make-a-link")
with st.form("new_link"):
    st.write("Pages that it opens")
    with st.container(horizontal=True):
        pages = [id_ for id_, title in TITLES.items() if st.checkbox(title, value=id_ == "overview")]
    made_for = st.text_input("For whom", max_chars=80, help="So that you know later which link is whose.")
    until = st.date_input(
        "Until, that day included",
        today + timedelta(days=USUAL),
        min_value=today,
        max_value=today + timedelta(days=LONGEST_LINK),
        format="DD/MM/YYYY",
    )
    if st.form_submit_button("Make the link", type="primary"):
        try:
            end = datetime.combine(until if isinstance(until, date) else today, time.max, tzinfo=UTC)
            link = store().make_link(service, pages, made_for, end)
        except BadInputError as error:
            for line in str(error).splitlines():
                st.error(plain(capital(line)) + ".", icon=":material/error:")
        else:
            st.session_state["made_link"] = address_of(link)
            st.session_state["shared"] = f"The link for {link.made_for} is made."
            st.rerun()

if open_links:
    st.header("Open links", anchor="open-links")
    for link in open_links:
        show_link(link)
closed = [link for link in links if link not in open_links]
if closed:
    with st.expander("Links that have ended or were withdrawn"):
        st.html(
            table_html(
                {
                    "For": [link.made_for for link in closed],
                    "Made by": [link.made_by for link in closed],
                    "On": [day(link.made_at.date()) for link in closed],
                    "Now": [standing(link, now) for link in closed],
                    "Opened": [str(opened.get(link.id, (0, None))[0]) for link in closed],
                },
                "Links that open nothing any more",
            )
        )
