"""A service beside others: in a funnel of what chance alone does, and by intervals. Never a league table."""

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from pages._parts import (
    all_reoffending,
    choose,
    choose_services,
    is_illustrative,
    kept,
    latest_scores,
    link,
    on_time_counts,
    other_services,
    plain,
    reoffending_of,
    show_table,
    view,
    warn_of_unknown,
)
from sqs_core.charts import INK, PLOTLY_CONFIG
from sqs_core.charts.funnel import funnel_chart, ranked_intervals
from sqs_core.frameworks import framework
from sqs_core.measures import funnel as funnels
from sqs_core.measures.compare import (
    Beside,
    by_on_time,
    by_reoffending,
    by_section_score,
    compare_rows,
    reoffending_funnel,
    years_to_compare,
)
from sqs_core.measures.reoffending import opening_series
from sqs_core.measures.reoffending_words import age_message, cohort_label, series_label
from sqs_core.measures.words import left_out_in_words

REOFFENDING, SECTION_SCORES, ON_TIME = "Reoffending", "Section scores", "Reviews on time"
ALL = "All services"
MOST_ROWS = 25  # of more, those that a reader looks for first: this service, and those outside the limits


def nothing(words: str, page: str, label: str) -> None:
    st.markdown(f"**{words}**")
    link(page, label)
    st.stop()


def alone(words: str, about: str, found: Beside, page: str, label: str) -> None:
    """There is no second service: why, and what to load."""
    with message:
        st.markdown(f"**{plain(words)}**")
        st.caption(plain(about))
        st.write(plain(left_out_in_words(found.left_out)))
        link(page, label)


def show(found: funnels.Funnel, left_out: Beside, about: str, note: str, question: Sequence[object]) -> None:
    """The message, the funnel, and each service with its interval. `question`: what the funnel is of."""
    own_words = funnels.own_message(found, name)
    if not own_words:
        why = dict(left_out.left_out).get(name, "nothing is loaded")
        own_words = f"{name} itself cannot be compared here: {why}."
    order = kept(lambda: funnels.ranked(found), "ranks", *question)
    with message:
        st.markdown(f"**{plain(own_words)}**")
        st.caption(plain(about))
        if found.subject.few_are_shown and (
            words := funnels.small_samples_message(found.too_few, found.subject)
        ):
            st.write(plain(words))
        st.write(plain(funnels.outside_message(found)))
    ink = INK[st.context.theme.type or "light"]
    chart = kept(lambda: funnel_chart(found, ink, name), "funnel chart", *question, ink)
    if chart is None:
        st.write("There are fewer than two services to draw.")
    else:
        st.plotly_chart(chart.figure, key="funnel", alt=chart.alt, config=PLOTLY_CONFIG)
        st.caption(plain(f"{funnels.limits_note(found)} {note}"))

    st.header("Each service with its interval", anchor="each-service")
    for words in (
        funnels.ranks_message(order, found.subject, name),
        "" if found.subject.few_are_shown else funnels.too_few_message(found),
        left_out_in_words(left_out.left_out),
    ):
        if words:
            st.write(plain(words))
    if len(found.positions) + len(found.too_few) <= MOST_ROWS:
        st.html(ranked_intervals(found, name))
    else:
        outside = {p.place.name for p in found.positions if p.standing != "inside"}
        st.html(ranked_intervals(found, name, only={name, *outside}))
        with st.expander("Every service"):
            st.html(ranked_intervals(found, name))
    show_table(
        "The table behind this picture",
        compare_rows(found, order),
        f"{name} beside other services.csv",
        [about, funnels.outside_message(found), left_out_in_words(left_out.left_out), note],
    )


