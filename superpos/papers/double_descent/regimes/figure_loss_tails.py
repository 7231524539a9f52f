"""How the height of the bump depends on the steps, the rate, the decay and Adam's eps."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.papers.double_descent.marks import sets
from superpos.papers.double_descent.measures import T
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import size
from superpos.plotting.style import FAINT, INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "How high the bump of the test loss is depends on how the models are trained. Each row is named after"
    " what it changes; everything else is as in the first row. Dots: the median test sample's loss, the"
    " 0.99 quantile and the mean over test samples, for each training set; vertical marks: their medians"
    " over the training sets. The median sample's loss is near 1 wherever the mean is large: few test"
    " samples make the bump. Section “From stored samples to features”."
)
SHOWN = "Every run, one for each training set; none is chosen by its loss."
NEEDS = Needs(
    metrics=("loss_median", "loss_q99"),
    training_set=True,
    varied=(
        "data.training_samples",
        "data.set",
        "steps",
        "optimizer.lr",
        "optimizer.weight_decay",
        "optimizer.eps",
    ),
)
SETTINGS = {
    "steps": "{:,} steps",
    "optimizer_lr": "rate {:g}",
    "optimizer_weight_decay": "weight decay {:g}",
    "optimizer_eps": "ε {:.0e}",
}
QUANTITIES = (
    ("loss_median", "median test sample", MODEL_COLOURS[2], "v"),
    ("loss_q99", "0.99 quantile", MODEL_COLOURS[3], "s"),
    ("loss", "mean test loss", INK, "o"),
)


@styled
def draw(tables: Tables) -> Figure:
    """Draw a row for each combination of settings at each T, with the usual settings first."""
    rows = [*_rows(tables.runs)]
    figure = Figure(figsize=(7.2, 1.3 + 0.34 * len(rows)), layout="constrained")
    ax = figure.subplots()
    for y, (_, runs) in enumerate(rows):
        for column, name, colour, marker in QUANTITIES:
            label = name if y == 0 else None
            ax.plot(runs[column], [y] * len(runs), marker, color=colour, alpha=0.5, markersize=5,
                    markeredgewidth=0, label=label)  # fmt: skip
            ax.plot(runs[column].median(), y, "|", color=colour, markersize=13, markeredgewidth=1.5)
    ax.set_yticks(range(len(rows)), labels=[name for name, _ in rows])
    ax.set(xscale="log", xlabel="test loss", ylim=(len(rows) - 0.4, -0.6))
    ax.axvline(1, color=FAINT, linewidth=0.6, linestyle=":", zorder=0)
    ax.grid(axis="y", color=FAINT, alpha=0.2, linewidth=0.5)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    sizes = ", ".join(f"{samples:,.0f}" for samples in sorted(tables.runs[T].unique()))
    note(figure, f"{size(tables.runs)}, T = {sizes}; {sets(tables.runs)}.")
    return figure


def _rows(runs: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The runs of each combination of settings, named after what differs from the usual settings.

    The first row has the usual settings, which most runs have. Runs of different experiments or T are
    kept apart.
    """
    settings = [name for name in SETTINGS if name in runs]
    usual = runs[settings].mode().iloc[0].to_dict()
    apart = [name for name in ("experiment", T) if len(runs[name].unique()) > 1]
    found = []
    for values, part in runs.groupby([*apart, *settings], observed=True):
        own = dict(zip([*apart, *settings], values, strict=True))
        changed = [k for k in settings if own[k] != usual[k]]
        words = [SETTINGS[k].format(own[k]).replace("e-0", "e−") for k in changed] or [
            f"unchanged: {own['steps']:,} steps"
        ]
        words += [f"T = {own[k]:,.0f}" if k == T else own[k] for k in apart]
        order = ([own[k] for k in apart], len(changed), [settings.index(k) for k in changed])
        found.append(((*order, values), ", ".join(words), part))
    for _, name, part in sorted(found, key=lambda row: row[0]):
        yield name, part
