"""The verdicts on claims and statements, and how many of them got each verdict."""

from collections import Counter
from collections.abc import Iterable

HOLDS, FAILS, UNTESTED = "holds", "does not hold", "not tested"
PARTLY = "holds in part"
"""The verdict on a statement if some of its claims hold and others do not."""


def verdict(holds: bool) -> str:
    """The verdict on a claim that was tested."""
    return HOLDS if holds else FAILS


def merged_verdict(verdicts: Iterable[str]) -> str:
    """The verdict on a statement from the verdicts on its claims, ignoring claims that are not tested."""
    tested = {*verdicts} - {UNTESTED}
    if not tested:
        return UNTESTED
    return tested.pop() if len(tested) == 1 else PARTLY


def summary(verdicts: Iterable[str], of: str = "claims") -> str:
    """How many of the tested claims or statements hold, or hold in part, and how many were not tested."""
    count = Counter(verdicts)
    every, held, untested = count.total(), count[HOLDS], count[UNTESTED]
    if not every:
        return f"No {of} are about these experiments"
    if untested == every:
        return f"None of the {every} {of} is tested"
    number = f"{every} {of}" if not untested else f"{every - untested} tested {of}"
    partly = count[PARTLY]
    more = [f"{partly} {'holds' if partly == 1 else 'hold'} in part"] if partly else []
    more += [f"{untested} {'is' if untested == 1 else 'are'} not tested"] if untested else []
    return ", ".join([f"{held} of {number} hold", *more])
