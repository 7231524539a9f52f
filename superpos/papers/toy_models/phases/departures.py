"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "The phase diagram is the best of ten, not the mean of nine",
        "Each point of the printed diagram is the mean of ten models without the worst.",
        "Single runs miss the antipodal pair so often that such a mean is a speckled wedge; the best"
        " of the restarts (16 in F5, ten in F6) is the printed picture. Both figures draw both, with"
        " the share of runs that end as the best does.",
        "From a random start, W_1 and W_2 have the same sign half of the time, and a same-sign local"
        " minimum lies there. All of ten fail with a probability of about one half to the tenth: the"
        " few specks of the printed diagram.",
        ("F5.agreement", "F5.sparse", "F6.agreement"),
    ),
    Departure(
        "At equal importance, superposition ends above density 4/7",
        "The theory with fixed unit weights ends superposition at density 4/7.",
        "With free weights and biases the symmetric pair shrinks and stays best to about 0.71.",
        "Least expected loss over W_1, W_2, b_1, b_2 by quadrature, from many starts.",
        ("F5.triple", "F5.triple.exact", "F5.slope"),
    ),
    Departure(
        "With a feature of much higher or lower importance, superposition also ends later",
        "The printed diagram and the closed forms leave it at a density of 0.16 to 0.17.",
        "The best runs leave it at a somewhat higher density, as the exact optimum does.",
        "Least expected loss by quadrature, as above: near the edge the weaker feature's weight is"
        " well below 1, so the pair loses less than the closed form with unit weights says.",
        ("F5.edge.r0.1", "F5.edge.r10", "F5.edge.exact.r0.1", "F5.edge.exact.r10"),
    ),
)
