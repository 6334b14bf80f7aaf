"""Services in a funnel of what chance alone does, and their rates with intervals as bars in plain HTML."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from html import escape

import plotly.graph_objects as go

from sqs_core.charts import NEUTRAL, STRENGTH, WEAKNESS, Chart
from sqs_core.measures.funnel import (
    Funnel,
    Place,
    Position,
    Ranked,
    chance_in_words,
    outside_message,
    own_message,
    rank_in_words,
    ranked,
    rate_words,
    share_in_percent,
    share_words,
    standing_in_words,
)
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE
from sqs_core.measures.words import between, capital, number
from sqs_core.model import Share

_STEPS = 150  # points of a limit: a curve to the eye
_OWN = "this service"
_MARK = {"circle": "", "triangle-up": " ▲", "triangle-down": " ▼"}  # beside the star, which has no side


@lru_cache(maxsize=256)  # a figure is built once for each question
def funnel_chart(found: Funnel, ink: str, own: str | None = None) -> Chart | None:
    """None: there is nothing to compare. `ink` is the colour of text, `own` the name of the service to mark.

    Places under 30 cases are hollow, where they may be shown: between the limits one sees how little they say.
    """
    few = [p for p in found.too_few if p.cases] if found.subject.few_are_shown else []
    if not found.is_comparison and len(found.positions) + len(few) < 2:
        return None
    figure = go.Figure()
    drawn = [*few, *(position.place for position in found.positions)]
    cases = [place.cases for place in drawn]
    right = max(*cases, TOO_FEW_FOR_A_RATE) * 1.08
    sizes = _sizes(min(*cases, TOO_FEW_FOR_A_RATE), round(right))
    limits = [found.limits(size) for size in sizes]
    edges: list[float] = []
    for shares, dash, name, anchor in (
        ([limit.of_95 for limit in limits], "solid", "95%", "top"),
        ([limit.of_998 for limit in limits], "dot", "99.8%", "bottom"),
    ):
        for line in ([share.low for share in shares], [share.high for share in shares]):
            figure.add_scatter(
                x=sizes,
                y=line,
                mode="lines",
                line={"color": NEUTRAL, "width": 1.5, "dash": dash},
                hoverinfo="skip",
            )
            edges += line
        # At the upper line's end, one above and one below it, as among many cases the two lie close together.
        figure.add_annotation(
            x=sizes[-1],
            y=shares[-1].high,
            text=name,
            showarrow=False,
            xanchor="left",
            yanchor=anchor,
            xshift=3,
            font={"color": ink},
        )
    figure.add_scatter(
        x=[0, sizes[-1]],
        y=[found.target] * 2,
        mode="lines",
        line={"color": ink, "width": 1, "dash": "dash"},
        hoverinfo="skip",
    )
    for place in drawn:
        if place.most is not None:
            _range(figure, place, ink if place.name == own else NEUTRAL)
    figure.add_scatter(
        x=[p.cases for p in few if p.name != own],
        y=[p.middle for p in few if p.name != own],
        mode="markers",
        marker={"symbol": "circle-open", "color": NEUTRAL, "size": 9, "line": {"color": ink, "width": 1.5}},
        hovertext=[_hover_few(found, p) for p in few if p.name != own],
        hoverinfo="text",
        cliponaxis=False,
    )
    others = [p for p in found.positions if p.place.name != own]
    figure.add_scatter(
        x=[p.place.cases for p in others],
        y=[p.rate for p in others],
        mode="markers",
        marker={
            "color": [_colour(found, p) for p in others],
            "symbol": [_symbol(p) for p in others],
            "opacity": 1,  # plotly's own fades marks of several sizes
            "size": [8 if p.standing == "inside" else 11 for p in others],
            "line": {"color": ink, "width": 1},
        },
        hovertext=[_hover(found, p) for p in others],
        hoverinfo="text",
        cliponaxis=False,
    )
    mine = found.position(own)
    for place in (place for place in drawn if place.name == own):
        figure.add_scatter(
            x=[place.cases],
            y=[place.middle],
            mode="markers+text",
            text=[f"<b>{escape(place.name, quote=False)}</b>{_MARK[_symbol(mine)] if mine else ''}"],
            # Towards the middle, so that a long name is not cut off.
            textposition="top left" if place.cases > right / 2 else "top right",
            textfont={"color": ink},
            marker={
                "color": _colour(found, mine) if mine else NEUTRAL,
                "symbol": "star" if mine else "star-open",
                "size": 18,
                "line": {"color": ink, "width": 1.5},
            },
            hovertext=[_hover(found, mine) if mine else _hover_few(found, place)],
            hoverinfo="text",
            cliponaxis=False,
        )
    shown = [*edges, found.target, *(end for p in drawn for end in (p.share.low, p.share.high))]
    figure.update_yaxes(
        range=[max(0.0, min(shown)) - 0.02, min(1.0, max(shown)) + 0.02],
        tickformat=".0%",
        tickfont={"color": ink},
        fixedrange=True,
        zeroline=False,
        title={"text": capital(f"{found.subject.cases} {found.subject.outcome}"), "font": {"color": ink}},
    )
    figure.update_xaxes(
        range=[0, sizes[-1]],
        tickformat=",d",
        tickfont={"color": ink},
        fixedrange=True,
        zeroline=False,
        title={"text": f"Number of {found.subject.cases}", "font": {"color": ink}},
    )
    figure.update_layout(
        showlegend=False, height=420, margin={"l": 0, "r": 48, "t": 12, "b": 40}, dragmode=False
    )
    sentence = own_message(found, own) if own else ""
    return Chart(figure, sentence or outside_message(found), _alt(found, sentence))


def _sizes(first: int, last: int) -> list[int]:
    """Sizes at which a limit is drawn, closer together where it bends."""
    ratio = last / first
    return sorted({round(first * ratio ** (step / _STEPS)) for step in range(_STEPS + 1)})


def _colour(found: Funnel, position: Position) -> str:
    if position.standing == "inside":
        return NEUTRAL
    return STRENGTH if found.is_better_side(position) else WEAKNESS


def _symbol(position: Position) -> str:
    if position.standing == "inside":
        return "circle"
    return "triangle-up" if position.side == "above" else "triangle-down"


def _hover(found: Funnel, position: Position) -> str:
    inside = found.limits(position.place.cases).of_95
    limits = f"{standing_in_words(found, position)}, 95% limits {share_in_percent(inside.low)} to {share_in_percent(inside.high)}"
    return f"{escape(position.place.name, quote=False)}: {rate_words(position.place)} {found.subject.cases}; {limits}"


def _hover_few(found: Funnel, place: Place) -> str:
    return f"{escape(place.name, quote=False)}: {rate_words(place)} {found.subject.cases}; too few to be compared"


def _range(figure: go.Figure, place: Place, colour: str) -> None:
    """What a letter's words leave open of a share."""
    figure.add_scatter(
        x=[place.cases] * 2,
        y=[place.share.low, place.share.high],
        mode="lines",
        line={"color": colour, "width": 3},
        hoverinfo="skip",
        cliponaxis=False,
    )


