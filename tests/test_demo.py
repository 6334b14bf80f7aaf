"""What ships to look at: Knowsley as facts, and the illustrative services."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from sqs_core import demo
from sqs_core.demo import KNOWSLEY, IllustrativeService, illustrative, knowsley
from sqs_core.frameworks import framework
from sqs_core.letters import read_text
from sqs_core.loaders import check, columns, read_table
from sqs_core.measures.changes import difference_of
from sqs_core.measures.control_chart import Count, Point, p_chart
from sqs_core.measures.timeliness import (
    TOO_FEW_FOR_A_RATE,
    Timeliness,
    overdue_now,
    state_of,
    timeliness,
    timeliness_by,
    timeliness_by_month,
)
from sqs_core.measures.timing import add_months, is_working_day
from sqs_core.model import Finding, Review, Share
from sqs_core.services import find_service


def test_knowsley_is_the_inspection_of_2015(shared: Path | None) -> None:
    letter = knowsley().letter
    assert letter.case_count == 14
    assert find_service(letter.service_name or "") is not None
    if shared is None:
        return
    gold = json.loads((shared / "letters" / "knowsley.gold.json").read_text("utf-8"))
    ours = {name: getattr(letter, name) for name in gold["letter"]}
    assert {
        name: value if isinstance(value, int) else str(value)
        for name, value in ours.items()
        if name != "title"
    } == {name: value for name, value in gold["letter"].items() if name != "title"}
    reoffending = knowsley().reoffending
    assert {name: getattr(reoffending, name) for name in gold["reoffending"]} == gold["reoffending"]


def test_knowsleys_findings_are_those_of_the_letter_in_its_order(shared: Path | None) -> None:
    """One by one: section, paragraph, basis, cases, direction, and a share inside what the answers allow."""
    if shared is None:
        return
    gold = json.loads((shared / "letters" / "knowsley.gold.json").read_text("utf-8"))["findings"]
    # Operational management stands in another order in the answers; all four are of one kind.
    ours = knowsley().findings
    assert len(ours) == len(gold)
    for finding, answer in zip(ours, gold, strict=True):
        assert (finding.section, finding.paragraph) == (answer["section"], answer["paragraph"])
        assert finding.practice == answer["practice"], finding.quote
        assert finding.direction == answer["direction"], finding.quote
        if "[optional]" in answer["note"]:
            continue
        assert finding.basis == answer["basis"], finding.quote
        assert finding.relevant_cases == answer["relevant_cases"], finding.quote
        if finding.share is None:
            assert answer["share_low"] is None
        else:
            assert answer["share_low"] - 0.001 <= finding.share.low, finding.quote
            assert finding.share.high <= answer["share_high"] + 0.001, finding.quote


def test_a_share_of_known_cases_is_of_whole_cases() -> None:
    for finding in knowsley().findings:
        if finding.share and finding.relevant_cases:
            for end in (finding.share.low, finding.share.high):
                cases = end * finding.relevant_cases
                assert cases == pytest.approx(round(cases)), finding.quote


def test_knowsleys_sentences_are_ours(shared: Path | None) -> None:
    """No seven words in a row are the inspectorate's, anywhere in the file."""
    assert all(finding.paraphrased for finding in knowsley().findings)
    if shared is None:
        return
    theirs = _runs((shared / "letters" / "knowsley.txt").read_text("utf-8"))
    assert not _runs(KNOWSLEY.read_text("utf-8")) & theirs


def _runs(text: str, length: int = 7) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.casefold().replace("'", "").replace("’", ""))
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_every_quote_of_knowsley_stands_where_it_says() -> None:
    inspection = knowsley()
    for finding in inspection.findings:
        assert finding.block is not None
        block = inspection.blocks[finding.block]
        assert block.text[finding.start : finding.end] == finding.quote
        assert (block.section, block.label) == (finding.section, finding.paragraph)
    assert [block.text for block in inspection.blocks if block.kind == "area"] == list(
        inspection.areas_requiring_improvement
    )


