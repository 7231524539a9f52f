"""The paper's experiments and the theory tables that the claims of this section are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

EXPERIMENTS = {
    "F7": PaperExperiment(
        n_features=400,
        n_hidden=30,
        sweep=[
            {"density": {"log": [1.0, 0.828643, 5]}},
            {"density": {"log": [0.790604, 0.655128, 5]}},
            {"density": {"log": [0.625055, 0.429193, 9]}},
            {"density": {"log": [0.409492, 0.323746, 6]}},
            {"density": {"log": [0.308884, 0.1, 25]}},
        ],
    ),
    "F7_recipe": PaperExperiment(
        n_features=400,
        n_hidden=30,
        sweep={"density": [0.285714, 0.26827, 0.255955, 0.244205, 0.235294, 0.222222]},
    ),
    "F7_sizes": PaperExperiment(
        n_features=400,
        n_hidden=30,
        sweep=[
            {"n_features": [n], "n_hidden": [m], "density": density}
            for density in ([0.390694, 0.339322, 0.294705], [0.232995, 0.1])
            for n, m in ((200, 20), (400, 15))
        ],
    ),
}
THEORY = {
    "packing_gains": {"first": 1.0, "last": 20.0, "count": 53},
}
