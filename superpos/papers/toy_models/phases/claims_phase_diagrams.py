"""Claims about the phase diagrams, 2 features in 1 dimension (F5) and 3 in 2 (F6)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.config.needs import requires
from superpos.metrics import feature_phases
from superpos.papers.toy_models.phases import maps
from superpos.tables import Tables
from superpos.verdicts.accepted import (
    at_least,
    at_most,
    exactly,
    fraction,
    near_decades,
    ratio_within,
)
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import REARRANGED, Correction
from superpos.verdicts.statement import Statement

SECTION = 'section "Superposition as a Phase Change"'
CLOSED = "theory: the closed forms of the configurations"
OURS = "our tolerance"
EDGES = (0.1, 10.0)
"""The importances of the second feature at the diagram's edges."""
EDGE_DENSITIES = (0.16, 0.17)
"""The densities at which superposition ends there."""
LATE = 0.71
"""The density at which the exact optimum leaves the symmetric pair, from a prototype."""

DIAGRAM = {
    figure: Statement(
        f"{figure}.diagram",
        "paper",
        f"Trained models of {models} are in the phase that the closed forms predict from the density of"
        " the features and the importance of the last one.",
    )
    for figure, models in (
        ("F5", "2 features in 1 dimension"),
        ("F6", "3 features in 2 dimensions"),
    )
}
MEAN = {
    figure: Statement(
        f"{figure}.mean",
        "paper",
        f"The diagram of {models} shows the phases of the closed forms if ten models are trained at each"
        " point and averaged without the one of highest loss.",
    )
    for figure, models in (
        ("F5", "2 features in 1 dimension"),
        ("F6", "3 features in 2 dimensions"),
    )
}
SPARSE = Statement(
    "F5.sparse",
    "paper",
    "If the two features are sparse, they share the dimension as an antipodal pair, whatever their"
    " relative importance.",
)
AT_DENSITY_ONE = Statement(
    "F5.dense",
    "paper",
    "At density 1, there is no superposition: the dimension belongs to the more important feature, and the"
    " other feature is ignored.",
)
EDGE = Statement(
    "F5.edge",
    "paper",
    f"At the left and right edges of the diagram, where one feature is {EDGES[1]:g} times as important as the"
    f" other, superposition ends at a density of {EDGE_DENSITIES[0]} to {EDGE_DENSITIES[1]}.",
)
EXACT_EDGE = Statement(
    "F5.edge.exact",
    "theory",
    "At the left and right edges of the diagram, the best trained models leave superposition at the density"
    " where the exact optimum over weights and biases leaves it.",
)
FIRST_ORDER = Statement(
    "F5.slope",
    "paper",
    "The smallest possible loss bends most sharply where the losses of the two configurations of the closed"
    " forms cross, as in a phase change of first order.",
)
LATE_END = Statement(
    "F5.triple",
    "theory",
    "At equal importance, the exact optimum leaves the symmetric antipodal pair not at density"
    f" {fraction(theory.PAIR_DENSITY)}, as the closed forms do, but at about {LATE}, because its weights"
    " shrink first.",
)
CELL = 0.04
"""The decades between neighbouring densities in the grid of the exact optimum."""
NARROWED = Correction(
    0,
    1 / 6,
    "The range was first 0.04, a cell of the exact optimum's grid. It was widened because the exact optimum"
    " leaves the antipodal pair later at equal importance. The claim leaves equal importance out, so that"
    " was no reason, and the range is a cell again.",
)
_of_maps = requires(metrics=("feature_norm", "superposition", "phase"))
"""The metrics that `maps.maps` reads."""
SUPERPOSED = feature_phases.NAMES.index("superposition")


@_of_maps
def _agreement(t: Tables, decades: float) -> float:
    """The fraction of points, at least this far from a boundary, whose best run is in the predicted phase."""
    m = maps.maps(t)
    return maps.agreement(m.phase, m.predicted, maps.far_from_boundary(m, decades))


@_of_maps
def _agreement_three(t: Tables, from_equal: float, from_boundary: float, sparsest: float) -> float:
    """The same for 3 features, at points this far from r = 1 and p* whose density is at least `sparsest`."""
    m = maps.maps(t)
    counted = _counted_of_three(m, from_equal, from_boundary, sparsest)
    return maps.agreement(m.phase, m.predicted, counted)


def _counted_of_three(
    m: maps.Maps, from_equal: float, from_boundary: float, sparsest: float
) -> np.ndarray:
    """The points that are far enough from r = 1 and p*, and dense enough."""
    r, p = np.log10(m.importance), np.log10(m.density)[:, None]
    level = np.where(r < 0, np.log10(theory.phase_boundary(m.importance)), _PAIR)
    counted = (abs(r) >= from_equal) & (abs(p - level) >= from_boundary)
    return np.asarray(counted & (p >= np.log10(sparsest)))


