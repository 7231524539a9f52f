"""Claims of the comments about the onset: the smallest T at which features are stored (J3, J4, J5)."""

from collections.abc import Iterator
from functools import partial

from superpos.config.needs import requires
from superpos.papers.double_descent import measures
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, between
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.statement import Statement

JERMYN = "comment by A. Jermyn"
DENSITIES = (0.02, 0.01, 0.005)
DECAYS = (0.001, 0.01, 0.1)

DECAY = Statement(
    "J3.onset", "paper", "Weight decay does not move the onset: the T at which features are stored."
)
OCCURRENCES = Statement(
    "J4.onset",
    "paper",
    "With two hidden dimensions the onset is at a fixed number of occurrences of each feature, T(1 − S)"
    " of roughly 10, at any sparsity.",
)
OVERLAPS = Statement(
    "J4.overlap",
    "ours",
    "The number of occurrences sets the onset, and not how often two samples share a feature.",
)
LESS = Statement(
    "J5.spread",
    "paper",
    "With more hidden dimensions the onset is less clearly at a fixed number of occurrences.",
)


@requires(metrics=("fifth_dimensionality",))
def _spread_over_decays(t: Tables) -> float:
    """The largest onset over the weight decays divided by the smallest."""
    found = [measures.onset(t.where(optimizer_weight_decay=decay)) for decay in DECAYS]
    return _spread(found)


@requires(metrics=("fifth_dimensionality",))
def _occurrences(t: Tables, density: float) -> float:
    """T (1 - S) at the onset."""
    return measures.onset(t.where(density=density)) * density


@requires(metrics=("fifth_dimensionality",))
def _spread_over_densities(t: Tables) -> float:
    """The largest T (1 - S) at the onset over the densities, divided by the smallest."""
    return _spread([_occurrences(t, density) for density in DENSITIES])


@requires(metrics=("fifth_dimensionality",))
def _four_over_two(t: Tables) -> float:
    """The spread over densities with four hidden dimensions, divided by that with two."""
    return _spread_over_densities(t.of("J5")) / _spread_over_densities(t.of("J4"))


def _spread(onsets: list[float]) -> float:
    """The largest value divided by the smallest; NaN if one is missing."""
    return float("nan") if any(x != x for x in onsets) else max(onsets) / min(onsets)


def _claims() -> Iterator[Claim]:
    claim = partial(make_claim, each=measures.SET)
    yield claim(
        "J3.onset",
        "Over weight decays of 0.001, 0.01 and 0.1, the largest T of the onset over the smallest is"
        " {range}.",
        between(1, 1.5),
        _spread_over_decays,
        of=DECAY,
        source=f"{JERMYN}: no change; one step of the grid is our tolerance",
    )
    for density in DENSITIES:
        yield claim(
            "J4.onset.p{density}",
            "At density {density}, the onset is at a T(1 - S) {range}.",
            between(4, 20),
            partial(_occurrences, density=density),
            of=OCCURRENCES,
            source=f"{JERMYN}: roughly 10; a factor of two is our tolerance",
        )
    yield claim(
        "J4.onset.spread",
        "Over the three densities, the largest T(1 - S) of the onset over the smallest is {range}.",
        between(1, 2),
        _spread_over_densities,
        of=OCCURRENCES,
        source=f"{JERMYN}: curves fall together; a factor of two is our tolerance",
    )
    yield claim(
        "J4.overlap",
        "At n = 2,500 and density {density}, where a pair of samples shares a feature a tenth as often, the"
        " onset is at a T(1 - S) {range}.",
        between(4, 20),
        partial(_occurrences, density=0.002),
        of=OVERLAPS,
        experiments=("J4_overlap",),
        source=f"the range of the {JERMYN}",
    )
    yield claim(
        "J5.spread",
        "The spread of T(1 - S) at the onset with four hidden dimensions, over that with two, is {range}.",
        at_least(1),
        _four_over_two,
        of=LESS,
        experiments=("J4", "J5"),
        source=f"{JERMYN}: less clean",
    )


CLAIMS = tuple(_claims())
