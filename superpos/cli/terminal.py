"""Show a model with two hidden dimensions as text: bars, inner products and arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

SHADES = " ░▒▓█"
ASCII = str.maketrans("░▒▓█·", ".:%#.")
"""Replacements for a terminal that can show only ASCII."""
WIDTH = 40
"""Columns of the longest bar and of the plane."""


def printable(text: str, encoding: str) -> str:
    """The text, in ASCII if the encoding lacks some of its characters."""
    try:
        text.encode(encoding)
        return text
    except UnicodeEncodeError:
        return text.translate(ASCII)


def bar_text(
    norms: Float[np.ndarray, " feature"], superposition: Float[np.ndarray, " feature"]
) -> str:
    """The norm of each feature as a bar, with the feature's superposition beside it."""
    scale = WIDTH / max(norms.max(), 1e-9)
    lines = ["", "Feature norms and superposition", ""]
    for i, (norm, shared) in enumerate(zip(norms, superposition, strict=True)):
        bar = "█" * round(norm * scale)
        lines.append(f"{i:>9} {bar:<{WIDTH}} {norm:5.2f}   superposition {shared:.2f}")
    return "\n".join(lines)


def product_text(W: Float[np.ndarray, "feature hidden"], b: Float[np.ndarray, " feature"]) -> str:
    """W W^T in shades by size, with a minus before negative values and b at the right."""
    gram = (W[:, None] * W).sum(2)
    top = max(np.abs(gram).max(), 1e-9)
    lines = ["", "Inner products of the features; b", ""]
    lines.append(" " * 10 + "".join(f"{j:>3}" for j in range(len(W))))
    for i, row in enumerate(gram):
        cells = "".join(_cell(value / top) for value in row)
        lines.append(f"{i:>9} {cells}   {b[i]:+.2f}")
    return "\n".join(lines)


def _cell(share: float) -> str:
    shade = SHADES[min(int(abs(share) * 5), 4)]
    sign = "-" if share < 0 and shade != " " else " "
    return f"{sign}{shade * 2}"


def arrow_text(W: Float[np.ndarray, "feature 2"]) -> str:
    """The features in the plane as arrows, with the number of each feature at the tip of a longer one."""
    height = WIDTH // 2
    reach = max(np.abs(W).max(), 1e-9) * 1.1
    plane = [[" "] * (WIDTH + 1) for _ in range(height + 1)]
    for share in np.linspace(0, 1, 40):
        for w in W:
            _put(plane, share * w / reach, "·")
    _put(plane, np.zeros(2), "+")
    for i, w in enumerate(W):
        if np.hypot(*w) > 0.1 * reach:
            _put(plane, w / reach, f"{i % 10}")
    lines = ["", "The features in the two hidden dimensions", ""]
    return "\n".join(lines + [" " * 10 + "".join(row).rstrip() for row in plane] + [""])


def _put(plane: list[list[str]], at: np.ndarray, mark: str) -> None:
    """Write a mark at a point of [-1, 1] x [-1, 1]; the second axis points up."""
    column = round((at[0] + 1) / 2 * (len(plane[0]) - 1))
    row = round((1 - at[1]) / 2 * (len(plane) - 1))
    plane[row][column] = mark
