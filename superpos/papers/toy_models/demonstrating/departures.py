"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "The sparsest columns of the stacks show models not at rest",
        "With 80 features at density 0.001, 57 have a norm above a half, and 23 more are on the way.",
        "Trained on, more of the 80 are represented, at a lower loss. A start near zero and the"
        " notebook's rate give the printed count, with a loss many times the one reached here.",
        "Held-out loss of both, on the same stratified samples.",
        (
            "F4.represented.p0.001",
            "F4.represented.p0.003",
            "F4.represented.p0.01",
            "F4.represented.p0.03",
            "F4.early.represented",
            "F4.early.loss",
        ),
    ),
    Departure(
        "A feature that is hardly represented has a smaller bias than its mean",
        "A feature that is not represented is best answered by its mean: b = p/2. We count as not"
        " represented a norm of up to a half.",
        "Features without weight have that bias. But at density 0.03 the best runs give one or more"
        " features a small weight, and those have a smaller bias.",
        "Where W_i = 0 the loss in b_i is E (x_i - b_i)^2, least at p/2. Where it is not, the output"
        " answers interference as well: with W as trained, the bias of least loss is below p/2 too."
        " Without small weights, five antipodal pairs lose more in any of their 945 pairings than the"
        " best of many runs: least loss of each pair by quadrature, beside losses on common samples.",
        ("F3.bias.p0.03", "F3.bias.p0.1", "F3.bias.p0.3"),
    ),
    Departure(
        "In a pair, a much less important feature has a shorter weight vector",
        "At density 0.1 inner products of different features are 0 or -1 in the heat map.",
        "A pair's product is farther from -1, the less important the weaker feature is beside the"
        " stronger. Which features pair up is up to the restart, since most pairings nearly tie.",
        "Least expected loss of each pair by quadrature, summed over all 945 ways to make four pairs"
        " of nine features: the least has the second feature with the ninth, whose product is -0.896."
        " 30 lose at most half a percent more than the least; 15 of them have that pair.",
        ("F3.antipodal.p0.1", "F3.antipodal.p0.3"),
    ),
    Departure(
        "In the sparsest columns, neighbouring counts of features nearly tie",
        "From each density to the next sparser one, the number of represented features never falls.",
        "At densities 0.003 and 0.001 runs with 12, 13 and 14 features lose within a few percent of"
        " each other, while restarts differ by more. So the count of the best of a few may fall by one.",
        "Losses of all restarts on common held-out samples. Several features of each run have a norm"
        " near a half, where the count begins. Training three times longer does not settle it; more"
        " restarts find lower losses, with counts that do not fall.",
        ("F3.represented.monotone", "F3.represented.p0.003", "F3.represented.p0.001"),
    ),
)
