"""The figures in which the paper shows single runs, whose statements are judged for each replicate too."""

FIGURES = ("M2",)
