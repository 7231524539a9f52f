"""`superpos.sweep` and `superpos.draw`: the pipeline's stages in one process."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from project import TINY

import superpos
from superpos.api import experiment
from superpos.config import layers, shipped
from superpos.config.messages import ConfigError
from superpos.config.resolving import resolve
from superpos.verdicts import judging

FEW = {
    **{"n_features": 6, "n_hidden": 2, "steps": 20, "batch": 16, "replicates": 2, "losses": 5},
    **{"engine": "reference", "evaluation": {"samples": 200, "strata": 0}, "threads": 1},
}


@pytest.fixture(scope="module")
def tables():
    return superpos.sweep(sweep={"density": [1.0, 0.1]}, **FEW)


def test_a_sweep_has_a_row_a_run_and_a_row_a_run_and_feature(tables):
    assert tables.runs["condition"].tolist() == ["density=1"] * 2 + ["density=0.1"] * 2
    assert len(tables.features) == 4 * 6
    assert len(tables.history) == 4 * 5
    assert len(tables.best().runs) == 2


def test_its_tables_are_drawn_as_a_figure_of_the_paper(tables):
    assert isinstance(superpos.draw("F1", tables), Figure)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("signed", "needs values from 0 to 1; sweep has"),
        ("unit_norm", "needs data.unit_norm false"),
    ],
)
@pytest.mark.parametrize("figure", ["F3", "F4"])
def test_a_figure_with_theory_of_other_data_is_refused_in_memory(figure, key, said):
    tables = superpos.sweep(**FEW, density=0.5, data={key: True})
    with pytest.raises(ValueError, match=rf"^figure {figure} {re.escape(said)}"):
        superpos.draw(figure, tables)


def test_each_conditions_runs_are_there_as_arrays(tables):
    assert list(tables.models) == ["density=1", "density=0.1"]
    of, rows = tables.models["density=0.1"], tables.where(density=0.1)
    assert of.condition.density == 0.1
    np.testing.assert_array_equal(of.loss, rows.runs["loss"])
    np.testing.assert_array_equal(of.W.reshape(-1, 2), np.stack(rows.features["W"]))
    assert of.best() == rows.best().runs["replicate"].item()
    with pytest.raises(KeyError, match=r"did you mean density=0\.1"):
        tables.models["densty=0.1"]


def test_the_best_model_is_chosen_from_the_first_runs_alone_if_best_of_says_so():
    few = superpos.sweep(**{**FEW, "replicates": 4}, density=0.1, best_of=1)
    (models,) = few.models.values()
    assert models.best() == 0
    assert np.isnan(models.selection_loss).tolist() == [False, True, True, True]


@pytest.mark.parametrize("name", ["F1", "M2"])
def test_the_shipped_experiment_may_be_named_with_its_keyword(name):
    few = {"n_features": 6, "density": 0.2, "steps": 2, "engine": "reference", "threads": 1}
    data = {"sweep": {"data.training_samples": [3]}} if name == "M2" else {"sweep": {}}
    named, plain = superpos.sweep(base=name, **few, **data), superpos.sweep(name, **few, **data)
    assert named.names == plain.names == {name}
    pd.testing.assert_frame_equal(named.runs, plain.runs)


@pytest.mark.parametrize("form", [list, tuple])
def test_the_short_form_of_the_rate_is_taken_in_each_part_of_a_sweep(form):
    parts = form([{"lr": [0.1, 0.2]}, {"optimizer.lr": [0.3], "density": [0.1]}])
    found = superpos.sweep(**FEW, sweep=parts)
    assert list(found.models) == [
        "optimizer.lr=0.1",
        "optimizer.lr=0.2",
        "optimizer.lr=0.3,density=0.1",
    ]


def test_runs_can_be_grouped_by_a_setting_that_is_not_swept(tables):
    assert set(tables.runs["optimizer_lr"]) == {0.001}
    assert len(tables.runs.groupby(["optimizer_name", "init_name"])) == 1


def test_tables_show_what_they_are_in_one_line(tables):
    assert repr(tables) == "Results of sweep: 4 runs of 2 conditions"
    assert repr(tables.best()) == "Tables of sweep: 2 runs of 2 conditions"
    one = tables.best().where(density=tables.runs["density"].iloc[0])
    assert repr(one) == "Tables of sweep: 1 run of 1 condition"
    assert "<table" in tables._repr_html_()


def test_a_base_gives_the_keys_that_are_not_given():
    changes = {k: v for k, v in FEW.items() if k != "n_features"}
    runs = superpos.sweep("F1", **changes).runs
    assert set(runs["n_features"]) == {5}
    assert set(runs["steps"]) == {20}
    assert set(runs["density"]) == {1.0, 0.2, 0.1}


BASED = [name for name, block in shipped.config()["experiments"].items() if "base" in block]


@pytest.mark.parametrize("name", BASED)
def test_a_shipped_block_that_inherits_has_its_own_conditions(name):
    raw = shipped.config()
    one = experiment.experiment_config(name, {"replicates": 1}, 0).experiments[name]
    chain = {n: raw["experiments"][n] for n in layers.chain(name, raw["experiments"])}
    whole = resolve({**raw, "experiments": chain, "figures": {}})
    assert one.conditions == whole.experiments[name].conditions


def test_a_shipped_block_that_inherits_is_swept():
    changes = {k: v for k, v in FEW.items() if k not in ("n_features", "n_hidden")}
    runs = superpos.sweep("F6", **{**changes, "sweep": {"density": [0.3]}}).runs
    assert (set(runs["n_features"]), set(runs["experiment"])) == ({3}, {"F6"})


@pytest.mark.parametrize(
    ("base", "changes", "said"),
    [
        ("F1", {"density": 0.3}, r"^experiments\.F1\.density: 0\.3 .*give sweep: \{density: \[0\.3\]\}"),
        ("F7", {"steps": 10}, r"^experiments\.F7\.steps: 10 .*give sweep: \{steps: \[10\]\}"),
        ("F9", {"density": 0.1}, r"^experiments\.F9\.density: 0\.1 .*density\.first_ratio is swept"),
        ("F5", {"importance": 0.5}, r"^experiments\.F5\.importance: 0\.5 .*importance\.last is swept"),
        ("F1", {"evaluation": {"samples": 9}}, r"evaluation\.samples: 9 has no effect.*strata is 20000"),
        (None, {"density": 0.3, "sweep": {"density": [1.0]}}, r"^density: 0\.3 has no"),
        ("F1", {"optimizer": {"decay_bias": False, "weight_decay": 0.0}},
         r"^experiments\.F1\.optimizer\.decay_bias: false has no effect"),
        (None, {"n_features": 3, "n_hidden": 1, "optimizer": {"decay_bias": False},
                "sweep": {"optimizer.weight_decay": [0.0]}}, r"^optimizer\.decay_bias: false has no"),
    ],
)  # fmt: skip
def test_a_change_without_effect_is_refused(base, changes, said):
    with pytest.raises(ConfigError, match=said):
        superpos.sweep(base, **changes)


def test_the_share_of_the_training_rises_to_1():
    shares = []
    superpos.sweep(sweep={"density": [1.0, 0.1]}, **FEW, report_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("engine", ["fused", "reference"])
@pytest.mark.parametrize("changes", [{"density": 0.001, "batch": 1}, {"importance": 0.0}])
def test_the_share_ends_at_1_if_losses_are_exactly_0(engine, changes):
    shares = []
    models = superpos.train(**{**FEW, "engine": engine, **changes}, report_progress=shares.append)
    assert (models.history == 0).any()
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: superpos.sweep(**FEW, densty=1.0), "densty: unknown key; did you mean density?"),
        (
            lambda: superpos.sweep(**FEW, sweep={"sparsity": [0.9]}),
            "sweep: unknown key 'sparsity': use density, which is 1 - sparsity",
        ),
        (
            lambda: superpos.sweep(**FEW, bias=False),
            "bias: unknown key; use model: relu_output_unbiased",
        ),
        (
            lambda: superpos.sweep(**FEW, sweep={"lr": [0.1], "optimizer.lr": [0.2]}),
            "sweep: unknown key 'lr': use optimizer",
        ),
        (lambda: superpos.sweep(6, 2), "2: sweep takes base without a name; name the others"),
        (lambda: superpos.sweep("F55"), "unknown experiment 'F55'"),
        (lambda: superpos.sweep(5), "unknown experiment 5"),
        (lambda: superpos.sweep(n_hidden=2), "n_features: missing"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(call, said):
    with pytest.raises(ConfigError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_an_unknown_figure_is_refused_with_the_nearest_name(tables):
    with pytest.raises(ValueError, match="did you mean seed_bars"):
        superpos.draw("seed_bar", tables)


@pytest.mark.parametrize("given", [5, None, {"runs": []}])
def test_what_is_neither_a_figure_nor_tables_is_refused(given):
    with pytest.raises(
        ValueError, match=r"^an object of type \w+ is neither a figure nor tables; draw what"
    ):
        superpos.draw(given)


@pytest.mark.parametrize("column", ["condition", "engine", "W"])
def test_arrows_are_not_coloured_by_what_is_not_a_number(tables, column):
    with pytest.raises(ValueError, match=f"color: '{column}' is not a number for each feature"):
        superpos.draw("arrows", tables, color=column)


@pytest.mark.parametrize(
    ("figure", "options", "said"),
    [
        ("F1", {"colour": "red"}, "figure F1: unknown option of .* 'colour'"),
        ("F14", {"first": "early"}, "figure F14: first: 'early'"),
        ("F14", {"frist": 10}, "unknown option of .*: did you mean first"),
    ],
)
def test_an_option_that_a_figure_does_not_take_is_refused(tables, figure, options, said):
    with pytest.raises(ValueError, match=said):
        superpos.draw(figure, tables, **options)


def test_like_values_give_the_tables_of_the_pipeline(built):
    own = TINY["experiments"]["sets"]
    block = {k: v for k, v in TINY["defaults"].items() if k not in own["sweep"]} | own
    ours = superpos.sweep(**block, seed=TINY["seed"], threads=1)
    for kind in ("runs", "features", "history"):
        stored = pd.read_parquet(built.folder / f"results/sets/{kind}.parquet")
        columns = stored.columns.drop("experiment")
        pd.testing.assert_frame_equal(getattr(ours, kind)[columns], stored[columns], rtol=1e-5)


def test_claims_that_are_not_about_a_variation_in_memory_are_not_tested():
    few = {"steps": 2, "batch": 4, "replicates": 1, "engine": "reference", "threads": 1}
    other = superpos.sweep("F1", n_features=8, **few)
    found = judging.evaluate(other)
    assert set(found["verdict"]) == {"not tested"}
    assert set(found["reason"]) == {"F1 has n_features 8; the claim is about 5"}
    same = judging.evaluate(superpos.sweep("F1", metrics=["dimensionality"], **few))
    assert set(same["verdict"]) >= {"not tested"}
    assert (same["verdict"] != "not tested").sum() == 5


def test_runs_are_selected_as_a_whole_also_by_what_is_each_features_own():
    swept = superpos.sweep(
        n_features=3, n_hidden=1, steps=5, batch=8, evaluation={"samples": 20},
        sweep={"importance": [0.5, {"geometric": 0.5}], "optimizer.lr": [0.01, 0.1]},
    )  # fmt: skip
    for kept, conditions in (
        (swept.where(importance=0.5), 2),
        (swept.where(optimizer_lr=0.01), 2),
        (swept.where(importance=0.5, optimizer_lr=0.1), 1),
    ):
        assert kept.runs["condition"].nunique() == conditions
        assert {*kept.features["condition"]} == {*kept.runs["condition"]}
        assert len(kept.features) == 3 * len(kept.runs)
