"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

IDENTITY = "it is a property of the formula that the tables are made with, so it cannot fail"

WITHDRAWN = (
    Withdrawn("F21.symmetry", "the loss is the same at W and -W", IDENTITY),
    *(
        Withdrawn(
            f"F21.level.{which}",
            f"at equal importance, b = 0 and density 0.9, the loss at W = {W} has its closed form",
            IDENTITY,
        )
        for which, W in (("first", "(1, 0)"), ("second", "(0, 1)"), ("both", "(1, 1) / √2"))
    ),
)
