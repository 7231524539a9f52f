"""Closed forms against quadrature, against Monte Carlo, and against one another."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy import integrate

from superpos import theory
from superpos.metrics.exact_loss import _moment
from superpos.numerics.compiled import numba

POINTS = [(0.3, 4.0), (0.05, 1.0), (0.8, 0.3), (1.0, 2.0)]
PAIRS = {"ignored": [1, 0], "dedicated": [0, 1], "superposition": [1, -1],
         "confused": [2**-0.5, 2**-0.5]}  # fmt: skip
TRIPLES = {"ignored": [[1, 0], [0, 1], [0, 0]], "dedicated": [[0, 0], [1, 0], [0, 1]],
           "superposition": [[1, 0], [0, 1], [0, -1]],
           "others_superposed": [[1, 0], [-1, 0], [0, 1]]}  # fmt: skip


def sparse(rng, n: int, p: float, samples: int) -> np.ndarray:
    return rng.random((samples, n)) * (rng.random((samples, n)) < p)


def in_sets(rng, sets: int, members: int, p: float, samples: int, anti: bool) -> np.ndarray:
    on = rng.random((samples, sets, 1)) < p
    x = rng.random((samples, sets, members)) * on
    if anti:
        x *= rng.integers(members, size=(samples, sets, 1)) == np.arange(members)
    return x.reshape(samples, -1)


def sampled_loss(W, b, importance, x, relu=True) -> tuple[float, float]:
    """Mean and standard error."""
    out = x @ W @ W.T + b
    losses = (importance * (x - (np.maximum(out, 0) if relu else out)) ** 2).sum(1)
    return losses.mean(), losses.std() / math.sqrt(len(x))


def quadrature_loss(W, b, importance, density, relu=True, nodes=60) -> float:
    """Gauss-Legendre on the cube of each set of active features; exact where there is no kink."""
    n = len(W)
    p = np.broadcast_to(density, n)
    node, weight = np.polynomial.legendre.leggauss(nodes)
    total = 0.0
    for active in product((0, 1), repeat=n):
        grids = [((node + 1) / 2, p[i] * weight / 2) if on else (np.zeros(1), np.array([1 - p[i]]))
                 for i, on in enumerate(active)]  # fmt: skip
        x = np.stack(np.meshgrid(*(g[0] for g in grids), indexing="ij"), -1).reshape(-1, n)
        w = np.stack(np.meshgrid(*(g[1] for g in grids), indexing="ij"), -1).reshape(-1, n).prod(1)
        out = x @ W @ W.T + b
        total += w @ (importance * (x - (np.maximum(out, 0) if relu else out)) ** 2).sum(1)
    return total


def ignored_bias(W: np.ndarray, p: float) -> np.ndarray:
    return np.where((W == 0).all(1), p / 2, 0.0)


def test_mean_and_variance_agree_with_quadrature():
    for p, _ in POINTS:
        first, second = (p * integrate.quad(lambda x, q=q: x**q, 0, 1)[0] for q in (1, 2))
        assert theory.mean(p) == pytest.approx(first, rel=1e-12)
        assert theory.variance(p) == pytest.approx(second - first**2, rel=1e-12)


def test_losses_of_two_in_one_agree_with_quadrature():
    """Every subset of active features, by adaptive quadrature; tolerance 1e-8."""
    for p, r in POINTS:
        for name, column in PAIRS.items():
            W = np.array(column, float)[:, None]
            b = ignored_bias(W, p)

            def loss(x, y, W=W, b=b, r=r):
                error = np.array([x, y]) - np.maximum(W @ (W.T @ [x, y]) + b, 0)
                return error[0] ** 2 + r * error[1] ** 2

            one = [integrate.quad(f, 0, 1)[0]
                   for f in (lambda x, f=loss: f(x, 0), lambda y, f=loss: f(0, y))]  # fmt: skip
            # dblquad over the two triangles where no output has a kink
            two = sum(integrate.dblquad(loss, 0, 1, *side)[0]
                      for side in ((0, lambda y: y), (lambda y: y, 1)))  # fmt: skip
            expected = (1 - p) ** 2 * loss(0, 0) + p * (1 - p) * sum(one) + p**2 * two
            assert theory.two_in_one(r, p)[name] == pytest.approx(expected, abs=1e-8), (p, r, name)


def test_losses_of_two_in_one_and_three_in_two_agree_with_the_exact_relu_loss():
    for p, r in POINTS:
        for forms, configurations in ((theory.two_in_one, PAIRS), (theory.three_in_two, TRIPLES)):
            for name, rows in configurations.items():
                W = np.array(rows, float).reshape(len(rows), -1)
                importance = np.r_[np.ones(len(W) - 1), r]
                exact = theory.exact_loss(W, ignored_bias(W, p), importance, p)
                assert forms(r, p)[name] == pytest.approx(exact, abs=1e-12), (p, r, name)


def test_losses_of_three_in_two_agree_with_quadrature():
    """60 nodes a dimension, within 2e-4 of the loss's scale, which the kinks cost."""
    for p, r in POINTS:
        for name, rows in TRIPLES.items():
            W = np.array(rows, float)
            expected = quadrature_loss(W, ignored_bias(W, p), np.array([1, 1, r]), p)
            assert theory.three_in_two(r, p)[name] == pytest.approx(expected, abs=2e-4), (p, name)


