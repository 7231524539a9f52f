"""Any config is refused in one line that names a key, or it plans: configs made by chance."""

import copy
import datetime
import itertools
import json
import re
from typing import Any

import bad_configs
import pytest
import yaml
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from project import tiny

from superpos.config import jobs, layers
from superpos.config import text as config_text
from superpos.config.messages import ConfigError
from superpos.config.resolving import changed, resolve
from superpos.tables.lacking import wanted
from superpos.training import engines
from superpos.verdicts import judging

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-3, 40)
    | st.floats()
    | st.dates()
    | st.binary(max_size=3)
    | st.text(max_size=6)
    | st.sampled_from(["", "1e-3", "../..", "/etc", "a b", "independent", "linear", "F1", "sets"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.integers() | st.none(), inner, max_size=3)
        | st.sampled_from(["linear", "log", "geometric", "last", "others", "name", "lr"]).flatmap(
            lambda key: st.fixed_dictionaries({key: inner})
        )
        | st.fixed_dictionaries({"linear": st.tuples(inner, inner, inner).map(list)})
    ),
    max_leaves=5,
)


NUMBERS = st.sampled_from([0, 1, 2, 7, 64, 1000, 10**6, 10**9, 10**12, 10**400, -1])
NAMES = st.sampled_from(
    [
        *("linear", "relu_output", "absolute", "independent", "correlated", "one_set", "fused"),
        *("reference", "adam", "cosine", "control_variate", "normal", "F1", "sets", "packing"),
        *("feature_norm", "intro", "density", "steps", "replicates", "claims", "n_features"),
    ]
)
GRIDS = st.builds(lambda kind, a, b, n: {kind: [a, b, n]}, st.sampled_from(["linear", "log"]),
                  st.floats(-1, 2), st.floats(0, 2), NUMBERS)  # fmt: skip


def near(value: Any) -> st.SearchStrategy[Any]:
    """Values of the kind that a value has, so that many configs are good, or nearly."""
    match value:
        case bool():
            return st.booleans()
        case int():
            return st.integers(1, 50) | NUMBERS
        case float():
            return st.floats(0, 1) | st.sampled_from([1e-300, 1e300, float("nan"), float("inf")])
        case str():
            return NAMES
        case list():
            return st.permutations(value) | st.just(value + value) | GRIDS | st.just([])
        case _:
            return GRIDS | NUMBERS


def places(block: Any) -> list[tuple[dict[str, Any] | list[Any], Any]]:
    """Every key of every mapping and every place of every list, with what it belongs to."""
    if not isinstance(block, dict | list):
        return []
    keys = list(block) if isinstance(block, dict) else range(len(block))
    return [(block, key) for key in keys] + [p for key in keys for p in places(block[key])]


@st.composite
def configs(draw: Any) -> Any:
    """The tiny config with one to three keys or values changed, taken away, renamed or added."""
    raw = {**tiny(), "theory": {"packing": {"table": "packing_gains", "settings": {
        "first": 1.0, "last": 2.0, "count": 3}}}}  # fmt: skip
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(places(raw) or [({}, "")]))
        match draw(st.sampled_from(["near", "near", "change", "remove", "rename", "add", "copy"])):
            case "near":
                holder[key] = draw(
                    near(holder.get(key) if isinstance(holder, dict) else holder[key])
                )
            case "change":
                holder[key] = draw(VALUES)
            case "remove" if isinstance(holder, dict):
                holder.pop(key, None)
            case "rename" if isinstance(holder, dict):
                holder[draw(NAMES | st.text(max_size=5) | st.none())] = holder.pop(key, None)
            case "add" if isinstance(holder, dict):
                holder[draw(NAMES | st.text(max_size=5))] = draw(VALUES)
            case "copy":
                holder[key] = copy.deepcopy(draw(st.sampled_from(places(raw)))[0])
            case _:
                holder[key] = [holder[key]]
    return raw


