"""What a metric, a figure or a claim requires of its experiments.

Each declares a `Needs`, and `misfit` compares it with an `Offer`, which describes an experiment of
the config, tables or arrays. This module imports neither matplotlib nor torch.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from typing import Any, Literal, TypeVar

from superpos import lookup
from superpos.config import swept
from superpos.config.per_feature import importance_vector
from superpos.models import Variant

VARIANT_WORDS = {
    "tied": ("a tied model", "a model with separate output weights"),
    "relu_hidden": ("a ReLU on the hidden layer", "a linear hidden layer"),
    "relu_output": ("a ReLU on the output", "a linear output"),
    "absolute_target": ("the target |x|", "the target x"),
}
"""The properties of a model in words: if the property is true, and if it is false."""
EVERY_COLUMN = (
    "n_features",
    "n_hidden",
    "model",
    "density",
    "importance",
    "data",
    "signed",
    "data_sets",
)
"""The columns that every experiment of the config has."""
VALUE_RANGES = {False: "values from 0 to 1", True: "values from -1 to 1"}

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What must be true of every condition, or of the experiment. A field that is left out is not checked.

    metrics: names of measured columns.
    checkpoints, replicates, conditions: minimum numbers; most_conditions, most_features: maximum numbers.
    n_features, n_hidden, sets: exact numbers; hidden: the values of n_hidden that are allowed; shapes:
    the pairs (n_features, n_hidden) that are allowed.
    tied, relu_hidden, relu_output, absolute_target: required values of the fields of `Variant`.
    data: the distributions that are allowed; signed: whether values are drawn from U[-1, 1].
    training_set: whether every condition must train on a finite set of samples; unit_norm: whether
    samples are divided by their norms.
    fresh: the metrics that an experiment without finite training sets needs instead, if it is not the
    first; without them, every experiment needs what the first one needs.
    density: whether all features of a condition must have the same density.
    importance: "one" if it must be 1 for all features, "one but the last" if for all except the last.
    by: columns that tell the conditions apart, `()` if there must be a single condition.
    grid: whether every combination of their values must exist, with at least two values of each.
    swept: keys whose values must tell conditions apart; swept_grid: how many such keys there must be,
    of which every combination of values must be a condition. named: keys that the sweep must have, even
    with a single value each; varied: the only keys whose values may tell conditions apart.
    of_model, of_sets: at least one condition must have that model, or two or more sets of features.
    densities: each must be the density of a condition (which also satisfies of_model and of_sets).
    sizes: each must be the size of the training set of a condition.
    density_options, size_options, metric_options, swept_options: options of a figure's `draw` whose
    values are added to `densities`, `sizes`, `metrics` and `swept`; column_options: options whose values
    are columns of the table of runs, and are added to `named` and `varied`.
    of_first: only the first of the figure's experiments must have the densities.
    among: the names that the experiments may have.
    theory: files of theory tables. The figure must name exactly one table of each.
    """

    metrics: tuple[str, ...] = ()
    checkpoints: int = 0
    replicates: int = 1
    conditions: int = 1
    most_conditions: int | None = None
    n_features: int | None = None
    n_hidden: int | None = None
    most_features: int | None = None
    shapes: tuple[tuple[int, int], ...] = ()
    hidden: tuple[int, ...] = ()
    sets: int | None = None
    tied: bool | None = None
    relu_hidden: bool | None = None
    relu_output: bool | None = None
    absolute_target: bool | None = None
    data: tuple[str, ...] = ()
    signed: bool | None = None
    training_set: bool = False
    unit_norm: bool | None = None
    density: bool = False
    importance: Literal["one", "one but the last"] | None = None
    by: tuple[str, ...] | None = None
    grid: bool = False
    swept: tuple[str, ...] = ()
    swept_grid: int | None = None
    named: tuple[str, ...] = ()
    varied: tuple[str, ...] | None = None
    densities: tuple[float, ...] = ()
    of_model: str | None = None
    of_sets: bool = False
    sizes: tuple[int, ...] = ()
    density_options: tuple[str, ...] = ()
    size_options: tuple[str, ...] = ()
    metric_options: tuple[str, ...] = ()
    swept_options: tuple[str, ...] = ()
    column_options: tuple[str, ...] = ()
    of_first: bool = False
    among: tuple[str, ...] = ()
    theory: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """What an experiment has to offer, to compare with `Needs`.

    columns: the columns of the table of conditions, each with one value per condition. The column of a
    swept key has the key's name, with _ for the dot (importance_last). A missing column or a field that
    is None means that nothing is known about it. points: for each condition, its values of the swept keys.
    """

    name: str
    columns: Mapping[str, list[Any]]
    metrics: Collection[str] | None = None
    checkpoints: int | None = None
    replicates: int | None = None
    points: Sequence[swept.Values] | None = None

    def where(self, **values: Any) -> "Offer":
        """The conditions whose columns have these values; numbers need match only to six digits."""
        chosen = self
        for column, value in values.items():
            chosen = chosen.within(column, partial(equal, value))
        return chosen

    def within(self, column: str, fits: Callable[[Any], bool]) -> "Offer":
        """The conditions for which `fits` is true of the value in a column."""
        kept = [fits(found) for found in self.columns.get(column, [None] * self.count)]
        columns = {name: list(compress(values, kept)) for name, values in self.columns.items()}
        points = None if self.points is None else list(compress(self.points, kept))
        return replace(self, columns=columns, points=points)

    @property
    def count(self) -> int:
        """The number of conditions."""
        return len(next(iter(self.columns.values()), []))


