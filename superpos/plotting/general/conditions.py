"""How general figures describe conditions: the swept keys, their values, and a label for each condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from superpos.config import grids, swept
from superpos.plotting.shown_runs import chosen_by

if TYPE_CHECKING:
    from jaxtyping import Shaped

EACH = ["experiment", "condition"]
"""The columns that name a condition."""
FLAGS = ("signed", "unit_norm", "decay_bias")
"""Settings that are either true or false."""
NUMBERS = ("{:.4g}", "{:.8g}", "{!r}")
"""How the numbers of labels are written: as shortly as tells the conditions apart."""
WHOLE = 1e9
"""Whole numbers below this one are written in full."""
BARE = ("experiment", "model", "data")
"""Keys whose values say what they are without the key's name."""


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
    words = {s: grids.words_by_axis(str(s)).get(key, "default") for s in runs["condition"].unique()}
    found = runs["condition"].astype(object).map(words)
    if column in runs and runs[column].notna().all() and _tells_apart(runs[column], found):
        found = runs[column]
    return found if pd.api.types.is_numeric_dtype(found) else found.astype(str).map(_in_words)


def _in_words(word: str) -> str:
    """A block of settings as readers say it: "independent, signed" for name-independent+signed-1."""
    if not word.startswith("name-"):
        return word
    name, *others = (part.partition("-")[::2] for part in word.split("+"))
    return ", ".join([name[1], *(_setting(*other) for other in others)])


def _setting(key: str, value: str) -> str:
    if key in FLAGS:
        return key if value == "1" else f"not {key}"
    return f"{key} {value}"


def _tells_apart(column: pd.Series, words: pd.Series) -> bool:
    """Whether a column differs where the swept values do: `data` has only the name of a distribution."""
    given = words != "default"
    return bool(words[given].groupby(column[given], observed=True).nunique().lt(2).all())


def is_best(runs: pd.DataFrame) -> pd.Series:
    """Which runs have the lowest selection loss of those of their condition that are here."""
    rank = runs["rank"].where(runs["rank"] >= 0)
    condition = [runs[name] for name in EACH]
    return rank == rank.groupby(condition, observed=True).transform("min")


def counts(runs: pd.DataFrame, of: pd.Series) -> str:
    """How many runs of each condition a mask marks, where it marks any, in words: "3" or "2 to 3"."""
    found = of.groupby([runs[name] for name in EACH], observed=True).sum()
    least, most = (
        (int(end) for end in (found[found > 0].min(), found.max())) if of.any() else (0, 0)
    )
    return f"{most}" if least == most else f"{least} to {most}"


def how_chosen(runs: pd.DataFrame) -> str:
    """Which run of a condition is its best: "the best of 3 runs by held-out loss"."""
    from_these = counts(runs, runs["rank"] >= 0)
    if from_these == "1":
        return "the only run that did not diverge and that best_of allows"
    return f"the best of {from_these} runs by {chosen_by(runs)}"


def labels(runs: pd.DataFrame, keys: list[str]) -> pd.Series:
    """The values of some swept keys in words, for each run; "" without a key."""
    columns = {key: [_typed(key, v) for v in values_of(runs, key)] for key in keys}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    distinct = len({*map(str, rows)})
    words = [""] * len(runs)
    for number in NUMBERS if keys else ():
        words = [swept.in_words(row, keys, number.format) for row in rows]
        if len({*words}) == distinct:
            break
    return pd.Series(words, runs.index, dtype=object)


def _typed(key: str, value: float | str) -> float | str | None:
    """A value for `swept.in_words`: text that is a number or None as such, other text with its key."""
    if not isinstance(value, str) or key in BARE or key.endswith(".name"):
        return value
    if value == "None":
        return None
    try:
        number = float(value)
    except ValueError:
        return f"{swept.key_name(key)} {value}"
    return int(number) if number.is_integer() else number


def number_texts(values: Shaped[np.ndarray, " value"]) -> list[str]:
    """Distinct numbers in as few digits as tell them apart; whole numbers as 12,345."""
    numbers = [float(value) for value in values]
    if all(number.is_integer() and abs(number) < WHOLE for number in numbers):
        return [f"{number:,.0f}" for number in numbers]
    for form in NUMBERS:
        texts = [form.format(number) for number in numbers]
        if len({*texts}) == len({*numbers}):
            break
    return texts


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
        return values.astype(float), number_texts(np.unique(values)), True
    names = list(dict.fromkeys(values.tolist()))
    return np.array([names.index(v) for v in values], float), names, False
