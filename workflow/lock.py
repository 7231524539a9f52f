"""Pin the packages that `make` and `make test` install; `make lock` runs this.

The packages that pyproject.toml asks for get the versions that they have in .venv, and digests of their
files. A lock file is written only if every package has a wheel for every promised version of Python on
PLATFORMS. Its second line lists these, and tests/test_package.py checks it.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parents[1]
UV = [HERE / ".venv/tools/bin/python", "-m", "uv", "pip", "compile", "-q", "--no-config"]
UV += ["--no-header", "--no-annotate"]
LOCKS = {
    "requirements": ("slurm", ()),
    "requirements-docs": ("docs", ("requirements",)),
    "requirements-triton": ("gpu", ("requirements",)),
    "requirements-dev": ("dev", ("requirements", "requirements-triton")),
}
"""The extra of each lock file, and the files installed before it, whose packages it leaves out."""
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin")
SOURCE_ONLY = {"connection-pool"}
"""Packages without any wheel. They are plain Python, which needs no compiler."""
WITHOUT_DIGEST = re.compile(r"torch|nvidia-.*|cuda-.*")
"""Torch, whose files differ by kind of GPU, and the packages that a CUDA build of it installs."""


def main() -> None:
    """Write the lock files, or end with a line that says which package has no wheel."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    versions = promised(project["project"]["classifiers"])
    freeze = [sys.executable, "-m", "pip", "freeze", "--exclude", "superpos"]
    installed = subprocess.run(freeze, check=True, text=True, stdout=subprocess.PIPE).stdout
    pinned = "\n".join(re.findall(r"^[\w.-]+==[^\s+]+", installed, re.MULTILINE))
    # What installs this checkout in place.
    tools = "\n".join([*project["build-system"]["requires"], "editables"])
    names: dict[str, set[str]] = {}
    for file, (extra, before) in LOCKS.items():
        left_out = set().union(*(names[other] for other in before))
        lines = _resolved(versions[0], extra, pinned, tools, left_out)
        names[file] = {*map(package, lines)}
        _check_wheels(lines, versions)
        head = [
            (HERE / f"{file}.lock").read_text(encoding="utf-8").split("\n")[0],
            wheels(versions, lines),
        ]
        (HERE / f"{file}.lock").write_text("\n".join([*head, *lines, ""]), encoding="utf-8")


def promised(classifiers: list[str]) -> list[str]:
    """The versions of Python that the classifiers name."""
    found = [re.search(r"Python :: (3\.\d+)$", classifier) for classifier in classifiers]
    return [version[1] for version in found if version]


def package(line: str) -> str:
    """The name of the package that a line pins; empty for a line of digests."""
    pin = re.match(r"[\w.-]+(?===)", line)
    return pin[0] if pin else ""


def wheels(versions: list[str], lines: list[str]) -> str:
    """The line that says for which versions these packages have wheels."""
    pins = [line.removesuffix(" \\") for line in lines if package(line)]
    digest = hashlib.sha256("\n".join(pins).encode()).hexdigest()[:16]
    return f"# Wheels for Python {', '.join(versions)} were found by `make lock` for the pins {digest}."


def _resolved(version: str, extra: str, pinned: str, tools: str, left_out: set[str]) -> list[str]:
    """The lines of a lock file: what the extra needs on any platform, without the excluded packages."""
    with tempfile.TemporaryDirectory() as folder:
        (constraints := Path(folder, "pinned.txt")).write_text(pinned, encoding="utf-8")
        (more := Path(folder, "tools.txt")).write_text(tools, encoding="utf-8")
        wanted = [HERE / "pyproject.toml", more, "--extra", extra, "--constraints", constraints]
        found = _uv(*wanted, "--universal", "--python-version", version, "--generate-hashes")
    kept, lines = True, []
    for line in found.stdout.splitlines():
        if name := package(line):
            kept = name not in left_out and not WITHOUT_DIGEST.fullmatch(name)
        lines += [line] if kept else []
    return lines


def _check_wheels(lines: list[str], versions: list[str]) -> None:
    pins = [line.removesuffix(" \\") for line in lines if package(line) not in {"", *SOURCE_ONLY}]
    with tempfile.TemporaryDirectory() as folder:
        (file := Path(folder, "pins.txt")).write_text("\n".join(pins), encoding="utf-8")
        for version in versions:
            for platform in PLATFORMS:
                place = ["--python-version", version, "--python-platform", platform]
                _uv(file, "--no-deps", "--only-binary", ":all:", *place)


def _uv(*words: str | Path) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run([*UV, *words], cwd=HERE, text=True, capture_output=True)
    if ended.returncode:
        sys.exit(f"lock: {' '.join(map(str, words[-4:]))}: {ended.stderr.strip()}")
    return ended


if __name__ == "__main__":
    main()
