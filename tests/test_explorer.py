"""The explorer's data: what the page gets is what was stored, the best first, in the sliders' order."""

import warnings

import numpy as np
import pandas as pd
import pytest
from explorer_cases import experiment, polygon

from superpos.report import alignment, explorer
from superpos.report.longest_vectors import MOST
from superpos.storage import store
from superpos.tables import Tables


def pentagons(point, replicate, step):
    """A pentagon, as every density, replicate and step has its own turn and size."""
    return polygon(5, turn=7 * point["density"] + replicate, norm=1 + point["density"])


def test_a_model_comes_back_as_it_was_stored_but_for_its_rounding():
    made = {0.5: np.arange(40).reshape(8, 5) / 20, 0.1: -np.arange(40).reshape(8, 5) / 30}
    points = [{"density": 0.1}, {"density": 0.5}]
    arrays, legend = explorer.packed(*experiment(points, lambda p, r, s: made[p["density"]] + r))
    assert legend.kept == 2
    assert arrays["at"].ravel().tolist() == [0.5, 0.1], "dense first"
    W = arrays["W"].reshape(2, 2, 8, 5) / legend.scale
    for k, density in enumerate((0.5, 0.1)):
        for order, replicate in enumerate((1, 0)):
            np.testing.assert_allclose(W[k, order], made[density] + replicate, atol=0.001001)
    assert arrays["replicate"].tolist() == [[1, 0], [1, 0]]
    np.testing.assert_allclose(arrays["loss"], [[0.1, 1.1]] * 2, rtol=1e-4)
    np.testing.assert_allclose(arrays["b"][:8] / legend.scale, -0.1 * np.arange(8), atol=0.001001)


def test_models_in_the_plane_are_turned_to_their_neighbour_and_stay_the_same_models():
    points = [{"density": p} for p in (0.9, 0.5, 0.1)]
    conditions, tables = experiment(points, pentagons)
    arrays, legend = explorer.packed(conditions, tables)
    W = arrays["W"].reshape(3, 2, 5, 2) / legend.scale
    for k, density in enumerate((0.9, 0.5, 0.1)):
        for r in range(2):
            original = pentagons({"density": density}, r, -1)
            np.testing.assert_allclose(W[k, r] @ W[k, r].T, original @ original.T, atol=0.01)
    unit = W / np.linalg.norm(W, axis=-1, keepdims=True)
    np.testing.assert_allclose(unit, np.broadcast_to(unit[0, 0], unit.shape), atol=0.01)


def test_how_the_data_are_drawn_comes_with_each_condition():
    points = [
        {"density": p, "data.signed": p > 0.3, "data.unit_norm": p < 0.7} for p in (0.1, 0.5, 0.9)
    ]
    arrays, _ = explorer.packed(*experiment(points, pentagons))
    of = {at: place for place, at in enumerate(arrays["at"].ravel().tolist())}
    drawn = [(arrays["signed"][of[p]], arrays["unit_norm"][of[p]]) for p in (0.1, 0.5, 0.9)]
    assert drawn == [(0, 1), (1, 1), (1, 0)]


@pytest.mark.parametrize("mirror", [1, -1])
def test_turning_undoes_any_turn_and_mirroring(mirror):
    W = np.array([[1.0, 0.2], [-0.3, 0.8], [0.1, -0.9]])
    c, s = np.cos(2.1), np.sin(2.1)
    moved = W @ np.array([[c, s], [-s, c]]) * (1, mirror)
    np.testing.assert_allclose(alignment.nearest(moved, W), W, atol=1e-12)
    np.testing.assert_allclose(alignment.nearest(-W[:, :1], W[:, :1]), W[:, :1])
    np.testing.assert_array_equal(alignment.nearest(np.zeros((3, 2)), W), 0)


