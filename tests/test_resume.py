"""An interrupted training continues from its last saved state and ends with the same bytes."""

import numpy as np
import pytest
from cases import specification, train_block
from fused_cases import DATA, arrays, condition
from fused_cases import PATHS as EVERY

from superpos.data.finite_set import training_set
from superpos.training import checkpoint, fused, reference
from superpos.training.checkpoint import Checkpointer, parts
from superpos.training.kernels import choice, kernel_job
from superpos.training.records import FROM_THE_START, Recording, Saved

pytestmark = pytest.mark.slow

CODE = {"reference": "code"}
RECORDING = Recording((1, 10, 20), (5, 20))
PATHS = {
    # Conditions that take the paths of the fused engine.
    "dense": [condition(density=p, model=m) for p in (1.0, 0.3) for m in ("linear",)],
    "compact": [condition(density=0.02, name=name, sets=sets) for name, sets in DATA[1:3]],
    "split": [condition(density=p, batch=512) for p in (0.1, 0.2)],
    "gram": [condition(density=p, n_features=40, n_hidden=12, batch=512) for p in (0.05, 0.01)],
    "masked": [condition(density=p, n_features=40, model="absolute") for p in (0.5, 0.01)],
    "wide": [condition(density=p, n_features=80, n_hidden=9, batch=96) for p in (1.0, 0.2)],
    "controlled": [condition(density=p, gradient="control_variate") for p in (1.0, 0.5)],
    "unit_norm": [condition(unit_norm=True, batch=9, n_hidden=m) for m in (2, 5)],
    "whole_set": [condition(training_samples=9, batch="all", n_hidden=m) for m in (2, 3)],
}


@pytest.fixture
def in_parts(monkeypatch):
    """Parts of a few steps each."""
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)


class Kept(list):
    """Everything that was kept, copied as a file would be."""

    def __call__(self, now):
        self.append({name: np.array(array) for name, array in now.items()})


def train(engine, conditions, saved=FROM_THE_START):
    keys, first = [c.key(0, r) for r, c in enumerate(conditions)], conditions[0]
    samples = training_set(first.sampled(), 0) if first.data.training_samples else None
    return arrays(engine.train(conditions, keys, RECORDING, samples, saved=saved))


def same(a, b):
    return a.keys() == b.keys() and all(a[k].tobytes() == b[k].tobytes() for k in a)


@pytest.mark.parametrize("path", PATHS)
def test_the_fused_engine_goes_on_from_any_step_to_the_same_bytes(path, in_parts, monkeypatch):
    for c in PATHS[path]:
        monkeypatch.setattr(checkpoint, "SECONDS", 60.0)
        whole = train(fused, [c, c])
        monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
        kept = Kept()
        assert same(train(fused, [c, c], Saved({}, kept, parts)), whole)
        assert [int(now["step"]) for now in kept] == list(range(1, 21))
        for now in kept[::3]:
            assert same(train(fused, [c, c], Saved(now, Kept(), parts)), whole)


@pytest.mark.parametrize("model", ["relu_output", "relu_hidden"])
def test_the_reference_engine_goes_on_from_any_step_to_the_same_bytes(model, in_parts):
    c, kept = condition(model=model), Kept()
    whole = train(reference, [c, c], Saved({}, kept, parts))
    for now in kept[::4]:
        assert same(train(reference, [c, c], Saved(now, Kept(), parts)), whole)


def test_the_cases_take_every_path():
    found = set()
    for cases in PATHS.values():
        for c in cases:
            j = kernel_job.kernel_job(c)
            found.add(choice.choose(j, kernel_job.gate_densities(j, c), c.importances()))
    assert found == EVERY


def test_parts_cover_every_step_once_and_take_about_as_long_as_is_asked():
    now = [0.0]
    made = []
    for begin, end in parts(40, 10_000, lambda: now[0]):
        made.append((begin, end))
        now[0] += 0.05 * (end - begin)
    assert made[0] == (40, 140)
    assert [begin for begin, _ in made[1:]] == [end for _, end in made[:-1]]
    assert made[-1][1] == 10_000
    assert {end - begin for begin, end in made[1:-1]} == {1200}


def test_a_finished_training_has_no_parts():
    assert list(parts(20, 20)) == []


def test_where_a_job_stands_is_saved_no_more_often_than_is_asked():
    now, saved = [0.0], []
    training_a = Checkpointer({}, saved.append, lambda: now[0]).saved("a")
    for now[0] in (1.0, 59.0, 61.0, 100.0, 122.0):
        training_a.keep({"step": np.array(int(now[0]))})
    assert len(saved) == 2


def interrupted(job, saves):
    """What a job keeps that is stopped after so many saves."""
    kept = []

    def save(arrays):
        kept.append({name: np.array(array) for name, array in arrays.items()})
        if len(kept) == saves:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        train_block(job, CODE, (), {}, 1, Checkpointer({}, save).saved)
    return kept[-1]


def test_a_job_goes_on_in_the_training_it_was_in_and_keeps_those_before(in_parts):
    job = specification(points={"a": {"batch": 8}, "b": {"batch": 16}, "c": {"batch": 32}})
    whole = train_block(job, CODE, (), {}, 1)
    kept = interrupted(job, 25)
    resumed = train_block(job, CODE, (), {}, 1, Checkpointer(kept, lambda arrays: None).saved)
    assert resumed.resumed_after == [20, 5]
    assert same(resumed.arrays, whole.arrays)
    assert resumed.names == whole.names
    # Interrupted once more, later: the first training is still there.
    saves = []
    again = Checkpointer(kept, lambda arrays: saves.append(dict(arrays))).saved
    train_block(job, CODE, (), {}, 1, again)
    last = train_block(job, CODE, (), {}, 1, Checkpointer(saves[-1], lambda arrays: None).saved)
    assert last.resumed_after == [20, 20, 20]


@pytest.mark.parametrize("change", [{"code": "other"}, {"losses": 4}, {"seed": 1}])
def test_what_other_settings_or_code_left_is_not_gone_on_from(change, in_parts):
    code = {"reference": change.pop("code", "code")}
    kept = interrupted(specification(), 5)
    block = train_block(
        specification(**change), code, (), {}, 1, Checkpointer(kept, lambda arrays: None).saved
    )
    assert block.resumed_after == []
