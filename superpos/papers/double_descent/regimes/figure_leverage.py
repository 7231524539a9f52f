"""The maximal data dimensionality: each training sample's largest share of any direction."""

import numpy as np
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.papers.double_descent.marks import SAMPLES, first_set, samples_axis
from superpos.papers.double_descent.measures import T
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import size
from superpos.plotting.style import INK, styled
from superpos.tables import Tables

CAPTION = (
    "The maximal data dimensionality of each training sample: of all directions v of the hidden space, the"
    " largest share that the sample has of the sum of squares along v. It equals h_i^T Q⁺ h_i with Q the sum"
    " of h_j h_j^T over the samples. Its mean is m/T (line) whenever the samples span the space, so only the"
    " spread says something: a sample far above the line has a direction nearly to itself. C. Olah's comment"
    " draws it for images of digits, which are data from outside; these are our models. Section “From stored"
    " samples to features”."
)
SHOWN = "The run on the first training set; none is chosen by its loss."
NEEDS = Needs(
    metrics=("leverage",), training_set=True, varied=("data.training_samples", "data.set")
)
SHIFTS = 0.1
"""The width, in the logarithm of T, over which the dots of one T are spread, in the order of the samples."""


@styled
def draw(tables: Tables) -> Figure:
    """Draw a column of dots for each T, one for each training sample."""
    first = first_set(tables)
    figure = Figure(figsize=(6.4, 3.9), layout="constrained")
    ax = figure.subplots()
    sizes = np.unique(first.runs[T].to_numpy(float))
    for size_ in sizes:
        D = first.samples.loc[first.samples[T] == size_, "leverage"].to_numpy(float)
        x = size_ * np.exp(np.linspace(-SHIFTS, SHIFTS, len(D)))
        ax.plot(
            x, D, "o", color=SAMPLES, markersize=2.5, alpha=0.5, markeredgewidth=0, rasterized=True
        )
    m = int(first.runs["n_hidden"].iloc[0])
    ax.plot(sizes, m / sizes, color=INK, linewidth=1, label="m/T")
    samples_axis(ax, sizes)
    ax.set_yscale("log")
    lowest = first.samples.loc[first.samples["leverage"] > 0, "leverage"].min()
    ax.set_ylim(max(float(lowest) / 1.5, 1e-3 * m / sizes.max()), 1.5)
    ax.set_ylabel("maximal data dimensionality")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1))
    note(figure, f"{size(tables.runs)}; the first training set. Lower values are cut off.")
    return figure
