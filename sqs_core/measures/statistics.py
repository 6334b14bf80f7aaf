"""Intervals for small counts."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, exp, pi, sqrt

from sqs_core.model import Share

Z_95 = 1.959963984540054  # two-sided 95% of the normal distribution
FALSE_VERDICTS = 0.05  # the chance of one or more in a family where nothing differs


def wilson_interval(sufficient: float, cases: float) -> Share:
    """95% score interval for a proportion: what the whole caseload may be, given a sample of it.

    Cases that are alike say less than so many separate ones: give the number of separate ones that say as much,
    which need not be whole, and the same share of them.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22 (1927).
    Never leaves 0 to 1 and keeps a width when all or none are sufficient. Raises ValueError unless
    0 <= sufficient <= cases and cases > 0.
    """
    if not 0 <= sufficient <= cases or cases == 0:
        raise ValueError(f"{sufficient} of {cases} is not a count of cases")
    share = sufficient / cases
    z2 = Z_95 * Z_95
    centre = (share + z2 / (2 * cases)) / (1 + z2 / cases)
    half_width = Z_95 * sqrt(share * (1 - share) / cases + z2 / (4 * cases * cases)) / (1 + z2 / cases)
    # Rounding must not push the ends past the sample itself, nor 0 and 1.
    low = 0.0 if sufficient == 0 else max(0.0, centre - half_width)
    high = 1.0 if sufficient == cases else min(1.0, centre + half_width)
    return Share(low, high)


def chi_squared_tail(value: float, freedom: int) -> float:
    """How likely chance alone gives a χ² as large, with so many degrees of freedom (whole, at least one): the exact
    sums for even and for odd degrees (M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 1964, 26.4.4
    and 26.4.5)."""
    half = value / 2
    if freedom % 2:
        tail, term, steps = erfc(sqrt(half)), sqrt(half / pi) * 2 * exp(-half), range(3, freedom + 1, 2)
    else:
        tail, term, steps = exp(-half), half * exp(-half), range(4, freedom + 1, 2)
    for step in steps:
        tail += term
        term *= value / step
    return tail


def chance_points(cases: int) -> int:
    """By how many percentage points chance alone may move a share of so many cases, either way: half the width of
    the 95% interval around a half, where it is widest."""
    return round(
        100 * Z_95 * sqrt(0.25 / cases + Z_95 * Z_95 / (4 * cases * cases)) / (1 + Z_95 * Z_95 / cases)
    )


def caseload_interval(share: Share, cases: int) -> Share:
    """95% interval for the whole caseload when the sample's own share is only known to lie in `share`.

    The lower end of the smallest whole number of cases and the upper end of the largest, so that whatever the
    letter's words meant, the interval covers it.
    """
    return Share(
        wilson_interval(round(share.low * cases), cases).low,
        wilson_interval(round(share.high * cases), cases).high,
    )


def holm(chances: Sequence[float], family: int) -> list[bool]:
    """Which of several comparisons are called, so that the chance of even one false verdict among them is 5%: from the
    least likely on, each at 5% shared among those not called yet, until one fails. `family`: how many could be made.

    Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6
    (1979). It holds however the comparisons depend on each other.
    """
    called = [False] * len(chances)
    for place, i in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])[:family]):
        if chances[i] > FALSE_VERDICTS / (family - place):
            break
        called[i] = True
    return called
