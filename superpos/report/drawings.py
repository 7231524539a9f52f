"""Pack a figure's drawing into a page, which shows it as an image.

If an SVG file is shown as an image, a browser runs none of its scripts and loads nothing it refers to.
"""

import base64
import gzip
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass


@dataclass(frozen=True)
class Drawing:
    """A drawing as compressed text, and its size in points."""

    data: str
    width: int
    height: int

    @classmethod
    def of(cls, svg: str, name: str) -> "Drawing":
        """The drawing of the figure `name`; raises a ValueError if the text is not an SVG drawing.

        Everything before the element is left out, so no entity can be defined.
        """
        drawn = svg[max(svg.find("<svg"), 0) :]
        try:
            root = ET.fromstring(drawn)
        except ET.ParseError as error:
            raise ValueError(
                f"figures/{name}.svg: not an SVG drawing ({error}); delete it"
            ) from None
        if root.tag != "{http://www.w3.org/2000/svg}svg":
            raise ValueError(f"figures/{name}.svg: not an SVG drawing; delete it")
        width, height = (_points(root.get(side, "")) for side in ("width", "height"))
        return cls(embedded(drawn.encode()), width, height)


def _points(length: str) -> int:
    found = re.fullmatch(r"([\d.]+)pt", length)
    return round(float(found[1])) if found else 0


def embedded(content: bytes) -> str:
    """Bytes as text for the page: compressed, in base64, and the same every time."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()
