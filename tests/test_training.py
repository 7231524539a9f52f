"""A training job: stored runs are not trained again, engines are chosen, files say what they hold."""

from dataclasses import replace

import numpy as np
import pytest
from cases import changed, specification, train_block
from jaxtyping import TypeCheckError

from superpos.config.trained_runs import TrainedRuns
from superpos.data.finite_set import training_set
from superpos.training import engines
from superpos.training.records import Recording, Trained


class Counting:
    """An engine that trains nothing and remembers the keys it was given, job by job."""

    def __init__(self):
        self.calls = []

    def train(
        self, conditions, keys, recording, training_set=None, threads=1, saved=None, report=None
    ):
        self.calls.append([f"{key:016x}" for key in keys])
        count, c = len(keys), conditions[0]
        W = np.zeros((count, c.n_features, c.n_hidden), np.float32)
        W[:, 0, 0] = [float(key % np.uint64(2**20)) for key in keys]
        b = np.zeros((count, c.n_features), np.float32)
        loss = np.zeros((count, len(recording.loss_steps)), np.float32)
        steps = len(recording.checkpoint_steps)
        along = np.zeros((count, steps, *W.shape[1:]), np.float32)
        return Trained(
            W, None, b, loss, along, None, np.zeros((count, steps, b.shape[1]), np.float32)
        )

    def supports(self, condition):
        return True

    def path(self, condition):
        return "dense"

    def keys(self):
        return [key for call in self.calls for key in call]


@pytest.fixture
def engine(monkeypatch):
    counting = Counting()
    for found in ("trainer", "_chooser"):
        monkeypatch.setattr(engines, found, lambda name: counting)
    return counting


def train(stored=(), code="code", **changes):
    return train_block(
        specification(**changes), {"reference": code, "fused.dense": code}, stored, {}, 1
    )


def stored(block):
    return [TrainedRuns(block.arrays, block.names)]


def test_all_runs_are_trained_where_none_is_stored(engine):
    block = train()
    assert engine.keys() == block.names.keys
    assert block.trained_here == 2
    assert block.names.replicates == [0, 1]


def test_stored_runs_are_not_trained_again(engine):
    first = train()
    engine.calls.clear()
    again = train(stored(first))
    assert engine.calls == []
    assert again.trained_here == 0
    assert again.arrays["W"].tobytes() == first.arrays["W"].tobytes()


def test_raising_replicates_trains_the_new_ones_alone(engine):
    first = train()
    engine.calls.clear()
    more = train(stored(first), replicates=(0, 5))
    assert engine.keys() == more.names.keys[2:]
    assert more.trained_here == 3
    assert more.arrays["W"][:2].tobytes() == first.arrays["W"].tobytes()


def test_a_new_point_of_a_packed_sweep_trains_alone(engine):
    first = train(points={"a": {"density": 0.1}})
    engine.calls.clear()
    more = train(stored(first), points={"b": {"density": 0.2}, "a": {"density": 0.1}})
    assert engine.keys() == more.names.keys[:2]
    assert more.names.conditions == ["b", "b", "a", "a"]


def test_a_run_renamed_by_another_sweep_is_not_trained_again(engine):
    first = train(points={"density=0.1": {"density": 0.1}})
    engine.calls.clear()
    renamed = train(stored(first), common=changed(density=0.1))
    assert engine.calls == []
    assert renamed.names.conditions == ["only", "only"]


@pytest.mark.parametrize(
    "change",
    [
        *({"code": "other"}, {"engine": "fused"}, {"losses": 6}, {"checkpoints": (3,)}),
        *({"seed": 1}, {"common": changed(steps=21)}, {"common": changed(density=0.31)}),
    ],
)
def test_what_decides_the_arrays_trains_stored_runs_again(engine, change):
    first = train()
    engine.calls.clear()
    assert train(stored(first), **change).trained_here == 2


def test_runs_of_one_shape_are_trained_together_and_others_apart(engine):
    points = {"a": {"density": 0.1}, "b": {"importance": 0.5}, "c": {"optimizer.lr": 0.1}}
    train(points=points)
    assert len(engine.calls) == 1
    engine.calls.clear()
    train(points={"a": {"batch": 4}, "b": {"batch": 5}, "c": {"schedule": "cosine"}})
    assert len(engine.calls) == 3


