"""What ships to look at: the real inspection of Knowsley as facts, and illustrative services with letters,
audits and reviews that never were."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from hashlib import sha256
from itertools import count, groupby
from math import log
from random import Random
from statistics import fmean
from typing import Any, Literal, get_args

from sqs_core.frameworks import DATA, framework
from sqs_core.measures.timeliness import TOO_FEW_FOR_A_RATE
from sqs_core.measures.timing import add_months, is_working_day
from sqs_core.model import (
    Action,
    Block,
    Cohort,
    Finding,
    Inspection,
    Judgement,
    Letter,
    PlanType,
    ReoffendingHeadline,
    Review,
    Service,
    Share,
    Trigger,
)

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
class ReviewStory:
    """What is true of an illustrative service's reviews; `data/illustrative.toml` says what each figure means."""

    orders_a_month: float
    teams: list[str]
    before: float
    after: float
    by_plan: dict[str, float]
    plans: dict[str, float]
    left: dict[str, float]
    never: float

    def on_time(self, plan_type: PlanType, due_on: date, inspected_on: date | None) -> float:
        """The share on time of reviews due on this day. The last inspection is what changes a service, not at once
        but until the year is over; None: it lies beyond the extract."""
        moved = 0.0
        if inspected_on is not None:
            moved = (due_on - inspected_on) / (date(inspected_on.year, 12, 31) - inspected_on)
        share = self.before + (self.after - self.before) * min(max(moved, 0), 1)
        return share + self.by_plan.get(plan_type, 0)


@dataclass(frozen=True, slots=True)
class Story:
    """What is true of an illustrative service. `start` and `end`: the share of cases in which a practice is
    sufficient, in the first year and ten years on."""

    id: str
    summary: str
    place: str
    case_prefix: str
    kind: Literal["YOS", "YOT"]
    letter_years: list[int]
    cases: list[int]  # fewest and most in a letter's sample
    audit_cases: int
    reoffending: dict[str, float]
    start: dict[str, float]
    end: dict[str, float]
    reviews: ReviewStory

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
    reviews: tuple[Review, ...]  # one extract of them
    cohorts: tuple[Cohort, ...]  # its reoffending figures, and those of a made-up England and Wales


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
        inspected_on = None
        for year in story.letter_years:
            if year < table["first_year"] + years:
                name = f"{story.place.lower()}-{year}.txt"
                text, told[name], fieldwork_end = _letter(story, year, shifts, rng)
                letters.append((name, text))
                if year == story.letter_years[-1]:
                    inspected_on = fieldwork_end
        yield IllustrativeService(
            service,
            story,
            tuple(letters),
            tuple(_audits(story, years, shifts, rng)),
            told,
            # By chance of their own, so that letters and audits are what they would be without them.
            tuple(_reviews(story, years, inspected_on, Random(f"{seed} {number} reviews"))),
            tuple(_cohorts(story, years, Random(f"{seed} {number} cohorts"))),
        )


@cache
def _table() -> dict[str, Any]:
    with ILLUSTRATIVE.open("rb") as file:
        return tomllib.load(file)


def _stories(services: int, seed: int) -> Iterator[Story]:
    stories = [Story(**{**row, "reviews": ReviewStory(**row["reviews"])}) for row in _table()["stories"]]
    yield from stories[:services]
    names = _table()["names"]
    places = [(beginning, ending) for beginning in names["beginnings"] for ending in names["endings"]]
    rng = Random(seed)
    rng.shuffle(places)
    for number in range(len(stories), services):
        beginning, ending = places[number % len(places)]
        place = beginning + ending + ("" if number < len(places) else f" {number // len(places) + 1}")
        story = rng.choice(stories)
        by = {practice: rng.uniform(-0.08, 0.08) for practice in story.start}
        rate = story.reoffending["rate"] + round(rng.uniform(-4, 4), 1)
        yield replace(
            story,
            place=place,
            case_prefix=(beginning[0] + ending[0]).upper(),
            reoffending={**story.reoffending, "rate": rate},
            start={practice: share + by[practice] for practice, share in story.start.items()},
            end={practice: share + by[practice] for practice, share in story.end.items()},
            reviews=_varied(story.reviews, Random(f"{seed} {number} figures of reviews")),
        )


def _varied(story: ReviewStory, rng: Random) -> ReviewStory:
    further = _table()["reviews"]["further"]
    by = rng.uniform(-further["on_time"], further["on_time"])
    orders = story.orders_a_month * rng.uniform(1 - further["orders"], 1 + further["orders"])
    return replace(story, before=story.before + by, after=story.after + by, orders_a_month=orders)


