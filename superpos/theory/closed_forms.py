"""Closed forms: what the paper's small models lose, and where one configuration overtakes another.

Losses are sums over features, means over samples. x_i is 0 with probability 1 - p, else U[0, 1].
Where no other source is named, a formula follows from those moments by integration.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, product

import numpy as np

Number = float | np.ndarray


def mean(p: Number) -> Number:
    """E x = p / 2."""
    return p / 2


def variance(p: Number) -> Number:
    """v(p) = Var x = p / 3 - p^2 / 4; times I, the loss of an ignored feature with b = p / 2."""
    return p / 3 - p * p / 4


def linear_optimum(
    importance: Sequence[float] | np.ndarray, density: Number, n_hidden: int
) -> float:
    """Least loss of the linear model: sum of I_i v(p_i) over all but the n_hidden largest.

    Eckart and Young on diag(I)^(1/2) (1 - A) diag(v)^(1/2), A of rank n_hidden: no tied or untied
    A does better, and W^T W = diag(1, .., 1, 0, .., 0), b = p / 2 where ignored, attains it.
    """
    terms = np.asarray(importance, float) * variance(np.asarray(density, float))
    return math.fsum(np.sort(terms)[: max(len(terms) - n_hidden, 0)])


def linear_loss(W: np.ndarray, b: np.ndarray, importance: np.ndarray, density: Number) -> float:
    """Expected loss of the linear model x' = A x + b, A = W^T W, W [feature, hidden] with rows W_i.

    sum_i I_i [sum_j (1 - A)_ij^2 v(p_j) + (((1 - A) E x)_i - b_i)^2].
    """
    W = np.asarray(W, float)
    p = np.broadcast_to(np.asarray(density, float), len(W))
    missing = np.eye(len(W)) - (W[:, None] * W).sum(2)
    error = (missing**2 * variance(p)).sum(1) + ((missing * mean(p)).sum(1) - b) ** 2
    return float((np.asarray(importance) * error).sum())


def two_in_one(r: Number, p: Number) -> dict[str, Number]:
    """Losses of a ReLU model of 2 features (importance 1, r) in 1 dimension, by configuration.

    ignored, W = [1, 0]: r v; dedicated, [0, 1]: v; superposition, [1, -1], b = 0: (1 + r) p^2 / 6;
    confused, [1, 1] / sqrt 2, b = 0: (1 + r) v / 2. Names are the second feature's.
    Source: section "Superposition as a Phase Change"; Wattenberg's notebook, f, g, h.
    """
    v = variance(p)
    return {
        "ignored": r * v,
        "dedicated": v,
        "superposition": (1 + r) * p**2 / 6,
        "confused": (1 + r) * v / 2,
    }


def three_in_two(r: Number, p: Number) -> dict[str, Number]:
    """Losses of 3 features (importance 1, 1, r) in 2 dimensions, by the direction orthogonal to W.

    ignored, [0, 0, 1]: r v; dedicated, [1, 0, 0]: v; superposition, [0, 1, 1]: (1 + r) p^2 / 6;
    others_superposed, [1, 1, 0]: p^2 / 3. Names are the third feature's.
    Source: section "Superposition as a Phase Change", its second diagram.
    """
    v = variance(p)
    return {
        "ignored": r * v,
        "dedicated": v,
        "superposition": (1 + r) * p**2 / 6,
        "others_superposed": p**2 / 3 + 0 * r,
    }


def phase(r: float, p: float) -> str:
    """The cheapest of ignored, dedicated and superposition for 2 features in 1 dimension."""
    losses = two_in_one(r, p)
    return min(("ignored", "dedicated", "superposition"), key=lambda name: losses[name])


def phase_boundary(r: Number) -> np.ndarray:
    """p* below which superposition wins: 4 r / (2 + 5 r) for r <= 1, 4 / (5 + 2 r) for r >= 1.

    From r v = (1 + r) p^2 / 6 and v = (1 + r) p^2 / 6. At r = 1 both give 4 / 7.
    """
    r = np.asarray(r, float)
    return np.where(r <= 1, 4 * r / (2 + 5 * r), 4 / (5 + 2 * r))


LINEAR_COMPRESSION = 1 / 12
"""Loss of two U[0, 1] features in one number, linearly: one kept and one at its mean, or their
mean for both. Source: appendix "Nonlinear Compression"."""


def nonlinear_compression(cells: int) -> float:
    """Loss of t = (floor(Z x) + y) / Z with ideal jumps, x decoded as its cell's centre: 1 / (12 Z^2).

    Source: appendix "Nonlinear Compression".
    """
    return 1 / (12 * cells**2)


PAIR_DENSITY = 4 / 7
"""Below this density an antipodal pair, p^2 / 3, beats one kept and one dropped, v(p)."""


def digon_gain(p: Number) -> Number:
    """Features' worth of loss saved per dimension by an antipodal pair: (2 v - p^2 / 3) / v.

    = 2 - 4 p / (4 - 3 p); a dedicated feature saves 1. Source: "The Geometry of Superposition".
    """
    return 2 - 4 * p / (4 - 3 * p)


def square_and_ignored(p: Number, varied: Number) -> Number:
    """Loss of two antipodal pairs of density p and an ignored fifth feature of density `varied`.

    v(varied) + 2 p^2 / 3: the digon branch of 5 features in 2 dimensions.
    Source: section "The Geometry of Superposition", "Perturbing a Single Feature".
    """
    return variance(varied) + 2 * p**2 / 3


def regular_polygon(k: int, norm: float = 1.0) -> np.ndarray:
    """W [feature, hidden] of k features at equal angles in the plane."""
    angle = 2 * np.pi * np.arange(k) / k
    return norm * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def two_sets_in_two(p: Number) -> dict[str, Number]:
    """Losses of 2 sets of 2 features in 2 dimensions, as two antipodal pairs, set density p.

    Correlated sets with their pairs across sets: 2 p^2 / 3. Anticorrelated: pairs within a set 0,
    pairs across sets p^2 / 6. Source: section "Correlated and Anticorrelated Features".
    """
    return {
        "correlated_across": 2 * p**2 / 3,
        "anticorrelated_within": 0 * p,
        "anticorrelated_across": p**2 / 6,
    }


def octahedron_across(p: Number) -> Number:
    """Loss of 2 correlated sets of 3 in 3 dimensions, antipodes in the other set: p^2.

    Source: section "Correlated and Anticorrelated Features".
    """
    return p**2


def one_set_stages() -> dict[str, float]:
    """Losses of 2 sets of 3 in 3 dimensions where exactly one set is on, as they learn.

    nothing, W = 0, b = 0: 1; mean, W = 0, b = E x = 1/4: 5/8; components, each set on its own
    principal component, opposite ways: 1/6; prism, each a triangle of orthonormal features, one
    above the other: 1/720; antiprism, the octahedron: 0.
    Source: section "Superposition and Learning Dynamics", learning as geometric transformation.
    """
    return {
        "nothing": 1.0,
        "mean": 5 / 8,
        "components": 1 / 6,
        "prism": 1 / 720,
        "antiprism": 0.0,
    }


def prism(angle: float) -> np.ndarray:
    """W [feature, hidden] of two triangles of orthonormal features, turned by `angle` degrees.

    +-e / sqrt 3 + sqrt(2/3) (cos, sin), 120 degrees apart; 60 degrees make an octahedron.
    """
    turn = np.radians(np.arange(3) * 120 + np.array([[0.0], [angle]])).ravel()
    height = np.repeat([1.0, -1.0], 3) / math.sqrt(3)
    return np.stack([*(math.sqrt(2 / 3) * f(turn) for f in (np.cos, np.sin)), height], axis=1)


def prism_loss(angle: float) -> float:
    """Loss of `prism(angle)`, b = 0, where exactly one set is on: 3 E [c . x]_+^2.

    The set that is on is answered exactly; a feature of the other answers with its products
    c_k = -1/3 + 2/3 cos(angle + 120 k).
    """
    turn = np.radians(angle + 120 * np.arange(3))
    return 3 * positive_moment(0.0, -1 / 3 + 2 / 3 * np.cos(turn), 2)


def sets_loss(
    W: np.ndarray, b: np.ndarray, importance: np.ndarray, density: float, sets: int
) -> float:
    """Exact expected loss of the ReLU output model on correlated sets, W [feature, hidden].

    Sum over the 2^sets choices of sets that are on, of its probability times `active_loss`.
    """
    return math.fsum(
        density**k * (1 - density) ** (sets - k) * active_loss(W, b, importance, active)
        for k in range(sets + 1)
        for active in _members(len(W), sets, k)
    )


def one_set_loss(W: np.ndarray, b: np.ndarray, importance: np.ndarray, sets: int) -> float:
    """Exact expected loss where exactly one of the equal sets is on, each as often."""
    parts = [active_loss(W, b, importance, active) for active in _members(len(W), sets, 1)]
    return math.fsum(parts) / sets


def digon_level(p: float, n: int, m: int, missing: int = 0) -> float:
    """Loss of m - missing antipodal pairs and one feature's worth in each dimension left: a level.

    (n - 2 pairs - missing) v + pairs p^2 / 3. A dimension holds one feature, or as well a smear of
    many; the pair that takes it lowers the loss by v - p^2 / 3.
    Source: section "Superposition and Learning Dynamics", discrete "energy level" jumps.
    """
    pairs = m - missing
    return (n - 2 * pairs - missing) * float(variance(p)) + pairs * p**2 / 3


def relu_loss(W: np.ndarray, b: np.ndarray, importance: np.ndarray, density: Number) -> float:
    """Exact expected loss of the ReLU output model, W [feature, hidden] with rows W_i.

    Sum over the 2^n sets of active features of their probability times `active_loss`. n <= 8.
    """
    p = np.broadcast_to(np.asarray(density, float), len(W))
    return math.fsum(
        math.prod(p[i] if i in active else 1 - p[i] for i in range(len(p)))
        * active_loss(W, b, importance, active)
        for k in range(len(p) + 1)
        for active in _subsets(len(p), k)
    )


def k_sparse_loss(W: np.ndarray, b: np.ndarray, importance: np.ndarray, k: int) -> float:
    """L_k: `active_loss` summed over the sets of exactly k active features.

    L = sum_k p^k (1 - p)^(n - k) L_k. L_0 = sum_i I_i ReLU(b_i)^2.
    Source: section "Superposition as a Phase Change"; the text prints L_0 without I.
    """
    return math.fsum(active_loss(W, b, importance, active) for active in _subsets(len(W), k))


def recombined(k_sparse: Sequence[float], p: float) -> float:
    """L = sum_k p^k (1 - p)^(n - k) L_k, from L_0 .. L_n."""
    n = len(k_sparse) - 1
    return math.fsum(p**k * (1 - p) ** (n - k) * loss for k, loss in enumerate(k_sparse))


def saxe_loss(W: np.ndarray, importance: np.ndarray) -> float:
    """sum_i I_i (1 - ||W_i||^2)^2 + sum_{i != j} I_j (W_j . W_i)^2, W [feature, hidden].

    Three times the one-sparse loss of the linear model with b = 0. Source: the linear analogue
    beside the one-sparse loss, after Saxe et al.
    """
    W = np.asarray(W, float)
    missing = np.eye(len(W)) - (W[:, None] * W).sum(2)
    return float((np.asarray(importance)[:, None] * missing**2).sum())


def active_loss(
    W: np.ndarray, b: np.ndarray, importance: np.ndarray, active: tuple[int, ...]
) -> float:
    """sum_i I_i E (x_i - ReLU(W_i . h + b_i))^2, exactly `active` being on, each U[0, 1]."""
    gram = (np.asarray(W, float)[:, None] * np.asarray(W, float)).sum(2)
    return math.fsum(
        importance[i] * _output_loss(b[i], gram[i, list(active)], _place(active, i))
        for i in range(len(gram))
    )


def positive_moment(b: float, c: np.ndarray, q: int) -> float:
    """E [b + sum_j c_j u_j]_+^q, u_j independent U[0, 1].

    q! / (q + k)! / prod c * sum over corners u of the cube of (-1)^(zeros in u)
    [b + c . u]_+^(q + k), the k-fold antiderivative. Terms with |c_j| < 1e-4, which would
    cancel, enter by their mean: an error of c_j^2 / 12 at most in the square.
    """
    c = np.asarray(c, float)
    small = np.abs(c) < 1e-4
    b, c = b + c[small].sum() / 2, c[~small]
    k = len(c)
    corners = np.array(list(product((0, 1), repeat=k))).reshape(2**k, k)
    sign = (-1.0) ** (k - corners.sum(1))
    heights = np.maximum(b + (corners * c).sum(1), 0) ** (q + k) * (1 if k else b > 0)
    return math.fsum(sign * heights) / math.prod(c) * math.factorial(q) / math.factorial(q + k)


def _output_loss(b: float, c: np.ndarray, place: int | None) -> float:
    """E (x - [z]_+)^2, z = b + c . u; x = u[place], or 0 where place is None."""
    square = positive_moment(b, c, 2)
    if place is None:
        return square
    return 1 / 3 - 2 * _cross_moment(b, c, place, square) + square


def _cross_moment(b: float, c: np.ndarray, place: int, square: float) -> float:
    """E u [z]_+ for u = u[place]: by parts, (E [z at u = 1]_+^2 - E [z]_+^2) / (2 c[place])."""
    own = c[place]
    if abs(own) < 1e-4:
        return positive_moment(b, c, 1) / 2
    return (positive_moment(b + own, np.delete(c, place), 2) - square) / (2 * own)


def _place(active: tuple[int, ...], i: int) -> int | None:
    return active.index(i) if i in active else None


def _members(n: int, sets: int, k: int) -> Iterator[tuple[int, ...]]:
    """The features that are on, for each choice of k of the equal sets."""
    size = n // sets
    for chosen in _subsets(sets, k):
        yield tuple(s * size + i for s in chosen for i in range(size))


def _subsets(n: int, k: int) -> Iterator[tuple[int, ...]]:
    if n > 8:
        raise ValueError(f"{n} features have too many sets of active features: give at most 8")
    return combinations(range(n), k)
