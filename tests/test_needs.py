"""What metrics and figures need is declared, and checked before anything is trained."""

import re
from dataclasses import replace

import pytest
from made_tables import packed, run, tables

import superpos
from superpos import lookup
from superpos.config import shipped
from superpos.config.figure_words import read_needs
from superpos.config.messages import ConfigError
from superpos.config.needs import Needs, Offer, misfit
from superpos.config.resolving import changed, resolve

GRID = {"density": [0.01, 0.1, 1.0], "importance.last": [0.1, 1.0, 10.0]}


def config():
    """The shipped config with fewer points in the two largest grids."""
    raw = shipped.config()
    for name in ("F5", "F6"):
        raw["experiments"][name]["sweep"] = GRID
    return raw


def experiment(name, **changes):
    """A shipped experiment with some keys changed."""
    raw = config()
    block = {"base": name, "title": name, **changes}
    raw["experiments"] = {**raw["experiments"], "varied": block}
    return resolve(raw).experiments["varied"].offer


@pytest.mark.parametrize(
    ("needs", "phrase"),
    [
        (Needs(n_hidden=2), None),
        (Needs(n_hidden=3), "needs n_hidden 3; varied has 2"),
        (Needs(most_features=4), "needs n_features 4 or less; varied has 5"),
        (Needs(shapes=((2, 1), (3, 2))), "needs 2 features in 1 or 3 features in 2; varied has 5 in 2"),
        (Needs(metrics=("phase",)), "needs the metric phase; varied does not measure it"),
        (Needs(checkpoints=2), "needs 2 or more checkpoints; varied has 0"),
        (Needs(replicates=25), "needs 25 or more replicates; varied has 24"),
        (Needs(conditions=4), "needs 4 or more conditions; varied has 3"),
        (Needs(relu_output=False), "needs a linear output; varied has model relu_output"),
        (Needs(tied=False), "needs a model with separate output weights; varied has model relu_output"),
        (Needs(data=("correlated", "one_set")), "needs data correlated or one_set; varied has independent"),
        (Needs(signed=True), "needs values from -1 to 1; varied has values from 0 to 1"),
        (Needs(sets=2), "needs data.sets 2; varied has none"),
        (Needs(density=True, densities=(1.0, 0.1)), None),
        (Needs(densities=(0.3,)), "needs a condition with density 0.3; varied has none"),
        (Needs(of_model="linear"), "needs conditions with model linear; varied has none"),
        (Needs(importance="one"), "needs importance 1; varied has importance {'geometric': 0.9}"),
        (Needs(by=("density",)), None),
        (Needs(by=()), "needs a single condition; varied has 3"),
        (Needs(by=("model",)), "needs a single condition with model relu_output; varied has 3"),
        (Needs(by=("importance_last",)), "needs a sweep of importance_last; varied has none"),
    ],
)  # fmt: skip
def test_a_misfit_is_one_phrase(needs, phrase):
    assert misfit(needs, [experiment("F1")]) == phrase


def test_only_later_experiments_may_train_on_fresh_samples():
    needs = Needs(metrics=("ring",), training_set=True, fresh=("loss",))
    finite = Offer("finite", {"data_training_samples": [5, 9]}, metrics=["ring"])
    fresh = Offer("fresh", {"data_training_samples": [None]}, metrics=["loss"])
    assert misfit(needs, [finite, fresh]) is None
    assert misfit(needs, [fresh, finite]) == "needs the metric ring; fresh does not measure it"
    assert misfit(replace(needs, fresh=()), [finite, fresh]) is not None
    mixed = replace(fresh, columns={"data_training_samples": [5, None]})
    assert misfit(needs, [finite, mixed]) == "needs the metric ring; fresh does not measure it"
    bare = replace(fresh, metrics=[])
    assert misfit(needs, [finite, bare]) == "needs the metric loss; fresh does not measure it"


def test_a_misfit_is_looked_for_where_it_matters():
    offer = experiment("F3")
    assert misfit(Needs(relu_output=True), [offer]) is not None
    assert misfit(Needs(relu_output=True), [offer], {"model": "relu_output"}) is None
    nowhere = misfit(Needs(), [offer], {"model": "relu_output", "density": 0.5})
    assert nowhere == "needs a condition with model relu_output, density 0.5; varied has none"


def test_a_condition_with_many_densities_has_no_single_one():
    found = misfit(Needs(density=True), [experiment("F9")])
    assert found == "needs one density for all features; varied has different ones"


def test_importance_may_be_free_for_the_last_feature():
    assert misfit(Needs(importance="one but the last"), [experiment("F5")]) is None
    assert misfit(Needs(importance="one"), [experiment("F5")]) is not None
    assert misfit(Needs(importance="one"), [experiment("F5", sweep={}, pack=[])]) is None


