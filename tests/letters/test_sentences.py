"""What one or two sentences mean: the share of cases judged sufficient, of how many, and what is no share."""

from __future__ import annotations

import pytest

from sqs_core.letters.findings import findings_of
from sqs_core.letters.plain import plain_lines
from sqs_core.model import Block, Finding

N = 20  # cases in the sample of every sentence here

COUNTED = [
    # text, [(lowest share, highest share, of how many cases), …] in the order of the text
    # ------------------------------------------------------------ counts and percentages
    ("A sufficient plan was in place in 12 of the 15 cases where one was required.", [(12 / 15, 12 / 15, 15)]),
    ("In 18 out of 20 cases (90%) the assessment was good enough.", [(0.9, 0.9, 20)]),
    ("In 11 cases (55%) we found that the assessment was good.", [(0.55, 0.55, 20)]),
    ("We judged that 85% of initial assessments were good enough.", [(0.85, 0.85, 20)]),
    ("There were clear plans in 75% of cases.", [(0.75, 0.75, 20)]),
    ("A review had taken place in only 10 out of 19 relevant cases.", [(10 / 19, 10 / 19, 19)]),
    ("Only eight cases had been reviewed on time.", [(0.4, 0.4, 20)]),
    ("Reviews were satisfactory in 65 per cent of the cases.", [(0.65, 0.65, 20)]),
    ("Intervention plans were sufficient in 4/5 relevant cases.", [(0.8, 0.8, 5)]),
    ("Sufficient attention had been given to diversity in all but two cases.", [(0.9, 0.9, 20)]),
    ("Plans were timely in every case bar one.", [(0.95, 0.95, 20)]),
    ("Assessments were thorough in all cases, with the exception of three.", [(0.85, 0.85, 20)]),
    ("With two exceptions, the plans in the sample were clear.", [(0.9, 0.9, 20)]),
    ("The assessment was accurate in each of the 12 relevant cases.", [(1, 1, 12)]),
    ("The plan was good in both cases.", [(1, 1, 2)]),
    ("Neither of the two reports was of sufficient quality.", [(0, 0, 2)]),
    ("All three pre-sentence reports were of good quality.", [(1, 1, 3)]),
    ("Plans were sufficient in at least 15 of the 20 cases.", [(0.75, 1, 20)]),
    ("Management oversight was effective in just over half (11 of 20) of the cases.", [(0.55, 0.55, 20)]),
    # ------------------------------------------------------------ words
    ("In the majority of cases sampled there was a good assessment.", [(0.55, 0.95, 20)]),
    ("Plans were good in well over half of the cases.", [(0.6, 1, 20)]),
    ("Plans were good in between half and two-thirds of the cases.", [(0.5, 0.65, 20)]),
    ("Nearly all of the plans were sufficient.", [(0.85, 1, None)]),
    ("Almost two-thirds of cases had a good plan.", [(0.6, 0.65, 20)]),
    ("Plans were sufficient in a little over three-quarters of cases.", [(0.8, 0.85, 20)]),
    ("Two out of every three plans were sufficient.", [(0.617, 0.717, None)]),
    ("Work to keep the child safe was good enough in more than 80% of cases.", [(0.85, 1, 20)]),
    ("Most assessments were of good quality.", [(0.55, 0.95, 20)]),
    ("Few of the cases had been reviewed well.", [(0, 0.45, 20)]),
    ("Reviews were sufficient in no more than half of the cases.", [(0, 0.5, 20)]),
    # ------------------------------------------------------------ turned by a judgement or a "not"
    ("In 20% of cases the plan was not sufficient.", [(0.8, 0.8, 20)]),
    ("In over a third of cases the risk of harm had been underestimated.", [(0, 0.65, 20)]),
    ("There was no vulnerability management plan in three of the nine cases that needed one.", [(6 / 9, 6 / 9, 9)]),
    ("Insufficient attention was paid to victims in over half of the cases.", [(0, 0.5, None)]),
    ("Initial assessments were late in a quarter of cases.", [(0.7, 0.8, 20)]),
    ("We found gaps in the plan in five of the 12 cases.", [(7 / 12, 7 / 12, 12)]),
    ("In six of the 20 cases the case manager had failed to review the plan.", [(0.7, 0.7, 20)]),
    ("Eight plans out of 20 lacked clear objectives.", [(0.6, 0.6, 20)]),
    ("None of the plans was inadequate.", [(1, 1, None)]),
    ("In all but one case there were no deficits in the assessment.", [(0.95, 0.95, 20)]),
    ("Plans had not been reviewed in any of the cases.", [(0, 0, 20)]),
    ("In no case was the review good enough.", [(0, 0, 20)]),
    ("In half of the cases the plan needed to be improved.", [(0.45, 0.55, 20)]),
    ("The plan could have been better in a quarter of the cases.", [(0.7, 0.8, 20)]),
    ("In 30% of cases a review was required but had not been done.", [(0.7, 0.7, 20)]),
    ("The assessment was not late in any of the cases.", [(1, 1, 20)]),
    ("Reviews were without clear purpose in four of the ten cases.", [(0.6, 0.6, 10)]),
    # ------------------------------------------------------------ two in one sentence
    (
        "Assessments were sufficient in all cases and plans in 12 of the 14 relevant cases.",
        [(1, 1, 20), (12 / 14, 12 / 14, 14)],
    ),
    (
        "Although reviews were timely in three-quarters of cases, they were of poor quality in half of the cases.",
        [(0.7, 0.8, 20), (0.45, 0.55, 20)],
    ),
    ("Plans were good in 15 cases, but not in the other five.", [(0.75, 0.75, 20), (0.75, 0.75, 20)]),
    # ------------------------------------------------------------ of how many
    ("In the 12 cases where this was relevant, nine had a good plan.", [(0.75, 0.75, 12)]),
    ("Of the eight cases with a risk management plan, five plans were sufficient.", [(5 / 8, 5 / 8, 8)]),
    ("A plan was required in ten cases and completed in eight.", [(0.8, 0.8, 10)]),
    ("Ten cases needed a plan. Of these, eight had a good one.", [(0.8, 0.8, 10)]),
    ("Seven pre-sentence reports were inspected, of which five were of good quality.", [(5 / 7, 5 / 7, 7)]),
    ("Reports were provided to the court in six cases. All of them were well written.", [(1, 1, 6)]),
    ("Nine of the 12 plans were good. In the remaining three the plan was poor.", [(0.75, 0.75, 12), (0.75, 0.75, 12)]),
    ("In nine of the 12 relevant cases there was a review. Five of these were good.", [(0.75, 0.75, 12), (5 / 9, 5 / 9, 9)]),
    ("Plans were sufficient in two-thirds of the relevant cases.", [(0.617, 0.717, None)]),
    ("The risk to identifiable victims was managed well in all but one of the cases.", [(0.75, 0.95, None)]),
    # ------------------------------------------------------------ pointing back
    ("We expect to see a good assessment. This happened in all of the cases.", [(1, 1, 20)]),
    ("Plans should be reviewed. This had not been done in half of the cases.", [(0.45, 0.55, 20)]),
    ("Plans were detailed and clear. This was not the case in four of the 20 reviews.", [(0.8, 0.8, 20)]),
    ("Too many plans lacked clear objectives. This was the case in five of the 20 plans.", [(0.75, 0.75, 20)]),
    # ------------------------------------------------------------ circumstances do not turn a share
    ("Where the child did not comply, the response was appropriate in all cases.", [(1, 1, None)]),
    ("It is of concern that sufficient reviews were completed in only half of the cases.", [(0.45, 0.55, 20)]),
    ("The response to non-compliance was timely in all but one of the ten cases.", [(0.9, 0.9, 10)]),
    ("The risk of harm was managed well in every case.", [(1, 1, 20)]),
    ("All reasonable steps had been taken to keep the child safe in most cases.", [(0.55, 0.95, 20)]),
]  # fmt: skip


