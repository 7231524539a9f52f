"""Other machines, users and folders: the pipeline works there, or says in one line what to do."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import forked
import numba
import pytest
from project import HERE, Project, fresh, tiny

from superpos.metrics import losses
from superpos.numerics import folders, stored_code

CONDITIONS = "results/sets/conditions.parquet"


@pytest.fixture
def empty(tmp_path) -> Project:
    """The project in a folder with a blank and braces in its path, without results."""
    return fresh(tmp_path / "a {x} b" / "project", tiny())


def said(command, folder, **variables) -> str:
    """What a command prints that fails, without what Snakemake says first."""
    ended = subprocess.run(
        [forked.client(), *map(str, command)],
        **{"cwd": folder, "text": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT},
        **{"check": False, "env": {**os.environ, "PYTHONPATH": "", **variables}},
    )
    assert ended.returncode
    first = ("Using workflow", "Config file", "Creating specified")
    return "\n".join(line for line in ended.stdout.splitlines() if not line.startswith(first))


def run(project, *arguments, **variables):
    """Run the pipeline from another folder, without the environment's own copy of the package."""
    variables = {**os.environ, "PYTHONPATH": "", **variables}
    script = project.folder / "workflow" / "run.py"
    command = [forked.client(), str(script), "--cores", "1", *arguments]
    subprocess.run(command, cwd="/", env=variables, check=True, stdout=subprocess.DEVNULL)


@pytest.mark.slow
def test_it_runs_from_any_folder_in_any_folder(empty):
    run(empty, CONDITIONS)
    assert (empty.folder / CONDITIONS).exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("home", "made"),
    [
        ("/dev/null", CONDITIONS),
        pytest.param("/proc/none", "results/figures/bars.png", marks=pytest.mark.trial),
    ],
)
def test_a_home_that_takes_no_files_is_replaced(empty, home, made):
    run(empty, made, HOME=home, XDG_CACHE_HOME="")
    assert (empty.folder / made).exists()
    assert (empty.folder / ".snakemake" / "home").is_dir()


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [["--directory", "elsewhere"], ["-s", "{project}/Snakefile"], ["-s", "module"]]
)
def test_snakemake_started_elsewhere_says_where_to_run_it(empty, tmp_path, arguments):
    (tmp_path / "module").write_text(
        f"module superpos:\n    snakefile: {str(empty.folder / 'Snakefile')!r}\n"
        "use rule * from superpos\n"
    )
    here = empty.folder if arguments[0] == "--directory" else tmp_path
    words = [word.format(project=empty.folder) for word in arguments]
    text = said(["-m", "snakemake", "--cores", "1", "--dry-run", *words], here)
    assert text == (
        f"config: superpos runs only as a whole, in its own folder; cd '{empty.folder}', then make"
    )


@pytest.mark.slow
def test_the_config_file_that_is_checked_is_the_one_that_is_read(empty, tmp_path):
    (empty.folder / "over.yaml").write_text("experiments: {sets: {steps: 21}}\n")
    (tmp_path / "over.yaml").write_text("__use_yte__: true\n")
    command = [empty.folder / "workflow" / "run.py", "--dry-run", "--configfile", "over.yaml"]
    text = said(command, tmp_path)
    assert text.startswith(f"config: {tmp_path}/over.yaml, line 1: key __use_yte__")
    assert said([*command[:2], "--configfiles", "over.yaml"], tmp_path) == text
    assert "ambiguous option" in said([*command[:2], "--configfil", "over.yaml"], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("words", [["seed"], ["seed=1", "variation"]])
def test_a_value_without_a_key_is_refused_in_one_line(empty, words):
    command = [empty.folder / "workflow" / "run.py", "--dry-run", "--config", *words]
    assert said(command, empty.folder) == f"config: --config {words[-1]}: this is not KEY=VALUE"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("latin.yaml", b"experiments: {sets: {title: '\xe9'}}", "latin.yaml: byte 29 is not UTF-8"),
        ("my-run.yaml", b"experiments: {sets: {steps: 21}}", "add --config variation=my_run"),
        ("none.yaml", b"theory: {}", "it changes no experiment and adds none; change one, or edit"),
    ],
)
def test_a_config_file_that_does_not_fit_says_what_to_do(empty, tmp_path, name, content, text):
    (tmp_path / name).write_bytes(content)
    command = [empty.folder / "workflow" / "run.py", "--dry-run", "--configfile", name]
    found = said(command, tmp_path)
    assert text in found
    assert found.count("\n") == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "near"),
    [
        ("results/figures/f1.png", "did you mean results/figures/F1.png? figures: F1, bars"),
        ("results/sets/rusn.parquet", "did you mean results/sets/runs.parquet? "),
        ("results/other/runs.parquet", "results/"),
        ("results/sets/models/density=7/0-2.safetensors", "figures: F1, bars"),
        ("zzz", "nothing makes zzz; figures: F1, bars"),
    ],
)
def test_a_target_that_nothing_makes_is_refused_with_the_nearest(empty, target, near):
    text = said([empty.folder / "workflow" / "run.py", "--dry-run", target], empty.folder)
    assert text.startswith(f"run: nothing makes {target}; ")
    assert near in text
    assert text.count("\n") == 0


