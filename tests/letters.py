"""The sizes of the letters in a drawing, in points."""

import re


def smallest(svg: bytes | str) -> float:
    """The size of its smallest letters; infinite without any."""
    text = svg.decode() if isinstance(svg, bytes) else svg
    styles = re.findall(r'<(?:text|tspan)\b[^>]*style="([^"]*)"', text)
    sizes = [float(size) for style in styles for size in re.findall(r"([\d.]+)px", style)]
    return min(sizes, default=float("inf"))
