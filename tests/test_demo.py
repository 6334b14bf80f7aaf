"""What ships to look at: Knowsley as facts, and the illustrative services."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from sqs_core.demo import KNOWSLEY, illustrative, knowsley
from sqs_core.frameworks import framework
from sqs_core.letters import read_text
from sqs_core.model import Finding
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