def test_losses_of_sets_agree_with_quadrature():
    """An antipodal pair that is on loses 1/3; the sets decide how often that is. Within 1e-8."""
    pair = np.array([[1.0], [-1.0]])

    def loss(x, y):
        return ((np.array([x, y]) - np.maximum(pair @ (pair.T @ [x, y]), 0)) ** 2).sum()

    on = sum(integrate.dblquad(loss, 0, 1, *side)[0] for side in ((0, lambda y: y),
                                                                  (lambda y: y, 1)))  # fmt: skip
    p = 0.3
    sets = theory.two_sets_in_two(p)
    assert sets["correlated_across"] == pytest.approx(p**2 * 2 * on, abs=1e-8)
    assert sets["anticorrelated_across"] == pytest.approx(p**2 * on / 2, abs=1e-8)
    assert sets["anticorrelated_within"] == 0
    assert theory.octahedron_across(p) == pytest.approx(p**2 * 3 * on, abs=1e-8)


def test_losses_of_configurations_agree_with_monte_carlo():
    """200,000 samples, five standard errors."""
    rng = np.random.default_rng(0)
    for p, r in POINTS:
        for forms, configurations in ((theory.two_in_one, PAIRS), (theory.three_in_two, TRIPLES)):
            for name, rows in configurations.items():
                W = np.array(rows, float).reshape(len(rows), -1)
                x = sparse(rng, len(W), p, 200_000)
                importance = np.r_[np.ones(len(W) - 1), r]
                mean, error = sampled_loss(W, ignored_bias(W, p), importance, x)
                assert abs(forms(r, p)[name] - mean) < 5 * error, (p, r, name)


def test_losses_have_the_values_checked_elsewhere():
    assert [theory.two_in_one(4.0, 0.3)[k] for k in ("ignored", "dedicated", "superposition")] == (
        pytest.approx([0.31, 0.0775, 0.075])
    )
    assert list(theory.three_in_two(0.3, 0.8).values()) == pytest.approx(
        [0.032, 0.10667, 0.13867, 0.21333], abs=5e-6
    )


def test_the_phase_boundary_is_where_the_losses_cross():
    for r in (0.1, 0.5, 1.0, 2.0, 10.0):
        p = float(theory.phase_boundary(r))
        losses = theory.two_in_one(r, p)
        other = min(losses["ignored"], losses["dedicated"])
        assert losses["superposition"] == pytest.approx(other, rel=1e-12)
        assert theory.cheapest_phase(r, 0.99 * p) == "superposition"
        assert theory.cheapest_phase(r, min(1.01 * p, 1)) == ("ignored" if r <= 1 else "dedicated")
    assert theory.phase_boundary(1.0) == pytest.approx(theory.PAIR_DENSITY)
    assert theory.phase_boundary(np.array([0.1, 10.0])) == pytest.approx([0.16, 0.16])


