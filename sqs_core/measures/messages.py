"""The message of an inspection in one or two sentences, made from its scores; never more than they carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqs_core.frameworks import Framework, framework
from sqs_core.measures.scores import PracticeScore, Scores, SectionScore, finding_caseload_interval
from sqs_core.measures.words import capital, cases_in_words, listed, month, number, percentages
from sqs_core.model import Finding, ReoffendingHeadline, Share


@dataclass(frozen=True, slots=True)
class PracticeAcrossSections:
    """One practice through all sections in which it was quantified."""

    practice: str
    cells: tuple[PracticeScore, ...]
    low: float  # the lowest and the highest share that any section allows
    high: float

    @property
    def middle(self) -> float:
        return sum(c.share.low + c.share.high for c in self.cells if c.share) / (2 * len(self.cells))


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
                    practice.id, cells, min(s.low for s in shares), max(s.high for s in shares)
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
    faultless = [p for p in ranked if p.low == 1]
    weakest = ranked[-1]
    sentences = []
    if faultless:
        nouns = [frame.practice(p.practice).noun for p in faultless[:3]]
        verb = "was" if len(nouns) == 1 else "were"
        sentences.append(f"{capital(listed(nouns))} {verb} sufficient in every case.")
    elif len(ranked) > 1:
        noun = frame.practice(ranked[0].practice).noun
        sentences.append(f"{capital(noun)} was strongest: sufficient in {_in_sections(ranked[0], frame)}.")
    if weakest not in faultless and len(ranked) > 1:
        rival = ranked[-2]
        noun = frame.practice(weakest.practice).noun
        clear = weakest.high < rival.low or weakest.middle < rival.middle - 0.1
        word = "was the weak point" if clear else "was lowest, though not clearly"
        sentences.append(f"{capital(noun)} {word}: sufficient in {_in_sections(weakest, frame)}.")
    elif weakest not in faultless:
        noun = frame.practice(weakest.practice).noun
        sentences.append(f"Only {noun} was counted: sufficient in {_in_sections(weakest, frame)}.")
    return " ".join(sentences)


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
        return "Every practice the letter judges was counted in some way."
    judged = practices + sum(len(s.practices_quantified) for s in scores.sections)
    return (
        f"Of {judged} judgements of a practice in a section, {number(practices)} "
        f"{'is' if practices == 1 else 'are'} in words alone and not in the scores."
    )


def score_in_words(score: SectionScore) -> str:
    """The score of a section as its range: "43% to 57%", or "in words alone"."""
    return percentages(score.share) if score.share else "in words alone"


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
        ended = date.fromisoformat(headline.cohort_end + "-01")
        years = today.year - ended.year - (today.month < ended.month)
        about = (
            f"About children cautioned, convicted or released between {month(headline.cohort_start)} and "
            f"{month(headline.cohort_end)}{f', {number(years)} years ago' if years > 1 else ''}."
        )
    else:
        about = "The letter does not say which children the rate is about."
    return (
        f"{about} It does not say how many children, so nobody can tell whether these differences are "
        "more than chance."
    )


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
    reading = f"{said}{percentages(finding.share)} of cases sufficient"
    caseload = finding_caseload_interval(finding)
    if caseload is None:
        return f"{reading}; the letter does not say of how many cases."
    return (
        f"{reading}, {cases_counted(finding.share, finding.relevant_cases or 0)}. From so few cases the "
        f"whole caseload could be anywhere from {percentages(caseload)} (95% interval)."
    )


def cases_counted(share: Share, cases: int) -> str:
    """The whole cases that a share allows: "8 of 14", "0 to 6 of 14"."""
    low, high = round(share.low * cases), round(share.high * cases)
    return f"{low} of {cases}" if low == high else f"{low} to {high} of {cases}"
