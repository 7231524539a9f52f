"""The text of a config file, before anything reads it: plain YAML that says each thing once.

Snakemake's own reader evaluates Python in a file that asks for templates, resolves Python's names in
tags, and lets the last of two like keys win.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from superpos.config import plain

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C, where PyYAML was built with it."""
SCALARS = ("str", "int", "float", "bool", "null", "timestamp")
TAGS = {yaml.ScalarNode: SCALARS, yaml.SequenceNode: ("seq",), yaml.MappingNode: ("map",)}
DEEPEST = 20
MOST = 1_000_000
"""Values in a file, each as often as it is named: anchors of anchors can stand for billions."""
LONGEST = 20_000_000
"""Characters of a file."""
ODD_NUMBER = re.compile(r"[-+]?(0[0-7_]+$|.*:)")
MERGE = "tag:yaml.org,2002:merge"


def load(path: Path) -> dict[str, Any]:
    """The values of a file; raises a ValueError that names the file, the line, and what is wrong."""
    try:
        return check(str(path), Path(path).read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from None


def typed(value: Any) -> Any:
    """A value of `--config`, in whose mappings and lists Snakemake leaves numbers as text."""
    if isinstance(value, dict):
        return {key: _leaf(inner) for key, inner in value.items()}
    return [_leaf(inner) for inner in value] if isinstance(value, list) else value


def _leaf(value: Any) -> Any:
    if not isinstance(value, str):
        return typed(value)
    try:
        read = check("--config", f"value: {value}")["value"]
    except ValueError:
        return value
    return value if isinstance(read, dict | list) else read


def check(name: str, text: str) -> dict[str, Any]:
    """The values of a file's text; raises a ValueError that names the file, the line, and what is wrong."""
    if len(text) > LONGEST:
        raise ValueError(f"{name}: {len(text)} characters; a config has {LONGEST} at most")
    try:
        # Composing recurses, in C without a limit: the depth is found by reading events.
        for event, depth in _depths(text):
            if depth > DEEPEST:
                raise _error(name, event, f"nested more than {DEEPEST} deep; write it flatter")
        loader = LOADER(text)
        root = loader.get_single_node()
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        place = f"{name}, line {mark.line + 1}" if mark else name
        said = problem or str(error).splitlines()[0]
        raise ValueError(plain.one_line(f"{place}: no YAML: {said}")) from None
    if not isinstance(root, yaml.MappingNode):
        raise ValueError(f"{name}: no mapping of keys to values")
    for count, (node, problem) in enumerate(_walk(root, 0)):
        if count > MOST:
            problem = f"more than {MOST} values; write them without anchors"
        if problem or (problem := _unreadable(loader, node)):
            raise _error(name, node, problem)
    return dict(loader.construct_document(root))


def _error(name: str, part: Any, problem: str) -> ValueError:
    return ValueError(plain.one_line(f"{name}, line {part.start_mark.line + 1}: {problem}"))


def _depths(text: str) -> Iterator[tuple[Any, int]]:
    """Every event of the text, and how deep it is nested."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        yield event, depth
        depth -= isinstance(event, yaml.CollectionEndEvent)


def _unreadable(loader: Any, node: Any) -> str:
    """What is wrong with a scalar that says it is a number or a date, and is not."""
    if not isinstance(node, yaml.ScalarNode):
        return ""
    try:
        loader.construct_object(node)
    except (ValueError, KeyError, AttributeError, OverflowError, yaml.YAMLError):
        return (
            f"{node.value!r} is no {node.tag.rpartition(':')[2]}; correct it, or put it in quotes"
        )
    if node.tag.endswith(("int", "float")) and ODD_NUMBER.match(node.value):
        return f"{node.value}: YAML reads it in base 8 or 60; write the number in base 10"
    return ""


def _walk(node: Any, depth: int) -> Iterator[tuple[Any, str]]:
    """Every node, and what is wrong with it, if anything."""
    if depth > DEEPEST:
        yield node, f"nested more than {DEEPEST} deep; write it without an anchor"
    elif node.tag not in [f"tag:yaml.org,2002:{tag}" for tag in TAGS[type(node)]]:
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
        elif key.tag == MERGE:
            yield key, "key <<: mappings are not merged here; write the keys, or name a `base`"
        elif key.value.startswith("__"):
            yield key, f"key {key.value}: the file is read as it is, it is no template"
        elif key.value in seen:
            yield key, f"key {key.value} stands there twice"
        else:
            yield from _walk(key, depth + 1)
        seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        yield from _walk(value, depth + 1)
