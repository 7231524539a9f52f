"""What the library takes: arrays of any library, scalars, tuples; and shapes that are named."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

import superpos
from superpos.api.experiment import experiment_config
from superpos.config.condition import Data
from superpos.config.messages import ConfigError
from superpos.data.held_out import sparse

FEW = {"steps": 5, "batch": 8, "replicates": 2, "engine": "reference", "threads": 1, "losses": 2}
VECTOR = [1.0, 0.5, 0.25]
FORMS = {
    "tuple": tuple,
    "numpy": np.array,
    "float32": lambda v: np.array(v, np.float32),
    "torch": torch.tensor,
    "torch with gradient": lambda v: torch.tensor(v, requires_grad=True),
    "pandas": pd.Series,
    "numpy scalars": lambda v: [np.float64(x) for x in v],
    "torch scalars": lambda v: [torch.tensor(x) for x in v],
}
W = np.arange(30, dtype=np.float32).reshape(3, 5, 2) / 10
METRICS = ["dimensionality", "dimensionality_sum", "feature_norm"]


@pytest.mark.parametrize("form", FORMS)
def test_vectors_of_any_library_name_the_same_condition(form):
    expected = superpos.train(3, 1, importance=VECTOR, evaluation={"samples": 50}, **FEW)
    ours = superpos.train(3, 1, importance=FORMS[form](VECTOR), evaluation={"samples": 50}, **FEW)
    assert ours.condition == expected.condition
    assert ours.W.tobytes() == expected.W.tobytes()


def test_scalars_of_any_library_are_taken():
    counts = {"replicates": np.int64(2), "steps": torch.tensor(5), "batch": np.uint16(8)}
    runs = superpos.train(
        **{
            "n_features": np.int64(3),
            "n_hidden": np.int32(1),
            "seed": np.int64(0),
            **FEW,
            **counts,
        },
        optimizer={"name": "adam", "betas": (0.9, np.float64(0.99))},
        evaluation={"samples": np.int64(50)},
        lr=np.float64(0.01),
    )
    assert runs.W.shape == (2, 3, 1)
    assert runs.condition.optimizer.betas == [0.9, 0.99]


def test_a_sweep_takes_arrays_and_tuples():
    few = {**FEW, "evaluation": {"samples": np.int64(50)}, "metrics": ("feature_norm",)}
    tables = superpos.sweep(
        n_features=np.int64(3), n_hidden=1, importance=torch.tensor(VECTOR),
        sweep={"density": np.array([1.0, 0.5]), "optimizer.lr": (0.01,)}, **few,
    )  # fmt: skip
    assert tables.runs["density"].tolist() == [1.0, 1.0, 0.5, 0.5]


def test_a_swept_column_holds_the_blocks_own_value_where_a_part_does_not_sweep_it():
    few = {**FEW, "replicates": 1, "evaluation": {"samples": 50}, "optimizer": {"lr": 0.25}}
    parts = [{"density": [1.0]}, {"density": [0.5], "optimizer.lr": [0.125]}]
    tables = superpos.sweep(n_features=3, n_hidden=1, sweep=parts, **few)
    assert tables.runs["optimizer_lr"].tolist() == [0.25, 0.125]
    assert set(tables.features["optimizer_lr"]) == {0.25, 0.125}


OTHER = {
    **{
        "sparsity": "density, which is 1 - sparsity",
        "p": "density",
        "n": "n_features",
        "m": "n_hidden",
    },
    **{
        "learning_rate": "lr",
        "batch_size": "batch",
        "n_steps": "steps",
        "n_instances": "replicates",
    },
    **{"weight_decay": "optimizer: .weight_decay", "evaluation_samples": "evaluation: .samples"},
    **{
        "l1": "no L1 penalty; docs/adding.md",
        "activation": "model; docs/adding.md",
        "warmup": "schedule: warmup_cosine",
        "momentum": "optimizer: .betas",
        "random_state": "seed",
    },
}


@pytest.mark.parametrize("name", OTHER)
@pytest.mark.parametrize("call", [lambda **k: superpos.train(3, 1, **k), superpos.sweep])
def test_a_key_by_another_name_is_told_its_name_here(name, call):
    with pytest.raises(ConfigError, match=rf"^{name}: unknown key; use {OTHER[name]}"):
        call(**{name: 0.5})


def test_a_sweep_of_train_is_told_where_it_belongs():
    with pytest.raises(ConfigError, match=r"^sweep: not a key of train; use superpos\.sweep"):
        superpos.train(3, 1, sweep={"density": [0.5]})


def test_a_config_file_has_its_rate_in_the_optimizer():
    with pytest.raises(ConfigError, match=r"lr: unknown key; use optimizer: \{lr: \.\.\.\}"):
        experiment_config("F1", {"lr": 0.5}, 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"n_features": 65535, "n_hidden": 65535, "replicates": 10_000},
            "weights .* lower n_features",
        ),
        (
            {"steps": 2**31 - 1, "batch": 1, "evaluation": {"samples": 2**31 - 1}},
            "GB of memory; lower",
        ),
        ({"n_features": 60_000, "batch": 2**31 - 1}, "one batch .* lower batch"),
        ({"evaluation": {"samples": 2**31 - 1}}, "the held-out set .* lower evaluation"),
        (
            {"n_features": 200, "density": 0.5, "evaluation": {"strata": 10**7}},
            "the held-out set .* lower evaluation",
        ),
    ],
)
def test_what_cannot_fit_the_memory_is_refused_beforehand(changes, said, monkeypatch):
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(total=16e9))
    with pytest.raises(ValueError, match=said):
        superpos.train(**{"n_features": 5, "n_hidden": 2, **changes})


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2"])
def test_threads_of_a_sweep_are_checked(threads):
    with pytest.raises(ConfigError, match=r"^threads: .* whole number"):
        superpos.sweep("F1", threads=threads)


@pytest.mark.parametrize(
    "form",
    [torch.tensor, np.asarray, np.ndarray.tolist, lambda a: torch.tensor(a).requires_grad_()],
)
def test_metrics_take_arrays_of_any_library(form):
    expected = superpos.metrics.compute(METRICS, {"W": W})
    for name, values in superpos.metrics.compute(METRICS, {"W": form(W)}).items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-6)


def test_metrics_of_one_model_have_no_run_axis():
    expected = superpos.metrics.compute(METRICS, {"W": W})
    one = superpos.metrics.compute(METRICS, {"W": W[1]})
    assert one["dimensionality"].shape == (5,)
    for name, values in one.items():
        np.testing.assert_array_equal(values, expected[name][1])


def test_densities_and_importance_may_be_the_same_for_all_runs():
    variant = superpos.lookup.load("model", "relu_output").VARIANT
    b, whole = np.zeros((3, 5)), np.full((3, 5), 0.5)
    fixed = {"W": W, "b": b, "variant": variant, "data": Data(name="independent")}
    expected = superpos.metrics.compute(
        "exact_loss", {**fixed, "importance": whole, "density": whole}
    )
    for form in (0.5, [0.5] * 5, torch.full((5,), 0.5)):
        arrays = {**fixed, "importance": form, "density": form}
        found = superpos.metrics.compute("exact_loss", arrays)
        np.testing.assert_array_equal(found["exact_loss"], expected["exact_loss"])


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"W": W[0, 0]}, r"^W has shape \(2,\)"),
        ({"W": W[None]}, r"^W has shape \(1, 3, 5, 2\)"),
        ({"W": W, "b": np.zeros((3, 4))}, r"^b has shape \(3, 4\), but W has 3 runs of 5 features"),
        ({"W": W, "b": np.zeros(5)}, r"^b has shape \(5,\).*give b \[run, feature\], \(3, 5\)"),
        ({"W": W[0], "b": np.zeros(3)}, r"^b has shape \(3,\), but W has 5 features"),
        ({"W": W, "W_out": W[:, :, :1]}, r"^W_out has shape \(3, 5, 1\)"),
        ({"W": W, "W_out": -W, "variant": "relu_output"}, r"^W_out is given, but the variant is tied"),
        ({"W": W[0], "W_out": W[0], "variant": "linear"}, r"^W_out is given, but the variant is tied"),
        ({"W": W, "importance": np.ones(3)}, r"^importance has shape \(3,\)"),
        ({"W": W + 1j}, r"^W: an array of complex"),
        ({"W": W.astype(str)}, r"^W: an array of <U"),
        ({"W": W > 0}, r"^W: an array of bool"),
        ({"W": [[1.0, 2.0], [1.0]]}, r"^W: its rows differ in length"),
        ({"W": W, "b": [[None] * 5] * 3}, r"^b: an array of object"),
        ({"W": W[:, :, :0]}, r"^W has shape \(3, 5, 0\); give at least one"),
        ({"W": W[0, :0]}, r"^W has shape \(0, 2\); give at least one"),
        ({"W": W, "density": 1.25}, r"^density: 1\.25; give a value from 0 to 1$"),
        ({"W": W, "density": [0.5] * 4 + [np.nan]}, r"^density: nan; give a value from 0 to 1$"),
        ({"W": W, "importance": -0.5}, r"^importance: -0\.5; give a finite value of 0 or more$"),
        ({"W": W, "importance": [1.0] * 4 + [np.inf]}, r"^importance: inf; give a finite value of 0"),
        ({"W": W, "mean_norm": -1.0}, r"^mean_norm: -1\.0; give one finite number of 0 or more$"),
        ({"W": np.ma.masked_less(W, W.max())}, r"^W: a masked array; fill it"),
        ({"W": W, "mean_norm": np.ones(3)}, r"^mean_norm: \[1\.0, 1\.0, 1\.0\]; give one finite"),
        ({"W": W, "mean_norm": float("nan")}, r"^mean_norm: nan; give one finite"),
        ({"W": W, "mean_norm": "x"}, r"^mean_norm: an array of <U1"),
        ({"W": W, "variant": "relu"}, r"^unknown model 'relu': there are"),
        ({"W": W, "variant": 5}, r"^variant: an object of type int; give a Variant"),
        ({"W": W, "data": "independnt"}, r"did you mean independent"),
        ({"W": W, "data": {"zzz": 1}}, r"^data\.zzz: unknown key"),
        ({"W": W, "data": 5}, r"^data: an object of type int; give a Data"),
        ({"W": W, "samples": np.ones((7, 4))}, r"^samples has shape \(7, 4\), but W has 5 features"),
        ({"W": W, "training": np.ones(5)}, r"^training has shape \(5,\), but W has 5 features"),
        ({"W": W, "samples": "x"}, r"^samples: an array of <U"),
        (W, r"^arrays: an object of type ndarray; give a mapping"),
        ({"b": np.zeros((2, 3, 5))}, r"^b has shape \(2, 3, 5\)"),
    ],
)  # fmt: skip
def test_a_shape_that_does_not_fit_is_named(arrays, said):
    with pytest.raises(ValueError, match=said):
        superpos.metrics.compute(["dimensionality"], arrays)


def test_models_and_distributions_may_be_named_and_samples_may_be_arrays():
    b, x = np.full((3, 5), -0.1), np.random.default_rng(0).random((7, 5)).astype(np.float32)
    variant = superpos.lookup.load("model", "relu_output").VARIANT
    one = {"W": W, "b": b, "importance": 1.0, "density": 0.5}
    for name, records, named in (
        ("exact_loss", {"data": Data()}, {"data": "independent"}),
        ("exact_loss", {"data": Data()}, {"data": {"name": "independent"}}),
        ("loss_median", {"samples": sparse(x, np.full(7, 1 / 7))}, {"samples": x.tolist()}),
        ("sample_norm", {"training": sparse(x, np.full(7, 1 / 7))}, {"training": pd.DataFrame(x)}),
    ):
        expected = superpos.metrics.compute(name, {**one, "variant": variant, **records})
        found = superpos.metrics.compute(name, {**one, "variant": "relu_output", **named})
        np.testing.assert_array_equal(found[name], expected[name])


def test_the_exact_loss_of_samples_of_length_one_is_refused():
    one = {"W": W, "b": np.zeros((3, 5)), "importance": 1.0, "density": 0.5}
    given = {**one, "variant": "relu_output", "data": {"unit_norm": True}}
    with pytest.raises(ValueError, match=r"needs data\.unit_norm false; this model has true"):
        superpos.metrics.compute("exact_loss", given)


def test_a_metric_of_biases_alone_needs_no_weights():
    b = np.arange(10.0).reshape(2, 5)
    both = superpos.metrics.compute("bias_norm", {"b": b})["bias_norm"]
    np.testing.assert_allclose(both, np.linalg.norm(b, axis=1))
    assert superpos.metrics.compute("bias_norm", {"b": b[1]})["bias_norm"] == both[1]


@pytest.mark.parametrize("name", [5, "zzz", None])
def test_an_unknown_metric_is_one_short_line(name):
    with pytest.raises(ValueError, match=r"^unknown metric ") as caught:
        superpos.metrics.compute([name], {"W": W})
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("form", [np.asarray, torch.tensor, np.ndarray.tolist])
def test_a_torch_model_is_made_of_any_librarys_arrays(form):
    model = superpos.ToyModel("relu_output", form(W[0]), form(np.zeros(5, np.float32)))
    x = np.eye(5)
    expected = np.maximum(x @ W[0] @ W[0].T, 0)
    np.testing.assert_allclose(model(x).detach(), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ((W, np.zeros(5)), r"^W has shape \(3, 5, 2\); give the"),
        ((W[0], np.zeros(3)), r"^b has shape \(3,\), but W has 5 features in 2 dimensions"),
        ((W[0], np.zeros((1, 5))), r"^b has shape \(1, 5\)"),
    ],
)
def test_a_torch_model_of_unlike_shapes_is_refused_by_name(arrays, said):
    with pytest.raises(ValueError, match=said):
        superpos.ToyModel("relu_output", *arrays)


@pytest.mark.parametrize("x", [np.ones((3, 4)), torch.ones(6), [[0.5] * 4]])
def test_samples_that_do_not_fit_a_torch_model_are_refused_by_name(x):
    with pytest.raises(ValueError, match=r"^x has shape .*, but the model has 5 features; give x"):
        superpos.ToyModel("relu_output", W[0], np.zeros(5))(x)


@pytest.mark.parametrize("run", [1.0, "best", -1, 2])
def test_a_run_that_does_not_exist_is_refused(run):
    models = superpos.train(3, 1, evaluation={"samples": 50}, **FEW)
    with pytest.raises(ValueError, match=r"^run .*: there are only runs 0 to 1$"):
        models.model(run)


@pytest.mark.parametrize("density", [0.123456789, 1 / 3, 0.1])
def test_a_swept_value_trains_the_weights_that_the_same_value_alone_trains(density):
    few = {**FEW, "n_features": 3, "n_hidden": 1}
    swept = superpos.sweep(sweep={"density": [density]}, **few, evaluation={"samples": 50})
    alone = superpos.train(density=density, evaluation={"samples": 50}, **few)
    assert np.stack(swept.features["W"]).ravel().tolist() == alone.W.ravel().tolist()
    assert set(swept.runs["density"]) == {density}


@pytest.mark.parametrize(
    "W", [np.array([[1], [0]]), torch.tensor([[1], [0]]), torch.tensor([[1.0], [0.0]]).double()]
)
def test_a_torch_model_has_one_dtype_and_takes_a_single_sample(W):
    b = np.zeros(2)
    model = superpos.ToyModel("absolute", W, b, np.array([[1.0], [0]]))
    assert {p.dtype for p in model.parameters()} == {model.W.dtype}
    assert model(np.array([0.5, 0.2])).tolist() == [0.5, 0.0]


def test_a_bias_that_is_not_trained_is_not_trained():
    model = superpos.ToyModel("relu_output_unbiased", W[0], np.zeros(5))
    assert [name for name, p in model.named_parameters() if p.requires_grad] == ["W"]


def test_a_metric_of_tied_models_is_refused_for_output_weights():
    W = np.ones((2, 1))
    given = {"W": W, "W_out": W, "b": np.zeros(2), "importance": 1.0, "density": 0.5}
    with pytest.raises(ValueError, match=r"^metric 'phase' needs a tied model, but W_out is given"):
        superpos.metrics.compute("phase", given)


def test_rows_too_small_to_be_squared_are_not_divided_by():
    given = {"b": np.zeros(2), "variant": "relu_output", "samples": np.eye(2), "mean_norm": 1.0}
    tiny = superpos.metrics.compute("vulnerability", {"W": 1e-90 * np.eye(2), **given})
    assert np.isfinite(tiny["vulnerability"])


@pytest.mark.parametrize("norm", [0.0, 1e-200])
def test_attacks_without_length_have_no_vulnerability(norm):
    given = {"b": np.zeros(2), "variant": "relu_output", "samples": np.eye(2), "mean_norm": norm}
    both = ["vulnerability", "vulnerability_to_one_attack"]
    assert np.isnan([*superpos.metrics.compute(both, {"W": np.eye(2), **given}).values()]).all()


@pytest.mark.parametrize("kind", ["complex64", "bool"])
def test_a_torch_model_of_what_is_not_real_is_refused(kind):
    with pytest.raises(ValueError, match=rf"^W: an array of torch\.{kind}; give real numbers"):
        superpos.ToyModel("relu_output", torch.ones(5, 2, dtype=getattr(torch, kind)), np.zeros(5))


def test_a_metric_for_importance_one_is_refused_for_other_importances():
    given = {"W": W, "b": np.zeros((3, 5)), "variant": "relu_output", "samples": np.eye(5)}
    assert "loss_median" in superpos.metrics.compute("loss_median", given)
    with pytest.raises(ValueError, match=r"^metric 'loss_median' .*importance"):
        superpos.metrics.compute("loss_median", {**given, "importance": np.full((3, 5), 0.5)})
