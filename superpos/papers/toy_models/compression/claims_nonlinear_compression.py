"""Claims of the appendix on nonlinear compression (F20)."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos import theory
from superpos.tables import Tables
from superpos.verdicts.claim import Claim

SECTION = 'appendix "Nonlinear Compression"'
PROTOTYPE = {2: 0.076, 3: 0.059, 5: 0.050, 10: 0.047}
"""Losses at ramps of .1, read off a prototype's code."""


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


def _all() -> Iterator[Claim]:
    claim = partial(Claim, figure="F20", experiments=(), theory=("compression",))
    for z, loss in PROTOTYPE.items():
        ideal = theory.nonlinear_compression(z)
        yield claim(
            f"F20.ideal.z{z}",
            statement=f"With ideal jumps, the code of {z} cells loses 1/(12 Z^2), within 1 %.",
            source="theory: the variance of a cell; 1 %, our tolerance",
            measure=partial(_loss, cells=z, ramp=0.0),
            low=0.99 * ideal,
            high=1.01 * ideal,
        )
        yield claim(
            f"F20.ramp.z{z}",
            statement=f"With ramps of .1, the code of {z} cells loses {loss:g}, within .002.",
            source="a prototype's code; .002, our tolerance for its sampling",
            measure=partial(_loss, cells=z, ramp=0.1),
            low=loss - 0.002,
            high=loss + 0.002,
        )
    yield claim(
        "F20.beats",
        statement="Even with ramps of .1 and 3 cells, the code loses less than linear compression,"
        " 1/12.",
        source=f"{SECTION}: text; theory: 1/12 for either linear way",
        measure=partial(_loss, cells=3, ramp=0.1),
        low=0,
        high=theory.LINEAR_COMPRESSION,
    )
    yield claim(
        "F20.break_even",
        statement="With 3 cells, the code breaks even with linear compression at a ramp of .15 to"
        " .2.",
        source="a prototype's code",
        measure=partial(_break_even, cells=3),
        low=0.15,
        high=0.2,
    )


CLAIMS = tuple(_all())
