"""The figures of the second paper show what the tables say, and how the shown runs were chosen."""

import io

import numpy as np
import pandas as pd
import pytest
from letters import smallest
from matplotlib.collections import LineCollection
from PIL import Image

from superpos import lookup, plotting, theory
from superpos.config import figure_words, layers, paper_files, shipped, text
from superpos.config.resolving import resolve
from superpos.papers.double_descent import marks
from superpos.papers.double_descent.model_size import figure_size_by_width
from superpos.plotting import shown_runs
from superpos.plotting.style import MODEL_COLOURS
from superpos.tables import Tables
from superpos.theory import regular_polygon

PAPER = paper_files.papers()["double_descent"]
N = 1000
FIVE = regular_polygon(5, 1.0)
GAINS = pd.DataFrame(
    [
        {"n_features": N, "polygon": k, "biased": biased, "gain": 4 + k / 10, "norm": 1.1,
         "loss": 0.988, "mean_loss": 0.9926, "frobenius": 2.5, "polygon_bias_norm": 0.3}
        for k in (4, 5, 6) for biased in (True, False)
    ]
)  # fmt: skip
OVERLAPS = pd.DataFrame(
    [
        {"n_features": n, "density": 10 / n, "samples": T, "degree": T / n, "disjoint": 1 / T,
         "simulated": 1 / T if T < 15 else np.nan}
        for n in (10_000, N) for T in (2, 5, 10, 100)
    ]
)  # fmt: skip
CIRCLES = pd.DataFrame(
    [
        {"samples": 8, "inside": k, "inner": p, "gap_across": 90 - k * p, "ratio": 1 + k / p}
        for k in (1, 2) for p in (1.0, 1.2, 1.4)
    ]
)  # fmt: skip


def run(T, at=0, replicate=0, rank=0, h=None, **values):
    """One run's rows of the three tables; the features are five long ones and two short ones."""
    h = regular_polygon(T, 2.0) if h is None else h
    W = np.concatenate([regular_polygon(5, 1.0), [[0.1, 0], [0, 0.1]]])
    name = {
        **{"experiment": "S", "n_features": N, "n_hidden": 2, "model": "relu_output", "steps": 10_000},
        **{"data_training_samples": T, "data_set": at, "density": 0.01, "replicate": replicate},
        **{key: value for key, value in values.items() if key not in ("loss", "training_loss")},
    }  # fmt: skip
    name["condition"] = ",".join(
        f"{key}={value}" for key, value in name.items() if key != "replicate"
    )
    measured = {
        **{"rank": rank, "loss": 1.5, "loss_median": 1.0, "loss_q99": 9.0, "training_loss": 0.0},
        **{
            "frobenius": 10.0,
            "bias_norm": 20.0,
            "fifth_dimensionality": 0.3,
            "features_above": 5.0,
        },
        **{"ring": float(T), "neighbours_sharing": 0.2, **values},
    }
    measured["selection_loss"] = measured["training_loss"]
    norm = np.hypot(*h.T)
    features = {"feature": range(7), "W": W.tolist(), "feature_norm": np.hypot(*W.T),
                "dimensionality": [0.3] * 5 + [0.01] * 2}  # fmt: skip
    samples = {"sample": range(len(h)), "h": h.tolist(), "sample_norm": norm,
               "sample_angle": np.degrees(np.arctan2(*h.T[::-1])) % 360,
               "sample_dimensionality": 2 / len(h), "leverage": 2 / len(h),
               "shares_with_next": np.arange(len(h)) % 2.0}  # fmt: skip
    return (
        pd.DataFrame([name | measured]),
        pd.DataFrame(features).assign(**name, rank=rank),
        pd.DataFrame(samples).assign(**name),
    )


def tables(rows, **theory_tables):
    runs, features, samples = (
        pd.concat(part, ignore_index=True) for part in zip(*rows, strict=True)
    )
    return Tables(runs, features, samples=samples, theory=theory_tables)


def sets(*sizes, **values):
    return [run(T, at=k, loss=1.5 + k, **values) for T in sizes for k in (0, 1)]


