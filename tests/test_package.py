"""The package: what it needs, what a wheel holds, and that it works where nothing else of the project is."""

import ast
import importlib.metadata
import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import compiled_once
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from superpos.config.layers import merged
from superpos.config.resolving import resolve
from superpos.training.engines import engine

HERE = Path(__file__).parents[1]
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
USE = """
import superpos, sys
assert superpos.__file__.startswith({folder!r}), superpos.__file__
few = dict(steps=5, batch=8, replicates=2, threads=1)
models = superpos.train(5, 2, density=0.1, **few)
assert models.W.shape == (2, 5, 2) and models.engine == "fused"
assert superpos.draw("F1", superpos.sweep("F1", **few)).axes
assert superpos.metrics.names() and superpos.theory.__doc__
import numpy as np
from superpos.papers.toy_models.geometry.figure_feature_geometry import _spread
wants = {{
    "torch": [
        lambda: superpos.ToyModel,
        lambda: models.model(0),
        lambda: superpos.train(5, 2, density=0.1, engine="reference", **few),
        lambda: superpos.sweep("F1", engine="reference", **few),
        lambda: __import__("superpos.training.reference"),
    ],
    "figures": [lambda: _spread(np.eye(2), np.arange(2))],
    "pipeline": [lambda: __import__("superpos.report.page")],
    "gpu": [lambda: __import__("superpos.training.gpu.engine")],
}}
for extra, calls in wants.items():
    for call in calls:
        try:
            call()
        except ModuleNotFoundError as error:
            assert str(error).endswith(f'not installed: pip install "superpos[{{extra}}]"'), error
        else:
            raise AssertionError(extra)
assert superpos.train(5, 2, density=0.1, engine="gpu", **few).engine == "fused"
"""
IMPORTED_AS = {"yaml": "pyyaml", "PIL": "pillow", "llvmlite": "numba", "markupsafe": "jinja2"}
"""The names of packages that are imported by another name, or that another one brings."""


def test_the_citation_has_the_packages_version_and_licence():
    citation = yaml.safe_load((HERE / "CITATION.cff").read_text())
    import superpos

    assert citation["version"] == superpos.__version__
    assert citation["license"] == "MIT"
    assert (HERE / "LICENSE").read_text().startswith("MIT License")
    titles = [one["title"] for one in citation["references"]]
    assert titles[0] == "Toy Models of Superposition"
    assert titles[1] == "Superposition, Memorization, and Double Descent"


def test_the_hooks_run_what_make_check_runs():
    hooks = yaml.safe_load((HERE / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    recipe = (HERE / "Makefile").read_text().replace("$(PY)", ".venv/bin/python")
    for hook in hooks:
        assert hook["entry"] in recipe, hook["id"]


def test_the_catalogs_file_says_how_the_software_is_deployed():
    usage = yaml.safe_load((HERE / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment"}
    assert usage["software-stack-deployment"]["report"] is True


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("[!.]*.yaml")))
def test_a_command_installs_torch_if_the_reference_engine_trains_one_of_its_experiments(name):
    paper = "double_descent.yaml" if name.startswith("double_descent") else "config.yaml"
    raw = [yaml.safe_load((HERE / file).read_text()) for file in dict.fromkeys((paper, name))]
    found = [
        own
        for own, one in resolve(merged(raw)).experiments.items()
        if any(engine(one.settings.engine, c) == "reference" for c in one.conditions.values())
    ]
    assert found == (["H"] if name == "double_descent_full.yaml" else [])
    rules = re.findall(r"^\w+: (\S+) ##.*\n\t(.*)$", (HERE / "Makefile").read_text(), re.M)
    with_torch = [recipe for needed, recipe in rules if needed in (".venv/triton", ".venv/dev")]
    assert bool(found) == any(name in recipe for recipe in with_torch)


def minor_versions() -> list[str]:
    """The versions of Python that `requires-python` allows."""
    allowed = SpecifierSet(PROJECT["requires-python"])
    return [version for version in (f"3.{minor}" for minor in range(30)) if version in allowed]


def test_each_promised_python_has_a_wheel_of_each_locked_package():
    """As `make lock` found it for exactly these pins. It writes no lock file if a wheel is missing."""
    lock = runpy.run_path(str(HERE / "workflow/lock.py"))
    assert lock["promised"](PROJECT["classifiers"]) == minor_versions()
    for name in lock["LOCKS"]:
        lines = (HERE / f"{name}.lock").read_text().splitlines()
        assert lines[1] == lock["wheels"](minor_versions(), lines), name
    changed = [line.replace("numpy==", "numpy==9") for line in lines]
    assert lock["wheels"](minor_versions(), [*changed, "numpy==1"]) != lines[1]


def test_make_refuses_the_versions_of_python_that_pip_refuses():
    makefile = (HERE / "Makefile").read_text()
    code = re.search(r"PYTHON\) -c '(import sys; sys.exit\(.*version_info.*)'", makefile)[1]
    said = re.search(r"superpos needs Python (.*?): make", makefile)[1]
    test = code.removeprefix("import sys; sys.exit(not ").removesuffix(")")
    for minor in range(30):
        named = type("sys", (), {"version_info": (3, minor, 1)})
        assert eval(test, {"sys": named}) == (f"3.{minor}" in minor_versions()), minor
    assert re.findall(r"3\.\d+", said) == minor_versions()


def packages(extra: str) -> set[str]:
    """What an extra adds to the core, with the extras that it includes."""
    found = set()
    for wanted in map(Requirement, EXTRAS[extra]):
        inside = [packages(one) for one in wanted.extras] if wanted.name == "superpos" else []
        found |= {wanted.name}.union(*inside)
    return found - {"superpos"}


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """The packages that a file imports, each with the extra that it names for it, or an empty text."""
    waiting: list[tuple[ast.AST, str]] = [(ast.parse(path.read_text()), "")]
    while waiting:
        node, extra = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.With) and "lookup.extra(" in ast.unparse(node.items[0]):
            extra = ast.literal_eval(node.items[0].context_expr.args[0])
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], extra) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).split(".")[0], extra
        waiting += [(child, extra) for child in ast.iter_child_nodes(node)]


