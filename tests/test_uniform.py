"""Uniform superposition: the geometry graph, the aside's table, claims and figures."""

import numpy as np
import pytest
from made_tables import judged, packed, run, tables

from superpos import lookup, plotting, theory
from superpos.metrics import geometry, graph
from superpos.papers.toy_models.geometry import claims_uniform, table_packing_gains
from superpos.papers.toy_models.geometry.digitised import DIMENSIONS_PER_FEATURE
from superpos.tables import Tables
from superpos.theory import regular_polygon
from superpos.theory.crossing import crossing

TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
ANTIPRISM = np.concatenate(
    [
        np.c_[np.sqrt(2 / 3) * regular_polygon(8)[k::2], np.full(4, h)]
        for k, h in ((0, 3**-0.5), (1, -(3**-0.5)))
    ]
)
TRIANGLE, PENTAGON, DIGON = regular_polygon(3), regular_polygon(5), np.array([[1.0], [-1.0]])
CLOUD = regular_polygon(9)


def blocks(*shapes, unlearned=0):
    """W [feature, hidden] of shapes in dimensions of their own, then features that are not learned."""
    n, m = (sum(shape.shape[axis] for shape in shapes) for axis in (0, 1))
    W, i, k = np.zeros((n + unlearned, m)), 0, 0
    for shape in shapes:
        W[i : i + len(shape), k : k + shape.shape[1]] = shape
        i, k = i + len(shape), k + shape.shape[1]
    return W


SHAPES = {
    1.0: [np.eye(30)],
    1.26: [TETRAHEDRON] * 10,
    1.4: [TETRAHEDRON] * 10,
    1.6: [TETRAHEDRON] * 2 + [TRIANGLE] * 9 + [DIGON] * 6,
    2.2: [DIGON] * 30,
    2.8: [DIGON] * 30,
    3.5: [DIGON] * 30,
    4.0: [PENTAGON] * 15,
    4.3: [ANTIPRISM] * 2 + [PENTAGON] * 3 + [DIGON] * 16 + [CLOUD],
    5.0: [ANTIPRISM] * 10,
    6.0: [ANTIPRISM] * 10,
    10.0: [CLOUD] * 15,
}


def ideal(**changed):
    """Runs of F7 made of the paper's polytopes, m = 30; n = 400 where it matters, without sparsity."""
    rows = []
    for x, shapes in (SHAPES | changed.get("shapes", {})).items():
        W = blocks(*shapes)
        unlearned = np.zeros((400 if x == 1 else 150, 30))[len(W) :]
        W = np.concatenate([W, unlearned])
        rows.append(run(W, 0, experiment="F7", density=1 / x, importance=1.0))
    return rows


def size(n, m, pairs, x=3.0):
    W = np.zeros((n, m))
    W[:pairs] = packed(pairs, m, 2 * m - pairs)
    return run(W, 0, experiment="F7_sizes", density=1 / x, importance=1.0)


@pytest.fixture(scope="module")
def gains():
    return table_packing_gains.table(1.6, 10.0, 3)


def with_gains(rows, gains):
    made = tables(rows)
    return Tables(made.runs, made.features, theory={"packing_gains": gains})


def verdicts(rows):
    return judged(tables(rows))


def test_the_asides_triangle_has_products_of_one_and_minus_a_half_and_leaves_out_the_diagonal():
    """Three features in two dimensions: W^T W is 1 and -1/2, and (1, 1, 1) is orthogonal to it."""
    gram = TRIANGLE @ TRIANGLE.T
    np.testing.assert_allclose(gram, 1.5 * np.eye(3) - 0.5, atol=1e-12)
    np.testing.assert_allclose(TRIANGLE.T @ np.ones(3), 0, atol=1e-12)
    np.testing.assert_allclose(geometry.dimensionality(TRIANGLE[None]), 2 / 3)


def test_the_asides_square_is_two_digons_and_leaves_out_their_sums():
    """Four features in two dimensions: orthogonal to (1, 0, 1, 0) and (0, 1, 0, 1)."""
    square = regular_polygon(4)
    np.testing.assert_allclose(square.T @ np.array([[1, 0, 1, 0], [0, 1, 0, 1]]).T, 0, atol=1e-12)
    np.testing.assert_array_equal(graph.component(square[None]), [[0, 1, 0, 1]])
    np.testing.assert_array_equal(graph.component_size(square[None]), [[2] * 4])


def test_components_are_the_polytopes_and_features_not_learned_are_in_none():
    W = blocks(TETRAHEDRON, DIGON, np.eye(1), PENTAGON, unlearned=2)[None]
    expected = [4] * 4 + [2] * 2 + [1] + [5] * 5 + [0] * 2
    np.testing.assert_array_equal(graph.component_size(W)[0], expected)
    labels = [0] * 4 + [4] * 2 + [6] + [7] * 5 + [-1] * 2
    np.testing.assert_array_equal(graph.component(W)[0], labels)


