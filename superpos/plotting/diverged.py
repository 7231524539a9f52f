"""Leave diverged runs out of a figure, and say in the figure how many there are."""

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from superpos.plotting.small_print import wrapped
from superpos.tables import Tables

EMPTY = (6.4, 1.4)
"""Size in inches of a figure that has only a line of text to show."""


def draw_sound_runs(
    draw: Callable[..., Figure], tables: Tables, *args: Any, **options: Any
) -> Figure:
    """Draw the runs that did not diverge, with a line that says how many did.

    If none of a condition's runs is left to be its best, the figure consists of that line alone.
    """
    if lost := tables.without_best():
        said = "nothing is drawn: no run is left to be the best of"
        return only_text([*tables.divergence(), *_named(said, lost)])
    figure = draw(tables.sound() if tables.diverged.any() else tables, *args, **options)
    return _with_lines(figure, tables.divergence())


def draw_what_is_left(
    draw: Callable[..., Figure], tables: Tables, *args: Any, **options: Any
) -> Figure:
    """Like `draw_sound_runs`, but if all runs of a condition diverged, still draw the other conditions."""
    lost = tables.lost()
    if lost and tables.diverged.all():
        return draw_sound_runs(draw, tables, *args, **options)
    figure = draw(tables.sound() if tables.diverged.any() else tables, *args, **options)
    return _with_lines(figure, [*tables.divergence(), *_named("no run is left of", lost)])


def _named(said: str, lost: list[str]) -> list[str]:
    """The lines that name some conditions after what is said of them; none if there are none."""
    lines = [f"{said} {', '.join(lost[:3])}"] if lost else []
    return lines + ([f"and of {len(lost) - 3} other conditions"] if len(lost) > 3 else [])


def only_text(lines: list[str]) -> Figure:
    """A figure that consists of these lines of text."""
    figure = Figure(figsize=EMPTY)
    figure.text(0.5, 0.5, "\n".join(lines), ha="center", va="center")
    return figure


def _with_lines(figure: Figure, lines: list[str]) -> Figure:
    """The figure with lines added to its small print."""
    if lines:
        small_print = [text for text in (figure.get_supxlabel(), wrapped(figure, lines)) if text]
        figure.supxlabel("\n".join(small_print), fontsize=8)
    return figure