def test_pairs_gain_over_dedicated_features_below_four_sevenths_only():
    assert theory.digon_gain(theory.PAIR_DENSITY) == pytest.approx(1)
    assert theory.digon_gain(0.5) > 1 > theory.digon_gain(0.6)
    p = 0.3
    saved = 2 * theory.variance(p) - theory.two_in_one(1.0, p)["superposition"]
    assert theory.digon_gain(p) == pytest.approx(saved / theory.variance(p))


def test_the_linear_optimum_is_attained_and_no_random_model_beats_it():
    rng = np.random.default_rng(0)
    importance, p = 0.7 ** np.arange(6), 0.3
    best = theory.linear_optimum(importance, p, 2)
    kept = np.eye(6)[:, :2]
    assert theory.linear_loss(kept, ignored_bias(kept, p), importance, p) == pytest.approx(best)
    for _ in range(200):
        W = kept + rng.normal(scale=0.2, size=(6, 2))
        b = (np.eye(6) - W @ W.T) @ np.full(6, p / 2)
        assert theory.linear_loss(W, b, importance, p) > best
    assert best == pytest.approx(theory.variance(p) * importance[2:].sum())


def test_the_linear_optimum_keeps_the_features_of_largest_weighted_variance():
    assert theory.linear_optimum([1.0, 0.5], np.array([0.01, 1.0]), 1) == theory.variance(0.01)
    assert theory.linear_optimum([1.0, 0.5], 0.5, 2) == 0


def test_the_linear_loss_agrees_with_quadrature():
    """Exact for polynomials: within 1e-12."""
    rng = np.random.default_rng(1)
    W, b, importance = rng.normal(size=(3, 2)), rng.normal(size=3), np.array([1, 0.5, 2])
    p = np.array([0.1, 0.4, 1.0])
    expected = quadrature_loss(W, b, importance, p, relu=False, nodes=3)
    assert theory.linear_loss(W, b, importance, p) == pytest.approx(expected, rel=1e-12)


def test_the_exact_relu_loss_agrees_with_quadrature_on_random_models():
    """60 nodes a dimension, within 2e-4, which the kinks cost."""
    rng = np.random.default_rng(7)
    for n, m in ((1, 1), (2, 1), (3, 2)):
        W, b, p = rng.normal(size=(n, m)) * 0.8, rng.normal(size=n) * 0.3, rng.uniform(0.1, 1, n)
        expected = quadrature_loss(W, b, np.ones(n), p)
        assert theory.exact_loss(W, b, np.ones(n), p) == pytest.approx(expected, abs=2e-4), (n, m)


def test_the_linear_loss_agrees_with_monte_carlo():
    """200,000 samples, five standard errors."""
    rng = np.random.default_rng(1)
    W, b, importance = rng.normal(size=(4, 2)), rng.normal(size=4), np.array([1, 0.5, 2, 1])
    mean, error = sampled_loss(W, b, importance, sparse(rng, 4, 0.4, 200_000), relu=False)
    assert abs(theory.linear_loss(W, b, importance, 0.4) - mean) < 5 * error


def test_the_exact_relu_loss_agrees_with_monte_carlo_on_random_models():
    """200,000 samples, five standard errors, with densities that differ."""
    rng = np.random.default_rng(2)
    for n, m in ((1, 1), (2, 1), (3, 2), (4, 2), (5, 2)):
        W, b = rng.normal(size=(n, m)) * 0.8, rng.normal(size=n) * 0.3
        importance, p = rng.uniform(0.2, 1, n), rng.uniform(0.1, 0.9, n)
        x = rng.random((200_000, n)) * (rng.random((200_000, n)) < p)
        mean, error = sampled_loss(W, b, importance, x)
        assert abs(theory.exact_loss(W, b, importance, p) - mean) < 5 * error, (n, m)


