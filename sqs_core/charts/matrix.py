"""The matrix of section by practice as an HTML table: each square a bar over the shares that its findings allow,
and a link to them where there is one. So it serves a mouse, a finger, a keyboard and a screen reader alike."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from sqs_core.charts import DIRECTION_COLOUR, DIRECTION_SYMBOL, DIRECTION_WORD, NEUTRAL
from sqs_core.frameworks import Framework
from sqs_core.measures.scores import PracticeScore, Scores, square_label
from sqs_core.measures.words import cases_in_words, listed, number

# On a phone a practice is a heading, and its squares stand below it with their sections' names.
_STYLE = f"""<style>
.matrix {{ width: 100%; border-collapse: separate; border-spacing: 4px; table-layout: fixed; }}
.matrix th {{ font-weight: 600; text-align: left; vertical-align: middle; }}
.matrix thead th {{ vertical-align: bottom; padding: 0 .5rem .3rem; font-size: .9rem; }}
.matrix td {{ padding: 0; border-radius: 4px; }}
.matrix a, .matrix .square {{ display: block; padding: .5rem .6rem .6rem; border-radius: 4px; }}
.matrix a {{ color: inherit; text-decoration: none; }}
.matrix a:hover, .matrix a:focus-visible, .matrix a[aria-current] {{ outline: 3px solid currentColor; }}
.matrix a .words {{ text-decoration: underline; text-underline-offset: .15em; }}
.matrix .of {{ display: none; }}
.matrix .scale {{ position: relative; display: block; height: .5rem; margin-top: .35rem; border-radius: 2px;
  box-shadow: 0 0 0 1px {NEUTRAL}; }}
.matrix .share {{ position: absolute; top: -.15rem; height: .8rem; border-radius: 2px; }}
{
    "".join(
        f".matrix td.{direction} {{ background: color-mix(in srgb, {colour} 13%, transparent); }} "
        f".matrix td.{direction} .share {{ background: {colour}; }} "
        for direction, colour in DIRECTION_COLOUR.items()
    )
}
@media (max-width: 760px) {{
  .matrix thead {{ display: none; }}
  .matrix, .matrix tbody, .matrix tr, .matrix tbody th, .matrix td {{ display: block; width: 100%; }}
  .matrix tr {{ margin-bottom: .9rem; }}
  .matrix td {{ margin-top: .3rem; }}
  .matrix td.empty {{ display: none; }}
  .matrix .of {{ display: inline; }}
}}
</style>"""


def matrix_sentence(scores: Scores, frame: Framework) -> str:
    """How many squares show a weakness, and in which practices most."""
    weak = [c for c in scores.matrix if c.direction == "weakness"]
    if not weak:
        return f"None of the {len(scores.matrix)} squares shows a weakness alone."
    counts = {p.id: sum(c.practice == p.id for c in weak) for p in frame.practices}
    practices = sorted((p for p in frame.practices if counts[p.id]), key=lambda p: -counts[p.id])
    most = [
        f"{p.noun} in {number(counts[p.id])} section{'s' if counts[p.id] > 1 else ''}" for p in practices[:3]
    ]
    more = [f"{number(len(practices) - 3)} more"] if len(practices) > 3 else []
    return (
        f"{len(weak)} of the {len(scores.matrix)} squares show{'s' if len(weak) == 1 else ''} a weakness: "
        f"{listed(most + more)}."
    )


def matrix_html(scores: Scores, frame: Framework, address: str, chosen: str) -> str:
    """Rows are practices, columns sections. `address` and a square's label make its link, "": none; `chosen` is the
    label of the square whose findings are shown."""
    practices = [p for p in frame.practices if any(c.practice == p.id for c in scores.matrix)]
    sections = [s for s in frame.sections if any(c.section == s.id for c in scores.matrix)]
    head = "".join(f"<th scope='col'>{escape(s.short_title)}</th>" for s in sections)
    rows = []
    for practice in practices:
        squares = [scores.cell(section.id, practice.id) for section in sections]
        row = "".join(
            _square(cell, frame, address, chosen) if cell else "<td class='empty'></td>" for cell in squares
        )
        rows.append(f"<tr><th scope='row'>{escape(practice.title)}</th>{row}</tr>")
    return (
        f"{_STYLE}<table class='matrix'><thead><tr><th scope='col'>Practice</th>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _square(cell: PracticeScore, frame: Framework, address: str, chosen: str) -> str:
    label = square_label(frame, cell.section, cell.practice)
    words = str(cell.share).replace(" to ", "–") if cell.share else "in words"
    current = " aria-current='true'" if label == chosen else ""
    section = escape(frame.section(cell.section).short_title)
    inside = (
        f"<span class='of'>{section}: </span>{DIRECTION_SYMBOL[cell.direction]} <span class='words'>{words}</span>"
        f"{_bar(cell)}"
    )
    if not address:
        return f"<td class='{cell.direction}'><span class='square'>{inside}</span></td>"
    return (
        f"<td class='{cell.direction}'><a href='{escape(address + quote(label), quote=True)}#the-findings' "
        f"target='_self' title='{escape(_in_words(cell, frame), quote=True)}'{current}>{inside}</a></td>"
    )


def _bar(cell: PracticeScore) -> str:
    """Decoration beside the words, so hidden from screen readers."""
    if cell.share is None:
        return ""
    # A point still shows: at least 4% wide, around where it is, and inside the scale.
    width = max(cell.share.high - cell.share.low, 0.04)
    left = min(max((cell.share.low + cell.share.high - width) / 2, 0), 1 - width)
    return (
        "<span class='scale' aria-hidden='true'>"
        f"<span class='share' style='left:{left:.1%};width:{width:.1%}'></span></span>"
    )


def _in_words(cell: PracticeScore, frame: Framework) -> str:
    title = f"{frame.section(cell.section).title}, {frame.practice(cell.practice).noun}"
    if cell.share is None:
        return f"{title}: judged in words alone, {DIRECTION_WORD[cell.direction]}."
    words, range_ = cases_in_words(cell.share, cell.cases), str(cell.share)
    exactly = "" if range_ in words else f" ({range_})"
    return f"{title}: sufficient in {words}{exactly}, {DIRECTION_WORD[cell.direction]}."
