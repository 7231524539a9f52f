"""What it takes to store samples: conditions, norms, two circles and overlaps, computed a second way."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy import optimize

from superpos import lookup, theory

MEMORY, LOSS, CIRCLES, OVERLAPS = (
    lookup.load("theory table", name)
    for name in ("polygon_memory", "polygon_loss", "two_circles", "overlaps")
)


def disjoint(rng, samples: int, n: int) -> np.ndarray:
    """Samples of length 1 without a common feature, each of n features on in one of them."""
    owner = rng.permutation(np.r_[np.arange(samples), rng.integers(samples, size=n - samples)])
    X = (np.arange(samples)[:, None] == owner) * rng.uniform(0.05, 1, n)
    return X / np.linalg.norm(X, axis=1, keepdims=True)


def model_loss(W, b, X) -> float:
    return (((X - np.maximum(X @ W @ W.T + b, 0)) ** 2).sum(1)).mean()


def can_be_stored(h, X) -> bool:
    """Whether W and b with hidden vectors h and zero loss exist, by a linear program over W and b."""
    (T, n), m = X.shape, h.shape[1]
    hidden, outputs = np.zeros((T, m, n, m + 1)), np.zeros((T, n, n, m + 1))
    for axis in range(m):
        hidden[:, axis, :, axis] = X
    for k in range(n):
        outputs[:, k, k] = np.column_stack([h, np.ones(T)])
    on = X > 0
    equal = np.r_[hidden.reshape(T * m, -1), outputs[on].reshape(on.sum(), -1)]
    found = optimize.linprog(
        np.zeros(n * (m + 1)),
        outputs[~on].reshape((~on).sum(), -1),
        np.zeros((~on).sum()),
        equal,
        np.r_[h.ravel(), X[on]],
        bounds=(None, None),
    )
    return found.status == 0


@pytest.mark.parametrize("samples", [2, 3, 5, 30, 100])
def test_the_polygon_stores_samples_without_a_common_feature_exactly(samples):
    X = disjoint(np.random.default_rng(samples), samples, 500)
    h = theory.regular_polygon(samples, theory.polygon_radius(samples))
    W, b = theory.memory_weights(h, X)
    assert model_loss(W, b, X) < 1e-20
    assert theory.loss_on_samples(W, b, X) == pytest.approx(model_loss(W, b, X), abs=1e-20)
    assert np.linalg.norm(W) == pytest.approx(math.sqrt(samples) * theory.polygon_radius(samples))
    np.testing.assert_allclose(X @ W, h, atol=1e-12)


@pytest.mark.parametrize("m", [1, 2, 3, 5])
def test_any_points_store_samples_if_and_only_if_the_condition_holds(m):
    rng = np.random.default_rng(m)
    for samples in range(2, 3 if m == 1 else 6):
        h = rng.normal(size=(samples, m))
        while theory.margin(h) <= 0:
            h = rng.normal(size=(samples, m))
        h /= math.sqrt(theory.margin(h))
        X = disjoint(rng, samples, 2 * samples)
        for scale in (0.9, 1.0, 1.1):
            holds = scale >= 1
            loss = model_loss(*theory.memory_weights(scale * h, X), X)
            assert theory.memorises(scale * h) == holds == (loss < 1e-20)
            assert scale == 1 or can_be_stored(scale * h, X) == holds


def test_points_of_which_one_is_inside_the_others_store_nothing_at_any_size():
    h = np.r_[theory.regular_polygon(5), [[0.1, 0.1]]]
    X = disjoint(np.random.default_rng(0), 6, 12)
    assert theory.margin(h) < 0
    for size in (1, 10, 1000):
        assert not theory.memorises(size * h)
        assert not can_be_stored(size * h, X)


def test_an_irregular_triangle_without_bias_stores_three_samples():
    h, X = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]), np.eye(3)
    W, b = theory.memory_weights(h, X)
    assert theory.memorises(h)
    assert b.tolist() == [0, 0, 0]
    assert model_loss(W, b, X) == 0


@pytest.mark.parametrize("samples", [3, 4, 5, 6, 8])
def test_no_points_in_the_plane_have_a_smaller_norm_than_the_polygon(samples):
    others = ~np.eye(samples, dtype=bool)

    def margins(x):
        h = x.reshape(samples, 2)
        return ((h**2).sum(1)[:, None] - h @ h.T)[others] - 1

    rng, found = np.random.default_rng(samples), []
    for _ in range(10):
        turn = np.sort(rng.uniform(0, 2 * np.pi, samples))
        start = samples * np.column_stack([np.cos(turn), np.sin(turn)]).ravel()
        constraint = {"type": "ineq", "fun": margins}
        done = optimize.minimize(lambda x: (x**2).sum(), start, constraints=constraint, method="SLSQP",
                                 options={"maxiter": 500, "ftol": 1e-12})  # fmt: skip
        if margins(done.x).min() > -1e-8:
            found.append(math.sqrt(done.fun))
    least = math.sqrt(samples) * theory.polygon_radius(samples)
    assert min(found) == pytest.approx(least, rel=1e-6)
    assert MEMORY.least_norm(samples) == pytest.approx(least, rel=1e-6)


def test_a_polygon_that_is_a_little_too_small_loses_as_the_formulas_say():
    X = disjoint(np.random.default_rng(1), 12, 60)
    r = theory.polygon_radius(12)
    for scale in (0.9, 0.99, 0.999):
        h, missing = theory.regular_polygon(12, scale * r), 1 - scale**2
        own = model_loss(*theory.memory_weights(h, X), X)
        loss, beta = theory.best_polygon_loss(12, scale * r)
        best = model_loss(*theory.memory_weights(h, X, np.full(12, beta)), X)
        assert own == pytest.approx(2 * missing**2, rel=1e-9)
        assert best == pytest.approx(loss, rel=1e-9) == pytest.approx(2 / 3 * missing**2, rel=1e-9)


@pytest.mark.parametrize("samples", [2, 5, 12])
def test_the_best_beta_of_a_polygon_of_any_size_is_a_minimum(samples):
    for radius in np.linspace(0, 1.2, 7) * theory.polygon_radius(samples):
        betas = np.linspace(-1.5, radius**2, 4001)
        losses = [theory.polygon_loss(samples, radius, beta) for beta in betas]
        loss, beta = theory.best_polygon_loss(samples, radius)
        assert loss == pytest.approx(theory.polygon_loss(samples, radius, beta), abs=1e-12)
        assert 0 <= min(losses) - loss < 1e-4


def test_two_circles_store_samples_down_to_their_gap_and_no_further():
    rng = np.random.default_rng(2)
    for inner, outer in rng.uniform(0.8, 4, (20, 2)):
        inner, outer = sorted((inner, outer))
        gap = theory.gap_across(inner, outer)
        for turn, holds in ((gap - 0.01, False), (gap + 0.01, True)):
            angle = math.radians(turn)
            h = np.array([[inner, 0], [outer * math.cos(angle), outer * math.sin(angle)]])
            assert theory.memorises(h) == holds
            assert (model_loss(*theory.memory_weights(h, np.eye(2)), np.eye(2)) < 1e-20) == holds
    assert math.isnan(theory.gap_across(0.3, 1.0))
    assert math.isnan(theory.gap_on_circle(0.7))
    assert theory.gap_on_circle(theory.polygon_radius(7)) == pytest.approx(360 / 7)


def test_every_row_of_two_circles_is_a_solution_and_costs_more_than_the_polygon():
    rows = CIRCLES.table([8], {"linear": [0.6, 1.8, 13]})
    assert rows["margin"].to_numpy() == pytest.approx(1, abs=1e-9)
    assert rows["loss"].max() < 1e-20
    assert rows["ratio"].min() > 1
    three = rows[(rows["inside"] == 3) & np.isclose(rows["inner"], 1.6)].iloc[0]
    gaps = three[["gap_inside", "gap_outside", "gap_across"]].to_numpy(float)
    assert (2 * gaps[0] + 4 * gaps[1] + 2 * gaps[2]) == pytest.approx(360)
    assert three["outer"] == pytest.approx(2.8434, abs=1e-4)


def sets(samples: int, n: int, p: float):
    """Every way to fill samples that are not empty, as a number of n bits each, with its probability."""
    masks = range(1, 2**n)
    weight = {mask: p ** mask.bit_count() * (1 - p) ** (n - mask.bit_count()) for mask in masks}
    for one in product(masks, repeat=samples):
        yield one, math.prod(weight[mask] for mask in one) / sum(weight.values()) ** samples


@pytest.mark.parametrize(("n", "p"), [(4, 0.3), (5, 0.1)])
def test_the_chances_of_common_features_are_those_of_all_sets_counted(n, p):
    for samples in (2, 3):
        apart = sum(w for one, w in sets(samples, n, p) if sum(one) == np.bitwise_or.reduce(one))
        assert theory.disjoint_chance(samples, n, p) == pytest.approx(apart)
    assert theory.shared_chance(n, p) == pytest.approx(1 - theory.disjoint_chance(2, n, p))
    assert (theory.critical_samples(n, p) - 1) * theory.shared_chance(n, p) == pytest.approx(1)


def test_simulated_samples_have_each_feature_as_often_and_are_as_often_disjoint_as_the_formula_says():
    n, p, count = 50, 0.05, 20_000
    active = OVERLAPS._active_features(2, n, p, count, 0)
    times = np.bincount(active[active < n], minlength=n) / (2 * count)
    expected = p / (1 - (1 - p) ** n)
    assert (active[..., 0] < n).all()
    assert times == pytest.approx(expected, abs=4.5 * math.sqrt(expected / (2 * count)))
    for samples, share in zip((2, 3), OVERLAPS.disjoint_shares([2, 3], n, p, count), strict=True):
        chance = theory.disjoint_chance(samples, n, p)
        assert share == pytest.approx(chance, abs=4 * math.sqrt(chance * (1 - chance) / count))


def test_the_tables_hold_the_exact_values():
    rows = MEMORY.table([3, 6, 12], 40, 0.99, 6).set_index("samples")
    assert rows["loss"].max() < 1e-20
    assert rows["scaled_ratio"].to_numpy() == pytest.approx(1, abs=1e-9)
    assert rows["least_norm"].tolist()[:2] == [1, 1]
    assert rows["bias_norm"].tolist()[1] == pytest.approx(math.sqrt(6))
    losses = LOSS.table([6], [0.0, 0.99, 1.0])["loss"].to_numpy()
    assert losses == pytest.approx([1 - 1 / 6, 2 / 3 * (1 - 0.99**2) ** 2, 0], abs=1e-12)


@pytest.mark.parametrize(
    ("samples", "n", "p"),
    [(20, 50, 0.01), (30, 50, 0.01), (5, 30, 0.1), (3, 10, 1.0), (1, 10, 0.2), (25, 80, 0.01)],
)
def test_the_chance_that_no_samples_share_a_feature_is_exact(samples, n, p):
    """Also where most samples would be empty, and the sum of the formula cancels."""
    p, T = Fraction(p), samples
    exact = sum(
        (-1) ** j * math.comb(T, j) * ((1 - p) ** T + (T - j) * p * (1 - p) ** (T - 1)) ** n
        for j in range(T + 1)
    )
    expected = float(exact / (1 - (1 - p) ** n) ** T)
    assert theory.disjoint_chance(T, n, float(p)) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize(("samples", "n", "p"), [(1100, 10_000, 0.001), (1000, 1000, 0.01)])
def test_sets_that_surely_share_a_feature_have_the_chance_0(samples, n, p):
    assert theory.disjoint_chance(samples, n, p) == 0


@pytest.mark.parametrize(
    ("samples", "n", "p", "expected"),
    [
        *((6, 5, 0.3, 0), (2, 1, 0.5, 0), (100, 99, 1e-9, 0), (10**6, 10, 0.1, 0)),
        *((2, 10, 1.0, 0), (10, 10, 1.0, 0), (1, 10, 1.0, 1), (1, 1, 1e-9, 1), (0, 4, 0.3, 1)),
        (6, 6, 1e-12, math.factorial(6) / 6**6),
    ],
)
def test_the_chance_that_no_samples_share_a_feature_is_exact_at_its_limits(samples, n, p, expected):
    """It is 0 if there are more samples than features, or if all are on; then the sum never ends."""
    assert theory.disjoint_chance(samples, n, p) == pytest.approx(expected, rel=1e-9, abs=0)


@pytest.mark.parametrize("p", [1e-10, 1e-13, 1e-15, 1e-17, 1e-200, 5e-324])
@pytest.mark.parametrize("n", [1, 5, 1000])
def test_sparse_samples_share_a_feature_as_often_as_two_single_features_are_the_same(n, p):
    """Relative to 1 / n, this is right but for terms of the order n p."""
    assert theory.shared_chance(n, p) == pytest.approx(1 / n, rel=2 * n * p + 1e-14, abs=0)
    assert theory.critical_samples(n, p) == pytest.approx(n + 1, rel=2 * n * p + 1e-14, abs=0)


@pytest.mark.parametrize(
    ("n", "p"), [(5, 0.0), (5, -0.1), (5, 1.5), (5, math.nan), (0, 0.5), (-1, 0.5)]
)
def test_features_of_which_none_can_be_on_are_refused(n, p):
    chance = theory.disjoint_chance
    calls = (theory.shared_chance, theory.critical_samples, lambda n, p: chance(2, n, p))
    for call in (*calls, theory.mean_length, theory.mean_loss):
        with pytest.raises(ValueError, match=r"^n = .* of density p = .*: give .* at most 1$"):
            call(n, p)
