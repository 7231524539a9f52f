"""An experiment of a paper: the conditions that claims are about, in the syntax of the config."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PerFeature = float | Mapping[str, float]
Axis = Sequence[float] | Sequence[str] | Sequence[Mapping[str, int]] | Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class PaperExperiment:
    """The conditions of one experiment. How they are trained is not part of them.

    config.yaml may be edited, and a variation may change any of it, but a paper's claims are always about
    these conditions. `n_features` may be given by `sweep` alone. `checkpoints`: the training steps along
    which claims follow the runs.
    """

    n_hidden: int
    n_features: int | None = None
    model: str = "relu_output"
    data: Mapping[str, str | bool | int] = field(default_factory=lambda: {"name": "independent"})
    density: PerFeature = 1.0
    importance: PerFeature = 1.0
    sweep: Mapping[str, Axis] | Sequence[Mapping[str, Axis]] = field(default_factory=dict)
    checkpoints: Mapping[str, Sequence[float]] = field(default_factory=dict)
