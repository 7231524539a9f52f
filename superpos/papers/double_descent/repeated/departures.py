"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Copies of a sample are counted once in its dimensionality",
        "A. Jermyn's comment calls a sample memorised if its dimensionality is in the top 0.1 %, and counts"
        " the places of samples and features together.",
        "R copies of a sample interfere with one another, so that each has a dimensionality of at most 1/R,"
        " below 0.15 for eight copies. We count distinct samples, so that a repeated sample can have the"
        " 2/5 of a feature whose place it takes.",
        "In ‖h‖⁴ / (h^T Q h), R copies add R ‖h‖⁴ to the denominator.",
        ("J7.five.sample", "J8.each.c2", "J8.each.c3", "J9.six.samples"),
    ),
)
