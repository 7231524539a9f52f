"""Claims about the regimes: test loss, dimensionalities (M3) and norms (M4) against T, for both losses."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.metrics.regimes import STORED
from superpos.papers.double_descent import measures
from superpos.papers.double_descent.measures import T, at, largest, of_largest, typical
from superpos.papers.double_descent.regimes import variants
from superpos.tables import Tables
from superpos.verdicts.accepted import (
    Range,
    at_least,
    at_most,
    between,
    counted,
    exactly,
    near,
    near_percent,
    positive,
)
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import AS_STATED, Correction
from superpos.verdicts.measures import EXTREMES
from superpos.verdicts.statement import Statement

REGIMES = "the figure of test loss, dimensionalities and vectors over T, read off"
NORMS = "the figure of norms over T"
TOLERANCE = "our tolerance"
BELOW_ONE = "the statement says that the loss falls below 1"
PLATEAU = 50_000
"""From this T on the paper's norms are on their plateau."""
NEGATIVE = at_most(0.0, low=-np.inf)
BUMP_HEIGHT, BUMP_AT = 1.015, (1000, 2000)
"""The height of the printed bump, and the T that it is asked at, the last of which is its highest."""
FALLEN = (0.9987, 0.9989)
"""The test losses of the figure at large T."""
PRINTED_RING = {30: 0.094, 50: 0.054, 100: 0.042, 200: 0.021}
PRINTED_SAMPLES = {1000: 0.007, 2000: 0.016, 5000: 0.054, 10000: 0.052}
PRINTED_LARGEST = {1000: 0.016, 2000: 0.034, 5000: 0.102}
"""Dimensionalities by T: those on the ring, and the largest of the samples and of the features."""
NONE_AT, FIVE_FROM = 2000, 10000
"""A T at which no feature is stored, and the one from which on five are."""
PEAK_AT = 30
"""The T at which the hidden vectors are longest."""

SMALL = Statement(
    "M3.small",
    "paper",
    "At small T the models memorise: the test loss is a little above 1 and falls with T towards 1.",
)
BUMP = Statement(
    "M3.bump",
    "paper",
    f"In the middle the test loss has a bump, about {BUMP_HEIGHT} high, near T = {BUMP_AT[-1]:,}.",
)
FALLS = Statement(
    "M3.falls",
    "paper",
    f"At large T the test loss falls below 1 and stays at {FALLEN[0]} to {FALLEN[1]}.",
)
FLOOR = Statement(
    "M3.floor", "theory", "At the largest T the test loss is that of a pentagon of features."
)
RING = Statement(
    "M3.ring",
    "paper",
    f"At T = {min(PRINTED_RING)} to {max(PRINTED_RING)} the memorised samples lie on a ring, and their"
    " dimensionalities follow the printed ones, a little above m/T.",
)
SAMPLES = Statement(
    "M3.samples",
    "paper",
    f"From T = {min(PRINTED_SAMPLES):,} to {max(PRINTED_SAMPLES):,} the largest sample dimensionalities are"
    " the printed ones.",
)
LARGEST = Statement(
    "M3.largest",
    "paper",
    f"From T = {min(PRINTED_LARGEST):,} to {max(PRINTED_LARGEST):,} the largest feature dimensionality rises"
    " as it does in the figure.",
)
FEATURES = Statement(
    "M3.features",
    "paper",
    f"At T = {NONE_AT:,} no feature is stored yet; from T = {FIVE_FROM:,} on five are, and the others are"
    " ignored.",
)
PENTAGON = Statement(
    "M3.pentagon",
    "paper",
    "At large T five features form a pentagon, with dimensionalities notably less than 2/5.",
)
SCALE = Statement(
    "M3.scale",
    "ours",
    "On the same training set, a mean over features instead of the sum holds back the growth of W and b"
    " and lowers the test loss, as Adam's eps then does.",
)
PEAK = Statement("M4.peak", "paper", f"The lengths of the hidden vectors peak near T = {PEAK_AT}.")
ORDER = Statement(
    "M4.order",
    "paper",
    "‖b‖ is less than ‖W‖_F at the smallest T, greater in the middle, and less again on the right.",
)
PLATEAU_OF_W = Statement(
    "M4.plateau",
    "paper",
    "On the right ‖W‖_F stays near √5, as theory gives for a pentagon of features.",
)
RISE = Statement("M4.rise", "paper", f"‖W‖_F grows with T up to T = {PEAK_AT}, as theory says.")
FALL = Statement("M4.fall", "paper", "In the middle ‖W‖_F falls to a small part of its peak.")


