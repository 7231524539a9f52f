"""The pipeline with `engine: gpu`: one process trains an experiment, on whatever machine it lands."""

import re
import shutil

import made_gpu
import pandas as pd
import pytest
import yaml
from project import HERE, fresh, tiny

from superpos.config import jobs
from superpos.config.resolving import resolve


def on_gpu():
    """The tiny config with `engine: gpu` for both experiments, of which one has a GPU kernel."""
    config = tiny()
    config["defaults"]["engine"] = "gpu"
    config["experiments"]["F1"] |= {"engine": "gpu", "pack": [], "replicates": 3, "block": 2}
    return config


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The pipeline after a run on a machine with a GPU, and what the run printed."""
    project = fresh(tmp_path_factory.mktemp("gpu") / "project", on_gpu())
    made_gpu.write(project.folder)
    return project, project.run()


@pytest.mark.slow
def test_one_process_trains_all_jobs_of_an_experiment(trained):
    project, said = trained
    assert len(jobs.jobs(resolve(on_gpu()).experiments["F1"])) == 6
    assert sorted(re.findall(r"^Job \d+: (train .*)$", said, re.M)) == [
        "train F1 on the GPU", "train sets on the GPU"
    ]  # fmt: skip
    folder = project.folder / "results/logs"
    logs = {path.relative_to(folder).as_posix() for path in folder.rglob("train*.log")}
    assert logs == {"F1/train.log", "sets/train.log"}
    assert "trained 9 of 9 runs" in project.log("F1/train.log")
    files = {p.name for p in (project.folder / "results/F1/models").rglob("*.safetensors")}
    assert files == {"0-2.safetensors", "2-3.safetensors"}


@pytest.mark.slow
def test_the_runs_table_says_which_engine_trained(trained):
    project, _ = trained
    engines = {
        name: set(pd.read_parquet(project.folder / f"results/{name}/runs.parquet")["engine"])
        for name in ("F1", "sets")
    }
    assert engines == {"F1": {"gpu"}, "sets": {"fused"}}
    line = "engine gpu: no kernel for 2 of 2 conditions; trained by fused instead"
    assert project.log("sets/train.log").count(line) == 1
    assert "engine gpu" not in project.log("F1/train.log")


@pytest.mark.slow
def test_a_plan_on_a_machine_without_a_gpu_trains_nothing_again(trained, monkeypatch):
    made_gpu.machine(monkeypatch, missing="no CUDA device")
    assert trained[0].planned() == set()


@pytest.mark.slow
def test_a_job_on_a_machine_without_a_gpu_says_so_and_is_no_reason_to_train_again(
    trained, tmp_path, monkeypatch
):
    copy = trained[0].copy(tmp_path / "project")
    shutil.rmtree(copy.folder / "results/F1/models")
    made_gpu.machine(monkeypatch, missing="no CUDA device")
    copy.run()
    line = "engine gpu: no CUDA device; trained by fused instead"
    assert copy.log("F1/train.log").count(line) == 1
    assert set(pd.read_parquet(copy.folder / "results/F1/runs.parquet")["engine"]) == {"fused"}
    made_gpu.machine(monkeypatch)
    assert copy.planned() == set()


@pytest.mark.slow
def test_more_replicates_train_the_new_runs_alone(trained, tmp_path):
    copy = trained[0].copy(tmp_path / "project")
    config = on_gpu()
    config["experiments"]["F1"]["replicates"] = 4
    copy.configure(config)
    assert {job for job in copy.planned() if job.startswith("train")} == {"train F1 on the GPU"}
    copy.run("results/F1/runs.parquet")
    assert "trained 3 of 12 runs" in copy.log("F1/train.log")


@pytest.mark.slow
def test_the_profile_of_a_gpu_trains_each_experiment_of_the_paper_in_one_process(tmp_path):
    shipped = yaml.safe_load((HERE / "config.yaml").read_text())
    project = fresh(tmp_path / "project", shipped)
    made_gpu.write(project.folder)
    planned = project.planned("--workflow-profile", "profiles/gpu")
    assert {job for job in planned if job.startswith("train")} == {
        f"train {name} on the GPU" for name in shipped["experiments"]
    }


def test_short_gpu_jobs_of_a_cluster_share_a_submission_with_one_gpu(tmp_path):
    project = fresh(tmp_path / "project", on_gpu())
    made_gpu.write(project.folder)
    said = project.run("--dry-run", "--workflow-profile", "profiles/slurm")
    (group,) = re.findall(r"Group job gpu (.*?)\n\S[^\n]*\n\S", said, re.DOTALL)
    assert re.findall(r"Job \d+: train (\w+)", group) == ["F1", "sets"]
