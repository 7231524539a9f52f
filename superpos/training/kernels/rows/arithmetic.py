"""Arithmetic of rows and grids; each multiply-add is rounded only once."""

from llvmlite import ir
from numba import types
from numba.core import cgutils

from superpos.numerics.simd.floats import llvm_intrinsic
from superpos.numerics.simd.vectors import LANES, halves_of, intrinsic, load_at, splat_of
from superpos.training.kernels.rows.tuples import multiply_add, operation_of, pieces_of


@intrinsic
def plus_row(typingctx, row, x, start, offset):
    """row + x times the row at start + offset."""

    def body(builder, here, x, start, offset):
        out = []
        for at, vector in zip(pieces_of(builder, offset, row), here, strict=True):
            count = vector.type.count
            there = load_at(builder, start, at, count)
            out.append(multiply_add(builder, splat_of(builder, x, count), there, vector))
        return out

    return row(row, x, start, types.intp), operation_of(row, body)


@intrinsic
def times_row(typingctx, x, row):
    """x times a row."""

    def body(builder, x, row_):
        return [builder.fmul(splat_of(builder, x, a.type.count), a) for a in row_]

    return row(row.types[0].lane, row), operation_of(row, body)


@intrinsic
def positive_part(typingctx, row):
    """max(a, 0) of each number of a row or a grid; NaN becomes 0."""

    def body(builder, vectors):
        return [_where_positive(builder, a, a) for a in vectors]

    return row(row), operation_of(row, body)


def _where_positive(builder, condition, value):  # type: ignore[no-untyped-def]
    zero = ir.Constant(value.type, None)
    return builder.select(builder.fcmp_ordered(">", condition, zero), value, zero)


@intrinsic
def magnitudes(typingctx, grid):
    """|a| of each number of a grid."""

    def body(builder, vectors):
        return [llvm_intrinsic(builder, "fabs", [a]) for a in vectors]

    return grid(grid), operation_of(grid, body)


@intrinsic
def add_grids(typingctx, a, b):
    """a + b"""

    def body(builder, a, b):
        return [builder.fadd(x, y) for x, y in zip(a, b, strict=True)]

    return a(a, b), operation_of(a, body)


@intrinsic
def plus_outer(typingctx, grid, a, b):
    """grid [r, k] + a [r] b [k]"""

    def body(builder, grid_, a_, b_):
        pairs = [(x, y) for x in a_ for y in b_]
        return [multiply_add(builder, x, y, g) for (x, y), g in zip(pairs, grid_, strict=True)]

    return grid(grid, a, b), operation_of(grid, body)


@intrinsic
def contract(typingctx, grid, a):
    """sum_r grid [r, k] a [r], [k]"""
    kind = types.UniTuple(grid.dtype, grid.count // a.count)

    def body(builder, grid_, a_):
        out = [builder.fmul(g, a_[0]) for g in grid_[: kind.count]]
        for r in range(1, a.count):
            row = grid_[r * kind.count : (r + 1) * kind.count]
            out = [multiply_add(builder, g, a_[r], o) for g, o in zip(row, out, strict=True)]
        return out

    return kind(grid, a), operation_of(kind, body)


@intrinsic
def plus_contracted(typingctx, base, grid, a):
    """base [k] + sum_r grid [r, k] a [r]"""

    def body(builder, base_, grid_, a_):
        out = list(base_)
        for r in range(a.count):
            row = grid_[r * base.count : (r + 1) * base.count]
            out = [multiply_add(builder, g, a_[r], o) for g, o in zip(row, out, strict=True)]
        return out

    return base(base, grid, a), operation_of(base, body)


@intrinsic
def plus_all(typingctx, total, grid):
    """total + sum of all vectors of a grid, one after the other."""

    def codegen(context, builder, signature, args):
        found = args[0]
        for a in cgutils.unpack_tuple(builder, args[1]):
            found = builder.fadd(found, a)
        return found

    return total(total, grid), codegen


@intrinsic
def plus_expanded(typingctx, base, grid, h):
    """base [r] + sum_k grid [r, k] h [k]"""

    def body(builder, base_, grid_, h_):
        out = list(base_)
        for k in range(h.count):
            column = grid_[k :: h.count]
            out = [multiply_add(builder, g, h_[k], o) for g, o in zip(column, out, strict=True)]
        return out

    return base(base, grid, h), operation_of(base, body)


@intrinsic
def deltas(typingctx, y, x, scale):
    """scale (y - x) where y > 0, else 0."""

    def body(builder, *three):
        out = []
        for y_, x_, c in zip(*three, strict=True):
            value = builder.fmul(c, builder.fsub(y_, x_))
            out.append(_where_positive(builder, y_, value))
        return out

    return y(y, x, scale), operation_of(y, body)


@intrinsic
def rectified_errors(typingctx, y, x):
    """y - x where y > 0, else 0."""

    def body(builder, *two):
        pairs = zip(*two, strict=True)
        return [_where_positive(builder, y_, builder.fsub(y_, x_)) for y_, x_ in pairs]

    return y(y, x), operation_of(y, body)


@intrinsic
def errors(typingctx, y, x, scale):
    """scale (y - x)"""

    def body(builder, *three):
        return [builder.fmul(c, builder.fsub(y_, x_)) for y_, x_, c in zip(*three, strict=True)]

    return y(y, x, scale), operation_of(y, body)


@intrinsic
def plus_squares(typingctx, total, importance, r, x):
    """total + sum of importance (r - x)^2, eight lanes; the eights of the grids are taken in order."""

    def codegen(context, builder, signature, args):
        found, grids = args[0], (cgutils.unpack_tuple(builder, a) for a in args[1:])
        for c, r_, x_ in zip(*grids, strict=True):
            error = builder.fsub(r_, x_)
            eights = _eights(builder, builder.fmul(c, error)), _eights(builder, error)
            for weighted, plain in zip(*eights, strict=True):
                found = multiply_add(builder, weighted, plain, found)
        return found

    return total(total, importance, r, x), codegen


def _eights(builder, a):  # type: ignore[no-untyped-def]
    return [a] if a.type.count == LANES else halves_of(builder, a)
