"""What figures share: the style, marks, and how runs are chosen to be shown.

A figure is a file `figure_NAME.py` in a section of a paper, with `draw(tables, **options) -> Figure` and
a CAPTION; it only draws. NEEDS, a `superpos.config.needs.Needs` of literal values, says what it needs of
the experiments that it shows, and is read before matplotlib is imported. SHOWN says how the shown runs
are picked, if they are not the best of each condition.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def render(figure: "Figure", form: str) -> bytes:
    """The figure as a file's content, `form` being svg, pdf or png; the same bytes every time."""
    from superpos.plotting import style

    return style.render(figure, form)
