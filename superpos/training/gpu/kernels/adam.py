"""Adam and AdamW on a tensor of parameters."""

import triton
import triton.language as tl


@triton.jit
def moved(p, mean, square, g, rate, decay, unbias1, unbias2, job: tl.constexpr):
    """p, M and V after one step with the gradient g, as in `superpos.training.kernels.adam`.

    unbias1 is 1 / (1 - beta1^t), unbias2 is 1 / (1 - beta2^t).
    """
    mean += job.new1 * (g - mean)
    square += job.new2 * (g * g - square)
    p -= rate * decay * p
    denominator = tl.sqrt_rn(square * unbias2) + job.eps
    return p - tl.div_rn(rate * unbias1 * mean, denominator), mean, square
