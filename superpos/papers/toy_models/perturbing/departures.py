"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "The pentagon and digons cross at a sparser feature than the text says",
        "The text puts the crossing where one feature is about 2.5 times sparser than the others.",
        "The losses cross where it is nearly four times sparser. At 2.5 times, the pentagon is already"
        " better than digons by a sixth.",
        "Digons that leave out the varied feature lose v(ρp) + 2p²/3, in closed form. The losses of the"
        " pentagons are the exact expected losses of all restarts. The two curves cross once.",
        ("F9.crossing", "F9.crossing.text", "F9.digons.theory"),
    ),
    Departure(
        "The pentagon's norm is not 1/(1 - b)",
        "The text gives ‖W_i‖ = 1/(1 - b_i) for the pentagon.",
        "‖W_i‖² + b_i is near 1. The printed 1/(1 - b_i) is 0.8, while the norm is 1.13.",
        "With x' = ReLU(WᵀWx + b) and one active feature, the output is ‖W_i‖² x_i + b_i: at x_i = 1 it"
        " answers 1 if ‖W_i‖² = 1 - b_i. The printed form has the other sign of b and no square.",
        ("F9.regular.text", "F9.regular.sum", "F9.regular.norm.max", "F9.regular.bias.min"),
    ),
)
