"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Regular polygons are the smallest solutions, not the only ones",
        "The hidden vectors of T samples form regular T-gons; a comment sees two circles at small T, where"
        " the points on the inner one need a large gap.",
        "The training loss does not ask for a regular polygon. If no two samples share a feature, it is"
        " exactly zero if h_i · (h_i − h_j) ≥ 1 for all j ≠ i. Three unit vectors at 90° or more with b = 0"
        " are enough at T = 3, and samples on two circles are enough if the gaps between the circles are at"
        " least arccos((p² − 1)/(pR)). The regular polygon is the solution with the smallest ‖W‖_F, so that"
        " its regularity comes from the optimiser and from weight decay.",
        "With W = Σ_j h_j X_j^T and b_k = −(‖h_i‖² − 1) X_ik on the features of sample i, its output is"
        " X_ik ReLU(h_j · h_i − ‖h_i‖² + 1) when sample j is shown: 1 times X_ik for j = i, and 0 for the"
        " others under the condition. Adding up the conditions of a sample's features, weighted by X_ik,"
        " shows that any W and b need it.",
        ("M2.exact.T5", "M2.least.max", "M2.failures.some", "M2.three.loss", "O2.gap"),
    ),
)
