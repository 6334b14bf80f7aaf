"""The pages of a shared view, for people without an account: an allow-list of its own. Nothing here comes from a page
of the board, from the address or from a choice; every count of children has passed `sqs_core.disclosure`, and what the
inspectorate published stands as it was published, and says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape

import streamlit as st

from pages._parts import (
    View,
    framework_of,
    inspection_line,
    is_illustrative,
    measures_of_areas,
    plain,
    reoffending_of,
    reviews_of,
    scores_of,
    view,
)
from sqs_core.charts.matrix import matrix_html, matrix_sentence
from sqs_core.charts.range_bars import lowest_section, range_bars
from sqs_core.charts.rate_bars import Bar, bars_html
from sqs_core.charts.table import table_html
from sqs_core.disclosure import Row, largest_hidden
from sqs_core.measures import progress, shared
from sqs_core.measures.areas import actions_of_area, areas
from sqs_core.measures.messages import (
    finding_reading,
    inspection_age,
    inspection_message,
    left_out,
    reoffending_cohort,
    reoffending_message,
)
from sqs_core.measures.scores import matrix_rows, section_rows
from sqs_core.measures.words import period
from sqs_core.model import Action, StoredInspection
from sqs_core.spreadsheets import csv_text

PUBLISHED = "Read from the letter that the inspectorate published."
NO_LETTER = "No inspection letter of this service is published here."


@dataclass(frozen=True, slots=True)
class SharedPage:
    """A page that a share link may open."""

    id: str  # as a link names it, and the last part of its address
    title: str
    show: Callable[[], None]


# --- What the pages share


def _begin(title: str, *messages: str) -> None:
    """The title, the message, and what this is."""
    service = _service()
    if is_illustrative(service):
        st.warning("Illustrative data: this service and its figures are made up.", icon=":material/science:")
    st.title(f"{title}: {plain(service)}")
    for message in filter(None, messages):
        st.markdown(f"**{message}**")
    st.caption(
        f"Shared by the chair of the management board of {plain(service)}, to be read and not to be changed. Small "
        "numbers are hidden; the end of this page says why."
    )


def _service() -> str:
    """Whose view this is. Stops where it is nobody's."""
    service = view().service
    if service is None:
        st.title("Nothing to show")
        st.stop()
    return service


def _say_what_is_hidden() -> None:
    st.header("What is hidden, and why", anchor="what-is-hidden")
    st.write(
        f"Counts of children and of their reviews from 1 to {largest_hidden()} are hidden, and with them others from which "
        "they could be worked out, so that nothing can be learnt here about a single child. Hidden ones look alike, "
        "whether they are small or guard a small one. Of fewer than 30 no rate is given. The inspectorate's letters are "
        "public, and nothing of them is hidden."
    )


def _shared_reviews() -> shared.SharedReviews | None:
    current = view()
    inspection = current.inspection.id if current.inspection else None
    return _kept_reviews(current, current.snapshot.name, _service(), inspection, largest_hidden())


@st.cache_resource(max_entries=128)
def _kept_reviews(
    _view: View,
    snapshot: str,  # noqa: ARG001
    service: str,
    inspection: int | None,  # noqa: ARG001
    up_to: int,
) -> shared.SharedReviews | None:
    letter = _view.inspection.inspection.letter if _view.inspection else None
    return shared.shared_reviews(reviews_of(service), letter, up_to)


def _shared_reoffending() -> shared.SharedReoffending | None:
    return _kept_reoffending(view().snapshot.name, _service(), largest_hidden())


@st.cache_resource(max_entries=128)
def _kept_reoffending(snapshot: str, service: str, up_to: int) -> shared.SharedReoffending | None:  # noqa: ARG001
    own, country = reoffending_of(service)
    return shared.shared_reoffending(own, country, up_to)


@st.cache_resource(max_entries=128)
def _worked(
    _stored: StoredInspection,
    snapshot: str,  # noqa: ARG001
    inspection: int,  # noqa: ARG001
    today: date,  # noqa: ARG001
    up_to: int,
) -> dict[int, str]:
    """What has come of each area of an inspection, by its position."""
    reviews = reviews_of(_stored.service.name)
    return {
        position: shared.shared_worked_message(measures, _stored, reviews, up_to)
        for position, measures in measures_of_areas(_stored).items()
    }


def _show_table(title: str, rows: shared.Cells, file_name: str, notes: Sequence[str]) -> None:
    """A table of disclosed cells, or of what a letter says, and its download with the very same cells."""
    service = _service()
    if is_illustrative(service):
        notes = ["Illustrative data: made up, not real.", *notes]
    shown = [{name: _for_people(value) for name, value in row.items()} for row in rows]
    with st.expander(title):
        st.html(table_html({name: [row[name] for row in shown] for name in shown[0]}, title))
        st.download_button(
            "Download as CSV",
            csv_text(shown, notes),
            f"{service} {file_name}.csv",
            "text/csv",
            on_click="ignore",
            key=f"csv {file_name}",
        )


