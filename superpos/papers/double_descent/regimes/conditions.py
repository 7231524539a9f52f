"""The paper's experiments and the theory tables that the claims of this section are about."""

from dataclasses import replace

from superpos.papers.double_descent.sizes import FULL, SCALED, SETS

T, SET = "data.training_samples", "data.set"
ONE = replace(FULL, sweep={T: [200], SET: [0]})
GRID = [3, 5, 6, 8, 10, 15, 30, 50, 100, 500, 1000, 2000]
FIGURE = [{T: GRID, SET: SETS}, {T: [200], SET: [1, 2, 3]}, {T: [5000, 10000], SET: [0]}]
TEXT = [*FIGURE[:2], {T: [5000], SET: [0]}]
EXPERIMENTS = {
    "M3": ONE,
    "M3_full": replace(FULL, sweep=FIGURE),
    "M3_night": replace(FULL, sweep={T: [500, 20000, 50000, 100000], SET: [0]}),
    "M3_text": ONE,
    "M3_text_full": replace(FULL, sweep=TEXT),
    "M3_text_night": replace(FULL, sweep={T: [1000, 10000, 20000, 50000], SET: [0]}),
    "M3_fresh": FULL,
    "M3_text_fresh": FULL,
    "S_fresh": SCALED,
    "S": replace(
        SCALED,
        sweep=[
            {T: [10, 20, 30, 50, 100, 200, 300, 500, 700, 1000, 2000], SET: SETS},
            {T: [5000], SET: [0]},
        ],
    ),
    "S_changed": replace(
        SCALED,
        sweep=[
            {T: [300], SET: SETS, "steps": [2000]},
            {T: [300], SET: SETS, "steps": [50000]},
            {T: [300], SET: SETS, "optimizer.lr": [0.0003, 0.003, 0.01, 0.03]},
            {T: [300], SET: SETS, "optimizer.weight_decay": [0.01, 1.0]},
            {T: [300], SET: SETS, "optimizer.eps": [1.0e-5]},
        ],
    ),
    "S_inits": replace(SCALED, sweep={T: [2000]}),
    "H": replace(SCALED, model="relu_hidden", sweep={T: [50, 200, 300, 500], SET: SETS}),
}
THEORY = {
    "polygon_features": {"n_features": [10000, 1000], "active": 10.0, "polygons": [4, 5, 6, 7, 8]},
    "loss_scale": {
        "n_features": 1000,
        "density": 0.01,
        "samples": 100,
        "steps": 100,
        "lr": 0.001,
        "eps": 1.0e-8,
    },
}
