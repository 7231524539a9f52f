"""Phase diagrams: the exact loss and its optimum, phases, maps, claims and the figure."""

import math

import numpy as np
import pandas as pd
import pytest
from diverged import diverged
from made_tables import judged
from phase_cases import DENSITY, IMPORTANCE, diagram, ideal, optimum

from superpos import lookup, theory
from superpos.metrics import feature_phases
from superpos.metrics.feature_phases import phase
from superpos.papers.toy_models.phases import maps, table_phase_optimum
from superpos.papers.toy_models.phases.claims_phase_diagrams import _bend
from superpos.papers.toy_models.phases.plane_marks import mixed
from superpos.theory import quadrature
from superpos.verdicts import best_of

SHAPES = [(2, 1), (3, 2)]


@pytest.fixture(autouse=True)
def without_curves(monkeypatch):
    """How the verdicts depend on the number of replicates is not asked here, and would take minutes."""
    monkeypatch.setattr(best_of, "best_of_curve", lambda *_: best_of.Curve())


def random_models(n, m, count=25):
    rng = np.random.default_rng(n)
    for _ in range(count):
        yield (rng.normal(size=(n, m)), 0.3 * rng.normal(size=n), 0.1 + rng.random(n),
               rng.uniform(0.01, 1))  # fmt: skip


def verdicts(tables):
    return judged(tables)


@pytest.mark.parametrize(("n", "m"), SHAPES)
def test_the_compiled_loss_is_the_closed_form(n, m):
    for W, b, importance, p in random_models(n, m):
        exact = theory.exact_loss(W, b, importance, p)
        assert quadrature.exact_loss(W, b, importance, p) == pytest.approx(exact, rel=2e-4)


