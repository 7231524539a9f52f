"""Read a config file as text: plain YAML, each key once, with values that JSON can hold too.

Snakemake's own reader runs the Python in a file that asks for templates, resolves Python names in
tags, and lets the second of two equal keys win.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import JsonValue

from superpos.config.messages import one_line

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C, if PyYAML was built with it."""
SCALARS = ("str", "int", "float", "bool", "null", "timestamp")
TAGS = {yaml.ScalarNode: SCALARS, yaml.SequenceNode: ("seq",), yaml.MappingNode: ("map",)}
DEEPEST_NESTING = 20
MOST_VALUES = 1_000_000
"""The most values in a file. Each use of an anchor counts: nested ones can stand for billions of values."""
MOST_CHARACTERS = 20_000_000
"""The most characters in a file."""
MOST_BITS = 512
"""The most bits in a whole number."""
ODD_NUMBER = re.compile(r"[-+]?(0[0-7_]+$|.*:)")
MERGE = "tag:yaml.org,2002:merge"


def load_config(path: Path) -> dict[str, JsonValue]:
    """The values of a file; raises a ValueError that names the file, the line and the problem."""
    try:
        return parse(str(path), Path(path).read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from None


def as_yaml(values: Mapping[str, JsonValue]) -> str:
    """The values as the text of a config file, in their order."""
    return yaml.safe_dump(dict(values), sort_keys=False, width=100, allow_unicode=True)


def typed(value: JsonValue) -> JsonValue:
    """Convert a value of `--config`, because Snakemake leaves numbers in mappings and lists as text."""
    if isinstance(value, dict):
        return {key: _typed_leaf(inner) for key, inner in value.items()}
    return [_typed_leaf(inner) for inner in value] if isinstance(value, list) else value


def _typed_leaf(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return typed(value)
    try:
        found = parse("--config", f"value: {value}")["value"]
    except ValueError:
        return value
    return value if isinstance(found, dict | list) else found


def parse(name: str, text: str) -> dict[str, JsonValue]:
    """The values of a file's text; raises a ValueError that names the file, the line and the problem."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"{name}: {len(text)} characters; a config has at most {MOST_CHARACTERS}")
    try:
        # Composing recurses, and the C loader has no limit, so the depth is measured on the events first.
        for event, depth in _depths(text):
            if depth > DEEPEST_NESTING:
                problem = f"nested more than {DEEPEST_NESTING} deep; reduce the nesting"
                raise _error(name, event, problem)
        loader = LOADER(text)
        root = loader.get_single_node()
    except yaml.YAMLError as error:
        mark, said = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        place = f"{name}, line {mark.line + 1}" if mark else name
        cause = said or str(error).splitlines()[0]
        raise ValueError(one_line(f"{place}: this is not YAML: {cause}")) from None
    if not isinstance(root, yaml.MappingNode):
        raise ValueError(f"{name}: the file is not a mapping of keys to values")
    for count, (node, problem) in enumerate(_walk(root, 0)):
        if count > MOST_VALUES:
            problem = f"more than {MOST_VALUES} values; write them without anchors"
        if problem or (problem := _unreadable(loader, node)):
            raise _error(name, node, problem)
    return dict(loader.construct_document(root))


def check_values(place: str, value: object, depth: int = 0) -> None:
    """Raise a ValueError that names the first value below `place` that JSON cannot hold."""
    if depth > DEEPEST_NESTING:
        raise ValueError(
            f"{place}: nested more than {DEEPEST_NESTING} deep; write it without an anchor"
        )
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if type(key) is not str or not key.isprintable() or not key:
                where = place or "config"
                raise ValueError(f"{where}: key {key!r} is not printable text; put it in quotes")
            check_values(f"{place}.{key}" if place else key, inner, depth + 1)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            check_values(f"{place}.{i}", inner, depth + 1)
    elif problem := _not_json(value):
        raise ValueError(f"{place}: {problem}")


def _not_json(value: object) -> str:
    """Why a value that is not a mapping or a list is refused; empty if it is accepted."""
    if type(value) is float and not math.isfinite(value):
        return f"{value!r} is not a finite number"
    if type(value) is int and value.bit_length() > MOST_BITS:
        return f"a whole number of {value.bit_length()} bits; give a smaller one"
    if type(value) is str and (odd := next(filter(_is_control, value), "")):
        return f"{value!r} has the control character {odd!r}; leave it out"
    if type(value) not in (str, int, float, bool, type(None)):
        kind = type(value).__name__
        return f"{value!r} is a {kind}; give text, a number, a list or a mapping"
    return ""


def _is_control(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs")


def _error(name: str, part: Any, problem: str) -> ValueError:
    return ValueError(one_line(f"{name}, line {part.start_mark.line + 1}: {problem}"))


def _depths(text: str) -> Iterator[tuple[Any, int]]:
    """Every YAML event of the text, and how deeply it is nested."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        yield event, depth
        depth -= isinstance(event, yaml.CollectionEndEvent)


def _unreadable(loader: Any, node: Any) -> str:
    """What is wrong with a scalar that looks like a number or a date but is not one."""
    if not isinstance(node, yaml.ScalarNode):
        return ""
    kind = node.tag.rpartition(":")[2]
    try:
        loader.construct_object(node)
    except (ValueError, KeyError, AttributeError, OverflowError, yaml.YAMLError):
        return f"{node.value!r} is not a valid {kind}; correct it, or put it in quotes"
    if kind in ("int", "float") and ODD_NUMBER.match(node.value):
        return f"{node.value}: YAML reads this as a number in base 8 or 60; write it in base 10"
    return ""


def _walk(node: Any, depth: int) -> Iterator[tuple[Any, str]]:
    """Every node, and what is wrong with it, if anything."""
    if depth > DEEPEST_NESTING:
        yield node, f"nested more than {DEEPEST_NESTING} deep; write it without an anchor"
    elif node.tag not in [f"tag:yaml.org,2002:{tag}" for tag in TAGS[type(node)]]:
        yield node, f"the tag {node.tag} does not stand for a plain value; leave it out"
    elif isinstance(node, yaml.MappingNode):
        yield from _walk_pairs(node, depth)
    else:
        yield node, ""
        for inner in node.value if isinstance(node, yaml.SequenceNode) else ():
            yield from _walk(inner, depth + 1)


def _walk_pairs(node: Any, depth: int) -> Iterator[tuple[Any, str]]:
    seen = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            yield key, "a key is not text"
        elif key.tag == MERGE:
            yield key, "key <<: mappings are not merged here; write the keys out, or name a `base`"
        elif key.value.startswith("__"):
            yield key, f"key {key.value}: a config is not a template; leave the key out"
        elif key.value in seen:
            yield key, f"key {key.value} appears twice; leave one out"
        else:
            yield from _walk(key, depth + 1)
        seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        yield from _walk(value, depth + 1)
