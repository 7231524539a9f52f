"""Metrics of finite training sets, against dense formulas; the table of samples; selection."""

import numpy as np
import pytest

import superpos
from superpos import lookup, metrics
from superpos.api.experiment import experiment_config
from superpos.config import shipped
from superpos.config.messages import ConfigError
from superpos.config.needs import Needs, misfit, requires
from superpos.data.finite_set import training_set
from superpos.data.held_out import Samples, sparse
from superpos.metrics import frames, geometry, loss_quantiles, memorising
from superpos.storage import store
from superpos.storage.notes import Notes
from superpos.storage.training_sets import load_training_sets
from superpos.tables.offers import of_tables
from superpos.verdicts.accepted import counted
from superpos.verdicts.claim import make_claim
from superpos.verdicts.statement import Statement

PLAIN, HIDDEN_RELU = (lookup.load("model", m).VARIANT for m in ("relu_output", "relu_hidden"))
OF_SAMPLES = ["sample_dimensionality", "leverage", "sample_norm", "sample_angle"]
OF_SETS = ["ring"]
OF_MODELS = ["bias_norm", "loss_median", "loss_q99", "features_above", "fifth_dimensionality"]
FEW = {
    **{"n_features": 20, "n_hidden": 2, "density": 0.2, "importance": 1.0, "batch": 16},
    **{"steps": 30, "replicates": 3, "losses": 5, "engine": "reference", "threads": 1},
    **{"data": {"name": "independent"}, "evaluation": {"samples": 200, "strata": 0}},
}
ONE = {"optimizer.lr": [0.01]}


def with_vectors(h: np.ndarray) -> tuple[np.ndarray, Samples]:
    """A model W [1, feature, hidden] and a training set whose hidden vectors are h [sample, hidden]."""
    return h[None], sparse(np.eye(len(h), dtype=np.float32), np.full(len(h), 1 / len(h)))


def polygon(k: int) -> np.ndarray:
    angle = 2 * np.pi * np.arange(k) / k
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def drawn(samples: int, features: int = 30, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.uniform(size=(samples, features)).astype(np.float32)
    return values * (rng.uniform(size=values.shape) < 0.2)


def random_model(runs=3, features=30, hidden=2, seed=1):
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(runs, features, hidden)).astype(np.float32)
    return W, rng.normal(size=(runs, features)).astype(np.float32)


def even(x: np.ndarray) -> Samples:
    return sparse(x, np.full(len(x), 1 / len(x)))


@pytest.mark.parametrize("samples", [2, 7, 30, 100])
@pytest.mark.parametrize("hidden", [2, 3])
def test_sample_metrics_agree_with_the_table_of_all_pairs(samples, hidden):
    """Thirty samples are as many as features."""
    W, x = random_model(hidden=hidden)[0], drawn(samples)
    h = x.astype(float) @ W.astype(float)
    gram = h @ h.transpose(0, 2, 1)
    norm = np.sqrt(np.einsum("rii->ri", gram))
    given = W, PLAIN, even(x)
    unit = np.divide(gram, norm[..., None], out=np.zeros_like(gram), where=norm[..., None] > 0)
    summed = (unit**2).sum(2)
    expected = np.divide(norm**2, summed, out=np.zeros_like(norm), where=summed > 0)
    np.testing.assert_allclose(memorising.sample_dimensionality(*given), expected, rtol=1e-9)
    np.testing.assert_allclose(memorising.sample_norm(*given), norm, rtol=1e-12)
    inverse = np.linalg.pinv(h.transpose(0, 2, 1) @ h, rcond=1e-10, hermitian=True)
    scores = np.einsum("rik,rkl,ril->ri", h, inverse, h)
    np.testing.assert_allclose(memorising.leverage(*given), scores, rtol=1e-9, atol=1e-12)
    assert (memorising.ring(*given) == (norm > norm.max(1)[:, None] / 2).sum(1)).all()


