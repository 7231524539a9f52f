"""Claims about uniform superposition, n = 400, m = 30: dimensions per feature (F7), geometry (F8)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.metrics.graph import EDGE
from superpos.papers.toy_models import recipe as notebook
from superpos.papers.toy_models.geometry.digitised import DIMENSIONS_PER_FEATURE
from superpos.papers.toy_models.geometry.nearest_condition import nearest
from superpos.tables import Tables
from superpos.theory.crossing import crossing
from superpos.verdicts.accepted import (
    at_least,
    at_most,
    between,
    fraction,
    near,
    to_within,
)
from superpos.verdicts.claim import Claim, Where, make_claim
from superpos.verdicts.correction import Correction
from superpos.verdicts.measures import EXTREMES, column, n_hidden
from superpos.verdicts.statement import Statement

SECTION = 'section "The Geometry of Superposition", uniform superposition'
FIGURE = f"{SECTION}: read off the figure"
DIGITISED = dict(map(tuple, DIMENSIONS_PER_FEATURE.tolist()))
STEEP = "to 0.06 where the curve is steep, which moves with the length of training, our tolerance"
READING = "to 0.03, our tolerance for reading it"
PLATEAU = (2.5, 3.5)
DEDICATED_TO = 1.2
"""The 1 / (1 - S) up to which D* stays near 1."""
SMALL_LEAD = (1.2, 1.5)
"""The 1 / (1 - S) between which the lead of tetrahedra and triangles is asked."""
LEADS = (0.01, 0.05)
"""The least and the largest lead there."""
TETRAHEDRA_AT, TRIANGLES_AT, MIXED_AT = 1.26, 1.68, 4.3
"""The 1 / (1 - S) of three of the figure's graphs."""
DIGONS_AT = (2.2, 3.5)
"""The 1 / (1 - S) between which the features are digons."""
IN_GROUPS = (5, 9.1)
"""The 1 / (1 - S) at which the printed D* is less than that of pairs to tetrahedra, and of all polytopes."""
BAND = 6.0
"""The 1 / (1 - S) from which on the dimensionalities are one band."""
CORNER = 0.1
"""How far the product of two corners of a tetrahedron may be from -1/3."""
CLUSTERS = f"{SECTION}, feature dimensionality: the figure's clusters"
GRAPHS = f"{SECTION}, the feature geometry graphs"
POLYTOPE = "theory: k unit vectors that span d dimensions as a tight frame have D = d / k"

