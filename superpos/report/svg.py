"""Put a drawing into a page: only shapes, text and PNG pictures are kept.

Scripts, links and styles of an SVG file would act on the whole page, so everything that is not
listed here is dropped. The lists cover what Matplotlib writes.
"""

import re
import xml.etree.ElementTree as ET

NAMESPACE = "{http://www.w3.org/2000/svg}"
LINK_KEY = "{http://www.w3.org/1999/xlink}href"
TEXT_ELEMENTS = ("text", "tspan")
ELEMENTS = {
    *("svg", "g", "defs", "clipPath", "pattern", "path", "rect", "circle", "use", "image"),
    *TEXT_ELEMENTS,
}
ATTRIBUTES = {
    *("id", "href", "clip-path", "style", "d", "transform", "viewBox", "patternUnits"),
    *("x", "y", "cx", "cy", "r", "width", "height"),
}
PROPERTIES = {
    *("fill", "fill-opacity", "fill-rule", "opacity", "image-rendering"),
    *("stroke", "stroke-opacity", "stroke-width", "stroke-linejoin", "stroke-linecap"),
    *("stroke-dasharray", "stroke-dashoffset", "stroke-miterlimit"),
    *("font", "font-family", "font-size", "font-style", "font-weight", "font-stretch"),
    *("font-variant", "text-anchor"),
}
NUMBERS = re.compile(r"[\w\s.,()+-]*")
STYLE = re.compile(r"[\w\s.,#%'\"+-]*|url\(#[\w.-]+\)")
EMBEDDED_PNG = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=\s]*")
MOST_LEVELS = 50
"""Elements nested deeper than this are dropped."""


def inline(svg: str, name: str) -> str:
    """The drawing of the figure `name` as an <svg> element whose ids start with the name.

    Raises a ValueError if the text is not an SVG drawing. Everything before the element is left out,
    so no entity can be defined.
    """
    try:
        root = _kept(ET.fromstring(svg[max(svg.find("<svg"), 0) :]), name, MOST_LEVELS)
    except ET.ParseError as error:
        raise ValueError(f"figures/{name}.svg: not an SVG drawing ({error}); delete it") from None
    if root is None or root.tag != "svg":
        raise ValueError(f"figures/{name}.svg: not an SVG drawing; delete it")
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    root.set("aria-describedby", f"{name}-caption")
    if width := re.fullmatch(r"([\d.]+)pt", root.get("width", "")):
        root.set("style", f"--natural: {float(width[1]):.0f}")
    return ET.tostring(root, encoding="unicode")


def _kept(element: ET.Element, name: str, depth: int) -> ET.Element | None:
    """The element with its allowed content, or None if the element itself is not allowed."""
    tag = element.tag.removeprefix(NAMESPACE)
    if tag not in ELEMENTS or not depth:
        return None
    found = {key: _attribute(tag, key, value, name) for key, value in _attributes(element)}
    kept = ET.Element(tag, {key: value for key, value in found.items() if value})
    kept.text = element.text if tag in TEXT_ELEMENTS else None
    for inner in element:
        if (child := _kept(inner, name, depth - 1)) is not None:
            child.tail = inner.tail if tag in TEXT_ELEMENTS else None
            kept.append(child)
    return kept


def _attributes(element: ET.Element) -> list[tuple[str, str]]:
    named = [("href" if key == LINK_KEY else key, value) for key, value in element.items()]
    return [(key, value) for key, value in named if key in ATTRIBUTES]


def _attribute(tag: str, key: str, value: str, name: str) -> str:
    """The value if it is allowed, else ""."""
    if key == "id":
        return f"{name}-{value}"
    if key == "href" and tag == "image":
        return value if EMBEDDED_PNG.fullmatch(value) else ""
    if key == "href":
        return f"#{name}-{value[1:]}" if value.startswith("#") else ""
    if key == "style":
        return "; ".join(filter(None, (_property(part, name) for part in value.split(";"))))
    if key == "clip-path":
        return _with_own_ids(value, name)
    return value if NUMBERS.fullmatch(value) else ""


def _property(text: str, name: str) -> str:
    """A property of a style if it is allowed, else ""."""
    key, _, value = (part.strip() for part in text.partition(":"))
    value = _with_own_ids(value, name)
    return f"{key}: {value}" if key in PROPERTIES and value else ""


def _with_own_ids(value: str, name: str) -> str:
    """A style's value with references to the figure's own ids; "" if it refers to anything else."""
    return value.replace("url(#", f"url(#{name}-") if STYLE.fullmatch(value) else ""
