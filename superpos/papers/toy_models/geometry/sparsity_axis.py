"""Points on the axis 1 / (1 - S) of the figures, which the claims read and the figure draws."""

import numpy as np

from superpos.tables import Tables


def nearest(t: Tables, x: float) -> Tables:
    """The condition whose 1 / (1 - S) is nearest to x on a logarithmic axis."""
    densities = t.runs["density"].to_numpy(float)
    return t.where(density=float(densities[abs(np.log(densities * x)).argmin()]))
