"""The notebook's second picture: inner products of the features, with the bias beside them."""

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.plotting.marks import note, products
from superpos.plotting.shown_runs import best_run, conditions, label, losses, rule, weights
from superpos.plotting.style import styled
from superpos.tables import Tables

CAPTION = (
    "The inner products of all pairs of features of the notebook's model and, in the strip beside them, the"
    " bias of each feature, on one scale. The model was trained as in the notebook. After section"
    " “Demonstrating Superposition”."
)
NEEDS = Needs(tied=True, most_conditions=24)


@styled
def draw(tables: Tables) -> Figure:
    """Draw a panel for each condition, with feature 0 on top and at the left."""
    parts = conditions(tables)
    figure = Figure(figsize=(5.2 * len(parts) + 0.8, 5.2), layout="constrained")
    for ax, condition in zip(figure.subplots(1, len(parts), squeeze=False)[0], parts, strict=True):
        _products(figure, ax, condition)
    text = "\n".join(f"{label(best_run(c)[0])}: {rule(c)};\n{losses(c)}." for c in parts)
    note(figure, text)
    return figure


def _products(figure: Figure, ax: Axes, condition: Tables) -> None:
    _, features = best_run(condition)
    W, b = weights(features), features["bias"].to_numpy(float)
    gram = (W[:, None] * W).sum(2)
    norm = Normalize(min(gram.min(), b.min()), max(gram.max(), b.max()))
    strip = products(ax, W, b, mpl.colormaps["viridis"], norm)
    centres = np.arange(len(W)) + 0.5
    ax.set_yticks(centres, labels=features["feature"])
    ax.set_xticks([*centres, strip], labels=[*features["feature"], "b"])
    ax.tick_params(length=0)
    ax.set_title("Feature Inner Products")
    figure.colorbar(ScalarMappable(norm, "viridis"), ax=ax, label="Inner Product", shrink=0.8)
