"""Drop a table of reviews, audited cases or reoffending: say what it does not, see what is wrong or unlikely, load it."""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256

import streamlit as st

from pages._loading import Choice, accept_warnings, show_problems
from pages._parts import link, plain, require, reviews_of, service_label, show_table, view, who
from pages._visitor import record_case_references, scope, store
from sqs_core.errors import BadInputError, RefusedError
from sqs_core.loaders import (
    DAY_FIRST_SAID,
    Checked,
    Kind,
    ManySheetsError,
    Question,
    Table,
    check,
    fold,
    proposals,
    read_reoffending,
    read_table,
    reoffending_template,
    samples_of,
    template,
)
from sqs_core.measures.reoffending_words import cohorts_message
from sqs_core.measures.reviewing import chase_rows, loaded_message, spelled
from sqs_core.measures.timing import due_dates, due_dates_message
from sqs_core.measures.words import capital, listed
from sqs_core.store import TableFile

KINDS: dict[str, Kind] = {
    "Reviews, due or done": "reviews",
    "A local audit: cases judged by criteria": "cases",
}
CASES, AREAS = "Reviews or a local audit", "Reoffending figures of areas"
EMPTY: dict[Kind, str] = {"reviews": "reviews", "cases": "a local audit"}
NOT_THERE = "not in this file"
LARGEST = 300  # MB, as the loader takes: a million reviews are about 120
FIRST_DAY = date(2000, 1, 1)  # since there have been Youth Offending Teams
SHAPES = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods"]

require("load")
snapshot = view().snapshot
today = date.today()  # noqa: DTZ011 - boards and server share a country


def table_of(name: str, content: bytes, digest: str, sheet: str | None) -> Table:
    """The table in the file, read once and kept while the file is being looked at."""
    kept = st.session_state.get("table")
    if kept is None or kept[0] != (digest, sheet):
        st.session_state.pop("checked", None)
        with st.spinner("Reading the file"):
            st.session_state["table"] = ((digest, sheet), read_table(name, content, sheet))
    table: Table = st.session_state["table"][1]
    return table


def read_upload(name: str, content: bytes, digest: str) -> Table | None:
    """The table in the file, once it is known which sheet it is; None: there is none yet, and the page says why."""
    sheets: dict[str, tuple[str, ...]] = st.session_state.setdefault("sheets", {})
    try:
        if digest not in sheets:
            try:
                return table_of(name, content, digest, None)
            except ManySheetsError as error:
                sheets[digest] = error.sheets
        sheet = st.selectbox("Which sheet is it?", sheets[digest], index=None, key=f"sheet {digest}")
        return table_of(name, content, digest, sheet) if sheet else None
    except BadInputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def checked_of(table: Table, choice: Choice) -> tuple[Checked, tuple[str, ...]]:
    """Its rows, checked once for each choice, and what they hold in words."""
    kept = st.session_state.get("checked")
    if kept is None or kept[0] != choice:
        with st.spinner("Checking every row"):
            checked = check(
                table,
                choice.kind,
                today,
                mapping=dict(choice.mapping),
                given=dict(choice.given),
                day_first=choice.day_first,
            )
        st.session_state["checked"] = (choice, checked, () if checked.problems else words_of(checked))
    _, found, words = st.session_state["checked"]
    return found, words


def words_of(checked: Checked) -> tuple[str, ...]:
    reviews = list(checked.reviews)
    lines = [loaded_message(reviews, [j.judgement for j in checked.judgements])]
    if any(review.due_on is None for review in reviews):
        lines.append(due_dates_message(due_dates(reviews, "from_last_review")))
    return tuple(lines)


def choose_headings(table: Table, kind: Kind, remembered: Mapping[str, str], this: str) -> dict[str, str]:
    """The heading that is taken for each column: proposed, with examples of what stands under it."""
    mapping: dict[str, str] = {}
    lines = proposals(table, kind)
    open_ones = [p for p in lines if p.column.needed and not (p.heading or remembered.get(p.column.name))]
    options = ["", *table.headings]
    named = {heading: heading or NOT_THERE for heading in options}
    with st.expander("Which heading is which", expanded=bool(open_ones)):
        st.caption(
            "What you choose is kept for the next file with the same headings. Marked *: must be there."
        )
        for line in lines:
            name = line.column.name
            proposed = fold(remembered.get(name, line.heading or ""))
            left, right = st.columns(2, vertical_alignment="bottom")
            mapping[name] = left.selectbox(
                f"{spelled(name)}{' *' if line.column.needed else ''}",
                options,
                index=next((i for i, option in enumerate(options) if fold(option) == proposed), 0),
                format_func=named.__getitem__,
                key=f"heading {name} {this}",
            )
            samples = samples_of(table, line.column, mapping[name])
            right.caption(
                f"For example: {plain('; '.join(samples))}" if samples else f"{plain(capital(line.why))}."
            )
    return mapping


