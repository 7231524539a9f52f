"""The sections of the paper that have a figure: their titles, and a summary of each in our words."""

from superpos.papers import Section

TITLE = "Toy Models of Superposition"
ADDRESS = "https://transformer-circuits.pub/2022/toy_model/"
BEST = ("F1", "F5", "F8")
"""The figures that the report and the README show before anything is counted."""
MAKE = {"": "the first paper, 10 to 17 minutes on two cores"}
"""What the README says about the command that makes the paper, and about those of larger runs by name."""

SECTIONS = (
    Section(
        "introduction",
        "Introduction",
        "A ReLU model with five features and two dimensions keeps the two most important features"
        " at right angles while features are dense. As they become sparse it keeps four as two"
        " antipodal pairs, then all five as a pentagon, at the price of some interference.",
    ),
    Section(
        "demonstrating",
        "Demonstrating Superposition",
        "A linear model keeps the m most important features, each in a dimension of its own, as"
        " principal components would, at any sparsity. A ReLU model does the same while features"
        " are dense; as they become sparse it represents more and more of them in superposition,"
        " the less important ones first.",
    ),
    Section(
        "phases",
        "Superposition as a Phase Change",
        "Whether a feature is ignored, shares a dimension or gets one to itself depends on its"
        " importance and on sparsity, and changes from one to the other abruptly, where the losses"
        " of two configurations cross.",
    ),
    Section(
        "geometry",
        "The Geometry of Superposition: uniform features",
        "When all features are equally important, superposition organises itself into regular polytopes:"
        " tetrahedra, triangles, antipodal pairs, pentagons, square antiprisms. Dimensions per feature stay"
        " at one half over a wide range of sparsity, where the model is made of pairs.",
    ),
    Section(
        "perturbing",
        "The Geometry of Superposition: perturbing a single feature",
        "Making one of five features sparser or denser bends the pentagon smoothly, until the model"
        " snaps to two antipodal pairs without that feature.",
    ),
    Section(
        "correlated",
        "Correlated and Anticorrelated Features",
        "Features that occur together prefer to be orthogonal, or else side by side; features that"
        " exclude one another prefer to be antipodal. Large correlated sets make almost-orthogonal"
        " bases. Where correlated pairs are dense they collapse to their principal component.",
    ),
    Section(
        "dynamics",
        "Superposition and Learning Dynamics",
        "Models learn in steps: features jump between levels of dimensionality, and the loss falls"
        " at each jump. Two correlated sets part, spread into triangles and turn into an octahedron,"
        " a geometric transformation for each stage of the loss.",
    ),
    Section(
        "adversarial",
        "Relationship to Adversarial Robustness",
        "Vulnerability to small attacks rises with superposition, in step with the number of"
        " features per dimension.",
    ),
    Section(
        "privileged",
        "Superposition in a Privileged Basis",
        "With a ReLU on the hidden layer neurons mean something. Dense features get a neuron each;"
        " as they become sparse, more and more neurons respond to several features.",
    ),
    Section(
        "computation",
        "Computation in Superposition",
        "A model computes the absolute value of more features than its neurons would allow one by"
        " one. Neurons pass from one feature to several as features become sparser, some by"
        " asymmetric superposition: one neuron takes on two features unequally, another inhibits"
        " the interference.",
    ),
    Section(
        "compression",
        "Appendix: nonlinear compression",
        "Two numbers fit into one by a nonlinear code, better than by any linear compression, even"
        " when its jumps are smoothed.",
    ),
    Section(
        "surfaces",
        "Comments: loss surfaces",
        "The exact loss of two features in one dimension has few minima, and the smallest one moves"
        " and jumps as importance changes (comment by T. McGrath).",
    ),
    Section(
        "notebook",
        "The notebook that this project grew from",
        "Ten features in two dimensions at a sparsity of 0.99: the notebook's three pictures, drawn"
        " again.",
    ),
)
