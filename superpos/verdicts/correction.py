"""Records of claims that were changed or withdrawn after they were first written."""

from dataclasses import dataclass

REARRANGED = "the code was rearranged, and it measures the same"
"""The reason of a correction that only records a new digest of the measuring code."""
AS_STATED = "the range was not that of the tolerance that its source names"
"""The reason of a correction that makes a range what is said of it."""


@dataclass(frozen=True)
class Correction:
    """What a claim was before it was corrected, and the reason, which must not depend on our result.

    `low` and `high`: the range before. `before`: what was measured before, in words, if that has
    changed; `code` is then the digest of the old measuring code, from the published table.
    """

    low: float
    high: float
    reason: str
    before: str = ""
    code: str = ""

    def __str__(self) -> str:
        return f"it was {self.before}: {self.reason}" if self.before else self.reason


@dataclass(frozen=True)
class Withdrawn:
    """A claim that is no longer made: what it said, why it was withdrawn, and the claims that replace it."""

    claim: str
    said: str
    reason: str
    instead: tuple[str, ...] = ()
