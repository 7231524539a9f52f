"""The stored models of one experiment, packed for the explorer in the report.

Weights are rounded to 0.002 and losses to four digits. Models of different shapes are concatenated in
flat arrays: each condition has `kept` models of its family's shape n x m. Of models with very many features,
and of large training sets, only the longest vectors are packed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from superpos import lookup
from superpos.config import grids, swept
from superpos.report import alignment
from superpos.report.longest_vectors import MOST, kept_features, longest, set_sizes, turned
from superpos.tables import Tables

SCALE = 500
"""Weights are stored as whole multiples of 1 / SCALE."""
WEIGHT_BUDGET = 300_000
"""The number of weights that an experiment may add to the page; it limits the replicates kept."""
MOST_REPLICATES = 8
"""The largest number of replicates per condition, because more of them teach a reader nothing new."""
COURSE_POINTS = 40
"""The number of points to which a loss history is thinned."""
TRAINING_SAMPLES = "data.training_samples"
SLIDERS = ("density", "importance", TRAINING_SAMPLES)
"""A swept key that begins with one of these gets a slider if its values are numbers; others form a list."""
MODEL_KEYS = ("model", "data.name", "data.sets", "n_features", "n_hidden")
"""Swept keys that say what a model is, in the order in which its family is named by them."""
SLIDER_WORDS = {"density": "Density of features, 1 − S", TRAINING_SAMPLES: "Training samples, T"}
"""The names of sliders; any other slider has the name of its key."""
PARAMETERS = {"W": "W", "bias": "b", "W_out": "W_out"}
"""The columns of parameters in the tables, and their names on the page."""

NAMES = ("condition", "replicate", "feature")
"""The columns that name a run of an experiment, or a feature of it."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Family:
    """Models of one form: a label made of swept values, the model, and the numbers of features and hidden
    units.

    variant: what the model computes, by the fields of `superpos.models.Variant`.
    """

    label: str
    model: str
    n: int
    m: int
    variant: Mapping[str, Any]


@dataclass(frozen=True)
class Legend:
    """How the page reads the arrays of one experiment.

    sliders: swept keys that have a slider; words: their names for readers; kept: the number of models of
    each condition; diverged: notes about runs that diverged; way_steps: the steps of the checkpoints;
    fixed: values that all runs share.
    """

    families: list[Family]
    sliders: list[str]
    words: list[str]
    kept: int
    diverged: list[str]
    way_steps: list[int]
    fixed: dict[str, float]
    scale: int = SCALE


def packed(conditions: pd.DataFrame, tables: Tables) -> tuple[Arrays, Legend]:
    """Pack the models of an experiment, given the table of its conditions and its other tables.

    `family` [condition], `at` [condition, slider] and `steps` [condition] describe the conditions; `signed`
    and `unit_norm` [condition] are 1 where the data are.
    `loss` [condition, replicate] starts with the best run; `replicate` [condition, kept] numbers the
    kept ones, and `course` [condition, kept, point] has their losses at the steps `course_steps`
    [condition, point] of training, on all training samples where `whole_set` [condition] is 1, else on
    minibatches. `W`, `b` and, for untied models, `W_out` are flat over condition, kept replicate, feature
    and hidden dimension. With checkpoints come `way_W`, `way_b` and `way_W_out`, flat over condition, kept
    replicate, step, feature and hidden dimension, and `way_loss` [condition, kept, step].

    If a model has more than MOST features, `features` [condition] counts all of them and `feature`, flat like
    `b`, numbers the packed ones. With training sets in the plane come `samples` [condition, 2], the
    number of training samples and of packed ones, `h`, flat over condition, kept replicate, packed sample
    and hidden dimension, and `sample`, their numbers. There are none with checkpoints.
    """
    places, families, sliders = _places(conditions)
    runs = _ranked(tables.runs, places["condition"])
    samples = tables.samples if not len(tables.checkpoints) else tables.samples.iloc[:0]
    sizes = set_sizes(places, samples)
    kept = _number_kept(places, families, runs, tables.checkpoints, sizes)
    chosen = runs[runs["order"] < kept]
    weights = _weights(tables.features, chosen)
    whole = weights["W"]
    if all(_may_rotate(family) and family.m <= 2 for family in families):
        neighbours = alignment.neighbours(places, sliders)
        weights["W"] = alignment.aligned(whole, neighbours, kept)
    features = [longest(W) for W in whole]
    course, course_steps = _courses(tables.history, chosen, len(places))
    arrays = {
        "family": places["family"].to_numpy(np.int16),
        "at": places[sliders].to_numpy(np.float64).reshape(len(places), len(sliders)),
        "steps": places["steps"].to_numpy(np.int32),
        "loss": _rounded(_by_condition(runs, "loss", len(places))),
        "replicate": _by_condition(chosen, "replicate", len(places)).astype(np.int16),
        "course": _rounded(course),
        "course_steps": course_steps,
        **{name: places[name].to_numpy(np.int16) for name in ("whole_set", "signed", "unit_norm")},
        **{name: _flat(kept_features(values, features)) for name, values in weights.items()},
        **_feature_numbers(places, features),
        **_hidden(samples, chosen, sizes, whole, weights["W"]),
    }
    way, steps = _way(tables.checkpoints, chosen, features)
    fixed = _fixed(tables.runs, sliders)
    words = [SLIDER_WORDS.get(key, swept.key_name(key).capitalize()) for key in sliders]
    return arrays | way, Legend(families, sliders, words, kept, tables.divergence(), steps, fixed)


