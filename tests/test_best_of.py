"""The probability that a claim holds for the best of k runs, from made replicates."""

from itertools import combinations

import numpy as np
import pytest
from made_tables import packed, run, tables

from superpos.verdicts import best_of, judging
from superpos.verdicts.best_of import Pool, best_of_curve, chances
from superpos.verdicts.statement import Statement

OURS = Statement("x.y", "ours", "A statement.")
DENSITIES = (1.0, 0.3, 0.1)


def replicate(k, rank, density=1.0, alone=None, loss=1.0):
    """A run of two to six represented features, by its rank."""
    W = packed(8, 4, 4 - (rank if alone is None else alone))
    return run(W, 0, experiment="x", density=density, importance=1, replicate=k, rank=rank,
               loss=loss)  # fmt: skip


def pool(ranks, densities=(1.0,)):
    return Pool(tables([replicate(k, r, p) for p in densities for k, r in enumerate(ranks)]))


def best(t):
    return [int(r) for r in t.runs["replicate"]]


@pytest.mark.parametrize("k", [1, 2, 3, 5, 9])
def test_the_chance_of_a_rank_is_its_share_of_all_subsets(k):
    subsets = [min(s) for s in combinations(range(5), min(k, 5))]
    expected = [subsets.count(rank) / len(subsets) for rank in range(5)]
    assert chances(5, k).tolist() == pytest.approx(expected)


def test_for_one_condition_the_probability_is_exact():
    """Replicate 2 is the best of four and the only one that holds: it is among k with chance k / 4."""
    found = best_of_curve(pool([1, 3, 0, 2]), lambda t: best(t) == [2])
    assert found.k == (1, 2, 4)
    assert found.holds == pytest.approx((0.25, 0.5, 1))


def test_the_best_of_all_is_the_best_run_of_every_condition_as_it_stands():
    several = pool([1, 3, 0, 2], DENSITIES)
    seen = []
    found = best_of_curve(several, lambda t: seen.append(t) or best(t) == [2, 2, 2])
    assert found.holds[-1] == 1
    assert found.k == (1, 2, 4)
    whole = several.tables.best()
    at_last = several.of_ranks(0, 0, 0)
    assert at_last.runs.equals(whole.runs)
    assert at_last.features.equals(whole.features)
    assert all((t.runs["rank"] == 0).all() and len(t.runs) == len(DENSITIES) for t in seen)


def test_draws_of_several_conditions_come_near_the_probability(monkeypatch):
    """Each of three conditions is at its best with chance 1/2 at k = 2 of 4: all are with 1/8."""
    monkeypatch.setattr(best_of, "MOST_DRAWS", 4000)
    found = best_of_curve(pool([1, 3, 0, 2], DENSITIES), lambda t: best(t) == [2, 2, 2])
    assert found.holds == pytest.approx((1 / 64, 1 / 8, 1), abs=0.02)


def test_the_same_tables_give_the_same_draws_and_more_replicates_do_not_hurt():
    first, second = (pool([1, 3, 0, 2], DENSITIES) for _ in range(2))
    draws = [first.drawn(k) for k in (1, 2, 4)]
    assert (draws[0] == second.drawn(1)).all()
    assert (draws[0] >= draws[1]).all()
    assert (draws[1] >= draws[2]).all()
    assert (draws[2] == 0).all()
    assert len(np.unique(draws[0])) == 4


def test_many_conditions_have_few_draws(monkeypatch):
    monkeypatch.setattr(best_of, "MOST_RUNS", 30)
    assert len(pool([0, 1], DENSITIES).drawn(1)) == 10
    monkeypatch.setattr(best_of, "MOST_RUNS", 3)
    assert len(pool([0, 1], DENSITIES).drawn(1)) == best_of.FEWEST_DRAWS


def test_a_diverged_replicate_comes_last_and_one_that_cannot_be_best_is_left_out():
    lost = float("nan")
    rows = [replicate(0, -1, alone=0, loss=lost), replicate(1, 1), replicate(2, 0)]
    with_lost = Pool(tables(rows))
    assert [best(with_lost.of_ranks(r)) for r in range(3)] == [[2], [1], [0]]
    left_out = Pool(tables([replicate(0, -1, alone=0), replicate(1, 1), replicate(2, 0)]))
    assert left_out.sizes.tolist() == [2]


@pytest.mark.parametrize("lost", range(4))
def test_one_that_diverged_is_left_out_too_if_it_could_not_be_best(lost):
    """The best of two is chosen, in two conditions of four runs."""
    nan = float("nan")
    rows = [replicate(k, k if k < 2 else -1, 0.1, alone=0) for k in range(4)]
    left = iter(range(2))
    for k in range(4):
        rank = next(left) if k < 2 and k != lost else -1
        rows.append(replicate(k, rank, 1.0, alone=0, loss=nan if k == lost else 1.0))
    assert Pool(tables(rows)).sizes.tolist() == [2, 2]


def judged(rows, **changes):
    """The verdict on the claim that exactly four features are represented at each density."""
    claim = judging.Claim(
        *("x.y", "x", OURS, "s.", "s", ("x",)),
        lambda t: t.features.groupby("condition")["feature_norm"].agg(lambda n: (n > 0.5).sum()).max(),
        4, 4, **changes,
    )  # fmt: skip
    return judging._tested(claim, judging._selected(tables(rows).of, claim.experiments))


@pytest.mark.parametrize("alone", [4, 2])
def test_the_verdicts_curve_starts_at_the_share_of_replicates_and_ends_at_the_verdict(alone):
    rows = [replicate(0, 0, alone=4 - alone), replicate(1, 1, alone=0), replicate(2, 2, alone=2)]
    row = judged(rows)
    assert row.best_of == (1, 2, 3)
    assert row.best_of_holds[0] == pytest.approx(row.replicates_hold)
    assert row.best_of_holds[-1] == (row.verdict == "holds")


@pytest.mark.parametrize("lost", DENSITIES)
def test_a_claim_has_no_value_if_the_only_run_that_may_be_best_diverged(lost):
    def rows(*diverged):
        for p in DENSITIES:
            bad = p in diverged
            yield replicate(0, -1 if bad else 0, p, alone=0, loss=float("nan") if bad else 1.0)
            yield replicate(1, -1, p, alone=0)

    assert judged(rows()).verdict == "holds"
    row = judged(rows(lost))
    assert np.isnan(row.value)
    assert row.verdict == "does not hold"


def test_a_claim_about_all_runs_or_one_replicate_has_no_curve():
    rows = [replicate(0, 0), replicate(1, 1)]
    assert judged(rows).best_of == (1, 2)
    assert judged(rows, over="all").best_of == ()
    assert judged(rows[:1]).best_of_holds == ()


def test_a_replicate_that_one_of_two_experiments_lacks_does_not_count():
    rows = [
        run(packed(6, 3, 0), 0, experiment=name, density=1, importance=1, replicate=k, rank=k)
        for name, count in (("x", 4), ("y", 2))
        for k in range(count)
    ]
    claim = judging.Claim(
        *("x.y", "x", OURS, "s.", "s", ("x", "y"), lambda t: t.runs["experiment"].nunique(), 2, 2)
    )
    row = judging._tested(claim, judging._selected(tables(rows).of, claim.experiments))
    assert (row.verdict, row.replicates, row.replicates_hold) == ("holds", 2, 1.0)
