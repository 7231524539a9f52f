"""Claims of the phase diagrams, 2 features in 1 dimension (F5) and 3 in 2 (F6)."""

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
    near,
    near_decades,
    ratio_within,
)
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import Correction

SECTION = 'section "Superposition as a Phase Change"'
CLOSED = "theory: the closed forms of the configurations"
OURS = "our tolerance"
FINE_GRID = Correction(
    0,
    0.04,
    "The old range was a cell of our own 51 x 51 grid. Free weights shrink before the phase changes:"
    " quadrature puts the end of the antipodal pair at equal importance at density .71, .094 decade"
    " above the closed forms' 4/7, so no finer grid than that can hold the jump in one cell.",
)
CELL = 0.04
"""The decades between neighbouring densities in the grid of the exact optimum."""
_of_maps = requires(metrics=("feature_norm", "superposition", "phase"))
"""The metrics that `maps.maps` reads."""
SUPERPOSED = feature_phases.NAMES.index("superposition")


@_of_maps
def _agreement(t: Tables, decades: float) -> float:
    """The share of points so far from a boundary, or farther, whose best run is in theory's phase."""
    m = maps.maps(t)
    return maps.agreement(m.phase, m.predicted, maps.far_from_boundary(m, decades))


@_of_maps
def _agreement_three(t: Tables, from_equal: float, from_boundary: float, sparsest: float) -> float:
    """The same for 3 features, so many decades from r = 1 and p*, from density `sparsest` on."""
    m = maps.maps(t)
    r, p = np.log10(m.importance), np.log10(m.density)[:, None]
    level = np.where(r < 0, np.log10(theory.phase_boundary(m.importance)), _PAIR)
    counted = (abs(r) >= from_equal) & (abs(p - level) >= from_boundary)
    counted &= p >= np.log10(sparsest)
    return maps.agreement(m.phase, m.predicted, counted)


@_of_maps
def _off_one(t: Tables, of: str, densest: float) -> float:
    """The largest departure from 1 at equal importance, up to density `densest`."""
    m = maps.maps(t)
    column = getattr(m, of)[m.density <= densest, _nearest(m.importance, 1.0)]
    return float(abs(column - 1).max())


@_of_maps
def _superposed(t: Tables, densest: float) -> float:
    """The share of the points of density up to `densest` that are in superposition."""
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
    """The density at which the best run leaves superposition, between two grid points."""
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
    """The best runs' edge over the exact optimum's."""
    return _edge(t, r) / _exact_edge(t, r)


def _last_below(density: np.ndarray, superposed: np.ndarray) -> float:
    """The density between the last point in superposition and the next one."""
    last = int(np.flatnonzero(superposed).max(initial=-1))
    if not 0 <= last < len(density) - 1:
        return float("nan")
    return float(np.sqrt(density[last] * density[last + 1]))


def _jump_off(t: Tables) -> float:
    """The largest distance, in decades, of the slope jump of the exact smallest loss from the boundary.

    In each column with r != 1, the jump is where L bends down most against log p, between slopes of
    second order from either side.
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
    """The index at which the slope from the right is smallest against that from the left."""
    right = -3 * L[2:-2] + 4 * L[3:-1] - L[4:]
    left = 3 * L[2:-2] - 4 * L[1:-3] + L[:-4]
    return 2 + int((right - left).argmin())


def _triple(t: Tables) -> float:
    """The density at which the three closed forms meet at r = 1, by bisection."""
    low, high = 0.1, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        losses = theory.two_in_one(1.0, middle)
        low, high = (middle, high) if losses["superposition"] < losses["ignored"] else (low, middle)
    return low


def _nearest(axis: np.ndarray, value: float) -> int:
    """The index of the point of an axis that is nearest to a value, by ratio."""
    return int(abs(np.log(axis / value)).argmin())


_PAIR = np.log10(theory.PAIR_DENSITY)


def _two() -> Iterator[Claim]:
    yield make_claim(
        "F5.agreement",
        "The best run's phase is that of the closed forms at {range:%} of the grid points that are"
        " {decades} decades or more from a boundary.",
        at_least(0.95, high=1),
        partial(_agreement, decades=0.1),
        source=f"{CLOSED}; 95 %, {OURS}",
    )
    for name in ("norm", "superposition"):
        yield make_claim(
            "F5.equal.{of}",
            "At equal importance and densities up to {densest}, the extra feature's {of} differs from 1"
            " by {range}.",
            at_most(0.1),
            partial(_off_one, of=name, densest=0.4),
            source=f"{SECTION}: the figure's red at 1x; .1, {OURS}",
        )
    yield make_claim(
        "F5.sparse",
        "At densities up to {densest}, the extra feature is in superposition at every importance.",
        exactly(1),
        partial(_superposed, densest=0.1),
        source=f"{SECTION}: the figure; {CLOSED}",
    )
    yield from _at_density_one()
    yield from _edges()
    yield from _exact()


def _at_density_one() -> Iterator[Claim]:
    claim = partial(make_claim, source=f"{CLOSED}; {OURS}")
    below = "At density 1, the extra feature's {of} is {range} if its importance is below {high}."
    above = "At density 1, the extra feature's {of} is {range} if its importance is above {low}."
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
    for r in (0.1, 10.0):
        yield make_claim(
            "F5.edge.r{r}",
            "At importance {r}, the density at which the best runs leave superposition is {range}.",
            near_decades(0.16, 0.17, 0.02),
            partial(_edge, r=r),
            source=f"{CLOSED}: p* = .16; {SECTION}: the figure's edge",
        )
        yield make_claim(
            "F5.edge.exact.r{r}",
            "At importance {r}, the best runs leave superposition where the exact optimum does: the ratio"
            " of the densities is {range}, a cell of its grid.",
            ratio_within(CELL),
            partial(_edge_over_exact, r=r),
            source="theory: quadrature over free weights and biases",
            theory=("optimum_2_1",),
        )


def _exact() -> Iterator[Claim]:
    claim = partial(make_claim, experiments=(), theory=("optimum_2_1",))
    yield claim(
        "F5.slope",
        "At every importance except 1, the smallest loss over free weights and biases changes slope near"
        " the boundary of the closed forms: the distance in decades is {range}.",
        at_most(fraction(1 / 6)),
        _jump_off,
        source=f"{SECTION}: a first-order phase change; {CLOSED}; a cell of the 13 x 13 grid of the"
        " prototype that the criterion comes from",
        corrections=(FINE_GRID,),
    )
    yield claim(
        "F5.triple",
        "At equal importance, the closed forms of the three phases meet at a density {range}.",
        near(fraction(4 / 7), 1e-9),
        _triple,
        source="theory: v(p) = p^2/3 at p = 4/7",
    )
    yield claim(
        "F5.triple.exact",
        "At equal importance, the exact optimum leaves the symmetric antipodal pair not at density 4/7"
        " but {range}, a cell of its grid, because its weights shrink first.",
        near_decades(0.71, 0.71, CELL),
        partial(_exact_edge, r=1.0),
        source="theory: quadrature of a prototype, which found .71",
    )


def _three() -> Iterator[Claim]:
    yield make_claim(
        "F6.agreement",
        "The best run's phase is that of the closed forms at {range:%} of the grid points of density"
        " {sparsest} or more that are at least {from_equal} decades from equal importance and"
        " {from_boundary} decades from p*.",
        at_least(0.9, high=1),
        partial(_agreement_three, from_equal=0.15, from_boundary=0.1, sparsest=0.02),
        source=f"{CLOSED}; 90 %, {OURS}",
    )


CLAIMS = (*_two(), *_three())
