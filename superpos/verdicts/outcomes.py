"""The three verdicts on a claim, and how many claims got each of them."""

from collections import Counter
from collections.abc import Iterable

HOLDS, FAILS, UNTESTED = "holds", "does not hold", "not tested"


def verdict(holds: bool) -> str:
    """The verdict on a claim that was tested."""
    return HOLDS if holds else FAILS


def summary(verdicts: Iterable[str], claims: str = "claims") -> str:
    """How many claims hold, of those that were tested, and how many were not."""
    count = Counter(verdicts)
    every, held, untested = count.total(), count[HOLDS], count[UNTESTED]
    if not every:
        return f"No {claims} are about these experiments"
    if untested == every:
        return f"None of the {every} {claims} is tested"
    if not untested:
        return f"{held} of {every} {claims} hold"
    return f"{held} of {every - untested} tested {claims} hold, {untested} not tested"
