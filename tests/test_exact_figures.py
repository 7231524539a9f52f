"""The nonlinear code and the loss surfaces: exact mathematics, claims, pictures."""

import numpy as np
import pandas as pd
import pytest
from made_tables import judged

from superpos import lookup, theory
from superpos.config.condition_table import RUN
from superpos.papers.toy_models.compression import table_nonlinear_compression
from superpos.papers.toy_models.surfaces import minima, table_loss_surface, table_loss_surface_path
from superpos.tables import Tables

EMPTY = pd.DataFrame(columns=[*RUN, "rank"])
WEIGHT = {"linear": [-1.5, 1.5, 31]}


@pytest.fixture(scope="module")
def compression():
    return Tables(EMPTY, EMPTY, theory={
        "compression": table_nonlinear_compression.table([2, 3, 5, 10], {"linear": [0, 0.3, 7]})
    })  # fmt: skip


@pytest.fixture(scope="module")
def exact():
    points = [{"density": 0.3, "importance": 0.3}, {"density": 0.9, "importance": 1.0}]
    path = table_loss_surface_path.table(0.9, {"log": [0.1, 10, 41]}, {"linear": [-1.2, 1.2, 61]})
    return Tables(EMPTY, EMPTY, theory={
        "surfaces": table_loss_surface.table(points, WEIGHT), "surface_path": path
    })  # fmt: skip


def holds(tables):
    return judged(tables)["holds"]


def test_an_ideal_code_gives_y_back_and_the_centre_of_xs_cell():
    x, y = np.array([0.05, 0.4, 0.99]), np.array([0.2, 0.5, 0.9])
    t = table_nonlinear_compression.encode(x, y, 4, 0.0)
    decoded_x, decoded_y = table_nonlinear_compression.decode(t, 4, 0.0)
    assert decoded_x == pytest.approx([0.125, 0.375, 0.875])
    assert decoded_y == pytest.approx(y)


@pytest.mark.parametrize("cells", [2, 3, 10])
def test_an_ideal_code_loses_the_variance_of_a_cell(cells):
    ideal = theory.nonlinear_compression(cells)
    assert table_nonlinear_compression.code_loss(cells, 0.0) == pytest.approx(ideal, rel=1e-3)


def test_ramps_leave_no_jump():
    x = np.linspace(0, 0.999, 20_001)
    for ramp, jump in ((0.0, 0.3), (0.1, 0.001)):
        t = table_nonlinear_compression.encode(x, np.array(0.5), 3, ramp)
        assert (abs(np.diff(t)).max() > jump) == (ramp == 0)
        steps = [
            abs(np.diff(part)).max() for part in table_nonlinear_compression.decode(x, 3, ramp)
        ]
        assert (max(steps) > 0.3) == (ramp == 0)


def test_linear_compression_loses_a_twelfth_either_way():
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 400_000))
    kept = ((y - 0.5) ** 2).mean()
    shared = ((x - (x + y) / 2) ** 2 + (y - (x + y) / 2) ** 2).mean()
    assert [kept, shared] == pytest.approx([theory.LINEAR_COMPRESSION] * 2, rel=5e-3)


def test_claims_of_the_code_hold(compression):
    assert holds(compression).all()
    assert len(holds(compression)) == 6


def test_the_surface_is_the_exact_loss_without_bias():
    table = table_loss_surface.table([{"density": 0.4, "importance": 2.0}], [-0.8, 0.3])
    for row in table.itertuples():
        W = np.array([[row.W_1], [row.W_2]])
        exact = theory.exact_loss(W, np.zeros(2), np.array([1.0, 2.0]), 0.4)
        assert row.loss == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_without_bias_the_confused_vector_loses_v_and_a_dropped_feature_its_square(p):
    W = {"both": [[2**-0.5], [2**-0.5]], "first": [[1.0], [0.0]]}
    loss = {k: theory.exact_loss(np.array(w), np.zeros(2), np.ones(2), p) for k, w in W.items()}
    assert loss["both"] == pytest.approx(theory.variance(p))
    assert loss["first"] == pytest.approx(p / 3)


def made_surface(loss):
    w = np.linspace(-1, 1, 21)
    first, second = (a.ravel() for a in np.meshgrid(w, w))
    return pd.DataFrame({"W_1": first, "W_2": second, "loss": loss(first, second)})


def test_minima_are_found_least_first_and_signs_are_taken_together():
    def loss(a, b):
        wells = [((0.5, 0.2), 0.0), ((-0.5, -0.2), 0.0), ((0.0, 0.8), 0.1), ((0.0, -0.8), 0.1)]
        return np.min([(a - x) ** 2 + (b - y) ** 2 + d for (x, y), d in wells], axis=0)

    found = minima.minima(made_surface(loss))
    assert [round(v, 6) for _, _, v in found] == [0, 0, 0.1, 0.1]
    assert sorted((round(a, 6), round(b, 6)) for a, b, _ in minima.without_sign(found)) == [
        *((0.0, 0.8), (0.5, 0.2)),
    ]


def test_a_minimum_between_two_grid_points_is_found_once():
    w = np.unique(made_surface(lambda a, b: a)["W_1"])
    x, y = (w[3] + w[4]) / 2, w[5]
    found = minima.minima(made_surface(lambda a, b: 1 + (a - x) ** 2 + (b - y) ** 2))
    assert [(round(a, 6), round(b, 6)) for a, b, _ in found] == [(round(w[3], 6), round(y, 6))]


def test_a_plain_is_no_minimum():
    assert minima.minima(made_surface(lambda a, b: 0 * a)) == []


def test_the_largest_step_of_a_path_is_taken_in_the_order_of_importance():
    path = pd.DataFrame({"importance": [3.0, 1.0, 2.0], "W_1": [0.5, 0, 0], "W_2": [0.0, 0, 0.1]})
    assert minima.largest_step(path) == pytest.approx(np.hypot(0.5, 0.1))


def test_claims_of_the_surfaces_are_judged_without_any_run(exact):
    table = judged(exact)
    assert {name.split(".")[0] for name in table.index} == {"F21"}
    assert table.loc[["F21.minima", "F21.path"], "holds"].all()
    assert (table["runs"] == 0).all()


@pytest.mark.parametrize("name", ["nonlinear_compression", "loss_surfaces"])
def test_figures_of_theory_draw_without_any_run(name, compression, exact):
    made = {"nonlinear_compression": compression, "loss_surfaces": exact}[name]
    figure = lookup.load("figure", name).draw(made)
    assert "no training" in figure._supxlabel.get_text() or "not trained" in (
        figure._supxlabel.get_text()
    )


def test_the_filled_dots_of_a_surface_are_its_least_minima(exact):
    figure = lookup.load("figure", "loss_surfaces").draw(exact)
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    full = [line.get_xydata()[0] for line in dots if line.get_fillstyle() == "full"]
    assert sorted(abs(np.array(full)[:, 0])) == pytest.approx([1.0, 1.0], abs=0.11)
    assert (np.prod(full, axis=1) < 0).all()
    assert len(dots) > len(full)
