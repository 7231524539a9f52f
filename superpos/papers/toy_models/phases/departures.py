"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "The printed phase diagram is that of the best of ten, not of the mean of nine",
        "Each point of the printed diagram is the mean of ten models without the one of highest loss.",
        "Single runs miss the antipodal pair so often that such a mean is a speckled wedge around equal"
        " importance. The best run at each point gives the printed picture. Both figures draw both, and the"
        " share of runs that end as the best one does. This holds for our training and for the authors'"
        " recipe, after which about half of the models are antipodal at importances between 0.4 and 2.5.",
        "From a random start, W_1 and W_2 have the same sign half of the time, and there is a local minimum"
        " with the same sign. All of ten miss the pair with a probability of about one half to the tenth,"
        " which gives the few specks of the printed diagram.",
        ("F5.mean", "F6.mean", "F5.agreement", "F5.sparse", "F6.agreement"),
    ),
    Departure(
        "At equal importance, superposition ends above density 4/7",
        "In the theory with fixed unit weights, superposition ends at density 4/7.",
        "With free weights and biases, the symmetric pair shrinks and stays the best to a density of about"
        " 0.71.",
        "We computed the smallest expected loss over W_1, W_2, b_1 and b_2, by quadrature from many starts.",
        ("F5.triple.exact",),
    ),
    Departure(
        "Superposition also ends later at other importances",
        "The printed diagram and the closed forms leave superposition at a density of 0.16 to 0.17 if one"
        " feature is ten times as important as the other, and the phase change lies on the boundary of the"
        " closed forms everywhere.",
        "The exact optimum leaves superposition at a density of about 0.18 there, and so do the best trained"
        " runs. At most importances, its loss bends one or two cells of the grid above the boundary.",
        "We computed the smallest expected loss by quadrature, as above. Near the boundary, the weight of"
        " the weaker feature is well below 1, so the pair loses less than the closed form with unit weights"
        " says.",
        (
            *("F5.edge.r0.1", "F5.edge.r10", "F5.edge.exact.r0.1", "F5.edge.exact.r10"),
            "F5.slope",
        ),
    ),
)
