"""Claims about the asymmetric superposition motif, |x| with n = 6, m = 10 (F19)."""

from collections.abc import Iterator
from functools import partial

from superpos.config.needs import requires
from superpos.metrics.motifs import (
    PRODUCT_TOLERANCE,
    SMALLEST_DAMAGE,
    SMALLEST_RATIO,
    WEAKEST_INHIBITION,
    Motif,
    confirmed,
    instances,
)
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.measures import column
from superpos.verdicts.statement import Statement

SECTION = 'section "Computation in Superposition", the asymmetric superposition motif'

MOTIF = Statement(
    "F19.motif",
    "paper",
    "Some models of |x| use asymmetric superposition with inhibition: a neuron reads one feature strongly"
    " and another weakly and writes them the other way round, and a second neuron inhibits the weak one"
    " when the strong one would raise it. The figure's model does so twice.",
)


def motifs_by_run(t: Tables) -> list[list[Motif]]:
    """For each replicate, the motifs that an ablation confirms."""
    return [
        confirmed(column(run, "W"), column(run, "W_out"), column(run, "inhibition_ablation"))
        for run in t.by_replicate
    ]


@requires(metrics=("inhibition_ablation",))
def runs_with(t: Tables, count: int) -> int:
    """How many replicates have at least that many instances of the motif that share no neuron."""
    return sum(len(instances(motifs)) >= count for motifs in motifs_by_run(t))


def _claims() -> Iterator[Claim]:
    claim = partial(make_claim, of=MOTIF, over="all")
    yield claim(
        "F19.exists",
        "In {range} model, a neuron reads two features with weights whose ratio is {ratio} or more and"
        " writes them with the reverse (both products are 1 to within {unit}). A second neuron inhibits"
        " the feature of small input weight, with an output weight of {inhibition} or less in unit scale,"
        " when the other feature would raise it. Without that second neuron the feature's loss is at"
        " least {damage} times as large.",
        at_least(1),
        partial(runs_with, count=1),
        source=f"{SECTION}: text; the thresholds are ours",
        ratio=SMALLEST_RATIO,
        unit=PRODUCT_TOLERANCE,
        inhibition=WEAKEST_INHIBITION,
        damage=SMALLEST_DAMAGE,
    )
    yield claim(
        "F19.two",
        "{range} model has {count} instances of the motif that share no neuron, as the figure's has.",
        at_least(1),
        partial(runs_with, count=2),
        source=f"{SECTION}: the figure's decomposition",
    )


CLAIMS = tuple(_claims())
