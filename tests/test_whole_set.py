"""Training on a whole finite set in every step: exact mathematics, the reference engine, and bytes."""

import numpy as np
import pytest
from fused_cases import arrays, condition, same_bytes

from superpos.data.held_out import sparse
from superpos.numerics.samples import Samples
from superpos.training import fused, reference
from superpos.training.kernels import choice
from superpos.training.kernels.kernel_job import kernel_job, parameter_count
from superpos.training.kernels.loops import whole_set
from superpos.training.records import Recording, Saved

pytestmark = pytest.mark.slow

RECORDING = Recording((1, 50, 100), (1, 50))


def sample_set(n: int, count: int, density: float = 0.1) -> Samples:
    """Random sparse samples; the first is empty, the second has one entry, and the last two are equal."""
    rng = np.random.default_rng(count)
    x = (rng.random((count, n)) * (rng.random((count, n)) < density)).astype(np.float32)
    x[0], x[1] = 0, 0.5 * np.eye(n)[-1]
    x[-1] = x[-2]
    return sparse(x, np.full(count, 1 / count))


def of_set(n: int, m: int, count: int, **changes):
    """A condition that trains on all samples of a set."""
    return condition(n_features=n, n_hidden=m, training_samples=count, batch="all", **changes)


def gradient(P: np.ndarray, x: np.ndarray, importance: np.ndarray, m: int):
    """dL/dW, dL/db and the loss, from their formulas in float64."""
    n = x.shape[1]
    W, b = P[: n * m].reshape(n, m).astype(float), P[n * m : n * m + n].astype(float)
    h = x @ W
    y = h @ W.T + b
    delta = 2 / len(x) * importance * (y - x) * (y > 0)
    loss = (importance * (np.maximum(y, 0) - x) ** 2).sum() / len(x)
    return np.r_[(delta.T @ h + x.T @ (delta @ W)).ravel(), delta.sum(0)], loss


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(np.float32, 1e-6), pytest.param(np.float64, 1e-12, marks=pytest.mark.trial)],
)
@pytest.mark.parametrize(
    ("n", "m", "count"),
    [(5, 1, 3), (37, 1, 8), (37, 2, 8), (1050, 2, 70), (19, 3, 200), (41, 5, 67), (33, 11, 5)],
)
def test_the_gradient_is_that_of_the_formula(n, m, count, dtype, tolerance):
    rng = np.random.default_rng(n)
    samples, job = sample_set(n, count), kernel_job(of_set(n, m, count))
    P, importance = np.zeros(parameter_count(job), dtype), rng.uniform(0, 2, n).astype(dtype)
    P[: n * m + n] = rng.normal(0, 0.4, n * m + n)
    importance[0] = 0
    G, loss, *_ = whole_set.gradient(job, P, samples, importance)
    expected, of_formula = gradient(P, samples.dense(n).astype(float), importance.astype(float), m)
    largest = np.abs(expected).max()
    np.testing.assert_allclose(G[: len(expected)], expected, rtol=0, atol=tolerance * largest)
    assert loss == pytest.approx(of_formula, rel=tolerance)


@pytest.mark.parametrize("count", [5, 8, 30])
def test_the_regular_polygon_of_disjoint_samples_has_neither_loss_nor_gradient(count):
    """W = sum_j h_j x_j^T and b = -(r^2 - 1) x_j with r^2 = 1 / (1 - cos(2 pi / T)) give x' = x."""
    x, angle = np.kron(np.eye(count), np.full(4, 0.5)), 2 * np.pi * np.arange(count) / count
    n = x.shape[1]
    r = 1 / np.sqrt(1 - np.cos(2 * np.pi / count))
    W = x.T @ np.c_[np.cos(angle), np.sin(angle)] * r
    job = kernel_job(of_set(n, 2, count))
    P = np.zeros(parameter_count(job), np.float64)
    P[: 3 * n] = np.r_[W.ravel(), -(r**2 - 1) * x.sum(0)]
    samples = sparse(x.astype(np.float32), np.full(count, 1 / count))
    for kind, tolerance in ((np.float64, 1e-15 * r**3), (np.float32, 1e-6 * r**3)):
        G, loss, *_ = whole_set.gradient(job, P.astype(kind), samples, np.ones(n, kind))
        assert np.abs(G).max() < tolerance
        assert 0 <= loss < tolerance**2


