"""Theory at its limits, and for numbers and lists: a value, or one line that says what to give."""

import math

import numpy as np
import pytest

from superpos import theory
from superpos.api import exercises
from superpos.theory.per_feature import rows

W, B, P = [[1.0, 0.2], [-0.5, 0.4], [0.1, 0.9]], [0.1, -0.2, 0.3], [0.2, 0.5, 1.0]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda: theory.polygon_radius(1), 0),
        (lambda: theory.polygon_radius(2), math.sqrt(0.5)),
        (lambda: theory.gap_on_circle(0.0), math.nan),
        (lambda: theory.gap_on_circle(1e-200), math.nan),
        (lambda: theory.gap_across(0.0, 2.0), math.nan),
        (lambda: theory.gap_across(0.0, 0.0), math.nan),
        (lambda: theory.gap_across(2.0, 1.2), theory.gap_across(1.2, 2.0)),
        (
            lambda: theory.active_loss(W, B, 1.0, np.array([0, 2])),
            theory.active_loss(W, B, 1.0, (0, 2)),
        ),
        (
            lambda: theory.disjoint_chance(3, 10, np.float32(0.5)),
            theory.disjoint_chance(3, 10, 0.5),
        ),
        (lambda: theory.margin(np.ones((1, 2))), math.inf),
        (lambda: theory.margin([[1.0, 0.0], [0.0, 1.0]]), 1),
    ],
)
def test_limits_have_their_value(found, expected):
    assert found() == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("bias", "k", "n", "p"), [(0.0, 5, 10, 0.1), (0.2, 5, 10, 0.1),
                                                   (-0.3, 4, 100, 0.05), (0.4, 1, 2, 1.0)])  # fmt: skip
def test_a_polygon_without_length_gains_what_its_bias_does(bias, k, n, p):
    mean = theory.mean_length(n, p) / n
    on = max(bias, 0.0)
    expected = -n * k * (on - mean) ** 2
    assert theory.polygon_gain(k, 0.0, bias, n, p) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("k", "n"), [(1, 1), (1, 2), (2, 2), (3, 3), (3, 5)])
def test_the_best_polygon_of_features_that_are_all_on_beats_its_neighbours(k, n):
    norm, bias, gain = theory.best_polygon(k, n, 1.0)
    assert gain >= -1e-12
    for by_norm, by_bias in ((1e-2, 0), (-1e-2, 0), (0, 1e-2), (0, -1e-2)):
        assert theory.polygon_gain(k, norm + by_norm, bias + by_bias, n, 1.0) < gain + 1e-12


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: theory.polygon_radius(0), "samples: 0; give at least 1"),
        (lambda: theory.polygon_loss(0, 1.0, 0.0), "samples: 0; give at least 1"),
        (lambda: theory.best_polygon_loss(0, 1.0), "samples: 0; give at least 1"),
        (lambda: theory.best_polygon(5, 4, 0.1), "k = 5 of n = 4 features: give k from 1 to n"),
        (lambda: theory.best_polygon(0, 4, 0.1), "k = 0 of n = 4 features: give k from 1 to n"),
        (lambda: theory.polygon_gain(7, 1.0, 0.0, 6, 0.1), "k = 7 of n = 6 features"),
        (lambda: theory.best_polygon(5, 5, 1.0), "for which the quadrature is rough; lower p"),
        (lambda: theory.best_polygon(5, 50, 0.0), "a density above 0"),
        (lambda: rows("h", np.ones(2)), r"h has shape \(2,\); give"),
        (lambda: rows("X", np.ones((1, 2, 3))), r"X has shape \(1, 2, 3\); give"),
        (
            lambda: theory.exact_loss(W, B, [1.0, 2.0], P),
            r"importance has shape \(2,\), but W has 3",
        ),
        (lambda: theory.exact_loss(W, [0.1], 1.0, P), r"b has shape \(1,\), but W has 3"),
        (
            lambda: theory.linear_loss(W, B, 1.0, [0.1] * 2),
            r"density has shape \(2,\), but W has 3",
        ),
        (lambda: theory.active_loss(W, B, 1.0, (-1,)), r"active: \(-1,\); give different features"),
        (
            lambda: theory.active_loss(W, B, 1.0, (0, 0)),
            r"active: \(0, 0\); give different features",
        ),
        (lambda: theory.active_loss(W, B, 1.0, (3,)), r"active: \(3,\); .* from 0 to 2"),
        (lambda: theory.exact_loss(W, B, 1.0, -0.1), "density -0.1: give a probability"),
        (lambda: theory.exact_loss(W, B, 1.0, [0.1, 0.2, 1.5]), "density 1.5: give a probability"),
        (lambda: theory.sets_loss(W, B, 1.0, 1.5, 3), "density 1.5: give a probability"),
        (lambda: theory.sets_loss(W, B, 1.0, 0.3, 0), "3 features in 0 sets"),
        (lambda: theory.one_set_loss(W, B, 1.0, -3), "3 features in -3 sets"),
        (lambda: theory.exact_loss(np.ma.masked_less(W, 0), B, 1.0, P), "W: a masked array"),
        (lambda: theory.saxe_loss(W, [1.0, 1.0]), r"importance has shape \(2,\), but W has 3"),
    ],
)
def test_what_has_no_value_is_refused_in_one_line(call, said):
    with pytest.raises(ValueError, match=said) as problem:
        call()
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("h", [[[2.0, 0.0]], [[0.0, 0.0]], [[0.3]], [[1.0, 0.0], [0.0, 1.0]]])
def test_one_sample_is_stored_at_any_point_and_lists_are_arrays(h):
    assert theory.memorises(h)
    X = np.eye(len(h)).tolist()
    found = theory.memory_weights(h, X)
    assert theory.loss_on_samples(*found, X) == pytest.approx(0, abs=1e-24)
    assert theory.loss_on_samples(*(a.tolist() for a in found), X) == pytest.approx(0, abs=1e-24)


