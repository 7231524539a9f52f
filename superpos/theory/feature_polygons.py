"""The gain of a model that stores a regular polygon of features, for samples of length 1, by exact
quadrature.

The k features have columns of length l at equal angles in the plane and one bias b. All others have
W_i = 0 and b_i = mu. Of the k features, let a set A be on, with the largest value r and ratios w to it.
With q = ‖w‖² and S the sum of the other features' squares, x_A = w / √q y and y = r / √(r² + S / q). An
output is ReLU(c y + b), which has its kink at one r: the integral over r is taken on one side of it, and
those over w and S are of smooth functions.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from superpos.theory.overlaps import empty_chance, filled_chance, refuse_empty
from superpos.theory.shapes import regular_polygon
from superpos.theory.unit_length import gauss, mean_length, norms

NODES = {1: (100, 1, 16), 2: (30, 12, 6), 3: (12, 8, 6), 4: (6, 3, 4), 5: (5, 2, 3)}
"""By the size of A: the cells of √S, the nodes of each ratio and the nodes of r. Larger sets are left out:
they are worth 1e-8 of an octagon's gain at p = 0.01, where the gain is exact to 5e-7."""
ROUGH, MOST = 2, max(NODES)
"""The largest sets far from the best polygon, and near it."""
MOST_ON = 10
"""The largest n p, the mean number of active features, for which ‖u‖ has enough nodes."""
LEFT_OUT = 1e-8
"""The largest probability that more features of the polygon are on than the sets have."""
CROWD, CROWDED = 3, 0.2
"""Larger sets have few nodes: if one is on with more than this probability, the gain is off by 0.004."""
LEAST_ON = 1e-9
"""Below this n p, the best polygon is that at this n p: only features that are on together determine it."""
MOST_STEPS, REST = 40, 1e-7
EQUAL = 1e-12
"""The variance of z, relative to E z², below which it is rounding."""
TINY = 1e-9
"""The value used instead of √S = 0, to evaluate r / √(r² + S / q) at r = 0."""


class Polygon(NamedTuple):
    """The columns' length l, the bias b, and the gain over the mean bias in units of 1/n."""

    norm: float
    bias: float
    gain: float


class _Moments(NamedTuple):
    """Sums over the k outputs of expectations where an output is on; z = W h at l = 1."""

    zz: float
    xz: float
    z: float
    x: float
    one: float


def polygon_gain(k: int, norm: float, bias: float, n: int, p: float) -> float:
    """n times the difference in loss between W = 0, b = mu and the k-gon; k (1 - n mu²) for a perfect
    k-gon. Raises a ValueError for data that is too dense for the quadrature, and if k is not 1 to n."""
    _refuse_unfit(k, n, p)
    square = norm**2
    steepest = math.copysign(math.inf, bias) if bias else 0.0
    offset = bias / square if square else steepest
    return _gain(_moments(k, offset, n, p, MOST), square, bias, k, n, p)


def best_polygon(k: int, n: int, p: float, biased: bool = True) -> Polygon:
    """The k-gon of the largest gain, with its best bias or with b = 0.

    As long as the same outputs are on, the gain is a parabola in l² and b. Its maximum determines which
    outputs are on next; a secant step speeds this up. Raises a ValueError for data that is too dense for
    the quadrature, and if k is not 1 to n.
    """
    _refuse_unfit(k, n, p)
    at, p = np.array([1.0, 0.0]), max(p, LEAST_ON / n)
    for most in (ROUGH, MOST) if p < 1 else (MOST,):
        at, moments = _rested(at, k, n, p, biased, most)
    square, bias = float(at[0]), float(at[1])
    return Polygon(math.sqrt(square), bias, _gain(moments, square, bias, k, n, p))


def _refuse_unfit(k: int, n: int, p: float) -> None:
    refuse_empty(n, p)
    if not 1 <= k <= n:
        raise ValueError(f"a polygon of k = {k} of n = {n} features: give k from 1 to n")
    if n * p > MOST_ON * (1 + 1e-9):
        raise ValueError(
            f"n = {n} features of density p = {p:g}: n p is {n * p:g}; give at most {MOST_ON}, beyond which"
            " the quadrature over ‖u‖ is wrong"
        )
    crowded, more = _more_on(CROWD, k, p), _more_on(MOST, k, p)
    if more > LEFT_OUT:
        raise ValueError(
            f"k = {k}, p = {p:g}: more than {MOST} features of the polygon are on with probability"
            f" {more:.2g}, which the quadrature leaves out; lower p until it is at most {LEFT_OUT:g}"
        )
    if crowded > CROWDED:
        raise ValueError(
            f"k = {k}, p = {p:g}: more than {CROWD} features of the polygon are on with probability"
            f" {crowded:.2g}, for which the quadrature is rough; lower p until it is at most {CROWDED:g}"
        )


def _more_on(size: int, k: int, p: float) -> float:
    """The probability that more than `size` of the k features are on."""
    return sum(math.comb(k, on) * p**on * (1 - p) ** (k - on) for on in range(size + 1, k + 1))


