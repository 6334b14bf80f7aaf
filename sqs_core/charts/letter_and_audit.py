"""A letter and the latest local audit after it, section by section on one axis, in plain HTML."""

from __future__ import annotations

from html import escape

from sqs_core.charts import NEUTRAL, STRENGTH
from sqs_core.frameworks import Framework
from sqs_core.measures.changes import (
    AuditAfter,
    LetterAndAudit,
    Sample,
    cases_in_number,
    cases_of,
    points_in_words,
)
from sqs_core.measures.scores import Scores
from sqs_core.measures.words import listed, number
from sqs_core.model import Share

_NARROWEST = 0.015  # a range of one point still shows

# Columns on a wide screen, one under the other on a narrow one. currentColor and opacity serve both themes.
_STYLE = f"""<style>
.beside {{ width: 100%; border-collapse: collapse; }}
.beside caption {{ position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }}
.beside th, .beside td {{ text-align: left; vertical-align: top; padding: .55rem .8rem .55rem 0;
  border-top: 1px solid rgb(128 128 128 / .35); font-weight: 400; }}
.beside thead th {{ border-top: 0; opacity: .85; font-size: .9rem; }}
.beside tbody th {{ width: 21%; }}
.beside tbody th b {{ display: block; }}
.beside small {{ display: block; font-size: .85rem; opacity: .85; }}
.beside .bars {{ width: 24%; padding-top: .95rem; }}
.beside .scale {{ position: relative; height: 1.9rem; border-left: 2px solid; border-right: 2px solid;
  background: linear-gradient(90deg, transparent calc(50% - .5px), currentColor calc(50% - .5px),
  currentColor calc(50% + .5px), transparent calc(50% + .5px)); }}
.beside .scale span {{ position: absolute; }}
.beside .chance {{ height: .15rem; background: {NEUTRAL}; }}
.beside .words {{ top: .1rem; height: .7rem; background: {STRENGTH}; border-radius: 2px; }}
.beside .count {{ top: 1.05rem; width: .75rem; height: .75rem; margin-left: -.375rem; border-radius: 50%;
  background: {NEUTRAL}; }}
.beside .key {{ display: inline-block; vertical-align: middle; margin-right: .35rem; }}
.beside .key.bar {{ width: .9rem; height: .55rem; border-radius: 2px; background: {STRENGTH}; }}
.beside .key.dot {{ width: .75rem; height: .75rem; border-radius: 50%; background: {NEUTRAL}; }}
.beside td .who {{ display: none; }}
@media (max-width: 640px) {{
  .beside thead {{ position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }}
  .beside tr, .beside tbody th, .beside td {{ display: block; width: auto !important; border-top: 0;
    padding: .15rem 0; }}
  .beside tr {{ border-top: 1px solid rgb(128 128 128 / .35); padding: .6rem 0; }}
  .beside .bars {{ padding: .4rem 0; }}
  .beside td .who {{ display: inline; }}
}}
</style>"""


