"""The gradient of samples in which exactly one feature i is on: x = value e_i with value > 0.

Then h = act_h(value W_i) = value R_i with R_i = act_h(W_i), because ReLU and the identity commute
with a positive factor, and y = value g_i + b with g_i = W_out R_i. R_i and g_i are made once for all
samples of feature i, and a sample then costs n multiplications instead of n m.

With r = act_out(y), the error that flows back is delta_j = 2 I_j / batch (r_j - x_j [y_j > 0]): where
y_j <= 0 both r_j and act_out' are 0. (For a linear output, drop the brackets.) All of the gradient
follows from two sums over the samples of feature i, because h and x are `value` times a constant:

    C_ij = sum value delta_j,   D_j = sum delta_j,
    dW_out,j += C_ij R_i,   dW_i += act_h'(W_i) sum_j C_ij W_out,j,   db += D.

The sums' order is fixed: samples go to lanes, or to four partial sums, by their place alone, features
follow each other in order, and `lane_sum` adds the lanes in one order.
"""

import numpy as np

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.numerics.philox import BATCH
from superpos.training.kernels.philox_lanes import words32
from superpos.training.kernels.single_scratch import in_sixteens, padded

SINGLE_STREAM = 12
"""The stream of the values; `wide_draw` has streams 10 and 11."""


