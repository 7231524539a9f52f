"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

WITHDRAWN = (
    Withdrawn(
        "seed.identity",
        "the notebook's superposition is the squared norm times the paper's",
        "it follows from the two definitions and cannot fail",
    ),
    Withdrawn(
        "seed.dimensions",
        "the dimensionalities of the features sum to at most 2, the number of dimensions",
        "the sum is at most the rank of W for any weights, so the claim cannot fail",
    ),
)
