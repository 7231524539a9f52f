"""The config: inheritance, merging, sweeps, packing; and each mistake in one line with its place."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from superpos.config import jobs, layers
from superpos.config.messages import ConfigError
from superpos.config.resolving import changed, resolve
from superpos.config.variations import own_experiments

SHIPPED = yaml.safe_load((Path(__file__).parents[1] / "config.yaml").read_text())


def small() -> dict[str, Any]:
    """A config of two experiments and a figure, with the shipped defaults."""
    return {
        "seed": 0,
        "defaults": copy.deepcopy(SHIPPED["defaults"]),
        "experiments": {
            "one": {
                **{"title": "One", "n_features": 6, "n_hidden": 2, "replicates": 3},
                "sweep": {"density": [1.0, 0.1]},
            },
            "two": {"base": "one", "title": "Two", "optimizer": {"lr": 0.5}},
        },
        "theory": {},
        "figures": {"first": {"draw": "intro", "from": ["one"]}},
    }


def edited(path: str, value: Any) -> dict[str, Any]:
    """The small config with the value at a dotted path."""
    raw = small()
    *above, last = path.split("/")
    block = raw
    for key in above:
        block = block.setdefault(key, {})
    block[last] = value
    return raw


def test_the_shipped_config_resolves():
    config = resolve(SHIPPED)
    assert {"seed", "F1", "F3", "F4"} <= set(config.experiments)
    assert all(e.conditions for e in config.experiments.values())


def test_a_block_has_the_defaults_it_does_not_override():
    one = resolve(small()).experiments["one"]
    assert one.settings.block == SHIPPED["defaults"]["block"]
    assert one.settings.replicates == 3
    assert {c.batch for c in one.conditions.values()} == {SHIPPED["defaults"]["batch"]}


def test_a_base_is_inherited_and_overridden():
    config = resolve(small())
    one, two = config.experiments["one"], config.experiments["two"]
    assert two.settings.title == "Two"
    assert two.settings.replicates == 3
    assert list(two.conditions) == list(one.conditions)
    assert {c.optimizer.lr for c in two.conditions.values()} == {0.5}
    assert {c.optimizer.lr for c in one.conditions.values()} == {0.001}


def test_optimizer_and_evaluation_merge_and_other_mappings_replace():
    raw = edited("experiments/one/evaluation", {"strata": 7})
    raw["experiments"]["one"]["data"] = {"name": "correlated", "sets": 2}
    raw["experiments"]["two"]["data"] = {"name": "independent"}
    config = resolve(raw)
    assert config.experiments["one"].settings.evaluation.strata == 7
    assert config.experiments["one"].settings.evaluation.samples == 100_000
    two = config.experiments["two"].conditions["density=1"]
    assert two.optimizer.betas == [0.9, 0.999]
    assert two.data.sets is None


def test_inheritance_goes_through_several_blocks():
    raw = edited("experiments/three", {"base": "two", "title": "Three", "batch": 5})
    three = resolve(raw).experiments["three"].conditions["density=0.1"]
    assert (three.batch, three.optimizer.lr, three.n_features) == (5, 0.5, 6)


def test_a_sweep_replaces_the_inherited_one():
    two = resolve(edited("experiments/two/sweep", {"batch": [4, 8]})).experiments["two"]
    assert list(two.conditions) == ["batch=4", "batch=8"]


def test_a_sweep_reaches_into_the_optimizer():
    raw = edited("experiments/two/sweep", {"optimizer.lr": [0.1, 0.2]})
    del raw["experiments"]["two"]["optimizer"]
    two = resolve(raw).experiments["two"]
    assert [c.optimizer.lr for c in two.conditions.values()] == [0.1, 0.2]
    assert {c.optimizer.weight_decay for c in two.conditions.values()} == {0.01}


def test_a_figure_is_drawn_again_for_an_experiment_that_inherits():
    figures = resolve(small()).figures
    assert set(figures) == {"first", "first_two"}
    assert (figures["first_two"].draw, figures["first_two"].experiments) == ("intro", ["two"])


def test_replicates_are_trained_in_blocks_and_conditions_apart():
    raw = edited("experiments/one/block", 2)
    found = jobs.jobs(resolve(raw).experiments["one"])
    assert [job.name for job in found] == [
        *("one/models/density=1/0-2", "one/models/density=1/2-3"),
        *("one/models/density=0.1/0-2", "one/models/density=0.1/2-3"),
    ]


def test_packed_keys_share_a_job():
    raw = edited("experiments/one/sweep", {"density": [1.0, 0.1], "importance": [1.0, 0.5]})
    raw["experiments"]["one"]["pack"] = ["density"]
    found = jobs.jobs(resolve(raw).experiments["one"])
    assert [job.slice for job in found] == ["importance=1", "importance=0.5"]
    assert [len(job.sweep.points) for job in found] == [2, 2]
    raw["experiments"]["one"]["pack"] = ["density", "importance"]
    (job,) = jobs.jobs(resolve(raw).experiments["one"])
    assert (job.slice, len(job.sweep.points)) == ("all", 4)


def test_what_training_does_not_use_is_not_in_a_jobs_specification():
    def specifications(raw):
        config = resolve(raw)
        return [jobs.specification(config, j) for j in jobs.jobs(config.experiments["one"])]

    for key, value in (
        *(("title", "X"), ("metrics", ["feature_norm", "frobenius"]), ("best_of", 2)),
        *(("evaluation", {"strata": 3}), ("block", 50)),
    ):
        assert specifications(edited(f"experiments/one/{key}", value)) == specifications(small())
    for key, value in (("steps", 7), ("losses", 3), ("checkpoints", [5]), ("engine", "reference")):
        assert specifications(edited(f"experiments/one/{key}", value)) != specifications(small())


@pytest.mark.parametrize(
    "defaults", [{"density": 0.3}, {"importance": {"last": 2.0}, "density": [0.1] * 5}]
)
def test_a_default_that_every_point_of_a_sweep_replaces_changes_no_experiment(defaults):
    block = {"title": "x", "n_features": 5, "n_hidden": 2}
    swept = {"density": [1.0, 0.1], "importance": [1.0, 0.5]}
    experiments = {"swept": {**block, "sweep": swept}, "other": block}
    shipped = {**small(), "figures": {}, "theory": {}, "experiments": experiments}
    whole, base = resolve(layers.merged([shipped, {"defaults": defaults}])), resolve(shipped)
    assert own_experiments(whole, base) == ["other"]


def test_a_variation_keeps_only_what_differs_and_its_figures():
    shipped = resolve(small())
    one = changed(resolve(edited("experiments/one/batch", 7)), shipped)
    assert (set(one.experiments), set(one.figures)) == ({"one", "two"}, {"first", "first_two"})
    two = changed(resolve(edited("experiments/two/batch", 7)), shipped)
    assert (set(two.experiments), set(two.figures)) == ({"two"}, {"first_two"})
    assert not changed(resolve(small()), shipped).experiments
    assert set(changed(resolve(edited("seed", 1)), shipped).experiments) == {"one", "two"}


ONE = "experiments/one"
LONE = {"title": "Three", "n_features": 3, "n_hidden": 1}
MISTAKES = {
    # A path of the small config, the value put there, and what the line must say.
    "unknown key at the top": ("figurs", {}, r"^figurs: unknown key; did you mean figures\?"),
    "unknown key of a block": (f"{ONE}/densty", 1.0, r"^experiments\.one\.densty: .*mean density\?"),
    "unknown key, nothing near": (f"{ONE}/zzz", 1, r"^experiments\.one\.zzz: unknown key; there are"),
    "unknown key of the defaults": ("defaults/batches", 1, r"^defaults\.batches: .*mean batch\?"),
    "sweep in the defaults": ("defaults/sweep", {"batch": [1]}, r"^defaults\.sweep: unknown key"),
    "key of data": (f"{ONE}/sets", 2, r"^experiments\.one\.sets: unknown key; use data: \{sets: \.\.\.\}$"),
    "key of evaluation": (f"{ONE}/strata", 9, r"one\.strata: unknown key; use evaluation: \{strata: "),
    "key of the defaults' optimizer": ("defaults/eps", 1.0, r"^defaults\.eps: .*use optimizer: \{eps: "),
    "swept key of data": (f"{ONE}/sweep", {"unit_norm": [True]}, r"'unit_norm': use data: \{unit_norm: "),
    "misspelt source of a figure": (
        "figures/first", {"draw": "intro", "fron": ["one"]},
        r"^figures\.first\.fron: unknown key; did you mean from\?$"),
    "figure without a source": (
        "figures/first", {"draw": "intro"}, r"^figures\.first\.from: missing; give it$"),
    "base of a figure": (
        "figures/first/base", "second", r"^figures\.first\.base: unknown key; there are .* from, "),
    "misspelt name of init": (
        f"{ONE}/init", {"nam": "xavier"}, r"\.init\.nam: unknown key; did you mean name\?$"),
    "no name of init": (f"{ONE}/init", {"std": 0.1}, r"\.init\.name: missing; give it$"),
    "misspelt key of repeats": (
        f"{ONE}/data", {"training_samples": 9, "repeats": {"samples": 1, "time": 2}},
        r"\.data\.repeats\.time: unknown key; did you mean times\?$"),
    "unknown key of data": (
        f"{ONE}/data", {"name": "independent", "setz": 2}, r"one.*\.data\.setz: .*mean sets?\?"),
    "unknown key of repeats": (
        f"{ONE}/data", {"training_samples": 9, "repeats": {"samples": 1, "times": 2, "tims": 2}},
        r"one.*\.data\.repeats\.tims: .*mean times\?"),
    "repeats as a number": (
        f"{ONE}/data", {"training_samples": 9, "repeats": 2}, r"one.*\.data\.repeats: 2: "),
    "set that is a number of another kind": (
        f"{ONE}/sweep", {"data.training_samples": [9], "data.set": [0, 0.5]},
        r"one\[.*data\.set=0\.5\]\.data\.set: 0\.5: .*integer"),
    "set without training samples": (
        f"{ONE}/data", {"set": 1}, r"one.*\.data: set has no effect without training_samples"),
    "repeats without training samples": (
        f"{ONE}/data", {"repeats": {"samples": 1, "times": 2}}, r"one.*\.data: repeats has no effect"),
    "more repeats than samples": (
        f"{ONE}/data", {"training_samples": 9, "repeats": {"samples": 2, "times": 5}},
        r"one.*\.data: repeats of 2 samples 5 times are more than training_samples 9; lower"),
    "a single training sample": (
        f"{ONE}/data", {"training_samples": 1}, r"one.*training_samples: 1: .*greater than or equal to 2"),
    "unit norms as text": (f"{ONE}/data", {"unit_norm": "yes"}, r"one.*\.data\.unit_norm: 'yes': "),
    "unit norms of samples that are nearly always empty": (
        "experiments/three", LONE | {"density": 1e-5, "data": {"unit_norm": True}},
        r"^experiments\.three: data\.unit_norm .* is 3e-05; raise density"),
    "unit norms with a control variate": (
        "experiments/three", LONE | {"gradient": "control_variate", "data": {"unit_norm": True}},
        r"^experiments\.three: gradient 'control_variate' .*unit_norm True: .*use 'minibatch'"),
    "the whole of no training set": (f"{ONE}/batch", "all", r"one.*: batch 'all' needs a finite .* set"),
    "batch of another word": (f"{ONE}/batch", "al", r"one.*\.batch: 'al': give an integer .*, or all"),
    "selection by the training loss of fresh samples": (
        f"{ONE}/select", "training_loss", r"one\.select: 'training_loss', but one has no finite"),
    "misspelt selection": (f"{ONE}/select", "loss", r"one\.select: 'loss': .*'training_loss'"),
    "a dense training set beyond the memory": (
        "experiments/three", LONE | {"n_features": 60_000, "data": {"training_samples": 2**31 - 1}},
        r"^experiments\.three: .*training set .*lower data\.training_samples"),
    "unknown key of the optimizer": (
        f"{ONE}/optimizer", {"lrr": 1.0}, r"one.*\.optimizer\.lrr: .*did you mean lr\?"),
    "unknown key of init": (
        f"{ONE}/init", {"name": "normal", "sdt": 1.0}, r"one.*\.init\.sdt: .*did you mean std\?"),
    "unknown key of evaluation": (
        f"{ONE}/evaluation", {"strat": 1}, r"one\.evaluation\.strat: .*did you mean strata\?"),
    "unknown key of a figure": (
        "figures/first/drew", "intro", r"^figures\.first\.drew: unknown key; did you mean draw\?"),
    "unknown swept key": (
        f"{ONE}/sweep", {"desnity": [1.0]}, r"one\.sweep: .*'desnity': did you mean density\?"),
    "unknown swept key within": (
        f"{ONE}/sweep", {"optimizer.lrr": [1.0]}, r"one\[.*\.optimizer\.lrr: .*mean lr\?"),
    "misspelt model": (
        f"{ONE}/model", "relu_ouput", r"one.*unknown model 'relu_ouput': did you mean relu_output\?"),
    "misspelt data": (
        f"{ONE}/data", {"name": "corelated"}, r"one.*unknown data 'corelated': .*mean correlated\?"),
    "misspelt metric": (
        f"{ONE}/metrics", ["feature_nrm"], r"one\.metrics: .*'feature_nrm': did you mean feature_norm"),
    "misspelt figure": (
        "figures/first/draw", "itnro", r"^figures\.first\.draw: unknown figure 'itnro': .*mean intro\?"),
    "misspelt experiment of a figure": (
        "figures/first/from", ["oen"], r"^figures\.first\.from: .*'oen': did you mean one\?"),
    "misspelt schedule": (f"{ONE}/schedule", "cosin", r"one.*\.schedule: 'cosin': .*'cosine'"),
    "control variate of correlated features": (
        "experiments/three",
        LONE | {"gradient": "control_variate", "data": {"name": "correlated", "sets": 3}},
        r"^experiments\.three: gradient 'control_variate' .*use 'minibatch'"),
    "misspelt engine": (f"{ONE}/engine", "fusd", r"one\.engine: 'fusd': .*'fused'"),
    "misspelt optimizer": (f"{ONE}/optimizer", {"name": "sgd"}, r"one.*\.name: 'sgd': .*'adamw'"),
    "misspelt init": (f"{ONE}/init", {"name": "xaver"}, r"one.*\.name: 'xaver': .*'xavier'"),
    "misspelt packed key": (f"{ONE}/pack", ["densty"], r"one\.pack: .*'densty': did you mean density"),
    "base that does not exist": (
        "experiments/two/base", "oen", r"experiments\.two\.base: .*'oen': did you mean one\?"),
    "base that is a number": ("experiments/two/base", 1, r"experiments\.two\.base: .*'1': there are"),
    "swept key that is a number": (f"{ONE}/sweep", {1: [1.0]}, r"one\.sweep: key 1 is not printable text"),
    "base circle": (f"{ONE}/base", "two", r"base: .* inherits from .*, which makes a cycle"),
    "base of itself": (f"{ONE}/base", "one", r"experiments\.one\.base: .*a cycle"),
    "density 0": (
        "experiments/three", LONE | {"density": 0}, r"^experiments\.three: density 0: .*in \(0, 1\]"),
    "density 1.5": (f"{ONE}/sweep", {"density": [1.5]}, r"one\[density=1\.5\].*density 1\.5: .*in \(0, 1\]"),
    "density of one feature": (
        f"{ONE}/sweep", {"density": [[0.1] * 5 + [2.0]]}, r"one\[.*density \[.*in \(0, 1\]"),
    "density as text": (f"{ONE}/sweep", {"density": ["1e-3"]}, r"one\[.*density '1e-3': give a number"),
    "densities too few": (
        f"{ONE}/sweep", {"density": [[0.1]]}, r"one\[.*density has 1 numbers for n_features = 6"),
    "importance below 0": (f"{ONE}/importance", -1, r"one.*importance -1: give a number >= 0"),
    "n_hidden 0": (f"{ONE}/n_hidden", 0, r"one.*\.n_hidden: 0: .*greater than or equal to 1"),
    "n_hidden 2.5": (f"{ONE}/n_hidden", 2.5, r"one.*\.n_hidden: 2\.5: .*integer"),
    "n_features as text": (f"{ONE}/n_features", "6", r"one.*\.n_features: '6': .*integer"),
    "negative steps": (f"{ONE}/steps", -5, r"one.*\.steps: -5: .*greater than or equal to 1"),
    "no steps": (f"{ONE}/steps", 0, r"one.*\.steps: 0: "),
    "batch true": (f"{ONE}/batch", True, r"one.*\.batch: True: .*integer"),
    "replicates 0": (f"{ONE}/replicates", 0, r"one\.replicates: 0: "),
    "lr as text": (
        f"{ONE}/optimizer", {"lr": "1e-3"}, r"\.optimizer\.lr: '1e-3': .*write 0\.001 or 1\.0e-3"),
    "lr 0": (f"{ONE}/optimizer", {"lr": 0.0}, r"\.optimizer\.lr: 0\.0: .*greater than 0"),
    "beta 1": (f"{ONE}/optimizer", {"betas": [0.9, 1.0]}, r"\.optimizer\.betas\.1: 1\.0: .*less than 1"),
    "one beta": (f"{ONE}/optimizer", {"betas": [0.9]}, r"\.optimizer\.betas: \[0\.9\]: "),
    "init normal without std": (f"{ONE}/init", {"name": "normal"}, r"one.*init.*needs a std"),
    "init xavier with std": (f"{ONE}/init", {"name": "xavier", "std": 1.0}, r"one.*takes none"),
    "best of 10 with 3": (f"{ONE}/best_of", 10, r"^experiments\.one\.best_of: 10, but replicates is 3"),
    "sweep point twice": (f"{ONE}/sweep", {"density": [0.1, 0.1]}, r"one: .*density=0\.1 appears twice"),
    "sweep of no list": (f"{ONE}/sweep", {"density": 0.1}, r"one: density: 0\.1 is not a grid; give"),
    "sets that do not divide": (
        f"{ONE}/data", {"name": "correlated", "sets": 4}, r"one.*data\.sets 4 does not divide 6"),
    "correlated without sets": (f"{ONE}/data", {"name": "correlated"}, r"one.*needs data\.sets"),
    "data as text": (f"{ONE}/data", "independent", r"one.*\.data: 'independent': "),
    "checkpoint after the end": (
        f"{ONE}/checkpoints", [20_000], r"one\.checkpoints: 20000 is after the last.* raise steps"),
    "checkpoint 0": (f"{ONE}/checkpoints", [0], r"one\.checkpoints\.0: 0: "),
    "block that is not a mapping": (ONE, [1, 2], r"^experiments\.one: \[1, 2\] is not a mapping"),
    "block that is empty": (ONE, None, r"^experiments\.one: None is not a mapping"),
    "experiments that are no mapping": ("experiments", ["one"], r"^experiments: \['one'\] is not a mapping"),
    "figure that is not a mapping": ("figures/first", "intro", r"^figures\.first: 'intro' is not a mapping"),
    "misspelt theory of a figure": (
        "figures/first/theory", ["phase"], r"^figures\.first\.theory: unknown theory table 'phase'"),
    "figure of nothing": ("figures/first/from", [], r"^figures\.first\.from: \[\]: "),
    "name with a slash": ("experiments/a\\b", {}, r"^experiments\.a.b: .*letters, digits"),
    "figure's name with a blank": ("figures/a b", {}, r"^figures\.a b: .*letters, digits"),
    "seed as text": ("seed", "0", r"^seed: '0' is not a whole number"),
    "seed below 0": ("seed", -1, r"^seed: -1 is not a whole number"),
    "sets of independent features": (
        f"{ONE}/data", {"name": "independent", "sets": 2}, r"one.*data\.sets 2 has no effect on indep"),
    "decay of adam": (
        f"{ONE}/optimizer", {"name": "adam"}, r"one.*\.optimizer: weight_decay 0\.01 has no effect on adam"),
    "a fixed value beside its sweep": (
        f"{ONE}/density", 0.3, r"^experiments\.one\.density: 0\.3 .*sweep: \{density: \[0\.3\]\}"),
    "importance and its last": (
        f"{ONE}/sweep", {"importance.last": [1.0], "importance": [0.5]}, r"importance\.last is a part of"),
    "a sweep of no part": (f"{ONE}/sweep", [], r"one: sweep: \[\] has no points"),
    "packed twice": (f"{ONE}/pack", ["density"] * 2, r"one\.pack: 'density' appears twice"),
    "metric twice": (f"{ONE}/metrics", ["represented"] * 2, r"one\.metrics: 'represented' appears twice"),
    "checkpoint twice": (f"{ONE}/checkpoints", [5, 5], r"one\.checkpoints: 5 appears twice"),
    "experiment of a figure twice": (
        "figures/first/from", ["one"] * 2, r"^figures\.first\.from: 'one' appears twice"),
    "own figure with an inherited one's name": (
        "figures/first_two", {"draw": "intro", "from": ["one"]}, r"^figures\.first_two: two inherits"),
    "title with an escape": (f"{ONE}/title", "\x1b[31mred", r"one\.title: '\\x1b\[31mred' has the control"),
    "a long value": (f"{ONE}/model", "x" * 10_000, r"one.*unknown model 'xxx.* \.\.\. .*there are"),
    "title missing": (ONE, {"n_hidden": 1}, r"^experiments\.one\.title: missing; give it"),
    "size missing": (ONE, {"title": "T", "n_hidden": 1}, r"one\.n_features: missing; give it"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_names_place_value_and_fix(mistake):
    path, value, line = MISTAKES[mistake]
    with pytest.raises(ConfigError, match=line) as caught:
        resolve(edited(path, value))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("part", ["seed", "defaults", "experiments", "theory", "figures"])
def test_a_part_that_is_missing_is_named(part):
    raw = small()
    del raw[part]
    with pytest.raises(ConfigError, match=f"^{part}: None is no"):
        resolve(raw)


def test_checkpoints_may_be_a_grid_of_distinct_whole_numbers():
    raw = edited("experiments/one/checkpoints", {"log": [1, 100, 9]})
    steps = resolve(raw).experiments["one"].settings.checkpoints
    assert steps == [1, 2, 3, 6, 10, 18, 32, 56, 100]


def test_a_mistake_in_a_line_of_theory_names_its_place():
    for line, said in (
        ({"table": "phasse"}, r"^theory\.t\.table: unknown theory table 'phasse'"),
        (
            {"tabel": "phase"},
            r"^theory\.t\.tabel: unknown key; did you mean table",
        ),
        ("phase", r"^theory\.t: 'phase' is not a mapping"),
    ):
        with pytest.raises(ConfigError, match=said):
            resolve(edited("theory/t", line))


def test_yaml_reads_1e_3_as_text_which_is_refused():
    raw = edited(f"{ONE}/optimizer", yaml.safe_load("lr: 1e-3"))
    with pytest.raises(ConfigError, match=r"'1e-3': .*YAML reads 1e-3 as text"):
        resolve(raw)


@pytest.mark.parametrize("key", ["n_features", "n_hidden", "steps", "model"])
def test_keys_that_give_runs_other_shapes_cannot_share_a_job(key):
    values = ["linear", "absolute"] if key == "model" else [2, 4]
    raw = edited(f"{ONE}/sweep", {key: values})
    raw["experiments"]["one"]["pack"] = [key]
    raw["experiments"]["one"].pop(key, None)
    with pytest.raises(ConfigError, match=rf"^experiments\.one\.pack: .*{key}"):
        resolve(raw)
