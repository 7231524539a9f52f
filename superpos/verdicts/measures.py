"""Measures that several claims use: each turns the tables of one run, or one run per density, into a
number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from superpos import theory
from superpos.config.needs import requires
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Float

REPRESENTED = 0.5
"""The norm above which a feature counts as represented."""
DEDICATED_NORM, DEDICATED_SUPERPOSITION = 0.9, 0.1
"""The norm above which, and the superposition below which, a feature has a dimension of its own."""
EXTREMES = {"min": "smallest", "max": "largest"}
"""The names of numpy's extremes, and the words for them."""


def column(t: Tables, name: str) -> Float[np.ndarray, "feature ..."]:
    """A column of the features of one run, [feature] or [feature, hidden]."""
    order = t.features["feature"].to_numpy().argsort(kind="stable")
    return np.array(t.features[name].to_numpy()[order].tolist(), float)


@requires(metrics=("feature_norm",))
def represented(t: Tables, above: float = REPRESENTED) -> int:
    """How many features have a norm above a threshold."""
    return int((column(t, "feature_norm") > above).sum())


@requires(metrics=("feature_norm", "superposition"))
def dedicated(t: Tables) -> int:
    """How many features have a dimension of their own."""
    return int(_dedicated(t).sum())


@requires(metrics=("feature_norm", "superposition"))
def inversions(t: Tables) -> int:
    """The number of represented features in superposition that are more important than some dedicated one."""
    own = _dedicated(t)
    superposed = (column(t, "feature_norm") > REPRESENTED) & ~own
    importance = column(t, "importance")
    return int((superposed & (importance > importance[own].min(initial=np.inf))).sum())


@requires(metrics=("feature_norm",))
def unrepresented_bias(t: Tables) -> float:
    """The mean bias of the features that are not represented; NaN if there are none."""
    bias = column(t, "bias")[column(t, "feature_norm") <= REPRESENTED]
    return float(bias.mean()) if len(bias) else float("nan")


def from_antipodal(t: Tables) -> float:
    """The largest distance of an off-diagonal entry of W^T W from the nearer of 0 and -1."""
    gram = _gram(t)
    entries = gram[~np.eye(len(gram), dtype=bool)]
    return float(np.minimum(abs(entries), abs(entries + 1)).max())


def from_projection(t: Tables) -> float:
    """The largest distance of an entry of W^T W from diag(1, .., 1, 0, .., 0), n_hidden ones."""
    gram = _gram(t)
    ones = np.arange(len(gram)) < n_hidden(t)
    return float(abs(gram - np.diag(ones.astype(float))).max())


def loss_to_linear(t: Tables) -> float:
    """The held-out loss divided by the linear model's optimum, v(p) sum_{i > m} I_i."""
    importance, density = column(t, "importance"), column(t, "feature_density")
    optimum = theory.linear_optimum(importance, density, n_hidden(t))
    return float(t.runs["loss"].iloc[0]) / optimum


def best_loss_ratio(t: Tables, over: str, under: str) -> float:
    """The best held-out loss of experiment `over` divided by that of `under`; NaN if either has no run."""
    first, second = t.of(over).runs["loss"], t.of(under).runs["loss"]
    return float(first.min() / second.min()) if len(first) and len(second) else float("nan")


def exact_linear_loss_to_optimum(t: Tables) -> float:
    """The closed-form expected loss of the linear model's W and b, divided by the optimum."""
    importance, density = column(t, "importance"), column(t, "feature_density")
    expected = theory.linear_loss(column(t, "W"), column(t, "bias"), importance, density)
    return expected / theory.linear_optimum(importance, density, n_hidden(t))


def backward_steps(values: list[int]) -> int:
    """How often a value is below the one before it."""
    return int((np.diff(values) < 0).sum())


def gaps(W: Float[np.ndarray, "vector 2"]) -> Float[np.ndarray, " vector"]:
    """The angles in degrees from each vector of the plane to the next one."""
    angles = np.sort(np.degrees(np.arctan2(W[:, 1], W[:, 0])))
    return np.diff(angles, append=angles[0] + 360)


def n_hidden(t: Tables) -> int:
    """The number of hidden units, m, of the run."""
    return int(t.runs["n_hidden"].iloc[0])


def _dedicated(t: Tables) -> np.ndarray:
    norm, superposition = column(t, "feature_norm"), column(t, "superposition")
    return (norm > DEDICATED_NORM) & (superposition < DEDICATED_SUPERPOSITION)


def _gram(t: Tables) -> np.ndarray:
    W = column(t, "W")
    return np.asarray((W[:, None] * W).sum(2))
