"""Arithmetic of integer lanes: random words, and masks whose lanes are all ones or all zeros."""

from llvmlite import ir
from numba import types

from superpos.numerics.simd.vectors import LANES, Vector, intrinsic, lane_by_lane

both, either, differ, plus = (lane_by_lane(name) for name in ("and_", "or_", "xor", "add"))
"""Bitwise and, or, xor, and the sum, of integer lanes."""


@intrinsic
def product32(typingctx, a, b):
    """The 64-bit products of the low 32 bits of each lane of two uint64 vectors."""

    def codegen(context, builder, signature, args):
        low = ir.Constant(args[0].type, [2**32 - 1] * LANES)
        return builder.mul(*(builder.and_(x, low) for x in args))

    return a(a, a), codegen


@intrinsic
def high32(typingctx, a):
    """The high 32 bits of each lane of a uint64 vector, moved down."""

    def codegen(context, builder, signature, args):
        return builder.lshr(args[0], ir.Constant(args[0].type, [32] * LANES))

    return a(a), codegen


@intrinsic
def low_words(typingctx, a):
    """The low 32 bits of each lane of a uint64 vector, as uint32."""

    def codegen(context, builder, signature, args):
        return builder.trunc(args[0], ir.VectorType(ir.IntType(32), LANES))

    return Vector(types.uint32)(a), codegen


@intrinsic
def wide_words(typingctx, a):
    """uint32 lanes as uint64."""

    def codegen(context, builder, signature, args):
        return builder.zext(args[0], ir.VectorType(ir.IntType(64), LANES))

    return Vector(types.uint64)(a), codegen


@intrinsic
def half_to_float(typingctx, a):
    """floor(a / 2) of uint32 lanes as float32, rounded to nearest."""

    def codegen(context, builder, signature, args):
        half = builder.lshr(args[0], ir.Constant(args[0].type, [1] * LANES))
        return builder.sitofp(half, ir.VectorType(ir.FloatType(), LANES))

    return Vector(types.float32)(a), codegen


def _comparison(name, operator):
    @intrinsic
    def operation(typingctx, a, b):
        def codegen(context, builder, signature, args):
            return builder.sext(builder.icmp_unsigned(operator, *args), args[0].type)

        return a(a, b), codegen

    operation.__name__ = name
    return operation


at_most = _comparison("at_most", "<=")
"""Mask (all ones or zeros) of unsigned a <= b."""


equal = _comparison("equal", "==")
"""Mask of a == b."""


@intrinsic
def where(typingctx, mask, a, b):
    """a where the mask lane is all ones, b where it is all zeros; x86 reads only the lane's sign bit."""

    def codegen(context, builder, signature, args):
        on = builder.icmp_signed("<", args[0], ir.Constant(args[0].type, None))
        return builder.select(on, args[1], args[2])

    return a(mask, a, b), codegen