def plans(raw: Any) -> bool:
    """Whether the config plans, all that Snakemake asks for; or it is refused, in one line."""
    try:
        config = resolve(raw)
    except ConfigError as error:
        said = str(error)
        assert "\n" not in said
        place, _, what = said.partition(": ")
        assert what, said
        assert re.split(r"[.\[]", place)[0] in (*PARTS, "config", *raw), said
        return False
    for experiment in config.experiments.values():
        for job in jobs.jobs(experiment):
            told = jobs.specification(config, job).model_dump_json()
            assert json.dumps(json.loads(told), allow_nan=False)
            job.sweep.sets(config.seed)
            assert jobs.cost(job) >= 0
            engines.modules_by_way(experiment.settings.engine, job.sweep.conditions.values())
            assert re.fullmatch(r"[\w=,.+-]{1,200}", job.slice), job.slice
    json.dumps([figure.options for figure in config.figures.values()], allow_nan=False)
    json.dumps([line.settings for line in config.theory.values()], allow_nan=False)
    for file in judging.files():
        judging.about(file, config.experiments, config.theory)
    changed(config, resolve(tiny()))
    return True


PARTS = ("seed", "defaults", "experiments", "theory", "figures", "variation")


@pytest.mark.slow
def test_any_changed_config_is_refused_in_one_line_or_plans():
    counts = {True: 0, False: 0}

    @seed(0)
    @settings(
        **{"max_examples": 600, "deadline": None, "database": None},
        suppress_health_check=list(HealthCheck),
    )
    @given(configs())
    def try_one(raw: Any) -> None:
        counts[plans(raw)] += 1

    try_one()
    assert counts[False] >= 400
    assert counts[True] >= 20


