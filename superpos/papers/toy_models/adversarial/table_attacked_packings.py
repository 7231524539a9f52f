"""Which packing of features has the smallest loss under adversarial training, by the length of the attacks.

Section "Superposition and Adversarial Robustness", the remark on adversarial training.

ASSUME: the paper trains models, and gives neither their sizes nor a density. Here no model is trained: the
exact losses of models that pack all their dimensions in one way are compared. An attack points along the
row of W^T W of a random represented feature, and its length is a share of the root mean square of ‖x‖.
"""

from typing import Any

import numpy as np
import pandas as pd

from superpos import lookup, theory
from superpos.config import ranges
from superpos.config.condition import Count, Data
from superpos.config.grids import expand
from superpos.metrics.exact_loss import exact_loss

RELU = lookup.load("model", "relu_output").VARIANT
DATA = Data(name="independent")
SHAPES = {
    "dedicated": np.eye(1),
    "digon": np.array([[1.0], [-1.0]]),
    "triangle": theory.regular_polygon(3),
    "pentagon": theory.regular_polygon(5),
}
STEP = 0.02
NORM, BIAS = (
    grid.ravel()
    for grid in np.meshgrid(np.arange(0.1, 1.31, STEP), np.arange(-0.4, 0.31, STEP), indexing="ij")
)
"""The common norms and biases that are searched for the best ones."""


def check(n_features: int, n_hidden: int, density: Any, attack: Any) -> None:
    """Raise a ValueError if densities or attacks are out of range or too many, or features too few."""
    most = max(len(shape) / shape.shape[1] for shape in SHAPES.values())
    ranges.refuse_outside("n_features", [n_features], n_hidden * most, 1e9)
    points = ranges.axis("density", density, 1e-9, 1) * ranges.axis("attack", attack, 0, 1e3)
    ranges.few(1000 * points)


def table(n_features: Count, n_hidden: Count, density: Any, attack: Any) -> pd.DataFrame:
    """The loss of each packing of all hidden dimensions at its best norm and bias.

    A row for each shape, density and attack, with the number of features per dimension. A feature that is
    not represented loses v(p).
    """
    rows = []
    for name, p in ((name, p) for name in SHAPES for p in expand("density", density)):
        k, d = SHAPES[name].shape
        ignored = (n_features - n_hidden * k / d) * float(theory.variance(p))
        clean = (n_hidden / d - 1) * _losses(name, p, 0.0)
        for share in expand("attack", attack):
            size = share * np.sqrt(n_features * p / 3)
            loss = ignored + float((clean + _losses(name, p, size)).min())
            rows.append((name, k / d, p, share, loss))
    return pd.DataFrame(
        rows, columns=["shape", "features_per_dimension", "density", "attack", "loss"]
    )


def _losses(name: str, p: float, size: float) -> np.ndarray:
    """The exact loss of one polytope at each norm and bias, with an attack on its first feature.

    The attack does not depend on x, so it shifts the biases by size G G_0 / ‖G_0‖, with G = W^T W.
    """
    W = NORM[:, None, None] * SHAPES[name]
    gram = W @ W.transpose(0, 2, 1)
    along = gram[:, 0] / np.linalg.norm(gram[:, 0], axis=1, keepdims=True)
    b = BIAS[:, None] + size * (gram @ along[:, :, None])[..., 0]
    return np.asarray(exact_loss(W, b, np.ones_like(b), np.full_like(b, p), RELU, DATA))
