"""What a claim is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from superpos.needs import Needs
from superpos.tables import Tables


@dataclass(frozen=True)
class Correction:
    """The range that a claim had before it was corrected, and why it was."""

    low: float
    high: float
    reason: str


@dataclass(frozen=True)
class Claim:
    """A quantity of the paper, the range accepted for it, and where both come from.

    `measure` gets the runs of `experiments` whose columns have the values of `where`: the best run
    of each condition, or all replicates where `over` is "all". It holds if low <= value <= high.
    `theory` names the tables of theory that it needs; a claim about them alone has no experiments.

    `needs` has the metrics that the measure reads. A claim is about the paper's conditions, however
    they are trained. If its statement is about training itself, `recipe` has the values that it is
    about, {experiment: {"init.std": 0.01}}, and `along` says that it follows runs along the
    checkpoints of `_conditions.py`.
    """

    claim: str
    figure: str
    statement: str
    source: str
    experiments: tuple[str, ...]
    measure: Callable[[Tables], float]
    low: float
    high: float
    where: Mapping[str, Any] = field(default_factory=dict)
    over: Literal["best", "all"] = "best"
    correction: Correction | None = None
    theory: tuple[str, ...] = ()
    recipe: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    along: bool = False
    needs: Needs = field(default_factory=Needs)

    def holds(self, value: float) -> bool:
        """Whether the value is in the range; NaN is not."""
        return bool(self.low <= value <= self.high)
