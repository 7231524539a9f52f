"""The conditions of the paper's experiments that the claims of this section are about."""

from dataclasses import replace

from superpos.papers.double_descent.sizes import SCALED

T = "data.training_samples"
RATES = [0.0003, 0.001, 0.003, 0.01, 0.03]
EXPERIMENTS = {
    "U1": replace(SCALED, sweep={T: [300, 500, 1000, 2000, 5000, 10000], "optimizer.lr": RATES}),
    "U1_continued": replace(
        SCALED,
        sweep={T: [2000, 5000, 10000], "optimizer.lr": [0.01, 0.03], "init.trained_on": [1000]},
    ),
    "U1_floor": replace(
        SCALED, sweep={T: [10000, 20000, 50000, 100000], "optimizer.lr": [0.001, 0.01, 0.03]}
    ),
}
