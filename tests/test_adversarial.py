"""Attacks on the input: the metric on models whose answer is known, claims and the figure."""

import numpy as np
import pandas as pd
import pytest
from made_tables import judged, packed, run, tables

import superpos
from superpos import lookup, metrics, plotting
from superpos.data.held_out import sparse
from superpos.metrics.vulnerability import vulnerability, vulnerability_to_one_attack
from superpos.papers.toy_models.adversarial import claims_adversarial as measures
from superpos.papers.toy_models.adversarial import table_attacked_packings as packings
from superpos.papers.toy_models.adversarial.conditions import THEORY
from superpos.papers.toy_models.adversarial.digitised import ADVERSARIAL
from superpos.tables import Tables

RELU = lookup.load("model", "relu_output").VARIANT
LINEAR = lookup.load("model", "linear").VARIANT


def drawn(n, p, samples=300):
    rng = np.random.default_rng(0)
    x = np.where(rng.random((samples, n)) < p, rng.random((samples, n)), 0).astype(np.float32)
    return x, sparse(x, np.full(samples, 1 / samples))


def by_hand(W, b, x):
    """Both vulnerabilities, by the definition in matrix form."""
    gram = W @ W.T
    length = np.linalg.norm(gram, axis=1)
    attacks = gram[length > 0] / length[length > 0, None]
    size = 0.1 * np.linalg.norm(x, axis=1).mean()

    def losses(attack):
        return ((np.maximum((x + size * attack) @ gram + b, 0) - x) ** 2).sum(1)

    increase = np.array([losses(attack) for attack in attacks]) - losses(0 * attacks[0])
    return increase.max(0).mean() / size**2, increase.mean(1).max() / size**2


def measured(W, b, samples, variant=RELU):
    arrays = (
        np.asarray(W)[None],
        np.broadcast_to(np.asarray(b, float), (1, len(W))),
        variant,
        samples,
        samples.mean_norm,
    )
    return vulnerability(*arrays)[0], vulnerability_to_one_attack(*arrays)[0]


@pytest.mark.parametrize("p", [0.1, 0.5, 1.0])
def test_a_model_without_superposition_is_exactly_as_vulnerable_as_itself(p):
    _, samples = drawn(12, p)
    W = np.eye(12)[:, :5]
    b = np.where((W == 0).all(1), p / 2, 0)
    assert measured(W, b, samples) == pytest.approx((1, 1))


def test_the_metric_is_its_definition_in_matrix_form():
    x, samples = drawn(12, 0.4)
    rng = np.random.default_rng(1)
    W, b = 0.5 * rng.normal(size=(12, 5)), 0.2 * rng.normal(size=12)
    W /= np.linalg.norm(W, axis=1, keepdims=True)
    assert measured(W, b, samples) == pytest.approx(by_hand(W, b, x.astype(float)))


def test_a_feature_that_is_not_represented_is_not_attacked():
    """Its row is noise, whose direction moves all the others at once."""
    samples = drawn(6, 0.3)[1]
    W = packed(6, 3, 0)
    W[5] = 0
    noisy = W.copy()
    noisy[5] = 1e-3
    assert measured(noisy, 0, samples) == pytest.approx(measured(W, 0, samples), rel=1e-2)


def test_a_pair_is_twice_as_vulnerable_where_one_input_is_never_on_with_its_antipode():
    """One active feature of a pair: the attack raises it by sqrt(2) eps, and 2 eps^2 is its cost."""
    x = np.zeros((40, 6), np.float32)
    x[:, 0] = np.linspace(0.4, 1, 40)
    samples = sparse(x, np.full(40, 1 / 40))
    assert measured(packed(6, 3, 0), 0, samples)[0] == pytest.approx(2)


def test_the_worst_attack_for_each_input_is_no_less_than_one_for_all():
    _, samples = drawn(20, 0.3)
    W = np.random.default_rng(2).normal(size=(4, 20, 5)) / 2
    b = np.zeros((4, 20))
    each, one = (f(W, b, RELU, samples, 3.0) for f in (vulnerability, vulnerability_to_one_attack))
    assert (each > one).all()


