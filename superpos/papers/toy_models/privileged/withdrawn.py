"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

PROTOTYPE = (
    "the number was that of a prototype with 40 restarts of another length; the paper gives no loss of"
    " any run but the best"
)
REGIME = (
    "the regime is every density from 0.2 to 0.4; all four of the figure are asked, not one of them"
)
WITHDRAWN = (
    Withdrawn(
        "F16.gap.least",
        "at every density, the restarts' median loss is at least 1.03 times their best",
        PROTOTYPE,
    ),
    Withdrawn(
        "F16.gap.greatest",
        "at every density, the restarts' median loss is at most 1.18 times their best",
        PROTOTYPE,
    ),
    Withdrawn(
        "F16.pairs.features",
        "at density 0.03, each of the ten features is a pair of neurons",
        "the regime is every density up to 0.04; two of these are asked, and the name says which",
        ("F16.pairs.features.p0.03", "F16.pairs.features.p0.02"),
    ),
    Withdrawn(
        "F16.pairs.distinct",
        "at density 0.03, the ten pairs of neurons are all different",
        "the regime is every density up to 0.04; two of these are asked, and the name says which",
        ("F16.pairs.distinct.p0.03", "F16.pairs.distinct.p0.02"),
    ),
    Withdrawn(
        "F16.triple.signs",
        "at density 0.32, two neurons code three features with the signs (1, 1), (1, -1) and (-1, 1)",
        REGIME,
        (
            "F16.triple.signs.p0.4",
            "F16.triple.signs.p0.32",
            "F16.triple.signs.p0.25",
            "F16.triple.signs.p0.2",
        ),
    ),
    Withdrawn(
        "F16.triple.antipodal",
        "at density 0.32, two of these features have a cosine of at most -0.9",
        REGIME,
        (
            "F16.triple.antipodal.p0.4",
            "F16.triple.antipodal.p0.32",
            "F16.triple.antipodal.p0.25",
            "F16.triple.antipodal.p0.2",
        ),
    ),
    Withdrawn(
        "F16.triple.orthogonal",
        "at density 0.32, the third feature's |cosine| with either is at most 0.1",
        REGIME,
        (
            "F16.triple.orthogonal.p0.4",
            "F16.triple.orthogonal.p0.32",
            "F16.triple.orthogonal.p0.25",
            "F16.triple.orthogonal.p0.2",
        ),
    ),
)
