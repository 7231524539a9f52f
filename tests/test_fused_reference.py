"""The fused engine does what the reference engine does: gradients, weights, losses."""

import numpy as np
import pytest
import torch
from fused_cases import DATA, MODELS, arrays, condition

from superpos import plugins
from superpos.engines import Recording, fused, reference
from superpos.kernels import job as jobs
from superpos.kernels import training


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(2, 1, 40), (5, 2, 1), (7, 5, 33), (6, 6, 64), (30, 9, 50)])
@pytest.mark.parametrize("model", MODELS)
def test_dense_gradients_are_those_of_autograd(model, shape, dtype):
    n, m, batch = shape
    rng = np.random.default_rng(0)
    c = condition(n_features=n, n_hidden=m, model=model, batch=batch)
    job, variant = jobs.of(c, None), plugins.load("model", model).VARIANT
    x = (rng.uniform(-1, 1, (batch, n)) * (rng.random((batch, n)) < 0.5)).astype(dtype)
    importance = rng.uniform(0, 2, n).astype(dtype)
    importance[0] = 0
    flat = np.zeros(jobs.size(job), dtype)
    matrices = 1 if variant.tied else 2
    flat[: matrices * n * m + n] = rng.normal(0, 0.5, matrices * n * m + n)
    scale = (2 / batch * importance).astype(dtype)
    G, loss, _ = training.dense_gradient(job, flat, x, scale, importance)
    parts = [a for a in fused.unpack(job, flat[None]) if a is not None]
    parameters = [torch.tensor(a, requires_grad=True) for a in parts]
    expected = reference.loss(variant, parameters, torch.tensor(x)[None], torch.tensor(importance)[None])
    tolerance = 1e-5 if dtype == np.float32 else 1e-10
    assert loss == pytest.approx(expected.item(), rel=tolerance)
    gradients = torch.autograd.grad(expected.sum(), parameters)
    found = [a for a in fused.unpack(job, G[None]) if a is not None]
    for ours, theirs in zip(found, gradients, strict=True):
        largest = theirs.abs().max().item()
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=0, atol=tolerance * largest)


@pytest.mark.parametrize("batch", [64, 72, 7, 1])
@pytest.mark.parametrize(("name", "sets"), DATA)
def test_where_all_samples_are_drawn_the_minibatches_are_the_references(name, sets, batch):
    c = condition(name=name, sets=sets, density=0.97, batch=batch, signed=True)
    ours, theirs = (e.minibatch(c, c.key(0, 1), 3, None) for e in (fused, reference))
    assert sorted(map(tuple, ours.tolist())) == sorted(map(tuple, theirs.tolist()))


def test_the_minibatches_of_a_finite_set_are_the_references():
    rows = np.random.default_rng(0).random((11, 6)).astype(np.float32)
    c = condition(density=0.1, training_samples=11)
    ours, theirs = (e.minibatch(c, c.key(0, 1), 3, rows) for e in (fused, reference))
    assert np.array_equal(ours, theirs)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(((a - b) ** 2).sum()))


@pytest.mark.parametrize("density", [1.0, 0.3, 0.02])
@pytest.mark.parametrize("schedule", ["constant", "cosine", "linear"])
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


@pytest.mark.parametrize("key", ["lr", "weight_decay", "betas", "eps", "batch", "density", "importance"])
def test_each_training_key_changes_the_result(key):
    changed = {"lr": 0.02, "weight_decay": 0.3, "betas": (0.8, 0.99), "eps": 1e-3, "batch": 32,
               "density": 0.4, "importance": {"geometric": 0.8}}[key]  # fmt: skip
    a, b = condition(), condition(**{key: changed})
    W = [fused.train([c], [np.uint64(5)], Recording(())).W for c in (a, b)]
    assert not np.allclose(*W, atol=1e-6)