def requires(**what: Any) -> Callable[[Function], Function]:
    """Declare what a metric or the measure of a claim needs: a decorator with the fields of `Needs`."""

    def declared(function: Function) -> Function:
        function.needs = Needs(**what)  # type: ignore[attr-defined]
        return function

    return declared


def needs_of(function: Callable[..., Any]) -> Needs:
    """What a function declares with `requires`; no needs if it declares nothing."""
    needs: Needs = getattr(function, "needs", Needs())
    return needs


def misfit(
    needs: Needs, offers: Iterable[Offer], where: Mapping[str, Any] | None = None
) -> str | None:
    """A phrase for what is missing, such as "needs n_hidden 2; F1 has 3"; None if nothing is missing.

    where: the values of columns that select the conditions to look at.
    """
    every = list(offers)
    chosen = [one.where(**where) for one in every] if where else every
    chosen = [one for one in chosen if one.count or not where]
    if where and every and not chosen:
        wanted = ", ".join(f"{column} {value}" for column, value in where.items())
        return f"needs a condition with {wanted}; {_none_of(every)}"
    each = [(_instead(needs, one) if k else needs, one) for k, one in enumerate(chosen)]
    found = (phrase for own, one in each for check in CHECKS for phrase in check(own, one))
    whole = (phrase for check in WHOLE for phrase in check(needs, chosen))
    return next(found, None) or next(whole, None)


def _instead(needs: Needs, one: Offer) -> Needs:
    """The needs of an experiment after the first: with `fresh`, no finite training set is needed."""
    if needs.fresh and all(map(_missing, _distinct(one, "data_training_samples"))):
        return replace(needs, training_set=False, metrics=needs.fresh)
    return needs


def _measured(needs: Needs, one: Offer) -> Iterator[str]:
    if one.metrics is not None:
        for metric in needs.metrics:
            if metric not in one.metrics:
                yield f"needs the metric {metric}; {one.name} does not measure it"


def _counts(needs: Needs, one: Offer) -> Iterator[str]:
    for what, found in (
        ("checkpoints", one.checkpoints),
        ("replicates", one.replicates),
        ("conditions", one.count if one.columns else None),
    ):
        least = getattr(needs, what)
        if found is not None and found < least:
            yield f"needs {least} or more {what}; {one.name} has {found}"
    if needs.most_conditions is not None and one.count > needs.most_conditions:
        yield f"needs {needs.most_conditions} or fewer conditions; {one.name} has {one.count}"


