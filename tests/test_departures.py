"""What did not replicate: claims of its section show each statement, and nothing fails unmentioned."""

import pandas as pd

from superpos import lookup
from superpos.report import departures
from superpos.verdicts import judging, outcomes


def verdict(claim: str, holds: bool) -> dict[str, object]:
    return {
        **{
            "claim": claim,
            "figure": claim.split(".")[0],
            "kind": "paper",
            "statement": claim,
            "models": "main",
            "text": f"{claim} says so.",
        },
        **{"source": "x", "value": 1.0, "low": 0.0, "high": 2.0, "correction": ""},
        **{"verdict": outcomes.verdict(holds), "reason": ""},
        **dict.fromkeys(("replicate_low", "replicate_median", "replicate_high"), 1.0),
        **{
            "replicates_hold": 0.5,
            "best_of": (),
            "best_of_holds": (),
            "old_low": float("nan"),
            "old_high": float("nan"),
        },
    }


def test_a_departure_names_claims_of_its_own_section():
    for module in lookup.of_sections("departures"):
        section = module.__name__.rpartition(".")[0]
        of_file = {file: lookup.module("claims file", file) for file in judging.files()}
        files = [file for file, module in of_file.items() if module.rpartition(".")[0] == section]
        known = {claim.claim for claim in judging.claims(*files)}
        assert {name for d in module.DEPARTURES for name in d.claims} <= known, section


def test_a_departure_is_shown_with_its_verdicts_and_left_out_without_any():
    page = departures.page(pd.DataFrame([verdict("F9.regular.text", False)]), "toy_models")
    assert "F9.regular.text says so." in page
    assert "<mn>1</mn><mo>−</mo><msub><mi>b</mi><mi>i</mi></msub>" in page
    assert "form a hexagon" not in page


def test_the_page_of_a_variation_names_it_in_its_title_and_heading():
    table = pd.DataFrame([verdict("F1.new", False)])
    page = departures.page(table, "toy_models", "wider")
    assert "<title>wider: a variation of Toy Models of Superposition: what did" in page
    assert "<h1>What did not replicate in the variation wider</h1>" in page
    page = departures.page(table, "toy_models")
    assert "<title>Toy Models of Superposition: what did not replicate</title>" in page
    assert "<h1>What did not replicate</h1>" in page


def test_a_failing_claim_that_no_departure_names_is_listed_and_a_holding_one_is_not():
    table = pd.DataFrame([verdict("F1.new", False), verdict("F1.old", True)])
    page = departures.page(table, "toy_models")
    assert "F1.new says so." in page
    assert "F1.old says so." not in page
