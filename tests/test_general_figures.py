"""Figures that fit any experiment: what they show, whom they fit, and that they can be read."""

import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from diverged import diverged, ranked_again
from letters import smallest
from made_tables import packed, run, tables
from matplotlib.figure import Figure
from project import HERE, tiny

import superpos
from superpos import lookup, plotting
from superpos.config import options, swept, text
from superpos.config.layers import merged
from superpos.config.messages import ConfigError
from superpos.config.resolving import resolve
from superpos.plotting.general import conditions
from superpos.tables import Tables

FIGURES = ["arrows", "metric_curve", "metric_map", "norm_bars", "weights"]
DENSITIES = (1.0, 0.3, 0.1)


def swept_tables(n=5, m=2, densities=DENSITIES, models=("relu_output",), replicates=2):
    """Replicate r of a condition has the loss density + r / 10, so that replicate 0 is the best."""
    rows = []
    for model in models:
        for density in densities:
            for r in range(replicates):
                W = packed(n, m, max(1, 2 * m - n)) * (1 - 0.2 * r)
                loss = density + r / 10 + (model == "linear")
                rows.append(run(W, -0.1, experiment="mine", density=density, importance=0.9 ** np.arange(n),
                                model=model, replicate=r, rank=r, loss=loss))  # fmt: skip
    return tables(rows)


def drawn(name, made, **options):
    return superpos.draw(name, made, **options)


def small_print(figure):
    return figure._supxlabel.get_text()


def titles(figure):
    return [ax.get_title() for ax in figure.axes if ax.get_title()]


GRID = swept_tables(models=("relu_output", "linear"))


def test_these_are_the_general_figures():
    assert lookup.names("general figure") == FIGURES


@pytest.mark.parametrize("name", FIGURES)
def test_a_general_figure_is_readable_and_the_same_bytes_whatever_the_readers_style(name):
    figure = drawn(name, GRID)
    first = plotting.render(figure, "svg")
    assert smallest(first) >= 8
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert plotting.render(drawn(name, GRID), "svg") == first


@pytest.mark.parametrize(("n", "m"), [(2, 2), (20, 3), (80, 2)])
def test_arrows_number_few_features_and_colour_many(n, m):
    figure = drawn("arrows", swept_tables(n, m, densities=(0.1,), replicates=1))
    assert ("Numbers are those" in small_print(figure)) == ((n, m) == (2, 2))
    assert figure.axes[-1].get_ylabel() == "importance"
    assert "the only run" in small_print(figure)


def test_arrows_are_coloured_by_a_metric_of_features():
    assert drawn("arrows", GRID, color="dimensionality").axes[-1].get_ylabel() == "dimensionality"
    with pytest.raises(ValueError, match=r"figure arrows needs the metric colour; mine does not"):
        drawn("arrows", GRID, color="colour")


def test_panels_are_labelled_by_what_was_swept_and_by_the_loss_of_the_run():
    assert titles(drawn("weights", swept_tables())) == [
        "density 1\nloss 1", "density 0.3\nloss 0.3", "density 0.1\nloss 0.1"]  # fmt: skip
    assert titles(drawn("norm_bars", GRID))[-1] == "linear, density 0.1\nloss 1.1"
    assert titles(drawn("weights", swept_tables(), replicate=1))[0] == "density 1\nloss 1.1"
    with pytest.raises(ValueError, match="replicate: 7; give a number from 0 to 1"):
        drawn("weights", swept_tables(), replicate=7)


def test_of_many_conditions_some_are_shown_evenly_spaced():
    made = swept_tables(densities=np.linspace(0.02, 1, 50).round(2), replicates=1)
    figure = drawn("weights", made, most=3)
    assert [title.split("\n")[0] for title in titles(figure)] == [
        "density 0.02", "density 0.5", "density 1"]  # fmt: skip
    assert "3 of 50 conditions, which differ in density." in small_print(figure)