def test_neurons_are_never_turned():
    points = [{"density": 0.9}, {"density": 0.1}]
    arrays, _ = explorer.packed(*experiment(points, pentagons, model="relu_hidden"))
    W = arrays["W"].reshape(2, 2, 5, 2) / explorer.SCALE
    np.testing.assert_allclose(W[1, 0], pentagons({"density": 0.1}, 1, -1), atol=0.001001)


def test_a_grid_has_two_sliders_and_each_condition_a_neighbour_in_it():
    points = [{"density": p, "importance.last": i} for i in (0.1, 1.0) for p in (0.5, 0.2, 0.1)]
    conditions, tables = experiment(points, pentagons)
    places, _, sliders = explorer._places(conditions)
    assert sliders == ["density", "importance.last"]
    assert places["importance.last"].tolist() == [1.0] * 3 + [0.1] * 3
    assert alignment.neighbours(places, sliders) == [None, 0, 1, 0, 3, 4]
    arrays, legend = explorer.packed(conditions, tables)
    assert arrays["at"].shape == (6, 2)
    assert legend.words == ["Density of features, 1 − S", "Importance of the last feature"]


def test_other_swept_keys_are_families_and_training_settings_only_where_they_must_tell_apart():
    points = [
        {"model": "linear", "density": 0.1, "optimizer.lr": 0.1},
        {"model": "relu_output", "density": 0.1, "optimizer.lr": 0.1},
        {"model": "relu_output", "density": 0.5, "optimizer.lr": 0.2},
    ]
    families = explorer.packed(*experiment(points, pentagons))[1].families
    assert [f.label for f in families] == ["linear", "relu output"]
    points = [{"density": 0.1, "optimizer.lr": rate} for rate in (0.1, 0.2)]
    _, legend = explorer.packed(*experiment(points, pentagons))
    assert [f.label for f in legend.families] == ["learning rate 0.1", "learning rate 0.2"]
    assert legend.sliders == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("n_hidden", 5, "5 hidden dimensions"),
        ("data.name", "one_set", "one set"),
        ("data.set", 3, "training set 3"),
        ("optimizer.lr", 0.0012345, "learning rate 0.0012345"),
        ("optimizer.betas", [0.9, 0.99], "betas 0.9, 0.99"),
        ("density", {"first_ratio": 2}, "density first ratio 2"),
    ],
)
def test_models_are_called_by_what_was_swept(key, value, said):
    conditions, _ = experiment([{key: value}, {key: "other"}], lambda *_: polygon(5, 0))
    assert said in {family.label for family in explorer._places(conditions)[1]}


def test_models_of_several_shapes_stand_one_after_another():
    points = [{"n_features": 3}, {"n_features": 5}]
    arrays, legend = explorer.packed(
        *experiment(points, lambda p, r, s: polygon(p["n_features"], turn=r))
    )
    assert [(f.n, f.m) for f in legend.families] == [(3, 2), (5, 2)]
    assert arrays["W"].shape == (2 * (3 + 5) * 2,)


def test_checkpoints_come_with_their_steps_and_losses():
    def growing(point, replicate, step):
        return polygon(6, turn=0, norm=1 + replicate + (step if step >= 0 else 2))

    arrays, legend = explorer.packed(*experiment([{}], growing, steps=(10, 100, 1000)))
    assert legend.way_steps == [10, 100, 1000]
    way = arrays["way_W"].reshape(1, 2, 3, 6, 2) / legend.scale
    np.testing.assert_allclose(np.linalg.norm(way, axis=-1)[0, :, :, 0], [[2, 3, 4], [1, 2, 3]])
    np.testing.assert_allclose(arrays["way_loss"], [[[1, 1 / 2, 1 / 3]] * 2], rtol=1e-4)
    assert legend.fixed == {"density": 0.3}


