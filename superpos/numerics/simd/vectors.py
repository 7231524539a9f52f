"""The type of a vector, and how vectors are loaded from memory, stored, and made of one number."""

from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.extending import models, register_model

LANES = 8


intrinsic: Any = extending.intrinsic


class Vector(types.Type):
    """Eight lanes of one numba scalar type."""

    def __init__(self, lane: types.Type) -> None:
        self.lane = lane
        super().__init__(name=f"Vector({lane})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, fe_type) -> None:
        lane = manager.lookup(fe_type.lane).get_value_type()
        super().__init__(manager, fe_type, ir.VectorType(lane, LANES))


@intrinsic
def pointer(typingctx, array):
    """The address of a contiguous array's first element; `pointer[i]` reads and writes."""

    def codegen(context, builder, signature, args):
        return context.make_array(signature.args[0])(context, builder, args[0]).data

    return types.CPointer(array.dtype)(array), codegen


@intrinsic
def shift(typingctx, start, elements):
    """The pointer `elements` further."""

    def codegen(context, builder, signature, args):
        return builder.gep(args[0], [args[1]])

    return start(start, types.intp), codegen


@intrinsic
def load(typingctx, start, offset):
    """start[offset : offset + 8]"""

    def codegen(context, builder, signature, args):
        return builder.load(vector_at(builder, *args), align=start.dtype.bitwidth // 8)

    return Vector(start.dtype)(start, types.intp), codegen


@intrinsic
def store(typingctx, start, offset, vector):
    """start[offset : offset + 8] = vector"""

    def codegen(context, builder, signature, args):
        builder.store(args[2], vector_at(builder, *args[:2]), align=start.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(start, types.intp, vector), codegen


@intrinsic
def splat(typingctx, value):
    """The same number in every lane."""

    def codegen(context, builder, signature, args):
        return splat_of(builder, args[0])

    return Vector(value)(value), codegen


@intrinsic
def lanes(typingctx, kind):
    """0, 1, ..., 7 as uint64 (`kind` is any uint64)."""

    def codegen(context, builder, signature, args):
        return ir.Constant(ir.VectorType(ir.IntType(64), LANES), list(range(LANES)))

    return Vector(types.uint64)(kind), codegen


def vector_at(builder, start, offset):
    at = builder.gep(start, [offset])
    return builder.bitcast(at, ir.VectorType(start.type.pointee, LANES).as_pointer())


def splat_of(builder, value):
    kind = ir.VectorType(value.type, LANES)
    one = builder.insert_element(
        ir.Constant(kind, ir.Undefined), value, ir.Constant(ir.IntType(32), 0)
    )
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), mask)


def lane_by_lane(name):
    """An intrinsic that applies LLVM's instruction of that name to two vectors."""

    @intrinsic
    def operation(typingctx, a, b):
        def codegen(context, builder, signature, args):
            return getattr(builder, name)(*args)

        return a(a, a), codegen

    operation.__name__ = name
    return operation
