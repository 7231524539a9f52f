"""Long training in parts, so that what a kill costs is minutes: a job goes on where it was kept."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

Arrays = dict[str, np.ndarray]

SECONDS = 60.0
"""About how long a part takes, and how often it is kept where a job stands."""


@dataclass(frozen=True)
class Going:
    """Where a training goes on: `saved`, with its `step` (empty at the start); `keep` takes the same
    after each part."""

    saved: Mapping[str, np.ndarray]
    keep: Callable[[Arrays], None]

    @property
    def step(self) -> int:
        """Steps made so far."""
        return int(self.saved["step"].item()) if self.saved else 0


FROM_THE_START = Going({}, lambda arrays: None)


class Standing:
    """Where the trainings of a job stand, each under a name without dots.

    saved: what an interrupted job kept, as arrays name.part; save: writes all of it.
    """

    def __init__(
        self, saved: Mapping[str, np.ndarray], save: Callable[[Arrays], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._saved, self._save, self._clock = saved, save, clock
        self._kept: Arrays = {}
        self._last = clock()

    def going(self, name: str) -> Going:
        """The training of that name."""
        known = {key: a for key, a in self._saved.items() if key.startswith(f"{name}.")}
        self._kept |= known
        parts = {key.removeprefix(f"{name}."): array for key, array in known.items()}
        return Going(parts, partial(self._keep, name))

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