@pytest.mark.parametrize(
    ("target", "near"),
    [
        ("reprot", "did you mean `make results/report.html`?"),
        ("verfy", "did you mean `make verify`?"),
        ("clean", "did you mean `make clean-stale`?"),
        ("f8", "did you mean `make results/figures/F8.png`?"),
        ("F1.png", "did you mean `make results/figures/F1.png`?"),
        ("zzz", "`make help` lists what can be made"),
    ],
)
def test_make_names_the_nearest_target(target, near):
    ended = _make(target)
    assert ended.returncode == 2
    assert ended.stdout == f"make: nothing makes {target!r}; {near}\n"


def test_make_help_lists_the_commands_and_the_figures():
    text = _make("help").stdout
    assert re.search(r"^make plan +shows what `make` would do", text, re.MULTILINE)
    assert " F1, F2, " in text
    assert re.search(r"/figures/NAME.png, .* F20, F21$", text, re.MULTILINE)
    assert re.search(r"double_descent/figures/NAME.png, .* M2, O2, ", text)


@pytest.mark.parametrize("words", [["seeds"], ["publish", "PAPER=double_descent"]])
def test_make_runs_the_code_of_its_own_checkout(empty, words):
    """Even if its .venv has installed another: that of the folder from which it was copied."""
    shutil.copy(HERE / "Makefile", empty.folder)
    (empty.folder / ".venv").symlink_to(sys.prefix)
    options = empty.folder / "superpos" / "cli" / "script_options.py"
    options.write_text("raise SystemExit('the code of the copy')\n")
    ended = _make("-o", "run", *words, cwd=empty.folder)
    assert ended.stderr.splitlines()[0] == "the code of the copy"


def _make(*words, cwd=HERE):
    if not shutil.which("make"):
        pytest.skip("there is no make here")
    command = ["make", f"PYTHON={sys.executable}", *words]
    # `make test` tells the makes within it that they are: they would then print their folder.
    apart = ("MAKELEVEL", "MAKEFLAGS", "MFLAGS", "PYTHONPATH")
    env = {k: v for k, v in os.environ.items() if k not in apart}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=env)


@numba.njit(cache=True)
def of_a_user(x):
    return x


def test_compiled_code_of_the_package_has_one_place_and_a_users_keeps_its_own():
    ours = losses._errors._cache.cache_path
    assert Path(ours).is_relative_to(stored_code.cache_folder())
    theirs = of_a_user._cache.cache_path
    assert numba.config.CACHE_DIR or Path(theirs) == Path(__file__).parent / "__pycache__"


DRAW = """
import numpy as np
from superpos.numerics import philox

philox.words(np.uint64(1), 0, 0, 0, 4)
print(len(philox.words.stats.cache_misses), "compiled")
"""


def drawing(folder: Path) -> subprocess.Popen:
    """A process that needs a kernel, with compiled code in that folder."""
    return subprocess.Popen(
        [sys.executable, "-c", DRAW],
        **{"env": {**os.environ, "NUMBA_CACHE_DIR": str(folder)}, "cwd": HERE, "text": True},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT},
    )


def test_a_process_waits_for_a_kernel_that_another_compiles_and_loads_it(tmp_path):
    first, _ = drawing(tmp_path / "first").communicate()
    assert re.fullmatch(
        r"compiling kernels, once per checkout\nkernels compiled in \d+\.\d s\n1 compiled\n", first
    )
    (lock,) = (tmp_path / "first").rglob("*.lock")
    held = tmp_path / "second" / lock.relative_to(tmp_path / "first")
    held.parent.mkdir(parents=True)
    with open(held, "w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        with drawing(tmp_path / "second") as second:
            assert second.stdout.readline() == "compiling kernels, once per checkout\n"
            for stored in lock.parent.glob("*.nb?"):
                shutil.copy2(stored, held.parent)
            fcntl.lockf(file, fcntl.LOCK_UN)
            assert second.stdout.read().endswith("0 compiled\n")


def test_without_a_writable_checkout_or_home_compiled_code_goes_to_a_private_folder(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(folders.tempfile, "tempdir", str(tmp_path))
    takes = folders.takes_files
    monkeypatch.setattr(folders, "takes_files", lambda folder: False)
    chosen = stored_code.cache_folder.__wrapped__()
    assert takes(chosen)
    assert chosen.parent == tmp_path
    assert chosen.stat().st_mode & 0o777 == 0o700
    assert stored_code.cache_folder.__wrapped__() == chosen


@pytest.mark.parametrize("kind", ["open to others", "a link"])
def test_a_temporary_folder_that_others_could_fill_is_not_used(monkeypatch, tmp_path, kind):
    monkeypatch.setattr(folders.tempfile, "tempdir", str(tmp_path))
    planted = tmp_path / f"superpos-{os.getuid()}"
    (tmp_path / "theirs").mkdir(mode=0o700)
    if kind == "a link":
        planted.symlink_to(tmp_path / "theirs")
    else:
        planted.mkdir()
        planted.chmod(0o777)
    assert folders.temporary("superpos") != planted


def test_a_cache_folder_without_a_home_is_no_folder_named_tilde(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert not folders.takes_files(folders.cache())