def on_fresh_samples(**values):
    """Two runs on fresh samples, which have neither T nor training samples."""
    rows = (run(np.nan, replicate=k, rank=k, h=FIVE, loss=0.9 + k / 5, **values) for k in (0, 1))
    for runs, features, samples in rows:
        of_set = ["data_set"]
        yield runs.drop(columns=["ring", *of_set]), features.drop(columns=of_set), samples[:0]


def polygons():
    """Two candidates at T = 5 and 8; the second has the lower training loss."""
    return [
        run(T, replicate=k, rank=1 - k, training_loss=0.2 - k / 10) for T in (5, 8) for k in (0, 1)
    ]


def changed():
    values = {"optimizer_lr": 0.001, "optimizer_weight_decay": 0.01, "optimizer_eps": 1e-8}
    own = [{}, {"steps": 2000}, {"steps": 50_000}, {"optimizer_lr": 0.01}, {"optimizer_eps": 1e-5},
           {"optimizer_lr": 0.01, "steps": 2000}]  # fmt: skip
    return [row for v in own for row in sets(30, experiment="S_changed", **values | v)]


def two_circles():
    """One run on two radii that stores all samples, one on a regular polygon."""
    h = regular_polygon(8, 2.0)
    h[0] *= 0.6
    return [run(8, h=h, training_loss=0.0), run(8, replicate=1, rank=1)]


def copied():
    """One sample once, and five times, where it is the longest."""
    longest = regular_polygon(40, 2.0)
    longest[0] *= 2
    one, five = "{samples-1+times-1}", "{samples-1+times-5}"
    return [*sets(40, data_repeats=one), *sets(40, data_repeats=five, h=longest)]


def along_training(part, *courses):
    """The tables with checkpoints in which the repeated sample of each run takes one of the courses."""
    rows = []
    for (_, one), course in zip(part.runs.iterrows(), courses, strict=True):
        own = part.features.loc[part.features["condition"] == one["condition"]]
        rows += [
            own.assign(step=step, first_sample_dimensionality=D)
            for step, D in zip((1, 10, 100), course, strict=True)
        ]
    return Tables(
        part.runs,
        part.features,
        checkpoints=pd.concat(rows, ignore_index=True),
        samples=part.samples,
    )


STAYS, NEAR_MISS, NEVER = (0.1, 0.3, 0.4), (0.1, 0.3, 0.01), (0.0, 0.02, 0.04)


def floor():
    return [
        run(T, optimizer_lr=rate, replicate=k, training_loss=0.1 + k, loss=2.0 - k,
            fifth_dimensionality=0.05 + 0.2 * k)
        for T in (30, 100) for rate in (0.001, 0.01) for k in (0, 1)
    ]  # fmt: skip


def width():
    return [run(T, at=k, n_hidden=m, loss=2.0 if (T, m) == (50, 2) else 1.0)
            for T in (30, 50) for m in (2, 3) for k in (0, 1)]  # fmt: skip


def both_losses():
    return [*sets(5, 30, experiment="M3"), *sets(5, 30, experiment="M3_text")]


TABLES = {
    "training_vectors": lambda: tables(polygons()),
    "two_circles": lambda: tables(two_circles(), two_circles=CIRCLES),
    "overlaps": lambda: Tables(tables(polygons()).runs[:0], pd.DataFrame(), theory={"o": OVERLAPS}),
    "regimes": lambda: tables(sets(5, 30, 300), polygon_features=GAINS),
    "norms_by_size": lambda: tables(sets(5, 30, 300), polygon_features=GAINS),
    "loss_tails": lambda: tables(changed()),
    "polygon_gains": lambda: tables(sets(30), polygon_features=GAINS),
    "variants": lambda: tables(both_losses()),
    "size_by_width": lambda: tables(width()),
    "curves": lambda: tables([*sets(30, 50, steps=10), *sets(30, 50, steps=20)]),
    "repeats": lambda: tables(copied()),
    "copies_line": lambda: along_training(
        tables(
            copied(),
        ),
        STAYS,
        NEAR_MISS,
        NEVER,
        NEVER,
    ),
    "stored_along_training": lambda: along_training(
        tables(copied()), STAYS, NEAR_MISS, NEVER, NEVER
    ),
    "leverage": lambda: tables(sets(5, 30)),
    "training_floor": lambda: tables(floor()),
    "clusters": lambda: tables(floor()),
}
OPTIONS = {"regimes": {"vectors": [5, 300]}, "curves": {"line": "steps"}}


