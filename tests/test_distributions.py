"""Feature distributions: how often features are on, their values, and which are on together.

Tolerances are z-scores: |z| < 4.5 for each number, so that a right sampler fails about once in
100,000 comparisons; the words are fixed, so a test that passes keeps passing.
"""

import numpy as np
import pytest
from cases import condition
from scipy import stats

from superpos import data, lookup
from superpos.numerics import philox

SAMPLES = 40_000
NAMES = ("independent", "correlated", "anticorrelated", "one_set")


def draw(seed: int = 0):
    return lambda stream, count: philox.words(np.uint64(seed), philox.BATCH, 1, stream, count)


def sampled(name: str, seed: int = 0, **changes) -> np.ndarray:
    """x [sample, feature]."""
    data = {"name": name, **changes.pop("data", {})}
    if name != "independent":
        data = {"sets": 2, **data}
    c = condition(**{"data": data, "density": 0.2, **changes})
    return lookup.load("data", name).sample(c, draw(seed), SAMPLES)


def z(hits: np.ndarray, p, trials: int = SAMPLES) -> np.ndarray:
    """How many standard deviations the counts are from their binomial means."""
    p = np.asarray(p, float)
    return (hits - trials * p) / np.sqrt(trials * p * (1 - p))


@pytest.mark.parametrize("name", NAMES)
def test_samples_have_a_row_a_sample_and_are_float32(name):
    x = sampled(name)
    assert x.shape == (SAMPLES, 6)
    assert x.dtype == np.float32


def test_independent_features_are_on_at_their_densities():
    p = [0.5, 0.2, 0.1, 0.05, 0.01, 0.9]
    x = sampled("independent", density=p)
    assert (abs(z((x != 0).sum(0), p)) < 4.5).all()


def test_independent_features_are_independent():
    on = sampled("independent", density=0.3) != 0
    both = (on.T[:, None] & on.T).sum(2)
    assert (abs(z(both[~np.eye(6, dtype=bool)], 0.09)) < 4.5).all()


def test_a_density_of_one_leaves_no_feature_off():
    assert (sampled("independent", density=1.0) != 0).mean() > 0.9999


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("signed", "low"), [(False, 0.0), (True, -1.0)])
def test_active_values_are_uniform(name, signed, low):
    x = sampled(name, data={"signed": signed})
    values = x[x != 0].astype(float)
    assert values.min() >= low
    assert values.max() <= 1
    assert stats.kstest(values, stats.uniform(low, 1 - low).cdf).pvalue > 1e-4


@pytest.mark.parametrize("name", ["correlated", "one_set"])
def test_members_of_a_set_are_on_together_with_values_of_their_own(name):
    x = sampled(name)
    on = (x != 0).reshape(SAMPLES, 2, 3)
    assert (on.all(2) == on.any(2)).mean() > 0.9999
    first, second = x[on[:, 0].all(1)][:, :2].T
    assert abs(np.corrcoef(first, second)[0, 1]) < 4.5 / np.sqrt(len(first))


def test_correlated_sets_are_independent_of_each_other():
    on = sampled("correlated", density=[0.4] * 3 + [0.1] * 3)[:, [0, 3]] != 0
    assert (abs(z(on.sum(0), [0.4, 0.1])) < 4.5).all()
    assert abs(z(on.all(1).sum(), 0.04)) < 4.5


def test_at_most_one_member_of_an_anticorrelated_set_is_on_and_each_as_often():
    x = sampled("anticorrelated", density=[0.6] * 3 + [0.3] * 3)
    on = (x != 0).reshape(SAMPLES, 2, 3)
    assert on.sum(2).max() == 1
    assert (abs(z(on.any(2).sum(0), [0.6, 0.3])) < 4.5).all()
    assert (abs(z(on.sum(0), [[0.2], [0.1]])) < 4.5).all()
    assert abs(z(on.any(2).all(1).sum(), 0.18)) < 4.5