def refused(content: str) -> str:
    """What is said of the text of a bad config, in one line that a terminal can show."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        resolve(layers.merged([config_text.parse("config.yaml", content)]))
    said = str(caught.value)
    assert said.isprintable()
    assert len(said) < 500
    place, _, what = said.partition(": ")
    assert what, said
    known = re.split(r"[.\[,]", place)[0] in ("config", *PARTS)
    assert known or what.startswith("unknown key; there are "), said
    return said


BAD = list(bad_configs.texts())
PARTS_OF_BAD = 8
"""So many tests share them, so that all workers have some."""


def test_the_config_that_is_made_bad_is_good():
    content = yaml.safe_dump(bad_configs.full())
    assert resolve(layers.merged([config_text.parse("config.yaml", content)])).experiments


@pytest.mark.parametrize("name", [name for name, _ in BAD[::151]])
def test_a_bad_config_is_refused_in_one_short_line(name):
    refused(dict(BAD)[name])


@pytest.mark.trial
@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS_OF_BAD))
def test_thousands_of_bad_configs_are_refused_in_one_short_line_each(part):
    assert len(BAD) > 5000
    for _, content in BAD[part::PARTS_OF_BAD]:
        refused(content)


def text(**changes: Any) -> str:
    """The tiny config as YAML, with other values at paths such as experiments__sets__steps."""
    raw = tiny()
    for path, value in changes.items():
        *above, last = path.split("__")
        block: Any = raw
        for key in above:
            block = block[key]
        block[last] = value
    return yaml.safe_dump(raw, sort_keys=False)


BAD_FILES = {
    # The text of config.yaml, and what one line of Snakemake's output must say.
    "empty": ("", "config: config.yaml: the file is not a mapping of keys to values"),
    "a list": ("- 1\n- 2\n", "config: config.yaml: the file is not a mapping"),
    "a word": ("hello\n", "config: config.yaml: the file is not a mapping"),
    "cut short": ("seed: 0\ndefaults: {model: [relu", "this is not YAML: "),
    "a tab": ("seed:\t0\n\tdefaults: 1\n", "config: config.yaml, line "),
    "no text": ("\x00\x01\x02", "config: config.yaml: this is not YAML: "),
    "python in a tag": (
        "seed: !!python/object/apply:os.system [touch pwned]\n", "config.yaml, line 1: the tag "),
    "python by name": ("seed: !!python/name:os.system\n", "config: config.yaml, line 1: the tag "),
    "a template": (
        "__use_yte__: true\n?(__import__('os').system('touch pwned')): 1\n",
        "config: config.yaml, line 1: key __use_yte__: a config is not a template"),
    "a billion": (
        "a: &a [x, x]\n" + "".join(f"{n}: &{n} [*{m}, *{m}, *{m}, *{m}, *{m}, *{m}]\n"
                                   for m, n in itertools.pairwise("abcdefghijkl")),
        "more than 1000000 values"),
    "a key twice": ("seed: 0\nseed: 1\n", "config: config.yaml, line 2: key seed appears twice"),
    "itself": ("seed: 0\ndefaults: &a {model: *a}\n", "nested more than 20 deep"),
    "a date": (text(experiments__sets__steps=datetime.date(2022, 9, 14)), "sets.steps: "),
    "not a number": (text(experiments__sets__density=float("nan")), "sets.density: nan is not a finite"),
    "a number for a key": (text(experiments__sets__sweep={1: [1.0]}), "key 1 is not printable text"),
    "a key of yes": ("yes: 1\n" + text(), "config: key True is not printable text"),
    "a path for a name": (text(experiments={"../x": {}}), "experiments.../x: an experiment's name"),
    "an absolute path": (text(figures={"/etc/x": {}}), "figures./etc/x: a figure's name"),
    "another's folder": (text(experiments={"figures": {}}), "results/figures/ holds other files"),
    "ten to the nine points": (
        text(experiments__sets__sweep={"density": {"linear": [0.1, 1, 10**9]}}),
        "a grid of 1000000000 values"),
    "ten to the nine jobs": (
        text(experiments__sets__replicates=10**9, experiments__sets__block=1),
        "2000000000 training jobs; raise `block`"),
    "a number too long": (text(experiments__sets__steps=10**400), "sets.steps: a whole number of"),
    "a day that does not exist": ("seed: 2022-02-30\n", "line 1: '2022-02-30' is not a valid timestamp"),
    "a truth value that does not exist": ("seed: !!bool x\n", "config.yaml, line 1: 'x' is not a valid bool"),
    "a merge": ("defaults:\n  <<: 3\n", "config.yaml, line 2: key <<: mappings are not merged"),
    "thousands of digits": ("seed: " + "9" * 5000 + "\n", "config.yaml, line 1: '9999"),
    "thousands of brackets": ("seed: " + "[" * 100_000 + "\n", "line 1: nested more than 20 deep"),
    "a chain of bases": (
        text(experiments={f"b{i}": {"base": f"b{i + 1}"} for i in range(3000)} | {"b3000": {}}),
        "more than 50 blocks inherit"),
    "a theory out of range": (
        text(theory={"t": {"table": "packing_gains", "settings": {"first": -1, "last": 2, "count": 3}}}),
        "theory.t.settings: first: -1; give numbers from 1"),
    "more weights than memory": (
        text(experiments__sets__n_features=65534, experiments__sets__n_hidden=65535,
             experiments__sets__replicates=1000, experiments__sets__data={"name": "independent"}),
        "sets: the weights of all runs would need"),
    "no such option": (text(figures__F1__options={"hue": 1}), "unknown option of intro 'hue'"),
    "an option missing": (
        text(figures__F1={"draw": "collapse", "from": ["F1"]}),
        "figures.F1.options: panels: missing; figure collapse needs it"),
    "a long folder": (
        text(experiments__sets__n_features=100, experiments__sets__data={"name": "independent"},
             experiments__sets__sweep={"density": [[0.5] * 99 + [0.25]]}),
        "put the axis with the longest values in `pack`"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD_FILES)
def test_snakemake_refuses_a_bad_file_in_one_line_without_a_traceback(project, name):
    content, said = BAD_FILES[name]
    (project.folder / "config.yaml").write_text(content)
    printed = project.run("--dry-run", ok=False)
    assert "Traceback" not in printed
    assert said in printed
    assert "Job " not in printed
    assert not (project.folder / "pwned").exists()


def test_a_figure_without_its_metric_is_one_line_that_says_what_to_add(built, tmp_path):
    pictures = [w for form in ("svg", "pdf", "png") for w in (f"--{form}", str(tmp_path / form))]
    words = ("--draw", "seed_bars", "--options", "{}", "--experiments", "results/F1", "--theory")
    ended = built.python("workflow/scripts/figure.py", *words, *pictures)
    assert ended.returncode == 1
    assert ended.stderr == (
        "figure: figure seed_bars of F1 needs the metric superposition_unnormalised; "
        "add it to `metrics` of its experiments\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_lack_of_anything_but_a_metric_is_a_bug_and_stays_one():
    with pytest.raises(KeyError, match="no_metric"), wanted("figure"):
        raise KeyError("no_metric")
    with pytest.raises(ValueError, match=r"claims/x\.py needs the metric phase; add it"):  # noqa: SIM117
        with wanted("claims/x.py"):
            raise KeyError("phase")
