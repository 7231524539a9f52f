"""What a departure is: a statement of the paper that did not replicate, or only with some seeds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Departure:
    """One statement: what the paper says, what we find, why, and the claims of its section that show it."""

    title: str
    paper: str
    found: str
    proof: str
    claims: tuple[str, ...] = ()
