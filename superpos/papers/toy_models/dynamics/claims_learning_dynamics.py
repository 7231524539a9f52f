"""Claims about learning dynamics: energy levels (F13) and geometric transformation (F14)."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.config.needs import requires
from superpos.papers.toy_models.dynamics import energy_levels, late_jumps, printed_curve, two_sets
from superpos.tables import Tables
from superpos.verdicts.accepted import (
    at_least,
    at_most,
    between,
    exactly,
    fraction,
    near,
    near_decades,
    to_within,
)
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import REARRANGED, Correction
from superpos.verdicts.statement import Statement

SECTION = 'section "Superposition and Learning Dynamics"'
LEVELS = f'{SECTION}, discrete "energy level" jumps'
TRANSFORMATION = f"{SECTION}, learning as geometric transformation"
OF_A_PAIR = 0.3
"""The accepted relative difference between the loss drop of a late jump and that of one more pair."""
ADDS_A_PAIR = (0.05352, 0.0531)
"""The levels of the figure's loss before and after the late jump that adds a pair."""
PLATEAU = fraction(1 / 6)
"""The loss of two sets that are each on their principal component."""
PRINTED_PLATEAU = 0.168
SHOULDER = between(*two_sets.ON_SHOULDER)
LOSS_AT_LAST = 1.7e-4
"""The loss at the last step of the figure of learning as geometric transformation."""

DIGONS = Statement(
    "F13.digons",
    "paper",
    "The paper shows a model in which every feature that is learned ends in an antipodal pair, with"
    " dimensionality 1/2.",
)
LATE = Statement(
    "F13.jump",
    "paper",
    "Long after most features have settled, an antipodal pair is gained at once, and the loss drops.",
)
RISE = Statement(
    "F13.peak",
    "paper",
    "Before such a late jump, a feature that had dimensionality 1/2 rises to about 1/√2.",
)
TWO = Statement("F13.two", "paper", "Two late jumps follow each other in one run.")
SWAP = Statement(
    "F13.swap",
    "paper",
    "As features jump they swap places: one leaves dimensionality 1/2 while another arrives there.",
)
SUBTLE = Statement(
    "F13.subtle",
    "paper",
    "The loss drops at both late jumps, very little at the first and more at the second.",
)
FALL = Statement(
    "F13.fall",
    "paper",
    f"The late jump that adds a pair lowers the loss by as much as in the figure, from {ADDS_A_PAIR[0]} to"
    f" {ADDS_A_PAIR[1]}; the levels themselves depend on the density, which the paper does not give.",
)
SAVED = Statement(
    "F13.drop",
    "theory",
    "A late jump that adds one antipodal pair lowers the loss, summed over features, by v − p²/3, where"
    " v = p/3 − p²/4 is the variance of a feature.",
)
PAIRS = Statement(
    "F13.levels",
    "theory",
    "Features reach dimensionality 1/2 in pairs, so an odd number of them does not last.",
)
LOWEST = Statement(
    "F13.loss",
    "theory",
    "The loss of a model of m antipodal pairs is (1 − 2m/n) v + (2m/n) p²/6, and the best run reaches it.",
)
MOSTLY = Statement(
    "F13.settled",
    "ours",
    f"After {energy_levels.SETTLED:,} steps nearly all features have dimensionality 0 or 1/2.",
)
FULL = Statement("F13.packed", "ours", "All hidden dimensions are used at the end of every run.")
PARTED = Statement(
    "F14.plateau",
    "paper",
    f"As the two sets part along one axis, the loss pauses on a plateau at {PRINTED_PLATEAU}; theory gives"
    f" {PLATEAU}.",
)
TRIANGLES = Statement(
    "F14.shoulder",
    "paper",
    f"When each set has spread into a triangle, the loss lingers on a shoulder {SHOULDER}.",
)
ORDER = Statement(
    "F14.order",
    "paper",
    "The two sets first part along an axis, then each spreads into a triangle, then the triangles turn.",
)
OCTAHEDRON = Statement(
    "F14.octahedron",
    "paper",
    "The features end as an octahedron, with each feature opposite to one of the other set.",
)
OPTIMUM = Statement(
    "F14.optimum",
    "theory",
    "An octahedron with norms of 1 and biases of 0 has no loss if exactly one of the two sets is on.",
)
CURVE = Statement(
    "F14.curve",
    "paper",
    f"The loss follows the curve that the paper prints, from step {printed_curve.STEPS[0]} to step"
    f" {printed_curve.STEPS[-1]:,}.",
)
SIXTY = Statement(
    "F14.sixty",
    "paper",
    f"After {printed_curve.LAST:,} steps the loss is about {LOSS_AT_LAST:g}, so the triangles still turn.",
)


