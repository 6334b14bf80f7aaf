"""Whether reviews are on time: since the inspection, now, by plan type, and why not."""

from datetime import date
from functools import partial

import streamlit as st

from pages._parts import (
    choose,
    due_dates_of,
    framework_of,
    kept,
    link,
    link_to_letter,
    plain,
    scores_of,
    show_chart,
    show_finding,
    show_table,
    view,
)
from sqs_core.charts import INK
from sqs_core.charts.on_time_over_time import on_time_chart
from sqs_core.charts.rate_bars import rate_bars
from sqs_core.charts.table import table_html
from sqs_core.loaders import template
from sqs_core.measures import reviewing
from sqs_core.measures.messages import practice_message
from sqs_core.measures.timeliness import (
    Grouping,
    timeliness_message,
)
from sqs_core.measures.timing import MODE_WORDS, Mode, due_dates_message
from sqs_core.measures.words import age, capital, day, listed
from sqs_core.model import StoredInspection

FILTERS: tuple[tuple[Grouping, str, str], ...] = (
    ("plan_type", "plan", "All plan types"),
    ("trigger", "trigger", "All triggers"),
    ("order_type", "order", "All order types"),
    ("team", "team", "All teams"),
)


def show_inspection(stored: StoredInspection) -> None:
    """What the inspectors themselves said about reviewing."""
    st.header("What the inspectors said about reviewing", anchor="what-the-inspectors-said")
    frame = framework_of(stored)
    about = [f for f in stored.findings if f.finding.practice == "reviewing"]
    if not about:
        st.write("The letter has no finding about reviewing.")
        return
    when = stored.inspection.letter.fieldwork_end or stored.inspection.letter.published_on
    seen = f" This is what they saw in {when:%B %Y}." if when else ""
    st.write(
        f"{practice_message(scores_of(stored), frame, 'reviewing')}{seen} They judged whether cases were reviewed well "
        "enough, which is more than whether a review was on time."
    )
    with st.expander(
        f"The {len(about)} findings about reviewing" if len(about) > 1 else "The finding about reviewing"
    ):
        for found in about:
            show_finding(stored, found)
            link_to_letter(found)


def show_what_to_load(service: str) -> None:
    """For a service without records: what to load, and how."""
    st.markdown("**No record of reviews is loaded, so nothing can be said about whether they are on time.**")
    st.write(
        "Ask the service's analyst for an export from the case system (CSV, Excel or OpenDocument) with one row for "
        "each review that was due or done: the service, the case reference, the plan, whether it was scheduled or "
        "followed a significant change, the day it was due, the day it was completed (empty while it is open) and "
        "the day of the export. Headings may be the system's own; the analyst says once which is which. A file with "
        "names, dates of birth, PNC numbers or postcodes is refused."
    )
    st.download_button(
        "Download an empty table with one example row",
        template("reviews"),
        f"{service} reviews.csv",
        "text/csv",
        on_click="ignore",
    )
    link("tables", "Load a table of reviews")


def warn_of_unknown(key: str, options: list[str]) -> None:
    """A link may name what these records do not have: say so, rather than show something else as if it were that."""
    asked = st.query_params.get(key)
    if asked and asked not in options:
        message.warning(
            f"The link asks for “{plain(asked)}”, which these records do not have. It is left out."
        )


current = view()
if current.service is None:
    st.title("Nothing to show yet")
    st.write("No records of reviews and no letter have been loaded yet.")
    link("tables", "Load a table of reviews")
    st.stop()
name, stored = current.service, current.inspection
letter = stored.inspection.letter if stored else None
today = date.today()  # noqa: DTZ011 - boards and server share a country

st.title(f"Reviews on time: {plain(name)}")
everything = due_dates_of(name)
if not everything.reviews:
    show_what_to_load(name)
    if stored:
        show_inspection(stored)
    st.stop()

# --- The message, above the choices that it depends on
message = st.container()
mode: Mode = "from_last_review"
with st.container(horizontal=True):
    if everything.from_rules or everything.without:
        modes = {capital(words): mode_ for mode_, words in MODE_WORDS.items()}
        mode = modes[
            choose("Due dates that the extract does not give", list(modes), "counted", next(iter(modes)))
        ]
        everything = due_dates_of(name, mode)
    question: tuple[object, ...] = (name, stored.id if stored else 0, mode)
    periods = kept(lambda: reviewing.periods(everything.reviews, letter), "periods", *question)
    by_words = {words: grouping for grouping, words in reviewing.GROUPING_WORDS.items()}
    warn_of_unknown("by", list(by_words))
    if periods:
        warn_of_unknown("period", list(periods))
        period = choose("Reviews due", list(periods), "period", next(iter(periods)))
    chosen: dict[Grouping, str | None] = {}
    for grouping, key, all_of_them in FILTERS:
        values = kept(
            partial(reviewing.choices, everything.reviews, grouping), "choices", *question, grouping
        )
        warn_of_unknown(key, [all_of_them, *values])
        if values:
            label = choose(reviewing.GROUPING_WORDS[grouping], [all_of_them, *values], key, all_of_them)
            if label != all_of_them:
                chosen[grouping] = values[label]
    by = choose("Compare by", list(by_words), "by", next(iter(by_words)))
