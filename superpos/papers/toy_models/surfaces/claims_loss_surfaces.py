"""Claims about the exact loss surfaces of 2 features in 1 dimension, without bias (F21)."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from superpos.papers.toy_models.surfaces import minima
from superpos.tables import Tables
from superpos.verdicts.accepted import at_least, at_most, to_within
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.statement import Statement

SECTION = 'comment by T. McGrath on "Superposition as a Phase Change"'

MINIMA = Statement(
    "F21.minima",
    "paper",
    "The exact loss of two features in one dimension can have several local minima that do not differ by"
    " sign alone.",
)
CONFUSED = Statement(
    "F21.confused",
    "paper",
    "If both features are important and not sparse, the loss has another minimum, where W_1 and W_2 are"
    " both about 1/√2.",
)
PATH = Statement(
    "F21.path",
    "paper",
    "As the importance of a feature changes, the global minimum moves continuously from one feature to the"
    " other.",
)


def _panels(t: Tables) -> list[pd.DataFrame]:
    """The table of each surface."""
    return [panel for _, panel in t.theory["surfaces"].groupby(["density", "importance"])]


def _most_minima(t: Tables) -> int:
    """The largest number of minima of a surface, if W and -W count once."""
    return max(len(minima.without_sign(minima.minima(panel))) for panel in _panels(t))


def _step(t: Tables) -> float:
    """The largest step of the lowest minimum along the path."""
    return minima.largest_step(t.theory["surface_path"])


def _confused(t: Tables) -> float:
    """In the dense panel of equal importance, the distance of the same-sign minimum from (1, 1) / sqrt 2."""
    table = t.theory["surfaces"]
    dense = table[(table["density"] == table["density"].max()) & (table["importance"] == 1)]
    same = [m for m in minima.minima(dense) if m[0] > 0 and m[1] > 0]
    return min((float(np.hypot(w - 2**-0.5, v - 2**-0.5)) for w, v, _ in same), default=np.nan)


def _claims() -> Iterator[Claim]:
    claim = partial(make_claim, experiments=(), theory=("surfaces", "surface_path"))
    yield claim(
        "F21.minima",
        "Of the surfaces drawn, the one with most minima has {range}, if W and -W count as one.",
        at_least(2),
        _most_minima,
        of=MINIMA,
        source=f"{SECTION}: text",
    )
    yield claim(
        "F21.confused",
        "At density 0.9 and equal importance, there is a minimum at W_1 = W_2 = 1/√2, {range}.",
        to_within(0.05),
        _confused,
        of=CONFUSED,
        source=f"{SECTION}: text; two steps of the grid",
    )
    yield claim(
        "F21.path",
        "As importance changes, the longest step of the global minimum is {range}; (1, 0) and (0, 1) are"
        " 1.41 apart.",
        at_most(0.2),
        _step,
        of=PATH,
        source=f"{SECTION}: text; 0.2, our tolerance for a grid of 81 importances",
    )


CLAIMS = tuple(_claims())