@numba.njit
def compiled_moment(b, c, q, own):
    """The metric's moment of all slopes; its function is compiled with its callers only."""
    return _moment(b, c, 2 ** len(c) - 1, q, own)


def rational_moment(b, c, q, own):
    """E [z]_+^q, or E u_own [z]_+^q, by the antiderivative in exact fractions."""
    b, c = Fraction(b), [Fraction(slope) for slope in c]
    if own is not None:
        rest = c[:own] + c[own + 1 :]
        end = rational_moment(b + c[own], rest, q + 1, None)
        return (end - rational_moment(b, c, q + 1, None)) / ((q + 1) * c[own])
    total = Fraction(0)
    for corner in product((0, 1), repeat=len(c)):
        height = b + sum(slope for slope, on in zip(c, corner, strict=True) if on)
        total += (-1) ** corner.count(0) * max(height, 0) ** (q + len(c)) * (bool(c) or height > 0)
    return total * math.factorial(q) / math.factorial(q + len(c)) / math.prod(c)


@pytest.mark.parametrize("orders", [0, 1, 3, 5, 8, 12])
def test_moments_of_slopes_of_any_size_are_exact(orders):
    """Against fractions, with slopes that differ by up to so many orders of magnitude, also all small."""
    rng = np.random.default_rng(orders)
    for case in range(60):
        k = int(rng.integers(1, 6))
        c = rng.normal(size=k) * 10.0 ** -rng.uniform(0, orders, k)
        b = [0.0, rng.normal(), rng.normal() * 1e-5, -rng.random() * c[c > 0].sum()][case % 4]
        own = None if case % 3 else int(rng.integers(k))
        q = 2 if case % 3 == 1 else 1
        highest = max(abs(b + c[c > 0].sum()), abs(b + c[c < 0].sum()))
        expected = float(rational_moment(b, c, q, own))
        compiled = compiled_moment(b, c, q, -1 if own is None else own)
        for moment in (theory.positive_moment(b, c, q, own), compiled):
            assert abs(moment - expected) <= 1e-11 * highest**q, (b, c, q, own)


def test_positive_moments_agree_with_quadrature():
    for b, c in ((0.3, []), (-0.2, [1.0]), (0.1, [-0.7, 0.4]), (-0.5, [0.9, 0.003]), (0.2, [1e-6])):
        for q in (1, 2):
            nodes, weights = np.polynomial.legendre.leggauss(400)
            nodes, weights = (nodes + 1) / 2, weights / 2
            grid = np.array(b)
            weight = np.array(1.0)
            for value in c:
                grid = grid[..., None] + value * nodes
                weight = weight[..., None] * weights
            expected = (weight * np.maximum(grid, 0) ** q).sum()
            assert theory.positive_moment(b, np.array(c), q) == pytest.approx(expected, abs=1e-6)


def test_k_sparse_losses_recombine_to_the_whole_with_binomial_weights():
    rng = np.random.default_rng(3)
    W, b, importance = rng.normal(size=(4, 2)), rng.normal(size=4) * 0.2, np.array([1, 0.9, 0.5, 2])
    parts = [theory.k_sparse_loss(W, b, importance, k) for k in range(5)]
    for p in (0.02, 0.5, 1.0):
        whole = theory.exact_loss(W, b, importance, p)
        assert theory.recombined(parts, p) == pytest.approx(whole, rel=1e-12)
    assert parts[0] == pytest.approx((importance * np.maximum(b, 0) ** 2).sum())


