"""The rooms of the library: which may know which, where other packages and files are used."""

import ast
import functools
import graphlib
import itertools
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
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

FACE = {
    "storage.provenance": {"superpos.__version__"},
    "__main__": {"superpos.__version__"},
    "report.site.names": {"superpos"},
}
"""What is imported of the package itself, which knows every room: its version, and its list of names."""

# The packages that rooms import, apart from Python's own. For types alone, each may be imported everywhere.
ONLY_IN = {
    "numpy": KNOWS.keys() - {"rebuild", "lookup", "progress", "models", "__main__", "__init__"},
    "pandas": {
        *("api", "cli", "config", "metrics", "papers", "plotting", "report", "storage", "tables"),
        *("training", "verdicts"),
    },
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
    "jaxtyping": set(),
    "jinja2": {"report"},
    "markupsafe": {"report"},
    "plotly": {"report"},
    "PIL": {"report"},
    "psutil": {"config", "storage"},
    "yaml": {"config"},
}  # fmt: skip

WRITING = {
    *("write_text", "write_bytes", "touch", "unlink", "rmdir", "mkdir", "symlink_to"),
    *("to_parquet", "to_feather", "to_csv", "to_json", "to_pickle", "to_hdf", "to_excel", "to_sql"),
    *("save", "savez", "savez_compressed", "savetxt", "savefig", "save_file", "tofile", "memmap"),
    *("hardlink_to", "write_table", "write_feather", "ParquetWriter"),
    *("mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryFile", "TemporaryDirectory"),
}
"""Functions and methods that write, whatever module or object they belong to."""
WRITING_MODULES = re.compile(
    r"shutil\.\w+|os\.(open|renames?|replace|remove|removedirs|makedirs|link|symlink|truncate)"
    r"|(json|pickle|yaml|torch)\.dump"
)
"""Functions whose names other objects' methods have too."""
READING = {
    *("read_text", "read_bytes", "read_parquet", "read_feather", "read_csv", "read_json"),
    *("read_table", "read_pickle", "load_file", "safe_open", "ParquetFile", "open"),
    *("fromfile", "loadtxt", "genfromtxt"),
}
READING_MODULES = re.compile(r"(numpy|json|pickle|torch)\.load")
# Modules outside of storage that read files which are not results: the package's own texts, and a
# person's config file.
READS_OWN_TEXTS = {
    "lookup", "rebuild", "config.text", "config.shipped", "config.options", "config.figure_words",
    "report.templates", "report.page", "verdicts.rest",
}  # fmt: skip
NO_RESULTS = {
    # Digests of code.
    "rebuild": {"STORED.mkdir", "tempfile.mkstemp", "open", "json.dump", "os.replace"},
    # Compiled kernels, and the folders for them.
    "numerics.stored_code": {"os.open"},
    "numerics.folders": {"folder.mkdir", "tempfile.TemporaryFile", "tempfile.mkdtemp"},
    # Pictures in memory.
    "plotting.style": {"figure.savefig"},
    "report.publishing": {"PIL.Image.open", "image.save"},
}
"""What modules outside of storage call that writes no results."""

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
def imports(code: str) -> list[tuple[str, bool]]:
    """What a module imports, and whether only a type checker sees it."""
    return list(_imports(ast.parse(code)))


