"""The library's face: `superpos.train`, its arrays, its defaults and what it refuses."""

import inspect
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from cases import specification, train_block

import superpos
from superpos.config.condition import Condition
from superpos.data.held_out import HALVES, draw_samples
from superpos.numerics.digest import digest64

DEFAULTS = yaml.safe_load((Path(__file__).parents[1] / "config.yaml").read_text())["defaults"]
FEW = {
    **{"replicates": 3, "steps": 20, "batch": 16, "engine": "reference"},
    **{"evaluation": {"samples": 2000}, "losses": 5},
}


@pytest.fixture(scope="module")
def models():
    return superpos.train(5, 2, density=0.2, importance={"geometric": 0.9}, **FEW)


def test_it_returns_arrays_with_a_leading_run_axis(models):
    assert models.W.shape == (3, 5, 2)
    assert models.b.shape == (3, 5)
    assert models.loss.shape == (3,)
    assert models.W_out is None
    assert models.history.shape == (3, 5)
    assert models.history_steps.tolist() == [4, 8, 12, 16, 20]


def test_the_loss_is_the_dense_held_out_loss_of_the_torch_model(models):
    key = digest64({"held out": models.condition.distribution(0)})
    samples = draw_samples(models.condition, key, HALVES.index("report"), 2000, 0)
    x = torch.tensor(samples.dense(5))
    importance = torch.tensor(models.condition.importances()).float()
    for run in range(3):
        with torch.no_grad():
            y = models.model(run)(x)
        loss = (importance * (x - y) ** 2).sum(1).mean()
        np.testing.assert_allclose(models.loss[run], loss, rtol=1e-4)


def test_the_best_run_has_the_least_loss_on_the_samples_that_choose_it(models):
    assert models.selection_loss[models.best()] == models.selection_loss.min()
    assert not np.array_equal(models.selection_loss, models.loss)
    np.testing.assert_array_equal(models.model().W.detach(), models.W[models.best()])


def test_a_run_as_a_torch_model_has_its_weights(models):
    model = models.model(1)
    assert isinstance(model, superpos.ToyModel)
    np.testing.assert_array_equal(model.W.detach(), models.W[1])
    np.testing.assert_array_equal(model.b.detach(), models.b[1])


@pytest.mark.parametrize("run", [-1, 3])
def test_a_run_that_is_not_there_is_refused(models, run):
    with pytest.raises(ValueError, match=rf"^run {run}: there are only runs 0 to 2"):
        models.model(run)


def test_metrics_take_the_arrays(models):
    assert superpos.metrics.find("dimensionality")(models.W).shape == (3, 5)
    assert superpos.metrics.find("dimensionality_sum")(models.W).shape == (3,)


def test_like_values_in_the_config_give_the_same_weights():
    plain = {
        **{k: DEFAULTS[k] for k in ("model", "data", "density", "importance", "schedule", "init")},
        **{"optimizer": DEFAULTS["optimizer"], "n_features": 5, "n_hidden": 2},
        **{"steps": 20, "batch": 16, "density": 0.2, "importance": {"geometric": 0.9}},
    }
    job = specification(common=plain, replicates=(0, 3))
    block = train_block(job, {}, (), {}, 1)
    ours = superpos.train(5, 2, density=[0.2] * 5, importance={"geometric": 0.9}, **FEW)
    assert [f"{ours.condition.key(0, r):016x}" for r in range(3)] == block.names.keys
    np.testing.assert_allclose(ours.W, block.arrays["W"], atol=1e-6)


def test_a_vector_given_as_an_array_or_a_tuple_is_the_vector_given_as_a_list():
    forms = [[1.0, 0.5, 0.25], (1.0, 0.5, 0.25), np.array([1.0, 0.5, 0.25])]
    runs = [superpos.train(3, 1, importance=form, density=np.float64(0.5), **FEW) for form in forms]
    assert len({int(run.condition.key(0, 0)) for run in runs}) == 1
    assert all(run.W.tobytes() == runs[0].W.tobytes() for run in runs)


