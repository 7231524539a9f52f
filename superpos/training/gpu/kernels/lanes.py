"""Small models: each program trains one run, with samples in the lanes and a register for each feature.

Weights are scalars, and all loops over features and hidden units are unrolled, so nothing is padded.
Adam has the parameters in the lanes. Gradients and parameters pass through memory between the two,
once per step.
"""

import triton
import triton.language as tl

from superpos.numerics.divergence import LARGEST as _LARGEST
from superpos.training.gpu.kernels import adam, draw

LARGEST = tl.constexpr(_LARGEST)


@triton.jit
def numbers(at, count: tl.constexpr):
    """A tuple of `count` numbers in a row."""
    out = ()
    for i in tl.static_range(count):
        out = out + (tl.load(at + i),)
    return out


@triton.jit
def zeros(count: tl.constexpr, job: tl.constexpr):
    """A tuple of `count` vectors of zeros."""
    R: tl.constexpr = job.rows
    out = ()
    for _ in tl.static_range(count):
        out = out + (tl.zeros([R], tl.float32),)
    return out


@triton.jit
def minibatch(limit, scale, none_limit, none_scale, rows, length, key, step, r, job: tl.constexpr):
    """x of samples r of the four quarters, a tuple of 4 n vectors: a quarter's features in order."""
    units: tl.constexpr = job.units
    members: tl.constexpr = job.n // job.units
    a, b, c, d = (), (), (), ()
    some = (r < 0, r < 0, r < 0, r < 0)
    for u in tl.static_range(units):
        gates = draw.words(key, step, 0, r, u, units, job)
        on, scales, later = (), (), ()
        for part in tl.static_range(4):
            least, factor = limit[u], scale[u]
            if job.filled:
                # Until a unit is on, its chance is conditional on at least one being on in the end.
                least = tl.where(some[part], limit[u], none_limit[u])
                factor = tl.where(some[part], scale[u], none_scale[u])
            on = on + (gates[part] <= least,)
            scales = scales + (factor,)
            later = later + (some[part] | on[part],)
        some = later
        for k in tl.static_range(members):
            i = u * members + k
            x = draw.values(gates, on, scales, rows, length, key, step, r, i, job)
            a, b, c, d = a + (x[0],), b + (x[1],), c + (x[2],), d + (x[3],)
    return a + b + c + d


@triton.jit
def add_gradient(W, b, x, inside, slope, importance, sums, part: tl.constexpr, job: tl.constexpr):
    """The gradient sums (for W, W_out if untied, and b) and the loss, with a quarter's samples added."""
    n: tl.constexpr = job.n
    m: tl.constexpr = job.m
    out: tl.constexpr = (job.matrices - 1) * n * m
    h, delta, eta = (), (), ()
    for k in tl.static_range(m):
        total = W[k] * x[part * n]
        for i in tl.static_range(1, n):
            total += W[i * m + k] * x[part * n + i]
        if job.relu_hidden:
            total = tl.maximum(total, 0.0)
        h = h + (total,)
    loss = sums[out + n * m + n]
    for i in tl.static_range(n):
        y = b[i] + W[out + i * m] * h[0]
        for k in tl.static_range(1, m):
            y += W[out + i * m + k] * h[k]
        target = tl.abs(x[part * n + i]) if job.absolute_target else x[part * n + i]
        error = (tl.maximum(y, 0.0) if job.relu_output else y) - target
        if not job.whole:
            error = tl.where(inside, error, 0.0)
        loss += importance[i] * error * error
        d = slope[i] * error
        delta = delta + (tl.where(y > 0, d, 0.0) if job.relu_output else d,)
    for k in tl.static_range(m):
        total = W[out + k] * delta[0]
        for i in tl.static_range(1, n):
            total += W[out + i * m + k] * delta[i]
        eta = eta + (tl.where(h[k] > 0, total, 0.0) if job.relu_hidden else total,)
    dW, dW_out, db = (), (), ()
    for i in tl.static_range(n):
        for k in tl.static_range(m):
            at_input = sums[i * m + k] + x[part * n + i] * eta[k]
            if job.tied:
                dW = dW + (at_input + delta[i] * h[k],)
            else:
                dW = dW + (at_input,)
                dW_out = dW_out + (sums[out + i * m + k] + delta[i] * h[k],)
        db = db + (sums[out + n * m + i] + delta[i],)
    return dW + dW_out + db + (loss,)


