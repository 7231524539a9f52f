"""One rule for laying one config over another: files, `--config`, a block's `base`, the library's keywords.

Experiments, figures and theory tables are laid over those of the same name. Within a block the
mappings of `MERGED` inherit key by key; any other value replaces the inherited one whole.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from superpos import lookup

MERGED = ("optimizer", "evaluation")
NAMED = ("experiments", "figures", "theory")
LONGEST_CHAIN = 50
"""Blocks that inherit one from another, at most."""


def merged(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The layers as one config, each laid over those before it.

    Raises a ValueError that names a value that the layer's own or an inherited sweep overrides.
    """
    return functools.reduce(over, layers, {})


def over(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """A config laid over another."""
    both = {**lower, **upper}
    for part in NAMED:
        below, above = lower.get(part), upper.get(part)
        if isinstance(below, Mapping) and isinstance(above, Mapping):
            laid = {name: _laid(f"{part}.{name}", below.get(name), above[name]) for name in above}
            both[part] = {**below, **laid}
    if _mappings(lower.get("defaults"), upper.get("defaults")):
        both["defaults"] = _laid("defaults", lower["defaults"], upper["defaults"])
    return both


def inherited(name: str, blocks: Mapping[str, Any]) -> dict[str, Any]:
    """An experiment's block with what its `base` gives, and the base's base, and so on."""
    whole: dict[str, Any] = {}
    for link in reversed(chain(name, blocks)):
        whole = block(f"experiments.{link}", whole, blocks[link])
    return whole


def chain(name: str, blocks: Mapping[str, Any]) -> list[str]:
    """The experiment, its base, the base's base, and so on."""
    links: list[str] = [name]
    while (base := _mapping(f"experiments.{links[-1]}", blocks[links[-1]]).get("base")) is not None:
        place = f"experiments.{links[-1]}.base"
        try:
            lookup.refuse_unknown("experiment", str(base), list(blocks))
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
        if base in links:
            raise ValueError(f"{place}: {base} inherits from {links[-1]}: a circle")
        if len(links) == LONGEST_CHAIN:
            raise ValueError(f"{place}: more than {LONGEST_CHAIN} blocks inherit one from another")
        links.append(base)
    return links


def alone(name: str, blocks: Mapping[str, Any]) -> dict[str, Any]:
    """An experiment's block that needs no other: with what it inherits, without what it sweeps."""
    whole = {key: value for key, value in inherited(name, blocks).items() if key != "base"}
    return functools.reduce(_without, swept_throughout(whole.get("sweep")), whole)


def combined(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of both blocks; where both have one, the upper's. Inherited `pack` follows the sweep."""
    both = {key for key in MERGED if _mappings(lower.get(key), upper.get(key))}
    whole = {**lower, **upper, **{key: {**lower[key], **upper[key]} for key in both}}
    if "sweep" in upper and "pack" not in upper and isinstance(pack := lower.get("pack"), list):
        swept = [axis for part in _parts(upper["sweep"]) for axis in part]
        whole["pack"] = [key for key in pack if key in swept]
    return whole


def block(place: str, lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """A block laid over another; raises a ValueError for a value that would have no effect."""
    whole = combined(lower, upper)
    for axis in swept_throughout(whole.get("sweep")):
        _refuse_fixed(place, upper, axis)
    _refuse_samples(place, upper.get("evaluation"), whole.get("evaluation"))
    return whole


def swept_throughout(sweep: Any) -> list[str]:
    """The axes that every part of a sweep has."""
    parts = _parts(sweep)
    return [axis for axis in parts[0] if all(axis in part for part in parts)] if parts else []


def _parts(sweep: Any) -> list[Mapping[str, Any]]:
    parts = sweep if isinstance(sweep, list) else [sweep]
    return parts if _mappings(*parts) else []


def _laid(place: str, lower: Any, upper: Any) -> Any:
    """A block laid over the lower layer's, without what the upper one leaves no effect."""
    if not isinstance(upper, Mapping):
        return upper
    below = dict(lower) if isinstance(lower, Mapping) else {}
    for axis in swept_throughout(upper.get("sweep")):
        below = _without(below, axis)
    if _strata(upper.get("evaluation")):
        below = _without(below, "evaluation.samples")
    return block(place, below, upper)


def _without(values: Mapping[str, Any], axis: str) -> dict[str, Any]:
    """The values except the one that a sweep replaces; a dot reaches inside."""
    key, _, inner = str(axis).partition(".")
    if inner and isinstance(values.get(key), Mapping):
        return {**values, key: _without(values[key], inner)}
    return {k: v for k, v in values.items() if k != key or inner}


def _refuse_fixed(place: str, given: Mapping[str, Any], axis: str) -> None:
    """Raise a ValueError if a block gives the value of a key that is swept."""
    value: Any = given
    path = [place]
    for key in str(axis).split("."):
        if not isinstance(value, Mapping) or value.get(key) is None:
            break
        value = value[key]
        path.append(key)
    where = ".".join(path[1:])
    if where == axis:
        fix = f"give sweep: {{{axis}: [{value!r}]}}"
    elif where and not isinstance(value, Mapping):
        fix = "give only one of them"
    else:
        return
    raise ValueError(f"{place}.{where}: {value!r} has no effect, because {axis} is swept; {fix}")


def _refuse_samples(place: str, given: Any, whole: Any) -> None:
    if isinstance(given, Mapping) and "samples" in given and (strata := _strata(whole)):
        raise ValueError(
            f"{place}.evaluation.samples: {given['samples']!r} has no effect, because strata is"
            f" {strata}; add strata: 0 for plain samples, or leave samples out"
        )


def _strata(evaluation: Any) -> int:
    strata = evaluation.get("strata", 0) if isinstance(evaluation, Mapping) else 0
    return strata if isinstance(strata, int) else 0


def _mapping(place: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{place}: {value!r} is no mapping of keys to values")
    return value


def _mappings(*values: Any) -> bool:
    return all(isinstance(value, Mapping) for value in values)