@requires(metrics=("dimensionality",))
def _settled(t: Tables) -> float:
    """The fraction of dimensionalities near 0 or 1/2, among all features, late steps and runs.

    A checkpoint is weighted by the number of steps since the one before.
    """
    shares = []
    for course in energy_levels.courses(t):
        near = np.minimum(abs(course.D), abs(course.D - 0.5)) < energy_levels.NEAR
        late = course.step > energy_levels.SETTLED
        stands_for = np.diff(course.step, prepend=0)
        shares.append(np.average(near.mean(1)[late], weights=stands_for[late]))
    return float(np.mean(shares))


@requires(metrics=("dimensionality",))
def _longest_odd(t: Tables) -> float:
    """The longest range of late steps, in decades, with an odd number of features at 1/2."""
    return max(_odd_stretch(course) for course in energy_levels.courses(t))


def _odd_stretch(course: energy_levels.Course) -> float:
    late = course.step > energy_levels.SETTLED
    steps, odd = course.step[late], course.halves[late] % 2 == 1
    stretches = np.split(np.arange(len(steps)), np.flatnonzero(np.diff(odd)) + 1)
    spans = [np.log10(steps[s[-1]] / steps[s[0]]) for s in stretches if len(s) and odd[s[0]]]
    return float(max(spans, default=0))


def _pair(t: Tables) -> float:
    """By how much a pair lowers the loss more than a single feature does: v - p² / 3, summed over
    features."""
    density = float(t.runs["density"].iloc[0])
    return float(theory.variance(density) - density**2 / 3)


@requires(metrics=("dimensionality",))
def _digons(t: Tables) -> float:
    """How many runs end with every dimensionality at 0 or 1/2."""
    ends = (course.D[-1] for course in energy_levels.courses(t))
    near = [np.minimum(abs(D), abs(D - 0.5)) < energy_levels.NEAR for D in ends]
    return float(sum(own.all() for own in near))


@requires(metrics=("dimensionality",))
def _runs(t: Tables, such: Callable[[energy_levels.Course], bool]) -> float:
    """The number of runs whose course satisfies `such`."""
    return float(sum(such(course) for course in energy_levels.courses(t)))


def _peaks(course: energy_levels.Course) -> bool:
    return any(jump.peaks for jump in late_jumps.late_jumps(course))


def _swaps(course: energy_levels.Course) -> bool:
    return any(rise.swaps for rise in late_jumps.rises(course))


@requires(metrics=("dimensionality",))
def _runs_that_jump(t: Tables) -> float:
    """The number of runs with a late jump that lowers the loss by as much as a pair does."""
    drops = (
        [j.drop / _pair(t) for j in late_jumps.late_jumps(c)] for c in energy_levels.courses(t)
    )
    return float(sum(any(abs(drop - 1) <= OF_A_PAIR for drop in own) for own in drops))


@requires(metrics=("dimensionality",))
def _of_first_jump(t: Tables, measure: Callable[[Tables, late_jumps.Jump], float]) -> float:
    """A measure of the first late jump of the run that is shown."""
    jumps = late_jumps.late_jumps(late_jumps.shown(t))
    return measure(t, jumps[0]) if jumps else float("nan")


def _relative_drop(t: Tables, jump: late_jumps.Jump) -> float:
    return jump.drop / _pair(t)


def _mean_drop(t: Tables, jump: late_jumps.Jump) -> float:
    return jump.drop / float(t.runs["n_features"].iloc[0])


@requires(metrics=("dimensionality",))
def _first_over_second(t: Tables) -> float:
    """The drop of the loss at the first late rise divided by that at the second, if both are drops."""
    drops = [rise.drop for rise in late_jumps.rises(late_jumps.shown(t))]
    both = len(drops) >= 2 and min(drops[:2]) > 0
    return drops[0] / drops[1] if both else float("nan")


def _to_all_pairs(t: Tables) -> float:
    """The smallest final loss divided by the loss of m antipodal pairs."""
    run = t.runs.iloc[0]
    n, m = int(run["n_features"]), int(run["n_hidden"])
    if n < 2 * m:
        return float("nan")
    level = theory.digon_level(float(run["density"]), n, m)
    return float(t.runs["loss"].min()) / level


