"""Claims of learning dynamics: energy levels (F13) and geometric transformation (F14)."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.config.needs import requires
from superpos.papers.toy_models.dynamics import energy_levels, two_sets
from superpos.tables import Tables
from superpos.verdicts.claim import Claim, Correction

SECTION = 'section "Superposition and Learning Dynamics"'
LEVELS = f'{SECTION}, discrete "energy level" jumps'
TRANSFORMATION = f"{SECTION}, learning as geometric transformation"
"""Dimensionality of the feature that the figure's late jump passes by: .715, within .02."""


def _claim(figure: str, name: str, **fields: object) -> Claim:
    shared = {"figure": figure, "experiments": (figure,), "over": "all", "along": True}
    return Claim(claim=f"{figure}.{name}", **(shared | fields))  # type: ignore[arg-type]


@requires(metrics=("dimensionality",))
def _settled(t: Tables) -> float:
    """Share of dimensionalities within .02 of 0 or 1/2, over features, steps after 5,000 and runs.

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
    """The longest stretch after 5,000 steps, in decades, with an odd number of features at 1/2."""
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
    """Over what a pair saves."""
    return jump.drop / course.pair


@requires(metrics=("dimensionality",))
def _runs_that_peak(t: Tables) -> float:
    """How many runs have a late jump with the peak of the figure."""
    return float(sum(course.peaks() for course in energy_levels.courses(t)))


def _to_all_pairs(t: Tables) -> float:
    """Least final loss over the loss of m antipodal pairs."""
    run = t.runs.iloc[0]
    level = theory.digon_level(float(run["density"]), int(run["n_features"]), int(run["n_hidden"]))
    return float(t.runs["loss"].min()) / level


@requires(metrics=("dimensionality_sum",))
def _packed(t: Tables) -> float:
    """The least sum of dimensionalities over m, of all runs."""
    return float((t.runs["dimensionality_sum"] / t.runs["n_hidden"]).min())


def _levels() -> Iterator[Claim]:
    claim = partial(_claim, "F13")
    yield claim(
        "settled",
        statement="After 5,000 steps, at least 95 % of dimensionalities are within .02 of 0 or 1/2,"
        " over all features, steps and runs.",
        source=f"{LEVELS}: the figure; a prototype",
        measure=_settled,
        low=0.95,
        high=1,
    )
    yield claim(
        "levels",
        statement="Levels are whole pairs: after 5,000 steps, an odd number of features at 1/2 lasts"
        " at most .2 decades of steps.",
        source="theory: a pair is two features at 1/2; transients as short as a jump",
        measure=_longest_odd,
        low=0,
        high=0.2,
    )
    yield claim(
        "jump",
        statement="At least one run has a late jump: after 5,000 steps, in less than .2 decades, two"
        " more features reach 1/2, and the loss falls by what a pair saves, within 30 %.",
        source=f"{LEVELS}: existence over seeds",
        measure=_runs_that_jump,
        low=1,
        high=np.inf,
    )
    yield claim(
        "drop",
        statement="In the run that is shown, the first late jump lowers the loss, a mean over"
        " features, by (v - p^2 / 3) / n, within 30 %.",
        source="theory: a pair in place of one feature's worth; 30 %, our tolerance",
        measure=partial(_of_first_jump, measure=_drop),
        low=0.7,
        high=1.3,
    )
    yield claim(
        "peak",
        statement="At least one run has a late jump in which a feature's dimensionality reaches .715,"
        " within .02, in the half decade to it, before it settles at 1/2.",
        source=f"{LEVELS}: read off the figure, whose line is at 1 / sqrt 2; .02, our tolerance;"
        " existence over seeds",
        measure=_runs_that_peak,
        low=1,
        high=np.inf,
        correction=Correction(
            *energy_levels.PEAK,
            "asked of the run that is shown here, whose peak that range was for; the paper shows"
            " one model that it picked, so what it shows is that there is one: now runs are counted",
        ),
    )
    yield claim(
        "loss",
        statement="The best run ends at the level of m antipodal pairs: its loss is theirs, within"
        " 1 %.",
        source="theory: (1 - 2 m / n) v + (2 m / n) p^2 / 6, a mean over features; 1 %, ours",
        measure=_to_all_pairs,
        along=False,
        low=0.99,
        high=1.01,
    )
    yield claim(
        "packed",
        statement="In every run the dimensionalities sum to .99 m to m at the end.",
        source="theory: at most the rank; equal where efficiently packed",
        measure=_packed,
        along=False,
        low=0.99,
        high=1 + 1e-9,
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
    """The cos of the least antipodal of the pairs across the sets, at the end."""
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
    claim = partial(_claim, "F14")
    shown = "In the run that is shown"
    yield claim(
        "plateau",
        statement=f"{shown}, the loss has a plateau at 1/6, .167 within .02, each set on its"
        " principal component.",
        source=f"theory: 1/6; {TRANSFORMATION}: .168 in the figure; .02, our tolerance",
        measure=partial(_of_shown, measure=_plateau),
        low=1 / 6 - 0.02,
        high=1 / 6 + 0.02,
    )
    yield claim(
        "plateau.median",
        statement="So it has in the median over runs.",
        source="theory: 1/6; .02, our tolerance",
        measure=_median_plateau,
        low=1 / 6 - 0.02,
        high=1 / 6 + 0.02,
    )
    yield claim(
        "shoulder",
        statement=f"{shown}, the loss has a shoulder at 5e-4 to 1.4e-3, two triangles one above the"
        " other.",
        source=f"{TRANSFORMATION}: the figure; theory: 1/720 for the prism not yet turned",
        measure=partial(_of_shown, measure=_shoulder),
        low=5e-4,
        high=1.4e-3,
    )
    yield claim(
        "shoulder.runs",
        statement="At least one run lingers on the shoulder: there the loss falls more slowly than"
        " 1 / step.",
        source=f"{TRANSFORMATION}: existence over seeds",
        measure=_lingering,
        low=1,
        high=np.inf,
    )
    yield claim(
        "order",
        statement=f"{shown}, the sets part along an axis, then spread, then turn: no event is out of"
        " order.",
        source=f"{TRANSFORMATION}: snapshots A to D",
        measure=partial(_of_shown, measure=_out_of_order),
        low=0,
        high=0,
    )
    yield claim(
        "octahedron",
        statement="At least half of the runs end as an octahedron with antipodes across the sets.",
        source=f"{TRANSFORMATION}: snapshot D; other trajectories exist",
        measure=_octahedra,
        low=0.5,
        high=1,
    )
    yield claim(
        "antipodes",
        statement=f"{shown}, the antipodes have cos -1, within .005.",
        source="theory: the octahedron; a prototype; .005, our tolerance",
        measure=partial(_of_shown, measure=_antipodal),
        low=-1 - 1e-9,
        high=-0.995,
    )
    yield claim(
        "norms",
        statement=f"{shown}, the norms end at 1, within .005.",
        source="theory: the octahedron; a prototype; .005, our tolerance",
        measure=partial(_of_shown, measure=_off_unit),
        low=0,
        high=0.005,
    )
    yield claim(
        "bias",
        statement=f"{shown}, the biases end at 0, within .005.",
        source="theory: the octahedron; a prototype; .005, our tolerance",
        measure=_off_zero_bias,
        low=0,
        high=0.005,
    )
    yield claim(
        "loss",
        statement=f"{shown}, the loss ends at 0: below 1e-4, the end of the figure's axis.",
        source="theory: the octahedron where one set is on",
        measure=partial(_of_shown, measure=_last_loss),
        low=0,
        high=1e-4,
    )


CLAIMS = (*_levels(), *_transformation())
