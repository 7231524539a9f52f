"""Figures: `draw(tables, **options) -> Figure` and a CAPTION, one file a figure. They only draw.

NEEDS, a `superpos.needs.Needs` of literal values, says what a figure needs of the experiments that it
shows; it is read before matplotlib is imported. SECTION names a section of `superpos.paper`; SHOWN says
how the shown runs are picked, where these are not the best of each condition.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def render(figure: "Figure", form: str) -> bytes:
    """The figure as a file's content, `form` being svg, pdf or png; the same bytes every time."""
    from superpos.figures import _style

    return _style.render(figure, form)