def _sufficient(share: float, cases: int) -> int:
    return round(min(max(share, 0), 1) * cases)


def _letter(
    story: Story, year: int, shifts: dict[str, float], rng: Random
) -> tuple[str, tuple[Told, ...], date]:
    """The text of one letter, what it tells, and the last day of fieldwork."""
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
    return "\n\n".join(text) + "\n", tuple(told), end


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


def _cohorts(story: Story, years: int, rng: Random) -> Iterator[Cohort]:
    """Reoffending as it was published over these years, of the service and of England and Wales: rolling cohorts of
    twelve months to 2015, among them those of the letters and with the letters' rates; then cohorts of three months,
    and their sums by financial year. Ever fewer children, of whom more or fewer reoffend."""
    table = _table()
    first, until = date(table["first_year"] - 3, 7, 1), date(table["first_year"] + years - 1, 12, 31)
    areas: list[tuple[Story | None, int]] = [
        (story, rng.randrange(*table["cohort"]["children"])),
        (None, table["cohort"]["england_wales"]),
    ]
    for of, children in areas:
        for start in (add_months(first, 3 * n) for n in count()):
            cohort = _cohort(
                of, start, 12, _counts(_rate(of, start, 12), round(children * _shrunk(start, 12)))
            )
            if cohort.end.year > 2015 or (cohort.published_on or until) > until:
                break
            if (
                start == add_months(first, 12) and of and cohort.reoffenders
            ):  # published once before, not all proven
                earlier = _cohort(of, start, 12, (cohort.offenders or 0, cohort.reoffenders - 2))
                yield replace(earlier, published_on=_published(cohort.end, 19))
            yield cohort
        quarters: list[Cohort] = []
        for start in (add_months(date(2015, 10, 1), 3 * n) for n in count()):
            offenders = round(children / 4 * _shrunk(start, 3) * (rng.uniform(0.85, 1.15) if of else 1))
            share = _rate(of, start, 3) / 100
            # A country is too large to draw child by child, and chance moves it too little to matter.
            drawn = sum(rng.random() < share for _ in range(offenders)) if of else round(share * offenders)
            quarters.append(_cohort(of, start, 3, (offenders, drawn)))
            if (quarters[-1].published_on or until) > until:
                break
            yield quarters[-1]
        for at in range(
            2, len(quarters) - 4, 4
        ):  # the first two end a financial year, the last is not out yet
            year = quarters[at : at + 4]
            counts = sum(q.offenders or 0 for q in year), sum(q.reoffenders or 0 for q in year)
            yield _cohort(of, year[0].start, 12, counts)


def _cohort(of: Story | None, start: date, months: int, counts: tuple[int, int]) -> Cohort:
    """Of a service, or of England and Wales."""
    offenders, reoffenders = counts
    end = add_months(start, months) - timedelta(days=1)
    too_few = offenders < TOO_FEW_FOR_A_RATE
    return Cohort(
        area=of.place if of else "England and Wales",
        start=start,
        end=end,
        offenders=offenders,
        reoffenders=reoffenders,
        reoffences=round(reoffenders * _table()["cohort"]["reoffences_each"]),
        rate=None if too_few else round(100 * reoffenders / offenders, 1),
        published_on=_published(end, 22),
        source="Illustrative figures",
        marker="*" if too_few else None,
    )


def _published(end: date, months_later: int) -> date:
    return add_months(end, months_later).replace(day=28)


def _middle(start: date, months: int) -> float:
    return start.year + (start.month - 1 + months / 2) / 12


def _shrunk(start: date, months: int) -> float:
    """What is left of the number of children in the first letter's cohort."""
    first_year: int = _table()["first_year"]
    return float(0.92 ** (_middle(start, months) + 2 - first_year))


def _rate(story: Story | None, start: date, months: int) -> float:
    """The true rate in per cent of a service's cohort, or of England and Wales: that of a letter two years after its
    middle, evenly between letters."""
    year = _middle(start, months) + 2
    first_year: int = _table()["first_year"]
    if story:
        return round(story.reoffending["rate"] + story.reoffending["a_year"] * (year - first_year), 1)
    rates: dict[int, float] = {int(key): rate for key, rate in _table()["england_wales_rate"].items()}
    before = min(max(int(year), min(rates)), max(rates) - 1)
    part = min(max(year - before, 0), 1)
    return round(rates[before] + (rates[before + 1] - rates[before]) * part, 1)


