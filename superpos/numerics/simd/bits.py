"""Bit masks of the lanes that satisfy a condition: bit l of a uint64 stands for lane l."""

from llvmlite import ir
from numba import types

from superpos.numerics.simd.vectors import LANES, intrinsic, splat_of
from superpos.numerics.simd.words import condition_of


def _bits(builder, condition):
    """Lane l of a comparison as bit l of a uint64."""
    bits = builder.bitcast(condition, ir.IntType(condition.type.count))
    return builder.zext(bits, ir.IntType(64))


@intrinsic
def positive_bits(typingctx, a):
    """A uint64 whose bit l is set if lane l > 0."""

    def codegen(context, builder, signature, args):
        positive = builder.fcmp_ordered(">", args[0], ir.Constant(args[0].type, None))
        return _bits(builder, positive)

    return types.uint64(a), codegen


@intrinsic
def nonzero_bits(typingctx, a):
    """A uint64 whose bit l is set if lane l is not 0."""

    def codegen(context, builder, signature, args):
        other = builder.fcmp_unordered("!=", args[0], ir.Constant(args[0].type, None))
        return _bits(builder, other)

    return types.uint64(a), codegen


@intrinsic
def mask_bits(typingctx, mask):
    """A uint64 whose bit l is set if lane l of a mask is set."""

    def codegen(context, builder, signature, args):
        return _bits(builder, condition_of(builder, args[0]))

    return types.uint64(mask), codegen


@intrinsic
def bytes_at_most(typingctx, words, limit):
    """A uint64 whose bit k is set if byte k of a vector of uint32 is at most `limit`, a uint32."""

    def codegen(context, builder, signature, args):
        limit_ = splat_of(builder, builder.trunc(args[1], ir.IntType(8)), 4 * LANES)
        found = builder.bitcast(args[0], limit_.type)
        return _bits(builder, builder.icmp_unsigned("<=", found, limit_))

    return types.uint64(words, types.uint32), codegen


@intrinsic
def lowest(typingctx, bits):
    """The place of the lowest bit that is set in a uint64 other than 0."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.intp(bits), codegen


@intrinsic
def count_bits(typingctx, bits):
    """How many bits of a uint64 are set."""

    def codegen(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.intp(bits), codegen
