"""The message of an inspection in one or two sentences, made from its scores; never more than they carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqs_core.frameworks import Framework, framework
from sqs_core.measures.scores import PracticeScore, Scores, SectionScore, finding_caseload_interval
from sqs_core.measures.statistics import chance_points
from sqs_core.measures.words import age, capital, cases_in_words, listed, month, month_end, number
from sqs_core.model import Finding, Letter, ReoffendingHeadline, Share


@dataclass(frozen=True, slots=True)
class PracticeAcrossSections:
    """One practice through all sections in which it was quantified."""

    practice: str
    cells: tuple[PracticeScore, ...]
    low: float  # the lowest and the highest share that any section allows
    high: float

    weak: int  # sections in which it is a weakness, in numbers or in words

    @property
    def middle(self) -> float:
        return sum(c.share.low + c.share.high for c in self.cells if c.share) / (2 * len(self.cells))

    @property
    def range(self) -> Share:
        return Share(self.low, self.high)

    def clearly_below(self, other: PracticeAcrossSections) -> bool:
        """Below the other whatever the words meant, or by a tenth of the cases on the whole."""
        return self.high < other.low or self.middle < other.middle - 0.1


def practices_across_sections(scores: Scores, frame: Framework) -> list[PracticeAcrossSections]:
    """Every practice that any section quantified, strongest first; ties in the framework's order."""
    out = []
    for practice in frame.practices:
        cells = tuple(
            c
            for c in scores.matrix
            if c.practice == practice.id and c.share is not None and practice.in_score
        )
        if cells:
            shares = [c.share for c in cells if c.share is not None]
            out.append(
                PracticeAcrossSections(
                    practice.id,
                    cells,
                    min(s.low for s in shares),
                    max(s.high for s in shares),
                    sum(c.practice == practice.id and c.direction == "weakness" for c in scores.matrix),
                )
            )
    return sorted(out, key=lambda p: -p.middle)


def inspection_message(scores: Scores, frame: Framework) -> str:
    """What was strong and what was the weak point, for the head of the overview.

    "Assessment was sufficient in every case. Reviewing was the weak point: sufficient in fewer than half
    of cases for reducing reoffending, …". Says so where nothing was quantified, and where practices lie
    too close to call.
    """
    ranked = practices_across_sections(scores, frame)
    if not ranked:
        judged = [frame.practice(c.practice).noun for c in scores.matrix if c.direction == "weakness"]
        weak = f" It names weaknesses in {listed(list(dict.fromkeys(judged)))}." if judged else ""
        return "The letter judges this service in words alone: nothing in it can be counted." + weak
    return " ".join(filter(None, (_strong_point(ranked, frame), _weak_point(ranked, frame))))


def _strong_point(ranked: list[PracticeAcrossSections], frame: Framework) -> str:
    faultless = [frame.practice(p.practice).noun for p in ranked if p.low == 1]
    if faultless:
        verb = "was" if len(faultless) == 1 else "were"
        return f"{capital(listed(faultless[:3]))} {verb} sufficient in every case."
    if len(ranked) == 1:
        return ""
    best, next_best = ranked[:2]
    word = "was strongest" if next_best.clearly_below(best) else "was highest, though not clearly"
    return f"{capital(frame.practice(best.practice).noun)} {word}: sufficient in {_in_sections(best, frame)}."


def _weak_point(ranked: list[PracticeAcrossSections], frame: Framework) -> str:
    """The practice with the lowest shares; together with the one that is a weakness in more sections, if another."""
    lowest = ranked[-1]
    if lowest.low == 1:
        return ""
    noun = capital(frame.practice(lowest.practice).noun)
    if len(ranked) == 1:
        return f"Only {noun.lower()} was counted: sufficient in {_in_sections(lowest, frame)}."
    most_often_weak = max(reversed(ranked), key=lambda p: p.weak)
    if most_often_weak.weak > lowest.weak:
        other = frame.practice(most_often_weak.practice).noun
        return (
            f"{noun} ({lowest.range} of cases sufficient) and {other} "
            f"({most_often_weak.range}) were lowest, and the letter does not tell them apart."
        )
    word = "was the weak point" if lowest.clearly_below(ranked[-2]) else "was lowest, though not clearly"
    return f"{noun} {word}: sufficient in {_in_sections(lowest, frame)}."


def inspection_age(letter: Letter, today: date) -> str:
    """When that was, how long ago, and in how many cases; what chance alone does to so few."""
    if letter.fieldwork_end:
        ended = letter.fieldwork_end
        when = f"This is what the inspectors saw in {ended:%B %Y}, {age(ended, today)}"
    elif letter.published_on:
        published = letter.published_on
        when = f"The letter is of {published:%B %Y}, {age(published, today)}"
    else:
        when = "The letter does not say when this was"
    if not letter.case_count:
        return f"{when}. How many cases the inspectors examined was not read."
    return (
        f"{when}, in {letter.case_count} cases. In so few, chance alone can move a share by "
        f"{chance_points(letter.case_count)} points either way."
    )


