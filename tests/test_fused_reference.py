"""The fused engine does what the reference engine does: gradients, weights, losses."""

import numpy as np
import pytest
import torch
from fused_cases import DATA, MODELS, arrays, condition

from superpos import lookup
from superpos.data.held_out.samples import sparse
from superpos.training import fused, reference
from superpos.training.kernels import choice
from superpos.training.kernels.kernel_job import gate_densities, kernel_job, parameter_count, unpack
from superpos.training.kernels.loops import controlled, dense, gram, masked, wide
from superpos.training.records import Recording

pytestmark = pytest.mark.slow

PRECISIONS = [(np.float32, 1e-5), pytest.param(np.float64, 1e-10, marks=pytest.mark.trial)]
"""The kernels train in single precision; in double precision a wrong term cannot hide in rounding."""


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("shape", [(2, 1, 40), (5, 2, 1), (7, 5, 33), (6, 6, 64), (30, 9, 50)])
@pytest.mark.parametrize("model", MODELS)
def test_dense_gradients_are_those_of_autograd(model, shape, dtype, tolerance):
    n, m, batch = shape
    rng = np.random.default_rng(0)
    c = condition(n_features=n, n_hidden=m, model=model, batch=batch)
    job, variant = kernel_job(c), lookup.load("model", model).VARIANT
    x = (rng.uniform(-1, 1, (batch, n)) * (rng.random((batch, n)) < 0.5)).astype(dtype)
    importance = rng.uniform(0, 2, n).astype(dtype)
    importance[0] = 0
    flat = np.zeros(parameter_count(job), dtype)
    matrices = 1 if variant.tied else 2
    flat[: matrices * n * m + n] = rng.normal(0, 0.5, matrices * n * m + n)
    scale = (2 / batch * importance).astype(dtype)
    G, loss, _ = dense.gradient(job, flat, x, scale, importance)
    parts = [a for a in unpack(job, flat[None]) if a is not None]
    parameters = [torch.tensor(a, requires_grad=True) for a in parts]
    expected = reference.loss(
        variant, parameters, torch.tensor(x)[None], torch.tensor(importance)[None]
    )
    assert loss == pytest.approx(expected.item(), rel=tolerance)
    gradients = torch.autograd.grad(expected.sum(), parameters)
    found = [a for a in unpack(job, G[None]) if a is not None]
    for ours, theirs in zip(found, gradients, strict=True):
        largest = theirs.abs().max().item()
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=0, atol=tolerance * largest)


def random_job(model, n, m, batch, density, dtype):
    """A job with random parameters, minibatch and importances, one of them 0."""
    rng = np.random.default_rng(n)
    job = kernel_job(condition(n_features=n, n_hidden=m, model=model, batch=batch))
    used = (1 if job.tied else 2) * n * m + n
    P = np.zeros(parameter_count(job), dtype)
    P[:used] = rng.normal(0, 0.4, used)
    x = (rng.uniform(-1, 1, (batch, n)) * (rng.random((batch, n)) < density)).astype(dtype)
    importance = rng.uniform(0, 2, n).astype(dtype)
    importance[0] = 0
    return job, P, x, importance, used


def assert_alike(job, found, expected, tolerance):
    """Each array of a gradient within a tolerance of its largest entry."""
    for ours, theirs in zip(*(unpack(job, g[None]) for g in (found, expected)), strict=True):
        if ours is not None:
            largest = np.abs(theirs).max()
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * largest)


