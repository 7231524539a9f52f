"""What a claim is, and how one is made from its numbers."""

import inspect
import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Literal

from superpos.config.needs import Needs, needs_of
from superpos.tables import Tables
from superpos.verdicts.accepted import Range, exactly, written
from superpos.verdicts.correction import Correction
from superpos.verdicts.statement import Statement

Where = Mapping[str, str | float]
Measure = Callable[[Tables], float]
ModelGroup = Literal["main", "recipe"]
Each = Literal["replicate", "data_set"]
"""The column whose values count as repetitions of an experiment."""


@dataclass(frozen=True)
class Claim:
    """A quantity, its accepted range, the sources of both, and the statement that it tests.

    `measure` is called with the runs of `experiments` whose columns have the values of `where`: with
    the best run of each condition, or with all replicates if `over` is "all". The claim holds if
    low <= value <= high. `theory` names the tables of theory that it needs; a claim about these alone
    has no experiments.

    The function of the measure declares with `needs.requires` the metrics that it reads, and whether it
    needs finite training sets. A claim is about the paper's conditions, however they are trained. If its
    statement is about training itself, `recipe` has the values that it is about, {experiment:
    {"init.std": 0.01}}, and `along` says that it needs all of the paper's checkpoints.

    `each`: over what the spread beside the value is taken: the k-th replicates, or the training sets by
    number.

    `models`: "recipe" if the claim is about models that were trained by the authors' recipe beside the
    main ones of the figure. The main models decide whether a statement holds, and the recipe's verdict is
    shown beside it. How close either is to convergence is measured in `verdicts.rest`, not given by a label.
    """

    claim: str
    figure: str
    statement: Statement
    text: str
    source: str
    experiments: tuple[str, ...]
    measure: Measure
    low: float
    high: float
    where: Where = field(default_factory=dict)
    over: Literal["best", "all"] = "best"
    corrections: tuple[Correction, ...] = ()
    theory: tuple[str, ...] = ()
    recipe: Mapping[str, Where] = field(default_factory=dict)
    along: bool = False
    models: ModelGroup = "main"
    each: Each = "replicate"

    def holds(self, value: float) -> bool:
        """Whether the value is in the range, which NaN never is."""
        return bool(self.low <= value <= self.high)

    @cached_property
    def needs(self) -> Needs:
        """What the measure needs of the experiments: metrics, and perhaps a finite training set."""
        declared = list(_needs(self.measure))
        metrics = dict.fromkeys(name for needs in declared for name in needs.metrics)
        return Needs(
            metrics=tuple(metrics), training_set=any(needs.training_set for needs in declared)
        )


def make_claim(
    name: str,
    text: str,
    accepted: Range,
    measure: Measure,
    /,
    *,
    of: Statement,
    source: str,
    figure: str | None = None,
    experiments: tuple[str, ...] | None = None,
    where: Where | None = None,
    over: Literal["best", "all"] = "best",
    corrections: tuple[Correction, ...] = (),
    theory: tuple[str, ...] = (),
    recipe: Mapping[str, Where] | None = None,
    along: bool = False,
    models: ModelGroup = "main",
    each: Each = "replicate",
    **words: str | float,
) -> Claim:
    """The claim of that name about a statement; name and text are templates, so no number is typed twice.

    Their fields are {range}, the words for the accepted range (also as {range:%}), {figure}, the
    measure's parameters, the columns of `where`, and `words`. The figure is the part of the name
    before the first dot, and the experiment has the figure's name, unless they are given. Raises a
    KeyError for an unknown field, and a TypeError for one of `words` that neither template uses, or for
    a text without {range}, which only a measure that is 0 or 1 may have.
    """
    figure = figure or name.split(".")[0]
    if "{range" not in text and accepted != exactly(1):
        raise TypeError(f"claim {name}: its text does not use {{range}}, the accepted values")
    fields = {"figure": figure, **_parameters(measure), **(where or {}), **words}
    if unused := {*words} - {f for template in (name, text) for f in _field_names(template)}:
        raise TypeError(f"claim {name}: its text does not use {{{min(unused)}}}")
    values = {key: written(value) for key, value in fields.items()}
    said = text.format(range=accepted, **values)
    return Claim(
        claim=name.format(**values),
        figure=figure,
        statement=of,
        text=_grouped(said[0].upper() + said[1:]),
        source=source,
        experiments=(figure,) if experiments is None else experiments,
        measure=measure,
        low=accepted.low,
        high=accepted.high,
        where=where or {},
        over=over,
        corrections=corrections,
        theory=theory,
        recipe=recipe or {},
        along=along,
        models=models,
        each=each,
    )


def _grouped(text: str) -> str:
    """A text with a comma at the thousands of its numbers: 10,000. Names have none, as in F1.T10000."""
    return re.sub(r"(?<![.,])\b\d{4,}\b", lambda found: f"{int(found[0]):,}", text)


def _parameters(measure: Measure) -> dict[str, str | float]:
    """The arguments with which a measure is called, by parameter: those of a partial, and defaults."""
    parameters = inspect.signature(measure).parameters.values()
    return {p.name: p.default for p in parameters if isinstance(p.default, str | float | int)}


def _field_names(template: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(template) if name)


def _needs(measure: Callable[..., Any]) -> Iterator[Needs]:
    """The needs that a measure declares, or the functions of a partial, and that of its `metric`."""
    if not isinstance(measure, partial):
        yield needs_of(measure)
        return
    for part in (measure.func, *measure.args, *measure.keywords.values()):
        if callable(part):
            yield from _needs(part)
    if "metric" in measure.keywords:
        yield Needs(metrics=(measure.keywords["metric"],))
