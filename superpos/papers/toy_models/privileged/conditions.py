"""The conditions of the paper's experiments that the claims of this section are about."""

from dataclasses import replace

from superpos.verdicts.paper_experiment import PaperExperiment

STRIP = [0.8, 0.63, 0.5, 0.4, 0.32, 0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.063, 0.05]
F16 = PaperExperiment(
    n_features=10,
    n_hidden=5,
    model="relu_hidden",
    importance={"geometric": 0.75},
    sweep={"density": [*STRIP, 0.03, 0.02]},
)
EXPERIMENTS = {
    "F16": F16,
    "F16_dense": replace(F16, sweep={"density": [1.0]}),
    "F16_linear": replace(F16, model="relu_output", sweep={"density": [1.0, *STRIP]}),
}
