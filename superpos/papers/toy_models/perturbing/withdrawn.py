"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

WITHDRAWN = (
    Withdrawn(
        "F9.pentagon.at.text",
        "When the varied feature is 2.5 times sparser than the others, the pentagon is already better than"
        " digons.",
        "it is the negation of the paper's crossing at 2.5, which has a claim, and its number is a"
        " prototype's",
        ("F9.crossing.text",),
    ),
    *(
        Withdrawn(
            f"F9.loss.digons.{ratio}",
            f"At {ratio} times the others' density, the smallest loss of the digons is a prototype's.",
            "the loss of digons is known exactly, and one claim compares it at every relative density",
            ("F9.digons.theory",),
        )
        for ratio in (0.1, 0.2, 0.25, 0.27, 0.29, 0.32, 0.5)
    ),
)
