"""Reoffending in words, in rows and as JSON: every figure with what chance leaves open of it, every comparison with its
verdict or why there is none. The measures are in `reoffending`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, floor, log10

from sqs_core.measures.changes import Difference
from sqs_core.measures.reoffending import (
    ENGLAND_AND_WALES,
    LETTER,
    TOO_FEW_FOR_DECIMALS,
    Compared,
    Comparison,
    Figure,
    Pool,
    Series,
    Trend,
    age_group,
    area_key,
    children_needed,
    compared,
    counts_beside,
    counts_of,
    decimals_of,
    decimals_shown,
    is_too_few,
    months_of,
    rate_of,
    series,
    series_of,
)
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE, rate_in_words
from sqs_core.measures.words import age, between, capital, day, left_out_in_words, listed, number, period
from sqs_core.model import Cohort


def rate_words(cohort: Cohort, decimals: int | None = None) -> str:
    """ "29.8%"; without decimals under 100 children: "34%"; 100% and 0% only where it is all or none. "no rate" where
    there is none. `decimals`: 0 beside a rate that has none."""
    rate, counts = rate_of(cohort), counts_of(cohort)
    if rate is None:
        return "no rate"
    if counts and (counts[1] < TOO_FEW_FOR_DECIMALS or decimals == 0):
        return rate_in_words(*counts)
    if not counts:
        return f"{rate:.{decimals_shown(cohort) if decimals is None else decimals}f}%"
    words = f"{rate:.1f}"
    if words == "100.0" and counts[0] < counts[1]:
        return "over 99.9%"
    return "under 0.1%" if words == "0.0" and counts[0] else f"{words}%"


def figure_message(figure: Figure) -> str:
    """One figure for a board: "29.8% of 151 children reoffended within a year, 45 of them: between 23% and 38% by
    chance alone. They were cautioned, convicted or released from October 2013 to September 2014." Intervals are
    rounded outwards."""
    cohort, counts = figure.cohort, figure.counts
    when = period(cohort.start, cohort.end)
    # Only the published method says how long children are followed.
    reoffended = "reoffended within a year" if cohort.source_kind == "published" else "reoffended"
    if figure.interval and counts:
        lead = f"{capital(rate_words(cohort))} of {counts[1]:,} {_who(cohort)} {reoffended}"
        many = "" if counts[0] in (0, counts[1]) else f", {_count(counts[0])} of them"
        return (
            f"{lead}{many}: {between(figure.interval)} by chance alone. "
            f"They were cautioned, convicted or released {when}."
        )
    if figure.rate is not None:
        lead = f"{capital(rate_words(cohort))} of the {_who(cohort)} cautioned, convicted or released {when} {reoffended}."
        if cohort.offenders is not None:
            return f"{lead} No whole number of {cohort.offenders:,} children gives that rate, so one of the two is wrong."
        return (
            f"{lead} How many children there were is not known, and without it nobody can say how far chance alone could "
            "move the rate."
        )
    return f"{capital(_why_no_rate(figure))}."


def _why_no_rate(figure: Figure) -> str:
    cohort = figure.cohort
    when = period(cohort.start, cohort.end)
    if cohort.offenders is not None and is_too_few(cohort):
        count = _children(cohort.offenders, "was", "were", _who(cohort))
        few = "" if cohort.offenders == 0 else ", too few for a rate"
        return f"{count} cautioned, convicted or released {when}{few}"
    if cohort.marker:
        return f"those who publish it give no rate for the cohort {when}, and put “{cohort.marker}”"
    return f"the rate for the cohort {when} is not known"


def frequency_message(figure: Figure) -> str | None:
    """How often, with whom it is counted by; None where it is not known."""
    often, each = figure.per_reoffender, figure.per_offender
    if often is None and each is None:
        return None
    if often is None:
        return f"{each:.2f} reoffences for each child in the cohort, reoffending or not (per offender)."
    whole = "" if each is None else f"; that is {each:.2f} for each child in the cohort (per offender)"
    return f"Those who reoffended committed {often:.2f} reoffences each on average (per reoffender){whole}."


def together_message(now: Figure, before: Figure) -> str | None:
    """Rate, cohort and reoffenders in one sentence, so that a rate that rises because the cohort shrinks is not taken
    for more reoffending. None where the counts are not all known. It says what the counts are, not whether it is
    chance: that is the comparison's to say."""
    if now.counts is None or before.counts is None:
        return None
    (k, n), (i, m) = now.counts, before.counts
    rate, children = k * m - i * n, k - i  # above 0: the rate rose; more children reoffended
    decimals = min(decimals_shown(now.cohort), decimals_shown(before.cohort))
    was, is_ = rate_words(before.cohort, decimals), rate_words(now.cohort, decimals)
    if was == is_ or round(100 * k / n, decimals) == round(100 * i / m, decimals):
        moved = f"the rate stayed at {'about ' if rate else ''}{is_}"
        rate = 0
    else:
        moved = f"the rate {'rose' if rate > 0 else 'fell'} from {was} to {is_}"
    fewer = f"{'more' if children > 0 else 'fewer'} children reoffended" if children else "as many reoffended"
    joined = "and" if rate * children > 0 or rate == children == 0 else "while"
    return capital(
        f"{moved} {joined} {fewer}: {k:,} of {n:,} after {i:,} of {m:,}. {capital(_cohort_size(n, m))}."
    )


