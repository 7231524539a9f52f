"""The inputs and the results of an engine."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Recording:
    """The steps (from 1, ascending) at which the minibatch loss and the weights are recorded.

    Raises a ValueError if the steps do not ascend, because training records them one after the other.
    """

    loss_steps: tuple[int, ...]
    checkpoint_steps: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name, steps in vars(self).items():
            if any(a >= b for a, b in itertools.pairwise((0, *steps))):
                raise ValueError(f"{name}: {list(steps)[:20]} do not ascend from 1; sort them")


@dataclass(frozen=True)
class Trained:
    """The result of training.

    W has the rows W_i; W_out is None if the model is tied. loss is the minibatch loss (sum over
    features, mean over samples) at Recording.loss_steps, on the batch used for the step and with the
    weights before it. It is NaN once the run has diverged (`superpos.numerics.divergence`).
    """

    W: Float32[np.ndarray, "run feature hidden"]
    W_out: Float32[np.ndarray, "run feature hidden"] | None
    b: Float32[np.ndarray, "run feature"]
    loss: Float32[np.ndarray, "run record"]
    checkpoint_W: Float32[np.ndarray, "run checkpoint feature hidden"]
    checkpoint_W_out: Float32[np.ndarray, "run checkpoint feature hidden"] | None
    checkpoint_b: Float32[np.ndarray, "run checkpoint feature"]


def in_one_part(begin: int, steps: int) -> Iterator[tuple[int, int]]:
    """Yield all steps after `begin` as one part (begin, end)."""
    if begin < steps:
        yield begin, steps


@dataclass(frozen=True)
class Saved:
    """The state from which a training starts, and the function that saves later states.

    arrays: the state after `step`, empty at the start; `keep` is called with the state after each of
    the `parts` (begin, end) into which the steps are divided.
    """

    arrays: Mapping[str, np.ndarray]
    keep: Callable[[Arrays], None]
    parts: Callable[[int, int], Iterator[tuple[int, int]]] = in_one_part

    @property
    def step(self) -> int:
        """The number of steps made so far."""
        return int(self.arrays["step"].item()) if self.arrays else 0

    def steps(self, last: int, state: Callable[[], Arrays]) -> Iterator[int]:
        """Yield each remaining step up to `last`, and save the state at the end of each part."""
        for begin, end in self.parts(self.step, last):
            yield from range(begin + 1, end + 1)
            self.keep({"step": np.array(end), **state()})


def _discard(arrays: Arrays) -> None:
    pass


FROM_THE_START = Saved({}, _discard)
"""A training that starts from the initial weights, and of which nothing is saved."""
