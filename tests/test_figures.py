"""Figures: every file draws, shows what the tables say, and is the same bytes every time."""

import ast
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from diverged import best_of_the_first, diverged, ranked_again
from letters import smallest
from made_tables import packed, run, tables
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from superpos import lookup, plotting
from superpos.plotting.style import styled
from superpos.tables import Tables
from superpos.theory import regular_polygon

SEED = ["seed_arrows", "seed_bars", "seed_products"]
STACKS = ["linear_relu_stacks", "weights_and_norms"]


def stack():
    """Two replicates of three conditions; replicate 1 is the best, so that the pick shows."""
    rows = []
    for rank, replicate in ((1, 0), (0, 1)):
        for model, density, alone in (("relu_output", 0.1, 1), ("linear", 0.01, 5),
                                      ("relu_output", 1.0, 5)):  # fmt: skip
            rows.append(run((1 - 0.3 * rank) * packed(20, 5, alone), density / 2, experiment="F3",
                            density=density, importance=0.7 ** np.arange(20), model=model,
                            replicate=replicate, rank=rank, loss=0.02 + rank))  # fmt: skip
    return tables(rows)


def plane(experiment="seed", density=0.01, n=10):
    rows = [run(regular_polygon(n, 1 + 0.2 * rank), -0.2, experiment=experiment, density=density,
                importance=0.9 ** np.arange(n), replicate=replicate, rank=rank, loss=0.5 + rank)
            for rank, replicate in ((1, 0), (0, 1), (-1, 2))]  # fmt: skip
    return tables(rows)


def introduction():
    """At two densities."""
    sparse, dense = plane("F1", 0.1, 5), plane("F1", 1.0, 5)
    return Tables(pd.concat([sparse.runs, dense.runs], ignore_index=True),
                  pd.concat([sparse.features, dense.features], ignore_index=True))  # fmt: skip


def neurons_of_two_models(name):
    """Two replicates of ReLU hidden models at two densities, and of models of |x|."""
    rows = []
    for rank, replicate in ((1, 0), (0, 1)):
        for density in (1.0, 0.1):
            shared = {"experiment": name, "density": density, "replicate": replicate, "rank": rank,
                      "loss": 0.02 + rank, "importance": 0.75 ** np.arange(10)}  # fmt: skip
            if name == "F16":
                rows.append(run(packed(10, 5, 4), 0, model="relu_hidden", **shared))
                rows.append(run(packed(10, 5, 5), 0, **shared))
            else:
                rows.append(run(**absolute(shared, 10)))
    return tables(rows)


def absolute(shared, n):
    """|x_i| by two neurons for each feature but the last, which shares a neuron and is inhibited."""
    W = np.concatenate([np.eye(n), -np.eye(n)], axis=1)[:, : 2 * n - 1]
    V = np.abs(W)
    W[n - 1, 0], V[n - 1, 0], V[n - 1, 1], W[0, 1] = 0.25, 4.0, -16.0, 0.25
    return {"W": W, "b": 0, "W_out": V, "model": "absolute", **shared,
            "columns": {"inhibition_ablation": np.r_[9.0, np.zeros(n - 1)]}}  # fmt: skip


def motif():
    rows = [run(**absolute({"experiment": "F19", "density": 0.2, "replicate": k, "rank": 1 - k,
                            "loss": 0.02, "importance": 1}, 6)) for k in (0, 1)]  # fmt: skip
    return tables(rows)


TABLES = {**dict.fromkeys(SEED, plane), **dict.fromkeys(STACKS, stack), "intro": introduction,
          "privileged_basis": partial(neurons_of_two_models, "F16"),
          "absolute_value": partial(neurons_of_two_models, "F17"),
          "neuron_stacks": partial(neurons_of_two_models, "F18"),
          "asymmetric_motif": motif}  # fmt: skip


def drawn(name):
    return lookup.load("figure", name).draw(TABLES[name]())


