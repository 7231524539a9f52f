"""Metrics of training samples beside one another, on hidden vectors that are known."""

import numpy as np
import pytest

from superpos.config.condition import Data
from superpos.data.held_out import Samples
from superpos.lookup import load
from superpos.metrics import training_pairs as pairs

RELU = load("model", "relu_output").VARIANT


def one_hot(features) -> Samples:
    """Samples with these features on, each with the value 1."""
    sizes = [len(f) for f in features]
    start = np.r_[0, np.cumsum(sizes)]
    entries = np.concatenate(features).astype(np.uint16)
    weight = np.full(len(features), 1 / len(features))
    return Samples(start, entries, np.ones(len(entries), np.float32), weight)


def data(samples, times, total):
    repeats = {"samples": samples, "times": times}
    return Data(name="independent", unit_norm=True, training_samples=total, repeats=repeats)


def test_a_repeated_sample_counts_once_in_its_dimensionality():
    W = np.array([[[2.0, 0], [0, 1], [0, 1]]], np.float32)
    training = one_hot([[0], [1], [2], [0], [0]])
    found = pairs.first_sample_dimensionality(W, RELU, training, data(1, 3, 5))
    assert found == pytest.approx([1])
    shared = np.array([[[1.0, 0], [1, 0], [0, 1]]], np.float32)
    assert pairs.first_sample_dimensionality(shared, RELU, training, data(1, 3, 5)) == 0.5
    assert pairs.first_sample_dimensionality(0 * W, RELU, training, data(1, 3, 5)) == 0


def test_neighbours_on_the_ring_that_share_a_feature_are_counted():
    # Features 0 to 3 point along the axes. Features 4 and 5 have no weight and are only shared.
    W = np.array([[[1, 0], [0, 1], [-1, 0], [0, -1], [0, 0], [0, 0]]], np.float32)
    next_to_each_other = one_hot([[0, 4], [1, 4], [2], [3]])
    opposite = one_hot([[0, 4], [1], [2, 4], [3]])
    around = one_hot([[0, 5], [1], [2], [3, 5]])
    inside = one_hot([[0, 4], [1, 4], [2], [3], [4]])
    found = [
        pairs.neighbours_sharing(W, RELU, samples).item()
        for samples in (next_to_each_other, opposite, around, inside)
    ]
    assert found == [0.25, 0, 0.25, 0.25]
    each = pairs.shares_with_next(W, RELU, inside)[0]
    assert np.array_equal(each, [1, 0, 0, 0, np.nan], equal_nan=True)
    each = pairs.shares_with_next(W, RELU, around)[0]
    assert np.array_equal(each, [0, 0, 0, 1])


def test_fewer_than_three_samples_make_no_ring():
    W = np.array([[[1, 0], [0, 1]]], np.float32)
    assert np.isnan(pairs.neighbours_sharing(W, RELU, one_hot([[0], [1]])))
