"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

WITHDRAWN = tuple(
    Withdrawn(
        f"F1.norm.{extreme}.p0.1",
        f"at 90% sparsity, the {which} of the five norms lies between 1.063 and 1.122",
        "the range was that of the exact optimum and 0.01 around it, so the claim that each norm is within"
        " 0.01 of the exact optimum's says the same",
        ("F1.norm.exact.p0.1",),
    )
    for extreme, which in (("min", "smallest"), ("max", "largest"))
)
