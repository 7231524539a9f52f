"""Arrays from files are checked before compiled code sees them."""

import numpy as np
import pytest
from cases import condition

from superpos.data.held_out import draw_held_out, sparse
from superpos.data.held_out.sample_checks import check_held_out, check_samples
from superpos.storage import store
from superpos.training.block_checks import check_block

X = np.array([[0, 0.5, 0], [0.25, 0, 1], [0, 0, 0]], np.float32)


def samples(**changes):
    return {**vars(sparse(X, np.full(3, 1 / 3))), **changes}


BAD_SAMPLES = {
    "a feature beyond the last": {"feature": np.array([1, 0, 3], np.uint16)},
    "a start that falls": {"start": np.array([0, 3, 1, 3])},
    "a start below 0": {"start": np.array([-1, 1, 3, 3])},
    "an end beyond the entries": {"start": np.array([0, 1, 3, 9])},
    "no start at all": {"start": np.array([], np.int64)},
    "fewer values": {"value": np.ones(2, np.float32)},
    "fewer weights": {"weight": np.ones(2)},
    "values of another kind": {"value": np.array([1, 2, 3])},
    "values in a square": {"value": np.ones((3, 1), np.float32)},
    "features below 0": {"feature": np.array([-1, 0, 2])},
}


@pytest.mark.parametrize("what", BAD_SAMPLES)
def test_samples_are_refused_that_have(what):
    check_samples(samples(), 3)
    with pytest.raises(ValueError, match="sample"):
        check_samples(samples(**BAD_SAMPLES[what]), 3)


def test_samples_of_a_model_with_fewer_features_are_refused():
    of = condition()
    arrays = draw_held_out([of], 0, 50, 0)
    check_held_out(arrays, [of], 0)
    with pytest.raises(ValueError, match="`start` is not a one-dimensional int64 array"):
        check_held_out(arrays, [of], 1)
    (name,) = [n for n in arrays if n.startswith("pick") and n.endswith("feature")]
    with pytest.raises(ValueError, match="`feature` holds 6, but the model has 6"):
        check_held_out(arrays | {name: np.full_like(arrays[name], 6)}, [of], 0)


def block(**changes):
    shape = (2, 6, 3)
    arrays = {"W": np.ones(shape, np.float32), "b": np.ones((2, 6), np.float32)}
    return arrays | {"loss": np.ones((2, 5)), "loss_steps": np.arange(5)} | changes


NOTES = {
    **{"conditions": ["only", "only"], "keys": ["0", "1"], "replicates": [0, 1]},
    **{"engines": ["fused", "fused"], "makings": ["a", "a"]},
}
BAD_BLOCKS = {
    "weights of another shape": {"W": np.ones((2, 6, 4), np.float32)},
    "biases of another shape": {"b": np.ones((2, 5), np.float32)},
    "fewer runs": {"loss": np.ones((1, 5))},
    "whole numbers": {"W": np.ones((2, 6, 3), np.int64)},
    "other checkpoints": {"checkpoint_W": np.ones((2, 1, 3, 6), np.float32)},
}


@pytest.mark.parametrize("what", BAD_BLOCKS)
def test_trained_blocks_are_refused_that_have(what):
    of = {"only": condition()}
    check_block(block(), NOTES, of)
    with pytest.raises(ValueError, match="array"):
        check_block(block(**BAD_BLOCKS[what]), NOTES, of)


@pytest.mark.parametrize("name", ["conditions", "keys", "replicates"])
def test_trained_blocks_name_their_runs(name):
    with pytest.raises(ValueError, match="does not say which run each row"):
        check_block(block(), {**NOTES, name: NOTES[name][:0]})


def test_what_a_check_refuses_is_a_damaged_file(tmp_path):
    path = tmp_path / "samples.safetensors"
    store.save_arrays(path, samples(feature=np.array([1, 0, 3], np.uint16)))
    with pytest.raises(
        store.DamagedFile, match=r"samples\.safetensors: samples: `feature` holds 3"
    ):
        store.load_arrays(path, lambda read: check_samples(read[0], 3))
