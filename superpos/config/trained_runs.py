"""The runs that a training job wrote: later training jobs and the metrics read them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pydantic import JsonValue, ValidationError

from superpos.config.condition import Strict


class RunNames(Strict):
    """The names of the runs of a block, in the order of its arrays.

    keys: their Philox keys in hexadecimal; conditions: the slugs of their conditions; makings: digests of
    everything else that decides their arrays.
    """

    keys: list[str]
    conditions: list[str]
    replicates: list[int]
    engines: list[str]
    makings: list[str]

    @classmethod
    def read(cls, about: Mapping[str, JsonValue]) -> "RunNames":
        """The names in a file's notes; raises a ValueError if the notes do not name every run."""
        try:
            names = cls.model_validate(dict(about))
        except ValidationError:
            raise ValueError(
                "its metadata does not say which run each row of its arrays is"
            ) from None
        lengths = {len(values) for values in names.model_dump().values()}
        if len(lengths) != 1 or not names.keys:
            raise ValueError("its metadata does not say which run each row of its arrays is")
        return names


@dataclass(frozen=True)
class TrainedRuns:
    """Arrays with a leading run axis, except `loss_steps`, and the names of the runs."""

    arrays: Mapping[str, np.ndarray]
    names: RunNames

    @classmethod
    def read(
        cls, arrays: Mapping[str, np.ndarray], about: Mapping[str, JsonValue]
    ) -> "TrainedRuns":
        """The runs of a file, from its arrays and its notes."""
        return cls(arrays, RunNames.read(about))