def test_rotating_the_hidden_space_changes_no_vulnerability():
    _, samples = drawn(20, 0.3)
    rng = np.random.default_rng(3)
    W, rotation = rng.normal(size=(20, 5)) / 2, np.linalg.qr(rng.normal(size=(5, 5)))[0]
    assert measured(W @ rotation, 0, samples) == pytest.approx(measured(W, 0, samples))


def test_the_mean_norm_is_that_of_the_samples():
    x, samples = drawn(12, 0.4)
    assert samples.mean_norm == pytest.approx(np.linalg.norm(x, axis=1).mean())


@pytest.mark.slow
def test_all_densities_of_an_experiment_are_attacked_with_one_length():
    """An attack on a pair costs more, relative to its square, if it is shorter."""
    block = {"n_features": 4, "n_hidden": 2, "steps": 10, "replicates": 1, "batch": 8,
             "evaluation": {"samples": 200}, "metrics": ["vulnerability"]}  # fmt: skip
    alone = superpos.sweep(**block, sweep={"density": [0.1]}).runs
    among = superpos.sweep(**block, sweep={"density": [1.0, 0.1]}).runs
    assert among["loss"].iloc[1] == alone["loss"].iloc[0]
    assert among["vulnerability"].iloc[1] != alone["vulnerability"].iloc[0]


def test_a_run_has_the_same_bytes_alone_and_among_others():
    _, samples = drawn(20, 0.3)
    W, b = np.random.default_rng(4).normal(size=(3, 20, 5)), np.zeros((3, 20))
    together = vulnerability(W, b, RELU, samples, 3.0)
    alone = np.concatenate(
        [vulnerability(W[r : r + 1], b[r : r + 1], RELU, samples, 3.0) for r in range(3)]
    )
    assert alone.tobytes() == together.tobytes()


def test_a_linear_model_answers_a_negative_output_too():
    x = np.zeros((10, 2), np.float32)
    x[:, 0] = 0.5
    samples = sparse(x, np.full(10, 0.1))
    pair = packed(2, 1, 0)
    assert measured(pair, 0, samples, LINEAR)[0] > measured(pair, 0, samples)[0]


def test_an_untied_model_is_refused():
    _, samples = drawn(4, 0.5)
    untied = lookup.load("model", "absolute").VARIANT
    given = {"W": np.eye(4)[None], "b": np.zeros((1, 4)), "variant": untied, "samples": samples}
    given["mean_norm"] = samples.mean_norm
    with pytest.raises(ValueError, match="'vulnerability' needs a tied model; this model has"):
        metrics.compute(["vulnerability"], given)


def rows(points):
    made = []
    for x, attacked, packed_in in points:
        runs, features = run(np.sqrt(packed_in) * packed(100, 20, 20), 0, experiment="F15",
                             density=1 / x, importance=1.0)  # fmt: skip
        attacks = {"vulnerability": attacked, "vulnerability_to_one_attack": 1.5}
        made.append((runs.assign(**attacks), features))
    return made


def verdicts(points):
    return judged(tables(rows(points)))


def test_the_printed_curve_passes_its_own_claims_as_far_as_it_goes():
    table = verdicts([*ADVERSARIAL[:-1], (10, 8.4, 4.9)])
    assert table["holds"].all()
    assert table.loc["F15.plateau", "value"] == pytest.approx(3.32)
    assert table.loc["F15.flat", "value"] == pytest.approx((3.32 - 3.18) / (3.32 + 3.18))


def test_departures_from_the_printed_curve_are_found():
    table = verdicts(
        [(1, 1.3, 1), (2, 2, 1.8), (3, 2.9, 2), (3.8, 4, 2.2), (5, 3.7, 3), (10, 6, 2.1)]
    )
    assert not table["holds"].any()
    assert table.loc["F15.rise", "value"] == pytest.approx(0.3)


@pytest.mark.parametrize("name", packings.SHAPES)
def test_an_attacked_polytope_loses_what_samples_of_it_lose(name):
    shape, p, size, at = packings.SHAPES[name], 0.3, 0.7, 1500
    gram = packings.NORM[at] ** 2 * shape @ shape.T
    x = drawn(len(shape), p, 100_000)[0].astype(float)
    attack = size * gram[0] / np.linalg.norm(gram[0])
    errors = np.maximum((x + attack) @ gram + packings.BIAS[at], 0) - x
    sampled = (errors**2).sum(1)
    found = packings._losses(name, p, size)[at]
    assert found == pytest.approx(sampled.mean(), abs=4 * sampled.std() / 100_000**0.5)


