"""What a claim is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Literal

from superpos.config.needs import Needs, of
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

    The metrics that the measure reads are declared at its function, by `needs.requires`. A claim is
    about the paper's conditions, however they are trained. If its statement is about training
    itself, `recipe` has the values that it is about, {experiment: {"init.std": 0.01}}, and `along`
    says that it follows runs along the checkpoints of `_conditions.py`.
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

    def holds(self, value: float) -> bool:
        """Whether the value is in the range; NaN is not."""
        return bool(self.low <= value <= self.high)

    @cached_property
    def needs(self) -> Needs:
        """What the measure needs of the experiments."""
        return Needs(metrics=tuple(dict.fromkeys(_metrics(self.measure))))


def _metrics(measure: Callable[..., Any]) -> Iterator[str]:
    """The metrics that a measure declares, with those of a partial's functions and its `metric`."""
    if not isinstance(measure, partial):
        yield from of(measure).metrics
        return
    for part in (measure.func, *measure.args, *measure.keywords.values()):
        if callable(part):
            yield from _metrics(part)
    if "metric" in measure.keywords:
        yield measure.keywords["metric"]
