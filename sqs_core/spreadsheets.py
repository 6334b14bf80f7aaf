"""Tables as files that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence


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
    runs = isinstance(value, str) and (
        value[:1] in ("\t", "\r", "\n") or value.lstrip()[:1] in ("=", "+", "-", "@", "＝", "＋", "－", "＠")
    )
    return f"'{value}" if runs else value