def _shape(needs: Needs, one: Offer) -> Iterator[str]:
    for what, column in (
        ("n_features", "n_features"),
        ("n_hidden", "n_hidden"),
        ("sets", "data_sets"),
    ):
        wanted = getattr(needs, what)
        for found in _distinct(one, column) if wanted is not None else ():
            if found != wanted:
                name = "data.sets" if what == "sets" else what
                yield f"needs {name} {wanted}; {one.name} has {'none' if _missing(found) else found}"
    for found in _distinct(one, "n_features") if needs.most_features else ():
        if found > needs.most_features:
            yield f"needs n_features {needs.most_features} or less; {one.name} has {found}"
    for found in _distinct(one, "n_hidden") if needs.hidden else ():
        if found not in needs.hidden:
            yield f"needs n_hidden {' or '.join(map(str, needs.hidden))}; {one.name} has {found}"
    for shape in _distinct(one, "n_features", "n_hidden") if needs.shapes else ():
        if shape not in needs.shapes:
            wanted = " or ".join(f"{n} features in {m}" for n, m in needs.shapes)
            yield f"needs {wanted}; {one.name} has {shape[0]} in {shape[1]}"


def _model(needs: Needs, one: Offer) -> Iterator[str]:
    for model in _distinct(one, "model"):
        variant = model if isinstance(model, Variant) else lookup.load("model", model).VARIANT
        for what, words in VARIANT_WORDS.items():
            wanted = getattr(needs, what)
            if wanted is not None and getattr(variant, what) != wanted:
                found = words[wanted] if isinstance(model, Variant) else f"model {model}"
                yield f"needs {words[not wanted]}; {one.name} has {found}"


def _data(needs: Needs, one: Offer) -> Iterator[str]:
    for name in _distinct(one, "data") if needs.data else ():
        if name not in needs.data:
            yield f"needs data {' or '.join(needs.data)}; {one.name} has {name}"
    if needs.signed is not None and (not needs.signed) in _distinct(one, "signed"):
        yield f"needs {VALUE_RANGES[needs.signed]}; {one.name} has {VALUE_RANGES[not needs.signed]}"
    if needs.unit_norm is not None and (not needs.unit_norm) in _distinct(one, "unit_norm"):
        wanted, found = (str(value).lower() for value in (needs.unit_norm, not needs.unit_norm))
        yield f"needs data.unit_norm {wanted}; {one.name} has {found}"
    if needs.training_set and any(map(_missing, _distinct(one, "data_training_samples"))):
        yield f"needs data.training_samples; {one.name} has none"


def _density(needs: Needs, one: Offer) -> Iterator[str]:
    if needs.density and not all(map(_number, one.columns.get("density", [None]))):
        yield f"needs one density for all features; {one.name} has different ones"


def _importance(needs: Needs, one: Offer) -> Iterator[str]:
    if needs.importance is None or "importance" not in one.columns:
        return
    wanted = "importance 1" + ("" if needs.importance == "one" else " except for the last feature")
    forms = zip(one.columns["importance"], one.columns["n_features"], strict=True)
    for form, n in {_key(form, n): (form, n) for form, n in forms}.values():
        if _ones(form, n) not in ("one", needs.importance):
            yield f"needs {wanted}; {one.name} has importance {str(form)[:40]}"


def _told_apart(needs: Needs, one: Offer) -> Iterator[str]:
    if needs.by is None:
        return
    for axis in needs.by:
        found = one.columns.get(axis, [None])
        if axis not in EVERY_COLUMN and any(map(_missing, found)):
            yield f"needs a sweep of {axis}; {one.name} has none"
            return
    values = [one.columns.get(axis, [None] * one.count) for axis in needs.by]
    rows = [tuple(map(str, row)) for row in zip(*values, strict=True)]
    (at, most) = Counter(rows).most_common(1)[0] if needs.by else ((), one.count)
    if most > 1:
        there = ", ".join(f"{axis} {value}" for axis, value in zip(needs.by, at, strict=True))
        yield f"needs a single condition{f' with {there}' if there else ''}; {one.name} has {most}"
    sizes = [len(set(column)) for column in zip(*rows, strict=True)]
    if needs.grid and (min(sizes) < 2 or len(rows) != math.prod(sizes)):
        axes = " and ".join(needs.by)
        yield f"needs a full grid of {axes}, each with two or more values; {one.name} has {one.count} points"


