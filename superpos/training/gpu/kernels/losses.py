"""The errors of small models on held-out samples: each program measures one run, with samples in the
lanes."""

import triton
import triton.language as tl


@triton.jit
def doubles(at, count: tl.constexpr):
    """A tuple of `count` numbers in a row, in float64."""
    out = ()
    for i in tl.static_range(count):
        out = out + (tl.load(at + i).to(tl.float64),)
    return out


@triton.jit(do_not_specialize=["samples"])
def errors(P, x, weights, out, samples, job: tl.constexpr):
    """out [run, feature] = sum_s weight_s (x_i - x'_i)² over the samples x [sample, feature]."""
    n: tl.constexpr = job.n
    m: tl.constexpr = job.m
    R: tl.constexpr = 32
    second: tl.constexpr = (job.matrices - 1) * n * m
    matrices: tl.constexpr = job.matrices * n * m
    run = tl.program_id(0).to(tl.int64)
    P += run * (matrices + n)
    W, b = doubles(P, matrices), doubles(P + matrices, n)
    total = ()
    for _ in tl.static_range(n):
        total = total + (tl.zeros([R], tl.float64),)
    for first in range(0, samples, R):
        s = first + tl.arange(0, R)
        weight = tl.load(weights + s, s < samples, 0.0)
        values, h, summed = (), (), ()
        for i in tl.static_range(n):
            values = values + (tl.load(x + s * n + i, s < samples, 0.0).to(tl.float64),)
        for k in tl.static_range(m):
            hk = W[k] * values[0]
            for i in tl.static_range(1, n):
                hk += W[i * m + k] * values[i]
            h = h + (tl.maximum(hk, 0.0) if job.relu_hidden else hk,)
        for i in tl.static_range(n):
            y = b[i] + W[second + i * m] * h[0]
            for k in tl.static_range(1, m):
                y += W[second + i * m + k] * h[k]
            target = tl.abs(values[i]) if job.absolute_target else values[i]
            error = (tl.maximum(y, 0.0) if job.relu_output else y) - target
            summed = summed + (total[i] + weight * error * error,)
        total = summed
    for i in tl.static_range(n):
        tl.store(out + run * n + i, tl.sum(total[i], 0))