@_of_maps
def _mean_agreement(t: Tables, decades: float) -> float:
    """`_agreement` for the mean of nine of ten runs; the phase is read off its norm and superposition."""
    m = maps.maps(t)
    return _mean_looks_right(t, m, maps.far_from_boundary(m, decades))


@_of_maps
def _mean_agreement_three(
    t: Tables, from_equal: float, from_boundary: float, sparsest: float
) -> float:
    """`_agreement_three` for the mean of nine of ten runs."""
    m = maps.maps(t)
    return _mean_looks_right(t, m, _counted_of_three(m, from_equal, from_boundary, sparsest))


def _mean_looks_right(t: Tables, m: maps.Maps, counted: np.ndarray) -> float:
    dedicated, others = (
        feature_phases.NAMES.index(name) for name in ("dedicated", "others_superposed")
    )
    predicted = np.where(m.predicted == others, dedicated, m.predicted)
    return maps.agreement(maps.looks(*maps.mean_of_nine(t)), predicted, counted)


@_of_maps
def _off_one(t: Tables, of: str, densest: float) -> float:
    """The largest deviation from 1 at equal importance, up to density `densest`."""
    m = maps.maps(t)
    column = getattr(m, of)[m.density <= densest, _nearest(m.importance, 1.0)]
    return float(abs(column - 1).max())


@_of_maps
def _superposed(t: Tables, densest: float) -> float:
    """The fraction of the points with a density up to `densest` that are in superposition."""
    m = maps.maps(t)
    return float((m.phase[m.density <= densest * (1 + 1e-6)] == SUPERPOSED).mean())


@_of_maps
def _dense(t: Tables, of: str, low: float, high: float, extreme: str) -> float:
    """The smallest or largest value at density 1 for importance between low and high."""
    m = maps.maps(t)
    row = getattr(m, of)[_nearest(m.density, 1.0)]
    return float(getattr(row[(m.importance > low) & (m.importance < high)], extreme)())


@_of_maps
def _edge(t: Tables, r: float) -> float:
    """The density at which the best run leaves superposition, midway between two grid points."""
    m = maps.maps(t)
    return _last_below(m.density, m.phase[:, _nearest(m.importance, r)] == SUPERPOSED)


def _exact_edge(t: Tables, r: float) -> float:
    """The same for the exact optimum."""
    optimum = t.theory["optimum_2_1"]
    phase = maps.grid(optimum, "phase")
    density, importance = (np.sort(optimum[c].unique()) for c in ("density", "importance"))
    return _last_below(density, phase[:, _nearest(importance, r)] == SUPERPOSED)


@_of_maps
def _edge_over_exact(t: Tables, r: float) -> float:
    """The density of the best runs' edge divided by that of the exact optimum's edge."""
    return _edge(t, r) / _exact_edge(t, r)


def _last_below(density: np.ndarray, superposed: np.ndarray) -> float:
    """The density between the last point in superposition and the next one."""
    last = int(np.flatnonzero(superposed).max(initial=-1))
    if not 0 <= last < len(density) - 1:
        return float("nan")
    return float(np.sqrt(density[last] * density[last + 1]))


def _jump_off(t: Tables) -> float:
    """The largest distance, in decades, between the boundary and the kink of the exact smallest loss.

    In each column with r != 1, the kink is where the slope of L against log p falls most, with one-sided
    slopes of second order.
    """
    optimum = t.theory["optimum_2_1"]
    loss = maps.grid(optimum, "loss")
    density, importance = (np.sort(optimum[c].unique()) for c in ("density", "importance"))
    cell = np.log10(density[1] / density[0])
    columns = [k for k, r in enumerate(importance) if abs(np.log10(r)) > cell / 2]
    jumps = np.array([np.log10(density[_bend(loss[:, k])]) for k in columns])
    boundary = np.log10(theory.phase_boundary(importance[columns]))
    return float(abs(jumps - boundary).max())


def _bend(L: np.ndarray) -> int:
    """The index at which the right-hand slope minus the left-hand slope is smallest."""
    right = -3 * L[2:-2] + 4 * L[3:-1] - L[4:]
    left = 3 * L[2:-2] - 4 * L[1:-3] + L[:-4]
    return 2 + int((right - left).argmin())


def _nearest(axis: np.ndarray, value: float) -> int:
    """The index of the point of an axis that is nearest to a value, by ratio."""
    return int(abs(np.log(axis / value)).argmin())


_PAIR = np.log10(theory.PAIR_DENSITY)


