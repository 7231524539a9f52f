"""Which CPU kernels are compiled for, and whether it has registers of 512 bits."""

import functools

import llvmlite.binding as llvm
from numba.core.registry import cpu_target

_CODE = """
define void @double(ptr %x) {
  %a = load <16 x float>, ptr %x
  %b = fadd <16 x float> %a, %a
  store <16 x float> %b, ptr %x
  ret void
}
"""


@functools.cache
def is_wide() -> bool:
    """Whether the CPU that numba compiles for holds sixteen floats in one register.

    The compiler itself is asked, so this follows NUMBA_CPU_NAME and NUMBA_CPU_FEATURES.
    """
    triple, name, features = cpu_target.target_context.codegen().magic_tuple()
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=name, features=features)
    return "zmm" in machine.emit_assembly(llvm.parse_assembly(_CODE))


WIDE = is_wide()
"""Code for wide registers holds more sums at a time. No sum changes by it, and so no byte of a result."""
