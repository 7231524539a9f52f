"""Claims of the asymmetric superposition motif, |x| with n = 6, m = 10 (F19)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.config.needs import requires
from superpos.metrics.motifs import Motif, confirmed, instances
from superpos.tables import Tables
from superpos.verdicts.claim import Claim
from superpos.verdicts.measures import column

SECTION = 'section "Computation in Superposition", the asymmetric superposition motif'


def motifs_by_run(t: Tables) -> list[list[Motif]]:
    """The motifs of each replicate that an ablation confirms, replicates in order."""
    return [
        confirmed(column(run, "W"), column(run, "W_out"), column(run, "inhibition_ablation"))
        for run in t.by_replicate
    ]


@requires(metrics=("inhibition_ablation",))
def runs_with(t: Tables, count: int) -> int:
    """How many replicates have at least so many instances of the motif that share no neuron."""
    return sum(len(instances(motifs)) >= count for motifs in motifs_by_run(t))


def replicates(t: Tables) -> int:
    """How many runs there are."""
    return len(t.runs)


def _all() -> Iterator[Claim]:
    claim = partial(Claim, figure="F19", experiments=("F19",), over="all", high=np.inf)
    yield claim(
        "F19.exists",
        statement="In some model a neuron reads two features with weights that differ twofold or"
        " more and writes them with the reverse (both products 1 within 30 %), a second neuron"
        " inhibits the feature of small input weight (-1 or stronger in unit scale) where the"
        " other would raise it, and without that second neuron its loss is at least doubled.",
        source=f"{SECTION}: text; the thresholds are ours",
        measure=partial(runs_with, count=1),
        low=1,
    )
    yield claim(
        "F19.two",
        statement="Some model has two instances of the motif that share no neuron, as the figure's"
        " has.",
        source=f"{SECTION}: the figure's decomposition",
        measure=partial(runs_with, count=2),
        low=1,
    )
    yield claim(
        "F19.replicates",
        statement="At least 50 models are looked at.",
        source="our choice, so that existence does not rest on a lucky few",
        measure=replicates,
        low=50,
    )


CLAIMS = tuple(_all())