def read(text: str, section: str = "reducing_reoffending", cases: int | None = N) -> list[Finding]:
    return list(findings_of([Block("paragraph", section, "1.1", text)], cases))


def quantified(text: str, section: str = "reducing_reoffending", cases: int | None = N) -> list[Finding]:
    return [finding for finding in read(text, section, cases) if finding.share is not None]


@pytest.mark.parametrize(("text", "expected"), COUNTED, ids=[text for text, _ in COUNTED])
def test_share_of_cases(text: str, expected: list[tuple[float, float, int | None]]) -> None:
    found = [(f.share.low, f.share.high, f.relevant_cases) for f in quantified(text) if f.share]
    assert len(found) == len(expected), found
    for (low, high, cases), (low_found, high_found, cases_found) in zip(expected, found, strict=True):
        assert low_found == pytest.approx(low, abs=0.001)
        assert high_found == pytest.approx(high, abs=0.001)
        assert cases_found == cases


NO_SHARE = [
    "Pre-sentence reports were provided to the court in seven of the cases sampled.",
    "Three of the children in the sample were sentenced to custody.",
    "The plans in too many cases were not effective.",
    "In some cases the work lacked focus.",
    "Many were not completed in a timely fashion.",
    "Plans were not always completed in a timely fashion.",
    "Interventions were generally well coordinated.",
    "High risk cases were reviewed on a minimum three month basis.",
    "This process allowed all the agencies involved with the child to share information.",
    "This should cover all relevant information.",
    "The service was performing well in all areas of practice.",
    "We expect to see a good plan in all cases.",
    "All staff were familiar with the policies.",
    "Most managers were supportive and half of the team had been trained.",
    "Two-thirds of staff interviewed said that supervision was good.",
    "The target was raised to 98%.",
    "The reoffending rate was 37.4%.",
    "One inspector noted that “all of the plans were poor in 12 of the 14 cases”.",
    "In one case the plan had not been reviewed.",
    "Reviews should be completed every three months in all cases.",
    "The child was subject to an 18 month order with two workers.",
    "All three workers were committed.",
    "Plans were reviewed within two weeks and four of the nine criteria were met well.",
    "Eight of the children were aged 15 and two were looked after.",
    "Plans had not been reviewed in all cases.",
    "Not all plans were sufficient.",
    "Both the plan and the review were good.",
    "The most recent assessment was good.",
    "There was a third review, which was of good quality.",
    "Managers must ensure that all plans are reviewed.",
    "The service planned to train all case managers well.",
    "Attendance had risen to 90% and was good.",
]