@requires(metrics=("dimensionality_sum",))
def _packed(t: Tables) -> float:
    """The smallest value, among all runs, of the sum of dimensionalities divided by m."""
    return float((t.runs["dimensionality_sum"] / t.runs["n_hidden"]).min())


def _apart(low: float, high: float, code: str, before: str) -> Correction:
    return Correction(
        low,
        high,
        "a late jump adds a pair, whose two features may reach 1/2 at neighbouring checkpoints, and that was"
        " counted as two jumps. The paper's jumps end and begin 9,000 steps apart, with a level between"
        " them, and a level is three checkpoints here.",
        before,
        code,
    )


def _of_shown_before(low: float, high: float, code: str) -> Correction:
    return _apart(low, high, code, "the same, and jumps without a level between them chose the run")


ANY_GAP = "the same, but no level had to lie between the jumps"


_PEAK_BEFORE = (
    Correction(
        *late_jumps.PEAK,
        "the feature no longer had to be at 1/2, for no reason that was given",
        before="the peak of a feature at 1/2, before the first late jump of the run that is shown",
    ),
    Correction(
        *late_jumps.PEAK,
        "the paper shows one model that it picked, so what it shows is that there is one, and runs are"
        " counted; the run that passed was then also the one that was drawn",
        before="the peak of any feature, before the first late jump of the run that is shown",
    ),
    Correction(
        1,
        np.inf,
        "in the paper's figure the feature that rises was at 1/2, as the claim said when it was first"
        " written",
        before="the number of runs in which any feature peaks",
        code="dd0e3f430a07",
    ),
)
_DROP_BEFORE = (
    Correction(
        1 - OF_A_PAIR,
        1 + OF_A_PAIR,
        "the drop was made a part of the definition of a late jump, for no reason that was given, so that"
        " the claim could not fail",
        before="what it is now",
    ),
    Correction(
        1 - OF_A_PAIR,
        1 + OF_A_PAIR,
        "a late jump is defined without its drop again, so that the claim can fail",
        before="the drop of a jump that was chosen by its drop",
        code="433299953f3f",
    ),
    _of_shown_before(1 - OF_A_PAIR, 1 + OF_A_PAIR, "2f0be050aad1"),
)


_along = partial(make_claim, over="all", along=True)
_late = partial(_along, start=energy_levels.SETTLED)


def _levels() -> Iterator[Claim]:
    yield _along(
        "F13.digons",
        "{range} run ends with every dimensionality within {near} of 0 or 1/2.",
        at_least(1),
        _digons,
        of=DIGONS,
        source=f"{LEVELS}: the text; the paper picked one model",
        near=energy_levels.NEAR,
    )
    yield _late(
        "F13.settled",
        "After {start} steps, {range:%} of the dimensionalities are within {near} of 0 or 1/2, over all"
        " features, steps and runs.",
        at_least(0.95, high=1),
        _settled,
        of=MOSTLY,
        source="a prototype",
        near=energy_levels.NEAR,
        corrections=(Correction(0.95, 1, REARRANGED, code="38562f61b9a5"),),
    )
    yield _late(
        "F13.levels",
        "After {start} steps, an odd number of features at 1/2 lasts {range} decades of steps.",
        at_most(energy_levels.LONGEST),
        _longest_odd,
        of=PAIRS,
        source="theory: a pair is two features at 1/2; transients as short as a jump",
        corrections=(Correction(0, energy_levels.LONGEST, REARRANGED, code="b4f92d33137b"),),
    )


