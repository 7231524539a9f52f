"""The rooms of the library: which may know which, where other packages and files are used."""

import ast
import functools
import graphlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import HERE

PACKAGE = HERE / "superpos"

# A room may import the rooms beside it, and no others.
KNOWS = {
    "rebuild": set(),
    "lookup": set(),
    "progress": set(),
    # Compiled code is stored under the digest of its code, or an edit would run what was compiled before.
    "numerics": {"rebuild"},
    "models": set(),
    # Exact losses are compiled, and stored as all compiled code is.
    "theory": {"numerics"},
    "storage": {"numerics"},
    "config": {"lookup", "models", "numerics"},
    "data": {"config", "lookup", "numerics"},
    "training": {"config", "data", "lookup", "models", "numerics"},
    "tables": {"config", "lookup", "numerics", "storage"},
    "metrics": {"config", "data", "lookup", "models", "numerics", "theory"},
    "verdicts": {"config", "lookup", "numerics", "tables", "theory"},
    "plotting": {"config", "metrics", "tables", "theory"},
    "papers": {
        *("config", "lookup", "metrics", "numerics", "plotting", "tables", "theory", "verdicts"),
    },
    "report": {"config", "lookup", "papers", "storage", "tables", "verdicts"},
    "api": {
        *("config", "data", "lookup", "metrics", "models", "numerics", "plotting", "rebuild"),
        *("storage", "tables", "theory", "training"),
    },
    "cli": {
        *("api", "config", "numerics", "plotting", "progress", "rebuild", "report", "storage"),
        *("tables", "verdicts"),
    },
    "__main__": {"cli"},
    "__init__": set(),
}  # fmt: skip

# Packages that only some rooms may import.
ONLY_IN = {
    "matplotlib": {"plotting", "papers"},
    "networkx": {"papers"},
    "torch": {"api", "training"},
    "tqdm": {"api"},
    "triton": {"training"},
    "numba": {"numerics", "training"},
    "llvmlite": {"numerics", "training", "storage"},
    "pyarrow": {"storage"},
    "safetensors": {"storage"},
    "pydantic": {"config", "api", "storage"},
    "jinja2": {"report"},
    "plotly": {"report"},
    "PIL": {"report"},
    "psutil": {"config", "storage"},
    "yaml": {"config"},
    "snakemake": set(),
}

WRITING = {
    *("write_text", "write_bytes", "to_parquet", "to_csv", "save_file", "dump", "savez", "tofile"),
    *("unlink", "rmtree"),
}
READING = {"read_text", "read_bytes", "read_parquet", "read_csv", "load_file", "open"}
# Modules outside of storage that read files which are not results: the package's own texts, and a
# person's config file.
READS_OWN_TEXTS = {
    "lookup", "rebuild", "config.text", "config.shipped", "config.options", "config.figure_words",
    "report.templates", "report.page", "verdicts.rest",
}  # fmt: skip
NO_RESULTS = {"rebuild", "numerics.stored_code"}
"""Modules that keep digests of code and compiled kernels."""
IN_MEMORY = "Image.open"
"""Opens a picture that was read already."""

OF_ANY_KIND = re.compile(r"\b(?:dict|Mapping|MutableMapping)\[str, (?:Any|object)\]")
MOST_OF_ANY_KIND = 25
"""Where the content of a mapping really is free, as in the options of a figure."""
COMPILED = {
    *("superpos.training.kernels.*", "superpos.training.gpu.kernels.*", "superpos.numerics.simd.*"),
}


