"""Helpers for operations on tuples of registers: lengths, types, and offsets in memory."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from superpos.numerics.simd.floats import llvm_intrinsic
from superpos.numerics.simd.target import WIDE
from superpos.numerics.simd.vectors import WIDE_LANES, Vector

ONE, TWO, FOUR = (0,), (0, 0), (0, 0, 0, 0)
"""The lengths of rows and columns."""

AT_ONCE = FOUR if WIDE else TWO
"""How many rows of a tile of 32 samples are computed at a time: as many as fit into registers."""


def row_type(lane: Any, eights: int) -> Any:
    """The type of a row."""
    wide = [Vector(lane, WIDE_LANES)] * (eights // 2)
    return types.BaseTuple.from_types(wide + [Vector(lane)] * (eights % 2))


def grid_type(lane: Any, count: int, lanes: int = WIDE_LANES) -> Any:
    return types.UniTuple(Vector(lane, lanes), count)


def operation_of(result, body):  # type: ignore[no-untyped-def]
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


def multiply_add(builder, a, b, c):  # type: ignore[no-untyped-def]
    return llvm_intrinsic(builder, "fma", [a, b, c])


def places_of(builder, offset, stride, count):  # type: ignore[no-untyped-def]
    """`count` offsets in memory: offset, offset + stride, and so on."""
    kind = offset.type
    return [builder.add(offset, builder.mul(stride, ir.Constant(kind, k))) for k in range(count)]


def grid_places(builder, offset, down, across, rows, columns):  # type: ignore[no-untyped-def]
    """The offset of each vector [r, k]: offset + r down + k across."""
    return [
        at
        for row in places_of(builder, offset, down, rows)
        for at in places_of(builder, row, across, columns)
    ]


def pieces_of(builder, offset, row):  # type: ignore[no-untyped-def]
    """Where each vector of a row begins."""
    begins, at = [], 0
    for vector in row.types:
        begins.append(builder.add(offset, ir.Constant(offset.type, at)))
        at += vector.count
    return begins
