"""What storing features of samples of length 1 gains, computed by other quadratures and by sampling."""

import math
from itertools import combinations, product

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from superpos import lookup, theory

FEATURES = lookup.load("theory table", "polygon_features")
SCALE = lookup.load("theory table", "loss_scale")
FULL, SCALED = (10_000, 0.001), (1000, 0.01)


def lattice(n: int, p: float, step: float = 1 / 16000) -> tuple[np.ndarray, np.ndarray]:
    """Values and probabilities of a sum of n squares, each split between two neighbours of a fine lattice."""
    edge = np.arange(0, 1 + step / 2, step)
    mass, mean = np.diff(np.sqrt(edge)), np.diff(edge**1.5) / 3
    one = np.zeros(round(16 / step))
    up = (mean - mass * edge[:-1]) / step
    one[: len(mass)] += mass - up
    one[1 : len(mass) + 1] += up
    law = np.fft.irfft((1 - p + p * np.fft.rfft(one)) ** n, len(one))
    return np.arange(len(one)) * step, law


def one_active_gain(k: int, norm: float, bias: float, n: int, p: float) -> float:
    """What one active feature of the polygon contributes, with closed forms for its value's integral."""
    S, law = lattice(n - k, p)
    S, law = S[law > 1e-15], law[law > 1e-15]
    root, total = np.sqrt(S), 0.0
    for i in range(k):
        c = norm**2 * math.cos(2 * math.pi * i / k)
        t = min(max(-bias / c, 0.0), 1 - 1e-15) if abs(c) > 1e-12 else 0.0
        kink = np.minimum(t * root / math.sqrt(1 - t**2), 1)
        low, high = (0, kink if c < -1e-12 else 1) if bias > 0 else (kink if c > 1e-12 else 1, 1)
        one, x = high - low + 0 * S, np.sqrt(high**2 + S) - np.sqrt(low**2 + S)
        xx = one - root * (np.arctan2(high, root) - np.arctan2(low, root))
        own = 2 * (c * xx + bias * x) if i == 0 else 0.0
        total += (law * (own - c**2 * xx - 2 * bias * c * x - bias**2 * one)).sum()
    return n * k * p * (1 - p) ** (k - 1) * total


def several_active_gain(k: int, norm: float, bias: float, n: int, p: float) -> float:
    """What sets of two to five active features contribute: for each number of other features, a mean of
    the model's own outputs over quasi-random values."""
    W, total = theory.regular_polygon(k, norm), 0.0
    for size, others in product(range(2, 6), range(33)):
        chance = stats.binom.pmf(others, n - k, p) * p**size * (1 - p) ** (k - size)
        points = 2 ** (17 - 2 * size)
        if chance * math.comb(k, size) * n < 1e-9:
            continue
        values = stats.qmc.Sobol(size + others, rng=others).random(points)
        for active in combinations(range(k), size):
            u = np.zeros((points, k))
            u[:, active] = values[:, :size]
            x = u / np.linalg.norm(values, axis=1, keepdims=True)
            missed = ((x - np.maximum(x @ W @ W.T + bias, 0)) ** 2).sum(1)
            total += chance * ((x**2).sum(1) - missed).mean()
    return n * total


def test_the_mean_length_is_that_of_all_active_sets():
    n, p = 3, 0.4
    total, node = 0.0, (np.polynomial.legendre.leggauss(60)[0] + 1) / 2
    weight = np.polynomial.legendre.leggauss(60)[1] / 2
    for size in range(1, n + 1):
        u = np.array(list(product(node, repeat=size)))
        w = np.array(list(product(weight, repeat=size))).prod(1)
        total += stats.binom.pmf(size, n, p) * (w * u.sum(1) / np.sqrt((u**2).sum(1))).sum()
    assert theory.mean_length(n, p) == pytest.approx(total / (1 - (1 - p) ** n), rel=1e-5)
    assert theory.mean_loss(n, p) == pytest.approx(1 - theory.mean_length(n, p) ** 2 / n)


def test_the_mean_length_at_the_papers_size_is_that_of_another_quadrature():
    for n, p in (FULL, SCALED):

        def over_t(t, n=n, p=p):
            other = integrate.quad(lambda u: math.exp(-((t * u) ** 2)), 0, 1)[0]
            own = integrate.quad(lambda u: u * math.exp(-((t * u) ** 2)), 0, 1)[0]
            return own * (1 - p + p * other) ** (n - 1)

        whole = integrate.quad(over_t, 0, 30, limit=200, epsrel=1e-8)[0]
        whole += (1 - p) ** n * integrate.quad(
            lambda t, n=n, p=p: 0.5 / t**2 * (1 + p * math.sqrt(math.pi) / 2 / t / (1 - p)) ** (n - 1),
            30, math.inf)[0] / (1 - p)  # fmt: skip
        expected = 2 / math.sqrt(math.pi) * n * p * whole / (1 - (1 - p) ** n)
        assert theory.mean_length(n, p) == pytest.approx(expected, rel=1e-7)


