"""Claims: the machinery, and every measure on weights for which the answer is known."""

import math

import numpy as np
import pytest
from made_tables import judged, packed, run, tables

from superpos import theory
from superpos.papers.toy_models.demonstrating import claims_linear_relu_stacks as stacks
from superpos.papers.toy_models.introduction import claims_intro
from superpos.theory import regular_polygon
from superpos.verdicts import judging
from superpos.verdicts.correction import Correction
from superpos.verdicts.statement import Statement

OURS = Statement("x.y", "ours", "A statement.")
IMPORTANCE = 0.7 ** np.arange(20)


def ideal(model, density, alone, replicate=0, rank=0, factor=1.0):
    """A run of F3 with `alone` dedicated features and pairs in the other dimensions."""
    W = np.eye(20)[:, :5] if model == "linear" else packed(20, 5, alone)
    dense = density >= 0.03 or model == "linear"
    b = np.where((W == 0).all(1), density / 2 if dense else -0.01, 0)
    loss = factor * theory.linear_optimum(IMPORTANCE, density, 5)
    return run(W, b, experiment="F3", density=density, importance=IMPORTANCE, model=model,
               replicate=replicate, rank=rank, loss=loss)  # fmt: skip


def small_stack(**changed):
    """F3 as far as pairs can show it: 5, 7, 9 and 10 represented features."""
    alone = dict(zip(stacks.DENSITIES, (5, 3, 1, 0, 0, 0, 0), strict=True))
    ratio = dict(zip(stacks.DENSITIES, (1, 0.8, 0.5, 0.3, 0.2, 0.15, 0.15), strict=True))
    rows = [ideal("relu_output", p, alone[p], factor=ratio[p]) for p in stacks.DENSITIES]
    return [*rows, ideal("linear", 0.001, 5)]


def verdicts(rows):
    return judged(tables(rows))


def five_in_two(W, density, experiment="F1", b=0.0):
    return run(W, b, experiment=experiment, density=density, importance=0.9 ** np.arange(5))


def test_claim_ids_are_unique_and_begin_with_their_figure():
    ids = [c.claim for c in judging.claims()]
    assert len(ids) == len(set(ids))
    assert all(c.claim.split(".")[0] == c.figure.split("_")[0] for c in judging.claims())


def test_every_claim_has_a_range_a_statement_and_a_source():
    for c in judging.claims():
        assert c.low <= c.high, c.claim
        assert c.text.endswith("."), c.claim
        assert c.source, c.claim
        assert c.experiments or c.theory, c.claim


def test_every_figure_of_the_papers_first_part_and_the_seed_has_claims():
    figures = {"seed_bars", "F1", "F3", "F4", "F16", "F17", "F18", "F19"}
    assert {c.figure for c in judging.claims()} >= figures


def test_claims_of_experiments_that_are_not_in_the_tables_are_left_out():
    rows = [five_in_two(packed(5, 2, 2), 1.0)]
    assert {name.split(".")[0] for name in verdicts(rows).index} == {"F1"}
    assert not verdicts(rows).index.str.contains("control").any()


def test_the_table_of_no_claims_still_has_its_columns():
    rows = [run(np.eye(2), 0, experiment="none", density=1.0, importance=1)]
    table = judging.evaluate(tables(rows))
    assert len(table) == 0
    assert {"claim", "value", "verdict", "reason", "replicates_hold", "correction"} <= set(
        table.columns
    )


def test_the_ideal_stack_passes_all_but_the_counts_that_pairs_cannot_reach():
    table = verdicts(small_stack())
    failed = set(table.index[~table["holds"]])
    assert failed == {"F3.represented.p0.01", "F3.represented.p0.003", "F3.represented.p0.001"}
    assert table.loc["F3.represented.p0.1", "value"] == 9
    assert table.loc["F3.loss.p0.3", "value"] == pytest.approx(0.8)
    assert table.loc["F3.linear.loss", "value"] == pytest.approx(1)
    assert table.loc["F3.represented.monotone", "runs"] == 7


def test_a_claim_about_a_condition_that_the_tables_lack_is_not_tested():
    table = verdicts([ideal("relu_output", 0.3, 3)])
    assert table.loc["F3.represented.p1", "verdict"] == "not tested"
    assert table.loc["F3.represented.p1", "reason"] == judging.NO_RUN
    assert math.isnan(table.loc["F3.represented.p1", "value"])
    assert table.loc["F3.represented.p1", "runs"] == 0
    assert not table.loc["F3.loss.monotone", "holds"]


