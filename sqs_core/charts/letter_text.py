"""The letter as HTML, its findings marked in place by symbol and colour, each with an address of its own."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from sqs_core.charts import DIRECTION_COLOUR, DIRECTION_SYMBOL, DIRECTION_WORD
from sqs_core.frameworks import Framework
from sqs_core.model import Block, StoredFinding, StoredInspection

_STYLE = f"""<style>
.letter {{ max-width: 46rem; line-height: 1.6; overflow-wrap: anywhere; }}
.letter h3 {{ margin: 1.6rem 0 .4rem; font-size: 1.15rem; }}
.letter p, .letter li {{ margin: 0 0 .8rem; }}
.letter .label {{ font-weight: 600; margin-right: .5rem; }}
.letter mark {{ color: inherit; background: transparent; border-bottom: 3px solid;
  scroll-margin-top: 6rem; padding-bottom: 1px; }}
.letter mark.qualitative {{ border-bottom-style: dotted; }}
.letter mark.chosen {{ background: rgb(255 214 10 / .35); }}
.letter mark a {{ text-decoration: none; font-size: .8rem; margin-left: .15rem; }}
.letter .strength {{ border-color: {DIRECTION_COLOUR["strength"]}; }}
.letter .weakness {{ border-color: {DIRECTION_COLOUR["weakness"]}; }}
.letter .neutral {{ border-color: {DIRECTION_COLOUR["neutral"]}; }}
</style>"""


def letter_html(stored: StoredInspection, frame: Framework, address: str, chosen: int = 0) -> str:
    """The whole letter. `address` and a finding's number make its link; `chosen` is the one to stand out."""
    out, in_list = [], False
    for index, block in enumerate(stored.inspection.blocks):
        is_item = block.kind in ("strength", "area")
        if is_item != in_list:
            out.append("<ul>" if is_item else "</ul>")
            in_list = is_item
        findings = [f for f in stored.findings if f.finding.block == index]
        out.append(_block(block, findings, frame, address, chosen))
    # Without links in it, the keyboard could not scroll the pane that it stands in.
    stop = "" if address else " tabindex='0' role='group' aria-label='The letter'"
    return f"{_STYLE}<div class='letter'{stop}>{''.join(out)}{'</ul>' if in_list else ''}</div>"


def paragraph_html(stored: StoredInspection, frame: Framework, found: StoredFinding) -> str:
    """The paragraph that a finding stands in, with that finding alone marked."""
    if found.finding.block is None:
        return "<p>Where in the letter this finding stands is not known.</p>"
    block = stored.inspection.blocks[found.finding.block]
    return f"{_STYLE}<div class='letter'>{_block(block, [found], frame, '', found.number)}</div>"


def _block(
    block: Block, findings: Iterable[StoredFinding], frame: Framework, address: str, chosen: int
) -> str:
    if block.kind == "heading":
        return f"<h3>{escape(' '.join(filter(None, (block.label, block.text))))}</h3>"
    out, done = [], 0
    for found in sorted(findings, key=lambda f: f.finding.start or 0):
        # Where two findings share words, the later one is marked from where the earlier ends.
        start, end = max(found.finding.start or 0, done), found.finding.end or 0
        if start < end:
            out += [
                escape(block.text[done:start]),
                _mark(block.text[start:end], found, frame, address, chosen),
            ]
            done = end
    label = f"<span class='label'>{escape(block.label)}</span>" if block.label else ""
    tag = "li" if block.kind in ("strength", "area") else "p"
    return f"<{tag}>{label}{''.join(out)}{escape(block.text[done:])}</{tag}>"


def _mark(words: str, found: StoredFinding, frame: Framework, address: str, chosen: int) -> str:
    finding = found.finding
    kinds = [finding.direction, *(["qualitative"] if finding.share is None else [])]
    if found.number == chosen:
        kinds.append("chosen")
    title = escape(
        f"{frame.practice(finding.practice).title}: {DIRECTION_WORD[finding.direction]}", quote=True
    )
    symbol = DIRECTION_SYMBOL[finding.direction]
    if address:
        href = escape(f"{address}{found.number}", quote=True)
        symbol = f"<a href='{href}' target='_self' aria-label='{title}'>{symbol}</a>"
    # Only in the whole letter is the mark a place to jump to: an id stands once on a page.
    place = f"id='finding-{found.number}' " if address else ""
    return f"<mark {place}class='{' '.join(kinds)}' title='{title}'>{escape(words)} {symbol}</mark>"
