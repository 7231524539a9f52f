"""The conditions of the paper's experiments that the claims of this section are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

EXPERIMENTS = {
    "F3": PaperExperiment(
        n_features=20,
        n_hidden=5,
        importance={"geometric": 0.7},
        sweep=[
            {"model": ["linear"], "density": [0.001]},
            {"model": ["relu_output"], "density": [1.0, 0.3]},
            {"model": ["relu_output"], "density": [0.1, 0.03, 0.01]},
            {"model": ["relu_output"], "density": [0.003, 0.001]},
        ],
    ),
    "F4": PaperExperiment(
        n_features=80,
        n_hidden=20,
        importance={"geometric": 0.9},
        sweep=[
            {"model": ["linear"], "density": [0.001]},
            {"model": ["relu_output"], "density": [1.0, 0.3, 0.1]},
            {"model": ["relu_output"], "density": [0.03]},
            {"model": ["relu_output"], "density": [0.01]},
            {"model": ["relu_output"], "density": [0.003, 0.001]},
        ],
    ),
    "F4_recipe": PaperExperiment(
        n_features=80,
        n_hidden=20,
        importance={"geometric": 0.9},
        sweep={"density": [1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]},
        checkpoints={"linear": [5000, 10000, 2]},
    ),
}
