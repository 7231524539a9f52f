"""Engines: they train runs. `reference` is the readable definition, `fused` the fast one."""

import itertools
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Recording:
    """At which steps (1 to `steps`, ascending) the minibatch loss and the weights are kept.

    Raises a ValueError for steps that do not ascend: training keeps them one after the other.
    """

    loss_steps: tuple[int, ...]
    checkpoint_steps: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name, steps in vars(self).items():
            if any(a >= b for a, b in itertools.pairwise((0, *steps))):
                raise ValueError(f"{name}: {list(steps)[:20]} do not ascend from 1; sort them")


@dataclass(frozen=True)
class Trained:
    """What training leaves, float32; checkpoint arrays have a checkpoint axis after run.

    W [run, feature, hidden] with rows W_i; W_out likewise, or None where the model is tied;
    b [run, feature]; loss [run, record], the minibatch loss (sum over features, mean over samples)
    at Recording.loss_steps: the loss of the batch that made that step, before the step; NaN once the
    run has diverged (`superpos.divergence`).
    """

    W: np.ndarray
    W_out: np.ndarray | None
    b: np.ndarray
    loss: np.ndarray
    checkpoint_W: np.ndarray
    checkpoint_W_out: np.ndarray | None
    checkpoint_b: np.ndarray
