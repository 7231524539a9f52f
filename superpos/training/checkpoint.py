"""Save a long training now and then, so that a killed job resumes from its last save."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from superpos.training.records import Arrays, Saved

SECONDS = 60.0
"""About how long a part takes, and how often the state is saved."""


class Checkpointer:
    """Saves the states of a job's trainings, each under a name without dots.

    saved: what an interrupted job saved, as arrays name.part; save: writes all of it.
    """

    def __init__(
        self, saved: Mapping[str, np.ndarray], save: Callable[[Arrays], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._saved, self._save, self._clock = saved, save, clock
        self._kept: Arrays = {}
        self._last = clock()

    def saved(self, name: str) -> Saved:
        """Where the training of that name starts from."""
        known = {key: a for key, a in self._saved.items() if key.startswith(f"{name}.")}
        self._kept |= known
        of_name = {key.removeprefix(f"{name}."): array for key, array in known.items()}
        return Saved(of_name, partial(self._keep, name), parts)

    def _keep(self, name: str, arrays: Arrays) -> None:
        self._kept |= {f"{name}.{part}": array for part, array in arrays.items()}
        if self._clock() - self._last >= SECONDS:
            self._save(self._kept)
            self._last = self._clock()


def parts(
    begin: int, steps: int, clock: Callable[[], float] = time.monotonic
) -> Iterator[tuple[int, int]]:
    """The steps after `begin` in parts (begin, end) of about SECONDS: a hundredth shows the speed."""
    count = max(1, steps // 100)
    while begin < steps:
        end, start = min(begin + count, steps), clock()
        yield begin, end
        took = max(clock() - start, 1e-6)
        count, begin = max(1, int((end - begin) * SECONDS / took)), end
