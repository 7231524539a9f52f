"""Longer training: which settings it multiplies, and which models it finds at rest."""

import pandas as pd
import pytest
from project import HERE

from superpos import lookup
from superpos.config import shipped
from superpos.config.longer import longer
from superpos.config.resolving import resolve
from superpos.verdicts import judging, rest


def conditions(config):
    return [
        (name, c.steps, c.model_copy(update={"steps": 1}))
        for name, e in resolve(config).experiments.items()
        if e.settings.trained != "recipe"
        for c in e.conditions.values()
    ]


def test_only_the_steps_are_multiplied_and_in_every_experiment():
    from superpos.config.layers import merged

    raw = shipped.config()
    before, after = conditions(raw), conditions(merged([raw, longer(raw, 4)]))
    assert [(n, 4 * steps, c) for n, steps, c in before] == after


@pytest.mark.parametrize("times", [1, 0, -4])
def test_a_config_that_is_not_longer_is_refused(times):
    with pytest.raises(ValueError, match=rf"^{times} times as long .*; give 2 or more$"):
        longer(shipped.config(), times)


def runs(*rows):
    return pd.DataFrame(rows, columns=["condition", "replicate", "rank", "loss"])


FEATURES = pd.DataFrame(
    {"condition": "density=1", "replicate": 0, "importance": [1.0, 1.0], "feature_density": 1.0}
)
"""Ignoring both features costs 2 / 12."""


@pytest.mark.parametrize(
    ("loss", "after", "at_rest"),
    [
        (0.100, 0.0995, True),
        (0.100, 0.0985, False),
        (0.100, 0.1005, True),
        (0.100, 0.1015, False),
        (2e-5, 1e-5, True),
        (4e-5, 1e-5, False),
        (1e-5, 2e-5, True),
        (1e-5, 4e-5, False),
        (0.100, float("nan"), False),
    ],
)
def test_models_are_at_rest_if_the_best_loss_hardly_changes(loss, after, at_rest):
    short = runs(("steps=10,density=1", 0, 1, 9.0), ("steps=10,density=1", 1, 0, loss))
    long = runs(("steps=40,density=1", 0, 0, after), ("steps=40,density=1", 1, 1, 9.0))
    features = FEATURES.assign(condition="steps=10,density=1")
    table = rest.table({"F": (short, long, features)})
    assert table["at_rest"].tolist() == [at_rest]
    assert table["ignoring"].tolist() == [pytest.approx(2 / 12)]


SAID = {
    "F3": [(1.0, 0.999, True)],
    "F9": [(1.0, 0.995, True), (1.0, 0.97, False), (1.0, 0.98, False)],
    "F16": [(1.0, 1.005, True), (1.0, 1.02, False), (1.0, 3.0, False)],
    "F18": [(1.0, 1.0, True), (1.0, 0.9, False), (1.0, float("nan"), False)],
}
"""Loss, loss after longer training, and whether at rest, of the conditions of some experiments."""


@pytest.fixture(scope="module")
def said():
    """What the report says of every experiment after these measurements."""
    experiments = resolve(shipped.config()).experiments
    rows = [(name, *row) for name, conditions in SAID.items() for row in conditions]
    table = pd.DataFrame(rows, columns=["experiment", "loss", "longer", "at_rest"])
    summary = rest.rest_by_experiment(table, experiments).to_csv(index=False)
    return {name: rest.sentence(e, rest.read(summary)) for name, e in experiments.items()}


def test_the_report_says_that_all_models_are_at_rest(said):
    assert said["F3"] == f"At rest: {rest.UNCHANGED}."


def test_the_report_says_how_many_models_rest_and_how_far_the_others_fall(said):
    assert said["F9"].startswith("At rest in 1 of 3 conditions, where ")
    assert said["F9"].endswith("; in 2 it lowers the loss, by up to 3.0%.")


def test_the_report_does_not_call_a_model_at_rest_whose_loss_rises(said):
    assert said["F16"].startswith("At rest in 1 of 3 conditions, where ")
    assert "lowers the loss" not in said["F16"]
    assert "; in 2 it ends elsewhere, with up to 200.0% more loss, " in said["F16"]


def test_the_report_tells_falls_and_rises_apart_and_counts_a_diverged_training_as_a_rise(said):
    assert "in 1 it lowers the loss, by up to 10.0%; in 1 it ends elsewhere" in said["F18"]


def test_the_report_says_what_is_not_measured_and_what_is_a_recipe(said):
    assert said["F1"] == rest.UNKNOWN
    assert said["F18_recipe"] == rest.RECIPE


def test_nothing_is_said_of_other_settings():
    experiments = resolve(shipped.config()).experiments
    row = {"experiment": ["F9"], "loss": [1.0], "longer": [1.0], "at_rest": [True]}
    measured = rest.rest_by_experiment(pd.DataFrame(row), experiments)
    raw = shipped.config()
    raw["experiments"]["F9"]["steps"] = 10
    other = resolve(raw).experiments["F9"]
    assert rest.sentence(other, measured) == rest.UNKNOWN


@pytest.fixture(scope="module")
def restless():
    """The experiments some of whose models are not known to be at rest, after their measurement."""
    measured = rest.read((HERE / "superpos/papers/toy_models/rest.csv").read_text())
    return {*measured["experiment"][measured["at_rest"] < measured["conditions"]]}


def test_no_claims_label_says_that_its_models_rest_because_only_the_measured_table_knows(restless):
    labels = {c.models for c in judging.claims() if restless & {*c.experiments}}
    assert {"F4", "F18", "F19"} <= restless
    assert labels == {"main", "recipe"}


def test_a_figure_says_that_its_models_rest_only_if_all_of_them_do(restless):
    experiments, figures = resolve(shipped.config()).experiments, resolve(shipped.config()).figures
    main = {name for name in restless if experiments[name].settings.trained != "recipe"}
    say = {
        name: line.experiments
        for name, line in figures.items()
        if "at rest" in lookup.file("figure", line.draw).read_text()
    }
    assert {"F12", "F13"} <= {*say}
    # F2 says so of the model at density 1 alone, which loses as little as the optimum of linear models.
    assert {name for name, of in say.items() if main & {*of}} == {"F2"}


def test_a_condition_is_found_again_whatever_its_number_of_steps():
    short = runs(("density=1,steps=250000", 0, 0, 0.1))
    after = runs(("density=1,steps=1e+06", 0, 0, 0.1))
    features = FEATURES.assign(condition="density=1,steps=250000")
    found = rest.table({"x": (short, after, features)})
    assert found["at_rest"].tolist() == [True]
    other = runs(("density=0.3,steps=1e+06", 0, 0, 0.1))
    with pytest.raises(ValueError, match=r"^x: density=1 was not trained longer"):
        rest.table({"x": (short, other, features)})