def test_checkpoints_of_models_of_several_shapes_stand_one_after_another():
    def made(point, replicate, step):
        n, m = point["n_features"], point["n_hidden"]
        return np.full((n, m), n + replicate + (step if step >= 0 else 2), float)

    points = [{"n_features": 3, "n_hidden": 2}, {"n_features": 5, "n_hidden": 4}]
    arrays, legend = explorer.packed(*experiment(points, made, steps=(10, 100, 1000)))
    small, large = np.split(arrays["way_W"] / legend.scale, [2 * 3 * 3 * 2])
    np.testing.assert_allclose(small.reshape(2, 3, 3, 2)[:, :, 0, 0], [[4, 5, 6], [3, 4, 5]])
    np.testing.assert_allclose(large.reshape(2, 3, 5, 4)[:, :, 0, 0], [[6, 7, 8], [5, 6, 7]])


def test_losses_in_training_come_with_the_steps_at_which_they_were_recorded():
    conditions, tables = experiment([{"density": p} for p in (0.5, 0.1)], pentagons)
    few = tables.history.query("condition == 'density=0.1' and step in (4, 36, 100)")
    steps = np.arange(100, 10_001, 100)
    of_run = {"experiment": "made", "condition": "density=0.5"}
    many = [
        pd.DataFrame({**of_run, "replicate": r, "step": steps, "loss": steps + r}) for r in (0, 1)
    ]
    made = Tables(tables.runs, tables.features, pd.concat([few, *many]))
    arrays, _ = explorer.packed(conditions, made)
    assert arrays["course"].shape == (2, 2, 40)
    assert arrays["course_steps"].shape == (2, 40)
    assert {100, 400, 600, 10_000} <= {*arrays["course_steps"][0].tolist()}
    np.testing.assert_allclose(arrays["course"][0, 0], arrays["course_steps"][0] + 1, rtol=1e-4)
    assert arrays["course_steps"][1, [0, 20, 39]].tolist() == [4, 36, 100]
    np.testing.assert_allclose(
        arrays["course"][1, 1], 2 / np.sqrt(arrays["course_steps"][1]), rtol=1e-4
    )


def test_large_experiments_keep_their_best_replicate_alone(monkeypatch):
    monkeypatch.setattr(explorer, "WEIGHT_BUDGET", 20)
    arrays, legend = explorer.packed(*experiment([{"density": 0.5}], pentagons, replicates=9))
    assert legend.kept == 1
    assert arrays["replicate"].tolist() == [[8]]
    assert arrays["loss"].shape == (1, 9)


def memorising(point, replicate, step):
    """A polygon of training samples, as every size of the set and replicate has its own turn."""
    size = point["data.training_samples"]
    return polygon(size, turn=7 * size + replicate, norm=2)


def turning(point, replicate, step):
    """A pentagon of features that is turned as the samples are."""
    return polygon(5, turn=7 * point["data.training_samples"] + replicate)


def sets(*sizes, **shared):
    """Models of finite training sets of these sizes."""
    points = [{"data.training_samples": size} for size in sizes]
    return experiment(points, turning, hidden=memorising, **shared)


def test_small_training_sets_come_first_and_their_samples_are_turned_as_the_features():
    arrays, legend = explorer.packed(*sets(6, 3, 4))
    assert legend.sliders == ["data.training_samples"]
    assert arrays["at"].ravel().tolist() == [3, 4, 6]
    assert arrays["samples"].tolist() == [[3, 3], [4, 4], [6, 6]]
    W = arrays["W"].reshape(3, 2, 5, 2) / legend.scale
    np.testing.assert_allclose(W, np.broadcast_to(W[0, 0], W.shape), atol=0.01)
    cuts = np.cumsum([2 * 3, 2 * 4])
    for size, h in zip((3, 4, 6), np.split(arrays["h"].reshape(-1, 2), cuts), strict=True):
        point = {"data.training_samples": size}
        products = memorising(point, 0, -1) @ turning(point, 0, -1).T
        for of_run in np.split(h, 2):
            np.testing.assert_allclose(of_run @ W[0, 0].T, products, atol=0.02)
    assert arrays["sample"].tolist() == [*range(3)] * 2 + [*range(4)] * 2 + [*range(6)] * 2


