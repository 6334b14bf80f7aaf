"""What has come of an area: its measures before and after the inspection, and never more than they carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.demo import illustrative, knowsley
from sqs_core.frameworks import framework
from sqs_core.letters import read_text
from sqs_core.measures.areas import areas
from sqs_core.measures.changes import Estimate, chance_of, difference_between, practice_after
from sqs_core.measures.scores import Scores, audit_scores, inspection_scores
from sqs_core.measures.statistics import holm
from sqs_core.measures.timing import add_months
from sqs_core.measures.worked import (
    AreaVerdict,
    Measure,
    Verdict,
    area_measures,
    measures_of,
    verdict_of,
    worked_message,
)
from sqs_core.model import (
    AreaLink,
    AuditCount,
    PlanType,
    Review,
    Share,
    StoredInspection,
)
from tests.measures.stored import AT, stored_as

FRAME = framework()
TODAY = date(2017, 1, 15)
BEGAN, ENDED, EXTRACTED = date(2015, 10, 5), date(2015, 10, 7), date(2016, 12, 31)
REVIEWS: tuple[PlanType, ...] = get_args(PlanType)


KNOWSLEY = stored_as(knowsley())
SCORES = inspection_scores(KNOWSLEY)
PLANNING, REVIEWING = areas(KNOWSLEY)


def reviews(plan: PlanType, on_time: int, due: int, first: date, days: int = 360) -> list[Review]:
    """So many reviews due evenly over so many days, the late ones spread among them."""
    out = []
    for i in range(due):
        due_on = first + timedelta(days=i * days // due)
        late = (i + 1) * (due - on_time) // due > i * (due - on_time) // due
        done = due_on + timedelta(days=5) if late else due_on
        out.append(
            Review("Knowsley", f"K{i}", plan, "scheduled", EXTRACTED, due_on=due_on, completed_on=done)
        )
    return out


def before_after(plan: PlanType, before: tuple[int, int], after: tuple[int, int]) -> list[Review]:
    return reviews(plan, *before, date(2014, 10, 6)) + reviews(plan, *after, date(2015, 10, 8))


def audited(share: float, cases: int, on: date = date(2016, 10, 15)) -> Scores:
    some = round(share * cases)
    counts = [AuditCount("Local audit", on, c.id, some, cases - some, False) for c in FRAME.criteria]
    return audit_scores(counts)[0]


def of_area(
    audits: Sequence[Scores] = (),
    loaded: Sequence[Review] = (),
    stored: StoredInspection = KNOWSLEY,
    position: int = 2,
) -> dict[str, Measure]:
    area = areas(stored)[position - 1]
    made = measures_of(area, stored, inspection_scores(stored), audits, loaded, today=TODAY)
    return {measure.id: measure for measure in made}


RISK = "on_time_risk_management_plan"


# The table


def test_every_practice_has_its_local_audits_and_reviewing_every_plan_type() -> None:
    rows = area_measures()
    assert len({row.id for row in rows}) == len({row.label for row in rows}) == len(rows)
    audits = [row.practice for row in rows if row.what == "audits"]
    assert audits == [p.id for p in FRAME.practices if p.in_score]
    plans = [plan for row in rows if row.what == "reviews" for plan in row.plan_types]
    assert sorted(plans) == sorted(REVIEWS)
    assert all(row.practice == "reviewing" for row in rows if row.what == "reviews")
    assert {row.status for row in rows} == {"D"}


# Reviews


def test_reviews_that_have_become_better() -> None:
    loaded = before_after("risk_management_plan", (20, 40), (54, 60))
    measure = of_area(loaded=loaded)[RISK]
    assert (measure.verdict, measure.until) == ("better", EXTRACTED)
    assert measure.before == "50% of 40 (95% interval 35% to 65%)"
    assert measure.after == "90% of 60 (95% interval 79% to 96%)"
    assert measure.sentence == (
        "Since the inspection 90% of 60 reviews of risk management plans were on time (records to 31 December 2016, "
        "2 weeks ago), in the 12 months before the inspection 50% of 40: it has become better, by 22 to 56 points, "
        "which is more than chance explains."
    )
    assert (measure.page, measure.query) == ("reviews", {"period": "Since the inspection"}), (
        "no other plan type"
    )
    worse = of_area(loaded=before_after("risk_management_plan", (36, 40), (30, 60)))[RISK]
    assert worse.verdict == "worse"
    both = loaded + before_after("assessment", (30, 40), (45, 60))
    assert of_area(loaded=both)[RISK].query["plan"] == "Risk management plan"


def test_what_is_called_alone_is_not_called_among_five() -> None:
    alone = before_after("risk_management_plan", (20, 40), (29, 40))
    assert of_area(loaded=alone)[RISK].verdict == "better"
    others = [r for p in REVIEWS if p != "risk_management_plan" for r in before_after(p, (30, 40), (30, 40))]
    among = of_area([audited(0.5, 14)], alone + others)
    assert {m.verdict for m in among.values()} == {"no clear change"}
    assert among[RISK].sentence.endswith(
        ": no clear change: alone it would be called better (1 to 42 points up), but of five measures looked at "
        "together chance alone may make one look so."
    )
    strong = before_after("risk_management_plan", (10, 40), (36, 40))
    assert of_area([audited(0.5, 14)], strong + others)[RISK].verdict == "better"


def test_where_nothing_is_loaded_every_measure_says_what_to_load() -> None:
    found = of_area()
    assert len(found) == 5
    assert {(m.before, m.after, m.verdict, m.until) for m in found.values()} == {
        ("", "", "not comparable", None)
    }
    assert found[RISK].sentence == (
        "Whether reviews of risk management plans are on time is not known: no record of reviews with a due date is "
        "loaded. Load an export of reviews from the case system."
    )
    assert found["audit_reviewing"].sentence.startswith(
        "No local audit after this inspection that judged reviewing"
    )
    assert found["audit_reviewing"].sentence.endswith("is loaded: load a table of audited cases.")
    assert verdict_of(list(found.values())) == "not known"
    assert worked_message(list(found.values())) == (
        "Nothing is loaded that could tell whether this has improved; records of reviews or a local audit after the "
        "inspection would."
    )


def test_records_that_leave_one_side_open_say_which() -> None:
    after = reviews("risk_management_plan", 54, 60, date(2015, 10, 8))
    found = of_area(loaded=after)
    assert (found[RISK].before, found[RISK].after) == ("", "90% of 60 (95% interval 79% to 96%)")
    assert found[RISK].verdict == "not comparable"
    assert "none fell due in the 12 months before" in found[RISK].sentence
    assert "have none with a due date" in found["on_time_assessment"].sentence
    assert worked_message(list(found.values())) == (
        "What is loaded cannot be compared with the time before the inspection, so whether this has improved is not "
        "known."
    )
    before = [
        replace(r, extracted_on=date(2015, 10, 1))
        for r in reviews("risk_management_plan", 20, 40, date(2014, 10, 6), 350)
    ]
    measure = of_area(loaded=before)[RISK]
    assert (measure.before, measure.after, measure.verdict) == (
        "50% of 40 (95% interval 35% to 65%)",
        "",
        "not comparable",
    )
    assert "none fell due after it up to 1 October 2015. Load a newer export." in measure.sentence
    undated = replace(
        knowsley(),
        letter=replace(knowsley().letter, fieldwork_start=None, fieldwork_end=None, published_on=None),
    )
    assert "was not read from the letter" in of_area(loaded=after, stored=stored_as(undated))[RISK].sentence


def test_a_short_history_before_the_inspection_is_named() -> None:
    loaded = reviews("risk_management_plan", 20, 40, date(2015, 6, 10), 110)
    loaded += reviews("risk_management_plan", 36, 40, date(2015, 10, 8))
    sentence = of_area(loaded=loaded)[RISK].sentence
    assert "in the four months before the inspection to which the records go back, 50% of 40" in sentence


def test_long_after_the_inspection_the_last_year_of_the_records_counts() -> None:
    loaded = reviews("risk_management_plan", 20, 40, date(2014, 10, 6))
    loaded += reviews("risk_management_plan", 36, 40, date(2019, 1, 5))
    measure = of_area(loaded=[replace(r, extracted_on=date(2019, 12, 31)) for r in loaded])[RISK]
    assert measure.sentence.startswith("In the last 12 months of the records 90% of 40 reviews of risk")
    assert measure.query["period"] == "Last 12 months"
    assert measure.verdict == "better"


def test_few_reviews_have_counts_and_no_rate() -> None:
    measure = of_area(loaded=before_after("risk_management_plan", (6, 12), (9, 12)))[RISK]
    assert measure.before == "Six of twelve (95% interval 25% to 75%)"
    assert measure.verdict == "no clear change"
    assert "so few reviews can only show a great change" in measure.sentence
    assert "%" not in measure.sentence


# Local audits


def test_a_local_audit_beside_the_letter() -> None:
    measure = of_area([audited(1.0, 20)])["audit_reviewing"]
    assert (measure.verdict, measure.until) == ("better", date(2016, 10, 15))
    assert measure.after == "100% of 20 cases (95% interval 83% to 100%)"
    assert measure.sentence.startswith(
        "The letter found reviewing sufficient for reducing reoffending and protecting the child or young person in "
    )
    assert (
        "the latest local audit (October 2016, 3 months ago) in 100% of 20 cases: clearly better"
        in measure.sentence
    )
    assert len(REVIEWING.sections) == 3, "of protecting the public the letter does not say how many cases"
    assert "other people judged and the difference may be theirs" in measure.sentence
    assert measure.page == "scores"
    assert measure.query == {"findings": "Reducing reoffending: Reviewing"}
    assert of_area([audited(0.5, 14)])["audit_reviewing"].verdict == "no clear change"
    assert list(of_area([audited(0.5, 14)], position=1)) == ["audit_planning"]


def test_an_audit_of_before_the_inspection_or_another_inspection_is_none_after_it() -> None:
    earlier = audited(1.0, 20, date(2015, 5, 15))
    for other in (earlier, SCORES, replace(audited(1.0, 20), is_audit=False)):
        assert of_area([other])["audit_reviewing"].verdict == "not comparable"


def test_the_audit_counts_only_in_the_sections_of_the_areas_findings() -> None:
    links = {2: [AreaLink(n, False, "A", AT) for n in REVIEWING.findings if n != 38]}
    (_, narrowed) = areas(KNOWSLEY, links)
    assert narrowed.sections == ("protecting_the_child",)
    (*_, measure) = measures_of(narrowed, KNOWSLEY, SCORES, [audited(0.5, 14)], [], today=TODAY)
    alone = practice_after(SCORES, [audited(0.5, 14)], "reviewing", ["protecting_the_child"])
    assert alone is not None
    assert alone.sections == ("protecting_the_child",)
    assert "sufficient for protecting the child or young person in" in measure.sentence


def test_a_letter_in_words_alone_has_nothing_to_compare_with() -> None:
    inspection = knowsley()
    in_words = tuple(
        replace(f, share=None, basis="qualitative", relevant_cases=None) if f.practice == "reviewing" else f
        for f in inspection.findings
    )
    measure = of_area([audited(0.5, 14)], stored=stored_as(replace(inspection, findings=in_words)))[
        "audit_reviewing"
    ]
    assert (measure.before, measure.verdict) == ("", "not comparable")
    assert measure.after.startswith("50% of 14 cases")
    assert "not known: the letter gives no number for it." in measure.sentence
    uncounted = tuple(replace(f, relevant_cases=None) for f in inspection.findings)
    measure = of_area([audited(0.5, 14)], stored=stored_as(replace(inspection, findings=uncounted)))[
        "audit_reviewing"
    ]
    assert measure.verdict == "not comparable"
    assert "the letter does not say of how many cases" in measure.sentence


# Of an area


def measure(verdict: Verdict, what: str = "reviews", noun: str = "assessments", after: str = "x") -> Measure:
    return Measure(noun, noun, what, noun, "x", after, None, verdict, "", "reviews", {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [
        ("", "not known"),
        ("?", "not known"),
        ("=", "no clear change"),
        ("=?", "no clear change"),
        ("+", "better"),
        ("+?", "better"),
        ("++=", "better"),
        ("+=", "mixed"),
        ("+==", "mixed"),
        ("+-", "mixed"),
        ("+++-", "mixed"),
        ("-", "worse"),
        ("-====", "worse"),
    ],
)
def test_the_verdict_of_an_area(verdicts: str, together: AreaVerdict) -> None:
    signs: dict[str, Verdict] = {
        "+": "better",
        "-": "worse",
        "=": "no clear change",
        "?": "not comparable",
    }
    assert verdict_of([measure(signs[sign]) for sign in verdicts]) == together


def test_the_message_of_an_area() -> None:
    risk = measure("better", noun="risk management plans")
    audit = measure("no clear change", "audits", "reviewing")
    assert worked_message([risk, audit]) == (
        "Reviews of risk management plans were on time more often than before the inspection, by more than chance; "
        "local audits show no clear change since the inspection."
    )
    plans = [measure("no clear change", noun=noun) for noun in "abcd"]
    assert worked_message([*plans, audit]) == (
        "Reviews of all plans and local audits show no clear change since the inspection."
    )
    assert "all plans" not in worked_message([*plans[:3], audit]), "the fourth is not among them"
    unknown = [
        measure("not comparable", noun="assessments"),
        measure("not comparable", "audits", "reviewing"),
    ]
    assert worked_message([replace(risk, verdict="worse"), *unknown]) == (
        "Reviews of risk management plans were on time less often than before the inspection, by more than chance; "
        "whether reviews of assessments have changed is not known; no comparison of local audits with the letter can "
        "be made."
    )
    assert worked_message([measure("better", "audits", "planning")]) == (
        "Local audits found planning sufficient more often than the inspectors did, by more than chance."
    )
    assert worked_message([]) == "No measure that is kept here speaks to this area."


@given(st.lists(st.sampled_from(get_args(Verdict)), min_size=1, max_size=5))
def test_the_message_claims_a_change_only_where_a_measure_has_one(verdicts: list[Verdict]) -> None:
    said = worked_message([measure(v, noun=f"plan {i}") for i, v in enumerate(verdicts)])
    assert ("more often" in said) is ("better" in verdicts)
    assert ("less often" in said) is ("worse" in verdicts)


@cache
def told(place: str, year: int) -> tuple[AreaVerdict, str]:
    """What has come of the area of reviewing of an illustrative service."""
    service = next(s for s in illustrative() if s.service.name == place)
    stored = next(
        stored_as(read_text(name, text), place) for name, text in service.inspections if str(year) in name
    )
    judged: Counter[tuple[str, date, str, str]] = Counter(
        (j.audit, j.audited_on, j.criterion, j.judgement) for j in service.audits
    )
    counts = [
        AuditCount(
            *key,
            judged[(*key, "sufficient")],
            judged[(*key, "insufficient")],
            True,
        )
        for key in sorted({key[:3] for key in judged})
    ]
    area = next(a for a in areas(stored) if "reviewing" in a.practices)
    made = measures_of(
        area,
        stored,
        inspection_scores(stored),
        audit_scores(counts),
        service.reviews,
        today=date(2022, 12, 31),
    )
    return verdict_of(made), worked_message(made)


def test_what_is_told_of_illustrative_services_is_what_is_true_of_them() -> None:
    assert told("Northmoor", 2016) == (
        "better",
        "Reviews of all plans were on time more often than before the inspection, by more than chance; local audits "
        "found reviewing sufficient more often than the inspectors did, by more than chance.",
    )
    assert told("Brackenshire", 2016)[0] == "worse"
    assert told("Eastmere", 2016)[0] == told("Sallowbridge", 2016)[0] == "no clear change"


# Where nothing has changed


def test_of_areas_in_which_nothing_has_changed_few_are_called_better_or_worse() -> None:
    """All plan types and a local audit, three hundred times: the share of areas with even one false verdict."""
    random, found = Random(11), 0
    months = [add_months(date(2014, 10, 6), m) for m in range(24)]
    for _ in range(300):
        share = random.uniform(0.5, 0.95)
        loaded = [
            Review(
                "Knowsley",
                "K1",
                plan,
                "scheduled",
                date(2016, 10, 5),
                due_on=when + timedelta(days=3),
                completed_on=when + timedelta(days=0 if random.random() < share else 9),
            )
            for plan in REVIEWS
            for when in months
            for _ in range(6)
        ]
        audits = [audited(sum(random.random() < 0.5 for _ in range(14)) / 14, 14)]
        verdicts = {m.verdict for m in of_area(audits, loaded).values()}
        found += bool(verdicts & {"better", "worse"})
    assert found <= 23, "15 of 300 are expected at most; more than 23 would be chance in one of 50 such tests"


def test_an_area_that_chance_made_one_is_seldom_called_better() -> None:
    """Only letters in which chance left a section weak have the area, so the next audit tends to be higher."""
    random = Random(5)
    sections = ("reducing_reoffending", "protecting_the_public", "protecting_the_child")
    called = made = 0
    (template, *_) = [f for f in knowsley().findings if f.practice == "reviewing" and f.share is not None]
    for _ in range(1500):
        truth = random.uniform(0.4, 0.9)
        drawn = [sum(random.random() < truth for _ in range(14)) for _ in sections]
        weak = [(s, k) for s, k in zip(sections, drawn, strict=True) if k / 14 < 0.65]
        if not weak:
            continue
        made += 1
        findings = tuple(
            replace(template, section=s, share=Share(k / 14, k / 14), relevant_cases=14, direction="weakness")
            for s, k in weak
        )
        stored = stored_as(
            replace(knowsley(), findings=findings, areas_requiring_improvement=("Review plans in time.",))
        )
        now = {s: sum(random.random() < truth for _ in range(14)) for s in sections}
        counts = [
            AuditCount("Local audit", date(2016, 10, 15), c.id, now[c.section], 14 - now[c.section], False)
            for c in FRAME.criteria
            if c.practice == "reviewing" and c.section in now
        ]
        found = of_area(audit_scores(counts), stored=stored, position=1)["audit_reviewing"]
        called += found.verdict == "better"
    assert made > 500
    assert called / made < 0.05


# The chance of a difference


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_a_chance_of_at_most_five_in_a_hundred_is_a_verdict(k: int, n: int, i: int, m: int) -> None:
    k, i = min(k, n), min(i, m)
    before, now = (Estimate(Share(a / b, a / b), b) for a, b in ((i, m), (k, n)))
    verdict = difference_between(before.share, before.interval(), now.share, now.interval()).verdict
    assert (chance_of(before, now) < 0.05) is (verdict != "no clear change")
    assert chance_of(before, now) == pytest.approx(chance_of(now, before))


def test_holm_shares_five_per_cent_among_those_not_called_yet() -> None:
    assert holm([0.009, 0.012, 0.016, 0.6, 1.0], 5) == [True, True, True, False, False]
    assert holm([0.011, 0.012, 0.016, 0.6, 1.0], 5) == [False] * 5
    assert holm([], 0) == []