def test_a_run_does_not_depend_on_how_many_are_trained(models):
    one = superpos.train(
        5, 2, density=0.2, importance={"geometric": 0.9}, **{**FEW, "replicates": 1}
    )
    np.testing.assert_allclose(one.W[0], models.W[0], atol=1e-5)
    np.testing.assert_allclose(one.loss[0], models.loss[0], rtol=1e-4)


def test_the_defaults_are_the_configs_and_no_number_of_it_is_in_the_signature(monkeypatch):
    parameters = inspect.signature(superpos.train).parameters
    given = {name: p.default for name, p in parameters.items() if p.default is not p.empty}
    assert {name for name, default in given.items() if default is not None} == set()
    defaults = {**DEFAULTS, "replicates": 2, "steps": 20, "batch": 16, "schedule": "cosine"}
    defaults |= {"losses": 7, "evaluation": {"samples": 300, "strata": 0}, "density": 0.4}
    shipped = {"seed": 5, "defaults": defaults}
    monkeypatch.setattr("superpos.config.shipped.config", lambda: shipped)
    runs = superpos.train(5, 2)
    assert runs.W.shape == (2, 5, 2)
    assert runs.history.shape == (2, 7)
    keys = set(Condition.model_fields) - {"n_features", "n_hidden"}
    wanted = {"n_features": 5, "n_hidden": 2, **{key: defaults[key] for key in keys}}
    assert runs.condition == Condition.model_validate(wanted)
    shipped["seed"] = 6
    assert superpos.train(5, 2).W.tobytes() != runs.W.tobytes()
    shipped["seed"] = 5
    assert superpos.train(5, 2).W.tobytes() == runs.W.tobytes()


def test_other_models_data_optimizers_and_starts_have_the_configs_names():
    runs = superpos.train(
        **{"n_features": 6, "n_hidden": 2, "density": 0.3, "model": "absolute", **FEW},
        data={"name": "correlated", "sets": 2, "signed": True},
        optimizer={"name": "adam", "weight_decay": 0.0},
        init={"name": "normal", "std": 0.1},
        schedule="cosine",
    )
    assert runs.W_out.shape == (3, 6, 2)
    assert runs.model(0)(torch.zeros(1, 6)).shape == (1, 6)


def test_a_finite_training_set_is_drawn_where_one_is_asked_for():
    data = {"name": "independent", "training_samples": 10}
    finite = superpos.train(5, 2, density=0.5, data=data, **FEW)
    assert np.isfinite(finite.loss).all()


