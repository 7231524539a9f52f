"""How often samples share a feature, if each of n features is on with probability p.

Empty samples are drawn again, as they cannot be given the length 1.
"""

import math
from decimal import Decimal, localcontext

DIGITS = 30
"""Decimal digits with which an alternating sum is computed first; they are doubled until none is lost."""
SMALLEST = Decimal("1e-330")
"""Smaller probabilities are 0 as a float."""
SPARSEST = 1e-150
"""At a density below this, which cannot be squared, `shared_chance` is 1 / n in all digits."""


def refuse_empty(n: int, p: float) -> None:
    """Raise a ValueError if no feature can be on: then no sample can be drawn."""
    if not (n >= 1 and 0 < p <= 1):
        raise ValueError(
            f"n = {n} features of density p = {p:g}: give at least 1 feature, and a density above 0 and"
            " at most 1"
        )


def empty_chance(n: int, p: float) -> float:
    """(1 - p)^n, the probability that a sample is empty and is drawn again."""
    return (1 - p) ** n


def filled_chance(n: int, p: float) -> float:
    """1 - (1 - p)^n, the probability that a sample is not empty, to all digits at any density."""
    return 1.0 if p == 1 and n > 0 else -math.expm1(n * math.log1p(-p)) if n else 0.0


def shared_chance(n: int, p: float) -> float:
    """The probability that two samples share a feature: 1 - (1 - p²)^n, divided by that of both being
    non-empty. Raises a ValueError if all samples are empty."""
    refuse_empty(n, p)
    p = max(p, SPARSEST)
    return filled_chance(n, p * p) / filled_chance(n, p) ** 2


def critical_samples(n: int, p: float) -> float:
    """The number of samples at which each shares a feature with one other on average.

    It is 1 + 1 / `shared_chance`. Raises a ValueError if all samples are empty.
    """
    return 1 + 1 / shared_chance(n, p)


def disjoint_chance(samples: int, n: int, p: float) -> float:
    """The probability that no two of T samples share a feature.

    This is sum_j (-1)^j C(T, j) [(1 - p)^T + (T - j) p (1 - p)^(T-1)]^n / (1 - (1 - p)^n)^T. The bracket
    is the probability that a feature is off in j given samples and on in at most one of the others; the
    sum over j = 0 ... T leaves out the sets with an empty sample (inclusion and exclusion). Its terms
    cancel if most samples are empty, so it is computed with as many digits as that takes. More samples
    than features share one, which the sum would approach and never reach, and so do any two at p = 1.
    Raises a ValueError if all samples are empty.
    """
    refuse_empty(n, p)
    if samples < 2:
        return 1.0
    if samples > n or p == 1:
        return 0.0
    digits = DIGITS
    while (found := _disjoint(samples, n, p, digits)) is None:
        digits *= 2
    return found


def _disjoint(T: int, n: int, p: float, digits: int) -> float | None:
    """The probability, computed with so many digits; None if fewer than half of them are right."""
    with localcontext() as context:
        context.prec = digits
        on = Decimal(float(p))
        off = 1 - on
        none, one = off**T, on * off ** (T - 1)
        filled = (1 - off**n) ** T
        if (none + T * one) ** n < filled * SMALLEST:
            return 0.0
        total = size = Decimal(0)
        sets = Decimal(1)
        for j in range(T + 1):
            term = sets * (none + (T - j) * one) ** n
            total += -term if j % 2 else term
            size += term
            # The terms rise to one largest term and fall after it.
            if term < size.scaleb(-2 * digits):
                break
            sets = sets * (T - j) / (j + 1)
        if size.scaleb(-digits // 2) > total:
            return None
        return float(total / filled)
