"""Models of more than 128 features: a program trains a run on tiles of samples and blocks of features.

A step makes h and eta of every sample first and keeps them in memory; then it makes the gradient of
one block of features after another, each followed by its step of Adam. x is drawn again where it is
needed, which costs less than reading it back.
"""

import triton
import triton.language as tl

from superpos.training.gpu.kernels import adam, draw, tiles


@triton.jit
def weights(P, begin, i, k, job: tl.constexpr):
    """The rows of a matrix at P that belong to the features begin + i."""
    n: tl.constexpr = job.n
    inside = (begin + i < n)[:, None] & (k < job.m)[None, :]
    return tl.load(P + (begin + i)[:, None] * job.m + k[None, :], inside, 0.0)


@triton.jit
def exact_sums(P, mean, i, k, job: tl.constexpr):
    """A, s and t of a controlled gradient (`superpos.training.kernels.controlled`), over all blocks."""
    n: tl.constexpr = job.n
    M: tl.constexpr = job.M
    A, s = tl.zeros([M, M], tl.float32), tl.zeros([M], tl.float32)
    t = tl.zeros([M], tl.float32)
    for begin in range(0, n, job.N):
        W = weights(P, begin, i, k, job)
        A += tiles.product(tl.trans(W), W)
        s += tl.sum(W, 0)
    for begin in range(0, n, job.N):
        W = weights(P, begin, i, k, job)
        d = shifts(P, W, s, mean, begin, i, job)
        t += tl.sum(W * d[:, None], 0)
    return A, s, t


@triton.jit
def shifts(P, W, s, mean, begin, i, job: tl.constexpr):
    """d_j = mu (W_j s - 1) + b_j, and 0 beyond the features."""
    some = begin + i < job.n
    b = tl.load(P + job.size - job.n + begin + i, some, 0.0)
    return tl.where(some, mean * tl.sum(W * s[None, :], 1) + b - mean, 0.0)


