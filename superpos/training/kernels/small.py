"""The gradient of a tile of a small tied model, with W, its gradient and eight samples in registers.

It makes the same products as `dense`, but is compiled for the shape of the model: with two features
and one hidden unit the loops of `dense` cost more than the arithmetic in them.
"""

import numba
import numpy as np

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
    count = len(weights)
    W, b = rows.splat_row(P, 0, 1, weights), rows.splat_row(P, count, 1, features)
    slope, weight = (
        rows.splat_row(scale, 0, 1, features),
        rows.splat_row(importance, 0, 1, features),
    )
    dW, db = rows.load_row(sums, 0, 8, weights), rows.load_row(sums, 8 * count, 8, features)
    end = 8 * (count + len(features))
    loss = rows.load_row(sums, end, 8, features[:1])
    for s in range(0, TILE, 8):
        x = rows.load_row(X, s, TILE, features)
        h = rows.contract(W, x)
        y = rows.plus_expanded(b, W, h)
        delta = rows.deltas(y, x, slope)
        dW = rows.plus_outer(rows.plus_outer(dW, x, rows.contract(W, delta)), delta, h)
        db = rows.add_rows(db, delta)
        if with_loss:
            loss = rows.plus_squares(loss, weight, y, x)
    rows.store_row(sums, 0, 8, dW)
    rows.store_row(sums, 8 * count, 8, db)
    rows.store_row(sums, end, 8, loss)
