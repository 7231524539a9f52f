"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

WITHDRAWN = (
    Withdrawn(
        "F14.shoulder",
        "In the run that is shown, the loss has a shoulder between 0.0005 and 0.0014.",
        "the run that is shown is the first one that lingers there, so the claim could not fail",
        instead=("F14.shoulder.runs",),
    ),
    Withdrawn(
        "F14.antipodes",
        "In the run that is shown, the cosine of the antipodes is at most -0.995 at the end.",
        "the run that is shown is chosen for its opposite features, so the claim could hardly fail",
        instead=("F14.octahedron",),
    ),
)