# Illustrative plans -----------------------------------------------------------------------------------------


def illustrative_actions(service: Service, inspection: Inspection) -> tuple[Action, ...]:
    """The plan that a made-up service's board made after its letter, version by version."""
    letter = inspection.letter
    if letter.fieldwork_start is None or letter.published_on is None:
        return ()
    by_text = {text: practice for practice, text in _table()["areas"].items()}
    versions: list[Action] = []
    number = 0
    for area in inspection.areas_requiring_improvement:
        found = [row for row in _table()["actions"] if row["practice"] == by_text.get(area)]
        letters = {at: count(1) for at in range(len(found))}
        references: list[str] = []
        for row in found:
            if under := row.get("under"):
                reference = f"{references[under - 1]}{' abcdefgh'[next(letters[under - 1])]}"
            else:
                number += 1
                reference = str(number)
            references.append(reference)
            versions += _versions(row, reference, service, inspection, area)
    return tuple(versions)


def _versions(
    row: dict[str, Any], reference: str, service: Service, inspection: Inspection, area: str
) -> Iterator[Action]:
    letter = inspection.letter
    published = letter.published_on
    assert published
    assert letter.fieldwork_start

    def at(months: float) -> datetime:
        day = _working_day(published + timedelta(days=round(30.4 * months)), 1)
        return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)

    planned = at(row["months"]).date()
    first = Action(
        service=service.name,
        inspection=letter.fieldwork_start.isoformat(),
        area=area,
        reference=reference,
        action=row["action"],
        lead=row["lead"],
        planned_on=planned,
        first_planned_on=planned,
        measure=row.get("measure"),
        target=row.get("target", ""),
        id=sha256(f"{service.name} {reference}".encode()).hexdigest()[:32],
        version=1,
        changed_by="Performance analyst",
        changed_at=at(1),
    )
    yield first
    told = replace(
        first, version=2, note=row["note"], changed_by=row["lead"], changed_at=at(row["months"] * 0.6)
    )
    yield told
    course = row["course"]
    if course == "moved":
        later = at(row["months"] + 3).date()
        note = "Moved: staff were not free before the summer."
        told = replace(told, version=3, note=note, planned_on=later, changed_at=at(row["months"] * 0.9))
        yield told
    if course in ("done", "moved"):
        done = at(row["months"] + (2.5 if course == "moved" else -0.3))
        yield replace(
            told,
            version=told.version + 1,
            state="done",
            done_on=done.date(),
            evidence="Minutes of the operational group",
            note="",
            changed_at=done,
        )
    if course == "stopped":
        note = "Stopped: the provider closed."
        yield replace(told, version=3, state="stopped", note=note, changed_at=at(row["months"]))
    if course == "open":
        note = "Goes on as a standing task; to be looked at again."
        again = date(_table()["standing_until"], 3, 31)
        yield replace(told, version=3, planned_on=again, note=note, changed_at=at(row["months"]))


def _counts(rate: float, about: int) -> tuple[int, int]:
    """The first cohort from this size on of which a whole number gives the rate, to a decimal."""
    for offenders in count(about):
        reoffenders = round(rate * offenders / 100)
        if round(100 * reoffenders / offenders, 1) == rate:
            return offenders, reoffenders
    raise AssertionError("some size always does")


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


# Reviews: of every order what truly happens, and then what an extract knows of it on its day.


@dataclass(frozen=True, slots=True)
class _Order:
    """One order of a child, which is one case."""

    case_ref: str
    order_type: str
    team: str | None
    started_on: date
    planned_end: date
    ended_on: date
    plans: tuple[PlanType, ...]
    changed_on: date | None  # the significant change in it

    def due(self) -> Iterator[tuple[Trigger, date]]:
        """What is due for each plan. A case system plans one review ahead: of an order that is ended early it still
        holds the next."""
        facts = _table()["reviews"]
        for number in count(1):
            due_on = add_months(self.started_on, number * facts["every_months"])
            if due_on > self.planned_end:
                break
            yield "scheduled", due_on
            if due_on > self.ended_on:
                break
        if self.changed_on is not None:
            yield "significant_change", self.changed_on + timedelta(days=facts["change_days"])