def choose_given(kind: Kind, mapping: Mapping[str, str], this: str) -> dict[str, str]:
    """What the file does not say of its rows, and one answer can say of all."""
    given: dict[str, str] = {}
    if not mapping["service"]:
        names = [service.name for service in snapshot.all_services()]
        given["service"] = (
            st.selectbox(
                "Service of every row", names, index=None, accept_new_options=True, key=f"service {this}"
            )
            or ""
        )
    if kind == "reviews" and not mapping["extracted_on"]:
        given["extracted_on"] = choose_day("Day of the extract", this)
    if kind == "cases" and not mapping["audit"]:
        given["audit"] = st.text_input("Name of the audit", max_chars=80, key=f"audit {this}").strip()
    if kind == "cases" and not mapping["audited_on"]:
        given["audited_on"] = choose_day("Day of the audit", this)
    return given


def choose_day(label: str, this: str) -> str:
    """In ISO; "" while none is chosen."""
    when = st.date_input(
        label, value=None, min_value=FIRST_DAY, max_value=today, format="DD/MM/YYYY", key=f"day {this}"
    )
    return when.isoformat() if when else ""


def show_reoffending_file(name: str, content: bytes, by: str) -> None:
    """Figures of areas as they are published: what the file does not say is asked, nothing is assumed."""
    digest = sha256(content).hexdigest()
    answers: dict[str, str] = st.session_state.setdefault(f"answers {digest}", {})
    try:
        found = read_reoffending(name, content, today, given=answers)
    except BadInputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if found.problems:
        show_problems(found.problems, name)
        return
    if found.asked:
        ask(found.asked, answers, digest)
        return
    st.write(plain(cohorts_message(found.cohorts)))
    st.caption(
        plain(
            f"{found.read:,} of {found.rows:,} rows read; {found.left_out:,} left out (totals, notes, other measures), "
            f"{found.blank:,} blank."
        )
    )
    for answer, said in answers.items():
        st.caption(plain(f"You said: {spelled(answer).lower()} is {said or 'not known'}."))
    if answers and st.button("Answer again"):
        answers.clear()
        st.rerun()
    file = TableFile(
        name, digest, cohorts=found.cohorts, accepted=tuple(str(warning) for warning in found.warnings)
    )
    accepted = accept_warnings(found.warnings, f"{digest} {sorted(answers.items())}")
    if not by:
        st.write("Say who you are in the field above to load it.")
    if st.button("Load it", type="primary", disabled=not (by and accepted)):
        st.session_state.pop(f"answers {digest}", None)
        load(file, by)


def ask(questions: Sequence[Question], answers: dict[str, str], digest: str) -> None:
    """What the file does not say, to be answered before anything of it counts."""
    st.subheader("What the file does not say", anchor=False)
    with st.form(f"questions {digest}"):
        said: dict[str, str | None] = {}
        for question in questions:
            key = f"{question.name} {digest}"
            if question.choices:
                said[question.name] = st.selectbox(question.asks, question.choices, index=None, key=key)
            else:
                unknown = " Leave it empty if nobody knows." if question.may_be_unknown else ""
                said[question.name] = st.text_input(f"{question.asks}{unknown}", key=key).strip()
        if st.form_submit_button("Go on", type="primary"):
            for question in questions:
                answer = said[question.name]
                if answer or question.may_be_unknown:
                    answers[question.name] = answer or ""
            st.rerun()


def what_would_change(file: TableFile, choice: Choice, by: str) -> tuple[str, ...]:
    """What the store would say, without loading: a newer extract takes the place of an older one."""
    kept = st.session_state.get("rehearsed")
    if kept is None or kept[0] != (snapshot.name, choice):
        st.session_state["rehearsed"] = (
            (snapshot.name, choice),
            store().rehearse([file], by=by or "not named"),
        )
    (result,) = st.session_state["rehearsed"][1]
    if result.status == "already there":
        return (
            f"The very same rows are loaded already, as source {result.source_id}: nothing would change.",
        )
    return tuple(result.changes)


def load(file: TableFile, by: str) -> None:
    """Store it, and begin anew with room for the next file."""
    try:
        (result,) = store().load([file], by=by)
    except (BadInputError, RefusedError) as error:
        for problem in str(error).splitlines():
            st.error(plain(problem), icon=":material/error:")
        return
    said = "was here already" if result.status == "already there" else "is loaded: boards see it"
    st.session_state["loaded"] = [f"{file.name} {said}.", *result.changes]
    for name in ("table", "sheets", "checked", "rehearsed"):
        st.session_state.pop(name, None)
    st.session_state["table_uploads"] += 1
    if len(result.services) == 1 and (known := store().read().service(result.services[0])):
        st.query_params["service"] = service_label(known)
    st.rerun()


