"""Claims about 5 features in 2 dimensions with one feature's density varied: pentagon, digons (F9)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.config.needs import requires
from superpos.tables import Tables
from superpos.theory.crossing import best, crossing
from superpos.verdicts.accepted import (
    at_most,
    between,
    exactly,
    near,
    near_percent,
    positive,
    share_near,
    to_within,
)
from superpos.verdicts.claim import Claim, Measure, make_claim
from superpos.verdicts.measures import EXTREMES, column, gaps
from superpos.verdicts.statement import Statement, listed

SECTION = 'section "The Geometry of Superposition", "Perturbing a Single Feature"'
PROTOTYPE = "the numbers from a prototype's best of 16 runs, evaluated on 3 million samples"
DENSITY = 0.05
TRIANGLE, DIGONS, PENTAGON = 3, 4, 5
"""How many features each geometry represents."""
DROPPED, KEPT = 0.01, 1.1
"""The norms up to which the varied feature counts as dropped, and from which on as kept."""
TEXT = 2.5
"""How many times sparser the varied feature is than the others at the crossing, from the paper's text."""
CROSSES_AT = 0.270
"""The relative density at the crossing, from the prototype's runs."""
NORM, BIAS = 1.134, -0.245
"""The norm and the bias of the regular pentagon, from the prototype's runs."""
RUNS = 16
"""How many runs the prototype had at each relative density."""
DEFORMATIONS: dict[float, tuple[float, float, float | None]] = {
    0.35: (66, 1.164, 1.11),
    5.0: (76, 1.03, None),
    10.0: (76, 0.993, None),
}
"""By relative density: the prototype's angle to the neighbours, norm, and the others' norm if it is asked."""

CROSSING = Statement(
    "F9.crossing.text",
    "paper",
    f"Digons and the pentagon cost the same when the varied feature is about {TEXT} times sparser than the"
    " others.",
)
EXACT = Statement(
    "F9.crossing",
    "ours",
    "Digons and the pentagon cost the same when the varied feature is about"
    f" {1 / CROSSES_AT:.1f} times sparser than the"
    " others, as a prototype found.",
)
CLOSED_FORM = Statement(
    "F9.digons.theory",
    "theory",
    "Digons that leave out the varied feature lose v(ρp) + 2p²/3, the cost of one ignored feature and two"
    " antipodal pairs.",
)
LOSS = Statement(
    "F9.loss", "ours", "The smallest loss of the pentagon is that of a prototype's best runs."
)
REGULAR = Statement(
    "F9.regular", "paper", "At equal densities, the five features form a regular pentagon."
)
LENGTHS = Statement(
    "F9.regular.lengths",
    "ours",
    f"At equal densities, all norms are {NORM} and all biases {BIAS}, as a prototype found.",
)
NORM_AND_BIAS = Statement(
    "F9.regular.text", "paper", "The features of the pentagon have ‖W_i‖ = 1/(1 − b_i)."
)
DRIFT = Statement(
    "F9.drift",
    "paper",
    "As the varied feature becomes denser, its vertex of the pentagon moves inwards and its neighbours turn"
    " away from it.",
)
DEFORMED = Statement(
    "F9.deformed",
    "ours",
    "The pentagon deforms by as much as in a prototype: the angles and norms at"
    f" {listed(DEFORMATIONS)} times the others' density are its own.",
)
JUMP = Statement(
    "F9.jump",
    "paper",
    "As the varied feature becomes sparser, the best solution changes from a pentagon to digons at once: the"
    " feature is dropped from one relative density to the next.",
)
HITS = Statement(
    "F9.hits", "ours", f"Runs end in each geometry as often as a prototype's {RUNS} runs did."
)


def ratios(t: Tables) -> np.ndarray:
    """The relative densities of the varied feature, ascending."""
    return np.sort(t.runs["density_first_ratio"].unique().astype(float))


def branch(t: Tables, represented: int) -> list[np.ndarray]:
    """Exact losses of the runs that represent that many features, for each relative density."""
    runs = t.runs[t.runs["represented"] == represented]
    return [
        runs.loc[np.isclose(runs["density_first_ratio"], ratio), "exact_loss"].to_numpy(float)
        for ratio in ratios(t)
    ]


@requires(metrics=("represented", "exact_loss"))
def _smallest_loss(t: Tables, represented: int) -> float:
    """The smallest exact loss of the runs that represent that many features; NaN if there are none."""
    losses = t.runs.loc[t.runs["represented"] == represented, "exact_loss"]
    return float(losses.min()) if len(losses) else float("nan")


@requires(metrics=("represented", "exact_loss"))
def _crossing(t: Tables) -> float:
    """The relative density at which the best digons and the best pentagon have the same loss."""
    return crossing(ratios(t), best(branch(t, DIGONS)), best(branch(t, PENTAGON)))


