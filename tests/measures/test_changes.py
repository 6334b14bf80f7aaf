"""A change is called one only where it lies apart from chance and from what the words allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqs_core.charts.letter_and_audit import (
    change_in_words,
    letter_and_audit_html,
    letter_and_audit_rows,
    letter_and_audit_sentence,
)
from sqs_core.frameworks import framework
from sqs_core.measures.changes import (
    AuditAfter,
    audit_after,
    difference_of,
    interval_of,
    mean_interval,
    section_changes,
    section_interval,
    verdict_of,
)
from sqs_core.measures.scores import PracticeScore, Scores, SectionScore
from sqs_core.measures.statistics import wilson_interval
from sqs_core.model import Share

FRAME = framework()
SECTION = FRAME.sections[0].id
shares = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda t: Share(min(t) / 100, max(t) / 100))


def scored(share: Share, cases: int | None, on: date, is_audit: bool = False) -> Scores:
    section = SectionScore(SECTION, share, share, (), ())
    return Scores("Inspection", on, cases, (section,), (), is_audit)


@given(shares, st.integers(1, 80), shares, st.integers(1, 80))
def test_verdicts_are_each_others_mirror(one: Share, n: int, other: Share, m: int) -> None:
    mirror = {"higher": "lower", "lower": "higher", "no clear change": "no clear change"}
    assert verdict_of(other, m, one, n) == mirror[verdict_of(one, n, other, m)]
    assert verdict_of(one, n, one, n) == "no clear change"
    assert verdict_of(one, None, other, m) == "no clear change"


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_the_published_examples_of_the_interval(
    now: tuple[int, int], before: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe 1998, table II, method 10."""
    (k, n), (i, m) = now, before
    share, earlier = Share(k / n, k / n), Share(i / m, i / m)
    difference = difference_of(earlier, m, share, n)
    assert (round(difference.low, 4), round(difference.high, 4)) == (low, high)
    assert (
        verdict_of(earlier, m, share, n) == difference.verdict == ("higher" if low > 0 else "no clear change")
    )


@given(st.integers(1, 60), st.integers(0, 60))
def test_a_count_has_the_interval_of_its_count(cases: int, sufficient: int) -> None:
    sufficient = min(sufficient, cases)
    share = sufficient / cases
    assert interval_of(Share(share, share), cases) == wilson_interval(sufficient, cases)


def test_inspections_and_audits_are_never_compared_with_each_other() -> None:
    day = date(2015, 1, 1)
    inspection = scored(Share(0.9, 0.95), 100, day)
    audit = scored(Share(0.1, 0.1), 100, day + timedelta(days=400), is_audit=True)
    assert section_changes([inspection, audit], FRAME) == ()
    later = replace(audit, judged_on=day + timedelta(days=800))
    (change,) = section_changes([inspection, later, audit], FRAME)
    assert (change.is_audit, change.verdict) == (True, "no clear change")
    assert (change.first, change.latest) == (audit, later)


def test_where_nothing_has_changed_a_change_is_seldom_found() -> None:
    """Two audits of the same work, 14 cases each, two thousand times: fewer than one in twenty differ."""
    random, found = Random(7), 0
    for _ in range(2000):
        truth = random.uniform(0.2, 0.9)
        first, latest = (
            scored(Share(k / 14, k / 14), 14, date(2015 + i, 1, 1), is_audit=True)
            for i, k in enumerate(sum(random.random() < truth for _ in range(14)) for _ in range(2))
        )
        (change,) = section_changes([first, latest], FRAME)
        found += change.verdict != "no clear change"
    assert 20 < found < 100


def test_a_large_change_is_found() -> None:
    first = scored(Share(0.9, 0.95), 40, date(2013, 1, 1))
    latest = scored(Share(0.3, 0.4), 40, date(2016, 1, 1))
    (change,) = section_changes([latest, first], FRAME)
    assert change.verdict == "lower"


LETTER, AUDIT = date(2015, 10, 7), date(2018, 10, 15)
PUBLIC = "protecting_the_public"
Cell = tuple[str, Share, int | None]


def counted(k: int, n: int, practice: str = "reviewing") -> Cell:
    return practice, Share(k / n, k / n), n


def of(cells: list[Cell], on: date | None, is_audit: bool, section: str = SECTION) -> Scores:
    """Scores with a matrix: the cells of one section."""
    matrix = tuple(PracticeScore(section, p, share, "neutral", (), n, n) for p, share, n in cells)
    cases = max((n for _, _, n in cells if n), default=None)
    return Scores("Scores", on, cases, (), matrix, is_audit)


def beside(letter: list[Cell], audit: list[Cell]) -> AuditAfter:
    after = audit_after(of(letter, LETTER, False), [of(audit, AUDIT, True)])
    assert after is not None
    return after


