"""Claims of 5 features in 2 dimensions with one feature's density varied: pentagon, digons (F9)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.config.needs import requires
from superpos.tables import Tables
from superpos.theory.crossing import best, crossing
from superpos.verdicts.accepted import at_most, between, exactly, near, near_percent, share, within
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.measures import EXTREMES, column, gaps

SECTION = 'section "The Geometry of Superposition", "Perturbing a Single Feature"'
PROTOTYPE = "the numbers from a prototype's best of 16 runs, evaluated on 3 million samples"
DENSITY = 0.05
TRIANGLE, DIGONS, PENTAGON = 3, 4, 5
"""How many features each geometry represents."""
DROPPED, KEPT = 0.01, 1.1
"""The norms up to which the varied feature counts as dropped, and from which on as kept."""
TEXT = 2.5
"""How many times sparser than the others the varied feature is at the crossing of the paper's text."""


def ratios(t: Tables) -> np.ndarray:
    """The relative densities of the varied feature, ascending."""
    return np.sort(t.runs["density_first_ratio"].unique().astype(float))


def branch(t: Tables, represented: int) -> list[np.ndarray]:
    """Exact losses of the runs that represent so many features, for each relative density."""
    runs = t.runs[t.runs["represented"] == represented]
    return [
        runs.loc[np.isclose(runs["density_first_ratio"], ratio), "exact_loss"].to_numpy(float)
        for ratio in ratios(t)
    ]


@requires(metrics=("represented", "exact_loss"))
def _smallest_loss(t: Tables, represented: int) -> float:
    """The smallest exact loss of the runs that represent so many features; NaN if there are none."""
    losses = t.runs.loc[t.runs["represented"] == represented, "exact_loss"]
    return float(losses.min()) if len(losses) else float("nan")


@requires(metrics=("represented", "exact_loss"))
def _crossing(t: Tables) -> float:
    """The relative density at which the best digons and the best pentagon lose the same."""
    return crossing(ratios(t), best(branch(t, DIGONS)), best(branch(t, PENTAGON)))


@requires(metrics=("represented", "exact_loss"))
def _sparser(t: Tables) -> float:
    """How many times sparser than the others the varied feature is at the crossing."""
    return 1 / _crossing(t)


@requires(metrics=("represented", "exact_loss"))
def _off_closed_form(t: Tables) -> float:
    """The largest relative departure of the best digons, up to equal density, from the closed form."""
    losses, ratio = best(branch(t, DIGONS)), ratios(t)
    expected = theory.square_and_ignored(DENSITY, DENSITY * ratio)
    off = abs(losses / expected - 1)[(ratio <= 1) & np.isfinite(losses)]
    return float(off.max()) if len(off) else float("nan")


@requires(metrics=("represented", "exact_loss"))
def _pentagon_to_digons(t: Tables) -> float:
    """The loss of the best pentagon over that of the digons in closed form."""
    ratio = ratios(t)[0]
    return _smallest_loss(t, PENTAGON) / float(theory.square_and_ignored(DENSITY, DENSITY * ratio))


@requires(metrics=("feature_norm",))
def _own_norm(t: Tables) -> float:
    """The norm of the varied feature."""
    return float(column(t, "feature_norm")[0])


@requires(metrics=("feature_norm",))
def _extreme_norm(t: Tables, extreme: str) -> float:
    """The smallest or largest norm."""
    return float(getattr(column(t, "feature_norm"), extreme)())


@requires(metrics=("feature_norm",))
def _others_norm(t: Tables) -> float:
    """The mean norm of the other features."""
    return float(column(t, "feature_norm")[1:].mean())


def _extreme_bias(t: Tables, extreme: str) -> float:
    """The smallest or largest bias."""
    return float(getattr(column(t, "bias"), extreme)())


def _off_regular(t: Tables) -> float:
    """The largest departure of an angle between neighbours from 72 degrees."""
    return float(abs(gaps(column(t, "W")) - 72).max())


def _gap(t: Tables) -> float:
    """The mean angle from the varied feature to its two neighbours around the circle, in degrees."""
    W = column(t, "W")
    own = np.degrees(np.arctan2(W[0, 1], W[0, 0]))
    others = np.sort((np.degrees(np.arctan2(W[1:, 1], W[1:, 0])) - own) % 360)
    return float((others[0] + 360 - others[-1]) / 2)