def _pentagon(t: Tables) -> float:
    """The test loss of the pentagon of features at this size."""
    rows = t.theory["polygon_features"]
    n = t.runs["n_features"].iloc[0]
    own = rows[(rows["n_features"] == n) & (rows["polygon"] == 5) & rows["biased"]]
    return float(own["loss"].min())


def _above_pentagon(t: Tables) -> float:
    """The mean test loss minus the pentagon's, in units of 1/n."""
    return float((typical(t, measures.loss) - _pentagon(t)) * t.runs["n_features"].iloc[0])


@requires(metrics=("dimensionality",))
def _feature_gap(t: Tables, extreme: str) -> float:
    """The smallest or largest angle in degrees between neighbours of the five largest features."""
    five = t.features.nlargest(5, "dimensionality")["W"].tolist()
    angles = np.sort([np.degrees(np.arctan2(y, x)) for x, y in five])
    return float(getattr(np.diff(angles, append=angles[0] + 360), extreme)())


@requires(metrics=("frobenius",))
def _rise(t: Tables, high: int) -> float:
    """The rank correlation of T and the mean ‖W‖_F up to T = high."""
    found = measures.curve(measures.between(t, 0, high), measures.norm_W)
    return measures.rank_correlation(found.index.to_numpy(float), found.to_numpy(float))


@requires(metrics=("frobenius",))
def _fall(t: Tables, plateau: int) -> float:
    """The mean ‖W‖_F on the plateau divided by its largest value at any T."""
    return at(t, measures.norm_W, plateau) / largest(t, measures.norm_W)


@requires(metrics=("frobenius",))
def _fall_to_fresh(t: Tables, fresh: str) -> float:
    """The mean ‖W‖_F on fresh samples divided by its largest value at any T."""
    return typical(t.of(fresh), measures.norm_W) / largest(t, measures.norm_W)


@requires(metrics=("frobenius",))
def _flat(t: Tables) -> float:
    """The mean ‖W‖_F at the last T divided by that at the T before."""
    before, last = measures.curve(t, measures.norm_W).to_numpy(float)[-2:]
    return float(last / before)


def _ratio(t: Tables, of: measures.OfEach) -> float:
    """A measure of the variant `text` divided by that of the variant `figure`, on the same training set."""
    return float(of(t.of("M3_text"))[0] / of(t.of("M3"))[0])


def _around(value: float) -> Range:
    """The range around a test loss; its tolerance is half the excess over 1, but at least 0.001."""
    return near(value, round(max(0.001, 0.5 * (value - 1)), 6))


_of_four = partial(typical, of=measures.loss)
"""The mean test loss over the training sets."""


def _small() -> Iterator[Claim]:
    claim = partial(_of_figure(), of=SMALL)
    for samples, value in ((30, 1.0075), (50, 1.0048), (100, 1.0032), (200, 1.0015), (500, 1.0005)):
        yield claim(
            "M3.test.T{data_training_samples}",
            "At T = {data_training_samples}, the mean test loss over the training sets is {range}.",
            _around(value),
            _of_four,
            where={T: samples},
            source=f"{REGIMES}; half of the excess over 1, or 0.001, is {TOLERANCE}",
        )
    yield claim(
        "M3.test.T{data_training_samples}",
        "At T = {data_training_samples}, the mean test loss over the training sets is {range}.",
        between(1.0, 1.005),
        _of_four,
        where={T: 1000},
        source=f"{REGIMES}: 1.0007; wider because a few test samples decide, {TOLERANCE}",
    )


