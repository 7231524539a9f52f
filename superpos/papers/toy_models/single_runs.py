"""The figures in which the paper shows single runs, whose statements are judged for each replicate too."""

FIGURES = ("F3", "F4", "F7", "F8", "F13", "F14", "F15", "F18")
