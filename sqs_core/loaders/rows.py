"""Rows become reviews or judgements, or everything that is wrong with them is listed and nothing is returned."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Any, overload

import pandas as pd

from sqs_core.frameworks import framework
from sqs_core.loaders.columns import (
    Column,
    Kind,
    columns,
    fold,
    in_words,
    matched,
    may_be_a_name,
    no_remarks,
    values_of,
)
from sqs_core.loaders.days import DAY_FIRST, FORMS, Day, Form, day_of
from sqs_core.loaders.files import shown
from sqs_core.loaders.tables import Table
from sqs_core.model import Judgement, Review, ServiceJudgement
from sqs_core.services import find_service

_MOST = 10_000  # problems listed of one column, and rows of one warning; the rest is counted
_FEW_DAYS = 6  # so many different days, and none after the 12th: by chance in less than 1 of 200 columns
_DOUBTFUL_FORMS: dict[Form, str] = {
    "number": "numbers were read as day numbers of Excel",
    "uk_short": "years of two digits were read as 20..",
    "words_short": "years of two digits were read as 20..",
}
NO_HEADING = "no such heading"
# What is expected of a file of which every day could be read either way.
DAY_FIRST_SAID = "days as 2026-11-23, or your word that the day stands before the month"
_LONG_AGO = date(2000, 1, 1)  # before there were Youth Offending Teams
_FAR_DUE = timedelta(days=2 * 365)
_FAR_END = timedelta(days=10 * 365)
_LONG_BEFORE = 365


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that must be put right before the file can be loaded."""

    row: int | None  # as the file numbers its rows; None: it is not about one row
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = ", ".join(filter(None, (f"row {self.row}" if self.row else "", self.column)))
        return ": ".join(filter(None, (where, f"{self.found or 'nothing'}; expected {self.expected}")))


