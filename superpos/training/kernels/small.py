"""The gradient of a tile of a small tied model, with its weights and sixteen samples in registers.

It computes the same products as `dense`, but is compiled for the shape of the model, because for few weights
the loops of `dense` cost more than the arithmetic in them. The gradients of the smallest models stay in
registers for the whole tile too; those of the others are summed as in `dense`, in the same order.
"""

import numpy as np
from numba import extending, types

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.training.kernels import dense, rows
from superpos.training.kernels.philox_lanes import TILE
from superpos.training.kernels.products import outer

MOST_WEIGHTS = 12
"""The number of weights up to which a model is small."""
MOST_IN_REGISTERS = 6
"""The number of weights up to which the gradient stays in registers."""


def shape_of(job, dtype: type = np.float32) -> tuple | None:  # type: ignore[no-untyped-def]
    """Tuples of zeros for the features, hidden units and weights, or None if the model is not small.

    A kernel is compiled for the type of these tuples.
    """
    weights = job.n_features * job.n_hidden
    plain = job.tied and job.relu_output and not (job.relu_hidden or job.absolute_target)
    if not plain or weights > MOST_WEIGHTS:
        return None
    zero = (np.dtype(dtype).type(0),)
    return zero * job.n_features, zero * job.n_hidden, zero * weights


def tile_of(shape, job, P, scale, importance, z, with_loss):  # type: ignore[no-untyped-def]
    """Add the part of the tile in X to the sums of dL/dP, by the kernel for the shape; None is `dense`."""
    raise NotImplementedError("for compiled code only")


@extending.overload(tile_of)
def _tile_of(shape, job, P, scale, importance, z, with_loss):  # type: ignore[no-untyped-def]
    """Choose the kernel at compile time by the type of the shape, so that only this kernel is compiled."""
    if isinstance(shape, types.NoneType):

        def tile(shape, job, P, scale, importance, z, with_loss):  # type: ignore[no-untyped-def]
            dense.tile(job, P, scale, importance, z, with_loss)

    elif len(shape[2]) <= MOST_IN_REGISTERS:

        def tile(shape, job, P, scale, importance, z, with_loss):  # type: ignore[no-untyped-def]
            _in_registers(shape, P, z.X, scale, importance, z.sums, with_loss)

    else:

        def tile(shape, job, P, scale, importance, z, with_loss):  # type: ignore[no-untyped-def]
            _in_order(shape, P, scale, importance, z, with_loss)

    return tile


@part
def _in_order(shape, P, scale, importance, z, with_loss):
    """Compute the sums in the order of `dense`; only those over features and hidden units stay in
    registers."""
    features, hidden, weights = shape
    of_b = v.shift(z.sums, 8 * len(weights))
    x, y, delta = _outputs(shape, P, scale, z, 0)
    x_later, y_later, delta_later = _outputs(shape, P, scale, z, 16)
    rows.add_quarters(of_b, 0, features, rows.side_by_side(delta, delta_later))
    if with_loss:
        r = rows.positive_part(rows.side_by_side(y, y_later))
        weight = rows.splat_grid(importance, 0, 1, features, rows.TWO)
        end, both = 8 * len(features), rows.side_by_side(x, x_later)
        v.store(of_b, end, rows.plus_squares(v.load(of_b, end), weight, r, both))
    products = ((z.X, z.E_pairs), (z.Y, z.H_pairs)) if v.WIDE else ((z.X, z.E), (z.Y, z.H))
    outer(products, len(features), len(hidden), z.sums, 0)


@part(forceinline=True)
def _outputs(shape, P, scale, z, first):
    """Store delta, and h and eta as `dense.outer` takes them, of sixteen samples from `first` on.

    Returns x, y and delta.
    """
    features, hidden, weights = shape
    one = features[:1]
    W, b = (
        rows.splat_grid(P, 0, 1, weights, one),
        rows.splat_grid(P, len(weights), 1, features, one),
    )
    x = rows.load_grid(z.X, first, TILE, 0, features, one)
    y, h, delta, eta = _products((W, b, rows.splat_grid(scale, 0, 1, features, one)), x)
    rows.store_grid(z.Y, first, TILE, 0, features, delta)
    if v.WIDE:
        rows.store_pairs(z.H_pairs, first, TILE, h)
        rows.store_pairs(z.E_pairs, first, TILE, eta)
    else:
        rows.store_grid(z.H, first, TILE, 0, hidden, h)
        rows.store_grid(z.E, first, TILE, 0, hidden, eta)
    return x, y, delta


@part
def _in_registers(shape, P, X, scale, importance, sums, with_loss):
    """The sums of dL/dP in registers, from the first sample to the last."""
    features, _, weights = shape
    count, one = len(weights), features[:1]
    end = 8 * (count + len(features))
    model = (
        rows.splat_grid(P, 0, 1, weights, one),
        rows.splat_grid(P, count, 1, features, one),
        rows.splat_grid(scale, 0, 1, features, one),
    )
    weight = rows.grid_halves(rows.splat_grid(importance, 0, 1, features, one))[0]
    total = (
        rows.load_narrow_grid(sums, 0, 8, 0, weights, one),
        rows.load_narrow_grid(sums, 8 * count, 8, 0, features, one),
        v.load(sums, end),
    )
    for s in range(0, TILE, 16):
        if v.WIDE:
            x = rows.load_grid(X, s, TILE, 0, features, one)
            y, h, delta, eta = _products(model, x)
            parts = rows.grid_halves(x), rows.grid_halves(y), rows.grid_halves(delta)
            h, eta = rows.grid_halves(h), rows.grid_halves(eta)
            for k in range(2):
                total = _plus(
                    total, parts[0][k], parts[1][k], h[k], parts[2][k], eta[k], weight, with_loss
                )
        else:
            narrow = (
                rows.grid_halves(model[0])[0], rows.grid_halves(model[1])[0],
                rows.grid_halves(model[2])[0],
            )  # fmt: skip
            for at in range(s, s + 16, 8):
                eight = rows.load_narrow_grid(X, at, TILE, 0, features, one)
                found = _products(narrow, eight)
                total = _plus(total, eight, *found, weight, with_loss)
    rows.store_grid(sums, 0, 8, 0, weights, total[0])
    rows.store_grid(sums, 8 * count, 8, 0, features, total[1])
    v.store(sums, end, total[2])


@part(forceinline=True)
def _products(model, x):
    """y, h, delta and eta of the samples in the lanes of x."""
    W, b, slope = model
    h = rows.contract(W, x)
    y = rows.plus_expanded(b, W, h)
    delta = rows.deltas(y, x, slope)
    return y, h, delta, rows.contract(W, delta)


@part(forceinline=True)
def _plus(total, x, y, h, delta, eta, weight, with_loss):
    """Add eight samples to the sums dW, db and the loss."""
    dW, db, loss = total
    dW = rows.plus_outer(rows.plus_outer(dW, x, eta), delta, h)
    if with_loss:
        loss = rows.plus_squares(loss, weight, rows.positive_part(y), x)
    return dW, rows.add_grids(db, delta), loss
