"""The conditions of the paper's experiments that the claims of this section are about."""

from dataclasses import replace

from superpos.papers.double_descent.sizes import SCALED, SETS
from superpos.verdicts.paper_experiment import Axis

T, SET = "data.training_samples", "data.set"
PER_DENSITY = [4.0, 5.6, 8.0, 11.0, 16.0, 22.0]
"""T (1 - S), with a factor of about 1.4 between neighbours."""


def _sweep(
    densities: tuple[float, ...], grid: list[float], sets: list[int]
) -> list[dict[str, Axis]]:
    return [{"density": [p], T: [round(x / p) for x in grid], SET: sets} for p in densities]


EXPERIMENTS = {
    "J3": replace(
        SCALED,
        sweep={
            T: [400, 560, 800, 1100, 1600, 2200],
            SET: SETS,
            "optimizer.weight_decay": [0.001, 0.01, 0.1],
        },
    ),
    "J4": replace(SCALED, sweep=_sweep((0.02, 0.01, 0.005), PER_DENSITY, SETS)),
    "J4_overlap": replace(SCALED, n_features=2500, sweep=_sweep((0.002,), PER_DENSITY, [0, 1])),
    "J5": replace(
        SCALED, n_hidden=4, sweep=_sweep((0.02, 0.01, 0.005), [*PER_DENSITY[1:], 32.0], SETS)
    ),
}
