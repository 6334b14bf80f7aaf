"""Areas requiring improvement: what lies behind each, what was promised and done, and whether it worked."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import streamlit as st

from pages._actions import (
    chosen_day,
    edit,
    forms_here,
    one_form_at_a_time,
    open_form,
    plan_table,
    show_action,
)
from pages._loading import accept_warnings, show_problems
from pages._parts import (
    actions_of_service,
    areas_of,
    chosen_inspection,
    framework_of,
    inspection_labels,
    inspection_line,
    kept,
    link,
    link_to_letter,
    measures_of_areas,
    media_type,
    plain,
    reoffending_of,
    reviews_of,
    scores_beside,
    scores_of,
    show_finding,
    show_table,
    turn_to,
    view,
    who,
)
from pages._visitor import scope, store
from sqs_core.charts import INK, PLOTLY_CONFIG, Chart
from sqs_core.charts.table import table_html
from sqs_core.charts.timeline import timeline_chart
from sqs_core.errors import BadInputError, RefusedError
from sqs_core.loaders.plans import plan_xlsx, read_plan
from sqs_core.measures import progress, reviewing
from sqs_core.measures.areas import AreaEvidence, actions_of_area
from sqs_core.measures.questions import questions
from sqs_core.measures.reoffending import opening_series
from sqs_core.measures.words import capital, day, listed, number
from sqs_core.measures.worked import Measure, worked_message
from sqs_core.model import Action

QUARTER = 91  # days: boards meet four times a year


@st.fragment(run_every=1)
def watch(shown: str) -> None:
    """What a colleague saves shows here within two seconds; a form that is open keeps what is in it."""
    if store().current() != shown:
        st.rerun()


def show_area_line(area: AreaEvidence, actions: tuple[Action, ...], measures: tuple[Measure, ...]) -> None:
    """An area among the others: delivered and worked side by side."""
    with st.container(border=True):
        st.markdown(f"**{area.position}. {plain(area.text)}**")
        show_recurrence(area)
        delivered, worked = st.columns(2)
        delivered.markdown(f"**Delivered**  \n{plain(delivered_message(actions))}")
        worked.markdown(f"**Worked**  \n{plain(worked_message(measures))}")
        turn_to("Evidence, actions and measures", f"area {area.position}", area=str(area.position))


def show_recurrence(area: AreaEvidence) -> None:
    """Other inspections in which the area stood too, with the way there."""
    if found := recurrences.get(area.position):
        st.write(plain(found.message))
        for other in found.others:
            label = labels[other.inspection]
            turn_to(
                f"The area in {label}",
                f"{area.position} to {other.inspection} {other.position}",
                inspection=label,
                area=str(other.position),
            )


def delivered_message(actions: tuple[Action, ...]) -> str:
    return (
        progress.plan_message(actions, today)
        if actions
        else "No action for it is in the plan. Add one in the area."
    )


def show_findings(area: AreaEvidence, by: str) -> None:
    """The findings behind an area, and the analyst's word on them."""
    st.header("What the inspectors saw", anchor="what-the-inspectors-saw")
    by_number = {found.number: found for found in stored.findings}
    nouns = [frame.practice(practice).noun for practice in area.practices]
    if area.findings:
        sections = [frame.section(section).title.lower() for section in area.sections]
        st.write(
            f"{capital(number(len(area.findings)))} finding{'s' if len(area.findings) > 1 else ''} in {listed(nouns)}, "
            f"in {listed(sections)}."
        )
    else:
        st.write(
            "No finding is linked to it. An analyst chooses below which sentences of the letter lie behind it."
        )
    if area.looked_at and area.looked_at_by:
        when = day(progress.local_day(area.looked_at))
        st.caption(f"Looked at by {plain(area.looked_at_by)} on {when}.")
    elif area.findings:
        st.caption("Proposed by their words alone: nobody has looked at these links yet.")
    for number_ in area.findings:
        if number_ in area.proposed:
            st.caption("Proposed by its words")
        show_finding(stored, by_number[number_])
        link_to_letter(by_number[number_])
    if not scope().may("load", service):
        st.caption("The service's analyst confirms or changes which findings lie behind it.")
        return
    with st.expander("Confirm or change which findings lie behind it"):
        labels = {
            f"{found.finding.paragraph or frame.section(found.finding.section).title}, "
            f"{frame.practice(found.finding.practice).noun}: {found.finding.quote[:90]}": found.number
            for found in stored.findings
        }
        with st.form(f"links {area.position}"):
            chosen = st.multiselect(
                "Findings behind this area",
                list(labels),
                [label for label, found in labels.items() if found in area.findings],
            )
            confirmed = st.form_submit_button("Confirm these", type="primary")
        if confirmed and not by:
            st.error("Say who you are above: it is recorded with your name.")
        elif confirmed:
            keep = {labels[label] for label in chosen}
            links: dict[int | None, bool] = dict.fromkeys(sorted(keep), True)
            links |= {n: False for n in area.findings if n not in keep}
            store().link_area(stored.id, area.position, {None: True, **links}, by=by)
            st.rerun()


