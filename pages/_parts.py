"""What the pages share: the view they were opened on, what is kept between runs, repeated elements."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar, cast
from urllib.parse import urlencode

import streamlit as st

from pages._visitor import link_of_this_visit, not_for_this_role, scope, store, whole_store
from sqs_core.access import Right, Scope, ScopedSnapshot
from sqs_core.charts import DIRECTION_SYMBOL, DIRECTION_WORD, INK, PLOTLY_CONFIG, Chart
from sqs_core.charts.scores_over_time import scores_over_time_chart
from sqs_core.charts.table import table_html
from sqs_core.frameworks import Framework, framework
from sqs_core.measures.areas import AreaEvidence, areas
from sqs_core.measures.messages import finding_reading
from sqs_core.measures.reoffending import (
    CHOSEN,
    ENGLAND_AND_WALES,
    Series,
    area_key,
    comparators,
    of_letter,
    series,
    series_of,
)
from sqs_core.measures.scores import Scores, audit_scores, inspection_scores, square_label
from sqs_core.measures.timing import DueDates, Mode, due_dates
from sqs_core.measures.words import capital, day, number, uncapital
from sqs_core.measures.worked import Measure, measures_of
from sqs_core.model import Action, OnTimeCount, Review, Service, StoredFinding, StoredInspection
from sqs_core.services import find_service
from sqs_core.spreadsheets import csv_text

HERE = Path(__file__).parent

# What a page looks at: an inspection of a service, which has to be chosen; a service, where one is; nothing.
LooksAt = Literal["inspection", "service", "nothing"]


@dataclass(frozen=True, slots=True)
class View:
    """What this run of a page looks at. `service` is None while none is published or chosen."""

    snapshot: ScopedSnapshot
    service: str | None
    inspections: tuple[StoredInspection, ...]  # published, newest first
    inspection: StoredInspection | None  # the newest, or the one picked
    address: dict[str, str]  # what a link must carry to open on the same


@st.cache_resource(max_entries=512)
def _scores(_stored: StoredInspection, snapshot: str, inspection: int) -> Scores:  # noqa: ARG001
    return inspection_scores(_stored)


@st.cache_resource(max_entries=512)
def _audits(_snapshot: ScopedSnapshot, snapshot: str, service: str) -> tuple[Scores, ...]:  # noqa: ARG001
    return audit_scores(_snapshot.audits(service))


@st.cache_resource(max_entries=256)
def _scores_over_time(_stored: StoredInspection, snapshot: str, inspection: int, ink: str) -> Chart:  # noqa: ARG001
    everything = [scores_of(_stored), *scores_beside(_stored)]
    return scores_over_time_chart(everything, framework_of(_stored), ink)


@st.cache_resource(max_entries=192)  # every service there is, and a few counted in the other way
def _due_dates(_snapshot: ScopedSnapshot, snapshot: str, service: str, mode: Mode) -> DueDates:  # noqa: ARG001
    return due_dates(_snapshot.reviews(service), mode)


@st.cache_resource(max_entries=64)
def _all_series(
    _snapshot: ScopedSnapshot,
    snapshot: str,  # noqa: ARG001
    seen: tuple[str, ...] | None,  # noqa: ARG001 - what is kept for one scope is not shown to another
    illustrative: bool,
) -> tuple[Series, ...]:
    return series(_snapshot.cohorts(illustrative))


@st.cache_resource(max_entries=64)
def _on_time_counts(
    _snapshot: ScopedSnapshot,
    snapshot: str,  # noqa: ARG001
    seen: tuple[str, ...] | None,  # noqa: ARG001
    first: date,
    last: date,
    illustrative: bool,
) -> list[OnTimeCount]:
    return _snapshot.on_time_counts(first, last, illustrative)


@st.cache_resource(max_entries=8_192)
def _kept(
    _make: Callable[[], object],
    snapshot: str,  # noqa: ARG001
    seen: tuple[str, ...] | None,  # noqa: ARG001 - what is kept for one scope is not shown to another
    about: tuple[object, ...],  # noqa: ARG001
) -> object:
    return _make()


T = TypeVar("T")


def kept(make: Callable[[], T], *about: object) -> T:
    """What a page works out, kept until the store moves: people look at the same services, and a rerun is for a click
    elsewhere on the page. `about`: what is worked out, and all that it depends on but the store and who looks."""
    snapshot = view().snapshot
    return cast("T", _kept(make, snapshot.name, snapshot.key, about))


@st.cache_resource(max_entries=1)
def _forget_what_was_kept_before(snapshot: str) -> None:  # noqa: ARG001
    """Nobody asks again for what was kept of an earlier state of the store, and the reviews of a whole country are large."""
    for keep in (
        _scores,
        _audits,
        _scores_over_time,
        _due_dates,
        _all_series,
        _on_time_counts,
        _kept,
        _measures,
    ):
        keep.clear()


def begin_view(page: str, looks_at: LooksAt) -> None:
    """Pick what the page looks at, and keep the view for it. Only the frame calls this: a picker that each page drew for
    itself would lose its choice on the way to the next."""
    st.session_state.pop("view", None)
    about_a_service = looks_at == "inspection"
    store().create()  # a first start has none yet: the pages then say how to load a letter
    snapshot = store().read()
    _forget_what_was_kept_before(snapshot.name)
    if looks_at == "nothing":
        st.session_state["view"] = View(snapshot, None, (), None, {})
        return
    own = {service_label(service): service for service in snapshot.services()}
    others = {service.name: service for service in snapshot.services_with_figures_alone}
    services = {**own, **others}
    columns = st.columns([3, 2])
    with columns[0]:
        label = _choose_service(services, list(own), about_a_service) if services else None
    if label is None:
        st.session_state["view"] = View(snapshot, None, (), None, {})
        return
    service = services[label]
    st.set_page_config(page_title=f"{page}: {service.name}")
    inspections = tuple(snapshot.inspections(service.name))
    labels = inspection_labels(inspections)
    address, inspection = {"service": label}, next(iter(inspections), None)
    asked = st.query_params.get("inspection")
    if about_a_service and len(labels) > 1:
        with columns[1]:
            chosen = choose("Inspection", list(labels), "inspection", next(iter(labels)))
        address, inspection = {**address, "inspection": chosen}, labels[chosen]
    if about_a_service and asked and asked not in labels:
        st.warning(f"There is no inspection “{plain(asked)}” of this service here. This is the newest.")
    st.session_state["view"] = View(snapshot, service.name, inspections, inspection, address)
    if about_a_service and (service.illustrative or (inspection and inspection.source.illustrative)):
        st.warning(
            "Illustrative data: this service and its letters are made up to show what the pages do. "
            "They can be removed under Load data.",
            icon=":material/science:",
        )


def begin_shared_view(page: str) -> None:
    """The view of a share link: its service, its newest inspection, and nothing that an address could choose."""
    link = link_of_this_visit()
    assert link is not None
    snapshot = ScopedSnapshot(whole_store().read(), Scope(f"link {link.id}", link=link))
    _forget_what_was_kept_before(snapshot.name)
    service = link.service
    inspections = tuple(snapshot.inspections(service))
    st.session_state["view"] = View(snapshot, service, inspections, next(iter(inspections), None), {})
    st.set_page_config(page_title=f"{page}: {service}")


def require(right: Right) -> None:
    """A page that is for some roles alone begins with this."""
    if not scope().may(right):
        not_for_this_role()
        st.stop()


def who() -> str:
    """Whose name goes with what is changed: whoever signed in, else what they say."""
    if scope().who:
        st.caption(f"What you change is recorded as {plain(scope().who)}.")
        return scope().who
    return st.text_input(
        "Your name or role",
        key="by",
        persist_state="session",
        max_chars=80,
        help="What is loaded, corrected and changed is recorded with it.",
    ).strip()


def service_label(service: Service) -> str:
    """A service as pickers and addresses name it."""
    return f"{service.name} (illustrative)" if service.illustrative else service.name


def _choose_service(services: Mapping[str, Service], own: Sequence[str], needed: bool) -> str | None:
    """The picker. An address may leave out the picker's mark; one that names no service here shows none, and where
    there are several and the address names none, a page does not guess: `own` are those with more than reoffending
    figures, which come in a table of all services."""
    asked, kept = st.query_params.get("service"), st.session_state.get("kept_service")
    if asked and asked not in services:
        folded = {service.name.casefold(): label for label, service in services.items()}
        asked = folded.get(asked.casefold(), asked)
    real = [label for label in own if not services[label].illustrative] or list(own)
    about_another = any(name in st.query_params for name in ("inspection", "finding", "findings"))
    first = kept if kept in services else real[0] if len(real) == 1 and not about_another else None
    if asked in services or (not asked and first):
        return choose("Service", list(services), "service", first or next(iter(services)), asked)
    chosen = st.selectbox(
        "Service", list(services), index=None, key="service", on_change=_into_address, args=("service",)
    )
    if chosen is None and needed:
        st.title("Choose a service")
        if asked:
            st.warning(f"Nothing is published here for “{plain(asked)}”.")
        st.write("Choose one above, or load its letter.")
        st.session_state["view"] = View(store().read(), None, (), None, {})
        link("load", "Load a letter")
        st.stop()
    return chosen


def choose(label: str, options: Sequence[str], key: str, first: str, asked: str | None = None) -> str:
    """A picker whose choice stands in the address and comes from it, so that a link keeps its meaning and the
    browser's Back goes back. Where the address says nothing, the choice before holds, else `first`.

    The address is written here and not by Streamlit's own binding: with that, links that name a choice repeat it
    on each click, and links that do not name it open on another in a new tab.
    """
    said = st.query_params.get(key)
    asked = asked or said
    wanted = asked if asked is not None else st.session_state.get(f"kept_{key}")
    chosen = next((option for option in options if option == wanted), first)
    if st.session_state.get(key) != chosen:
        st.session_state[key] = chosen
    st.selectbox(label, options, key=key, on_change=_into_address, args=(key,))
    if said != chosen:
        st.query_params[key] = chosen
    st.session_state[f"kept_{key}"] = chosen
    return chosen


# What a choice leaves without meaning: a finding belongs to one letter; an inspection, teams and the like to one
# service, though where the next has them too, they hold.
_BELONGS_TO = {
    "service": (
        "inspection",
        "findings",
        "finding",
        "period",
        "plan",
        "trigger",
        "order",
        "team",
        "figures",
        "cohort",
        "due",
        "area",
        "since",
        "on",
        "beside",
        "family",
    ),
    "inspection": ("finding", "area"),
}


def _into_address(key: str) -> None:
    st.query_params[key] = st.session_state[key]
    for other in _BELONGS_TO.get(key, ()):
        st.query_params.pop(other, None)
    if key == "service":  # those that are like one service are not like the next
        st.session_state.pop("kept_family", None)


def warn_of_unknown(key: str, options: Collection[str]) -> None:
    """A link may name what is not here: say so, rather than show something else as if it were that."""
    asked = st.query_params.get(key)
    if asked and asked not in options:
        st.warning(f"The link asks for “{plain(asked)}”, which is not here. It is left out.")


def view() -> View:
    """The view of this run. A page that is reached around the frame stops here."""
    found: View | None = st.session_state.get("view")
    if found is None:
        st.error("Open this page from the dashboard's front page.")
        st.stop()
    return found


def chosen_inspection() -> StoredInspection:
    """The inspection that the page is about. Stops, and says what to do, if there is none."""
    current = view()
    if current.inspection is None:
        st.title("Nothing to show yet")
        if current.service:
            st.write("No inspection letter of this service is published.")
        else:
            drafts = len(current.snapshot.drafts())
            waiting = f" {capital(number(drafts))} waiting to be checked and published." if drafts else ""
            st.write(f"No inspection letter has been published yet.{waiting}")
        link("load", "Load a letter" if not current.snapshot.drafts() else "Check and publish")
        st.stop()
    return current.inspection


def scores_of(stored: StoredInspection) -> Scores:
    return _scores(stored, view().snapshot.name, stored.id)


def scores_over_time_of(stored: StoredInspection) -> Chart:
    return _scores_over_time(stored, view().snapshot.name, stored.id, INK[st.context.theme.type or "light"])


def scores_beside(stored: StoredInspection) -> list[Scores]:
    """Every other inspection and local audit of the same service and framework, latest first."""
    current = view()
    others = [
        scores_of(other)
        for other in current.inspections
        if other.id != stored.id and other.inspection.framework == stored.inspection.framework
    ]
    current.snapshot.scope.require(
        "see", stored.service.name
    )  # what is kept was read for somebody else, perhaps
    audits = _audits(current.snapshot, current.snapshot.name, stored.service.name)
    return sorted([*others, *audits], key=lambda s: s.judged_on or date.min, reverse=True)


def areas_of(stored: StoredInspection) -> tuple[AreaEvidence, ...]:
    """Each area requiring improvement of an inspection, with what lies behind it."""
    return kept(lambda: tuple(areas(stored, view().snapshot.area_links(stored))), "areas", stored.id)


def actions_of_service(service: str) -> tuple[Action, ...]:
    """Every version of every action in the plans of a service."""
    return kept(lambda: view().snapshot.actions(service), "actions", service)


def is_illustrative(service: str) -> bool:
    known = view().snapshot.service(service)
    return bool(known and known.illustrative)


def other_services(name: str) -> list[str]:
    """The names of all other services that there are, real or made up as this one is."""
    made_up = is_illustrative(name)
    return [s.name for s in view().snapshot.all_services() if s.illustrative == made_up and s.name != name]


def all_reoffending(service: str) -> tuple[Series, ...]:
    """The reoffending of every area in the tables that are loaded: real ones, or made-up ones for a made-up service."""
    snapshot = view().snapshot
    return _all_series(snapshot, snapshot.name, snapshot.key, is_illustrative(service))


def reoffending_of(service: str) -> tuple[tuple[Series, ...], tuple[Series, ...]]:
    """The reoffending of a service, and of England and Wales, by the tables and by its inspection letters."""
    return kept(lambda: _reoffending_of(service), "reoffending", service)


def _reoffending_of(service: str) -> tuple[tuple[Series, ...], tuple[Series, ...]]:
    names = {area_key(service), area_key(ENGLAND_AND_WALES)}
    told = view().snapshot.cohorts(is_illustrative(service))
    cohorts = [cohort for cohort in told if area_key(cohort.area) in names]
    cohorts += [cohort for stored in view().inspections for cohort in of_letter(stored)]
    everything = series(cohorts)
    return series_of(service, everything), series_of(ENGLAND_AND_WALES, everything)


def on_time_counts(service: str, first: date = date.min, last: date = date.max) -> list[OnTimeCount]:
    """How many reviews due in a period each service did on time, by the due dates of the extracts: real services, or
    made-up ones for a made-up service."""
    snapshot = view().snapshot
    return _on_time_counts(snapshot, snapshot.name, snapshot.key, first, last, is_illustrative(service))


def latest_scores(framework_id: str, illustrative: bool) -> dict[str, Scores]:
    """The scores of each service's latest inspection of this kind."""
    latest: dict[str, Scores] = {}
    for stored in view().snapshot.published_inspections():  # newest first
        if stored.inspection.framework == framework_id and stored.service.illustrative == illustrative:
            latest.setdefault(stored.service.name, scores_of(stored))
    return latest


