"""Entries for what was changed in a claim, or left out, after it was first written."""

from dataclasses import dataclass

REARRANGED = "the code was rearranged, and it measures the same"
"""The reason for a new digest of measuring code alone."""


@dataclass(frozen=True)
class Correction:
    """What a claim was before it was corrected, and the reason, which does not depend on our result.

    `low` and `high`: the range before. `before`: what was measured before, in words, if that has
    changed; then `code` is the digest of that measuring code, from the published table.
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
    """A claim that is made no longer: what it said, why, and the claims that take its place."""

    claim: str
    said: str
    reason: str
    instead: tuple[str, ...] = ()
