"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Training samples share features long before T = 1,000",
        "Circuits Updates, July 2023: below about 1,000 samples, training samples are orthogonal with high"
        " probability.",
        "Their cosines are small, about 0.07 where two samples share a feature, but their supports are not"
        " disjoint: among 1,000 samples, one sample shares a feature with 9.9 others on average. The mean"
        " reaches 1 at T = 100, where the middle regime of A. Jermyn's comment begins.",
        "Two samples share a feature with probability 1 − (1 − p²)ⁿ = 0.00995. In the plane the active"
        " samples of a feature are one half-plane, so that samples that share a feature must be neighbours"
        " on the ring.",
        ("U1.orthogonal",),
    ),
)