def choose_services(
    name: str, first: Mapping[str, Sequence[str]], known: Collection[str]
) -> tuple[str, list[str]]:
    """Which other services to look at: those of `first`, of the region or the police area, or those that the reader
    picks among the `known` ones, which the address keeps."""
    snapshot = view().snapshot
    service = snapshot.service(name) or find_service(name)
    others = comparators(service, snapshot.all_services()) if service else {}
    choices: dict[str, Sequence[str]] = {**first, **others, CHOSEN: ()}
    label = choose("Compared with", list(choices), "beside", next(iter(first)))
    if label != CHOSEN:
        return label, list(choices[label])
    options = sorted(other for other in known if other != name)
    said = st.query_params.get("family")
    wanted = said if said is not None else str(st.session_state.get("kept_family", ""))
    chosen = [one for one in wanted.split(";") if one in options]
    if st.session_state.get("family") != chosen:
        st.session_state["family"] = chosen
    st.multiselect(
        "Services to compare with, such as its family of similar services",
        options,
        key="family",
        placeholder="Choose services",
        on_change=_family_into_address,
    )
    family = ";".join(chosen)
    if said != family:
        st.query_params["family"] = family
    st.session_state["kept_family"] = family
    return label, chosen


def _family_into_address() -> None:
    st.query_params["family"] = ";".join(st.session_state["family"])