DENSE = Statement(
    "F7.dense",
    "paper",
    "Without sparsity, every represented feature has a dimension of its own: D* = m/‖W‖²_F is 1, and it"
    f" stays near 1 up to 1/(1 − S) = {DEDICATED_TO}.",
)
CURVE = Statement(
    "F7.curve", "paper", "D* = m/‖W‖²_F follows the printed curve from 1/(1 − S) = 1 to 10."
)
HALF = Statement(
    "F7.plateau",
    "paper",
    f"From 1/(1 − S) = {PLATEAU[0]} to {PLATEAU[1]}, D* stays at 1/2: two features share each dimension.",
)
SIZE = Statement(
    "F7.size",
    "paper",
    "The number of features n makes no difference to D* if it is much larger than m.",
)
DOUBLING = Statement("F7.doubling", "paper", "Doubling m doubles ‖W‖²_F.")
PAIRS = Statement(
    "F7.gain",
    "theory",
    "Per dimension, digons save more loss than triangles from 1/(1 − S) = 1.55 on, and square antiprisms more"
    " than pentagons from 5 on.",
)
LEAD = Statement(
    "F7.gain.lead",
    "theory",
    f"From 1/(1 − S) = {SMALL_LEAD[0]} to {SMALL_LEAD[1]}, tetrahedra or triangles save only"
    f" {LEADS[0]:.0%} to {LEADS[1]:.0%} more loss per dimension than a feature with a dimension of its own.",
)
TETRAHEDRA = Statement(
    "F8.tetrahedra",
    "paper",
    f"At 1/(1 − S) = {TETRAHEDRA_AT}, the features form tetrahedra, four features in three dimensions each.",
)
TRIANGLES = Statement(
    "F8.triangles",
    "paper",
    f"At 1/(1 − S) = {TRIANGLES_AT}, the features form triangles, three features in two dimensions, and"
    " digons.",
)
DIGONS = Statement(
    "F8.digons",
    "paper",
    f"From 1/(1 − S) = {DIGONS_AT[0]} to {DIGONS_AT[1]}, the features form digons, pairs that share a"
    " dimension.",
)
PENTAGONS = Statement(
    "F8.pentagons",
    "paper",
    "Near 1/(1 − S) = 4, some features form pentagons, five features in two dimensions.",
)
ANTIPRISMS = Statement(
    "F8.antiprisms",
    "paper",
    "Near 1/(1 − S) = 4.5, some features form square antiprisms, eight features in three dimensions.",
)
MIXED = Statement(
    "F8.mixed",
    "paper",
    f"At 1/(1 − S) = {MIXED_AT}, digons are left, beside a cloud of features that form no polytope.",
)
LARGE_GROUPS = Statement(
    "F8.groups",
    "theory",
    "The printed D* is less than the dimensionality of features in pairs, triangles and tetrahedra at"
    f" 1/(1 − S) = {IN_GROUPS[0]}, so that features are in larger groups there. At {IN_GROUPS[1]} it is less"
    " than that of any of the polytopes, so that they are in groups of more than eight.",
)
BAND_OF_ALL = Statement(
    "F8.band",
    "paper",
    f"From 1/(1 − S) = {BAND:g} on, the dimensionalities of the represented features form one band around"
    " D*.",
)
NO_BASIS = Statement(
    "F8.dense",
    "paper",
    "Without sparsity, nothing makes the basis dimensions special: the model keeps a random subspace, and"
    " the dimensionalities of the features scatter.",
)
PACKED = Statement(
    "F8.sum",
    "theory",
    "The dimensionalities of all features add up to m, which is the most that they can.",
)


def _curve(t: Tables) -> tuple[np.ndarray, np.ndarray]:
    """1 / (1 - S), ascending, and D* of each condition."""
    runs = t.runs.sort_values("density", ascending=False)
    return 1 / runs["density"].to_numpy(float), runs["dimensions_per_feature"].to_numpy(float)


@requires(metrics=("dimensions_per_feature",))
def _dimensions_at(t: Tables, x: float) -> float:
    """D* at 1 / (1 - S) = x, interpolated between the nearest conditions on a log axis."""
    where, value = _curve(t)
    return float(np.interp(np.log(x), np.log(where), value, left=np.nan, right=np.nan))


@requires(metrics=("dimensions_per_feature",))
def _extreme(t: Tables, low: float, high: float, extreme: str) -> float:
    """The smallest or largest D* of the conditions with 1 / (1 - S) from low to high."""
    where, value = _curve(t)
    inside = value[(where >= low - 1e-6) & (where <= high + 1e-6)]
    return float(getattr(inside, extreme)()) if len(inside) else float("nan")


@requires(metrics=("dimensions_per_feature",))
def _off_paper(t: Tables, low: float, high: float) -> float:
    """The largest distance of our curve from the printed points with 1 / (1 - S) from low to high."""
    inside = {x: value for x, value in DIGITISED.items() if low <= x <= high}
    return max(float(abs(_dimensions_at(t, x) - value)) for x, value in inside.items())