def show_measures(measures: tuple[Measure, ...]) -> None:
    st.header("Whether it worked", anchor="whether-it-worked")
    st.markdown(f"**{plain(worked_message(measures))}**")
    for measure in measures:
        st.write(plain(measure.sentence))
        link(measure.page, f"{measure.label}: more", **measure.query)
    known = [measure for measure in measures if measure.before or measure.after]
    if known:
        show_table(
            "The measures as a table",
            [
                {
                    "Measure": measure.label,
                    "Before the inspection": measure.before,
                    "Since": measure.after,
                    "Until": day(measure.until) if measure.until else "",
                    "Verdict": measure.verdict,
                }
                for measure in known
            ],
            f"{service} measures.csv",
            [inspection_line(stored)],
        )


def show_actions(
    area: AreaEvidence, actions: tuple[Action, ...], measures: tuple[Measure, ...], by: str
) -> None:
    name = f"new {service} {stored.identity} {area.position}"  # a form that is open stays with its area
    forms_here(actions, name)
    for action in actions:
        show_action(action, versions, measures, texts, today=today, by=by)
        if st.session_state.get("editing") == f"under {action.id}":
            edit(None, by, texts)
    if st.session_state.get("editing") == name:
        edit(None, by, texts)
    elif st.button("Add an action", type="primary", **one_form_at_a_time()):
        reference = progress.next_reference(plan)
        open_form(name, Action(service, stored.identity, area.text, reference, ""))


def show_others(by: str) -> None:
    """Actions whose area is none of this letter's: in a plan that came from elsewhere, or of a letter read anew."""
    placed = {action.id for area in evidence for action in actions_of_area(stored, area.text, plan)}
    others = tuple(action for action in plan if action.id not in placed)
    forms_here(others)
    if others:
        st.header("Actions of no area of this letter", anchor="other-actions")
        st.write("Change one to put it under an area of the letter.")
        for action in others:
            st.caption(f"Area: {plain(action.area) or 'none'}")
            show_action(action, versions, (), texts, today=today, by=by)
            if st.session_state.get("editing") == f"under {action.id}":
                edit(None, by, texts)


def show_one_area(area: AreaEvidence) -> None:
    actions, measures = actions_of_area(stored, area.text, plan), all_measures[area.position]
    st.title(f"Area {area.position}: {plain(service)}")
    st.markdown(f"**{plain(area.text)}**")
    show_recurrence(area)
    delivered, worked = st.columns(2)
    delivered.markdown(f"**Delivered**  \n{plain(delivered_message(actions))}")
    worked.markdown(f"**Worked**  \n{plain(worked_message(measures))}")
    st.header("What was promised, and what has been done", anchor="actions")
    by = who()
    show_actions(area, actions, measures, by)
    show_measures(measures)
    show_findings(area, by)
    turn_to("All areas", "all areas", area=None)


def show_questions() -> None:
    if view().inspections[0].id != stored.id:
        st.caption("Questions for the board are asked of the newest inspection, which this is not.")
        return
    own, _ = reoffending_of(service)
    until = opening_series(own).figures[-1].cohort.end if own else None
    found = kept(
        lambda: questions(
            stored,
            scores_of(stored),
            evidence,
            actions=plan,
            measures=all_measures,
            audits=audits,
            reviews=reviews_of(service),
            reoffending_until=until,
            today=today,
        ),
        "questions",
        stored.id,
        today,
    )
    if not found:
        return
    st.header("Questions for the board", anchor="questions")
    for question in found:
        with st.container(border=True):
            st.markdown(f"**{plain(question.text)}**")
            st.write(plain(question.reason))
            if question.page == "areas":
                turn_to("Where this is seen", f"question {question.text}", **question.query)
            else:
                link(question.page, "Where this is seen", **question.query)


def show_since() -> None:
    st.header("Since your last meeting", anchor="since")
    since = chosen_day("The day of your last meeting", "since", today - timedelta(days=QUARTER), today)
    st.markdown(f"**{plain(progress.changed_message(shown, since, today))}**")
    for line in progress.changed_since(shown, since, today):
        st.markdown(f"- {plain(line)}")


def show_timeline() -> None:
    st.header("On one axis", anchor="timeline")
    ink = INK[st.context.theme.type or "light"]
    chart = kept(lambda: drawn_timeline(ink), "timeline", stored.id, today, ink)
    if chart is None:
        st.write("Nothing has a date yet.")
    else:
        st.plotly_chart(chart.figure, key="timeline", alt=chart.alt, config=PLOTLY_CONFIG)
        st.caption(plain(chart.sentence))


