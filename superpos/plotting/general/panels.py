"""One panel for each condition of a general figure, with the run that it shows."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from superpos.config import swept
from superpos.plotting.general import conditions
from superpos.plotting.marks import note
from superpos.tables import Tables

IN_A_ROW = 4
LETTERS_PER_INCH = 11
"""Letters of a title in an inch of a panel, beside the room for its axis."""
NO_BREAK = "\N{NO-BREAK SPACE}"
LINE_HEIGHT = 0.17
"""The height of a line of text in inches."""
NARROWEST = 4.2
"""The smallest width of a figure in inches."""


@dataclass(frozen=True)
class Panel:
    """A condition, its label, and the row and the features of the run that is shown."""

    condition: Tables
    label: str
    run: pd.Series
    features: pd.DataFrame

    def title(self, width: float) -> str:
        """The label and the run's loss, wrapped to fit a panel that is `width` inches wide."""
        most = int(LETTERS_PER_INCH * width)
        parts = [
            part.replace(" ", NO_BREAK) if len(part) < most else part
            for part in self.label.split(", ")
        ]
        said = textwrap.fill(", ".join(parts), most).replace(NO_BREAK, " ")
        return f"{said}\nloss {self.run['loss']:.3g}".lstrip("\n")

    def is_untied(self) -> bool:
        """Whether the model has separate output weights."""
        return "W_out" in self.features and bool(self.features["W_out"].notna().all())


def panels(tables: Tables, most: int, replicate: int | None = None) -> list[Panel]:
    """At most `most` conditions, picked evenly in the order of the sweep, each with the run that is shown.

    The run is the best one, or the given replicate. Raises a ValueError if there is no such replicate.
    """
    numbers = tables.runs["replicate"]
    rows = tables.runs[
        conditions.is_best(tables.runs) if replicate is None else numbers == replicate
    ]
    if not len(rows):
        some = f"give a number from {numbers.min()} to {numbers.max()}"
        lacking = "no run here can be its condition's best" if replicate is None else replicate
        raise ValueError(f"replicate: {lacking}; {some}")
    picked = np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int)
    named = conditions.labels(rows, conditions.swept_keys(tables.runs))
    return [_panel(tables, rows.iloc[k], named.iloc[k]) for k in picked]


def _panel(tables: Tables, run: pd.Series, label: str) -> Panel:
    condition = tables.where(experiment=run["experiment"], condition=run["condition"])
    features = condition.replicate(run["replicate"]).features.sort_values("feature")
    return Panel(condition, label, run, features)


def grid(count: int) -> tuple[int, int]:
    """The numbers of rows and columns for `count` panels, with rows that are as full as possible."""
    rows = -(-count // IN_A_ROW)
    return rows, -(-count // rows)


def figure_size(shown: list[Panel], width: float, height: float) -> tuple[float, float]:
    """The size of a figure in inches, for panels of a size, their titles, a scale and the small print."""
    rows, columns = grid(len(shown))
    lines = max(panel.title(width).count("\n") + 1 for panel in shown)
    return max(width * columns + 1, NARROWEST), (height + LINE_HEIGHT * lines) * rows + 0.7


def places(shown: list[Panel]) -> Iterator[tuple[int, int, Panel]]:
    """The row and the column of each panel."""
    _, columns = grid(len(shown))
    for k, panel in enumerate(shown):
        yield k // columns, k % columns, panel


def small_print(
    figure: Figure, tables: Tables, shown: list[Panel], replicate: int | None, *more: str
) -> None:
    """Say under a figure which runs of which conditions it shows, and what was swept."""
    every = len(tables.runs[conditions.EACH].drop_duplicates())
    keys = " and ".join(swept.key_name(key) for key in conditions.swept_keys(tables.runs))
    some = (
        f"{len(shown)} of {every} conditions, which differ in {keys}." if len(shown) < every else ""
    )
    note(figure, "\n".join(filter(None, [_rule(tables.runs, replicate), some, *more])))


def _rule(runs: pd.DataFrame, replicate: int | None) -> str:
    """Which run of each condition is shown."""
    if replicate is not None:
        shown = f"replicate {replicate}"
    elif conditions.counts(runs, runs["loss"].notna()) == "1":
        shown = "the only run"
    else:
        shown = conditions.how_chosen(runs)
    return f"Of each condition, {shown}. The number above it is its held-out loss."
