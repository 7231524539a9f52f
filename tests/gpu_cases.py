"""Short trainings by the GPU engine's kernels in Triton's interpreter, which needs no GPU.

As a program, `gpu_cases.py FILE`, it makes them all and writes the results. The interpreter takes the
place of Triton's compiler in a whole process, so it needs one of its own.
"""

import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
from fused_cases import condition

from superpos.config.condition import Condition, Init
from superpos.data.held_out import sparse
from superpos.training.gpu import shape
from superpos.training.kernels.kernel_job import gate_densities, kernel_job
from superpos.training.records import FROM_THE_START, Recording, Saved, Trained

STEPS = 3
RECORDING = Recording((1, 2), (2, 3))
FEW, FEW_RECORDS = 2, Recording((2,), (1,))
"""The second step uses what the first leaves; each is in one of the two records."""
ROWS = np.random.default_rng(0).random((20, 40), np.float32)
"""The finite training set: rows [row, feature]."""
WEIGHTS = np.full(len(ROWS), 1 / len(ROWS))
LAWS: dict[str, dict[str, Any]] = {
    "independent": {},
    "signed": {"signed": True, "model": "absolute"},
    "correlated": {"name": "correlated", "sets": 2, "model": "linear"},
    "anticorrelated": {"name": "anticorrelated", "sets": 2, "model": "relu_hidden"},
    "one_set": {"name": "one_set", "sets": 2},
    "finite": {"training_samples": len(ROWS)},
}
"""Every law, and between them every model."""
SIZES = {"lanes": {"n_features": 4, "n_hidden": 2}, "tile": {"n_features": 40, "n_hidden": 5}}
WHOLE = {"lanes": 128, "tile": 32}
"""Batches of which programs take only whole tiles."""
MORE = {"lanes": 132, "tile": 260}
"""Batches that several passes or programs take, the last of which is not whole."""
SPARSE = {"lanes": 0.2, "tile": 0.01}
"""Densities of features at which only samples that are not empty are drawn."""
CONTROLLED = {"gradient": "control_variate", "n_features": 40}


def two(density: float, **changes: Any) -> list[Condition]:
    """Two conditions that differ in all that may differ within a launch."""
    # With a usual eps, Adam would turn the rounding of a gradient near 0 into a step of another size.
    given = {"schedule": "cosine", "steps": FEW, "eps": 1e-3, **changes}
    importance = 0.7 if "gradient" in changes else {"geometric": 0.8}
    other = {"init": Init(name="normal", std=0.3), "importance": importance}
    other |= {"density": 0.7 * density, "lr": 0.02, "weight_decay": 0.2}
    return [condition(density=density, **given), condition(**given, **other)]


def agreeing() -> dict[str, list[Condition]]:
    """Cases that are compared with the reference engine: a kernel, a law, and a batch or a gradient."""
    found = {
        "controlled 32": two(0.6, **CONTROLLED, batch=32),
        "controlled 40": two(0.6, **CONTROLLED, batch=40),
    }
    for kernel, size in SIZES.items():
        found[f"{kernel} independent more"] = two(0.95, batch=MORE[kernel], **size)
        for law, given in LAWS.items():
            for batch in (WHOLE[kernel], 30):
                found[f"{kernel} {law} {batch}"] = two(0.95, batch=batch, **size, **given)
            sparse = 0.3 if "sets" in given else SPARSE[kernel]
            if law != "finite":
                found[f"{kernel} {law} filled"] = two(sparse, batch=258, **size, **given)
    return found


def mixed() -> dict[str, list[Condition]]:
    """Cases for comparing bytes: some runs draw all samples, the others only those that are not empty."""
    sizes = {"lanes": {"n_features": 2, "n_hidden": 1}, "tile": {"n_features": 12, "n_hidden": 9}}
    found = {
        k: [c for p in (0.95, 0.1) for c in two(p, batch=256, steps=STEPS, **size)]
        for k, size in sizes.items()
    }
    controlled = {**CONTROLLED, "n_features": 12, "batch": 32, "steps": STEPS}
    return {**found, "controlled": two(0.6, **controlled)}


def diverging() -> dict[str, list[Condition]]:
    """Cases of which the first run diverges in its first step and the second does not."""
    wide = {"n_features": 200, "n_hidden": 6, "batch": 16}
    sizes = {"lanes": SIZES["lanes"], "tile": wide, "controlled": CONTROLLED}
    return {
        kernel: [condition(lr=1e16, steps=STEPS, **size), condition(steps=STEPS, **size)]
        for kernel, size in sizes.items()
    }


def draws_filled(c: Condition) -> bool:
    """Whether the GPU engine draws only the samples of a condition that are not empty."""
    job = kernel_job(c)
    return shape.draws_filled(job, gate_densities(job, c))


def train(
    engine: ModuleType,
    conditions: Sequence[Condition],
    first: int = 0,
    saved: Saved = FROM_THE_START,
    recording: Recording = RECORDING,
) -> Trained:
    """Train one run of each condition, with the keys of the replicates from `first` on."""
    keys = [c.key(0, first + r) for r, c in enumerate(conditions)]
    n, finite = conditions[0].n_features, conditions[0].data.training_samples
    return engine.train(
        conditions, keys, recording, sparse(ROWS[:, :n], WEIGHTS) if finite else None, saved=saved
    )


def ways(conditions: Sequence[Condition]) -> dict[str, Trained]:
    """A case trained at once, and in the ways that must not change a byte."""
    from superpos.training import gpu
    from superpos.training.gpu import plans

    kept: list[dict[str, np.ndarray]] = []
    by_step = Saved({}, kept.append, lambda begin, steps: ((t, t + 1) for t in range(begin, steps)))
    found = {
        "at once": train(gpu, conditions),
        **{f"run {r} alone": train(gpu, [conditions[r]], r) for r in (0, len(conditions) - 1)},
    }
    with mock.patch.object(plans, "MEMORY", 1):
        found["one at a time, in parts"] = train(gpu, conditions, saved=by_step)
    return found | {"resumed": train(gpu, conditions, saved=Saved(kept[1], kept.append))}


def main(file: Path) -> None:
    from superpos.training import gpu

    np.seterr(all="ignore")  # of the runs that diverge
    found = {
        "agreeing": {
            name: train(gpu, case, recording=FEW_RECORDS) for name, case in agreeing().items()
        },
        "diverging": {name: train(gpu, case) for name, case in diverging().items()},
        "mixed": {name: ways(case) for name, case in mixed().items()},
    }
    file.write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
