"""The second paper's claims: every row of its table has one, and each measure knows a hand-made answer."""

import itertools

import numpy as np
import pandas as pd
import pytest

from superpos import lookup, theory
from superpos.papers.double_descent import first_screen, measures
from superpos.papers.double_descent.measures import T
from superpos.papers.double_descent.model_size import claims_size_by_width as map_of_sizes
from superpos.papers.double_descent.onset import claims_onset
from superpos.papers.double_descent.optimisation import claims_training_floor as floor
from superpos.papers.double_descent.polygons import claims_training_polygons as polygons
from superpos.papers.double_descent.polygons import rings
from superpos.papers.double_descent.regimes import claims_regimes, claims_scaled
from superpos.papers.double_descent.repeated import claims_repeats, copies
from superpos.papers.double_descent.training_length import claims_training_length as lengths
from superpos.tables import Tables
from superpos.verdicts import judging, scope
from superpos.verdicts.outcomes import FAILS, HOLDS, UNTESTED
from superpos.verdicts.statement import Statement

INVENTORY = [
    "M2.exact", "M2.margin", "M2.overlap", "M2.loss", "M2.gaps", "M2.radii", "M2.W", "M2.least",
    "M2.test", "M2.three", "M2.failures", "M2.messy", "M3.test", "M3.bump", "M3.falls", "M3.floor",
    "M3.ring", "M3.mT", "M3.features", "M3.largest", "M3.samples", "M3.pentagon", "M3.angles",
    "M4.peak.h", "M4.order", "M4.plateau", "M4.rise", "M4.fall", "M4.flat", "J1.bump", "J1.onset",
    "J2.W", "J2.b", "J2.ratio", "M5.more", "M5.bigger", "M5.ridge", "M6.order", "M6.gone",
    "M7.order", "J3.onset", "J4.onset", "J5.spread", "J7.five", "J7.two", "J8.each", "J9.six",
    "J10.line", "J11.near", "J12.forgotten", "J12.learned", "H.stays", "O2.gap", "U1.lower",
    "U1.cross", "U1.orthogonal", "X.eps", "S.bump", "S.low", "S.five", "S.W", "S.wd", "S.eps",
    "S.epochs", "S.rate",
]  # fmt: skip
NOT_CLAIMED = {"M3.mT": "the mean of D_X is the rank over T, an identity"}
FILES = [f for f in judging.files() if ".double_descent." in lookup.module("claims file", f)]
CLAIMS = judging.claims(*FILES)
FIVE = theory.regular_polygon(5)
NUMBERS = itertools.count()


def of(rows, samples=None, features=None, checkpoints=None, theory=None):
    """Tables of runs given as dictionaries; a run's name is its place unless it has one."""
    given = [{"experiment": "x", "condition": str(i), "replicate": 0, "rank": 0, "loss": 1.0} | row
             for i, row in enumerate(rows)]  # fmt: skip
    tables = [_table(part, given) for part in (features, samples, checkpoints)]
    return Tables(pd.DataFrame(given), tables[0], None, tables[2], theory=theory, samples=tables[1])


def _table(parts, runs):
    """The longer table of several runs: one dictionary of columns for each."""
    found = [
        pd.DataFrame(part).assign(**{k: v for k, v in run.items() if k not in part})
        for part, run in zip(parts or [], runs, strict=False)
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["experiment"])


def ring(angles, norms, **columns):
    """The samples of a run with these hidden vectors."""
    angle = np.asarray(angles, float)
    norm = np.broadcast_to(norms, angle.shape)
    return {"sample": np.arange(len(angle)), "sample_angle": angle, "sample_norm": norm} | columns


def sizes(values, column="loss", **more):
    """A run for each T (and value of more) with a column."""
    return [{T: size, column: value} | more for size, value in values.items()]


@pytest.mark.parametrize("name", INVENTORY)
def test_every_row_of_the_table_of_claims_has_a_claim_or_a_reason(name):
    made = [c.claim for c in CLAIMS if c.claim == name or c.claim.startswith(f"{name}.")]
    assert bool(made) != (name in NOT_CLAIMED)


def test_the_claims_are_about_experiments_and_tables_that_the_sections_describe():
    named = {experiment for claim in CLAIMS for experiment in claim.experiments}
    assert named <= scope.experiments_of_papers().keys()
    assert {t for claim in CLAIMS for t in claim.theory} <= scope.theory_of_papers().keys()


