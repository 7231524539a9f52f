"""Arithmetic on integer lanes: random words, and masks of the lanes that satisfy a condition."""

from llvmlite import ir
from numba import types
from numba.extending import models, register_model

from superpos.numerics.simd.target import WIDE
from superpos.numerics.simd.vectors import (
    WIDE_LANES,
    Vector,
    intrinsic,
    lane_by_lane,
    shuffled,
    splat_of,
)

both, either, differ, plus = (lane_by_lane(name) for name in ("and_", "or_", "xor", "add"))
"""Bitwise and, or, xor, and the sum, of integer lanes; the first two also of masks."""


class Mask(types.Type):
    """A mask of those of eight or sixteen lanes that satisfy a condition."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(name=f"Mask({count})")


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    """CPUs with wide registers have mask registers of single bits; on other CPUs a mask fills whole lanes."""

    def __init__(self, manager, fe_type) -> None:
        bits = ir.IntType(1 if WIDE else 32)
        super().__init__(manager, fe_type, ir.VectorType(bits, fe_type.count))


def _mask_of(builder, condition):
    whole = ir.VectorType(ir.IntType(32), condition.type.count)
    return condition if WIDE else builder.sext(condition, whole)


def condition_of(builder, mask):
    """A mask as a vector of single bits; x86 reads only the sign bits of whole lanes."""
    return mask if WIDE else builder.icmp_signed("<", mask, ir.Constant(mask.type, None))


@intrinsic
def no_lanes(typingctx, like):
    """A mask with no lane set, of as many lanes as the vector `like` has."""

    def codegen(context, builder, signature, args):
        return context.get_constant_null(signature.return_type)

    return Mask(like.count)(like), codegen


@intrinsic
def product32(typingctx, a, b):
    """The 64-bit products of the low 32 bits of each lane of two uint64 vectors."""

    def codegen(context, builder, signature, args):
        low = splat_of(builder, ir.Constant(ir.IntType(64), 2**32 - 1), a.count)
        return builder.mul(*(builder.and_(x, low) for x in args))

    return a(a, a), codegen


def _half(builder, count):
    return ir.Constant(ir.VectorType(ir.IntType(64), count), [32] * count)


@intrinsic
def high32(typingctx, a):
    """The high 32 bits of each lane of a uint64 vector, shifted down."""

    def codegen(context, builder, signature, args):
        return builder.lshr(args[0], _half(builder, a.count))

    return a(a), codegen


@intrinsic
def low_words(typingctx, a, b):
    """The low 32 bits of each lane of two vectors of eight uint64, as sixteen uint32."""
    kind = Vector(types.uint32, WIDE_LANES)

    def codegen(context, builder, signature, args):
        words = (builder.bitcast(x, ir.VectorType(ir.IntType(32), WIDE_LANES)) for x in args)
        return shuffled(builder, *words, range(0, 2 * WIDE_LANES, 2))

    return kind(a, b), codegen


@intrinsic
def scaled(typingctx, words, count):
    """floor(word count / 2^32) for each uint32 lane; count is a uint64 below 2^32."""

    def codegen(context, builder, signature, args):
        wide = builder.zext(args[0], ir.VectorType(ir.IntType(64), words.count))
        product = builder.mul(wide, splat_of(builder, args[1], words.count))
        return builder.trunc(builder.lshr(product, _half(builder, words.count)), args[0].type)

    return words(words, types.uint64), codegen


@intrinsic
def half_to_float(typingctx, a):
    """floor(a / 2) of uint32 lanes as float32, rounded to nearest."""

    def codegen(context, builder, signature, args):
        half = builder.lshr(args[0], ir.Constant(args[0].type, [1] * a.count))
        return builder.sitofp(half, ir.VectorType(ir.FloatType(), a.count))

    return Vector(types.float32, a.count)(a), codegen


def _comparison(name, operator):
    @intrinsic
    def operation(typingctx, a, b):
        def codegen(context, builder, signature, args):
            return _mask_of(builder, builder.icmp_unsigned(operator, *args))

        return Mask(a.count)(a, b), codegen

    operation.__name__ = name
    return operation


at_most = _comparison("at_most", "<=")
"""Mask of unsigned a <= b."""


equal = _comparison("equal", "==")
"""Mask of a == b."""


@intrinsic
def where(typingctx, mask, a, b):
    """a where the mask is set, b elsewhere."""

    def codegen(context, builder, signature, args):
        return builder.select(condition_of(builder, args[0]), args[1], args[2])

    return a(mask, a, b), codegen