def drawn(name, **options):
    return lookup.load("figure", name).draw(TABLES[name](), **{**OPTIONS.get(name, {}), **options})


def small_print(figure):
    return figure.get_supxlabel()


def lines(ax, marker=None):
    return [line for line in ax.lines if marker is None or line.get_marker() == marker]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_figure_is_the_same_bytes_every_time_and_no_text_is_small(name):
    first = plotting.render(drawn(name), "svg")
    assert first == plotting.render(drawn(name), "svg")
    assert smallest(first) >= 8


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TABLES))
def test_nothing_is_cut_at_the_edge(name):
    """The outermost pixels of the picture are white."""
    picture = np.asarray(Image.open(io.BytesIO(plotting.render(drawn(name), "png"))).convert("L"))
    edges = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    assert all((edge == 255).all() for edge in edges)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_figure_says_in_whole_sentences_what_it_shows_and_that_no_test_loss_chose(name):
    said = figure_words.read_words(name)
    assert said.caption.endswith(".")
    assert "ection" in said.caption
    assert "held-out loss" not in said.shown


def test_the_rule_names_the_loss_that_picks():
    both = tables(polygons())
    (first, _) = shown_runs.conditions(both)
    assert shown_runs.rule(first) == "best of 2 by training loss, replicate 1"
    first.runs["selection_loss"] += 0.1
    assert shown_runs.rule(first) == "best of 2 by held-out loss, replicate 1"


def test_vectors_are_drawn_at_their_length_and_the_scale_is_printed():
    above, below = drawn("training_vectors").axes[0], drawn("training_vectors").axes[2]
    assert above.get_title() == "T = 5"
    (points,) = lines(below, "o")
    assert np.allclose(np.hypot(*points.get_data()), 2.0)
    assert below.get_xlabel() == "±2.3"
    assert below.get_xlim() == pytest.approx((-2.3, 2.3))
    assert "T = 5, 8: best of 2 by training loss" in small_print(drawn("training_vectors"))


def test_of_many_vectors_all_have_dots_and_the_longest_lines_as_an_image(monkeypatch):
    monkeypatch.setattr(marks, "MOST_LINES", 41)
    ax = drawn("training_vectors").figure.subplots()
    points = np.column_stack([np.arange(50.0), np.zeros(50)])
    marks.vectors(ax, points, "black")
    (dots,) = lines(ax, "o")
    assert sorted(dots.get_xdata()) == list(range(50))
    assert dots.get_rasterized()
    (to_longest,) = ax.findobj(LineCollection)
    assert sorted(end[0] for _, end in to_longest.get_segments()) == list(range(9, 50))
    assert to_longest.get_rasterized()


def test_the_regimes_show_the_mean_over_sets_and_the_levels_of_theory():
    loss, dots, *_ = drawn("regimes").axes
    means = {line.get_label(): line for line in lines(loss)}
    assert np.allclose(means["mean test loss"].get_ydata(), 1.0)  # 1.5 and 2.5, minus 1
    assert np.allclose(means["pentagon"].get_ydata(), -0.012)
    assert np.allclose(means["mean bias"].get_ydata(), -0.0074)
    shown = {line.get_label(): line for line in lines(dots)}
    assert len(shown["training samples"].get_xdata()) == 5 + 30 + 300
    assert np.allclose(shown["m/T"].get_ydata() * shown["m/T"].get_xdata(), 2)


def test_fresh_samples_stand_at_infinity_beyond_the_line():
    rows = [*sets(5, 30, 300), *on_fresh_samples(experiment="S_fresh")]
    both = tables(rows, polygon_features=GAINS)
    figure = lookup.load("figure", "regimes").draw(both, vectors=[5, 300])
    loss, dots, *panels = figure.axes
    diamonds = [line.get_xydata().tolist() for line in lines(loss, "D")]
    assert diamonds[-1] == [[900.0, pytest.approx(0.0)]]  # 0.9 and 1.1, minus 1
    means = {line.get_label(): line for line in lines(loss)}
    assert max(means["mean test loss"].get_xdata()) == 300
    assert dots.get_xticklabels()[-1].get_text() == "∞"
    shown = {line.get_label(): line for line in lines(dots)}
    assert len(shown["features"].get_xdata()) == 5 * 7  # one run at each T, two at infinity
    titles = [ax.get_title() for ax in panels]
    assert titles[:3] == ["T = 5", "T = 300", "T = ∞"]
    assert not panels[-1].axison
    assert "2 training sets at each T (2 runs on fresh samples, ∞)" in small_print(figure)
    norms = lookup.load("figure", "norms_by_size").draw(both)
    assert [ax.get_xticklabels()[-1].get_text() for ax in norms.axes] == ["∞", "∞"]


