"""Neurons: stacks, kinds and rescaling on made weights; the asymmetric motif and its ablation."""

import warnings

import numpy as np
import pytest
from made_tables import judged, run, tables
from matplotlib.figure import Figure

from superpos import metrics
from superpos.data.held_out import Samples, sparse
from superpos.metrics import motifs, neurons
from superpos.metrics.motifs import inhibition_ablation
from superpos.models.absolute import VARIANT
from superpos.papers.toy_models.computation import claims_absolute_value, claims_asymmetric_motif
from superpos.papers.toy_models.privileged import claims_privileged_basis
from superpos.plotting.neuron_marks import tint

PAIRS = [(i, j) for i in range(5) for j in range(i)]


def all_pairs() -> np.ndarray:
    """10 features, each of a different pair of five neurons."""
    W = np.full((10, 5), -0.3)
    for feature, pair in enumerate(PAIRS):
        W[feature, list(pair)] = 0.7
    return W


def triple() -> np.ndarray:
    """Three dedicated neurons, and two that code (1, 1), (1, -1) and (-1, 1)."""
    W = np.zeros((10, 5))
    W[[0, 1, 2], [0, 1, 2]] = 1
    W[3:6, 3:] = np.array([[1, 1], [1, -1], [-1, 1]]) / np.sqrt(2)
    return W


def motif_weights() -> tuple[np.ndarray, np.ndarray]:
    """Features 0, 1, 2: neuron 0 carries 0 and 1 asymmetrically, neuron 1 reads 2 and inhibits 1."""
    W = np.array([[1.0, 0.25, -1, 0, 0], [0.25, 0, 0, -1, 0], [0, 1, 0, 0, -1]])
    V = np.array([[1.0, 0, 1, 0, 0], [4, -16, 0, 1, 0], [0, 1, 0, 0, 1]])
    return W, V


def signed_samples(n: int, count: int = 4000) -> Samples:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (count, n)) * (rng.random((count, n)) < 0.2)
    return sparse(x.astype(np.float32), np.full(count, 1 / count))


def absolute_outputs(W, V, x):
    return np.maximum(np.maximum(x @ W, 0) @ V.T, 0)


def test_rescaling_changes_no_output_and_makes_the_largest_input_weight_one():
    rng = np.random.default_rng(0)
    W, V, x = rng.normal(size=(4, 6)), rng.normal(size=(4, 6)), rng.uniform(-1, 1, (50, 4))
    W[:, 2] = 0
    scaled = neurons.rescaled(W, V)
    np.testing.assert_allclose(absolute_outputs(*scaled, x), absolute_outputs(W, V, x), atol=1e-12)
    np.testing.assert_allclose(np.abs(scaled[0]).max(0), [1, 1, 0, 1, 1, 1])


def test_a_stack_adds_up_what_is_above_five_per_cent_of_its_largest():
    W = np.array([[2.0, 1, 0], [-1, 0.05, 0], [0.2, 0.051, 0]])
    np.testing.assert_allclose(neurons.stack_heights(W), [1.6, 1.051, 0])


def test_kinds_change_at_heights_of_1_1_and_1_5():
    W = np.array([[1.0, 1, 1, 1], [0.09, 0.11, 0.49, 0.51]])
    np.testing.assert_array_equal(neurons.kinds(W), [0, 1, 1, 2])
    counted = metrics.compute(
        ["mono_neurons", "slightly_poly_neurons", "poly_neurons"], {"W": W[None]}
    )
    assert [v[0] for v in counted.values()] == [1, 2, 1]


def test_a_large_inhibiting_weight_does_not_hide_that_a_neuron_fires_on_several_features():
    W = np.array([[1.0, 0.9, 1.0, -1], [0.2, 0.5, 0.0, -2], [0.0, -4.0, -0.2, -1]])
    np.testing.assert_array_equal(neurons.single_feature(W), [True, False, True, False])
    assert metrics.find("single_feature_neurons")(W[None])[0] == 2


def test_neurons_are_sorted_by_the_importance_of_their_largest_feature():
    W = np.array([[0.1, 0, -1], [1, 0.2, 0], [0, 1, 0.5]])
    np.testing.assert_array_equal(neurons.by_importance(W, np.array([1, 0.5, 0.2])), [2, 0, 1])
    np.testing.assert_array_equal(neurons.by_importance(W, np.array([0.2, 0.5, 1])), [1, 0, 2])