def _jumps() -> Iterator[Claim]:
    quick = {"decades": energy_levels.LONGEST, "below": late_jumps.UNLEARNED}
    yield _late(
        "F13.jump",
        "{range} run has a late jump: after {start} steps, in less than {decades} decades, two more"
        " features reach 1/2, and the loss falls by what a pair saves, to within {part}.",
        at_least(1),
        _runs_that_jump,
        of=LATE,
        source=f"{LEVELS}: the figure; the paper picked one model",
        decades=energy_levels.LONGEST,
        part=f"{OF_A_PAIR:.0%}",
        corrections=(
            Correction(
                1,
                np.inf,
                "a late jump is defined without its drop again, as it was when the claim was first"
                " written, and the claim asks for the drop itself; it measures the same",
                code="31d1fbc2360e",
            ),
        ),
    )
    yield _late(
        "F13.two",
        "{range} run has two late jumps with a level of {held} checkpoints or more between them: in each,"
        " after {start} steps and in less than {decades} decades, a feature rises from below {below} to 1/2.",
        at_least(1),
        partial(_runs, such=late_jumps.twice),
        of=TWO,
        held=late_jumps.HELD,
        source=f"{LEVELS}: the figure, at steps 18,000 to 21,000 and 30,000 to 33,000",
        corrections=(_apart(1, np.inf, "f8068c8576c6", ANY_GAP),),
        **quick,
    )
    yield _late(
        "F13.swap",
        "{range} run has a late jump in which features swap places: after {start} steps, a feature rises"
        " from below {below} to 1/2 in less than {decades} decades, while another one that was at 1/2"
        " moves more than {away} away from it.",
        at_least(1),
        partial(_runs, such=_swaps),
        of=SWAP,
        source=f"{LEVELS}: the text; the figure's first jump",
        away=late_jumps.AWAY,
        corrections=(_apart(1, np.inf, "9fe03c05f156", ANY_GAP),),
        **quick,
    )
    yield _along(
        "F13.peak",
        "{range} run has a late jump before which, within half a decade, a feature whose dimensionality"
        " is 1/2 rises to {peak}.",
        at_least(1),
        partial(_runs, such=_peaks),
        of=RISE,
        source=f"{LEVELS}: 0.715, read off the figure, whose line is at 1/√2; 0.02 is our tolerance; the"
        " paper picked one model",
        peak=f"{between(*late_jumps.PEAK)}",
        corrections=_PEAK_BEFORE,
    )


def _drops() -> Iterator[Claim]:
    yield _along(
        "F13.subtle",
        "In the run that is shown, the first of two late jumps lowers the loss by {range} times as much"
        " as the second.",
        at_most(0.5),
        _first_over_second,
        of=SUBTLE,
        source=f"{LEVELS}: the text; in the figure the loss falls by 0.00002, then by 0.00042",
        corrections=(_apart(0, 0.5, "9cc8d7b815d5", ANY_GAP),),
    )
    yield _along(
        "F13.fall",
        "In the run that is shown, the first late jump that adds a pair lowers the loss, a mean over"
        " features, by an amount {range}.",
        near(round(ADDS_A_PAIR[0] - ADDS_A_PAIR[1], 5), 0.0001),
        partial(_of_first_jump, measure=_mean_drop),
        of=FALL,
        source=f"{LEVELS}: the figure; each level is read to 2% of its axis, 0.00006",
        corrections=(_of_shown_before(0.00032, 0.00052, "a56a32b72e75"),),
    )
    yield _along(
        "F13.drop",
        "In the run that is shown, the drop of the loss at the first late jump that adds a pair, over what a"
        " pair saves, is {range}.",
        near(1, OF_A_PAIR),
        partial(_of_first_jump, measure=_relative_drop),
        of=SAVED,
        source="theory: a pair takes the place of one feature; 30% is our tolerance",
        corrections=_DROP_BEFORE,
    )


def _ends() -> Iterator[Claim]:
    yield make_claim(
        "F13.loss",
        "The ratio of the best run's loss to that of m antipodal pairs is {range}.",
        near(1, 0.01),
        _to_all_pairs,
        of=LOWEST,
        source="theory, for the loss; 1% is our tolerance",
        over="all",
        corrections=(Correction(0.99, 1.01, REARRANGED, code="3265086e7cf6"),),
    )
    yield make_claim(
        "F13.packed",
        "In every run the dimensionalities sum to {range} times m at the end.",
        at_least(0.99, high=1 + 1e-9),
        _packed,
        of=FULL,
        source="theory: the sum is at most m, the rank of W; 1% is our tolerance",
        over="all",
    )


def _of_shown(t: Tables, measure: Callable[[two_sets.Course], float]) -> float:
    return float(measure(two_sets.shown(t)))


def _plateau(course: two_sets.Course) -> float:
    return float(course.loss[course.flattest(*two_sets.PLATEAU)[0]])


def _lingering(t: Tables) -> float:
    """How many runs linger on the shoulder."""
    return float(sum(course.shoulder() is not None for course in two_sets.courses(t)))


def _out_of_order(course: two_sets.Course) -> float:
    """How many of the three events fail to come after the event before."""
    return float((np.diff(course.events()) <= 0).sum())


def _octahedra(t: Tables) -> float:
    """The share of runs that end as an octahedron."""
    return float(np.mean([two_sets.octahedral(course.W[-1]) for course in two_sets.courses(t)]))