def _places(conditions: pd.DataFrame) -> tuple[pd.DataFrame, list[Family], list[str]]:
    """The conditions in the page's order with family and slider values; the families; the sliders.

    The first conditions are dense and important and have few training samples. A swept key that only
    changes training is part of a family's label only if conditions could not be told apart without it.
    """
    points = [json.loads(text) for text in conditions["point"]]
    varied = swept.varied(points)
    sliders = [key for key in varied if key.startswith(SLIDERS) and _has_numbers(points, key)]
    chosen = [key for key in varied if key not in sliders]
    of_model = [key for key in MODEL_KEYS if key in chosen]
    columns = ["condition", "n_features", "n_hidden", "model", "steps", "batch"]
    resolved = [json.loads(text) for text in conditions["resolved"]]
    places = conditions[columns].assign(
        whole_set=[each["batch"] == "all" for each in resolved],
        signed=[each["data"]["signed"] for each in resolved],
        unit_norm=[each["data"]["unit_norm"] for each in resolved],
        **{key: [p.get(key) for p in points] for key in sliders},
    )
    for keys in (of_model, chosen):
        places["label"] = [swept.in_words(point, keys, grids.word) for point in points]
        if not places.duplicated(["label", *sliders]).any():
            break
    shape = ["label", "model", "n_features", "n_hidden"]
    families = [
        Family(
            *(row.label, row.model, min(int(row.n_features), MOST), int(row.n_hidden)),
            variant=asdict(lookup.load("model", row.model).VARIANT),
        )
        for row in places[shape].drop_duplicates().itertuples()
    ]
    places["family"] = places.groupby(shape, sort=False).ngroup()
    order = ["family", *sliders[::-1]]
    up = [key in ("family", TRAINING_SAMPLES) for key in order]
    places = places.sort_values(order, ascending=up, kind="stable")
    return places.reset_index(drop=True), families, sliders


def _has_numbers(points: Sequence[swept.Values], key: str) -> bool:
    """Whether every point has a number under the key."""
    values = [point.get(key) for point in points]
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _ranked(runs: pd.DataFrame, conditions: pd.Series) -> pd.DataFrame:
    """The runs in the order of the conditions, and by rank; `order` numbers the runs of a condition."""
    place = dict(zip(conditions, range(len(conditions)), strict=True))
    last = runs["rank"].where(runs["rank"] >= 0, len(runs))
    runs = runs.assign(place=runs["condition"].map(place), last=last)
    runs = runs.sort_values(["place", "last", "replicate"], kind="stable").reset_index(drop=True)
    return runs.assign(order=runs.groupby("place").cumcount())


