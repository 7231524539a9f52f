"""The conditions of the paper's experiments that the claims of this section are about."""

from dataclasses import replace

from superpos.papers.double_descent.sizes import FULL, SCALED, SETS

T, SET = "data.training_samples", "data.set"
DECAY = {"optimizer.weight_decay": [0.01, 0.1, 1.0]}
STEPS = {"steps": [5000, 15000, 50000]}
FOUR, FULL_FOUR = replace(SCALED, n_hidden=4), replace(FULL, n_hidden=4)
EXPERIMENTS = {
    "M6": replace(FOUR, sweep={T: [100, 200, 300, 500, 1000], SET: SETS, **DECAY}),
    "M6_night": replace(FULL_FOUR, sweep={T: [1000, 2000, 5000], SET: [0], **DECAY}),
    "M7": replace(FOUR, sweep={T: [200, 300, 500], SET: SETS, **STEPS}),
    "M7_night": replace(FULL_FOUR, sweep={T: [1000, 2000], SET: [0], **STEPS}),
}
