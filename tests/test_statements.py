"""The table of statements: each counts once, whatever the number of claims that test it."""

import math

import pandas as pd
import pytest

from superpos.papers.toy_models import single_runs
from superpos.verdicts import judging, outcomes
from superpos.verdicts.outcomes import FAILS, HOLDS, PARTLY, UNTESTED

KNOWN = judging.claims()[0].statement
"""A statement of a claims file, whose text the table is to have."""


def verdict(statement, verdict, models="main", single=math.nan, best_of=(1, 2), kind="paper"):
    """A row of a table of verdicts, as far as statements read it; `single` is the share at k = 1."""
    return {
        **{"claim": "F0.a", "figure": statement.split(".")[0], "kind": kind},
        **{"statement": statement, "models": models, "text": "A claim.", "verdict": verdict},
        **{"replicates_hold": single, "best_of": best_of},
    }


def table(*rows):
    return judging.statements(pd.DataFrame(rows)).set_index("statement")


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        ([HOLDS, HOLDS], HOLDS),
        ([HOLDS, FAILS], PARTLY),
        ([FAILS, FAILS], FAILS),
        ([HOLDS, UNTESTED], HOLDS),
        ([FAILS, UNTESTED], FAILS),
        ([UNTESTED, UNTESTED], UNTESTED),
    ],
)
def test_a_statement_holds_if_all_of_its_tested_claims_do(given, merged):
    row = table(*(verdict("F0.a", one) for one in given)).loc["F0.a"]
    assert row["verdict"] == merged
    assert row["hold"] == given.count(HOLDS)
    assert row["tested"] == len(given) - given.count(UNTESTED)


def test_a_statement_has_one_row_with_its_kind_and_its_own_text():
    found = table(
        verdict(KNOWN.name, HOLDS),
        verdict("F0.b", FAILS, kind="ours"),
        verdict(KNOWN.name, FAILS),
    )
    assert found.index.tolist() == [KNOWN.name, "F0.b"]
    assert found["text"].tolist() == [KNOWN.text, "A claim."]
    assert found["kind"].tolist() == ["paper", "ours"]


def test_the_main_models_decide_and_the_recipes_verdict_is_beside_it():
    row = table(verdict("F0.a", FAILS), verdict("F0.a", HOLDS, models="recipe")).loc["F0.a"]
    assert (row["verdict"], row["recipe"], row["tested"]) == (FAILS, HOLDS, 1)
    row = table(verdict("F0.a", HOLDS, models="recipe")).loc["F0.a"]
    assert (row["verdict"], row["recipe"], row["tested"]) == (HOLDS, HOLDS, 1)
    assert table(verdict("F0.a", HOLDS)).loc["F0.a", "recipe"] == ""


def test_at_one_replicate_it_is_as_good_as_its_worst_claim_about_the_best_of_several():
    rows = [verdict("F0.a", HOLDS, single=share) for share in (0.75, 0.25)]
    rows.append(verdict("F0.a", HOLDS, single=0, best_of=()))
    rows.append(verdict("F0.a", HOLDS, models="recipe", single=0.1))
    assert table(*rows).loc["F0.a", "single"] == 0.25
    assert math.isnan(table(verdict("F0.a", HOLDS, single=0.5, best_of=())).loc["F0.a", "single"])


def test_where_the_paper_shows_single_runs_every_claim_counts_at_one_replicate():
    rows = [verdict("F13.a", HOLDS, single=share, best_of=()) for share in (1, 0.2)]
    assert table(*rows).loc["F13.a", "single"] == 0.2


def test_the_figures_with_single_runs_have_claims():
    figures = {claim.figure for claim in judging.claims()}
    assert {*single_runs.FIGURES} <= figures


def test_a_table_of_no_verdicts_has_no_statements():
    assert judging.statements(judging.table([])).columns.tolist() == judging.STATEMENT_COLUMNS


def test_the_summary_counts_what_holds_in_part_apart():
    line = outcomes.summary([HOLDS, PARTLY, FAILS, UNTESTED], "statements")
    assert line == "1 of 3 tested statements hold, 1 holds in part, 1 is not tested"


def test_statements_of_one_name_have_one_kind_and_one_text():
    of_name = {}
    for claim in judging.claims():
        of_name.setdefault(claim.statement.name, claim.statement)
        assert of_name[claim.statement.name].kind == claim.statement.kind, claim.claim
