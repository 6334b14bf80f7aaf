"""Rates of groups as bars in plain HTML, each with its interval and its counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from sqs_core.charts import NEUTRAL, STRENGTH
from sqs_core.measures.reviewing import spelled
from sqs_core.measures.timeliness import (
    TOO_FEW_FOR_A_RATE,
    Timeliness,
    TimelinessGroup,
    rate_in_words,
)
from sqs_core.measures.words import between
from sqs_core.model import Share

_STYLE = f"""<style>
.rates {{ width: 100%; border-collapse: collapse; }}
.rates th, .rates td {{ text-align: left; vertical-align: top; padding: .55rem .8rem .55rem 0;
  border-top: 1px solid rgb(128 128 128 / .35); font-weight: 400; }}
.rates thead th {{ border-top: 0; opacity: .85; font-size: .9rem; }}
.rates tbody th {{ font-weight: 600; width: 24%; }}
.rates .bar {{ width: 30%; padding-top: .95rem; }}
.rates .scale {{ position: relative; height: .9rem; border-left: 2px solid; border-right: 2px solid;
  background: linear-gradient(90deg, transparent calc(50% - .5px), currentColor calc(50% - .5px),
  currentColor calc(50% + .5px), transparent calc(50% + .5px)); }}
.rates .scale span {{ position: absolute; border-radius: 2px; }}
.rates .chance {{ top: .3rem; height: .3rem; background: {NEUTRAL}; }}
.rates .rate {{ top: 0; height: .9rem; width: .45rem; margin-left: -.225rem; background: {STRENGTH}; }}
.rates caption {{ position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }}
@media (max-width: 640px) {{
  .rates thead {{ position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }}
  .rates tr, .rates tbody th, .rates td {{ display: block; width: auto !important; border-top: 0;
    padding: .15rem 0; }}
  .rates tr {{ border-top: 1px solid rgb(128 128 128 / .35); padding: .6rem 0; }}
}}
</style>"""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of such a table. No interval: the bar is left out, no rate: its mark."""

    label: str
    rate: float | None  # 0 to 1
    interval: Share | None
    words: str  # HTML, as it stands beside the bar


def rate_bars(groups: Sequence[TimelinessGroup], heading: str) -> str:
    """An HTML table: each group, its rate with the interval, and its counts. Under 30 due: counts alone."""
    rows = [
        Bar(
            spelled(group.label), _rate(group.timeliness), group.timeliness.interval, _words(group.timeliness)
        )
        for group in groups
    ]
    return bars_html(rows, heading, "On time", f"Reviews on time by {heading.lower()}")


def bars_html(bars: Sequence[Bar], heading: str, what: str, caption: str) -> str:
    """An HTML table of bars under `heading`; `what` the rates are of; `caption` is for screen readers."""
    return (
        f"{_STYLE}<table class='rates'><caption>{escape(caption)}</caption>"
        f"<thead><tr><th scope='col'>{escape(heading)}</th><th scope='col'>{escape(what)}, 0 to 100%</th>"
        f"<th scope='col'>In words</th></tr></thead><tbody>{''.join(map(_row, bars))}</tbody></table>"
    )


def _row(bar: Bar) -> str:
    return (
        f"<tr><th scope='row'>{escape(bar.label)}</th><td class='bar'>{_drawn(bar)}</td>"
        f"<td>{bar.words}</td></tr>"
    )


def _drawn(bar: Bar) -> str:
    """Decoration beside the words, so hidden from screen readers."""
    interval = bar.interval
    if interval is None:
        return ""
    mark = "" if bar.rate is None else f"<span class='rate' style='left:{bar.rate:.1%}'></span>"
    return (
        "<div class='scale' aria-hidden='true'>"
        f"<span class='chance' style='left:{interval.low:.1%};width:{interval.high - interval.low:.1%}'></span>"
        f"{mark}</div>"
    )


def _rate(found: Timeliness) -> float | None:
    return found.on_time_rate if found.due >= TOO_FEW_FOR_A_RATE else None


def _words(found: Timeliness) -> str:
    interval = found.interval
    if interval is None:
        return "None was due."
    counts = f"{found.on_time} of {found.due}"
    rest = ", ".join(
        f"{count} {word}" for count, word in ((found.late, "late"), (found.overdue, "overdue")) if count
    )
    rest = f"; {rest}" if rest else ""
    if found.due < TOO_FEW_FOR_A_RATE:
        return f"{counts} on time{rest}. Too few for a rate: by chance anything {between(interval)}."
    return f"<b>{rate_in_words(found.on_time, found.due)}</b>, {counts}, {between(interval)} by chance alone{rest}."
