"""Save the state of a long training at intervals, so that a killed job can resume."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from superpos.training.records import Arrays, Saved

SECONDS = 60.0
"""About how long a part takes, and the time between two saves."""


class Checkpointer:
    """Saves the states of the trainings of a job, each under a name without dots.

    saved: the arrays that an interrupted job saved, under the names training.array; save: writes all
    arrays.
    """

    def __init__(
        self, saved: Mapping[str, np.ndarray], save: Callable[[Arrays], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._saved, self._save, self._clock = saved, save, clock
        self._kept: Arrays = {}
        self._last = clock()
        self._lock = threading.Lock()

    def saved(self, name: str) -> Saved:
        """The state from which the training of that name starts."""
        known = {key: a for key, a in self._saved.items() if key.startswith(f"{name}.")}
        self._kept |= known
        of_name = {key.removeprefix(f"{name}."): array for key, array in known.items()}
        return Saved(of_name, partial(self._keep, name), parts)

    def _keep(self, name: str, arrays: Arrays) -> None:
        with self._lock:  # On a GPU, several trainings of a job run at the same time.
            self._kept |= {f"{name}.{part}": array for part, array in arrays.items()}
            if self._clock() - self._last >= SECONDS:
                self._save(self._kept)
                self._last = self._clock()


def parts(
    begin: int, steps: int, clock: Callable[[], float] = time.monotonic
) -> Iterator[tuple[int, int]]:
    """Yield the steps after `begin` in parts (begin, end) that take about SECONDS each.

    The first part is a hundredth of the steps; from it the speed is measured.
    """
    count = max(1, steps // 100)
    while begin < steps:
        end, start = min(begin + count, steps), clock()
        yield begin, end
        took = max(clock() - start, 1e-6)
        count, begin = max(1, int((end - begin) * SECONDS / took)), end