@requires(metrics=("feature_norm",))
def _square_plus_bias(t: Tables) -> float:
    """The mean ||W_i||^2 + b_i."""
    return float((column(t, "feature_norm") ** 2 + column(t, "bias")).mean())


@requires(metrics=("feature_norm",))
def _norm_times(t: Tables) -> float:
    """The mean ||W_i|| (1 - b_i)."""
    return float((column(t, "feature_norm") * (1 - column(t, "bias"))).mean())


def _own_norms(t: Tables) -> np.ndarray:
    """The varied feature's norm in each condition's run, from sparse to as dense as the others."""
    own = t.features[t.features["feature"] == 0].sort_values("density_first_ratio")
    return np.asarray(own.loc[own["density_first_ratio"] <= 1, "feature_norm"], float)


@requires(metrics=("feature_norm",))
def _between(t: Tables) -> float:
    """At how many relative densities up to 1 the varied feature is neither dropped nor kept."""
    norms = _own_norms(t)
    return float(((norms > DROPPED) & (norms < KEPT)).sum())


@requires(metrics=("feature_norm",))
def _jumps(t: Tables) -> float:
    """How often the varied feature goes from dropped to kept, or back, between neighbours."""
    norms = _own_norms(t)
    low, high = norms <= DROPPED, norms >= KEPT
    return float(((low[:-1] & high[1:]) | (high[:-1] & low[1:])).sum())


@requires(metrics=("represented",))
def _share_with(t: Tables, represented: int) -> float:
    """The share of the runs that represent so many features."""
    return float((t.runs["represented"] == represented).mean())


def _crossover() -> Iterator[Claim]:
    claim = partial(make_claim, over="all")
    yield claim(
        "F9.crossing",
        "Digons and pentagon cost the same when the ratio of the varied feature's density to the others'"
        " is {range}.",
        between(0.24, 0.30),
        _crossing,
        source=f"{SECTION}, the loss curves; {PROTOTYPE}: .270",
    )
    yield claim(
        "F9.crossing.text",
        "Digons and pentagon cost the same when the varied feature is about {text} times sparser than the"
        " others: {range} times.",
        between(TEXT - 0.25, TEXT + 0.25),
        _sparser,
        source=f"{SECTION}: the text; rounding of “about 2.5”, our tolerance. Theory says 3.7",
        text=TEXT,
    )
    yield claim(
        "F9.pentagon.at.text",
        "When the varied feature is {text} times sparser than the others, as in the text, the pentagon is"
        " already better than digons: the ratio of their losses is {range}.",
        near(0.83, 0.02),
        _pentagon_to_digons,
        source=f"{SECTION}; {PROTOTYPE}; within 2 %, our tolerance",
        where={"density_first_ratio": 1 / TEXT},
        text=TEXT,
    )
    yield claim(
        "F9.digons.theory",
        "The relative departure of the best digons' loss from v(ρp) + 2 p²/3, at every relative density"
        " up to 1 at which a run ends in digons, is {range}.",
        at_most(0.02),
        _off_closed_form,
        source="theory: an ignored feature and two antipodal pairs",
    )


LOSSES = {
    DIGONS: {0.1: 0.00328, 0.2: 0.00495, 0.25: 0.00577, 0.27: 0.006094, 0.29: 0.00643}
    | {0.32: 0.0069, 0.5: 0.00994},
    PENTAGON: {0.2: 0.00552, 0.25: 0.00595, 0.27: 0.006097, 0.29: 0.00624, 0.32: 0.00642}
    | {0.5: 0.00734, 1: 0.00895, 2: 0.0113, 5: 0.0166, 10: 0.0236},
}
NAMES = {TRIANGLE: "triangles", DIGONS: "digons", PENTAGON: "pentagon"}


def _losses() -> Iterator[Claim]:
    for represented, table in LOSSES.items():
        for ratio, loss in table.items():
            yield make_claim(
                "F9.loss.{kind}.{ratio}",
                "At {ratio} times the others' density, the smallest loss of the {kind} is {range}.",
                near_percent(loss, 2),
                partial(_smallest_loss, represented=represented),
                source=f"{SECTION}, the loss curves; {PROTOTYPE}; 2 %, our tolerance",
                where={"density_first_ratio": float(ratio)},
                over="all",
                kind=NAMES[represented],
                ratio=ratio,
            )


