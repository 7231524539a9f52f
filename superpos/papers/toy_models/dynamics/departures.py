"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Whether a run shows a late jump depends on its seed; most seeds show one",
        "The figure shows one run, which jumps twice late in training.",
        "With most seeds a run gains one pair at once, late in training, and its loss drops by what a"
        " pair saves. The step at which this happens differs widely.",
        "In closed form, one more pair lowers the loss, summed over features, by v(p) - p²/3.",
        ("F13.jump", "F13.drop", "F13.levels"),
    ),
)
