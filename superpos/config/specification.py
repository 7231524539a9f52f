"""What a training job is told: its conditions and how they are trained, as one record of JSON."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from superpos.config.condition import Condition, Count, Strict, overridden
from superpos.config.grids import points


class Specification(Strict):
    """All that training needs, and nothing else, so that nothing else trains a run again.

    common: what all conditions have; sweep: what each changes, in short form, because a command line
    cannot hold ten thousand points; replicates: the first, and the one after the last; losses: how many
    minibatch losses are recorded; checkpoints: the steps after which weights are recorded.
    """

    seed: int
    common: dict[str, Any]
    sweep: dict[str, Any] | list[dict[str, Any]] = Field(default_factory=dict)
    replicates: tuple[int, int]
    engine: Literal["fused", "reference"]
    losses: Count
    checkpoints: tuple[Count, ...] = ()

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """The conditions by slug."""
        return {
            slug: condition_at(self.common, point) for slug, point in points(self.sweep).items()
        }


def condition_at(common: Mapping[str, Any], point: Mapping[str, Any]) -> Condition:
    """The condition of a sweep's point; raises a ValidationError if it is none."""
    return Condition.model_validate(overridden(common, point))
