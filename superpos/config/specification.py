"""The specification of a training job: its conditions and how they are trained, as one JSON record."""

from typing import Literal

from superpos.config.condition import Condition, Count, Strict
from superpos.config.sweep import Sweep


class Specification(Strict):
    """Everything that training needs and nothing else, so that nothing else can cause retraining."""

    seed: int
    sweep: Sweep
    replicates: tuple[int, int]
    """The first replicate, and the one after the last."""
    engine: Literal["fused", "reference"]
    losses: Count
    """How many minibatch losses are recorded."""
    checkpoints: tuple[Count, ...] = ()
    """The steps after which the weights are recorded."""

    @property
    def conditions(self) -> dict[str, Condition]:
        """The conditions by slug."""
        return self.sweep.conditions
