"""A table in plain HTML. Streamlit's own fetches a megabyte of scripts before it shows its first cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

# Wider than the screen it scrolls in itself, never the page; on a phone each row is a card.
_STYLE = """<style>
.rows { overflow-x: auto; }
.rows table { border-collapse: collapse; width: 100%; }
.rows caption { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
.rows th, .rows td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; font-weight: 400;
  border-top: 1px solid rgb(128 128 128 / .35); }
.rows thead th { border-top: 0; font-weight: 600; }
@media (max-width: 640px) {
  .rows.cards thead { display: none; }
  .rows.cards tr { display: block; border-top: 1px solid rgb(128 128 128 / .35); padding: .5rem 0; }
  .rows.cards tbody th { display: block; border-top: 0; padding: .1rem 0; font-weight: 600; }
  .rows.cards td { display: block; border-top: 0; padding: .1rem 0; }
  .rows.cards td::before { content: attr(data-name) ": "; opacity: .85; }
}
</style>"""


def table_html(columns: Mapping[str, Sequence[object]], caption: str, headings: bool = True) -> str:
    """Columns side by side, the first as the rows' headings. `caption` is for screen readers."""
    names = [escape(name, quote=True) for name in columns]
    rows = ""
    for first, *rest in zip(*columns.values(), strict=True):
        cells = "".join(
            f"<td data-name='{name}'>{escape(str(value))}</td>"
            for name, value in zip(names[1:], rest, strict=True)
        )
        rows += f"<tr><th scope='row'>{escape(str(first))}</th>{cells}</tr>"
    head = "".join(f"<th scope='col'>{name}</th>" for name in names)
    cards = " cards" if len(names) > 2 else ""
    return (
        f"{_STYLE}<div class='rows{cards}' tabindex='0' role='group' aria-label='{escape(caption, quote=True)}'>"
        f"<table><caption>{escape(caption)}</caption>"
        f"{f'<thead><tr>{head}</tr></thead>' if headings else ''}<tbody>{rows}</tbody></table></div>"
    )