def _reviews(story: Story, years: int, inspected_on: date | None, rng: Random) -> Iterator[Review]:
    """What the extract holds, order by order. With fewer years it is an earlier extract of the same reviews."""
    facts = _table()["reviews"]
    extracted_on: date = min(facts["extracted_on"], date(_table()["first_year"] + years - 1, 12, 31))
    if extracted_on < facts["first_due_on"]:
        return
    last_due_on = add_months(extracted_on, facts["months_ahead"])
    for order in _orders(story, extracted_on, rng):
        for trigger, due_on in order.due():
            for plan_type in order.plans:
                done_on, reason = None, {}
                if order.ended_on < due_on:
                    pass  # not required, and not done
                elif rng.random() < story.reviews.on_time(plan_type, due_on, inspected_on):
                    early = int((facts["early_days"] + 1) * rng.random() ** 2)  # most in the last days
                    done_on = _working_day(due_on - timedelta(days=early), -1)
                else:
                    done_on = _done_late(story.reviews, order, plan_type, due_on, rng)
                    reason = _one_of(facts["late_reasons"], rng)
                if not facts["first_due_on"] <= due_on <= last_due_on:
                    continue
                changed_on = order.changed_on if trigger == "significant_change" else None
                if changed_on is not None and changed_on > extracted_on:
                    continue
                if due_on >= extracted_on:  # nobody knows yet that it will be late
                    reason = {}
                yield Review(
                    service=story.place,
                    case_ref=order.case_ref,
                    plan_type=plan_type,
                    trigger=trigger,
                    extracted_on=extracted_on,
                    order_type=order.order_type,
                    due_on=due_on,
                    completed_on=done_on if done_on is not None and done_on <= extracted_on else None,
                    order_ended_on=order.ended_on if order.ended_on <= extracted_on else None,
                    late_reason=reason.get("reason"),
                    outside_control=reason.get("outside_control"),
                    team=order.team,
                    order_started_on=order.started_on,
                    significant_change_on=changed_on,
                )


def _orders(story: Story, until: date, rng: Random) -> Iterator[_Order]:
    """The orders that began by this day, from so early on that the first month has reviews of all of them."""
    facts = _table()["reviews"]
    first = add_months(facts["first_due_on"], -max(row["months"][1] for row in facts["orders"]))
    case = rng.randint(100, 500)
    for number in count():
        # Each in its own part of the month: how many orders there are does not swing, only their days do.
        days = (number + rng.random()) / story.reviews.orders_a_month * 365.25 / 12
        started_on = _working_day(first + timedelta(days=int(days)), 1)
        if started_on > until:
            return
        case += rng.randint(1, 3)  # other cases have no order
        row = _one_of(facts["orders"], rng)
        planned_end = add_months(started_on, rng.randint(*row["months"])) - timedelta(days=1)
        ended_on = planned_end
        if rng.random() < facts["ended_early"]:
            ended_on = started_on + (planned_end - started_on) * rng.uniform(*facts["ended_after"])
        changed_on = None
        if rng.random() < facts["changed"]:
            days = rng.uniform(0.1, 0.9) * (ended_on - started_on).days
            changed_on = _working_day(started_on + timedelta(days=int(days)), 1)
        yield _Order(
            case_ref=f"{story.case_prefix}-{case:04}",
            order_type=row["order_type"],
            team=rng.choice(story.reviews.teams) if story.reviews.teams else None,
            started_on=started_on,
            planned_end=planned_end,
            ended_on=ended_on,
            plans=tuple(
                plan for plan in get_args(PlanType) if rng.random() < story.reviews.plans.get(plan, 1)
            ),
            changed_on=changed_on,
        )


def _done_late(
    story: ReviewStory, order: _Order, plan_type: PlanType, due_on: date, rng: Random
) -> date | None:
    """The day on which a review that is not on time is done; None: never."""
    if rng.random() < story.left[plan_type]:
        closed_on = _working_day(order.ended_on, 1)
        return None if closed_on == due_on or rng.random() < story.never else closed_on
    facts = _table()["reviews"]
    late = max(1, round(rng.lognormvariate(log(facts["late_days"]), facts["late_spread"])))
    return _working_day(due_on + timedelta(days=late), 1)


def _working_day(day: date, step: Literal[1, -1]) -> date:
    """The day itself, or the next or the last working day."""
    while not is_working_day(day):
        day += timedelta(days=step)
    return day


def _one_of(rows: list[dict[str, Any]], rng: Random) -> dict[str, Any]:
    return rng.choices(rows, [row["share"] for row in rows])[0]
