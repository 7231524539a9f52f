"""Swept values: lists, grids in short form, and the product of the axes of a sweep."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from pydantic import JsonValue

MOST_POINTS = 1_000_000
"""The most points in a sweep, and the most values in a grid."""
GRIDS = "a list, or one of {linear: [first, last, count]}, {log: [first, last, count]}"


def expand(axis: str, values: Any) -> list[Any]:
    """Expand one axis. A list is returned as it is; a grid's values are rounded to 6 significant digits."""
    if isinstance(values, list) and values:
        return values
    match values:
        case {"linear": [_, _, int(count)]} | {"log": [_, _, int(count)]} if count > MOST_POINTS:
            raise ValueError(f"{axis}: a grid of {count} values; give at most {MOST_POINTS}")
        case {"linear": [Real() as a, Real() as b, int(count)]} if count > 0 and len(values) == 1:
            with np.errstate(over="ignore", invalid="ignore"):
                grid = np.linspace(float(a), float(b), count)
        case {"log": [Real() as a, Real() as b, int(count)]} if (
            min(float(a), float(b), count) > 0 and len(values) == 1
        ):
            grid = np.geomspace(float(a), float(b), count)
        case _:
            raise ValueError(f"{axis}: {values!r} is not a grid; give {GRIDS}")
    if not np.isfinite(grid).all():
        raise ValueError(f"{axis}: {values!r} goes beyond the largest float; give smaller numbers")
    return [to_six_digits(v) for v in grid]


def whole_numbers(values: Any) -> Any:
    """The distinct whole numbers of a list or grid, ascending; any other value is returned unchanged."""
    if isinstance(values, Mapping):
        return sorted({round(v) for v in expand("checkpoints", values)})
    if isinstance(values, list) and all(type(v) is int for v in values):
        refuse_twice(values)
        return sorted(values)
    return values


def refuse_twice(values: Sequence[Any]) -> None:
    """Raise a ValueError for a value that appears twice in a list."""
    for place, value in enumerate(values):
        if value in values[:place]:
            raise ValueError(f"{value!r} appears twice; leave one out")


def to_six_digits(value: float) -> float:
    """Round to 6 significant digits, because the last bit of a library's grid can vary by machine."""
    return float(f"{value:.6g}")


def sweep_parts(sweep: JsonValue) -> list[dict[str, JsonValue]]:
    """The parts of a sweep: the elements of a list, or the sweep itself."""
    if sweep == []:
        raise ValueError("sweep: [] has no points; give {} for a single condition")
    found = sweep if isinstance(sweep, list) else [sweep]
    for part in found:
        if not isinstance(part, dict):
            raise ValueError(f"sweep: {part!r} is not a mapping of keys to values")
    return [dict(part) for part in found if isinstance(part, dict)]


def points(sweep: Iterable[Mapping[str, JsonValue]]) -> dict[str, dict[str, JsonValue]]:
    """Every point of a sweep, by its slug. Each part of it is the product of its axes."""
    by_slug: dict[str, dict[str, JsonValue]] = {}
    for part in sweep:
        _refuse_nested(part)
        axes = [expand(axis, values) for axis, values in part.items()]
        if (count := math.prod(map(len, axes))) > MOST_POINTS:
            raise ValueError(
                f"sweep: {count} points; give at most {MOST_POINTS}, or use several experiments"
            )
        for values in itertools.product(*axes):
            point = dict(zip(part, values, strict=True))
            name = slug(point, "only")
            if name in by_slug:
                raise ValueError(f"sweep: the point {name} appears twice; leave one out")
            by_slug[name] = point
    return by_slug


def _refuse_nested(part: Mapping[str, JsonValue]) -> None:
    """Refuse to sweep importance and importance.last together, because one would replace the other."""
    for axis in part:
        if outer := next((other for other in part if str(axis).startswith(f"{other}.")), None):
            raise ValueError(f"sweep: {axis} is a part of {outer}; sweep only one of them")


def words_by_axis(name: str) -> dict[str, str]:
    """The axes and values in a slug: {"density": "0.3"} for density=0.3; empty if the slug has no axis."""
    parts = (part.partition("=") for part in name.split(","))
    return {axis: text for axis, equals, text in parts if equals}


def slug(point: Mapping[str, JsonValue], empty: str) -> str:
    """A readable name of a point, such as density=0.3,importance.last=2; `empty` if it has no axis."""
    return ",".join(f"{axis}={word(value)}" for axis, value in point.items()) or empty


def word(value: Any) -> str:
    """A swept value in a slug."""
    if isinstance(value, float | int):
        short = f"{float(value):g}"
        return short if float(short) == value else repr(value)
    if isinstance(value, Mapping):
        return "+".join(f"{k}-{word(v)}" for k, v in value.items())
    return "-".join(map(word, value)) if isinstance(value, list) else str(value)