def test_a_letter_and_an_audit_worked_by_hand() -> None:
    """A letter's words allow 5 or 6 of 20; an audit counts 9 of 10.

    Wilson: 5 of 20 from 0.1119, 6 of 20 to 0.5190, 9 of 10 from 0.5958 to 0.9821. Newcombe:
    0.9 − 0.3 − √(0.3042² + 0.2190²) = 0.225 and 0.9 − 0.25 + √(0.0821² + 0.1381²) = 0.811.
    """
    (section,) = beside([("reviewing", Share(0.25, 0.3), 20)], [counted(9, 10)]).sections
    assert section.letter.interval is not None
    assert (round(section.letter.interval.low, 4), round(section.letter.interval.high, 4)) == (0.1119, 0.5190)
    assert section.difference is not None
    assert (round(section.difference.low, 3), round(section.difference.high, 3)) == (0.225, 0.811)
    assert (section.verdict, section.practices) == ("higher", ("reviewing",))
    assert change_in_words(section) == "clearly higher: 22 to 82 points up"


def test_the_letters_words_leave_a_change_open_that_its_count_would_not() -> None:
    words = beside([("reviewing", Share(0.0, 0.45), 20)], [counted(7, 10)]).sections[0]
    count = beside([counted(4, 20)], [counted(7, 10)]).sections[0]
    assert (words.verdict, count.verdict) == ("no clear change", "higher")
    assert change_in_words(words) == "no clear change: 12 points down to 90 up"


def test_a_fall_is_said_as_points_down() -> None:
    section = beside([counted(19, 20)], [counted(3, 10)]).sections[0]
    assert section.verdict == "lower"
    assert change_in_words(section).startswith("clearly lower: ")
    assert change_in_words(section).endswith(" points down")


@given(st.integers(1, 60), st.integers(0, 60))
def test_a_mean_of_one_share_has_the_interval_of_its_count(cases: int, sufficient: int) -> None:
    sufficient = min(sufficient, cases)
    share = sufficient / cases
    got, known = mean_interval(Share(share, share), [cases]), wilson_interval(sufficient, cases)
    assert (got.low, got.high) == (pytest.approx(known.low), pytest.approx(known.high))


@given(shares, st.lists(st.integers(1, 60), min_size=1, max_size=6))
def test_a_mean_counts_as_a_number_between_its_fewest_and_its_most(share: Share, cases: list[int]) -> None:
    got = mean_interval(share, cases)
    wide, narrow = mean_interval(share, [min(cases)]), mean_interval(share, [max(cases)])
    assert wide.low - 1e-9 <= got.low <= narrow.low + 1e-9 <= share.low + 2e-9
    assert share.high - 2e-9 <= narrow.high - 1e-9 <= got.high <= wide.high + 1e-9


def test_ten_ten_and_four_count_as_seven() -> None:
    """As the methods page says."""
    half = Share(0.5, 0.5)
    assert mean_interval(half, [10, 10, 4]).low == pytest.approx(mean_interval(half, [7]).low, abs=0.001)


def test_only_practices_that_both_count_are_compared() -> None:
    """Assessment is faultless and reviewing never sufficient, then as now: an audit of both is no fall."""
    letter = [counted(20, 20, "assessment")]
    (section,) = beside(letter, [counted(10, 10, "assessment"), counted(0, 10)]).sections
    assert section.practices == ("assessment",)
    assert (section.audit.share, section.verdict) == (Share(1, 1), "no clear change")
    (section,) = beside(letter, [counted(0, 10)]).sections
    assert (section.verdict, section.practices) == (None, ())
    assert change_in_words(section) == "no verdict: no practice in common"


def test_without_the_letters_number_of_cases_there_is_no_verdict() -> None:
    after = beside([("reviewing", Share(0.1, 0.1), None)], [counted(10, 10)])
    (section,) = after.sections
    assert (section.verdict, section.difference, section.letter.interval) == (None, None, None)
    assert change_in_words(section) == "no verdict: the letter does not say of how many cases"
    page = letter_and_audit_html(after, FRAME)
    assert "number of cases not known" in page
    assert "no verdict: the letter does not say of how many cases" in page
    said = letter_and_audit_sentence(after, after.letter, FRAME)
    assert "the local audit of October 2018 (10 cases) gives no verdict for reducing reoffending." in said
    (row,) = letter_and_audit_rows(after, FRAME)
    assert (row["Difference, lowest"], row["Inspection, fewest cases"]) == ("", "")


def test_a_practice_without_a_number_of_cases_is_left_out_where_another_has_one() -> None:
    letter = [counted(4, 20), ("planning", Share(0.9, 1), None)]
    (section,) = beside(letter, [counted(9, 10), counted(1, 10, "planning")]).sections
    assert (section.practices, section.verdict) == (("reviewing",), "higher")


