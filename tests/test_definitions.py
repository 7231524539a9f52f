"""Claims against the last published table: nothing changes or disappears without an entry."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import pytest
from project import HERE

from superpos.verdicts import definitions, judging, measures
from superpos.verdicts.claim import Claim
from superpos.verdicts.correction import Correction, Withdrawn
from superpos.verdicts.definitions import Definition

CLAIM = next(c for c in judging.claims() if c.claim == "F4.represented.p0.03")
BEFORE = {CLAIM.claim: Definition.of(CLAIM)}


def from_json(text: str) -> dict[str, Definition]:
    """The table that `as_json` wrote."""
    return {name: Definition(**kept) for name, kept in json.loads(text).items()}


def undeclared(
    published: Mapping[str, Definition], claims: Iterable[Claim], withdrawn: Iterable[Withdrawn]
) -> list[str]:
    """A line for each claim that has changed or disappeared since the table without an entry."""
    now = {claim.claim: claim for claim in claims}
    gone = {one.claim for one in withdrawn}
    lines = [
        f"{name}: it is no longer a claim; name it in WITHDRAWN of its section, with the reason"
        for name in published.keys() - now.keys() - gone
    ]
    for name in published.keys() & now.keys():
        lines += _changes(published[name], now[name])
    return sorted(lines)


def _changes(before: Definition, claim: Claim) -> Iterator[str]:
    after = Definition.of(claim)
    was = before.low, before.high
    ranges = [(after.low, after.high), *((c.low, c.high) for c in claim.corrections)]
    if not any(_same(was, known) for known in ranges):
        yield (
            f"{claim.claim}: its range was {was[0]:g} to {was[1]:g}; give it a Correction with that"
            " range and the reason"
        )
    if before.code != after.code and not any(c.code == before.code for c in claim.corrections):
        yield (
            f"{claim.claim}: its measuring code has changed; give it a Correction with"
            f" code={before.code!r} and the reason"
        )


def _same(first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Whether two ranges are the same except for rounding errors."""
    return all(map(math.isclose, first, second))


def test_no_claim_differs_from_the_published_table_without_an_entry():
    published = from_json((HERE / "docs/definitions.json").read_text())
    assert undeclared(published, judging.claims(), definitions.withdrawn()) == []


def test_withdrawn_claims_are_gone_and_name_claims_that_exist():
    there = {c.claim for c in judging.claims()}
    for one in definitions.withdrawn():
        assert one.claim not in there
        assert set(one.instead) <= there, one.claim
        assert one.reason


def test_a_changed_range_needs_the_old_range_and_a_reason():
    changed = replace(CLAIM, high=CLAIM.high + 1)
    (line,) = undeclared(BEFORE, [changed], [])
    assert line.startswith("F4.represented.p0.03: its range was 39 to 43; give it a Correction")
    declared = replace(changed, corrections=(Correction(39, 43, "why"),))
    assert undeclared(BEFORE, [declared], []) == []


def test_a_range_that_is_only_rounded_otherwise_needs_no_entry():
    rounded = replace(CLAIM, low=CLAIM.low * (1 - 2**-52), high=CLAIM.high * (1 + 2**-52))
    assert rounded.low != CLAIM.low
    assert undeclared(BEFORE, [rounded], []) == []


@pytest.mark.parametrize(
    "change",
    [
        {"measure": measures.dedicated},
        {"measure": partial(measures.represented, above=0.4)},
        {"where": {"density": 0.03}},
        {"over": "all"},
        {"experiments": ("F4", "F3")},
    ],
)
def test_a_changed_definition_needs_the_old_digest(change):
    changed = replace(CLAIM, **change)
    (line,) = undeclared(BEFORE, [changed], [])
    assert f"code={BEFORE[CLAIM.claim].code!r}" in line
    entry = Correction(39, 43, "why", "something else", BEFORE[CLAIM.claim].code)
    assert undeclared(BEFORE, [replace(changed, corrections=(entry,))], []) == []


def test_a_constant_and_a_helper_belong_to_the_definition(monkeypatch):
    before = definitions.measure_code(CLAIM)
    monkeypatch.setattr(measures, "column", measures.dedicated)
    assert definitions.measure_code(CLAIM) != before
    monkeypatch.undo()
    claim = next(c for c in judging.claims() if c.claim == "F4.bias.p0.01")
    before = definitions.measure_code(claim)
    monkeypatch.setattr(measures, "REPRESENTED", 0.4)
    assert definitions.measure_code(claim) != before


def test_a_claim_that_disappears_needs_an_entry():
    (line,) = undeclared(BEFORE, [], [])
    assert line.startswith("F4.represented.p0.03: it is no longer a claim")
    assert undeclared(BEFORE, [], [Withdrawn(CLAIM.claim, "it said so", "it cannot fail")]) == []


def test_the_published_table_reads_back_what_it_wrote():
    claims = judging.claims()
    table = from_json(definitions.as_json(claims))
    assert table == {c.claim: Definition.of(c) for c in claims}
