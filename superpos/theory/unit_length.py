"""Samples of length 1: x = u / ‖u‖, the n features u_i each 0 with probability 1 - p, otherwise from U[0, 1].

Empty samples are drawn again. mu = E x_i is the mean of a feature; E x_i² is 1 / n.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from superpos.theory.overlaps import filled_chance, refuse_empty

if TYPE_CHECKING:
    from jaxtyping import Float

CELLS = 200
"""Cells of the lattice for a sum of squares, in each unit of it; an even number."""
LARGEST = 16
"""The lattice's end. At n p = 10, whose mean is 3.3, the chance of a larger sum is below 1e-10."""
FEW = 3
"""Sums of up to this many squares are integrated, not put on the lattice: the root is not smooth at 0."""
LONGEST = 4
"""The root of `LARGEST`."""
ANGLES = 100
"""Nodes for `mean_length`, which give it to 13 digits from n p = 0 to 1e7."""
TERMS = 19
"""Terms of the series of E exp(-t² u²), of which the next one at t = 1 is below 1e-19."""


def gauss(
    nodes: int, high: float = 1.0
) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    """Gauss-Legendre nodes and weights on [0, high]."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    return high * (x + 1) / 2, high * weight / 2


def mean_length(n: int, p: float) -> float:
    """E ‖x‖_1 = n mu.

    1 / ‖u‖ is 2 / √π times the integral of exp(-t² ‖u‖²) over t > 0, in which the features are factors. As
    ‖u‖² is about n p / 3, the integrand falls at a t of about `width`, and t / width = tan(angle) has nodes
    there for any n p. Raises a ValueError if all samples are empty.
    """
    refuse_empty(n, p)
    angle, weight = gauss(ANGLES, math.pi / 2)
    width = 1 / math.sqrt(1 + n * p / 3)
    t = width * np.tan(angle)
    own = -np.expm1(-(t**2)) / (2 * t**2)
    others = np.exp((n - 1) * np.log1p(p * _shrunk(t)))
    scale = 2 / math.sqrt(math.pi) * width * n * (p / filled_chance(n, p))
    return float(scale * (weight * own * others / np.cos(angle) ** 2).sum())


def _shrunk(t: np.ndarray) -> np.ndarray:
    """E exp(-t² u²) - 1 = √π erf(t) / (2 t) - 1, by its series below t = 1, where the difference cancels."""
    k, near = np.arange(1, TERMS + 1), np.minimum(t, 1)[:, None]
    factorials = np.array([math.factorial(int(j)) for j in k], float)
    series = ((-(near**2)) ** k / (factorials * (2 * k + 1))).sum(1)
    erf = np.array([math.erf(x) for x in t])
    return np.asarray(np.where(t < 1, series, math.sqrt(math.pi) / 2 * erf / t - 1))


def mean_loss(n: int, p: float) -> float:
    """1 - n mu²: the loss of W = 0 and b = mu. Raises a ValueError if all samples are empty."""
    return 1 - mean_length(n, p) ** 2 / n


@functools.cache
def norms(
    n: int, p: float, cells: int
) -> tuple[Float[np.ndarray, " node"], Float[np.ndarray, " node"]]:
    """Nodes and weights for the distribution of ‖u‖, where u may be empty.

    The fine distribution is divided into cells (0 is separate), and each cell is replaced by two nodes with
    the same mean and variance.
    """
    norm, weight = _fine_norms(n, p)
    cell = np.ceil(norm / LONGEST * cells).astype(int)
    mass = np.bincount(cell, weight)
    some = mass > 1e-15
    mean = np.bincount(cell, weight * norm)[some] / mass[some]
    square = np.bincount(cell, weight * norm**2)[some] / mass[some]
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    return np.r_[mean - spread, mean + spread], np.tile(mass[some] / 2, 2)


@functools.cache
def _fine_norms(n: int, p: float) -> tuple[np.ndarray, np.ndarray]:
    """The fine distribution: by integration over the values for few features, by convolution on a lattice
    for more."""
    step = np.fft.rfft(_square_law())
    law = (1 - p + p * step) ** n
    node, share = gauss(12)
    squares, shares, parts = np.zeros(1), np.ones(1), []
    for few in range(min(FEW, n) + 1):
        chance = math.comb(n, few) * p**few * (1 - p) ** (n - few)
        law = law - chance * step**few
        parts.append((squares, chance * shares))
        squares = (squares[:, None] + node**2).ravel()
        shares = (shares[:, None] * share).ravel()
    parts.append((np.arange(LARGEST * CELLS) / CELLS, np.fft.irfft(law, LARGEST * CELLS)))
    squares, shares = (np.concatenate(each) for each in zip(*parts, strict=True))
    return np.sqrt(squares), shares


def _square_law() -> np.ndarray:
    """The distribution of the square of one value on the lattice, exact for parabolas on each pair of
    cells."""
    law, left = np.zeros(LARGEST * CELLS), np.arange(0, CELLS, 2)
    a, b = left / CELLS, (left + 2) / CELLS
    mass, first, second = ((b ** (q + 0.5) - a ** (q + 0.5)) / (2 * q + 1) for q in range(3))
    second = (second - 2 * a * first + a**2 * mass) * CELLS**2
    first = (first - a * mass) * CELLS
    law[left] += (second - 3 * first + 2 * mass) / 2
    law[left + 1] += 2 * first - second
    law[left + 2] += (second - first) / 2
    return law
