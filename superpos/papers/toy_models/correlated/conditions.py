"""The conditions of the paper's experiments that the claims of this section are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

COLLAPSE = PaperExperiment(
    n_features=6,
    n_hidden=2,
    data={"name": "correlated"},
    sweep={
        "data.sets": [3],
        "density": [
            *(0.75, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.175, 0.15, 0.125, 0.1, 0.075, 0.05),
            *(0.035, 0.02, 0.01),
        ],
    },
)
EXPERIMENTS = {
    "F10": PaperExperiment(
        n_hidden=2,
        sweep=[
            {
                "data.name": ["correlated"],
                "data.sets": [2],
                "n_features": [4],
                "density": [0.01, 0.02, 0.05, 0.1, 0.2, 0.4],
            },
            {
                "data.name": ["anticorrelated"],
                "data.sets": [2],
                "n_features": [4],
                "density": [0.01, 0.02, 0.05, 0.1, 0.2],
            },
            {
                "data.name": ["correlated"],
                "data.sets": [3],
                "n_features": [6],
                "density": [0.01, 0.02, 0.05],
            },
            {"data.name": ["independent"], "n_features": [6], "density": [0.05, 0.1]},
        ],
    ),
    "F11": PaperExperiment(
        n_features=20,
        n_hidden=10,
        data={"name": "correlated"},
        sweep={"data.sets": [2], "density": [0.2, 0.05, 0.01]},
    ),
    "F12": COLLAPSE,
    "F12_recipe": COLLAPSE,
}
