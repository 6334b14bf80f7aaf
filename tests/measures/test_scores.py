"""Scores against a plain re-reading of the formula, and against Knowsley worked by hand."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.frameworks import framework
from sqs_core.measures.messages import inspection_message
from sqs_core.measures.scores import (
    audit_scores,
    finding_caseload_interval,
    finding_rows,
    inspection_scores,
    matrix_rows,
    scores_json,
    section_rows,
)
from sqs_core.model import (
    AuditCount,
    Finding,
    Inspection,
    Letter,
    ReoffendingHeadline,
    Service,
    Share,
    Source,
    StoredFinding,
    StoredInspection,
)

FRAME = framework()
SECTIONS = [s.id for s in FRAME.sections]
PRACTICES = [p.id for p in FRAME.practices]


def finding(
    section: str,
    practice: str,
    share: tuple[float, float] | None,
    cases: int | None = None,
    direction: str = "neutral",
) -> Finding:
    return Finding(
        section=section,
        paragraph="1.1",
        practice=practice,
        basis="qualitative" if share is None else "worded",
        quote="Words of the letter.",
        share=None if share is None else Share(*share),
        relevant_cases=cases,
        direction=direction,  # type: ignore[arg-type]
    )


def stored(*findings: Finding) -> StoredInspection:
    letter = Letter(
        "Title",
        "Ashford Vale",
        "Ashford Vale YOS",
        "YOS",
        date(2015, 11, 4),
        date(2015, 10, 5),
        date(2015, 10, 7),
        14,
    )
    return StoredInspection(
        id=1,
        service=Service("Ashford Vale", "England", "South East", "Kent"),
        inspection=Inspection(letter, ReoffendingHeadline(), findings, (), (), (), ()),
        findings=tuple(StoredFinding(n, f) for n, f in enumerate(findings, 1)),
        source=Source(
            1, "a.pdf", "0" * 64, "letter", "an analyst", datetime(2026, 1, 1, tzinfo=UTC), 1, False
        ),
        published_by="an analyst",
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


shares = st.one_of(
    st.none(),
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda t: (min(t) / 40, max(t) / 40)),
)
findings = st.lists(
    st.builds(finding, st.sampled_from(SECTIONS), st.sampled_from(PRACTICES), shares), min_size=1, max_size=25
)


@given(findings)
def test_scores_are_means_of_means(some: list[Finding]) -> None:
    """The oracle: exact fractions, straight from the sentence of the formula."""
    scores = inspection_scores(stored(*some))
    for section in {f.section for f in some}:
        lows, highs, in_words = [], [], []
        for practice in PRACTICES:
            about = [f for f in some if (f.section, f.practice) == (section, practice)]
            counted = [f.share for f in about if f.share]
            if practice == "other" or not about:
                continue
            if counted:
                lows.append(sum(Fraction(s.low) for s in counted) / len(counted))
                highs.append(sum(Fraction(s.high) for s in counted) / len(counted))
            else:
                in_words.append(practice)
        got = scores.section(section)
        assert got is not None
        assert list(got.practices_in_words) == in_words
        if lows:
            assert got.share is not None
            assert got.share.low == pytest.approx(float(sum(lows) / len(lows)))
            assert got.share.high == pytest.approx(float(sum(highs) / len(highs)))
        else:
            assert got.share is None
        judged = len(lows) + len(in_words)
        if judged:
            assert got.widest.low == pytest.approx(float(sum(lows) / judged))
            assert got.widest.high == pytest.approx(float((sum(highs) + len(in_words)) / judged))


@given(findings)
def test_the_score_lies_within_the_widest_reading(some: list[Finding]) -> None:
    for section in inspection_scores(stored(*some)).sections:
        if section.share:
            assert section.widest.low <= section.share.low + 1e-12
            assert section.share.high <= section.widest.high + 1e-12


def test_findings_about_other_work_are_shown_and_not_scored() -> None:
    scores = inspection_scores(stored(finding("protecting_the_public", "other", (0.5, 0.5))))
    assert scores.sections[0].share is None
    assert scores.cell("protecting_the_public", "other") is not None


def test_a_cell_whose_findings_point_both_ways_is_neutral() -> None:
    section = "reducing_reoffending"
    both = stored(
        finding(section, "planning", None, direction="strength"),
        finding(section, "planning", None, direction="weakness"),
    )
    one = stored(
        finding(section, "planning", None, direction="weakness"),
        finding(section, "planning", None, direction="neutral"),
    )
    assert inspection_scores(both).matrix[0].direction == "neutral"
    assert inspection_scores(one).matrix[0].direction == "weakness"


def test_the_caseload_interval_needs_a_number_of_cases() -> None:
    assert finding_caseload_interval(finding("reducing_reoffending", "planning", (0.5, 0.6))) is None
    known = finding_caseload_interval(finding("reducing_reoffending", "planning", (8 / 14, 8 / 14), 14))
    assert known is not None
    assert (round(known.low, 2), round(known.high, 2)) == (0.33, 0.79)


def test_json_and_tables_speak_of_the_same_cells() -> None:
    one = stored(
        finding("reducing_reoffending", "assessment", (1, 1), 14),
        finding("protecting_the_public", "planning", None),
    )
    scores = inspection_scores(one)
    json = scores_json(one)
    assert [c["section"] for c in json["matrix"]] == ["reducing_reoffending", "protecting_the_public"]  # type: ignore[attr-defined]
    assert json["sections"][1]["share_low"] is None  # type: ignore[index]
    assert json["sections"][1]["practices_in_words"] == ["planning"]  # type: ignore[index]
    assert [r["Section"] for r in matrix_rows(scores, FRAME)] == [
        "Reducing reoffending",
        "Protecting the public",
    ]
    assert section_rows(scores, FRAME)[1]["Lowest share sufficient"] == ""
    assert [r["Number"] for r in finding_rows(one)] == [1, 2]


def test_audits_are_counted_exactly_and_the_latest_comes_first() -> None:
    def count(audit: str, on: date, criterion: str, good: int, bad: int) -> AuditCount:
        return AuditCount(audit, on, criterion, good, bad, False)

    scores = audit_scores(
        [
            count("Spring audit", date(2016, 4, 1), "1.reviewing", 3, 9),
            count("Autumn audit", date(2016, 10, 1), "1.reviewing", 9, 3),
            count("Autumn audit", date(2016, 10, 1), "1.planning", 0, 0),
        ]
    )
    assert [s.label for s in scores] == ["Autumn audit, October 2016", "Spring audit, April 2016"]
    assert [c.practice for c in scores[0].matrix] == ["reviewing"]
    assert scores[0].sections[0].share == Share(0.75, 0.75)
    assert scores[1].sections[0].share == Share(0.25, 0.25)


def test_a_cell_knows_the_fewest_cases_behind_it() -> None:
    section = "reducing_reoffending"
    scores = inspection_scores(
        stored(
            finding(section, "planning", (1, 1), 14),
            finding(section, "planning", (1, 1), 7),
            finding(section, "planning", None),
            finding(section, "reviewing", (1, 1), 14),
            finding(section, "reviewing", (1, 1)),
            finding(section, "assessment", None),
        )
    )
    assert {c.practice: (c.cases, c.fewest) for c in scores.matrix} == {
        "planning": (None, 7),
        "reviewing": (None, None),
        "assessment": (None, None),
    }
    assert scores.framework == "sqs"


def message(*some: Finding) -> str:
    return inspection_message(inspection_scores(stored(*some)), FRAME)


def test_the_message_names_what_was_faultless_and_the_weak_point() -> None:
    said = message(
        finding("reducing_reoffending", "assessment", (1, 1), 14),
        finding("protecting_the_public", "assessment", (1, 1), 14),
        finding("reducing_reoffending", "reviewing", (0, 6 / 14), 14),
        finding("protecting_the_public", "reviewing", (0.283, 0.383)),
    )
    assert said == (
        "Assessment was sufficient in every case. Reviewing was the weak point: sufficient in fewer than half of "
        "cases for reducing reoffending and about a third of cases for protecting the public."
    )


def test_the_message_does_not_call_a_weak_point_that_is_too_close_to_call() -> None:
    said = message(
        finding("reducing_reoffending", "planning", (0.62, 0.72)),
        finding("reducing_reoffending", "reviewing", (0.6, 0.7)),
    )
    assert "weak point" not in said
    assert "not clearly" in said


def test_the_message_never_makes_a_number_of_words() -> None:
    said = message(finding("reducing_reoffending", "reviewing", None, direction="weakness"))
    assert said.startswith("The letter judges this service in words alone")
    assert "reviewing" in said


@given(findings)
def test_every_inspection_gets_a_message(some: list[Finding]) -> None:
    said = message(*some)
    assert said.endswith(".")
    assert "_" not in said
