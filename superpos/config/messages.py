"""Messages about a config: one line that names the place, the value and what to do."""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic.fields import FieldInfo

from superpos import lookup

LONGEST_MESSAGE = 480
"""In characters."""
LONGEST_NAME = 100
"""In bytes. A file system allows about 255, including suffixes."""
OTHER_NAMES = {
    "sparsity": "density, which is 1 - sparsity",
    "S": "density, which is 1 - S",
    **dict.fromkeys(("p", "prob", "feature_probability", "feature_prob"), "density"),
    **dict.fromkeys(("n", "d_in", "num_features", "n_feat"), "n_features"),
    **dict.fromkeys(("m", "d_hidden", "d_model", "d_mlp", "hidden_dim"), "n_hidden"),
    **dict.fromkeys(("epochs", "n_steps", "num_steps", "iterations"), "steps"),
    "batch_size": "batch",
    **dict.fromkeys(("n_instances", "instances", "n_models", "n_runs", "runs"), "replicates"),
    **dict.fromkeys(("seeds", "n_seeds"), "replicates, and seed for the base seed"),
    **dict.fromkeys(("device", "cuda"), "engine: gpu"),
    "learning_rate": "lr, which is optimizer.lr in a config",
    **dict.fromkeys(("lr_schedule", "scheduler", "lr_scale"), "schedule"),
    "wd": "optimizer: {weight_decay: ...}",
    "n_sets": "data: {sets: ...}",
    **dict.fromkeys(("evaluation_samples", "n_eval"), "evaluation: {samples: ...}"),
    **dict.fromkeys(("bias", "use_bias"), "model: relu_output_unbiased for no bias"),
    **dict.fromkeys(
        ("activation", "act_fn", "nonlinearity"), "model; docs/adding.md says how to add another"
    ),
    **dict.fromkeys(("l1", "l1_coeff"), "no L1 penalty; docs/adding.md says how to add one"),
    **dict.fromkeys(("warmup", "warmup_steps"), "schedule: warmup_cosine"),
    **dict.fromkeys(("momentum", "beta1"), "optimizer: {betas: ...}"),
    **dict.fromkeys(("random_state", "random_seed"), "seed"),
    **dict.fromkeys(("n_jobs", "num_threads", "num_workers", "n_threads"), "threads"),
}
"""What other projects call the keys of a config, and what they are called here."""

Record = TypeVar("Record", bound=BaseModel)


class ConfigError(ValueError):
    """A mistake in the config, in one line: place, value, what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


@contextlib.contextmanager
def at_place(place: str) -> Iterator[None]:
    """Turn a ValueError into a ConfigError that names the place."""
    try:
        yield
    except ValueError as error:
        raise ConfigError(f"{place}: {error}") from None


def read_record(record: type[Record], values: object, place: str) -> Record:
    """Read a config's values as a record; raises a ConfigError if they are invalid."""
    try:
        return record.model_validate(mapping(values, place))
    except ValidationError as error:
        raise invalid(error, record, place) from None


def invalid(error: ValidationError, record: type[BaseModel], place: str) -> ConfigError:
    """The first of pydantic's errors as a message, with the key that was probably meant.

    An unknown key comes first: if it is misspelt, another error says that the right one is missing.
    """
    every = error.errors()
    first = next((one for one in every if one["type"] == "extra_forbidden"), every[0])
    where = ".".join([place, *map(str, first["loc"])])
    match first["type"]:
        case "missing":
            inherits = place.startswith("experiments.") and len(first["loc"]) == 1
            base = ", or name a `base` that has it" if inherits else ""
            return ConfigError(f"{where}: missing; give it{base}")
        case "extra_forbidden":
            return ConfigError(f"{where}: unknown key; {_meant(first['loc'], record)}")
        case "value_error":
            return ConfigError(f"{where}: {first['ctx']['error']}")
    text_number = isinstance(first["input"], str) and "number" in first["msg"]
    hint = " (YAML reads 1e-3 as text: write 0.001 or 1.0e-3)" if text_number else ""
    return ConfigError(f"{where}: {first['input']!r}: {first['msg'].lower()}{hint}")


def refuse_unknown_keys(
    place: str, block: Collection[str], known: Collection[str], *records: type[BaseModel]
) -> None:
    """Raise a ConfigError for the first key that is unknown; `place` ends with a dot or is empty.

    records: those that the known keys belong to.
    """
    for key in block:
        if key not in known:
            raise ConfigError(f"{place}{key}: unknown key; {key_hint(str(key), known, *records)}")


def key_hint(key: str, known: Collection[str], *records: type[BaseModel]) -> str:
    """The key that was probably meant: a known one, or one within a mapping of the records."""
    if key in OTHER_NAMES:
        return f"use {OTHER_NAMES[key]}"
    for outer, field in ((n, f) for record in records for n, f in record.model_fields.items()):
        if (inner := _record_of(field)) and key in inner.model_fields:
            return f"use {outer}: {{{key}: ...}}"
    return lookup.hint(key, known)


def mapping(value: object, place: str) -> dict[str, JsonValue]:
    """The value, if it is a mapping; raises a ConfigError otherwise."""
    if not isinstance(value, Mapping):
        raise ConfigError(f"{place}: {value!r} is not a mapping of keys to values")
    return dict(value)


def check_name(place: str, name: str, whose: str, what: str) -> None:
    """Raise a ConfigError unless the name is valid for a file or folder on every system."""
    if not name.isidentifier():
        raise ConfigError(
            f"{place}: {whose} name is also the name of {what}; use only letters, digits and _"
        )
    if len(name.encode()) > LONGEST_NAME:
        raise ConfigError(
            f"{place}: {whose} name is also the name of {what}, but has {len(name)} characters; shorten it"
        )


def one_line(message: str) -> str:
    """Put a message on one line that a terminal can show; the middle of a long one is cut out."""
    shown = visible(message[:100_000])
    if len(shown) <= LONGEST_MESSAGE:
        return shown
    half = LONGEST_MESSAGE // 2 - 3
    return f"{shown[:half]} ... {shown[-half:]}"


def visible(text: str, kept: str = "") -> str:
    """Escape the control characters, which a terminal would obey, except those in `kept`."""
    return "".join(
        c if c.isprintable() or c in kept else c.encode("unicode_escape").decode() for c in text
    )


def _meant(place: tuple[int | str, ...], record: Any) -> str:
    """The key of the record at that place that was probably meant."""
    *outer, key = place
    for name in outer:
        record = _record_of(record.model_fields[name])
    known = [field.alias or name for name, field in record.model_fields.items()]
    return key_hint(str(key), known, record)


def _record_of(field: FieldInfo) -> type[BaseModel] | None:
    """The record that a field holds, if it holds one."""
    form = field.annotation
    return next((one for one in (form, *get_args(form)) if hasattr(one, "model_fields")), None)
