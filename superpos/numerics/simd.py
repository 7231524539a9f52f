"""Vectors of eight lanes inside numba functions: explicit width, explicit fused multiply-add.

The compiler's own vectoriser chooses a width by CPU, and so the order of a sum. Here the width is
eight lanes everywhere, lowered to whatever registers the CPU has: the same bytes on every target.
Kernels take bare pointers, which carry no shape and no count of references: both cost as much as a
small model's arithmetic. Whoever makes a pointer keeps its array alive.
"""

from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils
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
    def __init__(self, manager, fe_type) -> None:  # type: ignore[no-untyped-def]
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


def vector_at(builder, start, offset):  # type: ignore[no-untyped-def]
    at = builder.gep(start, [offset])
    return builder.bitcast(at, ir.VectorType(start.type.pointee, LANES).as_pointer())


def splat_of(builder, value):  # type: ignore[no-untyped-def]
    kind = ir.VectorType(value.type, LANES)
    one = builder.insert_element(
        ir.Constant(kind, ir.Undefined), value, ir.Constant(ir.IntType(32), 0)
    )
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), mask)


def llvm(builder, name, lane, args):  # type: ignore[no-untyped-def]
    """Call LLVM's own intrinsic of that name on vectors."""
    kind = ir.FunctionType(args[0].type, [a.type for a in args])
    full = f"llvm.{name}.v{LANES}f{lane.bitwidth}"
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, full), args)


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
def fma(typingctx, a, b, c):
    """a b + c, rounded once."""

    def codegen(context, builder, signature, args):
        return llvm(builder, "fma", a.lane, args)

    return a(a, a, a), codegen


@intrinsic
def lanes(typingctx, kind):
    """0, 1, ..., 7 as uint64 (`kind` is any uint64)."""

    def codegen(context, builder, signature, args):
        return ir.Constant(ir.VectorType(ir.IntType(64), LANES), list(range(LANES)))

    return Vector(types.uint64)(kind), codegen


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


def _comparison(name, operator):  # type: ignore[no-untyped-def]
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
    """a where the mask, all ones or zeros, is set, else b: x86 blends by the sign."""

    def codegen(context, builder, signature, args):
        on = builder.icmp_signed("<", args[0], ir.Constant(args[0].type, None))
        return builder.select(on, args[1], args[2])

    return a(mask, a, b), codegen


def _binary(name):  # type: ignore[no-untyped-def]
    @intrinsic
    def operation(typingctx, a, b):
        def codegen(context, builder, signature, args):
            return getattr(builder, name)(*args)

        return a(a, a), codegen

    operation.__name__ = name
    return operation


add, sub, mul, div = (_binary(name) for name in ("fadd", "fsub", "fmul", "fdiv"))
both, either, differ, plus = (_binary(name) for name in ("and_", "or_", "xor", "add"))
"""Bitwise and, or, xor, and the sum, of integer lanes."""


@intrinsic
def sqrt(typingctx, a):
    """The correctly rounded square root of each lane."""

    def codegen(context, builder, signature, args):
        return llvm(builder, "sqrt", a.lane, args)

    return a(a), codegen


@intrinsic
def absolute(typingctx, a):
    """|a|"""

    def codegen(context, builder, signature, args):
        return llvm(builder, "fabs", a.lane, args[:1])

    return a(a), codegen


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
def minimum(typingctx, a, b):
    """The smaller of each lane, for numbers that are not NaN."""

    def codegen(context, builder, signature, args):
        return builder.select(builder.fcmp_ordered("<", *args), *args)

    return a(a, b), codegen


@intrinsic
def all_positive(typingctx, a):
    """Whether every lane is > 0."""

    def codegen(context, builder, signature, args):
        bits = builder.fcmp_ordered(">", args[0], ir.Constant(args[0].type, None))
        mask = builder.bitcast(bits, ir.IntType(LANES))
        return builder.icmp_unsigned("==", mask, ir.Constant(ir.IntType(LANES), 2**LANES - 1))

    return types.boolean(a), codegen


@intrinsic
def any_nonzero(typingctx, a):
    """Whether a lane is not 0."""

    def codegen(context, builder, signature, args):
        bits = builder.fcmp_unordered("!=", args[0], ir.Constant(args[0].type, None))
        mask = builder.bitcast(bits, ir.IntType(LANES))
        return builder.icmp_unsigned("!=", mask, ir.Constant(ir.IntType(LANES), 0))

    return types.boolean(a), codegen


@intrinsic
def nonzero_bits(typingctx, a):
    """Bit l of a uint64 is set where lane l is not 0."""

    def codegen(context, builder, signature, args):
        other = builder.fcmp_unordered("!=", args[0], ir.Constant(args[0].type, None))
        return _bits(builder, other)

    return types.uint64(a), codegen


@intrinsic
def total(typingctx, a):
    """Sum of the lanes, halves added to halves: ((0+4)+(2+6)) + ((1+5)+(3+7))."""

    def codegen(context, builder, signature, args):
        vector = args[0]
        for width in (4, 2, 1):
            undefined = ir.Constant(vector.type, ir.Undefined)
            mask = ir.VectorType(ir.IntType(32), width)
            low, high = (
                builder.shuffle_vector(
                    vector, undefined, ir.Constant(mask, list(range(s, s + width)))
                )
                for s in (0, width)
            )
            vector = builder.fadd(low, high)
        return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))

    return a.lane(a), codegen


def _bits(builder, condition):  # type: ignore[no-untyped-def]
    """Lane l of a comparison as bit l of a uint64."""
    return builder.zext(builder.bitcast(condition, ir.IntType(LANES)), ir.IntType(64))


@intrinsic
def positive_bits(typingctx, a):
    """Bit l of a uint64 is set where lane l > 0."""

    def codegen(context, builder, signature, args):
        positive = builder.fcmp_ordered(">", args[0], ir.Constant(args[0].type, None))
        return _bits(builder, positive)

    return types.uint64(a), codegen


@intrinsic
def mask_bits(typingctx, mask):
    """Bit l of a uint64 is set where lane l of an integer mask is."""

    def codegen(context, builder, signature, args):
        on = builder.icmp_unsigned("!=", args[0], ir.Constant(args[0].type, None))
        return _bits(builder, on)

    return types.uint64(mask), codegen


@intrinsic
def bytes_at_most(typingctx, words, limit):
    """Bit k of a uint64 is set where byte k of a vector of uint32 is at most `limit`, a uint32."""

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
