"""The loss curve of the paper's figure of learning as geometric transformation.

PAPER: read off the figure, to about 2% of each axis: 0.1 decades in both directions together.
"""

import numpy as np

from superpos.papers.toy_models.dynamics.two_sets import Course

# fmt: off
STEPS = np.array([
    56, 83, 121, 190, 297, 383, 435, 599, 774, 1000, 1292, 1668, 2154, 2610, 3162, 4642, 5995, 7743, 10000,
    12915, 18957, 27826, 35938, 46416, 54814,
])
LOSSES = np.array([
    0.837, 0.837, 0.788, 0.7, 0.448, 0.247, 0.201, 0.173, 0.168, 0.158, 0.149, 0.108, 0.0544, 0.0192,
    0.00552, 0.00108, 0.000901, 0.0008, 0.000849, 0.000849, 0.000732, 0.000631, 0.000497, 0.000309, 0.000217,
])
# fmt: on
LAST = 60_000
"""The last step of the paper's figure."""


def distances(run: Course) -> np.ndarray:
    """How far each point of the printed curve is from a run's curve, in decades: [point].

    The run's checkpoints are joined by straight lines in log step and log loss.
    """
    own = np.log10(np.stack([run.step, np.maximum(run.loss, 1e-12)], axis=1))
    points = np.log10(np.stack([STEPS, LOSSES], axis=1))[:, None]
    start, along = own[:-1], np.diff(own, axis=0)
    part = ((points - start) * along).sum(-1) / (along**2).sum(-1)
    nearest = start + np.clip(part, 0, 1)[..., None] * along
    return np.asarray(np.linalg.norm(points - nearest, axis=-1).min(1))
