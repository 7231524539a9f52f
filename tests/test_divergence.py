"""A diverged run is a diverged run: NaN losses in both engines, never best, told everywhere."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from fused_cases import DATA, MODELS, PATHS, condition

import superpos
from superpos import lookup, metrics
from superpos.config import needs
from superpos.data.held_out import draw_samples, sparse
from superpos.metrics.losses import feature_losses
from superpos.numerics.diverged_runs import describe_diverged, zeroed
from superpos.numerics.divergence import LARGEST, blanked, diverged
from superpos.training import fused, reference
from superpos.training.kernels import choice
from superpos.training.kernels.kernel_job import kernel_job
from superpos.training.records import Recording

RECORDING = Recording((1, *range(5, 31, 5)), (1, 30))
SHAPES = ((6, 1, 512), (6, 3, 512), (24, 5, 96), (40, 12, 64), (120, 40, 256))
WILD = {"lr": 1e6, "steps": 30}
"""Decay multiplies the weights by -1e4 a step."""


def wild(model: str, name: str, sets: int | None, **changes):
    """Densities that take every path, at a learning rate that no run survives."""
    signed = model == "absolute"
    return [
        condition(model=model, name=name, sets=sets, signed=signed, density=p, **WILD, **changes)
        for p in (1.0, 0.3, 0.02)
    ]


def train(engine, conditions, training_set=None):
    keys = [c.key(0, r) for r, c in enumerate(conditions)]
    return engine.train(conditions, keys, RECORDING, training_set)


def assert_diverged(trained) -> None:
    """Finite before the first step, NaN from some record on."""
    assert diverged(trained.W, trained.W_out, trained.b).all()
    assert np.isfinite(trained.loss[:, 0]).all()
    assert np.isnan(trained.loss[:, -1]).all()
    assert (np.diff(np.isnan(trained.loss).astype(int), axis=1) >= 0).all()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("name", "sets"), DATA)
@pytest.mark.parametrize("model", MODELS)
def test_the_fused_engine_records_no_loss_of_a_diverged_run(model, name, sets, shape):
    n, m, batch = shape
    if sets and n % sets:
        sets = 4
    assert_diverged(train(fused, wild(model, name, sets, n_features=n, n_hidden=m, batch=batch)))


@pytest.mark.parametrize("model", MODELS)
def test_nor_of_one_that_learns_a_finite_set_or_whose_gradient_has_a_control_variate(model):
    x = np.random.default_rng(0).random((50, 6), np.float32)
    rows = sparse(x, np.full(50, 1 / 50))
    assert_diverged(train(fused, wild(model, "independent", None, training_samples=50), rows))
    if model == "relu_output":
        controlled = wild(model, "independent", None, gradient="control_variate")
        assert_diverged(train(fused, controlled))
        whole = wild(model, "independent", None, training_samples=50, batch="all")
        assert_diverged(train(fused, whole, rows))
        fresh = wild(model, "independent", None, unit_norm=True, n_hidden=2)
        assert_diverged(train(fused, fresh))


def test_these_cases_take_every_path():
    taken = set()
    for model in MODELS:
        for n, m, batch in SHAPES:
            for c in wild(model, "independent", None, n_features=n, n_hidden=m, batch=batch):
                job = kernel_job(c)
                taken.add(choice.choose(job, c.densities(), c.importances()))
    assert taken | {"controlled", "unit_norm", "whole_set"} == PATHS


@pytest.mark.parametrize(("name", "sets"), DATA)
@pytest.mark.parametrize("model", MODELS)
def test_the_reference_engine_records_no_loss_of_a_diverged_run(model, name, sets):
    trained = train(reference, wild(model, name, sets))
    assert_diverged(trained)
    np.testing.assert_array_equal(
        np.isnan(trained.loss), np.isnan(train(fused, wild(model, name, sets)).loss)
    )


@pytest.mark.parametrize("engine", [fused, reference])
def test_weights_whose_products_overflow_count_as_diverged(engine):
    """Finite weights of 1e20, whose outputs are inf - inf, which a ReLU drops."""
    c = condition(lr=1e20, optimizer="adam", weight_decay=0.0, steps=30, n_features=24, n_hidden=5)
    trained = train(engine, [c])
    assert np.isnan(trained.loss[:, -1]).all()
    assert diverged(trained.W, trained.b).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2 * LARGEST])
@pytest.mark.parametrize("runs", [1, 9])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("where", ["W", "W_out", "b"])
def test_held_out_losses_of_diverged_runs_are_nan(where, model, runs, value):
    rng = np.random.default_rng(0)
    variant = lookup.load("model", model).VARIANT
    samples = draw_samples(condition(), np.uint64(1), 0, 100, 0)
    arrays = {"W": rng.normal(size=(runs, 6, 2)), "W_out": rng.normal(size=(runs, 6, 2))}
    arrays |= {"b": rng.normal(size=(runs, 6))}
    arrays["W_out"] = arrays["W_out"] if where == "W_out" or not variant.tied else None
    sound = feature_losses(variant, *arrays.values(), np.ones((runs, 6)), samples)
    arrays[where][runs - 1].flat[3] = value
    losses = feature_losses(variant, *arrays.values(), np.ones((runs, 6)), samples)
    assert np.isnan(losses[-1]).all()
    assert losses[:-1].tobytes() == sound[:-1].tobytes()


def fitting_model(name):
    """A model that a metric holds for."""
    wanted = needs.needs_of(metrics.find(name))
    if wanted.tied is False:
        return "absolute"
    return "relu_hidden" if wanted.relu_hidden else "relu_output"


@pytest.mark.parametrize("name", metrics.names())
def test_metrics_of_diverged_runs_are_nan_and_those_of_others_unchanged(name):
    rng = np.random.default_rng(0)
    model = fitting_model(name)
    shape = (3, 2, 1) if name == "phase" else (3, 6, 2)
    c = condition(n_features=shape[1])
    arrays = {
        "data": c.data.model_copy(update={"training_samples": 8}),
        "W": rng.normal(size=shape),
        **{"b": rng.normal(size=shape[:2]), "importance": np.ones(shape[:2])},
        **{"density": np.full(shape[:2], 0.3), "variant": lookup.load("model", model).VARIANT},
        "samples": draw_samples(c, np.uint64(1), 0, 50, 0),
        "training": draw_samples(c, np.uint64(2), 0, 8, 0),
        "mean_norm": 0.8,
    }
    if not arrays["variant"].tied:
        arrays["W_out"] = rng.normal(size=shape)
    sound = metrics.compute([name], arrays)[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for bad in ([1], [0, 1, 2]):
            wrong = {**arrays, "W": arrays["W"].copy()}
            wrong["W"][bad] = np.nan
            measured = metrics.compute([name], wrong)[name]
            assert np.isnan(measured[bad]).all()
            others = [r for r in range(3) if r not in bad]
            np.testing.assert_array_equal(measured[others], sound[others])


def test_the_parts_of_what_is_told():
    bad = np.array([True, False, False])
    assert describe_diverged(bad) == "1 of 3 runs diverged"
    assert describe_diverged(~bad & bad) == ""
    assert zeroed({"W": np.ones((3, 1)), "x": 1}, bad)["W"].tolist() == [[0], [1], [1]]
    assert blanked(np.arange(3, dtype=np.float32), bad).dtype == np.float32


@pytest.mark.parametrize("replicates", [1, 4])
def test_a_library_call_says_how_many_runs_diverged_and_has_no_best(replicates):
    with pytest.warns(UserWarning, match=f"{replicates} of {replicates} runs diverged"):
        models = superpos.train(
            *(20, 5), density=0.2, lr=300.0, steps=300, batch=64, replicates=replicates,
            evaluation={"samples": 1000},
        )  # fmt: skip
    assert np.isnan(models.W).all()
    assert np.isnan(models.loss).all()
    assert np.isnan(models.history[:, -1]).all()
    with pytest.raises(ValueError, match=f"all {replicates} runs diverged"):
        models.best()


def test_the_best_run_is_one_that_did_not_diverge():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        models = superpos.train(4, 2, steps=5, batch=32, replicates=3, evaluation={"samples": 1000})
    models.loss[0] = np.nan
    assert models.best() == np.nanargmin(models.loss)


def swept(*rates: float):
    return superpos.sweep(
        n_features=4, n_hidden=2, density=0.3, sweep={"optimizer.lr": list(rates)}, replicates=3,
        steps=60, batch=32, evaluation={"samples": 500, "strata": 0}, checkpoints=[1, 60],
        optimizer={"name": "adamw", "weight_decay": 0.01},
    )  # fmt: skip


def test_tables_say_which_runs_diverged_and_rank_none_of_them():
    with pytest.warns(UserWarning, match="3 of 6 runs diverged"):
        tables = swept(0.01, 1e6)
    bad = tables.runs["optimizer_lr"] == 1e6
    assert tables.runs["diverged"].tolist() == bad.tolist()
    assert (tables.runs.loc[bad, "rank"] == -1).all()
    assert sorted(tables.runs.loc[~bad, "rank"]) == [0, 1, 2]
    numbers = ["loss", "selection_loss", "represented", "dimensionality_sum"]
    assert tables.runs.loc[bad, numbers].isna().all(axis=None)
    assert tables.runs.loc[~bad, numbers].notna().all(axis=None)
    assert len(tables.best().runs) == 1
    along = tables.checkpoints[
        tables.checkpoints["condition"].isin(tables.runs.loc[bad, "condition"])
    ]
    assert along.loc[along["step"] == 1, "loss"].notna().all()
    assert along.loc[along["step"] == 60, "loss"].isna().all()


def test_nothing_but_that_line_is_printed():
    code = "import superpos; superpos.train(4, 2, lr=1e6, steps=60, batch=32, replicates=2)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "2 of 2 runs diverged" in done.stderr
    assert "RuntimeWarning" not in done.stderr