def test_the_leverages_sum_to_the_rank_of_the_hidden_vectors():
    W, x = random_model(hidden=4)[0], even(drawn(50))
    for rank in (1, 2, 4):
        low = W @ np.diag([1.0] * rank + [0.0] * (4 - rank)).astype(np.float32)
        turned = (low @ np.linalg.qr(np.random.default_rng(2).normal(size=(4, 4)))[0]).astype(float)
        found = memorising.leverage(turned, PLAIN, x)
        np.testing.assert_allclose(found.mean(1), rank / 50, rtol=1e-9)
        assert (found >= memorising.sample_dimensionality(turned, PLAIN, x) - 1e-12).all()


def test_a_direction_in_which_all_hidden_vectors_are_very_short_does_not_count():
    for short, rank in ((1e-4, 2), (1e-6, 1)):
        W, x = with_vectors(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, short]]))
        np.testing.assert_allclose(memorising.leverage(W, PLAIN, x), [[0.5, 0.5, rank - 1]])


@pytest.mark.parametrize("k", [3, 5, 8, 100])
def test_a_regular_polygon_of_samples_is_a_ring_of_two_dimensions(k):
    W, x = with_vectors(3.7 * polygon(k))
    np.testing.assert_allclose(memorising.sample_dimensionality(W, PLAIN, x), 2 / k, rtol=1e-12)
    np.testing.assert_allclose(memorising.leverage(W, PLAIN, x), 2 / k, rtol=1e-12)
    turns = memorising.sample_angle(W, PLAIN, x)[0]
    np.testing.assert_allclose(np.diff(turns), 360 / k, rtol=1e-11)
    assert memorising.ring(W, PLAIN, x) == k


def test_samples_near_the_origin_are_not_part_of_the_ring():
    W, x = with_vectors(np.concatenate([polygon(5), 0.4 * polygon(3), [[0.0, 0.0]]]))
    assert memorising.ring(W, PLAIN, x) == 5


def test_hidden_vectors_of_no_length_have_no_dimension_and_no_angle():
    W, x = with_vectors(np.array([[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0]]))
    np.testing.assert_array_equal(memorising.sample_dimensionality(W, PLAIN, x), [[0.5, 0, 0.5]])
    np.testing.assert_array_equal(memorising.leverage(W, PLAIN, x), [[0.5, 0, 0.5]])
    np.testing.assert_array_equal(memorising.sample_angle(W, PLAIN, x), [[0, np.nan, 180]])
    nothing = (
        memorising.sample_dimensionality(0 * W, PLAIN, x),
        memorising.leverage(0 * W, PLAIN, x),
    )
    assert (np.array(nothing) == 0).all()
    assert memorising.ring(0 * W, PLAIN, x) == 0


def test_copies_of_a_sample_share_its_dimension():
    x = drawn(10)
    W, once = random_model()[0], memorising.leverage(random_model()[0], PLAIN, even(x))
    copies = np.concatenate([x, x[:1], x[:1], x[:1]])
    found = memorising.leverage(W, PLAIN, even(copies))
    assert (found[:, [0]] == found[:, 10:]).all()
    assert (found[:, 0] < once[:, 0]).all()
    np.testing.assert_allclose(found.sum(1), 2, rtol=1e-9)


def test_angles_are_those_of_the_arctangent_in_every_direction():
    turns = np.r_[np.linspace(0, 360, 2881)[:-1], 1e-9, 45 - 1e-9, 90 + 1e-9, 360 - 1e-9]
    h = np.geomspace(1e-8, 1e8, len(turns))[:, None] * np.stack(
        [np.cos(np.radians(turns)), np.sin(np.radians(turns))], axis=1
    )
    found = memorising._degrees(h)
    expected = np.degrees(np.arctan2(h[:, 1], h[:, 0])) % 360
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    axes = memorising._degrees(np.array([[2.0, 0], [0, 3.0], [-1.0, 0], [0, -5.0]]))
    np.testing.assert_array_equal(axes, [0, 90, 180, 270])


