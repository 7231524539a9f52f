"""The tables of all settings: each key of the config files with its type, default, meaning and users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from superpos.config import paper_files, shipped
from superpos.config.messages import mapping
from superpos.config.schema import schema
from superpos.report.site.markdown import escaped, joined, table

if TYPE_CHECKING:
    from pydantic import JsonValue

HEAD = ("key", "type", "default", "meaning", "given by")
PARTS = {
    "Block": "Keys of an experiment",
    "Figure": "Keys of a figure's line",
    "Theory": "Keys of a line of theory",
    "File": "Keys of the file",
}
ABSENT = object()
MOST_NAMED = 6
"""If more experiments than this give a key, only their number is shown."""

About = TypedDict(
    "About",
    {
        "type": str,
        "description": str,
        "default": "JsonValue",
        "anyOf": "list[About]",
        "enum": list[str],
        "const": "JsonValue",
        "items": "About",
        "minimum": float,
        "exclusiveMinimum": float,
        "exclusiveMaximum": float,
        "properties": "dict[str, About]",
        "$ref": str,
    },
    total=False,
)
"""What the schema says about a key or a record."""


def site_part(docs: Path) -> str:
    """A table for each kind of block."""
    whole = schema()
    records = {**whole["$defs"], "File": whole}
    return joined(
        *(
            joined(
                f"## {heading}",
                table(HEAD, (_row(*key, name == "Block") for key in _keys(records, records[name]))),
            )
            for name, heading in PARTS.items()
        )
    )


def _keys(
    records: Mapping[str, About], record: About, above: str = ""
) -> Iterator[tuple[str, About]]:
    """The dotted name and the description of each key, those of inner mappings after their mapping."""
    for key, about in record["properties"].items():
        yield f"{above}{key}", about
        for form in (about, *about.get("anyOf", ())):
            if "$ref" in form and (inner := form["$ref"].rpartition("/")[2]) not in PARTS:
                yield from _keys(records, records[inner], f"{above}{key}.")


def _row(key: str, about: About, of_experiment: bool) -> tuple[str, ...]:
    default = _default(key, about) if of_experiment else _code(about.get("default", ABSENT))
    users = _users(key) if of_experiment else ""
    return f"`{key}`", _type(about), default, escaped(about["description"]), users


def _type(about: About) -> str:
    """The values that a key may have, in words."""
    if "anyOf" in about:
        forms = [_type(form) for form in about["anyOf"] if form.get("type") != "null"]
        return " or ".join(dict.fromkeys(form for form in forms if form != "text")) or "text"
    if "enum" in about:
        named = [f"`{name}`" for name in about["enum"]]
        return ", ".join(named) if len(named) <= MOST_NAMED else "a name"
    if "const" in about:
        return f"`{about['const']}`"
    if about.get("type") == "array":
        return f"list of {_type(about['items'])}" if "items" in about else "list"
    known = {"integer": "integer", "number": "number", "string": "text", "boolean": "true or false"}
    return known.get(
        str(about.get("type")), "mapping" if "$ref" in about or "type" in about else "any value"
    ) + _limits(about)


def _limits(about: About) -> str:
    """The smallest and the largest value, in words, if they say more than the type."""
    least, above = about.get("minimum"), about.get("exclusiveMinimum")
    below = about.get("exclusiveMaximum")
    words = [f"{least} or more"] if least is not None else []
    words += [f"above {above}"] if above is not None else []
    words += [f"below {below}"] if below is not None else []
    return f", {' and '.join(words)}" if words else ""


def _default(key: str, about: About) -> str:
    """The value under `defaults`, with that of the second paper if it differs, or the default in the code."""
    found: list[str] = []
    for paper in paper_files.papers().values():
        value = _inside(mapping(shipped.config(paper=paper)["defaults"], "defaults"), key)
        shown = _code(about.get("default", ABSENT) if value is ABSENT else value)
        if shown and shown not in found:
            found.append(shown if not found else f"{shown} in `{paper.config}`")
    return ", ".join(found)


def _code(value: object) -> str:
    """A value as code; "" if it is absent, empty, or a mapping, whose keys have rows of their own."""
    if value is ABSENT or value is None or value == "" or isinstance(value, Mapping):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _users(key: str) -> str:
    """The experiments of each paper whose own block gives a key or sweeps it."""
    parts = []
    for paper in paper_files.papers().values():
        blocks = mapping(shipped.config(paper=paper)["experiments"], "experiments")
        users = [name for name, block in blocks.items() if _gives(mapping(block, name), key)]
        if users:
            many = len(users) > MOST_NAMED
            named = f"{len(users)} experiments" if many else ", ".join(f"`{u}`" for u in users)
            parts.append(f"{named} of `{paper.config}`")
    return "; ".join(parts)


def _gives(block: Mapping[str, JsonValue], key: str) -> bool:
    given = block.get("sweep", {})
    sweeps = given if isinstance(given, list) else [given]
    swept = any(isinstance(sweep, Mapping) and key in sweep for sweep in sweeps)
    return swept or _inside(block, key) is not ABSENT


def _inside(block: Mapping[str, JsonValue], key: str) -> Any:
    """The value of a dotted key, or ABSENT."""
    value: Any = block
    for name in key.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return ABSENT
        value = value[name]
    return value
