"""Log a long job's progress."""

import time
from collections.abc import Callable


class Meter:
    """Print `40% of the steps after 30 s, about 45 s more`, at most once in `pause` seconds.

    The clock starts when the first progress is reported: kernels are compiled before that, and the time
    this takes would distort the estimate.
    """

    def __init__(
        self,
        work: str,
        pause: float = 5.0,
        say: Callable[[str], None] = lambda line: print(line, flush=True),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.work, self.pause, self.say, self.clock = work, pause, say, clock
        self.began = self.said = clock()
        self.first = 0.0

    def __call__(self, share: float) -> None:
        """Report that this fraction of the work is done."""
        now = self.clock()
        if self.first == 0:
            self.began, self.said, self.first = now, now, share
        elif now - self.said >= self.pause and share > self.first:
            self.said, spent = now, now - self.began
            more = spent * (1 - share) / (share - self.first)
            self.say(f"{share:.0%} of {self.work} after {spent:.0f} s, about {more:.0f} s more")