@requires(metrics=("dimensions_per_feature",))
def _off_size(t: Tables, n: int, m: int) -> float:
    """The largest difference in D* from n = 400, m = 30 over the other size's plateau."""
    other, main = t.of("F7_sizes").where(n_features=n, n_hidden=m), t.of("F7")
    where, value = _curve(other)
    inside = (where >= PLATEAU[0]) & (where <= PLATEAU[1])
    if not inside.any() or not len(main.runs):
        return float("nan")
    pairs = zip(where[inside], value[inside], strict=True)
    return max(float(abs(d - _dimensions_at(main, x))) for x, d in pairs)


@requires(metrics=("dimensions_per_feature",))
def _doubling(t: Tables) -> float:
    """The mean ratio of ‖W‖_F² at m = 30 to that at m = 15 over the plateau, n = 400."""
    where, half = _curve(t.of("F7_sizes").where(n_features=400, n_hidden=15))
    inside = (where >= PLATEAU[0]) & (where <= PLATEAU[1])
    full = np.array([_dimensions_at(t.of("F7"), x) for x in where[inside]])
    return float((30 / full / (15 / half[inside])).mean()) if inside.any() else float("nan")


def represented(t: Tables, low: float, high: float) -> np.ndarray:
    """D_i of the represented features of all conditions with 1 / (1 - S) from low to high."""
    features = t.features[t.features["component_size"] > 0]
    x = 1 / features["density"].to_numpy(float)
    inside = (x >= low - 1e-6) & (x <= high + 1e-6)
    return np.asarray(features["dimensionality"][inside], float)


@requires(metrics=("component_size", "dimensionality"))
def _share(t: Tables, low: float, high: float, centre: float, off: float) -> float:
    """The share of represented D_i within `off` of `centre`."""
    D = represented(t, low, high)
    return float((abs(D - centre) <= off).mean()) if len(D) else float("nan")


@requires(metrics=("component_size", "dimensionality"))
def _count(t: Tables, low: float, high: float, centre: float, off: float) -> float:
    """How many represented D_i are within `off` of `centre`."""
    return float((abs(represented(t, low, high) - centre) <= off).sum())


@requires(metrics=("component_size", "dimensionality", "dimensions_per_feature"))
def _from_band(t: Tables) -> float:
    """The largest |mean D_i - D*| over the conditions with 1 / (1 - S) of at least BAND."""
    where, value = _curve(t)
    sparse = [(x, d) for x, d in zip(where, value, strict=True) if x >= BAND - 1e-6]
    return max((abs(represented(t, x, x).mean() - d) for x, d in sparse), default=float("nan"))


@requires(metrics=("component_size", "dimensionality", "dimensions_per_feature"))
def _widest_gap(t: Tables) -> float:
    """The largest gap between neighbouring D_i of a condition, for 1 / (1 - S) of at least BAND."""
    where = [x for x in _curve(t)[0] if x >= BAND - 1e-6]
    return max((np.diff(np.sort(represented(t, x, x))).max() for x in where), default=float("nan"))


@requires(metrics=("dimensionality_sum",))
def _sum(t: Tables, extreme: str) -> float:
    """The sum of D_i divided by m: the smallest or largest value over the conditions."""
    return float(getattr(t.runs["dimensionality_sum"] / t.runs["n_hidden"], extreme)())


@requires(metrics=("dimensionality",))
def _dimensionality(t: Tables, of: str) -> float:
    """The min, max or mean dimensionality of the features."""
    return float(getattr(column(t, "dimensionality"), of)())


def _from_projection(t: Tables) -> float:
    """The largest distance of an eigenvalue of W^T W from the nearer of 0 and 1."""
    W = column(t, "W")
    values = np.linalg.eigvalsh(W.T @ W)
    return float(np.minimum(abs(values), abs(values - 1)).max()) if n_hidden(t) else 0.0


@requires(metrics=("component_size",))
def _features_in(t: Tables, x: float, low: int, high: int) -> float:
    """How many represented features are in components of `low` to `high` features, in the condition
    nearest x."""
    sizes = column(nearest(t, x), "component_size")
    return float(((sizes >= low) & (sizes <= high)).sum())


