"""The GPU engine's kernels, compiled for an H100 or H200 without one: they keep their numbers on the chip."""

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest
from fused_cases import condition

from superpos.training.gpu import launch, plans
from superpos.training.records import Recording

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("triton") is None, reason="Triton is not installed"
    ),
]
CASES = {
    "small": {"n_features": 2, "n_hidden": 1, "density": 1.0, "batch": 128},
    "sparse": {"n_features": 5, "n_hidden": 2, "density": 0.1, "batch": 1024},
    "large": {"n_features": 80, "n_hidden": 20, "density": 0.01, "batch": 1024},
    "absolute": {"n_features": 100, "n_hidden": 40, "model": "absolute", "batch": 1024},
    "controlled": {"n_features": 100, "n_hidden": 20, "gradient": "control_variate", "batch": 256},
}
MOST = {
    "small": {"train": (96, 0, 0)},
    "sparse": {"train": (192, 0, 0)},
    "large": {"gradient": (255, 0, 32 << 10), "update": (64, 0, 2 << 10)},
    "absolute": {"gradient": (255, 256, 48 << 10), "update": (64, 0, 2 << 10)},
    "controlled": {"gradient": (255, 0, 32 << 10), "update": (64, 0, 2 << 10)},
}
"""The most registers a thread, bytes a thread beyond them, and bytes of shared memory a program.

With Triton 3.6 an H200 ran these kernels at the speeds of docs/speed.md.
"""


class Driver:
    """Stands in for a driver of an H100: it says for what to compile."""

    def get_current_device(self):
        return 0

    def get_current_stream(self, device=None):
        return 0

    def get_current_target(self):
        from triton.backends.compiler import GPUTarget

        return GPUTarget("cuda", 90, 32)


@pytest.fixture
def compiled(monkeypatch, tmp_path):
    """Lets launches compile kernels and no more; what each takes is found here by its name."""
    import triton
    from triton.runtime.jit import JITFunction

    tool = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
    if not tool.exists():
        pytest.skip("Triton comes without NVIDIA's tools here")
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path / "cache"))
    found, run = {}, JITFunction.run

    def compile_alone(function, *given, warmup, **options):
        kernel = run(function, *given, warmup=True, **options)
        file = tmp_path / "kernel.cubin"
        file.write_bytes(kernel.asm["cubin"])
        said = subprocess.run(
            [tool, "-res-usage", file], capture_output=True, text=True, check=True
        )
        (used,) = re.findall(r"REG:(\d+) STACK:(\d+)", said.stdout + said.stderr)
        found[function.fn.__name__] = (*map(int, used), kernel.metadata.shared)

    monkeypatch.setattr(JITFunction, "run", compile_alone)
    monkeypatch.setattr(triton.runtime.driver, "_active", Driver())
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_kernel_takes_no_more_than_it_did_where_it_ran_well(name, compiled):
    c = condition(signed=name == "absolute", **CASES[name])
    (plan,) = plans.make_plans([c], [c.key(0, 0)], Recording((1,)), None, "cpu")
    launch.Launcher(plan, None).steps(0, 1)
    assert compiled.keys() == MOST[name].keys()
    for function, most in MOST[name].items():
        assert all(a <= b for a, b in zip(compiled[function], most, strict=True)), compiled
