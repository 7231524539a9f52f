"""The gain of a regular polygon of features, with its best bias and without a bias.

The columns are n_features, density, polygon (k), biased (whether b is free); norm (l), bias (b), gain (over
the mean bias, in units of 1/n) and loss of the best k-gon; mean_length (E ‖x‖_1), mean (mu) and mean_loss
(of W = 0, b = mu); frobenius (‖W‖) and polygon_bias_norm (‖b‖ over the k features). The gain is exact to
1e-6.
"""

import math

import pandas as pd

from superpos import theory
from superpos.config import ranges
from superpos.config.condition import Count, Positive


def check(n_features: list[int], active: float, polygons: list[int]) -> None:
    """Raise a ValueError if a number is outside the range in which the quadrature is accurate."""
    ranges.refuse_outside("n_features", n_features, 1000, 1e9)
    ranges.refuse_outside("active", [active], 5, 10)
    ranges.refuse_outside("polygons", polygons, 3, 8)
    if 5 not in polygons:
        raise ValueError(
            f"polygons: {polygons}: figures and claims are about the pentagon; give 5 too"
        )


def table(n_features: list[Count], active: Positive, polygons: list[Count]) -> pd.DataFrame:
    """A row for each number of features, `active` of which are on on average, polygon and kind of bias."""
    return pd.DataFrame(
        [
            _row(n, active / n, k, biased)
            for n in n_features
            for k in polygons
            for biased in (True, False)
        ]
    )


def _row(n: int, p: float, k: int, biased: bool) -> dict[str, float]:
    best, length = theory.best_polygon(k, n, p, biased), theory.mean_length(n, p)
    return {
        **{"n_features": n, "density": p, "polygon": k, "biased": biased, **best._asdict()},
        "loss": theory.mean_loss(n, p) - best.gain / n,
        **{"mean_length": length, "mean": length / n, "mean_loss": theory.mean_loss(n, p)},
        "frobenius": math.sqrt(k) * best.norm,
        "polygon_bias_norm": math.sqrt(k) * abs(best.bias),
    }
