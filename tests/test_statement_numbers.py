"""The numbers in the text of a statement are those of its claims, so that the two cannot drift apart."""

import inspect
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from superpos.verdicts import judging
from superpos.verdicts.accepted import between
from superpos.verdicts.claim import Claim, make_claim
from superpos.verdicts.statement import Statement

WORDS = {
    **{"three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10},
}
"""Without "two", which is nearly always a part of a shape: two sets, two dimensions, two antipodal pairs."""
NUMBER = re.compile(
    r"(?<![\w√(.,/])-?\d+(?:,\d{3})*(?:\.\d+)?(?:/\d+)?%?(?![\w(√/²]|,\d| −)"
    rf"|\b(?:{'|'.join(WORDS)})\b",
    re.IGNORECASE,
)
"""A number in figures or words; one that touches a letter or a bracket, as in 2p²/3, is in a formula."""

SIZE = "the size of the models"
AROUND = "the range lies around it, and takes it from the same constant"
END = "an end of the figure, or of a range in it, that is no condition of a claim"
ALLOWED = {
    **{"20 features in 5 dimensions": SIZE, "80 features in 20 dimensions": SIZE},
    **{"model of 80 features": SIZE, "2 features in 1 dimension": SIZE},
    **{"3 features in 2 dimensions": SIZE, "Six neurons": SIZE, "of three features exactly": SIZE},
    **{"sets of ten features": SIZE, "ten dimensions": SIZE, "the five features": SIZE},
    **{"n = 1,000": SIZE, "of 20 runs": SIZE},
    **{"3.2 to 3.3 times": AROUND, "0.9987 to 0.9989": AROUND, "about 3.7 times": AROUND},
    "from 0.05352 to 0.0531": "the range lies around their difference",
    **{"= 1 to 10": END, "the six regimes": END, "above a density of 0.5": END},
    **{"at 0.1 and below": END, "below 0.04": END, "Below a density of 0.04": END},
    **{"Near 1/(1 − S) = 4,": END, "Near 1/(1 − S) = 4.5,": END},
    "from step 56 to step 54,814": "the ends of the printed curve, which the measure reads",
    "density 4/7": "the closed form, which the claim does not test",
    "less than 2/5": "what theory gives for a pentagon",
    "the 1.01 of the paper": "the paper's text, which the claim's bound exceeds by far",
    "three collapsed pairs": "one more than the two that lose less",
    "three dimensions": "a part of a shape",
    "better than five": "the claim counts the six that the best run stores",
    "about five features": "one of the numbers that the range allows",
}
"""Phrases whose numbers need not be those of the claims, and why."""


def said_numbers(text: str) -> dict[str, float]:
    """The numbers in a text by how they are said, as in 10,000, 4/7, 80% and three."""
    return {said: _value(said.lower()) for said in NUMBER.findall(text)}


def _value(said: str) -> float:
    over, _, under = said.rstrip("%").replace(",", "").partition("/")
    number = WORDS[said] if said in WORDS else float(over) / float(under or 1)
    return number / 100 if said.endswith("%") else number


def constants(part: Any) -> Iterator[float]:
    """The numbers among the arguments and defaults of a measure and of the measures in it."""
    if isinstance(part, int | float):
        yield part
    elif isinstance(part, tuple | list):
        for one in part:
            yield from constants(one)
    elif isinstance(part, partial):
        yield from constants((part.func, *part.args, *part.keywords.values()))
    elif inspect.isfunction(part):
        yield from constants([one.default for one in inspect.signature(part).parameters.values()])


def claim_numbers(claim: Claim) -> Iterator[float]:
    """The numbers of a claim's range and its middles, conditions, measure, text and source."""
    low, high = claim.low, claim.high
    yield from (low, high, (low + high) / 2)
    if low > 0:
        yield math.sqrt(low * high)
    yield from constants([*claim.where.values(), claim.measure])
    yield from said_numbers(f"{claim.text} {claim.source}").values()


def strange_numbers(claims: Iterable[Claim]) -> dict[str, list[str]]:
    """The numbers of statements' texts that none of their claims has, by statement."""
    known: dict[Statement, list[float]] = {}
    for claim in claims:
        known.setdefault(claim.statement, []).extend(claim_numbers(claim))
    found = {one.name: [*_unknown(one.text, numbers)] for one, numbers in known.items()}
    return {name: said for name, said in found.items() if said}


def _unknown(text: str, numbers: list[float]) -> Iterator[str]:
    for phrase in ALLOWED:
        text = text.replace(phrase, "")
    for said, number in said_numbers(text).items():
        if not any(math.isclose(number, known, abs_tol=1e-9) for known in numbers):
            yield said


def test_every_number_of_a_statement_is_one_of_its_claims():
    assert strange_numbers(judging.claims()) == {}


def test_every_phrase_that_is_allowed_is_in_a_statement():
    texts = {claim.statement.text for claim in judging.claims()}
    assert [phrase for phrase in ALLOWED if not any(phrase in text for text in texts)] == []


def loss(t, kept):
    return kept


def made_up(text: str) -> list[Claim]:
    """A claim about a made-up statement."""
    return [
        make_claim(
            "x.loss",
            "After {steps} steps, the loss is {range}.",
            between(0.25, 0.75),
            partial(loss, kept=4),
            of=Statement("x.loss", "ours", text),
            source="a tolerance of 30%",
            where={"density": 0.1},
            steps=5000,
        )
    ]


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("At density 0.1, after 5,000 steps, four of them lose 1/2, to 30%, and p²/6.", []),
        ("At density 0.2, after 5,000 steps, the loss is 0.5.", ["0.2"]),
        ("At density 0.1, after 6,000 steps, the loss is 0.5.", ["6,000"]),
        ("At density 0.1, five of them lose 2/3, to 20%.", ["five", "2/3", "20%"]),
        ("At density -0.1, the loss is 0.25 to 0.76.", ["-0.1", "0.76"]),
    ],
)
def test_a_number_that_differs_from_the_claims_is_found(text, strange):
    assert strange_numbers(made_up(text)).get("x.loss", []) == strange


def test_a_changed_number_of_a_shipped_statement_is_found():
    claims = [c for c in judging.claims() if c.statement.name == "F13.settled"]
    edited = replace(claims[0].statement, text=claims[0].statement.text.replace("5,000", "4,000"))
    assert strange_numbers([replace(claims[0], statement=edited)]) == {"F13.settled": ["4,000"]}
