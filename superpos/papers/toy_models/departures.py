"""What did not replicate in the paper as a whole."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Misprints",
        "“We vary the sparsity of all features from 1.0 to .01”; ReLU(W^T W x - b) in the section on"
        " phases; “6 x 3/5” for the triangular bipyramid; (1, 1, 1, ...) as the regular n-simplex;"
        " the axis of W_2 in the figure on |x|.",
        "It is the density that goes from 1.0 to 0.01. Everywhere else b is added. A triangular bipyramid"
        " has five vertices: three have dimensionality 2/3, and two have 1/2. n points form a simplex of"
        " n - 1 dimensions. W_2 leads from neurons to outputs.",
        "The dimensionalities of a tight frame sum to its number of dimensions: 3 x 2/3 + 2 x 1/2 = 3.",
    ),
)