@pytest.mark.parametrize("text", NO_SHARE)
def test_no_share_of_cases(text: str) -> None:
    assert [(f.quote, f.share) for f in quantified(text)] == []


JUDGED = [
    ("The plans in too many cases were not effective.", "weakness"),
    ("In some cases the work lacked focus.", "weakness"),
    ("Many were not completed in a timely fashion.", "weakness"),
    ("Interventions were generally well coordinated.", "strength"),
    ("In some instances there was an appropriate focus on barriers.", "strength"),
    ("Not all plans were sufficient.", "weakness"),
    ("Case managers knew the children well and worked hard to engage them.", "strength"),
    ("There was little evidence of effective oversight.", "weakness"),
    ("Managers had not identified the gaps in the plans.", "weakness"),
    ("We were disappointed to find that plans were rarely reviewed.", "weakness"),
    ("More needed to be done to involve parents.", "weakness"),
]


@pytest.mark.parametrize(("text", "direction"), JUDGED)
def test_judged_in_words(text: str, direction: str) -> None:
    assert [(f.basis, f.direction) for f in read(text)] == [("qualitative", direction)]


@pytest.mark.parametrize(
    "text",
    [
        "We expect to see a good plan in all cases.",
        "Plans should be clear and effective.",
        "The service needs to improve its plans.",
        "This was a small sample.",
    ],
)
def test_what_ought_to_be_is_no_finding(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "section", "practice"),
    [
        ("The initial assessment was sufficient in all cases.", "reducing_reoffending", "assessment"),
        ("Plans were sufficient in all cases.", "reducing_reoffending", "planning"),
        ("Assessments and plans were reviewed well in all cases.", "protecting_the_child", "reviewing"),
        ("Management oversight of plans was effective in all cases.", "protecting_the_public", "management_oversight"),
        ("Pre-sentence reports were good in all cases.", "reducing_reoffending", "court_reports"),
        ("Diversity had been assessed well in all cases.", "serving_the_sentence", "engagement"),
        ("The response to non-compliance was good in all cases.", "serving_the_sentence", "compliance"),
        ("The risk to victims was managed effectively in all cases.", "protecting_the_public", "delivery"),
        ("The YOS should put plans in place. This was done in all cases.", "protecting_the_public", "planning"),
        ("Having assessed the risk, we expect plans. This was done in all cases.", "protecting_the_public", "planning"),
    ],
)  # fmt: skip
def test_practice(text: str, section: str, practice: str) -> None:
    assert [finding.practice for finding in quantified(text, section)] == [practice]


def test_a_paragraph_that_counts_reports_leaves_open_of_how_many_cases() -> None:
    text = "Reports were provided to the court in seven cases. The analysis was good in all but one of the cases."
    (finding,) = quantified(text)
    assert finding.share
    assert (finding.share.low, finding.share.high) == (pytest.approx(6 / 7), pytest.approx(19 / 20))
    assert finding.relevant_cases is None
    assert finding.doubt


def test_more_cases_than_the_sample_is_a_doubt() -> None:
    (finding,) = quantified("Plans were sufficient in 18 of the 24 cases.")
    assert finding.doubt
    assert "20 cases" in finding.doubt


def test_words_that_fit_no_whole_case_keep_their_interval() -> None:
    (finding,) = quantified("Plans were sufficient in almost all of the five cases.", cases=5)
    assert finding.share
    assert (finding.share.low, finding.share.high) == (0.85, 1.0)
    assert finding.doubt


def test_quote_stands_in_the_block() -> None:
    text = "We looked. However, plans were good in half of the cases; reviews were poor in two-thirds of the cases."
    block = Block("paragraph", "reducing_reoffending", "1.1", text)
    found = [f for f in findings_of([block], N) if f.share]
    assert len(found) == 2
    for finding in found:
        assert text[finding.start : finding.end] == finding.quote
        assert finding.wording
        assert finding.wording in finding.quote


def test_emphasis_in_a_text_is_not_taken_for_a_list() -> None:
    text = "1.1 Plans were good in **all but one** of the cases, from 2.0 - 1.4 of them."
    assert plain_lines(text.encode())[0].text == text.replace("**", "")
