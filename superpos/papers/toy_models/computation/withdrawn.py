"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

MERGED = (
    "the figure's claims are now about models at rest themselves, all trained with one setting, and the"
    " recipe's models are judged beside them"
)
WITHDRAWN = (
    Withdrawn(
        "F18.rested.loss.p0.01",
        "at density 0.01, runs trained with a lower rate and eps lose at most half of what the runs with"
        " the figure's counts lose",
        MERGED,
        ("F18.unrested.p0.01",),
    ),
    Withdrawn(
        "F18.rested.loss.p0.003",
        "at density 0.003, runs trained with a lower rate and eps lose at most half of what the runs with"
        " the figure's counts lose",
        MERGED,
        ("F18.unrested.p0.003",),
    ),
    Withdrawn(
        "F18.rested.poly.p0.01",
        "at density 0.01, most neurons of the runs at rest are polysemantic",
        "it is the negation of F18.mono.p0.01, and both counted as held",
        ("F18.mono.p0.01", "F18.poly.p0.01"),
    ),
    Withdrawn(
        "F18.rested.poly.p0.003",
        "at density 0.003, most neurons of the runs at rest are polysemantic",
        "the figure's counts at this density are now claims",
        ("F18.mono.p0.003", "F18.poly.p0.003"),
    ),
    Withdrawn("F19.replicates", "at least 50 models are searched", "it cannot fail"),
)