def test_other_peoples_numbers_carry_their_names():
    names = {"J": "A. Jermyn", "J2.W": "S. Amaan", "J2.b": "S. Amaan", "H": "M. Hobbhahn"}
    for claim in CLAIMS:
        known = [n for begins, n in names.items() if claim.claim.startswith(begins)]
        if (known and claim.statement.kind != "ours") or "J2." in claim.claim:
            assert known[-1] in claim.source, claim.claim


def test_a_regular_polygon_has_even_gaps_and_one_radius():
    rows = of([{T: 5}], [ring([10, 82, 154, 226, 298], 1.2)])
    assert polygons._gap(rows, "min") == pytest.approx(1)
    assert polygons._gap(rows, "max") == pytest.approx(1)
    assert polygons._roundness(rows) == 1
    squeezed = of([{T: 5}], [ring([10, 72, 154, 226, 298], [1, 1, 1, 1, 0.5])])
    assert polygons._gap(squeezed, "min") == pytest.approx(62 / 72)
    assert polygons._gap(squeezed, "max") == pytest.approx(82 / 72)
    assert polygons._roundness(squeezed) == 0.5


def test_the_norm_is_compared_with_the_smallest_polygon_of_that_size():
    rows = of([{T: 6, "frobenius": 3.464102}])
    assert polygons._norm_ratio(rows) == pytest.approx(1)


def test_failures_are_counted_at_the_uncertain_sizes_only():
    good, bad = ring(np.arange(8) * 45, 1.8), ring(np.arange(8) * 45, [1.8] * 7 + [0.2])
    rows = of([{T: 8}, {T: 8}, {T: 10}, {T: 5}], [good, bad, good, bad])
    assert polygons._failed(rows, (8, 10)) == pytest.approx(1 / 3)


def test_the_gap_across_two_circles_is_compared_with_the_exact_one():
    p, outer = 1.6, 2.843
    exact = theory.gap_across(p, outer)
    angles = [0, 28.8, 28.8 + exact, 28.8 + exact + 52.5, 300]
    two = ring(angles, [outer, outer, p, p, outer])
    assert rings.across(pd.DataFrame(two)) == pytest.approx(1, abs=0.02)
    rows = [{T: 5, "training_loss": 0.0}, {T: 5, "training_loss": 0.5}]
    closer = ring([0, 28.8, 28.8 + exact / 2, 150, 300], [outer, outer, p, p, outer])
    assert polygons._across(of(rows, [two, closer]), 0.001) == pytest.approx(1, abs=0.02)
    assert np.isnan(polygons._across(of(rows[1:], [two]), 0.001))


def test_neighbours_on_one_circle_may_be_closer_than_those_on_two():
    p, outer = 1.6, 2.843
    angles = [0, 10, 20 + theory.gap_across(p, outer), 180, 190]
    rows = pd.DataFrame(ring(angles, [outer, outer, p, outer, outer]))
    assert rings.across(rows) > 1


def test_curves_are_means_or_medians_over_training_sets():
    rows = [{T: 200, "data_set": k, "loss": loss} for k, loss in enumerate((1.0, 1.1, 1.6))]
    t = of([*rows, {T: 500, "data_set": 0, "loss": 1.05}])
    assert measures.largest(t, measures.loss) == pytest.approx(3.7 / 3)
    assert measures.of_largest(t, measures.loss) == 200
    assert measures.largest(t, measures.loss, by="median") == 1.1
    assert np.isnan(measures.at(t, measures.loss, 300))
    assert measures.bump(t, 500, 100, 300) == pytest.approx(1.1 / 1.05)


def test_the_onset_is_the_first_size_whose_median_set_stores_five_features():
    t = of([
        {T: size, "fifth_dimensionality": fifth}
        for size, fifth in ((500, 0.01), (700, 0.2), (700, 0.02), (700, 0.16), (1000, 0.3))
    ])  # fmt: skip
    assert measures.onset(t) == 700
    assert np.isnan(measures.onset(measures.between(t, 0, 500)))


