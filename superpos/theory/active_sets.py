"""Exact expected losses of ReLU output models: an integral for each set of active features, summed.

x_i is 0 with probability 1 - p, otherwise drawn from U[0, 1]. The code is slow, because it is
written to be checked by eye: the metric `exact_loss` and `superpos.theory.quadrature` are tested
against it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from superpos.numerics.compiled import numba
from superpos.theory.per_feature import Row, Rows, per_feature, rows
from superpos.theory.unit_length import gauss

if TYPE_CHECKING:
    from jaxtyping import Float, Int

MOST_FEATURES = 8
NEGLIGIBLE = 1e-6
"""A slope below this share of the largest output enters by its mean, which changes a moment of z by about
1e-13 of the largest."""
ROUNDING = 1e-11
"""The largest error by cancellation, as a share of the largest [z]^q, with which an antiderivative is
evaluated in all slopes."""
NODES, SHARES = gauss((MOST_FEATURES + 2) // 2)
"""Exact for polynomials of degree 9, as the moments are in one slope of 8 between two of their kinks."""


def exact_loss(
    W: Rows | Float[np.ndarray, "feature hidden"],
    b: float | Row | Float[np.ndarray, " feature"],
    importance: float | Row | Float[np.ndarray, " feature"],
    density: float | Row | Float[np.ndarray, " feature"],
) -> float:
    """The exact expected loss of at most 8 independent features.

    This is the sum, over the 2^n sets of active features, of the set's probability times its `active_loss`.
    One number for b, importance or density holds for all features. Raises a ValueError if shapes do not
    fit, or if there are more features.
    """
    p = per_feature("density", density, len(W))
    _refuse_beyond_1(p.min(), p.max())
    return math.fsum(
        math.prod(p[i] if i in active else 1 - p[i] for i in range(len(p)))
        * active_loss(W, b, importance, active)
        for k in range(len(p) + 1)
        for active in _subsets(len(p), k)
    )


def sets_loss(
    W: Rows | Float[np.ndarray, "feature hidden"],
    b: float | Row | Float[np.ndarray, " feature"],
    importance: float | Row | Float[np.ndarray, " feature"],
    density: float,
    sets: int,
) -> float:
    """The exact expected loss of `sets` equal correlated sets, each on with probability `density`."""
    _refuse_beyond_1(density)
    return math.fsum(
        density**k * (1 - density) ** (sets - k) * active_loss(W, b, importance, active)
        for k in range(sets + 1)
        for active in _members(len(W), sets, k)
    )


def one_set_loss(
    W: Rows | Float[np.ndarray, "feature hidden"],
    b: float | Row | Float[np.ndarray, " feature"],
    importance: float | Row | Float[np.ndarray, " feature"],
    sets: int,
) -> float:
    """The exact expected loss if exactly one of the equal sets is on, each with equal probability."""
    parts = [active_loss(W, b, importance, active) for active in _members(len(W), sets, 1)]
    return math.fsum(parts) / sets


def prism_loss(angle: float) -> float:
    """The loss of `prism(angle)` with b = 0 if exactly one set is on: 3 E [c . x]_+².

    The set that is on is reconstructed exactly. A feature of the other set outputs [c . x]_+ with
    its products c_k = -1/3 + 2/3 cos(angle + 120 k).
    """
    turn = np.radians(angle + 120 * np.arange(3))
    return 3 * positive_moment(0.0, -1 / 3 + 2 / 3 * np.cos(turn), 2)


def k_sparse_loss(
    W: Rows | Float[np.ndarray, "feature hidden"],
    b: float | Row | Float[np.ndarray, " feature"],
    importance: float | Row | Float[np.ndarray, " feature"],
    k: int,
) -> float:
    """L_k: `active_loss` summed over the sets of exactly k active features.

    L = sum_k p^k (1 - p)^(n - k) L_k. L_0 = sum_i I_i ReLU(b_i)².
    Source: section "Superposition as a Phase Change"; the text prints L_0 without I.
    """
    return math.fsum(active_loss(W, b, importance, active) for active in _subsets(len(W), k))


def recombined(k_sparse: Sequence[float], p: float) -> float:
    """L = sum_k p^k (1 - p)^(n - k) L_k, from L_0 .. L_n."""
    n = len(k_sparse) - 1
    return math.fsum(p**k * (1 - p) ** (n - k) * loss for k, loss in enumerate(k_sparse))


def active_loss(
    W: Rows | Float[np.ndarray, "feature hidden"],
    b: float | Row | Float[np.ndarray, " feature"],
    importance: float | Row | Float[np.ndarray, " feature"],
    active: Sequence[int] | Int[np.ndarray, " active"],
) -> float:
    """sum_i I_i E (x_i - ReLU(W_i . h + b_i))² with exactly `active` on, each x_i from U[0, 1].

    Raises a ValueError if `active` has a feature twice, or one that does not exist.
    """
    W = rows("W", W)
    b, importance = per_feature("b", b, len(W)), per_feature("importance", importance, len(W))
    active = tuple(map(int, active))
    if not {*active} <= {*range(len(W))} or len({*active}) < len(active):
        raise ValueError(f"active: {active}; give different features from 0 to {len(W) - 1}")
    gram = (W[:, None] * W).sum(2)
    return math.fsum(
        importance[i]
        * _output_loss(b[i], gram[i, list(active)], active.index(i) if i in active else None)
        for i in range(len(gram))
    )


def positive_moment(
    b: float, c: Float[np.ndarray, " term"], q: int, own: int | None = None
) -> float:
    """E [b + sum_j c_j u_j]_+^q, u_j independent from U[0, 1]; with u_own before the power if `own` is given.

    This is the k-fold antiderivative at the corners u of the cube:
    q! / (q + k)! / prod c * sum_u (-1)^(zeros in u) [b + c . u]_+^(q + k), and with u_own by parts:
    (E [z at u_own = 1]_+^(q + 1) - E [z]_+^(q + 1)) / ((q + 1) c_own). If the sum would cancel, the smallest
    slope is integrated by Gauss-Legendre nodes, from kink to kink, between which the moment of the others is
    a polynomial.
    """
    c = np.asarray(c, float)
    own_slope = 0.0 if own is None else float(c[own])
    others = c if own is None else np.delete(c, own)
    if own is not None and own_slope == 0:
        return positive_moment(b, others, q) / 2
    small = np.abs(others) <= NEGLIGIBLE * _highest(b, c)
    b, others = b + others[small].sum() / 2, others[~small]
    c = others if own is None else np.r_[own_slope, others]
    twice = others if own is None else np.r_[own_slope, own_slope, others]
    if rounding(_highest(b, c), twice, len(twice), q) <= ROUNDING:
        if own is None:
            return _at_corners(b, c, q)
        return (_at_corners(b + own_slope, others, q + 1) - _at_corners(b, c, q + 1)) / (
            (q + 1) * own_slope
        )
    least = int(np.abs(c).argmin())
    rest = np.delete(c, least)
    kinks = -(b + _corners(rest) @ rest) / c[least]
    ends = [0.0, *sorted(u for u in set(kinks) if 0 < u < 1), 1.0]
    rest_own = 0 if own is not None and least else None
    return math.fsum(
        (high - low)
        * share
        * (1 if own is None or least else u)
        * positive_moment(b + c[least] * u, rest, q, rest_own)
        for low, high in pairwise(ends)
        for share, u in zip(SHARES, low + (high - low) * NODES, strict=True)
    )


def _highest(b: float, c: np.ndarray) -> float:
    """The largest |b + c . u| over the cube."""
    return float(max(abs(b + c[c > 0].sum()), abs(b + c[c < 0].sum())))


def _corners(c: np.ndarray) -> np.ndarray:
    """The corners of the cube of k slopes: (corner, term)."""
    return np.array(list(product((0, 1), repeat=len(c)))).reshape(2 ** len(c), len(c))


def _at_corners(b: float, c: np.ndarray, q: int) -> float:
    """E [b + c . u]_+^q by its antiderivative in all slopes."""
    k = len(c)
    corners = _corners(c)
    sign = (-1.0) ** (k - corners.sum(1))
    heights = np.maximum(b + (corners * c).sum(1), 0) ** (q + k) * (1 if k else b > 0)
    scale: float = math.prod(c)
    return math.fsum(sign * heights) / scale * math.factorial(q) / math.factorial(q + k)


@numba.njit(cache=True)
def rounding(highest: float, c: Float[np.ndarray, " term"], k: int, q: int) -> float:
    """A bound of the rounding error of the antiderivative in the first k slopes c, as a share of highest^q.

    `highest` is the largest |z|.
    """
    bound = 2.0**-52
    for j in range(k):
        bound *= 2 * highest / ((q + 1 + j) * abs(c[j]))
    return bound


def _output_loss(b: float, c: np.ndarray, own: int | None) -> float:
    """E (x - [z]_+)², z = b + c . u; x = u[own], or 0 if `own` is None."""
    square = positive_moment(b, c, 2)
    if own is None:
        return square
    return 1 / 3 - 2 * positive_moment(b, c, 1, own) + square


def _refuse_beyond_1(*densities: float) -> None:
    for p in densities:
        if not 0 <= p <= 1:
            raise ValueError(f"density {p:g}: give a probability from 0 to 1")


def _members(n: int, sets: int, k: int) -> Iterator[tuple[int, ...]]:
    """The features that are on, for each choice of k of the equal sets; raises a ValueError if they are
    not equal, or too many features to integrate over."""
    size = n // sets if sets > 0 else 0
    if sets < 1 or n % sets or k * size > MOST_FEATURES:
        raise ValueError(
            f"{n} features in {sets} sets: give a number of sets that divides them, and at most"
            f" {MOST_FEATURES} features"
        )
    for chosen in _subsets(sets, k):
        yield tuple(s * size + i for s in chosen for i in range(size))


def _subsets(n: int, k: int) -> Iterator[tuple[int, ...]]:
    if n > MOST_FEATURES:
        raise ValueError(
            f"{n} features have too many sets of active features; give {MOST_FEATURES} or fewer"
        )
    return combinations(range(n), k)
