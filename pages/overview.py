"""The message of the latest inspection: what a chair needs before the meeting starts."""

from datetime import date

import streamlit as st

from pages._parts import (
    actions_of_service,
    areas_of,
    chosen_inspection,
    framework_of,
    inspection_line,
    kept,
    link,
    measures_of_areas,
    plain,
    reoffending_of,
    reviews_of,
    scores_beside,
    scores_of,
)
from sqs_core.charts.range_bars import range_bars
from sqs_core.charts.table import table_html
from sqs_core.measures import progress, reviewing
from sqs_core.measures.ages import ages
from sqs_core.measures.areas import actions_of_area
from sqs_core.measures.messages import (
    audits_message,
    inspection_age,
    inspection_message,
    left_out,
    reoffending_cohort,
    reoffending_message,
)
from sqs_core.measures.reoffending import LETTER, opening_series
from sqs_core.measures.reoffending_words import age_message, figure_message
from sqs_core.measures.scores import section_rows
from sqs_core.measures.timeliness import timeliness, timeliness_message
from sqs_core.measures.worked import worked_message
from sqs_core.spreadsheets import csv_text

stored = chosen_inspection()
inspection = stored.inspection
frame = framework_of(stored)
scores = scores_of(stored)
today = date.today()  # noqa: DTZ011 - boards and server share a country

st.title(plain(stored.service.name))
st.markdown(f"**{inspection_message(scores, frame)}**")
st.write(inspection_age(inspection.letter, today))
st.caption(f"{inspection_line(stored)} {left_out(scores)}")

st.header("What was found", anchor="what-was-found")
st.html(range_bars(scores, frame))
st.caption(
    f"{frame.unscored} The thick bar is the range that the letter's words leave open, not a margin of chance; "
    "the thin line is what it would be if everything without a number were all good or all bad. "
    f"{frame.bands_note}"
)
with st.container(horizontal=True):
    link("scores", "Each practice and its findings")
    link("letter", "Read the letter")
    link("methods", "How the ranges are made")
st.download_button(
    "Download section scores as CSV",
    csv_text(
        section_rows(scores, frame), [f"{stored.service.name}. {inspection_line(stored)}", frame.unscored]
    ),
    f"{stored.service.name} section scores.csv",
    "text/csv",
    on_click="ignore",
)

audits = [s for s in scores_beside(stored) if s.is_audit]
later = [s for s in audits if s.judged_on and scores.judged_on and s.judged_on > scores.judged_on]
if later:
    st.write(audits_message(later, frame))
    link("scores", "Inspections and local audits over time")

st.header("Reviews on time", anchor="reviews-on-time")


def about_reviews() -> tuple[str, str, str] | None:
    """On time in the latest period, compared with before, and how many cannot be counted. None: no due date."""
    reviews = reviews_of(stored.service.name)
    periods = reviewing.periods(reviews, inspection.letter)
    if not periods:
        return None
    first, last = next(iter(periods.values()))
    compared = reviewing.since_inspection(reviews, inspection.letter, first, last)
    before = reviewing.before_in_words(reviews, inspection.letter)
    return (
        timeliness_message(timeliness(reviews, first, last), today),
        reviewing.since_inspection_message(compared, before),
        reviewing.without_due_date_message(reviews),
    )


if found := kept(about_reviews, "reviews in brief", stored.service.name, stored.id, today):
    on_time, since, without = found
    st.markdown(f"**{plain(on_time)}**")
    st.write(plain(since))
    st.write(plain(without))
    link("reviews", "What is overdue, where and why")
else:
    st.write("No record of reviews is loaded, so whether they are on time is not known.")
    link("reviews", "What to load, and how")

st.header("Areas requiring improvement", anchor="areas-requiring-improvement")
if not inspection.areas_requiring_improvement:
    st.write("None was read from this letter. Check the end of the letter under Load data.")
versions = actions_of_service(stored.service.name)
plan = [a for a in progress.current(versions) if a.inspection in (stored.identity, None)]
all_measures = measures_of_areas(stored)
for area in areas_of(stored):
    with st.container(border=True):
        st.markdown(f"**{area.position}. {plain(area.text)}**")
        actions = actions_of_area(stored, area.text, plan)
        delivered = (
            progress.plan_message(actions, today) if actions else "No action for it is in the plan yet."
        )
        st.markdown(f"Delivered: {plain(delivered)}")
        st.markdown(f"Worked: {plain(worked_message(all_measures[area.position]))}")
        link("areas", "Evidence, actions and measures", area=str(area.position))

st.header("Reoffending", anchor="reoffending")
own, _ = reoffending_of(stored.service.name)
latest = opening_series(own).figures[-1] if own else None
if latest and latest.cohort.source != LETTER:
    st.markdown(f"**{plain(figure_message(latest))}**")
    st.caption(plain(age_message(latest, today)))
if message := reoffending_message(inspection.reoffending):
    st.markdown(f"**{message}**")
    st.write(reoffending_cohort(inspection.reoffending, today))
else:
    st.write("No reoffending rate was read from this letter.")
link("reoffending", "Each cohort, and England and Wales")
link("compare", "Beside other services")

st.header("How old this is", anchor="how-old-this-is")
how_old = kept(lambda: ages(stored, today), "ages", stored.id, today)
st.html(
    table_html(
        {
            "What": [row.what for row in how_old],
            "When": [row.when for row in how_old],
            "Age": [row.age for row in how_old],
        },
        "How old each figure on this page is",
    )
)
