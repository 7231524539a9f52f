"""The law of the fused engine's minibatches, at densities from 1 to 1e-4."""

import numpy as np
import pytest
from fused_cases import condition
from scipy import stats

from superpos.training import fused

pytestmark = pytest.mark.slow

DENSITIES = [1.0, 0.3, 0.03, 1e-3, 1e-4]


def draw(c, samples: int) -> np.ndarray:
    """x [sample, feature] of many steps."""
    steps = -(-samples // c.batch)
    return np.concatenate([fused.minibatch(c, c.key(0, 0), t, None) for t in range(1, steps + 1)])


def near(count: float, expected: float) -> bool:
    """Within five standard deviations of a Poisson count."""
    return abs(count - expected) <= 5 * np.sqrt(expected) + 1


def uniform(values: np.ndarray) -> bool:
    """Mean and mean square of U[0, 1] within five standard errors."""
    mean = abs(values.mean() - 1 / 2) <= 5 * np.sqrt(1 / 12 / len(values))
    square = abs((values**2).mean() - 1 / 3) <= 5 * np.sqrt(4 / 45 / len(values))
    return bool(mean and square)


@pytest.mark.parametrize("n", [2, 6, 40])
@pytest.mark.parametrize("p", DENSITIES)
def test_independent_features_are_on_with_their_density_and_uniform(n, p):
    c = condition(n_features=n, n_hidden=1, density=p, batch=1024)
    x = draw(c, 200_000)
    on = x != 0
    for i in (0, n // 2, n - 1):
        assert near(on[:, i].sum(), len(x) * p)
    assert uniform(x[on])
    active = on.sum(1)
    chance = np.array([1.0])
    for _ in range(n):
        chance = np.convolve(chance, [1 - p, p])
    for k in range(min(n, 4) + 1):
        assert near((active == k).sum(), len(x) * chance[k])


@pytest.mark.parametrize("n", [5, 40])
def test_features_of_unequal_density_keep_their_own(n):
    p = 0.02 * (1 + np.arange(n) % 3)
    x = draw(condition(n_features=n, n_hidden=1, density=p.tolist(), batch=1024), 200_000)
    for i in range(5):
        assert near((x[:, i] != 0).sum(), len(x) * p[i])
    both = ((x[:, 0] != 0) & (x[:, 1] != 0)).sum()
    assert near(both, len(x) * p[0] * p[1])


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("highest", [0.29, 0.9])
def test_wide_models_draw_their_law_by_bytes_and_by_words(highest, signed):
    p = highest * (1 + np.arange(67) % 3) / 3
    c = condition(n_features=67, n_hidden=2, density=p.tolist(), batch=1000, signed=signed)
    x = draw(c, 200_000)
    assert len(x) == 200_000
    for i in (*range(6), 64, 65, 66):
        values = x[x[:, i] != 0, i]
        assert near(len(values), len(x) * p[i])
        assert uniform((values + 1) / 2 if signed else values)
        assert stats.kstest(values, stats.uniform(-signed, 1 + signed).cdf).pvalue > 1e-4
    for i, j in ((0, 1), (0, 4), (1, 2), (2, 66)):
        both = (x[:, i] != 0) & (x[:, j] != 0)
        assert near(both.sum(), len(x) * p[i] * p[j])
        assert abs(np.corrcoef(x[both, i], x[both, j])[0, 1]) <= 5 / np.sqrt(both.sum())
    again = ((x[:-1, 2] != 0) & (x[1:, 2] != 0)).sum()
    assert near(again, len(x) * p[2] ** 2)


@pytest.mark.parametrize("p", DENSITIES)
def test_signed_values_are_uniform_on_both_sides(p):
    x = draw(condition(density=p, signed=True, batch=1024), 200_000)
    values = x[x != 0]
    assert near((values > 0).sum(), len(values) / 2)
    assert uniform(np.abs(values))


@pytest.mark.parametrize("sets", [2, 20])
@pytest.mark.parametrize("p", DENSITIES)
def test_members_of_a_correlated_set_are_on_together(sets, p):
    n = 3 * sets
    x = draw(condition(name="correlated", sets=sets, n_features=n, density=p, batch=1024), 200_000)
    on = (x != 0).reshape(len(x), sets, 3)
    assert (on.all(2) == on.any(2)).all()
    for u in range(2):
        assert near(on[:, u, 0].sum(), len(x) * p)
    assert near((on[:, 0, 0] & on[:, 1, 0]).sum(), len(x) * p * p)
    assert uniform(x[x != 0])


@pytest.mark.parametrize("sets", [2, 20])
@pytest.mark.parametrize("p", DENSITIES)
def test_one_member_of_an_anticorrelated_set_is_on_at_a_time(sets, p):
    n = 3 * sets
    x = draw(
        condition(name="anticorrelated", sets=sets, n_features=n, density=p, batch=1024), 200_000
    )
    on = (x != 0).reshape(len(x), sets, 3)
    assert on.sum(2).max() <= 1
    for k in range(3):
        assert near(on[:, 0, k].sum(), len(x) * p / 3)
    assert near((on[:, 0].any(1) & on[:, 1].any(1)).sum(), len(x) * p * p)
    assert uniform(x[x != 0])


@pytest.mark.parametrize("p", DENSITIES)
def test_one_set_is_on_at_a_time(p):
    x = draw(condition(name="one_set", sets=2, density=p, batch=1024), 200_000)
    on = (x != 0).reshape(len(x), 2, 3)
    assert on.all(2).sum(1).max() <= 1
    for u in range(2):
        assert near(on[:, u].any(1).sum(), len(x) * p / 2)
    assert uniform(x[x != 0])


@pytest.mark.parametrize("p", [0.3, 1e-3])
def test_the_number_of_non_empty_samples_in_a_batch_is_binomial(p):
    c = condition(n_features=2, n_hidden=1, density=p, batch=100)
    q = 1 - (1 - p) ** 2
    steps = range(1, 3001)
    filled = [(fused.minibatch(c, c.key(0, 0), t, None) != 0).any(1).sum() for t in steps]
    mean, variance = 100 * q, 100 * q * (1 - q)
    assert abs(np.mean(filled) - mean) <= 5 * np.sqrt(variance / len(filled))
    spread = np.sqrt((2 * variance**2 + variance) / len(filled))
    assert abs(np.var(filled) - variance) <= 5 * spread


@pytest.mark.parametrize(
    ("n", "m", "p", "batch"), [(6, 2, 0.1, 70), (6, 2, 0.9, 7), (300, 5, 0.01, 64)]
)
def test_samples_of_unit_norm_are_those_that_are_not_empty_divided_by_their_norms(n, m, p, batch):
    c = condition(n_features=n, n_hidden=m, density=p, unit_norm=True, batch=batch)
    x, filled = draw(c, 40_000).astype(np.float64), 1 - (1 - p) ** n
    assert (x**2).sum(1) == pytest.approx(1, abs=1e-6)
    active = (x != 0).sum(1)
    for k in range(1, 5):
        chance = stats.binom.pmf(k, n, p) / filled
        assert near((active == k).sum(), len(x) * chance)
    for i in (0, n // 2, n - 1):
        assert near((x[:, i] != 0).sum(), len(x) * p / filled)
    # Two uniform numbers divided by their norm: each square is u^2 / (u^2 + v^2), so their ratio is u / v.
    pairs = x[active == 2]
    u, v = pairs[pairs != 0].reshape(-1, 2).T
    assert stats.kstest(u / v, lambda r: np.where(r < 1, r / 2, 1 - 1 / (2 * r))).pvalue > 1e-4


def test_the_batches_of_unit_norm_differ_from_step_to_step_and_from_run_to_run():
    c = condition(unit_norm=True, batch=20)
    batches = [fused.minibatch(c, c.key(0, r), t, None) for r in range(2) for t in (1, 2)]
    assert len({x.tobytes() for x in batches}) == 4