@pytest.mark.parametrize(("n", "m", "count"), [(37, 1, 8), (37, 2, 8), (90, 2, 200), (41, 5, 67)])
@pytest.mark.parametrize("importance", [1.0, {"geometric": 0.97}])
def test_training_ends_where_the_reference_does(n, m, count, importance):
    c = of_set(n, m, count, importance=importance, steps=100, schedule="warmup_cosine")
    samples, keys = sample_set(n, count), [c.key(0, 0), c.key(0, 1)]
    ours, theirs = (e.train([c, c], keys, RECORDING, samples) for e in (fused, reference))
    for name in ("W", "b"):
        (found, along), (expected, along_theirs) = (
            (arrays(a)[name], arrays(a)[f"checkpoint_{name}"]) for a in (ours, theirs)
        )
        travelled = np.linalg.norm(expected - along[:, 0])
        assert np.linalg.norm(found - expected) <= 1e-3 * travelled
        assert np.linalg.norm(along - along_theirs) <= 1e-3 * travelled
    np.testing.assert_allclose(ours.loss, theirs.loss, rtol=1e-3, atol=1e-7)


def test_the_loss_near_0_is_accurate():
    """At x' = x + 1e-6 in every entry that is not 0, a sum of x'^2 - 2 x' x + x^2 would have no digit."""
    n, one = 20, np.float32(1)
    x = np.tile(np.r_[np.full(10, 0.75), np.zeros(10)], (2, 1)).astype(np.float32)
    job = kernel_job(of_set(n, 1, 2))
    P = np.zeros(parameter_count(job), np.float32)
    P[n : n + 10] = 0.75 * one + np.float32(1e-6)
    loss = whole_set.gradient(job, P, sparse(x, np.full(2, 0.5)), np.full(n, one))[1]
    assert loss == pytest.approx(10 * (float(P[n]) - 0.75) ** 2, rel=1e-6, abs=0)


def test_a_run_has_the_same_bytes_alone_and_among_others_on_two_threads():
    cs = [of_set(37, 2, 30, importance=i, lr=lr) for i in (1.0, 0.5) for lr in (0.01, 0.1)]
    samples, keys = sample_set(37, 30), [c.key(0, r) for r, c in enumerate(cs)]
    recording = Recording((1, 10, 20), (5, 20))
    together = fused.train(cs, keys, recording, samples, threads=2)
    for r, (c, k) in enumerate(zip(cs, keys, strict=True)):
        assert same_bytes(fused.train([c], [k], recording, samples), together, 0, r)


def test_the_order_of_entries_within_a_sample_does_not_matter():
    c, samples = of_set(37, 2, 30), sample_set(37, 30)
    turned = [
        np.concatenate(
            [a[s:e][::-1] for s, e in zip(samples.start, samples.start[1:], strict=False)]
        )
        for a in (samples.feature, samples.value)
    ]
    other = Samples(samples.start, *turned, samples.weight)
    a, b = (fused.train([c], [c.key(0, 0)], RECORDING, x) for x in (samples, other))
    assert same_bytes(a, b)


def test_only_the_tied_relu_output_model_has_a_kernel_for_a_whole_set():
    assert choice.path(of_set(6, 3, 8)) == "whole_set"
    assert choice.supports(of_set(6, 3, 8, name="correlated", sets=3))
    assert not any(choice.supports(of_set(6, 3, 8, model=m)) for m in ("linear", "relu_hidden"))


def test_the_minibatch_of_every_step_is_the_whole_set():
    c, samples = of_set(37, 2, 30), sample_set(37, 30)
    for step in (1, 7):
        x = fused.minibatch(c, c.key(0, 0), step, samples)
        assert np.array_equal(x, samples.dense(37))
        assert np.array_equal(x, reference.minibatch(c, c.key(0, 0), step, samples.dense(37)))


def test_averages_that_decay_end_at_0_before_they_slow_the_cpu_down():
    """A feature that no sample has soon has no gradient: its averages shrink by a tenth in each step."""
    c, kept = of_set(37, 2, 8, steps=3000), []
    fused.train([c], [c.key(0, 0)], RECORDING, sample_set(37, 8), saved=Saved({}, kept.append))
    averages = np.abs(kept[0]["moments"][0, 0, : 3 * 37])
    assert (averages == 0).any()
    assert (averages[averages > 0] > np.finfo(np.float32).tiny).all()
