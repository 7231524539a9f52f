"""The gradient of wide models with a hidden ReLU; it skips the inputs and deltas that are 0.

    h_s = ReLU(sum_i x_is W_i),  y = W_out h + b,  eta_s = [h_s > 0] sum_j delta_js W_out,j
    dW_i = sum_s x_is eta_s,  dW_out,j = sum_s delta_js h_s

Each of the four sums runs over entries x_is or delta_js, most of which are 0: x by sparsity, delta
where an output's ReLU is off. They are visited by bit masks, with a row of hidden units in registers.
Only y, the fifth product, is dense, with samples in the lanes.

A tile has 32 samples. Rows are padded to `wide` hidden units, whole rows of registers. Every sum runs
over the set bits of a mask from the lowest up, and over tiles in order, so its order is fixed.
"""

from typing import Any, NamedTuple

from superpos.numerics import simd as v
from superpos.numerics.compiled import part
from superpos.training.kernels import dense, masks
from superpos.training.kernels.philox_lanes import TILE


class Scratch(NamedTuple):
    """The work space of a step, as pointers.

    Masks of samples: on, bent [feature]: x_i, delta_j is not 0. Masks of features: on_of, bent_of
    [32, word]: the same, by sample. turned [32] is scratch.
    Floats: X, Y [feature, 32]: x and delta; H [hidden, 32]: h, with samples in the lanes; HS, ES [32,
    wide]: h and eta by sample; W, W_out, dW, dW_out [feature, wide]; db [feature, 8], and 8 more
    numbers for the loss.
    """

    on: Any
    bent: Any
    on_of: Any
    bent_of: Any
    turned: Any
    X: Any
    Y: Any
    H: Any
    HS: Any
    ES: Any
    W: Any
    W_out: Any
    dW: Any
    dW_out: Any
    db: Any


@part
def mask_sizes(job):
    """How many numbers each array of masks needs."""
    words = masks.words_of(job)
    by_feature, of_samples = masks.WORD * words, TILE * words
    return by_feature, by_feature, of_samples, of_samples, TILE


@part
def sizes(job, row):
    """How many numbers each float array of Scratch needs."""
    n, m, wide = job.n_features, job.n_hidden, masks.padded(job.n_hidden, row)
    weights, tile = n * wide, n * TILE
    return (
        tile, tile, m * TILE, TILE * wide, TILE * wide, weights, weights, weights,
        weights, 8 * n + 8,
    )  # fmt: skip


@part
def scratch(of_masks, by, floats, at):
    """The pointers of Scratch into an array of masks and one of floats, whose parts start at `by` and
    `at`."""
    return Scratch(
        v.shift(of_masks, by[0]), v.shift(of_masks, by[1]), v.shift(of_masks, by[2]),
        v.shift(of_masks, by[3]), v.shift(of_masks, by[4]), v.shift(floats, at[0]),
        v.shift(floats, at[1]), v.shift(floats, at[2]), v.shift(floats, at[3]),
        v.shift(floats, at[4]), v.shift(floats, at[5]), v.shift(floats, at[6]),
        v.shift(floats, at[7]), v.shift(floats, at[8]), v.shift(floats, at[9]),
    )  # fmt: skip


@part
def prepare(job, row, P, z):
    """Copy the weights to padded rows, and clear the sums."""
    n, m, wide, zero = (
        job.n_features,
        job.n_hidden,
        masks.padded(job.n_hidden, row),
        v.splat(P[0] - P[0]),
    )
    out = 0 if job.tied else n * m
    for i in range(n):
        for k in range(m):
            z.W[i * wide + k] = P[i * m + k]
            z.W_out[i * wide + k] = P[out + i * m + k]
    for i in range(0, n * wide, 8):
        v.store(z.dW, i, zero)
        v.store(z.dW_out, i, zero)
    for i in range(0, 8 * n + 8, 8):
        v.store(z.db, i, zero)


@part
def tile(job, row, P, scale, importance, z, with_loss):
    """Add the part of the tile in X to the sums."""
    n, m, wide = job.n_features, job.n_hidden, masks.padded(job.n_hidden, row)
    out = 0 if job.tied else n * m
    masks.nonzero(n, z.X, z.on)
    masks.by_sample(job, z.on, z.turned, z.on_of)
    masks.gather(job, row, z.X, z.on_of, z.W, wide, z.HS)
    for i in range(0, TILE * wide, 16):
        v.store(z.HS, i, v.where_positive(v.load_wide(z.HS, i), v.load_wide(z.HS, i)))
    masks.by_hidden(z.HS, m, wide, z.H)
    dense.write_deltas(job, z.H, z.X, P, out, scale, importance, z.Y, z.db, with_loss)
    masks.nonzero(n, z.Y, z.bent)
    masks.by_sample(job, z.bent, z.turned, z.bent_of)
    masks.gather(job, row, z.Y, z.bent_of, z.W_out, wide, z.ES)
    for i in range(0, TILE * wide, 16):
        v.store(z.ES, i, v.where_positive(v.load_wide(z.HS, i), v.load_wide(z.ES, i)))
    masks.add_products(job, row, z.X, z.on, z.ES, wide, z.dW)
    masks.add_products(job, row, z.Y, z.bent, z.HS, wide, z.dW_out)


@part
def finish(job, row, P, scale, importance, z, empty, G):
    """Write the gradient G [parameter], including `empty` samples with x = 0; returns the loss sum."""
    n, m, wide = job.n_features, job.n_hidden, masks.padded(job.n_hidden, row)
    out = 0 if job.tied else n * m
    for i in range(n):
        for k in range(m):
            G[i * m + k] = z.dW[i * wide + k]
            more = z.dW_out[i * wide + k]
            G[out + i * m + k] = G[i * m + k] + more if job.tied else more
    return dense.finish_bias(
        job, v.shift(P, out + n * m), scale, importance, z.db, empty, v.shift(G, out + n * m)
    )
