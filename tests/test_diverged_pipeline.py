"""The pipeline with an experiment whose runs diverge: it ends in a report that says so."""

import pytest
from project import fresh, tiny

from superpos.storage import store

WILD = {"lr": 1.0e6, "name": "adamw", "weight_decay": 0.01}


@pytest.mark.slow
def test_runs_that_diverge_are_told_in_logs_tables_figures_and_the_report(tmp_path):
    config = tiny()
    config["defaults"]["optimizer"] = {**config["defaults"]["optimizer"], **WILD}
    config["experiments"]["F1"]["checkpoints"] = [1, 20]
    sets = config["experiments"]["sets"]
    sets["sweep"] = {"optimizer.lr": [1.0e6, 0.001], "density": [0.3]}
    project = fresh(tmp_path / "project", config)
    project.run()
    runs = store.load_table(project.folder / "results/F1/runs.parquet")
    assert runs["diverged"].all()
    assert runs["loss"].isna().all()
    assert (runs["rank"] == -1).all()
    mixed = store.load_table(project.folder / "results/sets/runs.parquet")
    assert mixed["diverged"].tolist() == (mixed["optimizer_lr"] == 1e6).tolist()
    assert sorted(mixed.loc[~mixed["diverged"], "rank"]) == [0, 1]
    verdicts = store.load_table(project.folder / "results/claims.parquet")
    assert verdicts["value"].isna().all()
    page = (project.folder / "results/report.html").read_text()
    assert "F1: 6 of 6 runs diverged" in page
    assert "sets: 2 of 4 runs diverged" in page
    logs = [path.read_text() for path in (project.folder / "results/logs").rglob("*.log")]
    assert any("6 of 6 runs diverged: their losses are NaN" in log for log in logs)
    assert not any("RuntimeWarning" in log for log in logs)
