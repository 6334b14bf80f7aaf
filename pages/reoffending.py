"""Whether fewer children reoffend: the latest figure, its trend, England and Wales, and the other services."""

from datetime import date

import streamlit as st

from pages._parts import choose, link, plain, show_table, view
from sqs_core.charts import INK, PLOTLY_CONFIG
from sqs_core.charts.funnel import funnel_chart, ranked_intervals
from sqs_core.charts.reoffending_over_time import reoffending_chart
from sqs_core.loaders import reoffending_template
from sqs_core.measures import funnel as funnels
from sqs_core.measures.reoffending import (
    CHOSEN,
    ENGLAND_AND_WALES,
    ENGLAND_AND_WALES_ALONE,
    age_message,
    alike,
    comparators,
    compared,
    comparison_message,
    figure_message,
    frequency_message,
    of_letter,
    places_beside,
    pool_message,
    pooled,
    pooled_series,
    reoffending_rows,
    revision_messages,
    series,
    series_label,
    series_message,
    series_of,
    together_message,
)
from sqs_core.measures.words import capital, uncapital

current = view()
if current.service is None:
    st.title("Nothing to show yet")
    st.write("No letter and no reoffending figures have been loaded yet.")
    link("load", "Load a letter")
    st.stop()
name = current.service
letters = [cohort for stored in current.inspections for cohort in of_letter(stored)]
service = current.snapshot.service(name)
everything = series([*current.snapshot.cohorts(bool(service and service.illustrative)), *letters])
own = series_of(name, everything)

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

# --- The message, above the choice that it depends on
message = st.container()
labels = {series_label(one): one for one in sorted(own, key=lambda s: s.figures[-1].cohort.end, reverse=True)}
label = (
    choose("Figures", list(labels), "figures", next(iter(labels))) if len(labels) > 1 else next(iter(labels))
)
shown = labels[label]
others = current.snapshot.all_services()
choices = {ENGLAND_AND_WALES_ALONE: [], **(comparators(service, others) if service else {}), CHOSEN: []}
beside_what = choose("Compared with", list(choices), "beside", ENGLAND_AND_WALES_ALONE)
names = choices[beside_what]
if beside_what == CHOSEN:
    known = sorted(s.name for s in others if s.name != name and series_of(s.name, everything))
    asked = [one for one in st.query_params.get("family", "").split(";") if one in known]
    names = st.multiselect("Services to add up", known, default=asked, key="family_of_services")
    st.query_params["family"] = ";".join(names)
together = "the services chosen" if beside_what == CHOSEN else uncapital(beside_what)
pools = pooled_series(together, names, own, everything) if names else ()
beside_it = [*series_of(ENGLAND_AND_WALES, everything), *pools]
family = compared(own, beside_it)
found = [one for one in family if one.figure in shown.figures]
latest = found[-1]
with message:
    st.markdown(f"**{plain(figure_message(latest.figure))}**")
    today = date.today()  # noqa: DTZ011 - boards and server share a country
    st.caption(plain(age_message(latest.figure, today)))
    before = shown.previous(latest.figure)
    if before and (words := together_message(latest.figure, before)):
        st.write(plain(words))
    for comparison in (latest.previous, *latest.comparators):
        st.write(plain(comparison_message(comparison)))
    if names:
        st.caption(plain(capital(pool_message(pooled(together, names, everything, latest.figure.cohort)))))
    if words := frequency_message(latest.figure):
        st.write(plain(words))

# --- The trend
st.header("Cohort by cohort", anchor="cohort-by-cohort")
st.write(plain(series_message(shown)))
inspected = [
    s.inspection.letter.fieldwork_end for s in current.inspections if s.inspection.letter.fieldwork_end
]
beside = [one for one in beside_it if alike(one, shown)]
chart = reoffending_chart(shown, found, beside, inspected, INK[st.context.theme.type or "light"])
if chart is None:
    st.write("No cohort of these has a rate.")
else:
    st.plotly_chart(chart.figure, key="cohorts", alt=chart.alt, config=PLOTLY_CONFIG)
    st.caption(
        "A line is as long as its cohort: the months in which the children were cautioned, convicted or released. The "
        "band is what chance alone leaves open (95% interval), where the number of children is known. Dotted: England "
        "and Wales; dashed: what else it is compared with. Diamonds: when a figure was published."
    )
notes = [f"{name}. Reoffending, {series_label(shown)}. Rates of under 30 children are not given."]
show_table("The table behind this picture", reoffending_rows(found), f"{name} reoffending.csv", notes)
revisions = [line for one in found for line in revision_messages(one.figure)]
if revisions:
    with st.expander("Figures that were published again"):
        for line in revisions:
            st.write(plain(line))

# --- Other services
st.header("Beside other services", anchor="beside-other-services")
places = places_beside(latest.figure, everything)
picture = None
if len(places) > 1:
    compared_places = funnels.funnel(places, funnels.REOFFENDING)
    picture = funnel_chart(compared_places, INK[st.context.theme.type or "light"], name)
if picture is None:
    st.write("No other service has counts for these months here, so there is nothing to compare with.")
else:
    st.write(plain(funnels.own_message(compared_places, name)))
    st.write(plain(funnels.outside_message(compared_places)))
    st.plotly_chart(picture.figure, key="funnel", alt=picture.alt, config=PLOTLY_CONFIG)
    st.caption(plain(funnels.limits_note(compared_places)))
    with st.expander("Every service with its interval"):
        st.html(ranked_intervals(compared_places, name))
link("methods", "How reoffending is read and compared")
