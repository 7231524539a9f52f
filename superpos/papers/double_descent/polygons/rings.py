"""The hidden vectors of one run in the plane: their gaps and radii, and whether they form two circles."""

from itertools import pairwise

import numpy as np
import pandas as pd

from superpos import theory

TWO_RADII = 0.8
"""Below this ratio of the smallest to the largest radius, the samples do not lie on one circle."""


def gaps(rows: pd.DataFrame) -> np.ndarray:
    """The angles in degrees from each hidden vector to the next one around the origin."""
    angles = np.sort(rows["sample_angle"].to_numpy(float))
    return np.diff(angles, append=angles[0] + 360)


def roundness(rows: pd.DataFrame) -> float:
    """The smallest ‖h‖ divided by the largest."""
    norm = rows["sample_norm"].to_numpy(float)
    return float(norm.min() / norm.max())


def across(rows: pd.DataFrame) -> float:
    """The smallest gap between neighbours on different circles, divided by the gap that zero loss requires.

    A sample is on the inner circle if its radius is nearer to the smallest one than to the largest.
    NaN if there are no such neighbours.
    """
    around = rows.sort_values("sample_angle")
    norm = around["sample_norm"].to_numpy(float)
    inside = norm < (norm.min() + norm.max()) / 2
    places = [*range(len(norm)), 0]
    ratios = [
        gap / theory.gap_across(*np.sort(norm[[i, j]]))
        for (i, j), gap in zip(pairwise(places), gaps(around), strict=True)
        if inside[i] != inside[j]
    ]
    return float(np.min(ratios)) if ratios else float("nan")