def test_sets_that_are_not_in_the_plane_or_seen_in_minibatches_or_with_checkpoints_have_no_samples():
    for made in (sets(3, 4, batch=2), sets(3, steps=[10])):
        assert not {"samples", "h", "sample"} & explorer.packed(*made)[0].keys()
    points = [{"data.training_samples": 5, "n_hidden": m} for m in (2, 3)]

    def made(point, replicate, step):
        return np.eye(5, point["n_hidden"])

    arrays, _ = explorer.packed(*experiment(points, made, hidden=made))
    assert arrays["samples"].tolist() == [[5, 5], [5, 0]]
    assert arrays["whole_set"].tolist() == [1, 1], "whether the samples can be drawn or not"
    assert explorer.packed(*sets(3, 4, batch=2))[0]["whole_set"].tolist() == [0, 0]
    assert arrays["h"].size == 2 * 5 * 2


def test_large_models_and_large_sets_keep_their_longest_vectors_and_say_which():
    rng = np.random.default_rng(0)
    W, h = rng.normal(size=(2 * MOST, 2)), rng.normal(size=(3 * MOST, 2))

    def along(point, replicate, step):
        return W if step < 0 else (step + 2) * W

    made = experiment([{}], along, 1, steps=(10, 20)), experiment([{}], along, 1, (), lambda *_: h)
    for conditions, tables in made:
        arrays, legend = explorer.packed(conditions, tables)
        (family,) = legend.families
        assert (family.label, family.n, family.m) == ("", MOST, 2)
        assert arrays["features"].tolist() == [2 * MOST]
        lengths = np.linalg.norm(W, axis=1)[arrays["feature"]]
        assert (np.diff(lengths) <= 0).all()
        assert lengths[-1] >= np.delete(np.linalg.norm(W, axis=1), arrays["feature"]).max()
        kept = arrays["W"].reshape(MOST, 2) / legend.scale
        np.testing.assert_allclose(kept, W[arrays["feature"]], atol=0.001001)
        bias = np.maximum(-0.1 * arrays["feature"], -32768 / legend.scale)
        np.testing.assert_allclose(arrays["b"] / legend.scale, bias, atol=0.001001)
        if legend.way_steps:
            way = arrays["way_W"].reshape(2, MOST, 2) / legend.scale
            np.testing.assert_allclose(way, [2 * kept, 3 * kept], atol=0.005)
    assert arrays["samples"].tolist() == [[3 * MOST, MOST]]
    np.testing.assert_allclose(arrays["h"].reshape(-1, 2), h[arrays["sample"]], rtol=1e-4)


def test_the_pipeline_packs_every_experiment(built):
    for name, shape in {"F1": (3, 2), "sets": (2, 2)}.items():
        arrays, about = store.load_arrays(built.folder / f"results/{name}/explorer.safetensors")
        assert arrays["loss"].shape == shape
        assert len(about["sliders"]) == 1


def test_a_run_that_diverged_comes_last_with_no_loss_and_zeros_for_weights():
    conditions, tables = experiment([{"density": 0.1}], pentagons, 3, steps=[50, 100])
    for table in (tables.runs, tables.features, tables.checkpoints):
        bad = table["replicate"] == 2
        for column in {"loss", "bias"} & {*table}:
            table.loc[bad, column] = np.nan
        if "W" in table:
            table["W"] = [
                [np.inf, np.nan] if b else w for w, b in zip(table["W"], bad, strict=True)
            ]
    tables.runs["rank"] = [1, 0, -1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arrays, legend = explorer.packed(conditions, tables)
    assert legend.diverged == ["made: 1 of 3 runs diverged"]
    assert arrays["replicate"].tolist() == [[1, 0, 2]]
    assert np.isnan(arrays["loss"]).tolist() == [[False, False, True]]
    assert (arrays["W"].reshape(3, 10)[2] == 0).all()
    assert (arrays["way_W"].reshape(3, 2, 10)[:2] != 0).any()
