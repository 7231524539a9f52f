"""Vectors of eight or sixteen lanes inside numba functions: explicit width, explicit fused multiply-add.

The compiler's own vectoriser chooses a width for each CPU, and with it the order of a sum. Here the
width is part of the code, lowered to whatever registers the CPU has, and every sum over samples has
eight partial sums, of which a vector of sixteen lanes holds those of two sums. So every CPU gives the
same bytes. Kernels take bare pointers, which carry no shape and no reference count: both cost as much as
a small model's arithmetic. Whoever makes a pointer must keep its array alive.
"""

from superpos.numerics.simd.bits import (
    bytes_at_most,
    count_bits,
    lowest,
    mask_bits,
    nonzero_bits,
    positive_bits,
)
from superpos.numerics.simd.floats import (
    add,
    all_positive,
    div,
    fma,
    lane_sum,
    minimum,
    mul,
    sqrt,
    sub,
    unless_positive,
    where_positive,
)
from superpos.numerics.simd.target import WIDE
from superpos.numerics.simd.vectors import (
    LANES,
    halves,
    join,
    lanes,
    load,
    load_like,
    load_wide,
    pointer,
    shift,
    splat,
    splat_like,
    splat_wide,
    store,
)
from superpos.numerics.simd.words import (
    at_most,
    both,
    differ,
    either,
    equal,
    half_to_float,
    high32,
    low_words,
    no_lanes,
    plus,
    product32,
    scaled,
    where,
)

__all__ = [
    "LANES", "WIDE", "add", "all_positive", "at_most", "both",
    "bytes_at_most", "count_bits", "differ", "div", "either", "equal", "fma", "half_to_float",
    "halves", "high32", "join", "lane_sum", "lanes", "load", "load_like", "load_wide", "low_words",
    "lowest", "mask_bits", "minimum", "mul", "no_lanes", "nonzero_bits", "plus", "pointer",
    "positive_bits", "product32", "scaled", "shift", "splat", "splat_like", "splat_wide", "sqrt",
    "store", "sub", "unless_positive", "where", "where_positive",
]  # fmt: skip
