"""The paper's experiments and the theory tables that the claims of this section are about."""

from dataclasses import replace

from superpos.papers.double_descent.sizes import FULL

EXPERIMENTS = {"M2": replace(FULL, sweep={"data.training_samples": [3, 5, 6, 8, 10]})}
THEORY = {
    "polygon_memory": {
        "samples": [3, 4, 5, 6, 7, 8, 9, 10, 15, 30, 50, 100],
        "n_features": 10000,
        "scale": 0.99,
        "minimised": 10,
    },
    "overlaps": {
        "n_features": [10000, 1000],
        "active": 10.0,
        "samples": [2, 3, 5, 6, 8, 10, 15, 30, 100, 300, 1000],
        "simulated": 15,
        "sets": 10000,
    },
}
