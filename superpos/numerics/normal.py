"""The normal quantile function in basic arithmetic, so that its bits are the same everywhere.

The `log` of libraries differs in the last bit between machines. Here only + - * / sqrt and frexp are
used; IEEE 754 defines their results exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

_SQRT_HALF = 0.7071067811865476
_LN2 = 0.6931471805599453

# Wichura, "Algorithm AS 241: the percentage points of the normal distribution" (1988), PPND16.
_CENTRE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
_MIDDLE = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
     1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
     4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
     0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
     2.05319162663775882187, 1.0),
)  # fmt: skip
_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
     0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
     5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
     7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
     0.59983220655588793769, 1.0),
)  # fmt: skip


def log(x: Float[np.ndarray, "*axes"]) -> Float64[np.ndarray, "*axes"]:
    """ln x for x > 0: with x = f 2^e, ln f = 2 artanh((f - 1) / (f + 1)), which is summed as a series."""
    fraction, exponent = np.frexp(x)
    low = fraction < _SQRT_HALF
    fraction, exponent = np.where(low, 2 * fraction, fraction), exponent - low
    t = (fraction - 1) / (fraction + 1)
    series = np.zeros_like(t)
    for k in range(21, 0, -2):
        series = series * (t * t) + 1.0 / k
    logarithm: np.ndarray = 2 * t * series + exponent * _LN2
    return logarithm


def normal_quantile(u: Float[np.ndarray, "*axes"]) -> Float64[np.ndarray, "*axes"]:
    """The z with Phi(z) = u, for u in (0, 1), to about 1e-15 (AS 241)."""
    u = np.asarray(u, np.float64)
    q = u - 0.5
    r = np.sqrt(-log(np.minimum(u, 1 - u)))
    centre = q * _ratio(_CENTRE, 0.180625 - q * q)
    tail = np.where(r <= 5, _ratio(_MIDDLE, r - 1.6), _ratio(_TAIL, r - 5))
    return np.where(np.abs(q) <= 0.425, centre, np.where(q < 0, -tail, tail))


def _ratio(coefficients: tuple[tuple[float, ...], ...], r: np.ndarray) -> np.ndarray:
    """The ratio of two polynomials in r."""
    numerator, denominator = (_polynomial(c, r) for c in coefficients)
    ratio: np.ndarray = numerator / denominator
    return ratio


def _polynomial(coefficients: tuple[float, ...], r: np.ndarray) -> np.ndarray:
    """A polynomial in r by Horner's rule, with the coefficient of the highest power first."""
    total = np.full_like(r, coefficients[0])
    for c in coefficients[1:]:
        total = total * r + c
    return total