def _number_kept(
    places: pd.DataFrame,
    families: Sequence[Family],
    runs: pd.DataFrame,
    checkpoints: pd.DataFrame,
    sizes: np.ndarray,
) -> int:
    """The number of replicates of each condition whose vectors fit WEIGHT_BUDGET, at least one."""
    times = 1 + (checkpoints["step"].nunique() if len(checkpoints) else 0)
    numbers = sum(families[k].n * (families[k].m + 1) * times for k in places["family"])
    numbers += 3 * int(sizes[:, 1].sum())
    most = min(MOST_REPLICATES, int(runs.groupby("place").size().min()))
    return int(np.clip(WEIGHT_BUDGET // numbers, 1, most))


def _rows(table: pd.DataFrame, chosen: pd.DataFrame, *then: str) -> pd.DataFrame:
    """The rows of the chosen runs, or of their chosen features, sorted by run, then by the columns `then`."""
    names = chosen[[name for name in (*NAMES, "place", "order", "nth") if name in chosen]]
    on = [name for name in NAMES if name in chosen]
    rows = table.drop(columns="order", errors="ignore").merge(names, on=on)
    return rows.sort_values(["place", "order", *then], kind="stable")


def _weights(features: pd.DataFrame, chosen: pd.DataFrame) -> dict[str, list[np.ndarray]]:
    """W [feature, hidden], b [feature] and, for untied models, W_out of each chosen run."""
    rows = _rows(features, chosen, "feature")
    sizes = rows.groupby(["place", "order"], sort=False).size().to_numpy()
    cuts = np.cumsum(sizes)[:-1]
    return {
        short: [_finite(part.tolist()) for part in np.split(rows[column].to_numpy(), cuts)]
        for column, short in PARAMETERS.items()
        if column in rows
    }


def _feature_numbers(places: pd.DataFrame, kept: Sequence[np.ndarray]) -> Arrays:
    """The number of features of each condition, and which ones are packed, if some features are left out."""
    if places["n_features"].max() <= MOST:
        return {}
    counted = places["n_features"].to_numpy(np.int32)
    return {"features": counted, "feature": np.concatenate(kept).astype(np.int32)}


def _hidden(
    samples: pd.DataFrame,
    chosen: pd.DataFrame,
    sizes: np.ndarray,
    before: Sequence[np.ndarray],
    after: Sequence[np.ndarray],
) -> Arrays:
    """The hidden vectors of the chosen runs' training samples, turned as W; nothing if none are packed."""
    if not sizes[:, 1].any():
        return {}
    of_run = dict(iter(_rows(samples, chosen, "sample").groupby(["place", "order"])["h"]))
    vectors, numbers = [], []
    for k, run in enumerate(chosen[["place", "order"]].itertuples(index=False, name=None)):
        if sizes[run[0], 1]:
            h = turned(_finite(of_run[run].tolist()), before[k], after[k])
            numbers.append(longest(h))
            vectors.append(h[numbers[-1]].ravel())
    return {
        "samples": sizes.astype(np.int32),
        "h": _rounded(np.concatenate(vectors)),
        "sample": np.concatenate(numbers).astype(np.int32),
    }


def _finite(values: Sequence[float] | Sequence[Sequence[float]]) -> np.ndarray:
    """The numbers as an array, with 0 for those that are not finite, which the page cannot hold."""
    finite: np.ndarray = np.nan_to_num(np.array(values, float), posinf=0.0, neginf=0.0)
    return finite


def _may_rotate(family: Family) -> bool:
    """Whether a rotation of the hidden space changes nothing: tied weights and no hidden ReLU."""
    return bool(family.variant["tied"] and not family.variant["relu_hidden"])


def _courses(
    history: pd.DataFrame, chosen: pd.DataFrame, conditions: int
) -> tuple[np.ndarray, np.ndarray]:
    """Losses in training [condition, kept, point], evenly thinned, and their steps [condition, point].

    A run with fewer points repeats some. There are no points if no run has three.
    """
    rows = _rows(history, chosen, "step")
    sizes = rows.groupby(["place", "order"], sort=False).size().to_numpy()
    starts = np.cumsum(sizes) - sizes
    most = min(COURSE_POINTS, max(sizes, default=0))
    most = most if most > 2 else 0
    picked = starts[:, None] + np.linspace(0, sizes - 1, most, axis=1).round().astype(int)
    loss, steps = (
        rows[name].to_numpy()[picked].reshape(conditions, len(sizes) // conditions, most)
        for name in ("loss", "step")
    )
    return loss, steps[:, 0].astype(np.int32)


def _way(
    checkpoints: pd.DataFrame, chosen: pd.DataFrame, kept: Sequence[np.ndarray]
) -> tuple[Arrays, list[int]]:
    """The kept features of the chosen runs at their checkpoints, and the steps; empty if there are none."""
    if not len(checkpoints):
        return {}, []
    names = chosen.loc[chosen.index.repeat([len(numbers) for numbers in kept])].assign(
        feature=np.concatenate(kept), nth=np.concatenate([np.arange(len(k)) for k in kept])
    )
    rows = _rows(checkpoints, names, "step", "nth")
    steps = sorted(rows["step"].unique().tolist())
    losses = rows.drop_duplicates(["place", "order", "step"])["loss"].to_numpy(float)
    # One row at a time, because rows of models of different shapes differ in length.
    arrays = {
        f"way_{short}": _flat([_finite(row) for row in rows[column]])
        for column, short in PARAMETERS.items()
        if column in rows
    }
    way_loss = _rounded(losses.reshape(rows["place"].nunique(), -1, len(steps)))
    return arrays | {"way_loss": way_loss}, steps


def _fixed(runs: pd.DataFrame, sliders: Sequence[str]) -> dict[str, float]:
    """The density, if all runs share it."""
    values = runs["density"].unique() if "density" in runs else []
    return {"density": float(values[0])} if len(values) == 1 and "density" not in sliders else {}


def _by_condition(runs: pd.DataFrame, column: str, conditions: int) -> np.ndarray:
    """A column of the runs as [condition, replicate]."""
    values: np.ndarray = runs[column].to_numpy(float)
    return values.reshape(conditions, -1)


def _flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """All numbers in one row as multiples of 1 / SCALE, clipped to 16 bits."""
    flat = np.concatenate([np.ravel(np.asarray(array, float)) for array in arrays])
    clipped: np.ndarray = np.clip(np.rint(flat * SCALE), -32768, 32767)
    return clipped.astype(np.int16)


def _rounded(values: np.ndarray) -> np.ndarray:
    """The values rounded to fifteen binary digits, so that they compress well."""
    whole = values.astype(np.float32).view(np.uint32) + np.uint32(1 << 7)
    rounded: np.ndarray = (whole & np.uint32(0xFFFFFF00)).view(np.float32)
    return rounded