def test_the_one_sparse_loss_is_the_papers_integral():
    rng = np.random.default_rng(4)
    W, b, importance = rng.normal(size=(3, 2)), np.array([-0.1, 0.2, -0.3]), np.array([1, 0.7, 0.5])
    G = W @ W.T

    def term(i, j, x):
        return importance[j] * ((i == j) * x - max(G[j, i] * x + b[j], 0)) ** 2

    def kinks(i, j):
        return [x for x in [-b[j] / G[j, i]] if 0 < x < 1]

    integral = sum(
        integrate.quad(lambda x, i=i, j=j: term(i, j, x), 0, 1, points=kinks(i, j) or None)[0]
        for i in range(3)
        for j in range(3)
    )
    assert theory.k_sparse_loss(W, b, importance, 1) == pytest.approx(integral, abs=1e-10)


def test_saxes_form_is_three_times_the_one_sparse_loss_of_the_linear_model():
    W, importance = np.random.default_rng(5).normal(size=(3, 2)), np.array([1, 0.7, 0.5])
    p = 1e-7
    one_sparse = theory.linear_loss(W, np.zeros(3), importance, p) / p
    assert theory.saxe_loss(W, importance) == pytest.approx(3 * one_sparse, rel=1e-5)


def test_the_square_of_five_in_two_is_the_digon_branch():
    W = np.r_[theory.regular_polygon(4), np.zeros((1, 2))]
    p, varied = 0.05, 0.02
    density = np.r_[np.full(4, p), varied]
    exact = theory.exact_loss(W, np.r_[np.zeros(4), varied / 2], np.ones(5), density)
    assert theory.square_and_ignored(p, varied) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("varied", [0.02, 0.05, 0.5, 1.0])
def test_the_square_that_keeps_the_varied_feature_ignores_another(varied):
    W, p = np.r_[theory.regular_polygon(4), np.zeros((1, 2))], 0.05
    density = np.array([varied, p, p, p, p])
    exact = theory.exact_loss(W, np.r_[np.zeros(4), p / 2], np.ones(5), density)
    assert theory.square_with_varied(p, varied) == pytest.approx(exact, rel=1e-9)
    lower = theory.square_with_varied(p, varied) < theory.square_and_ignored(p, varied)
    assert lower == (varied > p)


def test_the_uniform_pentagon_at_density_one_twentieth_has_its_known_optimum():
    """Norm 1.134 and b -.245 to .005 give .00895, half the square's .0177, and are a minimum."""

    def loss(norm, b):
        return theory.exact_loss(theory.regular_polygon(5, norm), np.full(5, b), np.ones(5), 0.05)

    here = loss(1.134, -0.245)
    assert here == pytest.approx(0.00895, abs=5e-5)
    assert theory.square_and_ignored(0.05, 0.05) == pytest.approx(0.0177, abs=5e-5)
    assert all(here < loss(1.134 + d, -0.245 + e) for d, e in ((0.02, 0), (-0.02, 0), (0, 0.02),
                                                               (0, -0.02)))  # fmt: skip


def test_losses_of_sets_agree_with_monte_carlo():
    """200,000 samples, five standard errors."""
    rng, p = np.random.default_rng(6), 0.3
    within = np.array([[1, 0], [-1, 0], [0, 1], [0, -1.0]])
    across = within[[0, 2, 1, 3]]
    octahedron = np.r_[np.eye(3), -np.eye(3)]
    sets = theory.two_sets_in_two(p)
    for W, members, anti, expected in (
        (across, 2, False, sets["correlated_across"]),
        (within, 2, True, sets["anticorrelated_within"]),
        (across, 2, True, sets["anticorrelated_across"]),
        (octahedron, 3, False, theory.octahedron_across(p)),
    ):
        x = in_sets(rng, 2, members, p, 200_000, anti)
        mean, error = sampled_loss(W, 0.0, 1.0, x)
        assert abs(expected - mean) <= 5 * error + 1e-30


def test_too_many_features_for_the_exact_loss_are_refused():
    with pytest.raises(ValueError, match="9 features"):
        theory.exact_loss(np.eye(9), np.zeros(9), np.ones(9), 0.1)
