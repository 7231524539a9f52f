"""Claims of the appendix on nonlinear compression (F20)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.tables import Tables
from superpos.verdicts.accepted import at_most, between, fraction, near_percent
from superpos.verdicts.claim import Claim, make_claim

SECTION = 'appendix "Nonlinear Compression"'
PROTOTYPE = {2: 0.076, 3: 0.059, 5: 0.050, 10: 0.047}
"""The losses at ramps of 0.1, read off a prototype's code, by the number of cells."""


def _loss(t: Tables, cells: int, ramp: float) -> float:
    table = t.theory["compression"]
    row = (table["cells"] == cells) & np.isclose(table["ramp"], ramp)
    return float(table.loc[row, "loss"].iloc[0])


def _break_even(t: Tables, cells: int) -> float:
    """The ramp at which the code loses as much as linear compression, interpolated."""
    table = t.theory["compression"]
    line = table[table["cells"] == cells].sort_values("ramp")
    worse = line["loss"].to_numpy() > theory.LINEAR_COMPRESSION
    if not worse.any():
        return float("nan")
    k = int(worse.argmax())
    (r0, r1), (l0, l1) = (line[c].to_numpy()[k - 1 : k + 1] for c in ("ramp", "loss"))
    return float(r0 + (r1 - r0) * (theory.LINEAR_COMPRESSION - l0) / (l1 - l0))


def _claims() -> Iterator[Claim]:
    claim = partial(make_claim, experiments=(), theory=("compression",))
    for cells, loss in PROTOTYPE.items():
        yield claim(
            "F20.ideal.z{cells}",
            "With ideal jumps, the loss of the code of {cells} cells is {range}, which is 1/(12 Z²).",
            near_percent(fraction(theory.nonlinear_compression(cells)), 1),
            partial(_loss, cells=cells, ramp=0.0),
            source="theory: the variance of a cell; 1 %, our tolerance",
        )
        yield claim(
            "F20.ramp.z{cells}",
            "With ramps of {ramp}, the code of {cells} cells loses {range}.",
            between(loss - 0.002, loss + 0.002),
            partial(_loss, cells=cells, ramp=0.1),
            source="a prototype's code; .002, our tolerance for its sampling",
        )
    yield claim(
        "F20.beats",
        "Even with ramps of {ramp} and {cells} cells, the code loses {range}, the loss of linear"
        " compression.",
        at_most(fraction(theory.LINEAR_COMPRESSION)),
        partial(_loss, cells=3, ramp=0.1),
        source=f"{SECTION}: text; theory: 1/12 for either linear way",
    )
    yield claim(
        "F20.break_even",
        "With {cells} cells, the code loses as much as linear compression at a ramp {range}.",
        between(0.15, 0.2),
        partial(_break_even, cells=3),
        source="a prototype's code",
    )


CLAIMS = tuple(_claims())
