"""Checked answers for the course in examples/: each function says whether an answer is right, and why.

    superpos.exercises.pair_density(0.5)

An answer may be a number, an array of any library, a name, or a function that you wrote: the docstring of
each check says which. The right answers come from theory or from the models that you pass.
"""

from superpos.api.exercises.bottleneck import (
    best_bias,
    features_kept,
    features_on,
    ignored_loss,
    output_loss,
    pair_output,
)
from superpos.api.exercises.checking import Checked
from superpos.api.exercises.dynamics import (
    full_level,
    level_gap,
    missing_pairs,
    restarts,
    stage,
)
from superpos.api.exercises.geometry import (
    antipodal_pairs,
    dimension_budget,
    dimensionality,
    shapes,
)
from superpos.api.exercises.phases import agreement, cheapest, pair_density, pair_loss
from superpos.api.exercises.stored_samples import (
    bump,
    sample_dimensionality,
    silent_loss,
    smallest_radius,
    stored,
)

__all__ = [
    "Checked",
    "agreement",
    "antipodal_pairs",
    "best_bias",
    "bump",
    "cheapest",
    "dimension_budget",
    "dimensionality",
    "features_kept",
    "features_on",
    "full_level",
    "ignored_loss",
    "level_gap",
    "missing_pairs",
    "output_loss",
    "pair_density",
    "pair_loss",
    "pair_output",
    "restarts",
    "sample_dimensionality",
    "shapes",
    "silent_loss",
    "smallest_radius",
    "stage",
    "stored",
]