def _alt(found: Funnel, sentence: str) -> str:
    subject, sizes = found.subject, [p.place.cases for p in found.positions]
    if subject.few_are_shown:
        sizes += [p.cases for p in found.too_few if p.cases]
    total = f"{number(len(sizes))} {subject.places if len(sizes) > 1 else subject.place}"
    size = f"{min(sizes):,} to {max(sizes):,}" if min(sizes) < max(sizes) else f"{sizes[0]:,}"
    lead = (
        f"Funnel plot of the share of {subject.cases} {subject.outcome}: {total} with {size} {subject.cases}, and the "
        "limits that chance alone keeps to."
    )
    return " ".join(filter(None, [lead, sentence, outside_message(found)]))


# Bars

_STYLE = f"""<style>
.ranks {{ width: 100%; border-collapse: collapse; }}
.ranks th, .ranks td {{ text-align: left; vertical-align: top; padding: .55rem .8rem .55rem 0;
  border-top: 1px solid rgb(128 128 128 / .35); font-weight: 400; }}
.ranks thead th {{ border-top: 0; opacity: .85; font-size: .9rem; }}
.ranks tbody th {{ font-weight: 600; width: 24%; }}
.ranks .own th {{ border-left: .35rem solid; padding-left: .6rem; }}
.ranks th span {{ display: block; font-weight: 400; font-size: .9rem; }}
.ranks .bar {{ width: 30%; padding-top: .95rem; }}
.ranks .scale {{ position: relative; height: .9rem; border-left: 2px solid; border-right: 2px solid; }}
.ranks .scale span {{ position: absolute; border-radius: 2px; }}
.ranks .target {{ top: -.2rem; height: 1.3rem; border-left: 1px dashed; }}
.ranks .chance {{ top: .3rem; height: .3rem; background: {NEUTRAL}; }}
.ranks .range {{ top: .05rem; height: .8rem; min-width: .3rem; background: {STRENGTH}; }}
.ranks .rate {{ top: 0; height: .9rem; width: .45rem; margin-left: -.225rem; background: {STRENGTH}; }}
.ranks caption {{ position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }}
@media (max-width: 640px) {{
  .ranks thead {{ position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }}
  .ranks tr, .ranks tbody th, .ranks td {{ display: block; width: auto !important; border-top: 0;
    padding: .15rem 0; }}
  .ranks tr {{ border-top: 1px solid rgb(128 128 128 / .35); padding: .6rem 0; }}
}}
</style>"""


