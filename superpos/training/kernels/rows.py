"""Rows and grids of registers, with every loop over them unrolled.

A row holds the numbers of one line of memory: vectors of sixteen lanes, and one of eight at its end
where needed. Its length is said by a tuple of numbers, one for every eight lanes. A grid [r, k] is a
tuple of vectors of one width, in which k runs fastest; a column is a grid with one k. Lengths are part
of the type, and a kernel is compiled for them. An argument that serves only to give a length is a tuple
of that many numbers. Each multiply-add is rounded only once.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from superpos.numerics.simd.floats import llvm_intrinsic
from superpos.numerics.simd.target import WIDE
from superpos.numerics.simd.vectors import (
    LANES,
    WIDE_LANES,
    Vector,
    halves_of,
    intrinsic,
    load_at,
    shuffled,
    splat_of,
    store_at,
)

ONE, TWO, FOUR = (0,), (0, 0), (0, 0, 0, 0)
"""The lengths of rows and columns."""
AT_ONCE = FOUR if WIDE else TWO
"""How many rows of a tile of 32 samples are computed at a time: as many as fit into registers."""


def _row(lane: Any, eights: int) -> Any:
    """The type of a row."""
    wide = [Vector(lane, WIDE_LANES)] * (eights // 2)
    return types.BaseTuple.from_types(wide + [Vector(lane)] * (eights % 2))


def _grid(lane: Any, count: int, lanes: int = WIDE_LANES) -> Any:
    return types.UniTuple(Vector(lane, lanes), count)


def _operation(result, body):  # type: ignore[no-untyped-def]
    """The code of an operation on tuples: `body` takes lists of vectors; it returns one, or None."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        lists = [
            cgutils.unpack_tuple(builder, a) if isinstance(t, types.BaseTuple) else a
            for a, t in zip(args, signature.args, strict=True)
        ]
        found = body(builder, *lists)
        if found is None:
            return context.get_dummy_value()
        return context.make_tuple(builder, result, found)

    return codegen


def _fma(builder, a, b, c):  # type: ignore[no-untyped-def]
    return llvm_intrinsic(builder, "fma", [a, b, c])


def _places(builder, offset, stride, count):  # type: ignore[no-untyped-def]
    """`count` places: offset, offset + stride, and so on."""
    kind = offset.type
    return [builder.add(offset, builder.mul(stride, ir.Constant(kind, k))) for k in range(count)]


def _grid_places(builder, offset, down, across, rows, columns):  # type: ignore[no-untyped-def]
    """The place of each vector [r, k]: offset + r down + k across."""
    return [
        at
        for row in _places(builder, offset, down, rows)
        for at in _places(builder, row, across, columns)
    ]


def _pieces(builder, offset, row):  # type: ignore[no-untyped-def]
    """Where each vector of a row begins."""
    begins, at = [], 0
    for vector in row.types:
        begins.append(builder.add(offset, ir.Constant(offset.type, at)))
        at += vector.count
    return begins


@intrinsic
def zero_row(typingctx, row):
    """A row of zeros."""
    kind = _row(row.dtype, row.count)

    def codegen(context, builder, signature, args):
        return context.get_constant_null(kind)

    return kind(row), codegen


@intrinsic
def load_row(typingctx, start, offset, row):
    """The row at start + offset."""
    kind = _row(start.dtype, row.count)

    def body(builder, start, offset, row):
        begins = zip(_pieces(builder, offset, kind), kind.types, strict=True)
        return [load_at(builder, start, at, vector.count) for at, vector in begins]

    return kind(start, types.intp, row), _operation(kind, body)


@intrinsic
def store_row(typingctx, start, offset, row):
    """Store a row at start + offset."""

    def body(builder, start, offset, vectors):
        for at, vector in zip(_pieces(builder, offset, row), vectors, strict=True):
            store_at(builder, start, at, vector)

    return types.void(start, types.intp, row), _operation(None, body)


@intrinsic
def plus_row(typingctx, row, x, start, offset):
    """row + x times the row at start + offset."""

    def body(builder, here, x, start, offset):
        out = []
        for at, vector in zip(_pieces(builder, offset, row), here, strict=True):
            count = vector.type.count
            there = load_at(builder, start, at, count)
            out.append(_fma(builder, splat_of(builder, x, count), there, vector))
        return out

    return row(row, x, start, types.intp), _operation(row, body)


@intrinsic
def times_row(typingctx, x, row):
    """x times a row."""

    def body(builder, x, row_):
        return [builder.fmul(splat_of(builder, x, a.type.count), a) for a in row_]

    return row(row.types[0].lane, row), _operation(row, body)


@intrinsic
def positive_part(typingctx, row):
    """max(a, 0) of each number of a row or a grid; NaN becomes 0."""

    def body(builder, vectors):
        return [_where_positive(builder, a, a) for a in vectors]

    return row(row), _operation(row, body)


