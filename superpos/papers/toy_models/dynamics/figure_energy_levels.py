"""Learning dynamics: jumps between "energy levels" (F13)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superpos import theory
from superpos.config.needs import Needs
from superpos.papers.toy_models.dynamics import energy_levels, late_jumps
from superpos.plotting.marks import note
from superpos.plotting.style import FAINT, INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "Top: the dimensionality of every feature as one model learns. Features that reach ½ in a late jump"
    " are orange. Others would be pink if they then rose above the lower edge of the grey band, which is what"
    " the paper's feature reaches. Middle: the model's held-out loss, with the losses of 20 and of fewer"
    " antipodal pairs (green) and the levels that the paper's figure shows (grey). Bottom: how many features"
    " are at ½ in every replicate. The models are at rest at the end: with 20 pairs they cannot lose less."
    " Section “Superposition and Learning Dynamics”, discrete “energy level” jumps."
)
NEEDS = Needs(
    metrics=("dimensionality",),
    checkpoints=2,
    tied=True,
    relu_hidden=False,
    relu_output=True,
    absolute_target=False,
    data=("independent",),
    signed=False,
    unit_norm=False,
    density=True,
    importance="one",
    by=(),
)
SHOWN = (
    "The first replicate with two late jumps and a feature that rises from ½ as in the paper. If there is"
    " none, the first with a late jump (two more features at ½ at once, after the first ones have settled);"
    " if none jumps, the best by held-out loss. The bottom panel has every replicate."
)
PAPER_LEVELS = {"before": 0.05354, "after": 0.0531}
"""The loss before and after the late jumps. PAPER: read off the figure; 0.05352 between them."""
BLUE, ORANGE, GREEN, PINK = MODEL_COLOURS


@styled
def draw(tables: Tables) -> Figure:
    """Draw dimensionalities, loss and levels against the training step, on one logarithmic axis."""
    every, run = energy_levels.courses(tables), late_jumps.shown(tables)
    first = tables.runs.iloc[0]
    figure = Figure(figsize=(7.6, 8.2), layout="constrained")
    top, middle, bottom = figure.subplots(3, 1, sharex=True, height_ratios=[2.2, 1.2, 1])
    _dimensionalities(top, run)
    p, n, m = float(first["density"]), int(first["n_features"]), int(first["n_hidden"])
    _loss(middle, run, p, n, m)
    _levels(bottom, every, run, m)
    for ax in (top, middle):
        for jump in late_jumps.late_jumps(run):
            ax.axvspan(jump.start, jump.stop, color=ORANGE, alpha=0.12, linewidth=0)
    bottom.set(xscale="log", xlabel="training step", xlim=(run.step[0], run.step[-1]))
    note(figure, _small_print(tables, every, run))
    return figure


def _dimensionalities(ax: Axes, run: energy_levels.Course) -> None:
    late, above = _moved(run)
    quiet = ~(late | above)
    ax.plot(run.step, run.D[:, quiet], color=BLUE, linewidth=0.5, alpha=0.55)
    for chosen, colour, name in (
        (above, PINK, "rises near 1/√2"),
        (late, ORANGE, "jumps to ½ late"),
    ):
        for k, i in enumerate(np.flatnonzero(chosen)):
            ax.plot(
                run.step, run.D[:, i], color=colour, linewidth=1.6, label=name if k == 0 else None
            )
    for value, name in ((0.5, "½"), (1 / np.sqrt(2), "1/√2")):
        ax.axhline(value, color=INK, linewidth=0.9, linestyle=":")
        ax.annotate(name, (1.005, value), xycoords=("axes fraction", "data"), va="center")
    ax.axhspan(*late_jumps.PEAK, color=FAINT, alpha=0.2, linewidth=0)
    ax.annotate("paper's peak", (run.step[0], late_jumps.PEAK[1]), xytext=(4, 3),
                textcoords="offset points", color=FAINT)  # fmt: skip
    ax.set(ylabel="feature dimensionality", ylim=(0, max(0.8, 1.05 * run.D[-1].max())))
    if late.any() or above.any():
        ax.legend(loc="upper left", bbox_to_anchor=(0, 0.86))


def _moved(run: energy_levels.Course) -> tuple[np.ndarray, np.ndarray]:
    """The features that reach 1/2 only after the run has settled, and those that then rise as in the
    paper."""
    settled = run.step > energy_levels.SETTLED
    if not settled.any():
        return (np.zeros(run.D.shape[1], bool),) * 2
    late = (run.D[settled][0] < late_jumps.UNLEARNED) & run.half[-1]
    return late, (run.D[settled].max(0) > late_jumps.PEAK[0]) & ~late


def _loss(ax: Axes, run: energy_levels.Course, p: float, n: int, m: int) -> None:
    ax.plot(run.step, run.loss / n, color=INK, linewidth=1.2)
    levels = {pairs: theory.digon_level(p, n, m, m - pairs) / n for pairs in _pairs(n, m)}
    for pairs, level in levels.items():
        ax.axhline(level, color=GREEN, linewidth=0.8, linestyle=":")
        ax.annotate(f"{pairs} pairs", (1.005, level), xycoords=("axes fraction", "data"),
                    va="center", color=GREEN, fontsize=8)  # fmt: skip
    if (n, m) == late_jumps.SIZE:
        for name, level in PAPER_LEVELS.items():
            ax.axhline(level, xmax=0.3, color=FAINT, linewidth=1, linestyle="--")
            ax.annotate(f"{name} the jumps, in the paper", (run.step[0], level), xytext=(4, 3),
                        textcoords="offset points", color=FAINT)  # fmt: skip
    shown = [*levels.values(), run.loss[-1] / n]
    ax.set(ylabel="held-out loss\n(mean over features)", ylim=_limits(p, n, m, shown))


def _pairs(n: int, m: int) -> range:
    """The numbers of pairs whose levels are drawn: the three largest that n features can form."""
    most = min(m, n // 2) if n > m else 0
    fewest = max(most - 2, 2 * m - n, 0)
    return range(most, fewest - 1, -1)


def _limits(p: float, n: int, m: int, shown: list[float]) -> tuple[float, float]:
    """The limits of the loss axis: the paper's, 0.052 to 0.0548, scaled with the loss if the density is not
    0.3; if the size is not the paper's, limits that contain everything that is shown."""
    scale = float(theory.variance(p) / theory.variance(0.3))
    if (n, m) == late_jumps.SIZE:
        return 0.0520 * scale, 0.0548 * scale
    return 0.9 * min(shown), max(1.1 * max(shown), 1e-12)