def test_an_import_that_needs_an_extra_names_it():
    core = {Requirement(text).name for text in PROJECT["dependencies"]}
    seen = set()
    for path in (HERE / "superpos").rglob("*.py"):
        file = path.relative_to(HERE / "superpos").as_posix()
        if file == "training/gpu/__init__.py" or "gpu/kernels/" in file:
            continue  # they look for the packages first, and so does the kernels' own package
        for name, extra in imports(path):
            package = IMPORTED_AS.get(name, name)
            if name != "superpos" and name not in sys.stdlib_module_names:
                assert package in (packages(extra) if extra else core), f"{file}: {name}"
                seen.add(extra)
    assert seen == {"", "torch", "figures", "pipeline", "gpu"}


def build(kind: str, folder: Path, source: Path = HERE) -> Path:
    """A wheel or a source archive, built from a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = folder.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.mark.slow
def test_a_wheel_holds_the_library_its_pages_its_types_and_the_config(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("py.typed", "config.yaml", "report/templates/report.html", "cli/commands/demo.py"):
        assert f"superpos/{name}" in names
    assert not [name for name in names if not name.startswith("superpos")]


@pytest.mark.slow
def test_builds_give_the_same_bytes_and_the_source_archive_builds_the_same_wheel(wheel, tmp_path):
    archives = [build("sdist", tmp_path / name) for name in ("first", "second")]
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with tarfile.open(archives[0]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.glob("superpos-*")
    assert (source / "LICENSE").is_file()
    assert (source / "CHANGELOG.md").is_file()
    os.utime(source / "superpos/lookup.py", (0, 0))
    assert build("wheel", tmp_path / "again", source).read_bytes() == wheel.read_bytes()


def link_packages(wanted: list[str], site: Path) -> set[str]:
    """Link the distributions that these need, without their extras, from this environment to another."""
    linked: set[str] = set()
    while wanted:
        found = importlib.metadata.distribution(wanted.pop())
        if found.name in linked:
            continue
        linked.add(found.name)
        for top in {file.parts[0] for file in found.files} - {"..", "__pycache__"}:
            (site / top).exists() or (site / top).symlink_to(Path(found.locate_file(top)).resolve())
        needs = [Requirement(text) for text in found.requires or ()]
        wanted += [r.name for r in needs if r.marker is None or r.marker.evaluate({"extra": ""})]
    return linked


@pytest.mark.slow
def test_the_core_of_a_wheel_trains_sweeps_and_draws_and_says_which_extra_more_needs(
    wheel, tmp_path
):
    """An environment with the packages that the core needs and no others, far from the repository."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    target = ["--target", site, "--no-deps", "--no-index", "--quiet", wheel]
    subprocess.run([sys.executable, "-m", "pip", "install", *target], check=True)
    # The compiled kernels of this checkout are reused where the times of the files are the same.
    for path in (HERE / "superpos").rglob("*.py"):
        shutil.copystat(path, site / path.relative_to(HERE))
    compiled_once.among_copies(site)
    linked = link_packages([Requirement(text).name for text in PROJECT["dependencies"]], site)
    assert not linked & {"torch", "networkx", "snakemake", "plotly", "Jinja2", "scipy"}
    python, elsewhere = venv / "bin" / "python", {"cwd": tmp_path, "env": {}}
    use = [python, "-c", USE.format(folder=str(venv))]
    ended = subprocess.run(use, **elsewhere, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    helped = subprocess.run([python, "-m", "superpos"], **elsewhere, capture_output=True, text=True)
    assert "python -m superpos demo" in helped.stdout
