"""The notebook's first picture: feature norms, coloured by the notebook's measure of superposition."""

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.plotting.marks import norm_bars, note
from superpos.plotting.shown_runs import best_run, by_replicate, conditions, label, losses, rule
from superpos.plotting.style import styled
from superpos.tables import Tables

CAPTION = (
    "The norm of each feature of the notebook's model, coloured by what the notebook calls superposition:"
    " the sum of squared inner products of vectors that are not normalised. The model was trained as in the"
    " notebook. After section “Demonstrating Superposition”."
)
NEEDS = Needs(metrics=("feature_norm", "superposition_unnormalised"), tied=True, most_conditions=24)


@styled
def draw(tables: Tables) -> Figure:
    """Draw a panel for each condition, with feature 0 on top."""
    parts = conditions(tables)
    figure = Figure(figsize=(5.6 * len(parts) + 1.4, 4.6), layout="constrained")
    axes = figure.subplots(1, len(parts), squeeze=False)[0]
    for ax, condition in zip(axes, parts, strict=True):
        _bars(ax, condition)
    scale = ScalarMappable(Normalize(0, 1), "viridis")
    figure.colorbar(scale, ax=list(axes), label="Superposition", fraction=0.05)
    text = "\n".join(f"{label(best_run(c)[0])}: {rule(c)}; {losses(c)}." for c in parts)
    note(figure, text + "\nLines on the bars are the range and the median over replicates.")
    return figure


def _bars(ax: Axes, condition: Tables) -> None:
    _, features = best_run(condition)
    superposition = features["superposition_unnormalised"].clip(0, 1)
    colours = mpl.colormaps["viridis"](superposition.to_numpy(float))
    replicates = by_replicate(condition, "feature_norm")
    norm_bars(ax, features["feature_norm"].to_numpy(float), colours, replicates)
    names = [f"Feature {i}" for i in features["feature"]]
    ax.set_yticks(features["feature"], labels=names)
    ax.set(xlabel="Feature Norm", title="Feature Norms and Superposition")
