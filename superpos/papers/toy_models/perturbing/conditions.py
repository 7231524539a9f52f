"""The conditions of the paper's experiments that the claims of this section are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

EXPERIMENTS = {
    "F9": PaperExperiment(
        n_features=5,
        n_hidden=2,
        density={"others": 0.05, "first_ratio": 1.0},
        sweep={
            "density.first_ratio": [
                *(0.1, 0.112, 0.125, 0.14, 0.16, 0.18, 0.2, 0.225, 0.25, 0.26, 0.27, 0.28, 0.29),
                *(0.3, 0.32, 0.35, 0.4, 0.45, 0.5, 0.56, 0.63, 0.71, 0.8, 0.9, 1.0, 1.12, 1.25),
                *(1.4, 1.6, 1.8, 2.0, 2.25, 2.5, 2.8, 3.2, 3.55, 4.0, 4.5, 5.0, 5.6, 6.3, 7.1),
                *(8.0, 9.0, 10.0),
            ]
        },
    ),
}
