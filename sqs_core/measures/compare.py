"""Which services may stand beside each other in a funnel: the same children, practices or reviews, counted in the same
way; and why the others may not. The funnel itself is in `funnel`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqs_core.measures.funnel import (
    REOFFENDING,
    Funnel,
    Place,
    Ranked,
    funnel,
    rank_in_words,
    share_words,
    standing_in_words,
)
from sqs_core.measures.reoffending import (
    ENGLAND_AND_WALES,
    Figure,
    Series,
    area_key,
    counts_of,
    figure_beside,
    rate_of,
    same_children,
    was_there,
)
from sqs_core.measures.reoffending_words import rate_words
from sqs_core.measures.scores import Scores
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE
from sqs_core.measures.timing import add_months
from sqs_core.measures.words import day, period
from sqs_core.model import Cohort, OnTimeCount

LeftOut = tuple[str, str]  # a service and why it is not compared


@dataclass(frozen=True, slots=True)
class Beside:
    """Services that may be compared, and those that have something and may not."""

    places: tuple[Place, ...]
    left_out: tuple[LeftOut, ...]
    rates: tuple[
        tuple[str, str], ...
    ] = ()  # of those whose rate is known, and no more than that: name and rate


def by_reoffending(figure: Figure, everything: Sequence[Series], services: Collection[str]) -> Beside:
    """Those of the services that have counts for the same months and children, counted in the same way."""
    wanted = {area_key(name) for name in services}
    places: list[Place] = []
    left_out: list[LeftOut] = []
    rates: list[tuple[str, str]] = []
    for one in everything:
        if area_key(one.area) not in wanted:
            continue
        for cohort in (f.cohort for f in one.figures if same_children(f.cohort, figure.cohort)):
            offenders, reoffenders = cohort.offenders, cohort.reoffenders
            if not was_there(one.area, cohort):
                left_out.append((one.area, "by our register no service of its own then"))
            elif counts := counts_of(cohort):
                places.append(Place(one.area, *counts))
            elif offenders is not None and reoffenders is not None and reoffenders <= offenders:
                places.append(Place(one.area, reoffenders, offenders))  # too few for a rate
            elif rate_of(cohort) is None:
                left_out.append((one.area, "kept back by those who publish it, or not given"))
            else:
                unknown = "number of children" if offenders is None else "number who reoffended"
                left_out.append((one.area, f"{unknown} not known"))
                rates.append((one.area, rate_words(cohort)))
    return Beside(tuple(places), tuple(left_out), tuple(sorted(rates)))


def reoffending_funnel(found: Beside, country: Sequence[Series], like: Cohort) -> Funnel:
    """Services beside England and Wales of the same months; where it has no rate, beside all of them together."""
    average = figure_beside(country, like)
    target = average.rate / 100 if average and average.rate is not None else None
    return funnel(found.places, REOFFENDING, target=target, target_name=ENGLAND_AND_WALES)


def by_section_score(latest: Mapping[str, Scores], section: str) -> Beside:
    """The latest inspection of each service. Its section score is a mean over practices of the same cases, so that
    chance moves it no more than a single practice: limits for so many cases are rather too wide than too narrow."""
    places: list[Place] = []
    left_out: list[LeftOut] = []
    for name, scores in latest.items():
        found = scores.section(section)
        if found is None or found.share is None:
            left_out.append((name, "nothing counted in this section"))
        elif not scores.cases:
            left_out.append((name, "number of cases not read"))
        else:
            when = f"inspected in {scores.judged_on:%B %Y}" if scores.judged_on else ""
            low, high = found.share.low * scores.cases, found.share.high * scores.cases
            places.append(Place(name, low, scores.cases, min(high, scores.cases), when))
    return Beside(tuple(places), tuple(left_out))


def by_on_time(counts: Sequence[OnTimeCount], last: date, services: Collection[str]) -> Beside:
    """Reviews that fell due in a period that ends on `last`, of those services whose extract reaches so far: of the
    others' last reviews nobody knows yet whether they were done.

    A child's reviews are late together, so they say less than as many children's one each: how much less is the design
    effect of a sample of clusters (W. G. Cochran, Sampling Techniques, 3rd edition, 1977, section 9A: the variance of
    a ratio over that of as many separate cases), of all the services together, as one has too few children to tell.
    """
    compared: list[OnTimeCount] = []
    left_out: list[LeftOut] = []
    for count in counts:
        if count.service not in services:
            continue
        if count.extracted_on < last:
            left_out.append((count.service, f"its extract ends on {day(count.extracted_on)}"))
        elif not count.due:
            left_out.append((count.service, "no review with a due date in the period"))
        else:
            compared.append(count)
    alike = _design_effect(compared)
    places = tuple(Place(c.service, c.on_time, c.due, alike=alike) for c in compared)
    return Beside(places, tuple(left_out))


def _design_effect(counts: Sequence[OnTimeCount]) -> float:
    """Of how many separate reviews' worth one is the inverse; 1 or more."""
    together = sum(c.squares * c.children / (c.children - 1) for c in counts if c.children > 1)
    separate = sum(c.on_time * (c.due - c.on_time) / c.due for c in counts if c.children > 1)
    return max(1.0, together / separate) if separate else 1.0


def years_to_compare(count: OnTimeCount | None) -> dict[str, tuple[date, date]]:
    """Twelve whole months each, the latest first, as far as the records of a service go back."""
    years: dict[str, tuple[date, date]] = {}
    if count is None or count.first_due_on is None:
        return years
    # The last month that the extract has whole.
    end = (count.extracted_on + timedelta(days=1)).replace(day=1)
    while end > count.first_due_on and (not years or add_months(end, -12) >= count.first_due_on):
        first, last = add_months(end, -12), end - timedelta(days=1)
        years[period(first, last).removeprefix("from ")] = (first, last)
        end = first
    return years


def compare_rows(found: Funnel, order: Sequence[Ranked]) -> list[dict[str, object]]:
    """The table behind the picture: those compared, the highest rate first, then those with too few cases."""
    subject = found.subject

    def row(place: Place, standing: str, ranks: str, counted: bool) -> dict[str, object]:
        exact = counted and place.most is None
        return {
            subject.place.capitalize(): place.name,
            "When": place.when,
            f"Number of {subject.cases}": place.cases if counted else f"under {TOO_FEW_FOR_A_RATE}",
            subject.outcome.capitalize(): round(place.events) if exact else "",
            "Share": share_words(place) if place.is_rated or (counted and not exact) else "",
            "95% interval": str(place.interval) if counted and place.cases else "",
            "In the funnel": standing,
            "Rank by rate": ranks,
        }

    rows = [
        row(one.position.place, standing_in_words(found, one.position), rank_in_words(one, len(order)), True)
        for one in order
    ]
    rows += [row(place, "too few to compare", "", subject.few_are_shown) for place in found.too_few]
    return rows
