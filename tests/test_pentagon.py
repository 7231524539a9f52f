"""Five features, one of them sparser or denser: exact losses, the crossing, claims and the figure."""

import numpy as np
import pytest
from made_tables import judged, run, tables

from superpos import lookup, metrics, plotting, theory
from superpos.config.condition import Data
from superpos.metrics.exact_loss import exact_loss
from superpos.papers.toy_models.perturbing import claims_pentagon
from superpos.papers.toy_models.perturbing.solutions import turned
from superpos.theory import crossing, regular_polygon

RELU = lookup.load("model", "relu_output").VARIANT
LINEAR = lookup.load("model", "linear").VARIANT
DATA = Data(name="independent")
P = claims_pentagon.DENSITY
SQUARE = np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1.0]])
VARIED = [0.1, 0.2, 0.25, 0.3, 0.4, 1.0]


def random_model(runs=6, n=5, m=2):
    rng = np.random.default_rng(0)
    W, b = rng.normal(size=(runs, n, m)), 0.3 * rng.normal(size=(runs, n))
    return W, b, rng.random((runs, n)), rng.random((runs, n))


def a_run(W, b, ratio, replicate=0, rank=0):
    """Rows of F9 with the exact loss of the weights."""
    density = np.r_[P * ratio, np.full(4, P)]
    arrays = (np.asarray(a, float)[None] for a in (W, np.broadcast_to(b, 5), np.ones(5), density))
    loss = float(exact_loss(*arrays, RELU, DATA)[0])
    runs, features = run(W, b, experiment="F9", density=P, importance=1.0, replicate=replicate, rank=rank,
                         loss=loss)  # fmt: skip
    named = {"condition": f"density.first_ratio={ratio:g}", "density_first_ratio": ratio}
    features = features.assign(**named, feature_density=density)
    return runs.assign(**named, exact_loss=loss).drop(columns="density"), features.drop(
        columns="density"
    )


def both():
    """Digons (bias p/2 on the varied feature) and a pentagon at every relative density."""
    rows = []
    for ratio in VARIED:
        pair = [(SQUARE, np.r_[P * ratio / 2, 0, 0, 0, 0]), (regular_polygon(5, 1.134), -0.245)]
        losses = [a_run(W, b, ratio)[0]["loss"].iloc[0] for W, b in pair]
        ranks = np.argsort(losses).argsort()
        rows += [a_run(*pair[k], ratio, k, ranks[k]) for k in (0, 1)]
    return rows


def verdicts(rows):
    return judged(tables(rows))


