"""Small experiments as tables, whose weights are made by hand, for the tests of the explorer."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from superpos.tables import Tables

Made = Callable[[Mapping[str, Any], int, int], np.ndarray]


def polygon(n: int, turn: float, norm: float = 1.0) -> np.ndarray:
    """W [feature, 2]: n like directions, evenly around the circle."""
    angle = turn + 2 * np.pi * np.arange(n) / n
    return norm * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def experiment(
    points: Sequence[Mapping[str, Any]],
    made: Made,
    replicates: int = 2,
    steps: Sequence[int] = (),
    hidden: Made | None = None,
    **shared: Any,
) -> tuple[pd.DataFrame, Tables]:
    """Conditions and tables; made(point, replicate, step) is W [feature, hidden] of a run, last at -1, and
    hidden(point, replicate, -1) the hidden vectors [sample, hidden] of its whole training set.

    The higher the replicate, the better its rank, so that an order by number is not one by rank.
    """
    conditions, runs, features, history, checkpoints, samples = [], [], [], [], [], []
    for point in points:
        slug = ",".join(f"{key}={value}" for key, value in point.items()) or "only"
        batch = len(hidden(point, 0, -1)) if hidden else 64
        form = {"model": "relu_output", "steps": 100, "batch": batch} | shared
        form |= {key: point[key] for key in ("model", "n_features", "n_hidden") if key in point}
        W = made(point, 0, -1)
        sizes = {"n_features": W.shape[0], "n_hidden": W.shape[1]}
        resolved = {
            "batch": "all" if hidden and form["batch"] == batch else form["batch"],
            "data": {name: point.get(f"data.{name}", False) for name in ("signed", "unit_norm")},
        }
        as_json = {"point": json.dumps(dict(point)), "resolved": json.dumps(resolved)}
        conditions.append({"condition": slug, **as_json, **form, **sizes})
        for r in range(replicates):
            run = {"experiment": "made", "condition": slug, "replicate": r}
            rank = replicates - 1 - r
            runs.append({**run, "rank": rank, "loss": 0.1 + rank, "density": 0.3})
            features += rows(run, made(point, r, -1))
            vectors = hidden(point, r, -1).tolist() if hidden else []
            samples += [{**run, "sample": i, "h": h} for i, h in enumerate(vectors)]
            history += [{**run, "step": 4 * k**2, "loss": 1 / k} for k in range(1, 6)]
            for k, step in enumerate(steps):
                made_then = rows(run, made(point, r, k))
                checkpoints += [{**row, "step": step, "loss": 1 / (k + 1)} for row in made_then]
    frames = map(pd.DataFrame, (runs, features, history))
    return pd.DataFrame(conditions), Tables(
        *frames,
        checkpoints=pd.DataFrame(checkpoints) if steps else None,
        samples=pd.DataFrame(samples) if hidden else None,
    )


def rows(run: Mapping[str, Any], W: np.ndarray) -> list[dict[str, Any]]:
    """A run's rows of the feature table."""
    return [
        {**run, "feature": i, "bias": -0.1 * i, "W": vector.tolist()} for i, vector in enumerate(W)
    ]