@requires(metrics=("represented", "exact_loss"))
def _sparser(t: Tables) -> float:
    """The factor by which the varied feature is sparser than the others at the crossing."""
    return 1 / _crossing(t)


@requires(metrics=("represented", "exact_loss"))
def _off_closed_form(t: Tables) -> float:
    """The largest relative deviation of the best digons' loss from the closed form, up to equal density."""
    losses, ratio = best(branch(t, DIGONS)), ratios(t)
    expected = theory.square_and_ignored(DENSITY, DENSITY * ratio)
    off = abs(losses / expected - 1)[(ratio <= 1) & np.isfinite(losses)]
    return float(off.max()) if len(off) else float("nan")


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
    """The largest deviation from 72 degrees of an angle between neighbours."""
    return float(abs(gaps(column(t, "W")) - 72).max())


def _gap(t: Tables) -> float:
    """The mean angle from the varied feature to its two neighbours around the circle, in degrees."""
    W = column(t, "W")
    own = np.degrees(np.arctan2(W[0, 1], W[0, 0]))
    others = np.sort((np.degrees(np.arctan2(W[1:, 1], W[1:, 0])) - own) % 360)
    return float((others[0] + 360 - others[-1]) / 2)


def _growth(t: Tables, of: Measure, first: float, last: float) -> float:
    """The value of a quantity at the last relative density minus that at the first."""
    ends = [t.where(density_first_ratio=ratio) for ratio in (first, last)]
    if not all(len(end.runs) for end in ends):
        return float("nan")
    return of(ends[1]) - of(ends[0])


@requires(metrics=("feature_norm",))
def _square_plus_bias(t: Tables) -> float:
    """The mean ‖W_i‖² + b_i."""
    return float((column(t, "feature_norm") ** 2 + column(t, "bias")).mean())


@requires(metrics=("feature_norm",))
def _norm_times(t: Tables) -> float:
    """The mean ‖W_i‖ (1 - b_i)."""
    return float((column(t, "feature_norm") * (1 - column(t, "bias"))).mean())


def _own_norms(t: Tables) -> np.ndarray:
    """The varied feature's norm in the run of each condition, up to the density of the other features."""
    own = t.features[t.features["feature"] == 0].sort_values("density_first_ratio")
    return np.asarray(own.loc[own["density_first_ratio"] <= 1, "feature_norm"], float)


@requires(metrics=("feature_norm",))
def _between(t: Tables) -> float:
    """The number of relative densities up to 1 at which the varied feature is neither dropped nor kept."""
    norms = _own_norms(t)
    return float(((norms > DROPPED) & (norms < KEPT)).sum())


@requires(metrics=("feature_norm",))
def _jumps(t: Tables) -> float:
    """How often the varied feature changes between dropped and kept from one density to the next."""
    norms = _own_norms(t)
    low, high = norms <= DROPPED, norms >= KEPT
    return float(((low[:-1] & high[1:]) | (high[:-1] & low[1:])).sum())


@requires(metrics=("represented",))
def _share_with(t: Tables, represented: int) -> float:
    """The share of the runs that represent that many features."""
    return float((t.runs["represented"] == represented).mean())


def _crossover() -> Iterator[Claim]:
    claim = partial(make_claim, over="all")
    yield claim(
        "F9.crossing",
        "Digons and pentagon cost the same when the ratio of the varied feature's density to the others'"
        " is {range}.",
        between(0.24, 0.30),
        _crossing,
        of=EXACT,
        source=f"{SECTION}, the loss curves; {PROTOTYPE}: {CROSSES_AT:.3f}",
    )
    yield claim(
        "F9.crossing.text",
        "When digons and pentagon cost the same, the varied feature is {range} times sparser than the"
        " others; the paper says about {text} times.",
        between(TEXT - 0.25, TEXT + 0.25),
        _sparser,
        of=CROSSING,
        source=f"{SECTION}: the text; rounding of “about {TEXT}”, our tolerance. Theory says"
        f" {1 / CROSSES_AT:.1f}",
        text=TEXT,
    )
    yield claim(
        "F9.digons.theory",
        "The relative departure of the best digons' loss from v(ρp) + 2p²/3, at every relative density"
        " up to 1 at which a run ends in digons, is {range}.",
        at_most(0.02),
        _off_closed_form,
        of=CLOSED_FORM,
        source="theory: an ignored feature and two antipodal pairs",
    )


def _times(ratio: float) -> str:
    """A relative density in words: "5 times the others' density"."""
    return "the others' density" if ratio == 1 else f"{ratio:g} times the others' density"