def test_a_curve_shows_the_best_runs_and_the_spread_over_replicates():
    ax = drawn("metric_curve", swept_tables()).axes[0]
    (dots,) = [line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert dots.get_ydata() == pytest.approx([0.1, 0.3, 1.0])
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(1.1)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("density, 1 − S", "held-out loss")


def test_a_curve_has_a_line_for_each_combination_of_the_other_swept_values():
    (legend,) = drawn("metric_curve", GRID).legends
    assert [t.get_text() for t in legend.get_texts()] == ["relu output", "linear"]
    over = drawn("metric_curve", GRID, over="model").axes[0]
    assert [t.get_text() for t in over.get_xticklabels()] == ["relu output", "linear"]


def test_a_curve_of_a_metric_of_features_is_their_mean():
    ax = drawn("metric_curve", swept_tables(replicates=1), metric="feature_norm").axes[0]
    assert ax.get_ylabel() == "feature norm, mean over features"
    assert ax.lines[0].get_ydata() == pytest.approx([0.6] * 3)


def test_a_map_has_the_best_run_of_each_pair_of_values():
    best, spread = (ax for ax in drawn("metric_map", GRID).axes if ax.images)
    values = np.asarray(best.images[0].get_array())
    assert values == pytest.approx(np.array([[0.1, 1.1], [0.3, 1.3], [1.0, 2.0]]))
    assert np.asarray(spread.images[0].get_array()) == pytest.approx(np.full((3, 2), 0.1))
    assert (best.get_xlabel(), best.get_ylabel()) == ("model", "density, 1 − S")


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("metric_curve", {"over": "steps"}, "needs a sweep of steps; mine sweeps model and density"),
        ("metric_curve", {"metric": "los"}, r"needs the metric los; did you mean loss\?"),
        ("metric_map", {"metric": "LOSS"}, r"needs the metric LOSS; did you mean loss\?"),
        ("metric_curve", {"metric": "ring"}, "needs the metric ring; mine does not measure it"),
        ("metric_curve", {"metrik": "loss"}, "unknown option of metric_curve 'metrik': did you mean metric"),
        ("weights", {"most": 0}, "most: 0: input should be greater than or equal to 1"),
    ],
)  # fmt: skip
def test_an_option_that_does_not_fit_is_refused_in_one_line(name, options, said):
    with pytest.raises(ValueError, match=rf"^figure {name}:? {said}"):
        drawn(name, GRID, **options)


@pytest.mark.parametrize("name", FIGURES)
def test_conditions_whose_runs_all_diverged_are_left_out_and_named(name):
    lost = (GRID.runs["density"] == 0.3).to_numpy()
    figure = drawn(name, ranked_again(diverged(GRID, lost)))
    assert "mine: 4 of 12 runs diverged" in small_print(figure)
    assert "no run is left of mine model=relu_output,density=0.3" in small_print(figure)
    assert figure.axes
    alone = (GRID.runs["density"] != 0.3) | (GRID.runs["model"] == "linear")
    assert drawn(name, ranked_again(diverged(GRID, alone.to_numpy()))).axes
    every = np.ones(len(GRID.runs), bool)
    assert drawn(name, diverged(GRID, every)).axes == []


def test_drawing_without_a_name_gives_all_figures_that_fit_with_captions():
    pictures = superpos.draw(GRID)
    assert list(pictures) == FIGURES
    assert all(isinstance(figure, Figure) for figure in pictures.values())
    assert pictures.captions["arrows"].endswith("The conditions differ in model and density.")
    assert repr(pictures) == f"Pictures: {', '.join(FIGURES)}"
    html = superpos.draw(swept_tables(6, 5, densities=(0.1,)))._repr_html_()
    assert html.count("<img") == html.count("alt=") == 2
    assert "{swept}" not in html
    with pytest.raises(ValueError, match="the name of the figure comes first"):
        superpos.draw(GRID, metric="loss")
    with pytest.raises(ValueError, match="there are no tables"):
        superpos.draw("arrows")
    with pytest.raises(
        ValueError, match=r"^figure arrows: an object of type dict is not tables; draw what"
    ):
        superpos.draw("arrows", {"runs": GRID.runs})


def config(**experiments):
    """The tiny config with other experiments beside its own."""
    return merged([tiny(), {"experiments": experiments}])


def general(raw, shipped=None):
    return sorted(n for n, f in resolve(raw, shipped).figures.items() if f.draw in FIGURES)


MINE = {"title": "Mine", "n_features": 5, "n_hidden": 2, "sweep": {"density": [1.0, 0.1]}}