@requires(metrics=("component_size",))
def _corners(t: Tables, x: float) -> float:
    """The fraction of the represented features that are corners of a tetrahedron, in the condition nearest x.

    A corner's products with three others are within CORNER of -1/3.
    """
    run = nearest(t, x)
    W = column(run, "W")[column(run, "component_size") > 0]
    return float(((abs(W @ W.T + 1 / 3) <= CORNER).sum(1) == 3).mean())


@requires(metrics=("component_size",))
def _in_components(t: Tables, x: float, size: int) -> float:
    """The fraction of the represented features in components of this size, in the condition nearest x."""
    sizes = column(nearest(t, x), "component_size")
    return float((sizes[sizes > 0] == size).mean())


@requires(metrics=("component_size",))
def _grouped(t: Tables, x: float, least: int) -> float:
    """The fraction of the represented features in components of at least this size, in the condition
    nearest x."""
    sizes = column(nearest(t, x), "component_size")
    return float((sizes[sizes > 0] >= least).mean())


def _gains(t: Tables, shape: str) -> tuple[np.ndarray, np.ndarray]:
    """1 / (1 - S), ascending, and the polytope's gain per dimension at each value."""
    table = t.theory["packing_gains"]
    rows = table[table["shape"] == shape].sort_values("sparsity")
    return rows["sparsity"].to_numpy(float), rows["gain"].to_numpy(float)


def _overtakes(t: Tables, shape: str, other: str) -> float:
    """The 1 / (1 - S) from which on a polytope gains more per dimension than another."""
    (where, ours), (_, theirs) = _gains(t, shape), _gains(t, other)
    return crossing(where, ours, theirs)


def _lead(t: Tables, low: float, high: float, extreme: str) -> float:
    """By how much the better of tetrahedron and triangle exceeds 1: the smallest or largest lead, low to
    high."""
    where, _ = _gains(t, "triangle")
    best = np.maximum(_gains(t, "triangle")[1], _gains(t, "tetrahedron")[1])
    inside = best[(where >= low) & (where <= high)]
    return float(getattr(inside, extreme)() - 1) if len(inside) else float("nan")


def _dimensions() -> Iterator[Claim]:
    claim = partial(make_claim, source=FIGURE)
    yield claim(
        "F7.dense",
        "Without sparsity, D* is {range}.",
        near(1, 0.01),
        partial(_dimensions_at, x=1.0),
        of=DENSE,
    )
    yield claim(
        "F7.dedicated",
        "Up to 1/(1 - S) = {high}, D* is {range}.",
        at_least(0.98),
        partial(_extreme, low=1.0, high=DEDICATED_TO, extreme="min"),
        of=DENSE,
    )
    for x, off in ((5, 0.02), (10, 0.015)):
        yield claim(
            "F7.at.x{x}",
            "At 1/(1 - S) = {x}, D* is {range}.",
            near(DIGITISED[x], off),
            partial(_dimensions_at, x=x),
            of=CURVE,
            source=f"{FIGURE}; to {off:g}, our tolerance for reading it",
        )
    for extreme, which in EXTREMES.items():
        yield claim(
            "F7.plateau.{extreme}",
            "From 1/(1 - S) = {low} to {high}, the {which} D* is {range}.",
            between(0.48, 0.52),
            partial(_extreme, low=PLATEAU[0], high=PLATEAU[1], extreme=extreme),
            of=HALF,
            source=f"{FIGURE}; theory: an antipodal pair has D = 1/2",
            which=which,
        )
    yield claim(
        "F7.fall",
        FALLEN,
        at_most(0.46),
        partial(_dimensions_at, x=4.0),
        of=CURVE,
        experiments=("F7",),
    )
    for name, low, high, off in (
        ("dense", 1, 1.3, 0.03),
        ("steep", 1.4, 2, 0.06),
        ("sparse", 2.2, 10, 0.03),
    ):
        yield claim(
            "F7.curve.{name}",
            FOLLOWS,
            to_within(off),
            partial(_off_paper, low=low, high=high),
            of=CURVE,
            source=f"{FIGURE}; {STEEP if name == 'steep' else READING}",
            name=name,
        )
    yield from _recipe()
    yield from _sizes()


