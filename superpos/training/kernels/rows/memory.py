"""Load rows and grids from memory, store them, and make them from single numbers."""

from llvmlite import ir
from numba import types
from numba.core import cgutils

from superpos.numerics.simd.vectors import (
    LANES,
    WIDE_LANES,
    halves_of,
    intrinsic,
    load_at,
    shuffled,
    splat_of,
    store_at,
)
from superpos.training.kernels.rows.tuples import (
    grid_places,
    grid_type,
    operation_of,
    pieces_of,
    places_of,
    row_type,
)


@intrinsic
def zero_row(typingctx, row):
    """A row of zeros."""
    kind = row_type(row.dtype, row.count)

    def codegen(context, builder, signature, args):
        return context.get_constant_null(kind)

    return kind(row), codegen


@intrinsic
def load_row(typingctx, start, offset, row):
    """The row at start + offset."""
    kind = row_type(start.dtype, row.count)

    def body(builder, start, offset, row):
        begins = zip(pieces_of(builder, offset, kind), kind.types, strict=True)
        return [load_at(builder, start, at, vector.count) for at, vector in begins]

    return kind(start, types.intp, row), operation_of(kind, body)


@intrinsic
def store_row(typingctx, start, offset, row):
    """Store a row at start + offset."""

    def body(builder, start, offset, vectors):
        for at, vector in zip(pieces_of(builder, offset, row), vectors, strict=True):
            store_at(builder, start, at, vector)

    return types.void(start, types.intp, row), operation_of(None, body)


@intrinsic
def zero_grid(typingctx, start, rows, columns):
    """A grid of zeros, of the type of the numbers at `start`."""
    kind = grid_type(start.dtype, rows.count * columns.count)

    def codegen(context, builder, signature, args):
        return context.get_constant_null(kind)

    return kind(start, rows, columns), codegen


def _load_grid(lanes):
    @intrinsic
    def operation(typingctx, start, offset, down, across, rows, columns):
        kind = grid_type(start.dtype, rows.count * columns.count, lanes)

        def body(builder, start, offset, down, across, rows_, columns_):
            places = grid_places(builder, offset, down, across, rows.count, columns.count)
            return [load_at(builder, start, at, lanes) for at in places]

        kinds = start, types.intp, types.intp, types.intp, rows, columns
        return kind(*kinds), operation_of(kind, body)

    return operation


load_grid, load_narrow_grid = _load_grid(WIDE_LANES), _load_grid(LANES)
"""Load vector [r, k], of sixteen or eight lanes, from start + offset + r down + k across."""


@intrinsic
def store_grid(typingctx, start, offset, down, across, rows, grid):
    """Store vector [r, k] of a grid, which has as many rows as `rows`, at the place of `load_grid`."""

    def body(builder, start, offset, down, across, _, vectors):
        shape = rows.count, grid.count // rows.count
        places = grid_places(builder, offset, down, across, *shape)
        for at, vector in zip(places, vectors, strict=True):
            store_at(builder, start, at, vector)

    kinds = start, types.intp, types.intp, types.intp, rows, grid
    return types.void(*kinds), operation_of(None, body)


@intrinsic
def splat_grid(typingctx, start, offset, stride, rows, columns):
    """A grid whose vector [r, k] has the number at start + offset + r stride in every lane."""
    kind = grid_type(start.dtype, rows.count * columns.count)

    def body(builder, start, offset, stride, rows_, columns_):
        places = places_of(builder, offset, stride, rows.count)
        numbers = [builder.load(builder.gep(start, [at])) for at in places]
        splats = [splat_of(builder, x, WIDE_LANES) for x in numbers]
        return [x for x in splats for _ in range(columns.count)]

    return kind(start, types.intp, types.intp, rows, columns), operation_of(kind, body)


@intrinsic
def load_twice(typingctx, start, offset, stride, column):
    """A column whose vector [r] has the eight numbers at start + offset + r stride twice."""
    kind = grid_type(start.dtype, column.count)

    def body(builder, start, offset, stride, column_):
        places = places_of(builder, offset, stride, kind.count)
        eights = [load_at(builder, start, at, LANES) for at in places]
        return [shuffled(builder, a, None, [*range(LANES)] * 2) for a in eights]

    return kind(start, types.intp, types.intp, column), operation_of(kind, body)


@intrinsic
def load_pairs(typingctx, start, offset, stride, column):
    """A column whose vector [r] has the eight numbers at start + offset + 2 r stride, and those `stride`
    later."""
    kind = grid_type(start.dtype, column.count)

    def body(builder, start, offset, stride, column_):
        places = places_of(builder, offset, stride, 2 * kind.count)
        eights = [load_at(builder, start, at, LANES) for at in places]
        pairs = zip(eights[::2], eights[1::2], strict=True)
        return [shuffled(builder, a, b, range(WIDE_LANES)) for a, b in pairs]

    return kind(start, types.intp, types.intp, column), operation_of(kind, body)


@intrinsic
def grid_halves(typingctx, grid):
    """The first eight lanes of every vector, and the last eight, as two grids."""
    kind = types.UniTuple(grid_type(grid.dtype.lane, grid.count, LANES), 2)

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

    return kind(a, b), operation_of(kind, body)


@intrinsic
def store_pairs(typingctx, start, first, stride, column):
    """Store sixteen samples of each row [r], from sample `first` on, as `products.paired` writes them."""

    def body(builder, start, first, stride, vectors):
        places = places_of(builder, builder.add(first, first), stride, column.count)
        for at, a, b in zip(places[::2], vectors[::2], vectors[1::2]):  # noqa: B905
            eights = zip(halves_of(builder, a), halves_of(builder, b), strict=True)
            for s, (low, high) in enumerate(eights):
                there = builder.add(at, ir.Constant(at.type, WIDE_LANES * s))
                store_at(builder, start, there, shuffled(builder, low, high, range(WIDE_LANES)))
        if column.count % 2 == 1:
            last = places_of(builder, first, stride, column.count)[-1]
            store_at(builder, start, last, vectors[-1])

    return types.void(start, types.intp, types.intp, column), operation_of(None, body)


@intrinsic
def add_quarters(typingctx, start, offset, rows, grid):
    """Add the four eights of each row of a grid [r, 2] to the eight numbers at start + offset + 8 r.

    They are added to each other first: (first + second) + (third + fourth).
    """

    def body(builder, start, offset, rows_, vectors):
        places = places_of(builder, offset, ir.Constant(offset.type, LANES), rows.count)
        for at, a, b in zip(places, vectors[::2], vectors[1::2], strict=True):
            two = [builder.fadd(*halves_of(builder, x)) for x in (a, b)]
            total = builder.fadd(load_at(builder, start, at, LANES), builder.fadd(*two))
            store_at(builder, start, at, total)

    return types.void(start, types.intp, rows, grid), operation_of(None, body)
