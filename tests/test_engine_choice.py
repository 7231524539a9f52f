"""`engine: gpu` is trained by the GPU where there is one, and by another engine, which is said, where not."""

import warnings

import made_gpu
import pytest
from cases import changed, condition, specification, train_block

import superpos
from superpos.api import engine_check
from superpos.config.trained_runs import TrainedRuns
from superpos.training import block as training
from superpos.training import engines

NONE = "no CUDA device"
FEW = {"density": 0.3, "replicates": 2, "steps": 20, "batch": 16, "evaluation": {"samples": 100}}
POINTS = {
    "lanes": {},
    "tile": {"n_features": 40, "n_hidden": 10},
    "sets": {"data": {"name": "correlated", "sets": 2}},
}


def conditions():
    return specification(points=POINTS).conditions


def code(wanted="gpu"):
    return {way: way for way in engines.modules_by_way(wanted, conditions().values())}


def chosen():
    return {slug: engines.engine("gpu", c) for slug, c in conditions().items()}


def test_a_gpu_trains_what_it_has_a_kernel_for(monkeypatch):
    made_gpu.put(monkeypatch)
    assert chosen() == {"lanes": "gpu", "tile": "gpu", "sets": "fused"}
    block = train_block(specification(engine="gpu"), {}, (), {}, 1)
    assert block.names.engines == ["gpu", "gpu"]


def test_without_a_gpu_the_next_engine_trains(monkeypatch):
    made_gpu.put(monkeypatch, missing=NONE)
    assert set(chosen().values()) == {"fused"}
    monkeypatch.delattr("superpos.data.correlated.KERNEL")
    assert chosen() == {"lanes": "fused", "tile": "fused", "sets": "reference"}


def test_the_code_behind_a_plan_is_the_same_with_and_without_a_gpu(monkeypatch):
    made_gpu.put(monkeypatch)
    with_gpu = engines.modules_by_way("gpu", conditions().values())
    assert {way for way in with_gpu if way.startswith("gpu")} == {"gpu.lanes", "gpu.tile"}
    assert {"superpos.training.gpu.engine", "superpos.training.start"} < set(with_gpu["gpu.tile"])
    assert {way for way in with_gpu if way.startswith("fused")} == set(code("fused"))
    made_gpu.put(monkeypatch, missing=NONE)
    assert engines.modules_by_way("gpu", conditions().values()) == with_gpu


def test_a_run_of_another_engine_or_of_other_versions_is_trained_again(monkeypatch):
    """As where jobs of one plan land on machines with and without a GPU, and with other GPUs."""

    def train(stored=(), **gpu):
        made_gpu.put(monkeypatch, **gpu)
        return train_block(specification(engine="gpu"), code(), stored, {}, 1)

    def stored(block):
        return [TrainedRuns(block.arrays, block.names)]

    on_gpu, on_cpu = train(), train(missing=NONE)
    assert (on_gpu.names.engines, on_cpu.names.engines) == (["gpu"] * 2, ["fused"] * 2)
    assert train(stored(on_gpu)).trained_here == 0
    assert train(stored(on_cpu), missing=NONE).trained_here == 0
    assert train(stored(on_cpu)).trained_here == 2
    assert train(stored(on_gpu), missing=NONE).trained_here == 2
    assert train(stored(on_gpu), versions="sm_1").trained_here == 2


def test_a_run_that_fused_trains_in_place_of_the_gpu_is_the_run_of_fused(monkeypatch):
    made_gpu.put(monkeypatch, missing=NONE)
    instead = train_block(specification(engine="gpu"), code(), (), {}, 1)
    fused = train_block(specification(engine="fused"), code("fused"), (), {}, 1)
    assert instead.names == fused.names


def test_what_other_engines_train_is_one_line(monkeypatch):
    every = conditions().values()
    made_gpu.put(monkeypatch, missing=NONE)
    assert engines.fallback("fused", every) == ""
    assert engines.fallback("gpu", every) == f"engine gpu: {NONE}; trained by fused instead"
    made_gpu.put(monkeypatch)
    line = "engine gpu: no kernel for 1 of 3 conditions; trained by fused instead"
    assert engines.fallback("gpu", every) == line
    assert engines.fallback("gpu", [conditions()["tile"]]) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "relu_output_unbiased"},
        {"optimizer": {"decay_bias": False}},
        {"model": "relu_output_unbiased", "batch": "all", "data": {"training_samples": 9}},
    ],
)
def test_what_no_kernel_trains_is_left_to_the_reference_engine_in_one_line(changes):
    every = [condition(), condition(**changes)]
    assert [engines.engine("fused", one) for one in every] == ["fused", "reference"]
    line = "engine fused: no kernel for 1 of 2 conditions; trained by reference instead"
    assert engines.fallback("fused", every) == line
    assert engines.fallback("reference", every) == ""


def test_the_library_says_once_in_a_process_that_another_engine_trains(monkeypatch):
    made_gpu.put(monkeypatch, missing=NONE)
    monkeypatch.setattr(engine_check, "SAID", set())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        models = superpos.train(6, 3, engine="gpu", **FEW)
        superpos.train(6, 3, engine="gpu", **FEW)
        superpos.sweep(
            **{"n_features": 6, "n_hidden": 3, "engine": "gpu", "steps": 5, "batch": 8},
            **{"replicates": 1, "metrics": [], "evaluation": {"samples": 50}},
        )
    (said,) = caught
    assert str(said.message) == f"engine gpu: {NONE}; trained by fused instead"
    assert said.filename == __file__
    assert models.engine == "fused"


def test_nothing_is_said_where_the_gpu_trains(monkeypatch):
    made_gpu.put(monkeypatch)
    monkeypatch.setattr(engine_check, "SAID", set())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert superpos.train(6, 3, engine="gpu", **FEW).engine == "gpu"


@pytest.mark.parametrize("engine", ["cuda", "GPU", "triton"])
def test_an_engine_of_another_name_is_refused(engine):
    with pytest.raises(ValueError, match=rf"^engine: '{engine}': "):
        superpos.train(6, 3, engine=engine, **FEW)


def test_jobs_that_are_trained_together_are_those_that_are_trained_apart():
    """Runs of all jobs of an experiment share their trainings."""
    seen = []
    jobs = [
        (specification(common=changed(density=p), replicates=(first, first + 2)), {})
        for p in (0.1, 0.3)
        for first in (0, 2)
    ]

    def saved(name):
        seen.append(name)
        return training.FROM_THE_START

    together = training.train_blocks(jobs, (), {}, 1, saved)
    assert len(seen) == 1
    for (job, code), block in zip(jobs, together, strict=True):
        apart = train_block(job, code, (), {}, 1)
        assert block.names == apart.names
        assert (block.trained_here, block.resumed_after) == (2, [])
        assert abs(block.arrays["W"] - apart.arrays["W"]).max() < 1e-5
