"""Sets of features: their geometry, their closed forms, and the claims and figures about them."""

import math

import numpy as np
import pytest
from made_tables import judged, run, tables
from scipy import integrate

from superpos import lookup, plotting, theory
from superpos.papers.toy_models.correlated import sets
from superpos.tables import Tables

SQUARE = np.array([[1, 0], [0, 1], [-1, 0], [0, -1.0]])
HEXAGON = theory.regular_polygon(6)


def draw_sets(rng, n_sets: int, size: int, p: float, samples: int) -> np.ndarray:
    on = rng.random((samples, n_sets, 1)) < p
    return (rng.random((samples, n_sets, size)) * on).reshape(samples, -1)


def draw_one_set(rng, n_sets: int, size: int, samples: int) -> np.ndarray:
    on = rng.integers(n_sets, size=samples)[:, None] == np.arange(n_sets)
    return (rng.random((samples, n_sets, size)) * on[:, :, None]).reshape(samples, -1)


def sampled(W, b, x) -> tuple[float, float]:
    losses = ((x - np.maximum(x @ W @ W.T + b, 0)) ** 2).sum(1)
    return losses.mean(), losses.std() / math.sqrt(len(x))


def test_the_exact_loss_of_sets_agrees_with_monte_carlo():
    """200,000 samples, five standard errors."""
    rng = np.random.default_rng(0)
    for n_sets, size in ((2, 2), (3, 2), (2, 3)):
        n, p = n_sets * size, 0.3
        W, b = rng.normal(size=(n, 2)) * 0.7, rng.normal(size=n) * 0.2
        for exact, x in (
            (theory.sets_loss(W, b, np.ones(n), p, n_sets), draw_sets(rng, n_sets, size, p, 200_000)),
            (theory.one_set_loss(W, b, np.ones(n), n_sets), draw_one_set(rng, n_sets, size, 200_000)),
        ):  # fmt: skip
            mean, error = sampled(W, b, x)
            assert abs(exact - mean) < 5 * error, (n_sets, size)


def test_sets_of_one_are_independent_features():
    rng = np.random.default_rng(1)
    W, b = rng.normal(size=(3, 2)), rng.normal(size=3) * 0.2
    independent = theory.exact_loss(W, b, np.ones(3), 0.4)
    assert theory.sets_loss(W, b, np.ones(3), 0.4, 3) == pytest.approx(independent, rel=1e-12)


def test_configurations_of_sets_have_their_closed_forms():
    p, zero, one = 0.3, np.zeros(4), np.ones(4)
    across = theory.sets_loss(SQUARE, zero, one, p, 2)
    assert across == pytest.approx(theory.two_sets_in_two(p)["correlated_across"], rel=1e-9)
    octahedron = theory.sets_loss(theory.prism(60.0), np.zeros(6), np.ones(6), p, 2)
    assert octahedron == pytest.approx(theory.octahedron_across(p), rel=1e-9)


def test_the_stages_of_the_transformation_have_their_closed_forms():
    one, stages = np.ones(6), theory.one_set_stages()
    components = np.repeat([[1.0, 0, 0], [-1.0, 0, 0]], 3, axis=0) / math.sqrt(3)
    for name, W, b in (
        ("nothing", np.zeros((6, 3)), 0.0),
        ("mean", np.zeros((6, 3)), 0.25),
        ("components", components, 0.0),
        ("prism", theory.prism(0.0), 0.0),
        ("antiprism", theory.prism(60.0), 0.0),
    ):
        exact = theory.one_set_loss(W, np.full(6, b), one, 2)
        assert stages[name] == pytest.approx(exact, abs=1e-12), name


def test_the_stages_agree_with_monte_carlo():
    """200,000 samples, five standard errors."""
    rng = np.random.default_rng(2)
    x = draw_one_set(rng, 2, 3, 200_000)
    for angle in (0.0, 20.0, 30.0, 40.0, 60.0):
        mean, error = sampled(theory.prism(angle), 0.0, x)
        assert abs(theory.prism_loss(angle) - mean) <= 5 * error + 1e-30, angle


