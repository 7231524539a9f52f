"""Claims of the comments about repeated samples (J7 to J10) and about features that are forgotten (J12)."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.metrics.regimes import STORED
from superpos.papers.double_descent import measures
from superpos.papers.double_descent.measures import FORGOTTEN
from superpos.papers.double_descent.repeated import copies
from superpos.papers.double_descent.repeated.conditions import LINE
from superpos.papers.double_descent.repeated.copies import Run
from superpos.tables import Tables
from superpos.verdicts.accepted import at_most, between, positive
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import REARRANGED, Correction
from superpos.verdicts.statement import Statement

JERMYN = "comment by A. Jermyn"
DISTINCT = "dimensionalities among distinct samples, since a copy counts against the others"
ASSUMED = "the comment gives no number of copies; 8 is our choice"
SLOPE = 0.4
"""The slope, against T/n, of the number of copies from which on a sample is memorised."""

FIVE = Statement(
    "J7.five",
    "paper",
    "At T = 3n, a sample that is there five times is memorised beside four features.",
)
TWO = Statement(
    "J7.two", "paper", "At T = 3n, two copies of a sample make no difference to the features."
)
EACH = Statement("J8.each", "paper", "Each of several repeated samples replaces a feature.")
SIX = Statement(
    "J9.six", "paper", "Of more than five repeated samples, five are memorised and no feature is."
)
NEAR = Statement(
    "J11.near",
    "paper",
    "Some repeated samples are near misses: they are memorised during training and dropped later.",
)
LINE_OF_R = Statement(
    "J10.line",
    "paper",
    f"At large T/n, a sample is memorised if there are more than about {SLOPE} T/n copies of it.",
)
FORGETS = Statement(
    "J12.forgets",
    "paper",
    "At T = n, with the sum over features, features are learned first and forgotten later.",
)


def _over_sets(t: Tables, times: int, samples: int, measure: Callable[[Run], float]) -> float:
    """The median over the training sets that hold `times` copies of each of `samples` samples."""
    found = [measure(run) for run in copies.runs(t) if (run.samples, run.times) == (samples, times)]
    return float(np.median(found)) if found else float("nan")


def _above(run: Run) -> float:
    """The fraction of the other samples whose dimensionality is larger than that of the first sample."""
    return float((run.D[1:] > run.D[0]).mean())


def _memorised(run: Run) -> float:
    """How many of the repeated samples have a dimensionality above STORED."""
    return float((run.D[: run.samples] > STORED).sum())


@requires(metrics=("features_above",))
def _features(t: Tables, times: int, samples: int) -> float:
    """The median number of stored features if there are `times` copies of each of `samples` samples."""
    slug = f"samples-{samples}+times-{times}"
    own = t.runs["condition"].astype(str).str.contains(slug, regex=False).to_numpy()
    return measures.typical(t.chosen(own), measures.stored_features, "median")


@requires(metrics=("features_above",))
def _change(t: Tables, times: int) -> float:
    """The median number of features with this many copies of a sample, minus that with a single copy."""
    return _features(t, times, 1) - _features(t, 1, 1)


@requires(metrics=("features_above",))
def _places(t: Tables, samples: int, times: int) -> float:
    """The sum of the median numbers of stored features and of memorised repeated samples."""
    memorised = _over_sets(t, times, samples, _memorised)
    return _features(t, times, samples) + memorised


def _slope(t: Tables) -> float:
    """The slope, against T/n, of the number of copies at which half of the runs memorise the sample."""
    found = list(copies.runs(t))
    ratio = np.array([size / t.runs["n_features"].iloc[0] for size in LINE])
    half = np.array([_half([run for run in found if run.size == size]) for size in LINE])
    return float(np.polyfit(ratio, half, 1)[0]) if np.isfinite(half).all() else float("nan")


def _half(runs: list[Run]) -> float:
    """The interpolated number of copies at which half of the runs memorise the sample; NaN if there is
    none."""
    times = sorted({run.times for run in runs})
    share = np.array([np.mean([r.memorises for r in runs if r.times == k]) for k in times])
    crossed = np.flatnonzero((share[:-1] < 0.5) & (share[1:] >= 0.5))
    if not len(crossed):
        return float("nan")
    i = crossed[0]
    return float(np.interp(0.5, share[i : i + 2], times[i : i + 2]))


@requires(metrics=("first_sample_dimensionality",))
def _near_misses(t: Tables) -> float:
    """The share of the runs whose repeated sample is stored at a checkpoint and forgotten at the last."""
    return float(copies.near_misses(copies.courses(t)).mean())


@requires(metrics=("dimensionality",))
def _along(t: Tables, which: str) -> float:
    """The fifth largest D_f: its largest value during training, or its value at the last checkpoint."""
    steps = t.checkpoints.groupby("step")["dimensionality"]
    fifth = steps.agg(lambda D: np.sort(D.to_numpy(float))[-5]).sort_index()
    return float(fifth.max() if which == "largest" else fifth.iloc[-1])


def _one() -> Iterator[Claim]:
    claim = partial(make_claim, each=measures.SET)
    yield claim(
        "J7.five.sample",
        "With {times} copies of one sample, the share of the other samples with a larger dimensionality is"
        " {range}.",
        at_most(copies.TOP),
        partial(_over_sets, times=5, samples=1, measure=_above),
        of=FIVE,
        source=f"{JERMYN}: in the top 0.1%; {DISTINCT}",
        corrections=(Correction(0, 0.001, REARRANGED, code="67dc01d3965c"),),
    )
    yield claim(
        "J7.five.features",
        f"With {{times}} copies of one sample, {{range}} features have a dimensionality above {STORED}.",
        between(3, 5),
        partial(_features, times=5, samples=1),
        of=FIVE,
        source=f"{JERMYN}: 4; one more or less is our tolerance",
    )
    yield claim(
        "J7.two",
        "With {times} copies of one sample, the number of stored features minus that without copies is"
        " {range}.",
        between(-1, 1),
        partial(_change, times=2),
        of=TWO,
        source=f"{JERMYN}: no change; one more or less is our tolerance",
    )


def _several() -> Iterator[Claim]:
    claim = partial(make_claim, experiments=("J8",), each=measures.SET)
    for samples, code in ((2, "290030883f91"), (3, "b6c88b417169")):
        yield claim(
            "J8.each.c{samples}",
            f"With {{times}} copies of each of {{samples}} samples, {{range}} features and repeated samples"
            f" have a dimensionality above {STORED}.",
            between(4, 6),
            partial(_places, samples=samples, times=8),
            of=EACH,
            source=f"{JERMYN}: five places; {ASSUMED}; {DISTINCT}",
            corrections=(Correction(4, 6, REARRANGED, code=code),),
        )
    yield claim(
        "J9.six.samples",
        f"With {{times}} copies of each of {{samples}} samples, {{range}} of them have a dimensionality"
        f" above {STORED}.",
        between(4, 5),
        partial(_over_sets, times=8, samples=6, measure=_memorised),
        of=SIX,
        source=f"{JERMYN}: five; {ASSUMED}; {DISTINCT}",
        corrections=(Correction(4, 5, REARRANGED, code="5017aac88eb4"),),
    )
    yield claim(
        "J9.six.features",
        f"With {{times}} copies of each of {{samples}} samples, {{range}} features have a dimensionality"
        f" above {STORED}.",
        between(0, 1),
        partial(_features, times=8, samples=6),
        of=SIX,
        source=f"{JERMYN}: none; {ASSUMED}",
    )


def _others() -> Iterator[Claim]:
    yield make_claim(
        "J10.line",
        "At T/n = 5, 10 and 20, the number of copies at which half of eight runs memorise the sample rises"
        " with T/n with a slope {range}.",
        between(SLOPE / 2, 2 * SLOPE),
        _slope,
        of=LINE_OF_R,
        source=f"{JERMYN}: {SLOPE}; a factor of two is our tolerance; {DISTINCT}",
        corrections=(Correction(0.2, 0.8, REARRANGED, code="89ca50d6a183"),),
    )
    yield make_claim(
        "J11.near",
        f"The share of the runs near the line whose repeated sample has a dimensionality above {STORED} at a"
        f" checkpoint and below {FORGOTTEN} at the end is {{range}}.",
        positive(),
        _near_misses,
        of=NEAR,
        experiments=("J10",),
        over="all",
        along=True,
        source=f"{JERMYN}: a number of them; {DISTINCT}",
        corrections=(Correction(positive().low, positive().high, REARRANGED, code="c9fae200d3ce"),),
    )
    for name, what, accepted in (
        ("learned", "largest", between(STORED, 1)),
        ("forgotten", "last", at_most(FORGOTTEN)),
    ):
        yield make_claim(
            "J12.{name}",
            "At T = 10,000 with the sum over features, the {what} of the fifth largest feature"
            " dimensionalities along training is {range}.",
            accepted,
            partial(_along, which=what),
            of=FORGETS,
            recipe={"J12": {"optimizer.eps": 1e-8}},
            along=True,
            source=f"{JERMYN}: its film",
            name=name,
            what=what,
        )


CLAIMS = (*_one(), *_several(), *_others())
