"""Rows of registers: tuples of vectors of eight lanes, with every loop over them unrolled.

The length of a row is part of its type, and a kernel is compiled for it. An argument that serves
only to give a length is a tuple of that many numbers. A grid [r, k] is also a row, in which k runs
fastest. Each multiply-add is rounded only once.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from superpos.numerics.simd.floats import llvm_intrinsic
from superpos.numerics.simd.vectors import LANES, Vector, intrinsic, splat_of, vector_at


def _tuple(lane: Any, count: int) -> Any:
    return types.UniTuple(Vector(lane), count)


def _operation(like, body):  # type: ignore[no-untyped-def]
    """The code of an operation on rows: `body` takes lists of vectors and returns one, of type `like`."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        lists = [
            cgutils.unpack_tuple(builder, a) if isinstance(t, types.UniTuple) else a
            for a, t in zip(args, signature.args, strict=True)
        ]
        return context.make_tuple(builder, like, body(builder, *lists))

    return codegen


def _fma(builder, like, a, b, c):  # type: ignore[no-untyped-def]
    return llvm_intrinsic(builder, "fma", like.dtype.lane, [a, b, c])


def _places(builder, offset, stride, count):  # type: ignore[no-untyped-def]
    """`count` places: offset, offset + stride, and so on."""
    kind = offset.type
    return [builder.add(offset, builder.mul(stride, ir.Constant(kind, k))) for k in range(count)]


@intrinsic
def zero_row(typingctx, row):
    """As many vectors of zeros as `row` is long."""
    kind = _tuple(row.dtype, row.count)

    def codegen(context, builder, signature, args):
        return context.get_constant_null(kind)

    return kind(row), codegen


@intrinsic
def load_row(typingctx, start, offset, stride, row):
    """As many vectors as `row` is long, at start + offset + k stride."""
    kind = _tuple(start.dtype, row.count)

    def body(builder, start, offset, stride, row):
        align = kind.dtype.lane.bitwidth // 8
        places = _places(builder, offset, stride, kind.count)
        return [builder.load(vector_at(builder, start, at), align=align) for at in places]

    return kind(start, types.intp, types.intp, row), _operation(kind, body)


@intrinsic
def load_grid(typingctx, start, offset, down, across, rows, columns):
    """Load vector [r, k] from start + offset + r down + k across; `rows` and `columns` give the sizes."""
    kind = _tuple(start.dtype, rows.count * columns.count)

    def body(builder, start, offset, down, across, rows_, columns_):
        align = kind.dtype.lane.bitwidth // 8
        return [
            builder.load(vector_at(builder, start, at), align=align)
            for row in _places(builder, offset, down, rows.count)
            for at in _places(builder, row, across, columns.count)
        ]

    codegen = _operation(kind, body)
    return kind(start, types.intp, types.intp, types.intp, rows, columns), codegen