def test_a_component_reaches_through_features_that_are_not_joined_to_one_another():
    chain = np.array([[1, 0, 0], [0.5, 0.8, 0], [0, 0.9, 0.3], [0, 0, -1]])
    np.testing.assert_array_equal(graph.component_size(chain[None]), [[4] * 4])


def test_an_edge_and_a_node_need_more_than_their_thresholds():
    below, above = (np.array([[1, 0], [x, 1.0]]) for x in (0.09, 0.11))
    np.testing.assert_array_equal(graph.component_size(np.array([below, above])), [[1, 1], [2, 2]])
    faint = np.array([[[1, 0.0], [-0.7, 0.0]], [[1, 0.0], [-0.72, 0.0]]])
    np.testing.assert_array_equal(graph.component_size(faint), [[1, 0], [2, 2]])


def test_the_papers_polytopes_pass_the_claims_on_geometry():
    table = verdicts(ideal())
    geometric = table[table.index.str.startswith("F8.")]
    failed = set(geometric.index[~geometric["holds"]])
    assert failed == {"F8.dense.least", "F8.dense.most"}
    assert table.loc["F8.tetrahedra.corners", "value"] == 1
    assert table.loc["F8.graph.x4.3.pentagons", "value"] == 15
    assert table.loc["F8.graph.x2.8", "value"] == 1
    assert table.loc["F8.triangles", "value"] == 27


def test_a_random_projection_has_the_scattered_dimensionalities_of_no_sparsity():
    W = np.linalg.qr(np.random.default_rng(0).normal(size=(400, 30)))[0]
    rows = [run(W, 0, experiment="F7", density=1.0, importance=1.0)]
    table = verdicts(rows)
    dense = table[table.index.str.startswith("F8.dense")]
    assert dense["holds"].all()
    assert table.loc["F7.dense", "value"] == pytest.approx(1)


def test_digons_that_are_half_gone_are_found():
    half = {2.2: [DIGON] * 15 + [np.eye(15)]}
    table = verdicts(ideal(shapes=half))
    assert table.loc["F8.digons", "value"] == pytest.approx((30 + 120) / (45 + 120), abs=0.05)
    assert not table.loc["F8.digons", "holds"]


def test_triangles_in_place_of_tetrahedra_are_found():
    table = verdicts(ideal(shapes={1.26: [TRIANGLE] * 15, 1.4: [TRIANGLE] * 15}))
    assert not table.loc[
        ["F8.tetrahedra", "F8.tetrahedra.corners", "F8.graph.x1.26"], "holds"
    ].any()


def test_pairs_and_polytopes_where_the_printed_curve_leaves_none_are_found():
    table = verdicts(ideal(shapes={5.0: [PENTAGON] * 12 + [DIGON] * 6, 10.0: [PENTAGON] * 15}))
    assert table.loc["F8.graph.x5", "value"] == pytest.approx(60 / 72)
    assert table.loc["F8.graph.x9.1", "value"] == 0
    assert not table.loc["F8.graph.x9.1", "holds"]


def test_a_second_band_where_there_should_be_one_is_found():
    table = verdicts(ideal(shapes={10.0: [PENTAGON] * 12 + [DIGON] * 6}))
    assert table.loc["F8.band.single", "value"] == pytest.approx(0.1)
    assert not table.loc["F8.band.single", "holds"]


def test_the_printed_curve_passes_its_own_claims():
    rows = []
    for x, value in DIMENSIONS_PER_FEATURE:
        scale = np.sqrt(1 / value)
        rows.append(
            run(scale * packed(60, 30, 30), 0, experiment="F7", density=1 / x, importance=1.0)
        )
    table = verdicts(rows)
    curve = table[table.index.str.startswith("F7.") & ~table.index.str.startswith("F7.gain")]
    sizes = curve.index.str.startswith("F7.size")
    assert (curve.loc[sizes, "verdict"] == "not tested").all()
    assert curve.loc[~sizes, "holds"].all(), curve.loc[~curve["holds"], "value"]
    assert table.loc["F7.curve.sparse", "value"] == pytest.approx(0, abs=1e-9)


def test_a_curve_that_is_off_is_found_by_how_much():
    rows = []
    for x, value in DIMENSIONS_PER_FEATURE:
        W = np.sqrt(1 / (value - 0.05)) * packed(60, 30, 30)
        rows.append(run(W, 0, experiment="F7", density=1 / x, importance=1.0))
    table = verdicts(rows)
    assert table.loc["F7.curve.sparse", "value"] == pytest.approx(0.05)
    assert not table.loc[
        ["F7.curve.sparse", "F7.curve.dense", "F7.dense", "F7.at.x5"], "holds"
    ].any()
    assert table.loc["F7.curve.steep", "holds"]


