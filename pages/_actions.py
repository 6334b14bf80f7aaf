"""One action of a plan on screen: as it stands, what has happened to it, and how it is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from pages._parts import plain
from pages._visitor import store
from sqs_core.charts.table import table_html
from sqs_core.errors import BadInputError, ChangedMeanwhileError, RefusedError
from sqs_core.measures import progress
from sqs_core.measures.words import day
from sqs_core.measures.worked import Measure, area_measures
from sqs_core.model import Action, ActionState

STATES: dict[str, ActionState] = {"Open": "open", "Done": "done", "Stopped": "stopped"}
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
NO_MEASURE = "None"
LONGEST = 3_000  # characters: more is no action and no note, but a paper


def chosen_day(label: str, key: str, otherwise: date, today: date) -> date:
    """A day until today that stands in the address."""
    said = st.query_params.get(key, "")
    try:
        first = date.fromisoformat(said) if said else otherwise
    except ValueError:
        first = None
    if first is None or not FIRST_DAY <= first <= today:
        st.warning(f"The link asks for “{plain(said)}”, which is no day until today. It is left out.")
        first = otherwise
    if st.session_state.get(f"{key} day") != first:
        st.session_state[f"{key} day"] = first
    st.date_input(
        label,
        min_value=FIRST_DAY,
        max_value=today,
        format="DD/MM/YYYY",
        key=f"{key} day",
        on_change=_day_into_address,
        args=(key,),
    )
    return first


def _day_into_address(key: str) -> None:
    when = st.session_state[f"{key} day"]
    if isinstance(when, date):
        st.query_params[key] = when.isoformat()


def show_action(
    action: Action,
    versions: Sequence[Action],
    measures: Sequence[Measure],
    areas: Sequence[str],
    *,
    today: date,
    by: str,
) -> None:
    """As it stands beside what has come of its measure, with its history, and the form to change it where somebody
    opened it."""
    under = progress.parent_reference(action.reference) is not None
    with st.container(border=True, key=f"action-{action.id}"):
        standing = progress.status_words(progress.status(action, today))
        st.markdown(f"**{action.reference} {standing}: {plain(' '.join(action.action.split()))}**")
        lead = f"Lead: {plain(action.lead)}. " if action.lead else "No lead is named. "
        st.write(f"{lead}{plain(progress.action_message(action, today))}")
        for label, text in (
            ("Baseline", action.baseline),
            ("Target", action.target),
            ("Measured by", measured_by(action.measure, measures)),
            ("Evidence", action.evidence),
        ):
            if text:
                st.write(f"{label}: {plain(text)}")
        own = [version for version in versions if version.id == action.id]
        notes = [version for version in own if version.note and version.changed_at]
        if notes:
            last = notes[-1]
            when = day(progress.local_day(last.changed_at)) if last.changed_at else ""
            st.write(f"{when}, {plain(last.changed_by)}: {plain(last.note)}")
        changes = progress.history(own)
        with st.expander(f"All {len(changes)} changes" if len(changes) > 1 else "Its one change"):
            st.html(history_table(changes))
        if st.session_state.get("editing") == action.id:
            edit(action, by, areas)
        else:
            with st.container(horizontal=True):
                if st.button("Change or report progress", key=f"change-{action.id}", **one_form_at_a_time()):
                    open_form(action.id, action)
                if not under and st.button(
                    "Add a sub-action", key=f"under-{action.id}", **one_form_at_a_time()
                ):
                    open_form(f"under {action.id}", new_under(action, versions))


def history_table(changes: Sequence[progress.Change]) -> str:
    return table_html(
        {
            "When": [progress.local_time(change.at) if change.at else "" for change in changes],
            "Who": [change.by for change in changes],
            "What": [f"{change.action.reference}: {change.field}" for change in changes],
            "From": [change.before for change in changes],
            "To": [change.after for change in changes],
            "Said": [change.note for change in changes],
        },
        "Changes, the latest first",
    )


def new_under(action: Action, versions: Sequence[Action]) -> Action:
    reference = progress.next_reference(progress.current(versions), action.reference)
    return Action(action.service, action.inspection, action.area, reference, "")


def measured_by(measure: str | None, measures: Sequence[Measure]) -> str:
    """The measure that an action names, and its verdict where it is one of its area's."""
    label = next((row.label for row in area_measures() if row.id == measure), measure or "")
    verdict = next((found.verdict for found in measures if found.id == measure), None)
    return f"{label}: {verdict} since the inspection" if verdict else label


