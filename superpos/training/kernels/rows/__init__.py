"""Rows and grids of registers, with every loop over them unrolled.

A row holds the numbers of one line of memory: vectors of sixteen lanes, and one of eight at its end
where needed. Its length is given by a tuple of numbers, one for every eight lanes. A grid [r, k] is a
tuple of vectors of one width, in which k runs fastest; a column is a grid with one k. Lengths are part
of the type, and a kernel is compiled for them. An argument that serves only to give a length is a tuple
of that many numbers. Each multiply-add is rounded only once.
"""

from superpos.training.kernels.rows.arithmetic import (
    add_grids,
    contract,
    deltas,
    errors,
    magnitudes,
    plus_all,
    plus_contracted,
    plus_expanded,
    plus_outer,
    plus_row,
    plus_squares,
    positive_part,
    rectified_errors,
    times_row,
)
from superpos.training.kernels.rows.memory import (
    add_quarters,
    grid_halves,
    load_grid,
    load_narrow_grid,
    load_pairs,
    load_row,
    load_twice,
    side_by_side,
    splat_grid,
    store_grid,
    store_pairs,
    store_row,
    zero_grid,
    zero_row,
)
from superpos.training.kernels.rows.tuples import AT_ONCE, FOUR, ONE, TWO

__all__ = [
    "AT_ONCE",
    "FOUR",
    "ONE",
    "TWO",
    "add_grids",
    "add_quarters",
    "contract",
    "deltas",
    "errors",
    "grid_halves",
    "load_grid",
    "load_narrow_grid",
    "load_pairs",
    "load_row",
    "load_twice",
    "magnitudes",
    "plus_all",
    "plus_contracted",
    "plus_expanded",
    "plus_outer",
    "plus_row",
    "plus_squares",
    "positive_part",
    "rectified_errors",
    "side_by_side",
    "splat_grid",
    "store_grid",
    "store_pairs",
    "store_row",
    "times_row",
    "zero_grid",
    "zero_row",
]