def test_the_prisms_loss_agrees_with_quadrature():
    """Adaptive, split where the output has its kink; within 1e-9."""
    for angle in (0.0, 20.0, 40.0):
        c = -1 / 3 + 2 / 3 * np.cos(np.radians(angle + 120 * np.arange(3)))
        positive = int(c.argmax())
        a, (b, d) = c[positive], np.delete(c, positive)

        def inner(y, z, a=a, b=b, d=d):
            """int_0^1 [a x + b y + d z]_+^2 dx"""
            low, high = (max(b * y + d * z + a * x, 0) for x in (0, 1))
            return (high**3 - low**3) / (3 * a)

        # b, d <= 0: the integrand is smooth up to the line where x = 1 reaches 0
        whole = integrate.dblquad(inner, 0, 1, 0, lambda z, a=a, b=b, d=d: _edge(a, b, d, z))[0]
        assert theory.prism_loss(angle) == pytest.approx(3 * whole, abs=1e-9), angle


def _edge(a: float, b: float, d: float, z: float) -> float:
    return min(max((a + d * z) / -b, 0), 1) if b < -1e-12 else 1.0


def test_the_prisms_losses_are_those_of_the_papers_angles():
    losses = [theory.prism_loss(a) for a in (0.0, 20.0, 30.0, 40.0, 60.0)]
    assert losses == pytest.approx([1 / 720, 9.8e-4, 5.9e-4, 2.4e-4, 0], rel=0.015, abs=1e-12)


def test_a_prism_is_two_orthonormal_triangles():
    for angle in (0.0, 37.0):
        gram = theory.prism(angle) @ theory.prism(angle).T
        assert gram[:3, :3] == pytest.approx(np.eye(3))
        assert gram[3:, 3:] == pytest.approx(np.eye(3))


def test_a_level_is_the_exact_loss_of_pairs_and_one_feature_a_dimension():
    p = 0.3
    for pairs, W in ((2, [[1, 0], [-1, 0], [0, 1], [0, -1], [0, 0]]),
                     (1, [[1, 0], [-1, 0], [0, 1], [0, 0], [0, 0]])):  # fmt: skip
        W = np.array(W, float)
        b = np.where((W == 0).all(1), p / 2, 0)
        exact = theory.exact_loss(W, b, np.ones(5), p)
        assert theory.digon_level(p, 5, 2, 2 - pairs) == pytest.approx(exact, rel=1e-9)
    step = theory.digon_level(p, 100, 20, 1) - theory.digon_level(p, 100, 20)
    assert step == pytest.approx(theory.variance(p) - p**2 / 3)


def test_collapsed_sets_are_those_of_one_direction():
    W = np.array([[0.7, 0], [0.7, 0.1], [0, 1], [1, 0], [-1, 0], [1, 0.0]])
    assert sets.collapsed(W, 3).tolist() == [True, False, False]


def test_members_that_follow_one_another_are_side_by_side():
    assert sets.side_by_side(HEXAGON, 3)
    assert not sets.side_by_side(HEXAGON[[0, 2, 1, 3, 4, 5]], 3)
    assert sets.side_by_side(HEXAGON[[1, 2, 3, 4, 5, 0]], 3)


@pytest.mark.parametrize("flip", [1, -1])
@pytest.mark.parametrize("angle", [0.3, 2.0, 4.4])
def test_the_common_orientation_does_not_depend_on_how_the_solution_lies(angle, flip):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn = turn * [flip, 1]
    asymmetric = HEXAGON * np.array([1, 0.9, 1.1, 1, 0.8, 1])[:, None]
    anticorrelated = SQUARE[[0, 2, 1, 3]] * np.array([1, 0.9, 1.1, 0.8])[:, None]
    for W, n_sets in ((asymmetric, 3), (SQUARE, 2), (anticorrelated, 2)):
        expected = sets.common_orientation(W, n_sets)
        assert sets.common_orientation(W @ turn.T, n_sets) == pytest.approx(expected)
        assert expected @ expected.T == pytest.approx(W @ W.T)


