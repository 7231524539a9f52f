"""Configs laid over one another by one rule, and values that would have no effect."""

import pytest
import yaml
from project import HERE, fresh, tiny

from superpos.api import experiment
from superpos.config import layers
from superpos.config import text as config_text
from superpos.config.messages import ConfigError
from superpos.config.resolving import resolve
from superpos.numerics.digest import digest

SHIPPED = yaml.safe_load((HERE / "config.yaml").read_text())
CHANGES = {
    # A shipped block, the keys laid over it, and the conditions' keys that must come out.
    "a new data replaces the old": ("seed", {"data": {"name": "independent"}}, {"data": {
        "name": "independent", "signed": False, "sets": None, "unit_norm": False,
        "training_samples": None, "set": 0, "repeats": None}}),
    "a new init replaces the old": ("F3", {"init": {"name": "xavier"}}, {
        "init": {"name": "xavier", "std": None}}),
    "the optimizer inherits key by key": ("F1", {"optimizer": {"lr": 0.25}}, {"optimizer": {
        "name": "adamw", "lr": 0.25, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01}}),
    "a new importance replaces the old": ("F1", {"importance": {"last": 2}}, {
        "importance": {"last": 2}}),
    "a sweep replaces a fixed value": ("F13", {"sweep": {"density": [0.5]}}, {"density": 0.5}),
    "a sweep reaches inside": ("F17", {"sweep": {"optimizer.lr": [0.5]}}, {"optimizer": {
        "name": "adamw", "lr": 0.5, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0}}),
    "a sweep replaces the old, and its packing": ("F9", {
        "density": 0.5, "sweep": {"batch": [7]}}, {"density": 0.5, "batch": 7}),
}  # fmt: skip


def by_base(name, block):
    raw = {**SHIPPED, "experiments": {**SHIPPED["experiments"], "mine": {"base": name, **block}}}
    only = {n: raw["experiments"][n] for n in layers.chain("mine", raw["experiments"])}
    return resolve({**raw, "experiments": only, "figures": {}}).experiments["mine"]


def by_overlay(name, block):
    raw = layers.merged([SHIPPED, {"experiments": {name: block}}])
    only = {n: raw["experiments"][n] for n in layers.chain(name, raw["experiments"])}
    return resolve({**raw, "experiments": only, "figures": {}}).experiments[name]


def by_keywords(name, block):
    return experiment.experiment_config(name, block, 0).experiments[name]


@pytest.mark.parametrize("change", CHANGES)
def test_a_base_an_overlay_and_keywords_mean_the_same(change):
    name, block, wanted = CHANGES[change]
    for way in (by_base, by_overlay, by_keywords):
        conditions = way(name, block).conditions.values()
        for condition in conditions:
            plain = condition.written()
            assert {key: plain[key] for key in wanted} == wanted, way.__name__


NO_EFFECT = {
    # A shipped block, keys that would change nothing, and what the line says.
    "a swept key": ("F1", {"density": 0.3}, r"\.density: 0\.3 has no effect.*sweep: \{density: \[0\.3\]\}"),
    "a key that each part sweeps": ("F7", {"steps": 5}, r"\.steps: 5 has no effect"),
    "a key inside": ("F11", {"data": {"name": "correlated", "sets": 4}}, r"\.data\.sets: 4 has no"),
    "a whole of which a part is swept": ("F9", {"density": 0.1}, r"\.density: 0\.1 .*only one of"),
    "samples beside strata": ("F1", {"evaluation": {"samples": 9}}, r"samples: 9 has no .*strata: 0"),
    "swept beside its sweep": (
        "F13", {"batch": 3, "sweep": {"batch": [4]}}, r"\.batch: 3 has no effect"),
}  # fmt: skip


@pytest.mark.parametrize("way", [by_base, by_overlay, by_keywords])
@pytest.mark.parametrize("change", NO_EFFECT)
def test_a_value_without_effect_is_refused(change, way):
    name, block, said = NO_EFFECT[change]
    with pytest.raises(ValueError, match=said) as caught:
        way(name, block)
    assert "\n" not in str(caught.value)


def test_a_key_that_some_parts_of_a_sweep_have_may_be_given():
    rates = {
        c.optimizer.lr for c in by_overlay("F3", {"optimizer": {"lr": 0.5}}).conditions.values()
    }
    assert rates == {0.5, 0.003}


def test_strata_of_a_layer_above_replace_the_samples_below():
    evaluation = by_overlay("F13", {"evaluation": {"strata": 7}}).settings.evaluation
    assert (evaluation.strata, evaluation.samples) == (
        7,
        SHIPPED["defaults"]["evaluation"]["samples"],
    )


