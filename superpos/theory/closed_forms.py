"""Closed forms for the losses of the paper's small models, and for the densities at which they are equal.

Losses are summed over features and averaged over samples. x_i is 0 with probability 1 - p, otherwise
drawn from U[0, 1]. A formula without a source follows from the moments by integration.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from superpos.theory.per_feature import Row, Rows, per_feature, rows

if TYPE_CHECKING:
    from jaxtyping import Float


def mean(p: float | Float[np.ndarray, "*shape"]) -> float | Float[np.ndarray, "*shape"]:
    """E x = p / 2."""
    return p / 2


def variance(
    p: float | Float[np.ndarray, "*shape"],
) -> float | Float[np.ndarray, "*shape"]:
    """v(p) = Var x = p / 3 - p² / 4; times I, this is the loss of an ignored feature with b = p / 2."""
    return p / 3 - p * p / 4


def linear_optimum(
    importance: Sequence[float] | Float[np.ndarray, " feature"],
    density: float | Float[np.ndarray, " feature"],
    n_hidden: int,
) -> float:
    """The smallest loss of the linear model: sum of I_i v(p_i) over all but the n_hidden largest.

    By the Eckart-Young theorem for diag(I)^(1/2) (1 - A) diag(v)^(1/2), no A of rank n_hidden, tied or
    untied, does better; W^T W = diag(1, .., 1, 0, .., 0) with b = p / 2 for ignored features attains it.
    """
    terms = np.asarray(importance, float) * variance(np.asarray(density, float))
    return math.fsum(np.sort(terms)[: max(len(terms) - n_hidden, 0)])


def linear_loss(
    W: Rows | Float[np.ndarray, "feature hidden"],
    b: float | Row | Float[np.ndarray, " feature"],
    importance: float | Row | Float[np.ndarray, " feature"],
    density: float | Row | Float[np.ndarray, " feature"],
) -> float:
    """The expected loss of the linear model x' = A x + b, A = W^T W.

    sum_i I_i [sum_j (1 - A)_ij² v(p_j) + (((1 - A) E x)_i - b_i)²]. One number for b, importance or
    density holds for all features. Raises a ValueError if shapes do not fit.
    """
    given = {"b": b, "importance": importance, "density": density}
    b, importance, p = (per_feature(name, value, len(W)) for name, value in given.items())
    missing = _reconstruction_error(W)
    error = (missing**2 * variance(p)).sum(1) + ((missing * mean(p)).sum(1) - b) ** 2
    return float((importance * error).sum())


def saxe_loss(
    W: Rows | Float[np.ndarray, "feature hidden"],
    importance: float | Row | Float[np.ndarray, " feature"],
) -> float:
    """sum_i I_i (1 - ‖W_i‖²)² + sum_{i != j} I_j (W_j . W_i)².

    Three times the one-sparse loss of the linear model with b = 0. Source: the linear analogue
    beside the one-sparse loss, after Saxe et al. Raises a ValueError if shapes do not fit.
    """
    importance = per_feature("importance", importance, len(W))
    return float((importance[:, None] * _reconstruction_error(W) ** 2).sum())


def _reconstruction_error(W: Rows | np.ndarray) -> np.ndarray:
    """1 - W^T W [feature, feature]."""
    W = rows("W", W)
    missing: np.ndarray = np.eye(len(W)) - (W[:, None] * W).sum(2)
    return missing


def two_in_one(
    r: float | Float[np.ndarray, "*#shape"], p: float | Float[np.ndarray, "*#shape"]
) -> dict[str, float | Float[np.ndarray, "*#shape"]]:
    """Losses of a ReLU model of 2 features (importance 1, r) in 1 dimension, by configuration.

    ignored, W = [1, 0]: r v; dedicated, [0, 1]: v; superposition, [1, -1], b = 0: (1 + r) p² / 6;
    confused, [1, 1] / √2, b = 0: (1 + r) v / 2. The names describe the second feature.
    Source: section "Superposition as a Phase Change"; Wattenberg's notebook, f, g, h.
    """
    v = variance(p)
    return {
        "ignored": r * v,
        "dedicated": v,
        "superposition": (1 + r) * p**2 / 6,
        "confused": (1 + r) * v / 2,
    }


def three_in_two(
    r: float | Float[np.ndarray, "*#shape"], p: float | Float[np.ndarray, "*#shape"]
) -> dict[str, float | Float[np.ndarray, "*#shape"]]:
    """Losses of 3 features (importance 1, 1, r) in 2 dimensions, by the direction orthogonal to W.

    ignored, [0, 0, 1]: r v; dedicated, [1, 0, 0]: v; superposition, [0, 1, 1]: (1 + r) p² / 6;
    others_superposed, [1, 1, 0]: p² / 3. The names describe the third feature.
    Source: section "Superposition as a Phase Change", its second diagram.
    """
    v = variance(p)
    return {
        "ignored": r * v,
        "dedicated": v,
        "superposition": (1 + r) * p**2 / 6,
        "others_superposed": p**2 / 3 + 0 * r,
    }


def cheapest_phase(r: float, p: float) -> str:
    """The cheapest of ignored, dedicated and superposition for 2 features in 1 dimension."""
    losses = two_in_one(r, p)
    return min(("ignored", "dedicated", "superposition"), key=lambda name: losses[name])


def phase_boundary(r: float | Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """The density p* below which superposition has the smallest loss: 4 r / (2 + 5 r) for r <= 1, 4 / (5
    + 2 r) for r >= 1.

    From r v = (1 + r) p² / 6 and v = (1 + r) p² / 6. At r = 1 both give 4 / 7.
    """
    r = np.asarray(r, float)
    return np.where(r <= 1, 4 * r / (2 + 5 * r), 4 / (5 + 2 * r))


LINEAR_COMPRESSION = 1 / 12
"""Loss of two U[0, 1] features in one number with linear maps: either one is kept and the other set to
its mean, or both are set to their average. Source: appendix "Nonlinear Compression"."""


def nonlinear_compression(cells: int) -> float:
    """Loss of t = (floor(Z x) + y) / Z with ideal jumps, x decoded as its cell's centre: 1 / (12 Z²).

    Source: appendix "Nonlinear Compression".
    """
    return 1 / (12 * cells**2)


PAIR_DENSITY = 4 / 7
"""Below this density an antipodal pair, p² / 3, beats keeping one feature and dropping one, v(p)."""


def digon_gain(
    p: float | Float[np.ndarray, "*shape"],
) -> float | Float[np.ndarray, "*shape"]:
    """The loss that an antipodal pair saves per dimension, in units of v: (2 v - p² / 3) / v.

    = 2 - 4 p / (4 - 3 p); a dedicated feature saves 1. Source: "The Geometry of Superposition".
    """
    return 2 - 4 * p / (4 - 3 * p)


def square_and_ignored(
    p: float | Float[np.ndarray, "*#shape"], varied: float | Float[np.ndarray, "*#shape"]
) -> float | Float[np.ndarray, "*#shape"]:
    """Loss of two antipodal pairs of density p and an ignored fifth feature of density `varied`.

    v(varied) + 2 p² / 3: the digon branch of 5 features in 2 dimensions.
    Source: section "The Geometry of Superposition", "Perturbing a Single Feature".
    """
    return variance(varied) + 2 * p**2 / 3


def square_with_varied(
    p: float | Float[np.ndarray, "*#shape"], varied: float | Float[np.ndarray, "*#shape"]
) -> float | Float[np.ndarray, "*#shape"]:
    """Loss of two antipodal pairs, one of them with the feature of density `varied`, and an ignored fifth
    feature; the other features have density p.

    v(p) + p (p + varied) / 3. It is below `square_and_ignored` if varied > p.
    """
    return variance(p) + p * (p + varied) / 3


def two_sets_in_two(
    p: float | Float[np.ndarray, "*shape"],
) -> dict[str, float | Float[np.ndarray, "*shape"]]:
    """Losses of 2 sets of 2 features in 2 dimensions, stored as two antipodal pairs; sets have density p.

    Correlated sets with pairs across the sets: 2 p² / 3. Anticorrelated sets: 0 with pairs within a
    set, p² / 6 with pairs across sets. Source: section "Correlated and Anticorrelated Features".
    """
    return {
        "correlated_across": 2 * p**2 / 3,
        "anticorrelated_within": 0 * p,
        "anticorrelated_across": p**2 / 6,
    }


def octahedron_across(
    p: float | Float[np.ndarray, "*shape"],
) -> float | Float[np.ndarray, "*shape"]:
    """Loss of 2 correlated sets of 3 in 3 dimensions, each antipode in the other set: p².

    Source: section "Correlated and Anticorrelated Features".
    """
    return p**2


def one_set_stages() -> dict[str, float]:
    """Losses of the stages of learning for 2 sets of 3 in 3 dimensions, if exactly one set is on.

    nothing, W = 0, b = 0: 1; mean, W = 0, b = E x = 1/4: 5/8; components, each set on its own
    principal component, in opposite directions: 1/6; prism, each set a triangle of orthonormal
    features, one above the other: 1/720; antiprism, the octahedron: 0.
    Source: section "Superposition and Learning Dynamics", learning as geometric transformation.
    """
    return {
        "nothing": 1.0,
        "mean": 5 / 8,
        "components": 1 / 6,
        "prism": 1 / 720,
        "antiprism": 0.0,
    }


def digon_level(p: float, n: int, m: int, missing: int = 0) -> float:
    """The loss with m - missing antipodal pairs, if each other dimension saves as much as one feature.

    (n - 2 pairs - missing) v + pairs p² / 3. A remaining dimension holds one feature, or a mixture of
    many that saves as much; the pair that takes it over lowers the loss by v - p² / 3. Raises a ValueError
    if there are fewer features than the level needs.
    Source: section "Superposition and Learning Dynamics", discrete "energy level" jumps.
    """
    pairs = m - missing
    if not (0 <= missing <= m and n >= 2 * pairs + missing):
        raise ValueError(
            f"n = {n}, m = {m}, missing = {missing}: give a `missing` from 0 to m, and at least"
            f" 2 m - missing = {2 * pairs + missing} features"
        )
    return (n - 2 * pairs - missing) * float(variance(p)) + pairs * p**2 / 3