def test_hidden_vectors_have_the_models_relu():
    W, x = random_model()[0], drawn(12)
    h = x.astype(float) @ W.astype(float)
    plain, positive = (memorising.hidden_vectors(W, v, even(x)) for v in (PLAIN, HIDDEN_RELU))
    np.testing.assert_allclose(plain, h, rtol=1e-12)
    np.testing.assert_allclose(positive, np.maximum(h, 0), rtol=1e-12)


def test_many_features_have_the_dimensionality_of_all_pairs(monkeypatch):
    W = random_model(features=50, hidden=3)[0]
    W[0, 7] = 0
    by_pairs = geometry.dimensionality(W)
    monkeypatch.setattr(geometry, "MANY", 50)
    np.testing.assert_allclose(geometry.dimensionality(W), by_pairs, rtol=1e-10)
    assert geometry.dimensionality(W).tobytes() != by_pairs.tobytes()


def test_the_spectrum_of_wide_frames_is_that_of_linear_algebra():
    v = np.random.default_rng(3).normal(size=(2, 40, 12)) * np.geomspace(1, 1e-3, 12)
    inverse = np.linalg.pinv(v.transpose(0, 2, 1) @ v, rcond=1e-10, hermitian=True)
    np.testing.assert_allclose(
        frames.leverage_of(v), np.einsum("rik,rkl,ril->ri", v, inverse, v), rtol=1e-8
    )


@pytest.mark.parametrize("model", ["linear", "relu_output"])
@pytest.mark.parametrize("features", [5, 16, 30])
def test_loss_quantiles_are_those_of_the_weighted_losses_of_the_samples(model, features):
    variant = lookup.load("model", model).VARIANT
    W, b = random_model(features=features)
    x = drawn(400, features)
    weight = np.random.default_rng(4).uniform(size=400)
    y = (x @ W.astype(float)) @ W.astype(float).transpose(0, 2, 1) + b[:, None]
    loss = ((np.maximum(y, 0) if variant.relu_output else y) - x) ** 2
    for name, share in (("loss_median", 0.5), ("loss_q99", 0.99)):
        of_run = [
            np.quantile(one, share, method="inverted_cdf", weights=weight) for one in loss.sum(2)
        ]
        found = metrics.find(name)(W, b, variant, sparse(x, weight))
        np.testing.assert_allclose(found, of_run, rtol=1e-9)


def test_a_quantile_of_equal_weights_skips_no_sample():
    assert loss_quantiles._reached(np.arange(20.0), np.full(20, 0.05)) == [9, 19]
    assert loss_quantiles._reached(np.arange(100.0), np.full(100, 0.01)) == [49, 98]


def test_regimes_are_counts_and_orders_of_dimensionalities():
    W = np.zeros((1, 8, 2), np.float32)
    W[0, :5] = polygon(5)
    values = metrics.compute(OF_MODELS[3:], {"W": W})
    assert (values["features_above"], values["fifth_dimensionality"]) == (5, pytest.approx(0.4))
    values = metrics.compute(
        ["bias_norm", "fifth_dimensionality"], {"W": W[:, :4], "b": [[3, 4, 0, 0]]}
    )
    assert (values["bias_norm"], values["fifth_dimensionality"]) == (5, 0)


def test_metrics_of_a_run_have_the_same_bytes_alone_and_among_others():
    W, b = random_model(runs=9)
    given = {"variant": PLAIN, "training": even(drawn(25)), "samples": even(drawn(60))}
    ones = np.ones((9, 30))
    names = [*OF_SAMPLES, "ring", "loss_median", "loss_q99", "bias_norm", "fifth_dimensionality"]
    together = metrics.compute(names, {**given, "W": W, "b": b, "importance": ones})
    for r in range(9):
        of_run = {"W": W[r : r + 1], "b": b[r : r + 1], "importance": ones[:1]}
        for name, value in metrics.compute(names, {**given, **of_run}).items():
            assert value.tobytes() == together[name][r : r + 1].tobytes(), name