def _bump() -> Iterator[Claim]:
    claim = partial(_of_figure(), of=BUMP)
    low, high = BUMP_AT
    yield claim(
        "M3.bump",
        "At T = {low} and {high}, the largest mean test loss is {range}.",
        between(1.0015, 1.15),
        partial(largest, of=measures.loss, low=low, high=high),
        source=f"{REGIMES}: {BUMP_HEIGHT}; one decade of the excess each way, {TOLERANCE}",
        corrections=(Correction(1.002, 1.1, AS_STATED),),
    )
    yield claim(
        "M3.bump.T",
        "Of T = {low} and {high}, the one with the larger mean test loss is {range}.",
        exactly(high),
        partial(of_largest, of=measures.loss, low=low, high=high),
        source=REGIMES,
    )


def _falls() -> Iterator[Claim]:
    low, high = round(FALLEN[0] - 0.0002, 4), round(FALLEN[1] + 0.0002, 4)
    source = f"{REGIMES}; theory gives 0.99879 for a pentagon"
    name = "M3.falls.T{data_training_samples}"
    text = "At T = {data_training_samples}, the test loss is {range}."
    for samples, most, before in ((5000, 1.0, 1.0005), (10000, high, None)):
        yield _of_figure()(
            name,
            text,
            between(low, most),
            _of_four,
            of=FALLS,
            where={T: samples},
            source=source,
            corrections=(Correction(low, before, BELOW_ONE),) if before else (),
        )
    for samples in (20000, 50000, 100000):
        yield make_claim(
            name,
            text,
            between(low, high),
            _of_four,
            of=FALLS,
            experiments=("M3_night",),
            recipe=variants.recipe("M3_night"),
            where={T: samples},
            each=measures.SET,
            source=source,
        )
    yield _on_fresh("figure")(
        "M3.falls.fresh",
        "On fresh samples (T = infinity), the test loss is {range}.",
        between(low, high),
        _of_four,
        of=FALLS,
        source=source,
    )


def _floor() -> Iterator[Claim]:
    claim = partial(
        make_claim,
        of=FLOOR,
        theory=("polygon_features",),
        source=f"theory of the pentagon's loss; 1 below and 2 above are {TOLERANCE}",
    )
    for name, experiment in (*variants.FRESH.items(), ("scaled", "S_fresh")):
        yield claim(
            "M3.floor.{name}.fresh",
            "On fresh samples, the test loss of {experiment} minus that of the pentagon, times n, is"
            " {range}.",
            between(-1, 2),
            _above_pentagon,
            experiments=(experiment,),
            name=name,
            experiment=experiment,
        )
    for name, experiment, samples in (
        ("figure", "M3_night", 100000),
        ("text", "M3_text_night", 50000),
        ("scaled", "S", 5000),
    ):
        yield claim(
            "M3.floor.{name}",
            "At T = {data_training_samples}, the test loss of {experiment} minus that of the pentagon,"
            " times n, is {range}.",
            between(-1, 2),
            _above_pentagon,
            experiments=(experiment,),
            where={T: samples},
            each=measures.SET,
            name=name,
            experiment=experiment,
        )


def _on_fresh(variant: str) -> partial[Claim]:
    """A claim about a variant's runs on fresh samples."""
    experiment = variants.FRESH[variant]
    return partial(make_claim, experiments=(experiment,), recipe=variants.recipe(experiment))


def _of_figure() -> partial[Claim]:
    """A claim about the variant whose figures the paper prints."""
    return partial(
        make_claim,
        experiments=variants.FIGURE,
        recipe=variants.recipe(*variants.FIGURE),
        each=measures.SET,
    )


