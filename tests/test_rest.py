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
    assert rest.moving(table) == ({} if at_rest else {"F": ["steps=10,density=1"]})
