"""What figures share, such as the style and the marks, and in `general` the figures that fit any experiment.

A figure is a file `figure_NAME.py` in a section of a paper or in `general`, with a CAPTION and a function
`draw(tables, **options) -> Figure` that only draws. NEEDS, a `superpos.config.needs.Needs` of literal
values, says what the figure needs of the experiments that it shows; it is read without importing
matplotlib. SHOWN says how the shown runs are picked, if they are not the best of each condition.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def render(figure: "Figure", form: str) -> bytes:
    """The content of the figure's file, where `form` is svg, pdf or png; the same bytes every time."""
    from superpos.plotting import style

    return style.render(figure, form)
