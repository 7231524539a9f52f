"""Bad configs by the thousand: every key with what YAML can do to it, and with values of its kind."""

import functools
from collections.abc import Iterator
from typing import Any

import yaml
from project import tiny

DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""libyaml's where it is installed, which takes a tenth of the time."""
TRICKS = (
    *("!!python/name:os.system", "!!python/object/apply:os.system [ls]", "!<tag:evil> 1", "!evil x"),
    *("2022-02-30", "2022-02-03", "!!bool x", "!!int x", "!!float x", "!!timestamp x", "!!seq x"),
    *("!!str [1]", "!!set {a}", "!!omap [a: 1]", "!!binary eA==", "!!map [1]", "=", "190:20:30"),
    *("*nowhere", "&a [*a]", "&a {b: *a}", "[" * 40 + "]" * 40, "{a: " * 40 + "}" * 40),
    *("[" * 100_000, "{[1]: 2}", "{{a: 1}: 2}", "{1: 2}", "{yes: 2}", "{null: 2}", "{1.5: 2}"),
    *("{<<: {a: 1}}", "{<<: 3}", "{a: 1, a: 2}", "{__use_yte__: true}", "{? [1, 2] : 3}"),
    *(".nan", ".inf", "-.inf", "9" * 5000, "1" + "0" * 400, "-" + "7" * 4000, "0" * 20 + "7"),
    *('"\\e[31mred"', '"\\x00"', '"\\u0007"', '{"\\e[1m": 1}', '{"": 1}', "\x1b[31m", "\x00", "\x7f"),
    *("`x`", "@x", "%x", "[1, 2", "{a: 1", "'x", '"x', "]", "}", "x: y: z", "\t- x", "- - x\n -y"),
)  # fmt: skip
"""YAML that is wrong wherever it stands."""

SCALARS = ("[[]]", "{zzz: 1}", "null")
COUNT = (*SCALARS, "0", "-1", "1.5", "true", "'1'", "x", "''", "2147483648", "1" + "0" * 30, "[1]")
RATE = (*SCALARS, "'1e-3'", "1e-3", "-0.5", "true", "x", "[0.5]", "''")
NAME = (
    *SCALARS,
    "5",
    "true",
    "zzz",
    "''",
    "../x",
    "/etc/passwd",
    "x" * 5000,
    "[x]",
    "0.5",
    "'a\\nb'",
)
NAMES = ("5", "x", "{a: 1}", "[zzz]", "[5]", "[null]", "[[x]]", "['']", "null", "true", "['../x']")
KINDS: dict[str, tuple[str, ...]] = {
    "seed": ("-1", "x", "1.5", "true", "null", "[1]", "'0'"),
    "n_features": (*COUNT, "65536"),
    "n_hidden": (*COUNT, "65536"),
    "replicates": COUNT,
    "block": COUNT,
    "batch": (*COUNT, "al", "ALL"),
    "select": (*NAME, "training_loss"),
    "steps": COUNT,
    "losses": COUNT,
    "best_of": ("0", "-1", "1.5", "true", "x", "1000", "[1]", "{a: 1}", "2147483648"),
    "model": NAME,
    "schedule": NAME,
    "gradient": NAME,
    "engine": NAME,
    "title": ("5", "true", "null", "[x]", "{a: 1}", "1.5"),
    "pack": (*NAMES, "[density, density]", "[n_features]", "[density.first]"),
    "metrics": (*NAMES, "[represented, represented]", "[os.system]"),
    "checkpoints": ("x", "5", "[0]", "[-1]", "[1.5]", "[x]", "[21]", "[5, 5]", "{log: [1, 2]}",
                    "{log: [0, 9, 3]}", "{linear: [1, 9, 1000000000]}", "[null]", "null", "[true]"),
    "density": ("0", "-0.1", "1.5", "x", "'0.5'", "true", "null", "[0.5, 2.0]", "[]", "{others: 0.5}",
                "{others: 0.5, first_ratio: 9}", "{zzz: 1}", "{others: x, first_ratio: 1}"),
    "importance": ("-1", "x", "true", "null", "[1, 2]", "[]", "{geometric: x}", "{last: -1}",
                   "{geometric: 1, last: 1}", "{zzz: 1}", "{geometric: -0.5}"),
    "sweep": ("[]", "5", "x", "null", "{density: 0.5}", "{density: []}", "{density: [0.5, 0.5]}",
              "{zzz: [1]}", "{density: [2.0]}", "{density: {log: [0, 1, 3]}}", "{optimizer.zzz: [1]}",
              "{density: {log: [0.1, 1, 1000000000]}}", "{title: [a]}", "{sweep: [1]}", "[5]",
              "{importance: [1.0], importance.last: [2.0]}", "{replicates: [1, 2]}", "{a.b.c: [1]}",
              "{density: {linear: [-1.0e+308, 1.0e+308, 3]}}", "{steps: [1.5]}", "{'..': [1]}"),
    "base": ("zzz", "5", "[F1]", "{a: 1}", "''", "../x"),
    "data": ("independent", "[]", "{name: zzz}", "{name: independent, sets: 2}", "5",
             "{name: correlated}", "{name: correlated, sets: 5}", "{name: one_set, sets: 0}", "null",
             "{name: independent, signed: 1}", "{name: independent, training_samples: 0}",
             "{name: independent, training_samples: 2147483648}", "{name: independent, zzz: 1}",
             "{training_samples: 1}", "{set: 1}", "{repeats: {samples: 1, times: 2}}", "{unit_norm: 1}",
             "{training_samples: 9, set: -1}", "{training_samples: 9, set: 1.5}",
             "{training_samples: 9, repeats: 2}", "{training_samples: 9, repeats: {samples: 1}}",
             "{training_samples: 9, repeats: {samples: 5, times: 2}}",
             "{training_samples: 9, repeats: {samples: 0, times: 2}}",
             "{training_samples: 9, repeats: {samples: 1, times: 2, zzz: 1}}"),
    "optimizer": ("adam", "[]", "{name: adam}", "{name: sgd}", "{lr: 0}", "{lr: -1}", "{lr: '1'}",
                  "{betas: [0.9]}", "{betas: [0.9, 1]}", "{eps: 0}", "{weight_decay: -1}", "{zzz: 1}",
                  "{betas: 5}", "{lr: null}", "{momentum: 0.9}", "5"),
    "init": ("xavier", "{}", "{name: normal}", "{name: xavier, std: 1}", "{name: zzz}", "null",
             "{name: xavier, trained_on: 1}", "{name: xavier, trained_on: 1000}",
             "{name: normal, std: 0}", "{name: normal, std: -1}", "{name: normal, std: '1'}", "[]"),
    "evaluation": ("5", "[]", "{samples: 0}", "{samples: x}", "{strata: -1}", "{strata: 1.5}",
                   "{zzz: 1}", "{samples: 2147483648}", "x"),
    "table": NAME,
    "settings": ("5", "[]", "{zzz: 1}", "{}", "{first: -1, last: 2, count: 3}",
                 "{first: 1, last: 2, count: 1000000000}", "{first: 1, last: 2, count: 0}",
                 "{first: x, last: 2, count: 3}", "{first: 0.5, last: 2, count: 3}",
                 "{first: 1, last: 2, count: 1.5}", "{first: true, last: 2, count: 3}", "x"),
    "draw": NAME,
    "from": ("F1", "5", "[zzz]", "[F1, F1]", "[5]", "{a: 1}", "null", "[null]"),
    "theory": ("[zzz]", "5", "x", "[packing, packing]", "[5]", "{a: 1}", "null"),
    "options": ("5", "[]", "{zzz: 1}", "{}", "{panels: []}", "{panels: 5}", "{panels: [x]}",
                "{panels: [-1.0]}", "{panels: [0.5], zzz: 1}", "{panels: null}", "x"),
}  # fmt: skip
"""Values that are wrong for the key of that name."""

