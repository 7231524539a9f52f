"""Verdicts of several base seeds, side by side."""

import pandas as pd
import pytest
from test_departures import verdict

from superpos.report import seeds


def verdicts(**holds: bool) -> pd.DataFrame:
    return pd.DataFrame([verdict(name.replace("_", "."), h) for name, h in holds.items()])


def test_a_claim_is_counted_in_every_run_that_it_holds_in_whatever_the_order():
    a, b = verdicts(F1_x=True, F1_y=False), verdicts(F1_y=True, F1_x=True)
    held = seeds.table({"shipped": a, "seed 1": b}).set_index("claim")["held"]
    assert held.to_dict() == {"F1.x": 2, "F1.y": 1}


def test_runs_that_judge_other_claims_are_refused():
    with pytest.raises(ValueError, match=r"^seed 1: it judges other claims"):
        seeds.table({"shipped": verdicts(F1_x=True), "seed 1": verdicts(F1_y=True)})


def test_the_page_counts_and_lists_what_does_not_always_hold_first():
    both = {"shipped": verdicts(F1_x=True, F1_y=False), "seed 1": verdicts(F1_x=True, F1_y=True)}
    page = seeds.page(seeds.table(both))
    assert "1 of 2\nclaims hold in 2 of 2, 1\nin 1, 0\nin 0." in page
    assert page.index("<td>F1.y</td>") < page.index("<td>F1.x</td>")


def test_a_claim_that_fails_somewhere_names_its_departure():
    always, never = verdicts(F9_regular=True), verdicts(F9_regular=False)
    for table in (always, never):
        table["claim"] = "F9.regular.text"
    title = "The pentagon's norm is not 1 / (1 - b)".replace("'", "&#39;")
    assert title in seeds.page(seeds.table({"shipped": always, "seed 1": never}))
    assert title not in seeds.page(seeds.table({"shipped": always, "seed 1": always}))
