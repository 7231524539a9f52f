"""The small print under a figure, 8 points high, in lines that fit its width."""

import textwrap
from collections.abc import Iterable

from matplotlib.figure import Figure, SubFigure

LETTERS_PER_INCH = 15


def wrapped(figure: Figure | SubFigure, lines: Iterable[str]) -> str:
    """The lines as one text, broken where they are wider than the figure."""
    width = int(LETTERS_PER_INCH * figure.bbox.width / figure.dpi)
    return "\n".join(textwrap.fill(line, width) for line in lines)
