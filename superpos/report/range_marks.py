"""The small pictures beside a claim: range, spread and value on a line, and how often it holds for the
best of k.

Positions on the line are in per cent.
"""

from dataclasses import dataclass

import numpy as np

from superpos.report.shares import percent
from superpos.report.verdict_rows import VerdictRow

MARGIN = 0.12
"""The part of the width that is left free at either end."""


@dataclass(frozen=True)
class Bar:
    """Where a bar starts and how wide it is."""

    start: float
    width: float


@dataclass(frozen=True)
class RangeMarks:
    """The accepted range, the value, and the spread over replicates if there is one."""

    range: Bar
    value: float
    spread: Bar | None = None


@dataclass(frozen=True)
class Curve:
    """The points of a curve in a picture of CURVE_SIZE, as "x,y x,y", and a description in words."""

    points: str
    words: str


CURVE_SIZE = 100, 24
"""The width and height of the picture of a curve."""


def marks(row: VerdictRow) -> RangeMarks | None:
    """The marks of a claim, or None if it has no value.

    An infinite end of the range lies at the end of the line.
    """
    if not np.isfinite(row.value):
        return None
    ends = [row.low, row.high, row.value, row.replicate_low, row.replicate_high]
    finite = np.array([end for end in ends if np.isfinite(end)], float)
    width = float(np.ptp(finite)) or abs(float(finite[0])) or 1.0
    start, width = float(finite.min()) - MARGIN * width, (1 + 2 * MARGIN) * width

    def place(end: float) -> float:
        return round(100 * float(np.clip((end - start) / width, 0, 1)), 2)

    def bar(low: float, high: float, narrowest: float) -> Bar:
        return Bar(place(low), max(place(high) - place(low), narrowest))

    has_spread = np.isfinite(row.replicate_low)
    spread = bar(row.replicate_low, row.replicate_high, 0.5) if has_spread else None
    return RangeMarks(bar(row.low, row.high, 1.0), place(row.value), spread)


def chance_curve(row: VerdictRow) -> Curve | None:
    """The probability that a claim holds for the best of k replicates; None if it is the same for every k.

    Replicates are on a logarithmic axis, from 1 to all.
    """
    if len(set(row.best_of_holds)) < 2:
        return None
    (width, height), edge = CURVE_SIZE, 2
    x = edge + (width - 2 * edge) * np.log(row.best_of) / np.log(row.best_of[-1])
    y = height - edge - (height - 2 * edge) * np.asarray(row.best_of_holds)
    chances = [
        f"{percent(p)} at k = {k}" for k, p in zip(row.best_of, row.best_of_holds, strict=True)
    ]
    words = f"The probability that it holds for the best of k replicates is {', '.join(chances)}"
    return Curve(" ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True)), words)
