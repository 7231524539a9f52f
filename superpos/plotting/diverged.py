"""Leave diverged runs out of a figure, and say in the figure how many there are."""

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from superpos.tables import Tables

EMPTY = (6.4, 1.4)
"""Size in inches of a figure that has only a line of text to show."""


def draw_sound_runs(
    draw: Callable[..., Figure], tables: Tables, *args: Any, **options: Any
) -> Figure:
    """Draw the runs that did not diverge, with a line that says how many did.

    If all runs of some condition diverged, the figure consists of that line alone.
    """
    if not tables.diverged.any():
        return draw(tables, *args, **options)
    lines = tables.divergence()
    if lost := tables.lost():
        lines.append(f"nothing is drawn: no run is left of {', '.join(lost[:3])}")
        lines += [f"and of {len(lost) - 3} other conditions"] if len(lost) > 3 else []
        figure = Figure(figsize=EMPTY)
        figure.text(0.5, 0.5, "\n".join(lines), ha="center", va="center")
        return figure
    figure = draw(tables.sound(), *args, **options)
    small_print = [text for text in (figure.get_supxlabel(), *lines) if text]
    figure.supxlabel("\n".join(small_print), fontsize=8)
    return figure
