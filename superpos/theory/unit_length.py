"""Samples of length 1: x = u / ‖u‖, the n features u_i each 0 with probability 1 - p, otherwise from U[0, 1].

Empty samples are drawn again. mu = E x_i is the mean of a feature; E x_i² is 1 / n.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from superpos.theory.overlaps import empty_chance

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


def gauss(
    nodes: int, high: float = 1.0
) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    """Gauss-Legendre nodes and weights on [0, high]."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    return high * (x + 1) / 2, high * weight / 2


def mean_length(n: int, p: float) -> float:
    """E ‖x‖_1 = n mu.

    1 / ‖u‖ is 2 / √π times the integral of exp(-t² ‖u‖²) over t > 0, in which the features are factors.
    """
    angle, weight = gauss(100, math.pi / 2)
    t = np.tan(angle)
    other = math.sqrt(math.pi) / 2 * np.array([math.erf(x) for x in t]) / t
    own = -np.expm1(-(t**2)) / (2 * t**2)
    along = own * (1 - p + p * other) ** (n - 1) / np.cos(angle) ** 2
    scale = 2 / math.sqrt(math.pi) * n * p / (1 - empty_chance(n, p))
    return float(scale * (weight * along).sum())


def mean_loss(n: int, p: float) -> float:
    """1 - n mu²: the loss of W = 0 and b = mu."""
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
    for few in range(FEW + 1):
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
