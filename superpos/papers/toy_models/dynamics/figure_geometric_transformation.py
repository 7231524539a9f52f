"""Learning as geometric transformation: two correlated sets of three become an octahedron (F14)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from superpos import theory
from superpos.config.condition import Count
from superpos.config.needs import Needs
from superpos.papers.toy_models.dynamics import printed_curve, two_sets
from superpos.plotting.marks import note
from superpos.plotting.style import BACKGROUND, FAINT, INK, MODEL_COLOURS, styled
from superpos.tables import Tables

CAPTION = (
    "Two correlated sets of three features (blues, greens) in three dimensions, as they learn: seen"
    " along the axis between the sets, and from the side, with the paths so far. A, weights near"
    " zero; B, the sets part; C, each spreads into a triangle; D, the triangles turn into an"
    " octahedron with antipodes across the sets. Below, the held-out loss, with the losses of these"
    " stages and the curve of the paper's figure; at D it is far below the axis, and the dot is at the"
    " axis's end. At the end the models are at rest, with no loss left, unlike the paper's. Section"
    " “Superposition and Learning Dynamics”, learning as geometric"
    " transformation."
)
NEEDS = Needs(
    checkpoints=3,
    n_features=6,
    n_hidden=3,
    sets=2,
    data=("one_set",),
    signed=False,
    unit_norm=False,
    tied=True,
    relu_hidden=False,
    relu_output=True,
    absolute_target=False,
    densities=(1.0,),
    importance="one",
    by=(),
)
SHOWN = (
    "The first replicate that lingers on the shoulder before it turns and ends as an octahedron;"
    " where none does, the best by held-out loss. Every replicate's loss is drawn in grey."
)
COLOURS = ("#08306B", "#2171B5", "#6BAED6", "#00441B", "#238B45", "#74C476")
TILT = np.radians(18)
RADIUS, HEIGHT = np.sqrt(2 / 3), 1 / np.sqrt(3)
"""The octahedron's triangles: circles of this radius at plus and minus this height."""


@styled
def draw(tables: Tables, first: Count, second: Count) -> Figure:
    """Draw snapshots A and B at the given steps, C on the shoulder and D at the end, and the loss below."""
    every, run = two_sets.courses(tables), two_sets.shown(tables)
    figure = Figure(figsize=(9, 8.4), layout="constrained")
    upper, lower = figure.subfigures(2, 1, height_ratios=[1.75, 1])  # type: ignore[misc]
    shoulder = run.shoulder()
    third = run.flattest(*two_sets.SHOULDER)[0] if shoulder is None else shoulder
    snapshots = dict(zip("ABCD", (run.at(first), run.at(second), third, len(run.step) - 1),
                         strict=True))  # fmt: skip
    _snapshots(upper, run, snapshots)
    _loss(lower, every, run, snapshots)
    note(figure, _small_print(every, run))
    return figure


def _snapshots(figure: SubFigure, run: two_sets.Course, snapshots: dict[str, int]) -> None:
    """Draw the snapshots in the axes of the last checkpoint, so that paths do not turn with the view."""
    seen = run.W @ two_sets.axes(run.W[-1])
    axes = figure.subplots(2, len(snapshots))
    for (name, at), (above, side) in zip(snapshots.items(), axes.T, strict=True):
        _view(above, seen[: at + 1, :, :2])
        _circle(above, 0, 1)
        _view(side, _from_the_side(seen[: at + 1]))
        for height in (-HEIGHT, HEIGHT):
            _circle(side, height * np.cos(TILT), np.sin(TILT))
        for x in (-RADIUS, RADIUS):
            ends = np.array([-HEIGHT, HEIGHT]) * np.cos(TILT)
            side.plot([x, x], ends, color=FAINT, linewidth=0.6, zorder=0)
        above.set_title(f"{name}: step {run.step[at]:,}")
    axes[0, 0].set_ylabel("top view")
    axes[1, 0].set_ylabel("3-D view")