def test_only_the_latest_audit_after_the_letter_and_of_its_framework() -> None:
    letter = of([counted(4, 20)], LETTER, False)
    before = of([counted(9, 10)], LETTER - timedelta(days=1), True)
    first, latest = of([counted(9, 10)], AUDIT - timedelta(days=90), True), of([counted(3, 10)], AUDIT, True)
    after = audit_after(letter, [first, latest, before])
    assert after is not None
    assert after.audit is latest
    assert audit_after(letter, [before, of([counted(9, 10)], LETTER, True)]) is None
    assert audit_after(letter, [replace(latest, framework="other")]) is None
    assert audit_after(letter, [replace(latest, is_audit=False)]) is None
    assert audit_after(letter, [of([counted(3, 10)], AUDIT, True, PUBLIC)]) is None, "no section in both"
    undated = replace(letter, judged_on=None)
    assert audit_after(undated, [latest]) is None
    assert letter_and_audit_sentence(None, undated, FRAME).startswith("This letter has no date")
    assert letter_and_audit_sentence(None, letter, FRAME) == (
        "No local audit after this inspection is loaded to set beside it."
    )


def test_the_sentence_says_each_verdict_once() -> None:
    def both(letter: dict[str, Cell], audit: dict[str, Cell]) -> str:
        def merged(cells: dict[str, Cell], on: date, is_audit: bool) -> Scores:
            parts = [of([cell], on, is_audit, section) for section, cell in cells.items()]
            return replace(parts[0], matrix=tuple(c for part in parts for c in part.matrix))

        one = merged(letter, LETTER, False)
        after = audit_after(one, [merged(audit, AUDIT, True)])
        said = letter_and_audit_sentence(after, one, FRAME)
        assert said.endswith(" Other people judged, by our list of criteria: a difference may be theirs.")
        return said.removeprefix(
            "Against the inspection of October 2015, the local audit of October 2018 (10 cases) "
        )

    ids = [s.id for s in FRAME.sections]
    low, high, same = counted(1, 10), counted(10, 10), counted(5, 10)
    unknown: Cell = ("reviewing", Share(0.5, 0.5), None)
    assert both(
        {ids[0]: low, ids[1]: high, ids[2]: same}, {ids[0]: high, ids[1]: low, ids[2]: same}
    ).startswith(
        "is clearly higher for reducing reoffending and clearly lower for protecting the public; no clear change "
        "in the other. "
    )
    assert both({ids[0]: same, ids[1]: same}, {ids[0]: same, ids[1]: same}).startswith(
        "shows no clear change in any section: all of it may be chance, or the letter's words. "
    )
    assert both(
        {ids[0]: low, ids[1]: same, ids[2]: unknown}, {ids[0]: high, ids[1]: same, ids[2]: same}
    ).startswith(
        "is clearly higher for reducing reoffending; no clear change for protecting the public; no verdict for "
        "protecting the child or young person. "
    )
    assert both({ids[0]: same, ids[1]: unknown}, {ids[0]: same, ids[1]: same}).startswith(
        "shows no clear change for reducing reoffending: all of it may be chance, or the letter's words; no verdict "
        "for protecting the public. "
    )


# Of how many cases each practice is judged in the letter and in the audit.
SIZES = [((14,), (10,)), ((14, 3), (10, 3)), ((20, 20, 20, 8), (10, 10, 10, 4))]


@pytest.mark.parametrize(("letter_cases", "audit_cases"), SIZES)
@pytest.mark.parametrize("width", [0.0, 0.1])
@pytest.mark.parametrize("together", [True, False])
def test_where_nothing_has_changed_a_letter_and_an_audit_seldom_differ(
    letter_cases: tuple[int, ...], audit_cases: tuple[int, ...], width: float, together: bool
) -> None:
    """Two thousand letters and audits drawn from the same work: about one in twenty at most is called changed, also
    where all practices of a case stand or fall together. The letter's words allow what was found, and more."""
    random, found = Random(11), 0
    practices = [p.id for p in FRAME.practices]

    def sample(truth: float, sizes: tuple[int, ...], spare: float) -> list[Cell]:
        luck = [[random.random() for _ in range(max(sizes))] for _ in sizes]
        cells: list[Cell] = []
        for practice, cases, own in zip(practices, sizes, luck, strict=False):
            share = sum(u < truth for u in (luck[0] if together else own)[:cases]) / cases
            low, high = (random.uniform(0, spare) for _ in range(2))
            cells.append((practice, Share(max(0, share - low), min(1, share + high)), cases))
        return cells

    for _ in range(2000):
        truth = random.uniform(0.2, 0.95)
        after = beside(sample(truth, letter_cases, width), sample(truth, audit_cases, 0))
        found += after.sections[0].verdict != "no clear change"
    assert found <= (110 if width == 0 else 60)


def test_a_section_interval_is_that_of_its_practices() -> None:
    audit = of([counted(9, 10), counted(1, 4, "planning")], AUDIT, True)
    share = fmean([0.9, 0.25])
    assert section_interval(audit, SECTION) == mean_interval(Share(share, share), [10, 4])
    assert section_interval(audit, PUBLIC) is None
    assert section_interval(of([("planning", Share(0.5, 0.5), None)], LETTER, False), SECTION) is None
