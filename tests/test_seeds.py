"""Other base seeds: which are run, what is counted, and the page."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_report import verdict

from superpos.cli import seed_runs
from superpos.config import shipped
from superpos.report import seeds
from superpos.report.site import seeds as published_seeds
from superpos.storage import provenance, store
from superpos.verdicts import judging
from superpos.verdicts.correction import REARRANGED, Correction

CLAIMS = ("F1.a", "F1.b", "F3.c")
STATEMENTS = ("F1", "F1", "F3")
DIGESTS = dict.fromkeys(CLAIMS, "now")


def verdicts(*holds: bool) -> pd.DataFrame:
    """A table of verdicts on three claims, two of which test one statement."""
    rows = [
        verdict(name, h) | {"statement": s, "value": 1.0 if h else 3.0, "models": "main"}
        for name, s, h in zip(CLAIMS, STATEMENTS, holds, strict=True)
    ]
    return pd.DataFrame(rows).assign(best_of=[()] * 3, definition="d")


SHIPPED = verdicts(True, True, False)


def seed(*holds: bool, digest: str = "now") -> pd.DataFrame:
    """A seed's table."""
    return verdicts(*holds).assign(digest=digest)[seeds.COLUMNS]


def counted(*tables: pd.DataFrame) -> pd.DataFrame:
    by_seed = dict(enumerate(tables, 1001))
    return seeds.statements_over_seeds(SHIPPED, by_seed, DIGESTS).set_index("statement")


def page(*tables: pd.DataFrame) -> str:
    return seeds.page(SHIPPED, dict(enumerate(tables, 1001)), DIGESTS)


def test_a_statement_is_counted_with_every_seed_with_which_all_its_claims_hold():
    found = counted(seed(True, True, False), seed(True, False, False), seed(False, False, True))
    assert found.loc["F1", ["held", "part", "seeds"]].tolist() == [1, 1, 3]
    assert found.loc["F3", ["held", "part", "seeds"]].tolist() == [1, 0, 3]
    assert found["shipped"].tolist() == ["holds", "does not hold"]
    assert not seeds.robust(found).any()


def test_a_verdict_that_is_out_of_date_is_not_counted_and_neither_is_its_statement():
    old = seed(True, True, True)
    old.loc[1, "digest"] = "before"
    found = counted(seed(True, True, True), old)
    assert found["seeds"].to_dict() == {"F1": 1, "F3": 2}
    assert seeds.lacking(old, DIGESTS) == ["F1.b"]
    assert "Base seed 1002 is out of date for 1 of 3 claims" in page(seed(True, True, True), old)
    assert "with 1 other base seed<" in page(
        seed(True, True, True), seed(True, True, True, digest="")
    )


def test_a_statement_that_is_not_tested_does_not_count():
    untested = seed(True, True, True).assign(verdict="not tested", value=np.nan)
    assert counted(untested)["seeds"].tolist() == [0, 0]
    assert not seeds.robust(counted(untested)).any()
    assert not seeds.robust(counted()).any()


def test_the_recipes_verdict_is_counted_apart(monkeypatch):
    monkeypatch.setitem(SHIPPED, "models", ["main", "recipe", "main"])
    found = counted(seed(True, False, True), seed(True, True, True)).loc["F1"]
    assert found[["held", "seeds", "recipe_held", "recipe_seeds"]].tolist() == [2, 2, 1, 2]


@pytest.mark.parametrize(
    ("held", "n", "low", "high"),
    [(10, 10, 0.7225, 1), (20, 20, 0.8389, 1), (0, 10, 0, 0.2775), (3, 10, 0.1078, 0.6032),
     (0, 0, 0, 1)],
)  # fmt: skip
def test_the_interval_is_wilsons(held, n, low, high):
    assert seeds.wilson_interval(held, n) == pytest.approx((low, high), abs=1e-4)


def test_the_text_of_a_table_reads_back_and_has_a_claim_to_a_line():
    table = seed(True, False, True).assign(value=[1.23456789, np.nan, 2e-9])
    text = seeds.as_text(table)
    assert text.splitlines()[1] == "F1.a,F1,paper,main,1.23456789,holds,now"
    pd.testing.assert_frame_equal(seeds.table_from_text(text), table)