def _where_positive(builder, condition, value):  # type: ignore[no-untyped-def]
    zero = ir.Constant(value.type, None)
    return builder.select(builder.fcmp_ordered(">", condition, zero), value, zero)


@intrinsic
def magnitudes(typingctx, grid):
    """|a| of each number of a grid."""

    def body(builder, vectors):
        return [llvm_intrinsic(builder, "fabs", [a]) for a in vectors]

    return grid(grid), _operation(grid, body)


@intrinsic
def zero_grid(typingctx, start, rows, columns):
    """A grid of zeros, of the type of the numbers at `start`."""
    kind = _grid(start.dtype, rows.count * columns.count)

    def codegen(context, builder, signature, args):
        return context.get_constant_null(kind)

    return kind(start, rows, columns), codegen


def _load_grid(lanes):
    @intrinsic
    def operation(typingctx, start, offset, down, across, rows, columns):
        kind = _grid(start.dtype, rows.count * columns.count, lanes)

        def body(builder, start, offset, down, across, rows_, columns_):
            places = _grid_places(builder, offset, down, across, rows.count, columns.count)
            return [load_at(builder, start, at, lanes) for at in places]

        kinds = start, types.intp, types.intp, types.intp, rows, columns
        return kind(*kinds), _operation(kind, body)

    return operation


load_grid, load_narrow_grid = _load_grid(WIDE_LANES), _load_grid(LANES)
"""Load vector [r, k], of sixteen or eight lanes, from start + offset + r down + k across."""


@intrinsic
def store_grid(typingctx, start, offset, down, across, rows, grid):
    """Store vector [r, k] of a grid, which has as many rows as `rows`, at the place of `load_grid`."""

    def body(builder, start, offset, down, across, _, vectors):
        shape = rows.count, grid.count // rows.count
        places = _grid_places(builder, offset, down, across, *shape)
        for at, vector in zip(places, vectors, strict=True):
            store_at(builder, start, at, vector)

    kinds = start, types.intp, types.intp, types.intp, rows, grid
    return types.void(*kinds), _operation(None, body)


@intrinsic
def splat_grid(typingctx, start, offset, stride, rows, columns):
    """Vector [r, k] has the number at start + offset + r stride in every lane."""
    kind = _grid(start.dtype, rows.count * columns.count)

    def body(builder, start, offset, stride, rows_, columns_):
        places = _places(builder, offset, stride, rows.count)
        numbers = [builder.load(builder.gep(start, [at])) for at in places]
        splats = [splat_of(builder, x, WIDE_LANES) for x in numbers]
        return [x for x in splats for _ in range(columns.count)]

    return kind(start, types.intp, types.intp, rows, columns), _operation(kind, body)


@intrinsic
def load_twice(typingctx, start, offset, stride, column):
    """Vector [r] has the eight numbers at start + offset + r stride, twice."""
    kind = _grid(start.dtype, column.count)

    def body(builder, start, offset, stride, column_):
        places = _places(builder, offset, stride, kind.count)
        eights = [load_at(builder, start, at, LANES) for at in places]
        return [shuffled(builder, a, None, [*range(LANES)] * 2) for a in eights]

    return kind(start, types.intp, types.intp, column), _operation(kind, body)


@intrinsic
def load_pairs(typingctx, start, offset, stride, column):
    """Vector [r] has the eight numbers at start + offset + 2 r stride, and those `stride` further."""
    kind = _grid(start.dtype, column.count)

    def body(builder, start, offset, stride, column_):
        places = _places(builder, offset, stride, 2 * kind.count)
        eights = [load_at(builder, start, at, LANES) for at in places]
        pairs = zip(eights[::2], eights[1::2], strict=True)
        return [shuffled(builder, a, b, range(WIDE_LANES)) for a, b in pairs]

    return kind(start, types.intp, types.intp, column), _operation(kind, body)


@intrinsic
def grid_halves(typingctx, grid):
    """The first eight lanes of every vector, and the last eight, as two grids."""
    kind = types.UniTuple(_grid(grid.dtype.lane, grid.count, LANES), 2)

    def codegen(context, builder, signature, args):
        pairs = [halves_of(builder, a) for a in cgutils.unpack_tuple(builder, args[0])]
        two = [context.make_tuple(builder, kind.dtype, list(g)) for g in zip(*pairs, strict=True)]
        return context.make_tuple(builder, kind, two)

    return kind(grid), codegen


@intrinsic
def side_by_side(typingctx, a, b):
    """The grid [r, 2] of two columns."""
    kind = types.UniTuple(a.dtype, 2 * a.count)

    def body(builder, a_, b_):
        return [x for pair in zip(a_, b_, strict=True) for x in pair]

    return kind(a, b), _operation(kind, body)


