"""Weights of named arrangements of features: regular polygons and prisms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float


def regular_polygon(k: int, norm: float = 1.0) -> Float[np.ndarray, "{k} 2"]:
    """W of k features at equal angles in the plane."""
    angle = 2 * np.pi * np.arange(k) / k
    return norm * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def prism(angle: float) -> Float[np.ndarray, "6 3"]:
    """W of two triangles of orthonormal features, one rotated by `angle` degrees relative to the other.

    ±e / √3 + √(2/3) (cos, sin), 120 degrees apart; 60 degrees make an octahedron.
    """
    turn = np.radians(np.arange(3) * 120 + np.array([[0.0], [angle]])).ravel()
    height = np.repeat([1.0, -1.0], 3) / math.sqrt(3)
    return np.stack([*(math.sqrt(2 / 3) * f(turn) for f in (np.cos, np.sin)), height], axis=1)