def test_an_experiment_that_no_figure_shows_gets_the_general_figures_that_fit():
    assert general(config(mine=MINE)) == [
        "mine_arrows", "mine_metric_curve", "mine_norm_bars", "mine_weights"]  # fmt: skip
    grid = {**MINE, "n_hidden": 4, "sweep": {"density": [1.0, 0.1], "optimizer.lr": [0.1, 0.2]}}
    assert "mine_metric_map" in general(config(mine=grid))
    assert "mine_arrows" not in general(config(mine=grid))


def test_an_experiment_that_a_figure_shows_gets_none_and_one_whose_figure_is_left_out_does():
    assert general(config(mine={"base": "F1", "batch": 8})) == []
    line = {"figures": {"own": {"draw": "arrows", "from": ["mine"], "options": {"most": 2}}}}
    assert general(merged([config(mine=MINE), line])) == ["own"]
    assert "F1_weights" in general(config(F1={"n_hidden": 4}), tiny())


def test_no_shipped_experiment_gets_a_general_figure():
    second = text.load_config(HERE / "double_descent.yaml")
    assert general(text.load_config(HERE / "config.yaml")) == []
    assert general(second) == []
    for path in HERE.glob("double_descent_*.yaml"):
        assert general(merged([second, text.load_config(path)])) == [], path.name


def test_a_figure_of_the_name_of_a_general_one_is_refused():
    line = {"figures": {"mine_arrows": {"draw": "intro", "from": ["F1"]}}}
    with pytest.raises(ConfigError, match=r"^figures\.mine_arrows: .* rename this one"):
        resolve(merged([config(mine=MINE), line]))


def test_swept_values_are_said_in_words():
    point = {"model": "relu_output", "n_hidden": 1, "steps": 20000, "optimizer.lr": 0.0012345}
    said = "relu output, 1 hidden dimension, 20,000 steps, learning rate 0.001234"
    assert swept.in_words(point, point) == said
    none = {
        "init.trained_on": None,
        "data.training_samples": None,
        "init": {"name": "xavier", "std": None},
    }
    assert swept.in_words(none, none) == (
        "no samples trained on before, no training samples, init name xavier, std none"
    )
    assert swept.varied([{"a": 1}, {"a": 1, "b": 2}]) == ["b"]
    assert swept.sentence([{"density": 1}, {"density": 2}]) == " The conditions differ in density."
    assert swept.sentence([{"density": 1}]) == ""


def test_values_that_no_column_holds_are_told_apart_by_their_slugs():
    made = swept_tables(densities=(0.3, 0.1))
    renamed = {
        c: f"data.repeats=samples-1+times-{k}"
        for k, c in enumerate(made.runs["condition"].unique())
    }
    for table in (made.runs, made.features):
        table["condition"] = table["condition"].map(renamed)
    ax = drawn("metric_curve", made).axes[0]
    assert [t.get_text() for t in ax.get_xticklabels()] == [
        "samples-1+times-0", "samples-1+times-1"]  # fmt: skip
    assert isinstance(made.runs, pd.DataFrame)


SMALL = {"n_features": 3, "n_hidden": 2, "steps": 3, "batch": 8, "losses": 2, "metrics": []}


@pytest.fixture(scope="module", params=["data", "batch"])
def told_apart_by_their_names(request):
    """Conditions whose columns in `runs` are the same, but for their losses."""
    plain, lr = {"name": "independent"}, {"optimizer.lr": [0.001, 0.01]}
    if request.param == "data":
        laws = {"data": [plain, {**plain, "signed": True}]}
        return superpos.sweep(**SMALL, density=0.5, replicates=2, sweep={**laws, **lr})
    finite = {**SMALL, "data": {"training_samples": 5}, "density": 0.5}
    del finite["batch"]
    return superpos.sweep(**finite, replicates=2, sweep={"batch": ["all", 5], **lr})


def test_no_two_conditions_share_a_cell_a_line_or_a_title(told_apart_by_their_names):
    made = told_apart_by_their_names
    best = made.best().runs
    assert len(best) == 4
    cells = drawn("metric_map", made).axes[0].images[0].get_array()
    np.testing.assert_allclose(np.sort(cells, axis=None), np.sort(best["loss"]))
    assert len({*titles(drawn("weights", made))} - {"WᵀW", "Wᵀ", "W", "b"}) == 4
    lines = [*drawn("metric_curve", made, over="optimizer.lr").legends[0].get_texts()]
    assert len({line.get_text() for line in lines}) == 2


