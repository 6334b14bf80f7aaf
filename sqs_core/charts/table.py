"""A table in plain HTML. Streamlit's own fetches a megabyte of scripts before it shows its first cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

# Wider than the screen it scrolls in itself, never the page.
_STYLE = """<style>
.rows { overflow-x: auto; }
.rows table { border-collapse: collapse; width: 100%; }
.rows caption { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
.rows th, .rows td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; font-weight: 400;
  border-top: 1px solid rgb(128 128 128 / .35); }
.rows thead th { border-top: 0; font-weight: 600; }
</style>"""


def table_html(columns: Mapping[str, Sequence[object]], caption: str, headings: bool = True) -> str:
    """Columns side by side, the first as the rows' headings. `caption` is for screen readers."""
    cells = [[escape(str(value)) for value in column] for column in columns.values()]
    rows = "".join(
        f"<tr><th scope='row'>{first}</th>{''.join(f'<td>{value}</td>' for value in rest)}</tr>"
        for first, *rest in zip(*cells, strict=True)
    )
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in columns)
    return (
        f"{_STYLE}<div class='rows' tabindex='0'><table><caption>{escape(caption)}</caption>"
        f"{f'<thead><tr>{head}</tr></thead>' if headings else ''}<tbody>{rows}</tbody></table></div>"
    )
