"""The command `sqs`: the same doors as the dashboard, without a browser.

Results go to stdout, words for people to stderr. Exit status: 0 done; 1 refused, nothing changed; 2 bad input
or usage."""

# What a command needs is imported when it runs, so that `sqs letter` starts without a database.
# ruff: noqa: PLC0415

from __future__ import annotations

import errno
import functools
import gc
import getpass
import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from sqs_core.errors import BadInputError, RefusedError

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqs_core.loaders import Kind
    from sqs_core.measures.timing import Mode
    from sqs_core.model import Finding, Inspection, Role, Service, StoredInspection
    from sqs_core.store import Deleted, LetterFile, LoadResult, Snapshot, Store, TableFile

T = TypeVar("T")

_TABLES = {".csv", ".tsv", ".xlsx", ".xls", ".ods"}
_LARGEST_TABLE = 300_000_000  # bytes; a million reviews are about 120 MB of CSV
_DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])


class _Speaking(click.Group):
    """Says no in one line for each problem, and with the right exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # Windows pipes have no ŵ
        try:
            return super().invoke(ctx)
        except (BadInputError, RefusedError) as error:
            for line in str(error).splitlines():
                _say(f"sqs: {line}")
            ctx.exit(1 if isinstance(error, RefusedError) else 2)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever reads has enough, and click ends in silence
            sys.stdout = io.StringIO()  # what is left in the real one would fail once more at the end
            _say(f"sqs: {error.filename or 'the results'}: {error.strerror}")
            ctx.exit(1)


_store_option = functools.partial(
    click.option,
    "--store",
    "address",
    metavar="PATH",
    help="The store: a folder, or a lake's address [default: SQS_STORE, else ./store]",
)


@click.group(cls=_Speaking, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sqs-board", prog_name="sqs")
@_store_option()
@click.pass_context
def sqs(ctx: click.Context, address: str | None) -> None:
    """Short Quality Screening letters and what they found: read, stored, shown.

    \b
    Example:
      sqs letter knowsley.pdf
      sqs load knowsley.pdf
      sqs show scores --service Knowsley
    """
    ctx.obj = address


def _with_store(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the store: that of its own --store, else of the one before the command's name."""

    @_store_option()
    @functools.wraps(command)
    def wrapped(address: str | None, **arguments: Any) -> None:
        from sqs_core.store import Store

        before_the_name = click.get_current_context().find_root().obj
        command(Store.from_address(address or before_the_name), **arguments)

    return wrapped


def _user() -> str:
    """Who is recorded: SQS_USER, else the name on this machine."""
    try:
        return os.environ.get("SQS_USER") or getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return "unknown user"


def _say(text: str) -> None:
    click.echo(text, err=True)


def _print_json(value: object) -> None:
    # As bytes: JSON is UTF-8 whatever the terminal speaks.
    click.echo(json.dumps(value, ensure_ascii=False, indent=2).encode())


