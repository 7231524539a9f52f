"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "The printed loss and the printed figures belong to different scales of the loss",
        "The loss is printed as a sum over the features. The bump of the figure is about 1.015 high. A."
        " Jermyn's comment has a bump of 5,000, larger norms and a later onset, and a replication by"
        " S. Amaan has his norms.",
        "Both scales are run. A mean over n features with Adam's eps of 1e-8 takes the same steps as the sum"
        " with an eps of n × 1e-8, here 1e-4. A feature that was seen once has a gradient of its bias of"
        " about 0.5/T, less as its error falls, so that this eps holds back the slow growth of W and b"
        " that memorising needs: smaller norms, a smaller bump, an earlier onset. At T = 30 the two can"
        " hardly be told apart. At T = 2,000 the mean test loss is 1.008 with the mean over features (1.003"
        " to 1.019 on four training sets) and 476 with the sum (393 to 571). With the sum, norms up to"
        " T = 1,000 are those of the replication, within 15%. At T = 10,000 our run with the sum has"
        " small norms and a test loss of 0.9995; the replication's norms are still those of stored samples.",
        "Adam's step m/(√v + eps) does not change when the loss is multiplied by c, except that eps counts"
        " as eps/c. The claims say which numbers each scale gives.",
        (
            *(
                "X.eps",
                "M3.scale.W",
                "M3.scale.b",
                "M3.scale.excess",
                "M3.test.T200",
                "M3.ring.T200",
            ),
            *("M3.bump", "J1.bump", "J1.onset.text", "J1.onset.figure", "J2.W.T200", "J2.b.T200"),
            "J2.ratio",
        ),
    ),
    Departure(
        "The height of the bump is not a fixed number",
        "The test loss in the middle is 1.01 in the paper and 5,000 in A. Jermyn's comment.",
        "The mean test loss of the middle regime is that of a few test samples, while the median sample"
        " stays near 1. It also grows with the number of steps and with the learning rate, and falls with"
        " Adam's eps. We judge the order and the place of the regimes, and heights on one side only.",
        "The quantiles of the test loss over samples are in the tables of these experiments.",
        ("S.eps", "S.epochs", "S.rate", "J1.tail"),
    ),
    Departure(
        "A test loss below 1 does not show a pentagon",
        "At large T the test loss is 0.9987 to 0.9989, that of five features in a pentagon.",
        "Most of the gain over 1 comes from the bias alone: W = 0 with b = E x has 0.99926 at n = 10,000. The"
        " pentagon has 0.99879, and the hexagon is better still, by 0.23/n.",
        "With ‖x‖ = 1, the mean bias has the loss 1 − n (E x_i)², and E‖x‖_1 = 2.72065 by quadrature.",
        ("M3.floor.scaled", "M3.falls.T10000"),
    ),
    Departure(
        "Five features are stored although six would be better",
        "The figures show five features at large T, and the text calls them a pentagon.",
        "In theory a hexagon has the lowest loss, by 0.00019 at n = 1,000. But all of twenty runs on one"
        " training set of 2,000 samples store five features, with training losses from 0.98030 to 0.98080."
        " So which features are stored matters more than how many, and training does not find six.",
        "The loss of a polygon of features with its best length and bias is a quadrature. In a training set"
        " of 2,000 samples a feature is active 20 times on average, with a standard deviation of 4.5. The"
        " features that are stored are active 25 times on average, and of 1,000 all but one are among the"
        " hundred with the largest sums of squares.",
        ("S.hexagon",),
    ),
)
