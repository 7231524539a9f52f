"""Products of matrices over a tile of 32 samples, with samples in the lanes.

A sum over samples is held as eight partial sums: lane l sums the samples l, l + 8, l + 16 and l + 24 of
all tiles, so its order is fixed. A wide vector holds the partial sums of two neighbouring entries.
"""

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.training.kernels import rows
from superpos.training.kernels.philox_lanes import TILE
from superpos.training.kernels.rows import AT_ONCE, FOUR, ONE, TWO

_EIGHT = FOUR + FOUR

_BY_TWO_PAIRS, _BY_ONE_PAIR = (_EIGHT, _EIGHT) if v.WIDE else (TWO, FOUR)
"""How many rows of sums are computed at a time, with two pairs of columns and with one."""


@part
def combine(A, P, start, stride_in, stride_out, count_in, count_out, out):
    """out[k] = sum_i P[start + i stride_in + k stride_out] A[i], in order of i.

    A [count_in, 32], out [count_out, 32].
    """
    at_once = len(AT_ONCE)
    whole = count_out // at_once * at_once
    for k in range(0, whole, at_once):
        _combine(A, P, start + k * stride_out, stride_in, stride_out, count_in, k, AT_ONCE, out)
    for k in range(whole, count_out):
        _combine(A, P, start + k * stride_out, stride_in, stride_out, count_in, k, ONE, out)


@part(forceinline=True)
def _combine(A, P, at, stride_in, stride_out, count_in, k, some, out):
    """Compute a few rows of `out` starting at k; the length of `some` is their number."""
    total = rows.zero_grid(P, some, TWO)
    for i in range(count_in):
        weights = rows.splat_grid(P, at, stride_out, some, ONE)
        total = rows.plus_outer(total, weights, rows.load_grid(A, i * TILE, 0, 16, ONE, TWO))
        at += stride_in
    rows.store_grid(out, k * TILE, TILE, 16, some, total)


@part
def paired(B, m, out):
    """Write B [m, 32] to `out` in the layout of `outer`: eight samples of two neighbouring rows side by side.

    The last row is unchanged if m is odd. If a wide vector takes two registers, B itself is returned.
    """
    if not v.WIDE:
        return B
    for k in range(0, m - 1, 2):
        for s in range(0, TILE, 8):
            two = v.join(v.load(B, k * TILE + s), v.load(B, k * TILE + TILE + s))
            v.store(out, k * TILE + 2 * s, two)
    if m % 2 == 1:
        for s in range((m - 1) * TILE, m * TILE, 16):
            v.store(out, s, v.load_wide(B, s))
    return out


@part
def outer(products, n, m, sums, start):
    """sums[start + i, k] += A[i] B[k], lane by lane, for each A [n, 32] and B [m, 32] of `products`.

    B is as `paired` returns it, so two k share a wide vector. As many sums are computed at a time as
    fit into registers.
    """
    for k in range(0, m - 3, 4):
        _strip(products, _BY_TWO_PAIRS, TWO, k, n, m, sums, start)
    if m % 4 >= 2:
        _strip(products, _BY_ONE_PAIR, ONE, m // 4 * 4, n, m, sums, start)
    if m % 2 == 1:
        for i in range(0, n - 3, 4):
            _last_column(products, FOUR, i, m, sums, start)
        for i in range(n // 4 * 4, n):
            _last_column(products, ONE, i, m, sums, start)


@part
def _strip(products, some, pairs, k, n, m, sums, start):
    """Compute the sums of a few pairs of k; the length of `some` is the number of i at a time."""
    i = 0
    while i + len(some) <= n:
        _block(products, some, pairs, i, k, m, sums, start)
        i += len(some)
    if len(some) > 4 and i + 4 <= n:
        _block(products, FOUR, pairs, i, k, m, sums, start)
        i += 4
    while i < n:
        _block(products, ONE, pairs, i, k, m, sums, start)
        i += 1


@part(forceinline=True)
def _block(products, some, pairs, i, k, m, sums, start):
    at = start + (i * m + k) * 8
    grid = rows.load_grid(sums, at, 8 * m, 16, some, pairs)
    for A, B in products:
        for s in range(0, TILE, 8):
            a = rows.load_twice(A, i * TILE + s, TILE, some)
            if v.WIDE:
                b = rows.load_grid(B, k * TILE + 2 * s, 0, 2 * TILE, ONE, pairs)
            else:
                b = rows.load_pairs(B, k * TILE + s, TILE, pairs)
            grid = rows.plus_outer(grid, a, b)
    rows.store_grid(sums, at, 8 * m, 16, some, grid)


@part(forceinline=True)
def _last_column(products, some, i, m, sums, start):
    """The sums of the last k, if m is odd, in vectors of eight."""
    at = start + (i * m + m - 1) * 8
    grid = rows.load_narrow_grid(sums, at, 8 * m, 0, some, ONE)
    for A, B in products:
        for s in range(0, TILE, 8):
            a = rows.load_narrow_grid(A, i * TILE + s, TILE, 0, some, ONE)
            b = rows.load_narrow_grid(B, (m - 1) * TILE + s, 0, 0, ONE, ONE)
            grid = rows.plus_outer(grid, a, b)
    rows.store_grid(sums, at, 8 * m, 0, some, grid)
