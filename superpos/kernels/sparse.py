"""Gradients of sparse minibatches, sample by sample, features or hidden units in the lanes.

Two forms. Hidden identity, tied ("Gram"): with G = W W^T, y = b + sum_a x_a G_a over the active
entries a, and all of dL/dW follows from C_ij = sum_samples x_i delta_j:  dW = (C + C^T) W.
A sample costs its entries times the features, and no longer features times hidden units.
Hidden ReLU: h from the active entries; outputs and gradients from the hidden units with h_k > 0.
Rows over features are padded to whole vectors (`wide`); delta is 0 there, for its scale is.
"""

from typing import Any, NamedTuple

import numba

from superpos.kernels import simd as v


class Scratch(NamedTuple):
    """Work space as pointers. x, delta, b, scale, importance, db [wide]; h, eta [hidden + 8];
    on [hidden]; T [hidden, wide]: W_out^T, dT: its gradient; G, C [feature, wide]: the Gram form's;
    dW [feature, hidden]."""

    x: Any
    delta: Any
    b: Any
    scale: Any
    importance: Any
    db: Any
    h: Any
    eta: Any
    on: Any
    T: Any
    dT: Any
    G: Any
    C: Any
    dW: Any


@numba.njit
def wide_of(job):
    """Features rounded up to whole vectors."""
    return (job.n_features + 7) // 8 * 8


@numba.njit
def prepare(job, P, z):
    """Copy b, and W_out transposed; make G where hidden is the identity; clear the sums."""
    n, m, wide = job.n_features, job.n_hidden, wide_of(job)
    out = 0 if job.tied else n * m
    zero = v.splat(P[0] - P[0])
    for j in range(n):
        z.b[j] = P[out + n * m + j]
        for k in range(m):
            z.T[k * wide + j] = P[out + j * m + k]
    for j in range(0, wide, 8):
        v.store(z.db, j, zero)
    if job.relu_hidden:
        for i in range(0, m * wide, 8):
            v.store(z.dT, i, zero)
        for i in range(n * m):
            z.dW[i] = P[0] - P[0]
        return
    for i in range(n):
        for j in range(0, wide, 8):
            a = zero
            for k in range(m):
                a = v.fma(v.splat(P[i * m + k]), v.load(z.T, k * wide + j), a)
            v.store(z.G, i * wide + j, a)
            v.store(z.C, i * wide + j, zero)


@numba.njit
def batch(job, P, entries, found, z, with_loss):
    """Add the gradient of all non-empty samples to the sums; returns their loss."""
    loss = P[0] - P[0]
    for s in range(found):
        first, last = entries.start[s], entries.start[s + 1]
        for e in range(first, last):
            z.x[entries.feature[e]] = entries.value[e]
        if job.relu_hidden:
            loss += _hidden_sample(job, P, entries, first, last, z, with_loss)
        else:
            loss += _gram_sample(job, entries, first, last, z, with_loss)
        for e in range(first, last):
            z.x[entries.feature[e]] = 0
    return loss


@numba.njit(forceinline=True)
def _delta(job, y, j, z):
    """The error y - t and delta of eight outputs before their activation."""
    t = v.load(z.x, j)
    if job.absolute_target:
        t = v.absolute(t)
    if job.relu_output:
        error = v.sub(v.where_positive(y, y), t)
        return error, v.where_positive(y, v.mul(v.load(z.scale, j), error))
    error = v.sub(y, t)
    return error, v.mul(v.load(z.scale, j), error)


@numba.njit
def _gram_sample(job, entries, first, last, z, with_loss):
    """y = b + sum_a x_a G_a; C_a += x_a delta; db += delta. Returns the loss."""
    wide = wide_of(job)
    zero = v.splat(z.b[0] - z.b[0])
    loss = zero
    for j in range(0, wide, 8):
        y = v.load(z.b, j)
        for e in range(first, last):
            y = v.fma(v.splat(entries.value[e]), v.load(z.G, entries.feature[e] * wide + j), y)
        error, delta = _delta(job, y, j, z)
        if with_loss:
            loss = v.fma(v.mul(v.load(z.importance, j), error), error, loss)
        # Behind a closed ReLU there is no gradient: eight features at once are often silent.
        if v.any_nonzero(delta):
            v.store(z.db, j, v.add(v.load(z.db, j), delta))
            for e in range(first, last):
                at = entries.feature[e] * wide + j
                v.store(z.C, at, v.fma(v.splat(entries.value[e]), delta, v.load(z.C, at)))
    return v.total(loss) if with_loss else z.b[0] - z.b[0]


