"""The conditions of the paper's experiments that the claims of this section are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

EXPERIMENTS = {
    "seed": PaperExperiment(
        n_features=10,
        n_hidden=2,
        importance={"geometric": 0.7},
        density=0.01,
        data={"name": "independent", "training_samples": 10000},
    ),
}
