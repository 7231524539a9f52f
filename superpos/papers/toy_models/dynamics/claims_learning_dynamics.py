"""Claims of learning dynamics: energy levels (F13) and geometric transformation (F14)."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.config.needs import requires
from superpos.papers.toy_models.dynamics import energy_levels, two_sets
from superpos.tables import Tables
from superpos.verdicts.accepted import (
    at_least,
    at_most,
    between,
    exactly,
    fraction,
    near,
    within,
)
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import Correction

SECTION = 'section "Superposition and Learning Dynamics"'
LEVELS = f'{SECTION}, discrete "energy level" jumps'
TRANSFORMATION = f"{SECTION}, learning as geometric transformation"
PLATEAU = fraction(1 / 6)
"""The loss of two sets that are each on their principal component."""


@requires(metrics=("dimensionality",))
def _settled(t: Tables) -> float:
    """The share of dimensionalities near 0 or 1/2, over features, late steps and runs.

    A checkpoint stands for the steps since the one before.
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
    """The longest late stretch of steps, in decades, with an odd number of features at 1/2."""
    return max(_odd_stretch(course) for course in energy_levels.courses(t))


def _odd_stretch(course: energy_levels.Course) -> float:
    late = course.step > energy_levels.SETTLED
    steps, odd = course.step[late], course.halves[late] % 2 == 1
    stretches = np.split(np.arange(len(steps)), np.flatnonzero(np.diff(odd)) + 1)
    spans = [np.log10(steps[s[-1]] / steps[s[0]]) for s in stretches if len(s) and odd[s[0]]]
    return float(max(spans, default=0))


@requires(metrics=("dimensionality",))
def _runs_that_jump(t: Tables) -> float:
    """How many runs have a late jump."""
    return float(sum(bool(course.late_jumps()) for course in energy_levels.courses(t)))


@requires(metrics=("dimensionality",))
def _of_first_jump(
    t: Tables, measure: Callable[[energy_levels.Course, energy_levels.Jump], float]
) -> float:
    """A measure of the first late jump of the run that is shown."""
    course = energy_levels.shown(t)
    jumps = course.late_jumps()
    return measure(course, jumps[0]) if jumps else float("nan")


def _drop(course: energy_levels.Course, jump: energy_levels.Jump) -> float:
    """The drop of the loss over what a pair saves."""
    return jump.drop / course.pair


@requires(metrics=("dimensionality",))
def _runs_that_peak(t: Tables) -> float:
    """How many runs have a late jump with the peak of the figure."""
    return float(sum(course.peaks() for course in energy_levels.courses(t)))


def _to_all_pairs(t: Tables) -> float:
    """The smallest final loss over the loss of m antipodal pairs."""
    run = t.runs.iloc[0]
    level = theory.digon_level(float(run["density"]), int(run["n_features"]), int(run["n_hidden"]))
    return float(t.runs["loss"].min()) / level


@requires(metrics=("dimensionality_sum",))
def _packed(t: Tables) -> float:
    """The smallest sum of dimensionalities over m among all runs."""
    return float((t.runs["dimensionality_sum"] / t.runs["n_hidden"]).min())


def _levels() -> Iterator[Claim]:
    late = partial(make_claim, over="all", along=True, start=f"{energy_levels.SETTLED:,}")
    yield late(
        "F13.settled",
        "After {start} steps, {range:%} of the dimensionalities are 0 or 1/2 to within {near}, over all"
        " features, steps and runs.",
        at_least(0.95, high=1),
        _settled,
        source=f"{LEVELS}: the figure; a prototype",
        near=energy_levels.NEAR,
    )
    yield late(
        "F13.levels",
        "Levels are whole pairs: after {start} steps, an odd number of features at 1/2 lasts {range}"
        " decades of steps.",
        at_most(energy_levels.LONGEST),
        _longest_odd,
        source="theory: a pair is two features at 1/2; transients as short as a jump",
    )
    yield late(
        "F13.jump",
        "{range} run has a late jump: after {start} steps, in less than {decades} decades, two more"
        " features reach 1/2, and the loss falls by what a pair saves, to within {part}.",
        at_least(1),
        _runs_that_jump,
        source=f"{LEVELS}: existence over seeds",
        decades=energy_levels.LONGEST,
        part=f"{energy_levels.OF_A_PAIR:.0%}",
    )
    claim = partial(make_claim, over="all", along=True)
    yield claim(
        "F13.drop",
        "In the run that is shown, the first late jump lowers the loss, a mean over features, by"
        " (v - p²/3) / n: the ratio is {range}.",
        near(1, energy_levels.OF_A_PAIR),
        partial(_of_first_jump, measure=_drop),
        source="theory: a pair in place of one feature's worth; 30 %, our tolerance",
    )
    yield claim(
        "F13.peak",
        "{range} run has a late jump before which, within half a decade, a feature's dimensionality"
        " peaks {peak}; then it settles at 1/2.",
        at_least(1),
        _runs_that_peak,
        source=f"{LEVELS}: read off the figure, whose line is at 1 / sqrt 2; .02, our tolerance;"
        " existence over seeds",
        peak=f"{between(*energy_levels.PEAK)}",
        corrections=(
            Correction(
                *energy_levels.PEAK,
                "asked of the run that is shown here, whose peak that range was for; the paper shows"
                " one model that it picked, so what it shows is that there is one: now runs are counted",
            ),
        ),
    )
    yield make_claim(
        "F13.loss",
        "The best run ends at the level of m antipodal pairs: the ratio of its loss to theirs is"
        " {range}.",
        near(1, 0.01),
        _to_all_pairs,
        source="theory: (1 - 2 m / n) v + (2 m / n) p^2 / 6, a mean over features; 1 %, ours",
        over="all",
    )
    yield make_claim(
        "F13.packed",
        "In every run the dimensionalities sum to {range} times m at the end.",
        at_least(0.99, high=1 + 1e-9),
        _packed,
        source="theory: at most the rank; equal where efficiently packed",
        over="all",
    )