@intrinsic
def store_grid(typingctx, start, offset, down, across, rows, grid):
    """Store vector [r, k] of a grid, which has as many rows as `rows`, at the place of `load_grid`."""

    def codegen(context, builder, signature, args):
        start_, offset_, down_, across_, _, grid_ = args
        vectors = iter(cgutils.unpack_tuple(builder, grid_))
        for row in _places(builder, offset_, down_, rows.count):
            for at in _places(builder, row, across_, grid.count // rows.count):
                where = vector_at(builder, start_, at)
                builder.store(next(vectors), where, align=start.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(start, types.intp, types.intp, types.intp, rows, grid), codegen


@intrinsic
def splat_row(typingctx, start, offset, stride, row):
    """As many vectors as `row` is long, each of the number at start + offset + k stride."""
    kind = _tuple(start.dtype, row.count)

    def body(builder, start, offset, stride, row):
        places = _places(builder, offset, stride, kind.count)
        return [splat_of(builder, builder.load(builder.gep(start, [at]))) for at in places]

    return kind(start, types.intp, types.intp, row), _operation(kind, body)


@intrinsic
def store_row(typingctx, start, offset, stride, row):
    """Store vector k of a row at start + offset + k stride."""

    def codegen(context, builder, signature, args):
        places = _places(builder, args[1], args[2], row.count)
        for at, vector in zip(places, cgutils.unpack_tuple(builder, args[3]), strict=True):
            where = vector_at(builder, args[0], at)
            builder.store(vector, where, align=start.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(start, types.intp, types.intp, row), codegen


@intrinsic
def plus_row(typingctx, row, x, start, offset):
    """row + x times the row at start + offset."""

    def body(builder, here, x, start, offset):
        factor, align = splat_of(builder, x), row.dtype.lane.bitwidth // 8
        step = ir.Constant(offset.type, LANES)
        places = _places(builder, offset, step, row.count)
        there = [builder.load(vector_at(builder, start, at), align=align) for at in places]
        return [_fma(builder, row, factor, b, a) for a, b in zip(here, there, strict=True)]

    return row(row, x, start, types.intp), _operation(row, body)


@intrinsic
def add_rows(typingctx, a, b):
    """a + b"""

    def body(builder, a, b):
        return [builder.fadd(x, y) for x, y in zip(a, b, strict=True)]

    return a(a, b), _operation(a, body)


@intrinsic
def plus_outer(typingctx, grid, a, b):
    """grid [r, k] + a [r] b [k]"""

    def body(builder, grid_, a_, b_):
        pairs = [(x, y) for x in a_ for y in b_]
        return [_fma(builder, grid, x, y, g) for (x, y), g in zip(pairs, grid_, strict=True)]

    return grid(grid, a, b), _operation(grid, body)


@intrinsic
def contract(typingctx, grid, a):
    """sum_r grid [r, k] a [r], [k]"""
    kind = types.UniTuple(grid.dtype, grid.count // a.count)

    def body(builder, grid_, a_):
        out = [builder.fmul(g, a_[0]) for g in grid_[: kind.count]]
        for r in range(1, a.count):
            row = grid_[r * kind.count : (r + 1) * kind.count]
            out = [_fma(builder, kind, g, a_[r], o) for g, o in zip(row, out, strict=True)]
        return out

    return kind(grid, a), _operation(kind, body)


@intrinsic
def plus_expanded(typingctx, base, grid, h):
    """base [r] + sum_k grid [r, k] h [k]"""

    def body(builder, base_, grid_, h_):
        out = list(base_)
        for k in range(h.count):
            column = grid_[k :: h.count]
            out = [_fma(builder, base, g, h_[k], o) for g, o in zip(column, out, strict=True)]
        return out

    return base(base, grid, h), _operation(base, body)


@intrinsic
def deltas(typingctx, y, x, scale):
    """scale (y - x) where y > 0, else 0."""

    def body(builder, *rows):
        zero, out = ir.Constant(rows[0][0].type, None), []
        for y_, x_, c in zip(*rows, strict=True):
            positive = builder.fcmp_ordered(">", y_, zero)
            out.append(builder.select(positive, builder.fmul(c, builder.fsub(y_, x_)), zero))
        return out

    return y(y, x, scale), _operation(y, body)


@intrinsic
def errors(typingctx, y, x, scale):
    """scale (y - x)"""

    def body(builder, *three):
        return [builder.fmul(c, builder.fsub(y_, x_)) for y_, x_, c in zip(*three, strict=True)]

    return y(y, x, scale), _operation(y, body)


@intrinsic
def plus_squares(typingctx, total, importance, y, x):
    """total [1] + sum_j importance_j (max(y_j, 0) - x_j)^2, in order."""

    def body(builder, total_, *rows):
        zero, out = ir.Constant(total_[0].type, None), total_[0]
        for c, y_, x_ in zip(*rows, strict=True):
            positive = builder.fcmp_ordered(">", y_, zero)
            error = builder.fsub(builder.select(positive, y_, zero), x_)
            out = _fma(builder, total, builder.fmul(c, error), error, out)
        return [out]

    return total(total, importance, y, x), _operation(total, body)