def test_the_polygons_norms_are_those_of_theory():
    left, right = drawn("norms_by_size").axes
    dashed = [line for line in left.lines if line.get_linestyle() == "--"]
    assert dashed[0].get_ydata()[0] == pytest.approx(np.sqrt(5) * theory.polygon_radius(5))
    assert dashed[1].get_ydata()[0] == pytest.approx(1.0, abs=1e-3)
    assert right.lines[1].get_ydata() == pytest.approx([2, 2, 2])


def test_a_row_is_named_after_all_that_it_changes():
    (ax,) = drawn("loss_tails").axes
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        *("unchanged: 10,000 steps", "2,000 steps", "50,000 steps", "rate 0.01", "ε 1e−5"),
        "2,000 steps, rate 0.01",
    ]


def test_a_line_of_another_size_names_it_and_fewer_training_sets_are_told():
    part = tables([*sets(30, density=0.1), run(50, density=0.02, n_features=20)])
    figure = lookup.load("figure", "curves").draw(part, line="density", occurrences=True)
    (legend,) = [ax.get_legend() for ax in figure.axes]
    assert [t.get_text() for t in legend.get_texts()] == [
        "1 − S = 0.02, n = 20",
        "1 − S = 0.1, n = 1,000",
    ]
    assert small_print(figure).endswith("; 1 to 2 training sets at each T.")


def test_rows_of_several_sizes_name_them():
    (ax,) = lookup.load("figure", "loss_tails").draw(tables(sets(30, 50, optimizer_lr=0.1))).axes
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        *("unchanged: 10,000 steps, T = 30", "unchanged: 10,000 steps, T = 50"),
    ]


def test_triangles_stand_where_more_data_or_a_bigger_model_hurts(monkeypatch):
    right, up = (lines(drawn("size_by_width").axes[0], marker)[0].get_xydata() for marker in ">^")
    assert right.tolist() == [[0.5, 0.0]]
    assert up.tolist() == []
    monkeypatch.setattr(figure_size_by_width, "HIGHER", 2.0)
    assert len(lines(drawn("size_by_width").axes[0], ">")[0].get_xydata()) == 0


def test_a_run_on_two_radii_is_marked_at_its_inner_radius():
    left, _ = drawn("two_circles").axes
    (mark,) = lines(left, "o")
    assert mark.get_xdata()[0] == pytest.approx(1.2)
    assert "1 of 2 at T = 8, 1 of which store all" in small_print(drawn("two_circles"))


def test_the_three_choices_give_the_test_losses_of_their_runs():
    right = drawn("training_floor").axes[1]
    found = {line.get_label(): line.get_ydata() for line in right.lines}
    assert np.allclose(found["smallest training loss"], 1.0)
    assert np.allclose(found["smallest test loss"], 0.0)
    assert np.allclose(found["mean at a rate of 0.001"], 0.5)


def test_runs_from_the_weights_of_fewer_samples_are_marked_and_not_chosen_from():
    later = [
        run(100, experiment="U1_continued", optimizer_lr=rate, replicate=k, init_trained_on=count,
            training_loss=0.01, loss=9.0, fifth_dimensionality=0.05 + 0.2 * k)
        for count, rate in ((30, 0.001), (30, 0.01), (50, 0.01)) for k in (0, 1)
    ]  # fmt: skip
    figure = lookup.load("figure", "training_floor").draw(tables([*floor(), *later]))
    left, right = figure.axes
    labels = [text.get_text() for text in left.get_legend().get_texts()]
    starts = ("", ", from 30 samples", ", from 50 samples")
    assert labels == [kind + start for start in starts for kind in ("memorising", "generalising")]
    assert max(max(line.get_ydata()) for line in right.lines) <= 1.0
    said = small_print(figure).replace("\n", " ")
    assert "2 runs for each T and rate; 6 runs from the weights that 30 or 50 samples gave" in said