def test_knowsley_speaks_the_words_of_the_framework() -> None:
    sections = {section.id for section in framework().sections}
    practices = {practice.id for practice in framework().practices}
    findings = knowsley().findings
    assert {finding.section for finding in findings} == sections
    assert {finding.practice for finding in findings} <= practices
    assert {finding.direction for finding in findings} == {"strength", "weakness", "neutral"}


@pytest.mark.parametrize("number", range(12))
def test_what_an_illustrative_letter_tells_is_what_is_read(number: int) -> None:
    """By section and practice, and the true share lies in the range that was read."""
    service = list(illustrative(services=12))[number]
    for file_name, text in service.inspections:
        inspection = read_text(file_name, text)
        assert inspection.letter.place == service.service.name
        assert inspection.letter.case_count == max(told.cases for told in service.told[file_name])
        assert inspection.reoffending.rate is not None
        assert inspection.reoffending.cohort_end == f"{inspection.letter.published_on.year - 2}-06"  # type: ignore[union-attr]
        assert inspection.letter.published_on == inspection.letter.fieldwork_end + timedelta(days=28)  # type: ignore[operator]
        read = [finding for finding in inspection.findings if finding.share is not None]
        told = service.told[file_name]
        assert [(f.section, f.practice) for f in read] == [(t.section, t.practice) for t in told], file_name
        for finding, truth in zip(read, told, strict=True):
            assert finding.share is not None
            assert finding.relevant_cases == truth.cases, finding.quote
            share = truth.sufficient / truth.cases
            assert finding.share.low - 1e-9 <= share <= finding.share.high + 1e-9, (
                finding.quote,
                finding.share,
            )
            if _says_how_many(finding):
                assert finding.share.low == finding.share.high, (finding.quote, finding.share)
        assert inspection.key_strengths
        assert inspection.areas_requiring_improvement


def _says_how_many(finding: Finding) -> bool:
    return re.search(
        r"\b(all|every|none|of the \w+ cases|of them)\b(?! \w+ of the)", finding.quote
    ) is not None and ("almost all" not in finding.quote)


def test_the_six_have_six_true_stories() -> None:
    six = {service.story.id: service for service in illustrative()}
    assert set(six) == {"improving", "strong", "declining", "reviewing", "few", "recurring"}
    assert all(2 <= len(service.inspections) <= 4 for service in six.values())

    def shares(story: str, *practices: str) -> list[float]:
        """Of these practices together, letter by letter."""
        result = []
        for told in six[story].told.values():
            of = [t for t in told if not practices or t.practice in practices]
            result.append(sum(t.sufficient for t in of) / sum(t.cases for t in of))
        return result

    assert shares("improving") == sorted(shares("improving"))
    assert shares("improving")[-1] - shares("improving")[0] > 0.1
    assert shares("declining") == sorted(shares("declining"), reverse=True)
    assert shares("declining")[0] - shares("declining")[-1] > 0.1
    assert min(shares("strong")) > 0.85
    assert min(shares("reviewing", "assessment")) > 0.9
    assert max(shares("reviewing", "reviewing")) < 0.45
    assert all(t.cases <= 8 for told in six["few"].told.values() for t in told)
    area = "Management oversight should make sure"
    assert all(area in text for _, text in six["recurring"].inspections)
    assert len(six["recurring"].inspections) == 4


def test_the_audits_tell_the_story_on() -> None:
    def sufficient(audits: list[str], story: str) -> float:
        rows = [
            j
            for s in illustrative()
            if s.story.id == story
            for j in s.audits
            if j.judgement != "not_applicable"
        ]
        of = [j for j in rows if j.audit in audits]
        return sum(j.judgement == "sufficient" for j in of) / len(of)

    early, late = ["Local audit, spring 2015"], ["Local audit, autumn 2022"]
    assert sufficient(late, "improving") > sufficient(early, "improving") + 0.2
    assert sufficient(late, "declining") < sufficient(early, "declining") - 0.2


def test_audits_judge_every_case_on_every_criterion_once() -> None:
    criteria = [criterion.id for criterion in framework().criteria]
    for service in illustrative():
        cases: dict[tuple[str, str], list[str]] = {}
        for judgement in service.audits:
            cases.setdefault((judgement.audit, judgement.case_ref), []).append(judgement.criterion)
        assert cases
        assert all(judged == criteria for judged in cases.values())


