"""Draw minibatches on a GPU from the same Philox words as the other engines.

Each draw gives four parts of a column of x: samples r, q + r, 2 q + r and 3 q + r, where q is a quarter
of the number of samples, because a Philox block holds one word for each part. `r` and the column
may have any shapes that broadcast: `lanes` has samples in r and a single column, `tile` has a tile of
both.
"""

import triton
import triton.language as tl

from superpos.numerics import kernel_codes, philox
from superpos.training.kernels import counts

FEATURES, ALL_MEMBERS, ONE_MEMBER, ONE_SET, ROWS = (
    tl.constexpr(code)
    for code in (
        kernel_codes.FEATURES, kernel_codes.ALL_MEMBERS, kernel_codes.ONE_MEMBER,
        kernel_codes.ONE_SET, kernel_codes.ROWS,
    )
)  # fmt: skip
BATCH, ROUNDS = tl.constexpr(philox.BATCH), tl.constexpr(philox.ROUNDS)
COUNT_STREAM = tl.constexpr(counts.COUNT_STREAM)


@triton.jit
def block(key, step, stream: tl.constexpr, number):
    """The four words of a block of a stream."""
    purpose, stream_ = tl.full((), BATCH, tl.uint32), tl.full((), stream, tl.uint32)
    return tl.philox(
        key, number.to(tl.uint32), tl.full((), step, tl.uint32), purpose, stream_, ROUNDS
    )


@triton.jit
def words(key, step, stream: tl.constexpr, r, column, width: tl.constexpr, job: tl.constexpr):
    """The words of the four parts in a column of a stream of [sample, width] words."""
    if job.in_quarters:
        return block(key, step, stream, r * width + column)
    else:
        # The words run on from one quarter of the stream to the next in the middle of a sample.
        quarter: tl.constexpr = (job.batch * width + 3) // 4
        rows: tl.constexpr = (job.batch + 3) // 4
        out = ()
        for part in tl.static_range(4):
            word = (part * rows + r) * width + column
            a, b, c, d = block(key, step, stream, word % quarter)
            of = word // quarter
            out = out + (tl.where(of == 0, a, tl.where(of == 1, b, tl.where(of == 2, c, d))),)
        return out


@triton.jit
def uniform(word, scale, signed: tl.constexpr):
    """word // 2 x scale, in [0, 1], or twice that minus 1 if signed."""
    u = (word >> 1).to(tl.int32).to(tl.float32) * scale
    return 2 * u - 1 if signed else u


@triton.jit
def chosen(word, count):
    """An integer below `count`: floor(word count / 2^32)."""
    return tl.umulhi(word, tl.full((), count, tl.uint32)).to(tl.int32)


@triton.jit
def values(gates, on, scale, rows, length, key, step, r, column, job: tl.constexpr):
    """x of the four parts in a column, given the words and outcomes of its unit's gate, four each.

    scale: what turns a gate's word into a value, four each; rows [row, feature]: the training set.
    """
    n: tl.constexpr = job.n
    members: tl.constexpr = n // job.units
    out = ()
    if job.law == FEATURES:
        for part in tl.static_range(4):
            out = out + (tl.where(on[part], uniform(gates[part], scale[part], job.signed), 0.0),)
    elif job.law == ROWS:
        for part in tl.static_range(4):
            out = out + (tl.load(rows + chosen(gates[part], length) * n + column, column < n, 0.0),)
    else:
        if job.law == ALL_MEMBERS:
            w = words(key, step, 1, r, column, n, job)
        elif job.law == ONE_MEMBER:
            c = words(key, step, 1, r, column // members, job.units, job)
            w = words(key, step, 2, r, column // members, job.units, job)
        else:
            c = words(key, step, 1, r, 0, 1, job)
            w = words(key, step, 2, r, column, n, job)
        for part in tl.static_range(4):
            here = on[part]
            if job.law == ONE_MEMBER:
                here = here & (chosen(c[part], members) == column % members)
            elif job.law == ONE_SET:
                here = here & (chosen(c[part], job.sets) == column // (n // job.sets))
            out = out + (tl.where(here, uniform(w[part], 2.0**-31, job.signed), 0.0),)
    return out


@triton.jit
def sample_count(key, step, thresholds, counts, job: tl.constexpr):
    """The number of samples with a unit on: a binomial draw, by inversion of its table."""
    if job.filled:
        # Two words make a number of 53 bits, as on the CPU.
        a, b, c, d = block(key, step, COUNT_STREAM, tl.zeros((), tl.uint32))
        u = (a.to(tl.int64) << 21) | (b.to(tl.int64) >> 11)
        passed = tl.load(thresholds + tl.arange(0, job.outcomes)) <= u
        return tl.load(counts + tl.sum(passed.to(tl.int32), 0))
    else:
        return tl.full((), job.batch, tl.int32)
