"""Claims about this section that were withdrawn."""

from superpos.verdicts.correction import Withdrawn

SINGLE_RUNS = (
    "the accepted share came from 12 runs of a prototype; the paper gives none. The table of verdicts says"
    " of each claim in how many single runs it holds"
)
ANGLE = (
    "the accepted cosines came from a prototype; the paper's text calls their arrangement a hexagon"
)
DIRECTIONS = "the paper speaks of a hexagon, which has six directions, and gives no density"
PROTOTYPE = "the accepted numbers came from a prototype's 12 runs, and the paper's text has its own"
DRIFT = "the number came from a prototype; the paper says nothing about this loss"

WITHDRAWN = (
    Withdrawn(
        "F10.pairs.hits",
        "75.7 to 100% of the single runs of two correlated pairs end with orthogonal sets",
        SINGLE_RUNS,
        ("F10.pairs.orthogonal.p0.05",),
    ),
    Withdrawn(
        "F10.anti.hits",
        "33.3 to 58.3% of the single runs of two anticorrelated pairs find the antipodes",
        SINGLE_RUNS,
        ("F10.anti.inside.p0.05",),
    ),
    *(
        Withdrawn(
            f"F10.triples.hits.p{density}",
            "75.7 to 100% of the single runs of three correlated pairs put the members of every set side"
            f" by side at density {density}",
            SINGLE_RUNS,
            (f"F10.triples.side_by_side.p{density}",),
        )
        for density in ("0.01", "0.02")
    ),
    *(
        Withdrawn(
            f"F10.triples.cos.{extreme}.p{density}",
            f"the {which} cosine within a set of three correlated pairs is 0.42 to 0.45 at density"
            f" {density}",
            ANGLE,
            (f"F10.triples.gap.{extreme}.p{density}",),
        )
        for density in ("0.01", "0.02", "0.05")
        for extreme, which in (("min", "smallest"), ("max", "largest"))
    ),
    Withdrawn(
        "F10.control",
        "at most 5 of six independent features have a norm above 0.5 in the best run at density 0.05",
        DIRECTIONS,
        ("F10.control.p0.05", "F10.control.p0.1"),
    ),
    Withdrawn(
        "F10.control.every",
        "at most 5 of six independent features have a norm above 0.5 in every run at density 0.05",
        DIRECTIONS,
        ("F10.control.p0.05", "F10.control.p0.1"),
    ),
    Withdrawn(
        "F10.control.directions",
        "six independent features have at most 5 directions in every run at density 0.05",
        "the paper gives no density, so that one is not enough",
        ("F10.control.p0.05", "F10.control.p0.1"),
    ),
    Withdrawn(
        "F10.hexagon",
        "the best regular hexagon loses more than the best pentagon at density 0.05",
        "the paper gives no density, so that one is not enough",
        ("F10.hexagon.p0.05", "F10.hexagon.p0.1"),
    ),
    *(
        Withdrawn(
            f"F11.loss.p{density}",
            f"two bases lose at most what antipodal pairs across the sets lose at density {density}",
            DRIFT,
            (f"F11.inside.p{density}",),
        )
        for density in ("0.05", "0.01")
    ),
    *(
        Withdrawn(
            f"F12.collapsed.p{density}",
            f"the best run collapses {count} of the three sets at density {density}",
            PROTOTYPE,
            (f"F12.text.{name}",),
        )
        for density, count, name in (
            ("0.5", 3, "pca"),
            ("0.35", 2, "three"),
            ("0.25", 2, "three"),
            ("0.2", 2, "two"),
            ("0.1", 1, "one"),
            ("0.02", 0, "none"),
        )
    ),
    *(
        Withdrawn(
            f"F12.typical.p{density}",
            f"{count} is the most common number of collapsed sets in single runs at density {density}",
            PROTOTYPE,
            (f"F12.recipe.{name}",),
        )
        for density, count, name in (
            ("0.35", 3, "three"),
            ("0.25", 2, "three"),
            ("0.2", 2, "two"),
            ("0.175", 2, "two"),
        )
    ),
    Withdrawn(
        "F12.cosine",
        "the cosine between the members of a collapsed set is at least 0.99 up to density 0.2",
        "it held collapsed sets to a stricter definition than the count, whose definition is that the second"
        " principal component is ignored; by that one the claim cannot fail",
        ("F12.norm.min", "F12.norm.max"),
    ),
)
