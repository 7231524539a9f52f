"""The JSON schema of config.yaml, for editors, made from the records that read the config.

It describes each key by the docstring of its field. Rules that span several keys are not in it:
`superpos.config.resolving` alone checks them.
"""

from typing import Any

from pydantic import Field, JsonValue
from pydantic._internal._docs_extraction import extract_docstrings_from_cls
from pydantic.json_schema import GenerateJsonSchema

from superpos import lookup
from superpos.config.condition import Condition, Strict
from superpos.config.experiments import Figure, Settings, Theory

NUMBER: JsonValue = {"type": "number"}
NUMBERS: dict[str, JsonValue] = {"type": "array", "items": NUMBER}
ENDS_AND_COUNT = {**NUMBERS, "minItems": 3, "maxItems": 3}
GRID = {
    "type": "object",
    "description": "The first value, the last value and their count.",
    "properties": {"linear": ENDS_AND_COUNT, "log": ENDS_AND_COUNT},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}
ONE_SWEEP = {
    "type": "object",
    "patternProperties": {
        rf"^({'|'.join(Condition.model_fields)})(\..+)?$": {"anyOf": [{"type": "array"}, GRID]}
    },
    "additionalProperties": False,
}


class Defaults(Condition, Settings):
    """The keys of an experiment that may have a default."""


class Block(Defaults):
    """An experiment. Its folder in results/ has the same name."""

    base: str
    """The experiment whose keys this block inherits, and whose figure it is drawn by."""
    sweep: Any
    """Keys and their values. Every combination of the values is a condition; a list of sweeps has the
    conditions of each. A dot reaches inside: optimizer.lr."""


class File(Strict):
    """Every experiment, figure and table of theory, and the seed."""

    seed: int = Field(ge=0)
    """The base seed. The random numbers of a run depend on it, its condition and its replicate."""
    paper: str
    """The paper whose config this one is or changes: a folder in superpos/papers; toy_models by default."""
    variation: str
    """The name of a config that changes the shipped one: a folder in results/variations/."""
    defaults: Defaults
    """The values that an experiment has unless its block gives others."""
    experiments: dict[str, Block]
    """One block for each experiment. The experiment's folder in results/ has the name of the block."""
    theory: dict[str, Theory]
    """One line for each table that needs no training."""
    figures: dict[str, Figure]
    """One line for each figure."""


class _Partial(GenerateJsonSchema):
    """A schema in which only lines have required keys, because blocks inherit the others."""

    def model_schema(self, schema: Any) -> Any:
        made = super().model_schema(schema)
        if schema["cls"] not in (Figure, Theory):
            made.pop("required", None)
        _describe(made["properties"], schema["cls"])
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _describe(keys: dict[str, Any], record: type[Strict]) -> None:
    """Describe each key by the docstring of its field.

    Pydantic would do so whenever a record is defined, and then reading the source would take a large
    part of every job's start.
    """
    for one in record.__mro__:
        if issubclass(one, Strict):
            for field, text in extract_docstrings_from_cls(one, use_inspect=True).items():
                key = one.model_fields[field].alias or field
                keys[key].setdefault("description", text)


def schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    made = File.model_json_schema(schema_generator=_Partial)
    records = made["$defs"]
    for record in ("Defaults", "Block"):
        keys = records[record]["properties"]
        keys["model"] |= _any_of_names(lookup.names("model"))
        keys["metrics"]["items"] = _any_of_names(list(lookup.metrics()))
        keys["density"] |= _numbers_or("others", "first_ratio")
        keys["importance"] |= _numbers_or("geometric", "last")
        steps = {"type": "array", "items": {"type": "integer", "minimum": 1}}
        keys["checkpoints"] = {
            "description": keys["checkpoints"]["description"],
            "anyOf": [steps, GRID],
        }
    sweeps = {"anyOf": [ONE_SWEEP, {"type": "array", "items": ONE_SWEEP}]}
    records["Block"]["properties"]["sweep"] |= sweeps
    records["Data"]["properties"]["name"] |= _any_of_names(lookup.names("data"))
    records["Figure"]["properties"]["draw"] |= _any_of_names(lookup.names("figure"))
    records["Theory"]["properties"]["table"] |= _any_of_names(lookup.names("theory table"))
    version = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": version, **made, "title": "config.yaml of superpos"}


def _any_of_names(known: list[str]) -> dict[str, JsonValue]:
    """Names that an editor suggests. Other names are valid too, because adding a file adds a name."""
    return {"anyOf": [{"enum": [*known]}, {"type": "string"}]}


def _numbers_or(*keys: str) -> dict[str, JsonValue]:
    """One number, one number per feature, or a short form with these keys."""
    form: JsonValue = {
        "type": "object",
        "properties": dict.fromkeys(keys, NUMBER),
        "additionalProperties": False,
    }
    return {"anyOf": [NUMBER, NUMBERS, form]}
