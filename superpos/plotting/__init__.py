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
    """The content of the figure's file, the same bytes every time; `form` is svg, pdf or png.

    Raises a ValueError for another form, and for what is not a figure, such as several.
    """
    from superpos.plotting import style

    if not hasattr(figure, "savefig"):
        kind = type(figure).__name__
        raise ValueError(f"an object of type {kind} is not a figure; give one figure of matplotlib")
    return style.render(figure, form)
