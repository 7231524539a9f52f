"""The package: what a wheel holds, and that it works where nothing else of the project is."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).parents[1]
USE = """
import superpos
assert superpos.__file__.startswith({folder!r}), superpos.__file__
few = dict(steps=5, batch=8, replicates=2, engine="reference", threads=1)
assert superpos.train(5, 2, density=0.1, **few).W.shape == (2, 5, 2)
assert len(superpos.sweep("F1", **few).runs) == 6
assert superpos.metrics.names() and superpos.theory.__doc__
"""


def test_the_citation_has_the_packages_version_and_licence():
    citation = yaml.safe_load((HERE / "CITATION.cff").read_text())
    import superpos

    assert citation["version"] == superpos.__version__
    assert citation["license"] == "MIT"
    assert (HERE / "LICENSE").read_text().startswith("MIT License")
    assert citation["references"][0]["title"] == "Toy Models of Superposition"


def test_the_hooks_run_what_make_check_runs():
    hooks = yaml.safe_load((HERE / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    recipe = (HERE / "Makefile").read_text().replace("$(PY)", ".venv/bin/python")
    for hook in hooks:
        assert hook["entry"] in recipe, hook["id"]


def test_the_catalogs_file_says_how_the_software_is_deployed():
    usage = yaml.safe_load((HERE / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment"}
    assert usage["software-stack-deployment"]["report"] is True


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=HERE, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_a_wheel_holds_the_library_its_pages_its_types_and_the_config(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("py.typed", "config.yaml", "report/templates/report.html", "cli/commands/demo.py"):
        assert f"superpos/{name}" in names
    assert not [name for name in names if not name.startswith("superpos")]


@pytest.mark.slow
def test_an_installed_wheel_trains_and_sweeps_far_from_the_repository(wheel, tmp_path):
    """The packages that it needs are those of this environment."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    target = ["--target", site, "--no-deps", "--no-index", "--quiet", wheel]
    subprocess.run([sys.executable, "-m", "pip", "install", *target], check=True)
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (site / "packages.pth").write_text("\n".join(ours))
    python, elsewhere = venv / "bin" / "python", {"cwd": tmp_path, "env": {}}
    use = [python, "-c", USE.format(folder=str(venv))]
    ended = subprocess.run(use, **elsewhere, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    helped = subprocess.run([python, "-m", "superpos"], **elsewhere, capture_output=True, text=True)
    assert "python -m superpos demo" in helped.stdout
