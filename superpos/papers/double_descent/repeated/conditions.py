"""The conditions of the paper's experiments that the claims of this section are about."""

from dataclasses import replace

from superpos.papers.double_descent.sizes import FULL, SCALED, SETS

T, SET, REPEATS = "data.training_samples", "data.set", "data.repeats"


def _repeats(*pairs: tuple[int, int]) -> list[dict[str, int]]:
    return [{"samples": samples, "times": times} for samples, times in pairs]


LINE = {5000: (2, 3, 4, 6), 10000: (3, 4, 6, 8), 20000: (4, 6, 8, 12, 16)}
"""The numbers of copies of one sample at each T, around 0.4 T/n and above."""
EXPERIMENTS = {
    "J7": replace(SCALED, sweep={T: [3000], REPEATS: _repeats((1, 1), (1, 2), (1, 5)), SET: SETS}),
    "J8": replace(SCALED, sweep={T: [3000], REPEATS: _repeats((2, 8), (3, 8), (6, 8)), SET: SETS}),
    "J10": replace(
        SCALED,
        sweep=[
            {T: [samples], REPEATS: _repeats(*((1, r) for r in times)), SET: [*range(8)]}
            for samples, times in LINE.items()
        ],
        checkpoints={"log": [200, 10000, 12]},
    ),
    "J12": replace(
        FULL,
        sweep={T: [10000], SET: [0]},
        checkpoints={"log": [100, 50000, 25]},
    ),
}
