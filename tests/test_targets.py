"""`superpos.targets`: what is trained, checked and cached."""

import numpy as np
import pytest
import torch

import superpos
from superpos.api import targets as module
from superpos.theory import exact_loss, regular_polygon

ONE = np.ones(5)
W, B = regular_polygon(5, module.PENTAGON_NORM), np.full(5, module.PENTAGON_BIAS)


def test_the_pentagon_that_targets_are_compared_with_has_the_least_exact_loss():
    """A parabola through neighbouring losses has its top within 1e-4 of the stated norm and bias."""

    def loss(norm: float, bias: float) -> float:
        step = 0.01
        moved = module.PENTAGON_BIAS + step * bias
        return exact_loss(
            regular_polygon(5, module.PENTAGON_NORM + step * norm), ONE * moved, ONE, 0.05
        )

    low, at, high = loss(-1, 0), loss(0, 0), loss(1, 0)
    lower, higher = loss(0, -1), loss(0, 1)
    cross = (loss(1, 1) - loss(1, -1) - loss(-1, 1) + loss(-1, -1)) / 4
    hessian = np.array([[high - 2 * at + low, cross], [cross, higher - 2 * at + lower]])
    gradient = np.array([high - low, higher - lower]) / 2
    assert (np.linalg.eigvalsh(hessian) > 0).all()
    assert np.abs(np.linalg.solve(hessian, gradient) * 0.01).max() < 2e-4


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def five(cache):
    return superpos.targets("tms_5_2", cache=cache)


def test_five_features_are_the_exact_pentagon(five):
    loss = exact_loss(five.W.astype(float), five.b.astype(float), ONE, 0.05)
    assert loss < exact_loss(W, B, ONE, 0.05) * 1.001
    assert "72 degrees" in repr(five)
    assert "\n" not in repr(five)


def test_a_target_is_read_from_the_cache_and_only_for_the_same_settings(five, cache, monkeypatch):
    monkeypatch.setattr(module, "train", None)
    again = superpos.targets("tms_5_2_id", cache=cache)
    np.testing.assert_array_equal(again.models.W, five.models.W)
    for changes in ({"name": "tms_40_10"}, {"name": "tms_5_2", "seed": 1}):
        with pytest.raises(TypeError):  # It would be trained.
            superpos.targets(**changes, cache=cache)
    monkeypatch.setattr(module.rebuild, "code", lambda *names: "other code")
    with pytest.raises(TypeError):
        superpos.targets("tms_5_2", cache=cache)


def test_a_damaged_file_in_the_cache_is_replaced(five, cache):
    (path,) = cache.glob("*.safetensors")
    path.write_bytes(path.read_bytes()[:-9])
    np.testing.assert_array_equal(superpos.targets("tms_5_2", cache=cache).models.W, five.models.W)


def test_an_identity_layer_changes_no_output(five, cache):
    plain, with_layer = five.to_torch(), superpos.targets("tms_5_2_id", cache=cache).to_torch()
    assert "hidden_layers.0.weight" in with_layer.state_dict()
    assert plain.hidden_layers is None
    x = torch.eye(5) * 0.75
    torch.testing.assert_close(plain(x), with_layer(x))


def test_a_model_off_the_optimum_fails_its_check():
    assert module.check_five(W, B)
    turned = np.array([[np.cos(0.02), -np.sin(0.02)], [np.sin(0.02), np.cos(0.02)]])
    off = W.copy()
    off[0] = turned @ off[0]
    for bad, bias in ((off, B), (W * 1.01, B), (W, B + 0.02), (W[[0, 0, 1, 2, 3]], B)):
        with pytest.raises(ValueError, match=r"the limits are"):
            module.check_five(bad, bias)
    forty = np.full((40, 10), 1.12 / np.sqrt(10))
    assert "all 40 features represented" in module.check_forty(forty, np.full(40, -0.33))
    forty[3] = 0
    with pytest.raises(ValueError, match=r"norms 0\.000 to 1\.120"):
        module.check_forty(forty, np.full(40, -0.33))


def test_an_unknown_target_is_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match=r"unknown target 'tms_5_3': did you mean tms_5_2"):
        superpos.targets("tms_5_3")


@pytest.mark.slow
def test_forty_features_are_all_represented(tmp_path):
    assert "all 40 features" in superpos.targets("tms_40_10_id", cache=tmp_path).certificate