def _regular() -> Iterator[Claim]:
    claim = partial(
        make_claim, where={"density_first_ratio": 1.0}, source=f"{SECTION}; {PROTOTYPE}"
    )
    for extreme, which in EXTREMES.items():
        yield claim(
            "F9.regular.norm.{extreme}",
            "At equal densities, the {which} norm is {range}.",
            near(1.134, 0.005),
            partial(_extreme_norm, extreme=extreme),
            which=which,
        )
        yield claim(
            "F9.regular.bias.{extreme}",
            "At equal densities, the {which} bias is {range}.",
            near(-0.245, 0.005),
            partial(_extreme_bias, extreme=extreme),
            which=which,
        )
    yield claim(
        "F9.regular.gap",
        "At equal densities, neighbours are 72 degrees apart, {range} degree.",
        within(1),
        _off_regular,
    )
    yield claim(
        "F9.regular.sum",
        "At equal densities, the mean ‖W_i‖² + b_i is {range}.",
        near(1.04, 0.005),
        _square_plus_bias,
    )
    yield claim(
        "F9.regular.text",
        "At equal densities, ‖W_i‖ = 1 / (1 - b_i): the mean ‖W_i‖ (1 - b_i) is {range}.",
        near(1, 0.05),
        _norm_times,
        source=f"{SECTION}: the text; 5 %, our tolerance. With x' = ReLU(.. + b), one active feature"
        " is answered well where ||W_i||^2 = 1 - b_i instead",
    )


def _deformed() -> Iterator[Claim]:
    for ratio, gap, norm, others in (
        (0.35, 66, 1.164, 1.11),
        (5.0, 76, 1.03, None),
        (10.0, 76, 0.993, None),
    ):
        claim = partial(
            make_claim,
            where={"density_first_ratio": ratio},
            source=f"{SECTION}; {PROTOTYPE}; 1.5 degrees, .01, our tolerance",
        )
        yield claim(
            "F9.gap.{density_first_ratio}",
            "At {density_first_ratio} times the others' density, the mean angle from the varied feature"
            " to its neighbours is {range} degrees.",
            near(gap, 1.5),
            _gap,
        )
        yield claim(
            "F9.norm.{density_first_ratio}",
            "At {density_first_ratio} times the others' density, the varied feature's norm is {range}.",
            near(norm, 0.01),
            _own_norm,
        )
        if others:
            yield claim(
                "F9.others.{density_first_ratio}",
                "At {density_first_ratio} times the others' density, the others' mean norm is {range}.",
                near(others, 0.01),
                _others_norm,
            )


def _first_order() -> Iterator[Claim]:
    claim = partial(
        make_claim,
        source=f"{SECTION}: a first-order change; {PROTOTYPE}",
        dropped=DROPPED,
        kept=KEPT,
    )
    yield claim(
        "F9.jump",
        "Up to equal densities, the varied feature's norm in the best run makes {range} jump between at"
        " most {dropped} and at least {kept}, from one relative density to the next.",
        exactly(1),
        _jumps,
    )
    yield claim(
        "F9.jump.between",
        "Up to equal densities, the varied feature's norm is between {dropped} and {kept} in {range} best"
        " run.",
        exactly(0),
        _between,
    )


def _hits() -> Iterator[Claim]:
    """ASSUME: a share of 16 runs is accepted within 0.25, two standard deviations at one half."""
    for ratio, represented, runs, what in (
        (0.2, DIGONS, 8, "end in digons"),
        (0.2, PENTAGON, 8, "end in a pentagon"),
        (1.0, PENTAGON, 16, "end in a pentagon"),
        (5.0, PENTAGON, 10, "end in a pentagon"),
        (5.0, TRIANGLE, 4, "keep three features"),
    ):
        yield make_claim(
            "F9.hits.{kind}.{density_first_ratio}",
            "At {density_first_ratio} times the others' density, {range:%} of the runs {what}.",
            share(runs / 16, 0.25),
            partial(_share_with, represented=represented),
            source=f"{SECTION}; counts of a prototype's 16 runs; two standard deviations",
            where={"density_first_ratio": ratio},
            over="all",
            kind=NAMES[represented],
            what=what,
        )


CLAIMS = (*_crossover(), *_losses(), *_regular(), *_deformed(), *_first_order(), *_hits())
