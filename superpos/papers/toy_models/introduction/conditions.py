"""The conditions of the paper's experiments that the claims of this section are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

EXPERIMENTS = {
    "F1": PaperExperiment(
        n_features=5, n_hidden=2, importance={"geometric": 0.9}, sweep={"density": [1.0, 0.2, 0.1]}
    ),
    "F1_control": PaperExperiment(
        n_features=5, n_hidden=2, importance={"geometric": 0.7}, sweep={"density": [0.1]}
    ),
}
