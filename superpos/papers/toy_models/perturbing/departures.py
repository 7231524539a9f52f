"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Pentagon and digons cross at a sparser feature than the text says",
        "The text puts the crossing where one feature is about 2.5 times sparser than the others.",
        "The losses cross where it is nearly four times sparser; at 2.5 times the pentagon is better"
        " by a sixth.",
        "Digons with the varied feature dropped lose v(rho p) + 2 p^2/3, in closed form. The"
        " pentagon's loss is measured over all restarts on common held-out samples, and on the"
        " expected loss in closed form. The two curves cross once.",
        ("F9.crossing", "F9.crossing.text", "F9.pentagon.at.text", "F9.digons.theory"),
    ),
    Departure(
        "The pentagon's norm is not 1 / (1 - b)",
        "The text gives ||W_i|| = 1 / (1 - b_i) for the pentagon.",
        "||W_i||^2 + b_i is near 1, and 1 / (1 - b_i) is below 1 where the norm is above it.",
        "With x' = ReLU(W^T W x + b) and one active feature, the output is ||W_i||^2 x_i + b_i:"
        " at x_i = 1 it answers 1 where ||W_i||^2 = 1 - b_i. The printed form has the other sign of"
        " b and no square.",
        ("F9.regular.text", "F9.regular.sum", "F9.regular.norm.max", "F9.regular.bias.min"),
    ),
)
