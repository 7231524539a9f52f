"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "In the sparse strips of |x|, important features stay alone only in models not at rest",
        "At densities 0.01 and 0.003, 14 and 24 of 40 neurons have a single feature, and 15 and 14 are"
        " polysemantic.",
        "A lower rate and a lower eps of Adam lose several times less, with nearly all neurons"
        " polysemantic. F18 shows runs at the larger rate: at 0.01 their counts are about the printed"
        " ones; at 0.003 fewer neurons are monosemantic than printed, and the count differs widely"
        " between restarts.",
        "Held-out losses of both on the same stratified samples.",
        (
            "F18.rested.loss.p0.01",
            "F18.rested.poly.p0.01",
            "F18.rested.loss.p0.003",
            "F18.rested.poly.p0.003",
            "F18.mono.p0.01",
            "F18.rank.p0.003",
        ),
    ),
)
