"""Adam and AdamW on a tensor of parameters."""

import triton
import triton.language as tl


@triton.jit
def moved(p, mean, square, g, rate, decay, unbias1, unbias2, job: tl.constexpr):
    """p, M and V after a step along the gradient g, as in `superpos.training.kernels.adam`.

    unbias1 is 1 / (1 - beta1^t), unbias2 is 1 / (1 - beta2^t).
    """
    mean += job.new1 * (g - mean)
    square += job.new2 * (g * g - square)
    p -= rate * decay * p
    denominator = tl.sqrt_rn(square * unbias2) + job.eps
    return p - tl.div_rn(rate * unbias1 * mean, denominator), mean, square


@triton.jit
def step(p_at, moments_at, g, inside, rate, decay, unbias1, unbias2, size: tl.constexpr, job: tl.constexpr):
    """The same for parameters in memory, whose M and V stand at `moments_at` and `size` further."""
    p = tl.load(p_at, inside, 0.0)
    mean, square = tl.load(moments_at, inside, 0.0), tl.load(moments_at + size, inside, 0.0)
    p, mean, square = moved(p, mean, square, g, rate, decay, unbias1, unbias2, job)
    tl.store(p_at, p, inside)
    tl.store(moments_at, mean, inside)
    tl.store(moments_at + size, square, inside)
