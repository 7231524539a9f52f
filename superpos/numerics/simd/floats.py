"""Arithmetic of float lanes: each operation is rounded once, and sums of lanes have a fixed order."""

from llvmlite import ir
from numba import types
from numba.core import cgutils

from superpos.numerics.simd.vectors import intrinsic, lane_by_lane, shuffled


def llvm_intrinsic(builder, name, args):
    """Call LLVM's own intrinsic of that name on vectors."""
    vector = args[0].type
    kind = ir.FunctionType(vector, [a.type for a in args])
    full = f"llvm.{name}.v{vector.count}{vector.element.intrinsic_name}"
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, full), args)


add, sub, mul, div = (lane_by_lane(name) for name in ("fadd", "fsub", "fmul", "fdiv"))


@intrinsic
def fma(typingctx, a, b, c):
    """a b + c, rounded once."""

    def codegen(context, builder, signature, args):
        return llvm_intrinsic(builder, "fma", args)

    return a(a, a, a), codegen


@intrinsic
def sqrt(typingctx, a):
    """The correctly rounded square root of each lane."""

    def codegen(context, builder, signature, args):
        return llvm_intrinsic(builder, "sqrt", args)

    return a(a), codegen


@intrinsic
def minimum(typingctx, a, b):
    """The lane-wise minimum, for numbers that are not NaN."""

    def codegen(context, builder, signature, args):
        return builder.select(builder.fcmp_ordered("<", *args), *args)

    return a(a, b), codegen


@intrinsic
def where_positive(typingctx, condition, value):
    """value where condition > 0, else 0."""

    def codegen(context, builder, signature, args):
        zero = ir.Constant(args[0].type, None)
        positive = builder.fcmp_ordered(">", args[0], zero)
        return builder.select(positive, args[1], ir.Constant(args[1].type, None))

    return value(condition, value), codegen


@intrinsic
def unless_positive(typingctx, condition, value):
    """value where condition <= 0, else 0."""

    def codegen(context, builder, signature, args):
        zero = ir.Constant(args[0].type, None)
        positive = builder.fcmp_ordered(">", args[0], zero)
        return builder.select(positive, ir.Constant(args[1].type, None), args[1])

    return value(condition, value), codegen


@intrinsic
def all_positive(typingctx, a):
    """Whether every lane is > 0."""

    def codegen(context, builder, signature, args):
        bits = builder.fcmp_ordered(">", args[0], ir.Constant(args[0].type, None))
        whole = ir.IntType(a.count)
        return builder.icmp_unsigned("==", builder.bitcast(bits, whole), ir.Constant(whole, -1))

    return types.boolean(a), codegen


@intrinsic
def lane_sum(typingctx, a):
    """Sum of eight lanes, halves added to halves: ((0+4)+(2+6)) + ((1+5)+(3+7))."""

    def codegen(context, builder, signature, args):
        vector = args[0]
        for width in (4, 2, 1):
            low, high = (shuffled(builder, vector, None, range(s, s + width)) for s in (0, width))
            vector = builder.fadd(low, high)
        return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))

    return a.lane(a), codegen