def _imports(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    seen_by_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = [] if alias.asname else [alias.name.split(".")[0]]
                yield from ((name, node in seen_by_types) for name in {alias.name, *bound})
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node in seen_by_types


def of_package(name: str) -> bool:
    return name.split(".")[0] == "superpos"


def ours(name: str) -> str:
    """The module of this package that an imported name is, or stands in."""
    below = name.removeprefix("superpos").removeprefix(".")
    while below and below not in MODULES:
        below = below.rpartition(".")[0]
    return below or "__init__"


def arrows() -> dict[str, set[str]]:
    """The modules of this package that each module imports."""
    return {
        module: {ours(n) for n, _ in imports(path.read_text()) if of_package(n)} - {module}
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


def of_the_face(code: str) -> set[str]:
    """What a module imports of the package itself; `import superpos.theory` gives it the whole package."""
    return {name for name, _ in imports(code) if ours(name) == "__init__" and of_package(name)}


def test_only_its_version_and_its_list_of_names_are_imported_of_the_package_itself():
    found = {module: of_the_face(path.read_text()) for module, path in MODULES.items()}
    assert {module: names for module, names in found.items() if names} == FACE


@pytest.mark.parametrize(
    "code",
    [
        "import superpos",
        "import superpos.theory",
        "from superpos import draw",
        "def f():\n    from superpos import sweep as run",
    ],
)
def test_an_import_of_the_package_itself_is_found(code):
    assert of_the_face(code)


def strange_packages(module: str, code: str) -> set[str]:
    """The packages that a module imports and its room may not, as they are written."""
    return {
        name
        for name, for_types in imports(code)
        if not of_package(name)
        and (package := name.split(".")[0]) not in sys.stdlib_module_names
        and (package not in ONLY_IN or not (for_types or room(module) in ONLY_IN[package]))
    }


def test_other_packages_are_imported_only_where_they_belong():
    found = {m: strange_packages(m, path.read_text()) for m, path in MODULES.items()}
    assert {module: names for module, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("models.linear", "import scipy"),
        ("theory.overlaps", "def f():\n    from scipy.special import erf"),
        ("models.linear", "if TYPE_CHECKING:\n    import sklearn"),
        ("config.text", "import torch"),
        ("cli.stale", "from snakemake_interface_common import exceptions"),
    ],
)
def test_a_package_where_it_does_not_belong_is_found(module, code):
    assert strange_packages(module, code)
    assert not strange_packages(
        module, "import json, superpos.theory\nif TYPE_CHECKING:\n    import torch"
    )


def test_every_room_that_a_package_is_allowed_in_imports_it():
    used = {
        (name.split(".")[0], room(module))
        for module, path in MODULES.items()
        for name, for_types in imports(path.read_text())
        if not for_types
    }
    assert {(package, one) for package, rooms in ONLY_IN.items() for one in rooms} - used == set()


def test_only_figures_of_a_section_import_matplotlib_and_neither_they_nor_claims_import_the_other():
    for module, path in MODULES.items():
        if room(module) != "papers":
            continue
        names = {name.split(".")[0] for name, _ in imports(path.read_text())}
        file = module.rpartition(".")[2]
        if "matplotlib" in names:
            assert file.startswith("figure_") or "marks" in file, module
        if file.startswith(("claims_", "table_")):
            assert not {other for other in ARROWS[module] if room(other) == "plotting"}, module
        if file.startswith(("figure_", "table_")):
            assert not {other for other in ARROWS[module] if ".claims_" in other}, module


def touches_files(code: str, reads: bool) -> Iterator[str]:
    """The calls of a module that write files or, if it may not read, read them, by their whole names."""
    tree = ast.parse(code)
    known = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        if isinstance(node, ast.ImportFrom)
        else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        first, dot, rest = ast.unparse(call.func).partition(".")
        name = known.get(first, first) + dot + rest
        touches = writes(call, name, first in known or not dot) or (not reads and reads_file(name))
        if touches and not of_package(name):
            yield name


def writes(call: ast.Call, name: str, is_function: bool) -> bool:
    """Whether a call of a function or method writes, or moves or opens a file to write."""
    last = name.rpartition(".")[2]
    if last == "open" and name != "os.open":
        modes = call.args[is_function:] + [k.value for k in call.keywords if k.arg == "mode"]
        return bool(modes) and not re.fullmatch("'[rbt]+'", ast.unparse(modes[0]))
    # Methods of text and tables have these names too, and take two arguments or one with a keyword.
    moves = last in ("rename", "replace") and not is_function and len(call.args) == 1
    return moves or last in WRITING or bool(WRITING_MODULES.fullmatch(name))


def reads_file(name: str) -> bool:
    return name.rpartition(".")[2] in READING or bool(READING_MODULES.fullmatch(name))


def test_results_are_read_and_written_in_storage_alone():
    found = {
        module: {*touches_files(path.read_text(), module in READS_OWN_TEXTS)}
        for module, path in MODULES.items()
        if room(module) != "storage"
    }
    assert {module: calls for module, calls in found.items() if calls} == NO_RESULTS


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nnp.save(p, a)",
        "from numpy import savez as keep\nkeep(p, a=a)",
        "Path(p).rename(q)",
        "(folder / name).replace(q)",
        "p.touch()",
        "p.unlink(missing_ok=True)",
        "table.to_csv(p)",
        "runs[kept].to_parquet(p)",
        "table.to_json(p)",
        "import shutil\nshutil.copy(p, q)",
        "from shutil import move\nmove(p, q)",
        "import os\nos.rename(p, q)",
        "from os import replace\nreplace(p, q)",
        "open(p, 'w')",
        "open(p, mode='r+')",
        "open(p, mode)",
        "p.open('ab')",
    ],
)
def test_what_writes_is_found_where_texts_may_be_read(code):
    assert [*touches_files(code, reads=True)]