@st.cache_resource(max_entries=256)
def _measures(
    _stored: StoredInspection,
    snapshot: str,  # noqa: ARG001
    inspection: int,  # noqa: ARG001
    today: date,
) -> dict[int, tuple[Measure, ...]]:
    audits = [scores for scores in scores_beside(_stored) if scores.is_audit]
    evidence = areas_of(_stored)
    return {
        area.position: measures_of(
            area, _stored, scores_of(_stored), audits, reviews_of(_stored.service.name), today=today
        )
        for area in evidence
    }


def measures_of_areas(stored: StoredInspection) -> dict[int, tuple[Measure, ...]]:
    """The live measures that speak to each area of an inspection, by the area's position."""
    today = date.today()  # noqa: DTZ011 - boards and server share a country
    return _measures(stored, view().snapshot.name, stored.id, today)


def due_dates_of(service: str, mode: Mode = "from_last_review") -> DueDates:
    """The reviews in force of a service, with the due dates that the extract or a rule gives them."""
    snapshot = view().snapshot
    snapshot.scope.require("see", service)  # what is kept was read for somebody else, perhaps
    return _due_dates(snapshot, snapshot.name, service, mode)


def reviews_of(service: str) -> Sequence[Review]:
    return due_dates_of(service).reviews


def framework_of(stored: StoredInspection) -> Framework:
    return framework(stored.inspection.framework)


