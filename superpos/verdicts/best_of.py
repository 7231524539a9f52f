"""The probability that a claim holds for the best of k runs, from the replicates that are stored.

Nothing is trained: k of a condition's K replicates are drawn without replacement, and the best of them is
the one that ranks first by the selection loss. It has rank r among all K with probability
C(K - 1 - r, k - 1) / C(K, k). So the ranks are drawn instead of the replicates, and for a claim about a
single condition the probability is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from superpos.config.condition_table import RUN
from superpos.numerics.digest import digest64
from superpos.tables import Tables

if TYPE_CHECKING:
    from jaxtyping import Float, Int

MOST_DRAWS, FEWEST_DRAWS = 50, 5
"""How often the best of k is drawn for a claim about several conditions."""
MOST_RUNS = 50_000
"""The number of runs in these draws together. So a claim about a grid of 10,000 conditions has five draws."""


class Curve(NamedTuple):
    """Some numbers of replicates, and for each the probability that the claim holds for the best of them."""

    k: tuple[int, ...] = ()
    holds: tuple[float, ...] = ()


class Pool:
    """The replicates of each condition, best first, from which the best of k is drawn.

    Replicates that the best run may not be chosen from are left out, as are all from the first of them
    on in its experiment; the others that diverged come last.
    """

    def __init__(self, tables: Tables) -> None:
        runs, number = tables.runs, tables.runs["replicate"]
        excluded = number.where((runs["rank"] < 0) & ~tables.diverged)
        first = excluded.groupby(runs["experiment"].to_numpy(), sort=False).transform("min")
        rank = np.where(tables.diverged & ~(number >= first), len(runs), runs["rank"])
        place = runs.groupby(RUN[:2], sort=False).ngroup().to_numpy()
        order = np.lexsort((rank, place))
        self.tables = tables
        self.order: Int[np.ndarray, " run"] = order[rank[order] >= 0]
        self.sizes: Int[np.ndarray, " condition"] = np.bincount(place[self.order])
        self.starts = self.sizes.cumsum() - self.sizes
        self.of_ranks = cache(self._of_ranks)

    def _of_ranks(self, *ranks: int) -> Tables:
        """The tables of each condition's run of that rank, which successive claims share."""
        kept = np.zeros(len(self.tables.runs), bool)
        kept[self.order[self.starts + ranks]] = True
        return self.tables.chosen(kept)

    def drawn(self, k: int) -> Int[np.ndarray, "draw condition"]:
        """The ranks of the best of k replicates of each condition, in several draws.

        The same random numbers serve every k, so that draws improve as k grows.
        """
        uniform = self._uniform
        ranks = np.empty(uniform.shape, int)
        for size in np.unique(self.sizes):
            at = self.sizes == size
            ranks[:, at] = chances(int(size), k).cumsum().searchsorted(uniform[:, at], "right")
        return np.asarray(np.minimum(ranks, self.sizes - 1))

    @cached_property
    def _uniform(self) -> Float[np.ndarray, "draw condition"]:
        """Random numbers that depend only on the names of the conditions."""
        names = self.tables.runs[RUN[:2]].to_numpy()[self.order[self.starts]].tolist()
        draws = int(np.clip(MOST_RUNS // len(names), FEWEST_DRAWS, MOST_DRAWS))
        philox = np.random.Philox(key=digest64({"best of k": names}))
        raw = philox.random_raw(draws * len(names)).reshape(draws, -1)
        return np.asarray((raw >> 11) * 2.0**-53)


def best_of_curve(
    pool: Pool, holds: Callable[[Tables], bool], single: Mapping[int, bool] | None = None
) -> Curve:
    """The probability that the claim holds for the best of 1, 2, 4, ... and of all replicates.

    The curve has no points if there is only one replicate. `single`: for each replicate number, whether
    the claim holds for that replicate of every condition, if known; for a claim about one condition this
    is enough.
    """
    alone = len(pool.sizes) == 1
    number = pool.tables.runs["replicate"].to_numpy()[pool.order].tolist() if alone else []
    known = single or {}
    most = int(pool.sizes.max(initial=1))
    counts = [k for k in (2**n for n in range(most.bit_length())) if k < most] + [most]

    @cache
    def held(*ranks: int) -> bool:
        if alone and number[ranks[0]] in known:
            return known[number[ranks[0]]]
        return holds(pool.of_ranks(*ranks))

    def share(k: int) -> float:
        if alone:
            return float(chances(most, k) @ [held(rank) for rank in range(most)])
        return float(np.mean([held(*ranks) for ranks in pool.drawn(k).tolist()]))

    return Curve(tuple(counts), tuple(round(share(k), 6) for k in counts)) if most > 1 else Curve()


@cache
def chances(replicates: int, k: int) -> Float[np.ndarray, " rank"]:
    """The probability of each rank of the best of k that are drawn without replacement from the
    replicates."""
    k = min(k, replicates)
    ways = [comb(replicates - 1 - rank, k - 1) for rank in range(replicates)]
    return np.array([way / comb(replicates, k) for way in ways])
