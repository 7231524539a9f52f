"""What did not replicate in this section."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Weight decay 1.0 lowers the bump to a twelfth and does not remove it in the small copy",
        "With a weight decay of 1.0 the test loss has no bump.",
        "With n = 1,000 and four hidden dimensions, the largest mean test loss exceeds 1 by 8% of what it"
        " does with a weight decay of 0.01. Each step towards more decay lowers the bump, as the paper"
        " says.",
        "AdamW multiplies the decay by the learning rate, and the small copy makes a fifth of the paper's"
        " steps. Over a run a weight without gradient shrinks by exp(−5) here and by exp(−25) there, so"
        " that the same number stands for a weaker decay. double_descent_night.yaml repeats the appendix"
        " at n = 10,000 with the paper's 50,000 steps.",
        ("M6.gone.scaled", "M6.order.scaled"),
    ),
)