def _cohort_size(n: int, m: int) -> str:
    if n == m:
        return "the cohort is as large as before"
    word = "larger" if n > m else "smaller"
    # A percentage of a small base makes a few children look like many.
    if min(n, m) >= TOO_FEW_FOR_DECIMALS and round(100 * abs(n - m) / m):
        return f"the cohort is {word} by {round(100 * abs(n - m) / m)}%"
    return f"the cohort is {word} by {_children(abs(n - m))}"


def comparison_message(made: Comparison) -> str:
    """One comparison for a board, with what chance leaves open of it, or why there is none."""
    figure, other = made.figure, made.other
    if other is None:
        return _nothing_beside(made)
    name = made.comparator or f"the cohort {period(other.cohort.start, other.cohort.end)}"
    if figure.rate is None or other.rate is None:
        where, which = (":", figure) if figure.rate is None else (", where", other)
        return f"Not comparable with {name}{where if made.comparator else ':'} {_why_no_rate(which)}."
    now, before = (rate_words(each.cohort, made.decimals) for each in (figure, other))
    rates = f"{now} {'beside' if made.comparator else 'after'} {before}"
    moved = _moved(made)
    if made.difference is None:
        return f"Not comparable with {name}: {rates}, {moved}, but {_unknown(made, name)}.{_needed(made)}"
    possible = _possible(made.difference)
    if made.verdict in ("better", "worse"):
        return (
            f"{capital(made.verdict)} than {name}: {rates}, {moved}; {possible} once chance is allowed for."
        )
    lead = f"No clear {'difference from' if made.comparator else 'change on'} {name}: {rates}, {moved}"
    if made.difference.verdict == "no clear change":
        return f"{lead}; by chance alone it could be {possible}."
    return (
        f"{lead}. On its own that would be more than chance, {possible}; among {number(made.at_once)} comparisons made "
        "at once it may still be chance."
    )


def _nothing_beside(made: Comparison) -> str:
    if made.comparator is None:
        return "There is no earlier cohort to compare with that shares no months with this one."
    return (
        f"There is no figure of {made.comparator} for the same months and children, counted in the same way, to "
        "compare with."
    )


def _moved(made: Comparison) -> str:
    points, decimals = made.points or 0.0, made.decimals
    size = f"{abs(points):.{decimals}f}"
    if points == 0:
        same = made.other is not None and made.figure.rate == made.other.rate
        return "the same" if same else f"less than {'1' if decimals == 0 else '0.1'} point apart"
    return f"{size} {'point' if size == '1' else 'points'} {'lower' if points < 0 else 'higher'}"


def _possible(difference: Difference) -> str:
    """Rounded outwards to whole points, so that it never looks surer than it is."""
    low, high = floor(100 * difference.low + 1e-9), ceil(100 * difference.high - 1e-9)
    if difference.verdict == "no clear change":
        return f"anything from {_whole(-low)} lower to {_whole(high)} higher"
    near, far = sorted((abs(low), abs(high)))
    side = "lower" if difference.verdict == "lower" else "higher"
    return f"between {near or 'less than 1'} and {_whole(far)} {side}"


