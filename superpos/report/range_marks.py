"""A claim's range, spread and value as places on one line, in per cent of its width."""

from collections.abc import Mapping
from typing import Any

import numpy as np

MARGIN = 0.12


def mark(row: Mapping[str, Any]) -> dict[str, float] | None:
    """`range`, `spread`: where they begin and how wide they are; `value`. None without a value.

    An end of the range that is infinite lies at the end of the line.
    """
    if not np.isfinite(row["value"]):
        return None
    ends = [row[name] for name in ("low", "high", "value", "replicate_low", "replicate_high")]
    finite = np.array([end for end in ends if np.isfinite(end)], float)
    width = float(np.ptp(finite)) or abs(float(finite[0])) or 1.0
    start, width = float(finite.min()) - MARGIN * width, (1 + 2 * MARGIN) * width

    def place(end: float) -> float:
        return round(100 * float(np.clip((end - start) / width, 0, 1)), 2)

    low, high = place(row["low"]), place(row["high"])
    result = {"range": low, "range_width": max(high - low, 1.0), "value": place(row["value"])}
    if np.isfinite(row["replicate_low"]):
        first, last = place(row["replicate_low"]), place(row["replicate_high"])
        result |= {"spread": first, "spread_width": max(last - first, 0.5)}
    return result