@pytest.mark.parametrize(
    "code",
    [
        "'a-b'.replace('-', '_')",
        "from dataclasses import replace\nreplace(x, lr=1)",
        "runs.rename(columns=names)",
        "places.remove(3)",
        "a.copy()",
        "open(p)",
        "open(p, 'rb')",
        "p.open('r', encoding='utf-8')",
    ],
)
def test_what_only_looks_like_writing_is_not_found(code):
    assert [*touches_files(code, reads=True)] == []


def test_what_reads_is_found():
    code = "import numpy as np\nnp.load(p); p.read_text(); open(p); pd.read_json(p); lookup.load(k)"
    assert len([*touches_files(code, reads=False)]) == 4


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


def of_any_kind(texts: Mapping[str, str]) -> list[str]:
    """The module of each mapping with values of any kind, and of each use of a name for such a type."""
    nodes = {module: [*ast.walk(ast.parse(text))] for module, text in texts.items()}
    names = {
        target.id
        for node in itertools.chain(*nodes.values())
        if isinstance(node, ast.Assign) and OF_ANY_KIND.search(ast.unparse(node.value))
        for target in node.targets
        if isinstance(target, ast.Name) and target.id[0].isupper()
    }
    found = [module for module, text in texts.items() for _ in OF_ANY_KIND.findall(text)]
    for module, inside in nodes.items():
        loaded = [n for n in inside if isinstance(getattr(n, "ctx", None), ast.Load)]
        used = [getattr(node, "id", getattr(node, "attr", "")) for node in loaded]
        found += [module for name in used if name in names]
    return sorted(found)


def test_mappings_with_values_of_any_kind_are_rare():
    texts = {m: path.read_text() for m, path in MODULES.items() if "kernels" not in m}
    found = of_any_kind(texts)
    assert len(found) <= MOST_OF_ANY_KIND, found


def test_uses_of_a_name_for_such_a_mapping_count():
    here = "Rows = list[Mapping[str, Any]]\ndef f(rows: Rows, more: Rows | None): ..."
    texts = {"a": here, "b": "from a import Rows\nx: Rows", "c": "import a\ny: a.Rows"}
    assert of_any_kind(texts) == ["a", "a", "a", "b", "c"]


def test_the_type_checker_is_strict_in_every_room_but_for_compiled_code():
    mypy = tomllib.loads((HERE / "pyproject.toml").read_text())["tool"]["mypy"]
    assert mypy["strict"] is True
    assert {module for other in mypy["overrides"] for module in other["module"]} == COMPILED