def _of_shown(t: Tables, measure: Callable[[two_sets.Course], float]) -> float:
    return float(measure(two_sets.shown(t)))


def _plateau(course: two_sets.Course) -> float:
    return float(course.loss[course.flattest(*two_sets.PLATEAU)[0]])


def _shoulder(course: two_sets.Course) -> float:
    return float(course.loss[course.flattest(*two_sets.SHOULDER)[0]])


def _lingering(t: Tables) -> float:
    """How many runs linger on the shoulder."""
    return float(sum(course.shoulder() is not None for course in two_sets.courses(t)))


def _out_of_order(course: two_sets.Course) -> float:
    """How many of the three events do not come after the one before."""
    return float((np.diff(course.events()) <= 0).sum())


def _octahedra(t: Tables) -> float:
    """The share of runs that end as an octahedron."""
    return float(np.mean([two_sets.octahedral(course.W[-1]) for course in two_sets.courses(t)]))


def _median_plateau(t: Tables) -> float:
    return float(np.median([_plateau(course) for course in two_sets.courses(t)]))


def _antipodal(course: two_sets.Course) -> float:
    """The cosine of the least antipodal of the pairs across the sets, at the end."""
    W = course.W[-1] / np.linalg.norm(course.W[-1], axis=1, keepdims=True)
    return float((W[:3] @ W[3:].T).min(1).max())


def _off_unit(course: two_sets.Course) -> float:
    return float(abs(np.linalg.norm(course.W[-1], axis=1) - 1).max())


def _last_loss(course: two_sets.Course) -> float:
    return float(course.loss[-1])


def _off_zero_bias(t: Tables) -> float:
    shown = two_sets.shown(t).replicate
    return float(t.replicate(shown).features["bias"].abs().max())


def _transformation() -> Iterator[Claim]:
    claim = partial(make_claim, over="all", along=True)
    yield claim(
        "F14.plateau",
        "In the run that is shown, the loss has a plateau {range}, with each set on its principal"
        " component.",
        near(PLATEAU, 0.02),
        partial(_of_shown, measure=_plateau),
        source=f"theory: 1/6; {TRANSFORMATION}: .168 in the figure; .02, our tolerance",
    )
    yield claim(
        "F14.plateau.median",
        "The median over runs of the loss on the plateau is {range}.",
        near(PLATEAU, 0.02),
        _median_plateau,
        source="theory: 1/6; .02, our tolerance",
    )
    yield claim(
        "F14.shoulder",
        "In the run that is shown, the loss has a shoulder {range}, with two triangles one above the"
        " other.",
        between(*two_sets.ON_SHOULDER),
        partial(_of_shown, measure=_shoulder),
        source=f"{TRANSFORMATION}: the figure; theory: 1/720 for the prism not yet turned",
    )
    yield claim(
        "F14.shoulder.runs",
        "{range} run lingers on the shoulder: the loss falls more slowly than 1/step there.",
        at_least(1),
        _lingering,
        source=f"{TRANSFORMATION}: existence over seeds",
    )
    yield claim(
        "F14.order",
        "In the run that is shown, the sets part along an axis, then spread, then turn: {range} event"
        " is out of order.",
        exactly(0),
        partial(_of_shown, measure=_out_of_order),
        source=f"{TRANSFORMATION}: snapshots A to D",
    )
    yield claim(
        "F14.octahedron",
        "{range:%} of the runs end as an octahedron with antipodes across the sets.",
        at_least(0.5, high=1),
        _octahedra,
        source=f"{TRANSFORMATION}: snapshot D; other trajectories exist",
    )
    yield claim(
        "F14.antipodes",
        "In the run that is shown, the cosine of the antipodes is {range} at the end.",
        at_most(-0.995, low=-1 - 1e-9),
        partial(_of_shown, measure=_antipodal),
        source="theory: the octahedron; a prototype; .005, our tolerance",
    )
    yield claim(
        "F14.norms",
        "In the run that is shown, the norms end at 1, {range}.",
        within(0.005),
        partial(_of_shown, measure=_off_unit),
        source="theory: the octahedron; a prototype; .005, our tolerance",
    )
    yield claim(
        "F14.bias",
        "In the run that is shown, the biases end at 0, {range}.",
        within(0.005),
        _off_zero_bias,
        source="theory: the octahedron; a prototype; .005, our tolerance",
    )
    yield claim(
        "F14.loss",
        "In the run that is shown, the loss ends at 0: it is {range}, the end of the figure's axis.",
        at_most(1e-4),
        partial(_of_shown, measure=_last_loss),
        source="theory: the octahedron where one set is on",
    )


CLAIMS = (*_levels(), *_transformation())
