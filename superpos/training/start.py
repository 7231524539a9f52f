"""Initial weights and learning-rate schedules, which the engines share."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from superpos import lookup
from superpos.config.condition import Condition
from superpos.numerics import philox

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64


def initial_weights(
    condition: Condition, key: np.uint64
) -> tuple[
    Float32[np.ndarray, "feature hidden"],
    Float32[np.ndarray, "feature hidden"] | None,
    Float32[np.ndarray, " feature"],
]:
    """The initial W, W_out (None if the model is tied), and b = 0.

    ASSUME: the paper does not state the initial scale; we take Xavier's for one model, which does not
    depend on how many models are trained side by side.
    """
    shape = (condition.n_features, condition.n_hidden)
    std = np.float32(condition.init.std or math.sqrt(2 / sum(shape)))
    tied = lookup.load("model", condition.model).VARIANT.tied
    W, W_out = (std * philox.normals(key, philox.INIT, stream, shape) for stream in (0, 1))
    return W, None if tied else W_out, np.zeros(shape[0], np.float32)


def stacked_weights(
    conditions: Sequence[Condition], keys: Sequence[np.uint64]
) -> tuple[
    Float32[np.ndarray, "run feature hidden"],
    Float32[np.ndarray, "run feature hidden"] | None,
    Float32[np.ndarray, "run feature"],
]:
    """The initial weights of many runs of one shape, stacked along a run axis."""
    shape = (conditions[0].n_features, conditions[0].n_hidden)
    xavier = math.sqrt(2 / sum(shape))
    std = np.array([c.init.std or xavier for c in conditions], np.float32)[:, None, None]
    W = std * philox.many_normals(keys, philox.INIT, 0, shape)
    tied = lookup.load("model", conditions[0].model).VARIANT.tied
    W_out = None if tied else std * philox.many_normals(keys, philox.INIT, 1, shape)
    return W, W_out, np.zeros((len(keys), shape[0]), np.float32)


def learning_rates(condition: Condition) -> Float32[np.ndarray, " step"]:
    """The learning rate of every step: lr x `schedule_factors`."""
    return (condition.optimizer.lr * schedule_factors(condition)).astype(np.float32)


def decay_rate(condition: Condition) -> float:
    """The weight decay that acts on every parameter: AdamW's, or 0 for Adam."""
    return condition.optimizer.weight_decay if condition.optimizer.name == "adamw" else 0.0


def schedule_factors(condition: Condition) -> Float64[np.ndarray, " step"]:
    """The factor of the learning rate for every step t = 0, 1, ..., T - 1.

    It is 1, cos(pi t / 2T), 1 - t / T or, for warmup_cosine with W = max(1, T / 20) steps of warm-up
    (rounded), (t + 1) / W while t < W, then (1 + cos(pi (t + 1 - W) / (T + 1 - W))) / 2.
    """
    return _factors(condition.schedule, condition.steps)


@functools.cache
def _factors(schedule: str, steps: int) -> np.ndarray:
    """The factors, rounded to 7 digits so that the last bit of a library's cos cannot affect weights."""
    warm = max(1, round(steps / 20))
    shapes: dict[str, Callable[[int], float]] = {
        "constant": lambda t: 1.0,
        "cosine": lambda t: math.cos(math.pi / 2 * (t / steps)),
        "linear": lambda t: 1.0 - t / steps,
        "warmup_cosine": lambda t: min(
            (t + 1) / warm, _half_cosine((t + 1 - warm) / (steps + 1 - warm))
        ),
    }
    shape = shapes[schedule]
    return np.array([round(shape(t), 7) for t in range(steps)])


def _half_cosine(t: float) -> float:
    """(1 + cos(pi t)) / 2: from 1 at t = 0 and before to 0 at t = 1."""
    return (1 + math.cos(math.pi * max(t, 0.0))) / 2