def _two() -> Iterator[Claim]:
    yield make_claim(
        "F5.agreement",
        "Of the grid points that are {decades} decades or more from a boundary, {range:%} have a best run"
        " in the phase of the closed forms.",
        at_least(0.95, high=1),
        partial(_agreement, decades=0.1),
        of=DIAGRAM["F5"],
        source=f"{SECTION}: the figure; {CLOSED}; 95%, {OURS}",
    )
    yield make_claim(
        "F5.mean",
        "Of the grid points that are {decades} decades or more from a boundary, {range:%} look like the"
        " phase of the closed forms in the mean of nine of ten runs, if norm and superposition are cut at"
        " one half.",
        at_least(0.95, high=1),
        partial(_mean_agreement, decades=0.1),
        of=MEAN["F5"],
        source=f"{SECTION}: text and figure; 95%, as for the best run",
        over="all",
    )
    for name in ("norm", "superposition"):
        yield make_claim(
            "F5.equal.{of}",
            "At equal importance and densities up to {densest}, the second feature's {of} differs from 1"
            " by {range}.",
            at_most(0.1),
            partial(_off_one, of=name, densest=0.4),
            of=SPARSE,
            source=f"{SECTION}: the figure is red at 1x; 0.1, {OURS}",
        )
    yield make_claim(
        "F5.sparse",
        "At densities up to {densest}, the second feature is in superposition at every importance.",
        exactly(1),
        partial(_superposed, densest=0.1),
        of=SPARSE,
        source=f"{SECTION}: the figure; {CLOSED}",
    )
    yield from _at_density_one()
    yield from _edges()
    yield from _exact()


def _at_density_one() -> Iterator[Claim]:
    claim = partial(
        make_claim, of=AT_DENSITY_ONE, source=f"{SECTION}: the figure; {CLOSED}; {OURS}"
    )
    below = "At density 1, the second feature's {of} is {range} if its importance is below {high}."
    above = "At density 1, the second feature's {of} is {range} if its importance is above {low}."
    yield claim(
        "F5.dense.ignored",
        below,
        at_most(0.1),
        partial(_dense, of="norm", low=0.0, high=0.7, extreme="max"),
    )
    yield claim(
        "F5.dense.kept",
        above,
        at_least(0.95),
        partial(_dense, of="norm", low=1.5, high=np.inf, extreme="min"),
    )
    yield claim(
        "F5.dense.alone",
        above,
        at_most(0.05),
        partial(_dense, of="superposition", low=1.5, high=np.inf, extreme="max"),
    )


def _edges() -> Iterator[Claim]:
    for r in EDGES:
        yield make_claim(
            "F5.edge.r{r}",
            "At importance {r}, the best runs leave superposition at a density {range}.",
            near_decades(*EDGE_DENSITIES, 0.02),
            partial(_edge, r=r),
            of=EDGE,
            source=f"{SECTION}: the figure's edge; {CLOSED}: p* = {EDGE_DENSITIES[0]}",
        )
        yield make_claim(
            "F5.edge.exact.r{r}",
            "At importance {r}, the ratio of the density at which the best runs leave superposition to the"
            " density at which the exact optimum does is {range}.",
            ratio_within(CELL),
            partial(_edge_over_exact, r=r),
            of=EXACT_EDGE,
            source="theory: quadrature over free weights and biases; a cell of its grid",
            theory=("optimum_2_1",),
        )


def _exact() -> Iterator[Claim]:
    claim = partial(make_claim, experiments=(), theory=("optimum_2_1",))
    yield claim(
        "F5.slope",
        "At every importance except 1, the smallest loss over free weights and biases bends {range} decades"
        " from the boundary of the closed forms.",
        at_most(CELL),
        _jump_off,
        of=FIRST_ORDER,
        source=f"{SECTION}: a first-order phase change; {CLOSED}; a cell of the exact optimum's grid",
        corrections=(NARROWED,),
    )
    yield claim(
        "F5.triple.exact",
        "At equal importance, the exact optimum leaves the symmetric antipodal pair at a density {range}.",
        near_decades(LATE, LATE, CELL),
        partial(_exact_edge, r=1.0),
        of=LATE_END,
        source=f"theory: quadrature of a prototype, which found {LATE}; a cell of the grid",
    )


def _three() -> Iterator[Claim]:
    far = {"from_equal": 0.15, "from_boundary": 0.1, "sparsest": 0.02}
    points = (
        "Of the grid points of density {sparsest} or more that are at least {from_equal} decades from equal"
        " importance and {from_boundary} decades from p*, {range:%}"
    )
    yield make_claim(
        "F6.agreement",
        f"{points} have a best run in the phase of the closed forms.",
        at_least(0.9, high=1),
        partial(_agreement_three, **far),  # type: ignore[arg-type]
        of=DIAGRAM["F6"],
        source=f"{SECTION}: the figure; {CLOSED}; 90%, {OURS}",
        corrections=(Correction(0.9, 1, REARRANGED, code="2ee16803d36d"),),
    )
    yield make_claim(
        "F6.mean",
        f"{points} look like the phase of the closed forms in the mean of nine of ten runs, if norm and"
        " superposition are cut at one half.",
        at_least(0.9, high=1),
        partial(_mean_agreement_three, **far),  # type: ignore[arg-type]
        of=MEAN["F6"],
        source=f"{SECTION}: text; 90%, as for the best run",
        over="all",
    )


CLAIMS = (*_two(), *_three())
