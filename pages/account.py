"""Who you are here; for administrators, who may see what, and what was done."""

import streamlit as st

from pages._parts import media_type, plain, view
from pages._visitor import scope, store
from sqs_core.charts.table import table_html
from sqs_core.errors import BadInputError, RefusedError
from sqs_core.measures.progress import local_time
from sqs_core.measures.words import capital, day, number
from sqs_core.model import Role
from sqs_core.store.people import ROLES

MAY: dict[Role, str] = {
    "board member": "sees the pages of the service, and changes its action plan",
    "chair": "does what a board member does, and makes links to a view for people without an account",
    "analyst": "does what a board member does, loads and corrects the service's data, and sees case references",
    "administrator": "may do everything for every service, gives roles, and reads the record of what was done",
}
SHOWN = 100  # lines of the record on screen; the download has all


def show_roles() -> None:
    st.header("Who may see what", anchor="roles")
    roles = view().snapshot.roles
    people = len({role.email for role in roles})
    st.write(f"{capital(number(people))} {'person has' if people == 1 else 'people have'} a role here.")
    st.html(
        table_html(
            {
                "E-mail address": [role.email for role in roles],
                "Role": [capital(role.role) for role in roles],
                "Service": [role.service or "every service" for role in roles],
                "Given by": [role.given_by for role in roles],
                "On": [day(role.given_at.date()) for role in roles],
            },
            "People and their roles",
        )
    )
    for role, words in MAY.items():
        st.caption(f"{capital(role)}: {words}.")
    with st.form("give_role", clear_on_submit=False):
        email = st.text_input("E-mail address, as the sign-in provider has it", max_chars=254)
        role = st.selectbox("Role", ROLES, format_func=capital)
        service = st.selectbox(
            "Service (none for an administrator)",
            [s.name for s in view().snapshot.all_services()],
            index=None,
        )
        if st.form_submit_button("Give the role", type="primary"):
            try:
                store().give_role(email, role, "" if role == "administrator" else service or "")
            except (BadInputError, RefusedError) as error:
                st.error(plain(capital(str(error))) + ".", icon=":material/error:")
            else:
                st.session_state["roles_said"] = f"{email.strip()} is {role} now."
                st.rerun()
    with st.expander("Take a role away"):
        named = {f"{r.email}: {r.role}{f' of {r.service}' if r.service else ''}": r for r in roles}
        which = st.selectbox("Role", list(named), index=None, key="taken_role")
        if st.button("Take it away", disabled=which is None):
            taken = named[str(which)]
            try:
                store().take_role(taken.email, taken.role, taken.service)
            except RefusedError as error:
                st.error(plain(capital(str(error))) + ".", icon=":material/error:")
            else:
                st.session_state["roles_said"] = f"Taken away: {which}. It counts from their next click."
                st.rerun()


def show_record() -> None:
    st.header("What was done", anchor="record")
    log = store().audit_log()
    problems = log.problems()
    entries = list(log.entries())
    if problems:
        st.error(
            f"The record is not whole: {plain(problems[0])}. Ask the host to find out why.",
            icon=":material/error:",
        )
    else:
        st.write(
            f"{len(entries):,} lines. Each is tied to the one before: none of them was changed or taken out."
        )
    shown = entries[::-1][:SHOWN]
    st.html(
        table_html(
            {
                "When": [local_time(entry.at) for entry in shown],
                "Who": [entry.who for entry in shown],
                "What": [capital(entry.event) for entry in shown],
                "Service": [entry.service for entry in shown],
                "More": [entry.detail for entry in shown],
            },
            "What was done, the latest first",
        )
    )
    if len(entries) > SHOWN:
        st.caption(f"The last {SHOWN} of {len(entries):,}. The download has all.")
    st.download_button(
        "Download the record as CSV",
        store().export_audit_log,
        "record.csv",
        media_type("text/csv"),
        on_click="ignore",
    )


who = scope()
st.title("Your account")
st.markdown(f"**You are signed in as {plain(who.who)}: {plain(who.words)}.**")
st.button("Sign out", on_click=st.logout, icon=":material/logout:")
for line in dict.fromkeys(role.role for role in who.roles):
    st.write(f"{capital(line)}: {MAY[line]}.")
if said := st.session_state.pop("roles_said", None):
    st.success(plain(said), icon=":material/check:")
if who.services("govern") is None:
    show_roles()
    show_record()