def _print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    lines = [list(headings), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _with_progress(things: Iterable[T], length: int | None, label: str) -> Iterator[T]:
    """The same things, with a progress bar on a terminal and nothing in a pipe."""
    if not sys.stderr.isatty():
        yield from things
        return
    with click.progressbar(things, length=length, label=label, file=sys.stderr) as bar:
        yield from bar


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "not read"


# Letters ----------------------------------------------------------------------------------------------------


@sqs.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Everything that was read, as JSON.")
def letter(file: Path, as_json: bool) -> None:
    """Read one letter (.pdf .docx .txt .md) and print what it found. Touches no store.

    \b
    Example:
      sqs letter knowsley.pdf
      sqs letter knowsley.pdf --json
    """
    from sqs_core.letters import letter_json, read_letter

    inspection = read_letter(file)
    if as_json:
        _print_json(letter_json(inspection))
    else:
        _print_inspection(inspection)


def _print_inspection(inspection: Inspection) -> None:
    from sqs_core.frameworks import framework

    frame = framework(inspection.framework)
    head, reoffending = inspection.letter, inspection.reoffending
    click.echo(head.service_name or head.place or "The letter does not say which service it is about")
    click.echo(f"  {head.title or frame.name}")
    click.echo(f"  Published  {_day(head.published_on)}")
    click.echo(f"  Fieldwork  {_day(head.fieldwork_start)} to {_day(head.fieldwork_end)}")
    click.echo(f"  Cases      {head.case_count or 'not read'}")
    rates = [
        f"{name} {rate}%"
        for name, rate in (
            ("", reoffending.rate),
            ("previous year", reoffending.previous_rate),
            ("England and Wales", reoffending.england_wales_rate),
        )
        if rate is not None
    ]
    click.echo(f"  Reoffended {', '.join(rates).strip() or 'not read'}")
    for section in frame.sections:
        found = [f for f in inspection.findings if f.section == section.id]
        if found:
            click.echo("\n" + f"{section.number} {section.title}".strip())
            for finding in found:
                click.echo(f"  {finding.paragraph or '':5}{_finding_line(finding)}")
                click.echo(f"       “{finding.quote}”")
    for title, texts in (
        ("Key strengths", inspection.key_strengths),
        ("Areas requiring improvement", inspection.areas_requiring_improvement),
        ("Doubtful or missing", inspection.warnings),
    ):
        if texts:
            click.echo(f"\n{title}")
            for text in texts:
                click.echo(f"  - {text}")


def _finding_line(finding: Finding) -> str:
    from sqs_core.frameworks import framework

    practice = framework().practice(finding.practice).title
    cases = f" of {finding.relevant_cases} cases" if finding.relevant_cases and finding.share else ""
    return f"{practice}: {finding.share or 'in words'}{cases}, {finding.direction}"


@contextmanager
def _without_collecting() -> Iterator[None]:
    """A million rows are kept to the end: to look through them for rubbish would take a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@sqs.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(["letter", "cases", "reviews", "reoffending"]),
    help="What the files are [default: guessed from what is in them].",
)
@click.option("--service", metavar="NAME", help="Whose they are, where they do not say.")
@click.option(
    "--extracted-on", "extracted_on", type=_DAY, help="The day of the extract, where a table does not say."
)
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="QUESTION=ANSWER",
    help="What a table of reoffending does not say, as it asks.",
)
@click.option("--sheet", metavar="NAME", help="Which sheet of a workbook, where several could be the table.")
@click.option("--day-first", is_flag=True, help="Where it does not show: 03/04/2026 is 3 April.")
@click.option("--yes", is_flag=True, help="Accept what is unlikely in a table without being asked.")
@_with_store
@_without_collecting()
def load(
    store: Store,
    *,
    files: tuple[Path, ...],
    kind: Kind | Literal["letter", "reoffending"] | None,
    service: str | None,
    extracted_on: datetime | None,
    answers: tuple[str, ...],
    sheet: str | None,
    day_first: bool,
    yes: bool,
) -> None:
    """Read, check and store letters and tables: all of them or none.

    What is unlikely in a table is listed; on a terminal you are asked whether to load it all the same.

    \b
    Example:
      sqs load knowsley.pdf hampshire.docx
      sqs load letter.pdf --service "Monmouthshire and Torfaen"
      sqs load reviews.csv --extracted-on 2026-11-23
      sqs load rates.xlsx --answer "source_kind=published"
    """
    given = {"service": service or "", "extracted_on": f"{extracted_on:%Y-%m-%d}" if extracted_on else ""}
    if wrong := [answer for answer in answers if "=" not in answer]:
        raise BadInputError(f"{wrong[0]}: an answer is QUESTION=ANSWER")
    answered = dict(answer.split("=", 1) for answer in answers)
    said = _Said(kind, {name: value for name, value in given.items() if value}, answered, sheet, day_first)
    read: list[LetterFile | TableFile] = []
    problems = []
    for file in _with_progress(files, len(files), "Reading"):
        try:
            read.append(_read_file(store, file, said))
        except BadInputError as error:
            problems.append(str(error))
    if problems:
        raise BadInputError("\n".join([*problems, "nothing was loaded"]))
    unlikely = [f"{file.name}: {text}" for file in read for text in getattr(file, "accepted", ())]
    for line in unlikely:
        _say(line)
    ask = unlikely and not yes and sys.stdin.isatty() and sys.stderr.isatty()
    if ask and not click.confirm("Load it all the same?", err=True):
        raise RefusedError("nothing was loaded")
    for result in store.load(read, by=_user(), service=service):
        _say_loaded(result, said=unlikely)


def _say_loaded(result: LoadResult, said: Sequence[str]) -> None:
    whose = ", ".join(result.services[:5]) + (" and more" if len(result.services) > 5 else "")
    click.echo(f"{result.file_name}: {result.status}, {whose} (source {result.source_id})")
    for change in result.changes:
        click.echo(f"  {change}")
    if result.status == "superseded":
        _say(f"{result.file_name}: a newer file of the same inspection is in force; unload that to go back")
    for warning in result.warnings if result.status == "loaded" else ():
        if (line := f"{result.file_name}: {warning}") not in said:
            _say(line)


@dataclass(frozen=True, slots=True)
class _Said:
    """What the command line says of the files."""

    kind: Kind | Literal["letter", "reoffending"] | None
    given: dict[str, str]  # what every row of a table is to have in a column that the table lacks
    answers: dict[str, str]  # to what a table of reoffending asks
    sheet: str | None
    day_first: bool


def _read_file(store: Store, file: Path, said: _Said) -> LetterFile | TableFile:
    """A letter or a table, read and checked. What is no letter may be a table under a letter's suffix."""
    from sqs_core.letters import read_bytes
    from sqs_core.letters.files import content_of
    from sqs_core.store import LetterFile

    if said.kind != "letter" and (said.kind is not None or file.suffix.lower() in _TABLES):
        return _read_table(store, file, content_of(file, _LARGEST_TABLE), said)
    content = content_of(file)  # once, so that the hash is of what was read
    try:
        return LetterFile(file.name, hashlib.sha256(content).hexdigest(), read_bytes(str(file), content))
    except BadInputError:
        if said.kind is None and file.suffix.lower() == ".txt":
            with suppress(BadInputError):
                return _read_table(store, file, content, said)
        raise


def _read_table(store: Store, file: Path, content: bytes, said: _Said) -> TableFile:
    """Its headings mean what was chosen on screen for tables of this shape, else what they are known to mean."""
    from datetime import date

    from sqs_core.loaders import (
        DAY_FIRST_SAID,
        NO_HEADING,
        Reviews,
        check,
        columns,
        fold,
        proposals,
        read_table,
    )
    from sqs_core.measures.timing import due_dates, due_dates_message
    from sqs_core.store import TableFile

    if said.kind == "reoffending":
        return _read_reoffending(file, content, said)
    try:
        table = read_table(str(file), content, said.sheet)
    except BadInputError:
        if said.kind is None and _is_reoffending(file, content, said):
            return _read_reoffending(file, content, said)
        raise
    remembered = store.read().mapping(table.fingerprint) if store.exists() else None
    asked = said.kind if said.kind != "letter" else None
    found = asked or (remembered[0] if remembered else table.kind)
    if found is None and _is_reoffending(file, content, said):
        return _read_reoffending(file, content, said)
    if found is None:
        raise BadInputError(
            f"{file}: its headings do not say whether these are reviews, cases or reoffending; say --kind, or choose "
            "what each heading means under Load tables"
        )
    mapping = remembered[1] if remembered and remembered[0] == found else {}
    for line in proposals(table, found):
        heading = mapping.get(line.column.name, line.heading)
        if fold(heading or "") != fold(line.heading or ""):
            said_of_it = f"is “{heading}”" if heading else "is not there"
            _say(f"{file}: as chosen under Load tables, {line.column.name} {said_of_it}")
    names = {column.name for column in columns(found)}
    checked = check(
        table,
        found,
        date.today(),  # noqa: DTZ011
        mapping=mapping,
        given={name: value for name, value in said.given.items() if name in names},
        day_first=said.day_first,
    )
    if checked.unused:
        _say(f"{file}: not used: {', '.join(checked.unused)}")
    if checked.problems:
        options = {"service": "--service", "extracted_on": "--extracted-on"}
        missing = [
            options[p.column] for p in checked.problems if p.found == NO_HEADING and p.column in options
        ]
        lines = [*map(str, checked.problems), *(f"{option} can say it for every row" for option in missing)]
        if any(problem.expected == DAY_FIRST_SAID for problem in checked.problems):
            lines.append("--day-first says that the day stands before the month")
        raise BadInputError("\n".join(f"{file}: {line}" for line in lines))
    if None in Reviews.of(checked.reviews).different("due_on"):
        _say(f"{file}: {due_dates_message(due_dates(checked.reviews, 'from_last_review'))}")
    return TableFile(
        file.name,
        hashlib.sha256(content).hexdigest(),
        reviews=checked.reviews,
        judgements=checked.judgements,
        accepted=tuple(str(warning) for warning in checked.warnings),
    )


def _is_reoffending(file: Path, content: bytes, said: _Said) -> bool:
    """Whether a table that is neither reviews nor cases has figures of reoffending in it, right or wrong."""
    from datetime import date

    from sqs_core.loaders import read_reoffending

    try:
        read_reoffending(str(file), content, date.today(), said.sheet)  # noqa: DTZ011
    except BadInputError:
        return False
    return True


def _read_reoffending(file: Path, content: bytes, said: _Said) -> TableFile:
    """Figures of reoffending as they are published. Raises BadInputError where it is no such table, or asks."""
    from datetime import date

    from sqs_core.loaders import read_reoffending
    from sqs_core.store import TableFile

    answers = said.answers | ({"day_first": "yes"} if said.day_first else {})
    found = read_reoffending(str(file), content, date.today(), said.sheet, answers)  # noqa: DTZ011
    if found.problems:
        raise BadInputError("\n".join(f"{file}: {problem}" for problem in found.problems))
    if found.asked:
        lines = [
            f"{file}: {question.asks} --answer {question.name}={'|'.join(question.choices) or '…'}"
            for question in found.asked
        ]
        raise BadInputError("\n".join(lines))
    if not found.cohorts:
        raise BadInputError(f"{file}: no figure of reoffending was found in it")
    if found.unused or found.left_out:
        _say(
            f"{file}: {found.read:,} of {found.rows:,} rows read; not used: {', '.join(found.unused) or 'none'}"
        )
    return TableFile(
        file.name,
        hashlib.sha256(content).hexdigest(),
        cohorts=found.cohorts,
        accepted=tuple(str(warning) for warning in found.warnings),
    )


@sqs.command("template")
@click.argument("kind", type=click.Choice(["cases", "reviews", "reoffending"]))
def table_template(kind: Kind | Literal["reoffending"]) -> None:
    """Print the CSV header of a table that can be loaded, with one example row.

    \b
    Example:
      sqs template reviews > reviews.csv
    """
    from sqs_core.loaders import reoffending_template, template

    click.echo(reoffending_template() if kind == "reoffending" else template(kind), nl=False)


# The store --------------------------------------------------------------------------------------------------


@sqs.command()
@_with_store
def services(store: Store) -> None:
    """List the services that have anything published.

    \b
    Example:
      sqs services
    """
    snapshot = store.read()
    inspections, audits = snapshot.inspection_counts(), snapshot.audit_counts()
    reviews, figures = snapshot.review_counts(), snapshot.cohort_counts()
    rows = []
    for service in [*snapshot.services(), *snapshot.services_with_figures_alone]:
        note = "illustrative" if service.illustrative else ""
        counts = (each[service.name] for each in (inspections, audits, reviews, figures))
        rows.append((service.name, service.region, service.police_area, *counts, note))
    _print_table(
        ("Service", "Region", "Police area", "Inspections", "Local audits", "Reviews", "Reoffending", ""),
        rows,
    )


@sqs.command()
@_with_store
def sources(store: Store) -> None:
    """List the files that rows came from, latest first.

    \b
    Example:
      sqs sources
    """
    snapshot = store.read()
    drafts = {draft.id for draft in snapshot.drafts()}
    _print_table(
        ("Source", "File", "Kind", "Rows", "Loaded (UTC)", "By", "SHA-256", ""),
        (
            (
                source.id,
                source.file_name,
                source.kind,
                source.rows,
                f"{source.loaded_at:%Y-%m-%d %H:%M}",
                source.loaded_by,
                source.sha256[:12],
                "draft" if source.id in drafts else "illustrative" if source.illustrative else "",
            )
            for source in snapshot.sources()
        ),
    )


@sqs.command()
@click.argument("source")
@_with_store
def unload(store: Store, source: str) -> None:
    """Take a file out again: SOURCE is its number, its file name or the beginning of its SHA-256.

    \b
    Example:
      sqs unload knowsley.pdf
    """
    found = store.read().find_sources(source)
    if not found:
        raise RefusedError(f"{source}: no such source; `sqs sources` lists them")
    if len(found) > 1:
        raise RefusedError(f"{source}: could be source {' or '.join(str(s.id) for s in found)}; say which")
    taken = store.unload(found[0].id, by=_user())
    click.echo(f"{taken.file_name}: unloaded (source {taken.id})")


@sqs.command()
@_with_store
def history(store: Store) -> None:
    """List every change, latest first, and the snapshots that can be restored.

    \b
    Example:
      sqs history
    """
    _print_table(
        ("Snapshot", "Made (UTC)", "By", "What", ""),
        (
            (
                entry.snapshot,
                f"{entry.made_at:%Y-%m-%d %H:%M}",
                entry.made_by,
                entry.what,
                "in force" if entry.in_force else "kept" if entry.kept else "",
            )
            for entry in store.history()
        ),
    )


@sqs.command()
@click.argument("snapshot")
@_with_store
def restore(store: Store, snapshot: str) -> None:
    """Go back to a kept snapshot, or to a backup file. What was there until now stays in the history.

    \b
    Example:
      sqs restore 000041
      sqs restore backup-2026-11-24.duckdb
    """
    left_out = store.restore(snapshot, by=_user())
    click.echo(f"{snapshot}: restored as {store.current()}")
    for name in left_out:
        _say(f"{name}: left out, since it has rows of a child that were deleted; export it anew")


_role_options = (
    click.option(
        "--role", required=True, type=click.Choice(["board member", "chair", "analyst", "administrator"])
    ),
    click.option("--service", default="", help="Of which service; an administrator is one of every service."),
)


def _with_role(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_role_options):
        command = option(command)
    return click.argument("email")(command)


@sqs.group()
def people() -> None:
    """Who may see and do what on a hosted dashboard.

    \b
    Example:
      sqs people give anna@example.gov.uk --role administrator
      sqs people list
    """


@people.command("list")
@_with_store
def people_list(store: Store) -> None:
    """List everybody's roles.

    \b
    Example:
      sqs people list
    """
    _print_table(
        ("E-mail address", "Role", "Service", "Given by", "On"),
        (
            (r.email, r.role, r.service or "every service", r.given_by, _day(r.given_at.date()))
            for r in store.read().roles
        ),
    )


@people.command("give")
@_with_role
@_with_store
def people_give(store: Store, email: str, role: Role, service: str) -> None:
    """Give a person a role. The first administrator is named so; others can be named on the page Account.

    \b
    Example:
      sqs people give anna@example.gov.uk --role administrator
      sqs people give ben@example.gov.uk --role chair --service Knowsley
    """
    store.give_role(email, role, service, by=_user())
    click.echo(f"{email}: is {role} now")


@people.command("take")
@_with_role
@_with_store
def people_take(store: Store, email: str, role: Role, service: str) -> None:
    """Take a role away. It counts from the person's next click.

    \b
    Example:
      sqs people take ben@example.gov.uk --role chair --service Knowsley
    """
    store.take_role(email, role, service, by=_user())
    click.echo(f"{email}: is {role} no more")


@sqs.group()
def links() -> None:
    """Links to a view for people without an account. They are made on the page Share.

    \b
    Example:
      sqs links list
      sqs links revoke 4f2a90c1d2e3f4a5
    """


@links.command("list")
@_with_store
def links_list(store: Store) -> None:
    """List every link that was made, the latest first.

    \b
    Example:
      sqs links list
    """
    _print_table(
        ("Link", "Service", "For", "Pages", "Made by", "Ends", "Revoked"),
        (
            (
                link.id,
                link.service,
                link.made_for,
                ", ".join(link.pages),
                link.made_by,
                _day(link.expires_at.date()),
                _day(link.revoked_at.date()) if link.revoked_at else "",
            )
            for link in store.read().share_links
        ),
    )


@links.command("revoke")
@click.argument("link")
@_with_store
def links_revoke(store: Store, link: str) -> None:
    """End a link at once.

    \b
    Example:
      sqs links revoke 4f2a90c1d2e3f4a5
    """
    store.revoke_link(link, by=_user())
    click.echo(f"{link}: opens nothing any more")


@sqs.command()
@click.argument("file", type=click.Path(path_type=Path))
@_with_store
def backup(store: Store, file: Path) -> None:
    """Copy the store as it is now to one file, which `sqs restore` takes back.

    \b
    Example:
      sqs backup backup-2026-11-24.duckdb
    """
    store.backup(file, by=_user())
    click.echo(f"{file}: written")


@sqs.command()
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@_with_store
def purge(store: Store, dry_run: bool) -> None:
    """Delete the rows about children that are kept no longer, from every snapshot that is kept.

    SQS_KEEP_REVIEWS_MONTHS says how long reviews are kept after the order ended (where no end is known, after the
    review was due or done), SQS_KEEP_AUDITS_MONTHS how long the judgements of a local audit are kept after it.

    \b
    Example:
      sqs purge --dry-run
      SQS_KEEP_REVIEWS_MONTHS=36 SQS_KEEP_AUDITS_MONTHS=60 sqs purge
    """
    from datetime import date

    from sqs_core.store.retention import keep_rules

    rules = keep_rules(os.environ)
    store.current()
    if not rules:
        _say("Nothing is purged: neither SQS_KEEP_REVIEWS_MONTHS nor SQS_KEEP_AUDITS_MONTHS is set.")
        return
    deleted = store.purge(rules, _user(), date.today(), dry_run)  # noqa: DTZ011
    _say(f"Kept: {rules}.")
    verb = "would be deleted" if dry_run else "deleted"
    click.echo(_deleted_in_words(deleted, verb))
    if deleted.snapshots and not dry_run:
        _say(_BEYOND_REACH)


_BEYOND_REACH = (
    "Backups and copies outside the store still have these rows: delete or replace them. Restart dashboards that are "
    "running, so that nothing stays in their memory."
)


def _deleted_in_words(deleted: Deleted, verb: str) -> str:
    if deleted.finished and not deleted.snapshots:
        return "a deletion that had been cut off is finished"
    if not deleted.snapshots:
        return f"nothing {verb}"
    snapshots = "1 snapshot" if deleted.snapshots == 1 else f"{deleted.snapshots} snapshots"
    return (
        f"{deleted.reviews:,} reviews and {deleted.judgements:,} judgements of local audits {verb}, "
        f"as the store is now; {snapshots} had such rows"
    )


@sqs.command()
@click.option("--service", required=True, metavar="NAME", help="The service whose child it is.")
@click.option("--yes", is_flag=True, help="Delete without being asked.")
@_with_store
def forget(store: Store, service: str, yes: bool) -> None:
    """Delete every row of one child, from every snapshot that is kept. It cannot be undone.

    The case reference is asked for, or read from a pipe: in the command it would stay in the shell's history.

    \b
    Example:
      sqs forget --service Knowsley
    """
    store.current()
    on_terminal = sys.stdin.isatty()
    case_ref = click.prompt("Case reference", err=True) if on_terminal else sys.stdin.readline()
    if on_terminal and not yes and not click.confirm("Delete every row of this child, for ever?", err=True):
        raise RefusedError("nothing was deleted")
    deleted = store.forget(service, case_ref, by=_user())
    click.echo(_deleted_in_words(deleted, "deleted"))
    for place in deleted.places:
        _say(f"People's own words still have the reference: {place}. Change them where they were written.")
    _say(_BEYOND_REACH)


@sqs.command()
@click.option("--from", "first", type=_DAY, help="The first day (UTC).")
@click.option("--to", "last", type=_DAY, help="The last day (UTC).")
@click.option("--service", metavar="NAME", help="Only what is about this service.")
@click.option("--csv", "as_csv", is_flag=True, help="As a table for a spreadsheet.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with the hash of each line.")
@_with_store
def audit(
    store: Store,
    *,
    first: datetime | None,
    last: datetime | None,
    service: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List who signed in, saw case references, loaded, changed, shared or deleted, oldest first.

    \b
    Example:
      sqs audit --from 2026-11-01 --to 2026-11-30
      sqs audit --service Knowsley --csv > audit.csv
    """
    from sqs_core.services import find_service
    from sqs_core.spreadsheets import csv_text

    if as_csv and as_json:
        raise BadInputError("--csv or --json, not both")
    store.current()
    known = find_service(service) if service else None
    wanted = {name.casefold() for name in (service, known and known.name) if name}
    rows = [
        {
            "number": line.number,
            "at": f"{line.at:%Y-%m-%dT%H:%M:%SZ}",
            "event": line.event,
            "who": line.who,
            "service": line.service,
            "detail": line.detail,
            "snapshot": line.snapshot,
            "sha256": line.sha256,
        }
        for line in store.audit.entries()
        if (first is None or line.at.date() >= first.date())
        and (last is None or line.at.date() <= last.date())
        and (not wanted or wanted & {name.casefold() for name in line.services})
    ]
    if as_csv or as_json:
        period = [f"{word} {day:%Y-%m-%d}" for word, day in (("from", first), ("to", last)) if day]
        what = ", ".join([f"{len(rows):,} lines", *period])
        store.audit.append("exported the log", _user(), known.name if known else service or "", what)
    if as_json:
        _print_json(rows)
    elif as_csv:
        click.echo(csv_text(rows, ["Times are UTC. `sqs check` says whether a line is missing."]).encode())
    else:
        headings = ("Line", "When (UTC)", "Event", "Who", "Service", "Detail")
        columns = ("number", "at", "event", "who", "service", "detail")
        _print_table(headings, ([row[column] for column in columns] for row in rows))


@sqs.command()
@_with_store
def check(store: Store) -> None:
    """Verify the store, every integrity rule, every hash and the audit log, and print what is wrong.

    \b
    Example:
      sqs check
    """
    problems = store.check()
    for problem in problems:
        click.echo(problem)
    if problems:
        raise RefusedError(f"{store.where}: {len(problems)} problem{'s' if len(problems) > 1 else ''} found")
    _say(f"{store.where}: all is well")


@sqs.command()
@click.option(
    "--services",
    type=click.IntRange(0, 1000),
    default=6,
    show_default=True,
    help="How many made-up services.",
)
@click.option(
    "--years",
    type=click.IntRange(1, 50),
    default=10,
    show_default=True,
    help="Over how many years from 2013 on.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other figures.")
@_with_store
def demo(store: Store, services: int, years: int, seed: int) -> None:
    """Fill the store with illustrative data and the facts of Knowsley 2015: the same for the same seed.

    Illustrative data that was there before gives way.

    \b
    Example:
      sqs demo
      sqs demo --services 155 --years 10
    """
    from sqs_core.store.examples import example_files

    files = _with_progress(example_files(services, years, seed), None, "Composing and reading")
    results = store.load_examples(files, by=_user())
    new = sum(result.status == "loaded" for result in results)
    click.echo(f"{len(results)} files of example data, {new} of them new, in {store.where}")


# Measures ---------------------------------------------------------------------------------------------------


@sqs.group()
def show() -> None:
    """Print a measure of one service, as its page shows it.

    \b
    Example:
      sqs show scores --service Knowsley
      sqs show timeliness --service Knowsley
      sqs show areas --service Knowsley --json
    """


_service_option = click.option(
    "--service", required=True, metavar="NAME", help="The service, by name or alias."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")


def _service(snapshot: Snapshot, name: str) -> Service:
    service = snapshot.service(name)
    if service is None:
        raise BadInputError(f"{name}: the store has nothing of such a service; `sqs services` lists them")
    return service


def _latest(store: Store, name: str) -> StoredInspection:
    snapshot = store.read()
    service = _service(snapshot, name)
    inspections = snapshot.inspections(service.name)
    if not inspections:
        raise BadInputError(f"{service.name}: no inspection of it is published")
    return inspections[0]


@show.command()
@_service_option
@_json_option
@_with_store
def scores(store: Store, service: str, as_json: bool) -> None:
    """Section scores of the latest inspection, as ranges, and the matrix of section by practice.

    \b
    Example:
      sqs show scores --service Knowsley --json
    """
    from sqs_core.frameworks import framework
    from sqs_core.measures.scores import inspection_scores, scores_json

    stored = _latest(store, service)
    if as_json:
        _print_json(scores_json(stored))
        return
    frame = framework(stored.inspection.framework)
    found = inspection_scores(stored)
    click.echo(f"{stored.service.name}. {found.label}" + _illustrative(stored))
    click.echo()
    _print_table(
        ("Section", "Score", "Widest reading", "In words alone"),
        (
            (
                frame.section(s.section).title,
                s.share or "none",
                s.widest,
                ", ".join(frame.practice(p).noun for p in s.practices_in_words),
            )
            for s in found.sections
        ),
    )
    click.echo()
    _print_table(
        ("Section", "Practice", "Sufficient", "Direction"),
        (
            (
                frame.section(c.section).title,
                frame.practice(c.practice).title,
                c.share or "in words",
                c.direction,
            )
            for c in found.matrix
        ),
    )
    _say(frame.unscored)


@show.command()
@_service_option
@_json_option
@_with_store
def areas(store: Store, service: str, as_json: bool) -> None:
    """Areas requiring improvement of the latest inspection, with the actions of its plan.

    \b
    Example:
      sqs show areas --service Knowsley
    """
    from datetime import datetime

    from sqs_core.measures import progress
    from sqs_core.measures.areas import actions_of_area, areas_json

    stored, today = _latest(store, service), datetime.now().astimezone().date()
    snapshot = store.read()
    plan = progress.current(snapshot.actions(stored.service.name))
    if as_json:
        _print_json(areas_json(stored, snapshot.area_links(stored), plan))
        return
    click.echo(f"{stored.service.name}. Areas requiring improvement" + _illustrative(stored))
    for position, text in enumerate(stored.inspection.areas_requiring_improvement, start=1):
        click.echo(f"  {position}. {text}")
        for action in actions_of_area(stored, text, plan):
            click.echo(f"     {action.reference} {action.action} {progress.action_message(action, today)}")


@show.command("timeliness")
@_service_option
@click.option("--from", "first", type=_DAY, help="The first due date [default: since the inspection].")
@click.option("--to", "last", type=_DAY, help="The last due date [default: the day of the latest extract].")
@click.option(
    "--schedule",
    type=click.Choice(["from_last_review", "fixed_schedule"]),
    default="from_last_review",
    show_default=True,
    help="How due dates that the extract does not give are counted.",
)
@_json_option
@_with_store
def show_timeliness(
    store: Store,
    *,
    service: str,
    first: datetime | None,
    last: datetime | None,
    schedule: Mode,
    as_json: bool,
) -> None:
    """Whether reviews were on time, by the period in which they fell due.

    \b
    Example:
      sqs show timeliness --service Northmoor
      sqs show timeliness --service Northmoor --from 2018-04-01 --to 2018-06-30 --json
    """
    from datetime import date

    from sqs_core.measures.reviewing import (
        GROUPING_WORDS,
        before_in_words,
        periods,
        since_inspection,
        spelled,
    )
    from sqs_core.measures.reviewing import since_inspection_message as compared
    from sqs_core.measures.timeliness import timeliness, timeliness_by, timeliness_json, timeliness_message
    from sqs_core.measures.timing import due_dates, due_dates_message

    snapshot = store.read()
    found = _service(snapshot, service)
    dated = due_dates(snapshot.reviews(found.name), schedule)
    inspections = snapshot.inspections(found.name)
    letter = inspections[0].inspection.letter if inspections else None
    usual = next(iter(periods(dated.reviews, letter).values()), None)
    if usual is None and not (first and last):
        if dated.reviews:
            raise BadInputError(f"{found.name}: no review of it has a due date. {due_dates_message(dated)}")
        raise BadInputError(
            f"{found.name}: no review of it is stored; `sqs template reviews` shows what can be loaded"
        )
    start, end = first.date() if first else None, last.date() if last else None
    start = start or (usual[0] if usual else date.min)
    end = end or (usual[1] if usual else date.max)
    if start > end:
        raise BadInputError(f"the period begins on {start} and ends before, on {end}")
    if as_json:
        _print_json(timeliness_json(found.name, dated.reviews, start, end))
        return
    figures = timeliness(dated.reviews, start, end)
    click.echo(f"{found.name}. Reviews on time" + (" (illustrative, not real)" if found.illustrative else ""))
    click.echo(timeliness_message(figures, date.today()))  # noqa: DTZ011
    if letter:
        before = before_in_words(dated.reviews, letter)
        if words := compared(since_inspection(dated.reviews, letter, start, end), before):
            click.echo(words)
    click.echo()
    groups = timeliness_by(dated.reviews, start, end, "plan_type")
    _print_table(
        (GROUPING_WORDS["plan_type"], "Due", "On time", "Late", "Overdue", "Not yet due", "Not required"),
        (
            (spelled(g.label), t.due, t.on_time, t.late, t.overdue, t.not_yet_due, t.not_required)
            for g in groups
            for t in (g.timeliness,)
        ),
    )
    _say(due_dates_message(dated))


@show.command("reoffending")
@_service_option
@_json_option
@_with_store
def show_reoffending(store: Store, service: str, as_json: bool) -> None:
    """Published and local reoffending rates, each with what chance leaves open and compared with care.

    \b
    Example:
      sqs show reoffending --service Knowsley --json
    """
    from sqs_core.measures.reoffending import (
        ENGLAND_AND_WALES,
        compared,
        of_letter,
        series,
        series_of,
        trend,
    )
    from sqs_core.measures.reoffending_words import (
        comparison_message,
        figure_message,
        reoffending_json,
        series_label,
        series_message,
        trend_message,
    )
    from sqs_core.services import find_service

    snapshot = store.read()
    known = snapshot.service(service) or find_service(service)
    name = known.name if known else service
    letters = [c for stored in snapshot.inspections(name) for c in of_letter(stored)]
    cohorts = [*snapshot.cohorts(bool(known and known.illustrative)), *letters]
    everything = series(cohorts)
    found = compared(series_of(name, everything), series_of(ENGLAND_AND_WALES, everything))
    if not found:
        raise BadInputError(f"{name}: no reoffending figure of it is stored; `sqs template reoffending`")
    if as_json:
        _print_json(reoffending_json(name, cohorts))
        return
    click.echo(f"{name}. Reoffending" + (" (illustrative, not real)" if known and known.illustrative else ""))
    for series_ in series_of(name, everything):
        click.echo(f"  {series_label(series_)}. {series_message(series_)} {trend_message(trend(series_))}")
        for one in (one for one in found if one.figure in series_.figures):
            click.echo(f"    {figure_message(one.figure)}")
            for comparison in (one.previous, *one.comparators):
                click.echo(f"      {comparison_message(comparison)}")


def _illustrative(stored: StoredInspection) -> str:
    return " (illustrative, not real)" if stored.source.illustrative else ""