def test_the_exact_loss_is_that_of_the_closed_forms_reference():
    W, b, importance, p = random_model()
    found = exact_loss(W, b, importance, p, RELU, DATA)
    expected = [theory.exact_loss(*arrays) for arrays in zip(W, b, importance, p, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_the_exact_loss_agrees_with_monte_carlo():
    """400,000 samples, five standard errors."""
    W, b, importance, p = (a[0] for a in random_model())
    rng = np.random.default_rng(1)
    x = np.where(rng.random((400_000, 5)) < p, rng.random((400_000, 5)), 0)
    losses = (importance * (x - np.maximum(x @ W @ W.T + b, 0)) ** 2).sum(1)
    exact = exact_loss(W[None], b[None], importance[None], p[None], RELU, DATA)[0]
    assert abs(losses.mean() - exact) < 5 * losses.std() / np.sqrt(len(x))


def test_the_exact_loss_of_digons_has_its_closed_form():
    for ratio in VARIED:
        loss = a_run(SQUARE, np.r_[P * ratio / 2, 0, 0, 0, 0], ratio)[0]["loss"].iloc[0]
        assert loss == pytest.approx(theory.square_and_ignored(P, P * ratio), rel=1e-12)


def test_the_exact_loss_is_the_same_bytes_alone_and_among_others():
    arrays = random_model()
    together = exact_loss(*arrays, RELU, DATA)
    alone = np.concatenate(
        [exact_loss(*(a[r : r + 1] for a in arrays), RELU, DATA) for r in range(6)]
    )
    assert alone.tobytes() == together.tobytes()


@pytest.mark.parametrize("norm", [3e-2, 9e-3, 1e-3, 1e-5, 1e-9])
def test_nearly_silent_features_have_the_exact_loss_of_the_definition(norm):
    W, b, importance, p = random_model()
    W[:, :2] *= norm / np.linalg.norm(W[:, :2], axis=2, keepdims=True)
    found = exact_loss(W, b, importance, p, RELU, DATA)
    expected = [theory.exact_loss(*arrays) for arrays in zip(W, b, importance, p, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    without = W.copy()
    without[:, :2] = 0
    # A feature's own error changes in the first order of its squared norm.
    np.testing.assert_allclose(
        found, exact_loss(without, b, importance, p, RELU, DATA), rtol=20 * norm
    )


@pytest.mark.parametrize(
    ("features", "variant", "data", "phrase"),
    [
        (9, RELU, DATA, "needs n_features 8 or less; this model has 9"),
        (5, LINEAR, DATA, "needs a ReLU on the output; this model has a linear output"),
        (4, RELU, Data(name="anticorrelated", sets=2),
         "needs data independent; this model has anticorrelated"),
        (4, RELU, Data(name="independent", signed=True),
         "needs values from 0 to 1; this model has values from -1 to 1"),
    ],
)  # fmt: skip
def test_the_exact_loss_refuses_what_it_does_not_cover(features, variant, data, phrase):
    W, b, importance, density = random_model(n=features)
    given = {"W": W, "b": b, "importance": importance, "density": density}
    with pytest.raises(ValueError, match=f"metric 'exact_loss' {phrase}"):
        metrics.compute(["exact_loss"], {**given, "variant": variant, "data": data})


def test_a_crossing_of_power_laws_is_found_exactly():
    x = np.array([0.1, 0.2, 0.5, 1.0])
    assert crossing.crossing(x, x**1.5, 0.3**1.5 * np.ones(4)) == pytest.approx(0.3)
    assert np.isnan(crossing.crossing(x, x, x + 1))


def test_a_branch_that_no_run_took_is_passed_over():
    x = np.array([0.1, 0.2, 0.5, 1.0])
    first = np.array([0.1, np.nan, 0.5, np.nan])
    assert crossing.crossing(x, first, np.full(4, 0.3)) == pytest.approx(0.3)
    np.testing.assert_array_equal(crossing.best([np.array([3, 2.0]), np.array([])]), [2, np.nan])


def test_the_interval_is_a_point_without_spread_and_holds_the_crossing_with_it():
    x = np.array([0.1, 0.2, 0.5, 1.0])
    level = [np.array([0.3, 0.33])] * 4
    low, high = crossing.interval(x, [np.array([v]) for v in x], [np.array([0.3])] * 4)
    assert low == pytest.approx(high)
    low, high = crossing.interval(x, [np.array([v, 1.05 * v, 1.1 * v]) for v in x], level)
    assert low <= 0.3 <= high
    assert high / low > 1.01


def test_made_branches_have_their_crossing_and_their_shapes():
    table = verdicts(both())
    assert table.loc["F9.digons.theory", "value"] == pytest.approx(0, abs=1e-9)
    assert table.loc["F9.regular.gap", "value"] == pytest.approx(0, abs=1e-6)
    assert table.loc["F9.regular.sum", "value"] == pytest.approx(1.134**2 - 0.245)
    assert table.loc["F9.regular.text", "value"] == pytest.approx(1.134 * 1.245)
    assert not table.loc["F9.regular.text", "holds"]
    assert table.loc["F9.crossing.text", "value"] == pytest.approx(
        1 / table.loc["F9.crossing", "value"]
    )
    assert table.loc["F9.jump", "value"] == 1
    assert table.loc["F9.jump.between", "value"] == 0
    assert table.loc["F9.hits.digons.0.2", "value"] == 0.5


def test_a_norm_that_goes_up_by_and_by_is_no_jump():
    rows = [a_run(np.r_[[[norm, 0]], SQUARE[1:]], 0, ratio)
            for ratio, norm in zip(VARIED, (0, 0.3, 0.6, 0.9, 1.0, 1.1), strict=True)]  # fmt: skip
    table = verdicts(rows)
    assert table.loc["F9.jump", "value"] == 0
    assert table.loc["F9.jump.between", "value"] == 4


def test_the_gap_is_the_mean_angle_to_both_neighbours():
    angles = np.radians([90, 90 - 60, 90 + 70, 250, 300])
    W = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    made = tables([a_run(W, 0, 1.0)])
    assert claims_pentagon._gap(made) == pytest.approx(65)


def test_the_figure_draws_says_its_rule_and_is_the_same_bytes_every_time():
    module = lookup.load("figure", "pentagon_and_digons")
    first, second = (module.draw(tables(both())) for _ in range(2))
    assert plotting.render(first, "svg") == plotting.render(second, "svg")
    assert "the best of each geometry by held-out loss" in first._supxlabel.get_text()


def test_the_varied_feature_points_up_and_the_square_stands_on_its_sides():
    up = turned(theory.regular_polygon(5)[[3, 0, 1, 2, 4]])
    np.testing.assert_allclose(up[0], [0, 1], atol=1e-12)
    np.testing.assert_allclose(up[1], regular_polygon(20)[1], atol=1e-12)
    np.testing.assert_allclose(abs(turned(SQUARE)[1:]), np.sqrt(0.5), atol=1e-12)


def test_the_scatter_shows_every_run():
    ax = lookup.load("figure", "pentagon_and_digons").draw(tables(both())).axes[-1]
    labels = [line.get_label() for line in ax.lines]
    assert f"digons without the varied feature, {len(VARIED)} runs" in labels
    assert f"pentagon, {len(VARIED)} runs" in labels
    assert not any("another feature" in label for label in labels)


def test_digons_with_the_varied_feature_are_told_apart_from_those_without():
    other = a_run(SQUARE[[1, 0, 2, 3, 4]], 0, 2.0)
    ax = lookup.load("figure", "pentagon_and_digons").draw(tables([*both(), other])).axes[-1]
    (line,) = [one for one in ax.lines if one.get_label().startswith("digons without another")]
    assert line.get_label() == "digons without another feature, 1 runs"
    assert line.get_xdata().tolist() == [2.0]
