"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "The feature that rises to 1/√2 before a late jump was not at 1/2 before",
        "In the figure, a feature that was not learned jumps to dimensionality 1/2 while one that was at"
        " 1/2 rises to 0.715. Later another feature jumps to 1/2, and that one falls back to 1/2. The loss"
        " goes from 0.05354 to 0.05352 and then to 0.0531.",
        "Nearly every run gains its last pair in a late jump, and the loss falls as in the figure. Before the"
        " jump, 4 of our 20 runs have a feature that rises to about 0.7, and at density 0.304 it is 12 of 20."
        " But that feature was not learned before, and no feature that was at 1/2 leaves it: 0 of 20 runs."
        " The largest dimensionality that a feature at 1/2 reaches is 0.535. In one run of 20, two features"
        " reach 1/2 one after the other, at neighbouring checkpoints. PLACEHOLDER",
        "Before the jump, 19 dimensions hold a pair each, and the last one holds a smear of all other"
        " features, which in closed form loses as much as a single feature there. So one feature can take"
        " over most of that dimension at almost no change of the loss, and it has about 0.7 of it; then its"
        " partner joins, both end at 1/2, and the loss, summed over features, falls by v − p²/3, where"
        " v = p/3 − p²/4. The paper's features have the same dimensionalities, but a feature of a pair takes"
        " over the dimension and a new one replaces it in its pair.",
        ("F13.peak", "F13.two", "F13.swap", "F13.subtle", "F13.jump", "F13.fall"),
    ),
    Departure(
        "The triangles turn sooner than in the paper's loss curve",
        "The loss rests on a shoulder of about 0.0008 from step 5,000 to 20,000, and it is still 0.00022 at"
        " step 55,000.",
        "Our loss follows the printed one to its plateau and to its shoulder, and leaves the shoulder"
        " earlier. In the run that is shown it falls below 0.0005 at step 13,000, against 36,000 in the"
        " paper, and at step 60,000 it is 2e-8. Half of the 48 runs fall below 0.0005 by step 7,500. FOURTEEN",
        "Theory gives the losses of all stages, so the curve says where the paper's triangles are: they have"
        " turned by about 17° at step 4,600 and 41° of 60° at step 55,000. A constant learning rate that is"
        " small enough for this turn is too small for the first fall of the loss, which in the paper comes"
        " as early as in ours.",
        ("F14.curve.median", "F14.curve.max", "F14.sixty"),
    ),
)
