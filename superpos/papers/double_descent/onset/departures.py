"""What did not replicate in this section."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "With four hidden dimensions features are stored later than our largest training sets",
        "A. Jermyn's comment: with more hidden dimensions the curves of different densities fall together"
        " less clearly.",
        "With two hidden dimensions the fifth largest feature dimensionality passes 0.15 at T(1 − S) = 8 to"
        " 11 at all three densities. With four it does not reach 0.15 up to T(1 − S) = 32, the end of our"
        " grid, so that the ratio of the claim has no value. Where the grid ends it is 0.13 at a density of"
        " 0.02, 0.05 at 0.01 and 0.02 at 0.005: the curves do not fall together, as the comment says.",
        "A model with four hidden dimensions stores more samples, so that features pay only at larger T."
        " Larger sets would show where: at the densities given, T = 6,400 is the largest here.",
        ("J5.spread",),
    ),
)