def test_the_ring_is_made_of_the_samples_in_the_longer_half():
    samples = ring([0, 1, 2, 3], [2, 2.2, 1.9, 0.3], sample_dimensionality=[0.1, 0.2, 0.4, 0.9])
    assert measures.ring(of([{T: 4}], [samples]))[0] == pytest.approx(0.2)
    assert measures.longest_h(of([{T: 4}], [samples]))[0] == 2.2


def test_the_five_largest_features_and_their_angles_are_found():
    W = [*(0.1 * FIVE), *FIVE[:, ::-1]]
    features = {"feature": np.arange(10), "dimensionality": [0.01] * 5 + [0.25] * 5,
                "W": [list(w) for w in W]}  # fmt: skip
    t = of([{T: 9}], features=[features])
    assert measures.five_features(t)[0] == pytest.approx(0.25)
    assert claims_regimes._feature_gap(t, "min") == pytest.approx(72)


def test_the_pentagons_loss_is_that_of_the_same_size():
    table = pd.DataFrame(
        [(10, 5, True, 0.9), (10, 5, False, 0.8), (10, 6, True, 0.7), (20, 5, True, 0.6)],
        columns=["n_features", "polygon", "biased", "loss"],
    )
    t = of([{T: 9, "n_features": 10, "loss": 1.0}], theory={"polygon_features": table})
    assert claims_regimes._above_pentagon(t) == pytest.approx(1.0)


def test_norms_that_rise_and_fall_are_followed():
    t = of(sizes({5: 2, 6: 3, 30: 9, 100: 20, 50_000: 2.5}, "frobenius"))
    assert claims_regimes._rise(t, 30) == pytest.approx(1)
    assert claims_regimes._fall(t, 50_000) == pytest.approx(0.125)
    assert claims_regimes._flat(t) == pytest.approx(0.125)


def test_settings_are_compared_by_their_excess_over_one():
    plain = {"experiment": "S", "optimizer_eps": np.nan}
    rows = [{T: 300, "loss": 1.2} | plain, {T: 500, "loss": 9.0} | plain]
    rows += [{"experiment": "S_changed", T: 300, "loss": 1.05, "optimizer_eps": 1e-5}]
    claim = next(c for c in CLAIMS if c.claim == "S.eps")
    assert claim.measure(of(rows)) == pytest.approx(0.25)
    assert claims_scaled.BUMP_AT == 300


def test_cells_of_the_map_that_are_hurt_are_counted():
    values = {2: (1.0, 1.2, 0.9), 4: (1.0, 1.1, 1.3), 8: (1.0, 1.0, 1.4)}
    rows = [
        {"n_hidden": m, T: size, "data_set": k, "loss": loss + k * 1e-4}
        for m, own in values.items()
        for size, loss in zip((100, 200, 500), own, strict=True)
        for k in (0, 1)
    ]
    assert map_of_sizes._hurt(of(rows), axis=1) == 4
    assert map_of_sizes._hurt(of(rows), axis=0) == 2
    assert map_of_sizes._ridge(of(rows)) == pytest.approx(np.sqrt(3) / 2)


def test_bumps_are_ordered_by_decay_and_may_vanish():
    rows = [
        {T: size, "optimizer_weight_decay": decay, "loss": 1 + height * (size == 300)}
        for decay, height in ((0.01, 2.0), (0.1, 0.5), (1.0, -0.006))
        for size in (200, 300)
    ]
    t = of(rows)
    assert lengths._falls(t, "optimizer_weight_decay", lengths.DECAYS) == 2
    assert lengths._falls(t, "optimizer_weight_decay", (0.1, 0.01, 1.0)) == 1
    assert lengths._left(t) == pytest.approx(0)


def test_onsets_are_scaled_by_density():
    rows = [
        {"experiment": name, "density": p, T: round(x / p), "fifth_dimensionality": 0.3 * (x >= on)}
        for name, start in (("J4", 8), ("J5", 4))
        for p, on in ((0.02, 8), (0.01, 8), (0.005, start))
        for x in (4, 8, 16)
    ]
    t = of(rows)
    assert claims_onset._occurrences(t.of("J4"), 0.02) == pytest.approx(8)
    assert claims_onset._spread_over_densities(t.of("J5")) == pytest.approx(2)
    assert claims_onset._four_over_two(t) == pytest.approx(2)


