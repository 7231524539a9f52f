"""Storing samples: when the ReLU output model reaches zero training loss, and how small its weights can be.

The T samples X_j have length 1 and no feature in common, so they are orthonormal; their hidden vectors
are h_j = W^T X_j, with W [feature, hidden]. For samples that share features, the condition with
1 - X_i . X_j in place of 1 is necessary; it may not be sufficient.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from superpos.theory.per_feature import Row, Rows, per_feature, rows

if TYPE_CHECKING:
    from jaxtyping import Float


def margin(h: Rows | Float[np.ndarray, "sample hidden"]) -> float:
    """The smallest h_i . (h_i - h_j) of two different samples: 1 or more if they can be stored.

    It is infinite if there are no two. Raises a ValueError if h is not [sample, hidden].
    """
    h = rows("h", h)
    products = (h[:, None] * h).sum(-1)
    ahead = np.diag(products)[:, None] - products
    return float(ahead[~np.eye(len(h), dtype=bool)].min(initial=math.inf))


def memorises(h: Rows | Float[np.ndarray, "sample hidden"]) -> bool:
    """Whether some W and b with these hidden vectors have zero training loss: `margin` >= 1, up to rounding.

    Necessary: feature k of sample i needs W_k . h_i + b_k = X_ik and W_k . h_j + b_k <= 0, so
    W_k . (h_i - h_j) >= X_ik; the sum over k, weighted by X_ik, is h_i . (h_i - h_j) >= 1.
    Sufficient: `memory_weights` attains it, and so it does for one sample at any h. Raises a ValueError if
    h is not [sample, hidden].
    """
    h = rows("h", h)
    rounding = 4 * h.shape[1] * np.finfo(float).eps * (h**2).sum(1).max(initial=0.0)
    return bool(margin(h) >= 1 - rounding)


def memory_weights(
    h: Rows | Float[np.ndarray, "sample hidden"],
    X: Rows | Float[np.ndarray, "sample feature"],
    beta: Row | Float[np.ndarray, " sample"] | None = None,
) -> tuple[Float[np.ndarray, "feature hidden"], Float[np.ndarray, " feature"]]:
    """W = sum_j X_j h_j^T and b = -sum_j beta_j X_j, of the smallest norm with W^T X_j = h_j.

    Sample i is given X_jk ReLU(h_j . h_i - beta_j) at feature k of sample j. Without `beta` it is
    ‖h_j‖² - 1, which reconstructs each sample exactly. Raises a ValueError unless h, X and beta have as
    many samples.
    """
    h, X = rows("h", h), rows("X", X)
    beta = (h**2).sum(1) - 1 if beta is None else np.asarray(beta, float)
    if not beta.shape == (len(X),) == (len(h),):
        raise ValueError(
            f"X has {len(X)} samples, h has shape {h.shape} and beta {beta.shape}; give a row of h and a"
            " number of beta for each sample"
        )
    return (X[:, :, None] * h[:, None]).sum(0), -(beta[:, None] * X).sum(0)


def loss_on_samples(
    W: Rows | Float[np.ndarray, "feature hidden"],
    b: float | Row | Float[np.ndarray, " feature"],
    X: Rows | Float[np.ndarray, "sample feature"],
) -> float:
    """The mean over samples of ‖X_i - ReLU(W W^T X_i + b)‖². Raises a ValueError if shapes do not fit."""
    W, X = rows("W", W), rows("X", X)
    if X.shape[1] != len(W):
        raise ValueError(
            f"X has shape {X.shape}, but W has {len(W)} features; give X [sample, feature]"
        )
    b = per_feature("b", b, len(W))
    hidden = (X[:, :, None] * W).sum(1)
    output = np.array([np.maximum((W * h).sum(1) + b, 0) for h in hidden])
    return float(((X - output) ** 2).sum(1).mean())


def polygon_radius(samples: int) -> float:
    """r = 1 / sqrt(1 - cos(2 pi / T)): only the regular T-gon of this radius has the smallest ‖W‖, sqrt(T) r.

    Sort the points by angle. Neighbours at an angle t have (‖h_i‖² + ‖h_j‖²) / 2 >= f(t) with
    f = 1 / (1 - cos t): add their two conditions, and use 2 ‖h_i‖ ‖h_j‖ <= ‖h_i‖² + ‖h_j‖² if
    cos t < 0; otherwise the shorter of the two already has ‖h‖² >= f. The sum over the circle is
    ‖W‖² >= sum f(t), and f is convex with angles that sum to 2 pi, so that is at least T f(2 pi / T).
    One sample has no neighbour and is stored by its bias alone: 0. Raises a ValueError without a sample.
    """
    _refuse_none(samples)
    if samples == 1:
        return 0.0
    return 1 / math.sqrt(1 - math.cos(2 * math.pi / samples))


def _refuse_none(samples: int) -> None:
    if samples < 1:
        raise ValueError(f"samples: {samples}; give at least 1")


def polygon_loss(samples: int, radius: float, beta: float) -> float:
    """(1 - ReLU(r² - beta))² + sum_j ReLU(r² cos(2 pi j / T) - beta)²: the training loss of a T-gon.

    Raises a ValueError without a sample.
    """
    others = np.maximum(_others(samples, radius) - beta, 0)
    return float((1 - max(radius**2 - beta, 0)) ** 2 + (others**2).sum())


def best_polygon_loss(samples: int, radius: float) -> tuple[float, float]:
    """The smallest training loss of a T-gon of that radius, and the beta that gives it.

    Between its kinks the loss is a parabola in beta. The global minimum is that of one of these
    parabolas, in which the m nearest other samples are on. Raises a ValueError without a sample.
    """
    sums = np.cumsum(np.r_[radius**2 - 1, _others(samples, radius)])
    betas = sums / np.arange(1, samples + 1)
    losses = [polygon_loss(samples, radius, beta) for beta in betas]
    best = int(np.argmin(losses))
    return losses[best], float(betas[best])


def _others(samples: int, radius: float) -> np.ndarray:
    """r² cos(2 pi j / T) of the other samples, from the nearest to the farthest."""
    _refuse_none(samples)
    turn = 2 * np.pi * np.arange(1, samples) / samples
    return np.asarray(radius**2 * np.sort(np.cos(turn))[::-1])


def gap_on_circle(radius: float) -> float:
    """The smallest angle in degrees between two points of one radius, arccos(1 - 1 / r²); NaN if no
    angle is large enough."""
    return _degrees(1 - 1 / radius**2) if radius**2 else math.nan


def gap_across(inner: float, outer: float) -> float:
    """The smallest angle in degrees between points of two radii p <= R, arccos((p² - 1) / (p R)); NaN
    if no angle is large enough.

    The condition of the shorter vector requires this angle; that of the longer one requires less.
    """
    inner, outer = min(inner, outer), max(inner, outer)
    return _degrees((inner**2 - 1) / (inner * outer)) if inner * outer else math.nan


def _degrees(cosine: float) -> float:
    return math.degrees(math.acos(cosine)) if -1 <= cosine <= 1 else math.nan