def test_one_set_at_a_time_and_each_as_often():
    on = (sampled("one_set", density=0.4, data={"sets": 3}) != 0).reshape(SAMPLES, 3, 2).any(2)
    assert on.sum(1).max() == 1
    assert (abs(z(on.sum(0), 0.4 / 3)) < 4.5).all()


def test_one_set_of_density_one_is_never_empty():
    assert sampled("one_set", density=1.0).any(1).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_words_give_the_same_samples_and_others_other_ones(name):
    assert sampled(name).tobytes() == sampled(name).tobytes()
    assert sampled(name, seed=1).tobytes() != sampled(name).tobytes()


@pytest.mark.parametrize("name", ["independent", "correlated", "anticorrelated"])
def test_filling_given_units_gives_the_same_law_as_sampling(name):
    module = lookup.load("data", name)
    sets = {} if name == "independent" else {"sets": 2}
    c = condition(data={"name": name, **sets}, density=0.4)
    p = module.units(c)
    on = draw(1)(9, SAMPLES * len(p)).reshape(SAMPLES, -1) < p * 2.0**32
    filled = module.fill(c, on, draw(2))
    drawn = module.sample(c, draw(3), SAMPLES)
    assert (filled.any(1) == on.any(1)).mean() > 0.9999
    rate = (drawn != 0).mean()
    assert abs((filled != 0).mean() - rate) < 4.5 * np.sqrt(2 * rate / SAMPLES)
    assert stats.ks_2samp(filled[filled != 0], drawn[drawn != 0]).pvalue > 1e-4


@pytest.mark.parametrize("name", NAMES)
def test_a_features_marginal_is_how_often_it_is_on(name):
    x = sampled(name, data={"sets": 3} if name != "independent" else {})
    data_of = {"name": name} | ({} if name == "independent" else {"sets": 3})
    p = data.marginals(condition(data=data_of, density=0.2))
    expected = {"anticorrelated": 0.1, "one_set": 0.2 / 3}.get(name, 0.2)
    np.testing.assert_allclose(p, np.full(6, expected), rtol=1e-12)
    assert (np.abs(z((x != 0).sum(0), p)) < 4.5).all()


def test_marginals_go_with_the_densities_of_the_sets():
    c = condition(data={"name": "anticorrelated", "sets": 2}, density=[0.3] * 3 + [0.6] * 3)
    np.testing.assert_allclose(data.marginals(c), [0.1] * 3 + [0.2] * 3, rtol=1e-12)


UNIT_NORM = [
    ({"name": "independent"}, 0.1),
    ({"name": "independent"}, [0.5, 0.2, 0.1, 0.05, 0.01, 0.3]),
    ({"name": "correlated", "sets": 2}, [0.3] * 3 + [0.05] * 3),
    ({"name": "anticorrelated", "sets": 3}, 0.15),
    ({"name": "one_set", "sets": 3}, 0.2),
]


@pytest.mark.parametrize(("data_of", "density"), UNIT_NORM)
def test_with_unit_norm_a_marginal_is_how_often_a_feature_is_on_in_samples_that_are_not_empty(
    data_of, density
):
    c = condition(data={**data_of, "unit_norm": True}, density=density)
    x = data.drawn(c, draw(), SAMPLES)
    assert x.any(1).all()
    assert (np.abs(z((x != 0).sum(0), data.marginals(c))) < 4.5).all()
    given_empty = data.marginals(condition(data=data_of, density=density))
    assert np.abs(z((x != 0).sum(0), given_empty)).max() > 10, "the densities alone do not fit"


@pytest.mark.parametrize("density", [0.1, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("name", NAMES)
def test_with_unit_norm_a_feature_that_no_sample_lacks_has_a_marginal_of_one(name, density):
    sets = {} if name == "independent" else {"sets": 1}
    of_one = condition(
        n_features=1, data={"name": name, "unit_norm": True, **sets}, density=density
    )
    np.testing.assert_allclose(data.marginals(of_one), [1.0], rtol=1e-12)
    assert data.marginals(of_one) <= 1
