"""`make publish`: docs/ and the README are what their run gave, and any change is seen."""

import io
import os
import shutil
import subprocess
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from forked import client
from PIL import Image
from project import HERE, Project, tiny

from superpos.config.paper_files import PaperFiles
from superpos.report import publishing, sections, site, statement_rows
from superpos.report.site.runs import PublishedRun, published
from superpos.storage import store
from superpos.storage.whole_files import DamagedFile
from superpos.verdicts import judging

README = f"# Title\n\n{publishing.BEGIN}\nold\n{publishing.END}\n\nafter\n"
NOTHING = "Not published yet: `make` and then `make publish` fill this part."
CLAIMS = pd.DataFrame(
    {
        **{"claim": ["F1.a", "F1.b", "F3.c", "F3.d"], "figure": ["F1", "F1", "F3", "F3"]},
        **{"kind": "paper", "statement": ["F1.a", "F1.a", "F3.c", "F3.d"]},
        **{"models": "main", "source": "theory", "value": [1.0, 2.0, 3.0, 2.0]},
        **{"low": 0.0, "high": [1.0, 1.0, np.inf, 1.0], "replicates_hold": 1.0},
        **{
            "verdict": ["holds", "does not hold", "holds", "does not hold"],
            "text": "that |x| is 1",
        },
        **{"reason": "", "best_of": [(), (), (), ()]},
    }
)
HELD = pd.DataFrame(
    {
        **{"statement": ["F3.c", "F3.d", "F9.e"], "kind": ["paper", "paper", "ours"]},
        **{"held": [10, 9, 10], "seeds": 10},
    }
)


def generated_part(readme):
    return readme.split(publishing.BEGIN)[1].split(publishing.END)[0].strip("\n")


def test_what_was_published_is_what_its_run_gave():
    """Before the first time there is nothing in docs/ to compare, and the README says so."""
    readme, docs = (HERE / "README.md").read_text(), HERE / "docs"
    if not (docs / "claims.parquet").is_file():
        assert generated_part(readme) == NOTHING
        return
    assert_intact(docs)
    assert generated_part(readme) == publishing.part_of(HERE)
    seeds = map(pd.read_csv, (HERE / "docs/seeds").glob("*.csv"))
    for table in (pd.read_parquet(HERE / "docs/claims.parquet"), *seeds):
        assert {*table["models"]} == {*judging.MODELS}
    for name in (*sections.of_paper("toy_models").BEST, "explorer"):
        assert f"](docs/pictures/{name}.png)" in readme


def assert_intact(docs):
    """Pictures and tables carry a checksum of what was published, so a change of one is seen."""
    for path in [*docs.rglob("pictures/*.png"), *docs.rglob("*.parquet")]:
        store.load_bytes(path)


@pytest.fixture
def docs(tmp_path):
    """A folder in which a run of the first paper is published, with two figures."""
    text = yaml.safe_dump({**tiny(), "figures": {"F1": {"draw": "intro", "from": ["F1"]}}})
    (tmp_path / "config.yaml").write_text(text)
    store.save_table(tmp_path / "docs/claims.parquet", CLAIMS)
    return tmp_path / "docs"


def test_the_generated_part_counts_statements_and_names_those_that_do_not_hold(docs):
    part = publishing.readme_part(published(docs), HELD, "")
    assert part.startswith("    make ")
    assert publishing.readme_part(published(docs), HELD, "https://x.org/y").startswith(
        "    git clone https://x.org/y superpos && cd superpos\n    make "
    )
    assert "**2 of 3 statements of the paper hold**" not in part
    assert (
        "*Toy Models of Superposition*: **1 of 3 statements of the paper hold, 1 holds in part**."
        in part
    )
    assert " 1 of 2 statements of the paper hold with each of 10 other base seeds." in part
    assert "<summary>The statement of this paper that does not hold</summary>" in part
    assert "- that \\|x\\| is 1 (`F3.d`, holds with 9 of 10 other base seeds)" in part
    assert "](docs/pictures/" not in part


def test_the_site_counts_the_statements_of_each_figure(docs):
    page = site.made("figures", docs)
    assert "| [F1](#figure-toy_models-f1) | Five features | 1 | 0 | `F1.a` |  |" in page
    assert (
        "[2 claims](#verdicts-toy_models-f1) are about it. The one statement of the paper does not hold"
        " in full." in page
    )
    assert "`make results/figures/F1.png` makes this figure." in page


def test_the_commands_of_any_paper_are_those_that_make_it(docs, monkeypatch):
    (docs.parent / "third_long.yaml").touch()
    (docs.parent / "third_untold.yaml").touch()
    third = PublishedRun(
        PaperFiles("third", "third.yaml", "results/third", command="make third"), docs
    )
    said = SimpleNamespace(TITLE="A Third Paper")
    monkeypatch.setattr(sections, "of_paper", lambda name: said)
    assert (
        publishing.commands(third) == "    make third   # A Third Paper: results/third/report.html"
    )
    said.MAKE = {"": "an hour", "long": "a day"}
    assert publishing.commands(third) == (
        "    make third        # an hour: results/third/report.html\n    make third_long   # a day"
    )


def draw(docs):
    (docs / "pictures").mkdir()
    (docs / "pictures/F1.png").touch()


def test_the_readme_shows_a_single_best_figure_in_a_table_of_its_own(docs):
    draw(docs)
    table = "| F1: Five features |\n|---|\n| ![Five features](docs/pictures/F1.png) |"
    assert table in publishing.readme_part(published(docs), HELD, "")