@pytest.mark.parametrize(("n", "m"), SHAPES)
def test_the_gradient_is_the_slope_of_the_loss(n, m):
    for W, b, importance, p in random_models(n, m, 8):
        theta = np.r_[W.ravel(), b]
        gradient, scratch = np.empty(len(theta)), np.empty(len(theta))
        quadrature.loss_and_gradient(theta, m, importance, p, gradient)
        for i, step in enumerate(1e-5 * np.eye(len(theta))):
            above, below = (
                quadrature.loss_and_gradient(theta + s, m, importance, p, scratch)
                for s in (step, -step)
            )
            assert gradient[i] == pytest.approx((above - below) / 2e-5, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize(("n", "m"), SHAPES)
def test_no_closed_form_is_below_the_optimum(n, m):
    table = table_phase_optimum.table(n, m, [0.02, 0.2, 0.6, 1.0], [0.2, 1.0, 4.0])
    closed = {2: theory.two_in_one, 3: theory.three_in_two}[n]
    for row in table.itertuples():
        assert row.loss <= min(closed(row.importance, row.density).values()) * (1 + 1e-4)
        W = np.reshape(row.W, (n, m))
        again = theory.exact_loss(W, np.array(row.b), np.r_[np.ones(n - 1), row.importance],
                                 row.density)  # fmt: skip
        assert row.loss == pytest.approx(again, rel=2e-4)


def test_at_equal_importance_the_optimum_is_antipodal_to_density_71_then_unequal():
    table = table_phase_optimum.table(2, 1, [0.6, 0.7, 0.74], [1.0])
    W = np.abs(np.array(table["W"].tolist()))
    assert W[0] == pytest.approx([0.87, 0.87], abs=0.01)
    assert W[1] == pytest.approx([0.76, 0.76], abs=0.01)
    assert np.sort(W[2]) == pytest.approx([0.48, 0.93], abs=0.01)
    assert table["loss"][2] == pytest.approx(0.10786, abs=2e-5)


@pytest.mark.parametrize(("n", "m"), SHAPES)
def test_each_configuration_is_in_its_phase_whatever_its_rotation(n, m):
    turn = np.array([[math.cos(1), -math.sin(1)], [math.sin(1), math.cos(1)]])[:m, :m]
    turn = turn if m == 2 else -np.ones((1, 1))
    for name, variants in feature_phases.configurations(n, m).items():
        for W in variants:
            for turned in (W, 0.9 * W @ turn):
                assert feature_phases.NAMES[phase(turned[None])[0]] == name


def test_other_shapes_have_no_phase():
    assert phase(np.ones((2, 5, 2))).tolist() == [-1, -1]
    with pytest.raises(ValueError, match="phases of 5 features in 2 dimensions"):
        feature_phases.configurations(5, 2)


def test_the_predicted_phase_of_two_features_is_the_cheapest_closed_form():
    found = feature_phases.predicted(2, 1, IMPORTANCE, DENSITY[:, None])
    for i, p in enumerate(DENSITY):
        for k, r in enumerate(IMPORTANCE):
            assert feature_phases.NAMES[found[i, k]] == theory.cheapest_phase(float(r), float(p))


@pytest.mark.parametrize(
    ("r", "p", "name"),
    [
        *((0.1, 0.15, "superposition"), (0.1, 0.17, "ignored")),
        *((3.0, 0.56, "others_superposed"), (3.0, 0.58, "dedicated")),
        *((0.9, 0.02, "superposition"), (1.1, 0.02, "others_superposed")),
    ],
)
def test_the_predicted_phase_of_three_features_changes_at_the_boundaries(r, p, name):
    assert (
        feature_phases.NAMES[int(feature_phases.predicted(3, 2, np.array(r), np.array(p)))] == name
    )


def test_maps_take_the_best_run_and_leave_the_worst_out_of_the_mean():
    def change(p, r, k, W):
        return W if k != 1 else np.array([[1.0], [0.5]])

    m = maps.maps(diagram(2, 1, change=change, replicates=3))
    assert (m.phase == m.predicted).all()
    ignored = m.predicted == 0
    assert m.norm[ignored].max() == 0
    assert m.mean_norm[ignored] == pytest.approx(np.full(ignored.sum(), 0.25))
    assert m.mean_norm[~ignored] == pytest.approx(np.full((~ignored).sum(), 0.75))
    assert set(np.round(m.hits.ravel(), 6)) == {1.0, 0.666667}


def test_the_mean_of_nine_leaves_out_the_worst_of_the_first_ten():
    """Runs after the tenth take no part, and of ten runs the last is the worst."""
    wrong = np.array([[1.0], [0.0]])
    made = diagram(2, 1, change=lambda p, r, k, W: W if k < 9 else wrong, replicates=12)
    norm, superposition = maps.mean_of_nine(made)
    m = maps.maps(made)
    assert norm == pytest.approx(m.norm)
    assert (maps.looks(norm, superposition) == m.predicted).all()
    assert verdicts(made).loc["F5.mean", "value"] == 1


def test_a_mean_over_runs_of_which_half_miss_the_pair_fails():
    same = np.array([[1.0], [0.3]])
    made = diagram(2, 1, change=lambda p, r, k, W: W if k < 4 else same, replicates=10)
    table = verdicts(made)
    assert table.loc["F5.agreement", "holds"]
    assert not table.loc["F5.mean", "holds"]


def test_a_third_feature_looks_the_same_whatever_the_others_do():
    assert verdicts(diagram(3, 2, replicates=2)).loc["F6.mean", "value"] == 1


def test_maps_refuse_a_sweep_that_is_no_grid():
    made = diagram(2, 1)
    broken = type(made)(made.runs.iloc[1:], made.features, theory={})
    with pytest.raises(ValueError, match="98 runs are not a grid of 11 densities by 9 importances"):
        maps.maps(broken)


def test_points_are_far_from_a_boundary_by_their_distance_in_decades():
    m = maps.maps(diagram(2, 1))
    far = maps.far_from_boundary(m, 0.1)
    column = far[:, 0]
    distance = abs(np.log10(DENSITY) - np.log10(0.16))
    assert not column[distance < 0.05].any()
    assert column[(distance > 0.15) & (DENSITY < 1)].all()
    assert not far[-1, 4]


def test_claims_hold_for_runs_in_theorys_phases_but_not_next_to_its_boundary():
    table = verdicts(diagram(2, 1))
    exact = table.index.str.contains("exact")
    assert set(table["verdict"][exact]) == {"not tested"}  # these tables have no theory
    assert table["holds"][~exact].drop(["F5.edge.r0.1", "F5.edge.r10"]).all()
    assert table.loc["F5.edge.r0.1", "value"] == pytest.approx(0.1 * 10**0.3, rel=1e-3)
    assert verdicts(diagram(3, 2)).loc["F6.agreement", "value"] == 1


def test_one_point_that_is_not_superposed_at_low_density_fails_the_claim():
    def change(p, r, k, W):
        return np.array([[1.0], [0.0]]) if (p, r) == (0.01, 1.0) else W

    table = verdicts(diagram(2, 1, change=change))
    assert table.loc["F5.sparse", "value"] == pytest.approx(1 - 1 / 54)
    assert not table.loc[["F5.sparse", "F5.equal.norm"], "holds"].any()
    assert table.loc["F5.agreement", "holds"]


def test_runs_that_never_superpose_fail_where_theory_superposes():
    W = {2: np.array([[1.0], [0.0]]), 3: np.array([[1.0, 0], [0, 1], [0, 0]])}
    for n, m in SHAPES:
        table = verdicts(diagram(n, m, change=lambda p, r, k, _, n=n: W[n]))
        assert not table.loc[f"F{3 + n}.agreement", "holds"]
    assert verdicts(diagram(2, 1, change=lambda p, r, k, _: W[2])).loc["F5.edge.r10", "value"] != 0


def test_the_bend_of_two_crossing_branches_is_where_they_cross():
    p = np.geomspace(0.01, 1, 51)
    for r in (0.1, 0.3, 3.0, 10.0):
        losses = theory.two_in_one(r, p)
        least = np.min([losses["ignored"], losses["dedicated"], losses["superposition"]], axis=0)
        off = np.log10(p[_bend(least)] / theory.phase_boundary(r))
        assert abs(off) <= 0.04


@pytest.mark.parametrize(("n", "m"), SHAPES)
def test_the_diagram_has_least_density_below_and_says_how_runs_were_picked(n, m):
    made = diagram(n, m, {"optimum": optimum(n, m)}, replicates=3)
    figure = lookup.load("figure", "phase_diagram").draw(made)
    titles = [ax.get_title() for ax in figure.axes]
    for wanted in ("Possible outcomes", "Theory: cheapest outcome", "Trained: best of 3"):
        assert wanted in titles
    trained = figure.axes[titles.index("Trained: best of 3")]
    assert trained.get_ylim() == pytest.approx((-2, 0))
    assert trained.images[0].origin == "lower"
    assert "best is chosen by held-out loss" in figure._supxlabel.get_text()
    assert "theory's at 100.0% of all points" in figure._supxlabel.get_text()


PLANES = {
    "the paper's": ((0.01, 1), (0.1, 10), "0.01 0.1 1", "0.1× 1× 10×"),
    "larger": ((1e-4, 1), (0.01, 100), "0.0001 0.001 0.01 0.1 1", "0.01× 0.1× 1× 10× 100×"),
    "far larger": ((1e-6, 1), (1e-3, 1e3), "1e−6 0.0001 0.01 1", "0.01× 1× 100×"),
    "smaller": ((0.2, 0.7), (0.5, 5), "0.2 0.7", "0.5× 5×"),
    "to the right": ((0.01, 1), (2, 2000), "0.01 0.1 1", "10× 100× 1,000×"),
}


@pytest.mark.parametrize(("n", "m"), SHAPES)
@pytest.mark.parametrize("plane", PLANES)
def test_the_panels_of_a_diagram_show_the_whole_plane_of_the_runs(n, m, plane):
    ends, sides, up, across = PLANES[plane]
    grid = np.geomspace(*ends, 9), np.geomspace(*sides, 7)
    made = diagram(n, m, {"optimum": optimum(n, m)}, replicates=2, grid=grid)
    figure = lookup.load("figure", "phase_diagram").draw(made)
    shown = [ax for ax in figure.axes if ax.images and "×" in ax.get_xticklabels()[0].get_text()]
    assert len(shown) == 6
    for ax in shown:
        assert ax.get_xlim() == pytest.approx(np.log10(sides))
        assert ax.get_ylim() == pytest.approx(np.log10(ends))
        assert " ".join(label.get_text() for label in ax.get_xticklabels()) == across
        assert " ".join(label.get_text() for label in ax.get_yticklabels()) == up
        if ax.lines:
            drawn = np.concatenate([line.get_xdata() for line in ax.lines])
            assert drawn.min() == pytest.approx(min(np.log10(sides[0]), 0))
            assert drawn.max() == pytest.approx(max(np.log10(sides[1]), 0))
        for edge in ax.collections:
            lowest = np.log10(theory.PAIR_DENSITY if n == 2 else ends[0])
            assert edge.get_segments()[0][:, 1].min() == pytest.approx(lowest)
    assert sum(bool(ax.lines) for ax in shown) == 5
    blank = "not computed where its panel is blank" in " ".join(
        figure._supxlabel.get_text().split()
    )
    assert blank == (plane not in ("the paper's", "smaller"))


def test_colours_are_grey_without_norm_blue_alone_and_red_in_superposition():
    grey, blue, red = mixed(np.array([0.0, 1.0, 1.0]), np.array([1.0, 0.0, 1.3]))
    assert grey[0] == grey[1] == grey[2]
    assert blue[2] > blue[0]
    assert red[0] > red[2]


def test_ideal_weights_are_those_of_the_cheapest_phase():
    assert ideal(2, 1, 0.05, 1.0).ravel().tolist() == [1, -1]
    assert isinstance(optimum(2, 1), pd.DataFrame)


def test_a_diagram_without_a_run_that_diverged_is_that_of_the_others():
    """A point's missing run takes no part in its means and shares; a point without runs is refused."""
    made = diagram(2, 1, replicates=3)
    whole = maps.maps(made)
    worst = (made.runs["rank"] == made.runs["rank"].max()).to_numpy()
    left = diverged(made, worst & (np.arange(len(worst)) < 9)).sound()
    m = maps.maps(left)
    assert 0 < len(made.runs) - len(left.runs) < 9
    assert (m.phase == whole.phase).all()
    assert m.phase.dtype.kind == "i"
    assert np.isfinite(m.mean_norm).all()
    assert (m.hits <= 1).all()
    assert np.isfinite(m.hits).all()