@pytest.mark.parametrize("loss", [theory.exact_loss, theory.linear_loss])
def test_losses_take_numbers_and_lists(loss):
    ones = np.ones(3)
    expected = loss(np.array(W), np.array(B), 2 * ones, np.array(P))
    assert loss(W, B, 2.0, P) == loss(W, B, [2.0] * 3, P) == expected
    assert loss(W, 0.1, 2.0, 0.3) == loss(np.array(W), 0.1 * ones, 2 * ones, 0.3 * ones)


def test_other_losses_take_numbers_and_lists():
    given, ones = np.array(W), np.ones(3)
    assert (
        theory.saxe_loss(W, 1.0) == theory.saxe_loss(W, [1.0] * 3) == theory.saxe_loss(given, ones)
    )
    for found in (theory.k_sparse_loss, theory.one_set_loss):
        assert found(W, B, 1.0, 1) == found(given, np.array(B), ones, 1)
    assert theory.sets_loss(W, 0.1, 1.0, 0.3, 1) == theory.sets_loss(
        given, 0.1 * ones, ones, 0.3, 1
    )


@pytest.mark.parametrize("samples", [1, 0])
def test_an_exercise_about_one_sample_says_what_to_give(samples):
    assert "2 or more" in repr(exercises.smallest_radius(1.0, samples))


@pytest.mark.parametrize("b", [[0.0], [1.0], [5.0]])
def test_an_exercise_with_one_sample_names_the_bias_alone(b):
    assert "The bias is -" in exercises.stored(([[2.0, 0.0]], b), np.eye(1)).why


@pytest.mark.parametrize(
    ("function", "given", "said"),
    [
        (theory.loss_on_samples, (np.ones((5, 2)), 0.0, np.ones((2, 1))), r"^X has shape \(2, 1\), but W"),
        (theory.loss_on_samples, (np.ones((1, 2)), 0.0, np.eye(3)), r"^X has shape \(3, 3\), but W has 1"),
        (theory.loss_on_samples, (np.eye(3), 0.0, np.eye(4)), r"^X has shape \(4, 4\), but W has 3"),
        (theory.memory_weights, (np.ones((1, 2)), np.eye(3)), r"^X has 3 samples, h has shape \(1, 2\)"),
        (theory.memory_weights, (np.eye(3), np.eye(3)[:1]), r"^X has 1 samples, h has shape \(3, 3\)"),
        (theory.memory_weights, (np.eye(3), np.eye(3), [1.0]), r"h has shape \(3, 3\) and beta \(1,\)"),
    ],
)  # fmt: skip
def test_samples_that_do_not_fit_are_not_stretched_to_fit(function, given, said):
    as_lists = (value.tolist() if isinstance(value, np.ndarray) else value for value in given)
    with pytest.raises(ValueError, match=said):
        function(*as_lists)