def test_a_changed_range_judges_the_stored_value_again():
    wider = SHIPPED.assign(high=4.0)
    table = seeds.updated(seed(True, False, False), seed(True, True, True)[:0], wider, DIGESTS)
    assert table["verdict"].tolist() == ["holds"] * 3
    assert table["value"].tolist() == [1, 3, 3]


def test_new_rows_replace_old_ones_and_a_claim_that_is_gone_leaves():
    old = seed(True, True, True, digest="before")
    gone = old.assign(claim=["F1.a", "F1.b", "F0.gone"])
    table = seeds.updated(gone, seed(False, True, True)[:1], SHIPPED, DIGESTS)
    assert table["claim"].tolist() == ["F1.a", "F1.b"]
    assert table["verdict"].tolist() == ["does not hold", "holds"]
    assert table["digest"].tolist() == ["now", "before"]


def test_the_page_lists_the_papers_statements_first_by_how_they_fare():
    shown = page(seed(True, True, False), seed(True, True, True))
    assert (
        "1 of 2 statements of the paper\nhold with every seed, 1 with some,\n0 with none." in shown
    )
    assert shown.index("Robust: holds") < shown.index("Depends on the seed")
    assert "<strong>2 of 2</strong>" in shown
    assert "0.34 to 1.00" in shown
    assert "No other base seed was run." in page()


def test_the_published_page_has_the_same_lists(tmp_path):
    rows = counted(seed(True, True, False), seed(True, True, True)).reset_index()
    store.save_table(tmp_path / "seeds.parquet", rows)
    lines = published_seeds.site_part(tmp_path).splitlines()
    headings = [line for line in lines if line.startswith("#")]
    assert headings[:3] == [
        *("## Statements of the paper", "### Robust: holds with every seed (1)"),
        "### Depends on the seed (1)",
    ]
    robust, depends = (lines.index(heading) for heading in headings[1:3])
    (first,) = [place for place, line in enumerate(lines) if line.startswith("| `F1`")]
    (third,) = [place for place, line in enumerate(lines) if line.startswith("| `F3`")]
    assert robust < first < depends < third


def test_a_statement_that_fails_somewhere_names_its_departure():
    named = SHIPPED.assign(claim=["F1.a", "F1.b", "F9.regular.text"])
    table = seed(True, True, False).assign(claim=named["claim"])
    digests = dict.fromkeys(named["claim"], "now")
    title = "The pentagon's norm is not 1/(1 - b)".replace("'", "&#39;")
    assert title in seeds.page(named, {1001: table}, digests)
    always = table.assign(value=1.0)
    assert title not in seeds.page(named, {1001: always}, digests)


def test_the_summary_counts_the_papers_statements():
    one = counted(seed(True, True, False)).reset_index()
    assert (
        seeds.seeds_summary(one)
        == "1 of 2 statements of the paper hold with the one other base seed that was tried"
    )
    old = seed(True, True, False)
    old.loc[1, "digest"] = "before"
    assert seeds.seeds_summary(counted(seed(True, True, False), old)).endswith(
        "1 to 2 other base seeds"
    )
    assert seeds.seeds_summary(counted()).startswith("No statement of the paper was judged")


def test_no_setting_was_chosen_by_a_base_seed():
    assert seed_runs.base_seeds(3) == range(1001, 1004)
    assert shipped.config()["seed"] not in seed_runs.base_seeds(1000)
    with pytest.raises(ValueError, match=r"^-3 base seeds; give SEEDS=0 or more$"):
        seed_runs.base_seeds(-3)


ROWS = pd.DataFrame(
    {
        "claim": ["F1.represented.p1", "F1.angle.p1", "F3.represented.p1"],
        "definition": ["x", "y", "z"],
        "value": [2.0, 1.0, np.nan],
    }
)
RUNS = pd.DataFrame(
    {
        **{"condition": ["p=1", "p=1", "p=0.1"], "replicate": [0, 1, 0], "rank": [0, 1, 0]},
        **{"model": "relu_output", "density": [1.0, 1.0, 0.1], "loss": [0.5, 0.6, 0.7], "other": 3},
    }
)
"""Three runs at two densities."""
NOTES = provenance.notes("code", {})


