"""The conditions of the paper's experiments that the claims of this section are about."""

from superpos.verdicts.paper_experiment import PaperExperiment

SIGNED: dict[str, str | bool | int] = {"name": "independent", "signed": True}
F18 = PaperExperiment(
    n_features=100,
    n_hidden=40,
    model="absolute",
    data=SIGNED,
    importance={"geometric": 0.8},
    sweep={"density": [1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]},
)
EXPERIMENTS = {
    "F17": PaperExperiment(n_features=3, n_hidden=6, model="absolute", data=SIGNED),
    "F18": F18,
    "F18_recipe": F18,
    "F19": PaperExperiment(
        n_features=6,
        n_hidden=10,
        model="absolute",
        data=SIGNED,
        density=0.2,
        importance={"geometric": 0.7},
    ),
}
