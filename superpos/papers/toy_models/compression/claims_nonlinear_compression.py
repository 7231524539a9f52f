"""Claims from the appendix on nonlinear compression (F20)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.tables import Tables
from superpos.verdicts.accepted import at_most, between, fraction
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.statement import Statement

SECTION = 'appendix "Nonlinear Compression"'
CELLS, RAMP = 3, 0.1
"""The number of cells and the width of the ramps with which the code is compared with linear compression."""
PROTOTYPE = {2: 0.076, 3: 0.059, 5: 0.050, 10: 0.047}
"""The losses at ramps of RAMP, read off a prototype's code, by the number of cells."""

BEATS = Statement(
    "F20.beats",
    "paper",
    "Two features fit into one number with less loss by a nonlinear code than by linear compression, even"
    f" with {CELLS} cells and ramps of {RAMP} instead of jumps.",
)
RAMPS = Statement(
    "F20.ramp",
    "ours",
    f"With ramps of {RAMP}, the nonlinear code loses as much as in a prototype, for each number of cells.",
)
BREAK_EVEN = Statement(
    "F20.break_even",
    "ours",
    f"With {CELLS} cells, the nonlinear code is no better than linear compression if its ramps are as wide"
    " as in a prototype.",
)


def _loss(t: Tables, cells: int, ramp: float) -> float:
    table = t.theory["compression"]
    row = (table["cells"] == cells) & np.isclose(table["ramp"], ramp)
    return float(table.loc[row, "loss"].iloc[0])


def _break_even(t: Tables, cells: int) -> float:
    """The interpolated width of the ramp at which the code loses as much as linear compression."""
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
            "F20.ramp.z{cells}",
            "With {cells} cells and ramps of {ramp}, the code's loss is {range}.",
            between(loss - 0.002, loss + 0.002),
            partial(_loss, cells=cells, ramp=RAMP),
            of=RAMPS,
            source="a prototype's code; 0.002, our tolerance for its sampling",
        )
    yield claim(
        "F20.beats",
        "With {cells} cells and ramps of {ramp}, the code's loss is {range}, which is the loss of linear"
        " compression.",
        at_most(fraction(theory.LINEAR_COMPRESSION)),
        partial(_loss, cells=CELLS, ramp=RAMP),
        of=BEATS,
        source=f"{SECTION}: text; theory: either linear way loses 1/12",
    )
    yield claim(
        "F20.break_even",
        "With {cells} cells, the code loses as much as linear compression if its ramps have a width"
        " {range}.",
        between(0.15, 0.2),
        partial(_break_even, cells=CELLS),
        of=BREAK_EVEN,
        source="a prototype's code",
    )


CLAIMS = tuple(_claims())