def inspection_labels(inspections: Sequence[StoredInspection]) -> dict[str, StoredInspection]:
    """Inspections as pickers and addresses name them: by month, by day where a month has two."""
    months = Counter(inspection_label(stored) for stored in inspections)
    labels: dict[str, StoredInspection] = {}
    for stored in inspections:
        label = inspection_label(stored)
        when = stored.inspection.letter.fieldwork_end or stored.inspection.letter.published_on
        if months[label] > 1 and when:
            label = day(when)
        labels[label if label not in labels else f"{label}, source {stored.id}"] = stored
    return labels


def inspection_label(stored: StoredInspection) -> str:
    letter = stored.inspection.letter
    when = letter.fieldwork_end or letter.published_on
    return f"{when:%B %Y}" if when else f"undated, {stored.source.file_name}"


def inspection_line(stored: StoredInspection) -> str:
    """Which inspection, when, of how many cases: what stands under a page's title and with every download."""
    frame, letter = framework_of(stored), stored.inspection.letter
    parts = [f"{frame.name} by {frame.inspectorate}"]
    if letter.fieldwork_start and letter.fieldwork_end:
        days = dict.fromkeys((day(letter.fieldwork_start), day(letter.fieldwork_end)))
        parts.append(f"fieldwork {' to '.join(days)}")
    parts.append(
        f"letter of {day(letter.published_on)}" if letter.published_on else "date of letter not read"
    )
    parts.append(f"{letter.case_count} cases examined" if letter.case_count else "number of cases not read")
    made_up = "Illustrative, made up: " if stored.source.illustrative else ""
    return f"{made_up}{', '.join(parts)}."


