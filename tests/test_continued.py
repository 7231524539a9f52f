"""A run that starts from the weights of a training on fewer samples: `init.trained_on`."""

import numpy as np
import pytest
import torch
from cases import PLAIN, specification, train_block
from pydantic import ValidationError

from superpos import lookup
from superpos.config.condition import Condition
from superpos.data.finite_set import first_rows, training_set
from superpos.training import checkpoint, reference
from superpos.training.checkpoint import Checkpointer
from superpos.training.progress import no_progress

ENGINES = ("reference", "fused")
CODE = dict.fromkeys(("reference", "fused.whole_set", "fused.dense"), "code")
FEW, MANY = 9, 14
SET = {**PLAIN, "batch": "all"}


def on(samples, **changes):
    return {**SET, "data": {"name": "independent", "training_samples": samples}, **changes}


def continued(**changes):
    return on(MANY, init={"name": "xavier", "trained_on": FEW}, **changes)


def train(
    common, engine="reference", threads=1, saved=None, report_progress=no_progress, **changes
):
    job = specification(common=common, engine=engine, **{"losses": 20, **changes})
    conditions = job.conditions.values()
    sets = {c.distribution(0): training_set(c, 0) for c in conditions}
    start = {"saved": saved} if saved else {}
    return train_block(
        job, CODE, (), sets, threads, report_progress=report_progress, **start
    ).arrays


def same(a, b):
    return a.keys() == b.keys() and all(a[k].tobytes() == b[k].tobytes() for k in a)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("changes", [{}, {"batch": 8}, {"model": "absolute"}])
def test_the_first_step_has_the_weights_that_fewer_samples_gave(engine, changes):
    few, many = train(on(FEW, **changes), engine), train(continued(**changes), engine)
    condition = Condition.model_validate(continued(**changes))
    rows = training_set(condition, 0).dense(6)
    x = [reference.minibatch(condition, key, 1, rows) for key in condition.keys(0, range(2))]
    weights = [torch.from_numpy(few[name]) for name in ("W", "W_out", "b") if name in few]
    variant = lookup.load("model", condition.model).VARIANT
    losses = reference.loss(variant, weights, torch.from_numpy(np.stack(x)), torch.ones(2, 6))
    np.testing.assert_allclose(many["loss"][:, 0], losses.numpy(), rtol=1e-5)


def test_both_engines_continue_alike():
    ours, theirs = (train(continued(), engine) for engine in ENGINES)
    for name in ("W", "b", "loss"):
        np.testing.assert_allclose(ours[name], theirs[name], atol=2e-5)


def test_the_rows_of_the_earlier_set_are_the_first_of_the_later_one():
    whole, short = (training_set(Condition.model_validate(on(t)), 0) for t in (MANY, FEW))
    for name, array in vars(first_rows(whole, FEW)).items():
        np.testing.assert_array_equal(array, getattr(short, name))
        assert array.dtype == getattr(short, name).dtype


@pytest.mark.parametrize("engine", ENGINES)
def test_it_gives_the_same_bytes_alone_and_in_company_and_with_other_threads(engine):
    alone = train(continued(), engine)
    assert same(train(continued(), engine, threads=3), alone)
    swept = train(continued(), engine, sweep={"optimizer.lr": [0.003, PLAIN["optimizer"]["lr"]]})
    assert all(swept[k][2:].tobytes() == alone[k].tobytes() for k in alone if k != "loss_steps")
    starts = train(on(MANY), engine, sweep={"init.trained_on": [FEW, 5]})
    assert all(starts[k][:2].tobytes() == alone[k].tobytes() for k in alone if k != "loss_steps")
    assert (starts["W"][2:] != starts["W"][:2]).any()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_interrupted_one_ends_with_the_same_bytes(engine, monkeypatch):
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    kept = []

    def save(arrays):
        kept.append({name: np.array(array) for name, array in arrays.items()})

    whole = train(continued(), engine, saved=Checkpointer({}, save).saved)
    assert len(kept) == 2 * PLAIN["steps"]
    for done, state in list(enumerate(kept, start=1))[3::7]:
        later = []
        again = train(continued(), engine, saved=Checkpointer(state, later.append).saved)
        assert same(again, whole)
        assert len(later) == len(kept) - done


def test_the_share_of_the_work_covers_both_trainings():
    shares = []
    train(continued(), report_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert min(shares) < FEW / (FEW + MANY) < max(shares)
    assert len(shares) == 2 * PLAIN["steps"]


@pytest.mark.parametrize(
    ("data", "count", "said"),
    [
        ({}, 5, "init.trained_on 5 needs a finite training set; give data.training_samples "),
        (
            {"training_samples": 5},
            5,
            "different training samples, which is 5; lower it, or raise",
        ),
        (
            {"training_samples": 9, "repeats": {"samples": 1, "times": 5}},
            5,
            "different training samples, which is 5; lower it",
        ),
        ({"training_samples": 9}, 1, "greater than or equal to 2"),
    ],
)
def test_a_set_that_is_not_larger_is_refused(data, count, said):
    init = {"name": "xavier", "trained_on": count}
    with pytest.raises(ValidationError, match=said):
        Condition.model_validate({**PLAIN, "data": {"name": "independent", **data}, "init": init})


def test_keys_of_runs_that_do_not_continue_are_those_of_before():
    condition = Condition.model_validate(on(MANY))
    assert "trained_on" not in str(condition.canonical())
    assert "trained_on" not in str(condition.written())
    earlier = Condition.model_validate(continued()).earlier
    assert earlier.key(0, 3) == Condition.model_validate(on(FEW)).key(0, 3)
