"""Big grids: one short command line for thousands of points, and many conditions measured at once."""

import numpy as np
import pandas as pd
import pytest
from cases import PLAIN, train_block

from superpos.config import jobs
from superpos.config.condition_table import to_table
from superpos.config.resolving import resolve
from superpos.config.sweep import Sweep
from superpos.config.trained_runs import TrainedRuns
from superpos.data.held_out import by_distribution, draw_held_out
from superpos.metrics.stage import tables

DEFAULTS = {
    **{k: v for k, v in PLAIN.items() if k not in ("n_features", "n_hidden", "density")},
    **{"replicates": 2, "block": 2, "pack": [], "engine": "fused", "losses": 3},
    **{"checkpoints": [], "evaluation": {"samples": 200, "strata": 20}},
    "metrics": ["feature_norm", "dimensionality_sum"],
}


def config(count, pack, sweep=None):
    block = {
        **{"title": "grid", "n_features": 6, "n_hidden": 3, "pack": pack},
        "sweep": sweep
        or {
            "density": {"log": [0.01, 1.0, count]},
            "importance.last": {"log": [0.1, 10.0, count]},
        },
    }
    raw = {"seed": 0, "defaults": DEFAULTS, "experiments": {"grid": block}, "theory": {}}
    return resolve({**raw, "figures": {}})


def test_a_job_of_a_thousand_points_fits_a_command_line():
    c = config(32, ["density", "importance.last"])
    (job,) = jobs.jobs(c.experiments["grid"])
    assert len(job.sweep.points) == 1024
    assert len(jobs.specification(c, job).model_dump_json()) < 1000


@pytest.mark.parametrize(
    "pack", [[], ["density"], ["importance.last"], ["density", "importance.last"]]
)
def test_the_jobs_sweeps_together_are_the_experiments_points(pack):
    experiment = config(3, pack).experiments["grid"]
    found = {}
    for job in jobs.jobs(experiment):
        again = Sweep.model_validate_json(job.sweep.model_dump_json())
        assert list(again.points) == list(job.sweep.points)
        assert again.conditions == job.sweep.conditions
        assert not found.keys() & job.sweep.points.keys()
        found |= job.sweep.points
    assert found == experiment.sweep.points


def test_a_union_of_sweeps_is_split_part_by_part():
    sweep = [
        {"density": [0.1, 0.2], "model": ["linear"]},
        {"density": [0.1, 0.3], "model": ["relu_output", "linear"]},
    ]
    sweep[1]["density"] = [0.3, 0.4]
    experiment = config(0, ["density"], sweep).experiments["grid"]
    by_slice = {job.slice: sorted(p["density"] for p in job.sweep.points.values())
                for job in jobs.jobs(experiment)}  # fmt: skip
    assert by_slice == {"model=linear": [0.1, 0.2, 0.3, 0.4], "model=relu_output": [0.3, 0.4]}


def measured(c, slugs, blocks):
    experiment = c.experiments["grid"]
    evaluation = draw_held_out([experiment.conditions[s] for s in slugs], 0, 200, 20)
    settings = experiment.settings.measured(0).model_copy(update={"checkpoints": [5]})
    return tables("grid", to_table(experiment.sweep.only(slugs)), settings, blocks,
                  by_distribution(evaluation), {})  # fmt: skip


def test_conditions_measured_at_once_are_as_measured_one_by_one():
    c = config(3, ["density", "importance.last"])
    (job,) = jobs.jobs(c.experiments["grid"])
    whole = jobs.specification(c, job).model_copy(update={"checkpoints": (5,)})
    halves = [whole.model_copy(update={"replicates": (k, k + 1)}) for k in (0, 1)]
    blocks = []
    for half in halves:
        block = train_block(half, {}, (), {}, 1)
        blocks.append(TrainedRuns(block.arrays, block.names))
    together = measured(c, list(job.sweep.points), blocks)
    alone = [measured(c, [slug], blocks) for slug in job.sweep.points]
    for kind, at_once in enumerate(together):
        one_by_one = pd.concat([parts[kind] for parts in alone], ignore_index=True)
        pd.testing.assert_frame_equal(at_once, one_by_one, check_exact=True)
    assert (np.sort(together[0]["rank"].to_numpy().reshape(-1, 2)) == [0, 1]).all()
