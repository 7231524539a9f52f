"""Held-out samples: exact weights of strata, moments, halves."""

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cases import condition
from scipy import stats

from superpos import lookup, metrics
from superpos.data.held_out import (
    Samples,
    by_distribution,
    draw_held_out,
    draw_samples,
    random_words,
    sparse,
)
from superpos.metrics.losses import feature_losses
from superpos.numerics import philox, sample_arrays

KEY = np.uint64(12345)
CASES = {
    "independent": condition(density=[0.5, 0.3, 0.2, 0.1, 0.05, 0.9]),
    "signed": condition(density=0.3, data={"name": "independent", "signed": True}),
    "correlated": condition(density=0.3, data={"name": "correlated", "sets": 3}),
    "anticorrelated": condition(density=0.3, data={"name": "anticorrelated", "sets": 2}),
}
UNITS = {"independent": 6, "signed": 6, "correlated": 3, "anticorrelated": 2}


def stratified(name: str, strata: int = 4000, half: int = 0) -> Samples:
    return draw_samples(CASES[name], KEY, half, 1, strata)


def active_units(name: str, samples: Samples) -> np.ndarray:
    """How many units are on in each sample."""
    x = samples.dense(6)
    if name in ("correlated", "anticorrelated"):
        x = x.reshape(len(x), UNITS[name], -1).any(2)
    return (x != 0).sum(1)


@pytest.mark.parametrize("name", CASES)
def test_weights_of_strata_sum_to_one(name):
    assert abs(stratified(name).weight.sum() - 1) < 1e-8


@pytest.mark.parametrize("name", CASES)
def test_each_stratum_has_its_count_of_active_units_and_its_size(name):
    counts = np.bincount(active_units(name, stratified(name, 100)))
    assert counts.tolist() == [1] + [100] * UNITS[name]


@pytest.mark.parametrize("name", ["independent", "correlated"])
def test_weights_are_the_exact_probabilities_of_the_counts(name):
    samples = stratified(name, 50)
    p = lookup.load("data", CASES[name].data.name).units(CASES[name])
    weights = np.bincount(active_units(name, samples), samples.weight)
    exact = np.zeros(len(p) + 1)
    for on in itertools.product((0, 1), repeat=len(p)):
        exact[sum(on)] += np.prod(np.where(on, p, 1 - p))
    np.testing.assert_allclose(weights, exact, rtol=1e-12)


def test_weights_of_equal_densities_are_binomial():
    samples = draw_samples(condition(density=0.3), KEY, 0, 1, 50)
    weights = np.bincount(active_units("independent", samples), samples.weight)
    np.testing.assert_allclose(weights, stats.binom(6, 0.3).pmf(range(7)), rtol=1e-12)


