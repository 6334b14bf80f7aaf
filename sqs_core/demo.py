"""What ships to look at: the real inspection of Knowsley as facts, and illustrative services with letters and
audits that never were."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import groupby
from random import Random
from statistics import fmean
from typing import Any, Literal

from sqs_core.frameworks import DATA, framework
from sqs_core.model import Block, Finding, Inspection, Judgement, Letter, ReoffendingHeadline, Service, Share

KNOWSLEY = DATA / "knowsley-2015.toml"
ILLUSTRATIVE = DATA / "illustrative.toml"


def knowsley() -> Inspection:
    """The Short Quality Screening of Knowsley of 2015, from `data/knowsley-2015.toml`.

    Facts are the letter's; every sentence is our paraphrase, and its findings say so.
    """
    with KNOWSLEY.open("rb") as file:
        facts = tomllib.load(file)
    blocks = [Block("heading", None, None, facts["letter"]["title"])]
    for part in facts["before"]:
        blocks.append(Block("heading", None, None, part["heading"]))
        blocks += [Block("paragraph", None, None, text) for text in part["paragraphs"]]
    findings: list[Finding] = []
    for section, of_section in groupby(facts["findings"], lambda row: row["section"]):
        blocks.append(Block("heading", section, None, _heading(section)))
        for label, of_paragraph in groupby(of_section, lambda row: row.get("paragraph")):
            text = ""
            for row in of_paragraph:
                text = f"{text} {row['paraphrase']}".lstrip()
                findings.append(_fact(row, block=len(blocks), end=len(text)))
            blocks.append(Block("paragraph", section, label, text))
    strengths = tuple(row["paraphrase"] for row in facts["strengths"])
    areas = tuple(row["paraphrase"] for row in facts["areas"])
    blocks.append(Block("heading", None, None, "Key strengths"))
    blocks += [Block("strength", None, None, text) for text in strengths]
    blocks.append(Block("heading", None, None, "Areas requiring improvement"))
    blocks += [Block("area", None, None, text) for text in areas]
    return Inspection(
        letter=Letter(**facts["letter"]),
        reoffending=ReoffendingHeadline(**facts["reoffending"]),
        findings=tuple(findings),
        key_strengths=strengths,
        areas_requiring_improvement=areas,
        blocks=tuple(blocks),
        warnings=tuple(facts["warnings"]),
    )


def _fact(row: dict[str, Any], block: int, end: int) -> Finding:
    share = row.get("share")
    return Finding(
        section=row["section"],
        paragraph=row.get("paragraph"),
        practice=row["practice"],
        basis=row["basis"],
        quote=row["paraphrase"],
        share=Share(*(float(Fraction(part)) for part in share)) if share else None,
        relevant_cases=row.get("relevant_cases"),
        direction=row["direction"],
        wording=row.get("wording"),
        doubt=row.get("doubt"),
        block=block,
        start=end - len(row["paraphrase"]),
        end=end,
        paraphrased=True,
    )


def _heading(section_id: str) -> str:
    section = framework().section(section_id)
    return f"{section.number}. {section.title}" if section.number else section.title


# Illustrative services --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Story:
    """What is true of an illustrative service. `start` and `end`: the share of cases in which a practice is
    sufficient, in the first year and ten years on."""

    id: str
    summary: str
    place: str
    kind: Literal["YOS", "YOT"]
    letter_years: list[int]
    cases: list[int]  # fewest and most in a letter's sample
    audit_cases: int
    reoffending: dict[str, float]
    start: dict[str, float]
    end: dict[str, float]

    def share(self, practice: str, day: date) -> float:
        years = (day - date(_table()["first_year"], 1, 1)).days / 365.25
        return self.start[practice] + (self.end[practice] - self.start[practice]) * min(years / 10, 1)


@dataclass(frozen=True, slots=True)
class Told:
    """What an illustrative letter tells of a practice: it was sufficient in so many of the relevant cases."""

    section: str
    practice: str
    sufficient: int
    cases: int


@dataclass(frozen=True, slots=True)
class IllustrativeService:
    """A made-up service with everything the store takes in of it."""

    service: Service
    story: Story
    inspections: tuple[tuple[str, str], ...]  # file name and text of each letter
    audits: tuple[Judgement, ...]
    told: dict[str, tuple[Told, ...]]  # by file name: what a reader should find


def illustrative(services: int = 6, years: int = 10, seed: int = 1) -> Iterator[IllustrativeService]:
    """So many made-up services over so many years from 2013 on: always the same for the same seed.

    The first six have the places and stories of `data/illustrative.toml`; further ones have other made-up
    names, and one of the stories with other figures. A service is the same however many others there are.
    """
    for number, story in enumerate(_stories(services, seed)):
        rng = Random(f"{seed} {number}")
        table = _table()
        service = Service(
            story.place, table["country"], table["region"], table["police_area"], illustrative=True
        )
        # A service is a little better at one section than at another, whatever the practice.
        shifts = {section.id: rng.uniform(-0.04, 0.04) for section in framework().sections}
        letters, told = [], {}
        for year in story.letter_years:
            if year < table["first_year"] + years:
                name = f"{story.place.lower()}-{year}.txt"
                text, told[name] = _letter(story, year, shifts, rng)
                letters.append((name, text))
        yield IllustrativeService(
            service, story, tuple(letters), tuple(_audits(story, years, shifts, rng)), told
        )


@cache
def _table() -> dict[str, Any]:
    with ILLUSTRATIVE.open("rb") as file:
        return tomllib.load(file)


def _stories(services: int, seed: int) -> Iterator[Story]:
    stories = [Story(**row) for row in _table()["stories"]]
    yield from stories[:services]
    names = _table()["names"]
    places = [beginning + ending for beginning in names["beginnings"] for ending in names["endings"]]
    rng = Random(seed)
    rng.shuffle(places)
    for number in range(len(stories), services):
        place = places[number % len(places)] + (
            "" if number < len(places) else f" {number // len(places) + 1}"
        )
        story = rng.choice(stories)
        by = {practice: rng.uniform(-0.08, 0.08) for practice in story.start}
        rate = story.reoffending["rate"] + round(rng.uniform(-4, 4), 1)
        yield replace(
            story,
            place=place,
            reoffending={**story.reoffending, "rate": rate},
            start={practice: share + by[practice] for practice, share in story.start.items()},
            end={practice: share + by[practice] for practice, share in story.end.items()},
        )


def _sufficient(share: float, cases: int) -> int:
    return round(min(max(share, 0), 1) * cases)


def _letter(story: Story, year: int, shifts: dict[str, float], rng: Random) -> tuple[str, tuple[Told, ...]]:
    """The text of one letter, and what it tells."""
    frame = _table()["letter"]
    first = date(year, rng.randint(5, 10), 1)
    start = first + timedelta(days=-first.weekday() % 7)  # a Monday; three days of fieldwork
    end = start + timedelta(days=2)
    published = start + timedelta(days=30)
    cases = rng.randint(*story.cases)
    told: list[Told] = []
    body: list[str] = []
    for section, of_section in groupby(_table()["sentences"], lambda row: row["section"]):
        paragraphs: list[str] = []
        for row in of_section:
            share = story.share(row["practice"], start) + shifts[section]
            told.append(Told(section, row["practice"], _sufficient(share, cases), cases))
            paragraphs.append(_paragraph(row, told[-1], rng))
        if section == _table()["court_reports"]["section"]:
            reports = max(3, cases * 2 // 5)
            good = _sufficient(story.share("court_reports", start), reports)
            told.append(Told(section, "court_reports", good, reports))
            paragraphs.append(_court_reports(told[-1]))
        number = framework().section(section).number
        body.append(_heading(section))
        body += [f"{number}.{i}. {text}" for i, text in enumerate(paragraphs, start=1)]
    by_practice = {
        practice: fmean(t.sufficient / t.cases for t in told if t.practice == practice)
        for practice in story.start
    }
    best_first = sorted(by_practice, key=lambda practice: -by_practice[practice])
    worst_first = best_first[::-1]
    strengths = [p for p in best_first if by_practice[p] >= 0.8][:3] or best_first[:1]
    areas = [p for p in worst_first if by_practice[p] < 0.65][:3] or worst_first[:1]
    words = {
        "place": story.place,
        "kind": story.kind,
        "service": f"{story.place} Youth Offending {'Team' if story.kind == 'YOT' else 'Service'}",
        "n": cases,
        "fieldwork": f"{start:%d}-{end:%d %B %Y}",
        "strongest": framework().practice(best_first[0]).noun,
        "weakest": framework().practice(worst_first[0]).noun,
        **_reoffending(story, year),
    }
    management = _table()["operational_management"]
    lines = [
        frame["marker"],
        f"To: {frame['addressee']}\nPublication date: {published:%d %B %Y}",
        frame["title"],
        frame["opening"],
        "Context",
        frame["context"],
        "Summary",
        frame["reoffending"],
        frame["message"],
        frame["footnote"],
        frame["commentary"],
    ]
    text = [line.format(**words) for line in lines]
    text += body
    text.append(framework().section("operational_management").title)
    text += [row["good" if by_practice[row["practice"]] >= 0.65 else "poor"] for row in management]
    text.append("Key strengths")
    text.append("\n".join(f"- {_table()['strengths'][practice]}" for practice in strengths))
    text.append("Areas requiring improvement")
    text.append("\n".join(f"- {_table()['areas'][practice]}" for practice in areas))
    text.append(frame["thanks"])
    return "\n\n".join(text) + "\n", tuple(told)


def _paragraph(row: dict[str, Any], told: Told, rng: Random) -> str:
    """The sentence with the quantity, and often one in words alone."""
    share = told.sufficient / told.cases
    if 0.3 < share < 0.8 and rng.random() < 0.3:
        lacking = told.cases - told.sufficient
        text = str(rng.choice(row["lacking"])).format(cases=_quantity(lacking, told.cases, rng))
    else:
        text = str(rng.choice(row["done"])).format(cases=_quantity(told.sufficient, told.cases, rng))
    if rng.random() < 0.6 and not 0.6 < share < 0.75:
        text += f" {row['good' if share >= 0.75 else 'poor']}"
    return text


def _quantity(some: int, cases: int, rng: Random) -> str:
    """Words for `some` of the `cases`, as a letter would say it."""
    if some == cases:
        return rng.choice(["all of the cases", "all cases", "every case"])
    if some == 0:
        return "none of the cases"
    if some == cases - 1:
        return rng.choice(["all but one of the cases", "all but one case"])
    share = some / cases
    fitting: list[str] = [
        row["words"] for row in _table()["quantities"] if row["above"] < share <= row["up_to"]
    ]
    return rng.choice([*fitting[:1], f"{_number(some)} of the {_number(cases)} cases"])


def _court_reports(told: Told) -> str:
    sentence: dict[str, str] = _table()["court_reports"]
    text = f"{sentence['written']} {sentence['all' if told.sufficient == told.cases else 'some']}"
    return text.format(reports=_number(told.cases), good=_number(told.sufficient))


def _number(n: int) -> str:
    words = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return words[n] if n < len(words) else str(n)


def _reoffending(story: Story, year: int) -> dict[str, str]:
    """The reoffending sentence and its footnote: the cohort ends 22 months before its rate is published."""
    first_year: int = _table()["first_year"]
    rate, previous = (
        round(story.reoffending["rate"] + story.reoffending["a_year"] * (y - first_year), 1)
        for y in (year, year - 1)
    )
    england_wales: float = _table()["england_wales_rate"][str(year)]
    return {
        "rate": f"{rate:.1f}",
        "previous": f"{previous:.1f}",
        "england_wales": f"{england_wales:.1f}",
        "than_previous": _than(rate, previous),
        "than_england_wales": _than(rate, england_wales),
        "published": f"April {year}",
        "cohort_start": f"July {year - 3}",
        "cohort_end": f"June {year - 2}",
    }


def _than(rate: float, other: float) -> str:
    return "the same as" if rate == other else "better than" if rate < other else "worse than"


def _audits(story: Story, years: int, shifts: dict[str, float], rng: Random) -> Iterator[Judgement]:
    """Local audits, each spring and autumn: every case is judged on every criterion."""
    # Not every case has a report, a breach or a victim.
    seldom = {"1.court_reports": 0.5, "4.compliance": 0.4, "2.delivery": 0.3}
    for year in range(_table()["first_audit_year"], _table()["first_year"] + years):
        for season, month in (("spring", 5), ("autumn", 10)):
            day = date(year, month, 15)
            shares = [
                (criterion.id, story.share(criterion.practice, day) + shifts[criterion.section])
                for criterion in framework().criteria
            ]
            for case in range(1, story.audit_cases + rng.randint(-1, 1) + 1):
                for criterion, share in shares:
                    judgement: Literal["sufficient", "insufficient", "not_applicable"]
                    if criterion in seldom and rng.random() < seldom[criterion]:
                        judgement = "not_applicable"
                    else:
                        judgement = "sufficient" if rng.random() < share else "insufficient"
                    yield Judgement(
                        audit=f"Local audit, {season} {year}",
                        audited_on=day,
                        case_ref=f"{season[0].upper()}{year % 100}-{case:02}",
                        criterion=criterion,
                        judgement=judgement,
                    )