FALLEN = "By 1/(1 - S) = {x}, D* has fallen to {range}."
FOLLOWS = "From 1/(1 - S) = {low} to {high}, D* follows the printed curve {range}."

RECIPE: Where = notebook.settings(400, 30, 50)
WHOLE_END = (
    "the printed plateau ends between 3.5 and 4.5, of which three densities covered only a part"
)


def _recipe() -> Iterator[Claim]:
    """The claims about the plateau's end after the authors' recipe: training affects the printed curve
    there."""
    claim = partial(
        make_claim,
        figure="F7",
        experiments=("F7_recipe",),
        models="recipe",
        recipe={"F7_recipe": RECIPE},
        source=FIGURE,
    )
    fallen = partial(_dimensions_at, x=4.0)
    yield claim("F7.recipe.fall", FALLEN, at_most(0.46), fallen, of=CURVE)
    yield claim(
        "F7.recipe.curve",
        FOLLOWS,
        to_within(0.03),
        partial(_off_paper, low=3.5, high=4.5),
        of=CURVE,
        source=f"{FIGURE}; {READING}",
        corrections=(
            Correction(0, 0.03, WHOLE_END, "the distance from 3.75 to 4", "58652f4eebd4"),
        ),
    )


def _sizes() -> Iterator[Claim]:
    claim = partial(make_claim, experiments=("F7", "F7_sizes"))
    text = f"{SECTION}: the text"
    yield claim(
        "F7.size.n{n}m{m}",
        "With n = {n} and m = {m}, D* on the plateau is that of n = 400 and m = 30 {range}.",
        to_within(0.02),
        partial(_off_size, n=200, m=20),
        of=SIZE,
        source=f"{text}, n is irrelevant if n ≫ m; to 0.02, our tolerance",
    )
    yield claim(
        "F7.size.doubling",
        "When m doubles from 15 to 30, ‖W‖²_F on the plateau is multiplied by a factor {range}.",
        near(2, 0.08),
        _doubling,
        of=DOUBLING,
        source=f"{text}, doubling m doubles ‖W‖²_F; to 4%, our tolerance",
    )


def _packing() -> Iterator[Claim]:
    """The claims of theory about the plateau: which polytope lowers the loss most per dimension."""
    source = "theory: exact losses at the best norm and bias; the numbers from a prototype's search"
    claim = partial(make_claim, experiments=(), theory=("packing_gains",))
    for shape, other, low, high in (
        ("digon", "triangle", 1.5, 1.6),
        ("square antiprism", "pentagon", 4.5, 5.5),
    ):
        yield claim(
            "F7.gain.{short}.over.{other}",
            "The {shape} comes to gain more per dimension than the {other} at a 1/(1 - S) {range}.",
            between(low, high),
            partial(_overtakes, shape=shape, other=other),
            of=PAIRS,
            source=source,
            short=shape.split()[-1],
        )
    for extreme, which in EXTREMES.items():
        yield claim(
            "F7.gain.lead.{extreme}",
            "From 1/(1 - S) = {low} to {high}, the {which} lead of tetrahedron or triangle over a"
            " dedicated dimension is {range:%}.",
            between(*LEADS),
            partial(_lead, low=SMALL_LEAD[0], high=SMALL_LEAD[1], extreme=extreme),
            of=LEAD,
            source=source,
            which=which,
        )