def test_the_motif_figure_says_how_many_instances_the_shown_replicate_has():
    said = " ".join(small_print(drawn("asymmetric_motif")).split())
    assert "Shown: the first replicate with 1 instance without a common neuron" in said
    assert "0 of 2 replicates have 2, 2 at least one" in said


def plain(features):
    return features.drop(columns=["W", "W_out"], errors="ignore")


def small_print(figure):
    return figure._supxlabel.get_text()


def bars(ax):
    return [p for p in ax.patches if isinstance(p, Rectangle)]


def test_every_figure_is_drawn_by_some_test():
    written = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in lookup.names("figure") if name not in written] == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_figure_has_a_caption_that_names_the_papers_section(name):
    caption = lookup.load("figure", name).CAPTION
    assert caption.endswith(".")
    assert "ection “" in caption or "ntroduction" in caption


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_figure_says_by_which_rule_the_shown_run_was_picked(name):
    text = small_print(drawn(name))
    assert "held-out loss" in text
    assert "best of 2" in text


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_figure_is_the_same_bytes_every_time_whatever_the_readers_style(name):
    first = plotting.render(drawn(name), "svg")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.hashsalt": "other"}):
        assert plotting.render(drawn(name), "svg") == first
    assert 8 <= smallest(first) < 12


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (1e-7, 1e-3, {"1e−7", "1e−5", "0.001"}),
        (1, 1e7, {"1", "100", "10,000", "1e6"}),
        (0.2, 0.8, {"0.2", "0.3", "0.6"}),
    ],
)
def test_a_logarithmic_axis_has_no_exponents_in_small_letters(low, high, labels):
    @styled
    def draw(tables):
        figure = Figure()
        figure.subplots().set(yscale="log", ylim=(low, high), xscale="symlog", xlim=(-high, high))
        return figure

    svg = plotting.render(draw(plane()), "svg")
    assert smallest(svg) == 8
    assert labels <= {*re.findall(r">([^<>]+)</text>", svg.decode())}


def test_no_figure_has_a_formula_whose_index_would_be_too_small():
    files = [lookup.file("figure", name) for name in lookup.names("figure")]
    shared = [*(lookup.PACKAGE / "plotting").rglob("*.py"), *lookup.PACKAGE.rglob("*marks.py")]
    for path in {*files, *shared}:
        parts = ast.walk(ast.parse(path.read_text()))
        texts = [part.value for part in parts if isinstance(part, ast.Constant)]
        assert not [text for text in texts if isinstance(text, str) and "$" in text], path


def test_drawing_leaves_the_readers_style_as_it_was():
    with mpl.rc_context({"font.size": 31}):
        plotting.render(drawn("seed_bars"), "png")
        assert mpl.rcParams["font.size"] == 31


def test_drawing_leaves_the_tables_as_they_were():
    for name, make in TABLES.items():
        given, kept = make(), make()
        lookup.load("figure", name).draw(given)
        assert given.runs.equals(kept.runs), name
        assert plain(given.features).equals(plain(kept.features)), name


