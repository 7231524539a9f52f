"""Claims of the exact loss surfaces of 2 features in 1 dimension, without bias (F21)."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from superpos import theory
from superpos.papers.toy_models.surfaces import minima
from superpos.tables import Tables
from superpos.theory import quadrature
from superpos.verdicts.accepted import at_least, at_most, fraction, near, within
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.correction import Correction

SECTION = 'comment by T. McGrath on "Superposition as a Phase Change"'

DENSE = 0.9
"""The density of the surface with little sparsity."""
DROPPED = Correction(
    1 - 1e-6,
    1 + 1e-6,
    "A dropped feature is answered by 0 where there is no bias, and loses E x^2 = p/3; it loses the"
    " variance v(p) only where its bias is p/2.",
)


def _panels(t: Tables) -> list[pd.DataFrame]:
    """The table of each surface."""
    return [panel for _, panel in t.theory["surfaces"].groupby(["density", "importance"])]


def _asymmetry(t: Tables) -> float:
    """The largest difference of the loss at W and -W on any surface."""
    return max(minima.asymmetry(panel) for panel in _panels(t))


def _most_minima(t: Tables) -> int:
    """The largest number of minima of a surface, if W and -W count once."""
    return max(len(minima.without_sign(minima.minima(panel))) for panel in _panels(t))


def _step(t: Tables) -> float:
    """The longest step of the smallest minimum along the path."""
    return minima.largest_step(t.theory["surface_path"])


def _ratio_to_variance(t: Tables, W: tuple[float, float]) -> float:
    """The loss at W without bias over v(p), at equal importance and the dense panel's density."""
    p = float(t.theory["surfaces"]["density"].max())
    loss = quadrature.exact_loss(np.array(W)[:, None], np.zeros(2), np.ones(2), p)
    return float(loss / theory.variance(p))


def _confused(t: Tables) -> float:
    """The distance from (1, 1) / sqrt 2 of the same-sign minimum of the dense panel of equal importance."""
    table = t.theory["surfaces"]
    dense = table[(table["density"] == table["density"].max()) & (table["importance"] == 1)]
    same = [m for m in minima.minima(dense) if m[0] > 0 and m[1] > 0]
    return min((float(np.hypot(w - 2**-0.5, v - 2**-0.5)) for w, v, _ in same), default=np.nan)


def _claims() -> Iterator[Claim]:
    claim = partial(make_claim, experiments=(), theory=("surfaces", "surface_path"))
    yield claim(
        "F21.symmetry",
        "The loss is the same at W and -W: the difference is {range}.",
        at_most(1e-12),
        _asymmetry,
        source="theory: h and W change sign together; rounding",
    )
    for name, W in (("first", (1.0, 0.0)), ("second", (0.0, 1.0))):
        yield claim(
            "F21.level.{name}",
            "At equal importance, b = 0 and density {p}, the loss at W = {W} is E x² = p/3, which is"
            " 4 / (4 - 3p) times v(p): the ratio is {range}.",
            near(fraction(4 / (4 - 3 * DENSE)), 1e-6),
            partial(_ratio_to_variance, W=W),
            source="theory: closed form; rounding of the quadrature",
            corrections=(DROPPED,),
            name=name,
            p=DENSE,
            W=f"({W[0]:g}, {W[1]:g})",
        )
    yield claim(
        "F21.level.both",
        "At equal importance and b = 0, the ratio of the loss at W = (1, 1) / √2 to v(p) is {range}.",
        near(1, 1e-6),
        partial(_ratio_to_variance, W=(2**-0.5, 2**-0.5)),
        source="theory: closed form; rounding of the quadrature",
    )
    yield claim(
        "F21.minima",
        "Some surface has {range} minima, if W and -W count once.",
        at_least(2),
        _most_minima,
        source=f"{SECTION}: text",
    )
    yield claim(
        "F21.confused",
        "With little sparsity and equal importance there is a minimum at W_1 = W_2 = 1/√2, {range}.",
        within(0.05),
        _confused,
        source=f"{SECTION}: text, W_1 and W_2 about 1/sqrt 2; two steps of the grid",
    )
    yield claim(
        "F21.path",
        "As importance changes, the smallest minimum moves continuously from one feature to the other:"
        " the longest step of the path is {range}, while (1, 0) and (0, 1) are 1.41 apart.",
        at_most(0.2),
        _step,
        source=f"{SECTION}: text; .2, our tolerance for a grid of 81 importances",
    )


CLAIMS = tuple(_claims())
