"""What metrics and figures need is declared, and checked before anything is trained."""

import pytest

from superpos import shipped
from superpos.config import resolve
from superpos.needs import Needs, misfit


def experiment(name, **changes):
    """A shipped experiment with some keys changed."""
    raw = shipped.config()
    block = {"base": name, "title": name, **changes}
    raw["experiments"] = {**raw["experiments"], "varied": block}
    return resolve(raw).experiments["varied"].offer


@pytest.mark.parametrize(
    ("needs", "phrase"),
    [
        (Needs(n_hidden=2), None),
        (Needs(n_hidden=3), "needs n_hidden 3; varied has 2"),
        (Needs(most_features=4), "needs n_features 4 or fewer; varied has 5"),
        (Needs(shapes=((2, 1), (3, 2))), "needs 2 features in 1 or 3 features in 2; varied has 5 in 2"),
        (Needs(metrics=("phase",)), "needs the metric phase; varied does not measure it"),
        (Needs(checkpoints=2), "needs 2 checkpoints or more; varied has 0"),
        (Needs(replicates=25), "needs 25 replicates or more; varied has 24"),
        (Needs(conditions=4), "needs 4 conditions or more; varied has 3"),
        (Needs(relu_output=False), "needs a linear output; varied has model relu_output"),
        (Needs(tied=False), "needs a model with output weights of its own; varied has model relu_output"),
        (Needs(data=("correlated", "one_set")), "needs data correlated or one_set; varied has independent"),
        (Needs(signed=True), "needs values from -1 to 1; varied has values from 0 to 1"),
        (Needs(sets=2), "needs data.sets 2; varied has none"),
        (Needs(density=True, densities=(1.0, 0.1)), None),
        (Needs(densities=(0.3,)), "needs a condition of density 0.3; varied has none"),
        (Needs(of_model="linear"), "needs conditions of model linear; varied has none"),
        (Needs(importance="one"), "needs importance 1; varied has importance {'geometric': 0.9}"),
        (Needs(by=("density",)), None),
        (Needs(by=()), "needs one condition; varied has 3"),
        (Needs(by=("model",)), "needs one condition at model relu_output; varied has 3"),
        (Needs(by=("importance_last",)), "needs a sweep of importance_last; varied has none"),
    ],
)  # fmt: skip
def test_a_misfit_is_one_phrase(needs, phrase):
    assert misfit(needs, [experiment("F1")]) == phrase


def test_a_misfit_is_looked_for_where_it_matters():
    offer = experiment("F3")
    assert misfit(Needs(relu_output=True), [offer]) is not None
    assert misfit(Needs(relu_output=True), [offer], {"model": "relu_output"}) is None
    nowhere = misfit(Needs(), [offer], {"model": "relu_output", "density": 0.5})
    assert nowhere == "needs a condition of model relu_output, density 0.5; varied has none"


def test_a_condition_with_many_densities_has_no_single_one():
    found = misfit(Needs(density=True), [experiment("F9")])
    assert found == "needs one density for all features; varied has one for each"


def test_importance_may_be_free_for_the_last_feature():
    assert misfit(Needs(importance="one but the last"), [experiment("F5")]) is None
    assert misfit(Needs(importance="one"), [experiment("F5")]) is not None
    assert misfit(Needs(importance="one"), [experiment("F5", sweep={}, pack=[])]) is None