def one_form_at_a_time() -> dict[str, Any]:
    """What is typed into a form is not lost by opening the next: while one is open, the others wait."""
    if "editing" not in st.session_state:
        return {}
    return {"disabled": True, "help": "Save the form that is open, or leave it, first."}


def open_form(name: str, base: Action) -> None:
    """`base` is what the form began with, whatever others save meanwhile."""
    st.session_state["editing"] = name
    st.session_state["base"] = base
    st.session_state.pop("clash", None)
    st.rerun()


def close_form() -> None:
    forget_form()
    st.rerun()


def forget_form() -> None:
    for name in ("editing", "base", "clash"):
        st.session_state.pop(name, None)


def forms_here(actions: Sequence[Action], *others: str) -> None:
    """Which forms can be open on this view. One that was left open elsewhere is closed."""
    here = {name for action in actions for name in (action.id, f"under {action.id}")} | set(others)
    if st.session_state.get("editing") not in here:
        forget_form()


def edit(now: Action | None, by: str, areas: Sequence[str]) -> None:
    """The form; where somebody else saved meanwhile, both sides of what differs first. `now`: the action as it is
    stored, None: it is new. `areas`: those that the action may stand under."""
    base: Action = st.session_state["base"]
    if clash := st.session_state.get("clash"):
        show_clash(base, clash[0], clash[1], clash[2], by)
        return
    if now is not None and now.version != base.version:
        st.info(
            f"{plain(now.changed_by)} changed this while you had it open. Save all the same: you will see both.",
            icon=":material/group:",
        )
    with st.form(f"form {st.session_state['editing']}"):
        mine = fields(base, areas)
        saved = st.form_submit_button("Save", type="primary")
        left = st.form_submit_button("Leave without saving")
    if left:
        close_form()
    if saved:
        save(mine, by)


def fields(base: Action, areas: Sequence[str]) -> Action:
    """Every field of an action, as it is filled in."""
    of = f"{st.session_state['editing']}"
    left, right = st.columns([1, 4])
    reference = left.text_input("Reference", base.reference, key=f"reference {of}", max_chars=12)
    action = right.text_area(
        "Action",
        base.action,
        height="content",
        max_chars=max(LONGEST, len(base.action)),
        key=f"action {of}",
    )
    choices = [*areas, *([] if base.area in areas else [base.area])]
    area = st.selectbox("Area requiring improvement", choices, choices.index(base.area), key=f"area {of}")
    left, middle, right = st.columns(3)
    lead = left.text_input("Lead (a role or an agency, no names)", base.lead, key=f"lead {of}")
    days = [day_ for day_ in (base.planned_on, base.done_on) if day_]  # a loaded plan may hold any
    first, last = min(FIRST_DAY, *days, LAST_DAY), max(LAST_DAY, *days, FIRST_DAY)
    planned = middle.date_input(
        "Planned for", base.planned_on, first, last, format="DD/MM/YYYY", key=f"planned {of}"
    )
    labels = {state: label for label, state in STATES.items()}
    state = STATES[
        right.selectbox("State", list(STATES), list(STATES).index(labels[base.state]), key=f"state {of}")
    ]
    done = right.date_input(
        "Done on (if done)",
        base.done_on,
        first,
        max(date.today(), *days, FIRST_DAY) if base.done_on else date.today(),  # noqa: DTZ011
        format="DD/MM/YYYY",
        key=f"done {of}",
    )
    measures: dict[str, str | None] = {NO_MEASURE: None, **{row.label: row.id for row in area_measures()}}
    if base.measure and base.measure not in measures.values():
        measures[base.measure] = base.measure
    labelled = next((label for label, id_ in measures.items() if id_ == base.measure), NO_MEASURE)
    left, middle, right = st.columns(3)
    measure = measures[
        left.selectbox("Measured by", list(measures), list(measures).index(labelled), key=f"measure {of}")
    ]
    baseline = middle.text_input("Baseline", base.baseline, key=f"baseline {of}")
    target = right.text_input("Target", base.target, key=f"target {of}")
    evidence = st.text_input("Evidence, and where it is kept", base.evidence, key=f"evidence {of}")
    note = st.text_area(
        "What is to be said: progress, a comment, why it changes",
        "",
        key=f"note {of}",
        height="content",
        max_chars=LONGEST,
    )
    st.caption("No names, of children or of staff: the whole board reads this, and it is kept.")
    return replace(
        base,
        reference=reference.strip(),
        area=area,
        action=action.strip(),
        lead=lead.strip(),
        planned_on=planned if isinstance(planned, date) else None,
        state=state,
        done_on=done if state == "done" and isinstance(done, date) else None,
        measure=measure,
        baseline=baseline.strip(),
        target=target.strip(),
        evidence=evidence.strip(),
        note=note.strip(),
    )