def test_whole_blocks_are_named_in_words():
    laws = [{"name": "independent"}, {"name": "independent", "signed": True}]
    laws.append({"name": "correlated", "sets": 3})
    made = superpos.sweep(**SMALL, density=0.5, sweep={"data": laws})
    labels = drawn("metric_curve", made).axes[0].get_xticklabels()
    assert [label.get_text() for label in labels] == [
        *("independent", "independent, signed", "correlated, sets 3")
    ]


def test_labels_have_as_many_digits_as_tell_the_conditions_apart():
    near = {"density": [0.1, 0.99996, 1.0], "optimizer.lr": [0.001, 0.01]}
    figure = drawn("metric_curve", superpos.sweep(**SMALL, sweep=near), over="optimizer.lr")
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named == ["density 0.1", "density 0.99996", "density 1"]


@pytest.fixture(scope="module")
def of_one():
    """Three runs of each condition, of which `best_of` allows one."""
    metrics = {"metrics": ["feature_norm", "superposition"]}
    return superpos.sweep(**SMALL | metrics, replicates=3, best_of=1, sweep={"density": [0.1, 0.5]})


@pytest.mark.parametrize("name", ["metric_curve", "weights", "arrows", "norm_bars"])
def test_the_small_print_counts_the_runs_that_could_be_the_best(name, of_one):
    said = " ".join(small_print(drawn(name, of_one)).split())
    assert "the only run that did not diverge and that best_of allows" in said
    assert name != "metric_curve" or "the median of 3 runs" in said


def test_a_selection_shows_the_best_of_its_runs():
    made = swept_tables(replicates=3)
    second = made.replicate(1)
    for name in FIGURES:
        if name != "metric_map":
            assert re.search("the only run|One run", small_print(drawn(name, second)))
    shown = drawn("metric_curve", second).axes[0].lines[0].get_ydata()
    np.testing.assert_allclose(np.sort(shown), np.sort(second.runs["loss"]))


@pytest.mark.parametrize("name", ["metric_curve", "weights", "F1", None])
def test_a_selection_without_a_run_is_one_line(name):
    nothing = GRID.where(density=0.77)
    with pytest.raises(ValueError, match=r"the tables have no runs; select some") as caught:
        superpos.draw(nothing) if name is None else drawn(name, nothing)
    assert "\n" not in str(caught.value)


def test_a_selection_by_what_is_no_column_is_one_line():
    with pytest.raises(ValueError, match=r"unknown column 'densty': did you mean density\?"):
        GRID.where(densty=0.1)
    assert not len(GRID.where(model=0.5).runs)


@pytest.mark.parametrize("kind", [np.float32, np.float64, float])
def test_a_selection_takes_a_float_of_any_precision(kind):
    found = GRID.where(density=kind(0.1)).runs
    assert len(found)
    assert set(found["density"]) == {0.1}


@pytest.mark.parametrize("values", [[0.1], (0.1, 1.0), np.full(len(GRID.runs), 0.1)])
def test_a_selection_by_several_values_at_once_is_one_line(values):
    with pytest.raises(ValueError, match=r"^density: an object of type .* is not one value"):
        GRID.where(density=values)


def test_runs_that_best_of_leaves_out_are_shown_if_they_are_asked_for(of_one):
    left = of_one.replicate(1)
    with pytest.raises(ValueError, match="no run here can be its condition's best; give a number"):
        drawn("weights", left)
    assert "replicate 1" in small_print(drawn("weights", left, replicate=1))


@pytest.mark.parametrize("value", [True, 1.0, "1", -1])
@pytest.mark.parametrize("name", ["weights", "arrows", "norm_bars"])
def test_a_replicate_is_a_whole_number(name, value):
    with pytest.raises(ValueError, match=r"replicate: .*: input should be"):
        drawn(name, GRID, replicate=value)


@pytest.mark.parametrize("name", lookup.names("figure"))
def test_every_option_of_a_figure_has_a_type(name):
    assert "Any" not in str([kind for _, kind in options._arguments("figure", name).values()])


DENSE_TO_SPARSE = (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01)


