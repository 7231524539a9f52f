"""The GPU engine's kernels, run by Triton's interpreter, agree with the reference and with themselves."""

import fcntl
import importlib.metadata
import importlib.util
import os
import pickle
import re
import subprocess
import sys

import gpu_cases
import numpy as np
import pytest
from fused_cases import arrays
from project import HERE

from superpos.training import fused, reference
from superpos.training.kernels import choice

AGREEING, DIVERGING, MIXED = gpu_cases.agreeing(), gpu_cases.diverging(), gpu_cases.mixed()


def lacking() -> str:
    """What is missing for the interpreter; empty if nothing is."""
    if importlib.util.find_spec("triton") is None:
        return "Triton is not installed: `make test` installs it on Linux"
    triton, numpy = (release(name) for name in ("triton", "numpy"))
    if triton < (3, 7) and numpy >= (2, 4):
        return f"the interpreter of Triton {triton} fails with NumPy {numpy}; it needs Triton 3.7"
    return ""


def release(package: str) -> tuple[int, ...]:
    return tuple(map(int, importlib.metadata.version(package).split(".")[:2]))


@pytest.mark.parametrize("name", AGREEING)
def test_only_the_cases_that_say_so_leave_out_empty_samples(name):
    assert {gpu_cases.draws_filled(c) for c in AGREEING[name]} == {name.endswith("filled")}


@pytest.fixture(scope="session")
def trained(shared):
    """The results of `gpu_cases`, made by one worker for all."""
    if reason := lacking():
        pytest.skip(reason)
    file = shared / "interpreted"
    with open(file.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            command = [sys.executable, gpu_cases.__file__, str(file)]
            subprocess.run(command, env={**os.environ, "TRITON_INTERPRET": "1"}, check=True)
    return pickle.loads(file.read_bytes())


def expected(conditions, recording=gpu_cases.RECORDING):
    """What the reference engine makes of each run; of filled samples, on the fused engine's minibatches."""
    found = []
    for r, c in enumerate(conditions):
        with pytest.MonkeyPatch.context() as patch:
            if gpu_cases.draws_filled(c):
                patch.setattr(choice, "path", lambda c: "compact")
                patch.setattr(reference, "minibatch", fused.minibatch)
            found.append(arrays(gpu_cases.train(reference, [c], r, recording=recording)))
    return {name: np.concatenate([one[name] for one in found]) for name in found[0]}


@pytest.mark.slow
@pytest.mark.parametrize("name", AGREEING)
def test_a_few_steps_are_those_of_the_reference(name, trained):
    theirs = expected(AGREEING[name], gpu_cases.FEW_RECORDS)
    ours = arrays(trained["agreeing"][name])
    assert ours.keys() == theirs.keys()
    for key, array in ours.items():
        np.testing.assert_allclose(array, theirs[key], rtol=1e-6, atol=1e-6, err_msg=key)


@pytest.mark.slow
@pytest.mark.parametrize("name", MIXED)
def test_a_run_has_the_same_bytes_in_parts_and_in_any_company(name, trained):
    ways = {way: arrays(one) for way, one in trained["mixed"][name].items()}
    for way, found in ways.items():
        runs = [int(way.split()[1])] if way.endswith("alone") else slice(None)
        for key, array in ways["at once"].items():
            assert found[key].tobytes() == array[runs].tobytes(), f"{way}: {key}"


@pytest.mark.slow
@pytest.mark.parametrize("name", DIVERGING)
def test_a_diverged_run_has_no_losses(name, trained):
    loss = trained["diverging"][name].loss
    assert np.isnan(loss).tolist() == [[False, True], [False, False]]
    theirs = expected(DIVERGING[name])["loss"]
    np.testing.assert_allclose(loss, theirs, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.skipif(bool(lacking()), reason=lacking())
def test_the_check_of_a_gpu_measures_what_it_says():
    script = HERE / "benchmarks/gpu_check.py"
    words = ["--smoke", "--sections", "versions,compile,speed,million", "--only", "2/1 of 128"]
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    done = subprocess.run(
        [sys.executable, script, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Traceback" not in done.stdout
    (row,) = re.findall(r"^2/1 of 128 +128 +4 +1.0 +(\S+) +(\S+)$", done.stdout, re.M)
    assert all(float(number) > 0 for number in row)
    assert "8 models of 5 steps: conditions and keys" in done.stdout
