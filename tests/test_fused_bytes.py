"""A run's bytes do not depend on its company, the threads, or the CPU that the compiler aims at."""

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fused_cases import DATA, MODELS, condition, same_bytes

from superpos.data.finite_set import training_set
from superpos.numerics.simd import target
from superpos.training import fused
from superpos.training.records import Recording

pytestmark = pytest.mark.slow

RECORDING = Recording((1, 10, 20), (5, 20))


def sweep(model: str, name: str, sets: int | None) -> list:
    """Densities that take every path."""
    densities = (1.0, 0.3, 0.02, 1e-4)
    signed = model == "absolute"
    return [
        condition(model=model, name=name, sets=sets, signed=signed, density=p) for p in densities
    ]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("name", "sets"), DATA)
def test_a_run_alone_has_the_bytes_it_has_among_others_on_two_threads(model, name, sets):
    conditions = sweep(model, name, sets) * 2
    keys = [c.key(0, r) for r, c in enumerate(conditions)]
    together = fused.train(conditions, keys, RECORDING, threads=2)
    for r, (c, k) in enumerate(zip(conditions, keys, strict=True)):
        assert same_bytes(fused.train([c], [k], RECORDING), together, 0, r)


def test_replicates_of_one_condition_differ():
    c = condition(density=0.02)
    W = fused.train([c, c], [c.key(0, 0), c.key(0, 1)], RECORDING).W
    assert not np.array_equal(W[0], W[1])


@pytest.mark.parametrize("model", MODELS)
def test_wide_models_have_the_same_bytes_in_any_company(model):
    signed = model == "absolute"
    conditions = [
        condition(model=model, signed=signed, density=p, n_features=120, n_hidden=40, batch=256)
        for p in (1.0, 0.4, 0.2, 0.05, 1e-4)
    ]
    keys = [c.key(0, r) for r, c in enumerate(conditions)]
    together = fused.train(conditions, keys, RECORDING, threads=2)
    for r, (c, k) in enumerate(zip(conditions, keys, strict=True)):
        assert same_bytes(fused.train([c], [k], RECORDING), together, 0, r)


def test_a_run_on_fresh_samples_of_unit_norm_has_the_same_bytes_in_any_company():
    cs = [
        condition(unit_norm=True, n_hidden=2, density=p, batch=70, lr=lr)
        for p in (0.3, 0.1)
        for lr in (0.01, 0.1)
    ]
    keys = [c.key(0, r) for r, c in enumerate(cs)]
    together = fused.train(cs, keys, RECORDING, threads=2)
    for r, (c, k) in enumerate(zip(cs, keys, strict=True)):
        assert same_bytes(fused.train([c], [k], RECORDING), together, 0, r)


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="needs an x86 compiler")
@pytest.mark.parametrize(
    ("cpu", "wide"),
    [
        ("x86-64", False),
        ("haswell", False),
        ("znver3", False),
        ("skylake-avx512", True),
        ("znver4", True),
    ],
)
def test_wide_registers_are_used_where_the_cpu_has_them(cpu, wide):
    assert target.is_wide("x86_64-unknown-linux-gnu", cpu, "") is wide


SHAPES = ((6, 1, 512), (6, 3, 512), (24, 5, 96), (120, 40, 256))
WHOLE = MODELS, DATA, SHAPES, (1, 2, 3, 5, 11)
PART = MODELS[:1], DATA[:1], SHAPES[1::2], (2, 3)


def digest(models, data, shapes, widths) -> str:
    """A digest of the weights of each model with the first distribution and of each distribution with the
    first model, on every path, and of whole sets at several widths."""
    total = hashlib.sha256()
    pairs = [(models[0], law) for law in data] + [(model, data[0]) for model in models[1:]]
    for model, (name, sets) in pairs:
        for n, m, batch in shapes:
            conditions = [c.model_copy(update={"n_features": n, "n_hidden": m, "batch": batch})
                          for c in sweep(model, name, sets)]  # fmt: skip
            keys = [c.key(0, r) for r, c in enumerate(conditions)]
            trained = fused.train(conditions, keys, RECORDING)
            total.update(trained.W.tobytes() + trained.b.tobytes() + trained.loss.tobytes())
    for m in widths:
        c = condition(n_features=600, n_hidden=m, density=0.02, training_samples=71, batch="all")
        trained = fused.train([c], [c.key(0, 0)], RECORDING, training_set(c, 0))
        total.update(trained.W.tobytes() + trained.b.tobytes() + trained.loss.tobytes())
    for m in widths[1:4:2]:
        c = condition(n_features=600, n_hidden=m, density=0.02, unit_norm=True, batch=71)
        trained = fused.train([c], [c.key(0, 0)], RECORDING)
        total.update(trained.W.tobytes() + trained.b.tobytes() + trained.loss.tobytes())
    return total.hexdigest()


@pytest.mark.parametrize(
    ("cpu", "of"),
    [
        ("haswell", "PART"),
        pytest.param("haswell", "WHOLE", marks=pytest.mark.trial),
        pytest.param("x86-64", "WHOLE", marks=pytest.mark.trial),
    ],
)
def test_the_bytes_are_the_same_when_the_compiler_aims_at_another_cpu(cpu, of, tmp_path):
    """Haswell has registers of 256 bits; x86-64, the oldest, has 128 bits and no fused multiply-add."""
    here = Path(__file__)
    # Without NUMBA_CPU_FEATURES numba would add all features of the CPU at hand.
    environment = os.environ | {
        "NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": f"{here.parents[1]}:{here.parent}",
    }  # fmt: skip
    command = [sys.executable, "-c", f"import test_fused_bytes as t; print(t.digest(*t.{of}))"]
    there = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == digest(*{"PART": PART, "WHOLE": WHOLE}[of])


def test_training_imports_no_torch():
    command = "import sys, superpos.training.fused; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", command], check=True)
