"""The condition nearest to a point of the axis 1 / (1 - S), for the claims and the figure of this section."""

import numpy as np

from superpos.tables import Tables


def nearest(t: Tables, x: float) -> Tables:
    """The condition whose 1 / (1 - S) is nearest to x on a logarithmic axis."""
    densities = t.runs["density"].to_numpy(float)
    return t.where(density=float(densities[abs(np.log(densities * x)).argmin()]))
