"""The style of all figures: fonts, colours, and files whose bytes are the same every time."""

import io
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, LogFormatterMathtext

from superpos.plotting.diverged import draw_sound_runs, draw_what_is_left
from superpos.tables import Tables

BACKGROUND = "#FCFBF8"
INK = "#333333"
FAINT = "#8A8A8A"
MODEL_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
"""Okabe and Ito's colours, which colour-blind readers can tell apart."""

# PAPER: red 1, light grey 0, blue -1.
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ["#08519C", "#4A90C8", "#EBEBEB", "#DB5A48", "#99000D"]
)
# PAPER: five discrete swatches of viridis from 0 to 1.
SUPERPOSITION = mpl.colormaps["viridis"].resampled(5)
SUPERPOSITION_STEPS = BoundaryNorm([0, 0.2, 0.4, 0.6, 0.8, 1], 5, clip=True)

STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "image.interpolation": "none",
    "svg.hashsalt": "superpos",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
}

_NO_DATE: dict[str, dict[str, str | None]] = {
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
    "png": {"Software": None},
}

_MINUS_ZERO = re.compile(rb"(?<=[ \"])-0(?=[ \"])")


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Draw the runs that did not diverge in this style, whatever the user's own settings.

    Nothing is drawn if all runs of some condition diverged.
    """
    return _in_style(draw, draw_sound_runs)


def styled_in_part(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Like `styled`, for figures that are worth drawing without some of their conditions."""
    return _in_style(draw, draw_what_is_left)


def _in_style(
    draw: Callable[..., Figure], draw_runs: Callable[..., Figure]
) -> Callable[..., Figure]:
    @wraps(draw)
    def in_style(tables: Tables, *args: object, **options: object) -> Figure:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)
            figure = draw_runs(draw, tables, *args, **options)
            _label_in_full_size(figure)
            return figure

    return in_style


class _Plain(LogFormatter):
    """Tick labels of a logarithmic axis as 0.001 and 1e-6, because an exponent would be below 8 points."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        if not super().__call__(x, pos):
            return ""
        short = f"{x:,.0f}" if 1 <= abs(x) < 1e6 else f"{x:g}".replace("e-0", "e-")
        return short.replace("e+0", "e").replace("-", "−")


def _label_in_full_size(figure: Figure) -> None:
    """Label logarithmic axes with plain numbers instead of powers of ten, whose exponents are too small."""
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        for kept, put in (
            (axis.get_major_formatter(), axis.set_major_formatter),
            (axis.get_minor_formatter(), axis.set_minor_formatter),
        ):
            if isinstance(kept, LogFormatterMathtext):
                put(_Plain(labelOnlyBase=kept.labelOnlyBase))


def render(figure: Figure, form: str) -> bytes:
    """The figure as svg, pdf or png; raises a ValueError for another form."""
    if form not in _NO_DATE:
        raise ValueError(f"figure format {form!r}: give svg, pdf or png")
    file = io.BytesIO()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        if (layout := figure.get_layout_engine()) is not None:
            layout.execute(figure)
            _settle(figure)
        figure.savefig(file, format=form, dpi=200, metadata=_NO_DATE[form])
    # The layout solver leaves rounding errors of either sign in place of zeros.
    return _MINUS_ZERO.sub(b"0", file.getvalue()) if form == "svg" else file.getvalue()


def _settle(figure: Figure) -> None:
    """Freeze the layout and round its positions, because the last bits of the layout solver's result vary
    between runs and would reach the files."""
    figure.set_layout_engine(None)
    parts = list(figure.subfigs)
    while parts:
        part = parts.pop()
        box = part.bbox_relative
        box.p0, box.p1 = np.round(box.p0, 5), np.round(box.p1, 5)
        parts += part.subfigs
    for ax in figure.axes:
        ax.set_position(np.round(ax.get_position(original=True).bounds, 5).tolist())