def modules() -> dict[str, Path]:
    """Every module by its name below the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        found[name] = path
    return found


MODULES = modules()


def room(module: str) -> str:
    return module.split(".")[0]


@functools.cache
def imports(path: Path) -> list[tuple[str, bool]]:
    """What a file imports, and whether only a type checker sees it."""
    return list(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, bool]]:
    tree = ast.parse(path.read_text())
    seen_by_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in seen_by_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node in seen_by_types


def ours(name: str) -> str:
    """The module of this package that an imported name is, or stands in."""
    below = name.removeprefix("superpos").removeprefix(".")
    while below and below not in MODULES:
        below = below.rpartition(".")[0]
    return below or "__init__"


def arrows() -> dict[str, set[str]]:
    """The modules of this package that each module imports."""
    return {
        module: {ours(n) for n, _ in imports(path) if n.split(".")[0] == "superpos"} - {module}
        for module, path in MODULES.items()
    }


ARROWS = arrows()


def test_every_arrow_between_rooms_is_in_the_table():
    strange = {
        f"{module} imports {other}"
        for module, known in ARROWS.items()
        for other in known
        if room(other) not in {room(module), *KNOWS[room(module)]} and other != "__init__"
    }
    assert strange == set()


def test_every_arrow_of_the_table_is_used():
    used = {(room(m), room(other)) for m, known in ARROWS.items() for other in known}
    assert {(a, b) for a, known in KNOWS.items() for b in known} - used == set()


def test_rooms_form_no_cycle_and_all_are_in_the_table():
    assert list(graphlib.TopologicalSorter(KNOWS).static_order())
    assert {room(module) for module in MODULES} == set(KNOWS)


def test_there_are_sixteen_rooms_at_most_and_four_loose_modules_at_most():
    rooms = {p.parent for p in PACKAGE.glob("*/__init__.py")}
    loose = [p.name for p in PACKAGE.glob("*.py")]
    assert len(rooms) <= 16
    assert len(loose) <= 4, loose


def test_a_section_imports_no_other_section():
    for module, known in ARROWS.items():
        section = module.split(".")[1:3]
        if room(module) == "papers" and len(module.split(".")) > 3:
            inside = [other.split(".")[1:3] for other in known if other.count(".") > 2]
            assert all(o == section for o in inside if o), module
            assert not [o for o in known if room(o) == "papers" and o.split(".")[1] != section[0]]


@pytest.mark.parametrize("package", ONLY_IN)
def test_other_packages_are_imported_only_where_they_belong(package):
    strange = {
        module
        for module, path in MODULES.items()
        for name, for_types in imports(path)
        if name.split(".")[0] == package and not for_types and room(module) not in ONLY_IN[package]
    }
    assert strange == set()


def test_only_figures_of_a_section_import_matplotlib_and_claims_import_no_drawing():
    for module, path in MODULES.items():
        if room(module) != "papers":
            continue
        names = {name.split(".")[0] for name, _ in imports(path)}
        file = module.rpartition(".")[2]
        if "matplotlib" in names:
            assert file.startswith("figure_") or "marks" in file, module
        if file.startswith(("claims_", "table_")):
            assert not {other for other in ARROWS[module] if room(other) == "plotting"}, module


def test_only_the_workflow_and_the_command_line_know_snakemake():
    for module, path in MODULES.items():
        found = [n for n, _ in imports(path) if n.split(".")[0].startswith("snakemake")]
        assert not found or room(module) == "cli", module


def test_results_are_read_and_written_in_storage_alone():
    strange = set()
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            allowed = (
                room(module) == "storage"
                or module in NO_RESULTS
                or ast.unparse(called) == IN_MEMORY
            )
            if name in WRITING and not allowed:
                strange.add(f"{module}: {name}")
            if name in READING and not allowed and module not in READS_OWN_TEXTS:
                strange.add(f"{module}: {name}")
    assert strange == set()


def rows_of_map(indent: int) -> list[str]:
    """The names in the README's map that are indented so far."""
    tree = (HERE / "README.md").read_text().split("\n## The tree\n")[1].split("\n## ")[0]
    return re.findall(rf"^ {{{indent}}}(\S+) ", tree, re.MULTILINE)


def text_files(code: str) -> Iterator[str]:
    """The calls that read or write text in the encoding of whatever locale there is."""
    for call in (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        modes = [a.value for a in call.args if isinstance(a, ast.Constant)]
        other = ast.unparse(call.func) in ("os.open", "Image.open")
        binary = other or any(isinstance(mode, str) and "b" in mode for mode in modes)
        text = name in ("read_text", "write_text") or (name == "open" and not binary)
        if text and not {"encoding", "mode"} & {keyword.arg for keyword in call.keywords}:
            yield ast.unparse(call)


def test_text_is_utf_8_in_every_locale():
    files = [*PACKAGE.rglob("*.py"), *(HERE / "workflow").rglob("*.py")]
    found = {f"{f}: {c}" for f in files for c in text_files(f.read_text(encoding="utf-8"))}
    assert found == set()
    assert [*text_files("p.read_text(); open(p, 'w'); open(p, 'rb'); p.write_text(t, errors='x')")]


def test_the_readmes_map_names_what_exists_and_every_module_of_the_workflow():
    rows = rows_of_map(4)
    assert [name for name in rows if not [*HERE.glob(name)]] == []
    assert {f"workflow/{path.name}" for path in (HERE / "workflow").glob("*.py")} <= {*rows}


def test_the_readmes_map_has_one_line_for_each_room():
    rows = rows_of_map(6)
    rooms = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    loose = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py"}
    assert sorted(rows) == sorted(rooms | loose)


def test_mappings_with_values_of_any_kind_are_rare():
    found = [
        module
        for module, path in MODULES.items()
        if "kernels" not in module
        for _ in OF_ANY_KIND.findall(path.read_text())
    ]
    assert len(found) <= MOST_OF_ANY_KIND, sorted(found)


def test_the_type_checker_is_strict_in_every_room_but_for_compiled_code():
    mypy = tomllib.loads((HERE / "pyproject.toml").read_text())["tool"]["mypy"]
    assert mypy["strict"] is True
    assert {module for other in mypy["overrides"] for module in other["module"]} == COMPILED
