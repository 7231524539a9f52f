"""The columns of W and the hidden vectors of small training sets."""

from matplotlib.figure import Figure

from superpos.config.needs import Needs
from superpos.papers.double_descent.marks import by_size, drawn_vectors, vector_rows
from superpos.papers.double_descent.measures import T
from superpos.plotting.marks import note
from superpos.plotting.shown_runs import conditions, rule
from superpos.plotting.style import styled
from superpos.tables import Tables

CAPTION = (
    "The columns of W (above) and the hidden vectors h = W x of the training samples (below), for models"
    " with two hidden dimensions and more and more training samples T. The number below each panel is its"
    " half width, because each has its own scale; “mean” and “sum” say how the loss combines the features."
    " As long as there are few samples, they form a polygon, and the columns of W point along the samples"
    " in which their features are active; features in no sample stay near the origin. The pentagon of five"
    " features, with which the paper begins, is the last panel of the figure of the introduction to “Toy"
    " Models of Superposition”. Section “Few samples”."
)
SHOWN = (
    "For each T, the run with the lowest training loss of those that compete, as the lines under the"
    " picture say. The test loss plays no part in the choice. A set of T samples is the first T of one"
    " longer set."
)
NEEDS = Needs(
    n_hidden=2,
    training_set=True,
    most_conditions=10,
    varied=("data.training_samples", "data.set"),
)


@styled
def draw(tables: Tables) -> Figure:
    """Draw a column of panels for each T."""
    parts = list(by_size(tables))
    figure = Figure(figsize=(0.5 + 1.32 * max(len(parts), 3), 3.55), layout="constrained")
    vector_rows(figure.subplots(2, len(parts), squeeze=False), parts)
    note(figure, f"Shown: {_rules(tables)}. {drawn_vectors(tables)}")
    return figure


def _rules(tables: Tables) -> str:
    """How the shown runs were picked: "T = 3 and 5: best of 4 by training loss; T = 15: the only run"."""
    sizes: dict[str, list[int]] = {}
    for condition in sorted(conditions(tables), key=lambda part: int(part.runs[T].iloc[0])):
        how = rule(condition).partition(", replicate")[0]
        sizes.setdefault(how, []).append(int(condition.runs[T].iloc[0]))
    return "; ".join(
        f"T = {', '.join(map(str, dict.fromkeys(found)))}: {how}" for how, found in sizes.items()
    )