def varied(experiment, **changes):
    """The shipped config with an experiment's block changed, as a file laid over it would."""
    raw = config()
    blocks = raw["experiments"]
    return {**raw, "experiments": {**blocks, experiment: {**blocks[experiment], **changes}}}


def left_out(experiment, **changes):
    """The inherited figures that do not fit a variation, and why."""
    return resolve(varied(experiment, **changes), config()).left_out


def test_every_shipped_figure_and_metric_fits():
    resolved = resolve(shipped.config())
    assert resolved.left_out == {}
    assert set(shipped.config()["figures"]) <= set(resolved.figures)


LINEAR_F5 = "needs a ReLU on the output; F5 has model linear"
MISFITS = [
    ("F1", {"n_hidden": 3}, {"F1": "needs n_hidden 2; F1 has 3"}),
    ("F1", {"metrics": ["represented"]},
     {"F1": "needs the metric feature_norm; F1 does not measure it"}),
    ("F5", {"model": "linear"}, {"F5": LINEAR_F5}),
    ("F5", {"n_features": 3}, {"F5": "needs 2 features in 1 or 3 features in 2; F5 has 3 in 1"}),
    ("F5", {"n_features": 10, "n_hidden": 5},
     {"F5": "needs 2 features in 1 or 3 features in 2; F5 has 10 in 5"}),
    ("F5", {"n_features": 3, "n_hidden": 2},
     {"F5": "needs n_features 2; F5 has 3: the theory table optimum_2_1 has a different shape"}),
    ("F5", {"data": {"name": "independent", "signed": True}},
     {"F5": "needs values from 0 to 1; F5 has values from -1 to 1"}),
    ("F5", {"sweep": {"density": [1.0, 0.1]}, "pack": ["density"]},
     {"F5": "needs a sweep of importance_last; F5 has none"}),
    ("F5", {"sweep": [{"density": [1.0, 0.1], "importance.last": [1.0, 2.0]},
                      {"density": [0.5], "importance.last": [3.0]}]},
     {"F5": "needs a full grid of density and importance_last, each with two or more values; "
            "F5 has 5 points"}),
    ("F3", {"data": {"name": "correlated", "sets": 2}},
     dict.fromkeys(("F3",), "needs data independent; F3 has correlated")),
    ("F3", {"model": "absolute", "sweep": {"density": [1.0]}},
     dict.fromkeys(("F2", "F3"), "needs a tied model; F3 has model absolute")),
    ("F10", {"sweep": {"data.name": ["correlated"], "data.sets": [2], "n_features": [4],
                       "density": [0.3]}, "pack": []},
     {"F10": "needs a condition with density 0.05 and two or more sets of features; F10 has none"}),
    ("F12", {"sweep": {"data.sets": [3], "density": [0.6, 0.3]}},
     {"F12": "needs a condition with density 0.75; F12 has none"}),
    ("F13", {"checkpoints": []}, {"F13": "needs 2 or more checkpoints; F13 has 0"}),
    ("F13", {"importance": {"geometric": 0.9}},
     {"F13": "needs importance 1; F13 has importance {'geometric': 0.9}"}),
    ("F14", {"n_features": 12}, {"F14": "needs n_features 6; F14 has 12"}),
    ("F16", {"sweep": {"density": [0.63, 0.32]}},
     {"F16": "needs a condition with density 0.15 and model relu_hidden; none of F16, F16_dense, "
      "F16_linear has one"}),
]  # fmt: skip


@pytest.mark.parametrize(("experiment", "changes", "said"), MISFITS)
def test_an_inherited_figure_that_does_not_fit_is_left_out(experiment, changes, said):
    found = left_out(experiment, **changes)  # what inherits from the experiment is left out as well
    assert {name: found.get(name) for name in said} == said


@pytest.mark.parametrize(("experiment", "changes", "said"), MISFITS)
def test_a_figure_of_ones_own_that_does_not_fit_is_refused(experiment, changes, said):
    first, phrase = next(iter(said.items()))
    with pytest.raises(ConfigError, match=rf"^figures\.{first}: \w+ {re.escape(phrase)}; "):
        resolve(varied(experiment, **changes))


def test_a_line_that_a_variation_gives_is_its_own():
    raw = varied("F1", n_hidden=3)
    raw["figures"] = {**raw["figures"], "F1": {"draw": "intro", "from": ["F1", "F1_control"]}}
    with pytest.raises(ConfigError, match=r"^figures\.F1: intro needs n_hidden 2; F1 has 3"):
        resolve(raw, config())


