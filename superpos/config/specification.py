"""The specification of a training job: its conditions and how they are trained, as one JSON record."""

from typing import Literal

from superpos.config.condition import Condition, Count, Strict
from superpos.config.sweep import Sweep

Engine = Literal["gpu", "fused", "reference"]
"""The engines. One that cannot train a condition leaves it to the next."""


class Specification(Strict):
    """Everything that training needs, and nothing more, so that no other change can cause retraining."""

    seed: int
    sweep: Sweep
    replicates: tuple[int, int]
    """The first replicate, and the one after the last."""
    engine: Engine
    losses: Count
    """How many minibatch losses are recorded."""
    checkpoints: tuple[Count, ...] = ()
    """The steps after which the weights are recorded."""

    @property
    def conditions(self) -> dict[str, Condition]:
        """The conditions by slug."""
        return self.sweep.conditions