LOSSES: dict[float, float] = {
    **{0.2: 0.00552, 0.25: 0.00595, 0.27: 0.006097, 0.29: 0.00624, 0.32: 0.00642, 0.5: 0.00734},
    **{1: 0.00895, 2: 0.0113, 5: 0.0166, 10: 0.0236},
}
NAMES = {TRIANGLE: "triangles", DIGONS: "digons", PENTAGON: "pentagon"}


def _losses() -> Iterator[Claim]:
    for ratio, loss in LOSSES.items():
        yield make_claim(
            "F9.loss.pentagon.{ratio}",
            f"At {_times(ratio)}, the smallest loss of the pentagon is {{range}}.",
            near_percent(loss, 2),
            partial(_smallest_loss, represented=PENTAGON),
            of=LOSS,
            source=f"{SECTION}, the loss curves; {PROTOTYPE}; 2%, our tolerance",
            where={"density_first_ratio": float(ratio)},
            over="all",
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
            near(NORM, 0.005),
            partial(_extreme_norm, extreme=extreme),
            of=LENGTHS,
            which=which,
        )
        yield claim(
            "F9.regular.bias.{extreme}",
            "At equal densities, the {which} bias is {range}.",
            near(BIAS, 0.005),
            partial(_extreme_bias, extreme=extreme),
            of=LENGTHS,
            which=which,
        )
    yield claim(
        "F9.regular.gap",
        "At equal densities, neighbours are 72 degrees apart {range} degree.",
        to_within(1),
        _off_regular,
        of=REGULAR,
    )
    yield claim(
        "F9.regular.sum",
        "At equal densities, the mean ‖W_i‖² + b_i is {range}.",
        near(1.04, 0.005),
        _square_plus_bias,
        of=LENGTHS,
    )
    yield claim(
        "F9.regular.text",
        "At equal densities, ‖W_i‖ = 1 / (1 - b_i): the mean ‖W_i‖ (1 - b_i) is {range}.",
        near(1, 0.05),
        _norm_times,
        of=NORM_AND_BIAS,
        source=f"{SECTION}: the text; 5%, our tolerance. With x' = ReLU(WᵀWx + b), one active feature"
        " is answered well if ‖W_i‖² = 1 - b_i instead",
    )


def _deformed() -> Iterator[Claim]:
    for ratio, (gap, norm, others) in DEFORMATIONS.items():
        claim = partial(
            make_claim,
            where={"density_first_ratio": ratio},
            source=f"{SECTION}; {PROTOTYPE}; 1.5 degrees and 0.01, our tolerances",
        )
        yield claim(
            "F9.gap.{density_first_ratio}",
            "At {density_first_ratio} times the others' density, the mean angle from the varied feature"
            " to its neighbours is {range} degrees.",
            near(gap, 1.5),
            _gap,
            of=DEFORMED,
        )
        yield claim(
            "F9.norm.{density_first_ratio}",
            "At {density_first_ratio} times the others' density, the varied feature's norm is {range}.",
            near(norm, 0.01),
            _own_norm,
            of=DEFORMED,
        )
        if others:
            yield claim(
                "F9.others.{density_first_ratio}",
                "At {density_first_ratio} times the others' density, the others' mean norm is {range}.",
                near(others, 0.01),
                _others_norm,
                of=DEFORMED,
            )


def _drift() -> Iterator[Claim]:
    text = (
        "From {first} to {last} times the others' density, {what} of the varied feature grows by a number"
        " {range}."
    )
    for name, of, first, last, what in (
        ("gap", _gap, 0.35, 10.0, "the mean angle to the neighbours"),
        ("norm", _own_norm, 10.0, 0.35, "the norm"),
    ):
        yield make_claim(
            "F9.drift.{name}",
            text,
            positive(),
            partial(_growth, of=of, first=first, last=last),
            of=DRIFT,
            source=f"{SECTION}: the figure's pentagons",
            name=name,
            what=what,
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
        of=JUMP,
    )
    yield claim(
        "F9.jump.between",
        "Up to equal densities, the varied feature's norm is between {dropped} and {kept} in {range} best"
        " run.",
        exactly(0),
        _between,
        of=JUMP,
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
            f"At {_times(ratio)}, {{range:%}} of the runs {{what}}.",
            share_near(runs / RUNS, 0.25),
            partial(_share_with, represented=represented),
            of=HITS,
            source=f"{SECTION}; counts of a prototype's {RUNS} runs; two standard deviations",
            where={"density_first_ratio": ratio},
            over="all",
            kind=NAMES[represented],
            what=what,
        )


CLAIMS = (
    *_crossover(),
    *_losses(),
    *_regular(),
    *_deformed(),
    *_drift(),
    *_first_order(),
    *_hits(),
)