@pytest.mark.parametrize("name", packings.SHAPES)
@pytest.mark.parametrize("p", THEORY["attacked_packings"]["density"])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_best_norm_and_bias_are_not_at_the_ends_of_what_is_tried(name, p, share):
    clean, attacked = (packings._losses(name, p, a * np.sqrt(100 * p / 3)) for a in (0, share))
    best = ((20 / packings.SHAPES[name].shape[1] - 1) * clean + attacked).argmin()
    for tried in (packings.NORM, packings.BIAS):
        assert tried.min() < tried[best] < tried.max()


def test_ignored_features_and_the_polytope_that_is_attacked_are_counted_once():
    """A dimension each, without attacks, loses the variance of the features that are ignored."""
    table = packings.table(10, 4, [0.2], [0.0, 0.5]).set_index(["shape", "attack"])["loss"]
    assert table["dedicated", 0.0] == pytest.approx(6 * (0.2 / 3 - 0.2**2 / 4), rel=1e-3)
    attacked = table["dedicated", 0.5] - table["dedicated", 0.0]
    assert 0 < attacked <= 0.25 * 10 * 0.2 / 3


def test_too_few_features_for_a_packing_are_refused():
    with pytest.raises(ValueError, match="n_features: 9; give numbers from 10 to"):
        packings.check(9, 4, [0.2], [0.0])
    packings.check(10, 4, [0.2], [0.0])


def trained(removed):
    """Packings of which pairs are best below an attack, and a dimension for each feature from it on."""
    given = [
        {"shape": name, "features_per_dimension": k, "density": p, "attack": a,
         "loss": float((a < removed) == (k == 1))}
        for p in (0.5, 0.1) for a in np.linspace(0, 1, 21) for name, k in (("digon", 2.0), ("dedicated", 1.0))
    ]  # fmt: skip
    found = Tables(
        pd.DataFrame(), pd.DataFrame(), theory={"attacked_packings": pd.DataFrame(given)}
    )
    claims = [claim for claim in measures.CLAIMS if claim.claim.startswith("F15.training")]
    return {c.claim.rpartition(".")[2]: c.holds(c.measure(found)) for c in claims}


def test_attacks_that_remove_superposition_too_soon_or_too_late_are_found():
    assert trained(0.78) == {"small": True, "removed": True, "size": True}
    assert trained(0.48) == {"small": True, "removed": True, "size": False}
    assert trained(0.98) == {"small": True, "removed": False, "size": False}
    assert trained(0.08) == {"small": False, "removed": True, "size": False}
    assert not trained(2)["size"]


def test_equal_values_share_their_rank():
    np.testing.assert_array_equal(measures._ranks(np.array([3.0, 1, 3, 2])), [2.5, 0, 2.5, 1])


def test_the_figure_draws_says_its_rule_and_is_the_same_bytes_every_time():
    module = lookup.load("figure", "adversarial")
    first, second = (module.draw(tables(rows(ADVERSARIAL))) for _ in range(2))
    assert plotting.render(first, "svg") == plotting.render(second, "svg")
    text = first._supxlabel.get_text()
    assert "the only run at each density" in text
    assert "section “Superposition and Adversarial Robustness”" in module.CAPTION.replace(
        "Section", "section"
    )


@pytest.mark.parametrize("ignored", [0, 1, 3])
def test_features_that_are_ignored_do_not_hide_that_every_attack_helps(ignored):
    """With W_i = 0.8, an attack brings x' = 0.64 x nearer to x."""
    W = np.zeros((1, 1 + ignored, 1))
    W[0, 0] = 0.8
    x = np.zeros((1, 1 + ignored), np.float32)
    x[0, 0] = 1
    samples, b = sparse(x, np.ones(1)), np.zeros((1, 1 + ignored))
    expected = ((1 - 0.64 * 1.1) ** 2 - (1 - 0.64) ** 2) / 0.01
    for metric in (vulnerability, vulnerability_to_one_attack):
        assert metric(W, b, RELU, samples, 1.0) == pytest.approx([expected])
    assert vulnerability(0 * W, b, RELU, samples, 1.0) == [0]