def link(page: str, label: str, **query: str) -> None:
    """A link to another page that opens on the same service and inspection, or on what `query` names instead. Who may
    not open it is told whose it is."""
    if page in ("load", "tables") and not scope().may("load"):
        st.caption(f"For the service's analyst: {uncapital(plain(label))}.")
        return
    st.page_link(
        HERE / f"{page}.py",
        label=label,
        query_params={**view().address, **query},
        icon=":material/arrow_forward:",
    )


def turn_to(label: str, key: str, **query: str | None) -> None:
    """A way within the page that is open: another area, another inspection. A page link to one's own page leaves the
    address as it was, and the next click leads back. None: without it."""
    st.button(
        label,
        key=f"turn {key}",
        on_click=_turn,
        args=(query,),
        type="tertiary",
        icon=":material/arrow_forward:",
    )


def _turn(query: Mapping[str, str | None]) -> None:
    wanted = {**st.query_params.to_dict(), **query}
    st.query_params.from_dict({name: value for name, value in wanted.items() if value is not None})


def address_of(page: str, name: str) -> str:
    """The same as an address for links in HTML; the value of `name` is to be put at its end."""
    return f"{page}?{urlencode(view().address)}&{name}="


def link_to_letter(found: StoredFinding) -> None:
    """To the sentence of a finding, in its place in the letter."""
    label = "Read it in the letter" if not found.finding.paraphrased else "See it in its place"
    link("letter", label, finding=str(found.number))