@pytest.mark.parametrize("densities", [DENSE_TO_SPARSE, DENSE_TO_SPARSE[::-1], range(1, 15)])
def test_many_lines_have_the_colours_of_their_scale(densities):
    densities = [float(p) / max(densities) for p in densities]
    made = swept_tables(densities=densities, models=("relu_output", "linear"), replicates=1)
    ax, scale = drawn("metric_curve", made, over="model").axes
    assert scale.get_ylabel() == "density, 1 − S"
    mappable = scale._colorbar.mappable
    shown = [line for line in ax.lines if not len(line.get_xdata())]
    colours = [mpl.colors.to_rgba(line.get_color()) for line in shown]
    np.testing.assert_allclose(colours, mappable.to_rgba(np.array(densities)), atol=1e-9)
    assert len({*colours}) == len(densities)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1000, 1001, 1002], ["1,000", "1,001", "1,002"]),
        ([32.0, 12345.0], ["32", "12,345"]),
        ([0.9991, 0.9992, 0.9994], ["0.9991", "0.9992", "0.9994"]),
        ([0.99991, 0.99992, 1.0], ["0.99991", "0.99992", "1"]),
        ([0.1, 0.3, 1.0], ["0.1", "0.3", "1"]),
    ],
)
def test_the_labels_of_an_axis_are_told_apart(values, texts):
    assert conditions.number_texts(np.array(values)) == texts
    assert conditions.place_values(np.array(values))[1] == texts


def test_the_ticks_of_a_map_are_told_apart():
    made = superpos.sweep(
        **{k: v for k, v in SMALL.items() if k not in ("steps", "batch")},
        **{"density": 0.5, "replicates": 1, "sweep": {"steps": [1000, 1001], "batch": [32, 33]}},
    )
    ax = drawn("metric_map", made).axes[0]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1,000", "1,001"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["32", "33"]


def test_the_names_of_lines_are_whole():
    sweep = {"density": [0.9, 0.1], "model": ["linear", "relu_output"]}
    sweep |= {"optimizer.weight_decay": [0.0, 0.01], "optimizer.eps": [1e-8, 1e-4]}
    made = superpos.sweep(**SMALL, replicates=1, sweep=sweep)
    named = [t.get_text() for t in drawn("metric_curve", made, over="density").legends[0].texts]
    assert len({*named}) == 8
    assert {" ".join(name.split()).rpartition("epsilon ")[2] for name in named} == {
        "1e-08",
        "0.0001",
    }
    assert max(len(part) for name in named for part in name.split("\n")) <= 40


@pytest.mark.parametrize(
    ("key", "words", "said"),
    [
        ("data.training_samples", ["None", "20", "1"],
         ["no training samples", "20 training samples", "1 training sample"]),
        ("importance", ["1-0.5-0.1", "geometric-0.7"],
         ["importance 1-0.5-0.1", "importance geometric-0.7"]),
        ("optimizer.betas", ["0.9-0.999", "0.8-0.99"], ["betas 0.9-0.999", "betas 0.8-0.99"]),
        ("batch", ["all", "64"], ["batch size all", "batch size 64"]),
        ("model", ["linear", "relu_output"], ["linear", "relu output"]),
        ("optimizer.name", ["adam", "sgd"], ["adam", "sgd"]),
    ],
)  # fmt: skip
def test_a_label_says_what_its_value_is_of(key, words, said):
    runs = pd.DataFrame({"experiment": "mine", "condition": [f"{key}={word}" for word in words]})
    assert conditions.labels(runs, [key]).tolist() == said


def without_values(missing):
    """GRID with a metric that the runs of a mask do not have."""
    value = GRID.runs["loss"].where(~missing)
    return Tables(GRID.runs.assign(mono_rank=value), GRID.features)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (GRID.runs["replicate"] == 1, "median of 1 runs that have a value"),
        (GRID.runs["loss"] == 0.2, "median of 1 to 2 runs that have a value"),
        (GRID.runs["loss"] < 0, "median of 2 runs."),
    ],
)
def test_the_note_counts_the_runs_that_have_a_value(missing, said):
    figure = drawn("metric_curve", without_values(missing), metric="mono_rank")
    assert said in " ".join(small_print(figure).split())
    pictures = superpos.draw(GRID)
    assert "Grey cells have no value." in pictures.captions["metric_map"]
