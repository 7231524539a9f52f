"""What did not replicate in the paper as a whole, and what is left out."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Left out: images, other losses",
        "A comment by C. Olah shows the maximal data dimensionality of 60,000 images of digits in a model"
        " with 512 hidden units. M. Hobbhahn's comment also tries other losses.",
        "The images are data from outside, and their typical value is an identity: the mean of this"
        " dimensionality is the rank over the number of samples, here 512/60,000. It is measured for our own"
        " models instead. Other losses would need other models.",
        "The supremum over directions v of (v · h_i)² / Σ_j (v · h_j)² is the leverage score h_i^T Q⁺ h_i,"
        " with Q = Σ_j h_j h_j^T, so that no gradient ascent is needed.",
    ),
    Departure(
        "The paper's own correction",
        "Circuits Updates, July 2023: the middle regime was a failure of optimisation. With a sweep of"
        " learning rates, memorising has the lowest training loss up to about 500,000 samples.",
        "We run both: the paper's recipe, whose middle regime the figures show, and a sweep of learning"
        " rates on the small copy, where the smallest training losses of memorising and generalising models"
        " are compared. Runs are chosen by training loss throughout; the held-out loss would choose the"
        " double descent away.",
        "The claims of the figure of the smallest training loss (U1) have the numbers.",
    ),
)
