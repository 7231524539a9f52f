"""Rebuilds are exact: what an edit or a setting changes is made again, and nothing else."""

import os
import random
import shutil

import pandas as pd
import pytest
from project import tiny

from superpos import rebuild
from superpos.training.kernels.loops import wide

REPORT = {"report"}
CLAIMS = {"verdicts on the paper's claims"}
JUDGED = {"F1": CLAIMS | {"verdicts on the claims of intro.py"}, "sets": set()}
MEASURED = {e: {f"metrics of {e}"} for e in ("F1", "sets")}
FIGURES = {"F1": {"figure F1"}, "sets": {"figure bars"}}


def downstream(*experiments: str) -> set[str]:
    """What follows from other weights or metrics of the experiments."""
    return REPORT.union(*(MEASURED[e] | FIGURES[e] | JUDGED[e] for e in experiments))


def trains(planned: set[str]) -> set[str]:
    return {job for job in planned if job.startswith("train ")}


# The digest of code.


def digest(tmp_path, text: str) -> str:
    """The digest of a script of that text."""
    path = tmp_path / f"{random.random()}" / "script.py"
    path.parent.mkdir()
    path.write_text(text)
    return rebuild.code(path)


FUNCTION = "def f(x):\n    return x + 1\n"


@pytest.mark.parametrize(
    "text",
    [
        "# why\n" + FUNCTION,
        '"""What it is."""\n' + FUNCTION,
        'def f(x):\n    """What it does."""\n    return x + 1\n',
        "def f(x):\n\n    return x + 1  # one more\n",
        "def f( x ):\n  return (x + 1)\n",
    ],
)
def test_a_comment_a_docstring_or_a_blank_leaves_the_digest(tmp_path, text):
    assert digest(tmp_path, text) == digest(tmp_path, FUNCTION)