def save_runs(results, experiment, runs=RUNS, norm=0.5, density=1.0, weight=1.0) -> None:
    """The runs of an experiment, as the pipeline stores them, with a norm and a weight at a density."""
    runs = runs.assign(experiment=experiment)
    at = runs["density"] == density
    features = runs.drop(columns=["loss", "other"]).assign(
        feature=0, feature_norm=at * norm, feature_loss=0.2, bias=0.0
    )
    features["W"] = [[weight * one, 0.5] for one in at]
    store.save_table(results / experiment / "runs.parquet", runs, NOTES)
    store.save_table(results / experiment / "features.parquet", features, NOTES)


@pytest.fixture
def results(tmp_path):
    """The results of a shipped run of two experiments."""
    for experiment in ("F1", "F3"):
        save_runs(tmp_path, experiment)
    return tmp_path


def changed_digests(results, change, rows=ROWS) -> list[str]:
    """The claims whose digest is another after a change of the results or of the rows."""
    before = seed_runs.digests(results, ROWS)
    change()
    after = seed_runs.digests(results, rows)
    return [name for name in before if before[name] != after[name]]


@pytest.mark.parametrize(
    ("changed", "claims"),
    [
        ({"weight": 1.1}, ["F1.represented.p1", "F1.angle.p1"]),
        ({"runs": RUNS.assign(loss=0.4)}, ["F1.represented.p1", "F1.angle.p1"]),
        ({"norm": 0.6}, ["F1.represented.p1"]),
        ({"runs": RUNS.assign(other=4, more=5)}, []),
        ({"runs": RUNS.iloc[::-1]}, []),
        ({"runs": RUNS[RUNS["density"] == 1]}, []),
        ({"runs": RUNS.assign(loss=RUNS["loss"] + (RUNS["density"] < 1))}, []),
    ],
)
def test_a_digest_goes_by_what_the_shipped_run_gives_and_the_claim_reads(results, changed, claims):
    assert changed_digests(results, lambda: save_runs(results, "F1", **changed)) == claims


def test_a_digest_goes_by_the_code_of_the_measure_and_the_value(results):
    edited = ROWS.assign(definition=["x", "other", "z"], value=[2.5, 1.0, np.nan])
    assert changed_digests(results, lambda: None, edited) == ["F1.represented.p1", "F1.angle.p1"]


def test_a_digest_goes_by_the_weights_along_the_training_if_the_claim_is_about_it(results):
    along = pd.DataFrame({"step": [5000, 10000], "loss": 0.5, "feature_norm": [0.4, 0.6]})
    rows = ROWS.assign(claim=["F4.halfway.p1", "F4.recipe.p1", "F1.angle.p1"])

    def save(norms) -> None:
        save_runs(results, "F4_recipe")
        one = {"experiment": "F4_recipe", "condition": "p=1", "replicate": 0, "feature": 0}
        table = along.assign(**one, feature_norm=norms)
        store.save_table(results / "F4_recipe/checkpoints.parquet", table, NOTES)

    save([0.4, 0.6])
    before = seed_runs.digests(results, rows)
    save([0.5, 0.6])
    after = seed_runs.digests(results, rows)
    assert [name for name in before if before[name] != after[name]] == ["F4.halfway.p1"]


def test_a_measure_whose_code_was_only_rearranged_leaves_the_digest(results, monkeypatch):
    claim = next(c for c in judging.claims() if c.claim == "F1.angle.p1")
    before = seed_runs.digests(results, ROWS)["F1.angle.p1"]
    rows = ROWS.assign(definition=["x", "now", "z"])
    for entries, same in (
        ((Correction(0, 1, REARRANGED, code="y"),), True),
        ((Correction(0, 1, REARRANGED, code="y"), Correction(0, 1, REARRANGED, code="v")), True),
        ((Correction(0, 1, "it measures something else", code="y"),), False),
        ((Correction(0, 1, REARRANGED, code="y"), Correction(0, 1, "other", code="v")), False),
    ):
        changed = replace(claim, corrections=entries)
        monkeypatch.setattr(judging, "claims", lambda c=changed: [c])
        after = seed_runs.digests(results, rows[rows["claim"] == "F1.angle.p1"])
        assert (after["F1.angle.p1"] == before) == same