@triton.jit
def empty(b, slope, importance, count, job: tl.constexpr):
    """What `count` empty samples, for which h is 0 and y is b, add to the sums of b and to the loss."""
    n: tl.constexpr = job.n
    db = ()
    loss = 0.0
    for i in tl.static_range(n):
        error = tl.maximum(b[i], 0.0) if job.relu_output else b[i]
        db = db + (count * slope[i] * error,)
        loss += count * importance[i] * error * error
    return db + (loss,)


@triton.jit(do_not_specialize=["begin", "end", "records", "kept", "length"])
def train(
    P, moments, checkpoints, losses, keys, rates, law_of, importances,
    limits, scales, none_limits, none_scales, thresholds, counts, rows, factors, slots, length, records,
    kept, begin, end, job: tl.constexpr,
):  # fmt: skip
    """Run steps begin + 1 to end of run `program_id`; for the arguments see `plans.LaunchArrays`."""
    n: tl.constexpr = job.n
    units: tl.constexpr = job.units
    size: tl.constexpr = job.size
    LANES: tl.constexpr = job.lanes
    run = tl.program_id(0).to(tl.int64)
    law = tl.load(law_of + run)
    at = tl.arange(0, LANES)
    P += run * size
    moments += run * 2 * size
    thresholds += law * job.outcomes
    counts += law * job.outcomes
    p = tl.load(P + at, at < size, 0.0)
    mean = tl.load(moments + at, at < size, 0.0)
    square = tl.load(moments + size + at, at < size, 0.0)
    key, lr, decay = tl.load(keys + run), tl.load(rates + 2 * run), tl.load(rates + 2 * run + 1)
    limit, scale = numbers(limits + law * units, units), numbers(scales + law * units, units)
    none_limit, none_scale = limit, scale
    if job.filled:
        none_limit = numbers(none_limits + law * units, units)
        none_scale = numbers(none_scales + law * units, units)
    importance = numbers(importances + run * n, n)
    slope = ()
    for i in tl.static_range(n):
        slope = slope + (importance[i] * (2 / job.batch),)
    for t in range(begin, end):
        samples = draw.sample_count(key, t + 1, thresholds, counts, job)
        quarter = (samples + 3) // 4
        sums = zeros(size + 1, job)
        for first in range(0, quarter, job.rows):
            W, b = numbers(P, size - n), numbers(P + size - n, n)
            r = first + tl.arange(0, job.rows)
            x = minibatch(limit, scale, none_limit, none_scale, rows, length, key, t + 1, r, job)
            for part in tl.static_range(4):
                inside = (r < quarter) & (part * quarter + r < samples)
                sums = add_gradient(W, b, x, inside, slope, importance, sums, part, job)
        g = tl.zeros([LANES], tl.float32)
        for j in tl.static_range(size):
            g = tl.where(at == j, tl.sum(sums[j], 0), g)
        loss = tl.sum(sums[size], 0)
        if job.filled:
            more = empty(
                numbers(P + size - n, n),
                slope,
                importance,
                (job.batch - samples).to(tl.float32),
                job,
            )
            for i in tl.static_range(n):
                g += tl.where(at == size - n + i, more[i], 0.0)
            loss += more[n]
        slot = tl.load(slots + 2 * t)
        if slot >= 0:
            sound = tl.min((tl.abs(p) <= LARGEST).to(tl.int32), 0) > 0
            tl.store(losses + run * records + slot, tl.where(sound, loss / job.batch, float("nan")))
        p, mean, square = adam.moved(
            p, mean, square, g, lr * tl.load(factors + 3 * t), decay,
            tl.load(factors + 3 * t + 1), tl.load(factors + 3 * t + 2), job,
        )  # fmt: skip
        # Nobody may still read the old parameters, and everybody must read the new ones.
        tl.debug_barrier()
        tl.store(P + at, p, at < size)
        slot = tl.load(slots + 2 * t + 1)
        if slot >= 0:
            tl.store(checkpoints + (run * kept + slot) * size + at, p, at < size)
        tl.debug_barrier()
    tl.store(moments + at, mean, at < size)
    tl.store(moments + size + at, square, at < size)
