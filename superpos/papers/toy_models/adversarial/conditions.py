"""The paper's experiments and the theory tables that the claims of this section are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

EXPERIMENTS = {
    "F15": PaperExperiment(
        n_features=100,
        n_hidden=20,
        sweep=[
            {"density": {"log": [1.0, 0.417532, 12]}},
            {"density": {"log": [0.385662, 0.1, 18]}},
        ],
    ),
    "F15_recipe": PaperExperiment(
        n_features=100, n_hidden=20, sweep={"density": {"log": [1.0, 0.1, 16]}}
    ),
}
THEORY = {
    "attacked_packings": {
        "n_features": 100,
        "n_hidden": 20,
        "density": [0.5, 0.3, 0.2, 0.1],
        "attack": {"linear": [0.0, 1.0, 21]},
    },
}
