"""What is computed once: for some tables, and for several metrics of one call."""

import numpy as np
import pandas as pd

from superpos import metrics
from superpos.metrics.sharing import shared, sharing
from superpos.tables import Tables
from superpos.tables.remembering import remembered
from superpos.verdicts import definitions


def seen(tables):
    return [*tables.runs, *tables.features]


def test_a_remembered_function_is_called_once_for_each_tables_with_its_columns_alone():
    calls = []
    recalled = remembered("loss", "bias")(lambda t: calls.append(t) or seen(t))
    runs, features = pd.DataFrame({"loss": [1.0], "rank": 0}), pd.DataFrame({"bias": [1.0]})
    first, second = Tables(runs, features), Tables(runs, features)
    assert recalled(first) == recalled(first) == ["loss", "bias"]
    assert len(calls) == 1
    assert recalled(second) == ["loss", "bias"]
    assert len(calls) == 2


@remembered("loss")
def decorated(t):
    return seen(t)


def test_that_a_function_is_remembered_changes_no_definition():
    assert definitions._text(decorated.__wrapped__) == "def decorated(t):\n    return seen(t)"


def test_shared_results_are_kept_only_while_sharing_and_only_for_the_same_objects():
    calls = []

    @shared
    def doubled(x, y):
        calls.append(x)
        return 2 * x + y

    one, other, zero = np.ones(2), np.ones(2), np.zeros(2)
    with sharing():
        assert doubled(one, y=zero) is doubled(one, zero)
        assert doubled(zero, one).tolist() == [1, 1]
        assert doubled(y=one, x=zero).tolist() == [1, 1]
        assert len(calls) == 2
        doubled(other, zero)
        assert len(calls) == 3
    one += 1
    assert doubled(one, zero).tolist() == [4, 4]


def test_metrics_that_share_a_result_see_the_arrays_of_each_call():
    W = np.array([[[1.0], [0.5]]])
    names = ["superposition", "superposition_unnormalised", "dimensionality"]
    before = metrics.compute(names, {"W": W})
    W[0, 1] = 0
    after = metrics.compute(names, {"W": W})
    assert before["superposition_unnormalised"].tolist() == [[0.25, 0.25]]
    assert after["superposition_unnormalised"].tolist() == [[0, 0]]
    assert after["dimensionality"].tolist() == [[1, 0]]
