"""Whether fewer children reoffend: the latest figure, its trend, England and Wales, and the other services."""

from datetime import date

import streamlit as st

from pages._parts import (
    all_reoffending,
    choose,
    choose_services,
    kept,
    link,
    other_services,
    plain,
    reoffending_of,
    show_table,
    view,
    warn_of_unknown,
)
from sqs_core.charts import INK, PLOTLY_CONFIG
from sqs_core.charts.reoffending_over_time import reoffending_chart
from sqs_core.loaders import reoffending_template
from sqs_core.measures import funnel as funnels
from sqs_core.measures.compare import by_reoffending, reoffending_funnel
from sqs_core.measures.reoffending import (
    CHOSEN,
    ENGLAND_AND_WALES_ALONE,
    alike,
    compared,
    opening_series,
    pooled,
    pooled_series,
    region_as_published,
    series_of,
    trend,
)
from sqs_core.measures.reoffending_words import (
    age_message,
    cohort_label,
    comparison_message,
    doubts_messages,
    figure_message,
    frequency_message,
    pool_message,
    reoffending_rows,
    revision_messages,
    series_label,
    series_message,
    together_message,
    trend_message,
)
from sqs_core.measures.words import capital, uncapital
from sqs_core.services import find_service

current = view()
if current.service is None:
    st.title("Nothing to show yet")
    st.write("No letter and no reoffending figures have been loaded yet.")
    link("load", "Load a letter")
    st.stop()
name = current.service
own, country = reoffending_of(name)

st.title(f"Reoffending: {plain(name)}")
if not own:
    st.markdown("**No reoffending figure of this service is loaded, so nothing can be said about it.**")
    st.write(
        "The Ministry of Justice publishes the figures for each area about 22 months after a cohort ends. An analyst "
        "loads the table as it is published, and answers what it does not say."
    )
    st.download_button(
        "Download a table with one example row",
        reoffending_template(),
        "reoffending.csv",
        "text/csv",
        on_click="ignore",
    )
    link("tables", "Load reoffending figures")
    st.stop()

# --- The message, above the choices that it depends on
message = st.container()
everything = all_reoffending(name)
with st.container(horizontal=True):
    labels = {series_label(one): one for one in own}
    with message:
        warn_of_unknown("figures", labels)
    label = series_label(opening_series(own))
    if len(labels) > 1:
        label = choose("Figures", list(labels), "figures", label)
    shown = labels[label]
    known = set(other_services(name)) & {one.area for one in everything}
    published = region_as_published(find_service(name), everything)
    beside_what, names = choose_services(name, {ENGLAND_AND_WALES_ALONE: [], **published}, known)
together = "the services chosen" if beside_what == CHOSEN else uncapital(beside_what)
added_up = bool(names) and beside_what not in published
beside_it = [
    *country,
    *(
        pooled_series(together, names, own, everything)
        if added_up
        else series_of(names[0], everything)
        if names
        else ()
    ),
]
question = (name, label, beside_what, *names)
everybody = kept(lambda: compared(own, beside_it), "reoffending compared", name, beside_what, *names)
found = tuple(one for one in everybody if one.figure in shown.figures)
latest = found[-1]
with message:
    st.markdown(f"**{plain(figure_message(latest.figure))}**")
    today = date.today()  # noqa: DTZ011 - boards and server share a country
    st.caption(plain(age_message(latest.figure, today)))
    before = shown.previous(latest.figure)
    if before and (words := together_message(latest.figure, before)):
        st.write(plain(words))
    if latest.figure.rate is not None:  # else the first sentence has said why there is nothing to compare
        for comparison in (latest.previous, *latest.comparators):
            st.write(plain(comparison_message(comparison)))
    if added_up:
        st.caption(plain(capital(pool_message(pooled(together, names, everything, latest.figure.cohort)))))
    if words := frequency_message(latest.figure):
        st.write(plain(words))

# --- The trend
st.header("Cohort by cohort", anchor="cohort-by-cohort")
st.markdown(f"**{plain(trend_message(trend(shown)))}**")
st.write(plain(series_message(shown)))
inspected = tuple(end for s in current.inspections if (end := s.inspection.letter.fieldwork_end))
alike_beside = tuple(one for one in beside_it if alike(one, shown))
chart = reoffending_chart(shown, found, alike_beside, inspected, INK[st.context.theme.type or "light"])
if chart is None:
    st.write("No cohort of these has a rate.")
else:
    st.plotly_chart(chart.figure, key="cohorts", alt=chart.alt, config=PLOTLY_CONFIG)
    st.caption(plain(chart.sentence))
notes = [f"{name}. Reoffending, {label}. Rates of under 30 children are not given."]
rows = reoffending_rows(found)
show_table(
    "The table behind this picture",
    rows,
    f"{name} reoffending.csv",
    notes,
    columns=[column for column in rows[0] if not column.startswith(("Reoffences", "Source"))],
)
revisions = [line for one in found for line in revision_messages(one.figure)]
if revisions:
    with st.expander("Figures that were published again"):
        for line in revisions:
            st.write(plain(line))
doubts = [
    f"{cohort_label(one.figure.cohort)}: {line}" for one in found for line in doubts_messages(one.figure)
]
if doubts:
    with st.expander("Figures that an analyst should look at"):
        for line in doubts:
            st.write(plain(line))

# --- Other services
st.header("Beside other services", anchor="beside-other-services")
others = kept(lambda: by_reoffending(latest.figure, everything, {name, *known}), "latest of all", *question)
here = any(place.name == name for place in others.places)
if len(others.places) < 2:
    st.write("No other service has counts for these months here, so there is nothing to compare with.")
else:
    funnel = kept(
        lambda: reoffending_funnel(others, country, latest.figure.cohort), "latest in a funnel", *question
    )
    if here:
        st.write(plain(funnels.own_message(funnel, name)))
    else:
        st.write(
            plain(f"{name} cannot be placed among them: how many of its children reoffended is not known.")
        )
    st.write(plain(funnels.outside_message(funnel)))
link(
    "compare",
    "Services in a funnel, and each with its interval",
    compare="Reoffending",
    figures=label,
    cohort=cohort_label(latest.figure.cohort),
    **({"beside": beside_what} if added_up else {}),
    **({"family": ";".join(names)} if beside_what == CHOSEN else {}),
)
link("methods", "How reoffending is read and compared")