@intrinsic
def store_pairs(typingctx, start, first, stride, column):
    """Store sixteen samples of each row [r], from sample `first` on, as `dense.paired` writes them."""

    def body(builder, start, first, stride, vectors):
        places = _places(builder, builder.add(first, first), stride, column.count)
        for at, a, b in zip(places[::2], vectors[::2], vectors[1::2]):  # noqa: B905
            eights = zip(halves_of(builder, a), halves_of(builder, b), strict=True)
            for s, (low, high) in enumerate(eights):
                there = builder.add(at, ir.Constant(at.type, WIDE_LANES * s))
                store_at(builder, start, there, shuffled(builder, low, high, range(WIDE_LANES)))
        if column.count % 2 == 1:
            last = _places(builder, first, stride, column.count)[-1]
            store_at(builder, start, last, vectors[-1])

    return types.void(start, types.intp, types.intp, column), _operation(None, body)


@intrinsic
def add_grids(typingctx, a, b):
    """a + b"""

    def body(builder, a, b):
        return [builder.fadd(x, y) for x, y in zip(a, b, strict=True)]

    return a(a, b), _operation(a, body)


@intrinsic
def add_quarters(typingctx, start, offset, rows, grid):
    """Add the four eights of each row of a grid [r, 2] to the eight numbers at start + offset + 8 r.

    They are added to each other first: (first + second) + (third + fourth).
    """

    def body(builder, start, offset, rows_, vectors):
        places = _places(builder, offset, ir.Constant(offset.type, LANES), rows.count)
        for at, a, b in zip(places, vectors[::2], vectors[1::2], strict=True):
            two = [builder.fadd(*halves_of(builder, x)) for x in (a, b)]
            total = builder.fadd(load_at(builder, start, at, LANES), builder.fadd(*two))
            store_at(builder, start, at, total)

    return types.void(start, types.intp, rows, grid), _operation(None, body)


@intrinsic
def plus_outer(typingctx, grid, a, b):
    """grid [r, k] + a [r] b [k]"""

    def body(builder, grid_, a_, b_):
        pairs = [(x, y) for x in a_ for y in b_]
        return [_fma(builder, x, y, g) for (x, y), g in zip(pairs, grid_, strict=True)]

    return grid(grid, a, b), _operation(grid, body)


@intrinsic
def contract(typingctx, grid, a):
    """sum_r grid [r, k] a [r], [k]"""
    kind = types.UniTuple(grid.dtype, grid.count // a.count)

    def body(builder, grid_, a_):
        out = [builder.fmul(g, a_[0]) for g in grid_[: kind.count]]
        for r in range(1, a.count):
            row = grid_[r * kind.count : (r + 1) * kind.count]
            out = [_fma(builder, g, a_[r], o) for g, o in zip(row, out, strict=True)]
        return out

    return kind(grid, a), _operation(kind, body)


@intrinsic
def plus_contracted(typingctx, base, grid, a):
    """base [k] + sum_r grid [r, k] a [r]"""

    def body(builder, base_, grid_, a_):
        out = list(base_)
        for r in range(a.count):
            row = grid_[r * base.count : (r + 1) * base.count]
            out = [_fma(builder, g, a_[r], o) for g, o in zip(row, out, strict=True)]
        return out

    return base(base, grid, a), _operation(base, body)


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
            out = [_fma(builder, g, h_[k], o) for g, o in zip(column, out, strict=True)]
        return out

    return base(base, grid, h), _operation(base, body)


@intrinsic
def deltas(typingctx, y, x, scale):
    """scale (y - x) where y > 0, else 0."""

    def body(builder, *three):
        out = []
        for y_, x_, c in zip(*three, strict=True):
            value = builder.fmul(c, builder.fsub(y_, x_))
            out.append(_where_positive(builder, y_, value))
        return out

    return y(y, x, scale), _operation(y, body)


@intrinsic
def gaps(typingctx, y, x):
    """y - x where y > 0, else 0."""

    def body(builder, *two):
        pairs = zip(*two, strict=True)
        return [_where_positive(builder, y_, builder.fsub(y_, x_)) for y_, x_ in pairs]

    return y(y, x), _operation(y, body)


@intrinsic
def errors(typingctx, y, x, scale):
    """scale (y - x)"""

    def body(builder, *three):
        return [builder.fmul(c, builder.fsub(y_, x_)) for y_, x_, c in zip(*three, strict=True)]

    return y(y, x, scale), _operation(y, body)


@intrinsic
def plus_squares(typingctx, total, importance, r, x):
    """total + sum of importance (r - x)^2, eight lanes; the eights of the grids are taken in order."""

    def codegen(context, builder, signature, args):
        found, grids = args[0], (cgutils.unpack_tuple(builder, a) for a in args[1:])
        for c, r_, x_ in zip(*grids, strict=True):
            error = builder.fsub(r_, x_)
            eights = _eights(builder, builder.fmul(c, error)), _eights(builder, error)
            for weighted, plain in zip(*eights, strict=True):
                found = _fma(builder, weighted, plain, found)
        return found

    return total(total, importance, r, x), codegen


def _eights(builder, a):  # type: ignore[no-untyped-def]
    return [a] if a.type.count == LANES else halves_of(builder, a)
