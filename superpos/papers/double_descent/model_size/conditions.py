"""The conditions of the paper's experiments that the claims of this section are about."""

from dataclasses import replace

from superpos.papers.double_descent.sizes import SCALED

EXPERIMENTS = {
    "M5": replace(
        SCALED,
        sweep={
            "n_hidden": [2, 3, 4, 6, 8],
            "data.training_samples": [50, 100, 200, 500, 1000, 2000],
            "data.set": [0, 1],
        },
    ),
}
