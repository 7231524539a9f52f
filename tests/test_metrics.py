"""Metrics: exact values on polytopes, invariances, the theorem, the same bits in any packing."""

import numpy as np
import pytest
from made_tables import computable

from superpos import metrics
from superpos.metrics import geometry


def polygon(k: int, turn: float = 0.0) -> np.ndarray:
    angle = 2 * np.pi * np.arange(k) / k + turn
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def simplex(k: int) -> np.ndarray:
    """k unit vectors in k - 1 dimensions with all inner products -1 / (k - 1)."""
    centred = np.eye(k) - 1 / k
    values, vectors = np.linalg.eigh(centred)
    rows = vectors[:, values > 0.5]
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def antiprism(h: float) -> np.ndarray:
    squares = [np.c_[np.sqrt(1 - h * h) * polygon(4, turn), np.full(4, height)]
               for turn, height in ((0.0, h), (np.pi / 4, -h))]  # fmt: skip
    return np.concatenate(squares)


def bipyramid(k: int) -> np.ndarray:
    return np.concatenate([np.c_[polygon(k), np.zeros(k)], [[0, 0, 1.0], [0, 0, -1.0]]])


GEOMETRY = [n for n in metrics.names() if metrics.find(n).__module__ == geometry.__name__]

POLYTOPES = {
    "dedicated": (np.eye(3), [1.0] * 3),
    "digon": (np.array([[1.0], [-1.0]]), [1 / 2] * 2),
    "triangle": (polygon(3), [2 / 3] * 3),
    "square": (polygon(4), [1 / 2] * 4),
    "pentagon": (polygon(5), [2 / 5] * 5),
    "hexagon": (polygon(6), [1 / 3] * 6),
    "tetrahedron": (simplex(4), [3 / 4] * 4),
    "simplex of 6": (simplex(6), [5 / 6] * 6),
    "tight square antiprism": (antiprism(1 / np.sqrt(3)), [3 / 8] * 8),
    "triangular bipyramid": (bipyramid(3), [2 / 3] * 3 + [1 / 2] * 2),
    "pentagonal bipyramid": (bipyramid(5), [2 / 5] * 5 + [1 / 2] * 2),
}


@pytest.fixture
def W() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(40, 9, 4)).astype(np.float32)


@pytest.mark.parametrize("name", POLYTOPES)
def test_polytopes_have_the_dimensionality_of_tight_frames(name):
    rows, expected = POLYTOPES[name]
    np.testing.assert_allclose(geometry.dimensionality(rows[None])[0], expected, atol=1e-12)


def test_a_square_antiprism_that_is_no_tight_frame_has_a_lower_dimensionality():
    D = geometry.dimensionality(antiprism(0.5081)[None])
    np.testing.assert_allclose(D, 0.3657, atol=5e-5)


def test_scaling_all_vectors_of_a_polytope_changes_no_dimensionality():
    D = geometry.dimensionality(1.1 * polygon(5)[None])
    np.testing.assert_allclose(D, 0.4, atol=1e-12)


def test_superposition_of_unit_polygons_is_features_per_dimension_less_one():
    np.testing.assert_allclose(geometry.superposition(polygon(5)[None]), 1.5, atol=1e-12)
    np.testing.assert_allclose(geometry.superposition(np.eye(3)[None]), 0)


def test_superposition_normalises_only_its_own_feature():
    W = np.array([[[2.0, 0.0], [3.0, 0.0]]])
    np.testing.assert_allclose(geometry.superposition(W), [[9.0, 4.0]])
    np.testing.assert_allclose(geometry.superposition_unnormalised(W), [[36.0, 36.0]])


def test_norms_and_ratios_of_a_small_matrix_are_exact():
    W = np.array([[[3.0, 4.0], [0.0, 0.0], [0.0, 12.0]]])
    np.testing.assert_array_equal(geometry.feature_norm(W), [[5, 0, 12]])
    np.testing.assert_array_equal(geometry.frobenius(W), [13])
    np.testing.assert_array_equal(geometry.features_per_dimension(W), [169 / 2])
    np.testing.assert_array_equal(geometry.dimensions_per_feature(W), [2 / 169])


