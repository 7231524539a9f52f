"""The outputs of a few samples over a block of features, for `whole_set`: deltas, their sums, and the loss.

The lanes are features, and only the sums leave the registers. If one strip holds all hidden units, the deltas
stay in registers too; otherwise they are written to Y, and each strip of hidden units reads them.
"""

from numba import extending

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.simd.vectors import WIDE_LANES
from superpos.training.kernels import rows
from superpos.training.kernels.rows import ONE
from superpos.training.kernels.whole_set_scratch import BLOCK, of_hidden


def add_outputs(shape, hidden, place, first, last, z):  # type: ignore[no-untyped-def]
    """Add a few samples' outputs of the features from `first` to `last` to the sums."""
    raise NotImplementedError("for compiled code only")


@extending.overload(add_outputs)
def _add_outputs(shape, hidden, place, first, last, z):  # type: ignore[no-untyped-def]
    """Choose the kernel at compile time by the type of the shape, so that only this kernel is compiled."""
    if len(shape) == 3:

        def add(shape, hidden, place, first, last, z):  # type: ignore[no-untyped-def]
            _in_registers(shape, place, first, last, z)

    else:

        def add(shape, hidden, place, first, last, z):  # type: ignore[no-untyped-def]
            _write_deltas(shape, hidden, place, first, last, z)
            for k in range(0, hidden, len(shape[0])):
                _add_to_W(shape, hidden, k, place, first, last, z)
                _add_to_eta(shape, hidden, k, place, first, last, z)

    return add


@part
def _in_registers(shape, place, first, last, z):
    """The sums if one strip holds all hidden units, so that deltas stay in registers."""
    strip, some, cells = shape
    m = len(strip)
    h = rows.splat_grid(z.H, place * m, 1, cells, ONE)
    eta = rows.load_grid(z.E, WIDE_LANES * place * m, WIDE_LANES * m, WIDE_LANES, some, strip)
    for j in range(first, last, WIDE_LANES):
        of_W = j * (m + 1)
        of_b = of_W + WIDE_LANES * m
        W = rows.load_grid(z.W, of_W, WIDE_LANES, 0, strip, ONE)
        y = rows.plus_expanded(rows.load_grid(z.W, of_b, 0, 0, some, ONE), h, W)
        delta = rows.rectified_errors(y, rows.load_grid(z.X, j - first, BLOCK, 0, some, ONE))
        dW = rows.plus_contracted(rows.load_grid(z.G, of_W, WIDE_LANES, 0, strip, ONE), h, delta)
        rows.store_grid(z.G, of_W, WIDE_LANES, 0, strip, dW)
        v.store(z.G, of_b, rows.plus_all(v.load_wide(z.G, of_b), delta))
        eta = rows.plus_outer(eta, delta, W)
    rows.store_grid(z.E, WIDE_LANES * place * m, WIDE_LANES * m, WIDE_LANES, some, eta)


@part(forceinline=True)
def _outputs(shape, hidden, some, place, j, z):
    """y of a few samples and sixteen features."""
    of_W, strip = j * (hidden + 1), len(shape[0])
    y = rows.load_grid(z.W, of_W + WIDE_LANES * hidden, 0, 0, some, ONE)
    for k in range(hidden):
        h = rows.splat_grid(z.H, of_hidden(shape, k, place), strip, some, ONE)
        y = rows.plus_outer(y, h, rows.load_grid(z.W, of_W + WIDE_LANES * k, 0, 0, ONE, ONE))
    return y


@part
def _write_deltas(shape, hidden, place, first, last, z):
    """Y <- delta, and add it to the sums."""
    some = shape[1]
    for j in range(first, last, WIDE_LANES):
        y = _outputs(shape, hidden, some, place, j, z)
        delta = rows.rectified_errors(y, rows.load_grid(z.X, j - first, BLOCK, 0, some, ONE))
        rows.store_grid(z.Y, j - first, BLOCK, 0, some, delta)
        of_b = j * (hidden + 1) + WIDE_LANES * hidden
        v.store(z.G, of_b, rows.plus_all(v.load_wide(z.G, of_b), delta))


@part
def _add_to_W(shape, hidden, k, place, first, last, z):
    """Add delta h to the sums of the hidden units of a strip, from k on."""
    strip, some, cells = shape[0], shape[1], shape[2]
    h = rows.splat_grid(z.H, of_hidden(shape, k, place), 1, cells, ONE)
    for j in range(first, last, WIDE_LANES):
        of_W = j * (hidden + 1) + WIDE_LANES * k
        delta = rows.load_grid(z.Y, j - first, BLOCK, 0, some, ONE)
        dW = rows.plus_contracted(rows.load_grid(z.G, of_W, WIDE_LANES, 0, strip, ONE), h, delta)
        rows.store_grid(z.G, of_W, WIDE_LANES, 0, strip, dW)


@part
def _add_to_eta(shape, hidden, k, place, first, last, z):
    """Add delta W~ to the sums of the hidden units of a strip, from k on."""
    strip, some = shape[0], shape[1]
    at, down = WIDE_LANES * of_hidden(shape, k, place), WIDE_LANES * len(strip)
    eta = rows.load_grid(z.E, at, down, WIDE_LANES, some, strip)
    for j in range(first, last, WIDE_LANES):
        delta = rows.load_grid(z.Y, j - first, BLOCK, 0, some, ONE)
        W = rows.load_grid(z.W, j * (hidden + 1) + WIDE_LANES * k, WIDE_LANES, 0, strip, ONE)
        eta = rows.plus_outer(eta, delta, W)
    rows.store_grid(z.E, at, down, WIDE_LANES, some, eta)


@part
def add_loss(shape, hidden, first, last, s, X, z):
    """Add the squared errors of sample s in a block of features to its loss; this is accurate even near 0."""
    total, one = v.load(z.loss, 8 * s), (v.splat_wide(type(z.W[0])(1)),)
    for j in range(first, last, WIDE_LANES):
        y = _outputs(shape, hidden, ONE, s, j, z)
        x = rows.load_grid(X, s * BLOCK + j, 0, 0, ONE, ONE)
        total = rows.plus_squares(total, one, rows.positive_part(y), x)
    v.store(z.loss, 8 * s, total)
