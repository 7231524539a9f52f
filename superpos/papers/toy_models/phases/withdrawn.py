"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

WITHDRAWN = (
    Withdrawn(
        "F5.triple",
        "at equal importance, the closed forms of the three phases meet at density 4/7",
        "it solves an equation of our own formulas and cannot fail",
        ("F5.triple.exact",),
    ),
)