def _dimensionalities() -> Iterator[Claim]:
    claim = _of_figure()
    for samples, value in PRINTED_RING.items():
        yield claim(
            "M3.ring.T{data_training_samples}",
            "At T = {data_training_samples}, the median dimensionality of the samples on the ring is"
            " {range}.",
            near_percent(value, 30),
            partial(typical, of=measures.ring),
            of=RING,
            where={T: samples},
            source=f"{REGIMES}, the centre of the upper group; 30% is {TOLERANCE}",
        )
    for samples, value in PRINTED_SAMPLES.items():
        yield claim(
            "M3.samples.T{data_training_samples}",
            "At T = {data_training_samples}, the largest sample dimensionality, a mean over the training"
            " sets, is {range}.",
            between(value / 2, 2 * value),
            partial(typical, of=measures.largest_sample),
            of=SAMPLES,
            where={T: samples},
            source=f"{REGIMES}; a factor of two is {TOLERANCE}",
        )
    for samples, value in PRINTED_LARGEST.items():
        yield claim(
            "M3.largest.T{data_training_samples}",
            "At T = {data_training_samples}, the largest feature dimensionality, a mean over the training"
            " sets, is {range}.",
            near_percent(value, 50),
            partial(typical, of=measures.largest_feature),
            of=LARGEST,
            where={T: samples},
            corrections=(Correction(0.06, 0.2, AS_STATED),) if samples == 5000 else (),
            source=f"{REGIMES}; half of it is {TOLERANCE}",
        )
    for samples, accepted in ((NONE_AT, exactly(0)), (FIVE_FROM, counted(4, 7))):
        yield claim(
            "M3.features.T{data_training_samples}",
            f"At T = {{data_training_samples}}, {{range}} features have a dimensionality above"
            f" {STORED}.",
            accepted,
            partial(typical, of=measures.stored_features, by="median"),
            of=FEATURES,
            where={T: samples},
            source=f"{REGIMES}: none and 5; theory has 6 as good as 5",
        )
    yield _on_fresh("figure")(
        "M3.features.fresh",
        f"On fresh samples, {{range}} features have a dimensionality above {STORED}.",
        counted(4, 7),
        partial(typical, of=measures.stored_features),
        of=FEATURES,
        source=f"{REGIMES}: 5; theory has 6 as good as 5",
    )
    yield from _largest_sets()


def _largest_sets() -> Iterator[Claim]:
    night = partial(
        make_claim,
        experiments=("M3_night",),
        recipe=variants.recipe("M3_night"),
        each=measures.SET,
        of=PENTAGON,
    )
    for samples in (50000, 100000):
        yield night(
            "M3.pentagon.T{data_training_samples}",
            "At T = {data_training_samples}, the mean of the five largest feature dimensionalities is"
            " {range}.",
            between(0.22, 0.30),
            partial(typical, of=measures.five_features),
            where={T: samples},
            source=f"{REGIMES}: 0.257; the spread of the figure's own points",
        )
    yield _on_fresh("figure")(
        "M3.pentagon.fresh",
        "On fresh samples, the mean of the five largest feature dimensionalities is {range}.",
        between(0.22, 0.30),
        partial(typical, of=measures.five_features),
        of=PENTAGON,
        source=f"{REGIMES}: 0.257; the spread of the figure's own points",
    )
    for extreme, which in EXTREMES.items():
        yield night(
            "M3.angles.{extreme}",
            "At T = {data_training_samples}, the {which} angle between neighbours of the five is {range}"
            " degrees.",
            between(60, 84),
            partial(_feature_gap, extreme=extreme),
            where={T: PLATEAU},
            source=f"a pentagon has 72 degrees; 12 degrees are {TOLERANCE}",
            which=which,
        )


def _scale() -> Iterator[Claim]:
    for name, of, what in (
        ("W", measures.norm_W, "‖W‖_F"),
        ("b", measures.norm_b, "‖b‖"),
        ("excess", measures.excess, "the test loss minus 1"),
    ):
        yield make_claim(
            "M3.scale.{name}",
            "At T = 200, {what} with the sum over features, over that with the mean, is {range}.",
            at_least(1),
            partial(_ratio, of=of),
            of=SCALE,
            experiments=("M3", "M3_text"),
            recipe=variants.recipe("M3", "M3_text"),
            where={T: 200},
            source="theory: the eps of Adam exceeds the gradients by which W and b grow",
            name=name,
            what=what,
        )


def _norms() -> Iterator[Claim]:
    yield _of_figure()(
        "M4.peak.h",
        "The T at which the longest hidden vector is longest is {range}.",
        between(10, 100),
        partial(of_largest, of=measures.longest_h),
        of=PEAK,
        source=f"{NORMS}: around {PEAK_AT}; two steps of the grid are {TOLERANCE}",
    )
    for variant, how in variants.WORDS.items():
        claim = partial(make_claim, variant=variant, how=how)
        yield from _order(variant, claim)
        yield from _course(variant, claim)


