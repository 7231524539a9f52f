"""The conditions of an experiment as a table with one row for each, and back."""

import json
from collections.abc import Mapping

import pandas as pd
from pydantic import JsonValue

from superpos.config.condition import Condition
from superpos.config.sweep import Point, Sweep

RUN = ["experiment", "condition", "replicate"]
"""The columns that name a run in every table."""


def to_table(sweep: Sweep) -> pd.DataFrame:
    """One row per condition: its slug, its point and all its keys as JSON, and a column for each value."""
    rows = []
    for slug, condition in sweep.conditions.items():
        whole = {"point": sweep.points[slug], "resolved": condition.written()}
        as_json = {name: json.dumps(value, sort_keys=True) for name, value in whole.items()}
        values = {**condition.canonical(), "batch": condition.samples_per_step}
        rows.append({"condition": slug, **as_json, **flat(values)})
    return pd.DataFrame(rows)


def from_table(table: pd.DataFrame) -> dict[str, tuple[Condition, Point]]:
    """The condition and the point of each slug."""
    rows = table[["condition", "resolved", "point"]].astype(str).to_numpy().tolist()
    return {
        slug: (Condition.model_validate_json(resolved), json.loads(point))
        for slug, resolved, point in rows
    }


def flat(values: Mapping[str, JsonValue]) -> Point:
    """The values with nested mappings flattened: {"init": {"name": "xavier"}} becomes {"init_name":
    "xavier"}."""
    flat: Point = {}
    for key, value in values.items():
        flat |= (
            {f"{key}_{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}
        )
    return flat
