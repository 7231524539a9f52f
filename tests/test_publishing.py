"""`make publish`: docs/ and the README are what their run gave, and any change is seen."""

import io
import os
import subprocess

import numpy as np
import pandas as pd
import pytest
from forked import client
from PIL import Image
from project import HERE, Project

from superpos.report import publishing, statement_rows

README = f"# Title\n\n{publishing.BEGIN}\nold\n{publishing.END}\n\nafter\n"
NOTHING = "Not published yet: `make` and then `make publish` fill this part."
CLAIMS = pd.DataFrame(
    {
        **{"claim": ["F1.a", "F1.b", "F3.c"], "figure": ["F1", "F1", "F3"]},
        **{"kind": "paper", "statement": ["F1.a", "F1.a", "F3.c"], "text": "that |x| is 1"},
        **{"models": "at rest", "source": "theory", "value": [1.0, 2.0, 3.0]},
        **{"low": 0.0, "high": [1.0, 1.0, np.inf], "replicates_hold": 1.0},
        "verdict": ["holds", "does not hold", "holds"],
        **{"reason": "", "best_of": [(), (), ()]},
    }
)
HELD = pd.DataFrame({"kind": ["paper", "paper", "ours"], "held": [10, 9, 10], "seeds": 10})
TITLES = {"F1": "Five |x|", "F3": "Twenty", "F9": "No claim"}


def test_what_was_published_is_what_its_run_gave():
    """Before the first time there is nothing in docs/ to compare, and the README says so."""
    readme, record = (HERE / "README.md").read_text(), HERE / "docs/published.json"
    if not record.is_file():
        assert publishing.generated_part(readme) == NOTHING
        assert not list((HERE / "docs").glob("*.html"))
        return
    published = publishing.Published.from_json(record.read_text())
    assert published.changed(readme, reader(HERE)) == []
    assert {"report.html", "verdicts.md", "times.tsv"} <= set(published.files)
    for name, text in publishing.SHOWN.items():
        assert f"![{text}](docs/pictures/{name}.png)" in readme.replace("\\|", "|")


def reader(folder):
    def read(name: str) -> bytes | None:
        path = folder / "docs" / name
        return path.read_bytes() if path.is_file() else None

    return read


def test_the_generated_part_counts_the_statements_of_each_figure():
    part = publishing.part(CLAIMS, HELD, TITLES, {"report": 90.0})
    assert part.startswith("**1 of 2 statements of the paper hold, 1 hold in part**; [")
    assert " hold with each of 10 other base seeds](docs/seeds.html)" in part
    assert "| F1 | Five \\|x\\| | 1 | 0 | `F1.a` |  |" in part
    assert "| F3 | Twenty | 1 | 1 |  |  |" in part
    assert "F9" not in part
    assert part.count("](docs/pictures/") == 2


def test_the_page_of_verdicts_has_a_row_a_claim():
    page = publishing.verdicts(CLAIMS, TITLES)
    assert page.count("\n| `") == 3
    assert "**that |x| is 1** (of the paper; holds in part)" in page
    assert "| `F1.b` | that \\|x\\| is 1 (theory) | 2 | 0 to 1 | 1 | **does not hold** |" in page


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


def test_a_page_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match="a published page has at most"):
        publishing.check_page_sizes({"report.html": bytes(publishing.MOST_PAGE_BYTES + 1)})


def run(script: str, *options: object) -> None:
    command = [client(), HERE / f"workflow/scripts/{script}.py", *options]
    here = {**os.environ, "PYTHONPATH": str(HERE)}
    subprocess.run(command, env=here, check=True, capture_output=True)


@pytest.fixture
def published(built, tmp_path) -> Project:
    """A folder with what the tiny pipeline gave, published."""
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "config.yaml").write_text((built.folder / "config.yaml").read_text())
    results = built.copy(tmp_path / "run").folder / "results"
    run("seeds", "--count", "0", "--results", results, "--tables", tmp_path / "docs/seeds",
        "--table", results / "seeds.parquet", "--page", results / "seeds.html")  # fmt: skip
    run("publish", "--results", results, "--docs", tmp_path / "docs",
        "--readme", tmp_path / "README.md")  # fmt: skip
    return Project(tmp_path)


@pytest.mark.slow
def test_publishing_the_tiny_pipeline_leaves_pictures_verdicts_pages_and_digests(published, built):
    docs, readme = published.folder / "docs", (published.folder / "README.md").read_text()
    for name in ("pictures/F1.png", "pictures/bars.png", "report.html", "verdicts.md", "times.tsv"):
        assert (docs / name).stat().st_size > 100, name
    claims = pd.read_parquet(built.folder / "results/claims.parquet")
    assert f"**{statement_rows.answer(statement_rows.rows(claims))}**" in readme
    record = publishing.Published.from_json((docs / "published.json").read_text())
    source = (built.folder / "results/claims.parquet").read_bytes()
    assert (docs / "claims.parquet").read_bytes() == source
    assert record.changed(readme, reader(published.folder)) == []


@pytest.mark.slow
def test_a_change_of_what_was_published_is_seen(published):
    docs, readme = published.folder / "docs", (published.folder / "README.md").read_text()
    record = publishing.Published.from_json((docs / "published.json").read_text())
    (docs / "verdicts.md").write_text("all hold")
    (docs / "pictures/F1.png").unlink()
    edited = readme.replace(" statements of", " of the statements of")
    changed = record.changed(edited, reader(published.folder))
    assert sorted(changed) == ["README.md", "pictures/F1.png", "verdicts.md"]