def _for_people(value: object) -> str:
    """A cell as it is read: shares, which are the only fractions here, in per cent."""
    return f"{value:.1%}" if isinstance(value, float) else str(value)


def _show_bars(rows: Sequence[tuple[str, Row]], heading: str) -> None:
    """Reviews on time as bars: rows with their labels."""
    bars = [
        Bar(label, row.share(), row.interval(), escape(f"{shared.row_in_words(row, 'on time', row.rate())}."))
        for label, row in rows
    ]
    st.html(bars_html(bars, heading, "On time", f"Reviews on time by {heading.lower()}"))


def _today() -> date:
    return progress.local_day(datetime.now(UTC))


def _published_line(stored: StoredInspection) -> str:
    return f"{PUBLISHED} {inspection_line(stored)}"


# --- The pages


def show_overview() -> None:
    stored = view().inspection
    if stored:
        frame, scores = framework_of(stored), scores_of(stored)
        _begin("Overview", inspection_message(scores, frame))
        st.write(inspection_age(stored.inspection.letter, _today()))
        st.html(range_bars(scores, frame))
        st.caption(f"{_published_line(stored)} {left_out(scores)} {frame.unscored} {frame.bands_note}")
    else:
        _begin("Overview", NO_LETTER)
    st.header("Reviews on time", anchor="reviews-on-time")
    first, *more = _review_messages(_shared_reviews())
    st.markdown(f"**{first}**")
    for words in more:
        st.write(words)
    if stored:
        st.header("Areas requiring improvement", anchor="areas-requiring-improvement")
        _show_areas(stored, with_actions=False)
    st.header("Reoffending", anchor="reoffending")
    first, *more = _reoffending_messages(_shared_reoffending(), stored)
    st.markdown(f"**{first}**")
    for words in more:
        st.write(words)
    _say_what_is_hidden()


def show_scores() -> None:
    stored = view().inspection
    if stored is None:
        _begin("Section scores", NO_LETTER)
        return
    frame, scores = framework_of(stored), scores_of(stored)
    notes = [f"{stored.service.name}. {inspection_line(stored)}", PUBLISHED, frame.unscored]
    _begin("Section scores", inspection_message(scores, frame))
    st.write(inspection_age(stored.inspection.letter, _today()))
    st.caption(f"{_published_line(stored)} {left_out(scores)}")
    st.header("Practice by section", anchor="practice-by-section")
    st.write(matrix_sentence(scores, frame))
    st.html(matrix_html(scores, frame, "", ""))
    st.caption(
        "Per cent of cases sufficient; each bar covers every share that the letter's words allow. "
        "▲ strength, ▼ weakness, ◆ neither clearly."
    )
    _show_table("The table behind this picture", matrix_rows(scores, frame), "matrix", notes)
    st.header("Scores by section", anchor="scores-by-section")
    st.write(lowest_section(scores, frame))
    st.html(range_bars(scores, frame))
    st.caption(f"{frame.unscored} {frame.bands_note}")
    _show_table("The sections as a table", section_rows(scores, frame), "section scores", notes)
    st.header("What the letter says", anchor="what-the-letter-says")
    rows: shared.Cells = [
        {
            "Paragraph": found.finding.paragraph or frame.section(found.finding.section).title,
            "About": frame.practice(found.finding.practice).title,
            "Words": found.finding.quote,
            "Whose words": "ours" if found.finding.paraphrased else "the letter's",
            "How it is read": finding_reading(found.finding),
        }
        for found in stored.findings
    ]
    _show_table("Every finding with its sentence", rows, "findings", notes)
    st.write("The service's own audits, of a few children's cases each, are not in a shared view.")
    _say_what_is_hidden()


def show_reviews() -> None:
    found = _shared_reviews()
    _begin("Reviews on time", *_review_messages(found))
    if found is None:
        return
    about = shared.records_message(found, _today())
    st.caption(plain(about))
    notes = [
        f"{_service()}. {about}",
        f"Counts of 1 to {largest_hidden()}, and what would give them away, are hidden.",
    ]
    st.header("Quarter by quarter", anchor="quarter-by-quarter")
    if rows := shared.period_rows(found):
        _show_bars(shared.period_groups(found), "Due in")
        st.caption(
            "The mark is the share on time, the grey bar what chance alone leaves open (95% interval). A quarter in which "
            "so few were on time, or so few were not, that they are hidden is shown together with the next."
        )
        _show_table("The quarters as a table", rows, "reviews by quarter", notes)
    st.header("By plan type", anchor="by-plan-type")
    st.write(plain(shared.plans_message(found)))
    if found.plans and found.plans_due:
        when = f"Reviews due {period(*found.plans_due)}, the last year that can be shown."
        _show_bars(shared.plan_groups(found.plans), "Plan type")
        st.caption(f"{when} What is hidden is shown added up.")
        _show_table(
            "The plan types as a table", shared.plan_rows(found), "reviews by plan type", [*notes, when]
        )
    _say_what_is_hidden()


