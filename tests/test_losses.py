"""The loss on held-out samples."""

import numpy as np
import pytest
import torch
from cases import condition

from superpos import lookup, theory
from superpos.data.held_out import draw_samples
from superpos.metrics.losses import feature_losses
from superpos.models import forward

KEY = np.uint64(12345)
INDEPENDENT = condition(density=[0.5, 0.3, 0.2, 0.1, 0.05, 0.9])
SIGNED = condition(density=0.3, data={"name": "independent", "signed": True})


@pytest.mark.parametrize(("runs", "hidden"), [(3, 2), (9, 2), (9, 7)])
@pytest.mark.parametrize("model", ["linear", "relu_output", "relu_hidden", "absolute"])
def test_losses_agree_with_a_dense_computation(model, runs, hidden):
    rng = np.random.default_rng(0)
    variant = lookup.load("model", model).VARIANT
    W, W_out = rng.normal(size=(2, runs, 6, hidden))
    out = W if variant.tied else W_out
    b, importance = rng.normal(size=(runs, 6)), rng.uniform(size=(runs, 6))
    samples = draw_samples(SIGNED, KEY, 0, 1, 200)
    x = samples.dense(6).astype(float)
    y = forward(variant, *map(torch.tensor, (W, out, b, x))).numpy()
    target = abs(x) if variant.absolute_target else x
    expected = importance * np.einsum("s,rsi->ri", samples.weight, (target - y) ** 2)
    losses = feature_losses(variant, W, None if variant.tied else W_out, b, importance, samples)
    np.testing.assert_allclose(losses, expected, rtol=1e-12)


@pytest.mark.parametrize("model", ["linear", "relu_output", "relu_hidden", "absolute"])
def test_a_run_has_the_same_loss_bytes_alone_and_among_others(model):
    rng = np.random.default_rng(1)
    variant = lookup.load("model", model).VARIANT
    samples = draw_samples(INDEPENDENT, KEY, 0, 1, 50)
    W, b, ones = rng.normal(size=(5, 6, 2)), rng.normal(size=(5, 6)), np.ones((5, 6))
    together = feature_losses(variant, W, None, b, ones, samples)
    alone = [
        feature_losses(variant, W[r : r + 1], None, b[r : r + 1], ones[:1], samples)
        for r in range(5)
    ]
    assert together.tobytes() == np.concatenate(alone).tobytes()


def test_the_linear_models_loss_is_its_closed_form():
    rng = np.random.default_rng(2)
    W, b, importance = rng.normal(0, 0.5, (6, 2)), rng.normal(0, 0.1, 6), 0.7 ** np.arange(6)
    variant = lookup.load("model", "linear").VARIANT
    samples = draw_samples(INDEPENDENT, KEY, 0, 1, 20_000)
    losses = feature_losses(variant, W[None], None, b[None], importance[None], samples)
    exact = theory.linear_loss(W, b, importance, INDEPENDENT.densities())
    assert abs(losses.sum() / exact - 1) < 0.005


def test_the_relu_models_loss_is_its_closed_form():
    W = theory.regular_polygon(5) * 1.1
    b, importance = np.full(5, -0.05), 0.9 ** np.arange(5)
    c = condition(n_features=5, n_hidden=2, density=0.1)
    variant = lookup.load("model", "relu_output").VARIANT
    samples = draw_samples(c, KEY, 0, 1, 80_000)
    losses = feature_losses(variant, W[None], None, b[None], importance[None], samples)
    exact = theory.exact_loss(W, b, importance, 0.1)
    assert abs(losses.sum() / exact - 1) < 0.005
