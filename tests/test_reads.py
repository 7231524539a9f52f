"""Each figure, drawn of a small sweep, reads the metrics that it declares and no others."""

import functools

import pandas as pd
import pytest

import superpos
from superpos import lookup, metrics
from superpos.config import shipped
from superpos.config.figure_words import read_needs
from superpos.tables import Tables

TINY = {
    **{"steps": 6, "batch": 8, "replicates": 2, "losses": 2, "pack": []},
    **{"evaluation": {"samples": 60, "strata": 0}, "threads": 1},
}
PLANE = {"density": [0.01, 0.1, 1.0], "importance.last": [0.1, 1.0, 10.0]}
STACKS = [
    {"model": ["linear"], "density": [0.001]},
    {"model": ["relu_output"], "density": [1.0, 0.1]},
]
SHORT = {"checkpoints": [2, 4, 6]}
NEURONS = shipped.config()["figures"]["F16"]["options"]
DENSITIES = [*NEURONS["strip"], NEURONS["regimes"][-1]]
SWEEPS = {
    "seed": ("seed", {}),
    "F1": ("F1", {}),
    "F3": ("F3", {"sweep": STACKS}),
    "F4": ("F3", {"sweep": STACKS}),
    "F5": ("F5", {"sweep": PLANE}),
    "F6": ("F5", {"sweep": PLANE, "n_features": 3, "n_hidden": 2}),
    "F7": ("F7", {"n_features": 40, "n_hidden": 6, "sweep": {"density": [1.0, 0.4, 0.1]}}),
    "F7_recipe": ("F7_recipe", {"n_features": 40, "n_hidden": 6, "sweep": {"density": [0.4]}}),
    "F7_sizes": ("F7", {"n_features": 20, "n_hidden": 3, "sweep": {"density": [0.4, 0.1]}}),
    "F9": ("F9", {"sweep": {"density.first_ratio": [0.1, 1.0, 10.0]}}),
    "F10": ("F10", {}),
    "F11": ("F11", {"sweep": {"data.sets": [2], "density": [0.2, 0.05]}}),
    "F12": ("F12", {}),
    "F12_recipe": ("F12_recipe", {}),
    "F13": ("F13", {"n_features": 20, "n_hidden": 4, **SHORT}),
    "F14": ("F14", SHORT),
    "F15": ("F15", {"n_features": 12, "n_hidden": 4, "sweep": {"density": [1.0, 0.3, 0.1]}}),
    "F15_recipe": ("F15_recipe", {"n_features": 12, "n_hidden": 4, "sweep": {"density": [1.0, 0.1]}}),
    "F16": ("F16", {"sweep": {"density": DENSITIES}}),
    "F16_dense": None,
    "F16_linear": ("F16", {"model": "relu_output", "metrics": ["superposition", "represented"]}),
    "F17": ("F17", {}),
    "F18": ("F18", {"n_features": 12, "n_hidden": 6, "sweep": {"density": [1.0, 0.1, 0.01]}}),
    "F19": ("F19", {}),
}  # fmt: skip
"""A shipped block and what makes it small, for each experiment that a figure shows."""
THEORY = {
    "optimum_2_1": {"density": [0.01, 1.0], "importance": [0.1, 10.0]},
    "optimum_3_2": {"density": [0.01, 1.0], "importance": [0.1, 10.0]},
    "packing_gains": {"count": 3},
    "attacked_packings": {"density": [0.1], "attack": [0.0]},
    "compression": {"cells": [2], "ramp": [0.0, 0.3]},
    "surfaces": {"weight": {"linear": [-1.5, 1.5, 21]}},
    "surface_path": {"importance": [0.1, 10.0], "weight": {"linear": [-1.25, 1.25, 21]}},
}
LINES = shipped.config()["figures"]


@functools.cache
def swept(name):
    base, changes = SWEEPS[name]
    made = superpos.sweep(base, **{**TINY, **changes})
    parts = (made.runs, made.features, made.history, made.checkpoints)
    return [part.assign(experiment=name) for part in parts]


@functools.cache
def theory(name):
    line = shipped.config()["theory"][name]
    return lookup.load("theory table", line["table"]).table(**{**line["settings"], **THEORY[name]})


def tables(figure, dropped):
    """The figure's experiments in small, without the dropped columns."""
    line = LINES[figure]
    kinds = zip(*(swept(name) for name in line["from"] if SWEEPS[name]), strict=True)
    parts = [pd.concat(k, ignore_index=True).drop(columns=dropped, errors="ignore") for k in kinds]
    of_theory = {name: theory(name) for name in line.get("theory", [])}
    return Tables(*(parts or [pd.DataFrame()] * 2), theory=of_theory)


def drawn(figure, dropped):
    line = LINES[figure]
    return lookup.load("figure", line["draw"]).draw(
        tables(figure, dropped), **line.get("options", {})
    )


@pytest.mark.slow
@pytest.mark.parametrize("figure", LINES)
def test_a_figure_reads_the_metrics_that_it_declares(figure):
    declared = read_needs(LINES[figure]["draw"]).metrics
    drawn(figure, [name for name in metrics.names() if name not in declared])
    for name in declared:
        with pytest.raises(KeyError):
            drawn(figure, [name])
