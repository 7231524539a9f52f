"""Rotate and mirror models of at most two hidden dimensions so that neighbours look similar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from jaxtyping import Float


def aligned(
    weights: Sequence[np.ndarray], neighbours: Sequence[int | None], kept: int
) -> list[np.ndarray]:
    """Align the `kept` models of each condition, best first, so that dragging a slider looks like motion.

    The best model is aligned with the best one of the neighbouring condition, and the other models with
    their condition's best.
    """
    result: list[np.ndarray] = []
    for k, neighbour in enumerate(neighbours):
        best, *others = weights[k * kept : (k + 1) * kept]
        best = best if neighbour is None else nearest(best, result[neighbour * kept])
        result += [best, *(nearest(W, best) for W in others)]
    return result


def neighbours(places: pd.DataFrame, sliders: Sequence[str]) -> list[int | None]:
    """For each condition, the one to align it with: the previous one, or at the start of a grid row the
    start of the row before; None for the first of a family."""
    row = places.groupby(["family", *sliders[1:]], sort=False).ngroup().to_numpy()
    family = places["family"].to_numpy()
    result: list[int | None] = []
    start = 0
    for k in range(len(places)):
        if k == 0 or family[k] != family[k - 1]:
            start = k
            result.append(None)
        elif row[k] != row[k - 1]:
            result.append(start)
            start = k
        else:
            result.append(k - 1)
    return result


def nearest(
    W: Float[np.ndarray, "feature hidden"], target: Float[np.ndarray, "feature hidden"]
) -> Float[np.ndarray, "feature hidden"]:
    """W after the rotation or reflection that brings it nearest to the target.

    In the plane, with complex numbers w and t: rotate by the phase of sum(conj(w) t), or after
    mirroring by the phase of sum(w t), whichever sum has the larger absolute value.
    """
    if W.shape[1] == 1:
        return W if (W * target).sum() >= 0 else -W
    w, t = W @ (1, 1j), target @ (1, 1j)
    turn, mirror = (w.conj() * t).sum(), (w * t).sum()
    if abs(mirror) > abs(turn):
        w, turn = w.conj(), mirror
    w = w * (turn / abs(turn)) if abs(turn) > 0 else w
    return np.stack([w.real, w.imag], axis=1)