def test_metrics_of_a_diverged_run_are_nan():
    W, b = random_model()
    W[1, 0, 0] = np.inf
    given = {"W": W, "b": b, "variant": PLAIN, "training": even(drawn(8))}
    for name, value in metrics.compute([*OF_SAMPLES, "ring"], given).items():
        assert np.isnan(value[1]).all(), name
        assert not np.isnan(value[[0, 2]]).any(), name


def test_metrics_of_samples_refuse_a_training_set_of_more_features():
    with pytest.raises(ValueError, match="the model has 20 features"):
        metrics.compute("ring", {"W": random_model(features=20)[0], "variant": PLAIN,
                                 "training": even(np.eye(25, dtype=np.float32))})  # fmt: skip


def swept(**changes):
    sets = {"data.training_samples": [2, 20], "data.set": [0, 1]}
    asked = {"metrics": [*OF_SAMPLES, *OF_SETS, *OF_MODELS], "sweep": sets}
    return superpos.sweep(**{**FEW, **asked, **changes})


@pytest.fixture(scope="module")
def tables():
    return swept(checkpoints=[10, 30])


def test_the_table_of_samples_has_a_row_for_each_sample_of_each_run(tables):
    samples = tables.samples
    sizes = samples.groupby(["condition", "replicate"], sort=False).size().tolist()
    assert sizes == [2] * 6 + [20] * 6
    assert samples["sample"].tolist()[:12] == [0, 1] * 6
    assert {*OF_SAMPLES, "h"} <= {*samples.columns}
    assert not {*OF_SAMPLES} & {*tables.features.columns, *tables.runs.columns}
    assert not {"feature_density", "W"} & {*samples.columns}


