"""How often samples share a feature, if each of n features is on with probability p.

Empty samples are drawn again, as they cannot be given the length 1.
"""

import math


def empty_chance(n: int, p: float) -> float:
    """(1 - p)^n, the probability that a sample is empty and is drawn again."""
    return (1 - p) ** n


def shared_chance(n: int, p: float) -> float:
    """The probability that two samples share a feature: 1 - (1 - p²)^n, divided by that of both being
    non-empty."""
    return -math.expm1(n * math.log1p(-p * p)) / (1 - empty_chance(n, p)) ** 2


def critical_samples(n: int, p: float) -> float:
    """The number of samples at which each shares a feature with one other on average."""
    return 1 + 1 / shared_chance(n, p)


def disjoint_chance(samples: int, n: int, p: float) -> float:
    """The probability that no two of T samples share a feature.

    A feature is on in at most one sample with probability (1 - p)^T + T p (1 - p)^(T-1), and in none of
    j given samples and at most one of the others with T - j in place of T p's T. The sum over j takes
    out, by inclusion and exclusion, the sets with an empty sample.
    """
    T = samples
    some = (
        (-1) ** j * math.comb(T, j) * ((1 - p) ** T + (T - j) * p * (1 - p) ** (T - 1)) ** n
        for j in range(T + 1)
    )
    return math.fsum(some) / (1 - empty_chance(n, p)) ** T
