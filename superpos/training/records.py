"""What goes into an engine and comes out of it."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

Arrays = dict[str, np.ndarray]


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
    run has diverged (`superpos.numerics.divergence`).
    """

    W: np.ndarray
    W_out: np.ndarray | None
    b: np.ndarray
    loss: np.ndarray
    checkpoint_W: np.ndarray
    checkpoint_W_out: np.ndarray | None
    checkpoint_b: np.ndarray


def in_one_part(begin: int, steps: int) -> Iterator[tuple[int, int]]:
    """All steps after `begin` at once, as (begin, end)."""
    if begin < steps:
        yield begin, steps


@dataclass(frozen=True)
class Saved:
    """Where a training starts from, and where it is kept.

    arrays: the state after its `step`, empty at the start; `keep` is called with the state after
    each of the `parts` (begin, end) into which the steps are divided.
    """

    arrays: Mapping[str, np.ndarray]
    keep: Callable[[Arrays], None]
    parts: Callable[[int, int], Iterator[tuple[int, int]]] = in_one_part

    @property
    def step(self) -> int:
        """The number of steps made so far."""
        return int(self.arrays["step"].item()) if self.arrays else 0

    def steps(self, last: int, state: Callable[[], Arrays]) -> Iterator[int]:
        """Yield each step that remains up to `last`; the state after each part is kept."""
        for begin, end in self.parts(self.step, last):
            yield from range(begin + 1, end + 1)
            self.keep({"step": np.array(end), **state()})


def _discard(arrays: Arrays) -> None:
    pass


FROM_THE_START = Saved({}, _discard)
"""A training that nothing is saved of."""