def _whole(points: int) -> str:
    return f"{points} {'point' if points == 1 else 'points'}"


def _unknown(made: Comparison, name: str) -> str:
    """Which numbers of children are missing."""
    without = [
        (f.cohort, where)
        for f, where in ((made.figure, "this cohort"), (made.other, name))
        if f is not None and (f.counts if f is made.figure else counts_beside(f)) is None
    ]
    children = [f"in {where}" for cohort, where in without if cohort.offenders is None]
    missing = [f"the number of children {listed(children)}"] if children else []
    missing += [
        f"how many of the children in {where} reoffended"
        for cohort, where in without
        if cohort.offenders is not None
    ]
    return f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} not known"


_MORE_THAN_ANY_SERVICE = 5_000  # the 157 services together had 42,299 in 2013/14


def _needed(made: Comparison) -> str:
    """What it would take, where the counts are not known: most differences between rates are within chance."""
    if made.figure.rate is None or made.other is None or made.other.rate is None or not made.points:
        return ""
    children = children_needed(made.figure.rate, made.other.rate, made.comparator is not None)
    if children is None:
        return " Chance could make so small a difference in a cohort of any size."
    if children < TOO_FEW_FOR_A_RATE:  # a number that no rate is published for would only confuse
        return ""
    where = "" if made.comparator else " in each cohort"
    points = _moved(made).rsplit(" ", 1)[0]  # without "lower"
    have = made.figure.cohort.offenders
    had = f"; this one has {have:,}" if have is not None and made.comparator else ""
    far = ", more than any service has" if children > _MORE_THAN_ANY_SERVICE else ""
    return (
        f" A difference of {points} would need about {_about(children):,} children{where} to be more than chance"
        f"{far}{had}."
    )


def _about(count: int) -> int:
    """Rounded up to two figures."""
    step: int = 10 ** max(0, floor(log10(count)) - 1)
    return ceil(count / step) * step


def revision_messages(figure: Figure) -> tuple[str, ...]:
    """What changed each time that the figure was published again, the oldest first, and where a letter says otherwise.
    Empty: neither."""
    out = []
    vintages = (*figure.earlier, figure.cohort)
    which = capital(cohort_label(figure.cohort))
    for before, now in pairwise(vintages):
        changes = _changes(before, now)
        said = f": {listed(changes)}" if changes else " without a change"
        if before.published_on is None:
            first = "given without a date" if now.published_on else "given twice without a date"
            again = f" and published on {day(now.published_on)}" if now.published_on else ""
        elif now.published_on == before.published_on:
            first, again = f"given twice as published on {day(before.published_on)}", ""
        else:
            first = f"published on {day(before.published_on)}"
            again = f" and again on {day(now.published_on)}" if now.published_on else ""
        out.append(f"{which}, {first}{again}{said}.")
    known = {f"{rate:.1f}" for vintage in vintages if (rate := rate_of(vintage)) is not None}
    for letter in figure.quoted:
        rate = rate_of(letter)
        if rate is not None and known and f"{rate:.1f}" not in known:
            out.append(f"{which}: an inspection letter gives {rate:.1f}%, which no table loaded here does.")
    return tuple(out)


def cohort_label(cohort: Cohort) -> str:
    """ "October 2012 to September 2013"."""
    return period(cohort.start, cohort.end).removeprefix("from ").removeprefix("in ")


def _changes(before: Cohort, now: Cohort) -> list[str]:
    out = []
    was, is_ = rate_of(before), rate_of(now)
    if was is None or is_ is None:
        if was != is_:
            out.append("the rate is no longer given" if is_ is None else f"the rate is now {rate_words(now)}")
    elif round(was, decimals := min(decimals_shown(before), decimals_shown(now))) != round(is_, decimals):
        out.append(f"the rate went from {rate_words(before)} to {rate_words(now)}")
    few = is_too_few(before) or is_too_few(now)
    for label, old, new in (
        ("the children in the cohort", before.offenders, now.offenders),
        ("those who reoffended", None if few else before.reoffenders, None if few else now.reoffenders),
        ("their reoffences", None if few else before.reoffences, None if few else now.reoffences),
    ):
        if old == new:
            continue
        if old is None or new is None:
            out.append(f"{label} are {'no longer given' if new is None else f'now given, {new:,}'}")
        else:
            out.append(f"{label} went from {old:,} to {new:,}")
    return out


