"""Adam and AdamW on a flat vector of parameters."""

from superpos.numerics import simd as v
from superpos.numerics.compiled import part


@part
def step(P, M, V, G, size, rate, decay, beta1, beta2, eps, power1, power2):
    """Perform one step of Adam (Kingma and Ba 2015), after the weight decay P <- P - rate decay P (AdamW).

    M <- M + (1 - beta1)(G - M);  V <- V + (1 - beta2)(G^2 - V);
    P <- P - rate / (1 - beta1^t) M / (sqrt(V / (1 - beta2^t)) + eps); power1 is beta1^t, power2 beta2^t.
    """
    number = type(P[0])
    keep, new1, new2 = (
        v.splat(number(rate * decay)),
        v.splat(number(1 - beta1)),
        v.splat(number(1 - beta2)),
    )
    rate1, unbias = v.splat(number(rate / (1 - power1))), v.splat(number(1 / (1 - power2)))
    epsilon = v.splat(number(eps))
    for i in range(0, size, 8):
        g, m, s, p = v.load(G, i), v.load(M, i), v.load(V, i), v.load(P, i)
        m = v.fma(new1, v.sub(g, m), m)
        s = v.fma(new2, v.sub(v.mul(g, g), s), s)
        p = v.sub(p, v.mul(keep, p))
        p = v.sub(p, v.div(v.mul(rate1, m), v.add(v.sqrt(v.mul(s, unbias)), epsilon)))
        v.store(M, i, m)
        v.store(V, i, s)
        v.store(P, i, p)