def _clusters() -> Iterator[Claim]:
    """The claims about how many features have the dimensionality of a polytope."""
    claim = partial(make_claim, experiments=("F7",))
    share = "From 1/(1 - S) = {low} to {high}, {range:%} of the represented features have"
    yield claim(
        "F8.tetrahedra",
        f"{share} the dimensionality of tetrahedra, {{centre}} to within {{off}}.",
        at_least(0.8, high=1),
        partial(_share, low=1.25, high=1.45, centre=0.74, off=0.04),
        of=TETRAHEDRA,
        source=f"{CLUSTERS}; {POLYTOPE}, 3/4 here",
    )
    yield _some("triangles", 1.55, 1.7, 2 / 3, 0.02, 3, TRIANGLES)
    yield claim(
        "F8.digons",
        f"{share} the dimensionality of digons, {{centre}} to within {{off}}.",
        at_least(0.95, high=1),
        partial(_share, low=DIGONS_AT[0], high=DIGONS_AT[1], centre=0.5, off=0.02),
        of=DIGONS,
        source=f"{CLUSTERS}; {POLYTOPE}, 1/2 here; the authors' notebook has all of them between 0.493"
        " and 0.506",
    )
    yield _some("pentagons", 3.5, 4.4, 2 / 5, 0.01, 1, PENTAGONS)
    yield _some("antiprisms", 4.2, 5.2, 3 / 8, 0.015, 1, ANTIPRISMS)


def _some(
    shapes: str, low: float, high: float, D: float, off: float, count: int, of: Statement
) -> Claim:
    return make_claim(
        "F8.{shapes}",
        "From 1/(1 - S) = {low} to {high}, the number of features with the dimensionality of {shapes},"
        " {D} to within {off}, is {range}.",
        at_least(count),
        partial(_count, low=low, high=high, centre=D, off=off),
        of=of,
        source=f"{CLUSTERS}; {POLYTOPE}, {fraction(D)} here",
        experiments=("F7",),
        shapes=shapes,
        D=str(fraction(D)),
    )


def _geometry() -> Iterator[Claim]:
    claim = partial(make_claim, experiments=("F7",))
    yield from _clusters()
    yield from _band(claim)
    yield from _no_sparsity()
    yield from _graphs(claim)
    for x, size, what, statement in (
        (2.8, 2, "digons", DIGONS),
        (TETRAHEDRA_AT, 4, "tetrahedra", TETRAHEDRA),
    ):
        yield claim(
            "F8.graph.x{x}",
            "At 1/(1 - S) = {x}, {range:%} of the represented features are in components of {size}"
            " ({what}) of the graph whose edges have |W_i · W_j| > {edge}.",
            at_least(0.8, high=1),
            partial(_in_components, x=x, size=size),
            of=statement,
            source=f"{GRAPHS}; 80%, our tolerance",
            what=what,
            edge=EDGE,
        )
    yield claim(
        "F8.sum.{extreme}",
        "The smallest sum of the dimensionalities at any density is {range} times m.",
        at_least(0.99, high=1 + 1e-9),
        partial(_sum, extreme="min"),
        of=PACKED,
        source="theory: the sum is at most the rank (Cauchy and Schwarz); the authors' saved outputs have"
        " 99.9%",
    )


