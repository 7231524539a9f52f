"""The sections of the paper: their titles, and a summary of each in our words."""

from superpos.papers import Section

TITLE = "Superposition, Memorization, and Double Descent"
ADDRESS = "https://transformer-circuits.pub/2023/toy-double-descent/index.html"
BEST = ("M2", "S", "M5", "J1")
"""The figures that the report and the README show before anything is counted."""
MAKE = {
    "": "the second paper, 7 to 13 minutes",
    "full": "its experiments of full size too, 45 to 90 minutes",
}
"""What the README says about the command that makes the paper, and about those of larger runs by name."""

SECTIONS = (
    Section(
        "polygons",
        "Few samples: polygons of stored samples",
        "Trained again and again on a handful of samples, a model of two dimensions stores the samples"
        " themselves: their hidden vectors form a regular polygon. The columns of W show no features; each"
        " points along the samples in which its feature is active.",
    ),
    Section(
        "regimes",
        "From stored samples to features",
        "As the training set grows, the polygon of samples gives way to five features as a pentagon."
        " Between the two the model does neither well, and the loss on new samples is higher than on both"
        " sides: double descent in the amount of data.",
    ),
    Section(
        "model_size",
        "Training set and model size",
        "The bump of the loss on new samples comes at larger training sets if the model is larger."
        " So there are places where more data makes a model worse, and places where a larger model is worse.",
    ),
    Section(
        "training_length",
        "Appendix: weight decay and epochs",
        "Weaker weight decay and longer training both raise the bump of the loss on new samples. With"
        " strong enough decay there is no bump.",
    ),
    Section(
        "onset",
        "Comments: what sets the onset of features",
        "Features appear once each of them has occurred about ten times in the training set, whatever the"
        " weight decay, if the model has two dimensions. With more dimensions the rule is less clean"
        " (comment by A. Jermyn).",
    ),
    Section(
        "repeated",
        "Comments: repeated samples",
        "A sample that is in the training set often enough is stored in the place of a feature, even where"
        " all other samples are not. How many repeats that takes grows with the size of the training set"
        " (comment by A. Jermyn).",
    ),
    Section(
        "optimisation",
        "Correction: optimisation failure in the middle regime",
        "With better learning rates the solution that stores samples has the lower training loss up to far"
        " larger training sets. In the middle regime, the published models had not found it.",
    ),
)
