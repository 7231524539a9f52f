"""docs/adding.md, done word for word in a copy of the tiny pipeline."""

import ast
import re
from collections.abc import Mapping

import pandas as pd
import pytest
import yaml
from project import HERE, Project, tiny

TEXT = (HERE / "docs/adding.md").read_text()
WRITTEN = re.compile(r"[Ii]n `([\w./]+)`:\n\n```\w+\n(.*?)```", re.DOTALL)


def blocks(heading: str) -> list[tuple[str, str]]:
    """The files that a section tells to write, with their contents."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return WRITTEN.findall(section)


def merged(lower, upper):
    """Mappings key by key, everything else replaced."""
    both = {k: merged(lower[k], v) for k, v in upper.items() if isinstance(lower.get(k), Mapping)}
    return {**lower, **upper, **both}


def follow(project: Project, config: dict, heading: str) -> dict:
    """Do what a section says; the config that it leaves."""
    for path, content in blocks(heading):
        if path == "config.yaml":
            config = merged(config, yaml.safe_load(content))
            project.configure(config)
        else:
            (project.folder / path).write_text(content)
    return config


def test_every_section_tells_what_to_write():
    counts = {"An experiment": 1, "A metric": 2, "A figure": 2, "A model": 2}
    counts["A feature distribution"] = 2
    assert {heading: len(blocks(heading)) for heading in counts} == counts
    for heading in counts:
        for path, content in blocks(heading):
            assert yaml.safe_load(content) if path == "config.yaml" else ast.parse(content)


@pytest.mark.slow
def test_what_the_page_adds_is_made_as_it_says(project):
    config = follow(project, tiny(), "An experiment")
    assert "train F1_small_batch: all, block 0-2" in project.planned()
    config = follow(project, config, "A metric")
    planned = project.planned()
    assert "metrics of F1" in planned
    assert not [job for job in planned if job.startswith("train F1:")]
    config = follow(project, config, "A figure")
    config = follow(project, config, "A model")
    follow(project, config, "A feature distribution")
    project.make("--cores", "1")
    results = project.folder / "results"
    assert set(pd.read_parquet(results / "F1_small_batch/runs.parquet")["batch"]) == {8}
    assert (results / "figures/F1_F1_small_batch.svg").is_file()
    overlap = pd.read_parquet(results / "F1/features.parquet")["largest_overlap"]
    assert overlap.between(-1, 1 + 1e-6).all()
    assert (results / "figures/overlap.svg").is_file()
    features = pd.read_parquet(results / "untied/features.parquet")
    assert {"W", "W_out"} <= set(features)
    shared = pd.read_parquet(results / "F1_shared_value/runs.parquet")
    assert set(shared["engine"]) == {"reference"}
    assert shared["loss"].between(1e-3, 10).all()
    assert (
        "Five features in two dimensions, in small batches" in (results / "report.html").read_text()
    )
