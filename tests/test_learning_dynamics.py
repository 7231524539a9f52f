"""Learning dynamics: levels and jumps, the turn into an octahedron, their claims and figures."""

import numpy as np
import pandas as pd
import pytest
from made_tables import judged, run, tables

from superpos import lookup, plotting, theory
from superpos.papers.toy_models.dynamics import energy_levels, late_jumps, printed_curve, two_sets
from superpos.tables import Tables

STEPS = np.unique(np.geomspace(100, 100_000, 121).round().astype(int))
N, M, P = 100, 20, 0.3
PAIR = theory.variance(P) - P**2 / 3


def course_of_levels(at_half, steps=STEPS):
    """A run that has `at_half(step)` features at 1/2, the others at 0."""
    counts = np.array([at_half(s) for s in steps])
    D = np.where(np.arange(N) < counts[:, None], 0.5, 0.0)
    loss = np.array([theory.digon_level(P, N, M, M - c // 2) for c in counts])
    return energy_levels.Course(0, steps, loss, D)


def late(step):
    return 38 if step < 20_000 else 40


def as_in_the_paper(first=20_000, second=31_000, peak=0.715):
    """Feature 38 rises to 1/2 as feature 0 rises above it; then 39 rises to 1/2, and 0 falls back."""
    course = course_of_levels(lambda s: 38)
    course.D[course.step >= first, 38] = 0.5
    course.D[(course.step >= first) & (course.step < second), 0] = peak
    course.D[course.step >= second, 39] = 0.5
    course.loss[course.step >= first] -= 0.002
    course.loss[course.step >= second] -= PAIR - 0.002
    return course


def test_a_late_jump_is_found_with_its_levels_and_its_drop():
    (jump,) = late_jumps.late_jumps(course_of_levels(late))
    assert (jump.before, jump.after) == (38, 40)
    assert jump.start < 20_000 <= jump.stop
    assert jump.drop == pytest.approx(PAIR)
    assert not jump.peaks


def test_an_early_jump_and_a_double_one_are_not_late_jumps():
    assert not late_jumps.late_jumps(course_of_levels(lambda s: 38 if s < 3000 else 40))
    assert not late_jumps.late_jumps(course_of_levels(lambda s: 36 if s < 20_000 else 40))
    assert not late_jumps.late_jumps(course_of_levels(lambda s: 40 if s < 20_000 else 38))


def test_a_jump_that_takes_too_long_is_not_late():
    slow = course_of_levels(lambda s: 38 if s < 10_000 else 39 if s < 20_000 else 40)
    assert not late_jumps.late_jumps(slow)


def test_noise_of_a_checkpoint_makes_no_level():
    course = course_of_levels(late)
    course.D[100, 0] = 0.47
    course.D[40, 1] = 0.53
    assert len(late_jumps.late_jumps(course)) == 1


def test_the_run_of_the_paper_has_one_change_of_level_two_rises_and_a_swap():
    course = as_in_the_paper()
    (jump,) = late_jumps.late_jumps(course)
    assert jump.peak == pytest.approx(0.715)
    assert jump.peaks
    first, second = late_jumps.rises(course)
    assert first.start < 20_000 <= first.stop < second.start < 31_000 <= second.stop
    assert (first.swaps, second.swaps) == (True, False)
    assert first.drop == pytest.approx(0.002)
    assert second.drop == pytest.approx(PAIR - 0.002)
    assert late_jumps.as_printed(course)


def test_only_a_feature_that_was_at_one_half_peaks():
    course = as_in_the_paper()
    course.D[course.step < 20_000, 0] = 0.6
    (jump,) = late_jumps.late_jumps(course)
    assert not jump.peaks


def test_features_that_rise_together_early_or_slowly_are_not_two_late_rises():
    assert len(late_jumps.rises(course_of_levels(late))) == 1
    assert not late_jumps.rises(as_in_the_paper(first=2000, second=4000))
    slow = course_of_levels(late)
    slow.D[(slow.step > 8000) & (slow.step < 20_000), 38:40] = 0.3
    assert not late_jumps.rises(slow)


def test_the_features_of_a_pair_that_come_at_neighbouring_checkpoints_are_one_late_rise():
    first = int(STEPS.searchsorted(20_000))
    for between, rises in ((0, 1), (1, 1), (2, 1), (3, 2), (6, 2)):
        course = course_of_levels(lambda s: 38)
        course.D[first:, 38] = 0.5
        course.D[first + between :, 39] = 0.5
        assert len(late_jumps.rises(course)) == rises
        assert late_jumps.twice(course) == (rises == 2)


def made_levels(courses):
    """The tables of runs with these courses."""
    rows, along = [], []
    for k, course in enumerate(courses):
        W = np.ones((N, 2))
        a_run, features = run(W, 0, experiment="F13", density=P, importance=1, replicate=k, rank=k,
                              loss=course.loss[-1])  # fmt: skip
        rows.append((a_run.assign(n_hidden=M, dimensionality_sum=course.D[-1].sum()), features))
        shape = course.D.shape
        along.append(pd.DataFrame({
            "experiment": "F13", "condition": a_run["condition"].iloc[0], "replicate": k,
            "step": np.repeat(course.step, shape[1]), "feature": np.tile(np.arange(shape[1]), shape[0]),
            "loss": np.repeat(course.loss, shape[1]), "dimensionality": course.D.ravel(),
        }))  # fmt: skip
    made = tables(rows)
    return Tables(made.runs, made.features, checkpoints=pd.concat(along, ignore_index=True))


def verdicts(made):
    return judged(made)


def test_courses_come_back_from_the_tables_whatever_the_order_of_rows():
    course = course_of_levels(late)
    made = made_levels([course, course_of_levels(lambda s: 40)])
    made = Tables(
        made.runs, made.features, checkpoints=made.checkpoints.sample(frac=1, random_state=0)
    )
    first, second = energy_levels.courses(made)
    assert (first.D == course.D).all()
    assert (first.step == STEPS).all()
    assert (first.loss == course.loss).all()
    assert (second.halves == 40).all()


def test_the_shown_run_is_as_printed_or_the_first_with_a_late_jump_or_the_best():
    still, jumps = course_of_levels(lambda s: 40), course_of_levels(late)
    assert late_jumps.shown(made_levels([still, jumps])).replicate == 1
    assert late_jumps.shown(made_levels([still, still])).replicate == 0
    assert late_jumps.shown(made_levels([jumps, as_in_the_paper()])).replicate == 1


def test_claims_of_levels_hold_for_the_run_of_the_paper():
    table = verdicts(made_levels([as_in_the_paper(), course_of_levels(late)]))
    assert table["holds"].all()
    assert table.loc["F13.jump", "value"] == 2
    assert table.loc["F13.two", "value"] == table.loc["F13.peak", "value"] == 1
    assert table.loc["F13.drop", "value"] == pytest.approx(1 - 0.002 / PAIR)
    assert table.loc["F13.fall", "value"] == pytest.approx((PAIR - 0.002) / N)
    assert table.loc["F13.loss", "value"] == pytest.approx(1)


def test_a_jump_from_one_level_to_the_next_is_not_the_paper_s_run():
    table = verdicts(made_levels([course_of_levels(late)]))
    for name in ("two", "swap", "peak", "subtle"):
        assert not table.loc[f"F13.{name}", "holds"], name
    assert table.loc["F13.jump", "holds"]


def test_a_late_jump_whose_loss_falls_by_another_amount_fails_the_claims_of_its_drop():
    course = course_of_levels(late)
    half = energy_levels.Course(0, course.step, course.loss / 2, course.D)
    table = verdicts(made_levels([half]))
    assert table.loc["F13.drop", "value"] == pytest.approx(0.5)
    for name in ("drop", "jump", "fall"):
        assert not table.loc[f"F13.{name}", "holds"], name


def test_claims_of_levels_fail_for_runs_without_levels():
    odd = course_of_levels(lambda s: 39)
    smeared = energy_levels.Course(0, odd.step, odd.loss, np.where(odd.D == 0, 0.05, odd.D))
    table = verdicts(made_levels([smeared]))
    for name in (
        "digons",
        "settled",
        "levels",
        "jump",
        "two",
        "swap",
        "peak",
        "subtle",
        "fall",
        "drop",
    ):
        assert not table.loc[f"F13.{name}", "holds"], name


def test_the_share_that_settled_weighs_checkpoints_by_their_steps():
    steps = np.array([4000, 6000, 16_000])
    course = course_of_levels(lambda s: 40, steps)
    course.D[1, :50] = 0.3
    table = verdicts(made_levels([course]))
    assert table.loc["F13.settled", "value"] == pytest.approx((0.5 * 2000 + 10_000) / 12_000)


TIMES = np.unique(np.geomspace(50, 60_000, 100).round().astype(int))


def octahedral_course(turned=20_000, steps=TIMES):
    """Parts at 200, spreads at 3,000, turns at `turned`, all at once; losses in closed form."""
    W, loss = [], []
    stages = theory.one_set_stages()
    for step in steps:
        angle = 60.0 if step >= turned else 0.0
        flat = theory.prism(angle) * ([1, 1, 1] if step >= 3000 else [0.01, 0.01, 1])
        W.append(flat * (1 if step >= 200 else 0.01))
        stage = "nothing" if step < 200 else "components" if step < 3000 else "prism"
        loss.append(
            0.0 if step >= turned else 0.6 * stages[stage] if stage == "prism" else stages[stage]
        )
    return two_sets.Course(0, steps, np.array(loss), np.array(W))


def turned_randomly(W, seed=0):
    return W @ np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]


def test_geometry_of_the_prism_does_not_depend_on_how_it_lies():
    for angle in (0.0, 25.0, 60.0):
        W = turned_randomly(theory.prism(angle))
        assert two_sets.relative_angle(W) == pytest.approx(angle)
        assert two_sets.separation(W) == pytest.approx(2 / np.sqrt(3))
        assert two_sets.spread(W) == pytest.approx(np.sqrt(2 / 3))


def test_the_frame_is_orthonormal_with_the_axis_last():
    W = turned_randomly(theory.prism(10.0))
    frame = two_sets.axes(W)
    assert frame.T @ frame == pytest.approx(np.eye(3))
    assert (W @ frame)[:, 2] == pytest.approx(np.repeat([1, -1], 3) / np.sqrt(3))
    assert (W @ frame)[0, 1] == pytest.approx(0)


def test_only_antipodes_across_the_sets_make_an_octahedron():
    octahedron = turned_randomly(theory.prism(60.0))
    assert two_sets.octahedral(octahedron)
    assert two_sets.octahedral(0.9 * octahedron)
    assert not two_sets.octahedral(theory.prism(50.0))
    assert not two_sets.octahedral(octahedron[[0, 4, 1, 2, 3, 5]])


def test_events_and_shoulder_are_found():
    course = octahedral_course()
    parted, spread, turned = course.events()
    assert 200 <= parted < 220 <= 2800 < spread < 3200 <= 19_000 < turned < 21_500
    shoulder = course.shoulder()
    assert shoulder is not None
    assert course.loss[shoulder] == pytest.approx(0.6 / 720)
    plateau, fall = course.flattest(*two_sets.PLATEAU)
    assert course.loss[plateau] == pytest.approx(1 / 6)
    assert fall == pytest.approx(0)


def test_a_loss_that_falls_straight_through_has_no_shoulder():
    course = octahedral_course()
    straight = two_sets.Course(0, course.step, 1e9 / course.step.astype(float) ** 3, course.W)
    assert straight.shoulder() is None


def made_transformation(courses):
    rows, along = [], []
    for k, course in enumerate(courses):
        a_run, features = run(course.W[-1], 0, experiment="F14", density=1.0, importance=1,
                              replicate=k, rank=k, loss=course.loss[-1])  # fmt: skip
        rows.append((a_run, features))
        along.append(pd.DataFrame({
            "experiment": "F14", "condition": a_run["condition"].iloc[0], "replicate": k,
            "step": np.repeat(course.step, 6), "feature": np.tile(np.arange(6), len(course.step)),
            "loss": np.repeat(course.loss, 6), "W": course.W.reshape(-1, 3).tolist(),
        }))  # fmt: skip
    made = tables(rows)
    return Tables(made.runs, made.features, checkpoints=pd.concat(along, ignore_index=True))


def test_claims_of_the_transformation_hold_for_an_ideal_run():
    straight = octahedral_course(turned=3000)
    made = made_transformation([straight, octahedral_course()])
    table = verdicts(made)
    assert set(table.index[~table["holds"]]) == {"F14.curve.max", "F14.sixty"}
    assert two_sets.shown(made).replicate == 1


def test_a_run_with_the_printed_curve_has_no_distance_from_it_and_another_one_has_its_ratio():
    W = np.tile(theory.prism(60.0), (len(printed_curve.STEPS), 1, 1))
    printed = two_sets.Course(0, printed_curve.STEPS, printed_curve.LOSSES, W)
    assert printed_curve.distances(printed) == pytest.approx(0, abs=1e-7)
    slower = two_sets.Course(0, 10 * printed_curve.STEPS, 0 * printed_curve.LOSSES + 0.001, W)
    assert printed_curve.distances(slower)[0] == pytest.approx(np.hypot(1, np.log10(837)))
    assert printed_curve.distances(slower)[-1] == pytest.approx(np.log10(1 / 0.217))
    table = verdicts(made_transformation([printed]))
    assert table.loc[["F14.curve.median", "F14.curve.max", "F14.sixty"], "holds"].all()


def test_claims_of_the_transformation_fail_for_a_run_that_never_turns():
    table = verdicts(made_transformation([octahedral_course(turned=10**9)]))
    for name in ("octahedron", "loss"):
        assert not table.loc[f"F14.{name}", "holds"], name
    assert table.loc["F14.plateau", "holds"]


def test_a_run_that_spreads_before_it_parts_is_out_of_order():
    course = octahedral_course()
    swapped = two_sets.Course(0, course.step, course.loss, course.W * [1, 1, 1e-3])
    swapped.W[-30:] = course.W[-30:]
    table = verdicts(made_transformation([swapped]))
    assert table.loc["F14.order", "value"] >= 1


def small_print(figure):
    return " ".join(figure._supxlabel.get_text().split())


def test_the_levels_figure_says_which_run_it_shows_and_how_many_jump():
    still, jumping = course_of_levels(lambda s: 40), course_of_levels(late)
    draw = lookup.load("figure", "energy_levels").draw
    figure = draw(made_levels([still, jumping]))
    assert "replicate 1, the first with a late jump" in small_print(figure)
    assert "Of 2 replicates, 1 have a late jump" in small_print(figure)
    assert len(figure.axes[0].lines) == N + 2
    assert "the best by held-out loss" in small_print(draw(made_levels([still, still])))
    assert "the jumps of the paper's figure" in small_print(draw(made_levels([as_in_the_paper()])))
    assert plotting.render(figure, "svg").startswith(b"<?xml")


def test_the_transformation_figure_has_four_snapshots_in_order():
    made = made_transformation([octahedral_course(turned=3000), octahedral_course()])
    figure = lookup.load("figure", "geometric_transformation").draw(made, first=100, second=500)
    titles = [ax.get_title() for ax in figure.axes if ax.get_title()]
    assert [t[0] for t in titles] == ["A", "B", "C", "D"]
    steps = [int(t.split("step ")[1].replace(",", "")) for t in titles]
    assert steps == sorted(steps)
    assert steps[-1] == 60_000
    assert "replicate 1" in small_print(figure)
    assert "1 of 2 replicates" in small_print(figure)
    assert plotting.render(figure, "svg").startswith(b"<?xml")
