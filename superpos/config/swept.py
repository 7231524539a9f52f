"""Which keys distinguish the conditions of a sweep, and how keys and values are named for readers."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from superpos.config import grids

NAMES = {
    "n_features": "features",
    "n_hidden": "hidden dimensions",
    "steps": "steps",
    "batch": "batch size",
    "density.first_ratio": "relative density of the first feature",
    "density.others": "density of the other features",
    "importance.last": "importance of the last feature",
    "importance.geometric": "importance ratio",
    "data.sets": "feature sets",
    "data.set": "training set",
    "data.training_samples": "training samples",
    "optimizer.lr": "learning rate",
    "optimizer.eps": "epsilon",
    "init.std": "initial weight scale",
    "init.trained_on": "samples trained on before",
}
"""Keys whose last word, with blanks for underscores, would not be enough for a reader."""
COUNTED = ("n_features", "n_hidden", "steps", "data.sets", "data.training_samples")
"""Keys whose name follows the number, as in "5 features"."""

Values = Mapping[str, JsonValue]
"""What a condition has under each swept key."""


def varied(points: Sequence[Values]) -> list[str]:
    """The keys whose values are not the same at all points; a missing value differs from any other."""
    keys = dict.fromkeys(itertools.chain.from_iterable(points))
    return [key for key in keys if _differs(key, points)]


def _differs(key: str, points: Sequence[Values]) -> bool:
    """Whether a key has several values; a grid of thousands of points is not read to its end."""
    words = (grids.word(point[key]) if key in point else None for point in points)
    first = next(words)
    return any(word != first for word in words)


def key_name(key: str) -> str:
    """What a key is called: "learning rate" for optimizer.lr."""
    return NAMES.get(key, key.rpartition(".")[2].replace("_", " "))


def sentence(points: Sequence[Values]) -> str:
    """A closing sentence for a caption that says what was swept; empty if there is one condition."""
    *most, last = [key_name(key) for key in varied(points)] or [""]
    keys = f"{', '.join(most)} and {last}" if most else last
    return f" The conditions differ in {keys}." if keys else ""


def in_words(
    point: Values, keys: Iterable[str], number: Callable[[float], str] = "{:.4g}".format
) -> str:
    """The values of some keys at a point, in words: "linear, 2 hidden dimensions, density 0.1".

    number: writes a number that is not a count.
    """
    return ", ".join(_said(key, point[key], number) for key in keys if key in point)


def _said(key: str, value: Any, number: Callable[[float], str]) -> str:
    if isinstance(value, str):
        return value.replace("_", " ")
    if value is None:
        return f"no {key_name(key)}"
    if key in COUNTED:
        return f"{value:,} {key_name(key).removesuffix('s') if value == 1 else key_name(key)}"
    return f"{key_name(key)} {_written(value, number)}"


def _written(value: Any, number: Callable[[float], str]) -> str:
    if value is None:
        return "none"
    if isinstance(value, float | int):
        return number(value)
    if isinstance(value, Mapping):
        value = [f"{inner} {_written(each, number)}" for inner, each in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        value = [_written(each, number) for each in value]
    return (value if isinstance(value, str) else ", ".join(value)).replace("_", " ")