@pytest.mark.parametrize("factor", [1 + 2**-52, 1 - 2**-50])
def test_a_value_is_the_same_where_a_library_rounds_its_sums_otherwise(factor):
    plain, other = (
        verdicts([ideal("relu_output", 0.3, 3, factor=0.8123456 * by)]).loc["F3.loss.p0.3"]
        for by in (1, factor)
    )
    assert plain["value"] == other["value"] == pytest.approx(0.8123456)
    assert plain["replicate_median"] == other["replicate_median"]


def test_the_value_is_the_best_runs_and_the_spread_is_over_replicates():
    rows = [ideal("relu_output", 0.3, alone, replicate=k, rank=rank)
            for k, (alone, rank) in enumerate([(5, 2), (3, 0), (4, 1)])]  # fmt: skip
    row = verdicts(rows).loc["F3.represented.p0.3"]
    assert (row["value"], row["runs"], row["replicates"]) == (7, 1, 3)
    spread = row[["replicate_low", "replicate_median", "replicate_high"]].tolist()
    assert spread == [5, 6, 7]
    assert row["replicates_hold"] == pytest.approx(2 / 3)


def test_a_claim_over_all_runs_measures_all_of_them(monkeypatch):
    claim = judging.Claim(
        *("x.spread", "x", OURS, "s.", "s", ("F3",), lambda t: len(t.runs), 2, 2),
        over="all",
        corrections=(Correction(0, 1, "why"),),
    )
    monkeypatch.setattr(judging, "claims", lambda file: [claim] if file == "intro" else [])
    row = verdicts([ideal("linear", 0.3, 5, replicate=k, rank=k) for k in (0, 1)]).loc["x.spread"]
    assert (row["value"], row["runs"], row["holds"]) == (2, 2, True)
    assert (row["old_low"], row["old_high"], row["correction"]) == (0, 1, "why")
    assert row["replicates_hold"] == 0


def test_ends_of_the_range_are_inside_and_nan_is_outside():
    claim = judging.claims()[0]
    assert claim.holds(claim.low)
    assert claim.holds(claim.high)
    assert not claim.holds(float("nan"))


def test_counts_that_go_against_sparsity_are_found():
    rows = small_stack()
    rows[2] = ideal("relu_output", 0.1, 5, factor=0.5)
    table = verdicts(rows)
    assert table.loc["F3.represented.monotone", "value"] == 1
    assert table.loc["F3.dedicated.monotone", "value"] == 1
    assert not table.loc[["F3.represented.monotone", "F3.represented.p0.1"], "holds"].any()


def test_a_loss_that_rises_against_the_linear_models_is_found():
    rows = small_stack()
    rows[3] = ideal("relu_output", 0.03, 0, factor=0.6)
    table = verdicts(rows)
    assert table.loc["F3.loss.monotone", "value"] == pytest.approx(1.2)
    assert not table.loc["F3.loss.monotone", "holds"]


def test_superposition_that_starts_with_important_features_is_an_inversion():
    W = packed(20, 5, 3)[::-1][np.argsort((packed(20, 5, 3)[::-1] == 0).all(1), kind="stable")]
    row = run(W, 0, experiment="F3", density=0.3, importance=IMPORTANCE)
    table = verdicts([row])
    assert table.loc["F3.order.p0.3", "value"] == 4
    assert table.loc["F3.dedicated.p0.3", "value"] == 3
    assert not table.loc["F3.order.p0.3", "holds"]


def test_pairs_that_are_not_antipodal_are_found():
    W = packed(20, 5, 3)
    W[6] *= 0.7
    table = verdicts([run(W, 0.15, experiment="F3", density=0.3, importance=IMPORTANCE)])
    assert table.loc["F3.antipodal.p0.3", "value"] == pytest.approx(0.3)
    assert not table.loc["F3.antipodal.p0.3", "holds"]


def test_a_linear_model_that_has_not_converged_is_found():
    W = 0.98 * np.eye(20)[:, :5]
    rows = [run(W, np.full(20, 0.0005), experiment="F3", density=0.001, importance=IMPORTANCE,
                model="linear")]  # fmt: skip
    table = verdicts(rows)
    assert table.loc["F3.linear.projection", "value"] == pytest.approx(1 - 0.98**2)
    assert not table.loc["F3.linear.projection", "holds"]
    assert table.loc["F3.linear.loss", "value"] > 1
    assert table.loc["F3.linear.represented", "value"] == 5


def test_the_introductions_three_shapes_are_recognised():
    square = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [0, 0]])
    rows = [
        five_in_two(packed(5, 2, 2), 1.0),
        five_in_two(square, 0.2),
        five_in_two(regular_polygon(5, 1.09)[[0, 2, 1, 4, 3]], 0.1, b=-0.2),
        five_in_two(square, 0.1, "F1_control"),
    ]
    table = verdicts(rows)
    assert set(table.index[~table["holds"]]) == {"F1.loss.p0.1", "F1.norm.exact.p0.1"}
    assert table.loc["F1.angle.p1", "value"] == pytest.approx(90)
    assert table.loc["F1.gap.max.p0.1", "value"] == pytest.approx(72)


