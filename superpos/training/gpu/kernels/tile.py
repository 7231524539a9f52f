"""Larger models: a step is two launches, on tiles [sample, feature] with tensor cores.

`gradient` gives each program a part of a run's samples, and it goes through the features in blocks.
`update` adds up the parts in their order and makes the step of Adam. So a single run can use a whole
card, and the order of its sums does not depend on what else is trained.
"""

import triton
import triton.language as tl

from superpos.training.gpu.kernels import adam, draw
from superpos.training.gpu.kernels.tile_blocks import (
    features,
    is_sound,
    keep,
    product,
    samples_inside,
    together,
    weights,
)
from superpos.training.gpu.kernels.tile_exact import exact


@triton.jit
def minibatch(
    limits, scales, none_limits, none_scales, rows, length, key, step, first, begin, opened,
    job: tl.constexpr,
):  # fmt: skip
    """x [4 rows, N]: rows `first` and later of the quarters, and the features from `begin` on.

    opened: the first unit that is on, [row, 1] of each quarter, among the features before `begin`. If only
    filled samples are drawn, it is returned with this block's features included.
    """
    n: tl.constexpr = job.n
    N: tl.constexpr = job.N
    R: tl.constexpr = job.rows
    r, i = (first + tl.arange(0, R))[:, None], (begin + tl.arange(0, N))[None, :]
    u = i // (n // job.units)
    limit, scale = tl.load(limits + u, i < n, 0), tl.load(scales + u, i < n, 0.0)
    gates = draw.words(key, step, 0, r, u, job.units, job)
    on, factors, firsts = (), (), ()
    for quarter in tl.static_range(4):
        if job.filled:
            # The first unit on is the first to pass its gate given that none is on before it.
            none_limit, none_scale = (
                tl.load(none_limits + u, i < n, 0),
                tl.load(none_scales + u, i < n, 0.0),
            )
            passed = (gates[quarter] <= none_limit) & (i < n)
            one = tl.minimum(opened[quarter], tl.min(tl.where(passed, u, job.units), 1)[:, None])
            on = on + (((u == one) & passed) | ((u > one) & (gates[quarter] <= limit) & (i < n)),)
            factors, firsts = factors + (tl.where(u == one, none_scale, scale),), firsts + (one,)
        else:
            on = on + ((gates[quarter] <= limit) & (i < n),)
            factors, firsts = factors + (scale,), firsts + (opened[quarter],)
    return together(
        draw.values(gates, on, factors, rows, length, key, step, r, i, job), job
    ), firsts


@triton.jit
def error_of(y, x, inside, job: tl.constexpr):
    """x' - target, and 0 in the rows that are not samples."""
    output = tl.maximum(y, 0.0) if job.relu_output else y
    error = output - (tl.abs(x) if job.absolute_target else x)
    return error if job.whole else tl.where(inside, error, 0.0)


@triton.jit
def delta_of(y, x, error, slope, inside, job: tl.constexpr):
    """dL / dy, or with a control variate only the part that is sampled; slope is 2 I / batch."""
    if job.controlled:
        bent = tl.where(y > 0, 0.0, (x - y) * slope[None, :])
        return bent if job.whole else tl.where(inside, bent, 0.0)
    else:
        d = error * slope[None, :]
        return tl.where(y > 0, d, 0.0) if job.relu_output else d


@triton.jit
def sampled(
    P, out, x_at, importances, limits, scales, none_limits, none_scales, rows, length, key, step,
    first, samples, job: tl.constexpr,
):  # fmt: skip
    """Write the samples' part of the gradient, followed by their part of the loss.

    x_at: memory for x [4 rows, feature] of these samples.
    """
    n: tl.constexpr = job.n
    N: tl.constexpr = job.N
    M: tl.constexpr = job.M
    R: tl.constexpr = 4 * job.rows
    second: tl.constexpr = (job.matrices - 1) * n * job.m
    bias: tl.constexpr = job.size - n
    place = x_at + tl.arange(0, R)[:, None] * job.columns + tl.arange(0, N)[None, :]
    inside = samples_inside(first, samples, job)
    none = tl.full([job.rows, 1], job.units, tl.int32)
    opened = (none, none, none, none)
    h, eta = tl.zeros([R, M], tl.float32), tl.zeros([R, M], tl.float32)
    for begin in range(0, n, N):
        x, opened = minibatch(
            limits,
            scales,
            none_limits,
            none_scales,
            rows,
            length,
            key,
            step,
            first,
            begin,
            opened,
            job,
        )
        tl.store(place + begin, x)
        h += product(x, weights(P, begin, job))
    if job.relu_hidden:
        h = tl.maximum(h, 0.0)
    # Other threads of the program read what was stored.
    tl.debug_barrier()
    loss = 0.0
    for begin in range(0, n, N):
        x, W, b = (
            tl.load(place + begin),
            weights(P + second, begin, job),
            features(P + bias, begin, job),
        )
        importance = features(importances, begin, job)
        slope = importance * (2 / job.batch)
        y = product(h, tl.trans(W)) + b[None, :]
        error = error_of(y, x, inside, job)
        delta = delta_of(y, x, error, slope, inside, job)
        eta += product(delta, W)
        keep(out + second, begin, product(tl.trans(delta), h), job)
        db = tl.sum(delta, 0)
        loss += tl.sum(tl.sum(error * error, 0) * importance, 0)
        if job.filled and first == 0:
            # An empty sample has h = 0 and y = b.
            empty = tl.maximum(b, 0.0) if job.relu_output else b
            count = (job.batch - samples).to(tl.float32)
            db += count * empty * slope
            loss += count * tl.sum(empty * empty * importance, 0)
        i = begin + tl.arange(0, N)
        tl.store(out + bias + i, db, i < n)
    if job.relu_hidden:
        eta = tl.where(h > 0, eta, 0.0)
    tl.debug_barrier()
    for begin in range(0, n, N):
        dW = product(tl.trans(tl.load(place + begin)), eta)
        if job.tied:
            dW += weights(out, begin, job)
        keep(out, begin, dW, job)
    tl.store(out + job.size, loss)