def _from_the_side(seen: np.ndarray) -> np.ndarray:
    """Parallel projection of [..., 3], with the axis upright, seen from slightly above."""
    up = seen[..., 2] * np.cos(TILT) + seen[..., 1] * np.sin(TILT)
    return np.stack([seen[..., 0], up], axis=-1)


def _view(ax: Axes, paths: np.ndarray) -> None:
    """Draw paths [checkpoint, feature, 2], with a line from the origin and a dot at the end of each."""
    ax.set_facecolor(BACKGROUND)
    for i, colour in enumerate(COLOURS):
        ax.plot(*paths[:, i].T, color=colour, linewidth=0.9, alpha=0.8)
        ax.plot(*np.stack([np.zeros(2), paths[-1, i]]).T, color=colour, linewidth=0.5, alpha=0.4)
        ax.plot(*paths[-1, i], "o", color=colour, markersize=6)
    ends = paths[-1][[0, 1, 2, 0]], paths[-1][[3, 4, 5, 3]]
    for triangle, colour in zip(ends, (COLOURS[1], COLOURS[4]), strict=True):
        ax.plot(*triangle.T, color=colour, linewidth=0.8, linestyle=(0, (3, 2)))
    ax.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xticks=[], yticks=[])
    ax.set_aspect("equal")
    ax.spines[:].set_visible(True)


def _circle(ax: Axes, height: float, flat: float) -> None:
    angle = np.linspace(0, 2 * np.pi, 73)
    ax.plot(RADIUS * np.cos(angle), height + RADIUS * flat * np.sin(angle), color=FAINT,
            linewidth=0.6, zorder=0)  # fmt: skip


def _loss(
    figure: SubFigure, every: list[two_sets.Course], run: two_sets.Course, snapshots: dict[str, int]
) -> None:
    ax = figure.subplots()
    for course in every:
        ax.plot(course.step, course.loss, color=FAINT, linewidth=0.5, alpha=0.6)
    ax.plot(run.step, run.loss, color=INK, linewidth=1.6, label="the run that is shown")
    ax.plot(printed_curve.STEPS, printed_curve.LOSSES, "o--", color=MODEL_COLOURS[1], linewidth=1.2,
            markersize=3.5, label="the paper's figure")  # fmt: skip
    ax.legend(loc="lower left")
    stages = theory.one_set_stages()
    for stage, name in (
        ("nothing", "1: W = 0"),
        ("components", "1/6: principal components"),
        ("prism", "1/720: prism, not turned"),
    ):
        ax.axhline(stages[stage], color=COLOURS[1], linewidth=0.8, linestyle=":")
        ax.annotate(name, (run.step[0], stages[stage]), va="bottom", color=COLOURS[1], fontsize=8)
    for name, at in snapshots.items():
        ax.plot(run.step[at], max(run.loss[at], 1e-5), "o", color=INK, markersize=5, clip_on=False)
        ax.annotate(name, (run.step[at], max(run.loss[at], 1e-5)), textcoords="offset points",
                    xytext=(5, 5), fontweight="bold")  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="training step", ylabel="held-out loss",
           xlim=(run.step[0], run.step[-1]), ylim=(1e-5, 1.6))  # fmt: skip


def _small_print(every: list[two_sets.Course], run: two_sets.Course) -> str:
    count, octahedra = (
        sum(map(f, every)) for f in (two_sets.meets, lambda c: two_sets.octahedral(c.W[-1]))
    )
    shown = (
        f"the first that lingers on the shoulder (loss {two_sets.ON_SHOULDER[0]:g} to"
        f" {two_sets.ON_SHOULDER[1]:g}, falling more slowly than 1 / step) and ends as an octahedron;"
        f" {count} of {len(every)} replicates do"
        if two_sets.meets(run)
        else f"the best of {len(every)} by held-out loss; none lingers on the shoulder"
    )
    return (
        f"Shown: replicate {run.replicate}, {shown}.\n{octahedra} of {len(every)} end as an"
        " octahedron. Grey: all replicates."
    )