def test_the_same_seed_gives_the_same_services_however_many() -> None:
    assert list(illustrative(services=9, seed=7)) == list(illustrative(services=9, seed=7))
    assert list(illustrative(services=9, seed=7))[:3] == list(illustrative(services=3, seed=7))
    assert list(illustrative(seed=7)) != list(illustrative(seed=8))


def test_a_set_as_large_as_the_country_has_made_up_names_each_its_own() -> None:
    found = [service.service for service in illustrative(services=155, years=2)]
    assert len(found) == 155
    assert len({service.name for service in found}) == 155
    assert all(service.illustrative for service in found)
    assert all(find_service(service.name) is None for service in found)


def test_letters_end_with_short_quality_screening_and_years_are_kept() -> None:
    for service in illustrative(years=2):
        assert all(name.endswith(("-2013.txt", "-2014.txt")) for name, _ in service.inspections)
        assert not service.audits
    assert max(j.audited_on.year for service in illustrative(years=5) for j in service.audits) == 2017


def test_every_illustrative_letter_says_that_it_is_one() -> None:
    for service in illustrative():
        for _, text in service.inspections:
            assert text.startswith("Illustrative letter: ")


# Reviews of illustrative services

FIRST, EXTRACT = date(2015, 1, 1), date(2018, 12, 31)


@cache
def _six(seed: int = 1) -> dict[str, IllustrativeService]:
    return {service.story.id: service for service in illustrative(seed=seed)}


def _inspected_on(service: IllustrativeService) -> date:
    day = read_text(*service.inspections[-1]).letter.fieldwork_end
    assert day is not None
    return day


def _before_and_after(service: IllustrativeService) -> tuple[Timeliness, Timeliness]:
    day = _inspected_on(service)
    return (
        timeliness(service.reviews, FIRST, day),
        timeliness(service.reviews, day + timedelta(days=1), EXTRACT),
    )


def _verdict(before: Timeliness, after: Timeliness) -> str:
    earlier, later = before.on_time / before.due, after.on_time / after.due
    return difference_of(Share(earlier, earlier), before.due, Share(later, later), after.due).verdict


def _rate(found: Timeliness) -> float:
    assert found.on_time_rate is not None
    return found.on_time_rate


def _chart(service: IllustrativeService, baseline: int | None) -> tuple[Point, ...]:
    months = timeliness_by_month(service.reviews, FIRST, EXTRACT)
    counts = [Count(month.timeliness.on_time, month.timeliness.due) for month in months]
    return p_chart(counts, baseline=baseline).points


def test_letters_and_audits_are_the_same_whatever_the_reviews_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def rest(services: Iterator[IllustrativeService]) -> list[object]:
        return [(s.service, s.inspections, s.audits, s.told) for s in services]

    with_reviews = rest(illustrative(services=9))
    monkeypatch.setattr(demo, "_reviews", lambda *_: iter(()))
    assert rest(illustrative(services=9)) == with_reviews


@pytest.mark.parametrize("seed", range(1, 6))
def test_reviews_get_better_where_the_story_does_and_worse_where_it_does(seed: int) -> None:
    better, worse = _six(seed)["improving"], _six(seed)["declining"]
    assert _verdict(*_before_and_after(better)) == "higher"
    assert _verdict(*_before_and_after(worse)) == "lower"
    # When the year of the inspection is over, so is the change.
    assert _rate(_before_and_after(better)[0]) == pytest.approx(0.55, abs=0.08)
    assert _rate(timeliness(better.reviews, date(2017, 1, 1), EXTRACT)) == pytest.approx(0.88, abs=0.05)
    assert _rate(_before_and_after(worse)[0]) == pytest.approx(0.86, abs=0.05)
    assert _rate(timeliness(worse.reviews, date(2017, 1, 1), EXTRACT)) == pytest.approx(0.6, abs=0.05)


def test_reviews_do_not_change_where_the_story_does_not() -> None:
    for story, share in (("strong", 0.94), ("reviewing", 0.5)):
        found = [_before_and_after(_six(seed)[story]) for seed in range(1, 6)]
        verdicts = [_verdict(*periods) for periods in found]
        # Chance finds a change where there is none in 1 of 20.
        assert verdicts[0] == "no clear change"
        assert verdicts.count("no clear change") >= 4
        for seed in range(1, 6):
            every = timeliness(_six(seed)[story].reviews, FIRST, EXTRACT)
            assert _rate(every) == pytest.approx(share, abs=0.05)