if not periods:
    message.markdown(
        "**No review in these records has a due date, so nothing can be said about being on time.**"
    )
    message.write(plain(due_dates_message(everything)))
    st.stop()
first, last = periods[period]
question = (*question, first, last, by_words[by], today, *(f"{key}={value}" for key, value in chosen.items()))
answers = kept(
    lambda: reviewing.answered(
        everything.reviews, chosen, (first, last), by_words[by], letter=letter, today=today
    ),
    "reviews",
    *question,
)
found = answers.found
only = f"Only {listed([reviewing.spelled(value).lower() for value in chosen.values()])}. " if chosen else ""
extracted = answers.extracted_on
about = (
    f"{only}From the case system's extract of {day(extracted)}, {age(extracted, today)}. A review counts in the "
    "period in which it fell due, whether it was done or not."
)
notes = [f"{name}. Reviews due from {day(first)} to {day(last)}. {about}", due_dates_message(everything)]
with message:
    st.markdown(f"**{plain(timeliness_message(found, today))}**")
    for words in (answers.since, answers.without):
        if words:
            st.markdown(f"**{plain(words)}**")
    st.caption(plain(about))
    if words := reviewing.stale_message(extracted, today):
        st.warning(words, icon=":material/event_busy:")

# --- Overdue
st.header("Overdue", anchor="overdue")
st.write(plain(answers.overdue))
if any(band["All"].reviews for band in answers.bands):
    rows = reviewing.overdue_rows(answers.bands)
    st.html(
        table_html({column: [row[column] for row in rows] for column in rows[0]}, "Overdue reviews by age")
    )
    st.caption(
        "Every overdue review, whenever it fell due. Analysts list the cases to chase under Load tables."
    )

# --- Month by month
st.header("Month by month", anchor="month-by-month")
trend, ink = answers.trend, INK[st.context.theme.type or "light"]
chart = kept(lambda: on_time_chart(trend, ink), "on time", *question, ink)
if chart is None or trend.chart is None:
    st.write("Fewer than two whole months had a review due: too few to show a course.")
else:
    show_chart(chart, "on-time")
    st.caption(plain(reviewing.limits_note(trend)))
    show_table(
        "The table behind this picture",
        reviewing.group_rows(trend.months, "Month", str),
        f"{name} reviews by month.csv",
        notes,
        columns=("Month", "Due", "On time", "Late", "Overdue", "On-time rate", "95% interval"),
    )

# --- By plan type, or by what is chosen
st.header(f"By {by.lower()}", anchor="by-group")
groups = answers.groups
st.write(plain(reviewing.apart_message(groups)))
st.html(rate_bars(groups, by))
st.caption(
    "The mark is the share on time, the grey bar what chance alone leaves open (95% interval). Under 30 reviews no "
    "rate is given."
)
show_table(
    f"The table behind this picture, by {by.lower()}",
    reviewing.group_rows(groups, by),
    f"{name} reviews by {by.lower()}.csv",
    notes,
    columns=(by, "Due", "On time", "Late", "Overdue", "Not required", "On-time rate", "95% interval"),
)

why, inspectors = st.columns(2, gap="large")
with why:
    st.header("Why, and how late", anchor="why")
    reasons = answers.reasons
    st.write(plain(reviewing.reasons_message(found, reasons)))
    if reasons:
        rows = reviewing.reason_rows(reasons)
        st.html(
            table_html({column: [row[column] for row in rows] for column in rows[0]}, "Reasons for lateness")
        )
    st.write(plain(reviewing.lateness_message(found)))
    course = answers.course
    if words := reviewing.completion_message(course):
        st.write(plain(words))
        show_table(
            "When reviews are done, counted from the due date",
            reviewing.completion_rows(course),
            f"{name} reviews until done.csv",
            [*notes, "Kaplan–Meier estimate; open reviews are followed to the day of the extract."],
        )
with inspectors:
    if stored:
        show_inspection(stored)
        link("scores", "Reviewing in local audits, by section")
    else:
        st.header("What the inspectors said about reviewing", anchor="what-the-inspectors-said")
        st.write("No inspection letter of this service is published here.")
        link("load", "Load a letter")

st.header("How these figures are made", anchor="how-these-figures-are-made")
st.write(plain(reviewing.rest_message(found)))
st.write(plain(due_dates_message(everything)))
link("compare", "Reviews on time in other services", compare="Reviews on time")
link("methods", "How reviews are counted")