# --- The page
st.title("Load tables")
st.write(
    "Drop an extract of reviews from the case system, a local audit, or published reoffending figures. You say what "
    "the file does not, see everything that is wrong or unlikely, and load it. A newer extract takes the place of an "
    "older one of the same service and time; the older stays in the history."
)
by = who()
if "loaded" in st.session_state:
    for line in st.session_state.pop("loaded"):
        st.success(plain(line), icon=":material/check:")
    link("reviews", "See the reviews")
    link("scores", "See the audits beside the letter")
    link("reoffending", "See the reoffending figures")

what = st.segmented_control("What do you load?", [CASES, AREAS], default=CASES, required=True, key="what")
own = scope().services("load")
if what == AREAS and own is not None:
    st.info(
        "Published tables have every area in one file. An administrator of this dashboard loads them, once for everybody: "
        f"figures of England and Wales, of regions and of other services stand beside every board's own. You can load "
        f"figures of {plain('; '.join(sorted(own)))}.",
        icon=":material/info:",
    )
uploads = st.session_state.setdefault("table_uploads", 0)
upload = st.file_uploader(
    "A table (CSV, Excel or OpenDocument)",
    type=SHAPES,
    max_upload_size=LARGEST,
    help="No names, dates of birth, PNC numbers or postcodes: a file that has them is refused.",
    key=f"table_file_{uploads}",
)
with st.container(horizontal=True):
    for kind_of, words in EMPTY.items():
        st.download_button(
            f"Empty table for {words}", template(kind_of), f"{kind_of}.csv", "text/csv", on_click="ignore"
        )
    st.download_button(
        "Empty table for reoffending",
        reoffending_template(),
        "reoffending.csv",
        "text/csv",
        on_click="ignore",
    )

if upload and what == AREAS:
    show_reoffending_file(upload.name, upload.getvalue(), by)
elif upload:
    content = upload.getvalue()
    digest = sha256(content).hexdigest()
    table = read_upload(upload.name, content, digest)
    if table is not None:
        remembered = snapshot.mapping(table.fingerprint)
        guess = remembered[0] if remembered else table.kind
        kinds = list(KINDS)
        label = st.selectbox(
            "What is in it",
            kinds,
            index=list(KINDS.values()).index(guess) if guess else None,
            key=f"kind {digest} {table.sheet}",
        )
        left_out = f", without {len(table.left_out)} below them (totals or notes)" if table.left_out else ""
        where = f" of sheet “{table.sheet}”" if table.sheet else ""
        st.caption(
            plain(
                f"{len(table.cells):,} rows{where} under the headings in row {table.heading_row}{left_out}."
            )
        )
        if label:
            kind, this = KINDS[label], f"{digest} {table.sheet} {label}"
            mapping = choose_headings(
                table, kind, remembered[1] if remembered and remembered[0] == kind else {}, this
            )
            given = choose_given(kind, mapping, this)
            day_first = bool(st.session_state.get(f"day first {this}"))
            choice = Choice(this, kind, tuple(mapping.items()), tuple(given.items()), day_first)
            checked, held = checked_of(table, choice)
            if day_first or any(problem.expected == DAY_FIRST_SAID for problem in checked.problems):
                st.checkbox(
                    "In this file the day stands before the month: 03/04 is 3 April", key=f"day first {this}"
                )
            if checked.unused:
                st.caption(plain(f"Not used: {listed([f'“{heading}”' for heading in checked.unused])}."))
            if checked.problems:
                show_problems(checked.problems, upload.name)
            else:
                file = TableFile(
                    upload.name,
                    digest,
                    reviews=checked.reviews,
                    judgements=checked.judgements,
                    accepted=tuple(str(warning) for warning in checked.warnings),
                    fingerprint=table.fingerprint,
                    mapping=mapping,
                )
                for line in held:
                    st.write(plain(line))
                for line in what_would_change(file, choice, by):
                    st.info(plain(line), icon=":material/difference:")
                accepted = accept_warnings(checked.warnings, choice)
                if not by:
                    st.write("Say who you are in the field above to load it.")
                if st.button("Load it", type="primary", disabled=not (by and accepted)):
                    load(file, by)

# --- For case managers
st.header("Cases to chase", anchor="cases-to-chase")
if view().service is None:
    st.write("Once reviews are loaded, the overdue ones of a service are listed here by case reference.")
else:
    name = view().service or ""
    scope().require("load", name)
    rows = chase_rows(reviews_of(name))
    st.write(
        plain(
            f"{len(rows):,} review{'s' if len(rows) > 1 else ''} of {view().service} "
            f"{'are' if len(rows) > 1 else 'is'} overdue in the latest extracts. Case references are for analysts and "
            "case managers: do not put them before the board."
            if rows
            else f"No review of {view().service} is overdue in what is loaded."
        )
    )
    if rows:
        record_case_references(name)
        show_table(
            "Overdue reviews, the longest overdue first",
            rows,
            f"{view().service} reviews to chase.csv",
            [f"{view().service}: overdue reviews by case reference. Not for the board."],
            columns=("Case", "Plan", "Team", "Due", "Days overdue", "Order ended"),
        )
