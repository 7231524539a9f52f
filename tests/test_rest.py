"""Longer training: which settings it multiplies, and which models it finds at rest."""

import pandas as pd
import pytest

from superpos.config import shipped
from superpos.config.longer import longer
from superpos.config.resolving import resolve
from superpos.verdicts import rest


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
        (0.100, 0.1200, True),
        (2e-5, 1e-5, True),
        (4e-5, 1e-5, False),
        (0.100, float("nan"), False),
    ],
)
def test_models_are_at_rest_if_the_best_loss_hardly_falls(loss, after, at_rest):
    short = runs(("steps=10,density=1", 0, 1, 9.0), ("steps=10,density=1", 1, 0, loss))
    long = runs(("steps=40,density=1", 0, 0, after), ("steps=40,density=1", 1, 1, 9.0))
    features = FEATURES.assign(condition="steps=10,density=1")
    table = rest.table({"F": (short, long, features)})
    assert table["at_rest"].tolist() == [at_rest]
    assert table["ignoring"].tolist() == [pytest.approx(2 / 12)]


def test_the_report_says_how_many_models_rest_and_how_far_the_others_fall():
    experiments = resolve(shipped.config()).experiments
    table = pd.DataFrame(
        {
            "experiment": ["F9", "F9", "F18"], "loss": [1.0, 1.0, 1.0],
            "longer": [0.995, 0.97, 0.999], "at_rest": [True, False, True],
        }
    )  # fmt: skip
    summary = rest.summary(table, experiments)
    measured = rest.read(summary.to_csv(index=False))
    said = {name: rest.sentence(experiments[name], measured) for name in ("F9", "F18", "F3")}
    assert "At rest in 1 of 2 conditions" in said["F9"]
    assert "up to 3.0%" in said["F9"]
    assert said["F18"].startswith("At rest: ")
    assert said["F3"] == rest.UNKNOWN
    assert rest.sentence(experiments["F18_recipe"], measured) == rest.RECIPE


def test_nothing_is_said_of_other_settings():
    experiments = resolve(shipped.config()).experiments
    row = {"experiment": ["F9"], "loss": [1.0], "longer": [1.0], "at_rest": [True]}
    measured = rest.summary(pd.DataFrame(row), experiments)
    raw = shipped.config()
    raw["experiments"]["F9"]["steps"] = 10
    other = resolve(raw).experiments["F9"]
    assert rest.sentence(other, measured) == rest.UNKNOWN
