"""Claims from the appendix on weight decay (M6) and the length of training (M7), with four hidden
dimensions."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from superpos.papers.double_descent import measures
from superpos.tables import Tables
from superpos.verdicts.accepted import at_most, exactly
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.statement import Statement

APPENDIX = "the appendix: the text and its figure over T, m = 4"
DECAYS, STEPS = (0.01, 0.1, 1.0), (50000, 15000, 5000)
"""From the highest bump to the lowest, as the paper has them."""
SIZES = {"scaled": ("M6", "M7", ""), "full": ("M6_night", "M7_night", " at n = 10,000")}

ORDER = Statement("M6.order", "paper", "The bump in the test loss falls as weight decay rises.")
GONE = Statement(
    "M6.gone",
    "paper",
    f"A weight decay of {DECAYS[-1]} removes the bump (tested with models of n = 1,000).",
)
LONGER = Statement("M7.order", "paper", "The bump in the test loss rises with the number of steps.")


def _bumps(t: Tables, column: str, values: tuple[float, ...]) -> np.ndarray:
    """The largest mean test loss at any T, for each value of a setting."""
    return np.array([measures.largest(t.where(**{column: v}), measures.loss) for v in values])


def _falls(t: Tables, column: str, values: tuple[float, ...]) -> float:
    """How often the bump falls from one value of a setting to the next."""
    return float((np.diff(_bumps(t, column, values)) < 0).sum())


def _left(t: Tables) -> float:
    """The bump's excess over 1 with the strongest decay, divided by that with the weakest."""
    weakest, _, strongest = _bumps(t, "optimizer_weight_decay", DECAYS) - 1
    return float(strongest / weakest)


def _claims() -> Iterator[Claim]:
    for size, (decay, length, where) in SIZES.items():
        claim = partial(make_claim, each=measures.SET, size=size, at_size=where)
        yield claim(
            "M6.order.{size}",
            "From weight decay 0.01 to 0.1 and to 1.0{at_size}, the largest mean test loss falls in"
            " {range} of 2 steps.",
            exactly(2),
            partial(_falls, column="optimizer_weight_decay", values=DECAYS),
            of=ORDER,
            experiments=(decay,),
            source=APPENDIX,
        )
        yield claim(
            "M6.gone.{size}",
            "The excess over 1 of the largest mean test loss at weight decay 1.0{at_size}, over that at"
            " 0.01, is {range}.",
            at_most(0.05, low=-np.inf),
            _left,
            of=GONE,
            experiments=(decay,),
            source=f"{APPENDIX}: “removes”; 0.05 is our tolerance, and the excess may be negative, because"
            " the mean bias alone has a test loss below 1",
        )
        yield claim(
            "M7.order.{size}",
            "From 50,000 steps to 15,000 and to 5,000{at_size}, the largest mean test loss falls in"
            " {range} of 2 steps.",
            exactly(2),
            partial(_falls, column="steps", values=STEPS),
            of=LONGER,
            experiments=(length,),
            source=APPENDIX,
        )


CLAIMS = tuple(_claims())