@dataclass(frozen=True, slots=True)
class TableWarning:
    """Something unlikely in a table that can be loaded: to be accepted knowingly."""

    text: str
    column: str
    count: int  # how many rows
    rows: tuple[int, ...]  # the first of them

    def __str__(self) -> str:
        first = ", ".join(str(row) for row in self.rows[:3])
        more = ", …" if self.count > 3 else ""
        rows = f"row {first}" if self.count == 1 else f"{self.count:,} rows: {first}{more}"
        return f"{self.text} ({rows})"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a table holds. With any problem it holds nothing."""

    kind: Kind
    reviews: Sequence[Review] = ()
    judgements: list[ServiceJudgement] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[TableWarning, ...] = ()
    unused: tuple[str, ...] = ()  # headings that are taken for no column


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """One column, read: each different value once, and for each row which of them it has."""

    values: list[Any]
    which: Any  # an array

    def of_each_row(self) -> list[Any]:
        return [self.values[number] for number in self.which.tolist()]

    def ids(self) -> Any:
        """For each row a number, the same for the same value however it was written."""
        seen: dict[Any, int] = {}
        numbers = [seen.setdefault(value, len(seen)) for value in self.values]
        return pd.Series(numbers, dtype="int64").to_numpy()[self.which]

    def array(self) -> Any:
        """Its values as pandas keeps them: categories of text, days, or truths."""
        different = [value for value in dict.fromkeys(self.values) if value is not None]
        code = {value: number for number, value in enumerate(different)}
        codes = pd.Series([code.get(value, -1) for value in self.values], dtype="int64").to_numpy()[
            self.which
        ]
        if any(isinstance(value, date) for value in different):
            return pd.to_datetime(pd.Series([*different, None], dtype=object)).to_numpy()[codes]
        if any(isinstance(value, bool) for value in different):
            return pd.array([*different, None], dtype="boolean")[codes]
        return pd.Categorical.from_codes(codes, different)

    def day_numbers(self) -> Any:
        """For each row its day as a number, or not a number."""
        numbers = [float("nan") if day is None else float(day.toordinal()) for day in self.values]
        return pd.Series(numbers, dtype="float64").to_numpy()[self.which]


class Reviews(Sequence[Review]):
    """The reviews of a table, kept by columns and made when they are asked for: a million of them at once would take
    seconds and hundreds of megabytes that the store does not need."""

    def __init__(self, read: Mapping[str, _Read]) -> None:
        self._read = {column.name: read[column.name] for column in fields(Review)}

    @classmethod
    def of(cls, reviews: Sequence[Review]) -> Reviews:
        """The same reviews by columns."""
        if isinstance(reviews, Reviews):
            return reviews
        rows = pd.RangeIndex(len(reviews)).to_numpy()
        return cls({f.name: _Read([getattr(r, f.name) for r in reviews], rows) for f in fields(Review)})

    def __len__(self) -> int:
        return len(self._read["service"].which)

    @overload
    def __getitem__(self, index: int) -> Review: ...
    @overload
    def __getitem__(self, index: slice) -> list[Review]: ...
    def __getitem__(self, index: int | slice) -> Review | list[Review]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return Review(*(column.values[column.which[index]] for column in self._read.values()))

    def __iter__(self) -> Iterator[Review]:
        return map(Review, *(column.of_each_row() for column in self._read.values()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # equal to a list of the same, and as little to be hashed

    def different(self, name: str) -> set[Any]:
        """The different values of a field."""
        column = self._read[name]
        return {column.values[number] for number in set(column.which.tolist())}

    def frame(self) -> pd.DataFrame:
        """A column for each field: text as categories, days as times, yes and no as themselves; blank is missing."""
        return pd.DataFrame({name: column.array() for name, column in self._read.items()})


def check(
    table: Table,
    kind: Kind,
    today: date,
    *,
    mapping: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
    day_first: bool = False,
    framework_id: str = "sqs",
) -> Checked:
    """The reviews or judgements of a table, or all its problems.

    `mapping` says which heading a column has, "" for none, and wins over what the headings say. `given` is what every row is to
    have in a column that the file does not have: the service, the day of the extract. `day_first` settles a file of
    which every day could be read either way: 03/04/2026 is 3 April.
    """
    return _Check(table, kind, today, day_first, framework_id).done(mapping or {}, given or {})


class _Check:
    """The work on one table, which gathers problems and warnings on its way."""

    def __init__(self, table: Table, kind: Kind, today: date, day_first: bool, framework_id: str) -> None:
        self._table = table
        self._day_first = day_first
        self._forms: dict[
            str, tuple[Form, list[tuple[str, date]]]
        ] = {}  # of each column with days: form, days
        self._kind = kind
        self._today = today
        self._criteria = {
            fold(text): criterion.id
            for criterion in framework(framework_id).criteria
            for text in (criterion.id, criterion.text)
        }
        self._problems: list[Problem] = []
        self._warnings: list[TableWarning] = []

    def done(self, mapping: Mapping[str, str], given: Mapping[str, str]) -> Checked:
        headings = self._headings(mapping, given)
        given = {**self._taken(headings, given), **given}
        read = {
            column.name: self._read(
                column, self._texts(headings.get(column.name), given.get(column.name, ""))
            )
            for column in columns(self._kind)
        }
        self._doubt_cells_without_heading()
        self._refuse_days_that_are_unsure(headings)
        kept = self._without_duplicates(read)
        self._doubt(read)
        unused = tuple(heading for heading in self._table.headings if heading not in headings.values())
        if self._problems:
            in_order = sorted(self._problems, key=lambda problem: (problem.row is None, problem.row or 0))
            return Checked(
                self._kind, problems=tuple(in_order), warnings=tuple(self._warnings), unused=unused
            )
        read = {name: _Read(column.values, column.which[kept]) for name, column in read.items()}
        warnings = tuple(self._warnings)
        if self._kind == "reviews":
            return Checked(self._kind, reviews=Reviews(read), warnings=warnings, unused=unused)
        rows = {name: column.of_each_row() for name, column in read.items()}
        return Checked(self._kind, judgements=_judgements(rows), warnings=warnings, unused=unused)

    # ------------------------------------------------------------ which heading is which column

    def _headings(self, mapping: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
        """The heading of each column that the table has."""
        known = {column.name: column for column in columns(self._kind)}
        for name in (*mapping, *given):
            if name not in known:
                self._problem(None, name, "no such column", f"one of: {', '.join(known)}")
        by_fold = {fold(heading): heading for heading in self._table.headings}
        found: dict[str, str] = {}
        for name, heading in mapping.items():
            if not heading:
                continue
            there = heading if heading in self._table.headings else by_fold.get(fold(heading))
            if there is None:
                expected = f"one of the headings {in_words(self._table.headings, 'and')}"
                self._problem(self._table.heading_row, name, f"no heading “{heading}”", expected)
            elif name in known:
                found[name] = there
        taken = set(found.values())
        free = [heading for heading in self._table.headings if heading not in taken]
        for name, candidates in matched(free, self._kind).items():
            if name in mapping:
                continue
            if len(candidates) == 1:
                found[name] = candidates[0]
            else:
                text = in_words(candidates, "and")
                self._problem(self._table.heading_row, name, text, "one heading: choose which of these it is")
                taken.update(candidates)
        self._say_missing(known, found, mapping, given)
        self._say_shared(found)
        return found

    def _taken(self, headings: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
        """What is taken of every row in a column that the table lacks and nobody gave."""
        taken = {
            column.name: column.without
            for column in columns(self._kind)
            if column.without and column.name not in headings and not given.get(column.name)
        }
        for name, value in taken.items():
            rows = self._table.cells.index
            self._warn(f"the file has no {name}: every row is taken as {value}", name, rows, len(rows))
        return taken

    def _doubt_cells_without_heading(self) -> None:
        """A cell beyond the headings may have pushed the others of its row aside."""
        for heading in self._table.headings:
            if re.fullmatch(r"column \d+", heading):
                texts = self._table.cells[heading]
                self._warn_where((texts != "").to_numpy(), "a cell that stands under no heading", heading)

    def _say_missing(
        self,
        known: dict[str, Column],
        found: dict[str, str],
        mapping: Mapping[str, str],
        given: Mapping[str, str],
    ) -> None:
        said = {problem.column for problem in self._problems}
        for name, column in known.items():
            if (
                column.needed
                and name not in found
                and not given.get(name)
                and not mapping.get(name)
                and name not in said
            ):
                expected = (
                    f"a heading such as “{name}” or {in_words(column.headings[:2], 'or')}, or a mapping"
                )
                self._problem(self._table.heading_row, name, NO_HEADING, expected)

    def _say_shared(self, found: dict[str, str]) -> None:
        by_heading: dict[str, list[str]] = {}
        for name, heading in found.items():
            by_heading.setdefault(heading, []).append(name)
        for heading, names in by_heading.items():
            if len(names) > 1:
                found_text = f"“{heading}” is taken for {' and for '.join(names)}"
                self._problem(self._table.heading_row, names[1], found_text, "a heading of its own")

    def _texts(self, heading: str | None, given: str) -> pd.Series:
        if heading is not None:
            return self._table.cells[heading]
        count = len(self._table.cells)
        one = pd.Categorical.from_codes(pd.Series(0, index=range(count), dtype="int8"), [given])
        return pd.Series(one, index=self._table.cells.index, name=None)

    # ------------------------------------------------------------ cells

    def _read(self, column: Column, texts: pd.Series) -> _Read:
        different = [str(text) for text in texts.cat.categories]
        which = texts.cat.codes.to_numpy()
        wrong: dict[int, tuple[str, str]] = {}
        values: list[Any] = []
        if column.holds == "day":
            days = [day_of(text) for text in different]
            values = [day.day for day in days]
            wrong = {
                number: (shown(different[number]), day.wrong) for number, day in enumerate(days) if day.wrong
            }
            self._refuse_mixed_days(column, texts, different, days)
        else:
            for number, text in enumerate(different):
                value, expected = self._value(column.holds, shown(text))
                values.append(value)
                if expected:
                    wrong[number] = (
                        shown(text) if column.holds != "case_ref" else "words, which are not repeated here",
                        expected,
                    )
        if column.filled and texts.name is not None:
            for number, value in enumerate(values):
                if value is None and number not in wrong:
                    wrong[number] = (shown(different[number]) or "nothing", self._expected(column.holds))
        self._rows_wrong(column, texts, wrong)
        if column.holds == "service":
            self._doubt_services(texts, values)
        return _Read(values, which)

    def _value(self, holds: str, text: str) -> tuple[Any, str | None]:
        """The value of one cell that is not a day, and what was expected if it has none."""
        if not text:
            return None, None
        if holds == "case_ref":
            wrong = "the service's own number of the case; this may be a name"
            return text, wrong if may_be_a_name(text) else None
        if holds in ("text", "name"):
            return None if holds == "text" and len(text) < 20 and fold(text) in no_remarks() else text, None
        if holds == "service":
            service = find_service(text)
            return service.name if service else text, None
        value = self._allowed(holds).get(fold(text))
        if value is None:
            return None, self._expected(holds)
        return value == "yes" if holds == "yes_no" else value, None

    def _allowed(self, holds: str) -> dict[str, str]:
        """What may stand in a cell, and what it means. Empty: anything."""
        return self._criteria if holds == "criterion" else values_of(holds)

    def _expected(self, holds: str) -> str:
        allowed = self._allowed(holds)
        if allowed:
            return f"one of: {', '.join(dict.fromkeys(allowed.values()))}"
        return "a day in every row" if holds == "day" else "something in every row"

    def _refuse_mixed_days(
        self, column: Column, texts: pd.Series, different: Sequence[str], days: Sequence[Day]
    ) -> None:
        counts: dict[Form, int] = {}
        rows_of = texts.value_counts(sort=False)
        for day, count in zip(days, rows_of.tolist(), strict=True):
            if day.form:
                counts[day.form] = counts.get(day.form, 0) + count
        if len(counts) > 1:
            most = max(counts.values())
            usual = [form for form, count in counts.items() if count == most]
            strange = {form for form in counts if form not in usual or len(usual) > 1}
            written = ", ".join(f"{count:,} written {FORMS[form]}" for form, count in counts.items())
            expected = f"all days of a column written alike; here {written}"
            if "real" in counts:
                expected += (
                    ": Excel may have turned day and month round, so export again with the column as text"
                )
            wrong = {
                number: (shown(different[number]), expected)
                for number, day in enumerate(days)
                if day.form in strange
            }
            self._rows_wrong(column, texts, wrong)
            return
        for form, count in counts.items():
            dated = [(shown(text), day.day) for text, day in zip(different, days, strict=True) if day.day]
            if texts.name is not None:
                self._forms[column.name] = (form, dated)
            if form in _DOUBTFUL_FORMS:
                example = next(n for n, day in enumerate(days) if day.form == form)
                read_as = f"{shown(different[example])} as {days[example].day:%d/%m/%Y}"
                self._warn(f"{_DOUBTFUL_FORMS[form]}: {read_as}", column.name, texts.index[:1], count)
            found = {day.day for day in days if day.day is not None}
            if form in ("uk", "uk_short") and len(found) >= _FEW_DAYS and all(day.day <= 12 for day in found):
                text = "no day lies after the 12th: days were read as day/month/year; make sure that they are"
                self._warn(text, column.name, texts.index[:1], count)

    def _refuse_days_that_are_unsure(self, headings: Mapping[str, str]) -> None:
        """A file writes its days in one way, and somewhere shows which of two numbers is the day."""
        row = self._table.heading_row
        slashed = {name: dated for name, (form, dated) in self._forms.items() if form in ("uk", "uk_short")}
        dashed = [name for name, (form, _) in self._forms.items() if form == "iso"]
        if slashed and dashed:
            first = next(iter(slashed))
            found = f"days {FORMS['iso']} under {in_words([headings[n] for n in dashed], 'and')}, {FORMS['uk']} here"
            self._problem(row, first, found, "all days of a file written alike")
        if any(problem.expected == DAY_FIRST for problem in self._problems):
            return  # it shows already that the month stands first
        every = [(text, day) for dated in slashed.values() for text, day in dated]
        unsure = next(((text, day) for text, day in every if day.day != day.month), None)
        if unsure and all(day.day <= 12 for _, day in every) and not self._day_first:
            text, day = unsure
            other = date(day.year, day.day, day.month)
            found = f"{text}, and in the whole file no day after the 12th: {_said(day)} or {_said(other)}?"
            self._problem(row, next(iter(slashed)), found, DAY_FIRST_SAID)

    # ------------------------------------------------------------ rows

    def _without_duplicates(self, read: dict[str, _Read]) -> Any:
        """Which rows to keep: of rows that are alike in everything, the first."""
        index = self._table.cells.index
        ids = pd.DataFrame({name: column.ids() for name, column in read.items()}, index=index)
        again = ids.duplicated()
        if again.any():
            self._warn(
                "rows that are alike in everything were counted once", "", index[again], int(again.sum())
            )
        key = _key(self._kind)
        # Without a due date it is the day it was done that tells one review from another.
        if self._kind == "reviews":
            undated = pd.Series([day is None for day in read["due_on"].values]).to_numpy()[
                read["due_on"].which
            ]
            ids["completed_or_due"] = ids["completed_on"].where(undated, -1)
            key = (*key, "completed_or_due")
        single = ids[~again]
        clashing = single[single.duplicated(list(key), keep=False)]
        filled = read["case_ref"].of_each_row() if len(clashing) else []
        place = {int(row): number for number, row in enumerate(index)} if len(clashing) else {}
        firsts: dict[tuple[int, ...], int] = {}
        found = 0
        for row, ids_of_key in zip(
            clashing.index.tolist(), clashing[list(key)].itertuples(index=False, name=None), strict=True
        ):
            if filled[place[row]] is None:
                continue  # said already: a row without its case
            first = firsts.setdefault(ids_of_key, row)
            if first != row:
                found += 1
                if found <= _MOST:
                    text = f"the same {'review' if self._kind == 'reviews' else 'criterion of a case'} as in row {first}"
                    expected = "one row for it, or rows alike in everything"
                    self._problem(row, _differing(single, first, row, key), text, expected)
        if found > _MOST:
            self._problem(None, "", f"{found - _MOST:,} more rows", "one row for each review or criterion")
        return (~again).to_numpy()

    def _doubt(self, read: dict[str, _Read]) -> None:
        """Warns of days that contradict each other or lie far away."""
        days = {
            column.name: read[column.name].day_numbers()
            for column in columns(self._kind)
            if column.holds == "day"
        }
        today = self._today.toordinal()
        limits = {"due_on": today + _FAR_DUE.days, "order_ended_on": today + _FAR_END.days}
        for name, numbers in days.items():
            future = "a day far in the future" if name in limits else "a day in the future"
            self._warn_where(numbers > limits.get(name, today), future, name)
            self._warn_where(numbers < _LONG_AGO.toordinal(), "a day before the year 2000", name)
        if self._kind != "reviews":
            return
        due, done = days["due_on"], days["completed_on"]
        started, ended = days["order_started_on"], days["order_ended_on"]
        reason = pd.Series([bool(text) for text in read["late_reason"].values]).to_numpy()[
            read["late_reason"].which
        ]
        outside = pd.Series([value is True for value in read["outside_control"].values]).to_numpy()[
            read["outside_control"].which
        ]
        self._warn_where(
            done < due - _LONG_BEFORE, "completed more than a year before it was due", "completed_on"
        )
        self._warn_where(
            (reason | outside) & (done <= due), "a reason for lateness, but it was not late", "late_reason"
        )
        self._warn_where(ended < due, "the order ended before the review was due", "order_ended_on")
        self._warn_where(started > ended, "the order started after it ended", "order_started_on")
        self._warn_where(
            done > days["extracted_on"], "completed after the day of the extract", "completed_on"
        )

    def _doubt_services(self, texts: pd.Series, values: Sequence[Any]) -> None:
        counts = texts.value_counts(sort=False).tolist()
        for text, value, count in zip(texts.cat.categories, values, counts, strict=True):
            if value is not None and find_service(value) is None:
                rows = texts.index[texts == text]
                self._warn(
                    f"the register has no service “{value}”; it is kept as it is", "service", rows, count
                )

    # ------------------------------------------------------------ gathering

    def _problem(self, row: int | None, column: str, found: str, expected: str) -> None:
        self._problems.append(Problem(row, column, found, expected))

    def _rows_wrong(self, column: Column, texts: pd.Series, wrong: dict[int, tuple[str, str]]) -> None:
        if not wrong:
            return
        heading = column.name
        if texts.name is not None and fold(str(texts.name)) != fold(column.name):
            heading = f"{column.name} (“{texts.name}”)"  # as the file calls it
        if texts.name is None:
            for found, expected in wrong.values():
                self._problem(None, heading, found, expected)
            return
        codes = texts.cat.codes
        codes = codes[codes.isin(list(wrong))]
        for row, code in codes.iloc[:_MOST].items():
            self._problem(int(row), heading, *wrong[int(code)])
        if len(codes) > _MOST:
            _, expected = wrong[int(codes.iloc[_MOST])]
            self._problem(None, heading, f"{len(codes) - _MOST:,} more rows", expected)

    def _warn_where(self, mask: Any, text: str, column: str) -> None:
        if mask.any():
            self._warn(text, column, self._table.cells.index[mask], int(mask.sum()))

    def _warn(self, text: str, column: str, rows: Iterable[int], count: int) -> None:
        self._warnings.append(
            TableWarning(text, column, count, tuple(int(row) for row in list(rows)[:_MOST]))
        )


def _said(day: date) -> str:
    return f"{day.day} {day:%B}"


def _key(kind: Kind) -> tuple[str, ...]:
    """What tells one row from another. Two orders of one child may each have a review due on the same day, and two
    changes each a review without a due date."""
    if kind == "reviews":
        order = ("order_type", "order_started_on")
        return ("service", "case_ref", *order, "plan_type", "trigger", "due_on", "significant_change_on")
    return ("service", "audit", "case_ref", "criterion")


def _differing(ids: pd.DataFrame, first: int, row: int, key: Sequence[str]) -> str:
    """The columns in which two rows differ."""
    one, other = ids.loc[first], ids.loc[row]
    return ", ".join(name for name in ids.columns if name not in key and one[name] != other[name])


def _judgements(rows: dict[str, list[Any]]) -> list[ServiceJudgement]:
    judgements = map(
        Judgement,
        rows["audit"],
        rows["audited_on"],
        rows["case_ref"],
        rows["criterion"],
        rows["judgement"],
        rows["reason"],
    )
    return list(map(ServiceJudgement, rows["service"], judgements))


def problems_csv(problems: Iterable[Problem]) -> str:
    """The problems as a CSV file. What a spreadsheet would take for a formula is kept from being one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "column", "found", "expected"])
    for problem in problems:
        row = "" if problem.row is None else problem.row
        writer.writerow(
            [row, *(_harmless(cell) for cell in (problem.column, problem.found, problem.expected))]
        )
    return text.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
