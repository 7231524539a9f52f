"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

WITHDRAWN = tuple(
    Withdrawn(
        f"F20.ideal.z{cells}",
        f"with ideal jumps, the code of {cells} cells loses 1/(12 Z²)",
        "the code's loss is 1/(12 Z²) for any number of cells, so the claim tests only a sum over a grid",
    )
    for cells in (2, 3, 5, 10)
)