def test_a_figure_inherited_with_a_base_is_left_out_where_it_does_not_fit():
    raw = config()
    raw["experiments"]["wide"] = {"base": "F1", "n_hidden": 3}
    raw["experiments"]["sparse"] = {"base": "F1", "sweep": {"density": [0.05]}}
    resolved = resolve(raw)
    assert resolved.left_out == {"F1_wide": "needs n_hidden 2; wide has 3"}
    assert "F1_sparse" in resolved.figures


def test_a_variation_tells_of_its_own_figures_alone():
    resolved, base = resolve(varied("F1", n_hidden=3), config()), resolve(config())
    variation = changed(resolved, base)
    assert set(variation.experiments) == {"F1", "F1_control"}
    phrases = {
        n: f"needs n_hidden 2; {n.removeprefix('F1_')} has 3" for n in ("F1", "F1_F1_control")
    }
    assert variation.left_out == phrases
    assert "F1_arrows" in variation.figures
    assert not variation.figures.keys() & phrases.keys()


@pytest.mark.parametrize(
    ("experiment", "changes", "said"),
    [
        ("F9", {"n_features": 9}, "exact_loss needs n_features 8 or less; F9 has 9"),
        ("F9", {"model": "linear"}, "exact_loss needs a ReLU on the output; F9 has model linear"),
        ("F15", {"data": {"name": "independent", "signed": True}},
         "vulnerability needs values from 0 to 1; F15 has values from -1 to 1"),
        ("F15", {"importance": 0.5}, "vulnerability needs importance 1; F15 has importance 0.5"),
        ("F16", {"model": "relu_output"},
         "single_feature_neurons needs a ReLU on the hidden layer; F16 has model relu_output"),
        ("F19", {"model": "relu_hidden"},
         "rescaled_superposition needs a model with separate output weights; F19 has model relu_hidden"),
    ],
)  # fmt: skip
def test_a_metric_that_does_not_fit_is_refused(experiment, changes, said):
    with pytest.raises(ConfigError, match=rf"^experiments\.{experiment}\.metrics: {said}; remove"):
        resolve(varied(experiment, **changes), config())


@pytest.mark.parametrize("data", ["anticorrelated", "correlated", "one_set"])
def test_the_exact_loss_of_sets_is_refused_before_training(data):
    with pytest.raises(ConfigError, match=f"exact_loss needs data independent; sweep has {data};"):
        superpos.sweep(
            n_features=4,
            n_hidden=2,
            density=0.1,
            data={"name": data, "sets": 2},
            metrics=["exact_loss"],
        )


def test_every_shipped_figure_says_what_it_needs():
    silent = [name for name in lookup.names("figure") if read_needs(name) == Needs()]
    assert silent == []


def test_a_file_reads_its_needs_as_they_stand_in_it():
    for name in lookup.names("figure"):
        assert read_needs(name) == lookup.load("figure", name).NEEDS


def test_needs_that_are_not_literal_are_refused(tmp_path, monkeypatch):
    section = tmp_path / "superpos/papers/mine/first"
    section.mkdir(parents=True)
    (section / "figure_odd.py").write_text("NEEDS = Needs(n_hidden=two)\n")
    (section / "figure_misspelt.py").write_text("NEEDS = Needs(n_hiden=2)\n")
    monkeypatch.setattr(lookup, "PACKAGE", tmp_path / "superpos")
    monkeypatch.setattr(lookup, "_files", lookup._files.__wrapped__)
    for name, said in (("odd", "malformed"), ("misspelt", "n_hiden")):
        with pytest.raises(ValueError, match=rf"first/figure_{name}\.py: NEEDS: .*{said}"):
            read_needs(name)


def made(n_features, n_hidden, **changes):
    """The tables of one run whose weights are made by hand."""
    W = packed(n_features, n_hidden, n_hidden)
    return tables([run(W, 0, experiment="mine", importance=1.0, **{"density": 0.1, **changes})])


@pytest.mark.parametrize(
    ("figure", "given", "said"),
    [
        ("F1", made(20, 5), "figure F1 needs n_hidden 2; mine has 5"),
        ("seed_products", made(4, 2, model="absolute"),
         "figure seed_products needs a tied model; mine has model absolute"),
        ("F5", made(2, 1, model="linear"), "figure F5 needs a ReLU on the output; mine has model linear"),
        ("F5", made(2, 1), "figure F5 needs a sweep of importance_last; mine has none"),
        ("F13", made(100, 20), "figure F13 needs 2 or more checkpoints; mine has 0"),
        ("F15", made(6, 2), "figure F15 needs the metric vulnerability; mine does not measure it"),
    ],
)  # fmt: skip
def test_drawing_tables_that_do_not_fit_is_refused_in_one_line(figure, given, said):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        superpos.draw(figure, given)


def test_drawing_other_sizes_that_fit_works():
    assert superpos.draw("F1", made(8, 2)).axes
