"""The one rule by which a config overrides another: files, `--config`, a `base`, the library's keywords.

Experiments, figures and theory tables override those of the same name. Within a block, the mappings
named in `MERGED` inherit key by key, and any other value replaces the inherited one as a whole.
"""

import functools
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from superpos import lookup
from superpos.config.messages import at_place, mapping

MERGED = ("optimizer", "evaluation")
NAMED = ("experiments", "figures", "theory")
LONGEST_CHAIN = 50
"""Blocks, each of which inherits from the next."""


def merged(layers: Iterable[Mapping[str, JsonValue]]) -> dict[str, JsonValue]:
    """Merge the layers into one config; each layer overrides the ones before it.

    Raises a ValueError that names a value if it would have no effect because its key is swept.
    """
    nothing: dict[str, JsonValue] = {}
    return functools.reduce(over, layers, nothing)


def over(lower: Mapping[str, JsonValue], upper: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The config `lower`, overridden by `upper`."""
    both = {**lower, **upper}
    for part in NAMED:
        below, above = lower.get(part), upper.get(part)
        if isinstance(below, dict) and isinstance(above, dict):
            laid = {name: _laid(f"{part}.{name}", below.get(name), above[name]) for name in above}
            both[part] = {**below, **laid}
    if isinstance(lower.get("defaults"), dict) and isinstance(upper.get("defaults"), dict):
        both["defaults"] = _laid("defaults", lower["defaults"], upper["defaults"])
    return both


def inherited(name: str, blocks: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """An experiment's block with the values that it inherits from its `base`, the base's base and so on."""
    whole: dict[str, JsonValue] = {}
    for link in reversed(chain(name, blocks)):
        whole = block(f"experiments.{link}", whole, mapping(blocks[link], f"experiments.{link}"))
    return whole


def chain(name: str, blocks: Mapping[str, JsonValue]) -> list[str]:
    """The experiment, its base, the base's base, and so on; raises a ConfigError if it never ends."""
    links: list[str] = [name]
    while (base := mapping(blocks[links[-1]], f"experiments.{links[-1]}").get("base")) is not None:
        with at_place(f"experiments.{links[-1]}.base"):
            lookup.refuse_unknown("experiment", str(base), list(blocks))
            if base in links:
                raise ValueError(f"{base} itself inherits from {links[-1]}, which makes a cycle")
            if len(links) == LONGEST_CHAIN:
                raise ValueError(
                    f"more than {LONGEST_CHAIN} blocks inherit from one another; use fewer"
                )
        links.append(str(base))
    return links


def self_contained(name: str, blocks: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """An experiment's block made self-contained: with the values that it inherits, and without a `base`."""
    whole = {key: value for key, value in inherited(name, blocks).items() if key != "base"}
    return functools.reduce(_without, swept_throughout(whole.get("sweep")), whole)


def combined(
    lower: Mapping[str, JsonValue], upper: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Combine two blocks; the upper one's value wins. An inherited `pack` follows the sweep."""
    whole = {**lower, **upper}
    for key in MERGED:
        below, above = lower.get(key), upper.get(key)
        if isinstance(below, dict) and isinstance(above, dict):
            whole[key] = {**below, **above}
    if "sweep" in upper and "pack" not in upper and isinstance(pack := lower.get("pack"), list):
        swept = [axis for part in _parts(upper["sweep"]) for axis in part]
        whole["pack"] = [key for key in pack if key in swept]
    return whole


def block(
    place: str, lower: Mapping[str, JsonValue], upper: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """One block overridden by another; raises a ValueError for a value that would have no effect."""
    whole = combined(lower, upper)
    for axis in swept_throughout(whole.get("sweep")):
        _refuse_fixed(place, upper, axis)
    _refuse_samples(place, upper.get("evaluation"), whole.get("evaluation"))
    return whole


def swept_throughout(sweep: JsonValue) -> list[str]:
    """The axes that every part of a sweep has."""
    parts = _parts(sweep)
    return [axis for axis in parts[0] if all(axis in part for part in parts)] if parts else []


def _parts(sweep: JsonValue) -> list[dict[str, JsonValue]]:
    """The parts of a sweep; none if the value is not a sweep, because a later check refuses it."""
    parts = sweep if isinstance(sweep, list) else [sweep]
    found = [part for part in parts if isinstance(part, dict)]
    return found if len(found) == len(parts) else []


def _laid(place: str, lower: JsonValue, upper: JsonValue) -> JsonValue:
    """Override the lower layer's block with this one, and drop lower values that would have no effect."""
    if not isinstance(upper, dict):
        return upper
    below = dict(lower) if isinstance(lower, dict) else {}
    for axis in swept_throughout(upper.get("sweep")):
        below = _without(below, axis)
    if _strata(upper.get("evaluation")):
        below = _without(below, "evaluation.samples")
    return block(place, below, upper)


def _without(values: Mapping[str, JsonValue], axis: str) -> dict[str, JsonValue]:
    """The values except the one that a sweep replaces; a dot in the axis reaches into a nested mapping."""
    key, _, inner = axis.partition(".")
    if inner and isinstance(outer := values.get(key), dict):
        return {**values, key: _without(outer, inner)}
    return {k: v for k, v in values.items() if k != key or inner}


def _refuse_fixed(place: str, given: Mapping[str, JsonValue], axis: str) -> None:
    """Raise a ValueError if a block gives the value of a key that is swept."""
    value: JsonValue = dict(given)
    path = [place]
    for key in axis.split("."):
        if not isinstance(value, dict) or value.get(key) is None:
            break
        value = value[key]
        path.append(key)
    where = ".".join(path[1:])
    if where == axis:
        fix = f"give sweep: {{{axis}: [{value!r}]}}"
    elif where and not isinstance(value, dict):
        fix = "give only one of them"
    else:
        return
    raise ValueError(f"{place}.{where}: {value!r} has no effect, because {axis} is swept; {fix}")


def _refuse_samples(place: str, given: JsonValue, whole: JsonValue) -> None:
    """Raise a ValueError if a block gives `evaluation.samples`, which has no effect if strata are drawn."""
    if isinstance(given, dict) and "samples" in given and (strata := _strata(whole)):
        raise ValueError(
            f"{place}.evaluation.samples: {given['samples']!r} has no effect, because strata is"
            f" {strata}; add strata: 0 for plain samples, or leave samples out"
        )


def _strata(evaluation: JsonValue) -> int:
    strata = evaluation.get("strata", 0) if isinstance(evaluation, dict) else 0
    return strata if isinstance(strata, int) else 0