@pytest.mark.parametrize(
    ("name", "noticed"),
    [
        ("training/fused.py", True),
        ("papers/toy_models/phases/claims_phase_diagrams.py", True),
        ("papers/toy_models/phases/departures.py", False),
        ("papers/toy_models/phases/figure_phase_diagram.py", False),
        ("report/page.py", False),
    ],
)
def test_an_edit_of_a_page_while_a_seed_runs_does_not_end_it(tmp_path, monkeypatch, name, noticed):
    config, file = tmp_path / "config.yaml", tmp_path / "superpos" / name
    file.parent.mkdir(parents=True)
    config.write_text("seed: 0")
    file.write_text("x = 1")
    monkeypatch.setattr(seed_runs.rebuild, "PACKAGE", tmp_path / "superpos")
    before = seed_runs.code_and_config(config)
    file.write_text("x = 2")
    assert (seed_runs.code_and_config(config) != before) == noticed


def test_an_edit_of_code_or_config_while_a_seed_runs_is_noticed(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("seed: 0")
    before = seed_runs.code_and_config(config)
    config.write_text("seed: 1")
    assert seed_runs.code_and_config(config) != before


def test_only_the_files_of_missing_or_old_verdicts_remain_to_be_judged():
    claims = {c.claim: f for f in ("intro", "adversarial") for c in judging.claims(f)}
    present = dict.fromkeys(claims, "now")
    done = pd.DataFrame(columns=seeds.COLUMNS).assign(claim=list(claims), digest="now")
    old = done.assign(digest=["old" if claims[c] == "intro" else "now" for c in done["claim"]])
    left = seed_runs.remaining({1001: done, 1002: old}, present, seed_runs.base_seeds(3))
    assert left == {1002: ["intro"], 1003: ["adversarial", "intro"]}


def test_the_tables_of_a_folder_are_found_by_their_seed(tmp_path):
    assert seed_runs.load_seed_tables(tmp_path) == {}
    for number in (1002, 1001):
        seed_runs.save_seed_table(tmp_path, number, seed(True, True, True))
    (tmp_path / "README.md").write_text("other")
    assert list(seed_runs.load_seed_tables(tmp_path)) == [1001, 1002]


def command(count) -> list[str]:
    """What Python runs in `make seeds`."""
    return ["workflow/scripts/seeds.py", "--count", str(count), "--results", "results",
            "--tables", "docs/seeds", "--table", "results/seeds.parquet",
            "--page", "results/seeds.html"]  # fmt: skip


def make(project, count) -> str:
    ended = project.python(*command(count))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@pytest.mark.slow
def test_seeds_are_added_one_after_the_other_and_an_old_one_is_run_again(project):
    folder = project.folder / "docs/seeds"
    first = make(project, 1)
    assert "base seed 1001: judging " in first
    assert not (project.folder / "results/variations/seed_1001").exists()
    kept = (folder / "seed_1001.csv").read_text()
    second = make(project, 2)
    assert "base seed 1001" not in second
    assert "base seed 1002: judging " in second
    assert (folder / "seed_1001.csv").read_text() == kept
    assert (folder / "seed_1002.csv").read_text() != kept
    assert "judging" not in make(project, 2)
    (folder / "seed_1001.csv").write_text(kept.replace("\n", "0\n").replace("digest0", "digest"))
    assert "verdicts are out of date" in make(project, 0)
    assert "base seed 1001: judging " in make(project, 1)
    assert (folder / "seed_1001.csv").read_text() == kept
    counts = pd.read_parquet(project.folder / "results/seeds.parquet")
    assert counts["seeds"].max() == 2


@pytest.mark.slow
@pytest.mark.trial
def test_an_interrupted_seed_goes_on_from_its_finished_files(project):
    project.hold("judge", "superpos.tables.stored")
    started = subprocess.Popen(
        [sys.executable, *command(1)], cwd=project.folder, env=project.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, process_group=0,
    )  # fmt: skip
    while not project.is_held() and started.poll() is None:
        time.sleep(0.05)
    os.killpg(started.pid, signal.SIGINT)
    assert started.wait(timeout=30) == 130
    project.release()
    models = project.folder.glob("results/variations/seed_1001/*/models/*/*.safetensors")
    assert list(models)
    assert not (project.folder / "docs/seeds/seed_1001.csv").exists()
    text = make(project, 1)
    assert "base seed 1001: judging " in text
    assert "train" not in text
    assert (project.folder / "docs/seeds/seed_1001.csv").exists()
