"""The tiny pipeline, end to end: what it leaves, and that it stops before it does harm."""

import json
import re
import sys

import forked
import numpy as np
import pandas as pd
import pytest
import yaml
from letters import smallest
from project import fresh, tiny

import superpos
from superpos.storage import store

WEIGHTS = "results/sets/models/density=0.3+importance=0.5/0-2.safetensors"


def test_it_ends_in_one_page_that_needs_nothing_else(built):
    page = (built.folder / "results/report.html").read_text()
    assert {*re.findall('class="packed" data-name="([^"]*)"', page)} == {"F1", "bars"}
    assert not re.findall(r"<link|<script[^>]+src|<iframe|@import|url\((?![\"']?(?:#|data:))", page)
    assert not re.findall(r"""src=["'](?!data:)""", page)
    for link in re.findall(r"""href=["'](?!#|https?:|data:)([^"']*)""", page):
        assert (built.folder / "results" / link.partition("#")[0]).is_file(), link
    assert "Five features" in page
    assert "Correlated sets" in page


def test_while_it_runs_it_says_what_is_done_and_how_much_is_left(printed):
    counts = [int(n) for n in re.findall(r"^(\d+) of 14 steps", printed, re.MULTILINE)]
    assert counts == sorted(counts)
    assert counts[-1] == 14
    for message in ("train F1: all, block 0-2", "metrics of sets", "figure bars", "report"):
        assert re.search(rf"^Job \d+: {message}$", printed, re.MULTILINE), message


def test_the_claims_are_a_table_with_their_ranges_and_sources(built):
    claims = pd.read_parquet(built.folder / "results/claims.parquet")
    columns = {"claim", "figure", "source", "value", "low", "high", "verdict", "runs"}
    assert columns <= set(claims.columns)
    assert set(claims["figure"]) == {"F1"}
    inside = claims["value"].between(claims["low"], claims["high"])
    assert ((claims["verdict"] == "holds") == inside).all()
    assert set(claims["verdict"]) <= {"holds", "does not hold"}
    assert not claims["claim"].duplicated().any()


@pytest.mark.parametrize("figure", ["F1", "bars"])
def test_every_figure_is_an_svg_a_pdf_and_a_png(built, figure):
    for kind, start in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
        content = (built.folder / f"results/figures/{figure}.{kind}").read_bytes()
        assert content.startswith(start)
        assert len(content) > 2000
    assert smallest((built.folder / f"results/figures/{figure}.svg").read_bytes()) >= 8


def test_every_table_and_weights_file_carries_versions_settings_and_seed(built):
    files = sorted((built.folder / "results").rglob("*.parquet"))
    notes = {path.name: store.table_notes(path) for path in files}
    assert len(files) >= 11
    for path in sorted((built.folder / "results").rglob("*.safetensors")):
        notes[str(path)] = store.array_notes(path)
    for name, carried in notes.items():
        assert {"python", "superpos", "numpy", "numba"} <= set(carried.versions), name
        assert re.fullmatch(r"[0-9a-f]{32}", carried.settings_digest), name
        code = carried.code
        digests = code.values() if isinstance(code, dict) else [code]
        assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in digests), name
        assert carried.settings["seed"] == 0, name


def test_the_tables_have_a_row_a_run_and_a_row_a_run_and_feature(built):
    folder = built.folder / "results/F1"
    runs, features = (pd.read_parquet(folder / f"{t}.parquet") for t in ("runs", "features"))
    assert len(runs) == 3 * 2
    assert len(features) == 3 * 2 * 5
    assert set(runs["engine"]) == {"fused"}
    assert set(runs["density"]) == {1.0, 0.2, 0.1}
    assert set(runs["n_features"]) == {5}
    assert runs["key"].nunique() == 6
    assert runs.groupby("condition")["rank"].apply(sorted).tolist() == [[0, 1]] * 3
    best = runs.loc[runs.groupby("condition")["selection_loss"].idxmin()]
    assert (best["rank"] == 0).all()
    loss = features.groupby(["condition", "replicate"])["feature_loss"].sum()
    together = runs.set_index(["condition", "replicate"])["loss"].sort_index()
    np.testing.assert_allclose(loss, together, rtol=1e-12)
    norm = [np.linalg.norm(row) for row in features["W"]]
    np.testing.assert_allclose(features["feature_norm"], norm, rtol=1e-6)


