"""`make double_descent` in small, from nothing to a report and a manifest that fits."""

import pytest
import yaml
from forked import forking
from test_double_descent_needs import small

OPTIONS = ("--config", "paper=double_descent")
THEORY = {
    "polygon_features": {"polygons": [5, 6]},
    "overlaps": {"samples": [2, 5, 1000], "simulated": 5, "sets": 100},
    "polygon_memory": {"samples": [3, 5], "minimised": 3},
}
"""The settings with which tables of theory are made in a moment."""


@pytest.mark.slow
def test_the_second_paper_in_small_runs_from_its_training_sets_to_its_manifest(project):
    raw = small()
    for name, settings in THEORY.items():
        raw["theory"][name]["settings"] |= settings
    (project.folder / "double_descent.yaml").write_text(yaml.safe_dump(raw, sort_keys=False))
    results = project.folder / "results/double_descent"
    with forking(project):
        project.make(*OPTIONS)
        assert project.planned(*OPTIONS) == set()
        page = (results / "report.html").read_text()
        said = page.index("Of the main statements these hold: ")
        assert page.index("<h1") < said < page.index('<section id="explorer"')
        drawn = {path.stem for path in results.glob("figures/*.png")}
        assert drawn == raw["figures"].keys()
        for paper in "toy_models", "double_descent":
            written = project.python("-m", "superpos", "verify", "--write", "--paper", paper)
            assert written.returncode == 0, written.stderr
        of_this = project.folder / "double_descent.digests"
        assert "M2/runs.parquet" in of_this.read_text()
        (results / "S/runs.parquet").unlink()
        verified = project.python("-m", "superpos", "verify")
        assert "  S/runs.parquet is missing\n" in verified.stdout
