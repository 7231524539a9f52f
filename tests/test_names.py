"""No public name means two things.

A name is public as far as it is used: in its module, in its room (each section of a paper is one), or in
the whole house. Where it is public, no other function, class or type has it.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator

from test_architecture import MODULES, room

UNCHECKED = {"training", "numerics"}
"""Rooms whose compiled code has parts of the same name for each path."""

CONTRACTS = {
    # A file that is looked up by name has what its kind must have: see docs/adding.md.
    *("draw", "table", "check", "marginals", "part"),
    # A command, a page of the report, a part of the site, a file format, an exercise's question.
    *("arguments", "run", "page", "site_part", "part_of_paper", "verified_notes"),
    *("bump", "dimensionality"),
}
SAME = {
    "exact_loss": "one quantity: a metric, a sum over sets for one model, and an integral",
    "render": "superpos.plotting loads the style on first use and calls its `render`",
    "load": "superpos.load is the library's; `lookup.load` is written with its module",
    "names": "superpos.metrics.names is the library's; `lookup.names` is written with its module",
    "represented": "the metric, and the claims' measures of it",
    "largest_feature": "of a neuron, and of a run: a claim's measure",
    "ring": "the metric, and a claim's measure",
    "loss": "a claim's measure in either paper",
    "gaps": "a claim's measure in either paper",
    "between": "a range, and the runs with T in a range",
    "best": "the smallest losses of groups of runs, and the best replicate: claims' measures use both",
    "Number": "of a config, and of a statement's range",
    "Course": "a run's course in F13 and in F14",
    "courses": "the courses of all runs in J7, F13 and F14",
    "shown": "the run that F13 shows, and that F14 shows",
}
"""Names that stay. Those of measures are part of the published definitions of claims."""

Place = tuple[str, str]
"""A module and a name in it."""


def own_room(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:3]) if parts[0] == "papers" and len(parts) > 3 else parts[0]


def trees() -> dict[str, ast.Module]:
    return {module: ast.parse(path.read_text()) for module, path in MODULES.items()}


def public(tree: ast.Module) -> Iterator[str]:
    """The functions, classes and types that a module defines, without those that begin with `_`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_":
            yield node.name
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            yield from [name for name in names if name[0].isupper() and not name.isupper()]


def uses(tree: ast.Module) -> Iterator[Place]:
    """What a module imports from others, or reads as `module.name`."""
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "superpos":
            folder = node.module.removeprefix("superpos").removeprefix(".")
            for alias in node.names:
                inner = f"{folder}.{alias.name}".removeprefix(".")
                if inner in MODULES:
                    modules[alias.asname or alias.name] = inner
                else:
                    yield folder, alias.name
    for node in ast.walk(tree):
        of = node.value if isinstance(node, ast.Attribute) else None
        if isinstance(of, ast.Name) and of.id in modules:
            yield modules[of.id], node.attr


def clashes(trees: dict[str, ast.Module]) -> dict[str, set[str]]:
    """The modules that define a name where that of another module is public."""
    users: dict[Place, set[str]] = defaultdict(set)
    for module, tree in trees.items():
        for place in uses(tree):
            users[place].add(own_room(module))
    homes: dict[str, list[str]] = defaultdict(list)
    for module, tree in trees.items():
        for name in public(tree) if room(module) not in UNCHECKED else ():
            homes[name].append(module)
    found: dict[str, set[str]] = defaultdict(set)
    for name, modules in homes.items():
        for module in modules:
            rooms = users[module, name]
            for other in set(modules) - {module}:
                if rooms - {own_room(module)} or (rooms and own_room(other) == own_room(module)):
                    found[name] |= {module, other}
    return dict(found)


def test_no_public_name_means_two_things():
    found = clashes(trees())
    assert {name: found[name] for name in found.keys() - CONTRACTS - SAME.keys()} == {}


def test_every_exception_is_needed():
    defined = [name for tree in trees().values() for name in public(tree)]
    assert SAME.keys() - clashes(trees()).keys() == set()
    assert [name for name in CONTRACTS if defined.count(name) < 2] == []


def test_a_second_definition_is_found():
    added = trees()
    added["report.page"].body += ast.parse("def represented_by(): ...\ndef at_least(): ...").body
    assert set(clashes(added)) - set(clashes(trees())) == {"at_least"}