BAD = {
    "n_features": ({"n_features": 0}, r"n_features: 0: .*greater than or equal to 1"),
    "n_hidden": ({"n_hidden": 2.5}, r"n_hidden: 2\.5: .*integer"),
    "density": ({"density": 1.5}, r"density 1\.5: .*\(0, 1\]"),
    "density as text": ({"density": "0.1"}, r"density '0\.1': give a number in \(0, 1\]"),
    "densities too few": ({"density": [0.1, 0.2]}, r"density has 2 numbers for n_features = 5"),
    "importance": ({"importance": -1.0}, r"importance -1\.0: give a number >= 0"),
    "importance form": ({"importance": {"geometrc": 0.5}}, r"importance .*geometrc.*give"),
    "replicates": ({"replicates": 0}, r"^replicates: 0: .*greater than or equal to 1"),
    "steps": ({"steps": -5}, r"steps: -5: .*greater than or equal to 1"),
    "batch": ({"batch": "64"}, r"batch: '64': .*integer"),
    "lr": ({"lr": 0.0}, r"optimizer\.lr: 0\.0: .*greater than 0"),
    "lr as text": ({"lr": "1e-3"}, r"optimizer\.lr: '1e-3': .*number"),
    "seed": ({"seed": -1}, r"^seed: -1 is not a whole number of 0 or more"),
    "seed as text": ({"seed": "0"}, r"^seed: '0' is not a whole number"),
    "model": ({"model": "relu_ouput"}, r"unknown model 'relu_ouput': did you mean relu_output\?"),
    "data": ({"data": "corelated"}, r"unknown data 'corelated': did you mean correlated\?"),
    "data without sets": ({"data": "correlated"}, r"'correlated' needs data\.sets"),
    "data's key": ({"data": {"name": "independent", "setz": 2}}, r"data\.setz: "),
    "a set's number": ({"data": {"set": 2}}, r"data: set has no effect without training_samples"),
    "a repeat's key": (
        {"data": {"training_samples": 9, "repeats": {"time": 2}}},
        r"data\.repeats\.time: unknown key; did you mean times\?",
    ),
    "all of no set": ({"batch": "all"}, r"batch 'all' needs a finite training set"),
    "seldom filled samples": (
        {"density": 1e-5, "data": {"unit_norm": True}},
        r"^data\.unit_norm .* 5e-05; raise density until",
    ),
    "a set beyond the memory": (
        {"data": {"training_samples": 2**31 - 1}, "n_features": 60_000, "batch": "all"},
        r"the training set would need .* lower data\.training_samples",
    ),
    "optimizer": ({"optimizer": "sgd"}, r"optimizer\.name: 'sgd': .*'adamw'"),
    "optimizer's key": ({"optimizer": {"beta": 1}}, r"optimizer\.beta: "),
    "init": ({"init": "normal"}, r"init.*needs a std"),
    "schedule": ({"schedule": "cosin"}, r"schedule: 'cosin': .*'cosine'"),
    "engine": ({"engine": "fusd"}, r"^engine: 'fusd': .*'fused'"),
    "evaluation": ({"evaluation": {"samples": 0}}, r"^evaluation\.samples: 0: .*or equal to 1"),
    "losses": ({"losses": 1.5}, r"^losses: 1\.5: .*integer"),
    "a key of sweeps": ({"metrics": ["feature_norm"]}, r"^metrics: .* use superpos\.sweep"),
    "a rate given twice": ({"lr": 0.1, "optimizer": {"lr": 0.2}}, r"^lr: 0\.1 .* give one"),
    "threads": ({"threads": 0}, r"threads: 0; give a whole number"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_argument_is_named_with_its_value_and_what_is_accepted(name):
    arguments, line = BAD[name]
    with pytest.raises(ValueError, match=line) as caught:
        superpos.train(**{"n_features": 5, "n_hidden": 2, **FEW, **arguments})
    assert "\n" not in str(caught.value)


def test_a_name_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(AttributeError, match=r"superpos has no 'trian'; it has .*train"):
        _ = superpos.trian


def test_the_face_shows_the_public_names_only():
    assert set(dir(superpos)) == {*superpos.__all__, "__version__"}
    assert {*superpos.metrics.__all__} == {*dir(superpos.metrics)}


def test_train_and_sweep_take_the_same_keys_with_the_same_defaults():
    parts = [inspect.signature(f).parameters for f in (superpos.train, superpos.sweep)]
    ours, theirs = ({name: p.default for name, p in part.items()} for part in parts)
    shape = {"n_features", "n_hidden"}
    assert ours.keys() <= theirs.keys()
    assert all(ours[name] is theirs[name] is None for name in ours.keys() - shape)
    few = {"n_features": 5, "n_hidden": 2, "density": 0.2, "lr": 0.01, "optimizer": "adam", **FEW}
    swept = superpos.sweep(**few, metrics=[]).models["only"]
    trained = superpos.train(**few)
    assert swept.condition == trained.condition
    for name in ("W", "b", "loss", "selection_loss", "history", "history_steps"):
        np.testing.assert_array_equal(getattr(swept, name), getattr(trained, name))


def test_models_show_what_they_are_in_one_line(models):
    assert repr(models).startswith(
        "Models: 3 runs of 5 features in 2 dimensions, relu_output, density 0.2"
    )
    assert "\n" not in repr(models)
    assert models._repr_html_().count("<tr>") == 1 + models.W.shape[0]


def test_checkpoints_are_the_weights_at_their_steps(models):
    few = {"density": 0.2, "importance": {"geometric": 0.9}, **FEW}
    along = superpos.train(5, 2, **few, checkpoints=[7, 20])
    kept = along.checkpoints
    assert kept.steps.tolist() == [7, 20]
    assert repr(kept) == "2 checkpoints, steps 7 to 20"
    np.testing.assert_array_equal(kept.W[:, 1], models.W)
    np.testing.assert_array_equal(kept.b[:, 1], models.b)
    assert not np.allclose(kept.W[:, 0], models.W, atol=1e-3)
    assert models.checkpoints is None
