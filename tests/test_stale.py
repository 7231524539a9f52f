"""Files that no plan makes: named by a dry run, removed by `make clean-stale`, and nothing else with them."""

import os

import pytest
from project import Project, tiny

from superpos.cli import stale

LEFT = {
    "gone/runs.parquet",
    "gone/models/all/0-2.safetensors",
    "gone/models/all/.0-2.progress",
    "sets/models/density=0.9/0-2.parquet",
    "figures/old.svg",
    "claims/none.parquet",
    "theory/old.parquet",
    "training_sets/12.safetensors",
    "logs/gone/metrics.log",
    "benchmarks/gone/metrics.tsv",
}
OWN = {
    "README.md",
    "notes.txt",
    "figures/notes.txt",
    "mine/table.csv",
    "seeds.parquet",
    "seeds.html",
    "benchmarks.parquet",
    "sets/models/density=0.3+importance=1/.0-2.progress",
    "variations/wide/gone/runs.parquet",
    "logs/slurm/7.log",
}


def clean(project: Project) -> list[str]:
    ended = project.python("-m", "superpos", "clean")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def names(project: Project) -> set[str]:
    results = project.folder / "results"
    return {p.relative_to(results).as_posix() for p in results.rglob("*") if not p.is_dir()}


def write(project: Project, paths: set[str]) -> None:
    for path in paths:
        file = project.folder / "results" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("damaged")


def test_after_a_run_nothing_is_stale(built):
    assert stale.in_checkout(built.folder) == []


@pytest.mark.slow
def test_what_no_plan_makes_is_named_removed_and_listed_and_nothing_else(project):
    before = names(project)
    write(project, LEFT | OWN)
    (said,) = [line for line in project.make("--dry-run").splitlines() if "clean-stale" in line]
    assert said.startswith(
        "results/ holds 10 files that no planned job makes: benchmarks/gone/metrics.tsv, "
    )
    assert said.endswith(" and 7 more; `make clean-stale` removes them")
    listed = [f"removed results/{path}" for path in sorted(LEFT)]
    assert clean(project) == [*listed, "removed 10 files"]
    assert names(project) == before | OWN
    assert not (project.folder / "results/gone").exists()
    assert clean(project) == ["every file in results/ belongs to a planned job"]
    assert "clean-stale" not in project.make("--dry-run")
    assert project.planned() == set()


@pytest.mark.slow
def test_what_an_older_config_made_is_stale(project):
    config = tiny()
    del config["experiments"]["F1"], config["figures"]["F1"]
    config["experiments"]["sets"]["sweep"]["importance"] = [1.0]
    project.configure(config)
    left = set(stale.in_checkout(project.folder))
    block = "sets/{}/density=0.3+importance=0.5/0-2.{}"
    of_block = {
        ("models", "parquet"),
        ("models", "safetensors"),
        ("train", "log"),
        ("train", "tsv"),
    }
    assert {f for f in left if "importance" in f} == {
        {"log": "logs/", "tsv": "benchmarks/"}.get(form, "") + block.format(folder, form)
        for folder, form in of_block
    }
    assert {"F1/runs.parquet", "figures/F1.png", "claims/intro.parquet"} <= left
    project.make()
    assert set(stale.in_checkout(project.folder)) == left
    before = project.results()
    clean(project)
    kept = project.results()
    assert kept == {name: before[name] for name in kept}
    assert project.planned() == set()


@pytest.mark.slow
def test_a_pipe_where_an_older_result_was_blocks_nothing(project):
    os.mkfifo(project.folder / "results/figures/old.svg")
    (project.folder / "results/theory").mkdir()
    (project.folder / "results/theory/old.parquet").mkdir()
    assert project.planned() == set()
    assert clean(project)[-1] == "removed 1 file"
    assert not (project.folder / "results/figures/old.svg").exists()