def test_the_histories_have_a_row_a_run_and_recorded_step(built):
    history = pd.read_parquet(built.folder / "results/sets/history.parquet")
    steps = history.groupby(["experiment", "condition", "replicate"])["step"].apply(list)
    assert steps.tolist() == [[4, 8, 12, 16, 20]] * 4
    assert (history["loss"] > 0).all()


def test_the_weights_are_those_of_the_library_for_like_values(built):
    arrays, notes = store.load_arrays(built.folder / WEIGHTS)
    ours = superpos.train(
        **{"n_features": 4, "n_hidden": 2, "density": 0.3, "importance": 0.5, "replicates": 2},
        **{"steps": 20, "batch": 16, "engine": "reference", "evaluation": {"samples": 100}},
        data={"name": "correlated", "sets": 2, "training_samples": 40},
    )
    assert notes["keys"] == [f"{ours.condition.key(0, r):016x}" for r in range(2)]
    np.testing.assert_allclose(arrays["W"], ours.W, atol=1e-5)
    np.testing.assert_allclose(arrays["b"], ours.b, atol=1e-5)


def test_every_job_leaves_a_log_and_a_benchmark(built):
    kinds = {
        kind: {
            path.relative_to(built.folder / "results" / kind).with_suffix("")
            for path in (built.folder / "results" / kind).rglob(f"*.{suffix}")
        }
        for kind, suffix in (("logs", "log"), ("benchmarks", "tsv"))
    }
    assert kinds["logs"] == kinds["benchmarks"]
    assert len(kinds["logs"]) == 13


@pytest.mark.slow
def test_snakemakes_own_report_has_captions_and_the_papers_sections(built, tmp_path):
    built.run("--report", str(tmp_path / "report.html"))
    text = (tmp_path / "report.html").read_text()
    (line,) = re.findall(r"categories = (\{.*\});", text)
    categories = {name: {*part["Other"]} for name, part in json.loads(line).items()}
    assert categories == {
        "Introduction": {"results/figures/F1.svg"},
        "The notebook that this project grew from": {"results/figures/bars.svg"},
        "Verdicts": {"results/claims.csv", "results/departures.html"},
    }
    assert "coloured by importance, as features become sparser" in text
    assert "problematic" not in text  # what docutils makes of a caption that it cannot read


