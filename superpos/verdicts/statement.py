"""A statement, which several claims test together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["paper", "theory", "ours"]
KINDS = {
    "paper": "Statements of the paper",
    "theory": "Exact results of theory",
    "ours": "Controls and explanations of ours",
}
"""The kinds in order, with their names."""


@dataclass(frozen=True)
class Statement:
    """A statement that one or more claims test, at each density or for both ends of a range.

    `kind`: "paper" if the paper's text or figure states it, "theory" if it is an exact result that the
    paper or we derive, "ours" if it is a control or an explanation. `text`: the statement in words.
    """

    name: str
    kind: Kind
    text: str


def listed(numbers: Iterable[float], spec: str = ",g") -> str:
    """Numbers as a sentence lists them: "5, 7 and 9"."""
    *most, last = (f"{number:{spec}}" for number in numbers)
    return f"{', '.join(most)} and {last}"