def test_figures_theory_and_defaults_are_laid_name_by_name():
    above = {
        "defaults": {"batch": 3, "optimizer": {"lr": 0.5}},
        "figures": {"F1": {"options": {"hue": 1}}},
        "seed": 9,
    }
    whole = layers.merged([SHIPPED, above])
    assert whole["figures"]["F1"] == {**SHIPPED["figures"]["F1"], "options": {"hue": 1}}
    assert whole["figures"]["F5"] == SHIPPED["figures"]["F5"]
    assert whole["defaults"]["optimizer"] == {**SHIPPED["defaults"]["optimizer"], "lr": 0.5}
    assert (whole["defaults"]["batch"], whole["seed"]) == (3, 9)
    assert whole["experiments"] == SHIPPED["experiments"]


def test_the_layers_are_not_changed():
    raw = tiny()
    layers.merged(
        [raw, {"experiments": {"F1": {"sweep": {"density": [0.5]}, "optimizer": {"lr": 1.0}}}}]
    )
    assert raw == tiny()


def test_a_chain_of_bases_has_an_end():
    blocks = {f"b{i}": {"base": f"b{i + 1}"} for i in range(3000)} | {"b3000": {}}
    with pytest.raises(ValueError, match=r"b49\.base: more than 50 blocks inherit"):
        layers.inherited("b0", blocks)


def test_numbers_in_a_mapping_of_the_command_line_are_numbers():
    given = {
        "F1": {
            "steps": "5",
            "optimizer": {"lr": "0.5"},
            "metrics": ["represented"],
            "title": "a: b",
        }
    }
    assert config_text.typed(given) == {
        "F1": {"steps": 5, "optimizer": {"lr": 0.5}, "metrics": ["represented"], "title": "a: b"}
    }


def test_the_shipped_conditions_keep_their_random_keys():
    """Values of config.yaml may be written otherwise; the runs they name stay the same."""
    experiments = resolve(SHIPPED).experiments.values()
    keys = [
        [e.name, slug, f"{c.key(0, 0):016x}", c.distribution(0)]
        for e in experiments
        for slug, c in e.conditions.items()
    ]
    assert (len(keys), digest(keys)) == (14206, "aad4ef93e06b95d76ebb6a525a5f01d2")


def test_a_circle_of_bases_is_refused():
    with pytest.raises(ConfigError, match="a cycle"):
        resolve({**tiny(), "experiments": {"a": {"base": "b"}, "b": {"base": "a"}}})


@pytest.fixture(scope="module")
def planning(tmp_path_factory):
    """A project whose config is planned and never run."""
    return fresh(tmp_path_factory.mktemp("planning") / "project", tiny())


@pytest.mark.slow
def test_the_pipeline_lays_a_file_over_the_config_by_the_same_rule(planning):
    above = {"experiments": {"sets": {"data": {"name": "independent"}}}}
    (planning.folder / "mine.yaml").write_text(yaml.safe_dump(above))
    assert any("training set" in job for job in planning.planned())
    planned = planning.planned("--configfile", "mine.yaml")
    assert planned
    assert not any("training set" in job for job in planned)


@pytest.mark.slow
def test_numbers_within_a_mapping_of_the_command_line_reach_the_pipeline(planning):
    changes = ("--config", "variation=mine", "experiments={F1: {steps: 7, optimizer: {lr: 0.5}}}")
    assert any("F1" in job for job in planning.planned(*changes))


BAD_LAYERS = {
    "a swept key": ("F1: {density: 0.3}", "config: experiments.F1.density: 0.3 has no effect"),
    "an unknown key": ("F1: {stps: 5}", "config: experiments.F1.stps: unknown key; did you mean steps?"),
    "another's name": ("F1: {sparsity: 0.5}", "experiments.F1.sparsity: unknown key; use density"),
    "sets without sets": ("sets: {data: {name: independent, sets: 2}}", "data.sets 2 has no effect"),
    "a merge": ("F1: {<<: {steps: 5}}", "line 2: key <<: mappings are not merged"),
    "a day": ("F1: {steps: 2022-02-30}", "line 2: '2022-02-30' is not a valid timestamp"),
    "no mapping": ("F1", "experiments: 'F1' is not a mapping"),
    "brackets": ("F1: " + "[" * 50_000, "line 2: nested more than 20 deep"),
    "too many samples": ("F1: {evaluation: {samples: 5}}", "evaluation.samples: 5 has no effect"),
    "too large": (
        "F1: {n_features: 60000, n_hidden: 60000, replicates: 5000}", "weights of all runs would need"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD_LAYERS)
def test_a_bad_file_laid_over_the_config_is_refused_in_one_line_before_any_job(planning, name):
    line, said = BAD_LAYERS[name]
    (planning.folder / "bad.yaml").write_text(f"experiments:\n  {line}\n")
    printed = planning.make("--dry-run", "--configfile", "bad.yaml", ok=False)
    told = [text for text in printed.splitlines() if text.startswith("config: ")]
    assert len(told) == 1, printed
    assert said in told[0]
    assert len(told[0]) < 510
    assert "Traceback" not in printed
    assert "Job " not in printed