def test_mean_ranks_are_of_the_largest_features_of_a_kind_and_nan_without_one():
    W = np.array([[1.0, 0, 1], [0, 1, 0], [0, 0, 0.8]])[None]
    importance = np.array([[0.1, 1.0, 0.5]])
    assert metrics.find("mono_rank")(W, importance)[0] == 1
    assert metrics.find("poly_rank")(W, importance)[0] == 2
    assert np.isnan(metrics.find("poly_rank")(np.eye(3)[None], importance)[0])


def test_rescaled_superposition_does_not_depend_on_the_neurons_scales():
    W = np.random.default_rng(1).normal(size=(2, 5, 3))
    metric = metrics.find("rescaled_superposition")
    np.testing.assert_allclose(metric(W * [0.1, 1, 7]), metric(W), rtol=1e-10)
    assert metric(np.eye(3)[None]).max() == 0


def test_permuting_neurons_changes_no_count_and_no_height():
    W = np.random.default_rng(2).normal(size=(3, 6, 4))
    for name in (
        "single_feature_neurons",
        "mono_neurons",
        "max_stack_height",
        "median_stack_height",
    ):
        metric = metrics.find(name)
        np.testing.assert_allclose(metric(W[:, :, [2, 0, 3, 1]]), metric(W), err_msg=name)


def test_the_motif_is_found_with_its_strongest_inhibitor():
    assert motifs.possible_motifs(*motif_weights()) == [motifs.Motif(0, 0, 1, 1)]


@pytest.mark.parametrize(
    ("feature", "neuron", "into_W", "value"),
    [
        (1, 0, True, 0.6),  # less than twofold
        (1, 0, False, 2.0),  # product off 1 by half
        (1, 1, False, -0.9),  # too weak an inhibitor
        (0, 1, True, -0.25),  # fires for the other sign
        (0, 1, True, 0.04),  # hardly fires
    ],
)
def test_weights_that_miss_one_condition_show_no_motif(feature, neuron, into_W, value):
    W, V = motif_weights()
    (W if into_W else V)[feature, neuron] = value
    assert motifs.possible_motifs(W, V) == []


def test_the_motif_does_not_depend_on_the_neurons_scales():
    W, V = motif_weights()
    scale = np.array([3, 0.2, 1, 5, 1])
    assert motifs.possible_motifs(W * scale, V / scale) == motifs.possible_motifs(W, V)


def test_plain_absolute_values_show_no_motif():
    W = np.concatenate([np.eye(3), -np.eye(3)], axis=1)
    assert motifs.possible_motifs(W, np.abs(W)) == []


def test_ablation_is_the_ratio_of_the_small_features_losses():
    W, V = motif_weights()
    samples = signed_samples(3)
    both = inhibition_ablation(
        *(np.stack([a, a]).astype(np.float32) for a in (W, V, np.zeros(3), np.ones(3))),
        VARIANT,
        samples,
    )
    x = samples.dense(3).astype(float)
    cut = V.copy()
    cut[:, 1] = 0
    losses = [((absolute_outputs(W, v, x) - np.abs(x)) ** 2).mean(0)[1] for v in (V, cut)]
    np.testing.assert_allclose(both, [[losses[1] / losses[0], 0, 0]] * 2, rtol=1e-5)
    assert both[0, 0] > motifs.SMALLEST_DAMAGE


def test_an_ablation_that_does_no_damage_confirms_nothing():
    W, V = motif_weights()
    assert motifs.confirmed(W, V, np.array([1.9, 0, 0])) == []
    assert motifs.confirmed(W, V, np.array([2.0, 0, 0])) == [motifs.Motif(0, 0, 1, 1)]


def test_instances_share_no_neuron():
    a, b, c = motifs.Motif(0, 0, 1, 1), motifs.Motif(1, 2, 0, 3), motifs.Motif(4, 2, 0, 5)
    assert motifs.instances([a, b, c]) == [a, c]


def test_replicates_with_the_motif_are_counted():
    W, V = motif_weights()
    rows = [run(W, 0, W_out=V, experiment="F19", density=0.2, importance=1, model="absolute",
                replicate=k, columns={"inhibition_ablation": [factor, 0, 0]})
            for k, factor in enumerate([5, 1, 3])]  # fmt: skip
    assert claims_asymmetric_motif.runs_with(tables(rows), 1) == 2
    assert claims_asymmetric_motif.runs_with(tables(rows), 2) == 0


def hidden(W, density, **more):
    name = "F16_dense" if density == 1 else "F16"
    return run(W, 0, experiment=name, density=density, importance=0.75 ** np.arange(10),
               model="relu_hidden", **more)  # fmt: skip


