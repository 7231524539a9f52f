"""The stored models of one experiment, packed for the page that lets a reader play with them.

Weights are kept to .002, losses to four digits. Arrays are flat where models of
several shapes stand one after another: a condition has `kept` models of its family's n x m.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from superpos import lookup
from superpos.tables import Tables

SCALE = 500
"""Weights are whole multiples of one over this."""
BUDGET = 300_000
"""How many weights an experiment may bring: so many of its best replicates are kept, one at least."""
MOST = 8
"""More replicates than that tell a reader nothing new."""
COURSE = 40
"""How many points of a loss history are kept."""
SLIDERS = ("density", "importance")
"""Swept keys of these fields that have numbers are dragged; others are chosen from a list."""
FORM = ("model", "data.name", "data.sets", "n_features", "n_hidden")
"""Swept keys that say what a model is, in the order in which a list names them."""
NAMES = {"W": "W", "bias": "b", "W_out": "W_out"}
"""The tables' columns of parameters, and what the page calls them."""

Arrays = dict[str, np.ndarray]


def packed(conditions: pd.DataFrame, tables: Tables) -> tuple[Arrays, dict[str, Any]]:
    """Arrays and notes for the page, of one experiment's conditions and tables.

    Arrays, conditions in the notes' order: `family` [condition], `at` [condition, slider], `steps`
    [condition]; `loss` [condition, replicate], the best first; `replicate` [condition, kept]; `W`,
    `b` and, of untied models, `W_out`, flat over condition, kept replicate, feature, hidden;
    `course` [condition, kept, point], minibatch losses. With checkpoints `way_W`, `way_b` and
    `way_W_out`, flat over condition, kept, step, feature, hidden, and `way_loss` [condition, kept, step].
    """
    places, families, sliders = _places(conditions)
    runs = _ranked(tables.runs, places["condition"])
    kept = _kept(places, families, runs, tables.checkpoints)
    chosen = runs[runs["order"] < kept]
    weights = _weights(tables.features, chosen)
    if all(_turns(family["model"]) and family["m"] <= 2 for family in families):
        weights["W"] = _aligned(weights["W"], _neighbours(places, sliders), kept)
    arrays = {
        "family": places["family"].to_numpy(np.int16),
        "at": places[sliders].to_numpy(np.float64).reshape(len(places), len(sliders)),
        "steps": places["steps"].to_numpy(np.int32),
        "loss": _short(_table(runs, "loss", len(places))),
        "replicate": _table(chosen, "replicate", len(places)).astype(np.int16),
        "course": _short(_courses(tables.history, chosen, len(places))),
        **{name: _flat(values) for name, values in weights.items()},
    }
    way, steps = _way(tables.checkpoints, chosen)
    notes = {"families": families, "sliders": sliders, "kept": kept, "scale": SCALE}
    notes["diverged"] = tables.divergence()
    return arrays | way, notes | {"way_steps": steps, "fixed": _fixed(tables.runs, sliders)}


def _places(conditions: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]], list[str]]:
    """Where each condition stands: its family, and a column for each slider, dense and important first.

    A family is what one model is: its shape, model and data. Swept keys that only say how it was
    trained name it too, but only where conditions could not be told apart without them.
    """
    points = [json.loads(text) for text in conditions["point"]]
    swept = list(dict.fromkeys(key for point in points for key in point))
    sliders = [key for key in swept if key.split(".")[0] in SLIDERS and _numbers(points, key)]
    varied = [key for key in swept if len(set(_texts(points, [key]))) > 1]
    chosen = [key for key in varied if key not in sliders]
    forms = [key for key in FORM if key in chosen]
    columns = ["condition", "n_features", "n_hidden", "model", "steps"]
    places = conditions[columns].assign(**{key: [p.get(key) for p in points] for key in sliders})
    for keys in (forms, chosen):
        places["label"] = _texts(points, keys)
        if not places.duplicated(["label", *sliders]).any():
            break
    shape = ["label", "model", "n_features", "n_hidden"]
    families = [
        {"label": row.label, "model": row.model, "n": int(row.n_features), "m": int(row.n_hidden)}
        for row in places[shape].drop_duplicates().itertuples()
    ]
    places["family"] = places.groupby(shape, sort=False).ngroup()
    order = ["family", *sliders[::-1]]
    places = places.sort_values(order, ascending=[True] + [False] * len(sliders), kind="stable")
    return places.reset_index(drop=True), families, sliders