BLOCKS = ("5", "x", "[]", "[1]", "null", "true", "''")
KEYS = (
    "../x",
    "a b",
    "''",
    "a/b",
    "..",
    "x-y",
    "1",
    "x" * 101,
    "'\\e'",
    "$x",
    "é ",
    "5.5",
    "~",
    "on",
)
RATES = {"lr", "eps", "weight_decay"}


def full() -> dict[str, Any]:
    """A small good config in which every key is given."""
    raw = tiny()
    sets = raw["experiments"]["sets"]
    raw["experiments"] = {
        "F1": raw["experiments"]["F1"],
        "full": {**raw["defaults"], **sets, "base": "F1", "best_of": 2, "density": 0.5,
                 "sweep": {"importance": [1.0, 0.5]}},
        "packed": {"base": "F1", "title": "Packed"},
        "plain": {"title": "Plain", "n_features": 6, "n_hidden": 2},
        "pairs": {"title": "Pairs", "n_features": 6, "n_hidden": 2,
                  "data": {"name": "correlated", "sets": 3}, "sweep": {"density": [0.5, 0.2]}},
    }  # fmt: skip
    del raw["experiments"]["full"]["importance"]
    raw["experiments"]["full"]["evaluation"] = {"strata": 20}
    settings = {"first": 1.0, "last": 2.0, "count": 3}
    raw["theory"] = {"packing": {"table": "packing_gains", "settings": settings}}
    raw["figures"]["bars"] = {"draw": "seed_bars", "from": ["full"]}
    raw["figures"]["panels"] = {
        **{"draw": "collapse", "from": ["pairs"], "theory": ["packing"]},
        "options": {"panels": [0.2]},
    }
    return raw


def texts() -> Iterator[tuple[str, str]]:
    """A name and the text of every bad config."""
    for path in _paths(full()):
        for trick in TRICKS:
            yield f"{'.'.join(path)}: {trick[:30]!r}", _with(path, trick)
        for value in () if path[-2:-1] == ("sweep",) else _wrong(path):
            yield f"{'.'.join(path)}: {value[:30]}", _with(path, value)
    for part in ("experiments", "theory", "figures"):
        for key in KEYS:
            yield f"{part}.{key[:20]}", _with((part,), f"{{{key}: {{}}}}")
    whole = yaml.safe_dump(full())
    for line in (*TRICKS, *KEYS):
        yield f"the file {line[:30]!r}", line
        yield f"a line more {line[:30]!r}", f"{whole}\n{line}: 1\n"


def _wrong(path: tuple[str, ...]) -> tuple[str, ...]:
    if path[-1] in RATES:
        return RATE
    if len(path) == 1 and path[0] != "seed":
        return BLOCKS
    if len(path) == 2 and path[0] in ("experiments", "theory", "figures"):
        return BLOCKS
    return KINDS.get(path[-1], ())


def _paths(block: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in block.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from _paths(value, (*above, key))


def _with(path: tuple[str, ...], fragment: str) -> str:
    """The full config as text, with a fragment of YAML for the value at a path."""
    return _without(path).replace("HERE", fragment)


@functools.cache
def _without(path: tuple[str, ...]) -> str:
    """The full config as text, with HERE for the value at a path."""
    raw = full()
    block = raw
    for key in path[:-1]:
        block = block[key]
    block[path[-1]] = "HERE"
    return yaml.dump(raw, Dumper=DUMPER, sort_keys=False, default_flow_style=None)
