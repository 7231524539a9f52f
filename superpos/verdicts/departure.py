"""What a departure is: a statement of the paper that did not replicate, or only by luck."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Departure:
    """One statement: what the paper has, what we find, why it is so, and the claims that show it."""

    title: str
    paper: str
    found: str
    proof: str
    claims: tuple[str, ...] = ()
