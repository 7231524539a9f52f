"""Finite training sets: their rows, their numbers, their repeats and their norms, and what they are named."""

import numpy as np
import pytest
from cases import condition

from superpos.config.sweep import Sweep
from superpos.data import drawn
from superpos.data.finite_set import training_set
from superpos.data.held_out import draw_samples
from superpos.numerics import philox
from superpos.training import engines, gpu
from superpos.training.kernels import choice

NAMES = {"independent": None, "correlated": 2, "anticorrelated": 2, "one_set": 2}


def rows(samples=40, seed=0, density=0.3, name="independent", **data) -> np.ndarray:
    """The training set [row, feature]."""
    data = {"name": name, "sets": NAMES[name], "training_samples": samples, **data}
    c = condition(data=data, density=density)
    return training_set(c, seed).dense(6)


@pytest.mark.parametrize("unit_norm", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_set_begins_a_longer_one_wherever_it_is_cut(name, unit_norm, monkeypatch):
    longer = rows(41, name=name, unit_norm=unit_norm)
    assert np.array_equal(rows(40, name=name, unit_norm=unit_norm), longer[:40])
    monkeypatch.setattr("superpos.data.held_out.random_words.NUMBERS_AT_ONCE", 60)
    assert np.array_equal(rows(41, name=name, unit_norm=unit_norm), longer)


@pytest.mark.parametrize("name", NAMES)
def test_rows_have_the_law_of_x(name):
    p = {"independent": 0.3, "correlated": 0.3, "anticorrelated": 0.1, "one_set": 0.15}[name]
    x = rows(20_000, name=name)
    share, spread = (x != 0).mean(0), np.sqrt(p * (1 - p) / len(x))
    assert (abs(share - p) < 4.5 * spread).all()
    assert abs(x[x != 0].mean() - 0.5) < 4.5 / np.sqrt(12 * (x != 0).sum())


def test_sets_of_other_numbers_seeds_and_laws_are_others():
    x = rows(2000, density=1.0)
    for other in (rows(2000, density=1.0, set=1), rows(2000, density=1.0, seed=1)):
        assert abs(np.corrcoef(x.ravel(), other.ravel())[0, 1]) < 4.5 / np.sqrt(x.size)
    assert not np.array_equal(rows(density=0.31) != 0, rows() != 0)


@pytest.mark.parametrize("unit_norm", [False, True])
def test_repeats_are_copies_of_the_first_rows_in_order(unit_norm):
    plain = rows(34, unit_norm=unit_norm)
    x = rows(40, unit_norm=unit_norm, repeats={"samples": 3, "times": 3})
    assert np.array_equal(x, np.concatenate([plain, plain[:3], plain[:3]]))
    assert np.array_equal(rows(40, repeats={"samples": 3, "times": 1}), rows(40))
    assert np.array_equal(rows(9, repeats={"samples": 3, "times": 3}), np.tile(rows(3), (3, 1)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("density", [0.3, 0.01])
def test_unit_norms_are_exact_and_no_sample_is_empty(name, density):
    data = {"name": name, "sets": NAMES[name], "unit_norm": True}
    c = condition(data={**data, "training_samples": 300}, density=density, batch=300)
    key = np.uint64(3)
    found = {
        "training": training_set(c, 0).dense(6),
        "minibatch": drawn(c, philox.word_source(key, philox.BATCH, 1), 300),
        "plain": draw_samples(c, key, 0, 300, 0).dense(6),
    }
    if name != "one_set":
        found["strata"] = draw_samples(c, key, 0, 300, 50).dense(6)
    for where, x in found.items():
        norms = np.sqrt((x.astype(np.float64) ** 2).sum(1))
        np.testing.assert_allclose(norms, 1, atol=1e-7, err_msg=where)


def test_an_empty_sample_is_drawn_again_and_a_filled_one_is_kept():
    draw = philox.word_source(np.uint64(5), philox.BATCH, 1)
    bare, normed = (
        drawn(condition(data={"unit_norm": unit_norm}, density=0.1), draw, 200)
        for unit_norm in (False, True)
    )
    kept = bare.any(axis=1)
    assert 0 < kept.sum() < 200
    lengths = np.linalg.norm(bare[kept], axis=1, keepdims=True)
    np.testing.assert_allclose(normed[kept], bare[kept] / lengths, rtol=1e-6)


def test_strata_and_plain_samples_of_unit_norm_have_one_law():
    c = condition(data={"unit_norm": True}, density=0.1)
    strata, plain = (draw_samples(c, np.uint64(1), 0, 40_000, s) for s in (20_000, 0))
    assert strata.weight.sum() == pytest.approx(1, abs=1e-6)
    x, y = strata.dense(6), plain.dense(6)
    for power in (1, 2, 4):
        exact, found = strata.weight @ x**power, (y**power).mean(0)
        assert (abs(exact - found) < 5 * (y**power).std(0) / np.sqrt(len(y))).all(), power


def test_held_out_samples_are_the_same_for_every_training_set_of_a_law():
    forms = [
        {}, {"training_samples": 5}, {"training_samples": 9, "set": 4},
        {"training_samples": 9, "repeats": {"samples": 2, "times": 3}},
    ]  # fmt: skip
    made = [condition(data=data) for data in forms]
    assert len({c.law(0) for c in made}) == 1
    assert len({c.distribution(0) for c in made}) == len(made)
    for other in ({"unit_norm": True}, {"signed": True}):
        assert condition(data=other).law(0) != made[0].law(0)


def test_keys_at_their_defaults_leave_older_digests_as_they_were():
    c = condition()
    assert {*c.canonical()["data"]} == {"name", "signed", "sets", "training_samples"}
    assert {*c.canonical()["optimizer"]} == {"name", "lr", "betas", "eps", "weight_decay"}
    assert {*c.canonical()["init"]} == {"name", "std"}
    assert "gradient" not in c.canonical()
    assert c.law(0) == c.distribution(0)
    given = {"unit_norm": False, "set": 0, "repeats": None}
    assert condition(data=given).key(0, 0) == c.key(0, 0)


def test_a_step_of_all_samples_has_as_many_as_the_set():
    finite = condition(data={"training_samples": 7}, batch="all")
    assert (finite.samples_per_step, condition(batch=5).samples_per_step) == (7, 5)


def test_a_sweep_reaches_inside_the_repeats():
    common = condition(data={"training_samples": 20, "repeats": {"samples": 2, "times": 1}})
    swept = Sweep.of(common.model_dump(), {"data.repeats.times": [1, 4]})
    assert [c.data.distinct for c in swept.conditions.values()] == [20, 14]
    assert {c.data.repeats.samples for c in swept.conditions.values()} == {2}


@pytest.mark.parametrize(
    ("other", "engine"),
    [
        ({}, "fused"),
        ({"data": {"unit_norm": True, "training_samples": 9}}, "fused"),
        ({"density": [0.3, 0.2, 0.1, 0.3, 0.2, 0.1]}, "reference"),
        ({"data": {"unit_norm": True, "name": "correlated", "sets": 3}}, "reference"),
        ({"model": "linear"}, "reference"),
        ({"model": "absolute"}, "reference"),
    ],
)
def test_which_engine_trains_on_samples_of_unit_norm(other, engine):
    c = condition(**({"data": {"unit_norm": True}} | other))
    assert engines.engine("fused", c) == engine
    assert choice.supports(c) == (engine == "fused")
    assert not gpu.supports(condition(data={"unit_norm": True}))