@pytest.mark.slow
def test_another_fresh_folder_gives_the_same_bytes(built, tmp_path, monkeypatch):
    """Snakemake and each of its jobs are processes of their own here, not forks."""
    monkeypatch.setattr(forked, "client", lambda: sys.executable)
    other = fresh(tmp_path / "a folder with blanks", tiny())
    other.run()
    ours, theirs = built.results(), other.results()
    assert list(ours) == list(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


@pytest.mark.slow
def test_a_block_with_a_base_gets_its_own_folder_and_figure(project):
    before = project.results()
    config = tiny()
    config["experiments"]["sets_short"] = {"base": "sets", "title": "Fewer", "steps": 10}
    project.configure(config)
    project.run()
    after = project.results()
    assert "results/sets_short/runs.parquet" in after
    assert "results/figures/bars_sets_short.svg" in after
    # Both pages are made of all experiments, and say so.
    kept = set(before) - {"results/report.html", "results/departures.html"}
    assert [name for name in kept if after[name] != before[name]] == []
    runs = pd.read_parquet(project.folder / "results/sets_short/runs.parquet")
    assert set(runs["steps"]) == {10}


@pytest.mark.slow
def test_a_config_laid_over_the_shipped_one_leaves_the_papers_results_alone(project):
    before = project.results()
    own = {"title": "My own", "n_features": 4, "n_hidden": 2, "sweep": {"density": [1.0, 0.5]}}
    mine = {"experiments": {"sets": {"steps": 10}, "own": own}}
    (project.folder / "mine.yaml").write_text(yaml.safe_dump(mine))
    project.run("--configfile", "mine.yaml")
    after = project.results()
    new = set(after) - set(before)
    assert {name: after[name] for name in before} == before
    assert all(name.startswith("results/variations/mine/") for name in new)
    page = (project.folder / "results/variations/mine/report.html").read_text()
    assert "--force results/variations/mine/figures/bars.svg --configfile mine.yaml<" in page
    assert not [name for name in new if "/F1/" in name]
    assert "results/variations/mine/figures/own_arrows.svg" in new
    assert "The conditions differ in density.</figcaption>" in page
    runs = pd.read_parquet(project.folder / "results/variations/mine/sets/runs.parquet")
    assert set(runs["steps"]) == {10}
    assert project.planned() == set()
    assert project.planned("--configfile", "mine.yaml") == set()


@pytest.mark.slow
@pytest.mark.trial
def test_settings_may_be_longer_than_a_command_line(project):
    """A word of a command line has at most 128 KiB on Linux."""
    config = tiny()
    config["experiments"]["sets"] = {
        **{"title": "A density a feature", "n_features": 10_240, "n_hidden": 2, "replicates": 1},
        **{"density": [round(0.001 + i * 5e-5 + 1e-9, 9) for i in range(10_240)]},
        **{"steps": 1, "losses": 1, "evaluation": {"samples": 20}},
    }
    config["figures"].pop("bars")
    assert len(str(config)) > 128 * 1024
    project.configure(config)
    project.make()
    features = pd.read_parquet(project.folder / "results/sets/features.parquet")
    assert features["feature_density"].nunique() == 10_240


@pytest.mark.slow
def test_settings_on_the_command_line_need_the_name_of_a_variation(built):
    text = built.run("--dry-run", "--config", "seed=1", ok=False)
    said = [line for line in text.splitlines() if line.startswith("config: ")]
    assert said == ["config: --config changes the paper's settings; add variation=NAME to it"]
    planned = built.run("--dry-run", "--config", "seed=1", "variation=other")
    assert "results/variations/other/report.html" in planned


BAD = {
    "unknown key": ("densty", 1.0, "config: experiments.sets.densty: unknown key; did you mean"),
    "impossible density": ("sweep", {"density": [1.5]}, "config: experiments.sets[density=1.5]"),
    "text for a number": ("steps", "many", "config: experiments.sets"),
    "metric": ("metrics", ["feature_nrm"], "config: experiments.sets.metrics: unknown metric"),
    "best of 10 with 2": ("best_of", 10, "config: experiments.sets.best_of: 10, but replicates"),
}


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) for n in BAD])
def test_a_bad_config_stops_before_any_job_and_overwrites_nothing(project, name):
    key, value, line = BAD[name]
    before, config = project.results(), tiny()
    config["experiments"]["sets"][key] = value
    project.configure(config)
    text = project.make(ok=False)
    assert len([said for said in text.splitlines() if said.startswith(line)]) == 1
    assert "Traceback" not in text
    assert "Job " not in text
    assert project.results() == before


@pytest.mark.slow
def test_a_bad_config_stops_a_first_run_too(tmp_path):
    config = tiny()
    config["figures"]["bars"]["draw"] = "seed_brs"
    project = fresh(tmp_path / "project", config)
    text = project.run(ok=False)
    assert "config: figures.bars.draw: unknown figure 'seed_brs': did you mean seed_bars?" in text
    assert "Traceback" not in text
    assert project.results() == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "job"),
    [
        (WEIGHTS, "train sets: density=0.3+importance=0.5, block 0-2"),
        ("results/sets/evaluation.safetensors", "conditions and held-out samples of sets"),
        ("results/F1/history.parquet", "metrics of F1"),
        ("results/figures/F1.png", "figure F1"),
        ("results/claims.parquet", "verdicts on the paper's claims"),
    ],
)
def test_a_file_that_was_deleted_is_made_anew(project, name, job):
    (project.folder / name).unlink()
    assert job in project.planned()
