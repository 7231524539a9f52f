"""What did not replicate in this section, or replicated only with some seeds."""

from superpos.verdicts.departure import Departure

DEPARTURES = (
    Departure(
        "Where superposition starts, models are more vulnerable than printed",
        "The printed vulnerability rises slowly at first: 1.17 at 1/(1 - S) = 1.2, 1.45 at 1.4 and 1.79 at"
        " 1.6.",
        "Ours is 1.3 to 1.4 at 1.2, 1.7 at 1.4 and 2.0 to 2.1 at 1.6, both after our training and after the"
        " authors' recipe. From 1.8 on it is the printed curve to 5%, except from 3.4 to 4, where ours turns"
        " upward a little later and may be 9% lower. After the recipe every printed point from 1.8 on lies"
        " within 2% of the length of each axis of our curve; after our training one of them, near 3.4, is"
        " 2.3% away. At 27 of the 30 densities our models are at rest. At the other three, training four"
        " times as long lowers the loss by less than 2%.",
        "The paper states neither n and m nor over which inputs it averages the norm whose tenth is the"
        " length of an attack. One length for all densities gives the printed curve from 1.8 on. A length"
        " for each density comes nearer below 1.8 (1.24 to 1.27, 1.5 and 1.83), but is 50% too high at"
        " 10. The number of features per dimension is the printed one to about 2% of the axes, so that the"
        " difference lies in the attack: a part of the paper's procedure is still unknown.",
        (
            *("F15.curve.dense", "F15.recipe.curve.dense", "F15.curve.sparse", "F15.packed.dense"),
            "F15.recipe.packed.sparse",
        ),
    ),
    Departure(
        "After our training, the plateau is the printed one if only represented features are attacked",
        "The text describes one analytic attack for each feature, and the plateau is at 3.2 to 3.3.",
        "Attacks on the represented features give 3.0 to 3.4 after our training, and 3.1 to 3.3 after the"
        " authors' recipe. With attacks on the other features as well, our models have a plateau at 3.7 to"
        " 4.2; after the recipe nothing changes there. We left these attacks out after we had seen this.",
        "An attack points along (WᵀW)_i, divided by its length. Most of our models there have 20 antipodal"
        " pairs, and the other 60 features have norms near 0.01: their rows are noise that weight decay has"
        " not yet removed, and point along many pairs at once. After the recipe, 19 pairs are left, and the"
        " other features share one dimension with norms near 0.1. Any threshold from 0.1 to 0.7 of the"
        " largest norm gives the same curve.",
        ("F15.plateau", "F15.plateau.least", "F15.recipe.plateau", "F15.recipe.plateau.least"),
    ),
    Departure(
        "Training against attacks shortens the weights, but keeps the pairs",
        "Training against attacks on a random feature reduces superposition, but only attacks of 80% of the"
        " input norm remove it. The paper gives neither sizes nor a density.",
        "With 100 features in 20 dimensions, models answer longer attacks with shorter weights. Antipodal"
        " pairs, or pentagons if attacks are short, lose less than a dimension for each feature at densities"
        " of 0.5 to 0.1, up to attacks as long as the input norm. ‖W‖²_F/m falls to 1 at attacks of 25% to"
        " 50% of the norm, and below 1/2 at 80%. So the printed number fits neither measure.",
        "The exact losses of models that use all dimensions in one way, at their best norm and bias, with an"
        " attack on a random represented feature. Twelve models that we trained against such attacks, in a"
        " plain torch loop, agree: at densities 0.3, 0.2 and 0.1, and with attacks of 80% of the norm, they"
        " represent 38 to 47 features, and ‖W‖²_F/m is 0.38 to 0.45.",
        ("F15.training.removed", "F15.training.size", "F15.training.small"),
    ),
)