CHECKED = """
from __future__ import annotations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxtyping import Float

def f(x: Float[np.ndarray, "run"], name: str = "x") -> Float[np.ndarray, "run"]:
    if x < 0:
        raise ValueError(f"{name} is {x}" + "; raise it")
    return x
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("is {x}", "has the value {x}"),
        ("; raise it", "; give a larger one"),
        ("import Float", "import Float, Int"),
        ('x: Float[np.ndarray, "run"]', "x: float"),
        (' -> Float[np.ndarray, "run"]', ""),
        ("if TYPE_CHECKING:\n    from jaxtyping import Float\n", ""),
    ],
)
def test_the_text_of_an_error_and_what_only_a_type_checker_reads_leave_the_digest(
    tmp_path, old, new
):
    assert old in CHECKED
    assert digest(tmp_path, CHECKED.replace(old, new, 1)) == digest(tmp_path, CHECKED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(("ValueError", "TypeError"), ("x < 0", "x <= 0"), ('= "x"', '= "y"')),
        ("from __future__ import annotations\n", ""),
    ],
)
def test_what_is_raised_and_when_and_annotations_that_are_evaluated_are_code(tmp_path, old, new):
    assert digest(tmp_path, CHECKED.replace(old, new, 1)) != digest(tmp_path, CHECKED)


@pytest.mark.parametrize(
    "text",
    [
        *(FUNCTION.replace("1", "2"), FUNCTION.replace("+", "-"), FUNCTION.replace("f(", "g(")),
        *(FUNCTION + "\ny = 'text'\n", FUNCTION.replace("return", "'text'; return '' if 0 else")),
    ],
)
def test_other_code_has_another_digest(tmp_path, text):
    assert digest(tmp_path, text) != digest(tmp_path, FUNCTION)


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """A folder for what is known of texts, and a call that makes the process forget it."""
    caches = (rebuild.code, rebuild._found, rebuild._stored, rebuild._place)

    def forget():
        for cache in caches:
            cache.cache_clear()

    monkeypatch.setattr(rebuild, "STORED", tmp_path / "stored")
    forget()
    yield tmp_path / "stored", forget
    forget()


def test_a_digest_read_back_is_the_one_of_the_text(stored, monkeypatch):
    folder, forget = stored
    parsed = rebuild.code("superpos.training.fused")
    (path,) = folder.iterdir()
    good = path.read_bytes()
    for content in (good[:-9], b"[]", b"", b"\xff"):
        path.write_bytes(content)
        forget()
        assert rebuild.code("superpos.training.fused") == parsed
        assert path.read_bytes() == good
    forget()
    monkeypatch.setattr(rebuild, "_parsed", None)
    assert rebuild.code("superpos.training.fused") == parsed


def test_digests_need_no_folder_to_write_to(stored):
    folder, forget = stored
    parsed = rebuild.code("superpos.training.fused")
    shutil.rmtree(folder)
    folder.write_text("a file")
    forget()
    assert rebuild.code("superpos.training.fused") == parsed


def test_a_digest_covers_what_is_imported_directly_or_not():
    files = {f.name for f in rebuild._closure([rebuild._file("superpos.training.fused")])}
    assert {"fused.py", "run.py", "adam.py", "floats.py", "philox.py", "normal.py"} <= files
    other = {"geometry.py", "closed_forms.py", "store.py", "wide.py", "meter.py", "checkpoint.py"}
    assert not other & files


def test_what_training_imports_has_no_metric_figure_or_claim():
    for script in ("train", "training_set", "data"):
        path = rebuild.PACKAGE.parent / "workflow" / "scripts" / f"{script}.py"
        parts = {f.relative_to(rebuild.PACKAGE).parts[0] for f in rebuild._closure([path]) - {path}}
        assert (
            not {"metrics", "papers", "verdicts", "plotting", "theory", "tables", "report"} & parts
        )


def test_compiled_kernels_are_kept_under_the_digest_of_all_their_code():
    """numba itself would use stored code again after an edit of a module that the code calls."""
    code = rebuild.code("superpos.training.kernels.loops.wide")
    assert code in wide.train.stats.cache_path


# What Snakemake plans.


def test_a_second_run_plans_nothing(built):
    assert built.planned() == set()


@pytest.mark.slow
def test_a_figures_edit_draws_that_figure_again(project):
    project.edit(
        "superpos/papers/toy_models/introduction/figure_intro.py",
        "figsize=(2.9",
        "figsize=(3.0",
    )
    assert project.planned() == FIGURES["F1"] | REPORT


@pytest.mark.slow
def test_a_metrics_edit_measures_again_and_trains_nothing(project):
    old, new = "np.sqrt(squared_norms(W))", "1.0 * np.sqrt(squared_norms(W))"
    project.edit("superpos/metrics/geometry.py", old, new)
    assert project.planned() == downstream("F1", "sets")


def test_a_distributions_edit_trains_the_experiment_that_draws_from_it(project):
    project.edit("superpos/data/correlated.py", "columns(draw, 1, ", "columns(draw, 2, ")
    planned = project.planned()
    data = {job for job in planned if job.startswith(("conditions", "finite"))}
    assert {job.split()[0] for job in data} == {"conditions", "finite"}
    assert "conditions and held-out samples of sets" in data
    assert len(data) == 2
    assert trains(planned) == {
        f"train sets: density=0.3+importance={i}, block 0-2" for i in (1, 0.5)
    }
    assert planned - data - trains(planned) == downstream("sets")


@pytest.mark.slow
def test_an_engines_edit_trains_the_experiments_that_use_it(project):
    project.edit("superpos/training/kernels/adam.py", "number(1 - beta1)", "number(1.0 - beta1)")
    planned = project.planned()
    assert trains(planned) == {"train F1: all, block 0-2"}
    assert planned - trains(planned) == downstream("F1")


@pytest.mark.slow
def test_a_claims_edit_judges_again(project):
    project.edit(
        "superpos/papers/toy_models/introduction/claims_intro.py", "- 90).max()", "- 91).max()"
    )
    assert project.planned() == JUDGED["F1"] | REPORT


@pytest.mark.slow
def test_an_edit_of_the_page_makes_the_page(project):
    project.edit("superpos/report/templates/base.html", "<body", "<!-- other --><body")
    assert project.planned() == REPORT


def test_comments_docstrings_and_times_of_files_make_nothing_again(project):
    """Every module and script gets a comment and a changed docstring, and any time, as on checkout."""
    chance = random.Random(0)
    for path in sorted(project.folder.glob("superpos/**/*.py")):
        text = path.read_text()
        assert text.startswith('"""'), path
        path.write_text("# A comment.\n" + text.replace('"""', '"""Now: ', 1) + "\n# The end.\n")
    sources = [*project.folder.glob("superpos/**/*.py"), *project.folder.glob("workflow/**/*.*")]
    for path in [*sources, project.folder / "Snakefile", project.folder / "config.yaml"]:
        when = 1.7e9 + chance.uniform(0, 3e8)
        os.utime(path, (when, when))
    assert project.planned() == set()


