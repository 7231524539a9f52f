"""`python -m superpos`: its help, its errors in one line, and the demo's pictures."""

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from project import HERE

from superpos.__main__ import main
from superpos.cli import commands, terminal

NAMES = [m.name for m in pkgutil.iter_modules(commands.__path__)]


def test_without_a_command_it_says_what_there_is(capsys):
    assert main([]) == 0
    said = capsys.readouterr().out
    assert "Start with: python -m superpos demo" in said
    for name in NAMES:
        assert f"\n    {name}" in said


@pytest.mark.parametrize("name", NAMES)
def test_each_command_explains_itself_and_each_of_its_options(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert len(said.split("options:")[0].split("\n\n")[1]) > 30
    for line in said.split("options:\n")[1].splitlines():
        option = line.strip().split("  ")[0]
        assert "  " in line.strip() or len(option) > 22, f"{option} has no help"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["demo", "--density", "3"],
            "superpos demo: experiments.seed: density 3.0: density is 1 - S",
        ),
        (["demo", "--seed", "-1"], "superpos demo: seed: -1 is not a whole number of 0 or more"),
    ],
)
def test_a_mistake_is_one_line(words, said, capsys):
    assert main(words) == 1
    error = capsys.readouterr().err
    assert error.startswith(said)
    assert error.count("\n") == 1


def test_the_benchmarks_are_asked_for_where_they_are_not(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(commands.bench, "FOLDER", tmp_path)
    assert main(["bench"]) == 1
    assert "run this in a clone of the repository" in capsys.readouterr().err


def test_without_a_gpu_its_benchmark_says_so_in_one_line():
    command = [sys.executable, "-m", "superpos", "bench", "--gpu"]
    no_gpu = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=HERE, env=no_gpu, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "gpu_check: no CUDA device; nothing was measured: docs/gpu.md says what it needs\n"
    )


def test_the_benchmark_of_a_gpu_refuses_options_of_the_cpus(capsys):
    assert main(["bench", "--gpu", "--threads", "2"]) == 1
    said = "superpos bench: --threads 2 has no effect with --gpu; leave it out\n"
    assert capsys.readouterr().err == said


PENTAGON = np.array([[np.cos(a), np.sin(a)] for a in 2 * np.pi * np.arange(5) / 5])


def test_bars_are_as_long_as_the_norms():
    lines = terminal.bar_text(np.array([2.0, 1.0, 0.0]), np.array([0.5, 0.0, 0.0])).splitlines()[3:]
    assert [line.count("█") for line in lines] == [terminal.WIDTH, terminal.WIDTH // 2, 0]
    assert "2.00   superposition 0.50" in lines[0]


def test_the_products_show_sign_and_size():
    rows = terminal.product_text(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]), np.zeros(3))
    first = rows.splitlines()[4]
    assert first.split(None, 1)[1].startswith("██-██")
    assert rows.splitlines()[6].count("█") == 2


def test_the_arrows_end_where_the_features_point():
    rows = terminal.arrow_text(PENTAGON).splitlines()[3:]
    at = {c: (x, y) for y, row in enumerate(rows) for x, c in enumerate(row) if c.isdigit()}
    assert set(at) == set("01234")
    assert at["0"][0] > at["1"][0] > at["2"][0]
    assert at["1"][1] < at["0"][1] < at["4"][1]


def test_a_terminal_without_unicode_gets_pictures_in_ascii():
    text = terminal.product_text(PENTAGON, np.zeros(5)) + terminal.arrow_text(PENTAGON)
    assert terminal.printable(text, "utf-8") == text
    plain = terminal.printable(text, "ascii")
    assert plain.isascii()
    assert len(plain) == len(text)
    assert plain.count("#") == text.count("█") > 0


@pytest.mark.slow
def test_the_demo_trains_the_notebooks_model_and_leaves_its_three_pictures(tmp_path):
    command = [sys.executable, "-m", "superpos", "demo", "--threads", "1", "--folder", "pictures"]
    here = {"PYTHONPATH": str(Path(terminal.__file__).parents[1]), "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(command, cwd=tmp_path, env=here, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    for title in ("Feature norms", "Inner products", "two hidden dimensions", "best of 8"):
        assert title in ended.stdout
    left = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    names = ("seed_arrows", "seed_bars", "seed_products")
    assert left == [f"{name}.{form}" for name in names for form in ("png", "svg")]
