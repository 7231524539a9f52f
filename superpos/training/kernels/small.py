"""The gradient of a tile of a small tied model, with W, its gradient and sixteen samples in registers.

It makes the same products as `dense`, but is compiled for the shape of the model: with two features
and one hidden unit the loops of `dense` cost more than the arithmetic in them.
"""

import numba
import numpy as np

from superpos.numerics import simd as v
from superpos.training.kernels import rows
from superpos.training.kernels.philox_lanes import TILE

MOST_WEIGHTS = 6
"""The number of weights up to which a model is small."""


def shape_of(job, dtype: type = np.float32) -> tuple | None:  # type: ignore[no-untyped-def]
    """Tuples of zeros for the features and for the weights, or None if the model is not small.

    Their type is what a kernel is compiled for.
    """
    weights = job.n_features * job.n_hidden
    plain = job.tied and job.relu_output and not (job.relu_hidden or job.absolute_target)
    if not plain or weights > MOST_WEIGHTS:
        return None
    zero = (np.dtype(dtype).type(0),)
    return zero * job.n_features, zero * weights


@numba.njit
def tile(shape, P, X, scale, importance, sums, with_loss):
    """Add a tile's part of dL/dP to `sums` [parameter, 8], as `dense.tile` does."""
    features, weights = shape
    count, one = len(weights), features[:1]
    end = 8 * (count + len(features))
    W, b = (
        rows.splat_grid(P, 0, 1, weights, one),
        rows.splat_grid(P, count, 1, features, one),
    )
    slope = rows.splat_grid(scale, 0, 1, features, one)
    weight = rows.grid_halves(rows.splat_grid(importance, 0, 1, features, one))[0]
    dW = rows.load_narrow_grid(sums, 0, 8, 0, weights, one)
    db = rows.load_narrow_grid(sums, 8 * count, 8, 0, features, one)
    loss = v.load(sums, end)
    for s in range(0, TILE, 16):
        x = rows.load_grid(X, s, TILE, 0, features, one)
        h = rows.contract(W, x)
        y = rows.plus_expanded(b, W, h)
        delta = rows.deltas(y, x, slope)
        eta = rows.contract(W, delta)
        xs, hs, deltas, etas = (
            rows.grid_halves(x),
            rows.grid_halves(h),
            rows.grid_halves(delta),
            rows.grid_halves(eta),
        )
        r = rows.grid_halves(rows.positive_part(y))
        for half in range(2):
            dW = rows.plus_outer(dW, xs[half], etas[half])
            dW = rows.plus_outer(dW, deltas[half], hs[half])
            db = rows.add_grids(db, deltas[half])
            if with_loss:
                loss = rows.plus_squares(loss, weight, r[half], xs[half])
    rows.store_grid(sums, 0, 8, 0, weights, dW)
    rows.store_grid(sums, 8 * count, 8, 0, features, db)
    v.store(sums, end, loss)