@pytest.mark.slow
def test_an_edited_module_is_what_the_next_run_uses(project):
    before = pd.read_parquet(project.folder / "results/sets/features.parquet")
    old, new = "np.sqrt(squared_norms(W))", "2.0 * np.sqrt(squared_norms(W))"
    project.edit("superpos/metrics/geometry.py", old, new)
    project.run("results/sets/features.parquet")
    after = pd.read_parquet(project.folder / "results/sets/features.parquet")
    assert (after["feature_norm"] == 2 * before["feature_norm"]).all()
    assert project.planned() == {"metrics of F1"} | (downstream("F1", "sets") - {"metrics of sets"})


@pytest.mark.slow
def test_a_new_density_trains_its_own_job(project):
    config = tiny()
    config["experiments"]["sets"]["sweep"]["density"].append(0.6)
    project.configure(config)
    planned = project.planned()
    new = {f"train sets: density=0.6+importance={i}, block 0-2" for i in (1, 0.5)}
    data = {job for job in planned if job.startswith("finite training set ")}
    assert trains(planned) == new
    assert len(data) == 1
    assert planned - new - data == downstream("sets") | {"conditions and held-out samples of sets"}


@pytest.mark.slow
def test_more_replicates_train_the_new_runs_alone(project):
    old = project.results("results/sets/models")
    config = tiny()
    config["experiments"]["sets"]["replicates"] = 3
    project.configure(config)
    project.run("results/sets/runs.parquet")
    log = project.log("sets/train/density=0.3+importance=1/0-3.log")
    assert "trained 1 of 3 runs" in log
    config["experiments"]["sets"]["replicates"] = 6
    project.configure(config)
    project.run("results/sets/runs.parquet")
    assert "trained 1 of 4 runs" in project.log("sets/train/density=0.3+importance=1/0-4.log")
    assert "trained 2 of 2 runs" in project.log("sets/train/density=0.3+importance=1/4-6.log")
    runs = pd.read_parquet(project.folder / "results/sets/runs.parquet")
    assert runs.groupby("condition")["replicate"].apply(list).tolist() == [[0, 1, 2, 3, 4, 5]] * 2
    before = project.results("results/sets/models")
    assert {name: before[name] for name in old} == old


@pytest.mark.slow
def test_a_new_point_of_a_packed_sweep_trains_the_new_runs_alone(project):
    config = tiny()
    config["experiments"]["sets"]["pack"] = ["importance"]
    project.configure(config)
    project.run("results/sets/runs.parquet")
    config["experiments"]["sets"]["sweep"]["importance"].append(0.25)
    project.configure(config)
    project.run("results/sets/runs.parquet")
    assert "trained 2 of 6 runs" in project.log("sets/train/density=0.3/0-2.log")


@pytest.mark.slow
def test_a_condition_taken_away_is_read_by_nothing_downstream(project):
    config = tiny()
    config["experiments"]["sets"]["sweep"]["importance"] = [0.5]
    project.configure(config)
    planned = project.planned()
    assert trains(planned) == set()
    assert planned >= downstream("sets")
    project.run("results/sets/runs.parquet")
    for table in ("runs", "features", "history", "conditions"):
        rows = pd.read_parquet(project.folder / f"results/sets/{table}.parquet")
        assert set(rows["condition"]) == {"density=0.3,importance=0.5"}, table


@pytest.mark.slow
def test_a_setting_of_one_stage_makes_that_stage_again(project):
    for key, value, expected in (
        (
            "metrics",
            ["feature_norm", "superposition_unnormalised", "frobenius"],
            downstream("sets"),
        ),
        ("title", "Another title", REPORT),
    ):
        config = tiny()
        config["experiments"]["sets"][key] = value
        project.configure(config)
        assert project.planned() == expected, key
