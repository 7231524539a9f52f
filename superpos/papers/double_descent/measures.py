"""Measures that the sections share: a number for each run, and curves over the number T of samples."""

from collections.abc import Callable
from typing import Final, Literal

import numpy as np
import pandas as pd

from superpos.config.condition_table import RUN
from superpos.config.needs import requires
from superpos.metrics.regimes import STORED
from superpos.tables import Tables

T: Final = "data_training_samples"
SET: Final = "data_set"
"""The columns with the number of training samples and with the number of the training set."""
FORGOTTEN = 0.05
"""A sample or feature that was stored counts as forgotten below this dimensionality."""

By = Literal["mean", "median"]
OfEach = Callable[[Tables], np.ndarray]
"""A number for each run, in the order of `runs`."""


def typical(t: Tables, of: OfEach, by: By = "mean") -> float:
    """The mean or median over the runs, one for each training set."""
    found = of(t)
    return float(getattr(np, by)(found)) if len(found) else float("nan")


def curve(t: Tables, of: OfEach, by: By = "mean") -> pd.Series:
    """The mean or median over the training sets at each T, ascending."""
    found: pd.Series = pd.Series(of(t)).groupby(t.runs[T].to_numpy()).agg(by)
    return found


def between(t: Tables, low: int, high: int) -> Tables:
    """The runs whose T lies between `low` and `high`."""
    sizes = t.runs[T].to_numpy()
    return t.chosen((sizes >= low) & (sizes <= high))


def at(t: Tables, of: OfEach, samples: int, by: By = "mean") -> float:
    """The mean or median over the training sets at one T; NaN if there is none."""
    return float(curve(t, of, by).get(samples, np.nan))


def largest(t: Tables, of: OfEach, low: int = 0, high: int = 10**9, by: By = "mean") -> float:
    """The largest value at any T from `low` to `high`, after the mean or median over training sets."""
    return float(curve(between(t, low, high), of, by).max())


def of_largest(t: Tables, of: OfEach, low: int = 0, high: int = 10**9) -> float:
    """The T from `low` to `high` at which the mean over the training sets is largest."""
    found = curve(between(t, low, high), of)
    return float(found.idxmax()) if len(found) else float("nan")


def bump(t: Tables, low: int, start: int, stop: int) -> float:
    """The largest median test loss from T = start to stop, divided by that at T = low."""
    return largest(t, loss, start, stop, by="median") / at(t, loss, low, by="median")


@requires(metrics=("fifth_dimensionality",))
def onset(t: Tables) -> float:
    """The smallest T at which the median over sets of the fifth largest D_f reaches STORED; NaN if none."""
    found = curve(t, fifth, "median")
    return float(min(found.index[found >= STORED], default=np.nan))


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Spearman's rank correlation; NaN if one of the arguments is constant."""
    return float(pd.Series(x).rank().corr(pd.Series(y).rank()))


def loss(t: Tables) -> np.ndarray:
    """The test loss."""
    return _column(t, "loss")


def excess(t: Tables) -> np.ndarray:
    """The test loss minus 1, the loss of a model that answers 0."""
    return loss(t) - 1


def training_loss(t: Tables) -> np.ndarray:
    """The loss on the whole training set at the end."""
    return _column(t, "training_loss")


@requires(metrics=("frobenius",))
def norm_W(t: Tables) -> np.ndarray:
    """‖W‖_F."""
    return _column(t, "frobenius")


@requires(metrics=("bias_norm",))
def norm_b(t: Tables) -> np.ndarray:
    """‖b‖."""
    return _column(t, "bias_norm")


@requires(metrics=("bias_norm", "frobenius"))
def b_minus_W(t: Tables) -> np.ndarray:
    """‖b‖ - ‖W‖_F."""
    difference: np.ndarray = norm_b(t) - norm_W(t)
    return difference


@requires(metrics=("features_above",))
def stored_features(t: Tables) -> np.ndarray:
    """The number of features with D_f above STORED."""
    return _column(t, "features_above")


@requires(metrics=("fifth_dimensionality",))
def fifth(t: Tables) -> np.ndarray:
    """The fifth largest D_f."""
    return _column(t, "fifth_dimensionality")


@requires(metrics=("loss_median",))
def median_loss(t: Tables) -> np.ndarray:
    """The median loss over the test samples."""
    return _column(t, "loss_median")


@requires(metrics=("dimensionality",))
def largest_feature(t: Tables) -> np.ndarray:
    """The largest D_f."""
    return of_each(t, t.features, "dimensionality", np.max)


@requires(metrics=("dimensionality",))
def five_features(t: Tables) -> np.ndarray:
    """The mean of the five largest D_f."""
    return of_each(t, t.features, "dimensionality", lambda D: np.sort(D)[-5:].mean())


@requires(metrics=("sample_dimensionality",))
def largest_sample(t: Tables) -> np.ndarray:
    """The largest D_X."""
    return of_each(t, t.samples, "sample_dimensionality", np.max)


@requires(metrics=("sample_norm",))
def longest_h(t: Tables) -> np.ndarray:
    """The largest ‖h‖ of a training sample."""
    return of_each(t, t.samples, "sample_norm", np.max)


@requires(metrics=("sample_dimensionality", "sample_norm"))
def ring(t: Tables) -> np.ndarray:
    """The median D_X of the ring: the samples with ‖h‖ above half the largest."""
    longest = t.samples.groupby(RUN, observed=True)["sample_norm"].transform("max")
    on_ring = t.samples[t.samples["sample_norm"] > longest / 2]
    return of_each(t, on_ring, "sample_dimensionality", np.median)


def of_each(
    t: Tables, rows: pd.DataFrame, column: str, how: Callable[[np.ndarray], float]
) -> np.ndarray:
    """One number per run, computed from a column of a table with many rows per run; NaN for a run without
    rows."""
    names = pd.MultiIndex.from_frame(t.runs[RUN].astype(dict.fromkeys(RUN[:2], str)))
    found = {
        (str(e), str(c), r): how(part.to_numpy(float))
        for (e, c, r), part in rows.groupby(RUN, observed=True)[column]
    }
    return np.array([found.get(name, np.nan) for name in names])


def _column(t: Tables, name: str) -> np.ndarray:
    values: np.ndarray = t.runs[name].to_numpy(float)
    return values