def _rested(
    at: np.ndarray, k: int, n: int, p: float, biased: bool, most: int
) -> tuple[np.ndarray, _Moments]:
    """The l² and b [2] at which the iteration from `at` ends, and the moments there."""
    top, step = at, np.full(2, np.inf)
    for _ in range(MOST_STEPS):
        old_top, old_step = top, step
        moments = _moments(k, at[1] / at[0], n, p, most)
        top = _top(moments, float(at[1]), biased)
        step = top - at
        if np.abs(step).max() < REST:
            break
        turn = step - old_step
        share = (step * turn).sum() / (turn**2).sum() if np.isfinite(turn).all() else 0.0
        at = top - share * (top - old_top)
    return top, moments


def _top(m: _Moments, bias: float, biased: bool) -> np.ndarray:
    """The l² and b at the maximum of the parabola; b stays if all z are equal, where only l² z + b counts."""
    both = m.zz * m.one - m.z**2
    if not biased or both <= EQUAL * m.zz * m.one:
        return np.array([(m.xz - bias * m.z) / m.zz, bias])
    return np.array([m.xz * m.one - m.x * m.z, m.x * m.zz - m.xz * m.z]) / both


def _moments(k: int, offset: float, n: int, p: float, most: int) -> _Moments:
    """All sets A of 1 to `most` features, and the empty one if b > 0; `offset` is b / l²."""
    total = np.zeros(5)
    for size in range(1, min(k, most) + 1):
        chance = p**size * (1 - p) ** (k - size)
        for active, alike in _sets(k, size).items():
            total += chance * alike * _of_set(k, active, offset, n - k, p)
    if offset > 0:
        total[-1] += k * empty_chance(k, p) * filled_chance(n - k, p)
    return _Moments(*(total / filled_chance(n, p)))


@functools.cache
def _sets(k: int, size: int) -> dict[tuple[int, ...], int]:
    """One representative of the sets that are equal up to symmetry of the polygon, and the number of such
    sets."""
    found: Counter[tuple[int, ...]] = Counter()
    for active in combinations(range(k), size):
        images = product((1, -1), range(k))
        found[
            min(tuple(sorted((side * i + turn) % k for i in active)) for side, turn in images)
        ] += 1
    return dict(found)


def _of_set(k: int, active: tuple[int, ...], offset: float, others: int, p: float) -> np.ndarray:
    """The moments if exactly these features are on, summed over which of them has the largest value."""
    size, at = len(active), list(active)
    cells, ratios, nodes = NODES[size]
    norm, weight = norms(others, p, cells)
    columns, total = regular_polygon(k), np.zeros(5)
    gram = (columns[at, None] * columns).sum(-1)
    for largest in range(size):
        w, share = _ratios(gram, largest, ratios)
        length = np.sqrt((w**2).sum(1))
        x = np.zeros((len(w), k))
        x[:, at] = w / length[:, None]
        z = (x[:, at, None] * gram).sum(1)
        scaled = np.maximum(norm, TINY) / length[:, None]
        total += _along(x, z, offset, scaled, share[:, None] * weight, size, nodes)
    return total


def _ratios(gram: np.ndarray, largest: int, ratios: int) -> tuple[np.ndarray, np.ndarray]:
    """Quadrature points w [point, feature] on the face of the unit cube on which one is 1, and their weights.

    The ratio of two features is integrated piecewise between the values at which some output's z changes
    sign.
    """
    node, weight = gauss(ratios)
    if len(gram) == 2:
        with np.errstate(divide="ignore"):
            zeros = -gram[largest] / gram[1 - largest]
        edges = np.unique(np.round(np.r_[0, zeros[(zeros > 0) & (zeros < 1)], 1], 12))
        wide = np.diff(edges)[:, None]
        node, weight = (edges[:-1, None] + wide * node).ravel(), (wide * weight).ravel()
    index = np.array(list(product(range(len(node)), repeat=len(gram) - 1)), int)
    return np.insert(node[index], largest, 1.0, axis=1), weight[index].prod(1)


def _along(
    x: np.ndarray,
    z: np.ndarray,
    offset: float,
    norm: np.ndarray,
    share: np.ndarray,
    size: int,
    nodes: int,
) -> np.ndarray:
    """The integrals over r, summed over points and nodes of S: x and z [point, output] at y = 1."""
    low, high = _side(z[:, None], offset, norm[..., None])
    node, weight = gauss(nodes)
    r = low[..., None] + (high - low)[..., None] * node
    y = r / np.sqrt(r**2 + norm[..., None, None] ** 2)
    each = r ** (size - 1) * weight * ((high - low) * share[..., None])[..., None]
    one, first, second = (part.sum((1, 3)) for part in (each, each * y, each * y**2))
    parts = (z**2 * second, x * z * second, z * first, x * first, one)
    return np.array([part.sum() for part in parts])


def _side(z: np.ndarray, offset: float, norm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The interval of r in [0, 1] in which z y + offset > 0; low = high = 1 if it is empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        kink = np.nan_to_num(-offset / z).clip(0, 1)
        r = np.where(kink < 1, np.minimum(norm * kink / np.sqrt(1 - kink**2), 1), 1)
    if offset > 0:
        return np.zeros_like(r), np.where(z < 0, r, 1.0)
    return np.where(z > 0, r, 1.0), np.ones_like(r)


def _gain(m: _Moments, square: float, bias: float, k: int, n: int, p: float) -> float:
    kept = 2 * (square * m.xz + bias * m.x)
    lost = square**2 * m.zz + 2 * square * bias * m.z + bias**2 * m.one
    return float(n * (kept - lost) - k * mean_length(n, p) ** 2 / n)