def test_the_control_chart_tells_the_same_stories() -> None:
    for story, direction in (("improving", "up"), ("declining", "down")):
        service = _six()[story]
        day = _inspected_on(service)
        points = _chart(service, baseline=(day.year - 2015) * 12 + day.month)
        runs = {s.direction for point in points for s in point.signals if s.rule == "seven on one side"}
        assert runs == {direction}
        assert any(signal.rule == "seven on one side" for signal in points[-1].signals)
    for story in ("strong", "reviewing", "recurring"):
        assert not any(point.signals for point in _chart(_six()[story], baseline=None)), story


@pytest.mark.parametrize("seed", range(1, 6))
def test_bad_reviewing_leaves_many_overdue_most_of_them_of_high_risk_plans(seed: int) -> None:
    overdue = {
        story: [review for review in service.reviews if state_of(review) == "overdue"]
        for story, service in _six(seed).items()
    }
    most = overdue.pop("reviewing")
    assert len(most) > max(len(reviews) for reviews in overdue.values())
    high_risk = ("risk_management_plan", "vulnerability_management_plan")
    assert sum(review.plan_type in high_risk for review in most) * 2 > len(most)


def test_overdue_reviews_are_of_every_age_and_some_of_ended_orders() -> None:
    for story in ("reviewing", "declining"):
        bands = overdue_now(_six()[story].reviews)
        assert all(band.reviews for band in bands), story
        assert 0 < sum(band.order_ended for band in bands) * 2 < sum(band.reviews for band in bands)


@pytest.mark.parametrize("seed", range(1, 6))
def test_few_reviews_are_too_few_to_say(seed: int) -> None:
    few = _six(seed)["few"]
    assert _verdict(*_before_and_after(few)) == "no clear change"
    years = [timeliness(few.reviews, date(y, 1, 1), date(y, 12, 31)).due for y in range(2015, 2019)]
    # One to three a month, and as a rule a year has too few for a rate.
    assert 1 <= sum(years) / 48 <= 3
    assert sum(due < TOO_FEW_FOR_A_RATE for due in years) >= 3


@pytest.mark.parametrize("seed", range(1, 6))
def test_in_the_mixed_service_one_kind_of_plan_is_behind(seed: int) -> None:
    reviews = _six(seed)["recurring"].reviews
    assert _rate(timeliness(reviews, FIRST, EXTRACT)) == pytest.approx(0.72, abs=0.04)
    by_plan = {g.label: g.timeliness for g in timeliness_by(reviews, FIRST, EXTRACT, "plan_type")}
    behind = by_plan.pop("risk_management_plan")
    assert all(_verdict(other, behind) == "lower" for other in by_plan.values())


def test_larger_services_have_some_twenty_reviews_due_in_a_month() -> None:
    for story, service in _six().items():
        if story == "few":
            continue
        months = [g.timeliness.due for g in timeliness_by_month(service.reviews, FIRST, EXTRACT)]
        assert 15 < sum(months) / len(months) < 22, story
        assert sum(12 <= due <= 25 for due in months) > 30, story


def test_late_reviews_are_mostly_some_weeks_late_and_a_few_very_late() -> None:
    for story, service in _six().items():
        days = [
            (review.completed_on - review.due_on).days
            for review in service.reviews
            if state_of(review) == "late" and review.completed_on and review.due_on
        ]
        assert sum(3 <= late <= 40 for late in days) / len(days) > 0.55, story
        assert max(days) > 90, story