def test_counts_too_rare_to_matter_have_no_stratum():
    c = condition(n_features=40, density=0.001)
    counts = (draw_samples(c, KEY, 0, 1, 10).dense(40) != 0).sum(1)
    tail = stats.binom(40, 0.001).sf(np.arange(40) - 1)
    assert counts.max() == np.flatnonzero(tail > 1e-9).max()


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_first_and_second_moments_are_those_of_the_distribution(name, plain):
    """Means within 4.5 standard errors of plain sampling, which stratified samples undercut."""
    c, size = CASES[name], 30_000
    samples = draw_samples(c, KEY, 0, size, 0 if plain else size // UNITS[name])
    x, w = samples.dense(6).astype(float), samples.weight
    p = c.densities() / (3 if name == "anticorrelated" else 1)
    signed = c.data.signed
    first, second = (0 * p, p / 3) if signed else (p / 2, p / 3)
    error = 4.5 * np.sqrt(p / 3 / size)
    assert (abs(w @ x - first) < error).all()
    assert (abs(w @ x**2 - second) < error).all()


def test_members_of_a_set_are_on_together_in_the_strata():
    for name, expected in (("correlated", 0.3 / 4), ("anticorrelated", 0)):
        samples = stratified(name)
        x = samples.dense(6).astype(float)
        assert abs(samples.weight @ (x[:, 0] * x[:, 1]) - expected) < 0.01


def test_which_units_are_on_in_a_stratum_follows_their_densities():
    samples = stratified("independent", 20_000)
    x, p = samples.dense(6), CASES["independent"].densities()
    one = (x != 0).sum(1) == 1
    odds = p / (1 - p)
    share = (x[one] != 0).mean(0)
    np.testing.assert_allclose(share, odds / odds.sum(), atol=1e-3)


def test_the_two_halves_share_no_sample():
    for strata in (0, 500):
        halves = [draw_samples(CASES["independent"], KEY, half, 2000, strata) for half in (0, 1)]
        rows = [{r.tobytes() for r in h.dense(6) if np.count_nonzero(r) > 1} for h in halves]
        assert len(rows[0]) > 500
        assert not rows[0] & rows[1]


def test_the_same_key_gives_the_same_samples_and_another_others():
    a, b = (draw_samples(CASES["signed"], KEY, 0, 1, 100) for _ in range(2))
    assert a.value.tobytes() == b.value.tobytes()
    other = draw_samples(CASES["signed"], np.uint64(2), 0, 1, 100)
    assert other.value.tobytes() != a.value.tobytes()


def test_conditions_of_one_distribution_share_their_samples():
    conditions = [condition(), condition(importance=0.5), condition(density=0.1)]
    arrays = by_distribution(draw_held_out(conditions, 0, 100, 0))
    names = {c.distribution(0) for c in conditions}
    assert len(names) == 2
    assert set(arrays) == {(half, name) for half in ("pick", "report") for name in names}


def test_strata_of_a_distribution_without_independent_units_are_refused():
    c = condition(data={"name": "one_set", "sets": 2})
    with pytest.raises(ValueError, match=r"evaluation\.strata: .*'one_set'.*set strata: 0"):
        draw_samples(c, KEY, 0, 1, 10)


def test_sparse_samples_give_the_dense_ones_back():
    x = np.array([[0, 0, 0], [1, 0, 2], [0, 3, 0], [0, 0, 0]], np.float32)
    np.testing.assert_array_equal(sparse(x, np.ones(4)).dense(3), x)


def parts(**changes) -> Samples:
    """Two samples of three features, with some arrays replaced."""
    x = np.array([[0.5, 0, 0.25], [0, 1, 0]], np.float32)
    return replace(sparse(x, np.full(2, 0.5)), **changes)


WRONG = {
    "`feature` holds 3, but the model has 3": parts(feature=np.array([0, 3, 1], np.uint16)),
    "`start` does not rise": parts(start=np.array([0, 4, 3])),
    "from 0 to 3, the number of entries": parts(start=np.array([0, 2, 9])),
    "`start` does not rise from 0": parts(start=np.array([-5, 2, 3])),
    "`start` has 3 entries for 1 samples": parts(weight=np.ones(1)),
    "`value` has 2 entries, but `feature` has 3": parts(value=np.ones(2, np.float32)),
    "`feature` is not a one-dimensional uint16": parts(feature=np.array([0, 2, 1])),
    "`value` is not a one-dimensional float32": parts(value=np.ones((3, 1), np.float32)),
    "`weight` is not a one-dimensional float64": parts(weight=[0.5, 0.5]),
    "not finite": parts(value=np.array([0.5, np.nan, 1], np.float32)),
}


@pytest.mark.parametrize("told", WRONG)
def test_samples_that_do_not_fit_are_refused_before_compiled_code_reads_them(told):
    with pytest.raises(ValueError, match=f"samples: .*{told}|samples: {told}"):
        sample_arrays.check(WRONG[told], 3)


def test_samples_of_another_model_reach_no_loss_and_no_metric():
    W, b = np.ones((5, 2, 1), np.float32), np.zeros((5, 2), np.float32)
    variant = lookup.load("model", "relu_output").VARIANT
    given = {"W": W, "b": b, "variant": variant, "samples": parts(), "mean_norm": 1.0}
    with pytest.raises(ValueError, match="`feature` holds 2, but the model has 2"):
        feature_losses(variant, W, None, b, np.ones((5, 2)), parts())
    with pytest.raises(ValueError, match="`feature` holds 2, but the model has 2"):
        metrics.compute(["vulnerability"], given)


@pytest.mark.parametrize("fitting", [parts(), sparse(np.zeros((2, 3), np.float32), np.ones(2))])
def test_samples_that_fit_are_read_as_they_are(fitting):
    read = sample_arrays.read(vars(fitting), 3)
    assert read.dense(3).tolist() == fitting.dense(3).tolist()


PARTED = CASES | {
    "one_set": condition(density=0.3, data={"name": "one_set", "sets": 3}),
    "sets of six": condition(n_features=12, data={"name": "anticorrelated", "sets": 2}),
    "correlated sets of six": condition(n_features=12, data={"name": "correlated", "sets": 2}),
    "many": condition(n_features=12, density=0.2),
}


@pytest.mark.parametrize("samples", [400, 402])
@pytest.mark.parametrize("strata", [0, 101])
@pytest.mark.parametrize("name", PARTED)
def test_samples_drawn_a_part_at_a_time_have_the_same_bytes(name, samples, strata, monkeypatch):
    c = PARTED[name]
    if strata and name == "one_set":
        pytest.skip("one_set has no strata")
    whole = draw_samples(c, KEY, 1, samples, strata)
    monkeypatch.setattr(random_words, "NUMBERS_AT_ONCE", 5 * samples)
    parted = draw_samples(c, KEY, 1, samples, strata)
    for array in ("start", "feature", "value", "weight"):
        assert getattr(whole, array).tobytes() == getattr(parted, array).tobytes()
    sample_arrays.check(whole, c.n_features)


def test_a_part_of_a_minibatch_is_its_columns():
    """Also with a `draw` that gives whole streams alone, as those of training do."""
    for c in PARTED.values():
        data = lookup.load("data", c.data.name)

        def draw(stream, count):
            return philox.words(KEY, philox.BATCH, 1, stream, count)

        whole = data.sample(c, draw, 50)
        parts = [data.part(c, draw, 50, i, i + 2) for i in range(0, c.n_features, 2)]
        assert np.concatenate(parts, axis=1).tobytes() == whole.tobytes()


def peak_memory(call: str) -> float:
    """GB that a process of its own takes at most. The figure of `getrusage` would not do: it begins
    with what the process that starts it takes."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("this system does not say what a process took at most")
    source = f"{call}\nprint(open({str(status)!r}).read().split('VmHWM:')[1].split()[0])"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1]) / 1e6


@pytest.mark.slow
@pytest.mark.trial
def test_memory_goes_with_the_entries_that_are_on():
    """4,000 features at density 0.001: held whole, x would be 0.4 GB, and several times that while
    it is drawn."""
    shape = "4000, 2, density=0.001, steps=1, batch=4, replicates=1, evaluation={'samples': 25_000}"
    assert peak_memory(f"import superpos\nsuperpos.train({shape})") < 0.8


@pytest.mark.slow
@pytest.mark.parametrize(
    "data", ["{'name': 'independent'}", "{'name': 'correlated', 'sets': 2000}"]
)
def test_memory_of_strata_goes_with_the_entries_that_are_on(data):
    call = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
from cases import condition
from superpos.data.held_out import draw_held_out
draw_held_out([condition(n_features=4000, density=0.001, data={data})], 0, 1, 1000)
"""
    assert peak_memory(call) < 0.8


@pytest.mark.parametrize("size", [1, 3, 100])
def test_signed_values_that_are_seldom_on_have_both_signs_as_often(size):
    c = condition(n_features=200, density=0.01, data={"name": "independent", "signed": True})
    drawn = [draw_samples(c, np.uint64(key), 0, 1, size) for key in range(300 // size)]
    values = np.concatenate([samples.value for samples in drawn])
    assert (values < 0).mean() == pytest.approx(0.5, abs=0.04)
    assert np.square(values).mean() == pytest.approx(1 / 3, abs=0.03)


def test_more_features_than_their_numbers_can_tell_apart_are_refused():
    with pytest.raises(ValueError, match=r"^65536 features; give at most 65535"):
        sparse(np.zeros((1, 65536), np.float32), np.ones(1))