def test_pairs_of_neurons_are_counted_once_each():
    t = tables([hidden(all_pairs(), 0.03)])
    assert (
        claims_privileged_basis.features_as_pairs(t),
        claims_privileged_basis.distinct_pairs(t),
    ) == (10, 10)
    W = all_pairs()
    W[9] = W[8]
    W[0, :3] = 0.7
    t = tables([hidden(W, 0.03)])
    assert (
        claims_privileged_basis.features_as_pairs(t),
        claims_privileged_basis.distinct_pairs(t),
    ) == (9, 8)


def test_the_three_features_of_two_neurons_are_recognised():
    t = tables([hidden(triple(), 0.32)])
    assert claims_privileged_basis.clean_neurons(t) == 3
    assert claims_privileged_basis.sign_patterns(t) == 3
    assert claims_privileged_basis.antipodal_cosine(t) == pytest.approx(-1)
    assert claims_privileged_basis.largest_other_cosine(t) == pytest.approx(0, abs=1e-12)
    other = tables([hidden(np.eye(10)[:, :5], 0.32)])
    assert claims_privileged_basis.sign_patterns(other) == 0
    assert np.isnan(claims_privileged_basis.antipodal_cosine(other))


def test_the_strip_counts_neurons_from_dense_to_sparse_and_leaves_out_what_is_sparser():
    rows = [hidden(np.eye(10)[:, :5], 1.0), hidden(triple(), 0.2), hidden(all_pairs(), 0.05),
            hidden(np.eye(10)[:, :5], 0.03)]  # fmt: skip
    t = tables(rows)
    assert claims_privileged_basis.strip(t) == [5, 3, 0]
    assert claims_privileged_basis.strip_rises(t) == 0
    assert [claims_privileged_basis.bars(t, clean) for clean in (5, 3, 0)] == [1, 1, 1]
    backwards = tables([hidden(triple(), 1.0), hidden(np.eye(10)[:, :5], 0.2)])
    assert claims_privileged_basis.strip_rises(backwards) == 1


def test_features_of_shared_neurons_are_counted_if_no_other_has_their_code():
    t = tables([hidden(triple(), 0.15)])
    assert claims_privileged_basis.coded(t, 2) == 3
    assert np.isnan(claims_privileged_basis.coded(t, 3))
    W = triple()
    W[5] = W[4]
    assert claims_privileged_basis.coded(tables([hidden(W, 0.15)]), 2) == 1


def test_exact_absolute_values_pass_the_small_models_claims_and_perturbed_ones_do_not():
    W = np.concatenate([np.eye(3), -np.eye(3)], axis=1)
    for scale, shift, expected in ((5.0, 0.0, True), (1.0, 0.03, False)):
        V = np.abs(W) / scale + shift
        V, M = V, scale * W + shift * (W == 0)
        t = tables([run(M, 0, W_out=V, experiment="F17", density=1.0, importance=1, loss=1e-7,
                        model="absolute")])  # fmt: skip
        assert (claims_absolute_value.signed_pairs(t) == 3) is expected
        assert (claims_absolute_value.from_unit_outputs(t) <= 0.02) is expected


def test_the_large_models_claims_read_the_counts_of_their_density():
    W = np.eye(100)[:, :40]
    rows = [run(W, 0, experiment="F18", density=p, importance=0.8 ** np.arange(100), model="absolute")
            for p in (1.0, 0.1, 0.001)]  # fmt: skip
    table = judged(tables(rows))
    assert table.loc["F18.mono.p1", "value"] == 40
    assert table.loc["F18.mono.p1", "holds"]
    assert not table.loc["F18.mono.p0.1", "holds"]
    assert not table.loc[["F18.mono.p0.001", "F18.poly.p0.001", "F18.height.p0.001"], "holds"].any()


def test_counts_are_accepted_within_two_standard_deviations_and_at_least_two():
    assert [claims_absolute_value.tolerance(count) for count in (0, 2, 20, 32, 40)] == [
        2,
        3,
        6,
        5,
        2,
    ]


def test_important_features_that_stay_mono_have_the_lower_rank():
    W = np.zeros((4, 4))
    W[0, 0] = W[1, 1] = W[2, 2] = W[3, 3] = 1
    W[3, 2] = W[2, 3] = 0.9
    t = tables([run(W, 0, experiment="F18", density=0.01, importance=[4, 3, 2, 1.0])])
    assert claims_absolute_value.rank_difference(t) == pytest.approx(2.0)


def test_important_features_do_not_stay_mono_in_a_model_without_mono_neurons():
    name = "F18.rank.p0.01"
    given = {"experiment": "F18", "density": 0.01, "importance": 0.8 ** np.arange(100)}
    every = run(np.ones((100, 40)), 0, model="absolute", **given)
    row = judged(tables([every])).loc[name]
    assert row["verdict"] == "does not hold"
    assert np.isnan(row["value"])


