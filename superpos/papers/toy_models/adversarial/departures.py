"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Along the plateau of pairs, vulnerability falls",
        "In the scatter plot, vulnerability and features per dimension rise together.",
        "They do before and after the plateau of antipodal pairs. Along it features per dimension"
        " hardly rise and vulnerability falls a little, so that its conditions rank in reverse. Single"
        " runs, which miss some of the pairs, rank better than the best runs.",
        "Ten exact pairs of unit weights without bias, attacked alike, lose vulnerability along the"
        " plateau too. Where both of a pair are on, an attack of size e costs 2 e^2 + 2 sqrt 2 e"
        " min(x, y), and that is ever rarer. Eight of 30 conditions in reverse take"
        " 6 x 168 / (30 x 899) = 0.037 from Spearman's correlation.",
        ("F15.rank", "F15.plateau", "F15.flat"),
    ),
    Departure(
        "From one sparse condition to the next, vulnerability may fall",
        "From 1/(1 - S) = 3.6 on, vulnerability rises.",
        "It rises from 4 to 11. But from one of our conditions to the next it often rises by less than"
        " runs of nearly the same loss differ, and at the sparse end it is nearly flat.",
        "Restarts that lose the same within a tenth of a percent can differ more in vulnerability than"
        " neighbouring conditions do. Longer training and a larger rate leave it so.",
        ("F15.rise", "F15.sparse"),
    ),
    Departure(
        "Vulnerability is higher than printed",
        "The printed curve has a plateau a little above 3 and ends near 8.",
        "Ours has its plateau near 4 and ends higher, with no more features per dimension: the same"
        " shape at another scale. The claims on it ask for less than is printed, and hold.",
        "Not found. The text states neither n nor m nor the size of the attack, and vulnerability is"
        " relative to a model without superposition; of the n and m tried, ours come nearest to the"
        " printed features per dimension.",
        ("F15.plateau", "F15.sparse", "F15.flat"),
    ),
)