def repeated(samples, times, h, size=None):
    """A run and its samples: `times` copies of each of the first samples of h."""
    distinct = np.asarray(h, float)
    rows = [*distinct, *np.tile(distinct[:samples], (times - 1, 1))]
    slug = f"data.repeats=samples-{samples}+times-{times},data.set={next(NUMBERS)}"
    run = {"condition": slug, T: size or len(rows), "n_features": 1000, "features_above": 4}
    return run, {"sample": np.arange(len(rows)), "h": [list(row) for row in rows]}


def test_copies_are_counted_once():
    h = np.array([[2.0, 0], [0, 1], [0, 1]])
    run, samples = repeated(1, 5, h)
    (found,) = copies.runs(of([run], [samples]))
    assert (found.samples, found.times, len(found.D)) == (1, 5, 3)
    assert list(found.D) == pytest.approx([1, 0.5, 0.5])
    assert found.memorises


def test_a_repeated_sample_that_others_exceed_is_not_memorised():
    run, samples = repeated(1, 2, [[0.5, 0], [2, 0], [0, 1]])
    (found,) = copies.runs(of([run], [samples]))
    assert not found.memorises
    assert claims_repeats._above(found) == 1


def test_memorised_samples_and_features_share_the_places():
    given = [repeated(2, 8, [[2, 0], [0, 2], [0.1, 0.1]]) for _ in range(2)]
    t = of([run for run, _ in given], [samples for _, samples in given])
    assert claims_repeats._places(t, samples=2, times=8) == 6
    assert np.isnan(claims_repeats._over_sets(t, 5, 1, claims_repeats._above))


def test_the_line_of_repeats_has_the_slope_of_the_half_points():
    big, small = [[2, 0], [0, 1], [0, 1]], [[0.1, 0], [1, 0], [0, 1]]
    given = [
        repeated(1, times, big if times > 0.4 * size / 1000 else small, size)
        for size, grid in claims_repeats.LINE.items()
        for times in grid
    ]
    found = [copies.Run(1, r["times"], r["size"], r["D"]) for r in _runs(given)]
    at = [claims_repeats._half([r for r in found if r.size == s]) for s in claims_repeats.LINE]
    assert np.isnan(at[0]) or at[0] <= 3
    assert at[1:] == [pytest.approx(5), pytest.approx(10)]


def _runs(given):
    """What `copies.runs` finds in made runs, whose sizes are not those of their few samples."""
    for run, samples in given:
        times = int(run["condition"].split("times-")[1].split(",")[0])
        h = np.array(samples["h"][:3], float)
        yield {"times": times, "size": run[T], "D": copies.dimensionality(h[None])[0]}


def test_a_sample_that_is_stored_and_dropped_is_a_near_miss():
    courses = ((0.01, 0.3, 0.02), (0.01, 0.3, 0.2), (0.01, 0.1, 0.02), (0.2, 0.1, 0.04))
    rows = [
        {"step": [100, 1000, 10_000], "feature": 0, "first_sample_dimensionality": [*course]}
        for course in courses
    ]
    t = of([{T: 5000}] * 4, checkpoints=rows)
    assert claims_repeats._near_misses(t) == 0.5


def test_features_that_are_learned_and_forgotten_are_seen_along_training():
    steps = {100: 0.01, 1000: 0.3, 50_000: 0.02}
    rows = {
        "step": np.repeat([*steps], 6),
        "dimensionality": np.concatenate([[0.9, *([x] * 4), 0.0] for x in steps.values()]),
    }
    t = of([{T: 10_000}], checkpoints=[rows])
    assert claims_repeats._along(t, "largest") == 0.3
    assert claims_repeats._along(t, "last") == 0.02


def test_the_floors_of_memorising_and_generalising_runs_cross():
    rows = [
        {T: size, "density": 0.01, "fifth_dimensionality": fifth, "training_loss": loss}
        for size, pair in ((1000, (0.99, 0.9)), (10_000, (0.99, 0.98)), (100_000, (0.98, 0.99)))
        for fifth, loss in zip((0.3, 0.01), pair, strict=True)
    ]
    assert floor._lower(of(rows[:2])) == pytest.approx(0.09)
    assert 100 < floor._cross(of(rows)) < 1000
    assert np.isnan(floor._cross(of(rows[:2])))