def test_between_two_conditions_the_curve_is_straight_on_the_logarithmic_axis():
    rows = [run(np.sqrt(1 / d) * packed(60, 30, 30), 0, experiment="F7", density=1 / x, importance=1.0)
            for x, d in ((1.0, 1.0), (10.0, 0.2))]  # fmt: skip
    assert claims_uniform._dimensions_at(tables(rows), np.sqrt(10)) == pytest.approx(0.6)
    assert np.isnan(claims_uniform._dimensions_at(tables(rows), 11.0))


def test_other_sizes_are_held_to_the_plateau_of_the_main_size():
    rows = [*ideal(), size(200, 20, 40), size(400, 15, 30)]
    table = verdicts(rows)
    sizes = table[table.index.str.startswith("F7.size")]
    assert sizes["holds"].all()
    assert table.loc["F7.size.doubling", "value"] == pytest.approx(2)
    table = verdicts([*ideal(), size(200, 20, 36), size(400, 15, 24)])
    assert not table.loc[list(sizes.index), "holds"].any()


@pytest.mark.parametrize(
    ("name", "options"),
    [("dimensions_per_feature", {}), ("feature_geometry", {"graphs": [1.26, 2.8, 4.3]})],
)
def test_the_figures_draw_and_are_the_same_bytes_every_time(name, options, gains):
    module = lookup.load("figure", name)
    made = with_gains([*ideal(), size(200, 20, 40)] if name.startswith("dim") else ideal(), gains)
    first, second = (plotting.render(module.draw(made, **options), "svg") for _ in range(2))
    assert first == second
    assert "ection “The Geometry of Superposition”" in module.CAPTION


def test_a_polytope_gains_at_least_what_it_gains_at_fixed_weights(gains):
    digon = gains[gains["shape"] == "digon"]
    fixed = theory.digon_gain(1 / digon["sparsity"].to_numpy())
    assert (digon["gain"] >= fixed - 1e-12).all()
    sparse = digon["sparsity"] > 7 / 4  # where a pair of fixed weights beats a single feature
    assert digon["gain"][sparse].to_numpy() == pytest.approx(fixed[sparse.to_numpy()], abs=0.12)
    alone = gains[gains["shape"] == "dedicated"]
    assert alone["gain"].to_numpy() == pytest.approx(1)


def test_the_search_finds_a_minimum_of_the_exact_loss(gains):
    row = gains[(gains["shape"] == "triangle") & (gains["sparsity"] == 4.0)].iloc[0]

    def loss(norm, bias):
        return theory.exact_loss(norm * TRIANGLE, np.full(3, bias), np.ones(3), 0.25)

    least = loss(row["norm"], row["bias"])
    assert row["gain"] == pytest.approx(
        (3 * theory.variance(0.25) - least) / (2 * theory.variance(0.25))
    )
    for step in (0.01, -0.01):
        assert loss(row["norm"] + step, row["bias"]) > least
        assert loss(row["norm"], row["bias"] + step) > least


def test_claims_on_gains_are_measured_on_the_table_of_theory(gains):
    table = judged(with_gains(ideal(), gains))
    x, antiprism, pentagon = (
        gains[gains["shape"] == shape].sort_values("sparsity")[column].to_numpy()
        for shape, column in (
            ("pentagon", "sparsity"),
            ("square antiprism", "gain"),
            ("pentagon", "gain"),
        )
    )
    expected = crossing(x, antiprism, pentagon)
    assert table.loc["F7.gain.antiprism.over.pentagon", "value"] == pytest.approx(expected)
    assert "F7.gain.antiprism.over.pentagon" not in verdicts(ideal()).index


def test_the_line_is_the_dimensions_per_feature_of_the_first_experiment(gains):
    figure = lookup.load("figure", "dimensions_per_feature").draw(
        with_gains([*ideal(), size(200, 20, 40)], gains)
    )
    (line,) = [line for line in figure.axes[0].lines if line.get_label() == "n = 400, m = 30"]
    assert line.get_xdata() == pytest.approx(sorted(SHAPES))
    assert line.get_ydata()[0] == pytest.approx(1)


def test_graphs_show_the_nearest_conditions_and_only_represented_features():
    made = tables(ideal())
    figure = lookup.load("figure", "feature_geometry").draw(made, graphs=[1.3, 2.7])
    titles = [ax.get_title() for ax in figure.axes if ax.get_title()]
    assert titles == ["a   1 / (1 − S) = 1.26: 40 features", "b   1 / (1 − S) = 2.8: 60 features"]


def test_features_not_learned_are_told_apart_in_the_scatter():
    made = tables(ideal())
    ax = lookup.load("figure", "feature_geometry").draw(made, graphs=[2.8]).axes[0]
    counts = [len(line.get_xdata()) for line in ax.lines if line.get_marker() == "."]
    nodes = int((made.features["component_size"] > 0).sum())
    assert counts == [nodes, len(made.features) - nodes]
