"""The conditions of an experiment as a table, a row each, and back."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from superpos.config.condition import Condition, overridden

RUN = ["experiment", "condition", "replicate"]
"""The columns that name a run in every table."""


def to_table(plain: Mapping[str, Any], points: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """One row a condition: its slug, the point of the sweep and the condition as JSON, every value."""
    rows = []
    for slug, point in points.items():
        condition = Condition.model_validate(overridden(plain, point))
        whole = {"point": dict(point), "resolved": condition.model_dump()}
        as_json = {name: json.dumps(value, sort_keys=True) for name, value in whole.items()}
        rows.append({"condition": slug, **as_json, **_flat(condition.canonical())})
    return pd.DataFrame(rows)


def from_table(table: pd.DataFrame) -> dict[str, tuple[Condition, dict[str, Any]]]:
    """Condition and point of each slug."""
    rows = table[["condition", "resolved", "point"]].astype(str).to_numpy().tolist()
    return {
        slug: (Condition.model_validate_json(resolved), json.loads(point))
        for slug, resolved, point in rows
    }


def _flat(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Inner mappings spelt out: {"init": {"name": "xavier"}} becomes {"init_name": "xavier"}."""
    flat: dict[str, Any] = {}
    for key, value in plain.items():
        nested = isinstance(value, Mapping)
        flat |= {f"{key}_{k}": v for k, v in value.items()} if nested else {key: value}
    return flat