def test_a_collapsed_set_comes_first_and_up():
    W = HEXAGON.copy()
    W[2:4] = 0.7 * np.array([1.0, 0])
    oriented = sets.common_orientation(W, 3)
    assert oriented[:2] == pytest.approx(np.array([[0, 0.7], [0, 0.7]]))


def of_sets(W, n_sets, **fields):
    """A run's rows with the columns of a sweep over sets."""
    data = fields.pop("data", "correlated")
    a_run, features = run(np.asarray(W), 0, importance=1, **fields)
    named = {"data": data, "data_sets": n_sets}
    return a_run.assign(**named), features.assign(**named)


def rows_of_the_plane(p=0.05):
    """Six replicates of the three rows; the last of the third row has a collapsed pair."""
    collapsed = HEXAGON.copy()
    collapsed[2:4] = 0.7 * HEXAGON[2:4].mean(0)
    rows = []
    for k in range(6):
        shared = {"experiment": "F10", "density": p, "replicate": k, "rank": k}
        third = collapsed if k == 5 else HEXAGON
        for name, W, n_sets, data, loss in (
            ("a", SQUARE, 2, "correlated", 2 * p**2 / 3),
            ("b", SQUARE[[0, 2, 1, 3]] if k < 3 else SQUARE, 2, "anticorrelated",
             0 if k < 3 else p**2 / 6),
            ("c", third, 3, "correlated", 0.01),
        ):  # fmt: skip
            made = of_sets(W, n_sets, data=data, model=name, loss=loss, **shared)
            rows.append(made)
    return tables(rows)


def verdicts(made: Tables):
    return judged(made)


def test_ideal_solutions_of_the_plane_pass():
    table = verdicts(rows_of_the_plane())
    for name in ("pairs.orthogonal", "pairs.loss", "pairs.norm.min", "anti.inside", "anti.across",
                 "anti.loss", "triples.distinct", "triples.side_by_side", "triples.gap.min",
                 "triples.gap.max"):  # fmt: skip
        assert table.loc[f"F10.{name}.p0.05", "holds"], name
    assert table.loc["F10.anti.missed", "value"] == pytest.approx(1)
    assert table.loc["F10.triples.failures.p0.05", "value"] == pytest.approx(1 / 6)
    assert table.loc["F10.triples.radius.p0.05", "value"] == pytest.approx(0.7 * math.sqrt(3) / 2)


def test_wrong_solutions_of_the_plane_are_refused():
    rows = [of_sets(SQUARE, 2, data="anticorrelated", experiment="F10", density=0.05, loss=4e-4),
            of_sets(SQUARE[[0, 2, 1, 3]], 2, experiment="F10", density=0.05, model="x")]  # fmt: skip
    table = verdicts(tables(rows))
    for name in ("pairs.orthogonal", "pairs.loss", "anti.inside", "anti.across", "anti.loss"):
        assert not table.loc[f"F10.{name}.p0.05", "holds"], name


def pairs(count: int) -> np.ndarray:
    """Three pairs of the plane, the first `count` collapsed to norm 1 / sqrt 2."""
    W = HEXAGON.copy()
    for k in range(count):
        middle = HEXAGON[2 * k : 2 * k + 2].mean(0)
        W[2 * k : 2 * k + 2] = middle / np.linalg.norm(middle) / math.sqrt(2)
    return W


def collapsing(counts: dict[float, int]) -> Tables:
    return tables([of_sets(pairs(c), 3, experiment="F12", density=p) for p, c in counts.items()])


OPTIMAL = {0.75: 3, 0.5: 3, 0.35: 2, 0.25: 2, 0.2: 2, 0.175: 2, 0.1: 1, 0.02: 0}


def test_the_collapse_of_the_optimum_passes_and_the_texts_ranges_do_not():
    table = verdicts(collapsing(OPTIMAL))
    assert table.loc[
        ["F12.monotone", "F12.norm.min", "F12.norm.max", "F12.text.pca"], "holds"
    ].all()
    assert table.loc["F12.text.three", "value"] == 2
    assert table.loc["F12.text.two", "holds"]