@part
def draw(job, counts, keys, step, z):
    """Draw the values of a step, given the counts [feature]; returns the padded number of samples."""
    total = 0
    for i in range(job.n_features):
        total += padded(counts[i])
    whole = v.splat_wide(np.float32(2.0**-31))
    for at in range(0, total, 32):
        a, b = words32(keys, BATCH, step, SINGLE_STREAM, at // 4, 1)
        v.store(z.value, at, v.mul(v.half_to_float(a), whole))
        v.store(z.value, at + 16, v.mul(v.half_to_float(b), whole))
    at = 0
    for i in range(job.n_features):
        for s in range(counts[i], padded(counts[i])):
            z.value[at + s] = 0
        at += padded(counts[i])
    return total


@part
def add(job, P, counts, z, with_loss, G):
    """Add the gradient of a step's samples to G [parameter]; returns the sum of their losses."""
    n, m, wide = job.n_features, job.n_hidden, padded(job.n_features)
    out, zero = 0 if job.tied else n * m, v.splat(P[0] - P[0])
    for j in range(n):
        z.b[j] = P[out + n * m + j]
        for k in range(m):
            z.T[k * wide + j] = P[out + j * m + k]
    for k in range(0, m * wide, 8):
        v.store(z.dT, k, zero)
    for j in range(0, wide, 8):
        v.store(z.db, j, zero)
    at, loss = 0, P[0] - P[0]
    for i in range(n):
        count = padded(counts[i])
        if count > 0:
            _respond(job, v.shift(P, i * m), z)
            if n <= v.LANES:
                _sums_of_few(job, v.shift(z.value, at), count, z)
            else:
                _sums(job, v.shift(z.value, at), count, z)
            loss += _own(job, i, v.shift(z.value, at), count, z, with_loss)
            _spread(job, v.shift(G, i * m), z)
        at += count
    for j in range(n):
        G[out + n * m + j] += z.db[j]
        for k in range(m):
            G[out + j * m + k] += z.dT[k * wide + j]
    return loss


@part(forceinline=True)
def _response(job, value, g, b):
    """r = act_out(value g + b)."""
    y = v.fma(value, g, b)
    return v.where_positive(y, y) if job.relu_output else y


@part
def _respond(job, W_i, z):
    """Compute R = act_h(W_i) and g = W_out R of a feature."""
    wide, whole = padded(job.n_features), in_sixteens(job)
    for k in range(job.n_hidden):
        z.R[k] = max(W_i[k], W_i[k] - W_i[k]) if job.relu_hidden else W_i[k]
    for j in range(0, whole, 16):
        _respond_at(job, j, wide, v.splat_wide(z.b[0] - z.b[0]), z)
    for j in range(whole, wide, 8):
        _respond_at(job, j, wide, v.splat(z.b[0] - z.b[0]), z)


@part(forceinline=True)
def _respond_at(job, j, wide, g, z):
    """Compute and store g for the features from j on, one per lane; the argument g is a vector of zeros."""
    for k in range(job.n_hidden):
        g = v.fma(v.splat_like(g, z.R[k]), v.load_like(g, z.T, k * wide + j), g)
    v.store(z.g, j, g)


@part
def _sums_of_few(job, value, count, z):
    """C = sum value r and D = sum r over the samples of a feature, with samples in the lanes.

    This is for models of at most eight features, which would leave lanes idle in `_sums`.
    """
    for j in range(job.n_features):
        g, b = v.splat(z.g[j]), v.splat(z.b[j])
        c = d = v.splat(z.b[0] - z.b[0])
        for s in range(0, count, 8):
            x = v.load(value, s)
            r = _response(job, x, g, b)
            c, d = v.fma(x, r, c), v.add(d, r)
        z.C[j], z.D[j] = v.lane_sum(c), v.lane_sum(d)


@part
def _sums(job, value, count, z):
    """The sums of `_sums_of_few` with features in the lanes: four partial sums, each over every fourth
    sample."""
    whole = in_sixteens(job)
    for j in range(0, whole, 16):
        _sums_at(job, value, count, j, v.splat_wide(z.b[0] - z.b[0]), z)
    for j in range(whole, padded(job.n_features), 8):
        _sums_at(job, value, count, j, v.splat(z.b[0] - z.b[0]), z)


@part(forceinline=True)
def _sums_at(job, value, count, j, zero, z):
    """The sums for the features from j on, one for each lane of `zero`."""
    g, b = v.load_like(zero, z.g, j), v.load_like(zero, z.b, j)
    c0, c1, c2, c3, d0, d1, d2, d3 = zero, zero, zero, zero, zero, zero, zero, zero
    for s in range(0, count, 4):
        x0, x1 = v.splat_like(zero, value[s]), v.splat_like(zero, value[s + 1])
        x2, x3 = v.splat_like(zero, value[s + 2]), v.splat_like(zero, value[s + 3])
        r0, r1 = _response(job, x0, g, b), _response(job, x1, g, b)
        r2, r3 = _response(job, x2, g, b), _response(job, x3, g, b)
        c0, c1, c2, c3 = v.fma(x0, r0, c0), v.fma(x1, r1, c1), v.fma(x2, r2, c2), v.fma(x3, r3, c3)
        d0, d1, d2, d3 = v.add(d0, r0), v.add(d1, r1), v.add(d2, r2), v.add(d3, r3)
    v.store(z.C, j, v.add(v.add(c0, c1), v.add(c2, c3)))
    v.store(z.D, j, v.add(v.add(d0, d1), v.add(d2, d3)))


@part
def _own(job, i, value, count, z, with_loss):
    """Subtract the target from C_i and D_i: only x_i is not 0. Returns the loss of the samples."""
    zero, g, b = v.splat(z.b[0] - z.b[0]), v.splat(z.g[i]), v.splat(z.b[i])
    sum_x, sum_xx, loss = zero, zero, zero
    for s in range(0, count, 8):
        x = v.load(value, s)
        y = v.fma(x, g, b)
        t = v.where_positive(y, x) if job.relu_output else x
        sum_x, sum_xx = v.add(sum_x, t), v.fma(t, x, sum_xx)
        if with_loss:
            r = v.where_positive(y, y) if job.relu_output else y
            # `_squares` counts r^2 for every feature; here (r - x)^2 takes its place for feature i.
            error = v.sub(r, x)
            loss = v.add(loss, v.sub(v.mul(error, error), v.mul(r, r)))
    z.C[i] -= v.lane_sum(sum_xx)
    z.D[i] -= v.lane_sum(sum_x)
    if with_loss:
        return z.importance[i] * v.lane_sum(loss) + _squares(job, value, count, z)
    return z.b[0] - z.b[0]


@part
def _squares(job, value, count, z):
    """The sum of I_j r_j^2 over the samples and all features."""
    total = v.splat(z.b[0] - z.b[0])
    for j in range(0, padded(job.n_features), 8):
        g, b, importance = v.load(z.g, j), v.load(z.b, j), v.load(z.importance, j)
        for s in range(count):
            r = _response(job, v.splat(value[s]), g, b)
            total = v.fma(v.mul(importance, r), r, total)
    return v.lane_sum(total)


@part
def _spread(job, G_i, z):
    """Scale C and D, and add them to the gradients of W_out, b, and W_i, which is at G_i [hidden]."""
    wide, whole = padded(job.n_features), in_sixteens(job)
    for j in range(0, whole, 16):
        _spread_at(job, j, wide, v.load_wide(z.scale, j), z)
    for j in range(whole, wide, 8):
        _spread_at(job, j, wide, v.load(z.scale, j), z)
    for k in range(job.n_hidden):
        if not job.relu_hidden or z.R[k] > 0:
            eta = v.splat(z.C[0] - z.C[0])
            for j in range(0, wide, 8):
                eta = v.fma(v.load(z.C, j), v.load(z.T, k * wide + j), eta)
            G_i[k] += v.lane_sum(eta)


@part(forceinline=True)
def _spread_at(job, j, wide, scale, z):
    """Scale C, and add to dW_out and db, for the features from j on, one for each lane of `scale`."""
    C = v.mul(scale, v.load_like(scale, z.C, j))
    v.store(z.C, j, C)
    v.store(z.db, j, v.fma(scale, v.load_like(scale, z.D, j), v.load_like(scale, z.db, j)))
    for k in range(job.n_hidden):
        at = k * wide + j
        R = v.splat_like(scale, z.R[k])
        v.store(z.dT, at, v.fma(R, C, v.load_like(scale, z.dT, at)))