def letter_and_audit_html(after: AuditAfter, frame: Framework) -> str:
    """An HTML table: each section, both on one scale, both with their cases and intervals, and the change."""
    letter, audit = f"Inspection, {_month(after.letter)}", f"Local audit, {_month(after.audit)}"
    rows = "".join(_row(section, letter, audit, frame) for section in after.sections)
    return (
        f"{_STYLE}<table class='beside'><caption>The letter and the latest local audit after it</caption>"
        "<thead><tr><th scope='col'>Section</th><th scope='col'>Share of cases sufficient, 0 to 100%</th>"
        f"<th scope='col'>{_key('bar')}{letter}</th><th scope='col'>{_key('dot')}{audit}</th>"
        f"<th scope='col'>Change</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(section: LetterAndAudit, letter: str, audit: str, frame: Framework) -> str:
    heading = frame.section(section.section)
    nouns = escape(listed([frame.practice(p).noun for p in section.practices]))
    compared = f"<small>on {nouns}</small>" if nouns else ""
    return (
        f"<tr><th scope='row'><b>{escape(heading.title)}</b>{compared}</th>"
        f"<td class='bars'>{_bars(section.letter, section.audit)}</td>"
        f"<td>{_said(section.letter, letter, 'bar')}</td><td>{_said(section.audit, audit, 'dot')}</td>"
        f"<td><span class='who'>Change: </span>{escape(change_in_words(section))}</td></tr>"
    )


def _key(kind: str) -> str:
    return f"<span class='key {kind}' aria-hidden='true'></span>"


def _said(sample: Sample, who: str, key: str) -> str:
    chance = f"<small>95% interval: {sample.interval}</small>" if sample.interval else ""
    return f"<span class='who'>{_key(key)}{who}: </span><b>{sample.share}</b>, {cases_of(sample)}{chance}"


def _bars(letter: Sample, audit: Sample) -> str:
    """Decoration beside the words, so hidden from screen readers."""

    def span(kind: str, range_: Share, top: str = "") -> str:
        width = max(range_.high - range_.low, _NARROWEST)
        left = min(max((range_.low + range_.high - width) / 2, 0), 1 - width)
        return f"<span class='{kind}' style='left:{left:.1%};width:{width:.1%}{top}'></span>"

    above = span("chance", letter.interval, ";top:.375rem") if letter.interval else ""
    below = span("chance", audit.interval, ";top:1.35rem") if audit.interval else ""
    dot = f"<span class='count' style='left:{(audit.share.low + audit.share.high) / 2:.1%}'></span>"
    return f"<div class='scale' aria-hidden='true'>{above}{span('words', letter.share)}{below}{dot}</div>"


def _month(scores: Scores) -> str:
    return f"{scores.judged_on:%B %Y}" if scores.judged_on else "date not given"


def change_in_words(section: LetterAndAudit) -> str:
    """ "clearly higher: 12 to 45 points up", "no clear change: 10 points down to 30 up", or why no verdict."""
    if section.difference is None:
        why = (
            "the letter does not say of how many cases" if section.same_practices else "no practice in common"
        )
        return f"no verdict: {why}"
    verdict = section.difference.verdict
    clearly = verdict if verdict == "no clear change" else f"clearly {verdict}"
    return f"{clearly}: {points_in_words(section.difference)}"


def letter_and_audit_sentence(after: AuditAfter | None, letter: Scores, frame: Framework) -> str:
    """What the latest audit says against the letter, and what neither can tell."""
    if letter.judged_on is None:
        return "This letter has no date that was read, so no local audit can be set beside it."
    if after is None:
        return "No local audit after this inspection is loaded to set beside it."
    titles: dict[str | None, list[str]] = {}
    for section in after.sections:
        titles.setdefault(section.verdict, []).append(frame.section(section.section).title.lower())
    moved = [f"clearly {way} for {listed(titles[way])}" for way in ("higher", "lower") if way in titles]
    still, unknown = titles.get("no clear change", []), titles.get(None, [])
    clauses = [f"is {' and '.join(moved)}"] if moved else []
    if still and moved and not unknown:
        clauses.append(f"no clear change in the other{f' {number(len(still))}' if len(still) > 1 else ''}")
    elif still and moved:
        clauses.append(f"no clear change for {listed(still)}")
    elif still:
        where = f"for {listed(still)}" if unknown else "in any section"
        clauses.append(f"shows no clear change {where}: all of it may be chance, or the letter's words")
    if unknown:
        clauses.append(f"{'no' if clauses else 'gives no'} verdict for {listed(unknown)}")
    n = f" ({cases_in_number(after.audit.cases)})" if after.audit.cases else ""
    return (
        f"Against the inspection of {_month(after.letter)}, the local audit of {_month(after.audit)}{n} "
        f"{'; '.join(clauses)}. Other people judged, by our list of criteria: a difference may be theirs."
    )


def letter_and_audit_rows(after: AuditAfter, frame: Framework) -> list[dict[str, object]]:
    """The table behind the picture. Shares and differences from −1 to 1, "" where unknown."""
    rows: list[dict[str, object]] = []
    for s in after.sections:
        row: dict[str, object] = {
            "Section": frame.section(s.section).title,
            "Compared on": ", ".join(frame.practice(p).title for p in s.practices),
        }
        for name, scores, sample in (
            ("Inspection", after.letter, s.letter),
            ("Local audit", after.audit, s.audit),
        ):
            row |= {
                name: scores.label,
                f"{name}, lowest share sufficient": round(sample.share.low, 3),
                f"{name}, highest share sufficient": round(sample.share.high, 3),
                f"{name}, fewest cases": sample.fewest or "",
                f"{name}, most cases": sample.most or "",
                f"{name}, caseload, lowest": round(sample.interval.low, 3) if sample.interval else "",
                f"{name}, caseload, highest": round(sample.interval.high, 3) if sample.interval else "",
            }
        rows.append(
            row
            | {
                "Difference, lowest": round(s.difference.low, 3) if s.difference else "",
                "Difference, highest": round(s.difference.high, 3) if s.difference else "",
                "Change": change_in_words(s),
            }
        )
    return rows