def _levels(ax: Axes, every: list[energy_levels.Course], run: energy_levels.Course, m: int) -> None:
    for course in every:
        ax.plot(course.step, course.halves, color=FAINT, linewidth=0.6)
    ax.plot(run.step, run.halves, color=INK, linewidth=1.4)
    ax.set(ylabel="features at ½,\nevery replicate", ylim=(2 * m - 10.5, 2 * m + 1))
    ax.set_yticks(range(2 * m - 10, 2 * m + 1, 2))
    ax.grid(axis="y", color=FAINT, alpha=0.3, linewidth=0.5)


def _small_print(
    tables: Tables, every: list[energy_levels.Course], run: energy_levels.Course
) -> str:
    jumping, twice, printed = (
        sum(bool(has(course)) for course in every)
        for has in (late_jumps.late_jumps, late_jumps.twice, late_jumps.as_printed)
    )
    jumps = late_jumps.late_jumps(run)
    lines = (
        f"Shown: replicate {run.replicate}, {_why(run)}. Of {len(every)} replicates, {jumping} have a late"
        f" jump (two more features at ½ after step {energy_levels.SETTLED:,}, within"
        f" {energy_levels.LONGEST:g} decades). Replicates with two late jumps and a level between them:"
        f" {twice}; of these, with a feature that rises from ½ as in the paper: {printed}."
    )
    n = int(tables.runs["n_features"].iloc[0])
    return lines + "".join(
        f"\nLate jump from step {j.start:,} to {j.stop:,}: from {j.before} to {j.after} features at ½; the"
        f" loss falls by {j.drop / n:.2g}."
        for j in jumps
    )


def _why(run: energy_levels.Course) -> str:
    if late_jumps.as_printed(run):
        return "the first that has the jumps of the paper's figure"
    if late_jumps.late_jumps(run):
        return "the first with a late jump"
    return "the best by held-out loss, as none has a late jump"