def _numbers(points: Sequence[Mapping[str, Any]], key: str) -> bool:
    """Whether every point has a number there, and they are not all one."""
    values = [point.get(key) for point in points]
    plain = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    return plain and len(set(values)) > 1


def _texts(points: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[str]:
    """Each point's values of the keys, in words."""
    return [", ".join(f"{key}: {point[key]}" for key in keys if key in point) for point in points]


def _ranked(runs: pd.DataFrame, conditions: pd.Series) -> pd.DataFrame:
    """The runs in the conditions' order, each condition's by rank; `order` counts them from 0."""
    place = dict(zip(conditions, range(len(conditions)), strict=True))
    last = runs["rank"].where(runs["rank"] >= 0, len(runs))
    runs = runs.assign(place=runs["condition"].map(place), last=last)
    runs = runs.sort_values(["place", "last", "replicate"], kind="stable").reset_index(drop=True)
    return runs.assign(order=runs.groupby("place").cumcount())


def _kept(
    places: pd.DataFrame,
    families: Sequence[Mapping[str, Any]],
    runs: pd.DataFrame,
    checkpoints: pd.DataFrame,
) -> int:
    """How many replicates of each condition come with their weights."""
    times = 1 + (checkpoints["step"].nunique() if len(checkpoints) else 0)
    numbers = sum(families[k]["n"] * (families[k]["m"] + 1) * times for k in places["family"])
    most = min(MOST, int(runs.groupby("place").size().min()))
    return int(np.clip(BUDGET // numbers, 1, most))


def _rows(table: pd.DataFrame, chosen: pd.DataFrame, *then: str) -> pd.DataFrame:
    """A table's rows of the chosen runs, in their order, within a run by `then`."""
    names = chosen[["condition", "replicate", "place", "order"]]
    rows = table.drop(columns="order", errors="ignore").merge(names, on=["condition", "replicate"])
    return rows.sort_values(["place", "order", *then], kind="stable")


def _weights(features: pd.DataFrame, chosen: pd.DataFrame) -> dict[str, list[np.ndarray]]:
    """W [feature, hidden], b and, where there is one, W_out, of each chosen run."""
    rows = _rows(features, chosen, "feature")
    sizes = rows.groupby(["place", "order"], sort=False).size().to_numpy()
    cuts = np.cumsum(sizes)[:-1]
    return {
        short: [_numbers_of(part.tolist()) for part in np.split(rows[column].to_numpy(), cuts)]
        for column, short in NAMES.items()
        if column in rows
    }


def _numbers_of(values: Any) -> np.ndarray:
    """Numbers, or lists of them, as an array; 0 for what is not finite, which the page cannot hold."""
    return np.nan_to_num(np.array(values, float), posinf=0.0, neginf=0.0)


def _turns(model: str) -> bool:
    """Whether a turn of the hidden space changes nothing: weights are tied, no neuron in between."""
    variant = lookup.load("model", model).VARIANT
    return bool(variant.tied and not variant.relu_hidden)


def _aligned(
    weights: Sequence[np.ndarray], neighbours: Sequence[int | None], kept: int
) -> list[np.ndarray]:
    """The same models, turned and mirrored to lie near their neighbour: a drag is then a movement."""
    result: list[np.ndarray] = []
    for k, neighbour in enumerate(neighbours):
        best, *others = weights[k * kept : (k + 1) * kept]
        best = best if neighbour is None else turned(best, result[neighbour * kept])
        result += [best, *(turned(W, best) for W in others)]
    return result


def _neighbours(places: pd.DataFrame, sliders: Sequence[str]) -> list[int | None]:
    """The condition before each; at the start of a grid's row, the start of the row before it."""
    row = places.groupby(["family", *sliders[1:]], sort=False).ngroup().to_numpy()
    family = places["family"].to_numpy()
    result: list[int | None] = []
    start = 0
    for k in range(len(places)):
        if k == 0 or family[k] != family[k - 1]:
            start = k
            result.append(None)
        elif row[k] != row[k - 1]:
            result.append(start)
            start = k
        else:
            result.append(k - 1)
    return result


def turned(W: np.ndarray, target: np.ndarray) -> np.ndarray:
    """W [feature, hidden <= 2] after the turn or mirroring that brings it nearest to the target.

    In the plane, as complex numbers w and t: a turn by the phase of sum(conj(w) t), or of
    sum(w t) after mirroring, whichever is the larger.
    """
    if W.shape[1] == 1:
        return W if (W * target).sum() >= 0 else -W
    w, t = W @ (1, 1j), target @ (1, 1j)
    turn, mirror = (w.conj() * t).sum(), (w * t).sum()
    if abs(mirror) > abs(turn):
        w, turn = w.conj(), mirror
    w = w * (turn / abs(turn)) if abs(turn) > 0 else w
    return np.stack([w.real, w.imag], axis=1)


def _courses(history: pd.DataFrame, chosen: pd.DataFrame, conditions: int) -> np.ndarray:
    """Minibatch losses [condition, kept, point], evenly thinned; NaN where a run has fewer.

    No points where they make no curve.
    """
    rows = _rows(history, chosen, "step")
    loss = rows["loss"].to_numpy(float)
    sizes = rows.groupby(["place", "order"], sort=False).size().to_numpy()
    starts = np.cumsum(sizes) - sizes
    most = min(COURSE, max(sizes, default=0))
    most = most if most > 2 else 0
    result = np.full((len(sizes), most), np.nan)
    for size in np.unique(sizes):
        picked = np.linspace(0, size - 1, min(most, size)).round().astype(int)
        of = np.flatnonzero(sizes == size)
        result[of, : len(picked)] = loss[starts[of, None] + picked]
    return result.reshape(conditions, len(sizes) // conditions, most)


def _way(checkpoints: pd.DataFrame, chosen: pd.DataFrame) -> tuple[Arrays, list[int]]:
    """The chosen runs at their checkpoints, and the steps of these; nothing where there are none."""
    rows = _rows(checkpoints, chosen, "step", "feature") if len(checkpoints) else checkpoints
    if not len(rows):
        return {}, []
    steps = sorted(rows["step"].unique().tolist())
    one = rows.drop_duplicates(["place", "order", "step"])["loss"].to_numpy(float)
    # A row at a time: rows of models of several shapes differ in length.
    arrays = {
        f"way_{short}": _flat([_numbers_of(row) for row in rows[column]])
        for column, short in NAMES.items()
        if column in rows
    }
    way_loss = _short(one.reshape(rows["place"].nunique(), -1, len(steps)))
    return arrays | {"way_loss": way_loss}, steps


def _fixed(runs: pd.DataFrame, sliders: Sequence[str]) -> dict[str, float]:
    """The density, where all runs share one."""
    values = runs["density"].unique() if "density" in runs else []
    return {"density": float(values[0])} if len(values) == 1 and "density" not in sliders else {}


def _table(runs: pd.DataFrame, column: str, conditions: int) -> np.ndarray:
    """A column of the runs, [condition, replicate]."""
    return runs[column].to_numpy(float).reshape(conditions, -1)


def _flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """All numbers one after another, as multiples of 1 / SCALE; those too large for that at its end."""
    flat = np.concatenate([np.ravel(np.asarray(array, float)) for array in arrays])
    return np.clip(np.rint(flat * SCALE), -32768, 32767).astype(np.int16)


def _short(values: np.ndarray) -> np.ndarray:
    """To fifteen binary digits, so that they compress."""
    whole = values.astype(np.float32).view(np.uint32) + np.uint32(1 << 7)
    return (whole & np.uint32(0xFFFFFF00)).view(np.float32)
