"""The text of a config file, before anything reads it: plain YAML that says each thing once.

Snakemake's own reader evaluates Python in a file that asks for templates, resolves Python's names in
tags, and lets the last of two like keys win.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PLAIN = re.compile(r"tag:yaml\.org,2002:(str|int|float|bool|null|seq|map|timestamp)")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C, where PyYAML was built with it."""
DEEPEST = 20
MOST = 1_000_000
"""Values in a file, each as often as it is named: anchors of anchors can stand for billions."""


def load(path: Path) -> None:
    """Check a file; raises a ValueError that names the file, the line, and what is wrong."""
    try:
        check(str(path), Path(path).read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from None


def check(name: str, text: str) -> None:
    """Raise a ValueError with the name of the file, the line, and what is wrong there."""
    try:
        root = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        place = f"{name}, line {mark.line + 1}" if mark else name
        raise ValueError(f"{place}: no YAML: {problem or str(error).splitlines()[0]}") from None
    if not isinstance(root, yaml.MappingNode):
        raise ValueError(f"{name}: no mapping of keys to values")
    for count, (node, problem) in enumerate(_walk(root, 0)):
        if problem or count > MOST:
            problem = problem or f"more than {MOST} values; write them without anchors"
            raise ValueError(f"{name}, line {node.start_mark.line + 1}: {problem}")


def _walk(node: Any, depth: int) -> Iterator[tuple[Any, str]]:
    """Every node, and what is wrong with it, if anything."""
    if depth > DEEPEST:
        yield node, f"nested more than {DEEPEST} deep; write it without an anchor"
    elif not PLAIN.fullmatch(node.tag):
        yield node, f"tag {node.tag} makes no plain value; leave it out"
    elif isinstance(node, yaml.MappingNode):
        yield from _pairs(node, depth)
    else:
        yield node, ""
        for inner in node.value if isinstance(node, yaml.SequenceNode) else ():
            yield from _walk(inner, depth + 1)


def _pairs(node: Any, depth: int) -> Iterator[tuple[Any, str]]:
    seen = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            yield key, "a key that is no text"
        elif key.value.startswith("__"):
            yield key, f"key {key.value}: the file is read as it is, it is no template"
        else:
            yield key, f"key {key.value} stands there twice" if key.value in seen else ""
        seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        yield from _walk(value, depth + 1)
