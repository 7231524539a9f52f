"""How general figures describe conditions: the swept keys, their values, and a label for each condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos.config import grids, swept

if TYPE_CHECKING:
    from jaxtyping import Shaped

EACH = ["experiment", "condition"]
"""The columns that name a condition."""


def swept_keys(runs: pd.DataFrame) -> list[str]:
    """The swept keys that tell the conditions apart; `experiment` too, if there are several."""
    names = runs[EACH].drop_duplicates().astype(str).itertuples(index=False, name=None)
    return swept.varied([{"experiment": name, **grids.words_by_axis(slug)} for name, slug in names])


def axes(runs: pd.DataFrame, least: int) -> list[str]:
    """The swept keys, with further keys added if the sound runs differ in fewer than `least` of them."""
    keys = dict.fromkeys(swept_keys(runs))
    if len(keys) < least:
        keys |= dict.fromkeys(grids.words_by_axis(str(runs["condition"].iloc[0])))
    return list(keys)


def values_of(runs: pd.DataFrame, key: str) -> pd.Series:
    """Each run's value of a swept key, as a number if possible and otherwise as text."""
    column = key.replace(".", "_")
    if column in runs and runs[column].notna().all():
        found = runs[column]
    else:
        words = {
            s: grids.words_by_axis(str(s)).get(key, "default") for s in runs["condition"].unique()
        }
        found = runs["condition"].astype(object).map(words)
    return found if pd.api.types.is_numeric_dtype(found) else found.astype(str)


def labels(runs: pd.DataFrame, keys: list[str]) -> pd.Series:
    """The values of some swept keys in words, for each run; "" without a key."""
    columns = {key: values_of(runs, key).tolist() for key in keys}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    words = [swept.in_words(row, keys) for row in rows] if keys else [""] * len(runs)
    return pd.Series(words, runs.index, dtype=object)


def axis_label(key: str) -> str:
    """The name of a swept key, as an axis label."""
    return "density, 1 − S" if key == "density" else swept.key_name(key)


def place_values(
    values: Shaped[np.ndarray, " value"],
) -> tuple[Shaped[np.ndarray, " value"], list[str], bool]:
    """The positions of values on an axis, the texts of the distinct values, and whether they are numbers.

    The position of a number is the number itself; texts get 0, 1, 2, ... in order of appearance.
    """
    if values.dtype.kind in "fiub":
        return values.astype(float), [f"{v:.3g}" for v in np.unique(values)], True
    names = list(dict.fromkeys(values.tolist()))
    return np.array([names.index(v) for v in values], float), names, False