def _graphs(claim: partial[Claim]) -> Iterator[Claim]:
    """The claims about the components of the figure's graphs."""
    yield claim(
        "F8.tetrahedra.corners",
        "At 1/(1 - S) = {x}, {range:%} of the represented features are corners of a tetrahedron: their"
        " products W_i · W_j with exactly three others are within {corner} of -1/3.",
        at_least(0.8, high=1),
        partial(_corners, x=TETRAHEDRA_AT),
        of=TETRAHEDRA,
        source=f"{GRAPHS}; theory: cos = -1/3 between the corners of a tetrahedron; 80% and {CORNER}, our"
        " tolerances",
        corner=CORNER,
    )
    for x, shapes, low, high, statement in (
        (TRIANGLES_AT, "triangles", 3, 3, TRIANGLES),
        (TRIANGLES_AT, "digons", 2, 2, TRIANGLES),
        (MIXED_AT, "digons", 2, 2, MIXED),
        (MIXED_AT, "pentagons", 5, 5, PENTAGONS),
        (MIXED_AT, "antiprisms", 8, 8, ANTIPRISMS),
        (MIXED_AT, "cloud", 9, 400, MIXED),
    ):
        yield claim(
            "F8.graph.x{x}.{shapes}",
            "At 1/(1 - S) = {x}, {range} represented features are in components of {size} of the graph"
            " whose edges have |W_i · W_j| > {edge}.",
            at_least(low),
            partial(_features_in, x=x, low=low, high=high),
            of=statement,
            source=GRAPHS,
            shapes=shapes,
            size=low if low == high else f"{low} or more",
            edge=EDGE,
        )
    for x, least, why in (
        (
            IN_GROUPS[0],
            5,
            f"the printed D* is {DIGITISED[5]}, and groups of two to four have 1/2 and more",
        ),
        (
            IN_GROUPS[1],
            9,
            f"the printed D* is {DIGITISED[9]} at 9, and the polytopes up to eight have 3/8 and more",
        ),
    ):
        yield claim(
            "F8.graph.x{x}",
            "At 1/(1 - S) = {x}, {range:%} of the represented features are in components of {least} or"
            " more of the graph whose edges have |W_i · W_j| > {edge}.",
            at_least(0.8, high=1),
            partial(_grouped, x=x, least=least),
            of=LARGE_GROUPS,
            source=f"{GRAPHS}; {POLYTOPE}: {why}; 80%, our tolerance",
            edge=EDGE,
        )


def _band(claim: partial[Claim]) -> Iterator[Claim]:
    yield claim(
        "F8.band.mean",
        "From 1/(1 - S) = {start} on, the mean dimensionality of the represented features follows D*"
        " {range}.",
        to_within(0.03),
        _from_band,
        of=BAND_OF_ALL,
        source=f"{CLUSTERS}; to 0.03, our tolerance for reading D*",
        start=BAND,
    )
    yield claim(
        "F8.band.single",
        "From 1/(1 - S) = {start} on, the dimensionalities form one band: the largest gap between"
        " neighbours is {range}.",
        at_most(0.03),
        _widest_gap,
        of=BAND_OF_ALL,
        source=f"{CLUSTERS}; a prototype's bands at 5 are 0.025 apart",
        start=BAND,
    )


RANDOM_SUBSPACE = Correction(
    0.03,
    np.inf,
    "the old bound is the lowest dot of one printed column. Without sparsity all projections onto 30 of"
    " 400 dimensions tie, and D_i is what a uniformly random one leaves of feature i: the smallest of 400"
    " lies between 0.0207 and 0.0387 with probability 99%",
)


def _no_sparsity() -> Iterator[Claim]:
    claim = partial(
        make_claim,
        experiments=("F7",),
        where={"density": 1.0},
        source=f"{SECTION}: without sparsity, nothing makes the basis dimensions special; the range"
        " read off the figure",
    )
    yield claim(
        "F8.dense.least",
        "Without sparsity, the smallest dimensionality of a feature is {range}.",
        at_least(0.0207),
        partial(_dimensionality, of="min"),
        of=NO_BASIS,
        source=f"{SECTION}: without sparsity, nothing makes the basis dimensions special; theory of a random"
        " projection",
        corrections=(RANDOM_SUBSPACE,),
    )
    yield claim(
        "F8.dense.most",
        "Without sparsity, the largest dimensionality of a feature is {range}.",
        at_most(0.25),
        partial(_dimensionality, of="max"),
        of=NO_BASIS,
    )
    yield claim(
        "F8.dense.projection",
        "Without sparsity, WᵀW is a projection: its eigenvalues are 0 or 1, {range}.",
        to_within(0.02),
        _from_projection,
        of=NO_BASIS,
    )


CLAIMS = (*_dimensions(), *_packing(), *_geometry())
