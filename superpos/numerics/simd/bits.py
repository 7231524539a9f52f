"""Which lanes fulfil a condition, as the bits of one uint64: bit l stands for lane l."""

from llvmlite import ir
from numba import types

from superpos.numerics.simd.vectors import LANES, intrinsic


def _bits(builder, condition):
    """Lane l of a comparison as bit l of a uint64."""
    return builder.zext(builder.bitcast(condition, ir.IntType(LANES)), ir.IntType(64))


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
    """A uint64 whose bit l is set if lane l of an integer mask is set."""

    def codegen(context, builder, signature, args):
        on = builder.icmp_unsigned("!=", args[0], ir.Constant(args[0].type, None))
        return _bits(builder, on)

    return types.uint64(mask), codegen


@intrinsic
def bytes_at_most(typingctx, words, limit):
    """A uint64 whose bit k is set if byte k of a vector of uint32 is at most `limit`, a uint32."""

    def codegen(context, builder, signature, args):
        each = ir.VectorType(ir.IntType(8), 4 * LANES)
        found = builder.bitcast(args[0], each)
        one = builder.insert_element(
            ir.Constant(each, ir.Undefined),
            builder.trunc(args[1], ir.IntType(8)),
            ir.Constant(ir.IntType(32), 0),
        )
        places = ir.Constant(ir.VectorType(ir.IntType(32), 4 * LANES), [0] * 4 * LANES)
        all_alike = builder.shuffle_vector(one, ir.Constant(each, ir.Undefined), places)
        mask = builder.icmp_unsigned("<=", found, all_alike)
        return builder.zext(builder.bitcast(mask, ir.IntType(32)), ir.IntType(64))

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