def test_a_block_names_its_runs_in_the_order_of_its_arrays(engine):
    block = train(points={"a": {"density": 0.1}, "b": {"density": 0.2}})
    marks = [float(int(key, 16) % 2**20) for key in block.names.keys]
    assert block.arrays["W"][:, 0, 0].tolist() == marks
    assert block.names.conditions == ["a", "a", "b", "b"]
    assert block.names.replicates == [0, 1, 0, 1]


def test_what_an_engine_returns_has_one_number_of_features():
    W, b = np.zeros((2, 3, 1), np.float32), np.zeros((2, 4), np.float32)
    none = np.zeros((2, 0), np.float32)
    with pytest.raises(TypeCheckError):
        Trained(W, None, b, none, W[:, None], None, b[:, None])


def test_the_history_has_a_row_a_run_and_recorded_step(engine):
    history = train(points={"a": {"density": 0.1}, "b": {"density": 0.2}}).history()
    assert len(history) == 4 * 5
    assert history.groupby(["condition", "replicate"])["step"].apply(list).tolist() == (
        [[4, 8, 12, 16, 20]] * 4
    )


def test_no_more_losses_are_kept_than_there_are_steps(engine):
    block = train(losses=100)
    assert block.arrays["loss_steps"].tolist() == list(range(1, 21))


def test_the_fused_engine_gives_way_where_a_distribution_has_no_kernel(monkeypatch):
    (c,) = specification().conditions.values()
    assert engines.engine("fused", c) == "fused"
    assert engines.engine("reference", c) == "reference"
    monkeypatch.delattr("superpos.data.independent.KERNEL")
    assert engines.engine("fused", c) == "reference"


def test_the_modules_of_a_job_are_engine_models_and_distributions():
    points = {
        "a": {"model": "linear"},
        "b": {"data": {"name": "correlated", "sets": 2}, "model": "absolute"},
    }
    conditions = specification(points=points).conditions.values()
    assert engines.modules_by_way("reference", conditions) == {
        "reference": [
            *("superpos.data.correlated", "superpos.data.independent"),
            *("superpos.models.absolute", "superpos.models.linear"),
            "superpos.training.reference",
        ]
    }


def test_a_job_gives_the_same_runs_as_the_jobs_it_is_split_into():
    whole = train(points={"a": {"density": 0.1}, "b": {"density": 0.2}}, replicates=(0, 3))
    parts = [
        train(points={slug: {"density": p}}, replicates=(first, first + 1))
        for slug, p in (("a", 0.1), ("b", 0.2))
        for first in range(3)
    ]
    assert whole.names.keys == [part.names.keys[0] for part in parts]
    together = np.concatenate([part.arrays["W"] for part in parts])
    np.testing.assert_allclose(whole.arrays["W"], together, atol=1e-5)


def test_a_finite_training_set_is_used_by_the_conditions_it_belongs_to():
    finite = changed(data={"name": "independent", "training_samples": 5})
    job = specification(common=finite)
    (c,) = job.conditions.values()
    rows = training_set(c, 0)
    none = replace(rows, value=0 * rows.value)
    used = train_block(job, {}, (), {c.distribution(0): rows}, 1)
    other = train_block(job, {}, (), {c.distribution(0): none}, 1)
    assert abs(used.arrays["W"] - other.arrays["W"]).max() > 1e-3
    # A stored run is used again if it learned the same rows, whichever code drew them.
    again = [
        train_block(job, {}, stored(used), {c.distribution(0): given}, 1)
        for given in (replace(rows, value=rows.value.copy()), none)
    ]
    assert [block.trained_here for block in again] == [0, 2]


@pytest.mark.parametrize("steps", [(150, 20), (20, 20), (0, 20), (-1,)])
def test_steps_that_do_not_ascend_are_refused(steps):
    with pytest.raises(ValueError, match=r"checkpoint_steps: .* do not ascend from 1"):
        Recording((1, 2), steps)
    with pytest.raises(ValueError, match=r"loss_steps: .* do not ascend from 1"):
        Recording(steps)
