"""The statement of a claim is made from its range, so that its numbers cannot differ from the range's."""

import re
from fractions import Fraction
from functools import partial

import pytest

from superpos import lookup
from superpos.verdicts import accepted, judging
from superpos.verdicts.claim import make_claim
from superpos.verdicts.statement import Statement

CASES = [
    (accepted.between(0.95, 1.27), 0.95, 1.27, "between 0.95 and 1.27"),
    (accepted.counted(2, 4), 2, 4, "2 to 4"),
    (accepted.counted(3, 3), 3, 3, "exactly 3"),
    (accepted.exactly(1), 1, 1, "exactly one"),
    (accepted.exactly(0), 0, 0, "no"),
    (accepted.at_least(1), 1, float("inf"), "at least one"),
    (accepted.at_least(0.98, high=1), 0.98, 1, "at least 0.98"),
    (accepted.at_most(1e-6), 0, 1e-6, "at most 1e-6"),
    (accepted.at_most(Fraction(1, 12)), 0, 1 / 12, "at most 1/12"),
    (accepted.at_most(2 + 1e-9), 0, 2 + 1e-9, "at most 2"),
    (accepted.positive(), 5e-324, float("inf"), "greater than 0"),
    (accepted.less_than(1), 0, 1 - 2**-53, "less than 1"),
    (accepted.to_within(0.05), 0, 0.05, "to within 0.05"),
    (accepted.near(1.134, 0.005), 1.129, 1.139, "within 0.005 of 1.134"),
    (
        accepted.near(accepted.fraction(4 / 7), 1e-9),
        4 / 7 - 1e-9,
        4 / 7 + 1e-9,
        "within 1e-9 of 4/7",
    ),
    (accepted.near_percent(0.5, 2), 0.49, 0.51, "within 2% of 0.5"),
    (accepted.near_percent(1.3, 30), 0.91, 1.69, "within 30% of 1.3"),
    (accepted.near_decades(1, 2, 1), 0.1, 20, "within 1 decades of 1 to 2"),
    (accepted.near_decades(5, 5, 1), 0.5, 50, "within 1 decades of 5"),
    (accepted.ratio_within(1), 0.1, 10, "within 1 decades of 1"),
    (accepted.share_near(0.5, 0.25), 0.25, 0.75, "between 0.25 and 0.75"),
    (accepted.share_near(0.9, 0.25), 0.65, 1, "at least 0.65"),
    (accepted.share_near(0.1, 0.25), 0, 0.35, "at most 0.35"),
]


OURS = Statement("x.a", "ours", "A statement.")


def measure(t, above=0.5, which="norm"):
    return above


@pytest.mark.parametrize(("found", "low", "high", "words"), CASES)
def test_a_range_says_its_own_numbers(found, low, high, words):
    assert (found.low, found.high, f"{found}") == (low, high, words)


def test_a_share_is_said_in_percent_and_a_count_as_a_part_of_the_whole():
    assert f"{accepted.share_near(0.5, 0.25):%}" == "between 25% and 75%"
    assert f"{accepted.exactly(0):of}" == "none of"
    assert f"{accepted.counted(2, 4):of}" == "2 to 4 of"


def test_a_statement_has_the_numbers_of_the_range_the_measure_and_the_conditions():
    claim = make_claim(
        "F1.{which}.p{density}",
        "{range} features at density {density} have a {which} above {above} of {total}.",
        accepted.at_least(1),
        partial(measure, above=0.25),
        of=OURS,
        source="s",
        where={"density": 0.1},
        total=7,
    )
    assert claim.claim == "F1.norm.p0.1"
    assert claim.text == "At least one features at density 0.1 have a norm above 0.25 of 7."
    assert (claim.figure, claim.experiments) == ("F1", ("F1",))
    assert (claim.low, claim.high) == (1, float("inf"))


def test_a_text_has_a_comma_at_the_thousands_and_a_name_has_none():
    claim = make_claim(
        "x.T{T}",
        "At T = {T}, of M3_5000, a share of 0.12345 is {range}.",
        accepted.between(0.0625, 20000),
        measure,
        of=OURS,
        source="s",
        T=1000,
    )
    assert claim.claim == "x.T1000"
    assert claim.text == (
        "At T = 1,000, of M3_5000, a share of 0.12345 is between 0.0625 and 20,000."
    )


def test_a_word_that_a_statement_does_not_use_is_refused_and_an_unknown_field_too():
    with pytest.raises(TypeError, match=r"claim x.a: its text does not use {total}"):
        make_claim("x.a", "{range}.", accepted.exactly(1), measure, of=OURS, source="s", total=7)
    with pytest.raises(KeyError, match="total"):
        make_claim("x.a", "{range} of {total}.", accepted.exactly(1), measure, of=OURS, source="s")


def test_a_statement_that_does_not_say_its_range_is_refused_unless_the_measure_is_0_or_1():
    with pytest.raises(TypeError, match=r"claim x.a: its text does not use {range}"):
        make_claim("x.a", "At most 2.", accepted.at_most(2), measure, of=OURS, source="s")
    assert make_claim("x.a", "So.", accepted.exactly(1), measure, of=OURS, source="s").text == "So."


def test_percentages_have_no_space():
    departures = (d for section in lookup.of_sections("departures") for d in section.DEPARTURES)
    texts = [str(one) for one in (*judging.claims(), *departures)]
    assert [found for text in texts for found in re.findall(r".{20}\d\s%.{20}", text)] == []


def test_statements_are_whole_sentences_that_write_numbers_in_full():
    for claim in judging.claims():
        said = claim.text
        assert said[0].isupper(), claim.claim
        assert not re.search(r"(?<!\d)\.\d", said), claim.claim
        assert not re.search(r"(?<![.,\d])\d{4,}", said), claim.claim
        assert "{" not in said, claim.claim