def test_the_recipes_runs_and_those_at_rest_are_compared_by_the_best_loss_of_each():
    losses = {"F18": (0.06, 0.5), "F18_recipe": (0.4, 0.3)}
    W = np.eye(100)[:, :40]
    rows = [run(W, 0, experiment=name, density=0.01, importance=0.8 ** np.arange(100),
                model="absolute", replicate=k, rank=int(loss != min(pair)), loss=loss)
            for name, pair in losses.items() for k, loss in enumerate(pair)]  # fmt: skip
    row = judged(tables(rows)).loc["F18.unrested.p0.01"]
    assert row["value"] == pytest.approx(0.2)
    assert row["holds"]
    assert row["replicate_high"] == pytest.approx(0.5 / 0.3)


NAMES = ("mono_neurons", "slightly_poly_neurons", "poly_neurons", "single_feature_neurons", "mono_rank",
         "poly_rank", "max_stack_height", "median_stack_height")  # fmt: skip
NONE = dict.fromkeys(NAMES[:4], 0) | dict.fromkeys(NAMES[4:], np.nan)
IMPORTANCE = np.array([0.1, 1.0, 0.5])


def measured(W) -> dict[str, float]:
    given = {"W": W, "importance": IMPORTANCE[: len(W)], "variant": "relu_hidden"}
    return {name: float(value) for name, value in metrics.compute(NAMES, given).items()}


@pytest.mark.parametrize(
    ("W", "expected"),
    [
        (
            [[0, 0, 0], [0, 0, 1.0]],
            NONE | {"mono_neurons": 1, "single_feature_neurons": 1, "mono_rank": 0,
                    "max_stack_height": 1, "median_stack_height": 1},
        ),
        (
            [[0, 1.0, 0, 0], [0, 1.0, -0.2, 0]],
            NONE | {"mono_neurons": 1, "poly_neurons": 1, "mono_rank": 0, "poly_rank": 1,
                    "max_stack_height": 2, "median_stack_height": 1.5},
        ),
        (np.zeros((2, 3)), NONE),
        (-np.zeros((3, 1)), NONE),
    ],
)  # fmt: skip
def test_a_dead_neuron_counts_in_no_metric(W, expected):
    assert measured(W) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("dead", [1, 2, 5])
@pytest.mark.parametrize("seed", [0, 1])
def test_dead_neurons_change_no_metric(seed, dead):
    W = np.random.default_rng(seed).normal(size=(3, 4)) * np.array([[1, 1, 0.1, 0.01]])
    W[1:, 2] = 0
    assert measured(np.insert(W, [0] * dead, 0, axis=1)) == measured(W)


def test_a_dead_neuron_has_no_kind_and_no_feature_and_is_last():
    W = np.array([[0, 0.1, 0, 1], [0, 1.0, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_array_equal(neurons.kinds(W), [neurons.DEAD, 1, neurons.DEAD, 0])
    np.testing.assert_array_equal(neurons.largest_feature(W), [neurons.DEAD, 1, neurons.DEAD, 0])
    np.testing.assert_array_equal(neurons.by_importance(W, np.array([1, 0.5, 2])), [3, 1, 0, 2])


def test_a_dead_neuron_has_no_tint():
    figure = Figure()
    ax = figure.subplots()
    tint(ax, [0, neurons.DEAD, 2])
    assert len(ax.patches) == 2


def only(feature: int, n: int = 3) -> np.ndarray:
    """Samples in which at most that one feature is on."""
    x = np.zeros((64, n), np.float32)
    x[:, feature] = np.linspace(-1, 1, 64)
    return x


@pytest.mark.parametrize(
    ("x", "output_bias", "factor"),
    [
        (np.zeros((5, 3)), 0.0, np.nan),
        (np.zeros((1, 3)), 0.0, np.nan),
        (only(1), 0.5, 1.0),
        (only(1), 0.0, np.nan),
        (only(2), 0.0, np.nan),
        (np.maximum(only(0), 0), 0.0, np.inf),
    ],
)
def test_a_loss_of_0_that_grows_or_stays_gives_no_number_and_no_warning(x, output_bias, factor):
    W, V = motif_weights()
    arrays = {"W": W, "W_out": V, "b": np.full(3, output_bias), "importance": 1.0,
              "variant": "absolute", "samples": x}  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = metrics.compute("inhibition_ablation", arrays)["inhibition_ablation"]
    np.testing.assert_array_equal(found, [factor, 0, 0])
