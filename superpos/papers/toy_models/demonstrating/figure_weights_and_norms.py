"""How to read the stacks: W^T W with b, and norm bars ("Demonstrating Superposition")."""

from matplotlib.figure import Figure

from superpos.config.condition import Positive
from superpos.config.needs import Needs
from superpos.plotting.marks import (
    norm_bars,
    note,
    products,
    reach,
    signed_scale,
    superposition_colours,
    superposition_scale,
)
from superpos.plotting.shown_runs import (
    best_run,
    by_replicate,
    conditions,
    label,
    losses,
    model,
    rule,
    weights,
)
from superpos.plotting.style import styled
from superpos.tables import Tables

CAPTION = (
    "How to read the stacks below, by the example of the model of F3 at density 1, which is at rest. On the"
    " left are the inner products of all features and, in the strip, the biases; on the right is the norm"
    " of each feature, coloured by how much other features share its direction. Section “Demonstrating"
    " Superposition”."
)
NEEDS = Needs(metrics=("feature_norm", "superposition"), tied=True, density_options=("density",))


@styled
def draw(tables: Tables, density: Positive | None = None) -> Figure:
    """Draw the model at a density, by default the highest. A nonlinear model is preferred."""
    parts = conditions(tables)
    if density is not None:
        parts = [c for c in parts if len(c.where(density=float(density)).runs)]
    relu = [c for c in parts if c.runs["model"].iloc[0] != "linear"]
    condition = (relu or parts)[0]
    run, features = best_run(condition)
    figure = Figure(figsize=(8.6, 4.4), layout="constrained")
    left, signed, gap, right, swatches = figure.subplots(1, 5, width_ratios=[4, 0.14, 0.3, 3, 0.14])
    gap.set_axis_off()
    products(left, weights(features), features["bias"].to_numpy(float))
    left.set_title("WᵀW and, in the strip, b")
    signed_scale(figure, signed)
    colours = superposition_colours(features["superposition"].to_numpy(float))
    replicates = by_replicate(condition, "feature_norm")
    norm_bars(right, features["feature_norm"].to_numpy(float), colours, replicates)
    right.set(title="‖Wᵢ‖", xlabel="norm", yticks=features["feature"][::5])
    right.set_xlim(0, reach([condition], 1.25))
    right.set_ylabel("feature")
    superposition_scale(figure, swatches, "superposition, Σ (Ŵᵢ·Wⱼ)² over j ≠ i")
    note(figure, _small_print(condition, f"{model(run)} model, {label(run)}"))
    return figure


def _small_print(condition: Tables, what: str) -> str:
    return (
        f"{what}: {rule(condition)}; {losses(condition)}."
        "\nLines on the bars are the range and the median over replicates."
    )
