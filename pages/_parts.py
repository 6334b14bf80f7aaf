"""What the pages share: the view they were opened on, what is kept between runs, repeated elements."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import streamlit as st

from sqs_core.charts import DIRECTION_SYMBOL, DIRECTION_WORD, INK, PLOTLY_CONFIG, Chart
from sqs_core.charts.matrix import matrix_chart
from sqs_core.charts.section_scores import scores_over_time_chart, section_scores_chart
from sqs_core.errors import BadInputError, RefusedError
from sqs_core.frameworks import Framework, framework
from sqs_core.measures.messages import finding_reading
from sqs_core.measures.scores import Scores, audit_scores, inspection_scores
from sqs_core.measures.words import day
from sqs_core.model import StoredFinding, StoredInspection
from sqs_core.store import Snapshot, Store

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class View:
    """What this run of a page looks at. `service` is None while nothing is published."""

    snapshot: Snapshot
    service: str | None
    inspections: tuple[StoredInspection, ...]  # published, newest first


@st.cache_resource
def store() -> Store:
    """The store this dashboard shows (SQS_STORE, or the folder `store`)."""
    return Store.from_address(None)


@st.cache_resource(max_entries=512)
def _scores(_stored: StoredInspection, snapshot: str, inspection: int) -> Scores:  # noqa: ARG001
    return inspection_scores(_stored)


@st.cache_resource(max_entries=256)
def _matrix(_stored: StoredInspection, snapshot: str, inspection: int, ink: str) -> Chart:  # noqa: ARG001
    return matrix_chart(scores_of(_stored), framework_of(_stored), ink)


@st.cache_resource(max_entries=256)
def _section_scores(_stored: StoredInspection, snapshot: str, inspection: int, ink: str) -> Chart:  # noqa: ARG001
    return section_scores_chart(scores_of(_stored), framework_of(_stored), ink)


@st.cache_resource(max_entries=256)
def _scores_over_time(_stored: StoredInspection, snapshot: str, inspection: int, ink: str) -> Chart:  # noqa: ARG001
    everything = [scores_of(_stored), *scores_beside(_stored)]
    return scores_over_time_chart(everything, framework_of(_stored), ink)


def begin_view() -> None:
    """Pick the service and keep the view for the page. Only the frame calls this."""
    st.session_state.pop("view", None)
    try:
        store().create()  # a first start has none yet: the pages then say how to load a letter
        snapshot = store().read()
    except (BadInputError, RefusedError) as error:
        st.error(str(error), icon=":material/error:")
        st.stop()
    services = {
        f"{service.name} (illustrative)" if service.illustrative else service.name: service.name
        for service in snapshot.services()
    }
    if not services:
        st.session_state["view"] = View(snapshot, None, ())
        return
    label = _choose_service(services)
    name = services[label]
    st.session_state["view"] = View(snapshot, name, tuple(snapshot.inspections(name)))
    if label != name:
        st.warning(
            "Illustrative data: this service and its letters are made up to show what the pages do. "
            "They can be removed under Load data.",
            icon=":material/science:",
        )


def _choose_service(services: Mapping[str, str]) -> str:
    """The picker. An address may leave out the picker's mark; one that names no service here shows none."""
    asked = st.query_params.get("service")
    if asked is not None and asked not in services:
        folded = {name.casefold(): label for label, name in services.items()}
        if label := folded.get(asked.casefold()):
            st.query_params["service"] = label
            st.rerun()
        elif "service" not in st.session_state:
            st.warning(
                f"Nothing is published here for “{asked}”. Choose another service, or load its letter."
            )
            label = st.selectbox("Service", list(services), index=None, key="service", bind="query-params")
            if label is None:
                link("load", "Load a letter")
                st.stop()
            return label
    return choose("Service", list(services), "service", next(iter(services)))


def choose(label: str, options: Sequence[str], key: str, first: str) -> str:
    """A picker whose choice always stands in the address, so that a shared link keeps its meaning."""
    if st.session_state.get(key) not in options and st.query_params.get(key) not in options:
        # Streamlit shows a picker's first value in the address only if both are set before it is first drawn.
        if key not in st.session_state and key not in st.query_params:
            st.query_params[key] = first
        st.session_state[key] = first
    # index=None: a picker leaves its default out of the address, so it must have none.
    chosen: str | None = st.selectbox(label, options, index=None, key=key, bind="query-params", required=True)
    return chosen if chosen is not None else first


def view() -> View:
    """The view of this run. A page that is reached around the frame stops here."""
    found = st.session_state.get("view")
    if found is None:
        st.error("Open this page from the dashboard's front page.")
        st.stop()
    return found


def chosen_inspection() -> StoredInspection:
    """The inspection that the page is about: the newest, or the one picked. Stops if there is none."""
    inspections = view().inspections
    if not inspections:
        st.title("Nothing to show yet")
        st.write("No inspection letter is published for this service.")
        link("load", "Load a letter")
        st.stop()
    if len(inspections) == 1:
        return inspections[0]
    labels = {inspection_label(stored): stored for stored in inspections}
    return labels[choose("Inspection", list(labels), "inspection", next(iter(labels)))]


def scores_of(stored: StoredInspection) -> Scores:
    return _scores(stored, view().snapshot.name, stored.id)


