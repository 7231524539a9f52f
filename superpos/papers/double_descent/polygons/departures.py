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
    Departure(
        "At T = 6 the run of lowest training loss is not a regular hexagon",
        "The hidden vectors of six samples form a regular hexagon.",
        "Three of our six runs are regular hexagons, with gaps of 59° to 62° and a ‖W‖_F of 3.8 to 4.0; the"
        " smallest possible one is 3.46. In the other three, one or two columns of W are three times as long"
        " as all others, the gaps run from 49° to 76°, and ‖W‖_F is 5.3 to 5.5. Every run has a training loss"
        " of about 1e-14, which is zero as far as single precision goes, so that the choice by training loss"
        " is left to rounding. Among the first four runs it falls on one of the irregular ones.",
        "No two of the six samples share a feature, so that zero loss asks only for h_i · (h_i − h_j) ≥ 1,"
        " and both kinds of runs satisfy it. A choice by the smallest ‖W‖_F among the runs without loss"
        " would have shown a hexagon, as the figure does; the paper does not describe such a choice, and"
        " ours stays as it was fixed.",
        ("M2.gaps.T6.min", "M2.gaps.T6.max", "M2.radii.T6", "M2.W.T6", "M2.messy.T6"),
    ),
)
