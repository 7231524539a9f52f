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
    "How high the bump of the test loss is depends on how the models are trained. Each row changes one"
    " setting of the first. Dots: the median test sample's loss, the 0.99 quantile and the mean over test"
    " samples, for each training set; vertical marks: their medians over the training sets. The median"
    " sample's loss is near 1 wherever the mean is large: few test samples make the bump. Section “From"
    " stored samples to features”."
)
SHOWN = "Every run, one for each training set; none is chosen by its loss."
NEEDS = Needs(
    metrics=("loss_median", "loss_q99"),
    experiments=2,
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
    """The first experiment gives the plain setting, at each T of the others."""
    first = tables.runs["experiment"] == tables.runs["experiment"].iloc[0]
    plain, changed = tables.runs[first], tables.runs[~first]
    sizes = changed[T].unique().astype(int)
    rows = [
        (name if len(sizes) == 1 else f"{name}, T = {samples:,}", runs)
        for samples in sizes
        for name, runs in _rows(plain[plain[T] == samples], changed[changed[T] == samples])
    ]
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
    note(figure, f"{size(plain)}, T = {', '.join(map(str, sizes))}; {sets(changed)}.")
    return figure


def _rows(plain: pd.DataFrame, changed: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The plain runs, if there are any, and those of each changed setting, with its name."""
    if len(plain):
        yield f"unchanged: {plain['steps'].iloc[0]:,} steps", plain
    for column, words in SETTINGS.items():
        if column not in changed:
            continue
        own = plain[column].iloc[0] if column in plain and len(plain) else float("nan")
        usual = changed[column].mode().iloc[0] if pd.isna(own) else own
        for value, runs in changed[changed[column] != usual].groupby(column):
            yield words.format(value).replace("e-0", "e−"), runs
