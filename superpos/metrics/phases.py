"""Which phase of the phase diagrams a run is in (section "Superposition as a Phase Change")."""

import numpy as np

from superpos import phases
from superpos.needs import requires


@requires(tied=True)
def phase(W: np.ndarray) -> np.ndarray:
    """The place in `superpos.phases.NAMES` of the nearest configuration [run].

    For 2 features in 1 dimension and 3 in 2; -1 for other shapes.
    """
    return phases.nearest(W)
