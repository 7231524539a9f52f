"""The gradient of sparse minibatches of a tied model without a hidden ReLU, through G = W W^T.

Such a model is y = W W^T x + b, so y_s = b + sum_i x_is G_i over the active entries i of sample s. Let
e_js = r_j - x_j with r = act_out(y), or 0 if ReLU cuts y_j off, and D = diag(2 I / batch). From dL/dy_s
= D e_s and y = W (W^T x) + b, the two factors W give

    dW = sum_s D e_s (W^T x_s)^T + x_s (W^T D e_s)^T = (C D + (C D)^T) W,   C_ij = sum_s x_is e_js,
    db = D sum_s e_s.

The cost of a sample is the number of its entries times the number of features, once for y and once
for C, instead of five products of features times hidden units. G and the last product are computed
once per batch. Rows over features are padded to `wide`, whole rows of registers.

The sums' order is fixed: entries in the order in which they were drawn, samples in order, features in
order.
"""

from typing import Any, NamedTuple

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.training.kernels import rows
from superpos.training.kernels.masks import padded


class Scratch(NamedTuple):
    """The work space of a step, as pointers.

    b, db, scale, importance [wide]; e [wide]: y, then the error of a sample; G, C [feature, wide];
    T [hidden, wide]: W^T; W [feature, hidden] and one row dW of its gradient, in whole rows.
    """

    b: Any
    db: Any
    scale: Any
    importance: Any
    e: Any
    G: Any
    C: Any
    T: Any
    W: Any
    dW: Any


@part
def wide_of(job, row):
    """The number of features, rounded up to whole rows of registers."""
    return padded(job.n_features, row)


@part
def sizes(job, row, hidden_row):
    """How many numbers each array of Scratch needs."""
    n, wide, of_hidden = job.n_features, wide_of(job, row), padded(job.n_hidden, hidden_row)
    return (
        wide, wide, wide, wide, wide, n * wide, n * wide, job.n_hidden * wide, n * of_hidden,
        of_hidden,
    )  # fmt: skip


@part
def scratch(f, at):
    """The pointers of Scratch into the float array f, where array k starts at at[k]."""
    return Scratch(
        v.shift(f, at[0]), v.shift(f, at[1]), v.shift(f, at[2]), v.shift(f, at[3]),
        v.shift(f, at[4]), v.shift(f, at[5]), v.shift(f, at[6]), v.shift(f, at[7]),
        v.shift(f, at[8]), v.shift(f, at[9]),
    )  # fmt: skip


@part
def prepare(job, row, hidden_row, P, z):
    """Copy W, W^T and b, make G = W W^T, and clear the sums."""
    n, m, wide = job.n_features, job.n_hidden, wide_of(job, row)
    of_hidden, zero = padded(m, hidden_row), v.splat(P[0] - P[0])
    for j in range(n):
        z.b[j] = P[n * m + j]
        for k in range(m):
            z.W[j * of_hidden + k] = P[j * m + k]
            z.T[k * wide + j] = P[j * m + k]
    for j in range(0, wide, 8):
        v.store(z.db, j, zero)
    for j in range(0, n * wide, 8):
        v.store(z.C, j, zero)
    for i in range(n):
        for at in range(0, wide, 8 * len(row)):
            a = rows.zero_row(row)
            for k in range(m):
                a = rows.plus_row(a, P[i * m + k], z.T, k * wide + at)
            rows.store_row(z.G, i * wide + at, a)


@part
def batch(job, row, entries, found, z, with_loss):
    """Add the part of all non-empty samples to C and db; returns the sum of their losses."""
    wide, step, loss = wide_of(job, row), 8 * len(row), z.b[0] - z.b[0]
    one = loss + type(loss)(1)
    for s in range(found):
        first, last = entries.start[s], entries.start[s + 1]
        for at in range(0, wide, step):
            y = rows.load_row(z.b, at, row)
            for e in range(first, last):
                y = rows.plus_row(y, entries.value[e], z.G, entries.feature[e] * wide + at)
            rows.store_row(z.e, at, rows.positive_part(y) if job.relu_output else y)
        if with_loss:
            loss += _loss(wide, entries, first, last, z)
        # e = r - x, and x is not 0 only in the sample's entries. If ReLU cuts y_i off, e_i stays 0.
        for e in range(first, last):
            i = entries.feature[e]
            if z.e[i] > 0 or not job.relu_output:
                z.e[i] -= entries.value[e]
        for at in range(0, wide, step):
            db = rows.plus_row(rows.load_row(z.db, at, row), one, z.e, at)
            rows.store_row(z.db, at, db)
            for e in range(first, last):
                to = entries.feature[e] * wide + at
                a = rows.load_row(z.C, to, row)
                rows.store_row(z.C, to, rows.plus_row(a, entries.value[e], z.e, at))
    return loss


@part
def _loss(wide, entries, first, last, z):
    """sum_j I_j (r_j - x_j)^2 of a sample: first as if x = 0, then corrected for its entries; e holds r."""
    total = v.splat(z.b[0] - z.b[0])
    for j in range(0, wide, 8):
        y = v.load(z.e, j)
        total = v.fma(v.mul(v.load(z.importance, j), y), y, total)
    loss = v.lane_sum(total)
    for e in range(first, last):
        i, x = entries.feature[e], entries.value[e]
        loss += z.importance[i] * ((z.e[i] - x) * (z.e[i] - x) - z.e[i] * z.e[i])
    return loss


@part
def finish(job, row, hidden_row, z, empty, loss, G):
    """Write the gradient G [parameter], including `empty` samples with x = 0; returns the loss sum."""
    n, m, wide = job.n_features, job.n_hidden, wide_of(job, row)
    of_hidden = padded(m, hidden_row)
    # C becomes C D + (C D)^T, which is symmetric.
    for i in range(n):
        for j in range(i + 1):
            both = z.scale[j] * z.C[i * wide + j] + z.scale[i] * z.C[j * wide + i]
            z.C[i * wide + j] = both
            z.C[j * wide + i] = both
    for i in range(n):
        for at in range(0, of_hidden, 8 * len(hidden_row)):
            a = rows.zero_row(hidden_row)
            for j in range(n):
                a = rows.plus_row(a, z.C[i * wide + j], z.W, j * of_hidden + at)
            rows.store_row(z.dW, at, a)
        for k in range(m):
            G[i * m + k] = z.dW[k]
    # An empty sample has y = b, which acts on b alone.
    for j in range(n):
        b = z.b[j]
        G[n * m + j] = z.scale[j] * z.db[j]
        if b > 0 or not job.relu_output:
            G[n * m + j] += empty * (z.scale[j] * b)
            loss += empty * (z.importance[j] * b * b)
    return loss
