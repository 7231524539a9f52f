"""README.md, CONTRIBUTING.md and docs/: every file and every command that they name exists."""

import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml
from project import HERE
from test_adding import WRITTEN
from variations import small

import superpos
from superpos.__main__ import parser_and_commands
from superpos.config import shipped
from superpos.config.paper_files import paper_of_file

PAGES = [
    *(
        HERE / name
        for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "results/README.md")
    ),
    *sorted((HERE / "docs").glob("*.md")),
]
SUFFIXES = "py|smk|md|yaml|yml|toml|json|lock|cff|ipynb|tsv|html|parquet|svg|png"
SITE = "build/docs/"
"""What `make docs` builds."""
WRITTEN_BY_A_WALK = {path for path, _ in WRITTEN.findall((HERE / "docs/adding.md").read_text())}
LATER = {"wide.yaml"}
"""Files that a reader is told to write."""
TARGETS = set(re.findall(r"^([\w/.%-]+):(?!=)", (HERE / "Makefile").read_text(), re.MULTILINE))


def patterns() -> list[str]:
    """The files and folders that results/README.md says the pipeline makes, {name} for any name."""
    cells = re.findall(r"^\| (`.*?`) \|", (HERE / "results/README.md").read_text(), re.MULTILINE)
    files = [p.rstrip("/") for cell in cells for p in re.findall(r"`(.+?)`", cell)]
    return [*files, *(p.rpartition("/")[0] for p in files if "/" in p)]


def made(name: str) -> bool:
    """Whether the pipeline makes such a file or folder of results/, or a file of that bare name."""
    results = paper_of_file(name).results
    inside = name.removeprefix(f"{results}/").rstrip("/")
    escaped = [re.sub(r"\\{\w+\\}", "[^/.]+", re.escape(p)) for p in patterns()]
    ends = {p.rpartition("/")[2] for p in patterns()}
    return any(re.fullmatch(p, inside) for p in escaped) or name.rstrip("/") in {*ends, results}


def exists(name: str, page: Path) -> bool:
    if "NAME" in name:
        return any((HERE / "superpos").rglob(name.replace("NAME", "*")))
    places = (HERE, page.parent, HERE / "superpos")
    return name == SITE or made(name) or any((place / name).exists() for place in places)


def named_files(text: str) -> set[str]:
    """Paths in backquotes and in links; no pattern, no option, no address."""
    quoted = re.findall(r"`([\w./-]+)`", text)
    linked = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    paths = [q for q in quoted if "/" in q or re.search(rf"\.({SUFFIXES})$", q)]
    bare = [p for p in paths if not re.fullmatch(r"\.\w+", p)]
    return {*bare, *linked} - WRITTEN_BY_A_WALK - LATER


def commands(text: str) -> list[str]:
    """The lines of code blocks, and the words in backquotes, that run something."""
    lines = re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)
    lines += [
        line for block in re.findall(r"```sh\n(.*?)```", text, re.S) for line in block.split("\n")
    ]
    lines += re.findall(r"`([^`\n]+)`", text)
    starts = ("make", "python -m superpos", ".venv/bin/")
    return [line.split("#")[0].strip() for line in lines if line.startswith(starts)]


def runs(command: str) -> bool:
    """Whether make has the target, superpos the command with these options, .venv the program."""
    words = shlex.split(command.split(">")[0])
    if words[0] == "make":
        given = [word for word in words[1:] if "=" not in word]
        return all(w in TARGETS or w.startswith("results/") for w in given[:1])
    program = Path(words[0]).name
    if program == "python" and words[1:3] == ["-m", "superpos"]:
        parser, _ = parser_and_commands()
        return parser.parse_args(words[3:]) is not None
    return (Path(sys.executable).parent / program).exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HERE)))
def test_every_file_that_a_page_names_exists(page):
    assert [n for n in sorted(named_files(page.read_text())) if not exists(n, page)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HERE)))
def test_every_command_that_a_page_names_runs(page):
    assert [command for command in commands(page.read_text()) if not runs(command)] == []


def test_a_file_and_a_command_that_are_not_there_are_found():
    assert named_files("`superpos/nothing.py` and [a page](docs/none.md)") == {
        *("superpos/nothing.py", "docs/none.md")
    }
    assert not exists("superpos/nothing.py", HERE / "README.md")
    assert not exists("results/nothing.parquet", HERE / "README.md")
    assert commands("    make nothing   # why\n\n`make plan`") == ["make nothing", "make plan"]
    assert not runs("make nothing")
    assert not runs(".venv/bin/nothing")


def test_the_readmes_tree_names_what_is_there_and_all_of_the_library():
    tree = (HERE / "README.md").read_text().split("\n## The tree\n")[1].split("\n## ")[0]
    block = "\n".join(re.findall(r"^ {4}(.*)$", tree, re.MULTILINE))
    top, library = block.split("superpos/ ", 1)
    names = set(re.findall(r"[\w./]+(?:\.py|/)(?=[,\s]|$)", library))
    there = {p.name + "/" * p.is_dir() for p in (HERE / "superpos").iterdir()}
    modules = {name for name in there if name.endswith((".py", "/")) and "__pycache__" not in name}
    assert modules - names == {"__init__.py"}
    assert [
        n for n in names if not (HERE / "superpos" / n).exists() and not (HERE / n).exists()
    ] == []
    for name in re.findall(r"^(\S+)", top, re.MULTILINE):
        assert (HERE / name).exists(), name


@pytest.mark.slow
def test_the_blocks_of_the_librarys_page_run_one_after_another(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", (HERE / "docs/library.md").read_text(), re.S):
        exec(block, names)
    assert (tmp_path / "figure.svg").read_bytes().startswith(b"<?xml")


def test_the_variations_of_the_docs_are_accepted_trained_and_drawn(monkeypatch):
    """In memory, with few steps; tests/test_pipeline.py makes such variations with files."""
    monkeypatch.setattr(shipped, "config", lambda **_: small())
    page = (HERE / "docs/pipeline.md").read_text()
    section = page.split("\n## Change one setting")[1].split("\n## ")[0]
    blocks = re.findall(r"^ {4}experiments:\n(?: {4,}.*\n)+", section, re.MULTILINE)
    assert len(blocks) == 2
    for block in blocks:
        ((name, changes),) = yaml.safe_load(block)["experiments"].items()
        base = changes.pop("base", name)
        assert superpos.draw(base, superpos.sweep(base, **changes, threads=1)).axes


@pytest.mark.slow
def test_snakemakes_lint_finds_only_what_the_docs_give_a_reason_for(project):
    ended = project.python("-m", "snakemake", "--lint")
    found = set(re.findall(r"^ +\* (.+?):?$", ended.stdout + ended.stderr, re.MULTILINE))
    assert found == {"Specify a conda environment or container for each rule."}
    assert found.pop().rstrip(".") in (HERE / "docs/how_it_works.md").read_text()
