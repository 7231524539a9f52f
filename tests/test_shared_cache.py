"""Trained models shared between checkouts: found again for like settings and code, never for others."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cases import changed, specification

from superpos.storage import store
from superpos.training import block as training

pytestmark = pytest.mark.slow
JOB = specification(sweep={"density": [0.3]}, engine="fused").model_dump(mode="json")
CODE = {"reference": "code"}
HERE = Path(__file__).parents[1]


class Checkout:
    """A folder for the weights of some job, with a shared folder."""

    def __init__(self, folder: Path, shared: Path | None):
        self.weights, self.shared = folder / "0-2.safetensors", shared

    def start(self, code="code", **changes) -> subprocess.Popen[str]:
        shared = {"SUPERPOS_CACHE": str(self.shared)} if self.shared else {}
        return subprocess.Popen(
            [sys.executable, "workflow/scripts/train.py", "--code", json.dumps({"fused.dense": code}),
             "--threads", "1",
             "--specification", json.dumps(JOB | changes), "--training-sets",
             "--weights", str(self.weights), "--history", str(self.weights.with_suffix(".parquet"))],
            cwd=HERE, env={**os.environ, "PYTHONPATH": str(HERE)} | shared,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def train(self, code="code", **changes) -> str:
        """What the job says, apart from how far it is and whether kernels are compiled."""
        started = self.start(code, **changes)
        said = started.communicate()[0]
        assert started.returncode == 0, said
        lines = said.splitlines(keepends=True)
        return "".join(line for line in lines if not re.match("compiling|[0-9]+% of ", line))

    def files(self) -> list[bytes]:
        return [self.weights.read_bytes(), self.weights.with_suffix(".parquet").read_bytes()]


def test_like_settings_hit_in_a_moved_checkout_and_others_miss(tmp_path):
    shared = tmp_path / "shared"
    first = Checkout(tmp_path / "a", shared)
    assert first.train() == "trained 2 of 2 runs\n"
    moved = Checkout(tmp_path / "somewhere" / "else", shared)
    assert moved.train() == "trained 0 of 2 runs\n"
    assert moved.files() == first.files()
    others = (
        {"code": "other code"},
        *(
            {"sweep": JOB["sweep"] | new}
            for new in ({"parts": [{"density": [0.31]}]}, {"common": changed(steps=21)})
        ),
    )
    for n, change in enumerate(others):
        said = Checkout(tmp_path / str(n), shared).train(**change)
        assert said == "trained 2 of 2 runs\n", change
    assert len(list(shared.iterdir())) == 4


def test_without_the_setting_nothing_is_shared(tmp_path):
    assert Checkout(tmp_path / "a", None).train() == "trained 2 of 2 runs\n"
    assert Checkout(tmp_path / "b", None).train() == "trained 2 of 2 runs\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


def test_a_damaged_entry_is_named_trained_again_and_replaced(tmp_path):
    shared = tmp_path / "shared"
    first = Checkout(tmp_path / "a", shared)
    first.train()
    (entry,) = shared.iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    second = Checkout(tmp_path / "b", shared)
    assert second.train() == (
        f"{entry}: its contents do not fit the digest it carries; removed it, training anew\n"
        "trained 2 of 2 runs\n"
    )
    assert second.files() == first.files()
    assert entry.read_bytes() == whole


def test_two_writers_at_once_do_no_harm(tmp_path):
    both = [Checkout(tmp_path / name, tmp_path / "shared") for name in "ab"]
    started = [checkout.start() for checkout in both]
    assert [process.wait() for process in started] == [0, 0]
    assert both[0].files() == both[1].files()
    (entry,) = (tmp_path / "shared").iterdir()
    store.load_arrays(entry)
    assert Checkout(tmp_path / "c", tmp_path / "shared").train() == "trained 0 of 2 runs\n"


def test_a_shared_folder_that_takes_nothing_is_told_and_costs_no_result(tmp_path):
    (tmp_path / "file").write_text("in the way")
    checkout = Checkout(tmp_path / "a", tmp_path / "file" / "shared")
    said = checkout.train()
    assert said.startswith("trained 2 of 2 runs\nnot shared: ")
    store.load_arrays(checkout.weights)


def test_six_conditions_have_six_addresses():
    points = {
        f"{p} {i}": {"density": p, "importance": i} for p in (0.1, 0.2, 0.3) for i in (1, 0.5)
    }
    jobs = [specification(points={slug: point}) for slug, point in points.items()]
    assert len({training.address(job, CODE, {}) for job in jobs}) == 6
    assert training.address(jobs[0], CODE, {}) != training.address(jobs[0], CODE, {"numpy": "1"})
    named = specification(points={"another name": points["0.1 1"]})
    assert training.address(named, CODE, {}) == training.address(jobs[0], CODE, {})


def test_an_entry_under_a_wrong_name_is_not_taken(tmp_path):
    block = training.train_block(specification(seed=1), CODE, (), {}, 1)
    again = training.train_block(specification(), CODE, [(block.arrays, block.notes)], {}, 1)
    assert again.notes["trained_here"] == 2
    assert not np.array_equal(again.arrays["W"], block.arrays["W"])
