"""What `tile` and `blocks` share: tiles of samples and features, and their products."""

import triton
import triton.language as tl

from superpos.numerics.divergence import LARGEST as _LARGEST
from superpos.training.gpu.kernels import draw

LARGEST = tl.constexpr(_LARGEST)
LEADING = tl.constexpr(-8192)
"""The sign, the exponent and the leading 10 bits of a float32: what a tensor core multiplies."""


@triton.jit
def product(a, b):
    """A B to nearly float32's precision, by three products of numbers with 10 leading bits.

    A = A1 + A2 with the leading bits in A1, and B likewise; A2 B2 is below float32's rounding.
    """
    a1 = (a.to(tl.int32, bitcast=True) & LEADING).to(tl.float32, bitcast=True)
    b1 = (b.to(tl.int32, bitcast=True) & LEADING).to(tl.float32, bitcast=True)
    small = tl.dot(a - a1, b1, input_precision="tf32")
    small = tl.dot(a1, b - b1, small, input_precision="tf32")
    return tl.dot(a1, b1, small, input_precision="tf32")


@triton.jit
def together(parts, width: tl.constexpr, job: tl.constexpr):
    """Four parts [row, width] as one tile [4 rows, width], in the order 0, 2, 1, 3."""
    R: tl.constexpr = 4 * job.rows
    joined = tl.join(tl.join(parts[0], parts[1]), tl.join(parts[2], parts[3]))
    return joined.permute(2, 3, 0, 1).reshape(R, width)


@triton.jit
def inside(first, samples, job: tl.constexpr):
    """Which rows of a tile are samples, [4 rows, 1]: the tile's rows may go beyond a quarter's end."""
    j = tl.arange(0, 4 * job.rows)
    part, r = j // (2 * job.rows) + 2 * ((j // job.rows) % 2), first + j % job.rows
    quarter = (samples + 3) // 4
    return ((r < quarter) & (part * quarter + r < samples))[:, None]


@triton.jit
def minibatch(
    limits, scales, none_limits, none_scales, rows, length, key, step, first, begin, job: tl.constexpr
):  # fmt: skip
    """x [4 rows, N]: rows `first` and later of the quarters, and the features from `begin` on."""
    n: tl.constexpr = job.n
    r = (first + tl.arange(0, job.rows))[:, None]
    i = (begin + tl.arange(0, job.N))[None, :]
    u = i // (n // job.units)
    limit, scale = tl.load(limits + u, i < n, 0), tl.load(scales + u, i < n, 0.0)
    gates = draw.words(key, step, 0, r, u, job.units, job)
    on, factors = (), ()
    for part in tl.static_range(4):
        if job.filled:
            # The first unit on is the first that passes its gate given that none is on before it.
            none_limit, none_scale = tl.load(none_limits + u, i < n, 0), tl.load(none_scales + u, i < n, 0.0)
            passed = (gates[part] <= none_limit) & (i < n)
            one = tl.min(tl.where(passed, u, job.units), 1)[:, None]
            on = on + (((u == one) & passed) | ((u > one) & (gates[part] <= limit) & (i < n)),)
            factors = factors + (tl.where(u == one, none_scale, scale),)
        else:
            on = on + ((gates[part] <= limit) & (i < n),)
            factors = factors + (scale,)
    x = draw.values(gates, on, factors, rows, length, key, step, r, i, job)
    return together(x, job.N, job)


@triton.jit
def error_of(y, x, rows, job: tl.constexpr):
    """x' - target, and 0 in the rows that are no samples."""
    output = tl.maximum(y, 0.0) if job.relu_output else y
    error = output - (tl.abs(x) if job.absolute_target else x)
    return error if job.whole else tl.where(rows, error, 0.0)


@triton.jit
def delta_of(y, x, error, slope, rows, job: tl.constexpr):
    """dL / dy, or its part that a control variate leaves to the samples; slope is 2 I / batch."""
    if job.controlled:
        bent = tl.where(y > 0, 0.0, (x - y) * slope[None, :])
        return bent if job.whole else tl.where(rows, bent, 0.0)
    d = error * slope[None, :]
    return tl.where(y > 0, d, 0.0) if job.relu_output else d


@triton.jit
def is_sound(P, slot, job: tl.constexpr):
    """Whether all parameters are within the bound, if the loss has a slot to be recorded in."""
    sound = True
    if slot >= 0:
        for first in range(0, job.size, 1024):
            at = first + tl.arange(0, 1024)
            within = tl.abs(tl.load(P + at, at < job.size, 0.0)) <= LARGEST
            sound = sound & (tl.min(within.to(tl.int32), 0) > 0)
    return sound


@triton.jit
def record_loss(losses, slot, loss, sound, job: tl.constexpr):
    """Store a step's loss in its slot, if it has one; NaN if the run has diverged."""
    if slot >= 0:
        tl.store(losses + slot, tl.where(sound, loss / job.batch, float("nan")))


@triton.jit
def record_weights(checkpoints, slot, P, job: tl.constexpr):
    """Copy the parameters into a slot, if the step has one."""
    if slot >= 0:
        for first in range(0, job.size, 1024):
            at = first + tl.arange(0, 1024)
            tl.store(checkpoints + slot * job.size + at, tl.load(P + at, at < job.size), at < job.size)