def _median_plateau(t: Tables) -> float:
    return float(np.median([_plateau(course) for course in two_sets.courses(t)]))


def _off_unit(course: two_sets.Course) -> float:
    return float(abs(np.linalg.norm(course.W[-1], axis=1) - 1).max())


def _last_loss(course: two_sets.Course) -> float:
    return float(course.loss[-1])


def _typical_distance(course: two_sets.Course) -> float:
    return float(np.median(printed_curve.distances(course)))


def _largest_distance(course: two_sets.Course) -> float:
    return float(printed_curve.distances(course).max())


def _loss_at_sixty(course: two_sets.Course) -> float:
    return float(course.loss[course.at(printed_curve.LAST)])


def _off_zero_bias(t: Tables) -> float:
    shown = two_sets.shown(t).replicate
    return float(t.replicate(shown).features["bias"].abs().max())


def _transformation() -> Iterator[Claim]:
    yield _along(
        "F14.plateau",
        "In the run that is shown, the loss has a plateau {range}.",
        near(PLATEAU, 0.02),
        partial(_of_shown, measure=_plateau),
        of=PARTED,
        source=f"{TRANSFORMATION}: {PRINTED_PLATEAU} in the figure; theory: {PLATEAU}; 0.02 is our tolerance",
    )
    yield _along(
        "F14.plateau.median",
        "The median over all runs of the loss on the plateau is {range}.",
        near(PLATEAU, 0.02),
        _median_plateau,
        of=PARTED,
        source=f"{TRANSFORMATION}: {PRINTED_PLATEAU} in the figure; theory: {PLATEAU}; 0.02 is our tolerance",
    )
    yield _along(
        "F14.shoulder.runs",
        "{range} run lingers on a shoulder {shoulder}: its loss falls more slowly there than 1/step.",
        at_least(1),
        _lingering,
        of=TRIANGLES,
        source=f"{TRANSFORMATION}: the figure, of one model that the paper picked",
        shoulder=f"{SHOULDER}",
    )
    yield _along(
        "F14.order",
        "In the run that is shown, {range} event is out of order: the sets part along an axis, then spread,"
        " then turn.",
        exactly(0),
        partial(_of_shown, measure=_out_of_order),
        of=ORDER,
        source=f"{TRANSFORMATION}: snapshots A to D",
    )
    yield _along(
        "F14.octahedron",
        "{range:%} of all runs end as an octahedron with each feature opposite to one of the other set.",
        at_least(0.5, high=1),
        _octahedra,
        of=OCTAHEDRON,
        source=f"{TRANSFORMATION}: snapshot D; other trajectories exist",
    )
    yield _along(
        "F14.norms",
        "In the run that is shown, all norms end at 1, {range}.",
        to_within(0.005),
        partial(_of_shown, measure=_off_unit),
        of=OPTIMUM,
        source="theory; 0.005 is our tolerance",
    )
    yield _along(
        "F14.bias",
        "In the run that is shown, all biases end at 0, {range}.",
        to_within(0.005),
        _off_zero_bias,
        of=OPTIMUM,
        source="theory; 0.005 is our tolerance",
    )
    yield _along(
        "F14.loss",
        "In the run that is shown, the loss is {range} at the end.",
        at_most(1e-4),
        partial(_of_shown, measure=_last_loss),
        of=OPTIMUM,
        source="theory: 0; the end of the figure's axis",
    )
    for name, words, tolerance, measure, reason in (
        ("median", "the median distance", 0.1, _typical_distance, ", read to 2% of each axis"),
        ("max", "the largest distance", 0.3, _largest_distance, "; a factor of 2 is our tolerance"),
    ):
        yield _along(
            "F14.curve.{name}",
            "In the run that is shown, {words} of the paper's points from our loss curve is {range} decades,"
            " on logarithmic axes.",
            at_most(tolerance),
            partial(_of_shown, measure=measure),
            of=CURVE,
            source=f"{TRANSFORMATION}: the figure{reason}",
            name=name,
            words=words,
        )
    yield _along(
        "F14.sixty",
        "In the run that is shown, the loss after {steps} steps is {range}.",
        near_decades(LOSS_AT_LAST, LOSS_AT_LAST, 0.3),
        partial(_of_shown, measure=_loss_at_sixty),
        of=SIXTY,
        source=f"{TRANSFORMATION}: the figure; a factor of 2 is our tolerance",
        steps=printed_curve.LAST,
    )


CLAIMS = (*_levels(), *_jumps(), *_drops(), *_ends(), *_transformation())
