"""Claims about adversarial robustness: the worst small attack on each input (F15)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from superpos.config.needs import requires
from superpos.papers.toy_models import recipe as notebook
from superpos.papers.toy_models.adversarial.digitised import ADVERSARIAL
from superpos.tables import Tables
from superpos.verdicts.accepted import Range, at_least, at_most, between, exactly, near, to_within
from superpos.verdicts.claim import Claim, ModelGroup, Where, make_claim
from superpos.verdicts.correction import Correction
from superpos.verdicts.statement import Statement

SECTION = 'section "Superposition and Adversarial Robustness"'
FIGURE = f"{SECTION}: read off the figure"
PLATEAU = (2.0, 3.3)
"""The range of 1 / (1 - S) in which the figure's vulnerability is flat."""
FLAT_AT = (3.2, 3.3)
"""The smallest and the largest vulnerability there."""
RISES_FROM = 3.6
"""The 1 / (1 - S) from which on the figure's vulnerability never falls."""
REMOVED = 0.8
"""How long attacks in training must be to remove superposition, as a share of the input norm."""
READING = 0.02
"""The error of reading the figure, as a share of an axis. The horizontal axis is one decade long; the
vertical ones count from 0 to the largest printed value."""
ERROR = round(READING * ADVERSARIAL[:, 1].max(), 2)
"""The error of reading a vulnerability."""
READ = f"{FIGURE}, to {ERROR}, 2% of its axis"

DENSE = Statement(
    "F15.dense",
    "paper",
    "Without sparsity, a model is about as vulnerable to small attacks as a model without superposition.",
)
FLAT = Statement(
    "F15.plateau",
    "paper",
    f"From 1/(1 − S) = {PLATEAU[0]:g} to {PLATEAU[1]}, where features lie in antipodal pairs, vulnerability"
    f" is flat: a small attack costs a model {FLAT_AT[0]} to {FLAT_AT[1]} times what it costs a model"
    " without superposition.",
)
RISE = Statement(
    "F15.rise",
    "paper",
    f"From 1/(1 − S) = {RISES_FROM} on, vulnerability never falls as features become sparser, as far as the"
    " figure can be read.",
)
CURVE = Statement(
    "F15.curve", "paper", "Vulnerability follows the printed curve from 1/(1 − S) = 1 to 10."
)
PACKED = Statement(
    "F15.packed",
    "paper",
    "The number of features per dimension follows the printed curve from 1/(1 − S) = 1 to 10.",
)
RANK = Statement(
    "F15.rank",
    "paper",
    "Vulnerability and the number of features per dimension rise together: they rank the densities in"
    " nearly the same order.",
)

TRAINED_AGAINST = Statement(
    "F15.training",
    "paper",
    "Training against attacks on a random feature reduces superposition, but to remove it attacks must have"
    f" {REMOVED:.0%} of the input norm. The paper gives neither sizes nor a density.",
)

RECIPE: Where = notebook.settings(100, 20, 16)

OWN_LENGTHS = (
    "the same at n = 60, m = 10, with a length for each density and every feature attacked"
)
ONE_LENGTH = (
    "the paper states neither n nor m, and an attack of at most 0.1 of the average input norm; one length"
    " for the whole sweep, from the norm averaged over all its densities, as the authors' packed training"
    " gives it, and n = 100, m = 20 come nearer to the printed curve, from which we inferred both; features"
    " that a model does not represent are no longer attacked, because the direction of a row that vanishes"
    " is noise, which we noticed when the plateau of models at rest was too high"
)


def _curve(t: Tables) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """1 / (1 - S) in ascending order, and each condition's vulnerability and features per dimension."""
    rows = [part.runs.iloc[0] for part in t.by_density]
    columns = ("density", "vulnerability", "features_per_dimension")
    density, attacked, packed = (np.array([float(r[c]) for r in rows]) for c in columns)
    return 1 / density, attacked, packed


@requires(metrics=("vulnerability", "features_per_dimension"))
def _vulnerability(t: Tables, x: float) -> float:
    """The vulnerability at 1 / (1 - S) = x, interpolated between the nearest conditions on a log axis."""
    where, attacked, _ = _curve(t)
    return float(np.interp(np.log(x), np.log(where), attacked, left=np.nan, right=np.nan))


def _plateau(t: Tables) -> np.ndarray:
    where, attacked, _ = _curve(t)
    return attacked[(where >= PLATEAU[0] - 1e-6) & (where <= PLATEAU[1] + 1e-6)]


@requires(metrics=("vulnerability", "features_per_dimension"))
def _highest(t: Tables) -> float:
    return float(_plateau(t).max(initial=-np.inf))


@requires(metrics=("vulnerability", "features_per_dimension"))
def _lowest(t: Tables) -> float:
    return float(_plateau(t).min(initial=np.inf))


