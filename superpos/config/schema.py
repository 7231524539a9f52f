"""The JSON schema of config.yaml, made from the records that read it, for editors to complete.

It says of every key what it is. What spans several keys, `superpos.config.experiments` alone checks.
"""

from typing import Any

from pydantic import BaseModel

from superpos import lookup
from superpos.config.condition import Condition
from superpos.config.experiments import Figure, Settings, Theory

ABOUT = {
    "seed": "The base seed: a run's random numbers depend on it, its condition and its replicate.",
    "defaults": "What an experiment has unless its block says otherwise.",
    "experiments": "One block an experiment; its name is its folder in results/.",
    "theory": "One line a table that needs no training.",
    "figures": "One line a figure.",
    "variation": "The name of a config laid over the shipped one: a folder in results/variations/.",
    "base": "The experiment whose keys this block inherits, and whose figure it is drawn by.",
    "sweep": "Keys and their values: their product is the conditions; a list of sweeps is a union. "
    "A dot reaches inside: optimizer.lr.",
    "n_features": "n, the number of features.",
    "n_hidden": "m, the number of hidden dimensions.",
    "model": "A file of superpos/models.",
    "data": "How x is drawn: a file of superpos/data and its settings.",
    "data.name": "A file of superpos/data.",
    "data.signed": "Values from U[-1, 1] instead of U[0, 1].",
    "data.sets": "How many equal sets the features form.",
    "data.training_samples": "Train on that many fixed samples instead of fresh ones.",
    "density": "1 - S, the chance that a feature is on; with sets, that its set is on (one_set: that any"
    " set is). One number, one a feature, or {others, first_ratio}.",
    "importance": "I_i: one number, one a feature, {geometric: ratio} or {last: importance}.",
    "optimizer": "Merged with the inherited optimizer, key by key.",
    "optimizer.name": "adam, or adamw, whose weight decay acts on every parameter, b included.",
    "optimizer.lr": "The learning rate, before the schedule.",
    "optimizer.betas": "Adam's two decay rates.",
    "optimizer.eps": "Adam's epsilon.",
    "optimizer.weight_decay": "AdamW's decoupled weight decay.",
    "schedule": "How the learning rate falls to 0 over the steps, if it does.",
    "gradient": "control_variate takes the linear part of the loss exactly, ReLU's from samples.",
    "init": "Initial weights; b starts at 0.",
    "init.name": "xavier, or normal with std.",
    "init.std": "The standard deviation of the initial weights, for normal.",
    "batch": "Samples a step.",
    "steps": "Optimizer steps of a run.",
    "title": "What the report calls the experiment.",
    "replicates": "Runs of each condition, which differ in their random numbers alone.",
    "best_of": "How many of the replicates the best run is chosen from; all if not given.",
    "block": "Replicates trained by one job.",
    "pack": "Swept keys whose values share a training job.",
    "engine": "fused is compiled and fast, reference is torch and readable.",
    "losses": "How many minibatch losses are kept along a run.",
    "checkpoints": "Steps after which the weights are kept.",
    "evaluation": "Held-out samples, merged key by key.",
    "evaluation.samples": "Plain samples, where strata is 0.",
    "evaluation.strata": "Samples for each number of active units, weighted exactly; 0: plain samples.",
    "metrics": "Functions of superpos/metrics that @metric marks.",
    "table": "A file table_NAME.py of a section of a paper.",
    "settings": "What its `table` takes.",
    "draw": "A file figure_NAME.py of a section of a paper.",
    "from": "The experiments that it shows.",
    "figure.theory": "The lines of `theory` that it shows.",
    "options": "What its `draw` takes beside the tables.",
}
"""What every key of the config is."""

NUMBER = {"type": "number"}
NUMBERS = {"type": "array", "items": NUMBER}
GRID = {
    "type": "object",
    "description": "first, last, count",
    "properties": {kind: {**NUMBERS, "minItems": 3, "maxItems": 3} for kind in ("linear", "log")},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}


def schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    block = _block()
    figure = _keys(Figure, {"theory": "figure.theory"})
    figure["draw"] |= _names(lookup.names("figure"))
    table = _keys(Theory, {})
    table["table"] |= _names(lookup.names("theory table"))
    sweep = _sweep()
    experiment = {**block, "base": _about("base", {"type": "string"}), "sweep": sweep}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "config.yaml of superpos",
        **_object(
            {
                "seed": _about("seed", {"type": "integer", "minimum": 0}),
                "variation": _about("variation", {"type": "string"}),
                "defaults": _about("defaults", _object(block)),
                "experiments": _about("experiments", _mapping(_object(experiment))),
                "theory": _about("theory", _mapping(_object(table, "table"))),
                "figures": _about("figures", _mapping(_object(figure, "draw", "from"))),
            }
        ),
    }


def _block() -> dict[str, Any]:
    """The keys that an experiment and the defaults share. None is required: the other may have it."""
    block = _keys(Condition, {}) | _keys(Settings, {})
    forms = {
        "density": {"others": NUMBER, "first_ratio": NUMBER},
        "importance": {"geometric": NUMBER, "last": NUMBER},
    }
    for key, inner in forms.items():
        block[key] |= {"anyOf": [NUMBER, NUMBERS, _object(inner)]}
    block["model"] |= _names(lookup.names("model"))
    block["data"]["properties"]["name"] |= _names(lookup.names("data"))
    block["metrics"]["items"] = _names(list(lookup.metrics()))
    steps = {"anyOf": [{"type": "array", "items": {"type": "integer", "minimum": 1}}, GRID]}
    block["checkpoints"] = _about("checkpoints", steps)
    return block


def _sweep() -> dict[str, Any]:
    keys = "|".join(Condition.model_fields)
    one = {
        "type": "object",
        "patternProperties": {rf"^({keys})(\..+)?$": {"anyOf": [{"type": "array"}, GRID]}},
        "additionalProperties": False,
    }
    return _about("sweep", {"anyOf": [one, {"type": "array", "items": one}]})


def _keys(record: type[BaseModel], renamed: dict[str, str]) -> dict[str, Any]:
    """The properties of a record as a config gives them: described, inner records spelt out."""
    whole = record.model_json_schema()
    inner = whole.get("$defs", {})
    return {
        key: _about(renamed.get(key, key), _plain(renamed.get(key, key), value, inner))
        for key, value in whole["properties"].items()
    }


def _plain(place: str, value: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in value:
        properties = inner[value["$ref"].rpartition("/")[2]]["properties"]
        return _object({k: _about(f"{place}.{k}", _plain(k, v, {})) for k, v in properties.items()})
    return {k: v for k, v in value.items() if k != "title"}


def _about(place: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"description": ABOUT[place], **value}


def _names(known: list[str]) -> dict[str, Any]:
    """Names that an editor offers; a new file adds one without an edit here, so others pass too."""
    return {"anyOf": [{"enum": known}, {"type": "string"}]}


def _mapping(value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": value}


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    needs = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **needs}
