"""The paper's conditions that the claims are about, in the config's words.

config.yaml may be edited, and a variation may change any of it; what the paper says stays about these.
How runs are trained is not part of them.
"""

from typing import Any

SHARED = {
    "model": "relu_output",
    "data": {"name": "independent"},
    "density": 1.0,
    "importance": 1.0,
    "sweep": {},
}
"""What an experiment has here unless it says otherwise."""

_SIGNED = {"name": "independent", "signed": True}
_CORRELATED = {"name": "correlated"}
_STRIP = [0.8, 0.63, 0.5, 0.4, 0.32, 0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.063, 0.05]
_F16 = {
    "n_features": 10,
    "n_hidden": 5,
    "model": "relu_hidden",
    "importance": {"geometric": 0.75},
}
_F18 = {
    "n_features": 100,
    "n_hidden": 40,
    "model": "absolute",
    "data": _SIGNED,
    "importance": {"geometric": 0.8},
}

EXPERIMENTS: dict[str, dict[str, Any]] = {
    "seed": {
        "n_features": 10,
        "n_hidden": 2,
        "importance": {"geometric": 0.7},
        "density": 0.01,
        "data": {"name": "independent", "training_samples": 10000},
    },
    "F1": {
        "n_features": 5,
        "n_hidden": 2,
        "importance": {"geometric": 0.9},
        "sweep": {"density": [1.0, 0.2, 0.1]},
    },
    "F1_control": {
        "n_features": 5,
        "n_hidden": 2,
        "importance": {"geometric": 0.7},
        "sweep": {"density": [0.1]},
    },
    "F3": {
        "n_features": 20,
        "n_hidden": 5,
        "importance": {"geometric": 0.7},
        "sweep": [
            {"model": ["linear"], "density": [0.001]},
            {"model": ["relu_output"], "density": [1.0, 0.3, 0.1, 0.03, 0.01]},
            {"model": ["relu_output"], "density": [0.003, 0.001]},
        ],
    },
    "F4": {
        "n_features": 80,
        "n_hidden": 20,
        "importance": {"geometric": 0.9},
        "sweep": [
            {"model": ["linear"], "density": [0.001]},
            {"model": ["relu_output"], "density": [1.0, 0.3, 0.1]},
            {"model": ["relu_output"], "density": [0.03, 0.01]},
            {"model": ["relu_output"], "density": [0.003, 0.001]},
        ],
    },
    "F4_early": {
        "n_features": 80,
        "n_hidden": 20,
        "importance": {"geometric": 0.9},
        "sweep": {"model": ["relu_output"], "density": [0.001]},
    },
    "F5": {
        "n_features": 2,
        "n_hidden": 1,
        "sweep": {
            "density": {"log": [0.01, 1.0, 101]},
            "importance.last": {"log": [0.1, 10.0, 101]},
        },
    },
    "F6": {
        "n_features": 3,
        "n_hidden": 2,
        "sweep": {
            "density": {"log": [0.01, 1.0, 61]},
            "importance.last": {"log": [0.1, 10.0, 61]},
        },
    },
    "F7": {
        "n_features": 400,
        "n_hidden": 30,
        "sweep": [
            {"density": {"log": [1.0, 0.828643, 5]}},
            {"density": {"log": [0.790604, 0.655128, 5]}},
            {"density": {"log": [0.625055, 0.429193, 9]}},
            {"density": {"log": [0.409492, 0.323746, 6]}},
            {"density": {"log": [0.308884, 0.1, 25]}},
        ],
    },
    "F7_sizes": {
        "n_features": 400,
        "n_hidden": 30,
        "sweep": [
            {"n_features": [n], "n_hidden": [m], "density": density}
            for density in ([0.390694, 0.339322, 0.294705], [0.232995, 0.1])
            for n, m in ((200, 20), (400, 15))
        ],
    },
    "F9": {
        "n_features": 5,
        "n_hidden": 2,
        "density": {"others": 0.05, "first_ratio": 1.0},
        "sweep": {
            "density.first_ratio": [
                *(0.1, 0.112, 0.125, 0.14, 0.16, 0.18, 0.2, 0.225, 0.25, 0.26, 0.27, 0.28, 0.29),
                *(0.3, 0.32, 0.35, 0.4, 0.45, 0.5, 0.56, 0.63, 0.71, 0.8, 0.9, 1.0, 1.12, 1.25),
                *(1.4, 1.6, 1.8, 2.0, 2.25, 2.5, 2.8, 3.2, 3.55, 4.0, 4.5, 5.0, 5.6, 6.3, 7.1),
                *(8.0, 9.0, 10.0),
            ]
        },
    },
    "F10": {
        "n_hidden": 2,
        "sweep": [
            {
                "data.name": ["correlated"],
                "data.sets": [2],
                "n_features": [4],
                "density": [0.01, 0.02, 0.05, 0.1, 0.2, 0.4],
            },
            {
                "data.name": ["anticorrelated"],
                "data.sets": [2],
                "n_features": [4],
                "density": [0.01, 0.02, 0.05, 0.1, 0.2],
            },
            {
                "data.name": ["correlated"],
                "data.sets": [3],
                "n_features": [6],
                "density": [0.01, 0.02, 0.05],
            },
            {"data.name": ["independent"], "n_features": [6], "density": [0.05]},
        ],
    },
    "F11": {
        "n_features": 20,
        "n_hidden": 10,
        "data": _CORRELATED,
        "sweep": {"data.sets": [2], "density": [0.2, 0.05, 0.01]},
    },
    "F12": {
        "n_features": 6,
        "n_hidden": 2,
        "data": _CORRELATED,
        "sweep": {
            "data.sets": [3],
            "density": [
                *(0.75, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.175, 0.15, 0.125, 0.1, 0.075, 0.05),
                *(0.035, 0.02, 0.01),
            ],
        },
    },
    "F13": {
        "n_features": 100,
        "n_hidden": 20,
        "density": 0.3,
        "checkpoints": {"log": [100, 100000, 121]},
    },
    "F14": {
        "n_features": 6,
        "n_hidden": 3,
        "data": {"name": "one_set"},
        "sweep": {"data.sets": [2]},
        "checkpoints": {"log": [50, 60000, 100]},
    },
    "F15": {
        "n_features": 60,
        "n_hidden": 10,
        "sweep": [
            {"density": {"log": [1.0, 0.417532, 12]}},
            {"density": {"log": [0.385662, 0.1, 18]}},
        ],
    },
    "F16": {**_F16, "sweep": {"density": [*_STRIP, 0.03]}},
    "F16_dense": {**_F16, "sweep": {"density": [1.0]}},
    "F16_linear": {**_F16, "model": "relu_output", "sweep": {"density": [1.0, *_STRIP]}},
    "F17": {"n_features": 3, "n_hidden": 6, "model": "absolute", "data": _SIGNED},
    "F18": {**_F18, "sweep": {"density": [1.0, 0.3, 0.03, 0.01, 0.1, 0.003, 0.001]}},
    "F18_rested": {**_F18, "sweep": {"density": [0.01, 0.003]}},
    "F19": {
        "n_features": 6,
        "n_hidden": 10,
        "model": "absolute",
        "data": _SIGNED,
        "density": 0.2,
        "importance": {"geometric": 0.7},
    },
}

THEORY: dict[str, dict[str, Any]] = {
    "optimum_2_1": {
        "n_features": 2,
        "n_hidden": 1,
        "density": {"log": [0.01, 1.0, 51]},
        "importance": {"log": [0.1, 10.0, 51]},
    },
    "packing_gains": {"first": 1.0, "last": 20.0, "count": 53},
    "compression": {"cells": [2, 3, 5, 10], "ramp": {"linear": [0.0, 0.3, 16]}},
    "surfaces": {
        "points": [
            {"density": 0.9, "importance": 0.1},
            {"density": 0.3, "importance": 0.3},
            {"density": 0.9, "importance": 1.0},
        ],
        "weight": {"linear": [-1.5, 1.5, 121]},
    },
    "surface_path": {
        "density": 0.9,
        "importance": {"log": [0.1, 10.0, 81]},
        "weight": {"linear": [-1.25, 1.25, 201]},
    },
}
"""The settings of the tables of theory."""
