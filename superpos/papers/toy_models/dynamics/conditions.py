"""The conditions of the paper's experiments that the claims of this section are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

EXPERIMENTS = {
    "F13": PaperExperiment(
        n_features=100, n_hidden=20, density=0.3, checkpoints={"log": [100, 100000, 121]}
    ),
    "F14": PaperExperiment(
        n_features=6,
        n_hidden=3,
        data={"name": "one_set"},
        sweep={"data.sets": [2]},
        checkpoints={"log": [50, 60000, 100]},
    ),
}