def _swept(needs: Needs, one: Offer) -> Iterator[str]:
    if one.points is None:
        return
    for key in needs.named:
        if not all(key in point for point in one.points):
            yield f"needs a sweep of {key}, if only of one value; {one.name} has none"
    varied = swept.varied(one.points)
    for key in varied:
        if needs.varied is not None and key not in needs.varied:
            yield f"takes no sweep of {key}, and {one.name} has one"
    has = f"{one.name} sweeps {' and '.join(varied) or 'nothing'}"
    for key in needs.swept:
        if key not in varied:
            yield f"needs a sweep of {key}; {has}"
    if needs.swept_grid is not None:
        sizes = (len({str(point.get(key)) for point in one.points}) for key in varied)
        if len(varied) != needs.swept_grid:
            yield f"needs a sweep of {needs.swept_grid} keys; {has}"
        elif len(one.points) != math.prod(sizes):
            yield f"needs all combinations of the swept values; {one.name} has {len(one.points)}"


CHECKS = (_measured, _counts, _shape, _model, _data, _density, _importance, _told_apart, _swept)


def _densities(needs: Needs, offers: list[Offer]) -> Iterator[str]:
    """Check that some condition of some experiment has each required density and the required model."""
    words = []
    if needs.of_model is not None:
        words.append(f"model {needs.of_model}")
        offers = [one.where(model=needs.of_model) for one in offers]
    if needs.of_sets:
        words.append("two or more sets of features")
        offers = [
            one.within("data_sets", lambda found: _number(found) and found > 1) for one in offers
        ]
    if words and not any(one.count for one in offers):
        yield f"needs conditions with {' and '.join(words)}; {_none_of(offers)}"
    if needs.of_first:
        offers = offers[:1]
    for density in needs.densities:
        if not any(one.where(density=float(density)).count for one in offers):
            wanted = " and ".join([f"density {density:g}", *words])
            yield f"needs a condition with {wanted}; {_none_of(offers)}"


def _sizes(needs: Needs, offers: list[Offer]) -> Iterator[str]:
    for size in needs.sizes:
        if not any(one.where(data_training_samples=size).count for one in offers):
            yield f"needs a condition with data.training_samples {size}; {_none_of(offers)}"


def _experiments(needs: Needs, offers: list[Offer]) -> Iterator[str]:
    for one in offers if needs.among else ():
        if one.name not in needs.among:
            yield f"knows the experiments {', '.join(needs.among)} alone; {one.name} is another one"


WHOLE = (_experiments, _densities, _sizes)


def _distinct(one: Offer, *columns: str) -> list[Any]:
    """The different values of a column, or of several together; none if a column is unknown."""
    if any(column not in one.columns for column in columns):
        return []
    values = [one.columns[column] for column in columns]
    return list(dict.fromkeys(values[0] if len(values) == 1 else zip(*values, strict=True)))


def _key(form: Any, n_features: int) -> tuple[str, int]:
    """A cache key that ignores the last feature: a grid has thousands of importances that differ only in
    it."""
    return ("last" if _last_alone(form) else str(form), n_features)


def _ones(form: Any, n_features: int) -> str:
    """For which features the importance is 1."""
    if _last_alone(form):
        return "one but the last"
    ones = importance_vector(form, n_features) == 1
    return "one" if ones.all() else "one but the last" if ones[:-1].all() else "others"


def _last_alone(form: Any) -> bool:
    return isinstance(form, Mapping) and set(form) == {"last"} and form["last"] != 1


def _number(value: Any) -> bool:
    return isinstance(value, float | int) and not math.isnan(value)


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def equal(value: Any, found: Any) -> bool:
    """Whether a column's value is the one that is asked for; numbers need match only to six digits."""
    if isinstance(value, float) and isinstance(found, float | int):
        return math.isclose(found, value, rel_tol=1e-6)
    return bool(found == value)


def _none_of(offers: Iterable[Offer]) -> str:
    names = [one.name for one in offers]
    return f"{names[0]} has none" if len(names) == 1 else f"none of {', '.join(names)} has one"