@requires(metrics=("vulnerability", "features_per_dimension"))
def _off_flat(t: Tables) -> float:
    """The largest deviation of the plateau's values from their midpoint, divided by the midpoint."""
    values = _plateau(t)
    return float(np.ptp(values) / (values.max() + values.min())) if len(values) else float("nan")


@requires(metrics=("vulnerability", "features_per_dimension"))
def _largest_fall(t: Tables, start: float) -> float:
    """The largest fall of the vulnerability from one condition to the next sparser one, from `start` on."""
    where, attacked, _ = _curve(t)
    values = attacked[where >= start - 1e-6]
    return float((np.maximum.accumulate(values) - values).max(initial=0.0))


@requires(metrics=("vulnerability", "features_per_dimension"))
def _rank_correlation(t: Tables) -> float:
    """Spearman's correlation between vulnerability and features per dimension at the printed points."""
    where, attacked, packed = _curve(t)
    if len(where) < 2:
        return float("nan")
    at = np.log(ADVERSARIAL[:, 0])
    first, second = (_ranks(np.interp(at, np.log(where), v)) for v in (attacked, packed))
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks; equal values share the mean of their ranks."""
    _, first, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count + 1) / 2)[first]


@requires(metrics=("vulnerability", "features_per_dimension"))
def _off_printed(t: Tables, low: float, high: float, column: int) -> float:
    """The largest distance of a printed point from our curve, as a fraction of the axes.

    The distance between two points is the larger of the horizontal and the vertical one; a printed point
    counts by its nearest point of ours. Only printed points with 1 / (1 - S) from low to high count.
    """
    where, *ours = _curve(t)
    fine = np.linspace(0, np.log10(where[-1]), 2001)
    value = np.interp(fine, np.log10(where), ours[column - 1]) / ADVERSARIAL[:, column].max()
    printed = ADVERSARIAL[(ADVERSARIAL[:, 0] >= low) & (ADVERSARIAL[:, 0] <= high)]
    heights = printed[:, column] / ADVERSARIAL[:, column].max()
    points = zip(np.log10(printed[:, 0]), heights, strict=True)
    return max(float(np.maximum(abs(fine - x), abs(value - y)).min()) for x, y in points)


def _best_packing(t: Tables) -> pd.Series:
    """The number of features per dimension of the packing with the smallest loss, by density and attack."""
    table = t.theory["attacked_packings"]
    best = table.loc[table.groupby(["density", "attack"])["loss"].idxmin()]
    return best.set_index(["density", "attack"])["features_per_dimension"]


def _packed(t: Tables, attack: float, extreme: str) -> float:
    """The smallest or largest number of features per dimension over the densities, for one attack."""
    best = _best_packing(t).reset_index()
    at = best.loc[np.isclose(best["attack"], attack), "features_per_dimension"]
    return float(getattr(at, extreme)())


def _removed_at(t: Tables) -> float:
    """At the sparsest density, the smallest attack from which on it is best to give each feature a
    dimension."""
    best = _best_packing(t)
    sparsest = best[best.index.get_level_values("density").min()]
    kept = sparsest.index[sparsest > 1]
    after = sparsest.index[sparsest.index > kept.max()] if len(kept) else sparsest.index
    return float(after.min())


def _corrected(accepted: Range) -> tuple[Correction, ...]:
    """The correction of a claim whose range does not change."""
    return (Correction(accepted.low, accepted.high, ONE_LENGTH, OWN_LENGTHS),)


def _claims(experiment: str, prefix: str, models: ModelGroup) -> Iterator[Claim]:
    claim = partial(_claim, source=READ, figure="F15", experiments=(experiment,), models=models)
    claim = claim if models == "main" else partial(claim, recipe={experiment: RECIPE})
    yield claim(
        f"{prefix}.dense",
        "Without sparsity, a small attack costs a model {range} times what it costs a model without"
        " superposition.",
        near(1, 0.1),
        partial(_vulnerability, x=1.0),
        of=DENSE,
        corrections=_corrected(near(1, 0.1)),
    )
    yield from _on_the_plateau(claim, prefix)
    yield claim(
        f"{prefix}.rise",
        "From 1/(1 - S) = {start} on, vulnerability never falls by more than the figure can be read to: the"
        " largest fall from one condition to a sparser one is {range}.",
        at_most(ERROR),
        partial(_largest_fall, start=RISES_FROM),
        of=RISE,
        corrections=(Correction(0, 0, A_FALL, "the number of falls", "b382dd3a5a37"),),
    )
    yield claim(
        f"{prefix}.sparse",
        "At 1/(1 - S) = {x}, a small attack costs a model {range} times what it costs a model without"
        " superposition.",
        near(8.3, ERROR),
        partial(_vulnerability, x=10.0),
        of=CURVE,
        corrections=(Correction(7, np.inf, f"{TWO_SIDED}; {ONE_LENGTH}"),),
    )
    yield from _curves(claim, prefix)
    yield claim(
        f"{prefix}.rank",
        "At the printed points, the rank correlation between vulnerability and features per dimension is"
        " {range}.",
        at_least(0.9649, high=1),
        _rank_correlation,
        of=RANK,
        source=f"{SECTION}: the scatter plot. The printed points have 0.979; of readings of them that are"
        " off by up to 2% of each axis, 97.5% have at least 0.9649",
        corrections=(Correction(0.97, 1, RANKED, "the same over our conditions", "94aa599c7f85"),),
    )


A_FALL = (
    "how many conditions we train is our choice, and a fall that is smaller than the error of reading"
    f" cannot be seen in the printed curve; {ONE_LENGTH}"
)
TWO_SIDED = "the printed number has two sides, and can be read to 2% of its axis"
RANKED = (
    "the printed points themselves have 0.979, and readings of them within 2% of each axis as little as"
    " 0.9649, so that 0.97 lies inside the error of reading; a rank correlation also depends on how many"
    f" densities lie on the plateau, so that ours is taken at the printed ones; {ONE_LENGTH}"
)


def _claim(*args: Any, corrections: tuple[Correction, ...] = (), **kwargs: Any) -> Claim:
    """The claim. It has corrections only for the main models, because it was first made about these alone."""
    return make_claim(
        *args, corrections=corrections if kwargs["models"] == "main" else (), **kwargs
    )


def _on_the_plateau(claim: partial[Claim], prefix: str) -> Iterator[Claim]:
    plateau = partial(claim, of=FLAT, start=PLATEAU[0], end=PLATEAU[1])
    for name, extreme, which, entry in (
        ("plateau", _highest, "largest", Correction(3, np.inf, f"{TWO_SIDED}; {ONE_LENGTH}")),
        ("plateau.least", _lowest, "smallest", None),
    ):
        yield plateau(
            f"{prefix}.{name}",
            "Between 1/(1 - S) = {start} and {end}, the {which} vulnerability is {range}.",
            between(round(FLAT_AT[0] - ERROR, 2), round(FLAT_AT[1] + ERROR, 2)),
            extreme,
            which=which,
            corrections=(entry,) if entry else (),
        )
    yield plateau(
        f"{prefix}.flat",
        "Between 1/(1 - S) = {start} and {end}, vulnerability is flat: it departs from its middle by"
        " {range:%}.",
        at_most(0.1),
        _off_flat,
        corrections=_corrected(at_most(0.1)),
    )


def _curves(claim: partial[Claim], prefix: str) -> Iterator[Claim]:
    for statement, column, what in (
        (CURVE, 1, "vulnerability"),
        (PACKED, 2, "features per dimension"),
    ):
        for part, low, high in (("dense", 1.0, 1.6), ("sparse", 1.8, 9.9)):
            yield claim(
                "{prefix}.{name}.{part}",
                "From 1/(1 - S) = {low} to {high}, every printed point of {what} lies on our curve"
                " {range} of the length of each axis.",
                to_within(READING),
                partial(_off_printed, low=low, high=high, column=column),
                of=statement,
                prefix=prefix,
                name=statement.name.split(".")[1],
                part=part,
                what=what,
            )


def _training() -> Iterator[Claim]:
    claim = partial(
        make_claim,
        of=TRAINED_AGAINST,
        experiments=(),
        theory=("attacked_packings",),
        source=f"{SECTION}: text; the exact losses of packings at n = 100, m = 20",
    )
    yield claim(
        "F15.training.small",
        "In training against attacks of {attack} of the input norm, the packing that loses least has"
        " {range} features per dimension, at every density from 0.5 down.",
        at_least(2),
        partial(_packed, attack=0.1, extreme="min"),
    )
    yield claim(
        "F15.training.removed",
        "In training against attacks of {attack} of the input norm, the packing that loses least has"
        " {range} feature per dimension, at every density from 0.5 down.",
        exactly(1),
        partial(_packed, attack=REMOVED, extreme="max"),
    )
    yield claim(
        "F15.training.size",
        "At density 0.1, superposition loses least until the attacks in training have a length {range} of"
        " the input norm.",
        near(REMOVED, 0.1),
        _removed_at,
        source=f"{SECTION}: text, {REMOVED:.0%}; 0.1, our tolerance; the exact losses of packings at n = 100,"
        " m = 20",
    )


CLAIMS = (
    *_claims("F15", "F15", "main"),
    *_claims("F15_recipe", "F15.recipe", "recipe"),
    *_training(),
)
