"""What of this section did not replicate, or only by luck."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Jumps between energy levels are luck of the seed, but common luck",
        "One run is shown, which jumps twice late in training.",
        "Late jumps of one pair, at once, with the drop of loss that a pair saves, are found in most"
        " seeds; when they come differs widely.",
        "A pair more saves v(p) - p^2/3 of the loss summed over features, in closed form.",
        ("F13.jump", "F13.drop", "F13.levels"),
    ),
)