@triton.jit(do_not_specialize=["begin", "end", "records", "kept", "length"])
def train(
    P, moments, checkpoints, losses, keys, rates, law_of, importances,
    limits, scales, none_limits, none_scales, thresholds, counts, rows, factors, slots, scratch,
    length, records, kept, begin, end, job: tl.constexpr,
):  # fmt: skip
    """Make the steps begin + 1 to end of run `program_id`. The arguments are those of `launch.Arrays`."""
    n: tl.constexpr = job.n
    m: tl.constexpr = job.m
    N: tl.constexpr = job.N
    M: tl.constexpr = job.M
    R: tl.constexpr = 4 * job.rows
    size: tl.constexpr = job.size
    out: tl.constexpr = (job.matrices - 1) * n * m
    run = tl.program_id(0).to(tl.int64)
    law = tl.load(law_of + run)
    i, k = tl.arange(0, N), tl.arange(0, M)
    P += run * size
    moments += run * 2 * size
    losses += run * records
    checkpoints += run * kept * size
    limits, scales, importances = limits + law * job.units, scales + law * job.units, importances + run * n
    # h and eta [4 rows x quarters' tiles, M] of a step.
    places: tl.constexpr = R * ((job.quarter + job.rows - 1) // job.rows)
    scratch += run * 2 * places * M
    row = tl.arange(0, R)[:, None] * M + k[None, :]
    key, lr, decay = tl.load(keys + run), tl.load(rates + 2 * run), tl.load(rates + 2 * run + 1)
    p = (tl.load(limits).to(tl.float32) + 1.0) * 2.0**-32
    mean, spread = p / 2, 4 * (p / 3 - p * p / 4)
    for t in range(begin, end):
        if job.controlled:
            A, s, pull = exact_sums(P, mean, i, k, job)
        for first in range(0, job.quarter, job.rows):
            inside = tiles.inside(first, job.batch, job)
            h, eta = tl.zeros([R, M], tl.float32), tl.zeros([R, M], tl.float32)
            for f in range(0, n, job.N):
                x = tiles.minibatch(
                    limits, scales, limits, scales, rows, length, key, t + 1, first, f, job
                )
                h += tiles.product(x, weights(P, f, i, k, job))
            if job.relu_hidden:
                h = tl.maximum(h, 0.0)
            for f in range(0, n, job.N):
                x = tiles.minibatch(
                    limits, scales, limits, scales, rows, length, key, t + 1, first, f, job
                )
                W = weights(P + out, f, i, k, job)
                y = tiles.product(h, tl.trans(W)) + tl.load(P + size - n + f + i, f + i < n, 0.0)[None, :]
                slope = tl.load(importances + f + i, f + i < n, 0.0) * (2 / job.batch)
                delta = tiles.delta_of(y, x, tiles.error_of(y, x, inside, job), slope, inside, job)
                eta += tiles.product(delta, W)
            if job.relu_hidden:
                eta = tl.where(h > 0, eta, 0.0)
            tl.store(scratch + first * 4 * M + row, h)
            tl.store(scratch + (places + first * 4) * M + row, eta)
        tl.debug_barrier()
        rate, unbias1, unbias2 = (
            lr * tl.load(factors + 3 * t), tl.load(factors + 3 * t + 1), tl.load(factors + 3 * t + 2)
        )  # fmt: skip
        slot, total = tl.load(slots + 2 * t), 0.0
        sound = tiles.is_sound(P, slot, job)
        for f in range(0, n, job.N):
            some = f + i < n
            matrix = some[:, None] & (k < m)[None, :]
            W, W_out = weights(P, f, i, k, job), weights(P + out, f, i, k, job)
            b = tl.load(P + size - n + f + i, some, 0.0)
            importance = tl.load(importances + f + i, some, 0.0)
            dW, db = tl.zeros([N, M], tl.float32), tl.zeros([N], tl.float32)
            dW_out, loss = tl.zeros([N, M], tl.float32), tl.zeros([N], tl.float32)
            for first in range(0, job.quarter, job.rows):
                inside = tiles.inside(first, job.batch, job)
                h = tl.load(scratch + first * 4 * M + row)
                eta = tl.load(scratch + (places + first * 4) * M + row)
                x = tiles.minibatch(
                    limits, scales, limits, scales, rows, length, key, t + 1, first, f, job
                )
                y = tiles.product(h, tl.trans(W_out)) + b[None, :]
                error = tiles.error_of(y, x, inside, job)
                delta = tiles.delta_of(y, x, error, importance * (2 / job.batch), inside, job)
                dW += tiles.product(tl.trans(x), eta)
                if job.tied:
                    dW += tiles.product(tl.trans(delta), h)
                else:
                    dW_out += tiles.product(tl.trans(delta), h)
                db += tl.sum(delta, 0)
                loss += tl.sum(error * error, 0)
            if job.controlled:
                d = shifts(P, W, s, mean, f, i, job)
                exact = spread * (tiles.product(W, A) - W) + 2 * mean * (d[:, None] * s[None, :] + pull[None, :])
                dW, db = dW + importance[:, None] * exact, db + importance * (d + d)
            total += tl.sum(loss * importance, 0)
            at, of_b = (f + i)[:, None] * m + k[None, :], size - n + f + i
            # The old parameters of a block are not read again, except by this block's own programs.
            tl.debug_barrier()
            adam.step(P + at, moments + at, dW, matrix, rate, decay, unbias1, unbias2, size, job)
            if not job.tied:
                adam.step(
                    P + out + at, moments + out + at, dW_out, matrix, rate, decay, unbias1, unbias2, size, job
                )  # fmt: skip
            adam.step(P + of_b, moments + of_b, db, some, rate, decay, unbias1, unbias2, size, job)
        tiles.record_loss(losses, slot, total, sound, job)
        tl.debug_barrier()
        tiles.record_weights(checkpoints, tl.load(slots + 2 * t + 1), P, job)