@numba.njit
def _hidden_sample(job, P, entries, first, last, z, with_loss):
    """h = ReLU(sum_a x_a W_a); y = b + sum over h_k > 0 of h_k T_k; dT_k += h_k delta;
    eta_k = T_k delta where h_k > 0; dW_a += x_a eta. Returns the loss."""
    m, wide = job.n_hidden, wide_of(job)
    zero = v.splat(z.b[0] - z.b[0])
    for k in range(0, m, 8):
        a = zero
        for e in range(first, last):
            a = v.fma(v.splat(entries.value[e]), v.load(P, entries.feature[e] * m + k), a)
        v.store(z.h, k, a)
        v.store(z.eta, k, zero)
    active = 0
    for k in range(m):
        if z.h[k] > 0:
            z.on[active] = k
            active += 1
    loss = zero
    for j in range(0, wide, 8):
        y = v.load(z.b, j)
        for q in range(active):
            k = z.on[q]
            y = v.fma(v.splat(z.h[k]), v.load(z.T, k * wide + j), y)
        error, delta = _delta(job, y, j, z)
        if with_loss:
            loss = v.fma(v.mul(v.load(z.importance, j), error), error, loss)
        v.store(z.delta, j, delta)
        v.store(z.db, j, v.add(v.load(z.db, j), delta))
    for q in range(active):
        k = z.on[q]
        h, eta = v.splat(z.h[k]), zero
        for j in range(0, wide, 8):
            at, delta = k * wide + j, v.load(z.delta, j)
            eta = v.fma(v.load(z.T, at), delta, eta)
            v.store(z.dT, at, v.fma(h, delta, v.load(z.dT, at)))
        z.eta[k] = v.total(eta)
    for e in range(first, last):
        at, x = entries.feature[e] * m, v.splat(entries.value[e])
        for k in range(0, m, 8):
            v.store(z.dW, at + k, v.fma(x, v.load(z.eta, k), v.load(z.dW, at + k)))
    return v.total(loss) if with_loss else z.b[0] - z.b[0]


@numba.njit
def finish(job, P, z, empty, loss, G):
    """G [parameter] from the sums and `empty` samples with x = 0; returns the loss."""
    n, m, wide = job.n_features, job.n_hidden, wide_of(job)
    out = 0 if job.tied else n * m
    if job.relu_hidden:
        for i in range(n * m):
            G[i] = z.dW[i]
        for j in range(n):
            for k in range(m):
                more = z.dT[k * wide + j]
                G[out + j * m + k] = G[j * m + k] + more if job.tied else more
    else:
        _gram_gradient(n, m, wide, P, z, G)
    for j in range(n):
        bias = P[out + n * m + j]
        G[out + n * m + j] = z.db[j]
        if bias > 0 or not job.relu_output:
            G[out + n * m + j] += empty * (z.scale[j] * bias)
            loss += empty * (z.importance[j] * bias * bias)
    return loss


@numba.njit
def _gram_gradient(n, m, wide, P, z, G):
    """G = (C + C^T) W; rows ascend, for lanes beyond hidden spill into the row after."""
    zero = v.splat(P[0] - P[0])
    for i in range(n):
        for k in range(0, m, 8):
            even, odd = zero, zero
            for j in range(0, n - 1, 2):
                c = v.splat(z.C[i * wide + j] + z.C[j * wide + i])
                even = v.fma(c, v.load(P, j * m + k), even)
                c = v.splat(z.C[i * wide + j + 1] + z.C[(j + 1) * wide + i])
                odd = v.fma(c, v.load(P, (j + 1) * m + k), odd)
            if n % 2 == 1:
                j = n - 1
                c = v.splat(z.C[i * wide + j] + z.C[j * wide + i])
                even = v.fma(c, v.load(P, j * m + k), even)
            v.store(G, i * m + k, v.add(even, odd))


@numba.njit
def sizes(job):
    """Numbers that each float array of Scratch needs, but for `on`."""
    n, m, wide = job.n_features, job.n_hidden, wide_of(job)
    gram = 1 if job.relu_hidden else n * wide
    return (
        wide, wide, wide, wide, wide, wide, m + 8, m + 8, m * wide, m * wide, gram, gram, n * m + 8,
    )  # fmt: skip