def test_without_runs_from_drawn_weights_there_are_no_test_losses():
    runs = [run(100, optimizer_lr=0.01, init_trained_on=30, fifth_dimensionality=0.3)]
    left, right = lookup.load("figure", "training_floor").draw(tables(runs)).axes
    assert [text.get_text() for text in left.get_legend().get_texts()] == [
        "generalising, from 30 samples"
    ]
    assert not right.axison
    assert not right.lines


def test_only_memorising_runs_are_in_the_picture_of_clusters():
    figure = drawn("clusters")
    dots, best = figure.axes[0].lines[:2]
    assert len(dots.get_xdata()) == 4
    assert len(best.get_xdata()) == 2
    chance = theory.shared_chance(N, 0.01)
    assert np.allclose(best.get_ydata(), 0.2 / chance)
    assert "4 of 8 runs memorise" in small_print(figure)


def test_every_number_of_samples_has_its_panel_of_clusters():
    rows = tables([run(T, fifth_dimensionality=0.05) for T in range(30, 38)])
    figure = lookup.load("figure", "clusters").draw(rows)
    assert [ax.get_title() for ax in figure.axes[1:9]] == [f"T = {T}" for T in range(30, 38)]


def test_neighbours_that_share_a_feature_are_joined():
    panel = drawn("clusters").axes[1]
    assert panel.get_title() == "T = 30"
    (edges,) = [c for c in panel.collections if len(c.get_segments()) == 15]
    for first, second in edges.get_segments():
        assert np.degrees(np.arccos(first @ second / 4)) == pytest.approx(12)


def test_a_dot_is_filled_if_the_sample_is_memorised_and_near_misses_are_counted():
    figure = drawn("copies_line")
    plane, courses = figure.axes
    filled = [line for line in lines(plane, "o") if line.get_markerfacecolor() != "none"]
    assert sum(len(line.get_xdata()) for line in filled) == 2
    assert sum(len(line.get_xdata()) for line in lines(plane, "o")) == 4
    assert "1 of 4 runs are near misses" in small_print(figure)
    thick = [line for line in courses.lines if line.get_linewidth() > 1.5 and len(line.get_xdata())]
    assert [list(line.get_ydata()) for line in thick] == [list(NEAR_MISS)]


def test_the_first_sample_has_a_line_of_its_own_along_training():
    once, five = drawn("stored_along_training").axes
    assert [ax.get_title() for ax in (once, five)] == [
        "T = 40, 1 sample once",
        "T = 40, 1 sample 5 times",
    ]
    (sample,) = [line for line in five.lines if line.get_label() == "the first sample"]
    assert list(sample.get_ydata()) == list(NEVER)
    features = [line for line in five.lines if line.get_linewidth() < 1 and len(line.get_xdata())]
    assert len(features) == 7


def test_the_leverage_of_every_sample_of_the_first_set_is_drawn():
    (ax,) = drawn("leverage").axes
    dots = [line.get_ydata() for line in lines(ax, "o")]
    assert [len(d) for d in dots] == [5, 30]
    assert np.allclose(dots[0], 2 / 5)


def test_repeated_samples_are_told_from_the_others():
    (ax,) = drawn("repeats").axes
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1 sample\nonce", "1 sample\n5 times"]
    diamonds = [line for line in lines(ax, "D") if len(line.get_xdata())]
    assert len(diamonds) == 4
    assert {line.get_color() for line in diamonds} == {MODEL_COLOURS[1]}


@pytest.mark.parametrize("variation", ["full", "night", "floor", "repeats"])
def test_every_variation_draws_its_figures_and_leaves_none_out(variation):
    base = shipped.config(paper=PAPER)
    assert resolve(base).left_out == {}
    place = lookup.PACKAGE.parent / f"double_descent_{variation}.yaml"
    config = resolve(layers.merged([base, text.load_config(place)]), base)
    assert config.left_out == {}
    assert {*resolve(base).figures} <= {*config.figures}