def test_the_mean_length_at_the_published_sizes_has_ten_digits():
    assert theory.mean_length(*FULL) == pytest.approx(2.7207698416491887, rel=1e-12)
    assert theory.mean_length(*SCALED) == pytest.approx(2.7210710482162216, rel=1e-12)


@pytest.mark.parametrize(
    ("n", "p"), [(10**5, 1.0), (10**6, 1.0), (10**7, 1.0), (10**9, 1e-3), (10**8, 0.1)]
)
def test_the_mean_length_of_many_active_features_is_that_of_equal_lengths(n, p):
    """‖u‖² is n p / 3 and ‖u‖_1 is n p / 2, each with a variance of the order n p: √(3 n p) / 2."""
    assert theory.mean_length(n, p) == pytest.approx(math.sqrt(3 * n * p) / 2, rel=2 / (n * p))
    assert theory.mean_loss(n, p) == pytest.approx(1 - 3 * p / 4, abs=2 / n)


@pytest.mark.parametrize(("n", "p"), [(2, 1.0), (7, 0.4), (60, 0.5), (400, 0.9), (2000, 1.0)])
def test_the_mean_length_is_that_of_sampled_lengths(n, p):
    """Five standard errors."""
    u = np.random.default_rng(n).random((2, 20_000, n))
    u = np.where(u[0] < p, u[1], 0)
    u = u[u.any(1)]
    length = u.sum(1) / np.linalg.norm(u, axis=1)
    error = length.std() / math.sqrt(len(length))
    assert theory.mean_length(n, p) == pytest.approx(length.mean(), abs=5 * error)


@pytest.mark.parametrize("p", [1e-9, 1e-13, 1e-15, 1e-17, 1e-200, 5e-324])
def test_of_sparse_features_one_is_on(p):
    for n in (1, 5, 1000):
        assert theory.mean_length(n, p) == pytest.approx(1, abs=n * p + 1e-14)
        assert theory.mean_loss(n, p) == pytest.approx(1 - 1 / n, abs=2 * n * p + 1e-14)
    assert theory.polygon_gain(4, 1.0, 0.0, 100, p) == pytest.approx(4 * (1 - 1 / 100), abs=1e-6)
    for k in (3, 4, 5):
        assert theory.best_polygon(k, 100, p).gain == pytest.approx(k * (1 - 1 / 100), abs=1e-6)


def test_a_square_or_pentagon_without_bias_gains_what_a_closed_form_says():
    n, p = 10**9, 1e-8  # two of the features are on together in 1e-7 of what there is to gain
    assert theory.polygon_gain(4, 1.0, 0.0, n, p) == pytest.approx(4, abs=1e-6)
    c = math.cos(2 * math.pi / 5)
    for square in (0.5, 0.916**2, 1.0):
        alone = 5 * (2 * square - square**2 * (1 + 2 * c**2))
        assert theory.polygon_gain(5, math.sqrt(square), 0.0, n, p) == pytest.approx(
            alone, abs=1e-6
        )


@pytest.mark.parametrize(
    ("k", "norm", "bias", "size"),
    [
        (5, 1.152, -0.142, FULL),
        (6, 1.235, -0.266, FULL),
        (5, 1.147, -0.14, SCALED),
        (6, 1.219, -0.255, SCALED),
        (5, 0.916, 0.0, SCALED),
        (4, 0.9, 0.05, SCALED),
    ],
)
def test_the_quadrature_of_a_polygons_gain_is_exact_to_a_millionth(k, norm, bias, size):
    n, p = size
    one, several = (of(k, norm, bias, n, p) for of in (one_active_gain, several_active_gain))
    none = n * k * max(bias, 0) ** 2 * ((1 - p) ** k - (1 - p) ** n)
    mean = k * theory.mean_length(n, p) ** 2 / n
    expected = (one + several - none) / (1 - (1 - p) ** n) - mean
    within = 1e-6 + 2e-4 * abs(several)
    assert theory.polygon_gain(k, norm, bias, n, p) == pytest.approx(expected, abs=within)