def doubts_messages(figure: Figure) -> list[str]:
    """What an analyst should look at. The counts go before a rate that does not agree with them."""
    cohort = figure.cohort
    out = []
    offenders, reoffenders, reoffences = cohort.offenders, cohort.reoffenders, cohort.reoffences
    if cohort.rate is not None and not 0 <= cohort.rate <= 100:
        out.append(f"The published rate is {cohort.rate:g}%, which no rate can be.")
    if offenders is not None and reoffenders is not None and not 0 <= reoffenders <= offenders:
        out.append(
            f"{_children(reoffenders, 'reoffended', 'reoffended')} of {_count(offenders)}: the counts cannot be right."
        )
    elif (counts := counts_of(cohort)) and reoffenders is None:
        out.append(f"How many reoffended, {counts[0]:,}, is worked out from the rate.")
    elif counts and cohort.rate is not None:
        decimals = decimals_of(cohort.rate)
        rate = 100 * counts[0] / counts[1]
        if abs(rate - cohort.rate) > 0.5 * 10**-decimals + 1e-9:
            out.append(
                f"The published rate is {cohort.rate:g}%, but {counts[0]:,} of {counts[1]:,} children is "
                f"{rate:.{max(1, decimals)}f}%: the counts are used."
            )
    if reoffences is not None and reoffenders is not None and reoffences < reoffenders:
        out.append(
            f"{_children(reoffenders, 'reoffended', 'reoffended')}, but {_count(reoffences)} "
            f"{'reoffence is' if reoffences == 1 else 'reoffences are'} counted: there must be at least one for each."
        )
    return [capital(doubt) for doubt in out]


def trend_message(found: Trend) -> str:
    """Whether the rate went up or down over a whole series."""
    if found.verdict == "not comparable":
        return (
            f"Whether there is a trend cannot be told: it takes three cohorts of {TOO_FEW_FOR_A_RATE} or more children "
            "that share no months, of whom some reoffended and some did not."
        )
    first, last = found.figures[0].cohort, found.figures[-1].cohort
    over = f"Over {number(len(found.figures))} cohorts that share no months, from {first.start:%B %Y} to {last.end:%B %Y}"
    decimals = min(decimals_shown(figure.cohort) for figure in found.figures)
    rates = f"{rate_words(first, decimals)} in the first, {rate_words(last, decimals)} in the latest"
    if found.verdict == "no clear trend" and found.steady:
        return (
            f"No clear trend. {over}, the rates differ by no more than chance alone would make them: {rates}."
        )
    ranked = sorted((figure.cohort for figure in found.figures), key=lambda cohort: rate_of(cohort) or 0)
    reach = f"from {rate_words(ranked[0], decimals)} to {rate_words(ranked[-1], decimals)}"
    if found.verdict == "no clear trend":
        return (
            f"No steady rise or fall. {over}, the rates go up and down by more than chance, {reach}: {rates}."
        )
    unsteady = "" if found.steady else f", though not steadily: between them the rates went {reach}"
    return f"{over}, the rate {found.verdict} by more than chance: {rates}{unsteady}."


def pool_message(pool: Pool) -> str:
    """What a comparator of several areas is made of, and what it is not."""
    have = f"only {number(pool.have)}" if pool.have else "none"
    out = (
        f"{pool.cohort.area}: {have} of {number(pool.there)} {'has' if pool.have < 2 else 'have'} counts for these months, "
        "too few to stand for all."
    )
    if pool.areas:
        made = "one area" if len(pool.areas) == 1 else f"{number(len(pool.areas))} areas added up"
        offenders = pool.cohort.offenders or 0
        out = f"{pool.cohort.area}: {made}, {_children(offenders)}."
    return f"{out} {left_out_in_words(pool.left_out)}".strip()