def show_reoffending() -> None:
    found = _shared_reoffending()
    first, *more = _reoffending_messages(found, view().inspection)
    _begin("Reoffending", first)
    for words in more:
        st.write(words)
    if found:
        st.header("Cohort by cohort", anchor="cohort-by-cohort")
        bars = [
            Bar(
                one.months,
                one.row.share() if one.row else None,
                one.row.interval() if one.row else None,
                escape(shared.cohort_in_words(one)),
            )
            for one in found.cohorts
        ]
        st.html(bars_html(bars, "Cohort", "Reoffended", "Children who reoffended by cohort"))
        st.caption(
            f"{plain(found.label)}. The mark is the share who reoffended, lower is better; the grey bar is what chance "
            "alone leaves open (95% interval). Cohorts that share months with one that is shown are left out."
        )
        notes = [f"{_service()}. {found.label}."]
        _show_table("The cohorts as a table", shared.cohort_rows(found), "reoffending", notes)
    _say_what_is_hidden()


def show_areas() -> None:
    stored = view().inspection
    if stored is None:
        _begin("Areas requiring improvement", NO_LETTER)
        return
    plan = _plan(stored)
    message = progress.plan_message(plan, _today()) if plan else "There is no action plan yet."
    _begin("Areas requiring improvement", plain(message))
    st.caption(_published_line(stored))
    _show_areas(stored, with_actions=True)
    _say_what_is_hidden()


# --- Parts of pages


def _review_messages(found: shared.SharedReviews | None) -> list[str]:
    """The message first; safe to stand in Markdown."""
    if found is None:
        return ["No record of reviews is loaded, so whether they are on time is not known."]
    said = (shared.on_time_message(found), shared.change_message(found), shared.overdue_message(found))
    return [plain(words) for words in said if words]


def _reoffending_messages(
    found: shared.SharedReoffending | None, stored: StoredInspection | None
) -> list[str]:
    """The message first; safe to stand in Markdown."""
    said = list(shared.reoffending_messages(found, _today())) if found else []
    letter = stored.inspection.reoffending if stored else None
    if letter and (words := reoffending_message(letter)):
        said.append(f"The inspectorate's letter said: {words} {reoffending_cohort(letter, _today())}")
    return [plain(words) for words in said] or ["No reoffending figure of this service is loaded."]


def _plan(stored: StoredInspection) -> tuple[Action, ...]:
    versions = view().snapshot.actions(stored.service.name)
    return progress.current([v for v in versions if v.inspection in (stored.identity, None)])


def _show_areas(stored: StoredInspection, with_actions: bool) -> None:
    """Each area with what was delivered and what has come of it. Of an action its own words, its lead and its dates;
    no note, evidence, baseline or target, which people write freely."""
    today, plan = _today(), _plan(stored)
    worked = _worked(stored, view().snapshot.name, stored.id, today, largest_hidden())
    evidence = areas(stored, view().snapshot.area_links(stored))
    if not evidence:
        st.write("No area was read from this letter.")
    for area in evidence:
        actions = actions_of_area(stored, area.text, plan)
        delivered = progress.plan_message(actions, today) if actions else "No action for it is in the plan."
        with st.container(border=True):
            st.markdown(f"**{area.position}. {plain(area.text)}**")
            st.markdown(f"Delivered: {plain(delivered)}")
            st.markdown(f"Worked: {plain(worked[area.position])}")
            if with_actions and actions:
                st.html(
                    table_html(
                        {
                            "Action": [" ".join(f"{a.reference} {a.action}".split()) for a in actions],
                            "Lead": [a.lead for a in actions],
                            "Where it stands": [
                                progress.status_words(progress.status(a, today)) for a in actions
                            ],
                            "When": [progress.action_message(a, today) for a in actions],
                        },
                        f"Actions for area {area.position}",
                    )
                )


# The pages that a link may be for, in the order of the navigation. The frame registers them; there is no other way in.
SHARED_PAGES = (
    SharedPage("overview", "Overview", show_overview),
    SharedPage("scores", "Scores", show_scores),
    SharedPage("reviews", "Reviews", show_reviews),
    SharedPage("reoffending", "Reoffending", show_reoffending),
    SharedPage("areas", "Areas", show_areas),
)