def matrix_of(stored: StoredInspection) -> Chart:
    return _matrix(stored, view().snapshot.name, stored.id, _ink())


def section_scores_of(stored: StoredInspection) -> Chart:
    return _section_scores(stored, view().snapshot.name, stored.id, _ink())


def scores_over_time_of(stored: StoredInspection) -> Chart:
    return _scores_over_time(stored, view().snapshot.name, stored.id, _ink())


def _ink() -> str:
    return INK[st.context.theme.type or "light"]


def scores_beside(stored: StoredInspection) -> list[Scores]:
    """Every other inspection and local audit of the same service and framework, latest first."""
    current = view()
    others = [
        scores_of(other)
        for other in current.inspections
        if other.id != stored.id and other.inspection.framework == stored.inspection.framework
    ]
    audits = audit_scores(current.snapshot.audits(stored.service.name))
    return sorted([*others, *audits], key=lambda s: s.judged_on or date.min, reverse=True)


def framework_of(stored: StoredInspection) -> Framework:
    return framework(stored.inspection.framework)


def inspection_label(stored: StoredInspection) -> str:
    letter = stored.inspection.letter
    when = letter.fieldwork_end or letter.published_on
    return f"{when:%B %Y}" if when else f"undated, {stored.source.file_name}"


def inspection_line(stored: StoredInspection) -> str:
    """Which inspection, when, of how many cases: the line under a page's title."""
    frame, letter = framework_of(stored), stored.inspection.letter
    parts = [f"{frame.name} by {frame.inspectorate}"]
    if letter.fieldwork_start and letter.fieldwork_end:
        parts.append(f"fieldwork {day(letter.fieldwork_start)} to {day(letter.fieldwork_end)}")
    parts.append(
        f"letter of {day(letter.published_on)}" if letter.published_on else "date of letter not read"
    )
    parts.append(f"{letter.case_count} cases examined" if letter.case_count else "number of cases not read")
    return ", ".join(parts) + "."


def link(page: str, label: str, **query: str) -> None:
    """A link to another page that keeps the service and everything named in `query`."""
    st.page_link(
        HERE / f"{page}.py", label=label, query_params=query or None, icon=":material/arrow_forward:"
    )


def link_to_letter(stored: StoredInspection, found: StoredFinding) -> None:
    """To the sentence of a finding, in its place in the letter."""
    label = "Read it in the letter" if not found.finding.paraphrased else "See it in its place"
    link("letter", label, **inspection_query(stored), finding=str(found.number))


def link_to_findings(stored: StoredInspection, found: StoredFinding) -> None:
    """Back to the findings that stand in the same square of the matrix."""
    frame, finding = framework_of(stored), found.finding
    square = square_label(frame, finding.section, finding.practice)
    link("scores", f"All findings on {square}", **inspection_query(stored), findings=square)


def square_label(frame: Framework, section: str, practice: str) -> str:
    """One square of the matrix, as pickers and addresses name it."""
    return f"{frame.section(section).title}: {frame.practice(practice).title}"


def inspection_query(stored: StoredInspection) -> dict[str, str]:
    return {"inspection": inspection_label(stored)} if len(view().inspections) > 1 else {}


def show_chart(chart: Chart, key: str, on_select: Callable[[], None] | Literal["ignore"] = "ignore") -> None:
    """The sentence first, then the picture that says the same."""
    st.write(chart.sentence)
    st.plotly_chart(
        chart.figure,
        key=key,
        alt=chart.alt,
        config=PLOTLY_CONFIG,
        on_select=on_select,
        selection_mode="points",
    )


def show_table(
    title: str, rows: Sequence[Mapping[str, object]], file_name: str, notes: Iterable[str]
) -> None:
    """The numbers behind a picture, and their download, which carries its own notes."""
    with st.expander(title):
        st.table(
            {column: [str(row[column]) for row in rows] for column in rows[0]} if rows else {}, alt=title
        )
        st.download_button(
            "Download as CSV",
            csv_text(rows, notes),
            file_name,
            "text/csv",
            on_click="ignore",
            key=f"csv_{file_name}",
        )


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
        st.write(finding_reading(finding))
        if finding.doubt:
            st.markdown(f":material/help: Doubtful: {plain(finding.doubt)}")
        for correction in found.corrections:
            st.caption(
                f"Corrected by {plain(correction.corrected_by)} on {day(correction.corrected_at.date())}: "
                f"{correction.field} from {plain(correction.before)} to {plain(correction.after)}"
                f"{'. ' + plain(correction.reason) if correction.reason else ''}"
            )


def plain(text: str) -> str:
    """Text that people typed or letters hold, safe to stand in Markdown: shown as it is, never run."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])", r"\\\1", text)


def csv_text(rows: Sequence[Mapping[str, object]], notes: Iterable[str]) -> str:
    """A CSV for spreadsheets: byte-order mark, notes as last lines, and no cell that begins a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    if rows:
        writer.writerow(rows[0])
        writer.writerows([_plain_cell(value) for value in row.values()] for row in rows)
    writer.writerow([])
    writer.writerows([_plain_cell(note)] for note in notes)
    return "\ufeff" + out.getvalue()


def _plain_cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula is kept as text (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