def ranked_intervals(found: Funnel, own: str | None = None, *, only: Collection[str] | None = None) -> str:
    """An HTML table: each service with its rate, interval, standing and ranks, the highest rate first; then those
    with too few cases, by name. `only`: the rows of these."""
    order = ranked(found)
    rows = "".join(
        _row(found, one, len(order), own) for one in order if only is None or one.position.place.name in only
    )
    rows += "".join(_few(found, place, own) for place in found.too_few if only is None or place.name in only)
    subject = found.subject
    return (
        f"{_STYLE}<table class='ranks'><caption>{escape(capital(subject.cases))} {escape(subject.outcome)}, by "
        f"{escape(subject.place)}</caption><thead><tr><th scope='col'>{escape(capital(subject.place))}</th>"
        f"<th scope='col'>0 to 100%; dashed: {share_in_percent(found.target)}</th><th scope='col'>In words</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _row(found: Funnel, one: Ranked, total: int, own: str | None) -> str:
    place = one.position.place
    words = f"{_counted(found, place)}, {chance_in_words(one.interval)}"
    if found.is_comparison:
        words += f"; {standing_in_words(found, one.position)}"
    if total > 1:
        words += f"; {rank_in_words(one, total)}"
    return _cells(place, own, _bar(one.interval, found.target, place.share), f"{words}.")


def _counted(found: Funnel, place: Place) -> str:
    share = share_words(place)
    noun = "" if place.most is None else f" {escape(found.subject.cases)}"
    return f"<b>{share}</b>{rate_words(place).removeprefix(share)}{noun}"


def _few(found: Funnel, place: Place, own: str | None) -> str:
    if not place.cases:
        return _cells(place, own, "", f"No {escape(found.subject.cases)}.")
    if not found.subject.few_are_shown:
        return _cells(
            place,
            own,
            "",
            f"Fewer than {TOO_FEW_FOR_A_RATE} {escape(found.subject.cases)}: too few for a rate.",
        )
    counted = place.most is None
    lead = (
        f"{place.events:.0f} of {place.cases}"
        if counted
        else f"<b>{share_words(place)}</b> of {place.cases} cases"
    )
    words = f"{lead}. Too few for a rank: by chance anything {between(place.interval)}."
    return _cells(place, own, _bar(place.interval, found.target, None if counted else place.share), words)


def _cells(place: Place, own: str | None, bar: str, words: str) -> str:
    is_own = place.name == own
    mark = f" <span>({_OWN})</span>" if is_own else ""
    mark += f" <span>{escape(capital(place.when))}</span>" if place.when else ""
    row = "<tr class='own'>" if is_own else "<tr>"
    return (
        f"{row}<th scope='row'>{escape(place.name)}{mark}</th><td class='bar'>{bar}</td><td>{words}</td></tr>"
    )


def _bar(interval: Share, target: float, share: Share | None = None) -> str:
    """Decoration beside the words, so hidden from screen readers."""
    mark = ""
    if share is not None and share.low == share.high:
        mark = f"<span class='rate' style='left:{share.low:.0%}'></span>"
    elif share is not None:
        mark = f"<span class='range' style='left:{share.low:.0%};width:{share.high - share.low:.0%}'></span>"
    return (
        "<div class='scale' aria-hidden='true'>"
        f"<span class='chance' style='left:{interval.low:.1%};width:{interval.high - interval.low:.1%}'></span>"
        f"<span class='target' style='left:{target:.1%}'></span>{mark}</div>"
    )
