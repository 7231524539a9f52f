"""config.schema.json: every key that the config may have, described, and no other."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from superpos.config.condition import Condition, Data, Init, Optimizer
from superpos.config.experiments import Evaluation, Figure, Settings, Theory
from superpos.config.schema import schema

HERE = Path(__file__).parents[1]
FILE = json.loads((HERE / "config.schema.json").read_text())
RECORDS = FILE["$defs"]
SHIPPED = yaml.safe_load((HERE / "config.yaml").read_text())


def without_names(value):
    """A schema without the names of files, of which anybody may add one."""
    if isinstance(value, dict):
        return {k: without_names(v) for k, v in value.items() if k != "enum" or len(v) < 4}
    return [without_names(v) for v in value] if isinstance(value, list) else value


def test_the_file_is_what_the_records_that_read_the_config_give():
    assert without_names(FILE) == without_names(schema()), (
        "python -m superpos schema > config.schema.json"
    )


def test_its_keys_are_those_that_the_config_accepts():
    experiment = RECORDS["Block"]["properties"]
    assert set(experiment) == {*Condition.model_fields, *Settings.model_fields, "sweep", "base"}
    assert set(RECORDS["Defaults"]["properties"]) == set(experiment) - {"sweep", "base"}
    for record in (Data, Init, Optimizer, Evaluation, Figure, Theory):
        names = {field.alias or name for name, field in record.model_fields.items()}
        assert set(RECORDS[record.__name__]["properties"]) == names


def test_every_key_says_what_it_is():
    for name, record in {"the file": FILE, **RECORDS}.items():
        bare = [key for key, value in record["properties"].items() if not value.get("description")]
        assert not bare, name


def test_the_shipped_config_fits_and_names_the_schema():
    jsonschema.Draft202012Validator.check_schema(FILE)
    jsonschema.validate(SHIPPED, FILE)
    first = (HERE / "config.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=config.schema.json"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("experiments", "F1", "densty"), 1.0),
        (("experiments", "F1", "steps"), "many"),
        (("experiments", "F1", "optimizer"), {"rate": 0.1}),
        (("experiments", "F1", "sweep"), {"densty": [1.0]}),
        (("experiments", "F1", "sweep"), {"density": {"lin": [1, 2, 3]}}),
        (("figures", "F1", "form"), ["F1"]),
        (("sed",), 0),
    ],
)
def test_a_mistake_is_marked(place, value):
    raw = copy.deepcopy(SHIPPED)
    *above, last = place
    block = raw
    for key in above:
        block = block[key]
    block[last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(raw, FILE)
