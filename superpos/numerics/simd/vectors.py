"""The type of a vector, and how vectors are loaded from memory, stored, and made of other values."""

from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.core.errors import TypingError
from numba.extending import models, register_model

LANES = 8
"""The lanes of a vector unless it is called wide, and the partial sums of every sum over samples."""
WIDE_LANES = 16


intrinsic: Any = extending.intrinsic


class Vector(types.Type):
    """Eight or sixteen lanes of one numba scalar type."""

    def __init__(self, lane: types.Type, count: int = LANES) -> None:
        self.lane, self.count = lane, count
        super().__init__(name=f"Vector({lane}, {count})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, fe_type) -> None:
        lane = manager.lookup(fe_type.lane).get_value_type()
        super().__init__(manager, fe_type, ir.VectorType(lane, fe_type.count))


@intrinsic
def pointer(typingctx, array):
    """The address of a contiguous array's first element; `pointer[i]` reads and writes."""

    def codegen(context, builder, signature, args):
        return context.make_array(signature.args[0])(context, builder, args[0]).data

    return types.CPointer(array.dtype)(array), codegen


@intrinsic
def shift(typingctx, start, elements):
    """The pointer advanced by that many `elements`."""

    def codegen(context, builder, signature, args):
        return builder.gep(args[0], [args[1]])

    return start(start, types.intp), codegen


def _load(count):
    @intrinsic
    def operation(typingctx, start, offset):
        def codegen(context, builder, signature, args):
            return load_at(builder, *args, count)

        return Vector(start.dtype, count)(start, types.intp), codegen

    return operation


load, load_wide = _load(LANES), _load(WIDE_LANES)
"""start[offset : offset + 8], and start[offset : offset + 16]."""


@intrinsic
def load_like(typingctx, like, start, offset):
    """Load as many lanes as the vector `like` has."""

    def codegen(context, builder, signature, args):
        return load_at(builder, *args[1:], like.count)

    return like(like, start, types.intp), codegen


@intrinsic
def store(typingctx, start, offset, vector):
    """start[offset : offset + lanes] = vector"""

    def codegen(context, builder, signature, args):
        store_at(builder, *args)
        return context.get_dummy_value()

    return types.void(start, types.intp, vector), codegen


def _splat(count):
    @intrinsic
    def operation(typingctx, value):
        def codegen(context, builder, signature, args):
            return splat_of(builder, args[0], count)

        return Vector(value, count)(value), codegen

    return operation


splat, splat_wide = _splat(LANES), _splat(WIDE_LANES)
"""The same number in every lane, of eight and of sixteen."""


@intrinsic
def splat_like(typingctx, like, value):
    """The same number in as many lanes as the vector `like` has."""

    def codegen(context, builder, signature, args):
        return splat_of(builder, args[1], like.count)

    return like(like, like.lane), codegen


@intrinsic
def join(typingctx, low, high):
    """The eight lanes of one vector, and then those of the other."""
    if low != high or low.count != LANES:
        raise TypingError("join takes two vectors of eight lanes")

    def codegen(context, builder, signature, args):
        return shuffled(builder, *args, list(range(WIDE_LANES)))

    return Vector(low.lane, WIDE_LANES)(low, high), codegen


@intrinsic
def halves(typingctx, wide):
    """The first eight lanes of sixteen, and the last eight."""

    def codegen(context, builder, signature, args):
        return context.make_tuple(builder, signature.return_type, halves_of(builder, args[0]))

    return types.UniTuple(Vector(wide.lane), 2)(wide), codegen


@intrinsic
def lanes(typingctx, kind):
    """0, 1, ..., 7 as uint64 (`kind` is any uint64)."""

    def codegen(context, builder, signature, args):
        return ir.Constant(ir.VectorType(ir.IntType(64), LANES), list(range(LANES)))

    return Vector(types.uint64)(kind), codegen


def shuffled(builder, a, b, places):
    """The lanes of a followed by b at the given places."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(places)), list(places))
    return builder.shuffle_vector(a, ir.Constant(a.type, ir.Undefined) if b is None else b, mask)


def halves_of(builder, wide):
    return [shuffled(builder, wide, None, range(s, s + LANES)) for s in range(0, WIDE_LANES, LANES)]


def _vector_at(builder, start, offset, count):
    at = builder.gep(start, [offset])
    return builder.bitcast(at, ir.VectorType(start.type.pointee, count).as_pointer())


def _bytes(lane):
    """The size of a lane in bytes."""
    return {"half": 2, "float": 4, "double": 8}.get(str(lane)) or lane.width // 8


def load_at(builder, start, offset, count):
    """Load `count` lanes from start + offset."""
    where = _vector_at(builder, start, offset, count)
    return builder.load(where, align=_bytes(start.type.pointee))


def store_at(builder, start, offset, vector):
    """Store a vector at start + offset."""
    where = _vector_at(builder, start, offset, vector.type.count)
    builder.store(vector, where, align=_bytes(start.type.pointee))


def splat_of(builder, value, count):
    kind = ir.VectorType(value.type, count)
    undefined = ir.Constant(kind, ir.Undefined)
    one = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return shuffled(builder, one, None, [0] * count)


def lane_by_lane(name):
    """An intrinsic that applies LLVM's instruction of that name to two vectors."""

    @intrinsic
    def operation(typingctx, a, b):
        def codegen(context, builder, signature, args):
            return getattr(builder, name)(*args)

        return a(a, b), codegen

    operation.__name__ = name
    return operation
