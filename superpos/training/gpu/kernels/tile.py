"""Models of up to 128 features: a program trains a run on tiles [sample, feature], with tensor cores."""

import triton
import triton.language as tl

from superpos.training.gpu.kernels import adam, draw, tiles


@triton.jit
def closed_form(W, b, features, p, importance, job: tl.constexpr):
    """The exact part of a controlled gradient, dW and db (`superpos.training.kernels.controlled`)."""
    mean, spread = p / 2, 4 * (p / 3 - p * p / 4)
    s = tl.sum(W, 0)
    d = tl.where(features, mean * tl.sum(W * s[None, :], 1) + b - mean, 0.0)
    t = tl.sum(W * d[:, None], 0)
    A = tiles.product(tl.trans(W), W)
    dW = spread * (tiles.product(W, A) - W) + 2 * mean * (d[:, None] * s[None, :] + t[None, :])
    return importance[:, None] * dW, importance * (d + d)


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
    size: tl.constexpr = job.size
    out: tl.constexpr = (job.matrices - 1) * n * m
    run = tl.program_id(0).to(tl.int64)
    law = tl.load(law_of + run)
    i, k = tl.arange(0, N), tl.arange(0, M)
    matrix = (i < n)[:, None] & (k < m)[None, :]
    of_W, of_b = i[:, None] * m + k[None, :], size - n + i
    P += run * size
    moments += run * 2 * size
    losses += run * records
    checkpoints += run * kept * size
    limits, scales = limits + law * job.units, scales + law * job.units
    none_limits, none_scales = none_limits + law * job.units, none_scales + law * job.units
    thresholds, counts = thresholds + law * job.outcomes, counts + law * job.outcomes
    key, lr, decay = tl.load(keys + run), tl.load(rates + 2 * run), tl.load(rates + 2 * run + 1)
    importance = tl.load(importances + run * n + i, i < n, 0.0)
    slope = importance * (2 / job.batch)
    for t in range(begin, end):
        W, b = tl.load(P + of_W, matrix, 0.0), tl.load(P + of_b, i < n, 0.0)
        W_out = W if job.tied else tl.load(P + out + of_W, matrix, 0.0)
        slot = tl.load(slots + 2 * t)
        samples = draw.sample_count(key, t + 1, thresholds, counts, job)
        dW, db = tl.zeros([N, M], tl.float32), tl.zeros([N], tl.float32)
        dW_out, loss = tl.zeros([N, M], tl.float32), tl.zeros([N], tl.float32)
        for first in range(0, (samples + 3) // 4, job.rows):
            x = tiles.minibatch(
                limits, scales, none_limits, none_scales, rows, length, key, t + 1, first, 0, job
            )
            inside = tiles.inside(first, samples, job)
            h = tiles.product(x, W)
            if job.relu_hidden:
                h = tl.maximum(h, 0.0)
            y = tiles.product(h, tl.trans(W_out)) + b[None, :]
            error = tiles.error_of(y, x, inside, job)
            delta = tiles.delta_of(y, x, error, slope, inside, job)
            eta = tiles.product(delta, W_out)
            if job.relu_hidden:
                eta = tl.where(h > 0, eta, 0.0)
            dW += tiles.product(tl.trans(x), eta)
            if job.tied:
                dW += tiles.product(tl.trans(delta), h)
            else:
                dW_out += tiles.product(tl.trans(delta), h)
            db += tl.sum(delta, 0)
            loss += tl.sum(error * error, 0)
        if job.filled:
            # An empty sample has h = 0 and y = b.
            error = (tl.maximum(b, 0.0) if job.relu_output else b) * (job.batch - samples).to(tl.float32)
            db += error * slope
            loss += error * (tl.maximum(b, 0.0) if job.relu_output else b)
        if job.controlled:
            p = (tl.load(limits).to(tl.float32) + 1.0) * 2.0**-32
            exact_W, exact_b = closed_form(W, b, i < n, p, importance, job)
            dW, db = dW + exact_W, db + exact_b
        tiles.record_loss(losses, slot, tl.sum(loss * importance, 0), tiles.is_sound(P, slot, job), job)
        rate, unbias1, unbias2 = (
            lr * tl.load(factors + 3 * t), tl.load(factors + 3 * t + 1), tl.load(factors + 3 * t + 2)
        )  # fmt: skip
        tl.debug_barrier()
        adam.step(P + of_W, moments + of_W, dW, matrix, rate, decay, unbias1, unbias2, size, job)
        if not job.tied:
            adam.step(
                P + out + of_W, moments + out + of_W, dW_out, matrix, rate, decay, unbias1, unbias2,
                size, job,
            )  # fmt: skip
        adam.step(P + of_b, moments + of_b, db, i < n, rate, decay, unbias1, unbias2, size, job)
        tl.debug_barrier()
        tiles.record_weights(checkpoints, tl.load(slots + 2 * t + 1), P, job)