def test_sampled_losses_of_the_whole_model_agree_with_the_pentagons():
    (n, p), k, rng = SCALED, 5, np.random.default_rng(0)
    norm, bias, _ = theory.best_polygon(k, n, p)
    W, b = np.zeros((n, 2)), np.full(n, theory.mean_length(n, p) / n)
    W[:k], mean = theory.regular_polygon(k, norm), b.copy()
    b[:k] = bias
    found = []
    for _ in range(20):
        u = rng.random((1000, n)) * (rng.random((1000, n)) < p)
        u[:, :k] = rng.random((1000, k)) * (rng.random((1000, k)) < 0.2)
        on = (u[:, :k] > 0).sum(1)
        weight = (p / 0.2) ** on * ((1 - p) / 0.8) ** (k - on)
        x = u / np.linalg.norm(u, axis=1, keepdims=True).clip(1e-9)
        missed = ((x - np.maximum(x @ W @ W.T + b, 0)) ** 2).sum(1)
        found.append(weight * (((x - mean) ** 2).sum(1) - missed) / (1 - (1 - p) ** n))
    gain = n * np.concatenate(found)
    assert gain.mean() == pytest.approx(theory.polygon_gain(k, norm, bias, n, p),
                                        abs=4 * gain.std() / math.sqrt(len(gain)))  # fmt: skip
    assert gain.std() / math.sqrt(len(gain)) < 0.07


@pytest.mark.slow
@pytest.mark.parametrize(("n", "p"), [FULL, SCALED])
def test_the_hexagon_gains_most_and_without_bias_the_pentagon(n, p):
    for biased, winner in ((True, 6), (False, 5)):
        gains = {k: theory.best_polygon(k, n, p, biased).gain for k in range(4, 8)}
        assert max(gains, key=gains.__getitem__) == winner


@pytest.mark.parametrize(("k", "biased"), [(3, True), (5, True), (5, False), (7, True)])
def test_no_polygon_nearby_gains_more_than_the_best(k, biased):
    norm, bias, gain = theory.best_polygon(k, *SCALED, biased)
    for by_norm, by_bias in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3), (1e-3, -1e-3)):
        if biased or not by_bias:
            assert theory.polygon_gain(k, norm + by_norm, bias + by_bias, *SCALED) < gain


def test_the_table_of_polygons_holds_the_gain_and_the_loss():
    rows = FEATURES.table([1000], 10.0, [5])
    assert rows["biased"].tolist() == [True, False]
    below = (rows["mean_loss"] - rows["loss"]) * 1000
    assert below.tolist() == pytest.approx(rows["gain"].tolist())
    assert rows["gain"].tolist() == [theory.best_polygon(5, *SCALED, b).gain for b in (True, False)]
    assert rows["mean_loss"].tolist() == [theory.mean_loss(*SCALED)] * 2


def test_the_loop_of_the_loss_scale_is_torchs_adam():
    X, W = SCALE._start(60, 0.1, 12)
    model = [
        torch.tensor(W, requires_grad=True),
        torch.zeros(60, dtype=torch.float64, requires_grad=True),
    ]
    optimizer, x = torch.optim.Adam(model, lr=1e-3, eps=1e-5), torch.tensor(X)
    for _ in range(30):
        optimizer.zero_grad()
        loss = ((x - torch.relu(x @ model[0] @ model[0].T + model[1])) ** 2).mean()
        (loss * 60).backward()
        optimizer.step()
    ours = SCALE.trained(W, X, 30, 1e-3, 1e-5, 1.0)
    np.testing.assert_allclose(ours, torch.column_stack(model).detach(), rtol=1e-9, atol=1e-12)


def test_a_mean_over_features_is_a_sum_with_a_larger_epsilon_and_not_with_the_same():
    row = SCALE.table(200, 0.05, 30, 100, 1e-3, 1e-8).iloc[0]
    assert row["difference"] < 1e-9
    assert row["same_eps"] > 1e-3
    assert row["scaled_eps"] == pytest.approx(2e-6)


@pytest.mark.parametrize(
    ("k", "n", "p", "said"),
    [
        (5, 200, 0.3, "n p is 60; give at most 10"),
        (5, 40, 0.5, "n p is 20; give at most 10"),
        (8, 20, 0.5, "more than 5 features of the polygon are on"),
        (6, 100, 0.1, "more than 5 features of the polygon are on"),
    ],
)
def test_data_too_dense_for_the_quadrature_is_refused(k, n, p, said):
    for call in (lambda: theory.polygon_gain(k, 1, 0, n, p), lambda: theory.best_polygon(k, n, p)):
        with pytest.raises(ValueError, match=said):
            call()