def test_a_picture_of_the_site_says_what_was_found_in_it(docs):
    draw(docs)
    said = r"![Five features. that \|x\| is 1 (holds in part)](pictures/F1.png)"
    assert said in site.made("figures", docs)


def test_the_page_of_verdicts_has_a_row_a_claim(docs):
    page = site.made("verdicts", docs)
    assert page.count("\n| `") == 4
    assert "**that \\|x\\| is 1** (of the paper; holds in part)" in page
    assert "| `F1.b` | that \\|x\\| is 1 (theory) | 0 to 1 | 2 | 1 | **does not hold** |" in page


def test_only_the_generated_part_of_the_readme_changes():
    readme = publishing.with_generated_part(README, "new")
    assert readme == README.replace("old", "new")
    assert publishing.with_generated_part(readme, "new") == readme
    with pytest.raises(ValueError, match="it needs the line"):
        publishing.with_generated_part("# Title", "new")


def test_a_picture_gets_small():
    noise = np.random.default_rng(0).integers(0, 255, (1500, 2200, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    small = publishing.picture(file.getvalue())
    assert len(small) < len(file.getvalue()) / 4
    assert max(Image.open(io.BytesIO(small)).size) == publishing.LONGER_SIDE


def run(script: str, *options: object) -> None:
    command = [client(), HERE / f"workflow/scripts/{script}.py", *options]
    here = {**os.environ, "PYTHONPATH": str(HERE)}
    subprocess.run(command, env=here, check=True, capture_output=True)


@pytest.fixture
def after_publishing(built, tmp_path) -> Project:
    """A folder with what the tiny pipeline gave, published."""
    project = built.copy(tmp_path / "run")
    (project.folder / "README.md").write_text(README)
    shutil.copy(HERE / "pyproject.toml", project.folder)
    results = project.folder / "results"
    run("seeds", "--count", "0", "--results", results, "--tables", project.folder / "docs/seeds",
        "--table", results / "seeds.parquet", "--page", results / "seeds.html")  # fmt: skip
    run("publish", "--paper", "toy_models", "--checkout", project.folder)
    return project


@pytest.mark.slow
def test_publishing_the_tiny_pipeline_leaves_pictures_verdicts_and_digests(after_publishing, built):
    folder = after_publishing.folder
    docs, readme = folder / "docs", (folder / "README.md").read_text()
    for name in ("pictures/F1.png", "pictures/bars.png", "seeds.parquet", "times.tsv"):
        assert (docs / name).stat().st_size > 100, name
    claims = pd.read_parquet(built.folder / "results/claims.parquet")
    assert f"**{statement_rows.answer(statement_rows.by_statement(claims))}**" in readme
    pd.testing.assert_frame_equal(pd.read_parquet(docs / "claims.parquet"), claims)
    assert_intact(docs)
    assert generated_part(readme) == publishing.part_of(folder)


@pytest.mark.slow
def test_a_change_of_what_was_published_is_seen(after_publishing):
    docs = after_publishing.folder / "docs"
    Image.open(docs / "pictures/F1.png").save(docs / "pictures/F1.png")
    with pytest.raises(DamagedFile):
        assert_intact(docs)
    readme = (after_publishing.folder / "README.md").read_text()
    edited = readme.replace(" statements of", " of the statements of")
    assert generated_part(edited) != publishing.part_of(after_publishing.folder)


def publish(project) -> subprocess.CompletedProcess:
    return project.python("workflow/scripts/publish.py", "--paper", "toy_models", "--checkout", ".")


@pytest.mark.slow
@pytest.mark.trial
def test_a_larger_run_is_published_too_if_it_is_up_to_date(after_publishing):
    """Its pictures and verdicts take the place of those of the run itself."""
    project = after_publishing
    docs, larger = project.folder / "docs", project.folder / "toy_models_larger.yaml"
    larger.write_text(yaml.safe_dump({"variation": "larger", "experiments": {"F1": {"steps": 40}}}))
    said = publish(project)
    assert "not published, because it was not run: larger (toy_models_larger.yaml)\n" in said.stdout
    (small,) = (run for run in published(docs))
    of_small, values = small.claims, small.claims.set_index("claim")["value"]
    project.make("--configfile", larger.name)
    assert publish(project).returncode == 0
    (found,) = (run for run in published(docs))
    assert list(found.claims["claim"]) == list(of_small["claim"])
    assert (found.claims.set_index("claim")["value"] != values).any()
    assert found.target("F1") == "results/variations/larger/figures/F1.png"
    assert found.target("bars") == "results/figures/bars.png"
    larger.write_text(larger.read_text().replace("40", "50"))
    said = publish(project)
    assert said.returncode == 1
    assert said.stderr.endswith(
        "larger is not up to date: run `.venv/bin/python workflow/run.py --configfile"
        " toy_models_larger.yaml`, or remove this folder\n"
    )


def test_the_last_run_that_could_test_a_claim_gives_its_verdict():
    tables = [
        pd.DataFrame({"claim": [*claims], "verdict": verdicts, "value": value})
        for claims, verdicts, value in (
            ("abc", ["holds", "not tested", "holds"], 1.0),
            ("bcd", ["holds", "not tested", "not tested"], 2.0),
        )
    ]
    found = judging.joined_verdicts(tables)
    assert [*found["claim"]] == ["a", "b", "c", "d"]
    assert [*found["value"]] == [1.0, 2.0, 1.0, 2.0]
    assert [*found["verdict"]] == ["holds", "holds", "holds", "not tested"]