def link_to_findings(stored: StoredInspection, found: StoredFinding) -> None:
    """Back to the findings that stand in the same square of the matrix."""
    square = square_label(framework_of(stored), found.finding.section, found.finding.practice)
    link("scores", f"All findings on {square}", findings=square)


def show_chart(chart: Chart, key: str) -> None:
    """The sentence first, then the picture that says the same."""
    st.write(chart.sentence)
    st.plotly_chart(chart.figure, key=key, alt=chart.alt, config=PLOTLY_CONFIG)


def show_table(
    title: str,
    rows: Sequence[Mapping[str, object]],
    file_name: str,
    notes: Iterable[str],
    columns: Sequence[str] = (),
) -> None:
    """The numbers behind a picture, and their download, which carries its own notes and every column. `columns`:
    those that fit a screen; without, all."""
    service = view().service
    if service and is_illustrative(service):
        notes = ["Illustrative data: made up, not real.", *notes]
    with st.expander(title):
        shown = columns or list(rows[0] if rows else ())
        st.html(table_html({column: [_for_people(row[column]) for row in rows] for column in shown}, title))
        st.download_button(
            "Download as CSV",
            csv_text(rows, notes),
            file_name,
            media_type("text/csv"),
            on_click="ignore",
            key=f"csv_{file_name}",
        )


def media_type(of: str) -> str:
    """The type of a download, with a mark of this session. Streamlit names a file by its content, name and type, so that
    without the mark whoever guesses a small table could ask the server whether the guess is right."""
    mark = st.session_state.setdefault("download_mark", secrets.token_hex(16))
    return f"{of}; session={mark}"


def _for_people(value: object) -> str:
    """A cell on screen: shares, which are the only fractions in our tables, in per cent. Whole per cents would need
    to be rounded outwards, and a table is for those who want the figure itself."""
    return f"{value:.1%}" if isinstance(value, float) else str(value)


def show_finding(stored: StoredInspection, found: StoredFinding) -> None:
    """One finding: where it stands, its words, what they were read as, what is doubtful or corrected."""
    finding, frame = found.finding, framework_of(stored)
    where = f"Paragraph {finding.paragraph}" if finding.paragraph else frame.section(finding.section).title
    with st.container(border=True):
        st.markdown(
            f"**{where}: {frame.practice(finding.practice).noun}, "
            f"{DIRECTION_SYMBOL[finding.direction]} {DIRECTION_WORD[finding.direction]}**"
        )
        st.text(f"In our words: {finding.quote}" if finding.paraphrased else f"“{finding.quote}”")
        st.write(plain(finding_reading(finding)))
        if finding.doubt:
            st.markdown(f":material/help: Doubtful: {plain(finding.doubt)}")
        for correction in found.corrections:
            before, after = correction.before, correction.after
            if correction.field == "practice":
                before, after = frame.practice(before).title, frame.practice(after).title
            what = f"{correction.field} from {plain(before)} to {plain(after)}"
            if correction.field == "doubt":
                what = f"looked at, and right as it was read. It was doubtful: {plain(before)}"
            st.caption(
                f"Corrected by {plain(correction.corrected_by)} on {day(correction.corrected_at.date())}: {what}"
                f"{'. ' + plain(correction.reason) if correction.reason else ''}"
            )


def plain(text: str) -> str:
    """Text that people typed or letters hold, safe to stand in Markdown: shown as it is, never run or made a link."""
    # An invisible character breaks addresses of pages and of people.
    text = re.sub(r"https?(?=:)|www(?=\.)|@", "\\g<0>\u2060", text, flags=re.I)
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])", r"\\\1", text)
