"""A sweep: the conditions of an experiment in short form, expanded once."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from pydantic import JsonValue, ValidationError

from superpos.config import grids
from superpos.config.condition import Condition, Distribution, Strict, overridden

Point = dict[str, JsonValue]
"""What one condition changes: a value for each swept axis, such as {"optimizer.lr": 0.01}."""


class InvalidCondition(ValueError):
    """A point of a sweep whose values do not make a condition; its cause is pydantic's error."""

    def __init__(self, point: str, error: ValidationError) -> None:
        super().__init__(f"{point}: {error}")
        self.point, self.error = point, error


class Sweep(Strict):
    """The settings that the conditions of an experiment or a job share, and those in which each differs.

    Only the short form is written to JSON: a command line cannot hold ten thousand points.
    """

    common: dict[str, JsonValue]
    """The values that all conditions share."""
    parts: list[dict[str, JsonValue]]
    """Mappings of an axis to its values, a list or a grid. Each stands for a product of its axes, and
    all of them together for the union of these products."""

    @classmethod
    def of(cls, common: Mapping[str, JsonValue], sweep: JsonValue) -> "Sweep":
        """The sweep that a config gives: a mapping or a list of mappings, else a ValueError is raised."""
        return cls(common=dict(common), parts=grids.sweep_parts(sweep))

    @cached_property
    def points(self) -> dict[str, Point]:
        """The swept values of each condition, by its slug: a readable name such as density=0.3."""
        return grids.points(self.parts)

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """The conditions by slug; raises InvalidCondition for the first that is invalid."""
        found: dict[str, Condition] = {}
        common = self.common
        for slug, point in self.points.items():
            found[slug] = one = _condition(slug, common, point)
            if common is self.common:
                # The others share what the sweep does not change, such as the optimizer, already checked.
                swept = {axis.split(".")[0] for axis in self.axes}
                common = {
                    key: getattr(one, key) for key in Condition.model_fields if key not in swept
                }
                common |= {key: self.common[key] for key in swept & self.common.keys()}
        return found

    def sets(self, seed: int) -> dict[str, Distribution]:
        """The distributions that need a finite training set, by their digests."""
        finite = [c for c in self.conditions.values() if c.data.training_samples is not None]
        return {c.distribution(seed): c.sampled() for c in finite}

    @property
    def axes(self) -> list[str]:
        """Every axis that some condition changes."""
        return list(dict.fromkeys(axis for point in self.points.values() for axis in point))

    def only(self, slugs: Collection[str]) -> "Sweep":
        """The sweep of some of the conditions."""
        kept = [slug for slug in self.points if slug in slugs]
        return self._some([{a: [v] for a, v in self.points[slug].items()} for slug in kept], kept)

    def slices(self, packed: Collection[str]) -> dict[str, "Sweep"]:
        """The sweep cut into slices, by name: the points of a slice differ in packed axes only."""
        parts: dict[str, list[dict[str, JsonValue]]] = {}
        for part in self.parts:
            for name, narrowed in _narrowed(part, packed):
                parts.setdefault(name, []).append(narrowed)
        slugs: dict[str, list[str]] = {name: [] for name in parts}
        for slug, point in self.points.items():
            slugs[_slice({a: v for a, v in point.items() if a not in packed})].append(slug)
        return {name: self._some(narrowed, slugs[name]) for name, narrowed in parts.items()}

    def _some(self, parts: list[dict[str, JsonValue]], slugs: list[str]) -> "Sweep":
        """A sweep of some of the points; these are copied from this sweep, not expanded again."""
        chosen = Sweep(common=self.common, parts=parts)
        chosen.__dict__["points"] = {slug: self.points[slug] for slug in slugs}
        chosen.__dict__["conditions"] = {slug: self.conditions[slug] for slug in slugs}
        return chosen


def _condition(slug: str, common: Mapping[str, JsonValue], point: Point) -> Condition:
    try:
        return Condition.model_validate(overridden(common, point))
    except ValidationError as error:
        raise InvalidCondition(slug, error) from error


def longest_sets(sweeps: Iterable[Sweep], seed: int) -> dict[str, Distribution]:
    """By family, the longest training set of some sweeps, without copies; the shorter sets are cut from
    it."""
    every = [one for sweep in sweeps for one in sweep.sets(seed).values()]
    ascending = sorted(every, key=lambda one: one.data.distinct)
    return {one.family(seed): one.without_copies() for one in ascending}


def _narrowed(
    part: Mapping[str, JsonValue], packed: Collection[str]
) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """The slices of a product of axes: a slice has a single value on every axis that is not packed."""
    kept = {axis: grids.expand(axis, v) for axis, v in part.items() if axis not in packed}
    for values in itertools.product(*kept.values()):
        point = dict(zip(kept, values, strict=True))
        yield _slice(point), {**part, **{axis: [value] for axis, value in point.items()}}


def _slice(point: Mapping[str, JsonValue]) -> str:
    """The name of a slice; on a cluster's node, Snakemake splits the value of a wildcard at a comma."""
    return grids.slug(point, "all").replace(",", "+")