@triton.jit(do_not_specialize=["length", "after", "first"])
def gradient(
    P, gradients, keys, law_of, importances, limits, scales, none_limits, none_scales, thresholds,
    counts, rows, slots, scratch, base, length, after, first, job: tl.constexpr,
):  # fmt: skip
    """A part of the gradient of step base + after + 1 of the runs from `first` on.

    The arguments are those of `plans.LaunchArrays`.
    """
    place, part = tl.program_id(0).to(tl.int64), tl.program_id(1)
    run = first + place
    t = tl.load(base) + after
    key, law = tl.load(keys + run), tl.load(law_of + run)
    samples = draw.sample_count(
        key, t + 1, thresholds + law * job.outcomes, counts + law * job.outcomes, job
    )
    P, importances = P + run * job.size, importances + run * job.n
    out = gradients + (place * job.programs + part) * (job.size + 1)
    units = law * job.units
    if part < job.parts:
        if part < parts_of(samples, job):
            sampled(
                P, out, scratch + (place * job.parts + part) * 4 * job.rows * job.columns, importances,
                limits + units, scales + units, none_limits + units, none_scales + units, rows, length,
                key, t + 1, part * job.rows, samples, job,
            )  # fmt: skip
        if part == 0:
            if tl.load(slots + 2 * t) >= 0:
                tl.debug_barrier()
                tl.store(out + job.size, float("nan"), is_sound(P, job) == 0)
    elif job.controlled:
        exact(P, out, importances, (tl.load(limits + units).to(tl.float32) + 1.0) * 2.0**-32, job)


@triton.jit
def parts_of(samples, job: tl.constexpr):
    """The number of programs that have samples; the first also handles the empty ones, which are not
    drawn."""
    return tl.maximum(((samples + 3) // 4 + job.rows - 1) // job.rows, 1)


@triton.jit(do_not_specialize=["records", "kept", "after", "first"])
def update(
    P, moments, checkpoints, losses, gradients, keys, rates, law_of, thresholds, counts, factors, slots,
    base, records, kept, after, first, job: tl.constexpr,
):  # fmt: skip
    """Perform step base + after + 1 for 1,024 of the parameters of the runs from `first` on."""
    size: tl.constexpr = job.size
    place = tl.program_id(0).to(tl.int64)
    run = first + place
    at = tl.program_id(1) * 1024 + tl.arange(0, 1024)
    t = tl.load(base) + after
    law = tl.load(law_of + run)
    samples = draw.sample_count(
        tl.load(keys + run),
        t + 1,
        thresholds + law * job.outcomes,
        counts + law * job.outcomes,
        job,
    )
    gradients += place * job.programs * (size + 1) + at
    g = tl.load(gradients, at <= size, 0.0)
    for part in range(1, parts_of(samples, job)):
        g += tl.load(gradients + part * (size + 1), at <= size, 0.0)
    if job.controlled:
        g += tl.load(gradients + job.parts * (size + 1), at <= size, 0.0)
    slot, kept_slot = tl.load(slots + 2 * t), tl.load(slots + 2 * t + 1)
    tl.store(losses + run * records + slot + at * 0, g / job.batch, (at == size) & (slot >= 0))
    inside = at < size
    P, moments = P + run * size + at, moments + run * 2 * size + at
    p = tl.load(P, inside, 0.0)
    mean, square = tl.load(moments, inside, 0.0), tl.load(moments + size, inside, 0.0)
    rate, decay = tl.load(rates + 2 * run) * tl.load(factors + 3 * t), tl.load(rates + 2 * run + 1)
    p, mean, square = adam.moved(
        p,
        mean,
        square,
        g,
        rate,
        decay,
        tl.load(factors + 3 * t + 1),
        tl.load(factors + 3 * t + 2),
        job,
    )
    tl.store(P, p, inside)
    tl.store(moments, mean, inside)
    tl.store(moments + size, square, inside)
    tl.store(checkpoints + (run * kept + kept_slot) * size + at, p, inside & (kept_slot >= 0))