def test_a_run_that_goes_on_from_fewer_samples_is_compared_with_every_generalising_run():
    rows = [
        {T: 2000, "fifth_dimensionality": fifth, "training_loss": loss, floor.TRAINED_ON: before}
        for fifth, loss, before in (
            *((0.3, 0.99, np.nan), (0.4, 0.995, np.nan), (0.01, 0.8, np.nan)),
            *((0.01, 0.9, 1000.0), (0.01, 0.95, 1000.0), (0.3, 0.97, 1000.0), (0.01, 0.7, 1900.0)),
        )
    ]
    assert floor._gain_of_continuing(of(rows)) == pytest.approx(0.07)
    assert floor._gain_of_continuing(of(rows[:5])) == pytest.approx(0.09)
    assert np.isnan(floor._gain_of_continuing(of(rows[:3])))
    assert np.isnan(floor._gain_of_continuing(of(rows[2:5])))


def test_clusters_are_those_of_the_best_memorising_run():
    chance = theory.shared_chance(1000, 0.01)
    plain = {"n_features": 1000, "density": 0.01}
    rows = [
        plain
        | {T: size, "fifth_dimensionality": fifth, "training_loss": loss, "neighbours_sharing": x}
        for size, fifth, loss, x in (
            (1000, 0.3, 0.1, 0.9),
            (1000, 0.0, 0.2, 2 * chance),
            (1000, 0.0, 0.3, 0.8),
            (5000, 0.0, 0.3, 5 * chance),
        )
    ]
    assert floor._sharing(of(rows), 1000) == pytest.approx(2)
    assert floor._growth(of(rows), 1000, 5000) == pytest.approx(2.5)
    assert np.isnan(floor._sharing(of(rows), 2000))


def test_a_claim_about_training_sets_has_their_spread(monkeypatch):
    statement = Statement("x.y", "ours", "A statement.")
    claim = judging.Claim(
        *("x.a", "x", statement, "s.", "s", ("x",)),
        lambda t: measures.typical(t, measures.loss),
        *(0, 1.2),
        each=measures.SET,
    )
    monkeypatch.setattr(judging, "claims", lambda file: [claim] if file == FILES[0] else [])
    t = of([{T: 5, "data_set": k, "loss": loss} for k, loss in enumerate((1.0, 1.1, 1.5))])
    row = judging.evaluate(t).set_index("claim").loc["x.a"]
    assert row["value"] == pytest.approx(1.2)
    spread = row[["replicate_low", "replicate_median", "replicate_high"]].tolist()
    assert spread == pytest.approx([1.0, 1.1, 1.5])
    assert row["replicates_hold"] == pytest.approx(2 / 3)
    assert row["best_of"] == ()


def verdicts(**by_statement):
    """A table of verdicts with one claim for each statement, `_` for the dot of its name."""
    return pd.DataFrame([
        {"claim": name, "statement": name.replace("_", "."), "figure": "x", "kind": "paper", "text": "",
         "models": "main", "verdict": verdict, "replicates_hold": np.nan, "best_of": ()}
        for name, verdict in by_statement.items()
    ])  # fmt: skip


def test_the_first_screen_says_what_holds_and_what_does_not_by_the_verdicts():
    holds, fails, _ = first_screen.sentences(verdicts(M5_more=HOLDS, M5_bigger=FAILS))
    assert "more data can hurt" in holds
    assert "a bigger model" not in holds
    assert "a bigger model can hurt" in fails
    assert len(first_screen.sentences(judging.table([]))) == 3


@pytest.mark.parametrize(
    ("figure", "replications", "said"),
    [
        (HOLDS, HOLDS, "disagreed with the paper over the scale"),
        (FAILS, HOLDS, "0 of 1 claims about the paper's figures hold"),
        (HOLDS, FAILS, "the printed sum 0 of 1"),
        (UNTESTED, UNTESTED, "“make double_descent_full” tests this"),
    ],
)
def test_the_first_screen_explains_the_replications_as_far_as_both_sides_are_tested(
    figure, replications, said
):
    table = verdicts(M3_ring=figure, J2_norms=replications, M3_scale=HOLDS)
    assert said in first_screen.sentences(table)[2]


def test_the_main_statements_of_the_first_screen_are_claimed():
    named = {*first_screen.SAID, *first_screen.FIGURES, *first_screen.REPLICATIONS, "M3.scale"}
    assert named <= {claim.statement.name for claim in CLAIMS}