def compare_reoffending(services: Sequence[str]) -> None:
    own, country = reoffending_of(name)
    if not own:
        nothing("No reoffending figure of this service is loaded.", "reoffending", "What to load, and how")
    with choices:
        labels = {series_label(one): one for one in own}
        with message:
            warn_of_unknown("figures", labels)
        shown = labels[choose("Figures", list(labels), "figures", series_label(opening_series(own)))]
        cohorts = {cohort_label(figure.cohort): figure for figure in reversed(shown.figures)}
        with message:
            warn_of_unknown("cohort", cohorts)
        rated = next((label for label, figure in cohorts.items() if figure.counts), next(iter(cohorts)))
        cohort = choose("Cohort", list(cohorts), "cohort", rated)
    figure = cohorts[cohort]
    question = (REOFFENDING, name, series_label(shown), cohort, ";".join(services))
    found = kept(
        lambda: by_reoffending(figure, all_reoffending(name), [name, *services]), "beside", *question
    )
    rates = [{"Service": area, "Rate": rate} for area, rate in found.rates]
    today = date.today()  # noqa: DTZ011 - boards and server share a country
    about = f"Children cautioned, convicted or released, {cohort}. {series_label(shown)}. {age_message(figure, today)}"
    if len(found.places) < 2:
        words = "No other service has counts for these months, so there is nothing to compare with."
        alone(words, about, found, "tables", "Load the reoffending figures of other services")
        show_rates(rates)
        return
    show(
        kept(lambda: reoffending_funnel(found, country, figure.cohort), "funnel", *question),
        found,
        about,
        "No two services have the same children: a service with more serious cases may do well and lie above.",
        question,
    )
    show_rates(rates)


def show_rates(rates: Sequence[Mapping[str, object]]) -> None:
    if rates:
        st.write(
            "Of some services the rate is known and the number of children is not. By name, because without that number "
            "nobody can say whether one rate is higher than another by more than chance."
        )
        show_table("Rates without numbers of children", rates, f"{name} rates of services.csv", [])


def compare_section_scores(services: Sequence[str]) -> None:
    frame = framework(current.inspection.inspection.framework if current.inspection else "sqs")
    scores = latest_scores(frame.id, is_illustrative(name))
    latest = {other: scores[other] for other in (name, *services) if other in scores}
    titles = {section.title: section.id for section in frame.sections}
    with choices:
        title = choose("Section", list(titles), "section", next(iter(titles)))
    question = (SECTION_SCORES, name, title, ";".join(services))
    found = kept(lambda: by_section_score(latest, titles[title]), "beside", *question)
    about = f"{title}: the latest {frame.name} of each service. {frame.unscored}"
    if len(found.places) < 2:
        only = f"Only {found.places[0].name} has" if found.places else "No service has"
        words = f"{only} a score for this section, so there is nothing to compare with."
        alone(words, about, found, "load", "Load the letters of other services")
        return
    show(
        kept(lambda: funnels.funnel(found.places, funnels.SUFFICIENT), "funnel", *question),
        found,
        about,
        "Thick lines: what the letter's words leave open; the mark is their middle. Hollow: too few cases to compare. "
        "Inspections are of different years, and each sample was drawn by the inspectors.",
        question,
    )


def compare_on_time(services: Sequence[str]) -> None:
    everything = on_time_counts(name)
    years = years_to_compare(next((count for count in everything if count.service == name), None))
    if not years:
        nothing(
            "No record of this service's reviews with a due date is loaded.",
            "reviews",
            "What to load, and how",
        )
    with choices:
        label = choose("Reviews due", list(years), "due", next(iter(years)))
    first, last = years[label]
    question = (ON_TIME, name, label, ";".join(services))
    found = by_on_time(on_time_counts(name, first, last), last, [name, *services])
    about = f"Reviews due {label}, by the due dates that each case system's extract gives."
    if len(found.places) < 2:
        words = "No other service has reviews for this period, so there is nothing to compare with."
        alone(words, about, found, "tables", "Load the reviews of other services")
        return
    show(
        kept(lambda: funnels.funnel(found.places, funnels.ON_TIME), "funnel", *question),
        found,
        about,
        "Hollow: too few reviews to compare.",
        question,
    )


current = view()
if current.service is None:
    st.title("Nothing to show yet")
    st.write("No letter and no table has been loaded yet, so there is no service to compare.")
    link("load", "Load a letter")
    st.stop()
name = current.service
st.title(f"Compare services: {plain(name)}")
message = st.container()
choices = st.container(horizontal=True)
with choices:
    what = choose("Compare", [REOFFENDING, SECTION_SCORES, ON_TIME], "compare", REOFFENDING)
    everybody = other_services(name)
    _, others = choose_services(name, {ALL: everybody}, everybody)
if not others:
    message.markdown("**No services are chosen yet.**")
    message.write(
        "Choose some below: a family of similar services, for one. The choice stands in the address."
    )
    st.stop()
if what == REOFFENDING:
    compare_reoffending(others)
elif what == SECTION_SCORES:
    compare_section_scores(others)
else:
    compare_on_time(others)
link("methods", "How services are compared")
