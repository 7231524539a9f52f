"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

TWICE = "figure F2 shows the model of F3 at density 1, so the claim was counted twice"
FOUND_LATER = (
    "the run was made to explain a count, and its own training does not converge; the authors' recipe at"
    " every density takes its place"
)

WITHDRAWN = (
    *(
        Withdrawn(f"F2.{what}.p1", f"the same as F3.{what}.p1", TWICE, (f"F3.{what}.p1",))
        for what in ("represented", "bias", "loss", "dedicated", "antipodal")
    ),
    Withdrawn(
        "F4.early.represented",
        "from a start near zero and at the notebook's rate, 55 to 59 features are represented at density"
        " 0.001",
        FOUND_LATER,
        ("F4.recipe.p0.001", "F4.halfway.p0.001"),
    ),
    Withdrawn(
        "F4.early.loss",
        "the run of F4_early loses at least 2 times what the best run of F4 loses at density 0.001",
        FOUND_LATER,
        ("F4.recipe.p0.001",),
    ),
)