def _order(variant: str, claim: partial[Claim]) -> Iterator[Claim]:
    grid, night = variants.GRIDS[variant], variants.NIGHT[variant]
    yield _on_fresh(variant)(
        "M4.order.{variant}.fresh",
        "On fresh samples with {how}, ‖b‖ - ‖W‖_F is {range}.",
        NEGATIVE,
        partial(typical, of=measures.b_minus_W),
        of=ORDER,
        variant=variant,
        how=variants.WORDS[variant],
        source=f"{NORMS}, and its text",
    )
    for samples, accepted, experiments in (
        (5, NEGATIVE, grid),
        (50, positive(), grid),
        (PLATEAU, NEGATIVE, (night,)),
    ):
        yield claim(
            "M4.order.{variant}.T{data_training_samples}",
            "At T = {data_training_samples} with {how}, ‖b‖ - ‖W‖_F is {range}.",
            accepted,
            partial(typical, of=measures.b_minus_W),
            of=ORDER,
            experiments=experiments,
            recipe=variants.recipe(*experiments),
            where={T: samples},
            each=measures.SET,
            source=f"{NORMS}, and its text",
        )


def _course(variant: str, claim: partial[Claim]) -> Iterator[Claim]:
    grid, night = variants.GRIDS[variant], variants.NIGHT[variant]
    yield claim(
        "M4.rise.{variant}",
        "With {how}, the rank correlation of T and ‖W‖_F up to T = {high} is {range}.",
        at_least(0.9, high=1),
        partial(_rise, high=PEAK_AT),
        of=RISE,
        each=measures.SET,
        experiments=grid,
        recipe=variants.recipe(*grid),
        source=f"{NORMS}: the text; 0.9 is {TOLERANCE}",
    )
    yield _on_fresh(variant)(
        "M4.plateau.{variant}.fresh",
        "On fresh samples with {how}, ‖W‖_F is {range}.",
        between(2.2, 2.9),
        partial(typical, of=measures.norm_W),
        of=PLATEAU_OF_W,
        variant=variant,
        how=variants.WORDS[variant],
        source="theory: √5 with b = 0, 2.577 with the best b, and small columns besides",
    )
    fresh = variants.FRESH[variant]
    yield claim(
        "M4.fall.{variant}.fresh",
        "With {how}, ‖W‖_F on fresh samples over its largest at any T is {range}.",
        at_most(0.2),
        partial(_fall_to_fresh, fresh=fresh),
        of=FALL,
        experiments=(*grid, fresh),
        recipe=variants.recipe(*grid, fresh),
        source=f"{NORMS}: “rapidly declining”; 0.2 is {TOLERANCE}",
    )
    large = partial(claim, experiments=(night,), recipe=variants.recipe(night))
    yield large(
        "M4.plateau.{variant}",
        "At T = {data_training_samples} with {how}, ‖W‖_F is {range}.",
        between(2.2, 2.9),
        partial(typical, of=measures.norm_W),
        of=PLATEAU_OF_W,
        where={T: PLATEAU},
        source="theory: √5 with b = 0, 2.577 with the best b, and small columns besides",
    )
    yield large(
        "M4.fall.{variant}",
        "With {how}, ‖W‖_F at T = {plateau} over its largest at any T is {range}.",
        at_most(0.2),
        partial(_fall, plateau=PLATEAU),
        of=FALL,
        source=f"{NORMS}: “rapidly declining”; 0.2 is {TOLERANCE}",
    )
    yield large(
        "M4.flat.{variant}",
        "With {how}, ‖W‖_F at the last T over that at the one before is {range}.",
        between(0.9, 1.1),
        _flat,
        of=PLATEAU_OF_W,
        source=f"{NORMS}: the text calls it a plateau; 10% is {TOLERANCE}",
    )


CLAIMS = (*_small(), *_bump(), *_falls(), *_floor(), *_dimensionalities(), *_scale(), *_norms())