def save(mine: Action, by: str) -> None:
    if not by:
        st.error("Say who you are above: every change is recorded with a name. Nothing is lost.")
        return
    if mine.state == "done" and mine.done_on is None:
        st.error("Say on which day it was done. Nothing is lost.")
        return
    try:
        store().save_actions([mine], by=by)
    except ChangedMeanwhileError:
        since = [
            version
            for version in store().read().actions(mine.service)
            if version.id == mine.id and version.version > mine.version
        ]
        notes = "; ".join(f"{version.changed_by}: {version.note}" for version in since if version.note)
        st.session_state["clash"] = (since[-1], mine, notes)
        st.rerun()
    except (BadInputError, RefusedError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        if not mine.version:  # somebody may have taken the reference meanwhile
            plan = progress.current(store().read().actions(mine.service))
            parent = progress.parent_reference(mine.reference)
            st.write(f"The next free reference is {plain(progress.next_reference(plan, parent))}.")
    else:
        st.session_state["saved"] = f"Action {mine.reference} is saved."
        close_form()


def show_clash(base: Action, theirs: Action, mine: Action, notes: str, by: str) -> None:
    """Somebody else saved first: what each changed, and how to keep both."""
    st.warning(
        f"{plain(theirs.changed_by)} saved this action after you opened it. Nothing of either is lost. See both, and "
        "choose.",
        icon=":material/group:",
    )
    found = progress.differences(base, theirs, mine)
    st.html(
        table_html(
            {
                "": [*(d.field for d in found), "Said"],
                "Before": [*(d.base for d in found), ""],
                f"{theirs.changed_by} saved": [*(d.theirs for d in found), notes],
                "You": [*(d.mine for d in found), mine.note],
            },
            "What each of the two changed",
        )
    )
    joined, both = progress.merged(base, theirs, mine)
    with st.container(horizontal=True):
        if both:
            if st.button("Keep both; where both changed the same, mine", type="primary"):
                save(joined, by)
            if st.button(f"Keep both; where both changed the same, {plain(theirs.changed_by)}'s"):
                save(
                    replace(progress.merged(base, mine, theirs)[0], version=theirs.version, note=mine.note),
                    by,
                )
        elif st.button("Keep both changes", type="primary"):
            save(joined, by)
        if st.button("Drop mine"):
            close_form()


def plan_table(actions: Sequence[Action], today: date, areas: Mapping[str, int]) -> list[dict[str, object]]:
    """The plan as rows, in its order."""
    return [
        {
            "Ref": action.reference,
            "Area": areas.get(action.area, action.area),
            "Action": action.action,
            "Lead": action.lead,
            "First planned": day(action.first_planned_on) if action.first_planned_on else "",
            "Planned": day(action.planned_on) if action.planned_on else "",
            "Status": progress.status_words(progress.status(action, today)),
            "Target": action.target,
        }
        for action in actions
    ]
