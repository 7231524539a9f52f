"""The paper's experiments and the theory tables that the claims of this section are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

EXPERIMENTS = {
    "F5": PaperExperiment(
        n_features=2,
        n_hidden=1,
        sweep={
            "density": {"log": [0.01, 1.0, 101]},
            "importance.last": {"log": [0.1, 10.0, 101]},
        },
    ),
    "F6": PaperExperiment(
        n_features=3,
        n_hidden=2,
        sweep={
            "density": {"log": [0.01, 1.0, 61]},
            "importance.last": {"log": [0.1, 10.0, 61]},
        },
    ),
}
THEORY = {
    "optimum_2_1": {
        "n_features": 2,
        "n_hidden": 1,
        "density": {"log": [0.01, 1.0, 51]},
        "importance": {"log": [0.1, 10.0, 51]},
    },
}