def test_the_recipe_is_judged_by_the_commonest_single_run():
    counts = {0.5: (3, 3, 3), 0.35: (3, 2, 3), 0.25: (2, 2, 3), 0.1: (1, 2), 0.02: (0, 0, 1)}
    rows = [of_sets(pairs(c), 3, experiment="F12_recipe", density=p, replicate=k, rank=k)
            for p, of_runs in counts.items() for k, c in enumerate(of_runs)]  # fmt: skip
    table = verdicts(tables(rows))
    assert table.loc["F12.recipe.three", "value"] == 1
    assert table.loc["F12.recipe.one", "value"] == 1  # a tie
    assert table.loc[["F12.recipe.pca", "F12.recipe.none"], "holds"].all()


def test_a_count_that_rises_as_density_falls_is_found():
    assert verdicts(collapsing({0.5: 2, 0.2: 3})).loc["F12.monotone", "value"] == 1


def test_the_margin_is_the_ratio_of_exact_losses():
    rows = [of_sets(pairs(c), 3, experiment="F12", density=0.25, replicate=k, rank=k)
            for k, c in enumerate((2, 3))]  # fmt: skip
    zero, one = np.zeros(6), np.ones(6)
    two, three = (theory.sets_loss(pairs(c), zero, one, 0.25, 3) for c in (2, 3))
    assert verdicts(tables(rows)).loc["F12.margin.p0.25", "value"] == pytest.approx(two / three)


def bases(turn: np.ndarray) -> np.ndarray:
    return np.r_[np.eye(10), turn]


def test_two_orthonormal_bases_pass_and_a_smeared_one_is_refused():
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(10, 10)))[0]
    good = of_sets(bases(turn), 2, experiment="F11", density=0.05, loss=1e-4)
    table = verdicts(tables([good]))
    assert table[table.index.str.endswith("p0.05")]["holds"].all()
    bad = of_sets(bases(0.8 * turn + 0.1), 2, experiment="F11", density=0.05)
    table = verdicts(tables([bad]))
    assert not table.loc[["F11.inside.p0.05", "F11.diagonal.min.p0.05"], "holds"].any()


def small_print(figure):
    return figure._supxlabel.get_text()


def test_the_rows_show_the_best_runs_and_the_first_failure():
    figure = lookup.load("figure", "sets_in_two").draw(rows_of_the_plane(), density=0.05)
    titles = [ax.get_title() for ax in figure.axes]
    assert len(titles) == 15
    assert titles[-1].startswith("replicate 5")
    assert "failure" in titles[-1]
    assert not any("failure" in title for title in titles[:-1])
    assert "best of 6" in small_print(figure)
    assert plotting.render(figure, "svg").startswith(b"<?xml")


def test_the_collapse_figure_counts_collapsed_pairs():
    figure = lookup.load("figure", "collapse").draw(collapsing(OPTIMAL), panels=[0.75, 0.2, 0.02])
    titles = [ax.get_title() for ax in figure.axes if ax.get_title()]
    assert [t.split("\n")[1] for t in titles] == ["3 collapsed", "2 collapsed", "none collapsed"]
    assert plotting.render(figure, "svg").startswith(b"<?xml")


def test_the_local_bases_are_drawn_from_sparse_to_dense():
    rows = [of_sets(bases(-np.eye(10)), 2, experiment="F11", density=p) for p in (0.2, 0.01)]
    figure = lookup.load("figure", "local_bases").draw(tables(rows))
    assert [ax.get_title() for ax in figure.axes if ax.get_title()] == [
        "1 − S = 0.01",
        "1 − S = 0.2",
    ]
    assert plotting.render(figure, "svg").startswith(b"<?xml")


def test_sets_of_unequal_size_or_of_too_many_features_are_refused():
    for n in (5, 60):
        with pytest.raises(ValueError, match=f"^{n} features in 2 sets: give"):
            theory.sets_loss(np.zeros((n, 2)), np.zeros(n), np.ones(n), 0.5, 2)


@pytest.mark.parametrize("n", [3, 4, 5])
def test_a_level_of_more_pairs_than_there_are_features_is_refused(n):
    with pytest.raises(ValueError, match=f"n = {n}, m = 3, .* at least 2 m - missing = 6 features"):
        theory.digon_level(0.1, n, 3)
