"""Engines: they train runs. `reference` is the readable definition, `fused` the fast one."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Recording:
    """At which steps (1 to `steps`, ascending) the minibatch loss and the weights are kept."""

    loss_steps: tuple[int, ...]
    checkpoint_steps: tuple[int, ...] = ()


@dataclass(frozen=True)
class Trained:
    """What training leaves, float32; checkpoint arrays have a checkpoint axis after run.

    W [run, feature, hidden] with rows W_i; W_out likewise, or None where the model is tied;
    b [run, feature]; loss [run, record], the minibatch loss (sum over features, mean over samples)
    at Recording.loss_steps: the loss of the batch that made that step, before the step.
    """

    W: np.ndarray
    W_out: np.ndarray | None
    b: np.ndarray
    loss: np.ndarray
    checkpoint_W: np.ndarray
    checkpoint_W_out: np.ndarray | None
    checkpoint_b: np.ndarray
