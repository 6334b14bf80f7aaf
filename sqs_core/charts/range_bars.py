"""Section scores as bars in plain HTML: read at once, before any chart code has to arrive."""

from __future__ import annotations

from html import escape

from sqs_core.charts import NEUTRAL, STRENGTH
from sqs_core.frameworks import Framework
from sqs_core.measures.messages import band_words
from sqs_core.measures.scores import Scores, SectionScore
from sqs_core.measures.words import listed
from sqs_core.model import Share

# Columns on a wide screen, one under the other on a narrow one. currentColor and opacity serve both themes.
_STYLE = f"""<style>
.range-bars {{ width: 100%; border-collapse: collapse; }}
.range-bars th, .range-bars td {{ text-align: left; vertical-align: top; padding: .55rem .8rem .55rem 0;
  border-top: 1px solid rgb(128 128 128 / .35); font-weight: 400; }}
.range-bars thead th {{ border-top: 0; opacity: .85; font-size: .9rem; }}
.range-bars tbody th {{ font-weight: 600; width: 26%; }}
.range-bars .bar {{ width: 32%; padding-top: .95rem; }}
.range-bars .scale {{ position: relative; height: .9rem; border-left: 2px solid; border-right: 2px solid;
  background: linear-gradient(90deg, transparent calc(50% - .5px), currentColor calc(50% - .5px),
  currentColor calc(50% + .5px), transparent calc(50% + .5px)); }}
.range-bars .widest, .range-bars .score {{ position: absolute; border-radius: 2px; }}
.range-bars .widest {{ top: .35rem; height: .2rem; background: {NEUTRAL}; }}
.range-bars .score {{ top: 0; height: .9rem; background: {STRENGTH}; }}
@media (max-width: 640px) {{
  .range-bars thead {{ position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }}
  .range-bars tr, .range-bars tbody th, .range-bars td {{ display: block; width: auto !important;
    border-top: 0; padding: .15rem 0; }}
  .range-bars tr {{ border-top: 1px solid rgb(128 128 128 / .35); padding: .6rem 0; }}
}}
</style>"""


def range_bars(scores: Scores, frame: Framework) -> str:
    """An HTML table: each section, its score as a bar and in words, and what is in words alone."""
    rows = "".join(_row(scores, section, frame) for section in scores.sections)
    return (
        f"{_STYLE}<table class='range-bars'><thead><tr><th scope='col'>Section</th>"
        "<th scope='col'>Share of cases sufficient, 0 to 100%</th>"
        "<th scope='col'>What is in it</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _row(scores: Scores, section: SectionScore, frame: Framework) -> str:
    def nouns(practices: tuple[str, ...]) -> str:
        return escape(listed([frame.practice(p).noun for p in practices]))

    if section.share is None:
        bar, text = _bar(None, section.widest), "<b>In words alone</b>, so no score."
    else:
        bar = _bar(section.share, section.widest)
        text = (
            f"<b>{section.share}</b> {escape(band_words(section.share, frame.id))}, from "
            f"{nouns(section.practices_quantified)}.{_lowest_practice(scores, section, frame)}"
        )
    if section.practices_in_words:
        text += f" No number for {nouns(section.practices_in_words)}."
    title = escape(frame.section(section.section).title)
    return f"<tr><th scope='row'>{title}</th><td class='bar'>{bar}</td><td>{text}</td></tr>"


def _lowest_practice(scores: Scores, section: SectionScore, frame: Framework) -> str:
    """A mean hides its lowest part, so that is named beside it."""
    cells = [c for p in section.practices_quantified if (c := scores.cell(section.section, p)) and c.share]
    ranked = sorted(cells, key=lambda c: c.share.low + c.share.high if c.share else 0)
    if len(ranked) < 2 or ranked[0].share == ranked[-1].share or ranked[0].share is None:
        return ""
    noun = escape(frame.practice(ranked[0].practice).noun)
    return f" <b>Lowest: {noun}, {ranked[0].share}.</b>"


def _bar(share: Share | None, widest: Share) -> str:
    """Decoration beside the words, so hidden from screen readers."""

    def span(kind: str, range_: Share) -> str:
        # A point still shows: at least 1.5% wide, around where it is, and kept inside the scale.
        width = max(range_.high - range_.low, 0.015)
        left = min(max((range_.low + range_.high - width) / 2, 0), 1 - width)
        return f"<span class='{kind}' style='left:{left:.1%};width:{width:.1%}'></span>"

    score = span("score", share) if share else ""
    return f"<div class='scale' aria-hidden='true'>{span('widest', widest)}{score}</div>"


def lowest_section(scores: Scores, frame: Framework) -> str:
    """Which section scores lowest, and whether its range lies clear of the others."""
    scored = [(s.section, s.share) for s in scores.sections if s.share is not None]
    if not scored:
        return "No section can be scored: the letter counts nothing."
    section, share = min(scored, key=lambda s: s[1].low + s[1].high)
    title = frame.section(section).title
    if len(scored) == 1:
        return f"Only {title.lower()} can be scored, at {share} of cases sufficient."
    overlapping = [
        f"{frame.section(other).title.lower()} ({range_})"
        for other, range_ in scored
        if other != section and range_.low <= share.high
    ]
    if not overlapping:
        return f"{title} scores lowest, at {share} of cases sufficient."
    return (
        f"{title} is lowest at {share} of cases sufficient, but not clearly: it overlaps with "
        f"{listed(overlapping)}."
    )