def drawn_timeline(ink: str) -> Chart | None:
    inspected = tuple(
        end
        for s in view().inspections
        if (end := s.inspection.letter.fieldwork_end or s.inspection.letter.published_on)
    )
    audited = tuple(audit.judged_on for audit in audits if audit.judged_on)
    reviews = reviews_of(service)
    months = reviewing.trend(reviews, stored.inspection.letter).months if reviews else ()
    return timeline_chart(inspected, audited, shown, months, today=today, ink=ink)


def show_plan() -> None:
    st.header("The whole plan", anchor="plan")
    on = chosen_day("As it stood on", "on", today, today)
    stood = progress.current(shown, on)
    positions = {area.text: area.position for area in evidence}
    rows = plan_table(stood, on, positions)
    if rows:
        st.html(table_html({c: [str(row[c]) for row in rows] for c in rows[0]}, f"The plan on {day(on)}"))
    else:
        st.write(f"There was no action in the plan on {day(on)}.")
    title = f"{service}: action plan as it stood on {day(on)}"
    st.download_button(
        "Download the plan as Excel",
        lambda: plan_xlsx(
            stood,
            [v for v in shown if v.changed_at and progress.local_day(v.changed_at) <= on],
            title,
            texts,
        ),
        f"{service} action plan.xlsx",
        media_type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        on_click="ignore",
    )
    by = who()
    show_others(by)
    with st.expander("Load or paste a plan"):
        load_plan(by)


def load_plan(by: str) -> None:
    st.write(
        "Drop the plan as you keep it, in Excel, OpenDocument or CSV, or paste its table from Excel or Word. The Excel file "
        "that you download here loads again, with what was changed in it."
    )
    upload = st.file_uploader("A plan", ["xlsx", "xlsm", "ods", "csv", "tsv", "txt"], key=f"plan {uploads}")
    pasted = st.text_area("Or paste its table here, with the headings", key=f"pasted {uploads}")
    if upload is None and not pasted.strip():
        return
    name, content = (upload.name, upload.getvalue()) if upload else ("What you pasted", pasted.encode())
    try:
        found = read_plan(
            name, content, service, stored.identity, areas=texts, existing=versions, today=today
        )
    except BadInputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if found.problems:
        show_problems(found.problems, name)
        return
    positions = {area.text: area.position for area in evidence}
    rows = plan_table(found.actions, today, positions)
    st.html(table_html({c: [str(row[c]) for row in rows] for c in rows[0]}, "The plan that was read"))
    accepted = accept_warnings(found.warnings, sha256(content).hexdigest())
    if not by:
        st.write("Say who you are in the field above to save it.")
    if st.button("Save this plan", type="primary", disabled=not (by and accepted)):
        try:
            store().save_actions(found.actions, by=by)
        except (BadInputError, RefusedError) as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        st.session_state["plan_uploads"] = uploads + 1
        st.session_state["saved"] = f"{name} is saved: {number(len(found.actions))} actions."
        st.rerun()


stored = chosen_inspection()
service, frame = stored.service.name, framework_of(stored)
today = progress.local_day(datetime.now(UTC))
snapshot = view().snapshot
versions = actions_of_service(service)
shown = [v for v in versions if v.inspection in (stored.identity, None)]
plan = progress.current(shown)
evidence = areas_of(stored)
texts = [area.text for area in evidence]
audits = [scores for scores in scores_beside(stored) if scores.is_audit]
all_measures = measures_of_areas(stored)
uploads = st.session_state.setdefault("plan_uploads", 0)
labels = {s.identity: label for label, s in inspection_labels(view().inspections).items()}
recurrences = {
    found.position: found
    for found in progress.recurring(
        {s.identity: s.inspection.areas_requiring_improvement for s in view().inspections}
    )
    if found.inspection == stored.identity
}
watch(snapshot.name)
if saved := st.session_state.pop("saved", None):
    st.success(plain(saved), icon=":material/check:")

asked = st.query_params.get("area", "")
chosen_area = next((area for area in evidence if str(area.position) == asked), None)
if chosen_area:
    show_one_area(chosen_area)
else:
    if asked:
        st.warning(f"There is no area “{plain(asked)}” in this letter. These are its areas.")
    st.title(f"Areas requiring improvement: {plain(service)}")
    if plan or evidence:
        st.markdown(f"**{plain(progress.plan_message(plan, today))}**")
    st.caption(inspection_line(stored))
    if not evidence:
        st.write("No area was read from this letter. Check the end of the letter under Load data.")
        link("load", "Load data")
    for area in evidence:
        show_area_line(area, actions_of_area(stored, area.text, plan), all_measures[area.position])
    show_questions()
    show_since()
    show_timeline()
    show_plan()
link("methods", "How this is made")