def series_message(one: Series) -> str:
    """Which method, and what follows from it; where the boundaries changed."""
    said = [_method_message(one)]
    if one.quoted:
        said.append(
            "Only inspection letters give these months, so they stand apart from the published figures."
        )
    for change, other in ((one.began, "before"), (one.ended, "after")):
        if change:
            said.append(
                f"In {change.on:%B %Y}, by our register, {change.what}: the figures {other} are of other places, and a "
                "series of their own."
            )
    return " ".join(said)


def _method_message(one: Series) -> str:
    if one.rolling:
        overlaps = sorted({f.overlap for f in one.figures if f.overlap})
        many = overlaps[0] == overlaps[-1] == 1
        most = number(overlaps[-1]) if overlaps[0] == overlaps[-1] else f"up to {number(overlaps[-1])}"
        return (
            f"Cohorts of {number(one.months)} months that share {most} {'month' if many else 'months'} with the one "
            "before: much the same children, so each is compared with the last one that shares none."
        )
    if one.summed:
        return (
            f"Cohorts of {number(one.months)} months, each the sum of three-month cohorts: a child may be in it more "
            "than once. Not to be joined with the cohorts that end in 2015 or before."
        )
    months = f"{number(one.months)} {'month' if one.months == 1 else 'months'}"
    if len(one.figures) == 1:
        return f"One cohort of {months}."
    return f"Cohorts of {months}, none of which shares a month with another."


def _who(cohort: Cohort) -> str:
    aged = age_group(cohort)
    return f"children aged {aged}" if aged else "children"


def _count(count: int) -> str:
    """As words where small, else with its thousands: "three", "16,083"."""
    return number(count) if count < 13 else f"{count:,}"


def _children(count: int, one: str = "", many: str = "", who: str = "children") -> str:
    """ "one child was", "14 children were", "no children were"."""
    noun = who.replace("children", "child", 1) if count == 1 else who
    return f"{_count(count)} {noun} {one if count == 1 else many}".strip()


# As JSON


def reoffending_json(service: str, cohorts: Sequence[Cohort]) -> dict[str, object]:
    """What `sqs show reoffending --json` prints: the figures in force for all children, series by series, published
    before local ones, whose source says that they are the service's own. Rates and intervals are in per cent, change
    in points, all null where unknown; interval and change obey the same rules as the rate: none under 30 children, no
    decimals under 100, intervals rounded outwards. Verdict and change are of the previous cohort that shares no month.
    Age groups are in the family of comparisons, but have no key of their own and are left out."""
    everything = series(cohorts)
    found = compared(series_of(service, everything), series_of(ENGLAND_AND_WALES, everything))
    return {
        "service": service,
        "series": [_figure_json(one) for one in found if age_group(one.figure.cohort) is None],
    }


def _figure_json(one: Compared) -> dict[str, object]:
    cohort, previous = one.figure.cohort, one.previous
    beside = one.comparators[0].other if one.comparators else None
    return {
        "cohort_start": f"{cohort.start:%Y-%m}",
        "cohort_end": f"{cohort.end:%Y-%m}",
        "cohort_months": months_of(cohort),
        "offenders": cohort.offenders,
        "reoffenders": None if is_too_few(cohort) else cohort.reoffenders,
        "rate": _rounded_rate(one.figure),
        "interval": _interval_json(one.figure),
        "england_wales_rate": _rounded_rate(beside),
        "previous_rate": _rounded_rate(previous.other),
        "change": _change_json(previous),
        "verdict": previous.verdict,
        "published_on": _published(cohort) or None,
        "source": _source(cohort),
        "reoffences": cohort.reoffences if one.figure.per_reoffender is not None else None,
    }


def _source(cohort: Cohort) -> str | None:
    own = "the service's own tracker"
    if cohort.source_kind == "local":
        return f"{cohort.source} ({own})" if cohort.source else own
    return cohort.source


def _rounded_rate(figure: Figure | None) -> float | None:
    if figure is None or figure.rate is None:
        return None
    return round(figure.rate, decimals_shown(figure.cohort))