def test_features_count_as_represented_above_a_norm_of_one_half():
    W = np.array([[[0.6, 0.0], [0.0, 0.5], [0.4, 0.4], [0.0, 0.0]]])
    np.testing.assert_array_equal(geometry.represented(W), [2])


def test_metrics_agree_with_their_formulas_in_matrix_form(W):
    G = W.astype(float) @ W.astype(float).transpose(0, 2, 1)
    n = np.diagonal(G, axis1=1, axis2=2)
    off = (G**2).sum(2) - n**2
    np.testing.assert_allclose(geometry.superposition(W), off / n, rtol=1e-12)
    np.testing.assert_allclose(geometry.dimensionality(W), n**2 / (G**2).sum(2), rtol=1e-12)


def test_dimensionalities_sum_to_at_most_the_rank(W):
    for rank in (1, 2, 4):
        low = W @ np.diag([1.0] * rank + [0.0] * (4 - rank)).astype(np.float32)
        sums = geometry.dimensionality_sum(low)
        assert (sums <= rank + 1e-12).all()
        assert (sums > rank / 2).any()


def test_rotating_the_hidden_space_changes_nothing(W):
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    for name, value in metrics.compute(GEOMETRY, {"W": W.astype(float)}).items():
        rotated = metrics.find(name)(W.astype(float) @ rotation)
        np.testing.assert_allclose(rotated, value, rtol=1e-10, err_msg=name)


def test_permuting_features_permutes_the_values(W):
    """All but the name of a component, which is its least feature."""
    order = np.random.default_rng(2).permutation(W.shape[1])
    names = set(computable({"W"})) - {"component"}
    for name, value in metrics.compute(names, {"W": W}).items():
        expected = value[:, order] if value.ndim == 2 else value
        np.testing.assert_allclose(metrics.find(name)(W[:, order]), expected, rtol=1e-12)


def test_a_run_has_the_same_bytes_alone_and_among_others(W):
    together = metrics.compute(computable({"W"}), {"W": W})
    for name, value in together.items():
        alone = np.concatenate([metrics.find(name)(W[r : r + 1]) for r in range(len(W))])
        assert alone.tobytes() == value.tobytes(), name


def test_memory_order_of_the_weights_does_not_reach_the_bytes(W):
    for name in computable({"W"}):
        fortran = metrics.find(name)(np.asfortranarray(W))
        assert fortran.tobytes() == metrics.find(name)(W).tobytes(), name


def test_zero_weights_have_zero_dimensionality_and_superposition():
    W = np.zeros((1, 3, 2), np.float32)
    values = metrics.compute(GEOMETRY, {"W": W})
    assert values.pop("dimensions_per_feature") == np.inf
    assert all((value == 0).all() for value in values.values())


def test_a_zero_feature_beside_others_is_zero_and_leaves_them_alone():
    W = np.array([[[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0]]])
    np.testing.assert_array_equal(geometry.dimensionality(W), [[0.5, 0, 0.5]])
    np.testing.assert_array_equal(geometry.superposition(W), [[1, 0, 1]])


def test_the_names_are_the_public_functions_of_the_folder():
    assert {"feature_norm", "superposition", "dimensionality"} <= set(metrics.names())
    assert not {"compute", "total", "gram_columns"} & set(metrics.names())


def test_an_unknown_metric_is_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match="unknown metric 'superpostion': did you mean superpos"):
        metrics.find("superpostion")


def test_a_metric_whose_array_is_missing_is_refused_by_name():
    with pytest.raises(ValueError, match="metric 'frobenius' needs W"):
        metrics.compute(["frobenius"], {"W": None, "b": np.zeros((1, 2))})
