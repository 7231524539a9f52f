"""Claims of the exact loss surfaces of 2 features in 1 dimension, without bias (F21)."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from superpos import theory
from superpos.papers.toy_models.surfaces import minima
from superpos.tables import Tables
from superpos.theory import quadrature
from superpos.verdicts.claim import Claim, Correction

SECTION = 'comment by T. McGrath on "Superposition as a Phase Change"'

DROPPED = Correction(
    1 - 1e-6,
    1 + 1e-6,
    "A dropped feature is answered by 0 where there is no bias, and loses E x^2 = p/3; it loses the"
    " variance v(p) only where its bias is p/2.",
)


def _panels(t: Tables) -> list[pd.DataFrame]:
    return [panel for _, panel in t.theory["surfaces"].groupby(["density", "importance"])]


def _asymmetry(t: Tables) -> float:
    return max(minima.asymmetry(panel) for panel in _panels(t))


def _most_minima(t: Tables) -> int:
    """Of any surface, those modulo W -> -W."""
    return max(len(minima.without_sign(minima.minima(panel))) for panel in _panels(t))


def _step(t: Tables) -> float:
    return minima.largest_step(t.theory["surface_path"])


def _ratio_to_variance(t: Tables, W: tuple[float, float]) -> float:
    """Loss at W without bias over v(p), at equal importance and the dense panel's density."""
    p = float(t.theory["surfaces"]["density"].max())
    loss = quadrature.exact_loss(np.array(W)[:, None], np.zeros(2), np.ones(2), p)
    return float(loss / theory.variance(p))


def _confused(t: Tables) -> float:
    """Distance from (1, 1) / sqrt 2, of the same-sign minimum of the dense, equal panel."""
    table = t.theory["surfaces"]
    dense = table[(table["density"] == table["density"].max()) & (table["importance"] == 1)]
    same = [m for m in minima.minima(dense) if m[0] > 0 and m[1] > 0]
    return min((float(np.hypot(w - 2**-0.5, v - 2**-0.5)) for w, v, _ in same), default=np.nan)


def _all() -> Iterator[Claim]:
    claim = partial(Claim, figure="F21", experiments=(), theory=("surfaces", "surface_path"))
    yield claim(
        "F21.symmetry",
        statement="The loss is the same at W and -W.",
        source="theory: h and W change sign together; rounding",
        measure=_asymmetry,
        low=0,
        high=1e-12,
    )
    for name, W in (("first", (1.0, 0.0)), ("second", (0.0, 1.0))):
        yield claim(
            f"F21.level.{name}",
            statement=f"At equal importance, b = 0 and density .9, the loss at W = ({W[0]:g},"
            f" {W[1]:g}) is E x^2 = p/3, which is 4 / (4 - 3 p) times v(p).",
            source="theory: closed form; rounding of the quadrature",
            measure=partial(_ratio_to_variance, W=W),
            low=40 / 13 - 1e-6,
            high=40 / 13 + 1e-6,
            correction=DROPPED,
        )
    yield claim(
        "F21.level.both",
        statement="At equal importance and b = 0, the loss at W = (1, 1) / sqrt 2 is v(p).",
        source="theory: closed form; rounding of the quadrature",
        measure=partial(_ratio_to_variance, W=(2**-0.5, 2**-0.5)),
        low=1 - 1e-6,
        high=1 + 1e-6,
    )
    yield claim(
        "F21.minima",
        statement="Some surface has two minima modulo the symmetry.",
        source=f"{SECTION}: text",
        measure=_most_minima,
        low=2,
        high=np.inf,
    )
    yield claim(
        "F21.confused",
        statement="With little sparsity and equal importance there is a minimum at W_1 = W_2 ="
        " 1/sqrt 2, within .05.",
        source=f"{SECTION}: text, W_1 and W_2 about 1/sqrt 2; two steps of the grid",
        measure=_confused,
        low=0,
        high=0.05,
    )
    yield claim(
        "F21.path",
        statement="As importance changes, the least minimum moves continuously from one feature to"
        " the other: no step of the path is longer than .2, where [1, 0] and [0, 1] are 1.41"
        " apart.",
        source=f"{SECTION}: text; .2, our tolerance for a grid of 81 importances",
        measure=_step,
        low=0,
        high=0.2,
    )


CLAIMS = tuple(_all())
