"""The keywords of `train` and `sweep`: the keys of an experiment, with a few short forms."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import JsonValue

from superpos.config.messages import ConfigError, one_line, refuse_unknown_keys
from superpos.config.resolving import BLOCK, BLOCK_KEYS
from superpos.metrics.array_likes import plain

T = TypeVar("T")


def keywords(
    *more: str, without: tuple[str, ...] = ()
) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Decorate a function to take the keys of an experiment, which its signature then shows.

    more: further keywords; without: keys that it does not take. Numbers and arrays may come from any
    library. The decorated function raises a ConfigError that suggests the right name of an unknown
    keyword.
    """
    keys = [key for key in (*BLOCK_KEYS, "lr", *more) if key not in without]

    def decorated(function: Callable[..., T]) -> Callable[..., T]:
        whole = inspect.signature(function)
        *own, block = whole.parameters.values()
        named = [parameter.name for parameter in own]
        unnamed = [one.name for one in own if one.kind is not inspect.Parameter.KEYWORD_ONLY]
        added = [
            block.replace(name=key, kind=inspect.Parameter.KEYWORD_ONLY, default=None)
            for key in keys
            if key not in named
        ]

        @functools.wraps(function)
        def wrapped(*args: Any, **given: Any) -> T:
            for key in without:
                if key in given:
                    raise ConfigError(
                        f"{key}: not a key of {function.__name__}; use superpos.sweep"
                    )
            refuse_unknown_keys("", given, dict.fromkeys([*named, *keys]), *BLOCK)
            if len(args) > len(unnamed):
                raise ConfigError(
                    f"{args[len(unnamed)]!r}: {function.__name__} takes {' and '.join(unnamed)} without a"
                    " name; name the others, as in n_features=5"
                )
            try:
                return function(*map(plain, args), **_in_full(plain(given)))
            except ConfigError:
                raise
            except ValueError as error:
                raise ValueError(one_line(str(error))) from None

        vars(wrapped)["__signature__"] = whole.replace(parameters=[*own, *added])
        return wrapped

    return decorated


def _in_full(given: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The keywords without those that are None, and with short forms written out.

    `lr` is optimizer.lr, also as an axis of a sweep. A name for data, optimizer or init is its `name`.
    Adam has no weight decay unless one is given.
    """
    block: dict[str, JsonValue] = {key: value for key, value in given.items() if value is not None}
    for key in {"data", "optimizer", "init"} & block.keys():
        if isinstance(block[key], str):
            block[key] = {"name": block[key]}
    if (rate := block.pop("lr", None)) is not None:
        optimizer = block.setdefault("optimizer", {})
        if isinstance(optimizer, dict):
            if "lr" in optimizer:
                raise ConfigError(
                    f"lr: {rate!r} is given, and so is optimizer.lr: {optimizer['lr']!r}; give one"
                )
            block["optimizer"] = {**optimizer, "lr": rate}
    if "sweep" in block:
        block["sweep"] = _rates_in_full(block["sweep"])
    if isinstance(optimizer := block.get("optimizer"), dict) and optimizer.get("name") == "adam":
        block["optimizer"] = {"weight_decay": 0.0, **optimizer}
    return block


def _rates_in_full(sweep: JsonValue) -> JsonValue:
    """A sweep, or each of its parts, with `lr` written out; with optimizer.lr beside it, `lr` is refused."""
    if isinstance(sweep, list):
        return [_rates_in_full(part) for part in sweep]
    if not isinstance(sweep, dict) or "optimizer.lr" in sweep:
        return sweep
    return {("optimizer.lr" if axis == "lr" else axis): v for axis, v in sweep.items()}