def _interval_json(figure: Figure) -> list[float] | None:
    if figure.interval is None:
        return None
    unit = 10 ** decimals_shown(figure.cohort)
    low, high = figure.interval.low * 100 * unit, figure.interval.high * 100 * unit
    return [floor(low + 1e-9) / unit, ceil(high - 1e-9) / unit]


def _change_json(previous: Comparison) -> float | None:
    if previous.points is None or previous.other is None:
        return None
    return previous.points


# For the page


def series_label(one: Series) -> str:
    """A series as pickers and addresses name it: "12-month cohorts, rolling"."""
    who = f", {one.age_group} years old" if one.age_group else ""
    whose = ", the service's own figures" if one.source_kind == "local" else ""
    whose = ", as letters give them" if one.quoted else whose
    sums = ", sums of quarters" if one.summed else ""
    rolling = ", rolling" if one.rolling else ""
    return f"{one.months}-month cohorts{rolling}{sums}{who}{whose}{_boundaries(one)}"


def _boundaries(one: Series) -> str:
    last = f"{one.ended.on - timedelta(days=1):%B %Y}" if one.ended else ""
    if one.began and one.ended:
        return f", boundaries of {one.began.on:%B %Y} to {last}"
    if one.began:
        return f", boundaries since {one.began.on:%B %Y}"
    return f", boundaries until {last}" if last else ""


def age_message(figure: Figure, today: date) -> str:
    """When the figure was published, where it stands, and how old the children's months are."""
    cohort = figure.cohort
    published = "The day of publication is not known"
    if cohort.published_on:
        published = f"Published on {day(cohort.published_on)}, {age(cohort.published_on, today)}"
    if cohort.source == LETTER:
        published = "As the inspection letter gives it"
    if cohort.source_kind == "local":
        published = "By the service's own tracking, which nobody has published"
    source = f". Source: {cohort.source}" if cohort.source and cohort.source != LETTER else ""
    return f"{published}{source}. The cohort ended {age(cohort.end, today)}."


def reoffending_rows(found: Sequence[Compared]) -> list[dict[str, object]]:
    """The table behind the picture. Rates in per cent by the rules of the page, "" where there is none."""
    rows: list[dict[str, object]] = []
    for one in found:
        cohort = one.figure.cohort
        counts, local = one.figure.counts, cohort.source_kind == "local"
        rows.append(
            {
                "Cohort": cohort_label(cohort),
                "Children": "" if cohort.offenders is None else cohort.offenders,
                "Reoffended": counts[0] if counts else "",
                "Reoffences": "" if one.figure.per_reoffender is None else cohort.reoffences,
                "Rate": rate_words(cohort) if one.figure.rate is not None else cohort.marker or "",
                "95% interval": str(one.figure.interval or ""),
                "Reoffences per reoffender": _frequency_words(one.figure.per_reoffender),
                "Reoffences per offender": _frequency_words(one.figure.per_offender),
                "On the cohort before": one.previous.verdict,
                **{f"Beside {c.comparator}": c.verdict for c in one.comparators},
                "Published": f"{'recorded ' if local and cohort.published_on else ''}{_published(cohort)}",
                "Source": cohort.source or "",
            }
        )
    return rows


def _published(cohort: Cohort) -> str:
    """The day in ISO; the month alone for a letter, which gives no more."""
    if cohort.published_on is None:
        return ""
    iso = cohort.published_on.isoformat()
    return iso[:7] if cohort.source == LETTER else iso


def _frequency_words(often: float | None) -> str:
    return "" if often is None else f"{often:.2f}"


def cohorts_message(cohorts: Sequence[Cohort]) -> str:
    """What a table of reoffending holds, for whoever is about to load it."""
    areas = {area_key(cohort.area) for cohort in cohorts}
    first, last = min(cohort.start for cohort in cohorts), max(cohort.end for cohort in cohorts)
    kept = sum(cohort.rate is None and cohort.offenders is None for cohort in cohorts)
    back = f"; {kept:,} of them kept back by those who publish them" if kept else ""
    figures = "One figure" if len(cohorts) == 1 else f"{len(cohorts):,} figures"
    of = "one area" if len(areas) == 1 else f"{len(areas):,} areas"
    return f"{figures} of {of}, of cohorts {period(first, last)}{back}."