PENTAGON = np.array([[1.11171, 0], [0.30174, 1.06439], [0.31113, -1.05392],
                     [-0.90582, 0.60271], [-0.86897, -0.6296]])  # fmt: skip
PENTAGON_BIAS = np.array([-0.20141, -0.20313, -0.20679, -0.20843, -0.20484])


def test_the_pentagons_optimum_is_a_minimum_of_the_exact_loss():
    importance = 0.9 ** np.arange(5)

    def loss(z):
        return theory.exact_loss(z[:10].reshape(5, 2), z[10:], importance, 0.1)

    z = np.r_[PENTAGON.ravel(), PENTAGON_BIAS]
    assert loss(z) == pytest.approx(claims_intro.PENTAGON_LOSS, rel=1e-6)
    for step in 0.01 * np.eye(15):
        assert min(loss(z + step), loss(z - step)) > loss(z)


def test_the_exact_pentagon_holds_and_lies_outside_the_prototypes_range():
    table = verdicts([five_in_two(PENTAGON, 0.1, b=PENTAGON_BIAS)])
    angles = table.loc[["F1.gap.min.p0.1", "F1.gap.max.p0.1"]]
    assert table.loc[["F1.loss.p0.1", "F1.norm.exact.p0.1"], "holds"].all()
    assert angles["holds"].all()
    assert not angles["value"].between(angles["old_low"], angles["old_high"]).any()


def test_the_introductions_wrong_shapes_are_refused():
    square = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [0, 0]])
    rows = [
        five_in_two(square, 1.0),
        five_in_two(regular_polygon(5), 0.2),
        five_in_two(square, 0.1),
    ]
    table = verdicts(rows)
    held = set(table.index[table["holds"]])
    assert held == {"F1.kept.p1", "F1.angle.p1", "F1.kept.p0.2"}


def test_the_seeds_claims_hold_for_the_square_at_its_closed_form():
    importance, p = 0.7 ** np.arange(10), 0.01
    W = packed(10, 2, 0)
    b = np.where((W == 0).all(1), p / 2, 0)
    v = theory.variance(p)
    loss = v * importance[4:].sum() + p**2 / 6 * importance[:4].sum()
    rows = [run(W, b, experiment="seed", density=p, importance=importance, loss=loss)]
    table = verdicts(rows)
    assert table["holds"].all()
    assert table.loc["seed.loss.square", "value"] == pytest.approx(1)


def of_replicates(*losses):
    """A condition's runs with these losses, the first the best; NaN if one diverged."""
    return [
        ideal("relu_output", 0.3, 5, replicate=k, rank=-1 if np.isnan(loss) else k, factor=loss)
        for k, loss in enumerate(losses)
    ]


def test_a_claim_about_runs_that_all_diverged_has_no_value_and_does_not_hold():
    row = verdicts(of_replicates(np.nan, np.nan)).loc["F3.represented.p0.3"]
    assert math.isnan(row["value"])
    assert not row["holds"]
    assert row["replicates_hold"] == 0


def test_a_claim_about_the_best_run_does_not_mind_that_another_diverged(monkeypatch):
    over_all = judging.Claim(
        "x.all", "x", OURS, "s.", "s", ("F3",), lambda t: len(t.runs), 0, 9, over="all"
    )
    over_best = judging.Claim("x.best", "x", OURS, "s.", "s", ("F3",), lambda t: len(t.runs), 0, 9)
    both = [over_all, over_best]
    monkeypatch.setattr(judging, "claims", lambda file: both if file == "intro" else [])
    table = verdicts(of_replicates(1.0, 1.5, np.nan))
    assert table.loc["x.best", ["value", "holds", "replicates_hold"]].tolist() == [1, True, 2 / 3]
    assert math.isnan(table.loc["x.all", "value"])
    assert not table.loc["x.all", "holds"]


def test_a_statement_is_of_one_figure_one_kind_and_one_text_and_theory_trains_no_models():
    by_name: dict[str, Statement] = {}
    figure: dict[str, str] = {}
    for claim in judging.claims():
        name = claim.statement.name
        assert by_name.setdefault(name, claim.statement) == claim.statement, claim.claim
        assert figure.setdefault(name, claim.figure) == claim.figure, claim.claim
        assert name.split(".")[0] == claim.claim.split(".")[0], claim.claim
        assert claim.statement.text.endswith("."), name