def test_every_row_of_reviews_follows_an_order() -> None:
    for service in illustrative(services=12, seed=3):
        keys = set()
        for review in service.reviews:
            _is_consistent(review)
            assert review.service == service.service.name
            assert review.extracted_on == EXTRACT
            assert review.case_ref.startswith(f"{service.story.case_prefix}-")
            assert review.team in (service.story.reviews.teams or [None])
            keys.add(
                (review.case_ref, review.order_type, review.plan_type, review.trigger, review.due_on),
            )
        assert len(keys) == len(service.reviews)
        orders = {
            (r.case_ref, r.order_type, r.team, r.order_started_on, r.order_ended_on) for r in service.reviews
        }
        assert len(orders) == len({r.case_ref for r in service.reviews})
        # What falls due after the extract: a few are done early, most are open.
        ahead = [review for review in service.reviews if (review.due_on or FIRST) > EXTRACT]
        assert len(ahead) > 0
        assert sum(review.completed_on is not None for review in ahead) * 2 < len(ahead)


def _is_consistent(review: Review) -> None:
    started_on, due_on, done_on = review.order_started_on, review.due_on, review.completed_on
    assert started_on is not None and due_on is not None
    assert FIRST <= due_on <= date(2019, 3, 31)
    assert started_on <= min(due_on, EXTRACT)
    if review.trigger == "scheduled":
        assert due_on in [add_months(started_on, months) for months in (3, 6, 9, 12)]
        assert review.significant_change_on is None
    else:
        assert review.significant_change_on is not None
        assert started_on <= review.significant_change_on <= min(due_on, EXTRACT)
    if done_on is not None:
        assert max(started_on, review.significant_change_on or started_on) <= done_on <= EXTRACT
        assert is_working_day(done_on)
    if review.order_ended_on is not None:
        assert started_on <= review.order_ended_on <= EXTRACT
    if state_of(review) == "not_required":
        assert done_on is None
    if review.late_reason is not None or review.outside_control is not None:
        assert state_of(review) in ("late", "overdue")
        assert review.late_reason is not None


def test_reviews_not_required_and_after_a_change_and_reasons_occur_and_are_the_smaller_part() -> None:
    for story, service in _six().items():
        reviews = service.reviews
        late = [review for review in reviews if state_of(review) in ("late", "overdue")]
        assert 0 < sum(state_of(r) == "not_required" for r in reviews) < 0.1 * len(reviews), story
        assert 0 < sum(r.trigger == "significant_change" for r in reviews) < 0.15 * len(reviews), story
        assert {r.outside_control for r in late} == {True, False, None}, story
        assert {r.late_reason is None for r in late} == {True, False}, story


def test_an_earlier_extract_knows_the_same_reviews_as_far_as_they_had_come() -> None:
    earlier = date(2016, 12, 31)
    for then, now in zip(illustrative(years=4), illustrative(), strict=True):
        of_now = {(r.case_ref, r.plan_type, r.trigger, r.due_on): r for r in now.reviews}
        assert then.reviews
        assert all(review.extracted_on == earlier for review in then.reviews)
        assert max(review.due_on or FIRST for review in then.reviews) <= date(2017, 3, 31)
        assert {k for k, r in of_now.items() if (r.due_on or FIRST) <= earlier} <= {
            (r.case_ref, r.plan_type, r.trigger, r.due_on) for r in then.reviews
        }
        for review in then.reviews:
            later = of_now[review.case_ref, review.plan_type, review.trigger, review.due_on]
            for day, later_day in (
                (review.completed_on, later.completed_on),
                (review.order_ended_on, later.order_ended_on),
            ):
                assert day == (later_day if later_day is not None and later_day <= earlier else None)


def test_without_years_that_reach_the_first_review_there_are_none() -> None:
    assert not any(service.reviews for service in illustrative(years=2))
    assert {r.extracted_on for s in illustrative(years=3) for r in s.reviews} == {date(2015, 12, 31)}


def test_reviews_pass_the_loader_unchanged() -> None:
    names = [column.name for column in columns("reviews")]
    reviews = [review for service in illustrative(services=8) for review in service.reviews]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for review in reviews:
        writer.writerow([_cell(getattr(review, name)) for name in names])
    table = read_table("reviews.csv", text.getvalue().encode())
    checked = check(table, "reviews", today=date(2026, 1, 5))
    assert checked.problems == ()
    assert {warning.column for warning in checked.warnings} == {"service", "order_ended_on"}
    optional = {"order_started_on", "significant_change_on"} - set(names)
    assert checked.reviews == [replace(review, **dict.fromkeys(optional)) for review in reviews]


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