def audits_message(audits: Sequence[Scores], frame: Framework) -> str:
    """What the service's own audits say since the inspection, latest first in `audits`; "" where there are none.
    First and latest stand beside each other only with what chance does to so few cases."""
    if not audits:
        return ""
    sizes = sorted(audit.cases for audit in audits if audit.cases)
    if not sizes:
        return ""
    of = f"of {sizes[0]} cases" if sizes[0] == sizes[-1] else f"of {sizes[0]} to {sizes[-1]} cases each"
    times = {1: "once", 2: "twice"}.get(len(audits), f"{number(len(audits))} times")
    lead = f"Since this inspection the service has audited its own work {times}, {of}."
    latest, first = audits[0], audits[-1]
    sections = [
        f"{frame.section(now.section).title.lower()} {before.share}, then {now.share}"
        for now in latest.sections
        if (before := first.section(now.section)) and before.share and now.share
    ]
    if latest is first or not sections or not latest.cases:
        return lead
    return (
        f"{lead} From {first.judged_on:%B %Y} to {latest.judged_on:%B %Y}: {listed(sections)}. In "
        f"{latest.cases} cases chance alone can move a share by {chance_points(latest.cases)} points either way."
    )


def practice_message(scores: Scores, frame: Framework, practice_id: str) -> str:
    """What the letter found of one practice, section by section. "" where it says nothing of it."""
    noun = frame.practice(practice_id).noun
    counted = next((p for p in practices_across_sections(scores, frame) if p.practice == practice_id), None)
    in_words = [
        frame.section(c.section).title.lower()
        for c in scores.matrix
        if c.practice == practice_id and c.share is None and c.direction == "weakness"
    ]
    said = [f"sufficient in {_in_sections(counted, frame)}"] if counted else []
    said += [f"a weakness in words alone for {listed(in_words)}"] if in_words else []
    return f"{capital(noun)} was {'; '.join(said)}." if said else ""


def _in_sections(practice: PracticeAcrossSections, frame: Framework) -> str:
    """Each section's share in words, sections with the same share named together."""
    by_words: dict[str, list[str]] = {}
    for cell in practice.cells:
        if cell.share is not None:
            words = cases_in_words(cell.share, cell.cases)
            by_words.setdefault(words, []).append(frame.section(cell.section).title.lower())
    return listed([f"{words} for {listed(titles)}" for words, titles in by_words.items()])


def left_out(scores: Scores) -> str:
    """How much of the letter is words without numbers, so that no score looks like the whole of it."""
    practices = sum(len(s.practices_in_words) for s in scores.sections)
    if not practices:
        return "Every practice that the letter judges has a number."
    judged = practices + sum(len(s.practices_quantified) for s in scores.sections)
    return (
        f"{capital(number(practices))} of the letter's {judged} judgements "
        f"{'gives' if practices == 1 else 'give'} no number, so {'it is' if practices == 1 else 'they are'} not "
        "in the scores."
    )


def score_in_words(score: SectionScore) -> str:
    """The score of a section as its range: "43% to 57%", or "in words alone"."""
    return str(score.share or "in words alone")


def reoffending_message(headline: ReoffendingHeadline) -> str | None:
    """The letter's published reoffending rate with its comparators; None where the letter gives no rate."""
    if headline.rate is None:
        return None
    parts = []
    for other, name in (
        (headline.previous_rate, "the year before"),
        (headline.england_wales_rate, "England and Wales"),
    ):
        if other is not None:
            gap = round(headline.rate - other, 1)
            way = "the same as" if gap == 0 else f"{abs(gap):.1f} points {'below' if gap < 0 else 'above'}"
            parts.append(f"{way} {name} ({other:.1f}%)")
    compared = f": {listed(parts)}" if parts else ", with nothing to compare it with in the letter"
    return f"{headline.rate:.1f}% of children reoffended within a year{compared}."


def reoffending_cohort(headline: ReoffendingHeadline, today: date) -> str:
    """Which children the rate is about and how certain a comparison can be."""
    if headline.cohort_start and headline.cohort_end:
        ended = month_end(headline.cohort_end)
        about = (
            f"About children cautioned, convicted or released between {month(headline.cohort_start)} and "
            f"{month(headline.cohort_end)}, {age(ended, today)}."
        )
    else:
        about = "The letter does not say which children the rate is about."
    return f"{about} The letter does not say how many children that was, so these differences may be chance."


def band_words(share: Share, framework_id: str = "sqs") -> str:
    """The indicative band or bands of a range: "● Sound", "▼ Weak to ◆ Mixed"."""
    bands = framework(framework_id).bands_of(share)
    names = [f"{b.symbol} {b.title}" for b in (bands[:1] if len(bands) == 1 else (bands[0], bands[-1]))]
    return " to ".join(names)


def finding_reading(finding: Finding) -> str:
    """What a finding's words were taken to mean, with the cases and what they say of the whole caseload."""
    if finding.share is None:
        return "Judged in words alone: no share can be read from it."
    said = f"“{finding.wording}” is read as " if finding.wording else "Read as "
    reading = f"{said}{finding.share} of cases sufficient"
    caseload = finding_caseload_interval(finding)
    if caseload is None:
        return f"{reading}; the letter does not say how many cases that is."
    return (
        f"{reading}, {cases_counted(finding.share, finding.relevant_cases or 0)}. From so few cases the "
        f"whole caseload could be anywhere from {caseload} (95% interval)."
    )


def cases_counted(share: Share, cases: int) -> str:
    """The whole cases that a share allows: "8 of 14", "0 to 6 of 14"."""
    low, high = round(share.low * cases), round(share.high * cases)
    return f"{low} of {cases}" if low == high else f"{low} to {high} of {cases}"