@pytest.mark.parametrize(
    ("shape", "dtype", "tolerance"),
    [
        ((17, 4, 33), np.float32, 1e-5),
        ((40, 40, 20), np.float32, 1e-5),
        ((37, 9, 96), np.float32, 1e-5),
        pytest.param((37, 9, 96), np.float64, 1e-10, marks=pytest.mark.trial),
        ((130, 7, 40), np.float32, 1e-5),
        pytest.param((130, 7, 40), np.float64, 1e-10, marks=pytest.mark.trial),
    ],
)
@pytest.mark.parametrize(
    ("gradient", "model"),
    [
        (gram.gradient, "relu_output"),
        (gram.gradient, "linear"),
        (masked.gradient, "relu_hidden"),
        (masked.gradient, "absolute"),
    ],
)
def test_gradients_of_what_is_not_zero_are_the_dense_ones(gradient, model, shape, dtype, tolerance):
    n, m, batch = shape
    job, P, x, importance, _ = random_job(model, n, m, batch, 0.1, dtype)
    scale = (2 / batch * importance).astype(dtype)
    expected, found = (f(job, P, x, scale, importance) for f in (dense.gradient, gradient))
    assert found[1] == pytest.approx(expected[1], rel=tolerance)
    assert_alike(job, found[0], expected[0], tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("shape", [(2, 1), (3, 2), (6, 1), (2, 2)])
def test_gradients_of_small_models_are_the_dense_ones(shape, dtype, tolerance):
    n, m = shape
    job, P, x, importance, used = random_job("relu_output", n, m, 50, 0.6, dtype)
    P[n * m : used] = np.linspace(-0.2, 0.4, n)
    scale = (2 / 50 * importance).astype(dtype)
    expected, found = (
        f(job, P, x, scale, importance) for f in (dense.gradient, dense.small_gradient)
    )
    assert found[1] == pytest.approx(expected[1], rel=tolerance)
    assert_alike(job, found[0], expected[0], tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("shape", [(2, 1), (5, 2), (20, 5)])
@pytest.mark.parametrize("model", ["relu_output", "linear", "relu_hidden"])
def test_gradients_of_single_features_are_the_dense_ones(model, shape, dtype, tolerance):
    n, m = shape
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 20, n)
    counts[0] = 0
    job, P, _, importance, _ = random_job(model, n, m, int(counts.sum()), 0.1, dtype)
    scale = (2 / job.batch * importance).astype(dtype)
    x, values = np.zeros((0, n), dtype), np.zeros(0, dtype)
    for i, count in enumerate(counts):
        padded = np.zeros(-(-count // 8) * 8, dtype)
        padded[:count] = rng.random(count)
        values, x = np.r_[values, padded], np.r_[x, np.outer(padded, np.eye(n)[i]).astype(dtype)]
    found = dense.single_gradient(job, P, values, counts, scale, importance)
    expected = dense.gradient(job, P, x, scale, importance)
    assert found[1] * job.batch == pytest.approx(expected[1] * len(x), rel=tolerance)
    assert_alike(job, found[0], expected[0], tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("steady", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("shape", [(70, 9, 96), (65, 31, 32), (128, 32, 64), (400, 30, 64)])
def test_the_closed_form_of_steady_outputs_is_exact_whichever_they_are(
    shape, steady, dtype, tolerance
):
    n, m, batch = shape
    job, P, x, _, used = random_job("relu_output", n, m, batch, 0.3, dtype)
    P[n * m : used] = np.linspace(-0.5, 1, n)
    c, ones = dtype(2 / batch), np.ones(n, dtype)
    kept = np.random.default_rng(0).random(n) < steady
    found = wide.gradient(job, P, x, c, ones, kept)
    expected = dense.gradient(job, P, x, c * ones, ones)
    assert found[1] == pytest.approx(expected[1], rel=tolerance)
    assert_alike(job, found[0], expected[0], tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("shape", [(5, 2, 32), (16, 8, 64), (70, 9, 96)])
def test_gradients_with_a_control_variate_are_those_of_autograd(shape, dtype, tolerance):
    n, m, batch = shape
    job, P, _, _, used = random_job("relu_output", n, m, batch, 0.3, dtype)
    c = condition(n_features=n, batch=batch, density=0.6, gradient="control_variate")
    x = reference.minibatch(c, np.uint64(1), 1, None).astype(dtype)
    importance = np.full(n, 0.7, dtype)
    scale = dtype(2 * 0.7 / batch)
    G, found, _ = controlled.gradient(job, P, x, scale, 0.6, importance)
    parameters = [torch.tensor(a, requires_grad=True) for a in unpack(job, P[None])[::2]]
    of_x = [
        torch.tensor(a.astype(dtype))[None] for a in lookup.load("data", "independent").moments(c)
    ]
    weighed = torch.tensor(x)[None], torch.tensor(importance)[None]
    plain = reference.loss(lookup.load("model", "relu_output").VARIANT, parameters, *weighed)
    control = reference.control_variate(parameters, *weighed, *of_x)
    gradients = torch.autograd.grad((plain + control).sum(), parameters)
    expected = np.zeros_like(P)
    expected[:used] = np.concatenate([g.numpy().ravel() for g in gradients])
    assert found == pytest.approx(plain.item(), rel=tolerance)
    assert_alike(job, G, expected, tolerance)


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("dense", {"density": 1.0}),
        ("dense", {"density": 1.0, "n_features": 3, "n_hidden": 2}),
        ("split", {"density": 0.3, "n_features": 2, "n_hidden": 1, "batch": 512}),
        ("split", {"density": 0.1, "batch": 512}),
        ("split", {"density": 0.2, "batch": 512, "model": "linear"}),
        ("split", {"density": 0.2, "batch": 512, "model": "relu_hidden"}),
        ("split", {"density": [0.3, 0.2, 0.1, 0.05, 0.01, 0.001], "batch": 512}),
        ("compact", {"density": 0.02}),
        ("compact", {"density": 1e-4}),
        ("compact", {"density": 0.1, "name": "correlated", "sets": 3}),
        ("wide", {"n_features": 80, "n_hidden": 9, "density": 0.6}),
        ("wide", {"n_features": 80, "n_hidden": 9, "density": 0.2}),
        ("wide", {"n_features": 67, "n_hidden": 32, "density": 0.25, "batch": 40}),
        ("controlled", {"n_features": 40, "density": 0.6, "gradient": "control_variate"}),
        ("gram", {"n_features": 40, "n_hidden": 12, "density": 0.05, "batch": 512}),
        ("gram", {"n_features": 40, "n_hidden": 12, "density": 1e-4, "batch": 512}),
        (
            "gram",
            {"n_features": 40, "n_hidden": 40, "density": 0.1, "model": "linear", "batch": 512},
        ),
        ("unit_norm", {"unit_norm": True, "n_hidden": 2, "density": 0.1}),
        ("unit_norm", {"unit_norm": True, "n_features": 130, "n_hidden": 2, "batch": 71}),
        (
            "unit_norm",
            {"unit_norm": True, "n_features": 40, "n_hidden": 9, "importance": {"geometric": 0.9}},
        ),
        ("masked", {"n_features": 40, "n_hidden": 9, "density": 0.3, "model": "absolute"}),
        ("masked", {"n_features": 40, "n_hidden": 9, "density": 0.6, "model": "relu_hidden"}),
        ("masked_compact", {"n_features": 40, "n_hidden": 9, "density": 0.03, "model": "absolute"}),
        (
            "masked_compact",
            {"n_features": 40, "n_hidden": 9, "density": 1e-4, "model": "relu_hidden"},
        ),
    ],
)
def test_every_path_ends_where_the_reference_does(path, changes, monkeypatch):
    monkeypatch.setattr(reference, "minibatch", fused.minibatch)
    c = condition(steps=100, signed=changes.get("model") == "absolute", **changes)
    job = kernel_job(c)
    p = gate_densities(job, c)
    assert choice.choose(job, p, c.importances()) == path
    keys, recording = [c.key(0, 0)], Recording((1, 50, 100), (1,))
    ours, theirs = (e.train([c], keys, recording) for e in (fused, reference))
    for name in ("W", "W_out", "b"):
        if name in arrays(ours):
            found, expected = (arrays(a)[name] for a in (ours, theirs))
            travelled = distance(arrays(ours)[f"checkpoint_{name}"][:, 0], expected)
            assert distance(found, expected) <= 1e-3 * travelled
    np.testing.assert_allclose(ours.loss, theirs.loss, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("batch", [64, 72, 7, 1])
@pytest.mark.parametrize(("name", "sets"), DATA)
def test_where_all_samples_are_drawn_the_minibatches_are_the_references(name, sets, batch):
    c = condition(name=name, sets=sets, density=0.97, batch=batch, signed=True)
    ours, theirs = (e.minibatch(c, c.key(0, 1), 3, None) for e in (fused, reference))
    assert sorted(map(tuple, ours.tolist())) == sorted(map(tuple, theirs.tolist()))


def test_the_minibatches_of_a_finite_set_are_the_references():
    rows = np.random.default_rng(0).random((11, 6)).astype(np.float32)
    c = condition(density=0.1, training_samples=11)
    ours = fused.minibatch(c, c.key(0, 1), 3, sparse(rows, np.full(11, 1 / 11)))
    assert np.array_equal(ours, reference.minibatch(c, c.key(0, 1), 3, rows))


SLOW_SCHEDULES = [pytest.param(name, marks=pytest.mark.slow) for name in ("cosine", "linear")]


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(((a - b) ** 2).sum()))


@pytest.mark.parametrize("density", [1.0, 0.3, 0.02])
@pytest.mark.parametrize("schedule", ["constant", *SLOW_SCHEDULES, "warmup_cosine"])
@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
@pytest.mark.parametrize("model", MODELS)
def test_a_hundred_steps_on_the_same_minibatches_end_at_the_same_weights(
    model, optimizer, schedule, density, monkeypatch
):
    monkeypatch.setattr(reference, "minibatch", fused.minibatch)
    c = condition(
        model=model, optimizer=optimizer, schedule=schedule, density=density, steps=100,
        signed=model == "absolute", importance={"geometric": 0.8},
    )  # fmt: skip
    keys, recording = [c.key(0, r) for r in range(2)], Recording((1, 50, 100), (50,))
    ours, theirs = (e.train([c, c], keys, recording) for e in (fused, reference))
    start = fused.train([c, c], keys, Recording((), (1,)))
    for name, found in arrays(ours).items():
        expected = arrays(theirs)[name]
        if name in ("W", "W_out", "b"):
            travelled = distance(arrays(start)[f"checkpoint_{name}"][:, 0], expected)
            assert distance(found, expected) <= 1e-3 * travelled
        else:
            np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize(
    "key", ["lr", "weight_decay", "betas", "eps", "batch", "density", "importance"]
)
def test_each_training_key_changes_the_result(key):
    changed = {"lr": 0.02, "weight_decay": 0.3, "betas": [0.8, 0.99], "eps": 1e-3, "batch": 32,
               "density": 0.4, "importance": {"geometric": 0.8}}[key]  # fmt: skip
    a, b = condition(), condition(**{key: changed})
    W = [fused.train([c], [np.uint64(5)], Recording(())).W for c in (a, b)]
    assert not np.allclose(*W, atol=1e-6)


HELD_OUT = 20_000
PAIRS = 80


def held_out(c, trained) -> np.ndarray:
    """Loss of every run on one evaluation sample."""
    x = torch.tensor(
        reference.minibatch(c.model_copy(update={"batch": HELD_OUT}), np.uint64(9), 1, None)
    )
    parts = [torch.tensor(a) for a in (trained.W, trained.W_out, trained.b) if a is not None]
    variant = lookup.load("model", c.model).VARIANT
    importance = torch.tensor(c.importances()).float()[None]
    losses = [
        reference.loss(variant, [p[r : r + 1] for p in parts], x[None], importance)
        for r in range(len(trained.W))
    ]
    return torch.cat(losses).numpy()


@pytest.mark.parametrize(
    "changes",
    [
        {"n_features": 5, "n_hidden": 2, "density": 0.1, "importance": {"geometric": 0.9}},
        pytest.param(
            {"n_features": 20, "n_hidden": 5, "density": 0.03, "importance": {"geometric": 0.7}},
            marks=pytest.mark.trial,
        ),
    ],
)
def test_held_out_losses_after_training_are_the_references_on_average(changes):
    """A two-sided 1 % t-test on the log losses of pairs of runs that start from the same weights and
    have different minibatches, with 90 % power against a difference of 5 %."""
    c = condition(steps=500, batch=128, schedule="cosine", **changes)
    keys = [c.key(2, r) for r in range(PAIRS)]
    ours, theirs = (
        np.log(held_out(c, e.train([c] * PAIRS, keys, Recording(())))) for e in (fused, reference)
    )
    error = (ours - theirs).std(ddof=1) / np.sqrt(PAIRS)
    assert (2.58 + 1.28) * error <= np.log(1.05)
    assert abs((ours - theirs).mean()) <= 2.58 * error