@pytest.mark.parametrize(
    ("form", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")]
)
def test_a_figure_renders_in_each_form(form, start):
    assert plotting.render(drawn("seed_arrows"), form).startswith(start)


def test_another_form_is_refused():
    with pytest.raises(ValueError, match="figure format 'gif': give svg, pdf or png"):
        plotting.render(drawn("seed_arrows"), "gif")


def test_what_is_not_a_single_figure_is_not_rendered():
    with pytest.raises(ValueError, match="an object of type dict is not a figure; give one figure"):
        plotting.render({"arrows": drawn("seed_arrows")}, "svg")


def test_bars_show_the_best_run_and_the_range_over_replicates():
    ax = drawn("seed_bars").axes[0]
    assert [b.get_width() for b in bars(ax)] == pytest.approx([1.0] * 10)
    ranges = next(c for c in ax.collections if isinstance(c, LineCollection)).get_segments()
    assert np.array(ranges)[:, :, 0] == pytest.approx(np.array([[0.8, 1.2]] * 10))


def test_bars_are_coloured_by_the_notebooks_superposition_clamped_to_one():
    ax = drawn("seed_bars").axes[0]
    colours = {b.get_facecolor() for b in bars(ax)}
    assert colours == {mpl.colormaps["viridis"](1.0)}


def test_bars_run_from_the_most_important_feature_down():
    bottom, top = drawn("seed_bars").axes[0].get_ylim()
    assert bottom > top


def test_norm_bars_of_dedicated_features_are_dark_and_of_pairs_yellow():
    stacks = drawn("linear_relu_stacks")
    sparse = [ax for ax in stacks.axes if bars(ax) and "norm" in ax.get_xlabel()][-1]
    dark, yellow = (mpl.colormaps["viridis"].resampled(5)(i) for i in (0, 4))
    assert [b.get_facecolor() for b in bars(sparse)[:9]] == [dark] + [yellow] * 8


@pytest.mark.parametrize("times", [1, 1.3, 3, 20])
@pytest.mark.parametrize("name", STACKS)
def test_bars_and_their_ranges_end_inside_the_frame(name, times):
    made = stack()
    made.features["feature_norm"] *= np.where(made.features["replicate"] == 0, times, 1)
    shown = lookup.load("figure", name).draw(made).axes
    norms = [ax for ax in shown if bars(ax) and "norm" in ax.get_xlabel()]
    assert len(norms) == (3 if name == "linear_relu_stacks" else 1)
    for ax in norms:
        reached = [c.get_datalim(ax.transData).x1 for c in ax.collections]
        assert max(reached) < ax.get_xlim()[1]


def test_columns_go_from_linear_to_dense_to_sparse():
    titles = [ax.get_title() for ax in drawn("linear_relu_stacks").axes if ax.get_title()]
    assert titles == ["linear\n1 − S = 0.01", "ReLU output\n1 − S = 1", "ReLU output\n1 − S = 0.1"]


def test_the_heat_map_shows_the_best_runs_products_and_bias():
    ax = drawn("weights_and_norms").axes[0]
    products, bias = (np.asarray(image.get_array()) for image in ax.images)
    assert products == pytest.approx(np.diag([1.0] * 5 + [0] * 15))
    assert bias[:, 0] == pytest.approx(np.full(20, 0.5))


def test_the_example_takes_a_density_and_the_densest_without_one():
    module = lookup.load("figure", "weights_and_norms")
    assert "1 − S = 1:" in small_print(module.draw(stack()))
    assert "1 − S = 0.1:" in small_print(module.draw(stack(), density=0.1))


def test_vectors_are_drawn_from_the_origin_to_the_best_runs_weights():
    ax = drawn("intro").axes[0]
    dots = [line.get_xydata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert np.array(dots) == pytest.approx(regular_polygon(5))


def test_the_introduction_goes_from_dense_to_sparse():
    titles = [ax.get_title() for ax in drawn("intro").axes if ax.get_title()]
    assert titles == ["0% sparsity", "90% sparsity"]


def test_a_figure_of_the_plane_refuses_other_hidden_dimensions():
    for name in ("intro", "seed_arrows"):
        with pytest.raises(ValueError, match="n_hidden 5: this figure draws the plane"):
            lookup.load("figure", name).draw(stack())


def test_conditions_without_one_density_are_named_by_what_is_swept():
    made = stack()
    for table in (made.runs, made.features):
        table["condition"] = "a=" + table["density"].astype(str) + ",model=" + table["model"]
    bare = Tables(made.runs.drop(columns="density"), made.features.drop(columns="density"))
    titles = [ax.get_title() for ax in lookup.load("figure", "linear_relu_stacks").draw(bare).axes]
    assert titles[:3] == ["linear\na=0.01", "ReLU output\na=0.1", "ReLU output\na=1.0"]


UNNAMED = {
    "steps": ("1000", "3000"),
    "optimizer.lr": ("0.001", "0.01"),
    "optimizer.weight_decay": ("0", "1"),
    "batch": ("all", "64"),
    "init": ("name-xavier", "name-normal+std-1"),
}


def doubled(made, key):
    """The same conditions, each with two values of a swept key."""
    halves = []
    for value in UNNAMED[key]:
        half = [table.copy() for table in (made.runs, made.features)]
        for table in half:
            table["condition"] = table["condition"] + f",{key}={value}"
        halves.append(half)
    return Tables(*(pd.concat(parts, ignore_index=True) for parts in zip(*halves, strict=True)))


@pytest.mark.parametrize("key", UNNAMED)
@pytest.mark.parametrize("name", ["intro", "linear_relu_stacks"])
def test_a_key_that_alone_tells_two_conditions_apart_is_named(name, key):
    figure = lookup.load("figure", name).draw(doubled(TABLES[name](), key))
    titles = [ax.get_title() for ax in figure.axes if ax.get_title()]
    assert len({*titles}) == len(titles) == (4 if name == "intro" else 6)
    assert all(title.endswith(UNNAMED[key]) for title in titles)
    if name == "intro":
        lines = [line for line in small_print(figure).splitlines() if "sparsity" in line]
        assert len({line.partition(":")[0] for line in lines}) == 4
    else:
        ticks = [label.get_text() for label in figure.axes[-1].get_xticklabels()]
        assert len({*ticks}) == 6


def test_a_key_that_does_not_tell_conditions_apart_is_left_out():
    made = stack()
    for table in (made.runs, made.features):
        table["condition"] += ",steps=" + (1000 * table["density"]).astype(str)
    axes = lookup.load("figure", "linear_relu_stacks").draw(made).axes
    assert not any("steps" in ax.get_title() for ax in axes)


def test_the_introduction_names_the_models_if_they_differ():
    made = introduction()
    for table in (made.runs, made.features):
        table["model"] = np.where(table["density"] == 1, "linear", "relu_output")
    titles = [ax.get_title() for ax in lookup.load("figure", "intro").draw(made).axes]
    assert titles[:2] == ["linear\n0% sparsity", "ReLU output\n90% sparsity"]


def test_importing_the_package_of_figures_imports_no_matplotlib():
    code = "import sys, superpos.plotting; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_figure_leaves_out_runs_that_diverged_and_says_how_many(name):
    made = TABLES[name]()
    bad = best_of_the_first(made)
    figure = lookup.load("figure", name).draw(ranked_again(diverged(made, bad)))
    experiment = made.runs["experiment"].iloc[0]
    assert f"{experiment}: 1 of {len(bad)} runs diverged" in small_print(figure)
    assert len(plotting.render(figure, "svg")) > 10_000


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_figure_that_lost_a_condition_is_a_line(name):
    made = TABLES[name]()
    every = np.ones(len(made.runs), bool)
    figure = lookup.load("figure", name).draw(diverged(made, every))
    (text,) = figure.texts
    assert f"{len(every)} of {len(every)} runs diverged" in text.get_text()
    assert "no run is left to be the best of" in text.get_text()
    assert figure.axes == []
    assert plotting.render(figure, "svg") == plotting.render(figure, "svg")


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_figure_that_lost_the_only_run_that_best_of_allows_is_a_line(name):
    made = TABLES[name]()
    bad = best_of_the_first(made)
    lost = diverged(made, bad)
    first = made.runs["condition"].iloc[0]
    for table in (lost.runs, lost.features):
        table["rank"] = table["rank"].where(table["condition"] != first, -1)
    figure = lookup.load("figure", name).draw(lost)
    (text,) = figure.texts
    assert f"1 of {len(bad)} runs diverged" in text.get_text()
    assert first in " ".join(text.get_text().split())
    assert figure.axes == []
