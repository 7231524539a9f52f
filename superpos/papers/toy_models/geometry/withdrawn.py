"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

ALSO_IN_THE_CURVE = "the claim on the whole printed curve tests this point to the same tolerance"
OUR_OPTIMISER = "the range came from our own minimiser, so that the claim tested it against itself"
CURVES = {1.6: "steep", 1.8: "steep", 2: "steep", 6: "sparse", 8: "sparse"}
GAINS = (
    *(("antiprism", 6), ("pentagon", 6), ("antiprism", 10), ("pentagon", 10)),
    ("digon", 10),
)
WITHDRAWN = (
    *(
        Withdrawn(
            f"F7.at.x{x}",
            f"At 1/(1 - S) = {x}, D* is the printed one.",
            ALSO_IN_THE_CURVE,
            (f"F7.curve.{part}",),
        )
        for x, part in CURVES.items()
    ),
    Withdrawn(
        "F7.size.n400m15",
        "With n = 400 and m = 15, D* on the plateau is that of n = 400 and m = 30, within 0.02.",
        "that the same D* comes with half as many dimensions, and that doubling m doubles ‖W‖²_F, are one"
        " statement, and 0.02 of 1/2 is the tolerance of both",
        ("F7.size.doubling",),
    ),
    *(
        Withdrawn(
            f"F7.gain.{shape}.x{x}",
            f"At 1/(1 - S) = {x}, the {shape} saves a stated number of features' loss per dimension.",
            OUR_OPTIMISER,
        )
        for shape, x in GAINS
    ),
    Withdrawn(
        "F7.gain.pentagon.over.digon",
        "The pentagon comes to gain more per dimension than the digon at a 1/(1 - S) from 4.4 to 4.5; before"
        " that, from 4.5 to 5.",
        OUR_OPTIMISER,
    ),
    Withdrawn(
        "F8.sum.max",
        "The largest sum of the dimensionalities at any density is at most m.",
        "it cannot fail: the sum is at most the rank, by the inequality of Cauchy and Schwarz",
        ("F8.sum.min",),
    ),
    Withdrawn(
        "F8.dense.mean",
        "Without sparsity, the mean dimensionality of the features is m/n.",
        "it says again that the dimensionalities add up to m",
        ("F8.sum.min",),
    ),
)
