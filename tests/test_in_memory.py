"""`superpos.sweep` and `superpos.draw`: the pipeline's stages in one process."""

import pandas as pd
import pytest
from matplotlib.figure import Figure
from project import TINY

import superpos
from superpos.config import ConfigError

FEW = {
    **{"n_features": 6, "n_hidden": 2, "steps": 20, "batch": 16, "replicates": 2, "losses": 5},
    **{"engine": "reference", "evaluation": {"samples": 200}, "threads": 1},
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


def test_a_base_gives_the_keys_that_are_not_given():
    changes = {k: v for k, v in FEW.items() if k != "n_features"}
    runs = superpos.sweep("F1", **changes).runs
    assert set(runs["n_features"]) == {5}
    assert set(runs["steps"]) == {20}
    assert set(runs["density"]) == {1.0, 0.2, 0.1}


def test_the_share_of_the_training_rises_to_1():
    shares = []
    superpos.sweep(sweep={"density": [1.0, 0.1]}, **FEW, tell=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: superpos.sweep(**FEW, densty=1.0), "densty: unknown key; did you mean density?"),
        (lambda: superpos.sweep("F55"), "unknown experiment 'F55'"),
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


def test_like_values_give_the_tables_of_the_pipeline(built):
    block = {**TINY["defaults"], **TINY["experiments"]["sets"]}
    ours = superpos.sweep(**block, seed=TINY["seed"], threads=1)
    for kind in ("runs", "features", "history"):
        stored = pd.read_parquet(built.folder / f"results/sets/{kind}.parquet")
        columns = stored.columns.drop("experiment")
        pd.testing.assert_frame_equal(getattr(ours, kind)[columns], stored[columns], rtol=1e-5)
