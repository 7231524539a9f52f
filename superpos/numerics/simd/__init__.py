"""Vectors of eight lanes inside numba functions: explicit width, explicit fused multiply-add.

The compiler's own vectoriser chooses a width for each CPU, and with it the order of a sum. Here the
width is always eight lanes, lowered to whatever registers the CPU has, so every CPU gives the same
bytes. Kernels take bare pointers, which carry no shape and no reference count: both cost as much as
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
    absolute,
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
from superpos.numerics.simd.vectors import LANES, lanes, load, pointer, shift, splat, store
from superpos.numerics.simd.words import (
    at_most,
    both,
    differ,
    either,
    equal,
    half_to_float,
    high32,
    low_words,
    plus,
    product32,
    where,
    wide_words,
)

__all__ = [
    "LANES", "absolute", "add", "all_positive", "at_most", "both", "bytes_at_most", "count_bits",
    "differ", "div", "either", "equal", "fma", "half_to_float", "high32", "lane_sum", "lanes",
    "load", "low_words", "lowest", "mask_bits", "minimum", "mul", "nonzero_bits", "plus", "pointer",
    "positive_bits", "product32", "shift", "splat", "sqrt", "store", "sub", "unless_positive",
    "where", "where_positive", "wide_words",
]  # fmt: skip
