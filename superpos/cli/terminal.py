"""A model of two hidden dimensions as text: bars, inner products, arrows."""

import numpy as np

SHADES = " ░▒▓█"
PLAIN = str.maketrans("░▒▓█·", ".:%#.")
"""The same for a terminal that shows ASCII alone."""
WIDTH = 40
"""Columns of the longest bar and of the plane."""


def shown(text: str, encoding: str) -> str:
    """The text in characters that the encoding has."""
    try:
        text.encode(encoding)
        return text
    except UnicodeEncodeError:
        return text.translate(PLAIN)


def bars(norms: np.ndarray, superposition: np.ndarray) -> str:
    """The norm of each feature as a bar, beside it the sum of squared products with the others."""
    scale = WIDTH / max(norms.max(), 1e-9)
    lines = ["", "Feature norms and superposition", ""]
    for i, (norm, shared) in enumerate(zip(norms, superposition, strict=True)):
        bar = "█" * round(norm * scale)
        lines.append(f"{i:>9} {bar:<{WIDTH}} {norm:5.2f}   superposition {shared:.2f}")
    return "\n".join(lines)


def products(W: np.ndarray, b: np.ndarray) -> str:
    """W W^T [feature, feature] in shades by size, a minus before what is negative; b at the right."""
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


def arrows(W: np.ndarray) -> str:
    """The features W [feature, 2] in the plane, each number at the arrow's end, short ones left out."""
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
    """Write a mark at a point of [-1, 1] x [-1, 1], the second axis upwards."""
    column = round((at[0] + 1) / 2 * (len(plane[0]) - 1))
    row = round((1 - at[1]) / 2 * (len(plane) - 1))
    plane[row][column] = mark