def test_each_run_is_measured_on_its_own_training_set(tables):
    conditions = tables.experiments["sweep"].conditions
    for slug, replicate in zip(tables.runs["condition"], tables.runs["replicate"], strict=True):
        one = tables.where(condition=slug).replicate(replicate)
        x = training_set(conditions[slug], shipped.config()["seed"]).dense(20).astype(float)
        W, b = np.stack(one.features["W"]).astype(float), one.features["bias"].to_numpy(float)
        h = x @ W
        norm = np.linalg.norm(h, axis=1)
        np.testing.assert_allclose(np.stack(one.samples["h"]), h, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(one.samples["sample_norm"], norm, rtol=1e-9)
        loss = ((np.maximum(h @ W.T + b, 0) - x) ** 2).sum() / len(x)
        np.testing.assert_allclose(one.runs["training_loss"], loss, rtol=1e-9)
        assert one.runs["ring"].item() == (norm > norm.max() / 2).sum()


def test_checkpoints_have_what_is_one_number_for_a_run(tables):
    conditions = tables.experiments["sweep"].conditions
    names = ["condition", "replicate", "step"]
    for (slug, _, _), rows in tables.checkpoints.groupby(names):
        x = training_set(conditions[slug], shipped.config()["seed"]).dense(20).astype(float)
        norm = np.linalg.norm(x @ np.stack(rows["W"]).astype(float), axis=1)
        assert {*rows["ring"]} == {(norm > norm.max() / 2).sum()}
    assert not {*OF_SAMPLES} & {*tables.checkpoints.columns}


def test_a_selection_of_runs_keeps_their_samples(tables):
    best = tables.best()
    assert len(best.samples) == 2 + 2 + 20 + 20
    named = {*zip(best.runs["condition"], best.runs["replicate"], strict=True)}
    assert {*zip(best.samples["condition"], best.samples["replicate"], strict=True)} == named
    few = tables.where(data_training_samples=2)
    assert len(few.samples) == len(few.runs) * 2
    assert len(few.chosen(np.arange(6) < 1).samples) == 2


def test_the_training_loss_may_choose_the_best_run(tables):
    chosen = swept(select="training_loss", metrics=[])
    assert (chosen.runs["selection_loss"] == chosen.runs["training_loss"]).all()
    np.testing.assert_array_equal(chosen.runs["training_loss"], tables.runs["training_loss"])
    least = chosen.runs.groupby("condition", sort=False)["training_loss"].min()
    np.testing.assert_array_equal(chosen.best().runs["training_loss"], least)
    assert chosen.runs["rank"].tolist() != tables.runs["rank"].tolist()


def test_copies_of_a_sample_come_last_and_share_its_vector():
    found = swept(
        sweep={"data.repeats.times": [1, 3]},
        data={"name": "independent", "training_samples": 9, "repeats": {"samples": 2}},
        replicates=1,
    )
    h = np.stack(found.where(data_repeats_times=3).samples["h"])
    np.testing.assert_array_equal(h[[0, 1]], h[[5, 6]])
    np.testing.assert_array_equal(h[[0, 1]], h[[7, 8]])


def test_runs_on_fresh_samples_have_no_rows_and_no_training_loss():
    found = superpos.sweep(**{**FEW, "metrics": OF_MODELS, "sweep": ONE})
    assert len(found.samples) == 0
    assert {"optimizer_lr", "replicate", "sample", "h"} <= {*found.samples.columns}
    assert "training_loss" not in found.runs


def test_a_diverged_run_has_samples_that_are_nan():
    """Its weights are 1e20, so they are finite."""
    with pytest.warns(UserWarning, match="diverged"):
        found = swept(
            sweep={"optimizer.lr": [1e20]},
            data={"name": "independent", "training_samples": 4},
            steps=1,
        )
    assert np.isfinite(np.stack(found.features["W"])).all()
    assert np.isnan(np.stack(found.samples["h"])).all()
    assert found.runs["training_loss"].isna().all()
    assert (found.runs["rank"] == -1).all()


@pytest.mark.parametrize("name", [*OF_SAMPLES, *OF_SETS])
def test_a_metric_of_samples_is_refused_without_a_finite_training_set(name):
    with pytest.raises(ConfigError, match=f"{name} needs data.training_samples; sweep has none"):
        superpos.sweep(**{**FEW, "metrics": [name], "sweep": ONE})


def test_a_figure_or_a_claim_may_need_a_finite_training_set(tables):
    @requires(training_set=True, metrics=("ring",))
    def measure(tables):
        return 1.0

    of = Statement("M2.ring", "paper", "The samples form a ring")
    claim = make_claim(
        "M2.ring", "the ring has {range} samples", counted(0, 1), measure, of=of, source="text"
    )
    assert claim.needs == Needs(metrics=("ring",), training_set=True)
    fresh = experiment_config("F1", {}, 0).experiments["F1"].offer
    assert misfit(Needs(training_set=True), [fresh]) == "needs data.training_samples; F1 has none"
    assert misfit(claim.needs, of_tables(tables)) is None


def test_a_training_set_that_compiled_code_could_not_trust_is_refused(tmp_path):
    path, arrays = tmp_path / "set.safetensors", vars(even(drawn(6)))
    about = {"family": "abc", "n_features": 30}
    store.save_arrays(path, arrays, Notes(about=about))
    loaded = load_training_sets([path])["abc"]
    assert all((getattr(loaded, name) == array).all() for name, array in arrays.items())
    for lacking in ({}, {k: v for k, v in arrays.items() if k != "value"}):
        store.save_arrays(path, lacking, Notes(about=about))
        with pytest.raises(store.DamagedFile):
            load_training_sets([path])
    store.save_arrays(path, arrays, Notes(about={**about, "n_features": 3}))
    with pytest.raises(store.DamagedFile):
        load_training_sets([path])
